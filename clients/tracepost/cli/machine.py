"""What `tracepost doctor --folder` looks at on the node's own machine, whether the node runs or not.

Settings, key files, the machine's clock, disks, the database, certificates with their revocation, trust list and
escrow; then every relay and peer is dialled as the node dials it. A certificate that the trust list does not vouch
for means that something on the way opens the connection: its issuer is named.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tracepost.cli.findings import DAY_SECONDS, Finding, Level, expiry, failed, look_at_disk
from tracepost.cli.render.fields import when
from tracepost.cli.words import _, plural
from tracepost.protocol.certificate import load_chain
from tracepost.protocol.errors import ConfigurationError, IdentityError, TracepostError
from tracepost.protocol.evidence import peek_head
from tracepost.protocol.identity import Role, dns_name, read_identity, unix_seconds, verify_identity

_DRILL_DAYS = 365
_DIALLED_AT_ONCE = 16
_BACKUP_WARN_S, _BACKUP_FAIL_S = 3 * 3600, 26 * 3600


async def examine_machine(folder: Path) -> AsyncIterator[Finding]:
    """Yield findings in the order in which things depend on each other; stop where no more is seen."""
    from tracepost.node.config import load_config
    from tracepost.node.from_outside import StoreReader

    try:
        config = load_config(folder / "node.toml")
    except TracepostError as fault:
        yield failed("settings", fault)
        return
    yield Finding("settings", Level.OK, f"{folder / 'node.toml'}: {config.member}.{config.domain}")
    for finding in (
        look_at_key_files(config.keys),
        look_at_time_service(),
        *look_at_disks(
            {"store": config.folder, "attachments": config.attachments_path, "archive": config.archive_path}
        ),
        look_at_listener(config.desk_address),
    ):
        yield finding
    with closing(StoreReader(config)) as store:
        try:
            facts, papers = store.facts(), await store.papers(_now())
        except TracepostError as fault:
            yield failed("database", fault)
            return
    now = _now()
    for finding in (*_look_at_store(config, facts), *_look_at_certificates(config, papers, now)):
        yield finding
    for finding in (look_at_trust_list(papers.trust, now), *_look_at_escrow(config, now)):
        yield finding
    yield _look_at_backups(config, now)
    for finding in _look_at_telling(config):
        yield finding
    async for finding in _look_at_roads(config, papers, now):
        yield finding


def _now() -> int:
    return int(time.time())


def look_at_key_files(keys: Path) -> Finding:
    """Say whether others than their owner may read the key files of a folder."""
    from tracepost.node.from_outside import loose_files

    try:
        loose = [path.name for path in loose_files(keys)]
    except OSError as error:
        reason = type(error).__name__
        fault = ConfigurationError("the keys cannot be looked at", where=str(keys), reason=reason)
        return failed("key files", fault)
    if loose:
        words = _("others on this machine may read them: {files}").format(files=", ".join(loose))
        remedy = _("Take the right away: chmod -R go= {folder}.").format(folder=keys)
        return Finding("key files", Level.FAIL, words, remedy)
    return Finding("key files", Level.OK, _("readable by their owner alone"))


def look_at_time_service() -> Finding:
    """Say whether somebody keeps the machine's clock."""
    from tracepost.node.from_outside import clock_is_kept

    kept = clock_is_kept()
    if kept is None:
        return Finding(
            "time service",
            Level.WARN,
            _("cannot be asked on this machine"),
            _("See yourself that the clock follows a server."),
        )
    if not kept:
        return Finding(
            "time service",
            Level.WARN,
            _("nobody keeps the clock, as far as the kernel knows"),
            _("Start a time service: chrony, or systemd-timesyncd."),
        )
    return Finding("time service", Level.OK, _("keeps the clock"))


def look_at_disks(places: Mapping[str, Path]) -> Iterator[Finding]:
    """Say of folders, by what lies in them, whether there is room and whether they can be written to."""
    for name, path in places.items():
        if path.exists():
            yield look_at_disk(f"disk of {name}", shutil.disk_usage(path).free)
            yield from _look_at_writing(name, path)


def _look_at_writing(name: str, path: Path) -> Iterator[Finding]:
    if not os.access(path, os.W_OK):
        words = _("cannot be written to by this user, or is read-only")
        yield Finding(
            f"folder of {name}",
            Level.FAIL,
            words,
            _("Run this as the user of the node; else mend the disk or the rights."),
        )


