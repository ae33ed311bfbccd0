"""Blobs: whole under their own digest or not there, gone on with after a cut, within their quota."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tracepost.protocol.envelope import MAX_ATTACHMENT_BYTES
from tracepost.protocol.errors import (
    BusyError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    QuotaError,
    SealingError,
    StoreError,
    TracepostError,
)
from tracepost.serving.storage.blobs import Blob, BlobName, Blobs, forget_stale

DATA = os.urandom(100_000)
NAME = BlobName(hashlib.sha256(DATA).digest())
PLENTY = 1 << 30


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs", PLENTY)


def put(blobs: Blobs, data: bytes = DATA, shelf: str = "") -> BlobName:
    name = BlobName(hashlib.sha256(data).digest(), shelf)
    with blobs.write(name, len(data)) as part:
        part.append(data[part.offset :])
        part.finish()
    return name


def test_what_was_written_is_read_from_any_byte_on(blobs: Blobs) -> None:
    assert blobs.find(NAME) is None
    put(blobs)
    assert blobs.find(NAME) == Blob(len(DATA), is_whole=True)
    with blobs.read(NAME, 70_000) as file:
        assert file.read() == DATA[70_000:]


def test_a_part_is_gone_on_with_by_another_process(tmp_path: Path, blobs: Blobs) -> None:
    with blobs.write(NAME, len(DATA)) as part:
        part.append(DATA[:60_000])
    again = Blobs(tmp_path / "blobs", PLENTY)
    assert again.find(NAME) == Blob(60_000, is_whole=False)
    assert again.used_bytes == 60_000
    with again.write(NAME, len(DATA)) as part:
        assert part.offset == 60_000
        part.append(DATA[60_000:])
        part.finish()
    assert again.has(NAME)
    assert again.used_bytes == len(DATA)


def test_two_processes_do_not_write_one_blob_at_once(tmp_path: Path, blobs: Blobs) -> None:
    other = Blobs(tmp_path / "blobs", PLENTY)
    with blobs.write(NAME, len(DATA)) as part:
        part.append(DATA[:60_000])
        with pytest.raises(BusyError):
            other.write(NAME, len(DATA))
        part.append(DATA[60_000:])
        part.finish()
    assert other.used_bytes == 60_000, "as it was when it was refused"
    other.recount()
    assert other.used_bytes == len(DATA)
    with other.write(NAME, len(DATA)) as part:
        assert part.is_whole
    other.remove(NAME)
    blobs.recount()
    assert blobs.used_bytes == 0


def test_a_part_is_not_given_out(blobs: Blobs) -> None:
    with blobs.write(NAME, len(DATA)) as part:
        part.append(DATA[:10])
        with pytest.raises(InvalidInputError):
            part.finish()
    with pytest.raises(NotFoundError):
        blobs.read(NAME)


def test_other_bytes_are_deleted_and_written_anew(blobs: Blobs) -> None:
    with blobs.write(NAME, len(DATA)) as part:
        part.append(DATA[:-1] + bytes([DATA[-1] ^ 1]))
        with pytest.raises(SealingError) as refusal:
            part.finish()
    assert refusal.value.reason == "other-bytes"
    assert blobs.find(NAME) is None
    assert blobs.used_bytes == 0
    put(blobs)
    assert blobs.has(NAME)


def test_a_part_that_was_damaged_on_the_disk_is_noticed(tmp_path: Path, blobs: Blobs) -> None:
    """As after a power cut: the length is there and the bytes are not."""
    with blobs.write(NAME, len(DATA)) as part:
        part.append(DATA[:60_000])
    [path] = (tmp_path / "blobs").iterdir()
    path.write_bytes(DATA[:50_000] + bytes(10_000))
    with pytest.raises(SealingError):
        put(blobs)
    assert blobs.find(NAME) is None


def test_a_part_longer_than_announced_begins_anew(tmp_path: Path, blobs: Blobs) -> None:
    with blobs.write(NAME, len(DATA) + 500) as part:
        part.append(os.urandom(len(DATA) + 400))
    with blobs.write(NAME, len(DATA)) as part:
        assert part.offset == 0
        part.append(DATA)
        part.finish()


def test_what_is_whole_is_not_written_again(blobs: Blobs) -> None:
    put(blobs)
    with blobs.write(NAME, len(DATA)) as part:
        assert part.is_whole
        assert part.offset == len(DATA)
        part.finish()


def test_two_do_not_write_one_blob(blobs: Blobs) -> None:
    with blobs.write(NAME, len(DATA)):
        with pytest.raises(BusyError):
            blobs.write(NAME, len(DATA))
        blobs.remove(NAME)
    with blobs.write(NAME, len(DATA)):
        pass


def test_more_than_announced_is_refused(blobs: Blobs) -> None:
    with blobs.write(NAME, 10) as part, pytest.raises(LimitError):
        part.append(bytes(11))


@pytest.mark.parametrize(
    ("total", "kind"),
    [(0, InvalidInputError), (MAX_ATTACHMENT_BYTES + 1, LimitError), (PLENTY + 1, QuotaError)],
)
def test_nobody_announces_so_much(blobs: Blobs, total: int, kind: type[TracepostError]) -> None:
    with pytest.raises(kind):
        blobs.write(NAME, total)
    assert blobs.used_bytes == 0


def test_the_quota_counts_what_is_announced_and_forgets_what_is_removed(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs", 250_000)
    first, second = put(blobs), put(blobs, os.urandom(100_000))
    third = BlobName(bytes(32))
    with pytest.raises(QuotaError):
        blobs.write(third, 60_000)
    blobs.remove(first)
    with blobs.write(third, 60_000), pytest.raises(QuotaError):
        blobs.write(BlobName(bytes(31) + b"\1"), 100_000)
    assert blobs.used_bytes == 100_000  # nothing came of the third
    blobs.remove(second)
    assert blobs.used_bytes == 0


def test_shelves_are_apart(tmp_path: Path, blobs: Blobs) -> None:
    put(blobs, shelf="xaa")
    assert blobs.has(BlobName(NAME.address, "xaa"))
    assert not blobs.has(BlobName(NAME.address, "xab"))
    assert not blobs.has(NAME)
    assert [name for name, _, _ in Blobs(tmp_path / "blobs", PLENTY).names()] == [
        BlobName(NAME.address, "xaa")
    ]


def test_files_are_for_their_owner_alone(tmp_path: Path, blobs: Blobs) -> None:
    put(blobs, shelf="xaa")
    for path in (tmp_path / "blobs", *(tmp_path / "blobs").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0


def test_what_nobody_names_and_nobody_wrote_to_is_forgotten(tmp_path: Path, blobs: Blobs) -> None:
    named, stale, fresh = put(blobs), put(blobs, os.urandom(50)), put(blobs, os.urandom(60))
    for name in (named, stale):
        os.utime(tmp_path / "blobs" / name.address.hex(), (1000, 1000))
    assert forget_stale(blobs, keep=frozenset([named]), older_than=2000) == 1
    assert [blobs.has(name) for name in (named, stale, fresh)] == [True, False, True]


def test_a_folder_that_cannot_be_made_is_told_as_ours(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(StoreError) as refusal:
        Blobs(tmp_path / "taken" / "blobs", PLENTY)
    assert refusal.value.reason == "attachment-not-written"


def test_a_blob_that_cannot_be_deleted_is_told_as_ours_and_still_counts(blobs: Blobs) -> None:
    put(blobs)
    blobs.path_of(NAME).unlink()
    blobs.path_of(NAME).mkdir()  # the disk does not let it go, whoever asks
    with pytest.raises(StoreError) as refusal:
        blobs.remove(NAME)
    assert refusal.value.reason == "attachment-not-written"
    assert blobs.used_bytes == len(DATA)


def test_a_blob_that_the_disk_does_not_give_is_told_as_ours(blobs: Blobs) -> None:
    put(blobs)
    path = blobs.path_of(NAME)
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError) as refusal:
        blobs.read(NAME)
    assert refusal.value.reason == "attachment-not-read"
    path.rmdir()
    path.symlink_to("/proc/self/mem")  # opens, and gives nothing of its beginning
    with blobs.read(NAME) as file, pytest.raises(StoreError) as refusal:
        file.read(1)
    assert refusal.value.reason == "attachment-not-read"


def test_what_the_disk_does_not_count_is_told_as_ours_and_counts_as_before(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError(5, "Input/output error")

    put(blobs)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", fail)
        with pytest.raises(StoreError) as refusal:
            blobs.recount()
    assert refusal.value.reason == "attachment-not-read"
    assert blobs.used_bytes == len(DATA)


def test_a_folder_that_is_gone_is_told_as_ours_and_holds_no_name(tmp_path: Path, blobs: Blobs) -> None:
    (tmp_path / "blobs").rmdir()
    for _ in range(2):
        with pytest.raises(StoreError):
            blobs.write(NAME, len(DATA))
