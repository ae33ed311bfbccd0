"""What a trust list says: which members there are, what proves them, and who keeps the list.

The payload is a JSON object:

    sequence, issued, next_update, hard_expiry      whole numbers; times are unix seconds
    domain                                          of the network, such as "tracepost.example"
    members    [{id, type, roots, log_keys, competences, base_policy_sha256, hosted_by?, mandate_until?,
                 witness_keys?}]
    stewards   [{id, key}]                          key: JWK of a P-256 public key
    witness_quorum?                                 how many others are to cosign the head of each log
    critical?  names that a reader must understand  (none in this version)

`mandate_until` is the last day, YYYY-MM-DD, of a panel or a peace operation. `roots` are DER certificates in
base64. `log_keys` are [{key, from_size?, until_size?, final_root?}]: a vkey of C2SP named
`<id>.<domain>/log/<epoch>` and the part of the log that it speaks for, which the stewards end when a log begins
anew (`end_log_key`). `witness_keys` are [{key, until?}]: vkeys of types 0x04 and 0x06 named
`<id>.<domain>/witness`, and the unix second after which their cosignatures count for nothing. Other names are kept
and ignored unless `critical` lists them: that leaves room for a member's own changes to its entry, signed by its
own root.
"""

from __future__ import annotations

import base64
import datetime as dt
import enum
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost.protocol.certificate import UNREADABLE
from tracepost.protocol.errors import EvidenceError, InvalidInputError, TracepostError, TrustError
from tracepost.protocol.evidence import (
    SIGNS_TEXT,
    ListedKey,
    LogVerifier,
    WitnessKey,
    parse_origin,
    parse_vkey,
)
from tracepost.protocol.ids import MemberId, decode_b64, encode_b64, parse_member

HARD_EXPIRY_LIMIT_S = 180 * 86400
PAYLOAD_LIMIT = 768 * 1024
MEMBER_LIMIT = 1000
STEWARD_LIMIT = 64

_LIST_LIMIT = 32
_LAST_SECOND = 1 << 40
_LAST_NUMBER = (1 << 53) - 1
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\Z")
_COMPETENCE = re.compile(r"[a-z]+(?:_[a-z]+)*\Z")
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_UNDERSTOOD: frozenset[str] = frozenset()

Value = TypeVar("Value")


class MemberType(enum.StrEnum):
    """What a member is; it decides which competences its desks may declare."""

    STATE = "state"
    PANEL = "panel"
    PEACE_OPERATION = "peace-operation"
    ORGANISATION = "organisation"
    RELAY = "relay"


_MANDATED = frozenset({MemberType.PANEL, MemberType.PEACE_OPERATION})


@dataclass(frozen=True, slots=True)
class Member:
    """One member: what proves its certificates (`roots`, DER) and its log (`log_keys`).

    By `witness_keys` it cosigns heads of others' logs; one that ended stays, for what it signed before.
    `root_certificates` has the roots parsed. `mandate_until` is the last day of a panel or peace operation,
    YYYY-MM-DD; empty: none is known.
    """

    id: MemberId
    type: MemberType
    roots: tuple[bytes, ...] = field(repr=False)
    log_keys: tuple[ListedKey, ...]
    competences: tuple[str, ...]
    base_policy_sha256: bytes = field(repr=False)
    hosted_by: MemberId | None = None
    mandate_until: str = ""
    witness_keys: tuple[WitnessKey, ...] = ()

    def is_over(self, day: str) -> bool:
        """Say whether its mandate has ended before `day`, YYYY-MM-DD."""
        return bool(self.mandate_until) and day > self.mandate_until

    def root_certificates(self) -> tuple[x509.Certificate, ...]:
        """Return the roots, parsed; that they parse was checked when the list was read."""
        return tuple(map(_load_root, self.roots))


