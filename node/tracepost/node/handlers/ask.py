"""To ask: a trace request (ITI 16-17), or what a request lacks (ITI 21)."""

from __future__ import annotations

from tracepost.node.handlers.rule import Saying, need_known_items, need_their_request, refuse
from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2

# Not under the ITI (messages.md, section 2), so ITI 6 asks no ground for them.
_NOT_UNDER_ITI = frozenset({weapon_pb2.ITEM_KIND_AMMUNITION, weapon_pb2.ITEM_KIND_PACKAGING})


def check_request(saying: Saying) -> None:
    """A request says what the addressee needs to judge it: items, marks, ground, guarantee."""
    message: trace_pb2.TraceRequest = saying.message
    if not saying.to:
        raise refuse("to", "no-addressee", "a request names the member that is asked")
    ids = [item.id for item in message.items]
    if len(set(ids)) != len(ids):
        raise refuse("items", "item-twice", "two items have one id")
    if message.urgency == trace_pb2.URGENCY_URGENT and not message.HasField("urgency_reason"):
        raise refuse("urgency_reason", "urgency-unreasoned", "an urgent request says why it is urgent")
    if not message.guarantees_restrictions and not message.no_guarantee_reason:
        raise refuse(
            "no_guarantee_reason", "no-reason", "who cannot guarantee restrictions says why (ITI 15)"
        )
    for index, item in enumerate(message.items):
        _check_item(item, f"items.{index}")
        _check_ground(saying, item, f"items.{index}")


def check_information_request(saying: Saying) -> None:
    """What is lacking is named for items of the case."""
    need_their_request(saying)
    message: trace_pb2.InformationRequest = saying.message
    for index, needed in enumerate(message.needed):
        if needed.HasField("item_id"):
            need_known_items(saying, [needed.item_id], f"needed.{index}.item_id")


def _check_item(item: weapon_pb2.Item, where: str) -> None:
    if item.kind != weapon_pb2.ITEM_KIND_WEAPON:
        return
    thing = item.object
    marked = thing.mark or any(part.mark for part in thing.part)
    if not marked and not thing.unmarked and not thing.craft_made:
        raise refuse(
            f"{where}.object.mark",
            "no-mark",
            "a weapon has at least one mark, or is said to be unmarked",
            "Add the marks as seen, or set unmarked when it was examined and none was found.",
        )


def _check_ground(saying: Saying, item: weapon_pb2.Item, where: str) -> None:
    under_iti = saying.legal_basis == terms_pb2.LEGAL_BASIS_ITI and item.kind not in _NOT_UNDER_ITI
    if under_iti and not item.illicit_grounds and not saying.message.illicit_grounds:
        raise refuse(
            f"{where}.illicit_grounds", "no-ground", "a request under the ITI names a ground of ITI 6"
        )
