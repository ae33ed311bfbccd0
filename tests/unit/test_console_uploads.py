"""Files that come to the console in pieces: of one officer, in order, whole as announced or not there at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tracepost.console.forms.cabinet import UPLOAD_KEEP_S, Cabinet
from tracepost.console.forms.uploads import UPLOAD_BYTES, UPLOADS_LIMIT, Upload, UploadStore
from tracepost.protocol.errors import ConflictError, LimitError, NotFoundError, VerificationError

KEY = bytes(range(32))
NOW = 1_800_000_000
FILE = bytes(range(250)) * 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "drafts.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[UploadStore]:
    with closing(Cabinet.open(path, KEY)) as cabinet:
        yield UploadStore(cabinet)


def begin(store: UploadStore, content: bytes = FILE, *, officer: str = "xaa/7", now: int = NOW) -> Upload:
    return store.begin(officer, len(content), hashlib.sha256(content).digest(), now)


def test_a_file_comes_in_pieces_and_is_whole(store: UploadStore) -> None:
    number = begin(store).number
    assert store.add_piece("xaa/7", number, 0, FILE[:600], NOW).offset == 600
    assert store.find("xaa/7", number, NOW) == Upload(number, 1000, 600)
    with pytest.raises(NotFoundError):
        store.whole("xaa/7", number, NOW)
    assert store.add_piece("xaa/7", number, 600, FILE[600:], NOW).offset == 1000
    assert store.whole("xaa/7", number, NOW) == FILE


def test_the_same_file_goes_on_where_it_stopped_also_after_the_console_was_restarted(path: Path) -> None:
    with closing(Cabinet.open(path, KEY)) as cabinet:
        store = UploadStore(cabinet)
        number = begin(store).number
        store.add_piece("xaa/7", number, 0, FILE[:600], NOW)
    with closing(Cabinet.open(path, KEY)) as cabinet:
        store = UploadStore(cabinet)
        assert begin(store) == Upload(number, 1000, 600)
        assert begin(store, FILE[:-1]).offset == 0, "another file"
        assert begin(store, FILE[:-1] + bytes([FILE[-1] ^ 1])).offset == 0, "of the same length"


@pytest.mark.parametrize("offset", [0, 599, 601, 1000])
def test_a_piece_at_a_wrong_offset_changes_nothing(store: UploadStore, offset: int) -> None:
    number = begin(store).number
    store.add_piece("xaa/7", number, 0, FILE[:600], NOW)
    with pytest.raises(ConflictError):
        store.add_piece("xaa/7", number, offset, FILE[:10], NOW)
    store.add_piece("xaa/7", number, 600, FILE[600:], NOW)
    assert store.whole("xaa/7", number, NOW) == FILE


@pytest.mark.parametrize("piece", [b"", FILE[600:] + b"x"])
def test_a_piece_that_is_empty_or_ends_behind_the_file_changes_nothing(
    store: UploadStore, piece: bytes
) -> None:
    number = begin(store).number
    store.add_piece("xaa/7", number, 0, FILE[:600], NOW)
    with pytest.raises(LimitError):
        store.add_piece("xaa/7", number, 600, piece, NOW)
    assert store.find("xaa/7", number, NOW).offset == 600


def test_nothing_is_kept_of_a_file_that_is_another_than_announced(store: UploadStore, path: Path) -> None:
    number = begin(store).number
    store.add_piece("xaa/7", number, 0, FILE[:600], NOW)
    with pytest.raises(VerificationError):
        store.add_piece("xaa/7", number, 600, bytes(400), NOW)
    with pytest.raises(NotFoundError):
        store.find("xaa/7", number, NOW)
    assert begin(store).offset == 0


def test_another_officer_finds_neither_the_number_nor_the_file(store: UploadStore) -> None:
    number = begin(store).number
    store.add_piece("xaa/7", number, 0, FILE[:600], NOW)
    assert begin(store, officer="xaa/8").offset == 0, "who has the same file learns nothing"
    with pytest.raises(NotFoundError):
        store.find("xaa/8", number, NOW)
    with pytest.raises(NotFoundError):
        store.add_piece("xaa/8", number, 600, FILE[600:], NOW)
    store.forget("xaa/8", number)
    store.add_piece("xaa/7", number, 600, FILE[600:], NOW)
    with pytest.raises(NotFoundError):
        store.whole("xaa/8", number, NOW)


def test_a_file_expires_some_time_after_its_last_piece(store: UploadStore) -> None:
    number = begin(store).number
    store.add_piece("xaa/7", number, 0, FILE[:600], NOW + UPLOAD_KEEP_S)
    store.add_piece("xaa/7", number, 600, FILE[600:700], NOW + 2 * UPLOAD_KEEP_S)
    for asked in (store.find, store.whole):
        with pytest.raises(NotFoundError):
            asked("xaa/7", number, NOW + 3 * UPLOAD_KEEP_S + 1)


def test_an_officer_has_a_few_files_on_their_way_and_the_oldest_goes(store: UploadStore) -> None:
    files = [bytes([one]) * 10 for one in range(UPLOADS_LIMIT + 1)]
    begin(store, FILE, officer="xaa/8")
    numbers = [begin(store, file, now=NOW + index).number for index, file in enumerate(files)]
    with pytest.raises(NotFoundError):
        store.find("xaa/7", numbers[0], NOW)
    assert [store.find("xaa/7", one, NOW).number for one in numbers[1:]] == numbers[1:]
    again = begin(store, files[1], now=NOW + 99).number
    assert again == numbers[1], "the same file is not one more"


def test_a_file_that_is_chosen_again_is_kept_from_then_on(store: UploadStore) -> None:
    number = begin(store).number
    begin(store, now=NOW + UPLOAD_KEEP_S)
    assert store.find("xaa/7", number, NOW + 2 * UPLOAD_KEEP_S).number == number


def test_a_clock_that_is_set_back_does_not_destroy_the_file_that_is_begun(store: UploadStore) -> None:
    for one in range(UPLOADS_LIMIT):
        begin(store, bytes([one]) * 10)
    begun = begin(store, FILE, now=NOW - 3600)
    assert store.find("xaa/7", begun.number, NOW) == Upload(begun.number, len(FILE), 0)


@pytest.mark.parametrize("size", [0, UPLOAD_BYTES + 1])
def test_a_file_that_is_empty_or_too_large_is_not_begun(store: UploadStore, size: int) -> None:
    with pytest.raises(LimitError):
        store.begin("xaa/7", size, bytes(32), NOW)


def test_files_are_forgotten_one_by_one_and_all_together(store: UploadStore) -> None:
    first, second = begin(store).number, begin(store, b"another").number
    other = begin(store, officer="xaa/8").number
    store.forget("xaa/7", first)
    assert store.find("xaa/7", second, NOW).number == second
    store.forget("xaa/7")
    with pytest.raises(NotFoundError):
        store.find("xaa/7", second, NOW)
    assert store.find("xaa/8", other, NOW).number == other


def test_the_disk_holds_neither_the_file_nor_its_digest(store: UploadStore, path: Path) -> None:
    begun = begin(store)
    store.add_piece("xaa/7", begun.number, 0, FILE[:600], NOW)
    written = b"".join(one.read_bytes() for one in path.parent.glob("drafts.sqlite*"))
    assert FILE[:64] not in written
    assert hashlib.sha256(FILE).digest() not in written
