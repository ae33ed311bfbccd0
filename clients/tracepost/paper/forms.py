"""Blank forms for the field, to be filled in by hand and keyed in later: a seizure, an item of a request.

    sheet = blank_form(Words("fr"), Blanks.ITEM)

Their questions are the fields of the wire schema, in the words of the catalogue. They bear no code: nothing on them is
signed before somebody keys it in.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from tracepost.paper.saying import code_words
from tracepost.paper.sheet import Blank, Block, Row, Section, Sheet, Table, TableLine
from tracepost.paper.words import Words
from tracepost.wire.v1 import seizure_pb2, terms_pb2, trace_pb2, weapon_pb2

_MARKS: Final = 7
_MARK_COLUMNS: Final = ("role", "text_as_seen", "script", "location", "legibility")


class Blanks(enum.StrEnum):
    """Which blank form."""

    SEIZURE = "seizure"
    ITEM = "item"


def blank_form(words: Words, which: Blanks) -> Sheet:
    """Return a blank form in the language of `words`."""
    _ = words._
    seizure = which is Blanks.SEIZURE
    sections = (
        (*_seizure(words), *_item(words), _where_it_is(words))
        if seizure
        else (*_item(words), _where_it_was_found(words), *_ground(words))
    )
    handling = _choices(words, "handling_instructions", terms_pb2.HandlingInstruction.DESCRIPTOR)
    return Sheet(
        form=None,
        title=_("Seizure: short form") if seizure else _("Item of a trace request"),
        thread="",
        sections=(Section("", (_intro(words), handling)), *sections, Section("", tuple(_signing(words)))),
        note=(
            _("Write in capitals, one letter or figure as it is stamped, also where it is not Latin. ")
            + _("Leave out what you do not know: nothing is guessed."),
        ),
    )


def _intro(words: Words) -> Block:
    return Blank(words.field("file_number"), 1)


def _signing(words: Words) -> Iterator[Block]:
    yield Blank(words._("Name, function, date, signature"), 2)
    yield Blank(words._("Keyed in by, on (date), twice compared"), 1)


def _seizure(words: Words) -> Iterator[Section]:
    """Yield the ten fields of the customs' short form."""
    notice = seizure_pb2.SeizureNotice.DESCRIPTOR
    blocks: list[Block] = [_line(words, name) for name in ("agency", "seized_on", "border_point")]
    blocks += [
        _choices(words, name, _enum(notice, name))
        for name in ("direction", "transport_mode", "customs_procedure")
    ]
    numbers = ("conveyance", "container_numbers", "bill_of_lading", "air_waybill", "parcel_numbers")
    blocks += [_line(words, name) for name in numbers]
    blocks += [_line(words, name) for name in ("declared_goods", "hs_codes", "quantity")]
    blocks += [
        _choices(words, name, _enum(notice, name)) for name in ("detection_methods", "concealment_methods")
    ]
    yield Section(words.kind("customs.seizure-notice/1"), tuple(blocks))


def _item(words: Words) -> Iterator[Section]:
    """Yield what is asked of an item, and a table for its marks."""
    thing, item = weapon_pb2.Object.DESCRIPTOR, weapon_pb2.Item.DESCRIPTOR
    blocks: list[Block] = [_choices(words, "kind", _enum(item, "kind"))]
    blocks.append(_choices(words, "category", _enum(thing, "category")))
    names = ("make", "model", "calibre_as_marked", "country_of_manufacture", "importer_as_marked")
    blocks += [_line(words, name) for name in names]
    yield Section(words._("What it is"), tuple(blocks))
    empty = TableLine(("\u00a0\n\u00a0",) * len(_MARK_COLUMNS))
    table = Table(tuple(words.field(name) for name in _MARK_COLUMNS), (empty,) * _MARKS)
    marks: list[Block] = [
        Row("", (words._("Every mark, read from the weapon itself, one on each line."),)),
        table,
    ]
    for name in ("location", "legibility", "script"):
        marks.append(_codes(words, name, _enum(weapon_pb2.Mark.DESCRIPTOR, name)))
    yield Section(words._("Marks"), tuple(marks))


def _where_it_was_found(words: Words) -> Section:
    found = _choices(words, "found_situation", _enum(weapon_pb2.Item.DESCRIPTOR, "found_situation"))
    where = _where_it_is(words)
    return replace(where, blocks=(found, _line(words, "found_on"), *where.blocks))


def _where_it_is(words: Words) -> Section:
    """Return what is asked of a seizure too, whose day stands above."""
    custody = _choices(words, "custody", _enum(weapon_pb2.Item.DESCRIPTOR, "custody"))
    return Section(words._("Where it was found, and where it is"), (_line(words, "exact_place"), custody))


def _ground(words: Words) -> Iterator[Section]:
    request = trace_pb2.TraceRequest.DESCRIPTOR
    blocks = (
        _choices(words, "illicit_grounds", _enum(request, "illicit_grounds")),
        _line(words, "ground_text", 2),
        _choices(words, "questions", _enum(request, "questions")),
    )
    yield Section(words._("(a) Illicit nature and circumstances (ITI 17(a))"), blocks)


def _line(words: Words, name: str, lines: int = 1) -> Blank:
    return Blank(words.field(name), lines)


def _choices(words: Words, name: str, codes: Any) -> Blank:
    return Blank(words.field(name), 0, tuple(_names(words, codes)))


def _codes(words: Words, name: str, codes: Any) -> Row:
    return Row(words.field(name), (" · ".join(_names(words, codes)),))


def _names(words: Words, codes: Any) -> Sequence[str]:
    return [code_words(words, codes, value.name) for value in codes.values if value.number]


def _enum(message: Any, name: str) -> Any:
    return message.fields_by_name[name].enum_type
