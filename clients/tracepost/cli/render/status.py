"""How a node is, on one sheet."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.render.fields import codes_of, when
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, plural
from tracepost.locale.values import printable
from tracepost.wire.v1 import desk_pb2

_PROOF_LATE_S = 3600


def status_sheet(status: desk_pb2.NodeStatus) -> RenderableType:
    """Return desks, peers and papers as tables, and what waits for somebody."""
    lines: list[RenderableType] = [Text(f"{status.member} {status.version}", style="bold")]
    lines.append(_desks(status))
    if status.peers:
        lines.append(_peers(status))
    if status.papers:
        lines.append(_papers(status))
    lines.append(Text(plural("{n} log entry", "{n} log entries", status.log_size)))
    if status.held:
        lines.append(
            Text(plural("{n} message is held.", "{n} messages are held.", status.held), style="bold yellow")
        )
    lines.extend(_logs(status))
    lines.extend(_releases(status))
    lines.extend(_post(status))
    if status.HasField("policy_version"):
        lines.append(Text(_("Own policies: version {version}").format(version=status.policy_version)))
    if status.policy_base_changed:
        lines.append(
            Text(_("They were checked against another base set: tracepost policy show."), style="yellow")
        )
    if not status.escrow_tried:
        lines.append(Text(_("The key escrow was never tried."), style="bold red"))
    return Group(*lines)


def _releases(status: desk_pb2.NodeStatus) -> Iterator[RenderableType]:
    if status.releases_waiting:
        words = plural(
            "{n} message of ours waits to be released: tracepost release list.",
            "{n} messages of ours wait to be released: tracepost release list.",
            status.releases_waiting,
        )
        yield Text(words, style="bold yellow")
    if status.deletions_waiting:
        words = plural(
            "{n} deletion waits for another officer: tracepost deletion list.",
            "{n} deletions wait for another officer: tracepost deletion list.",
            status.deletions_waiting,
        )
        yield Text(words, style="bold yellow")
    if status.reviews_due:
        words = plural(
            "{n} urgent message is to be reviewed.",
            "{n} urgent messages are to be reviewed.",
            status.reviews_due,
        )
        yield Text(words, style="bold yellow")
    if status.release_notices:
        words = plural(
            "{n} message of a desk under oversight went and is to be seen.",
            "{n} messages of desks under oversight went and are to be seen.",
            status.release_notices,
        )
        yield Text(words, style="yellow")
    if status.reviews_overdue:
        words = plural("{n} review is overdue.", "{n} reviews are overdue.", status.reviews_overdue)
        yield Text(words, style="bold red")


def _post(status: desk_pb2.NodeStatus) -> Iterator[RenderableType]:
    if status.maintenance_since:
        words = _("Maintenance since {since}: no mail is taken and none is sent.")
        yield Text(words.format(since=when(status.maintenance_since)), style="bold yellow")
    if status.unwritable:
        words = _("The node cannot write there: {places}.").format(places=", ".join(status.unwritable))
        yield Text(words, style="bold red")
    if status.blocked:
        words = _("Blocked here: {members}.").format(members=", ".join(status.blocked))
        yield Text(words, style="bold yellow")
    if status.in_pouches:
        words = plural(
            "{n} message is in a pouch and not answered: tracepost pouch list.",
            "{n} messages are in pouches and not answered: tracepost pouch list.",
            status.in_pouches,
        )
        yield Text(words)
    if status.dead_letters:
        words = plural(
            "{n} message came to no end: tracepost post dead.",
            "{n} messages came to no end: tracepost post dead.",
            status.dead_letters,
        )
        yield Text(words, style="bold yellow")


def _logs(status: desk_pb2.NodeStatus) -> Iterator[RenderableType]:
    if status.head_unchecked:
        words = _("Head unchecked: nobody could be asked whether our evidence log is longer elsewhere.")
        yield Text(words, style="bold yellow")
    if status.log_damaged:
        words = plural(
            "{n} tile of our evidence log is damaged in the store: stop, and restore it (deploy/README.md).",
            "{n} tiles of our evidence log are damaged in the store: stop, and restore it (deploy/README.md).",
            status.log_damaged,
        )
        yield Text(words, style="bold red")
    if status.quorum_missing:
        words = _("Too few witnesses cosigned the newest head of our evidence log.")
        yield Text(words, style="bold yellow")
    for peer in status.peers:
        if peer.log_contradicts:
            words = _(
                "The evidence log of {member} contradicts itself. We do not talk with it: tracepost log audit."
            )
            yield Text(words.format(member=peer.member), style="bold red")
        elif peer.heads_unproved and status.clock - peer.unproved_since > _PROOF_LATE_S:
            words = _("{member} has not proved since {since} that its evidence log only grows.")
            yield Text(words.format(member=peer.member, since=when(peer.unproved_since)), style="bold yellow")


def _desks(status: desk_pb2.NodeStatus) -> RenderableType:
    table = table_of(_("desk"), _("state"), _("competences"))
    for desk in status.desks:
        state = Text(_("unlocked"), style="green") if desk.unlocked else Text(_("locked"), style="yellow")
        table.add_row(desk.desk, state, ", ".join(codes_of(desk, "competences")))
    return table


def _peers(status: desk_pb2.NodeStatus) -> RenderableType:
    table = table_of(_("peer"), _("road"), _("queued"), _("with relay"), _("last contact"), _("last problem"))
    for peer in status.peers:
        seen = when(peer.last_contact) if peer.last_contact else _("never")
        table.add_row(
            peer.member, peer.via, str(peer.queued), str(peer.with_relay), seen, printable(peer.last_problem)
        )
    return table


def _papers(status: desk_pb2.NodeStatus) -> RenderableType:
    table = table_of(_("paper"), _("expires"))
    for paper in status.papers:
        table.add_row(paper.name, when(paper.expires_at))
    return table
