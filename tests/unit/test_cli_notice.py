"""`tracepost notice …` through its own runner, over the wire to a real desk service."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes import notices as n
from fakes.desk_server import FakeDesk, desk_server
from fakes.house import POC, Identities
from fakes.pki import DOMAIN
from fakes.terminal import CliRunner, Result
from tracepost.cli.app import app
from tracepost.node.config import NodeConfig, OfficeSettings
from tracepost.node.directory_entry import sign_entry, write_entry
from tracepost.protocol.ids import MemberId
from tracepost.wire.v1 import (
    assistance_pb2,
    ballistic_pb2,
    desk_pb2,
    directory_pb2,
    diversion_pb2,
    embargo_pb2,
    flow_pb2,
    mandate_pb2,
    post_pb2,
    terms_pb2,
    trace_pb2,
)

THREAD = "01993b4e-0000-7000-8000-000000000001"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        yield running


def run(desk: FakeDesk, *arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*arguments, "--profile", str(desk.profile)])
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output
    return result


def notice(desk: FakeDesk, *arguments: str) -> desk_pb2.Draft:
    """Return the draft that the verb sent, after the rules of the schema."""
    run(desk, "notice", *arguments)
    (draft,) = desk.drafts
    return draft


def shown(desk: FakeDesk, content: desk_pb2.Content, kind: str) -> str:
    """Return the case with this one statement as a person sees it."""
    statement = desk_pb2.StatementView(
        statement="A" * 43,
        kind=kind,
        from_member="xab",
        to=["xaa"],
        issued_at="2026-11-01T10:00:00Z",
        content=content,
    )
    summary = desk_pb2.CaseSummary(thread=THREAD, state=desk_pb2.CASE_STATE_WAITING_FOR_US)
    desk.cases[THREAD] = desk_pb2.CaseView(summary=summary, statements=[statement])
    return run(desk, "trace", "show", THREAD).stdout


COVER = ("--to", "xab", "--to", "xac", "--legal-basis", "programme-of-action")


def test_a_diversion_is_told_from_options(desk: FakeDesk) -> None:
    draft = notice(
        desk, "diversion", *COVER, "--file-number", "D-1", "--make", "Zastava", "--model", "M70",
        "--serial-range", "1000:1999", "--complete", "--lot-number", "5/88", "--cause", "theft", "--in", "XAD",
        "--recipient", "Ministry of Defence:XAD", "--recipient-kind", "armed-forces",
        "--check", "delivery-verification", "--because", "exporting-state", "--handling", "do-not-alert",
        "--reply-by", "2031-01-31",
    )  # fmt: skip
    assert (list(draft.to), draft.purpose) == (["xab", "xac"], terms_pb2.PURPOSE_LICENSING)
    said = draft.content.diversion_notice
    [lot] = said.lots
    assert (lot.id, lot.make, lot.serial_ranges[0].to_serial, lot.serial_ranges[0].complete) == (
        "1",
        "Zastava",
        "1999",
        True,
    )
    assert said.diversions[0].point.cause == trace_pb2.DIVERSION_CAUSE_THEFT
    [recipient] = said.authorised_recipients
    assert (recipient.body, recipient.country, recipient.kind) == (
        "Ministry of Defence",
        "XAD",
        trace_pb2.HOLDER_KIND_ARMED_FORCES,
    )
    assert list(said.recommended_checks) == [diversion_pb2.RECOMMENDED_CHECK_DELIVERY_VERIFICATION]


def test_a_diversion_with_many_lots_comes_from_a_file_and_may_stand_in_a_case(
    desk: FakeDesk, tmp_path: Path
) -> None:
    file = tmp_path / "diversion.json"
    lots: list[Any] = [
        {"id": number, "kind": "ITEM_KIND_WEAPON", "make": "Zastava", "serials": [number]}
        for number in ("1", "2")
    ]
    file.write_text(
        json.dumps(
            {"lots": lots, "diversions": [{"point": {"cause": "DIVERSION_CAUSE_LOSS"}}], "file_number": "D-1"}
        )
    )
    draft = notice(
        desk,
        "diversion",
        "--message",
        str(file),
        "--case",
        THREAD,
        "--to",
        "xab",
        "--check",
        "pending-licences",
    )
    assert (draft.thread, draft.purpose) == (THREAD, 0)
    assert [lot.id for lot in draft.content.diversion_notice.lots] == ["1", "2"]


def test_a_diversion_is_shown_with_its_lots_as_a_table(desk: FakeDesk) -> None:
    told = n.diversion(handling_instructions=["HANDLING_INSTRUCTION_DO_NOT_ALERT"])
    text = shown(desk, desk_pb2.Content(diversion_notice=told), "trace.diversion-notice/1")
    assert "notice of a diversion" in text
    assert "!! DO NOT ALERT !!" in text
    assert "1000 - 1999 (complete)" in text
    assert "Zastava M70" in text
    assert "open licences of the same parties" in text


def test_a_delivery_is_told_from_options(desk: FakeDesk) -> None:
    draft = notice(
        desk, "delivery", *COVER, "--file-number", "E-1", "--notice-number", "EX/17",
        "--resolution", "S/RES/1907 (2009)",
        "--make", "Zastava", "--serial-range", "1000:1999", "--consignee", "Ministry of Defence:XAD",
        "--unit", "2nd Brigade",
    )  # fmt: skip
    said = draft.content.delivery_notified
    assert (said.stage, draft.purpose) == (
        embargo_pb2.DELIVERY_STAGE_PLANNED,
        terms_pb2.PURPOSE_EMBARGO_MONITORING,
    )
    assert (said.consignees[0].body, said.consignees[0].destination_unit) == (
        "Ministry of Defence",
        "2nd Brigade",
    )


def test_a_find_is_matched_by_its_numbers_or_as_an_item_of_a_case(desk: FakeDesk) -> None:
    told = n.delivery(n.lot("A-3", serials="1000:1999"))
    shown(desk, desk_pb2.Content(delivery_notified=told), "embargo.delivery-notified/1")
    by_number = run(desk, "notice", "match", "--serial", "1500", "--make", "Zastava", "--json").stdout
    [match] = json.loads(by_number)["matches"]
    assert (match["case"], match["lot"], match["basis"], match["confidence"]) == (
        THREAD, "A-3", "serial-in-range", "certain",
    )  # fmt: skip
    assert "number in the range told" in run(desk, "notice", "match", "--serial", "1500").stdout
    assert "No delivery" in run(desk, "notice", "match", "--serial", "2500").stdout

    request = trace_pb2.TraceRequest(items=[n.found("1234", model="M72")])
    statement = desk_pb2.StatementView(
        kind="trace.request/1", content=desk_pb2.Content(trace_request=request)
    )
    other = THREAD[:-1] + "2"
    desk.cases[other] = desk_pb2.CaseView(
        summary=desk_pb2.CaseSummary(thread=other, state=desk_pb2.CASE_STATE_CLOSED), statements=[statement]
    )
    [match] = json.loads(run(desk, "notice", "match", "--case", other, "--json").stdout)["matches"]
    assert (match["confidence"], match["differs"]) == ("possible", ["model"])
    run(desk, "notice", "match", "--case", other, "--item", "9", exit_code=4)
    run(desk, "notice", "match", exit_code=4)


def test_a_flow_is_told_with_its_grades(desk: FakeDesk) -> None:
    draft = notice(
        desk, "flow", *COVER, "--file-number", "F-1", "--topic", "route", "--country", "XAD", "--country", "XAB",
        "--period", "2025-03:2025-06", "--method", "in spare wheels", "--by", "road", "--source", "B",
        "--information", "2", "--action", "watch-border-point", "--category", "assault-rifle",
    )  # fmt: skip
    said = draft.content.flow_information
    assert (said.source_grade, said.information_grade) == (
        flow_pb2.SOURCE_GRADE_B,
        flow_pb2.INFORMATION_GRADE_2,
    )
    assert (said.period_from, said.period_to, list(said.area.countries)) == (
        "2025-03",
        "2025-06",
        ["XAD", "XAB"],
    )
    text = shown(desk, draft.content, "flow.information/1")
    assert "mostly reliable" in text
    assert "known to the source itself" in text


def test_a_ballistic_reference_is_told(desk: FakeDesk) -> None:
    draft = notice(
        desk, "ballistic", *COVER, "--file-number", "L-1", "--about", "comparison-asked",
        "--reference", "LAB 17/26:ibis",
        "--exhibit", "bullet", "--reply-by", "2026-12-01",
    )  # fmt: skip
    [held] = draft.content.ballistic_reference.references
    assert (held.laboratory_reference, held.system) == ("LAB 17/26", ballistic_pb2.BALLISTIC_SYSTEM_IBIS)
    assert held.kind == ballistic_pb2.BALLISTIC_EXHIBIT_KIND_BULLET


def test_a_marking_practice_is_told(desk: FakeDesk) -> None:
    draft = notice(
        desk, "marking", *COVER, "--state", "XAA", "--from", "2010-01-01", "--country-mark", "XA",
        "--import-format", "XA and year", "--year-format", "two-digits", "--agency", "POL:Police",
        "--regional", "star, XA, POL and number:RECSA",
    )  # fmt: skip
    said = draft.content.marking_practice
    assert (said.country_mark.text, said.import_mark.format, said.agency_marks[0].used_by) == (
        "XA", "XA and year", "Police",
    )  # fmt: skip
    assert draft.purpose == terms_pb2.PURPOSE_DIRECTORY


def test_figures_are_told_without_small_numbers(desk: FakeDesk) -> None:
    draft = notice(
        desk, "statistics", *COVER, "--state", "XAA", "--period", "2025-01-01:2025-12-31",
        "--scope", "items-of-this-network", "--found", "weapon:30", "--found", "weapon:seized:3",
        "--found", "weapon:found:7", "--found", "weapon:surrendered:20", "--traced", "point-of-diversion:9",
        "--exchanged", "requests-sent:40", "--refused", "national-security:2",
    )  # fmt: skip
    said = draft.content.statistics
    assert [(one.items, one.suppressed) for one in said.found] == [
        (30, False),
        (0, True),
        (0, True),
        (20, False),
    ]
    assert (said.smallest_cell, said.traced.point_of_diversion, said.exchanged.requests_sent) == (5, 9, 40)
    assert said.refused[0].suppressed
    run(desk, "notice", "statistics", *COVER, "--traced", "by-magic:3", exit_code=4)
    run(desk, "notice", "statistics", *COVER, "--found", "weapon:some", exit_code=4)


def test_a_need_is_told_and_an_offer_answers_it(desk: FakeDesk) -> None:
    draft = notice(
        desk, "need", *COVER, "--state", "XAA", "--number", "N-1", "--category", "marking-machine",
        "--description", "two machines", "--quantity", "2", "--language", "fr",
    )  # fmt: skip
    said = draft.content.assistance_need
    assert (said.status, said.priority, said.quantity) == (
        assistance_pb2.NEED_STATUS_OPEN, assistance_pb2.NEED_PRIORITY_MEDIUM, 2,
    )  # fmt: skip
    desk.drafts.clear()
    draft = notice(
        desk, "offer", "--case", THREAD, "--to", "xab", "--number", "O-1", "--category", "marking-machine",
        "--description", "one machine", "--answers", "A" * 43, "--until", "2031-01-01",
    )  # fmt: skip
    assert draft.content.assistance_offer.need_digest == "A" * 43
    assert "one machine" in shown(desk, draft.content, "assistance.offer/1")


# ── mandates ─────────────────────────────────────────────────────────────────────────


def test_a_mandate_is_given_and_the_operation_is_told(desk: FakeDesk) -> None:
    run(
        desk, "mandate", "grant", "xac", "--to", "xab", "--legal-basis", "security-council-resolution",
        "--file-number", "M-1", "--for", "embargo-monitoring", "--from", "2026-01-01", "--until", "2026-12-31",
    )  # fmt: skip
    [draft] = desk.drafts
    said = draft.content.mandate
    assert (list(draft.to), draft.purpose) == (["xac", "xab"], terms_pb2.PURPOSE_EMBARGO_MONITORING)
    assert (said.operation, list(said.acts)) == ("xac", [mandate_pb2.MANDATED_ACT_REQUEST_TRACES])


def mandated(desk: FakeDesk, *more: mandate_pb2.Mandate) -> None:
    """Give the node a case in which XAB gave us a mandate, and said more of it."""
    statements = [
        desk_pb2.StatementView(
            statement=digest * 43, kind="mandate/1", from_member="xab", content=desk_pb2.Content(mandate=one)
        )
        for digest, one in zip("AB", (n.mandate("xaa"), *more), strict=False)
    ]
    summary = desk_pb2.CaseSummary(
        thread=THREAD, state=desk_pb2.CASE_STATE_WAITING_FOR_US, members=["xaa", "xab"]
    )
    desk.cases[THREAD] = desk_pb2.CaseView(summary=summary, statements=statements)


def test_who_asks_for_a_state_uses_its_newest_mandate(desk: FakeDesk) -> None:
    mandated(desk)
    file = str(Path(__file__).parents[2] / "examples" / "craft-made.json")
    run(desk, "trace", "submit", file, "--on-behalf-of", "xab", "--to", "xad")
    [draft] = desk.drafts
    request = draft.content.trace_request
    assert (request.on_behalf_of, request.mandate_digest) == ("xab", "A" * 43)


def test_who_has_no_mandate_is_told_so_before_anything_is_sent(desk: FakeDesk) -> None:
    mandated(desk, n.mandate_ended("A" * 43, "xaa"))
    file = str(Path(__file__).parents[2] / "examples" / "craft-made.json")
    refused = run(desk, "trace", "submit", file, "--on-behalf-of", "xab", "--to", "xad", exit_code=4)
    assert "tracepost mandate grant" in refused.stderr
    assert desk.drafts == []
    assert "ended" in run(desk, "mandate", "list").stdout


def test_a_mandate_is_ended_in_its_case(desk: FakeDesk) -> None:
    mandated(desk)
    run(desk, "mandate", "end", THREAD, "--to", "xad", "--text", "the operation has ended")
    [draft] = desk.drafts
    said = draft.content.mandate
    assert (said.step, said.ends_digest) == (mandate_pb2.MANDATE_STEP_ENDED, "A" * 43)
    assert list(draft.to) == ["xaa", "xad"]


# ── members ──────────────────────────────────────────────────────────────────────────


def announce(member: str, **declared: Any) -> post_pb2.Announcement:
    """Return the papers of a member that declares this."""
    people = Identities.make(member, (POC,))
    settings = NodeConfig(
        folder=Path(),
        member=MemberId(member),
        domain=DOMAIN,
        post_address="",
        desk_address="",
        metrics_address="",
        office=OfficeSettings(name=f"Office of {member}", languages=("en",)),
        desks=(POC,),
        declarations=directory_pb2.StandingDeclarations(**declared),
    )
    keys = {desk: bundle.public.opening for desk, bundle in people.bundles.items()}
    now = int(time.time())
    entry = write_entry(settings, keys, dict.fromkeys(keys, bytes(32)), ["hub"], now)
    signed = sign_entry(entry, settings, people.signer, now, os.urandom)
    return post_pb2.Announcement(member=member, certificates=[people.statement.der], directory_entry=signed)


def known(desk: FakeDesk, member: str, **declared: Any) -> None:
    """Give the node the papers of a member that declares this."""
    desk.announcements[member] = announce(member, **declared)


def test_a_member_is_shown_with_all_that_it_declares_and_how_it_marks(desk: FakeDesk) -> None:
    known(desk, "xab", minimum_data=["INFORMATION_CODE_CALIBRE"], records_since="1950")
    shown(desk, desk_pb2.Content(marking_practice=n.marking()), "practice.marking/1")
    desk.cases[THREAD].summary.members.extend(["xaa", "xab"])
    text = run(desk, "directory", "show", "xab").stdout
    for words in (
        "Office of xab",
        "1950",
        "calibre",
        "Marking practice from 2010-01-01",
        "star",
        "four digits",
    ):
        assert words in text, words
    data = json.loads(run(desk, "directory", "show", "xab", "--json").stdout)
    assert data["entry"]["declarations"]["records_since"] == "1950"
    assert data["marking_practices"][0]["country_mark"]["text"] == "XA"


def test_a_practice_that_was_replaced_is_not_shown(desk: FakeDesk) -> None:
    known(desk, "xab")
    shown(desk, desk_pb2.Content(marking_practice=n.marking(law="an old law")), "practice.marking/1")
    newer = desk_pb2.StatementView(statement="B" * 43, kind="practice.marking/1", from_member="xab")
    newer.content.marking_practice.CopyFrom(n.marking(law="a new law", replaces_digest="A" * 43))
    desk.cases[THREAD].statements.append(newer)
    desk.cases[THREAD].summary.members.extend(["xaa", "xab"])
    text = run(desk, "directory", "show", "xab").stdout
    assert "a new law" in text
    assert "an old law" not in text


def test_what_an_addressee_wants_is_told_and_stops_nothing(desk: FakeDesk) -> None:
    known(desk, "xab", minimum_data=["INFORMATION_CODE_IMPORT_MARK"])
    file = str(Path(__file__).parents[2] / "examples" / "craft-made.json")
    for check in (["--check"], []):
        result = run(desk, "trace", "submit", file, "--to", "xab", *check)
        assert "also holds" in result.stdout
        assert "import mark" in result.stdout
    data = json.loads(run(desk, "trace", "submit", file, "--to", "xab", "--check", "--json").stdout)
    assert {(one["member"], one["code"]) for one in data["lacking"]} == {("xab", "import-mark")}
    assert len(desk.drafts) == 1


def test_of_a_member_that_is_not_known_nothing_is_wanted(desk: FakeDesk) -> None:
    file = str(Path(__file__).parents[2] / "examples" / "craft-made.json")
    assert "lacking" not in json.loads(run(desk, "trace", "submit", file, "--check", "--json").stdout)
