"""What would become of statements that a draft encloses: who reads which value, what stays behind, what is missing.

    enclosed = enclosed_of(submission, view, words)
    enclosed[0].read_by("xac/poc")      # the lines that this desk would read
    enclosed[0].missing                 # while there is any, it cannot be sent

The node names fields and desks and never a value; values are those that the own desk is shown in the case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tracepost.console.forms.preview import Line, label_of
from tracepost.console.forms.questions import prefix_of
from tracepost.locale.values import printable, value_words
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.sdk.cases import values_of
from tracepost.wire.v1 import desk_pb2, onward_pb2, post_pb2, terms_pb2


@dataclass(frozen=True, slots=True)
class Enclosed:
    """One statement that would go along, with what is said of it in the words of the visitor.

    `lines` are what goes, each with the desks, "member/desk", that would read it; `notes` what binds it, what it rests
    on and what its author withheld; `left_out` what stays behind and why; `missing` what stands in its way.
    """

    statement: str
    title: str
    lines: tuple[tuple[Line, tuple[str, ...]], ...] = field(repr=False)
    notes: tuple[str, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]

    def read_by(self, desk: str) -> list[Line]:
        """Return what a desk, "member/desk", would read of it."""
        return [line for line, desks in self.lines if desk in desks]

    @property
    def unread(self) -> list[Line]:
        """What would not be sent, for want of a desk that may read it."""
        return [line for line, desks in self.lines if not desks]


def enclosed_of(submission: desk_pb2.Submission, view: desk_pb2.CaseView, words: Words) -> list[Enclosed]:
    """Return what would become of each statement that `submission`, a preview, says is enclosed."""
    values = values_of(view)
    return [_enclosed(one, values.get(one.statement, {}), words) for one in submission.exhibits]


def _enclosed(one: onward_pb2.ExhibitPreview, values: Mapping[str, Any], words: Words) -> Enclosed:
    return Enclosed(
        one.statement,
        f"{words.kind(one.kind)}: {one.from_member}",
        tuple(
            (Line(told.path, label_of(told.path, words), _value(told.path, values, words)), tuple(told.desks))
            for told in one.fields
        ),
        tuple(_notes(one, words)),
        tuple(_left_out(gap, words) for gap in one.left_out),
        tuple(_missing(problem, words) for problem in one.missing),
    )


def _missing(problem: post_pb2.Problem, words: Words) -> str:
    """Say what keeps a statement here, and whose consent that is, as far as the node names it."""
    said = words.gettext(_LACKS.get(problem.reason, _NO_CONSENT))
    members = ", ".join(printable(one) for one in problem.members)
    return f"{said} ({words.alone(members)})" if members else said


def _value(path: str, values: Mapping[str, Any], words: Words) -> str:
    return value_words(values[path], words) if path in values else words.gettext(_NOT_SHOWN)


def _notes(one: onward_pb2.ExhibitPreview, words: Words) -> Iterator[str]:
    for line in one.withheld:
        yield f"{words.gettext(_WITHHELD)}: {label_of(line.path, words)} ({_coded(line, 'ground', words)})"
    for bound in one.restrictions:
        yield f"{words.gettext(_OF_AUTHOR)}: {_restriction(bound, words)}"
    for bound in one.added_restrictions:
        yield f"{words.gettext(_ADDED)}: {_restriction(bound, words)}"
    for used in one.consents:
        until = f" ({words.gettext(_UNTIL)} {words.alone(used.until)})" if used.until else ""
        yield f"{words.gettext(_CONSENT)}: {used.from_member} → {used.third_party}{until}"


def _restriction(one: terms_pb2.Restriction, words: Words) -> str:
    until = f" {words.gettext(_UNTIL)} {words.alone(one.until)}" if one.until else ""
    bound = f" ({', '.join(map(printable, one.field_paths))})" if one.field_paths else ""
    return f"{_coded(one, 'code', words)}{until}{bound}"


def _left_out(one: onward_pb2.LeftOut, words: Words) -> str:
    count = words.plural("{n} field", "{n} fields", one.fields)
    what = label_of(one.path, words) if one.path else f"{_coded(one, 'of_class', words)}, {count}"
    return f"{what} ({_coded(one, 'because', words)})"


def _coded(message: Any, name: str, words: Words) -> str:
    codes = message.DESCRIPTOR.fields_by_name[name].enum_type
    code = codes.values_by_number[getattr(message, name)].name.removeprefix(prefix_of(codes))
    return words.coded(codes.name, code)


_NOT_SHOWN: Final = _("not shown to your desk")
_WITHHELD: Final = _("withheld by its author")
_OF_AUTHOR: Final = _("restriction of its author")
_ADDED: Final = _("restriction added")
_CONSENT: Final = _("consent")
_UNTIL: Final = _("until")
_NO_CONSENT: Final = _("whoever wrote this, or what it encloses, has not consented that it is passed on")
_LACKS: Final = {
    "other-statement": _("the consent is about another message"),
    "other-purpose": _("the consent is for another purpose"),
    "consent-ended": _("the consent has ended"),
    "other-items": _("the consent names other items"),
    "other-fields": _("the consent does not cover all of these fields"),
    "other-classes": _("the consent does not cover all of these kinds of data"),
}
"""What the node says of a consent that is not enough, by its reason."""
