"""Stores that were damaged while nobody looked: a bit, a tile, the end of a journal.

Who is damaged is put on a bench: its roads are cut and its officers sent home, so that nothing is acknowledged
on a store that will be thrown away. There it is started and asked for what it has shown before. It passes if it
refuses in words, at the start or when asked, or shows the very same. Then it gets its store back as it was.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, text

from faults.act import Act
from faults.keeping import STORE, fold_journal, heads_beside, keeper_of
from faults.load import tell_view
from faults.stage import HUB, NODES, REACHABLE, Stage
from tracepost.protocol.errors import TracepostError

Harm = Callable[[Stage, str, random.Random], str]
"""Damages the store of a member whose process is not there; says how."""

_KEPT: Final = "kept"
_JOURNAL: Final = "store.sqlite-wal"
_RECENT: Final = 40  # rows and cases: what is damaged is among what is looked at
_PROBES: Final = 40
_VALUES: Final = (
    ("log_entry", "preimage"),
    ("log_entry", "salt"),
    ("body", "body"),
    ("body", "slots"),
    ("wrap", "wrap"),
    ("statement", "admin_json"),
    ("receipt", "proof"),
)


def damage(harm: Harm) -> Act:
    """Return the act that damages a node by `harm`, sees what it does, and puts it right again."""

    @asynccontextmanager
    async def damage_and_mend(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
        member = dice.choice(NODES)
        async with _on_the_bench(stage, member):
            what = await asyncio.to_thread(harm, stage, member, dice)
            outcome, words = await _look(stage, member, dice)
            stage.note_damage(member, what, outcome, words)
            yield f"{member}, {what}: {outcome} {words}".rstrip()
        await stage.start(member)

    return damage_and_mend


def flip_anywhere(stage: Stage, member: str, dice: random.Random) -> str:
    """Flip a bit of a page of the database."""
    path = _folded_store(stage, member)
    data = bytearray(path.read_bytes())
    at = dice.randrange(len(data))
    data[at] ^= 1 << dice.randrange(8)
    path.write_bytes(data)
    return f"bit of page {at // 4096 + 1}"


def flip_head_of_page(stage: Stage, member: str, dice: random.Random) -> str:
    """Flip a bit where a page says what it holds."""
    path = _folded_store(stage, member)
    data = bytearray(path.read_bytes())
    page = dice.randrange(1, max(2, len(data) // 4096))
    data[min(page * 4096 + dice.randrange(8), len(data) - 1)] ^= 1 << dice.randrange(8)
    path.write_bytes(data)
    return "bit of a page's head"


def flip_in_value(stage: Stage, member: str, dice: random.Random) -> str:
    """Flip a bit of something that was signed, sealed or logged."""
    for table, column in dice.sample(_VALUES, len(_VALUES)):
        if what := _flip_value(stage.stores[member], dice, table, column):
            return what
    return "nothing there yet"


def flip_in_tile(stage: Stage, member: str, dice: random.Random) -> str:
    """Flip a bit of a hash of the log."""
    return _flip_value(stage.stores[member], dice, "log_block", "hashes")


def tear_journal(stage: Stage, member: str, dice: random.Random) -> str:
    """Leave half a page that was never said to be written at the end of the journal."""
    path = stage.place(member) / _JOURNAL
    if not path.exists():
        return "no journal to tear"
    with path.open("ab") as journal:
        journal.write(dice.randbytes(dice.randrange(1, 4096)))
    return "torn page behind the journal"


def _flip_value(store: str, dice: random.Random, table: str, column: str) -> str:
    engine = create_engine(store)
    row_name = "ctid" if engine.dialect.name == "postgresql" else "rowid"
    try:
        with engine.begin() as connection:
            found = connection.execute(
                text(f"SELECT {row_name} AS place, {column} AS value FROM {table} WHERE length({column}) > 0")
            ).all()[-_RECENT:]
            if not found:
                return ""
            row = dice.choice(found)
            changed = bytearray(row.value)
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
            change = text(f"UPDATE {table} SET {column} = :value WHERE {row_name} = :place")
            connection.execute(change, {"value": bytes(changed), "place": row.place})
    finally:
        engine.dispose()
    return f"bit of {table}.{column}"


def _folded_store(stage: Stage, member: str) -> Path:
    fold_journal(stage.place(member))
    return stage.place(member) / STORE


@asynccontextmanager
async def _on_the_bench(stage: Stage, member: str) -> AsyncIterator[None]:
    """Take a member out of the world, with its process gone, and put its store back at the end."""
    # All share the road to the one that is dialled: what is signed on the bench must reach nobody there either.
    names = (member, REACHABLE)
    roads = [
        road for name, road in stage.roads.by_name.items() if name.startswith(member) or name.endswith(names)
    ]
    stage.away.add(member)
    stage.kill(member)
    for road in roads:
        road.cut()
    keeper = keeper_of(stage, member)
    await asyncio.to_thread(keeper.copy, _KEPT)
    stage.on_bench = member
    try:
        with heads_beside(stage.place(member)):
            try:
                yield
            finally:
                stage.kill(member)
    finally:
        stage.on_bench = ""
        await asyncio.to_thread(keeper.put_back, _KEPT)
        for road in roads:
            road.mend()
        stage.away.discard(member)


async def _look(stage: Stage, member: str, dice: random.Random) -> tuple[str, str]:
    """Start a damaged member, and ask it for what it has shown before; return what came of it."""
    if refusal := await stage.try_to_start(member):
        return "refused", refusal
    assert member != HUB
    known = list(stage.shown[member].items())[-_RECENT:]
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
    references = {one["statement"]: one["reference"] for one in now["statements"]}
    if any(references.get(one["statement"]) != one["reference"] for one in before["statements"]):
        return "under another file number"
    return ""
