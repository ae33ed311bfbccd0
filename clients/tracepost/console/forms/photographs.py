"""Photographs of a draft: the copy that travels is made as it comes in, and named in the answers by its digest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tracepost.console.forms.answers import Answers, texts_of
from tracepost.locale.words import later as _
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
    """A photograph in the answers: its place in the list, its digest in hex, what it shows, which marks by name."""

    index: int
    sha256: str
    view: str
    marks: tuple[str, ...] = ()


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


def add_photograph(
    answers: Answers, path: str, view: str, data: bytes, marks: Iterable[int] = ()
) -> tuple[Answers, bytes]:
    """Return the answers with a photograph named in the list at `path`, and the copy that travels.

    Args:
        answers: those before.
        path: where the photographs of an item stand.
        view: code of what it shows.
        data: the file.
        marks: places of the marks of the item that can be read on it.

    Raises:
        InvalidInputError: it is no JPEG or PNG, or damaged, or nobody said what it shows.
        LimitError: it is too large to travel.
    """
    if f"PHOTOGRAPH_VIEW_{view}" not in _VIEWS:
        raise InvalidInputError(_("Say what the photograph shows."), reason="no-view")
    made = prepare_photograph(data)
    head = f"{path}.{answers.count(path)}"
    named = {
        "view": view,
        "media_type": made.media_type,
        "sha256": made.sha256.hex(),
        "size": str(len(made.content)),
        "original_sha256": made.original_sha256.hex(),
    }
    ties = {f"{_marks_at(path)}.{index}.photograph_sha256": named["sha256"] for index in marks}
    said = {f"{head}.{name}": text for name, text in named.items()} | ties
    return answers.having({one: [text] for one, text in said.items()}), made.content


def mark_names(answers: Answers, path: str) -> list[str]:
    """Return what each mark of the item reads whose photographs stand at `path`; its number where it reads nothing."""
    head = _marks_at(path)
    return [
        answers.first(f"{head}.{index}.text_as_seen")
        or answers.first(f"{head}.{index}.symbol")
        or str(index + 1)
        for index in range(answers.count(head))
    ]


def _marks_at(path: str) -> str:
    return f"{path.rpartition('.')[0]}.mark"


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
    """Return the answers without entry `index` of the photographs at `path`; no mark names it any more."""
    gone, left = answers.first(f"{path}.{index}.sha256"), answers.without(path, index)
    if gone in [one.sha256 for one in photographs_of(left, path)]:
        return left
    ties = [f"{_marks_at(path)}.{one}.photograph_sha256" for one in range(left.count(_marks_at(path)))]
    return left.having({tie: [] for tie in ties if left.first(tie) == gone})


def photographs_of(answers: Answers, path: str) -> list[Shown]:
    """Return the photographs that the list at `path` names."""
    digests = [answers.first(f"{path}.{index}.sha256") for index in range(answers.count(path))]
    return [
        Shown(index, one, answers.first(f"{path}.{index}.view"), tuple(_marks_on(answers, path, one)))
        for index, one in enumerate(digests)
    ]


def _marks_on(answers: Answers, path: str, digest: str) -> Iterable[str]:
    for index, name in enumerate(mark_names(answers, path)):
        if answers.first(f"{_marks_at(path)}.{index}.photograph_sha256") == digest:
            yield name


def digests_of(answers: Answers) -> list[bytes]:
    """Return the digests of all photographs that answers name, each once."""
    named = (said[0] for path, said in answers.values.items() if _NAMED.search(path))
    return list(dict.fromkeys(bytes.fromhex(one) for one in named if _DIGEST.fullmatch(one)))


def media_type_of(content: bytes) -> str:
    """Return what a copy is; it was made by us, of one of two kinds."""
    return "image/png" if content.startswith(_PNG) else "image/jpeg"
