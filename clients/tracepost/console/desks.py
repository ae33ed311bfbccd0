"""What an officer's desk is: of a panel of experts or not, and until when the panel has its mandate."""

from __future__ import annotations

from tracepost.console.visit import Visit
from tracepost.wire.v1 import desk_pb2, directory_pb2


def is_of_panel(visit: Visit, status: desk_pb2.NodeStatus) -> bool:
    """Say whether the officer is at a desk of a panel of experts, as his node's own settings say."""
    desk = next((one for one in status.desks if one.desk == visit.officer.desk), desk_pb2.DeskStatus())
    return directory_pb2.COMPETENCE_PANEL in desk.competences


async def mandate_until(visit: Visit) -> str:
    """Return the last day of our own mandate as the trust list shows it, YYYY-MM-DD; empty where it shows none."""
    own = visit.house.settings.member
    lines = await visit.client.list_directory()
    return next((one.mandate_until for one in lines if one.member == own), "")
