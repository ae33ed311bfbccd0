"""Makes the golden vectors of the trust list: python tests/vectors/trustlist/generate.py

    lists.json   lists with their verdict, each with the anchor or the list in force that judges it

`data` is the list as text. A case with `fingerprint` is a first list; a case with `current` (the
name of another case) is a next one. Keys are fixed and worthless. Running it twice gives the same
file; a test compares it with what stands here.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from tracepost.protocol.evidence import ListedKey, NoteSigner, WitnessKey
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.protocol.trustlist import (
    Member,
    MemberType,
    SignaturePart,
    Steward,
    TrustContent,
    encode_content,
    fingerprint_of,
    join,
    sign_part,
)

HERE = Path(__file__).resolve().parent
DOMAIN = "tracepost.example"
TIME = 1_790_000_000
DAY = 86400
Case = dict[str, object]
Payload = dict[str, Any]


def key_of(name: str) -> ec.EllipticCurvePrivateKey:
    """Return the worthless P-256 key of this name."""
    return ec.derive_private_key(int.from_bytes(hashlib.sha256(name.encode()).digest()) >> 1, ec.SECP256R1())


def root_of(member: str) -> bytes:
    """Return a root certificate (DER) that is the same every time."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"root {member}.{DOMAIN}")])
    key = key_of(f"root {member}")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha256(member.encode()).digest()[:8]) >> 1)
        .not_valid_before(dt.datetime.fromtimestamp(TIME, tz=dt.UTC))
        .not_valid_after(dt.datetime.fromtimestamp(TIME + 3650 * DAY, tz=dt.UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(x509.NameConstraints([x509.DNSName(f"{member}.{DOMAIN}")], None), critical=True)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def log_key_of(member: str, epoch: int = 1, key_type: int = 1) -> str:
    """Return the vkey of a member's log."""
    name = f"{member}.{DOMAIN}/log/{epoch}"
    return NoteSigner(name, log_private_key(name), key_type).vkey


def witness_key_of(member: str, number: int, key_type: int = 4) -> str:
    """Return the vkey of the `number`-th key by which a member cosigns."""
    name = f"{member}.{DOMAIN}/witness"
    return NoteSigner(name, log_private_key(f"{name} {number}"), key_type).vkey


def log_private_key(name: str) -> Ed25519PrivateKey:
    """Return the worthless private key of the log of this name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def member(name: str, kind: MemberType = MemberType.STATE) -> Member:
    """Return the entry of a member."""
    return Member(
        id=MemberId(name),
        type=kind,
        roots=(root_of(name),),
        log_keys=(ListedKey(log_key_of(name)),),
        competences=() if kind is MemberType.RELAY else ("law_enforcement", "records_custody"),
        base_policy_sha256=hashlib.sha256(b"policy").digest(),
    )


def stewards(*names: str) -> tuple[Steward, ...]:
    """Return the stewards of these names."""
    return tuple(Steward.of_key(name, key_of(name).public_key()) for name in names)


CONTENT = TrustContent(
    sequence=7,
    issued=TIME,
    next_update=TIME + 30 * DAY,
    hard_expiry=TIME + 180 * DAY,
    domain=DOMAIN,
    members=(member("xaa"), member("xab"), member("relay", MemberType.RELAY)),
    stewards=stewards("one", "two", "three"),
)
OPEN_KEY = {"key": log_key_of("xaa")}
OPEN_WITNESS = {"key": witness_key_of("xaa", 1)}
FINAL_ROOT = base64.b64encode(hashlib.sha256(b"final root").digest()).decode()
NEXT = dataclasses.replace(CONTENT, sequence=8, issued=TIME + DAY)
ENDED = dataclasses.replace(
    NEXT,
    members=(
        dataclasses.replace(
            member("xaa"),
            log_keys=(
                ListedKey(log_key_of("xaa"), until_size=41, final_root=base64.b64decode(FINAL_ROOT)),
                ListedKey(log_key_of("xaa", epoch=2)),
            ),
        ),
        *CONTENT.members[1:],
    ),
)
WITNESSED = dataclasses.replace(
    NEXT,
    members=(
        *CONTENT.members[:2],
        dataclasses.replace(
            CONTENT.members[2],
            witness_keys=(
                WitnessKey(witness_key_of("relay", 1), until=TIME),
                WitnessKey(witness_key_of("relay", 2)),
            ),
        ),
    ),
    witness_quorum=1,
)
CHANGED_STEWARDS = dataclasses.replace(NEXT, stewards=stewards("three", "four", "five", "six"))


def sign(content: TrustContent | bytes, by: Iterable[str], extra: Iterable[str] = ()) -> bytes:
    """Return the list signed by these stewards; `extra` sign with the key of nobody."""
    payload = content if isinstance(content, bytes) else encode_content(content)
    parts = [sign_part(payload, name, key_of(name)) for name in by]
    parts += [sign_part(payload, name, key_of(f"not {name}")) for name in extra]
    return join(payload, parts)


def _bent(change: Callable[[Payload], object]) -> bytes:
    """Return CONTENT with `change` made to its payload, with signatures that verify."""
    document = orjson.loads(encode_content(CONTENT))
    change(document)
    return _signed_as_it_is(orjson.dumps(document))


def _signed_as_it_is(payload: bytes) -> bytes:
    """Return a list around a payload that honest stewards would not sign."""
    return join(payload, [_raw_part(payload, name) for name in ("one", "two", "three")])


def _raw_part(payload: bytes, name: str) -> SignaturePart:
    good = sign_part(encode_content(CONTENT), name, key_of(name))
    signing = f"{good.protected}.{encode_b64(payload)}".encode()
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(key_of(name).sign(signing, algorithm))
    return dataclasses.replace(good, signature=encode_b64(r.to_bytes(32) + s.to_bytes(32)))


def _rewritten(change: Callable[[Payload], object]) -> bytes:
    """Return the good list with `change` made to the document around the payload."""
    document = orjson.loads(GOOD)
    change(document)
    return orjson.dumps(document)


def _header(index: int, **claims: str) -> Callable[[Payload], object]:
    encoded = encode_b64(orjson.dumps(claims))
    return lambda document: document["signatures"][index].update(protected=encoded)


GOOD = sign(CONTENT, ["one", "two", "three"])
ANCHOR = fingerprint_of(encode_content(CONTENT))
IN_FORCE = "a first list signed by all"


def make_lists() -> list[Case]:
    """Return every case: first lists, next lists, and what each step refuses."""
    return [*_first(), *_forms(), *_payloads(), *_next()]


def _first() -> list[Case]:
    return [
        _case(IN_FORCE, GOOD, fingerprint=ANCHOR),
        _case("a first list signed by two of three", sign(CONTENT, ["one", "three"]), fingerprint=ANCHOR),
        _case("signed by one of three", sign(CONTENT, ["one"]), 6, "short-of-signatures", fingerprint=ANCHOR),
        _case("signed by nobody", sign(CONTENT, []), 6, "short-of-signatures", fingerprint=ANCHOR),
        _case(
            "signed twice by one steward",
            sign(CONTENT, ["one", "one"]),
            6,
            "short-of-signatures",
            fingerprint=ANCHOR,
        ),
        _case(
            "signed by one steward and one that is not named",
            sign(CONTENT, ["one", "four"]),
            6,
            "short-of-signatures",
            fingerprint=ANCHOR,
        ),
        _case("an unknown steward beside enough", sign(CONTENT, ["one", "four", "two"]), fingerprint=ANCHOR),
        _case(
            "signed by one steward and with a wrong key for another",
            sign(CONTENT, ["one"], extra=["two"]),
            6,
            "short-of-signatures",
            fingerprint=ANCHOR,
        ),
        _case(
            "half of four stewards is not more than half",
            sign(CHANGED_STEWARDS, ["three", "four"]),
            6,
            "short-of-signatures",
            fingerprint=fingerprint_of(encode_content(CHANGED_STEWARDS)),
        ),
        _case("the fingerprint is of another list", GOOD, 7, "other-fingerprint", fingerprint="00" * 32),
        _case("the fingerprint is cut short", GOOD, 7, "other-fingerprint", fingerprint=ANCHOR[:32]),
        _case("a fingerprint in capitals with colons", GOOD, fingerprint=_colons(ANCHOR)),
    ]


def _forms() -> list[Case]:
    payload = orjson.loads(GOOD)["payload"]
    return [
        _case("no JSON", b"{", 1, "list-form", fingerprint=ANCHOR),
        _case("a list around it", b"[" + GOOD + b"]", 1, "list-form", fingerprint=ANCHOR),
        _case("a name more", _rewritten(lambda d: d.update(more=1)), 1, "list-form", fingerprint=ANCHOR),
        _case("no signatures", _rewritten(lambda d: d.pop("signatures")), 1, "list-form", fingerprint=ANCHOR),
        _case(
            "a name twice",
            GOOD[:-1] + f',"payload":"{payload}"}}'.encode(),
            1,
            "list-form",
            fingerprint=ANCHOR,
        ),
        _case(
            "a padded payload",
            _rewritten(lambda d: d.update(payload=payload + "=")),
            1,
            "list-form",
            fingerprint=ANCHOR,
        ),
        _case(
            "a payload that is a number",
            _rewritten(lambda d: d.update(payload=1)),
            1,
            "list-form",
            fingerprint=ANCHOR,
        ),
        _case(
            "a hundred and twenty-nine signatures",
            _rewritten(lambda d: d.update(signatures=d["signatures"][:1] * 129)),
            1,
            "list-form",
            fingerprint=ANCHOR,
        ),
        _case(
            "an unprotected header",
            _rewritten(lambda d: d["signatures"][0].update(header={})),
            2,
            "signature-form",
            fingerprint=ANCHOR,
        ),
        _case(
            "a signature of 63 bytes",
            _rewritten(lambda d: d["signatures"][0].update(signature="A" * 84)),
            2,
            "signature-form",
            fingerprint=ANCHOR,
        ),
        _case(
            "another algorithm",
            _rewritten(_header(0, alg="none", typ="tracepost+trust-list", kid="one")),
            2,
            "header-form",
            fingerprint=ANCHOR,
        ),
        _case(
            "another type",
            _rewritten(_header(0, alg="ES256", typ="tracepost+sd-jwt", kid="one")),
            2,
            "header-form",
            fingerprint=ANCHOR,
        ),
        _case(
            "a header with a name more",
            _rewritten(_header(0, alg="ES256", typ="tracepost+trust-list", kid="one", jku="x")),
            2,
            "header-form",
            fingerprint=ANCHOR,
        ),
    ]


def _log_key(**more: object) -> Callable[[Payload], object]:
    """Return what puts a log key with these values into the place of the first."""
    return lambda payload: payload["members"][0].update(log_keys=[{**OPEN_KEY, **more}])


def _witness_keys(*keys: object) -> Callable[[Payload], object]:
    """Return what gives the first member these witness keys."""
    return lambda payload: payload["members"][0].update(witness_keys=[*keys])


def _payloads() -> list[Case]:
    spoiled: list[tuple[str, str, Callable[[Payload], object]]] = [
        ("no sequence", "payload-form", lambda p: p.pop("sequence")),
        ("sequence zero", "payload-form", lambda p: p.update(sequence=0)),
        ("a sequence that is true", "payload-form", lambda p: p.update(sequence=True)),
        ("a sequence with a fraction", "payload-form", lambda p: p.update(sequence=7.5)),
        ("a domain with a space", "payload-form", lambda p: p.update(domain="trace post")),
        ("a member that is no object", "payload-form", lambda p: p["members"].append("xac")),
        ("a member id in capitals", "payload-form", lambda p: p["members"][0].update(id="XAA")),
        ("an unknown type of member", "payload-form", lambda p: p["members"][0].update(type="person")),
        ("a root that is no certificate", "payload-form", lambda p: p["members"][0].update(roots=["AAAA"])),
        ("a root that is not base64", "payload-form", lambda p: p["members"][0].update(roots=["*"])),
        ("a log key that is none", "payload-form", _log_key(key="x")),
        ("a log key without a key", "payload-form", lambda p: p["members"][0].update(log_keys=[{}])),
        ("a log key as text", "payload-form", lambda p: p["members"][0].update(log_keys=[log_key_of("xaa")])),
        ("one log key twice", "payload-form", lambda p: p["members"][0]["log_keys"].append(OPEN_KEY)),
        ("an end before the beginning", "payload-form", _log_key(from_size=5, until_size=4)),
        ("an end below zero", "payload-form", _log_key(until_size=-1)),
        ("a final root without an end", "payload-form", _log_key(final_root=FINAL_ROOT)),
        ("a final root of 31 bytes", "payload-form", _log_key(until_size=4, final_root=FINAL_ROOT[:-4])),
        ("a final root in base64url", "payload-form", _log_key(until_size=4, final_root="_" * 43)),
        (
            "a policy hash that is short",
            "payload-form",
            lambda p: p["members"][0].update(base_policy_sha256="00"),
        ),
        ("a competence in capitals", "payload-form", lambda p: p["members"][0].update(competences=["A"])),
        (
            "a steward with a key of another curve",
            "payload-form",
            lambda p: p["stewards"][0]["key"].update(crv="P-384"),
        ),
        (
            "a steward whose key is not on the curve",
            "payload-form",
            lambda p: p["stewards"][0]["key"].update(y=p["stewards"][0]["key"]["x"]),
        ),
        ("no stewards", "payload-form", lambda p: p.update(stewards=[])),
        ("one member twice", "named-twice", lambda p: p["members"].append(p["members"][0])),
        ("one steward twice", "named-twice", lambda p: p["stewards"].append(p["stewards"][0])),
        (
            "one steward under two names",
            "named-twice",
            lambda p: p["stewards"].append({**p["stewards"][0], "id": "four"}),
        ),
        (
            "a log key named after another member",
            "foreign-log-key",
            lambda p: p["members"][0].update(log_keys=[{"key": log_key_of("xab")}]),
        ),
        (
            "a witness key among the log keys",
            "foreign-log-key",
            lambda p: p["members"][0].update(log_keys=[{"key": log_key_of("xaa", key_type=4)}]),
        ),
        ("a witness key that is none", "payload-form", _witness_keys({"key": "x"})),
        ("one witness key twice", "payload-form", _witness_keys(OPEN_WITNESS, OPEN_WITNESS)),
        (
            "a witness key that ends before time began",
            "payload-form",
            _witness_keys({**OPEN_WITNESS, "until": -1}),
        ),
        ("a witness quorum as text", "payload-form", lambda p: p.update(witness_quorum="1")),
        (
            "a witness key named after another member",
            "foreign-witness-key",
            _witness_keys({"key": witness_key_of("xab", 1)}),
        ),
        ("a log key among the witness keys", "foreign-witness-key", _witness_keys(OPEN_KEY)),
        (
            "a witness key that signs texts",
            "foreign-witness-key",
            _witness_keys({"key": witness_key_of("xaa", 1, key_type=1)}),
        ),
    ]
    times: list[tuple[str, Payload]] = [
        ("next update before it was issued", {"next_update": TIME - 1}),
        ("hard expiry before next update", {"hard_expiry": TIME + 29 * DAY}),
        ("hard expiry after 181 days", {"hard_expiry": TIME + 181 * DAY}),
    ]
    return [
        *(_case(name, _bent(change), 3, reason, fingerprint=ANCHOR) for name, reason, change in spoiled),
        _case(
            "a payload with a name twice",
            _signed_as_it_is(_with_name_twice()),
            3,
            "payload-form",
            fingerprint=ANCHOR,
        ),
        *(_case(name, _timed(change), 4, "times", fingerprint=ANCHOR) for name, change in times),
        _case(
            "something critical", _bent(lambda p: p.update(critical=["x"])), 5, "critical", fingerprint=ANCHOR
        ),
        _case("something more that may be ignored", _more(), fingerprint=_fingerprint_in(_more())),
        _case("nothing critical", _none_critical(), fingerprint=_fingerprint_in(_none_critical())),
    ]


def _next() -> list[Case]:
    other = dataclasses.replace(NEXT, domain="other.example", members=())
    same_number = dataclasses.replace(CONTENT, next_update=TIME + 31 * DAY)
    older = dataclasses.replace(CONTENT, sequence=6)
    return [
        _case("a next list", sign(NEXT, ["one", "two"]), current=IN_FORCE),
        _case("a log key that ends and one that follows", sign(ENDED, ["one", "two"]), current=IN_FORCE),
        _case("witness keys, one of which has ended", sign(WITNESSED, ["one", "two"]), current=IN_FORCE),
        _case("the same list with fewer signatures", sign(CONTENT, ["one"]), current=IN_FORCE),
        _case(
            "a next list short of signatures", sign(NEXT, ["one"]), 6, "short-of-signatures", current=IN_FORCE
        ),
        _case("a list of another network", sign(other, ["one", "two"]), 8, "other-domain", current=IN_FORCE),
        _case("a list rolled back", sign(older, ["one", "two", "three"]), 9, "rolled-back", current=IN_FORCE),
        _case(
            "the same number with other content",
            sign(same_number, ["one", "two"]),
            9,
            "same-number-other-content",
            current=IN_FORCE,
        ),
        _case(
            "new stewards, agreed to by old and new",
            sign(CHANGED_STEWARDS, ["one", "three", "four", "five"]),
            current=IN_FORCE,
        ),
        _case(
            "new stewards without the old",
            sign(CHANGED_STEWARDS, ["three", "four", "five"]),
            10,
            "short-of-old-stewards",
            current=IN_FORCE,
        ),
        _case(
            "new stewards who do not agree",
            sign(CHANGED_STEWARDS, ["one", "two", "three"]),
            6,
            "short-of-signatures",
            current=IN_FORCE,
        ),
        _case("a steward with a new key signs with both", _new_key(with_old=True), current=IN_FORCE),
        _case(
            "a steward with a new key signs with the new one only",
            _new_key(with_old=False),
            10,
            "short-of-old-stewards",
            current=IN_FORCE,
        ),
    ]


def _new_key(*, with_old: bool) -> bytes:
    fresh = Steward.of_key("one", key_of("not one").public_key())
    content = dataclasses.replace(NEXT, stewards=(fresh, *CONTENT.stewards[1:]))
    return sign(content, ["two", *(["one"] if with_old else [])], extra=["one"])


def _with_name_twice() -> bytes:
    return encode_content(CONTENT)[:-1] + b',"sequence":8}'


def _more() -> bytes:
    return _bent(lambda p: p.update(more={"of": ["it"]}))


def _timed(times: Payload) -> bytes:
    return _bent(lambda p: p.update(times))


def _none_critical() -> bytes:
    return _bent(lambda p: p.update(critical=[]))


def _fingerprint_in(data: bytes) -> str:
    payload = orjson.loads(data)["payload"]
    return fingerprint_of(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def _colons(text: str) -> str:
    return ":".join(text.upper()[at : at + 2] for at in range(0, len(text), 2))


def _case(
    name: str, data: bytes, step: int = 0, reason: str = "", *, fingerprint: str = "", current: str = ""
) -> Case:
    judge = {"current": current} if current else {"fingerprint": fingerprint}
    case: Case = {"name": name, "data": data.decode(), **judge}
    if not step:
        return {**case, "verdict": "accepted"}
    return {**case, "verdict": "refused", "where": f"step {step}", "reason": reason}


def make_files() -> dict[str, str]:
    """Return the text of each file by name."""
    return {"lists.json": json.dumps(make_lists(), indent=1, ensure_ascii=False) + "\n"}


if __name__ == "__main__":
    for file_name, text in make_files().items():
        (HERE / file_name).write_text(text, encoding="utf-8")
