"""What a member may add to the base set, and whether a text is that.

A member makes the base set stricter as it likes, and gives its own desks more of its own data. Nobody's
policies give anybody what another member wrote. A text is judged in this order; each refusal is an
`InvalidPolicyError` that names the policy in `where`, says what is wrong with it and what to do:

 1. size          at most 65,536 bytes                                    too-large
 2. grammar       it parses as Cedar                                      not-cedar
 3. templates     no policy has a slot: nothing would fill it             template
 4. names         each has an @id of its own, none of the base set's      no-id, id-form, id-twice, id-of-base
 5. schema        it fits the schema of the gate                          schema
 6. own data      a permit requires context.author                        permit-for-others
 7. evaluation    no policy fails while it is evaluated                   evaluation
 8. post          the daemon's own desk still carries mail                no-post

Step 6 reads the parsed policy, not its text: `context.author` must be a condition without which no branch
of a `when` holds. What `unless` takes away needs no judging.

    additions = check_additions(text)
    gate.put_in_force(additions.policies)
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, Final

import cedarpy

from tracepost.node.gate import Action, Context, Gate, PolicySet, Reader, base_policy, cedar_schema
from tracepost.protocol.errors import ConfigurationError, InvalidPolicyError
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.policy import TEXT_LIMIT
from tracepost.protocol.schema import Sensitivity
from tracepost.wire.v1.directory_pb2 import Competence

COMPETENCES: Final = tuple(name.removeprefix("COMPETENCE_") for name in Competence.keys()[1:])
"""What a desk may declare."""

_ID_FORM: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_ID_LIMIT: Final = 60
_WORDS_LIMIT: Final = 300
# One statement of Cedar ends with a semicolon that stands in no text and no comment.
_PIECE: Final = re.compile(r'(?:"(?:\\.|[^"\\])*"|//[^\n]*|[^;"])*;?', re.DOTALL)
_BLANK: Final = re.compile(r"(?:\s|//[^\n]*(?:\n|\Z))*")
_CARRIED: Final = frozenset({Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE})

Policy = Mapping[str, Any]
"""A parsed policy, in Cedar's JSON form."""


@dataclass(frozen=True, slots=True)
class Additions:
    """A text that may be added to the base set, and the two together."""

    text: str = field(repr=False)
    policies: PolicySet
    forbids: tuple[str, ...]
    permits: tuple[str, ...]


def check_additions(text: str, base: str | None = None) -> Additions:
    """Return a member's own policies together with the base set, or raise `InvalidPolicyError`.

    Args:
        text: Cedar; empty, or comments alone, adds nothing.
        base: another base set than the one that ships with the node.
    """
    return _check(text, base_policy() if base is None else base)


@lru_cache(
    maxsize=16
)  # thousands of decisions are tried; the same text comes when it is proposed, approved, started
def _check(text: str, base: str) -> Additions:
    if len(text.encode("utf-8", "surrogatepass")) > TEXT_LIMIT:  # step 1
        raise _refuse("", "too-large", f"the text is longer than {TEXT_LIMIT:,} bytes", "Make it shorter.")
    policies = _parse(text)  # steps 2 and 3
    named = _name(policies, _ids_of(base))  # step 4
    _check_schema(text, policies)  # step 5
    for name, policy in named.items():  # step 6
        _check_own_data(name, policy)
    # A base set alone has the digest that stands in the trust list.
    parsed = PolicySet.parse([base, text] if named else [base])
    _try(Gate(parsed), list(named))  # steps 7 and 8
    return Additions(text, parsed, *(tuple(_of_effect(named, effect)) for effect in ("forbid", "permit")))


def policy_ids(text: str) -> tuple[str, ...]:
    """Return the ids of the policies in a text that has passed."""
    return tuple(_ids_of(text))


def requires_author(policy: Policy) -> bool:
    """Say whether a parsed policy holds for nobody but desks of the member that wrote the statement."""
    return any(
        condition["kind"] == "when" and _holds_only_for_author(condition["body"])
        for condition in policy["conditions"]
    )


def _holds_only_for_author(body: Policy) -> bool:
    [(operator, of)] = body.items()
    match operator:
        case ".":
            return bool(of == {"left": {"Var": "context"}, "attr": "author"})
        case "&&":
            return _holds_only_for_author(of["left"]) or _holds_only_for_author(of["right"])
        case "||":
            return _holds_only_for_author(of["left"]) and _holds_only_for_author(of["right"])
        case "==":
            sides = (of["left"], of["right"])
            return {"Value": True} in sides and any(_holds_only_for_author(side) for side in sides)
        case "if-then-else":
            then = _holds_only_for_author(of["if"]) or _holds_only_for_author(of["then"])
            return then and _holds_only_for_author(of["else"])
        case _unknown:
            return False


# ── the steps ────────────────────────────────────────────────────────────────────────


def _parse(text: str) -> Mapping[str, Policy]:
    """Steps 2 and 3: policies by the names that Cedar gives them."""
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as error:
        raise _not_cedar(text, error) from None
    for template in parsed["templates"].values():
        raise _refuse(
            _id_of(template) or "a template",
            "template",
            "the policy is a template, and nothing fills its slot",
            "Write the desk or member instead of ?principal or ?resource.",
        )
    policies: Mapping[str, Policy] = parsed["staticPolicies"]
    return policies


