"""To find cases by a mark, as one desk may.

    what came meanwhile is entered → keyed hashes → statements opened through the gate, action `search`
    → the mark is compared as it stands there → the log says who searched and found → hits

A hit is shown only where the gate lets the desk search the field that holds the mark, and is counted
only where it lets it count. How long an answer takes is rounded up, so that a refused hit is not told by
the time that it took. What was searched for is kept as a keyed hash.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.entitlement import choose_reading_desk
from tracepost.node.handlers.case.exercises import flag_of
from tracepost.node.handlers.case.handling import Instructions, read_handling
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.desks.unlocking import KeyRing, Unlocking
from tracepost.node.handlers.register.indexing import Indexing, find_alike, find_as_is, name_query
from tracepost.node.handlers.sealed.opening import Opener, Sealed, Unsealed, load_sealed
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import InvalidInputError, LockedDeskError, PermissionError_, TracepostError
from tracepost.protocol.ids import DeskId, StatementDigest, encode_b64
from tracepost.protocol.marks import Grade, SeenMark, marks_of
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.vocabulary import normalise_mark
from tracepost.wire.v1 import search_pb2

_LIMIT = 50
_AT_ONCE = 8
_CATCH_UP = 2048
_GRID_SECONDS = 0.1
STATEMENTS_LIMIT = 512
"""A search looks at the newest ones that have the mark; who needs more says more of the mark."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A place where the mark stands: the statement, the field, how well it agrees; may it be counted?"""

    record: StatementRecord
    mark: SeenMark
    item_id: str
    grade: Grade
    countable: bool


