"""Papers of members, and what is known of the members from contact with them."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from tracepost.node.adapters.sql.tables import (
    CERTIFICATE,
    DIRECTORY_ENTRY,
    LOG_CONTRADICTION,
    PEER_CONTACT,
    PEER_HEAD,
    PEER_HEAD_OPEN,
    PEER_HEAD_SPLIT,
    REVOCATION_LIST,
    TRUST_LIST,
)
from tracepost.node.records.mail import FoundContradiction, OpenHeads, PeerContact, PeerHead
from tracepost.node.records.papers import (
    CertificateRecord,
    DirectoryRecord,
    RevocationListRecord,
    TrustListRecord,
)
from tracepost.protocol.errors import ConflictError
from tracepost.protocol.ids import MemberId
from tracepost.serving.storage.rows import find_rows, insert_new, insert_rows, one_of, upsert_rows

_HEADS = select(PEER_HEAD).where(one_of(PEER_HEAD.c.origin))
_HEAD_VALUES = attrgetter(*(column.name for column in PEER_HEAD.columns))
_SPLIT_VALUES = attrgetter(*(column.name for column in PEER_HEAD_SPLIT.columns))
_OPEN_COLUMNS = tuple(PEER_HEAD_OPEN.c[column.name] for column in PEER_HEAD.columns)
_OPEN_VALUES = attrgetter(*(column.name for column in PEER_HEAD_OPEN.columns if column.name != "brought_by"))
_AT_PLACE = (PEER_HEAD_OPEN.c.origin == bindparam("of"), PEER_HEAD_OPEN.c.size == bindparam("at"))
_OPEN_HEAD = select(*_OPEN_COLUMNS).where(*_AT_PLACE)
_LONGEST_OPEN = (
    select(*_OPEN_COLUMNS)
    .where(PEER_HEAD_OPEN.c.origin == bindparam("of"))
    .order_by(PEER_HEAD_OPEN.c.size.desc())
    .limit(1)
)
_FORGET_OPEN = delete(PEER_HEAD_OPEN).where(*_AT_PLACE)
_OLDEST = (PEER_HEAD_OPEN.c.seen_at,)
_OPEN_OF_MEMBER, _OPEN_BY_BRINGER = (
    select(*_OPEN_COLUMNS).where(column == bindparam("name")).order_by(*_OLDEST).limit(bindparam("most"))
    for column in (PEER_HEAD_OPEN.c.member, PEER_HEAD_OPEN.c.brought_by)
)
_CONTRADICTED = select(LOG_CONTRADICTION.c.sha256).where(LOG_CONTRADICTION.c.origin == bindparam("of"))
_CONTRADICTION_VALUES = attrgetter(*(column.name for column in LOG_CONTRADICTION.columns))
_ENTRY_VALUES = attrgetter(*(column.name for column in DIRECTORY_ENTRY.columns))
_CERTIFICATE_FIELDS = [column for column in CERTIFICATE.columns if column.name != "number"]
_CERTIFICATE_VALUES = attrgetter(*(column.name for column in _CERTIFICATE_FIELDS))
_TRUST_LIST_VALUES = attrgetter(*(column.name for column in TRUST_LIST.columns))


class SqlPeers:
    """`ports.Peers` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep_heads(self, heads: Sequence[PeerHead], brought_by: MemberId) -> list[PeerHead]:
        """See `ports.Peers`."""
        known = self.heads(sorted({head.origin for head in heads}))
        beside = [self._open_head(head.origin, head.size) for head in heads]
        split = _contradictions([*known.values(), *filter(None, beside), *heads])
        insert_new(self._connection, PEER_HEAD_SPLIT, [_SPLIT_VALUES(head) for head in split])
        whole = {(head.origin, head.size): head for head in heads if head not in split}
        longest = {head.origin: head for head in sorted(whole.values(), key=attrgetter("size"))}
        first = [head for head in longest.values() if head.origin not in known]
        upsert_rows(self._connection, PEER_HEAD, [_HEAD_VALUES(head) for head in first])
        believed = {*known.values(), *first}
        places = {(head.origin, head.size) for head in believed}
        rows = [(*_OPEN_VALUES(head), brought_by) for place, head in whole.items() if place not in places]
        insert_new(self._connection, PEER_HEAD_OPEN, rows)
        return [head for head in heads if head in split]

    def open_heads(self, of: MemberId, limit: int) -> list[PeerHead]:
        """See `ports.Peers`."""
        found = [
            row
            for query in (_OPEN_OF_MEMBER, _OPEN_BY_BRINGER)
            for row in self._connection.execute(query, {"name": of, "most": limit})
        ]
        heads = {PeerHead(*row) for row in found}
        return sorted(heads, key=attrgetter("seen_at", "origin", "size"))[:limit]

    def count_open(self) -> list[OpenHeads]:
        """See `ports.Peers`."""
        member, seen_at = PEER_HEAD_OPEN.c.member, PEER_HEAD_OPEN.c.seen_at
        query = select(member, func.count(), func.min(seen_at)).group_by(member).order_by(member)
        return [OpenHeads(*row) for row in self._connection.execute(query)]

    def prove_head(self, head: PeerHead) -> None:
        """See `ports.Peers`."""
        believed = self.heads([head.origin]).get(head.origin)
        if believed is None or believed.size < head.size:
            upsert_rows(self._connection, PEER_HEAD, [_HEAD_VALUES(head)])
        self._connection.execute(_FORGET_OPEN, {"of": head.origin, "at": head.size})

    def keep_contradiction(self, found: FoundContradiction) -> bool:
        """See `ports.Peers`."""
        before = self._connection.execute(_CONTRADICTED, {"of": found.origin}).first()
        insert_new(self._connection, LOG_CONTRADICTION, [_CONTRADICTION_VALUES(found)])
        return before is None

    def contradictions(self) -> list[FoundContradiction]:
        """See `ports.Peers`."""
        order = (LOG_CONTRADICTION.c.found_at, LOG_CONTRADICTION.c.sha256)
        rows = self._connection.execute(select(LOG_CONTRADICTION).order_by(*order))
        return [FoundContradiction(*row) for row in rows]

    def split_heads(self) -> list[PeerHead]:
        """See `ports.Peers`."""
        columns = [PEER_HEAD_SPLIT.c[column.name] for column in PEER_HEAD.columns]
        order = (PEER_HEAD_SPLIT.c.origin, PEER_HEAD_SPLIT.c.size, PEER_HEAD_SPLIT.c.root)
        return [PeerHead(*row) for row in self._connection.execute(select(*columns).order_by(*order))]

    def heads(self, origins: Sequence[str]) -> dict[str, PeerHead]:
        """See `ports.Peers`."""
        return {row.origin: PeerHead(*row) for row in find_rows(self._connection, _HEADS, origins)}

    def longest_head(self, origin: str) -> PeerHead | None:
        """See `ports.Peers`."""
        row = self._connection.execute(_LONGEST_OPEN, {"of": origin}).one_or_none()
        known = [*self.heads([origin]).values(), *([PeerHead(*row)] if row is not None else [])]
        return max(known, key=attrgetter("size"), default=None)

    def head_at(self, origin: str, size: int) -> PeerHead | None:
        """See `ports.Peers`."""
        believed = self.heads([origin]).get(origin)
        return believed if believed is not None and believed.size == size else self._open_head(origin, size)

    def note_contact(self, member: MemberId, at: int) -> None:
        """See `ports.Peers`."""
        self._note(member, last_contact=at)

    def note_problem(self, member: MemberId, code: str, at: int) -> None:
        """See `ports.Peers`."""
        self._note(member, last_problem=code, last_problem_at=at)

    def contacts(self) -> list[PeerContact]:
        """See `ports.Peers`."""
        query = select(PEER_CONTACT).order_by(PEER_CONTACT.c.member)
        return [PeerContact(*row) for row in self._connection.execute(query)]

    def _open_head(self, origin: str, size: int) -> PeerHead | None:
        row = self._connection.execute(_OPEN_HEAD, {"of": origin, "at": size}).one_or_none()
        return None if row is None else PeerHead(*row)

    def _note(self, member: MemberId, **values: int | str) -> None:
        insert_new(self._connection, PEER_CONTACT, [(member, 0, "", 0)])
        change = update(PEER_CONTACT).where(PEER_CONTACT.c.member == member)
        self._connection.execute(change.values(**values))


