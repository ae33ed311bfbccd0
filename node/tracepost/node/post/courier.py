"""Takes our mail out: one stream to each peer that can be dialled and has mail waiting, one to each relay, always.

A stream that fails is dialled again after a back-off with jitter; contact from the other side, or
new papers of it, clears the wait. A slow or dead peer delays nobody else: each has a task, a queue
and a cursor of its own.

Mail goes by the best road of its addressee (`EntryView.roads`): direct, else by the first relay that both use.
A road whose other end was not reached for a while is left out, and what waits on it moves to the next.

A node without a line dials nobody: its mail waits for a pouch (`packing`).

A node that can only dial out fetches what is for it: from its relays, and from members with whom it shares
none and that can be dialled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

import structlog

from tracepost.node.config import RelaySettings
from tracepost.node.papers import EntryView, Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.custody import Places
from tracepost.node.post.leasing import Turn, always
from tracepost.node.post.line import ALWAYS, Line, log_problem
from tracepost.node.post.rerouting import Rerouting
from tracepost.node.records.mail import FreshMail, Queue
from tracepost.protocol.errors import InternalError, TracepostError, UnreachableError
from tracepost.protocol.ids import DIRECT, MemberId
from tracepost.serving.frames import FrameCall, FrameQueue, is_given_up

_log = structlog.get_logger()

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
FALLBACK_S = 900
_MOVED_AT_ONCE = 100
_MOVED_BYTES = 4 * 1024 * 1024

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
    failing_since: int | None = None

    @property
    def is_up(self) -> bool:
        """Whether the other side has said something on the stream that is open."""
        return self.line is not None and self.line.heard


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
        rerouting: Rerouting,
        admits: Callable[[MemberId], bool] = lambda _: True,
        clock: Callable[[], int],
        jitter: Callable[[], float],
        fallback_s: int = FALLBACK_S,
        only_dials: bool = False,
        has_line: bool = True,
        turn: Turn = always,
    ) -> None:
        self._rerouting = rerouting
        self._admits = admits
        self._fallback_s = fallback_s
        self._only_dials = only_dials
        self._has_line = has_line
        self._relays = relays
        self._papers = papers
        self._store = store
        self._dial = dial
        self._make_line = make_line
        self._clock = clock
        self._jitter = jitter
        self._turn = turn
        self._routes: dict[MemberId, _Route] = {}
        self._guests: set[tuple[MemberId, Line]] = set()
        self._started = False

    def choose_road(self, entry: EntryView) -> str:
        """Return the way for mail to a member now. Safe from any thread."""
        roads = entry.roads(r.member for r in self._relays)
        return next((road for road in roads if not self._fails(entry.member, road)), roads[0])

    def choose_another(self, queue: Queue, tried: Collection[str]) -> str | None:
        """Return a road for mail of `queue` that is none of `tried`, and whose other end is not known to be dead."""
        entry = self._papers.entry(queue.to_member)
        roads = entry.roads(r.member for r in self._relays) if entry else ()
        untried = (road for road in roads if road not in tried and not self._fails(queue.to_member, road))
        return next(untried, None)

    async def leave_dead_roads(self) -> None:
        """Move mail from roads whose other end was not reached for a while to others that are open."""
        depths = await self._store.read(lambda tx: tx.outbox.depths())
        for queue in [depth.queue for depth in depths if depth.queued]:
            if self._fails(queue.to_member, queue.via):
                road = self.choose_another(queue, {queue.via})
                while road and await self._move(queue, road):
                    self.wake([replace(queue, via=road)])

    async def _move(self, queue: Queue, road: str) -> bool:
        """Move some of the mail of a queue; return whether there was any."""

        def move(tx: Tx) -> bool:
            waiting = tx.outbox.waiting(queue, (0, 0), ALWAYS, _MOVED_AT_ONCE, _MOVED_BYTES)
            mails = tx.dispatches.find([mail.id for mail in waiting])
            return bool(self._rerouting.move(tx, list(mails.values()), road, self._clock()))

        return await self._store.write(move, label="reroute")

    def _fails(self, to: MemberId, road: str) -> bool:
        route = self._routes.get(to if road == DIRECT else MemberId(road))
        if route is None or route.failing_since is None or route.is_up:
            return False
        return self._clock() - route.failing_since >= self._fallback_s

    def wake(self, queues: Iterable[Queue]) -> None:
        """New mail stands in these queues."""
        for queue in queues:
            for line in self._lines_of(queue):
                line.wake([queue.lane])

    def send(self, mails: Sequence[FreshMail]) -> None:
        """Let mail leave that was queued this moment."""
        by_queue: dict[Queue, list[FreshMail]] = {}
        for one in mails:
            by_queue.setdefault(one.mail.queue, []).append(one)
        for queue, fresh in by_queue.items():
            for line in self._lines_of(queue):
                line.send(fresh)

    def _lines_of(self, queue: Queue) -> list[Line]:
        """Return the streams that mail of a queue leaves on; one is begun if there is none."""
        peer = queue.to_member if queue.via == DIRECT else MemberId(queue.via)
        route = self._route(peer)
        if route is not None:
            route.due.set()
        return [line for one, line in self._lines() if one == peer]

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

    def here(self) -> frozenset[MemberId]:
        """Return who has said something on a stream that is open now."""
        return frozenset(peer for peer, line in self._lines() if line.heard)

    def outgoing(self, peer: MemberId) -> FrameQueue | None:
        """Return what leaves on a stream to `peer` on which it has said something; None, if there is none."""
        return next((line.stream.outgoing for one, line in self._lines() if one == peer and line.heard), None)

    def admittance_changed(self) -> None:
        """Others are admitted now: all streams end, and those that may be begin anew with all that waits."""
        for _, line in self._lines():
            line.stream.leave()
        for route in self._routes.values():
            route.contact.set()

    def papers_changed(self) -> None:
        """An address may be new: try everybody who has mail waiting."""
        for route in self._routes.values():
            route.contact.set()
        self._fetch_from_others()

    def trust_list_changed(self) -> None:
        """Mail that waited for a list that is in force leaves on the streams that are open."""
        for _, line in self._lines():
            line.wake()

    def welcome(self, peer: MemberId, line: Line) -> Callable[[], None]:
        """A peer has called, and may fetch its mail over `line`; return what says that the stream has ended."""
        self._guests.add((peer, line))
        return lambda: self._guests.discard((peer, line))

    async def look(self) -> None:
        """Wake for all mail that waits: another process may have queued it, or have sent it until now."""
        depths = await self._store.read(lambda tx: tx.outbox.depths())
        self.wake(depth.queue for depth in depths if depth.queued)

    async def run(self) -> None:
        """Dial relays, and peers with mail from before, until cancelled."""
        self._started = self._has_line
        for relay in self._relays if self._has_line else ():
            self._add(_Route(relay.member, relay.address, "Collect"))
        self._fetch_from_others()
        await self.look()
        try:
            await asyncio.Event().wait()
        finally:
            tasks = [route.task for route in self._routes.values() if route.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _fetch_from_others(self) -> None:
        """Keep a stream to each member that has no other way to us than what we fetch there."""
        relays = {relay.member for relay in self._relays}
        for entry in self._papers.entries() if self._only_dials else ():
            if entry.direct_address and not relays.intersection(entry.relays) and self._started:
                route = self._routes.get(entry.member)
                if route is None:
                    self._add(_Route(entry.member, "", "Collect"))

    def _route(self, peer: MemberId) -> _Route | None:
        if peer not in self._routes:
            entry = self._papers.entry(peer)
            if entry is None or not entry.direct_address or not self._has_line:
                return None
            self._add(_Route(peer, "", "Deliver"))
        return self._routes[peer]

    def _add(self, route: _Route) -> None:
        self._routes[route.peer] = route
        route.task = asyncio.create_task(self._serve(route), name=f"courier-{route.peer}")

    def _lines(self) -> list[tuple[MemberId, Line]]:
        dialled = [(route.peer, route.line) for route in self._routes.values() if route.line]
        return [*dialled, *self._guests]

    async def _serve(self, route: _Route) -> None:
        wait = FIRST_WAIT_S
        while True:
            if route.method == "Deliver" and route.failing_since is None:
                await route.due.wait()  # one that fails is tried on: mail goes by other roads meanwhile
            route.contact.clear()
            if not self._admits(route.peer):
                await route.contact.wait()
                continue
            began, started = self._clock(), asyncio.get_running_loop().time()
            problem = await self._attempt(route)
            if problem is None or asyncio.get_running_loop().time() - started > LONGEST_WAIT_S:
                wait = FIRST_WAIT_S
                route.failing_since = None
            if problem is not None and route.failing_since is None:
                route.failing_since = began
            if await self._pause(route, wait * (0.5 + self._jitter())):
                wait = FIRST_WAIT_S
            else:
                wait = min(wait * 2, LONGEST_WAIT_S)

    async def _attempt(self, route: _Route) -> TracepostError | None:
        """Run one stream and note how it ended; our own store may be what fails."""
        try:
            if route.method == "Deliver":
                return await self._stream(route)
            async with self._turn(f"relay/{route.peer}"):
                return await self._stream(route)
        except TracepostError as error:
            _log.warning("courier-store", member=route.peer, code=error.code, reason=error.reason)
            route.due.set()
            return error
        except Exception as error:  # noqa: BLE001 - a road that nobody tries any more keeps its mail for ever
            _log.error("courier-fault", member=route.peer, exc_info=error)
            route.due.set()
            return InternalError()
        except asyncio.CancelledError:
            if is_given_up():
                raise
            _log.error("courier-fault", member=route.peer, reason="cancelled")
            route.due.set()
            return InternalError()

    async def _stream(self, route: _Route) -> TracepostError | None:
        """Run one stream to its end; return why it ended, if not well."""
        route.due.clear()
        try:
            address = route.address or self._address(route.peer)
            route.line = self._make_line(route.peer, lambda tx: tx.outbox.queues_with(route.peer))
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
        if await self._store.read(lambda tx: tx.outbox.queues_with(route.peer)):
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
