"""Foreign libraries read our statements, whole and redacted, and we read theirs.

They are positive oracles only: they take unreferenced and repeated disclosures and mirrored
signatures. What must be refused is in tests/vectors/statement.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from vectors.statement import generate

from tracepost.protocol import statement
from tracepost.protocol.ids import DeskId, MemberId, ThreadId
from tracepost.protocol.schema import Field, Sensitivity

pytestmark = pytest.mark.foreign

RunScript = Callable[[str, Any], Any]
KEY = generate.key("xaa")
CERTIFICATE = x509.load_der_x509_certificate(generate.CERTIFICATES["xaa"])
XAA, XAB = MemberId("xaa"), MemberId("xab")
NOW = 1_790_000_000
CLAIMS = statement.Claims(
    iss=XAA,
    aud=(XAB,),
    iat=NOW,
    jti="01995b1a-0000-7000-8000-000000000001",
    kind="example.unknown/1",
    thread=ThreadId("01995b1a-0000-7000-8000-000000000002"),
    in_reply_to=None,
    desk=DeskId("poc"),
    purpose="PURPOSE_CRIMINAL_INVESTIGATION",
    legal_basis="LEGAL_BASIS_INTERNATIONAL_TRACING_INSTRUMENT",
)
FIELDS = (
    Field("file_number", Sensitivity.ADMINISTRATIVE, "XAA-2026-0001"),
    Field("items.0.mark.0", Sensitivity.OBJECT, {"text": "АБ 123456 \u202e\U0001f512", "n": [1, None, True]}),
    Field("items.1.mark.0", Sensitivity.OBJECT, {"text": '"\\/\u0000\u2028'}),
    Field("items.0.quantity", Sensitivity.OBJECT, 2**53 - 1),
    Field("route", Sensitivity.LAW_ENFORCEMENT, ["XAC", "XAB"]),
)


def public_jwk() -> dict[str, str]:
    numbers = KEY.public_key().public_numbers()
    x, y = generate.b64(numbers.x.to_bytes(32)), generate.b64(numbers.y.to_bytes(32))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def private_jwk() -> dict[str, str]:
    assert isinstance(KEY, ec.EllipticCurvePrivateKey)
    return {**public_jwk(), "d": generate.b64(KEY.private_numbers().private_value.to_bytes(32))}


def verify_foreign(run_script: RunScript, compacts: list[str], now: int = NOW) -> list[Any]:
    requests = [{"compact": compact, "jwk": public_jwk(), "now": now} for compact in compacts]
    return list(run_script("verify_sd_jwt.mjs", requests))


def shown_message(proved: statement.Statement) -> dict[str, dict[str, Any]]:
    """What a foreign reader makes of `message`: the disclosed claims in their classes."""
    message: dict[str, dict[str, Any]] = {sensitivity.value: {} for sensitivity in proved.classes}
    for one in proved.disclosures:
        message[one.sensitivity.value][one.path] = one.value
    return message


def clear_claims(jws: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(jws.split(".")[1] + "=="))


def check(answer: Any, proved: statement.Statement) -> None:
    signed = clear_claims(proved.jws)
    named = generate.b64(proved.certificate_sha256)
    assert answer["jose"]["header"] == {"alg": "ES256", "typ": "tracepost+sd-jwt", "x5t#S256": named}
    assert answer["jose"]["payload"] == signed
    expected = {name: value for name, value in signed.items() if name != "_sd_alg"}
    assert answer["sdjwt"]["payload"] == {**expected, "message": shown_message(proved)}


def verify(compact: str) -> statement.VerifiedStatement:
    untrusted = statement.parse_compact(compact)
    return statement.verify(untrusted, CERTIFICATE, issuer=XAA, reader=XAB)


def test_foreign_libraries_read_a_statement_whatever_was_dropped(run_script: RunScript) -> None:
    signed = statement.sign(CLAIMS, FIELDS, statement.KeySigner(KEY, CERTIFICATE), os.urandom)
    jws, *disclosures, _ = statement.to_compact(signed).split("~")
    shown = [disclosures, []]
    shown += [disclosures[:drop] + disclosures[drop + 1 :] for drop in range(len(disclosures))]
    shown += [disclosures[drop:] for drop in range(1, len(disclosures))]
    compacts = ["~".join([jws, *kept, ""]) for kept in shown]
    for compact, answer in zip(compacts, verify_foreign(run_script, compacts), strict=True):
        check(answer, verify(compact))


def test_foreign_libraries_accept_every_vector_that_we_accept(run_script: RunScript) -> None:
    cases = json.loads((generate.HERE / "accepted.json").read_text(encoding="utf-8"))["cases"]
    answers = verify_foreign(run_script, [case["compact"] for case in cases], now=2**33)
    for case, answer in zip(cases, answers, strict=True):
        shown = [
            [path, name, value]
            for name, fields in answer["sdjwt"]["payload"]["message"].items()
            for path, value in fields.items()
            if path != "fields" and name not in case.get("unknown", {})  # what we do not know, it shows
        ]
        assert sorted(shown, key=repr) == sorted(case["fields"], key=repr), case["name"]


def test_the_foreign_check_is_a_check(run_script: RunScript) -> None:
    signed = statement.sign(CLAIMS, FIELDS, statement.KeySigner(KEY, CERTIFICATE), os.urandom)
    header, payload, signature = signed.jws.split(".")
    other = generate.b64(generate.compact_json({**clear_claims(signed.jws), "exercise": True}))
    [answer] = verify_foreign(run_script, [f"{header}.{other}.{signature}~"])
    assert "refused" in answer
    assert payload != other


def test_we_read_what_a_foreign_library_issued(run_script: RunScript) -> None:
    claims = {name: value for name, value in generate.claims_of().items() if name != "_sd_alg"}
    claims["kind"] = CLAIMS.kind
    claims["message"] = {
        "OBJECT": {"items.0.make": "Zastava", "items.0.mark.0": {"text": "АБ 123456"}, "fields": 2},
        "PERSONAL": {"buyer": "a person", "fields": 1},
    }
    request = {"header": generate.header_of(), "claims": claims, "jwk": private_jwk()}
    proved = verify(run_script("issue_sd_jwt.mjs", request)["compact"])
    assert shown_message(proved) == claims["message"]
    assert proved.complete_classes() == {Sensitivity.OBJECT, Sensitivity.PERSONAL}
