"""Desks of ours put on a case: another desk gives them copies of what they may read of it.

Mail is sealed to the desks that peers know. A desk that is put on a case later, or that nobody outside knows
of, has no keys of it. So a desk that is on the case, and unlocked, opens each statement, the gate says what
of it the new desk may read, and just that is sealed anew as a body of our own, with its keys wrapped for the
new desk alone. The new desk gets no key of anything else: what it may not read is not in its copy.

    put on    the giving desk is on the case and unlocked → for each statement: opened, cut by the gate, sealed
              → in one unit of work: copies, log entry `opened/1` with action "forward", audit events
    later     what comes to the case is given in the housekeeping, as soon as a desk that can is unlocked
    take off  the keys of its copies are deleted; what it wrote itself it can still read

What one desk cannot give, another may: who reads persons gives persons. The audit trail tells which classes
of a statement a desk was given; it is asked before more is given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import find_case
from tracepost.node.handlers.case.circumstances import CaseTerms, read_terms
from tracepost.node.handlers.case.entitlement import require_case
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.desks.unlocking import KeyRing
from tracepost.node.handlers.sealed.opening import Opener, Sealed, Unsealed, load_sealed
from tracepost.node.handlers.sealed.sealing_mail import InnerCopy, Sealer
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent, CaseDesk
from tracepost.node.records.staff import StatementToGive
from tracepost.node.records.statements import SealedParts, StatementRecord
from tracepost.node.records.telling import WaitingItem
from tracepost.node.telling.items import item_of_case, items_of_days
from tracepost.node.telling.noted import noted_desks
from tracepost.protocol.errors import InvalidInputError, LockedDeskError, PermissionError_, TracepostError
from tracepost.protocol.evidence import Opened as OpenedEntry
from tracepost.protocol.evidence import prepare_line
from tracepost.protocol.ids import DeskId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.schema import INNER_KINDS, Sensitivity
from tracepost.protocol.sealing import Random
from tracepost.wire.v1 import office_pb2

_BATCH = 16
_ROUND = 256
_GIVE = "give"
# How often the housekeeping begins anew: what was held or unreleased takes effect behind its number.
_ROUNDS_TO_BEGIN_ANEW = 120

_Pair = tuple[StatementDigest, DeskId]


@dataclass(frozen=True, slots=True)
class _Gift:
    """What one desk gives another of a statement; `classes` are in the copy."""

    record: StatementRecord
    giver: DeskId
    receiver: DeskId
    officer: str
    classes: frozenset[Sensitivity]
    decision: bytes
    copy: InnerCopy


class CaseDesking:
    """One per process; used on the event loop, under the standing policies."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        ring: KeyRing,
        opener: Opener,
        sealer: Sealer,
        sending: Sending,
        store: Store,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self._office = office
        self._gate = gate
        self._ring = ring
        self._opener = opener
        self._sealer = sealer
        self._sending = sending
        self._store = store
        self._clock = clock
        self._random = random
        self._reached = 0
        self._rounds = 0
        self._unlocked: frozenset[DeskId] = frozenset()

    # ── what officers do ─────────────────────────────────────────────────────────────

    async def list_desks(self, officer: Officer, case: str) -> office_pb2.CaseDesks:
        """Return which desks of ours see a case."""
        thread, terms = await self._store.read(lambda tx: _find(tx, case))
        require_case(self._office, self._gate, officer, terms)
        return self._shown(thread, terms)

    async def put_on(self, officer: Officer, request: office_pb2.PutOnCaseRequest) -> office_pb2.CaseDesks:
        """Put a desk on a case, and give it what the officer's desk can give.

        Raises:
            PermissionError_: the officer's desk is not on the case.
            LockedDeskError: it is locked.
            InvalidInputError: the desk sees every case, or there is none such.
        """
        giver = self._office.desk(officer.choose_desk(request.as_desk))
        receiver = self._office.desk(DeskId(request.desk))
        thread, terms = await self._store.read(lambda tx: _find(tx, request.case))
        _require_on_case(giver, terms)
        if receiver.on_every_case:
            raise InvalidInputError("this desk sees every case", where="desk", reason="on-every-case")
        self._ring.secrets(giver.desk)
        now = self._clock()
        if not terms.admit(receiver):
            await self._store.write(lambda tx: self._put(tx, thread, receiver, officer, now), label="put-on")
        wanted = await self._store.read(lambda tx: _to_give(tx, thread, receiver.desk))
        given = await self._give(giver, wanted)
        told = self._shown(thread, CaseTerms(terms.desks | {receiver.desk}))
        told.given, told.not_given = given, len(wanted) - given
        return told

    async def take_off(
        self, officer: Officer, request: office_pb2.TakeOffCaseRequest
    ) -> office_pb2.CaseDesks:
        """Take a desk off a case, and delete its keys of what it was given there. Idempotent.

        Raises:
            PermissionError_: none of the officer's desks sees the case, or it was put on it and is another one.
            InvalidInputError: the desk sees every case, or there is none such.
        """
        thread, terms = await self._store.read(lambda tx: _find(tx, request.case))
        require_case(self._office, self._gate, officer, terms)
        desk, now = self._office.desk(DeskId(request.desk)), self._clock()
        self._require_host(officer, desk)
        if desk.on_every_case:
            raise InvalidInputError("this desk sees every case", where="desk", reason="on-every-case")

        def keep(tx: Tx) -> None:
            tx.case_desks.take_off(thread, [desk.desk], now)
            tx.wraps.delete_given(desk.desk, [r.digest for r in tx.statements.in_threads([thread])])
            tx.audit.append([AuditEvent(now, officer.label, "case-take-off", thread, desk.desk)])
            tx.telling.settle_case(desk.desk, thread, now)
            tx.telling.settle(desk.desk, items_of_days(thread))

        await self._store.write(keep, label="take-off")
        return self._shown(thread, CaseTerms(terms.desks - {desk.desk}))

    def _require_host(self, officer: Officer, desk: OwnDesk) -> None:
        """Raise `PermissionError_` for who is a guest in the case himself, and takes off another desk than his."""
        hosts = {one.desk for one in self._office.desks if one.on_every_case}
        if not {desk.desk, *hosts}.intersection(officer.desks):
            raise PermissionError_(
                "who was put on a case takes off no desk but his own", where="desk", reason="put-on-case"
            )

    # ── what comes later ─────────────────────────────────────────────────────────────

    async def keep_up(self) -> int:
        """Give what came to cases that desks were put on; return how many copies were made.

        A small part of a flood at a time: it works beside officers and peers.
        """
        unlocked = self._ring.unlocked()
        self._rounds += 1
        if unlocked - self._unlocked or self._rounds % _ROUNDS_TO_BEGIN_ANEW == 0:
            self._reached = 0
        self._unlocked = unlocked
        count, looked_at = 0, 0
        while looked_at < _ROUND:
            reached = self._reached
            page = await self._store.read(lambda tx, after=reached: tx.case_desks.to_give(after, _BATCH * 8))  # type: ignore[misc]
            if not page:
                break
            for giver in self._givers(unlocked):
                count += await self._give(giver, page)
            looked_at += len(page)
            self._reached = page[-1].number
        return count

    def _givers(self, unlocked: frozenset[DeskId]) -> list[OwnDesk]:
        """Return the unlocked desks that see every case, those first that may read most."""
        own = [d for d in self._office.desks if d.on_every_case and d.desk in unlocked]
        return sorted(own, key=lambda d: (-len(d.reader.competences), d.desk))

    # ── giving ───────────────────────────────────────────────────────────────────────

    async def _give(self, giver: OwnDesk, wanted: Sequence[StatementToGive]) -> int:
        """Give what `giver` can of these statements; return of how many."""
        count = 0
        for start in range(0, len(wanted), _BATCH):
            count += await self._give_some(giver, wanted[start : start + _BATCH])
        return count

    async def _give_some(self, giver: OwnDesk, wanted: Sequence[StatementToGive]) -> int:
        others = [one for one in wanted if one.desk != giver.desk and self._is_ours(one.desk)]
        sealed, had = await self._store.read(lambda tx: _read(tx, others, giver.desk))
        now = self._clock()
        unsealed = await asyncio.to_thread(self._unseal_all, sealed, giver)
        gifts = await self._sending.run(lambda: self._make_all(others, unsealed, had, giver, now))
        return await self._store.write(lambda tx: self._keep(tx, gifts, now), label="give") if gifts else 0

    def _is_ours(self, desk: DeskId) -> bool:
        return any(one.desk == desk for one in self._office.desks)

    def _unseal_all(self, sealed: Iterable[Sealed], giver: OwnDesk) -> dict[StatementDigest, Unsealed]:
        """Return what the giving desk may open itself: nobody gives what he may not read."""
        found = {}
        for one in sealed:
            if one.record.kind in INNER_KINDS:  # who reads it, its author has said
                continue
            try:
                unsealed = self._opener.unseal(one, giver.desk)
                shown = self._opener.show(unsealed, giver, Action.OPEN)
            except LockedDeskError:
                return {}
            except TracepostError:  # it is told to whoever reads the case
                continue
            found[one.record.digest] = replace(unsealed, statement=shown.statement, photographs=shown.parts)
        return found

    def _make_all(
        self,
        wanted: Iterable[StatementToGive],
        unsealed: dict[StatementDigest, Unsealed],
        had: dict[_Pair, frozenset[Sensitivity]],
        giver: OwnDesk,
        now: int,
    ) -> list[_Gift]:
        made = [
            self._make(
                one, unsealed[one.statement], had.get((one.statement, one.desk), frozenset()), giver, now
            )
            for one in wanted
            if one.statement in unsealed
        ]
        return [one for one in made if one is not None]

    def _make(
        self,
        wanted: StatementToGive,
        unsealed: Unsealed,
        had: frozenset[Sensitivity],
        giver: OwnDesk,
        now: int,
    ) -> _Gift | None:
        """Return what is given, cut by the gate for the desk that gets it; None if that is no more than it had."""
        receiver = self._office.desk(wanted.desk)
        terms = replace(unsealed.terms, desks=unsealed.terms.desks | {receiver.desk})
        try:
            shown = self._opener.show(replace(unsealed, terms=terms), receiver, Action.OPEN)
        except PermissionError_:  # a restriction: nobody but its author looks at it any more
            return None
        classes = frozenset(d.sensitivity for d in shown.statement.disclosures)
        if classes <= had | {Sensitivity.PUBLIC}:
            return None
        return _Gift(
            record=unsealed.record,
            giver=giver.desk,
            receiver=receiver.desk,
            officer=wanted.put_by,
            classes=classes,
            decision=shown.decision,
            copy=self._sealer.copy_for(shown.statement, shown.parts, receiver, now),
        )

    def _keep(self, tx: Tx, gifts: Sequence[_Gift], now: int) -> int:
        terms = read_terms(tx, [one.record.thread for one in gifts])
        dead = tx.tombstones.find([one.record.digest for one in gifts])  # since they were opened
        on_case = [
            one
            for one in gifts
            if one.receiver in terms[one.record.thread].desks and one.record.digest not in dead
        ]
        tx.bodies.keep({one.copy.name: SealedParts(b"", b"", one.copy.body, b"") for one in on_case})
        tx.wraps.keep([one.copy.wrap for one in on_case], [one.copy.epoch for one in on_case], now)
        numbers = tx.log.append([prepare_line(_entry(one, now), self._random) for one in on_case])
        tx.audit.append([_audit(one, number, now) for one, number in zip(on_case, numbers, strict=True)])
        return len(on_case)

    def _put(self, tx: Tx, thread: ThreadId, desk: OwnDesk, officer: Officer, now: int) -> None:
        tx.case_desks.put([CaseDesk(thread, desk.desk, officer.label, now)])
        tx.audit.append([AuditEvent(now, officer.label, "case-put-on", thread, desk.desk)])
        if desk.desk in noted_desks(tx):
            tx.telling.add([WaitingItem(desk.desk, item_of_case(thread), thread, now, urgent=False)])

    def _shown(self, thread: ThreadId, terms: CaseTerms) -> office_pb2.CaseDesks:
        return office_pb2.CaseDesks(
            thread=thread,
            on_every_case=[d.desk for d in self._office.desks if d.on_every_case],
            put_on_it=sorted(terms.desks),
        )


