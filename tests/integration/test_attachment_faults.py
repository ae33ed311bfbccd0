"""Attachments where somebody is at fault: strangers, other bytes, a full relay, mail that is late."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import pytest

from fakes.pki import DOMAIN
from fakes.town import POC, Town, found_town, until
from tracepost.protocol.errors import NotFoundError, TracepostError
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import MemberId
from tracepost.sdk import Client
from tracepost.sdk.attachments import PreparedFile, hand_in, prepare_file
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.serving.credentials import Papers, open_channel
from tracepost.serving.problems import error_of_call
from tracepost.wire.v1 import attachment_pb2, terms_pb2, trace_pb2, weapon_pb2
from tracepost.wire.v1.post_pb2 import AttachmentPiece, AttachmentRequest
from tracepost.wire.v1.post_pb2_grpc import PostStub

PLACES = attachment_pb2.AttachmentPlace
STATES = ("xaa", "xab", "xac")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """XAB is dialled directly, XAC by the relay; all know one another."""
    folder: Path = tmp_path_factory.mktemp("founded") / "town"
    town = found_town(folder, dict.fromkeys(STATES, (POC,)), "hub", reachable=("xab",))

    async def meet() -> None:
        async with town.running("hub", *STATES):
            await town.meet(*STATES)

    asyncio.run(meet())
    return town


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    return founded.copy(tmp_path / "town")


@pytest.fixture
def file(tmp_path: Path) -> PreparedFile:
    path = tmp_path / "register.pdf"
    path.write_bytes(b"%PDF-1.7\n" + os.urandom(400_000))
    return prepare_file(path)


async def send(town: Town, to: str, file: PreparedFile) -> str:
    """Hand a file in at XAA and send it; return the case."""
    await town.unlock("xaa")
    mark = weapon_pb2.Mark(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen="SN-1")
    item = weapon_pb2.Item(
        id="1",
        kind=weapon_pb2.ITEM_KIND_WEAPON,
        object=weapon_pb2.Object(mark=[mark]),
        attachments=[file.as_attachment()],
    )
    request = trace_pb2.TraceRequest(
        file_number="FAULT",
        items=[item],
        illicit_grounds=[weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW],
        urgency=trace_pb2.URGENCY_ROUTINE,
        guarantees_restrictions=True,
    )
    cover = Cover(
        to=(to,), purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION, legal_basis=terms_pb2.LEGAL_BASIS_ITI
    )
    async with town.client("xaa") as officer:
        await hand_in(officer, file)
        return (await officer.submit(build_draft(request, cover))).thread


async def state(client: Client, case: str) -> attachment_pb2.AttachmentState | None:
    with suppress(NotFoundError):
        view = await client.show_case(case)
        return next((one for statement in view.statements for one in statement.attachments), None)
    return None


async def placed(
    town: Town, member: str, case: str, place: int, problem: str = ""
) -> attachment_pb2.AttachmentState:
    """Wait until the attachment of a case is at a place, as a member's officer sees it."""
    async with town.client(member) as client, asyncio.timeout(180):
        while True:
            found = await state(client, case)
            if found is not None and found.place == place and found.problem == problem:
                return found
            await asyncio.sleep(0.05)


@asynccontextmanager
async def post_of(town: Town, member: str, caller: str) -> AsyncIterator[Any]:
    """Give a stub of a member's post, called by the node of another."""
    issued = town.residents[caller].authority.issue(Role.NODE)
    papers = Papers(issued.key_pem, issued.chain_pem, town.residents[member].authority.pem)
    name = dns_name(Role.NODE, MemberId(member), DOMAIN)
    channel = open_channel(f"127.0.0.1:{town.residents[member].ports.post}", papers, name)
    try:
        yield PostStub(channel)
    finally:
        await channel.close()


