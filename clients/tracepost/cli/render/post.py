"""How mail travels, as people read it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.render.fields import code_of, moment
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, kind_words, plural
from tracepost.locale.values import printable
from tracepost.wire.v1 import delivery_pb2, desk_pb2

_ID_SHOWN = 12
_OPEN = (
    delivery_pb2.NUMBER_STANDING_ASSIGNED_NO_CUSTODY,
    delivery_pb2.NUMBER_STANDING_CUSTODY_NOT_DELIVERED,
    delivery_pb2.NUMBER_STANDING_IN_POUCH,
    delivery_pb2.NUMBER_STANDING_NOT_ARRIVED,
)


def post_sheet(post: delivery_pb2.PostView) -> RenderableType:
    """Return queues, blocks and what somebody should see to."""
    lines: list[RenderableType] = []
    if post.maintenance.on:
        lines.append(maintenance_line(post.maintenance))
    if post.blocks:
        lines.append(blocks(post.blocks))
    lines.append(queues(post.queues))
    if post.dead_letters:
        words = plural(
            "{n} message came to no end: tracepost post dead.",
            "{n} messages came to no end: tracepost post dead.",
            post.dead_letters,
        )
        lines.append(Text(words, style="bold yellow"))
    return Group(*lines)


def queues(found: Sequence[delivery_pb2.QueueLine]) -> RenderableType:
    """Return what waits for whom, a line for each road and lane."""
    if not found:
        return Text(_("No mail waits."))
    table = table_of(_("for"), _("road"), _("lane"), _("queued"), _("with relay"), _("in a pouch"))
    for one in found:
        counts = map(str, (one.queued, one.with_relay, one.in_pouch))
        style = "bold" if one.lane == 2 else ""
        table.add_row(one.to, one.via, code_of(one, "lane"), *counts, style=style)
    return table


def dead_letters(found: Sequence[delivery_pb2.DeadLetter]) -> RenderableType:
    """Return mail that came to no end, a line each."""
    if not found:
        return Text(_("No mail of ours came to no end."))
    table = table_of(
        _("envelope"),
        _("to"),
        _("kind"),
        _("desk"),
        _("road"),
        _("state"),
        _("reason"),
        _("queued"),
        _("ended"),
    )
    for one in found:
        table.add_row(
            one.envelope_id[:_ID_SHOWN],
            one.to,
            kind_words(one.kind),
            one.desk,
            one.via,
            code_of(one, "state"),
            printable(one.reason),
            moment(one.queued_at),
            moment(one.ended_at),
        )
    return table


def sent_letters(found: delivery_pb2.ListSentMailResponse) -> RenderableType:
    """Return what a desk sent, a line for each addressee."""
    if not found.letters:
        return Text(_("There is none of your desk's."))
    table = table_of(
        _("case"), _("kind"), _("to"), _("road"), _("state"), _("reason"), _("since"), _("newest reply")
    )
    for one in found.letters:
        reply = f"{kind_words(one.reply_kind)} {moment(one.replied_at)}" if one.reply_kind else ""
        table.add_row(
            one.thread,
            kind_words(one.kind),
            one.to,
            one.via,
            code_of(one, "state"),
            printable(one.reason),
            moment(one.changed_at),
            reply,
            style="bold yellow" if one.reason or one.state == desk_pb2.MAIL_STATE_EXPIRED else "",
        )
    if not found.next_page_token:
        return table
    return Group(table, Text(_("There is more: --after {place}").format(place=found.next_page_token)))


def resent(made: delivery_pb2.ResentMail) -> RenderableType:
    """Return that a statement goes once more."""
    words = _("It goes to {member} once more, by {via}, in the envelope {envelope}.")
    one = made.dispatch
    return Text(words.format(member=one.to, via=one.via, envelope=one.envelope_id[:_ID_SHOWN]))


def blocks(found: Sequence[delivery_pb2.MemberBlock]) -> RenderableType:
    """Return members that are blocked here, a line each."""
    table = table_of(_("member"), _("state"), _("reason"), _("by"), _("since"), _("second officer"))
    for one in found:
        style = "bold red" if one.state == delivery_pb2.BLOCK_STATE_BLOCKED else ""
        table.add_row(
            one.member,
            code_of(one, "state"),
            printable(one.reason),
            one.proposed_by,
            moment(one.proposed_at),
            one.approved_by,
            style=style,
        )
    return table


def maintenance_line(made: delivery_pb2.Maintenance) -> RenderableType:
    """Return whether the node takes mail."""
    if not made.on:
        return Text(_("Mail is taken and sent."))
    until = moment(made.until) if made.until else _("somebody turns it off")
    words = _("Maintenance: no mail is taken and none is sent until {until}. By {officer}, since {since}.")
    return Text(words.format(until=until, officer=made.by, since=moment(made.since)), style="bold yellow")


def gaps(found: delivery_pb2.ListGapsResponse) -> RenderableType:
    """Return what became of each number, a line each run."""
    if not found.roads:
        return Text(_("No number was given yet."))
    table = table_of(_("from"), _("to"), _("road"), _("lane"), _("epoch"), _("numbers"), _("state"))
    for road in found.roads:
        for run in road.runs:
            numbers = f"{run.first}–{run.last}" if run.last > run.first else str(run.first)
            table.add_row(
                road.from_member,
                road.to_member,
                road.via,
                code_of(road, "lane"),
                str(road.epoch),
                numbers if run.HasField("last") else f"{run.first} …",
                code_of(run, "standing"),
                style="bold yellow" if run.standing in _OPEN else "",
            )
    more = Text(_("There is more than fits here: ask for one member."), style="yellow")
    return Group(table, more) if found.cut_off else table
