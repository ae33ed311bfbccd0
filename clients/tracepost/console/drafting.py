"""Where an officer is in a draft: which page, of whose draft, made into which message; shared by the pages that write.

A place is asked of the store for the officer who is signed in: another one's draft is not there.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, ParamSpec, TypeVar

from starlette.responses import Response

from tracepost.console.forms.answers import Answers, Fault, Made
from tracepost.console.forms.beginning import asks_to_whom, joined, texts_put
from tracepost.console.forms.drafts import HANDLING, Draft
from tracepost.console.forms.finishing import dated, finish, texts_named_twice
from tracepost.console.forms.guides import GUIDES
from tracepost.console.forms.photographs import digests_of
from tracepost.console.forms.questions import codes_of, field_at, question_of
from tracepost.console.forms.sheet import SheetMaker
from tracepost.console.forms.steps import SEVERAL, TO_WHOM, Guide, Step, Way, effective
from tracepost.console.offering import offers_of
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import NotFoundError
from tracepost.sdk import Client
from tracepost.wire.v1 import desk_pb2

P = ParamSpec("P")
R = TypeVar("R")

_NUMBERS: Final = re.compile(r"[0-9]{1,3}(-[0-9]{1,3})*")
_MEMBERS: Final = 64


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a draft: which draft, its guide, the step, and the numbers of the entries it is about."""

    number: str
    draft: Draft
    guide: Guide
    step: Step
    numbers: tuple[int, ...] = ()

    @property
    def path(self) -> str:
        """Its address."""
        return address_of(self.number, self.step, self.numbers)


def address_of(number: str, step: Step, numbers: tuple[int, ...]) -> str:
    """Return the address of a page of a draft."""
    told = f"/{'-'.join(map(str, numbers))}" if numbers else ""
    return f"/drafts/{number}/{step.slug}{told}"


def say(visit: Visit, text: str) -> str:
    """Return the visitor's words for a text that may be empty: a catalogue answers the empty text with its head."""
    return visit.text(text) if text else ""


def whose(visit: Visit) -> str:
    """Return who the officer is to the store of drafts: a renewed certificate is the same officer."""
    return f"{visit.officer.officer.member}/{visit.officer.number}"


def chosen_desk(visit: Visit) -> str:
    """Return the desk that the officer is at; what he begins belongs to it."""
    return str(visit.officer.desk)


def client_of(visit: Visit, desk: str) -> Client:
    """Return the officer's client for one of his desks."""
    return visit.house.node.client_for(visit.officer.certificates, desk)


async def own_draft(visit: Visit, number: str) -> Draft:
    """Return the officer's draft; raise `NotFoundError` for one of a desk that he has left, as for one of another."""
    draft = await aside(visit.house.drafts.take, whose(visit), number, visit.officer.desks)
    if draft.guide not in GUIDES:
        raise NotFoundError(_("There is no such form."), where="guide")
    return draft


async def place_of(visit: Visit, *, step: str = "", numbers: str = "") -> Place:
    """Return the page of a draft that an address or a form names; raise `NotFoundError`."""
    parameters = visit.request.path_params
    number = parameters["draft"]
    draft = await own_draft(visit, number)
    guide = GUIDES[draft.guide]
    found = guide.step(step or parameters.get("step", ""))
    told = numbers or parameters.get("numbers", "")
    indexes = tuple(map(int, told.split("-"))) if told and _NUMBERS.fullmatch(told) else ()
    if len(indexes) != found.depth or bool(told) != bool(indexes):
        raise NotFoundError(_("There is no such page."), where="address")
    _require_entries(guide, found, draft.answers, indexes)
    return Place(number, draft, guide, found, indexes)


def _require_entries(guide: Guide, step: Step, answers: Answers, numbers: tuple[int, ...]) -> None:
    """Refuse numbers beyond the next entry that could be added: nobody skips to the hundredth item."""
    if not numbers:
        return
    lists = [one for one in guide.steps if one.way is Way.LIST and one.depth == step.depth - 1]
    owner = next((one for one in lists if one.entry == step.slug), lists[0])
    count = answers.count(owner.path.format(*numbers[:-1]))
    if numbers[-1] >= count + bool(owner.another):
        raise NotFoundError(_("There is no such entry."), where="address")
    _require_entries(guide, owner, answers, numbers[:-1])


