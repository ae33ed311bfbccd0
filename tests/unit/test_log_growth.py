"""A log of ten million entries costs hardly more than one of a million: counted, not timed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[1] / "bench" / "log_growth.py"


def test_appending_and_proving_grow_with_the_logarithm_of_the_log(tmp_path: Path) -> None:
    out = tmp_path / "growth.json"
    subprocess.run([sys.executable, BENCH, "--out", out], check=True, capture_output=True)
    found = json.loads(out.read_text())
    assert found["sizes"] == [1_000_000, 10_000_000]
    for counted in ("append_hashes", "proof_reads"):
        assert found["ratio"][counted] <= 1.5
    assert found["large"]["proof_reads"] <= 2 * (10_000_000).bit_length()
