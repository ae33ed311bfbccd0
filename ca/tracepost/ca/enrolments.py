"""Enrolments: the dialogue by which an applicant shows its token and its keys.

Possession is step 1 of issuing. What an applicant says of itself is not asked: the profile
comes from the token, or from the operator who stands beside. A session and a token end in
one certificate at most; who asks again after a lost answer gets that certificate again.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Protocol

from cryptography import x509

from tracepost.ca.clock import Clock
from tracepost.ca.keystore import Random
from tracepost.ca.profile import Lifetimes, Profile
from tracepost.ca.store import AuthorityStore, EnrolmentRow, TokenRow
from tracepost.protocol.enrolment import (
    NONCE_LENGTH,
    SECRET_LENGTH,
    ChallengePaper,
    Token,
    load_request,
    new_session,
    parse_token,
    seal_nonce,
)
from tracepost.protocol.errors import EnrolmentError
from tracepost.protocol.identity import Role
from tracepost.protocol.sealing import DeskPublicKey

_POSSESSION = "step 1 possession"


class Issue(Protocol):
    """Steps 2 to 7 of issuing; durable on return. Raises `EnrolmentError`."""

    def __call__(
        self, profile: Profile, request: bytes, *, desk_key_sha256: bytes | None, session: str | None
    ) -> x509.Certificate:
        """Issue the certificate and use up the session with it."""


class Enrolments:
    """Tokens handed out and enrolments under way, of one authority."""

    def __init__(
        self,
        root_sha256: bytes,
        store: AuthorityStore,
        lifetimes: Lifetimes,
        *,
        issue: Issue,
        issued_before: Callable[[int], x509.Certificate],
        clock: Clock,
        random: Random,
    ) -> None:
        self._root_sha256 = root_sha256
        self._store = store
        self._lifetimes = lifetimes
        self._issue = issue
        self._issued_before = issued_before
        self._clock = clock
        self._random = random

    def new_token(self, profile: Profile, lifetime_s: int | None) -> str:
        """Return a one-time token for a certificate of this profile; only its digest is kept."""
        now = self._clock()
        token = Token(self._root_sha256, self._random(SECRET_LENGTH))
        lives = self._lifetimes.token if lifetime_s is None else lifetime_s
        self._store.add_token(TokenRow(token.secret_sha256, profile, now, now + lives))
        return token.to_text()

    def begin_with_token(self, text: str, request: bytes, desk_key: bytes | None) -> ChallengePaper:
        """Begin the enrolment of whoever bears the token; raise `EnrolmentError` or `SealingError`."""
        token = self._find_token(text)
        return self.begin(token.profile, request, desk_key, token.secret_sha256)

    def begin(
        self, profile: Profile, request: bytes, desk_key: bytes | None, secret_sha256: bytes | None = None
    ) -> ChallengePaper:
        """Begin an enrolment as this profile; the nonce is the only copy that is not hashed."""
        load_request(request)
        key = _desk_key_of(profile, desk_key)
        session = new_session(self._random(16))
        nonce = self._random(NONCE_LENGTH) if key is not None else None
        row = EnrolmentRow(
            session=session,
            secret_sha256=secret_sha256,
            profile=profile,
            request=request,
            desk_key_sha256=key.sha256 if key is not None else None,
            nonce_sha256=sha256(nonce).digest() if nonce is not None else None,
            expires=self._clock() + self._lifetimes.session,
        )
        sealed = self._seal(key, nonce, session)
        self._store.add_enrolment(row, now=self._clock())
        return ChallengePaper(self._root_sha256, session, sealed)

    def finish(self, session: str, nonce: bytes | None) -> x509.Certificate:
        """Return the certificate that the enrolment ends in; raise `EnrolmentError`."""
        row = self._store.enrolment(session)
        if row is None:
            raise EnrolmentError("no such enrolment is under way", where="session", reason="session-unknown")
        _check_nonce(row, nonce)
        if row.serial is not None:
            return self._issued_before(row.serial)
        if self._clock() > row.expires:
            raise EnrolmentError("the enrolment took too long", where="session", reason="session-expired")
        return self._issue(row.profile, row.request, desk_key_sha256=row.desk_key_sha256, session=session)

    def _find_token(self, text: str) -> TokenRow:
        token = parse_token(text)
        if token.root_sha256 != self._root_sha256:
            raise _bad_token("the token is of another authority", "token-other-authority")
        row = self._store.token(token.secret_sha256)
        if row is None:
            raise _bad_token("this authority did not give out the token", "token-unknown")
        if row.serial is not None:
            raise _bad_token("this token was used before", "token-used")
        if self._clock() > row.expires:
            raise _bad_token("the token has expired", "token-expired")
        return row

    def _seal(self, key: DeskPublicKey | None, nonce: bytes | None, session: str) -> bytes | None:
        if key is None or nonce is None:
            return None
        return seal_nonce(key, nonce, root_sha256=self._root_sha256, session=session)


def _desk_key_of(profile: Profile, raw: bytes | None) -> DeskPublicKey | None:
    if (profile.role is Role.DESK) != (raw is not None):
        raise EnrolmentError(
            "a desk has an HPKE key and nobody else has one", where=_POSSESSION, reason="desk-key"
        )
    return None if raw is None else DeskPublicKey(raw)


def _check_nonce(row: EnrolmentRow, nonce: bytes | None) -> None:
    shown = None if nonce is None else sha256(nonce).digest()
    if not hmac.compare_digest(shown or b"", row.nonce_sha256 or b""):
        raise EnrolmentError("the nonce was not opened", where=_POSSESSION, reason="nonce")


def _bad_token(message: str, reason: str) -> EnrolmentError:
    return EnrolmentError(message, where="token", reason=reason)
