"""What an evidence log of ten million entries costs beside one of a million, in a real store.

Nothing is made up: entries of mail are appended by the store's writer to SQLite with its syncs, and every transaction
ends in a signed head. At both lengths are timed: a transaction of as many entries as a frame brings, until its head is
shown; and the proof of an entry, entries far apart, by a log that was opened anew. Times are medians.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import MetaData

from bench.report import median
from bench.rows import CannotRunError, Measured, Part, Row, Run
from tracepost.protocol.envelope import Lane
from tracepost.protocol.evidence import LogKey, LogLine, Origin, Sent, generate_log_key, prepare_line
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.serving.storage.engine import Engines, open_engines
from tracepost.serving.storage.evidence_store import LogStore, define_log_tables
from tracepost.serving.storage.writer import GroupWriter

BYTES_AN_ENTRY = 500
_SMALL, _FACTOR = 1_000_000, 10
_LOT, _FRAME, _TIMES = 5_000, 48, 200
_METADATA = MetaData()
_TABLES = define_log_tables(_METADATA)


@dataclass(frozen=True, slots=True)
class Book:
    """A log in its store, open."""

    engines: Engines
    log: LogStore
    writer: GroupWriter

    def grow(self, size: int) -> None:
        """Append until the log has `size` entries."""
        while (length := self.log.head.size) < size:
            self.append(_lines(length, min(_LOT, size - length)))

    def append(self, lines: list[LogLine]) -> float:
        """Append in one transaction; return the seconds until the head with them is shown."""
        begun = time.perf_counter()
        self.writer.write_sync(partial(self.log.append, lines=lines))
        return time.perf_counter() - begun

    def append_frame(self) -> float:
        """Append what a frame brings; return the seconds."""
        return self.append(_lines(self.log.head.size, _FRAME))

    def prove(self, number: int) -> float:
        """Read and prove an entry; return the seconds."""
        assert self.engines.readers is not None
        begun = time.perf_counter()
        with self.engines.readers.connect() as connection:
            line = self.log.read_lines(connection, [number])[number]
        self.log.prove([(number, line)])
        return time.perf_counter() - begun


@contextmanager
def _opened(path: Path, key: LogKey) -> Iterator[Book]:
    engines = open_engines(f"sqlite:///{path}")
    _METADATA.create_all(engines.writer)
    log = LogStore(engines, _TABLES, key)
    writer = GroupWriter(engines.writer, log=log)
    try:
        yield Book(engines, log, writer)
    finally:
        writer.close()
        engines.dispose()


def _lines(first: int, count: int) -> list[LogLine]:
    return [_line(number) for number in range(first, first + count)]


def _line(number: int) -> LogLine:
    digest = hashlib.sha256(number.to_bytes(8)).digest()
    sent = Sent(EnvelopeId(digest), digest, MemberId("xab"), "", Lane.ROUTINE, 1, number, number)
    return prepare_line(sent, lambda length: digest[:length])


def _cost(path: Path, key: LogKey, size: int) -> tuple[float, float]:
    """Let the log grow to `size`; return the seconds of a frame's transaction, and of a proof."""
    with _opened(path, key) as book:
        book.grow(size)
        appended = median([book.append_frame() for _ in range(_TIMES)])
    with _opened(path, key) as book:
        proved = median([book.prove(size * place // _TIMES) for place in range(_TIMES)])
    return appended, proved


async def measure(run: Run) -> Measured:
    """Return the costs at ten million entries, and how they stand to those at a million; fewer in a short run."""
    small = min(_SMALL, 10 * run.messages)
    large = _FACTOR * small
    _require_room(run.folder, large)
    path, key = run.folder / "log.db", generate_log_key(Origin(MemberId("xaa"), "tracepost.example", 1))
    costs = [await asyncio.to_thread(_cost, path, key, size) for size in (small, large)]
    (small_append, small_proof), (append, proof) = costs
    figures = {
        "stored_entries": large,
        "stored_append_ms": 1e3 * append,
        "stored_append_growth": append / small_append,
        "stored_proof_us": 1e6 * proof,
        "stored_proof_growth": proof / small_proof,
        "stored_bytes": path.stat().st_size / large,
    }
    return Measured(figures)


def _require_room(folder: Path, entries: int) -> None:
    need, free = entries * BYTES_AN_ENTRY, shutil.disk_usage(folder).free
    said = f"{entries:,} entries take {need / 1e9:.1f} GB below {folder}; {free / 1e9:.1f} GB are free"
    sys.stderr.write(f"log-stored: {said}\n")
    if need > free:
        raise CannotRunError(f"{said}; TMPDIR names another disk")


PART = Part(
    "log-stored",
    "a log of ten million entries in SQLite with its syncs, beside one of a million; runs when it is named",
    seconds=900,
    measure=measure,
    rows=(
        Row("stored_entries", "entries in the store"),
        Row("stored_append_ms", "48 more, until their head is signed (ms)"),
        Row("stored_append_growth", "  to a tenth as many entries", "≤ 2"),
        Row("stored_proof_us", "an entry read and proved by a log opened anew (µs)"),
        Row("stored_proof_growth", "  to a tenth as many entries", "≤ 2"),
        Row("stored_bytes", "an entry takes, hashes and heads with it (bytes)"),
    ),
    asked_for=True,
)
