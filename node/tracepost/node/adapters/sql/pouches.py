"""Which pouches went and came, what lies in them, and what is owed."""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from tracepost.node.adapters.sql.tables import POUCHED, POUCHES, SENT
from tracepost.node.records.mail import MailState
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.serving.storage.pouch_book import PouchBook

_UNDELIVERED = (MailState.QUEUED, MailState.WITH_RELAY)
_WAITING = (
    select(SENT.c.id)
    .where(
        or_(
            and_(SENT.c.to_member == bindparam("peer"), SENT.c.state.in_(_UNDELIVERED)),
            and_(SENT.c.via == bindparam("peer"), SENT.c.state == MailState.QUEUED),
        )
    )
    .where(SENT.c.deliver_by > bindparam("now"))
    .order_by(SENT.c.lane.desc(), SENT.c.to_member, SENT.c.via, SENT.c.epoch, SENT.c.seq)
)
_NEW = ~exists().where(POUCHED.c.envelope_id == SENT.c.id, POUCHED.c.member == bindparam("peer"))
_ALL = POUCHES.all_with(select(SENT.c.id).where(SENT.c.state.in_(_UNDELIVERED)))


class SqlPouches(PouchBook):
    """`ports.Pouches` in SQL."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, POUCHES, _ALL)

    def waiting(self, peer: MemberId, now: int, *, only_new: bool) -> list[EnvelopeId]:
        """See `ports.Pouches`."""
        query = _WAITING.where(_NEW) if only_new else _WAITING
        return list(self._connection.execute(query, {"peer": peer, "now": now}).scalars())
