"""Making a statement: a draft of the payload, then the signature over it.

The draft is what officers approve: its digest is already that of the statement, because
the digest covers the payload and not the signature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

import orjson

from tracepost.protocol.errors import InternalError, InvalidInputError, InvalidMessageError, LimitError
from tracepost.protocol.ids import StatementDigest
from tracepost.protocol.schema import Field, JsonValue, Sensitivity, declared_class
from tracepost.protocol.statement.claims import read_claims, write_claims
from tracepost.protocol.statement.encoding import (
    LEVEL_OF_VALUES,
    PLAIN_TYPES,
    check_value,
    digest_each,
    encode_each,
)
from tracepost.protocol.statement.groups import (
    RESERVED_NAMES,
    Classify,
    in_order,
    is_path,
    may_stand,
    padding_for,
    write_groups,
)
from tracepost.protocol.statement.signature import SIGNATURE_LENGTH, Signer
from tracepost.protocol.statement.values import (
    COUNTER_PATH,
    DISCLOSURES_LIMIT,
    STATEMENT_LENGTH_LIMIT,
    STATEMENT_TYPE,
    Claims,
    Disclosure,
    Statement,
    make_disclosure,
)

Random = Callable[[int], bytes]

_SALT_LENGTH = 16
_DIGEST_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Draft:
    """A payload that is ready to be signed, with its disclosures."""

    payload: str = field(repr=False)
    claims: Claims
    digest: StatementDigest
    disclosures: tuple[Disclosure, ...] = field(repr=False)
    classes: tuple[Sensitivity, ...]


def sign(
    claims: Claims,
    fields: Sequence[Field],
    signer: Signer,
    random: Random,
    classify: Classify = declared_class,
) -> Statement:
    """Return the signed statement of `fields` under `claims`; raises as `draft` does."""
    return sign_draft(draft(claims, fields, random, classify), signer)


def draft(
    claims: Claims, fields: Sequence[Field], random: Random, classify: Classify = declared_class
) -> Draft:
    """Return the payload of `fields` under `claims`, with a fresh salt from `random` for each.

    Raises:
        InvalidInputError: a claim is malformed.
        InvalidMessageError: a field has a path, class or value that no verifier would accept.
        LimitError: the statement would be larger than the protocol allows.
    """
    written = _write_claims(claims)
    _check_fields(claims.kind, fields, classify)
    counted = _add_counters(fields)
    disclosures = _disclose(counted, random)
    groups = _group(disclosures, random)
    payload = orjson.dumps({**written, "message": write_groups(groups)})
    [segment] = encode_each([payload])
    _check_length(segment, disclosures)
    return Draft(segment, claims, statement_digest(segment), disclosures, tuple(groups))


def sign_draft(draft: Draft, signer: Signer) -> Statement:
    """Return the statement that `signer` makes of a draft; raise `InternalError` if it cannot sign ES256."""
    signed = f"{_write_header(signer.certificate_sha256)}.{draft.payload}"
    signature = signer.sign(signed.encode("ascii"))
    if len(signature) != SIGNATURE_LENGTH:
        raise InternalError("the signer did not return an ES256 signature", reason="signature-form")
    return Statement(
        jws=f"{signed}.{encode_each([signature])[0]}",
        claims=draft.claims,
        digest=draft.digest,
        disclosures=draft.disclosures,
        certificate_sha256=signer.certificate_sha256,
        classes=draft.classes,
    )


def statement_digest(payload: str) -> StatementDigest:
    """Return the SHA-256 over the ASCII payload segment as transmitted."""
    return StatementDigest(sha256(payload.encode("ascii")).digest())


@lru_cache(maxsize=64)  # a node signs with one certificate for months
def _write_header(certificate_sha256: bytes) -> str:
    [named] = encode_each([certificate_sha256])
    [segment] = encode_each([orjson.dumps({"alg": "ES256", "typ": STATEMENT_TYPE, "x5t#S256": named})])
    return segment


def _write_claims(claims: Claims) -> dict[str, JsonValue]:
    written = write_claims(claims)
    if read_claims({**written, "message": None}, _refuse_claims) != claims:
        raise _refuse_claims("claim-form", "the claims would be read otherwise than they are written")
    return written


def _refuse_claims(reason: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, where="claims", reason=reason)


def _check_fields(kind: str, fields: Sequence[Field], classify: Classify) -> None:
    paths = [one.path for one in fields]
    if len(set(paths)) != len(paths):
        raise InvalidMessageError("a path is given twice", reason="path-twice")
    if COUNTER_PATH in paths or not all(map(is_path, paths)):
        raise InvalidMessageError("a path is not well formed", reason="path-form")
    for path, sensitivity, value in fields:
        if not may_stand(classify, kind, path, sensitivity):
            raise InvalidMessageError("the class does not rise to this", where=path, reason="wrong-class")
        if type(value) not in PLAIN_TYPES:
            check_value(value, _refuse_value, RESERVED_NAMES, LEVEL_OF_VALUES)


def _refuse_value(reason: str, message: str) -> InvalidMessageError:
    return InvalidMessageError(message, reason=reason)


def _add_counters(fields: Sequence[Field]) -> list[Field]:
    classes = [one.sensitivity for one in fields]
    counters = [Field(COUNTER_PATH, one, classes.count(one)) for one in dict.fromkeys(classes)]
    return [*fields, *counters]


# Column by column, as in verification: a call for each field would cost more than the signature.
def _disclose(fields: Sequence[Field], random: Random) -> tuple[Disclosure, ...]:
    paths, classes, values = zip(*fields, strict=True) if fields else ((), (), ())
    salts = encode_each(_draw(random, _SALT_LENGTH, len(fields)))
    try:
        contents = list(map(orjson.dumps, zip(salts, paths, values, strict=True)))
    except TypeError:  # half a surrogate pair is the one str that is not Unicode
        raise InvalidMessageError("a value is not text", reason="not-json") from None
    columns = zip(encode_each(contents), paths, values, classes, strict=True)
    return tuple(map(make_disclosure, columns))


def _group(disclosures: Sequence[Disclosure], random: Random) -> dict[Sensitivity, list[str]]:
    groups: dict[Sensitivity, list[str]] = {}
    digests = digest_each([one.encoded for one in disclosures])
    for digest, (_, _, _, sensitivity) in zip(digests, disclosures, strict=True):
        groups.setdefault(sensitivity, []).append(digest)
    padding = sum(padding_for(len(group)) for group in groups.values())
    spare = encode_each(_draw(random, _DIGEST_LENGTH, padding))
    for group in groups.values():
        group += [spare.pop() for _ in range(padding_for(len(group)))]
    return {sensitivity: groups[sensitivity] for sensitivity in in_order(groups)}


def _draw(random: Random, length: int, number: int) -> list[bytes]:
    pool = random(length * number)
    return [pool[start : start + length] for start in range(0, length * number, length)]


def _check_length(payload: str, disclosures: Sequence[Disclosure]) -> None:
    header_and_signature = 400
    texts = len(disclosures) + sum(map(len, [one.encoded for one in disclosures]))
    length = header_and_signature + len(payload) + texts
    if len(disclosures) > DISCLOSURES_LIMIT or length > STATEMENT_LENGTH_LIMIT:
        raise LimitError("the statement is too large", where="statement")
