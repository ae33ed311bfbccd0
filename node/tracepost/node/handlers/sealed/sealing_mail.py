"""From a signed statement to sealed mail: one body and its slots for each addressee, wraps for our desks.

The ciphertext that travels is also our own copy: our desks get its keys wrapped. Only where the
addressee may not read everything do we keep a body of our own beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tracepost.node.gate import Action, Context, Gate
from tracepost.node.handlers.case.audience import EVERYBODY, Audience
from tracepost.node.handlers.case.inner_readers import only_inside
from tracepost.node.handlers.case.inward import FOR_NOBODY, Inward, inward_of
from tracepost.node.handlers.case.naming import NOBODY, is_named, named_in
from tracepost.node.handlers.case.office import Named, Office, OwnDesk, desk_name
from tracepost.node.handlers.case.reader_sets import EVERY_DESK, NOTHING, Only
from tracepost.node.handlers.case.thread import CLEAR_CLASSES
from tracepost.node.handlers.sealed.attached import Attached, addresses_of, attached_in
from tracepost.node.handlers.sealed.compartments import Reading, cut, unread_by
from tracepost.node.papers import DeskView, EntryView
from tracepost.node.records.statements import WrapRecord
from tracepost.protocol.ids import DeskId, EnvelopeId, MemberId, StatementDigest
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.sealing import (
    CompartmentKey,
    EpochBook,
    Random,
    SealedBody,
    SealedStorageEpoch,
    StorageBook,
    pack_compartment,
    seal_body,
    seal_slots,
    seal_wrap,
)
from tracepost.protocol.statement import Statement


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """Mail to one addressee before it has a number: all but the header."""

    to: MemberId
    slots: bytes = field(repr=False)
    body: bytes = field(repr=False)
    attachments: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """Where we keep what we wrote: in the body of letter number `letter`, or in `body` of its own."""

    letter: int | None
    body: bytes = field(repr=False)
    wraps: tuple[WrapRecord, ...] = field(repr=False)
    epochs: tuple[SealedStorageEpoch, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class InnerCopy:
    """What one desk of ours gave another of a statement: a body of its own, and its keys wrapped for that desk."""

    name: EnvelopeId
    body: bytes = field(repr=False)
    wrap: WrapRecord = field(repr=False)
    epoch: SealedStorageEpoch = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedMail:
    """A statement sealed for all its addressees and for our own desks."""

    letters: tuple[SealedLetter, ...]
    own: OwnCopy
    attached: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class _Copy:
    """A statement encrypted in one body, and for each desk in order the compartments that it may open."""

    body: SealedBody
    entitled: tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True)
class _Letter:
    """A copy for an addressee, and the classes that some desk of it may open."""

    entry: EntryView
    copy: _Copy
    readable: Reading


@dataclass(frozen=True, slots=True)
class Copies:
    """A statement encrypted for each addressee and for our own desks, which may share a body with one."""

    letters: tuple[_Letter, ...]
    own: _Copy

    def number_of_own(self) -> int | None:
        """Return the number of the letter whose body is our own copy too; None: it has one of its own."""
        shared = (n for n, one in enumerate(self.letters) if one.copy.body is self.own.body)
        return next(shared, None)


class Sealer:
    """Seals with the epochs of this process. Used from one thread (`sealing.Book`)."""

    def __init__(self, office: Office, gate: Gate, random: Random) -> None:
        self._office = office
        self._gate = gate
        self._random = random
        self._slots = EpochBook()
        self._storage = StorageBook()
        # The gate answers the same for one entry as long as one policy set is in force: its digest is in every key.
        self._readings = lru_cache(maxsize=1024)(self._ask_readings)
        self._decision = lru_cache(maxsize=1024)(self._ask_decision)
        self._own_readings = lru_cache(maxsize=64)(self._ask_own_readings)

    def readings(
        self, entry: EntryView, named: Named = NOBODY, written_for: Audience = EVERYBODY
    ) -> tuple[Reading, ...]:
        """Return for each desk of the addressee, in the order of slots, what may be sealed to it.

        `named` are the desks that the statement names, `written_for` those that it is written for.
        """
        return self._readings(self._gate.policy_sha256, entry, named, written_for.at(entry.member))

    def own_readings(
        self,
        author: DeskId,
        named: Named = NOBODY,
        written_for: Audience = EVERYBODY,
        inward: Inward = FOR_NOBODY,
    ) -> tuple[Reading, ...]:
        """Return for each desk of ours what it may read of what the desk `author` writes."""
        written_for = written_for.at(self._office.member)
        return self._own_readings(self._gate.policy_sha256, author, named, written_for, inward)

    def decision(
        self, entries: Iterable[EntryView], named: Named = NOBODY, written_for: Audience = EVERYBODY
    ) -> bytes:
        """Return the digest of the gate's tables for the desks of these addressees."""
        policies = self._gate.policy_sha256
        tables = "".join(self._decision(policies, e, named, written_for.at(e.member)) for e in entries)
        return hashlib.sha256(tables.encode()).digest()

    def own_decision(self, author: DeskId, named: Named, written_for: Audience, inward: Inward) -> bytes:
        """Return the digest of the gate's tables for our own desks, of what stays with them."""
        office = self._office
        contexts = [(d, office.context(d, author, named, written_for, inward)) for d in office.desks]
        tables = "".join(self._gate.digest(d.reader, Action.OPEN, context) for d, context in contexts)
        return hashlib.sha256(tables.encode()).digest()

    def _ask_readings(
        self, _policies: bytes, entry: EntryView, named: Named, written_for: Audience
    ) -> tuple[Reading, ...]:
        contexts = [as_addressee(entry.member, d, named, written_for) for d in entry.desks]
        asked = zip(entry.desks, contexts, strict=True)
        may = [self._gate.readable(d.reader, Action.SEAL_TO, context) for d, context in asked]
        kept = [is_reserved_from(d, entry.desks, written_for) for d in entry.desks]
        return tuple(r & CLEAR_CLASSES if out else r for r, out in zip(may, kept, strict=True))

    def _ask_own_readings(
        self, _policies: bytes, author: DeskId, named: Named, written_for: Audience, inward: Inward
    ) -> tuple[Reading, ...]:
        office = self._office
        return tuple(
            office.readings(self._gate, author=author, named=named, written_for=written_for, inward=inward)
        )

    def _ask_decision(self, _policies: bytes, entry: EntryView, named: Named, written_for: Audience) -> str:
        contexts = [as_addressee(entry.member, d, named, written_for) for d in entry.desks]
        asked = zip(entry.desks, contexts, strict=True)
        return "".join(self._gate.digest(d.reader, Action.SEAL_TO, context) for d, context in asked)

    def encrypt(
        self,
        statement: Statement,
        parts: Mapping[bytes, bytes],
        entries: Sequence[EntryView],
        written_for: Audience = EVERYBODY,
    ) -> Copies:
        """Return `statement` with its photographs encrypted for each of `entries` and for our own desks.

        The first letter that holds everything is our own copy too; else there is one apart.
        `written_for` says which desks it is written for.
        """
        named, inward = named_in(statement), inward_of(statement)
        own_readings = self.own_readings(statement.claims.desk, named, written_for, inward)
        own_desks = self._own_names(statement.claims.desk, inward)
        own_inside = only_inside(statement, self._office.member)
        letters: list[_Letter] = []
        own: _Copy | None = None
        for entry in entries:
            readings = self.readings(entry, named, written_for)
            desks = tuple(desk_name(entry.member, one.desk) for one in entry.desks)
            inside = only_inside(statement, entry.member)
            shared = own is None and not (inside or own_inside or unread_by(statement, readings, desks))
            made = (
                self._copy(
                    statement,
                    parts,
                    (*readings, *own_readings),
                    (*desks, *own_desks),
                    as_bytes=entry.message.opens_bytes,
                )
                if shared
                else self._copy(statement, parts, readings, desks, inside, as_bytes=entry.message.opens_bytes)
            )
            readable = frozenset[Sensitivity]().union(*readings)
            letters.append(_Letter(entry, _Copy(made.body, made.entitled[: len(readings)]), readable))
            if shared:
                own = _Copy(made.body, made.entitled[len(readings) :])
        own = own or self._copy(statement, parts, own_readings, own_desks, own_inside)
        return Copies(tuple(letters), own)

    def seal(self, statement: Statement, copies: Copies, now: int) -> SealedMail:
        """Return what `encrypt` made with slots for the desks of the addressees and wraps for our own."""
        attached = attached_in(statement.disclosures)
        letters = tuple(self._letter(one, statement.digest, attached, now) for one in copies.letters)
        return SealedMail(letters, self._own_copy(statement, copies, now), attached)

    def wrap(
        self,
        digest: StatementDigest,
        envelope_id: EnvelopeId | None,
        keys: Sequence[CompartmentKey],
        desk: OwnDesk,
        now: int,
    ) -> tuple[WrapRecord, SealedStorageEpoch]:
        """Return `keys` of a body of a statement wrapped for a desk of ours, and the epoch to store with it.

        `envelope_id` is of the envelope that brought them; None for what we write.
        """
        epoch = self._storage.for_desk(self._office.member, desk.desk, desk.storage_key, now, self._random)
        wrapped = seal_wrap(epoch, envelope_id or digest, digest, keys, self._random)
        return WrapRecord(digest, envelope_id, desk.desk, epoch.stored.id, wrapped), epoch.stored

    def copy_for(self, shown: Statement, parts: Mapping[bytes, bytes], desk: OwnDesk, now: int) -> InnerCopy:
        """Return all of `shown`, with these photographs, sealed anew for one desk of ours."""
        made = self._copy(shown, parts, [frozenset(shown.classes)])
        name = EnvelopeId(self._random(32))
        wrap, epoch = self.wrap(shown.digest, name, made.body.keys, desk, now)
        return InnerCopy(name, made.body.body, wrap, epoch)

    def _own_names(self, author: DeskId, inward: Inward) -> tuple[str, ...]:
        """Return the names of our desks; nothing is kept from the one that wrote."""
        member = self._office.member
        return tuple(
            EVERY_DESK if one.desk == author and not inward.composed else desk_name(member, one.desk)
            for one in self._office.desks
        )

    def _copy(
        self,
        statement: Statement,
        parts: Mapping[bytes, bytes],
        readings: Sequence[Reading],
        desks: Sequence[str] = (),
        inside: Sequence[Only] = NOTHING,
        *,
        as_bytes: bool = False,
    ) -> _Copy:
        made = cut(statement, parts, readings, desks, inside)
        packed = [pack_compartment(one, as_bytes=as_bytes) for one in made.compartments]
        body = seal_body(packed, self._random)
        return _Copy(body, made.entitled)

    def _own_copy(self, statement: Statement, copies: Copies, now: int) -> OwnCopy:
        own = copies.own
        made = [
            self.wrap(statement.digest, None, [own.body.keys[i] for i in sorted(may)], desk, now)
            for desk, may in zip(self._office.desks, own.entitled, strict=True)
        ]
        wraps, epochs = zip(*made, strict=True)
        letter = copies.number_of_own()
        return OwnCopy(letter, b"" if letter is not None else own.body.body, wraps, epochs)

    def _letter(
        self, one: _Letter, digest: StatementDigest, attached: Sequence[Attached], now: int
    ) -> SealedLetter:
        desks = zip(one.entry.desks, one.copy.entitled, strict=True)
        slots = seal_slots(
            self._office.member,
            one.entry.member,
            [(d.public_key, may) for d, may in desks],
            one.copy.body,
            digest,
            epochs=self._slots,
            now=now,
            random=self._random,
        )
        # What goes beside a letter: what some desk of the addressee can open.
        named = addresses_of(each for each in attached if each.sensitivity in one.readable)
        return SealedLetter(one.entry.member, slots, one.copy.body.body, named)


def as_addressee(
    member: MemberId, desk: DeskView, named: Named, written_for: Audience = EVERYBODY
) -> Context:
    """Return what a statement that goes to `member` says about a desk of it as its reader."""
    return Context(
        on_case=written_for.is_on_case(desk.reader, always=desk.on_every_case),
        addressed=True,
        named=is_named(member, desk.desk, named),
        consented=written_for.is_consented(desk.reader),
    )


def is_reserved_from(desk: DeskView, desks: Iterable[DeskView], written_for: Audience) -> bool:
    """Say whether a reserved message is for other desks of its addressee, who has such.

    A panel's request goes to the Permanent Mission; who else gets a copy, the member's entry says.
    """
    if not written_for.reserved or desk.copied_on_panel_mail or written_for.is_meant(desk.reader):
        return False
    return any(written_for.is_meant(one.reader) for one in desks)
