"""To tell of a diversion: the result of a trace, to who licensed, exported or keeps the arms (ISACS 05.31)."""

from __future__ import annotations

from collections.abc import Sequence

from tracepost.node.handlers.rules.rule import Saying, need_addressee, refuse
from tracepost.protocol.ids import parse_digest
from tracepost.protocol.lots import check_lots
from tracepost.wire.v1 import diversion_pb2

# Checks that make no sense without the recipient that they are about.
_OF_THE_RECIPIENT = frozenset(
    {
        diversion_pb2.RECOMMENDED_CHECK_DELIVERY_VERIFICATION,
        diversion_pb2.RECOMMENDED_CHECK_STOCK_OF_RECIPIENT,
        diversion_pb2.RECOMMENDED_CHECK_END_USER_CERTIFICATE,
    }
)


def check_notice(saying: Saying) -> None:
    """It names lots that can be found again, where each became illicit, and what to check."""
    need_addressee(saying)
    message: diversion_pb2.DiversionNotice = saying.message
    check_lots(message.lots)
    _check_diversions(message)
    _check_recipients(message)
    _check_source(saying, message)
    other = diversion_pb2.RECOMMENDED_CHECK_OTHER in message.recommended_checks
    if other and not message.summary:
        raise refuse("summary", "which-check", "another check than those of the list is told in words")


def _check_diversions(message: diversion_pb2.DiversionNotice) -> None:
    known = {lot.id for lot in message.lots}
    for index, one in enumerate(message.diversions):
        where = f"diversions.{index}"
        unknown = sorted(set(one.lot_ids) - known)
        if unknown:
            raise refuse(f"{where}.lot_ids", "unknown-lot", f"the notice has no lot {unknown[0]}")
        if _is_before(one.illicit_since, one.lawful_until):
            raise refuse(
                f"{where}.illicit_since", "dates-crossed", "arms are not illicit before they were last lawful"
            )


def _is_before(one: str, other: str) -> bool:
    """Say whether a date surely lies before another; both may be a year or a month."""
    common = min(len(one), len(other))
    return bool(common) and one[:common] < other[:common]


def _check_recipients(message: diversion_pb2.DiversionNotice) -> None:
    recipients: Sequence[object] = message.authorised_recipients
    if not recipients and _OF_THE_RECIPIENT.intersection(message.recommended_checks):
        raise refuse(
            "authorised_recipients", "no-recipient", "a check of the delivery names the authorised recipient"
        )
    for index, one in enumerate(message.deliveries):
        if one.recipient_index >= len(recipients):
            raise refuse(
                f"deliveries.{index}.recipient_index", "unknown-recipient", "there is no such recipient"
            )


def _check_source(saying: Saying, message: diversion_pb2.DiversionNotice) -> None:
    """In the case that it comes from, the statement that established the diversion is one of that case."""
    if not (message.established_by_digest and saying.thread.records):
        return
    digest = parse_digest(message.established_by_digest, "established_by_digest")
    if saying.thread.find(digest) is None:
        raise refuse("established_by_digest", "unknown-statement", "this case has no such statement")
