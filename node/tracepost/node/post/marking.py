"""Watermarks: each hour our log says, for each road, up to which number we have given numbers.

The addressee learns so what it should have, also when nothing comes any more: a number up to the mark was
given, one beyond it never was (`gaps`). A mark goes by the road that it is about; a relay keeps the newest and
shows it to the addressee. Nothing else rests on it: mail carries proofs of its own numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import structlog

from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.mail import Mark
from tracepost.protocol.errors import EvidenceError, TheirFault
from tracepost.protocol.evidence import LogLine, Watermark, prepare_line, verify_proof
from tracepost.protocol.ids import DIRECT, MemberId
from tracepost.protocol.sealing import Random
from tracepost.serving.frames import FrameQueue
from tracepost.wire.v1.post_pb2 import RoadMark

_log = structlog.get_logger()

CHANGED_S: Final = 3600
UNCHANGED_S: Final = 86_400


class Marking:
    """One per process; used on the event loop."""

    def __init__(
        self, us: MemberId, papers: Papers, store: Store, clock: Callable[[], int], random: Random
    ) -> None:
        self._us = us
        self._papers = papers
        self._store = store
        self._clock = clock
        self._random = random
        self._news: set[asyncio.Event] = set()

    async def keep_up(self) -> None:
        """Mark the roads that are due: an hour after a mark where numbers were given since, else after a day."""
        now = self._clock()

        def say(tx: Tx) -> tuple[list[Watermark], list[tuple[int, LogLine]]]:
            due = list(self._due(tx, now))
            lines = [prepare_line(one, self._random) for one in due]
            return due, list(zip(tx.log.append(lines), lines, strict=True)) if lines else []

        due, numbered = await self._store.write(say, label="mark")
        if due:
            proofs = await asyncio.to_thread(self._store.evidence.prove, numbered)
            marks = [self._mark(one, proof) for one, proof in zip(due, proofs, strict=True)]
            await self._store.write(lambda tx: tx.numbers.keep_marks(marks), label="mark")
            for news in self._news:
                news.set()

    async def feed(self, peer: MemberId, outgoing: FrameQueue) -> None:
        """Show on a stream the marks of the roads that begin with `peer`, now and as they come."""
        news, shown = asyncio.Event(), dict[tuple[str, ...], int]()
        self._news.add(news)
        try:
            while not outgoing.closed:
                news.clear()
                for mark in await self._store.read(lambda tx: tx.numbers.marks_by(self._us, peer)):
                    road = (mark.to_member, mark.via, str(int(mark.lane)), str(mark.epoch))
                    if shown.get(road) != mark.at:
                        shown[road] = mark.at
                        outgoing.put_mark(RoadMark(from_member=self._us, proof=mark.proof))
                await news.wait()
        finally:
            self._news.discard(news)

    async def take(self, marks: Iterable[RoadMark], peer: MemberId) -> None:
        """Keep marks that `peer` brought: its own about direct roads, as a relay those about roads by it."""
        found = await asyncio.to_thread(lambda: list(self._verify(marks, peer)))
        if found:
            await self._store.write(lambda tx: tx.numbers.keep_marks(found), label="mark")

    def _due(self, tx: Tx, now: int) -> Iterator[Watermark]:
        before = {(m.to_member, m.via, m.lane, m.epoch): m for m in tx.numbers.marks(self._us)}
        for key, last in tx.numbers.given(None).items():
            mark = before.get(key)
            wait = UNCHANGED_S if mark is not None and mark.seq == last else CHANGED_S
            if mark is None or now - mark.at >= wait:
                to, via, lane, epoch = key
                yield Watermark(to, via, lane, epoch, last, now)

    def _mark(self, entry: Watermark, proof: bytes) -> Mark:
        return Mark(
            self._us, entry.to_member, entry.via, entry.lane, entry.epoch, entry.seq, entry.time, proof
        )

    def _verify(self, marks: Iterable[RoadMark], peer: MemberId) -> Iterator[Mark]:
        for wire in marks:
            sender = MemberId(wire.from_member)
            try:
                entry = verify_proof(wire.proof, self._papers.log_verifier(sender), live=True).entry
                if not isinstance(entry, Watermark) or entry.to_member != self._us:
                    raise EvidenceError("the mark is about something else", reason="other-entry")
                if peer != (sender if entry.via == DIRECT else entry.via):
                    raise EvidenceError("the mark came by another road", reason="other-road")
            except TheirFault as error:
                _log.info("mark-doubted", member=peer, reason=error.reason)
                continue
            yield Mark(
                sender, self._us, entry.via, entry.lane, entry.epoch, entry.seq, entry.time, wire.proof
            )
