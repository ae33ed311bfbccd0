"""Photographs and files of a case, of mail that waits for a second officer, or of what two officers let one read.

Small pictures open, files are taken out, each a read of its own. A browser shows what was made anew here
(`console.pictures`); what was sent is given byte by byte, to be kept and not to be shown. A file is named by its
digest. What a case or a message does not name, or names in a field that the desk is not shown, the node does not give;
and no name that somebody else chose becomes the name of a file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message
from starlette.responses import Response, StreamingResponse

from tracepost.console.drafting import chosen_desk, client_of
from tracepost.console.pages.case import handling_of, require_thread
from tracepost.console.paging import leaf_of
from tracepost.console.pictures import SIDE, make_fair, make_small
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.second_word import number_of
from tracepost.console.showing import Shower, moment, when
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError, NotFoundError, VerificationError
from tracepost.protocol.ids import parse_digest
from tracepost.sdk import Client, message_of
from tracepost.sdk.enclosures import ending_of, named_files
from tracepost.sdk.exhibits import enclosed_in
from tracepost.wire.v1 import attachment_pb2, desk_pb2

_DIGEST: Final = re.compile("[0-9a-f]{64}")
_PICTURES: Final = 8
_PLAIN: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph that a statement names: its digest, what it shows, who sent it and when."""

    sha256: str
    view: str
    kind: str
    from_member: str
    at: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file beside a statement: its address, what it is and shows, and where it is on its way."""

    address: str
    subject: str
    media_type: str
    size: int
    place: str
    is_here: bool
    from_member: str
    at: str


async def show_files(visit: Visit) -> Response:
    """Show what photographs and files a case names, as far as the desk may see them."""
    thread = _thread(visit)
    view = await visit.client.show_case(thread)
    shower = Shower(visit.words)
    return visit.page(
        "pages/enclosures.html",
        thread=thread,
        handling=handling_of(shower, view),
        exercise=view.summary.exercise,
        pictures=leaf_of(visit, "photographs", pictures_of(shower, view), _PICTURES),
        side=SIDE,
        files=leaf_of(visit, "files", files_of(shower, view)),
    )


async def show_thumbnail(visit: Visit) -> Response:
    """Give a small copy of a photograph."""
    return _picture(visit, await make_small((await _part(visit)).content))


async def show_photograph(visit: Visit) -> Response:
    """Give a photograph in its own size, made anew."""
    return _picture(visit, await make_fair((await _part(visit)).content))


async def take_photograph(visit: Visit) -> Response:
    """Give a photograph as it was sent, to be kept: these are the bytes that the message names."""
    part = await _part(visit)
    if hashlib.sha256(part.content).digest() != _digest(visit):
        raise VerificationError(_("The photograph is not the one that the message names."), where="address")
    return Response(part.content, media_type=_PLAIN, headers=_kept_as(visit, part.media_type))


def _picture(visit: Visit, content: bytes) -> Response:
    name = f"{_digest(visit).hex()[:16]}.jpg"
    headers = {"content-disposition": f'inline; filename="{name}"', "content-encoding": "identity"}
    return Response(content, media_type="image/jpeg", headers=headers)


def _kept_as(visit: Visit, media_type: str) -> dict[str, str]:
    """Return what keeps a browser from showing a file; its name is its digest and what it is said to be."""
    name = f"{_digest(visit).hex()[:16]}.{ending_of(media_type)}"
    return {"content-disposition": f'attachment; filename="{name}"', "content-encoding": "identity"}


async def take_file(visit: Visit) -> Response:
    """Give a file that lies beside a statement, piece by piece; its end comes only if it is what was named."""
    address, release = _digest(visit), _release(visit)
    pieces = _client(visit).fetch_attachment("" if release else _thread(visit), address, release=release)
    first = await anext(aiter(pieces), None)
    if first is None:
        raise NotFoundError(_("There is no such file."), where="address")
    headers = _kept_as(visit, first.media_type) | {"content-length": str(first.total_bytes)}
    return StreamingResponse(_checked(first, pieces), media_type=_PLAIN, headers=headers)


async def _checked(
    first: attachment_pb2.ContentPiece, pieces: AsyncIterator[attachment_pb2.ContentPiece]
) -> AsyncIterator[bytes]:
    """Yield all but the last piece as it comes; the last one after the whole was compared with its digest."""
    digest, waiting = hashlib.sha256(first.data), first.data
    async for piece in pieces:
        if piece.data:
            yield waiting
            digest.update(piece.data)
            waiting = piece.data
    if digest.digest() != first.content_sha256:
        raise VerificationError(_("The file is not the one that the message names."), where="address")
    yield waiting


async def _part(visit: Visit) -> desk_pb2.FetchPartResponse:
    if "number" in visit.request.path_params:
        view = await visit.client.office.show_emergency(number_of(visit), photograph=_digest(visit))
        return desk_pb2.FetchPartResponse(content=view.photograph, media_type=view.media_type)
    release = _release(visit)
    return await _client(visit).fetch_part("" if release else _thread(visit), _digest(visit), release=release)


def _client(visit: Visit) -> Client:
    """Return who asks: for mail that waits for the officer's word, the desk that he is at."""
    return client_of(visit, chosen_desk(visit)) if _release(visit) else visit.client


