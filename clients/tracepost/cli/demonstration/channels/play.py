"""What the scenes of the second story share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.message import Message

from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.party import Party
from tracepost.cli.demonstration.stage import Stage
from tracepost.protocol.errors import NotFoundError, PermissionError_
from tracepost.sdk import Cover, build_draft
from tracepost.wire.v1 import desk_pb2

PANEL = "un-panel-xyz"


@dataclass(slots=True)
class ChannelPlay:
    """The story in progress.

    Args:
        out: folder that the results go to.
        notice: thread of the seizure notice, once it is sent.
        case: thread of the trace, once it is open.
        said: digests of statements, by what the story calls them.
    """

    network: Network
    stage: Stage
    out: Path
    notice: str = ""
    case: str = ""
    said: dict[str, str] = field(default_factory=dict)

    def party(self, member: str) -> Party:
        """Return a member and its officers."""
        return Party(self.network, member)

    @property
    def relay(self) -> str:
        """Member id of the relay."""
        assert self.network.relay is not None  # the story has one
        return self.network.relay.member

    async def say(
        self, who: str, message: Message, cover: Cover | None = None, case: str | None = None
    ) -> desk_pb2.Submission:
        """Have the officer at `who` (`member/desk`) say `message` in `case`, else in the trace."""
        member, desk = who.split("/")
        async with self.party(member).at(desk) as officer:
            return await officer.submit(
                build_draft(message, cover or Cover(), self.case if case is None else case or None)
            )

    async def sees(self, who: str, case: str, statement: str) -> desk_pb2.StatementView | None:
        """Return a statement as the desk `who` (`member/desk`) sees it; None if it is not there for it."""
        member, desk = who.split("/")
        async with self.party(member).at(desk) as officer:
            try:
                view = await officer.show_case(case)
            except (NotFoundError, PermissionError_):
                return None
        return next((one for one in view.statements if one.statement == statement), None)

    async def wait_for(self, who: str, case: str, statement: str, words: str) -> desk_pb2.StatementView:
        """Wait until the desk `who` sees a statement; print `words` as checked; return it as it sees it."""
        return await self.stage.until(lambda: self.sees(who, case, statement), words)


ChannelScene = Callable[[ChannelPlay], Awaitable[None]]
