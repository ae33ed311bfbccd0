"""A member without a line gets what waits for it at a relay as files, and gives its mail and receipts back in them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.command_line import CommandLine, Said, write_profile
from fakes.couriers import Lonely, found_lonely
from fakes.postgres import Databases
from fakes.town import TWIN, Town, list_again, until
from tracepost.protocol.certificate import load_chain
from tracepost.protocol.errors import BusyError, EvidenceError, TracepostError, TrustError, VerificationError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.pouch import OPENING_BYTES, beginning_length
from tracepost.protocol.trustlist import TrustContent
from tracepost.relay.bootstrap import open_relay
from tracepost.relay.settings import load_settings
from tracepost.sdk.attachments import hand_in, prepare_file
from tracepost.wire.v1 import pouch_pb2
from tracepost.wire.v1.post_pb2 import Announcement

WAITING, DELIVERED, EXPIRED = 0, 1, 2
LOST = (
    "mail",
    "mail_parts",
    "usage",
    "receipt_due",
    "expiry_due",
    "pouch",
    "pouch_part",
    "pouched",
    "pouched_word",
)
NOT_COMPARED = frozenset({"audit"})
"""What every call leaves behind."""


def mail(lonely: Lonely) -> list[tuple[object, ...]]:
    """Return from whom, for whom and in what state the relay has mail."""
    return lonely.town.ask("hub", "SELECT from_member, to_member, state FROM mail ORDER BY arrival")


def content_of(lonely: Lonely) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of the relay's store but those that every call leaves."""
    tables = lonely.town.ask("hub", "SELECT name FROM sqlite_master WHERE type = 'table'")
    kept = [
        str(name) for (name,) in tables if name not in NOT_COMPARED and not str(name).startswith("sqlite")
    ]
    return {name: lonely.town.ask("hub", f"SELECT * FROM {name}") for name in kept}


def change(town: Town, *statements: str) -> None:
    """Change the store of the relay, which does not run."""
    with closing(sqlite3.connect(town.place("hub") / "store.sqlite")) as store:
        for statement in statements:
            store.execute(statement)
        store.commit()


def knows(lonely: Lonely, member: str, other: str) -> bool:
    return (other,) in lonely.town.ask(member, "SELECT member FROM directory_entry")


def announced(lonely: Lonely, member: str) -> bool:
    """Say whether the relay has the directory entry of a member."""
    rows = lonely.town.ask("hub", f"SELECT data FROM announcement WHERE member = '{member}'")
    return any(Announcement.FromString(bytes(papers)).directory_entry for (papers,) in rows)


async def introduce(lonely: Lonely) -> None:
    """Let XAA, on its line, and XAB, by pouches, know each other by way of the relay, which runs."""
    await lonely.to_relay("xab")
    await until(lambda: knows(lonely, "xaa", "xab"), "the papers to be with the one that has a line")
    await until(lambda: announced(lonely, "xaa"), "the papers of that one to be with the relay")
    await lonely.from_relay("xab")
    assert knows(lonely, "xab", "xaa"), "the papers came with the pouch"


async def meet_at_the_relay(lonely: Lonely) -> None:
    async with lonely.town.running("hub"), lonely.at_work():
        await introduce(lonely)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Lonely:
    """Two states that have met by way of a relay: XAA has a line to it, XAB dials nobody."""
    folder = tmp_path_factory.mktemp("relayed")
    lonely = found_lonely(folder, relay_for=("xaa", "xab"), without_line=("xab",))
    asyncio.run(meet_at_the_relay(lonely))
    return lonely


@pytest.fixture
def lonely(founded: Lonely, tmp_path: Path) -> Lonely:
    """The same, to be used up by one test."""
    return Lonely(founded.town.copy(tmp_path / "town"), tmp_path / "sticks")


async def ask_by_relay(lonely: Lonely, number: str = "T-1") -> str:
    """Let XAA, on its line, ask XAB something; return the case when the relay has the mail."""
    waiting = len(mail(lonely)) + 1
    asked = await lonely.say("xaa", m.request(number), "xab")
    await until(lambda: len(mail(lonely)) == waiting, "the mail to be with the relay")
    return asked.thread


