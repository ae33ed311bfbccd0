"""ES256 (RFC 7518, 3.4): 64 raw bytes on the wire, DER inside the library."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.statement.steps import CERTIFICATE, SIGNATURE

SIGNATURE_LENGTH = 64

_ES256 = ec.ECDSA(hashes.SHA256())


class Signer(Protocol):
    """Holds a statement key; in memory, in a key store or in a hardware module."""

    @property
    def certificate_sha256(self) -> bytes:
        """SHA-256 of the DER of the leaf certificate that goes with the key."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the ES256 signature over `data`: r and s, 32 bytes each."""
        ...


class KeySigner:
    """A signer with the private key in memory."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        """Take the key of `certificate`; raise `ConfigurationError` if it is another or not P-256."""
        public_key = _read_key(certificate)
        if public_key is None or public_key != private_key.public_key():
            raise ConfigurationError("the statement key is not the P-256 key of the statement certificate")
        self._private_key = private_key
        self._certificate_sha256 = certificate.fingerprint(hashes.SHA256())

    @property
    def certificate_sha256(self) -> bytes:
        """SHA-256 of the DER of the certificate."""
        return self._certificate_sha256

    def sign(self, data: bytes) -> bytes:
        """Return the ES256 signature over `data`, 64 bytes."""
        r, s = decode_dss_signature(self._private_key.sign(data, _ES256))
        return r.to_bytes(32) + s.to_bytes(32)


def read_leaf(certificate: x509.Certificate) -> tuple[bytes, ec.EllipticCurvePublicKey]:
    """Return the SHA-256 and the P-256 key of a certificate; raise `StatementError` (step 4)."""
    digest, key = _load_leaf(certificate)
    if key is None:
        raise CERTIFICATE("key-type", "the key of the certificate is not on P-256")
    return digest, key


def check_signature(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> None:
    """Raise `StatementError` (step 5) unless `signature` is the key's ES256 signature over `data`."""
    if len(signature) != SIGNATURE_LENGTH:
        raise SIGNATURE("signature-form", "an ES256 signature has 64 bytes")
    der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    try:
        key.verify(der, data, _ES256)
    except InvalidSignature:
        raise SIGNATURE("signature", "the signature is not of the key in the certificate") from None


# Loading a key costs as much as using it; certificates compare and hash by their DER bytes.
@lru_cache(maxsize=1024)
def _load_leaf(certificate: x509.Certificate) -> tuple[bytes, ec.EllipticCurvePublicKey | None]:
    return certificate.fingerprint(hashes.SHA256()), _read_key(certificate)


def _read_key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey | None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    return None
