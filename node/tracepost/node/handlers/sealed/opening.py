"""Reading what lies sealed in the store, as one desk of ours, through the gate.

A statement may lie here in several copies: what was withheld for want of a desk can be asked for, and
its author seals the same statement again for another (messages.md, section 1). All copies together are
what a desk holds of it. One that does not open, or does not fit to what was signed, adds nothing and
takes nothing away: who wrote a statement cannot make it unreadable afterwards.

Keys come from the desk's wrap, or, for mail that came while the desk was locked, from its slot. An empty
wrap is not believed before the slot was tried: it may have been made with an older key store.
The signature is verified at every reading: the store is not believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from tracepost.node.gate import Action, Context, Gate, find_restriction
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.circumstances import (
    READING,
    Act,
    CaseTerms,
    Circumstances,
    circumstances,
    read_terms,
)
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.case.thread import read_clear_part
from tracepost.node.handlers.sealed.compartments import part_digests
from tracepost.node.handlers.sealed.shown_exhibits import not_judged, unjudged
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Tx
from tracepost.node.records.mail import MailState
from tracepost.node.records.statements import Cover, Direction, SealedParts, StatementRecord, WrapRecord
from tracepost.protocol import sealing
from tracepost.protocol.consent import is_within
from tracepost.protocol.envelope import parse_header
from tracepost.protocol.errors import (
    EnvelopeError,
    NotFoundError,
    PermissionError_,
    SealingError,
    StatementError,
    StoreError,
)
from tracepost.protocol.ids import NODE_DESK, DeskId, EnvelopeId, StatementDigest
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.sealing import (
    CompartmentKey,
    DeskPrivateKey,
    EpochCache,
    OpenSlot,
    SealedStorageEpoch,
)
from tracepost.protocol.statement import Statement, UntrustedStatement, peek, redact, verify_exhibit

NO_SLOT = "no-slot-for-this-desk"

# The first ones: later ones cannot push them out, and nobody who means well seals one statement more often.
_COPIES = 8
_IN_EFFECT = (MailState.DELIVERED, MailState.TAKEN_UP)


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
class SealedCopy:
    """An envelope of a statement, or the body that we kept of our own, and a desk's wrap if there is one."""

    name: EnvelopeId
    parts: SealedParts
    wrap: WrapRecord | None
    epoch: SealedStorageEpoch | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A statement as the store has it: its record, its copies in the order in which they came, its case's terms."""

    record: StatementRecord
    copies: tuple[SealedCopy, ...]
    terms: CaseTerms


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a copy gave a desk nothing.

    `is_of_author`: it was sent so; neither our keys nor our store is to blame.
    """

    error: SealingError | StatementError
    copy: EnvelopeId
    is_of_author: bool

    @property
    def is_absence(self) -> bool:
        """Whether there is nothing for this desk, and nothing that could be broken."""
        return self.error.reason == NO_SLOT


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What all copies of a statement together give a desk, before the gate is asked; None: nothing.

    `faults` says what did not open.
    """

    record: StatementRecord
    terms: CaseTerms
    statement: Statement | None
    photographs: Mapping[bytes, bytes] = field(repr=False)
    faults: tuple[Fault, ...]

    @property
    def broken(self) -> tuple[Fault, ...]:
        """The copies that should have opened."""
        return tuple(f for f in self.faults if not f.is_absence)

    def refusal(self) -> SealingError | StatementError | NotFoundError:
        """Return why there is nothing."""
        if deleted_at := read_clear_part(self.record.admin_json).deleted_at:
            return NotFoundError(f"it was deleted here on {instant(deleted_at)[:10]}", reason="deleted")
        first = (*self.broken, *self.faults)[:1]
        return first[0].error if first else _holds_nothing()


@dataclass(frozen=True, slots=True)
class Opened:
    """What a desk may see of a statement: the disclosures that the gate let through, the photographs by digest.

    `decision` is the digest of the gate's table, for the log. `limited` is why a part of it, an
    exhibit for instance, is not shown: a restriction, or that nobody has judged it; None: there is no such part.
    """

    record: StatementRecord
    statement: Statement
    parts: Mapping[bytes, bytes] = field(repr=False)
    decision: bytes = field(repr=False)
    limited: PermissionError_ | StatementError | None = None


