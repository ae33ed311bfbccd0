"""Statistics: what we asked and were asked, how it ended and how long it took, as tables and drawn.

The node counts and keeps back; this page shows what it gave. A private count is for the member's own eyes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from tracepost.console.plots import Plotted, Series, bar_plot, column_plot
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Shower, when
from tracepost.console.visit import Visit
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.wire.v1 import report_pb2

R: Final = report_pb2
CODES: Final = ("identification", "reach", "stopped_because", "ground")
_LISTS: Final = CODES[:3]
_ENDINGS: Final = (
    R.REPORT_MEASURE_ANSWERED,
    R.REPORT_MEASURE_REFUSED,
    R.REPORT_MEASURE_REDIRECTED,
    R.REPORT_MEASURE_WITHDRAWN,
    R.REPORT_MEASURE_UNANSWERED,
)
_OF_PARTS: Final = (R.REPORT_MEASURE_ASKED, *_ENDINGS, R.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER)
_ALL_STEPS: Final = {
    "month": (R.REPORT_STEP_MONTH, 1),
    "quarter": (R.REPORT_STEP_QUARTER, 3),
    "year": (R.REPORT_STEP_YEAR, 12),
}
_MOST_PARTS: Final = 24


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be counted, as it was typed: days YYYY-MM-DD, both included; parts of the period."""

    first: str
    last: str
    by: str = "month"
    private: bool = False
    problems: tuple[tuple[str, str], ...] = ()

    def request(self) -> report_pb2.MakeReportRequest:
        """Return what the node is asked for."""
        return report_pb2.MakeReportRequest(
            from_day=self.first,
            to_day=self.last,
            step=R.ReportStep.Name(_ALL_STEPS[self.by][0]),
            private=self.private or None,
        )


@dataclass(frozen=True, slots=True)
class Table:
    """Figures with a heading, and the same drawn; None: all of them are zero."""

    caption: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    plots: tuple[Markup, ...] = ()
    all_zero: bool = False


async def show_statistics(visit: Visit) -> Response:
    """Show the figures of the last twelve months."""
    today = dt.date.fromisoformat(when((await visit.client.get_status()).clock)[:10])
    first = dt.date(today.year - (today.month < 12), today.month % 12 + 1, 1)
    return await _counted(visit, Choice(first.isoformat(), today.isoformat()))


async def count_statistics(visit: Visit) -> Response:
    """Show the figures of the days that were typed."""
    choice = choice_of(visit)
    return _page(visit, choice) if choice.problems else await _counted(visit, choice)


def choice_of(visit: Visit) -> Choice:
    """Return what a form asks to be counted, with what is wrong with it."""
    by = visit.field("by")
    choice = Choice(
        visit.field("first")[:40],
        visit.field("last")[:40],
        by if by in _ALL_STEPS else "month",
        visit.field("private") == "yes",
    )
    return replace(choice, problems=tuple(_problems(choice)))


def _problems(choice: Choice) -> Iterator[tuple[str, str]]:
    days = {name: _day(getattr(choice, name)) for name in ("first", "last")}
    first, last = days["first"], days["last"]
    if first is None or last is None:
        yield from ((name, _("Write the day as YYYY-MM-DD.")) for name, day in days.items() if day is None)
    elif last < first:
        yield "last", _("The last day is before the first.")
    else:
        months = _ALL_STEPS[choice.by][1]
        parts = (last.year * 12 + last.month - 1) // months - (first.year * 12 + first.month - 1) // months
        if parts >= _MOST_PARTS:
            yield "by", _("The period has more than 24 parts: choose longer parts or fewer days.")


def _day(text: str) -> dt.date | None:
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
    return day if day.year < dt.MAXYEAR and day.isoformat() == text else None


async def _counted(visit: Visit, choice: Choice) -> Response:
    return _page(visit, choice, Figures(visit.words, await visit.client.make_report(choice.request())))


def _page(visit: Visit, choice: Choice, figures: Figures | None = None) -> Response:
    return visit.page(
        "pages/statistics.html",
        status=400 if choice.problems else 200,
        choice=choice,
        errors={name: visit.text(words) for name, words in choice.problems},
        steps=[(name, visit.words.coded("ReportStep", name.upper())) for name in _ALL_STEPS],
        figures=figures,
    )


