"""What a seizure notice must say, whatever case it stands in (seed 000 §40(k); messages.md, 1 and 3).

A node holds its officers to these rules before it signs; a client asks the same beforehand, so that a
file is told apart from a good one without any node. Other nodes do not refuse mail by them.

    check_notice(notice, terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE, "2026-11-22")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tracepost.protocol.asking import check_marks
from tracepost.protocol.consignments import check_air_waybill, check_container_number, check_parcel_number
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError
from tracepost.wire.v1 import seizure_pb2, terms_pb2, weapon_pb2

MUTUAL_ASSISTANCE: Final = frozenset(
    {terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE, terms_pb2.LEGAL_BASIS_MUTUAL_LEGAL_ASSISTANCE}
)
"""The legal bases on which services may name persons to each other in a seizure notice."""

_ARMS_CHAPTER: Final = "93"


def check_notice(
    notice: seizure_pb2.SeizureNotice, legal_basis: terms_pb2.LegalBasis | int, today: str
) -> None:
    """Raise `InvalidMessageError` with field path and reason, unless the notice says what it must.

    Args:
        notice: fits the schema.
        legal_basis: what the notice rests on.
        today: YYYY-MM-DD.
    """
    _check_persons(notice, legal_basis)
    _check_items(notice)
    _check_numbers(notice)
    if notice.seized_on > today:
        raise _refusal("seized_on", "not-yet", "the day of the seizure is not yet come")


def _check_persons(notice: seizure_pb2.SeizureNotice, legal_basis: terms_pb2.LegalBasis | int) -> None:
    if notice.persons and legal_basis not in MUTUAL_ASSISTANCE:
        raise _refusal(
            "persons",
            "no-mutual-assistance",
            "persons are named only under an instrument of mutual assistance",
            "Leave persons out, or name the legal basis: customs-assistance or mutual-legal-assistance.",
        )


def _check_items(notice: seizure_pb2.SeizureNotice) -> None:
    if notice.quantity < _pieces(notice.items):
        raise _refusal("quantity", "quantity", "fewer pieces are counted than are listed")
    if not any(code.startswith(_ARMS_CHAPTER) for code in notice.hs_codes) and not _is_packaging(notice):
        words = "arms and ammunition are goods of chapter 93 of the Harmonized System"
        raise _refusal("hs_codes", "not-arms", words, "What was declared belongs in declared_hs_codes.")
    if notice.suggests_trace:
        for index, item in enumerate(notice.items):
            check_marks(item, f"items.{index}")


def _pieces(items: Iterable[weapon_pb2.Item]) -> int:
    counted = (item for item in items if item.kind != weapon_pb2.ITEM_KIND_AMMUNITION)
    return sum(max(1, item.serial_range.quantity, item.packaging.quantity) for item in counted)


def _is_packaging(notice: seizure_pb2.SeizureNotice) -> bool:
    return all(item.kind == weapon_pb2.ITEM_KIND_PACKAGING for item in notice.items)


def _check_numbers(notice: seizure_pb2.SeizureNotice) -> None:
    try:
        for where, number in _each("container_numbers", notice.container_numbers):
            check_container_number(number, where)
        for where, number in _each("parcel_numbers", notice.parcel_numbers):
            check_parcel_number(number, where)
        if notice.air_waybill:
            check_air_waybill(notice.air_waybill, "air_waybill")
    except InvalidInputError as fault:
        raise _refusal(fault.where, fault.reason, fault.message, fault.what_to_do) from fault


def _each(name: str, numbers: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((f"{name}.{index}", number) for index, number in enumerate(numbers))


def _refusal(where: str, reason: str, words: str, remedy: str = "") -> InvalidMessageError:
    return InvalidMessageError(words, where=where, reason=reason, remedy=remedy)
