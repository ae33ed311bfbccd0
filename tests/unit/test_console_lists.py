"""Pages of a case that list things: what is hidden is no entry."""

from __future__ import annotations

import re
from typing import Any

from starlette.datastructures import FormData

from fakes.casefiles import World
from fakes.console_pages import FRAME, visit_at
from tracepost.console.case_rows import Row
from tracepost.console.chosen_statements import Choice, page_of
from tracepost.console.pages.enclosures import files_of, pictures_of
from tracepost.console.pages.holders import lists_of
from tracepost.console.pages.waiting import open_rows
from tracepost.console.rendering import render
from tracepost.console.second_word import Row as Asked
from tracepost.console.showing import Shower
from tracepost.console.visit import Visit
from tracepost.locale.words import words_of
from tracepost.sdk.drafts import wrap_content
from tracepost.wire.v1 import attachment_pb2, desk_pb2, onward_pb2, share_pb2, trace_pb2, weapon_pb2


def shown(template: str, **values: Any) -> str:
    return render(words_of("en"), f"pages/{template}.html", FRAME | values)


def view_of(item: weapon_pb2.Item) -> desk_pb2.CaseView:
    content = wrap_content(trace_pb2.TraceRequest(items=[item]))
    return desk_pb2.CaseView(
        statements=[desk_pb2.StatementView(kind="trace.request/1", from_member="xab", content=content)]
    )


def test_a_hidden_photograph_before_one_that_is_shown_is_no_entry() -> None:
    item = weapon_pb2.Item()
    item.object.photograph.extend([weapon_pb2.Photograph(), weapon_pb2.Photograph(sha256=b"\1" * 32)])
    found = pictures_of(Shower(words_of("en")), view_of(item))
    assert [one.sha256 for one in found] == ["01" * 32]


def test_photographs_of_what_is_passed_on_stand_under_who_wrote_it_at_any_depth() -> None:
    world, item = World("xaa", "xab", "xac"), weapon_pb2.Item(id="1", kind=weapon_pb2.ITEM_KIND_WEAPON)
    item.object.photograph.add(view=weapon_pb2.PHOTOGRAPH_VIEW_LEFT, sha256=b"\3" * 32)
    asked = world.exhibit(world.sign("xaa", ["xab"], trace_pb2.TraceRequest(file_number="F", items=[item])))
    passed = share_pb2.Share(reason=share_pb2.SHARE_REASON_CASE, exhibits=[asked])
    again = share_pb2.Share(exhibits=[world.exhibit(world.sign("xab", ["xac"], passed))])
    view = desk_pb2.CaseView()
    view.statements.add(kind="share/1", from_member="xac", content=wrap_content(again))
    (found,) = pictures_of(Shower(words_of("en")), view)
    assert (found.sha256, found.kind, found.from_member) == ("03" * 32, "trace.request/1", "xaa")


def test_an_exhibit_that_does_not_verify_names_no_photograph() -> None:
    view = desk_pb2.CaseView()
    view.statements.add(kind="share/1", content=wrap_content(share_pb2.Share(exhibits=[share_pb2.Exhibit()])))
    assert pictures_of(Shower(words_of("en")), view) == []


def test_a_hidden_file_before_one_that_is_shown_is_no_entry() -> None:
    item = weapon_pb2.Item()
    item.attachments.extend([attachment_pb2.Attachment(), attachment_pb2.Attachment(address=b"\2" * 32)])
    found = files_of(Shower(words_of("en")), view_of(item))
    assert [one.address for one in found] == ["02" * 32]


def test_a_list_of_cases_says_how_often_others_were_reminded_and_how_often_by_a_slip() -> None:
    case = desk_pb2.CaseSummary(thread="0198", reminders=2)
    row = Row(case, newest="", handling=(), answered="", overdue=False, slips_reminded=1)
    texts = [shown("home_list", title="Waiting for them", name="them", rows=[one]) for one in (row, EMPTY)]
    assert ["2 reminders to them" in text for text in texts] == [True, False]
    assert ["1 reminder<" in text for text in texts] == [True, False]


EMPTY = Row(desk_pb2.CaseSummary(thread="0199"), "", (), "", overdue=False, slips_reminded=0)


def test_until_when_a_law_keeps_a_case_is_read_as_it_was_written() -> None:
    line = onward_pb2.HolderLine(member="xac", kept_under="القانون 12", kept_until="2026-11-05")
    visit = visit_at(tag="ar")
    [row] = lists_of(visit, onward_pb2.ListHoldersResponse(holders=[line]))["holders"].rows
    assert row[-1] == "\u2068القانون 12\u2069 \u20682026-11-05\u2069"


def a_choice(count: int) -> Choice:
    """Return a page that lets choose from so many messages, "0" and on."""
    offered = [
        desk_pb2.StatementView(kind="trace.request/1", from_member="xab", statement=str(number))
        for number in range(count)
    ]
    return Choice("Delete", "", "Which", "", "/cases/0198/delete", offered, 16, 400)


def choosing(visit: Visit, choice: Choice) -> str:
    """Return the page that lets choose, as a visit is shown it."""
    return shown(
        "chosen_statements",
        choice=choice,
        choices=page_of(visit, choice),
        chosen=visit.form.getlist("statement"),
        errors=(),
        token_field="t",
        form_token="x",
    )


def test_who_chose_on_a_later_page_and_left_something_out_is_shown_that_page_again() -> None:
    page = choosing(visit_at("/cases/0198/delete", "messages=2"), a_choice(30))
    assert 'action="/cases/0198/delete?messages=2"' in page
    assert page.count('name="statement"') == 5


def test_who_asked_and_is_sent_back_is_shown_what_he_chose_and_links_that_lead_on() -> None:
    visit = visit_at("/cases/0198/delete/ask")
    visit.form = FormData([("statement", "29"), ("statement", "27")])
    page = choosing(visit, a_choice(60))
    assert re.findall(r'value="([0-9]+)" checked', page) == ["27", "29"]
    links = set(re.findall(r'href="(/cases/0198/delete[^"]*)"', page))
    assert links == {f"/cases/0198/delete?messages={number}#messages" for number in (1, 2, 3)}


# ── what waits ───────────────────────────────────────────────────────────────────────


def a_row(path: str, at: str, *, is_open: bool = True, is_ours: bool = False) -> Asked:
    return Asked(path, "", "", "", at, "", is_open, is_ours)


def test_what_is_the_officers_to_decide_comes_first_and_of_that_what_waits_longest() -> None:
    rows = [
        a_row("old", "2026-01-01T00:00:00Z"),
        a_row("decided", "2026-01-02T00:00:00Z", is_open=False, is_ours=True),
        a_row("ours", "2026-01-04T00:00:00Z", is_ours=True),
        a_row("ours and old", "2026-01-03T00:00:00Z", is_ours=True),
    ]
    assert [row.path for row in open_rows(rows)] == ["ours and old", "ours", "old"]
