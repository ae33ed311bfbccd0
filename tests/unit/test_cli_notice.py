"""`tracepost notice …` through its own runner, over the wire to a real desk service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from fakes import notices as n
from fakes.desk_server import FakeDesk, desk_server
from tracepost.cli.app import app
from tracepost.wire.v1 import desk_pb2, diversion_pb2, embargo_pb2, mandate_pb2, terms_pb2, trace_pb2

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
    run(desk, "trace", "submit", file, "--on-behalf-of", "xab", "--to", "xad", exit_code=4)
    assert desk.drafts == []
    assert "ended" in run(desk, "mandate", "list").stdout


def test_a_mandate_is_ended_in_its_case(desk: FakeDesk) -> None:
    mandated(desk)
    run(desk, "mandate", "end", THREAD, "--to", "xad", "--text", "the operation has ended")
    [draft] = desk.drafts
    said = draft.content.mandate
    assert (said.step, said.ends_digest) == (mandate_pb2.MANDATE_STEP_ENDED, "A" * 43)
    assert list(draft.to) == ["xaa", "xad"]
