"""Every class × competence × action of the base set, in every context: the gate says what the requirement says.

The rules are written here a second time, from messages.md section 1 and not from the policies, as one row for
each class of the schema: which competences read it always, which when they are on the case, and whether a
panel gets it by consent. A class or competence that is added without a row fails.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tracepost.node.gate import Action, Context, Gate, PolicySet, Reader, base_policy
from tracepost.node.policies.difference import every_context
from tracepost.node.policies.own import COMPETENCES
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.schema import UNITS, Sensitivity

S = Sensitivity
EVERYBODY = frozenset({"NOBODY", "POC", "NODE", *COMPETENCES})
READING = frozenset({Action.OPEN, Action.EXPORT, Action.PRINT})
BY_ITS_WRITER = READING | {Action.PROCESS}


@dataclass(frozen=True)
class Row:
    """Who reads a class: always, on the case, by consent of the provider, or only if the message names the desk."""

    always: frozenset[str] = frozenset()
    on_case: frozenset[str] = frozenset()
    by_consent: bool = False
    if_named: frozenset[str] = frozenset()


def row(always: str = "", on_case: str = "", *, by_consent: bool = False, if_named: str = "") -> Row:
    return Row(frozenset(always.split()), frozenset(on_case.split()), by_consent, frozenset(if_named.split()))


TABLE = {
    S.PUBLIC: Row(always=EVERYBODY),
    S.ADMINISTRATIVE: Row(frozenset({"POC"}), EVERYBODY - {"NODE", "INDUSTRY_LIAISON"}, by_consent=True),
    S.OBJECT: row(
        "POC LAW_ENFORCEMENT",
        "RECORDS_CUSTODY LICENSING CUSTOMS_ENFORCEMENT BORDER FORENSIC",
        by_consent=True,
    ),
    S.LAW_ENFORCEMENT: row("POC LAW_ENFORCEMENT", "CUSTOMS_ENFORCEMENT BORDER LICENSING", by_consent=True),
    S.COMMERCIAL: row("POC LAW_ENFORCEMENT LICENSING", by_consent=True),
    S.CONTACT: row("POC LAW_ENFORCEMENT"),
    S.CRIMINAL_JUSTICE: row("LAW_ENFORCEMENT"),
    S.PERSONAL: row("LAW_ENFORCEMENT"),
    S.NATIONAL_SECURITY: row(if_named="POC LAW_ENFORCEMENT"),
}
# The daemon's own desk carries mail: it seals and processes what is ADMINISTRATIVE, whatever the case.
CARRIES = {(S.ADMINISTRATIVE, Action.PROCESS), (S.ADMINISTRATIVE, Action.SEAL_TO)}


def reader_of(who: str) -> Reader:
    desk = NODE_DESK if who == "NODE" else DeskId("desk")
    competences = frozenset({who}) & set(COMPETENCES)
    return Reader(MemberId("xaa"), desk, competences=competences, point_of_contact=who == "POC")


def may(who: str, action: Action, of_class: Sensitivity, context: Context) -> bool:
    """Return what the requirement says."""
    told = TABLE[of_class]
    if of_class is S.PUBLIC:
        return True
    if who == "INDUSTRY_LIAISON":
        return False
    if who == "NODE":
        return (
            (of_class, action) in CARRIES
            or (of_class is S.ADMINISTRATIVE and context.on_case)
            or (of_class is S.ADMINISTRATIVE and context.wrote and action in BY_ITS_WRITER)
        )
    consented = (
        told.by_consent and who in ("PANEL", "PEACE_OPERATION") and (context.consented or context.author)
    )
    return (
        who in told.always
        or (who in told.on_case and context.on_case)
        or (who in told.if_named and context.named)
        or (context.wrote and action in BY_ITS_WRITER)
        or consented
    )


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(PolicySet.parse([base_policy()]))


def test_every_class_of_the_schema_has_a_row() -> None:
    used = {of_class for units in UNITS.values() for of_class in units.values()}
    assert used <= TABLE.keys() == set(Sensitivity)


@pytest.mark.parametrize("of_class", Sensitivity)
@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_the_gate_says_what_the_table_says_for_every_action_and_context(
    gate: Gate, who: str, of_class: Sensitivity
) -> None:
    reader = reader_of(who)
    for action in Action:
        for context in every_context():
            decided = gate.decide(reader, action, of_class, context)
            assert decided.allowed is may(who, action, of_class, context), (action, context)
            assert bool(decided.policy_ids) or not decided.allowed, "what is allowed names its policy"


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("of_class", Sensitivity)
def test_every_class_and_action_has_an_allowing_and_a_refusing_case(
    gate: Gate, of_class: Sensitivity, action: Action
) -> None:
    asked = {
        gate.decide(reader_of(who), action, of_class, context).allowed
        for who in EVERYBODY
        for context in every_context()
    }
    assert asked == ({True} if of_class is S.PUBLIC else {True, False})
