"""What we owe an answer to, as its day comes near and when it has passed: told once each, and over with the answer.

    due:THREAD      the day is at most so many days away as the settings of the desk say
    overdue:THREAD  it has passed

A desk owes what the case asks of us, where it sees the whole case, and what an enquiry asks of it. Of several days the
first counts; when another one takes its place, it is told anew. Such an item stays noted while the answer is owed, so
that it is told once: a look at the case, or a word in it, lets it rest.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.circumstances import CaseTerms, read_terms
from tracepost.node.handlers.case.entitlement import is_entitled
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.desks.staff import day_of
from tracepost.node.handlers.reading.enquiries import OPEN
from tracepost.node.ports.store import Tx
from tracepost.node.records.cases import CaseFilter, CaseRecord, CaseState
from tracepost.node.records.telling import DATED, WaitingItem
from tracepost.node.telling.items import item_of_due, item_of_overdue
from tracepost.node.telling.settings import InForce
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1 import desk_pb2

_PAGE: Final = 500
_DAY_S: Final = 86400


@dataclass(frozen=True, slots=True)
class DueNews:
    """What became due or overdue, and what is so no more."""

    began: tuple[WaitingItem, ...]
    over: tuple[WaitingItem, ...]

    def keep(self, tx: Tx) -> None:
        """Note it."""
        for one in self.over:
            tx.telling.settle(one.desk, [one.item])
        tx.telling.add(self.began)


class Due:
    """Finds what is due; used under the standing policies."""

    def __init__(self, office: Office, gate: Gate, told: InForce) -> None:
        self._office = office
        self._gate = gate
        self._told = told
        self._looked_at: object = None

    def find(self, tx: Tx, now: int) -> DueNews | None:
        """Return what is to be noted, None if there is nothing.

        It changes by statements, by the day and by the settings alone.
        """
        days = self._told().due_days
        seen = (tx.statements.last_number(), len(tx.telling.early()), day_of(now), days)
        if seen == self._looked_at:
            return None
        wanted = {_key(one): one for one in self._items(tx, now, days)}
        noted = {_key(one): one for one in tx.telling.dated()}
        news = DueNews(
            tuple(one for key, one in wanted.items() if key not in noted),
            tuple(one for key, one in noted.items() if key not in wanted),
        )
        if news.began or news.over:
            return news
        self._looked_at = seen
        return None

    def _items(self, tx: Tx, now: int, days: Mapping[DeskId, int]) -> Iterator[WaitingItem]:
        desks = [one for one in self._office.desks if one.desk in days]
        for case, terms in _cases(tx, list(days)):
            summary = desk_pb2.CaseSummary.FromString(case.summary)
            for desk in desks:
                day = min(self._days_of(case, summary, terms, desk), default="")
                if day and day <= day_of(now + days[desk.desk] * _DAY_S):
                    name = item_of_overdue if day < day_of(now) else item_of_due
                    yield WaitingItem(desk.desk, name(case.thread), DATED, _instant(day), summary.urgent)

    def _days_of(
        self, case: CaseRecord, summary: desk_pb2.CaseSummary, terms: CaseTerms, desk: OwnDesk
    ) -> Iterator[str]:
        """Yield the days by which a desk owes an answer, YYYY-MM-DD."""
        is_ours = case.state is CaseState.WAITING_FOR_US and bool(summary.due_on)
        if is_ours and is_entitled(self._office, self._gate, desk, terms):
            yield summary.due_on
        for one in summary.enquiries:
            if one.to_desk == desk.desk and one.standing in OPEN and one.due_on:
                yield one.due_on


def _key(item: WaitingItem) -> tuple[DeskId, str, int]:
    return item.desk, item.item, item.since


def _instant(day: str) -> int:
    """Return when a day begins; others write days that no calendar has, as the 30th of February."""
    year, month, date = map(int, day.split("-"))
    return calendar.timegm((max(year, 1), month, date, 0, 0, 0))


def _cases(tx: Tx, desks: list[DeskId]) -> Iterator[tuple[CaseRecord, CaseTerms]]:
    """Yield the cases in which somebody may owe an answer; one may come twice."""
    for chosen in (CaseFilter(CaseState.WAITING_FOR_US), CaseFilter(asks=tuple(desks))):
        token: str | None = ""
        while token is not None:
            page = tx.cases.list(chosen, _PAGE, token)
            terms = read_terms(tx, [one.thread for one in page.cases])
            yield from ((one, terms[one.thread]) for one in page.cases)
            token = page.next_token or None
