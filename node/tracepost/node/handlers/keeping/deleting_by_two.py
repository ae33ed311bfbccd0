"""To delete what another officer has a say in: what holds criminal-justice or personal data goes on the word of two.

    ask     nothing of the kind, or the settings ask for no second officer → it is deleted at once (`deleting`);
            not where a console asks, which has no key of the officer's
            the desk has another officer → it waits for his word
            it has none → it is delayed, and anybody here may stop it
    decide  another officer of the desk approves each statement → it is deleted, and the log entry of each has the
            digest of his word; refused, nothing was done
    delay   when its time has come the housekeeping deletes it

Nobody is asked about what must go: what its author wanted kept until a day that is over, and what its author has
withdrawn whole and asked to have deleted. A second officer could only keep here what we promised not to keep.

What was signed tells which classes a statement has, also to a desk that may not read them. Where it cannot be
opened to look, as by a locked desk, another officer is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.enclosed import last_day
from tracepost.node.handlers.case.entitlement import choose_reading_desk
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.thread import claims_of, clear_message, line_of
from tracepost.node.handlers.desks.endorsing import require_standing
from tracepost.node.handlers.desks.policy_words import Word, digest_of, verify_word_on, write_words
from tracepost.node.handlers.keeping.deleting import ACTION, Deleting, DeletingWord, need_at_rest, with_drawn
from tracepost.node.handlers.sealed.opening import Opener, Sealed, load_sealed
from tracepost.node.handlers.sending.four_eyes import FourEyes
from tracepost.node.handlers.sending.preparing import GUARDED
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.staff import DeletionRecord, DeletionState, ReleaseState
from tracepost.node.records.statements import Direction, StatementRecord, Tombstone
from tracepost.protocol.approval import Decision, of_opening
from tracepost.protocol.errors import (
    ApprovalError,
    ConflictError,
    InvalidInputError,
    LockedDeskError,
    NotFoundError,
    PermissionError_,
)
from tracepost.protocol.ids import encode_b64
from tracepost.wire.v1 import desk_pb2, office_pb2, onward_pb2, trace_pb2

_AT_ONCE = 256  # of the schema


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a request would delete, and what of it must go whoever thinks what of it."""

    sealed: tuple[Sealed, ...]
    due: frozenset[bytes]


