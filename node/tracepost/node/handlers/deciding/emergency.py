"""Break-glass: to read what the gate refuses, on the word of two officers, for a day, and the provider is told.

    ask     the officer says which statements, for which desk of his, and why, and approves each; of what his desk
            may not know of, and holds no key of, he hears what he hears of what is not here
    decide  another officer of the desk, or of the point of contact, approves each → in one unit of work: a log
            entry for each with the digest of both approvals, the notice to each provider, the audit events
    show    to the officer who asked, for 24 hours: what the keys of the desk open of just these statements,
            photographs too; the log says of each look, before it is shown

It overrules the gate, and nothing else. What was never sealed to the desk it cannot open: a desk that holds no
key gets nothing. Who wrote what is inside a statement, at any depth, is told like who wrote the statement.
Notices are statements like others: where one cannot be sent, nothing is granted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.circumstances import read_terms
from tracepost.node.handlers.case.enclosed import statements_in
from tracepost.node.handlers.case.entitlement import may_know_of
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.thread import Thread, claims_of, clear_message, line_of, open_thread
from tracepost.node.handlers.desks.endorsing import require_standing
from tracepost.node.handlers.desks.policy_words import (
    Word,
    digest_of,
    read_words,
    verify_word_on,
    write_words,
)
from tracepost.node.handlers.sealed.compartments import named_parts
from tracepost.node.handlers.sealed.opening import Opener, Sealed, UnlockedDesks, Unsealed, load_sealed
from tracepost.node.handlers.sealed.sheet import Sight, count_hidden, read_ways, show
from tracepost.node.handlers.sealed.shown_exhibits import not_judged, unjudged
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.staff import EmergencyRecord, EmergencyState
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.approval import Decision, of_opening
from tracepost.protocol.consent import is_within
from tracepost.protocol.errors import ApprovalError, ConflictError, NotFoundError, PermissionError_
from tracepost.protocol.evidence import Opened, prepare_line
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, ThreadId, encode_b64, parse_digest
from tracepost.protocol.sealing import Random
from tracepost.protocol.statement import Claims
from tracepost.wire.v1 import desk_pb2, office_pb2, share_pb2

ACTION = "break-glass"
LOOK = "break-glass-look"
_LASTS_S = 24 * 3600
_BY_POC = "An officer of the point of contact approves it."
_AT_ONCE = 64  # of the schema
_FOR_PROOF = frozenset({"trace.consent/1", "directory.entry/1"})


class Emergencies:
    """One per process; used on the event loop, under the standing policies."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        papers: Papers,
        opener: Opener,
        desks: UnlockedDesks,
        sending: Sending,
        store: Store,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self._office = office
        self._gate = gate
        self._papers = papers
        self._opener = opener
        self._desks = desks
        self._sending = sending
        self._store = store
        self._clock = clock
        self._random = random

    async def ask(
        self, officer: Officer, words: Sequence[Word], request: office_pb2.AskEmergencyRequest
    ) -> office_pb2.Emergency:
        """Keep what an officer asks, who approved the reading of each statement by one of `words`.

        Raises:
            LockedDeskError: the desk is locked, so that nobody can say what it holds keys of.
            NotFoundError: a statement is not here, or the desk may not know that it is.
            ApprovalError, IdentityError: an approval does not hold, or is about something else.
        """
        asking, now = self._office.desk(officer.choose_desk(request.desk)), self._clock()
        desk = asking.desk
        digests = [parse_digest(one, "statements") for one in request.statements]
        self._desks.secrets(desk)
        await self._require_known(digests, asking)
        if self._verify(words, digests, desk, officer.label, now) is not Decision.APPROVED:
            raise ApprovalError("who asks approves it", where="approvals", reason="decision")

        def keep(tx: Tx) -> EmergencyRecord:
            record = EmergencyRecord(
                number=max((one.number for one in tx.emergencies.all()), default=0) + 1,
                desk=desk,
                officer=officer.number,
                statements=tuple(digests),
                state=EmergencyState.PROPOSED,
                proposed_at=now,
                reason=request.reason,
                words=write_words(words),
            )
            tx.emergencies.put(record)
            tx.audit.append(_audits(record, officer.label, "break-glass-ask", now))
            return record

        return await self._told(await self._store.write(keep, label="emergency-ask"), officer, now)

    async def decide(self, officer: Officer, words: Sequence[Word], number: int) -> office_pb2.Emergency:
        """Take a second officer's word; granted, the providers' notices are in the queue when this returns.

        Raises:
            NotFoundError, ConflictError: there is no such request, it is decided on, or a word of it has granted
                another.
            PermissionError_: who asked approves it, or it is for officers of other desks.
            ApprovalError, IdentityError: an approval does not hold, or is about something else.
        """
        record, now = await self._store.read(lambda tx: _find(tx, number)), self._clock()
        _require_proposed(record)
        asked_by = f"officer-{record.officer}"
        decision = self._verify(words, record.statements, record.desk, asked_by, now)
        if decision is Decision.REFUSED:
            self._require_may(record, officer, approves=False)
            return await self._refuse(record, officer, words, now)
        teller = self._require_may(record, officer, approves=True)
        first = read_words(record.words)
        self._verify(first, record.statements, record.desk, asked_by, now)  # he may have been revoked since
        granted = replace(
            record,
            state=EmergencyState.GRANTED,
            decided_by=officer.label,
            decided_at=now,
            until=now + _LASTS_S,
            words=write_words([*first, *words]),
        )
        told = await self._store.read(lambda tx: self._notices(tx, record, teller, now))
        await self._sending.tell_with(
            officer, told, lambda tx: self._grant(tx, granted, first, words), label="emergency-grant"
        )
        return await self._told(granted, officer, now)

    async def list_all(self, officer: Officer) -> office_pb2.ListEmergenciesResponse:
        """Return what was asked at desks of the officer; of all desks to the point of contact."""
        now = self._clock()
        desks = {d.desk for d in self._office.desks if d.desk in officer.desks or self._is_over(officer)}

        def read(tx: Tx) -> list[office_pb2.Emergency]:
            return [self._render(tx, one, officer, now) for one in tx.emergencies.all() if one.desk in desks]

        return office_pb2.ListEmergenciesResponse(emergencies=await self._store.read(read), clock=now)

    async def show(self, officer: Officer, number: int, photograph: bytes = b"") -> office_pb2.EmergencyView:
        """Return what the keys of the desk open of the statements, whatever the gate says, after the log says so.

        Args:
            officer: who asked.
            number: of what was granted.
            photograph: digest of one of these statements' that is wanted too; empty: none.

        Raises:
            NotFoundError: there is no such request, or no such photograph.
            PermissionError_: it is for another officer, not granted, or over.
        """
        record, now = await self._store.read(lambda tx: _find(tx, number)), self._clock()
        if record.officer != officer.number or record.desk not in officer.desks:
            raise PermissionError_("it is for the officer who asked", where="number", reason="other-officer")
        if record.state is not EmergencyState.GRANTED or record.until <= now:
            raise PermissionError_("it is not granted, or over", where="number", reason="not-granted")
        sealed = await self._store.read(
            lambda tx: load_sealed(tx, _records(tx, record.statements), record.desk)
        )
        opened = await asyncio.to_thread(lambda: [self._opener.unseal(one, record.desk) for one in sealed])
        view = office_pb2.EmergencyView(emergency=await self._told(record, officer, now))
        if photograph:
            view.photograph, view.media_type = _find_photograph(opened, photograph)
        await self._store.write(lambda tx: self._note_look(tx, record, officer, now), label="emergency-look")
        ways = await self._store.read(lambda tx: read_ways(tx, [one.record for one in opened]))
        view.statements.extend(show(_sight(one), ways) for one in opened)
        return view

    async def _require_known(self, digests: Sequence[StatementDigest], desk: OwnDesk) -> None:
        """Raise `NotFoundError`, as for what is not here, unless a desk holds keys of these or may know of them."""
        hidden = await self._store.read(lambda tx: self._hidden(tx, digests, desk))
        held = await asyncio.to_thread(lambda: [self._opener.holds_keys(one, desk.desk) for one in hidden])
        if not all(held):
            raise _not_here()

    def _hidden(self, tx: Tx, digests: Sequence[StatementDigest], desk: OwnDesk) -> list[Sealed]:
        """Return those of these statements that the gate lets a desk not know of."""
        records = _records(tx, digests)
        terms = read_terms(tx, [one.thread for one in records])
        known = {r.digest for r in records if may_know_of(self._office, self._gate, desk, r, terms[r.thread])}
        return load_sealed(tx, [one for one in records if one.digest not in known], desk.desk)

    def _note_look(self, tx: Tx, record: EmergencyRecord, officer: Officer, now: int) -> None:
        """Write into the log and the audit that the officer looks; the grant's entry has both approvals."""
        entries = [
            Opened(one.digest, record.desk, officer.label, LOOK, self._overruled(tx, record, one), now)
            for one in _records(tx, record.statements)
        ]
        numbers = tx.log.append([prepare_line(entry, self._random) for entry in entries])
        events = _audits(record, officer.label, ACTION, now)
        tx.audit.append([replace(e, log_number=n) for e, n in zip(events, numbers, strict=True)])

    def _overruled(self, tx: Tx, emergency: EmergencyRecord, record: StatementRecord) -> bytes:
        """Return the digest of the gate's table that is overruled."""
        desk = self._office.desk(emergency.desk)
        found = self._opener.circumstances(desk, record, read_terms(tx, [record.thread])[record.thread])
        return found.digest(self._gate, desk.reader, Action.OPEN)

    def _verify(
        self, words: Sequence[Word], digests: Sequence[StatementDigest], desk: DeskId, asked_by: str, now: int
    ) -> Decision:
        """Return what these words say, all the same; raise `ApprovalError` unless there is one for each statement."""
        if len(words) != len(digests):
            raise ApprovalError("one approval for each statement", where="approvals", reason="count")
        said = {
            verify_word_on(
                word, of_opening(digest, desk, asked_by, ACTION), self._papers, self._office.member, now
            ).decision
            for word, digest in zip(words, digests, strict=True)
        }
        if len(said) != 1:
            raise ApprovalError("all approve or all refuse", where="approvals", reason="decision")
        return said.pop()

    def _is_over(self, officer: Officer) -> bool:
        return any(d.reader.point_of_contact and d.desk in officer.desks for d in self._office.desks)

    def _require_may(self, record: EmergencyRecord, officer: Officer, *, approves: bool) -> DeskId:
        """Return the desk of the officer that tells the providers."""
        refusal = self._refusal(record, officer, approves=approves)
        if refusal is not None:
            raise refusal
        return self._teller(record, officer).desk

    def _teller(self, record: EmergencyRecord, officer: Officer) -> OwnDesk:
        """Return the desk that tells the providers: one of the officer that sees every case, if there is any."""
        on_all = [d.desk for d in self._office.desks if d.on_every_case and d.desk in officer.desks]
        return self._office.desk(next(iter(on_all), record.desk))

    def _refusal(
        self, record: EmergencyRecord, officer: Officer, *, approves: bool
    ) -> PermissionError_ | None:
        """Return why an officer may not say this word; None: he may."""
        if officer.number == record.officer and approves:
            return PermissionError_(
                "nobody approves what he asked for",
                where="number",
                reason="own-proposal",
                remedy="Another officer of the desk, or of the point of contact, approves it.",
            )
        if record.desk not in officer.desks and not self._is_over(officer):
            return PermissionError_(
                "it is for officers of the desk, or of the point of contact",
                where="number",
                reason="other-desk",
            )
        teller = self._teller(record, officer)
        if approves and not teller.outward and teller.under is None:
            return PermissionError_(
                "an inner desk tells no other member of it",
                where="number",
                reason="inner-desk",
                remedy=_BY_POC,
            )
        return None

    async def _refuse(
        self, record: EmergencyRecord, officer: Officer, words: Sequence[Word], now: int
    ) -> office_pb2.Emergency:
        refused = replace(
            record,
            state=EmergencyState.REFUSED,
            decided_by=officer.label,
            decided_at=now,
            words=write_words([*read_words(record.words), *words]),
        )

        def keep(tx: Tx) -> None:
            _require_proposed(_find(tx, record.number))
            tx.emergencies.put(refused)
            tx.audit.append(_audits(refused, officer.label, "break-glass-refuse", now))

        await self._store.write(keep, label="emergency-refuse")
        return await self._told(refused, officer, now)

    def _grant(self, tx: Tx, granted: EmergencyRecord, first: Sequence[Word], second: Sequence[Word]) -> None:
        _require_proposed(_find(tx, granted.number))
        _require_unused(tx, [*first, *second])
        require_standing(tx, [*first, *second])
        records = _records(tx, granted.statements)
        both = zip(records, first, second, strict=True)
        entries = [self._entry(tx, granted, record, (one, other)) for record, one, other in both]
        numbers = tx.log.append([prepare_line(entry, self._random) for entry in entries])
        tx.emergencies.put(granted)
        action, at = "break-glass-grant", granted.decided_at
        tx.audit.append(
            [
                AuditEvent(at, granted.decided_by, action, encode_b64(e.statement), e.officer, number)
                for e, number in zip(entries, numbers, strict=True)
            ]
        )

    def _entry(
        self, tx: Tx, granted: EmergencyRecord, record: StatementRecord, words: Sequence[Word]
    ) -> Opened:
        """Return what the log says; `decision` is the digest of the table that is overruled."""
        return Opened(
            statement=record.digest,
            desk=granted.desk,
            officer=f"officer-{granted.officer}",
            action=ACTION,
            decision=self._overruled(tx, granted, record),
            time=granted.decided_at,
            approvals=digest_of(words),
        )

    def _notices(
        self, tx: Tx, record: EmergencyRecord, teller: DeskId, now: int
    ) -> list[tuple[desk_pb2.Draft, Thread]]:
        """Return what is told to each author of these statements, and of those inside them, in its own case."""
        by_case: dict[tuple[MemberId, ThreadId], dict[StatementDigest, _Opened]] = {}
        for one in (found for r in _records(tx, record.statements) for found in _opened_by(r)):
            if one.claims.iss != self._office.member:
                some = by_case.setdefault((one.claims.iss, one.claims.thread), {})
                some.setdefault(one.digest, one)
        threads = {name for _, name in by_case}
        cases = {n: open_thread(n, self._office.member, tx.statements.in_threads([n])) for n in threads}
        return [
            (_notice(part, cases[thread], teller, now), cases[thread])
            for (_, thread), some in by_case.items()
            for part in _split(tuple(some.values()))
        ]

    async def _told(self, record: EmergencyRecord, officer: Officer, now: int) -> office_pb2.Emergency:
        return await self._store.read(lambda tx: self._render(tx, record, officer, now))

    def _render(self, tx: Tx, record: EmergencyRecord, officer: Officer, now: int) -> office_pb2.Emergency:
        found = tx.statements.find(record.statements)
        known = [found[digest] for digest in record.statements if digest in found]
        authors = {one.claims.iss for r in known for one in _opened_by(r)} - {self._office.member}
        is_proposed = record.state is EmergencyState.PROPOSED
        is_over = record.state is EmergencyState.GRANTED and record.until <= now
        return office_pb2.Emergency(
            number=record.number,
            desk=record.desk,
            asked_by=f"officer-{record.officer}",
            statements=[encode_b64(one) for one in record.statements],
            reason=record.reason,
            state=f"EMERGENCY_STATE_{'OVER' if is_over else record.state}",
            asked_at=instant(record.proposed_at),
            decided_by=record.decided_by or None,
            decided_at=instant(record.decided_at) if record.decided_at else None,
            until=instant(record.until) if record.until else None,
            lines=map(line_of, known),
            told_members=sorted(authors),
            yours_to_decide=is_proposed and self._refusal(record, officer, approves=True) is None,
        )


