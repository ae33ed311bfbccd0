"""To mandate an operation to act for us, to end that, and to act by the mandate of another (s000 §28(h))."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracepost.node.handlers.case.thread import clear_message
from tracepost.node.handlers.rules.rule import Saying, need_addressee, refuse
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, parse_digest
from tracepost.protocol.mandates import KIND, MandateUse, find_gap, is_ended
from tracepost.wire.v1 import mandate_pb2

GAPS = {
    "other-mandate": "that is no mandate of that State to the sender",
    "not-yet": "the mandate is not in force yet",
    "mandate-over": "the mandate was over when this was signed",
    "other-act": "the mandate does not name this act",
    "other-purpose": "the mandate is for another purpose",
    "other-addressee": "the mandate names other addressees",
    "mandate-ended": "the State has ended the mandate",
}
_PLACES = {
    "other-purpose": "purpose",
    "other-addressee": "to",
    "other-mandate": "mandate_digest",
}


# ── what a host says ─────────────────────────────────────────────────────────────────


def check_mandate(saying: Saying) -> None:
    """A mandate tells the operation what it may do, what for and until when; only its author ends it."""
    need_addressee(saying)
    message: mandate_pb2.Mandate = saying.message
    if message.operation not in saying.to:
        raise refuse("operation", "operation-not-told", "the operation itself is told of its mandate")
    if message.step == mandate_pb2.MANDATE_STEP_GRANTED:
        _check_grant(message, saying.today)
    else:
        _check_end(saying, message)


def _check_grant(message: mandate_pb2.Mandate, today: str) -> None:
    for name in ("acts", "purposes", "valid_from", "valid_until"):
        if not getattr(message, name):
            raise refuse(
                name, "no-limit", "a mandate says what may be done, what for, from when and until when"
            )
    if message.valid_until < max(message.valid_from, today):
        raise refuse(
            "valid_until", "over-already", "the last day is today or later, and not before the first"
        )
    if message.ends_digest:
        raise refuse("ends_digest", "both", "a mandate is given or ended, not both")


def _check_end(saying: Saying, message: mandate_pb2.Mandate) -> None:
    ended = saying.thread.find(parse_digest(message.ends_digest, "ends_digest"))
    said = clear_message(ended) if ended is not None and ended.iss == saying.thread.us else None
    granted = isinstance(said, mandate_pb2.Mandate) and said.step == mandate_pb2.MANDATE_STEP_GRANTED
    if not granted or not isinstance(said, mandate_pb2.Mandate) or said.operation != message.operation:
        raise refuse(
            "ends_digest", "not-ours", "only a mandate of ours to this operation, in this case, is ended"
        )


# ── who acts by one ──────────────────────────────────────────────────────────────────


def need_mandate(tx: Tx, digest: StatementDigest, use: MandateUse) -> None:
    """Refuse what the mandate `digest` does not cover, or what its author has ended since."""
    record = tx.statements.find([digest]).get(digest)
    mandate = clear_message(record) if record is not None and record.kind == KIND else None
    if record is None or not isinstance(mandate, mandate_pb2.Mandate):
        raise _refusal("other-mandate")
    gap = find_gap(mandate, record.iss, use)
    if not gap and has_ended(tx, record.thread, digest, use.host):
        gap = "mandate-ended"
    if gap:
        raise _refusal(gap)


def has_ended(tx: Tx, thread: ThreadId, digest: StatementDigest, host: MemberId) -> bool:
    """Say whether we were told, in the mandate's own case, that its author has ended it."""
    return is_ended(digest, host, said_of_mandates(tx.statements.in_threads([thread])))


def said_of_mandates(records: Iterable[StatementRecord]) -> Iterator[tuple[MemberId, mandate_pb2.Mandate]]:
    """Yield the mandates, and the ends of mandates, among these statements, with who said them."""
    for record in records:
        message = clear_message(record) if record.kind == KIND else None
        if isinstance(message, mandate_pb2.Mandate):
            yield record.iss, message


def _refusal(gap: str) -> InvalidMessageError:
    remedy = "Ask the host State for a mandate that covers this; tracepost mandate list shows what there is."
    return refuse(_PLACES.get(gap, "on_behalf_of"), gap, GAPS[gap], remedy)
