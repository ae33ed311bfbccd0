"""To delete: keys, salts and fields of a statement go, a dead digest stays.

    what is meant → nothing of it is on its way → one unit of work: wraps, body with its salts, slots, blind
    index and clear fields are destroyed, its attachments are named by nobody (the housekeeping deletes such
    files); a tombstone, a log entry and the case without it are kept → the
    store's files are scrubbed

What stays: the digest, (iss, jti) so that nothing takes its place, the envelope's header and the sender's proof,
our receipt. The same envelope again gets the same receipt and brings nothing back. Whoever holds a statement that
encloses it holds it still: these are named, and deleted with it if the officer says so. Copies of ours that went
nowhere, enquiries and letters that were drawn from it, are deleted with it always.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import find_case, instant, refold
from tracepost.node.handlers.case.circumstances import read_terms
from tracepost.node.handlers.case.entitlement import choose_reading_desk, is_entitled, require_reading
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.thread import read_clear_part, strip_clear_part
from tracepost.node.handlers.sealed.opening import own_body_id
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import MailState
from tracepost.node.records.staff import ReleaseState
from tracepost.node.records.statements import Direction, StatementRecord, Tombstone
from tracepost.protocol.casefile import DELETE_AFTER
from tracepost.protocol.errors import ConflictError, NotFoundError, PermissionError_
from tracepost.protocol.evidence import Opened, prepare_line
from tracepost.protocol.ids import NODE_DESK, DeskId, EnvelopeId, StatementDigest, encode_b64, parse_digest
from tracepost.protocol.schema import INNER_KINDS
from tracepost.protocol.sealing import Random
from tracepost.wire.v1 import onward_pb2

OVERDUE = DELETE_AFTER
ACTION = "delete"

_SCRUB = "scrub-due"
_SOURCE_GONE = "source-deleted"
_UNDER_WAY = (MailState.QUEUED, MailState.WITH_RELAY)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class DeletingWord:
    """Who deletes, for which desk, why and when; `tells` whether its author is to be told.

    `approvals` is what the log says of another officer's word on a statement, where there is one.
    """

    by: str
    desk: DeskId
    reason: str
    now: int
    tells: bool = False
    approvals: Mapping[StatementDigest, bytes] = field(default_factory=dict)


class Deleting:
    """One per process; used on the event loop."""

    def __init__(
        self, *, office: Office, gate: Gate, store: Store, clock: Callable[[], int], random: Random
    ) -> None:
        self._office = office
        self._gate = gate
        self._store = store
        self._clock = clock
        self._random = random

    async def delete(
        self, officer: Officer, request: onward_pb2.DeleteStatementsRequest
    ) -> onward_pb2.DeleteStatementsResponse:
        """Delete a case or statements, and return what was deleted and in which others they remain.

        Raises:
            NotFoundError: there is no such thing here.
            ConflictError: some of it is on its way.
            PermissionError_: it is not this officer's to delete.
        """
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        word = DeletingWord(officer.label, desk.desk, request.reason, self._clock())
        answer = await self._store.write(lambda tx: self._delete(tx, request, word, desk), label="delete")
        answer.scrubbed = await self.scrub()
        return answer

    async def delete_overdue(self) -> int:
        """Delete what its author wanted deleted by yesterday; return how many. Part of the housekeeping."""
        now = self._clock()
        today = instant(now)[:10]
        if not await self._store.read(lambda tx: tx.tombstones.overdue(today, 1)):
            return 0
        word = DeletingWord("node", NODE_DESK, OVERDUE, now, tells=True)

        def delete(tx: Tx) -> int:
            # What is under way to a peer that does not answer stands first in the list, perhaps for weeks.
            digests = tx.tombstones.overdue(today, _AT_ONCE * 10)
            overdue = tx.statements.find(digests).values()
            meant = [one for one in overdue if not _is_under_way(tx, one)][:_AT_ONCE]
            found = [one for one in with_drawn(tx, meant) if not read_clear_part(one.admin_json).deleted_at]
            self.destroy(tx, found, word)
            return len(found)

        count = await self._store.write(delete, label="delete-overdue")
        await self.scrub()
        return count

    async def scrub(self) -> bool:
        """Let nothing of what was deleted remain in the store's files; return whether that is done."""
        if not await self._store.read(lambda tx: tx.settings.get(_SCRUB)):
            return True
        done = await self._store.scrub()
        if done:
            await self._store.write(lambda tx: tx.settings.put(_SCRUB, b""), label="scrubbed")
        return done

    def _delete(
        self, tx: Tx, request: onward_pb2.DeleteStatementsRequest, word: DeletingWord, desk: OwnDesk
    ) -> onward_pb2.DeleteStatementsResponse:
        records = self.find_meant(tx, request, desk)
        self.destroy(tx, records, word)
        gone = {one.digest for one in records}
        remaining = self._known_to(tx, desk, [one for one in _carriers(tx, gone) if one.digest not in gone])
        return onward_pb2.DeleteStatementsResponse(
            deleted=[encode_b64(one.digest) for one in records],
            remaining=[
                onward_pb2.RemainingCopy(statement=encode_b64(one.digest), kind=one.kind, thread=one.thread)
                for one in remaining
                if not read_clear_part(one.admin_json).deleted_at
            ],
        )

    def find_meant(
        self, tx: Tx, request: onward_pb2.DeleteStatementsRequest, desk: OwnDesk
    ) -> list[StatementRecord]:
        """Return what a request of a desk would delete: what is meant, and with its copies if that is said.

        Raises `NotFoundError`, `PermissionError_`, or `ConflictError` if some of it is on its way.
        """
        records = with_drawn(tx, _meant(tx, request))
        if request.with_copies:
            records = _with_carriers(tx, records)
        for terms in read_terms(tx, [one.thread for one in records]).values():
            require_reading(self._office, self._gate, desk, terms)
        is_guest = not desk.on_every_case and any(one.on_every_case for one in self._office.desks)
        if is_guest and any(not _wrote(desk, one) for one in records):
            raise PermissionError_(
                f"the desk {desk.desk} was put on the case: what others hold of it is not its to delete",
                where="desk",
                reason="put-on-case",
                remedy="A desk that sees every case deletes it; or leave the case: tracepost case take-off.",
            )
        return need_at_rest(tx, records)

    def _known_to(self, tx: Tx, desk: OwnDesk, records: Sequence[StatementRecord]) -> list[StatementRecord]:
        terms = read_terms(tx, [one.thread for one in records])
        return [one for one in records if is_entitled(self._office, self._gate, desk, terms[one.thread])]

    def destroy(self, tx: Tx, records: Sequence[StatementRecord], word: DeletingWord) -> None:
        """Leave nothing of these statements but their tombstones, inside a unit of work; `scrub` afterwards."""
        if not records:
            return
        digests = [one.digest for one in records]
        decision = hashlib.sha256(word.reason.encode()).digest()
        entries = [
            Opened(d, word.desk, word.by, ACTION, decision, word.now, word.approvals.get(d, b""))
            for d in digests
        ]
        numbers = tx.log.append([prepare_line(entry, self._random) for entry in entries])
        tx.bodies.empty(_bodies_of(tx, digests))
        tx.wraps.delete(digests)
        tx.attachments.forget(digests)
        tx.statements.strip({one.digest: strip_clear_part(one.admin_json, word.now) for one in records})
        _hold_back(tx, digests, word)
        tx.tombstones.keep([_tombstone(r, word, n) for r, n in zip(records, numbers, strict=True)])
        threads = {one.thread for one in records if one.in_effect}
        tx.cases.forget_numbers(sorted(threads))
        refold(tx, threads, self._office.member)
        tx.audit.append(
            [
                AuditEvent(word.now, word.by, ACTION, encode_b64(digest), word.reason, number)
                for digest, number in zip(digests, numbers, strict=True)
            ]
        )
        tx.settings.put(_SCRUB, b"1")


