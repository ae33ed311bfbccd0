"""Groups of a class that is not known here: kept, never shown, counted.

A newer version may have a tenth class. Who does not know it cannot say who may read it, so
none of its disclosures is read, shown or passed on, even if one came. Its digests stay under
the signature and are judged by form (step 8), and what is left of the statement is as good
as ever. Only its counter is looked at, to tell how many fields there are that nobody here sees;
one that counts as many as there are digests, or more, tells nothing, for it has a digest itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracepost.protocol.errors import TracepostError
from tracepost.protocol.schema import JsonValue
from tracepost.protocol.statement.encoding import decode_one, digest_each, read_json_each
from tracepost.protocol.statement.steps import DISCLOSURES, REFERENCES
from tracepost.protocol.statement.values import COUNTER_PATH, UnknownGroup


def set_apart(
    texts: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> tuple[list[str], tuple[UnknownGroup, ...]]:
    """Return the disclosures that are in none of these groups, and how many fields each group has.

    Raises:
        StatementError: a disclosure is there twice (step 9).
    """
    if len(set(texts)) != len(texts):
        raise REFERENCES("disclosure-twice", "a disclosure is there twice")
    places = {digest: name for name, digests in groups.items() for digest in digests}
    names = [places.get(digest) for digest in digest_each(texts)]
    known = [text for text, name in zip(texts, names, strict=True) if name is None]
    counters = [(name, _read_counter(text)) for text, name in zip(texts, names, strict=True) if name]
    totals = {name: total for name, total in counters if total is not None and total < len(groups[name])}
    return known, tuple(UnknownGroup(name, totals.get(name)) for name in sorted(groups))


def _read_counter(text: str) -> int | None:
    """Return the number in a counter; None for any other disclosure, whatever it looks like."""
    try:
        [content] = read_json_each([decode_one(text, DISCLOSURES)], DISCLOSURES)
    except TracepostError:
        return None
    return _counted(content) if isinstance(content, list) and len(content) == 3 else None


def _counted(content: list[JsonValue]) -> int | None:
    _, path, total = content
    return total if path == COUNTER_PATH and type(total) is int and total >= 0 else None
