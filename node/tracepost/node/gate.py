"""The one place that lets a class out.

Every read, seal, export and forward asks `Gate.readable` or `Gate.decide`. The
rules are Cedar policies (`policies/base.cedar` and what the member adds); the
Cedar schema is generated from the sensitivity classes of the wire schema.
Policies read no clock, so a decision holds as long as policy, desk and context
do, and is kept by them (protocol.md, section 7). When another set comes in force,
what was decided under the one before goes with it (`Gate.put_in_force`).

What is not done here: sealing (cryptography does that) and logging (callers log
one entry per message with `Decision.digest`).
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from importlib import resources
from typing import Final

import cedarpy

from tracepost.node.policies.restrictions import find_refusal
from tracepost.protocol.errors import ConfigurationError, PermissionError_
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.trustlist import MemberType


class Action(enum.StrEnum):
    """What a desk would do with a field (protocol.md, section 7)."""

    SEAL_TO = "seal-to"
    PROCESS = "process"
    OPEN = "open"
    EXPORT = "export"
    PRINT = "print"
    SEARCH = "search"
    COUNT = "count"
    FORWARD = "forward"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Reader:
    """A desk as the gate sees it: its member and what that member declared of it."""

    member: MemberId
    desk: DeskId
    member_type: str = "state"
    competences: frozenset[str] = frozenset()
    point_of_contact: bool = False

    @property
    def is_node(self) -> bool:
        """Whether this is the daemon's own desk."""
        return self.desk == NODE_DESK


def reader_of(
    member: MemberId,
    member_type: MemberType,
    desk: DeskId,
    competences: Iterable[str],
    *,
    point_of_contact: bool,
) -> Reader:
    """Return a desk as the gate sees it; `point_of_contact` is what its member calls it.

    National points of contact are of States (ITI 25): the desk to which a panel or an organisation has its mail
    sent reads what its competences let it read, no more.
    """
    national = point_of_contact and member_type is MemberType.STATE
    return Reader(member, desk, str(member_type), frozenset(competences), national)


@dataclass(frozen=True, slots=True)
class Context:
    """What message and case say about the reader, and what is to be done; see the head of `base.cedar`.

    The first group says how the reader stands to the message, the second which restrictions bind, the third
    which handling instructions are in force, the fourth what is done and for whom, the last whether the
    sender names the desks that alone read the field.
    """

    on_case: bool = False
    author: bool = False
    addressed: bool = False
    named: bool = False
    wrote: bool = False
    consented: bool = False

    competent_authorities_only: bool = False
    purpose_limited: bool = False
    no_onward_release: bool = False
    no_use_in_court: bool = False
    no_publication: bool = False
    keeping_ended: bool = False

    do_not_contact_owner: bool = False
    do_not_alert: bool = False
    controlled_delivery: bool = False

    release_consented: bool = False
    other_purpose: bool = False
    in_court: bool = False
    to_outsider: bool = False
    to_private: bool = False
    slip: bool = False

    for_others: bool = False
    for_named_desks: bool = False


