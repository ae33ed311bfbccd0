"""A relay that is put back empty, or forgets, loses nothing: what it said it keeps its sender keeps too."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakes.command_line import VERBS
from fakes.crooked_relay import CrookedRelay, all_at_once, crooked_relay, none_at_all
from fakes.relayed import SAID, all_with_relay, arrived, sent, speak
from fakes.town import POC, Town, found_town, list_again, until
from tracepost.protocol.envelope import parse_header
from tracepost.protocol.errors import LogBehindError
from tracepost.protocol.evidence import ListedKey, LogVerifier
from tracepost.protocol.ids import MemberId
from tracepost.relay.bootstrap import open_relay
from tracepost.relay.settings import load_settings
from tracepost.serving.own_head import AHEAD_NAME, KEPT_NAME
from tracepost.wire.v1.post_pb2 import Announcement, StreamStatus


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states that have met through the relay, and then went home."""
    town = found_town(tmp_path_factory.mktemp("founded") / "town", {"xaa": (POC,), "xab": (POC,)}, "hub")
    asyncio.run(town.introduce("xaa", "xab"))
    return town


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    return founded.copy(tmp_path / "town")


def in_effect(town: Town) -> list[tuple[object, ...]]:
    return town.ask("xab", "SELECT digest FROM statement WHERE in_effect ORDER BY digest")


def told_again(town: Town) -> set[str]:
    return {
        str(s) for (s,) in town.ask("xaa", "SELECT outcome FROM audit_event WHERE action = 'offer-again'")
    }


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


async def test_a_relay_that_is_put_back_empty_serves_under_a_new_log_key_only(town: Town) -> None:
    """Its own file, a neighbour, a member that dials it: each says what its log was; then all mail comes again."""
    place = town.place("hub")
    async with town.running("xaa"):
        async with town.running("hub"):
            await speak(town)
            await all_with_relay(town)
        for file in place.glob("store.sqlite*"):
            file.unlink()
        with pytest.raises(LogBehindError):
            await open_relay(load_settings(place / "relay.toml"))
        forget(place)
        settings = load_settings(place / "relay.toml")
        xaa = (MemberId("xaa"), f"127.0.0.1:{town.residents['xaa'].ports.post}")
        with pytest.raises(LogBehindError):
            await open_relay(replace(settings, neighbours=(xaa,)))
        forget(place)
        hub = town.process("hub")
        await hub.start()
        assert await hub.ended() == LogBehindError.exit_code
        path, authority = place / "relay.toml", town.residents["xaa"].authority
        path.write_text(f'{path.read_text()}\n[[neighbour]]\nid = "xaa"\naddress = "{xaa[1]}"\n')
        revoked = authority.crl([town.residents["xaa"].officers["8"].certificate], number=9)
        async with town.client("xaa") as officer:
            await officer.import_papers(Announcement(member="xaa", crl=revoked))
            listed = await asyncio.to_thread(recovered, town)
            assert town.ask("hub", "SELECT member, number FROM revocation_list") == [("xaa", 9)]
            await officer.import_papers(Announcement(member="xaa", trust_list=listed))
        async with town.running("hub", "xab"):
            await until(lambda: sent(town) == {"DELIVERED": SAID}, "all mail to be delivered")
    assert arrived(town) == SAID
    assert len(in_effect(town)) == SAID
    assert told_again(town) == {"lost-by-relay"}
    origins = town.ask(
        "xaa", "SELECT DISTINCT origin FROM peer_head WHERE origin LIKE 'hub.%' ORDER BY origin"
    )
    assert [str(origin).rpartition("/")[2] for (origin,) in origins] == ["1", "2"]


def forget(place: Path) -> None:
    """Take away what tells a relay alone that it is behind."""
    for name in (AHEAD_NAME, KEPT_NAME):
        (place / name).unlink(missing_ok=True)


def recovered(town: Town) -> bytes:
    """Begin a new log for the relay; return the trust list that names its key and ends the old one."""
    result = CliRunner().invoke(VERBS["log recover"], [str(town.place("hub")), "--json"])
    assert result.exit_code == 0, result.output
    # The node that runs in this process may say something meanwhile, and says it there too.
    done, _ = json.JSONDecoder().raw_decode(result.stdout, result.stdout.index("{"))
    old = town.residents["hub"].log_key
    head = LogVerifier([old]).open(Path(done["old_head"]).read_text())
    assert (done["old_size"], done["entries_lost"]) == (head.size, head.size)
    ended = ListedKey(old, until_size=head.size, final_root=head.root)
    return list_again(town, {"hub": (ended, ListedKey(done["log_key"]))}, sequence=2)


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


def numbers_kept(relay: CrookedRelay) -> list[int]:
    return [parse_header(one.header).address.road.seq for one in relay.kept]


async def test_mail_that_a_relay_keeps_for_too_long_is_offered_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay drops it and says that it has it: the second offer is carried."""
    monkeypatch.setattr("tracepost.node.post.custody.PATIENCE_S", 0)
    monkeypatch.setattr("tracepost.node.bootstrap.housekeeping._EVERY_S", 0.5)
    async with town.running("xab", "xaa"), crooked_relay(town, "hub") as relay:
        relay.carry = none_at_all
        await relay.meets("xaa", "xab")
        await speak(town)
        await until(lambda: len(set(numbers_kept(relay))) == SAID, "the relay to have all mail")
        relay.carry = all_at_once
        await until(lambda: sent(town) == {"DELIVERED": SAID}, "all mail to be delivered")
        numbers = numbers_kept(relay)
    assert arrived(town) == SAID
    assert list(dict.fromkeys(numbers)) == [1, 2, 3]  # some came again before the last was said
    assert told_again(town) == {"custody-overdue"}
