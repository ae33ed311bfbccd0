"""Enquiries inside a state: whom its office asked, what came back, what is still out.

They change nothing in the case as other members see it: who owes an answer owes it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import StatementDigest, parse_digest
from tracepost.protocol.lifecycle.case import CaseEvent, EnquiryState
from tracepost.wire.v1 import inquiry_pb2

ENQUIRY = "trace.enquiry/1"
FINDING = "trace.finding/1"


@dataclass(slots=True)
class EnquiryNotes:
    """What was asked and found, by the enquiry that it is about; read in any order."""

    asked: dict[StatementDigest, tuple[CaseEvent, inquiry_pb2.Enquiry]] = field(default_factory=dict)
    later: dict[StatementDigest, list[tuple[CaseEvent, inquiry_pb2.Enquiry]]] = field(default_factory=dict)
    found: dict[StatementDigest, list[inquiry_pb2.Finding]] = field(default_factory=dict)

    def note_enquiry(self, event: CaseEvent, message: inquiry_pb2.Enquiry) -> None:
        """Write down that somebody was asked, reminded, or need not answer any more."""
        if message.step == inquiry_pb2.ENQUIRY_STEP_ASKED:
            self.asked[event.digest] = (event, message)
        elif (about := _digest(message.enquiry_digest)) is not None:
            self.later.setdefault(about, []).append((event, message))

    def note_finding(self, message: inquiry_pb2.Finding) -> None:
        """Write down what was found."""
        if (about := _digest(message.enquiry_digest)) is not None:
            self.found.setdefault(about, []).append(message)

    def states(self) -> tuple[EnquiryState, ...]:
        """Return how each enquiry stands, in the order in which they were asked."""
        return tuple(self._state(event, asked) for event, asked in self.asked.values())

    def _state(self, event: CaseEvent, asked: inquiry_pb2.Enquiry) -> EnquiryState:
        later = self.later.get(event.digest, [])
        found = self.found.get(event.digest, [])
        reminders = [(e, m) for e, m in later if m.step == inquiry_pb2.ENQUIRY_STEP_REMINDER]
        answered = _items(one for one in found if one.final)
        return EnquiryState(
            digest=event.digest,
            reference=asked.reference,
            to_desk=asked.to_desk,
            custodian=asked.custodian.id,
            custodian_name=asked.custodian.name,
            asked_at=event.iat,
            due_on=next((m.due_on for _, m in reversed(reminders) if m.due_on), asked.due_on) or None,
            item_ids=tuple(asked.item_ids),
            answered=tuple(i for i in asked.item_ids if i in answered),
            in_part=tuple(i for i in asked.item_ids if i in _items(found) - answered),
            findings=len(found),
            reminders=len(reminders),
            last_reminder_at=max((e.iat for e, _ in reminders), default=None),
            withdrawn=any(m.step == inquiry_pb2.ENQUIRY_STEP_WITHDRAWN for _, m in later),
        )


def _items(findings: Iterable[inquiry_pb2.Finding]) -> set[str]:
    return {answer.item_id for one in findings for answer in one.answers if answer.item_id}


def _digest(text: str) -> StatementDigest | None:
    try:
        return parse_digest(text)
    except InvalidInputError:
        return None
