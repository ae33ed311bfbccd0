"""An endorsement: an officer's own certificate says which passkey speaks for him, where, and until when.

A passkey is a key in a device that knows no member. This small document makes it an officer's: a compact JWS
(`compact`) by his certificate:

    header   {"alg":"ES256","typ":"tracepost+endorsement","x5t#S256":<of the officer's certificate>}
    payload  {"member":…,"officer":…,"credential":<base64url>,"key":<base64url of the COSE key>,"rp_id":…,
              "origin":…,"from":<unix seconds>,"until":<unix seconds>}

`credential` is the id by which the device knows the key, `rp_id` and `origin` are of the console where it is used
(WebAuthn). `key` is an ES256 key (RFC 9053, 2.1) in the one spelling that CTAP2 allows, 77 bytes.

Steps of verifying, in order; each refusal is an `ApprovalError` and names its own:

 1. limits       at most 2,048 characters                       too-large
 2. form         three segments                                 not-compact
 3. header       exactly alg ES256, our typ and x5t#S256       header-form, algorithm, type, certificate-digest
 4. certificate  is the one that the header names               other-certificate
 5. signature    ES256 over header and payload as transmitted   signature-form, signature
 6. payload      exactly the eight names, well formed           payload-form, credential, key, relying-party, time
 7. officer      member and officer are the certificate's       other-officer

Steps 3, 5 and 6 may also refuse with not-base64url, not-json, not-an-integer, duplicate-member or too-deep.
The certificate is judged beforehand by `identity`. Not done here: whether it was taken back since.

The **digest** of an endorsement is SHA-256 over `header.payload` as transmitted, in ASCII.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost.protocol import compact
from tracepost.protocol.compact import Form, Segments
from tracepost.protocol.errors import ApprovalError, InvalidInputError
from tracepost.protocol.identity import Identity, Role
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.schema import JsonValue
from tracepost.protocol.statement import Signer
from tracepost.protocol.statement.encoding import Refuse, decode_one

TYPE: Final = "tracepost+endorsement"
LENGTH_LIMIT: Final = 2048
CREDENTIAL_LIMIT: Final = 256

_FORM: Final = Form(
    TYPE,
    LENGTH_LIMIT,
    lambda where, reason, words: ApprovalError(words, where=f"endorsement, {where}", reason=reason),
)
_NAMES: Final = {"member", "officer", "credential", "key", "rp_id", "origin", "from", "until"}
_HOST: Final = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\Z")
_PORT: Final = re.compile(r"(:[1-9][0-9]{0,4})?\Z")
# {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}, in the order of CTAP2.
_COSE_HEAD: Final = bytes.fromhex("a5010203262001215820")
_COSE_MIDDLE: Final = bytes.fromhex("225820")
_COSE_LENGTH: Final = len(_COSE_HEAD) + 32 + len(_COSE_MIDDLE) + 32
_LAST_SECOND: Final = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Endorsement:
    """What an endorsement says: whose passkey it is, and where and when (unix seconds, both counted) it speaks."""

    member: str
    officer: str
    credential: bytes
    key: bytes
    rp_id: str
    origin: str
    since: int
    until: int


def is_key(cose: bytes) -> bool:
    """Say whether a COSE key is of the kind that can be endorsed: ES256, in the spelling of CTAP2."""
    head, rest = cose[: len(_COSE_HEAD)], cose[len(_COSE_HEAD) + 32 :]
    if len(cose) != _COSE_LENGTH or head != _COSE_HEAD or not rest.startswith(_COSE_MIDDLE):
        return False
    try:
        load_key(cose)
    except ValueError:  # not a point of the curve
        return False
    return True


def load_key(cose: bytes) -> ec.EllipticCurvePublicKey:
    """Return the public key in a COSE key of the right form (`is_key`)."""
    x, y = cose[len(_COSE_HEAD) :][:32], cose[-32:]
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
    return numbers.public_key()


def make(said: Endorsement, signer: Signer) -> str:
    """Return the endorsement that `signer`, the key of the officer's certificate, makes.

    Raises:
        InvalidInputError: what it is to say is not well formed.
        InternalError: the signer cannot sign ES256.
    """
    payload: dict[str, JsonValue] = {
        "member": said.member,
        "officer": said.officer,
        "credential": encode_b64(said.credential),
        "key": encode_b64(said.key),
        "rp_id": said.rp_id,
        "origin": said.origin,
        "from": said.since,
        "until": said.until,
    }
    _read_said(payload, lambda reason, words: InvalidInputError(words, where="endorsement", reason=reason))
    return compact.write(_FORM, compact.encode_payload(payload), signer)


def digest_of(text: str) -> bytes:
    """Return the digest of an endorsement; raise `ApprovalError`, if it is not one of three segments."""
    return hashlib.sha256(_split(text).signed).digest()


def read(text: str) -> Endorsement:
    """Return what an endorsement says of itself, unproved; raise `ApprovalError` (steps 1, 2 and 6)."""
    return _read_payload(_split(text).payload)


def certificate_of(text: str) -> bytes:
    """Return SHA-256 of the certificate that an endorsement names, unproved; raise `ApprovalError` (steps 1 to 3)."""
    return compact.read_header(_FORM, _split(text))


def verify(text: str, certificate: x509.Certificate, identity: Identity) -> Endorsement:
    """Return the endorsement as proved to be of the officer of `certificate`.

    Args:
        text: the compact JWS.
        certificate: the one that the header names.
        identity: what `identity.verify_identity` found of that certificate.

    Raises:
        ApprovalError: a step refuses.
    """
    segments = _split(text)  # steps 1 and 2
    named = compact.read_header(_FORM, segments)  # step 3
    compact.check_certificate(_FORM, named, certificate, identity)  # step 4
    compact.check_signature(_FORM, segments, certificate)  # step 5
    said = _read_payload(segments.payload)  # step 6
    is_officer = identity.role is Role.OFFICER
    if not is_officer or (said.member, said.officer) != (identity.member, identity.officer):  # step 7
        raise _FORM.step(7, "officer")("other-officer", "the certificate is of another officer")
    return said


def _split(text: str) -> Segments:
    return compact.split(_FORM, text)


def _read_payload(segment: str) -> Endorsement:
    """Step 6."""
    refuse = _FORM.step(6, "payload")
    return _read_said(compact.read_object(segment, refuse), refuse)


def _read_said(payload: dict[str, JsonValue], refuse: Refuse) -> Endorsement:
    if payload.keys() != _NAMES:
        raise refuse("payload-form", "the payload does not hold exactly the eight names of an endorsement")
    texts = {name: payload[name] for name in _NAMES - {"from", "until"}}
    member, officer, credential, key, rp_id, origin = (
        _text(texts[name], refuse) for name in ("member", "officer", "credential", "key", "rp_id", "origin")
    )
    since, until = _times(payload["from"], payload["until"], refuse)
    said = Endorsement(
        member, officer, decode_one(credential, refuse), decode_one(key, refuse), rp_id, origin, since, until
    )
    if not 1 <= len(said.credential) <= CREDENTIAL_LIMIT:
        raise refuse("credential", f"the credential id is not of 1 to {CREDENTIAL_LIMIT} bytes")
    if not is_key(said.key):
        raise refuse("key", "the key is not an ES256 key in the spelling of CTAP2")
    prefix = f"https://{rp_id}"
    if not _HOST.match(rp_id) or not origin.startswith(prefix) or not _PORT.match(origin[len(prefix) :]):
        raise refuse("relying-party", "the origin is not https at the host of the relying party")
    return said


def _text(value: JsonValue, refuse: Refuse) -> str:
    if not isinstance(value, str):
        raise refuse("payload-form", "a text of the endorsement is no text")
    return value


def _times(since: JsonValue, until: JsonValue, refuse: Refuse) -> tuple[int, int]:
    if type(since) is not int or type(until) is not int or not 0 <= since <= until <= _LAST_SECOND:
        raise refuse("time", "the times are not two in unix seconds, the later one behind")
    return since, until
