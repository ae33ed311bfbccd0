"""What the offices of the second story say to one another.

These are the texts of the fictional case, in the language of its offices; the words around them are the
spectator's.
"""

from __future__ import annotations

from typing import Final

from tracepost.cli.demonstration.material import day
from tracepost.wire.v1 import (
    directory_pb2,
    inquiry_pb2,
    loss_pb2,
    panel_pb2,
    register_pb2,
    seizure_pb2,
    terms_pb2,
    trace_pb2,
    weapon_pb2,
)

SERIAL: Final = "9252146"
PARCEL: Final = "RR473124829XA"
SEIZURE: Final = "XAB-C-77"
FILE_NUMBER: Final = "XAA-2026-0301"
OWNER: Final = "Quartermaster of the third depot"
"""Whom the army's record names; a fictional function stands where a real record has a person."""
BROKER: Final = "Meridian Freight and Forwarding"
CONSIGNOR: Final = "Harbour Kitchenware"
CRIME_NUMBER: Final = "XAA/CR/3021"


def pistol() -> weapon_pb2.Item:
    """Return the pistol of the story as its marks show it."""
    mark = weapon_pb2.Mark(
        role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL,
        text_as_seen=SERIAL,
        script=weapon_pb2.SCRIPT_COMMON,
        normalised=SERIAL,
        location=weapon_pb2.MARK_LOCATION_FRAME,
    )
    thing = weapon_pb2.Object(
        category=weapon_pb2.CATEGORY_SELF_LOADING_PISTOL, make="Norinco", calibre_as_marked="9mm", mark=[mark]
    )
    return weapon_pb2.Item(id="1", kind=weapon_pb2.ITEM_KIND_WEAPON, object=thing)


def seizure(*, named: bool = False) -> seizure_pb2.SeizureNotice:
    """Tell of the parcel in the short form of customs; `named`: with the person who sent it."""
    notice = seizure_pb2.SeizureNotice(
        file_number=SEIZURE,
        agency="Customs of XAB",
        seized_on=day(-2),
        direction=trace_pb2.MOVEMENT_DIRECTION_IMPORT,
        transport_mode=trace_pb2.TRANSPORT_MODE_POST_OR_EXPRESS,
        route_countries=["XAA", "XAB"],
        border_point="Mail centre",
        items=[pistol()],
        quantity=1,
        hs_codes=["930200"],
        parcel_numbers=[PARCEL],
        declared_goods="Kitchen machine",
        customs_procedure=seizure_pb2.CUSTOMS_PROCEDURE_POSTAL,
        detection_methods=[seizure_pb2.DETECTION_METHOD_X_RAY],
        concealment_methods=[seizure_pb2.CONCEALMENT_METHOD_IN_LEGAL_GOODS],
        companies=[trace_pb2.Company(role=trace_pb2.COMPANY_ROLE_CONSIGNOR, name=CONSIGNOR)],
        suggests_trace=True,
    )
    if named:
        notice.persons.add(role=trace_pb2.PERSON_ROLE_SUSPECT, note="sender of the parcel")
    return notice


def stolen() -> register_pb2.RegisterRow:
    """Return the row of XAC's own records in which the pistol stands as stolen."""
    return register_pb2.RegisterRow(
        row=1,
        status=register_pb2.REGISTER_STATUS_STOLEN,
        reference="XAC/LS/2019/114",
        since="2019-05-11",
        object=pistol().object,
    )


def hit(notice: str) -> loss_pb2.Hit:
    """Tell XAB that the pistol in its parcel stands in XAC's records."""
    return loss_pb2.Hit(
        file_number="XAC-H-12",
        recognised=[
            loss_pb2.Recognised(
                statement_digest=notice,
                item_id="1",
                seen_item_id="1",
                confidence=terms_pb2.CONFIDENCE_PROBABLE,
            )
        ],
        items=[pistol()],
        agrees_in=[loss_pb2.HIT_FEATURE_SERIAL, loss_pb2.HIT_FEATURE_MAKE, loss_pb2.HIT_FEATURE_CALIBRE],
        summary="Recorded here as stolen from a State stock in 2019.",
        handling_instructions=[terms_pb2.HANDLING_INSTRUCTION_EVIDENCE_DO_NOT_ALTER],
    )


def request() -> trace_pb2.TraceRequest:
    """Ask XAC how the pistol left its hands; what only police may read is in it."""
    return trace_pb2.TraceRequest(
        file_number=FILE_NUMBER,
        items=[pistol()],
        urgency=trace_pb2.URGENCY_ROUTINE,
        reply_by=day(30),
        questions=[trace_pb2.QUESTION_LAST_RECORDED_HOLDER, trace_pb2.QUESTION_POINT_OF_DIVERSION],
        addressed_because=[trace_pb2.ADDRESSED_BECAUSE_OTHER_LINK],
        illicit_grounds=[weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW],
        legal_provision="Firearms Act of XAA, section 12",
        guarantees_restrictions=True,
        languages=["en"],
        circumstances=trace_pb2.Circumstances(
            found_situation=weapon_pb2.FOUND_SITUATION_BORDER,
            found_on=day(-2),
            country="XAB",
            summary="Posted in XAA, found by the customs of XAB in a parcel.",
            crime_number=CRIME_NUMBER,
            narrative="The sender used a false address; the counter has a camera.",
        ),
    )


