"""The forms of notices: as few pages as an officer in the field can do with, and the notice that they make."""

from __future__ import annotations

import pytest

from tracepost.console.forms.answers import Answers
from tracepost.console.forms.beginning import (
    LOSS_NOTICE,
    begin_in_case,
    begin_opening,
    sought,
    sought_by_others,
    still_sought,
)
from tracepost.console.forms.finishing import finish
from tracepost.console.forms.guides import GUIDES, said_in
from tracepost.console.forms.sheet import SheetMaker
from tracepost.locale.words import words_of
from tracepost.paper import words as paper
from tracepost.paper.forms import Blanks, blank_form
from tracepost.paper.sheet import Blank, Table
from tracepost.wire.v1 import desk_pb2, loss_pb2, terms_pb2, weapon_pb2

NOW = 1_800_000_000
TODAY, TOMORROW = "2027-1-15", "2027-1-16"
S = "content.seizure_notice"
MAKER = SheetMaker(words_of("en"))
SEIZED = {
    "to": ["xab"],
    f"{S}.items.0.id": ["1"],
    f"{S}.items.0.kind": ["WEAPON"],
    f"{S}.items.0.object.calibre_as_marked": ["7.62x39"],
    f"{S}.items.0.object.mark.0.role": ["MANUFACTURER_SERIAL"],
    f"{S}.items.0.object.mark.0.text_as_seen": ["AB-1234"],
    f"~{S}.items.0.object.mark.0.text_as_seen": ["AB-1234"],
    f"{S}.seized_on": [TODAY],
    f"{S}.border_point": ["Sorting centre"],
    f"{S}.agency": ["Customs of XAA"],
    f"{S}.file_number": ["S-1"],
    f"{S}.direction": ["IMPORT"],
    f"{S}.transport_mode": ["POST_OR_EXPRESS"],
    f"{S}.route_countries": ["XAD\nXAA"],
    f"{S}.quantity": ["1"],
    f"{S}.hs_codes": ["9301"],
}


def seized(**changes: list[str]) -> Answers:
    said = {f"{S}.{path.replace('__', '.')}": texts for path, texts in changes.items()}
    return begin_opening("seizure").having(SEIZED).having(said)


def faults(guide: str, answers: Answers) -> set[tuple[str, str]]:
    made = finish(GUIDES[guide], answers, now=NOW, own_member="xaa", parts=())
    return {(one.path, one.reason) for one in made.faults}


def test_a_whole_seizure_makes_a_notice_without_a_fault_and_with_what_follows_from_it() -> None:
    made = finish(GUIDES["seizure"], seized(), now=NOW, own_member="xaa", parts=())
    assert made.faults == ()
    assert made.draft.purpose == terms_pb2.PURPOSE_BORDER_CONTROL
    assert made.draft.legal_basis == terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE
    notice = made.draft.content.seizure_notice
    (item,) = notice.items
    assert (item.object.mark[0].normalised, item.object.calibre) == ("AB1234", "7.62x39mm")
    assert item.kind == weapon_pb2.ITEM_KIND_WEAPON
    assert (notice.seized_on, list(notice.route_countries)) == ("2027-01-15", ["XAD", "XAA"])


def test_each_of_the_ten_fields_of_the_short_form_is_asked_for_and_missed_at_its_own_page() -> None:
    asked = {ask.path.removeprefix(f"{S}.") for step in GUIDES["seizure"].steps for ask in step.asks}
    ten = {
        *("file_number", "agency", "seized_on", "direction", "transport_mode", "route_countries"),
        *("border_point", "quantity", "hs_codes"),
    }
    assert ten <= asked
    for name in sorted(ten):
        assert {path for path, _reason in faults("seizure", seized(**{name: []}))} == {f"{S}.{name}"}


def test_what_the_short_form_needs_is_not_shown_as_optional() -> None:
    boxes = {box.name: box for box in MAKER.sheet(GUIDES["seizure"].step("goods"), seized(), ()).boxes}
    needed = {name.removeprefix(f"{S}.") for name, box in boxes.items() if not box.optional}
    assert needed == {"direction", "transport_mode", "route_countries", "quantity", "hs_codes"}


def test_what_the_rules_of_notices_say_stands_at_its_field_in_words() -> None:
    wrong = {
        "quantity": (seized(quantity=["1"], **second_weapon()), "quantity"),
        "hs_codes": (seized(hs_codes=["8708"]), "not-arms"),
        "seized_on": (seized(seized_on=[TOMORROW]), "not-yet"),
    }
    for name, (answers, reason) in wrong.items():
        (fault,) = finish(GUIDES["seizure"], answers, now=NOW, own_member="xaa", parts=()).faults
        assert (fault.path, fault.reason) == (f"{S}.{name}", reason)
        assert "not in the form" not in MAKER.fault_words(fault)


