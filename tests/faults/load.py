"""The officers of a campaign: at every node one who asks, one who answers and one who reads, all the time.

    load = Load(stage, seed=7)
    async with load.working(): ...       # faults happen meanwhile
    quiet = await load.come_to_rest(120)

Everything is written into the history before and after. A call that nobody answered is said again under its key until
it is answered; of one in twelve nobody asks again, and what became of it stays unknown.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from fakes import messages
from faults.history import Call
from faults.stage import DESK, NODES, Stage
from tracepost.protocol.errors import TheirFault, TracepostError
from tracepost.sdk import Client
from tracepost.sdk.cases import request_of
from tracepost.sdk.drafts import Cover, build_draft, message_of
from tracepost.wire.v1 import desk_pb2, envelope_pb2, terms_pb2, trace_pb2

_FORGOTTEN_SHARE: Final = 1 / 12
_URGENT_SHARE: Final = 1 / 5
_TWIN_SHARE: Final = 1 / 2
_ANSWERS_AT_ONCE: Final = 4
_ENTRIES: Final = {
    "signed": "signed/1",
    "sent": "sent/1",
    "received": "received/1",
    "delivered": "received/1",
    "custody": "custody/1",
    "opened": "opened/1",
}


class Phone:
    """One connection to a node, begun anew when it broke: gRPC would wait longer than we do before it dials again."""

    def __init__(self, stage: Stage, member: str) -> None:
        self._stage = stage
        self._member = member
        self._client: Client | None = None
        self._dice = random.Random(member)

    @property
    def client(self) -> Client:
        """The client; it dials with its first call."""
        if self._client is None:
            twin = self._stage.twins.get(self._member)
            port = twin.port if twin is not None and self._dice.random() < _TWIN_SHARE else None
            self._client = self._stage.client(self._member, port=port)
        return self._client

    async def lose(self, call: Call, error: TracepostError) -> None:
        """Nobody told what became of a call."""
        call.leave_unknown(code=error.code, reason=error.reason)
        await self.hang_up()

    async def hang_up(self) -> None:
        """End the connection."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(TracepostError):
                await client.close_connection()


async def take_up_held(stage: Stage, member: str, client: Client) -> None:
    """Take up what is held because a clock was wrong; an officer would see that it is genuine."""
    for mail in await client.list_held():
        await client.decide_held(mail.envelope_id, take_up=True)
        stage.history.note(member, "taken-up", reason=mail.reason)


class Officers:
    """Those of one node."""

    def __init__(self, stage: Stage, member: str, seed: int, pace: float) -> None:
        self.member = member
        self.pending: dict[str, tuple[desk_pb2.Draft, dict[str, str]]] = {}
        self.is_on = True
        self.acknowledged = 0
        self._stage = stage
        self._dice = random.Random(f"{seed}/{member}")
        self._pace = pace
        self._threads: list[str] = []
        self._answered: set[str] = set()
        self._count = 0

    @property
    def asking(self) -> bool:
        """Whether they ask and answer anything new."""
        return self.is_on and self.member not in self._stage.resting

    async def work(self) -> None:
        """Ask, answer and read until cancelled."""
        jobs = (self._ask, self._say_again, self._answer, self._read_some, self._take_up)
        await asyncio.gather(*(self._repeat(job) for job in jobs))

    async def is_quiet(self) -> bool:
        """Say whether nothing is unanswered and nothing is on its way out."""
        if self.pending:
            return False
        try:
            async with self._stage.client(self.member) as client:
                status = await client.get_status()
        except TracepostError:
            return False
        return not any(peer.queued or peer.with_relay for peer in status.peers)

    # ── what they do ─────────────────────────────────────────────────────────────────

    async def _ask(self, phone: Phone) -> None:
        if not self.asking:
            return
        self._count += 1
        key = f"{self.member}-asks-{self._count}"
        to = self._dice.choice([name for name in NODES if name != self.member])
        request = messages.request(key)
        request.items[0].object.make = text = f"Maker of {key}"
        lane = envelope_pb2.LANE_URGENT if self._dice.random() < _URGENT_SHARE else envelope_pb2.LANE_ROUTINE
        cover = Cover(
            to=(to,),
            purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
            legal_basis=terms_pb2.LEGAL_BASIS_ITI,
            lane=lane,
            idempotency_key=key,
        )
        await self._submit(phone, build_draft(request, cover), {"to": to, "kind": "request", "text": text})

    async def _answer(self, phone: Phone) -> None:
        if not self.asking:
            return
        state = desk_pb2.CASE_STATE_WAITING_FOR_US
        try:
            cases = await _first(phone.client.list_cases(state), 40)
        except TracepostError:
            await phone.hang_up()
            return
        open_cases = [one for one in cases if one.thread not in self._answered]
        open_cases = [one for one in open_cases if one.opened_by != self.member]
        for case in self._dice.sample(open_cases, min(len(open_cases), _ANSWERS_AT_ONCE)):
            view = await self._read(phone, case.thread)
            if view is not None:
                await self._respond(phone, case.thread, view)

    async def _respond(self, phone: Phone, thread: str, view: desk_pb2.CaseView) -> None:
        if not self.asking:
            return
        asked = request_of(view)
        key = f"{self.member}-answers-{asked.statement[:16]}"
        said = messages.answer()
        said.object.make = text = f"Maker by {key}"
        cover = Cover(in_reply_to=asked.statement, idempotency_key=key)
        draft = build_draft(trace_pb2.Response(answers=[said], final=True, file_number=key), cover, thread)
        self._answered.add(thread)
        await self._submit(phone, draft, {"to": asked.from_member, "kind": "response", "text": text})

    async def _say_again(self, phone: Phone) -> None:
        for draft, told in list(self.pending.values()):
            await self._submit(phone, draft, told)

    async def _read_some(self, phone: Phone) -> None:
        if self._threads:
            recent = self._threads[-40:] if self._dice.random() < 0.7 else self._threads
            await self._read(phone, self._dice.choice(recent))

    async def _take_up(self, phone: Phone) -> None:
        try:
            await take_up_held(self._stage, self.member, phone.client)
        except TracepostError:
            await phone.hang_up()
        await asyncio.sleep(2 * self._pace)

    async def _submit(self, phone: Phone, draft: desk_pb2.Draft, told: dict[str, str]) -> None:
        key = draft.idempotency_key
        call = self._stage.history.invoke(self.member, "submit", key=key, **told)
        self.pending[key] = (draft, told)
        try:
            answer = await phone.client.submit(draft)
        except TheirFault as error:
            call.fail(code=error.code, reason=error.reason)
            self.pending.pop(key, None)
        except TracepostError as error:
            await phone.lose(call, error)
            if self.asking and self._dice.random() < _FORGOTTEN_SHARE:
                self.pending.pop(key, None)
        else:
            envelopes = {one.to: one.envelope_id for one in answer.dispatches}
            call.acknowledge(key=key, statement=answer.statement, thread=answer.thread, envelopes=envelopes)
            self.pending.pop(key, None)
            self.acknowledged += 1
            if answer.thread not in self._threads:
                self._threads.append(answer.thread)

    async def _read(self, phone: Phone, thread: str) -> desk_pb2.CaseView | None:
        call = self._stage.history.invoke(self.member, "read", thread=thread)
        try:
            view = await phone.client.show_case(thread)
            events = await phone.client.show_timeline(thread)
        except TheirFault as error:
            call.fail(code=error.code, reason=error.reason)
            return None
        except TracepostError as error:
            await phone.lose(call, error)
            return None
        told = tell_view(view)
        call.acknowledge(thread=thread, desk=DESK, **told, proofs=tell_proofs(events))
        self._stage.shown[self.member][thread] = told
        if thread not in self._threads:
            self._threads.append(thread)
        return view

    async def _repeat(self, job: Callable[[Phone], Awaitable[None]]) -> None:
        phone = Phone(self._stage, self.member)
        try:
            while True:
                if self.member not in self._stage.away:
                    await job(phone)
                await asyncio.sleep(self._pace * (0.5 + self._dice.random()))
        finally:
            await phone.hang_up()


