"""What a member may add to the base set: forbids freely, permits for its own data alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracepost.node.gate import Action, Context, Gate, Reader, base_policy
from tracepost.node.policies.own import Additions, check_additions, policy_ids
from tracepost.protocol.errors import InvalidPolicyError, TracepostError
from tracepost.protocol.ids import DeskId, MemberId
from tracepost.protocol.schema import Sensitivity

ALL = "(principal, action, resource)"
POLICE = Reader(MemberId("xaa"), DeskId("police"), competences=frozenset({"LAW_ENFORCEMENT"}))
LICENSING = Reader(MemberId("xaa"), DeskId("licensing"), competences=frozenset({"LICENSING"}))
OWN, THEIRS = Context(on_case=True, author=True), Context(on_case=True, addressed=True)


def permit(condition: str, *more: str) -> str:
    return f'@id("own") permit {ALL} when {{ {condition} }} {" ".join(more)};'


def refusal_of(text: str) -> InvalidPolicyError:
    with pytest.raises(InvalidPolicyError) as refused:
        check_additions(text)
    assert refused.value.what_to_do.endswith(".")
    return refused.value


def gate_of(additions: Additions) -> Gate:
    return Gate(additions.policies)


class TestWhatMayBeAdded:
    def test_nothing_is_the_base_set_and_has_its_digest(self) -> None:
        for text in ("", "  // nothing yet\n"):
            additions = check_additions(text)
            assert additions.policies.sha256 == check_additions("").policies.sha256
            assert (additions.forbids, additions.permits) == ((), ())

    def test_a_forbid_takes_away_and_says_so_by_its_name(self) -> None:
        additions = check_additions(
            '@id("no-print") forbid (principal, action == Action::"print", resource == Class::"PERSONAL");'
        )
        gate = gate_of(additions)
        refused = gate.decide(POLICE, Action.PRINT, Sensitivity.PERSONAL, THEIRS)
        assert (refused.allowed, refused.policy_ids) == (False, ("no-print",))
        assert gate.decide(POLICE, Action.OPEN, Sensitivity.PERSONAL, THEIRS).allowed

    def test_a_permit_for_own_data_reaches_nothing_of_others(self) -> None:
        gate = gate_of(check_additions(permit('context.author && resource == Class::"PERSONAL"')))
        assert gate.decide(LICENSING, Action.OPEN, Sensitivity.PERSONAL, OWN).policy_ids == ("own",)
        assert not gate.decide(LICENSING, Action.OPEN, Sensitivity.PERSONAL, THEIRS).allowed

    def test_base_and_additions_have_one_digest_of_their_own(self) -> None:
        one, two = (check_additions(permit(f"context.author && {c}")) for c in ("true", "context.named"))
        assert len({one.policies.sha256, two.policies.sha256, check_additions("").policies.sha256}) == 3

    def test_the_names_of_what_was_added_are_told(self) -> None:
        text = f'@id("b") forbid {ALL} when {{ context.consented }};' + permit("context.author")
        additions = check_additions(text)
        assert (additions.forbids, additions.permits) == (("b",), ("own",))
        assert policy_ids(text) == ("b", "own")


class TestOwnDataAlone:
    @pytest.mark.parametrize(
        "condition",
        [
            "context.author",
            "context.author == true",
            "true == context.author",
            "principal.point_of_contact && context.author",
            'resource == Class::"OBJECT" && (context.author && context.named)',
            "(context.author && context.named) || (context.wrote && context.author)",
            "if context.author then context.named else false && context.author",
            'context["author"]',
        ],
    )
    def test_a_condition_that_needs_the_author_is_taken(self, condition: str) -> None:
        assert check_additions(permit(condition)).permits == ("own",)

    @pytest.mark.parametrize(
        "condition",
        [
            "true",
            "principal.point_of_contact",
            "context.author || context.named",
            "!context.author",
            "context.author == false",
            "context.author != true",
            "context has author",
            "if context.author then true else context.named",
            "if context.named then context.author else true",
            '"context.author" == principal.name',
            "[true, context.author].contains(context.named)",
            "context.author == context.named",
        ],
    )
    def test_a_condition_that_holds_without_the_author_is_refused(self, condition: str) -> None:
        refused = refusal_of(permit(condition))
        assert (refused.where, refused.reason) == ("policy own", "permit-for-others")

    def test_it_is_the_parsed_policy_that_is_judged_not_its_text(self) -> None:
        assert refusal_of(permit("true // && context.author\n")).reason == "permit-for-others"
        assert refusal_of(permit("true", "unless { context.author }")).reason == "permit-for-others"
        assert refusal_of(f'@id("own") @context("author") permit {ALL};').reason == "permit-for-others"
        assert check_additions(permit("true", "when { context.author }")).permits == ("own",)

    def test_panels_do_not_get_border_points_of_others_by_a_permit_of_ours(self) -> None:
        text = permit('principal.competences.contains("PANEL") && resource == Class::"LAW_ENFORCEMENT"')
        assert refusal_of(text).reason == "permit-for-others"

    def test_the_first_policy_that_breaks_the_rule_is_named(self) -> None:
        good = permit("context.author").replace("own", "good")
        assert refusal_of(good + permit("true").replace("own", "bad")).where == "policy bad"


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "where", "reason"),
        [
            ("x" * 65537, "the text", "too-large"),
            ("hello", "line 1", "not-cedar"),
            (f'@id("a") forbid {ALL};\n\n// one; two\n@id("b") forbid {ALL} whn {{ true }};', "line 4, policy b",
             "not-cedar"),
            (f'@id("a") forbid {ALL}', "line 1, policy a", "not-cedar"),
            ('@id("a") forbid (principal == ?principal, action, resource);', "a", "template"),
            (f"forbid {ALL};", "policy number 1", "no-id"),
            (f'@id("A b") forbid {ALL};', "policy number 1", "id-form"),
            (f'@id("a") forbid {ALL}; @id("a") forbid {ALL};', "policy a", "id-twice"),
            (f'@id("personal") forbid {ALL};', "policy personal", "id-of-base"),
            (f'@id("a") forbid {ALL} when {{ principal.rank > 3 }};', "policy a", "schema"),
            ('@id("a") forbid (principal, action == Action::"leak", resource);', "policy a", "schema"),
            ('@id("a") forbid (principal, action, resource == Class::"SECRET");', "policy a", "schema"),
            (f'@id("a") forbid {ALL} when {{ 9223372036854775807 + 1 > 0 }};', "policy a", "evaluation"),
            (f'@id("a") forbid {ALL};', "policy a", "no-post"),
        ],
        ids=lambda value: value[:40] if isinstance(value, str) else None,
    )  # fmt: skip
    def test_each_names_the_policy_and_what_is_wrong(self, text: str, where: str, reason: str) -> None:
        refused = refusal_of(text)
        assert (refused.where, refused.reason) == (where, reason)

    def test_a_text_that_would_close_the_base_set_is_judged_by_itself(self) -> None:
        assert refusal_of("when { true };").reason == "not-cedar"

    def test_another_base_set_may_be_named(self) -> None:
        base = base_policy().replace('@id("personal")', '@id("persons")')
        assert check_additions(
            '@id("personal") forbid (principal, action, resource == Class::"PERSONAL");', base
        )


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_only_errors_of_ours_come_out(noise: str) -> None:
    for text in (noise, permit(f"context.author {noise}"), f'@id("{noise}") forbid {ALL};'):
        try:
            check_additions(text)
        except TracepostError:
            continue
