"""Pouches in a relay's store: what waits for one, and what became of the mail in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, exists, select

from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.pouch import ENVELOPES_LIMIT
from tracepost.relay.mailboxes import State
from tracepost.relay.tables import MAIL, POUCHES
from tracepost.serving.pouch_records import Way
from tracepost.serving.storage.pouch_book import PouchBook
from tracepost.serving.storage.rows import chunks
from tracepost.wire.v1.pouch_pb2 import PouchManifest

_NEW: Final = ~exists().where(POUCHES.pouched.c.envelope_id == MAIL.c.envelope_id)
_ALL: Final = POUCHES.all_with(select(MAIL.c.envelope_id).where(MAIL.c.state == State.WAITING))


@dataclass(frozen=True, slots=True)
class NumberedMail:
    """Mail as it is known by its row: where it stands, and the log entry that promised custody."""

    envelope_id: EnvelopeId
    state: State
    log_number: int


def open_book(connection: Connection) -> PouchBook:
    """Return the book of this relay's pouches."""
    return PouchBook(connection, POUCHES, _ALL)


def offers_anew(connection: Connection, said: PouchManifest) -> bool:
    """Say whether a file is of the newest pouch of its maker that came, and did not come before.

    Who makes a pouch of old mail now has lost the receipts for it; an old pouch says nothing of them.
    """
    maker, book = MemberId(said.from_member), open_book(connection)
    newest = max((one.made_at for one in book.all(maker) if one.way is Way.CAME), default=0)
    if said.made_at != newest:
        return said.made_at > newest
    return not book.has_part(maker, said.number, said.part)


def find_waiting_mail(
    connection: Connection, member: MemberId, now: int, *, only_new: bool
) -> list[tuple[EnvelopeId, int]]:
    """Return the mail that waits for `member`, urgent mail first, each lane in order, with the length of each.

    `only_new` leaves out what lies in an earlier pouch.
    """
    query = select(MAIL.c.envelope_id, MAIL.c.size).where(
        MAIL.c.to_member == member, MAIL.c.state == State.WAITING, MAIL.c.deliver_by > now
    )
    query = query.where(_NEW) if only_new else query
    rows = connection.execute(query.order_by(MAIL.c.lane.desc(), MAIL.c.arrival).limit(ENVELOPES_LIMIT))
    return [(EnvelopeId(row.envelope_id), row.size) for row in rows]


def find_mail(connection: Connection, ids: Sequence[bytes]) -> Mapping[bytes, NumberedMail]:
    """Return what is known of these envelopes, by id."""
    found: dict[bytes, NumberedMail] = {}
    for some in chunks(ids):
        query = select(MAIL.c.envelope_id, MAIL.c.state, MAIL.c.log_number)
        for row in connection.execute(query.where(MAIL.c.envelope_id.in_(some))):
            id_ = EnvelopeId(row.envelope_id)
            found[id_] = NumberedMail(id_, State(row.state), row.log_number)
    return found