class SqlDirectory:
    """`ports.Directory` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, record: DirectoryRecord) -> bool:
        """See `ports.Directory`."""
        query = select(DIRECTORY_ENTRY.c.sequence).where(DIRECTORY_ENTRY.c.member == record.member)
        known = self._connection.execute(query).scalar()
        if known is not None and known >= record.sequence:
            return False
        upsert_rows(self._connection, DIRECTORY_ENTRY, [_ENTRY_VALUES(record)])
        return True

    def all(self) -> list[DirectoryRecord]:
        """See `ports.Directory`."""
        query = select(DIRECTORY_ENTRY).order_by(DIRECTORY_ENTRY.c.member)
        return [DirectoryRecord(*row) for row in self._connection.execute(query)]


class SqlCertificates:
    """`ports.Certificates` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, records: Sequence[CertificateRecord]) -> None:
        """See `ports.Certificates`."""
        insert_new(self._connection, CERTIFICATE, [_CERTIFICATE_VALUES(record) for record in records])

    def all(self) -> list[CertificateRecord]:
        """See `ports.Certificates`."""
        query = select(*_CERTIFICATE_FIELDS).order_by(CERTIFICATE.c.number)
        return [CertificateRecord(*row) for row in self._connection.execute(query)]


class SqlRevocationLists:
    """`ports.RevocationLists` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, records: Sequence[RevocationListRecord]) -> None:
        """See `ports.RevocationLists`."""
        rows = [
            (record.member, record.sha256, f"{record.number:040x}", record.received_at, record.der)
            for record in records
        ]
        insert_new(self._connection, REVOCATION_LIST, rows)

    def all(self) -> list[RevocationListRecord]:
        """See `ports.RevocationLists`."""
        query = select(REVOCATION_LIST).order_by(REVOCATION_LIST.c.member, REVOCATION_LIST.c.number)
        return [_revocation_list(row) for row in self._connection.execute(query)]


class SqlTrustLists:
    """`ports.TrustLists` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, record: TrustListRecord) -> None:
        """See `ports.TrustLists`."""
        query = select(TRUST_LIST.c.sha256).where(TRUST_LIST.c.sequence == record.sequence)
        known = self._connection.execute(query).scalar()
        if known is None:
            insert_rows(self._connection, TRUST_LIST, [_TRUST_LIST_VALUES(record)])
        elif known != record.sha256:
            raise ConflictError("another trust list has this number", where="sequence")

    def all(self) -> list[TrustListRecord]:
        """See `ports.TrustLists`."""
        query = select(TRUST_LIST).order_by(TRUST_LIST.c.sequence)
        return [TrustListRecord(*row) for row in self._connection.execute(query)]


def _contradictions(heads: Sequence[PeerHead]) -> list[PeerHead]:
    """Return the heads of which another says something else about the same log and size."""
    roots: dict[tuple[str, int], set[bytes]] = {}
    for head in heads:
        roots.setdefault((head.origin, head.size), set()).add(head.root)
    return [head for head in heads if len(roots[head.origin, head.size]) > 1]


def _revocation_list(row: Row[Any]) -> RevocationListRecord:
    return RevocationListRecord(row.member, row.sha256, int(row.number, 16), row.received_at, row.der)
