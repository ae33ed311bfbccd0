"""Pouches in the store: which went and came, and what is owed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.serving.pouch_records import Owed, OwedKind, PouchRecord


class Pouches(Protocol):
    """What travels as files. A number is given once; what came twice is here once."""

    def waiting(self, peer: MemberId, now: int, *, only_new: bool) -> list[EnvelopeId]:
        """Return mail of ours for a pouch to `peer`, urgent lanes first, each queue in order.

        Of an addressee: all that it has not answered by any road and that is still to be delivered. Of a relay:
        what is queued on its road. `only_new` leaves out what lies in an earlier pouch to the same peer.
        """

    def next_number(self, peer: MemberId) -> int:
        """Return the number of the next pouch to `peer`."""

    def keep_went(self, record: PouchRecord, ids: Sequence[EnvelopeId]) -> None:
        """Keep that a pouch was made in which these envelopes lie. A number that was used is a BusyError."""

    def keep_came(self, record: PouchRecord, part: int) -> None:
        """Keep that one file of a pouch was taken in. Idempotent, but for the time.

        A number that its maker gave again is that of the newer pouch: files of the older one count no more.
        """

    def all(self, member: MemberId | None) -> list[PouchRecord]:
        """Return the pouches to and from one member, or all, by member, newest first."""

    def owe(self, owed: Sequence[Owed]) -> None:
        """Note what is to be said in the next pouch. The same thing twice is owed once."""

    def owed(self, peer: MemberId) -> list[Owed]:
        """Return what is owed to `peer`, by kind and key."""

    def settle(self, peer: MemberId, kind: OwedKind, keys: Collection[bytes]) -> None:
        """Note that these things were said. Idempotent."""
