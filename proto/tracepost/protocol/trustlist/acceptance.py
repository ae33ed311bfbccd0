"""When a trust list is believed: the first one by an anchor, each later one by the one before.

Steps, in this order; each refusal names its own:

 1. form        General-JSON JWS of at most 1 MiB, exactly payload and signatures     list-form
 2. signatures  each with exactly alg ES256, our typ and kid, and 64 bytes      signature-form, header-form
 3. payload     strict JSON, all there, well formed, nothing named twice; log keys named after
                their member                             payload-form, named-twice, foreign-log-key,
                                                           foreign-witness-key
 4. times       issued < next update <= hard expiry <= issued + 180 days                   times
 5. critical    nothing that this version must not ignore                               critical
 6. own         more than half of the stewards that it names signed it       short-of-signatures
 7. anchor      (first) its fingerprint is the one that the operator was given     other-fingerprint
 8. domain      (next) it is of the same network                                    other-domain
 9. sequence    (next) its number is higher than that of the list in force; the same number only
                with the same payload                  rolled-back, same-number-other-content
10. old         (next) more than half of the stewards of the list in force signed it as well
                                                                        short-of-old-stewards

A steward counts once however often it signed; signatures of others, and such that do not
verify, count for nothing. Loading asks no clock: an old list is still good for judging old
evidence. Whoever acts now asks `TrustList.require_live`.

    current = load_first(data, fingerprint=anchor)
    current = load_next(newer, current)
"""

from __future__ import annotations

import enum
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracepost.protocol.errors import StaleTrustError, TrustError
from tracepost.protocol.evidence import LogVerifier, WitnessKey
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist.content import (
    Member,
    Steward,
    TrustContent,
    fingerprint_of,
    parse_content,
    refuse,
)
from tracepost.protocol.trustlist.signatures import UntrustedList, parse_list


class Freshness(enum.Enum):
    """How old a list is: in time, past its next update, or past its hard expiry."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TrustList:
    """A list that was accepted; it comes only from the functions of this module.

    `data` is the list as received, to be passed on unchanged.
    """

    content: TrustContent = field(repr=False)
    fingerprint: str
    data: bytes = field(repr=False)
    _members: dict[MemberId, Member] = field(repr=False, compare=False)

    @property
    def sequence(self) -> int:
        """The number of the list; it only grows."""
        return self.content.sequence

    @property
    def domain(self) -> str:
        """The domain of the network."""
        return self.content.domain

    @property
    def members(self) -> tuple[Member, ...]:
        """All members, in the order of the list."""
        return self.content.members

    def member(self, member_id: MemberId) -> Member:
        """Return the entry of a member; raise `TrustError` if the list does not name it."""
        member = self._members.get(member_id)
        if member is None:
            raise TrustError("the trust list does not name this member", where="member", reason="no-member")
        return member

    def log_verifier(self) -> LogVerifier:
        """Return what opens the checkpoints of all members."""
        return LogVerifier(key for member in self.members for key in member.log_keys)

    def witness_keys(self, but: MemberId) -> list[WitnessKey]:
        """Return the keys by which others than `but` cosign: nobody is his own witness."""
        return [key for member in self.members if member.id != but for key in member.witness_keys]

    def freshness(self, now: int) -> Freshness:
        """Return how old the list is at `now` (unix seconds)."""
        if now > self.content.hard_expiry:
            return Freshness.EXPIRED
        return Freshness.STALE if now > self.content.next_update else Freshness.FRESH

    def require_live(self, now: int) -> None:
        """Raise `StaleTrustError` past the hard expiry: nothing is judged by such a list."""
        if self.freshness(now) is Freshness.EXPIRED:
            raise StaleTrustError(
                "the trust list is past its hard expiry",
                reason="trust-list-expired",
                remedy="Fetch the present trust list and load it: tracepost trust load FILE.",
            )


def load_first(data: bytes, *, fingerprint: str) -> TrustList:
    """Return the first list of a node, or the anchor of an offline check (steps 1 to 7).

    Args:
        data: the list as received.
        fingerprint: SHA-256 of the payload as `fingerprint_of` writes it, got from somebody
            whom the operator believes; colons, spaces and capitals do not matter.

    Raises:
        TrustError: with the step that failed.
    """
    trusted = _accept(parse_list(data))
    wanted = fingerprint.replace(":", "").replace(" ", "").lower()
    if not hmac.compare_digest(trusted.fingerprint.encode(), wanted.encode()):
        raise refuse(7, "other-fingerprint", "the list is not the one that the fingerprint names")
    return trusted


def load_first_unsafe(data: bytes) -> TrustList:
    """Return a first list on the operator's bare word (steps 1 to 6); whoever made it can name anybody.

    For an operator who was shown `TrustList.fingerprint` and said yes, never for a program.
    """
    return _accept(parse_list(data))


def load_next(data: bytes, current: TrustList) -> TrustList:
    """Return the list that follows `current` (steps 1 to 6 and 8 to 10), or `current` if it is the same.

    Raises:
        TrustError: with the step that failed; `current` stays in force.
    """
    untrusted = parse_list(data)
    if fingerprint_of(untrusted.payload) == current.fingerprint:
        return current
    trusted = _accept(untrusted)
    _check_succession(trusted.content, current.content)
    _require_majority(untrusted, current.content.stewards, 10, "short-of-old-stewards")
    return trusted


def _accept(untrusted: UntrustedList) -> TrustList:
    content = parse_content(untrusted.payload)
    _require_majority(untrusted, content.stewards, 6, "short-of-signatures")
    members = {member.id: member for member in content.members}
    return TrustList(content, fingerprint_of(untrusted.payload), untrusted.data, members)


def _check_succession(new: TrustContent, old: TrustContent) -> None:
    if new.domain != old.domain:
        raise refuse(8, "other-domain", "the list is of another network")
    if new.sequence < old.sequence:
        raise refuse(9, "rolled-back", "the list is older than the one in force")
    if new.sequence == old.sequence:
        raise refuse(9, "same-number-other-content", "two lists have one number: tell the stewards")


def _require_majority(untrusted: UntrustedList, stewards: Iterable[Steward], step: int, reason: str) -> None:
    named = tuple(stewards)
    signed = len(untrusted.signers(named))
    if 2 * signed <= len(named):
        raise refuse(step, reason, f"{signed} of {len(named)} stewards signed; more than half are needed")
