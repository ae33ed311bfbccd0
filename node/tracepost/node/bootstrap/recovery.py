"""To go on after a store was put back: a new epoch of the log, and the newest papers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

import grpc

from tracepost.node.adapters.sql.store import open_store
from tracepost.node.bootstrap.keys import Clock, load_keys, unix_clock
from tracepost.node.bootstrap.tls import OwnTls, asker_of, asker_to_resume, places_to_ask, tls_papers
from tracepost.node.config import NodeConfig
from tracepost.node.handlers.keeping.papers_store import take_and_keep
from tracepost.node.own_papers import load_all_papers
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.resuming import keep_owed
from tracepost.node.recovery import MachineLogKeys, begin_log
from tracepost.node.restored import clear_mark, is_marked
from tracepost.protocol.errors import ConfigurationError, EvidenceError, TracepostError
from tracepost.protocol.evidence import LogVerifier
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import MemberId
from tracepost.serving.announced import COLLECT, DELIVER, read_announcements
from tracepost.serving.credentials import open_channel
from tracepost.serving.log_keys import make_next_key, take_over
from tracepost.serving.own_head import (
    AHEAD_NAME,
    ANSWER_WITHIN_S,
    ASKED_AT_ONCE,
    ShownHead,
    ask_for_heads,
    kept_heads,
    newest_lost,
)
from tracepost.serving.storage.durable_file import replace_file
from tracepost.wire.v1.post_pb2 import Announcement, ResumeRequest

_QUIET_S = 2.0


# ── recovering ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Recovered:
    """A log that was begun anew: the last head of the old one, the key for the trust list, what was done.

    `entered` counts mails of ours that are proved by the new log now, `asked` those who told of heads and papers.
    """

    epoch: int
    old_head: str
    old_size: int
    lost: int
    log_key: str
    entered: int
    asked: int
    papers: int


async def recover_node(
    config: NodeConfig, *, heads: Sequence[str] = (), anyway: bool = False, clock: Clock = unix_clock
) -> Recovered:
    """Begin a new log for the node of `config`, which does not run (`recovery`).

    Args:
        config: its settings.
        heads: signed heads of the old log that were brought by hand.
        anyway: also if nobody knows a head beyond the store.
        clock: gives unix seconds.

    Raises:
        ConfigurationError: nothing is to be recovered.
    """
    keys = load_keys(config, recovering=True)
    url = config.store_url
    store = await open_store(url, keys.log, earlier=keys.ended_logs)
    try:
        papers = await load_all_papers(config, store, clock())
        tls, places = tls_papers(config, keys, papers), places_to_ask(config, papers)
        answers = await ask_for_heads(asker_of(config, tls, str(keys.log.origin)), places)
        own = store.evidence.head
    finally:
        await store.close()
    notes = [*heads, *kept_heads(config.folder), *answers]
    try:
        note, newest = newest_lost(own, notes, LogVerifier([keys.log.vkey]), anyway=anyway)
    except ConfigurationError:
        if is_marked(config.folder):
            _require_all_to_know(own, answers, len(places[:ASKED_AT_ONCE]), keys.log.vkey)
            clear_mark(config.folder)
        raise
    log_keys = MachineLogKeys(keys.store)
    new = make_next_key(log_keys, keys.log)
    store = await open_store(url, new, earlier=[*keys.ended_logs, keys.log])
    try:
        entered = 0
        if not store.evidence.head.size:
            entered = await store.write(lambda tx: begin_log(tx, note, clock(), os.urandom))
        taken = await _fetch_papers(config, tls, papers, store, clock)
        taken += await _fetch_own_crl(config, tls, papers, store, clock)
        owed = _members_to_ask(config, papers)
        await store.write(lambda tx: keep_owed(tx, owed))
    finally:
        await store.close()
    clear_mark(config.folder)  # before the new key is in use: until then nothing starts anyhow
    take_over(log_keys, keys.log, new)
    (config.folder / AHEAD_NAME).unlink(missing_ok=True)
    lost = newest.size - own.size
    return Recovered(
        new.origin.epoch, note, newest.size, max(lost, 0), new.vkey, entered, len(answers), taken
    )


def _require_all_to_know(own: ShownHead, answers: Sequence[str], asked: int, vkey: str) -> None:
    """Refuse to let a restored node go on under its old log, unless nothing can have come after the backup.

    It had been stopped when the backup was made: all that were asked answer, nobody knows more, and somebody
    knows just this. Who knows less, or nothing, does not tell what was signed since.
    """
    known = set()
    for note in answers:
        with suppress(EvidenceError):
            known.add(LogVerifier([vkey]).open(note).size)
    if len(answers) < asked or own.size not in known:
        raise ConfigurationError(
            f"nobody can tell what came after the backup: {len(answers)} of {asked} answered",
            where="store",
            reason="head-unknown",
            remedy="Ask again when more of the others can be reached; or begin a new log with --anyway.",
        )


async def _fetch_papers(config: NodeConfig, tls: OwnTls, papers: Papers, store: Store, clock: Clock) -> int:
    """Take in what relays and peers announce when a stream opens; return how many papers were new."""
    announcing = Announcing(config.member, papers, store, clock, lambda _: None)
    relays = {relay.member for relay in config.relays}
    taken: list[str] = []
    for peer, address in places_to_ask(config, papers)[:ASKED_AT_ONCE]:
        method = COLLECT if peer in relays else DELIVER
        with suppress(TracepostError, grpc.aio.AioRpcError):
            name = dns_name(Role.NODE, peer, config.domain)
            async with open_channel(address, tls.for_peer(peer), name, proxy=config.post.proxy) as channel:
                async for one in read_announcements(channel, method):
                    taken += await announcing.take([one], peer)
    return len(taken)


async def _fetch_own_crl(config: NodeConfig, tls: OwnTls, papers: Papers, store: Store, clock: Clock) -> int:
    """Take the newest list of our own authority that others were shown; return how many were newer.

    Ours may be as old as the backup, and would un-revoke in our own house what was revoked since.
    """
    ask, newer = asker_to_resume(config, tls), 0
    for peer, address in places_to_ask(config, papers)[:ASKED_AT_ONCE]:
        with suppress(TracepostError, TimeoutError):
            async with (
                asyncio.timeout(ANSWER_WITHIN_S),
                aclosing(ask(peer, address, ResumeRequest(papers_only=True))) as answers,
            ):
                async for one in answers:
                    newer += await _take_own_crl(config, one.papers, papers, store, clock())
    return newer


async def _take_own_crl(
    config: NodeConfig, shown: Announcement, papers: Papers, store: Store, now: int
) -> bool:
    if not shown.crl:
        return False
    ours = Announcement(member=config.member, crl=shown.crl)
    taken = await take_and_keep(store, papers, ours, now)
    if taken:
        replace_file(config.crl_path, shown.crl)
    return bool(taken)


def _members_to_ask(config: NodeConfig, papers: Papers) -> frozenset[MemberId]:
    """Return the members that have a directory entry: with these we may have had mail."""
    return frozenset(entry.member for entry in papers.entries()) - {config.member}
