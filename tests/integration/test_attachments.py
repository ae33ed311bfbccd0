"""Attachments between real nodes: handed in, carried by a relay or directly, taken out through the gate."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import (
    InvalidInputError,
    LimitError,
    NotFoundError,
    SealingError,
    TracepostError,
)
from tracepost.sdk import Client
from tracepost.sdk.attachments import PreparedFile, hand_in, prepare_file, take_out
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.sdk.office import make_word
from tracepost.wire.v1 import (
    attachment_pb2,
    desk_pb2,
    envelope_pb2,
    onward_pb2,
    terms_pb2,
    trace_pb2,
    weapon_pb2,
)

HERE = attachment_pb2.ATTACHMENT_PLACE_HERE
HANDED_OVER = attachment_pb2.ATTACHMENT_PLACE_HANDED_OVER
ATTACHMENTS = envelope_pb2.Header.ATTACHMENTS_FIELD_NUMBER
PDF = b"%PDF-1.7\n"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Three states that know one another: xab is dialled directly, xac by the relay."""
    folder: Path = tmp_path_factory.mktemp("founded") / "town"
    states = {"xaa": (POC, POLICE), "xab": (POC, POLICE), "xac": (POC, POLICE)}
    town = found_town(folder, states, "hub", reachable=("xab",))

    async def meet() -> None:
        async with town.running("hub", *states):
            await town.meet(*states)

    asyncio.run(meet())
    return town


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    return founded.copy(tmp_path / "town")


@asynccontextmanager
async def running(town: Town, *members: str) -> AsyncIterator[None]:
    async with town.running(*members):
        for member in members:
            if member != "hub":
                await town.unlock(member)
        yield


def write(folder: Path, size: int = 300_000, name: str = "register.pdf") -> Path:
    path = folder / name
    path.write_bytes(PDF + os.urandom(size - len(PDF)))
    return path


def request(*files: PreparedFile, scene: PreparedFile | None = None) -> trace_pb2.TraceRequest:
    item = weapon(1)
    item.attachments.extend(file.as_attachment() for file in files)
    made = trace_pb2.TraceRequest(
        file_number="ATTACHED",
        items=[item],
        illicit_grounds=[weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW],
        urgency=trace_pb2.URGENCY_ROUTINE,
        guarantees_restrictions=True,
    )
    if scene is not None:
        made.circumstances.scene_attachments.append(scene.as_scene_attachment())
    return made


def weapon(number: int) -> weapon_pb2.Item:
    mark = weapon_pb2.Mark(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen=f"SN-{number}")
    return weapon_pb2.Item(
        id=str(number), kind=weapon_pb2.ITEM_KIND_WEAPON, object=weapon_pb2.Object(mark=[mark])
    )


def cover(*to: str) -> Cover:
    return Cover(
        to=to, purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION, legal_basis=terms_pb2.LEGAL_BASIS_ITI
    )


async def states(client: Client, case: str) -> list[attachment_pb2.AttachmentState]:
    try:
        view = await client.show_case(case)
    except NotFoundError:
        return []
    return [state for statement in view.statements for state in statement.attachments]


async def placed(
    client: Client, case: str, place: Any, count: int = 1
) -> list[attachment_pb2.AttachmentState]:
    """Wait until so many attachments of a case are at a place."""
    async with asyncio.timeout(180):
        while True:
            found = [state for state in await states(client, case) if state.place == place]
            if len(found) == count:
                return found
            await asyncio.sleep(0.05)


async def send(town: Town, to: str, *files: PreparedFile, **more: Any) -> desk_pb2.Submission:
    async with town.client("xaa") as officer:
        for file in [*files, *(one for one in more.values() if one)]:
            await hand_in(officer, file)
        return await officer.submit(build_draft(request(*files, **more), cover(to)))


async def reason_of(call: Any) -> str:
    with pytest.raises(TracepostError) as refusal:
        await call
    return refusal.value.reason


