"""To change what was said: amend and withdraw. Nothing is overwritten: both stay."""

from __future__ import annotations

from collections.abc import Iterator

from tracepost.node.handlers.case.thread import clear_message
from tracepost.node.handlers.rules.rule import (
    Saying,
    need_known_items,
    need_own_opening,
    need_their_request,
    refuse,
)
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.ids import MemberId, parse_digest
from tracepost.protocol.statement import UntrustedStatement, peek_issuer
from tracepost.wire.v1 import trace_pb2


def check_amendment(saying: Saying) -> None:
    """Only its author amends a statement, in its own case."""
    message: trace_pb2.Amendment = saying.message
    amended = saying.thread.find(parse_digest(message.amends_digest, "amends_digest"))
    if amended is None or amended.iss != saying.thread.us:
        raise refuse("amends_digest", "not-ours", "only a statement of ours in this case can be amended")
    need_known_items(saying, message.removed_item_ids, "removed_item_ids")


def check_withdrawal(saying: Saying) -> None:
    """Asked by who asked or told; confirmed, or declined by law, by each holder, of what it holds of who is told."""
    message: trace_pb2.Withdrawal = saying.message
    if message.step == trace_pb2.WITHDRAWAL_STEP_ASKED:
        need_own_opening(saying)
    elif not _holds_of(saying):
        need_their_request(saying)
    if message.step == trace_pb2.WITHDRAWAL_STEP_KEPT_BY_LAW and not message.kept_under:
        raise refuse("kept_under", "which-law", "who keeps data says which law makes him")
    need_known_items(saying, message.item_ids, "item_ids")


def _holds_of(saying: Saying) -> bool:
    """Say whether this case holds something of everybody who is told, in itself or passed on by him."""
    wrote = {
        author for record in saying.thread.records for author in (record.iss, *_enclosed_authors(record))
    }
    return bool(saying.to) and wrote.issuperset(saying.to)


def _enclosed_authors(record: StatementRecord) -> Iterator[MemberId]:
    for exhibit in getattr(clear_message(record), "exhibits", ()):
        yield peek_issuer(UntrustedStatement(exhibit.jws, ()))
