"""Notices that a node accepts: of seizures, losses and hits, and of panels. Nobody in them exists."""

from __future__ import annotations

from typing import Any

from fakes.messages import item
from tracepost.wire.v1 import loss_pb2, seizure_pb2


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


def loss(*items: str, **more: Any) -> loss_pb2.LossNotice:
    """Return a notice that weapons with these item ids were stolen."""
    values: dict[str, Any] = {
        "file_number": "L-1",
        "status": "LOSS_STATUS_STOLEN",
        "items": [item(number) for number in items or ("1",)],
        "reporting_unit": "Police of XAA",
        "happened_on": "2026-02",
        "country": "XAA",
    }
    return loss_pb2.LossNotice(**{**values, **more})


def hit(digest: str, item_id: str = "1", **more: Any) -> loss_pb2.Hit:
    """Return a hit on an item of the statement with this digest: probable, by serial and make."""
    one = loss_pb2.Recognised(
        statement_digest=digest,
        item_id=item_id,
        seen_item_id="seen",
        confidence=more.pop("confidence", "CONFIDENCE_PROBABLE"),
    )
    values: dict[str, Any] = {
        "file_number": "H-1",
        "recognised": [one],
        "items": [item("seen")],
        "agrees_in": ["HIT_FEATURE_SERIAL", "HIT_FEATURE_MAKE"],
        "found_situation": "FOUND_SITUATION_BORDER",
    }
    return loss_pb2.Hit(**{**values, **more})
