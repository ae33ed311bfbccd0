"""What the offices of the story say to one another, message by message.

These are the texts of the fictional case, in the language of its offices; the words around
them are the spectator's (`scenes`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tracepost.cli.demonstration.material import SERIAL_READ_AT_LAST, day
from tracepost.sdk.intake.photographs import Photograph
from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2

FILE_NUMBER_XAA: Final = "XAA-2026-0117"
FILE_NUMBER_XAB: Final = "XAB/TR/0456"
FILE_NUMBER_XAC: Final = "XAC-W-88"
DEPOT: Final = "Northern depot, hall 3, rack 12"


def acknowledgement(
    received_at: str, file_number: str, office: str, items: int, mailbox: str
) -> trace_pb2.Acknowledgement:
    """Say that a request came, complete, and that its terms are kept (ITI 19)."""
    return trace_pb2.Acknowledgement(
        received_at=received_at,
        file_number=file_number,
        office=_office(office, mailbox),
        items_counted=items,
        formal_check=trace_pb2.FORMAL_CHECK_COMPLETE,
        restrictions_accepted=[terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE],
        confidentiality_accepted=True,
        expected_on=day(21),
        languages=["en"],
        automatic=False,
    )


# ── the first weapon: exported ───────────────────────────────────────────────────────


def consent_asked(request: str) -> trace_pb2.Consent:
    """Ask the requester whether a third state may see its request."""
    return trace_pb2.Consent(
        file_number=FILE_NUMBER_XAB,
        step=trace_pb2.CONSENT_STEP_ASKED,
        third_party="xac",
        statement_digest=request,
        item_ids=["1"],
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        text="Item 1 left us for XAC. May we refer your request on that item to its point of contact?",
    )


def consent_granted(request: str) -> trace_pb2.Consent:
    """Let the third state see one item of the request."""
    return trace_pb2.Consent(
        file_number=FILE_NUMBER_XAA,
        step=trace_pb2.CONSENT_STEP_DECIDED,
        decision=trace_pb2.CONSENT_DECISION_GRANTED,
        third_party="xac",
        statement_digest=request,
        item_ids=["1"],
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        until=day(180),
        text="Granted for item 1 alone.",
    )


def redirection() -> trace_pb2.Redirect:
    """Tell the requester whom to ask; no data moves."""
    redirect = trace_pb2.Redirect(file_number=FILE_NUMBER_XAB)
    redirect.redirections.add(
        item_id="1",
        ask_member="xac",
        reason=trace_pb2.REDIRECT_REASON_EXPORTED_TO,
        event_on="1994-05",
        consignment_reference="XAB/EXP/94/017",
    )
    return redirect


def referral(thread: str, request: str) -> trace_pb2.Referral:
    """Hand the request on the first weapon to the state it was exported to, with our own findings."""
    return trace_pb2.Referral(
        file_number=FILE_NUMBER_XAB,
        requester="xaa",
        request_thread=thread,
        request_digest=request,
        item_ids=["1"],
        reason=trace_pb2.REDIRECT_REASON_EXPORTED_TO,
        reason_text="The number lies in a consignment that was exported to your Ministry of Defence in 1994.",
        mode=trace_pb2.REFERRAL_MODE_HAND_OVER,
        lineage_visible_to=["xaa", "xac"],
        answers=[_exported("1")],
    )


# ── answers of the state that was asked ──────────────────────────────────────────────


def answers() -> trace_pb2.Response:
    """Answer five of six items, each with another outcome."""
    response = trace_pb2.Response(
        file_number=FILE_NUMBER_XAB,
        final=True,
        central_authority="Ministry of Justice of XAB, division of legal assistance",
        answers=[_exported("1"), _lapsed("2"), _not_ours("3"), _destroyed("5"), _withheld("6")],
    )
    response.records_searched.add(
        source=trace_pb2.RECORD_SOURCE_LEDGER, from_year="1975", to_year="2001", item_ids=["1", "2", "5"]
    )
    response.records_searched.add(
        source=trace_pb2.RECORD_SOURCE_DATABASE, from_year="2001", item_ids=["3", "5", "6"]
    )
    response.withheld.add(path="answers.4.lineage", ground=terms_pb2.WITHHOLDING_GROUND_ONGOING_INVESTIGATION)
    return response


def better_photograph_asked() -> trace_pb2.InformationRequest:
    """Ask for a photograph that shows the end of the fourth serial (ITI 21)."""
    asked = trace_pb2.InformationRequest(
        file_number=FILE_NUMBER_XAB,
        explanation="Two records fit what can be read. The last three characters would decide.",
    )
    asked.needed.add(item_id="4", code=terms_pb2.INFORMATION_CODE_PHOTOGRAPH_OF_MARK)
    asked.candidates.add(item_id="4", count=2)
    return asked


def better_photograph(picture: Photograph, before: weapon_pb2.Item) -> trace_pb2.InformationSupply:
    """Supply the photograph, and the serial as it is read from it; indexes of marks go on."""
    supply = trace_pb2.InformationSupply(file_number=FILE_NUMBER_XAA)
    supply.supplied.add(
        item_id=before.id,
        code=terms_pb2.INFORMATION_CODE_PHOTOGRAPH_OF_MARK,
        state=trace_pb2.SUPPLY_STATE_SUPPLIED,
    )
    item = supply.items.add(id=before.id, kind=before.kind)
    item.object.mark.extend(before.object.mark)
    item.object.mark.add(
        role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL,
        text_as_seen=SERIAL_READ_AT_LAST,
        script=weapon_pb2.SCRIPT_LATIN,
        normalised=SERIAL_READ_AT_LAST,
        location=weapon_pb2.MARK_LOCATION_FRAME,
        legibility=weapon_pb2.LEGIBILITY_RESTORED,
        photograph_sha256=picture.sha256,
        read_from=weapon_pb2.READ_FROM_WEAPON,
    )
    item.object.photograph.add(
        view=weapon_pb2.PHOTOGRAPH_VIEW_SERIAL,
        media_type=picture.media_type,
        sha256=picture.sha256,
        size=len(picture.content),
        original_sha256=picture.original_sha256,
        kept_by="Firearms Tracing Office of XAA",
    )
    return supply


def settled() -> trace_pb2.Response:
    """Answer the fourth item, now that one record is left."""
    answer = trace_pb2.Answer(
        item_id="4",
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_FIRST_RECIPIENT,
        stopped_because=trace_pb2.STOPPED_BECAUSE_HOLDER_OR_MAKER_SILENT,
        evidential_use=trace_pb2.EVIDENTIAL_USE_LEAD_ONLY,
        explanation="Sold to a dealer who has closed; his books were not handed in.",
    )
    answer.lineage.add(
        kind=trace_pb2.LINEAGE_EVENT_KIND_SOLD_TO_DEALER,
        on="2016-03",
        from_kind=trace_pb2.HOLDER_KIND_MAKER,
        to_kind=trace_pb2.HOLDER_KIND_DEALER,
        to_country="XAB",
        record_source=trace_pb2.RECORD_SOURCE_DATABASE,
    )
    return trace_pb2.Response(file_number=FILE_NUMBER_XAB, final=True, answers=[answer])


# ── the third state, the silent one, the end ─────────────────────────────────────────


def diversion() -> trace_pb2.Response:
    """Answer the referred item with the point of diversion."""
    answer = trace_pb2.Answer(
        item_id="1",
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_POINT_OF_DIVERSION,
        stopped_because=trace_pb2.STOPPED_BECAUSE_NOT_STOPPED,
        evidential_use=trace_pb2.EVIDENTIAL_USE_ASK_BY_MUTUAL_LEGAL_ASSISTANCE,
        point_of_diversion=trace_pb2.PointOfDiversion(
            country="XAC",
            region="Northern district",
            on="2019-07",
            cause=trace_pb2.DIVERSION_CAUSE_THEFT,
            last_lawful_holder_kind=trace_pb2.HOLDER_KIND_ARMED_FORCES,
            last_lawful_holder_body="Ministry of Defence of XAC",
            confidence=terms_pb2.CONFIDENCE_CERTAIN,
        ),
        point_of_diversion_exact_place=DEPOT,
        crime_report_number="XAC/MP/2019/311",
    )
    answer.lineage.add(
        kind=trace_pb2.LINEAGE_EVENT_KIND_IMPORTED,
        on="1994-06",
        from_country="XAB",
        to_kind=trace_pb2.HOLDER_KIND_ARMED_FORCES,
        to_country="XAC",
        to_body="Ministry of Defence of XAC",
        record_source=trace_pb2.RECORD_SOURCE_LEDGER,
    )
    answer.lineage.add(
        kind=trace_pb2.LINEAGE_EVENT_KIND_STOLEN,
        on="2019-07",
        from_kind=trace_pb2.HOLDER_KIND_ARMED_FORCES,
        from_country="XAC",
        record_source=trace_pb2.RECORD_SOURCE_POLICE_FILE,
    )
    return trace_pb2.Response(file_number=FILE_NUMBER_XAC, final=True, answers=[answer])


def reminder(number: int) -> trace_pb2.Status:
    """Ask where a request stands."""
    return trace_pb2.Status(
        file_number=FILE_NUMBER_XAA, state=trace_pb2.PROCESSING_STATE_REMINDER, reminder_number=number
    )


def closure(outcomes: Iterable[trace_pb2.ItemOutcome]) -> trace_pb2.Closure:
    """Close with what came of each item."""
    return trace_pb2.Closure(
        file_number=FILE_NUMBER_XAA,
        code=trace_pb2.CLOSURE_CODE_ANSWERED_IN_PART,
        outcomes=outcomes,
        result=trace_pb2.CLOSURE_RESULT_LEAD,
        diversion_confirmed=True,
        preventive_action="Stock check of the depot agreed between the offices.",
        retention_until=day(3650),
    )


# ── outcomes ─────────────────────────────────────────────────────────────────────────


def _exported(item_id: str) -> trace_pb2.Answer:
    """Identified to a consignment that was exported: ask there."""
    answer = trace_pb2.Answer(
        item_id=item_id,
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_FIRST_RECIPIENT,
        stopped_because=trace_pb2.STOPPED_BECAUSE_EXPORTED,
        ask_member="xac",
        evidential_use=trace_pb2.EVIDENTIAL_USE_LEAD_ONLY,
        may_be_shown_to_members=["xaa", "xac"],
    )
    answer.lineage.add(
        kind=trace_pb2.LINEAGE_EVENT_KIND_MADE,
        on="1986",
        from_country="XAB",
        record_source=trace_pb2.RECORD_SOURCE_LEDGER,
        record_period="1975-2001",
    )
    answer.lineage.add(
        kind=trace_pb2.LINEAGE_EVENT_KIND_EXPORTED,
        on="1994-05",
        from_country="XAB",
        to_kind=trace_pb2.HOLDER_KIND_ARMED_FORCES,
        to_country="XAC",
        to_body="Ministry of Defence of XAC",
        record_source=trace_pb2.RECORD_SOURCE_LICENCE_FILE,
    )
    answer.lineage_dealings.add(
        event_index=1,
        contract_number="XAB/EXP/94/017",
        end_user_certificate_number="XAC-MOD-94-03",
        quantity=400,
        from_serial="254701",
        to_serial="255100",
        range_complete=True,
    )
    return answer


def _lapsed(item_id: str) -> trace_pb2.Answer:
    return trace_pb2.Answer(
        item_id=item_id,
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_MAKER,
        stopped_because=trace_pb2.STOPPED_BECAUSE_RECORDS_LAPSED,
        records_since="1975",
        explanation="Made long before the oldest ledger that was kept.",
    )


def _not_ours(item_id: str) -> trace_pb2.Answer:
    return trace_pb2.Answer(
        item_id=item_id,
        identification=trace_pb2.IDENTIFICATION_NOT_IDENTIFIED,
        reach=trace_pb2.REACH_NONE,
        stopped_because=trace_pb2.STOPPED_BECAUSE_NOT_OURS,
        ask_member="xad",
        explanation="Never made or imported here; pistols of this series went to XAD.",
    )


def _destroyed(item_id: str) -> trace_pb2.Answer:
    """Recorded as destroyed: told in full to those who may read LAW_ENFORCEMENT only."""
    return trace_pb2.Answer(
        item_id=item_id,
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_LAST_RECORDED_HOLDER,
        stopped_because=trace_pb2.STOPPED_BECAUSE_OTHER,
        stopped_because_full=trace_pb2.STOPPED_BECAUSE_DESTROYED_OR_DEACTIVATED,
        recorded_fate=trace_pb2.RecordedFate(
            fate=trace_pb2.FATE_DESTROYED,
            on="2011-09-14",
            country="XAB",
            body="Police of XAB",
            reference="destruction protocol 11/39",
        ),
        explanation="Property mark and number are in the protocol: a clone, or it was never destroyed.",
    )


def _withheld(item_id: str) -> trace_pb2.Answer:
    """Withheld on a ground of ITI 22."""
    return trace_pb2.Answer(
        item_id=item_id,
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_NONE,
        stopped_because=trace_pb2.STOPPED_BECAUSE_WITHHELD,
        withholding_ground=terms_pb2.WITHHOLDING_GROUND_ONGOING_INVESTIGATION,
        explanation="An investigation of ours would be compromised; asked again in three months.",
    )


def _office(name: str, mailbox: str) -> terms_pb2.Office:
    return terms_pb2.Office(
        organisation=name,
        telephone="+99 00 000 000",
        mailbox=mailbox,
        duty_hours="Mon-Fri 08:00-16:00 UTC+1",
    )
