"""The pages of each kind: their order, their words, and the draft that they make."""

from __future__ import annotations

import re

import pytest

from fakes.messages import rich_request
from fakes.pages_by_hand import POISON
from tracepost.console.forms.answers import Answers, Fault
from tracepost.console.forms.beginning import (
    address,
    begin_in_case,
    begin_opening,
    joined,
    told_of_what_is_amended,
)
from tracepost.console.forms.finishing import DELETED_AT, dated, finish, undated
from tracepost.console.forms.guides import GUIDES, said_in
from tracepost.console.forms.preview import (
    Seal,
    as_preview,
    author_alone_is_asked,
    label_of,
    not_sent_of,
    readers_of,
)
from tracepost.console.forms.questions import Shape, question_of
from tracepost.console.forms.sheet import SheetMaker
from tracepost.console.forms.steps import Guide, Way
from tracepost.console.rendering import render
from tracepost.locale.words import words_of
from tracepost.wire.v1 import desk_pb2, envelope_pb2, onward_pb2, terms_pb2, trace_pb2, weapon_pb2

NOW = 1_800_000_000
R = "content.trace_request"
ITEM = f"{R}.items.0"
MARK = f"{ITEM}.object.mark.0"
WORDS = words_of("en")
MAKER = SheetMaker(WORDS, [("xab", "State B"), ("xac", "")])

WHOLE = {
    "to": ["xab"],
    f"{R}.file_number": ["T-1"],
    f"{R}.urgency": ["ROUTINE"],
    f"{ITEM}.id": ["1"],
    f"{ITEM}.kind": ["WEAPON"],
    f"{ITEM}.object.make": ["Norinco"],
    f"{ITEM}.object.calibre_as_marked": ["7.62x39"],
    f"{MARK}.role": ["MANUFACTURER_SERIAL"],
    f"{MARK}.text_as_seen": ["AB-1234"],
    f"~{MARK}.text_as_seen": ["AB-1234"],
    f"{MARK}.location": ["RECEIVER"],
    f"{R}.circumstances.found_on": ["2026-5-"],
    f"{R}.illicit_grounds": ["NATIONAL_LAW"],
    "purpose": ["CRIMINAL_INVESTIGATION"],
    "legal_basis": ["ITI"],
    f"{R}.guarantees_restrictions": ["yes"],
}
REQUEST = GUIDES["request"]


def whole(**changes: list[str]) -> Answers:
    return Answers().having(WHOLE).having(changes)


def faults(answers: Answers, guide: Guide = REQUEST) -> set[tuple[str, str]]:
    return {
        (one.path, one.reason) for one in finish(guide, answers, now=NOW, own_member="xaa", parts=()).faults
    }


@pytest.mark.parametrize("guide", GUIDES.values(), ids=list(GUIDES))
def test_every_page_of_a_guide_is_made_and_every_step_leads_to_one_that_is_there(guide: Guide) -> None:
    for step in guide.steps:
        if step.way is not Way.CHECK:
            guide.step(step.after)
        if step.way is Way.LIST:
            assert guide.step(step.entry).depth == step.depth + 1
            assert guide.step(step.entry).after
        for ask in step.asks:
            path = ask.path.format(*range(step.depth))
            assert len(re.findall(r"\{\d\}", ask.path)) <= step.depth
            assert question_of(path).name
        MAKER.sheet(step, Answers(), tuple(range(step.depth)))


