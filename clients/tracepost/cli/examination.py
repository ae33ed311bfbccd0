"""What `tracepost doctor` looks at: papers, clock, the way to the node, the node itself.

Every finding says what is the matter and what to do. Nothing is changed.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from tracepost.cli.findings import DAY_SECONDS, WARN_DAYS, Finding, Level, expiry, failed, look_at_disk
from tracepost.cli.options import NodeOptions
from tracepost.cli.profile import Profile, read_profile
from tracepost.cli.render.fields import when
from tracepost.cli.session import open_client, read_papers
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import TracepostError, UnreachableError
from tracepost.protocol.identity import Role, unix_seconds, verify_identity
from tracepost.sdk import OfficerPapers
from tracepost.sdk.failures import Far
from tracepost.sdk.handshake import HYBRID_GROUPS, Negotiated, Tap, offer_tls12
from tracepost.sdk.transport import node_name
from tracepost.wire.v1 import desk_pb2

_MANDATE = "mandate "
_WARN_DAYS_RENEWED = 7
_RENEWED = ("trust list", "revocation list", "directory entry")  # made anew by themselves, or by others
_CLOCK_WARN_SECONDS, _CLOCK_FAIL_SECONDS = 60, 300  # five minutes ahead, and mail is held
_SILENT_WARN_SECONDS = DAY_SECONDS


async def examine(options: NodeOptions) -> AsyncIterator[Finding]:
    """Yield findings in the order in which things depend on each other; stop where no more is seen."""
    try:
        profile = read_profile(options.profile)
        papers = read_papers(profile)
    except TracepostError as fault:
        yield failed("profile", fault)
        return
    yield Finding("profile", Level.OK, f"{profile.path}: {profile.member}.{profile.domain}")
    now = int(time.time())
    for finding in _look_at_papers(profile, papers, now):
        yield finding
    yield look_at_disk("disk here", shutil.disk_usage(Path.cwd()).free)
    async for finding in _look_at_node(profile, options):
        yield finding


def _look_at_papers(profile: Profile, papers: OfficerPapers, now: int) -> Iterator[Finding]:
    leaf, *intermediates = papers.certificates()
    try:
        identity = verify_identity(
            leaf, intermediates, papers.roots(), at=now, domain=profile.domain, revoked=None
        )
    except TracepostError as fault:
        yield failed("certificate", fault)
    else:
        mine = identity.member == profile.member and identity.role is Role.OFFICER
        words = f"{identity.label}.{identity.member}" + (
            f", {', '.join(identity.desks)}" if identity.desks else ""
        )
        remedy = "" if mine else _("Use an officer's certificate of the profile's member.")
        yield Finding("certificate", Level.OK if mine else Level.FAIL, words, remedy)
    yield expiry("certificate expires", unix_seconds(leaf.not_valid_after_utc), now)
    for root in papers.roots():
        yield expiry("root expires", unix_seconds(root.not_valid_after_utc), now)


async def _look_at_node(profile: Profile, options: NodeOptions) -> AsyncIterator[Finding]:
    old = await offer_tls12(profile.address, node_name(profile.member, profile.domain))
    async with Tap(profile.address) as tap, open_client(profile, options.desk, tap.address) as client:
        sent = time.time()
        try:
            status = await client.get_status()
        except TracepostError as fault:
            # The tap ends a connection that leads nowhere: that was not the node.
            silent = UnreachableError(where=profile.address, reason=f"{Far.NODE}-silent")
            yield failed("node", fault if tap.reached else silent)
            return
        finally:
            negotiated = tap.negotiated()
    took_ms = round((time.time() - sent) * 1000)
    yield Finding("node", Level.OK, f"{profile.address}: {status.member} {status.version}, {took_ms} ms")
    yield _look_at_tls(negotiated, takes_tls12=old)
    for finding in _look_at_status(status, round((sent + time.time()) / 2)):
        yield finding


def _look_at_tls(negotiated: Negotiated | None, *, takes_tls12: bool) -> Finding:
    if takes_tls12:
        return Finding(
            "TLS",
            Level.FAIL,
            _("The node takes TLS 1.2."),
            _("Bring the node up to date; it must refuse it."),
        )
    if negotiated is None or negotiated.version != "TLSv1.3":
        return Finding(
            "TLS", Level.FAIL, _("No TLS 1.3 was seen."), _("Look for a device in between that ends TLS.")
        )
    words = f"{negotiated.version}, {negotiated.group}"
    if negotiated.group not in HYBRID_GROUPS:
        return Finding(
            "TLS", Level.WARN, words, _("Without ML-KEM, what is recorded today may be read one day.")
        )
    return Finding("TLS", Level.OK, words)


def _look_at_status(status: desk_pb2.NodeStatus, now: int) -> Iterator[Finding]:
    if status.HasField("clock"):
        yield _look_at_clock(status.clock - now)
    for desk in status.desks:
        remedy = "" if desk.unlocked else _("An officer of the desk unlocks it: tracepost node unlock DESK.")
        words = _("unlocked") if desk.unlocked else _("locked")
        yield Finding(f"desk {desk.desk}", Level.OK if desk.unlocked else Level.WARN, words, remedy)
    for peer in status.peers:
        yield _look_at_peer(peer, now)
    if status.held:
        yield Finding(
            "held mail",
            Level.WARN,
            plural("{n} waits", "{n} wait", status.held),
            _("Decide: tracepost trace held."),
        )
    yield from _look_at_releases(status)
    yield from _look_at_post(status)
    yield from _look_at_logs(status)
    for paper in status.papers:
        if paper.name.startswith(_MANDATE):
            yield _mandate(paper.name.removeprefix(_MANDATE), paper.expires_at, now)
            continue
        # Certificates are asked for by people; lists and entries are made anew by themselves.
        warn_days = _WARN_DAYS_RENEWED if paper.name.startswith(_RENEWED) else WARN_DAYS
        yield expiry(f"{paper.name} expires", paper.expires_at, now, warn_days)
    if status.HasField("disk_free_bytes"):
        yield look_at_disk("disk of the node", status.disk_free_bytes)
    if status.unwritable:
        words = _("The node cannot write there: {places}.").format(places=", ".join(status.unwritable))
        remedy = _("Make room on that disk, or mend it; the node goes on by itself.")
        yield Finding("folders of the node", Level.FAIL, words, remedy)
    remedy = (
        "" if status.escrow_tried else _("Try the shares before mail depends on them: tracepost node escrow.")
    )
    words = _("tried") if status.escrow_tried else _("never tried")
    yield Finding("key escrow", Level.OK if status.escrow_tried else Level.FAIL, words, remedy)


def _look_at_clock(ahead_seconds: int) -> Finding:
    words = plural("{n} second apart", "{n} seconds apart", abs(ahead_seconds))
    if abs(ahead_seconds) < _CLOCK_WARN_SECONDS:
        return Finding("clock", Level.OK, words)
    level = Level.FAIL if abs(ahead_seconds) >= _CLOCK_FAIL_SECONDS else Level.WARN
    return Finding(
        "clock", level, words, _("Set both clocks by NTP; mail from a fast clock is held by its readers.")
    )


def _look_at_releases(status: desk_pb2.NodeStatus) -> Iterator[Finding]:
    if status.releases_waiting:
        words = plural("{n} waits", "{n} wait", status.releases_waiting)
        yield Finding("release by a second officer", Level.WARN, words, _("Decide: tracepost release list."))
    if status.deletions_waiting:
        words = plural("{n} waits", "{n} wait", status.deletions_waiting)
        yield Finding("deletion", Level.WARN, words, _("Decide: tracepost deletion list."))
    if status.reviews_due:
        words = plural("{n} waits", "{n} wait", status.reviews_due)
        if status.reviews_overdue:
            words = f"{words}; {plural('{n} is overdue', '{n} are overdue', status.reviews_overdue)}"
        level = Level.FAIL if status.reviews_overdue else Level.WARN
        yield Finding("review of urgent mail", level, words, _("Look at what went: tracepost release list."))


def _look_at_post(status: desk_pb2.NodeStatus) -> Iterator[Finding]:
    if status.dead_letters:
        words = plural("{n} came to no end", "{n} came to no end", status.dead_letters)
        yield Finding("dead letters", Level.WARN, words, _("See them: tracepost post dead."))
    if status.maintenance_since:
        words = f"{_('since')} {when(status.maintenance_since)}"
        yield Finding("maintenance", Level.WARN, words, _("When it is over: tracepost node maintenance off."))
    if status.blocked:
        words = ", ".join(status.blocked)
        yield Finding("blocked members", Level.OK, words)
    if status.policy_base_changed:
        words = _("They were checked against another base set: tracepost policy show.")
        yield Finding(
            "own policies",
            Level.WARN,
            words,
            _("Compare, and put them in force again: tracepost policy diff."),
        )


def _look_at_logs(status: desk_pb2.NodeStatus) -> Iterator[Finding]:
    entries = plural("{n} entry", "{n} entries", status.log_size)
    if status.log_damaged:
        words = f"{entries}; {_('what lies on the disk is not what was written')}"
        remedy = _(
            "Look at the disk, and at log-damaged in the node's log lines; put a backup back on another machine."
        )
        yield Finding("log", Level.FAIL, words, remedy)
    elif status.head_unchecked:
        words = f"{entries}; {_('nobody could be asked whether it is whole')}"
        yield Finding(
            "log", Level.WARN, words, _("It is asked again by itself, once a relay or peer is reached.")
        )
    elif status.quorum_missing:
        words = f"{entries}; {_('cosigned by')} {', '.join(status.log_witnesses) or _('nobody')}"
        yield Finding(
            "log",
            Level.WARN,
            words,
            _("Fewer than the settings ask for: look at the roads to the witnesses."),
        )
    else:
        yield Finding("log", Level.OK, entries)
    for peer in status.peers:
        if peer.log_contradicts:
            remedy = _(
                "Mail with it stands still: tell the stewards. See TracepostLogContradicts in deploy/alerts.md."
            )
            yield Finding(f"log of {peer.member}", Level.FAIL, _("contradicts itself"), remedy)
    apart = {
        peer.member: peer.clock_offset_seconds
        for peer in status.peers
        if peer.HasField("clock_offset_seconds")
    }
    if apart:
        yield _look_at_clocks(apart)


def _look_at_clocks(apart: Mapping[str, int]) -> Finding:
    """Judge the node's clock by those of everybody who cosigned its log; one that is wrong alone is theirs."""
    least = min(map(abs, apart.values()))
    words = ", ".join(f"{member} {seconds:+d} s" for member, seconds in sorted(apart.items()))
    if least >= _CLOCK_WARN_SECONDS:
        level = Level.FAIL if least >= _CLOCK_FAIL_SECONDS else Level.WARN
        return Finding("clock against others", level, words, _("The node's clock is wrong: set it by NTP."))
    if max(map(abs, apart.values())) >= _CLOCK_WARN_SECONDS:
        return Finding(
            "clock against others", Level.WARN, words, _("Tell its operator; the others agree with us.")
        )
    return Finding("clock against others", Level.OK, words)


