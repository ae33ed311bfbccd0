"""The lookout of a relay: which members' nodes are seen, how long mail waits, and who is told of it.

    unseen      a node that has been here before has had no stream for four hours
    waiting     the oldest mail for a member waits for a day
    back        what was told is over

A member is told once when it begins, once a day while it lasts, and once when it is over; after a restart of the
relay too, since it is written down what was told. The notice goes to the member's technical contact (`contacts`) and to
the relay's operator. It says nothing of other members and no number.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, delete, func, select

from tracepost.protocol.evidence import Custody
from tracepost.protocol.evidence.entry import parse_entry
from tracepost.protocol.ids import MemberId
from tracepost.relay.contacts import technical_mailbox
from tracepost.relay.mailboxes import State
from tracepost.relay.noticeboard import Noticeboard
from tracepost.relay.store import RelayStore
from tracepost.relay.streams import Switchboard
from tracepost.relay.tables import MAIL, STORE, WATCHED
from tracepost.relay.usage import Side, read_usage
from tracepost.serving.expiry import DAY_S, Expiry, is_news, notice_of, soonest, steps_of
from tracepost.serving.notices import NO_NOTICES, Notice, NoticeSettings, Notifier
from tracepost.serving.storage.durable_file import takes_writing
from tracepost.serving.storage.rows import insert_rows, upsert_rows
from tracepost.serving.telemetry import Board, Reading

_log = structlog.get_logger()

AGAIN_S: Final = 86400


@dataclass(frozen=True, slots=True)
class LookoutSettings:
    """After how many seconds somebody is told, and who: mailboxes that the operator wrote down, by member."""

    unseen_s: int = 4 * 3600
    waiting_s: int = 24 * 3600
    contacts: Mapping[MemberId, str] | None = None
    notices: NoticeSettings = NO_NOTICES


@dataclass(frozen=True, slots=True)
class Watched:
    """When a member's node was seen last, and when somebody was told; unix seconds, 0: never, or it is over."""

    member: MemberId
    seen_at: int = 0
    unseen_told: int = 0
    waiting_told: int = 0