def _release(visit: Visit) -> str | None:
    """Return the message that waits for the officer's word, if the address names one instead of a case."""
    statement: str | None = visit.request.path_params.get("statement")
    if statement is not None:
        require_statement(statement)
    return statement


def require_statement(statement: str) -> None:
    """Raise `NotFoundError` unless this is the digest of a statement."""
    try:
        parse_digest(statement, "statement")
    except InvalidInputError as fault:
        raise NotFoundError(_("There is no such message."), where="address") from fault


def _thread(visit: Visit) -> str:
    thread: str = visit.request.path_params["case"]
    require_thread(thread)
    return thread


def _digest(visit: Visit) -> bytes:
    text = visit.request.path_params["digest"]
    if not _DIGEST.fullmatch(text):
        raise NotFoundError(_("There is no such file."), where="address")
    return bytes.fromhex(text)


def pictures_of(shower: Shower, view: desk_pb2.CaseView) -> list[Picture]:
    """Return the photographs that are shown to the desk; one that is hidden keeps its place and has no digest.

    Those of what somebody passed on are named under who wrote it, and when.
    """
    found: dict[bytes, Picture] = {}
    for message, kind, author, at in _told(view):
        for named in named_files(message, "sha256"):
            if named.sha256:
                says = shower.words_of(named, "view") if "view" in named.DESCRIPTOR.fields_by_name else ""
                found.setdefault(named.sha256, Picture(named.sha256.hex(), says, kind, author, at))
    return list(found.values())


def _told(view: desk_pb2.CaseView) -> Iterator[tuple[Message, str, str, str]]:
    """Yield what was said in a case and, behind it, what it encloses: message, kind, author, when."""
    for one in view.statements:
        message = message_of(one.content)
        if message is not None:
            yield message, one.kind, one.from_member, moment(one.issued_at)
            for read in enclosed_in(message):
                if read.message is not None:
                    yield read.message, read.claims.kind, read.claims.iss, when(read.claims.iat)


def files_of(shower: Shower, view: desk_pb2.CaseView) -> list[Enclosed]:
    """Return the files that are shown to the desk; one that is hidden keeps its place and has no address."""
    found: dict[bytes, Enclosed] = {}
    for one in view.statements:
        states = {state.address: state for state in one.attachments}
        for named in named_files(message_of(one.content), "content_sha256"):
            if named.address:
                found.setdefault(named.address, _file(shower, one, named, states.get(named.address)))
    return list(found.values())


def _file(
    shower: Shower,
    statement: desk_pb2.StatementView,
    named: attachment_pb2.Attachment,
    state: attachment_pb2.AttachmentState | None,
) -> Enclosed:
    return Enclosed(
        named.address.hex(),
        shower.words_of(named, "subject"),
        named.media_type,
        named.content_size,
        shower.words_of(state, "place") if state else "",
        state is None or state.place != attachment_pb2.ATTACHMENT_PLACE_WAITING,
        statement.from_member,
        moment(statement.issued_at),
    )


ROOM: Final = Room(
    pages=(
        Page("/cases/{case}/files", show_files),
        Page("/cases/{case}/thumbnails/{digest}", show_thumbnail, is_picture=True),
        Page("/cases/{case}/photographs/{digest}", show_photograph),
        Page("/cases/{case}/originals/{digest}", take_photograph),
        Page("/cases/{case}/attachments/{digest}", take_file),
        Page("/waiting/release/{statement}/thumbnails/{digest}", show_thumbnail, is_picture=True),
        Page("/waiting/release/{statement}/photographs/{digest}", show_photograph),
        Page("/waiting/release/{statement}/originals/{digest}", take_photograph),
        Page("/waiting/release/{statement}/attachments/{digest}", take_file),
        Page("/waiting/break-glass/{number}/photographs/{digest}", show_photograph),
        Page("/waiting/break-glass/{number}/originals/{digest}", take_photograph),
    ),
    in_cases=(Entry(_("Photographs and files"), "/cases/{case}/files", order=20),),
)
