"""Papers at the start, and our own as they change: trust list, certificates, revocation list, directory entry."""

from __future__ import annotations

import os

from tracepost.node import installation
from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.config import NodeConfig
from tracepost.node.directory_entry import sign_entry
from tracepost.node.handlers.keeping.papers_store import AcceptedList, load_papers, take_and_keep
from tracepost.node.handlers.sealed.shortfalls import note_changed_desks
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.statement import Signer
from tracepost.protocol.trustlist import load_first, load_next
from tracepost.wire.v1.post_pb2 import Announcement


async def load_own_papers(
    config: NodeConfig, keys: FileKeyStore, signer: Signer, store: Store, now: int
) -> Papers:
    """Return what the store has of all members, with our own papers as the files have them now.

    Raises: as `load_all_papers`, and `ConfigurationError` for a certificate that is missing.
    """
    papers = await load_all_papers(config, store, now)
    await publish_own(config, keys, signer, store, papers, now=now)
    return papers


async def load_all_papers(config: NodeConfig, store: Store, now: int) -> Papers:
    """Return what the store has of all members; nothing is written.

    Raises:
        ConfigurationError: a certificate or the trust list is missing, or is of another network.
        TrustError: the trust list does not hold, or does not name us.
    """
    lists = await _load_trust(config, store)
    trust = lists[-1].trust
    if trust.domain != config.domain:
        raise ConfigurationError("the trust list is of another network", where="trust")
    trust.member(config.member)
    papers = Papers(config.member, trust)
    await store.read(lambda tx: load_papers(tx, papers, lists))
    papers.end_what_ended(now)
    return papers


async def publish_own(
    config: NodeConfig, keys: FileKeyStore, signer: Signer, store: Store, papers: Papers, *, now: int
) -> bool:
    """Take our own certificates, revocation list and, if it changed, directory entry; say if anything was new."""
    certificates = installation.read_certificates(config)
    entry = installation.write_own_entry(config, keys, certificates, now)
    changed = papers.own_entry_changed(entry, now)
    announcement = Announcement(
        member=config.member,
        certificates=installation.read_announced(config),
        crl=config.crl_path.read_bytes() if config.crl_path.exists() else b"",
        directory_entry=sign_entry(entry, config, signer, now, os.urandom) if changed else "",
    )
    before = papers.entry(config.member)

    def note_desks(tx: Tx, after: Papers) -> None:
        note_changed_desks(tx, before, after.entry(config.member), now)

    return bool(await take_and_keep(store, papers, announcement, now, note_desks))


async def reload_papers(config: NodeConfig, store: Store, papers: Papers, now: int) -> bool:
    """Take up what the store has and `papers` have not, each paper verified anew; say if anything was new.

    What ended since it came is never in force meanwhile; what is raised leaves the papers in force as they were.
    """
    lists = await _load_trust(config, store)
    draft = papers.draft()
    for one in lists:
        if one.trust.sequence > draft.version():
            draft.take(Announcement(member=config.member, trust_list=one.trust.data), now)
    await store.read(lambda tx: load_papers(tx, draft, lists))
    draft.end_what_ended(now)
    is_new = not papers.says_as_much_as(draft)
    papers.go_over_to(draft)
    return is_new


async def _load_trust(config: NodeConfig, store: Store) -> list[AcceptedList]:
    """Return all lists that were accepted up to the newest, from the first one by its fingerprint."""
    kept = await store.read(lambda tx: tx.trust_lists.all())
    try:
        first = load_first(config.trust_path.read_bytes(), fingerprint=config.trust_fingerprint)
    except OSError as error:
        raise ConfigurationError("no trust list is installed", where="trust.json") from error
    lists = [AcceptedList(first, 0)]
    for record in sorted(kept, key=lambda r: r.sequence):
        if record.sequence > lists[-1].trust.sequence:
            lists.append(AcceptedList(load_next(record.data, lists[-1].trust), record.accepted_at))
    return lists
