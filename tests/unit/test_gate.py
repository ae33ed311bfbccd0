"""The base policy: who may read what, class by class, and that raising a class never adds a reader."""

from __future__ import annotations

import itertools

import pytest

from tracepost.node.gate import Action, Context, Gate, PolicySet, Reader, base_policy, reader_of
from tracepost.protocol.errors import ConfigurationError, PermissionError_
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.schema import RAISES, Sensitivity
from tracepost.protocol.trustlist import MemberType
from tracepost.wire.v1.directory_pb2 import Competence

XAA = MemberId("xaa")
COMPETENCES = sorted(name.removeprefix("COMPETENCE_") for name in Competence.keys()[1:])
CONTEXTS = [
    Context(on_case=case, author=author, addressed=True, named=named, consented=consented)
    for case, author, named, consented in itertools.product((False, True), repeat=4)
]
S = Sensitivity


def desk(*competences: str, point_of_contact: bool = False) -> Reader:
    return Reader(XAA, DeskId("desk"), "state", frozenset(competences), point_of_contact)


POINT_OF_CONTACT = desk(point_of_contact=True)
POLICE = desk("LAW_ENFORCEMENT")
NODE = Reader(XAA, NODE_DESK)
READERS = [
    POINT_OF_CONTACT,
    NODE,
    desk(),
    *(desk(c) for c in COMPETENCES),
    desk("LICENSING", "LAW_ENFORCEMENT"),
]
POINT_OF_CONTACT_READS = {S.PUBLIC, S.ADMINISTRATIVE, S.OBJECT, S.LAW_ENFORCEMENT, S.COMMERCIAL, S.CONTACT}
ON_CASE = Context(on_case=True, addressed=True)
OFF_CASE = Context(addressed=True)


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(PolicySet.parse([base_policy()]))


@pytest.mark.parametrize(
    ("reader", "context", "classes"),
    [
        (POINT_OF_CONTACT, OFF_CASE, POINT_OF_CONTACT_READS),
        (POLICE, ON_CASE, set(Sensitivity) - {S.NATIONAL_SECURITY}),
        (desk("CUSTOMS_ENFORCEMENT"), ON_CASE, {S.PUBLIC, S.ADMINISTRATIVE, S.OBJECT, S.LAW_ENFORCEMENT}),
        (desk("CUSTOMS_ENFORCEMENT"), OFF_CASE, {S.PUBLIC}),
        (desk("LICENSING"), ON_CASE, {S.PUBLIC, S.ADMINISTRATIVE, S.OBJECT, S.LAW_ENFORCEMENT, S.COMMERCIAL}),
        (desk("RECORDS_CUSTODY"), ON_CASE, {S.PUBLIC, S.ADMINISTRATIVE, S.OBJECT}),
        (desk("INDUSTRY_LIAISON"), ON_CASE, {S.PUBLIC}),
        (desk("PANEL"), OFF_CASE, {S.PUBLIC}),
        (desk("PANEL"), Context(consented=True), POINT_OF_CONTACT_READS - {S.CONTACT}),
        (NODE, ON_CASE, {S.PUBLIC, S.ADMINISTRATIVE}),
    ],
)  # fmt: skip
def test_each_competence_is_sealed_what_the_table_says(
    gate: Gate, reader: Reader, context: Context, classes: set[Sensitivity]
) -> None:
    assert gate.readable(reader, Action.SEAL_TO, context) == classes


@pytest.mark.parametrize("sensitivity", list(Sensitivity))
def test_every_class_has_an_allowing_and_a_refusing_case(gate: Gate, sensitivity: Sensitivity) -> None:
    asked = {
        gate.decide(reader, Action.OPEN, sensitivity, context).allowed
        for reader in READERS
        for context in CONTEXTS
    }
    assert asked == ({True} if sensitivity is S.PUBLIC else {True, False})


def test_raising_a_class_never_adds_a_reader(gate: Gate) -> None:
    # Of desks that are on the case: ADMINISTRATIVE data is for no others but the point of contact.
    on_case = [context for context in CONTEXTS if context.on_case]
    for lower, highers in RAISES.items():
        for higher, reader, context in itertools.product(highers, READERS, on_case):
            may = gate.readable(reader, Action.SEAL_TO, context)
            assert higher not in may or lower in may, (lower, higher, reader, context)


def test_the_node_never_reads_above_administrative_whatever_the_context(gate: Gate) -> None:
    for action, context in itertools.product(Action, CONTEXTS):
        assert gate.readable(NODE, action, context) <= {S.PUBLIC, S.ADMINISTRATIVE}


def test_a_writer_reads_what_it_wrote_and_nobody_else_by_that(gate: Gate) -> None:
    wrote = Context(author=True, wrote=True)
    assert gate.readable(desk("LICENSING"), Action.OPEN, wrote) == set(Sensitivity)
    assert S.PERSONAL not in gate.readable(desk("LICENSING"), Action.SEAL_TO, wrote)


def test_a_decision_names_the_policies_that_made_it(gate: Gate) -> None:
    decision = gate.decide(POLICE, Action.OPEN, S.CRIMINAL_JUSTICE, ON_CASE)
    assert decision.policy_ids == ("criminal-justice",)


def test_a_refusal_names_the_class_and_not_the_data(gate: Gate) -> None:
    with pytest.raises(PermissionError_) as refused:
        gate.require(desk("BORDER"), Action.OPEN, S.PERSONAL, ON_CASE)
    assert refused.value.reason == "open-personal"


@pytest.mark.parametrize(
    "text",
    [
        "permit (principal, action, resource)",
        "permit (principal, action, resource);",
        '@id("a") permit (principal, action, resource); @id("a") forbid (principal, action, resource);',
        '@id("a") permit (principal, action, resource) when { principal.rank > 3 };',
        '@id("a") permit (principal, action == Action::"leak", resource);',
    ],
    ids=["not-cedar", "no-id", "one-id-twice", "unknown-attribute", "unknown-action"],
)
def test_a_policy_that_does_not_fit_is_refused_before_it_is_used(text: str) -> None:
    with pytest.raises(ConfigurationError):
        PolicySet.parse([text])


def test_the_log_digest_changes_with_policy_desk_and_action(gate: Gate) -> None:
    stricter = Gate(
        PolicySet.parse(
            [base_policy(), '@id("none") forbid (principal, action, resource == Class::"OBJECT");']
        )
    )
    digests = {
        gate.digest(POLICE, Action.OPEN, ON_CASE),
        gate.digest(POLICE, Action.EXPORT, ON_CASE),
        gate.digest(POINT_OF_CONTACT, Action.OPEN, ON_CASE),
        stricter.digest(POLICE, Action.OPEN, ON_CASE),
    }
    assert len(digests) == 4


@pytest.mark.parametrize("member_type", [t for t in MemberType if t is not MemberType.STATE])
def test_only_a_state_has_a_national_point_of_contact(member_type: MemberType) -> None:
    """ITI 25: to whom a panel has its mail sent reads no more than its competences let it."""
    gate, name, desk = Gate(PolicySet.parse([base_policy()])), MemberId("un-panel-xyz"), DeskId("experts")
    other = reader_of(name, member_type, desk, ["PANEL"], point_of_contact=True)
    state = reader_of(name, MemberType.STATE, desk, ["PANEL"], point_of_contact=True)
    addressed = Context(on_case=True, addressed=True)
    assert gate.readable(other, Action.OPEN, addressed) == {Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE}
    assert gate.readable(state, Action.OPEN, addressed) > gate.readable(other, Action.OPEN, addressed)
