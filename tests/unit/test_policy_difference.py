"""What a change of policies exposes: exactly the readers and fields, though policies can be written in many ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes.terminal import CliRunner
from tracepost.cli.app import app
from tracepost.node.gate import Reader, base_policy
from tracepost.node.policies.difference import Side, compare, difference, own_readers, typical_readers
from tracepost.protocol.ids import DeskId, MemberId
from tracepost.protocol.schema import UNITS, Sensitivity
from tracepost.wire.v1 import desk_pb2, options_pb2

BASE = base_policy()
PANELS = """@id("panels-read-border-points")
permit (principal, action == Action::"open", resource == Class::"LAW_ENFORCEMENT")
when { principal.competences.contains("PANEL") };
"""


def name_of(of_class: int) -> str:
    return options_pb2.Sensitivity.Name(options_pb2.Sensitivity.ValueType(of_class)).removeprefix(
        "SENSITIVITY_"
    )


def changed(text: str, before: str = BASE) -> desk_pb2.PolicyDifference:
    return difference(Side.of(before), Side.of(text))


def units_of(of_class: Sensitivity) -> dict[str, set[str]]:
    found = {k: {path for path, c in units.items() if c is of_class} for k, units in UNITS.items()}
    return {kind: paths for kind, paths in found.items() if paths}


class TestPanelsAndBorderPoints:
    """A change that lets panels read border points names exactly the fields exposed."""

    def test_exactly_the_fields_of_the_class_are_named(self) -> None:
        told = changed(BASE + PANELS)
        [exposed] = told.fields
        assert (name_of(exposed.of_class), exposed.gained) == ("LAW_ENFORCEMENT", True)
        named = {kind.kind: set(kind.paths) for kind in exposed.kinds}
        assert named == units_of(Sensitivity.LAW_ENFORCEMENT)
        assert "circumstances.border_point" in named["trace.request/1"]

    def test_exactly_panels_gain_it_where_they_had_no_consent(self) -> None:
        [change] = changed(BASE + PANELS).changes
        assert (change.competence, change.gained, list(change.actions)) == ("PANEL", True, ["open"])
        assert (list(change.when), list(change.unless)) == ([], ["author", "wrote", "consented"])

    def test_taking_it_back_names_the_same_as_lost(self) -> None:
        given, taken = changed(BASE + PANELS), changed(BASE, BASE + PANELS)
        assert [f.kinds for f in given.fields] == [f.kinds for f in taken.fields]
        assert [f.gained for f in taken.fields] == [c.gained for c in taken.changes] == [False]


class TestReaders:
    def test_nothing_differs_where_only_words_do(self) -> None:
        assert not changed(f"// another comment\n{BASE}").changes
        told = changed(BASE.replace('@id("object")', '@id("objects")'))
        assert not told.changes

    def test_what_a_restriction_holds_back_is_told_with_it(self) -> None:
        text = """@id("object-not-printed") forbid (principal, action == Action::"print", resource == Class::"OBJECT")
            when { context.no_publication && principal.point_of_contact };"""
        lost = changed(BASE + text).changes
        assert [(c.competence, list(c.actions), c.gained) for c in lost] == [
            ("point of contact", ["print"], False)
        ]
        assert "no_publication" in lost[0].when

    def test_a_type_of_member_is_told_apart_if_a_policy_asks_for_it(self) -> None:
        text = PANELS.replace("};", '&& principal.member_type == "peace-operation" };')
        [change] = changed(BASE + text).changes
        assert (change.member_type, change.competence) == ("peace-operation", "PANEL")

    def test_a_member_that_a_policy_names_is_a_reader_of_its_own(self) -> None:
        text = """@id("xab-loses") forbid (principal, action == Action::"seal-to", resource == Class::"CONTACT")
            when { principal.member == "xab" };"""
        told = changed(BASE + text)
        assert {c.member for c in told.changes} == {"xab"}
        assert {c.competence for c in told.changes} == {"point of contact", "LAW_ENFORCEMENT"}

    def test_a_desk_that_a_policy_names_whole_is_a_reader_of_its_own(self) -> None:
        text = '@id("desk") permit (principal == Desk::"xab/armoury", action == Action::"open", resource);'
        told = changed(BASE + text)
        assert {c.member for c in told.changes} == {"xab"}
        assert all(c.competence.endswith(", armoury") for c in told.changes)

    def test_our_own_desks_are_told_in_their_own_standing(self) -> None:
        reader = Reader(MemberId("xaa"), DeskId("customs"), competences=frozenset({"CUSTOMS_ENFORCEMENT"}))
        text = """@id("own") permit (principal, action == Action::"open", resource == Class::"COMMERCIAL")
            when { context.author && principal.name == "customs" };"""
        changes = compare(Side.of(BASE), Side.of(BASE + text), own_readers([(reader, True)]))
        [change] = changes
        assert (change.desk, change.member, change.gained) == ("customs", "xaa", True)
        assert (list(change.when), list(change.unless)) == (["author"], ["wrote"])

    @pytest.mark.parametrize(
        "action", ["", 'action == Action::"print",', 'action in [Action::"open", Action::"print"],']
    )
    def test_every_way_to_write_a_scope_is_understood(self, action: str) -> None:
        for resource in ("resource", 'resource == Class::"PERSONAL"', 'resource in Class::"PERSONAL"'):
            text = f'@id("none") forbid (principal, {action or "action,"} {resource});'
            lost = {(name_of(c.of_class), a) for c in changed(BASE + text).changes for a in c.actions}
            assert ("PERSONAL", "print") in lost
            assert (("PERSONAL", "open") in lost) == ('print",' not in action)
            assert (("OBJECT", "print") in lost) == (resource == "resource")

    def test_a_typical_reader_is_yielded_once(self) -> None:
        for texts in ([BASE], [BASE, PANELS.replace("};", '&& principal.name == "x" };')]):
            told = [(s.competence, s.member_type, s.member) for s in typical_readers(texts)]
            assert len(set(told)) == len(told)


class TestCommandLine:
    """`policy check` and `policy diff --base` ask no node."""

    def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["policy", *map(str, arguments)])
        return result.exit_code, result.stdout, result.stderr

    def test_a_permit_for_the_data_of_others_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        file = tmp_path / "own.cedar"
        file.write_text(PANELS)
        code, _, words = self.run("check", file)
        assert code == 4
        assert "panels-read-border-points" in words
        assert "context.author" in words
        code, _, told = self.run("check", file, "--json")
        assert json.loads(told)["error"]["reason"] == "permit-for-others"

    def test_a_text_that_may_be_added_is_told_with_its_digests(self, tmp_path: Path) -> None:
        file = tmp_path / "own.cedar"
        file.write_text('@id("no-contacts") forbid (principal, action, resource == Class::"CONTACT");')
        code, told, _ = self.run("check", file, "--json")
        assert code == 0
        assert json.loads(told)["forbids"] == ["no-contacts"]
        assert self.run("check", file)[1].startswith("It may be added to the base set. 1 forbid, 0 permits")

    def test_a_candidate_for_the_base_set_is_compared_offline(self, tmp_path: Path) -> None:
        file = tmp_path / "base.cedar"
        file.write_text(BASE + PANELS)
        code, told, _ = self.run("diff", "--base", file, "--json")
        assert code == 0
        document = json.loads(told)
        assert [c["competence"] for c in document["changes"]] == ["PANEL"]
        [exposed] = document["fields"]
        assert {k["kind"]: set(k["paths"]) for k in exposed["kinds"]} == units_of(Sensitivity.LAW_ENFORCEMENT)
        words = self.run("diff", "--base", file)[1]
        assert "circumstances.border_point" in words
        assert "reads newly" in words

    def test_own_policies_are_compared_under_both_base_sets(self, tmp_path: Path) -> None:
        base, own = tmp_path / "base.cedar", tmp_path / "own.cedar"
        base.write_text(BASE + PANELS)
        own.write_text(
            '@id("no-panels") forbid (principal, action, resource) when { principal.competences.contains("PANEL") };'
        )
        code, words, _ = self.run("diff", own, "--base", base)
        assert (code, words.strip()) == (0, "Nobody reads anything more or less.")

    @pytest.mark.parametrize(
        "arguments",
        [["diff"], ["diff", "--base", "FILE", "--stored"], ["diff", "FILE", "--version", "2"]],
        ids=str,
    )
    def test_what_cannot_be_compared_is_told(self, arguments: list[str], tmp_path: Path) -> None:
        file = tmp_path / "base.cedar"
        file.write_text(BASE)
        assert self.run(*(str(file) if a == "FILE" else a for a in arguments))[0] == 4

    def test_a_base_set_that_is_none_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "base.cedar"
        for text in ("hello", "permit (principal, action, resource);"):
            file.write_text(text)
            assert self.run("diff", "--base", file)[0] == 4
        file.write_bytes(b"\xff")
        assert self.run("check", file)[0] == 4
