"""The newest papers of every member, kept unread and passed on.

A member announces its own papers on its own stream and nobody else's; so the newest is the
last that came. The relay looks at two of them, because it needs them itself: the
revocation list (verified, never taken back) and the trust list (accepted as successor of
its own). Directory entry and certificates are carried blind; each receiver verifies them.

A trust list is not kept with an announcement: all members send the same one, and the relay
shows the newest once, in its own announcement.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection, select

from tracepost.protocol.errors import IdentityError, LimitError, TracepostError
from tracepost.protocol.evidence import CrlPublished, Entry, TrustListAccepted, prepare_line
from tracepost.protocol.evidence.entry import ARTEFACT_LIMIT, Random
from tracepost.protocol.identity import Revocations
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import TrustList, load_first
from tracepost.relay.store import RelayStore
from tracepost.relay.tables import ANNOUNCEMENTS, REVOCATION_LISTS, TRUST_LISTS
from tracepost.relay.trust import RelayTrust, TrustState
from tracepost.serving.storage.rows import insert_new, upsert_rows
from tracepost.wire.v1.post_pb2 import Announcement

ANNOUNCEMENT_LIMIT: Final = 3 * 1024 * 1024
_CERTIFICATES_LIMIT: Final = 64


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement that was checked, and what it changes."""

    member: MemberId
    papers: Announcement
    accepted: TrustList | None
    revoked: Revocations | None

    @property
    def crl(self) -> bytes:
        """The member's revocation list as it came."""
        return self.papers.crl


class Noticeboard:
    """What every member has announced. Used on the event loop."""

    def __init__(
        self, trust: RelayTrust, store: RelayStore, papers: dict[MemberId, Announcement], random: Random
    ) -> None:
        self._trust = trust
        self._store = store
        self._papers = papers
        self._random = random
        self._one_by_one = asyncio.Lock()  # each change is judged by the state that the one before left

    def others(self, *left_out: MemberId) -> list[Announcement]:
        """Return what all members but these have announced."""
        return [papers for owner, papers in self._papers.items() if owner not in left_out]

    def of(self, member: MemberId) -> Announcement:
        """Return what this member has announced."""
        return self._papers.get(member, Announcement(member=member))

    def with_list(self, member: MemberId) -> Announcement:
        """Return the papers of `member` (the relay itself) with the trust list in force."""
        papers = Announcement(member=member)
        papers.CopyFrom(self._papers.get(member, papers))
        papers.trust_list = self._trust.state.current.data
        return papers

    async def take(self, announcement: Announcement, peer: MemberId, now: int) -> Notice | None:
        """Check, store and put in force what `peer` announces; None if it says nothing new.

        Raises as `examine` does.
        """
        async with self._one_by_one:
            notice = self.examine(announcement, peer)
            if notice is not None:
                await self._store.write(partial(self._keep, notice=notice, now=now), label="announce")
                self._show(notice)
            return notice

    async def take_from_neighbour(self, announcement: Announcement, now: int) -> bool:
        """Take up what proves itself, whoever tells it: trust list and revocation list; say whether any was new.

        Raises:
            TrustError: the list contradicts the one in force.
            IdentityError: the revocation list is not the member's.
        """
        async with self._one_by_one:
            accepted = self._trust.next_list(announcement.trust_list) if announcement.trust_list else None
            member, crl = MemberId(announcement.member), announcement.crl
            revoked = self._trust.next_revocations(member, crl, accepted) if crl else None

            def keep(connection: Connection) -> None:
                if accepted is not None:
                    self._keep_list(connection, accepted, now)
                if revoked is not None:
                    self._keep_revoked(connection, member, crl, revoked, now)

            if accepted is None and revoked is None:
                return False
            await self._store.write(keep, label="announce")
            if accepted is not None:
                self._trust.go_over_to(accepted)
            if revoked is not None:
                self._trust.revoke(revoked)
            return True

    async def take_list(self, data: bytes, now: int) -> bool:
        """Go over to a trust list that the operator brought; say whether it was newer. Raise `TrustError`."""
        async with self._one_by_one:
            accepted = self._trust.next_list(data)
            if accepted is not None:
                await self._store.write(
                    partial(self._keep_list, accepted=accepted, now=now), label="announce"
                )
                self._trust.go_over_to(accepted)
            return accepted is not None

    def examine(self, announcement: Announcement, peer: MemberId) -> Notice | None:
        """Return what an announcement of `peer` changes; None if it says nothing new.

        Raises:
            IdentityError: it is about another member, or its revocation list is not the member's.
            LimitError: it is larger than the relay keeps.
            TrustError: its trust list contradicts the one in force.
        """
        if announcement.member != peer:
            raise IdentityError("a member announces its own papers only", reason="foreign-announcement")
        if (
            announcement.ByteSize() > ANNOUNCEMENT_LIMIT
            or len(announcement.certificates) > _CERTIFICATES_LIMIT
        ):
            raise LimitError("the announcement is too large", where="announcement")
        papers = _without_list(announcement)
        if papers == Announcement(member=peer):  # a trust list alone, from who knows that its papers are here
            papers = self.of(peer)
        accepted = self._trust.next_list(announcement.trust_list) if announcement.trust_list else None
        revoked = self._trust.next_revocations(peer, papers.crl, accepted) if papers.crl else None
        if accepted is None and revoked is None and self._papers.get(peer) == papers:
            return None
        return Notice(peer, papers, accepted, revoked)

    def _keep(self, connection: Connection, notice: Notice, now: int) -> None:
        """Store what is new; what the relay judges by goes into its log as well."""
        row = (notice.member, notice.papers.SerializeToString(deterministic=True), now)
        upsert_rows(connection, ANNOUNCEMENTS, [row])
        if notice.accepted is not None:
            self._keep_list(connection, notice.accepted, now)
        if notice.revoked is not None:
            self._keep_revoked(connection, notice.member, notice.crl, notice.revoked, now)

    def _keep_revoked(
        self, connection: Connection, member: MemberId, crl: bytes, revoked: Revocations, now: int
    ) -> None:
        keep_revocations(connection, member, crl, revoked)
        self._log(connection, CrlPublished(*_published(crl, now)))

    def _keep_list(self, connection: Connection, accepted: TrustList, now: int) -> None:
        keep_list(connection, accepted)
        self._log(connection, TrustListAccepted(*_published(accepted.data, now)))

    def _log(self, connection: Connection, entry: Entry) -> None:
        self._store.log.append(connection, [prepare_line(entry, self._random)])

    def _show(self, notice: Notice) -> None:
        self._papers[notice.member] = notice.papers
        if notice.accepted is not None:
            self._trust.go_over_to(notice.accepted)
        if notice.revoked is not None:
            self._trust.revoke(notice.revoked)


