"""Long lists and long messages come a page at a time: nothing is lost between two pages, and no page is heavy."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from fakes.console_pages import FRAME, visit_at
from tracepost.console.pages.case import lists_of
from tracepost.console.paging import Leaf, leaf_of, starts_of
from tracepost.console.pieces import PAGE_BYTES, pieces_of
from tracepost.console.rendering import render
from tracepost.console.showing import Grid, Line, Sheet
from tracepost.locale.words import words_of
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.drafts import wrap_content
from tracepost.wire.v1 import desk_pb2, trace_pb2, weapon_pb2

LATER_PAGE_BYTES: Final = 50 * 1024


def page_of(query: str, rows: int, name: str = "rows") -> Leaf[int]:
    return leaf_of(visit_at("/there", query), name, range(rows), 10)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 21])
def test_every_row_stands_on_one_page(count: int) -> None:
    first = page_of("", count)
    pages = [page_of(f"rows={number}", count) for number in range(1, first.count + 1)]
    assert [row for page in pages for row in page.rows] == list(range(count))
    assert all(len(page.rows) <= 10 for page in pages)
    assert first.rows == pages[0].rows


def test_a_row_that_is_too_heavy_stands_alone() -> None:
    assert list(starts_of([1, 9, 20, 1, 9, 1], 10)) == [0, 2, 3, 5]


def test_who_asks_for_a_page_that_is_no_more_gets_the_last_one() -> None:
    assert page_of("rows=9", 25).rows == range(20, 25)


@pytest.mark.parametrize("asked", ["0", "x", "-1", "1.5", "", "1" * 7, "\u0661"])
def test_what_is_no_number_of_a_page_is_refused(asked: str) -> None:
    with pytest.raises(InvalidInputError):
        page_of(f"rows={asked}", 25)


def test_a_link_leads_to_its_list_and_leaves_the_others_where_they_are() -> None:
    leaf = page_of("other=3&rows=2", 100)
    assert leaf.href(5) == "/there?other=3&rows=5#rows"


def test_the_ends_and_the_neighbours_are_offered() -> None:
    assert list(page_of("rows=6", 100).numbers()) == [1, 0, 5, 6, 7, 0, 10]
    assert list(page_of("", 20).numbers()) == [1, 2]


def test_the_pages_of_a_list_are_a_landmark_with_its_name_in_any_direction() -> None:
    template = '{% from "paging.html" import pages_of with context %}{{ pages_of(leaf, "Rows") }}'
    for tag in ("en", "ar"):
        words = words_of(tag)
        shown = _environment(tag).from_string(template).render(leaf=page_of("rows=2", 30))
        assert f'aria-label="{words.gettext("Pages: {list}").format(list="Rows")}"' in shown
        assert shown.count('aria-current="page"') == 1
        assert words.gettext("Previous page") in shown
        assert words.gettext("Next page") in shown
    assert "<nav" not in _environment("en").from_string(template).render(leaf=page_of("", 10))


def _environment(tag: str) -> Any:
    from tracepost.console.rendering import templates_of

    return templates_of(words_of(tag))


# ── pieces of a message ──────────────────────────────────────────────────────────────


def texts_of(sheet: Sheet) -> Iterator[str]:
    """Yield what a sheet says, without headings."""
    yield from (text for line in sheet.lines for text in line.texts)
    yield from (cell for grid in sheet.grids for row in grid.rows for cell in row)
    for one in sheet.sheets:
        yield from texts_of(one)


def a_sheet(chance: random.Random, depth: int) -> Sheet:
    """Return a sheet of any shape, with some sheets that only have a heading."""
    lines = tuple(Line("label", (_text(chance),)) for _ in range(chance.randrange(4)))
    rows = tuple((_text(chance), _text(chance)) for _ in range(chance.randrange(5)))
    grids = (Grid("caption", ("a", "b"), rows),) if rows else ()
    within = [a_sheet(chance, depth - 1) for _ in range(chance.randrange(9) if depth else 0)]
    return Sheet(_text(chance), lines, grids, tuple(within), ("DO_NOT_ALERT",))


def _text(chance: random.Random) -> str:
    return chance.randbytes(chance.randrange(1, 120)).hex()


@pytest.mark.parametrize("seed", range(20))
def test_the_pieces_of_a_message_say_what_it_says_and_are_light(seed: int) -> None:
    whole = a_sheet(random.Random(seed), 3)
    pieces = pieces_of(whole)
    assert [text for piece in pieces for text in texts_of(piece.sheet())] == list(texts_of(whole))
    assert all(piece.weight <= PAGE_BYTES for piece in pieces)
    assert all(piece.sheet().handling == whole.handling for piece in pieces)
    assert {piece.count for piece in pieces} == {len(pieces)}


def test_what_goes_on_in_a_later_piece_has_its_heading_and_handling_there_too() -> None:
    exhibit = Sheet(
        "an exhibit", tuple(Line("label", ("x" * 500,)) for _ in range(90)), handling=("DO_NOT_ALERT",)
    )
    pieces = pieces_of(Sheet("", sheets=(exhibit, replace(exhibit, heading="another"))))
    assert len(pieces) > 3
    for piece in pieces:
        assert {(one.heading, one.handling) for one in piece.sheet().sheets} <= {
            ("an exhibit", ("DO_NOT_ALERT",)),
            ("another", ("DO_NOT_ALERT",)),
        }
        assert piece.sheet().sheets


def test_a_sheet_that_only_has_a_heading_is_not_lost() -> None:
    broken = Sheet("an exhibit that does not verify")
    filled = Sheet("", tuple(Line("label", ("x" * 500,)) for _ in range(90)), sheets=(broken,))
    assert [one.heading for piece in pieces_of(filled) for one in piece.sheet().sheets] == [broken.heading]


# ── a case without bounds ────────────────────────────────────────────────────────────


def a_great_case() -> desk_pb2.CaseView:
    """Return a case of 600 items, each told of in its own words, a third of them unanswered; 60 enquiries."""
    chance, view = random.Random(1), desk_pb2.CaseView()
    view.summary.thread = "0198"
    for first in range(0, 600, 300):
        numbers = range(first, first + 300)
        asked = trace_pb2.TraceRequest(items=[_item(chance, one) for one in numbers])
        told = [_answer(chance, one) for one in numbers if one % 3]
        for number, said in enumerate((asked, trace_pb2.Response(answers=told, final=True))):
            kind = ("trace.request/1", "trace.response/1")[number]
            view.statements.add(kind=kind, from_member=("xaa", "xab")[number], content=wrap_content(said))
        for one in numbers:
            item = view.summary.items.add(item_id=str(one), asked=True)
            if one % 3:
                item.answers.add(by_member="xab", final=True)
    for _ in range(60):
        view.summary.enquiries.add(custodian_name=_text(chance))
    return view


def _item(chance: random.Random, number: int) -> weapon_pb2.Item:
    item = weapon_pb2.Item(id=str(number), kind=weapon_pb2.ITEM_KIND_WEAPON)
    item.object.make, item.object.model = _text(chance), _text(chance)
    for role in (weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, weapon_pb2.MARK_ROLE_IMPORT):
        item.object.mark.add(role=role, text_as_seen=chance.randbytes(8).hex())
    return item


def _answer(chance: random.Random, number: int) -> trace_pb2.Answer:
    answer = trace_pb2.Answer(item_id=str(number), explanation=_text(chance))
    answer.lineage.add(kind="LINEAGE_EVENT_KIND_EXPORTED", on="1994", to_body=_text(chance))
    return answer


def great_events() -> list[desk_pb2.TimelineEvent]:
    """Return the events of a year: every second one is a look."""
    return [
        desk_pb2.TimelineEvent(
            at=f"2020-01-01T{number // 60:02}:{number % 60:02}:00Z",
            event="opened" if number % 2 else "received",
            kind="trace.request/1",
            actor=f"officer-{number}.xaa via console",
            log="xaa",
            log_index=number,
        )
        for number in range(1_000)
    ]


def page_at(view: desk_pb2.CaseView, query: str, tag: str = "en") -> tuple[str, dict[str, Leaf[Any]]]:
    lists = lists_of(visit_at("/cases/0198", query, tag), view, great_events())
    values = {"summary": view.summary, "actions": (), "unproved": (), "state": "", "opened": ""}
    return render(words_of(tag), "pages/case.html", FRAME | values | lists), lists


def test_no_page_of_a_great_case_is_heavy_and_each_list_is_whole() -> None:
    view = a_great_case()
    _page, lists = page_at(view, "")
    assert {leaf.name for leaf in lists.values() if leaf.count > 1} == {
        "items", "supply", "asked", "said", "events", "looks"
    }  # fmt: skip
    for leaf in lists.values():
        for number in (1, 2, leaf.count):
            page, _lists = page_at(view, f"{leaf.name}={number}")
            assert len(gzip.compress(page.encode())) < LATER_PAGE_BYTES, (leaf.name, number)
    for tag in ("ru", "ar", "zh_Hans"):
        page, _lists = page_at(view, "said=2&supply=2", tag)
        assert len(gzip.compress(page.encode())) < LATER_PAGE_BYTES, tag


def test_what_waits_and_what_is_new_comes_first() -> None:
    page, lists = page_at(a_great_case(), "")
    assert [int(row[0]) % 3 for row in lists["outcomes"].rows] == [0] * 25
    assert lists["said"].rows[0].shown.view.kind == "trace.response/1"
    assert lists["events"].rows[0][1].log_index == 998
    assert lists["looks"].rows[0][1].log_index == 999
    assert re.search(r"part 1 of [0-9]+", page)


def test_an_item_that_was_only_handed_on_within_the_case_waits_still() -> None:
    view = desk_pb2.CaseView()
    view.summary.members.extend(["xaa", "xab", "xac"])
    for item_id, ask_next in (("answered", ""), ("asked elsewhere", "xad"), ("handed on", "xac")):
        item = view.summary.items.add(item_id=item_id, asked=True)
        item.answers.add(by_member="xab", final=True, ask_next=ask_next)
    _page, lists = page_at(view, "")
    assert [row[0] for row in lists["outcomes"].rows] == ["handed on", "answered", "asked elsewhere"]
