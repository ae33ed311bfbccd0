"""Our own officers, and mail that waits for the word of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, select

from tracepost.node.adapters.sql.tables import (
    CASE_OFFICER,
    DELETION,
    DEPUTY,
    EMERGENCY,
    OFFICER,
    PASSKEY,
    RELEASE,
    RELEASE_LETTER,
)
from tracepost.node.records.staff import (
    CaseOfficer,
    DeletionRecord,
    DeletionState,
    DeputyRecord,
    EmergencyRecord,
    EmergencyState,
    ForwardedStatement,
    OfficerRecord,
    PasskeyRecord,
    ReleaseRecord,
    ReleaseState,
    UnsentLetter,
)
from tracepost.protocol.envelope import Lane
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, ThreadId
from tracepost.serving.storage.rows import change_rows, find_rows, insert_rows, one_of, upsert_rows

_RELEASE_VALUES = attrgetter(*(column.name for column in RELEASE.columns))
_OFFICER_VALUES = attrgetter(*(column.name for column in OFFICER.columns))
_PASSKEY_VALUES = attrgetter(*(column.name for column in PASSKEY.columns))
_DEPUTY_VALUES = attrgetter(*(column.name for column in DEPUTY.columns))
_CASE_OFFICER_VALUES = attrgetter(*(column.name for column in CASE_OFFICER.columns))
_EMERGENCY_VALUES = attrgetter(*(column.name for column in EMERGENCY.columns))
_DELETION_VALUES = attrgetter(*(column.name for column in DELETION.columns))
_BY_THREAD = select(CASE_OFFICER).where(one_of(CASE_OFFICER.c.thread))
_BY_STATEMENT = select(RELEASE).where(one_of(RELEASE.c.statement))
_BY_STATE = select(RELEASE).where(one_of(RELEASE.c.state))
_DROP_PASSKEYS = delete(PASSKEY).where(one_of(PASSKEY.c.digest))
_FORGET_LETTERS = delete(RELEASE_LETTER).where(one_of(RELEASE_LETTER.c.statement))
_OPEN = [state for state in ReleaseState if state.is_open]
_IN_ORDER = attrgetter("written_at", "statement")


class SqlOfficers:
    """`ports.Officers` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, record: OfficerRecord) -> None:
        """See `ports.Officers`."""
        values = dict(zip(OFFICER.columns.keys(), _OFFICER_VALUES(record), strict=True))
        values |= {"desks": _write(record.desks), "serials": _write_serials(record.serials)}
        upsert_rows(self._connection, OFFICER, [tuple(values.values())])

    def all(self) -> list[OfficerRecord]:
        """See `ports.Officers`."""
        return [_officer(row) for row in self._connection.execute(select(OFFICER).order_by(OFFICER.c.number))]


class SqlPasskeys:
    """`ports.Passkeys` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, record: PasskeyRecord) -> None:
        """See `ports.Passkeys`."""
        values = dict(zip(PASSKEY.columns.keys(), _PASSKEY_VALUES(record), strict=True))
        values["serials"] = _write_serials(record.serials)
        upsert_rows(self._connection, PASSKEY, [tuple(values.values())])

    def all(self) -> list[PasskeyRecord]:
        """See `ports.Passkeys`."""
        rows = self._connection.execute(select(PASSKEY).order_by(PASSKEY.c.endorsed_at, PASSKEY.c.digest))
        return [PasskeyRecord(**{**row._asdict(), "serials": _serials(row.serials)}) for row in rows]

    def drop(self, digests: Sequence[bytes]) -> None:
        """See `ports.Passkeys`."""
        change_rows(self._connection, _DROP_PASSKEYS, digests)


class SqlDeputies:
    """`ports.Deputies` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, record: DeputyRecord) -> None:
        """See `ports.Deputies`."""
        upsert_rows(self._connection, DEPUTY, [_DEPUTY_VALUES(record)])

    def all(self) -> list[DeputyRecord]:
        """See `ports.Deputies`."""
        rows = self._connection.execute(select(DEPUTY).order_by(DEPUTY.c.number))
        return [DeputyRecord(*row) for row in rows]


class SqlEmergencies:
    """`ports.Emergencies` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, record: EmergencyRecord) -> None:
        """See `ports.Emergencies`."""
        values = dict(zip(EMERGENCY.columns.keys(), _EMERGENCY_VALUES(record), strict=True))
        values["statements"] = b"".join(record.statements)
        upsert_rows(self._connection, EMERGENCY, [tuple(values.values())])

    def all(self) -> list[EmergencyRecord]:
        """See `ports.Emergencies`."""
        rows = self._connection.execute(select(EMERGENCY).order_by(EMERGENCY.c.number))
        return [_emergency(row) for row in rows]


class SqlDeletions:
    """`ports.Deletions` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, record: DeletionRecord) -> None:
        """See `ports.Deletions`."""
        values = dict(zip(DELETION.columns.keys(), _DELETION_VALUES(record), strict=True))
        values["statements"] = b"".join(record.statements)
        upsert_rows(self._connection, DELETION, [tuple(values.values())])

    def all(self) -> list[DeletionRecord]:
        """See `ports.Deletions`."""
        rows = self._connection.execute(select(DELETION).order_by(DELETION.c.number))
        return [_deletion(row) for row in rows]


