"""To tell what was lost or stolen, what became of it, and that something sought was seen (seed 000 §9)."""

from __future__ import annotations

from collections.abc import Iterable

from tracepost.node.handlers.case.thread import items_of
from tracepost.node.handlers.rules.rule import Saying, need_addressee, refuse
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import losses
from tracepost.protocol.ids import parse_digest
from tracepost.wire.v1 import loss_pb2

NOTICE = "register.loss-notice/1"


def check_notice(saying: Saying) -> None:
    """A loss says by what the thing is recognised; its end names our own notice, and items of that."""
    need_addressee(saying)
    message: loss_pb2.LossNotice = saying.message
    losses.check_notice(message, saying.today)
    if message.changes_digest:
        changed = _find(saying, message.changes_digest, "changes_digest")
        if changed.iss != saying.thread.us or changed.kind != NOTICE:
            raise refuse("changes_digest", "not-our-notice", "only a notice of our own is changed by us")
        _need_items_of(changed, (item.id for item in message.items), "items")


def check_hit(saying: Saying) -> None:
    """A hit is about items of what its addressees wrote in this case."""
    message: loss_pb2.Hit = saying.message
    losses.check_hit(message)
    for index, one in enumerate(message.recognised):
        where = f"recognised.{index}"
        known = _find(saying, one.statement_digest, f"{where}.statement_digest")
        if known.iss not in saying.to:
            words = "a hit goes to who wrote the notice or request"
            raise refuse(f"{where}.statement_digest", "not-theirs", words)
        _need_items_of(known, [one.item_id], f"{where}.item_id")


def _find(saying: Saying, digest: str, where: str) -> StatementRecord:
    record = saying.thread.find(parse_digest(digest, where))
    if record is None:
        raise refuse(where, "unknown-statement", "this case has no such statement")
    return record


def _need_items_of(record: StatementRecord, ids: Iterable[str], where: str) -> None:
    unknown = sorted(set(ids) - items_of(record))
    if unknown:
        raise refuse(where, "unknown-item", f"that statement has no item {unknown[0]}")