async def delivered(lonely: Lonely, count: int) -> None:
    """Wait until the sender has the receipts for all of its mail."""
    wanted = [("hub", "DELIVERED")] * count
    await until(lambda: lonely.states("xaa") == wanted, "the receipts to be with the sender")


def received(lonely: Lonely) -> int:
    return int(str(lonely.town.ask("xab", "SELECT count(*) FROM received_mail")[0][0]))


# ── the way of the mail ──────────────────────────────────────────────────────────────


async def test_mail_goes_to_a_member_without_a_line_and_its_answer_comes_back(lonely: Lonely) -> None:
    async with lonely.town.running("hub"), lonely.at_work():
        case = await ask_by_relay(lonely)
        came = await lonely.from_relay("xab")
        assert (came.fresh, came.duplicates, len(came.put_off)) == (1, 0, 0)
        assert mail(lonely) == [("xaa", "xab", WAITING)], "nothing is gone by a pouch"

        await lonely.say("xab", m.acknowledgement(), "xaa", case)
        back = await lonely.to_relay("xab")
        assert (back.fresh, back.answered, back.refused, len(back.put_off)) == (1, 1, 0, 0)
        await delivered(lonely, 1)
        both = [("xaa", "xab", DELIVERED), ("xab", "xaa", DELIVERED)]
        await until(lambda: mail(lonely) == both, "the acknowledgement to be delivered by a line")

        last = await lonely.from_relay("xab")
        assert (last.fresh, last.answered) == (0, 1)
        assert lonely.states("xab") == [("hub", "DELIVERED")]
        assert lonely.town.ask("xab", "SELECT count(*) FROM pouched_word WHERE kind = 'receipts'") == [(0,)]
        for member in ("xaa", "xab"):
            assert lonely.town.ask(member, "SELECT count(*) FROM log_contradiction") == [(0,)]


async def test_what_was_taken_into_custody_is_said_in_the_next_pouch(lonely: Lonely) -> None:
    async with lonely.town.running("hub"), lonely.at_work("xab"):
        await lonely.say("xab", m.request(), "xaa")
        assert (await lonely.to_relay("xab")).fresh == 1
        await lonely.from_relay("xab")
        assert lonely.states("xab") == [("hub", "WITH_RELAY")]


async def test_attachments_go_along_both_ways(lonely: Lonely, tmp_path: Path) -> None:
    path = tmp_path / "register.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(50_000))
    file = prepare_file(path)
    request = m.request()
    request.items[0].attachments.append(file.as_attachment())
    ended = "SELECT to_member, ended FROM attachment ORDER BY to_member"
    async with lonely.town.running("hub"), lonely.at_work():
        for member, to in (("xaa", "xab"), ("xab", "xaa")):
            async with lonely.town.client(member) as client:
                await hand_in(client, file)
            await lonely.say(member, request, to)
        came = await lonely.to_relay("xab")
        assert (came.fresh, came.attachments, came.attachments_left) == (1, 1, 0)
        here = lonely.town.place("hub") / "attachments" / "xaa"
        await until(lambda: [len(one.name) for one in here.glob("*")] == [64], "the attachment of the other")
        came = await lonely.from_relay("xab")
        assert (came.fresh, came.attachments) == (1, 1)
        await lonely.to_relay("xab")
        done = [("xaa", 2), ("xab", 2)]
        await until(lambda: lonely.town.ask("hub", ended) == done, "both to say that it is stored")
        assert (await lonely.relay_unpack(*await lonely.pack("xab", "hub"))).summary.attachments == 0


