"""To count a member's own traces, as one desk may.

Only ADMINISTRATIVE data is counted, so no desk need be unlocked; each statement passes the gate with action
`count` all the same, and one that it refuses is as if it were not there. That somebody counted stands in
the audit trail.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import case_event, instant
from tracepost.node.handlers.case.circumstances import CaseTerms, circumstances, read_terms
from tracepost.node.handlers.case.entitlement import choose_reading_desk
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent, CaseFilter, CaseRecord
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import ThreadId
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.tallies import IAFQ_VERSION, Asked, Cell, Domestic, Part, observe, tally
from tracepost.wire.v1 import report_pb2

_PAGE = 200
SMALLEST = 5
_MOST_PARTS = 24
_ONE_DAY = dt.timedelta(days=1)
_STEP_MONTHS = {
    report_pb2.REPORT_STEP_MONTH: 1,
    report_pb2.REPORT_STEP_QUARTER: 3,
    report_pb2.REPORT_STEP_YEAR: 12,
}
_TENTHS = frozenset(
    {
        report_pb2.REPORT_MEASURE_MEDIAN_DAYS_TO_ACKNOWLEDGE,
        report_pb2.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER,
    }
)
_PER_MILLE = frozenset({report_pb2.REPORT_MEASURE_NETWORK_SHARE, report_pb2.REPORT_MEASURE_INDICATOR_SHARE})


@dataclass(frozen=True, slots=True)
class _Page:
    """What was asked in the cases of one page; no token: the last."""

    asked: Sequence[Asked]
    token: str


class Tallying:
    """One per process; used on the event loop."""

    def __init__(self, office: Office, gate: Gate, store: Store, clock: Callable[[], int]) -> None:
        self._office = office
        self._gate = gate
        self._store = store
        self._clock = clock

    async def report(self, officer: Officer, request: report_pb2.MakeReportRequest) -> report_pb2.Report:
        """Return the figures of a period.

        Raises:
            InvalidInputError: the period is none, or the domestic figures do not fit together.
            PermissionError_: the officer is not of this desk, or it may read no cases.
        """
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        (begins, ends), domestic = _period(request), _domestic(request)
        parts = _parts(request)
        asked = await self._count(desk, begins, ends)
        smallest = 1 if request.private else request.smallest or SMALLEST
        counted = await asyncio.to_thread(
            tally,
            asked,
            self._office.member,
            smallest=smallest,
            per_peer=request.private,
            domestic=domestic,
            parts=parts,
        )
        subject = _subject(desk.desk, request)
        event = AuditEvent(self._clock(), officer.label, "report", subject, _kind(request))
        await self._store.write(lambda tx: tx.audit.append([event]), label="audit")
        return report_pb2.Report(
            member=self._office.member,
            from_day=request.from_day,
            to_day=request.to_day,
            smallest=smallest,
            iafq_version=IAFQ_VERSION,
            notes=list(_notes(request, asked)),
            cells=[_tell(cell, number) for cell, number in counted.numbers.items()],
        )

    async def _count(self, desk: OwnDesk, begins: int, ends: int) -> list[Asked]:
        asked: list[Asked] = []
        page = _Page((), "")
        while True:
            page = await self._store.read(
                partial(self._read_page, desk=desk, begins=begins, token=page.token)
            )
            asked += [one for one in page.asked if begins <= one.at < ends]
            if not page.token:
                return asked

    def _read_page(self, tx: Tx, desk: OwnDesk, begins: int, token: str) -> _Page:
        """Read a page of cases, the newest event first, and no page beyond those that end before the period."""
        page = tx.cases.list(CaseFilter(), _PAGE, token)
        asked = list(self._asked(tx, desk, page.cases))
        is_over = bool(page.cases) and page.cases[-1].last_event_at < begins
        return _Page(asked, "" if is_over else page.next_token)

    def _asked(self, tx: Tx, desk: OwnDesk, cases: Sequence[CaseRecord]) -> Iterator[Asked]:
        threads, today = [case.thread for case in cases], instant(self._clock())[:10]
        terms = read_terms(tx, threads)
        by_thread: dict[ThreadId, list[StatementRecord]] = {}
        for record in tx.statements.in_threads(threads) if threads else ():
            if self._may_count(desk, record, terms[record.thread], today):
                by_thread.setdefault(record.thread, []).append(record)
        for thread, records in by_thread.items():
            yield from observe(thread, map(case_event, records))

    def _may_count(self, desk: OwnDesk, record: StatementRecord, terms: CaseTerms, today: str) -> bool:
        context = circumstances(self._office, desk, record, terms, day=today).whole
        return self._gate.decide(desk.reader, Action.COUNT, Sensitivity.ADMINISTRATIVE, context).allowed


def _period(request: report_pb2.MakeReportRequest) -> tuple[int, int]:
    try:
        first, last = map(dt.date.fromisoformat, (request.from_day, request.to_day))
    except ValueError as error:
        raise InvalidInputError("there is no such day", where="from_day", reason="no-day") from error
    if last < first:
        raise InvalidInputError("the period ends before it begins", where="to_day", reason="backwards")
    if last.year == dt.MAXYEAR:
        raise InvalidInputError("the period never ends", where="to_day", reason="no-day")
    return _midnight(first), _midnight(last + _ONE_DAY)


def _parts(request: report_pb2.MakeReportRequest) -> list[Part]:
    """Return the parts of a period that `_period` found to be one."""
    if not request.HasField("step"):
        return []
    first, last = map(dt.date.fromisoformat, (request.from_day, request.to_day))
    parts: list[Part] = []
    while first <= last:
        if len(parts) == _MOST_PARTS:
            raise InvalidInputError("the period has too many parts", where="step", reason="too-many-parts")
        ends = min(_next(first, _STEP_MONTHS[request.step]), last + _ONE_DAY)
        parts.append(Part(first.isoformat(), _midnight(first), _midnight(ends)))
        first = ends
    return parts


def _next(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month, quarter or year of the calendar after the one that `day` is in."""
    begun = day.month - 1 - (day.month - 1) % months
    return dt.date(day.year + (begun + months) // 12, (begun + months) % 12 + 1, 1)


def _midnight(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(tzinfo=dt.UTC)).timestamp())


