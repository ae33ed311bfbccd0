"""What one set of policies lets read that another does not: for each reader, and field by field.

The gate decides by class, so a change exposes whole classes; the schema says which fields these are, and an
author may raise others to them. A reader is a desk of ours, in every standing that a statement can give it,
or a typical one: no competence, point of contact, the daemon's own desk, and each competence. What a policy asks
beyond that is varied too: the types of members if one asks for `member_type`, the members and desks that
policies name. Only what a policy that differs is about is asked of the gate. Nothing is read from the store.

    told = difference(Side.of(base_policy()), Side.of(candidate))
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import cedarpy

from tracepost.node.gate import STANDINGS, Action, Context, Gate, PolicySet, Reader
from tracepost.node.policies.own import COMPETENCES
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId, parse_desk, parse_member
from tracepost.protocol.schema import UNITS, Sensitivity
from tracepost.protocol.trustlist import MemberType
from tracepost.wire.v1 import desk_pb2, options_pb2

ANY: Final = "any"
ANOTHER: Final = "another"
_NOBODY: Final = MemberId("another-member")
_SOME_DESK: Final = DeskId("another-desk")
_FLAGS: Final = tuple(one.name for one in fields(Context))
_LIMITS_COMBINED: Final = 3


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two sets that are compared: its whole text, and a gate that decides by it."""

    text: str = field(repr=False)
    gate: Gate

    @classmethod
    def of(cls, text: str) -> Side:
        """Return a side for a complete set; raise `ConfigurationError` if it is none."""
        return cls(text, Gate(PolicySet.parse([text])))


@dataclass(frozen=True, slots=True)
class Subject:
    """A reader of the comparison: how the gate sees it, in which contexts, and how it is told.

    `desk` is set for a desk of ours.
    """

    reader: Reader
    contexts: tuple[Context, ...] = field(repr=False)
    desk: str = ""
    member_type: str = ANY
    member: str = ANY
    competence: str = "none"


@dataclass(frozen=True, slots=True)
class _Told:
    """What is the same in several changes, so that they are told as one."""

    subject: Subject
    sensitivity: Sensitivity
    gained: bool
    contexts: frozenset[Context]


def every_context() -> tuple[Context, ...]:
    """Return all that a statement can say of how a reader stands to it: its own member's, or another's."""
    standings = (
        Context(author=True),
        Context(author=True, wrote=True),
        Context(addressed=True),
        Context(),
    )
    flags = itertools.product((False, True), repeat=3)
    return tuple(
        replace(standing, on_case=on_case, named=named, consented=consented)
        for standing, (on_case, named, consented) in itertools.product(standings, flags)
    )


def typical_readers(texts: Iterable[str]) -> Iterator[Subject]:
    """Yield every kind of reader that the policies in `texts` can tell apart."""
    asked, names = _what_policies_ask(texts)
    types = [str(t) for t in MemberType if t is not MemberType.RELAY] if "member_type" in asked else [ANY]
    members = [ANOTHER, *_fit(parse_member, names)] if "member" in asked else [ANY]
    desks = [ANOTHER, *_fit(parse_desk, names)] if "name" in asked else [ANY]
    contexts = every_context()
    for type_, member, desk in itertools.product(types, members, desks):
        for told, reader in _kinds_of_desk():
            known = replace(
                reader,
                member=_NOBODY if member in (ANY, ANOTHER) else MemberId(member),
                member_type="state" if type_ == ANY else type_,
                desk=reader.desk if reader.is_node or desk in (ANY, ANOTHER) else DeskId(desk),
            )
            shown = told if reader.is_node or desk in (ANY, ANOTHER) else f"{told}, {desk}"
            if not reader.is_node or desk == desks[0]:
                yield Subject(known, contexts, "", type_, member, shown)