STANDINGS: Final = ("on_case", "author", "addressed", "named", "wrote", "consented")
"""What of a `Context` says how the reader stands to the message."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer of the gate with the ids of the policies that decided it."""

    allowed: bool
    policy_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Parsed policies and the digest under which decisions are logged."""

    handle: cedarpy.PolicySet = field(repr=False)
    sha256: bytes

    @classmethod
    def parse(cls, texts: Iterable[str]) -> PolicySet:
        """Return the policies of `texts`, validated against the schema.

        Raises `ConfigurationError` when a text does not parse, a policy has no
        `@id`, two share one, or one does not fit the schema.
        """
        joined = "\n".join(texts)
        try:
            parsed = json.loads(cedarpy.policies_to_json_str(joined))
            policies, templates = parsed["staticPolicies"], parsed["templates"]
        except (ValueError, KeyError) as error:
            raise ConfigurationError("the policies do not parse", where="policies") from error
        if templates:  # nothing would ever fill its slots: a `forbid` that is one forbids nothing
            raise ConfigurationError("a policy is a template", where="policies")
        result = cedarpy.validate_policies(joined, cedar_schema())
        if not result.validation_passed:
            raise ConfigurationError("a policy does not fit the schema", where="policies")
        named = json.dumps({"staticPolicies": _name_policies(policies), "templates": {}, "templateLinks": []})
        return cls(cedarpy.PolicySet.from_json_str(named), hashlib.sha256(joined.encode()).digest())


class Gate:
    """Decides, and remembers what it decided under one policy set.

    >>> gate = Gate(PolicySet.parse([base_policy()]))
    >>> officer = Reader(MemberId("xaa"), DeskId("poc"), point_of_contact=True)
    >>> Sensitivity.PERSONAL in gate.readable(officer, Action.OPEN, Context())
    False
    """

    def __init__(self, policies: PolicySet) -> None:
        self._decisions = _Decisions(policies)

    def put_in_force(self, policies: PolicySet) -> None:
        """Let `policies` decide from now on, for everybody who asks this gate."""
        self._decisions = _Decisions(policies)

    @property
    def policies(self) -> PolicySet:
        """The policies in force."""
        return self._decisions.policies

    @property
    def policy_sha256(self) -> bytes:
        """Digest of the policies in force."""
        return self._decisions.policies.sha256

    def decide(self, reader: Reader, action: Action, sensitivity: Sensitivity, context: Context) -> Decision:
        """Return whether `reader` may do `action` with a field of class `sensitivity`."""
        return self._decisions.decide(reader, action, sensitivity, context)

    def readable(self, reader: Reader, action: Action, context: Context) -> frozenset[Sensitivity]:
        """Return the classes with which `reader` may do `action`."""
        return self._decisions.readable(reader, action, context)

    def require(self, reader: Reader, action: Action, sensitivity: Sensitivity, context: Context) -> Decision:
        """Return the allowing decision or raise `PermissionError_`."""
        decision = self.decide(reader, action, sensitivity, context)
        if not decision.allowed:
            raise find_restriction(decision) or PermissionError_(
                f"desk {reader.desk} may not {action} {sensitivity} data",
                reason=f"{action}-{sensitivity.lower()}",
            )
        return decision

    def digest(self, reader: Reader, action: Action, context: Context) -> str:
        """Return the digest of the decision table of `reader`, for the log entry of a message.

        It commits to the policies in force and, for each class, to the answer and the policies that decided it.
        """
        return self._decisions.digest(reader, action, context)


class _Decisions:
    """What one set of policies decides, each asked once. Replaced as a whole, so that no old answer outlives it."""

    def __init__(self, policies: PolicySet) -> None:
        self.policies = policies
        self.decide = lru_cache(maxsize=8192)(self._ask)
        self.readable = lru_cache(maxsize=4096)(self._ask_every_class)
        self.digest = lru_cache(maxsize=4096)(self._digest_of_table)

    def _digest_of_table(self, reader: Reader, action: Action, context: Context) -> str:
        decided = ((c, self.decide(reader, action, c, context)) for c in Sensitivity)
        table = [[c, one.allowed, one.policy_ids] for c, one in decided]
        text = json.dumps([self.policies.sha256.hex(), reader.member, reader.desk, action, table])
        return hashlib.sha256(text.encode()).hexdigest()

    def _ask_every_class(self, reader: Reader, action: Action, context: Context) -> frozenset[Sensitivity]:
        return frozenset(c for c in Sensitivity if self.decide(reader, action, c, context).allowed)

    def _ask(self, reader: Reader, action: Action, sensitivity: Sensitivity, context: Context) -> Decision:
        request = {
            "principal": {"type": "Desk", "id": f"{reader.member}/{reader.desk}"},
            "action": {"type": "Action", "id": str(action)},
            "resource": {"type": "Class", "id": str(sensitivity)},
            "context": _as_json(context),
        }
        result = cedarpy.is_authorized(request, self.policies.handle, _entities(reader))
        if result.diagnostics.errors:
            raise ConfigurationError("a policy failed while it was evaluated", where="policies")
        return Decision(result.allowed, tuple(sorted(result.diagnostics.reasons)))


def find_restriction(decision: Decision) -> PermissionError_ | None:
    """Return the refusal that names the restriction or instruction by which it was refused; None: it was by none."""
    return None if decision.allowed else find_refusal(decision.policy_ids)


def base_policy() -> str:
    """Return the text of the base policy set that ships with the node."""
    return resources.files("tracepost.node").joinpath("policies/base.cedar").read_text("utf-8")


def cedar_schema() -> str:
    """Return the Cedar schema, generated from the sensitivity classes of the wire schema."""
    classes = ", ".join(f'"{c}"' for c in Sensitivity)
    actions = ", ".join(f'"{a}"' for a in Action)
    context = ", ".join(f"{name}: Bool" for name in _CONTEXT)
    return (
        "entity Desk { member: String, member_type: String, name: String, competences: Set<String>,"
        " point_of_contact: Bool, node: Bool };\n"
        f"entity Class enum [{classes}];\n"
        f"action {actions} appliesTo {{ principal: Desk, resource: Class, context: {{ {context} }} }};\n"
    )


_CONTEXT = tuple(one.name for one in fields(Context))


@lru_cache(maxsize=1024)
def _as_json(context: Context) -> str:
    return json.dumps({name: getattr(context, name) for name in _CONTEXT})


@lru_cache(maxsize=1024)
def _entities(reader: Reader) -> cedarpy.Entities:
    """Return a reader as the policies see it; it is asked about every class, action and context."""
    desk = {
        "uid": {"type": "Desk", "id": f"{reader.member}/{reader.desk}"},
        "attrs": {
            "member": reader.member,
            "member_type": reader.member_type,
            "name": reader.desk,
            "competences": sorted(reader.competences),
            "point_of_contact": reader.point_of_contact,
            "node": reader.is_node,
        },
        "parents": [],
    }
    return cedarpy.Entities.from_json_str(json.dumps([desk]))


def _name_policies(policies: Mapping[str, dict[str, object]]) -> dict[str, object]:
    named: dict[str, object] = {}
    for policy in policies.values():
        annotations = policy.get("annotations")
        name = annotations.get("id") if isinstance(annotations, dict) else None
        if not isinstance(name, str) or name in named:
            raise ConfigurationError("every policy has an @id of its own", where="policies")
        named[name] = policy
    return named
