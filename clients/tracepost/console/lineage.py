"""The line of supply of each item of a case, as the answers tell it: step by step, as a list and drawn.

Nothing is concluded: a step is what one member told, in its order; what it withheld, and what this desk is not shown,
is a step of its own that says so. Where a member answered again, its newest answer counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from tracepost.console.plots import Drawing, shortened
from tracepost.console.showing import Shower, printable
from tracepost.locale.words import Words
from tracepost.sdk import message_of
from tracepost.wire.v1 import desk_pb2, options_pb2, terms_pb2, trace_pb2

_KINDS: Final = frozenset({"trace.response/1", "trace.amendment/1", "trace.referral/1", "panel.reply/1"})
_TOLD_IN: Final = ("lineage", "point_of_diversion")
_OF_SUPPLY: Final = frozenset(
    {
        options_pb2.SENSITIVITY_LAW_ENFORCEMENT,
        options_pb2.SENSITIVITY_COMMERCIAL,
        options_pb2.SENSITIVITY_CRIMINAL_JUSTICE,
        options_pb2.SENSITIVITY_PERSONAL,
        options_pb2.SENSITIVITY_NATIONAL_SECURITY,
    }
)
"""Classes of what an answer tells of a line of supply: events, dealings, persons, places and stock."""
_WIDTH: Final = 600
_ROW: Final = 21
_PADDING: Final = 12
_ARROW: Final = 26
_SIGNS: Final = 68
_UNDATED: Final = "9999"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what happened, and the particulars. `missing`: it is told that nothing is told here."""

    title: str
    particulars: tuple[str, ...]
    missing: bool = False
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """The line of supply of one item; `number`: among those of its case."""

    words: Words
    number: int
    item_id: str
    steps: tuple[Step, ...]

    def drawing(self) -> Markup:
        """Return the same, drawn from above to below."""
        return _drawn(self.words, self.number, self.item_id, self.steps)


@dataclass(frozen=True, slots=True)
class _Told:
    """What one member answered about one item, in which statement, at which place of it."""

    view: desk_pb2.StatementView
    message: Any
    answer: trace_pb2.Answer
    index: int

    @property
    def begins(self) -> str:
        """The first day that it names, so that who made the weapon comes before who bought it."""
        return next((event.on for event in self.answer.lineage if event.on), _UNDATED)

    @property
    def tells(self) -> bool:
        return bool(self.answer.lineage) or self.answer.HasField("point_of_diversion")

    def grounds(self) -> list[terms_pb2.Withheld]:
        """Return what the member says it kept of this line."""
        head = f"answers.{self.index}"
        kept = (head, *(f"{head}.{name}" for name in _TOLD_IN))
        return [one for one in self.message.withheld if one.path == head or _below(one.path, kept[1:])]

    def is_hidden(self) -> bool:
        """Say whether the statement has something that a line of supply may rest on and this desk is not shown.

        A class that this version does not know may be one of those.
        """
        return any(
            (one.of_class in _OF_SUPPLY or not one.of_class) and (one.fields or not one.exact)
            for one in self.view.hidden
        )

    def has_gap(self) -> bool:
        """Say whether an event stands in its place and its particulars are not shown."""
        return any(not event.kind for event in self.answer.lineage)


def lines_of(words: Words, view: desk_pb2.CaseView) -> list[Line]:
    """Return the line of supply of each item of which one is told, withheld or not shown."""
    told: dict[str, dict[str, _Told]] = {}
    for one in _answers(view):
        told.setdefault(one.answer.item_id, {})[one.view.from_member] = one
    lines: list[Line] = []
    for item in sorted(told):
        steps = tuple(_steps(words, sorted(told[item].values(), key=lambda one: one.begins)))
        if steps:
            lines.append(Line(words, len(lines), item, steps))
    return lines


def _answers(view: desk_pb2.CaseView) -> Iterator[_Told]:
    """Yield every answer, in the order in which they were given."""
    for statement in sorted(view.statements, key=lambda one: one.issued_at):
        message: Any = message_of(statement.content) if statement.kind in _KINDS else None
        for index, answer in enumerate(message.answers if message is not None else ()):
            yield _Told(statement, message, answer, index)


def _below(path: str, heads: tuple[str, ...]) -> bool:
    return any(path == head or path.startswith(f"{head}.") for head in heads)


