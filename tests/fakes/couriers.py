"""Two states that have never had a line, and a courier who carries sticks between them.

lonely = found_lonely(tmp_path)                   # nothing runs
async with lonely.at_work():                      # both nodes serve, nobody dials anybody
    files = await lonely.pack("xaa", "xab")
    result = await lonely.unpack("xab", files[0])
    async with lonely.town.running("hub"):        # a relay meets the courier too
        result = await lonely.unpack("xab", *await lonely.relay_pack("xab"))
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from fakes.town import POC, POLICE, Town, found_town
from tracepost.cli.relay_session import relay_pouches
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import desk_pb2, pouch_pb2, terms_pb2

MEMBERS = ("xaa", "xab")
NO_LINE = "[post]\nline = false\n[release]"


@dataclass
class Lonely:
    """The town and the courier's sticks."""

    town: Town
    sticks: Path
    _numbers: Any = field(default_factory=count)

    @asynccontextmanager
    async def at_work(self, *members: str) -> AsyncIterator[None]:
        """Run nodes, with their desks open."""
        async with self.town.running(*(members or MEMBERS)):
            for member in members or MEMBERS:
                await self.town.unlock(member)
            yield

    async def pack(self, member: str, to: str, **options: Any) -> list[Path]:
        """Let an officer of a member make a pouch; return its files."""
        stick = self.sticks / str(next(self._numbers))
        stick.mkdir(parents=True)
        async with self.town.client(member) as client:
            return [saved.path for saved in await client.pouches.pack(to, stick, **options)]

    async def unpack(self, member: str, *files: Path) -> pouch_pb2.UnpackingResult:
        """Let an officer of a member take in files; return what came of the last."""
        async with self.town.client(member) as client:
            results = [await client.pouches.unpack(file) for file in files]
        return results[-1]

    async def relay_pack(self, to: str, **options: Any) -> list[Path]:
        """Let the operator of the relay make a pouch; return its files."""
        stick = self.sticks / str(next(self._numbers))
        stick.mkdir(parents=True)
        async with relay_pouches(self.town.place("hub")) as pouches:
            return [saved.path for saved in await pouches.pack(to, stick, **options)]

    async def relay_unpack(self, *files: Path) -> pouch_pb2.UnpackingResult:
        """Let the operator of the relay take in files; return what came of the last."""
        async with relay_pouches(self.town.place("hub")) as pouches:
            results = [await pouches.unpack(file) for file in files]
        return results[-1]

    async def from_relay(self, member: str) -> pouch_pb2.UnpackingResult:
        """Carry a pouch from the relay to a member."""
        return await self.unpack(member, *await self.relay_pack(member))

    async def to_relay(self, member: str) -> pouch_pb2.UnpackingResult:
        """Carry a pouch from a member to the relay."""
        return await self.relay_unpack(*await self.pack(member, "hub"))

    async def carry(self, member: str, to: str, **options: Any) -> pouch_pb2.UnpackingResult:
        """Carry a pouch from one to the other."""
        return await self.unpack(to, *await self.pack(member, to, **options))

    async def meet(self) -> None:
        """Carry a pouch each way: from then on both know the papers of the other."""
        await self.carry("xaa", "xab")
        await self.carry("xab", "xaa")

    async def say(
        self, member: str, message: Message, to: str, case: str = "", **cover: Any
    ) -> desk_pb2.Submission:
        """Send a message in a case, or one that opens a case."""
        said = Cover(
            to=(to,),
            purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
            legal_basis=terms_pb2.LEGAL_BASIS_ITI,
            **cover,
        )
        async with self.town.client(member) as client:
            if case:
                return await client.submit(build_draft(message, said, case))
            return await client.submit(build_draft(message, said))

    def states(self, member: str) -> list[tuple[Any, ...]]:
        """Return road and state of all mail that a member has sent, in its order."""
        return self.town.ask(member, "SELECT via, state FROM sent_mail ORDER BY number")


def found_lonely(
    folder: Path, *, relay_for: tuple[str, ...] = (), without_line: tuple[str, ...] = MEMBERS
) -> Lonely:
    """Make two states; those of `without_line` dial nobody, those of `relay_for` know the relay."""
    town = found_town(folder / "town", dict.fromkeys(MEMBERS, (POC, POLICE)), "hub")
    for member in MEMBERS:
        path = town.place(member) / "node.toml"
        text = path.read_text()
        if member not in relay_for:
            text = text[: text.index("[[relay]]")] + text[text.index("[release]") :]
        if member in without_line:
            text = text.replace("[release]", NO_LINE, 1)
        path.write_text(text)
    return Lonely(town, folder / "sticks")


def introduced(folder: Path, **options: Any) -> Lonely:
    """Make two states that have exchanged a pouch each way, and went home."""
    lonely = found_lonely(folder, **options)

    async def meet() -> None:
        async with lonely.at_work():
            await lonely.meet()

    asyncio.run(meet())
    return lonely
