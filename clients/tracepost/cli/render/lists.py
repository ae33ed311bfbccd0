"""Lists as tables: cases, timeline, held mail, members, audit, submissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracepost.cli.render.exercises import exercise_band
from tracepost.cli.render.fields import code_of, codes_of, moment
from tracepost.cli.words import _, coded, kind_words, plural
from tracepost.locale.values import printable
from tracepost.wire.v1 import desk_pb2, office_pb2, search_pb2

# Codes of desk.proto that are texts there: TimelineEvent.event, HeldMail.reason.
TIMELINE_EVENTS = (
    "signed", "sent", "custody", "delivered", "received", "opened", "held", "refused", "expired", "exported",
)  # fmt: skip
HELD_REASONS = (
    "unknown-request",
    "third-state-without-referral",
    "clock-ahead",
    "unknown-handling-instruction",
    "unknown-kind",
    "unknown-restriction",
    "other-case",
    "released-without-consent",
    "signer-revoked",
    "mandate-over",
)
_SHORT = 13  # of an envelope id; threads of one second share a beginning and are shown whole


def short(identifier: str) -> str:
    """Return the beginning of an envelope id, long enough to name it again."""
    return identifier[:_SHORT]


def handling_line(codes: Sequence[str]) -> Text:
    """Return handling instructions as they stand on every sheet: bold, and loud without colour too."""
    return Text("\n".join(f"!! {code.upper()} !!" for code in codes), style="bold")


def case_list(cases: Sequence[desk_pb2.CaseSummary]) -> RenderableType:
    """Return the cases, one a row."""
    table = table_of(
        _("case"),
        _("about"),
        _("state"),
        _("members"),
        _("our number"),
        _("their number"),
        _("items"),
        _("due"),
    )
    for case in cases:
        table.add_row(
            _case_name(case),
            kind_words(case.opened_with),
            code_of(case, "state"),
            ", ".join(case.members),
            printable(case.our_file_number),
            printable(case.their_file_number),
            _items(case),
            case.due_on,
        )
    return Group(table, Text(plural("{n} case", "{n} cases", len(cases))))


def _case_name(case: desk_pb2.CaseSummary) -> Text:
    text = Text(case.thread)
    if case.urgent:
        text.append(f" {_('urgent')}", style="bold")
    return handled(text, case)


def handled(name: Text, shown: desk_pb2.CaseSummary | office_pb2.ReleaseLine | search_pb2.MarkHit) -> Text:
    """Return the name of what a row shows, with how it is to be handled, and that it is an exercise if it is one."""
    if shown.exercise:
        name.append(" ")
        name.append_text(exercise_band())
    if shown.handling:
        name.append("\n")
        name.append(handling_line(codes_of(shown, "handling")))
    return name


def _items(case: desk_pb2.CaseSummary) -> str:
    """Return how many items are answered of those asked about, or how many there are where nothing was asked."""
    asked = [item for item in case.items if item.asked or item.answers]
    if not asked:
        return str(len(case.items)) if case.items else ""
    return f"{sum(any(answer.final for answer in item.answers) for item in asked)}/{len(asked)}"


def timeline(events: Sequence[desk_pb2.TimelineEvent]) -> RenderableType:
    """Return what happened, oldest first, and where it is proved."""
    table = table_of(_("when"), _("what"), _("message"), _("who"), _("other"), _("proved in"))
    for event in events:
        proof = f"{event.log} #{event.log_index}" if event.HasField("log_index") else ""
        table.add_row(
            moment(event.at),
            coded("event", event.event),
            kind_words(event.kind),
            printable(event.actor),
            event.other_member,
            proof,
        )
    return table


def held_list(mails: Sequence[desk_pb2.HeldMail]) -> RenderableType:
    """Return held mail with the reason why it waits."""
    if not mails:
        return Text(_("No mail is held."))
    table = table_of(_("envelope"), _("from"), _("message"), _("received"), _("why it is held"))
    for mail in mails:
        table.add_row(
            short(mail.envelope_id),
            mail.from_member,
            _marked(kind_words(mail.kind), exercise=mail.exercise),
            moment(mail.received_at),
            coded("held", mail.reason),
        )
    return Group(table, Text(_("Decide with: tracepost trace held ENVELOPE --take-up or --set-aside")))


def _marked(words: str, *, exercise: bool) -> Text:
    return Text.assemble(words, " ", exercise_band()) if exercise else Text(words)


def directory(lines: Sequence[desk_pb2.DirectoryLine]) -> RenderableType:
    """Return the members of the trust list and what is known of them."""
    table = table_of(
        _("member"),
        _("type"),
        _("name"),
        _("desks"),
        _("languages"),
        _("entry until"),
        _("road"),
        _("hosted by"),
        _("mandate until"),
    )
    for line in lines:
        table.add_row(
            line.member,
            coded("member_type", line.member_type),
            printable(line.name),
            ", ".join(line.desks),
            ", ".join(line.languages),
            moment(line.expires_at) if line.known else _("no entry yet"),
            line.via,
            line.hosted_by,
            line.mandate_until,
        )
    return table


def submission(one: desk_pb2.Submission) -> RenderableType:
    """Return what became of a draft: its case, the roads it takes, what was not sent."""
    told = _readings(one) if one.readings else _sent(one)
    return Group(exercise_band(), told) if one.exercise else told


def _sent(one: desk_pb2.Submission) -> RenderableType:
    lines: list[RenderableType] = [_release_words(one)]
    lines.append(Text(f"{_('case')}: {one.thread}"))
    lines.append(Text(f"{_('statement')}: {one.statement}"))
    lines.append(dispatches(one.dispatches))
    if one.unsent:
        lines.append(Text(_("Not sent:"), style="bold"))
        lines.append(_unsent(one.unsent))
    return Group(*lines)


def _release_words(one: desk_pb2.Submission) -> Text:
    """Return whether it went, and if not, what it waits for."""
    until = moment(one.release_until) if one.release_until else ""
    if one.release_state == desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER:
        words = _("Signed, not sent: another officer of the desk must approve it (tracepost release list).")
        return Text(words, style="bold yellow")
    if one.release_state == desk_pb2.RELEASE_STATE_DELAYED:
        words = _(
            "Signed, not sent: the desk has no second officer. It goes on {until} unless it is stopped."
        )
        return Text(words.format(until=until), style="bold yellow")
    if one.release_state == desk_pb2.RELEASE_STATE_RELEASED_FOR_REVIEW:
        words = _("Signed and queued as urgent. A second officer must review it by {until}.")
        return Text(words.format(until=until), style="bold yellow")
    if one.release_state == desk_pb2.RELEASE_STATE_RELEASED_WITH_NOTICE:
        return Text(_("Signed and queued. The desk that oversees yours is told."), style="bold green")
    return Text(_("Signed and queued."), style="bold green")


def dispatches(roads: Iterable[desk_pb2.Dispatch]) -> RenderableType:
    """Return where a message is on its way to each addressee."""
    return Group(*(Text(f"{road.to}: {code_of(road, 'state')} ({_('by')} {road.via})") for road in roads))


def _unsent(fields: Iterable[desk_pb2.Unsent]) -> Table:
    table = table_of(_("member"), _("field"), _("why"))
    for field in fields:
        table.add_row(field.to, field.path, code_of(field, "ground"))
    return table


def _readings(one: desk_pb2.Submission) -> RenderableType:
    table = table_of(_("member"), _("desk"), _("fields"))
    for reading in one.readings:
        table.add_row(reading.member, reading.desk, "\n".join(reading.paths))
    parts: list[RenderableType] = [Text(_("Only a preview: nothing was sent."), style="bold"), table]
    if one.unsent:
        parts.append(_unsent(one.unsent))
    return Group(*parts)


def submissions(many: Sequence[desk_pb2.Submission]) -> RenderableType:
    """Return what became of each of several drafts."""
    if len(many) == 1 and not many[0].HasField("problem"):
        return submission(many[0])
    table = table_of(_("number"), _("case"), _("roads"), _("refused because"))
    for number, one in enumerate(many, start=1):
        roads = ", ".join(f"{dispatch.to}: {code_of(dispatch, 'state')}" for dispatch in one.dispatches)
        if one.HasField("release_state") and not one.dispatches:
            roads = code_of(one, "release_state")
        why = f"{one.problem.words} {one.problem.where}".strip() if one.HasField("problem") else ""
        table.add_row(str(number), one.thread, roads, printable(why))
    return table


def audit(events: Sequence[desk_pb2.AuditEvent]) -> RenderableType:
    """Return audit events in their order."""
    table = table_of(_("number"), _("when"), _("who"), _("what"), _("subject"), _("outcome"))
    for event in events:
        table.add_row(
            str(event.number),
            moment(event.at),
            printable(event.actor),
            event.action,
            printable(event.subject),
            event.outcome,
        )
    return table


def table_of(*headings: str) -> Table:
    """Return an empty table with these headings, in the form of all our tables."""
    table = Table(box=None, pad_edge=False, header_style="bold cyan")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
