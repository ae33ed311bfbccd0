"""What a cell says once a spreadsheet, a form and a tired hand have been at it.

Each function returns what the cell means or raises `CellError` with the reason.
Nothing is repaired by guessing: a model that became a date is sent back.
"""

from __future__ import annotations

import re
from datetime import date

from tracepost.sdk.intake.rejections import CellError, Reason

_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_SPREADSHEET_DATE = re.compile(
    rf"""\A(?:
        \d{{1,4}}[-/. ]{_MONTHS}(?:[-/. ]\d{{2,4}})?       # 12-May, 12-May-92
      | {_MONTHS}[-/. ]\d{{1,4}}                          # May-92
      | \d{{4}}-\d{{2}}-\d{{2}}(?:[ T]\d{{2}}:\d{{2}}.*)? # 1992-05-12 00:00:00
      | \d{{1,2}}/\d{{1,2}}/(?:\d{{2}}|\d{{4}})           # 5/12/92
      | \d{{1,2}}\.\d{{1,2}}\.(?:19|20)\d{{2}}            # 12.05.1992
    )\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_SCIENTIFIC = re.compile(r"\A\d(?:[.,]\d+)?E[+-]?\d{1,3}\Z")
_SPREADSHEET_FAULT = re.compile(r"\A#(?:REF!|N/A|VALUE!|NAME\?|NUM!|DIV/0!|#+)\Z|\A#{2,}\Z")
_YES = frozenset({"y", "yes", "true", "1", "x", "oui", "si", "sí", "sim", "да", "так", "ja"})
_NO = frozenset({"n", "no", "false", "0", "", "non", "não", "нет", "ні", "nein"})
_DATES = (
    (re.compile(r"\A(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?\Z"), (1, 2, 3)),
    (re.compile(r"\A(\d{1,2})\.(\d{1,2})\.(\d{4})\Z"), (3, 2, 1)),
)
_UNREAD = re.compile(r"[?\u2026\u25a1]|[_*]{2,}")
_NOTHING = frozenset(
    {"", "-", "--", "n/a", "na", "nil", "none", "null", "unknown", "?", "не указан", "невідомо"}
)
# Words found in the serial field of police records for a number that was removed.
_REMOVED = (
    "obliterat|filed|grinded|ground off|ground down|removed|erased|defaced|scratched|drilled|illegible|"
    "unreadable|not legible|raspad|suprimid|lixad|apagad|adulterad|ilegi|ilegível|limad|borrad|esmerilad|"
    "limé|meulé|effacé|illisible|entfernt|ausgeschliffen|ausgefeilt|unleserlich|spilen|"
    "спилен|сбит|стёрт|стерт|забит|уничтож|нечитаем|спилян|знищен|зчищен|збит"
)
_REMOVED_WORDS = re.compile(rf"(?:\A|\W)(?:{_REMOVED})", re.IGNORECASE)
_UNNUMBERED = re.compile(
    r"\A(?:no (?:serial|number|mark)s?(?: number)?|not marked|unmarked|unnumbered|without number|nsn|s/n|"
    r"sem numera[cç][aã]o|sin n[uú]mero|sans num[eé]ro|ohne nummer|без номера|б/н)\Z",
    re.IGNORECASE,
)


def text(cell: str, limit: int) -> str:
    """Return the cell as plain text of at most `limit` characters; empty for "none", "n/a" and the like."""
    if any((ord(sign) < 32 and sign not in "\t\n\r") or sign in "\x7f\x00" for sign in cell):
        raise CellError(Reason.CONTROL_CHARACTER)
    if _SPREADSHEET_FAULT.match(cell):
        raise CellError(Reason.SPREADSHEET_NUMBER)
    if len(cell) > limit:
        raise CellError(Reason.TOO_LONG)
    return "" if cell.casefold() in _NOTHING else cell


def undamaged(cell: str, limit: int) -> str:
    """Return a name or number as text; refuse what a spreadsheet turned into a date or a power of ten."""
    cell = text(cell, limit)
    if _SPREADSHEET_DATE.match(cell):
        raise CellError(Reason.SPREADSHEET_DATE)
    if _SCIENTIFIC.match(cell):
        raise CellError(Reason.SPREADSHEET_NUMBER)
    return cell


def yes_or_no(cell: str) -> bool:
    """Return what a cell for yes or no says; empty is no."""
    word = cell.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError(Reason.NOT_YES_OR_NO)


def day(cell: str) -> str:
    """Return a day as YYYY-MM-DD; 12.05.1992 is understood, 5/12/92 not: nobody knows its month."""
    for pattern, order in _DATES:
        if match := pattern.match(cell):
            try:
                return date(*(int(match[group]) for group in order)).isoformat()
            except ValueError:
                break
    raise CellError(Reason.NOT_A_DATE)


def year(cell: str) -> int:
    """Return a year of manufacture, 1700 to 2100."""
    if not cell.isascii() or not cell.isdigit() or not 1700 <= int(cell) <= 2100:
        raise CellError(Reason.NOT_A_NUMBER)
    return int(cell)


def says_removed(cell: str) -> bool:
    """Return whether a serial field says in words that the number was filed off."""
    return _REMOVED_WORDS.search(cell) is not None


def says_unnumbered(cell: str) -> bool:
    """Return whether a serial field says in words that there never was a number."""
    return _UNNUMBERED.match(cell) is not None


def as_seen(cell: str) -> str:
    """Return a mark with "?" for each character that could not be read: `TJY24???`, `TJY24***`, `TJY24…`.

    U+FFFD is refused: a program put it where it lost a sign that may have been legible.
    """
    if "\ufffd" in cell:
        raise CellError(Reason.CONTROL_CHARACTER)
    return _UNREAD.sub(lambda found: "?" * len(found[0]), cell)


def parts(cell: str) -> list[str]:
    """Return the entries of a cell that lists several, parted by `;` or `|` or line ends."""
    return [entry.strip() for entry in re.split(r"[;|\n]", cell) if entry.strip()]