def look_at_listener(address: str) -> Finding:
    """Say whether a process listens where the settings say."""
    host, _colon, port = address.rpartition(":")
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "[::]": "::1"}.get(host, host.strip("[]"))  # noqa: S104 - compared only
    try:
        with socket.create_connection((host, int(port)), 3):
            return Finding("process", Level.OK, _("listens at {address}").format(address=address))
    except OSError:
        words = _("nobody listens at {address}").format(address=address)
        return Finding("process", Level.FAIL, words, _("Look at the last line of its log, then start it."))


def _look_at_store(config: Any, facts: Any) -> Iterator[Finding]:
    words = f"{facts.kind} {facts.version}, {_('tables of step')} {facts.step}"
    if facts.step != facts.our_step:
        remedy = _("Bring program and tables together: see Upgrade in deploy/postgresql.md.")
        yield Finding("database", Level.FAIL, f"{words}, {_('this program knows')} {facts.our_step}", remedy)
    elif not facts.durable:
        yield Finding(
            "database",
            Level.FAIL,
            f"{words}; {_('it may forget what it has acknowledged')}",
            _("Turn on fsync, synchronous_commit and full_page_writes, or the write-ahead log."),
        )
    else:
        yield Finding("database", Level.OK, f"{words}, {_('acknowledges what is on the disk')}")
    yield look_at_log(config.folder, facts.log_size)


def look_at_log(folder: Path, size: int) -> Finding:
    """Say whether a store with `size` entries of the log is as long as the newest head that `folder` knows."""
    from tracepost.serving.own_head import kept_heads

    known = max((peek_head(note).size for note in kept_heads(folder)), default=0)
    words = plural("{n} entry", "{n} entries", size)
    if known > size:
        remedy = _("The store is older than its log. Do not start it: see tracepost log recover.")
        return Finding("log", Level.FAIL, f"{words}; {_('others were shown')} {known}", remedy)
    return Finding("log", Level.OK, words)


def _look_at_certificates(config: Any, papers: Any, now: int) -> Iterator[Finding]:
    from tracepost.node.from_outside import own_certificates, own_names

    found = dict(own_certificates(config))
    for name in own_names(config):
        if name not in found:
            yield Finding(
                f"certificate {name}",
                Level.FAIL,
                _("is missing"),
                _("Ask your authority, then: tracepost node install."),
            )
            continue
        yield _judge(config, papers, name, found[name], now)


def _judge(config: Any, papers: Any, name: str, pem: bytes, now: int) -> Finding:
    subject = f"certificate {name}"
    try:
        leaf, *intermediates = load_chain(pem)
        revoked = papers.revocations()
        roots = papers.roots_of(config.member)
        if config.crl_path.exists():
            revoked = revoked.with_crl(
                config.member, config.crl_path.read_bytes(), roots, domain=config.domain, now=now
            )
        verify_identity(leaf, intermediates, roots, at=now, domain=config.domain, revoked=revoked)
    except TracepostError as fault:
        if fault.reason == "not-yet-valid":
            return Finding(
                subject, Level.FAIL, f"{fault.message}", _("Look at this machine's clock: it may be behind.")
            )
        return failed(subject, fault)
    return expiry(f"{subject} expires", unix_seconds(leaf.not_valid_after_utc), now)


def look_at_trust_list(trust: Any, now: int, remedy: str = "") -> Finding:
    """Say how old the trust list is; `remedy` where a newer one is not loaded as a node loads it."""
    content = trust.content
    remedy = remedy or _("Call a steward; then tracepost trust load FILE.")
    age = plural("{n} day old", "{n} days old", (now - content.issued) // DAY_SECONDS)
    words = _("number {sequence}, {age}, next due {day}").format(
        sequence=trust.sequence, age=age, day=when(content.next_update)
    )
    if now >= content.hard_expiry:
        words = f"{words}; {_('nothing new is trusted any more')}"
        return Finding("trust list", Level.FAIL, words, remedy)
    if now >= content.next_update:
        return Finding("trust list", Level.WARN, words, remedy)
    return Finding("trust list", Level.OK, words)


def _look_at_escrow(config: Any, now: int) -> Iterator[Finding]:
    from tracepost.node.adapters.keystore import FileKeyStore
    from tracepost.node.adapters.machine import read_machine_secret
    from tracepost.node.installation import require_escrow

    try:
        record = require_escrow(
            FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ)), config
        )
    except TracepostError as fault:
        yield failed("key escrow", fault)
        return
    tried = record.tried or 0
    words = _("any {threshold} of {shares} shares; tried {day}").format(
        threshold=record.threshold, shares=record.shares, day=when(tried)
    )
    old = now - tried > _DRILL_DAYS * DAY_SECONDS
    remedy = _("Try the shares again: tracepost node escrow FOLDER.") if old else ""
    yield Finding("key escrow", Level.WARN if old else Level.OK, words, remedy)