def _steps(words: Words, told: list[_Told]) -> Iterator[Step]:
    if not any(one.tells or one.grounds() or one.is_hidden() for one in told):
        return
    shower = Shower(words)
    for one in told:
        by = words.gettext("told by {member}").format(member=one.view.from_member.upper())
        unseen = Step(words.gettext("not shown to your desk"), (by,), missing=True)
        for event in one.answer.lineage:
            yield _event(words, shower, event, by) if event.kind else unseen
        for kept in one.grounds():
            ground = shower.words_of(kept, "ground")
            yield Step(words.gettext("withheld"), tuple(filter(None, (ground, by))), missing=True)
        if one.is_hidden() and not one.has_gap():
            yield unseen
        if one.answer.HasField("point_of_diversion"):
            yield _diversion(words, shower, one.answer.point_of_diversion, by)
        yield _end(words, shower, one.answer, by)


def _event(words: Words, shower: Shower, event: trace_pb2.LineageEvent, by: str) -> Step:
    sides = (
        ", ".join(filter(None, (shower.words_of(event, f"{side}_kind"), *_place(words, event, side))))
        for side in ("from", "to")
    )
    arrow = " ← " if words.direction == "rtl" else " → "
    way = arrow.join(side or "…" for side in sides)
    sources = [shower.words_of(event, name) for name in ("record_source", "confidence")]
    title = ", ".join(filter(None, (shower.words_of(event, "kind"), words.alone(event.on))))
    return Step(title, ("" if way == f"…{arrow}…" else way, ", ".join(filter(None, [by, *sources]))))


def _place(words: Words, event: trace_pb2.LineageEvent, side: str) -> tuple[str, str]:
    return getattr(event, f"{side}_country"), words.alone(printable(getattr(event, f"{side}_body")))


def _diversion(words: Words, shower: Shower, point: trace_pb2.PointOfDiversion, by: str) -> Step:
    title = f"{words.coded('field', 'point_of_diversion')}: {shower.words_of(point, 'cause')}"
    region, body = (words.alone(printable(text)) for text in (point.region, point.last_lawful_holder_body))
    place = ", ".join(filter(None, (point.country, region, words.alone(point.on))))
    holder = (shower.words_of(point, "last_lawful_holder_kind"), body)
    return Step(title, (place, ", ".join(filter(None, holder)), by), is_end=True)


def _end(words: Words, shower: Shower, answer: trace_pb2.Answer, by: str) -> Step:
    """Return how far this member came, and why no farther."""
    why = "stopped_because_full" if answer.HasField("stopped_because_full") else "stopped_because"
    ask = (answer.ask_member.upper(), answer.ask_country)
    title = f"{words.coded('field', 'reach')}: {shower.words_of(answer, 'reach')}"
    return Step(title, (", ".join(filter(None, (shower.words_of(answer, why), *ask))), by), is_end=True)


def _drawn(words: Words, number: int, item: str, steps: tuple[Step, ...]) -> Markup:
    rows = [[step.title, *filter(None, step.particulars)] for step in steps]
    heights = [_ROW * len(texts) + 2 * _PADDING for texts in rows]
    title = f"{words.gettext('The line of supply')}: {words.gettext('item')} {item}"
    told = words.gettext("Drawn from above to below; the list beside it says the same.")
    size = (_WIDTH, sum(heights) + _ARROW * (len(rows) - 1) + 2)
    drawing = Drawing(f"supply-{number}", title, told, size, rtl=words.direction == "rtl")
    y = 1.0
    for step, texts, height in zip(steps, rows, heights, strict=True):
        if y > 1:
            _arrow(drawing, y)
        drawing.box(1, y, _WIDTH - 2, height, _frame(step))
        for place, text in enumerate(texts):
            at = y + _PADDING + _ROW * place + 15
            drawing.text(14, at, shortened(text, _SIGNS), bold=place == 0)
        y += height + _ARROW
    return drawing.markup()


def _frame(step: Step) -> dict[str, str]:
    how = {"fill": "none", "stroke": "currentColor", "stroke-width": "3" if step.is_end else "1.5"}
    return how | ({"stroke-dasharray": "6 4"} if step.missing else {})


def _arrow(drawing: Drawing, y: float) -> None:
    """Draw an arrow that ends at `y`."""
    drawing.line((40, y - _ARROW), (40, y - 6))
    drawing.shape([(34, y - 9), (46, y - 9), (40, y - 1)])
