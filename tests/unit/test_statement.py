"""The statement: signed once, redactable for ever, refused in numbered steps."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import json
import os
import re
from typing import Any

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vectors.statement import generate

from tracepost.protocol import statement
from tracepost.protocol.errors import (
    ConfigurationError,
    InternalError,
    InvalidInputError,
    InvalidMessageError,
    LimitError,
    StatementError,
    TracepostError,
)
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, ThreadId, decode_b64
from tracepost.protocol.schema import Field, JsonValue, Sensitivity, assemble, flatten
from tracepost.protocol.statement import encoding, steps
from tracepost.wire.v1 import trace_pb2

COMMON: dict[str, Any] = json.loads((generate.HERE / "common.json").read_text(encoding="utf-8"))
CERTIFICATES = {
    name: x509.load_der_x509_certificate(base64.b64decode(der))
    for name, der in COMMON["certificates"].items()
}
XAA, XAB = MemberId("xaa"), MemberId("xab")
SIGNER = statement.KeySigner(generate.key("xaa"), CERTIFICATES["xaa"])
CLAIMS = statement.Claims(
    iss=XAA,
    aud=(XAB, MemberId("xac")),
    iat=1_790_000_000,
    jti="01995b1a-0000-7000-8000-000000000001",
    kind=generate.KIND,
    thread=ThreadId("01995b1a-0000-7000-8000-000000000002"),
    in_reply_to=StatementDigest(bytes(32)),
    desk=DeskId("poc"),
    purpose="PURPOSE_CRIMINAL_INVESTIGATION",
    legal_basis="LEGAL_BASIS_INTERNATIONAL_TRACING_INSTRUMENT",
    restrictions=(statement.Restriction("RESTRICTION_CODE_DELETE_AFTER", until="2031-05-01"),),
    exercise=True,
)
FIELDS = (
    Field("title", Sensitivity.PUBLIC, "A note"),
    Field("file_number", Sensitivity.ADMINISTRATIVE, "XAA-2026-0001"),
    Field("due", Sensitivity.ADMINISTRATIVE, "2026-12-31"),
    *(Field(f"items.{n}.mark.0", Sensitivity.OBJECT, {"text": "АБ 123456", "n": n}) for n in range(9)),
    Field("items.0.make", Sensitivity.PERSONAL, "raised"),
    Field("buyer", Sensitivity.PERSONAL, ["a", None, True]),
    Field("not.yet.known.7", Sensitivity.CONTACT, 7),
)


def classify(kind: str, path: str) -> Sensitivity | None:
    pattern = re.sub(r"(?<=\.)[0-9]+(?=\.|\Z)", "*", path)
    name = COMMON["declared"].get(kind, {}).get(pattern)
    return Sensitivity(name) if name else None


def sign(*fields: Field, **claims: Any) -> statement.Statement:
    changed = dataclasses.replace(CLAIMS, **claims)
    return statement.sign(changed, fields or FIELDS, SIGNER, os.urandom, classify)


def verify(compact: str) -> statement.VerifiedStatement:
    untrusted = statement.parse_compact(compact)
    return statement.verify(untrusted, CERTIFICATES["xaa"], issuer=XAA, reader=XAB, classify=classify)


def payload_of(signed: statement.Statement) -> Any:
    return json.loads(decode_b64(signed.jws.split(".")[1], "payload"))


# ---------------------------------------------------------------- golden vectors


def load_cases() -> list[Any]:
    cases = []
    for name in generate.FILES:
        content = json.loads((generate.HERE / f"{name}.json").read_text(encoding="utf-8"))
        cases += [pytest.param(content["step"], one, id=f"{name}: {one['name']}") for one in content["cases"]]
    return cases


def run(case: dict[str, Any]) -> statement.Statement:
    repeated = case.get("compact_repeated", [[case["compact"], 1]])
    untrusted = statement.parse_compact("".join(text * times for text, times in repeated))
    certificate = CERTIFICATES[case["certificate"]]
    if case["verify"] == "exhibit":
        return statement.verify_exhibit(untrusted, certificate, issuer=case["issuer"], classify=classify)
    return statement.verify(
        untrusted, certificate, issuer=case["issuer"], reader=case["reader"], classify=classify
    )


@pytest.mark.parametrize(("step", "case"), load_cases())
def test_every_vector_has_its_verdict(step: int | None, case: dict[str, Any]) -> None:
    if case["verdict"] == "accepted":
        proved = run(case)
        assert [[f.path, f.sensitivity, f.value] for f in proved.fields()] == case["fields"]
        assert {name: list(count) for name, count in proved.counts().items()} == case["counts"]
        assert dict(proved.unknown) == case.get("unknown", {})
        return
    with pytest.raises(StatementError) as refusal:
        run(case)
    assert refusal.value.reason == case["verdict"]
    assert refusal.value.where.startswith(f"step {step}: ")


def test_the_vectors_are_what_the_generator_makes() -> None:
    for name, text in generate.make().items():
        assert (generate.HERE / name).read_text(encoding="utf-8") == text, name


def test_every_reason_of_every_step_has_a_vector_and_no_vector_has_another() -> None:
    listed: set[tuple[int, str]] = set()
    number = 0
    for line in (steps.__doc__ or "").splitlines():
        if heading := re.match(r" ?(\d+)\. ", line):
            number = int(heading[1])
        elif re.fullmatch(r" {18}[a-z0-9-]+(, [a-z0-9-]+)*", line):
            listed |= {(number, reason) for reason in line.strip().split(", ")}
    readers = {"not-base64url", "not-json", "not-an-integer", "duplicate-member", "too-deep"}
    found = {(p.values[0], p.values[1]["verdict"]) for p in load_cases() if p.values[0]}
    assert {step.number for step in steps.STEPS} == {number for number, _ in listed}
    assert {(number, reason) for number, reason in found if reason not in readers} == listed
    assert {number for number, reason in found if reason in readers} == {3, 5, 6, 10}


# ---------------------------------------------------------------- RFC 9901


def test_the_digest_is_over_the_ascii_of_the_encoded_disclosure() -> None:
    """The example of RFC 9901, 4.2.3."""
    encoded = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert encoding.digest_each([encoded]) == ["uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"]


def test_a_group_holds_the_digests_of_its_class_sorted_and_filled_to_whole_eights() -> None:
    signed = sign()
    groups = payload_of(signed)["message"]
    assert list(groups) == ["PUBLIC", "ADMINISTRATIVE", "OBJECT", "CONTACT", "PERSONAL"]
    assert {name: len(group["_sd"]) for name, group in groups.items()} == {
        "PUBLIC": 8,
        "ADMINISTRATIVE": 8,
        "OBJECT": 16,  # nine fields and the counter
        "PERSONAL": 8,
        "CONTACT": 8,
    }
    assert all(group["_sd"] == sorted(set(group["_sd"])) for group in groups.values())
    for one in signed.disclosures:
        digest = generate.b64(hashlib.sha256(one.encoded.encode("ascii")).digest())
        assert digest in groups[one.sensitivity]["_sd"]


def test_every_disclosure_has_a_salt_of_128_bits_of_its_own() -> None:
    salts = [json.loads(decode_b64(one.encoded, "disclosure"))[0] for one in sign().disclosures]
    assert {len(decode_b64(salt, "salt")) for salt in salts} == {16}
    assert len(set(salts)) == len(salts)


def test_only_the_clear_claims_are_in_clear() -> None:
    signed = sign()
    assert payload_of(signed) == {
        "iss": "xaa",
        "aud": ["xab", "xac"],
        "iat": 1_790_000_000,
        "jti": CLAIMS.jti,
        "kind": generate.KIND,
        "thread": CLAIMS.thread,
        "in_reply_to": "A" * 43,
        "desk": "poc",
        "purpose": "PURPOSE_CRIMINAL_INVESTIGATION",
        "legal_basis": "LEGAL_BASIS_INTERNATIONAL_TRACING_INSTRUMENT",
        "restrictions": [{"code": "RESTRICTION_CODE_DELETE_AFTER", "until": "2031-05-01"}],
        "exercise": True,
        "suite": "ES256",
        "_sd_alg": "sha-256",
        "message": payload_of(signed)["message"],
    }
    assert "in_reply_to" not in payload_of(sign(in_reply_to=None))


def test_the_header_names_algorithm_type_and_certificate_and_nothing_else() -> None:
    header = json.loads(decode_b64(sign().jws.split(".")[0], "header"))
    named = generate.b64(SIGNER.certificate_sha256)
    assert header == {"alg": "ES256", "typ": "tracepost+sd-jwt", "x5t#S256": named}


# ---------------------------------------------------------------- making, showing, reading


def test_what_was_signed_is_what_is_read() -> None:
    signed = sign()
    proved = verify(statement.to_compact(signed))
    assert proved.claims == CLAIMS
    assert proved.fields() == list(FIELDS)
    assert proved.digest == signed.digest == hashlib.sha256(signed.jws.split(".")[1].encode()).digest()
    assert proved.disclosures == signed.disclosures
    assert proved.classes == signed.classes
    assert proved.complete_classes() == set(signed.classes)
    assert statement.to_compact(proved) == statement.to_compact(signed)


def test_a_message_of_the_wire_schema_comes_back_whole() -> None:
    message = trace_pb2.TraceRequest(file_number="XAA-2026-0001")
    kind = "trace.request/1"
    claims = dataclasses.replace(CLAIMS, kind=kind)
    signed = statement.sign(claims, flatten(message), SIGNER, os.urandom)
    untrusted = statement.parse_compact(statement.to_compact(signed))
    proved = statement.verify(untrusted, CERTIFICATES["xaa"], issuer=XAA, reader=XAB)
    assert assemble(kind, proved.fields()).message == message


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_part_of_the_disclosures_may_be_dropped_and_the_rest_still_verifies(data: st.DataObject) -> None:
    signed = sign()
    kept = data.draw(st.sets(st.sampled_from([one.encoded for one in signed.disclosures])))
    order = data.draw(st.permutations(sorted(kept)))
    redacted = statement.redact(signed, lambda one: one.encoded in kept)
    assert statement.to_compact(redacted).count("~") == len(kept) + 1
    proved = verify("~".join([signed.jws, *order, ""]))
    assert proved.digest == signed.digest
    assert {one.encoded for one in proved.disclosures} == kept
    totals = signed.counts()
    for sensitivity, count in proved.counts().items():
        assert count.shown <= totals[sensitivity].shown
        assert count.total in {None, totals[sensitivity].shown}
    assert proved.complete_classes() == {
        sensitivity
        for sensitivity, count in proved.counts().items()
        if count == statement.Count(totals[sensitivity].shown, totals[sensitivity].shown)
    }


def test_redacting_keeps_the_type_that_was_proved() -> None:
    proved = verify(statement.to_compact(sign()))
    assert isinstance(statement.redact(proved, lambda one: not one.is_counter), statement.VerifiedStatement)


def test_an_exhibit_is_no_statement_to_its_reader() -> None:
    untrusted = statement.parse_compact(statement.to_compact(sign(aud=(MemberId("xad"),))))
    shown = statement.verify_exhibit(untrusted, CERTIFICATES["xaa"], issuer=XAA, classify=classify)
    assert isinstance(shown, statement.VerifiedExhibit)
    assert not isinstance(shown, statement.VerifiedStatement)


def test_the_digest_of_a_draft_is_the_digest_of_its_statement() -> None:
    draft = statement.draft(CLAIMS, FIELDS, os.urandom, classify)
    first, second = statement.sign_draft(draft, SIGNER), statement.sign_draft(draft, SIGNER)
    assert first.jws != second.jws
    assert first.digest == second.digest == draft.digest


def test_two_drafts_of_the_same_words_differ() -> None:
    drafts = [statement.draft(CLAIMS, FIELDS, os.urandom, classify) for _ in range(2)]
    assert drafts[0].digest != drafts[1].digest


def test_peek_finds_the_certificate_without_believing_anything() -> None:
    signed = sign()
    forged = statement.UntrustedStatement(signed.jws[:-4] + "AAAA", ("never~read",))
    peeked = statement.peek(forged)
    assert peeked.certificate_sha256 == SIGNER.certificate_sha256
    assert peeked.digest == signed.digest
    assert statement.peek_issuer(forged) == XAA


def test_a_clock_more_than_five_minutes_ahead_is_noticed() -> None:
    proved = verify(statement.to_compact(sign()))
    assert not proved.ahead_of(CLAIMS.iat - 300)
    assert proved.ahead_of(CLAIMS.iat - 301)


def test_parts_are_judged_like_the_compact_form() -> None:
    signed = sign()
    parts = statement.from_parts(signed.jws, [one.encoded for one in signed.disclosures])
    assert parts == statement.parse_compact(statement.to_compact(signed))
    with pytest.raises(StatementError) as refusal:
        statement.from_parts(signed.jws, [""])
    assert refusal.value.reason == "not-compact"


# ---------------------------------------------------------------- what is not signed


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([Field("title", Sensitivity.PUBLIC, "a"), Field("title", Sensitivity.PUBLIC, "b")], "path-twice"),
        ([Field("fields", Sensitivity.PUBLIC, 1)], "path-form"),
        ([Field("_sd", Sensitivity.PUBLIC, "x")], "path-form"),
        ([Field("Title", Sensitivity.PUBLIC, "x")], "path-form"),
        ([Field("buyer", Sensitivity.PUBLIC, "x")], "wrong-class"),
        ([Field("title", Sensitivity.PUBLIC, 2**53)], "not-an-integer"),
        ([Field("title", Sensitivity.PUBLIC, [{"a": 1.0}])], "not-an-integer"),  # type: ignore[dict-item]
        ([Field("title", Sensitivity.PUBLIC, b"x")], "not-an-integer"),  # type: ignore[arg-type]
        ([Field("title", Sensitivity.PUBLIC, {1: "x"})], "not-json"),  # type: ignore[dict-item]
        ([Field("title", Sensitivity.PUBLIC, "\ud800")], "not-json"),
        ([Field("title", Sensitivity.PUBLIC, {"...": "x"})], "reserved-name"),
        ([Field("title", Sensitivity.PUBLIC, generate.nested(8))], "too-deep"),
    ],
)
def test_no_field_is_signed_that_no_reader_would_accept(fields: list[Field], reason: str) -> None:
    with pytest.raises(InvalidMessageError) as refusal:
        sign(*fields)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("iss", "XAA", "claim-form"),
        ("aud", (), "claim-form"),
        ("jti", "1", "claim-form"),
        ("iat", 1.5, "claim-form"),
        ("in_reply_to", b"short", "claim-form"),
        ("purpose", "because", "claim-form"),
        ("restrictions", [statement.Restriction("A")], "claim-form"),  # a list would not read back
        ("suite", "ML-DSA-65", "suite"),
    ],
)
def test_no_claim_is_signed_that_no_reader_would_accept(claim: str, value: Any, reason: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        sign(**{claim: value})
    assert refusal.value.reason == reason


def test_a_statement_beyond_the_limits_is_not_signed() -> None:
    with pytest.raises(LimitError):
        sign(Field("title", Sensitivity.PUBLIC, "x" * 3_200_000))
    with pytest.raises(LimitError):
        sign(*(Field(f"new.{n}", Sensitivity.PUBLIC, n) for n in range(16_384)))


def test_a_signer_that_returns_der_is_our_fault() -> None:
    class DerSigner:
        certificate_sha256 = SIGNER.certificate_sha256

        def sign(self, data: bytes) -> bytes:
            return bytes(71)

    with pytest.raises(InternalError):
        statement.sign(CLAIMS, FIELDS, DerSigner(), os.urandom, classify)


@pytest.mark.parametrize("name", ["xaa-renewed", "xaa-p384"])
def test_a_signer_has_the_key_of_its_certificate(name: str) -> None:
    with pytest.raises(ConfigurationError):
        statement.KeySigner(generate.key("xaa"), CERTIFICATES[name])


# ---------------------------------------------------------------- nothing leaks, nothing escapes

CANARY = "canary-8c1f"


def test_no_value_is_in_any_repr() -> None:
    signed = sign(Field("buyer", Sensitivity.PERSONAL, CANARY))
    proved = verify(statement.to_compact(signed))
    untrusted = statement.parse_compact(statement.to_compact(signed))
    draft = statement.draft(CLAIMS, [Field("buyer", Sensitivity.PERSONAL, CANARY)], os.urandom, classify)
    for shown in (signed, proved, untrusted, draft, *proved.disclosures):
        assert CANARY not in repr(shown)
        assert proved.disclosures[0].encoded not in repr(shown)


@pytest.mark.parametrize(
    "content",
    [
        ["s" * 22, "title", {"_sd": CANARY}],
        ["s" * 22, CANARY.upper(), "x"],
        [CANARY, "title", "x"],
        ["s" * 22, "fields", CANARY],
        {"title": CANARY},
    ],
)
def test_no_refusal_tells_a_value(content: Any) -> None:
    disclosure = generate.b64(generate.compact_json(content))
    with pytest.raises(StatementError) as refusal:
        verify(generate.with_group("PUBLIC", disclosure))
    assert CANARY not in str(refusal.value).lower()
    assert refusal.value.__cause__ is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["_sd", "...", "code", "a"]) | st.text(max_size=4), inner, max_size=4
        )
    ),
    max_leaves=12,
)
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def try_everything(compact: str) -> None:
    """Nothing but the error tree comes out of any function that takes foreign text."""
    try:
        untrusted = statement.parse_compact(compact)
    except TracepostError:
        return
    for function in (statement.peek, statement.peek_issuer, statement.peek_claims):
        with contextlib.suppress(StatementError):
            function(untrusted)
    try:
        proved = verify(compact)
    except StatementError as refusal:
        refused_at = refusal.where
    else:
        refused_at = ""
    if refused_at:
        assert refused_at in {f"step {step.number}: {step.name}" for step in steps.STEPS}
        return
    assert verify(statement.to_compact(proved)) == proved
    assert statement.to_compact(proved) == compact
    proved.counts()


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@MANY
def test_any_text_is_refused_by_the_error_tree(text: str) -> None:
    try_everything(text)


SOUND = statement.to_compact(sign())


@given(
    st.integers(0, len(SOUND)), st.integers(0, 6), st.text(max_size=3) | st.sampled_from(["~", ".", "=", "_"])
)
@MANY
def test_any_mutation_of_a_statement_is_refused_or_shows_less(start: int, length: int, text: str) -> None:
    mutated = SOUND[:start] + text + SOUND[start + length :]
    try_everything(mutated)
    if mutated != SOUND:
        try:
            proved = verify(mutated)
        except StatementError:
            return
        shown = {one.encoded for one in proved.disclosures}
        assert shown < {one.encoded for one in verify(SOUND).disclosures}


@given(st.dictionaries(st.sampled_from(sorted(generate.claims_of())), JSON, min_size=1, max_size=3))
@MANY
def test_any_signed_payload_is_refused_by_the_error_tree(changes: dict[str, Any]) -> None:
    try_everything(generate.show(generate.jws(encode({**generate.claims_of(), **changes}))))


@given(JSON, st.sampled_from(["title", "fields", "items.0.mark.0", "_sd"]), st.booleans())
@MANY
def test_any_signed_disclosure_is_refused_by_the_error_tree(value: Any, path: str, whole: bool) -> None:
    content = value if whole else ["s" * 22, path, value]
    try_everything(generate.with_group("OBJECT", generate.b64(encode(content))))


@given(st.binary(max_size=40), st.sampled_from([b"", b'["' + b"s" * 22 + b'","title",']))
@MANY
def test_any_signed_bytes_are_refused_by_the_error_tree(raw: bytes, start: bytes) -> None:
    try_everything(generate.with_group("OBJECT", generate.b64(start + raw)))


def encode(value: JsonValue) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode("ascii")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("levels", [300, 1_100, 100_000])
def test_depth_without_end_is_refused_and_not_followed(opening: str, levels: int) -> None:
    text = f'["{"s" * 22}","title",{opening * levels}'.encode()
    closed = text + (b"1" + b"}" * levels if opening != "[" else b"]" * levels) + b"]"
    for content in (text, closed):
        try_everything(generate.with_group("OBJECT", generate.b64(content)))
        with pytest.raises(StatementError) as refusal:
            verify(generate.with_group("OBJECT", generate.b64(content)))
        assert refusal.value.reason in {"not-json", "too-deep"}


def test_two_disclosures_in_one_text_are_no_disclosure() -> None:
    signed = sign()
    first, second, *_ = (one.encoded for one in signed.disclosures)
    for joint in ("\n", "~", "\r\n"):
        untrusted = statement.from_parts(signed.jws, [f"{first}{joint}{second}"])
        with pytest.raises(StatementError):
            statement.verify(untrusted, CERTIFICATES["xaa"], issuer=XAA, reader=XAB, classify=classify)


@given(st.lists(st.binary(max_size=70)))
def test_many_texts_are_coded_as_one(parts: list[bytes]) -> None:
    texts = encoding.encode_each(parts)
    assert texts == [generate.b64(part) for part in parts]
    assert encoding.decode_each(texts, steps.FORM) == parts


@given(st.lists(st.text(alphabet="AQg_-+/=\n ", max_size=5), min_size=1, max_size=4))
def test_many_texts_are_decoded_as_strictly_as_one(texts: list[str]) -> None:
    def decode_alone(text: str) -> bytes | None:
        try:
            return decode_b64(text, "text")
        except InvalidInputError:
            return None

    alone = [decode_alone(text) for text in texts]
    if None in alone:
        with pytest.raises(StatementError):
            encoding.decode_each(texts, steps.FORM)
    else:
        assert encoding.decode_each(texts, steps.FORM) == alone


def test_the_public_names_exist_and_are_sorted() -> None:
    names = list(statement.__all__)
    assert all(hasattr(statement, name) for name in names)
    assert {name for name in names if name[0].islower()} == {
        "draft",
        "from_parts",
        "parse_compact",
        "peek",
        "peek_claims",
        "peek_issuer",
        "redact",
        "sign",
        "sign_draft",
        "statement_digest",
        "to_compact",
        "verify",
        "verify_exhibit",
    }
