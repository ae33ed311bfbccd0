"""To tell a need of assistance, or to offer some (ITI 27-28): public in its main, and updated by its author."""

from __future__ import annotations

from typing import Any

from tracepost.node.handlers.rules.rule import Saying, need_addressee, refuse
from tracepost.protocol.ids import parse_digest
from tracepost.wire.v1 import assistance_pb2

_NEED, _OFFER = "assistance.need/1", "assistance.offer/1"


def check_need(saying: Saying) -> None:
    """A need is described; what it replaces is a need of ours in this case; money names its currency."""
    need_addressee(saying)
    message: assistance_pb2.AssistanceNeed = saying.message
    _check_replaced(saying, message, _NEED)
    if message.budget and not message.currency:
        raise refuse("currency", "which-currency", "money names its currency")
    ended = message.status in (assistance_pb2.NEED_STATUS_MET, assistance_pb2.NEED_STATUS_WITHDRAWN)
    if ended and not message.replaces_digest:
        raise refuse("replaces_digest", "ends-what", "who ends a need says which one")


def check_offer(saying: Saying) -> None:
    """An offer is described and not over; it may answer a need of this case."""
    need_addressee(saying)
    message: assistance_pb2.AssistanceOffer = saying.message
    _check_replaced(saying, message, _OFFER)
    if message.status == assistance_pb2.OFFER_STATUS_OPEN and "" < message.valid_until < saying.today:
        raise refuse("valid_until", "over-already", "an open offer can still be taken up")
    if message.need_digest:
        need = saying.thread.find(parse_digest(message.need_digest, "need_digest"))
        if need is None or need.kind != _NEED:
            raise refuse("need_digest", "no-need", "the need that is answered is one of this case")


def _check_replaced(saying: Saying, message: Any, kind: str) -> None:
    if message.replaces_digest:
        before = saying.thread.find(parse_digest(message.replaces_digest, "replaces_digest"))
        if before is None or (before.iss, before.kind) != (saying.thread.us, kind):
            raise refuse("replaces_digest", "not-ours", "only what we said in this case is replaced")
