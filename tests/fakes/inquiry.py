"""Enquiries and findings as officers write them, and the desks that are asked."""

from __future__ import annotations

import hashlib
from typing import Any

from fakes import messages as m
from tracepost.node.config import DeskSettings
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1 import inquiry_pb2, trace_pb2

ARMY = DeskSettings(DeskId("army"), competences=("RECORDS_CUSTODY",))
REGISTRY = DeskSettings(DeskId("registry"), competences=("RECORDS_CUSTODY",))
SCAN = b"%PDF not really a scan of a ledger page"


def enquiry(to_desk: str = "army", *, step: str = "ASKED", **more: Any) -> inquiry_pb2.Enquiry:
    """Return an enquiry to a desk, about all items of the case."""
    return inquiry_pb2.Enquiry(step=f"ENQUIRY_STEP_{step}", to_desk=to_desk or None, **more)


def finding(
    enquiry_digest: str, *answers: trace_pb2.Answer, owner: str = "", **more: Any
) -> inquiry_pb2.Finding:
    """Return a finding of these answers, of one about item 1 if there are none."""
    message = inquiry_pb2.Finding(
        enquiry_digest=enquiry_digest, answers=answers or [m.answer()], final=more.pop("final", True), **more
    )
    if owner:
        message.answers[0].persons.add(role="PERSON_ROLE_OWNER", name=owner)
    return message


def transcription() -> inquiry_pb2.Transcription:
    """Return that something was keyed in from paper."""
    return inquiry_pb2.Transcription(scan_sha256=hashlib.sha256(SCAN).digest(), pages=1)


def address(id_: str = "paper:archive", **more: Any) -> inquiry_pb2.AddressEntry:
    """Return an entry of the address book: an archive at home, or an office abroad."""
    kinds = {"paper:archive": ["COMPETENCE_RECORDS_CUSTODY"], "paper:maker": ["COMPETENCE_INDUSTRY_LIAISON"]}
    more.setdefault("competences", kinds.get(id_, []))
    more.setdefault("name", f"Office {id_}")
    return inquiry_pb2.AddressEntry(id=id_, **more)


def letter(to: str = "letter:xyz-office", *, incoming: bool = False, **more: Any) -> inquiry_pb2.Letter:
    """Return a letter; incoming ones are keyed in from a scan."""
    message = inquiry_pb2.Letter(
        direction=f"LETTER_DIRECTION_{'INCOMING' if incoming else 'OUTGOING'}", **more
    )
    message.correspondent.id = to
    if incoming:
        message.transcribed.CopyFrom(transcription())
    return message
