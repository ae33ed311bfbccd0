"""Makes the golden vectors of approvals by passkey: PYTHONPATH=tests python tests/vectors/approval/by_passkey.py

    by_passkey.json   approvals by passkey with their verdict: digest and what they say, or where and why one is refused

`certificate` is the officer's (PEM), who endorsed the passkey; `subject` is what is to be done. Keys are fixed and
worthless, signatures deterministic (RFC 6979): running it twice gives the same file, and a test compares it with what
stands here. All of it is made here a second time, without the modules of `tracepost.protocol` that judge it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from vectors.approval.generate import (
    CERTIFICATE,
    HEADER,
    OTHER,
    PAYLOAD,
    SUBJECT,
    b64,
    compact,
    digest,
    jws,
    pem,
    signature_of,
)
from vectors.identity.generate import TIME, key_of

HERE = Path(__file__).resolve().parent
Json = Any
Case = dict[str, Any]

DEVICE = key_of("an officer's passkey")
OTHER_DEVICE = key_of("another passkey")
HOST = "console.xaa.example"
ORIGIN = f"https://{HOST}:8443"
BY_PASSKEY = {**HEADER, "typ": "tracepost+approval+passkey"}
PRESENT, VERIFIED = 1, 4


def cose(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the COSE form of a public key, as devices give it."""
    numbers = key.public_key().public_numbers()
    x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
    return bytes.fromhex("a5010203262001215820") + x + bytes.fromhex("225820") + y


ENDORSED = {
    "member": "xaa",
    "officer": "17",
    "credential": b64(digest("credential")[:16]),
    "key": b64(cose(DEVICE)),
    "rp_id": HOST,
    "origin": ORIGIN,
    "from": TIME - 86400,
    "until": TIME + 86400,
}
ENDORSING = {**HEADER, "typ": "tracepost+endorsement"}


def endorsement(header: Json = None, **changed: Json) -> str:
    """Return the officer's endorsement of his passkey, with these values changed."""
    return jws({**ENDORSED, **changed}, ENDORSING if header is None else header)


def client(challenge: bytes, **changed: Json) -> bytes:
    """Return what a browser says to the device."""
    said = {"type": "webauthn.get", "challenge": b64(challenge), "origin": ORIGIN, "crossOrigin": False}
    return compact({**said, **changed})


def data(host: str = HOST, flags: int = PRESENT | VERIFIED) -> bytes:
    """Return what the device says."""
    return hashlib.sha256(host.encode()).digest() + bytes([flags]) + (7).to_bytes(4)


def approval(
    payload: Json = None,
    *,
    header: Json = None,
    endorsed: str | None = None,
    device: ec.EllipticCurvePrivateKey = DEVICE,
    said: bytes | None = None,
    by_device: bytes | None = None,
    **changed: Json,
) -> str:
    """Return an approval by passkey; what is given stands in place of what would be sound, and is signed."""
    segments = [BY_PASSKEY if header is None else header, PAYLOAD if payload is None else payload]
    signed = ".".join(b64(compact(one)) for one in segments)
    words = said or client(hashlib.sha256(signed.encode()).digest())
    device_data = data() if by_device is None else by_device
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    signature = device.sign(device_data + hashlib.sha256(words).digest(), algorithm)
    proof = {
        "endorsement": endorsed or endorsement(),
        "data": b64(device_data),
        "client": b64(words),
        "signature": b64(signature),
    }
    return f"{signed}.{b64(compact({**proof, **changed}))}"


def challenge(payload: Json = None, header: Json = None) -> bytes:
    """Return the challenge of a sound approval."""
    segments = [header or BY_PASSKEY, payload or PAYLOAD]
    return hashlib.sha256(".".join(b64(compact(one)) for one in segments).encode()).digest()


def accepted(name: str, text: str, decision: str = "approved") -> Case:
    """Return a case that verifies."""
    signed = hashlib.sha256(text.rpartition(".")[0].encode()).digest()
    said = {"decision": decision, "time": TIME, "officer": "17"}
    verdict = {"name": name, "verdict": "accepted"}
    return {**verdict, "approval": text, "subject": SUBJECT, "digest": b64(signed), **said}


