"""What officers see of the post, and say about it: queues, dead letters, blocks, maintenance.

    sent mail      what a desk wrote to others, and how far each piece came
    dead letters   mail that was not delivered in time or was refused, and no other envelope of it lives
    send again     a new envelope round what lies here; the statement is the same and has one effect
    block          by one officer of a point of contact, or by two where the settings say so
    maintenance    by one

All of it is in the audit trail with the officer's label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.papers import EntryView, Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.admittance import (
    Admittance,
    Block,
    BlockState,
    Maintenance,
    read_blocks,
    write_blocks,
    write_maintenance,
)
from tracepost.node.post.gaps import list_gaps
from tracepost.node.post.rerouting import Rerouting
from tracepost.node.post.sent import list_sent
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import Queue, QueueDepth, QueuedMail, SentMail
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.envelope import DELIVERY_HORIZON_S
from tracepost.protocol.errors import ConflictError, InvalidInputError, NotFoundError, PermissionError_
from tracepost.protocol.ids import DeskId, EnvelopeId, MemberId, encode_b64
from tracepost.wire.v1 import delivery_pb2, desk_pb2

DELIVER_WITHIN_S = 90 * 86400
LONGEST_MAINTENANCE_S = 30 * 86400
_LETTERS_LIMIT = 4096
_WHOLE_ID_DIGITS = 64


@dataclass(frozen=True, slots=True)
class _Letter:
    """A dead letter with its statement."""

    mail: SentMail
    record: StatementRecord


class Postmaster:
    """One per process."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        papers: Papers,
        store: Store,
        admittance: Admittance,
        rerouting: Rerouting,
        choose_road: Callable[[EntryView], str],
        wake: Callable[[Iterable[Queue]], None],
        clock: Callable[[], int],
        second_officer: bool = False,
    ) -> None:
        self._office = office
        self._gate = gate
        self._papers = papers
        self._store = store
        self._admittance = admittance
        self._rerouting = rerouting
        self._choose_road = choose_road
        self._wake = wake
        self._clock = clock
        self._second_officer = second_officer

    async def show(self, officer: Officer) -> delivery_pb2.PostView:
        """Return what waits, who is blocked, whether mail is taken."""

        def read(tx: Tx) -> delivery_pb2.PostView:
            return delivery_pb2.PostView(
                queues=[_queue_line(depth) for depth in tx.outbox.depths()],
                blocks=[_render_block(block) for _, block in sorted(read_blocks(tx).items())],
                maintenance=_render_maintenance(self._admittance.maintenance, on=self._admittance.is_closed),
                dead_letters=len(self._letters(tx, officer)),
            )

        return await self._store.read(read)

    async def tell(self, status: desk_pb2.NodeStatus) -> None:
        """Say in the node's status what somebody should see to."""
        status.dead_letters, status.in_pouches = await self._store.read(
            lambda tx: (
                len(tx.dispatches.dead(_LETTERS_LIMIT)),
                sum(one.in_pouch for one in tx.outbox.depths()),
            )
        )
        status.blocked.extend(sorted(self._admittance.blocked))
        if self._admittance.is_closed:
            status.maintenance_since = self._admittance.maintenance.since

    async def gaps(self, member: str) -> delivery_pb2.ListGapsResponse:
        """Return what became of each number between us and a member, or all members."""
        named = self._papers.trust.member(MemberId(member)).id if member else None
        return await self._store.read(lambda tx: list_gaps(tx, self._office.member, named))

    # ── sent mail ────────────────────────────────────────────────────────────────────

    async def list_sent(
        self, officer: Officer, request: delivery_pb2.ListSentMailRequest
    ) -> delivery_pb2.ListSentMailResponse:
        """Return what a desk of the officer's wrote to other members, a page at a time.

        Raises:
            InvalidInputError: the officer has several desks, and none is named.
            PermissionError_: the officer is not of this desk.
        """
        desk = self._office.desk(officer.choose_desk(request.desk))
        return await self._store.read(lambda tx: list_sent(tx, self._office, self._gate, desk, request))

    # ── dead letters ─────────────────────────────────────────────────────────────────

    async def list_dead(self, officer: Officer) -> delivery_pb2.ListDeadLettersResponse:
        """Return the dead letters that the officer's desks wrote, or see anyway."""
        letters = await self._store.read(lambda tx: self._letters(tx, officer))
        return delivery_pb2.ListDeadLettersResponse(letters=map(_render_letter, letters))

    async def resend(
        self, officer: Officer, request: delivery_pb2.ResendMailRequest
    ) -> delivery_pb2.ResentMail:
        """Send the statement of a dead letter once more, by the road that is best now.

        Raises:
            NotFoundError: there is no such dead letter at the officer's desks.
            ConflictError: its content was deleted here.
        """
        now = self._clock()
        deliver_by = _deliver_by(request, now)

        def send(tx: Tx) -> tuple[_Letter, QueuedMail]:
            whole = _whole_id(request.envelope_id)
            letter = _choose(self._letters(tx, officer, only=whole), request.envelope_id)
            entry = self._papers.require_entry(letter.mail.queue.to_member, now)
            road = self._choose_road(entry)
            made = self._rerouting.send_again(tx, [letter.mail], lambda _: (road, deliver_by), now)
            if not made:
                raise ConflictError("what it held was deleted here", where="envelope_id", reason="deleted")
            tx.audit.append([_audit(officer, "resend", letter.mail.id.hex(), road, now)])
            return letter, made[letter.mail.id]

        letter, mail = await self._store.write(send, label="resend")
        self._wake([mail.queue])
        dispatch = desk_pb2.Dispatch(
            to=mail.queue.to_member,
            envelope_id=mail.id.hex(),
            via=mail.queue.via,
            state=desk_pb2.MAIL_STATE_QUEUED,
        )
        return delivery_pb2.ResentMail(was=_render_letter(letter), dispatch=dispatch)

    def _letters(self, tx: Tx, officer: Officer, *, only: EnvelopeId | None = None) -> list[_Letter]:
        """Return the newest dead letters that concern the officer's desks, or the one with this id however old."""
        dead = tx.dispatches.dead(_LETTERS_LIMIT, only)
        records = tx.statements.find([mail.statement for mail in dead])
        sees_all = any(self._office.desk(desk).on_every_case for desk in self._known(officer))
        return [
            _Letter(mail, records[mail.statement])
            for mail in dead
            if mail.statement in records and (sees_all or records[mail.statement].desk in officer.desks)
        ]

    def _known(self, officer: Officer) -> list[DeskId]:
        ours = {one.desk for one in self._office.desks}
        return [desk for desk in officer.desks if desk in ours]

    # ── blocks ───────────────────────────────────────────────────────────────────────

    async def block(
        self, officer: Officer, request: delivery_pb2.BlockMemberRequest
    ) -> delivery_pb2.MemberBlock:
        """Block a member; or propose it, or approve what another officer proposed, where two are asked for."""
        self._require_operator(officer)
        member, now = self._member(request.member), self._clock()

        def keep(tx: Tx) -> Block:
            blocks = read_blocks(tx)
            block = self._decided(blocks.get(member), member, request.reason, officer, now)
            blocks[member] = block
            write_blocks(tx, blocks.values())
            action = "block" if block.state is BlockState.BLOCKED else "block-propose"
            tx.audit.append([_audit(officer, action, member, "ok", now)])
            return block

        block = await self._store.write(keep, label="block")
        await self._admittance.load()
        return _render_block(block)

    def _decided(
        self, known: Block | None, member: MemberId, reason: str, officer: Officer, now: int
    ) -> Block:
        if known is not None and known.state is BlockState.BLOCKED:
            raise ConflictError("the member is blocked already", where="member", reason="blocked")
        if known is not None:
            if known.proposed_by == officer.label:
                raise PermissionError_(
                    "nobody approves what he proposed",
                    where="member",
                    reason="own-proposal",
                    remedy="Another officer of a point of contact blocks it too.",
                )
            return replace(known, state=BlockState.BLOCKED, approved_by=officer.label)
        if not reason:
            raise InvalidInputError("a reason is needed", where="reason", reason="no-reason")
        state = BlockState.PROPOSED if self._second_officer else BlockState.BLOCKED
        return Block(member, state, reason, officer.label, now)

    async def unblock(
        self, officer: Officer, request: delivery_pb2.UnblockMemberRequest
    ) -> delivery_pb2.MemberBlock:
        """Take a block or a proposal away; what waited goes at once."""
        self._require_operator(officer)
        now = self._clock()

        def keep(tx: Tx) -> Block:
            blocks = read_blocks(tx)
            block = blocks.pop(MemberId(request.member), None)
            if block is None:
                raise NotFoundError("the member is not blocked", where="member", reason="not-blocked")
            write_blocks(tx, blocks.values())
            tx.audit.append([_audit(officer, "unblock", block.member, "ok", now)])
            return replace(block, state=BlockState.LIFTED)

        block = await self._store.write(keep, label="block")
        await self._admittance.load()
        return _render_block(block)

    def _member(self, named: str) -> MemberId:
        member = self._papers.trust.member(MemberId(named)).id
        if member == self._office.member:
            raise InvalidInputError("that is this member itself", where="member", reason="ourselves")
        return member

    # ── maintenance ──────────────────────────────────────────────────────────────────

    async def maintain(
        self, officer: Officer, request: delivery_pb2.SetMaintenanceRequest
    ) -> delivery_pb2.Maintenance:
        """Take no mail and send none, or do so again. Idempotent."""
        self._require_operator(officer)
        now = self._clock()
        if request.on and request.until and not now < request.until <= now + LONGEST_MAINTENANCE_S:
            raise InvalidInputError("within thirty days from now", where="until", reason="until")
        made = Maintenance(now, request.until, officer.label) if request.on else Maintenance()

        def keep(tx: Tx) -> None:
            write_maintenance(tx, made)
            word = "maintenance-on" if request.on else "maintenance-off"
            tx.audit.append([_audit(officer, word, self._office.member, "ok", now)])

        await self._store.write(keep, label="maintenance")
        await self._admittance.load()
        return _render_maintenance(made, on=request.on)

    def _require_operator(self, officer: Officer) -> None:
        require_operator(self._office, officer)