class Lookout:
    """One per relay; `look` is done by its housekeeping."""

    def __init__(
        self,
        settings: LookoutSettings,
        *,
        us: MemberId,
        store: RelayStore,
        switchboard: Switchboard,
        board: Noticeboard,
        notifier: Notifier,
        page: Board,
        folder: Path,
        expiries: Callable[[], list[Expiry]],
        clock: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._us = us
        self._store = store
        self._switchboard = switchboard
        self._board = board
        self._notifier = notifier
        self._page = page
        self._clock = clock
        self._folder = folder
        self._expiries = expiries
        self._not_before = 0
        self._one_by_one = asyncio.Lock()  # nobody is told twice

    async def look(self) -> None:
        """See who is here and what waits; tell whom it concerns; show it on the metrics page."""
        async with self._one_by_one:
            await self._look(self._clock())

    async def _look(self, now: int) -> None:
        here = {line.member for line in self._switchboard.all()}
        known, waiting = await self._store.read(lambda c: (_read(c), oldest_waiting(c, self._store)))
        seen = {m: replace(known.get(m, Watched(m)), seen_at=now) for m in here}
        rows = {m: Watched(m) for m in waiting} | known | seen
        expiries = self._expiries()
        self._show(rows.values(), waiting, expiries, now)  # first: mail servers take their time
        told = [await self._tell(row, waiting.get(row.member, 0), now) for row in rows.values()]
        changed = [row for row in told if row != known.get(row.member)]
        if changed:
            await self._store.write(partial(_keep, rows=changed), label="lookout")
        await self._tell_of_papers(expiries, now)

    async def _tell_of_papers(self, expiries: Sequence[Expiry], now: int) -> None:
        """Tell the relay's operator what of its own papers ends, at most once a day."""
        to, steps = self._settings.notices.to, steps_of(expiries, now)
        if now < self._not_before or not self._settings.notices.is_on:
            return
        if not is_news(steps, await self._store.read(_read_told)):
            return
        if await self._notifier.send(notice_of("relay", self._us, expiries, now), to):
            self._not_before = now + DAY_S
            await self._store.write(partial(_keep_told, steps=steps), label="lookout")

    async def _tell(self, row: Watched, since: int, now: int) -> Watched:
        """Tell what is to be told of a member; return what is then known."""
        unseen = bool(row.seen_at) and now - row.seen_at >= self._settings.unseen_s
        waits = bool(since) and now - since >= self._settings.waiting_s
        unseen_told = await self._say(row.member, "unseen", row.seen_at, unseen, row.unseen_told, now)
        waiting_told = await self._say(row.member, "waiting", since, waits, row.waiting_told, now)
        return replace(row, unseen_told=unseen_told, waiting_told=waiting_told)

    async def _say(  # noqa: PLR0917 - what is the matter, and what was said of it
        self, member: MemberId, kind: str, since: int, holds: bool, told: int, now: int
    ) -> int:
        """Return when it was told, or 0 if it is over and that was told."""
        is_due = holds and now - told >= AGAIN_S
        if not (is_due or (told and not holds)) or not self._settings.notices.is_on:
            return told
        notice = _notice(self._us, member, kind if holds else f"{kind}-over", since)
        if not await self._notifier.send(notice, self._addresses(member)):
            return told
        _log.info("notice", member=member, state=notice.kind)
        return now if holds else 0

    def _addresses(self, member: MemberId) -> list[str]:
        written = (self._settings.contacts or {}).get(member, "")
        entries = (one.directory_entry for one in self._board.others() if one.member == member)
        theirs = written or technical_mailbox(next(entries, ""))
        return [address for address in (theirs, *self._settings.notices.to) if address]

    def _show(
        self,
        rows: Iterable[Watched],
        waiting: Mapping[MemberId, int],
        expiries: Sequence[Expiry],
        now: int,
    ) -> None:
        seen = {(row.member,): float(row.seen_at) for row in rows if row.seen_at}
        disk = shutil.disk_usage(self._folder)
        free, size = {("store",): float(disk.free)}, {("store",): float(disk.total)}
        taken = {("store",): float(takes_writing(self._folder))}
        waits = {(member,): float(now - since) for member, since in waiting.items()}
        words = "When a member's node was here last, unix seconds."
        self._page.show(
            [
                Reading("member_seen_timestamp_seconds", words, ("member",), seen),
                Reading("waiting_oldest_seconds", "How long the oldest mail waits.", ("member",), waits),
                Reading(
                    "paper_expires_timestamp_seconds",
                    "When a paper ends, unix seconds.",
                    ("paper", "member"),
                    soonest(expiries),
                ),
                Reading("disk_free_bytes", "Space left where this is kept.", ("place",), free),
                Reading("disk_size_bytes", "Space there is where this is kept.", ("place",), size),
                Reading("disk_writable", "1 where a file could be written just now.", ("place",), taken),
                Reading("looked_timestamp_seconds", "When this was looked at, unix seconds.", (), {(): now}),
            ]
        )


def oldest_waiting(connection: Connection, store: RelayStore) -> dict[MemberId, int]:
    """Return since when (unix seconds) the oldest mail waits, for each member for whom some does."""
    members = [
        m for (m, side), (count, _) in read_usage(connection).items() if side is Side.MAILBOX and count
    ]
    numbers = {member: number for member in members if (number := _oldest(connection, member)) is not None}
    lines = store.log.read_lines(connection, list(numbers.values()))
    entries = {m: parse_entry(lines[number].preimage) for m, number in numbers.items() if number in lines}
    return {member: entry.time for member, entry in entries.items() if isinstance(entry, Custody)}


def _oldest(connection: Connection, member: MemberId) -> int | None:
    """Return the number of the log entry by which the oldest waiting mail of a member was taken."""
    first = select(func.min(MAIL.c.arrival)).where(MAIL.c.to_member == member, MAIL.c.state == State.WAITING)
    found = select(MAIL.c.log_number).where(MAIL.c.arrival == first.scalar_subquery())
    number: int | None = connection.execute(found).scalar()
    return number


def _read(connection: Connection) -> dict[MemberId, Watched]:
    rows = connection.execute(select(WATCHED))
    return {
        MemberId(row.member): Watched(MemberId(row.member), row.seen_at, row.unseen_told, row.waiting_told)
        for row in rows
    }


def _keep(connection: Connection, rows: Iterable[Watched]) -> None:
    values = [(row.member, row.seen_at, row.unseen_told, row.waiting_told) for row in rows]
    upsert_rows(connection, WATCHED, values)


def _read_told(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(STORE).where(STORE.c.name.startswith(_TOLD)))
    return {row.name.removeprefix(_TOLD): row.value for row in rows}


def _keep_told(connection: Connection, steps: Mapping[str, int]) -> None:
    connection.execute(delete(STORE).where(STORE.c.name.startswith(_TOLD)))
    insert_rows(connection, STORE, [(f"{_TOLD}{key}", step) for key, step in steps.items()])


_TOLD: Final = "told of "
_SUBJECTS: Final = {
    "unseen": "Tracepost: the node of {member} is not seen",
    "waiting": "Tracepost: mail for {member} waits",
    "unseen-over": "Tracepost: the node of {member} is back",
    "waiting-over": "Tracepost: mail for {member} waits no more",
}
_TEXTS: Final = {
    "unseen": "The relay {relay} has had no connection with the node of {member} since {since}. Mail for it waits and"
    " is not lost.\n\nOn the node's machine: tracepost doctor --folder FOLDER says what is the matter.\n",
    "waiting": "At the relay {relay} mail for {member} has waited since {since}. It is not lost; what is not fetched"
    " in time goes back to its sender as undelivered.\n\nOn the node's machine: tracepost doctor --folder FOLDER says"
    " what is the matter.\n",
    "unseen-over": "The relay {relay} has a connection with the node of {member} again.\n",
    "waiting-over": "At the relay {relay} no mail for {member} waits any longer than it should.\n",
}


def _notice(relay: MemberId, member: MemberId, kind: str, since: int) -> Notice:
    day = dt.datetime.fromtimestamp(since, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    subject = _SUBJECTS[kind].format(member=member)
    text = _TEXTS[kind].format(relay=relay, member=member, since=day)
    return Notice(f"relay {relay}", kind, subject, text, member, since)
