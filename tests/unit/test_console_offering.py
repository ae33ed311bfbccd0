"""What a page offers to choose from is the whole list, or none: nothing of a case is out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.console_pages import visit_at
from fakes.desk_server import desk_server
from tracepost.console.forms.answers import Answers
from tracepost.console.forms.drafts import Draft
from tracepost.console.forms.guides import GUIDES
from tracepost.console.forms.questions import Shape
from tracepost.console.forms.sheet import SheetMaker
from tracepost.console.offering import offers_of
from tracepost.locale.words import words_of
from tracepost.sdk import Client, OfficerPapers
from tracepost.wire.v1 import desk_pb2

CASE = "0190a7a0-0000-7000-8000-000000000000"
ITEM_IDS = "content.delay.item_ids"


@pytest.mark.parametrize(("count", "shape", "offered"), [(300, Shape.CODES, 300), (301, Shape.LINES, 0)])
async def test_items_of_a_case_are_chosen_and_typed_where_there_are_too_many(
    tmp_path: Path, count: int, shape: Shape, offered: int
) -> None:
    view = desk_pb2.CaseView()
    for number in range(count):
        view.summary.items.add(item_id=str(number))
    papers = tmp_path / "officer.pem", tmp_path / "officer.key", tmp_path / "root.pem"
    draft = Draft(guide="delay", case=CASE, desk="poc")
    with desk_server(tmp_path) as desk:
        desk.cases[CASE] = view
        async with Client.connect(
            desk.address, "xaa", "tracepost.example", OfficerPapers.read(*papers), desk="poc"
        ) as client:
            offers = await offers_of({"items"}, visit_at(), draft.guide, draft, client)
    maker, guide = SheetMaker(words_of("en"), offers=offers), GUIDES[draft.guide]
    asked = [box for step in guide.steps for box in maker.sheet(step, Answers(), ()).boxes]
    (box,) = (one for one in asked if one.name == ITEM_IDS)
    assert (box.shape, len(box.choices)) == (shape, offered)
