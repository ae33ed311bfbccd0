"""To take out an attachment: found through the gate, judged whole, logged, then decrypted piece by piece.

the case → a field that this desk may see and that names the attachment → the ciphertext is here
→ its content is judged → the log says so → the content
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from functools import partial

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import find_case, in_case_order
from tracepost.node.handlers.case.circumstances import CaseTerms, read_terms
from tracepost.node.handlers.case.entitlement import choose_reading_desk, require_reading
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.sealed.attached import Attached, attached_in
from tracepost.node.handlers.sealed.contents import Contents
from tracepost.node.handlers.sealed.opening import Opener, Sealed, UnlockedDesks, load_sealed
from tracepost.node.handlers.sealed.waiting_mail import find_to_decide
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import InvalidInputError, LockedDeskError, NotFoundError, TracepostError
from tracepost.wire.v1 import attachment_pb2

_AT_ONCE = 8


class GivingOut:
    """One per process; used on the event loop."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        desks: UnlockedDesks,
        opener: Opener,
        contents: Contents,
        log: DisclosureLog,
        store: Store,
    ) -> None:
        self._office = office
        self._gate = gate
        self._desks = desks
        self._opener = opener
        self._contents = contents
        self._log = log
        self._store = store

    async def give(
        self, officer: Officer, request: attachment_pb2.DownloadRequest
    ) -> AsyncGenerator[attachment_pb2.ContentPiece, None]:
        """Yield the content of an attachment of a case, or of mail that waits for a word, from `offset` on.

        Raises:
            PermissionError_: the mail does not wait for this officer.
            LockedDeskError: the desk is locked.
            NotFoundError: this desk sees none such, or it has not come yet.
            SealingError, InvalidInputError, ConfigurationError: as `Contents.judge` says.
        """
        desk, records = await self._searched(officer, request)
        record, attached = await self._find(records, desk, request.address)
        if request.offset > attached.size:
            raise InvalidInputError(
                "the file is not as long as that", where="offset", reason="beyond-the-end"
            )
        await self._contents.judge(attached)
        await self._log.record([record], officer, desk, Action.OPEN)
        yield attachment_pb2.ContentPiece(
            total_bytes=attached.size,
            media_type=attached.media_type,
            content_sha256=attached.content_sha256,
            scan=self._contents.verdict,
        )
        pieces = self._contents.pieces(attached, request.offset)
        while (some := await asyncio.to_thread(next, pieces, None)) is not None:
            yield attachment_pb2.ContentPiece(data=some)

    async def _searched(
        self, officer: Officer, request: attachment_pb2.DownloadRequest
    ) -> tuple[OwnDesk, Sequence[StatementRecord]]:
        """Return as which desk the officer looks for a file, and in which statements."""
        if request.release:
            found = await self._store.read(lambda tx: find_to_decide(tx, officer, request.release))
            desk = choose_reading_desk(self._office, self._gate, officer, found.release.deciding_desk)
            self._desks.secrets(desk.desk)
            return desk, [found.record]
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        self._desks.secrets(desk.desk)
        records, terms = await self._store.read(partial(_read_case, named=request.case))
        require_reading(self._office, self._gate, desk, terms)
        return desk, records

    async def _find(
        self, records: Sequence[StatementRecord], desk: OwnDesk, address: bytes
    ) -> tuple[StatementRecord, Attached]:
        for start in range(0, len(records), _AT_ONCE):
            some = records[start : start + _AT_ONCE]
            sealed = await self._store.read(partial(load_sealed, records=some, desk=desk.desk))
            found = await asyncio.to_thread(self._look_for, sealed, desk, address)
            if found is not None:
                return found
        raise NotFoundError(
            "this desk sees no such attachment there", where="address", reason="no-attachment"
        )

    def _look_for(
        self, sealed: Iterable[Sealed], desk: OwnDesk, address: bytes
    ) -> tuple[StatementRecord, Attached] | None:
        for one in sealed:
            try:
                opened = self._opener.open(one, desk, Action.OPEN)
            except LockedDeskError:
                raise
            except TracepostError:  # another statement of the case may name it
                continue
            for attached in attached_in(opened.statement.disclosures):
                if attached.address == address:
                    return opened.record, attached
        return None


def _read_case(tx: Tx, named: str) -> tuple[list[StatementRecord], CaseTerms]:
    thread = find_case(tx, named)
    return in_case_order(tx.statements.in_threads([thread])), read_terms(tx, [thread])[thread]
