"""What officers and operators leave behind: policies, answered drafts, the audit trail, settings."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from tracepost.node.adapters.sql.tables import AUDIT_EVENT, DRAFT_ANSWER, POLICY, SETTING
from tracepost.node.records.cases import AuditEvent, DraftAnswer, NumberedAuditEvent
from tracepost.node.records.papers import PolicyRecord, PolicyState
from tracepost.serving.storage.rows import find_rows, insert_rows, one_of, upsert_rows

_ANSWERS = select(DRAFT_ANSWER).where(DRAFT_ANSWER.c.owner == bindparam("owner"), one_of(DRAFT_ANSWER.c.key))
_ABOUT = select(AUDIT_EVENT).where(one_of(AUDIT_EVENT.c.subject))
_POLICY_VALUES = attrgetter(*(column.name for column in POLICY.columns))
_DRAFT_VALUES = attrgetter(*(column.name for column in DRAFT_ANSWER.columns))
_EVENT_VALUES = attrgetter(*(column.name for column in AUDIT_EVENT.columns if column.name != "number"))


class SqlPolicies:
    """`ports.Policies` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, record: PolicyRecord) -> None:
        """See `ports.Policies`."""
        upsert_rows(self._connection, POLICY, [_POLICY_VALUES(record)])

    def all(self) -> list[PolicyRecord]:
        """See `ports.Policies`."""
        found = self._connection.execute(select(POLICY).order_by(POLICY.c.version))
        return [_policy(row) for row in found]


class SqlDrafts:
    """`ports.Drafts` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, owner: str, keys: Sequence[str]) -> dict[str, DraftAnswer]:
        """See `ports.Drafts`."""
        rows = find_rows(self._connection, _ANSWERS, keys, owner=owner)
        return {row.key: DraftAnswer(*row) for row in rows}

    def keep(self, answers: Sequence[DraftAnswer]) -> None:
        """See `ports.Drafts`."""
        insert_rows(self._connection, DRAFT_ANSWER, [_DRAFT_VALUES(answer) for answer in answers])


class SqlAuditTrail:
    """`ports.AuditTrail` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, events: Sequence[AuditEvent]) -> None:
        """See `ports.AuditTrail`."""
        insert_rows(self._connection, AUDIT_EVENT, [_EVENT_VALUES(event) for event in events])

    def after(self, number: int, limit: int) -> list[NumberedAuditEvent]:
        """See `ports.AuditTrail`."""
        query = select(AUDIT_EVENT).where(AUDIT_EVENT.c.number > number).order_by(AUDIT_EVENT.c.number)
        return [_event(row) for row in self._connection.execute(query.limit(limit))]

    def before(self, number: int, limit: int) -> list[NumberedAuditEvent]:
        """See `ports.AuditTrail`."""
        query = select(AUDIT_EVENT).order_by(AUDIT_EVENT.c.number.desc()).limit(limit)
        if number:
            query = query.where(AUDIT_EVENT.c.number < number)
        return [_event(row) for row in self._connection.execute(query)]

    def about(self, subjects: Sequence[str]) -> list[NumberedAuditEvent]:
        """See `ports.AuditTrail`."""
        return sorted(map(_event, find_rows(self._connection, _ABOUT, subjects)), key=attrgetter("number"))


class SqlSettings:
    """`ports.Settings` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, name: str, value: bytes) -> None:
        """See `ports.Settings`."""
        upsert_rows(self._connection, SETTING, [(name, value)])

    def get(self, name: str) -> bytes | None:
        """See `ports.Settings`."""
        return self._connection.execute(select(SETTING.c.value).where(SETTING.c.name == name)).scalar()


def _policy(row: Row[Any]) -> PolicyRecord:
    return PolicyRecord(**{**row._asdict(), "state": PolicyState(row.state)})


def _event(row: Row[Any]) -> NumberedAuditEvent:
    values = row._asdict()
    return NumberedAuditEvent(values.pop("number"), AuditEvent(**values))
