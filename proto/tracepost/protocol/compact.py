"""A compact JWS of ours (RFC 7515, 7.1): ES256 by a certificate, and a payload that is one JSON object.

What two parties sign beside statements has this form: the header is exactly

    {"alg":"ES256","typ":<its type>,"x5t#S256":<of the signer's certificate>}

base64url and JSON are strict, as in statements. The first five steps of verifying are the same for all:

 1. limits       no longer than its kind may be                 too-large
 2. form         three segments                                 not-compact
 3. header       exactly alg ES256, the type and x5t#S256       header-form, algorithm, type, certificate-digest
 4. certificate  is the one that the header names               other-certificate
 5. signature    ES256 over header and payload as transmitted   signature-form, signature

Steps 3, 5 and 6 may also refuse with not-base64url, not-json, not-an-integer, duplicate-member or
too-deep. What the payload holds, and whose certificate it must be, is for each kind to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tracepost.protocol.errors import InternalError, TracepostError
from tracepost.protocol.identity import Identity
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.schema import JsonValue
from tracepost.protocol.statement import Signer
from tracepost.protocol.statement.encoding import Refuse, check_value, decode_one, read_json_each

_HEADER_NAMES: Final = {"alg", "typ", "x5t#S256"}
_ES256: Final = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of compact JWS: its `typ`, its length in characters, and the error of its steps."""

    type: str
    length_limit: int
    error: Callable[[str, str, str], TracepostError]
    """Makes the refusal of (where, reason, words)."""

    def step(self, number: int, name: str) -> Refuse:
        """Return what makes the refusals of step `number`."""
        return lambda reason, words: self.error(f"step {number}: {name}", reason, words)


@dataclass(frozen=True, slots=True)
class Segments:
    """A compact JWS in its three segments; steps 1 and 2 have passed."""

    header: str
    payload: str
    signature: str

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return f"{self.header}.{self.payload}".encode("ascii")


def encode_payload(payload: Mapping[str, JsonValue]) -> str:
    """Return the payload segment of these values, in their order."""
    return encode_b64(orjson.dumps(payload))


def write_header(form: Form, certificate_sha256: bytes) -> str:
    """Return the header segment that names the certificate with this digest."""
    named = encode_b64(certificate_sha256)
    return encode_b64(orjson.dumps({"alg": "ES256", "typ": form.type, "x5t#S256": named}))


def write(form: Form, payload: str, signer: Signer) -> str:
    """Return the compact JWS over a payload segment; raise `InternalError` if the signer cannot sign ES256."""
    signed = f"{write_header(form, signer.certificate_sha256)}.{payload}"
    signature = signer.sign(signed.encode("ascii"))
    if len(signature) != 64:
        raise InternalError("the signer did not return an ES256 signature", reason="signature-form")
    return f"{signed}.{encode_b64(signature)}"


def split(form: Form, text: str) -> Segments:
    """Return the segments of `text` (steps 1 and 2)."""
    if len(text) > form.length_limit:
        raise form.step(1, "limits")("too-large", f"it is longer than {form.length_limit:,} characters")
    segments = text.split(".")
    if len(segments) != 3 or not text.isascii():
        raise form.step(2, "form")("not-compact", "it is not a compact JWS")
    return Segments(*segments)


def read_header(form: Form, segments: Segments) -> bytes:
    """Return the digest of the certificate that the header names (step 3)."""
    refuse = form.step(3, "header")
    header = read_object(segments.header, refuse)
    if header.keys() != _HEADER_NAMES:
        raise refuse("header-form", "the header does not hold exactly alg, typ and x5t#S256")
    if header["alg"] != "ES256":
        raise refuse("algorithm", "the algorithm is not ES256")
    if header["typ"] != form.type:
        raise refuse("type", f"the type is not {form.type}")
    named = header["x5t#S256"]
    digest = decode_one(named if isinstance(named, str) else "", refuse)
    if len(digest) != 32:
        raise refuse("certificate-digest", "x5t#S256 does not hold 32 bytes")
    return digest


def check_certificate(form: Form, named: bytes, certificate: x509.Certificate, identity: Identity) -> None:
    """Refuse another certificate than the header names (step 4)."""
    digest = certificate.fingerprint(hashes.SHA256())
    if named != digest or identity.certificate_sha256 != digest:
        raise form.step(4, "certificate")("other-certificate", "the header names another certificate")


def check_signature(form: Form, segments: Segments, certificate: x509.Certificate) -> None:
    """Refuse a signature that is not of the certificate's key (step 5)."""
    refuse = form.step(5, "signature")
    raw = decode_one(segments.signature, refuse)
    if len(raw) != 64:
        raise refuse("signature-form", "an ES256 signature has 64 bytes")
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)  # step 1 of `identity`
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        key.verify(der, segments.signed, _ES256)
    except InvalidSignature:
        raise refuse("signature", "the signature is not of the key in the certificate") from None


def read_object(segment: str, refuse: Refuse) -> dict[str, JsonValue]:
    """Return the JSON object in a segment."""
    [value] = read_json_each([decode_one(segment, refuse)], refuse)
    check_value(value, refuse)
    if not isinstance(value, dict):
        raise refuse("not-json", "not a JSON object")
    return value