@pytest.mark.parametrize("guide", GUIDES.values(), ids=list(GUIDES))
def test_what_is_typed_into_any_field_of_any_guide_is_text_on_every_page(guide: Guide) -> None:
    offers = {ask.offers: [(POISON, POISON)] for step in guide.steps for ask in step.asks}
    maker = SheetMaker(WORDS, [(POISON, POISON)], offers)
    for step in guide.steps:
        numbers = tuple(range(step.depth))
        paths = [ask.path.format(*numbers) for ask in step.asks]
        paths += [one.only[0].format(*numbers) for one in step.asks if one.only]
        codes = {code for one in step.asks if one.only for code in one.only[1]}
        said = Answers().having({one: [POISON, *codes] for path in paths for one in (path, f"~{path}")})
        faults = [Fault(path, "not-in-list", POISON) for path in paths]
        sheet = maker.sheet(step, said, numbers, faults)
        asks = zip(paths, step.asks, strict=False)
        rows = [
            (maker.label(path, one), maker.answer_words(question_of(path), [POISON], one))
            for path, one in asks
        ]
        place = {"path": "/drafts/0/x", "number": "0", "numbers": numbers, "step": step}
        rows_of_list = [{"words": POISON, "change": "/", "index": 0}]
        shown = {"place": place, "title": POISON, "about": POISON, "sheet": sheet, "rows": rows_of_list}
        sections = [{"title": POISON, "about": POISON, "rows": rows, "pictures": [], "change": "/"}]
        for page in ("step", "list", "check", "scan"):
            more = {"sections": sections, "errors": [("#", POISON)], "digest": POISON}
            text = render(WORDS, f"pages/writing_{page}.html", {**shown, **more})
            assert "<script>window" not in text
            assert "<img src=x" not in text
        text = render(WORDS, "pages/writing_step.html", shown)
        typed = [box for box in sheet.boxes if box.is_text or (box.shape is Shape.LINE and not box.choices)]
        assert text.count("&lt;script&gt;") > len(typed), "it is there, as text"


def test_a_whole_request_makes_a_draft_without_a_fault_and_with_what_follows_from_it() -> None:
    made = finish(REQUEST, whole(), now=NOW, own_member="xaa", parts=())
    assert made.faults == ()
    item = made.draft.content.trace_request.items[0]
    assert (item.object.mark[0].text_as_seen, item.object.mark[0].normalised) == ("AB-1234", "AB1234")
    assert item.object.calibre == "7.62x39mm"
    assert not made.draft.HasField("lane")


def test_typings_that_differ_and_a_missing_one_are_faults_of_the_second_box() -> None:
    again = f"~{MARK}.text_as_seen"
    assert faults(whole(**{again: ["AB-1284"]})) == {(again, "typed-differently")}
    assert faults(whole(**{again: []})) == {(again, "type-again")}
    assert faults(whole(**{again: [], f"{MARK}.role": ["PROOF"]})) == set()


def test_what_the_sdk_knows_of_requests_is_told_at_its_field() -> None:
    assert faults(whole(**{f"{R}.illicit_grounds": []})) == {(f"{ITEM}.illicit_grounds", "no-ground")}
    nothing_stamped: dict[str, list[str]] = {path: [] for path in whole().below(MARK)}
    assert faults(whole(**nothing_stamped)) == {(f"{ITEM}.object.mark", "no-mark")}
    assert faults(whole(to=["xaa"])) == {("to", "to-ourselves")}


def test_an_answer_that_another_made_void_does_not_go_but_is_kept() -> None:
    reason = f"{R}.urgency_reason"
    answers = whole(**{reason: ["DETENTION"]})
    assert answers.first(reason)
    assert not finish(REQUEST, answers, now=NOW).draft.content.trace_request.HasField("urgency_reason")
    urgent = answers.having({f"{R}.urgency": ["URGENT"]})
    made = finish(REQUEST, urgent, now=NOW)
    assert made.draft.content.trace_request.urgency_reason == trace_pb2.URGENCY_REASON_DETENTION
    assert made.draft.lane == envelope_pb2.LANE_URGENT
    assert faults(urgent.having({reason: []})) == {(reason, "required")}


def test_ammunition_is_asked_for_headstamps_and_not_for_marks() -> None:
    answers = whole(**{f"{ITEM}.kind": ["AMMUNITION"], f"{ITEM}.ammunition.headstamp": ["711 78"]})
    pages = [step.slug for step, _ in REQUEST.places(answers)]
    assert "marks" not in pages
    assert "photographs" not in pages
    sheet = MAKER.sheet(REQUEST.step("thing"), answers, (0,))
    assert [box.name for box in sheet.boxes][:1] == [f"{ITEM}.ammunition.headstamp"]
    item = finish(REQUEST, answers, now=NOW).draft.content.trace_request.items[0]
    assert (item.ammunition.headstamp, item.HasField("object")) == ("711 78", False)