@dataclass(frozen=True, slots=True)
class Steward:
    """One who keeps the list: a name and a P-256 public key, as uncompressed point (65 bytes)."""

    id: str
    point: bytes = field(repr=False)

    @classmethod
    def of_key(cls, steward_id: str, key: ec.EllipticCurvePublicKey) -> Steward:
        """Return the steward that has this P-256 key."""
        numbers = key.public_numbers()
        return cls(steward_id, b"\x04" + numbers.x.to_bytes(32) + numbers.y.to_bytes(32))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the key for verifying; it was on the curve when the list was read."""
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.point)


@dataclass(frozen=True, slots=True)
class TrustContent:
    """What a list says, whoever signed it: a draft, or the content of a `TrustList`."""

    sequence: int
    issued: int
    next_update: int
    hard_expiry: int
    domain: str
    members: tuple[Member, ...]
    stewards: tuple[Steward, ...]
    witness_quorum: int = 0


def fingerprint_of(payload: bytes) -> str:
    """Return the name by which people compare lists: SHA-256 over the payload, hexadecimal."""
    return hashlib.sha256(payload).hexdigest()


def encode_content(content: TrustContent) -> bytes:
    """Return the payload to be signed; raise `TrustError` if readers would refuse it."""
    document = {
        "sequence": content.sequence,
        "issued": content.issued,
        "next_update": content.next_update,
        "hard_expiry": content.hard_expiry,
        "domain": content.domain,
        "members": [_write_member(member) for member in content.members],
        "stewards": [{"id": steward.id, "key": _write_key(steward)} for steward in content.stewards],
        **({"witness_quorum": content.witness_quorum} if content.witness_quorum else {}),
    }
    payload = orjson.dumps(document)
    parse_content(payload)
    return payload


def parse_content(payload: bytes) -> TrustContent:
    """Return what `payload` says; nobody has vouched for it.

    Raises:
        TrustError: steps 3 to 5 of the list in `acceptance`.
    """
    source = _Source(_read_object(payload), "")
    content = TrustContent(
        sequence=source.number("sequence", least=1),
        issued=source.number("issued"),
        next_update=source.number("next_update"),
        hard_expiry=source.number("hard_expiry"),
        domain=source.text("domain", _DOMAIN),
        members=tuple(_read_member(one) for one in source.objects("members", MEMBER_LIMIT)),
        stewards=tuple(_read_steward(one) for one in source.objects("stewards", STEWARD_LIMIT)),
        witness_quorum=_read_quorum(source),
    )
    _check_names(content)
    _check_times(content)
    _check_critical(source)
    return content


def encode_member(member: Member) -> bytes:
    """Return a member's part of a list as JSON: what its authority hands to the stewards."""
    return orjson.dumps(_write_member(member), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def decode_member(data: bytes) -> Member:
    """Return the member in a file of `encode_member`; raise `TrustError` (step 3)."""
    return _read_member(_Source(_read_object(data), ""))


def witness_name(member: MemberId, domain: str) -> str:
    """Return the name under which a member cosigns."""
    return f"{member}.{domain}/witness"


def end_witness_keys(member: Member, until: int, following: Sequence[str] = ()) -> Member:
    """Return `member` with its witness keys in use ended at `until` (unix seconds), and others in their place.

    What they cosigned until then counts as before. Who has a stolen key can give any time: then `until` lies
    before the theft.
    """
    ended = [replace(key, until=until) if key.until is None else key for key in member.witness_keys]
    return replace(member, witness_keys=(*ended, *map(WitnessKey, following)))


def end_log_key(member: Member, checkpoint: str) -> Member:
    """Return `member` with the log key that signed `checkpoint` ended there, for the next list.

    Args:
        member: its part of the list, with the key that ends and the one that follows it.
        checkpoint: the last head of the log that anybody has seen: a witness, a relay or a peer keeps
            it. Not the member's own word alone; for that is what its new log begins with.

    Raises:
        EvidenceError: no key of the member signed it, or one that did has ended before.
    """
    head = LogVerifier(member.log_keys).open(checkpoint)
    signing = [key for key in member.log_keys if _has_signed(key, checkpoint)]
    if any(key.until_size is not None for key in signing):
        raise EvidenceError(
            "the key that signed the head has ended before", where="log key", reason="key-ended"
        )
    # Where one key follows another, both may sign the head between them: there the older one ends.
    oldest = min(signing, key=lambda key: key.from_size)
    ended = replace(oldest, until_size=head.size, final_root=head.root)
    return replace(member, log_keys=tuple(ended if key is oldest else key for key in member.log_keys))


def _has_signed(key: ListedKey, checkpoint: str) -> bool:
    try:
        LogVerifier([key]).open(checkpoint)
    except EvidenceError:
        return False
    return True


def encode_steward(steward: Steward) -> bytes:
    """Return a steward's id and public key as JSON: what the other stewards put into the list."""
    document = {"id": steward.id, "key": _write_key(steward)}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def decode_steward(data: bytes) -> Steward:
    """Return the steward in a file of `encode_steward`; raise `TrustError` (step 3)."""
    return _read_steward(_Source(_read_object(data), ""))


def read_json_object(data: bytes) -> dict[str, Any] | None:
    """Return the JSON object in `data`, None if it is not strict JSON with each name once."""
    try:
        document = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_once,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError
    return names


def _refuse_number(_text: str) -> NoReturn:
    raise ValueError


def _read_object(payload: bytes) -> dict[str, Any]:
    document = read_json_object(payload) if len(payload) <= PAYLOAD_LIMIT else None
    if document is None:
        raise refuse(3, "payload-form", "the payload is not strict JSON within its limit")
    return document


def _write_member(member: Member) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": member.id,
        "type": member.type.value,
        "roots": [base64.b64encode(root).decode("ascii") for root in member.roots],
        "log_keys": [_write_log_key(key) for key in member.log_keys],
        "competences": list(member.competences),
        "base_policy_sha256": member.base_policy_sha256.hex(),
    }
    more = {
        "hosted_by": member.hosted_by,
        "mandate_until": member.mandate_until,
        "witness_keys": [_write_witness_key(key) for key in member.witness_keys],
    }
    return document | {name: value for name, value in more.items() if value}


