"""Accounts at a provider that stand for an officer's certificate at this console, and at no other.

An officer who has signed in with his certificate links his account; it is bound to that certificate, as a passkey is.
When the certificate ends, the account opens nothing. What the provider says of desks, roles or names is not asked for.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from tracepost.console.kept_list import read_list, write_whole
from tracepost.console.kept_once import KeptOnce
from tracepost.locale.words import later as _
from tracepost.protocol.errors import ConfigurationError, IdentityError

FILE_NAME: Final = "accounts.json"
_CONFIRM_S: Final = 600


@dataclass(frozen=True, slots=True)
class Account:
    """Who sits there, as the provider `issuer` says: its name for him, which is nobody else's, ever."""

    issuer: str
    subject: str

    @property
    def id(self) -> bytes:
        """A digest that names it."""
        return hashlib.sha256(json.dumps([self.issuer, self.subject]).encode()).digest()


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An officer's account, and the certificates that it stands for (DER, leaf first)."""

    account: Account
    officer: str
    certificates: tuple[bytes, ...]
    linked_at: int


class Accounts:
    """All linked accounts of a console, in one file; safe to use by many threads.

    `to_confirm`: what an officer has proved to be his and not yet linked, by the secret of his session.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._path = folder / FILE_NAME
        self._lock = threading.Lock()
        self._linked = {one.account.id: one for one in _read(self._path)}
        self.to_confirm: KeptOnce[Account] = KeptOnce(_CONFIRM_S, clock)

    def find(self, account: Account) -> LinkedAccount | None:
        """Return the officer's account that this is."""
        return self._linked.get(account.id)

    def of(self, officer: str) -> LinkedAccount | None:
        """Return the account of an officer: he has one at most."""
        return next((one for one in list(self._linked.values()) if one.officer == officer), None)

    def link(self, fresh: LinkedAccount) -> LinkedAccount | None:
        """Keep an officer's account in the place of the one that he had; return that one.

        Raises:
            IdentityError: it is another's.
            StoreError: the disk does not take it.
        """
        with self._lock:
            held = self._linked.get(fresh.account.id)
            if held is not None and held.officer != fresh.officer:
                raise IdentityError(
                    _("the account is linked to another officer"),
                    where="account",
                    reason="account-of-another",
                    remedy=_("Sign out at the provider and sign in there with your own account."),
                )
            before = self.of(fresh.officer)
            self._keep([*(one for one in self._linked.values() if one != before), fresh])
            return before

    def unlink(self, linked: LinkedAccount) -> None:
        """Forget an account, if it is still the officer's; raise `StoreError`, if the disk does not let it go."""
        with self._lock:
            self._keep([one for one in self._linked.values() if one != linked])

    def _keep(self, linked: list[LinkedAccount]) -> None:
        write_whole(self._path, [_told(one) for one in linked])
        self._linked = {one.account.id: one for one in linked}


def _read(path: Path) -> list[LinkedAccount]:
    try:
        return [_parsed(one) for one in read_list(path)]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise ConfigurationError("the linked accounts cannot be read", where=str(path)) from fault


def _parsed(one: dict[str, Any]) -> LinkedAccount:
    return LinkedAccount(
        account=Account(str(one["issuer"]), str(one["subject"])),
        officer=str(one["officer"]),
        certificates=tuple(base64url_to_bytes(der) for der in one["certificates"]),
        linked_at=int(one["linked_at"]),
    )


def _told(one: LinkedAccount) -> dict[str, Any]:
    return {
        "issuer": one.account.issuer,
        "subject": one.account.subject,
        "officer": one.officer,
        "certificates": [bytes_to_base64url(der) for der in one.certificates],
        "linked_at": one.linked_at,
    }
