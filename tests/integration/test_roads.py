"""Direct road first, then relays, in their order; nodes that only dial; a proxy on the way. Real nodes and relays."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest

from fakes.messages import acknowledgement, request
from fakes.town import POC, Town, found_town, until
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import delivery_pb2, desk_pb2, envelope_pb2, terms_pb2

SECOND = "hub-two"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states and two relays; xab can be dialled. They have met, and went home."""
    folder = tmp_path_factory.mktemp("founded") / "town"
    states = {"xaa": (POC,), "xab": (POC,)}
    town = found_town(folder, states, "hub", more_relays=(SECOND,), reachable=("xab",))
    for member in states:
        change(town, member, "[release]", "[post]\nfallback_minutes = 1\n[release]")
    asyncio.run(town.introduce("xaa", "xab", relays=("hub", SECOND)))
    return town


@pytest.fixture
def town(founded: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The town, in which nobody is patient."""
    monkeypatch.setattr("tracepost.node.bootstrap.housekeeping._EVERY_S", 0.2)
    monkeypatch.setattr("tracepost.node.config.PostSettings.fallback_s", 0)
    return founded.copy(tmp_path / "town")


def change(town: Town, member: str, old: str, new: str) -> None:
    path = town.place(member) / "node.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


async def ask(town: Town, number: str) -> None:
    cover = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    message = request()
    message.file_number = number
    async with town.client("xaa") as client:
        await client.submit(build_draft(message, cover))


def sent(town: Town) -> Counter[tuple[str, str]]:
    return Counter(town.ask("xaa", "SELECT via, state FROM sent_mail"))


def came_by(town: Town) -> list[str]:
    return [str(via) for (via,) in town.ask("xab", "SELECT via FROM received_mail ORDER BY number")]


async def test_mail_goes_direct_where_the_addressee_can_be_dialled(town: Town) -> None:
    async with town.running("hub", SECOND, "xaa", "xab"):
        await town.unlock("xaa")
        await ask(town, "T-1")
        await until(lambda: sent(town) == {("direct", "DELIVERED"): 1}, "the receipt")
    assert came_by(town) == ["direct"]


async def test_mail_for_who_is_not_reached_moves_to_a_relay_and_later_mail_goes_there_at_once(
    town: Town,
) -> None:
    async with town.running("hub", SECOND, "xaa"):
        await town.unlock("xaa")
        await ask(town, "T-1")
        moved = {("direct", "REPLACED"): 1, ("hub", "WITH_RELAY"): 1}
        await until(lambda: sent(town) == moved, "the mail to move")
        await ask(town, "T-2")
        await until(lambda: sent(town)["hub", "WITH_RELAY"] == 2, "the next mail to be with the relay")
        async with town.running("xab"):
            await until(lambda: sent(town)["hub", "DELIVERED"] == 2, "both to be delivered")
    assert came_by(town) == ["hub", "hub"]
    assert town.ask("xab", "SELECT count(*) FROM statement WHERE in_effect") == [(2,)]


async def test_a_relay_that_is_not_reached_is_left_for_the_other(town: Town) -> None:
    async with town.running(SECOND, "xaa"):
        await town.unlock("xaa")
        await ask(town, "T-1")
        await until(lambda: sent(town)[SECOND, "WITH_RELAY"] == 1, "the mail to be with the other relay")
        async with town.running("xab"):
            await until(lambda: sent(town)[SECOND, "DELIVERED"] == 1, "it to be delivered")
    assert came_by(town) == [SECOND]


async def test_direct_road_is_taken_again_when_its_other_end_is_back(town: Town) -> None:
    async with town.running("hub", SECOND, "xaa"):
        await town.unlock("xaa")
        await ask(town, "T-1")
        await until(lambda: sent(town)["hub", "WITH_RELAY"] == 1, "the mail to move")
        async with town.running("xab"):
            await until(lambda: sent(town)["hub", "DELIVERED"] == 1, "it to be delivered")

            async def goes_direct() -> None:
                for number in range(2, 200):
                    await ask(town, f"T-{number}")
                    if sent(town)["direct", "DELIVERED"]:
                        return
                    await asyncio.sleep(1)  # an officer may not ask without end

            await asyncio.wait_for(goes_direct(), 180)
    assert "direct" in came_by(town)


async def test_a_relay_that_keeps_mail_for_too_long_is_not_the_last_road(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail is with one relay, which delivers nothing: it goes by the other too, and takes effect once."""
    monkeypatch.setattr("tracepost.node.post.custody.PATIENCE_S", 1)
    async with town.running("xaa"):
        await town.unlock("xaa")
        async with town.running("hub"):
            await ask(town, "T-1")
            await until(lambda: sent(town)["hub", "WITH_RELAY"] == 1, "the relay to keep it")
        async with town.running(SECOND, "xab"):
            await until(
                lambda: sent(town)[SECOND, "DELIVERED"] or sent(town)["direct", "DELIVERED"], "delivery"
            )
            async with town.running("hub"):
                await until(lambda: sent(town)["hub", "DELIVERED"] == 1, "the first to come too")
    assert town.ask("xab", "SELECT count(*) FROM statement WHERE in_effect") == [(1,)]


async def test_who_only_dials_and_shares_no_relay_fetches_what_is_for_it(town: Town) -> None:
    path = town.place("xaa") / "node.toml"
    path.write_text(re.sub(r"\[\[relay\]\]\nid = .*\naddress = .*\n", "", path.read_text()))
    known = "SELECT sequence FROM directory_entry WHERE member = 'xaa'"
    before = town.ask("xab", known)
    async with town.running("xab", "xaa"):
        await town.unlock("xaa")
        await town.unlock("xab")
        await until(lambda: town.ask("xab", known) > before, "the new entry at xab")
        await ask(town, "T-1")
        await until(lambda: sent(town) == {("direct", "DELIVERED"): 1}, "the request to be delivered")
        async with town.client("xab") as client:
            [case] = [one async for one in client.list_cases()]
            await client.acknowledge(case.thread, acknowledgement(), Cover(to=("xaa",)))
        back = "SELECT via, state FROM sent_mail"
        await until(lambda: town.ask("xab", back) == [("direct", "DELIVERED")], "the answer to be fetched")


class ConnectProxy:
    """A proxy by HTTP CONNECT, of a few lines: remembers where it was asked to connect to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self._connect(reader, writer)))

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._pass_on(reader, writer)
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _version = head.splitlines()[0].split()
        assert method == "CONNECT"
        self.asked.append(target)
        host, port = target.rsplit(":", 1)
        there = await asyncio.open_connection(host, int(port))
        ways = [asyncio.ensure_future(way) for way in (_pump(reader, there[1]), _pump(there[0], writer))]
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            there[1].close()
            await asyncio.gather(*ways, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


async def test_all_that_a_node_dials_goes_by_its_proxy(town: Town) -> None:
    proxy = ConnectProxy()
    async with proxy.listening() as port, town.running("hub", SECOND, "xab"):
        change(town, "xaa", "[post]", f'[post]\nproxy = "http://127.0.0.1:{port}"')
        async with town.running("xaa"):
            await town.unlock("xaa")
            await ask(town, "T-1")
            await until(lambda: sent(town) == {("direct", "DELIVERED"): 1}, "the receipt")
            wanted = {f"127.0.0.1:{town.residents[member].ports.post}" for member in ("hub", SECOND, "xab")}
            await until(lambda: wanted <= set(proxy.asked), "all to be dialled")
    assert set(proxy.asked) == wanted


async def test_a_queue_of_a_long_outage_drains_with_the_urgent_mail_first(town: Town) -> None:
    """Everything comes once, each lane in order; what is urgent overtakes what waited longer."""
    count, step = 120, 8
    async with town.running("hub", "xaa"):
        await town.unlock("xaa")
        async with town.client("xaa") as client:
            drafts = [draft_of(f"T-{number}", urgent=number % step == 0) for number in range(count)]
            answers = [one async for one in client.submit_many(drafts)]
        assert all(not one.HasField("problem") for one in answers)
        await until(lambda: sent(town)["hub", "WITH_RELAY"] == count, "the relay to have all")
        async with town.running("xab"):
            await until(lambda: sent(town)["hub", "DELIVERED"] == count, "all to be delivered")
    arrivals = town.ask("xab", "SELECT lane, seq FROM received_mail ORDER BY number")
    urgent = [place for place, (lane, _) in enumerate(arrivals) if lane == 2]
    assert len(arrivals) == count
    assert max(urgent) < count // 2
    for lane in (1, 2):
        numbers = [seq for one, seq in arrivals if one == lane]
        assert numbers == sorted(numbers)


def draft_of(number: str, *, urgent: bool) -> desk_pb2.Draft:
    cover = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        lane=envelope_pb2.LANE_URGENT if urgent else envelope_pb2.LANE_ROUTINE,
        idempotency_key=f"draft-{number}",
    )
    return build_draft(request(number), cover)


async def test_who_gets_nothing_learns_from_marks_what_was_given_and_what_was_not(town: Town) -> None:
    """The mail is lost at the relay and its sender is away: the mark tells the addressee of it."""
    async with town.running("hub"):
        async with town.running("xaa"):
            await town.unlock("xaa")
            await ask(town, "T-1")
            await until(lambda: sent(town)["hub", "WITH_RELAY"] == 1, "the relay to have it")
            mine = "SELECT seq FROM watermark WHERE from_member = 'xaa' AND via = 'hub'"
            await until(lambda: town.ask("xaa", mine) == [(1,)], "the hourly mark")
            await until(
                lambda: town.ask("hub", "SELECT to_member FROM road_mark") == [("xab",)], "its arrival"
            )
        with closing(sqlite3.connect(town.place("hub") / "store.sqlite", timeout=60)) as store:
            store.execute("DELETE FROM mail_parts")
            store.execute("DELETE FROM mail")
            store.commit()
        async with town.running("xab"):
            known = "SELECT seq FROM watermark WHERE from_member = 'xaa' AND via = 'hub'"
            await until(lambda: town.ask("xab", known) == [(1,)], "the mark")
            async with town.client("xab") as client:
                found = await client.post.list_gaps("xaa")
            [road] = [one for one in found.roads if (one.from_member, one.via) == ("xaa", "hub")]
            told = [(run.first, run.standing) for run in road.runs]
            assert told == [
                (1, delivery_pb2.NUMBER_STANDING_NOT_ARRIVED),
                (2, delivery_pb2.NUMBER_STANDING_NEVER_ASSIGNED),
            ]
    assert arrived_at_xab(town) == 0


def arrived_at_xab(town: Town) -> int:
    return len(came_by(town))
