"""The courier: nobody waits for who is slow or dead; back-off, contact, roads, members that are not admitted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from contracts.records import QUEUE, dispatch
from fakes.town import until
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.node.config import RelaySettings
from tracepost.node.papers import EntryView
from tracepost.node.post import courier as courier_module
from tracepost.node.post.courier import Courier
from tracepost.node.post.rerouting import Rerouting
from tracepost.node.records.mail import Queue
from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import BusyError, UnreachableError
from tracepost.protocol.evidence import Origin, generate_log_key
from tracepost.protocol.ids import DIRECT, MemberId
from tracepost.wire.v1.directory_pb2 import DirectoryEntry

US, HUB = MemberId("xaa"), MemberId("hub")
Behave = Callable[[], Awaitable[None]]


def entry(member: str, *, direct: bool = True, relays: Sequence[str] = ()) -> EntryView:
    message = DirectoryEntry(direct_addresses=["there:1"] if direct else [], relays=relays)
    return EntryView(MemberId(member), 1, 1 << 40, (), message, "")


class FakePapers:
    """The directory entries of some members."""

    def __init__(self, *entries: EntryView) -> None:
        self._entries = {one.member: one for one in entries}

    def entry(self, member: MemberId) -> EntryView | None:
        return self._entries.get(member)

    def entries(self) -> tuple[EntryView, ...]:
        return tuple(self._entries.values())


@dataclass
class FakeLine:
    """A line whose stream does what the test says of its peer."""

    behave: Behave
    heard: bool = False
    woken: int = 0
    left: bool = False
    stream: Any = field(init=False)

    def __post_init__(self) -> None:
        self.stream = self

    async def dial(self, _call: Any) -> None:
        await self.behave()

    def wake(self, _lanes: Iterable[Lane] = Lane) -> None:
        self.woken += 1

    def leave(self) -> None:
        self.left = True


@dataclass
class Stage:
    """A courier on a real store, and what it dialled; what peers do is in `peers`."""

    store: SqlStore
    papers: FakePapers
    relays: tuple[str, ...] = ()
    only_dials: bool = False
    now: int = 1000
    dialled: Counter[str] = field(default_factory=Counter)
    peers: dict[str, Behave] = field(default_factory=dict)
    lines: dict[str, FakeLine] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    times: list[float] = field(default_factory=list)
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        papers: Any = self.papers
        make_line: Any = self._make_line
        self.courier = Courier(
            relays=[RelaySettings(MemberId(one), f"{one}:1") for one in self.relays],
            papers=papers,
            store=self.store,
            dial=self._dial,
            make_line=make_line,
            rerouting=Rerouting(bytes),
            admits=lambda member: member not in self.closed,
            clock=lambda: self.now,
            jitter=lambda: 0.5,
            only_dials=self.only_dials,
        )

    def _make_line(self, peer: MemberId, _queues: Any) -> FakeLine:
        self.lines[peer] = FakeLine(self.peers.get(peer, asyncio.Event().wait))  # type: ignore[arg-type]
        return self.lines[peer]

    def _dial(self, peer: MemberId, _address: str, method: str) -> Any:
        self.dialled[f"{peer} {method}"] += 1
        self.times.append(asyncio.get_running_loop().time())

    async def until(self, holds: Callable[[], object]) -> None:
        await until(holds, "the courier")


async def dead() -> None:
    raise UnreachableError


async def busy() -> None:
    raise BusyError


@asynccontextmanager
async def staged(tmp_path: Path, *entries: EntryView, **more: Any) -> AsyncIterator[Stage]:
    key = generate_log_key(Origin(US, "tracepost.example", 1))
    store = await open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", key)
    stage = Stage(store, FakePapers(*entries), **more)
    running = asyncio.create_task(stage.courier.run())
    try:
        await asyncio.sleep(0.01)
        yield stage
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await store.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "FIRST_WAIT_S", 0.02)


def to(member: str, via: str = DIRECT) -> Queue:
    return Queue(MemberId(member), via, Lane.ROUTINE)


async def test_dead_busy_and_silent_peers_delay_nobody(tmp_path: Path) -> None:
    names = [f"x{a}{b}" for a in "abcdef" for b in "abcdefgh"]
    async with staged(tmp_path, *map(entry, names)) as stage:
        stage.peers = {"xaa": dead, "xab": busy}  # the others take a stream and say nothing
        stage.courier.wake(map(to, names))
        await stage.until(lambda: len(stage.dialled) == len(names))
        assert all(stage.dialled[f"{name} Deliver"] == 1 for name in names[2:])


async def test_a_peer_that_answers_late_delays_its_own_mail_alone(tmp_path: Path) -> None:
    slow, others = "xaa", [f"xb{a}" for a in "abcdefgh"]
    answers, served = asyncio.Event(), Counter[str]()

    async def answer_late() -> None:
        await answers.wait()
        served[slow] += 1

    async def answer(name: str) -> None:
        served[name] += 1

    def others_served(times: int) -> bool:
        return all(served[name] >= times for name in others)

    async with staged(tmp_path, *map(entry, (slow, *others))) as stage:
        stage.peers = {slow: answer_late, **{name: partial(answer, name) for name in others}}
        stage.courier.wake([to(slow)])
        await stage.until(lambda: stage.dialled[f"{slow} Deliver"] == 1)
        for times in (1, 2, 3):
            stage.courier.wake(map(to, (slow, *others)))
            await stage.until(partial(others_served, times))
        assert (served[slow], stage.dialled[f"{slow} Deliver"]) == (0, 1)
        answers.set()
        await stage.until(lambda: served[slow] >= 1)


async def test_the_wait_grows_while_a_peer_is_dead_and_contact_cuts_it_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    pause = Courier._pause

    async def pause_and_note(self: Courier, route: Any, seconds: float) -> bool:
        waits.append(seconds)
        # The fourth is so long that nothing but contact ends it, and the fifth that the test looks at it.
        return await pause(self, route, seconds if len(waits) < 4 else 3600.0)

    monkeypatch.setattr(Courier, "_pause", pause_and_note)
    async with staged(tmp_path, entry("xab")) as stage:
        stage.peers["xab"] = dead
        stage.courier.wake([to("xab")])
        await stage.until(lambda: len(waits) == 4)
        assert waits == [0.02, 0.04, 0.08, 0.16]
        gaps = [after - before for before, after in pairwise(stage.times)]
        assert all(gap >= wait for gap, wait in zip(gaps, waits, strict=False))
        assert stage.dialled["xab Deliver"] == 4
        stage.courier.met(MemberId("xab"))
        await stage.until(lambda: len(waits) == 5)
        assert stage.dialled["xab Deliver"] == 5
        assert waits[4] == 0.02, "the next wait is the shortest again"


async def test_a_road_that_fails_for_long_is_left_and_taken_again_when_its_end_is_back(
    tmp_path: Path,
) -> None:
    there = entry("xab", relays=["hub"])
    async with staged(tmp_path, there, relays=("hub",)) as stage:
        assert stage.courier.choose_road(there) == DIRECT
        stage.peers["xab"] = dead
        stage.courier.wake([to("xab")])
        await stage.until(lambda: stage.dialled["xab Deliver"] >= 2)
        assert stage.courier.choose_road(there) == DIRECT
        stage.now += courier_module.FALLBACK_S
        assert stage.courier.choose_road(there) == "hub"
        assert stage.courier.choose_another(to("xab"), {DIRECT}) == "hub"
        assert stage.courier.choose_another(to("xab", "hub"), {"hub"}) is None  # direct is dead
        del stage.peers["xab"]  # it is back: found without mail for it
        stage.courier.met(MemberId("xab"))
        await stage.until(lambda: stage.lines["xab"].behave is not dead)
        stage.lines["xab"].heard = True
        assert stage.courier.choose_road(there) == DIRECT


async def test_where_all_roads_fail_the_best_is_taken(tmp_path: Path) -> None:
    there = entry("xab", relays=["hub"])
    async with staged(tmp_path, there, relays=("hub",), peers={"hub": dead, "xab": dead}) as stage:
        stage.courier.wake([to("xab")])
        await stage.until(lambda: min(stage.dialled["xab Deliver"], stage.dialled["hub Collect"]) > 1)
        stage.now += courier_module.FALLBACK_S
        assert stage.courier.choose_road(there) == DIRECT
        assert stage.courier.choose_another(to("xab"), {DIRECT}) is None


async def test_who_is_not_admitted_is_not_dialled_until_he_is(tmp_path: Path) -> None:
    async with staged(tmp_path, entry("xab"), closed={"xab"}) as stage:
        stage.courier.wake([to("xab")])
        await asyncio.sleep(0.1)
        assert stage.dialled == {}
        stage.closed.clear()
        stage.courier.admittance_changed()
        await stage.until(lambda: stage.dialled["xab Deliver"] == 1)
        stage.courier.admittance_changed()
        assert stage.lines["xab"].left


async def test_a_node_that_only_dials_fetches_from_members_without_a_common_relay(tmp_path: Path) -> None:
    entries = (entry("xab"), entry("xac", relays=["hub"]), entry("xad", direct=False))
    async with staged(tmp_path, *entries, relays=("hub",), only_dials=True) as stage:
        await stage.until(lambda: len(stage.dialled) == 2)
        assert set(stage.dialled) == {"hub Collect", "xab Collect"}


async def test_mail_from_before_is_taken_up_at_the_start(tmp_path: Path) -> None:
    async with staged(tmp_path, entry(QUEUE.to_member), relays=()) as stage:
        direct = Queue(QUEUE.to_member, DIRECT, Lane.ROUTINE)
        await stage.store.write(partial(dispatch, numbers=[1], queue=direct))
        again = Stage(stage.store, stage.papers)
        running = asyncio.create_task(again.courier.run())
        await again.until(lambda: again.dialled[f"{QUEUE.to_member} Deliver"] == 1)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
