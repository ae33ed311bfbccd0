"""Notices that a node accepts: of seizures, losses and hits, and of panels. Nobody in them exists."""

from __future__ import annotations

from typing import Any

from fakes.messages import item
from tracepost.wire.v1 import seizure_pb2


def seizure(*items: str, **more: Any) -> seizure_pb2.SeizureNotice:
    """Return the short form for weapons with these item ids, found in a postal parcel."""
    ids = items or ("1",)
    values: dict[str, Any] = {
        "file_number": "S-1",
        "agency": "Customs of XAB",
        "seized_on": "2026-03-04",
        "direction": "MOVEMENT_DIRECTION_IMPORT",
        "transport_mode": "TRANSPORT_MODE_POST_OR_EXPRESS",
        "route_countries": ["XAD", "XAB"],
        "border_point": "canary-border-point",
        "items": [item(number) for number in ids],
        "quantity": len(ids),
        "hs_codes": ["930200"],
    }
    return seizure_pb2.SeizureNotice(**{**values, **more})
