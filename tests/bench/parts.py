"""What `make bench` measures, in the order in which it does."""

from __future__ import annotations

from bench import (
    console,
    curve,
    databases,
    destinations,
    gate_share,
    log_growth,
    log_stored,
    memory,
    operations,
    rounds,
    side_by_side,
    slow_line,
    storage,
)
from bench.rows import Part

PARTS: tuple[Part, ...] = (
    rounds.PART,
    operations.PART,
    gate_share.PART,
    log_growth.PART,
    log_stored.PART,
    destinations.PART,
    databases.PART,
    storage.PART,
    curve.PART,
    slow_line.PART,
    side_by_side.PART,
    console.PART,
    memory.PART,
)