def refused(name: str, where: str, reason: str, text: str, **other: Json) -> Case:
    """Return a case that is refused; `where` is the step, of the approval or of the endorsement."""
    verdict = {"name": name, "verdict": "refused", "where": where, "reason": reason}
    return {**verdict, "approval": text, "subject": SUBJECT, **other}


SIGNATURE = "step 5: signature"


def sound() -> Iterator[Case]:
    """What must verify."""
    yield accepted("a draft may be signed", approval())
    yield accepted("a draft may not be signed", approval({**PAYLOAD, "decision": "refused"}), "refused")
    yield accepted(
        "a browser that says more",
        approval(said=client(challenge(), other_keys_can_be_added_here="do not compare clientDataJSON")),
    )
    plain = {"type": "webauthn.get", "challenge": b64(challenge()), "origin": ORIGIN}
    yield accepted("a browser that says nothing of frames", approval(said=compact(plain)))
    yield accepted(
        "a device that says more", approval(by_device=data(flags=PRESENT | VERIFIED | 0x80) + b"\xa0")
    )
    yield accepted(
        "the first second of the endorsement", approval(endorsed=endorsement(**{"from": TIME, "until": TIME}))
    )


def of_others() -> Iterator[Case]:
    """What the certificate and the endorsement refuse."""
    yield refused(
        "a certificate's approval under the passkey's type", SIGNATURE, "not-json", jws(header=BY_PASSKEY)
    )
    yield refused(
        "a passkey's approval under the certificate's type",
        SIGNATURE,
        "signature-form",
        approval(header=HEADER),
    )
    named = {**BY_PASSKEY, "x5t#S256": b64(bytes(32))}
    yield refused("another certificate", "step 4: certificate", "other-certificate", approval(header=named))
    signer = {**ENDORSING, "x5t#S256": b64(OTHER.fingerprint(hashes.SHA256()))}
    yield refused(
        "endorsed by another certificate",
        "endorsement, step 4: certificate",
        "other-certificate",
        approval(endorsed=endorsement(signer)),
    )
    yield refused(
        "endorsed for another officer",
        "endorsement, step 7: officer",
        "other-officer",
        approval(endorsed=endorsement(officer="18")),
    )
    yield refused(
        "endorsed for an officer of another member",
        "endorsement, step 7: officer",
        "other-officer",
        approval(endorsed=endorsement(member="xab")),
    )
    text = endorsement()
    head, _, signature = text.split(".")
    other_key = b64(compact({**ENDORSED, "key": b64(cose(OTHER_DEVICE))}))
    yield refused(
        "an endorsement with another key put in",
        "endorsement, step 5: signature",
        "signature",
        approval(endorsed=f"{head}.{other_key}.{signature}", device=OTHER_DEVICE),
    )
    yield refused(
        "a policy for an endorsement",
        "endorsement, step 3: header",
        "type",
        approval(endorsed=endorsement({**ENDORSING, "typ": "tracepost+approval"})),
    )
    over = approval(endorsed=endorsement(until=TIME - 1))
    yield refused("the endorsement was over", "step 8: endorsement", "not-endorsed-then", over)
    early = approval(endorsed=endorsement(**{"from": TIME + 1}))
    yield refused("the endorsement had not begun", "step 8: endorsement", "not-endorsed-then", early)


def unfit_endorsements() -> Iterator[Case]:
    """Endorsements that are signed, and still none."""
    for name, reason, changed in (
        ("no credential", "credential", {"credential": ""}),
        ("a credential of 257 bytes", "credential", {"credential": b64(bytes(257))}),
        ("a key of another kind", "key", {"key": b64(bytes.fromhex("a4010103272006215820") + bytes(32))}),
        ("a key in another order", "key", {"key": b64(cose(DEVICE)[:1] + cose(DEVICE)[3:] + b"\x01\x02")}),
        ("a key that is no point", "key", {"key": b64(cose(DEVICE)[:-1] + bytes([cose(DEVICE)[-1] ^ 1]))}),
        ("an origin without encryption", "relying-party", {"origin": f"http://{HOST}"}),
        ("an origin beyond the relying party", "relying-party", {"origin": f"{ORIGIN}.example"}),
        ("an origin with a path", "relying-party", {"origin": f"{ORIGIN}/"}),
        ("a relying party in capitals", "relying-party", {"rp_id": "XAA", "origin": "https://XAA"}),
        ("an end before its beginning", "time", {"until": TIME - 86401}),
        ("a time that is true", "time", {"from": True}),
        ("a name more", "payload-form", {"note": "urgent"}),
        ("an officer that is a number", "payload-form", {"officer": 17}),
    ):
        text = approval(endorsed=endorsement(**changed))
        yield refused(f"an endorsement with {name}", "endorsement, step 6: payload", reason, text)
    long = "A" * 2049
    yield refused(
        "an endorsement of 2,049 characters",
        "endorsement, step 1: limits",
        "too-large",
        approval(endorsed=long),
    )
    yield refused(
        "an endorsement in pieces", "endorsement, step 2: form", "not-compact", approval(endorsed="a.b")
    )


