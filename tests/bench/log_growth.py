"""What a log of ten million entries costs beside one of a million: appending with its root, and proving.

The hashes of the large trees are made up where they are asked for (a tree of ten million real leaves would take
minutes to grow and shows nothing more): what is counted and timed is what the log reads and hashes at its edge.
Times are the best of several rounds; the count of hashes that a proof reads does not depend on the machine.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from bench.rows import Measured, Part, Row, Run
from tracepost.protocol.evidence import Frontier, Prover, leaf_hash, merkle

SIZES = (1_000_000, 10_000_000)
BATCH = 2_000
ROUNDS = 15


class MadeUp:
    """A tree whose every hash is a function of its place; counts what is read."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self, level: int, index: int) -> bytes:
        """Return the hash at a place."""
        self.reads += 1
        return hashlib.sha256(f"{level}/{index}".encode()).digest()


def _grow(size: int, leaves: list[bytes]) -> float:
    frontier = Frontier.rebuild(size, MadeUp())
    begun = time.perf_counter()
    for leaf in leaves:
        frontier.append(leaf)
        frontier.root()
    return (time.perf_counter() - begun) / len(leaves)


def _prove(size: int) -> tuple[float, float]:
    """Prove entries that lie far apart, each by a prover of its own: nothing is shared."""
    reader, count = MadeUp(), 50
    begun = time.perf_counter()
    for number in range(count):
        Prover(size, reader).inclusion_path(size * number // count)
    return (time.perf_counter() - begun) / count, reader.reads / count


def count_hashes(size: int) -> float:
    """Return how many nodes are hashed for an append with its root, on average over a batch."""
    count = 0

    def counted(left: bytes, right: bytes) -> bytes:
        nonlocal count
        count += 1
        return plain(left, right)

    plain = merkle.node_hash
    merkle.node_hash = counted
    try:
        _grow(size, [bytes(32)] * BATCH)
    finally:
        merkle.node_hash = plain
    return count / BATCH


@dataclass(frozen=True, slots=True)
class Cost:
    """What a log of one size costs: seconds and counts for each entry that is appended, or proved."""

    append_seconds: float
    append_hashes: float
    proof_seconds: float
    proof_reads: float


def compare(rounds: int = ROUNDS) -> tuple[Cost, Cost]:
    """Return the costs at both sizes; rounds of both take turns."""
    leaves = [leaf_hash(number.to_bytes(8)) for number in range(BATCH)]
    grown = [[_grow(size, leaves) for size in SIZES] for _ in range(rounds)]
    proved = [[_prove(size) for size in SIZES] for _ in range(rounds)]
    small, large = (
        Cost(
            append_seconds=min(times[place] for times in grown),
            append_hashes=count_hashes(size),
            proof_seconds=min(times[place][0] for times in proved),
            proof_reads=proved[0][place][1],
        )
        for place, size in enumerate(SIZES)
    )
    return small, large


async def measure(run: Run) -> Measured:
    """Return the costs at ten million entries, and how they stand to those at one million."""
    small, large = compare(5 * ROUNDS if run.long else ROUNDS)
    figures = {
        "log_append_us": 1e6 * large.append_seconds,
        "log_append_growth": large.append_seconds / small.append_seconds,
        "log_proof_us": 1e6 * large.proof_seconds,
        "log_proof_growth": large.proof_seconds / small.proof_seconds,
        "log_append_hashes": large.append_hashes,
        "log_proof_reads": large.proof_reads,
    }
    return Measured(figures)


PART = Part(
    "log",
    "appending with its root and proving at the edge of trees whose inner hashes are made up; best of rounds",
    seconds=5,
    measure=measure,
    rows=(
        Row("log_append_us", "log of 10 million entries: append with root (µs)"),
        Row("log_append_growth", "  to one of 1 million", "≤ 2"),
        Row("log_append_hashes", "  hashes made for it"),
        Row("log_proof_us", "  inclusion proof (µs)"),
        Row("log_proof_growth", "  to one of 1 million", "≤ 2"),
        Row("log_proof_reads", "  hashes read for it"),
    ),
)
