"""Refilling a node that was put back from a backup: what others know of it, and what it does.

It names, for each road, up to which number it has the mail of a member, and up to which it knows its own. The member
gives what lies beyond, and opens nothing for it that was not opened when it came:

    papers      its own, as it announced them last: above all its revocation list, which may be newer than its own
    their mail  the sealed envelopes as they were sent, each with the receipt that it gave before the disk went; they
                come in as ever, judged as of the time of that receipt, and what is here already has no second effect
    its mail    its own envelopes as they came, with receipt and the statement's signed part: it knows again what it
                said, to whom, under which numbers; what was sealed to others' desks stays sealed

Who cannot be dialled is asked by a relay (`asides`). Members that are asked and did not answer yet are owed
(`OWED`), across restarts. Numbers are given in the new epoch of the log, so none is given twice whoever answers;
and no receipt of before is needed to believe mail, for its sender's log vouches for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import grpc
import structlog

from tracepost.node.handlers.case.casebook import fresh_event, refold
from tracepost.node.handlers.case.thread import clear_fields, record_of
from tracepost.node.papers import Papers
from tracepost.node.ports.mail import RoadKey
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.examination import NodeKeys
from tracepost.node.post.mailroom import Mailroom
from tracepost.node.post.settlement import Settling
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import Queue, QueuedMail, ReceiptKind
from tracepost.node.records.statements import Admission, Direction, SealedParts, StatementRecord
from tracepost.protocol import schema, sealing, statement
from tracepost.protocol.envelope import CheckedEnvelope, Lane, parse_envelope
from tracepost.protocol.errors import EnvelopeError, EvidenceError, TheirFault, TracepostError
from tracepost.protocol.evidence import (
    Received,
    Sent,
    is_on,
    prepare_line,
    sent_commitment,
    verify_proof,
)
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.sealing import Random
from tracepost.serving.own_head import Place
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Receipt, ResumedMail, ResumeRequest, RoadPosition

_log = structlog.get_logger()

OWED: Final = "resume-owed"
"""Setting: members that are still to be asked, as JSON."""

_PAGE: Final = 16  # envelopes of up to 16 MiB are in memory together
_FIRST_WAIT_S: Final = 1.0  # a node that has just started is on no stream of a relay yet
_LONGEST_WAIT_S: Final = 30.0
_HOLES: Final = 100_000
_ASKED_AT_ONCE: Final = 4

Ask = Callable[[MemberId, str, ResumeRequest], AsyncGenerator[ResumedMail, None]]
"""Asks a member at an address, or by a relay where it is empty; raises `TracepostError`."""


# ── who answers ─────────────────────────────────────────────────────────────────────


class Answering:
    """Gives others what they have lost. Used on the event loop."""

    def __init__(
        self,
        *,
        store: Store,
        papers: Papers,
        keys: Callable[[], NodeKeys],
        clock: Callable[[], int],
        carry: Callable[[], None],
    ) -> None:
        self._store = store
        self._papers = papers
        self._keys = keys
        self._clock = clock
        self._carry = carry

    async def answer(self, peer: MemberId, request: ResumeRequest) -> AsyncGenerator[ResumedMail, None]:
        """Yield the papers of the verified `peer`, then its mail and ours beyond what it names."""
        yield ResumedMail(papers=self._papers.announcement(peer))
        if request.papers_only:
            return
        self._papers.trust.require_live(self._clock())  # who asked stays owed an answer, and asks again
        held, given = _positions(request.held), _positions(request.given)
        count, after = 0, 0
        while page := await self._store.read(
            lambda tx: tx.resumption.delivered_beyond(peer, held, after, _PAGE)  # noqa: B023 - read at once
        ):
            for mail in await self._ours([id_ for _, id_ in page]):
                yield mail
            count, after = count + len(page), page[-1][0]
        after = 0
        while page := await self._store.read(
            lambda tx: tx.resumption.accepted_beyond(peer, given, after, _PAGE)  # noqa: B023 - read at once
        ):
            for mail in await self._theirs([id_ for _, id_ in page]):
                yield mail
            count, after = count + len(page), page[-1][0]
        event = AuditEvent(self._clock(), peer, "resume", peer, f"given/{count}")
        await self._store.write(lambda tx: tx.audit.append([event]), label="resume")

    async def _ours(self, ids: Sequence[EnvelopeId]) -> list[ResumedMail]:
        """Return mail that we delivered, with the receipts for it; its files go again too."""

        def read(
            tx: Tx,
        ) -> tuple[Mapping[EnvelopeId, SealedParts], list[tuple[EnvelopeId, int]], list[bytes]]:
            sent = tx.dispatches.find(ids)
            receipts = {r.envelope_id: r.proof for r in tx.receipts.of(ids) if r.kind is ReceiptKind.RECEIVED}
            numbered = [(id_, sent[id_].log_number) for id_ in ids if id_ in receipts]
            return tx.bodies.load(ids), numbered, [receipts[id_] for id_, _ in numbered]

        bodies, numbered, receipts = await self._store.read(read)
        proofs = await self._prove([number for _, number in numbered])
        now = self._clock()
        await self._store.write(lambda tx: tx.attachments.bring_again(list(ids), now), label="resume")
        self._carry()
        return [
            ResumedMail(envelope=_wire(bodies[id_], proof), receipt=receipt)
            for (id_, _), proof, receipt in zip(numbered, proofs, receipts, strict=True)
            if id_ in bodies and bodies[id_].body  # what was deleted here is not given again
        ]

    async def _theirs(self, ids: Sequence[EnvelopeId]) -> list[ResumedMail]:
        """Return mail of the asker as it came here, with our receipt and what our node had opened of it."""

        def read(tx: Tx) -> tuple[Mapping[EnvelopeId, SealedParts], dict[EnvelopeId, int]]:
            found = tx.inbox.find(ids)
            return tx.bodies.load(ids), {id_: one.log_number for id_, one in found.items()}

        bodies, numbers = await self._store.read(read)
        chosen = [id_ for id_ in ids if id_ in bodies and bodies[id_].body]
        receipts = await self._prove([numbers[id_] for id_ in chosen])
        mails = []
        for id_, receipt in zip(chosen, receipts, strict=True):
            wire = _wire(bodies[id_], bodies[id_].proof)
            spine = await asyncio.to_thread(self._open, wire)
            if spine:
                mails.append(ResumedMail(envelope=wire, receipt=receipt, spine=spine))
        return mails

    def _open(self, wire: Envelope) -> bytes:
        """Return what our node opened of an envelope when it came; nothing, if it does not open any more."""
        keys = self._keys()
        try:
            envelope = parse_envelope(wire, now=None)
            header = envelope.header
            slot = sealing.find_slot(
                envelope.slots,
                keys.desk_keys,
                header.from_member,
                header.to_member,
                header.body_sha256,
                cache=keys.epochs,
            )
            opened = sealing.open_compartments(envelope.body, slot.keys.values())
            parts = {index: sealing.unpack_compartment(plain) for index, plain in opened.items()}
            disclosures = tuple(d for _, c in sorted(parts.items()) for d in c.disclosures)
            return sealing.pack_compartment(sealing.Compartment(parts[0].jws, disclosures))
        except (TheirFault, KeyError):
            return b""

    async def _prove(self, numbers: Sequence[int]) -> list[bytes]:
        lines = await self._store.read(lambda tx: tx.log.lines(sorted(set(numbers))))
        return await asyncio.to_thread(self._store.evidence.prove, [(n, lines[n]) for n in numbers])


# ── who asks ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _OwnMail:
    """An envelope of ours that came back, proved by our old log and by its addressee's."""

    envelope: CheckedEnvelope
    sent: Sent
    statement: statement.VerifiedStatement
    receipt: Receipt


