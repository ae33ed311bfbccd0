"""Sheets to PDF: laid out once to see which line comes to stand on which page, and once with the codes of the pages.

    pdf = set_sheet(sheet, Words("ar"))

The same sheet, language and fonts give the same bytes: nothing of the machine, of the day or of chance goes in. The PDF
is tagged (PDF/UA-1), its fonts are subsets, and a letter for which no font has a form is an error and no empty box.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tracepost.paper.codes import Line, PageCode, page_codes, write_code, write_groups
from tracepost.paper.packages import missing_font, need
from tracepost.paper.sheet import Blank, Block, Photo, Row, Sheet, Table
from tracepost.paper.words import Words
from tracepost.protocol.errors import ConfigurationError, LimitError

_PAGES_LIMIT: Final = 65_535
_QR_MM: Final = 29
_QR_BORDER: Final = 1
_LETTERS_IN_A_LINE: Final = 88
_WIDE_IN_A_LINE: Final = 46


@dataclass(frozen=True, slots=True)
class Printout:
    """A document as PDF, and what the codes on its pages say."""

    pdf: bytes
    codes: tuple[PageCode, ...]

    @property
    def pages(self) -> int:
        """How many pages it has; a blank form has no codes, and its pages are not counted."""
        return len(self.codes)


def set_sheet(sheet: Sheet, words: Words) -> Printout:
    """Return a sheet as PDF.

    Raises:
        ConfigurationError: Pango or a font is missing; the remedy names the package.
        LimitError: it has too many pages, or too much stands on one.
    """
    lines = _numbered(sheet)
    first = _render(_page(sheet, words, lines, ()))
    if len(first.pages) > _PAGES_LIMIT:
        raise LimitError("the document has too many pages", where="paper")
    if sheet.form is None:
        return Printout(_written(first), ())
    pages = [_lines_on(page, sheet, lines) for page in first.pages]
    codes = tuple(page_codes(sheet.form, sheet.thread, pages))
    second = _render(_page(sheet, words, lines, codes))
    if [_lines_on(page, sheet, lines) for page in second.pages] != pages:
        raise ConfigurationError("the pages fall otherwise when their codes are on them", where="paper")
    return Printout(_written(second), codes)


def _numbered(sheet: Sheet) -> dict[int, Line]:
    """Return every line of the body by a number that its element bears."""
    running = len(list(sheet.running_lines()))
    return dict(enumerate(list(sheet.lines())[running:]))


def _lines_on(page: Any, sheet: Sheet, lines: Mapping[int, Line]) -> list[Line]:
    """Return the lines of a page: those that stand on every page, then those of the body."""
    numbers = sorted(int(name[1:]) for name in page.anchors if name[:1] == "l" and name[1:].isdigit())
    return [*sheet.running_lines(), *(lines[number] for number in numbers)]


# ── the page ─────────────────────────────────────────────────────────────────────────


def _page(sheet: Sheet, words: Words, lines: Mapping[int, Line], codes: Sequence[PageCode]) -> str:
    before, between, after = _split(words._("Page {n} of {m}"))
    numbers = {id(line): number for number, line in lines.items()}
    template = _templates().get_template("paper.html")
    return template.render(
        sheet=sheet,
        words=words,
        number=lambda one: f"l{numbers[id(one.line)]}" if one.line is not None else None,
        kind=_kind_of,
        feet=[_foot(words, one, number) for number, one in enumerate(codes, 1)],
        count=f'"{before}" counter(page) "{between}" counter(pages) "{after}"',
        running_lines=_running_lines(sheet),
        start="right" if words.direction == "rtl" else "left",
        end="left" if words.direction == "rtl" else "right",
    )


def _kind_of(block: Block) -> str:
    return {Row: "row", Table: "table", Blank: "blank", Photo: "photo"}[type(block)]


def _split(text: str) -> tuple[str, str, str]:
    """Return what stands before, between and after the number of a page and the number of pages."""
    before, _, rest = text.replace('"', "").partition("{n}")
    between, _, after = rest.partition("{m}")
    return before, between, after


def _foot(words: Words, code: PageCode, number: int) -> dict[str, Any]:
    """Return what stands at the foot of a page beside its number."""
    picture = segno.make(write_code(code), error="m", micro=False, boost_error=False, mode="alphanumeric")
    modules = picture.symbol_size(border=_QR_BORDER)[0]
    return {
        "number": number,
        "qr": picture.svg_data_uri(scale=_QR_MM / modules, unit="mm", border=_QR_BORDER),
        "lines": (
            f"{words._('Document')} {write_groups(code.document)}",
            f"{words._('Page code')} {write_groups(code.digest)}",
            f"{words._('case')} {code.thread}",
        ),
    }


def _running_lines(sheet: Sheet) -> int:
    """Return how many lines the head of each page takes at most, so that room is left for them."""
    texts = [row.said[0] for row in (*sheet.handling, *sheet.restrictions)]
    wide = any(ord(sign) > 0x2E80 for text in texts for sign in text)
    length = _WIDE_IN_A_LINE if wide else _LETTERS_IN_A_LINE
    handling = sum(1 + len(row.said[0]) // length for row in sheet.handling)
    together = sum(len(row.said[0]) + 3 for row in sheet.restrictions)
    return handling + (1 + together // length if together else 0) + bool(sheet.exercise)


def _templates() -> Environment:
    folder = Path(__file__).with_name("templates")
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["begun"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["base64"] = lambda content: base64.b64encode(content).decode()
    return environment


# ── WeasyPrint ───────────────────────────────────────────────────────────────────────


def _render(html: str) -> Any:
    weasyprint = need("weasyprint")
    # Nothing is fetched: a document is made of what was let through, and of nothing that a value names.
    alone = need("weasyprint.urls").URLFetcher(allowed_protocols=["data"])
    return weasyprint.HTML(string=html, url_fetcher=alone).render()


def _written(document: Any) -> bytes:
    target = io.BytesIO()
    document.write_pdf(target, pdf_variant="pdf/ua-1", pdf_tags=True)
    missing = {codepoint for font in document.fonts.values() for codepoint in getattr(font, "missing", ())}
    if missing:
        raise missing_font(_named(missing))
    return target.getvalue()


def _named(codepoints: Iterable[int]) -> str:
    """Name the block of a letter and not the letter: it may be of a classed field."""
    return ", ".join(sorted({f"U+{one & ~0x7F:04X} to U+{one | 0x7F:04X}" for one in codepoints}))
