"""What a relay's operator may look at: how much waits for whom, and what is known of each envelope.

It is all that a relay knows: `proto/README.md` has the table, and there is nothing else to show. The store is
read beside the running relay; nothing in it is changed.

    with Ledger.open(settings.store_url) as ledger:
        ledger.boxes()
        ledger.mail(to=MemberId("xab"), limit=50)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Row, Select, exists, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import ConfigurationError, StoreError
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.trustlist import TrustList
from tracepost.relay.mailboxes import State
from tracepost.relay.noticeboard import read_newest_list
from tracepost.relay.tables import LOG, MAIL, METADATA, POUCHES
from tracepost.relay.usage import Side, read_usage
from tracepost.serving.storage.engine import Engines, open_engines


@dataclass(frozen=True, slots=True)
class Box:
    """What waits for one member: envelopes, bytes, and the unix second at which the first of them expires."""

    member: MemberId
    envelopes: int
    size_bytes: int
    next_end: int


@dataclass(frozen=True, slots=True)
class CarriedMail:
    """One envelope as its relay knows it; `log_number` is of the entry that promised custody."""

    envelope_id: EnvelopeId
    from_member: MemberId
    to_member: MemberId
    lane: Lane
    seq: int
    deliver_by: int
    size_bytes: int
    state: State
    log_number: int


class Ledger:
    """A look into the store of a relay; use it as a context."""

    def __init__(self, engines: Engines, connection: Connection) -> None:
        self._engines = engines
        self._connection = connection

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the store at `url` for reading.

        Raises:
            ConfigurationError: there is none, or the relay was not started since it was upgraded.
            StoreError: it is none of a relay.
        """
        path = url.removeprefix("sqlite:///")
        if path != url and not Path(path).is_file():
            raise ConfigurationError("there is no store of a relay", where=path, reason="no-store")
        engines = open_engines(url)
        assert engines.readers is not None  # a file or a server
        with ExitStack() as opened:
            opened.callback(engines.dispose)
            with _our_errors():
                connection = opened.enter_context(engines.readers.connect())
                _require_current(connection)
            opened.pop_all()
        return cls(engines, connection)

    def boxes(self) -> list[Box]:
        """Return for whom mail waits, by member; raise `StoreError` for a file that is no relay's store."""
        waiting = select(
            MAIL.c.to_member,
            func.count().label("envelopes"),
            func.sum(MAIL.c.size).label("size"),
            func.min(MAIL.c.deliver_by).label("next_end"),
        ).where(MAIL.c.state == State.WAITING)
        rows = self._rows(waiting.group_by(MAIL.c.to_member).order_by(MAIL.c.to_member))
        return [Box(MemberId(row.to_member), row.envelopes, row.size, row.next_end) for row in rows]

    def in_pouches(self) -> int:
        """Return how many of the envelopes that wait lie in a pouch too."""
        lies = exists().where(POUCHES.pouched.c.envelope_id == MAIL.c.envelope_id)
        waiting = select(func.count().label("envelopes")).where(MAIL.c.state == State.WAITING, lies)
        return int(self._rows(waiting)[0].envelopes)

    def log_size(self) -> int:
        """Return how many entries the relay's newest log has."""
        order = LOG.head.c.epoch.desc(), LOG.head.c.size.desc()
        rows = self._rows(select(LOG.head.c.size).order_by(*order).limit(1))
        return int(rows[0].size) if rows else 0

    def usage(self) -> Mapping[tuple[MemberId, Side], tuple[int, int]]:
        """Return envelopes and bytes that wait, by member and side."""
        with _our_errors():
            return read_usage(self._connection)

    def trust_list(self) -> TrustList | None:
        """Return the newest trust list that the relay has accepted."""
        with _our_errors():
            return read_newest_list(self._connection)

    def mail(self, *, to: MemberId | None = None, limit: int) -> list[CarriedMail]:
        """Return the newest `limit` envelopes, newest first; `to` one member, if it is named."""
        query = select(
            MAIL.c.envelope_id, MAIL.c.from_member, MAIL.c.to_member, MAIL.c.lane, MAIL.c.seq,
            MAIL.c.deliver_by, MAIL.c.size, MAIL.c.state, MAIL.c.log_number,
        )  # fmt: skip
        if to is not None:
            query = query.where(MAIL.c.to_member == to)
        return [_carried(row) for row in self._rows(query.order_by(MAIL.c.arrival.desc()).limit(limit))]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()
        self._engines.dispose()

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with _our_errors():
            return self._connection.execute(query).all()


def _require_current(connection: Connection) -> None:
    """Raise `ConfigurationError` for a store that lacks tables of this version: a relay makes them as it starts."""
    here = set(inspect(connection).get_table_names())
    if MAIL.name in here and not METADATA.tables.keys() <= here:
        raise ConfigurationError(
            "the relay was not started since it was upgraded",
            where="store",
            reason="older-store",
            remedy="Start it anew: it makes what its store lacks. Nothing of its mail is lost.",
        )


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError("the store cannot be read", where="store", reason="unreadable") from error


def _carried(row: Row[Any]) -> CarriedMail:
    return CarriedMail(
        envelope_id=EnvelopeId(row.envelope_id),
        from_member=MemberId(row.from_member),
        to_member=MemberId(row.to_member),
        lane=Lane(row.lane),
        seq=row.seq,
        deliver_by=row.deliver_by,
        size_bytes=row.size,
        state=State(row.state),
        log_number=row.log_number,
    )
