"""What mail takes of a thin line: bytes are counted here; seconds belong to `make bench ONLY=slow-line`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.slow_line import GOALS, PHOTOGRAPH_BYTES, PHOTOGRAPHS, Line, open_line, play_case, send_photographs
from faults.network import Weather


@pytest.fixture
async def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    """Witnesses cosign every five seconds, 5 KB each time: how often that is here depends on the machine."""
    monkeypatch.setattr("tracepost.serving.witnessed.EVERY_S", 3600.0)
    async with open_line(tmp_path) as line:
        yield line


async def test_a_case_and_three_photographs_keep_to_what_a_thin_line_carries(
    line: Line, tmp_path: Path
) -> None:
    """A request, the whole case, and photographs that go on where the line was cut."""
    costs = await play_case(line)
    assert GOALS["again_bytes"] < costs.connect.bytes <= GOALS["connect_bytes"]
    assert costs.again.bytes <= GOALS["again_bytes"]
    assert costs.start.bytes <= GOALS["start_bytes"]
    assert 4096 < costs.request.up <= GOALS["request_bytes"]
    assert costs.request.bytes < costs.case <= GOALS["case_bytes"]
    line.road.weather = Weather(bytes_per_second=1_000_000)  # so that there is something to cut
    photographs = await send_photographs(line, tmp_path)
    assert PHOTOGRAPHS * PHOTOGRAPH_BYTES < photographs.bytes <= GOALS["photographs_bytes"]
