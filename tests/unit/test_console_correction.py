"""One answer or one item is corrected by itself: what can be, what changes, and who sees it."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.messages import rich_request
from tracepost.console.forms.answers import Answers
from tracepost.console.forms.beginning import begin_in_case
from tracepost.console.forms.correction import (
    CORRECTED,
    find_part,
    is_loaded,
    is_outdated,
    load,
    parts_of,
    without_photographs,
)
from tracepost.console.forms.finishing import finish, present_of
from tracepost.console.forms.guides import GUIDES, said_in
from tracepost.console.forms.preview import Change, changes_for
from tracepost.console.forms.sheet import SheetMaker
from tracepost.console.forms.steps import SEVERAL
from tracepost.locale.words import words_of
from tracepost.wire.v1 import desk_pb2, options_pb2, terms_pb2, trace_pb2, weapon_pb2

NOW = 1_770_000_000
HEAD = "content.amendment.answers.0"
ITEM = "content.amendment.items.0"
"""Path of the one answer, and of the one item, that is corrected."""


def answer(item: str, **more: object) -> trace_pb2.Answer:
    return trace_pb2.Answer(
        item_id=item,
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_FIRST_RECIPIENT,
        stopped_because=trace_pb2.STOPPED_BECAUSE_OTHER,
        stopped_because_full=trace_pb2.STOPPED_BECAUSE_LOST_OR_STOLEN,
        **more,  # type: ignore[arg-type]
    )


def case(*answers: trace_pb2.Answer) -> desk_pb2.CaseView:
    """Return a case in which XAA asked XAB about items, and XAB answered."""
    view = desk_pb2.CaseView()
    view.summary.opened_by = "xaa"
    view.summary.members.extend(["xaa", "xab"])
    asked = view.statements.add(
        statement="q" * 43,
        kind="trace.request/1",
        from_member="xaa",
        to=["xab"],
        issued_at="2026-01-01T00:00:00Z",
    )
    asked.content.trace_request.CopyFrom(rich_request())
    said = view.statements.add(
        statement="r" * 43,
        kind="trace.response/1",
        from_member="xab",
        to=["xaa"],
        issued_at="2026-01-02T00:00:00Z",
    )
    said.restrictions.add(code=terms_pb2.RESTRICTION_CODE_NO_PUBLICATION)
    said.content.response.answers.extend(answers)
    return view


def amend(
    view: desk_pb2.CaseView, sign: str, day: str = "2026-01-03", *, of: str = "r", **said: Any
) -> desk_pb2.StatementView:
    """Add an amendment by the author of a statement of the case; without an effect, it takes its place."""
    amended = next(one for one in view.statements if one.statement == of * 43)
    content = trace_pb2.Amendment(
        **{"amends_digest": of * 43, "effect": trace_pb2.AMENDMENT_EFFECT_REPLACE, **said}
    )
    return view.statements.add(
        statement=sign * 43,
        kind="trace.amendment/1",
        from_member=amended.from_member,
        to=amended.to,
        issued_at=f"{day}T00:00:00Z",
        content=desk_pb2.Content(amendment=content),
    )


def begun(view: desk_pb2.CaseView, guide: str, name: str, member: str) -> Answers:
    answers = begin_in_case(guide, view, [], NOW, member=member)
    return load(answers, find_part(view, member, guide, name))


def corrected(answers: Answers, guide: str = "correct-answer") -> trace_pb2.Amendment:
    made = finish(GUIDES[guide], answers, now=NOW, parts=())
    assert made.faults == ()
    return made.draft.content.amendment


def test_one_answer_of_several_is_corrected_and_the_path_says_which() -> None:
    view = case(answer("1"), answer("2", explanation="Sold in 1990."), answer("3"))
    answers = begun(view, "correct-answer", f"{'r' * 43}/answers.1", "xab").having(
        {
            f"{HEAD}.explanation": ["Sold in 1991."],
            f"{HEAD}.follow_up": ["Ask the maker."],
            "content.amendment.reason": ["TRANSCRIPTION_ERROR"],
        }
    )
    said = corrected(answers)
    assert [one.item_id for one in said.answers] == ["2"]
    assert (said.amends_digest, said.effect) == ("r" * 43, trace_pb2.AMENDMENT_EFFECT_REPLACE)
    assert list(said.changed_paths) == ["answers.1"]
    assert said.answers[0].stopped_because == trace_pb2.STOPPED_BECAUSE_OTHER


def test_a_correction_goes_to_whom_the_answer_went_bound_as_it_was() -> None:
    answers = begun(case(answer("1")), "correct-answer", f"{'r' * 43}/answers.0", "xab")
    answers = answers.having({f"{HEAD}.explanation": ["x"], SEVERAL: ["yes"]})
    draft = finish(GUIDES["correct-answer"], answers, now=NOW, parts=()).draft
    assert list(draft.to) == ["xaa"]
    assert [one.code for one in draft.restrictions] == [terms_pb2.RESTRICTION_CODE_NO_PUBLICATION]


@pytest.mark.parametrize("removed", [False, True])
def test_what_changes_nothing_is_no_correction(removed: bool) -> None:
    answers = begun(case(answer("1")), "correct-answer", f"{'r' * 43}/answers.0", "xab")
    answers = answers.having({"content.amendment.reason": ["NEW_INFORMATION"]})
    if removed:
        answers = answers.without("content.amendment.answers", 0)
        assert not is_loaded(answers), "chosen again, it begins anew"
    made = finish(GUIDES["correct-answer"], answers, now=NOW, parts=())
    assert {(one.path, one.reason) for one in made.faults} == {(CORRECTED, "nothing-changed")}


def test_what_another_answer_makes_void_is_said_no_longer_and_named() -> None:
    whole = answer("1", ask_member="xac")
    whole.stopped_because = trace_pb2.STOPPED_BECAUSE_EXPORTED
    whole.ClearField("stopped_because_full")
    answers = begun(case(whole), "correct-answer", f"{'r' * 43}/answers.0", "xab")
    assert answers.first(f"{HEAD}.stopped_because_full") == "EXPORTED"
    answers = answers.having(
        {
            f"{HEAD}.stopped_because_full": ["NEVER_RECORDED"],
            "content.amendment.reason": ["WRONG_IDENTIFICATION"],
        }
    )
    said = corrected(answers)
    assert list(said.changed_paths) == ["answers.0"]
    assert not said.answers[0].ask_member


def test_a_desk_sees_as_changed_what_it_reads_and_of_the_same_class_what_is_said_no_longer() -> None:
    guide, words = GUIDES["correct-answer"], words_of("en")
    view = case(answer("1", explanation="Sold in 1990.", follow_up="Ask the maker."))
    answers = begun(view, guide.name, f"{'r' * 43}/answers.0", "xab").having(
        {f"{HEAD}.explanation": ["Sold in 1991."], f"{HEAD}.follow_up": [], f"{HEAD}.reach": ["MAKER"]}
    )
    draft = finish(guide, answers, now=NOW).draft
    present = present_of(guide, answers)
    paths = ["changed_paths", "answers.0.reach", "answers.0.item_id"]
    reading = desk_pb2.Reading(member="xaa", desk="customs", paths=paths)
    changes = changes_for(reading, present, draft, words)
    assert {one.label.rpartition(", ")[2] for one in changes} == {"reach"}
    police = desk_pb2.Reading(member="xaa", desk="police", paths=[*paths, "answers.0.explanation"])
    told = {(one.now, one.before) for one in changes_for(police, present, draft, words)}
    assert {("Sold in 1991.", "Sold in 1990."), ("", "Ask the maker.")} < told
    assert Change("x", "Sold in 1991.", "Sold in 1990.").__repr__().count("Sold") == 0


def test_an_item_is_corrected_with_what_follows_from_its_marks() -> None:
    view = case()
    first = view.statements[0].content.trace_request.items[0]
    first.ClearField("attachments")
    first.object.calibre_as_marked, first.object.calibre = "7.62x39", "7.62x39mm"
    del first.object.mark[:]
    first.object.mark.add(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen="AB 1234")
    first.kind = weapon_pb2.ITEM_KIND_WEAPON
    name = f"{'q' * 43}/items.0"
    answers = begun(view, "correct-item", name, "xaa")
    mark = f"{ITEM}.object.mark.0.text_as_seen"
    assert answers.first(f"~{mark}") == "AB 1234", "what stays is not typed a second time"
    answers = answers.having(
        {
            mark: ["AB 1284"],
            f"{ITEM}.object.calibre_as_marked": ["9x19"],
            "content.amendment.reason": ["TRANSCRIPTION_ERROR"],
        }
    )
    twice = finish(GUIDES["correct-item"], answers, now=NOW, parts=()).faults
    assert [one.reason for one in twice] == ["typed-differently"]
    said = corrected(answers.having({f"~{mark}": ["AB 1284"]}), "correct-item")
    (item,) = said.items
    assert (item.id, item.object.mark[0].normalised) == (first.id, "AB1284")
    assert item.object.calibre == "9x19mm-parabellum"
    assert list(said.changed_paths) == ["items.0"], "which mark it is stands nowhere in clear"


def test_what_was_corrected_before_is_corrected_as_it_reads_since() -> None:
    view = case(answer("1", explanation="first"))
    amend(view, "a", answers=[answer("1", explanation="second")])
    amend(view, "b", "2026-01-04", effect=trace_pb2.AMENDMENT_EFFECT_ADD, answers=[answer("1")])
    (part,) = parts_of(view, "xab", "correct-answer")
    answers = load(Answers(), part)
    assert answers.first(f"{HEAD}.explanation") == "second"
    assert part.name == f"{'r' * 43}/answers.0", "and what was said first is named"


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("last", ["2026-01-05", "2026-01-03", "2026-01-02"])
def test_a_correction_of_a_correction_is_how_it_reads_today_whatever_the_clocks_and_the_order_say(
    order: int, last: str
) -> None:
    view = case(answer("1", explanation="first"), answer("2", explanation="of 2"))
    amend(view, "a", answers=[answer("1", explanation="second")])
    amend(view, "b", last, of="a", answers=[answer("1", explanation="third")])
    statements = list(view.statements)[::order]
    del view.statements[:]
    view.statements.extend(statements)
    parts = {one.item_id: one for one in parts_of(view, "xab", "correct-answer")}
    assert {item: one.today.explanation for item, one in parts.items()} == {"1": "third", "2": "of 2"}  # type: ignore[attr-defined]
    assert parts["1"].name == f"{'r' * 43}/answers.0", "what was said first is named"
    assert parts["1"].source.statement == "b" * 43


def test_of_two_corrections_of_one_answer_the_newest_counts_with_what_corrects_it() -> None:
    view = case(answer("1", explanation="first"))
    amend(view, "a", "2026-01-03", answers=[answer("1", explanation="a")])
    amend(view, "b", "2026-01-04", answers=[answer("1", explanation="b")])
    amend(view, "c", "2026-01-05", of="a", answers=[answer("1", explanation="c")])
    (part,) = parts_of(view, "xab", "correct-answer")
    assert part.source.statement == "c" * 43
    amend(view, "d", "2026-01-06", of="b", answers=[answer("1", explanation="d")])
    (part,) = parts_of(view, "xab", "correct-answer")
    assert part.source.statement == "d" * 43


def test_two_answers_on_one_item_are_told_apart_in_a_correction_of_a_correction_too() -> None:
    view = case(answer("1", explanation="one"), answer("1", explanation="other"))
    amend(view, "a", changed_paths=["answers.1"], answers=[answer("1", explanation="better")])
    amend(view, "b", "2026-01-04", of="a", answers=[answer("1", explanation="best")])
    parts = list(parts_of(view, "xab", "correct-answer"))
    assert [one.today.explanation for one in parts] == ["one", "best"]  # type: ignore[attr-defined]


def test_a_correction_by_another_member_or_of_itself_changes_nothing() -> None:
    view = case(answer("1", explanation="first"))
    amend(view, "a", answers=[answer("1", explanation="second")])
    amend(view, "b", of="a", answers=[answer("1", explanation="a stranger's")]).from_member = "xaa"
    loop = amend(view, "c", of="a", answers=[answer("1", explanation="of itself")])
    loop.content.amendment.amends_digest = loop.statement
    (part,) = parts_of(view, "xab", "correct-answer")
    assert part.source.statement == "a" * 43


def test_what_was_corrected_by_what_is_called_back_is_not_corrected_by_itself() -> None:
    view = case(answer("1"), answer("2"))
    amend(view, "a", answers=[answer("1", explanation="second")])
    amend(view, "b", of="a", effect=trace_pb2.AMENDMENT_EFFECT_RECALL)
    assert [one.item_id for one in parts_of(view, "xab", "correct-answer")] == ["2"]


@pytest.mark.parametrize("meanwhile", ["nothing", "the same", "another", "recalled"])
def test_what_was_said_anew_since_a_correction_was_begun_is_not_undone_by_it(meanwhile: str) -> None:
    view, name = case(answer("1", explanation="first")), f"{'r' * 43}/answers.0"
    answers = begun(view, "correct-answer", name, "xab").having({f"{HEAD}.explanation": ["mine"]})
    if meanwhile == "recalled":
        amend(view, "a", effect=trace_pb2.AMENDMENT_EFFECT_RECALL)
    elif meanwhile != "nothing":
        said = {"the same": "mine", "another": "a colleague's"}[meanwhile]
        amend(view, "a", answers=[answer("1", explanation=said)])
    draft = finish(GUIDES["correct-answer"], answers, now=NOW).draft
    part = find_part(view, "xab", "correct-answer", name)
    assert is_outdated(answers, part, draft) is (meanwhile in {"another", "recalled"})


def test_two_answers_on_one_item_are_told_apart_and_each_is_corrected_by_itself() -> None:
    view = case(answer("1", explanation="one"), answer("1", explanation="other"))
    amend(view, "a", changed_paths=["answers.1"], answers=[answer("1", explanation="better")])
    parts = list(parts_of(view, "xab", "correct-answer"))
    assert [one.name.partition("/")[2] for one in parts] == ["answers.0", "answers.1"]
    assert [one.today.explanation for one in parts] == ["one", "better"]  # type: ignore[attr-defined]


def test_what_was_removed_withdrawn_or_recalled_is_not_corrected() -> None:
    def offered() -> list[str]:
        for item in view.statements[0].content.trace_request.items:
            item.ClearField("attachments")
        return [one.item_id for one in parts_of(view, "xaa", "correct-item")]

    view = case()
    view.statements[0].content.trace_request.items.add(id="gone", kind=weapon_pb2.ITEM_KIND_WEAPON)
    view.statements[0].content.trace_request.items.add(id="back", kind=weapon_pb2.ITEM_KIND_WEAPON)
    assert offered()[-2:] == ["gone", "back"]
    amend(view, "a", of="q", effect=trace_pb2.AMENDMENT_EFFECT_ADD, removed_item_ids=["gone"])
    assert "gone" not in offered()
    back = amend(view, "b", of="q").content
    back.withdrawal.step = trace_pb2.WITHDRAWAL_STEP_ASKED
    back.withdrawal.item_ids.append("back")
    assert "back" not in offered()
    back.withdrawal.ClearField("item_ids")
    assert offered() == [], "without items, all of the request is taken back"


def test_a_correction_is_bound_as_what_was_said_last_to_the_earliest_day() -> None:
    view = case(answer("1"))
    later = amend(view, "a", answers=[answer("1", explanation="second")])
    for day in ("2027-05-01", "2027-03-01"):
        later.restrictions.add(code=terms_pb2.RESTRICTION_CODE_DELETE_AFTER, until=day)
    answers = begun(view, "correct-answer", f"{'r' * 43}/answers.0", "xab")
    draft = finish(GUIDES["correct-answer"], answers, now=NOW).draft
    assert [(one.code, one.until) for one in draft.restrictions] == [
        (terms_pb2.RESTRICTION_CODE_DELETE_AFTER, "2027-03-01")
    ]


@pytest.mark.parametrize(
    "more", [{"until": "2027-01-01"}, {"detail": "Ask us."}, {"field_paths": ["answers.0.explanation"]}]
)
def test_what_is_bound_as_the_form_cannot_say_is_not_corrected_there(more: dict[str, Any]) -> None:
    view = case(answer("1"))
    view.statements[1].restrictions.add(code=terms_pb2.RESTRICTION_CODE_COMPETENT_AUTHORITIES_ONLY, **more)
    assert list(parts_of(view, "xab", "correct-answer")) == []


def test_only_ones_own_is_corrected_and_only_what_is_shown_whole_and_comes_back_as_it_is() -> None:
    def offered(view: desk_pb2.CaseView, member: str = "xab") -> list[str]:
        return [one.item_id for one in parts_of(view, member, "correct-answer")]

    assert offered(case(answer("1"), answer("2"))) == ["1", "2"]
    assert offered(case(answer("1")), "xaa") == []
    hidden = case(answer("1"))
    hidden.statements[1].hidden.add(of_class=options_pb2.SENSITIVITY_PERSONAL, fields=1, exact=True)
    assert offered(hidden) == []
    named = case(answer("1"))
    named.statements[1].content.response.readers.add()
    assert offered(named) == [], "desks that alone may read a field are named by its place"
    dealings = [trace_pb2.LineageDealing(event_index=0)]
    assert offered(case(answer("1", lineage_dealings=dealings), answer("2"))) == ["2"]


def test_what_a_browser_makes_up_is_no_choice_and_takes_away_what_was_begun() -> None:
    view = case(answer("1"))
    answers = begun(view, "correct-answer", f"{'r' * 43}/answers.0", "xab")
    forged = load(
        answers.having({CORRECTED: ["x/answers.0"]}), find_part(view, "xab", "correct-answer", "x/answers.0")
    )
    assert (forged.first(CORRECTED), forged.count("content.amendment.answers")) == ("", 0)
    faults = finish(GUIDES["correct-answer"], forged, now=NOW, parts=()).faults
    assert (CORRECTED, "required") in {(one.path, one.reason) for one in faults}


def test_a_photograph_that_is_no_longer_here_does_not_keep_an_item_from_being_corrected() -> None:
    view = case()
    item = view.statements[0].content.trace_request.items[0]
    item.ClearField("attachments")
    item.object.photograph.add(sha256=bytes(32), view=weapon_pb2.PHOTOGRAPH_VIEW_LEFT)
    answers = begun(view, "correct-item", f"{'q' * 43}/items.0", "xaa")
    assert any(".photograph." in path for path in answers.values)
    answers = without_photographs(answers).having({"content.amendment.reason": ["NEW_INFORMATION"]})
    answers = answers.having({f"{ITEM}.object.description": ["Rusty."]})
    assert list(corrected(answers, "correct-item").changed_paths) == ["items.0"]


def test_a_page_shows_how_a_field_reads_today_beside_what_is_typed() -> None:
    view = case(answer("1", explanation="Sold in 1990."))
    answers = begun(view, "correct-answer", f"{'r' * 43}/answers.0", "xab").having(
        {f"{HEAD}.explanation": ["new"]}
    )
    sheet = SheetMaker(words_of("en")).sheet(GUIDES["correct-answer"].step("answer"), answers, (0,))
    hints = {box.name: box.hint for box in sheet.boxes}
    assert "Sold in 1990." in hints[f"{HEAD}.explanation"]
    assert hints[f"{HEAD}.reach"].endswith("first recipient")


def test_a_correction_of_one_thing_is_offered_to_who_said_it() -> None:
    view = case(answer("1"))
    asking = [one.name for one in said_in(view, "xaa", "poc")]
    asked = [one.name for one in said_in(view, "xab", "poc")]
    assert ("correct-item" in asking, "correct-answer" in asking) == (True, False)
    assert ("correct-item" in asked, "correct-answer" in asked) == (False, True)
