"""Whether the memory of a receiving node stays flat, however many messages it has stored.

Short, it is followed while the part `post` runs. Long, `make bench MEMORY=1000000` stores so many messages and
follows nothing else: that takes half an hour and a disk, whose need is said before it begins.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import statistics
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Final, Self

from bench.network import Node, open_network
from bench.rows import CannotRunError, Measured, Part, Row, Run
from bench.sender import open_sender

MEMORY_GOAL: Final = "≤ 2"
"""Of growth, MB per 100,000 messages: a node that holds a million more has 20 MB more at most."""

BYTES_A_MESSAGE: Final = 60_000
"""What a message takes on the disk at its sender and its receiver together, with room for files that grow."""

_LOT = 10_000
_SAMPLE_SECONDS = 1.0


class Watch:
    """Samples how much memory a node has, and how many messages it has stored by then."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.samples: list[tuple[int, float]] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def over(cls, node: Node) -> AsyncIterator[Self]:
        """Sample `node` every second, and once at the end."""
        watch = cls(node)
        sampling = asyncio.create_task(watch._run())
        try:
            yield watch
            watch.sample()
        finally:
            sampling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sampling

    def sample(self) -> None:
        """Look once."""
        self.samples.append((self._node.stored(), self._node.process.rss_mb()))

    def slope(self) -> float:
        """Return by how many MB it grew per 100,000 messages, over the second half of them."""
        return slope_of(self.samples)

    async def _run(self) -> None:
        while True:
            self.sample()
            await asyncio.sleep(_SAMPLE_SECONDS)


def slope_of(samples: Sequence[tuple[int, float]]) -> float:
    """Return the slope of the line through the samples of the second half, per 100,000 messages."""
    half = samples[-1][0] / 2
    late = [one for one in samples if one[0] >= half]
    if len({messages for messages, _ in late}) < 2:
        return 0.0
    messages, memory = zip(*late, strict=True)
    return 100_000 * statistics.linear_regression(messages, memory).slope


async def measure(run: Run) -> Measured:
    """Store so many messages, lot by lot, and follow the memory of the node that receives them."""
    count = run.memory or _LOT
    need, free = count * BYTES_A_MESSAGE, shutil.disk_usage(run.folder).free
    said = f"{count:,} messages take {need / 1e9:.1f} GB below {run.folder}; {free / 1e9:.1f} GB are free"
    sys.stderr.write(f"memory: {said}\n")
    if need > free:
        raise CannotRunError(f"{said}; TMPDIR names another disk")
    async with open_network(run.folder / "network") as network, open_sender(network) as sender:
        watch = Watch(network.receiving)
        lot = min(_LOT, -(-count // 10))
        for first in range(0, count, lot):
            await sender.seal(1_000_000 + first, min(lot, count - first))
            await sender.deliver(min(lot, count - first))
            watch.sample()
    figures = {
        "flat_messages": watch.samples[-1][0],
        "flat_first_mb": watch.samples[0][1],
        "flat_last_mb": watch.samples[-1][1],
        "flat_mb_per_100k": watch.slope(),
    }
    return Measured(figures, more={"samples": watch.samples})


PART = Part(
    "memory",
    "sealed mail delivered lot by lot to one node, its memory read after each (MEMORY=1000000)",
    seconds=2400,
    measure=measure,
    rows=(
        Row("flat_messages", "messages stored"),
        Row("flat_first_mb", "memory of the receiving node after the first lot (MB)"),
        Row("flat_last_mb", "  after the last (MB)"),
        Row("flat_mb_per_100k", "  growth over the second half (MB per 100,000)", MEMORY_GOAL),
    ),
    asked_for=True,
)