def second_weapon() -> dict[str, list[str]]:
    return {"items__1__id": ["2"], "items__1__kind": ["WEAPON"]}


def test_a_trace_is_suggested_only_of_what_bears_a_mark_or_was_examined() -> None:
    bare: dict[str, list[str]] = {path: [] for path in seized().below(f"{S}.items.0.object.mark")}
    suggested = seized(suggests_trace=["yes"]).having(bare)
    assert faults("seizure", suggested) == {(f"{S}.items.0.object.mark", "no-mark")}
    assert faults("seizure", suggested.having({f"{S}.items.0.object.unmarked": ["yes"]})) == set()


def test_a_serial_that_was_typed_twice_in_two_ways_does_not_go() -> None:
    again = f"~{S}.items.0.object.mark.0.text_as_seen"
    assert faults("seizure", seized().having({again: ["AB-1284"]})) == {(again, "typed-differently")}


L, H = "content.loss_notice", "content.hit"
GONE = {
    "to": ["xab"],
    "legal_basis": ["FIREARMS_PROTOCOL"],
    f"{L}.items.0.id": ["1"],
    f"{L}.items.0.kind": ["SERIAL_RANGE"],
    f"{L}.items.0.serial_range.from_serial": ["AB 1000"],
    f"{L}.items.0.serial_range.to_serial": ["AB 1099"],
    f"{L}.items.0.serial_range.quantity": ["100"],
    f"{L}.status": ["STOLEN"],
    f"{L}.file_number": ["L-1"],
    f"{L}.reporting_unit": ["Weapons desk"],
    f"{L}.happened_on": ["2027-1-3"],
}


def gone(**changes: list[str]) -> Answers:
    said = {f"{L}.{path.replace('__', '.')}": texts for path, texts in changes.items()}
    return begin_opening("loss").having(GONE).having(said)


def test_a_stock_that_was_stolen_makes_a_notice_that_seeks_it() -> None:
    made = finish(GUIDES["loss"], gone(), now=NOW, own_member="xaa", parts=())
    assert made.faults == ()
    assert made.draft.purpose == terms_pb2.PURPOSE_RECOVERY
    notice = made.draft.content.loss_notice
    assert (notice.status, notice.happened_on) == (loss_pb2.LOSS_STATUS_STOLEN, "2027-01-03")
    assert notice.items[0].serial_range.quantity == 100


def test_what_the_rules_of_losses_say_stands_at_its_field_in_words() -> None:
    wrong = {
        "status": (gone(status=[]), "required"),
        "happened_on": (gone(happened_on=[TOMORROW]), "not-yet"),
        "happened_until": (gone(happened_until=["2027-1-2"]), "backwards"),
        "expires_on": (gone(expires_on=["2027-1-14"]), "expired"),
        "items.0": (
            gone(items__0__kind=["WEAPON"], items__0__object__make=["Zastava"]),
            "nothing-to-find",
        ),
    }
    for name, (answers, reason) in wrong.items():
        (fault,) = finish(GUIDES["loss"], answers, now=NOW, own_member="xaa", parts=()).faults
        assert (fault.path, fault.reason) == (f"{L}.{name}", reason)
        assert "not in the form" not in MAKER.fault_words(fault)


FIRST = "0" * 43


def noticed(*messages: loss_pb2.LossNotice, by: str = "xaa") -> desk_pb2.CaseView:
    return desk_pb2.CaseView(
        summary=desk_pb2.CaseSummary(opened_by="xaa", opened_with=LOSS_NOTICE, members=["xaa", "xab"]),
        statements=[
            desk_pb2.StatementView(
                statement=str(index) * 43,
                from_member=by,
                to=["xab", "xac"],
                kind=LOSS_NOTICE,
                content=desk_pb2.Content(loss_notice=one),
            )
            for index, one in enumerate(messages)
        ],
    )


def notice(*ids: str, ends: str = "") -> loss_pb2.LossNotice:
    return loss_pb2.LossNotice(
        file_number="L-1",
        reporting_unit="Weapons desk",
        changes_digest=ends or None,
        items=[weapon_pb2.Item(id=one) for one in ids],
    )


