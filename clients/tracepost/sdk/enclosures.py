"""Photographs and files that messages name, and what a file of them is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

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