def of_devices() -> Iterator[Case]:
    """What the browser's and the device's words refuse."""
    right = challenge()
    other = challenge({**PAYLOAD, "decision": "refused"})
    for name, reason, said in (
        ("another challenge", "challenge", client(other)),
        ("no challenge", "challenge", compact({"type": "webauthn.get", "origin": ORIGIN})),
        ("a registration", "client-type", client(right, type="webauthn.create")),
        ("another origin", "origin", client(right, origin="https://console.xab.example:8443")),
        ("another port", "origin", client(right, origin=f"https://{HOST}")),
        ("a frame in another site", "cross-origin", client(right, crossOrigin=True)),
        ("a frame, in a text", "cross-origin", client(right, crossOrigin="false")),
        ("a page around it", "cross-origin", client(right, topOrigin="https://xab.example")),
        ("a list for words", "client-form", b"[]"),
        ("no JSON", "not-json", b"{"),
        ("a name twice", "duplicate-member", client(right)[:-1] + b',"type":"webauthn.get"}'),
    ):
        yield refused(name, SIGNATURE, reason, approval(said=said))
    for name, reason, device in (
        ("another relying party", "relying-party", data("console.xab.example")),
        ("nobody touched it", "nobody-there", data(flags=VERIFIED)),
        ("nobody was verified", "not-verified", data(flags=PRESENT)),
        ("data of 36 bytes", "data-form", data()[:36]),
    ):
        yield refused(name, SIGNATURE, reason, approval(by_device=device))
    yield refused("another passkey", SIGNATURE, "signature", approval(device=OTHER_DEVICE))
    changed = b64(data(flags=PRESENT | VERIFIED | 8))
    yield refused("a byte changed after it was signed", SIGNATURE, "signature", approval(data=changed))
    yield refused("a raw signature", SIGNATURE, "signature", approval(signature=b64(signature_of(b""))))
    yield refused("no signature", SIGNATURE, "signature", approval(signature=""))
    yield refused("a padded signature", SIGNATURE, "not-base64url", approval(signature="AA=="))
    yield refused("a name more in the proof", SIGNATURE, "proof-form", approval(userHandle=""))
    yield refused("a signature that is a number", SIGNATURE, "proof-form", approval(signature=7))


def of_sense() -> Iterator[Case]:
    """What is signed, and still no approval of what is to be done."""
    changed = {**PAYLOAD, "payload": digest("changed draft").hex()}
    yield refused("the draft was changed", "step 7: subject", "other-subject", approval(changed))
    head, said, proof = approval().split(".")
    other = b64(compact({**PAYLOAD, "decision": "refused"}))
    yield refused("another decision put in", SIGNATURE, "challenge", f"{head}.{other}.{proof}")
    yield refused("a time more", "step 6: payload", "payload-form", approval({**PAYLOAD, "at": TIME}))
    yield refused("a proof cut off", SIGNATURE, "not-json", f"{head}.{said}.{proof[: len(proof) // 8 * 4]}")


def write_vectors() -> str:
    """Return the text of by_passkey.json."""
    document = {
        "about": (__doc__ or "").strip(),
        "certificate": pem(CERTIFICATE),
        "endorsement": {
            "text": endorsement(),
            "digest": b64(hashlib.sha256(endorsement().rpartition(".")[0].encode()).digest()),
        },
        "cases": [*sound(), *of_others(), *unfit_endorsements(), *of_devices(), *of_sense()],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (HERE / "by_passkey.json").write_text(write_vectors(), encoding="utf-8")
