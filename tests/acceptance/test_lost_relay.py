"""A relay that is put back empty, or forgets, loses nothing: what it said it keeps its sender keeps too."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from fakes.crooked_relay import CrookedRelay, all_at_once, crooked_relay, none_at_all
from fakes.messages import amendment, item, request
from fakes.town import POC, Town, found_town, until
from tracepost.protocol.envelope import parse_header
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import terms_pb2
from tracepost.wire.v1.post_pb2 import StreamStatus

SAID = 3


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states that have met through the relay, and then went home."""
    town = found_town(tmp_path_factory.mktemp("founded") / "town", {"xaa": (POC,), "xab": (POC,)}, "hub")
    asyncio.run(meet(town))
    return town


async def meet(town: Town) -> None:
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    return founded.copy(tmp_path / "town")


async def speak(town: Town) -> None:
    """Let xaa open a case with xab and say more in it."""
    await town.unlock("xaa")
    cover = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    async with town.client("xaa") as client:
        first = await client.submit(build_draft(request(), cover))
        for number in range(2, SAID + 1):
            more = amendment(first.statement, items=[item(str(number))])
            await client.amend(first.thread, more, Cover(to=("xab",)))


def sent(town: Town) -> Counter[str]:
    return Counter(str(state) for (state,) in town.ask("xaa", "SELECT state FROM sent_mail"))


def arrived(town: Town) -> int:
    return int(town.ask("xab", "SELECT count(*) FROM received_mail")[0][0])


def in_effect(town: Town) -> list[tuple[object, ...]]:
    return town.ask("xab", "SELECT digest FROM statement WHERE in_effect ORDER BY digest")


def told_again(town: Town) -> set[str]:
    return {
        str(s) for (s,) in town.ask("xaa", "SELECT outcome FROM audit_event WHERE action = 'offer-again'")
    }


async def all_with_relay(town: Town) -> None:
    await until(lambda: sent(town) == {"WITH_RELAY": SAID}, "the relay to keep all")


async def test_a_relay_that_loses_everything_but_its_log_loses_no_mail(town: Town) -> None:
    async with town.running("xaa"):
        async with town.running("hub"):
            await speak(town)
            await all_with_relay(town)
        with closing(sqlite3.connect(town.place("hub") / "store.sqlite")) as store:
            for table in ("mail", "mail_parts", "usage"):
                store.execute(f"DELETE FROM {table}")
            store.commit()
        async with town.running("hub"), town.running("xab"):
            await until(lambda: sent(town) == {"DELIVERED": SAID}, "all mail to be delivered")
    assert arrived(town) == SAID
    assert len(in_effect(town)) == SAID
    assert told_again(town) == {"lost-by-relay"}


async def test_mail_of_a_relay_that_is_put_back_empty_goes_by_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log begins anew under the same key: it is not talked with, and what it had is not lost."""
    monkeypatch.setattr("tracepost.node.bootstrap.rooms._HOUSEKEEPING_SECONDS", 0.2)
    monkeypatch.setattr("tracepost.node.config.PostSettings.fallback_s", 0)
    states = {"xaa": (POC,), "xab": (POC,)}
    town = found_town(tmp_path / "town", states, "hub", more_relays=("hub-two",))
    async with town.running("hub", "hub-two", "xaa", "xab"):
        await town.meet("xaa", "xab")
    async with town.running("xaa"):
        async with town.running("hub"):
            await speak(town)
            await all_with_relay(town)
        for file in town.place("hub").glob("store.sqlite*"):
            file.unlink()
        async with town.running("hub", "hub-two", "xab"):
            await until(lambda: sent(town)["DELIVERED"] >= SAID, "all mail to be delivered")
    assert len(in_effect(town)) == SAID
    assert told_again(town) == {"lost-by-relay"}


async def test_a_receipt_that_the_relay_lost_comes_again_for_the_same_mail(town: Town) -> None:
    """The addressee had it all, the relay lost receipts and mail: nothing happens twice."""
    async with town.running("xaa"), crooked_relay(town, "hub") as relay:
        relay.bring = lambda _: []
        await relay.meets("xaa")
        async with town.running("xab"):
            await relay.meets("xab")
            await speak(town)
            await until(lambda: arrived(town) == SAID, "all mail to arrive")
            await all_with_relay(town)
            relay.bring = list
            relay.hang_up("xaa")
            await answers_that_all_is_lost(relay)
            await until(lambda: sent(town) == {"DELIVERED": SAID}, "all mail to be delivered")
    assert arrived(town) == SAID
    logged = [str(line) for (line,) in town.ask("xab", "SELECT preimage FROM log_entry")]
    assert sum("received/1" in line for line in logged) == SAID


async def answers_that_all_is_lost(relay: CrookedRelay) -> None:
    """Wait for the question of the next stream and deny everything."""
    await until(lambda: len(relay.asked) >= SAID, "the question")
    relay.put("xaa", statuses=[StreamStatus(envelope_id=one, code="not-found") for one in relay.asked])


async def test_a_relay_cannot_let_mail_be_sent_to_it_without_end(town: Town) -> None:
    """That it lost what it took on this very stream is not heard."""
    async with town.running("xaa"), crooked_relay(town, "hub") as relay:
        relay.carry = none_at_all
        await relay.meets("xaa")
        await asyncio.sleep(1.1)  # what is of the stream's first second may be of the one before
        await speak(town)
        await all_with_relay(town)
        taken = len(relay.kept)
        ids = [id_ for (id_,) in town.ask("xaa", "SELECT id FROM sent_mail")]
        relay.put("xaa", statuses=[StreamStatus(envelope_id=one, code="not-found") for one in ids])
        heard = "SELECT last_problem FROM peer_contact WHERE member = 'hub'"
        await until(lambda: town.ask("xaa", heard) == [("not-found",)], "the status to be heard")
        assert sent(town) == {"WITH_RELAY": SAID}
        assert len(relay.kept) == taken


async def test_mail_that_a_relay_keeps_for_too_long_is_offered_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay drops it and says that it has it: the second offer is carried."""
    monkeypatch.setattr("tracepost.node.post.custody.PATIENCE_S", 0)
    monkeypatch.setattr("tracepost.node.bootstrap.rooms._HOUSEKEEPING_SECONDS", 0.5)
    async with town.running("xab", "xaa"), crooked_relay(town, "hub") as relay:
        relay.carry = none_at_all
        await relay.meets("xaa", "xab")
        await speak(town)
        await until(lambda: len(relay.kept) >= SAID, "the relay to have all mail")
        relay.carry = all_at_once
        await until(lambda: sent(town) == {"DELIVERED": SAID}, "all mail to be delivered")
        numbers = [parse_header(one.header).address.road.seq for one in relay.kept]
    assert arrived(town) == SAID
    assert numbers[:SAID] == [1, 2, 3]
    assert set(numbers) == {1, 2, 3}
    assert told_again(town) == {"custody-overdue"}
