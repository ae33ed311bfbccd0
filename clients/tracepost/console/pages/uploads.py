"""Files that travel in pieces: a line that breaks costs one piece, and not the file.

POST  /uploads           a file is announced by its length and digest; the same one is found as far as it has come
HEAD  /uploads/UPLOAD    how far it has come
PATCH /uploads/UPLOAD    its next piece

Names and meanings are those of "Resumable Uploads for HTTP" of the IETF (draft-ietf-httpbis-resumable-upload):
Upload-Length, Upload-Offset, Repr-Digest (RFC 9530), and 409 with the right offset. A file that is whole waits for the
form that names it: its page does with it what it does with one that came with the form.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Final, NoReturn

from starlette.datastructures import UploadFile
from starlette.responses import Response

from tracepost.console.drafting import aside, now, whose
from tracepost.console.forms.uploads import Upload
from tracepost.console.rooms import KIB, Page, Room
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import (
    ConflictError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    VerificationError,
)

PIECE_BYTES: Final = 64 * KIB
NO_FILE: Final[Mapping[str, str]] = {
    "no-file": _("Choose a file."),
    "upload-gone": _("What was sent of the file is not here any more. Choose the file once more."),
}
"""What a page says when there is no file, by the reason of the error."""
_NUMBER: Final = re.compile("[0-9]{1,12}")
_SHA256: Final = re.compile("sha-256=:([A-Za-z0-9+/]{43}=):")


async def begin_upload(visit: Visit) -> Response:
    """Begin a file, or go on with the same one."""
    size, digest = _number(visit, "upload-length"), _digest(visit)
    try:
        upload = await aside(visit.house.uploads.begin, whose(visit), size, digest, now())
    except LimitError:
        return Response(status_code=413)
    return _told(upload, 201, {"location": f"/uploads/{upload.number}"})


async def show_offset(visit: Visit) -> Response:
    """Tell how far a file has come."""
    upload = await aside(visit.house.uploads.find, whose(visit), _name(visit), now())
    return _told(upload, 204)


async def take_piece(visit: Visit) -> Response:
    """Keep the next piece of a file."""
    store, officer, number = visit.house.uploads, whose(visit), _name(visit)
    offset, piece = _number(visit, "upload-offset"), await visit.request.body()
    try:
        return _told(await aside(store.add_piece, officer, number, offset, piece, now()), 204)
    except ConflictError:
        return _told(await aside(store.find, officer, number, now()), 409)
    except LimitError:
        return Response(status_code=413)
    except VerificationError:
        return Response(status_code=422)


async def chosen_file(visit: Visit) -> bytes:
    """Return the file that a form brings, or names after it came in pieces.

    Raises:
        InvalidInputError: none was chosen, or the one that came in pieces is not here any more; see `NO_FILE`.
    """
    number, file = visit.field("upload"), visit.form.get("file")
    if not number:
        content = await file.read() if isinstance(file, UploadFile) else b""
        return content or _none("no-file")
    try:
        return await aside(visit.house.uploads.whole, whose(visit), number, now())
    except NotFoundError:
        _none("upload-gone")


async def forget_chosen(visit: Visit) -> None:
    """Destroy the pieces of a file that was taken; one that is refused need not travel again."""
    if number := visit.field("upload"):
        await aside(visit.house.uploads.forget, whose(visit), number)


def _none(reason: str) -> NoReturn:
    raise InvalidInputError(NO_FILE[reason], where="file", reason=reason)


def _name(visit: Visit) -> str:
    return str(visit.request.path_params["upload"])


def _told(upload: Upload, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(status_code=status, headers={"upload-offset": str(upload.offset), **(headers or {})})


def _number(visit: Visit, header: str) -> int:
    text = visit.request.headers.get(header, "")
    if not _NUMBER.fullmatch(text):
        raise InvalidInputError("it is a whole number", where=header, reason="header")
    return int(text)


def _digest(visit: Visit) -> bytes:
    found = _SHA256.fullmatch(visit.request.headers.get("repr-digest", ""))
    if found is None:
        raise InvalidInputError("it is a digest by SHA-256", where="repr-digest", reason="header")
    return base64.b64decode(found.group(1))


ROOM: Final = Room(
    pages=(
        Page("/uploads", begin_upload, ("POST",), body_bytes=0, is_raw=True, is_piece=True, of_any_desk=True),
        Page("/uploads/{upload}", show_offset, ("HEAD",), is_piece=True),
        Page(
            "/uploads/{upload}",
            take_piece,
            ("PATCH",),
            body_bytes=PIECE_BYTES,
            is_raw=True,
            is_piece=True,
            of_any_desk=True,
        ),
    ),
)
