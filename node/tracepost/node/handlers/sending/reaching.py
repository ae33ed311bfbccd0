"""Whether a consent of ours lets criminal-justice or personal data of ours go on to others.

Who may not send such data alone may not let somebody else do it either. Known is which of our statements took a
second officer when they went, and which fields a consent names; what only an author's raising made so is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from google.protobuf.message import Message

from tracepost.node.handlers.sending.preparing import GUARDED, Prepared
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.consent import is_within
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.protocol.schema import INNER_KINDS, UNITS
from tracepost.wire.v1 import trace_pb2

_INDEX = re.compile(r"(?<=\.)[0-9]+(?=\.|\Z)")


def lets_guarded_go(tx: Tx, one: Prepared, us: MemberId) -> bool:
    """Say whether a prepared statement consents that others pass on data of `us` that takes a second officer."""
    kind = one.draft.content.WhichOneof("kind")
    message: Message = getattr(one.draft.content, kind) if kind else trace_pb2.Error()
    about = _about(message)
    if about is None:
        return False
    records = [r for r in tx.statements.in_threads([one.statement.claims.thread]) if r.iss == us]
    meant = [r for r in records if not about or encode_b64(r.digest) == about]
    paths = tuple(message.field_paths) if isinstance(message, trace_pb2.Consent) else ()
    return any(_is_guarded_below(one, paths) for one in _that_took_two(tx, meant))


def _about(message: Message) -> str | None:
    """Return the statement that a message consents to pass on, empty for all of ours; None: it consents to nothing."""
    if isinstance(message, trace_pb2.Consent):
        granted = message.decision == trace_pb2.CONSENT_DECISION_GRANTED
        decided = message.step == trace_pb2.CONSENT_STEP_DECIDED
        return message.statement_digest if decided and granted else None
    if isinstance(message, trace_pb2.Amendment) and message.referral_consents:
        return message.amends_digest
    return None


def _that_took_two(tx: Tx, records: Sequence[StatementRecord]) -> Iterator[StatementRecord]:
    released = tx.releases.find([one.digest for one in records])
    return (one for one in records if one.digest in released and one.kind not in INNER_KINDS)


def _is_guarded_below(record: StatementRecord, paths: Iterable[str]) -> bool:
    """Say whether the kind of a statement has guarded fields at or below these paths; none: anywhere."""
    named = [_INDEX.sub("*", path) for path in paths]
    return any(
        sensitivity in GUARDED
        and (not named or is_within(unit, named) or any(is_within(p, (unit,)) for p in named))
        for unit, sensitivity in UNITS.get(record.kind, {}).items()
    )
