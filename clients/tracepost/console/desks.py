"""What an officer's desk is: of a panel of experts, of a peace operation, and until when a panel has its mandate."""

from __future__ import annotations

from tracepost.console.visit import Visit
from tracepost.wire.v1 import desk_pb2, directory_pb2


def is_of_panel(visit: Visit, status: desk_pb2.NodeStatus) -> bool:
    """Say whether the officer is at a desk of a panel of experts, as his node's own settings say."""
    return _has(visit, status, directory_pb2.COMPETENCE_PANEL)


def is_of_operation(visit: Visit, status: desk_pb2.NodeStatus) -> bool:
    """Say whether the officer is at a desk of a peace operation, as his node's own settings say."""
    return _has(visit, status, directory_pb2.COMPETENCE_PEACE_OPERATION)


def _has(visit: Visit, status: desk_pb2.NodeStatus, competence: directory_pb2.Competence) -> bool:
    return any(one.desk == visit.officer.desk and competence in one.competences for one in status.desks)


async def mandate_until(visit: Visit) -> str:
    """Return the last day of our own mandate as the trust list shows it, YYYY-MM-DD; empty where it shows none."""
    own = visit.house.settings.member
    lines = await visit.client.list_directory()
    return next((one.mandate_until for one in lines if one.member == own), "")