class TestThere:
    @pytest.mark.parametrize(("receiver", "via"), [("xab", "direct"), ("xac", "hub")])
    async def test_a_file_crosses_and_is_taken_out_as_it_was(
        self, town: Town, tmp_path: Path, receiver: str, via: str
    ) -> None:
        path = write(tmp_path)
        async with running(town, "hub", "xaa", receiver):
            sent = await send(town, receiver, prepare_file(path))
            assert [one.via for one in sent.dispatches] == [via]
            async with town.client("xaa") as sender, town.client(receiver, desk="police") as officer:
                await placed(officer, sent.thread, HERE)
                [gone] = await placed(sender, sent.thread, HANDED_OVER)
                assert gone.to == receiver
                saved = await take_out(officer, sent.thread, gone.address, tmp_path / "out.pdf")
                assert saved.path.read_bytes() == path.read_bytes()
                assert (saved.media_type, saved.is_scanned) == ("application/pdf", False)
                again = await take_out(sender, sent.thread, gone.address, tmp_path / "own.pdf")
                assert again.path.read_bytes() == path.read_bytes()
            if via == "hub":
                kept = town.place("hub") / "attachments"
                await until(lambda: not list(kept.rglob("*" + "[0-9a-f]" * 64)), "the relay to forget it")

    async def test_a_header_without_attachments_is_what_it_was(self, town: Town) -> None:
        async with running(town, "hub", "xaa"):
            await send(town, "xab")
        [(header,)] = town.ask("xaa", "SELECT header FROM body WHERE length(header) > 0")
        told = envelope_pb2.Header.FromString(header)
        assert ATTACHMENTS not in {described.number for described, _ in told.ListFields()}
        assert told.SerializeToString(deterministic=True) == header, "and nothing beside what is known"


class TestWhoMaySee:
    async def test_a_desk_takes_out_what_it_sees_named(self, town: Town, tmp_path: Path) -> None:
        scene = prepare_file(write(tmp_path, name="scene.pdf"))
        async with running(town, "hub", "xaa", "xab"):
            sent = await send(town, "xab", scene=scene)
            async with (
                town.client("xab", officer="9", desk="police") as police,
                town.client("xab", officer="8", desk="poc") as poc,
            ):
                await placed(police, sent.thread, HERE)
                assert await states(poc, sent.thread) == []
                out = tmp_path / "out.pdf"
                assert await reason_of(take_out(poc, sent.thread, scene.address, out)) == "no-attachment"
                await take_out(police, sent.thread, scene.address, out)
        [(count,)] = town.ask("xab", "SELECT count(*) FROM audit_event WHERE action = 'open'")
        assert count >= 1

    async def test_nothing_in_the_clear_lies_in_any_folder(self, town: Town, tmp_path: Path) -> None:
        path = tmp_path / "note.txt"
        path.write_text("CANARY-7f3a-IN-A-FILE\n" * 20_000)
        file = prepare_file(path)
        async with running(town, "hub", "xaa", "xac"):
            sent = await send(town, "xac", file)
            async with town.client("xac", desk="police") as officer:
                await placed(officer, sent.thread, HERE)
                await take_out(officer, sent.thread, file.address, tmp_path / "out.txt")
        for found in town.folder.rglob("*"):
            if found.is_file():
                data = found.read_bytes()
                assert b"CANARY-7f3a" not in data, found
                assert file.key not in data, found


