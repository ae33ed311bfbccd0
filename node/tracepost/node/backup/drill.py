"""The drill: the newest backup is brought back in a scratch place, opened and counted, and it is said how long it took.

All that `restore` proves is proved, so a drill that went well says: this backup, these shares and this machine bring
the node back. Nothing of it stays, and nothing is sent to anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.adapters.machine import read_machine_secret
from tracepost.node.adapters.sql import tables
from tracepost.node.backup.container import About
from tracepost.node.backup.restoring import Anchor, Proved, proved_backup
from tracepost.node.backup.snapshot import count_rows
from tracepost.node.escrow import open_escrow
from tracepost.node.installation import load_key
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import NODE_DESK, DeskId
from tracepost.protocol.sealing import DeskPrivateKey

_COUNTED: Final = (
    tables.STATEMENT,
    tables.CASE,
    tables.SENT,
    tables.RECEIVED,
    tables.REVOCATION_LIST,
    tables.TRUST_LIST,
)


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill found: the backup, its age and the time it took in seconds, rows by table, desks with keys.

    `recovered` are the desks whose keys the escrow gave back; None, if another key opened the backup.
    """

    path: Path
    about: About
    age: int
    seconds: float
    files: int
    rows: dict[str, int]
    desks: tuple[DeskId, ...]
    recovered: tuple[DeskId, ...] | None


def drill(
    path: Path,
    key: DeskPrivateKey,
    scratch: Path,
    *,
    anchor: Anchor,
    now: int,
    stopwatch: Callable[[], float],
    by_shares: bool,
    told: Callable[[int], None] = lambda _: None,
) -> Drilled:
    """Bring back the backup at `path` in `scratch`, look at it, and remove it.

    Args:
        path: the backup.
        key: what opens it; `by_shares` says that it is the escrow's.
        scratch: a folder that is made and removed, with room for the node's store.
        anchor: whom the one who drills believes.
        now: unix seconds.
        stopwatch: gives seconds that only grow.
        by_shares: whether the escrow's sealed keys are opened too.
        told: is told how many bytes more were read.

    Raises:
        As `restoring.proved_backup`; and `StoreError` if the keys of the desks are not all there.
    """
    began = stopwatch()
    with proved_backup(path, key, scratch, anchor=anchor, told=told) as proved:
        store = FileKeyStore(proved.node / "keys", read_machine_secret(proved.node / "keys", {}))
        for name in ("node", "statement"):
            load_key(store, name)
        recovered = _recover(proved, key) if by_shares else None
        desks = (NODE_DESK, *store.desks())
        if recovered is not None and set(recovered) != set(desks):
            raise StoreError(
                "the escrow has the keys of other desks", where="escrow", reason="escrow-outdated"
            )
        about = proved.about
        return Drilled(
            path,
            about,
            max(0, now - about.made),
            stopwatch() - began,
            len(proved.manifest.files),
            count_rows(proved.store, _COUNTED),
            desks,
            recovered,
        )


def _recover(proved: Proved, key: DeskPrivateKey) -> tuple[DeskId, ...]:
    sealed = (proved.node / "keys" / "escrow.sealed").read_bytes()
    return tuple(bundle.desk for bundle in open_escrow(key, sealed))
