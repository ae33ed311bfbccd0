"""Takes our mail out: one stream to each peer that can be dialled and has mail waiting, one to each relay, always.

A stream that fails is dialled again after a back-off with jitter; contact from the other side, or
new papers of it, clears the wait. A slow or dead peer delays nobody else: each has a task, a queue
and a cursor of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from tracepost.node.config import RelaySettings
from tracepost.node.papers import EntryView, Papers
from tracepost.node.ports import Store, Tx
from tracepost.node.post.custody import Places
from tracepost.node.post.line import Line, log_problem
from tracepost.node.records import Queue
from tracepost.protocol.errors import InternalError, TracepostError, UnreachableError
from tracepost.protocol.ids import DIRECT, MemberId
from tracepost.serving.frames import FrameCall

_log = structlog.get_logger()

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0

Dial = Callable[[MemberId, str, str], FrameCall]
"""Opens a stream to (member, address, method "Deliver" or "Collect")."""

MakeLine = Callable[[MemberId, Callable[[Tx], Sequence[Queue]]], Line]


@dataclass(slots=True)
class _Route:
    """One other side: how it is dialled, and what its task waits for."""

    peer: MemberId
    address: str
    method: str
    due: asyncio.Event = field(default_factory=asyncio.Event)
    contact: asyncio.Event = field(default_factory=asyncio.Event)
    line: Line | None = None
    task: asyncio.Task[None] | None = None


class Courier:
    """Used on the event loop. `run` returns when it is cancelled."""

    def __init__(
        self,
        *,
        relays: Sequence[RelaySettings],
        papers: Papers,
        store: Store,
        dial: Dial,
        make_line: MakeLine,
        clock: Callable[[], int],
        jitter: Callable[[], float],
    ) -> None:
        self._relays = relays
        self._papers = papers
        self._store = store
        self._dial = dial
        self._make_line = make_line
        self._clock = clock
        self._jitter = jitter
        self._routes: dict[MemberId, _Route] = {}
        self._guests: set[tuple[MemberId, Line]] = set()

    def choose_road(self, entry: EntryView) -> str:
        """Return the way for mail to a member: direct where it can be dialled, else by a relay that both use."""
        return entry.road(r.member for r in self._relays)

    def wake(self, queues: Iterable[Queue]) -> None:
        """New mail stands in these queues."""
        for queue in queues:
            peer = queue.to_member if queue.via == DIRECT else MemberId(queue.via)
            route = self._route(peer)
            if route is not None:
                self._nudge(route)
            for guest, line in self._guests:
                if guest == peer:
                    line.wake()

    def go_back(self, places: Places) -> None:
        """Mail of before waits once more at these places of its queues."""
        for queue in places:
            peer = queue.to_member if queue.via == DIRECT else queue.via
            for one, line in self._lines():
                if one == peer:
                    line.go_back({queue: places[queue]})
        self.wake(places)

    def met(self, peer: MemberId) -> None:
        """The other side called: do not wait out a back-off."""
        route = self._routes.get(peer)
        if route is not None:
            route.contact.set()

    def papers_changed(self) -> None:
        """An address may be new: try everybody who has mail waiting."""
        for route in self._routes.values():
            route.contact.set()

    def welcome(self, peer: MemberId, line: Line) -> Callable[[], None]:
        """A peer fetches its mail itself over `line`; return what says that the stream has ended."""
        self._guests.add((peer, line))
        return lambda: self._guests.discard((peer, line))

    async def run(self) -> None:
        """Dial relays, and peers with mail from before, until cancelled."""
        for relay in self._relays:
            self._add(_Route(relay.member, relay.address, "Collect"))
        depths = await self._store.read(lambda tx: tx.outbox.depths())
        self.wake(depth.queue for depth in depths if depth.queued)
        try:
            await asyncio.Event().wait()
        finally:
            tasks = [route.task for route in self._routes.values() if route.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _route(self, peer: MemberId) -> _Route | None:
        if peer not in self._routes:
            entry = self._papers.entry(peer)
            if entry is None or not entry.direct_address:
                return None
            self._add(_Route(peer, "", "Deliver"))
        return self._routes[peer]

    def _add(self, route: _Route) -> None:
        self._routes[route.peer] = route
        route.task = asyncio.create_task(self._serve(route), name=f"courier-{route.peer}")

    def _lines(self) -> list[tuple[MemberId, Line]]:
        dialled = [(route.peer, route.line) for route in self._routes.values() if route.line]
        return [*dialled, *self._guests]

    def _nudge(self, route: _Route) -> None:
        route.due.set()
        if route.line is not None:
            route.line.wake()

    async def _serve(self, route: _Route) -> None:
        wait = FIRST_WAIT_S
        while True:
            if route.method == "Deliver":
                await route.due.wait()
            route.contact.clear()
            started = asyncio.get_running_loop().time()
            problem = await self._stream(route)
            if problem is None or asyncio.get_running_loop().time() - started > LONGEST_WAIT_S:
                wait = FIRST_WAIT_S
            if await self._pause(route, wait * (0.5 + self._jitter())):
                wait = FIRST_WAIT_S
            else:
                wait = min(wait * 2, LONGEST_WAIT_S)

    async def _stream(self, route: _Route) -> TracepostError | None:
        """Run one stream to its end; return why it ended, if not well."""
        route.due.clear()
        try:
            address = route.address or self._address(route.peer)
            route.line = self._make_line(route.peer, lambda tx: _queues(tx, route.peer, route.method))
            await route.line.stream.dial(self._dial(route.peer, address, route.method))
            problem: TracepostError | None = None
        except TracepostError as error:
            problem = error
        except Exception as error:  # noqa: BLE001 - one stream's fault must not end the courier
            _log.error("courier-fault", member=route.peer, exc_info=error)
            problem = InternalError()
        finally:
            route.line = None
        await self._note(route, problem)
        return problem

    def _address(self, peer: MemberId) -> str:
        entry = self._papers.entry(peer)
        if entry is None or not entry.direct_address:
            raise UnreachableError(f"no address of {peer} is known", reason="no-address")
        return entry.direct_address

    async def _note(self, route: _Route, problem: TracepostError | None) -> None:
        now = self._clock()
        if problem is None:
            await self._store.write(lambda tx: tx.peers.note_contact(route.peer, now))
        else:
            log_problem(route.peer, problem)
            await self._store.write(lambda tx: tx.peers.note_problem(route.peer, problem.code, now))
        if await self._store.read(lambda tx: _queues(tx, route.peer, route.method)):
            route.due.set()  # what was not receipted is due again

    async def _pause(self, route: _Route, seconds: float) -> bool:
        """Wait before dialling again; return whether contact cut the wait short."""
        try:
            # `wait_for` of Python 3.11 loses a cancelling that comes together with the contact.
            async with asyncio.timeout(seconds):
                await route.contact.wait()
        except TimeoutError:
            return False
        return True


def _queues(tx: Tx, peer: MemberId, method: str) -> list[Queue]:
    """Return the queues that go over a stream with `peer`, urgent lanes first."""
    depths = [d.queue for d in tx.outbox.depths() if d.queued]
    if method == "Collect":
        return [q for q in depths if q.via == peer]
    return direct_queues(depths, peer)


def direct_queues(queues: Iterable[Queue], peer: MemberId) -> list[Queue]:
    """Return those of `queues` whose mail goes to `peer` without a relay."""
    return [q for q in queues if q.via == DIRECT and q.to_member == peer]