async def test_an_attachment_that_its_addressee_has_is_answered_again(lonely: Lonely, tmp_path: Path) -> None:
    path = tmp_path / "register.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(50_000))
    file = prepare_file(path)
    request = m.request()
    request.items[0].attachments.append(file.as_attachment())
    passage = "SELECT passage FROM attachment"
    async with lonely.town.running("hub"), lonely.at_work():
        async with lonely.town.client("xab") as client:
            await hand_in(client, file)
        await lonely.say("xab", request, "xaa")
        assert (await lonely.to_relay("xab")).attachments == 1
        await lonely.relay_pack("xab")  # lost, with the word that the attachment is here
        ended = "SELECT ended FROM attachment"
        await until(lambda: lonely.town.ask("hub", ended) == [(2,)], "the other to say that it is stored")
        assert ("WAITING",) in lonely.town.ask("xab", passage)
        again = await lonely.to_relay("xab")
        assert (again.fresh, again.attachments, again.attachments_left) == (0, 1, 0)
        await lonely.from_relay("xab")
        assert {*lonely.town.ask("xab", passage)} == {("DONE",)}


async def test_a_pouch_without_what_went_before_leaves_it_out(lonely: Lonely) -> None:
    async with lonely.town.running("hub"), lonely.at_work():
        await ask_by_relay(lonely, "T-1")
        first = await lonely.relay_pack("xab")
        await ask_by_relay(lonely, "T-2")
        second = await lonely.relay_pack("xab", only_new=True)
        came = await lonely.unpack("xab", *second)
        assert (came.fresh, list(came.missing_pouches)) == (1, [2])
        assert (await lonely.unpack("xab", *first)).fresh == 1
        assert (await lonely.from_relay("xab")).duplicates == 2


async def test_mail_whose_time_has_run_out_goes_in_no_pouch_and_a_receipt_for_it_still_counts(
    lonely: Lonely,
) -> None:
    async with lonely.at_work():
        async with lonely.town.running("hub"):
            await ask_by_relay(lonely, "T-1")
            await lonely.from_relay("xab")
            back = await lonely.pack("xab", "hub")
            await ask_by_relay(lonely, "T-2")
        change(lonely.town, f"UPDATE mail SET deliver_by = {int(time.time()) - 1}")
        async with lonely.town.running("hub"):
            assert [state for *_, state in mail(lonely)] == [EXPIRED, EXPIRED]
            assert (await lonely.from_relay("xab")).summary.envelopes == 0
            await lonely.relay_unpack(*back)
            assert [state for *_, state in mail(lonely)] == [DELIVERED, EXPIRED]
            first = "SELECT state FROM sent_mail ORDER BY number LIMIT 1"
            await until(lambda: lonely.town.ask("xaa", first) == [("DELIVERED",)], "the receipt")


# ── the same file, other files, and two at once ──────────────────────────────────────


async def test_the_same_file_again_changes_nothing_and_is_answered_again(lonely: Lonely) -> None:
    async with lonely.town.running("hub"), lonely.at_work():
        await ask_by_relay(lonely)
        await lonely.from_relay("xab")
        await lonely.say("xab", m.request("T-2"), "xaa")
        files = await lonely.pack("xab", "hub")
        first = await lonely.relay_unpack(*files)
        assert (first.fresh, first.duplicates, first.answered) == (1, 0, 1)
        await delivered(lonely, 1)
        lost = await lonely.relay_pack("xab")
        again = await lonely.relay_unpack(*files)
        assert (again.fresh, again.duplicates, again.answered) == (0, 1, 0)
        assert len(mail(lonely)) == 2
        came = await lonely.from_relay("xab")
        assert came.summary.receipts > 0, "what was answered in the lost pouch is answered again"
        assert (await lonely.unpack("xab", *lost)).answered == 0


async def test_an_old_file_lets_no_mail_wait_again_that_was_delivered(lonely: Lonely) -> None:
    async with lonely.town.running("hub"), lonely.at_work():
        await lonely.say("xab", m.request(), "xaa")
        files = await lonely.pack("xab", "hub")
        await lonely.relay_unpack(*files)
        ended = [("xab", "xaa", DELIVERED)]
        await until(lambda: mail(lonely) == ended, "the mail to be delivered by a line")
        await lonely.from_relay("xab")
        await lonely.to_relay("xab")
        due = "SELECT count(*) FROM receipt_due WHERE sender = 'xab'"
        assert lonely.town.ask("hub", due) == [(0,)], "the receipt is with the sender"
        again = await lonely.relay_unpack(*files)
        assert (again.fresh, again.duplicates) == (0, 1)
        assert mail(lonely) == ended


