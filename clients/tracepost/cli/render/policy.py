"""Who may read what, as people read it: versions, explanations and differences. Never a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracepost.cli.render.fields import code_of, moment
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, coded, plural
from tracepost.locale.values import printable
from tracepost.wire.v1 import desk_pb2


def version_sheet(view: desk_pb2.PolicyView, shown: desk_pb2.PolicyVersion | None) -> RenderableType:
    """Return the base set and one version of the own policies; None: there is none in force."""
    grid = _grid()
    grid.add_row(_("member"), view.member)
    grid.add_row(_("set in force"), view.set_sha256)
    grid.add_row(_("base set"), view.base_sha256)
    if view.listed_base_sha256 != view.base_sha256:
        grid.add_row("", Text(_("The trust list names another base set."), style="yellow"))
    grid.add_row(_("policies of the base set"), ", ".join(view.base_policies))
    if shown is None:
        return Group(grid, Text(_("There are no policies of its own: the base set alone decides.")))
    grid.add_row(_("own policies"), ", ".join(shown.policies) or _("none"))
    for label, value in _version_lines(shown):
        grid.add_row(label, value)
    if shown.base_sha256 != view.base_sha256:
        grid.add_row("", Text(_("It was checked against another base set."), style="yellow"))
    return grid


def _version_lines(version: desk_pb2.PolicyVersion) -> Iterator[tuple[str, str]]:
    yield _("version"), f"{version.version} ({code_of(version, 'state')})"
    yield _("text"), version.text_sha256
    yield _("proposed"), f"{version.proposed_by}, {moment(version.proposed_at)}"
    if version.decided_by:
        yield _("decided"), f"{version.decided_by}, {moment(version.decided_at)}"
    if version.HasField("log_index"):
        yield _("entry in our log"), f"#{version.log_index}"
    if version.note:
        yield _("note"), printable(version.note)


def texts(view: desk_pb2.PolicyView, shown: desk_pb2.PolicyVersion | None) -> str:
    """Return the text of the base set, and of a version behind it."""
    own = f"\n// {_('own policies')}, {_('version')} {shown.version}\n\n{shown.text}" if shown else ""
    return f"{view.base_text}{own}"


def history(versions: Sequence[desk_pb2.PolicyVersion]) -> RenderableType:
    """Return the versions, newest first."""
    if not versions:
        return Text(_("There are no policies of its own: the base set alone decides."))
    table = table_of(_("version"), _("state"), _("proposed"), _("decided"), _("policies"), _("note"))
    for one in versions:
        decided = f"{one.decided_by}, {moment(one.decided_at)}" if one.decided_by else ""
        table.add_row(
            str(one.version),
            code_of(one, "state"),
            f"{one.proposed_by}, {moment(one.proposed_at)}",
            decided,
            ", ".join(one.policies),
            printable(one.note),
        )
    return table


# ---------------------------------------------------------------- explaining


def explanation(told: desk_pb2.PolicyExplanation) -> RenderableType:
    """Return for each statement and desk which fields it may see, and what decided."""
    return Group(*(part for one in told.statements for part in _explained(one)))


def _explained(one: desk_pb2.ExplainedStatement) -> Iterator[RenderableType]:
    title = f"{coded('kind', one.kind)} {one.from_member} → {', '.join(one.to)}"
    yield Text(title, style="bold")
    yield Text(f"{_('statement')}: {one.statement}")
    if one.desk_locked:
        yield Text(_("Your desk is locked: only the classes that lie in clear are told."), style="yellow")
    if one.HasField("problem"):
        yield Text(printable(one.problem.words), style="yellow")
    fields = table_of(_("class"), _("fields"))
    for signed in one.classes:
        fields.add_row(code_of(signed, "of_class"), _fields(signed))
    yield fields
    table = table_of(_("desk"), _("standing"), _("fields"), _("class"), _("may see"), _("decided by"))
    for reader in one.readers:
        names = (f"{reader.member}/{reader.desk}", _standing(reader), reader.below)
        for rule in reader.rules:
            table.add_row(*names, *_rule(rule))
            names = ("", "", "")
    yield table


def _rule(rule: desk_pb2.ClassRule) -> tuple[str, Text, str]:
    answer = Text(_("yes"), style="green") if rule.allowed else Text(_("no"), style="red")
    return code_of(rule, "of_class"), answer, ", ".join(rule.policies) or _("no policy permits it")


def _standing(reader: desk_pb2.ExplainedReader) -> str:
    return f"{coded('standing', reader.standing)}: {', '.join([reader.action, *reader.context])}"


def _fields(signed: desk_pb2.SignedClass | desk_pb2.StoredChange) -> str:
    shown = ", ".join(map(printable, signed.paths))
    if signed.exact and not signed.hidden:
        return shown
    count = (
        plural("{n} more, not told to you", "{n} more, not told to you", signed.hidden)
        if signed.exact
        else _("some, not told to you")
    )
    return f"{shown}; {count}" if shown else count


# ---------------------------------------------------------------- differences


def difference(told: desk_pb2.PolicyDifference, *, stored: bool) -> RenderableType:
    """Return who newly reads which class or loses it, and the fields that this names."""
    if not told.changes:
        return Group(Text(_("Nobody reads anything more or less.")), *_stored(told, stored=stored))
    table = table_of(_("reader"), _("change"), _("class"), _("may"), _("when"))
    for one in told.changes:
        table.add_row(
            _reader(one), _change(one.gained), code_of(one, "of_class"), ", ".join(one.actions), _when(one)
        )
    return Group(table, *_class_fields(told.fields), *_stored(told, stored=stored))


def _reader(one: desk_pb2.ReaderChange) -> str:
    if one.desk:
        return f"{one.member}/{one.desk} ({one.competence})"
    parts = [one.competence]
    parts += [coded("member_type", one.member_type)] if one.member_type != "any" else []
    parts += [one.member] if one.member != "any" else []
    return ", ".join(parts)


def _change(gained: bool) -> Text:
    return (
        Text(_("reads newly"), style="bold yellow") if gained else Text(_("reads no longer"), style="green")
    )


def _when(one: desk_pb2.ReaderChange) -> str:
    return ", ".join([*one.when, *(f"{_('not')} {flag}" for flag in one.unless)]) or _("always")


def _class_fields(fields: Iterable[desk_pb2.ClassFields]) -> Iterator[RenderableType]:
    for one in fields:
        title = _("Fields newly read") if one.gained else _("Fields read no longer")
        yield Text(f"{title}: {code_of(one, 'of_class')}", style="bold")
        table = table_of(_("message"), _("fields"))
        for kind in one.kinds:
            table.add_row(coded("kind", kind.kind), ", ".join(kind.paths))
        yield table


def _stored(told: desk_pb2.PolicyDifference, *, stored: bool) -> Iterator[RenderableType]:
    if not stored:
        return
    yield Text(
        plural(
            "{n} stored statement was looked at.", "{n} stored statements were looked at.", told.statements
        )
    )
    if told.older_left_out:
        yield Text(_("Older ones were left out."), style="yellow")
    if told.stored:
        table = table_of(_("case"), _("message"), _("desk"), _("change"), _("class"), _("fields"))
        for one in told.stored:
            table.add_row(
                one.thread,
                coded("kind", one.kind),
                one.desk,
                _change(one.gained),
                code_of(one, "of_class"),
                _fields(one),
            )
        yield table


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    return grid
