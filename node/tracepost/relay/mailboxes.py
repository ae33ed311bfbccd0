"""What a relay keeps: mail until it is delivered or expires, receipts until their senders have them.

Every function that takes a connection is a job for the one writer of the store: what it
does is done together and is on the disk before anybody is told (`serving.storage.writer`).

    waiting ──receipt of the addressee──► delivered ─┐
       └──────deliver_by has passed─────► expired ───┴─► (ninety days after deliver_by) forgotten

A delivered or expired envelope leaves its row as a tombstone, so that the same id gets the
same custody receipt again and is never kept twice. A receipt that comes after the expiry
still counts: the addressee has the mail.

A sender that offers delivered mail again has lost the receipt, though it said that it had stored it: an
older state of its store was put back. The mail goes to the addressee once more, who gives the same receipt.
A pouch that is older than another of its maker that came, or came itself, offers nothing again.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, func, or_, select, update

from tracepost.protocol.envelope import CheckedEnvelope, Lane
from tracepost.protocol.evidence import LogLine, custody_on, prepare_line
from tracepost.protocol.evidence.entry import Random
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.relay.attachments import end_attachments, name_attachments
from tracepost.relay.reception import ProvedReceipt
from tracepost.relay.tables import ATTACHMENTS, EXPIRIES, MAIL, PARTS, POUCHES, RECEIPTS
from tracepost.relay.usage import Quota, Side, Usage
from tracepost.serving.storage.evidence_store import LogStore
from tracepost.serving.storage.rows import chunks, insert_new, insert_rows
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Expiry, Receipt

TOMBSTONE_LIFE_S: Final = 90 * 86400
_EXPIRIES_AT_ONCE: Final = 500
_DUES_AT_ONCE: Final = 10_000


class State(enum.IntEnum):
    """Where an envelope is, as far as the relay knows."""

    WAITING = 0
    DELIVERED = 1
    EXPIRED = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """The envelope is in custody; `line` is the log entry number `number` that says so.

    `arrival` is that of mail which waits again, 0 of all other: streams may be beyond it.
    """

    envelope_id: EnvelopeId
    to_member: MemberId
    number: int
    line: LogLine
    is_new: bool
    lane: Lane = Lane.ROUTINE
    arrival: int = 0


@dataclass(frozen=True, slots=True)
class Full:
    """There is no room now: a status, never a receipt."""

    envelope_id: EnvelopeId


@dataclass(frozen=True, slots=True)
class Late:
    """The envelope came after its `deliver_by`; nothing of it is kept."""

    envelope_id: EnvelopeId


Custodies = Kept | Full | Late


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """One envelope on its way to its addressee."""

    arrival: int
    lane: Lane
    envelope_id: EnvelopeId
    envelope: Envelope = field(repr=False)


@dataclass(frozen=True, slots=True)
class Expired:
    """Mail that came to its end undelivered."""

    sender: MemberId
    notice: Expiry


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of receipts: which are stored, of which no mail is known, which are for senders to hear."""

    stored: tuple[EnvelopeId, ...]
    unknown: tuple[EnvelopeId, ...]
    fresh: tuple[ProvedReceipt, ...]


@dataclass(frozen=True, slots=True)
class Dues:
    """What a sender has not stored yet."""

    receipts: tuple[Receipt, ...]
    expiries: tuple[Expiry, ...]


