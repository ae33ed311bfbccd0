"""One statement as it may be shown on paper: the fields that a reader has of it, and what it says in clear.

    from a node      told_by_view(statement)          the gate let these fields through
    from a case file told_by_file(filed, certificates) after `verify_casefile`

Both give the same for the same statement, so that a page can be compared with the file: fields in the order and with
the values in which they were signed, and the claims as fields below `claims`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.errors import StatementError
from tracepost.protocol.ids import parse_digest
from tracepost.protocol.jsonvalue import JsonValue
from tracepost.protocol.schema import Field, Sensitivity, flatten
from tracepost.protocol.statement import (
    Claims,
    Restriction,
    VerifiedExhibit,
    parse_compact,
    peek,
    peek_issuer,
    verify_exhibit,
)
from tracepost.sdk import message_of
from tracepost.wire.v1 import desk_pb2, options_pb2, terms_pb2
from tracepost.wire.v1.casefile_pb2 import CaseFile

CLAIMS = "claims"
_ENDS = ("iss", "desk", "aud", "kind", "iat", "purpose", "legal_basis", "exercise")


@dataclass(frozen=True, slots=True)
class Told:
    """What is shown of a statement.

    Args:
        digest: of the statement.
        thread: the case.
        kind: of the message.
        claims: who says it, to whom, when, for what use, under which restrictions, each as a field below `claims`.
        fields: those that are shown, in the order of the schema.
        hidden: classes of which fields are not shown, with their number; None where nobody knows it.
        problem: what the node found wrong with it, in words; empty where it found nothing.
    """

    digest: bytes
    thread: str
    kind: str
    claims: tuple[Field, ...]
    fields: tuple[Field, ...]
    hidden: tuple[tuple[str, int | None], ...] = ()
    problem: str = ""

    def claim(self, name: str) -> JsonValue:
        """Return the value of a claim, None where it is absent."""
        return next((one.value for one in self.claims if one.path == f"{CLAIMS}.{name}"), None)

    @property
    def restrictions(self) -> tuple[Field, ...]:
        """The restrictions on use (ITI 15), as fields."""
        return tuple(one for one in self.claims if one.path.startswith(f"{CLAIMS}.restrictions."))

    def of_classes(self, classes: frozenset[Sensitivity]) -> Told:
        """Return what is left when only fields of these classes are shown."""
        return replace(self, fields=tuple(one for one in self.fields if one.sensitivity in classes))


def told_by_view(view: desk_pb2.StatementView, thread: str) -> Told:
    """Return a statement as a node showed it."""
    message = message_of(view.content)
    fields = tuple(flatten(message)) if message is not None else ()
    unknown = tuple(Field(u.path, _class_of(u.of_class), orjson.loads(u.value_json)) for u in view.unknown)
    claims: dict[str, JsonValue] = {
        "iss": view.from_member,
        "desk": view.from_desk,
        "aud": list(view.to),
        "kind": view.kind,
        "iat": int(datetime.fromisoformat(view.issued_at).timestamp()),
        "purpose": terms_pb2.Purpose.Name(view.purpose) if view.HasField("purpose") else "",
        "legal_basis": terms_pb2.LegalBasis.Name(view.legal_basis) if view.HasField("legal_basis") else "",
        "exercise": view.exercise,
    }
    restrictions = [
        Restriction(
            terms_pb2.RestrictionCode.Name(one.code),
            one.until or None,
            one.detail or None,
            tuple(one.field_paths),
        )
        for one in view.restrictions
    ]
    hidden = tuple(
        (
            _class_of(one.of_class) if one.HasField("of_class") else one.class_name,
            one.fields if one.exact else None,
        )
        for one in view.hidden
    )
    digest = parse_digest(view.statement, "statement")
    problem = f"{view.problem.words} {view.problem.where}".strip()
    laid = _claims(claims, restrictions)
    return Told(digest, thread, view.kind, laid, (*fields, *unknown), hidden, problem)


def told_by_file(case: CaseFile) -> list[Told]:
    """Return the statements of a case file, in its order.

    Only of a file that `verify_casefile` accepted: who signed is taken from the certificates in it, without asking
    whose they are.
    """
    known = {hashlib.sha256(der).digest(): der for der in case.certificates}
    return [_read(filed.sd_jwt, known) for filed in case.statements]


def _read(sd_jwt: str, certificates: Mapping[bytes, bytes]) -> Told:
    untrusted = parse_compact(sd_jwt)
    der = certificates.get(peek(untrusted).certificate_sha256)
    if der is None:
        raise StatementError(
            "the certificate that the statement names is not in the file", reason="no-signer"
        )
    return told_by_proof(verify_exhibit(untrusted, load_certificate(der), issuer=peek_issuer(untrusted)))


def told_by_proof(proved: VerifiedExhibit) -> Told:
    """Return a statement whose signature holds."""
    said: Claims = proved.claims
    claims: dict[str, JsonValue] = {
        "iss": str(said.iss),
        "desk": str(said.desk),
        "aud": [str(one) for one in said.aud],
        "kind": said.kind,
        "iat": said.iat,
        "purpose": said.purpose,
        "legal_basis": said.legal_basis,
        "exercise": said.exercise,
    }
    hidden = tuple(
        (str(sensitivity), count.total - count.shown if count.total is not None else None)
        for sensitivity, count in proved.counts().items()
        if count.total is None or count.total > count.shown
    )
    fields = tuple(proved.fields())
    return Told(
        proved.digest, str(said.thread), said.kind, _claims(claims, said.restrictions), fields, hidden
    )


def _claims(values: Mapping[str, JsonValue], restrictions: Iterable[Restriction]) -> tuple[Field, ...]:
    """Return claims as fields; one that is empty is absent, whoever tells of it."""
    plain = (
        Field(f"{CLAIMS}.{name}", Sensitivity.ADMINISTRATIVE, values[name])
        for name in _ENDS
        if values[name] not in ("", [], False)
    )
    laid = (
        Field(f"{CLAIMS}.restrictions.{index}", Sensitivity.ADMINISTRATIVE, _restriction(one))
        for index, one in enumerate(restrictions)
    )
    return (*plain, *laid)


def _restriction(one: Restriction) -> dict[str, JsonValue]:
    whole: dict[str, JsonValue] = {
        "code": one.code,
        "until": one.until,
        "detail": one.detail,
        "field_paths": list(one.field_paths),
    }
    return {name: value for name, value in whole.items() if value}


def _class_of(number: Any) -> Sensitivity:
    return Sensitivity(options_pb2.Sensitivity.Name(number).removeprefix("SENSITIVITY_"))


def canonical(value: JsonValue) -> bytes:
    """Return the one form of a value that a page stands for."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
