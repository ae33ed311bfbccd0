"""A console's pages for machines, served as those of node and relay are, and its log's word of what ends.

A console knows nothing of how daemons serve; the command that starts one brings both together here.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog

from tracepost.console.onlooker import Onlooker
from tracepost.console.serving import read_console_papers
from tracepost.console.sessions import Sessions
from tracepost.console.settings import ConsoleSettings
from tracepost.protocol.certificate import load_chain
from tracepost.protocol.errors import ConfigurationError, TracepostError
from tracepost.protocol.identity import unix_seconds
from tracepost.sdk import Client
from tracepost.sdk.carrying import ConsoleConnection
from tracepost.serving.expiry import DAY_S, Expiry, soonest
from tracepost.serving.pages import serve_pages
from tracepost.serving.telemetry import Meter, Reading
from tracepost.serving.vitals import Pulse, State
from tracepost.serving.watch import ANSWER_WITHIN_S

EVERY_S: Final = 15.0
_log = structlog.get_logger()


class ConsolePages(Onlooker):
    """How a console is, as its pages for machines say it.

    Args:
        is_leaving: whether it was told to stop.
    """

    def __init__(self, is_leaving: Callable[[], bool]) -> None:
        self._is_leaving = is_leaving
        self._pulse = Pulse(time.monotonic)
        self._node_answers = False
        self._meter = Meter("console")
        self._board = self._meter.board()
        self._answers = self._meter.counter("answers", "What browsers were answered, by status.", ("code",))
        self._refused = self._meter.counter("sign_ins_refused", "Sign-ins that were refused.")
        ready = self._meter.gauge("ready", "1 while it takes work: its node answers.")
        ready.set_function(lambda: float(self.state is State.READY))

    @property
    def is_alive(self) -> bool:
        """Whether its event loop turns."""
        return self._pulse.is_alive

    @property
    def state(self) -> State:
        """What it says of itself; before its first look at the node, that the node is away."""
        if self._is_leaving():
            return State.DRAINING
        return State.READY if self._node_answers else State.NODE_AWAY

    def note_answer(self, status: int) -> None:
        """Count an answer."""
        self._answers.labels(str(status)).inc()

    def note_refused_sign_in(self) -> None:
        """Count a refused sign-in."""
        self._refused.inc()

    @asynccontextmanager
    async def look_at(
        self, settings: ConsoleSettings, sessions: Sessions, node: ConsoleConnection
    ) -> AsyncIterator[None]:
        """Tell the log what ends while the console serves; serve the pages, if the settings name their address."""
        expiries = expiries_of(settings)
        async with _beside(_tell_daily(expiries)):
            if not settings.metrics:
                yield
                return
            stop_pages = serve_pages(settings.metrics, self._meter.registry, self)
            looking = self._look_again(sessions, node.own_client(), expiries)
            try:
                async with _beside(self._pulse.pulse(), looking):
                    yield
            finally:
                await asyncio.to_thread(stop_pages)

    async def _look_again(self, sessions: Sessions, node: Client, expiries: Sequence[Expiry]) -> None:
        while True:
            await self._look_at_node(node)
            self._show(sessions, expiries)
            await asyncio.sleep(EVERY_S)

    async def _look_at_node(self, node: Client) -> None:
        before = self._node_answers
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await node.get_status()
            self._node_answers = True
        except (TracepostError, TimeoutError):
            self._node_answers = False
        if self._node_answers is not before:
            _log.info("state", state=str(self.state))

    def _show(self, sessions: Sessions, expiries: Sequence[Expiry]) -> None:
        signed_in = {(): float(sessions.count_living())}
        self._board.show(
            [
                Reading("sessions", "Officers who are signed in, by session.", (), signed_in),
                Reading(
                    "paper_expires_timestamp_seconds",
                    "When a paper ends, unix seconds.",
                    ("paper", "member"),
                    soonest(expiries),
                ),
                Reading(
                    "looked_timestamp_seconds",
                    "When this was looked at, unix seconds.",
                    (),
                    {(): time.time()},
                ),
            ]
        )


@asynccontextmanager
async def _beside(*jobs: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do `jobs`, which end by themselves never, until the body ends."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def expiries_of(settings: ConsoleSettings) -> list[Expiry]:
    """Return when the papers end that a console serves with from now on; a new file counts after the next start.

    Raises:
        ConfigurationError: one cannot be read.
    """
    papers = read_console_papers(settings)
    roots = [("root", str(number), one) for number, one in enumerate(papers.roots(), 1)]
    ends = [("certificate", "console", papers.certificates()[0]), *roots]
    if settings.web_certificate != settings.certificate:
        ends.append(("certificate", "web", load_chain(_read(settings.web_certificate))[0]))
    return [
        Expiry(paper, which, settings.member, unix_seconds(one.not_valid_after_utc))
        for paper, which, one in ends
    ]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise ConfigurationError("the certificate cannot be read", where=str(path)) from fault


async def _tell_daily(expiries: Sequence[Expiry]) -> None:
    while True:
        tell_of_ends(expiries, int(time.time()))
        await asyncio.sleep(DAY_S)


def tell_of_ends(expiries: Sequence[Expiry], now: int) -> None:
    """Tell the log what ends within thirty days of `now` (unix seconds), and what is over."""
    for one in expiries:
        if one.step(now) is not None:
            level = logging.ERROR if one.at <= now else logging.WARNING
            _log.log(level, "paper-ends", name=one.label, member=one.of_member, expires_at=one.at)
