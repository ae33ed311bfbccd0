"""To tell of arms that go under an exemption from an embargo, so that a later find can be matched (s000 §40(m))."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, need_addressee, refuse
from tracepost.protocol.ids import parse_digest
from tracepost.protocol.lots import check_lots
from tracepost.wire.v1 import embargo_pb2

_KIND = "embargo.delivery-notified/1"


def check_delivery(saying: Saying) -> None:
    """It names lots that can be found again and who receives them; what it replaces is our own, in its case."""
    need_addressee(saying)
    message: embargo_pb2.DeliveryNotified = saying.message
    check_lots(message.lots)
    _check_parts(message)
    _check_days(message, saying.today)
    if message.replaces_digest:
        before = saying.thread.find(parse_digest(message.replaces_digest, "replaces_digest"))
        if before is None or (before.iss, before.kind) != (saying.thread.us, _KIND):
            raise refuse("replaces_digest", "not-ours", "only a notice of ours in this case is replaced")
    elif message.stage == embargo_pb2.DELIVERY_STAGE_CANCELLED:
        raise refuse("replaces_digest", "cancels-what", "who cancels a delivery says which notice told of it")


def _check_parts(message: embargo_pb2.DeliveryNotified) -> None:
    known = {lot.id for lot in message.lots}
    named = [(f"consignees.{i}.lot_ids", one.lot_ids) for i, one in enumerate(message.consignees)]
    named += [(f"papers.{i}.lot_ids", one.lot_ids) for i, one in enumerate(message.papers)]
    for where, ids in named:
        if not known.issuperset(ids):
            raise refuse(where, "unknown-lot", "the notice has no such lot")
    for index, storage in enumerate(message.storages):
        if storage.consignee_index >= len(message.consignees):
            where = f"storages.{index}.consignee_index"
            raise refuse(where, "unknown-consignee", "there is no such consignee")


def _check_days(message: embargo_pb2.DeliveryNotified, today: str) -> None:
    if message.approved_on and message.notified_on and message.approved_on < message.notified_on:
        raise refuse("approved_on", "dates-crossed", "nothing is approved before it was notified")
    delivered = message.stage == embargo_pb2.DELIVERY_STAGE_DELIVERED
    for index, one in enumerate(message.consignees):
        if one.received_on and not delivered:
            where = f"consignees.{index}.received_on"
            raise refuse(where, "not-delivered", "a day of receipt goes with a delivery that took place")
        if one.received_on[:10] > today:
            where = f"consignees.{index}.received_on"
            raise refuse(where, "in-the-future", "what was received was received in the past")
