"""`tracepost trace …` through its own runner, over the wire to a real desk service."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.desk_server import FakeDesk, desk_server
from fakes.terminal import CliRunner, Result
from tracepost.cli.app import app
from tracepost.protocol.errors import BusyError, LockedDeskError
from tracepost.wire.v1 import (
    desk_pb2,
    onward_pb2,
    post_pb2,
    search_pb2,
    share_pb2,
    terms_pb2,
    trace_pb2,
    weapon_pb2,
)

EXAMPLES = Path(__file__).parents[2] / "examples"
THREAD = "01993b4e-0000-7000-8000-000000000001"
DIGEST = "A" * 43
D_NOT_CONTACT = terms_pb2.HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        yield running


@pytest.fixture
def asked(desk: FakeDesk) -> FakeDesk:
    """A node that holds a request of XAA for two items, with a restriction and a handling instruction."""
    request = trace_pb2.TraceRequest(
        file_number="XAA-1",
        handling_instructions=[D_NOT_CONTACT],
        referral_consents=["xac"],
        items=[weapon_pb2.Item(id="1", kind=weapon_pb2.ITEM_KIND_WEAPON), weapon_pb2.Item(id="2")],
    )
    request.items[0].object.mark.add(
        role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen="ЛЯ 36", script=weapon_pb2.SCRIPT_CYRILLIC
    )
    statement = desk_pb2.StatementView(
        statement=DIGEST,
        kind="trace.request/1",
        from_member="xaa",
        to=["xab"],
        issued_at="2026-11-01T10:00:00Z",
        purpose=terms_pb2.PURPOSE_PROSECUTION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        restrictions=[
            terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE, field_paths=["items.0"])
        ],
        content=desk_pb2.Content(trace_request=request),
        hidden=[desk_pb2.ClassCount(of_class="SENSITIVITY_PERSONAL", fields=3, exact=True)],
    )
    summary = desk_pb2.CaseSummary(
        thread=THREAD,
        state=desk_pb2.CASE_STATE_WAITING_FOR_US,
        members=["xaa", "xab"],
        our_file_number="XAB-9",
        their_file_number="XAA-1",
        handling=[D_NOT_CONTACT],
        items=[desk_pb2.ItemSummary(item_id="1"), desk_pb2.ItemSummary(item_id="2")],
    )
    summary.items[0].answers.add(by_member="xab", reach=trace_pb2.REACH_MAKER, final=True)
    desk.cases[THREAD] = desk_pb2.CaseView(summary=summary, statements=[statement])
    desk.timelines[THREAD] = [
        desk_pb2.TimelineEvent(
            at="2026-11-01T10:00:05Z",
            event="received",
            statement=DIGEST,
            actor="node",
            log="xab",
            log_index=7,
        )
    ]
    return desk


def run(desk: FakeDesk, *arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(
        app, ["trace", *arguments, "--profile", str(desk.profile)]
    )
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output
    return result


def as_json(desk: FakeDesk, *arguments: str, exit_code: int = 0) -> Any:
    return json.loads(run(desk, *arguments, "--json", exit_code=exit_code).stdout)


def said(desk: FakeDesk) -> Any:
    (draft,) = desk.drafts
    return getattr(draft.content, draft.content.WhichOneof("kind"))


# ---------------------------------------------------------------- submit


def test_a_request_with_photographs_is_sent_as_the_file_says_it(desk: FakeDesk) -> None:
    answer = as_json(desk, "submit", str(EXAMPLES / "six-weapons.json"))
    (draft,) = desk.drafts
    assert (list(draft.to), draft.desk) == (["xab"], "poc")
    assert len(draft.content.trace_request.items) == 6
    assert len(draft.parts) == 7
    assert not any(b"tEXt" in part for part in draft.parts)
    assert answer["items"] == 6
    assert answer["submissions"][0]["dispatches"][0]["state"] == "MAIL_STATE_QUEUED"


def test_the_same_file_sent_again_is_the_same_submission(desk: FakeDesk) -> None:
    file = str(EXAMPLES / "craft-made.json")
    first, second = as_json(desk, "submit", file), as_json(desk, "submit", file)
    assert first == second
    assert len(desk.drafts) == 1
    as_json(desk, "submit", file, "--again")
    assert len(desk.drafts) == 2


def test_a_table_sends_its_good_rows_and_tells_the_bad_ones(desk: FakeDesk, tmp_path: Path) -> None:
    rejected = tmp_path / "rejected.csv"
    arguments = ["--to", "xab", "--file-number", "F-1", "--guarantee", "--rejected", str(rejected)]
    answer = as_json(desk, "submit", str(EXAMPLES / "items.csv"), *arguments, exit_code=8)
    assert answer["items"] == len(desk.drafts[0].content.trace_request.items) == 9
    assert [(one["row"], one["column"], one["reason"]) for one in answer["rejections"]] == [
        (11, "model", "spreadsheet-date"),
        (12, "serial", "spreadsheet-number"),
        (13, "serial", "contradiction"),
        (14, "serial", "missing"),
        (15, "country of origin", "not-a-country"),
        (16, "found date", "not-a-date"),
        (17, "photographs", "photograph"),
    ]
    assert answer["read_as"] == {"encoding": "utf-8-sig", "delimiter": ","}
    assert len(rejected.read_text("utf-8-sig").splitlines()) == 8


def test_a_table_is_shown_to_a_person_row_by_row(desk: FakeDesk) -> None:
    arguments = ["--to", "xab", "--file-number", "F-1", "--guarantee"]
    result = run(desk, "submit", str(EXAMPLES / "items.csv"), *arguments, exit_code=8)
    assert "9 items were sent." in result.stdout
    assert "turned into a date" in result.stdout


def test_a_table_in_an_old_encoding_keeps_its_letters(desk: FakeDesk) -> None:
    arguments = ["--to", "xab", "--file-number", "F-1", "--guarantee", "--ground", "national-law"]
    as_json(desk, "submit", str(EXAMPLES / "items-cyrillic.csv"), *arguments)
    seen = [item.object.mark[0].text_as_seen for item in desk.drafts[0].content.trace_request.items]
    assert seen == ["ЛЯ 36", "254903", "1692425", "BБ 2161", "KI/M 03814"]


def test_rows_that_the_node_refuses_are_named(desk: FakeDesk, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("serial,file number\nA1,F-1\nA2,F-2\n")
    desk.refuse_file_numbers = {"F-2"}
    arguments = ["--to", "xab", "--guarantee", "--ground", "embargo"]
    answer = as_json(desk, "submit", str(table), *arguments, exit_code=8)
    assert answer["refused_rows"] == [3]
    assert answer["items"] == 1


def test_what_follows_a_full_request_goes_into_its_case(desk: FakeDesk, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("serial\n" + "".join(f"A{number}\n" for number in range(301)))
    answer = as_json(
        desk, "submit", str(table), "--to", "xab", "--guarantee", "--file-number", "F", "--ground", "embargo"
    )
    assert [len(draft.content.trace_request.items) for draft in desk.drafts] == [300, 1]
    first, second = answer["submissions"]
    assert first["thread"] == second["thread"] == desk.drafts[1].thread


def test_nothing_good_in_a_table_ends_with_the_code_of_bad_input(desk: FakeDesk, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("serial,model\nA1,Oct-22\n")
    run(desk, "submit", str(table), "--to", "xab", "--guarantee", "--ground", "embargo", exit_code=4)
    assert desk.drafts == []


def test_checking_a_file_sends_nothing(desk: FakeDesk) -> None:
    answer = as_json(desk, "submit", str(EXAMPLES / "cyrillic-series.json"), "--check")
    assert (answer["sent"], answer["items"]) == (False, 3)
    assert set(desk.calls) <= {"ExportPapers"}  # what addressees want a request to hold


TERMS = ["--purpose", "prosecution", "--legal-basis", "iti"]
WHOLE = ["--to", "xab", "--guarantee", "--file-number", "F-1", "--ground", "embargo", *TERMS]


def test_checking_a_whole_table_finds_nothing(desk: FakeDesk, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("serial\nA1\nA2\n")
    answer = as_json(desk, "submit", str(table), *WHOLE, "--check")
    assert (answer["items"], answer["submissions"], answer["refused_rows"]) == (2, [], [])


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [(["--purpose", "prosecution"], "not-said"), (["--to", "xab"], "to-whom")],
)
def test_checking_a_table_finds_what_its_requests_lack(
    desk: FakeDesk, tmp_path: Path, left_out: list[str], reason: str
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("serial\nA1\nA2\n")
    arguments = [*WHOLE, "--check"]
    place = arguments.index(left_out[0])
    arguments[place : place + 2] = []
    answer = as_json(desk, "submit", str(table), *arguments, exit_code=4)
    assert (answer["items"], answer["refused_rows"]) == (0, [2, 3])
    assert [one["problem"]["reason"] for one in answer["submissions"]] == [reason]
    shown = run(desk, "submit", str(table), *arguments, exit_code=4).stdout
    assert left_out[0] in shown, "the remedy names the option"
    assert set(desk.calls) <= {"ExportPapers"}


def test_checking_tells_the_rows_that_lack_what_others_say(desk: FakeDesk, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("serial,intended use\nA1,prosecution\nA2,\n")
    arguments = [one for one in WHOLE if one not in ("--purpose", "prosecution")]
    answer = as_json(desk, "submit", str(table), *arguments, "--check", exit_code=8)
    assert (answer["items"], answer["refused_rows"]) == (1, [3])


def test_checking_knows_whose_node_it_is(desk: FakeDesk, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("serial\nA1\n")
    arguments = ["xaa" if one == "xab" else one for one in WHOLE]
    answer = as_json(desk, "submit", str(table), *arguments, "--check", exit_code=4)
    assert answer["submissions"][0]["problem"]["reason"] == "to-ourselves"


def test_a_file_can_be_checked_before_there_is_a_profile(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "profile.toml")
    arguments = ["trace", "submit", str(EXAMPLES / "craft-made.json"), "--check", "--profile", nowhere]
    assert CliRunner().invoke(app, arguments).exit_code == 0


def test_checking_a_json_file_finds_what_a_node_would_refuse(desk: FakeDesk, tmp_path: Path) -> None:
    document = json.loads((EXAMPLES / "craft-made.json").read_text())
    for name in ("craft_made", "unmarked", "photograph"):
        del document["content"]["trace_request"]["items"][0]["object"][name]
    file = tmp_path / "request.json"
    file.write_text(json.dumps(document))
    (problem,) = as_json(desk, "submit", str(file), "--check", exit_code=4)["submissions"]
    assert (problem["problem"]["reason"], problem["problem"]["where"]) == ("no-mark", "items.0.object.mark")


def test_a_request_must_say_whether_restrictions_can_be_respected(desk: FakeDesk, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("serial\nA1\n")
    result = run(desk, "submit", str(table), "--to", "xab", exit_code=4)
    assert "--guarantee" in result.stderr


def test_options_go_over_the_file_and_a_template_below_the_table(desk: FakeDesk, tmp_path: Path) -> None:
    template, table = tmp_path / "template.json", tmp_path / "t.csv"
    template.write_text(
        json.dumps({"file_number": "T-1", "guarantees_restrictions": True, "languages": ["fr"]})
    )
    table.write_text("serial\nA1\n")
    arguments = ["--template", str(template), "--to", "xab", "--file-number", "F-1", "--ground", "embargo"]
    arguments += [
        "--restriction",
        "delete-after:2027-12-31",
        "--restriction",
        "no-publication@ground_text,items.0",
    ]
    arguments += ["--named-desk", "xab/police", "--named-desk", "xab/poc"]
    arguments += ["--only", "ground_text=xab/police", "--only", "ground_text=xab/poc"]
    arguments += [
        "--handling",
        "do-not-alert",
        "--urgent",
        "--urgency-reason",
        "detention",
        "--purpose",
        "prosecution",
    ]
    as_json(desk, "submit", str(table), *arguments)
    request = said(desk)
    assert (request.file_number, list(request.languages)) == ("F-1", ["fr"])
    assert list(request.handling_instructions) == [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT]
    assert (request.urgency, request.urgency_reason) == (
        trace_pb2.URGENCY_URGENT,
        trace_pb2.URGENCY_REASON_DETENTION,
    )
    assert desk.drafts[0].purpose == terms_pb2.PURPOSE_PROSECUTION
    assert [(one.code, one.until) for one in desk.drafts[0].restrictions] == [(6, "2027-12-31"), (5, "")]
    assert [list(one.field_paths) for one in desk.drafts[0].restrictions] == [[], ["ground_text", "items.0"]]
    assert list(desk.drafts[0].named_desks) == ["xab/police", "xab/poc"]
    assert [(r.path, list(r.desks)) for r in desk.drafts[0].readers] == [
        ("ground_text", ["xab/police", "xab/poc"])
    ]


def test_a_preview_is_asked_for_and_shown(desk: FakeDesk) -> None:
    desk.readings = [desk_pb2.Reading(member="xab", desk="poc", paths=["file_number"])]
    result = run(desk, "submit", str(EXAMPLES / "craft-made.json"), "--preview")
    assert desk.drafts[0].preview
    assert "nothing was sent" in result.stdout


# ---------------------------------------------------------------- reading


def test_handling_instructions_are_bold_and_loud_on_every_sheet(asked: FakeDesk) -> None:
    for verb in (["list"], ["show", THREAD]):
        assert "!! DO NOT CONTACT THE REGISTERED OWNER OR DEALER !!" in run(asked, *verb).stdout
    result = CliRunner(env={"FORCE_COLOR": "1", "COLUMNS": "200"}).invoke(
        app, ["trace", "show", THREAD, "--profile", str(asked.profile)]
    )
    assert "\x1b[1m!! DO NOT CONTACT" in result.stdout


def test_a_case_shows_its_marks_its_terms_and_what_is_hidden(asked: FakeDesk) -> None:
    shown = run(asked, "show", THREAD[:8]).stdout
    assert "no onward release without consent on items.0" in " ".join(shown.split())
    for words in (
        "trace request",
        "ЛЯ 36",
        "cyrillic",
        "no onward release",
        "personal data, 3 fields",
        "XAB-9",
    ):
        assert words in shown


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (desk_pb2.MAIL_STATE_QUEUED, "not collected"),
        (desk_pb2.MAIL_STATE_WITH_RELAY, "with the relay"),
        (desk_pb2.MAIL_STATE_EXPIRED, "not delivered in time"),
        (desk_pb2.MAIL_STATE_REFUSED, "refused by its node"),
    ],
)
def test_silence_without_a_receipt_is_told_as_delivery_not_proved(
    asked: FakeDesk, state: desk_pb2.MailState, words: str
) -> None:
    asked.cases[THREAD].summary.delivery_not_proved.add(member="xad", state=state)
    shown = run(asked, "show", THREAD[:8]).stdout
    assert f"delivery not proved: xad ({words})" in shown
    assert "no reply recorded" not in shown


def test_silence_beside_a_receipt_is_told_as_no_reply_recorded(asked: FakeDesk) -> None:
    asked.cases[THREAD].summary.no_reply_recorded.append("xad")
    shown = run(asked, "show", THREAD[:8]).stdout
    assert "no reply recorded" in shown
    assert "not proved" not in shown


def test_lists_can_be_narrowed_and_are_stable_json(asked: FakeDesk) -> None:
    assert [case["thread"] for case in as_json(asked, "list")["cases"]] == [THREAD]
    assert as_json(asked, "list", "--state", "closed") == {"cases": []}
    assert "1 case" in run(asked, "list", "--with", "xab").stdout


def test_what_another_member_wrote_cannot_move_the_cursor(asked: FakeDesk) -> None:
    statement = asked.cases[THREAD].statements[0]
    statement.content.trace_request.items[0].object.make = "ROSSI\x1b[2J"
    statement.unknown.add(path="new", value_json='"\x1b[31m"')
    assert "\x1b" not in run(asked, "show", THREAD).stdout


def test_a_timeline_says_where_each_event_is_proved(asked: FakeDesk) -> None:
    assert "xab #7" in run(asked, "timeline", THREAD).stdout
    assert as_json(asked, "timeline", THREAD)["events"][0]["event"] == "received"


def test_held_mail_is_listed_and_decided_by_the_beginning_of_its_id(desk: FakeDesk) -> None:
    assert "No mail is held." in run(desk, "held").stdout
    desk.held = [desk_pb2.HeldMail(envelope_id="ab" * 32, from_member="xac", reason="unknown-request")]
    assert "does not know" in run(desk, "held").stdout
    as_json(desk, "held", "abab", "--take-up")
    as_json(desk, "held", "abab", "--set-aside")
    assert desk.decided == [("ab" * 32, True), ("ab" * 32, False)]
    run(desk, "held", "abab", exit_code=4)
    run(desk, "held", "cd", "--take-up", exit_code=4)


def test_a_search_shows_where_the_mark_stands_and_how_well_it_agrees(desk: FakeDesk) -> None:
    assert "Nothing found." in run(desk, "search", "АБ 1234").stdout
    hit = search_pb2.MarkHit(
        thread=THREAD,
        item_id="7",
        grade="MATCH_GRADE_CONFUSABLE",
        text_as_seen="A6 I234",
        handling=["HANDLING_INSTRUCTION_DO_NOT_ALERT"],
        exercise=True,
    )
    desk.found = search_pb2.SearchMarksResponse(hits=[hit], count=1, incomplete=True)
    shown = run(desk, "search", "АБ 1234", "--exact").stdout
    for word in (THREAD, "A6 I234", "looks alike", "1 place", "search again", "EXERCISE", "DO NOT ALERT"):
        assert word in shown
    assert [one.exact for one in desk.searched] == [False, True]
    assert as_json(desk, "search", "АБ 1234")["hits"][0]["item_id"] == "7"


def test_a_photograph_is_written_to_a_file(desk: FakeDesk, tmp_path: Path) -> None:
    desk.parts[b"d" * 32] = b"picture"
    out = tmp_path / "out" / "one.jpg"
    as_json(desk, "part", THREAD, (b"d" * 32).hex(), "--out", str(out))
    assert out.read_bytes() == b"picture"
    run(desk, "part", THREAD, "nonsense", exit_code=4)


def test_a_case_is_exported_as_one_file(desk: FakeDesk, tmp_path: Path) -> None:
    desk.exports[desk_pb2.EXPORT_FORMAT_TRACEPOST] = bytes(range(256)) * 10
    out = tmp_path / "case.tracepost"
    as_json(desk, "export", THREAD, "--out", str(out))
    assert out.read_bytes() == bytes(range(256)) * 10


def archive(*names: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = 3
            tar.addfile(entry, io.BytesIO(b"abc"))
    return data.getvalue()


def test_a_case_is_exported_as_sd_jwts_in_a_folder(desk: FakeDesk, tmp_path: Path) -> None:
    desk.exports[desk_pb2.EXPORT_FORMAT_SD_JWT] = archive("01-trace.request.sd-jwt", "01-trace.request.pem")
    out = tmp_path / "sd-jwt"
    answer = as_json(desk, "export", THREAD, "--format", "sd-jwt", "--out", str(out))
    assert sorted(path.name for path in out.iterdir()) == sorted(answer["files"])


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/b"])
def test_an_export_cannot_write_outside_its_folder(desk: FakeDesk, tmp_path: Path, name: str) -> None:
    desk.exports[desk_pb2.EXPORT_FORMAT_SD_JWT] = archive(name)
    run(desk, "export", THREAD, "--format", "sd-jwt", "--out", str(tmp_path / "x" / "y"), exit_code=4)
    assert not (tmp_path / "x" / "evil").exists()


# ---------------------------------------------------------------- answering


def test_a_request_with_restrictions_is_acknowledged_on_stated_terms(asked: FakeDesk) -> None:
    run(asked, "ack", THREAD, exit_code=4)
    assert asked.drafts == []
    as_json(
        asked,
        "ack",
        THREAD,
        "--file-number",
        "XAB-9",
        "--accept",
        "--confidential",
        "--expected",
        "2026-12-01",
    )
    ack = said(asked)
    assert (ack.received_at, ack.items_counted) == ("2026-11-01T10:00:05Z", 2)
    assert list(ack.restrictions_accepted) == [terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE]
    assert ack.formal_check == trace_pb2.FORMAL_CHECK_COMPLETE
    assert ack.confidentiality_accepted
    assert not ack.automatic
    assert asked.drafts[0].thread == THREAD


def test_what_cannot_be_accepted_and_what_is_missing_is_said(asked: FakeDesk) -> None:
    as_json(
        asked,
        "ack",
        THREAD,
        "--cannot-accept",
        "no-onward-release:legal",
        "--missing",
        "1:photograph-of-mark",
    )
    ack = said(asked)
    assert ack.restrictions_not_accepted[0].reason == trace_pb2.OBJECTION_REASON_LEGAL
    assert ack.missing[0].code == terms_pb2.INFORMATION_CODE_PHOTOGRAPH_OF_MARK
    assert ack.formal_check == trace_pb2.FORMAL_CHECK_INCOMPLETE


def test_information_is_asked_for_by_item_and_code(asked: FakeDesk) -> None:
    as_json(
        asked,
        "ask",
        THREAD,
        "--need",
        "2:photograph-of-mark",
        "--need",
        "legal-ground",
        "--candidates",
        "2:2",
    )
    needed = said(asked).needed
    assert [(one.item_id, one.code) for one in needed] == [("2", 1), ("", 15)]
    assert said(asked).candidates[0].count == 2


def test_a_telling_outcome_is_coarsened_where_lists_can_read_it(asked: FakeDesk) -> None:
    as_json(asked, "respond", THREAD, "--item", "1", "--identification", "confirmed", "--reach", "none",
            "--stopped", "destroyed-or-deactivated")  # fmt: skip
    (answer,) = said(asked).answers
    assert answer.stopped_because == trace_pb2.STOPPED_BECAUSE_OTHER
    assert answer.stopped_because_full == trace_pb2.STOPPED_BECAUSE_DESTROYED_OR_DEACTIVATED
    assert said(asked).final


def test_a_whole_response_comes_from_a_file(asked: FakeDesk, tmp_path: Path) -> None:
    message = {
        "answers": [
            {
                "item_id": "1",
                "identification": "IDENTIFICATION_CONFIRMED",
                "reach": "REACH_POINT_OF_DIVERSION",
                "stopped_because": "STOPPED_BECAUSE_NOT_STOPPED",
            }
        ]
    }
    file = tmp_path / "response.json"
    file.write_text(json.dumps(message))
    as_json(asked, "respond", THREAD, "--message", str(file), "--part", "--file-number", "XAB-9")
    assert not said(asked).final
    assert said(asked).file_number == "XAB-9"


@pytest.mark.parametrize(
    ("verb", "arguments", "check"),
    [
        (
            "refuse",
            ["--ground", "national-security", "--reasons-cannot-be-told"],
            lambda m: m.reasons_cannot_be_told,
        ),
        (
            "delay",
            ["--ground", "ongoing-investigation", "--until", "2027-01-01"],
            lambda m: m.new_date == "2027-01-01",
        ),
        (
            "redirect",
            ["--item", "1", "--ask-member", "xad", "--because", "not-ours"],
            lambda m: m.redirections[0].ask_member == "xad",
        ),
        ("status", ["--state", "under-trace"], lambda m: m.state == trace_pb2.PROCESSING_STATE_UNDER_TRACE),
        ("clarify", ["--code", "lineage", "--text", "Which year?"], lambda m: m.step == 1),
        ("clarify", ["--reply", "--text", "1994"], lambda m: m.step == 2),
        ("supply", ["--explanation", "nothing more is known"], lambda m: m.explanation != ""),
        ("withdraw", ["--reason", "duplicate"], lambda m: m.deletion_asked and m.step == 1),
        ("withdraw", ["--deleted"], lambda m: m.step == 2 and m.deleted_at.endswith("Z")),
        ("withdraw", ["--kept-under", "Archives Act"], lambda m: m.step == 3),
        ("amend", ["--reason", "handling-changed", "--effect", "add"], lambda m: m.amends_digest == DIGEST),
        (
            "consent",
            ["--third-party", "xac", "--grant"],
            lambda m: m.decision == 1 and m.statement_digest == DIGEST,
        ),
        ("consent", ["--third-party", "xac", "--ask"], lambda m: m.step == 1 and m.purpose == 2),
        ("remind", ["--note", "hello"], lambda m: m.reminder_number == 1 and m.state == 5),
        ("remind", ["--escalate-to", "Ministry"], lambda m: m.state == 6),
    ],
)
def test_each_verb_says_what_its_options_say(
    asked: FakeDesk, verb: str, arguments: list[str], check: Any
) -> None:
    answer = as_json(asked, verb, THREAD, *arguments)
    assert check(said(asked))
    assert answer["statement"]


def test_a_referral_names_the_request_and_leaves_consent_and_exhibit_to_the_node(asked: FakeDesk) -> None:
    asked.completes_referrals = True
    as_json(asked, "refer", THREAD, "--to", "xac", "--because", "exported-to", "--lineage-to", "xaa")
    referral = said(asked)
    assert (referral.requester, referral.request_digest, referral.request_thread) == ("xaa", DIGEST, THREAD)
    assert list(referral.item_ids) == ["1", "2"]
    assert referral.mode == trace_pb2.REFERRAL_MODE_HAND_OVER
    run(asked, "refer", THREAD, "--to", "xac", "--to", "xad", exit_code=4)


def test_a_case_is_closed_with_the_outcome_of_each_item(asked: FakeDesk) -> None:
    as_json(asked, "close", THREAD, "--result", "lead")
    closure = said(asked)
    assert closure.code == trace_pb2.CLOSURE_CODE_ANSWERED_IN_PART
    assert [outcome.item_id for outcome in closure.outcomes] == ["1", "2"]
    assert closure.outcomes[0].answered_by == "xab"


# ---------------------------------------------------------------- errors


def test_an_error_says_where_it_is_and_what_to_do(asked: FakeDesk) -> None:
    asked.refuse["ShowCase"] = LockedDeskError(where="poc")
    result = run(asked, "show", THREAD, exit_code=5)
    assert "The desk is locked." in result.stderr
    assert "tracepost node unlock" in result.stderr
    assert result.stdout == ""


def test_an_error_for_machines_has_its_code(asked: FakeDesk) -> None:
    asked.refuse["ShowCase"] = BusyError()
    fault = json.loads(run(asked, "show", THREAD, "--json", exit_code=6).stderr)["error"]
    assert (fault["code"], fault["exit_code"]) == ("busy", 6)


def test_nobody_there_is_an_error_of_the_road(tmp_path: Path, desk: FakeDesk) -> None:
    text = desk.profile.read_text().replace(desk.address, "127.0.0.1:1")
    desk.profile.write_text(text)
    assert "127.0.0.1:1" in run(desk, "list", exit_code=6).stderr


# ---------------------------------------------------------------- share


class TestShare:
    """What is chosen goes as it was written; a preview shows values as the own desk sees them."""

    def test_statements_and_fields_are_chosen(self, asked: FakeDesk) -> None:
        as_json(
            asked, "share", THREAD, "--to", "un-panel-xyz", "--fields", "object, item:1", "--fields", "ground_text",
            "--without", "items.*.object.photograph", "--reason", "mandate", "--statement", DIGEST[:12],
        )  # fmt: skip
        (draft,) = asked.drafts
        (choice,) = draft.shared
        assert choice.statement == DIGEST
        assert list(choice.fields) == ["object", "item:1", "ground_text"]
        assert list(choice.without) == ["items.*.object.photograph"]
        assert (list(draft.to), draft.thread) == (["un-panel-xyz"], THREAD)
        assert draft.content.share.reason == share_pb2.SHARE_REASON_MANDATE

    def test_requests_and_answers_go_where_none_is_named(self, asked: FakeDesk) -> None:
        as_json(asked, "share", THREAD, "--to", "xac")
        assert [one.statement for one in asked.drafts[0].shared] == [DIGEST]
        assert said(asked).reason == share_pb2.SHARE_REASON_CASE

    def test_a_statement_that_is_not_there_is_refused(self, asked: FakeDesk) -> None:
        fault = run(asked, "share", THREAD, "--to", "xac", "--statement", "B" * 9, "--json", exit_code=4)
        assert json.loads(fault.stderr)["error"]["where"] == "--statement"

    def test_a_preview_shows_values_readers_and_what_is_missing(self, asked: FakeDesk) -> None:
        asked.previewed.append(
            onward_pb2.ExhibitPreview(
                statement=DIGEST,
                kind="trace.request/1",
                from_member="xaa",
                fields=[
                    onward_pb2.PreviewField(path="file_number", desks=["xac/node", "xac/poc"]),
                    onward_pb2.PreviewField(path="persons.0", of_class="SENSITIVITY_PERSONAL"),
                ],
                left_out=[onward_pb2.LeftOut(path="ground_text", because="LEFT_OUT_BECAUSE_NOT_CHOSEN")],
                withheld=[
                    terms_pb2.Withheld(path="text", ground=terms_pb2.WITHHOLDING_GROUND_CONFIDENTIALITY_LAW)
                ],
                missing=[post_pb2.Problem(code="permission", words="xaa has not consented")],
            )
        )
        shown = run(asked, "share", THREAD, "--to", "xac", "--preview").stdout
        for words in ("XAA-1", "xac/node, xac/poc", "not shown to your desk", "nobody: not sent"):
            assert words in shown
        assert "ground_text (not chosen)" in shown
        assert "xaa has not consented" in shown
        assert "1 consent is missing" in shown
        (exhibit,) = as_json(asked, "share", THREAD, "--to", "xac", "--preview")["exhibits"]
        assert [one.get("value") for one in exhibit["fields"]] == ["XAA-1", None]


def test_consents_are_listed_with_how_they_stand(asked: FakeDesk) -> None:
    asked.consents.extend(
        [
            onward_pb2.ConsentLine(
                thread=THREAD, by_member="xaa", third_party="xac", to=["xab"], state="CONSENT_STATE_OPEN"
            ),
            onward_pb2.ConsentLine(
                by_member="xaa", third_party="xad", state="CONSENT_STATE_GRANTED", classes=["OBJECT"]
            ),
        ]
    )
    shown = run(asked, "consents").stdout
    for words in ("asked, not decided", "all cases", "anybody who holds it", "2 consents"):
        assert words in shown
    assert as_json(asked, "consents", THREAD, "--open")["consents"][0]["third_party"] == "xac"


def test_a_provider_is_told_before_its_data_is_shown_in_court(asked: FakeDesk) -> None:
    as_json(asked, "notify", THREAD, "--to", "xaa", "--statement", DIGEST[:10], "--on", "2030-01-31")
    notice = said(asked)
    assert notice.reason == share_pb2.NOTICE_REASON_COMPELLED_DISCLOSURE
    assert [(one.statement_digest, one.released_on) for one in notice.releases] == [(DIGEST, "2030-01-31")]


def test_what_is_deleted_is_named_and_what_still_holds_it_is_told(asked: FakeDesk) -> None:
    shown = run(
        asked, "delete", THREAD, "--reason", "sent in error", "--statement", DIGEST[:9], "--yes"
    ).stdout
    assert "1 statement was deleted." in shown
    assert "still inside" in shown
    [request] = asked.deleted
    assert (list(request.statements), request.reason) == ([DIGEST], "sent in error")
    run(asked, "delete", THREAD, "--reason", "x", "--statement", "B" * 9, "--yes", exit_code=4)


class TestHolders:
    """Who holds what, and what follows what was passed on."""

    @pytest.fixture
    def passed(self, asked: FakeDesk) -> FakeDesk:
        asked.holders.holders.add(
            member="xac", of_member="xaa", by_member="xaa", state="HOLDER_STATE_ASKED", statements=[DIGEST]
        )
        asked.holders.to_pass_on.add(
            statement="W" * 43, kind="trace.withdrawal/1", from_member="xab", to_member="xac"
        )
        return asked

    def test_who_has_not_confirmed_is_counted_and_tasks_are_named(self, passed: FakeDesk) -> None:
        shown = run(passed, "holders", THREAD).stdout
        assert "1 holder has not confirmed." in shown
        assert "xab -> xac" in shown

    def test_a_withdrawal_is_passed_on(self, passed: FakeDesk) -> None:
        answer = as_json(passed, "withdraw", THREAD, "--pass-on")
        assert len(answer["submissions"]) == 1
        (draft,) = passed.drafts
        assert (list(draft.to), draft.shared[0].statement) == (["xac"], "W" * 43)
        as_json(passed, "withdraw", THREAD, "--pass-on")
        assert len(passed.drafts) == 1

    def test_a_correction_that_is_not_there_is_not(self, passed: FakeDesk) -> None:
        assert as_json(passed, "amend", THREAD, "--pass-on") == {"submissions": []}

    def test_who_confirms_says_to_whom_it_was_passed_on(self, passed: FakeDesk) -> None:
        as_json(passed, "withdraw", THREAD, "--deleted")
        assert list(said(passed).passed_on_to) == ["xac"]