@dataclass(frozen=True, slots=True)
class _Opened:
    """A statement that is opened, itself or inside `carrier`."""

    digest: StatementDigest
    claims: Claims
    carrier: StatementDigest | None = None


def _opened_by(record: StatementRecord) -> Iterator[_Opened]:
    """Yield a statement and all inside it. Consents and entries are for whoever is to believe them: none is told."""
    yield _Opened(record.digest, claims_of(record))
    for one in statements_in(clear_message(record)):
        if one.claims.kind not in _FOR_PROOF:
            yield _Opened(one.digest, one.claims, record.digest)


def _split(opened: Sequence[_Opened]) -> Iterator[Sequence[_Opened]]:
    for start in range(0, len(opened), _AT_ONCE):
        yield opened[start : start + _AT_ONCE]


def _notice(opened: Sequence[_Opened], case: Thread, teller: DeskId, now: int) -> desk_pb2.Draft:
    first, day = opened[0].claims, instant(now)[:10]
    releases = [
        share_pb2.NoticedRelease(
            statement_digest=encode_b64(one.digest),
            carrier_digest=encode_b64(one.carrier) if one.carrier else None,
            released_on=day,
        )
        for one in opened
    ]
    message = share_pb2.ReleaseNotice(reason=share_pb2.NOTICE_REASON_BREAK_GLASS, releases=releases)
    return desk_pb2.Draft(
        to=[first.iss],
        thread=case.id,
        in_reply_to=encode_b64(opened[0].digest) if case.find(opened[0].digest) else None,
        desk=teller,
        purpose=first.purpose,
        legal_basis=first.legal_basis,
        exercise=first.exercise,
        content=desk_pb2.Content(release_notice=message),
    )


