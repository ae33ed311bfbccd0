"""How single statements are to be handled: for lists that show them outside their case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import case_event
from tracepost.node.handlers.case.circumstances import read_terms
from tracepost.node.handlers.case.entitlement import is_entitled
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.case.thread import read_clear_part
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId
from tracepost.protocol.lifecycle import fold
from tracepost.wire.v1 import desk_pb2, terms_pb2

_SAID_IN: Final = ("handling_instructions", "exhibits.")
Instructions = tuple[terms_pb2.HandlingInstruction, ...]


def read_handling(
    tx: Tx, office: Office, gate: Gate, desks: Sequence[OwnDesk], records: Iterable[StatementRecord]
) -> dict[StatementDigest, Instructions]:
    """Return the instructions of each statement: its own, and its case's where one of `desks` may read of all of it."""
    told = list(records)
    of_case = _of_cases(tx, office, gate, desks, {one.thread for one in told})
    return {
        one.digest: tuple(sorted({*of_case.get(one.thread, ()), *_own(one, office.member)})) for one in told
    }


def _own(record: StatementRecord, us: MemberId) -> Instructions:
    """Return what a statement says, or encloses; most say nothing, and are not put together for it."""
    fields = read_clear_part(record.admin_json).fields
    if not any(one.path.startswith(_SAID_IN) for one in fields):
        return ()
    return fold([case_event(record)], us=us).handling


def _of_cases(
    tx: Tx, office: Office, gate: Gate, desks: Sequence[OwnDesk], threads: Iterable[ThreadId]
) -> Mapping[ThreadId, Instructions]:
    terms = read_terms(tx, sorted(threads))
    seen = [
        thread for thread, one in terms.items() if any(is_entitled(office, gate, desk, one) for desk in desks)
    ]
    return {
        thread: tuple(desk_pb2.CaseSummary.FromString(case.summary).handling)
        for thread, case in tx.cases.find(seen).items()
    }
