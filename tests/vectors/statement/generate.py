"""Makes the golden vectors of statements: python tests/vectors/statement/generate.py

    common.json           certificates (DER, base64) and the declared classes of a made-up kind
    accepted.json         what must verify, and what it then shows
    step-NN-<name>.json   what that step of `tracepost.protocol.statement.steps` must refuse, and why

Each case names the function (`statement`: issuer and reader are judged; `exhibit`: only the
issuer), the certificate, and the compact form; `compact_repeated` is a list of [text, times]
where writing it out would fill the page. Keys are fixed and worthless, signatures deterministic
(RFC 6979): running it twice gives the same files, and a test compares them with what stands here.

This is a second implementation on purpose: it uses nothing of `tracepost`.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

HERE = Path(__file__).resolve().parent
KIND = "example.note/1"
DECLARED = {
    KIND: {
        "title": "PUBLIC",
        "file_number": "ADMINISTRATIVE",
        "due": "ADMINISTRATIVE",
        "items.*.make": "OBJECT",
        "items.*.quantity": "OBJECT",
        "items.*.mark.*": "OBJECT",
        "route": "LAW_ENFORCEMENT",
        "buyer": "PERSONAL",
    }
}
ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
KID = "x5t#S256"

Case = dict[str, Any]
Json = Any


# ---------------------------------------------------------------- making statements, right or wrong


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact_json(value: Json) -> bytes:
    """Return JSON without spaces, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def noise(label: str, length: int) -> bytes:
    """Return bytes that look random and are the same in every run."""
    return hashlib.shake_128(label.encode()).digest(length)


