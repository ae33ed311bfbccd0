"""One row of a table as an item, with what it says of the request around it.

Every cell of a row is looked at, so that all that is wrong with it is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from tracepost.protocol import schema
from tracepost.protocol.calibres import calibre_codes
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError, TracepostError
from tracepost.protocol.vocabulary import category_of_type, code_number
from tracepost.sdk.intake import cells, marks
from tracepost.sdk.intake.columns import Column, Heading
from tracepost.sdk.intake.countries import country_code
from tracepost.sdk.intake.documents import Album
from tracepost.sdk.intake.photographs import Photograph
from tracepost.sdk.intake.rejections import CellError, Reason, Rejection
from tracepost.sdk.intake.tables import Row
from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2

T = TypeVar("T")
_TYPE_CODES = frozenset("ABCDEFGHIJKMOPQRSVZ")  # NCIC gun type, the first letter
_KINDS = {
    "ammunition": weapon_pb2.ITEM_KIND_AMMUNITION,
    "silencer": weapon_pb2.ITEM_KIND_SILENCER,
    "suppressor": weapon_pb2.ITEM_KIND_SILENCER,
    "magazine": weapon_pb2.ITEM_KIND_MAGAZINE,
    "frame": weapon_pb2.ITEM_KIND_ESSENTIAL_PART,
    "receiver": weapon_pb2.ITEM_KIND_ESSENTIAL_PART,
    "barrel": weapon_pb2.ITEM_KIND_ESSENTIAL_PART,
    "slide": weapon_pb2.ITEM_KIND_ESSENTIAL_PART,
    "v": weapon_pb2.ITEM_KIND_SILENCER,
}


@dataclass(frozen=True, slots=True)
class Around:
    """What a row says of the request that its item stands in; rows that say the same go together."""

    file_number: str = ""
    justification: str = ""
    region: str = ""
    circumstances: str = ""
    purpose: int = 0
    questions: tuple[int, ...] = ()
    handling: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that was taken."""

    number: int
    item: weapon_pb2.Item
    around: Around
    photographs: tuple[Photograph, ...]


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one table.

    Args:
        heading: which cell holds what.
        album: where photographs are taken from.
    """

    heading: Heading
    album: Album
    _faults: list[Rejection] = field(default_factory=list)
    _row: Row = field(default_factory=lambda: Row(0, ()))

    def read(self, row: Row) -> ReadRow | list[Rejection]:
        """Return the item of `row`, or everything that is wrong with it."""
        self._row, self._faults = row, []
        if len(row.cells) > self.heading.width and any(row.cells[self.heading.width :]):
            self._reject("", Reason.TOO_MANY_CELLS)
        photographs = self._photographs()
        item, around = self._item(photographs), self._around()
        if not self._faults:
            self._check(item)
        if self._faults:
            return self._faults
        return ReadRow(row.number, item, around, tuple(photograph for _view, photograph in photographs))

    # ---------------------------------------------------------------- the item

    def _item(self, photographs: list[tuple[int, Photograph]]) -> weapon_pb2.Item:
        type_ = self._text(Column.TYPE, 100)
        kind = _KINDS.get(type_.casefold(), weapon_pb2.ITEM_KIND_WEAPON)
        values: dict[str, Any] = {
            "id": self._text(Column.ITEM, 40) or str(self._row.number - 1),
            "kind": kind,
            "illicit_grounds": self._codes(Column.GROUND, weapon_pb2.IllicitGround, _GROUND_LETTERS),
            "found_situation": self._code(Column.FOUND_SITUATION, weapon_pb2.FoundSituation),
            "found_on": self._take(Column.FOUND_DATE, cells.day),
        }
        if kind == weapon_pb2.ITEM_KIND_AMMUNITION:
            return weapon_pb2.Item(ammunition=self._ammunition(), **values)
        return weapon_pb2.Item(object=self._object(type_, photographs), **values)

    def _ammunition(self) -> weapon_pb2.Ammunition:
        """The columns are a weapon's: a serial is the lot, a manufacturer or mark is the headstamp."""
        calibre = self._undamaged(Column.CALIBRE, 60)
        values: dict[str, Any] = {
            "lot_number": self._undamaged(Column.SERIAL, 100) or None,
            "headstamp": self._text(Column.OTHER_MARKS, 200) or self._text(Column.MANUFACTURER, 200) or None,
            "calibre_as_marked": calibre or None,
            "calibre": _calibre_code(calibre),
        }
        return weapon_pb2.Ammunition(**values)

    def _object(self, type_: str, photographs: list[tuple[int, Photograph]]) -> weapon_pb2.Object:
        calibre = self._undamaged(Column.CALIBRE, 60)
        year = self._take(Column.YEAR, cells.year)
        values: dict[str, Any] = {
            "type": type_ or None,
            "type_code": type_.upper() if type_.upper() in _TYPE_CODES else None,
            "category": category_of_type(type_),
            "make": self._text(Column.MANUFACTURER, 100) or None,
            "model": self._undamaged(Column.MODEL, 100) or None,
            "calibre_as_marked": calibre or None,
            "calibre": _calibre_code(calibre),
            "country_of_manufacture": self._take(Column.COUNTRY, _country),
            "year_of_manufacture": str(year) if year else None,
            "importer_as_marked": self._text(Column.IMPORTER, 200) or None,
        }
        thing = weapon_pb2.Object(**values)
        self._add_marks(thing)
        _add_photographs(thing, photographs)
        return thing

    def _add_marks(self, thing: weapon_pb2.Object) -> None:
        legibility = self._take(Column.OBLITERATED, marks.obliterated)
        series = self._undamaged(Column.SERIES, 20)
        said = self._try(Column.SERIAL, lambda: marks.serial(self._cell(Column.SERIAL), series, legibility))
        others = self._take(Column.OTHER_MARKS, marks.other) or []
        if said is None:
            return
        thing.mark.extend(([said.mark] if said.mark else []) + others)
        if said.words:
            thing.description = said.words
        if said.unmarked and not others:
            thing.unmarked = True
        if not thing.mark and not thing.unmarked:
            self._reject(self.heading.name(Column.SERIAL), Reason.MISSING)

    def _photographs(self) -> list[tuple[int, Photograph]]:
        found = []
        for entry in cells.parts(self._cell(Column.PHOTOGRAPHS)):
            view, equals, name = entry.partition("=")
            taken = self._try(Column.PHOTOGRAPHS, partial(self._picture, name if equals else view))
            if taken is not None:
                code = self._view(view) if equals else weapon_pb2.PHOTOGRAPH_VIEW_OTHER
                found.append((code, taken))
        return found

    def _picture(self, name: str) -> Photograph:
        try:
            return self.album.take(name.strip())
        except TracepostError as fault:
            raise CellError(Reason.PHOTOGRAPH) from fault

    def _view(self, word: str) -> int:
        code = self._try(Column.PHOTOGRAPHS, lambda: _code(weapon_pb2.PhotographView, word))
        return code or weapon_pb2.PHOTOGRAPH_VIEW_OTHER

    # ---------------------------------------------------------------- the request around it

    def _around(self) -> Around:
        return Around(
            file_number=self._text(Column.OUR_NUMBER, 100),
            justification=self._text(Column.JUSTIFICATION, 400),
            region=self._text(Column.REGION, 200),
            circumstances=self._text(Column.CIRCUMSTANCES, 2000),
            purpose=self._code(Column.PURPOSE, terms_pb2.Purpose) or 0,
            questions=tuple(self._codes(Column.QUESTIONS, trace_pb2.Question)),
            handling=tuple(self._codes(Column.HANDLING, terms_pb2.HandlingInstruction)),
        )

    # ---------------------------------------------------------------- one cell

    def _cell(self, column: Column) -> str:
        return self.heading.cell(self._row.cells, column)

    def _take(self, column: Column, read: Callable[[str], T]) -> T | None:
        cell = self._cell(column)
        return self._try(column, lambda: read(cells.text(cell, 4000))) if cell else None

    def _try(self, column: Column, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except CellError as fault:
            self._reject(self.heading.name(column), fault.reason)
            return None

    def _text(self, column: Column, limit: int) -> str:
        return self._take(column, lambda cell: cells.text(cell, limit)) or ""

    def _undamaged(self, column: Column, limit: int) -> str:
        return self._take(column, lambda cell: cells.undamaged(cell, limit)) or ""

    def _code(self, column: Column, codes: Any) -> int | None:
        return self._take(column, lambda cell: _code(codes, cell))

    def _codes(self, column: Column, codes: Any, words: Mapping[str, int] | None = None) -> list[int]:
        def read(cell: str) -> list[int]:
            found = [_code(codes, entry, words) for entry in cells.parts(cell.replace(",", ";"))]
            return list(dict.fromkeys(found))

        return self._take(column, read) or []

    def _reject(self, column: str, reason: Reason) -> None:
        rejection = Rejection(self._row.number, column, reason)
        if rejection not in self._faults:
            self._faults.append(rejection)

    def _check(self, item: weapon_pb2.Item) -> None:
        try:
            schema.validate(item)
        except InvalidMessageError as fault:
            self._reject(fault.where, Reason.BREAKS_RULE)


_GROUND_LETTERS = {
    f"{before}{letter}{after}": ground
    for letter, ground in zip("abcde", weapon_pb2.IllicitGround.values()[1:], strict=True)
    for before, after in (("", ""), ("6", ""), ("6(", ")"), ("iti 6(", ")"))
}


def _code(codes: Any, text: str, words: Mapping[str, int] | None = None) -> int:
    known = (words or {}).get(text.casefold())
    if known is not None:
        return known
    try:
        return code_number(codes, text)
    except InvalidInputError as fault:
        raise CellError(Reason.NOT_IN_LIST) from fault


def _country(cell: str) -> str:
    code = country_code(cell)
    if code is None:
        raise CellError(Reason.NOT_A_COUNTRY)
    return code


def _calibre_code(calibre: str) -> str | None:
    """Only when it is plain: a spelling that may mean several is left as it is marked."""
    codes = calibre_codes(calibre)
    return codes[0] if len(codes) == 1 else None


def _add_photographs(thing: weapon_pb2.Object, photographs: list[tuple[int, Photograph]]) -> None:
    for view, photograph in photographs:
        thing.photograph.append(
            weapon_pb2.Photograph(
                view=weapon_pb2.PhotographView.Name(view),
                media_type=photograph.media_type,
                sha256=photograph.sha256,
                size=len(photograph.content),
                original_sha256=photograph.original_sha256,
            )
        )
        if view == weapon_pb2.PHOTOGRAPH_VIEW_SERIAL and thing.mark:
            thing.mark[0].photograph_sha256 = photograph.sha256
