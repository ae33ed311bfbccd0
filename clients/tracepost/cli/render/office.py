"""Officers and what waits for their word, as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracepost.cli.render.case import statement_sheet
from tracepost.cli.render.fields import code_of, codes_of, moment
from tracepost.cli.render.lists import handled, table_of
from tracepost.cli.words import _, kind_words, plural
from tracepost.locale.values import printable
from tracepost.wire.v1 import desk_pb2, office_pb2


def officers(found: Sequence[office_pb2.OfficerLine]) -> RenderableType:
    """Return officers, a line each."""
    if not found:
        return Text(_("Nobody has called yet."))
    table = table_of(
        _("number"), _("desks"), _("standing"), _("cases"), _("last seen"), _("certificate until")
    )
    for one in found:
        standing = code_of(one, "standing")
        if one.successor:
            standing = f"{standing}, {_('successor')} {one.successor}"
        seen = moment(one.last_seen) if one.last_seen else _("never")
        until = moment(one.valid_until)
        table.add_row(one.number, ", ".join(one.desks), standing, str(one.cases), seen, until)
    acting = [deputy for one in found for deputy in one.deputises]
    return Group(table, Text(), deputies(acting)) if acting else table


def passkeys(found: Sequence[office_pb2.Passkey], speak: Sequence[office_pb2.Passkey]) -> RenderableType:
    """Return the passkeys that an officer endorsed, a line each; the others than those in `speak` count no more."""
    if not found:
        return Text(_("No passkey speaks for you."))
    table = table_of(_("passkey"), _("console"), _("endorsed"), _("until"), _("state"))
    for one in found:
        state = (
            _("speaks for you") if one in speak else _("counts no more: endorsed by an earlier certificate")
        )
        table.add_row(one.credential[:12], one.origin, moment(one.endorsed_at), moment(one.until), state)
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
        handled(Text(one.statement[:12]), one),
        kind_words(one.kind),
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


def deputies(found: Sequence[office_pb2.Deputy]) -> RenderableType:
    """Return appointments as deputies, a line each, and what is still to be done."""
    table = table_of(_("appointment"), _("officer"), _("desk"), _("from"), _("until"), _("state"))
    for one in found:
        table.add_row(
            str(one.number), one.officer, one.desk, one.from_day, one.until_day, code_of(one, "state")
        )
    words = _("Another officer: tracepost officer approve {number}")
    proposed = [one for one in found if one.state == office_pb2.DEPUTY_STATE_PROPOSED]
    return Group(table, *(Text(words.format(number=one.number), style="bold") for one in proposed))


def assignments(found: Sequence[office_pb2.Assignment]) -> RenderableType:
    """Return who works on which cases, a line each."""
    if not found:
        return Text(_("No case is assigned."))
    table = table_of(_("case"), _("officer"), _("file number"), _("state"), _("due"))
    for one in found:
        summary = one.summary
        state = code_of(summary, "state")
        table.add_row(one.thread, one.officer, printable(summary.our_file_number), state, summary.due_on)
    return table


def leaving(told: office_pb2.Leaving, revoked: int) -> RenderableType:
    """Return what was done for an officer who leaves, and what people have to do."""
    number, successor = told.officer.number, told.officer.successor
    lines = [
        Text(_("Officer {number} has left; the node refuses his calls.").format(number=number), style="bold"),
        Text(_("Cases that officer {successor} has now: {n}").format(successor=successor, n=told.cases)),
        Text(_("Appointments as a deputy that ended: {n}").format(n=told.deputies_ended)),
    ]
    if revoked:
        lines.append(Text(plural("{n} certificate was revoked.", "{n} certificates were revoked.", revoked)))
    todo = [Text(f"- {words}") for words in _left_to_do(told)]
    return Group(*lines, *([Text(_("Left to do:"), style="bold yellow"), *todo] if todo else []))


def _left_to_do(told: office_pb2.Leaving) -> Iterator[str]:
    if told.certificate_in_force:
        yield _(
            "His certificate is in force still: tracepost officer leave … --ca FOLDER, or tracepost ca revoke."
        )
    if told.releases:
        words = _("Mail of his waits for a word ({n}); officer {successor} may take it back.")
        yield words.format(n=told.releases, successor=told.officer.successor)
    if told.desks_to_rekey:
        words = _("Change the passphrase of the desks that he may know: {desks}")
        yield words.format(desks=", ".join(told.desks_to_rekey))
    if told.desks_without_officer:
        yield _("No officer is left at: {desks}").format(desks=", ".join(told.desks_without_officer))


def deletions(found: Sequence[office_pb2.Deletion]) -> RenderableType:
    """Return deletions that another officer looks at, a line each."""
    if not found:
        return Text(_("No deletion waits."))
    table = table_of(
        _("number"), _("desk"), _("asked by"), _("statements"), _("reason"), _("state"), _("until")
    )
    for one in found:
        table.add_row(
            str(one.number),
            one.desk,
            f"{one.asked_by} {moment(one.asked_at)}",
            ", ".join(digest[:12] for digest in one.statements),
            printable(one.reason),
            code_of(one, "state"),
            moment(one.until) if one.until else "",
        )
    return table


def emergencies(found: Sequence[office_pb2.Emergency]) -> RenderableType:
    """Return what was asked to be read against a refusal, a line each."""
    if not found:
        return Text(_("Nothing was asked."))
    table = table_of(
        _("number"), _("desk"), _("asked by"), _("statements"), _("reason"), _("state"), _("until")
    )
    for one in found:
        table.add_row(
            str(one.number),
            one.desk,
            f"{one.asked_by} {moment(one.asked_at)}",
            ", ".join(digest[:12] for digest in one.statements),
            printable(one.reason),
            code_of(one, "state"),
            moment(one.until) if one.until else "",
        )
    return table