def _find(tx: Tx, named: str) -> tuple[ThreadId, CaseTerms]:
    thread = find_case(tx, named)
    return thread, read_terms(tx, [thread])[thread]


def _require_on_case(desk: OwnDesk, terms: CaseTerms) -> None:
    if not terms.admit(desk):
        raise PermissionError_(
            f"the desk {desk.desk} is not on the case itself", where="as_desk", reason="not-on-case"
        )


def _to_give(tx: Tx, thread: ThreadId, desk: DeskId) -> list[StatementToGive]:
    """Return the statements of a case for a desk that is on it; none if it was taken off meanwhile."""
    return [
        StatementToGive(0, record.digest, desk, one.put_by, one.put_at)
        for one in tx.case_desks.standing(thread)
        if one.desk == desk
        for record in tx.statements.in_threads([thread])
    ]


def _read(
    tx: Tx, wanted: Sequence[StatementToGive], giver: DeskId
) -> tuple[list[Sealed], dict[_Pair, frozenset[Sensitivity]]]:
    """Return these statements with the wraps of the giving desk, and what of them was given since the desks came."""
    records = tx.statements.find([one.statement for one in wanted])
    subjects = {encode_b64(digest): digest for digest in records}
    since = {(one.statement, one.desk): one.put_at for one in wanted if _holds(tx, one)}
    had: dict[_Pair, frozenset[Sensitivity]] = {}
    for one in tx.audit.about(list(subjects)):
        event = one.event
        desk, _, classes = event.outcome.partition(" ")
        pair = (subjects[event.subject], DeskId(desk))
        if event.action == _GIVE and event.at >= since.get(pair, event.at + 1):
            given = frozenset(Sensitivity(c) for c in classes.split(","))
            had[pair] = had.get(pair, frozenset()) | given
    return load_sealed(tx, list(records.values()), giver), had


def _holds(tx: Tx, wanted: StatementToGive) -> bool:
    """Say whether the desk has the keys of a copy that it was given: they go when it is taken off."""
    names = [w.envelope_id for w in tx.wraps.of(wanted.desk, [wanted.statement]) if w.envelope_id]
    return any(not parts.header for parts in tx.bodies.load(names).values())


def _entry(one: _Gift, now: int) -> OpenedEntry:
    return OpenedEntry(one.record.digest, one.giver, one.officer, str(Action.FORWARD), one.decision, now)


def _audit(one: _Gift, log_number: int, now: int) -> AuditEvent:
    outcome = f"{one.receiver} {','.join(sorted(one.classes))}"
    return AuditEvent(now, one.officer, _GIVE, encode_b64(one.record.digest), outcome, log_number)