# ── inside XAC ───────────────────────────────────────────────────────────────────────


def enquiry_to_army() -> inquiry_pb2.Enquiry:
    """Ask the army's records desk."""
    return inquiry_pb2.Enquiry(
        step=inquiry_pb2.ENQUIRY_STEP_ASKED,
        to_desk="army",
        ledger="Stock of small arms, 1990-2020",
        due_on=day(14),
    )


IMPORTER: Final = "paper:northern-arms"


def importer() -> inquiry_pb2.AddressEntry:
    """Return the address of the importer: industry, asked by slip only."""
    return inquiry_pb2.AddressEntry(
        id=IMPORTER,
        name="Northern Arms Import",
        country="XAC",
        address="12 Quay Street",
        channel=inquiry_pb2.LETTER_CHANNEL_LETTER,
        competences=[directory_pb2.COMPETENCE_INDUSTRY_LIAISON],
    )


def enquiry_on_paper() -> inquiry_pb2.Enquiry:
    """Ask the importer, who has no screen: it gets a slip."""
    return inquiry_pb2.Enquiry(
        step=inquiry_pb2.ENQUIRY_STEP_ASKED, custodian=inquiry_pb2.Custodian(id=IMPORTER), due_on=day(14)
    )


def found_by_army(enquiry: str) -> inquiry_pb2.Finding:
    """Tell what the army's ledger holds: who was answerable, when and where it went missing."""
    answer = trace_pb2.Answer(
        item_id="1",
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_POINT_OF_DIVERSION,
        stopped_because=trace_pb2.STOPPED_BECAUSE_NOT_STOPPED,
        evidential_use=trace_pb2.EVIDENTIAL_USE_LEAD_ONLY,
        lineage=[
            trace_pb2.LineageEvent(
                kind=trace_pb2.LINEAGE_EVENT_KIND_STOLEN,
                on="2019-05",
                from_kind=trace_pb2.HOLDER_KIND_ARMED_FORCES,
                from_country="XAC",
            )
        ],
        persons=[trace_pb2.Person(role=trace_pb2.PERSON_ROLE_OWNER, name=OWNER, event_index=0)],
        point_of_diversion=trace_pb2.PointOfDiversion(
            country="XAC", region="Northern district", cause=trace_pb2.DIVERSION_CAUSE_THEFT
        ),
    )
    return inquiry_pb2.Finding(enquiry_digest=enquiry, answers=[answer], final=True)


def found_on_paper(enquiry: str, scan: bytes) -> inquiry_pb2.Finding:
    """Key in what the importer wrote on the slip; `scan` is the SHA-256 of the sheet."""
    answer = trace_pb2.Answer(
        item_id="1",
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_FIRST_RECIPIENT,
        stopped_because=trace_pb2.STOPPED_BECAUSE_NOT_STOPPED,
        evidential_use=trace_pb2.EVIDENTIAL_USE_LEAD_ONLY,
        lineage=[
            trace_pb2.LineageEvent(kind=trace_pb2.LINEAGE_EVENT_KIND_IMPORTED, on="2004", to_country="XAC")
        ],
        lineage_dealings=[trace_pb2.LineageDealing(event_index=0, broker=BROKER, contract_number="2004/88")],
    )
    paper = inquiry_pb2.Transcription(scan_sha256=scan, pages=1, dated=day(-1), received_on=day(0))
    return inquiry_pb2.Finding(enquiry_digest=enquiry, answers=[answer], final=True, transcribed=paper)


def answer() -> trace_pb2.Response:
    """Answer with what the findings hold; the node takes it in."""
    return trace_pb2.Response(file_number="XAC-L-9", final=True)


# ── paper ────────────────────────────────────────────────────────────────────────────

OUTSIDER: Final = "letter:xad-registry"
THEIR_NUMBER: Final = "REG/5512/26"


def outsider() -> inquiry_pb2.AddressEntry:
    """Return the address of XAD's office, which is no member."""
    return inquiry_pb2.AddressEntry(
        id=OUTSIDER,
        name="National registry of XAD",
        country="XAD",
        address="1 Station Road",
        channel=inquiry_pb2.LETTER_CHANNEL_LETTER,
        point_of_contact=True,
    )


def letter_out() -> inquiry_pb2.Letter:
    """Ask the same of XAD by letter; the node writes the request in."""
    return inquiry_pb2.Letter(
        correspondent=inquiry_pb2.Correspondent(id=OUTSIDER),
        direction=inquiry_pb2.LETTER_DIRECTION_OUTGOING,
        channel=inquiry_pb2.LETTER_CHANNEL_LETTER,
    )