def _hold_back(tx: Tx, digests: Sequence[StatementDigest], word: DeletingWord) -> None:
    """Let nothing go that waits for a word and holds what is deleted, or was composed of it."""
    carriers = [one.digest for one in _carriers(tx, digests)]
    waiting = [one for one in tx.releases.find(carriers).values() if one.state.is_unsent]
    names = {encode_b64(one.statement) for one in waiting}
    accompanying = (r for r in tx.releases.since(min((w.written_at for w in waiting), default=word.now)))
    notices = [r for r in accompanying if r.state is ReleaseState.ACCOMPANYING and r.reason in names]
    for one in (*waiting, *notices):
        tx.releases.put(replace(one, state=ReleaseState.VOID, decided_at=word.now, reason=_SOURCE_GONE))
        tx.audit.append(
            [AuditEvent(word.now, word.by, "release-void", encode_b64(one.statement), _SOURCE_GONE)]
        )


def need_at_rest(tx: Tx, records: Iterable[StatementRecord]) -> list[StatementRecord]:
    """Return those that are not deleted yet; raise `ConflictError` if some of them is on its way."""
    found = [one for one in records if not read_clear_part(one.admin_json).deleted_at]
    if any(_is_under_way(tx, one) for one in found):
        raise ConflictError(
            "some of it is on its way still",
            where="what",
            reason="under-way",
            remedy="Delete it when it is delivered, has expired or was decided on: tracepost trace timeline.",
        )
    return found


