"""To acknowledge (ITI 19): an office's word, never a machine's receipt."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, need_known_items, need_their_mail, refuse
from tracepost.wire.v1 import trace_pb2


def check(saying: Saying) -> None:
    """Counts the items that came; says what is missing, or that it is complete."""
    need_their_mail(saying)
    message: trace_pb2.Acknowledgement = saying.message
    incomplete = message.formal_check == trace_pb2.FORMAL_CHECK_INCOMPLETE
    if incomplete != bool(message.missing):
        raise refuse(
            "missing", "missing-and-check", "what is missing is named if, and only if, it is incomplete"
        )
    if message.items_counted != len(saying.thread.item_ids()) and not incomplete:
        raise refuse("items_counted", "count", "the number of items is not that of the request")
    need_known_items(saying, {m.item_id for m in message.missing if m.HasField("item_id")}, "missing")
