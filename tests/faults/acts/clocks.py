"""Clocks that step."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from faults.stage import Stage

_STEPS_SECONDS: Final = (-36_000, -3_600, -400, -30, 30, 240, 400, 3_600, 36_000)


@asynccontextmanager
async def clock_step(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """The clock of a member jumps, and later jumps back."""
    member, step = dice.choice(stage.members), dice.choice(_STEPS_SECONDS)
    stage.set_clock_wrong(member, step)
    yield f"{member} by {step} s"
    stage.set_clock_wrong(member, 0)


@asynccontextmanager
async def restart_with_a_wrong_clock(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A member starts with a clock that is wrong, as after a battery has failed, and is put right while it runs.

    It may refuse to start: its own papers are of a time to come.
    """
    member, step = dice.choice(stage.members), dice.choice(_STEPS_SECONDS)
    stage.kill(member)
    stage.set_clock_wrong(member, step)
    refusal = await stage.try_to_start(member)
    yield f"{member} by {step} s{refusal and f', refused: {refusal}'}"
    stage.set_clock_wrong(member, 0)
    await stage.start(member)