def _sight(unsealed: Unsealed) -> Sight:
    if unsealed.statement is None:
        return Sight(unsealed.record, problem=unsealed.refusal())
    fields = tuple(unsealed.statement.fields())
    hidden = [*unjudged((one.path, one.sensitivity) for one in fields)]
    shown = tuple(one for one in fields if not is_within(one.path, hidden))
    problem = not_judged(hidden[0]) if hidden else None
    return Sight(unsealed.record, shown, tuple(count_hidden(unsealed.statement)), problem)


def _find_photograph(opened: Sequence[Unsealed], digest: bytes) -> tuple[bytes, str]:
    """Return a photograph and its type; raise `NotFoundError` unless one of these statements names it."""
    for one in opened:
        named = [named_parts(d) for d in one.statement.disclosures] if one.statement else []
        media_type = next((types[digest] for types in named if digest in types), "")
        if media_type and digest in one.photographs:
            return one.photographs[digest], media_type
    raise NotFoundError(
        "none of these statements has such a photograph", where="photograph", reason="no-part"
    )


def _records(tx: Tx, digests: Sequence[StatementDigest]) -> list[StatementRecord]:
    """Return these statements in their order; raise `NotFoundError` unless all are here, and in effect."""
    found = tx.statements.find(digests)
    if any(digest not in found or not found[digest].in_effect for digest in digests):
        raise _not_here()
    return [found[digest] for digest in digests]