def test_the_pages_of_an_item_come_between_the_list_and_what_is_behind_it() -> None:
    pages = [(step.slug, numbers) for step, numbers in REQUEST.places(whole())]
    assert pages.index(("mark", (0, 0))) < pages.index(("found", ()))
    assert [slug for slug, _ in pages][-1] == "check"
    assert len(pages) == len(set(pages))


def test_restrictions_are_told_with_their_day() -> None:
    answers = whole(**{"~restrictions": ["NO_PUBLICATION", "DELETE_AFTER"], "~delete_after": ["2030-1-31"]})
    said = finish(REQUEST, answers, now=NOW).draft.restrictions
    assert [(one.code, one.until) for one in said] == [
        (terms_pb2.RESTRICTION_CODE_NO_PUBLICATION, ""),
        (terms_pb2.RESTRICTION_CODE_DELETE_AFTER, "2030-01-31"),
    ]
    assert faults(answers.having({"~delete_after": []})) == {("~delete_after", "required")}
    assert faults(answers.having({"~restrictions": ["NONSENSE"]})) == {("~restrictions", "not-in-list")}


def test_a_fault_is_told_in_words_with_what_to_do_and_what_was_typed_stays() -> None:
    answers = whole(**{f"{R}.reply_by": ["2026-2-30"], f"{R}.file_number": ["x" * 120]})
    step = REQUEST.step("reference")
    sheet = MAKER.sheet(step, answers, (), finish(REQUEST, answers, now=NOW).faults)
    assert [name for name, _ in sheet.errors] == [f"{R}.file_number", f"{R}.reply_by"]
    assert "100 characters or fewer" in sheet.errors[0][1]
    boxes = {box.name: box for box in sheet.boxes}
    assert boxes[f"{R}.reply_by"].date == ("2026", "2", "30")
    assert boxes[f"{R}.file_number"].value == "x" * 120


def test_what_is_asked_under_an_answer_stands_below_it() -> None:
    sheet = MAKER.sheet(REQUEST.step("reference"), Answers(), ())
    (urgency,) = [box for box in sheet.boxes if box.name == f"{R}.urgency"]
    assert {one.value: [box.name for box in one.below] for one in urgency.choices} == {
        "ROUTINE": [],
        "URGENT": [f"{R}.urgency_reason"],
    }


def test_advice_stands_beside_the_mark_and_changes_nothing() -> None:
    sheet = MAKER.sheet(REQUEST.step("mark"), whole(**{f"{MARK}.text_as_seen": ["B0-17"]}), (0, 0))
    (box,) = [one for one in sheet.boxes if one.name == f"{MARK}.text_as_seen"]
    assert "8017" in box.advice[0]
    assert box.value == "B0-17"
    assert box.again is not None


# ---------------------------------------------------------------- in a case


def case() -> desk_pb2.CaseView:
    request = rich_request()
    view = desk_pb2.CaseView()
    view.summary.thread = "01890000-0000-7000-8000-000000000001"
    view.summary.our_file_number = "B-77"
    for item in request.items:
        view.summary.items.add(item_id=item.id, asked=True)
    said = view.statements.add(statement="s" * 43, kind="trace.request/1", from_member="xaa")
    said.issued_at = "2026-05-01T10:00:00Z"
    said.restrictions.add(code=terms_pb2.RESTRICTION_CODE_NO_PUBLICATION)
    said.content.trace_request.CopyFrom(request)
    return view


def test_an_acknowledgement_begins_with_what_the_case_says_and_is_whole_but_for_the_check() -> None:
    answers = begin_in_case("acknowledge", case(), [], NOW)
    made = finish(GUIDES["acknowledge"], answers, now=NOW)
    assert [one.path for one in made.faults] == ["content.acknowledgement.formal_check"]
    answers = answers.having(
        {"content.acknowledgement.formal_check": ["INCOMPLETE"], "~missing": ["PROOF_MARK"]}
    )
    made = finish(GUIDES["acknowledge"], answers, now=NOW)
    said = made.draft.content.acknowledgement
    assert made.faults == ()
    assert (said.file_number, said.items_counted, said.no_date) == ("B-77", len(rich_request().items), True)
    assert said.restrictions_accepted == [terms_pb2.RESTRICTION_CODE_NO_PUBLICATION]
    assert [one.code for one in said.missing] == [terms_pb2.INFORMATION_CODE_PROOF_MARK]


