"""Notices that a node accepts: of seizures, losses and hits, and of panels. Nobody in them exists."""

from __future__ import annotations

from typing import Any

from fakes.messages import item
from tracepost.wire.v1 import loss_pb2, panel_pb2, seizure_pb2, trace_pb2


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


def panel_request(*items: str, **more: Any) -> panel_pb2.PanelRequest:
    """Return a panel's request about weapons with these item ids."""
    values: dict[str, Any] = {
        "file_number": "P-1",
        "panel": "Panel XYZ",
        "mandate_resolution": "S/RES/9999 (2025)",
        "items": [item(number) for number in items or ("1",)],
        "question": "canary-question",
        "embargo_context": "canary-embargo-context",
        "observed_country": "XAD",
        "reply_by": "2031-05-06",
        "report_on": "2031-07-01",
        "publication_intent": "PUBLICATION_INTENT_WITH_SOURCE",
        "confidentiality": "PANEL_CONFIDENTIALITY_REPORT",
    }
    return panel_pb2.PanelRequest(**{**values, **more})


def texts_to_print(digest: str, **texts: str) -> panel_pb2.PanelRequest:
    """Return a request for consent to these texts, which tell the answers of the statement with this digest."""
    excerpts = [
        panel_pb2.Excerpt(text_id=name, statement_digest=digest, field_paths=["answers.0"]) for name in texts
    ]
    printed = [panel_pb2.PrintedText(text_id=name, text=text) for name, text in texts.items()]
    request = panel_request(excerpts=excerpts, texts=printed)
    for name in ("items", "question", "embargo_context"):
        request.ClearField(name)
    return request


def panel_reply(*items: str, **more: Any) -> panel_pb2.PanelReply:
    """Return a final answer about these items, for the panel only."""
    answers = [
        trace_pb2.Answer(
            item_id=number,
            identification="IDENTIFICATION_CONFIRMED",
            reach="REACH_FIRST_RECIPIENT",
            stopped_because="STOPPED_BECAUSE_NOT_STOPPED",
            explanation="canary-explanation",
        )
        for number in items or ("1",)
    ]
    values: dict[str, Any] = {
        "file_number": "M-1",
        "answers": answers,
        "final": True,
        "confidentiality": "PANEL_CONFIDENTIALITY_PANEL_ONLY",
    }
    return panel_pb2.PanelReply(**{**values, **more})


def decision(**texts: str) -> panel_pb2.PanelReply:
    """Return a decision on texts: for each, a consent without its prefix, or the text that is to stand instead."""
    reply = panel_reply(confidentiality="PANEL_CONFIDENTIALITY_REPORT")
    reply.ClearField("answers")
    reply.ClearField("final")
    for name, word in texts.items():
        known = word in ("GRANTED", "DENIED")
        reply.publication.add(text_id=name, decision=f"PUBLICATION_CONSENT_{word if known else 'CHANGED'}")
        if not known:
            reply.texts.add(text_id=name, text=word)
    return reply


def documented(*items: str, **more: Any) -> panel_pb2.DocumentedItem:
    """Return what a panel documented: weapons with these item ids, inspected by an expert."""
    values: dict[str, Any] = {
        "file_number": "D-1",
        "documented_by": "Panel XYZ",
        "mandate_resolution": "S/RES/9999 (2025)",
        "items": [item(number) for number in items or ("1",)],
        "custody_context": "CUSTODY_CONTEXT_SURRENDERED_IN_DDR",
        "documented_on": "2026-02",
        "country": "XAD",
        "verification": "VERIFICATION_TWO_INDEPENDENT_SOURCES",
        "verifier": "VERIFIER_ROLE_PANEL_EXPERT",
        "confidentiality": "PANEL_CONFIDENTIALITY_COMMITTEE",
    }
    return panel_pb2.DocumentedItem(**{**values, **more})
