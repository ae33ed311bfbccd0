"""Object checks that are answered without an officer, where the member's own settings say so.

Only what is plain is answered so: every object either stands in the extracts of the desk that was named for
it, under the same signs and with nothing that speaks against it, or nothing in them looks like it. All else
waits for an officer: a desk that is locked, marks that only look alike, a handling instruction, an exercise, more
objects of one member on one day than were allowed. A desk without an extract answers "not searched".

The answer is signed for the desk like an officer's, says that it is automatic, and tells no more than the
result and whom to ask. What was opened for it is logged first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracepost.node.config import ObjectCheckSettings, OfficeSettings
from tracepost.node.gate import Action
from tracepost.node.handlers.case.exercises import flags_of
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.thread import clear_message, open_thread
from tracepost.node.handlers.desks.unlocking import KeyRing
from tracepost.node.handlers.register.book import Lookup, RegisterBook
from tracepost.node.handlers.rules.check import CHECK, REPLY, checks_of_others
from tracepost.node.handlers.sealed.opening import Opener, load_sealed
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent, CaseFilter, CaseState
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, encode_b64
from tracepost.wire.v1 import check_pb2, desk_pb2, terms_pb2, weapon_pb2

_DAY_SECONDS = 86400
_CASES = 500
_HIT, _NO_HIT, _NOT_SEARCHED = "CHECK_RESULT_HIT", "CHECK_RESULT_NO_HIT", "CHECK_RESULT_NOT_SEARCHED"


class Automaton(Officer):
    """The node itself, acting for a desk as its member decided."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """How logs and audit name it."""
        return "automatic"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A check that nobody answered yet."""

    record: StatementRecord

    @property
    def subject(self) -> str:
        """How the audit trail names it."""
        return encode_b64(self.record.digest)


