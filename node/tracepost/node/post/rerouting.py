"""The same statement by another road, or once more: a new envelope round the slots and body that lie here.

Slots and body are bound to the parties and to each other, not to the road: only the header is made anew, with
a number of its road, and our log says "sent" of it. Nothing is opened, no desk need be unlocked. The addressee
knows a statement by its issuer and `jti`, so two envelopes of one have one effect.

What was on its way stays with what became of it: `REPLACED`, and delivered after all if its receipt comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tracepost.node.ports.store import Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import Journey, MailState, Queue, QueuedMail, SentMail, Settlement
from tracepost.node.records.statements import AttachmentRecord, SealedParts
from tracepost.protocol.envelope import Address, Header, Road, build_envelope, parse_header
from tracepost.protocol.evidence import prepare_line, sent_on
from tracepost.protocol.ids import NODE_DESK, EnvelopeId
from tracepost.protocol.sealing import Random

WhereTo = Callable[[SentMail], tuple[str, int]]
"""Returns road and `deliver_by` (unix seconds) of the new envelope of a mail."""

Moved = dict[EnvelopeId, QueuedMail]
"""What is queued in the place of which envelope."""


@dataclass(frozen=True, slots=True)
class _Headed:
    """A mail with the header of its new envelope."""

    mail: SentMail
    queue: Queue
    address: Address
    parts: SealedParts
    header: bytes
    id: EnvelopeId
    attachments: tuple[bytes, ...]


class Rerouting:
    """Its operations are jobs of a unit of work; `random` salts log entries."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def move(self, tx: Tx, mails: Sequence[SentMail], road: str, now: int) -> Moved:
        """Send undelivered mail by `road` instead."""
        moved = self.send_again(tx, mails, lambda mail: (road, mail.deliver_by), now)
        tx.dispatches.settle([Settlement(id_, MailState.REPLACED, "other-road") for id_ in moved], now)
        tx.audit.append([AuditEvent(now, NODE_DESK, "reroute", id_.hex(), road) for id_ in moved])
        return moved

    def send_again(self, tx: Tx, mails: Sequence[SentMail], where_to: WhereTo, now: int) -> Moved:
        """Queue a new envelope for each of `mails` whose sealed parts are still here."""
        headed = list(_head(tx, sorted(mails, key=_order), where_to))
        entries = [sent_on(one.address, one.id, one.mail.statement, now) for one in headed]
        numbers = tx.log.append([prepare_line(entry, self._random) for entry in entries]) if entries else []
        queued = [_queued(one, number, now) for one, number in zip(headed, numbers, strict=True)]
        tx.outbox.queue(queued)
        tx.attachments.keep([record for one in headed for record in _going_along(tx, one, now)])
        return {one.mail.id: mail for one, mail in zip(headed, queued, strict=True)}


def _head(tx: Tx, mails: Sequence[SentMail], where_to: WhereTo) -> Iterator[_Headed]:
    parts = tx.bodies.load([mail.id for mail in mails])
    for mail in mails:
        found = parts.get(mail.id)
        if found is None or not found.body:
            continue  # deleted meanwhile
        old = parse_header(found.header)
        road, deliver_by = where_to(mail)
        queue = Queue(mail.queue.to_member, road, mail.queue.lane)
        run = tx.outbox.take_numbers(queue, 1)
        address = _readdress(old, Road(road, run.epoch, run.first), deliver_by)
        header, id_ = build_envelope(address, found.slots, found.body, old.attachments)
        yield _Headed(mail, queue, address, found, header, id_, old.attachments)


def _readdress(old: Header, road: Road, deliver_by: int) -> Address:
    return replace(old.address, road=road, deliver_by=deliver_by)


def _order(mail: SentMail) -> tuple[str, str, int, int, int]:
    queue = mail.queue
    return queue.to_member, queue.via, -queue.lane, mail.epoch, mail.seq


def _queued(one: _Headed, log_number: int, now: int) -> QueuedMail:
    return QueuedMail(
        id=one.id,
        queue=one.queue,
        epoch=one.address.road.epoch,
        seq=one.address.road.seq,
        deliver_by=one.address.deliver_by,
        statement=one.mail.statement,
        log_number=log_number,
        queued_at=now,
        header=one.header,
        slots=one.parts.slots,
        body=one.parts.body,
    )


def _going_along(tx: Tx, one: _Headed, now: int) -> Iterator[AttachmentRecord]:
    """Yield what goes beside the new envelope as it went beside the old one."""
    for address in one.attachments:
        record = tx.attachments.find(one.mail.id, address)
        if record is not None:
            yield replace(
                record,
                envelope_id=one.id,
                via=one.queue.via,
                deliver_by=one.address.deliver_by,
                passage=Journey.WAITING,
                reason="",
                changed_at=now,
            )