class SqlCaseOfficers:
    """`ports.CaseOfficers` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, records: Sequence[CaseOfficer]) -> None:
        """See `ports.CaseOfficers`."""
        newest = {one.thread: one for one in records}
        upsert_rows(self._connection, CASE_OFFICER, [_CASE_OFFICER_VALUES(one) for one in newest.values()])

    def of(self, threads: Sequence[ThreadId]) -> dict[ThreadId, CaseOfficer]:
        """See `ports.CaseOfficers`."""
        rows = find_rows(self._connection, _BY_THREAD, threads)
        return {ThreadId(row.thread): CaseOfficer(*row) for row in rows}

    def by_officer(self, number: str) -> list[CaseOfficer]:
        """See `ports.CaseOfficers`."""
        query = select(CASE_OFFICER).where(CASE_OFFICER.c.officer == number)
        return [CaseOfficer(*row) for row in self._connection.execute(query.order_by(CASE_OFFICER.c.thread))]


class SqlReleases:
    """`ports.Releases` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, record: ReleaseRecord, letters: Sequence[UnsentLetter]) -> None:
        """See `ports.Releases`."""
        insert_rows(self._connection, RELEASE, [_release_row(record)])
        rows = [
            (record.statement, place, one.to, one.slots, one.body, b"".join(one.attachments))
            for place, one in enumerate(letters)
        ]
        insert_rows(self._connection, RELEASE_LETTER, rows)

    def put(self, record: ReleaseRecord) -> None:
        """See `ports.Releases`."""
        upsert_rows(self._connection, RELEASE, [_release_row(record)])
        if not record.state.is_unsent:
            change_rows(self._connection, _FORGET_LETTERS, [record.statement])

    def find(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, ReleaseRecord]:
        """See `ports.Releases`."""
        found = map(_release, find_rows(self._connection, _BY_STATEMENT, digests))
        return {record.statement: record for record in found}

    def letters(self, digest: StatementDigest) -> list[UnsentLetter]:
        """See `ports.Releases`."""
        query = select(RELEASE_LETTER).where(RELEASE_LETTER.c.statement == digest)
        rows = self._connection.execute(query.order_by(RELEASE_LETTER.c.place))
        return [
            UnsentLetter(MemberId(row.to_member), row.slots, row.body, _addresses(row.attachments or b""))
            for row in rows
        ]

    def open(self) -> list[ReleaseRecord]:
        """See `ports.Releases`."""
        return sorted(map(_release, find_rows(self._connection, _BY_STATE, _OPEN)), key=_IN_ORDER)

    def since(self, written_at: int) -> list[ReleaseRecord]:
        """See `ports.Releases`."""
        query = select(RELEASE).where(RELEASE.c.written_at >= written_at)
        return sorted(map(_release, self._connection.execute(query)), key=_IN_ORDER)


def _addresses(together: bytes) -> tuple[bytes, ...]:
    return tuple(together[start : start + 32] for start in range(0, len(together), 32))


def _release_row(record: ReleaseRecord) -> tuple[Any, ...]:
    values = dict(zip(RELEASE.columns.keys(), _RELEASE_VALUES(record), strict=True))
    forwarded = [[one.statement.hex(), one.decision.hex()] for one in record.forwarded]
    values |= {"to": _write(record.to), "lane": int(record.lane), "forwarded": orjson.dumps(forwarded)}
    return tuple(values.values())


def _release(row: Row[Any]) -> ReleaseRecord:
    values = row._asdict()
    return ReleaseRecord(
        **{
            **values,
            "to": tuple(MemberId(one) for one in row.to.split()),
            "state": ReleaseState(row.state),
            "lane": Lane(row.lane),
            "exercise": bool(row.exercise),
            "forwarded": tuple(
                ForwardedStatement(StatementDigest(bytes.fromhex(one)), bytes.fromhex(decision))
                for one, decision in orjson.loads(row.forwarded)
            ),
        }
    )


def _officer(row: Row[Any]) -> OfficerRecord:
    values = row._asdict()
    values["desks"] = tuple(DeskId(one) for one in row.desks.split())
    values["serials"] = _serials(row.serials)
    return OfficerRecord(**values)


def _emergency(row: Row[Any]) -> EmergencyRecord:
    statements = _digests(row.statements)
    return EmergencyRecord(**{**row._asdict(), "statements": statements, "state": EmergencyState(row.state)})


def _deletion(row: Row[Any]) -> DeletionRecord:
    statements = _digests(row.statements)
    return DeletionRecord(**{**row._asdict(), "statements": statements, "state": DeletionState(row.state)})


def _digests(joined: bytes) -> tuple[StatementDigest, ...]:
    return tuple(StatementDigest(joined[at : at + 32]) for at in range(0, len(joined), 32))


def _serials(text: str) -> tuple[int, ...]:
    return tuple(int(one, 16) for one in text.split())


def _write_serials(serials: Iterable[int]) -> str:
    return _write(f"{one:x}" for one in serials)


def _write(words: Iterable[str]) -> str:
    return " ".join(words)
