"""Figures of the console: what is drawn, and how a report is said in words."""

from __future__ import annotations

import itertools
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tracepost.console.pages.statistics import Figures
from tracepost.console.plots import Plotted, Series, bar_plot, column_plot
from tracepost.locale import languages
from tracepost.locale.words import words_of
from tracepost.wire.v1 import report_pb2 as r

BARS = (Plotted("answered", 40, "40"), Plotted("refused", None, "kept back"), Plotted("withdrawn", 0, "0"))
POISON = "</desc></svg><script>alert(1)</script>&\"'"


def parsed(drawn: str) -> ET.Element:
    assert "style=" not in drawn, "the browser is told to refuse it"
    return ET.fromstring(drawn)


def boxes(root: ET.Element) -> list[dict[str, str]]:
    return [one.attrib for one in root.iter("rect")]


def test_a_drawing_is_an_image_that_is_told_in_words() -> None:
    root = parsed(bar_plot("endings", "How it ended", BARS))
    title, told = root.findall("title") + root.findall("desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert title.text == "How it ended"
    assert told.text == "answered: 40, refused: kept back, withdrawn: 0"


def test_a_bar_is_as_long_as_its_number_and_one_that_is_kept_back_says_nothing() -> None:
    few, many = (boxes(parsed(bar_plot("a", "t", [Plotted("x", n, str(n)), BARS[0]]))) for n in (10, 40))
    assert float(few[0]["width"]) * 4 == float(many[0]["width"])
    [_answered, refused, _withdrawn] = boxes(parsed(bar_plot("a", "t", BARS)))
    [other] = boxes(parsed(bar_plot("a", "t", [BARS[1]])))
    assert "stroke-dasharray" in refused
    assert refused["width"] == other["width"], "its length does not depend on anything"


def test_everything_is_drawn_in_the_colour_of_the_page() -> None:
    series = [Series("asked", BARS), Series("answered", BARS)]
    for drawn in (bar_plot("a", "t", BARS), column_plot("b", "t", series, "kept back")):
        colours = {one.get(name) for one in parsed(drawn).iter() for name in ("fill", "stroke")}
        assert colours == {None, "none", "currentColor"}


def test_what_is_written_into_a_drawing_is_text_and_nothing_else() -> None:
    bars = [Plotted(POISON, 3, POISON)]
    for drawn in (
        bar_plot("a", POISON, bars),
        column_plot("b", POISON, [Series(POISON, bars)], POISON),
    ):
        assert "<script" not in drawn
        assert parsed(drawn).findtext("title") == POISON


def test_where_lines_begin_at_the_right_the_drawing_does() -> None:
    left, right = (boxes(parsed(bar_plot("a", "t", BARS, rtl=rtl))) for rtl in (False, True))
    for one, other in zip(left, right, strict=True):
        assert float(one["x"]) == pytest.approx(600 - float(other["x"]) - float(other["width"]))


def test_no_label_of_a_month_covers_another() -> None:
    for count in range(1, 25):
        points = [Plotted(f"2026-{number:02}", number, str(number)) for number in range(1, count + 1)]
        root = parsed(column_plot("a", "t", [Series("asked", points)], "kept back"))
        labels = [one for one in root.iter("text") if str(one.text).startswith("2026-")]
        places = [float(one.attrib["x"]) for one in labels]
        assert places
        assert all(later - sooner >= 60 for sooner, later in itertools.pairwise(places)), count


def cell(measure: str, value: int | None, **more: Any) -> r.ReportCell:
    told: dict[str, Any] = {"direction": "REPORT_DIRECTION_SENT", "unit": "REPORT_UNIT_ITEMS", **more}
    return r.ReportCell(measure=f"REPORT_MEASURE_{measure}", value=value, **told)


REPORT = r.Report(
    member="xaa",
    from_day="2026-01-01",
    to_day="2026-02-28",
    smallest=5,
    notes=[r.REPORT_NOTE_SMALL_NUMBERS_KEPT_BACK],
    cells=[
        cell("ASKED", 12),
        cell("ANSWERED", 12),
        cell("REFUSED", 0),
        cell("MEDIAN_DAYS_TO_ANSWER", 95, unit="REPORT_UNIT_TENTHS_OF_A_DAY"),
        cell("NETWORK_SHARE", 416, unit="REPORT_UNIT_PER_MILLE"),
        cell("ASKED", None, part="2026-01-01"),
        cell("ASKED", None, part="2026-02-01"),
        cell("OUTCOME", 12, reach="REACH_MAKER"),
        cell("OUTCOME", 0, reach="REACH_NONE"),
        cell("OUTCOME", 12, reach="REACH_MAKER", identification="IDENTIFICATION_CONFIRMED"),
        cell("ASKED", 0, direction="REPORT_DIRECTION_RECEIVED"),
    ],
)


def test_figures_are_said_in_full_with_the_zeros_and_what_is_kept_back() -> None:
    figures = Figures(words_of("en"), REPORT)
    (_sent, [totals, parts]), (_received, [others]) = figures.directions
    assert {row[0]: row[1] for row in totals.rows} == {
        "items asked about": "12",
        "answered": "12",
        "refused": "0",
        "median time until answered": "9.5 days",
        "share traced among items of this network": "41.6 %",
    }
    assert [row[:2] for row in parts.rows] == [("2026-01-01", "kept back"), ("2026-02-01", "kept back")]
    assert (len(totals.plots), len(parts.plots), others.plots, others.all_zero) == (1, 1, (), True)
    reach = figures.outcomes[1]
    assert [row[1] for row in reach.rows] == ["12", "0"], (
        "a result by all three lists is not one of this list"
    )
    assert len(figures.kept_back) == 2
    assert figures.kept_back[0].endswith("2026-01-01")


@pytest.mark.parametrize("tag", [one.tag for one in languages()])
def test_a_report_is_drawn_in_every_language_under_names_of_its_own(tag: str) -> None:
    figures = Figures(words_of(tag), REPORT)
    tables = [table for _name, some in figures.directions for table in some] + figures.outcomes
    drawn = [parsed(plot) for table in tables for plot in table.plots]
    names = [str(one.get("aria-labelledby")) for one in drawn]
    assert len(set(names)) == len(names) == 3
    assert {one.get("direction") for one in drawn} == {"rtl" if tag == "ar" else "ltr"}
