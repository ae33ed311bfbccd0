"""A message or a draft from a JSON file, with the photographs that lie beside it.

The file is the proto3 JSON mapping of a `Draft` or of one message, with one
addition: a photograph names its file, and what the protocol wants to know of it
is filled in.

    {"view": "PHOTOGRAPH_VIEW_LEFT", "file": "left.jpg"}        in `photograph`, `scene_photographs`
    {"role": "MARK_ROLE_MANUFACTURER_SERIAL", "photograph_file": "serial.jpg", …}   in a mark

Files are looked for in the folder of the JSON file and below it, nowhere else.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from tracepost.protocol.errors import InvalidInputError, LimitError
from tracepost.sdk.intake.photographs import Photograph, read_photograph
from tracepost.wire.v1 import desk_pb2

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
_FILE, _MARK_FILE = "file", "photograph_file"
M = TypeVar("M", bound=Message)


@dataclass(slots=True)
class Album:
    """The photographs of one message: each file is read once, each picture travels once.

    Args:
        folder: where files are looked for.
    """

    folder: Path
    _by_name: dict[str, Photograph] = field(default_factory=dict)

    def take(self, name: str) -> Photograph:
        """Return the travelling copy of the file `name`; raise `InvalidInputError` or `LimitError`."""
        path = Path(name)
        if path.is_absolute() or not path.parts or any(part.startswith(".") for part in path.parts):
            raise InvalidInputError(
                "A photograph lies in the folder of the request, or below it.", where=name
            )
        if name not in self._by_name:
            self._by_name[name] = read_photograph(self.folder / name)
        return self._by_name[name]

    def parts(self) -> tuple[bytes, ...]:
        """Return the pictures that travel, without repetition."""
        return tuple(dict.fromkeys(photograph.content for photograph in self._by_name.values()))


def read_document(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`; raise `InvalidInputError` or `LimitError`."""
    try:
        if path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise LimitError("The file is larger than 16 MiB.", where=path.name)
        value = json.loads(path.read_bytes(), object_pairs_hook=_without_repetition)
    except OSError as fault:
        raise InvalidInputError("The file cannot be read.", where=str(path)) from fault
    except (ValueError, RecursionError) as fault:
        line = f":{fault.lineno}" if isinstance(fault, json.JSONDecodeError) else ""
        raise InvalidInputError("The file is not JSON.", where=f"{path.name}{line}") from fault
    if not isinstance(value, dict):
        raise InvalidInputError("The file must hold one JSON object.", where=path.name)
    return value


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice")
    return document


def is_draft(document: dict[str, Any]) -> bool:
    """Return whether `document` is a whole draft and not one message."""
    return "content" in document


def read_draft(document: dict[str, Any], album: Album) -> desk_pb2.Draft:
    """Return the draft that `document` says, with its photographs as parts."""
    draft = read_message(document, desk_pb2.Draft, album)
    draft.parts.extend(part for part in album.parts() if part not in draft.parts)
    return draft


def read_message(document: dict[str, Any], kind: type[M], album: Album) -> M:
    """Return the message of type `kind` that `document` says; photographs go to `album`.

    Raises:
        InvalidInputError: an unknown field, a value of the wrong type, a file that is missing.
    """
    try:
        return json_format.ParseDict(_with_photographs(document, album), kind())
    except json_format.ParseError as fault:
        raise InvalidInputError(
            f"The file does not say a {kind.DESCRIPTOR.name}.", where=_place_of(fault), remedy=_HELP
        ) from fault
    except RecursionError as fault:
        raise InvalidInputError("The file is nested too deeply.") from fault


_HELP = "Field names and codes are those of proto/tracepost/wire/v1; see examples/."


_UNKNOWN_FIELD = re.compile(r'no field named "(\w+)" at "([\w.\[\]]+)"')
_AT = re.compile(r" at ([A-Za-z][\w.\[\]]*)")
_STEP = re.compile(r"Failed to parse (\w+) field")


def _place_of(fault: json_format.ParseError) -> str:
    """Return the field that the parser names, without the value that it quotes."""
    said = str(fault)
    if match := _UNKNOWN_FIELD.search(said):
        return f"{match[2]}.{match[1]}"
    if match := _AT.search(said):
        return match[1].rstrip(".")
    return ".".join(_STEP.findall(said))


def _with_photographs(value: Any, album: Album) -> Any:
    if isinstance(value, list):
        return [_with_photographs(one, album) for one in value]
    if not isinstance(value, dict):
        return value
    return dict(_entries(value, album))


def _entries(value: dict[str, Any], album: Album) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if key == _FILE and isinstance(inner, str):
            yield from _described(album.take(inner)).items()
        elif key == _MARK_FILE and isinstance(inner, str):
            yield "photograph_sha256", _base64(album.take(inner).sha256)
        else:
            yield key, _with_photographs(inner, album)


def _described(photograph: Photograph) -> dict[str, Any]:
    return {
        "media_type": photograph.media_type,
        "sha256": _base64(photograph.sha256),
        "size": len(photograph.content),
        "original_sha256": _base64(photograph.original_sha256),
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
