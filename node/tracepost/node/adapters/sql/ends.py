"""Ends of sealed parts, which PostgreSQL keeps in the row where that saves it a page.

PostgreSQL cuts what is large into chunks of 1,996 bytes, four to a page. The chunk that is left over takes the place
of a whole one on its page, and nothing else fits into the gap: measured, 2,000 bytes of a usual envelope. So the part
behind the last whole chunk stands in a column of its own, in the row. Of a part shorter than a chunk there is none.

Older versions would read such a part as damaged: it is done only in databases that these never open (`migration`).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Engine

from tracepost.node.records.statements import SealedParts

_CHUNK: Final = 1996  # TOAST_MAX_CHUNK_SIZE, where pages have 8 KiB
_OPTION: Final = "tracepost_ends_apart"

ENDS_STEP: Final = "0021"
"""The step with which the columns came: a database that older versions never open has it for its floor, or a later."""


def keep_ends_apart(engine: Engine) -> None:
    """Let what is written by connections of `engine` from now on have its ends apart."""
    engine.update_execution_options(**{_OPTION: True})


def part_columns(
    connection: Connection, slots: bytes, body: bytes
) -> tuple[bytes, bytes, bytes | None, bytes | None]:
    """Return what stands in the columns slots, body, slots_end and body_end."""
    if not connection.get_execution_options().get(_OPTION, False):
        return slots, body, None, None
    (slots, slots_end), (body, body_end) = _cut(slots), _cut(body)
    return slots, body, slots_end, body_end


def read_parts(row: Any) -> SealedParts:
    """Return the sealed parts of a row that has all columns of the table of bodies."""
    return SealedParts(row.header, read_slots(row), row.body + (row.body_end or b""), row.proof)


def read_slots(row: Any) -> bytes:
    """Return the slots of a row that has both their columns."""
    return bytes(row.slots + (row.slots_end or b""))


def _cut(part: bytes) -> tuple[bytes, bytes | None]:
    whole = len(part) - len(part) % _CHUNK
    return (part[:whole], part[whole:]) if 0 < whole < len(part) else (part, None)
