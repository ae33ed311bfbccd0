"""Figures drawn as SVG: bars, and columns over time. Whatever is drawn stands in a table beside it too.

A drawing has one colour, the page's own, so that it is seen in forced colours and on paper; series differ by their
filling. Where the page is written from the right, the drawing begins at the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from markupsafe import Markup

_WIDTH: Final = 600
_BAR_ROW: Final = 44
_BAR_LENGTH: Final = 480
_COLUMN_TOP, _COLUMN_FOOT, _COLUMN_HEIGHT = 50, 190, 215
_LABEL_WIDTH: Final = 66
_SIGN_WIDTH: Final = 9
_MARGIN: Final = 30
_KEPT_BACK_LENGTH: Final = 24
_LABEL_SIGNS: Final = 70
_INK: Final = "currentColor"
_FILLINGS: Final = (
    {"fill": _INK},
    {"fill": _INK, "fill-opacity": "0.2", "stroke": _INK, "stroke-width": "1.5"},
)
_DASHED: Final = {"fill": "none", "stroke": _INK, "stroke-dasharray": "3 3"}


@dataclass(frozen=True, slots=True)
class Plotted:
    """A number and how it is written; None: it is kept back."""

    label: str
    value: int | None
    written: str


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers over time under one name: a label for each is the part of the period."""

    name: str
    points: Sequence[Plotted]


