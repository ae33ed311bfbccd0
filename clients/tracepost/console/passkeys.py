"""Passkeys: public keys that stand for an officer's certificate at this console, and at no other.

A passkey is registered by an officer who has signed in with his certificate, and is bound to that certificate: with it
he comes in as the officer of the certificate, whom the node judges as ever. When the certificate ends, so does the
passkey. Kept here are public keys and certificates, no secrets.

It gives his word on mail of others where his certificate endorsed it, which the node keeps (docs/adr/0036).
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tracepost.console.kept_list import read_list, write_whole
from tracepost.console.kept_once import KeptOnce
from tracepost.locale.words import later as _
from tracepost.protocol.errors import ConfigurationError, IdentityError, LimitError

FILE_NAME: Final = "passkeys.json"
LABEL_SIGNS: Final = 12
"""So many signs of its name stand on a page."""
_PER_OFFICER: Final = 10
_CHALLENGE_S: Final = 300
_NAME: Final = "Tracepost"
# The first is preferred: a passkey can give an officer's word only with it (`protocol.endorsement`).
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


@dataclass(frozen=True, slots=True)
class Passkey:
    """One of an officer's: what its device proves, and the certificates that it stands for (DER, leaf first)."""

    credential: bytes
    public_key: bytes
    count: int
    officer: str
    certificates: tuple[bytes, ...]
    registered_at: int

    @property
    def name(self) -> str:
        """How the node names it."""
        return bytes_to_base64url(self.credential)

    @property
    def label(self) -> str:
        """How a page names it."""
        return self.name[:LABEL_SIGNS]


class Passkeys:
    """All passkeys of a console, in one file; safe to use by many threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._lock = threading.Lock()
        self._known = {one.credential: one for one in _read(self._path)}

    def find(self, credential: bytes) -> Passkey | None:
        """Return the passkey of this credential id."""
        return self._known.get(credential)

    def of(self, officer: str) -> list[Passkey]:
        """Return an officer's passkeys, oldest first."""
        return [one for one in list(self._known.values()) if one.officer == officer]

    def add(self, passkey: Passkey) -> None:
        """Keep a new passkey.

        Raises:
            IdentityError: its id is known already: a device may choose any, also that of another officer's.
            LimitError: its officer has too many.
            StoreError: the disk does not take it.
        """
        with self._lock:
            if passkey.credential in self._known:
                raise _refused()
            if len(self.of(passkey.officer)) >= _PER_OFFICER:
                raise LimitError(
                    _("An officer has ten passkeys at most."), where="passkeys", reason="passkeys"
                )
            self._keep({**self._known, passkey.credential: passkey})

    def note_use(self, passkey: Passkey) -> None:
        """Keep what a passkey says since it was used; raise `IdentityError`, if it was removed meanwhile."""
        with self._lock:
            if passkey.credential not in self._known:
                raise _refused()
            self._keep({**self._known, passkey.credential: passkey})

    def remove(self, officer: str, label: str) -> list[bytes]:
        """Forget the officer's passkey with this label; return the ids of what was forgotten.

        Raises:
            StoreError: the disk does not let it go, and it lets in as before.
        """
        with self._lock:
            gone = [one.credential for one in self.of(officer) if one.label == label]
            self._keep({key: one for key, one in self._known.items() if key not in gone})
        return gone

    def _keep(self, known: dict[bytes, Passkey]) -> None:
        _write(self._path, list(known.values()))
        self._known = known


class Challenges:
    """What devices are asked to sign: each is good once, for five minutes, for who was shown it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._open: KeptOnce[bytes] = KeptOnce(_CHALLENGE_S, clock)

    def make(self, whose: bytes) -> bytes:
        """Return a challenge for the holder of the secret `whose`; an earlier one is void."""
        challenge = secrets.token_bytes(32)
        self._open.keep(whose, challenge)
        return challenge

    def take(self, whose: bytes) -> bytes:
        """Return the challenge that `whose` was shown, and void it; raise `IdentityError`, if there is none."""
        challenge = self._open.take(whose)
        if challenge is None:
            raise IdentityError(
                _("The page that asked for the passkey is too old."), where="passkey", reason="challenge"
            )
        return challenge


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """This console as browsers know it: its host, and what officers type."""

    host: str
    origin: str

    def ask_to_register(self, officer: str, member: str, known: list[Passkey], challenge: bytes) -> str:
        """Return what the browser's script is given, as JSON."""
        options = webauthn.generate_registration_options(
            rp_id=self.host,
            rp_name=_NAME,
            user_id=f"{member}/{officer}".encode(),
            user_name=f"{member} {officer}",
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in known],
            supported_pub_key_algs=_ALGORITHMS,
        )
        return options_to_json(options)

    def register(
        self, answer: str, challenge: bytes, *, officer: str, certificates: tuple[bytes, ...], now: int
    ) -> Passkey:
        """Return the new passkey that a device made; raise `IdentityError`, if the answer does not hold."""
        try:
            made = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
            raise _refused() from fault
        return Passkey(
            made.credential_id, made.credential_public_key, made.sign_count, officer, certificates, now
        )

    def ask_to_sign_in(self, challenge: bytes) -> str:
        """Return what the browser's script is given, as JSON: any passkey of this console will do."""
        options = webauthn.generate_authentication_options(
            rp_id=self.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
        )
        return options_to_json(options)

    def ask_for_word(self, challenge: bytes, credentials: Sequence[bytes]) -> str:
        """Return what the browser's script is given, as JSON: one of these passkeys is to sign."""
        options = webauthn.generate_authentication_options(
            rp_id=self.host,
            challenge=challenge,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in credentials],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def recognise(self, answer: str, challenge: bytes, passkeys: Passkeys) -> Passkey:
        """Return whose passkey signed; raise `IdentityError`, if it is none of ours or does not hold."""
        try:
            known = passkeys.find(base64url_to_bytes(json.loads(answer)["rawId"]))
            if known is None:
                raise _refused()
            proved = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
                credential_public_key=known.public_key,
                credential_current_sign_count=known.count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
            raise _refused() from fault
        return replace(known, count=proved.new_sign_count)


def _refused() -> IdentityError:
    return IdentityError(
        _("The passkey is not known here, or does not hold."), where="passkey", reason="passkey"
    )


def _read(path: Path) -> list[Passkey]:
    try:
        return [_parsed(one) for one in read_list(path)]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise ConfigurationError("the passkeys cannot be read", where=str(path)) from fault


def _parsed(one: dict[str, Any]) -> Passkey:
    return Passkey(
        credential=base64url_to_bytes(one["credential"]),
        public_key=base64url_to_bytes(one["public_key"]),
        count=int(one["count"]),
        officer=str(one["officer"]),
        certificates=tuple(base64url_to_bytes(der) for der in one["certificates"]),
        registered_at=int(one["registered_at"]),
    )


def _write(path: Path, passkeys: list[Passkey]) -> None:
    told = [
        {
            "credential": bytes_to_base64url(one.credential),
            "public_key": bytes_to_base64url(one.public_key),
            "count": one.count,
            "officer": one.officer,
            "certificates": [bytes_to_base64url(der) for der in one.certificates],
            "registered_at": one.registered_at,
        }
        for one in passkeys
    ]
    write_whole(path, told)
