"""A log of ten million entries costs hardly more than one of a million: counted, not timed."""

from __future__ import annotations

from bench.log_growth import SIZES, compare


def test_appending_and_proving_grow_with_the_logarithm_of_the_log() -> None:
    small, large = compare(rounds=1)
    assert SIZES == (1_000_000, 10_000_000)
    assert large.append_hashes <= 1.5 * small.append_hashes
    assert large.proof_reads <= 1.5 * small.proof_reads
    assert large.proof_reads <= 2 * SIZES[1].bit_length()
