"""To unlock and lock a desk. An unlocked desk gets its own keys of all that came meanwhile, and of what comes.

Mail is sealed to a desk's slot, whether the desk is locked or not. With its key at hand, the keys in each
slot are wrapped anew under the desk's storage key, so that its slot key can be changed and retired: when
the desk is unlocked, of all that came before; while it is unlocked, by the housekeeping, of what came since.
A desk that a message gives nothing to gets an empty wrap, and is not asked again. A slot that does not
open stays as it is, and is tried again at the next unlocking; its author is told. Where no slot is for the
keys at hand, and the one that our entry announces is not among them, nothing is known: it is tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.sealed.opening import (
    NO_SLOT,
    DeskSecrets,
    Opener,
    UnlockedDesks,
    is_as_it_came,
    keys_of,
)
from tracepost.node.handlers.sealed.sealing_mail import Sealer
from tracepost.node.handlers.sealed.shortfalls import Shortfall
from tracepost.node.handlers.sending.complaints import Complaints
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.statements import Cover, UnwrappedStatement, WrapRecord
from tracepost.protocol.envelope import parse_header
from tracepost.protocol.errors import LockedDeskError, SealingError, StoreError
from tracepost.protocol.ids import DeskId
from tracepost.protocol.sealing import CompartmentKey, SealedStorageEpoch, find_slot

_BATCH = 256
# The housekeeping works beside officers and peers, who wait for the writer and the sealing thread: it takes
# milliseconds of either at a time, and of a flood no more than this in one round.
_SMALL_BATCH = 32
_ROUND = 2048


class KeyRing(UnlockedDesks, Protocol):
    """The keys of desks in memory. Safe from any thread."""

    def unlock(self, desk: DeskId, passphrase: bytes) -> None:
        """Take the keys of `desk` into memory; slow by intent. Raises `WrongPassphraseError`, `NotFoundError`."""

    def lock(self, desk: DeskId) -> None:
        """Forget the keys of `desk` and all that they opened. Idempotent."""

    def unlocked(self) -> frozenset[DeskId]:
        """Return the desks that are unlocked."""

    def index_key(self, desk: DeskId) -> bytes:
        """Return the 32-byte key of the desk's blind indexes; raise `LockedDeskError`."""


@dataclass(frozen=True, slots=True)
class _Unwrapped:
    """A statement without a wrap of a desk, and the envelope that brought its keys."""

    statement: UnwrappedStatement
    cover: Cover


@dataclass(frozen=True, slots=True)
class _Page:
    """What a desk lacks up to the envelope number `reached`; `last` if nothing lies beyond."""

    missing: Sequence[_Unwrapped]
    reached: int
    last: bool


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """What a slot gave a desk, wrapped."""

    record: WrapRecord
    epoch: SealedStorageEpoch
    readable: bool


@dataclass(frozen=True, slots=True)
class _Broken:
    """A slot that gave nothing though it should, and why."""

    unwrapped: _Unwrapped
    error: SealingError