class Finding:
    """One per process; used on the event loop."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        ring: KeyRing,
        opener: Opener,
        unlocking: Unlocking,
        indexing: Indexing,
        log: DisclosureLog,
        store: Store,
        clock: Callable[[], int],
    ) -> None:
        self._office = office
        self._gate = gate
        self._ring = ring
        self._opener = opener
        self._unlocking = unlocking
        self._indexing = indexing
        self._log = log
        self._store = store
        self._clock = clock

    async def search(
        self, officer: Officer, request: search_pb2.SearchMarksRequest
    ) -> search_pb2.SearchMarksResponse:
        """Return where the mark stands, as far as a desk of the officer's may search.

        Raises:
            InvalidInputError: there is no letter or digit in it.
            LockedDeskError: the desk is locked.
            PermissionError_: the officer is not of this desk, or it may read no cases.
        """
        began = asyncio.get_running_loop().time()
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        wanted = normalise_mark(request.mark)
        if not wanted:
            raise InvalidInputError("a mark has letters or digits", where="mark", reason="empty-mark")
        key = self._ring.index_key(desk.desk)
        await self._unlocking.keep_up()
        is_complete = await self._indexing.catch_up(desk.desk, _CATCH_UP)
        form = (find_as_is if request.exact else find_alike)(key, wanted)
        records, is_cut = await self._store.read(
            partial(_find, desk=desk.desk, form=form, exercise=request.exercise)
        )
        hits = [hit async for hit in self._look(records, desk, request)]
        await self._note(officer, desk, name_query(key, wanted), hits)
        best = sorted(hits, key=lambda hit: (hit.grade.rank, -hit.record.iat, hit.mark.path))
        told = await self._render(best[: request.limit or _LIMIT], desk)
        await _wait_for_the_next_tick(began)
        return search_pb2.SearchMarksResponse(
            hits=told, count=self._count(hits, desk), incomplete=is_cut or not is_complete or None
        )

    # ── looking ──────────────────────────────────────────────────────────────────────

    async def _look(
        self, records: Sequence[StatementRecord], desk: OwnDesk, request: search_pb2.SearchMarksRequest
    ) -> AsyncIterator[_Hit]:
        for start in range(0, len(records), _AT_ONCE):
            some = records[start : start + _AT_ONCE]
            sealed = await self._store.read(partial(load_sealed, records=some, desk=desk.desk))
            for hit in await asyncio.to_thread(self._open_all, sealed, desk, request):
                yield hit

    def _open_all(
        self, sealed: Sequence[Sealed], desk: OwnDesk, request: search_pb2.SearchMarksRequest
    ) -> list[_Hit]:
        return [hit for one in sealed for hit in self._open(one, desk, request)]

    def _open(self, sealed: Sealed, desk: OwnDesk, request: search_pb2.SearchMarksRequest) -> Iterator[_Hit]:
        try:
            unsealed = self._opener.unseal(sealed, desk.desk)
            shown = self._opener.show(unsealed, desk, Action.SEARCH)
        except LockedDeskError:
            raise
        except TracepostError:  # it is told to whoever reads the case
            return
        countable = self._countable(unsealed, desk)
        fields = list(shown.statement.fields())
        names = {one.path: str(one.value) for one in fields if one.path.endswith((".id", ".item_id"))}
        for mark in marks_of(fields):
            grade = mark.agrees(request.mark)
            if grade is not None and not (request.exact and grade is Grade.CONFUSABLE):
                yield _Hit(sealed.record, mark, _item_id(names, mark.item), grade, mark.path in countable)

    def _countable(self, unsealed: Unsealed, desk: OwnDesk) -> frozenset[str]:
        try:
            shown = self._opener.show(unsealed, desk, Action.COUNT)
        except PermissionError_:  # a restriction forbids it
            return frozenset()
        return frozenset(one.path for one in shown.statement.fields())

    # ── telling ──────────────────────────────────────────────────────────────────────

    async def _note(self, officer: Officer, desk: OwnDesk, query: str, hits: Sequence[_Hit]) -> None:
        found = {hit.record.digest: hit.record for hit in hits}
        await self._log.record(list(found.values()), officer, desk, Action.SEARCH)
        event = AuditEvent(
            self._clock(), officer.label, "search-marks", f"{desk.desk}/{query}", f"{len(hits)} found"
        )
        await self._store.write(lambda tx: tx.audit.append([event]), label="audit")

    async def _render(self, hits: Sequence[_Hit], desk: OwnDesk) -> list[search_pb2.MarkHit]:
        records = {hit.record.digest: hit.record for hit in hits}
        handling = await self._store.read(
            lambda tx: read_handling(tx, self._office, self._gate, [desk], records.values())
        )
        return [_hit(one, handling[one.record.digest]) for one in hits]

    def _count(self, hits: Sequence[_Hit], desk: OwnDesk) -> int | None:
        """Return how many there are; None where the desk may not count."""
        may_count = self._gate.decide(
            desk.reader, Action.COUNT, Sensitivity.OBJECT, self._office.context(desk, None)
        ).allowed
        return sum(hit.countable for hit in hits) if may_count else None


async def _wait_for_the_next_tick(began: float) -> None:
    took = asyncio.get_running_loop().time() - began
    await asyncio.sleep(_GRID_SECONDS - took % _GRID_SECONDS)


def _find(tx: Tx, desk: DeskId, form: bytes, *, exercise: bool) -> tuple[list[StatementRecord], bool]:
    """Return the newest statements in effect under `form`, and whether there are more of them.

    Those of exercises alone, or those that are real.
    """
    digests: dict[StatementDigest, None] = {
        entry.statement: None for entry in tx.blind_index.find(desk, [form])
    }
    known = tx.statements.find(list(digests)).values()
    found = [one for one in known if one.in_effect and flag_of(one) == exercise]
    newest = sorted(found, key=lambda one: (one.iat, one.digest), reverse=True)
    return newest[:STATEMENTS_LIMIT], len(newest) > STATEMENTS_LIMIT


def _item_id(names: dict[str, str], item: str) -> str:
    return names.get(f"{item}.id", "") or names.get(f"{item}.item_id", "")


def _hit(hit: _Hit, handling: Instructions) -> search_pb2.MarkHit:
    return search_pb2.MarkHit(
        thread=hit.record.thread,
        statement=encode_b64(hit.record.digest),
        kind=hit.record.kind,
        from_member=hit.record.iss,
        issued_at=instant(hit.record.iat),
        item_id=hit.item_id or None,
        path=hit.mark.path,
        grade=f"MATCH_GRADE_{hit.grade.name}",
        text_as_seen=hit.mark.texts[0],
        handling=handling,
        exercise=flag_of(hit.record) or None,
    )