class Figures:
    """A report in the visitor's words."""

    def __init__(self, words: Words, report: report_pb2.Report) -> None:
        self.report = report
        self._words = words
        self._shower = Shower(words)
        self._rtl = words.direction == "rtl"
        self.notes = self._notes()
        self.directions = [
            self._direction(one) for one in (R.REPORT_DIRECTION_SENT, R.REPORT_DIRECTION_RECEIVED)
        ]
        self.outcomes = [self._list(name) for name in _LISTS]
        self.questionnaire = [
            (cell.iafq, self.number(cell)) for cell in report.cells if cell.measure == R.REPORT_MEASURE_IAFQ
        ]
        self.kept_back = [self.name(cell) for cell in report.cells if not cell.HasField("value")]

    def name(self, cell: report_pb2.ReportCell) -> str:
        """Return what a figure is of, in words."""
        said = [self._shower.words_of(cell, "measure")]
        said += [self._shower.words_of(cell, name) for name in CODES if cell.HasField(name)]
        of = ", ".join([*said, *filter(None, (cell.iafq, cell.peer.upper(), self._words.alone(cell.part)))])
        return f"{self._shower.words_of(cell, 'direction')}: {of}"

    def rows(self) -> list[list[str]]:
        """Return every figure as a row: what was asked by whom, of what, and how many."""
        return [
            [
                self._shower.words_of(cell, "direction"),
                self._shower.words_of(cell, "measure"),
                *(self._shower.words_of(cell, name) for name in CODES),
                cell.iafq,
                cell.peer.upper(),
                cell.part,
                self.number(cell),
            ]
            for cell in self.report.cells
        ]

    def number(self, cell: report_pb2.ReportCell) -> str:
        """Return how a figure is written; a zero is written, and so is that one is kept back."""
        if not cell.HasField("value"):
            return self._words.gettext("kept back")
        if cell.unit == R.REPORT_UNIT_ITEMS:
            return str(cell.value)
        number = f"{cell.value // 10}.{cell.value % 10}"
        if cell.unit == R.REPORT_UNIT_PER_MILLE:
            return f"{number} %"
        return self._words.gettext("{number} days").format(number=number)

    def _notes(self) -> list[str]:
        return [self._words.coded("ReportNote", code) for code in self._shower.codes_of(self.report, "notes")]

    def _direction(self, direction: int) -> tuple[str, list[Table]]:
        name = self._words.coded(
            "ReportDirection", "SENT" if direction == R.REPORT_DIRECTION_SENT else "RECEIVED"
        )
        cells = [cell for cell in self.report.cells if cell.direction == direction]
        tables = [
            self._totals(name, cells),
            self._parts(name, cells),
            self._grounds(cells),
            self._peers(cells),
        ]
        return name, [table for table in tables if table is not None]

    def _totals(self, name: str, cells: Sequence[report_pb2.ReportCell]) -> Table:
        alone = [cell for cell in cells if not (cell.part or cell.peer or cell.iafq or _codes_in(cell))]
        _ = self._words.gettext
        rows = [(self._shower.words_of(cell, "measure"), self.number(cell)) for cell in alone]
        bars = [self._point(cell) for cell in alone if cell.measure in _ENDINGS]
        ident = f"endings-{cells[0].direction}"
        caption = _("How it ended")
        return self._drawn(
            Table(caption, (_("figure"), _("how many")), rows),
            bars,
            bar_plot(ident, f"{name}: {caption}", bars, rtl=self._rtl),
        )

    def _parts(self, name: str, cells: Sequence[report_pb2.ReportCell]) -> Table | None:
        _ = self._words.gettext
        found = {(cell.part, cell.measure): cell for cell in cells if cell.part}
        parts = sorted({part for part, _measure in found})
        if not parts:
            return None
        measures = [self._measure(one) for one in _OF_PARTS]
        rows = [
            (
                part,
                *(
                    self.number(cell) if cell else _("no answer")
                    for cell in (found.get((part, one)) for one in _OF_PARTS)
                ),
            )
            for part in parts
        ]
        caption, direction = _("Part by part of the period"), cells[0].direction
        counts = [self._series(found, parts, one) for one in _OF_PARTS[:2]]
        times = self._series(found, parts, R.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER)
        table = Table(caption, (_("begins on"), *measures), rows)
        kept_back = _("kept back")
        table = self._drawn(
            table,
            [point for one in counts for point in one.points],
            column_plot(f"parts-{direction}", f"{name}: {caption}", counts, kept_back, rtl=self._rtl),
        )
        if not any(cell.measure == R.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER for cell in found.values()):
            return table
        timed = column_plot(f"times-{direction}", f"{name}: {times.name}", [times], kept_back, rtl=self._rtl)
        return replace(table, plots=(*table.plots, timed))

    def _series(
        self,
        found: dict[tuple[str, R.ReportMeasure], report_pb2.ReportCell],
        parts: Sequence[str],
        measure: int,
    ) -> Series:
        cells = [found.get((part, measure)) for part in parts]  # type: ignore[arg-type] # an enum is a number
        points = [
            Plotted(part[:7], 0, self._words.gettext("no answer"))
            if cell is None
            else replace(self._point(cell), label=part[:7])
            for part, cell in zip(parts, cells, strict=True)
        ]
        return Series(self._measure(measure), points)

    def _grounds(self, cells: Sequence[report_pb2.ReportCell]) -> Table | None:
        """Return what was refused and put off on which ground, the grounds that were never named left out."""
        _ = self._words.gettext
        of_ground = [cell for cell in cells if cell.HasField("ground") and not cell.peer]
        named = [cell for cell in of_ground if cell.value or not cell.HasField("value")]
        rows = [
            (self._shower.words_of(cell, "measure"), self._shower.words_of(cell, "ground"), self.number(cell))
            for cell in named
        ]
        if not rows:
            return None
        return Table(_("On which ground; of all others: 0"), (_("figure"), _("ground"), _("how many")), rows)

    def _peers(self, cells: Sequence[report_pb2.ReportCell]) -> Table | None:
        _ = self._words.gettext
        measures = _OF_PARTS[:-1]
        found = {(cell.peer, cell.measure): cell for cell in cells if cell.peer and not _codes_in(cell)}
        peers = sorted({peer for peer, _measure in found})
        rows = [(peer.upper(), *(self.number(found[peer, one]) for one in measures)) for peer in peers]
        heads = (_("member"), *(self._measure(one) for one in measures))
        return Table(_("By member"), heads, rows) if rows else None

    def _list(self, name: str) -> Table:
        """Return one of the three lists of outcomes, each code of it with its number."""
        _ = self._words.gettext
        cells = [
            cell
            for cell in self.report.cells
            if cell.measure == R.REPORT_MEASURE_OUTCOME and _codes_in(cell) == [name]
        ]
        caption = self._words.coded("field", name)
        bars = [replace(self._point(cell), label=self._shower.words_of(cell, name)) for cell in cells]
        table = Table(caption, (caption, _("how many")), [(bar.label, bar.written) for bar in bars])
        plot = bar_plot(f"list-{name.replace('_', '-')}", caption, bars, rtl=self._rtl)
        return self._drawn(table, bars, plot)

    def _drawn(self, table: Table, points: Sequence[Plotted], plot: Markup) -> Table:
        zero = all(point.value == 0 for point in points)
        return replace(table, all_zero=zero, plots=() if zero else (plot,))

    def _point(self, cell: report_pb2.ReportCell) -> Plotted:
        value = cell.value if cell.HasField("value") else None
        return Plotted(self._shower.words_of(cell, "measure"), value, self.number(cell))

    def _measure(self, measure: int) -> str:
        return self._shower.words_of(R.ReportCell(measure=R.ReportMeasure.Name(measure)), "measure")


def _codes_in(cell: report_pb2.ReportCell) -> list[str]:
    return [name for name in CODES if cell.HasField(name)]


ROOM: Final = Room(
    pages=(
        Page("/statistics", show_statistics),
        Page("/statistics/count", count_statistics, ("POST",)),
    ),
    menu=(Entry(_("Statistics"), "/statistics", order=60),),
)
