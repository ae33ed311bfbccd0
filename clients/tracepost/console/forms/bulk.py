"""Many weapons from a spreadsheet: good rows begin drafts of requests, the others are kept with what is wrong.

    rows = take_rows(data)
    begun_requests(rows, exercise=False)    the answers that drafts begin with, and the rows that each holds
    Result.of(rows, …).answers()            what became of the file, as the store of drafts keeps it
    Result.of(rows, …).brief()              what a list says of it

Which columns there are and what a cell means is said by `sdk.intake`, for the command line as for a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracepost.console.forms.advice import TYPED_TWICE
from tracepost.console.forms.answers import PAGE_SIGN, Answers, texts_of
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError, LimitError
from tracepost.sdk.intake.documents import Album
from tracepost.sdk.intake.items import ReadRows, Request, folders_of, read_rows, rejected_rows
from tracepost.sdk.intake.photographs import Photograph
from tracepost.wire.v1 import desk_pb2, terms_pb2, weapon_pb2

FILE_BYTES: Final = 2 * 1024 * 1024
ROWS: Final = 3_000
ITEMS_OF_DRAFT: Final = 50
"""Fewer than a request may hold: its pages stay light, and its preview can be read through."""
DRAFTS: Final = 60


class NoAlbum(Album):
    """What a table names here lies on the officer's machine: no file of ours is looked for."""

    def take(self, name: str) -> Photograph:
        """Raise `InvalidInputError`."""
        raise InvalidInputError(_("A table brings no photographs."), where=name)


def take_rows(data: bytes) -> ReadRows:
    """Return what became of each row of a file.

    Raises:
        InvalidInputError: it is no table, or has no row.
        LimitError: it is larger than is taken at once.
    """
    if len(data) > FILE_BYTES:
        raise LimitError(_("The file is too large."), where="file", reason="table-too-large")
    rows = read_rows(data, NoAlbum(Path()), most_rows=ROWS)
    if not rows.table.rows:
        raise InvalidInputError(
            _("The table has no row below its heading."), where="file", reason="empty-table"
        )
    return rows


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft of a request: the answers it begins with, and the numbers of its rows."""

    answers: Answers
    rows: tuple[int, ...]


def begun_requests(rows: ReadRows, *, exercise: bool) -> tuple[Begun, ...]:
    """Return the drafts that the good rows begin; raise `LimitError` for more than one officer looks through."""
    template = desk_pb2.Draft(legal_basis=terms_pb2.LEGAL_BASIS_ITI, exercise=exercise or None)
    template.content.trace_request.SetInParent()
    folders = folders_of(rows.rows, template, ITEMS_OF_DRAFT)
    requests = [request for folder in folders for request in folder]
    if len(requests) > DRAFTS:
        raise LimitError(_("The rows make too many requests."), where="file", reason="too-many-requests")
    return tuple(Begun(_answers(request), request.rows) for request in requests)


def _answers(request: Request) -> Answers:
    draft = desk_pb2.Draft()
    draft.CopyFrom(request.draft)
    draft.ClearField("idempotency_key")
    _forget_reckoned(draft)
    said = {path.removeprefix("draft."): texts for path, texts in texts_of(draft, "draft").values.items()}
    return Answers(said | dict(_second_typings(draft)))


def _forget_reckoned(draft: desk_pb2.Draft) -> None:
    """Leave out what `complete_marks` reckons again from fields that the officer may still change."""
    for item in draft.content.trace_request.items:
        if item.HasField("object"):
            item.object.ClearField("calibre")
        for mark in item.object.mark:
            mark.ClearField("normalised")
            mark.ClearField("script")


def _second_typings(draft: desk_pb2.Draft) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the marks that a page asks for twice: what a file brings was not typed here."""
    for item, one in enumerate(draft.content.trace_request.items):
        for number, mark in enumerate(one.object.mark):
            if weapon_pb2.MarkRole.Name(mark.role).removeprefix("MARK_ROLE_") in TYPED_TWICE:
                path = f"content.trace_request.items.{item}.object.mark.{number}.text_as_seen"
                yield f"{PAGE_SIGN}{path}", (mark.text_as_seen,)


# ── what became of a file ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: its number, its cells, and each column with the reason (`rejections.Reason`)."""

    number: int
    cells: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a file.

    Args:
        encoding, delimiter: as it was read.
        heading: its first row.
        unknown: columns that were not understood and not taken.
        drafts: number of each draft, and of its rows.
        refused: the rows that were not taken.
        exercise: whether the drafts are an exercise.
    """

    encoding: str
    delimiter: str
    heading: tuple[str, ...]
    unknown: tuple[str, ...]
    drafts: tuple[tuple[str, tuple[int, ...]], ...]
    refused: tuple[Refused, ...]
    exercise: bool

    @classmethod
    def of(cls, rows: ReadRows, drafts: Sequence[tuple[str, tuple[int, ...]]], *, exercise: bool) -> Result:
        """Return what became of the file that was read to `rows`."""
        refused = tuple(
            Refused(row.number, row.cells, tuple((one.column, one.reason.value) for one in faults))
            for row, faults in rejected_rows(rows)
        )
        table = rows.table
        return cls(
            table.encoding,
            table.delimiter,
            table.heading,
            rows.heading.unknown,
            tuple(drafts),
            refused,
            exercise,
        )

    @classmethod
    def read(cls, answers: Answers) -> Result:
        """Return what `answers()` wrote."""
        encoding, delimiter = answers.all("table")
        drafts = [answers.all(f"draft.{index}") for index in range(answers.count("draft"))]
        numbers = [int(path.removeprefix("row.")) for path in answers.below("row")]
        return cls(
            encoding,
            delimiter,
            answers.all("heading"),
            answers.all("unknown"),
            tuple((number, tuple(map(int, rows))) for number, *rows in drafts),
            tuple(_refused(answers, number) for number in sorted(numbers)),
            answers.first("exercise") == "yes",
        )

    def answers(self) -> Answers:
        """Return all of it as answers of a draft."""
        values = {
            "table": (self.encoding, self.delimiter),
            "heading": self.heading,
            "unknown": self.unknown,
            "exercise": ("yes" if self.exercise else "no",),
        }
        for index, (number, rows) in enumerate(self.drafts):
            values[f"draft.{index}"] = (number, *map(str, rows))
        for one in self.refused:
            values[f"row.{one.number}"] = one.cells
            values[f"fault.{one.number}"] = tuple(text for fault in one.faults for text in fault)
        return Answers(values)

    def brief(self) -> Answers:
        """Return as answers what a list says of it, so that a list reads no rows."""
        exercise = "yes" if self.exercise else "no"
        return Answers(
            {"taken": (str(self.taken),), "refused": (str(len(self.refused)),), "exercise": (exercise,)}
        )

    @property
    def taken(self) -> int:
        """How many rows stand in drafts."""
        return sum(len(rows) for _number, rows in self.drafts)


def _refused(answers: Answers, number: int) -> Refused:
    said = answers.all(f"fault.{number}")
    return Refused(number, answers.all(f"row.{number}"), tuple(zip(said[::2], said[1::2], strict=True)))


def ranges_of(numbers: Sequence[int]) -> str:
    """Return sorted numbers as they are read aloud: "2–4, 7"."""
    parts, first = list[str](), 0
    for place, number in enumerate(numbers):
        if place + 1 == len(numbers) or numbers[place + 1] != number + 1:
            begin = numbers[first]
            parts.append(str(begin) if begin == number else f"{begin}–{number}")
            first = place + 1
    return ", ".join(parts)
