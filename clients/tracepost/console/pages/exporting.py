"""A case with its proofs, as a file that the officer takes away: `tracepost verify` checks it without any of us.

GET  /cases/CASE/export   what the file is for and what is in it
POST the same             the file, piece by piece: an export that the node judges and writes down
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from starlette.responses import Response, StreamingResponse

from tracepost.console.forms.questions import codes_of, field_at
from tracepost.console.pages.case import handling_of, require_thread
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Shower
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError
from tracepost.wire.v1 import desk_pb2


@dataclass(frozen=True, slots=True)
class Format:
    """A form of the file: what it is to the node, its name at the officer's, what it is good for in words."""

    code: int
    file_name: str
    words: str


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "tracepost": Format(
            desk_pb2.EXPORT_FORMAT_TRACEPOST,
            "tracepost-case.tracepost",
            _("One evidence file, which anybody checks with: tracepost verify"),
        ),
        "sd-jwt": Format(
            desk_pb2.EXPORT_FORMAT_SD_JWT,
            "tracepost-case.tar",
            _("The signed messages for other tools (SD-JWT, in a tar archive)"),
        ),
    }
)
_TITLE: Final = _("Take the case with its proofs as a file")
_AS_GIVEN: Final = _("What its messages were given for")


async def show_choice(visit: Visit) -> Response:
    """Show in which forms a case can be taken, for what, and how it is to be handled."""
    thread = _thread(visit)
    view = await visit.client.show_case(thread)
    return visit.page(
        "pages/exporting.html",
        thread=thread,
        title=visit.text(_TITLE),
        handling=handling_of(Shower(visit.words), view),
        exercise=view.summary.exercise,
        formats=[(name, visit.text(one.words)) for name, one in FORMATS.items()],
        purposes=[("", visit.text(_AS_GIVEN)), *((code, _purpose(visit, code)) for code in _PURPOSES)],
    )


async def take_case(visit: Visit) -> Response:
    """Give the file; nothing of it is given before the node has let the whole case through."""
    asked, purpose = FORMATS.get(visit.field("format")), visit.field("purpose")
    if asked is None or purpose not in ("", *_PURPOSES):
        raise InvalidInputError(_("There is no such file."), where="format" if asked is None else "purpose")
    chunks = visit.client.export_case(
        _thread(visit),
        asked.code,
        with_inner=visit.field("inner") == "yes",
        purpose=f"PURPOSE_{purpose}" if purpose else None,
    )
    first = await anext(chunks)
    headers = {
        "content-disposition": f'attachment; filename="{asked.file_name}"',
        "content-encoding": "identity",
        "content-length": str(first.total_bytes),
    }
    return StreamingResponse(_data(first, chunks), media_type="application/octet-stream", headers=headers)


async def _data(
    first: desk_pb2.ExportChunk, chunks: AsyncIterator[desk_pb2.ExportChunk]
) -> AsyncIterator[bytes]:
    yield first.data
    async for chunk in chunks:
        yield chunk.data


def _purpose(visit: Visit, code: str) -> str:
    words = visit.words.coded("Purpose", code)
    return f"{words[:1].upper()}{words[1:]}"


def _thread(visit: Visit) -> str:
    thread: str = visit.request.path_params["case"]
    require_thread(thread)
    return thread


_PURPOSES: Final = tuple(codes_of(field_at(desk_pb2.ExportCaseRequest.DESCRIPTOR, "purpose")))

ROOM: Final = Room(
    pages=(
        Page("/cases/{case}/export", show_choice),
        Page("/cases/{case}/export", take_case, ("POST",)),
    ),
    in_cases=(Entry(_TITLE, "/cases/{case}/export", order=31),),
)
