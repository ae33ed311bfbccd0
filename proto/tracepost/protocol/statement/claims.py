"""The clear claims of a statement: written to and read from the payload, nothing beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NoReturn, TypeVar

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import MemberId, encode_b64, parse_desk, parse_digest, parse_member, parse_thread
from tracepost.protocol.schema import JsonValue
from tracepost.protocol.statement.encoding import Refuse
from tracepost.protocol.statement.values import AUDIENCE_LIMIT, Claims, Restriction

SUITES = frozenset({"ES256"})
DIGEST_ALGORITHM = "sha-256"

_PARTIES = frozenset({"iss", "aud", "desk"})
_PLACE = frozenset({"iat", "jti", "kind", "thread"})
_RULES = frozenset({"purpose", "legal_basis", "restrictions", "exercise"})
_CONTENT = frozenset({"suite", "_sd_alg", "message"})
_REQUIRED = _PARTIES | _PLACE | _RULES | _CONTENT
_OPTIONAL = frozenset({"in_reply_to"})
_RESTRICTION_NAMES = frozenset({"code", "until", "detail", "field_paths"})

_KIND = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)*/[1-9][0-9]{0,3}\Z")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,79}\Z")
_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\Z")
_PATH = re.compile(r"(?=.{1,200}\Z)[a-z][a-z0-9_]*(?:\.(?:[a-z][a-z0-9_]*|[0-9]{1,5}))*\Z")
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,400}\Z")  # control characters would reach terminals

_KIND_LENGTH_LIMIT = 80
_RESTRICTIONS_LIMIT = 64
_PATHS_LIMIT = 64
_LAST_SECOND = 253_402_300_799  # of the year 9999: the last that calendars here can show

Parsed = TypeVar("Parsed")


def write_claims(claims: Claims) -> dict[str, JsonValue]:
    """Return the payload members that hold `claims`."""
    payload: dict[str, JsonValue] = {
        "iss": claims.iss,
        "aud": list(claims.aud),
        "iat": claims.iat,
        "jti": claims.jti,
        "kind": claims.kind,
        "thread": claims.thread,
        "desk": claims.desk,
        "purpose": claims.purpose,
        "legal_basis": claims.legal_basis,
        "restrictions": [_write_restriction(one) for one in claims.restrictions],
        "exercise": claims.exercise,
        "suite": claims.suite,
        "_sd_alg": DIGEST_ALGORITHM,
    }
    if claims.in_reply_to is not None:
        payload["in_reply_to"] = encode_b64(claims.in_reply_to)
    return payload


def read_claims(payload: Mapping[str, JsonValue], refuse: Refuse) -> Claims:
    """Return the claims of a payload; raise what `refuse` makes of any missing, malformed or further one."""
    _check_names(payload, refuse)
    _check_algorithms(payload, refuse)
    source = _Source(payload, refuse)
    return Claims(
        iss=source.parse("iss", parse_member),
        aud=source.audience(),
        iat=source.time("iat"),
        jti=source.match("jti", _UUID7),
        kind=source.kind(),
        thread=source.parse("thread", parse_thread),
        in_reply_to=source.parse("in_reply_to", parse_digest) if "in_reply_to" in payload else None,
        desk=source.parse("desk", parse_desk),
        purpose=source.match("purpose", _CODE),
        legal_basis=source.match("legal_basis", _CODE),
        restrictions=source.restrictions(),
        exercise=source.truth("exercise"),
        suite=source.text("suite"),
    )


def _write_restriction(restriction: Restriction) -> JsonValue:
    written: dict[str, JsonValue] = {"code": restriction.code}
    if restriction.until is not None:
        written["until"] = restriction.until
    if restriction.detail is not None:
        written["detail"] = restriction.detail
    if restriction.field_paths:
        written["field_paths"] = list(restriction.field_paths)
    return written


def _check_names(payload: Mapping[str, JsonValue], refuse: Refuse) -> None:
    names = payload.keys()
    missing = _REQUIRED - names
    if missing:
        raise refuse("missing-claim", f"there is no claim {min(missing)}")
    # A foreign name may itself say too much, so the refusal does not repeat it.
    if names - _REQUIRED - _OPTIONAL:
        raise refuse("unknown-claim", "there is a clear claim that statements do not have")


def _check_algorithms(payload: Mapping[str, JsonValue], refuse: Refuse) -> None:
    suite = payload["suite"]
    if not isinstance(suite, str) or suite not in SUITES:
        raise refuse("suite", "the suite of signatures is not known here")
    if payload["_sd_alg"] != DIGEST_ALGORITHM:
        raise refuse("digest-algorithm", "the digests are not SHA-256")


class _Source:
    """Reads single claims of a payload and refuses malformed ones by name."""

    def __init__(self, payload: Mapping[str, JsonValue], refuse: Refuse) -> None:
        self._payload = payload
        self._refuse = refuse

    def text(self, name: str) -> str:
        value = self._payload[name]
        return value if isinstance(value, str) else self._malformed(name)

    def match(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self.text(name)
        return value if pattern.match(value) else self._malformed(name)

    def parse(self, name: str, parser: Callable[[str], Parsed]) -> Parsed:
        return self._parsed(name, self.text(name), parser)

    def kind(self) -> str:
        value = self.match("kind", _KIND)
        return value if len(value) <= _KIND_LENGTH_LIMIT else self._malformed("kind")

    def time(self, name: str) -> int:
        value = self._payload[name]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LAST_SECOND:
            self._malformed(name)
        return value

    def truth(self, name: str) -> bool:
        value = self._payload[name]
        return value if isinstance(value, bool) else self._malformed(name)

    def audience(self) -> tuple[MemberId, ...]:
        listed = self._list("aud", AUDIENCE_LIMIT)
        members = [self._parsed("aud", one, parse_member) for one in listed if isinstance(one, str)]
        if not members or len(set(members)) != len(listed):
            self._malformed("aud")
        return tuple(members)

    def restrictions(self) -> tuple[Restriction, ...]:
        return tuple(self._restriction(one) for one in self._list("restrictions", _RESTRICTIONS_LIMIT))

    def _restriction(self, value: JsonValue) -> Restriction:
        if not isinstance(value, dict) or "code" not in value or value.keys() - _RESTRICTION_NAMES:
            self._malformed("restrictions")
        source = _Source(value, self._refuse)
        return Restriction(
            code=source.match("code", _CODE),
            until=source.match("until", _DAY) if "until" in value else None,
            detail=source.match("detail", _TEXT) if "detail" in value else None,
            field_paths=source.field_paths() if "field_paths" in value else (),
        )

    def field_paths(self) -> tuple[str, ...]:
        listed = self._list("field_paths", _PATHS_LIMIT)
        paths = [one for one in listed if isinstance(one, str) and _PATH.match(one)]
        if not paths or paths != sorted(set(paths)) or len(paths) != len(listed):
            self._malformed("field_paths")
        return tuple(paths)

    def _list(self, name: str, limit: int) -> list[JsonValue]:
        value = self._payload[name]
        return value if isinstance(value, list) and len(value) <= limit else self._malformed(name)

    def _parsed(self, name: str, text: str, parser: Callable[[str], Parsed]) -> Parsed:
        try:
            return parser(text)
        except InvalidInputError:
            self._malformed(name)

    def _malformed(self, name: str) -> NoReturn:
        raise self._refuse("claim-form", f"the claim {name} is malformed") from None
