"""What is sent: trace requests of forty fields that hold 4 KiB of values, no two alike.

A weapon with its marks, the office and the circumstances, in the classes that a real request has.
Values are counted as they stand in the statement's disclosures (JSON); what is missing to 4 KiB is
said in the description, summary and narrative, in varying words, so that deflate finds no more than
in real prose.

    request = make_request(7)
    len(flatten(request)), values_bytes(request)          # 40, 4096
"""

from __future__ import annotations

import random
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import orjson

from tracepost.protocol.schema import flatten
from tracepost.sdk.intake.photographs import read_photograph
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2, weapon_pb2

VALUES_BYTES = 4096
FIELDS = 40
PHOTOGRAPHS = 3
DESK = "poc"

_EXAMPLES = Path(__file__).parents[2] / "examples" / "photographs"
_WORDS = (
    "receiver barrel stamped worn refinished seized vehicle checkpoint border lorry concealed wrapped",
    "serial partly ground frame slide selector magazine factory proof mark star circle letter digit",
    "restored etching cleaned photographed examiner laboratory register consignment crate weapon rifle",
    "found beneath floor cargo driver declared tools market district village coastal mountain patrol",
    "officer report witness statement dated signed exhibit number bag sealed stored depot transferred",
)
_VOCABULARY = " ".join(_WORDS).split()


def make_request(number: int) -> trace_pb2.TraceRequest:
    """Return request number `number`: forty disclosure units, 4 KiB of values."""
    request = _facts(number)
    words = random.Random(number)
    item, circumstances = request.items[0].object, request.circumstances
    missing = VALUES_BYTES - values_bytes(request)
    item.description += _prose(words, 700)
    circumstances.summary += _prose(words, 1000)
    circumstances.narrative += _prose(words, missing - 700 - 1000)
    return request


def make_draft(number: int, to: str) -> desk_pb2.Draft:
    """Return the draft of request `number` to member `to`, written by the point of contact."""
    draft = desk_pb2.Draft(
        idempotency_key=f"bench-{number}",
        to=[to],
        desk=DESK,
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        restrictions=[terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE)],
    )
    draft.content.trace_request.CopyFrom(make_request(number))
    return draft


def add_photographs(draft: desk_pb2.Draft) -> None:
    """Add three photographs of the examples to a draft and name them in its weapon."""
    weapon = draft.content.trace_request.items[0].object
    for path in sorted(_EXAMPLES.glob("*.png"))[:PHOTOGRAPHS]:
        picture = read_photograph(path)
        weapon.photograph.add(
            view=weapon_pb2.PHOTOGRAPH_VIEW_SERIAL,
            media_type=picture.media_type,
            sha256=picture.sha256,
            size=len(picture.content),
            original_sha256=picture.original_sha256,
        )
        # The examples' drawings may be one picture under several names; each travels once.
        if picture.content not in draft.parts:
            draft.parts.append(picture.content)


def values_bytes(request: trace_pb2.TraceRequest) -> int:
    """Return the length of all values of a request, as JSON."""
    return sum(len(orjson.dumps(unit.value)) for unit in flatten(request))


def _prose(words: random.Random, length: int) -> str:
    text = " ".join(words.choices(_VOCABULARY, k=length // 4))
    return text[:length]


def _facts(number: int) -> trace_pb2.TraceRequest:
    request = trace_pb2.TraceRequest()
    request.CopyFrom(_common())
    serial = sha256(b"serial %d" % number).hexdigest()[:8].upper()
    request.file_number = f"XAA-{number:08}"
    item = request.items[0]
    item.exhibit_number = f"E-{number:08}"
    item.object.mark[0].text_as_seen = item.object.mark[0].normalised = serial
    request.circumstances.crime_number = f"C-{number:08}"
    return request


@lru_cache(maxsize=1)
def _common() -> trace_pb2.TraceRequest:
    """What all requests share."""
    request = trace_pb2.TraceRequest(
        file_number="?",
        urgency=trace_pb2.URGENCY_ROUTINE,
        reply_by="2027-06-30",
        questions=[trace_pb2.QUESTION_CONFIRM_IDENTIFICATION, trace_pb2.QUESTION_LAST_RECORDED_HOLDER],
        addressed_because=[trace_pb2.ADDRESSED_BECAUSE_MANUFACTURE],
        illicit_grounds=[weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW],
        legal_provision="Firearms Act of XAA, section 12 (unlicensed possession)",
        guarantees_restrictions=True,
        languages=["en", "fr"],
        previous_attempts=0,
    )
    request.office.organisation = "Firearms Tracing Office of XAA"
    request.office.telephone = "+99 00 000 000"
    request.office.mailbox = "tracing@xaa.example"
    request.office.duty_hours = "Mon-Fri 08:00-16:00 UTC+1"
    request.contacts.add(name="Duty officer", function="tracing", telephone="+99 00 000 001")
    request.items.append(_item())
    request.circumstances.CopyFrom(_circumstances())
    return request


def _item() -> weapon_pb2.Item:
    item = weapon_pb2.Item(
        id="1",
        kind=weapon_pb2.ITEM_KIND_WEAPON,
        custody=weapon_pb2.CUSTODY_HELD,
        can_be_reexamined_until="2027-11-30",
        exhibit_number="?",
    )
    item.object.CopyFrom(
        weapon_pb2.Object(
            category=weapon_pb2.CATEGORY_ASSAULT_RIFLE,
            type="assault rifle",
            make="State Arsenal",
            model="AKM",
            variant="folding stock",
            calibre_as_marked="7.62",
            calibre="7.62x39mm",
            country_of_manufacture="XAB",
            country_of_manufacture_confidence=terms_pb2.CONFIDENCE_PROBABLE,
            year_of_manufacture="1986",
            barrel_length_mm=415,
            finish="phosphate",
            description="Assault rifle. ",
        )
    )
    for role in (weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, weapon_pb2.MARK_ROLE_DATE_CODE):
        item.object.mark.add(
            role=role,
            text_as_seen="1986",
            normalised="1986",
            script=weapon_pb2.SCRIPT_COMMON,
            location=weapon_pb2.MARK_LOCATION_RECEIVER,
            legibility=weapon_pb2.LEGIBILITY_CLEAR,
            confidence=terms_pb2.CONFIDENCE_CERTAIN,
        )
    return item


def _circumstances() -> trace_pb2.Circumstances:
    return trace_pb2.Circumstances(
        found_situation=weapon_pb2.FOUND_SITUATION_SEIZED,
        found_on="2026-10-02",
        country="XAA",
        region_code="XA-01",
        summary="Found in a vehicle at a control on a main road. ",
        narrative="The driver could not account for the weapon. ",
        crime_number="?",
        transport_mode=trace_pb2.TRANSPORT_MODE_ROAD,
    )
