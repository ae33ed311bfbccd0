"""To read: the case list, a case as one desk sees it, a photograph.

    the case → each statement opened for this desk through the gate → the log says so
    → its author is told what is missing or broken → it is shown

Statements are opened a few at a time, so that a large case does not lie in memory with all its
photographs. Where a part does not open, the clear part is shown and the problem is told: one
damaged statement does not hide the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from functools import partial

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import find_case, in_case_order
from tracepost.node.handlers.case.circumstances import CaseTerms, read_terms
from tracepost.node.handlers.case.entitlement import choose_reading_desk, is_entitled, listed_for, visible
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.silence import read_summaries
from tracepost.node.handlers.case.thread import claims_of, read_clear_part
from tracepost.node.handlers.reading.enquiries import keep_asked
from tracepost.node.handlers.reading.overstepping import KINDS, Overstepping
from tracepost.node.handlers.reading.seeing import Seeing
from tracepost.node.handlers.sealed.compartments import named_parts
from tracepost.node.handlers.sealed.opening import Opened, Opener, Sealed, UnlockedDesks, load_sealed
from tracepost.node.handlers.sealed.passages import Passages, read_passages, show_passages
from tracepost.node.handlers.sealed.sheet import Sight, Ways, count_hidden, read_ways, show
from tracepost.node.handlers.sealed.shortfalls import Inspection, desk_since
from tracepost.node.handlers.sealed.shown_exhibits import (
    Signers,
    check_lineage,
    require_signers,
    verify_exhibits,
)
from tracepost.node.handlers.sealed.waiting_mail import find_to_decide
from tracepost.node.handlers.sending.complaints import Complaints
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import CaseFilter, CaseRecord, CaseState
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.errors import LockedDeskError, NotFoundError, PermissionError_, TracepostError
from tracepost.protocol.ids import DeskId, MemberId, encode_b64
from tracepost.protocol.schema import Field
from tracepost.protocol.statement import Statement
from tracepost.serving.storage.blobs import Blobs
from tracepost.wire.v1 import desk_pb2

_PAGE = 100
_AT_ONCE = 8


class Reading:
    """One per process; used on the event loop."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        desks: UnlockedDesks,
        opener: Opener,
        inspection: Inspection,
        complaints: Complaints,
        signers: Signers,
        overstepping: Overstepping,
        log: DisclosureLog,
        store: Store,
        blobs: Blobs,
        seeing: Seeing,
    ) -> None:
        self._seeing = seeing
        self._office = office
        self._gate = gate
        self._desks = desks
        self._opener = opener
        self._inspection = inspection
        self._complaints = complaints
        self._signers = signers
        self._overstepping = overstepping
        self._log = log
        self._store = store
        self._blobs = blobs

    async def list_cases(
        self, officer: Officer, request: desk_pb2.ListCasesRequest
    ) -> desk_pb2.ListCasesResponse:
        """Return a page of cases; that needs no opening and no unlocked desk."""
        of_desks = listed_for(self._office, self._gate, officer)
        chosen = CaseFilter(
            CaseState(desk_pb2.CaseState.Name(request.state).removeprefix("CASE_STATE_"))
            if request.state
            else None,
            MemberId(request.with_member) if request.with_member else None,
            request.file_number,
            of_desks,
            request.holds_kind,
        )
        size, us = request.page_size or _PAGE, self._office.member

        def read(tx: Tx) -> tuple[list[desk_pb2.CaseSummary], str]:
            page = tx.cases.list(chosen, size, request.page_token)
            return read_summaries(tx, page.cases, us), page.next_token

        summaries, next_token = await self._store.read(read)
        if request.for_file:
            await self._log.record_list(officer, len(summaries))
        return desk_pb2.ListCasesResponse(cases=summaries, next_page_token=next_token or None)

    async def show_case(self, officer: Officer, request: desk_pb2.ShowCaseRequest) -> desk_pb2.CaseView:
        """Return the case as a desk of the officer sees it, or may print it.

        Raises:
            NotFoundError: there is no such case or statement, or this desk may not know of it.
        """
        action = Action.PRINT if request.for_paper else Action.OPEN
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        case, records, terms = await self._store.read(lambda tx: _find(tx, request.case))
        records = _named(visible(self._office, self._gate, desk, records, terms), request.statement)
        looks = self._look_at(records, desk, terms, action)
        sights = await self._judge_by_consents([sight async for sight in looks])
        # What is printed leaves the node: it is told also where nothing classed stands on it.
        told = [s.record for s in sights if s.is_classed or request.for_paper]
        await self._log.record(told, officer, desk, action)
        await self._complaints.tell(officer, desk.desk, [one for s in sights for one in s.shortfalls])
        await self._seeing.note(desk.desk, case.thread, [s.record for s in sights if not s.locked])
        ways = await self._store.read(lambda tx: read_ways(tx, records))
        [summary] = await self._store.read(lambda tx: read_summaries(tx, [case], self._office.member))
        if not is_entitled(self._office, self._gate, desk, terms):
            keep_asked(summary, desk)
        passages = await self._store.read(lambda tx: read_passages(tx, records))
        return desk_pb2.CaseView(summary=summary, statements=[self._show(s, ways, passages) for s in sights])

    async def look(self, officer: Officer, desk: OwnDesk, record: StatementRecord) -> desk_pb2.StatementView:
        """Return one statement as `desk` sees it, in effect or not; the look is logged first."""
        terms = await self._store.read(lambda tx: read_terms(tx, [record.thread])[record.thread])
        [sight] = await self._judge_by_consents(
            [sight async for sight in self._look_at([record], desk, terms, Action.OPEN)]
        )
        await self._log.record([record] if sight.is_classed else [], officer, desk, Action.OPEN)
        ways = await self._store.read(lambda tx: read_ways(tx, [record]))
        return self._show(sight, ways, await self._store.read(lambda tx: read_passages(tx, [record])))

    async def fetch_part(
        self, officer: Officer, request: desk_pb2.FetchPartRequest
    ) -> desk_pb2.FetchPartResponse:
        """Return one photograph of a case, or of mail that waits for this officer's word.

        Raises:
            NotFoundError: this desk sees none such.
            PermissionError_: the mail does not wait for this officer.
        """
        desk, records = await self._searched(officer, request)
        async for some in self._load(records, desk.desk):
            opened = await asyncio.to_thread(self._find_part, some, desk, request.sha256)
            if opened is not None:
                await self._log.record([opened.record], officer, desk, Action.OPEN)
                media_type = _media_type(opened.statement, request.sha256)
                return desk_pb2.FetchPartResponse(content=opened.parts[request.sha256], media_type=media_type)
        raise NotFoundError("this desk sees no such photograph in the case", where="sha256", reason="no-part")

    async def _searched(
        self, officer: Officer, request: desk_pb2.FetchPartRequest
    ) -> tuple[OwnDesk, Sequence[StatementRecord]]:
        """Return as which desk the officer looks for a photograph, and in which statements."""
        if request.release:
            found = await self._store.read(lambda tx: find_to_decide(tx, officer, request.release))
            desk = choose_reading_desk(self._office, self._gate, officer, found.release.deciding_desk)
            self._desks.secrets(desk.desk)
            return desk, [found.record]
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        self._desks.secrets(desk.desk)
        _, records, terms = await self._store.read(lambda tx: _find(tx, request.case))
        return desk, visible(self._office, self._gate, desk, records, terms)

    def _show(self, sight: Sight, ways: Ways, passages: Passages) -> desk_pb2.StatementView:
        view = show(sight, ways)
        view.attachments.extend(show_passages(sight.record, sight.fields, passages, self._blobs))
        return view

    # ── opening ──────────────────────────────────────────────────────────────────────

    async def _look_at(
        self, records: Sequence[StatementRecord], desk: OwnDesk, terms: CaseTerms, action: Action
    ) -> AsyncIterator[Sight]:
        try:
            self._desks.secrets(desk.desk)
        except LockedDeskError:
            for record in records:
                yield self._clear_sight(record, desk, terms, action, locked=True)
            return
        since = await self._store.read(partial(desk_since, desk=desk.desk))
        async for some in self._load(records, desk.desk):
            for sight in await asyncio.to_thread(self._open_all, some, desk, since, action):
                yield sight

    async def _load(self, records: Sequence[StatementRecord], desk: DeskId) -> AsyncIterator[list[Sealed]]:
        for start in range(0, len(records), _AT_ONCE):
            some = records[start : start + _AT_ONCE]
            yield await self._store.read(partial(load_sealed, records=some, desk=desk))

    def _open_all(self, sealed: Iterable[Sealed], desk: OwnDesk, since: int, action: Action) -> list[Sight]:
        return [self._open(one, desk, since, action) for one in sealed]

    def _open(self, sealed: Sealed, desk: OwnDesk, since: int, action: Action) -> Sight:
        try:
            unsealed = self._opener.unseal(sealed, desk.desk)
            shortfalls = tuple(self._inspection.find(sealed, unsealed, desk, since))
        except LockedDeskError:
            return self._clear_sight(sealed.record, desk, sealed.terms, action, locked=True)
        except TracepostError as error:
            return self._clear_sight(sealed.record, desk, sealed.terms, action, problem=error)
        short = next((one.error for one in shortfalls), None)
        if unsealed.statement is None:
            refusal = short or unsealed.refusal()
            clear = self._clear_sight(sealed.record, desk, sealed.terms, action, problem=refusal)
            return replace(clear, shortfalls=shortfalls)
        try:
            opened = self._opener.show(unsealed, desk, action)
        except PermissionError_ as error:  # a restriction; the rest of the case is shown
            return self._clear_sight(sealed.record, desk, sealed.terms, action, problem=error)
        shown = opened.statement
        fields = tuple(shown.fields())
        problem = self._judge(sealed.record, fields) or short or opened.limited
        return Sight(
            sealed.record, fields, tuple(count_hidden(shown)), problem=problem, shortfalls=shortfalls
        )

    def _judge(self, record: StatementRecord, fields: Sequence[Field]) -> TracepostError | None:
        """Return what is wrong with fields that the daemon could not see when the statement came."""
        if record.kind not in schema.KINDS:
            return None
        try:
            message = schema.assemble(record.kind, fields).message
            schema.validate_fields(message)
            shown = verify_exhibits(message, self._signers, record.stored_at)
            require_signers(shown)
            check_lineage(shown, claims_of(record))
        except TracepostError as error:
            return error
        return None

    async def _judge_by_consents(self, sights: list[Sight]) -> list[Sight]:
        """Return these sights; where others tell that they passed on what we did not consent to, that is said."""
        some = [one for one in sights if one.record.kind in KINDS and not one.problem]
        if not some:
            return sights
        found = await self._store.read(
            lambda tx: {s.record.digest: self._overstepping.find(tx, s.record, s.fields) for s in some}
        )
        return [replace(s, problem=s.problem or found.get(s.record.digest)) for s in sights]

    def _clear_sight(
        self,
        record: StatementRecord,
        desk: OwnDesk,
        terms: CaseTerms,
        action: Action,
        *,
        locked: bool = False,
        problem: TracepostError | None = None,
    ) -> Sight:
        found = self._opener.circumstances(desk, record, terms)
        fields = tuple(
            one
            for one in read_clear_part(record.admin_json).fields
            if one.sensitivity in self._gate.readable(desk.reader, action, found.at(one.path))
        )
        return Sight(record, fields, problem=problem, locked=locked)

    def _find_part(self, sealed: Iterable[Sealed], desk: OwnDesk, digest: bytes) -> Opened | None:
        for one in sealed:
            try:
                opened = self._opener.open(one, desk, Action.OPEN)
            except LockedDeskError:
                raise
            except TracepostError:  # another statement of the case may have it
                continue
            if digest in opened.parts:
                return opened
        return None


def _find(tx: Tx, named: str) -> tuple[CaseRecord, list[StatementRecord], CaseTerms]:
    thread = find_case(tx, named)
    records = in_case_order(tx.statements.in_threads([thread]))
    return tx.cases.find([thread])[thread], records, read_terms(tx, [thread])[thread]


def _named(records: list[StatementRecord], statement: str) -> list[StatementRecord]:
    """Return these records, or the one with this digest."""
    if not statement:
        return records
    found = [one for one in records if encode_b64(one.digest) == statement]
    if not found:
        raise NotFoundError("no such statement is in the case", where="statement", reason="unknown-statement")
    return found


def _media_type(shown: Statement, digest: bytes) -> str:
    return next((t for d in shown.disclosures for named, t in named_parts(d).items() if named == digest), "")
