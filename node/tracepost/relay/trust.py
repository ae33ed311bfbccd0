"""Who is a member now, and which certificates are revoked: the relay's `TrustView`.

The state is replaced as a whole, never changed: gRPC's handshake threads and the
verifying thread read it beside the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.protocol.errors import TracepostError
from tracepost.protocol.evidence import LogVerifier
from tracepost.protocol.identity import Revocations, RevocationView
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import TrustList, load_next


@dataclass(frozen=True, slots=True)
class TrustState:
    """One trust list with what follows from it, and the revocations known with it."""

    current: TrustList
    revoked: Revocations
    _roots: dict[MemberId, tuple[x509.Certificate, ...]] = field(default_factory=dict, repr=False)
    _verifiers: dict[MemberId, LogVerifier] = field(default_factory=dict, repr=False)

    def roots_of(self, member: MemberId) -> tuple[x509.Certificate, ...]:
        """Return the roots of `member`; raise `TrustError` if the list does not name it."""
        roots = self._roots.get(member)
        if roots is None:
            roots = self._roots[member] = self.current.member(member).root_certificates()
        return roots

    def log_verifier(self, member: MemberId) -> LogVerifier:
        """Return what opens the heads of this member's log; raise `TrustError`. For one thread at a time."""
        verifier = self._verifiers.get(member)
        if verifier is None:
            verifier = self._verifiers[member] = LogVerifier(self.current.member(member).log_keys)
        return verifier

    def with_list(self, accepted: TrustList) -> TrustState:
        """Return the state under another list, with the same revocations."""
        return TrustState(accepted, self.revoked)


class RelayTrust:
    """The trust of a running relay. `clock` gives unix seconds."""

    def __init__(self, state: TrustState, clock: Callable[[], int]) -> None:
        self._state = state
        self._clock = clock
        self._roots_pem = _roots_pem(state)

    @property
    def state(self) -> TrustState:
        """What holds now; take it once for one piece of work."""
        return self._state

    @property
    def roots_pem(self) -> bytes:
        """The roots of all members: who may shake hands at all."""
        return self._roots_pem

    def roots_pem_of(self, member: MemberId) -> bytes:
        """Return the roots of one member; raise `TrustError` for one that is none."""
        return b"".join(root.public_bytes(Encoding.PEM) for root in self.roots_of(member))

    def version(self) -> Hashable:
        """Return the fingerprint of the list in force (`TrustView`)."""
        return self._state.current.fingerprint

    def roots_of(self, member: MemberId) -> Sequence[x509.Certificate]:
        """Return the roots of `member`; raise `TrustError`, or `StaleTrustError` past the hard expiry."""
        state = self._state
        state.current.require_live(self._clock())
        return state.roots_of(member)

    def revocations(self) -> RevocationView:
        """Return what is revoked now (`TrustView`)."""
        return self._state.revoked

    def next_list(self, data: bytes) -> TrustList | None:
        """Return the list in `data`, if it may follow the one in force; None if it is the same or older.

        Raises:
            TrustError: the list proves nothing, or contradicts the one in force.
        """
        try:
            accepted = load_next(data, self._state.current)
        except TracepostError as error:
            if error.reason == "rolled-back":  # a member that is behind, not an attack by itself
                return None
            raise
        return None if accepted is self._state.current else accepted

    def next_revocations(
        self, member: MemberId, crl: bytes, accepted: TrustList | None
    ) -> Revocations | None:
        """Return what is known with this list too, judged under `accepted` if a new list came with it.

        None if it is the one that is held.

        Raises:
            IdentityError: the list is not the member's, or older than the one held.
        """
        state = self._state.with_list(accepted) if accepted is not None else self._state
        known = state.revoked.with_crl(
            member, crl, state.roots_of(member), domain=state.current.domain, now=self._clock()
        )
        return None if known is state.revoked else known

    def go_over_to(self, accepted: TrustList) -> None:
        """Put a list in force that `next_list` returned and the store has kept."""
        self._state = self._state.with_list(accepted)
        self._roots_pem = _roots_pem(self._state)

    def revoke(self, known: Revocations) -> None:
        """Put revocations in force that `next_revocations` returned and the store has kept."""
        self._state = replace(self._state, revoked=known)


def _roots_pem(state: TrustState) -> bytes:
    roots = (root for member in state.current.members for root in state.roots_of(member.id))
    return b"".join(root.public_bytes(Encoding.PEM) for root in roots)
