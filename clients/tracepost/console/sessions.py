"""Who is signed in: kept in memory only, so that a console that starts anew knows nobody.

The browser holds a random token in a cookie; here stands its SHA-256. A token is made at sign-in and
never before: nobody can be made to work in a session that another has chosen. A session that began with a
certificate goes on only over connections that show the same certificate, so that its cookie alone is worth nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tracepost.console.settings import SessionRules
from tracepost.protocol.identity import ClaimedIdentity
from tracepost.protocol.ids import DeskId
from tracepost.sdk import Client
from tracepost.wire.v1 import desk_pb2

_TOKEN_BYTES: Final = 32
_SESSIONS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Session:
    """An officer at work at one of his desks: as it was when a request began, which goes on at that desk.

    `key`: under which it is kept; `certificates`: his, DER, leaf first; `bound_to`: digest of the one that TLS must
    show; `began_with`: id of the passkey or linked account that began it instead. What the node said when it was last
    asked, at `judged_at`: `reads_every_case`, whether it tells him what concerns all cases; `stands_in_for`, the desks
    that he acts for as a deputy, each with its last day (YYYY-MM-DD, UTC).
    """

    key: bytes = field(repr=False)
    officer: ClaimedIdentity
    desk: DeskId
    certificates: tuple[bytes, ...] = field(repr=False)
    client: Client = field(repr=False)
    bound_to: bytes | None
    began_at: float
    seen_at: float
    judged_at: float
    began_with: bytes | None = None
    reads_every_case: bool = False
    stands_in_for: Mapping[str, str] = field(default_factory=dict)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(_TOKEN_BYTES), repr=False)

    @property
    def number(self) -> str:
        """The officer's number."""
        return self.officer.officer or ""

    @property
    def desks(self) -> tuple[DeskId, ...]:
        """The desks of his certificate, and those that he stands in for."""
        return (*self.officer.desks, *map(DeskId, self.stands_in_for))


def first_desk(officer: ClaimedIdentity) -> DeskId:
    """Return the desk of his own at which an officer begins: the point of contact by its usual name, else his first."""
    return next((desk for desk in officer.desks if desk == "poc"), officer.desks[0])


class Sessions:
    """All sessions of this process, by the digest of their token."""

    def __init__(self, rules: SessionRules, clock: Callable[[], float]) -> None:
        self._rules = rules
        self._clock = clock
        self._open: dict[bytes, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    def count_living(self) -> int:
        """Return how many have not ended."""
        return sum(map(self._lives, self._open.values()))

    def begin(
        self,
        officer: ClaimedIdentity,
        desk: DeskId,
        certificates: tuple[bytes, ...],
        client: Client,
        bound_to: bytes | None,
        *,
        status: desk_pb2.NodeStatus,
        began_with: bytes | None = None,
    ) -> str:
        """Return the token of a new session; `status` is what the node said when it judged the officer."""
        self._sweep()
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock()
        key = _digest(token)
        fresh = Session(key, officer, desk, certificates, client, bound_to, now, now, now, began_with)
        self._open[key] = fresh
        self.judge(fresh, status, now)
        return token

    def find(self, token: str, shown: bytes | None) -> Session | None:
        """Return the session of `token`, if it lives; `shown`: digest of the certificate that TLS shows."""
        session = self._open.get(_digest(token))
        if session is None:
            return None
        if not self._lives(session):
            self.end(token)
            return None
        if session.bound_to is not None and session.bound_to != shown:
            return None
        return self._change(session, seen_at=self._clock())

    def judge(self, session: Session, status: desk_pb2.NodeStatus, now: float) -> Session:
        """Keep what the node says of the officer; return the session with it. `now` is of the console's clock."""
        told = {o.desk: o.until_day for o in status.stands_in_for if o.desk not in session.officer.desks}
        return self._change(
            session, reads_every_case=status.reads_every_case, stands_in_for=told, judged_at=now
        )

    def seat(self, session: Session, desk: DeskId, client: Client) -> Session:
        """Let the officer be at `desk` from now on, with the client for it; return the session there.

        Requests that began before go on at the desk at which they began.
        """
        return self._change(session, desk=desk, client=client)

    def end(self, token: str) -> None:
        """Forget the session of `token`."""
        self._open.pop(_digest(token), None)

    def end_of(self, officer: str) -> None:
        """Forget every session of an officer."""
        for key in [key for key, session in self._open.items() if session.number == officer]:
            del self._open[key]

    def end_with(self, one: bytes) -> None:
        """Forget every session that this passkey or linked account began."""
        for key in [key for key, session in self._open.items() if session.began_with == one]:
            del self._open[key]

    def _change(self, session: Session, **told: Any) -> Session:
        """Change what is kept, if it is kept still, and only that: another request may have changed the rest."""
        kept = self._open.get(session.key)
        if kept is not None:
            self._open[session.key] = replace(kept, **told)
        return replace(session, **told)

    def _lives(self, session: Session) -> bool:
        now = self._clock()
        return (
            now - session.seen_at < self._rules.idle_seconds
            and now - session.began_at < self._rules.longest_seconds
        )

    def _sweep(self) -> None:
        self._open = {key: session for key, session in self._open.items() if self._lives(session)}
        while len(self._open) >= _SESSIONS:
            oldest = min(self._open, key=lambda key: self._open[key].seen_at)
            del self._open[oldest]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class FormTokens:
    """What a form carries so that only a page of ours can have sent it.

    A token is a mask, the masked proof, and the desk that the page is shown for; it looks different on each page, so
    that how well a page compresses tells nothing of it.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(_TOKEN_BYTES)

    def make(self, whose: bytes, desk: str = "") -> str:
        """Return a token for a page that is shown for `desk`, empty for a visitor's.

        `whose` is the secret of its holder: of a session, or of a visitor's cookie.
        """
        mask, at = secrets.token_bytes(_TOKEN_BYTES), desk.encode()
        return (mask + _mixed(mask, self._proof(whose, at)) + at).hex()

    def shown_for(self, token: str, whose: bytes) -> str | None:
        """Return the desk that `token` was made here for; None if it was not made for `whose`."""
        try:
            raw = bytes.fromhex(token)
        except ValueError:
            return None
        mask, masked, at = raw[:_TOKEN_BYTES], raw[_TOKEN_BYTES : 2 * _TOKEN_BYTES], raw[2 * _TOKEN_BYTES :]
        if len(masked) != _TOKEN_BYTES:
            return None
        return at.decode() if hmac.compare_digest(_mixed(mask, masked), self._proof(whose, at)) else None

    def _proof(self, whose: bytes, desk: bytes) -> bytes:
        return hmac.digest(hmac.digest(self._key, whose, "sha256"), desk, "sha256")


def _mixed(mask: bytes, value: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, value, strict=True))
