"""A client judges a new request as a node would, without one: same place, same reason."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import Street, draft, open_street
from tracepost.protocol.errors import LimitError
from tracepost.protocol.schema import Sensitivity
from tracepost.sdk.intake.checking import find_fault
from tracepost.sdk.intake.documents import Album, read_document, read_draft
from tracepost.wire.v1 import desk_pb2, trace_pb2, weapon_pb2

EXAMPLES = Path(__file__).parents[2] / "examples"
DAY = 86400
Change = Callable[[desk_pb2.Draft], object]


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab") as street:
        yield street


def request_of(draft: desk_pb2.Draft) -> trace_pb2.TraceRequest:
    return draft.content.trace_request


def raise_to(path: str, to_class: Sensitivity) -> desk_pb2.RaisedField:
    return desk_pb2.RaisedField(path=path, to_class=f"SENSITIVITY_{to_class}")


def picture(sha256: bytes, size: int) -> weapon_pb2.Photograph:
    view = weapon_pb2.PHOTOGRAPH_VIEW_LEFT
    return weapon_pb2.Photograph(view=view, media_type="image/jpeg", sha256=sha256, size=size)


def clear_grounds(draft: desk_pb2.Draft) -> None:
    request_of(draft).ClearField("illicit_grounds")
    request_of(draft).items[0].ClearField("illicit_grounds")


FAULTS: dict[str, tuple[Change, str]] = {
    "nobody is asked": (lambda d: d.ClearField("to"), "to-whom"),
    "we ask ourselves": (lambda d: d.to.append("xaa"), "to-ourselves"),
    "no purpose is said": (lambda d: d.ClearField("purpose"), "not-said"),
    "no legal basis is said": (lambda d: d.ClearField("legal_basis"), "not-said"),
    "the last day is past": (lambda d: setattr(d, "deliver_by", 1), "deliver-by"),
    "the last day is too far": (
        lambda d: setattr(d, "deliver_by", int(time.time()) + 999 * DAY),
        "deliver-by",
    ),
    "two items have one id": (lambda d: request_of(d).items.append(request_of(d).items[0]), "item-twice"),
    "urgent without a reason": (
        lambda d: setattr(request_of(d), "urgency", trace_pb2.URGENCY_URGENT),
        "urgency-unreasoned",
    ),
    "nothing is guaranteed and nobody says why": (
        lambda d: setattr(request_of(d), "guarantees_restrictions", False),
        "no-reason",
    ),
    "a weapon has no mark": (lambda d: request_of(d).items[0].object.ClearField("mark"), "no-mark"),
    "a ground of ITI 6 is missing": (clear_grounds, "no-ground"),
    "a class is raised where it may not be": (
        lambda d: d.raised.append(raise_to("file_number", Sensitivity.PUBLIC)),
        "not-raisable",
    ),
    "a photograph is missing": (
        lambda d: request_of(d).items[0].object.photograph.append(picture(bytes(32), 9)),
        "part-missing",
    ),
    "a photograph is not named": (lambda d: d.parts.append(b"a picture"), "part-unnamed"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_a_node_refuses_a_client_finds_beforehand(street: Street, fault: str) -> None:
    change, reason = FAULTS[fault]
    bad = draft(m.request("T-1", "1"), to=["xab"])
    change(bad)
    found = find_fault(bad, now=street.clock(), own_member="xaa")
    assert found is not None
    [answer] = await street["xaa"].submit(bad)
    problem = answer.problem
    assert (found.reason, found.code, found.where) == (reason, problem.code, problem.where)
    assert problem.reason == reason


async def test_what_a_client_finds_good_a_node_takes(street: Street) -> None:
    good = draft(m.rich_request("T-1"), to=["xab"], parts=[m.PICTURE, m.SCENE])
    assert find_fault(good, now=street.clock(), own_member="xaa") is None
    [answer] = await street["xaa"].submit(good)
    assert not answer.HasField("problem")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_the_examples_are_good(path: Path) -> None:
    example = read_draft(read_document(path), Album(path.parent))
    assert find_fault(example, now=int(time.time())) is None


def test_a_request_that_goes_into_a_case_leaves_terms_and_addressee_to_it() -> None:
    into = draft(m.request("T-1", "1"), case="XAA-1")
    for name in ("purpose", "legal_basis"):
        into.ClearField(name)
    assert find_fault(into, now=int(time.time())) is None


def test_photographs_that_no_message_holds_are_found() -> None:
    heavy = m.rich_request("T-1")
    parts = [number.to_bytes(2) * 100_000 for number in range(90)]
    for part in parts:
        heavy.items[0].object.photograph.append(picture(hashlib.sha256(part).digest(), len(part)))
    fault = find_fault(draft(heavy, to=["xab"], parts=[*parts, m.PICTURE, m.SCENE]), now=int(time.time()))
    assert isinstance(fault, LimitError)
