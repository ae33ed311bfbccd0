"""Who hands in files, and how much: not who writes no mail, and no more than his share."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes.house import NO_CONTEXT, OFFICER_QUOTA, POC, House, open_street
from fakes.people import Person, hire
from tracepost.node.config import DeskSettings
from tracepost.node.handlers.drafting.uploading import UNNAMED_LIFE_S
from tracepost.protocol.errors import PermissionError_, QuotaError
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1.post_pb2 import AttachmentPiece, AttachmentPosition

ARMOURY = DeskSettings(DeskId("armoury"), competences=("RECORDS_CUSTODY",), outward=False)
PROVINCE = DeskSettings(DeskId("province"), competences=("LAW_ENFORCEMENT",), outward=False, under="poc")


@pytest.fixture
async def xaa(tmp_path: Path) -> AsyncIterator[House]:
    async with open_street(tmp_path, "xaa", desks={"xaa": (POC, ARMOURY, PROVINCE)}) as street:
        yield street["xaa"]


async def hand_in(person: Person, data: bytes, total: int = 0) -> list[AttachmentPosition]:
    person.sits()

    async def pieces() -> AsyncIterator[AttachmentPiece]:
        address = hashlib.sha256(data).digest()
        yield AttachmentPiece(address=address, total_bytes=total or len(data))
        yield AttachmentPiece(data=data)

    return [one async for one in person.house.attachments.Upload(pieces(), NO_CONTEXT)]


async def test_an_inner_desk_that_writes_no_mail_hands_in_no_file(xaa: House) -> None:
    with pytest.raises(PermissionError_) as refusal:
        await hand_in(hire(xaa, "1", "armoury"), b"a ledger")
    assert refusal.value.reason == "inner-desk"
    assert xaa.blobs.used_bytes == 0


@pytest.mark.parametrize("desk", ["poc", "province"])
async def test_a_desk_that_writes_mail_does_and_the_audit_says_who(xaa: House, desk: str) -> None:
    *_, last = await hand_in(hire(xaa, "1", desk), b"a ledger")
    assert last.complete
    address = hashlib.sha256(b"a ledger").hexdigest()
    [told] = await xaa.store.read(lambda tx: tx.audit.about([address]))
    assert (told.event.actor, told.event.action) == ("officer-1", "hand-in")


async def test_an_officer_takes_no_more_room_than_his_share_until_his_files_are_forgotten(xaa: House) -> None:
    greedy, other = hire(xaa, "1", "poc"), hire(xaa, "2", "poc")
    await hand_in(greedy, b"a" * (OFFICER_QUOTA // 2))
    with pytest.raises(QuotaError) as refusal:
        await hand_in(greedy, b"b" * (OFFICER_QUOTA // 2 + 1))
    assert refusal.value.reason == "officer-quota"
    await hand_in(greedy, b"a" * (OFFICER_QUOTA // 2))  # the same once more
    await hand_in(other, b"c" * (OFFICER_QUOTA // 2 + 1))
    xaa.clock.now += UNNAMED_LIFE_S
    await hand_in(greedy, b"b" * (OFFICER_QUOTA // 2 + 1))
