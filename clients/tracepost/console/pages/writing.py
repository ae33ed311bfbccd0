"""What an officer writes, page by page: begun, kept, checked, previewed, sent once.

    GET  /drafts                         what he has not sent
    POST /drafts/begin                   guide, case, desk
    GET  /drafts/DRAFT/STEP[/NUMBERS]    a page; POST keeps it and leads on
    POST /drafts/DRAFT/remove            an entry of a list
    POST /drafts/DRAFT/photograph/ITEM   a photograph
    POST /drafts/DRAFT/send, /delete

Addresses hold a random number and the name of a page. Every page of a draft asks the store for the draft of
this officer: another one's is not there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from tracepost.console.desks import is_of_operation, is_of_panel, mandate_until
from tracepost.console.drafting import (
    Place,
    address_of,
    after,
    as_case_is,
    aside,
    check_address,
    chosen_desk,
    client_at,
    client_of,
    faults_in_case,
    handling_of,
    is_exercise,
    keep_answers,
    left_empty,
    list_path,
    made_of,
    maker_of,
    new_entry,
    now,
    place_of,
    say,
    show_page,
    whose,
)
from tracepost.console.forms.advice import advise_on_item
from tracepost.console.forms.answers import Answers, Fault
from tracepost.console.forms.beginning import address, ask_consent, begin_in_case, begin_opening
from tracepost.console.forms.correction import (
    CORRECTED,
    CORRECTING,
    find_part,
    is_as_begun,
    is_loaded,
    load,
    without_photographs,
)
from tracepost.console.forms.drafts import HANDLING, Draft
from tracepost.console.forms.finishing import undated
from tracepost.console.forms.guides import GUIDES, openings, said_in
from tracepost.console.forms.photographs import digests_of
from tracepost.console.forms.questions import question_of
from tracepost.console.forms.reading import read_step
from tracepost.console.forms.sheet import SheetMaker
from tracepost.console.forms.steps import Step, Way, asked
from tracepost.console.forms.uploads import UPLOAD_BYTES
from tracepost.console.pages.writing_check import delete, send, show_check, show_sent
from tracepost.console.pages.writing_photographs import (
    drop_photograph,
    show_photographs,
    show_picture,
    upload_photograph,
)
from tracepost.console.pages.writing_scan import show_scan, take_scan
from tracepost.console.paging import leaf_of
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import NotFoundError
from tracepost.wire.v1 import desk_pb2, terms_pb2, weapon_pb2

_LAST_DAY: Final = "content.panel_request.mandate_until"


# ---------------------------------------------------------------- the list, and a beginning


async def list_drafts(visit: Visit) -> Response:
    """Show what the officer has begun and not sent."""
    lines = await aside(visit.house.drafts.list, whose(visit), now(), visit.officer.desks)
    rows = [
        {
            "number": line.number,
            "title": visit.text(GUIDES[line.draft.guide].title),
            "step": GUIDES[line.draft.guide].steps[0].slug,
            "case": line.draft.case,
            "desk": line.draft.desk,
            "file": _file_number(line.draft),
            "handling": handling_of(line.draft),
            "exercise": is_exercise(line.draft.answers),
            "changed": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(line.changed_at)),
        }
        for line in lines
        if line.draft.guide in GUIDES
    ]
    status = await visit.client.get_status()
    begun = openings(of_panel=is_of_panel(visit, status), of_operation=is_of_operation(visit, status))
    return visit.page(
        "pages/writing_drafts.html",
        drafts=leaf_of(visit, "drafts", rows),
        openings=[(one.name, visit.text(one.title)) for one in begun],
        offers_tables=GUIDES["request"] in begun,
        may_practise=status.exercises_allowed,
    )


def _file_number(draft: Draft) -> str:
    return draft.answers.first(f"content.{GUIDES[draft.guide].content}.file_number")


async def begin(visit: Visit) -> Response:
    """Begin a message: one that makes a case, or what is said in one."""
    guide = GUIDES.get(visit.field("guide"))
    if guide is None:
        raise NotFoundError(_("There is no such form."), where="guide")
    desk, case = chosen_desk(visit), visit.field("case")
    exercise = visit.field("exercise") == "yes"
    if guide.opens:
        case, answers = "", begin_opening(guide.name)
        if guide.name == "panel-ask":
            answers = answers.having({_LAST_DAY: [await mandate_until(visit)]})
    else:
        client = client_of(visit, desk)
        view = await client.show_case(case)
        case = view.summary.thread
        # Who was asked inside his State sees no timeline, and only an acknowledgement begins with it.
        timeline = await client.show_timeline(case) if guide.name == "acknowledge" else ()
        own, missing = str(visit.house.settings.member), visit.field("statement")
        if guide.name == "consent" and missing:
            answers = ask_consent(view, missing, visit.field("third_party"))
        else:
            answers = begin_in_case(guide.name, view, timeline, now(), desk=desk, member=own)
        answers = address(answers, guide, view, own)
        answers = answers.having({HANDLING: _handling(view.summary)})
        exercise = view.summary.exercise
    answers = answers.having({"exercise": ["yes"] if exercise else []})
    draft = Draft(guide.name, case, desk, answers)
    number = await aside(visit.house.drafts.begin, whose(visit), draft, now())
    return visit.go(address_of(number, guide.steps[0], ()))


async def choose_message(visit: Visit) -> Response:
    """Show what can be said in a case, to the side that we are on."""
    client = client_of(visit, chosen_desk(visit))
    view = await client.show_case(visit.request.path_params["case"])
    guides = said_in(view, visit.house.settings.member, chosen_desk(visit))
    return visit.page(
        "pages/writing_choose.html",
        case=view.summary,
        guides=[(one.name, visit.text(one.title), say(visit, one.lead)) for one in guides],
        handling=_handling(view.summary),
        exercise=view.summary.exercise,
    )


def _handling(summary: desk_pb2.CaseSummary) -> list[str]:
    names = (terms_pb2.HandlingInstruction.Name(one) for one in summary.handling)
    return [name.removeprefix("HANDLING_INSTRUCTION_") for name in names]


# ---------------------------------------------------------------- a page


async def show_step(visit: Visit) -> Response:
    """Show a page of a draft."""
    place = await place_of(visit)
    if place.draft.sent_to:
        return visit.go(f"/drafts/{place.number}/sent")
    if place.step.way is Way.CHECK:
        return await show_check(visit, place)
    place = await as_case_is(visit, place)
    if place.step.way is Way.LIST:
        if place.step.another and not place.draft.answers.count(list_path(place)):
            return visit.go(new_entry(place))
        return _list_page(visit, place)
    if place.step.way is Way.PHOTOGRAPHS:
        return await show_photographs(visit, place)
    return show_scan(visit, place) if place.step.way is Way.SCAN else await _step_page(visit, place, ())


async def save_step(visit: Visit) -> Response:
    """Keep what a page brought; show it again with its faults, or lead on."""
    place = await place_of(visit)
    if place.draft.sent_to:
        return visit.go(f"/drafts/{place.number}/sent")
    if place.step.way is Way.LIST:
        return await _leave_list(visit, place)
    if place.step.way is not Way.FORM:
        return visit.go(after(place))
    place = await as_case_is(visit, place)
    answers = undated(read_step(visit.form, place.step, place.draft.answers, place.numbers))
    answers = await _with_what_is_corrected(visit, place, _with_item_number(place, answers))
    place = replace(place, draft=place.draft.with_answers(answers))
    await aside(visit.house.drafts.keep, whose(visit), place.number, place.draft, now())
    if (left := left_empty(place)) is not None:
        return visit.go(after(left))
    made = made_of(visit, place)
    faults = (*made.faults, *await faults_in_case(visit, place, made.draft))
    response = await _step_page(visit, place, faults, status=422)
    if response is not None and _errors_here(visit, place, faults):
        return response
    return visit.go(check_address(place) if visit.field("then") == "check" else after(place))


async def _step_page(visit: Visit, place: Place, faults: Iterable[Fault], *, status: int = 200) -> Response:
    sheet = (await maker_of(visit, place)).sheet(place.step, place.draft.answers, place.numbers, faults)
    return show_page(
        visit, place, "pages/writing_step.html", status=status if sheet.errors else 200, sheet=sheet
    )


def _errors_here(visit: Visit, place: Place, faults: Iterable[Fault]) -> bool:
    sheet = SheetMaker(visit.words).sheet(place.step, place.draft.answers, place.numbers, faults)
    return bool(sheet.errors)


def _with_item_number(place: Place, answers: Answers) -> Answers:
    """Give a new item the next number, if the officer left that to us."""
    items = f"content.{place.guide.content}.items"
    if (
        place.guide.name in CORRECTING
        or place.step.slug != "item"
        or answers.first(f"{items}.{place.numbers[0]}.id")
    ):
        return answers
    count = answers.count(items)
    used = {answers.first(f"{items}.{one}.id") for one in range(count)}
    free = next(str(one) for one in range(1, count + 2) if str(one) not in used)
    return answers.having({f"{items}.{place.numbers[0]}.id": [free]})


async def _with_what_is_corrected(visit: Visit, place: Place, answers: Answers) -> Answers:
    """Begin the pages behind the one on which it is chosen what is corrected; chosen again unchanged, they stay."""
    if place.guide.name not in CORRECTING or place.step.slug != "which":
        return answers
    client, own = client_at(visit, place), str(visit.house.settings.member)
    view = await client.show_case(place.draft.case)
    part = find_part(view, own, place.guide.name, answers.first(CORRECTED))
    if is_loaded(answers) and is_as_begun(answers, part):
        return answers
    answers = load(answers, part)
    try:
        for digest in digests_of(answers):
            sent = await client.fetch_part(place.draft.case, digest)
            await aside(visit.house.drafts.add_photograph, whose(visit), place.number, sent.content)
    except NotFoundError:
        return without_photographs(answers)
    return answers


# ---------------------------------------------------------------- a list


def _list_page(visit: Visit, place: Place, *, error: str = "") -> Response:
    entry = place.guide.step(place.step.entry)
    count = place.draft.answers.count(list_path(place))
    maker = SheetMaker(visit.words)
    rows = [_entry_row(maker, place, entry, (*place.numbers, index)) for index in range(count)]
    return show_page(
        visit,
        place,
        "pages/writing_list.html",
        status=422 if error else 200,
        rows=rows,
        another=say(visit, place.step.another),
        error=error,
        advice=maker.advice_words(_list_advice(visit, place)),
    )


def _list_advice(visit: Visit, place: Place) -> Iterable[Any]:
    if place.step.slug != "marks":
        return ()
    items = getattr(made_of(visit, place).draft.content, place.guide.content).items[place.numbers[0] :]
    return advise_on_item(items[0]) if items and isinstance(items[0], weapon_pb2.Item) else ()


def _entry_row(maker: SheetMaker, place: Place, entry: Step, numbers: tuple[int, ...]) -> dict[str, Any]:
    answers = place.draft.answers
    head = f"{place.step.path.format(*numbers[:-1])}.{numbers[-1]}"
    told = [answers.first(f"{head}.{name}") for name in ("id", "item_id")]
    words = [one for one in told if one]
    for ask in asked(entry, answers, numbers):
        said = answers.all(ask.path.format(*numbers))
        if said and not ask.path.endswith(".id") and len(words) < 4:
            words.append(maker.answer_words(question_of(ask.path.format(*numbers)), said))
    return {
        "words": maker.listed(words) or str(numbers[-1] + 1),
        "change": address_of(place.number, entry, numbers),
        "index": numbers[-1],
    }


async def _leave_list(visit: Visit, place: Place) -> Response:
    wants = visit.field("another")
    if place.step.another and wants not in ("yes", "no"):
        return _list_page(visit, place, error=visit.text(_("Say whether you want to add one.")))
    if wants == "yes" and place.step.another:
        return visit.go(new_entry(place))
    return visit.go(after(place))


async def remove_entry(visit: Visit) -> Response:
    """Take an entry out of a list."""
    place = await place_of(visit, step=visit.field("step"), numbers=visit.field("numbers"))
    index = visit.field("index")
    if place.step.way is Way.LIST and index.isdecimal() and len(index) <= 3:
        answers = place.draft.answers.without(list_path(place), int(index))
        if place.step.beside:
            answers = answers.without(place.step.beside, int(index))
        await keep_answers(visit, place, answers)
    return visit.go(place.path)


ROOM: Final = Room(
    pages=(
        Page("/drafts", list_drafts),
        Page("/drafts/begin", begin, ("POST",)),
        Page("/write/{case}", choose_message),
        Page("/drafts/{draft}/sent", show_sent),
        Page("/drafts/{draft}/send", send, ("POST",), of_any_desk=True),
        Page("/drafts/{draft}/delete", delete, ("POST",), of_any_desk=True),
        Page("/drafts/{draft}/remove", remove_entry, ("POST",), of_any_desk=True),
        Page("/drafts/{draft}/drop-photograph", drop_photograph, ("POST",), of_any_desk=True),
        Page("/drafts/{draft}/picture/{sha256}", show_picture, is_picture=True),
        Page(
            "/drafts/{draft}/photograph/{numbers}",
            upload_photograph,
            ("POST",),
            of_any_desk=True,
            body_bytes=UPLOAD_BYTES,
        ),
        Page("/drafts/{draft}/scan", take_scan, ("POST",), of_any_desk=True, body_bytes=UPLOAD_BYTES),
        Page("/drafts/{draft}/{step}", show_step),
        Page("/drafts/{draft}/{step}", save_step, ("POST",), of_any_desk=True),
        Page("/drafts/{draft}/{step}/{numbers}", show_step),
        Page("/drafts/{draft}/{step}/{numbers}", save_step, ("POST",), of_any_desk=True),
    ),
    menu=(Entry(_("Drafts"), "/drafts", order=30),),
    in_cases=(Entry(_("Write in this case"), "/write/{case}"),),
)
