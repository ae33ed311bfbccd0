"""Everything of a node that ends on some day, in one list: what `status`, `expiring`, metrics and notices tell.

    trust list                 until the stewards' next one is due; then, for good, when nothing new is trusted
    certificate, root          of our own keys and of our authority
    revocation list            our authority's next one
    officer, deputy            certificates of our officers, appointments of deputies
    directory entry            ours, which is renewed by itself, and those of others, which come from them
    mandate                    of panels and peace operations
    standing consent           that we gave, by the settings
    escrow drill               when the shares should be tried again

What a key of a log ends at is a size, not a day: it is not here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tracepost.node.config import ConsentSettings
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Tx
from tracepost.node.records.staff import DeputyRecord, OfficerRecord
from tracepost.protocol.identity import unix_seconds
from tracepost.protocol.ids import MemberId
from tracepost.serving.expiry import DAY_S, Expiry

ESCROW_DRILL_DAYS: Final = 365
"""Shares of keys that nobody has tried for a year may be anywhere."""


@dataclass(frozen=True, slots=True)
class Expiries:
    """Lists them. `escrow_tried` is when the shares were tried last (unix seconds), asked each time."""

    us: MemberId
    papers: Papers
    consents: Sequence[ConsentSettings] = ()
    escrow_tried: Callable[[], int] = lambda: 0

    def of_papers(self) -> list[Expiry]:
        """Return what needs no store."""
        return [
            *self._of_trust(),
            *self._of_authority(),
            *self._of_others(),
            *self._of_consents(),
            *self._of_escrow(),
        ]

    def all(self, tx: Tx, now: int) -> list[Expiry]:
        """Return all of them, the officers' too."""
        return [
            *self.of_papers(),
            *_of_officers(self.us, tx.officers.all()),
            *_of_deputies(self.us, tx.deputies.all(), _day(now)),
        ]

    def _of_trust(self) -> Iterator[Expiry]:
        content = self.papers.trust.content
        yield Expiry("trust list", "", self.us, content.next_update)
        yield Expiry("trust list", "for good", self.us, content.hard_expiry)

    def _of_authority(self) -> Iterator[Expiry]:
        for label, ends in sorted(self.papers.certificate_ends(self.us).items()):
            yield Expiry("certificate", label, self.us, ends)
        for number, root in enumerate(self.papers.roots_of(self.us), 1):
            yield Expiry("root", str(number), self.us, unix_seconds(root.not_valid_after_utc))
        revocations = self.papers.revocations().next_update(self.us)
        if revocations is not None:
            yield Expiry("revocation list", "", self.us, revocations)

    def _of_others(self) -> Iterator[Expiry]:
        for entry in self.papers.entries():
            yield Expiry("directory entry", entry.member, entry.member, entry.expires_at)
        for member in self.papers.trust.members:
            if member.mandate_until:
                yield Expiry("mandate", member.id, member.id, end_of_day(member.mandate_until))

    def _of_consents(self) -> Iterator[Expiry]:
        for consent in self.consents:
            if consent.until:
                yield Expiry("standing consent", consent.member, consent.member, end_of_day(consent.until))

    def _of_escrow(self) -> Iterator[Expiry]:
        tried = self.escrow_tried()
        if tried:
            yield Expiry("escrow drill", "", self.us, tried + ESCROW_DRILL_DAYS * DAY_S)


def _of_officers(us: MemberId, officers: Sequence[OfficerRecord]) -> Iterator[Expiry]:
    for officer in officers:
        if not officer.left_at and officer.not_after:
            yield Expiry("officer", officer.number, us, officer.not_after)


def _of_deputies(us: MemberId, deputies: Sequence[DeputyRecord], today: str) -> Iterator[Expiry]:
    for deputy in deputies:
        if deputy.is_in_force(today):
            which = f"{deputy.officer} for {deputy.desk}"
            yield Expiry("deputy", which, us, end_of_day(deputy.until_day))


def end_of_day(day: str) -> int:
    """Return the last second of `day`, YYYY-MM-DD, UTC, in unix seconds."""
    return int(dt.datetime.fromisoformat(f"{day}T23:59:59+00:00").timestamp())


def _day(now: int) -> str:
    return dt.datetime.fromtimestamp(now, dt.UTC).date().isoformat()
