"""Notices as an officer would write them, short and within the rules of the schema.

lot("1", serials="1000:1999")       a lot of rifles with these numbers
diversion(lot())                    a notice of a diversion, with a check asked for
"""

from __future__ import annotations

from typing import Any

from tracepost.wire.v1 import diversion_pb2, embargo_pb2, lot_pb2, mandate_pb2, trace_pb2, weapon_pb2


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