async def test_a_file_that_is_taken_in_twice_at_once_is_taken_in_once(lonely: Lonely) -> None:
    async with lonely.town.running("hub"), lonely.at_work("xab"):
        await lonely.say("xab", m.request(), "xaa")
        [file] = await lonely.pack("xab", "hub")
        came = await asyncio.gather(*(lonely.relay_unpack(file) for _ in range(3)), return_exceptions=True)
        done = [one for one in came if isinstance(one, pouch_pb2.UnpackingResult)]
        assert all(isinstance(one, BusyError | pouch_pb2.UnpackingResult) for one in came), came
        assert sum(one.fresh for one in done) == 1
        assert lonely.town.ask("hub", "SELECT count(*) FROM mail") == [(1,)]
        assert lonely.town.ask("hub", "SELECT count(*) FROM pouch_part WHERE number = 2") == [(1,)]


async def test_two_who_make_a_pouch_at_once_make_two(lonely: Lonely) -> None:
    async with lonely.town.running("hub"), lonely.at_work():
        await ask_by_relay(lonely)
        made = await asyncio.gather(*(lonely.relay_pack("xab") for _ in range(3)))
        came = [await lonely.unpack("xab", file) for [file] in made]
        assert sorted(one.summary.number for one in came) == [2, 3, 4]
        assert sum(one.fresh for one in came) == 1
        assert received(lonely) == 1