def _look_at_peer(peer: desk_pb2.PeerStatus, now: int) -> Finding:
    road = f", {_('by')} {peer.via}" if peer.via else ""
    words = f"{_('queued')} {peer.queued}, {_('with relay')} {peer.with_relay}{road}"
    if peer.last_problem:
        return Finding(
            f"peer {peer.member}",
            Level.WARN,
            f"{words}; {peer.last_problem}",
            _("Mail waits and goes later."),
        )
    waiting = peer.queued and now - peer.last_contact > _SILENT_WARN_SECONDS
    if waiting:
        seen = when(peer.last_contact) if peer.last_contact else _("never")
        return Finding(
            f"peer {peer.member}", Level.WARN, f"{words}; {_('last contact')} {seen}", _("Call its operator.")
        )
    return Finding(f"peer {peer.member}", Level.OK, words)


def _mandate(member: str, at: int, now: int) -> Finding:
    """Say how long a panel or peace operation is in office: what it holds outlives its mandate."""
    subject, days = f"mandate {member}", (at - now) // DAY_SECONDS
    if at <= now:
        remedy = _("See what it holds, and take it back: tracepost trace holders --held-by MEMBER.")
        return Finding(subject, Level.WARN, _("It is over: nothing is sealed to it any more."), remedy)
    words = f"{when(at)} ({plural('in {n} day', 'in {n} days', days)})"
    if days < WARN_DAYS:
        remedy = _("Settle what becomes of its cases; afterwards nothing is sealed to it.")
        return Finding(subject, Level.WARN, words, remedy)
    return Finding(subject, Level.OK, words)
