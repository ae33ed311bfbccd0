"""Which desks a statement names: they alone may read what is NATIONAL_SECURITY in it.

The author names desks of the addressees, or of our own, as `member/desk` in the ADMINISTRATIVE field
`named_desks` of the message. It is signed, so that a desk finds out by itself that it is meant, and
no other desk by having got keys. The gate still asks what a named desk is: naming gives no competence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from google.protobuf.message import Message

from tracepost.node.handlers.case.office import Named, desk_name
from tracepost.node.handlers.case.thread import read_clear_part
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import DeskId, MemberId
from tracepost.protocol.schema import JsonValue, Sensitivity
from tracepost.protocol.statement import Statement

FIELD = "named_desks"
NOBODY: Named = frozenset()


def name_desks(message: Message, named: Sequence[str]) -> Named:
    """Write the desks that a draft names into its message, beside those that it names itself; return all.

    Raises:
        InvalidInputError: the message is of a kind that names none.
    """
    if FIELD not in message.DESCRIPTOR.fields_by_name:
        if named:
            raise InvalidInputError("this kind of message names no desks", where=FIELD, reason="no-naming")
        return NOBODY
    said: Any = message
    if not said.named_desks and not named:  # nearly always
        return NOBODY
    all_named = frozenset([*said.named_desks, *named])
    said.named_desks[:] = sorted(all_named)
    return all_named


def check_named(named: Named, readings: Iterable[tuple[str, bool]]) -> None:
    """Raise `InvalidInputError` unless each desk of `named` is one that may be named.

    Args:
        named: as in the message. That there is nothing for them is no fault: a folder of requests is
            written with one cover.
        readings: the desks of addressees and our own, and whether each may read NATIONAL_SECURITY
            when it is named; asked for only if there are names.
    """
    if not named:
        return
    known = dict(readings)
    if named - known.keys():
        raise InvalidInputError(
            "a desk is named that no addressee shows", where=FIELD, reason="named-desk-unknown"
        )
    if not all(known[one] for one in named):
        raise InvalidInputError(
            "a desk is named that has no competence for it", where=FIELD, reason="named-desk-not-competent"
        )


def named_in(statement: Statement) -> Named:
    """Return the desks that a statement of ours names."""
    if Sensitivity.NATIONAL_SECURITY not in statement.classes:
        return NOBODY
    return next((_read(d.value) for d in statement.disclosures if d.path == FIELD), NOBODY)


def named_by(record: StatementRecord) -> Named:
    """Return the desks that a stored statement names, as the daemon has read it."""
    return _named_by(record.admin_json)


def is_named(member: MemberId, desk: DeskId, named: Named) -> bool:
    """Say whether a desk is among `named`."""
    return bool(named) and desk_name(member, desk) in named


@lru_cache(maxsize=1024)
def _named_by(clear_part: bytes) -> Named:
    fields = read_clear_part(clear_part).fields
    return next((_read(one.value) for one in fields if one.path == FIELD), NOBODY)


def _read(value: JsonValue) -> Named:
    return frozenset(str(one) for one in value) if isinstance(value, list) else NOBODY
