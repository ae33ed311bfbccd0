"""Which deliveries and diversions that this node was told of a find may belong to.

    async for told in find_told(client, Sought.of(item)):
        told.case, told.notice, told.match

Only what the officer's desk may read is compared; the node tells what it hides in the case itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from tracepost.protocol.lots import LotMatch, Sought, find_matches
from tracepost.sdk.client import Client
from tracepost.sdk.drafts import message_of
from tracepost.wire.v1 import desk_pb2, diversion_pb2, embargo_pb2, lot_pb2

KINDS = ("embargo.delivery-notified/1", "trace.diversion-notice/1")
"""The kinds that tell of lots."""


@dataclass(frozen=True, slots=True)
class Told:
    """A lot that a find may belong to: in which case, by which statement, and how surely."""

    case: desk_pb2.CaseSummary
    notice: desk_pb2.StatementView
    match: LotMatch


async def find_told(client: Client, sought: Sought) -> AsyncIterator[Told]:
    """Yield what fits `sought`, case by case; exercises and deliveries that another notice replaced are left out."""
    for kind in KINDS:
        async for case in client.list_cases(holds_kind=kind):
            if case.exercise:
                continue
            view = await client.show_case(case.thread)
            for notice in _standing(view, kind):
                for match in find_matches(sought, _lots_of(notice)):
                    yield Told(view.summary, notice, match)


def _standing(view: desk_pb2.CaseView, kind: str) -> list[desk_pb2.StatementView]:
    """Return the notices of a case that none of their author's own has replaced; a cancelled one tells nothing."""
    notices = [one for one in view.statements if one.kind == kind]
    replaced = {
        (one.from_member, one.content.delivery_notified.replaces_digest)
        for one in notices
        if one.content.delivery_notified.replaces_digest
    }
    return [
        one
        for one in notices
        if (one.from_member, one.statement) not in replaced
        and one.content.delivery_notified.stage != embargo_pb2.DELIVERY_STAGE_CANCELLED
    ]


def _lots_of(notice: desk_pb2.StatementView) -> list[lot_pb2.ArmsLot]:
    message = message_of(notice.content)
    if isinstance(message, embargo_pb2.DeliveryNotified | diversion_pb2.DiversionNotice):
        return list(message.lots)
    return []