def keep_list(connection: Connection, accepted: TrustList) -> None:
    """Store a trust list that was accepted."""
    row = (accepted.sequence, accepted.fingerprint, accepted.data)
    insert_new(connection, TRUST_LISTS, [row])


def keep_revocations(connection: Connection, member: MemberId, crl: bytes, known: Revocations) -> None:
    """Store a revocation list that was verified."""
    row = (hashlib.sha256(crl).digest(), member, known.number(member) or 0, crl)
    insert_new(connection, REVOCATION_LISTS, [row])


def read_newest_list(connection: Connection) -> TrustList | None:
    """Return the newest trust list that was accepted; its fingerprint stands beside it since then."""
    query = select(TRUST_LISTS).order_by(TRUST_LISTS.c.sequence.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return load_first(row.data, fingerprint=row.fingerprint) if row is not None else None


def read_revocations(
    connection: Connection, current: TrustList, now: int, complain: Callable[[MemberId, TracepostError], None]
) -> Revocations:
    """Return all that the stored lists revoke; `complain` hears of lists that do not verify any more.

    A root that has left the trust list since cannot vouch for its old lists; neither do its
    certificates open a connection any more.
    """
    state = TrustState(current, Revocations())
    known = state.revoked
    for row in connection.execute(select(REVOCATION_LISTS).order_by(REVOCATION_LISTS.c.number)):
        member = MemberId(row.member)
        try:
            known = known.with_crl(member, row.data, state.roots_of(member), domain=current.domain, now=now)
        except TracepostError as error:
            complain(member, error)
    return known


def read_announcements(connection: Connection) -> dict[MemberId, Announcement]:
    """Return the newest announcement of every member."""
    rows: Sequence[tuple[str, bytes]] = [
        (row.member, row.data) for row in connection.execute(select(ANNOUNCEMENTS))
    ]
    return {MemberId(member): Announcement.FromString(data) for member, data in rows}


def _without_list(announcement: Announcement) -> Announcement:
    papers = Announcement()
    papers.CopyFrom(announcement)
    papers.ClearField("trust_list")
    papers.DiscardUnknownFields()
    return papers


def _published(paper: bytes, now: int) -> tuple[bytes, bytes, int]:
    artefact = paper if len(paper) <= ARTEFACT_LIMIT else b""
    return hashlib.sha256(paper).digest(), artefact, now