class Refilling:
    """Asks others for what was lost, until each has answered. One per process; used on the event loop."""

    def __init__(
        self,
        us: MemberId,
        *,
        store: Store,
        papers: Papers,
        mailroom: Mailroom,
        settling: Settling,
        clock: Callable[[], int],
        random: Random,
        ask: Ask,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._us = us
        self._store = store
        self._papers = papers
        self._mailroom = mailroom
        self._settling = settling
        self._clock = clock
        self._random = random
        self._ask = ask
        self._changed = changed
        self._turns = asyncio.Semaphore(_ASKED_AT_ONCE)

    async def run(self, places: Callable[[], Iterable[Place]]) -> None:
        """Ask those that are owed a question, again and again until they answered; then wait for ever."""
        wait = _FIRST_WAIT_S
        while True:
            if not await self._is_owed_after_asking(places):
                await asyncio.Event().wait()
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT_S)

    async def _is_owed_after_asking(self, places: Callable[[], Iterable[Place]]) -> bool:
        try:
            owed, addresses = await self._store.read(read_owed), dict(places())
            await asyncio.gather(*(self._attempt(one, addresses.get(one, "")) for one in sorted(owed)))
            return bool(owed and await self._store.read(read_owed))
        except Exception as error:  # noqa: BLE001 - a store that is lost for a while must not end the node
            _log.error("resume-failed", exc_info=error)
            return True

    async def _attempt(self, member: MemberId, address: str) -> None:
        try:
            self._papers.trust.require_live(self._clock())
            async with self._turns:
                count = await self.refill(member, address)
        except (TracepostError, grpc.aio.AioRpcError, TimeoutError) as error:
            code, reason = getattr(error, "code", "unreachable"), getattr(error, "reason", "")
            _log.warning("resume-failed", member=member, code=code, reason=reason)
            return
        event = AuditEvent(self._clock(), self._us, "resume", member, f"taken/{count}")

        def done(tx: Tx) -> None:
            keep_owed(tx, read_owed(tx) - {member})
            tx.audit.append([event])

        await self._store.write(done, label="resume")
        _log.info("resumed", member=member, count=count)

    async def refill(self, member: MemberId, address: str) -> int:
        """Ask one member at `address`, or by a relay; keep what it gives, return how many envelopes came.

        Raises:
            TracepostError: it does not answer; what came before that is kept, and comes again without effect.
        """
        request = await self._store.read(lambda tx: _request(tx, member))
        count = 0
        async for mail in self._ask(member, address, request):
            if mail.HasField("envelope"):
                count += 1
                if mail.HasField("spine"):
                    await self._take_back(mail, member)
                else:
                    await self._take_in(mail, member)
        self._changed()
        return count

    async def _take_in(self, mail: ResumedMail, member: MemberId) -> None:
        """Take mail of `member` as if it came now, judged as of when it came before."""
        came_at = self._receipted_at(mail)
        judgement = await self._mailroom.judge_again(mail.envelope, came_at, member)
        await self._mailroom.answer(judgement)

    def _receipted_at(self, mail: ResumedMail) -> int | None:
        """Return when our old log says that this envelope came; None, if it does not."""
        try:
            entry = verify_proof(mail.receipt, self._papers.log_verifier(self._us)).entry
            envelope = parse_envelope(mail.envelope, now=None)
        except TheirFault:
            return None
        if not isinstance(entry, Received) or entry.id != envelope.id:
            return None
        return entry.time

    async def _take_back(self, mail: ResumedMail, member: MemberId) -> None:
        """Keep what says again that we sent this envelope, and under which number."""
        try:
            own = await asyncio.to_thread(self._verify_own, mail, member)
        except (TheirFault, TracepostError) as error:
            _log.warning("resume-doubted", member=member, code=error.code, reason=error.reason)
            return
        receipts = await asyncio.to_thread(self._settling.verify, [own.receipt])
        now = self._clock()

        def keep(tx: Tx) -> None:
            self._keep_own(tx, own, now)
            self._settling.keep(tx, receipts, member, now)

        await self._store.write(keep, label="resume")

    def _verify_own(self, mail: ResumedMail, member: MemberId) -> _OwnMail:
        """Raise unless our log says that we sent it, and our certificate that we signed it."""
        envelope = parse_envelope(mail.envelope, now=None)
        header = envelope.header
        if (header.from_member, header.to_member) != (self._us, member):
            raise EnvelopeError("it is not our mail to that member", where="resume", reason="not-ours")
        sent = verify_proof(envelope.proof, self._papers.log_verifier(self._us)).entry
        if not isinstance(sent, Sent) or sent.id != envelope.id or not is_on(sent, header.address):
            raise EvidenceError("our log says something else", where="resume", reason="other-entry")
        spine = sealing.unpack_compartment(mail.spine)
        untrusted = statement.UntrustedStatement(spine.jws or "", spine.disclosures)
        named = statement.peek(untrusted)
        if sent.statement != sent_commitment(envelope.id, named.digest):
            raise EvidenceError("our log names another statement", where="resume", reason="other-statement")
        certificate, _ = self._papers.certificate(named.certificate_sha256, self._us)
        verified = statement.verify(untrusted, certificate, issuer=self._us, reader=member)
        receipt = Receipt(envelope_id=envelope.id, from_member=member, to_member=self._us, proof=mail.receipt)
        return _OwnMail(envelope, sent, verified, receipt)

    def _keep_own(self, tx: Tx, own: _OwnMail, now: int) -> None:
        """Keep envelope and statement, if they are not here; our new log says again that it was sent."""
        envelope, signed = own.envelope, own.statement
        if tx.dispatches.find([envelope.id]):
            return
        [how] = tx.statements.admit([_record(own, now)])
        if how is Admission.CONFLICT:
            return
        [number] = tx.log.append([prepare_line(own.sent, self._random)])
        address = envelope.header.address
        tx.outbox.queue(
            [
                QueuedMail(
                    id=envelope.id,
                    queue=Queue(address.to_member, address.road.via, address.lane),
                    epoch=address.road.epoch,
                    seq=address.road.seq,
                    deliver_by=address.deliver_by,
                    statement=signed.digest,
                    log_number=number,
                    queued_at=own.sent.time,
                    header=envelope.header_bytes,
                    slots=envelope.slots,
                    body=envelope.body,
                )
            ]
        )
        tx.dispatches.enter_again({envelope.id: number})
        if how is Admission.NEW:
            message = schema.assemble(signed.claims.kind, clear_fields(signed)).message
            refold(tx, {signed.claims.thread}, self._us, {signed.digest: fresh_event(signed, message)})
            self._mailroom.let_follow(tx, signed.digest, now)  # answers to it may have come back before it