def own_readers(desks: Iterable[tuple[Reader, bool]]) -> Iterator[Subject]:
    """Yield our desks, each given with whether it is on every case."""
    for reader, on_every_case in desks:
        contexts = [c for c in every_context() if c.on_case == on_every_case and not c.consented]
        of_ours = tuple(c for c in contexts if c.author or c.addressed)
        told = (
            "point of contact" if reader.point_of_contact else ", ".join(sorted(reader.competences)) or "none"
        )
        yield Subject(reader, of_ours, reader.desk, reader.member_type, reader.member, told)


def compare(before: Side, after: Side, subjects: Iterable[Subject]) -> list[desk_pb2.ReaderChange]:
    """Return what changes for each of `subjects`, what is gained first."""
    pairs = sorted(_pairs_in_question(before.text, after.text))
    flags, _ = _what_policies_ask([before.text, after.text])
    limits = _limits_in_question(before.text, after.text)
    found: dict[_Told, list[str]] = {}
    for subject in subjects:
        known = replace(subject, contexts=_with_limits(_told_apart(subject.contexts, flags), limits))
        for action, sensitivity in pairs:
            for told in _changes(before.gate, after.gate, known, action, sensitivity):
                found.setdefault(told, []).append(str(action))
    changes = [_change(told, actions) for told, actions in found.items()]
    return sorted(changes, key=lambda c: not c.gained)


def fields_of(changes: Iterable[desk_pb2.ReaderChange]) -> list[desk_pb2.ClassFields]:
    """Return the fields of the schema in the classes that somebody gains, then in those that somebody loses."""
    touched = {(change.gained, _class_of(change)) for change in changes}
    return [
        desk_pb2.ClassFields(of_class=f"SENSITIVITY_{one}", gained=gained, kinds=_fields_in(one))
        for gained, one in itertools.product((True, False), Sensitivity)
        if (gained, one) in touched
    ]


def difference(before: Side, after: Side, own: Iterable[Subject] = ()) -> desk_pb2.PolicyDifference:
    """Return how two sets differ for our desks and for typical readers."""
    changes = compare(before, after, [*own, *typical_readers([before.text, after.text])])
    return desk_pb2.PolicyDifference(
        before_sha256=before.gate.policy_sha256.hex(),
        after_sha256=after.gate.policy_sha256.hex(),
        changes=changes,
        fields=fields_of(changes),
    )


def _changes(
    before: Gate, after: Gate, subject: Subject, action: Action, one: Sensitivity
) -> Iterator[_Told]:
    places: dict[bool, set[Context]] = {}
    for context in subject.contexts:
        old = before.decide(subject.reader, action, one, context).allowed
        new = after.decide(subject.reader, action, one, context).allowed
        if old != new:
            places.setdefault(new, set()).add(context)
    for gained, contexts in places.items():
        yield _Told(subject, one, gained, frozenset(contexts))


def _change(told: _Told, actions: Sequence[str]) -> desk_pb2.ReaderChange:
    subject, every = told.subject, told.subject.contexts
    return desk_pb2.ReaderChange(
        desk=subject.desk,
        member_type=subject.member_type,
        member=subject.member,
        competence=subject.competence,
        of_class=f"SENSITIVITY_{told.sensitivity}",
        gained=told.gained,
        actions=actions,
        when=_shared(told.contexts, every, True),
        unless=_shared(told.contexts, every, False),
    )


def _shared(contexts: Iterable[Context], every: Iterable[Context], value: bool) -> list[str]:
    """Return what has `value` in all of `contexts`, but not in every context that there is."""
    shared = {flag for flag in _FLAGS if all(getattr(c, flag) is value for c in contexts)}
    always = {flag for flag in _FLAGS if all(getattr(c, flag) is value for c in every)}
    return [flag for flag in _FLAGS if flag in shared - always]


def _fields_in(sensitivity: Sensitivity) -> Iterator[desk_pb2.KindFields]:
    for kind, units in sorted(UNITS.items()):
        paths = [path for path, of_class in units.items() if of_class is sensitivity]
        if paths:
            yield desk_pb2.KindFields(kind=kind, paths=paths)