def load_sealed(tx: Tx, records: Sequence[StatementRecord], desk: DeskId) -> list[Sealed]:
    """Return these statements as they lie in the store, with the wraps of `desk`.

    Copies that another desk of ours made for this one, when it was put on the case, come last.
    """
    names = _copies_of(tx, records)
    held = tx.wraps.of(desk, [r.digest for r in records])
    bodies = tx.bodies.load([*(name for some in names.values() for name in some), *_named_by(held)])
    for wrap in held:
        name = wrap.envelope_id
        if name is not None and name in bodies and not bodies[name].header:  # no envelope: a body of ours
            names[wrap.statement].append(name)
    wraps = {(w.statement, w.envelope_id): w for w in held}
    epochs = tx.wraps.epochs([w.epoch_id for w in held])

    def copy(record: StatementRecord, name: EnvelopeId) -> SealedCopy:
        if name not in bodies:
            raise StoreError("the body of a statement is missing", reason="body-missing")
        wrap = wraps.get((record.digest, name))
        if wrap is None and record.direction is Direction.OURS:
            wrap = wraps.get((record.digest, None))
        return SealedCopy(name, bodies[name], wrap, epochs.get(wrap.epoch_id) if wrap else None)

    terms = read_terms(tx, [r.thread for r in records])
    return [
        Sealed(r, () if _is_deleted(r) else tuple(copy(r, name) for name in names[r.digest]), terms[r.thread])
        for r in records
    ]


def _is_deleted(record: StatementRecord) -> bool:
    return read_clear_part(record.admin_json).deleted_at > 0


def _named_by(wraps: Iterable[WrapRecord]) -> list[EnvelopeId]:
    return [wrap.envelope_id for wrap in wraps if wrap.envelope_id is not None]


def _copies_of(tx: Tx, records: Sequence[StatementRecord]) -> dict[StatementDigest, list[EnvelopeId]]:
    """Return which bodies hold each statement, the first one first; mail that is held back holds nothing."""
    names = {r.digest: [r.envelope_id] for r in records}
    theirs = [r.digest for r in records if r.direction is Direction.THEIRS]
    for mail in tx.inbox.of_statements(theirs):
        if mail.state in _IN_EFFECT and mail.id not in names[mail.statement]:
            names[mail.statement].append(mail.id)
    return {digest: some[:_COPIES] for digest, some in names.items()}


