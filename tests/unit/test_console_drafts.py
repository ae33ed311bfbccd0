"""Drafts of the console: encrypted, of one officer, once sent gone."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tracepost.console.drafting import handling_of
from tracepost.console.forms.answers import Answers
from tracepost.console.forms.cabinet import KEEP_DAYS, Cabinet
from tracepost.console.forms.drafts import (
    DRAFTS_LIMIT,
    FILE_RESULT_BYTES,
    FILES_LIMIT,
    PHOTOGRAPHS_LIMIT,
    Draft,
    DraftStore,
    FileResult,
)
from tracepost.protocol.errors import InternalError, LimitError, NotFoundError

KEY = bytes(range(32))
NOW = 1_800_000_000
SERIAL = "ZX-48151623"
ANSWERS = Answers({"content.trace_request.items.0.object.mark.0.text_as_seen": (SERIAL,)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "drafts.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[DraftStore]:
    with closing(Cabinet.open(path, KEY)) as cabinet:
        yield DraftStore(cabinet)


def test_a_draft_is_there_again_after_the_console_was_restarted(path: Path) -> None:
    with closing(Cabinet.open(path, KEY)) as cabinet:
        first = DraftStore(cabinet)
        number = first.begin("xaa/7", Draft("request", answers=ANSWERS), NOW)
        kept = first.take("xaa/7", number)
    with closing(Cabinet.open(path, KEY)) as cabinet:
        again = DraftStore(cabinet)
        assert again.take("xaa/7", number) == kept
        assert [one.number for one in again.list("xaa/7", NOW)] == [number]


def test_the_file_holds_nothing_that_was_typed_and_no_name_and_is_for_its_owner_alone(
    store: DraftStore, path: Path
) -> None:
    number = store.begin("xaa/officer-7", Draft("request", answers=ANSWERS), NOW)
    store.add_photograph("xaa/officer-7", number, b"\x89PNG a picture of it" * 10)
    written = b"".join(one.read_bytes() for one in path.parent.glob("drafts.sqlite*"))
    for secret in (SERIAL, "request", "officer-7", "a picture of it", "text_as_seen"):
        assert secret.encode() not in written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_has_left_a_desk_finds_none_of_what_he_wrote_there(store: DraftStore) -> None:
    there = store.begin("xaa/7", Draft("request", desk="police", answers=ANSWERS), NOW)
    here = store.begin("xaa/7", Draft("request", desk="poc"), NOW)
    assert store.take("xaa/7", there, ("poc", "police")).answers == ANSWERS
    with pytest.raises(NotFoundError):
        store.take("xaa/7", there, ("poc",))
    assert [one.number for one in store.list("xaa/7", NOW, ("poc",))] == [here]


def test_another_officer_finds_no_draft_by_its_number(store: DraftStore) -> None:
    number = store.begin("xaa/7", Draft("request", answers=ANSWERS), NOW)
    digest = store.add_photograph("xaa/7", number, b"picture")
    for call in (
        lambda: store.take("xaa/8", number),
        lambda: store.keep("xaa/8", number, Draft("request"), NOW),
        lambda: store.settle("xaa/8", number, "thread", NOW),
        lambda: store.delete("xaa/8", number),
        lambda: store.photograph("xaa/8", number, digest),
        lambda: store.add_photograph("xaa/8", number, b"another"),
        lambda: store.keep_photographs("xaa/8", number, set()),
    ):
        with pytest.raises(NotFoundError):
            call()
    assert store.list("xaa/8", NOW) == []
    assert store.take("xaa/7", number).answers == ANSWERS


def test_a_row_that_is_given_to_another_officer_or_number_on_the_disk_does_not_open(
    store: DraftStore, path: Path
) -> None:
    mine = store.begin("xaa/7", Draft("request", answers=ANSWERS), NOW)
    other = store.begin("xaa/8", Draft("request"), NOW)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE draft SET sealed = (SELECT sealed FROM draft WHERE number = ?)", (mine,))
    assert store.take("xaa/7", mine).answers == ANSWERS
    with pytest.raises(InternalError):
        store.take("xaa/8", other)
    with closing(sqlite3.connect(path)) as file, file:
        owner = file.execute("SELECT owner FROM draft WHERE number = ?", (other,)).fetchone()[0]
        file.execute("UPDATE draft SET owner = ? WHERE number = ?", (owner, mine))
    with pytest.raises(InternalError):
        store.take("xaa/8", mine)


def test_another_key_opens_nothing(store: DraftStore, path: Path) -> None:
    number = store.begin("xaa/7", Draft("request", answers=ANSWERS), NOW)
    with closing(Cabinet.open(path, bytes(32))) as other, pytest.raises(NotFoundError):
        DraftStore(other).take("xaa/7", number)


def test_a_draft_keeps_its_key_through_changes_so_that_it_sends_once(store: DraftStore) -> None:
    number = store.begin("xaa/7", Draft("request"), NOW)
    first = store.take("xaa/7", number)
    store.keep("xaa/7", number, first.with_answers(ANSWERS), NOW + 1)
    assert store.take("xaa/7", number).key == first.key
    assert store.begin("xaa/7", Draft("request"), NOW) != number


def test_what_was_sent_leaves_only_where_it_went(store: DraftStore) -> None:
    number = store.begin("xaa/7", Draft("request", answers=ANSWERS), NOW)
    digest = store.add_photograph("xaa/7", number, b"picture")
    store.settle("xaa/7", number, "0190-thread", NOW)
    left = store.take("xaa/7", number)
    assert (left.sent_to, left.answers) == ("0190-thread", Answers())
    assert store.list("xaa/7", NOW) == []
    with pytest.raises(NotFoundError):
        store.photograph("xaa/7", number, digest)
    with pytest.raises(NotFoundError):
        store.keep("xaa/7", number, Draft("request", answers=ANSWERS), NOW)


def test_how_what_was_sent_is_to_be_handled_is_still_said(store: DraftStore) -> None:
    number = store.begin("xaa/7", Draft("request", answers=ANSWERS), NOW)
    store.settle("xaa/7", number, "0190-thread", NOW, handling=["DO_NOT_ALERT"])
    assert handling_of(store.take("xaa/7", number)) == ["DO_NOT_ALERT"]


def test_drafts_that_nobody_touched_for_long_are_destroyed(store: DraftStore) -> None:
    old = store.begin("xaa/7", Draft("request", answers=ANSWERS), NOW)
    later = NOW + (KEEP_DAYS + 1) * 86_400
    fresh = store.begin("xaa/7", Draft("request"), later)
    assert [one.number for one in store.list("xaa/7", later)] == [fresh]
    with pytest.raises(NotFoundError):
        store.take("xaa/7", old)


def test_photographs_that_no_answer_names_any_more_are_destroyed(store: DraftStore) -> None:
    number = store.begin("xaa/7", Draft("request"), NOW)
    kept, dropped = (store.add_photograph("xaa/7", number, one) for one in (b"one", b"two"))
    store.keep_photographs("xaa/7", number, {kept})
    assert store.photograph("xaa/7", number, kept) == b"one"
    with pytest.raises(NotFoundError):
        store.photograph("xaa/7", number, dropped)


def test_there_is_an_end_to_drafts_photographs_and_their_size(store: DraftStore) -> None:
    numbers = [store.begin("xaa/7", Draft("request"), NOW) for _ in range(DRAFTS_LIMIT)]
    with pytest.raises(LimitError):
        store.begin("xaa/7", Draft("request"), NOW)
    store.begin("xaa/8", Draft("request"), NOW)
    for count in range(PHOTOGRAPHS_LIMIT):
        store.add_photograph("xaa/7", numbers[0], b"%d" % count)
    with pytest.raises(LimitError):
        store.add_photograph("xaa/7", numbers[0], b"one more")
    with pytest.raises(LimitError):
        store.add_photograph("xaa/7", numbers[1], bytes(200 * 1024 + 1))
    large = Answers({"content.trace_request.ground_text": ("x" * 4_300_000,)})
    with pytest.raises(LimitError):
        store.keep("xaa/7", numbers[1], Draft("request", answers=large), NOW)
    with pytest.raises(LimitError):
        store.begin("xaa/8", Draft("request", answers=large), NOW)
    assert len(store.list("xaa/8", NOW)) == 1


def begin_file(
    store: DraftStore,
    digest: bytes,
    *drafts: Draft,
    officer: str = "xaa/7",
    whole: str = "all",
    desk: str = "poc",
) -> tuple[str, bool]:
    def tell(numbers: Sequence[str]) -> FileResult:
        return FileResult(Answers({"drafts": tuple(numbers)}), Answers({"drafts": (whole, *numbers)}))

    return store.begin_file(officer, digest, drafts, tell, NOW, desk=desk, desks=(desk,))


def test_what_was_sent_does_not_count_towards_the_limit_of_drafts(store: DraftStore) -> None:
    for _ in range(DRAFTS_LIMIT):
        store.settle("xaa/7", store.begin("xaa/7", Draft("request"), NOW), "0190-thread", NOW)
    begin_file(store, b"one")
    store.begin("xaa/7", Draft("request"), NOW)


def test_a_file_begins_all_of_its_drafts_or_none(store: DraftStore) -> None:
    for _ in range(DRAFTS_LIMIT - 1):
        store.begin("xaa/7", Draft("request"), NOW)
    with pytest.raises(LimitError):
        begin_file(store, b"two", Draft("request"), Draft("request"))
    with pytest.raises(LimitError):
        begin_file(store, b"large", Draft("request"), whole="x" * FILE_RESULT_BYTES)
    assert len(store.list("xaa/7", NOW)) == DRAFTS_LIMIT - 1
    assert store.files("xaa/7", NOW, ("poc",)) == ()
    number, again = begin_file(store, b"one", Draft("request"))
    assert (len(store.list("xaa/7", NOW)), again) == (DRAFTS_LIMIT, False)
    assert len(store.file("xaa/7", number, ("poc",)).all("drafts")) == 2


def test_the_same_file_of_an_officer_begins_nothing_a_second_time(store: DraftStore) -> None:
    number, _again = begin_file(store, b"one", Draft("request"))
    assert begin_file(store, b"one", Draft("request")) == (number, True)
    assert len(store.list("xaa/7", NOW)) == 1
    for other in (
        begin_file(store, b"two"),
        begin_file(store, b"one", officer="xaa/8"),
        begin_file(store, b"one", desk="police"),
    ):
        assert not other[1]
    store.delete_file("xaa/7", number)
    assert not begin_file(store, b"one", Draft("request"))[1]


def test_what_became_of_a_file_is_of_its_officer_and_his_desks_alone(store: DraftStore) -> None:
    number, _again = begin_file(store, b"one")
    store.delete_file("xaa/8", number)
    for officer, desk in (("xaa/8", "poc"), ("xaa/7", "police")):
        assert store.files(officer, NOW, (desk,)) == ()
        with pytest.raises(NotFoundError):
            store.file(officer, number, (desk,))
    assert [one.number for one in store.files("xaa/7", NOW, ("poc",))] == [number]
    assert store.files("xaa/7", NOW + (KEEP_DAYS + 1) * 86_400, ("poc",)) == ()


def test_of_many_files_the_oldest_result_goes(store: DraftStore) -> None:
    other, _again = begin_file(store, b"other", officer="xaa/8")
    numbers = [begin_file(store, b"%d" % count)[0] for count in range(FILES_LIMIT + 1)]
    kept = [one.number for one in store.files("xaa/7", NOW, ("poc",))]
    assert kept == numbers[:0:-1]
    assert [one.number for one in store.files("xaa/8", NOW, ("poc",))] == [other]
