"""What a node tells of itself: how it is, whom it knows, whom it trusts, what was done here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata

from tracepost.node.expiring import Expiries
from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.entitlement import require_case_data
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.papers import EntryView, Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import NumberedAuditEvent
from tracepost.node.records.mail import OpenHeads, PeerContact, QueueDepth
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import DeskId, MemberId
from tracepost.protocol.trustlist import Member, MemberType
from tracepost.serving.expiry import Expiry
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.post_pb2 import Announcement

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a report needs beyond the store; `disk_free_bytes` and `clock` (unix seconds) are asked each time.

    `unwritable` names the folders in which nothing can be written; it blocks.
    """

    relays: tuple[MemberId, ...]
    unlocked: Callable[[], frozenset[DeskId]]
    disk_free_bytes: Callable[[], int]
    clock: Callable[[], int]
    head_checked: Callable[[], bool] = lambda: True
    witnesses: Callable[[], tuple[Sequence[str], bool]] = lambda: ((), False)
    clock_offsets: Callable[[], Mapping[MemberId, int]] = dict
    damaged_tiles: Callable[[], int] = lambda: 0
    here: Callable[[], frozenset[MemberId]] = frozenset
    unwritable: Callable[[], Sequence[str]] = list


@dataclass(frozen=True, slots=True)
class _State:
    depths: Sequence[QueueDepth]
    contacts: Mapping[MemberId, PeerContact]
    held: int
    contradicted: frozenset[tuple[MemberId, str]]
    unproved: Mapping[MemberId, OpenHeads]
    expiries: Sequence[Expiry]


