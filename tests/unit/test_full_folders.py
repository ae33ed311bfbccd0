"""What a full or read-only disk does to the files of a node: a typed error, nothing left behind, and it is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tracepost.node.adapters.archive import ArchiveFiles
from tracepost.node.records.statements import SealedParts
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import EnvelopeId
from tracepost.serving.pouch_files import Filling, open_spool
from tracepost.serving.storage.durable_file import find_unwritable
from tracepost.wire.v1.post_pb2 import Announcement, Frame

FULL = Path("/dev/full")
"""A device that takes no byte."""
NOBODYS = Path("/proc")
"""A folder in which nobody can make a file, not even root."""


def pack_on_a_full_disk(folder: Path) -> None:
    """Put a frame into a spool whose disk becomes full while it is open."""
    with open_spool(folder) as spool:
        full = os.open(FULL, os.O_RDWR)
        os.dup2(full, spool.fileno())
        os.close(full)
        frame = Frame(announcements=[Announcement(trust_list=b"list")])
        Filling(spool, 1 << 20, 0).put_frame(frame)
        pytest.fail("a frame was put that no disk has")


def test_a_pouch_for_which_there_is_no_room_is_told_as_ours(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refusal:
        pack_on_a_full_disk(tmp_path)
    assert refusal.value.reason == "pouch-not-written"
    assert [*tmp_path.iterdir()] == []


def test_a_pouch_that_cannot_be_begun_is_told_as_ours() -> None:
    with pytest.raises(StoreError) as refusal, open_spool(NOBODYS):
        pass
    assert refusal.value.reason == "pouch-not-written"


def test_what_another_thing_did_not_do_is_not_told_of_the_spool(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError), open_spool(tmp_path):
        raise ConnectionResetError


def test_of_an_archive_that_was_not_written_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    files = ArchiveFiles(tmp_path / "archive")
    parts = {EnvelopeId(bytes(16)): SealedParts(b"header", b"slots", b"body", b"")}
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", sync)
        with pytest.raises(StoreError) as refusal:
            files.write(parts)
    assert refusal.value.reason == "archive-not-written"
    assert [*(tmp_path / "archive").iterdir()] == []
    written = files.write(parts)
    assert files.names() == {written.name}


def test_folders_that_are_there_and_take_no_file_are_named(tmp_path: Path) -> None:
    places = {"store": tmp_path, "attachments": NOBODYS, "archive": tmp_path / "not-yet"}
    assert find_unwritable(places) == ["attachments"]
    assert [*tmp_path.iterdir()] == []
