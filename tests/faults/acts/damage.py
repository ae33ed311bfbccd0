"""Stores that were damaged while nobody looked: a bit, a tile, the end of a journal.

Who is damaged is put on a bench: its roads are cut and its officers sent home, so that nothing is acknowledged
on a store that will be thrown away. There it is started and asked for what it has shown before. It passes if it
refuses in words, at the start or when asked, or shows the very same. Then it gets its store back as it was.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Final

from faults.act import Act
from faults.load import tell_view
from faults.stage import HUB, NODES, Stage
from tracepost.protocol.errors import TracepostError

Harm = Callable[[Path, random.Random], str]
"""Damages the store in a folder; says how."""

STORE: Final = "store.sqlite"
_JOURNAL: Final = "store.sqlite-wal"
_PROBES: Final = 25
_VALUES: Final = (
    ("log_entry", "preimage"),
    ("log_entry", "salt"),
    ("body", "body"),
    ("body", "slots"),
    ("wrap", "wrap"),
    ("receipt", "proof"),
)


def damage(harm: Harm) -> Act:
    """Return the act that damages a node by `harm`, sees what it does, and puts it right again."""

    @asynccontextmanager
    async def damage_and_mend(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
        member = dice.choice(NODES)
        with _on_the_bench(stage, member) as place:
            what = await asyncio.to_thread(harm, place, dice)
            outcome, words = await _look(stage, member, dice)
            stage.note_damage(member, what, outcome, words)
            yield f"{member}, {what}: {outcome} {words}".rstrip()
            stage.kill(member)
        await stage.start(member)

    return damage_and_mend


def flip_anywhere(place: Path, dice: random.Random) -> str:
    """Flip a bit of a page of the database."""
    _fold_journal(place)
    path = place / STORE
    data = bytearray(path.read_bytes())
    at = dice.randrange(len(data))
    data[at] ^= 1 << dice.randrange(8)
    path.write_bytes(data)
    return f"bit of page {at // 4096 + 1}"


def flip_head_of_page(place: Path, dice: random.Random) -> str:
    """Flip a bit where a page says what it holds."""
    _fold_journal(place)
    path = place / STORE
    data = bytearray(path.read_bytes())
    page = dice.randrange(1, max(2, len(data) // 4096))
    data[min(page * 4096 + dice.randrange(8), len(data) - 1)] ^= 1 << dice.randrange(8)
    path.write_bytes(data)
    return "bit of a page's head"


def flip_in_value(place: Path, dice: random.Random) -> str:
    """Flip a bit of something that was signed, sealed or logged."""
    table, column = dice.choice(_VALUES)
    return _flip_value(place, dice, table, column)


def flip_in_tile(place: Path, dice: random.Random) -> str:
    """Flip a bit of a hash of the log."""
    return _flip_value(place, dice, "log_block", "hashes")


def tear_journal(place: Path, dice: random.Random) -> str:
    """Leave half a page that was never said to be written at the end of the journal."""
    path = place / _JOURNAL
    if not path.exists():
        return "no journal to tear"
    with path.open("ab") as journal:
        journal.write(dice.randbytes(dice.randrange(1, 4096)))
    return "torn page behind the journal"


def _flip_value(place: Path, dice: random.Random, table: str, column: str) -> str:
    with closing(sqlite3.connect(place / STORE)) as connection, connection:
        found = connection.execute(
            f"SELECT rowid, {column} FROM {table} WHERE length({column}) > 0"
        ).fetchall()
        if not found:
            return f"nothing in {table}"
        row, value = dice.choice(found)
        changed = bytearray(value)
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (bytes(changed), row))
    return f"bit of {table}.{column}"


def _fold_journal(place: Path) -> None:
    with closing(sqlite3.connect(place / STORE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _on_the_bench(stage: Stage, member: str) -> Iterator[Path]:
    """Take a member out of the world, with its process gone, and put its store back at the end."""
    place, kept = stage.place(member), stage.folder / f"{member}-kept"
    roads = [
        road for name, road in stage.roads.by_name.items() if name.startswith(member) or name.endswith(member)
    ]
    stage.away.add(member)
    stage.kill(member)
    for road in roads:
        road.cut()
    kept.mkdir()
    for path in place.glob(f"{STORE}*"):
        shutil.copy2(path, kept)
    stage.on_bench = member
    try:
        yield place
    finally:
        stage.on_bench = ""
        for path in place.glob(f"{STORE}*"):
            path.unlink()
        for path in kept.iterdir():
            shutil.copy2(path, place)
        shutil.rmtree(kept)
        for road in roads:
            road.mend()
        stage.away.discard(member)


async def _look(stage: Stage, member: str, dice: random.Random) -> tuple[str, str]:
    """Start a damaged member, and ask it for what it has shown before; return what came of it."""
    if refusal := await stage.try_to_start(member):
        return "refused", refusal
    assert member != HUB
    known = list(stage.shown[member].items())
    refusals: list[str] = []
    async with stage.client(member) as client:
        for thread, before in dice.sample(known, min(len(known), _PROBES)):
            try:
                now = tell_view(await client.show_case(thread))
            except TracepostError as error:
                refusals.append(error.code)
                continue
            if complaint := _compare(before, now):
                return f"served it {complaint}", ""
            refusals += now["problems"]
    return ("refused", refusals[0]) if refusals else ("harmless", "")


def _compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return what a view shows otherwise than an earlier one; what it owns up to does not count."""
    opened = now["opened"]
    if before["opened"].keys() - opened.keys() and not now["problems"]:
        return "with words missing"
    if any(opened[one] != text for one, text in before["opened"].items() if one in opened):
        return "with other words"
    return ""