def _write_log_key(key: ListedKey) -> dict[str, Any]:
    document: dict[str, Any] = {"key": key.vkey}
    if key.from_size:
        document["from_size"] = key.from_size
    if key.until_size is not None:
        document["until_size"] = key.until_size
    if key.final_root:
        document["final_root"] = base64.b64encode(key.final_root).decode("ascii")
    return document


def _write_witness_key(key: WitnessKey) -> dict[str, Any]:
    return {"key": key.vkey} | ({} if key.until is None else {"until": key.until})


def _write_key(steward: Steward) -> dict[str, str]:
    x, y = steward.point[1:33], steward.point[33:]
    return {"kty": "EC", "crv": "P-256", "x": encode_b64(x), "y": encode_b64(y)}


def _read_member(source: _Source) -> Member:
    return Member(
        id=source.parsed("id", parse_member),
        type=source.parsed("type", MemberType),
        roots=tuple(source.each("roots", _parse_root)),
        log_keys=_read_log_keys(source),
        competences=tuple(source.each("competences", _parse_competence)),
        base_policy_sha256=bytes.fromhex(source.text("base_policy_sha256", _HEX_DIGEST)),
        hosted_by=source.parsed("hosted_by", parse_member) if source.has("hosted_by") else None,
        mandate_until=_read_mandate(source),
        witness_keys=_read_witness_keys(source),
    )


def _read_quorum(source: _Source) -> int:
    return source.number("witness_quorum", most=MEMBER_LIMIT) if source.has("witness_quorum") else 0


def _read_witness_keys(source: _Source) -> tuple[WitnessKey, ...]:
    rows = source.objects("witness_keys", _LIST_LIMIT) if source.has("witness_keys") else []
    keys = tuple(
        WitnessKey(
            one.parsed("key", lambda text: parse_vkey(text).vkey),
            one.number("until") if one.has("until") else None,
        )
        for one in rows
    )
    if len({key.vkey for key in keys}) != len(keys):
        source.malformed("witness_keys")
    return keys


def _read_mandate(source: _Source) -> str:
    if not source.has("mandate_until"):
        return ""
    if source.text("type") not in _MANDATED:
        source.malformed("mandate_until")
    return source.parsed("mandate_until", _parse_day)


def _read_log_keys(source: _Source) -> tuple[ListedKey, ...]:
    keys = tuple(_read_log_key(one) for one in source.objects("log_keys", _LIST_LIMIT))
    if len({key.vkey for key in keys}) != len(keys):
        source.malformed("log_keys")
    return keys


def _read_log_key(source: _Source) -> ListedKey:
    ends = source.has("until_size")
    key = ListedKey(
        vkey=source.parsed("key", lambda text: parse_vkey(text).vkey),
        from_size=source.number("from_size", most=_LAST_NUMBER) if source.has("from_size") else 0,
        until_size=source.number("until_size", most=_LAST_NUMBER) if ends else None,
        final_root=source.parsed("final_root", _parse_hash) if source.has("final_root") else b"",
    )
    if key.until_size is not None and key.until_size < key.from_size:
        source.malformed("until_size")
    if key.final_root and not ends:
        source.malformed("final_root")
    return key


def _read_steward(source: _Source) -> Steward:
    key = source.inner("key")
    if (key.text("kty"), key.text("crv")) != ("EC", "P-256"):
        key.malformed("crv")
    x, y = (key.parsed(name, lambda text: decode_b64(text, "key")) for name in ("x", "y"))
    point = b"\x04" + x + y
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        key.malformed("x")
    return Steward(source.parsed("id", parse_member), point)


