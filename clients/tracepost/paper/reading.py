"""What a printout says: the code of each page, and its text where the file holds any.

    leaves = read_printout(path.read_bytes())          a PDF, or the picture of a page

A PDF of ours has the text of each page beside its picture; a scan or a photograph has the picture alone, and then a
person compares the figures, since letters read off a picture by a machine are no evidence.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tracepost.paper.codes import PREFIX, PageCode, parse_code
from tracepost.paper.packages import need
from tracepost.protocol.errors import InvalidInputError, LimitError

_DOTS_PER_INCH: Final = (150, 300)
_PAGES_LIMIT: Final = 2_000
_PIXELS_LIMIT: Final = 120_000_000


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a printout: its place in the file, what its code says, its text; each may be absent."""

    number: int
    code: PageCode | None
    text: str


def read_printout(data: bytes) -> list[Leaf]:
    """Return the pages of a PDF, or of one picture.

    Raises:
        InvalidInputError: it is neither, or no page bears a code of ours.
        LimitError: it is too large to be looked at.
    """
    leaves = list(_of_pdf(data) if data[:5] == b"%PDF-" else _of_picture(data))
    if not any(leaf.code for leaf in leaves):
        raise InvalidInputError("no code of ours can be read on it", where="paper", reason="no-code")
    return leaves


def _of_pdf(data: bytes) -> Iterator[Leaf]:
    pdfium = need("pypdfium2")
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as fault:
        raise InvalidInputError("the PDF cannot be read", where="paper", reason="no-pdf") from fault
    try:
        if len(document) > _PAGES_LIMIT:
            raise LimitError("the PDF has too many pages", where="paper")
        texts = _texts(data)
        for number, page in enumerate(document, 1):
            yield Leaf(number, _code_of_page(page), texts[number - 1] if number <= len(texts) else "")
    finally:
        document.close()


def _texts(data: bytes) -> list[str]:
    """Return the text of each page, piece by piece as it was set: PDFium has other letters where Arabic is joined."""
    pypdf, pages = need("pypdf"), list[str]()
    try:
        for page in pypdf.PdfReader(io.BytesIO(data)).pages:
            pieces: list[str] = []
            page.extract_text(visitor_text=lambda text, *_rest, into=pieces: into.append(text))
            pages.append("\n".join(pieces))
    except (pypdf.errors.PyPdfError, ValueError, KeyError, TypeError, RecursionError):
        return []  # then it is a picture, and a person compares
    return pages


def _code_of_page(page: Any) -> PageCode | None:
    """Return the code of a page; drawn finer when it cannot be read at once."""
    width, height = page.get_size()
    for dots in _DOTS_PER_INCH:
        if width * height * (dots / 72) ** 2 > _PIXELS_LIMIT:
            raise LimitError("a page of the PDF is too large", where="paper")
        code = _code_in(page.render(scale=dots / 72, grayscale=True).to_pil())
        if code is not None:
            return code
    return None


def _of_picture(data: bytes) -> Iterator[Leaf]:
    pictures = need("PIL.Image")
    try:
        picture = pictures.open(io.BytesIO(data))
        if picture.width * picture.height > _PIXELS_LIMIT:
            raise LimitError("the picture is too large", where="paper")
        yield Leaf(1, _code_in(picture.convert("L")), "")
    except (OSError, SyntaxError, ValueError, pictures.DecompressionBombError) as fault:
        raise InvalidInputError(
            "this is neither a PDF nor a picture", where="paper", reason="no-picture"
        ) from fault


def _code_in(picture: Any) -> PageCode | None:
    ours = [one for one in need("zxingcpp").read_barcodes(picture) if one.text.startswith(PREFIX)]
    if not ours:
        return None
    lowest = max(
        ours, key=lambda one: _depth(one.position, picture)
    )  # a photograph above it may show another
    return parse_code(lowest.text)


def _depth(corners: Any, picture: Any) -> float:
    """Return how many dots below the middle a code stands; down is as the code has it, for a scan may be turned."""
    top, bottom = corners.top_left, corners.bottom_left
    right, down = bottom.x - top.x, bottom.y - top.y
    side = math.hypot(right, down) or 1.0
    below = (bottom.x - picture.width / 2) * right + (bottom.y - picture.height / 2) * down
    return float(below / side)