def made_of(visit: Visit, place: Place, parts: list[bytes] | None = None) -> Made:
    """Return the draft as far as it is written; `parts`: with its photographs, judged as a whole."""
    member = str(visit.house.settings.member)
    made = finish(place.guide, place.draft.answers, now=now(), own_member=member, parts=parts)
    made.draft.idempotency_key = place.draft.key
    if place.draft.desk:
        made.draft.desk = place.draft.desk
    if place.draft.case:
        made.draft.thread = place.draft.case
    return made


async def made_whole(visit: Visit, place: Place) -> Made:
    """Return the draft with its photographs, judged as a whole."""
    store, officer = visit.house.drafts, whose(visit)
    wanted = digests_of(effective(place.guide, place.draft.answers))
    parts = [await aside(store.photograph, officer, place.number, one) for one in wanted]
    return made_of(visit, place, parts)


async def faults_in_case(visit: Visit, place: Place, draft: desk_pb2.Draft) -> list[Fault]:
    """Return what is wrong on a page with a draft as its case is by now."""
    if place.guide.name != "panel-print" or place.step.slug not in ("text", "check"):
        return []
    view = await client_at(visit, place).show_case(place.draft.case)
    return list(texts_named_twice(draft, texts_put(view)))


async def maker_of(visit: Visit, place: Place) -> SheetMaker:
    """Return who makes sheets, with the members and whatever else a page lets choose from."""
    steps = place.guide.steps if place.step.way is Way.CHECK else (place.step,)
    asks = [ask for step in steps for ask in step.asks]
    client = client_at(visit, place)
    offers = await offers_of(
        {ask.offers for ask in asks} - {""}, visit, place.guide.name, place.draft, client
    )
    if not any(
        question_of(ask.path.format(0, 0)).shape.value.startswith("member") for ask in place.step.asks
    ):
        return SheetMaker(visit.words, (), offers)
    own = visit.house.settings.member
    lines = await client.list_directory()
    members = [(one.member, one.name) for one in lines if one.member != own and one.member_type != "relay"]
    return SheetMaker(visit.words, members[:_MEMBERS], offers)


def client_at(visit: Visit, place: Place) -> Client:
    """Return the officer's client for the desk that writes."""
    return client_of(visit, place.draft.desk)


async def keep_answers(visit: Visit, place: Place, answers: Answers) -> None:
    """Keep answers, and no photograph that they do not name."""
    store, officer = visit.house.drafts, whose(visit)
    await aside(store.keep, officer, place.number, place.draft.with_answers(answers), now())
    digests = set(digests_of(answers))
    await aside(store.keep_photographs, officer, place.number, digests)


async def as_case_is(visit: Visit, place: Place) -> Place:
    """Return a place whose answers know how many others the case has now, where its page asks for that."""
    answers = place.draft.answers
    asks = place.step.way is Way.CHECK or TO_WHOM in place.step.asks
    if not place.draft.case or answers.first(SEVERAL) or not asks or not asks_to_whom(place.guide):
        return place
    view = await client_at(visit, place).show_case(place.draft.case)
    known = joined(answers, place.guide, view, str(visit.house.settings.member))
    return replace(place, draft=place.draft.with_answers(known))


async def keep_dated(visit: Visit, place: Place) -> Place:
    """Return a place whose answers say when it was, and keep these: each press of the button sends the same."""
    answers = dated(place.draft.answers, now())
    if answers == place.draft.answers:
        return place
    await keep_answers(visit, place, answers)
    return replace(place, draft=place.draft.with_answers(answers))


def list_path(place: Place) -> str:
    """Return where the entries of a list stand."""
    return place.step.path.format(*place.numbers)


def new_entry(place: Place) -> str:
    """Return the address of one more entry of a list."""
    entry = place.guide.step(place.step.entry)
    index = place.draft.answers.count(list_path(place))
    return address_of(place.number, entry, (*place.numbers, index))


