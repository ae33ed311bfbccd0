"""`tracepost customs …` through its own runner, over the wire to a real desk service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from fakes.channels import seizure
from fakes.desk_server import FakeDesk, desk_server
from fakes.terminal import CliRunner, Result
from tracepost.cli.app import app
from tracepost.wire.v1 import desk_pb2, seizure_pb2, terms_pb2, trace_pb2, weapon_pb2

EXAMPLES = Path(__file__).parents[2] / "examples"
FORM = (
    "--to", "xab", "--to", "xac", "--seizure-id", "S-1", "--agency", "Customs of XAB",
    "--seized-on", "2026-03-04", "--direction", "import", "--mode", "post-or-express",
    "--route", "XAD", "--route", "XAB", "--border-point", "Post office 7", "--hs", "930200",
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        yield running


def run(desk: FakeDesk, *arguments: str, exit_code: int = 0) -> Result:
    environment = {"COLUMNS": "200"}
    result = CliRunner(env=environment).invoke(app, [*arguments, "--profile", str(desk.profile)])
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output
    return result


def sent(desk: FakeDesk) -> tuple[desk_pb2.Draft, seizure_pb2.SeizureNotice]:
    (draft,) = desk.drafts
    return draft, draft.content.seizure_notice


def test_the_short_form_is_sent_from_options(desk: FakeDesk) -> None:
    options = ("--quantity", "1", "--category", "self-loading-pistol", "--serial", "ТТ 12?4", "--make", "TT")
    run(desk, "customs", "seize", *FORM, *options, "--parcel", "RR473124829GB", "--company", "consignor:Ltd")
    draft, notice = sent(desk)
    assert list(draft.to) == ["xab", "xac"]
    assert draft.purpose == terms_pb2.PURPOSE_BORDER_CONTROL
    assert draft.legal_basis == terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE
    (item,) = notice.items
    (mark,) = item.object.mark
    assert (mark.text_as_seen, mark.script) == ("ТТ 12?4", weapon_pb2.SCRIPT_CYRILLIC)
    assert mark.legibility == weapon_pb2.LEGIBILITY_PARTIAL
    assert (notice.direction, list(notice.route_countries)) == (1, ["XAD", "XAB"])
    assert notice.transport_mode == trace_pb2.TRANSPORT_MODE_POST_OR_EXPRESS
    assert notice.companies[0].role == trace_pb2.COMPANY_ROLE_CONSIGNOR


def test_a_range_of_serials_is_one_item(desk: FakeDesk) -> None:
    lot = ("--serial", "A100", "--to-serial", "A139", "--pieces", "40", "--quantity", "40")
    run(desk, "customs", "seize", *FORM, *lot)
    (item,) = sent(desk)[1].items
    assert item.kind == weapon_pb2.ITEM_KIND_SERIAL_RANGE
    assert (item.serial_range.from_serial, item.serial_range.quantity) == ("A100", 40)


def test_a_file_is_sent_and_options_go_over_it(desk: FakeDesk, tmp_path: Path) -> None:
    file = tmp_path / "notice.json"
    file.write_text(json_format.MessageToJson(seizure("1", "2"), preserving_proto_field_name=True))
    run(desk, "customs", "seize", str(file), "--to", "xab", "--suggest-trace", "--agency", "Other")
    _, notice = sent(desk)
    assert (notice.agency, notice.suggests_trace, len(notice.items)) == ("Other", True, 2)


def test_a_table_lists_what_was_found(desk: FakeDesk, tmp_path: Path) -> None:
    table = tmp_path / "found.csv"
    table.write_text("serial,manufacturer,type\nA1,Zastava,rifle\nA2,Zastava,rifle\n")
    run(desk, "customs", "seize", str(table), *FORM, "--quantity", "2")
    assert [item.object.mark[0].text_as_seen for item in sent(desk)[1].items] == ["A1", "A2"]


def test_a_table_with_a_bad_row_sends_nothing(desk: FakeDesk) -> None:
    table = str(EXAMPLES / "items.csv")
    refused = run(desk, "customs", "seize", table, *FORM, "--quantity", "20", "--json", exit_code=4)
    answer: Any = json.loads(refused.stdout)
    assert answer["sent"] is False
    assert [one["row"] for one in answer["rejections"]][:2] == [11, 12]
    assert not desk.drafts


def test_a_notice_is_judged_without_a_node(desk: FakeDesk) -> None:
    good = ("--quantity", "1", "--serial", "A1", "--container", "CSQU3054383")
    assert "It is good" in run(desk, "customs", "seize", *FORM, *good, "--check").stdout
    bad = (*good[:-1], "CSQU3054384")
    refused = run(desk, "customs", "seize", *FORM, *bad, "--check", exit_code=4)
    assert "container_numbers.0" in refused.stderr
    assert "CSQU3054384" not in refused.stderr
    assert not desk.drafts


def test_persons_need_a_basis_of_mutual_assistance(desk: FakeDesk, tmp_path: Path) -> None:
    file = tmp_path / "notice.json"
    notice = seizure(persons=[trace_pb2.Person(role="PERSON_ROLE_CONSIGNEE", name="nobody")])
    file.write_text(json_format.MessageToJson(notice, preserving_proto_field_name=True))
    call = ("customs", "seize", str(file), "--to", "xab", "--check")
    run(desk, *call)
    refused = run(desk, *call, "--legal-basis", "iti", exit_code=4)
    assert "persons" in refused.stderr
    assert "mutual assistance" in refused.stderr


THREAD = "01993b4e-0000-7000-8000-000000000001"


def hold(desk: FakeDesk, notice: seizure_pb2.SeizureNotice) -> None:
    """Let the node hold a case that this notice of XAB opened."""
    statement = desk_pb2.StatementView(
        statement="A" * 43,
        kind="customs.seizure-notice/1",
        from_member="xab",
        to=["xaa"],
        issued_at="2026-11-01T10:00:00Z",
        content=desk_pb2.Content(seizure_notice=notice),
    )
    summary = desk_pb2.CaseSummary(
        thread=THREAD,
        state=desk_pb2.CASE_STATE_WAITING_FOR_US,
        opened_with=statement.kind,
        items=[desk_pb2.ItemSummary(item_id=item.id) for item in notice.items],
    )
    desk.cases[THREAD] = desk_pb2.CaseView(summary=summary, statements=[statement])
    desk.timelines[THREAD] = [
        desk_pb2.TimelineEvent(at="2026-11-01T10:00:05Z", event="received", statement=statement.statement)
    ]


def test_a_notice_is_acknowledged_like_a_request(desk: FakeDesk) -> None:
    hold(desk, seizure("1", "2"))
    run(desk, "trace", "ack", THREAD, "--file-number", "XAA-9")
    message = desk.drafts[0].content.acknowledgement
    assert (message.items_counted, message.received_at) == (2, "2026-11-01T10:00:05Z")
    assert message.formal_check == trace_pb2.FORMAL_CHECK_COMPLETE


def test_a_list_says_what_each_case_is_about(desk: FakeDesk) -> None:
    hold(desk, seizure())
    assert "seizure notice" in run(desk, "trace", "list").stdout


def test_a_case_shows_the_notice_in_words_with_its_items(desk: FakeDesk) -> None:
    notice = seizure(
        handling_instructions=["HANDLING_INSTRUCTION_CONTROLLED_DELIVERY"],
        detection_methods=["DETECTION_METHOD_X_RAY"],
        concealment_methods=["CONCEALMENT_METHOD_IN_LEGAL_GOODS"],
    )
    hold(desk, notice)
    shown = run(desk, "trace", "show", THREAD).stdout
    for words in ("seizure notice", "post or express", "X-ray", "among lawful goods", "АБ 1234", "item 1"):
        assert words in shown, words
    assert shown.index("CONTROLLED DELIVERY") < shown.index("item 1")
