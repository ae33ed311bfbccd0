"""Pouches as the store of a node or relay keeps them: which went, which came, and what is owed in the next one."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tracepost.protocol.ids import MemberId
from tracepost.protocol.pouch import SECTIONS_LIMIT
from tracepost.wire.v1.post_pb2 import AttachmentRequest

_HEADS_SHOWN: Final = 64
_NUMBERS_NAMED: Final = 1024


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
    EXPIRY = "expiries"
    EXPIRY_STORED = "expiries_stored"
    ATTACHMENT_STORED = "attachments_stored"
    STATUS = "statuses"
    CONSISTENCY = "consistency"


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing owed to `member`: `key` names it, `data` is what is said, where the key is not all."""

    member: MemberId
    kind: OwedKind
    key: bytes
    data: bytes = field(default=b"", repr=False)


def keys_of(owed: Iterable[Owed], kind: OwedKind) -> list[bytes]:
    """Return the names of what is owed of one kind, as many as a pouch has room for."""
    most = SECTIONS_LIMIT if kind is OwedKind.ATTACHMENT_STORED else None
    return [one.key for one in owed if one.kind is kind][:most]


def said_of(owed: Iterable[Owed], kind: OwedKind) -> list[bytes]:
    """Return the content of what is owed of one kind."""
    return [one.data for one in owed if one.kind is kind]


def stored_of(owed: Iterable[Owed]) -> list[AttachmentRequest]:
    """Return the attachments of the other side that are here."""
    keys = keys_of(owed, OwedKind.ATTACHMENT_STORED)
    return [AttachmentRequest(envelope_id=key[:32], address=key[32:]) for key in keys]


def sizes_shown(records: Iterable[PouchRecord], head: str, size: int) -> list[int]:
    """Return the sizes of the log `head` that earlier pouches showed, below `size`: the last ones, in order."""
    went = {one.head_size for one in records if one.way is Way.WENT and one.head == head}
    return sorted(one for one in went if 0 < one < size)[-_HEADS_SHOWN:]


def numbers_missing(records: Sequence[PouchRecord], number: int) -> list[int]:
    """Return the numbers before `number`, the last ones, of pouches that never came."""
    came = {one.number for one in records if one.way is Way.CAME}
    return [one for one in range(max(1, number - _NUMBERS_NAMED), number) if one not in came]
