"""An officer who stands in for another desk of his office, appointed and sent back by two others.

deputy = await appoint(town, "xab", "8", "police")        # officers 7 and 9 say so
await dismiss(town, "xab", deputy)
"""

from __future__ import annotations

import datetime as dt

from fakes.town import Town
from tracepost.wire.v1 import office_pb2


async def appoint(town: Town, member: str, officer: str, desk: str) -> office_pb2.Deputy:
    """Let an officer stand in for a desk from yesterday on, on the words of officer 7 and of officer 9, who sits there.

    Args:
        town: in which the member runs.
        member: whose officers they are.
        officer: who has called there before: only he can be appointed.
        desk: where he does not sit.
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    first, last = (str(today + dt.timedelta(days=days)) for days in (-1, 5))
    async with town.client(member, officer="7") as client:
        made = await client.office.deputise(officer, desk, first, last)
    async with town.client(member, officer="9", desk=desk) as client:
        return await client.office.decide_deputy(made.number, approve=True)


async def dismiss(town: Town, member: str, deputy: office_pb2.Deputy) -> None:
    """End it: officer 9, who sits at the desk, says so."""
    async with town.client(member, officer="9", desk=deputy.desk) as client:
        await client.office.decide_deputy(deputy.number, approve=False)
