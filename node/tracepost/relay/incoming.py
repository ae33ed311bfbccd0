"""One frame that came in: checked in the verifying thread, then settled in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from tracepost.protocol.envelope import envelope_id
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.evidence import Head
from tracepost.protocol.ids import EnvelopeId
from tracepost.relay.accounts import note_refusals
from tracepost.relay.heads import HeadBook, SeenHead, keep_heads
from tracepost.relay.mailboxes import Custodies, Mailboxes, Taken
from tracepost.relay.marks import ProvedMark, keep_marks, receive_mark
from tracepost.relay.reception import (
    Arrival,
    ProvedReceipt,
    Situation,
    receive_envelope,
    receive_receipt,
)
from tracepost.wire.v1.post_pb2 import Frame

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing of a frame that was not accepted, and why; with the id of its envelope, if it has one."""

    error: TracepostError
    envelope_id: EnvelopeId | None = None


@dataclass(slots=True)
class Sorted:
    """What a frame holds, after checking."""

    situation: Situation
    arrivals: list[Arrival] = field(default_factory=list)
    receipts: list[ProvedReceipt] = field(default_factory=list)
    receipts_stored: list[EnvelopeId] = field(default_factory=list)
    expiries_stored: list[EnvelopeId] = field(default_factory=list)
    custody_asked: list[EnvelopeId] = field(default_factory=list)
    marks: list[ProvedMark] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    new_heads: dict[str, SeenHead] = field(default_factory=dict)

    def __bool__(self) -> bool:
        ids = self.receipts_stored or self.expiries_stored or self.custody_asked or self.marks
        return bool(self.arrivals or self.receipts or ids or self.refused or self.new_heads)

    def sort(self, check: Callable[[], T], accepted: list[T], id_: EnvelopeId | None) -> None:
        """Put what `check` returns with the accepted, or its error with the refused."""
        try:
            accepted.append(check())
        except TracepostError as error:
            self.refused.append(Refused(error, id_))


@dataclass(frozen=True, slots=True)
class Settled:
    """What is on the disk of a frame: receipts that were taken, and what became of each envelope.

    `lost` is what the caller asked for and this relay cannot bring to an end.
    """

    taken: Taken
    custodies: Sequence[Custodies]
    lost: Sequence[EnvelopeId] = ()


def verify_frame(frame: Frame, situation: Situation, heads: HeadBook) -> Sorted:
    """Check everything in a frame; run in the one verifying thread.

    Raises:
        EvidenceError: the member's log contradicts itself, so that nothing it says counts now.
    """
    found = Sorted(
        situation,
        receipts_stored=[EnvelopeId(item) for item in frame.receipts_stored],
        expiries_stored=[EnvelopeId(item) for item in frame.expiries_stored],
        custody_asked=[EnvelopeId(item) for item in frame.custody_asked],
    )
    for wire in frame.envelopes:
        id_ = envelope_id(wire.header)
        found.sort(partial(receive_envelope, wire, situation), found.arrivals, id_)
    for receipt in frame.receipts:
        id_ = EnvelopeId(receipt.envelope_id)
        found.sort(partial(receive_receipt, receipt, situation), found.receipts, id_)
    verifier = situation.trust.log_verifier(situation.peer) if frame.marks else None
    for mark in frame.marks:
        assert verifier is not None
        check = partial(receive_mark, mark, situation.peer, situation.own, verifier)
        found.sort(check, found.marks, None)
    # A member proves its own log here; of other logs it could bring nothing that ends its own stream.
    for proof in (one for one in frame.consistency if one.member == situation.peer):
        continued = heads.prove(proof, situation.trust.log_verifier(situation.peer))
        _note(found, heads, [continued] if continued else [])
    shown = {one.head: one.note for one in found.arrivals} | {one.head: one.note for one in found.receipts}
    for head in sorted(shown, key=lambda head: head.size):
        _note(found, heads, [head] if heads.see(head, shown[head]) else [])
    return found


def _note(found: Sorted, heads: HeadBook, believed: Sequence[Head]) -> None:
    """Note the heads that are believed now, to be stored with the frame."""
    for head in believed:
        seen = heads.newest(str(head.origin))
        assert seen is not None  # it is believed
        found.new_heads[str(head.origin)] = seen


def settle_frame(
    connection: Connection,
    found: Sorted,
    mailboxes: Mailboxes,
    noted: Sequence[TracepostError],
    *,
    revives: bool = True,
) -> Settled:
    """Do all that a frame asks for, in one transaction; a job of the writer. `revives` as `Mailboxes.keep` has it.

    Of what was refused, `noted` is written down.
    """
    situation = found.situation
    mailboxes.forget_dues(connection, situation.peer, found.receipts_stored, found.expiries_stored)
    taken = mailboxes.take_receipts(connection, found.receipts)
    arrivals = [one.envelope for one in found.arrivals]
    custodies = mailboxes.keep(connection, arrivals, situation.now, revives=revives)
    keep_heads(connection, found.new_heads)
    keep_marks(connection, found.marks)
    note_refusals(connection, situation.now, situation.peer, noted)
    # After the arrivals: what the same frame brings is not missing.
    lost = mailboxes.missing(connection, situation.peer, found.custody_asked)
    return Settled(taken, custodies, lost)