class DeletingByTwo:
    """One per process; used on the event loop, under the standing policies."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        papers: Papers,
        opener: Opener,
        four_eyes: FourEyes,
        deleting: Deleting,
        store: Store,
        clock: Callable[[], int],
    ) -> None:
        self._office = office
        self._gate = gate
        self._papers = papers
        self._opener = opener
        self._four_eyes = four_eyes
        self._deleting = deleting
        self._store = store
        self._clock = clock

    async def delete(
        self, officer: Officer, request: onward_pb2.DeleteStatementsRequest, *, by_console: bool = False
    ) -> onward_pb2.DeleteStatementsResponse:
        """Delete a case or statements, or keep the request for another officer; raise as `Deleting.delete`.

        `by_console`: a console asks for the officer. Nothing is deleted by its word alone: `PermissionError_`, where
        the desk has no other officer.
        """
        if not self._four_eyes.asks and not by_console:
            return await self._deleting.delete(officer, request)
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        today = instant(self._clock())[:10]
        meant = await self._store.read(lambda tx: self._find(tx, request, desk, today))
        # What came into the case meanwhile nobody has looked at: just these are meant.
        these = [encode_b64(one.record.digest) for one in meant.sealed]
        just = onward_pb2.DeleteStatementsRequest(statements=these, reason=request.reason, desk=request.desk)
        if not these:
            return onward_pb2.DeleteStatementsResponse(scrubbed=await self._deleting.scrub())
        if not (by_console or await asyncio.to_thread(self._is_guarded, meant, desk)):
            return await self._deleting.delete(officer, just)
        if len(these) > _AT_ONCE:
            raise InvalidInputError(
                f"another officer looks at no more than {_AT_ONCE} statements at once",
                where="statements",
                reason="too-many",
                remedy="Delete it in parts.",
            )
        record = await self._store.write(
            lambda tx: self._keep(tx, officer, desk, just, by_console=by_console), label="deletion"
        )
        return onward_pb2.DeleteStatementsResponse(waiting=record.number, scrubbed=True)

    async def list_all(self, officer: Officer) -> office_pb2.ListDeletionsResponse:
        """Return what was asked at desks of the officer, and delayed ones, which anybody here may stop."""

        def read(tx: Tx) -> list[office_pb2.Deletion]:
            return [_render(tx, one, officer) for one in tx.deletions.all() if _concerns(one, officer)]

        return office_pb2.ListDeletionsResponse(deletions=await self._store.read(read), clock=self._clock())

    async def tell(self, status: desk_pb2.NodeStatus) -> None:
        """Write into `status` how many deletions nobody has decided on."""
        found = await self._store.read(lambda tx: tx.deletions.all())
        status.deletions_waiting = sum(one.state.is_open for one in found)

    async def decide(self, officer: Officer, words: Sequence[Word], number: int) -> office_pb2.Deletion:
        """Take another officer's word; approved, it is deleted when this returns.

        Raises:
            NotFoundError, ConflictError: there is no such request, it is decided on, or some of it is on its way.
            PermissionError_: it is not this officer's to decide, or his own.
            ApprovalError, IdentityError: an approval does not hold, or is about something else.
        """
        record, now = await self._store.read(lambda tx: _find_one(tx, number)), self._clock()
        decision = self._verify(words, record, now)
        _require_may(record, officer, decision)
        state = DeletionState.DONE if decision is Decision.APPROVED else DeletionState.REFUSED
        decided = replace(
            record, state=state, decided_by=officer.label, decided_at=now, words=write_words(words)
        )
        approvals = {d: digest_of([word]) for d, word in zip(record.statements, words, strict=True)}

        def settle(tx: Tx) -> None:
            require_standing(tx, words)
            self._settle(tx, decided, replace(_word_of(decided), approvals=approvals))

        await self._store.write(settle, label="deletion")
        await self._deleting.scrub()
        return await self._store.read(lambda tx: _render(tx, decided, officer))

    async def delete_due(self) -> int:
        """Delete what was delayed and whose time has come; return how many requests. Part of the housekeeping."""
        now = self._clock()
        found = await self._store.read(lambda tx: tx.deletions.all())
        due = [one for one in found if one.state is DeletionState.DELAYED and one.until <= now]
        count = sum(
            [await self._delete_one(replace(one, state=DeletionState.DONE, decided_at=now)) for one in due]
        )
        if count:
            await self._deleting.scrub()
        return count

    async def _delete_one(self, done: DeletionRecord) -> bool:
        try:
            await self._store.write(lambda tx: self._settle(tx, done, _word_of(done)), label="deletion-due")
        except ConflictError:  # stopped meanwhile, or on its way: then later
            return False
        return True

    # ── what is meant ────────────────────────────────────────────────────────────────

    def _find(self, tx: Tx, request: onward_pb2.DeleteStatementsRequest, desk: OwnDesk, today: str) -> _Meant:
        records = self._deleting.find_meant(tx, request, desk)
        cases = tx.statements.in_threads(sorted({one.thread for one in records}))
        taken_back = {(one.thread, one.iss) for one in cases if _takes_back(one)}
        due = {
            one.digest
            for one in records
            if one.direction is Direction.THEIRS
            and ((one.thread, one.iss) in taken_back or self._is_overdue(one, today))
        }
        drawn = with_drawn(tx, [one for one in records if one.digest in due])
        return _Meant(tuple(load_sealed(tx, records, desk.desk)), frozenset(one.digest for one in drawn))

    def _is_overdue(self, record: StatementRecord, today: str) -> bool:
        message = clear_message(record)
        day = last_day(claims_of(record), message, self._office.member) if message else ""
        return bool(day) and day < today

    def _is_guarded(self, meant: _Meant, desk: OwnDesk) -> bool:
        return any(
            self._holds_guarded(one, desk) for one in meant.sealed if one.record.digest not in meant.due
        )

    def _holds_guarded(self, sealed: Sealed, desk: OwnDesk) -> bool:
        try:
            statement = self._opener.unseal(sealed, desk.desk).statement
        except LockedDeskError:
            return True
        return statement is None or bool(GUARDED.intersection(statement.classes))

    # ── keeping, and doing ───────────────────────────────────────────────────────────

    def _keep(
        self,
        tx: Tx,
        officer: Officer,
        desk: OwnDesk,
        request: onward_pb2.DeleteStatementsRequest,
        *,
        by_console: bool,
    ) -> DeletionRecord:
        now = self._clock()
        passage = self._four_eyes.by_second(tx, desk.desk, officer.number, now)
        is_delayed = passage.state is ReleaseState.DELAYED
        if is_delayed and by_console:
            raise PermissionError_(
                "the desk has no other officer, without whom a console deletes nothing",
                where="desk",
                reason="by-console-alone",
                remedy="Ask at the command line: tracepost trace delete.",
            )
        record = DeletionRecord(
            number=max((one.number for one in tx.deletions.all()), default=0) + 1,
            desk=desk.desk,
            officer=officer.number,
            statements=tuple(one.digest for one in self._deleting.find_meant(tx, request, desk)),
            state=DeletionState.DELAYED if is_delayed else DeletionState.WAITING,
            asked_at=now,
            reason=request.reason,
            until=passage.until,
        )
        tx.deletions.put(record)
        tx.audit.append(_audits(record, officer.label, "delete-ask", now))
        return record

    def _settle(self, tx: Tx, decided: DeletionRecord, word: DeletingWord) -> None:
        _find_one(tx, decided.number)
        if decided.state is DeletionState.DONE:
            found = tx.statements.find(decided.statements)
            self._deleting.destroy(tx, need_at_rest(tx, with_drawn(tx, [*found.values()])), word)
        tx.deletions.put(decided)
        tx.audit.append(_audits(decided, decided.decided_by or "node", _action(decided), decided.decided_at))

    def _verify(self, words: Sequence[Word], record: DeletionRecord, now: int) -> Decision:
        """Return what these words say, all the same; raise `ApprovalError` unless there is one for each statement."""
        if len(words) != len(record.statements):
            raise ApprovalError("one approval for each statement", where="approvals", reason="count")
        by = f"officer-{record.officer}"
        said = {
            verify_word_on(
                word, of_opening(digest, record.desk, by, ACTION), self._papers, self._office.member, now
            ).decision
            for word, digest in zip(words, record.statements, strict=True)
        }
        if len(said) != 1:
            raise ApprovalError("all approve or all refuse", where="approvals", reason="decision")
        return said.pop()


def _takes_back(record: StatementRecord) -> bool:
    """Say whether a statement withdraws all that its author asked, and asks to have it deleted."""
    message = clear_message(record) if record.in_effect else None
    if not isinstance(message, trace_pb2.Withdrawal) or message.item_ids:
        return False
    return message.step == trace_pb2.WITHDRAWAL_STEP_ASKED and message.deletion_asked


def _find_one(tx: Tx, number: int) -> DeletionRecord:
    """Return the one with this number; raise `NotFoundError`, or `ConflictError` if it is decided on."""
    found = next((one for one in tx.deletions.all() if one.number == number), None)
    if found is None:
        raise NotFoundError("there is no such request", where="number", reason="unknown-deletion")
    if not found.state.is_open:
        raise ConflictError(
            "it is decided on", where="number", reason="decided", remedy="Ask anew, if it is needed still."
        )
    return found


def _concerns(record: DeletionRecord, officer: Officer) -> bool:
    return record.desk in officer.desks or record.state is DeletionState.DELAYED


def _require_may(record: DeletionRecord, officer: Officer, decision: Decision) -> None:
    refuses = decision is Decision.REFUSED
    if officer.number == record.officer and not refuses:
        raise PermissionError_(
            "nobody approves what he asked for",
            where="number",
            reason="own-proposal",
            remedy="Another officer of the desk approves it.",
        )
    takes_back = refuses and officer.number == record.officer
    stops = refuses and record.state is DeletionState.DELAYED
    if record.desk not in officer.desks and not (takes_back or stops):
        raise PermissionError_(
            f"an officer of the desk {record.desk} decides", where="number", reason="other-desk"
        )


def _word_of(record: DeletionRecord) -> DeletingWord:
    return DeletingWord(f"officer-{record.officer}", record.desk, record.reason, record.decided_at)


def _audits(record: DeletionRecord, actor: str, action: str, now: int) -> list[AuditEvent]:
    return [AuditEvent(now, actor, action, encode_b64(one), record.desk) for one in record.statements]


def _action(decided: DeletionRecord) -> str:
    """Return what the audit trail calls what became of it: who asked takes it back, another refuses it."""
    if decided.state is DeletionState.REFUSED:
        is_his = decided.decided_by == f"officer-{decided.officer}"
        return "delete-take-back" if is_his else "delete-refuse"
    return "delete-approve" if decided.decided_by else "delete-due"


def _may_approve(record: DeletionRecord, officer: Officer) -> bool:
    return record.state.is_open and officer.number != record.officer and record.desk in officer.desks


def _line(record: StatementRecord, stone: Tombstone | None) -> office_pb2.StatementLine:
    line = line_of(record)
    if stone is not None:
        line.log_index = stone.log_number
    return line


def _lines(tx: Tx, record: DeletionRecord, officer: Officer) -> Iterator[office_pb2.StatementLine]:
    """Yield what a deletion is about, to officers of its desk: who may only stop a delayed one is told no more."""
    found, stones = tx.statements.find(record.statements), tx.tombstones.find(record.statements)
    for digest in record.statements if record.desk in officer.desks else ():
        if digest in found:
            yield _line(found[digest], stones.get(digest))


def _render(tx: Tx, record: DeletionRecord, officer: Officer) -> office_pb2.Deletion:
    return office_pb2.Deletion(
        number=record.number,
        desk=record.desk,
        asked_by=f"officer-{record.officer}",
        statements=[encode_b64(one) for one in record.statements],
        reason=record.reason,
        state=f"DELETION_STATE_{record.state}",
        asked_at=instant(record.asked_at),
        decided_by=record.decided_by or None,
        decided_at=instant(record.decided_at) if record.decided_at else None,
        until=instant(record.until) if record.until else None,
        lines=_lines(tx, record, officer),
        yours_to_decide=_may_approve(record, officer),
    )
