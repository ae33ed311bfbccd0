"""Extracts of the State's own records in the node: who may keep one, how it is sealed, how it is looked up.

Each extract has a key of its own, wrapped under the storage key of its desk like the keys of statements.
Records are found by keyed hashes of how their marks look, under a key derived from the desk's own secrets,
so that a stolen store tells neither what the State has lost nor which of it a case is about.

The national register itself is the State's own database; here is what a desk was given of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.node.gate import Action, Context, Gate
from tracepost.node.handlers.case.office import OwnDesk
from tracepost.node.handlers.desks.unlocking import KeyRing
from tracepost.node.handlers.register.indexing import find_alike
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.statements import RegisterInForce, RegisterRecord
from tracepost.protocol import sealing
from tracepost.protocol.errors import PermissionError_, SealingError, StoreError
from tracepost.protocol.ids import StatementDigest
from tracepost.protocol.matching import Match, compare_objects, identifying_marks
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.sealing import CompartmentKey, SealedStorageEpoch
from tracepost.protocol.vocabulary import normalise_mark
from tracepost.wire.v1 import register_pb2, weapon_pb2

_KEEPERS = frozenset({"RECORDS_CUSTODY", "LAW_ENFORCEMENT"})
_CLASSES = (Sensitivity.OBJECT, Sensitivity.LAW_ENFORCEMENT)
_BLOCK_BYTES = 128


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the object that is looked for."""

    item_id: str
    source: str
    match: Match
    record: register_pb2.RegisterRow = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What extracts of a desk say of objects, the best candidates of each first.

    `not_searched` are the objects that have no mark to look for.
    """

    candidates: tuple[Candidate, ...]
    not_searched: tuple[str, ...]
    sources: tuple[RegisterInForce, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """Records under some hashes, and what opens them."""

    records: Sequence[RegisterRecord]
    registers: Sequence[RegisterInForce]
    epochs: Mapping[bytes, SealedStorageEpoch]


class RegisterBook:
    """Looks objects up in the extracts of a desk. One per process."""

    def __init__(self, gate: Gate, ring: KeyRing, store: Store) -> None:
        self._gate = gate
        self._ring = ring
        self._store = store

    def require_keeper(self, desk: OwnDesk) -> None:
        """Raise `PermissionError_` unless the desk may keep an extract and the gate lets it read its own."""
        if not desk.reader.competences & _KEEPERS:
            raise PermissionError_(
                "a register is kept by a desk for records or law enforcement",
                where="desk",
                reason="no-register-competence",
            )
        own = Context(on_case=True, author=True, wrote=True)
        for sensitivity in _CLASSES:
            self._gate.require(desk.reader, Action.OPEN, sensitivity, own)

    def keyed_hashes(self, desk: OwnDesk, thing: weapon_pb2.Object) -> tuple[bytes, ...]:
        """Return by what an object is found in the extracts of a desk; raise `LockedDeskError`."""
        key = self.key(desk)
        return tuple(
            dict.fromkeys(find_alike(key, normalise_mark(mark)) for mark in identifying_marks(thing))
        )

    def key(self, desk: OwnDesk) -> bytes:
        """Return the key of the desk's registers; raise `LockedDeskError`."""
        return hmac.digest(self._ring.index_key(desk.desk), b"register", "sha256")

    async def sources(self, desk: OwnDesk) -> list[RegisterInForce]:
        """Return the extracts in force of a desk."""
        return await self._store.read(lambda tx: tx.registers.in_force(desk.desk))

    async def look_up(self, desk: OwnDesk, things: Sequence[tuple[str, weapon_pb2.Object]]) -> Lookup:
        """Return what the extracts of `desk` say of `things`, each with the id of its item.

        Raises:
            PermissionError_: the desk may keep none.
            LockedDeskError: it is locked.
        """
        self.require_keeper(desk)
        wanted = {h for _, thing in things for h in self.keyed_hashes(desk, thing)}
        found = await self._store.read(partial(_find, desk=desk, wanted=sorted(wanted)))
        candidates = await asyncio.to_thread(lambda: list(self._compare(desk, things, found)))
        readable = {item for item, thing in things if identifying_marks(thing)}
        dumb = tuple(dict.fromkeys(item for item, _ in things if item not in readable))
        order = {item: place for place, (item, _) in reversed(list(enumerate(things)))}
        candidates.sort(key=lambda one: (order[one.item_id], one.match.rank, one.source))
        return Lookup(tuple(candidates), dumb, tuple(found.registers))

    def _compare(
        self, desk: OwnDesk, things: Iterable[tuple[str, weapon_pb2.Object]], found: _Found
    ) -> Iterator[Candidate]:
        opened = list(self._open(desk, found))
        for item, thing in things:
            for source, row in opened:
                if (match := compare_objects(thing, row.object)) is not None:
                    yield Candidate(item, source, match, row)

    def _open(self, desk: OwnDesk, found: _Found) -> Iterator[tuple[str, register_pb2.RegisterRow]]:
        used = {record.source for record in found.records}
        keys = {
            register.source: self._record_key(desk, register, found.epochs)
            for register in found.registers
            if register.source in used
        }
        for record in found.records:
            yield record.source, open_record(keys[record.source], record)

    def _record_key(
        self, desk: OwnDesk, register: RegisterInForce, epochs: Mapping[bytes, SealedStorageEpoch]
    ) -> bytes:
        secrets, name = self._ring.secrets(desk.desk), name_of(register.source, register.generation)
        refusal: SealingError | None = None
        for private in secrets.storage:
            try:
                epoch = epochs[register.epoch_id]
                slot = sealing.open_wrap(register.wrap, epoch, private, name, cache=secrets.epochs)
                return slot.keys[0].key
            except SealingError as error:
                refusal = error
        raise refusal or StoreError("the desk has no storage key", reason="no-storage-key")


def wrapped_key(record_key: bytes) -> CompartmentKey:
    """Return the key of an extract as it is wrapped; of a body it knows nothing."""
    return CompartmentKey(0, record_key, 0, 16)


def name_of(source: str, generation: int) -> StatementDigest:
    """Return what the wrap of an extract is about."""
    return StatementDigest(hashlib.sha256(f"register/{source}/{generation}".encode()).digest())


def seal_record(record_key: bytes, source: str, number: int, row: register_pb2.RegisterRow) -> bytes:
    """Return a record sealed under the key of its extract, which seals each number once."""
    plain = row.SerializeToString(deterministic=True)
    padded = len(plain).to_bytes(4) + plain
    padded += bytes(-len(padded) % _BLOCK_BYTES)
    return AESGCM(record_key).encrypt(number.to_bytes(12), padded, source.encode())


def open_record(record_key: bytes, record: RegisterRecord) -> register_pb2.RegisterRow:
    """Return what a sealed record says; raise `StoreError` if it is damaged."""
    try:
        padded = AESGCM(record_key).decrypt(record.number.to_bytes(12), record.sealed, record.source.encode())
    except InvalidTag:
        raise StoreError("a record of the register does not open", reason="register-damaged") from None
    return register_pb2.RegisterRow.FromString(padded[4 : 4 + int.from_bytes(padded[:4])])


def _find(tx: Tx, desk: OwnDesk, wanted: Sequence[bytes]) -> _Found:
    registers = tx.registers.in_force(desk.desk)
    records = tx.registers.find(desk.desk, wanted)
    return _Found(records, registers, tx.wraps.epochs([one.epoch_id for one in registers]))
