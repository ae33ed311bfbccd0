"""Two nodes that never have a line: a case from request to closure in files that a courier carries."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.command_line import CommandLine, write_profile
from fakes.couriers import Lonely, found_lonely, introduced
from fakes.town import until
from tracepost.protocol.certificate import load_chain
from tracepost.protocol.errors import BusyError, PermissionError_, VerificationError
from tracepost.protocol.pouch import OPENING_BYTES, beginning_length, read_beginning
from tracepost.sdk.attachments import hand_in, prepare_file
from tracepost.wire.v1 import delivery_pb2, pouch_pb2
from tracepost.wire.v1.post_pb2 import Announcement

NOT_COMPARED = frozenset({"audit_event", "officer"})
"""What every call leaves behind."""


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Lonely:
    """Two states that know each other's papers, by pouch."""
    return introduced(tmp_path_factory.mktemp("lonely"))


@pytest.fixture
def lonely(founded: Lonely, tmp_path: Path) -> Lonely:
    """The same, to be used up by one test."""
    return Lonely(founded.town.copy(tmp_path / "town"), tmp_path / "sticks")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mebibyte that holds two messages of the shortest."""
    monkeypatch.setattr("tracepost.serving.pouch_calls._MEBIBYTE", 64 * 1024)
    monkeypatch.setattr("tracepost.serving.pouch_files._ROOM_FOR_LIST", 4 * 1024)
    monkeypatch.setattr("tracepost.serving.pouch_files._FRAME_BYTES", 16 * 1024)


def content_of(lonely: Lonely, member: str) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of a member's store but those that every call leaves."""
    with closing(sqlite3.connect(lonely.town.place(member) / "store.sqlite", timeout=60)) as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in tables if name not in NOT_COMPARED and not name.startswith("sqlite")]
        return {name: store.execute(f"SELECT * FROM {name}").fetchall() for name in kept}


async def test_a_whole_case_is_played_by_pouch_alone(lonely: Lonely) -> None:
    async with lonely.at_work():
        asked = await lonely.say("xaa", m.request(), "xab")
        came = await lonely.carry("xaa", "xab")
        assert (came.fresh, came.held, came.duplicates, came.refused, len(came.put_off)) == (1, 0, 0, 0, 0)

        await lonely.say("xab", m.acknowledgement(), "xaa", asked.thread)
        await lonely.say("xab", m.response(m.answer()), "xaa", asked.thread)
        came = await lonely.carry("xab", "xaa")
        assert (came.fresh, came.held, came.answered) == (2, 0, 1)
        assert lonely.states("xaa") == [("direct", "DELIVERED")]

        await lonely.say("xaa", m.closure("1"), "xab", asked.thread)
        came = await lonely.carry("xaa", "xab")
        assert (came.fresh, came.answered) == (1, 2)
        await lonely.carry("xab", "xaa")
        for member in ("xaa", "xab"):
            async with lonely.town.client(member) as client:
                view = await client.show_case(asked.thread)
            assert [one.kind for one in view.statements] == [
                "trace.request/1",
                "trace.acknowledgement/1",
                "trace.response/1",
                "trace.closure/1",
            ]
            assert {state for _, state in lonely.states(member)} == {"DELIVERED"}
            assert lonely.town.ask(member, "SELECT count(*) FROM log_contradiction") == [(0,)]
            assert lonely.town.ask(member, "SELECT count(*) FROM peer_head_open") == [(0,)], (
                "a head is unproved"
            )


async def test_a_pouch_taken_twice_has_one_effect_and_its_receipts_are_written_again(lonely: Lonely) -> None:
    async with lonely.at_work():
        await lonely.say("xaa", m.request("T-1"), "xab")
        await lonely.say("xaa", m.request("T-2"), "xab")
        files = await lonely.pack("xaa", "xab")
        assert (await lonely.unpack("xab", *files)).fresh == 2
        lost = await lonely.pack("xab", "xaa")  # the courier loses it
        again = await lonely.unpack("xab", *files)
        assert (again.fresh, again.duplicates) == (0, 2)
        assert lonely.town.ask("xab", "SELECT count(*) FROM statement") == [(2,)]
        assert (await lonely.carry("xab", "xaa")).answered == 2
        assert (await lonely.unpack("xaa", *lost)).answered == 0, (
            "the lost one turns up, and says nothing new"
        )

        await lonely.carry("xaa", "xab")  # says that the receipts are stored
        assert lonely.town.ask("xab", "SELECT count(*) FROM pouched_word WHERE kind = 'receipts'") == [(0,)]
        assert (await lonely.unpack("xab", *files)).duplicates == 2
        assert (await lonely.carry("xab", "xaa")).summary.receipts == 2, "who replays wants them again"