def _domestic(request: report_pb2.MakeReportRequest) -> Domestic | None:
    if not request.HasField("domestic"):
        return None
    told = request.domestic
    if told.traced + told.established > told.found:
        raise InvalidInputError("more is traced than was found", where="domestic", reason="do-not-add-up")
    return Domestic(told.found, told.traced, told.established)


def _kind(request: report_pb2.MakeReportRequest) -> str:
    return "private" if request.private else "for export"


def _subject(desk: str, request: report_pb2.MakeReportRequest) -> str:
    """Return what was counted, by which parts too: for who wants to know what several reports tell together."""
    step = report_pb2.ReportStep.Name(request.step).removeprefix("REPORT_STEP_").lower()
    return "/".join([desk, request.from_day, request.to_day, *([step] if request.step else [])])


def _notes(request: report_pb2.MakeReportRequest, asked: Sequence[Asked]) -> Iterator[report_pb2.ReportNote]:
    if not asked:
        yield report_pb2.REPORT_NOTE_NOTHING_COUNTED
    yield report_pb2.REPORT_NOTE_NETWORK_ONLY
    yield report_pb2.REPORT_NOTE_EXERCISES_LEFT_OUT
    yield report_pb2.REPORT_NOTE_IAFQ_UNVERIFIED
    if request.HasField("domestic"):
        yield report_pb2.REPORT_NOTE_DOMESTIC_KEYED_IN
    if request.private:
        yield report_pb2.REPORT_NOTE_PRIVATE
    else:
        yield report_pb2.REPORT_NOTE_SMALL_NUMBERS_KEPT_BACK


def _tell(cell: Cell, number: int | None) -> report_pb2.ReportCell:
    told = report_pb2.ReportCell(
        direction=report_pb2.ReportDirection.Name(cell.direction),
        measure=report_pb2.ReportMeasure.Name(cell.measure),
        peer=cell.peer or None,
        iafq=cell.iafq or None,
        part=cell.part or None,
        unit=_unit(cell.measure),
        value=number,
    )
    for name in ("identification", "reach", "stopped_because", "ground"):
        if code := getattr(cell, name):
            setattr(told, name, code)
    return told


def _unit(measure: int) -> report_pb2.ReportUnit:
    if measure in _TENTHS:
        return report_pb2.REPORT_UNIT_TENTHS_OF_A_DAY
    return report_pb2.REPORT_UNIT_PER_MILLE if measure in _PER_MILLE else report_pb2.REPORT_UNIT_ITEMS
