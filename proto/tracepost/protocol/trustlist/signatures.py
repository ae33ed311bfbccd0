"""The signatures of stewards: General-JSON JWS (RFC 7515, 7.2.1) with ES256, one part per steward.

    {"payload": base64url(payload), "signatures": [{"protected": …, "signature": …}, …]}

The protected header is exactly {"alg":"ES256","typ":"tracepost+trust-list","kid":<steward id>}.
A steward signs alone and hands over a part; whoever collects them joins the list. A steward
signs one payload per sequence number, no more: that is kept by the steward, not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import decode_b64, encode_b64
from tracepost.protocol.trustlist.content import (
    PAYLOAD_LIMIT,
    STEWARD_LIMIT,
    Steward,
    parse_content,
    read_json_object,
    refuse,
)

TYPE = "tracepost+trust-list"
LIST_LIMIT = 1 << 20
SIGNATURE_LIMIT = 2 * STEWARD_LIMIT

_ES256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)  # RFC 6979: no luck with nonces


@dataclass(frozen=True, slots=True)
class SignaturePart:
    """The signature of one steward, as it stands in the list; it proves nothing until it is verified."""

    steward: str
    protected: str
    signature: str

    def to_json(self) -> bytes:
        """Return the part for a file that the steward hands over."""
        return orjson.dumps({"protected": self.protected, "signature": self.signature})

    def is_of(self, steward: Steward, payload: bytes) -> bool:
        """Say whether this steward's key signed the payload with this part."""
        raw = decode_b64(self.signature, "signature")
        der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        try:
            steward.public_key().verify(der, _signing_input(self.protected, payload), _ES256)
        except InvalidSignature:
            return False
        return self.steward == steward.id


@dataclass(frozen=True, slots=True)
class UntrustedList:
    """A list in the right form; nothing it says is believed."""

    data: bytes
    payload: bytes
    parts: tuple[SignaturePart, ...]

    def signers(self, stewards: Iterable[Steward]) -> frozenset[str]:
        """Return which of these stewards signed; each counts once, others and bad signatures do not."""
        by_id = {steward.id: steward for steward in stewards}
        return frozenset(
            part.steward
            for part in self.parts
            if part.steward in by_id and part.is_of(by_id[part.steward], self.payload)
        )


def sign_part(payload: bytes, steward_id: str, key: ec.EllipticCurvePrivateKey) -> SignaturePart:
    """Return the signature of a steward, of this list or of the one before, over a payload.

    Raises:
        TrustError: the payload is not one that readers accept (steps 3 to 5).
    """
    parse_content(payload)
    protected = encode_b64(orjson.dumps({"alg": "ES256", "typ": TYPE, "kid": steward_id}))
    r, s = decode_dss_signature(key.sign(_signing_input(protected, payload), _ES256))
    return SignaturePart(steward_id, protected, encode_b64(r.to_bytes(32) + s.to_bytes(32)))


def join(payload: bytes, parts: Sequence[SignaturePart]) -> bytes:
    """Return the list: payload and parts in one document."""
    signatures = [{"protected": part.protected, "signature": part.signature} for part in parts]
    return orjson.dumps({"payload": encode_b64(payload), "signatures": signatures})


def parse_part(data: bytes) -> SignaturePart:
    """Return the part in a file of `SignaturePart.to_json`; raise `TrustError`."""
    return _read_part(read_json_object(data) if len(data) <= PAYLOAD_LIMIT else None)


def parse_list(data: bytes) -> UntrustedList:
    """Return payload and parts of a list.

    Raises:
        TrustError: steps 1 and 2 of the list in `acceptance`.
    """
    document = read_json_object(data) if len(data) <= LIST_LIMIT else None
    if document is None or document.keys() != {"payload", "signatures"}:
        raise refuse(1, "list-form", "not a General-JSON JWS within its limit")
    signatures = document["signatures"]
    if not isinstance(signatures, list) or len(signatures) > SIGNATURE_LIMIT:
        raise refuse(1, "list-form", "not a list of signatures within its limit")
    payload = _read_b64(document["payload"], 1, "list-form")
    return UntrustedList(data, payload, tuple(_read_part(one) for one in signatures))


def _signing_input(protected: str, payload: bytes) -> bytes:
    return f"{protected}.{encode_b64(payload)}".encode("ascii")


def _read_part(document: Any) -> SignaturePart:
    if not isinstance(document, dict) or document.keys() != {"protected", "signature"}:
        raise refuse(2, "signature-form", "a signature has a protected header and a value")
    header = read_json_object(_read_b64(document["protected"], 2, "signature-form"))
    if header is None or header.keys() != {"alg", "typ", "kid"} or not isinstance(header["kid"], str):
        raise refuse(2, "header-form", "the protected header has exactly alg, typ and kid")
    if (header["alg"], header["typ"]) != ("ES256", TYPE):
        raise refuse(2, "header-form", "the signature is not one of a trust list")
    if len(_read_b64(document["signature"], 2, "signature-form")) != 64:
        raise refuse(2, "signature-form", "a signature has 64 bytes")
    return SignaturePart(header["kid"], document["protected"], document["signature"])


def _read_b64(value: object, step: int, reason: str) -> bytes:
    try:
        return decode_b64(value if isinstance(value, str) else "=", "list")
    except InvalidInputError:
        raise refuse(step, reason, "not strict base64url") from None
