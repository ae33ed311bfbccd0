"""Makes the golden vectors of policy documents: PYTHONPATH=tests python tests/vectors/policy/generate.py

    documents.json   documents with their verdict: digest and what they say, or the step that refuses and why

`certificate` is the member's for statements (PEM), `text` the additions that travel beside the document.
Keys are fixed and worthless, signatures deterministic (RFC 6979): running it twice gives the same file,
and a test compares it with what stands here. The documents are made here a second time, without
`tracepost.protocol.policy`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from vectors.approval.generate import b64, compact, digest, pem
from vectors.identity.generate import OFFICER, STATEMENT, TIME, XAA, key_of

HERE = Path(__file__).resolve().parent
CERTIFICATE = STATEMENT.sign(XAA)
OTHER = OFFICER.sign(XAA)
TEXT = '@id("no-print")\nforbid (principal, action == Action::"print", resource == Class::"PERSONAL");\n'
Json = Any
Case = dict[str, Any]

HEADER = {
    "alg": "ES256",
    "typ": "tracepost+policy",
    "x5t#S256": b64(CERTIFICATE.fingerprint(hashes.SHA256())),
}
PAYLOAD = {
    "member": "xaa",
    "version": 3,
    "base": digest("base").hex(),
    "text": hashlib.sha256(TEXT.encode()).hexdigest(),
    "proposed_by": "17",
    "time": TIME,
    "note": "Persons are not printed here.",
}


def jws(payload: Json = None, header: Json = None) -> str:
    """Return a document with this payload and header, or with the sound ones."""
    segments = [HEADER if header is None else header, PAYLOAD if payload is None else payload]
    signed = ".".join(b64(compact(one)) for one in segments)
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(key_of(STATEMENT.name).sign(signed.encode(), algorithm))
    return f"{signed}.{b64(r.to_bytes(32) + s.to_bytes(32))}"


def accepted(name: str, document: str, said: Json = None, text: str = TEXT) -> Case:
    """Return a case that verifies."""
    return {
        "name": name,
        "verdict": "accepted",
        "document": document,
        "text": text,
        "digest": b64(hashlib.sha256(document.split(".")[1].encode()).digest()),
        "says": {**PAYLOAD, **(said or {})},
    }


def refused(name: str, step: int, reason: str, document: str, **other: Json) -> Case:
    """Return a case that `step` refuses."""
    return {
        "name": name,
        "verdict": "refused",
        "step": step,
        "reason": reason,
        "document": document,
        "text": TEXT,
        **other,
    }


def without(name: str) -> Json:
    """Return the sound payload without one name."""
    return {k: v for k, v in PAYLOAD.items() if k != name}


def sound() -> Iterator[Case]:
    """What must verify."""
    yield accepted("a third version", jws())
    empty = {"text": hashlib.sha256(b"").hexdigest(), "note": ""}
    yield accepted("nothing is added any more", jws({**PAYLOAD, **empty}), empty, text="")
    spaced = json.dumps(dict(reversed(PAYLOAD.items())), indent=1).encode()
    yield accepted("names in another order, with spaces", jws(spaced))
    script = {"note": "Печать запрещена."}
    yield accepted("a note in another script", jws({**PAYLOAD, **script}), script)


def broken() -> Iterator[Case]:
    """What steps 1 to 5 refuse."""
    header, payload, signature = jws().split(".")
    yield refused("longer than 8,192 characters", 1, "too-large", f"{jws()}{'A' * 8192}")
    yield refused("two segments", 2, "not-compact", f"{header}.{payload}")
    yield refused("not ASCII", 2, "not-compact", f"{header}.{payload}.é")
    yield refused("a header in padded base64", 3, "not-base64url", f"{header}=.{payload}.{signature}")
    yield refused("a name twice", 3, "duplicate-member", jws(header=b'{"alg":"ES256","alg":"ES256"}'))
    yield refused("a name more", 3, "header-form", jws(header={**HEADER, "kid": "1"}))
    yield refused("no algorithm", 3, "algorithm", jws(header={**HEADER, "alg": "none"}))
    yield refused("an approval", 3, "type", jws(header={**HEADER, "typ": "tracepost+approval"}))
    short = {**HEADER, "x5t#S256": b64(bytes(31))}
    yield refused("a digest of 31 bytes", 3, "certificate-digest", jws(header=short))
    strange = {**HEADER, "x5t#S256": b64(bytes(32))}
    yield refused("another certificate", 4, "other-certificate", jws(header=strange))
    officer = {**HEADER, "x5t#S256": b64(OTHER.fingerprint(hashes.SHA256()))}
    yield refused(
        "an officer's certificate", 4, "not-for-statements", jws(header=officer), certificate=pem(OTHER)
    )
    yield refused("a signature of 63 bytes", 5, "signature-form", f"{header}.{payload}.{b64(bytes(63))}")
    other = b64(compact({**PAYLOAD, "version": 4}))
    yield refused("another version", 5, "signature", f"{header}.{other}.{signature}")


def empty_of_sense() -> Iterator[Case]:
    """What steps 6 to 8 refuse: signed, and still no document about this text."""
    yield refused("a payload that is a list", 6, "not-json", jws(b"[]"))
    yield refused("a version with a fraction", 6, "not-an-integer", jws({**PAYLOAD, "version": 1.5}))
    yield refused("a payload nested too deep", 6, "too-deep", jws(b"[" * 9 + b"]" * 9))
    yield refused("no note", 6, "payload-form", jws(without("note")))
    yield refused("a name more", 6, "payload-form", jws({**PAYLOAD, "until": TIME}))
    yield refused("a member in capitals", 6, "member", jws({**PAYLOAD, "member": "XAA"}))
    yield refused("version 0", 6, "version", jws({**PAYLOAD, "version": 0}))
    yield refused("a version that is true", 6, "version", jws({**PAYLOAD, "version": True}))
    yield refused("a digest in capitals", 6, "digest-form", jws({**PAYLOAD, "base": "AA" * 32}))
    yield refused("nobody proposed it", 6, "officer", jws({**PAYLOAD, "proposed_by": ""}))
    yield refused("a time before 1970", 6, "time", jws({**PAYLOAD, "time": -1}))
    yield refused("a note of two lines", 6, "note", jws({**PAYLOAD, "note": "one\ntwo"}))
    yield refused("a note of 401 characters", 6, "note", jws({**PAYLOAD, "note": "n" * 401}))
    yield refused("another member's", 7, "other-member", jws({**PAYLOAD, "member": "xab"}))
    yield refused(
        "a word of the text was changed", 8, "other-text", jws(), text=TEXT.replace("print", "open")
    )


def write_vectors() -> str:
    """Return the text of documents.json."""
    document = {
        "about": (__doc__ or "").strip(),
        "certificate": pem(CERTIFICATE),
        "cases": [*sound(), *broken(), *empty_of_sense()],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (HERE / "documents.json").write_text(write_vectors(), encoding="utf-8")