def require_operator(office: Office, officer: Officer) -> None:
    """Raise `PermissionError_` unless the officer is one of a point of contact."""
    if not any(one.desk in officer.desks and one.reader.point_of_contact for one in office.desks):
        raise PermissionError_(
            "it is for officers of the point of contact", where="officer", reason="other-desk"
        )


def _whole_id(named: str) -> EnvelopeId | None:
    """Return the id of an envelope that is named by all of it; None, where it is named by its beginning."""
    return EnvelopeId(bytes.fromhex(named)) if len(named) == _WHOLE_ID_DIGITS else None


def _choose(letters: Iterable[_Letter], beginning: str) -> _Letter:
    found = [one for one in letters if one.mail.id.hex().startswith(beginning)]
    if not found:
        raise NotFoundError(
            "no such dead letter is at your desks",
            where="envelope_id",
            reason="unknown-letter",
            remedy="Look at the list: tracepost post dead.",
        )
    if len(found) > 1:
        raise InvalidInputError("several letters begin like this", where="envelope_id", reason="ambiguous")
    return found[0]


def _deliver_by(request: delivery_pb2.ResendMailRequest, now: int) -> int:
    if not request.HasField("deliver_by"):
        return now + DELIVER_WITHIN_S
    if not now < request.deliver_by <= now + DELIVERY_HORIZON_S:
        raise InvalidInputError("mail is delivered within 180 days", where="deliver_by", reason="deliver-by")
    return request.deliver_by


