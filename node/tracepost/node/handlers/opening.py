"""Reading what lies sealed in the store, as one desk of ours, through the gate.

Keys come from the desk's wrap, or, for mail that came while the desk was locked, from its slot.
The signature is verified at every reading: the store is not believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.compartments import part_digests
from tracepost.node.handlers.office import Office, OwnDesk
from tracepost.node.papers import Papers
from tracepost.node.ports import Tx
from tracepost.node.records import Direction, SealedParts, StatementRecord, WrapRecord
from tracepost.protocol import sealing
from tracepost.protocol.errors import NotFoundError, SealingError, StoreError
from tracepost.protocol.ids import DeskId, EnvelopeId, StatementDigest
from tracepost.protocol.sealing import (
    CompartmentKey,
    DeskPrivateKey,
    EpochCache,
    OpenSlot,
    SealedStorageEpoch,
)
from tracepost.protocol.statement import Statement, UntrustedStatement, peek, redact, verify_exhibit


@dataclass(frozen=True, slots=True)
class DeskSecrets:
    """The private keys of an unlocked desk, the newest first; `epochs` remembers what they opened."""

    opening: tuple[DeskPrivateKey, ...] = field(repr=False)
    storage: tuple[DeskPrivateKey, ...] = field(repr=False)
    epochs: EpochCache = field(repr=False)


class UnlockedDesks(Protocol):
    """The desks whose keys are in memory. Safe from any thread."""

    def secrets(self, desk: DeskId) -> DeskSecrets:
        """Return the keys of `desk`; raise `LockedDeskError`."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A statement as the store has it: its record, its sealed parts, and a desk's wrap if there is one."""

    record: StatementRecord
    parts: SealedParts
    wrap: WrapRecord | None
    epoch: SealedStorageEpoch | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a desk may see of a statement: the disclosures that the gate let through, the photographs by digest.

    `decision` is the digest of the gate's table, for the log.
    """

    record: StatementRecord
    statement: Statement
    parts: Mapping[bytes, bytes] = field(repr=False)
    decision: bytes = field(repr=False)


def load_sealed(tx: Tx, records: Sequence[StatementRecord], desk: DeskId) -> list[Sealed]:
    """Return these statements as they lie in the store, with the wraps of `desk`."""
    bodies = tx.bodies.load([r.envelope_id for r in records])
    wraps = tx.wraps.of(desk, [r.digest for r in records])
    epochs = tx.wraps.epochs([w.epoch_id for w in wraps.values()])
    found = []
    for record in records:
        wrap = wraps.get(record.digest)
        parts = bodies.get(record.envelope_id)
        if parts is None:
            raise StoreError("the body of a statement is missing", reason="body-missing")
        found.append(Sealed(record, parts, wrap, epochs.get(wrap.epoch_id) if wrap else None))
    return found


class Opener:
    """Opens sealed statements for desks of ours. Safe from any thread."""

    def __init__(self, office: Office, gate: Gate, desks: UnlockedDesks, papers: Papers) -> None:
        self._office = office
        self._gate = gate
        self._desks = desks
        self._papers = papers

    def open(self, sealed: Sealed, desk: OwnDesk, action: Action) -> Opened:
        """Return what `desk` may do `action` with; raise `LockedDeskError`, `SealingError`, `StatementError`."""
        slot = self.keys(sealed, desk.desk)
        if not slot.keys:
            raise NotFoundError("this desk holds nothing of the statement", reason="no-keys")
        untrusted, photographs = _read(sealed.parts.body, slot)
        statement = self._verify(untrusted, sealed.record)
        author = sealed.record.desk if sealed.record.direction is Direction.OURS else None
        context = self._office.context(desk, author)
        may = self._gate.readable(desk.reader, action, context)
        decision = bytes.fromhex(self._gate.digest(desk.reader, action, context))
        shown = redact(statement, lambda d: d.sensitivity in may)
        named = {digest for d in shown.disclosures for digest in part_digests(d)}
        return Opened(sealed.record, shown, {k: v for k, v in photographs.items() if k in named}, decision)

    def keys(self, sealed: Sealed, desk: DeskId) -> OpenSlot:
        """Return the compartment keys that `desk` holds of a statement: from its wrap, else from its slot."""
        secrets = self._desks.secrets(desk)
        if sealed.wrap is not None and sealed.epoch is not None:
            return _open_wrap(sealed.wrap, sealed.epoch, secrets)
        if sealed.record.direction is Direction.OURS:
            raise NotFoundError("this desk holds nothing of the statement", reason="no-keys")
        record, parts = sealed.record, sealed.parts
        body = hashlib.sha256(parts.body).digest()
        return sealing.find_slot(
            parts.slots, secrets.opening, record.iss, self._office.member, body, cache=secrets.epochs
        )

    def _verify(self, untrusted: UntrustedStatement, record: StatementRecord) -> Statement:
        header = peek(untrusted)
        if header.digest != record.digest:
            raise StoreError("a body holds another statement than its record says", reason="other-statement")
        certificate = self._papers.certificate_of_old(header.certificate_sha256, record.iss)
        return verify_exhibit(untrusted, certificate, issuer=record.iss)


def own_body_id(digest: StatementDigest) -> EnvelopeId:
    """Return the name under which a body of our own, that no envelope carries, is stored."""
    return EnvelopeId(digest)


def _open_wrap(wrap: WrapRecord, epoch: SealedStorageEpoch, secrets: DeskSecrets) -> OpenSlot:
    refusal: SealingError | None = None
    for private in secrets.storage:
        try:
            return sealing.open_wrap(wrap.wrap, epoch, private, wrap.statement, cache=secrets.epochs)
        except SealingError as error:
            refusal = error
    raise refusal or StoreError("the desk has no storage key", reason="no-storage-key")


def _read(body: bytes, slot: OpenSlot) -> tuple[UntrustedStatement, dict[bytes, bytes]]:
    keys: list[CompartmentKey] = list(slot.keys.values())
    opened = sealing.open_compartments(body, keys)
    compartments = {index: sealing.unpack_compartment(plain) for index, plain in sorted(opened.items())}
    spine = compartments.get(0)
    if spine is None or spine.jws is None:
        raise SealingError(
            "the first compartment does not hold the statement", where="body", reason="no-spine"
        )
    disclosures = tuple(d for c in compartments.values() for d in c.disclosures)
    photographs = {hashlib.sha256(p).digest(): p for c in compartments.values() for p in c.parts}
    return UntrustedStatement(spine.jws, disclosures), photographs