def _meant(tx: Tx, request: onward_pb2.DeleteStatementsRequest) -> list[StatementRecord]:
    """Return the statements that are named, or all of the case that is."""
    if request.statements:
        digests = [parse_digest(text, "statements") for text in request.statements]
        found = tx.statements.find(digests)
        if any(digest not in found for digest in digests):
            raise NotFoundError(
                "there is no such statement here", where="statements", reason="unknown-statement"
            )
        return [found[digest] for digest in digests]
    return tx.statements.in_threads([find_case(tx, request.case)])


def with_drawn(tx: Tx, records: Sequence[StatementRecord]) -> list[StatementRecord]:
    """Return these statements and what was drawn from them that stays with us: enquiries and letters.

    Nobody else has these; without what they were drawn from they are copies that nobody answers for.
    """
    drawn = [one for one in _carriers(tx, [r.digest for r in records]) if one.kind in INNER_KINDS]
    return list({one.digest: one for one in (*records, *drawn)}.values())


def _with_carriers(tx: Tx, records: Sequence[StatementRecord]) -> list[StatementRecord]:
    """Return these statements and all that enclose them, at any depth."""
    found = {one.digest: one for one in records}
    while more := [one for one in _carriers(tx, found) if one.digest not in found]:
        found.update((one.digest, one) for one in more)
    return list(found.values())


def _wrote(desk: OwnDesk, record: StatementRecord) -> bool:
    return record.direction is Direction.OURS and record.desk == desk.desk


def _carriers(tx: Tx, digests: Iterable[StatementDigest]) -> list[StatementRecord]:
    carriers = {one for some in tx.enclosures.carriers(list(digests)).values() for one in some}
    return list(tx.statements.find(sorted(carriers)).values())


def _is_under_way(tx: Tx, record: StatementRecord) -> bool:
    waits = tx.releases.find([record.digest]).get(record.digest)
    if waits is not None and waits.state.is_unsent:
        return True
    if any(one.is_leaving for one in tx.attachments.of_statements([record.digest])):
        return True
    return any(mail.state in _UNDER_WAY for mail in tx.dispatches.of_statements([record.digest]))


def _bodies_of(tx: Tx, digests: Sequence[StatementDigest]) -> list[EnvelopeId]:
    """Return everything that holds a sealed copy of these: envelopes of both directions, and bodies of our own.

    What came under the name of one of them, and was refused for that, goes with it.
    """
    sent = [mail.id for mail in tx.dispatches.of_statements(digests)]
    received = [mail.id for mail in tx.inbox.of_statements(digests)]
    conflicts = [one.envelope_id for one in tx.statements.conflicts_about(digests) if one.envelope_id]
    return [*sent, *received, *map(own_body_id, digests), *tx.wraps.bodies_of(digests), *conflicts]


def _tombstone(record: StatementRecord, word: DeletingWord, log_number: int) -> Tombstone:
    is_told = word.tells and record.direction is Direction.THEIRS
    return Tombstone(
        statement=record.digest,
        iss=record.iss,
        jti=record.jti,
        kind=record.kind,
        thread=record.thread,
        deleted_at=word.now,
        deleted_by=word.by,
        reason=word.reason,
        log_number=log_number,
        owed_to=record.iss if is_told else "",
    )
