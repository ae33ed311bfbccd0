"""Which desks alone may read a field of a statement that stands inside another, where its author said so.

An author may name the desks that alone read a field (`reader_sets`). Who was addressed and passes the statement
on keeps a copy of what he shows, and may get it back from others: for his other desks the field stays as it
was. Inside an exhibit all fields of a class are one unit, so there the class is for the named desks alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from tracepost.node.handlers.case.enclosed import read_disclosure
from tracepost.node.handlers.case.reader_sets import FIELD, Only, read_only
from tracepost.node.handlers.case.thread import read_clear_part
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import StatementError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.schema import JsonValue
from tracepost.protocol.statement import Statement, UntrustedStatement, peek_claims

Pair = tuple[str, JsonValue]
"""Path and value of a field."""

_EXHIBITS = "exhibits."
_ENCLOSES = b'"exhibits.'


def only_inside(statement: Statement, member: MemberId) -> tuple[Only, ...]:
    """Return what a statement of ours shows of others that these keep to some desks of `member`."""
    if not any(d.path.startswith(_EXHIBITS) for d in statement.disclosures):  # nearly always
        return ()
    return _merged(((d.path, d.value) for d in statement.disclosures), member)


def only_inside_of(record: StatementRecord, member: MemberId) -> tuple[Only, ...]:
    """Return the same of a stored statement, as the daemon has read it."""
    return _only_inside(record.admin_json, member) if _ENCLOSES in record.admin_json else ()


@lru_cache(maxsize=4096)
def _only_inside(clear_part: bytes, member: MemberId) -> tuple[Only, ...]:
    return _merged(((one.path, one.value) for one in read_clear_part(clear_part).fields), member)


def _merged(fields: Iterable[Pair], member: MemberId) -> tuple[Only, ...]:
    """Return one for each class of each exhibit: the desks that may read all of that class in it."""
    named: dict[tuple[str, str], frozenset[str]] = {}
    for prefix, said in _exhibits(fields):
        for one in _said_inside(said, member):
            place = prefix, one.of_class
            named[place] = named.get(place, one.desks) & one.desks
    return tuple(
        Only(f"{prefix}{of_class.lower()}_disclosures", desks, of_class, 1)
        for (prefix, of_class), desks in named.items()
    )


def _exhibits(fields: Iterable[Pair]) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """Yield each exhibit among these fields: where it stands, and what of it stands beside its other parts."""
    found: dict[str, dict[str, JsonValue]] = {}
    for path, value in fields:
        steps = path.split(".")
        if len(steps) == 3 and path.startswith(_EXHIBITS):
            found.setdefault(f"{_EXHIBITS}{steps[1]}.", {})[steps[2]] = value
    yield from found.items()


def _said_inside(exhibit: dict[str, JsonValue], member: MemberId) -> Iterator[Only]:
    """Yield what an exhibit, and what stands inside it, keeps to some desks of who wrote it or was addressed."""
    listed = exhibit.get("administrative_disclosures")
    shown = [*map(read_disclosure, listed)] if isinstance(listed, list) else []
    if _concerns(exhibit.get("jws"), member):
        yield from (read_only(value) for path, value in shown if path.startswith(f"{FIELD}."))
    for _, inner in _exhibits(shown):
        yield from _said_inside(inner, member)


def _concerns(jws: JsonValue, member: MemberId) -> bool:
    try:
        claims = peek_claims(UntrustedStatement(str(jws), ()))
    except StatementError:  # left out, or of a kind that encloses nothing
        return False
    return member in (claims.iss, *claims.aud)
