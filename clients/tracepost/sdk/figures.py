"""Figures to be told, taken from the member's own report: what was exchanged and how far items were traced.

    figures = figures_of(await client.make_report(request), "XAA")

The report keeps small numbers back already; what it kept back is said to be suppressed here, never counted
anew. How many arms were found, of which kind and where, no node knows: an officer adds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tracepost.wire.v1 import report_pb2, statistics_pb2, trace_pb2

_SENT, _RECEIVED = report_pb2.REPORT_DIRECTION_SENT, report_pb2.REPORT_DIRECTION_RECEIVED
_SMALLEST: Final = 5
_TENTHS: Final = 10

# Direction and measure of the report → field of what is told. Acknowledged and answered is what the member did.
_EXCHANGED: Final = {
    (_SENT, report_pb2.REPORT_MEASURE_ASKED): "requests_sent",
    (_RECEIVED, report_pb2.REPORT_MEASURE_ASKED): "requests_received",
    (_RECEIVED, report_pb2.REPORT_MEASURE_ACKNOWLEDGED): "acknowledged",
    (_RECEIVED, report_pb2.REPORT_MEASURE_ACKNOWLEDGED_AUTOMATICALLY): "acknowledged_automatically",
    (_RECEIVED, report_pb2.REPORT_MEASURE_ANSWERED): "answered",
    (_RECEIVED, report_pb2.REPORT_MEASURE_REFUSED): "refused",
}
_REACHED: Final = {
    trace_pb2.REACH_FIRST_RECIPIENT: "first_recipient",
    trace_pb2.REACH_LAST_RECORDED_HOLDER: "last_recorded_holder",
}


def figures_of(report: report_pb2.Report, state: str) -> statistics_pb2.Statistics:
    """Return what `report` lets be told of the country `state`, three letters."""
    told = statistics_pb2.Statistics(
        state=state,
        period_from=report.from_day,
        period_to=report.to_day,
        smallest_cell=max(2, report.smallest or _SMALLEST),
        scope=statistics_pb2.STATISTICS_SCOPE_ITEMS_OF_THIS_NETWORK,
    )
    cells = [one for one in report.cells if not one.peer]
    for cell in _plain(cells):
        name = _EXCHANGED.get((cell.direction, cell.measure))
        if name is not None:
            _put(told.exchanged, name, cell)
        elif cell.measure == report_pb2.REPORT_MEASURE_TRACED and cell.direction == _SENT:
            _put(told.traced, "point_of_diversion", cell)
        elif _is_median(cell) and cell.HasField("value"):
            told.exchanged.median_days = -(-cell.value // _TENTHS)
    for cell in cells:
        _put_outcome(told, cell)
    return told


def _plain(cells: Iterable[report_pb2.ReportCell]) -> Iterator[report_pb2.ReportCell]:
    """Yield the totals: cells of no ground, outcome or questionnaire item."""
    for one in cells:
        if not (one.ground or one.identification or one.reach or one.stopped_because or one.iafq):
            yield one


def _is_median(cell: report_pb2.ReportCell) -> bool:
    days = report_pb2.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER
    return (cell.direction, cell.measure) == (_RECEIVED, days)


def _put(
    group: statistics_pb2.ExchangeCount | statistics_pb2.TraceCount, name: str, cell: report_pb2.ReportCell
) -> None:
    if cell.HasField("value"):
        setattr(group, name, cell.value)
    else:
        group.suppressed.append(name)


def _put_outcome(told: statistics_pb2.Statistics, cell: report_pb2.ReportCell) -> None:
    if cell.measure == report_pb2.REPORT_MEASURE_REFUSED and cell.ground and cell.direction == _RECEIVED:
        ground = told.refused.add(ground=cell.ground)
        if cell.HasField("value"):
            ground.items = cell.value
        else:
            ground.suppressed = True
    elif cell.measure == report_pb2.REPORT_MEASURE_OUTCOME and cell.direction == _SENT:
        name = _REACHED.get(cell.reach)
        if name is not None and not cell.identification and not cell.stopped_because:
            _put(told.traced, name, cell)
