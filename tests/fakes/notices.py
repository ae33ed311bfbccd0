"""Notices as an officer would write them, short and within the rules of the schema.

lot("1", serials="1000:1999")       a lot of rifles with these numbers
diversion(lot())                    a notice of a diversion, with a check asked for
"""

from __future__ import annotations

from typing import Any

from tracepost.wire.v1 import (
    assistance_pb2,
    ballistic_pb2,
    diversion_pb2,
    embargo_pb2,
    flow_pb2,
    lot_pb2,
    mandate_pb2,
    practice_pb2,
    statistics_pb2,
    trace_pb2,
    weapon_pb2,
)


def lot(number: str = "1", serials: str = "", **more: Any) -> lot_pb2.ArmsLot:
    """Return a lot of rifles; `serials` is a range, FIRST:LAST."""
    told = lot_pb2.ArmsLot(id=number, kind="ITEM_KIND_WEAPON", **{"make": "Zastava", "model": "M70", **more})
    if serials:
        first, last = serials.split(":")
        told.serial_ranges.add(from_serial=first, to_serial=last, complete=True)
    return told


def found(serial: str, **more: Any) -> weapon_pb2.Item:
    """Return a weapon with this serial number."""
    mark = weapon_pb2.Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen=serial)
    thing = weapon_pb2.Object(mark=[mark], **more)
    return weapon_pb2.Item(id="1", kind="ITEM_KIND_WEAPON", object=thing)


def delivery(*lots: lot_pb2.ArmsLot, **more: Any) -> embargo_pb2.DeliveryNotified:
    """Return a notice of a planned delivery to a ministry."""
    to = embargo_pb2.Consignee(
        kind="HOLDER_KIND_ARMED_FORCES",
        country="XAD",
        body="Ministry of Defence",
        destination_unit="2nd Brigade",
    )
    told: dict[str, Any] = {
        "file_number": "E-1",
        "notice_number": "EX/17",
        "resolution": "S/RES/1907 (2009)",
        "stage": "DELIVERY_STAGE_PLANNED",
        "consignees": [to],
        **more,
    }
    return embargo_pb2.DeliveryNotified(lots=lots or (lot(serials="1000:1999"),), **told)


def mandate(operation: str = "xac", **more: Any) -> mandate_pb2.Mandate:
    """Return a mandate to ask for traces, for this century."""
    told: dict[str, Any] = {
        "file_number": "M-1",
        "step": "MANDATE_STEP_GRANTED",
        "acts": ["MANDATED_ACT_REQUEST_TRACES"],
        "purposes": ["PURPOSE_EMBARGO_MONITORING"],
        "valid_from": "2020-01-01",
        "valid_until": "2099-12-31",
        **more,
    }
    return mandate_pb2.Mandate(operation=operation, **told)


def mandate_ended(digest: str, operation: str = "xac") -> mandate_pb2.Mandate:
    """Return the end of a mandate."""
    return mandate_pb2.Mandate(
        file_number="M-1", step="MANDATE_STEP_ENDED", operation=operation, ends_digest=digest
    )


def diversion(*lots: lot_pb2.ArmsLot, **more: Any) -> diversion_pb2.DiversionNotice:
    """Return a notice of a theft from a lawful recipient."""
    point = trace_pb2.PointOfDiversion(cause="DIVERSION_CAUSE_THEFT", country="XAD")
    told: dict[str, Any] = {
        "file_number": "D-1",
        "recommended_checks": ["RECOMMENDED_CHECK_PENDING_LICENCES"],
        "diversions": [diversion_pb2.Diversion(point=point)],
        **more,
    }
    return diversion_pb2.DiversionNotice(lots=lots or (lot(serials="1000:1999"),), **told)


def flow(**more: Any) -> flow_pb2.FlowInformation:
    """Return what is known of a route, from a good source."""
    told: dict[str, Any] = {
        "file_number": "F-1",
        "topics": ["FLOW_TOPIC_ROUTE"],
        "area": {"countries": ["XAD", "XAB"]},
        "period_from": "2025-03",
        "source_grade": "SOURCE_GRADE_B",
        "information_grade": "INFORMATION_GRADE_2",
        **more,
    }
    return flow_pb2.FlowInformation(**told)


def ballistic(**more: Any) -> ballistic_pb2.BallisticReference:
    """Return the reference of one cartridge case."""
    held: dict[str, Any] = {
        "id": "1",
        "kind": "BALLISTIC_EXHIBIT_KIND_CARTRIDGE_CASE",
        "laboratory_reference": "LAB 17/26",
        "system": more.pop("system", "BALLISTIC_SYSTEM_IBIS"),
    }
    told: dict[str, Any] = {"file_number": "L-1", "about": "BALLISTIC_PURPOSE_REFERENCE", **more}
    return ballistic_pb2.BallisticReference(references=[held], **told)


def hit(confirmed_on: str = "2026-05-01") -> ballistic_pb2.BallisticHit:
    """Return a hit that an examiner confirmed."""
    return ballistic_pb2.BallisticHit(
        own_reference="LAB 17/26", other_reference="XAB 4", confirmed_on=confirmed_on
    )


def marking(**more: Any) -> practice_pb2.MarkingPractice:
    """Return a practice: two letters and a star for the country, four digits for the year."""
    told: dict[str, Any] = {
        "state": "XAA",
        "valid_from": "2010-01-01",
        "country_mark": {"role": "MARK_ROLE_COUNTRY", "text": "XA", "symbol": "star"},
        "import_mark": {"role": "MARK_ROLE_IMPORT", "format": "XA and four digits for the year"},
        "year_format": "YEAR_FORMAT_FOUR_DIGITS",
        **more,
    }
    return practice_pb2.MarkingPractice(**told)


def statistics(**more: Any) -> statistics_pb2.Statistics:
    """Return figures of a year; five is the smallest number that is told."""
    told: dict[str, Any] = {
        "state": "XAA",
        "period_from": "2025-01-01",
        "period_to": "2025-12-31",
        "smallest_cell": 5,
        "scope": "STATISTICS_SCOPE_ITEMS_OF_THIS_NETWORK",
        "found": [{"kind": "ITEM_KIND_WEAPON", "items": 120}],
        **more,
    }
    return statistics_pb2.Statistics(**told)


def need(**more: Any) -> assistance_pb2.AssistanceNeed:
    """Return the need of marking machines."""
    told: dict[str, Any] = {
        "state": "XAA",
        "need_number": "N-1",
        "category": "ASSISTANCE_CATEGORY_MARKING_MACHINE",
        "priority": "NEED_PRIORITY_HIGH",
        "status": "NEED_STATUS_OPEN",
        "description": "two machines",
        **more,
    }
    return assistance_pb2.AssistanceNeed(**told)


def offer(**more: Any) -> assistance_pb2.AssistanceOffer:
    """Return the offer of a machine."""
    told: dict[str, Any] = {
        "offer_number": "O-1",
        "category": "ASSISTANCE_CATEGORY_MARKING_MACHINE",
        "status": "OFFER_STATUS_OPEN",
        "description": "one machine",
        **more,
    }
    return assistance_pb2.AssistanceOffer(**told)
