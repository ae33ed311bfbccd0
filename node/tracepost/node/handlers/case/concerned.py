"""Who is on a case because of what is said in it: one answer for who seals and for who shows (messages.md, 1).

    audience_in(thread, "share/1", message, ["xab", "xac"])      at the author, before it is sealed
    concerned_by(records)                                        at whoever holds them, when they take effect

A kind says in the schema which desks it is written for. They are on its case wherever it is held: by its author,
by who was addressed, and by whom it was passed on to inside another statement. So each member has its own
answer, by what of the case it holds; nobody else's part of it counts there.
"""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import Message

from tracepost.node.handlers.case.audience import Audience, Competences, audience_of
from tracepost.node.handlers.case.enclosed import enclosed_claims
from tracepost.node.handlers.case.thread import Thread, clear_message, read_clear_part
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.ids import MemberId

_NOBODY: Competences = frozenset()
_ENCLOSES = b'"exhibits.'


def concerned_by(records: Iterable[StatementRecord]) -> Competences:
    """Return the competences of the desks that these statements, or others inside them, are written for."""
    return _NOBODY.union(*map(_concerned, records))


def audience_in(thread: Thread, kind: str, message: Message | None, members: Iterable[MemberId]) -> Audience:
    """Return the audience of a message of `kind` in a case, at each of `members` by what it holds of the case.

    `message` shows its clear fields; None, if it cannot be read.
    """
    here = _written_for((kind, *(_kinds_in(message))))
    found = ((one, here | concerned_by(_held_by(thread, one))) for one in members)
    return audience_of(kind, tuple((one, competences) for one, competences in found if competences))


def _held_by(thread: Thread, member: MemberId) -> Iterable[StatementRecord]:
    if member == thread.us:
        return thread.records
    return (r for r in thread.records if r.iss == member or member in read_clear_part(r.admin_json).aud)


def _concerned(record: StatementRecord) -> Competences:
    # Every request passes here: that it encloses nothing is seen without reading it.
    message = clear_message(record) if _ENCLOSES in record.admin_json else None
    return _written_for((record.kind, *(_kinds_in(message))))


def _kinds_in(message: Message | None) -> set[str]:
    return {one.kind for one in enclosed_claims(message)} if message is not None else set()


def _written_for(kinds: Iterable[str]) -> Competences:
    return _NOBODY.union(*(schema.WRITTEN_FOR.get(kind, _NOBODY) for kind in kinds))
