"""To ask: a trace request (ITI 16-17), or what a request lacks (ITI 21)."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, need_known_items, need_their_mail, refuse
from tracepost.protocol import asking
from tracepost.wire.v1 import trace_pb2


def check_request(saying: Saying) -> None:
    """A request says what the addressee needs to judge it: items, marks, ground, guarantee."""
    if not saying.to:
        raise refuse("to", "no-addressee", "a request names the member that is asked")
    if saying.message.exhibits and not saying.message.mandate_digest:
        raise refuse(
            "exhibits", "by-node", "the node encloses the mandate, and a request encloses nothing else"
        )
    asking.check_request(saying.message, saying.legal_basis)


def check_information_request(saying: Saying) -> None:
    """What is lacking is named for items of the case."""
    need_their_mail(saying)
    message: trace_pb2.InformationRequest = saying.message
    for index, needed in enumerate(message.needed):
        if needed.HasField("item_id"):
            need_known_items(saying, [needed.item_id], f"needed.{index}.item_id")
