"""Tables as files for a spreadsheet: what stands in a cell is shown there, and nothing of it is reckoned or run.

Another member wrote much of what an officer takes away. A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`
or a tab for a formula, which may send what stands beside it to anybody: such a cell gets an apostrophe in front, by
which it stays text. Where a cell begins is for the spreadsheet to say: in much of Europe it splits at `;`. So what
follows a separator or a quote within a cell is treated as if a cell began there, and a line break becomes a blank.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from starlette.responses import Response

from tracepost.console.showing import printable
from tracepost.sdk.intake.tables import BEGINNINGS

_BEGINS_FORMULA: Final = "=+-@\t|%"
_BREAKS: Final = re.compile("\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_SEPARATORS: Final = re.compile('([;,"])')
_UNSEEN: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_BYTE_ORDER_MARK: Final = "\ufeff"
"""By it a spreadsheet knows UTF-8."""


def defused(text: str) -> str:
    """Return `text` for a cell: of printable signs, in one line, and no formula in any spreadsheet.

    Wide forms of the signs (U+FF1D and so on) count as they do in spreadsheets of East Asia; what is not seen in front
    of a sign does not hide it.
    """
    return "".join(map(_defused, _SEPARATORS.split(_BREAKS.sub(" ", text))))


def _defused(text: str) -> str:
    return f"'{printable(text)}" if _begins_formula(text) else printable(text)


def _begins_formula(text: str) -> bool:
    begins = text[:1] in _BEGINS_FORMULA if text else False
    seen = unicodedata.normalize("NFKC", _after_unseen(text)[:1])
    return begins or bool(seen and seen[0] in _BEGINS_FORMULA)


def returned_later(text: str) -> str:
    """Return `text` for a cell that `sdk.intake.tables` reads again exactly: no formula, its line breaks kept.

    An apostrophe at a beginning gets one more, so that each beginning loses one when it is read.
    """
    return "".join(
        f"'{part}" if part.startswith("'") or _begins_formula(part) else part
        for part in BEGINNINGS.split(text)
    )


def without_unprintable(text: str) -> str:
    """Return `text`, or nothing when it holds a sign that is not shown: another would pass for it."""
    shown = all(sign.isprintable() or sign in "\r\n" or unicodedata.category(sign) == "Zs" for sign in text)
    return text if shown else ""


def csv_file(name: str, rows: Iterable[Sequence[str]], defuse: Callable[[str], str] = defused) -> Response:
    """Return `rows` as a file that the browser keeps; every cell is defused.

    Args:
        name: of the file, ours alone: letters and hyphens, nothing that anybody typed.
        rows: of any length, in the order in which they are written.
        defuse: what makes a cell no formula.
    """
    sheet = io.StringIO()
    sheet.write(_BYTE_ORDER_MARK)
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([defuse(cell) for cell in row] for row in rows)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(sheet.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _after_unseen(text: str) -> str:
    for place, sign in enumerate(text):
        if unicodedata.category(sign) not in _UNSEEN:
            return text[place:]
    return ""