class Unlocking:
    """One per process."""

    def __init__(
        self,
        *,
        office: Office,
        ring: KeyRing,
        opener: Opener,
        sealer: Sealer,
        sending: Sending,
        complaints: Complaints,
        store: Store,
        clock: Callable[[], int],
    ) -> None:
        self._office = office
        self._ring = ring
        self._opener = opener
        self._sealer = sealer
        self._sending = sending
        self._complaints = complaints
        self._store = store
        self._clock = clock
        self._wrapped_up_to: dict[DeskId, int] = {}

    async def unlock(self, officer: Officer, desk: str, passphrase: bytes) -> int:
        """Unlock a desk of the officer's; return how many messages it got its own keys of.

        Raises:
            PermissionError_: the officer is not of this desk.
            WrongPassphraseError: the passphrase does not open it.
        """
        own = self._office.desk(officer.choose_desk(desk))
        await asyncio.to_thread(self._ring.unlock, own.desk, passphrase)
        await self._note(officer, own.desk, "unlock")
        count, broken = await self._wrap_from(own, 0, _BATCH)
        await self._complaints.tell(officer, own.desk, broken)
        return count

    async def lock(self, officer: Officer, desk: str) -> None:
        """Lock a desk of the officer's."""
        own = self._office.desk(officer.choose_desk(desk))
        self._ring.lock(own.desk)
        await self._note(officer, own.desk, "lock")

    async def keep_up(self) -> int:
        """Wrap what came for the unlocked desks since; return how many messages they can read more.

        It goes in small batches and on from where it was; what is too much for one call waits for the next.
        """
        count, unlocked = 0, self._ring.unlocked()
        for desk in self._office.desks:
            if desk.desk in unlocked:
                with contextlib.suppress(LockedDeskError):  # it was locked meanwhile
                    number = self._wrapped_up_to.get(desk.desk, 0)
                    wrapped, _ = await self._wrap_from(desk, number, _SMALL_BATCH, _ROUND)
                    count += wrapped
        return count

    async def _wrap_from(
        self, desk: OwnDesk, number: int, size: int, most: int = sys.maxsize
    ) -> tuple[int, list[Shortfall]]:
        """Wrap what is missing beyond envelope `number`, `size` at a time; stop when `most` were asked for.

        Return how many messages the desk can read of it, and what did not open.
        """
        page = _Page((), number, last=False)
        count, broken = 0, list[Shortfall]()
        while most > 0 and not page.last:
            page = await self._store.read(
                partial(_read_page, desk=desk.desk, after=page.reached, limit=min(size, most))
            )
            if page.missing:
                wrapped, refused = await self._rewrap(desk, page.missing)
                count += wrapped
                broken += refused
            self._wrapped_up_to[desk.desk] = page.reached
            most -= size
        return count, broken

    async def _rewrap(self, desk: OwnDesk, batch: Sequence[_Unwrapped]) -> tuple[int, list[Shortfall]]:
        now = self._clock()
        made = await self._sending.run(lambda: self._wrap_all(desk, batch, now))
        wrapped = [one for one in made if isinstance(one, _Wrapped)]

        def keep(tx: Tx) -> list[Shortfall]:
            dead = tx.tombstones.find([w.record.statement for w in wrapped])  # since they were read
            kept = [w for w in wrapped if w.record.statement not in dead]
            tx.wraps.keep([w.record for w in kept], [w.epoch for w in kept], now)
            return _shortfalls(tx, [one for one in made if isinstance(one, _Broken)])

        broken = await self._store.write(keep, label="rewrap")
        await self._complaints.note(desk.desk, broken)
        return sum(w.readable for w in wrapped), broken

    def _wrap_all(self, desk: OwnDesk, batch: Sequence[_Unwrapped], now: int) -> list[_Wrapped | _Broken]:
        secrets = self._ring.secrets(desk.desk)
        made = [self._wrap(desk, one, secrets, now) for one in batch]
        return [one for one in made if one is not None]

    def _wrap(
        self, desk: OwnDesk, one: _Unwrapped, secrets: DeskSecrets, now: int
    ) -> _Wrapped | _Broken | None:
        """Return what an envelope gives a desk, wrapped; None if its slot may be for a key that is not here."""
        try:
            keys = self._open_slot(one, secrets)
        except SealingError as error:
            if error.reason != NO_SLOT:
                return _Broken(one, error)
            if not self._opener.has_announced_key(desk.desk, secrets):
                return None
            keys = ()  # the sender knew an older entry of ours, without this desk
        record, epoch = self._sealer.wrap(one.statement.statement, one.statement.envelope_id, keys, desk, now)
        return _Wrapped(record, epoch, bool(keys))

    def _open_slot(self, one: _Unwrapped, secrets: DeskSecrets) -> Sequence[CompartmentKey]:
        header = parse_header(one.cover.header)
        slot = find_slot(
            one.cover.slots,
            secrets.opening,
            header.from_member,
            header.to_member,
            header.body_sha256,
            cache=secrets.epochs,
        )
        return keys_of(slot, one.statement.statement)

    async def _note(self, officer: Officer, desk: DeskId, action: str) -> None:
        event = AuditEvent(self._clock(), officer.label, action, desk, "ok")
        await self._store.write(lambda tx: tx.audit.append([event]), label="audit")


def _read_page(tx: Tx, desk: DeskId, after: int, limit: int) -> _Page:
    missing = tx.wraps.missing(desk, after, limit)
    if len(missing) < limit:
        return _Page(_with_covers(tx, missing), tx.inbox.last_number(), last=True)
    return _Page(_with_covers(tx, missing), missing[-1].number, last=False)


def _with_covers(tx: Tx, missing: Sequence[UnwrappedStatement]) -> list[_Unwrapped]:
    covers = tx.bodies.covers([one.envelope_id for one in missing])
    if len(covers) < len({one.envelope_id for one in missing}):
        raise StoreError("the envelope of a statement is missing", reason="body-missing")
    return [_Unwrapped(one, covers[one.envelope_id]) for one in missing]


def _shortfalls(tx: Tx, broken: Sequence[_Broken]) -> list[Shortfall]:
    records = tx.statements.find([one.unwrapped.statement.statement for one in broken])
    return [
        Shortfall(
            records[one.unwrapped.statement.statement],
            one.error,
            one.unwrapped.statement.envelope_id,
            is_of_author=is_as_it_came(one.unwrapped.cover),
        )
        for one in broken
    ]
