"""Cases as rows of a table, as the inbox, a search and a file show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracepost.console.showing import Shower, moment
from tracepost.console.visit import Visit
from tracepost.wire.v1 import desk_pb2


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the inbox."""

    case: desk_pb2.CaseSummary
    newest: str
    handling: tuple[str, ...]
    answered: str
    overdue: bool
    slips_reminded: int


def rows_of(visit: Visit, cases: Sequence[desk_pb2.CaseSummary], today: str) -> list[Row]:
    """Return the cases as rows of a table; `today`: YYYY-MM-DD, by the node's clock."""
    shower = Shower(visit.words)
    return [_row(shower, one, today) for one in cases]


def _row(shower: Shower, case: desk_pb2.CaseSummary, today: str) -> Row:
    asked = [item for item in case.items if item.asked or item.answers]
    answered = sum(any(is_final(case, answer) for answer in item.answers) for item in asked)
    return Row(
        case=case,
        newest=moment(case.last_event_at),
        handling=tuple(shower.codes_of(case, "handling")),
        answered=f"{answered}/{len(asked)}" if asked else "",
        overdue=bool(case.due_on) and case.due_on < today,
        slips_reminded=sum(one.reminders for one in case.enquiries),
    )


def is_final(case: desk_pb2.CaseSummary, answer: desk_pb2.ItemAnswer) -> bool:
    """Say whether nothing more is expected on an item: who hands it on within the case leaves it to another."""
    return answer.final and answer.ask_next not in case.members
