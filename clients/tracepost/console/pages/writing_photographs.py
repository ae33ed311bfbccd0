"""Photographs of an item, page of a draft: taken without place and camera, shown to their officer, taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from starlette.responses import Response

from tracepost.console.drafting import (
    Place,
    aside,
    client_at,
    keep_answers,
    list_path,
    own_draft,
    place_of,
    show_page,
    whose,
)
from tracepost.console.forms.answers import Answers
from tracepost.console.forms.photographs import (
    Shown,
    add_photograph,
    attachments_of,
    is_too_large_for_a_message,
    mark_names,
    media_type_of,
    name_attachment,
    photographs_of,
    remove_photograph,
)
from tracepost.console.forms.questions import codes_of, field_at
from tracepost.console.pages.uploads import NO_FILE, chosen_file, forget_chosen
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError, LimitError, NotFoundError
from tracepost.sdk.attachments import hand_in, prepare_picture
from tracepost.wire.v1 import desk_pb2

_VIEW_PATH: Final = "content.trace_request.items.0.object.photograph.0.view"


async def show_photographs(visit: Visit, place: Place, error: str = "") -> Response:
    """Show the photographs of an item, and what was wrong with the last one."""
    views = codes_of(field_at(desk_pb2.Draft.DESCRIPTOR, _VIEW_PATH))
    rows = [
        {"sha256": one.sha256, "shows": _shows(visit, one), "index": one.index}
        for one in photographs_of(place.draft.answers, list_path(place))
    ]
    choices = [(code, visit.words.coded("PhotographView", code)) for code in views]
    return show_page(
        visit,
        place,
        "pages/writing_photographs.html",
        status=422 if error else 200,
        rows=rows,
        beside=[
            (one.index, one.media_type, f"{one.size / 1024 / 1024:.1f} MiB")
            for one in attachments_of(place.draft.answers, _item_path(place))
        ],
        views=choices,
        marks=list(_mark_choices(visit, place)),
        error=error,
    )


def _shows(visit: Visit, one: Shown) -> str:
    return ": ".join(
        filter(
            None,
            (visit.words.coded("PhotographView", one.view), ", ".join(map(visit.words.alone, one.marks))),
        )
    )


def _mark_choices(visit: Visit, place: Place) -> Iterator[tuple[str, str]]:
    """Yield the marks that a photograph of an item may show: their place, and what they read."""
    answers, item = place.draft.answers, _item_path(place)
    for index, name in enumerate(mark_names(answers, list_path(place))):
        role = answers.first(f"{item}.object.mark.{index}.role")
        words = [visit.words.alone(name), visit.words.coded("MarkRole", role) if role else ""]
        yield str(index), " \u00b7 ".join(filter(None, words))


async def upload_photograph(visit: Visit) -> Response:
    """Take a photograph: without place and camera, bound to its draft."""
    place = await place_of(visit, step="photographs")
    try:
        answers = await _taken(visit, place, await chosen_file(visit))
    except (InvalidInputError, LimitError) as error:
        words = f"{visit.text(_PHOTOGRAPHS.get(error.reason, _NO_PHOTOGRAPH))}"
        return await show_photographs(visit, place, words)
    await keep_answers(visit, place, answers)
    await forget_chosen(visit)
    return visit.go(place.path)


async def _taken(visit: Visit, place: Place, data: bytes) -> Answers:
    """Keep a photograph with the draft; one that is too large for a message goes to the node at once, encrypted."""
    if await aside(is_too_large_for_a_message, data):
        prepared = await aside(prepare_picture, data)
        await hand_in(client_at(visit, place), prepared)
        return name_attachment(place.draft.answers, _item_path(place), prepared)
    marks = [
        int(index) for index, _words in _mark_choices(visit, place) if index in visit.form.getlist("mark")
    ]
    answers, copy = add_photograph(place.draft.answers, list_path(place), visit.field("view"), data, marks)
    await aside(visit.house.drafts.add_photograph, whose(visit), place.number, copy)
    return answers


def _item_path(place: Place) -> str:
    return list_path(place).rpartition(".object.")[0]


async def drop_photograph(visit: Visit) -> Response:
    """Take a photograph back."""
    place = await place_of(visit, step="photographs", numbers=visit.field("numbers"))
    index = visit.field("index")
    if index.isdecimal() and len(index) <= 3:
        beside = f"{_item_path(place)}.attachments"
        path = beside if visit.field("beside") else list_path(place)
        answers = remove_photograph(place.draft.answers, path, int(index))
        await keep_answers(visit, place, answers)
    return visit.go(place.path)


async def show_picture(visit: Visit) -> Response:
    """Show a photograph of a draft to its officer."""
    digest = visit.request.path_params["sha256"]
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise NotFoundError(_("There is no such photograph."), where="address")
    number = visit.request.path_params["draft"]
    await own_draft(visit, number)
    content = await aside(visit.house.drafts.photograph, whose(visit), number, bytes.fromhex(digest))
    return Response(content, media_type=media_type_of(content))


_PHOTOGRAPHS: Final[Mapping[str, str]] = {
    **NO_FILE,
    "no-view": _("Say what the photograph shows."),
    "not-a-photograph": _("A photograph must be JPEG or PNG."),
    "photograph-damaged": _("The file is damaged. Take the photograph from the camera once more."),
    "photograph-too-large": _("The photograph is too large. Save it with 1,600 pixels on the long side."),
    "too-many-photographs": _("There are too many photographs. Remove one first."),
}
_NO_PHOTOGRAPH: Final = _("This file cannot be taken.")
