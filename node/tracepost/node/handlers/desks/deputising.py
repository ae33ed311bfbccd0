"""Deputies with dates: an officer acts for a desk from one day to another, and then no more, by itself.

    propose   an officer of the desk, or of the point of contact
    approve   another one of these, who is not the deputy either
    end       any of these, at any time; a deputy himself too

The register lets the deputy in with that desk while it lasts (`staff`). The desk's passphrase he does not get
from here: he works at a desk that somebody has unlocked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.desks.staff import Staff, day_of, render
from tracepost.node.handlers.sending.four_eyes import require_second_stays, second_officers
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.staff import DeputyRecord
from tracepost.protocol.errors import ConflictError, InvalidInputError, NotFoundError, PermissionError_
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1 import office_pb2

_LONGEST_DAYS = 366


class Deputising:
    """One per process."""

    def __init__(
        self, office: Office, papers: Papers, staff: Staff, store: Store, clock: Callable[[], int]
    ) -> None:
        self._office = office
        self._papers = papers
        self._staff = staff
        self._store = store
        self._clock = clock

    async def propose(
        self, officer: Officer, request: office_pb2.DeputiseOfficerRequest
    ) -> office_pb2.Deputy:
        """Keep a proposal; it is in force when another officer has approved it and its first day has come.

        Raises:
            PermissionError_: it is for officers of the desk, or of the point of contact.
            InvalidInputError: the days make no sense, or no such officer or desk is here.
        """
        desk = self._office.desk(DeskId(request.desk)).desk
        now = self._clock()
        _check_days(request, day_of(now))
        _require_of_desk(self._office, officer, desk)

        def keep(tx: Tx) -> DeputyRecord:
            _require_officer(tx, request.officer, desk)
            number = max((one.number for one in tx.deputies.all()), default=0) + 1
            record = DeputyRecord(
                number, request.officer, desk, request.from_day, request.until_day, officer.label, now
            )
            tx.deputies.put(record)
            tx.audit.append([_audit(record, officer, "deputy-propose", now)])
            return record

        return render(await self._store.write(keep, label="deputy"), day_of(now))

    async def decide(self, officer: Officer, number: int, *, approve: bool) -> office_pb2.Deputy:
        """Approve an appointment, or refuse or end it; either holds from the next call of the deputy on."""
        now = self._clock()

        def keep(tx: Tx) -> DeputyRecord:
            record = _find(tx, number, day_of(now))
            if approve:
                decided = self._approved(record, officer, now)
            else:
                self._require_may_end(tx, record, officer, now)
                decided = replace(record, ended_by=officer.label, ended_at=now)
            tx.deputies.put(decided)
            action = "deputy-approve" if approve else "deputy-end"
            tx.audit.append([_audit(decided, officer, action, now)])
            return decided

        decided = await self._store.write(keep, label="deputy")
        await self._staff.load()
        return render(decided, day_of(now))

    def _approved(self, record: DeputyRecord, officer: Officer, now: int) -> DeputyRecord:
        if record.approved_at:
            raise ConflictError("it is approved", where="number", reason="decided")
        if officer.label == record.proposed_by or officer.number == record.officer:
            raise PermissionError_(
                "nobody approves what he proposed, or his own appointment",
                where="number",
                reason="own-proposal",
                remedy="Another officer of the desk, or of the point of contact, approves it.",
            )
        _require_of_desk(self._office, officer, record.desk)
        return replace(record, approved_by=officer.label, approved_at=now)

    def _require_may_end(self, tx: Tx, record: DeputyRecord, officer: Officer, now: int) -> None:
        if officer.number == record.officer:
            return
        _require_of_desk(self._office, officer, record.desk)
        us, desk = self._office.member, record.desk
        if desk in officer.desks and record.is_in_force(day_of(now)):
            found = second_officers(tx, self._papers, us, desk, number=officer.number, now=now)
            require_second_stays({desk: found}, record.officer)


def _require_of_desk(office: Office, officer: Officer, desk: DeskId) -> None:
    points = {one.desk for one in office.desks if one.reader.point_of_contact}
    if not {desk, *points} & set(officer.desks):
        raise PermissionError_(
            f"it is for officers of the desk {desk}, or of the point of contact",
            where="desk",
            reason="other-desk",
        )


def _check_days(request: office_pb2.DeputiseOfficerRequest, today: str) -> None:
    try:
        first, last = (dt.date.fromisoformat(day) for day in (request.from_day, request.until_day))
    except ValueError as error:
        raise InvalidInputError("there is no such day", where="from_day", reason="day") from error
    if last < first or request.until_day < today:
        raise InvalidInputError(
            "the last day comes before the first, or is over", where="until_day", reason="day"
        )
    if (last - first).days >= _LONGEST_DAYS:
        raise InvalidInputError("at most a year at a time", where="until_day", reason="too-long")


def _require_officer(tx: Tx, number: str, desk: DeskId) -> None:
    known = {one.number: one for one in tx.officers.all()}.get(number)
    if known is None or known.left_at:
        raise InvalidInputError(
            "no such officer is here",
            where="officer",
            reason="unknown-officer",
            remedy="Look at the list, or write him down: tracepost officer list, tracepost officer add.",
        )
    if desk in known.desks:
        raise InvalidInputError("he sits at this desk already", where="officer", reason="of-the-desk")


def _find(tx: Tx, number: int, today: str) -> DeputyRecord:
    record = next((one for one in tx.deputies.all() if one.number == number), None)
    if record is None:
        raise NotFoundError("there is no such appointment", where="number", reason="unknown-deputy")
    if record.ended_at or record.until_day < today:
        raise ConflictError("it is over", where="number", reason="over")
    return record


def _audit(record: DeputyRecord, officer: Officer, action: str, now: int) -> AuditEvent:
    days = f"{record.desk} {record.from_day} {record.until_day}"
    return AuditEvent(now, officer.label, action, f"officer-{record.officer}", days)
