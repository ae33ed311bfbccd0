"""To look up the items of a case in the extracts of the State's own records.

What is looked for is what the gate lets the desk search in the case; what is found is the desk's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import find_case
from tracepost.node.handlers.case.entitlement import choose_reading_desk
from tracepost.node.handlers.case.exercises import flag_of
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.register.book import Candidate, Lookup, RegisterBook
from tracepost.node.handlers.register.intake import tell
from tracepost.node.handlers.sealed.opening import Opener, Sealed, load_sealed
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidInputError, LockedDeskError, TracepostError
from tracepost.protocol.marks import Grade
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import register_pb2, weapon_pb2

_AT_ONCE = 8
_MATCHES_LIMIT = 4096

Thing = tuple[str, weapon_pb2.Object]
"""The id of an item, and the object that it is."""


class RegisterMatching:
    """One per process; used on the event loop."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        opener: Opener,
        book: RegisterBook,
        log: DisclosureLog,
        store: Store,
        clock: Callable[[], int],
    ) -> None:
        self._office = office
        self._gate = gate
        self._opener = opener
        self._book = book
        self._log = log
        self._store = store
        self._clock = clock

    async def sources(self, officer: Officer, desk: str) -> register_pb2.ListRegistersResponse:
        """Return the extracts in force of a desk of the officer's."""
        own = self._office.desk(officer.choose_desk(desk))
        self._book.require_keeper(own)
        return register_pb2.ListRegistersResponse(sources=map(tell, await self._book.sources(own)))

    async def match(
        self, officer: Officer, request: register_pb2.MatchRegisterRequest
    ) -> register_pb2.MatchRegisterResponse:
        """Return the records that may be the items of a case.

        Raises:
            NotFoundError: there is no such case.
            InvalidInputError: the case is an exercise.
            PermissionError_, LockedDeskError: the desk may read no cases, keeps no register, or is locked.
        """
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        self._book.require_keeper(desk)
        records = await self._store.read(partial(_find, named=request.case))
        _require_real(records)
        seen = [one async for one in self._look(records, desk)]
        wanted = set(request.item_ids)
        things = [thing for _, found in seen for thing in found if not wanted or thing[0] in wanted]
        await self._log.record([record for record, found in seen if found], officer, desk, Action.SEARCH)
        lookup = await self._book.look_up(desk, things)
        answer = self._answer(lookup, request.exact)
        answer.not_searched.extend(sorted(wanted - {item for item, _ in things}))
        await self._note(officer, desk, records, len(answer.matches))
        return answer

    async def _look(
        self, records: Sequence[StatementRecord], desk: OwnDesk
    ) -> AsyncIterator[tuple[StatementRecord, list[Thing]]]:
        for start in range(0, len(records), _AT_ONCE):
            some = records[start : start + _AT_ONCE]
            sealed = await self._store.read(partial(load_sealed, records=some, desk=desk.desk))
            for one, things in await asyncio.to_thread(self._open_all, sealed, desk):
                yield one, things

    def _open_all(self, sealed: Iterable[Sealed], desk: OwnDesk) -> list[tuple[StatementRecord, list[Thing]]]:
        return [(one.record, self._open(one, desk)) for one in sealed]

    def _open(self, sealed: Sealed, desk: OwnDesk) -> list[Thing]:
        try:
            return objects_in(self._opener.open(sealed, desk, Action.SEARCH).statement)
        except LockedDeskError:
            raise
        except TracepostError:  # it is told to whoever reads the case
            return []

    def _answer(self, lookup: Lookup, exact: bool) -> register_pb2.MatchRegisterResponse:
        best: dict[tuple[str, str, bytes], Candidate] = {}  # an item may stand in several statements
        for one in lookup.candidates:
            if not (exact and one.match.grade is Grade.CONFUSABLE):
                best.setdefault(_key(one), one)
        return register_pb2.MatchRegisterResponse(
            matches=[_tell(one) for one in list(best.values())[:_MATCHES_LIMIT]],
            not_searched=lookup.not_searched,
            sources=map(tell, lookup.sources),
        )

    async def _note(
        self, officer: Officer, desk: OwnDesk, records: Sequence[StatementRecord], count: int
    ) -> None:
        subject = f"{desk.desk}/{records[0].thread}" if records else desk.desk
        event = AuditEvent(self._clock(), officer.label, "match-register", subject, f"{count} found")
        await self._store.write(lambda tx: tx.audit.append([event]), label="audit")


def objects_in(statement: Statement) -> list[Thing]:
    """Return the objects of a statement, as far as its fields are there, with the ids of their items."""
    if statement.claims.kind not in schema.KINDS:
        return []
    message = schema.assemble(statement.claims.kind, statement.fields()).message
    items = getattr(message, "items", ())
    return [
        (one.id, one.object) for one in items if isinstance(one, weapon_pb2.Item) and one.HasField("object")
    ]


def _key(one: Candidate) -> tuple[str, str, bytes]:
    return one.item_id, one.source, one.record.SerializeToString(deterministic=True)


def _tell(one: Candidate) -> register_pb2.RegisterMatch:
    return register_pb2.RegisterMatch(
        item_id=one.item_id,
        source=one.source,
        grade=f"MATCH_GRADE_{one.match.grade.name}",
        make=f"FEATURE_AGREEMENT_{one.match.make.name}",
        model=f"FEATURE_AGREEMENT_{one.match.model.name}",
        calibre=f"FEATURE_AGREEMENT_{one.match.calibre.name}",
        record=one.record,
    )


def _require_real(records: Iterable[StatementRecord]) -> None:
    if any(map(flag_of, records)):
        raise InvalidInputError(
            "an exercise is not looked up in the register",
            where="case",
            reason="exercise",
            remedy="Answer it as you like: what is said in an exercise is not real.",
        )


def _find(tx: Tx, named: str) -> list[StatementRecord]:
    return tx.statements.in_threads([find_case(tx, named)])