async def error_of(call: Any) -> TracepostError:
    """Return the error that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        async for _ in call:
            pass
    return error_of_call(refusal.value)


def push(post: Any, envelope_id: bytes, address: bytes, total: int) -> Any:
    async def pieces() -> AsyncIterator[AttachmentPiece]:
        yield AttachmentPiece(envelope_id=envelope_id, address=address, total_bytes=total)

    return post.PushAttachment(pieces())


def envelope_of(town: Town) -> bytes:
    [(envelope_id,)] = town.ask("xaa", "SELECT id FROM sent_mail")
    return bytes(envelope_id)


class TestStrangers:
    async def test_only_the_addressee_fetches_from_a_relay(self, town: Town, file: PreparedFile) -> None:
        """For all others, the sender too, it is as if it were not there."""
        async with town.running("hub", "xaa"):
            case = await send(town, "xac", file)
            await placed(town, "xaa", case, PLACES.ATTACHMENT_PLACE_HANDED_OVER)
            request = AttachmentRequest(envelope_id=envelope_of(town), address=file.address)
            for stranger in ("xab", "xaa"):
                async with post_of(town, "hub", stranger) as post:
                    fetched = await error_of(post.FetchAttachment(request))
                    assert (fetched.code, fetched.reason) == ("not-found", "not-named")
                    await post.ConfirmAttachment(request)  # has no effect
            async with post_of(town, "hub", "xac") as post:
                pieces = [piece async for piece in post.FetchAttachment(request)]
        data = b"".join(piece.data for piece in pieces)
        assert hashlib.sha256(data).digest() == file.address

    async def test_only_the_sender_of_the_envelope_brings_what_it_names(
        self, town: Town, file: PreparedFile
    ) -> None:
        async with town.running("hub", "xaa", "xab"):
            case = await send(town, "xac", file)
            await placed(town, "xaa", case, PLACES.ATTACHMENT_PLACE_HANDED_OVER)
            envelope_id, total = envelope_of(town), file.sealed_bytes
            for member, caller in (("hub", "xab"), ("hub", "xac"), ("xab", "xac"), ("xab", "xaa")):
                async with post_of(town, member, caller) as post:
                    refused = await error_of(push(post, envelope_id, file.address, total))
                    assert refused.reason == "not-named", (member, caller)
            async with post_of(town, "hub", "xaa") as post:
                refused = await error_of(push(post, envelope_id, os.urandom(32), total))
                assert refused.reason == "not-named"
                refused = await error_of(push(post, envelope_id, file.address, total + 1))
                assert refused.code == "invalid-input"

    async def test_nodes_keep_nothing_for_others_to_fetch(self, town: Town, file: PreparedFile) -> None:
        async with town.running("hub", "xaa", "xab"), post_of(town, "xab", "xaa") as post:
            request = AttachmentRequest(envelope_id=bytes(32), address=file.address)
            assert (await error_of(post.FetchAttachment(request))).reason == "unimplemented"

    async def test_officers_of_others_hand_in_nothing(self, town: Town, file: PreparedFile) -> None:
        address = f"127.0.0.1:{town.residents['xab'].ports.desk}"
        async with town.running("hub", "xab"):
            client = Client.connect(address, "xab", DOMAIN, town.papers("xaa"))
            async with client:
                with pytest.raises(TracepostError):
                    await hand_in(client, file)
        assert not list((town.place("xab") / "attachments").iterdir())


class TestOtherBytes:
    async def test_what_a_relay_changed_is_refused_and_fetched_anew(
        self, town: Town, file: PreparedFile
    ) -> None:
        kept = town.place("hub") / "attachments" / "xaa" / file.address.hex()
        async with town.running("hub", "xaa"):
            case = await send(town, "xac", file)
            await placed(town, "xaa", case, PLACES.ATTACHMENT_PLACE_HANDED_OVER)
            sound = kept.read_bytes()
            kept.write_bytes(sound[:200_000] + bytes([sound[200_000] ^ 1]) + sound[200_001:])
            async with town.running("xac"):
                await town.unlock("xac")
                await placed(town, "xac", case, PLACES.ATTACHMENT_PLACE_WAITING, "sealing")
                kept.write_bytes(sound)
                await placed(town, "xac", case, PLACES.ATTACHMENT_PLACE_HERE)
                await until(lambda: not kept.exists(), "the relay to forget it")

    async def test_a_part_of_other_bytes_is_found_out_and_brought_anew(
        self, town: Town, file: PreparedFile
    ) -> None:
        """On a direct road: the receiver refuses at the last byte, and the sender begins from the first."""
        blobs = town.place("xab") / "attachments"
        (blobs / f"{file.address.hex()}.part").write_bytes(os.urandom(100_000))
        async with town.running("hub", "xaa", "xab"):
            await town.unlock("xab")
            case = await send(town, "xab", file)
            await placed(town, "xab", case, PLACES.ATTACHMENT_PLACE_HERE)
            await placed(town, "xaa", case, PLACES.ATTACHMENT_PLACE_HANDED_OVER)
        assert "other-bytes" in str(town.ask("xab", "SELECT outcome FROM audit_event"))


class TestFull:
    async def test_a_relay_without_room_takes_it_later(self, town: Town, file: PreparedFile) -> None:
        settings = town.place("hub") / "relay.toml"
        text = settings.read_text()
        settings.write_text(text + "\n[quota]\nattachments_mebibytes = 1\nsender_mebibytes = 1\n")
        filler = town.place("hub") / "attachments" / "xab" / os.urandom(32).hex()
        filler.parent.mkdir(parents=True, exist_ok=True)
        filler.write_bytes(bytes(900_000))
        async with town.running("hub", "xaa"):
            case = await send(town, "xac", file)
            await placed(town, "xaa", case, PLACES.ATTACHMENT_PLACE_LEAVING, "quota")
        settings.write_text(text)
        async with town.running("hub", "xaa", "xac"):
            await town.unlock("xaa")
            await town.unlock("xac")
            await placed(town, "xac", case, PLACES.ATTACHMENT_PLACE_HERE)
