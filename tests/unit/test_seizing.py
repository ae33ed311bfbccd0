"""What a seizure notice must say, and the numbers that carry a digit against slips of the pen."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import messages as m
from fakes.channels import seizure
from fakes.threads import Case
from tracepost.node.handlers.case.concerned import concerned_by
from tracepost.node.handlers.rules import RULES
from tracepost.node.handlers.rules.rule import Saying
from tracepost.protocol import consignments, schema
from tracepost.protocol.consignments import (
    check_air_waybill,
    check_container_number,
    check_parcel_number,
    container_digit,
    parcel_digit,
    waybill_digit,
)
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.lifecycle import Phase
from tracepost.protocol.schema import OPENING_KINDS, WRITTEN_FOR
from tracepost.wire.v1 import seizure_pb2, terms_pb2, trace_pb2, weapon_pb2

TODAY = "2026-06-30"
ITI = terms_pb2.LEGAL_BASIS_ITI
DIGITS = st.text("0123456789", min_size=7, max_size=7)

# ── numbers ──────────────────────────────────────────────────────────────────────────


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(consignments).failed == 0


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (check_container_number, "CSQU3054383"),
        (check_container_number, "MSKU6011672"),
        (check_parcel_number, "RR473124829GB"),
        (check_air_waybill, "020-12345675"),
        (check_air_waybill, "02012345675"),
    ],
)
def test_a_number_with_its_digit_is_good_and_with_any_other_it_is_not(check: Any, number: str) -> None:
    check(number)
    place = 10 if "waybill" not in check.__name__ else len(number) - 1
    for digit in set("0123456789") - {number[place]}:
        with pytest.raises(InvalidInputError) as refused:
            check(number[:place] + digit + number[place + 1 :])
        assert refused.value.reason == "check-digit"
        assert number[:place] not in f"{refused.value} {refused.value.what_to_do}"


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (check_container_number, "CSQX3054383"),
        (check_container_number, "CSQU305438"),
        (check_parcel_number, "R4731248290GB"),
        (check_air_waybill, "0201234567"),
    ],
)
def test_a_number_of_another_form_is_told_apart_from_a_mistyped_one(check: Any, number: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check(number)
    assert refused.value.reason == "malformed"


@given(digits=DIGITS, place=st.integers(0, 6), other=st.sampled_from("0123456789"))
def test_one_wrong_digit_never_passes_in_parcel_and_container_numbers(
    digits: str, place: int, other: str
) -> None:
    """Their weights are prime to 11; a remainder of 10, written as 0 or 1, is their one blind spot."""
    wrong = digits[:place] + other + digits[place + 1 :]
    if wrong == digits:
        return
    parcel, container = parcel_digit(digits + "0"), container_digit(f"ABCU{digits[:6]}")
    assert parcel != parcel_digit(wrong + "0") or parcel in "05"
    assert place == 6 or container != container_digit(f"ABCU{wrong[:6]}") or container == "0"


@given(digits=DIGITS)
def test_a_waybill_digit_is_the_remainder_of_seven(digits: str) -> None:
    assert waybill_digit(digits) in "0123456"


# ── the rule ─────────────────────────────────────────────────────────────────────────


def say(notice: seizure_pb2.SeizureNotice, *to: str, legal_basis: int = ITI) -> None:
    members = [MemberId(one) for one in to]
    schema.validate(notice)
    RULES["customs.seizure-notice/1"](Saying(notice, Case("xab").thread(), members, legal_basis, TODAY))


def person() -> trace_pb2.Person:
    return trace_pb2.Person(role="PERSON_ROLE_CONSIGNEE", name="nobody")


def lot(quantity: int) -> weapon_pb2.Item:
    range_ = weapon_pb2.SerialRange(from_serial="A1", to_serial="A9", quantity=quantity)
    return weapon_pb2.Item(id="lot", kind="ITEM_KIND_SERIAL_RANGE", serial_range=range_)


@pytest.mark.parametrize(
    "notice",
    [
        seizure(),
        seizure("1", "2", suggests_trace=True),
        seizure(container_numbers=["CSQU3054383"], air_waybill="020-12345675"),
        seizure(parcel_numbers=["RR473124829GB"], express_number="1Z 999"),
        seizure(items=[lot(40)], quantity=40),
        seizure(items=[weapon_pb2.Item(id="1", kind="ITEM_KIND_PACKAGING")], hs_codes=["4415"]),
        seizure(items=[weapon_pb2.Item(id="1", kind="ITEM_KIND_AMMUNITION")], hs_codes=["9306"]),
        seizure(declared_goods="toys", declared_hs_codes=["950300"]),
    ],
    ids=range(8),
)
def test_it_is_said_where_it_makes_sense(notice: seizure_pb2.SeizureNotice) -> None:
    say(notice, "xaa", "xac")


@pytest.mark.parametrize(
    ("notice", "where", "reason"),
    [
        (seizure("1", "2", quantity=1), "quantity", "quantity"),
        (seizure(items=[lot(40)], quantity=39), "quantity", "quantity"),
        (seizure(seized_on="2026-07-01"), "seized_on", "not-yet"),
        (seizure(hs_codes=["950300"]), "hs_codes", "not-arms"),
        (
            seizure(items=[weapon_pb2.Item(id="1", kind="ITEM_KIND_WEAPON")], suggests_trace=True),
            "items.0.object.mark",
            "no-mark",
        ),
        (
            seizure(container_numbers=["CSQU3054383", "CSQU3054384"]),
            "container_numbers.1",
            "check-digit",
        ),
        (seizure(parcel_numbers=["RR473124820GB"]), "parcel_numbers.0", "check-digit"),
        (seizure(air_waybill="020-12345676"), "air_waybill", "check-digit"),
        (seizure(persons=[person()]), "persons", "no-mutual-assistance"),
    ],
)
def test_it_is_refused_where_it_makes_none(
    notice: seizure_pb2.SeizureNotice, where: str, reason: str
) -> None:
    with pytest.raises(InvalidMessageError) as refused:
        say(notice, "xaa")
    assert (refused.value.where, refused.value.reason) == (where, reason)


def test_a_notice_names_whom_it_goes_to() -> None:
    with pytest.raises(InvalidMessageError) as refused:
        say(seizure())
    assert refused.value.reason == "no-addressee"


@pytest.mark.parametrize("basis", ["CUSTOMS_ASSISTANCE", "MUTUAL_LEGAL_ASSISTANCE"])
def test_persons_are_named_only_where_services_assist_each_other(basis: str) -> None:
    notice = seizure(persons=[person()])
    say(notice, "xaa", legal_basis=terms_pb2.LegalBasis.Value(f"LEGAL_BASIS_{basis}"))
    others = set(terms_pb2.LegalBasis.keys()[1:]) - {
        "LEGAL_BASIS_CUSTOMS_ASSISTANCE",
        "LEGAL_BASIS_MUTUAL_LEGAL_ASSISTANCE",
    }
    for other in others:
        with pytest.raises(InvalidMessageError):
            say(notice, "xaa", legal_basis=terms_pb2.LegalBasis.Value(other))


# ── its case ─────────────────────────────────────────────────────────────────────────


def test_a_notice_opens_a_case_for_customs_and_border_desks() -> None:
    kind = "customs.seizure-notice/1"
    assert kind in OPENING_KINDS
    assert WRITTEN_FOR[kind] == {"CUSTOMS_ENFORCEMENT", "BORDER"}
    case = Case("xaa")
    case.say("xab", ["xaa"], seizure("1", "2"))
    assert case.thread().item_ids() == {"1", "2"}
    assert concerned_by(case.thread().records) == {"CUSTOMS_ENFORCEMENT", "BORDER"}


@pytest.mark.parametrize(("us", "phase"), [("xaa", Phase.WAITING_FOR_US), ("xab", Phase.WAITING_FOR_THEM)])
def test_a_notice_waits_for_who_is_told_and_owes_nothing(us: str, phase: Phase) -> None:
    case = Case(us)
    instruction = "HANDLING_INSTRUCTION_CONTROLLED_DELIVERY"
    case.say("xab", ["xaa"], seizure("1", "2", handling_instructions=[instruction]))
    state = case.state()
    assert (state.phase, state.opened_by, state.duties) == (phase, "xab", ())
    assert [one.item_id for one in state.items] == ["1", "2"]
    assert state.handling == (terms_pb2.HANDLING_INSTRUCTION_CONTROLLED_DELIVERY,)
    assert state.file_numbers == {"xab": "S-1"}


def test_who_told_takes_back_and_consents_and_who_was_told_asks_for_consent() -> None:
    """A notice is its author's, like a request."""
    told, heard = Case("xab"), Case("xaa")
    for case in (told, heard):
        case.say("xab", ["xaa"], seizure("1", "2"))
    withdrawal, granted, asked = m.withdrawal(item_ids=["2"]), m.consent(), m.consent(step="ASKED")
    for message, case, to, allowed in (
        (withdrawal, told, "xaa", True),
        (withdrawal, heard, "xab", False),
        (granted, told, "xaa", True),
        (granted, heard, "xab", False),
        (asked, heard, "xab", True),
        (asked, told, "xaa", False),
    ):
        saying = Saying(message, case.thread(), [MemberId(to)], ITI, TODAY)
        if allowed:
            RULES[schema.kind_of(message)](saying)
        else:
            with pytest.raises(InvalidMessageError):
                RULES[schema.kind_of(message)](saying)
    told.say("xab", ["xaa"], withdrawal)
    state = told.state()
    assert [one.withdrawn for one in state.items] == [False, True]
    assert list(state.deletions) == ["xaa"]
    assert [(duty.kind.value, duty.by) for duty in state.duties] == [("deletion", "xaa")]
