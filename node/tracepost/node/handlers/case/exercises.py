"""Which cases are exercises, and what may not come into them (ADR 0034).

A case is one by the flag of its first statement in effect. What an officer writes takes that over; what says
the other thing is refused here when it is drafted, there when it is examined, and does not come in later
either, when something that was held or waited takes effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tracepost.node.handlers.case.thread import Thread, read_clear_part
from tracepost.node.ports.store import Tx
from tracepost.node.records.mail import ReceivedMail
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import InvalidInputError, PermissionError_
from tracepost.protocol.exercises import EXERCISE_IN_REAL, find_mixing
from tracepost.protocol.ids import StatementDigest, ThreadId
from tracepost.wire.v1 import desk_pb2

NOT_TAKEN = "no-exercises"
_WORDS = {
    True: "an exercise does not come into a real case",
    False: "what is real does not come into an exercise",
}
_REMEDY = "Begin a case of its own for it: what is practised stays apart from what is real."


def flag_of(record: StatementRecord) -> bool:
    """Say whether a stored statement is an exercise."""
    return read_clear_part(record.admin_json).exercise


def flags_of(thread: Thread) -> Iterator[bool]:
    """Yield whether a case is an exercise; nothing, if nothing is in effect in it."""
    first = thread.first()
    if first is not None:
        yield flag_of(first)


def choose_flag(draft: desk_pb2.Draft, thread: Thread | None, *, allowed: bool = True) -> bool:
    """Return whether a draft is an exercise: what its case is, what it says where it opens one.

    Args:
        draft: what an officer hands in.
        thread: its case; None, or without statements: it opens one.
        allowed: whether officers of this member may begin exercises.

    Raises:
        InvalidInputError: it says the other thing than its case.
        PermissionError_: it begins an exercise where none are allowed.
    """
    [*known] = flags_of(thread) if thread else ()
    said = draft.exercise if draft.HasField("exercise") else any(known)
    require_unmixed(said, known, "exercise")
    if said and not known and not allowed:
        raise PermissionError_(
            "the settings of this node allow no exercises",
            where="exercise",
            reason=NOT_TAKEN,
            remedy="Ask the operator of the node: `allowed` in the section [exercises] of its settings.",
        )
    return said


def require_unmixed(exercise: bool, beside: Iterable[bool], where: str) -> None:
    """Raise `InvalidInputError` if a statement would come among others that say the other thing of themselves."""
    if reason := find_mixing(exercise, beside):
        words = _WORDS[reason == EXERCISE_IN_REAL]
        raise InvalidInputError(words, where=where, reason=reason, remedy=_REMEDY)


def mixing_words(exercise: bool) -> str:
    """Return in words why a statement that says `exercise` of itself does not come in."""
    return _WORDS[exercise]


def find_strays(tx: Tx, mails: Sequence[ReceivedMail]) -> dict[StatementDigest, str]:
    """Return which of these statements, would they take effect in this order, would mix a case, and how."""
    found = tx.statements.find([mail.statement for mail in mails])
    threads = sorted({record.thread for record in found.values()})
    known: dict[ThreadId, bool] = {}
    for record in tx.statements.in_threads(threads) if threads else ():
        known.setdefault(record.thread, flag_of(record))
    strays = {}
    for mail in mails:
        record = found[mail.statement]
        exercise = known.setdefault(record.thread, flag_of(record))
        if reason := find_mixing(flag_of(record), [exercise]):
            strays[record.digest] = reason
    return strays
