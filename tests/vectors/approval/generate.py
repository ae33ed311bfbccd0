"""Makes the golden vectors of approvals: PYTHONPATH=tests python tests/vectors/approval/generate.py

    approvals.json   approvals with their verdict: digest and what they say, or the step that refuses and why

`certificate` is the officer's (PEM), `subject` what is to be done. Keys are fixed and worthless,
signatures deterministic (RFC 6979): running it twice gives the same file, and a test compares it
with what stands here. The approvals are made here a second time, without `tracepost.protocol.approval`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from vectors.identity.generate import OFFICER, STATEMENT, TIME, XAA, key_of

HERE = Path(__file__).resolve().parent
CERTIFICATE = OFFICER.sign(XAA)
OTHER = STATEMENT.sign(XAA)
Json = Any
Case = dict[str, Any]


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(name: str) -> bytes:
    """Return 32 bytes that stand for something with this name."""
    return hashlib.sha256(name.encode()).digest()


def opening(*parts: bytes) -> bytes:
    """Return the payload of an opening: its label, and each part behind its length."""
    lengths = b"".join(len(part).to_bytes(4) + part for part in parts)
    return hashlib.sha256(b"tracepost/v1/opening" + lengths).digest()


STATEMENT_DIGEST = digest("statement")
OPENING = opening(STATEMENT_DIGEST, b"police", b"officer-17", b"open")
HEADER = {
    "alg": "ES256",
    "typ": "tracepost+approval",
    "x5t#S256": b64(CERTIFICATE.fingerprint(hashes.SHA256())),
}
PAYLOAD = {"of": "signed/1", "payload": STATEMENT_DIGEST.hex(), "decision": "approved", "time": TIME}
SUBJECT = {"of": "signed/1", "payload": STATEMENT_DIGEST.hex()}


def compact(value: Json) -> bytes:
    """Return JSON without spaces; bytes stand as they are."""
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def signature_of(data: bytes) -> bytes:
    """Return the officer's raw ES256 signature."""
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(key_of(OFFICER.name).sign(data, algorithm))
    return r.to_bytes(32) + s.to_bytes(32)


def jws(payload: Json = None, header: Json = None) -> str:
    """Return an approval with this payload and header, or with the sound ones."""
    segments = [HEADER if header is None else header, PAYLOAD if payload is None else payload]
    signed = ".".join(b64(compact(one)) for one in segments)
    return f"{signed}.{b64(signature_of(signed.encode()))}"


def accepted(name: str, text: str, subject: Json = SUBJECT, decision: str = "approved") -> Case:
    """Return a case that verifies."""
    signed = text.rpartition(".")[0]
    said = {"decision": decision, "time": TIME, "officer": "17"}
    return {
        "name": name,
        "verdict": "accepted",
        "approval": text,
        "subject": subject,
        "digest": b64(hashlib.sha256(signed.encode()).digest()),
        **said,
    }


def refused(name: str, step: int, reason: str, text: str, **other: Json) -> Case:
    """Return a case that `step` refuses."""
    return {
        "name": name,
        "verdict": "refused",
        "step": step,
        "reason": reason,
        "approval": text,
        "subject": SUBJECT,
        **other,
    }


def sound() -> Iterator[Case]:
    """What must verify."""
    opened = {"of": "opened/1", "payload": OPENING.hex()}
    policy = {"of": "policy/1", "payload": digest("policy").hex()}
    yield accepted("a draft may be signed", jws())
    yield accepted("a draft may not be signed", jws({**PAYLOAD, "decision": "refused"}), decision="refused")
    yield accepted("a field may be opened", jws({**PAYLOAD, **opened}), opened)
    yield accepted("a policy may be put in force", jws({**PAYLOAD, **policy}), policy)
    spaced = json.dumps(dict(reversed(PAYLOAD.items())), indent=1).encode()
    yield accepted("names in another order, with spaces", jws(spaced))


