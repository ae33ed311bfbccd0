"""To unlock and lock a desk. An unlocked desk gets its own keys of all that came meanwhile.

Mail is sealed to a desk's slot while the desk may be locked. Once its key is there, the keys in each
slot are wrapped anew under the desk's storage key, so that its slot key can be changed and retired.
A desk that a message gives nothing to gets an empty wrap, and is not asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from tracepost.node.handlers.office import Office, Officer, OwnDesk
from tracepost.node.handlers.opening import DeskSecrets, UnlockedDesks
from tracepost.node.handlers.sealing_mail import Sealer
from tracepost.node.handlers.sending import Sending
from tracepost.node.ports import Store, Tx
from tracepost.node.records import AuditEvent, Cover, UnwrappedStatement, WrapRecord
from tracepost.protocol.envelope import parse_header
from tracepost.protocol.errors import SealingError, StoreError
from tracepost.protocol.ids import DeskId, encode_b64
from tracepost.protocol.sealing import CompartmentKey, SealedStorageEpoch, find_slot

_BATCH = 256
_NO_SLOT = "no-slot-for-this-desk"


class KeyRing(UnlockedDesks, Protocol):
    """The keys of desks in memory. Safe from any thread."""

    def unlock(self, desk: DeskId, passphrase: bytes) -> None:
        """Take the keys of `desk` into memory; slow by intent. Raises `WrongPassphraseError`, `NotFoundError`."""

    def lock(self, desk: DeskId) -> None:
        """Forget the keys of `desk` and all that they opened. Idempotent."""

    def unlocked(self) -> frozenset[DeskId]:
        """Return the desks that are unlocked."""


@dataclass(frozen=True, slots=True)
class _Unwrapped:
    """A statement without a wrap of a desk, and the envelope that brought its keys."""

    statement: UnwrappedStatement
    cover: Cover


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """What a slot gave a desk, wrapped; `doubt` is the reason for which it gave nothing though it should."""

    record: WrapRecord
    epoch: SealedStorageEpoch
    readable: bool
    doubt: str


class Unlocking:
    """One per process."""

    def __init__(
        self,
        *,
        office: Office,
        ring: KeyRing,
        sealer: Sealer,
        sending: Sending,
        store: Store,
        clock: Callable[[], int],
    ) -> None:
        self._office = office
        self._ring = ring
        self._sealer = sealer
        self._sending = sending
        self._store = store
        self._clock = clock

    async def unlock(self, officer: Officer, desk: str, passphrase: bytes) -> int:
        """Unlock a desk of the officer's; return how many messages it got its own keys of.

        Raises:
            PermissionError_: the officer is not of this desk.
            WrongPassphraseError: the passphrase does not open it.
        """
        own = self._office.desk(officer.choose_desk(desk))
        await asyncio.to_thread(self._ring.unlock, own.desk, passphrase)
        await self._note(officer, own.desk, "unlock")
        return await self.rewrap(own)

    async def lock(self, officer: Officer, desk: str) -> None:
        """Lock a desk of the officer's."""
        own = self._office.desk(officer.choose_desk(desk))
        self._ring.lock(own.desk)
        await self._note(officer, own.desk, "lock")

    async def rewrap(self, desk: OwnDesk) -> int:
        """Wrap what came for an unlocked desk and is not wrapped yet; return how many messages it can read."""
        after, count = 0, 0
        while batch := await self._store.read(partial(_read_batch, desk=desk.desk, after=after)):
            count += await self._rewrap(desk, batch)
            after = batch[-1].statement.number
        return count

    async def _rewrap(self, desk: OwnDesk, batch: Sequence[_Unwrapped]) -> int:
        now = self._clock()
        wrapped = await self._sending.run(lambda: self._wrap_all(desk, batch, now))
        doubts = [
            AuditEvent(now, desk.desk, "open-slot", encode_b64(w.record.statement), w.doubt)
            for w in wrapped
            if w.doubt
        ]

        def keep(tx: Tx) -> None:
            tx.wraps.keep([w.record for w in wrapped], [w.epoch for w in wrapped], now)
            tx.audit.append(doubts)

        await self._store.write(keep, label="rewrap")
        return sum(w.readable for w in wrapped)

    def _wrap_all(self, desk: OwnDesk, batch: Sequence[_Unwrapped], now: int) -> list[_Wrapped]:
        secrets = self._ring.secrets(desk.desk)
        return [self._wrap(desk, one, secrets, now) for one in batch]

    def _wrap(self, desk: OwnDesk, one: _Unwrapped, secrets: DeskSecrets, now: int) -> _Wrapped:
        keys, doubt = self._open_slot(one, secrets)
        record, epoch = self._sealer.wrap(one.statement.statement, keys, desk, now)
        return _Wrapped(record, epoch, bool(keys), doubt)

    def _open_slot(self, one: _Unwrapped, secrets: DeskSecrets) -> tuple[Sequence[CompartmentKey], str]:
        header = parse_header(one.cover.header)
        try:
            slot = find_slot(
                one.cover.slots,
                secrets.opening,
                header.from_member,
                header.to_member,
                header.body_sha256,
                cache=secrets.epochs,
            )
        except SealingError as error:
            # A sender that knew an older entry of ours had no slot for a newer desk: that is no doubt.
            return (), "" if error.reason == _NO_SLOT else error.reason
        if slot.statement_digest != one.statement.statement:
            return (), "other-statement"
        return list(slot.keys.values()), ""

    async def _note(self, officer: Officer, desk: DeskId, action: str) -> None:
        event = AuditEvent(self._clock(), officer.label, action, desk, "ok")
        await self._store.write(lambda tx: tx.audit.append([event]), label="audit")


def _read_batch(tx: Tx, desk: DeskId, after: int) -> list[_Unwrapped]:
    missing = tx.wraps.missing(desk, after, _BATCH)
    covers = tx.bodies.covers([one.envelope_id for one in missing])
    if len(covers) < len({one.envelope_id for one in missing}):
        raise StoreError("the envelope of a statement is missing", reason="body-missing")
    return [_Unwrapped(one, covers[one.envelope_id]) for one in missing]