def key(name: str, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """Return the worthless key of this name."""
    return ec.derive_private_key(int.from_bytes(noise(f"key {name}", 31)), curve or ec.SECP256R1())


def certificate(name: str, curve: ec.EllipticCurve | None = None) -> bytes:
    """Return a self-signed certificate (DER) of the key of this name."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"vectors {name}")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(name, curve).public_key())
        .serial_number(int.from_bytes(noise(f"serial {name}", 8)))
        .not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2036, 1, 1, tzinfo=dt.UTC))
    )
    signed = builder.sign(key(name, curve), hashes.SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(serialization.Encoding.DER)


CERTIFICATES = {
    "xaa": certificate("xaa"),
    "xaa-renewed": certificate("xaa-renewed"),
    "xaa-p384": certificate("xaa-p384", ec.SECP384R1()),
}


def header_of(changes: dict[str, Json] | None = None, name: str = "xaa") -> dict[str, Json]:
    """Return the protected header that names a certificate; a change to None removes a member."""
    header = {
        "alg": "ES256",
        "typ": "tracepost+sd-jwt",
        KID: b64(hashlib.sha256(CERTIFICATES[name]).digest()),
    }
    return {k: v for k, v in {**header, **(changes or {})}.items() if v is not None}


def signature_of(data: bytes, name: str = "xaa") -> bytes:
    """Return the raw ES256 signature over `data`."""
    der = key(name).sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


def disclose(path: str, value: Json, salt: str | None = None) -> str:
    """Return the disclosure of a field."""
    fresh = b64(noise(f"salt {path} {value}", 16)) if salt is None else salt
    return b64(compact_json([fresh, path, value]))


def group(*disclosures: str, size: int | None = None) -> dict[str, Json]:
    """Return the group of these disclosures, filled with noise to whole eights (or to `size`)."""
    digests = [b64(hashlib.sha256(one.encode()).digest()) for one in disclosures]
    wanted = size if size is not None else -(-len(digests) // 8) * 8
    filling = [b64(noise(f"filling {i} {digests}", 32)) for i in range(wanted - len(digests))]
    return {"_sd": sorted(digests + filling)}


SHOWN = {
    "PUBLIC": [disclose("title", "A note for the vectors"), disclose("fields", 1)],
    "ADMINISTRATIVE": [
        disclose("file_number", "XAA-2026-0001"),
        disclose("due", "2026-12-31"),
        disclose("fields", 2),
    ],
    "OBJECT": [
        disclose("items.0.make", "Zastava"),
        disclose("items.0.mark.0", {"role": "MARK_ROLE_MANUFACTURER_SERIAL", "text": "АБ 123456"}),
        disclose("items.0.mark.1", {"role": "MARK_ROLE_PROOF", "text": "BP"}),
        disclose("items.0.quantity", 1),
        disclose("fields", 4),
    ],
    "LAW_ENFORCEMENT": [disclose("route", ["XAC", "XAB"]), disclose("fields", 1, b64(noise("le", 16)))],
    "PERSONAL": [disclose("buyer", "a person"), disclose("fields", 1, b64(noise("personal", 16)))],
}
ALL = [one for group_ in SHOWN.values() for one in group_]
MESSAGE = {name: group(*disclosures) for name, disclosures in SHOWN.items()}


# A tenth class: its fields, one of them with a path and a value of no known form, and its counter.
OF_TOMORROW = [
    disclose("title", "of tomorrow"),
    disclose("Of Tomorrow!", 1.5),
    disclose("fields", 2, b64(noise("top", 16))),
]


def claims_of(**changes: Json) -> dict[str, Json]:
    """Return the clear claims of a sound payload; a change to None removes a claim."""
    claims = {
        "iss": "xaa",
        "aud": ["xab"],
        "iat": 1_790_000_000,
        "jti": "01995b1a-0000-7000-8000-000000000001",
        "kind": KIND,
        "thread": "01995b1a-0000-7000-8000-000000000002",
        "desk": "poc",
        "purpose": "PURPOSE_CRIMINAL_INVESTIGATION",
        "legal_basis": "LEGAL_BASIS_INTERNATIONAL_TRACING_INSTRUMENT",
        "restrictions": [{"code": "RESTRICTION_CODE_NO_PUBLICATION"}],
        "exercise": False,
        "suite": "ES256",
        "_sd_alg": "sha-256",
        "message": {"PUBLIC": MESSAGE["PUBLIC"]},
    }
    return {k: v for k, v in {**claims, **changes}.items() if v is not None}


def jws(payload: Json = None, header: Json = None, name: str = "xaa") -> str:
    """Return a compact JWS; bytes stand as they are, other values as JSON."""
    parts = [header_of() if header is None else header, claims_of() if payload is None else payload]
    first, second = (b64(part if isinstance(part, bytes) else compact_json(part)) for part in parts)
    return f"{first}.{second}.{b64(signature_of(f'{first}.{second}'.encode(), name))}"


def whole() -> str:
    """Return the JWS whose groups are in `MESSAGE`."""
    return jws(claims_of(message=MESSAGE))


def of_tomorrow() -> str:
    """Return the JWS whose groups are in `MESSAGE`, and one of a class that is not known."""
    return jws(claims_of(message={**MESSAGE, "TOP": group(*OF_TOMORROW)}))


def show(token: str, *disclosures: str) -> str:
    """Return the compact form."""
    return "~".join([token, *disclosures, ""])


def with_group(name: str, *disclosures: str, **claims: Json) -> str:
    """Return a sound statement with one group, all of it shown."""
    return show(jws(claims_of(message={name: group(*disclosures)}, **claims)), *disclosures)


def case(name: str, compact: str, verdict: str, **other: Json) -> Case:
    """Return a case with the usual parties."""
    usual = {"verify": "statement", "issuer": "xaa", "reader": "xab", "certificate": "xaa"}
    return {"name": name, **usual, "verdict": verdict, **other, "compact": compact}


# ---------------------------------------------------------------- what is accepted


def accepted() -> Iterator[Case]:
    """What must verify, with what is shown."""
    sound = whole()
    full = {name: [len(d) - 1, len(d) - 1] for name, d in SHOWN.items()}
    none = {name: [0, None] for name in SHOWN}

    def good(name: str, compact: str, counts: Json, fields: Json, **other: Json) -> Case:
        return case(name, compact, "accepted", counts=counts, fields=fields, **other)

    def fields_of(*disclosures: str) -> Json:
        names = {one: name for name, group_ in SHOWN.items() for one in group_}
        decoded = [(json.loads(base64.urlsafe_b64decode(one + "==")), names[one]) for one in disclosures]
        return [[path, name, value] for (_, path, value), name in decoded if path != "fields"]

    yield good("every field is shown", show(sound, *ALL), full, fields_of(*ALL))
    yield good("disclosures come in any order", show(sound, *ALL[::-1]), full, fields_of(*ALL[::-1]))
    yield good("no field is shown", show(sound), none, [])
    marks = SHOWN["OBJECT"]
    counts = {**none, "OBJECT": [4, 4]}
    yield good("one class is shown whole", show(sound, *marks), counts, fields_of(*marks))
    counts = {**none, "OBJECT": [2, 4]}
    shown = [marks[0], marks[2], marks[4]]
    yield good("the counter tells what was dropped", show(sound, *shown), counts, fields_of(*shown))
    counts = {**none, "OBJECT": [4, None]}
    yield good("without the counter nothing is said", show(sound, *marks[:4]), counts, fields_of(*marks[:4]))
    yield good(
        "an exhibit is addressed to somebody else",
        show(sound, *ALL),
        full,
        fields_of(*ALL),
        verify="exhibit",
        reader=None,
    )
    known, counter = fields_of(*ALL), OF_TOMORROW[-1]
    yield good(
        "a class of tomorrow is counted", show(of_tomorrow(), counter, *ALL), full, known, unknown={"TOP": 2}
    )
    yield good(
        "a class of tomorrow is neither shown nor judged",
        show(of_tomorrow(), *OF_TOMORROW, *ALL),
        full,
        known,
        unknown={"TOP": 2},
    )
    yield good(
        "a class of tomorrow without its counter",
        show(of_tomorrow(), *OF_TOMORROW[:-1]),
        none,
        [],
        unknown={"TOP": None},
    )
    yield from accepted_payloads()
    yield from accepted_spellings(sound)


def accepted_payloads() -> Iterator[Case]:
    """Sound payloads of other content."""

    def one_group(name: str, group_name: str, path: str, value: Json, **claims: Json) -> Case:
        pair = [disclose(path, value), disclose("fields", 1)]
        compact = with_group(group_name, *pair, **claims)
        shown = {"counts": {group_name: [1, 1]}, "fields": [[path, group_name, value]]}
        return case(name, compact, "accepted", **shown)

    yield one_group("a field is raised to a class that its class may rise to", "PERSONAL", "title", "raised")
    yield one_group(
        "an unknown path keeps the class it was signed in", "CONTACT", "items.3.new_name.2", "new"
    )
    yield one_group("an unknown kind is read by its classes", "PERSONAL", "title", "x", kind="example.new/7")
    yield one_group(
        "a statement answers another", "PUBLIC", "title", "re", in_reply_to=b64(noise("other", 32))
    )
    yield one_group("an exercise", "PUBLIC", "title", "drill", exercise=True)
    yield one_group("two addressees", "PUBLIC", "title", "both", aud=["xac", "xab"])
    yield one_group("no restriction", "PUBLIC", "title", "free", restrictions=[])
    restriction = {"code": "RESTRICTION_CODE_OF_TOMORROW", "until": "2031-05-01", "detail": "as agreed"}
    yield one_group("an unknown restriction is kept", "PUBLIC", "title", "bound", restrictions=[restriction])
    bound = {"code": "RESTRICTION_CODE_NO_ONWARD_RELEASE", "field_paths": ["items.0.make", "route"]}
    yield one_group("a restriction on some fields", "PUBLIC", "title", "bound", restrictions=[bound])
    yield one_group(
        "a clock far ahead is for the mailroom to judge", "PUBLIC", "title", "x", iat=4_000_000_000
    )
    kinds_of_value = {"text": "", "truth": True, "nothing": None, "list": [1, "a", False], "object": {"a": 0}}
    yield one_group("every type of value", "OBJECT", "items.0.mark.0", kinds_of_value)
    yield one_group("the largest integer", "OBJECT", "items.0.quantity", 2**53 - 1)
    yield one_group("seven levels under the disclosure", "OBJECT", "items.0.mark.0", nested(7))
    yield one_group("text is not normalised", "PUBLIC", "title", "e\u0301 \u202e \U0001f512 ~.")
    yield case("no field at all", show(jws(claims_of(message={}))), "accepted", counts={}, fields=[])
    counter = disclose("fields", 0)
    yield case(
        "an empty class hides that it is empty",
        with_group("PERSONAL", counter),
        "accepted",
        counts={"PERSONAL": [0, 0]},
        fields=[],
    )
    long = disclose("title", "salted", "s" * 43)
    yield case(
        "a salt may be longer",
        with_group("PUBLIC", long),
        "accepted",
        counts={"PUBLIC": [1, None]},
        fields=[["title", "PUBLIC", "salted"]],
    )


def accepted_spellings(sound: str) -> Iterator[Case]:
    """The same in other words: JSON with spaces and escapes, another signature of the same payload."""
    spaced = b64(b'[ "' + b"s" * 22 + b'",\n "ti\\u0074le" , {"a" : "\\u00e9", "b": -0} ]\r\n')
    message = {"PUBLIC": group(spaced)}
    payload = json.dumps(claims_of(message=message), indent=1).encode()
    yield case(
        "JSON with spaces and escapes",
        show(jws(payload), spaced),
        "accepted",
        counts={"PUBLIC": [1, None]},
        fields=[["title", "PUBLIC", {"a": "é", "b": 0}]],
    )
    message = {"PUBLIC": {"_sd": MESSAGE["PUBLIC"]["_sd"][::-1]}}
    yield case(
        "an unsorted group",
        show(jws(claims_of(message=message))),
        "accepted",
        counts={"PUBLIC": [0, None]},
        fields=[],
    )
    head, _, raw = sound.rpartition(".")
    signature = base64.urlsafe_b64decode(raw + "==")
    mirrored = signature[:32] + (ORDER_OF_P256 - int.from_bytes(signature[32:])).to_bytes(32)
    yield case(
        "the mirrored signature is of the same statement",
        show(f"{head}.{b64(mirrored)}"),
        "accepted",
        counts={name: [0, None] for name in SHOWN},
        fields=[],
    )


def nested(levels: int) -> Json:
    """Return arrays within arrays."""
    return [nested(levels - 1)] if levels > 1 else []


# ---------------------------------------------------------------- what each step refuses


def limits() -> Iterator[Case]:
    """Step 1."""
    yield {
        **case("more than 4 MiB", "", "too-large"),
        "compact": None,
        "compact_repeated": [["A", 4 * 1024 * 1024], ["~", 1]],
    }
    yield {
        **case("16,385 disclosures", "", "too-many-disclosures"),
        "compact": None,
        "compact_repeated": [[jws(), 1], ["~A", 16_385], ["~", 1]],
    }


def form() -> Iterator[Case]:
    """Step 2."""
    sound = whole()
    first, second, third = sound.split(".")
    binding = jws({"iat": 1_790_000_000}, {"alg": "ES256", "typ": "kb+jwt"})
    general = {"payload": second, "signatures": [{"protected": first, "signature": third}]}
    yield case("nothing", "", "not-compact")
    yield case("one tilde", "~", "not-compact")
    yield case("a JWS without a tilde", sound, "not-compact")
    yield case("two segments", show(f"{first}.{second}"), "not-compact")
    yield case("four segments", show(f"{sound}.{third}"), "not-compact")
    yield case("the general JSON serialization", json.dumps(general), "not-compact")
    yield case("an empty disclosure", show(sound, ALL[0], "", ALL[1]), "not-compact")
    yield case("a disclosure that is not ASCII", show(sound, "ä"), "not-compact")
    yield case("a segment that is not ASCII", show(f"{first}.ä.{third}"), "not-compact")
    yield case("the tilde after the last disclosure is missing", show(sound, *ALL)[:-1], "key-binding")
    yield case("a key binding", show(sound, *ALL) + binding, "key-binding")


def header() -> Iterator[Case]:
    """Step 3."""
    padded = jws().replace(".", "=.", 1)
    yield case("base64url with padding", show(padded), "not-base64url")
    yield case("characters of plain base64", show("+/" + jws()[2:]), "not-base64url")
    yield case("a line break in base64url", show(jws()[:4] + "\n" + jws()[4:]), "not-base64url")
    yield case("an empty header", show("." + jws().split(".", 1)[1]), "not-json")
    yield case("no JSON", show(jws(header=b"{alg:ES256}")), "not-json")
    yield case("no object", show(jws(header=["ES256"])), "not-json")
    twice = compact_json(header_of()).replace(b'"alg"', b'"alg":"none","alg"')
    yield case("the algorithm twice", show(jws(header=twice)), "duplicate-member")
    for name in ("alg", "typ", KID):
        yield case(f"no {name}", show(jws(header=header_of({name: None}))), "header-form")
    for name, value in (("kid", "1"), ("x5c", []), ("jwk", {}), ("crit", ["b64"]), ("b64", False)):
        yield case(f"a member {name}", show(jws(header=header_of({name: value}))), "header-form")
    for algorithm in ("none", "HS256", "ES384", "es256", ["ES256"]):
        yield case(f"algorithm {algorithm}", show(jws(header=header_of({"alg": algorithm}))), "algorithm")
    for kind in ("JWT", "dc+sd-jwt", "application/tracepost+sd-jwt", "tracepost+trust-list", 1):
        yield case(f"type {kind}", show(jws(header=header_of({"typ": kind}))), "type")
    short, spare = b64(bytes(31)), b64(bytes(32))[:-1] + "B"
    yield case("a digest of 31 bytes", show(jws(header=header_of({KID: short}))), "certificate-digest")
    yield case("a digest that is a number", show(jws(header=header_of({KID: 7}))), "certificate-digest")
    yield case("a digest with spare bits", show(jws(header=header_of({KID: spare}))), "not-base64url")
    deep = header_of({"jwk": nested(8)})
    yield case("nine levels", show(jws(header=deep)), "too-deep")


def signer() -> Iterator[Case]:
    """Step 4."""
    yield case("another certificate than named", show(jws()), "other-certificate", certificate="xaa-renewed")
    other = jws(header=header_of(name="xaa-renewed"))
    yield case("the header names another certificate", show(other), "other-certificate")
    p384 = jws(header=header_of(name="xaa-p384"))
    yield case("a key on P-384", show(p384), "key-type", certificate="xaa-p384")


def signature() -> Iterator[Case]:
    """Step 5."""
    sound = jws()
    head, _, raw = sound.rpartition(".")
    right = base64.urlsafe_b64decode(raw + "==")
    der = key("xaa").sign(head.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    yield case("a DER signature", show(f"{head}.{b64(der)}"), "signature-form")
    yield case("63 bytes", show(f"{head}.{b64(right[:-1])}"), "signature-form")
    yield case("65 bytes", show(f"{head}.{b64(right + b'x')}"), "signature-form")
    yield case("no signature", show(f"{head}."), "signature-form")
    yield case("zeros", show(f"{head}.{b64(bytes(64))}"), "signature")
    yield case("r and s of the order of the group", show(f"{head}.{b64(order() * 2)}"), "signature")
    yield case("r and s exchanged", show(f"{head}.{b64(right[32:] + right[:32])}"), "signature")
    yield case("another key", show(jws(name="xaa-renewed")), "signature")
    yield case("the signature with padding", show(f"{sound}=="), "not-base64url")
    tail = raw[:-1] + chr(ord(raw[-1]) + 1)
    yield case("the signature with spare bits", show(f"{head}.{tail}"), "not-base64url")
    first, second, third = sound.split(".")
    changed = b64(compact_json(claims_of(exercise=True)))
    yield case("another payload under the signature", show(f"{first}.{changed}.{third}"), "signature")
    respelled = b64(json.dumps(header_of()).encode())
    yield case("the header in another spelling", show(f"{respelled}.{second}.{third}"), "signature")


def order() -> bytes:
    """Return the order of P-256, which no part of a signature may reach."""
    return ORDER_OF_P256.to_bytes(32)


def claims() -> Iterator[Case]:
    """Step 6."""
    for name in claims_of():
        yield case(f"no {name}", show(jws(claims_of(**{name: None}))), "missing-claim")
    for name, value in UNKNOWN_CLAIMS:
        yield case(f"a claim {name}", show(jws(claims_of(**{name: value}))), "unknown-claim")
    for name, value in MALFORMED_CLAIMS:
        label = f"{name} is {json.dumps(value)[:60]}"
        yield case(label, show(jws(claims_of(**{name: value}))), "claim-form")
    null = compact_json(claims_of()).replace(b'"desk":', b'"in_reply_to":null,"desk":')
    yield case("in_reply_to is null", show(jws(null)), "claim-form")
    for suite in ("ES256+ML-DSA-65", "ML-DSA-65", ["ES256"], ""):
        yield case(f"suite {suite}", show(jws(claims_of(suite=suite))), "suite")
    for algorithm in ("sha-512", "SHA-256", "md5", 256):
        yield case(f"digests by {algorithm}", show(jws(claims_of(_sd_alg=algorithm))), "digest-algorithm")
    yield from claim_texts()


def claim_texts() -> Iterator[Case]:
    """Payloads that are no strict JSON."""
    text = compact_json(claims_of())
    for name, payload, reason in (
        ("no object", b'["iss"]', "not-json"),
        ("nothing", b"", "not-json"),
        ("something after the end", text + b"{}", "not-json"),
        ("a byte order mark", b"\xef\xbb\xbf" + text, "not-json"),
        ("not UTF-8", text.replace(b"ES256", b"ES\xff56"), "not-json"),
        ("UTF-16", text.decode().encode("utf-16-le"), "not-json"),
        ("NaN", text.replace(b"1790000000", b"NaN"), "not-json"),
        ("a leading zero", text.replace(b"1790000000", b"01790000000"), "not-json"),
        ("a trailing comma", text[:-1] + b",}", "not-json"),
        ("a comment", b"/**/" + text, "not-json"),
        ("half a surrogate pair", text.replace(b"ES256", b"\\ud800"), "not-json"),
        ("a float", text.replace(b"1790000000", b"1790000000.0"), "not-an-integer"),
        ("an exponent", text.replace(b"1790000000", b"179e7"), "not-an-integer"),
        ("an integer of 30 digits", text.replace(b"1790000000", b"9" * 30), "not-an-integer"),
        ("an integer of 65 bits", text.replace(b"1790000000", b"36893488147419103232"), "not-an-integer"),
        ("an integer of 54 bits", text.replace(b"1790000000", b"9007199254740992"), "not-an-integer"),
        ("iss twice", text.replace(b'{"iss"', b'{"iss":"xab","iss"', 1), "duplicate-member"),
        (
            "iss twice, once escaped",
            text.replace(b'{"iss"', b'{"\\u0069ss":"xab","iss"', 1),
            "duplicate-member",
        ),
        ("a code twice", text.replace(b'{"code"', b'{"code":"A","code"', 1), "duplicate-member"),
        ("nine levels", text.replace(b'"poc"', b"[" * 8 + b"]" * 8), "too-deep"),
        ("a thousand levels", text.replace(b'"poc"', b"[" * 900 + b"]" * 900), "too-deep"),
    ):
        yield case(name, show(jws(payload)), reason)


UNKNOWN_CLAIMS: tuple[tuple[str, Json], ...] = (
    ("exp", 1_800_000_000),
    ("nbf", 1_700_000_000),
    ("cnf", {"jwk": {}}),
    ("sub", "somebody"),
    ("_sd", MESSAGE["PUBLIC"]["_sd"]),
    ("...", "x"),
    ("withheld", []),
    ("title", "a field in clear"),
)

MALFORMED_CLAIMS: tuple[tuple[str, Json], ...] = (
    ("iss", "XAA"),
    ("iss", "x" * 41),
    ("iss", ["xaa"]),
    ("aud", "xab"),
    ("aud", []),
    ("aud", ["xab", "xab"]),
    ("aud", ["xab", 7]),
    ("aud", ["xab", "xA"]),
    ("aud", [f"x{i}" for i in range(65)]),
    ("iat", "1790000000"),
    ("iat", True),
    ("iat", -1),
    ("iat", 253_402_300_800),
    ("jti", "01995b1a-0000-4000-8000-000000000001"),
    ("jti", "01995B1A-0000-7000-8000-000000000001"),
    ("jti", "01995b1a000070008000000000000001"),
    ("kind", "example.note"),
    ("kind", "example.note/0"),
    ("kind", "Example.Note/1"),
    ("kind", "example.note/1\n"),
    ("kind", f"{'a' * 80}/1"),
    ("thread", "case 7"),
    ("thread", "{01995b1a-0000-7000-8000-000000000002}"),
    ("in_reply_to", b64(bytes(31))),
    ("in_reply_to", b64(bytes(32)) + "="),
    ("in_reply_to", 7),
    ("desk", "Poc"),
    ("desk", ""),
    ("purpose", "because we want to know"),
    ("purpose", 3),
    ("legal_basis", "iti"),
    ("legal_basis", ""),
    ("restrictions", {"code": "A"}),
    ("restrictions", ["RESTRICTION_CODE_NO_PUBLICATION"]),
    ("restrictions", [{}]),
    ("restrictions", [{"code": "no publication"}]),
    ("restrictions", [{"code": "A", "person": "somebody"}]),
    ("restrictions", [{"code": "A", "until": "2031-13-01"}]),
    ("restrictions", [{"code": "A", "until": 2031}]),
    ("restrictions", [{"code": "A", "detail": "\u001b[2J"}]),
    ("restrictions", [{"code": "A", "detail": "d" * 401}]),
    ("restrictions", [{"code": "A"}] * 65),
    *(
        ("restrictions", [{"code": "A", "field_paths": paths}])
        for paths in (
            [],
            "route",
            ["route", "buyer"],
            ["route", "route"],
            ["Route"],
            ["route."],
            ["items..make"],
            ["items.123456"],
            [7],
            ["p" * 201],
            ["route\n"],
            [f"p{n:03}" for n in range(65)],
        )
    ),
    ("exercise", 0),
    ("exercise", "false"),
)


def parties() -> Iterator[Case]:
    """Step 7."""
    sound = show(whole(), *ALL)
    yield case("the certificate is of another member", sound, "issuer", issuer="xac")
    yield case("the reader is not addressed", sound, "audience", reader="xac")
    yield case("the issuer reads what he sent", sound, "audience", reader="xaa")
    exhibit = {"verify": "exhibit", "reader": None}
    yield case("an exhibit of another issuer", sound, "issuer", issuer="xac", **exhibit)


def groups() -> Iterator[Case]:
    """Step 8."""
    digests = MESSAGE["PUBLIC"]["_sd"]
    spare = [digests[0][:-1] + "B", *digests[1:]]

    def refused(name: str, message: Json, reason: str = "group-form") -> Case:
        return case(name, show(jws(claims_of(message=message))), reason)

    yield refused("a class in lower case", {"public": {"_sd": digests}}, "class-form")
    yield refused("a field in clear beside the groups", {**MESSAGE, "title": "x"}, "class-form")
    yield refused("digests beside the groups", {**MESSAGE, "_sd": digests}, "class-form")
    many = {f"CLASS_{n}": {"_sd": [b64(noise(f"{n} {i}", 32)) for i in range(8)]} for n in range(17)}
    yield refused("more classes of tomorrow than there can be", {**MESSAGE, **many}, "class-form")
    yield refused("a class of tomorrow in clear", {**MESSAGE, "TOP": {"title": "x"}})
    both = {**MESSAGE, "TOP": MESSAGE["PUBLIC"]}
    yield refused("a class of tomorrow with a digest of another", both, "digest-twice")
    yield refused("the message is an array", [MESSAGE])
    yield refused("the message is a text", "PUBLIC")
    yield refused("a group without the object", {"PUBLIC": digests})
    yield refused("a field in clear in a group", {"PUBLIC": {"_sd": digests, "title": "x"}})
    yield refused("another name for the digests", {"PUBLIC": {"sd": digests}})
    yield refused("a group in a group", {"PUBLIC": {"OBJECT": {"_sd": digests}}})
    yield refused("an array element digest", {"PUBLIC": {"_sd": [*digests[:7], {"...": digests[7]}]}})
    yield refused("digests that are one text", {"PUBLIC": {"_sd": digests[0]}})
    yield refused("an empty group", {"PUBLIC": {"_sd": []}})
    yield refused("seven digests", {"PUBLIC": {"_sd": digests[:7]}})
    yield refused("nine digests", {"PUBLIC": {"_sd": [*digests, b64(noise("ninth", 32))]}})
    yield refused("a digest is a number", {"PUBLIC": {"_sd": [7, *digests[1:]]}})
    yield refused("a digest of 31 bytes", {"PUBLIC": {"_sd": [digests[0][:-1], *digests[1:]]}})
    yield refused("a digest with padding", {"PUBLIC": {"_sd": [digests[0] + "=", *digests[1:]]}})
    yield refused("a digest in plain base64", {"PUBLIC": {"_sd": ["+" + digests[0][1:], *digests[1:]]}})
    yield refused("a digest that is not ASCII", {"PUBLIC": {"_sd": ["ä" + digests[0][1:], *digests[1:]]}})
    yield refused("a digest with spare bits", {"PUBLIC": {"_sd": spare}})
    yield refused("a digest twice", {"PUBLIC": {"_sd": [*digests[:7], digests[0]]}}, "digest-twice")
    both = {"PUBLIC": {"_sd": digests}, "OBJECT": {"_sd": [*MESSAGE["OBJECT"]["_sd"][:7], digests[0]]}}
    yield refused("a digest in two groups", both, "digest-twice")


def references() -> Iterator[Case]:
    """Step 9."""
    sound, first = whole(), ALL[0]
    foreign = disclose("title", "never signed")
    decoded = base64.urlsafe_b64decode(first + "==")
    respelled = b64(json.dumps(json.loads(decoded)).encode())
    last = first[:-1] + chr(ord(first[-1]) + 1)
    yield case("a disclosure twice", show(sound, first, first), "disclosure-twice")
    twice = show(of_tomorrow(), OF_TOMORROW[0], OF_TOMORROW[0])
    yield case("a disclosure of a class of tomorrow twice", twice, "disclosure-twice")
    yield case("an unsigned one beside that class", show(of_tomorrow(), foreign), "disclosure-unreferenced")
    yield case("a disclosure that was not signed", show(sound, *ALL, foreign), "disclosure-unreferenced")
    yield case("a disclosure in another spelling", show(sound, respelled), "disclosure-unreferenced")
    yield case("a disclosure with padding", show(sound, first + "="), "disclosure-unreferenced")
    yield case("a disclosure with spare bits", show(sound, last), "disclosure-unreferenced")
    yield case("a digest as disclosure", show(sound, MESSAGE["PUBLIC"]["_sd"][0]), "disclosure-unreferenced")
    recursive = disclose("title", {"_sd": [b64(hashlib.sha256(foreign.encode()).digest())]})
    hidden = show(jws(claims_of(message={"PUBLIC": group(recursive)})), recursive, foreign)
    yield case("a disclosure referenced by another", hidden, "disclosure-unreferenced")


def disclosures() -> Iterator[Case]:
    """Step 10: signed, and still not what a statement may hold."""
    salt = "s" * 22

    def signed(name: str, text: str, reason: str) -> Case:
        return case(name, with_group("PUBLIC", text), reason)

    def raw(name: str, content: bytes, reason: str) -> Case:
        return signed(name, b64(content), reason)

    def array(name: str, content: Json, reason: str = "disclosure-form") -> Case:
        return raw(name, compact_json(content), reason)

    def value(name: str, text: str, reason: str) -> Case:
        return raw(name, f'["{salt}","title",{text}]'.encode(), reason)

    plain = disclose("title", "x" * 8)
    yield signed("signed with padding", plain + "=" * (-len(plain) % 4 or 4), "not-base64url")
    yield signed("signed with a space", plain + " ", "not-base64url")
    yield signed("signed with one character left over", plain[: len(plain) // 4 * 4] + "A", "not-base64url")
    spare = b64(compact_json([salt, "title", "x"]))
    assert len(spare) % 4
    yield signed("signed with spare bits", spare[:-1] + chr(ord(spare[-1]) + 1), "not-base64url")
    yield raw("not JSON", b"title", "not-json")
    yield raw("not UTF-8", b'["' + b"s" * 22 + b'","title","\xff"]', "not-json")
    yield raw("something after the end", compact_json([salt, "title", "x"]) + b",", "not-json")
    yield array("an object", {"title": "x"})
    yield array("a text", "title")
    yield array("two elements, as for an array element", [salt, "x"])
    yield array("four elements", [salt, "title", "x", "y"])
    yield array("no elements", [])
    yield array("a salt that is a number", [12345, "title", "x"], "salt")
    yield array("a salt of 126 bits", ["s" * 21, "title", "x"], "salt")
    yield array("no salt", ["", "title", "x"], "salt")
    for path in (7, None, "", "_sd", "...", "Title", "items.00.make", "items..make", ".title", "title.",
                 "items.-1", "items.100000", "title\n", "títle", "a b", "0.title", "a" * 201):  # fmt: skip
        yield array(f"the path is {json.dumps(path)[:30]}", [salt, path, "x"], "path-form")
    for name in ("_sd", "..."):
        yield value(f"{name} in a value", f'{{"{name}":["x"]}}', "reserved-name")
        yield value(f"{name} deep in a value", f'[1,{{"a":[{{"{name}":1}}]}}]', "reserved-name")
    yield value("an escaped _sd in a value", '{"\\u005fsd":[]}', "reserved-name")
    yield value("a float", "1.5", "not-an-integer")
    yield value("a float that is whole", "1.0", "not-an-integer")
    yield value("an exponent", "[1e2]", "not-an-integer")
    yield value("an integer of 54 bits", "-9007199254740992", "not-an-integer")
    yield value("an integer of 65 bits", "[[18446744073709551616]]", "not-an-integer")
    yield value("NaN", "NaN", "not-json")
    yield value("infinity", "-Infinity", "not-json")
    yield value("half a surrogate pair", '"\\udc00"', "not-json")
    yield value("a control character", '"\x01"', "not-json")
    yield value("nine levels", json.dumps(nested(8)), "too-deep")
    yield value("nine levels of objects", '{"a":' * 8 + "1" + "}" * 8, "too-deep")
    yield value("a thousand levels", "[" * 1000 + "]" * 1000, "too-deep")
    yield value("a name twice", '{"a":1,"a":1}', "duplicate-member")
    yield value("a name twice, once escaped", '{"a":1,"\\u0061":2}', "duplicate-member")
    yield value("a name twice, deep", '[{"b":{"a":[],"c":0,"a":[]}}]', "duplicate-member")
    yield value("a name twice, with spaces", '{ "a": 1, "a": 1 }', "duplicate-member")
    hidden = '{"a":' + "[" * 900 + "]" * 900 + ',"a":1}'
    yield value("a name twice that hides a deep value", hidden, "duplicate-member")
    yield value(
        "a name twice that hides a huge integer", '{"a":[' + "9" * 300 + '],"a":1}', "duplicate-member"
    )


def paths() -> Iterator[Case]:
    """Step 11."""
    one, two = disclose("title", "one"), disclose("title", "two")
    yield case("a path twice in a group", with_group("PUBLIC", one, two), "path-twice")
    message = {"PUBLIC": group(one), "PERSONAL": group(two)}
    yield case("a path in two groups", show(jws(claims_of(message=message)), one, two), "path-twice")
    counters = [disclose("fields", 0), disclose("fields", 1)]
    yield case("two counters in a group", with_group("PUBLIC", *counters), "path-twice")


def classes() -> Iterator[Case]:
    """Step 12."""
    for path, name, label in (
        ("buyer", "PUBLIC", "a person in a class that all read"),
        ("route", "OBJECT", "a class lowered to a neighbour"),
        ("buyer", "CRIMINAL_JUSTICE", "a class raised to one that does not hold its readers"),
        ("items.12.mark.3", "PUBLIC", "an element of a list in a lower class"),
    ):
        yield case(label, with_group(name, disclose(path, "x")), "wrong-class")
    shown = disclose("buyer", "x")
    whole = [shown, disclose("title", "y"), disclose("fields", 2)]
    yield case("an exhibit with a wrong class", with_group("PUBLIC", *whole), "wrong-class",
               verify="exhibit", reader=None)  # fmt: skip


def counters() -> Iterator[Case]:
    """Step 13."""
    title = disclose("title", "x")
    for value in ("1", True, None, -1, [1], {"n": 1}):
        counter = disclose("fields", value)
        yield case(
            f"the counter is {json.dumps(value)}", with_group("PUBLIC", title, counter), "counter-form"
        )
    none = disclose("fields", 0)
    yield case("fewer counted than shown", with_group("PUBLIC", title, none), "counter-too-small")
    many = disclose("fields", 8)
    yield case("more counted than signed", with_group("PUBLIC", title, many), "counter-too-large")


FILES: dict[str, tuple[int | None, Callable[[], Iterator[Case]]]] = {
    "accepted": (None, accepted),
    "step-01-limits": (1, limits),
    "step-02-form": (2, form),
    "step-03-header": (3, header),
    "step-04-certificate": (4, signer),
    "step-05-signature": (5, signature),
    "step-06-claims": (6, claims),
    "step-07-parties": (7, parties),
    "step-08-groups": (8, groups),
    "step-09-references": (9, references),
    "step-10-disclosures": (10, disclosures),
    "step-11-paths": (11, paths),
    "step-12-classes": (12, classes),
    "step-13-counters": (13, counters),
}


def make() -> dict[str, str]:
    """Return the text of every file by its name."""
    common = {
        "certificates": {name: base64.b64encode(der).decode() for name, der in CERTIFICATES.items()},
        "declared": DECLARED,
    }
    made = {"common.json": as_text(common)}
    for name, (step, cases) in FILES.items():
        made[f"{name}.json"] = as_text({"step": step, "cases": list(cases())})
    return made


def as_text(content: Json) -> str:
    """Return JSON for reading."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file_name, text in make().items():
        (HERE / file_name).write_text(text, encoding="utf-8")
