"""Lists as officers read them."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tracepost.cli.render.fields import json_words
from tracepost.cli.render.lists import case_list
from tracepost.protocol.jsonvalue import JsonValue
from tracepost.wire.v1 import desk_pb2


def item(*, asked: bool = False, answered: bool = False) -> desk_pb2.ItemSummary:
    answers = [desk_pb2.ItemAnswer(by_member="xab", final=True)] if answered else []
    return desk_pb2.ItemSummary(item_id="1", asked=asked or None, answers=answers)


def columns(*items: desk_pb2.ItemSummary) -> str:
    console = Console(file=io.StringIO(), width=200, record=True)
    console.print(case_list([desk_pb2.CaseSummary(thread="t", items=items)]))
    return console.export_text()


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