class Drawing:
    """An SVG image whose x axis begins where the page's lines begin."""

    def __init__(self, name: str, title: str, told: str, size: tuple[int, int], *, rtl: bool = False) -> None:
        """Begin an image.

        Args:
            name: its own on the page, of letters and hyphens.
            title: what it shows.
            told: what is seen on it, in words.
            size: width and height.
            rtl: the page is written from the right.
        """
        width, height = size
        self._width, self._rtl = width, rtl
        self._root = ET.Element(
            "svg",
            {
                "role": "img",
                "aria-labelledby": f"{name}-title {name}-told",
                "viewBox": f"0 0 {width} {height}",
                "width": str(width),
                "height": str(height),
                "direction": "rtl" if rtl else "ltr",
            },
        )
        for part, text in (("title", title), ("desc", told)):
            ET.SubElement(
                self._root, part, {"id": f"{name}-{'told' if part == 'desc' else part}"}
            ).text = text

    def box(self, x: float, y: float, width: float, height: float, how: dict[str, str]) -> None:
        """Draw a rectangle whose side nearer to the beginning of the line is at `x`."""
        left = self._width - x - width if self._rtl else x
        places = {"x": left, "y": y, "width": width, "height": height}
        ET.SubElement(self._root, "rect", {name: f"{at:g}" for name, at in places.items()} | how)

    def line(self, begins: tuple[float, float], ends: tuple[float, float]) -> None:
        """Draw a line."""
        (x1, y1), (x2, y2) = (self._at(*begins), self._at(*ends))
        places = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        ET.SubElement(self._root, "line", {name: f"{at:g}" for name, at in places.items()} | {"stroke": _INK})

    def shape(self, corners: Sequence[tuple[float, float]]) -> None:
        """Draw a filled shape."""
        points = " ".join(f"{x:g},{y:g}" for x, y in (self._at(*corner) for corner in corners))
        ET.SubElement(self._root, "polygon", {"points": points, "fill": _INK})

    def text(self, x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> None:
        """Write a line of text; `anchor`: "start", "middle" or "end" of it is at `x`."""
        at, _y = self._at(x, y)
        how = {"x": f"{at:g}", "y": f"{y:g}", "fill": _INK, "text-anchor": anchor}
        ET.SubElement(self._root, "text", how | ({"font-weight": "700"} if bold else {})).text = text

    def markup(self) -> Markup:
        """Return the image, to stand in a page; every text in it is escaped."""
        return Markup(ET.tostring(self._root, encoding="unicode"))  # noqa: S704 - written by an XML writer

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (self._width - x if self._rtl else x), y


def bar_plot(name: str, title: str, bars: Sequence[Plotted], *, rtl: bool = False) -> Markup:
    """Return a bar for each number, its label above it and the number behind it."""
    drawing = Drawing(name, title, _told(bars), (_WIDTH, _BAR_ROW * len(bars) + 4), rtl=rtl)
    most = max((bar.value or 0 for bar in bars), default=0)
    for number, bar in enumerate(bars):
        y = _BAR_ROW * number
        drawing.text(0, y + 16, shortened(bar.label, _LABEL_SIGNS))
        length = _KEPT_BACK_LENGTH if bar.value is None else max(_BAR_LENGTH * bar.value / max(most, 1), 1)
        drawing.box(0.5, y + 23, length, 13, _DASHED if bar.value is None else _FILLINGS[0])
        drawing.text(length + 8, y + 35, bar.written, bold=True)
    return drawing.markup()


def column_plot(
    name: str, title: str, series: Sequence[Series], kept_back: str, *, rtl: bool = False
) -> Markup:
    """Return a group of columns for each part of the period, a column for each of one or two series.

    `kept_back` is what a dashed column means, in words.
    """
    told = "; ".join(f"{one.name}: {_told(one.points)}" for one in series)
    drawing = Drawing(name, title, told, (_WIDTH, _COLUMN_HEIGHT), rtl=rtl)
    _legend(drawing, series, kept_back)
    most = max((point.value or 0 for one in series for point in one.points), default=0)
    count = max((len(one.points) for one in series), default=0)
    group = (_WIDTH - 2 * _MARGIN) / max(count, 1)
    thick = min(group * 0.8 / max(len(series), 1), 48)
    for place, one in enumerate(series):
        for number, point in enumerate(one.points):
            x = _MARGIN + group * number + (group - thick * len(series)) / 2 + thick * place
            _column(drawing, (x, thick), point, most, _FILLINGS[place])
    for number in range(0, count, _every(group)):
        drawing.text(
            group * (number + 0.5), _COLUMN_HEIGHT - 6, series[0].points[number].label, anchor="middle"
        )
    drawing.line((0, _COLUMN_FOOT), (_WIDTH, _COLUMN_FOOT))
    return drawing.markup()


def shortened(text: str, signs: int) -> str:
    """Return `text`, or its beginning where it has more than `signs` signs."""
    return text if len(text) <= signs else f"{text[: signs - 1]}…"


def _column(
    drawing: Drawing, across: tuple[float, float], point: Plotted, most: int, filling: dict[str, str]
) -> None:
    (x, thick), room = across, _COLUMN_FOOT - _COLUMN_TOP
    tall = _KEPT_BACK_LENGTH if point.value is None else room * point.value / max(most, 1)
    drawing.box(x, _COLUMN_FOOT - tall, thick, tall, _DASHED if point.value is None else filling)
    number = point.written.partition(" ")[0]
    if point.value is not None and len(number) * _SIGN_WIDTH <= thick:
        drawing.text(x + thick / 2, _COLUMN_FOOT - tall - 5, number, anchor="middle")


def _legend(drawing: Drawing, series: Sequence[Series], kept_back: str) -> None:
    entries = [(one.name, _FILLINGS[place]) for place, one in enumerate(series)]
    if any(point.value is None for one in series for point in one.points):
        entries.append((kept_back, dict(_DASHED)))
    wide = _WIDTH / max(len(entries), 1)
    for number, (words, filling) in enumerate(entries):
        drawing.box(wide * number + 1, 4, 14, 14, filling)
        drawing.text(wide * number + 22, 16, shortened(words, int(wide / 9)))


def _every(group: float) -> int:
    """Return of how many labels one is written, so that none covers another."""
    return max(1, -(-_LABEL_WIDTH // max(int(group), 1)))


def _told(points: Sequence[Plotted]) -> str:
    return ", ".join(f"{one.label}: {one.written}" for one in points)
