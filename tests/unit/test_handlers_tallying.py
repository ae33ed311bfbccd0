"""Reports: what a desk may count it counts, and nothing of what the gate denies."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.node.gate import PolicySet, base_policy
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError
from tracepost.wire.v1 import report_pb2 as r

NO_COUNT = '@id("no-count") forbid (principal, action == Action::"count", resource);'
DAY = 86400


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac") as street:
        yield street


async def ask(street: Street, count: int, *, to: str = "xab", first: int = 0, **cover: Any) -> list[str]:
    drafts = [draft(m.request(f"T-{to}-{first + n}"), to=[to], **cover) for n in range(count)]
    sent = await street["xaa"].submit(*drafts)
    await street.carry()
    return [one.thread for one in sent]


async def answer(street: Street, cases: list[str], member: str = "xab") -> None:
    drafts = [draft(m.response(), to=["xaa"], case=case, purpose=None, legal_basis=None) for case in cases]
    assert not any(one.HasField("problem") for one in await street[member].submit(*drafts))
    await street.carry()


async def report(street: Street, house: House, **more: Any) -> r.Report:
    today = dt.datetime.fromtimestamp(street.clock.now, dt.UTC).date().isoformat()
    asked = r.MakeReportRequest(**{"from_day": today, "to_day": today, "desk": "poc", **more})
    return await house.as_officer("poc").MakeReport(asked, NO_CONTEXT)


def number(
    told: r.Report, measure: int, direction: int = r.REPORT_DIRECTION_SENT, **codes: Any
) -> int | None:
    """Return the number of one cell; -1 if the report has no such cell."""
    wanted = {"direction": direction, "measure": measure, **codes}
    for cell in told.cells:
        said = {d.name: v for d, v in cell.ListFields() if d.name not in ("unit", "value")}
        if said == wanted:
            return cell.value if cell.HasField("value") else None
    return -1


async def test_who_asked_and_who_was_asked_count_the_same(street: Street) -> None:
    cases = await ask(street, 7)
    await ask(street, 6, to="xac")
    await answer(street, cases)
    sent, received = await report(street, street["xaa"]), await report(street, street["xab"])
    assert number(sent, r.REPORT_MEASURE_ASKED) == 13
    assert number(sent, r.REPORT_MEASURE_ANSWERED) == 7
    assert number(sent, r.REPORT_MEASURE_UNANSWERED) == 6
    assert number(sent, r.REPORT_MEASURE_TRACED) == 7
    assert number(sent, r.REPORT_MEASURE_NETWORK_SHARE) == 538
    assert number(received, r.REPORT_MEASURE_ASKED, r.REPORT_DIRECTION_RECEIVED) == 7
    assert number(received, r.REPORT_MEASURE_ASKED) == 0


async def test_small_numbers_are_kept_back_and_private_ones_are_not(street: Street) -> None:
    await answer(street, await ask(street, 2))
    await ask(street, 6, to="xac")
    shown = await report(street, street["xaa"])
    assert number(shown, r.REPORT_MEASURE_ANSWERED) is None
    assert not any(cell.peer for cell in shown.cells)
    assert r.REPORT_NOTE_SMALL_NUMBERS_KEPT_BACK in shown.notes
    private = await report(street, street["xaa"], private=True)
    assert number(private, r.REPORT_MEASURE_ANSWERED) == 2
    assert number(private, r.REPORT_MEASURE_UNANSWERED, peer="xac") == 6
    assert r.REPORT_NOTE_PRIVATE in private.notes


async def test_exercises_and_other_days_are_not_counted(street: Street) -> None:
    await ask(street, 3, exercise=True)
    await ask(street, 3, first=10)
    street.clock.now += 2 * DAY
    shown = await report(street, street["xaa"], smallest=1)
    assert number(shown, r.REPORT_MEASURE_ASKED) == 0
    assert r.REPORT_NOTE_NOTHING_COUNTED in shown.notes
    before = dt.datetime.fromtimestamp(street.clock.now - 2 * DAY, dt.UTC).date().isoformat()
    assert (
        number(await report(street, street["xaa"], from_day=before, private=True), r.REPORT_MEASURE_ASKED)
        == 3
    )


async def test_what_a_desk_may_not_count_is_as_if_it_were_not_there(street: Street) -> None:
    nothing = await report(street, street["xaa"])
    await answer(street, await ask(street, 7))
    street["xaa"].gate.put_in_force(PolicySet.parse([base_policy(), NO_COUNT]))
    assert await report(street, street["xaa"]) == nothing


async def test_domestic_figures_make_the_indicator(street: Street) -> None:
    await answer(street, await ask(street, 7))
    domestic = {"found": 100, "traced": 20, "established": 3}
    shown = await report(street, street["xaa"], domestic=domestic)
    assert number(shown, r.REPORT_MEASURE_INDICATOR_SHARE) == 300
    assert {r.REPORT_NOTE_DOMESTIC_KEYED_IN, r.REPORT_NOTE_IAFQ_UNVERIFIED} <= set(shown.notes)
    with pytest.raises(InvalidInputError):
        await report(street, street["xaa"], domestic={"found": 3, "traced": 4})


@pytest.mark.parametrize(
    ("period", "error"),
    [
        ({"from_day": "2026-02-30", "to_day": "2026-03-01"}, InvalidInputError),
        ({"from_day": "2026-03-02", "to_day": "2026-03-01"}, InvalidInputError),
        ({"from_day": "2026-03-02", "to_day": "9999-12-31"}, InvalidInputError),
        ({"from_day": "yesterday"}, InvalidMessageError),
    ],
)
async def test_a_period_that_is_none_is_refused(
    street: Street, period: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await report(street, street["xaa"], **period)


async def test_a_period_is_counted_by_months_quarters_and_years_of_the_calendar(street: Street) -> None:
    days = {"from_day": "2024-11-15", "to_day": "2026-02-10"}
    for step, wanted in (
        ("MONTH", ["2024-11-15", "2024-12-01", "2025-01-01", "2025-02-01"]),
        ("QUARTER", ["2024-11-15", "2025-01-01", "2025-04-01", "2025-07-01"]),
        ("YEAR", ["2024-11-15", "2025-01-01", "2026-01-01"]),
    ):
        told = await report(street, street["xaa"], **days, step=f"REPORT_STEP_{step}")
        parts = list(dict.fromkeys(cell.part for cell in told.cells if cell.part))
        assert parts[: len(wanted)] == wanted, step
    with pytest.raises(InvalidInputError, match="too many parts"):
        await report(
            street, street["xaa"], from_day="2020-01-01", to_day="2026-02-10", step="REPORT_STEP_MONTH"
        )


async def test_that_somebody_counted_is_in_the_audit_trail(street: Street) -> None:
    await report(street, street["xaa"])
    events = [one.event for one in await street["xaa"].store.read(lambda tx: tx.audit.after(0, 100))]
    assert [(one.actor, one.outcome) for one in events if one.action == "report"] == [
        ("officer-7", "for export")
    ]


async def test_many_cases_are_counted_page_by_page(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracepost.node.handlers.reading.tallying._PAGE", 4)
    await ask(street, 11)
    assert (
        number(await report(street, street["xab"]), r.REPORT_MEASURE_ASKED, r.REPORT_DIRECTION_RECEIVED) == 11
    )