class Load:
    """All officers of all nodes.

    Args:
        pace: seconds between two drafts of a node, on average.
    """

    def __init__(self, stage: Stage, seed: int, pace: float = 0.5) -> None:
        self.officers = [Officers(stage, member, seed, pace) for member in NODES]
        self._history = stage.history
        stage.is_quiet.update({one.member: one.is_quiet for one in self.officers})

    @property
    def acknowledged(self) -> int:
        """To how many calls to send an answer came."""
        return sum(one.acknowledged for one in self.officers)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Work while the context lasts."""
        tasks = [asyncio.create_task(one.work()) for one in self.officers]
        try:
            yield
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def come_to_rest(self, seconds: float) -> bool:
        """Ask and answer nothing new, go on with all else until no mail is on its way; say whether it came to that."""
        for one in self.officers:
            one.is_on = False
        ends = time.monotonic() + seconds
        calm = 0
        while time.monotonic() < ends and calm < 3:
            await asyncio.sleep(0.5)
            calm = calm + 1 if all([await one.is_quiet() for one in self.officers]) else 0
        self._history.note("", "rest", quiet=calm >= 3)
        return calm >= 3


def tell_view(view: desk_pb2.CaseView) -> dict[str, Any]:
    """Return what a view of a case says, as the history keeps it."""
    statements = [
        {
            "statement": one.statement,
            "in_reply_to": one.in_reply_to,
            "kind": one.kind,
            "reference": getattr(message_of(one.content), "file_number", ""),
            "mail": {
                sent.envelope_id: desk_pb2.MailState.Name(sent.state).removeprefix("MAIL_STATE_")
                for sent in one.dispatches
            },
        }
        for one in view.statements
    ]
    opened = {one.statement: text for one in view.statements if (text := _text_of(one))}
    problems = [one.problem.code for one in view.statements if one.HasField("problem")]
    return {"statements": statements, "opened": opened, "problems": problems}


def tell_proofs(events: list[desk_pb2.TimelineEvent]) -> list[dict[str, object]]:
    """Return which entries of which logs a timeline points to."""
    return [
        {
            "log": one.log,
            "number": one.log_index,
            "entry": _ENTRIES[one.event],
            "event": one.event,
            "statement": one.statement,
        }
        for one in events
        if one.event in _ENTRIES and one.log and one.HasField("log_index")
    ]


def _text_of(one: desk_pb2.StatementView) -> str:
    """Return what only a desk with its keys can read: who made the first item."""
    message = message_of(one.content)
    if isinstance(message, trace_pb2.TraceRequest):
        return message.items[0].object.make if message.items else ""
    if isinstance(message, trace_pb2.Response):
        return message.answers[0].object.make if message.answers else ""
    return ""


async def _first(cases: AsyncIterator[desk_pb2.CaseSummary], count: int) -> list[desk_pb2.CaseSummary]:
    found = []
    async for one in cases:
        found.append(one)
        if len(found) == count:
            break
    return found