class TestRefused:
    async def test_a_message_names_no_file_that_was_not_handed_in(self, town: Town, tmp_path: Path) -> None:
        file = prepare_file(write(tmp_path))
        async with running(town, "hub", "xaa"), town.client("xaa") as officer:
            draft = build_draft(request(file), cover("xab"))
            assert await reason_of(officer.submit(draft)) == "attachment-not-here"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"media_type": "image/png"}, "other-media-type"),
            ({"content_sha256": bytes(32)}, "other-content"),
            ({"key": bytes(32)}, "broken-chunk"),
            ({"size": 299_999}, "other-size"),
            ({"size": 1_000_000}, "other-size"),
        ],
        ids=["media type", "digest", "key", "size of the class", "size"],
    )
    async def test_a_message_says_of_a_file_what_is_true(
        self, town: Town, tmp_path: Path, change: dict[str, Any], reason: str
    ) -> None:
        import dataclasses

        file = prepare_file(write(tmp_path))
        async with running(town, "hub", "xaa"), town.client("xaa") as officer:
            await hand_in(officer, file)
            draft = build_draft(request(dataclasses.replace(file, **change)), cover("xab"))
            assert await reason_of(officer.submit(draft)) == reason

    async def test_other_bytes_than_those_of_the_address(self, town: Town, tmp_path: Path) -> None:
        file = prepare_file(write(tmp_path))

        async def noise(offset: int) -> AsyncIterator[bytes]:
            yield os.urandom(file.sealed_bytes - offset)

        async with running(town, "hub", "xaa"), town.client("xaa") as officer:
            with pytest.raises(SealingError) as refusal:
                await officer.hand_in(file.address, file.sealed_bytes, noise)
            assert refusal.value.reason == "other-bytes"
            await hand_in(officer, file)  # nothing of it was kept

    async def test_more_bytes_than_announced(self, town: Town) -> None:
        async def much(_offset: int) -> AsyncIterator[bytes]:
            yield bytes(900)

        async with running(town, "hub", "xaa"), town.client("xaa") as officer:
            with pytest.raises(LimitError):
                await officer.hand_in(hashlib.sha256(b"").digest(), 100, much)
            with pytest.raises(LimitError):
                await officer.hand_in(hashlib.sha256(b"").digest(), 3 << 30, much)

    async def test_more_files_than_a_header_names(self, town: Town, tmp_path: Path) -> None:
        files = [prepare_file(write(tmp_path, 100, f"{number}.pdf")) for number in range(65)]
        made = request(*files[:16])
        for number in range(2, 6):
            item = weapon(number)
            item.attachments.extend(f.as_attachment() for f in files[16 * (number - 1) : 16 * number])
            made.items.append(item)
        async with running(town, "hub", "xaa"), town.client("xaa") as officer:
            assert await reason_of(officer.submit(build_draft(made, cover("xab")))) == "too-many-attachments"


class TestHandingIn:
    async def test_what_broke_off_is_gone_on_with(self, town: Town, tmp_path: Path) -> None:
        file = prepare_file(write(tmp_path, 5_000_000))
        path = town.place("xaa") / "attachments" / f"{file.address.hex()}.part"
        carried: list[int] = []
        async with running(town, "hub", "xaa"), town.client("xaa") as officer:
            with pytest.raises(InvalidInputError):
                await officer.hand_in(file.address, file.sealed_bytes, lambda offset: half(file, offset))
            begun = path.stat().st_size
            assert begun == 3_000_000
            await hand_in(officer, file, carried.append)
        assert carried[0] == begun
        assert sum(carried) == file.sealed_bytes

    async def test_taking_out_goes_on_where_it_stopped(self, town: Town, tmp_path: Path) -> None:
        source = write(tmp_path, 3_000_000)
        file, out, carried = prepare_file(source), tmp_path / "out.pdf", list[int]()
        async with running(town, "hub", "xaa"):
            sent = await send(town, "xab", file)
            async with town.client("xaa") as officer:
                part = tmp_path / f"out.pdf.{file.address.hex()[:16]}.part"
                part.write_bytes(source.read_bytes()[:2_222_222])
                await take_out(officer, sent.thread, file.address, out, carried.append)
        assert out.read_bytes() == source.read_bytes()
        assert sum(carried) == 3_000_000 - 2_222_222


async def half(file: PreparedFile, offset: int) -> AsyncIterator[bytes]:
    from tracepost.sdk import attachments

    left = 3_000_000
    async for some in attachments._pieces(file, offset):
        yield some[:left]
        left -= len(some[:left])
        if not left:
            return


