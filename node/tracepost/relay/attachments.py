"""Attachments at a relay: kept for the addressee of the envelope that names them, and for nobody else.

    the envelope is taken into custody → its sender may bring what it names → the addressee may fetch it
    → the addressee says that it is stored, or `deliver_by` passes → it is forgotten
    → a sender that does not know that it was stored brings it again → it waits again, until `deliver_by`
    → an addressee that had it, and has lost it, asks for it again → it waits to be brought

An attachment that is brought counts in the quotas of the sender and of the addressee's mailbox, whole from
the first byte on. Files of one sender are apart from those of another: naming an address that somebody
else has brought gives nobody anything. The relay compares the bytes with the address, and that is all that
it can do with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from tracepost.protocol.envelope import CheckedEnvelope
from tracepost.protocol.errors import InvalidInputError, NotFoundError, QuotaError
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.relay.tables import ATTACHMENTS
from tracepost.relay.usage import Quota, Side, Usage
from tracepost.serving.storage.blobs import BlobName
from tracepost.serving.storage.rows import chunks, insert_new

_WAITS: Final = 0
_ENDED: Final = 1
_FETCHED: Final = 2
_AT_ONCE: Final = 500


def name_attachments(connection: Connection, envelopes: Iterable[CheckedEnvelope]) -> None:
    """Write down what envelopes, taken into custody now, name."""
    rows = [
        (
            one.id,
            address,
            one.header.from_member,
            one.header.to_member,
            one.header.address.deliver_by,
            0,
            _WAITS,
        )
        for one in envelopes
        for address in one.header.attachments
    ]
    insert_new(connection, ATTACHMENTS, rows)


def announce(
    connection: Connection,
    sender: MemberId,
    envelope_id: EnvelopeId,
    address: bytes,
    *,
    size: int,
    per_sender: Quota,
    per_mailbox: Quota,
) -> BlobName:
    """Count an attachment that its sender begins to bring, unless it is counted; return the file that it is.

    One that the addressee has stored is taken again: its sender may have ended before it could note that it was
    brought, or knows that the addressee has lost it.

    Raises:
        NotFoundError: no envelope of the sender that waits, or was delivered, names it.
        InvalidInputError: it was announced with another size before.
        QuotaError: there is no room now.
    """
    row = _named(connection, envelope_id, address, _WAITS, _FETCHED)
    if row is None or row.from_member != sender:
        raise _unknown()
    if row.size not in (0, size):
        raise InvalidInputError("the attachment was announced with another length", where="total_bytes")
    if not row.size or row.ended == _FETCHED:
        _count(connection, row, size, per_sender, per_mailbox)
    return _name_of(row)


def find_for(
    connection: Connection, addressee: MemberId, envelope_id: EnvelopeId, address: bytes
) -> tuple[BlobName, int]:
    """Return the file of an attachment that `addressee` may fetch, and its size; raise `NotFoundError`."""
    row = _named(connection, envelope_id, address, _WAITS)
    if row is None or row.to_member != addressee:
        raise _unknown()
    return _name_of(row), row.size


def confirm(
    connection: Connection, addressee: MemberId, envelope_id: EnvelopeId, address: bytes
) -> BlobName | None:
    """Let an attachment go that its addressee has stored; return the file if nobody else may fetch it."""
    row = _named(connection, envelope_id, address, _WAITS)
    if row is None or row.to_member != addressee:
        return None
    _end(connection, [row], _FETCHED)
    others = select(ATTACHMENTS.c.envelope_id).where(
        ATTACHMENTS.c.address == address,
        ATTACHMENTS.c.from_member == row.from_member,
        ATTACHMENTS.c.ended == _WAITS,
    )
    return None if connection.execute(others.limit(1)).first() else _name_of(row)


def is_fetched(connection: Connection, sender: MemberId, envelope_id: EnvelopeId, address: bytes) -> bool:
    """Say whether the addressee has said that it stored an attachment that `sender` brought."""
    query = select(ATTACHMENTS.c.ended).where(
        ATTACHMENTS.c.envelope_id == envelope_id,
        ATTACHMENTS.c.address == address,
        ATTACHMENTS.c.from_member == sender,
        ATTACHMENTS.c.ended == _FETCHED,
    )
    return connection.execute(query).first() is not None


def ask_again(connection: Connection, addressee: MemberId, envelope_id: EnvelopeId, address: bytes) -> None:
    """Let an attachment be brought again that `addressee` had stored; raise `NotFoundError`."""
    change = update(ATTACHMENTS).where(
        ATTACHMENTS.c.envelope_id == envelope_id,
        ATTACHMENTS.c.address == address,
        ATTACHMENTS.c.to_member == addressee,
        ATTACHMENTS.c.ended == _FETCHED,
    )
    if not connection.execute(change.values(ended=_WAITS, size=0)).rowcount:
        raise _unknown()


def end_attachments(connection: Connection, ids: Sequence[EnvelopeId]) -> None:
    """Let go what these envelopes name: their addressee does not take them."""
    for some in chunks(ids):
        query = select(ATTACHMENTS).where(ATTACHMENTS.c.envelope_id.in_(some), ATTACHMENTS.c.ended == _WAITS)
        _end(connection, connection.execute(query).all())


def expire_attachments(connection: Connection, now: int) -> int:
    """Let go what was not fetched until `deliver_by`, some hundreds at a time; return how many."""
    query = select(ATTACHMENTS).where(ATTACHMENTS.c.ended == _WAITS, ATTACHMENTS.c.deliver_by < now)
    rows = connection.execute(query.limit(_AT_ONCE)).all()
    _end(connection, rows)
    return len(rows)


def find_waiting(connection: Connection, addressee: MemberId) -> list[tuple[EnvelopeId, BlobName]]:
    """Return what was announced for `addressee` and waits: the envelope that names it, and its file."""
    query = select(ATTACHMENTS).where(
        ATTACHMENTS.c.to_member == addressee, ATTACHMENTS.c.ended == _WAITS, ATTACHMENTS.c.size > 0
    )
    order = ATTACHMENTS.c.deliver_by, ATTACHMENTS.c.envelope_id, ATTACHMENTS.c.address
    rows = connection.execute(query.order_by(*order)).all()
    return [(EnvelopeId(row.envelope_id), _name_of(row)) for row in rows]


def wanted_files(connection: Connection) -> frozenset[BlobName]:
    """Return the files that somebody may still fetch."""
    rows = connection.execute(select(ATTACHMENTS).where(ATTACHMENTS.c.ended == _WAITS))
    return frozenset(map(_name_of, rows))


def _named(connection: Connection, envelope_id: EnvelopeId, address: bytes, *ended: int) -> Row[Any] | None:
    query = select(ATTACHMENTS).where(
        ATTACHMENTS.c.envelope_id == envelope_id,
        ATTACHMENTS.c.address == address,
        ATTACHMENTS.c.ended.in_(ended),
    )
    return connection.execute(query).first()


def _count(connection: Connection, row: Row[Any], size: int, per_sender: Quota, per_mailbox: Quota) -> None:
    usage = Usage(connection, [MemberId(row.from_member), MemberId(row.to_member)])
    sides = ((row.from_member, Side.SENDER, per_sender), (row.to_member, Side.MAILBOX, per_mailbox))
    for member, side, quota in sides:
        if not usage.has_room(member, side, size, quota):
            raise QuotaError("the quota of waiting mail is used up", reason="mail-quota")
        usage.add(member, side, 0, size)
    usage.save(connection)
    connection.execute(update(ATTACHMENTS).where(_is(row)).values(size=size, ended=_WAITS))


def _end(connection: Connection, rows: Sequence[Row[Any]], how: int = _ENDED) -> None:
    usage = Usage(connection, [MemberId(m) for row in rows for m in (row.from_member, row.to_member)])
    for row in rows:
        usage.add(row.from_member, Side.SENDER, 0, -row.size)
        usage.add(row.to_member, Side.MAILBOX, 0, -row.size)
        connection.execute(update(ATTACHMENTS).where(_is(row)).values(ended=how))
    usage.save(connection)


def _is(row: Row[Any]) -> Any:
    return (ATTACHMENTS.c.envelope_id == row.envelope_id) & (ATTACHMENTS.c.address == row.address)


def _name_of(row: Row[Any]) -> BlobName:
    return BlobName(row.address, row.from_member)


def _unknown() -> NotFoundError:
    # The same for a stranger as for what was never here.
    return NotFoundError(
        "no envelope of yours that waits here names this attachment", where="address", reason="not-named"
    )