@pytest.mark.usefixtures("small")
async def test_a_missing_file_is_named_with_the_messages_that_lie_in_it(
    lonely: Lonely, tmp_path: Path
) -> None:
    async with lonely.at_work():
        for number in range(9):
            await lonely.say("xaa", m.request(f"T-{number}"), "xab")
        files = await lonely.pack("xaa", "xab", most_mib=1)
        assert len(files) > 2, "the pouch was not split"
        assert all(file.stat().st_size <= 64 * 1024 for file in files)
        poc = CommandLine(write_profile(lonely.town, "xab", "7", "poc"), tmp_path / "seen")

        first = await asyncio.to_thread(poc.run, "pouch", "import", str(files[-1]))
        assert first.exit_code == 8
        assert b"has not come" in first.output
        result = await lonely.unpack("xab", files[-1])
        missing = {one.envelope_id.hex() for one in result.missing}
        sent = {row[0].hex() for row in lonely.town.ask("xaa", "SELECT id FROM sent_mail")}
        here = {row[0].hex() for row in lonely.town.ask("xab", "SELECT id FROM received_mail")}
        assert missing == sent - here
        assert {one.part for one in result.missing} == {*range(1, len(files))} - _empty_parts(files)
        assert f"1/{len(files)}".encode() in (await asyncio.to_thread(poc.run, "pouch", "list")).output

        rest = await asyncio.to_thread(poc.run, "pouch", "import", *map(str, files[:-1]))
        assert rest.exit_code == 0, rest.output
        assert lonely.town.ask("xab", "SELECT count(*) FROM received_mail") == [(9,)]


def _empty_parts(files: Sequence[Path]) -> set[int]:
    manifest = manifest_of(files[0])
    return {*range(1, manifest.parts + 1)} - {one.part for one in manifest.envelopes}


def manifest_of(file: Path) -> pouch_pb2.PouchManifest:
    data = file.read_bytes()
    return read_beginning(data[: beginning_length(data[:OPENING_BYTES])], len(data)).manifest


async def test_what_comes_before_what_it_replies_to_waits_as_on_a_line(lonely: Lonely) -> None:
    async with lonely.at_work():
        asked = await lonely.say("xaa", m.request(), "xab")
        await lonely.carry("xaa", "xab")
        await lonely.say("xab", m.acknowledgement(), "xaa", asked.thread)
        early = await lonely.pack("xab", "xaa")
        await lonely.say("xab", m.response(m.answer()), "xaa", asked.thread)
        late = await lonely.pack("xab", "xaa", only_new=True)
        came = await lonely.unpack("xaa", *late)
        assert (came.fresh, list(came.missing_pouches)) == (1, [2])
        assert lonely.town.ask("xaa", "SELECT count(*) FROM received_mail WHERE waiting_for IS NOT NULL") == [
            (0,)
        ]
        await lonely.unpack("xaa", *early)
        in_effect = "SELECT count(*) FROM statement WHERE in_effect"
        assert lonely.town.ask("xaa", in_effect) == [(3,)]


async def test_an_older_pouch_takes_no_newer_papers_away(lonely: Lonely) -> None:
    async with lonely.at_work():
        old = await lonely.pack("xaa", "xab")
        crl = lonely.town.residents["xaa"].authority.crl([], number=7)
        async with lonely.town.client("xaa") as client:
            await client.import_papers(Announcement(member="xaa", crl=crl))
        await lonely.carry("xaa", "xab")
        papers = ("revocation_list", "trust_list", "directory_entry", "certificate")
        before = {name: rows for name, rows in content_of(lonely, "xab").items() if name in papers}
        assert len(before["revocation_list"]) == 1
        await lonely.unpack("xab", *old)
        assert {name: rows for name, rows in content_of(lonely, "xab").items() if name in papers} == before


