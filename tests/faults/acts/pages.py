"""What comes to harm on the disk of a PostgreSQL server: a page of a table, and the end of its log (WAL).

The server has sums of its pages. Of a page that does not fit its sum nothing may be shown. What stands behind the
end of its log was never acknowledged, and is passed over; if acknowledged commits were cut off, the server cannot
know it, and the node must: its own head is beyond its store.
"""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from fakes.postgres import Cluster, connect, make_folder
from faults.acts.databases import start_who_ended
from faults.databases import start_again
from faults.keeping import heads_beside
from faults.stage import NODES, Stage

_PAGE: Final = 8192
_SEGMENT: Final = 16 << 20
_LOST_SECONDS: Final = (2.0, 4.0)
_RECORD: Final = re.compile(r"lsn: ([0-9A-F]+)/([0-9A-F]+)")
_FILES: Final = """
    SELECT pg_relation_filepath(one.oid), pg_relation_size(one.oid) FROM pg_class AS one
    WHERE one.relfilenode <> 0 AND pg_relation_size(one.oid) > 0 AND (
        one.relnamespace = 'public'::regnamespace OR one.oid IN (
            SELECT reltoastrelid FROM pg_class WHERE relnamespace = 'public'::regnamespace))
"""


def flip_in_page(stage: Stage, member: str, dice: random.Random) -> str:
    """Flip a bit of a page of a member's database, while the server is not there; its tables, indexes, long values."""
    server = stage.pair.primary
    with connect(server.url.set(database=_database(stage, member))) as connection:
        connection.execute("CHECKPOINT")
        files = connection.execute(_FILES).fetchall()
    # A table of a hundred pages is looked at as often as one of a page: what is large is mostly read again.
    [(name, size)] = dice.choices(files, weights=[int(str(size)) for _, size in files])
    server.kill()
    path, at = server.data / str(name), dice.randrange(int(str(size)))
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << dice.randrange(8))]))
    start_again(server)
    return f"bit of page {at // _PAGE} of a file of the database"


@asynccontextmanager
async def torn_write(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """The primary dies in the middle of a write: what stands behind the end of its log is no record."""

    def tear() -> int:
        server, torn = stage.pair.primary, dice.randbytes(dice.randrange(1, _PAGE))
        server.kill()
        log = _Log.of(server)
        path, offset = log.place(log.end)
        with path.open("r+b") as segment:
            segment.seek(offset)
            segment.write(torn[: _SEGMENT - offset])
        start_again(server)
        return len(torn)

    yield f"{await asyncio.to_thread(tear)} bytes behind the end of the primary's log"
    await start_who_ended(stage)


@asynccontextmanager
async def lost_end(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A node is started on a copy of its server whose log has lost what was acknowledged last. It must not serve."""
    member = dice.choice(NODES)
    await asyncio.to_thread(stage.pair.primary.execute, "CHECKPOINT")
    await asyncio.sleep(dice.uniform(*_LOST_SECONDS))
    stage.away.add(member)
    stage.kill(member)
    known = await asyncio.to_thread(_log_size, stage.pair.primary, stage, member)
    copy = await asyncio.to_thread(_copy_without_end, stage, dice)
    try:
        lost, outcome, refusal = await _serve_from(copy, stage, member, known)
    finally:
        await asyncio.to_thread(copy.remove)
    stage.note_damage(member, f"lost end of the database's log: {lost}", outcome, refusal)
    yield f"{member}, {lost} lost: {outcome} {refusal}".rstrip()
    stage.away.discard(member)
    await start_who_ended(stage)


async def _serve_from(copy: Cluster, stage: Stage, member: str, known: int) -> tuple[str, str, str]:
    """Start a server that lost its end, and a member on it; return what is lost, how that ended, and in which words."""
    try:
        await asyncio.to_thread(copy.launch)
    except AssertionError:  # pages on the disk may be newer than the log that is left
        return "some", "refused", "by the database server itself"
    kept = await asyncio.to_thread(_log_size, copy, stage, member)
    lost = f"{known - kept} of {known} log entries"
    if kept == known:  # the member would serve, and what it took in there would be lost with the copy
        return lost, "harmless", ""
    refusal = await _try_on(stage, member, copy)
    return lost, "refused" if refusal else "served a store that has lost what was acknowledged", refusal


async def _try_on(stage: Stage, member: str, server: Cluster) -> str:
    """Start a member on another server; return its refusal. Its own one is written into its settings again."""
    settings = stage.place(member) / "node.toml"
    told = settings.read_text("utf-8")
    database = f"postgresql+psycopg://postgres@/{_database(stage, member)}?host={server.folder}"
    assert stage.stores[member] in told
    settings.write_text(told.replace(stage.stores[member], database), "utf-8")
    try:
        with heads_beside(stage.place(member)):
            refusal = await stage.try_to_start(member)
            stage.kill(member)
            return refusal
    finally:
        settings.write_text(told, "utf-8")


def _copy_without_end(stage: Stage, dice: random.Random) -> Cluster:
    """Kill the primary, copy it, start it again; cut off some of the end of the copy's log."""
    server = stage.pair.primary
    copy = Cluster(server.binaries, make_folder(), {**server.settings, "synchronous_standby_names": ""})
    server.kill()
    subprocess.run(["cp", "-a", str(server.data), str(copy.data)], check=True)
    start_again(server)
    (copy.data / "postmaster.pid").unlink(missing_ok=True)
    log = _Log.of(copy)
    path, offset = log.place(log.records[len(log.records) * dice.randrange(1, 6) // 10])
    with path.open("r+b") as segment:
        segment.seek(offset)
        segment.write(bytes(_SEGMENT - offset))
    for later in path.parent.glob("0*"):
        if later.is_file() and later.name > path.name:
            later.unlink()
    return copy


@dataclass(frozen=True)
class _Log:
    """The log of a server that is not there, since its last checkpoint: where its records begin, and where it ends."""

    folder: Path
    timeline: int
    records: tuple[int, ...]
    end: int

    @classmethod
    def of(cls, server: Cluster) -> _Log:
        """Read it."""
        told = server.run_tool("pg_controldata", str(server.data))
        begin = re.search(r"REDO location:\s+(\S+)", told)
        timeline = re.search(r"checkpoint's TimeLineID:\s+(\d+)", told)
        assert begin is not None
        assert timeline is not None
        folder = server.data / "pg_wal"
        command = [
            str(server.binaries / "pg_waldump"), f"--path={folder}", f"--start={begin[1]}", f"--timeline={timeline[1]}"
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        records = tuple(int(high, 16) << 32 | int(low, 16) for high, low in _RECORD.findall(done.stdout))
        # It stops where no record follows, and says where that is.
        stops = re.findall(r"at ([0-9A-F]+)/([0-9A-F]+)", done.stderr)
        assert stops, done.stderr
        high, low = stops[-1]
        return cls(folder, int(timeline[1]), records, int(high, 16) << 32 | int(low, 16))

    def place(self, lsn: int) -> tuple[Path, int]:
        """Return the file and the offset in it of a place in the log."""
        number = lsn // _SEGMENT
        name = f"{self.timeline:08X}{number >> 8:08X}{number & 0xFF:08X}"
        return self.folder / name, lsn % _SEGMENT


def _log_size(server: Cluster, stage: Stage, member: str) -> int:
    """Return how many entries the log of a member has in a server."""
    with connect(server.url.set(database=_database(stage, member))) as connection:
        found = connection.execute("SELECT count(*) FROM log_entry").fetchone()
    assert found is not None
    return int(str(found[0]))


def _database(stage: Stage, member: str) -> str:
    return str(make_url(stage.stores[member]).database)