class Mailboxes:
    """The mail of a relay."""

    def __init__(self, log: LogStore, *, per_sender: Quota, per_mailbox: Quota, random: Random) -> None:
        self._log = log
        self._per_sender = per_sender
        self._per_mailbox = per_mailbox
        self._random = random

    def keep(
        self, connection: Connection, arrivals: Sequence[CheckedEnvelope], now: int, *, revives: bool = True
    ) -> list[Custodies]:
        """Take envelopes into custody, in their order; return what became of each.

        An id that is known already gets its old log entry again, whatever became of the mail. `revives` says whether
        its sender offers it again now: an old pouch does not say that a receipt was lost.
        """
        known = _rows_of(connection, [envelope.id for envelope in arrivals])
        again = [one for one in arrivals if one.id in known] if revives else []
        revived = self._revive(connection, again, known)
        usage = Usage(connection, _members_of(arrivals))
        new: dict[EnvelopeId, CheckedEnvelope] = {}
        refused: dict[EnvelopeId, Custodies] = {}
        for envelope in arrivals:
            if envelope.id in known or envelope.id in new:
                continue
            if envelope.is_late(now):
                refused[envelope.id] = Late(envelope.id)
            elif not self._admit(usage, envelope, _size_of(envelope)):
                refused[envelope.id] = Full(envelope.id)
            else:
                new[envelope.id] = envelope
        kept = self._insert(connection, list(new.values()), now)
        usage.save(connection)
        kept.update(self._again(connection, known, revived))
        return [refused.get(envelope.id) or kept[envelope.id] for envelope in arrivals]

    def _admit(self, usage: Usage, envelope: CheckedEnvelope, size: int) -> bool:
        header = envelope.header
        if not usage.has_room(header.from_member, Side.SENDER, size, self._per_sender):
            return False
        if not usage.has_room(header.to_member, Side.MAILBOX, size, self._per_mailbox):
            return False
        usage.add(header.from_member, Side.SENDER, 1, size)
        usage.add(header.to_member, Side.MAILBOX, 1, size)
        return True

    def _insert(
        self, connection: Connection, envelopes: Sequence[CheckedEnvelope], now: int
    ) -> dict[EnvelopeId, Custodies]:
        entries = [custody_on(envelope.header.address, envelope.id, now) for envelope in envelopes]
        lines = [prepare_line(entry, self._random) for entry in entries]
        numbers = self._log.append(connection, lines)
        rows = [_mail_row(envelope, number) for envelope, number in zip(envelopes, numbers, strict=True)]
        insert_rows(connection, MAIL, rows)
        insert_rows(connection, PARTS, [_parts_row(envelope) for envelope in envelopes])
        name_attachments(connection, envelopes)
        return {
            envelope.id: Kept(envelope.id, envelope.header.to_member, number, line, is_new=True)
            for envelope, number, line in zip(envelopes, numbers, lines, strict=True)
        }

    def _revive(
        self,
        connection: Connection,
        again: Iterable[CheckedEnvelope],
        known: Mapping[EnvelopeId, Row[Any]],
    ) -> Collection[EnvelopeId]:
        """Let delivered mail wait again whose receipt nobody has here or at its sender; return which.

        It counts as it counted before: its proof may be another by now, and longer, and its end takes off what is
        in its row.
        """
        ended = {e.id: e for e in again if known[e.id].state == State.DELIVERED}
        due = _receipts_due(connection, list(ended))
        usage = Usage(connection, _members_of(ended.values()))
        revived = {i: e for i, e in ended.items() if i not in due and self._admit(usage, e, known[i].size)}
        usage.save(connection)
        for some in chunks(list(revived)):
            waiting = update(MAIL).where(MAIL.c.envelope_id.in_(some)).values(state=int(State.WAITING))
            connection.execute(waiting)
        insert_rows(connection, PARTS, [_parts_row(envelope) for envelope in revived.values()])
        return revived.keys()

    def missing(
        self, connection: Connection, sender: MemberId, ids: Sequence[EnvelopeId]
    ) -> list[EnvelopeId]:
        """Return which of these envelopes of `sender` this relay can bring to no end.

        It does not know them, or knows that they were delivered and has no receipt to show for it any more.
        """
        rows = {id_: row for id_, row in _rows_of(connection, ids).items() if row.from_member == sender}
        ended = [id_ for id_, row in rows.items() if row.state == State.DELIVERED]
        unproved = set(ended) - _receipts_due(connection, ended)
        return [id_ for id_ in ids if id_ not in rows or id_ in unproved]

    def _again(
        self,
        connection: Connection,
        known: Mapping[EnvelopeId, Row[Any]],
        revived: Collection[EnvelopeId],
    ) -> dict[EnvelopeId, Custodies]:
        lines = self._log.read_lines(connection, [row.log_number for row in known.values()])
        return {
            envelope_id: Kept(
                envelope_id,
                MemberId(row.to_member),
                row.log_number,
                lines[row.log_number],
                is_new=False,
                lane=Lane(row.lane),
                arrival=row.arrival if envelope_id in revived else 0,
            )
            for envelope_id, row in known.items()
        }

    def take_receipts(self, connection: Connection, receipts: Sequence[ProvedReceipt]) -> Taken:
        """Clear the mail that these receipts of its addressee are about, and keep them for the senders."""
        rows = _rows_of(connection, [receipt.envelope_id for receipt in receipts])
        matched = {r.envelope_id: r for r in receipts if _is_about(r, rows.get(r.envelope_id))}
        fresh = [r for r in matched.values() if rows[r.envelope_id].state != State.DELIVERED]
        _end(connection, [rows[r.envelope_id] for r in fresh], State.DELIVERED)
        end_attachments(connection, [r.envelope_id for r in fresh if r.entry.verdict != "accepted"])
        for some in chunks([r.envelope_id for r in fresh]):
            connection.execute(delete(EXPIRIES).where(EXPIRIES.c.envelope_id.in_(some)))
        insert_new(
            connection, RECEIPTS, [(r.envelope_id, r.sender, r.addressee, r.receipt.proof) for r in fresh]
        )
        unknown = tuple(r.envelope_id for r in receipts if r.envelope_id not in matched)
        return Taken(tuple(matched), unknown, tuple(fresh))

    def forget_dues(
        self,
        connection: Connection,
        sender: MemberId,
        receipts: Sequence[EnvelopeId],
        expiries: Sequence[EnvelopeId],
    ) -> None:
        """Drop receipts and notices that `sender` has stored."""
        for table, stored in ((RECEIPTS, receipts), (EXPIRIES, expiries)):
            for some in chunks(stored):
                connection.execute(
                    delete(table).where(table.c.sender == sender, table.c.envelope_id.in_(some))
                )

    def expire(self, connection: Connection, now: int) -> list[Expired]:
        """End mail whose `deliver_by` has passed; some hundreds at a time: call until it returns none."""
        query = select(MAIL).where(MAIL.c.state == State.WAITING, MAIL.c.deliver_by < now)
        rows = connection.execute(query.order_by(MAIL.c.deliver_by).limit(_EXPIRIES_AT_ONCE)).all()
        _end(connection, rows, State.EXPIRED)
        insert_new(connection, EXPIRIES, [(row.envelope_id, row.from_member, now) for row in rows])
        return [
            Expired(MemberId(row.from_member), Expiry(envelope_id=row.envelope_id, expired_at=now))
            for row in rows
        ]

    def prune(self, connection: Connection, now: int) -> int:
        """Forget tombstones, receipts and notices ninety days after `deliver_by`; return how many."""
        query = select(MAIL.c.envelope_id).where(
            MAIL.c.state != State.WAITING, MAIL.c.deliver_by < now - TOMBSTONE_LIFE_S
        )
        ids = connection.execute(query.limit(_EXPIRIES_AT_ONCE)).scalars().all()
        for table in (MAIL, RECEIPTS, EXPIRIES, ATTACHMENTS, POUCHES.pouched):
            for some in chunks(ids):
                connection.execute(delete(table).where(table.c.envelope_id.in_(some)))
        return len(ids)