@lru_cache(maxsize=1024)
def _load_root(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def _parse_root(text: str) -> bytes:
    try:
        root = base64.b64decode(text, validate=True)
        _load_root(root)
    except UNREADABLE as error:
        raise InvalidInputError("not a certificate", where="roots") from error
    return root


def _parse_hash(text: str) -> bytes:
    found = base64.b64decode(text, validate=True)
    if len(found) != 32 or base64.b64encode(found).decode("ascii") != text:
        raise InvalidInputError("not a hash", where="final_root")
    return found


def _parse_day(text: str) -> str:
    try:
        found = dt.date.fromisoformat(text).isoformat()
    except ValueError:
        found = ""
    if not found or found != text:
        raise InvalidInputError("not a day", where="mandate_until")
    return text


def _parse_competence(text: str) -> str:
    if not _COMPETENCE.match(text):
        raise InvalidInputError("not a competence", where="competences")
    return text


def _check_names(content: TrustContent) -> None:
    for name, ids in (
        ("members", [member.id for member in content.members]),
        ("stewards", [steward.id for steward in content.stewards]),
        ("stewards.key", [steward.point for steward in content.stewards]),
    ):
        if len(set(ids)) != len(ids):
            raise refuse(3, "named-twice", f"a name or key stands twice: {name}")
    if not content.stewards:
        raise refuse(3, "payload-form", "a list without stewards has no keeper")
    for member in content.members:
        _check_log_keys(member, content.domain)
        _check_witness_keys(member, content.domain)


def _check_log_keys(member: Member, domain: str) -> None:
    for listed in member.log_keys:
        key = parse_vkey(listed.vkey)
        try:
            origin = parse_origin(key.name)
        except TracepostError:
            origin = None
        owner = (origin.member, origin.domain) if origin else None
        if owner != (member.id, domain) or key.key_type != SIGNS_TEXT:
            raise refuse(3, "foreign-log-key", "a log key is not named after its member and the network")


def _check_witness_keys(member: Member, domain: str) -> None:
    for listed in member.witness_keys:
        key = parse_vkey(listed.vkey)
        if key.name != witness_name(member.id, domain) or key.key_type == SIGNS_TEXT:
            raise refuse(
                3, "foreign-witness-key", "a witness key is not named after its member and the network"
            )


def _check_times(content: TrustContent) -> None:
    in_order = content.issued < content.next_update <= content.hard_expiry
    if not in_order or content.hard_expiry > content.issued + HARD_EXPIRY_LIMIT_S:
        raise refuse(4, "times", "the times are out of order or more than 180 days apart")


def _check_critical(source: _Source) -> None:
    if source.has("critical"):
        unknown = set(source.each("critical", str)) - _UNDERSTOOD
        if unknown:
            raise refuse(5, "critical", "the list says something that this version must not ignore")


class _Source:
    """Reads single values of a payload and refuses malformed ones by the place where they stand."""

    def __init__(self, document: Mapping[str, Any], place: str) -> None:
        self._document = document
        self._place = place

    def has(self, name: str) -> bool:
        return name in self._document

    def number(self, name: str, least: int = 0, most: int = _LAST_SECOND) -> int:
        value = self._document.get(name)
        if type(value) is not int or not least <= value <= most:
            self.malformed(name)
        return value

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        value = self._document.get(name)
        if not isinstance(value, str) or (pattern and not pattern.match(value)):
            self.malformed(name)
        return value

    def parsed(self, name: str, parse: Callable[[str], Value]) -> Value:
        return self._parse(name, self.text(name), parse)

    def each(self, name: str, parse: Callable[[str], Value]) -> list[Value]:
        values = self._list(name, _LIST_LIMIT)
        if not all(isinstance(value, str) for value in values) or len(set(values)) != len(values):
            self.malformed(name)
        return [self._parse(name, value, parse) for value in values]

    def objects(self, name: str, limit: int) -> list[_Source]:
        return [self._object(value, f"{name}.{n}") for n, value in enumerate(self._list(name, limit))]

    def inner(self, name: str) -> _Source:
        return self._object(self._document.get(name), name)

    def malformed(self, name: str) -> NoReturn:
        raise refuse(3, "payload-form", f"missing or malformed: {self._place}{name}")

    def _object(self, value: object, name: str) -> _Source:
        if not isinstance(value, dict):
            self.malformed(name)
        return _Source(value, f"{self._place}{name}.")

    def _list(self, name: str, limit: int) -> Sequence[Any]:
        value = self._document.get(name)
        if not isinstance(value, list) or len(value) > limit:
            self.malformed(name)
        return value

    def _parse(self, name: str, text: str, parse: Callable[[str], Value]) -> Value:
        try:
            return parse(text)
        except (TracepostError, ValueError):
            self.malformed(name)


def refuse(step: int, reason: str, message: str) -> TrustError:
    """Return the refusal of a numbered step of the list in `acceptance`."""
    return TrustError(message, where=f"step {step}", reason=reason)
