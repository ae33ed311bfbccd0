"""Telling a provider that what it sent was opened here, where both members declare that they tell (messages.md, 1).

Of openings nobody is told unless both agreed: both directory entries that are in force say `tells_of_opening`. Then
the first time that a desk of ours opens a statement, a `release.notice/1` goes to its author, in one transaction with
the log entry of that look. It says which statement and on what day, not which desk or officer. A provider that cannot
be told is not in agreement with us: an entry that has lapsed declares nothing.

That a notice or a fault was read is told to nobody; it would be told back for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.office import Officer, OwnDesk
from tracepost.node.handlers.case.thread import Thread, open_thread
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol.authors import AFTER_THE_END
from tracepost.protocol.ids import MemberId, ThreadId, encode_b64
from tracepost.wire.v1 import desk_pb2, share_pb2

_OPENED = "open"  # as the audit trail names it
_RELEASES = 64  # of the schema


class OpeningNotices:
    """One per process; used on the event loop."""

    def __init__(
        self, *, us: MemberId, papers: Papers, sending: Sending, store: Store, clock: Callable[[], int]
    ) -> None:
        self._us = us
        self._papers = papers
        self._sending = sending
        self._store = store
        self._clock = clock

    async def keep(
        self,
        officer: Officer,
        desk: OwnDesk,
        opened: Sequence[StatementRecord],
        job: Callable[[Tx], None],
        *,
        label: str,
    ) -> None:
        """Do `job`, which logs that `officer` opens these statements, and tell those who are to be told, at once.

        Raises what is wrong with a notice, and does nothing then: where it cannot be told, it is not shown.
        """
        theirs = [one for one in opened if one.direction is Direction.THEIRS and self._agreed(one)]
        if not theirs:  # nearly always
            await self._store.write(job, label=label)
            return
        told = await self._store.read(lambda tx: list(self._owed(tx, theirs, desk)))
        await self._sending.tell_with(officer, told, job, label=label)

    def _agreed(self, record: StatementRecord) -> bool:
        if record.kind in AFTER_THE_END:
            return False
        return all(self._declares(member) for member in (self._us, record.iss))

    def _declares(self, member: MemberId) -> bool:
        entry, now = self._papers.entry(member), self._clock()
        in_force = entry is not None and entry.expires_at >= now and self._papers.is_live(now)
        return in_force and entry is not None and entry.message.declarations.tells_of_opening

    def _owed(
        self, tx: Tx, records: Sequence[StatementRecord], desk: OwnDesk
    ) -> Iterator[tuple[desk_pb2.Draft, Thread]]:
        """Yield a notice for each provider and case, of what this desk has not opened before."""
        before = {
            one.event.subject
            for one in tx.audit.about([encode_b64(record.digest) for record in records])
            if one.event.action == _OPENED and one.event.outcome == desk.desk
        }
        by_case: dict[tuple[MemberId, ThreadId], list[StatementRecord]] = {}
        for record in records:
            if encode_b64(record.digest) not in before:
                by_case.setdefault((record.iss, record.thread), []).append(record)
        for (owner, name), some in by_case.items():
            thread = open_thread(name, self._us, tx.statements.in_threads([name]))
            for start in range(0, len(some), _RELEASES):
                yield self._draft(owner, name, some[start : start + _RELEASES], desk), thread

    def _draft(
        self, owner: MemberId, thread: ThreadId, records: Sequence[StatementRecord], desk: OwnDesk
    ) -> desk_pb2.Draft:
        day = instant(self._clock())[:10]
        releases = [
            share_pb2.NoticedRelease(statement_digest=encode_b64(one.digest), released_on=day)
            for one in records
        ]
        message = share_pb2.ReleaseNotice(reason=share_pb2.NOTICE_REASON_OPENING, releases=releases)
        return desk_pb2.Draft(
            to=[owner],
            thread=thread,
            in_reply_to=encode_b64(records[0].digest),
            desk=desk.desk,
            content=desk_pb2.Content(release_notice=message),
        )
