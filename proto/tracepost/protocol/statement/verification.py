"""Verifying a statement: from untrusted text to a type that says what was proved.

The steps, their order and their reasons are listed in `steps`. Every function here
returns what it has read or raises `StatementError`; none returns a bool.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeGuard, TypeVar

from cryptography import x509

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import MemberId, parse_member
from tracepost.protocol.schema import JsonValue, Sensitivity, declared_class
from tracepost.protocol.statement import steps
from tracepost.protocol.statement.claims import read_claims
from tracepost.protocol.statement.encoding import (
    LEVEL_OF_VALUES,
    PLAIN_TYPES,
    check_value,
    decode_each,
    decode_one,
    digest_each,
    read_json_each,
)
from tracepost.protocol.statement.groups import RESERVED_NAMES, Classify, is_path, may_stand, read_groups
from tracepost.protocol.statement.presentation import split_jws
from tracepost.protocol.statement.signature import check_signature, read_leaf
from tracepost.protocol.statement.signing import statement_digest
from tracepost.protocol.statement.unknown import set_apart
from tracepost.protocol.statement.values import (
    COUNTER_PATH,
    STATEMENT_TYPE,
    Claims,
    Disclosure,
    Statement,
    UntrustedStatement,
    UnverifiedHeader,
    VerifiedExhibit,
    VerifiedStatement,
    make_disclosure,
)

_HEADER_NAMES = {"alg", "typ", "x5t#S256"}
_USUAL_HEADER_LENGTH = 200
_SALT_CHARACTERS = 22  # 128 bits
_TEXT: frozenset[type] = frozenset({str})

Proved = TypeVar("Proved", bound=Statement)


def verify(
    untrusted: UntrustedStatement,
    certificate: x509.Certificate,
    *,
    issuer: MemberId,
    reader: MemberId,
    classify: Classify = declared_class,
) -> VerifiedStatement:
    """Return the statement as proved to come from `issuer` and to be addressed to `reader`.

    Args:
        untrusted: what was received, with any part of its disclosures.
        certificate: the statement certificate that its header names (`peek`).
        issuer: the member whose certificate it is, which `identity` found valid at `iat`.
        reader: the member who reads.
        classify: the declared class of a path; the schema's, unless made-up kinds are tried.

    Raises:
        StatementError: a step refuses.
    """
    return _prove(untrusted, certificate, VerifiedStatement, issuer=issuer, reader=reader, classify=classify)


def verify_exhibit(
    untrusted: UntrustedStatement,
    certificate: x509.Certificate,
    *,
    issuer: MemberId,
    classify: Classify = declared_class,
) -> VerifiedExhibit:
    """Return a statement that somebody else shows as proved to come from `issuer`, whoever its audience.

    Takes and raises the same as `verify`.
    """
    return _prove(untrusted, certificate, VerifiedExhibit, issuer=issuer, reader=None, classify=classify)


def peek(untrusted: UntrustedStatement) -> UnverifiedHeader:
    """Return what the statement says of itself, unproved; raise `StatementError` (steps 1 to 3)."""
    header, payload, _ = split_jws(untrusted)
    return UnverifiedHeader(_read_header(header), statement_digest(payload))


def peek_issuer(untrusted: UntrustedStatement) -> MemberId:
    """Return the member that the statement says it is from, unproved; raise `StatementError`."""
    _, payload, _ = split_jws(untrusted)
    issuer = _read_payload(payload).get("iss")
    try:
        return parse_member(issuer if isinstance(issuer, str) else "")
    except InvalidInputError:
        raise steps.CLAIMS("claim-form", "the claim iss is malformed") from None


def peek_claims(untrusted: UntrustedStatement) -> Claims:
    """Return what the statement says in clear, unproved; raise `StatementError`."""
    _, payload, _ = split_jws(untrusted)
    return read_claims(_read_payload(payload), steps.CLAIMS)


def _prove(
    untrusted: UntrustedStatement,
    certificate: x509.Certificate,
    proved: type[Proved],
    *,
    issuer: MemberId,
    reader: MemberId | None,
    classify: Classify,
) -> Proved:
    header, segment, signature = split_jws(untrusted)  # steps 1 and 2
    certificate_sha256 = _read_header(header)  # step 3
    _check_signature(header, segment, signature, certificate_sha256, certificate)  # steps 4 and 5
    payload = _read_payload(segment)
    claims = read_claims(payload, steps.CLAIMS)  # step 6
    _check_parties(claims, issuer, reader)  # step 7
    groups, unknown = read_groups(payload["message"])  # step 8
    texts, apart = set_apart(untrusted.disclosures, unknown) if unknown else (untrusted.disclosures, ())
    disclosures = _read_disclosures(texts, groups)  # steps 9 and 10
    _check_paths(disclosures)  # step 11
    _check_classes(disclosures, claims.kind, classify)  # step 12
    _check_counters(disclosures, groups)  # step 13
    return proved(
        jws=untrusted.jws,
        claims=claims,
        digest=statement_digest(segment),
        disclosures=disclosures,
        certificate_sha256=certificate_sha256,
        classes=tuple(groups),
        unknown=apart,
    )


def _read_header(segment: str) -> bytes:
    return _read_usual_header(segment) if len(segment) <= _USUAL_HEADER_LENGTH else _parse_header(segment)


# All statements of one certificate have one header; what is refused is not kept.
@lru_cache(maxsize=1024)
def _read_usual_header(segment: str) -> bytes:
    return _parse_header(segment)


def _parse_header(segment: str) -> bytes:
    header = _read_segment(segment, steps.HEADER)
    if header.keys() != _HEADER_NAMES:
        raise steps.HEADER("header-form", "the header does not hold exactly alg, typ and x5t#S256")
    if header["alg"] != "ES256":
        raise steps.HEADER("algorithm", "the algorithm is not ES256")
    if header["typ"] != STATEMENT_TYPE:
        raise steps.HEADER("type", f"the type is not {STATEMENT_TYPE}")
    named = header["x5t#S256"]
    digest = decode_one(named if isinstance(named, str) else "", steps.HEADER)
    if len(digest) != 32:
        raise steps.HEADER("certificate-digest", "x5t#S256 does not hold 32 bytes")
    return digest


def _check_signature(
    header: str, payload: str, signature: str, named: bytes, certificate: x509.Certificate
) -> None:
    certificate_sha256, key = read_leaf(certificate)
    if named != certificate_sha256:
        raise steps.CERTIFICATE("other-certificate", "the header names another certificate")
    raw = decode_one(signature, steps.SIGNATURE)
    check_signature(key, raw, f"{header}.{payload}".encode("ascii"))


def _read_payload(segment: str) -> dict[str, JsonValue]:
    return _read_segment(segment, steps.CLAIMS)


def _read_segment(segment: str, step: steps.Step) -> dict[str, JsonValue]:
    [value] = read_json_each([decode_one(segment, step)], step)
    check_value(value, step)
    if not isinstance(value, dict):
        raise step("not-json", "not a JSON object")
    return value


def _check_parties(claims: Claims, issuer: MemberId, reader: MemberId | None) -> None:
    if claims.iss != issuer:
        raise steps.PARTIES("issuer", "the certificate is of another member than the issuer")
    if reader is not None and reader not in claims.aud:
        raise steps.PARTIES("audience", "the statement is not addressed to the reader")


def _read_disclosures(
    texts: Sequence[str], groups: Mapping[Sensitivity, Sequence[str]]
) -> tuple[Disclosure, ...]:
    sensitivities = _find_groups(texts, groups)  # step 9
    paths, values = _read_contents(texts)  # step 10
    return tuple(map(make_disclosure, zip(texts, paths, values, sensitivities, strict=True)))


def _find_groups(texts: Sequence[str], groups: Mapping[Sensitivity, Sequence[str]]) -> list[Sensitivity]:
    if len(set(texts)) != len(texts):
        raise steps.REFERENCES("disclosure-twice", "a disclosure is there twice")
    signed = {digest: sensitivity for sensitivity, digests in groups.items() for digest in digests}
    digests = digest_each(texts)
    if not signed.keys() >= set(digests):
        raise steps.REFERENCES("disclosure-unreferenced", "a disclosure was not signed")
    return [signed[digest] for digest in digests]


# Column by column: in a statement of forty fields a call for each would be a fifth of the time.
def _read_contents(texts: Sequence[str]) -> tuple[Sequence[str], Sequence[JsonValue]]:
    step = steps.DISCLOSURES
    contents = read_json_each(decode_each(texts, step), step)
    rows = [one for one in contents if isinstance(one, list) and len(one) == 3]
    if len(rows) != len(contents):
        raise step("disclosure-form", "a disclosure is not [salt, path, value]")
    salts, paths, values = zip(*rows, strict=True) if rows else ((), (), ())
    if not _are_texts(salts) or any(len(salt) < _SALT_CHARACTERS for salt in salts):
        raise step("salt", "a salt is shorter than 128 bits")
    if not _are_texts(paths) or not all(map(is_path, paths)):
        raise step("path-form", "a path is not well formed")
    for value in values:
        if type(value) not in PLAIN_TYPES:
            check_value(value, step, RESERVED_NAMES, LEVEL_OF_VALUES)
    return paths, values


def _are_texts(values: tuple[JsonValue, ...]) -> TypeGuard[tuple[str, ...]]:
    return _TEXT.issuperset(map(type, values))


def _check_paths(disclosures: Sequence[Disclosure]) -> None:
    paths = [one.path for one in disclosures if one.path != COUNTER_PATH]
    counters = [one.sensitivity for one in disclosures if one.path == COUNTER_PATH]
    if len(set(paths)) != len(paths) or len(set(counters)) != len(counters):
        raise steps.PATHS("path-twice", "a path is disclosed twice")


def _check_classes(disclosures: Sequence[Disclosure], kind: str, classify: Classify) -> None:
    for one in disclosures:
        if not may_stand(classify, kind, one.path, one.sensitivity):
            raise steps.CLASSES("wrong-class", f"{one.path} may not stand in the class {one.sensitivity}")


def _check_counters(disclosures: Sequence[Disclosure], groups: Mapping[Sensitivity, Sequence[str]]) -> None:
    shown = Counter([one.sensitivity for one in disclosures if one.path != COUNTER_PATH])
    for counter in [one for one in disclosures if one.path == COUNTER_PATH]:
        total = counter.value
        if isinstance(total, bool) or not isinstance(total, int) or total < 0:
            raise steps.COUNTERS("counter-form", "the counter of a group is not a number")
        if total < shown[counter.sensitivity]:
            raise steps.COUNTERS("counter-too-small", "more fields are shown than the counter counts")
        if total >= len(groups[counter.sensitivity]):
            raise steps.COUNTERS("counter-too-large", "the counter counts more fields than were signed")