def read_mail(
    connection: Connection, member: MemberId, after: Mapping[Lane, int], *, envelopes: int, size_bytes: int
) -> list[WaitingMail]:
    """Return the next mail of `member` behind these arrivals, urgent mail first, each lane in order.

    At most `envelopes` and, beyond the first, `size_bytes` together.
    """
    behind = or_(*(and_(MAIL.c.lane == lane, MAIL.c.arrival > arrival) for lane, arrival in after.items()))
    query = select(MAIL.c.arrival, MAIL.c.lane, MAIL.c.envelope_id, MAIL.c.size).where(
        MAIL.c.to_member == member, MAIL.c.state == State.WAITING, behind
    )
    rows = connection.execute(query.order_by(MAIL.c.lane.desc(), MAIL.c.arrival).limit(envelopes)).all()
    chosen = _within(rows, size_bytes)
    parts = _parts_of(connection, [row.envelope_id for row in chosen])
    return [
        WaitingMail(row.arrival, Lane(row.lane), EnvelopeId(row.envelope_id), parts[row.envelope_id])
        for row in chosen
    ]


def read_envelopes(connection: Connection, ids: Sequence[bytes]) -> list[Envelope]:
    """Return those of these envelopes that wait, in this order."""
    parts = _parts_of(connection, ids)
    return [parts[id_] for id_ in ids if id_ in parts]


def read_dues(connection: Connection, sender: MemberId) -> Dues:
    """Return receipts and notices that `sender` has not stored yet."""
    receipts = connection.execute(select(RECEIPTS).where(RECEIPTS.c.sender == sender).limit(_DUES_AT_ONCE))
    expiries = connection.execute(select(EXPIRIES).where(EXPIRIES.c.sender == sender).limit(_DUES_AT_ONCE))
    return Dues(
        tuple(make_receipt(row.envelope_id, row.addressee, sender, row.proof) for row in receipts),
        tuple(Expiry(envelope_id=row.envelope_id, expired_at=row.expired_at) for row in expiries),
    )


