"""A relay that has given its word and breaks it: it loses mail, some or all, or delivers it in another order.

It is the honest relay, whose store was tampered with while it was away: so it still signs one log, and nobody can
tell at once. What was displaced is written down; the rules ask for no order of it, and do ask that it arrives.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, text

from faults.act import Act
from faults.stage import HUB, Stage

Tamper = Callable[[Connection, Sequence[Any]], None]
"""Does something to rows of mail that waits."""

_GATHERING_SECONDS = 2.5
_WAITING = "SELECT arrival, envelope_id FROM mail WHERE state = 0 ORDER BY arrival"


def tampered(tamper: Tamper, what: str, *, half: bool = False) -> Act:
    """Return the act that lets mail gather at the relay, and tampers with all of it, or with half."""

    @asynccontextmanager
    async def gather_and_tamper(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
        addressee = stage.roads.by_name[f"{dice.choice(('xaa', 'xac'))}>{HUB}"]
        addressee.cut()
        await asyncio.sleep(_GATHERING_SECONDS)
        stage.kill(HUB)
        ids = await asyncio.to_thread(_tamper, stage.stores[HUB], tamper, dice if half else None)
        stage.history.note(HUB, "displaced", what=what, envelopes=ids)
        yield f"{len(ids)} envelopes {what}"
        await stage.start(HUB)
        addressee.mend()

    return gather_and_tamper


def lose(connection: Connection, rows: Sequence[Any]) -> None:
    """Forget them, as if they had never come; the log still says that they did."""
    for row in rows:
        for table in ("mail", "mail_parts"):
            connection.execute(
                text(f"DELETE FROM {table} WHERE envelope_id = :name"), {"name": row.envelope_id}
            )
    connection.execute(text("DELETE FROM usage"))


def turn_round(connection: Connection, rows: Sequence[Any]) -> None:
    """Let the last be the first."""
    newest = connection.execute(text("SELECT max(arrival) FROM mail")).scalar() or 0
    change = text("UPDATE mail SET arrival = :place WHERE envelope_id = :name")
    for place, row in enumerate(reversed(rows), newest + 1):
        connection.execute(change, {"place": place, "name": row.envelope_id})


def _tamper(store: str, tamper: Tamper, dice: random.Random | None) -> list[str]:
    engine = create_engine(store)
    try:
        with engine.begin() as connection:
            rows = connection.execute(text(_WAITING)).all()
            chosen = [row for row in rows if dice is None or dice.random() < 0.5]
            tamper(connection, chosen)
    finally:
        engine.dispose()
    return [bytes(row.envelope_id).hex() for row in chosen]
