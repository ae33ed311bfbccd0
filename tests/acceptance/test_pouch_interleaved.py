"""Any mixture of pouches and line: each statement has its effect once, and in the end everything is answered.

Two states that both have a line to a relay, which is there at times; and a courier who loses sticks, brings them late,
in any order, and more than once. What happens is drawn from a seed; then the relay is there, and stays.
"""

from __future__ import annotations

import os
import random
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.couriers import MEMBERS, Lonely, found_lonely
from fakes.town import until
from tracepost.wire.v1 import envelope_pb2

STEPS = 14
SEEDS = range(1, 1 + int(os.environ.get("POUCH_SEEDS", "1")))
"""More of them, if somebody has the time: POUCH_SEEDS=20."""


class Play:
    """What was said, which sticks lie about, and whether the relay is there."""

    def __init__(self, lonely: Lonely, seed: int) -> None:
        self.lonely = lonely
        self.dice = random.Random(seed)
        self.said = 0
        self.sticks: list[tuple[str, Path]] = []
        self.relay = AsyncExitStack()
        self.online = False

    async def step(self) -> None:
        """Do something."""
        await self.dice.choice(
            [self.say, self.say, self.pack, self.pack, self.bring, self.bring, self.turn]
        )()

    async def say(self) -> None:
        """Let somebody ask the other."""
        member, other = self.dice.sample(MEMBERS, 2)
        self.said += 1
        lane = self.dice.choice([envelope_pb2.LANE_ROUTINE, envelope_pb2.LANE_URGENT])
        await self.lonely.say(member, m.request(f"T-{self.said}"), other, lane=lane)

    async def pack(self) -> None:
        """Fill a stick for somebody."""
        member, other = self.dice.sample(MEMBERS, 2)
        only_new = self.dice.random() < 0.5
        self.sticks += [(other, file) for file in await self.lonely.pack(member, other, only_new=only_new)]

    async def bring(self) -> None:
        """Bring a stick, which may come again."""
        if self.sticks:
            to, file = self.dice.choice(self.sticks)
            result = await self.lonely.unpack(to, file)
            assert (result.refused, len(result.put_off)) == (0, 0)

    async def turn(self) -> None:
        """Let the relay come or go."""
        if self.online:
            await self.relay.aclose()
        else:
            self.relay = AsyncExitStack()
            await self.relay.enter_async_context(self.lonely.town.running("hub"))
        self.online = not self.online


@pytest.mark.parametrize("seed", SEEDS)
async def test_all_is_said_once_whatever_the_road(tmp_path: Path, seed: int) -> None:
    lonely = found_lonely(tmp_path, relay_for=MEMBERS, without_line=())
    town = lonely.town
    async with lonely.at_work():
        async with town.running("hub"):
            await town.meet(*MEMBERS)
        play = Play(lonely, seed)
        for _ in range(STEPS):
            await play.step()
        if not play.online:
            await play.turn()
        for member in MEMBERS:
            await until(partial(_is_answered, lonely, member), f"all of {member} to be answered")
        await play.relay.aclose()
        for member in MEMBERS:
            assert town.ask(member, "SELECT count(*) FROM statement WHERE in_effect") == [(play.said,)]
            assert town.ask(member, "SELECT count(*) FROM case_record") == [(play.said,)]
            assert town.ask(member, "SELECT count(*) FROM log_contradiction") == [(0,)]
            assert town.ask(member, "SELECT count(*) FROM refused_mail") == [(0,)]
            twice = "SELECT statement, count(*) FROM received_mail GROUP BY via, lane, epoch, seq HAVING count(*) > 1"
            assert town.ask(member, twice) == []


def _is_answered(lonely: Lonely, member: str) -> bool:
    return all(state == "DELIVERED" for _, state in lonely.states(member))