class Opener:
    """Opens sealed statements for desks of ours. Safe from any thread."""

    def __init__(
        self, office: Office, gate: Gate, desks: UnlockedDesks, papers: Papers, clock: Callable[[], int]
    ) -> None:
        self._office = office
        self._gate = gate
        self._desks = desks
        self._papers = papers
        self._clock = clock

    def open(self, sealed: Sealed, desk: OwnDesk, action: Action, act: Act = READING) -> Opened:
        """Return what `desk` may do `action` with.

        Raises:
            LockedDeskError: the desk is locked.
            SealingError, StatementError, NotFoundError: there is nothing.
            PermissionError_: a restriction forbids it; which one it is, and what to do, is told.
        """
        return self.show(self.unseal(sealed, desk.desk), desk, action, act)

    def circumstances(
        self, desk: OwnDesk, record: StatementRecord, terms: CaseTerms, act: Act = READING
    ) -> Circumstances:
        """Return how a desk of ours stands today to a stored statement in a case of these `terms`."""
        return circumstances(self._office, desk, record, terms, day=instant(self._clock())[:10], act=act)

    def unseal(self, sealed: Sealed, desk: DeskId) -> Unsealed:
        """Return what the keys of `desk` open; it is not to be shown yet. Raises `LockedDeskError`."""
        statement: Statement | None = None
        photographs: dict[bytes, bytes] = {}
        faults = []
        for copy in sealed.copies:
            found = self._read(sealed.record, copy, desk, statement)
            if isinstance(found, Fault):
                faults.append(found)
            elif found is not None:
                statement, added = found
                photographs |= added
        return Unsealed(sealed.record, sealed.terms, statement, photographs, tuple(faults))

    def unseal_as_node(self, sealed: Sealed) -> Unsealed:
        """Return what the daemon's own desk reads of a received statement: which classes were signed, at least."""
        slots = tuple(replace(copy, wrap=None, epoch=None) for copy in sealed.copies)
        return self.unseal(replace(sealed, copies=slots), NODE_DESK)

    def show(self, unsealed: Unsealed, desk: OwnDesk, action: Action, act: Act = READING) -> Opened:
        """Return what the gate lets `desk` do `action` with; raise why there is nothing to do it with, as `open`."""
        if unsealed.statement is None:
            raise unsealed.refusal()
        record = unsealed.record
        found = self.circumstances(desk, record, unsealed.terms, act)
        refusal = self._refusal(desk, action, found.whole)
        if refusal is not None:
            raise refusal
        hidden = [*unjudged((d.path, d.sensitivity) for d in unsealed.statement.disclosures)]
        shown = redact(
            unsealed.statement,
            lambda d: (
                d.sensitivity in self._may(desk, action, found, d.path) and not is_within(d.path, hidden)
            ),
        )
        named = {digest for d in shown.disclosures for digest in part_digests(d)}
        photographs = {k: v for k, v in unsealed.photographs.items() if k in named}
        limits = (
            *map(not_judged, hidden),
            *(self._refusal(desk, action, one) for _, one in found.parts),
        )
        return Opened(
            record,
            shown,
            photographs,
            found.digest(self._gate, desk.reader, action),
            next((one for one in limits if one is not None), None),
        )

    def _refusal(self, desk: OwnDesk, action: Action, context: Context) -> PermissionError_ | None:
        """Return the refusal by a restriction; None: none forbids it."""
        return find_restriction(self._gate.decide(desk.reader, action, Sensitivity.ADMINISTRATIVE, context))

    def _may(self, desk: OwnDesk, action: Action, found: Circumstances, path: str) -> frozenset[Sensitivity]:
        """Return the classes of which `desk` may do `action` with a field at `path`.

        Of a part that a restriction takes out nothing is left: half an exhibit would look like a broken one.
        """
        context = found.at(path)
        if context is not found.whole and self._refusal(desk, action, context) is not None:
            return frozenset()
        return self._gate.readable(desk.reader, action, context)

    def keys(self, record: StatementRecord, copy: SealedCopy, desk: DeskId) -> Sequence[CompartmentKey]:
        """Return the compartment keys that `desk` holds of a copy: from its wrap, else, or if it is empty, its slot.

        Raises `LockedDeskError`, or `SealingError` if neither opens or they are of another statement.
        """
        secrets = self._desks.secrets(desk)
        wrapped: Sequence[CompartmentKey] = ()
        if copy.wrap is not None and copy.epoch is not None:
            wrapped = keys_of(_open_wrap(copy.wrap, copy.epoch, secrets), record.digest)
        if wrapped or record.direction is Direction.OURS:
            return wrapped
        try:
            return self._keys_in_slot(record, copy, secrets)
        except SealingError as error:
            if copy.wrap is not None and error.reason == NO_SLOT and self.has_announced_key(desk, secrets):
                return ()  # as the empty wrap says
            raise

    def holds_keys(self, sealed: Sealed, desk: DeskId) -> bool:
        """Say whether `desk` holds a key of any copy; an empty wrap has none. Raises `LockedDeskError`."""
        for copy in sealed.copies:
            with suppress(SealingError):
                if self.keys(sealed.record, copy, desk):
                    return True
        return False

    def has_announced_key(self, desk: DeskId, secrets: DeskSecrets) -> bool:
        """Say whether `secrets` hold the key that our entry announces for `desk`.

        Without it, as after an older key store was restored, a slot that no key opens may be its own all the
        same. A desk that is in no entry needs no such key.
        """
        entry = self._papers.entry(self._office.member)
        held = {private.public for private in secrets.opening}
        return entry is not None and all(d.public_key in held for d in entry.desks if d.desk == desk)

    def _keys_in_slot(
        self, record: StatementRecord, copy: SealedCopy, secrets: DeskSecrets
    ) -> Sequence[CompartmentKey]:
        body = hashlib.sha256(copy.parts.body).digest()
        slot = sealing.find_slot(
            copy.parts.slots, secrets.opening, record.iss, self._office.member, body, cache=secrets.epochs
        )
        return keys_of(slot, record.digest)

    def _read(
        self, record: StatementRecord, copy: SealedCopy, desk: DeskId, before: Statement | None
    ) -> tuple[Statement, dict[bytes, bytes]] | Fault | None:
        """Return `before` with what a copy adds, and its photographs; None if it has nothing for this desk."""
        is_of_author = copy.wrap is None  # a wrap is ours
        try:
            keys = self.keys(record, copy, desk)
            is_of_author = True
            if not keys:
                return None
            untrusted, photographs = _open_body(copy.parts.body, keys)
            return self._verify(untrusted, before, record), photographs
        except (SealingError, StatementError) as error:
            if error.reason == NO_SLOT:
                is_of_author = self.has_announced_key(desk, self._desks.secrets(desk))
            is_theirs = record.direction is Direction.THEIRS
            return Fault(error, copy.name, is_theirs and is_of_author and is_as_it_came(copy.parts))

    def _verify(
        self, untrusted: UntrustedStatement, before: Statement | None, record: StatementRecord
    ) -> Statement:
        header = peek(untrusted)
        if header.digest != record.digest:
            raise _other_statement()
        certificate = self._papers.certificate_of_old(header.certificate_sha256, record.iss)
        return verify_exhibit(_join(before, untrusted), certificate, issuer=record.iss)


