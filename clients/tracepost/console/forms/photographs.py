"""Photographs of a draft: the copy that travels is made as it comes in, and named in the answers by its digest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tracepost.console.forms.answers import Answers, texts_of
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.attachments import PreparedFile
from tracepost.sdk.intake.photographs import MAX_PART_BYTES, prepare_photograph, strip_photograph
from tracepost.wire.v1 import weapon_pb2

_VIEWS: Final = frozenset(weapon_pb2.PhotographView.keys()) - {"PHOTOGRAPH_VIEW_UNSPECIFIED"}
_NAMED: Final = re.compile(r"\.photograph\.[0-9]+\.sha256\Z")
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_PNG: Final = b"\x89PNG"


@dataclass(frozen=True, slots=True)
class Shown:
    """A photograph in the answers: its place in the list, its digest in hex, what it shows."""

    index: int
    sha256: str
    view: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A file in the answers that goes beside the message: its place in the list, what it is, its bytes."""

    index: int
    media_type: str
    size: int


def is_too_large_for_a_message(data: bytes) -> bool:
    """Return whether a photograph, without what the camera wrote, must go beside the message.

    Raises:
        InvalidInputError: it is no JPEG or PNG, or damaged.
    """
    copy, _size, _media_type = strip_photograph(data, "photograph")
    return len(copy) > MAX_PART_BYTES


def add_photograph(answers: Answers, path: str, view: str, data: bytes) -> tuple[Answers, bytes]:
    """Return the answers with a photograph named in the list at `path`, and the copy that travels.

    Raises:
        InvalidInputError: it is no JPEG or PNG, or damaged, or nobody said what it shows.
        LimitError: it is too large to travel.
    """
    if f"PHOTOGRAPH_VIEW_{view}" not in _VIEWS:
        raise InvalidInputError("say what the photograph shows", reason="no-view")
    made = prepare_photograph(data)
    head = f"{path}.{answers.count(path)}"
    named = {
        "view": view,
        "media_type": made.media_type,
        "sha256": made.sha256.hex(),
        "size": str(len(made.content)),
        "original_sha256": made.original_sha256.hex(),
    }
    return answers.having({f"{head}.{name}": [said] for name, said in named.items()}), made.content


def name_attachment(answers: Answers, item: str, file: PreparedFile) -> Answers:
    """Return the answers with a photograph that goes beside the message, for the item at path `item`."""
    path = f"{item}.attachments"
    return Answers(
        {**answers.values, **texts_of(file.as_attachment(), f"{path}.{answers.count(path)}").values}
    )


def attachments_of(answers: Answers, item: str) -> list[Beside]:
    """Return the files beside the message that the item at path `item` names."""
    path = f"{item}.attachments"
    return [
        Beside(
            index,
            answers.first(f"{path}.{index}.media_type"),
            int(answers.first(f"{path}.{index}.content_size") or 0),
        )
        for index in range(answers.count(path))
    ]


def remove_photograph(answers: Answers, path: str, index: int) -> Answers:
    """Return the answers without entry `index` of the photographs at `path`."""
    return answers.without(path, index)


def photographs_of(answers: Answers, path: str) -> list[Shown]:
    """Return the photographs that the list at `path` names."""
    return [
        Shown(index, answers.first(f"{path}.{index}.sha256"), answers.first(f"{path}.{index}.view"))
        for index in range(answers.count(path))
    ]


def digests_of(answers: Answers) -> list[bytes]:
    """Return the digests of all photographs that answers name, each once."""
    named = (said[0] for path, said in answers.values.items() if _NAMED.search(path))
    return list(dict.fromkeys(bytes.fromhex(one) for one in named if _DIGEST.fullmatch(one)))


def media_type_of(content: bytes) -> str:
    """Return what a copy is; it was made by us, of one of two kinds."""
    return "image/png" if content.startswith(_PNG) else "image/jpeg"
