"""How long a courier waits before it dials again: whatever chance says, within bounds; and chance has a say."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepost.node.post.courier import Courier, _Route
from tracepost.node.post.rerouting import Rerouting
from tracepost.protocol.errors import UnreachableError
from tracepost.protocol.ids import MemberId

FIRST_S, LONGEST_S = 0.5, 60.0
ROUTE = _Route(MemberId("hub"), "hub:1", "Collect")
chances = st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20)


class Deserted(Courier):
    """A courier to somebody who is never there: it notes how long it would wait, and ends when chance has no more."""

    def __init__(self, chances: Sequence[float]) -> None:
        nothing: Any = None
        left = list(chances)
        super().__init__(
            relays=[],
            papers=nothing,
            store=nothing,
            dial=nothing,
            make_line=nothing,
            rerouting=Rerouting(bytes),
            clock=lambda: 1000,
            jitter=lambda: left.pop(0),
        )
        self._left = left
        self.waits: list[float] = []

    async def _attempt(self, _route: _Route) -> UnreachableError:
        if not self._left:
            raise asyncio.CancelledError
        return UnreachableError()

    async def _pause(self, _route: _Route, seconds: float) -> bool:
        self.waits.append(seconds)
        return False


def waits(chances: Sequence[float]) -> list[float]:
    """Return how long a courier waits after each of so many attempts in vain."""
    courier = Deserted(chances)

    async def serve() -> None:
        with suppress(asyncio.CancelledError):
            await courier._serve(ROUTE)

    asyncio.run(serve())
    return courier.waits


@given(chances)
def test_a_wait_is_twice_the_one_before_up_to_a_minute_give_or_take_a_half(chances: list[float]) -> None:
    waited = waits(chances)
    assert len(waited) == len(chances)
    for number, seconds in enumerate(waited):
        middle = min(FIRST_S * 2**number, LONGEST_S)
        assert middle / 2 <= seconds <= middle * 3 / 2


@given(chances)
def test_who_were_cut_off_together_do_not_come_back_together(chances: list[float]) -> None:
    """Each wait goes with what chance says: the least is a third of the most, whatever was said before."""
    least, said, most = waits([0.0] * len(chances)), waits(chances), waits([1.0] * len(chances))
    for low, middle, high, chance in zip(least, said, most, chances, strict=True):
        assert high == pytest.approx(3 * low)
        assert middle == pytest.approx(low + chance * (high - low))
