"""What a share would show to whom: field by field, with the values that the own desk may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tracepost.cli.render.fields import bound_fields, code_of, json_words
from tracepost.cli.render.lists import submission as submission_view
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, coded, kind_words, plural
from tracepost.wire.v1 import desk_pb2, onward_pb2, terms_pb2

Values = Mapping[str, Mapping[str, Any]]


def preview_sheet(submission: desk_pb2.Submission, values: Values) -> RenderableType:
    """Return what each desk of the receivers would see, what not and why, and what is missing."""
    missing = sum(len(one.missing) for one in submission.exhibits)
    words = plural(
        "It cannot be sent: {n} consent is missing.", "It cannot be sent: {n} consents are missing.", missing
    )
    verdict = Text(words, style="bold red") if missing else Text(_("Nothing was sent."), style="bold")
    exhibits = (_exhibit(one, values.get(one.statement, {})) for one in submission.exhibits)
    return Group(*exhibits, Text(), submission_view(submission), verdict)


def _exhibit(one: onward_pb2.ExhibitPreview, values: Mapping[str, Any]) -> RenderableType:
    title = Text.assemble((kind_words(one.kind), "bold"), f"  {one.from_member}  {one.statement}")
    return Group(title, Padding(Group(*_lines(one, values)), (0, 0, 1, 2)))


def _lines(one: onward_pb2.ExhibitPreview, values: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield _fields(one, values)
    yield from map(_left_out, one.left_out)
    for line in one.withheld:
        yield Text(f"{_('withheld by its author')}: {line.path}, {code_of(line, 'ground')}", style="yellow")
    for restriction in one.restrictions:
        yield Text(f"{_('restriction of its author')}: {_restriction(restriction)}", style="bold")
    for restriction in one.added_restrictions:
        yield Text(f"{_('restriction added')}: {_restriction(restriction)}", style="bold")
    yield from map(_consent, one.consents)
    for problem in one.missing:
        yield Text(f"{_('missing')}: {problem.words} {problem.remedy}".strip(), style="bold red")
    yield Text(
        plural("{n} log entry goes along as proof", "{n} log entries go along as proof", one.proofs),
        style="dim",
    )


def _fields(one: onward_pb2.ExhibitPreview, values: Mapping[str, Any]) -> RenderableType:
    table = table_of(_("field"), _("class"), _("value"), _("read by"))
    for field in one.fields:
        value = json_words(values[field.path]) if field.path in values else _("not shown to your desk")
        readers = ", ".join(field.desks) or Text(_("nobody: not sent"), style="yellow")
        table.add_row(field.path, code_of(field, "of_class"), value, readers)
    return table


def _left_out(one: onward_pb2.LeftOut) -> Text:
    what = one.path or f"{code_of(one, 'of_class')}, {plural('{n} field', '{n} fields', one.fields)}"
    return Text(f"{_('left out')}: {what} ({code_of(one, 'because')})", style="yellow")


def _restriction(one: terms_pb2.Restriction) -> str:
    until = f" {_('until')} {one.until}" if one.until else ""
    return f"{code_of(one, 'code')}{until}{bound_fields(one.field_paths)}"


def _consent(one: onward_pb2.ConsentUsed) -> Text:
    purpose = coded("Purpose", one.purpose.removeprefix("PURPOSE_")) if one.purpose else ""
    until = f"{_('until')} {one.until}" if one.until else ""
    standing = _("standing") if one.standing else ""
    more = ", ".join(word for word in (standing, purpose, until) if word)
    said = f"{_('consent')}: {one.from_member} -> {one.third_party}, {one.statement}"
    return Text(f"{said} ({more})" if more else said)


def consent_list(answer: onward_pb2.ListConsentsResponse) -> RenderableType:
    """Return consents, one a row."""
    table = table_of(
        _("case"),
        _("by"),
        _("to be shown to"),
        _("may be passed on by"),
        _("what"),
        _("use"),
        _("until"),
        _("state"),
    )
    for one in answer.consents:
        table.add_row(
            one.thread or _("all cases"),
            one.by_member,
            one.third_party,
            ", ".join(one.to) or _("anybody who holds it"),
            _reach(one),
            code_of(one, "purpose"),
            one.until,
            code_of(one, "state"),
        )
    older = [Text(_("Older cases were left out."), style="yellow")] if answer.older_left_out else []
    return Group(table, Text(plural("{n} consent", "{n} consents", len(answer.consents))), *older)


def _reach(one: onward_pb2.ConsentLine) -> str:
    classes = [coded("Sensitivity", name) for name in one.classes]
    limits = [*one.item_ids, *one.field_paths, *classes]
    return ", ".join(limits) or (one.about and f"{_('statement')} {one.about}") or _("all of it")