def letter_in(scan: bytes) -> inquiry_pb2.Letter:
    """Key in what XAD wrote; `scan` is the SHA-256 of the sheet."""
    answer = trace_pb2.Answer(
        item_id="1",
        identification=trace_pb2.IDENTIFICATION_NOT_IDENTIFIED,
        reach=trace_pb2.REACH_NONE,
        stopped_because=trace_pb2.STOPPED_BECAUSE_NEVER_RECORDED,
        evidential_use=trace_pb2.EVIDENTIAL_USE_LEAD_ONLY,
    )
    return inquiry_pb2.Letter(
        correspondent=inquiry_pb2.Correspondent(id=OUTSIDER),
        direction=inquiry_pb2.LETTER_DIRECTION_INCOMING,
        channel=inquiry_pb2.LETTER_CHANNEL_LETTER,
        references=[inquiry_pb2.ExternalReference(number=THEIR_NUMBER)],
        transcribed=inquiry_pb2.Transcription(scan_sha256=scan, pages=1, received_on=day(0)),
        response=trace_pb2.Response(answers=[answer], final=True),
    )


# ── the panel ────────────────────────────────────────────────────────────────────────

FOR_PANEL: Final = ("answers.0.lineage", "answers.0.point_of_diversion", "answers.0.identification")
"""What of its answer XAC lets the panel see: how the pistol moved; neither brokers nor persons."""
PRINTED: Final = "A pistol seized in 2026 had been stolen from a State stock in XAC in 2019."


def panel_consent(about: str, *, granted: bool) -> trace_pb2.Consent:
    """Ask whether the panel may see part of an answer, or grant it."""
    consent = trace_pb2.Consent(
        step=trace_pb2.CONSENT_STEP_DECIDED if granted else trace_pb2.CONSENT_STEP_ASKED,
        third_party="un-panel-xyz",
        statement_digest=about,
        field_paths=FOR_PANEL,
        purpose=terms_pb2.PURPOSE_EMBARGO_MONITORING,
    )
    if granted:
        consent.decision = trace_pb2.CONSENT_DECISION_GRANTED
        consent.conditions.add(code=terms_pb2.RESTRICTION_CODE_NO_PUBLICATION)
    return consent


def panel_request() -> panel_pb2.PanelRequest:
    """Ask XAC who arranged the shipment."""
    return panel_pb2.PanelRequest(
        file_number="P-2026-5",
        panel="Panel of Experts on XYZ",
        mandate_resolution="S/RES/9999 (2026)",
        items=[pistol()],
        question="Who arranged the shipment of 2004 in which this pistol came to you?",
        embargo_context="The route is that of other shipments to the embargoed territory.",
        reply_by=day(60),
        report_on=day(120),
        publication_intent=panel_pb2.PUBLICATION_INTENT_WITH_SOURCE,
        confidentiality=panel_pb2.PANEL_CONFIDENTIALITY_REPORT,
    )


def broker_named() -> panel_pb2.PanelReply:
    """Name the broker to the panel, and to nobody else."""
    answer = trace_pb2.Answer(
        item_id="1",
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_FIRST_RECIPIENT,
        stopped_because=trace_pb2.STOPPED_BECAUSE_NOT_STOPPED,
    )
    return panel_pb2.PanelReply(
        file_number="XAC-L-10",
        answers=[answer],
        final=True,
        confidentiality=panel_pb2.PANEL_CONFIDENTIALITY_PANEL_ONLY,
        companies=[trace_pb2.Company(role=trace_pb2.COMPANY_ROLE_BROKER, name=BROKER)],
    )


def text_put(about: str) -> panel_pb2.PanelRequest:
    """Put before XAC the very text that the panel would print."""
    return panel_pb2.PanelRequest(
        file_number="P-2026-5",
        panel="Panel of Experts on XYZ",
        mandate_resolution="S/RES/9999 (2026)",
        reply_by=day(60),
        report_on=day(120),
        publication_intent=panel_pb2.PUBLICATION_INTENT_WITH_SOURCE,
        confidentiality=panel_pb2.PANEL_CONFIDENTIALITY_REPORT,
        excerpts=[panel_pb2.Excerpt(text_id="p1", statement_digest=about, field_paths=["answers.0"])],
        texts=[panel_pb2.PrintedText(text_id="p1", text=PRINTED)],
    )


def text_refused() -> panel_pb2.PanelReply:
    """Refuse that it is printed."""
    return panel_pb2.PanelReply(
        file_number="XAC-L-10",
        confidentiality=panel_pb2.PANEL_CONFIDENTIALITY_REPORT,
        publication=[
            panel_pb2.PublicationDecision(text_id="p1", decision=panel_pb2.PUBLICATION_CONSENT_DENIED)
        ],
    )
