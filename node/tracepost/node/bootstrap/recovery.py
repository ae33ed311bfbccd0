"""To go on after a store was put back: a new epoch of the log, and the newest papers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc

from tracepost.node.adapters.sql.store import open_store
from tracepost.node.bootstrap.keys import Clock, load_keys, unix_clock
from tracepost.node.bootstrap.tls import OwnTls, asker_of, places_to_ask, tls_papers
from tracepost.node.config import NodeConfig
from tracepost.node.own_head import AHEAD_NAME, ANSWER_WITHIN_S, ASKED_AT_ONCE, ask_for_heads
from tracepost.node.own_papers import load_all_papers
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store
from tracepost.node.post.announcing import Announcing
from tracepost.node.recovery import (
    begin_log,
    make_next_key,
    take_over,
)
from tracepost.node.services import post as post_service
from tracepost.protocol.errors import ConfigurationError, EvidenceError, TracepostError
from tracepost.protocol.evidence import Head, LogVerifier
from tracepost.protocol.identity import Role, dns_name
from tracepost.serving.credentials import open_channel
from tracepost.wire.v1.post_pb2 import Frame

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
    ahead = config.folder / AHEAD_NAME
    brought = [*heads, *([ahead.read_text("utf-8")] if ahead.exists() else [])]
    note, newest = _longest([own.note, *brought, *answers], LogVerifier([keys.log.vkey]))
    if newest.size <= own.size and newest.root == own.root and not anyway:
        raise ConfigurationError(
            "nobody knows a head beyond this store",
            where="store",
            reason="nothing-to-recover",
            remedy="Start the node; or say --anyway, if its log key was stolen.",
        )
    new = make_next_key(keys.store, keys.log)
    store = await open_store(url, new, earlier=[*keys.ended_logs, keys.log])
    try:
        entered = 0
        if not store.evidence.head.size:
            entered = await store.write(lambda tx: begin_log(tx, note, clock(), os.urandom))
        taken = await _fetch_papers(config, tls, papers, store, clock)
    finally:
        await store.close()
    take_over(keys.store, keys.log, new)
    ahead.unlink(missing_ok=True)
    lost = newest.size - own.size
    return Recovered(
        new.origin.epoch, note, newest.size, max(lost, 0), new.vkey, entered, len(answers), taken
    )


def _longest(notes: Sequence[str], verifier: LogVerifier) -> tuple[str, Head]:
    """Return the longest head of our log among `notes`; what is none is left."""
    found: list[tuple[str, Head]] = []
    for note in notes:
        try:
            found.append((note, verifier.open(note)))
        except EvidenceError:
            continue
    return max(found, key=lambda one: one[1].size)


async def _fetch_papers(config: NodeConfig, tls: OwnTls, papers: Papers, store: Store, clock: Clock) -> int:
    """Take in what relays and peers announce when a stream opens; return how many papers were new."""
    announcing = Announcing(config.member, papers, store, clock, lambda _: None)
    relays = {relay.member for relay in config.relays}
    taken: list[str] = []
    for peer, address in places_to_ask(config, papers)[:ASKED_AT_ONCE]:
        method = "Collect" if peer in relays else "Deliver"
        with suppress(TracepostError, grpc.aio.AioRpcError, TimeoutError):
            name = dns_name(Role.NODE, peer, config.domain)
            async with open_channel(address, tls.for_peer(peer), name, proxy=config.post.proxy) as channel:
                call: Any = channel.stream_stream(
                    f"/{post_service.DESCRIPTOR.full_name}/{method}",
                    request_serializer=Frame.SerializeToString,
                    response_deserializer=Frame.FromString,
                )()
                wait = ANSWER_WITHIN_S
                while (frame := await asyncio.wait_for(call.read(), wait)) is not grpc.aio.EOF:
                    taken += await announcing.take(frame.announcements, peer)
                    wait = _QUIET_S
    return len(taken)