def test_an_answer_says_what_too_many_would_read_in_full_to_few() -> None:
    answers = begin_in_case("answer", case(), [], NOW)
    count = len(rich_request().items)
    for index in range(count):
        answers = answers.having(
            {
                f"content.response.answers.{index}.identification": ["CONFIRMED"],
                f"content.response.answers.{index}.reach": ["LAST_RECORDED_HOLDER"],
                f"content.response.answers.{index}.stopped_because_full": ["LOST_OR_STOLEN"],
            }
        )
    answers = answers.having({"content.response.final": ["yes"]})
    made = finish(GUIDES["answer"], answers, now=NOW)
    assert made.faults == ()
    (first, *_rest) = made.draft.content.response.answers
    assert first.stopped_because == trace_pb2.STOPPED_BECAUSE_OTHER
    assert first.stopped_because_full == trace_pb2.STOPPED_BECAUSE_LOST_OR_STOLEN


def test_an_item_that_is_removed_from_an_answer_is_answered_later() -> None:
    answers = begin_in_case("answer", case(), [], NOW).without("content.response.answers", 0)
    items = [one.id for one in rich_request().items]
    assert [
        answers.first(f"content.response.answers.{n}.item_id")
        for n in range(answers.count("content.response.answers"))
    ] == items[1:]


@pytest.mark.parametrize("name", sorted(name for name, one in GUIDES.items() if not one.opens))
def test_every_message_in_a_case_can_be_begun(name: str) -> None:
    answers = begin_in_case(name, case(), [], NOW)
    made = finish(GUIDES[name], answers, now=NOW)
    asked = {ask.path.format(*numbers) for step, numbers in GUIDES[name].places(answers) for ask in step.asks}
    asked |= {step.path for step, _ in GUIDES[name].places(answers) if step.way in (Way.SCAN, Way.LIST)}
    for fault in made.faults:
        head = fault.path.rpartition(".")[0]
        assert fault.path in asked or head in asked or "needed" in fault.path or "suppl" in fault.path, fault
    assert begin_opening("request").first("legal_basis") == "ITI"


def waiting(
    state: desk_pb2.CaseState = desk_pb2.CASE_STATE_WAITING_FOR_THEM, *, final: bool = False
) -> desk_pb2.CaseView:
    """Return the case as XAA has it, who asked XAB and XAC in it; XAC is silent."""
    view = case()
    view.summary.state = state
    view.summary.opened_by, view.summary.opened_with = "xaa", "trace.request/1"
    view.summary.members.extend(["xaa", "xab", "xac"])
    view.summary.no_reply_recorded.append("xac")
    for item in view.summary.items:
        item.answers.add(by_member="xab", final=final)
    return view


def reminded(view: desk_pb2.CaseView) -> Answers:
    """Return what a reminder of XAA begins with."""
    guide = GUIDES["remind"]
    return address(begin_in_case("remind", view, [], NOW, member="xaa"), guide, view, "xaa")


def test_who_asked_and_waits_is_offered_a_reminder_and_nobody_else() -> None:
    owed_a_word = waiting(desk_pb2.CASE_STATE_WAITING_FOR_US)
    answered = waiting(desk_pb2.CASE_STATE_WAITING_FOR_US, final=True)
    offered = {
        ("xaa", True): [waiting(), owed_a_word],
        ("xaa", False): [waiting(desk_pb2.CASE_STATE_CLOSED), answered],
        ("xab", False): [waiting(), owed_a_word],
    }
    for (member, expected), views in offered.items():
        for view in views:
            assert ("remind" in [one.name for one in said_in(view, member, "poc")]) is expected


@pytest.mark.parametrize("kind", ["object.check/1", "panel.request/1"])
def test_who_asked_for_a_check_or_as_a_panel_reminds_too(kind: str) -> None:
    view = waiting()
    view.summary.opened_with = kind
    assert "remind" in [one.name for one in said_in(view, "xaa", "poc")]


def test_a_reminder_begins_with_its_number_and_who_is_silent() -> None:
    view = waiting()
    for number in (1, 2):
        made = finish(GUIDES["remind"], reminded(view), now=NOW, parts=())
        assert made.faults == ()
        said = made.draft.content.status
        assert (said.state, said.reminder_number) == (trace_pb2.PROCESSING_STATE_REMINDER, number)
        assert list(made.draft.to) == ["xac"]
        view.statements.add(kind="trace.status/1", from_member="xaa").content.status.CopyFrom(said)


