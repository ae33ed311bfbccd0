"""From answers to the draft that goes to the node: what the page asked in one, what follows, what is still wrong.

    made = finish(GUIDES["request"], answers)
    made.faults            # by field, with those of the page: a second typing that differs
    made.draft             # with restrictions, lane, normalised marks

The rules of content that the node holds its officers to (`sdk.intake.checking`) are asked here too, so that
the page of the field says it; the node judges again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from tracepost.console.forms.advice import TYPED_TWICE, compare_typings, complete_marks, complete_object
from tracepost.console.forms.answers import (
    PAGE_SIGN,
    Answers,
    Fault,
    Made,
    asked_at,
    fill_draft,
    judged,
    read_page_answer,
)
from tracepost.console.forms.case_rules import breaches
from tracepost.console.forms.correction import (
    CORRECTED,
    CORRECTING,
    changed_units,
    name_changes,
    present_draft,
)
from tracepost.console.forms.questions import ENDED, NOTICE, PAGE_FIELDS
from tracepost.console.forms.steps import Ask, Guide, Step, Way, asked, effective, holds
from tracepost.protocol import vocabulary
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.intake.checking import find_fault
from tracepost.wire.v1 import desk_pb2, envelope_pb2, inquiry_pb2, panel_pb2, terms_pb2, trace_pb2, weapon_pb2

PageAnswers = Mapping[str, list[Any]]

_WITHDRAWAL: Final = "content.withdrawal"
DELETED_AT: Final = f"{_WITHDRAWAL}.deleted_at"
"""Answer that no page asks for."""


def finish(
    guide: Guide,
    answers: Answers,
    *,
    now: int,
    own_member: str | None = None,
    parts: Sequence[bytes] | None = None,
) -> Made:
    """Return the draft of all answers of a guide, finished, with every fault by field.

    Args:
        guide: which kind of message.
        answers: what was typed.
        now: unix seconds.
        own_member: who would send it.
        parts: its photographs; None: it is not whole yet, and only each field is judged.
    """
    valid = dated(effective(guide, answers), now)
    made = fill_draft(valid)
    faults = list(made.faults)
    faults += [one for step, numbers in guide.places(valid) for one in faults_of_page(step, valid, numbers)]
    _FINISHING.get(guide.name, _nothing)(made.draft, _page_answers(valid))
    _restrict(made.draft, _page_answers(valid))
    if guide.name in CORRECTING:
        faults += _compared(guide, made.draft, answers, whole=parts is not None)
    faults += breaches(guide.name, made.draft, datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d"))
    made = judged(Made(made.draft, tuple(faults)))
    made = Made(made.draft, tuple(one for one in made.faults if not _is_not_asked(guide, one.path)))
    made.draft.parts.extend(parts or ())
    if not made.faults and parts is not None and guide.opens:
        return Made(made.draft, tuple(_found_by_sdk(guide, made.draft, now, own_member)))
    return made


def faults_of_page(step: Step, answers: Answers, numbers: tuple[int, ...]) -> Iterator[Fault]:
    """Yield what is wrong with a page that the schema does not know of: what it wants, and what is typed twice."""
    for one in asked(step, answers, numbers):
        path = one.path.format(*numbers)
        if one.needed and not answers.first(path) and _is_asked(one, answers, numbers):
            yield Fault(path, "required")
        if path in PAGE_FIELDS:
            yield from _unreadable(path, answers)
        if one.twice:
            yield from _typed_twice(path, answers)
    if step.way is Way.SCAN and not answers.first(step.path.format(*numbers)):
        yield Fault(step.path.format(*numbers), "no-scan")


def _is_asked(ask: Ask, answers: Answers, numbers: tuple[int, ...]) -> bool:
    return ask.under is None or holds((ask.under[0], frozenset({ask.under[1]})), answers, numbers)


def _unreadable(path: str, answers: Answers) -> Iterator[Fault]:
    try:
        read_page_answer(path, answers.all(path))
    except InvalidInputError as error:
        yield Fault(path, error.reason or "not-understood")


def _typed_twice(path: str, answers: Answers) -> Iterator[Fault]:
    role = answers.first(f"{path.rpartition('.')[0]}.role")
    first, second = answers.first(path), answers.first(f"{PAGE_SIGN}{path}")
    if not first or role not in TYPED_TWICE:
        return
    if not second:
        yield Fault(f"{PAGE_SIGN}{path}", "type-again")
    elif (difference := compare_typings(first, second)) is not None:
        yield Fault(f"{PAGE_SIGN}{path}", "typed-differently", str(difference.position))


def _page_answers(answers: Answers) -> PageAnswers:
    read: dict[str, list[Any]] = {}
    for path in PAGE_FIELDS:
        try:
            read[path] = read_page_answer(path, answers.all(path))
        except InvalidInputError:  # told as a fault of its page
            read[path] = []
    return read


def _found_by_sdk(guide: Guide, draft: desk_pb2.Draft, now: int, own_member: str | None) -> Iterator[Fault]:
    error = find_fault(draft, now=now, own_member=own_member)
    if error is not None:
        yield fault_at(guide, error.where, error.reason or error.code)


def fault_at(guide: Guide, where: str, reason: str) -> Fault:
    """Return the fault at the place that SDK or node name: a field of the cover, or one of the content."""
    cover = where.partition(".")[0] in desk_pb2.Draft.DESCRIPTOR.fields_by_name
    return Fault(asked_at(where if cover else f"content.{guide.content}.{where}"), reason)


# ---------------------------------------------------------------- what follows from what was typed


def _nothing(_draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    """Most kinds are whole as they were typed."""


def _restrict(draft: desk_pb2.Draft, page: PageAnswers) -> None:
    days = page["~delete_after"]
    for code in page["~restrictions"]:
        one = draft.restrictions.add(code=code)
        if code == terms_pb2.RESTRICTION_CODE_DELETE_AFTER and days:
            one.until = days[0]


def dated(answers: Answers, now: int) -> Answers:
    """Return the answers with when it was: a holder says that something is deleted as he says it.

    What was dated keeps its date: a second press of the button sends the same draft.
    """
    if answers.first(f"{_WITHDRAWAL}.step") != "DELETED":
        return undated(answers)
    at = answers.first(DELETED_AT) or datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return answers.having({DELETED_AT: [at]})


def undated(answers: Answers) -> Answers:
    """Return the answers without that date: what is written anew is dated anew."""
    return answers.having({DELETED_AT: []})


def _request(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    request = draft.content.trace_request
    if request.urgency == trace_pb2.URGENCY_URGENT:
        draft.lane = envelope_pb2.LANE_URGENT
    _complete(request.items)


def _complete(items: Iterable[weapon_pb2.Item]) -> None:
    for item in items:
        complete_marks(item)


def _seizure(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    _complete(draft.content.seizure_notice.items)


def _loss(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    _complete(draft.content.loss_notice.items)


def _end_of_loss(draft: desk_pb2.Draft, page: PageAnswers) -> None:
    """Name the items that were chosen, of all that are sought."""
    notice = draft.content.loss_notice
    ended = [one for one in notice.items if one.id in page[ENDED]]
    del notice.items[:]
    notice.items.extend(ended)


def _hit(draft: desk_pb2.Draft, page: PageAnswers) -> None:
    """Say of each thing that was seen which item of the notice it is like."""
    hit = draft.content.hit
    _complete(hit.items)
    for item, recognised in zip(hit.items, hit.recognised, strict=False):
        recognised.seen_item_id = item.id
        recognised.statement_digest = next(iter(page[NOTICE]), "")


def _object_check(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    for one in draft.content.object_check.items:
        complete_object(one, one.mark)


def _check_reply(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    """An officer looked, and no machine; an office that nobody named is none."""
    reply = draft.content.object_check_reply
    reply.automatic = False
    if not reply.follow_up.ListFields():
        reply.ClearField("follow_up")


def _panel_request(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    """A text that is to be printed is named in two places: by where it comes from, and word by word."""
    request = draft.content.panel_request
    _complete(request.items)
    for text, source in zip(request.texts, request.excerpts, strict=False):
        if source.HasField("text_id"):
            text.text_id = source.text_id


def _documented(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    _complete(draft.content.documented_item.items)


def texts_named_twice(draft: desk_pb2.Draft, put: Mapping[str, str]) -> Iterator[Fault]:
    """Yield a fault for each text that a panel puts under a name of another: a decision names a text by its name alone.

    Args:
        draft: of the panel.
        put: the texts of the case by their names. One that is the same in each word may be this draft, sent before.
    """
    request = draft.content.panel_request
    names = [one.text_id for one in request.excerpts]
    for index, (name, text) in enumerate(zip(names, request.texts, strict=False)):
        if name and (names.count(name) > 1 or put.get(name, text.text) != text.text):
            yield Fault(f"content.panel_request.excerpts.{index}.text_id", "text-twice")


def _panel_reply(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    """Only a text that is changed is given again."""
    reply = draft.content.panel_reply
    _coarsen(reply.answers)
    given = [one.text for one in reply.texts]
    reply.ClearField("texts")
    for decided, text in zip(reply.publication, given, strict=False):
        if decided.decision == panel_pb2.PUBLICATION_CONSENT_CHANGED:
            reply.texts.add(text_id=decided.text_id, text=text)


def _acknowledgement(draft: desk_pb2.Draft, page: PageAnswers) -> None:
    said = draft.content.acknowledgement
    said.missing.extend(trace_pb2.NeededInformation(code=code) for code in page["~missing"])
    said.no_date = not said.expected_on


def _information_request(draft: desk_pb2.Draft, page: PageAnswers) -> None:
    said = draft.content.information_request
    for item_id in page["~needed_for"] or [None]:
        said.needed.extend(
            trace_pb2.NeededInformation(item_id=item_id, code=code) for code in page["~needed"]
        )


def _supply(draft: desk_pb2.Draft, page: PageAnswers) -> None:
    said = draft.content.information_supply
    for path, state in (
        ("~supplied", trace_pb2.SUPPLY_STATE_SUPPLIED),
        ("~later", trace_pb2.SUPPLY_STATE_LATER),
        ("~not_available", trace_pb2.SUPPLY_STATE_NOT_AVAILABLE),
    ):
        for code in page[path]:
            said.supplied.add(code=code, state=state)
    _complete(said.items)


def _response(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    _coarsen(draft.content.response.answers)


def _coarsen(answers: Iterable[trace_pb2.Answer]) -> None:
    """Say why an answer stopped in full to few, and what all may read to all."""
    for answer in answers:
        if answer.HasField("stopped_because_full"):
            whole: Any = answer.stopped_because_full
            answer.stopped_because = vocabulary.coarsened(whole)
            if answer.stopped_because == whole:
                answer.ClearField("stopped_because_full")


def _finding(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    _coarsen(draft.content.finding.answers)


def _share(draft: desk_pb2.Draft, page: PageAnswers) -> None:
    chosen = [one.lower() for one in page["~classes"]]
    for statement in page["~statements"]:
        draft.shared.add(statement=statement, fields=chosen, without=page["~without"])


def _corrected_answer(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    _coarsen(draft.content.amendment.answers)


def _corrected_item(draft: desk_pb2.Draft, _page: PageAnswers) -> None:
    for item in draft.content.amendment.items:
        complete_marks(item)


def present_of(guide: Guide, answers: Answers) -> desk_pb2.Draft:
    """Return a draft that says what a guide corrects as it reads today."""
    present = present_draft(answers)
    _FINISHING[guide.name](present, _page_answers(answers))
    return present


def _compared(guide: Guide, draft: desk_pb2.Draft, answers: Answers, *, whole: bool) -> Iterator[Fault]:
    """Name in a correction what it changes; what changes nothing is none."""
    present = present_of(guide, answers)
    for item, before in zip(draft.content.amendment.items, present.content.amendment.items, strict=False):
        if item.object.calibre_as_marked != before.object.calibre_as_marked:
            item.object.ClearField("calibre")  # it followed from what was marked before
            complete_marks(item)
    if whole and not changed_units(present, draft):
        yield Fault(CORRECTED, "nothing-changed")
    name_changes(answers, draft)


def _letter(direction: inquiry_pb2.LetterDirection) -> Callable[[desk_pb2.Draft, PageAnswers], None]:
    def finished(draft: desk_pb2.Draft, page: PageAnswers) -> None:
        letter = draft.content.letter
        letter.direction = direction
        if letter.HasField("response"):
            _coarsen(letter.response.answers)
        letter.information_request.needed.extend(
            trace_pb2.NeededInformation(code=code) for code in page["~needed"]
        )
        if "information-request" not in page["~says"]:
            letter.ClearField("information_request")

    return finished


_FINISHING: Final[Mapping[str, Callable[[desk_pb2.Draft, PageAnswers], None]]] = MappingProxyType(
    {
        "request": _request,
        "seizure": _seizure,
        "loss": _loss,
        "loss-end": _end_of_loss,
        "hit": _hit,
        "object-check": _object_check,
        "check-reply": _check_reply,
        "panel-ask": _panel_request,
        "panel-print": _panel_request,
        "documented": _documented,
        "panel-reply": _panel_reply,
        "acknowledge": _acknowledgement,
        "ask": _information_request,
        "supply": _supply,
        "answer": _response,
        "finding": _finding,
        "share": _share,
        "correct-answer": _corrected_answer,
        "correct-item": _corrected_item,
        "letter": _letter(inquiry_pb2.LETTER_DIRECTION_OUTGOING),
        "transcribe": _letter(inquiry_pb2.LETTER_DIRECTION_INCOMING),
    }
)


def _is_not_asked(guide: Guide, path: str) -> bool:
    """Say so of what is missing where another question is: the whole reason, the part of a statement, the items."""
    chosen = guide.name in CORRECTING and path == "content.amendment.amends_digest"
    ended = guide.name == "loss-end" and path == "content.loss_notice.items"
    seen = path == "content.hit.recognised"
    return chosen or ended or seen or path in _BY_THE_NODE or path.endswith(".stopped_because")


_BY_THE_NODE: Final = frozenset(
    {
        "content.referral.exhibits",
        "content.share.exhibits",
        "content.referral.consent_digest",
        "content.enquiry.custodian.name",
        "content.enquiry.custodian.competences",
        "content.letter.correspondent",
        "content.letter.correspondent.name",
    }
)
"""What only the node can write: it looks for consents, encloses requests, and has the address book."""
