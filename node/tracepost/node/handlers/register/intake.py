"""To import an extract of the State's own records: part by part, each row judged by itself.

The rows are written under a generation of their own and take the place of the extract before them with
the last part, in one unit of work. Who hangs up before that has changed nothing. The same rows again
change nothing either.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.register.book import RegisterBook, name_of, seal_record, wrapped_key
from tracepost.node.handlers.sealed.sealing_mail import Sealer
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.statements import RegisterInForce, RegisterRecord
from tracepost.protocol import schema
from tracepost.protocol.errors import BusyError, InvalidInputError, InvalidMessageError, LimitError
from tracepost.protocol.sealing import Random
from tracepost.wire.v1 import register_pb2

ROWS_LIMIT = 500
"""In one part."""


@dataclass(slots=True)
class _Import:
    """An import under way; `number` is that of the last record, `mac` covers all rows that were taken."""

    officer: Officer
    desk: OwnDesk
    source: str
    generation: int
    key: bytes = field(repr=False)
    mac: hmac.HMAC = field(repr=False)
    number: int = 0


class RegisterImport:
    """One per process; one import at a time."""

    def __init__(
        self,
        *,
        office: Office,
        book: RegisterBook,
        sealer: Sealer,
        sending: Sending,
        store: Store,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self._office = office
        self._book = book
        self._sealer = sealer
        self._sending = sending
        self._store = store
        self._clock = clock
        self._random = random
        self._at_work = asyncio.Lock()

    async def run(
        self, officer: Officer, parts: AsyncIterator[register_pb2.ImportRegisterRequest]
    ) -> AsyncGenerator[register_pb2.ImportRegisterResponse, None]:
        """Yield what became of each part, after the last one what is in force.

        Raises:
            BusyError: another import is under way.
            PermissionError_, LockedDeskError: the desk may keep no register, or is locked.
            InvalidInputError: the first part names no source.
            LimitError: a part has too many rows.
        """
        if self._at_work.locked():
            raise BusyError("another import is under way", where="source")
        async with self._at_work:
            first = await anext(parts, None)
            if first is None:
                return
            current = await self._begin(officer, first)
            finished = False
            try:
                part: register_pb2.ImportRegisterRequest | None = first
                while part is not None and not finished:
                    answer = await self._take(current, part)
                    if finished := part.last:
                        await self._finish(current, answer)
                    yield answer
                    part = await anext(parts, None)
            finally:
                if not finished:
                    await asyncio.shield(self._give_up(current))

    async def _begin(self, officer: Officer, first: register_pb2.ImportRegisterRequest) -> _Import:
        schema.validate(register_pb2.ImportRegisterRequest(source=first.source or None, desk=first.desk))
        if not first.source:
            raise InvalidInputError("the first part names the source", where="source", reason="no-source")
        desk = self._office.desk(officer.choose_desk(first.desk))
        self._book.require_keeper(desk)
        mac = hmac.new(self._book.key(desk), first.source.encode(), "sha256")
        generation = await self._store.read(lambda tx: tx.registers.next_generation(desk.desk, first.source))
        return _Import(officer, desk, first.source, generation, self._random(32), mac)

    async def _take(
        self, current: _Import, part: register_pb2.ImportRegisterRequest
    ) -> register_pb2.ImportRegisterResponse:
        if len(part.rows) > ROWS_LIMIT:
            raise LimitError(f"a part has at most {ROWS_LIMIT} rows", where="rows")
        faults: list[register_pb2.RowFault] = []
        records = await asyncio.to_thread(lambda: list(self._seal(current, part.rows, faults)))
        if records:
            await self._store.write(lambda tx: tx.registers.keep(records), label="register")
        return register_pb2.ImportRegisterResponse(taken=len(records), faults=faults)

    def _seal(
        self,
        current: _Import,
        rows: Sequence[register_pb2.RegisterRow],
        faults: list[register_pb2.RowFault],
    ) -> Iterator[RegisterRecord]:
        for row in rows:
            try:
                schema.validate(row)
            except InvalidMessageError as error:
                faults.append(register_pb2.RowFault(row=row.row, where=error.where, reason=error.reason))
                continue
            current.number += 1
            current.mac.update(row.SerializeToString(deterministic=True))
            yield RegisterRecord(
                current.desk.desk,
                current.source,
                current.generation,
                current.number,
                seal_record(current.key, current.source, current.number, row),
                self._book.keyed_hashes(current.desk, row.object),
            )

    async def _finish(self, current: _Import, answer: register_pb2.ImportRegisterResponse) -> None:
        known = next((o for o in await self._book.sources(current.desk) if o.source == current.source), None)
        if known is not None and hmac.compare_digest(known.content_mac, current.mac.digest()):
            await self._give_up(current)
            answer.unchanged = True
            answer.in_force.CopyFrom(tell(known))
            return
        answer.in_force.CopyFrom(tell(await self._put_in_force(current)))

    async def _put_in_force(self, current: _Import) -> RegisterInForce:
        now, desk = self._clock(), current.desk
        name, key = name_of(current.source, current.generation), wrapped_key(current.key)
        wrap, epoch = await self._sending.run(lambda: self._sealer.wrap(name, None, [key], desk, now))
        made = RegisterInForce(
            desk=desk.desk,
            source=current.source,
            generation=current.generation,
            records=current.number,
            imported_at=now,
            imported_by=current.officer.label,
            content_mac=current.mac.digest(),
            epoch_id=wrap.epoch_id,
            wrap=wrap.wrap,
        )
        subject, outcome = f"{desk.desk}/{current.source}", f"{current.number} records"
        event = AuditEvent(now, current.officer.label, "import-register", subject, outcome)

        def keep(tx: Tx) -> None:
            tx.wraps.keep([], [epoch], now)
            tx.registers.put_in_force(made)
            tx.audit.append([event])

        await self._store.write(keep, label="register")
        return made

    async def _give_up(self, current: _Import) -> None:
        desk, source, generation = current.desk.desk, current.source, current.generation
        await self._store.write(lambda tx: tx.registers.give_up(desk, source, generation), label="register")


def tell(one: RegisterInForce) -> register_pb2.RegisterSource:
    """Return an extract as officers are told of it."""
    return register_pb2.RegisterSource(
        source=one.source,
        desk=one.desk,
        records=one.records,
        imported_at=instant(one.imported_at),
        imported_by=one.imported_by,
    )
