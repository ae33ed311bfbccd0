"""To supply what was asked for, or to clarify (ITI 21, 23)."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, need_known_items, refuse
from tracepost.wire.v1 import trace_pb2


def check_supply(saying: Saying) -> None:
    """What is supplied was asked for in this case, and is about its items."""
    message: trace_pb2.InformationSupply = saying.message
    asked = [r for r in saying.thread.records if r.kind == "trace.information-request/1"]
    if all(r.iss == saying.thread.us for r in asked):
        raise refuse("thread", "nothing-asked", "in this case no further information was asked of us")
    need_known_items(saying, (item.id for item in message.items), "items")


def check_clarification(saying: Saying) -> None:
    """A clarification is about what was said in the case, by question or reply."""
    if not saying.thread.records:
        raise refuse("thread", "no-case", "a clarification belongs to a case")
    need_known_items(saying, saying.message.item_ids, "item_ids")
