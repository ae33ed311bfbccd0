"""What all scenes share: the network, the stage, the parties, and the case as it grows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.message import Message

from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.party import Party
from tracepost.cli.demonstration.stage import Stage, second
from tracepost.cli.words import _
from tracepost.sdk import Cover, build_draft
from tracepost.wire.v1 import desk_pb2


@dataclass(slots=True)
class Play:
    """The story in progress.

    Args:
        out: folder that the results go to.
        draft: the request as it was sent.
        case: thread of the case, once it is open.
        request: digest of XAA's request.
    """

    network: Network
    stage: Stage
    out: Path
    draft: desk_pb2.Draft = field(default_factory=desk_pb2.Draft, repr=False)
    case: str = ""
    request: str = ""

    @property
    def xaa(self) -> Party:
        """The state that asks."""
        return Party(self.network, "xaa")

    @property
    def xab(self) -> Party:
        """The state that is asked first."""
        return Party(self.network, "xab")

    @property
    def xac(self) -> Party:
        """The state that the first weapon was exported to."""
        return Party(self.network, "xac")

    @property
    def relay(self) -> str:
        """Member id of the relay."""
        assert self.network.relay is not None  # the demonstration has one
        return self.network.relay.member

    async def say(self, party: Party, message: Message, cover: Cover | None = None) -> desk_pb2.Submission:
        """Have a party's point of contact say `message` in the case."""
        async with party.at() as officer:
            return await officer.submit(build_draft(message, cover or Cover(), self.case))

    async def send(self, sender: Party, to: Party, message: Message, arrived: str) -> desk_pb2.Submission:
        """Say `message` to one party, and wait until both sides can prove that it arrived; print `arrived`."""
        sent = await self.say(sender, message, Cover(to=(to.member,)))
        await self.delivered(sender, to.member, sent.statement, arrived)
        return sent

    async def delivered(self, sender: Party, to: str, statement: str, words: str) -> desk_pb2.TimelineEvent:
        """Wait until the sender holds the proof, from the addressee's log, that a statement arrived."""
        return await self._proved(sender, "delivered", statement, to, words)

    async def in_custody(self, sender: Party, statement: str, words: str) -> desk_pb2.TimelineEvent:
        """Wait until the sender holds the proof, from the relay's log, that it keeps a statement."""
        return await self._proved(sender, "custody", statement, self.relay, words)

    async def _proved(
        self, sender: Party, event: str, statement: str, log: str, words: str
    ) -> desk_pb2.TimelineEvent:
        found = await self.stage.until(lambda: sender.event(self.case, event, statement, log=log), words)
        at = second(int(dt.datetime.fromisoformat(found.at).timestamp()))
        proof = _("proved by entry {index} of the log of {member}, {when} UTC")
        self.stage.note(proof.format(index=found.log_index, member=found.log, when=at))
        return found


Scene = Callable[[Play], Awaitable[None]]
