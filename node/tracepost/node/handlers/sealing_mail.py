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
from tracepost.node.handlers.compartments import Cut, Reading, cut, unread_by
from tracepost.node.handlers.office import Office, OwnDesk
from tracepost.node.papers import DeskView, EntryView
from tracepost.node.records import WrapRecord
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest
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


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """Where we keep what we wrote: in the body of letter number `letter`, or in `body` of its own."""

    letter: int | None
    body: bytes = field(repr=False)
    wraps: tuple[WrapRecord, ...] = field(repr=False)
    epochs: tuple[SealedStorageEpoch, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedMail:
    """A statement sealed for all its addressees and for our own desks."""

    letters: tuple[SealedLetter, ...]
    own: OwnCopy


class Sealer:
    """Seals with the epochs of this process. Used from one thread (`sealing.Book`)."""

    def __init__(self, office: Office, gate: Gate, random: Random) -> None:
        self._office = office
        self._gate = gate
        self._random = random
        self._slots = EpochBook()
        self._storage = StorageBook()
        # The gate answers the same for one entry as long as the node runs under one policy.
        self._readings = lru_cache(maxsize=1024)(self._ask_readings)
        self._decision = lru_cache(maxsize=1024)(self._ask_decision)
        self._own_readings = lru_cache(maxsize=64)(self._ask_own_readings)

    def readings(self, entry: EntryView) -> tuple[Reading, ...]:
        """Return for each desk of the addressee, in the order of slots, what may be sealed to it."""
        return self._readings(entry)

    def decision(self, entries: Iterable[EntryView]) -> bytes:
        """Return the digest of the gate's tables for the desks of these addressees."""
        return hashlib.sha256("".join(map(self._decision, entries)).encode()).digest()

    def _ask_readings(self, entry: EntryView) -> tuple[Reading, ...]:
        return tuple(self._gate.readable(d.reader, Action.SEAL_TO, _as_addressee(d)) for d in entry.desks)

    def _ask_own_readings(self, author: DeskId) -> tuple[Reading, ...]:
        return tuple(self._office.readings(self._gate, author=author))

    def _ask_decision(self, entry: EntryView) -> str:
        tables = (self._gate.digest(d.reader, Action.SEAL_TO, _as_addressee(d)) for d in entry.desks)
        return "".join(tables)

    def seal(
        self, statement: Statement, parts: Mapping[bytes, bytes], entries: Sequence[EntryView], now: int
    ) -> SealedMail:
        """Return `statement` with its photographs sealed to each of `entries` and to our own desks."""
        own_readings = self._own_readings(statement.claims.desk)
        letters: list[SealedLetter] = []
        own: OwnCopy | None = None
        for number, entry in enumerate(entries):
            readings = self.readings(entry)
            shared = own is None and not unread_by(statement, readings)
            made = cut(statement, parts, (*readings, *own_readings) if shared else readings)
            body = self._body(made)
            letters.append(self._letter(entry, body, made.entitled[: len(readings)], statement, now))
            if shared:
                own = self._own_copy(statement, body, made.entitled[len(readings) :], number, now)
        return SealedMail(tuple(letters), own or self._copy_apart(statement, parts, own_readings, now))

    def wrap(
        self, digest: StatementDigest, keys: Sequence[CompartmentKey], desk: OwnDesk, now: int
    ) -> tuple[WrapRecord, SealedStorageEpoch]:
        """Return `keys` of the bodies of a statement wrapped for a desk of ours, and the epoch to store with it."""
        epoch = self._storage.for_desk(self._office.member, desk.desk, desk.storage_key, now, self._random)
        wrapped = seal_wrap(epoch, digest, digest, keys, self._random)
        return WrapRecord(digest, desk.desk, epoch.stored.id, wrapped), epoch.stored

    def _copy_apart(
        self, statement: Statement, parts: Mapping[bytes, bytes], readings: Sequence[Reading], now: int
    ) -> OwnCopy:
        made = cut(statement, parts, readings)
        return self._own_copy(statement, self._body(made), made.entitled, None, now)

    def _own_copy(
        self,
        statement: Statement,
        body: SealedBody,
        entitled: Sequence[frozenset[int]],
        letter: int | None,
        now: int,
    ) -> OwnCopy:
        made = [
            self.wrap(statement.digest, [body.keys[i] for i in sorted(may)], desk, now)
            for desk, may in zip(self._office.desks, entitled, strict=True)
        ]
        wraps, epochs = zip(*made, strict=True)
        return OwnCopy(letter, b"" if letter is not None else body.body, wraps, epochs)

    def _body(self, made: Cut) -> SealedBody:
        return seal_body([pack_compartment(c) for c in made.compartments], self._random)

    def _letter(
        self,
        entry: EntryView,
        body: SealedBody,
        entitled: Sequence[frozenset[int]],
        statement: Statement,
        now: int,
    ) -> SealedLetter:
        slots = seal_slots(
            self._office.member,
            entry.member,
            [(d.public_key, may) for d, may in zip(entry.desks, entitled, strict=True)],
            body,
            statement.digest,
            epochs=self._slots,
            now=now,
            random=self._random,
        )
        return SealedLetter(entry.member, slots, body.body)


def _as_addressee(desk: DeskView) -> Context:
    return Context(on_case=desk.on_every_case, addressed=True)
