"""The processes of a benchmark: started, asked for their memory, ended by us and no other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

_RUN = Path(__file__).with_name("run.py")
NODE = Path(__file__).with_name("node_main.py")
"""The program that is a node."""

_PATIENCE_SECONDS = 60.0
_ALL_THREADS = 2
"""Of the clocks that Linux keeps of a process: all its threads, to the nanosecond (`CPUCLOCK_SCHED`)."""


class Child:
    """A process that we started."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def read_line(self) -> str:
        """Return the next line that it prints; raise `RuntimeError` if it has ended."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), _PATIENCE_SECONDS)
        if not line:
            raise RuntimeError(f"a process of the benchmark ended with {await self._process.wait()}")
        return line.decode().strip()

    def rss_mb(self) -> float:
        """Return how much memory it has now, in MB (10**6 bytes)."""
        return rss_mb(self._process.pid)

    def cpu_seconds(self) -> float:
        """Return how much time of a core it has used so far."""
        return cpu_seconds(self._process.pid)


def say(line: str) -> None:
    """Tell the parent a line, from inside a process that it started."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process in MB (10**6 bytes)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_seconds(pid: int) -> float:
    """Return the time of a core that a process has used, in user and kernel."""
    return time.clock_gettime((~pid << 3) | _ALL_THREADS)


@contextlib.asynccontextmanager
async def start(arguments: Sequence[str], program: Path = _RUN) -> AsyncIterator[Child]:
    """Run `program` with `arguments` as a process; end it with the context."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Child(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