def _not_cedar(text: str, error: ValueError) -> InvalidPolicyError:
    """Return the refusal, with the first policy that does not parse by itself."""
    where, words = "the text", str(error)
    for line, piece in _pieces(text):
        try:
            cedarpy.policies_to_json_str(piece)
        except ValueError as fault:
            named = re.search(r'@id\s*\(\s*"([^"]{1,60})"', piece)
            where, words = f"line {line}" + (f", policy {named[1]}" if named else ""), str(fault)
            break
    return _refuse(
        where,
        "not-cedar",
        f"this is not Cedar: {words}",
        "Every policy is permit or forbid (principal, action, resource) with when or unless, and ends with ;.",
    )


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield each statement of `text` with the number of the line on which it begins."""
    for found in _PIECE.finditer(text):
        blank = _BLANK.match(found[0])
        begins = found.start() + (blank.end() if blank else 0)
        if begins < found.end():
            yield text.count("\n", 0, begins) + 1, found[0]


def _name(policies: Mapping[str, Policy], taken: Iterable[str]) -> dict[str, Policy]:
    """Step 4."""
    named: dict[str, Policy] = {}
    base = frozenset(taken)
    for number, policy in enumerate(_in_order(policies), start=1):
        name = _id_of(policy)
        if not name:
            words = "the policy has no @id, and decisions are logged by it"
            raise _refuse(
                f"policy number {number}", "no-id", words, 'Write @id("a-name-of-its-own") before it.'
            )
        if not _ID_FORM.match(name) or len(name) > _ID_LIMIT:
            words = f"an @id is of small letters, digits and single hyphens, at most {_ID_LIMIT}"
            raise _refuse(f"policy number {number}", "id-form", words, "Give it another name.")
        if name in named or name in base:
            reason = "id-of-base" if name in base else "id-twice"
            words = (
                "the base set has a policy of this name" if name in base else "two policies have this name"
            )
            raise _refuse(f"policy {name}", reason, words, "Give it a name of its own.")
        named[name] = policy
    return named


def _check_schema(text: str, policies: Mapping[str, Policy]) -> None:
    """Step 5."""
    for fault in cedarpy.validate_policies(text, cedar_schema()).errors:
        name = _id_of(policies.get(fault.policy_id, {}))
        words = fault.error.replace(f"for policy `{fault.policy_id}`, ", "")
        raise _refuse(
            f"policy {name}",
            "schema",
            f"it does not fit the schema: {words}",
            "Desks, classes, actions and context are told at the head of the base set.",
        )


def _check_own_data(name: str, policy: Policy) -> None:
    """Step 6."""
    if policy["effect"] == "permit" and not requires_author(policy):
        raise _refuse(
            f"policy {name}",
            "permit-for-others",
            "it is a permit that does not require context.author: it would give out what other members wrote",
            "Write when { context.author && … }, or ask the network to change the base set.",
        )


def _try(gate: Gate, names: list[str]) -> None:
    """Steps 7 and 8."""
    where = f"policy {names[0]}" if len(names) == 1 else "the policies together"
    try:
        for reader, action, context in itertools.product(
            _trial_readers(), Action, (*_TRIAL_CONTEXTS, _EVERYTHING)
        ):
            gate.readable(reader, action, context)
    except ConfigurationError:
        words = "a policy fails while it is evaluated"
        raise _refuse(where, "evaluation", words, "Compute nothing that can overflow.") from None
    for action, context in itertools.product((Action.SEAL_TO, Action.PROCESS), _TRIAL_CONTEXTS):
        if not gate.readable(_DAEMON, action, context) >= _CARRIED:
            raise _refuse(
                where,
                "no-post",
                f"the daemon's own desk may not {action} ADMINISTRATIVE data any more: no mail would go",
                "Add unless { principal.node } to the forbid.",
            )


_DAEMON: Final = Reader(MemberId("xaa"), NODE_DESK)
_TRIAL_CONTEXTS: Final = (
    Context(),
    Context(on_case=True, addressed=True, named=True),
    Context(on_case=True, author=True, named=True, wrote=True),
)
_EVERYTHING: Final = Context(**dict.fromkeys((one.name for one in fields(Context)), True))


def _trial_readers() -> Iterator[Reader]:
    yield _DAEMON
    yield Reader(MemberId("xaa"), DeskId("poc"), point_of_contact=True)
    for competence in COMPETENCES:
        yield Reader(MemberId("xaa"), DeskId("desk"), competences=frozenset({competence}))


# ── parsed policies ──────────────────────────────────────────────────────────────────


def _ids_of(text: str) -> list[str]:
    return [
        _id_of(policy)
        for policy in _in_order(json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"])
    ]


def _in_order(policies: Mapping[str, Policy]) -> list[Policy]:
    """Return policies as they stand in their text: Cedar numbers them."""
    return [policies[name] for name in sorted(policies, key=lambda name: int(name.removeprefix("policy")))]


def _id_of(policy: Policy) -> str:
    name = policy.get("annotations", {}).get("id")
    return name if isinstance(name, str) else ""


def _of_effect(named: Mapping[str, Policy], effect: str) -> Iterator[str]:
    return (name for name, policy in named.items() if policy["effect"] == effect)


def _refuse(where: str, reason: str, words: str, remedy: str) -> InvalidPolicyError:
    return InvalidPolicyError(words[:_WORDS_LIMIT], where=where or "the text", reason=reason, remedy=remedy)
