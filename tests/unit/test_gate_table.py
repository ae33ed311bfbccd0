"""Every class × competence × action of the base set, in every context: the gate says what the requirement says.

The rules are written here a second time, from messages.md section 1 and not from the policies, as one row for
each class of the schema: which competences read it always, which when they are on the case, and whether a
panel gets it by consent. A class or competence that is added without a row fails.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import pytest

from tracepost.node.gate import STANDINGS, Action, Context, Gate, PolicySet, Reader, base_policy
from tracepost.node.policies.difference import every_context
from tracepost.node.policies.own import COMPETENCES
from tracepost.node.policies.restrictions import REFUSALS
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.schema import UNITS, Sensitivity
from tracepost.wire.v1 import terms_pb2

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
# What is published goes to everybody: persons, officers, case files and secrets by consent, whoever wrote it.
BY_CONSENT_ALONE = {S.CONTACT, S.CRIMINAL_JUSTICE, S.PERSONAL, S.NATIONAL_SECURITY}
# The daemon's own desk carries mail and counts: what is ADMINISTRATIVE, whatever the case.
CARRIES = {(S.ADMINISTRATIVE, one) for one in (Action.PROCESS, Action.SEAL_TO, Action.COUNT)}


@dataclass(frozen=True)
class Limit:
    """A restriction or instruction: what it forbids, when, and whether a consent lifts it; all but PUBLIC data."""

    flag: str
    forbids: frozenset[Action]
    when: tuple[str, ...] = ()
    binds_author: bool = False
    lifted: bool = True


def limit(flag: str, forbids: str, *when: str, binds_author: bool = False, lifted: bool = True) -> Limit:
    return Limit(flag, frozenset(map(Action, forbids.split())), when, binds_author, lifted)


# ITI 15, Firearms Protocol 12(5) and messages.md, section 1: restrictions and handling instructions.
LIMITS = (
    limit("keeping_ended", "open export print search count forward publish", lifted=False),
    limit("competent_authorities_only", "forward print", "to_outsider"),
    limit("purpose_limited", "forward export", "other_purpose"),
    limit("no_onward_release", "forward publish"),
    limit("no_use_in_court", "forward export print", "in_court"),
    limit("no_publication", "publish"),
    limit("do_not_contact_owner", "print", "slip", "to_private", binds_author=True, lifted=False),
    limit("do_not_alert", "print", "slip", "to_private", binds_author=True, lifted=False),
    limit("controlled_delivery", "print", "slip", "to_private", binds_author=True, lifted=False),
)


def reader_of(who: str) -> Reader:
    desk = NODE_DESK if who == "NODE" else DeskId("desk")
    competences = frozenset({who}) & set(COMPETENCES)
    return Reader(MemberId("xaa"), desk, competences=competences, point_of_contact=who == "POC")


def may(who: str, action: Action, of_class: Sensitivity, context: Context) -> bool:
    """Return what the requirement says."""
    told = TABLE[of_class]
    if of_class is S.PUBLIC:
        return True
    if action is Action.PUBLISH and of_class in BY_CONSENT_ALONE and not context.release_consented:
        return False
    if who == "INDUSTRY_LIAISON":
        return context.slip and action is Action.PRINT and of_class is S.OBJECT
    if who == "NODE":
        return (
            (of_class, action) in CARRIES
            or (of_class is S.ADMINISTRATIVE and context.on_case)
            or (of_class is S.ADMINISTRATIVE and context.wrote and action in BY_ITS_WRITER)
        )
    consented = (
        told.by_consent
        and who in ("PANEL", "PEACE_OPERATION")
        and (context.author or (context.consented and (who, of_class) != ("PEACE_OPERATION", S.COMMERCIAL)))
    )
    return (
        who in told.always
        or (who in told.on_case and context.on_case)
        or (who in told.if_named and context.named)
        or (context.wrote and action in BY_ITS_WRITER)
        or consented
        or (who == "FOREIGN_AFFAIRS" and of_class in (S.OBJECT, S.LAW_ENFORCEMENT) and context.consented)
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
        gate.decide(reader_of(who), action, of_class, replace(context, release_consented=consented)).allowed
        for who in EVERYBODY
        for context in every_context()
        for consented in ({False, action is Action.PUBLISH})
    }
    assert asked == ({True} if of_class is S.PUBLIC else {True, False})


class TestLimits:
    """Restrictions bind whom data was given to; instructions bind everybody. No reader is added by either."""

    def test_every_restriction_of_the_schema_is_known_to_the_gate(self) -> None:
        codes = {
            name.removeprefix("RESTRICTION_CODE_").lower() for name in terms_pb2.RestrictionCode.keys()[1:]
        }
        flags = {one.name for one in fields(Context)}
        assert codes - {"delete_after"} | {"keeping_ended"} <= flags
        assert {one.flag for one in LIMITS} <= flags - set(STANDINGS)

    @pytest.mark.parametrize("one", LIMITS, ids=lambda one: one.flag)
    @pytest.mark.parametrize("action", Action)
    def test_each_forbids_its_actions_and_no_other(self, gate: Gate, one: Limit, action: Action) -> None:
        """With and without what it asks for, for every class, competence and standing."""
        allowed, refused = 0, 0
        for who, of_class, context in _cases(one):
            before = may(who, action, of_class, replace(context, **{one.flag: False}))
            decided = gate.decide(reader_of(who), action, of_class, context)
            forbidden = _forbids(one, action, of_class, context)
            assert decided.allowed is (before and not forbidden), (who, of_class, context)
            allowed += decided.allowed
            refused += before and forbidden
        assert allowed, "some reader may"
        assert bool(refused) is (action in one.forbids), "and is refused where it is forbidden"

    @pytest.mark.parametrize("one", LIMITS, ids=lambda one: one.flag)
    def test_a_refusal_names_it_and_says_what_to_do(self, gate: Gate, one: Limit) -> None:
        context = Context(on_case=True, addressed=True, **dict.fromkeys((one.flag, *one.when), True))
        for action in one.forbids:
            with pytest.raises(PermissionError_) as refused:
                gate.require(reader_of("LAW_ENFORCEMENT"), action, S.OBJECT, context)
            words, remedy = REFUSALS[str(refused.value.reason)]
            assert (refused.value.message, refused.value.what_to_do) == (words, remedy)
            assert refused.value.where == "restrictions"

    def test_words_stand_for_policies_of_the_base_set(self) -> None:
        texts = base_policy()
        assert all(f'@id("{name}")' in texts for name in REFUSALS)

    def test_industry_reads_by_slip_what_the_weapon_shows_and_nothing_else(self, gate: Gate) -> None:
        slip = Context(on_case=True, slip=True, to_outsider=True, to_private=True)
        may_print = gate.readable(reader_of("INDUSTRY_LIAISON"), Action.PRINT, slip)
        assert may_print == {S.PUBLIC, S.OBJECT}
        for action in set(Action) - {Action.PRINT}:
            assert gate.readable(reader_of("INDUSTRY_LIAISON"), action, slip) == {S.PUBLIC}


# One of each kind: the table above asks them all, in every standing.
BOUND = ("POC", "NODE", "LAW_ENFORCEMENT", "CUSTOMS_ENFORCEMENT", "PANEL", "INDUSTRY_LIAISON")
STANDS = (
    Context(addressed=True),
    Context(on_case=True, addressed=True, named=True, consented=True),
    Context(on_case=True, author=True, wrote=True),
)


def _cases(one: Limit) -> Iterator[tuple[str, Sensitivity, Context]]:
    acts = [dict.fromkeys(one.when, value) for value in (False, True)]
    for who, of_class, standing in itertools.product(BOUND, Sensitivity, STANDS):
        for act, consented in itertools.product(acts, (False, True)):
            changed = {one.flag: True, "release_consented": consented} | act
            yield who, of_class, replace(standing, **changed)


def _forbids(one: Limit, action: Action, of_class: Sensitivity, context: Context) -> bool:
    if action not in one.forbids or not all(getattr(context, name) for name in one.when):
        return False
    if one.binds_author:
        return True
    return not (of_class is S.PUBLIC or context.author or (one.lifted and context.release_consented))
