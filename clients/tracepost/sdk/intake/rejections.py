"""Why a row, or a cell of it, was not taken. The value itself is never repeated."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Reason(enum.StrEnum):
    """The codes; their words are in the catalogue, context `rejection`."""

    MISSING = "missing"
    NOT_IN_LIST = "not-in-list"
    NOT_A_COUNTRY = "not-a-country"
    NOT_A_DATE = "not-a-date"
    NOT_YES_OR_NO = "not-yes-or-no"
    NOT_A_NUMBER = "not-a-number"
    NOT_A_MARK = "not-a-mark"
    SPREADSHEET_DATE = "spreadsheet-date"
    SPREADSHEET_NUMBER = "spreadsheet-number"
    CONTROL_CHARACTER = "control-character"
    TOO_LONG = "too-long"
    TOO_MANY_CELLS = "too-many-cells"
    CONTRADICTION = "contradiction"
    DUPLICATE = "duplicate"
    BREAKS_RULE = "breaks-rule"
    PHOTOGRAPH = "photograph"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Rejection:
    """One thing that is wrong with one row.

    Args:
        row: number of the row as a spreadsheet shows it; the heading is row 1.
        column: heading of the column, or the field path of a rule; empty when it is the whole row.
        reason: what is wrong.
    """

    row: int
    column: str
    reason: Reason


class CellError(Exception):
    """A cell that cannot be taken; becomes a `Rejection` where row and column are known."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)
