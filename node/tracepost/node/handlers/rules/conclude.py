"""To conclude: close with an outcome per item, or report on the way; a closed case is reopened by a status."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, need_known_items, need_own_request, refuse
from tracepost.wire.v1 import trace_pb2


def check_closure(saying: Saying) -> None:
    """Who asked closes, with an outcome for items of the case; where nobody asked, each side closes for itself."""
    if not saying.thread.records or saying.thread.asks:
        need_own_request(saying)
    message: trace_pb2.Closure = saying.message
    need_known_items(saying, (o.item_id for o in message.outcomes), "outcomes")


def check_status(saying: Saying) -> None:
    """A status belongs to a case; a reminder says which one it is."""
    message: trace_pb2.Status = saying.message
    if not saying.thread.records:
        raise refuse("thread", "no-case", "a status belongs to a case")
    if message.state == trace_pb2.PROCESSING_STATE_REMINDER and not message.reminder_number:
        raise refuse("reminder_number", "which-reminder", "a reminder is numbered from 1")
    need_known_items(saying, {i.item_id for i in message.items}, "items")


def check_error(saying: Saying) -> None:
    """An error is about a statement or an envelope."""
    message: trace_pb2.Error = saying.message
    if not message.statement_digest and not message.envelope_id:
        raise refuse("statement_digest", "about-what", "an error names what it is about")
