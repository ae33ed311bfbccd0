"""Pouches as the store keeps them: which went, which came, and what is owed in the next one."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from tracepost.protocol.ids import MemberId


class Way(enum.StrEnum):
    """Whether we made a pouch or took it in; names as in `pouch.proto`."""

    WENT = "WENT"
    CAME = "CAME"


@dataclass(frozen=True, slots=True)
class PouchRecord:
    """A pouch to or from `member`.

    Of one that went, `head` is the origin and `head_size` the length of our log that it showed, and `unanswered`
    counts its envelopes without a word of their addressee, as far as they lie in no later pouch. Of one that
    came, `parts_here` counts its files that were taken in, the last one at `taken_at`.
    """

    member: MemberId
    way: Way
    number: int
    parts: int
    envelopes: int
    made_at: int
    taken_at: int = 0
    head: str = ""
    head_size: int = 0
    parts_here: int = 0
    unanswered: int = 0


class OwedKind(enum.StrEnum):
    """What a member is to be told in the next pouch; named after the places where it stands there."""

    RECEIPT = "receipts"
    RECEIPT_STORED = "receipts_stored"
    EXPIRY_STORED = "expiries_stored"
    ATTACHMENT_STORED = "attachments_stored"
    CONSISTENCY = "consistency"


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing owed to `member`: `key` names it, `data` is what is said, where the key is not all."""

    member: MemberId
    kind: OwedKind
    key: bytes
    data: bytes = field(default=b"", repr=False)