def _class_of(change: desk_pb2.ReaderChange) -> Sensitivity:
    return Sensitivity(options_pb2.Sensitivity.Name(change.of_class).removeprefix("SENSITIVITY_"))


def _kinds_of_desk() -> Iterator[tuple[str, Reader]]:
    yield "node", Reader(_NOBODY, NODE_DESK)
    yield "none", Reader(_NOBODY, _SOME_DESK)
    yield "point of contact", Reader(_NOBODY, _SOME_DESK, point_of_contact=True)
    for competence in COMPETENCES:
        yield competence, Reader(_NOBODY, _SOME_DESK, competences=frozenset({competence}))


def _told_apart(contexts: Iterable[Context], asked: set[str]) -> tuple[Context, ...]:
    """Return the contexts without what no policy asks for, each once."""
    unasked = {flag: False for flag in _FLAGS if flag not in asked}
    return tuple(dict.fromkeys(replace(context, **unasked) for context in contexts))


def _with_limits(contexts: Sequence[Context], limits: Sequence[str]) -> tuple[Context, ...]:
    """Return the contexts with every combination of `limits`, or, of many, with each alone and with all."""
    if len(limits) > _LIMITS_COMBINED:
        chosen = [(), *((one,) for one in limits), tuple(limits)]
    else:
        counts = range(len(limits) + 1)
        chosen = [some for count in counts for some in itertools.combinations(limits, count)]
    return tuple(replace(one, **dict.fromkeys(some, True)) for one in contexts for some in chosen)


# ── what policies ask ────────────────────────────────────────────────────────────────


def _what_policies_ask(texts: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return which attributes policies ask for, and all texts that they compare with."""
    asked, names = set[str](), set[str]()
    for text in texts:
        for node in _walk(_parsed(text)):
            if isinstance(node.get("attr"), str):
                asked.add(node["attr"])
            if isinstance(node.get("Value"), str):
                names.add(node["Value"])
            # A policy may also name a desk whole: principal == Desk::"xaa/poc".
            if node.get("type") == "Desk" and isinstance(node.get("id"), str):
                asked |= {"member", "name"}
                names.update(str(node["id"]).split("/"))
    return asked, names


def _pairs_in_question(before: str, after: str) -> set[tuple[Action, Sensitivity]]:
    """Return the actions and classes that policies in one set alone are about."""
    pairs = set[tuple[Action, Sensitivity]]()
    for policy in _differing(before, after):
        actions = [one for one in Action if _is_about(policy["action"], str(one))]
        classes = [one for one in Sensitivity if _is_about(policy["resource"], str(one))]
        pairs.update(itertools.product(actions, classes))
    return pairs


def _limits_in_question(before: str, after: str) -> list[str]:
    """Return which restrictions, instructions and acts the policies in one set alone ask for."""
    asked = {node.get("attr") for policy in _differing(before, after) for node in _walk(policy)}
    return [flag for flag in _FLAGS if flag in asked and flag not in STANDINGS]


def _differing(before: str, after: str) -> list[Mapping[str, Any]]:
    """Return the policies that stand in one set alone."""
    old, new = ({json.dumps(p, sort_keys=True) for p in _parsed(text).values()} for text in (before, after))
    return [json.loads(text) for text in sorted(old ^ new)]


def _is_about(scope: Mapping[str, Any], name: str) -> bool:
    if scope["op"] == "All":
        return True
    entities = scope.get("entities") or [scope["entity"]] if "entity" in scope or "entities" in scope else []
    return not entities or name in {one["id"] for one in entities}


def _parsed(text: str) -> Mapping[str, Any]:
    policies: Mapping[str, Any] = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    return policies


def _walk(node: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _walk(inner)


def _fit(parse: Any, names: Iterable[str]) -> Iterator[str]:
    for name in sorted(names):
        try:
            yield str(parse(name))
        except InvalidInputError:
            continue
