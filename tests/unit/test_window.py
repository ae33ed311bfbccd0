"""What is under way on one stream is bounded, lane by lane."""

from __future__ import annotations

import asyncio

import pytest

from tracepost.node.post.window import Window
from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import UnreachableError
from tracepost.protocol.ids import EnvelopeId

FIRST, SECOND, THIRD = (EnvelopeId(bytes([number]) * 32) for number in range(3))


async def waits(window: Window, lane: Lane) -> bool:
    waiting = asyncio.create_task(window.has_room(lane))
    await asyncio.sleep(0)
    waiting.cancel()
    return not waiting.done()


async def test_a_full_lane_waits_for_an_answer_and_the_other_does_not() -> None:
    window = Window(size=2)
    window.add(FIRST, Lane.ROUTINE)
    assert not await waits(window, Lane.ROUTINE)
    window.add(SECOND, Lane.ROUTINE)
    assert await waits(window, Lane.ROUTINE)
    assert not await waits(window, Lane.URGENT)
    window.answered([THIRD])
    assert await waits(window, Lane.ROUTINE)
    window.answered([FIRST])
    assert not await waits(window, Lane.ROUTINE)


async def test_the_same_mail_counts_once() -> None:
    window = Window(size=2)
    for _ in range(3):
        window.add(FIRST, Lane.ROUTINE)
    assert FIRST in window
    assert not await waits(window, Lane.ROUTINE)
    window.answered([FIRST, FIRST])
    assert FIRST not in window


async def test_who_answers_nothing_is_left() -> None:
    window = Window(size=1, silence_s=0.01)
    window.add(FIRST, Lane.ROUTINE)
    with pytest.raises(UnreachableError) as left:
        await window.has_room(Lane.ROUTINE)
    assert left.value.reason == "no-answers"
