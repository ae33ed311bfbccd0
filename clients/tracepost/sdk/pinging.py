"""Whether mail reaches a member and is read there: a tiny exercise, watched on its way.

    async for step in ping(client, "xab", answer_seconds=600):
        step.name, step.seconds, step.happened

Sealed: the node signed and sealed it, and its log says so. Receipt: the member's node opened its own slot,
judged it and proves that it took it in. Answer: an officer of theirs, or their robot, opened it and wrote back.
A State pings with a request for a trace; a panel of experts, which makes none, with a request of a panel.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracepost.protocol.trustlist import MemberType
from tracepost.sdk.client import Client
from tracepost.sdk.drafts import Cover
from tracepost.wire.v1 import desk_pb2, panel_pb2, terms_pb2, trace_pb2, weapon_pb2

FILE_NUMBER = "PING"
MARK = "PING 0001"
_LOOK_SECONDS = 0.5
_TERM = timedelta(days=30)
_OF_A_STATE = (terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION, terms_pb2.LEGAL_BASIS_ITI)
_OF_A_PANEL = (
    terms_pb2.PURPOSE_EMBARGO_MONITORING,
    terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION,
)
_ENDS = ("delivered", "refused", "expired")


@dataclass(frozen=True, slots=True)
class Step:
    """What happened, or did not happen in time.

    Args:
        name: "sealed", "receipt" or "answer".
        happened: whether it did, and well.
        seconds: since the ping began.
        detail: code of the event or kind of the statement that says so; empty, if nothing was heard.
        case: thread id of the exercise.
    """

    name: str
    happened: bool
    seconds: float
    detail: str
    case: str


async def ping(
    client: Client, member: str, *, receipt_seconds: float = 60, answer_seconds: float = 0
) -> AsyncIterator[Step]:
    """Send a tiny exercise to `member`; yield each step when it has happened, or its time is over.

    Args:
        client: of an officer who may ask for traces, or as a panel.
        member: who is asked.
        receipt_seconds: how long to wait for the receipt.
        answer_seconds: how long to wait for an answer after that; 0: none is waited for.

    Raises what the node says against sending it.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    sent = await _send(client, member)
    yield Step("sealed", happened=True, seconds=clock() - began, detail="signed", case=sent.thread)
    event = await _wait(client, sent, member, _receipt, clock() + receipt_seconds)
    arrived = event == "delivered"
    yield Step("receipt", happened=arrived, seconds=clock() - began, detail=event, case=sent.thread)
    if arrived and answer_seconds:
        kind = await _wait(client, sent, member, _answer, clock() + answer_seconds)
        yield Step("answer", happened=bool(kind), seconds=clock() - began, detail=kind, case=sent.thread)


async def _wait(
    client: Client,
    sent: desk_pb2.Submission,
    member: str,
    find: Callable[[desk_pb2.TimelineEvent, str, str], str],
    until: float,
) -> str:
    """Look at the timeline until `find` finds something in it, or it is too late."""
    clock = asyncio.get_running_loop().time
    while True:
        for event in await client.show_timeline(sent.thread):
            if found := find(event, sent.statement, member):
                return found
        if clock() >= until:
            return ""
        await asyncio.sleep(min(_LOOK_SECONDS, max(until - clock(), 0)))


def _receipt(event: desk_pb2.TimelineEvent, ours: str, member: str) -> str:
    """Return how our mail ended, if it has."""
    of_ours = event.statement == ours and member in (event.actor, event.other_member)
    return event.event if of_ours and event.event in _ENDS else ""


def _answer(event: desk_pb2.TimelineEvent, ours: str, member: str) -> str:
    """Return the kind of what the member wrote in the case, if it did."""
    theirs = event.statement != ours and event.other_member == member
    return event.kind if theirs and event.event == "received" else ""


async def _send(client: Client, member: str) -> desk_pb2.Submission:
    own = (await client.get_status()).member
    lines = await client.list_directory()
    if any(one.member == own and one.member_type == MemberType.PANEL for one in lines):
        return await client.ask_as_panel(_panel_request(), _cover(member, *_OF_A_PANEL))
    return await client.submit_request(_request(), _cover(member, *_OF_A_STATE))


def _request() -> trace_pb2.TraceRequest:
    return trace_pb2.TraceRequest(
        file_number=FILE_NUMBER,
        items=[_item(weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW)],
        urgency=trace_pb2.URGENCY_ROUTINE,
        guarantees_restrictions=True,
    )


def _panel_request() -> panel_pb2.PanelRequest:
    """Return a question that asks nothing: `check_request` of `protocol.panels` wants it whole."""
    return panel_pb2.PanelRequest(
        file_number=FILE_NUMBER,
        panel=FILE_NUMBER,
        mandate_resolution=FILE_NUMBER,
        items=[_item()],
        question=FILE_NUMBER,
        embargo_context=FILE_NUMBER,
        reply_by=(datetime.now(UTC) + _TERM).strftime("%Y-%m-%d"),
        publication_intent=panel_pb2.PUBLICATION_INTENT_NONE,
        confidentiality=panel_pb2.PANEL_CONFIDENTIALITY_PANEL_ONLY,
    )


def _item(*grounds: weapon_pb2.IllicitGround) -> weapon_pb2.Item:
    mark = weapon_pb2.Mark(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen=MARK)
    return weapon_pb2.Item(
        id="1",
        kind=weapon_pb2.ITEM_KIND_WEAPON,
        illicit_grounds=grounds,
        object=weapon_pb2.Object(mark=[mark]),
    )


def _cover(member: str, purpose: int, legal_basis: int) -> Cover:
    return Cover(to=(member,), purpose=purpose, legal_basis=legal_basis, exercise=True)