def test_of_a_loss_there_is_left_to_end_what_no_later_notice_has_ended() -> None:
    assert [one.id for one in sought(noticed(notice("1", "2", "3")), "xaa").items] == ["1", "2", "3"]
    view = noticed(notice("1", "2", "3"), notice("2", ends=FIRST))
    assert [one.id for one in sought(view, "xaa").items] == ["1", "3"]
    answers = begin_in_case("loss-end", view, (), NOW, member="xaa")
    assert answers.all("~ended") == ("1", "3")
    chosen = answers.having({"~ended": ["3"], f"{L}.status": ["CANCELLED"]})
    made = finish(GUIDES["loss-end"], chosen, now=NOW, own_member="xaa", parts=())
    assert made.faults == ()
    ended = made.draft.content.loss_notice
    assert ([one.id for one in ended.items], ended.changes_digest) == (["3"], FIRST)
    assert (ended.file_number, ended.reporting_unit) == ("L-1", "Weapons desk")


def test_what_some_were_not_told_the_end_of_is_left_to_end() -> None:
    view = noticed(notice("1", "2"), notice("1", ends=FIRST), notice("1", ends=FIRST))
    for index, member in ((1, "xab"), (2, "xac")):
        view.statements[index].to[:] = [member]
    assert [one.id for one in sought(view, "xaa").items] == ["2"]
    del view.statements[2]
    assert [one.id for one in sought(view, "xaa").items] == ["1", "2"]


def test_an_end_that_cannot_reach_a_member_is_none_for_it_and_who_never_learned_of_a_loss_needs_none() -> (
    None
):
    view = noticed(notice("1"), notice("1", ends=FIRST))
    for one in view.statements:
        for to in one.to:
            one.dispatches.add(to=to, state=desk_pb2.MAIL_STATE_DELIVERED)
    begun, ended = (one.dispatches[1] for one in view.statements)
    for state in (desk_pb2.MAIL_STATE_REFUSED, desk_pb2.MAIL_STATE_EXPIRED):
        ended.state = state
        assert [one.id for one in sought(view, "xaa").items] == ["1"]
    by_another_road = view.statements[1].dispatches.add(to="xac", state=desk_pb2.MAIL_STATE_QUEUED)
    assert not sought(view, "xaa").items
    by_another_road.state = desk_pb2.MAIL_STATE_REFUSED
    begun.state = desk_pb2.MAIL_STATE_REFUSED
    assert not sought(view, "xaa").items


def test_an_end_is_offered_to_who_told_of_the_loss_and_while_something_is_sought() -> None:
    told = noticed(notice("1"))
    offered = {
        ("xaa", True): told,
        ("xab", False): told,
        ("xaa", False): noticed(notice("1"), notice("1", ends=FIRST)),
    }
    for (member, expected), view in offered.items():
        names = [one.name for one in said_in(view, member, "poc")]
        assert ("loss-end" in names) is expected


def test_that_something_sought_was_seen_is_offered_to_who_was_told_of_it_and_while_it_is_sought() -> None:
    told, ended = noticed(notice("1", "2")), noticed(notice("1"), notice("1", ends=FIRST))
    for view, member, expected in ((told, "xab", True), (told, "xaa", False), (ended, "xab", False)):
        assert ("hit" in {one.name for one in said_in(view, member, "poc")}) is expected
    some = noticed(notice("1", "2"), notice("2", ends=FIRST))
    digest, items = sought_by_others(some, "xab")
    assert (digest, [one.id for one in items]) == (FIRST, ["1"])
    assert sought_by_others(some, "xaa") == ("", [])


def test_what_a_form_began_with_offers_its_own_items_after_a_later_notice_with_the_same_numbers() -> None:
    view = noticed(notice("1", "2"), notice("2", ends=FIRST), notice("1", "2", "3"))
    later = view.statements[2].statement
    assert sought_by_others(view, "xab")[0] == later
    assert [one.id for one in still_sought(view, FIRST)] == ["1"]
    assert [one.id for one in still_sought(view, later)] == ["1", "2", "3"]
    assert still_sought(view, "") == []


