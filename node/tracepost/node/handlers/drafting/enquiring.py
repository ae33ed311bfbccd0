"""Completes an enquiry: its objects, the forms of their serials, its number, the instructions of the case.

which request → the items as their requester describes them, for the desk that asks, through the gate
→ reference, reminder number → handling instructions of the case and of the draft
"""

from __future__ import annotations

from tracepost.node.handlers.case.casebook import case_event
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.case.thread import Thread
from tracepost.node.handlers.drafting.addresses import custodian_of, find_address
from tracepost.node.handlers.drafting.copying import ItemCopier
from tracepost.node.handlers.drafting.drawing import Drawn, draw_into
from tracepost.node.handlers.rules.enquire import find_enquiry
from tracepost.node.handlers.rules.rule import refuse
from tracepost.node.ports.store import Tx
from tracepost.protocol.ids import DeskId, encode_b64
from tracepost.protocol.lifecycle import CaseState, fold
from tracepost.wire.v1 import inquiry_pb2

_SHORT = 8
_LONGEST = 90  # of 100, with the number behind it


class EnquiryCompleter:
    """Reads the store; safe from any thread."""

    def __init__(self, office: Office, copier: ItemCopier) -> None:
        self._office = office
        self._copier = copier

    def complete(self, tx: Tx, desk: OwnDesk, thread: Thread, draft: inquiry_pb2.Enquiry) -> Drawn:
        """Return what the enquiry `draft` of `desk` is to say beside what the officer said.

        Raises:
            InvalidMessageError: it asks a desk, or about an item, that there is not.
            LockedDeskError, SealingError, StatementError: the request does not open for `desk`.
        """
        case = fold([case_event(r) for r in thread.records], us=thread.us)
        message = inquiry_pb2.Enquiry()
        message.CopyFrom(draft)
        for name in ("items", "mark_forms", "reminder_number"):
            message.ClearField(name)
        message.handling_instructions[:] = sorted({*draft.handling_instructions, *case.handling})
        if message.step == inquiry_pb2.ENQUIRY_STEP_ASKED:
            return self._ask(tx, desk, thread, case, message)
        _follow(case, find_enquiry(thread, message.enquiry_digest), message)
        return Drawn(message)

    def _ask(
        self, tx: Tx, desk: OwnDesk, thread: Thread, case: CaseState, message: inquiry_pb2.Enquiry
    ) -> Drawn:
        if message.HasField("custodian"):
            entry = find_address(tx, message.custodian.id, "custodian.id")
            message.custodian.CopyFrom(custodian_of(entry))
        if message.to_desk:
            self._office.desk(DeskId(message.to_desk))
        copied = self._copier.copy(tx, desk, thread, message.request_digest)
        chosen = list(message.item_ids) or list(copied.items)
        if unknown := [item for item in chosen if item not in copied.items]:
            raise refuse("item_ids", "unknown-item", f"the request has no item {unknown[0]}")
        message.item_ids[:] = chosen
        message.request_digest = encode_b64(copied.request)
        message.reference = message.reference or _reference(thread, case)
        whole, classes = draw_into(message, [*copied.fields(chosen), *copied.mark_forms(chosen)])
        return Drawn(whole, classes, copied.parts(chosen), copied.processed, copied.restrictions)


def _follow(case: CaseState, before: inquiry_pb2.Enquiry, message: inquiry_pb2.Enquiry) -> None:
    """Let a reminder, or the end of an enquiry, say whom it is for and which one it is."""
    message.reference = before.reference
    message.item_ids[:] = before.item_ids
    if before.to_desk:
        message.to_desk = before.to_desk
    else:
        message.custodian.CopyFrom(before.custodian)
    if message.step == inquiry_pb2.ENQUIRY_STEP_REMINDER:
        state = next(e for e in case.enquiries if encode_b64(e.digest) == message.enquiry_digest)
        message.reminder_number = state.reminders + 1


def _reference(thread: Thread, case: CaseState) -> str:
    number = case.file_numbers.get(thread.us) or thread.id[:_SHORT]
    return f"{number[:_LONGEST]}/E{len(case.enquiries) + 1}"
