"""What a node's metrics page shows: looked at together every fifteen seconds, counts and ages only.

Labels are member ids, our own desks' ids, lanes, codes of refusals and names of papers: their number is bounded by
the trust list and the settings, and none of them tells of a case. `docs/adr/0024` says why ages are shown as
seconds and ends as times; `tests/integration/test_alerts.py` compares this page with rules and dashboard.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tracepost.node.expiring import Expiries
from tracepost.node.handlers.case.office import Office
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.admittance import Admittance
from tracepost.node.post.examination import Refused
from tracepost.node.post.mailroom import Judgement
from tracepost.node.post.reception import Outcome
from tracepost.node.records.mail import PeerContact, QueueAge, ReceivedMail
from tracepost.node.telling.noted import named_desks
from tracepost.protocol.ids import DeskId, MemberId
from tracepost.protocol.trustlist import MemberType
from tracepost.serving.expiry import Expiry, soonest
from tracepost.serving.storage.durable_file import takes_writing
from tracepost.serving.telemetry import Meter, Reading
from tracepost.serving.witnessed import Witnessed

COUNTED: Final = 1000
"""Dead letters and unopened mail are counted up to this."""

_NO_LABELS: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the page shows beyond the store; all are asked each time.

    `backups` is when the newest backup was made (unix seconds), None where none are made; `here` who has a
    stream with us.
    """

    unlocked: Callable[[], frozenset[DeskId]]
    places: Mapping[str, Path]
    head_checked: Callable[[], bool]
    clock: Callable[[], int]
    relays: Sequence[MemberId] = ()
    backups: Callable[[], int | None] = lambda: None
    here: Callable[[], frozenset[MemberId]] = frozenset
    damaged_tiles: Callable[[], int] = lambda: 0


@dataclass(slots=True)
class _Seen:
    ages: list[QueueAge]
    contacts: list[PeerContact]
    held: list[ReceivedMail]
    dead: int
    contradictions: int
    unproved_since: int
    expiries: list[Expiry]
    unopened: dict[DeskId, tuple[int, int]] = field(default_factory=dict)
    untold: dict[DeskId, int] = field(default_factory=dict)
    """Since when the oldest message waits that officers of a desk should have."""


