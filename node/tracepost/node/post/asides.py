"""Asking by a relay what was lost with a disk, where neither side can dial the other (`resuming`).

    who asks      →  Aside, sealed to the other's desk `node`: a secret number, which part, what is known here
    the relay     →  the other's open stream; it keeps nothing, and who is away is asked again later
    who answers   →  Aside, sealed to the asker's desk `node`: the number again, some mail, whether that is all

A part is made when it is asked for, so that neither a stream nor a memory fills. Nothing is signed: what is told
opens for the member that is named as asker and for nobody else, whoever asked; and only who could open a question
knows its number, so no relay can answer one, or say that this was all. What comes is judged as ever, by the logs and
certificates of those whose mail it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import structlog
from google.protobuf.message import DecodeError

from tracepost.node.papers import Papers
from tracepost.node.post.resuming import Answering
from tracepost.protocol.errors import EnvelopeError, SealingError, TracepostError, UnreachableError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.sealing import DeskPrivateKey, Random, open_with_key, seal_to_key
from tracepost.serving.frames import FrameQueue
from tracepost.wire.v1.post_pb2 import Aside, ResumeAside, ResumedMail, ResumeRequest

_log = structlog.get_logger()

PURPOSE: Final = "aside"
"""What HPKE is told that an aside is sealed for."""

_PART_BYTES: Final = 256 * 1024  # urgent mail waits behind no more than that
_ANSWER_WITHIN_S: Final = 20.0
_IDLE_S: Final = 120.0
_IN_HAND: Final = 16
_ROADS: Final = 1024


@dataclass(slots=True)
class _Giving:
    """What is told to one asker, and how far that is."""

    question: bytes = field(repr=False)
    mails: AsyncGenerator[ResumedMail, None] = field(repr=False)
    part: int = 0
    idle: asyncio.TimerHandle | None = None


class Asides:
    """Both ends of it. One per process; used on the event loop.

    Args:
        us: our member.
        relays: those that we use; an aside comes by no other stream.
        papers: say which relays a member uses, and what is sealed to it.
        keys: what was sealed to our desk `node` opens with one of these.
        answering: what is told to who asks.
        admits: says whether a member is answered now.
        streams: gives what leaves on the stream to a relay, if one is open.
        random: random bytes.
    """

    def __init__(
        self,
        us: MemberId,
        *,
        relays: Collection[MemberId],
        papers: Papers,
        keys: Callable[[], Sequence[DeskPrivateKey]],
        answering: Answering,
        admits: Callable[[MemberId], bool],
        streams: Callable[[MemberId], FrameQueue | None],
        random: Random,
    ) -> None:
        self._us = us
        self._relays = relays
        self._papers = papers
        self._keys = keys
        self._answering = answering
        self._admits = admits
        self._streams = streams
        self._random = random
        self._asked: dict[tuple[MemberId, bytes], asyncio.Queue[ResumeAside]] = {}
        self._given: dict[MemberId, _Giving] = {}
        self._making = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    # ── who asks ─────────────────────────────────────────────────────────────────────

    async def ask(self, member: MemberId, request: ResumeRequest) -> AsyncGenerator[ResumedMail, None]:
        """Ask `member` by a relay that both use; yield what it gives.

        Raises:
            UnreachableError: no stream to such a relay is open, or no answer came.
        """
        outgoing = self._stream_to(member)
        question = self._random(16)
        answers = self._asked[member, question] = asyncio.Queue[ResumeAside]()
        try:
            for part in count():
                asked = ResumeAside(question=question, part=part, request=None if part else request)
                await self._put(member, asked, outgoing)
                told = await _next_answer(answers, part)
                for mail in told.mails:
                    yield mail
                if told.last:
                    return
        finally:
            del self._asked[member, question]

    def _stream_to(self, member: MemberId) -> FrameQueue:
        entry = self._papers.entry(member)
        for relay in entry.relays if entry else ():
            outgoing = self._streams(relay) if relay in self._relays else None
            if outgoing is not None:
                return outgoing
        raise UnreachableError(f"no stream to a relay that {member} uses is open", reason="no-relay")

    # ── both ─────────────────────────────────────────────────────────────────────────

    def take(self, asides: Iterable[Aside], relay: MemberId, outgoing: FrameQueue) -> None:
        """Take what `relay` passed on to us; what is answered leaves by `outgoing`. Never waits.

        What is too much at once is let go: who asked asks again.
        """
        for aside in asides if relay in self._relays else ():
            if len(self._tasks) < _IN_HAND:
                self._begin(self._hear(aside, outgoing))

    def _begin(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job, name="aside")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, aside: Aside, outgoing: FrameQueue) -> None:
        member = MemberId(aside.from_member)
        try:
            heard = await asyncio.to_thread(self._open, aside, member)
            if heard.HasField("last"):
                self._take_answer(member, heard)
            elif self._admits(member) and self._papers.entry(member):
                await self._answer(member, heard, outgoing)
        except TracepostError as error:
            _log.warning("aside-failed", code=error.code, reason=error.reason)

    def _take_answer(self, member: MemberId, told: ResumeAside) -> None:
        answers = self._asked.get((member, told.question))
        if answers is not None:
            answers.put_nowait(told)

    async def _put(self, member: MemberId, content: ResumeAside, outgoing: FrameQueue) -> None:
        outgoing.put_aside(await asyncio.to_thread(self._seal, member, content.SerializeToString()))

    def _seal(self, member: MemberId, content: bytes) -> Aside:
        entry = self._papers.entry(member)
        if entry is None:
            raise UnreachableError(f"no directory entry of {member} is known", reason="no-entry")
        context = [self._us.encode(), member.encode()]
        sealed = seal_to_key(entry.desks[0].public_key, PURPOSE, context, content)
        return Aside(from_member=self._us, to_member=member, sealed=sealed)

    def _open(self, aside: Aside, member: MemberId) -> ResumeAside:
        context = [member.encode(), self._us.encode()]
        for key in self._keys():
            try:
                return ResumeAside.FromString(open_with_key(key, PURPOSE, context, aside.sealed))
            except SealingError:
                continue
            except DecodeError:
                break
        raise EnvelopeError("nothing can be made of what a relay passed on", where="aside", reason="aside")

    # ── who answers ──────────────────────────────────────────────────────────────────

    async def _answer(self, member: MemberId, asked: ResumeAside, outgoing: FrameQueue) -> None:
        async with self._making:
            giving = await self._find(member, asked)
            if giving is None:
                return
            mails, last = await _gather_part(giving.mails)
            told = ResumeAside(question=giving.question, part=giving.part, mails=mails, last=last)
            giving.part += 1
            self._wait_for_more(member, giving)
        await self._put(member, told, outgoing)

    async def _find(self, member: MemberId, asked: ResumeAside) -> _Giving | None:
        """Return what is given to `member` on this question, if the part that is asked for is the next one."""
        if asked.HasField("request") and asked.part == 0:
            if max(len(asked.request.held), len(asked.request.given)) > _ROADS:
                return None
            await self._end(member)
            mails = self._answering.answer(member, asked.request)
            self._given[member] = _Giving(asked.question, mails)
        giving = self._given.get(member)
        if giving is None or (giving.question, giving.part) != (asked.question, asked.part):
            return None
        return giving

    def _wait_for_more(self, member: MemberId, giving: _Giving) -> None:
        if giving.idle is not None:
            giving.idle.cancel()
        loop = asyncio.get_running_loop()
        giving.idle = loop.call_later(_IDLE_S, lambda: self._begin(self._forget(member, giving)))

    async def _forget(self, member: MemberId, giving: _Giving) -> None:
        """Let go what nobody asked more of."""
        async with self._making:
            if self._given.get(member) is giving:
                await self._end(member)

    async def _end(self, member: MemberId) -> None:
        giving = self._given.pop(member, None)
        if giving is not None:
            if giving.idle is not None:
                giving.idle.cancel()
            await giving.mails.aclose()


async def _next_answer(answers: asyncio.Queue[ResumeAside], part: int) -> ResumeAside:
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            while (told := await answers.get()).part != part:
                continue
    except TimeoutError:
        raise UnreachableError("no answer came by the relay", reason="no-answer") from None
    return told


async def _gather_part(mails: AsyncGenerator[ResumedMail, None]) -> tuple[list[ResumedMail], bool]:
    """Return what fits into a part, one envelope at least, and whether that was the last."""
    part, size = list[ResumedMail](), 0
    async for mail in mails:
        part.append(mail)
        size += mail.ByteSize()
        if size >= _PART_BYTES:
            return part, False
    return part, True