def _look_at_backups(config: Any, now: int) -> Finding:
    from tracepost.node.backup.shelf import newest_backup

    if not config.backup.folder:
        words = _("the settings name no folder for them")
        return Finding(
            "backups", Level.WARN, words, _("Set [backup] folder, and a timer that runs tracepost backup.")
        )
    try:
        made = newest_backup(config.folder / config.backup.folder, config.member, now)
    except OSError as error:
        words = _("the folder {folder} cannot be looked at").format(folder=config.backup.folder)
        remedy = _("Look whether its disk or file server is there, and whether this user may read it.")
        return Finding("backups", Level.FAIL, f"{words}: {error.strerror}", remedy)
    if not made:
        return Finding("backups", Level.FAIL, _("there is none"), _("Make one: tracepost backup FOLDER."))
    words = f"{_('the newest is of')} {when(made)}"
    if now - made <= _BACKUP_WARN_S:
        return Finding("backups", Level.OK, words)
    level = Level.FAIL if now - made > _BACKUP_FAIL_S else Level.WARN
    return Finding("backups", level, words, _("Look at the timer; make one now: tracepost backup FOLDER."))


def _look_at_telling(config: Any) -> Iterator[Finding]:
    from tracepost.node.telling.trial import try_server

    told = config.told.names
    if not told:
        yield Finding(
            "telling officers",
            Level.WARN,
            _("nobody is told that something waits"),
            _("Say in [told] who is told when; else look into the inbox by the clock."),
        )
    else:
        desks = ", ".join(one.desk for one in config.desks if one.desk in told)
        yield Finding("telling officers", Level.OK, _("desks that are told: {desks}").format(desks=desks))
    if config.notices.smtp:
        problem = try_server(config)
        words = f"{config.notices.smtp}: {problem}" if problem else config.notices.smtp
        remedy = _("See whether it is there, and whether [notices] has its port, tls and login right.")
        yield Finding("mail server", Level.FAIL if problem else Level.OK, words, remedy if problem else "")


async def _look_at_roads(config: Any, papers: Any, now: int) -> AsyncIterator[Finding]:
    from tracepost.node.bootstrap.tls import places_to_ask
    from tracepost.node.from_outside import dial

    places = places_to_ask(config, papers)[:_DIALLED_AT_ONCE]
    names = [dns_name(Role.NODE, member, config.domain) for member, _address in places]
    dials = (
        asyncio.to_thread(dial, address, name, config.post.proxy)
        for (_member, address), name in zip(places, names, strict=True)
    )
    for (member, address), shown in zip(places, await asyncio.gather(*dials), strict=True):
        yield _judge_road(config, papers, member, address, shown, now)


def _judge_road(config: Any, papers: Any, member: Any, address: str, shown: Any, now: int) -> Finding:  # noqa: PLR0917
    kind = _("relay") if any(relay.member == member for relay in config.relays) else _("peer")
    by = _("by the proxy") if config.post.proxy else _("directly")
    subject = f"{_('road to')} {kind} {member}"
    if shown.certificate is None:
        return Finding(
            subject,
            Level.WARN,
            f"{address} {by}: {shown.problem}",
            _("See whether it or your network is down: its operator, the proxy, the firewall."),
        )
    certificate = shown.certificate
    try:
        if read_identity(certificate, config.domain).member != member:
            raise IdentityError("another member answers there", where=address, reason="other-member")
        verify_identity(
            certificate,
            papers.path_of(certificate, member)[1:-1],
            papers.roots_of(member),
            at=now,
            domain=config.domain,
            revoked=papers.revocations(),
        )
    except TracepostError as fault:
        return _not_theirs(papers, subject, address, certificate, fault)
    return Finding(subject, Level.OK, f"{address} {by}")


def _not_theirs(papers: Any, subject: str, address: str, certificate: Any, fault: TracepostError) -> Finding:
    """Say whether a member's own certificate does not hold, or whether a stranger answered for it."""
    known = {root.subject for one in papers.trust.members for root in one.root_certificates()}
    if certificate.issuer in known:
        return failed(subject, fault)
    issuer = certificate.issuer.rfc4514_string()
    words = _("{address} shows a certificate of {issuer}, which is in no trust list").format(
        address=address, issuer=issuer
    )
    remedy = _("Your network opens the connection: ask for an exception from TLS inspection for {address}.")
    return Finding(subject, Level.FAIL, words, remedy.format(address=address))