def test_a_hit_names_the_notice_and_of_each_thing_seen_the_item_that_it_is_like() -> None:
    begun = begin_in_case("hit", noticed(notice("1", "2")), (), NOW, member="xab")
    seen = {
        f"{H}.file_number": ["H-1"],
        f"{H}.agrees_in": ["SERIAL", "MAKE"],
        **{
            f"{H}.items.{n}.{name}": [said]
            for n in (0, 1)
            for name, said in (("id", f"S{n}"), ("kind", "WEAPON"))
        },
        **{f"{H}.recognised.{n}.confidence": ["PROBABLE"] for n in (0, 1)},
        f"{H}.recognised.0.item_id": ["2"],
        f"{H}.recognised.1.item_id": ["1"],
    }
    made = finish(GUIDES["hit"], begun.having(seen), now=NOW, own_member="xab", parts=())
    assert made.faults == ()
    hit = made.draft.content.hit
    assert [(o.statement_digest, o.item_id, o.seen_item_id) for o in hit.recognised] == [
        (FIRST, "2", "S0"),
        (FIRST, "1", "S1"),
    ]
    without = begun.having({**seen, f"{H}.recognised.1.item_id": []})
    faults = finish(GUIDES["hit"], without, now=NOW, own_member="xab", parts=()).faults
    assert {one.path for one in faults} == {f"{H}.recognised.1.item_id"}


@pytest.mark.parametrize("kind", [LOSS_NOTICE, "customs.seizure-notice/1", "panel.documented-item/1"])
def test_who_was_told_something_is_offered_no_answer_to_what_nobody_asked(kind: str) -> None:
    told = desk_pb2.CaseView(summary=desk_pb2.CaseSummary(opened_by="xaa", opened_with=kind))
    told.statements.add(statement=FIRST, kind=kind, from_member="xaa")
    names = {one.name for one in said_in(told, "xab", "poc")}
    assert {"acknowledge", "ask", "status", "close"} <= names
    assert names.isdisjoint({"answer", "refuse", "delay", "redirect", "refer"})
    told.statements.add(statement="1" * 43, kind="trace.request/1", from_member="xaa")
    assert "answer" in {one.name for one in said_in(told, "xab", "poc")}


def test_one_weapon_with_one_mark_needs_fewer_pages_than_a_request_and_fewer_answers() -> None:
    for_request = Answers().having(
        {path.replace(S, "content.trace_request"): said for path, said in SEIZED.items()}
    )
    pages = [step.slug for step, _numbers in GUIDES["seizure"].places(seized())]
    assert len(pages) < len([*GUIDES["request"].places(for_request)])
    assert pages[-5:] == ["seizure", "goods", "papers", "to", "check"]
    for slug in ("item", "thing", "mark"):
        short, long = (len(GUIDES[name].step(slug).asks) for name in ("seizure", "request"))
        assert short < long


@pytest.mark.parametrize(("form", "guide"), [(Blanks.SEIZURE, "seizure"), (Blanks.ITEM, "request")])
def test_every_blank_of_a_printed_form_is_asked_for_in_its_guide(form: Blanks, guide: str) -> None:
    words = paper.Words("en")
    blocks = [block for section in blank_form(words, form).sections for block in section.blocks]
    labels = {block.label for block in blocks if isinstance(block, Blank)}
    labels |= {cell for block in blocks if isinstance(block, Table) for cell in block.heads}
    asked = {ask.path.rpartition(".")[2] for step in GUIDES[guide].steps for ask in step.asks}
    by_hand = {"Name, function, date, signature", "Keyed in by, on (date), twice compared"}
    assert labels - {words.field(name) for name in asked} == by_hand


def test_what_carried_it_and_what_the_papers_say_goes_with_the_notice() -> None:
    papers = seized(
        conveyance=["MV Example"],
        container_numbers=["CSQU3054383"],
        bill_of_lading=["BL-1"],
        air_waybill=["020-12345675"],
        declared_goods=["Machine parts"],
        customs_procedure=["TRANSIT"],
    )
    made = finish(GUIDES["seizure"], papers, now=NOW, own_member="xaa", parts=())
    assert made.faults == ()
    notice = made.draft.content.seizure_notice
    assert (notice.conveyance, list(notice.container_numbers)) == ("MV Example", ["CSQU3054383"])
    wrong = papers.having({f"{S}.container_numbers": ["CSQU3054383\nCSQU3054384"]})
    assert faults("seizure", wrong) == {(f"{S}.container_numbers", "check-digit")}


def test_the_script_that_was_seen_stays_where_what_was_typed_does_not_tell_it() -> None:
    mark = f"{S}.items.0.object.mark.0"

    def script(text: str) -> int:
        said = {f"{mark}.script": ["ARABIC"], f"{mark}.text_as_seen": [text], f"~{mark}.text_as_seen": [text]}
        made = finish(GUIDES["seizure"], seized().having(said), now=NOW, own_member="xaa", parts=())
        return made.draft.content.seizure_notice.items[0].object.mark[0].script

    assert (script("711"), script("AB-1234")) == (weapon_pb2.SCRIPT_ARABIC, weapon_pb2.SCRIPT_LATIN)
