"""What an officer may see of cases at all, before any field is opened.

Lists, timelines, held mail and the audit trail hold ADMINISTRATIVE data; they pass the gate like
the fields that they were derived from. A desk that is not on every case sees the cases that it was put
on, and nothing that belongs to none. Of a case that it is not on it may know what asks it, and what it wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tracepost.node.gate import Action, Context, Gate
from tracepost.node.handlers.case.circumstances import CaseTerms, standing_of
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import DeskId
from tracepost.protocol.schema import Sensitivity

_NO_CASE = CaseTerms()


def require_case_data(office: Office, gate: Gate, officer: Officer) -> None:
    """Raise `PermissionError_` unless a desk of the officer may read ADMINISTRATIVE data of every case."""
    require_case(office, gate, officer, _NO_CASE)


def require_case(office: Office, gate: Gate, officer: Officer, terms: CaseTerms) -> None:
    """Raise `PermissionError_` unless a desk of the officer may read ADMINISTRATIVE data of a case."""
    if not any(_may_read(gate, office, desk, terms) for desk in _desks_of(office, officer)):
        raise PermissionError_(
            "none of your desks may read case data", where="desk", reason="open-administrative"
        )


def listed_for(office: Office, gate: Gate, officer: Officer) -> tuple[DeskId, ...] | None:
    """Return the desks whose cases a list shows to an officer; None: it shows all cases.

    Raises:
        PermissionError_: none of the officer's desks may read a case, were it put on it.
    """
    own = _desks_of(office, officer)
    if any(_may_read(gate, office, desk, _NO_CASE) for desk in own):
        return None
    may = tuple(desk.desk for desk in own if _may_read(gate, office, desk, _put_on(desk)))
    if not may:
        require_case_data(office, gate, officer)
    return may


def choose_reading_desk(office: Office, gate: Gate, officer: Officer, named: str) -> OwnDesk:
    """Return the desk that the officer reads as; raise `PermissionError_` if it could read no case at all.

    Whether it is on the case that is read, `require_reading` says as soon as the case is known.
    """
    desk = office.desk(officer.choose_desk(named))
    require_reading(office, gate, desk, _put_on(desk))
    return desk


def visible(
    office: Office, gate: Gate, desk: OwnDesk, records: Sequence[StatementRecord], terms: CaseTerms
) -> list[StatementRecord]:
    """Return the statements of a case that a desk of ours may know of: all, or those that ask it or are its own.

    Raises:
        PermissionError_: none.
    """
    if is_entitled(office, gate, desk, terms):
        return list(records)
    own = [r for r in records if _may_know(gate, desk, standing_of(office, desk, r, terms))]
    if not own:
        require_reading(office, gate, desk, terms)
    return own


def may_know_of(office: Office, gate: Gate, desk: OwnDesk, record: StatementRecord, terms: CaseTerms) -> bool:
    """Say whether a desk of ours may know that a statement is there: it reads the case, is asked, or wrote it."""
    return is_entitled(office, gate, desk, terms) or _may_know(
        gate, desk, standing_of(office, desk, record, terms)
    )


def is_entitled(office: Office, gate: Gate, desk: OwnDesk, terms: CaseTerms) -> bool:
    """Say whether a desk of ours may read ADMINISTRATIVE data of all of a case."""
    return _may_read(gate, office, desk, terms)


def require_reading(office: Office, gate: Gate, desk: OwnDesk, terms: CaseTerms) -> None:
    """Raise `PermissionError_` unless a desk of ours may read ADMINISTRATIVE data of a case."""
    context = replace(office.context(desk, None), on_case=terms.admit(desk))
    gate.require(desk.reader, Action.OPEN, Sensitivity.ADMINISTRATIVE, context)


def _may_read(gate: Gate, office: Office, desk: OwnDesk, terms: CaseTerms) -> bool:
    return _may_know(gate, desk, replace(office.context(desk, None), on_case=terms.admit(desk)))


def _may_know(gate: Gate, desk: OwnDesk, context: Context) -> bool:
    return gate.decide(desk.reader, Action.OPEN, Sensitivity.ADMINISTRATIVE, context).allowed


def _put_on(desk: OwnDesk) -> CaseTerms:
    return CaseTerms(frozenset({desk.desk}))


def _desks_of(office: Office, officer: Officer) -> list[OwnDesk]:
    return [desk for desk in office.desks if desk.desk in officer.desks]
