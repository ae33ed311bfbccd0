"""What a case says already of the message that is begun in it: items, dates, restrictions; nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from tracepost.console.forms.answers import Answers, texts_of
from tracepost.console.forms.questions import ENDED, NOTICE
from tracepost.console.forms.steps import SEVERAL, TO_WHOM, Guide
from tracepost.protocol.lifecycle.letters import is_correspondent
from tracepost.protocol.schema import OPENING_KINDS
from tracepost.sdk import cases
from tracepost.sdk.checks import find_check
from tracepost.wire.v1 import (
    check_pb2,
    desk_pb2,
    inquiry_pb2,
    loss_pb2,
    panel_pb2,
    terms_pb2,
    trace_pb2,
    weapon_pb2,
)

LOSS_NOTICE: Final = "register.loss-notice/1"
_LOST: Final = (desk_pb2.MAIL_STATE_REFUSED, desk_pb2.MAIL_STATE_EXPIRED)
Timeline = Sequence[desk_pb2.TimelineEvent]


def begin_opening(guide: str) -> Answers:
    """Return the answers that a message begins with that makes a case: what it is mostly for, and rests on."""
    return Answers(_TERMS[guide])


def begin_in_case(
    guide: str, view: desk_pb2.CaseView, timeline: Timeline, now: int, *, desk: str = "", member: str = ""
) -> Answers:
    """Return the answers that a message in a case begins with.

    Args:
        guide: its name.
        view: the case as the officer's desk sees it.
        timeline: what happened in it.
        now: unix seconds.
        desk: that writes.
        member: whose it is.

    Raises:
        NotFoundError: the case holds no request or notice that it could answer.
    """
    if guide == "consent":
        answers = _consent(view, member)
    elif guide == "amend":
        answers = _amendment(view, member)
    elif guide == "withdraw":
        asks = view.summary.opened_by == member
        answers = Answers({"content.withdrawal.step": ("ASKED",)} if asks else {})
    elif guide == "finding":
        answers = _finding(view, desk)
    elif guide == "remind":
        answers = _reminder(view, member)
    elif guide == "loss-end":
        answers = texts_of(sought(view, member), "content.loss_notice").having(
            {ENDED: [one.id for one in sought(view, member).items]}
        )
    elif guide == "hit":
        answers = Answers({NOTICE: (sought_by_others(view, member)[0],)})
    else:
        answers = _BEGINNINGS.get(guide, _empty)(view, timeline, now)
    content = _CONTENT.get(guide)
    number = view.summary.our_file_number
    if content and number and not answers.first(f"content.{content}.file_number"):
        return answers.having({f"content.{content}.file_number": [number]})
    return answers


def _empty(_view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    return Answers()


def _acknowledgement(view: desk_pb2.CaseView, timeline: Timeline, now: int) -> Answers:
    request = cases.told_of(view)
    came = cases.received_at([*timeline], request.statement)
    said = trace_pb2.Acknowledgement(
        received_at=came or datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        items_counted=len(request.content.trace_request.items) or len(view.summary.items),
        automatic=False,
    )
    restrictions = [terms_pb2.RestrictionCode.Name(one) for one in cases.restrictions_of(request)]
    answers = texts_of(said, "content.acknowledgement")
    names = [name.removeprefix("RESTRICTION_CODE_") for name in restrictions]
    return answers.having({"content.acknowledgement.restrictions_accepted": names})


def _response(view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    said = trace_pb2.Response(answers=[trace_pb2.Answer(item_id=one) for one in _items(view)])
    return texts_of(said, "content.response")


def _redirect(view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    said = trace_pb2.Redirect(redirections=[trace_pb2.Redirection(item_id=one) for one in _items(view)])
    return texts_of(said, "content.redirect")


def _referral(view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    request = cases.request_of(view)
    said = trace_pb2.Referral(
        requester=request.from_member,
        request_thread=view.summary.thread,
        request_digest=request.statement,
        item_ids=_items(view),
    )
    return texts_of(said, "content.referral")


def _closure(view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    said = trace_pb2.Closure(outcomes=cases.outcomes_of(view.summary))
    return texts_of(said, "content.closure")


def _reminder(view: desk_pb2.CaseView, member: str) -> Answers:
    """Begin with the next reminder of ours, to the members that are silent: an office abroad gets a letter."""
    number = cases.reminders_sent(view, member) + 1
    said = trace_pb2.Status(state=trace_pb2.PROCESSING_STATE_REMINDER, reminder_number=number)
    unproved = [one.member for one in view.summary.delivery_not_proved]
    silent = [one for one in (*view.summary.no_reply_recorded, *unproved) if not is_correspondent(one)]
    return texts_of(said, "content.status").having({"to": silent})


def _enquiry(_view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    return Answers({"content.enquiry.step": ("ASKED",)})


def _finding(view: desk_pb2.CaseView, desk: str) -> Answers:
    """Begin with the one enquiry that can be meant, and the items that it asks about."""
    open_ones = [one for one in answerable(view, desk) if one.standing not in _SETTLED]
    if len(open_ones) != 1:
        said = inquiry_pb2.Finding(
            answers=[trace_pb2.Answer(item_id=one) for one in _asked_items(view, open_ones)]
        )
        return texts_of(said, "content.finding")
    (one,) = open_ones
    said = inquiry_pb2.Finding(
        enquiry_digest=one.enquiry, answers=[trace_pb2.Answer(item_id=item) for item in one.item_ids]
    )
    on_paper = "no" if one.to_desk else "yes"
    return texts_of(said, "content.finding").having({"~on_paper": [on_paper]})


def answerable(view: desk_pb2.CaseView, desk: str) -> list[inquiry_pb2.EnquirySummary]:
    """Return the enquiries of a case that `desk` can answer: those to itself, and what others answer on paper."""
    return [one for one in view.summary.enquiries if one.to_desk in ("", desk)]


def _asked_items(view: desk_pb2.CaseView, enquiries: Sequence[inquiry_pb2.EnquirySummary]) -> list[str]:
    asked = [item for one in enquiries for item in one.item_ids]
    return list(dict.fromkeys(asked)) or _items(view)


def _letter(view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    said = inquiry_pb2.Letter()
    said.response.answers.extend(trace_pb2.Answer(item_id=one) for one in _items(view))
    return texts_of(said, "content.letter")


def _panel_reply(view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    """Begin with every item that the panel asks about, and every text that was put before us and not decided on."""
    texts = [panel_pb2.PublicationDecision(text_id=one) for one in _undecided_texts(view)]
    items = [trace_pb2.Answer(item_id=one) for one in _items(view)]
    said = panel_pb2.PanelReply(answers=items, publication=texts)
    return texts_of(said, "content.panel_reply").having({"~replies": ["texts"] if texts else []})


def texts_put(view: desk_pb2.CaseView) -> dict[str, str]:
    """Return each text that was put before a State in a case, by its name, in the words in which it was put last."""
    put = dict[str, str]()
    for said in view.statements:
        request = said.content.panel_request
        words = {one.text_id: one.text for one in request.texts}
        put |= {one.text_id: words.get(one.text_id, "") for one in request.excerpts}
    return put


def _undecided_texts(view: desk_pb2.CaseView) -> list[str]:
    """Return the names of the texts on which nothing was decided since they were put last."""
    undecided = dict[str, None]()
    for said in view.statements:
        undecided |= dict.fromkeys(one.text_id for one in said.content.panel_request.excerpts)
        for one in said.content.panel_reply.publication:
            undecided.pop(one.text_id, None)
    return list(undecided)


def _panel_print(view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    """Begin in the name of the request of the case."""
    asked = [one.content.panel_request for one in view.statements if one.kind == "panel.request/1"]
    before = asked[-1] if asked else panel_pb2.PanelRequest()
    said = panel_pb2.PanelRequest(
        panel=before.panel or None,
        mandate_resolution=before.mandate_resolution or None,
        mandate_until=before.mandate_until or None,
        publication_intent=before.publication_intent or None,
        confidentiality=before.confidentiality or None,
    )
    return texts_of(said, "content.panel_request")


def _check_reply(view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    """Begin with every object of the newest check; what came of it nobody says but the officer."""
    check = find_check(view)
    asked = [one.id for one in check.items] if check else _items(view)
    outcomes = [check_pb2.CheckOutcome(item_id=one) for one in asked]
    return texts_of(check_pb2.ObjectCheckReply(outcomes=outcomes), "content.object_check_reply")


def _consent(view: desk_pb2.CaseView, member: str) -> Answers:
    """Begin with what another asked of us and we have not decided; else with what it wrote, to ask about it.

    What is asked is repeated; what is decided, and on which conditions, nobody says but the officer.
    """
    decided = {_about(one) for one in _consents(view) if one.from_member == member}
    asked = [
        one
        for one in _consents(view)
        if one.from_member != member
        and one.content.consent.step == trace_pb2.CONSENT_STEP_ASKED
        and _about(one) not in decided
    ]
    if asked:
        question = asked[-1].content.consent
        said = trace_pb2.Consent(
            step=trace_pb2.CONSENT_STEP_DECIDED,
            third_party=question.third_party or None,
            statement_digest=question.statement_digest or None,
            item_ids=question.item_ids,
            field_paths=question.field_paths,
            purpose=question.purpose or None,
            until=question.until or None,
        )
        return texts_of(said, "content.consent").having({"to": [asked[-1].from_member]})
    told = [one for one in view.statements if one.kind in OPENING_KINDS and one.from_member != member]
    return ask_consent(view, told[0].statement) if told else Answers()


def ask_consent(view: desk_pb2.CaseView, statement: str, third_party: str = "") -> Answers:
    """Return the answers with which consent is asked for a statement of another, for `third_party` if that is known."""
    told = next((one for one in view.statements if one.statement == statement), desk_pb2.StatementView())
    said = trace_pb2.Consent(
        step=trace_pb2.CONSENT_STEP_ASKED,
        statement_digest=told.statement,
        third_party=third_party,
        purpose=told.purpose or None,
    )
    return texts_of(said, "content.consent").having({"to": [told.from_member]})


def sought(view: desk_pb2.CaseView, member: str) -> loss_pb2.LossNotice:
    """Return the notice that would end what our newest notice of a loss in a case seeks still; no items: nothing."""
    newest, ended = _search_of(view, member)
    if not newest.statement:
        return loss_pb2.LossNotice()
    notice = newest.content.loss_notice
    # Who was not told that it ended goes on seeking.
    told = {(item.id, to) for one in ended for item in one.content.loss_notice.items for to in _told(one)}
    return loss_pb2.LossNotice(
        changes_digest=newest.statement,
        file_number=notice.file_number,
        reporting_unit=notice.reporting_unit,
        items=[
            weapon_pb2.Item(id=one.id, kind=one.kind or weapon_pb2.ITEM_KIND_WEAPON)
            for one in notice.items
            if any((one.id, to) not in told for to in _told(newest))
        ],
    )


def _told(one: desk_pb2.StatementView) -> set[str]:
    """Return to whom a statement of ours went, without whom it cannot reach any more."""
    lost = {mail.to for mail in one.dispatches if mail.state in _LOST}
    return set(one.to) - (lost - {mail.to for mail in one.dispatches if mail.state not in _LOST})


def _search_of(
    view: desk_pb2.CaseView, member: str
) -> tuple[desk_pb2.StatementView, list[desk_pb2.StatementView]]:
    """Return the newest notice by which a member seeks in a case, empty if there is none, and what it ended of it."""
    own = [one for one in view.statements if one.from_member == member and one.kind == LOSS_NOTICE]
    begun = [one for one in own if not one.content.loss_notice.changes_digest]
    newest = begun[-1] if begun else desk_pb2.StatementView()
    return newest, [one for one in own if one.content.loss_notice.changes_digest == newest.statement]


def sought_by_others(view: desk_pb2.CaseView, member: str) -> tuple[str, list[weapon_pb2.Item]]:
    """Return the notice by which another member seeks something in a case, and what we were not told the end of.

    Of several members, who opened the case comes first; empty: nobody seeks anything.
    """
    others = {one.from_member for one in view.statements} - {member}
    for author in sorted(others, key=lambda one: (one != view.summary.opened_by, one)):
        newest, _ends = _search_of(view, author)
        if items := still_sought(view, newest.statement):
            return newest.statement, items
    return "", []


def still_sought(view: desk_pb2.CaseView, notice: str) -> list[weapon_pb2.Item]:
    """Return what the notice with this digest seeks, and what its author did not tell us the end of."""
    by_digest = {one.statement: one for one in view.statements}
    found = by_digest.get(notice, desk_pb2.StatementView())
    its_ends = [
        one
        for one in view.statements
        if one.from_member == found.from_member and one.content.loss_notice.changes_digest == notice
    ]
    ended = {item.id for one in its_ends for item in one.content.loss_notice.items}
    return [one for one in found.content.loss_notice.items if one.id not in ended]


def _amendment(view: desk_pb2.CaseView, member: str) -> Answers:
    """Begin with what we said last of all that can be amended, to those to whom we said it."""
    own = [one for one in view.statements if one.from_member == member and one.kind in _AMENDED]
    if not own:
        return Answers()
    return Answers().having({"content.amendment.amends_digest": [own[-1].statement], "to": own[-1].to})


def _correction(_view: desk_pb2.CaseView, _timeline: Timeline, _now: int) -> Answers:
    return Answers({"content.amendment.effect": ("REPLACE",)})


def told_of_what_is_amended(
    view: desk_pb2.CaseView, draft: desk_pb2.Draft, member: str
) -> tuple[str, ...] | None:
    """Return to whom went what an amendment corrects, where `draft` does not go to just these; else None."""
    wanted = draft.content.amendment.amends_digest
    corrected = next((one for one in view.statements if one.statement == wanted), None)
    if not wanted or corrected is None:
        return None
    went = sorted({*corrected.to} - {member})
    goes = {*draft.to} or {*view.summary.members} - {member}
    return None if not went or {*went} == goes else tuple(went)


_AMENDED: Final = frozenset({*OPENING_KINDS, "trace.response/1"})


def _consents(view: desk_pb2.CaseView) -> list[desk_pb2.StatementView]:
    return [one for one in view.statements if one.content.HasField("consent")]


def _about(one: desk_pb2.StatementView) -> tuple[str, str]:
    return one.content.consent.statement_digest, one.content.consent.third_party


def address(answers: Answers, guide: Guide, view: desk_pb2.CaseView, member: str) -> Answers:
    """Return the answers with whom they go to, where `member` can mean several others: who asked, or who was asked.

    Where it can mean one alone, nobody is asked, and nothing is said.
    """
    others = [one for one in view.summary.members if one != member]
    if not asks_to_whom(guide):
        return answers
    if len(others) < 2:
        return answers.having({"to": []})
    likely = [one for one in answers.all("to") if one in others] or _likely(view, others)
    return answers.having({SEVERAL: ["yes"], "to": likely})


def asks_to_whom(guide: Guide) -> bool:
    """Say whether a guide has a page on which it is chosen to whom of several others it goes."""
    return any(ask is TO_WHOM for step in guide.steps for ask in step.asks)


def joined(answers: Answers, guide: Guide, view: desk_pb2.CaseView, member: str) -> Answers:
    """Return the answers of a draft begun before, as the case is now: with a third member, it is asked to whom it goes.

    Nobody is chosen for the officer then: whom he meant when there was one other alone is not written down.
    """
    others = [one for one in view.summary.members if one != member]
    if len(others) < 2 or not asks_to_whom(guide):
        return answers
    return answers.having({SEVERAL: ["yes"]})


def _likely(view: desk_pb2.CaseView, others: Sequence[str]) -> Sequence[str]:
    if view.summary.opened_by in others:
        return [view.summary.opened_by]
    first = next((one for one in view.statements if one.kind in OPENING_KINDS), desk_pb2.StatementView())
    return [one for one in first.to if one in others]


_SETTLED: Final = (inquiry_pb2.ENQUIRY_STANDING_ANSWERED, inquiry_pb2.ENQUIRY_STANDING_WITHDRAWN)


def _items(view: desk_pb2.CaseView) -> list[str]:
    return [one.item_id for one in view.summary.items]


_OF_PANELS: Final = MappingProxyType(
    {"purpose": ("EMBARGO_MONITORING",), "legal_basis": ("SECURITY_COUNCIL_RESOLUTION",)}
)
_TERMS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "request": {"legal_basis": ("ITI",)},
        "seizure": {"purpose": ("BORDER_CONTROL",), "legal_basis": ("CUSTOMS_ASSISTANCE",)},
        "loss": {"purpose": ("RECOVERY",)},
        "object-check": {"purpose": ("CRIMINAL_INVESTIGATION",), "legal_basis": ("ITI",)},
        "panel-ask": _OF_PANELS,
        "documented": _OF_PANELS,
    }
)
_BEGINNINGS: Final[Mapping[str, Callable[[desk_pb2.CaseView, Timeline, int], Answers]]] = MappingProxyType(
    {
        "acknowledge": _acknowledgement,
        "answer": _response,
        "redirect": _redirect,
        "refer": _referral,
        "close": _closure,
        "correct-answer": _correction,
        "correct-item": _correction,
        "enquire": _enquiry,
        "letter": _letter,
        "transcribe": _letter,
        "check-reply": _check_reply,
        "panel-reply": _panel_reply,
        "panel-print": _panel_print,
    }
)
_CONTENT: Final = MappingProxyType(
    {
        "acknowledge": "acknowledgement",
        "ask": "information_request",
        "supply": "information_supply",
        "answer": "response",
        "refuse": "refusal",
        "delay": "delay",
        "redirect": "redirect",
        "refer": "referral",
        "status": "status",
        "remind": "status",
        "close": "closure",
        "share": "share",
        "consent": "consent",
        "clarify": "clarification",
        "correct-answer": "amendment",
        "correct-item": "amendment",
        "amend": "amendment",
        "loss-end": "loss_notice",
        "hit": "hit",
        "withdraw": "withdrawal",
        "check-reply": "object_check_reply",
        "panel-reply": "panel_reply",
        "panel-print": "panel_request",
    }
)
