"""Mail as the store keeps it: queues, dispatches, receipts, what came and what is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tracepost.node.records.mail import (
    Answer,
    ArrivedMail,
    FoundContradiction,
    GivenNumber,
    HeldMail,
    HeldUsage,
    MailState,
    Mark,
    NumberRun,
    OpenHeads,
    PeerContact,
    PeerHead,
    Queue,
    QueueAge,
    QueueDepth,
    QueuedMail,
    ReceiptRecord,
    ReceivedMail,
    RefusedMail,
    SentMail,
    Settlement,
    WaitingMail,
    WrittenMail,
)
from tracepost.protocol.envelope import Lane
from tracepost.protocol.ids import DeskId, EnvelopeId, MemberId, StatementDigest

RoadKey = tuple[str, int, int]
"""A road, a lane and an epoch of numbers."""


class Outbox(Protocol):
    """Mail of ours that is not delivered, in the order of its numbers."""

    def take_numbers(self, queue: Queue, count: int) -> NumberRun:
        """Take the next `count` sequence numbers of `queue`, in the epoch of our log.

        A number is used up only if the transaction is kept: dispatch in the same one.
        """

    def queue(self, mails: Sequence[QueuedMail]) -> None:
        """Keep envelopes for ever and queue them. A number or id that was used is a StoreError."""

    def waiting(
        self, queue: Queue, after: tuple[int, int], now: int, limit: int, size_limit: int
    ) -> list[WaitingMail]:
        """Return queued mail beyond number `after` = (epoch, seq), in order, that is not postponed.

        At most `limit` envelopes and, beyond the first, `size_limit` bytes of bodies.
        """

    def load(self, ids: Sequence[EnvelopeId]) -> list[WaitingMail]:
        """Return mail of ours that is not deleted, in the order of `ids`, whatever its state."""

    def postpone(self, ids: Sequence[EnvelopeId], until: int) -> None:
        """Leave these out of `waiting` before time `until`."""

    def in_custody(self, via: str, after: int, limit: int) -> list[tuple[int, EnvelopeId]]:
        """Return number and id of mail that this relay said it keeps, beyond number `after`, in order."""

    def queues_with(self, peer: MemberId) -> list[Queue]:
        """Return the queues with mail that goes over a stream with `peer`, addressee or relay; urgent lanes first.

        However much waits for others, this is quick.
        """

    def depths(self) -> list[QueueDepth]:
        """Return every queue that has mail queued or with a relay, urgent lanes first."""

    def ages(self) -> list[QueueAge]:
        """Return since when the oldest mail waits, for each addressee, lane and state that has undelivered mail."""


class Dispatches(Protocol):
    """What became of mail of ours. News may come twice and in any order; it never goes back."""

    def settle(self, settlements: Sequence[Settlement], at: int) -> int:
        """Take news of envelopes; return how many states changed.

        QUEUED < WITH_RELAY < EXPIRED, REPLACED < DELIVERED, REFUSED: a state only rises, and the
        addressee's word is final. Only `reclaim` takes one back. What was replaced does not expire.
        """

    def reclaim(self, ids: Sequence[EnvelopeId], at: int) -> dict[Queue, tuple[int, int]]:
        """Queue mail again that a relay was relied on for; return the lowest (epoch, seq) of each queue concerned.

        What is not WITH_RELAY stays as it is.
        """

    def overdue(self, now: int, limit: int) -> list[EnvelopeId]:
        """Return mail WITH_RELAY that was due before `now` (`Settlement.due`), at most `limit`."""

    def expire(self, now: int, limit: int) -> list[EnvelopeId]:
        """Mark mail as expired whose `deliver_by` is before `now`; return at most `limit` ids."""

    def dead(self, limit: int, only: EnvelopeId | None = None) -> list[SentMail]:
        """Return mail EXPIRED or REFUSED of which no other envelope to its addressee is on its way or arrived.

        Newest end first; `only` this one.
        """

    def written_by(
        self, desk: DeskId, states: Sequence[MailState], before: int | None, limit: int
    ) -> list[WrittenMail]:
        """Return mail of a desk of ours in one of `states`, or all, queued before number `before`; newest first.

        Of several envelopes of one statement to one member, the delivered one stands for them, else the last.
        """

    def find(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, SentMail]:
        """Return where these envelopes are."""

    def unsettled(self, after: int, limit: int) -> list[tuple[int, SentMail]]:
        """Return mail of ours that its addressee has not answered, behind `after`, each with its own number."""

    def enter_again(self, numbers: Mapping[EnvelopeId, int]) -> None:
        """Note the numbers of entries of the log of this epoch that say that these were sent."""

    def of_statements(self, digests: Sequence[StatementDigest]) -> list[SentMail]:
        """Return the envelopes that carry these statements, in the order they were queued."""


class Numbers(Protocol):
    """Which numbers were given on each road, and which arrived: what is missing between two members."""

    def given(self, to: MemberId | None) -> dict[tuple[MemberId, str, Lane, int], int]:
        """Return the last number that we gave by (addressee, road, lane, epoch), to one member or to all."""

    def unanswered(self, to: MemberId | None, limit: int) -> list[tuple[Queue, int, GivenNumber]]:
        """Return queue, epoch and number of our mail that its addressee has not answered, in order."""

    def taken(self, of: MemberId | None) -> dict[tuple[MemberId, str, Lane, int], int]:
        """Return the highest number that came by (sender, road, lane, epoch), of one member or of all.

        What was refused is not counted.
        """

    def holes(
        self, of: MemberId | None, limit: int
    ) -> list[tuple[tuple[MemberId, str, Lane, int], int, int]]:
        """Return runs of numbers below the highest that did not come, first and last; what was refused is in them."""

    def keep_marks(self, marks: Sequence[Mark]) -> None:
        """Keep marks, each in the place of an earlier one of its road; an earlier one that comes later is left."""

    def marks(self, from_member: MemberId | None) -> list[Mark]:
        """Return the newest marks of the roads of one member, or of all."""

    def marks_by(self, from_member: MemberId, begin: MemberId) -> list[Mark]:
        """Return those of its roads that begin with `begin`: direct ones to it, or by it as a relay."""

    def refused(self, of: MemberId | None) -> list[int]:
        """Return where our log tells of mail of this member that was refused."""


class Receipts(Protocol):
    """Receipts for mail of ours: evidence, kept as it came."""

    def keep(self, receipts: Sequence[ReceiptRecord]) -> int:
        """Keep the first receipt of each kind from each member; return how many were new."""

    def of(self, ids: Sequence[EnvelopeId]) -> list[ReceiptRecord]:
        """Return the receipts of these envelopes, oldest first."""


class Inbox(Protocol):
    """Mail for us."""

    def enter_again(self, numbers: Mapping[EnvelopeId, int]) -> None:
        """Note the numbers of entries of the log of this epoch that answer these, accepted or refused."""

    def answered(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, Answer]:
        """Return which of these envelopes were accepted or refused before, and where the log says so."""

    def accept(self, mails: Sequence[ArrivedMail]) -> None:
        """Keep envelopes for ever, as received. An id that is here is a StoreError: ask `answered` first."""

    def refuse(self, mails: Sequence[RefusedMail]) -> None:
        """Note that envelopes were refused; nothing else of them is kept. The first note stays."""

    def find(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, ReceivedMail]:
        """Return where these envelopes are."""

    def of_statements(self, digests: Sequence[StatementDigest]) -> list[ReceivedMail]:
        """Return the envelopes that carried these statements, in the order they came."""

    def last_number(self) -> int:
        """Return the number of the newest envelope, 0 before the first; `Wraps.missing` counts by them."""

    def move(self, ids: Sequence[EnvelopeId], state: MailState, at: int) -> None:
        """Put envelopes into `state`: TAKEN_UP or SET_ASIDE."""


class Resumption(Protocol):
    """Mail beyond what another member knows of: for one that was put back from a backup."""

    def delivered_beyond(
        self, to: MemberId, held: Mapping[RoadKey, int], after: int, limit: int
    ) -> list[tuple[int, EnvelopeId]]:
        """Return what we delivered to a member beyond the numbers that it holds by road, lane and epoch.

        In the order of our own numbers, beyond `after`; a road that is not in `held` is held to nothing.
        """

    def accepted_beyond(
        self, of: MemberId, given: Mapping[RoadKey, int], after: int, limit: int
    ) -> list[tuple[int, EnvelopeId]]:
        """Return, in the same way, what we accepted of a member beyond the numbers that it knows of."""


class Quarantine(Protocol):
    """Genuine but unexpected mail, held for an officer (messages.md, section 4)."""

    def held(self) -> list[HeldMail]:
        """Return all held mail, oldest first."""

    def usage(self, members: Sequence[MemberId]) -> Mapping[MemberId, HeldUsage]:
        """Return what each of these members uses of its quota; zero for one without held mail."""


class Predecessors(Protocol):
    """Mail that waits for the statement it replies to: order is promised per thread."""

    def waiting_for(self, digests: Sequence[StatementDigest]) -> list[ReceivedMail]:
        """Return mail that waits for one of these statements."""

    def overdue(self, received_before: int) -> list[ReceivedMail]:
        """Return mail that came before that time and still waits, oldest first."""

    def stop_waiting(self, ids: Sequence[EnvelopeId]) -> None:
        """Let this mail wait no more. Idempotent."""


class Peers(Protocol):
    """What we know of members from contact with them."""

    def keep_heads(self, heads: Sequence[PeerHead], brought_by: MemberId) -> list[PeerHead]:
        """Keep heads as open until they are proved to be of one log with its believed head; the first is that.

        Return those of `heads` that contradict another of their log and size: such heads
        replace none, and all of them are kept for ever (`split_heads`).
        """

    def open_heads(self, of: MemberId, limit: int) -> list[PeerHead]:
        """Return the oldest heads yet to be proved, of the member's log or brought by it as a relay."""

    def count_open(self) -> list[OpenHeads]:
        """Return how many heads wait to be proved, for each member that has some."""

    def prove_head(self, head: PeerHead) -> None:
        """Note that a head is of one log with the believed one, which it follows if it is longer."""

    def keep_contradiction(self, found: FoundContradiction) -> bool:
        """Keep evidence for ever; return whether it is the first of its log. Idempotent."""

    def contradictions(self) -> list[FoundContradiction]:
        """Return all evidence, by the time it was found."""

    def split_heads(self) -> list[PeerHead]:
        """Return all heads that contradict one another, by log, size and root."""

    def heads(self, origins: Sequence[str]) -> dict[str, PeerHead]:
        """Return the believed heads of these logs."""

    def longest_head(self, origin: str) -> PeerHead | None:
        """Return the longest head that is known of the log, proved or not."""

    def head_at(self, origin: str, size: int) -> PeerHead | None:
        """Return the head of this size that is believed or open."""

    def note_contact(self, member: MemberId, at: int) -> None:
        """Note that the member was there."""

    def note_problem(self, member: MemberId, code: str, at: int) -> None:
        """Note what went wrong with the member, by its code."""

    def contacts(self) -> list[PeerContact]:
        """Return what is known of all members, by id."""
