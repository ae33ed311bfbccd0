"""A robot officer for exercises: a point of contact that is slow, asks back now and then, and always answers.

    async for act in attend(client, Manner(seed=7)):
        act.case, act.verb

It works over the SDK like any officer, and touches exercises alone: what is real it neither opens nor answers,
and each of its drafts says that it is an exercise, so that its node refuses what would come into a real case. It
remembers nothing: how it treats the n-th exercise of a member follows from its seed, what it has done
from the case itself. A robot that was ended goes on where it stopped; two with one desk do nothing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from tracepost.protocol.errors import TheRoad
from tracepost.protocol.schema import kind_of
from tracepost.sdk.client import Client
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import check_pb2, desk_pb2, panel_pb2, terms_pb2, trace_pb2, weapon_pb2

_LOOK_SECONDS = 2
_REQUEST = "trace.request/1"
_CHECK = "object.check/1"
_PANEL_REQUEST = "panel.request/1"
_ACKNOWLEDGED = "trace.acknowledgement/1"
_ASKED_BACK = "trace.information-request/1"
_SUPPLIED = "trace.information-supply/1"
_ENDED = frozenset(
    {
        *("trace.response/1", "panel.reply/1", "object.check-reply/1"),
        *("trace.withdrawal/1", "trace.closure/1"),
    }
)

_OUTCOMES = (
    (
        trace_pb2.IDENTIFICATION_CONFIRMED,
        trace_pb2.REACH_FIRST_RECIPIENT,
        trace_pb2.STOPPED_BECAUSE_NEVER_RECORDED,
    ),
    (
        trace_pb2.IDENTIFICATION_CONFIRMED,
        trace_pb2.REACH_LAST_RECORDED_HOLDER,
        trace_pb2.STOPPED_BECAUSE_HOLDER_OR_MAKER_SILENT,
    ),
    (
        trace_pb2.IDENTIFICATION_CONFIRMED,
        trace_pb2.REACH_POINT_OF_DIVERSION,
        trace_pb2.STOPPED_BECAUSE_NOT_STOPPED,
    ),
    (trace_pb2.IDENTIFICATION_NOT_IDENTIFIED, trace_pb2.REACH_NONE, trace_pb2.STOPPED_BECAUSE_NOT_OURS),
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a robot behaves.

    Args:
        acknowledge_seconds: how long a request lies before it is acknowledged, half of it to one and a half times.
        answer_seconds: the same, from then on until the next word.
        ask_back: share of requests, 0 to 1, about which it asks for more first.
        seed: what it does follows from it.
    """

    acknowledge_seconds: float = 60
    answer_seconds: float = 600
    ask_back: float = 0.25
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """What the robot said: in which case, to whom, the kind of the statement."""

    case: str
    to: str
    kind: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How one exercise will be treated: delays in seconds, and by what answer each item ends."""

    acknowledge_seconds: float
    answer_seconds: float
    asks_back: bool
    luck: int


def plan(manner: Manner, member: str, number: int) -> Plan:
    """Return how the exercise `number` (from 0) of `member` is treated."""
    dice = random.Random(f"{manner.seed}/{member}/{number}")  # noqa: S311 - nothing secret hangs on it
    return Plan(
        manner.acknowledge_seconds * dice.uniform(0.5, 1.5),
        manner.answer_seconds * dice.uniform(0.5, 1.5),
        dice.random() < manner.ask_back,
        dice.getrandbits(32),
    )


async def attend(client: Client, manner: Manner, now: float) -> list[Act]:
    """Go once through the exercises that others began, and say what is due at `now` (unix seconds).

    Raises what the node says against it; what was said before stays said.
    """
    return [act async for act in _attend(client, manner, now)]


async def answer_exercises(client: Client, manner: Manner, tell: Callable[[Act], None]) -> None:
    """Attend to exercises until the task is cancelled; `tell` is called with each act.

    A node that cannot be reached for a while is waited for. Raises what else it says.
    """
    while True:
        with contextlib.suppress(TheRoad):
            for act in await attend(client, manner, time.time()):
                tell(act)
        await asyncio.sleep(_LOOK_SECONDS)


async def _attend(client: Client, manner: Manner, now: float) -> AsyncIterator[Act]:
    cases = [one async for one in client.list_cases() if one.exercise]
    cases.sort(key=lambda one: (one.opened_at, one.thread))
    seen: dict[str, int] = {}
    for case in cases:
        member = case.opened_by
        number = seen[member] = seen.get(member, -1) + 1
        if case.state == desk_pb2.CASE_STATE_WAITING_FOR_US:
            view = await client.show_case(case.thread)
            said = choose(view, plan(manner, member, number), now)
            if said is not None:
                yield await _say(client, view, *said)


async def _say(
    client: Client, view: desk_pb2.CaseView, opening: desk_pb2.StatementView, message: Message
) -> Act:
    last = view.statements[-1].statement
    cover = Cover(
        to=(opening.from_member,),
        exercise=True,
        idempotency_key=f"robot {kind_of(message)} {last}",
    )
    await client.submit(build_draft(message, cover, view.summary.thread))
    return Act(view.summary.thread, opening.from_member, kind_of(message))


def choose(
    view: desk_pb2.CaseView, treated: Plan, now: float
) -> tuple[desk_pb2.StatementView, Message] | None:
    """Return what is due in a case at `now`, and the statement that it is said to; None: nothing, or nothing yet."""
    opening = next((one for one in view.statements if one.kind in (_REQUEST, _PANEL_REQUEST, _CHECK)), None)
    if opening is None or not view.summary.exercise or not all(one.exercise for one in view.statements):
        return None
    kinds = [one.kind for one in view.statements]
    if _ENDED.intersection(kinds):
        return None
    waits_for_word = opening.kind != _CHECK and _ACKNOWLEDGED not in kinds
    last, seconds = (
        (opening, treated.acknowledge_seconds)
        if waits_for_word
        else (view.statements[-1], treated.answer_seconds)
    )
    if now < _time(last) + seconds:
        return None
    if waits_for_word:
        return opening, _acknowledgement(view, opening)
    message = _next_word(opening, kinds, treated)
    return (opening, message) if message is not None else None


def _next_word(opening: desk_pb2.StatementView, kinds: Sequence[str], treated: Plan) -> Message | None:
    """Return what follows the acknowledgement; None while what was asked back for has not come."""
    if opening.kind == _CHECK:
        return _check_reply(opening)
    if opening.kind == _PANEL_REQUEST:
        return _panel_reply(opening, treated.luck)
    if treated.asks_back and _ASKED_BACK not in kinds:
        return _question()
    if _ASKED_BACK in kinds and _SUPPLIED not in kinds:
        return None
    return _answer(opening, treated.luck)


def _time(one: desk_pb2.StatementView) -> float:
    return dt.datetime.fromisoformat(one.issued_at).timestamp()


def _acknowledgement(view: desk_pb2.CaseView, opening: desk_pb2.StatementView) -> trace_pb2.Acknowledgement:
    return trace_pb2.Acknowledgement(
        received_at=opening.issued_at,
        items_counted=len(view.summary.items),
        formal_check=trace_pb2.FORMAL_CHECK_COMPLETE,
        automatic=True,
    )


def _question() -> trace_pb2.InformationRequest:
    needed = trace_pb2.NeededInformation(code=terms_pb2.INFORMATION_CODE_PHOTOGRAPH_OF_MARK)
    return trace_pb2.InformationRequest(needed=[needed])


def _answer(opening: desk_pb2.StatementView, luck: int) -> trace_pb2.Response:
    return trace_pb2.Response(answers=_outcomes(opening.content.trace_request.items, luck), final=True)


def _panel_reply(opening: desk_pb2.StatementView, luck: int) -> panel_pb2.PanelReply:
    return panel_pb2.PanelReply(
        file_number="ROBOT",
        answers=_outcomes(opening.content.panel_request.items, luck),
        final=True,
        confidentiality=panel_pb2.PANEL_CONFIDENTIALITY_PANEL_ONLY,
    )


def _outcomes(items: Iterable[weapon_pb2.Item], luck: int) -> list[trace_pb2.Answer]:
    return [_outcome(item.id, _OUTCOMES[(luck + n) % len(_OUTCOMES)]) for n, item in enumerate(items)]


def _outcome(item: str, outcome: Sequence[int]) -> trace_pb2.Answer:
    identification, reach, stopped = outcome
    return trace_pb2.Answer(
        item_id=item,
        identification=trace_pb2.Identification.Name(identification),
        reach=trace_pb2.Reach.Name(reach),
        stopped_because=trace_pb2.StoppedBecause.Name(stopped),
    )


def _check_reply(opening: desk_pb2.StatementView) -> check_pb2.ObjectCheckReply:
    outcomes = [
        check_pb2.CheckOutcome(item_id=item.id, result=check_pb2.CHECK_RESULT_NOT_SEARCHED)
        for item in opening.content.object_check.items
    ]
    return check_pb2.ObjectCheckReply(outcomes=outcomes, automatic=True)