def test_a_reminder_goes_to_members_and_to_no_office_that_gets_letters() -> None:
    view = waiting()
    view.summary.members.append("letter:xad-registry")
    view.summary.no_reply_recorded.append("letter:xad-registry")
    view.summary.delivery_not_proved.add(member="letter:xae-registry")
    assert list(finish(GUIDES["remind"], reminded(view), now=NOW, parts=()).draft.to) == ["xac"]


def test_a_reminder_says_which_it_is_and_to_which_office_it_goes_higher() -> None:
    status = "content.status"
    assert faults(reminded(waiting()).having({f"{status}.reminder_number": []}), GUIDES["remind"]) == {
        (f"{status}.reminder_number", "required")
    }
    higher = reminded(waiting()).having({f"{status}.state": ["ESCALATED"]})
    assert faults(higher, GUIDES["remind"]) == {(f"{status}.escalated_to", "required")}
    office = higher.having({f"{status}.escalated_to": ["Ministry"]})
    assert finish(GUIDES["remind"], office, now=NOW, parts=()).draft.content.status.escalated_to == "Ministry"


def asked_for_consent(step: trace_pb2.ConsentStep) -> tuple[desk_pb2.CaseView, trace_pb2.Consent]:
    """Return a case in which XAB says something of consent to XAA, and what it says."""
    view = case()
    told = view.statements.add(statement="c" * 43, kind="trace.consent/1", from_member="xab")
    consent = told.content.consent
    consent.MergeFrom(
        trace_pb2.Consent(
            file_number="B-1",
            step=step,
            third_party="xac",
            statement_digest="s" * 43,
            item_ids=["1"],
            field_paths=["items.0.object"],
            purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
            until="2030-01-31",
            decision=trace_pb2.CONSENT_DECISION_GRANTED,
            notify_before_disclosure=False,
            text="Please.",
        )
    )
    consent.conditions.add(code=terms_pb2.RESTRICTION_CODE_NO_PUBLICATION)
    return view, consent


def test_who_asks_for_our_consent_decides_nothing_of_it() -> None:
    view, asked = asked_for_consent(trace_pb2.CONSENT_STEP_ASKED)
    answers = begin_in_case("consent", view, [], NOW, member="xaa")
    begun = finish(GUIDES["consent"], answers, now=NOW)
    assert begun.draft.content.consent == trace_pb2.Consent(
        file_number="B-77",
        step=trace_pb2.CONSENT_STEP_DECIDED,
        third_party="xac",
        statement_digest=asked.statement_digest,
        item_ids=["1"],
        field_paths=["items.0.object"],
        purpose=asked.purpose,
        until="2030-01-31",
    )
    assert [one.path for one in begun.faults] == ["content.consent.decision"], "he is asked for his word"
    assert answers.all("to") == ("xab",)


def test_a_consent_that_nobody_asked_for_does_not_become_ours() -> None:
    for step in (trace_pb2.CONSENT_STEP_DECIDED, trace_pb2.CONSENT_STEP_REVOKED):
        view, _said = asked_for_consent(step)
        answers = begin_in_case("consent", view, [], NOW, member="xaa")
        assert set(answers.values) == {"content.consent.file_number"}, "our own number, and nothing of theirs"


def corrected_case() -> desk_pb2.CaseView:
    """Return a case of XAA with two others, in which XAB answered XAC alone."""
    view = case()
    view.summary.opened_by = "xaa"
    view.summary.members.extend(["xaa", "xab", "xac"])
    view.statements[0].to.append("xab")
    view.statements.add(statement="r" * 43, kind="trace.response/1", from_member="xab", to=["xac"])
    return view


