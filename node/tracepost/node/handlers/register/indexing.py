"""The blind index: by which marks a desk finds statements again, and a stolen store tells nothing.

For each mark of what a desk's keys open there are keyed hashes of its normalised and of its folded form
(`protocol.marks`). The key is one of the desk's own secrets and is in memory only while the desk is
unlocked. Whoever has the store without the key sees how often one and the same mark comes, and no more.

Entries are made of all that the keys of a desk open, whatever the gate says today: a search asks it for
each hit. New keys of a statement that is here already, as when a desk was put on a case, are entered as well.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterator, Sequence
from functools import partial

from tracepost.node.handlers.case.office import Office
from tracepost.node.handlers.desks.unlocking import KeyRing
from tracepost.node.handlers.sealed.opening import Opener, Sealed, load_sealed
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.statements import BlindEntry, Unindexed
from tracepost.protocol.errors import LockedDeskError, TracepostError
from tracepost.protocol.ids import DeskId
from tracepost.protocol.marks import fold_mark, marks_of
from tracepost.protocol.vocabulary import normalise_mark

_BATCH = 32
_ROUND = 256
_HASH_BYTES = 16
# How often the housekeeping begins anew, to find keys that came later of statements that it passed.
_ROUNDS_TO_BEGIN_ANEW = 120


class Indexing:
    """One per process; used on the event loop."""

    def __init__(self, *, office: Office, ring: KeyRing, opener: Opener, store: Store) -> None:
        self._office = office
        self._ring = ring
        self._opener = opener
        self._store = store
        self._reached: dict[DeskId, int] = {}
        self._rounds = 0

    async def keep_up(self) -> int:
        """Enter for the unlocked desks what they got since; return how many statements were looked through.

        A small part of a flood at a time: it works beside officers and peers.
        """
        self._rounds += 1
        if self._rounds % _ROUNDS_TO_BEGIN_ANEW == 0:
            self._reached.clear()
        unlocked = self._ring.unlocked()
        count = 0
        for desk in self._office.desks:
            if desk.desk in unlocked:
                number, _ = await self._enter_from(desk.desk, self._reached.get(desk.desk, 0), _ROUND)
                count += number
        return count

    async def catch_up(self, desk: DeskId, most: int) -> bool:
        """Enter up to `most` statements of `desk`; return whether nothing is left. Raises `LockedDeskError`."""
        self._ring.index_key(desk)
        _, is_done = await self._enter_from(desk, 0, most)
        return is_done

    async def _enter_from(self, desk: DeskId, number: int, most: int) -> tuple[int, bool]:
        count = 0
        while count < most:
            missing = await self._store.read(
                partial(_missing, desk=desk, after=number, limit=min(_BATCH, most - count))
            )
            if not missing or not await self._enter(desk, missing):
                self._reached[desk] = max(number, self._reached.get(desk, 0))
                return count, not missing
            count += len(missing)
            number = missing[-1].number - 1  # of one statement there may be more keys
        self._reached[desk] = max(number, self._reached.get(desk, 0))
        return count, False

    async def _enter(self, desk: DeskId, missing: Sequence[Unindexed]) -> bool:
        """Keep the entries of these statements; return False if the desk was locked meanwhile."""
        sealed = await self._store.read(partial(_load, missing=missing, desk=desk))
        try:
            entries = await asyncio.to_thread(self._entries, desk, sealed)
        except LockedDeskError:
            return False
        await self._store.write(lambda tx: _keep(tx, desk, entries, missing), label="index")
        return True

    def _entries(self, desk: DeskId, sealed: Sequence[Sealed]) -> list[BlindEntry]:
        key = self._ring.index_key(desk)
        return [entry for one in sealed for entry in self._entries_of(desk, key, one)]

    def _entries_of(self, desk: DeskId, key: bytes, sealed: Sealed) -> Iterator[BlindEntry]:
        try:
            statement = self._opener.unseal(sealed, desk).statement
        except LockedDeskError:
            raise
        except TracepostError:  # it is told to whoever reads the case
            return
        seen = marks_of(statement.fields()) if statement is not None else ()
        entries = {(form, one.path) for one in seen for text in one.texts for form in forms(key, text)}
        yield from (BlindEntry(desk, form, sealed.record.digest, path) for form, path in sorted(entries))


def forms(key: bytes, mark: str) -> tuple[bytes, ...]:
    """Return what a mark is found by under the index key of a desk: as it is, and as it looks."""
    plain = normalise_mark(mark)
    return (find_as_is(key, plain), find_alike(key, plain)) if plain else ()


def find_as_is(key: bytes, normalised: str) -> bytes:
    """Return the keyed hash of a normalised mark."""
    return _keyed(key, b"mark as it is", normalised)


def find_alike(key: bytes, normalised: str) -> bytes:
    """Return the keyed hash that a normalised mark has in common with those that look like it."""
    return _keyed(key, b"mark as it looks", fold_mark(normalised))


def name_query(key: bytes, normalised: str) -> str:
    """Return how a search for a mark is called where it is logged: not linked to any entry."""
    return _keyed(key, b"search", normalised).hex()


def _keyed(key: bytes, purpose: bytes, text: str) -> bytes:
    return hmac.digest(key, purpose + b"\0" + text.encode("utf-8", "surrogatepass"), "sha256")[:_HASH_BYTES]


def _missing(tx: Tx, desk: DeskId, after: int, limit: int) -> list[Unindexed]:
    return tx.blind_index.missing(desk, after, limit)


def _keep(tx: Tx, desk: DeskId, entries: Sequence[BlindEntry], missing: Sequence[Unindexed]) -> None:
    """Keep entries of what the desk holds still: keys may have been deleted since they were read."""
    held = {wrap.statement for wrap in tx.wraps.of(desk, [one.statement for one in missing])}
    still = [one for one in missing if one.statement in held]
    tx.blind_index.keep([one for one in entries if one.statement in held], still)


def _load(tx: Tx, missing: Sequence[Unindexed], desk: DeskId) -> list[Sealed]:
    records = tx.statements.find([one.statement for one in missing])
    return load_sealed(tx, list(records.values()), desk)
