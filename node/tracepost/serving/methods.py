"""Who may call what: one table, default deny.

A daemon keeps its table in a file `methods.toml`, one section per RPC under its full name:

    ["/tracepost.wire.v1.Post/Collect"]
    roles = ["node"]            # roles of certificates; "anyone" needs no certificate
    members = "any"             # "own": only callers of the daemon's own member
    calls_per_minute = 60       # per member (and officer) and method
    burst = 20                  # calls at once
    frames_per_second = 500     # streams: messages from the caller, above that it is slowed
    audited = true              # false: only refusals are recorded, and calls that a console makes for an officer
    carried = false             # true: a console may call this for an officer

`roles` and `members` are needed, the rest has these defaults.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from tracepost.protocol.errors import ConfigurationError, IdentityError, PermissionError_
from tracepost.protocol.identity import Identity, Role
from tracepost.protocol.ids import MemberId

ANYONE = "anyone"

_ROLES = frozenset({*Role, ANYONE})
_CALLERS = (
    "Show a certificate of the right role: officers call the node of their own member, nodes one another."
)
_NUMBERS = ("calls_per_minute", "burst", "frames_per_second")


@dataclass(frozen=True, slots=True)
class MethodRule:
    """Who may call one RPC, and how often."""

    roles: frozenset[str]
    own_member_only: bool
    calls_per_minute: int = 60
    burst: int = 20
    frames_per_second: int = 500
    audited: bool = True
    carried: bool = False

    @property
    def open_to_anyone(self) -> bool:
        """Whether the method asks for no certificate."""
        return ANYONE in self.roles


class MethodTable:
    """The rules of one daemon by the full name of the RPC."""

    def __init__(self, rules: Mapping[str, MethodRule]) -> None:
        self._rules = dict(rules)

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Return the table that `text` holds; raise `ConfigurationError` naming the section."""
        try:
            sections = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError("the method table is not TOML", where="methods") from error
        return cls({name: _parse_rule(name, section) for name, section in sections.items()})

    def of_services(self, names: Iterable[str]) -> Self:
        """Return the rows of these services of ours, and those of health and reflection beside them."""
        served = (*(f"/{name}/" for name in names), "/grpc.")
        return type(self)({method: rule for method, rule in self._rules.items() if method.startswith(served)})

    def rule(self, method: str) -> MethodRule:
        """Return the rule of `method`; raise `PermissionError_` where there is none."""
        rule = self._rules.get(method)
        if rule is None:
            raise PermissionError_("the method is not in the table", reason="unlisted-method")
        return rule

    def check_covers(self, services: Iterable[Any]) -> None:
        """Raise `ConfigurationError`, unless each RPC of `services` (descriptors) has a row."""
        missing = sorted(rpc_names(services) - self._rules.keys())
        if missing:
            raise ConfigurationError(
                "an RPC has no row in the table", where=f"methods {missing[0]}", reason="no-row"
            )

    def names(self) -> frozenset[str]:
        """Return the full names of all rows, for the test that each of them has an RPC."""
        return frozenset(self._rules)


def rpc_names(services: Iterable[Any]) -> frozenset[str]:
    """Return the full names of all RPCs of these service descriptors: "/package.Service/Method"."""
    return frozenset(f"/{one.full_name}/{method.name}" for one in services for method in one.methods)


def authorise(
    rule: MethodRule, identity: Identity | None, own_member: MemberId, via: Identity | None = None
) -> None:
    """Raise, unless a caller with this `identity` may use a method under `rule`, himself or `via` a console.

    Raises:
        IdentityError: the method asks for a certificate and there is none.
        PermissionError_: the certificate is of another role or member, or the method is not for consoles.
    """
    if rule.open_to_anyone:
        return
    if identity is None:
        raise IdentityError("the method asks for a certificate", reason="no-certificate")
    if identity.role not in rule.roles:
        raise PermissionError_(
            "the role of the certificate may not call this", reason="role", remedy=_CALLERS
        )
    if rule.own_member_only and identity.member != own_member:
        raise PermissionError_("only our own member may call this", reason="member", remedy=_CALLERS)
    if via is not None and not rule.carried:
        raise PermissionError_("an officer does this himself, not by a console", reason="not-by-console")


def _parse_rule(name: str, section: Any) -> MethodRule:
    where = f"methods {name}"
    if not isinstance(section, dict) or section.get("members") not in ("own", "any"):
        raise ConfigurationError('a row has members = "own" or "any"', where=where)
    roles = section.get("roles")
    if not isinstance(roles, list) or not roles or not _ROLES.issuperset(roles):
        raise ConfigurationError("a row names known roles", where=where)
    numbers = {key: section[key] for key in _NUMBERS if key in section}
    if not all(type(value) is int and value > 0 for value in numbers.values()):
        raise ConfigurationError("limits are whole numbers above zero", where=where)
    if not section.keys() <= {"members", "roles", "audited", "carried", *_NUMBERS}:
        raise ConfigurationError("a row has an unknown key", where=where)
    return MethodRule(
        roles=frozenset(roles),
        own_member_only=section["members"] == "own",
        audited=bool(section.get("audited", True)),
        carried=bool(section.get("carried", False)),
        **numbers,
    )