# ── what is owed ────────────────────────────────────────────────────────────────────


def read_owed(tx: Tx) -> frozenset[MemberId]:
    """Return the members that are still to be asked."""
    found = tx.settings.get(OWED)
    return frozenset(MemberId(one) for one in json.loads(found)) if found else frozenset()


def keep_owed(tx: Tx, members: Iterable[MemberId]) -> None:
    """Note which members are to be asked; part of one unit of work."""
    tx.settings.put(OWED, json.dumps(sorted(members)).encode("ascii"))


def _request(tx: Tx, member: MemberId) -> ResumeRequest:
    taken = {
        (str(via), lane, epoch): last for (_, via, lane, epoch), last in tx.numbers.taken(member).items()
    }
    for (_, via, lane, epoch), first, _last in tx.numbers.holes(member, _HOLES):
        road = (str(via), lane, epoch)
        taken[road] = min(taken[road], first - 1)
    given = {(via, lane, epoch): last for (_, via, lane, epoch), last in tx.numbers.given(member).items()}
    return ResumeRequest(held=_named(taken), given=_named(given))


def _named(positions: Mapping[tuple[str, Lane, int], int]) -> list[RoadPosition]:
    return [RoadPosition(via=v, lane=int(lane), epoch=e, seq=seq) for (v, lane, e), seq in positions.items()]


def _positions(named: Iterable[RoadPosition]) -> dict[RoadKey, int]:
    return {(one.via, one.lane, one.epoch): one.seq for one in named}


def _wire(parts: SealedParts, proof: bytes) -> Envelope:
    return Envelope(header=parts.header, slots=parts.slots, body=parts.body, proof=proof)


def _record(own: _OwnMail, now: int) -> StatementRecord:
    return record_of(
        own.statement, direction=Direction.OURS, in_effect=True, envelope_id=own.envelope.id, now=now
    )
