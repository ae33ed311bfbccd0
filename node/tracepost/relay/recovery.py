"""A new log after a relay's store was put back, or lost: under its old key it would sign a second history.

    1  neighbours are asked for the newest head of the old log; heads may be brought by hand as well
    2  the key of the new log is made and kept as `log-next`; while it is there no relay starts
    3  the new log begins: its first entry is the newest head of the old one
    4  revocation lists and trust lists are fetched from neighbours, before anybody is believed
    5  the old key is kept as `log-<epoch>`, for mail that is still here and was promised under it

Members believe the new log when the stewards have put its key into the trust list and ended the old one. Mail of
which the old store knows nothing any more is offered again by its senders: they ask on each new stream.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import grpc
from sqlalchemy import Connection

from tracepost.protocol.errors import TracepostError
from tracepost.protocol.evidence import LogVerifier, prepare_line
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.trustlist import MemberType
from tracepost.relay.bootstrap import asker_of, load_log_keys, load_trust, unix_clock
from tracepost.relay.installation import FolderLogKeys
from tracepost.relay.noticeboard import Noticeboard
from tracepost.relay.papers import OwnPapers
from tracepost.relay.settings import RelaySettings
from tracepost.relay.store import RelayStore
from tracepost.relay.trust import RelayTrust
from tracepost.serving.announced import COLLECT, DELIVER, read_announcements
from tracepost.serving.credentials import open_channel
from tracepost.serving.log_keys import first_entry, make_next_key, take_over
from tracepost.serving.own_head import AHEAD_NAME, ask_for_heads, kept_heads, newest_lost


@dataclass(frozen=True, slots=True)
class Recovered:
    """A log that was begun anew: the last head of the old one, and the key for the trust list.

    `lost` counts entries of the old log that the store does not have, `asked` the neighbours that answered,
    `papers` what they told of that was new.
    """

    epoch: int
    old_head: str
    old_size: int
    lost: int
    log_key: str
    asked: int
    papers: int


async def recover_relay(
    settings: RelaySettings,
    *,
    heads: Sequence[str] = (),
    anyway: bool = False,
    clock: Callable[[], int] = unix_clock,
) -> Recovered:
    """Begin a new log for the relay of `settings`, which does not run.

    Args:
        settings: of the relay.
        heads: signed heads of the old log that were brought by hand.
        anyway: also if nobody knows a head beyond the store.
        clock: gives unix seconds.

    Raises:
        ConfigurationError: nothing is to be recovered.
    """
    key, ended = load_log_keys(settings, recovering=True)
    url = settings.store_url
    store = RelayStore.open(url, key, earlier=ended)
    try:
        trust = RelayTrust(await load_trust(settings, store, clock), clock)
        papers = OwnPapers(settings, lambda: trust.roots_pem)
        ask = asker_of(settings, papers, trust, key)
        answers = await ask_for_heads(ask, settings.neighbours)
        own = store.log.head
    finally:
        store.close()
    notes = [*heads, *kept_heads(settings.folder), *answers]
    note, newest = newest_lost(own, notes, LogVerifier([key.vkey]), anyway=anyway)
    keys = FolderLogKeys(settings.keys_path)
    new = make_next_key(keys, key)
    store = RelayStore.open(url, new, earlier=[*ended, key])
    try:
        if not store.log.head.size:
            line = prepare_line(first_entry(note, clock()), os.urandom)

            def begin(connection: Connection) -> None:
                store.log.append(connection, [line])

            await store.write(begin, label="recover")
        taken = await _fetch_papers(settings, papers, trust, store, clock)
    finally:
        store.close()
    take_over(keys, key, new)
    (settings.folder / AHEAD_NAME).unlink(missing_ok=True)
    lost = max(newest.size - own.size, 0)
    return Recovered(new.origin.epoch, note, newest.size, lost, new.vkey, len(answers), taken)


async def _fetch_papers(
    settings: RelaySettings, papers: OwnPapers, trust: RelayTrust, store: RelayStore, clock: Callable[[], int]
) -> int:
    """Take in revocation lists and trust lists that neighbours announce; return how many were new.

    A neighbour that is a relay has those of all members, another one its own.
    """
    board, taken = Noticeboard(trust, store, {}, os.urandom), 0
    for member, address in settings.neighbours:
        with suppress(TracepostError, grpc.aio.AioRpcError):
            is_relay = trust.state.current.member(member).type is MemberType.RELAY
            tls, name = (
                papers.tls_for(trust.roots_pem_of(member)),
                dns_name(Role.NODE, member, settings.domain),
            )
            async with open_channel(address, tls, name) as channel:
                async for one in read_announcements(channel, COLLECT if is_relay else DELIVER):
                    taken += await board.take_from_neighbour(one, clock())
    return taken