class TestWaiting:
    async def test_mail_that_waits_for_a_second_officer_goes_with_its_files(
        self, town: Town, tmp_path: Path
    ) -> None:
        """The files are judged when the message is signed, and carried when it is released."""
        settings, scene = town.place("xaa") / "node.toml", prepare_file(write(tmp_path))
        settings.write_text(settings.read_text().replace('"not-required"', '"required"'))
        async with running(town, "hub", "xaa", "xab"):
            for officer in ("7", "9"):
                async with town.client("xaa", officer=officer, desk="police") as client:
                    await client.get_status()
            await until(lambda: len(town.ask("xaa", "SELECT number FROM officer")) == 2, "both to be known")
            async with town.client("xaa", desk="police") as first:
                await hand_in(first, scene)
                sent = await first.submit(build_draft(request(scene=scene), cover("xab")))
            assert sent.release_state == desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER
            async with town.client("xaa", officer="9", desk="police") as second:
                view = await second.office.show_release(sent.statement)
                word = make_word(view, Decision.APPROVED, town.papers("xaa", "9"), "because")
                await second.office.decide_release(word)
            async with town.client("xab", desk="police") as reader:
                [here] = await placed(reader, sent.thread, HERE)
            assert here.address == scene.address

    async def test_what_is_deleted_is_carried_and_given_out_no_more(self, town: Town, tmp_path: Path) -> None:
        file = prepare_file(write(tmp_path))
        async with running(town, "hub", "xaa", "xab"):
            sent = await send(town, "xab", file)
            async with town.client("xab", desk="police") as officer:
                await placed(officer, sent.thread, HERE)
                wanted = onward_pb2.DeleteStatementsRequest(
                    statements=[sent.statement], reason="by mistake", desk="police"
                )
                await officer.delete_statements(wanted)
                out = tmp_path / "out.pdf"
                assert await reason_of(take_out(officer, sent.thread, file.address, out)) == "no-attachment"
        assert town.ask("xab", "SELECT * FROM attachment") == []


class TestShowing:
    async def test_what_is_shown_to_a_third_member_brings_its_files(self, town: Town, tmp_path: Path) -> None:
        """Not before they are all here: what is named must go along."""
        path = write(tmp_path)
        file = prepare_file(path)
        async with running(town, "hub", "xaa", "xab", "xac"):
            sent = await send(town, "xab", file)
            async with (
                town.client("xab", desk="police") as shower,
                town.client("xac", desk="police") as reader,
            ):
                await placed(shower, sent.thread, HERE)
                message = m.share(sent.statement)
                shown = await shower.share(sent.thread, message, cover("xac"))
                [here] = await placed(reader, shown.thread, HERE)
                assert here.address == file.address
                saved = await take_out(reader, shown.thread, file.address, tmp_path / "out.pdf")
        assert saved.path.read_bytes() == path.read_bytes()


class TestScanned:
    """XAB has a scanner; XAA has none, and says so."""

    LOOKS = "import sys; sys.exit(b'EICAR' in sys.stdin.buffer.read())"

    def set_scanner(self, town: Town, member: str) -> None:
        settings = town.place(member) / "node.toml"
        command = json.dumps([sys.executable, "-c", self.LOOKS])
        settings.write_text(f"{settings.read_text()}\n[attachments]\nscanner = {command}\n")

    async def test_what_a_scanner_objects_to_is_given_to_nobody(self, town: Town, tmp_path: Path) -> None:
        self.set_scanner(town, "xab")
        bad, good = tmp_path / "bad.txt", tmp_path / "good.txt"
        bad.write_text("EICAR\n" * 20_000)
        good.write_text("a page of a register\n" * 20_000)
        files = [prepare_file(bad), prepare_file(good)]
        async with running(town, "hub", "xaa", "xab"):
            sent = await send(town, "xab", *files)
            async with town.client("xab", desk="police") as officer:
                await placed(officer, sent.thread, HERE, 2)
                out = tmp_path / "out.txt"
                assert await reason_of(take_out(officer, sent.thread, files[0].address, out)) == "malware"
                assert not out.exists()
                saved = await take_out(officer, sent.thread, files[1].address, out)
                assert saved.is_scanned

    async def test_nobody_signs_for_what_the_scanner_objects_to(self, town: Town, tmp_path: Path) -> None:
        self.set_scanner(town, "xaa")
        bad = tmp_path / "bad.txt"
        bad.write_text("EICAR\n" * 20_000)
        async with running(town, "hub", "xaa"):
            assert await reason_of(send(town, "xab", prepare_file(bad))) == "malware"
        assert town.ask("xaa", "SELECT * FROM statement") == []
