"""What we owe an answer to, as its day comes near and when it has passed: told once each, and over with the answer.

    due:THREAD      the day is at most so many days away as the settings of the desk say
    overdue:THREAD  it has passed

A desk owes what the case asks of us, where it sees the whole case, and what an enquiry asks of it. Of several days the
first counts; when another one takes its place, it is told anew. Such an item stays noted while the answer is owed, so
that it is told once: a look at the case, or a word in it, lets it rest.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from tracepost.node.telling.items import item_of_due, item_of_overdue, thread_of
from tracepost.node.telling.waiting import AT_ONCE
from tracepost.protocol.ids import DeskId, ThreadId
from tracepost.wire.v1 import desk_pb2

_PAGE: Final = 500
_HOUR_S: Final = 3600
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


@dataclass(frozen=True, slots=True)
class _Look:
    """What was there when it was looked: the newest statement, what waits for effect, the hour, the settings."""

    statement: int
    early: frozenset[str]
    hour: int
    days: Mapping[DeskId, int]


class Due:
    """Finds what is due; used under the standing policies."""

    def __init__(self, office: Office, gate: Gate) -> None:
        self._office = office
        self._gate = gate
        self._last: _Look | None = None

    def note(self, tx: Tx, now: int, days: Mapping[DeskId, int]) -> None:
        """Note what became due or overdue, and forget what is so no more; as `find`."""
        news = self.find(tx, now, days)
        if news is not None:
            news.keep(tx)

    def find(self, tx: Tx, now: int, days: Mapping[DeskId, int]) -> DueNews | None:
        """Return what is to be noted, None if there is nothing.

        In between only the cases are looked at of which something was said. Once an hour all are: the day, policies
        and desks that were put on a case change who owes what, too. `days`: how many before its day an answer is
        due, by desk; what is noted for other desks stays as it is.
        """
        early = frozenset(one.item for one in tx.telling.early())
        look = _Look(tx.statements.last_number(), early, now // _HOUR_S, days)
        if not days or look == self._last:
            return None
        threads = _changed(tx, self._last, look)
        wanted = {_key(one): one for one in self._items(tx, now, days, threads)}
        noted = {
            _key(one): one
            for one in tx.telling.dated()
            if one.desk in days and (threads is None or thread_of(one.item) in threads)
        }
        news = DueNews(
            tuple(one for key, one in wanted.items() if key not in noted),
            tuple(one for key, one in noted.items() if key not in wanted),
        )
        if news.began or news.over:
            return news
        self._last = look
        return None

    def _items(
        self, tx: Tx, now: int, days: Mapping[DeskId, int], threads: Collection[ThreadId] | None
    ) -> Iterator[WaitingItem]:
        desks = [one for one in self._office.desks if one.desk in days]
        for case, terms in _cases(tx, list(days), threads):
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


def _changed(tx: Tx, last: _Look | None, now: _Look) -> frozenset[ThreadId] | None:
    """Return the cases of which something was said since the last look, None where all are to be looked at."""
    if last is None or (last.early, last.hour, last.days) != (now.early, now.hour, now.days):
        return None
    threads, number = set[ThreadId](), last.statement
    while found := tx.statements.after(number, AT_ONCE):
        threads.update(record.thread for _, record in found)
        number = found[-1][0]
    return frozenset(threads)


def _cases(
    tx: Tx, desks: list[DeskId], threads: Collection[ThreadId] | None
) -> Iterator[tuple[CaseRecord, CaseTerms]]:
    """Yield the cases in which somebody may owe an answer, of these alone if some are named; one may come twice."""
    for cases in (
        [list(tx.cases.find(sorted(threads)).values())] if threads is not None else _pages(tx, desks)
    ):
        terms = read_terms(tx, [one.thread for one in cases])
        yield from ((one, terms[one.thread]) for one in cases)


def _pages(tx: Tx, desks: list[DeskId]) -> Iterator[Sequence[CaseRecord]]:
    for chosen in (CaseFilter(CaseState.WAITING_FOR_US), CaseFilter(asks=tuple(desks))):
        token: str | None = ""
        while token is not None:
            page = tx.cases.list(chosen, _PAGE, token)
            yield page.cases
            token = page.next_token or None
