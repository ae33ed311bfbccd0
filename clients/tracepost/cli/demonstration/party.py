"""One state in the story: its officers, and what can be asked of its node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tracepost.cli.demonstration.network import Network, NodeSite
from tracepost.sdk import Client
from tracepost.wire.v1 import desk_pb2


class Party:
    """A member and its officers. A client is opened for each visit: nodes come and go."""

    def __init__(self, network: Network, member: str) -> None:
        self.member = member
        self._network = network

    @property
    def site(self) -> NodeSite:
        """The member's node on this machine."""
        return self._network.node(self.member)

    @property
    def office(self) -> str:
        """The name of its office."""
        return self.site.plan.name

    @asynccontextmanager
    async def at(self, desk: str = "poc", officer: int = 1) -> AsyncIterator[Client]:
        """Sit an officer at a desk; the first of it, or another."""
        async with self._network.client(self.member, desk, officer) as sitting:
            yield sitting

    async def summary(self, case: str) -> desk_pb2.CaseSummary | None:
        """Return how the case stands here; None if it is not known."""
        async with self.at() as officer:
            async for one in officer.list_cases():
                if one.thread == case:
                    return one
        return None

    async def view(self, case: str, desk: str = "poc") -> desk_pb2.CaseView:
        """Return the case as a desk sees it."""
        async with self.at(desk) as officer:
            return await officer.show_case(case)

    async def event(
        self, case: str, event: str, statement: str, *, log: str | None = None
    ) -> desk_pb2.TimelineEvent | None:
        """Return the event of a statement that is proved in a log (`log`: of whom); None if there is none."""
        async with self.at() as officer:
            for one in await officer.show_timeline(case):
                if (one.event, one.statement) == (event, statement) and log in (None, one.log):
                    return one
        return None

    async def has(self, case: str, statement: str) -> bool:
        """Say whether a statement arrived here in this case."""
        summary = await self.summary(case)
        return summary is not None and await self.event(case, "received", statement) is not None

    async def state_of(self, case: str, statement: str, to: str) -> int:
        """Return where our mail with a statement is on its way to a member (`MailState`)."""
        view = await self.view(case)
        for one in view.statements:
            for dispatch in one.dispatches if one.statement == statement else ():
                if dispatch.to == to:
                    return dispatch.state
        return desk_pb2.MAIL_STATE_UNSPECIFIED