class NodeMetrics:
    """One per process; used on the event loop."""

    def __init__(
        self,
        meter: Meter,
        *,
        office: Office,
        store: Store,
        expiries: Expiries,
        witnessed: Witnessed,
        quorum: Callable[[], int],
        admittance: Admittance,
        surroundings: Surroundings,
    ) -> None:
        self._board = meter.board()
        self._refused = meter.counter(
            "mails_not_taken",
            "Mail of others that was not taken, by what became of it.",
            ("member", "state", "code"),
        )
        self._tellings = meter.counter(
            "tellings",
            "Messages to officers that something waits, by what became of them.",
            ("desk", "state"),
        )
        self._office = office
        self._store = store
        self._expiries = expiries
        self._witnessed = witnessed
        self._quorum = quorum
        self._admittance = admittance
        self._around = surroundings
        self._opened_up_to: dict[DeskId, int] = {}
        self._met: dict[MemberId, int] = {}

    def count(self, judgement: Judgement, outcome: Outcome) -> None:
        """Count what of a frame was refused, turned away or put off."""
        for one in judgement.judged:
            if isinstance(one, Refused):
                self._refused.labels(one.envelope.header.from_member, "refused", one.error.code).inc()
        for away in outcome.turned_away:
            self._refused.labels(judgement.brought_by, "turned-away", away.error.code).inc()
        for late in outcome.deferred:
            self._refused.labels(judgement.brought_by, "put-off", late.error.code).inc()

    def count_telling(self, desk: DeskId, state: str) -> None:
        """Count a message to officers of a desk."""
        self._tellings.labels(desk, state).inc()

    async def look(self) -> None:
        """Look at everything and show it."""
        now = self._around.clock()
        self._met.update(
            dict.fromkeys(self._around.here(), now)
        )  # the store knows of streams that have ended
        seen = await self._store.read(lambda tx: self._see(tx, now))
        kept = await asyncio.to_thread(lambda: [*self._of_disks()])  # a disk may be elsewhere, and hang
        house = self._of_house(seen, now)
        told = self._of_tellings(seen, now)
        self._board.show([*self._of_mail(seen, now), *told, *self._of_log(seen, now), *kept, *house])

    def _see(self, tx: Tx, now: int) -> _Seen:
        unproved = [one.oldest for one in tx.peers.count_open()]
        return _Seen(
            tx.outbox.ages(),
            tx.peers.contacts(),
            [one.mail for one in tx.quarantine.held()],
            len(tx.dispatches.dead(COUNTED)),
            len(tx.peers.contradictions()),
            min(unproved, default=0),
            self._expiries.all(tx, now),
            {desk.desk: self._unopened(tx, desk.desk) for desk in self._office.desks},
            _oldest_unsent(tx),
        )

    def _unopened(self, tx: Tx, desk: DeskId) -> tuple[int, int]:
        """Return how much mail waits for a desk to be unlocked, and since when the oldest of it (0: none)."""
        missing = tx.wraps.missing(desk, self._opened_up_to.get(desk, 0), COUNTED)
        if not missing:
            self._opened_up_to[desk] = tx.inbox.last_number()
            return 0, 0
        first = missing[0]
        self._opened_up_to[desk] = first.number - 1
        return len(missing), tx.inbox.find([first.envelope_id])[first.envelope_id].received_at

    def _of_mail(self, seen: _Seen, now: int) -> Iterator[Reading]:
        member_lane = ("member", "lane")
        yield Reading(
            "queue_mails",
            "Mail of ours that is not delivered, by addressee, lane and where it is.",
            (*member_lane, "state"),
            {(a.to_member, *_lane(a), a.state.lower().replace("_", "-")): a.mails for a in seen.ages},
        )
        yield Reading(
            "queue_oldest_seconds",
            "How long the oldest mail that is not delivered waits, by addressee and lane.",
            member_lane,
            _largest(((a.to_member, *_lane(a)), now - a.oldest) for a in seen.ages),
        )
        yield self._contacts(seen)
        yield _one("dead_letters", "Mail of ours that came to no end (at most 1000 are counted).", seen.dead)
        yield _one("held_mails", "Genuine but unexpected mail that waits for an officer.", len(seen.held))
        oldest = min((mail.received_at for mail in seen.held), default=now)
        yield _one("held_oldest_seconds", "How long the oldest held mail waits.", now - oldest)
        unlocked = self._around.unlocked()
        desks = {(desk,): float(desk in unlocked) for desk in seen.unopened}
        yield Reading("desk_unlocked", "1 for a desk that is unlocked.", ("desk",), desks)
        yield Reading(
            "desk_mails_unopened",
            "Mail that no officer of the desk can read before it is unlocked (at most 1000 are counted).",
            ("desk",),
            {(desk,): count for desk, (count, _) in seen.unopened.items()},
        )
        yield Reading(
            "desk_oldest_unopened_seconds",
            "How long the oldest of it waits.",
            ("desk",),
            {(desk,): now - since if since else 0 for desk, (_, since) in seen.unopened.items()},
        )

    def _of_tellings(self, seen: _Seen, now: int) -> Iterator[Reading]:
        untold = {(desk,): now - since for desk, since in seen.untold.items()}
        words = "How long the oldest message to officers waits that could not be sent; no desk: all went."
        yield Reading("telling_oldest_unsent_seconds", words, ("desk",), untold)

    def _contacts(self, seen: _Seen) -> Reading:
        stored = {contact.member: contact.last_contact for contact in seen.contacts}
        known = {m: max(stored.get(m, 0), self._met.get(m, 0)) for m in stored | self._met}
        types = {member.id: member.type for member in self._expiries.papers.trust.members}
        relays = dict.fromkeys(self._around.relays, 0)  # one that was never reached is shown as 1970
        values = {
            (member, "relay" if types.get(member) is MemberType.RELAY else "peer"): at
            for member, at in (relays | known).items()
            if at or member in relays
        }
        words = (
            "When a peer or relay was there last, unix seconds; 0: a relay of the settings that never was."
        )
        return Reading("contact_timestamp_seconds", words, ("member", "role"), values)

    def _of_log(self, seen: _Seen, now: int) -> Iterator[Reading]:
        witnessed = self._witnessed
        yield _one("log_entries", "Entries of our evidence log.", self._store.evidence.head.size)
        yield _one(
            "log_head_checked", "1 when others said that our log is whole.", self._around.head_checked()
        )
        yield _one(
            "log_witnesses", "Witnesses that cosigned the newest head.", len(witnessed.newest.witnesses)
        )
        yield _one("log_quorum", "Witnesses that trust list and settings ask for.", self._quorum())
        short = now - witnessed.short_since if witnessed.short_since else 0
        yield _one("log_unwitnessed_seconds", "How long fewer than that cosigned the newest head.", short)
        damaged = self._around.damaged_tiles()
        yield _one("log_tiles_damaged", "Parts of our log that were found not to give its head.", damaged)
        yield _one("log_contradictions", "Logs of others that contradict themselves.", seen.contradictions)
        waits = now - seen.unproved_since if seen.unproved_since else 0
        yield _one(
            "log_unproved_oldest_seconds", "How long a head of another log waits for its proof.", waits
        )
        offsets = {(member,): float(seconds) for member, seconds in witnessed.clock_offsets.items()}
        words = "By how much the clock of a peer or relay is ahead of ours, as its cosignature said last."
        yield Reading("clock_offset_seconds", words, ("member",), offsets)

    def _of_house(self, seen: _Seen, now: int) -> Iterator[Reading]:
        words = "When a paper ends, unix seconds; of several of a kind the one that ends first."
        yield Reading("paper_expires_timestamp_seconds", words, ("paper", "member"), soonest(seen.expiries))
        yield _one(
            "maintenance", "1 while no mail is taken because somebody said so.", self._admittance.is_closed
        )
        yield _one("members_blocked", "Members that are blocked here.", len(self._admittance.blocked))
        yield _one("looked_timestamp_seconds", "When all this was looked at, unix seconds.", now)

    def _of_disks(self) -> Iterator[Reading]:
        """Yield what disks say, from a thread; one that does not answer is left out, backups there are not seen."""
        disks: dict[tuple[str, ...], Any] = {}
        for place, path in self._around.places.items():
            with suppress(OSError):
                disks[(place,)] = shutil.disk_usage(path)
        free = {place: float(usage.free) for place, usage in disks.items()}
        yield Reading("disk_free_bytes", "Space left where this is kept.", ("place",), free)
        size = {place: float(usage.total) for place, usage in disks.items()}
        yield Reading("disk_size_bytes", "Space there is where this is kept.", ("place",), size)
        taken = {
            (place,): float(takes_writing(path))
            for place, path in self._around.places.items()
            if path.is_dir()
        }
        yield Reading("disk_writable", "1 where a file could be written just now.", ("place",), taken)
        try:
            backup = self._around.backups()
        except OSError:
            backup = 0
        if backup is not None:
            words = "When the newest backup was made, unix seconds; 0: none is seen."
            yield _one("backup_timestamp_seconds", words, backup)


def _lane(age: QueueAge) -> tuple[str]:
    return (age.lane.name.lower(),)


def _one(name: str, words: str, value: float) -> Reading:
    return Reading(name, words, _NO_LABELS, {(): float(value)})


def _oldest_unsent(tx: Tx) -> dict[DeskId, int]:
    """Return since when the oldest telling of each desk waits; not of those that are told nothing for now."""
    told = named_desks(tx)
    return {one.desk: one.made_at for one in reversed(tx.telling.unsent()) if one.desk in told}


def _largest(pairs: Iterable[tuple[tuple[str, ...], float]]) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for key, value in pairs:
        found[key] = max(value, found.get(key, value))
    return found
