"""`tracepost register loss` and `hit` through their own runner, over the wire to a real desk service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import json_format

from fakes.channels import hit, loss
from fakes.desk_server import FakeDesk, desk_server
from fakes.terminal import CliRunner, Result
from tracepost.cli.app import app
from tracepost.wire.v1 import desk_pb2, loss_pb2, terms_pb2, weapon_pb2

THREAD = "01993b4e-0000-7000-8000-000000000001"
DIGEST = "A" * 43
FORM = ("--to", "xab", "--file-number", "L-1", "--status", "stolen", "--legal-basis", "iti")
UNIT = ("--reporting-unit", "Police of XAA", "--on", "2026-02", "--in", "XAA")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        yield running


def run(desk: FakeDesk, *arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*arguments, "--profile", str(desk.profile)])
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output
    return result


def hold(desk: FakeDesk, from_member: str, content: desk_pb2.Content, kind: str) -> None:
    statement = desk_pb2.StatementView(
        statement=DIGEST,
        kind=kind,
        from_member=from_member,
        to=["xab" if from_member == "xaa" else "xaa"],
        issued_at="2026-11-01T10:00:00Z",
        content=content,
    )
    summary = desk_pb2.CaseSummary(thread=THREAD, state=desk_pb2.CASE_STATE_WAITING_FOR_US)
    desk.cases[THREAD] = desk_pb2.CaseView(summary=summary, statements=[statement])


def test_a_stolen_weapon_is_told_from_options(desk: FakeDesk) -> None:
    thing = ("--make", "Zastava", "--model", "M70", "--serial", "АБ 123")
    run(desk, "register", "loss", *FORM, *UNIT, *thing, "--from", "individual")
    (draft,) = desk.drafts
    notice = draft.content.loss_notice
    assert draft.purpose == terms_pb2.PURPOSE_RECOVERY
    assert notice.status == loss_pb2.LOSS_STATUS_STOLEN
    assert notice.items[0].object.mark[0].text_as_seen == "АБ 123"
    assert (notice.happened_on, notice.country) == ("2026-02", "XAA")


def test_a_loss_of_stock_is_told_from_a_file_and_judged_without_a_node(
    desk: FakeDesk, tmp_path: Path
) -> None:
    file = tmp_path / "stock.json"
    numbers = weapon_pb2.SerialRange(from_serial="A1", to_serial="A900", quantity=900)
    item = weapon_pb2.Item(id="lot", kind="ITEM_KIND_SERIAL_RANGE", serial_range=numbers)
    file.write_text(json_format.MessageToJson(loss(items=[item]), preserving_proto_field_name=True))
    assert "It is good" in run(desk, "register", "loss", str(file), *FORM, "--check").stdout
    refused = run(desk, "register", "loss", *FORM, *UNIT, "--make", "Zastava", "--check", exit_code=4)
    assert "items.0" in refused.stderr
    assert not desk.drafts


def test_the_end_of_a_search_names_the_notice_and_its_items_by_itself(desk: FakeDesk) -> None:
    content = desk_pb2.Content(loss_notice=loss("1", "2"))
    hold(desk, "xaa", content, "register.loss-notice/1")
    ending = ("--case", THREAD, "--status", "recovered", "--found", "surrendered", "--item", "2")
    run(desk, "register", "loss", *ending)
    (draft,) = desk.drafts
    notice = draft.content.loss_notice
    assert draft.thread == THREAD
    assert (notice.changes_digest, notice.file_number) == (DIGEST, "L-1")
    assert [one.id for one in notice.items] == ["2"]
    assert list(notice.found_situations) == [weapon_pb2.FOUND_SITUATION_SURRENDERED]


def test_a_hit_names_what_was_recognised_and_what_was_seen(desk: FakeDesk) -> None:
    content = desk_pb2.Content(loss_notice=loss("1", "2"))
    hold(desk, "xab", content, "register.loss-notice/1")
    seen = ("--serial", "АБ 123", "--make", "Zastava", "--agrees", "serial", "--agrees", "make")
    sure = ("--confidence", "certain", "--found", "border", "--file-number", "H-1")
    run(desk, "register", "hit", THREAD, "--item", "2", *seen, *sure)
    message = desk.drafts[0].content.hit
    (one,) = message.recognised
    assert (one.statement_digest, one.item_id, one.seen_item_id) == (DIGEST, "2", "1")
    assert one.confidence == terms_pb2.CONFIDENCE_CERTAIN
    assert message.found_situation == weapon_pb2.FOUND_SITUATION_BORDER
    refused = run(desk, "register", "hit", THREAD, "--item", "7", *seen, *sure, exit_code=4)
    assert "7" in refused.stderr


def test_a_case_shows_losses_and_hits_in_words(desk: FakeDesk) -> None:
    hold(desk, "xab", desk_pb2.Content(loss_notice=loss()), "register.loss-notice/1")
    shown = run(desk, "trace", "show", THREAD).stdout
    for words in ("lost or stolen", "stolen", "Police of XAA", "АБ 1234"):
        assert words in shown, words
    hold(desk, "xab", desk_pb2.Content(hit=hit(DIGEST)), "register.hit/1")
    shown = run(desk, "trace", "show", THREAD).stdout
    for words in ("hit", "probable", "serial number", "border"):
        assert words in shown, words
