"""What a notice of a loss, its end, and a hit must say, and what they do to a case."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from fakes.channels import hit, loss, seizure
from fakes.messages import item, request
from fakes.threads import Case
from tracepost.node.handlers.rules import RULES
from tracepost.node.handlers.rules.rule import Saying
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.protocol.lifecycle import Phase
from tracepost.protocol.schema import OPENING_KINDS
from tracepost.wire.v1 import loss_pb2, weapon_pb2

TODAY = "2026-06-30"
OTHER = "A" * 43


def say(message: Message, case: Case, *to: str) -> None:
    schema.validate(message)
    members = [MemberId(one) for one in to or ("xab",)]
    RULES[schema.kind_of(message)](Saying(message, case.thread(), members, 1, TODAY))


def refusal(message: Message, case: Case, *to: str) -> tuple[str, str]:
    with pytest.raises(InvalidMessageError) as refused:
        say(message, case, *to)
    return refused.value.where, refused.value.reason


def bare(number: str = "1", **more: Any) -> weapon_pb2.Item:
    return weapon_pb2.Item(id=number, kind="ITEM_KIND_WEAPON", **more)


def lot() -> weapon_pb2.Item:
    numbers = weapon_pb2.SerialRange(from_serial="A1", to_serial="A900", quantity=900)
    return weapon_pb2.Item(id="lot", kind="ITEM_KIND_SERIAL_RANGE", serial_range=numbers)


def sought() -> tuple[Case, str]:
    """XAA told XAB of two stolen weapons; XAA looks."""
    case = Case("xaa")
    record = case.say("xaa", ["xab"], loss("1", "2"))
    return case, encode_b64(record.digest)


# ── notices ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "notice",
    [
        loss(),
        loss(status="LOSS_STATUS_LOST", expires_on="2027-01-01"),
        loss(items=[lot()], lost_from="HOLDER_KIND_ARMED_FORCES", quantity=900),
        loss(happened_on="2026", happened_until="2026-03-04", reported_on="2026-06-30"),
    ],
)
def test_a_loss_of_a_weapon_or_a_stock_is_told(notice: loss_pb2.LossNotice) -> None:
    say(notice, Case("xaa"))


@pytest.mark.parametrize(
    ("notice", "where", "reason"),
    [
        (loss(items=[bare()]), "items.0", "nothing-to-find"),
        (
            loss(items=[item("1"), bare("2", object=weapon_pb2.Object(make="Zastava"))]),
            "items.1",
            "nothing-to-find",
        ),
        (loss(happened_on="2026-07"), "happened_on", "not-yet"),
        (loss(reported_on="2026-07-01"), "reported_on", "not-yet"),
        (loss(happened_on="2026-03", happened_until="2026-02-27"), "happened_until", "backwards"),
        (loss(expires_on="2026-06-29"), "expires_on", "expired"),
        (loss(changes_digest=OTHER), "changes_digest", "begins"),
        (loss(found_situations=["FOUND_SITUATION_BORDER"]), "found_situations", "not-recovered"),
        (loss(status="LOSS_STATUS_CANCELLED"), "changes_digest", "changes-what"),
    ],
)
def test_a_notice_that_makes_no_sense_is_refused(
    notice: loss_pb2.LossNotice, where: str, reason: str
) -> None:
    assert refusal(notice, Case("xaa")) == (where, reason)


def test_an_end_is_told_of_items_of_our_own_notice_in_the_case() -> None:
    case, digest = sought()
    ending = {"status": "LOSS_STATUS_RECOVERED", "changes_digest": digest, "items": [bare("2")]}
    found = ["FOUND_SITUATION_SURRENDERED", "FOUND_SITUATION_STOCK_CHECK"]
    say(loss(**ending, found_situations=found), case)
    say(loss(**{**ending, "status": "LOSS_STATUS_CANCELLED"}), case)
    cancelled = loss(**{**ending, "status": "LOSS_STATUS_CANCELLED"}, found_situations=found)
    assert refusal(cancelled, case) == ("found_situations", "not-recovered")
    assert refusal(loss(**{**ending, "items": [bare("3")]}), case) == ("items", "unknown-item")
    assert refusal(loss(**{**ending, "changes_digest": OTHER}), case)[1] == "unknown-statement"
    theirs = Case("xab")
    theirs.say("xaa", ["xab"], loss("1", "2"))
    assert refusal(loss(**ending), theirs, "xaa") == ("changes_digest", "not-our-notice")


# ── hits ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("told", [loss("1", "2"), seizure("1", "2"), request("T-1", "1", "2")])
def test_a_hit_names_an_item_of_what_its_addressee_wrote(told: Message) -> None:
    case = Case("xab")
    digest = encode_b64(case.say("xaa", ["xab"], told).digest)
    say(hit(digest, "2"), case, "xaa")
    say(hit(digest, "2", confidence="CONFIDENCE_CERTAIN"), case, "xaa", "xac")
    assert refusal(hit(digest, "3"), case, "xaa") == ("recognised.0.item_id", "unknown-item")
    assert refusal(hit(OTHER), case, "xaa") == ("recognised.0.statement_digest", "unknown-statement")
    assert refusal(hit(digest), case, "xac") == ("recognised.0.statement_digest", "not-theirs")
    assert refusal(hit(digest, items=[item("9")]), case, "xaa") == (
        "recognised.0.seen_item_id",
        "unknown-item",
    )


@pytest.mark.parametrize(
    "said",
    [
        {"agrees_in": ["HIT_FEATURE_SERIAL"]},
        {"agrees_in": []},
        {"differs_in": ["HIT_FEATURE_CALIBRE"]},
    ],
)
def test_a_serial_number_alone_is_never_certain(said: dict[str, Any]) -> None:
    case = Case("xab")
    digest = encode_b64(case.say("xaa", ["xab"], loss()).digest)
    sure = hit(digest, confidence="CONFIDENCE_CERTAIN", **said)
    assert refusal(sure, case, "xaa") == ("recognised.0.confidence", "serial-alone")
    say(hit(digest, **said), case, "xaa")


# ── the case ─────────────────────────────────────────────────────────────────────────


def test_a_loss_opens_a_case_and_a_hit_does_not() -> None:
    assert "register.loss-notice/1" in OPENING_KINDS
    assert "register.hit/1" not in OPENING_KINDS


def test_what_is_no_longer_sought_is_no_item_of_the_case_any_more() -> None:
    case, digest = sought()
    assert case.state().phase is Phase.WAITING_FOR_THEM
    before = case.state()
    case.say("xab", ["xaa"], loss("1", changes_digest=digest, status="LOSS_STATUS_CANCELLED"))
    assert [one.removed for one in case.state().items] == [one.removed for one in before.items]
    case.say("xaa", ["xab"], loss("2", changes_digest=digest, status="LOSS_STATUS_RECOVERED"))
    assert [(one.item_id, one.removed) for one in case.state().items] == [("1", False), ("2", True)]


def test_a_hit_waits_for_who_is_told_and_brings_its_instructions() -> None:
    case, digest = sought()
    case.say("xab", ["xaa"], hit(digest, handling_instructions=["HANDLING_INSTRUCTION_DO_NOT_ALERT"]))
    state = case.state()
    assert state.phase is Phase.WAITING_FOR_US
    assert [one.item_id for one in state.items] == ["1", "2"]
    assert state.handling
    assert state.duties == ()
