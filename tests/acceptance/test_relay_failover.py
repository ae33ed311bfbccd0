"""Two processes of a relay on one PostgreSQL: the second stands by, and goes on where the first was killed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.postgres import Databases
from fakes.relayed import SAID, all_with_relay, arrived, sent, speak
from fakes.town import POC, TWIN, Town, found_town, until
from fakes.witness import read_heads
from tracepost.protocol.evidence import LogVerifier

SECOND = f"hub{TWIN}"


@pytest.fixture
def town(tmp_path: Path, databases: Databases) -> Iterator[Town]:
    url = databases.create()
    town = found_town(tmp_path / "town", {"xaa": (POC,), "xab": (POC,)}, "hub").on({"hub": url})
    asyncio.run(town.introduce("xaa", "xab"))
    yield town.standing_by("hub")
    databases.drop(url)


def waits(town: Town) -> bool:
    path = town.log_path(SECOND)
    return path.exists() and "relay-waits" in path.read_text()


async def test_nothing_is_lost_when_the_process_that_works_is_killed(town: Town) -> None:
    first, second = town.process("hub"), town.process(SECOND)
    async with town.running("xaa"):
        await first.start()
        serving = asyncio.create_task(second.start())
        await speak(town)
        await all_with_relay(town)
        await until(lambda: waits(town), "the second process to stand by")
        await first.stop(signal.SIGKILL)
        await serving
        await speak(town)
        async with town.running("xab"):
            await until(lambda: sent(town) == {"DELIVERED": 2 * SAID}, "all mail to be delivered")
        assert await second.stop() == 0
    assert arrived(town) == 2 * SAID
    own = LogVerifier([town.residents["hub"].log_key])
    shown = [own.open(note) for note in read_heads(town.heads_path) if note.startswith("hub.")]
    roots = {head.size: head.root for head in shown}
    assert all(roots[head.size] == head.root for head in shown), "one size, one root, whoever signed it"
    assert max(roots) == 2 * SAID
