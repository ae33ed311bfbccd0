"""What a notice of a loss, and a hit, must say, whatever case they stand in (seed 000 §9; messages.md, 3).

A node holds its officers to these rules before it signs; a client asks the same beforehand.

    check_notice(notice, "2026-11-22")     # raises InvalidMessageError, with the place
    check_hit(hit)
"""

from __future__ import annotations

from typing import Final

from tracepost.protocol.errors import InvalidMessageError
from tracepost.wire.v1 import loss_pb2, terms_pb2, weapon_pb2

ENDINGS: Final = frozenset({loss_pb2.LOSS_STATUS_RECOVERED, loss_pb2.LOSS_STATUS_CANCELLED})
"""What ends the search that an earlier notice began."""


def check_notice(notice: loss_pb2.LossNotice, today: str) -> None:
    """Raise `InvalidMessageError` with field path and reason, unless the notice says what it must.

    Args:
        notice: fits the schema.
        today: YYYY-MM-DD.
    """
    _check_dates(notice, today)
    if notice.status in ENDINGS:
        _check_ending(notice)
        return
    if notice.changes_digest:
        words = "a notice that begins a search changes no earlier one"
        raise _refusal("changes_digest", "begins", words)
    if notice.found_situations:
        raise _refusal("found_situations", "not-recovered", "what was found again is recovered")
    for index, item in enumerate(notice.items):
        if not _can_be_found(item):
            raise _refusal(
                f"items.{index}",
                "nothing-to-find",
                "what is sought bears a mark, a number or a lot",
                "Without one nobody can recognise it: add the marks, a serial range or a lot number.",
            )


def _check_dates(notice: loss_pb2.LossNotice, today: str) -> None:
    for name in ("happened_on", "happened_until", "reported_on"):
        if _is_after(getattr(notice, name), today):
            raise _refusal(name, "not-yet", "that day is not yet come")
    if notice.happened_until and _is_after(notice.happened_on, notice.happened_until):
        raise _refusal("happened_until", "backwards", "it ended before it began")
    if notice.expires_on and notice.expires_on < today:
        raise _refusal("expires_on", "expired", "the search has ended already")


def _is_after(one: str, other: str) -> bool:
    """Say whether a date surely lies after another; both may be a year or a month."""
    common = min(len(one), len(other))
    return one[:common] > other[:common]


def _check_ending(notice: loss_pb2.LossNotice) -> None:
    if not notice.changes_digest:
        raise _refusal(
            "changes_digest", "changes-what", "a recovery or cancellation names the notice that it changes"
        )
    if notice.found_situations and notice.status != loss_pb2.LOSS_STATUS_RECOVERED:
        raise _refusal("found_situations", "not-recovered", "what was found again is recovered")


def _can_be_found(item: weapon_pb2.Item) -> bool:
    thing, rounds, box = item.object, item.ammunition, item.packaging
    return bool(
        thing.mark
        or any(part.mark for part in thing.part)
        or thing.electronic_identifier
        or item.HasField("serial_range")
        or rounds.lot_number
        or rounds.headstamp
        or box.crate_number
        or box.lot_number
        or box.contract_mark
    )


def check_hit(hit: loss_pb2.Hit) -> None:
    """Raise `InvalidMessageError` unless the hit names what was seen, and how sure it is of what.

    A serial number alone is never certain: makers do not coordinate their numbers (ISACS 05.31).
    """
    seen = {item.id for item in hit.items}
    for index, one in enumerate(hit.recognised):
        where = f"recognised.{index}"
        if one.seen_item_id not in seen:
            words = "the item that was seen is not in this message"
            raise _refusal(f"{where}.seen_item_id", "unknown-item", words)
        if one.confidence == terms_pb2.CONFIDENCE_CERTAIN and not _is_certain(hit):
            raise _refusal(
                f"{where}.confidence",
                "serial-alone",
                "a serial number alone does not make it certain",
                "Say what else agrees (make, model, calibre), or that it is probable.",
            )


def _is_certain(hit: loss_pb2.Hit) -> bool:
    return bool(set(hit.agrees_in) - {loss_pb2.HIT_FEATURE_SERIAL}) and not hit.differs_in


def _refusal(where: str, reason: str, words: str, remedy: str = "") -> InvalidMessageError:
    return InvalidMessageError(words, where=where, reason=reason, remedy=remedy)
