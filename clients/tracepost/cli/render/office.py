"""Officers and what waits for their word, as people read it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracepost.cli.render.case import statement_sheet
from tracepost.cli.render.fields import code_of, codes_of, moment, printable
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, coded, plural
from tracepost.wire.v1 import desk_pb2, office_pb2


def officers(found: Sequence[office_pb2.OfficerLine]) -> RenderableType:
    """Return officers, a line each."""
    if not found:
        return Text(_("Nobody has called yet."))
    table = table_of(_("number"), _("desks"), _("standing"), _("last seen"), _("certificate until"))
    for one in found:
        seen = moment(one.last_seen) if one.last_seen else _("never")
        until = moment(one.valid_until)
        table.add_row(one.number, ", ".join(one.desks), code_of(one, "standing"), seen, until)
    return table


def releases(found: Sequence[office_pb2.ReleaseLine]) -> RenderableType:
    """Return mail that waits for somebody's word, a line each; what is the asking officer's is marked."""
    if not found:
        return Text(_("Nothing waits for a second officer."))
    table = table_of(
        _("statement"), _("kind"), _("to"), _("desk"), _("written by"), _("state"), _("until"), _("decided")
    )
    for one in found:
        _add_release(table, one)
    return table


def _add_release(table: Table, one: office_pb2.ReleaseLine) -> None:
    state = code_of(one, "state")
    if one.overdue:
        state = f"{state}, {_('overdue')}"
    if one.yours_to_decide:
        state = f"{state}, {_('yours to decide')}"
    style = "bold red" if one.overdue else "bold" if one.yours_to_decide else ""
    decided = f"{one.decided_by} {moment(one.decided_at)} {printable(one.reason)}" if one.decided_at else ""
    table.add_row(
        one.statement[:12],
        coded("kind", one.kind),
        ", ".join(one.to),
        one.desk if one.desk == one.deciding_desk else f"{one.desk} → {one.deciding_desk}",
        f"{one.written_by} {moment(one.written_at)}",
        Text(state, style=style),
        moment(one.until) if one.until else "",
        decided.strip(),
    )


def release_view(view: office_pb2.ReleaseView) -> RenderableType:
    """Return one message as the officer's desk sees it, under its line."""
    words = _("Decide: tracepost release approve {statement}, or refuse it with a reason.")
    parts: list[RenderableType] = [releases([view.line]), statement_sheet(view.shown)]
    if view.line.yours_to_decide:
        parts.append(Text(words.format(statement=view.line.statement[:12]), style="bold"))
    return Group(*parts)


def desks(found: Sequence[desk_pb2.DeskStatus]) -> RenderableType:
    """Return the desks of this member, a line each."""
    table = table_of(_("desk"), _("state"), _("known to peers"), _("overseen by"), _("competences"))
    for one in found:
        state = _("unlocked") if one.unlocked else _("locked")
        outward = _("yes") if one.outward else _("no, an inner desk")
        notice = f"{one.under} ({_('told afterwards')})" if one.by_notice else one.under
        table.add_row(one.desk, state, outward, notice, ", ".join(codes_of(one, "competences")))
    return table


def case_desks(found: office_pb2.CaseDesks) -> RenderableType:
    """Return which desks see a case, and what was given by this call."""
    lines = [
        Text(f"{_('case')} {found.thread}", style="bold"),
        Text(f"{_('on every case')}: {', '.join(found.on_every_case) or _('none')}"),
        Text(f"{_('put on this case')}: {', '.join(found.put_on_it) or _('none')}"),
    ]
    if found.HasField("given"):
        lines.append(
            Text(plural("{n} message was given to it.", "{n} messages were given to it.", found.given))
        )
    if found.not_given:
        words = plural(
            "{n} message holds nothing more that this desk can give it.",
            "{n} messages hold nothing more that this desk can give it.",
            found.not_given,
        )
        lines.append(Text(words))
    return Group(*lines)
