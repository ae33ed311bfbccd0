"""Photographs and files that messages name, and what a file of them is called."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from tracepost.protocol.errors import NotFoundError, PermissionError_
from tracepost.sdk.client import Client
from tracepost.sdk.drafts import message_of
from tracepost.sdk.exhibits import enclosed_in
from tracepost.wire.v1 import desk_pb2

MOST_PHOTOGRAPHS: Final = 64
"""That are fetched for one document."""
_ENDINGS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "application/pdf": "pdf",
    "video/mp4": "mp4",
    "application/x3p+zip": "x3p",
    "text/plain": "txt",
}


def ending_of(media_type: str) -> str:
    """Return the ending of the name of a file of this type."""
    return _ENDINGS.get(media_type, "bin")


def named_files(message: Any, digest: str) -> Iterator[Any]:
    """Go through what a message names, at any depth: `sha256` photographs, `content_sha256` attachments.

    Args:
        message: what is shown; None names nothing.
        digest: the field by which they are told.
    """
    if message is None:
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for one in value if field.is_repeated else [value]:
            if digest in field.message_type.fields_by_name:
                yield one
            else:
                yield from named_files(one, digest)


async def fetch_photographs(
    client: Client, case: str, statements: Iterable[desk_pb2.StatementView]
) -> tuple[bytes, ...]:
    """Return the photographs that statements of a case name, and what they enclose; each fetch is logged as a read.

    Left out is what the node does not give this desk, what is not the photograph that was named, and what comes after
    `MOST_PHOTOGRAPHS`.
    """
    wanted = dict.fromkeys(digest for one in statements for digest in _photographs_of(one))
    given = [await _fetch(client, case, digest) for digest in islice(wanted, MOST_PHOTOGRAPHS)]
    return tuple(one for one in given if one is not None)


def _photographs_of(statement: desk_pb2.StatementView) -> Iterator[bytes]:
    message = message_of(statement.content)
    for shown in (message, *(one.message for one in enclosed_in(message))):
        yield from (named.sha256 for named in named_files(shown, "sha256") if named.sha256)


async def _fetch(client: Client, case: str, digest: bytes) -> bytes | None:
    try:
        content = (await client.fetch_part(case, digest)).content
    except (NotFoundError, PermissionError_):
        return None
    return content if hashlib.sha256(content).digest() == digest else None