async def test_a_pouch_that_is_not_whole_or_not_theirs_changes_nothing(
    lonely: Lonely, tmp_path: Path
) -> None:
    """A bit anywhere, a cut, an addition, another addressee: a typed error, and not one row."""
    async with lonely.at_work():
        await lonely.say("xaa", m.request(), "xab")
        [file] = await lonely.pack("xaa", "xab")
        whole = file.read_bytes()
        before = content_of(lonely, "xab")
        bad = tmp_path / "bad.tpouch"
        sections = beginning_length(whole[:OPENING_BYTES])
        step = len(whole) // 25
        places = {
            0,
            11,
            13,
            20,
            40,
            sections - 65,
            sections - 1,
            sections,
            len(whole) - 1,
            *range(0, len(whole), step),
        }
        damaged = [whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :] for at in sorted(places)]
        damaged += [whole[:-1], whole[: len(whole) // 2], whole[:20], whole + b"\0"]
        async with lonely.town.client("xab") as client:
            for data in damaged:
                bad.write_bytes(data)
                with pytest.raises(VerificationError):
                    await client.pouches.unpack(bad)
        with pytest.raises(VerificationError, match="another member"):
            await lonely.unpack("xaa", file)
        assert content_of(lonely, "xab") == before
        assert list((lonely.town.place("xab") / "pouches").iterdir()) == [], "a file was left behind"
        assert (await lonely.unpack("xab", file)).fresh == 1


async def test_a_pouch_of_who_was_revoked_or_is_blocked_changes_nothing(lonely: Lonely) -> None:
    async with lonely.at_work():
        await lonely.say("xaa", m.request(), "xab")
        files = await lonely.pack("xaa", "xab")
        async with lonely.town.client("xab") as client:
            await client.post.block("xaa", "trial")
            before = content_of(lonely, "xab")
            with pytest.raises(BusyError):
                await client.pouches.unpack(files[0])
            with pytest.raises(BusyError):
                await client.pouches.pack("xaa", lonely.sticks)
            assert content_of(lonely, "xab") == before
            await client.post.unblock("xaa")
            node = load_chain((lonely.town.place("xaa") / "keys" / "node.pem").read_bytes())[0]
            crl = lonely.town.residents["xaa"].authority.crl([node], number=9)
            await client.import_papers(Announcement(member="xaa", crl=crl))
            before = content_of(lonely, "xab")
            with pytest.raises(VerificationError, match="revoked"):
                await client.pouches.unpack(files[0])
            assert content_of(lonely, "xab") == before
        async with lonely.town.client("xab", officer="9") as other:
            with pytest.raises(PermissionError_):
                await other.pouches.list_pouches()


async def test_an_attachment_goes_with_its_mail(lonely: Lonely, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(b"what the laboratory found, at length\n" * 9000)
    async with lonely.at_work():
        file = prepare_file(path)
        message = m.request()
        message.items[0].attachments.append(file.as_attachment())
        async with lonely.town.client("xaa") as client:
            await hand_in(client, file)
        asked = await lonely.say("xaa", message, "xab")
        files = await lonely.pack("xaa", "xab")
        came = await lonely.unpack("xab", *files)
        assert (came.fresh, came.attachments, came.attachments_left) == (1, 1, 0)
        async with lonely.town.client("xab") as client:
            got = [piece.data async for piece in client.fetch_attachment(asked.thread, file.address)]
        assert b"".join(got) == path.read_bytes()
        assert (await lonely.unpack("xab", *files)).attachments == 1
        await lonely.carry("xab", "xaa")
        assert set(lonely.town.ask("xaa", "SELECT passage FROM attachment")) == {("DONE",)}
        assert (await lonely.carry("xaa", "xab")).summary.attachments == 0, "it goes once more than it need"


async def test_an_attachment_that_fits_into_no_file_holds_up_no_mail(
    lonely: Lonely, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracepost.node.post.packing.LONGEST_ATTACHMENT_BYTES", 4096)
    path = tmp_path / "report.txt"
    path.write_bytes(b"what the laboratory found, at length\n" * 9000)
    async with lonely.at_work():
        file = prepare_file(path)
        message = m.request()
        message.items[0].attachments.append(file.as_attachment())
        async with lonely.town.client("xaa") as client:
            await hand_in(client, file)
        await lonely.say("xaa", message, "xab")
        came = await lonely.carry("xaa", "xab")
        assert (came.fresh, came.summary.attachments) == (1, 0)
        assert ("WAITING",) in lonely.town.ask("xaa", "SELECT passage FROM attachment")


async def test_two_officers_who_make_a_pouch_at_once_make_two(lonely: Lonely) -> None:
    async with lonely.at_work():
        await lonely.say("xaa", m.request(), "xab")
        made = await asyncio.gather(*(lonely.pack("xaa", "xab") for _ in range(3)))
        numbers = sorted(manifest_of(file).number for [file] in made)
        assert numbers == [*range(numbers[0], numbers[0] + 3)]
        assert [(await lonely.unpack("xab", file)).fresh for [file] in made] == [1, 0, 0]


async def test_an_operator_sees_what_went_and_what_lies_in_a_file(lonely: Lonely, tmp_path: Path) -> None:
    async with lonely.at_work():
        await lonely.say("xaa", m.request(), "xab")
        poc = CommandLine(write_profile(lonely.town, "xaa", "7", "poc"), tmp_path / "seen")
        stick = tmp_path / "stick.tpouch"
        assert (
            await asyncio.to_thread(poc.run, "pouch", "export", "xab", "--out", str(stick))
        ).exit_code == 0
        assert (
            await asyncio.to_thread(poc.run, "pouch", "export", "xab", "--out", str(stick))
        ).exit_code == 4, "it was written over"
        shown = await asyncio.to_thread(poc.run, "pouch", "show", str(stick))
        assert (shown.exit_code, b"Nobody vouches" in shown.output) == (0, True)
        trust = lonely.town.place("xaa") / "trust.json"
        shown = await asyncio.to_thread(poc.run, "pouch", "show", str(stick), "--trust", str(trust))
        assert (shown.exit_code, b"Made by the node of xaa" in shown.output) == (0, True), shown.output
        damaged = tmp_path / "damaged.tpouch"
        *whole, last = stick.read_bytes()
        damaged.write_bytes(bytes([*whole, last ^ 1]))
        assert (await asyncio.to_thread(poc.run, "pouch", "show", str(damaged))).exit_code == 7

        async with lonely.town.client("xaa") as client:
            [line] = [one for one in await client.pouches.list_pouches("xab") if one.number == 2]
            assert (line.envelopes, line.unanswered) == (1, 1)
            [road] = (await client.post.list_gaps("xab")).roads
            assert road.runs[0].standing == delivery_pb2.NUMBER_STANDING_IN_POUCH
            [queue] = (await client.post.show()).queues
            assert (queue.queued, queue.in_pouch) == (1, 1)
            assert (await client.get_status()).in_pouches == 1


async def test_mail_of_a_pouch_that_goes_by_the_relay_too_comes_once(tmp_path: Path) -> None:
    """In a pouch it is on one more road, and on the line as soon as there is one."""
    lonely = found_lonely(tmp_path, relay_for=("xaa", "xab"), without_line=())
    town = lonely.town
    async with lonely.at_work():
        async with town.running("hub"):
            await town.meet("xaa", "xab")
        first = await lonely.say("xaa", m.request("T-1"), "xab")
        by_pouch = await lonely.pack("xaa", "xab")
        assert (await lonely.unpack("xab", *by_pouch)).fresh == 1
        second = await lonely.say("xaa", m.request("T-2"), "xab")
        late = await lonely.pack("xaa", "xab")
        async with town.running("hub"):
            delivered = {("hub", "DELIVERED")}
            await until(lambda: set(lonely.states("xaa")) == delivered, "the receipts by the line")
        result = await lonely.unpack("xab", *late)
        assert (result.fresh, result.duplicates) == (0, 2)
        assert town.ask("xab", "SELECT count(*) FROM received_mail") == [(2,)]
        threads = town.ask("xab", "SELECT thread FROM statement")
        assert sorted(threads) == sorted([(first.thread,), (second.thread,)])
        assert town.ask("xaa", "SELECT count(*) FROM log_contradiction") == [(0,)]
