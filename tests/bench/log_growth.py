"""What a log of ten million entries costs beside one of a million: appending with its root, and proving.

    python tests/bench/log_growth.py --out build/log_growth.json

The hashes of the large trees are made up where they are asked for (a tree of ten million real leaves would take
minutes to grow and shows nothing more): what is counted and timed is what the log reads and hashes at its edge.
Times are the best of several rounds; the count of hashes that a proof reads does not depend on the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

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


def compare() -> dict[str, object]:
    """Return both sizes and the ratio of the larger to the smaller; rounds of both take turns."""
    leaves = [leaf_hash(number.to_bytes(8)) for number in range(BATCH)]
    grown = [[_grow(size, leaves) for size in SIZES] for _ in range(ROUNDS)]
    proved = [[_prove(size) for size in SIZES] for _ in range(ROUNDS)]
    small, large = (
        {
            "append_seconds": min(times[place] for times in grown),
            "append_hashes": count_hashes(size),
            "proof_seconds": min(times[place][0] for times in proved),
            "proof_reads": proved[0][place][1],
        }
        for place, size in enumerate(SIZES)
    )
    ratios = {name: large[name] / small[name] for name in small}
    return {"sizes": SIZES, "small": small, "large": large, "ratio": ratios}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    found = compare()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=2) + "\n")
    sys.stdout.write(out.read_text())