class Reporting:
    """One per process."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        papers: Papers,
        store: Store,
        surroundings: Surroundings,
        expiries: Expiries,
        exercises: bool = True,
    ) -> None:
        self._exercises = exercises
        self._office = office
        self._gate = gate
        self._papers = papers
        self._store = store
        self._surroundings = surroundings
        self._expiries = expiries

    async def status(self) -> desk_pb2.NodeStatus:
        """Return how the node is."""
        state = await self._store.read(self._read_state)
        head = self._store.evidence.head
        names, is_short = self._surroundings.witnesses()
        unwritable = await asyncio.to_thread(self._surroundings.unwritable)
        return desk_pb2.NodeStatus(
            member=self._office.member,
            version=metadata.version("tracepost"),
            desks=list(self._desks()),
            peers=list(self._peers(state)),
            log_size=head.size,
            log_checkpoint=head.note,
            held=state.held,
            papers=[desk_pb2.ExpiringPaper(name=one.name, expires_at=one.at) for one in state.expiries],
            policy_sha256=self._gate.policy_sha256.hex(),
            escrow_tried=True,  # a node whose escrow was not tried does not serve (`bootstrap`, step 2)
            clock=self._surroundings.clock(),
            disk_free_bytes=self._surroundings.disk_free_bytes(),
            exercises_allowed=self._exercises,
            log_witnesses=names,
            quorum_missing=is_short or None,
            head_unchecked=not self._surroundings.head_checked() or None,
            log_damaged=self._surroundings.damaged_tiles() or None,
            unwritable=unwritable,
        )

    def directory(self) -> desk_pb2.ListDirectoryResponse:
        """Return every member of the trust list but relays, with what is known of it."""
        members = [m for m in self._papers.trust.members if m.type is not MemberType.RELAY]
        return desk_pb2.ListDirectoryResponse(lines=[self._directory_line(m) for m in members])

    def papers_of(self, member: str) -> Announcement:
        """Return the papers of a member, ours if none is named, to be carried by hand."""
        announcement = self._papers.announcement(
            self._papers.member(MemberId(member)).id if member else self._office.member
        )
        announcement.trust_list = self._papers.trust.data
        return announcement

    def trust(self) -> desk_pb2.TrustView:
        """Return the trust list in force."""
        trust = self._papers.trust
        return desk_pb2.TrustView(
            sequence=trust.sequence,
            next_update=instant(trust.content.next_update),
            stewards=[s.id for s in trust.content.stewards],
            members=[m.id for m in trust.members],
            trust_list=trust.data,
        )

    def reads_every_case(self, officer: Officer) -> bool:
        """Say whether an officer is told what concerns all cases, such as the audit trail."""
        try:
            require_case_data(self._office, self._gate, officer)
        except PermissionError_:
            return False
        return True

    async def audit(self, officer: Officer, request: desk_pb2.ListAuditRequest) -> desk_pb2.ListAuditResponse:
        """Return a page of the audit trail."""
        require_case_data(self._office, self._gate, officer)
        many = request.page_size or _PAGE
        found = await self._store.read(
            lambda tx: (
                tx.audit.before(request.before, many)
                if request.HasField("before")
                else tx.audit.after(request.after, many)
            )
        )
        return desk_pb2.ListAuditResponse(events=[_audit_event(one) for one in found])

    def _desks(self) -> Iterator[desk_pb2.DeskStatus]:
        unlocked = self._surroundings.unlocked()
        for desk in self._office.desks:
            yield desk_pb2.DeskStatus(
                desk=desk.desk,
                unlocked=desk.desk in unlocked,
                competences=[f"COMPETENCE_{c}" for c in sorted(desk.reader.competences)],
                outward=desk.outward,
                under=desk.under,
                by_notice=desk.by_notice or None,
            )

    def _peers(self, state: _State) -> Iterator[desk_pb2.PeerStatus]:
        depths: dict[MemberId, list[QueueDepth]] = {}
        for depth in state.depths:
            depths.setdefault(depth.queue.to_member, []).append(depth)
        others = [m.id for m in self._papers.trust.members if m.id != self._office.member]
        for member in others:
            yield self._peer(member, depths.get(member, []), state)

    def _peer(self, member: MemberId, depths: Sequence[QueueDepth], state: _State) -> desk_pb2.PeerStatus:
        contact, unproved = state.contacts.get(member), state.unproved.get(member)
        is_here = member in self._surroundings.here()  # the store knows of streams that have ended
        last = self._surroundings.clock() if is_here else contact.last_contact if contact else 0
        return desk_pb2.PeerStatus(
            member=member,
            via=self._road(self._papers.entry(member)),
            queued=sum(d.queued for d in depths),
            with_relay=sum(d.with_relay for d in depths),
            last_contact=last or None,
            last_problem=contact.last_problem if contact else None,
            log_contradicts=any(
                of == member and self._papers.log_in_use(of, origin) for of, origin in state.contradicted
            )
            or None,
            heads_unproved=unproved.count if unproved else None,
            unproved_since=unproved.oldest if unproved else None,
            clock_offset_seconds=self._surroundings.clock_offsets().get(member),
        )

    def _read_state(self, tx: Tx) -> _State:
        contacts = {contact.member: contact for contact in tx.peers.contacts()}
        contradicted = frozenset((one.member, one.origin) for one in tx.peers.contradictions())
        unproved = {one.member: one for one in tx.peers.count_open()}
        held = len(tx.quarantine.held())
        expiries = self._expiries.all(tx, self._surroundings.clock())
        return _State(tx.outbox.depths(), contacts, held, contradicted, unproved, expiries)

    def _directory_line(self, member: Member) -> desk_pb2.DirectoryLine:
        line = desk_pb2.DirectoryLine(
            member=member.id,
            member_type=str(member.type),
            known=False,
            hosted_by=member.hosted_by,
            mandate_until=member.mandate_until or None,
        )
        entry = self._papers.entry(member.id)
        if entry is not None:
            line.known = True
            line.name = entry.message.name
            line.desks.extend(d.desk for d in entry.desks)
            line.sequence = entry.sequence
            line.expires_at = instant(entry.expires_at)
            line.via = self._road(entry)
            line.languages.extend(entry.message.languages)
        return line

    def _road(self, entry: EntryView | None) -> str:
        return entry.road(self._surroundings.relays) if entry else ""


def _audit_event(one: NumberedAuditEvent) -> desk_pb2.AuditEvent:
    event = one.event
    return desk_pb2.AuditEvent(
        number=one.number,
        at=instant(event.at),
        actor=event.actor,
        action=event.action,
        subject=event.subject,
        outcome=event.outcome,
    )
