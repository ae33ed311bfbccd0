"""A disk that is lost: the node comes back from a backup that is older than its last mail, and others give it the rest.

It is the road of the runbook: `tracepost restore`, `tracepost log recover`, a trust list in which the old log ends, a
start. What had not left the machine is gone with a disk, so its officers ask nothing new and their mail arrives before.
On PostgreSQL the node's database goes with its folder, and the backup fills a new one, at the same address.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

from faults.acts.papers import bring
from faults.books import Book, read_book
from faults.disks import lend_disk
from faults.keeping import STORE, keeper_of
from faults.load import take_up_held
from faults.stage import NODES, Stage
from tracepost.node.backup.making import make_backup
from tracepost.node.backup.restoring import Anchor, restore_backup
from tracepost.node.bootstrap.recovery import recover_node
from tracepost.node.config import load_config
from tracepost.node.escrow import restore_key
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.evidence import LogVerifier
from tracepost.wire.v1.post_pb2 import Announcement

_AGE_SECONDS: Final = (2.0, 5.0)
_SETTLED_WITHIN_S: Final = 60.0
_GIVEN_BACK_WITHIN_S: Final = 120.0
_LOOK_SECONDS: Final = 0.5
_WHAT: Final = "lost disk"


@asynccontextmanager
async def lost_disk(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A node's disk is gone; its backup lacks the mail of some seconds, in which it and others have gone on."""
    member = dice.choice(NODES)
    shelf = stage.folder / "shelves" / member
    settings = load_config(stage.place(member) / "node.toml")
    made = await asyncio.to_thread(make_backup, settings, shelf, now=int(time.time()), environ={})
    await asyncio.sleep(dice.uniform(*_AGE_SECONDS))
    with _sent_home(stage, member):
        settled = await _settle(stage, member)
        stage.kill(member)
        if not settled:
            yield f"{member}: its mail does not arrive; it keeps its disk"
            await stage.start(member)
            return
        lost = await asyncio.to_thread(_lose, stage, member)
        await asyncio.to_thread(_restore, stage, member, made.path)
        words = await stage.try_to_start(member)
        stage.kill(member)
        stage.note_damage(member, _WHAT, "refused" if words else "served a store that is too old", words)
        await _recover(stage, member)
        await stage.start(member)
        outcome = "harmless" if await _is_given_back(stage, member, lost) else "did not get back what it had"
        stage.note_damage(member, _WHAT, outcome, "")
    yield f"{member}: {outcome}"


@contextmanager
def _sent_home(stage: Stage, member: str) -> Iterator[None]:
    """Let the officers of a node finish what they have begun, and then see nothing until all of it is back."""
    stage.resting.add(member)
    try:
        yield
    finally:
        stage.away.discard(member)
        stage.resting.discard(member)


async def _settle(stage: Stage, member: str) -> bool:
    """Wait until what its officers have written has arrived, and send them home; say whether it came to that."""
    ends = time.monotonic() + stage.patience(_SETTLED_WITHIN_S)
    while not await stage.is_quiet[member]():
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
    stage.away.add(member)
    return True


def _lose(stage: Stage, member: str) -> Book:
    """Take the disk away; return what was on it, of which a copy is kept for the checker alone."""
    disk, place = stage.disks.pop(member, None), stage.place(member)
    if disk is not None:
        disk.take_back()
    kept = stage.folder / "lost" / f"{member}-{len(stage.lost[member])}"
    keeper_of(stage, member).lose(kept)
    stage.lost[member].append(f"sqlite:///{kept / STORE}")
    shutil.rmtree(place)
    return read_book(member, stage.lost[member][-1], is_relay=False)


def _restore(stage: Stage, member: str, backup: Path) -> None:
    key = restore_key(stage.town.residents[member].shares[:2])
    place = stage.place(member)
    anchor = Anchor(stage.archive.lists[1])
    restore_backup(backup, place, key, anchor=anchor, now=int(time.time()))
    if stage.disks:
        stage.disks[member] = lend_disk(place)


async def _recover(stage: Stage, member: str) -> None:
    """Begin a new log after the longest head that anybody knows, and let the stewards list it."""
    known = await asyncio.to_thread(_heads_of_others, stage, member)
    done = await recover_node(load_config(stage.place(member) / "node.toml"), heads=list(known))
    head = LogVerifier(stage.archive.log_keys(member)).open(done.old_head)
    newest = stage.archive.end_log(member, head, done.log_key)
    stage.write_town()
    for name in NODES:
        if name != member:
            await bring(stage, Announcement(member=name, trust_list=newest))


def _heads_of_others(stage: Stage, member: str) -> Iterable[str]:
    """Return the heads that other members keep, as their officers would be asked for them."""
    for name in NODES:
        if name != member:
            book = read_book(name, stage.stores[name], is_relay=False)
            yield from book.notes
            yield from (receipt.note for receipt in book.receipts)


async def _is_given_back(stage: Stage, member: str, lost: Book) -> bool:
    """Wait until what was on the lost disk is there again, and in the state in which it was.

    What its officers decided about held mail since the backup nobody else knows (ADR 0022): they decide again.
    """
    ends = time.monotonic() + stage.patience(_GIVEN_BACK_WITHIN_S)
    while not _has_all(
        await asyncio.to_thread(read_book, member, stage.stores[member], is_relay=False), lost
    ):
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
        with suppress(TracepostError):
            async with stage.client(member) as client:
                await take_up_held(stage, member, client)
    return True


def _has_all(book: Book, lost: Book) -> bool:
    return all(there <= here for there, here in zip(_stock(lost), _stock(book), strict=True))


def _stock(book: Book) -> tuple[set[str], set[str], set[str]]:
    """Return statements that have taken effect, mail that was delivered, and mail that came."""
    said = {row["digest"] for row in book.statements if row["in_effect"]}
    delivered = {row["id"] for row in book.sent if row["state"] == "DELIVERED"}
    return said, delivered, {row["id"] for row in book.received}
