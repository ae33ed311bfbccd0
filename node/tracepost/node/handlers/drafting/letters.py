"""Completes a letter: whom it is to as the address book has it, and what of our request it may say.

the entry of the correspondent → without a message of its own, an outgoing letter repeats our request of
the case, as far as the gate lets it be printed for that correspondent, and names what it leaves out
"""

from __future__ import annotations

from dataclasses import replace

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.case.reader_sets import UNTOUCHED, only_of, readers_at
from tracepost.node.handlers.case.thread import Thread, claims_of
from tracepost.node.handlers.drafting.addresses import correspondent_of, find_address, paper_reader
from tracepost.node.handlers.drafting.copying import named_photographs
from tracepost.node.handlers.drafting.drawing import Drawn, Processed, draw_into
from tracepost.node.handlers.drafting.printing import paper_context
from tracepost.node.handlers.rules.rule import own_requests, refuse
from tracepost.node.handlers.sealed.opening import Opener, load_sealed
from tracepost.node.ports.store import Tx
from tracepost.protocol.lifecycle.letters import said_in
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.wire.v1 import inquiry_pb2, terms_pb2

_REQUEST = "request"
_LEFT = frozenset({"withheld", "named_desks", "readers", "referral_consents"})


class LetterCompleter:
    """Reads the store; safe from any thread."""

    def __init__(self, office: Office, gate: Gate, opener: Opener) -> None:
        self._office = office
        self._gate = gate
        self._opener = opener

    def complete(self, tx: Tx, desk: OwnDesk, thread: Thread | None, draft: inquiry_pb2.Letter) -> Drawn:
        """Return the letter `draft` of `desk` as it is to be signed.

        Raises:
            InvalidMessageError: the address book has no such correspondent, or there is nothing to repeat.
            PermissionError_: the correspondent may get nothing of what we ask about.
        LockedDeskError, SealingError, StatementError: our request does not open for `desk`.
        """
        entry = find_address(tx, draft.correspondent.id, "correspondent.id")
        letter = inquiry_pb2.Letter()
        letter.CopyFrom(draft)
        letter.correspondent.CopyFrom(correspondent_of(entry))
        if not letter.channel and entry.channel:
            letter.channel = entry.channel
        outgoing = letter.direction == inquiry_pb2.LETTER_DIRECTION_OUTGOING
        if outgoing and not any(said_in(letter)):
            return self._repeat(tx, desk, thread, letter)
        return Drawn(letter)

    def _repeat(self, tx: Tx, desk: OwnDesk, thread: Thread | None, letter: inquiry_pb2.Letter) -> Drawn:
        requests = own_requests(thread) if thread is not None else ()
        if not requests:
            raise refuse(_REQUEST, "no-request", "in this case we asked nothing that a letter could repeat")
        [sealed] = load_sealed(tx, [requests[-1]], desk.desk)
        opened = self._opener.open(sealed, desk, Action.PRINT)
        reader = paper_reader(self._office.member, letter.correspondent)
        context = paper_context(self._opener, desk, sealed.record, sealed.terms, letter.correspondent)
        self._gate.require(reader, Action.PRINT, Sensitivity.OBJECT, context)
        may = self._gate.readable(reader, Action.PRINT, context)
        said = tuple(opened.statement.fields())
        fields = [f for f in said if f.path.partition(".")[0] not in _LEFT]
        # A field that is for some desks alone goes to no other, and on no paper.
        only = only_of(said)
        open_to_all = (f for f in fields if f.sensitivity in UNTOUCHED or readers_at(only, f.path) is None)
        told = [f for f in open_to_all if f.sensitivity in may]
        drawn = [Field(f"{_REQUEST}.{f.path}", f.sensitivity, f.value) for f in told]
        left_out = {f.path.partition(".")[0] for f in fields if f not in told}
        for name in sorted(left_out):
            letter.withheld.add(
                path=f"{_REQUEST}.{name}", ground=terms_pb2.WITHHOLDING_GROUND_NO_COMPETENT_DESK
            )
        whole, classes = draw_into(letter, drawn)
        processed = (Processed(opened.record.digest, desk.desk, opened.decision),)
        named = {digest for one in drawn for digest in named_photographs(one)}
        parts = tuple(part for digest, part in opened.parts.items() if digest in named)
        restrictions = (replace(r, field_paths=()) for r in claims_of(sealed.record).restrictions)
        return Drawn(whole, classes, parts, processed, tuple(dict.fromkeys(restrictions)))
