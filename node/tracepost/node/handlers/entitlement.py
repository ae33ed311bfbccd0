"""What an officer may see of cases at all, before any field is opened.

Lists, timelines, held mail and the audit trail hold ADMINISTRATIVE data; they pass the gate like
the fields that they were derived from.
"""

from __future__ import annotations

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.office import Office, Officer, OwnDesk
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.schema import Sensitivity


def require_case_data(office: Office, gate: Gate, officer: Officer) -> None:
    """Raise `PermissionError_` unless a desk of the officer may read ADMINISTRATIVE data of cases."""
    own = [desk for desk in office.desks if desk.desk in officer.desks]
    if not any(_may_read_cases(office, gate, desk) for desk in own):
        raise PermissionError_(
            "none of your desks may read case data", where="desk", reason="open-administrative"
        )


def choose_reading_desk(office: Office, gate: Gate, officer: Officer, named: str) -> OwnDesk:
    """Return the desk that the officer reads as; raise `PermissionError_` if it may not read cases."""
    desk = office.desk(officer.choose_desk(named))
    if not _may_read_cases(office, gate, desk):
        gate.require(desk.reader, Action.OPEN, Sensitivity.ADMINISTRATIVE, office.context(desk, None))
    return desk


def _may_read_cases(office: Office, gate: Gate, desk: OwnDesk) -> bool:
    context = office.context(desk, None)
    return gate.decide(desk.reader, Action.OPEN, Sensitivity.ADMINISTRATIVE, context).allowed