def _audit(officer: Officer, action: str, subject: str, outcome: str, now: int) -> AuditEvent:
    return AuditEvent(now, officer.label, action, subject, outcome)


def _queue_line(depth: QueueDepth) -> delivery_pb2.QueueLine:
    return delivery_pb2.QueueLine(
        to=depth.queue.to_member,
        via=depth.queue.via,
        lane=f"LANE_{depth.queue.lane.name}",
        queued=depth.queued,
        with_relay=depth.with_relay,
        in_pouch=depth.in_pouch,
    )


def _render_letter(letter: _Letter) -> delivery_pb2.DeadLetter:
    mail, record = letter.mail, letter.record
    return delivery_pb2.DeadLetter(
        envelope_id=mail.id.hex(),
        statement=encode_b64(mail.statement),
        kind=record.kind,
        thread=record.thread,
        desk=record.desk,
        to=mail.queue.to_member,
        via=mail.queue.via,
        state=f"MAIL_STATE_{mail.state}",
        reason=mail.reason,
        queued_at=instant(mail.queued_at),
        ended_at=instant(mail.changed_at),
    )


def _render_block(block: Block) -> delivery_pb2.MemberBlock:
    return delivery_pb2.MemberBlock(
        member=block.member,
        state=f"BLOCK_STATE_{block.state}",
        reason=block.reason,
        proposed_by=block.proposed_by,
        proposed_at=instant(block.proposed_at),
        approved_by=block.approved_by or None,
    )


def _render_maintenance(made: Maintenance, *, on: bool) -> delivery_pb2.Maintenance:
    if not on:
        return delivery_pb2.Maintenance(on=False)
    until = instant(made.until) if made.until else None
    return delivery_pb2.Maintenance(on=True, since=instant(made.since), until=until, by=made.by)
