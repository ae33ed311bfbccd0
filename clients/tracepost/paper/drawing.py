"""From statements to documents: what is said above and below them, and who gets what.

case_sheet(words, statements, head)     the whole case, a statement after the other
statement_sheet(words, told, head)      one statement
slip_sheet(words, told, head)           an enquiry to a custodian without a screen, with a form to send back
letter_sheet(words, told, head)         a letter to an office that is no member
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tracepost.paper.codes import Form, Line
from tracepost.paper.pen import Pen
from tracepost.paper.pictures import Album
from tracepost.paper.saying import code_words, name_of, printable
from tracepost.paper.sheet import Blank, Block, Row, Section, Sheet
from tracepost.paper.told import Told
from tracepost.paper.words import Words
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.wire.v1 import desk_pb2, terms_pb2

_SLIP: Final = frozenset(
    {
        "reference",
        "reminder_number",
        "item_ids",
        "questions",
        "where_to_look",
        "due_on",
        "handling_instructions",
        "office",
    }
)


@dataclass(frozen=True, slots=True)
class Head:
    """What a node says of a case besides its statements: numbers, and how to handle it today."""

    office: str = ""
    file_number: str = ""
    handling: tuple[str, ...] = ()


def statement_sheet(words: Words, told: Told, head: Head | None = None, album: Album | None = None) -> Sheet:
    """Return one statement as a document."""
    pen = Pen(words, told, album)
    head = head or Head()
    return Sheet(
        form=Form.STATEMENT,
        title=words.kind(told.kind),
        thread=told.thread,
        references=_references(words, head, told.thread),
        sender=head.office,
        handling=_handling(words, [told], head),
        restrictions=tuple(pen.restrictions()),
        exercise=_exercise(words, [told]),
        sections=(*pen.sections(), *pen.proof()),
        note=_note(words),
    )


def case_sheet(
    words: Words, statements: Sequence[Told], head: Head | None = None, album: Album | None = None
) -> Sheet:
    """Return a whole case as a document, a statement after the other."""
    head = head or Head()
    pens = [Pen(words, told, album) for told in statements]
    sections = [section for number, pen in enumerate(pens, 1) for section in pen.chapter(number)]
    return Sheet(
        form=Form.CASE,
        title=words._("Case file"),
        thread=statements[0].thread,
        references=_references(words, head, statements[0].thread),
        sender=head.office,
        handling=_handling(words, statements, head),
        restrictions=tuple(_once(row for pen in pens for row in pen.restrictions())),
        exercise=_exercise(words, statements),
        sections=tuple(sections),
        note=_note(words),
    )


def slip_sheet(words: Words, told: Told, head: Head | None = None, album: Album | None = None) -> Sheet:
    """Return an enquiry as a slip for its custodian, with a form to send back."""
    whole = statement_sheet(words, told, head)
    custodian = _value(told, "custodian")
    kept = tuple(one for one in told.fields if _stands_on_a_slip(one))
    pen = Pen(words, replace(told, fields=kept), album)
    form = Section(
        words._("Answer - please fill in and return"), tuple(_return_form(words, told)), own_page=False
    )
    return replace(
        whole,
        form=Form.SLIP,
        title=words._("Enquiry"),
        addressee=_address(custodian),
        sections=(*pen.sections(), form, *pen.proof()),
    )


def letter_sheet(words: Words, told: Told, head: Head | None = None, album: Album | None = None) -> Sheet:
    """Return an outgoing letter; a request in it stands in the order of ITI 17."""
    whole = statement_sheet(words, told, head)
    kept = tuple(
        one for one in told.fields if not one.path.startswith(("correspondent", "direction", "channel"))
    )
    pen = Pen(words, replace(told, fields=kept), album)
    signing = Section("", (Blank(words._("Name, function, date, signature"), 2),), level=3)
    return replace(
        whole,
        form=Form.LETTER,
        title=words._("Letter"),
        addressee=_address(_value(told, "correspondent")),
        sections=(*pen.sections(), signing, *pen.proof()),
    )


def _stands_on_a_slip(field: Field) -> bool:
    """Say whether a field stands in the body of a slip: of what is administrative, only what asks."""
    head, _, rest = field.path.partition(".")
    asks = head in _SLIP or (head == "items" and rest.partition(".")[2] in {"id", "kind"})
    return asks or field.sensitivity not in {Sensitivity.ADMINISTRATIVE, Sensitivity.PUBLIC}


def _references(words: Words, head: Head, thread: str) -> tuple[Row, ...]:
    number = (Row(words._("Our reference"), (printable(head.file_number),)),) if head.file_number else ()
    return (*number, Row(words._("case"), (thread,)))


def _handling(words: Words, statements: Iterable[Told], head: Head) -> tuple[Row, ...]:
    """Return each handling instruction once: those of the statements, signed, then what the case says besides."""
    enum = terms_pb2.HandlingInstruction.DESCRIPTOR
    rows: dict[str, Row] = {}
    for told in statements:
        for field in told.fields:
            if name_of(field.path) == "handling_instructions" and isinstance(field.value, list):
                line: Line | None = Line(told, field)
                for code in map(str, field.value):
                    if code not in rows:
                        rows[code] = Row("", (code_words(words, enum, code),), line)
                        line = None  # one field, however many instructions it lists
    for code in head.handling:
        rows.setdefault(code, Row("", (code_words(words, enum, code),)))
    return tuple(rows.values())


def _exercise(words: Words, statements: Iterable[Told]) -> str:
    return words._("EXERCISE") if any(one.claim("exercise") for one in statements) else ""


def _once(rows: Iterable[Row]) -> Iterator[Row]:
    seen = set[tuple[str, ...]]()
    for row in rows:
        if row.said not in seen or row.line is not None:
            seen.add(row.said)
            yield row


def _value(told: Told, path: str) -> dict[str, object]:
    value = next((one.value for one in told.fields if one.path == path), None)
    return dict(value) if isinstance(value, dict) else {}


def _address(unit: dict[str, object]) -> tuple[str, ...]:
    lines = [unit.get("name"), *str(unit.get("address", "")).splitlines(), unit.get("country")]
    return tuple(printable(str(line)) for line in lines if line)


def _note(words: Words) -> tuple[str, ...]:
    return (
        words._(
            "The code on each page holds digests of what was signed, and nothing else. Whoever holds the exported case "
            "learns with it whether the page shows that: tracepost verify CASE.tracepost --paper SCAN. "
            "What is written by hand, the heading and the name of the office are not covered by it."
        ),
    )


def _return_form(words: Words, told: Told) -> Iterator[Block]:
    items = next((one.value for one in told.fields if one.path == "item_ids"), None)
    for item in items if isinstance(items, list) else []:
        label = f"{words._('item')} {printable(str(item))}"
        yield Blank(label, 0, (words._("found"), words._("not found"), words._("records lapsed")))
        for text in (
            words._("found in (volume, page)"),
            words._("issued, sold or sent to"),
            words._("on (date)"),
        ):
            yield Blank(text)
    yield Blank(words._("Looked in (ledger, years)"))
    yield Blank(words._("Name, function, date, signature"), 2)


def head_of(printed: desk_pb2.PrintedPaper) -> Head:
    """Return what the node says beside a slip or letter."""
    names = tuple(terms_pb2.HandlingInstruction.Name(one) for one in printed.handling)
    return Head(printed.our_office, printed.our_file_number, names)
