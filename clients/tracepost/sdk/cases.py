"""What a case says that the next message needs: its request, its restrictions, its outcomes so far."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from tracepost.protocol.errors import NotFoundError
from tracepost.protocol.schema import OPENING_KINDS, JsonValue, flatten
from tracepost.sdk.drafts import message_of
from tracepost.wire.v1 import desk_pb2, trace_pb2

REQUEST_KIND = "trace.request/1"


def request_of(view: desk_pb2.CaseView, digest: str | None = None) -> desk_pb2.StatementView:
    """Return the request of the case: the newest, or the one with this digest; raise `NotFoundError`."""
    requests = [one for one in view.statements if one.kind == REQUEST_KIND]
    for one in sorted(requests, key=lambda one: one.issued_at, reverse=True):
        if digest in (None, one.statement):
            return one
    raise NotFoundError("The case holds no such request.", where=view.summary.thread)


def told_of(view: desk_pb2.CaseView, digest: str | None = None) -> desk_pb2.StatementView:
    """Return what the case was opened by: its request, else the newest notice, or the one with this digest.

    Raises:
        NotFoundError: it holds none.
    """
    openings = [one for one in view.statements if one.kind in OPENING_KINDS]
    for one in sorted(openings, key=lambda one: (one.kind == REQUEST_KIND, one.issued_at), reverse=True):
        if digest in (None, one.statement):
            return one
    raise NotFoundError("The case holds no such request.", where=view.summary.thread)


def restrictions_of(statement: desk_pb2.StatementView) -> list[int]:
    """Return the codes of the restrictions that its author laid on a statement (ITI 15)."""
    return [restriction.code for restriction in statement.restrictions]


def received_at(events: list[desk_pb2.TimelineEvent], statement: str) -> str | None:
    """Return when a statement came in (RFC 3339, whole seconds), if the timeline says so."""
    for event in events:
        if event.event == "received" and event.statement == statement:
            return event.at.partition(".")[0].removesuffix("Z") + "Z"
    return None


def reminders_sent(view: desk_pb2.CaseView, member: str) -> int:
    """Return how many reminders `member` has sent in the case."""
    return sum(
        one.content.status.state == trace_pb2.ProcessingState.PROCESSING_STATE_REMINDER
        for one in view.statements
        if one.from_member == member
    )


def outcomes_of(summary: desk_pb2.CaseSummary) -> Iterator[trace_pb2.ItemOutcome]:
    """Yield how each item stands: the answer that reached farthest, the final one among equals."""
    for item in summary.items:
        outcome = trace_pb2.ItemOutcome(item_id=item.item_id)
        if item.answers:
            best = max(item.answers, key=lambda answer: (answer.reach, answer.final))
            for name in ("identification", "reach", "stopped_because"):
                if value := getattr(best, name):
                    setattr(outcome, name, value)
            outcome.answered_by = best.by_member
        yield outcome


def values_of(view: desk_pb2.CaseView) -> dict[str, dict[str, JsonValue]]:
    """Return what the own desk sees of each statement of a case: values by field path, by statement digest."""
    return {one.statement: dict(_fields_of(one)) for one in view.statements}


def _fields_of(statement: desk_pb2.StatementView) -> Iterator[tuple[str, JsonValue]]:
    message = message_of(statement.content)
    for field in flatten(message) if message is not None else ():
        yield field.path, field.value
    for unknown in statement.unknown:
        yield unknown.path, orjson.loads(unknown.value_json)
