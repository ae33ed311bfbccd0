"""A document without a form yet: what stands on it, in order, and which of it was signed.

    Sheet → Section → Row | Table | Blank | Photo

A row or a line of a table that shows a signed field carries it as its `Line`; all others are our own words. What is in
a sheet is text in the reader's language; how it looks is said by the templates alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tracepost.paper.codes import Form, Line


@dataclass(frozen=True, slots=True)
class Row:
    """What something is called, and what is said of it, a paragraph each."""

    label: str
    said: tuple[str, ...]
    line: Line | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line of a table."""

    cells: tuple[str, ...]
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Things of one sort, such as the marks on a weapon."""

    heads: tuple[str, ...]
    lines: tuple[TableLine, ...]


@dataclass(frozen=True, slots=True)
class Blank:
    """Something to be filled in by hand: empty lines, or boxes to be ticked."""

    label: str
    lines: int = 1
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph as JPEG, or why it is not printed; what stands below it, and what is said to who cannot see it."""

    caption: tuple[str, ...]
    alternative: str
    jpeg: bytes = field(default=b"", repr=False)
    instead: str = ""


Block = Row | Table | Blank | Photo


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and what stands below it. `level` 1 is a statement of a case, 2 a part of it, 3 a part of that."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 2
    own_page: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document.

    Args:
        form: what it is.
        title: its name.
        thread: the case; empty on a blank form.
        references: lines of the head, such as file numbers.
        sender: whose paper it is.
        addressee: to whom, a line each.
        handling: handling instructions, in bold on every page.
        restrictions: on use (ITI 15), on every page, and in full at the beginning.
        exercise: training mail; on every page.
        sections: the rest.
        note: what the reader should know of codes and signatures.
    """

    form: Form | None
    title: str
    thread: str
    references: tuple[Row, ...] = ()
    sender: str = ""
    addressee: tuple[str, ...] = ()
    handling: tuple[Row, ...] = ()
    restrictions: tuple[Row, ...] = ()
    exercise: str = ""
    sections: tuple[Section, ...] = ()
    note: tuple[str, ...] = ()

    def running_lines(self) -> Iterator[Line]:
        """Yield what stands on every page."""
        yield from (row.line for row in self.handling if row.line is not None)

    def lines(self) -> Iterator[Line]:
        """Yield every signed field that is shown, in order."""
        yield from self.running_lines()
        for row in (*self.restrictions, *self.references):
            if row.line is not None:
                yield row.line
        for section in self.sections:
            for block in section.blocks:
                yield from lines_of(block)


def lines_of(block: Block) -> Iterator[Line]:
    """Yield the signed fields of a block."""
    if isinstance(block, Row) and block.line is not None:
        yield block.line
    if isinstance(block, Table):
        yield from (one.line for one in block.lines if one.line is not None)