def _not_here() -> NotFoundError:
    return NotFoundError("a statement is not here", where="statements", reason="unknown-statement")


def _find(tx: Tx, number: int) -> EmergencyRecord:
    found = next((one for one in tx.emergencies.all() if one.number == number), None)
    if found is None:
        raise NotFoundError("there is no such request", where="number", reason="unknown-emergency")
    return found


def _require_proposed(record: EmergencyRecord) -> None:
    if record.state is not EmergencyState.PROPOSED:
        raise ConflictError(
            "it is decided on", where="number", reason="decided", remedy="Ask anew, if it is needed still."
        )


def _require_unused(tx: Tx, words: Iterable[Word]) -> None:
    """Raise `ConflictError`, if one of `words` has granted something before: it is about statements, not a request."""
    granted = [one for one in tx.emergencies.all() if one.state is EmergencyState.GRANTED]
    used = {word.digest for one in granted for word in read_words(one.words)}
    if any(word.digest in used for word in words):
        raise ConflictError(
            "a word of it has granted another request",
            where="approvals",
            reason="word-used",
            remedy="Ask anew, and let both officers give their words anew.",
        )


def _audits(record: EmergencyRecord, actor: str, action: str, now: int) -> list[AuditEvent]:
    return [AuditEvent(now, actor, action, encode_b64(one), record.desk) for one in record.statements]
