"""Who works on which case, and what is done when an officer leaves.

An assignment gives no right: who may read a case, the gate says of desks. It says whose turn it is.

    leave     refused at the door from now on → in one unit of work: the register says so, appointments as a
              deputy end, cases go to the successor → told: what is done, and what is left to do by people

Mail that he wrote and that waits for a word: the successor may take it back, or, being another officer of the
deciding desk, let it go: then two have seen it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import find_case, instant
from tracepost.node.handlers.case.circumstances import read_terms
from tracepost.node.handlers.case.entitlement import require_case, require_case_data
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.case.silence import read_summaries
from tracepost.node.handlers.desks.staff import Staff
from tracepost.node.handlers.sending.four_eyes import (
    is_on_duty,
    is_revoked,
    require_second_stays,
    second_officers,
)
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.staff import CaseOfficer, OfficerRecord
from tracepost.protocol.errors import ConflictError, InvalidInputError, PermissionError_
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1 import office_pb2

_HAND_OVER = "case-hand-over"


class Assigning:
    """One per process."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        papers: Papers,
        staff: Staff,
        store: Store,
        clock: Callable[[], int],
    ) -> None:
        self._office = office
        self._gate = gate
        self._papers = papers
        self._staff = staff
        self._store = store
        self._clock = clock

    async def assign(self, officer: Officer, request: office_pb2.AssignCaseRequest) -> office_pb2.Assignment:
        """Give a case to an officer, whoever had it before.

        Raises:
            PermissionError_: none of the desks of who asks sees the case.
            InvalidInputError: no such officer is on duty.
        """
        now = self._clock()

        def keep(tx: Tx) -> office_pb2.Assignment:
            thread = find_case(tx, request.case)
            require_case(self._office, self._gate, officer, read_terms(tx, [thread])[thread])
            self._require_on_duty(tx, request.officer, now)
            one = CaseOfficer(thread, request.officer, officer.label, now)
            tx.case_officers.put([one])
            tx.audit.append([AuditEvent(now, officer.label, "case-assign", thread, f"officer-{one.officer}")])
            return self._shown(tx, [one])[0]

        return await self._store.write(keep, label="assign")

    async def list_assignments(self, officer: Officer, number: str) -> office_pb2.ListAssignmentsResponse:
        """Return the cases of an officer; of another one, those that the desks of who asks may see."""
        if number and number != officer.number:
            require_case_data(self._office, self._gate, officer)
        return await self._store.read(
            lambda tx: office_pb2.ListAssignmentsResponse(
                assignments=self._shown(tx, self._visible(tx, officer, number or officer.number))
            )
        )

    async def leave(self, officer: Officer, request: office_pb2.LeaveOfficeRequest) -> office_pb2.Leaving:
        """Let an officer leave; once more changes nothing, and tells how it stands.

        Raises:
            PermissionError_: it is for officers of one of his desks, or of the point of contact; or who asks would
                be alone at a desk then, without the leaver's own word.
            InvalidInputError: the officer is not known, or the successor not on duty, or they are the same.
            ConflictError: he has left to another successor.
        """
        now = self._clock()
        leaving = await self._store.write(lambda tx: self._leave(tx, officer, request, now), label="leave")
        await self._staff.load()
        return leaving

    def _leave(
        self, tx: Tx, officer: Officer, request: office_pb2.LeaveOfficeRequest, now: int
    ) -> office_pb2.Leaving:
        known = _known(tx, request.officer)
        self._require_superior(officer, known)
        if known.left_at and known.successor != request.successor:
            raise ConflictError(
                f"he has left, and officer {known.successor} took over", where="successor", reason="left"
            )
        if not known.left_at:
            if officer.number != known.number:
                require_second_stays(self._seconds(tx, officer, now), known.number)
            self._require_on_duty(tx, request.successor, now)
            if request.successor == known.number:
                raise InvalidInputError("name another officer", where="successor", reason="same-officer")
            known = replace(known, left_at=now, successor=request.successor, shut_before=now)
            tx.officers.put(known)
            self._hand_over(tx, officer, known, now)
        return self._told(tx, known, now)

    def _hand_over(self, tx: Tx, officer: Officer, gone: OfficerRecord, now: int) -> None:
        ended = [d for d in tx.deputies.all() if d.officer == gone.number and not d.ended_at]
        for one in ended:
            tx.deputies.put(replace(one, ended_by=officer.label, ended_at=now))
        cases = tx.case_officers.by_officer(gone.number)
        tx.case_officers.put([CaseOfficer(c.thread, gone.successor, officer.label, now) for c in cases])
        handed = f"officer-{gone.successor}"
        events = [AuditEvent(now, officer.label, "officer-leave", f"officer-{gone.number}", handed)]
        events += [AuditEvent(now, officer.label, _HAND_OVER, c.thread, handed) for c in cases]
        tx.audit.append(events)

    def _told(self, tx: Tx, gone: OfficerRecord, now: int) -> office_pb2.Leaving:
        revoked = self._papers.revocations()
        here = [o for o in tx.officers.all() if is_on_duty(o, self._office.member, revoked, now)]
        manned = {desk for one in here for desk in one.desks}
        since = [d for d in tx.deputies.all() if d.officer == gone.number and d.ended_at == gone.left_at]
        in_force = gone.not_after >= now and not is_revoked(gone, self._office.member, revoked, now)
        events = tx.audit.about([c.thread for c in tx.case_officers.by_officer(gone.successor)])
        handed = {e.event.subject for e in events if _is_handed(e.event, gone)}
        return office_pb2.Leaving(
            officer=self._staff.line(tx, gone),
            cases=len(handed),
            deputies_ended=len(since),
            releases=sum(r.officer == gone.number and r.state.is_unsent for r in tx.releases.open()),
            certificate_in_force=in_force,
            desks_to_rekey=gone.desks,
            desks_without_officer=[d.desk for d in self._office.desks if d.desk not in manned],
        )

    def _require_superior(self, officer: Officer, known: OfficerRecord) -> None:
        points = {d.desk for d in self._office.desks if d.reader.point_of_contact}
        if not (points | set(known.desks)) & set(officer.desks):
            raise PermissionError_(
                "it is for officers of one of his desks, or of the point of contact",
                where="officer",
                reason="other-desk",
            )

    def _seconds(self, tx: Tx, officer: Officer, now: int) -> dict[DeskId, frozenset[str]]:
        """Return, for each desk of who asks, who can be the second officer there."""
        us, papers = self._office.member, self._papers
        return {
            desk: second_officers(tx, papers, us, desk, number=officer.number, now=now)
            for desk in officer.desks
        }

    def _require_on_duty(self, tx: Tx, number: str, now: int) -> None:
        known = {one.number: one for one in tx.officers.all()}.get(number)
        if known is None or not is_on_duty(known, self._office.member, self._papers.revocations(), now):
            raise InvalidInputError(
                f"officer {number} is not on duty here",
                where="officer",
                reason="not-on-duty",
                remedy="Look at the list, or write him down: tracepost officer list, tracepost officer add.",
            )

    def _visible(self, tx: Tx, officer: Officer, number: str) -> list[CaseOfficer]:
        found = tx.case_officers.by_officer(number)
        terms = read_terms(tx, [one.thread for one in found])

        def sees(one: CaseOfficer) -> bool:
            try:
                require_case(self._office, self._gate, officer, terms[one.thread])
            except PermissionError_:
                return False
            return True

        return [one for one in found if sees(one)]

    def _shown(self, tx: Tx, found: list[CaseOfficer]) -> list[office_pb2.Assignment]:
        cases = tx.cases.find([one.thread for one in found])
        records = [cases[one.thread] for one in found if one.thread in cases]
        summaries = {s.thread: s for s in read_summaries(tx, records, self._office.member)}
        return [
            office_pb2.Assignment(
                thread=one.thread,
                officer=one.officer,
                assigned_by=one.assigned_by,
                assigned_at=instant(one.assigned_at),
                summary=summaries.get(one.thread),
            )
            for one in found
        ]


def _known(tx: Tx, number: str) -> OfficerRecord:
    known = {one.number: one for one in tx.officers.all()}.get(number)
    if known is None:
        raise InvalidInputError(
            f"this node does not know officer {number}",
            where="officer",
            reason="unknown-officer",
            remedy="Revoke the certificate: tracepost ca revoke. It has not been used here.",
        )
    return known


def _is_handed(event: AuditEvent, gone: OfficerRecord) -> bool:
    return (
        event.action == _HAND_OVER
        and event.at == gone.left_at
        and event.outcome == f"officer-{gone.successor}"
    )
