"""Lists as officers read them."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from tracepost.cli.render.fields import json_words
from tracepost.cli.render.lists import case_list
from tracepost.cli.render.office import passkeys
from tracepost.cli.render.post import sent_letters
from tracepost.protocol.jsonvalue import JsonValue
from tracepost.wire.v1 import delivery_pb2, desk_pb2, office_pb2


def item(*, asked: bool = False, answered: bool = False) -> desk_pb2.ItemSummary:
    answers = [desk_pb2.ItemAnswer(by_member="xab", final=True)] if answered else []
    return desk_pb2.ItemSummary(item_id="1", asked=asked or None, answers=answers)


def printed(sheet: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=200, record=True)
    console.print(sheet)
    return console.export_text()


def columns(*items: desk_pb2.ItemSummary) -> str:
    return printed(case_list([desk_pb2.CaseSummary(thread="t", items=items)]))


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ((item(asked=True), item(asked=True, answered=True)), "1/2"),
        ((item(), item()), "2"),
        ((item(), item(asked=True)), "0/1"),
    ],
    ids=["asked", "told-only", "told-and-asked"],
)
def test_items_that_nobody_was_asked_about_are_not_counted_as_unanswered(
    items: tuple[desk_pb2.ItemSummary, ...], shown: str
) -> None:
    text = columns(*items)
    assert f" {shown} " in text
    assert ("/" in text) == ("/" in shown)


def test_a_value_of_a_preview_is_told_in_words() -> None:
    mark: JsonValue = {"role": "MARK_ROLE_MANUFACTURER_SERIAL", "text_as_seen": "A\x1b[1mB"}
    shown = json_words([mark, True, "ITEM_KIND_WEAPON"])
    assert "MARK_ROLE" not in shown
    assert "serial" in shown
    assert "yes" in shown
    assert "\x1b" not in shown


def test_a_passkey_that_an_earlier_certificate_endorsed_is_marked_as_silent() -> None:
    silent, speaks = (office_pb2.Passkey(credential=one * 12) for one in "AB")
    text = printed(passkeys([silent, speaks], [speaks])).splitlines()
    marked, other = (next(line for line in text if one * 12 in line) for one in "AB")
    assert "counts no more: endorsed by an earlier certificate" in marked
    assert "speaks for you" in other


def test_sent_mail_is_told_with_where_it_is_and_the_newest_reply() -> None:
    letters = [
        delivery_pb2.SentLetter(
            thread="t-1",
            kind="trace.request/1",
            to="xab",
            state=desk_pb2.MAIL_STATE_DELIVERED,
            reply_kind="trace.acknowledgement/1",
            replied_at="2026-11-22T10:00:00Z",
        ),
        delivery_pb2.SentLetter(
            thread="t-2", to="xac", state=desk_pb2.MAIL_STATE_REFUSED, reason="exhibit\x1b[1m"
        ),
    ]
    text = printed(sent_letters(delivery_pb2.ListSentMailResponse(letters=letters, next_page_token="17")))
    first, second = (next(line for line in text.splitlines() if name in line) for name in ("t-1", "t-2"))
    assert "2026-11-22 10:00 UTC" in first
    assert "exhibit" in second
    assert "\x1b" not in second
    assert "--after 17" in text
    assert "There is none" in printed(sent_letters(delivery_pb2.ListSentMailResponse()))
