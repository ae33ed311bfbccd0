"""Check your answers, the preview of each recipient, and the one button that sends: pages of a draft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from tracepost.console.drafting import (
    Place,
    about,
    address_of,
    as_case_is,
    aside,
    client_at,
    faults_in_case,
    handling_of,
    is_exercise,
    keep_dated,
    made_whole,
    maker_of,
    now,
    own_draft,
    place_of,
    show_page,
    whose,
)
from tracepost.console.forms.answers import Fault, Made
from tracepost.console.forms.beginning import told_of_what_is_amended
from tracepost.console.forms.correction import CORRECTED, CORRECTING, find_part, is_outdated
from tracepost.console.forms.enclosed import Enclosed, enclosed_of
from tracepost.console.forms.finishing import fault_at, present_of
from tracepost.console.forms.guides import GUIDES
from tracepost.console.forms.photographs import attachments_of, photographs_of
from tracepost.console.forms.preview import (
    Change,
    Seal,
    as_preview,
    author_alone_is_asked,
    changes_for,
    not_sent_of,
    readers_of,
)
from tracepost.console.forms.questions import question_of
from tracepost.console.forms.sheet import SheetMaker
from tracepost.console.forms.steps import Way, asked
from tracepost.console.refusals import refusal_of
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import NotFoundError, TheirFault, TracepostError
from tracepost.wire.v1 import desk_pb2, panel_pb2


async def show_check(
    visit: Visit,
    place: Place,
    failed: TracepostError | None = None,
    *,
    again: str = "",
    changed: bool = False,
) -> Response:
    """Show all answers, every fault with the page to mend it on, and what each recipient would see.

    Args:
        visit: whose.
        place: the last page of a draft.
        failed: why it was not sent.
        again: what the officer was shown before; it may have been sent, and can be sent again as it was.
        changed: what would go is no longer what the officer was shown.
    """
    place = await keep_dated(visit, await as_case_is(visit, place))
    made, maker = await _made_today(visit, place), await maker_of(visit, place)
    errors = [_error_line(place, maker, one) for one in made.faults]
    submission = None
    if not errors and failed is None:
        try:
            submission = await client_at(visit, place).submit(as_preview(made.draft))
        except TracepostError as error:
            failed = error
    if failed is not None:
        errors.append(_failure_line(visit, place, maker, failed))
    if submission and changed:
        errors.append((place.path, visit.text(_CHANGED)))
    texts = _texts_decided_on(maker, made.draft)
    preview = submission and await _preview(visit, place, made.draft, submission, texts)
    return show_page(
        visit,
        place,
        "pages/writing_check.html",
        status=422 if failed or changed else 200,
        sections=list(_sections(visit, place, maker)),
        errors=errors,
        preview=preview,
        again=again,
        notices=await _notices(visit, place, made.draft) if preview else (),
        consent=_consent_lacking(made.draft, failed),
    )


def _consent_lacking(draft: desk_pb2.Draft, failed: TracepostError | None) -> dict[str, str]:
    """Return what the question for a consent begins with, without which a request is not handed on; else nothing."""
    if failed is None or failed.reason != "no-consent" or not draft.content.HasField("referral"):
        return {}
    return {"statement": draft.content.referral.request_digest, "third_party": next(iter(draft.to), "")}


_CHANGED: Final = _("What would go is no longer what you were shown. Look through it once more, then send.")


async def _made_today(visit: Visit, place: Place) -> Made:
    """Return the draft as a whole, with what is wrong with it by now.

    A correction that would undo what was said since it was begun is at fault.
    """
    made = await made_whole(visit, place)
    made = replace(made, faults=(*made.faults, *await faults_in_case(visit, place, made.draft)))
    answers, guide = place.draft.answers, place.guide.name
    if guide not in CORRECTING:
        return made
    view = await client_at(visit, place).show_case(place.draft.case)
    part = find_part(view, str(visit.house.settings.member), guide, answers.first(CORRECTED))
    if not is_outdated(answers, part, made.draft):
        return made
    return replace(made, faults=(Fault(CORRECTED, "changed-meanwhile"), *made.faults))


async def _notices(visit: Visit, place: Place, draft: desk_pb2.Draft) -> list[str]:
    """Return what an officer is told before he sends, and may do all the same."""
    if place.guide.content != "amendment":
        return []
    view = await client_at(visit, place).show_case(place.draft.case)
    went = told_of_what_is_amended(view, draft, str(visit.house.settings.member))
    if went is None:
        return []
    words = visit.text(_("Check to whom it goes: what you correct went to {members}."))
    return [words.format(members=visit.words.alone(", ".join(went)))]


async def _preview(
    visit: Visit,
    place: Place,
    draft: desk_pb2.Draft,
    submission: desk_pb2.Submission,
    texts: Sequence[panel_pb2.PrintedText],
) -> dict[str, Any]:
    """Return what each desk of the recipients would see, and what would become of what is enclosed."""
    enclosed: list[Enclosed] = []
    if submission.exhibits:
        view = await client_at(visit, place).show_case(place.draft.case)
        enclosed = enclosed_of(submission, view, visit.words)
    readers, own = readers_of(draft, submission, visit.words), str(visit.house.settings.member)
    return {
        "seal": str(Seal.of(draft, submission, texts)),
        "askable": {one.statement for one in submission.exhibits if author_alone_is_asked(one, own)},
        "notices_to": list(submission.notices_to),
        "readers": [
            (one, [(told.title, told.read_by(f"{one.member}/{one.desk}")) for told in enclosed])
            for one in readers
        ],
        "unsent": not_sent_of(submission, visit.words),
        "enclosed": enclosed,
        "third_party": draft.to[0] if len(draft.to) == 1 else "",
        "changes": _changes(visit, place, draft, submission),
        "missing": sum(len(one.missing) for one in enclosed),
    }


def _changes(
    visit: Visit, place: Place, draft: desk_pb2.Draft, submission: desk_pb2.Submission
) -> dict[tuple[str, str], list[Change]]:
    """Return what each desk will see as changed, where a correction is sent."""
    if place.guide.name not in CORRECTING:
        return {}
    present = present_of(place.guide, place.draft.answers)
    return {
        (one.member, one.desk): changes_for(one, present, draft, visit.words) for one in submission.readings
    }


def _error_line(place: Place, maker: SheetMaker, fault: Fault) -> tuple[str, str]:
    """Return the address of the page of a fault, and its words."""
    return _page_of(place, fault.path), maker.fault_words(fault, _ask_of(place, fault.path))


def _failure_line(visit: Visit, place: Place, maker: SheetMaker, error: TracepostError) -> tuple[str, str]:
    fault = fault_at(place.guide, error.where, error.reason)
    page = _page_of(place, fault.path)
    words = refusal_of(error, visit.words).whole
    if page == place.path:
        return page, words
    return page, f"{maker.label(fault.path, _ask_of(place, fault.path))}: {words}"


def _page_of(place: Place, path: str) -> str:
    """Return the address of the page on which the field at `path` is asked for; of none, of this one."""
    best = place.path
    for step, numbers in place.guide.places(place.draft.answers):
        told = {ask.path.format(*numbers) for ask in step.asks}
        if path.lstrip("~") in told or path in told:
            return f"{address_of(place.number, step, numbers)}?then=check#{path}"
        if step.path and path.startswith(step.path.format(*numbers)):
            best = address_of(place.number, step, numbers)
    return best


def _ask_of(place: Place, path: str) -> Any:
    for step, numbers in place.guide.places(place.draft.answers):
        for ask in step.asks:
            if ask.path.format(*numbers) == path:
                return ask
    return None


def _sections(visit: Visit, place: Place, maker: SheetMaker) -> Iterator[dict[str, Any]]:
    for step, numbers in place.guide.places(place.draft.answers):
        rows = []
        for ask in asked(step, place.draft.answers, numbers):
            path = ask.path.format(*numbers)
            said = place.draft.answers.all(path)
            if said:
                rows.append((maker.label(path, ask), maker.answer_words(question_of(path), said, ask)))
        if step.way is Way.SCAN and (digest := place.draft.answers.first(step.path)):
            rows.append((maker.label(step.path), digest))
        pictures = (
            photographs_of(place.draft.answers, step.path.format(*numbers))
            if step.way is Way.PHOTOGRAPHS
            else []
        )
        rows += [
            (visit.words.coded("PhotographView", one.view), ", ".join(one.marks))
            for one in pictures
            if one.marks
        ]
        if step.way is Way.PHOTOGRAPHS:
            beside = attachments_of(place.draft.answers, step.path.format(*numbers).rpartition(".object.")[0])
            rows += [
                (visit.text(_("Beside the message")), f"{one.media_type}, {one.size} B") for one in beside
            ]
        if rows or pictures:
            here = replace(place, step=step, numbers=numbers)
            yield {
                "title": visit.text(step.title),
                "about": about(visit, here) if numbers else "",
                "rows": rows,
                "pictures": pictures,
                "change": f"{here.path}?then=check",
            }


async def send(visit: Visit) -> Response:
    """Send a draft, once, as the officer was shown it: a second press finds where the first one led."""
    place = await place_of(visit, step="check")
    if place.draft.sent_to:
        return visit.go(f"/drafts/{place.number}/sent")
    try:
        place = await keep_dated(visit, await as_case_is(visit, place))
        made = await _made_today(visit, place)
    except NotFoundError:  # settled by another press while we read
        return visit.go(f"/drafts/{place.number}/sent")
    if made.faults:
        return visit.go(place.path)
    seen = Seal.read(visit.field("seen"))
    try:
        if not await _is_as_seen(visit, place, made.draft, seen):
            return await show_check(visit, place, changed=True)
        submission = await client_at(visit, place).submit(made.draft)
    except TracepostError as error:
        # Without an answer it may have gone. Under its key the same draft is told so, whatever holds by now.
        again = "" if isinstance(error, TheirFault) else str(seen)
        return await show_check(visit, place, error, again=again)
    state = desk_pb2.ReleaseState.Name(submission.release_state).removeprefix("RELEASE_STATE_")
    await aside(_settle, visit, place, submission.thread, state)
    return visit.go(f"/drafts/{place.number}/sent")


async def _is_as_seen(visit: Visit, place: Place, draft: desk_pb2.Draft, seen: Seal) -> bool:
    """Say whether a draft and what would become of it are still what the officer was shown.

    What the node refuses by now may have gone before: then the draft itself is to be the same, and the node says what
    became of that, or refuses it.
    """
    try:
        submission = await client_at(visit, place).submit(as_preview(draft))
    except TheirFault:
        return Seal.of(draft, desk_pb2.Submission()).draft == seen.draft
    return Seal.of(draft, submission, await _texts_today(visit, place, draft)) == seen


async def _texts_today(visit: Visit, place: Place, draft: desk_pb2.Draft) -> Sequence[panel_pb2.PrintedText]:
    """Return the texts that a draft decides on as its last page would show them now."""
    if not draft.content.panel_reply.publication:
        return ()
    return _texts_decided_on(await maker_of(visit, place), draft)


def _texts_decided_on(maker: SheetMaker, draft: desk_pb2.Draft) -> Sequence[panel_pb2.PrintedText]:
    names = {one.text_id for one in draft.content.panel_reply.publication}
    shown = maker.offered("texts-put")
    return [panel_pb2.PrintedText(text_id=name, text=words) for name, words in shown if name in names]


def _settle(visit: Visit, place: Place, thread: str, state: str) -> None:
    handling = handling_of(place.draft)
    visit.house.drafts.settle(whose(visit), place.number, thread, now(), state=state, handling=handling)


async def show_sent(visit: Visit) -> Response:
    """Say what became of a draft that was sent."""
    number = visit.request.path_params["draft"]
    draft = await own_draft(visit, number)
    if not draft.sent_to:
        return visit.go(address_of(number, GUIDES[draft.guide].step("check"), ()))
    return visit.page(
        "pages/writing_sent.html",
        draft=draft,
        handling=handling_of(draft),
        exercise=is_exercise(draft.answers),
    )


async def delete(visit: Visit) -> Response:
    """Destroy a draft."""
    await aside(visit.house.drafts.delete, whose(visit), visit.request.path_params["draft"])
    return visit.go("/drafts")
