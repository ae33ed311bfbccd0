"""What the story is made of: the request and the photographs of `examples/`, with today's dates.

The example is sent as an office would send it; the police of XAA add what only police may read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tracepost.cli.words import _
from tracepost.protocol.errors import ConfigurationError
from tracepost.sdk.intake.documents import Album, read_document, read_draft
from tracepost.sdk.intake.photographs import Photograph
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2, weapon_pb2

_EXAMPLES: Final = Path(__file__).parents[4] / "examples"
_REQUEST: Final = "six-weapons.json"
_BETTER_PICTURE: Final = "photographs/cleaned-serial.png"

CRIME_NUMBER: Final = "XAA/CR/2417"
EXACT_PLACE: Final = "Lay-by at kilometre 41 of the road N2, northbound"
SERIAL_READ_AT_LAST: Final = "TJY24913"
"""What stands on the fourth weapon, once it was cleaned and lit from the side."""


def day(days_from_today: int) -> str:
    """Return a date as the wire has it, YYYY-MM-DD, counted in UTC."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days_from_today)).date().isoformat()


def read_request() -> desk_pb2.Draft:
    """Return the request of the demonstration: six weapons, their photographs, one handling instruction.

    Raises:
        ConfigurationError: the examples are not here.
        InvalidInputError: they are damaged.
    """
    if not (_EXAMPLES / _REQUEST).exists():
        raise ConfigurationError(
            _("The examples are not here."),
            where=str(_EXAMPLES),
            remedy=_("Run the demonstration from a clone of the repository."),
        )
    draft = read_draft(read_document(_EXAMPLES / _REQUEST), Album(_EXAMPLES))
    request = draft.content.trace_request
    request.reply_by = day(30)
    request.circumstances.found_on = day(-3)
    for item in request.items:
        item.can_be_reexamined_until = day(365)
    _add_what_police_know(request)
    return draft


def request_for_one(draft: desk_pb2.Draft, item_id: str, to: str) -> desk_pb2.Draft:
    """Return the same request for one of its items, to the member that an answer pointed to."""
    asked = desk_pb2.Draft()
    asked.CopyFrom(draft)
    asked.ClearField("idempotency_key")
    asked.to[:] = [to]
    request = asked.content.trace_request
    kept = [item for item in request.items if item.id == item_id]
    del request.items[:]
    request.items.extend(kept)
    request.addressed_because[:] = [trace_pb2.ADDRESSED_BECAUSE_REDIRECTED]
    named = {picture.sha256 for picture in kept[0].object.photograph}
    asked.parts[:] = [part for part in draft.parts if hashlib.sha256(part).digest() in named]
    return asked


def better_picture() -> Photograph:
    """Return the photograph of the fourth weapon's serial that can be read."""
    return Album(_EXAMPLES).take(_BETTER_PICTURE)


def item_of(request: trace_pb2.TraceRequest, item_id: str) -> weapon_pb2.Item:
    """Return an item of a request by its id."""
    return next(item for item in request.items if item.id == item_id)


def telltales(draft: desk_pb2.Draft) -> list[str]:
    """Return texts of the request above ADMINISTRATIVE: none of them may be found at the relay."""
    request = draft.content.trace_request
    marks = [mark.text_as_seen for item in request.items for mark in _marks(item.object) if mark.text_as_seen]
    about = [request.circumstances.summary, request.legal_provision, CRIME_NUMBER, EXACT_PLACE]
    return list(dict.fromkeys([*marks, *about, SERIAL_READ_AT_LAST]))


def _marks(thing: weapon_pb2.Object) -> Iterable[weapon_pb2.Mark]:
    yield from thing.mark
    for part in thing.part:
        yield from part.mark


def _add_what_police_know(request: trace_pb2.TraceRequest) -> None:
    request.circumstances.MergeFrom(
        trace_pb2.Circumstances(
            exact_place=EXACT_PLACE,
            crime_number=CRIME_NUMBER,
            narrative="Six weapons under the floor of a van; the driver was alone and said nothing.",
            investigating_office="Serious crime unit of the northern district",
        )
    )
    request.persons.add(
        role=trace_pb2.PERSON_ROLE_POSSESSOR,
        nationality="XAA",
        item_ids=[item.id for item in request.items],
        note="Driver of the van, in custody; named on request to a law-enforcement desk.",
    )
    request.contacts.add(name="Duty officer, firearms desk", telephone="+99 00 000 017", languages=["en"])
    assert terms_pb2.HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER in request.handling_instructions
