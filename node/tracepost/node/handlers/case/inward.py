"""What a statement of ours says about our own desks as its readers.

An enquiry is written for one desk, which reads it though it is on no case. An answer that was composed
of findings says what its writer did not supply: for it the writer is a desk like others, and reads what
its competences let it read. Both stand in ADMINISTRATIVE fields, so that the daemon knows them whenever
a desk opens the statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tracepost.node.handlers.case.thread import read_clear_part
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.ids import DeskId
from tracepost.protocol.schema import INNER_KINDS, JsonValue
from tracepost.protocol.statement import Statement

ASKED_DESK = "to_desk"
_COMPOSED = ".composed_from"


@dataclass(frozen=True, slots=True)
class Inward:
    """Which desk of ours a statement asks, and whether it says what its writer did not supply."""

    asks: DeskId | None = None
    composed: bool = False


FOR_NOBODY = Inward()


def inward_of(statement: Statement) -> Inward:
    """Return what a statement that we sign says of our desks."""
    return _inward(statement.claims.kind, ((d.path, d.value) for d in statement.disclosures))


def inward_by(record: StatementRecord) -> Inward:
    """Return what a stored statement of ours says of our desks, as the daemon has read it."""
    return _inward_by(record.kind, record.admin_json)


@lru_cache(maxsize=1024)
def _inward_by(kind: str, clear_part: bytes) -> Inward:
    return _inward(kind, ((f.path, f.value) for f in read_clear_part(clear_part).fields))


def _inward(kind: str, fields: Iterable[tuple[str, JsonValue]]) -> Inward:
    asks: DeskId | None = None
    composed = False
    for path, value in fields:
        if path == ASKED_DESK and kind in INNER_KINDS and isinstance(value, str):
            asks = DeskId(value)
        elif value and path.endswith(_COMPOSED):
            composed = True
    return Inward(asks, composed)
