"""`tracepost panel …` through its own runner, over the wire to a real desk service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from fakes.channels import decision, documented, panel_reply, panel_request, texts_to_print
from fakes.desk_server import FakeDesk, desk_server
from fakes.terminal import CliRunner, Result
from tracepost.cli.app import app
from tracepost.sdk.drafts import wrap_content
from tracepost.wire.v1 import desk_pb2, panel_pb2, terms_pb2, trace_pb2

THREAD = "01993b4e-0000-7000-8000-000000000001"
DIGEST = "A" * 43
MANDATE = ("--panel", "Panel XYZ", "--resolution", "S/RES/9999 (2025)", "--file-number", "P-1")
ASKED = (
    "--question", "Who exported it?", "--context", "Delivered after the embargo", "--reply-by", "2031-05-06",
    "--publication", "with-source", "--confidentiality", "report", "--in", "XAD", "--serial", "АБ 123",
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        yield running


def run(desk: FakeDesk, *arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*arguments, "--profile", str(desk.profile)])
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output
    return result


def hold(desk: FakeDesk, *said: tuple[str, str, Message]) -> None:
    """Let the node hold a case with these statements: who wrote which kind."""
    statements = [
        desk_pb2.StatementView(
            statement=DIGEST,
            kind=kind,
            from_member=member,
            to=["xab" if member == "xaa" else "xaa"],
            issued_at="2026-11-01T10:00:00Z",
            content=wrap_content(message),
        )
        for member, kind, message in said
    ]
    summary = desk_pb2.CaseSummary(thread=THREAD, state=desk_pb2.CASE_STATE_WAITING_FOR_US)
    desk.cases[THREAD] = desk_pb2.CaseView(summary=summary, statements=statements)


def test_each_member_is_asked_in_a_case_of_its_own(desk: FakeDesk) -> None:
    run(desk, "panel", "ask", *MANDATE, *ASKED, "--to", "xab", "--to", "xac", "--to", "xad")
    assert [list(draft.to) for draft in desk.drafts] == [["xab"], ["xac"], ["xad"]]
    assert not any(draft.HasField("thread") for draft in desk.drafts)
    assert len({draft.idempotency_key for draft in desk.drafts}) == 3
    draft = desk.drafts[0]
    assert draft.legal_basis == terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION
    assert draft.purpose == terms_pb2.PURPOSE_EMBARGO_MONITORING
    assert draft.content.panel_request.items[0].object.mark[0].text_as_seen == "АБ 123"


def test_a_request_is_judged_without_a_node(desk: FakeDesk, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json_format.MessageToJson(panel_request(), preserving_proto_field_name=True))
    assert "It is good" in run(desk, "panel", "ask", str(file), "--to", "xab", "--check").stdout
    call = ("panel", "ask", str(file), "--to", "xab", "--check", "--reply-by", "2020-01-01")
    assert "reply_by" in run(desk, *call, exit_code=4).stderr
    assert not desk.drafts


def test_a_text_is_put_before_who_answered_word_by_word(desk: FakeDesk) -> None:
    hold(
        desk,
        ("xaa", "panel.request/1", panel_request(file_number="P-7")),
        ("xab", "panel.reply/1", panel_reply()),
    )
    text = ("--text", "p1: The rifle was exported: to XAD.", "--path", "answers.0.lineage")
    run(desk, "panel", "ask", "--case", THREAD, *text, "--to", "xab")
    request = desk.drafts[0].content.panel_request
    assert (desk.drafts[0].thread, request.file_number) == (THREAD, "P-7")
    assert request.panel == "Panel XYZ"
    assert request.texts[0].text == "The rifle was exported: to XAD."
    (excerpt,) = request.excerpts
    assert (excerpt.text_id, excerpt.statement_digest) == ("p1", DIGEST)
    assert list(excerpt.field_paths) == ["answers.0.lineage"]


def test_a_reply_answers_items_and_says_who_may_read_it(desk: FakeDesk) -> None:
    hold(desk, ("xab", "panel.request/1", panel_request("1", "2")))
    told = ("--item", "1", "--item", "2", "--identification", "confirmed", "--reach", "first-recipient")
    how = ("--stopped", "not-stopped", "--final", "--confidentiality", "panel-only", "--file-number", "M-1")
    run(desk, "panel", "reply", THREAD, *told, *how)
    reply = desk.drafts[0].content.panel_reply
    assert [one.item_id for one in reply.answers] == ["1", "2"]
    assert {one.reach for one in reply.answers} == {trace_pb2.REACH_FIRST_RECIPIENT}
    assert reply.final
    assert reply.confidentiality == panel_pb2.PANEL_CONFIDENTIALITY_PANEL_ONLY


def test_publication_is_granted_changed_or_refused_text_by_text(desk: FakeDesk) -> None:
    texts = texts_to_print(DIGEST, p1="one", p2="two", p3="three")
    hold(desk, ("xab", "panel.request/1", panel_request()), ("xab", "panel.request/1", texts))
    words = ("--print", "p1", "--change", "p2:another text", "--do-not-print", "p3", "--attribution", "named")
    how = ("--confidentiality", "report", "--file-number", "M-1")
    run(desk, "panel", "reply", THREAD, *words, *how)
    reply = desk.drafts[0].content.panel_reply
    decided: Any = {one.text_id: (one.decision, one.attribution) for one in reply.publication}
    assert decided == {"p1": (1, 1), "p2": (2, 1), "p3": (3, 0)}
    assert [(one.text_id, one.text) for one in reply.texts] == [("p2", "another text")]


def test_what_is_documented_is_told_from_options(desk: FakeDesk) -> None:
    seen = ("--custody", "surrendered-in-ddr", "--on", "2026-02", "--in", "XAD", "--serial", "A 1")
    sure = ("--verification", "physically-inspected", "--verifier", "panel-expert")
    run(
        desk, "panel", "document", *MANDATE, *seen, *sure, "--confidentiality", "committee",
        "--to", "xab", "--to", "xac",
    )  # fmt: skip
    (draft,) = desk.drafts
    told = draft.content.documented_item
    assert list(draft.to) == ["xab", "xac"]
    assert told.verification == panel_pb2.VERIFICATION_PHYSICALLY_INSPECTED
    assert (told.documented_by, told.documented_on) == ("Panel XYZ", "2026-02")


@pytest.mark.parametrize(
    ("kind", "message", "words"),
    [
        (
            "panel.request/1",
            panel_request(),
            ("request of a panel", "canary-question", "with the source", "АБ 1234"),
        ),
        (
            "panel.request/1",
            texts_to_print(DIGEST, p1="The text."),
            ("to be printed", "The text.", "answers.0"),
        ),
        ("panel.reply/1", panel_reply(), ("reply to a panel", "for the panel only", "canary-explanation")),
        ("panel.reply/1", decision(p1="DENIED"), ("may not be printed",)),
        (
            "panel.documented-item/1",
            documented(),
            ("documented item", "two independent sources", "surrendered in disarmament", "АБ 1234"),
        ),
    ],
)
def test_a_case_shows_them_in_words(
    desk: FakeDesk, kind: str, message: Message, words: tuple[str, ...]
) -> None:
    hold(desk, ("xab", kind, message))
    shown = run(desk, "trace", "show", THREAD).stdout
    for word in words:
        assert word in shown, word