def test_a_correction_goes_to_those_who_hold_what_is_corrected_and_else_it_is_said() -> None:
    view, guide = corrected_case(), GUIDES["amend"]
    answers = address(begin_in_case("amend", view, [], NOW, member="xab"), guide, view, "xab")
    assert answers.first("content.amendment.amends_digest") == "r" * 43
    assert answers.all("to") == ("xac",), "not to who opened the case"

    def told(said: Answers) -> tuple[str, ...] | None:
        return told_of_what_is_amended(view, finish(guide, said, now=NOW).draft, "xab")

    assert told(answers) is None
    assert told(answers.having({"to": ["xaa"]})) == ("xac",)
    assert told(answers.having({"to": ["xaa", "xac"]})) == ("xac",)
    assert told(answers.having({"to": []})) == ("xac",), "to all others, that is"
    assert told(answers.having({"content.amendment.amends_digest": []})) is None


def test_a_draft_begun_before_a_third_member_came_asks_to_whom_it_goes_and_chooses_nobody() -> None:
    view, guide = corrected_case(), GUIDES["status"]
    alone = desk_pb2.CaseView()
    alone.CopyFrom(view)
    del alone.summary.members[2]
    state = {"content.status.state": ["UNDER_TRACE"]}
    begun = address(begin_in_case("status", alone, [], NOW, member="xab"), guide, alone, "xab").having(state)
    assert joined(begun, guide, alone, "xab") == begun
    assert faults(begun, guide) == set()
    later = joined(begun, guide, view, "xab")
    assert faults(later, guide) == {("to", "required")}
    said = finish(guide, later.having({"to": ["xaa"]}), now=NOW)
    assert (said.faults, list(said.draft.to)) == ((), ["xaa"])
    assert joined(later, guide, alone, "xab") == later, "what was asked once is asked on"


def test_what_is_deleted_keeps_the_time_at_which_that_was_said_until_it_is_written_anew() -> None:
    step = "content.withdrawal.step"
    answers = dated(Answers().having({step: ["DELETED"]}), NOW)
    again = [finish(GUIDES["withdraw"], dated(answers, at), now=at).draft for at in (NOW, NOW + 90)]
    assert again[0] == again[1]
    assert again[0].content.withdrawal.deleted_at == "2027-01-15T08:00:00Z"
    assert dated(undated(answers), NOW + 90).first(DELETED_AT) == "2027-01-15T08:01:30Z"
    kept = finish(GUIDES["withdraw"], answers.having({step: ["KEPT_BY_LAW"]}), now=NOW)
    assert not kept.draft.content.withdrawal.HasField("deleted_at")


# ---------------------------------------------------------------- preview


def test_a_preview_shows_to_each_desk_what_the_node_says_and_nothing_more() -> None:
    made = finish(REQUEST, whole(), now=NOW)
    submission = desk_pb2.Submission()
    submission.readings.add(member="xab", desk="police", paths=["file_number", "items.0.object.mark.0"])
    submission.readings.add(member="xab", desk="poc", paths=["file_number", "exhibits.0.jws"])
    submission.unsent.add(
        to="xac", path="items.0.exhibit_number", ground=terms_pb2.WITHHOLDING_GROUND_NO_COMPETENT_DESK
    )
    police, poc = readers_of(made.draft, submission, WORDS)
    assert [one.path for one in police.seen] == ["file_number", "items.0.object.mark.0"]
    assert "AB-1234" in police.seen[1].text
    assert "AB-1234" not in "".join(one.text for one in poc.seen)
    assert "items.0.object.mark.0" in {one.path for one in poc.hidden}
    assert poc.seen[1].text == "written by your node"
    assert [(one.member, one.ground) for one in not_sent_of(submission, WORDS)] == [
        ("xac", "NO_COMPETENT_DESK")
    ]


def test_a_preview_is_asked_beside_the_draft_and_not_under_its_key() -> None:
    draft = finish(REQUEST, whole(), now=NOW).draft
    draft.idempotency_key = "k"
    asked = as_preview(draft)
    assert asked.preview
    assert not asked.HasField("idempotency_key"), "what was sent under it is another draft"
    assert (draft.preview, draft.idempotency_key) == (False, "k")


def previewed() -> desk_pb2.Submission:
    submission = desk_pb2.Submission()
    submission.readings.add(member="xac", desk="police", paths=["file_number"])
    submission.readings.add(member="xac", desk="poc", paths=["file_number"])
    submission.unsent.add(to="xac", path="file_number", ground=terms_pb2.WITHHOLDING_GROUND_NO_COMPETENT_DESK)
    one = submission.exhibits.add(statement="s" * 43, kind="trace.request/1", from_member="xaa", proofs=1)
    one.fields.add(path="items.0.id", desks=["xac/poc"])
    return submission