def after(place: Place) -> str:
    """Return the address of the next page; one that these answers do not need is passed over."""
    step = place.step
    there = {(one.slug, numbers) for one, numbers in place.guide.places(place.draft.answers)}
    while True:
        step = place.guide.step(step.after)
        numbers = place.numbers[: step.depth]
        if (step.way in (Way.CHECK, Way.LIST) and step.only is None) or (step.slug, numbers) in there:
            return address_of(place.number, step, numbers)


def before(place: Place) -> str:
    """Return the address of the page before, empty for the first."""
    shown = [(step, numbers) for step, numbers in place.guide.places(place.draft.answers)]
    for (step, numbers), (following, theirs) in pairwise(shown):
        if (following.slug, theirs) == (place.step.slug, place.numbers):
            return address_of(place.number, step, numbers)
    lists = [one for one in place.guide.steps if one.entry == place.step.slug]
    return address_of(place.number, lists[0], place.numbers[:-1]) if lists else ""


def left_empty(place: Place) -> Place | None:
    """Return the list of a page on which nothing was said of one more entry; None for any other page."""
    owner = next((one for one in place.guide.steps if one.entry == place.step.slug), None)
    if owner is None or not owner.another:
        return None
    above = replace(place, step=owner, numbers=place.numbers[:-1])
    said = place.draft.answers.below(f"{list_path(above)}.{place.numbers[-1]}")
    return None if said else above


def check_address(place: Place) -> str:
    """Return the address of the last page."""
    return address_of(place.number, place.guide.step("check"), ())


def now() -> int:
    """Return the time, unix seconds."""
    return int(time.time())


async def aside(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Ask the store beside the loop: it waits for the disk."""
    return await asyncio.to_thread(function, *args, **kwargs)


def show_page(visit: Visit, place: Place, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page of a draft: its heading, what it is about, the way back."""
    return visit.page(
        template,
        status=status,
        place=place,
        title=visit.text(place.step.title),
        about=about(visit, place),
        lead=say(visit, place.step.lead),
        back_to=before(place),
        then=visit.request.query_params.get("then", "") or visit.field("then"),
        handling=handling_of(place.draft),
        exercise=is_exercise(place.draft.answers),
        acts_at=place.draft.desk,
        **values,
    )


def is_exercise(answers: Answers) -> bool:
    """Say whether a draft is an exercise: it was begun as one, or in one."""
    return answers.first("exercise") == "yes"


def handling_of(draft: Draft) -> list[str]:
    """Return how this is to be handled: as the case said when it was begun, and as the officer says here."""
    answers = draft.answers
    said = answers.all(f"content.{GUIDES[draft.guide].content}.handling_instructions")
    return list(dict.fromkeys([*answers.all(HANDLING), *(one for one in said if one in _INSTRUCTIONS)]))


def about(visit: Visit, place: Place) -> str:
    """Say which item and entry a page is about, above its heading."""
    parts = [visit.text(place.guide.title)]
    if place.numbers:
        parts.append(_entry_name(visit, place))
    if len(place.numbers) > 1:
        parts.append(str(place.numbers[1] + 1))
    return " · ".join(parts)


def _entry_name(visit: Visit, place: Place) -> str:
    """Say which entry of a list a page is about: an item by its number, a text by the name that it was given."""
    lists = [one for one in place.guide.steps if one.way is Way.LIST and not one.depth]
    owner = next((one for one in lists if one.entry == place.step.slug), lists[0])
    head, counted = f"{owner.path}.{place.numbers[0]}", str(place.numbers[0] + 1)
    if owner.entry == "text":
        return visit.words.alone(place.draft.answers.first(f"{head}.text_id") or counted)
    said = place.draft.answers.first(f"{head}.id") or place.draft.answers.first(f"{head}.item_id")
    return f"{visit.text(_('Item'))} {visit.words.alone(said or counted)}"


_INSTRUCTIONS: Final = frozenset(
    codes_of(field_at(desk_pb2.Draft.DESCRIPTOR, "content.trace_request.handling_instructions"))
)
