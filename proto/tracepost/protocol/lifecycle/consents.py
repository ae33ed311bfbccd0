"""Which consents stand in a case, by the one rule of `protocol.consent`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracepost.protocol.consent import Grant, Word, standing_grants
from tracepost.protocol.ids import MemberId, ThreadId, encode_b64
from tracepost.protocol.lifecycle.case import CaseEvent, Consented

# A fold is of one case; its name plays no part here.
_THE_CASE = ThreadId("")


@dataclass(frozen=True, slots=True)
class _Spoken:
    iss: MemberId
    aud: tuple[MemberId, ...]
    thread: ThreadId = _THE_CASE


def consents_of(ordered: Iterable[CaseEvent]) -> tuple[Consented, ...]:
    """Return the consents that stand after `ordered`, the statements of a case in its order."""
    events = list(ordered)
    authors = {encode_b64(event.digest): event.iss for event in events}
    words = (Word(event.digest, _Spoken(event.iss, event.aud), event.message) for event in events)
    # An amendment of somebody else's statement consents to nothing.
    standing = [one for one in standing_grants(words) if authors.get(one.about, one.author) == one.author]
    return tuple(sorted(map(_consented, standing), key=lambda one: (one.by, one.third_party, one.digest)))


def _consented(grant: Grant) -> Consented:
    return Consented(
        by=grant.author,
        third_party=grant.third_party,
        digest=grant.digest,
        until=grant.until or None,
        item_ids=tuple(sorted(grant.item_ids)),
        field_paths=grant.field_paths,
    )