class _AsideError(Exception):
    """A check that an officer is to answer, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AutomaticChecks:
    """One per process; used on the event loop."""

    def __init__(
        self,
        *,
        settings: ObjectCheckSettings,
        contact: OfficeSettings,
        office: Office,
        ring: KeyRing,
        opener: Opener,
        book: RegisterBook,
        sending: Sending,
        log: DisclosureLog,
        store: Store,
        clock: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._contact = contact
        self._office = office
        self._ring = ring
        self._opener = opener
        self._book = book
        self._sending = sending
        self._log = log
        self._store = store
        self._clock = clock
        # In memory only: after a restart each is looked at once more.
        self._left_to_officers: set[StatementDigest] = set()

    async def keep_up(self) -> int:
        """Answer what waits and may be answered so; return how many checks were."""
        if not self._settings.automatic or self._settings.desk not in self._ring.unlocked():
            return 0
        desk = self._office.desk(DeskId(self._settings.desk))
        count = 0
        for waiting in await self._store.read(self._find):
            try:
                await self._answer(waiting, desk)
                count += 1
            except (_AsideError, TracepostError) as error:
                await self._leave(waiting, error.reason)
        return count

    def _find(self, tx: Tx) -> list[_Waiting]:
        chosen = CaseFilter(CaseState.WAITING_FOR_US, holds_kind=CHECK)
        threads = [case.thread for case in tx.cases.list(chosen, _CASES, "").cases]
        found: list[_Waiting] = []
        for thread in threads:
            case = open_thread(thread, self._office.member, tx.statements.in_threads([thread]))
            if any(flags_of(case)):  # nothing is looked up in a register for an exercise
                continue
            answered = {r.in_reply_to for r in case.records if r.kind == REPLY and r.iss == case.us}
            waiting = [r for r in checks_of_others(case) if r.digest not in answered]
            found += [_Waiting(r) for r in waiting if r.digest not in self._left_to_officers]
        return found

    async def _answer(self, waiting: _Waiting, desk: OwnDesk) -> None:
        automaton = Automaton("", (desk.desk,))
        _require_no_instruction(waiting.record)
        things = await self._things(waiting.record, desk)
        await self._log.record([waiting.record], automaton, desk, Action.SEARCH)
        lookup = await self._book.look_up(desk, things)
        outcomes = list(_outcomes(things, lookup))
        await self._store.write(lambda tx: self._reserve(tx, waiting.record.iss, len(things)))
        draft = self._draft(waiting.record, desk, outcomes)
        [submission] = await self._sending.submit(automaton, [draft])
        if submission.HasField("problem"):
            raise _AsideError(submission.problem.reason or submission.problem.code)
        await self._note(waiting, "answered")

    async def _things(self, record: StatementRecord, desk: OwnDesk) -> list[tuple[str, weapon_pb2.Object]]:
        """Return the objects that are asked about, if the desk sees each of them with a mark."""
        [sealed] = await self._store.read(lambda tx: load_sealed(tx, [record], desk.desk))
        opened = await asyncio.to_thread(self._opener.open, sealed, desk, Action.SEARCH)
        message = schema.assemble(record.kind, opened.statement.fields()).message
        items = message.items if isinstance(message, check_pb2.ObjectCheck) else ()
        if not items or not all(item.id and item.mark for item in items):
            raise _AsideError("not-all-seen")
        return [(item.id, as_object(item)) for item in items]

    def _reserve(self, tx: Tx, peer: MemberId, count: int) -> None:
        """Count objects of a peer on this day; raise `_AsideError` beyond what is allowed, which undoes the count."""
        name, today = f"object-check/{peer}", self._clock() // _DAY_SECONDS
        day, _, used = (tx.settings.get(name) or b"0:0").decode().partition(":")
        total = count + (int(used) if int(day) == today else 0)
        if total > self._settings.per_peer_per_day:
            raise _AsideError("daily-limit")
        tx.settings.put(name, f"{today}:{total}".encode())

    def _draft(
        self, record: StatementRecord, desk: OwnDesk, outcomes: Sequence[check_pb2.CheckOutcome]
    ) -> desk_pb2.Draft:
        reply = check_pb2.ObjectCheckReply(outcomes=outcomes, automatic=True, follow_up=self._follow_up())
        digest = encode_b64(record.digest)
        return desk_pb2.Draft(
            idempotency_key=f"{REPLY} {digest}",
            to=[record.iss],
            thread=record.thread,
            in_reply_to=digest,
            desk=desk.desk,
            content=desk_pb2.Content(object_check_reply=reply),
        )

    def _follow_up(self) -> terms_pb2.Office:
        contact = self._contact
        return terms_pb2.Office(
            organisation=contact.name or None,
            telephone=contact.phone or None,
            mailbox=contact.email or None,
            duty_hours=contact.duty_hours or None,
        )

    async def _leave(self, waiting: _Waiting, reason: str) -> None:
        self._left_to_officers.add(waiting.record.digest)
        await self._note(waiting, f"left to an officer/{reason}")

    async def _note(self, waiting: _Waiting, outcome: str) -> None:
        event = AuditEvent(self._clock(), "automatic", "object-check", waiting.subject, outcome)
        await self._store.write(lambda tx: tx.audit.append([event]), label="audit")


def as_object(item: check_pb2.CheckedObject) -> weapon_pb2.Object:
    """Return what a check says of an object as an object of the register is described."""
    return weapon_pb2.Object(
        make=item.make or None,
        model=item.model or None,
        calibre=item.calibre or None,
        calibre_as_marked=item.calibre_as_marked or None,
        mark=item.mark,
    )


def _require_no_instruction(record: StatementRecord) -> None:
    message = clear_message(record)
    if not isinstance(message, check_pb2.ObjectCheck) or message.handling_instructions:
        raise _AsideError("handling-instruction")


def _outcomes(
    things: Sequence[tuple[str, weapon_pb2.Object]], lookup: Lookup
) -> Iterator[check_pb2.CheckOutcome]:
    """Yield the result of each object; raise `_AsideError` if one of them is not plain."""
    candidates = {one.item_id for one in lookup.candidates}
    plain = {one.item_id for one in lookup.candidates if one.match.is_plain}
    if candidates - plain:
        raise _AsideError("not-plain")
    for item, _ in things:
        searched = lookup.sources and item not in lookup.not_searched
        result = (_HIT if item in plain else _NO_HIT) if searched else _NOT_SEARCHED
        yield check_pb2.CheckOutcome(item_id=item, result=result)