def keys_of(slot: OpenSlot, statement: StatementDigest) -> Sequence[CompartmentKey]:
    """Return the keys that a slot or wrap holds; raise `SealingError` if it names another statement."""
    if slot.statement_digest != statement:
        raise _other_statement()
    return tuple(slot.keys.values())


def is_as_it_came(parts: SealedParts | Cover) -> bool:
    """Say whether parts are those that the header names: then nothing was damaged here."""
    try:
        header = parse_header(parts.header)
    except EnvelopeError:
        return False
    named = [(parts.slots, header.slots_sha256)]
    if isinstance(parts, SealedParts):
        named.append((parts.body, header.body_sha256))
    return all(hashlib.sha256(part).digest() == digest for part, digest in named)


def own_body_id(digest: StatementDigest) -> EnvelopeId:
    """Return the name under which a body of our own, that no envelope carries, is stored."""
    return EnvelopeId(digest)


def _open_wrap(wrap: WrapRecord, epoch: SealedStorageEpoch, secrets: DeskSecrets) -> OpenSlot:
    refusal: SealingError | None = None
    subject = wrap.envelope_id or wrap.statement
    for private in secrets.storage:
        try:
            return sealing.open_wrap(wrap.wrap, epoch, private, subject, cache=secrets.epochs)
        except SealingError as error:
            refusal = error
    raise refusal or StoreError("the desk has no storage key", reason="no-storage-key")


def _open_body(body: bytes, keys: Sequence[CompartmentKey]) -> tuple[UntrustedStatement, dict[bytes, bytes]]:
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


def _join(before: Statement | None, untrusted: UntrustedStatement) -> UntrustedStatement:
    """Return a statement with the disclosures of an earlier copy and those that `untrusted` adds."""
    if before is None:
        return untrusted
    known = dict.fromkeys(d.encoded for d in before.disclosures)
    added = (d for d in untrusted.disclosures if d not in known)
    return UntrustedStatement(before.jws, (*known, *added))


def _holds_nothing() -> NotFoundError:
    return NotFoundError("this desk holds nothing of the statement", reason="no-keys")


def _other_statement() -> SealingError:
    return SealingError("another statement lies here than its record says", reason="other-statement")