async def test_a_missing_file_is_named_with_the_mail_that_lies_in_it(
    lonely: Lonely, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracepost.serving.pouch_calls._MEBIBYTE", 64 * 1024)
    monkeypatch.setattr("tracepost.serving.pouch_files._ROOM_FOR_LIST", 4 * 1024)
    monkeypatch.setattr("tracepost.serving.pouch_files._FRAME_BYTES", 16 * 1024)
    async with lonely.town.running("hub"), lonely.at_work("xab"):
        for number in range(9):
            await lonely.say("xab", m.request(f"T-{number}"), "xaa")
        *others, last = await lonely.pack("xab", "hub", most_mib=1)
        assert others, "the pouch was not split"
        came = await lonely.relay_unpack(last)
        assert len(came.missing) == 9 - came.fresh > 0
        assert not (await lonely.relay_unpack(*others)).missing
        assert len(mail(lonely)) == 9


async def test_a_pouch_that_is_not_whole_or_not_for_this_relay_changes_nothing(
    lonely: Lonely, tmp_path: Path
) -> None:
    """A bit anywhere, a cut, an addition, another addressee: a typed error, and not one row."""
    async with lonely.town.running("hub"), lonely.at_work("xab"):
        await lonely.say("xab", m.request(), "xaa")
        [file] = await lonely.pack("xab", "hub")
        [other] = await lonely.pack("xab", "xaa")
        [own] = await lonely.relay_pack("xab")
        whole, bad = file.read_bytes(), tmp_path / "bad.tpouch"
        before = content_of(lonely)
        sections = beginning_length(whole[:OPENING_BYTES])
        places = {0, 11, 13, sections - 65, sections - 1, sections, len(whole) - 1}
        places |= {*range(0, len(whole), len(whole) // 25)}
        damaged = [whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :] for at in sorted(places)]
        damaged += [whole[:-1], whole[: len(whole) // 2], whole[:20], whole + b"\0"]
        for data in damaged:
            bad.write_bytes(data)
            with pytest.raises(VerificationError):
                await lonely.relay_unpack(bad)
        for one in (other, own):
            with pytest.raises(VerificationError, match="another member"):
                await lonely.relay_unpack(one)
        assert content_of(lonely) == before
        assert list((lonely.town.place("hub") / "pouches").iterdir()) == [], "a file was left behind"
        assert (await lonely.relay_unpack(file)).fresh == 1


# ── members ──────────────────────────────────────────────────────────────────────────


async def test_who_is_no_member_any_more_gives_and_gets_no_pouch(lonely: Lonely) -> None:
    async with lonely.at_work("xab"):
        await lonely.say("xab", m.request(), "xaa")
        files = await lonely.pack("xab", "hub")
    listed = list_again(lonely.town, {}, sequence=2, change=_without_xab)
    (lonely.town.place("hub") / "trust.json").write_bytes(listed)
    async with lonely.town.running("hub"):
        before = content_of(lonely)
        with pytest.raises(TrustError):
            await lonely.relay_unpack(*files)
        with pytest.raises(TrustError):
            await lonely.relay_pack("xab")
        with pytest.raises(TrustError):
            await lonely.relay_pack("xzz")
        with pytest.raises(TracepostError, match="relay itself"):
            await lonely.relay_pack("hub")
        assert content_of(lonely) == before


def _without_xab(content: TrustContent) -> TrustContent:
    return replace(content, members=tuple(one for one in content.members if one.id != "xab"))


async def test_mail_of_a_member_whose_log_contradicts_itself_is_not_taken(lonely: Lonely) -> None:
    async with lonely.at_work("xab"):
        await lonely.say("xab", m.request(), "xaa")
        files = await lonely.pack("xab", "hub")
    origin = lonely.town.residents["xab"].log_key.partition("+")[0]
    change(lonely.town, f"INSERT INTO log_contradiction VALUES (x'00', '{origin}', 0, x'')")
    async with lonely.town.running("hub"):
        with pytest.raises(EvidenceError):
            await lonely.relay_unpack(*files)
        assert mail(lonely) == []


async def test_a_pouch_of_a_node_that_was_revoked_meanwhile_changes_nothing(lonely: Lonely) -> None:
    async with lonely.at_work("xab"):
        await lonely.say("xab", m.request(), "xaa")
        files = await lonely.pack("xab", "hub")
    node = load_chain((lonely.town.place("xab") / "keys" / "node.pem").read_bytes())[0]
    crl = lonely.town.residents["xab"].authority.crl([node], number=9)
    relay = await open_relay(load_settings(lonely.town.place("hub") / "relay.toml"))
    try:
        await relay.parts.board.take(Announcement(member="xab", crl=crl), MemberId("xab"), int(time.time()))
        before = content_of(lonely)
        with pytest.raises(VerificationError, match="revoked"):
            await lonely.relay_unpack(*files)
        assert content_of(lonely) == before
    finally:
        await relay.close()


# ── what is lost ─────────────────────────────────────────────────────────────────────


async def test_a_relay_that_lost_all_mail_between_two_pouches_loses_and_doubles_none(lonely: Lonely) -> None:
    """It has its log and no mail: the sender offers it again, and the same receipts end it."""
    async with lonely.at_work():
        async with lonely.town.running("hub"):
            await ask_by_relay(lonely)
            await until(
                lambda: lonely.states("xaa") == [("hub", "WITH_RELAY")], "custody to be with the sender"
            )
            await lonely.from_relay("xab")
            back = await lonely.pack("xab", "hub")
        change(lonely.town, *(f"DELETE FROM {table}" for table in LOST))
        async with lonely.town.running("hub"):
            await lonely.relay_unpack(*back)  # before or after the sender has offered it again
            await until(lambda: len(mail(lonely)) == 1, "the mail to be offered again")
            again = await lonely.from_relay("xab")
            assert (again.fresh, again.duplicates + again.answered) in {(0, 0), (0, 1)}
            await lonely.to_relay("xab")
            await delivered(lonely, 1)
    assert received(lonely) == 1
    logged = [str(line) for (line,) in lonely.town.ask("xab", "SELECT preimage FROM log_entry")]
    assert sum("received/1" in line for line in logged) == 1


async def test_a_relay_on_postgresql_makes_a_pouch_and_the_process_beside_it_takes_the_answer(
    tmp_path: Path, databases: Databases
) -> None:
    """The first is killed between the two; the second has nothing but the database and the keys."""
    url = databases.create()
    town = found_lonely(tmp_path, relay_for=("xaa", "xab"), without_line=("xab",)).town
    lonely = Lonely(town.on({"hub": url}), tmp_path / "sticks")
    first = lonely.town.process("hub")
    beside = lonely.town.standing_by("hub").process(f"hub{TWIN}")
    try:
        async with lonely.at_work():
            await first.start()
            await introduce(lonely)
            await ask_by_relay(lonely)
            assert (await lonely.from_relay("xab")).fresh == 1
            back = await lonely.pack("xab", "hub")
            first.abandon()
            await beside.start()
            assert (await lonely.relay_unpack(*back)).answered == 1
            await delivered(lonely, 1)
            assert (await lonely.from_relay("xab")).summary.number == 3, "numbers go on"
        assert await beside.stop() == 0
    finally:
        first.abandon()
        beside.abandon()
        databases.drop(url)


# ── the operator ─────────────────────────────────────────────────────────────────────


class Operator:
    """Whoever has the relay's folder, at a terminal."""

    def __init__(self, lonely: Lonely, folder: Path) -> None:
        self._place = str(lonely.town.place("hub"))
        self._line = CommandLine(write_profile(lonely.town, "xaa", "7", "poc"), folder / "seen")

    async def run(self, *words: str, more: Sequence[str] = ()) -> Said:
        """Run `tracepost relay … FOLDER …`."""
        return await asyncio.to_thread(self._line.run, "relay", *words, self._place, *more)


def read_json(said: Said) -> Any:
    """Return what a command said; the daemons that run in this process may say something meanwhile, there too."""
    text = said.result.decode()
    found, _ = json.JSONDecoder().raw_decode(text, text.index("{\n"))
    return found


async def test_an_operator_makes_lists_and_takes_in_pouches(lonely: Lonely, tmp_path: Path) -> None:
    operator, stick = Operator(lonely, tmp_path), tmp_path / "stick"
    stick.mkdir()
    async with lonely.town.running("hub"), lonely.at_work():
        await ask_by_relay(lonely)
        made = await operator.run("pouch", "export", more=["xab", "--out", str(stick), "--json"])
        assert made.exit_code == 0, made.output
        [file] = read_json(made)["files"]
        assert (file["contents"]["number"], file["contents"]["envelopes"]) == ("2", "1")
        await lonely.unpack("xab", Path(file["path"]))
        listed = read_json(await operator.run("pouch", "list", more=["xab", "--json"]))
        went = [one for one in listed["pouches"] if one["direction"].endswith("WENT")]
        assert [(one["number"], one["unanswered"]) for one in went] == [("2", "1"), ("1", "0")]
        assert read_json(await operator.run("status", more=["--json"]))["in_pouches"] == 1
        assert b"pouch list" in (await operator.run("status")).output

        [back] = await lonely.pack("xab", "hub")
        taken = await operator.run("pouch", "import", more=[str(back)])
        assert taken.exit_code == 0, taken.output
        assert b"answered" in taken.output
        assert read_json(await operator.run("status", more=["--json"]))["in_pouches"] == 0
        damaged = tmp_path / "damaged.tpouch"
        *whole, last = back.read_bytes()
        damaged.write_bytes(bytes([*whole, last ^ 1]))
        assert (await operator.run("pouch", "import", more=[str(damaged)])).exit_code == 7
        assert (await operator.run("pouch", "export", more=["xzz", "--out", str(stick)])).exit_code == 7
        assert (await operator.run("pouch", "import", more=[str(tmp_path / "none")])).exit_code == 4


async def test_a_relay_that_does_not_run_is_told_as_such(lonely: Lonely, tmp_path: Path) -> None:
    operator = Operator(lonely, tmp_path)
    assert (await operator.run("pouch", "list")).exit_code == 6