def next_expiry(connection: Connection) -> int | None:
    """Return the first `deliver_by` of waiting mail, unix seconds."""
    query = select(func.min(MAIL.c.deliver_by)).where(MAIL.c.state == State.WAITING)
    return connection.execute(query).scalar()


def make_receipt(envelope_id: bytes, from_member: str, to_member: str, proof: bytes) -> Receipt:
    """Return a receipt out of the log of `from_member`, for `to_member` who sent the envelope."""
    return Receipt(envelope_id=envelope_id, from_member=from_member, to_member=to_member, proof=proof)


def _members_of(envelopes: Iterable[CheckedEnvelope]) -> Iterable[MemberId]:
    for envelope in envelopes:
        yield envelope.header.from_member
        yield envelope.header.to_member


def _size_of(envelope: CheckedEnvelope) -> int:
    return len(envelope.header_bytes) + len(envelope.slots) + len(envelope.body) + len(envelope.proof)


def _parts_row(envelope: CheckedEnvelope) -> tuple[bytes, ...]:
    return envelope.id, envelope.header_bytes, envelope.slots, envelope.body, envelope.proof


def _receipts_due(connection: Connection, ids: Sequence[EnvelopeId]) -> set[EnvelopeId]:
    """Return of which of these envelopes a delivery receipt waits for its sender."""
    found: set[EnvelopeId] = set()
    for some in chunks(ids):
        query = select(RECEIPTS.c.envelope_id).where(RECEIPTS.c.envelope_id.in_(some))
        found.update(connection.execute(query).scalars())
    return found


def _mail_row(envelope: CheckedEnvelope, number: int) -> tuple[Any, ...]:
    address = envelope.header.address
    return (
        envelope.id,
        address.from_member,
        address.to_member,
        int(address.lane),
        address.road.epoch,
        address.road.seq,
        address.deliver_by,
        _size_of(envelope),
        number,
        int(State.WAITING),
    )


def _rows_of(connection: Connection, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, Row[Any]]:
    found: dict[EnvelopeId, Row[Any]] = {}
    for some in chunks(ids):
        rows = connection.execute(select(MAIL).where(MAIL.c.envelope_id.in_(some)))
        found.update((EnvelopeId(row.envelope_id), row) for row in rows)
    return found


def _parts_of(connection: Connection, ids: Sequence[bytes]) -> dict[bytes, Envelope]:
    found: dict[bytes, Envelope] = {}
    for some in chunks(ids):
        for row in connection.execute(select(PARTS).where(PARTS.c.envelope_id.in_(some))):
            found[row.envelope_id] = Envelope(
                header=row.header, slots=row.slots, body=row.body, proof=row.proof
            )
    return found


def _within(rows: Sequence[Any], size_bytes: int) -> list[Any]:
    chosen: list[Any] = []
    for row in rows:
        size_bytes -= row.size
        if chosen and size_bytes < 0:
            break
        chosen.append(row)
    return chosen


def _is_about(receipt: ProvedReceipt, row: Row[Any] | None) -> bool:
    """Say whether the receipt is the addressee's word on just this mail."""
    return row is not None and (row.to_member, row.from_member, row.lane, row.epoch, row.seq) == (
        receipt.addressee,
        receipt.sender,
        receipt.entry.lane,
        receipt.entry.epoch,
        receipt.entry.seq,
    )


def _end(connection: Connection, rows: Sequence[Row[Any]], state: State) -> None:
    """Let mail go: its sealed bytes are deleted, its row stays with the new state."""
    waiting = [row for row in rows if row.state == State.WAITING]
    usage = Usage(connection, [MemberId(m) for row in waiting for m in (row.from_member, row.to_member)])
    for row in waiting:
        usage.add(row.from_member, Side.SENDER, -1, -row.size)
        usage.add(row.to_member, Side.MAILBOX, -1, -row.size)
    usage.save(connection)
    for some in chunks([row.envelope_id for row in rows]):
        connection.execute(update(MAIL).where(MAIL.c.envelope_id.in_(some)).values(state=int(state)))
        connection.execute(delete(PARTS).where(PARTS.c.envelope_id.in_(some)))