def test_what_was_shown_has_a_seal_that_any_change_of_it_breaks() -> None:
    draft = finish(REQUEST, whole(), now=NOW).draft
    shown = Seal.of(draft, previewed())
    assert Seal.read(str(shown)) == shown == Seal.of(finish(REQUEST, whole(), now=NOW + 9).draft, previewed())
    same = previewed()
    same.readings.reverse()
    same.exhibits[0].proofs = 2
    assert Seal.of(draft, same) == shown, "nothing of this is shown"
    other = finish(REQUEST, whole(to=["xac"]), now=NOW).draft
    assert Seal.of(other, previewed()).outcome == shown.outcome
    assert Seal.of(other, previewed()).draft != shown.draft
    changed = [previewed() for _change in range(5)]
    changed[0].readings[0].paths.append("items.0.id")
    del changed[1].readings[1]
    changed[2].unsent[0].to = "xab"
    changed[3].exhibits[0].fields[0].desks.append("xac/police")
    del changed[4].exhibits[0]
    assert {Seal.of(draft, one).draft for one in changed} == {shown.draft}
    assert len({Seal.of(draft, one).outcome for one in (previewed(), *changed)}) == 6
    assert Seal.read("") != shown


def test_consent_is_asked_for_where_it_is_that_of_the_author_and_of_nothing_enclosed() -> None:
    lacking = onward_pb2.ExhibitPreview(statement="s" * 43, kind="trace.request/1", from_member="xaa")
    assert not author_alone_is_asked(lacking, "xab"), "none is missing"
    lacking.missing.add(code="permission-denied")
    assert author_alone_is_asked(lacking, "xab")
    assert not author_alone_is_asked(lacking, "xaa"), "nobody asks himself"
    for kind in ("share/1", "trace.referral/1"):
        outer = onward_pb2.ExhibitPreview()
        outer.CopyFrom(lacking)
        outer.kind = kind
        assert not author_alone_is_asked(outer, "xab")
    for place in ("fields", "left_out", "withheld"):
        outer = onward_pb2.ExhibitPreview()
        outer.CopyFrom(lacking)
        getattr(outer, place).add(path="exhibits.0.jws")
        assert not author_alone_is_asked(outer, "xab"), place


def test_who_gets_a_notice_is_part_of_what_the_officer_was_shown() -> None:
    draft, submission = desk_pb2.Draft(to=["xac"]), previewed()
    seen = Seal.of(draft, submission)
    submission.notices_to.append("xaa")
    assert Seal.of(draft, submission) != seen


def test_the_last_page_shows_what_the_officer_is_told_before_he_sends() -> None:
    title = "Trace request: xaa"
    enclosed = {"title": title, "missing": ["No consent."], "notes": (), "left_out": (), "unread": ()}
    preview = {"readers": [], "unsent": [], "enclosed": [{**enclosed, "statement": "s"}], "missing": 0}
    shown = {"place": {"number": "0", "draft": {"case": "c"}}, "title": "", "about": "", "sections": []}

    def page(**more: object) -> str:
        told = {**preview, "seal": "d.o", "askable": set[str](), "notices_to": [], **more}
        return render(WORDS, "pages/writing_check.html", {**shown, "preview": told, "notices": [POISON]})

    assert 'name="seen" value="d.o"' in page()
    assert "&lt;script&gt;" in page()
    assert "Ask for its consent" not in page()
    assert "Ask for its consent" in page(askable={"s"})
    assert "A notice goes with it" in page(notices_to=["xaa"])
    again = render(WORDS, "pages/writing_check.html", {**shown, "errors": [("#", "x")], "again": "d.o"})
    assert 'name="seen" value="d.o"' in again
    assert "Sign and send" not in render(WORDS, "pages/writing_check.html", shown)


def test_a_path_is_told_with_its_places_counted_from_one() -> None:
    assert label_of("items.0.object.mark.2", WORDS).endswith("3")
    assert weapon_pb2.Mark.DESCRIPTOR.name == "Mark"