def broken() -> Iterator[Case]:
    """What steps 1 to 5 refuse."""
    text = jws()
    header, payload, signature = text.split(".")
    yield refused("longer than 4,096 characters", 1, "too-large", f"{text}{'A' * 4096}")
    yield refused("two segments", 2, "not-compact", f"{header}.{payload}")
    yield refused("a fourth segment", 2, "not-compact", f"{text}.")
    yield refused("not ASCII", 2, "not-compact", f"{text}é")
    yield refused("a header in padded base64", 3, "not-base64url", f"{header}=.{payload}.{signature}")
    yield refused("a header that is no JSON", 3, "not-json", jws(header=b"{"))
    yield refused("a header that is a list", 3, "not-json", jws(header=[]))
    yield refused("a name twice", 3, "duplicate-member", jws(header=b'{"alg":"ES256","alg":"ES256"}'))
    yield refused("a name more", 3, "header-form", jws(header={**HEADER, "kid": "17"}))
    yield refused("no type", 3, "header-form", jws(header={k: v for k, v in HEADER.items() if k != "typ"}))
    yield refused("no algorithm", 3, "algorithm", jws(header={**HEADER, "alg": "none"}))
    yield refused("a statement", 3, "type", jws(header={**HEADER, "typ": "tracepost+sd-jwt"}))
    yield refused(
        "a digest of 31 bytes", 3, "certificate-digest", jws(header={**HEADER, "x5t#S256": b64(bytes(31))})
    )
    yield refused(
        "another certificate", 4, "other-certificate", jws(header={**HEADER, "x5t#S256": b64(bytes(32))})
    )
    signer = {**HEADER, "x5t#S256": b64(OTHER.fingerprint(hashes.SHA256()))}
    yield refused("a statement certificate", 4, "not-an-officer", jws(header=signer), certificate=pem(OTHER))
    yield refused("a signature of 63 bytes", 5, "signature-form", f"{header}.{payload}.{b64(bytes(63))}")
    other = b64(compact({**PAYLOAD, "decision": "refused"}))
    yield refused("another decision", 5, "signature", f"{header}.{other}.{signature}")
    yield refused("an empty signature", 5, "signature-form", f"{header}.{payload}.")


def empty_of_sense() -> Iterator[Case]:
    """What steps 6 and 7 refuse: signed, and still no approval of what is to be done."""
    yield refused("a payload that is a text", 6, "not-json", jws(b'"approved"'))
    yield refused("a time with a fraction", 6, "not-an-integer", jws({**PAYLOAD, "time": 1.5}))
    yield refused("a payload nested too deep", 6, "too-deep", jws(b"[" * 9 + b"]" * 9))
    yield refused("a name more", 6, "payload-form", jws({**PAYLOAD, "reason": "urgent"}))
    yield refused("no time", 6, "payload-form", jws({k: v for k, v in PAYLOAD.items() if k != "time"}))
    yield refused("an act of tomorrow", 6, "subject-form", jws({**PAYLOAD, "of": "printed/1"}))
    yield refused("a digest in capitals", 6, "subject-form", jws({**PAYLOAD, "payload": "AA" * 32}))
    yield refused("a digest that is a number", 6, "subject-form", jws({**PAYLOAD, "payload": 7}))
    yield refused("neither approved nor refused", 6, "decision", jws({**PAYLOAD, "decision": "perhaps"}))
    yield refused("a time that is true", 6, "time", jws({**PAYLOAD, "time": True}))
    yield refused("a time before 1970", 6, "time", jws({**PAYLOAD, "time": -1}))
    changed = {**PAYLOAD, "payload": digest("changed draft").hex()}
    yield refused("the draft was changed", 7, "other-subject", jws(changed))
    yield refused(
        "an approval to open is none to sign", 7, "other-subject", jws({**PAYLOAD, "of": "opened/1"})
    )


def pem(certificate: Any) -> str:
    """Return a certificate in text."""
    return str(certificate.public_bytes(serialization.Encoding.PEM).decode())


def write_vectors() -> str:
    """Return the text of approvals.json."""
    document = {
        "about": (__doc__ or "").strip(),
        "certificate": pem(CERTIFICATE),
        "opening": {
            "statement": b64(STATEMENT_DIGEST),
            "desk": "police",
            "officer": "officer-17",
            "action": "open",
            "payload": OPENING.hex(),
        },
        "cases": [*sound(), *broken(), *empty_of_sense()],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (HERE / "approvals.json").write_text(write_vectors(), encoding="utf-8")
