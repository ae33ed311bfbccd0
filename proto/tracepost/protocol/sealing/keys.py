"""Desk keys: X-Wing (ML-KEM-768 with X25519), and what is sealed to them by HPKE.

A desk has one key to which mail is sealed and another, of the same kind, for
what it stores. What is sealed names its purpose and context in HPKE's `info`, so
that nothing sealed for one use opens in another.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.protocol.envelope import SUITE
from tracepost.protocol.errors import SealingError

Random = Callable[[int], bytes]
"""A source of so many random bytes."""

DESK_KEY_LENGTH: Final = 1216
SECRET_LENGTH: Final = 32
SEALED_SECRET_LENGTH: Final = 1120 + SECRET_LENGTH + 16

_HPKE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_MLKEM_KEY_LENGTH: Final = 1184


class DeskPublicKey(bytes):
    """The public X-Wing key of a desk: ML-KEM-768 key, then X25519 key, 1,216 bytes.

    Made from bytes; raises `SealingError` for bytes that are no such key. It is
    those bytes, and prints as a fingerprint.
    """

    __slots__ = ()

    def __new__(cls, raw: bytes) -> Self:
        """Check `raw` by loading it once."""
        if len(raw) != DESK_KEY_LENGTH:
            raise _not_a_key("a desk key has 1,216 bytes")
        key = super().__new__(cls, raw)
        key.load()
        return key

    @property
    def sha256(self) -> bytes:
        """The digest by which the desk certificate names this key."""
        return hashlib.sha256(self).digest()

    def load(self) -> hpke.MLKEM768X25519PublicKey:
        """Return the key as `cryptography` wants it."""
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(self[:_MLKEM_KEY_LENGTH])
            x25519 = X25519PublicKey.from_public_bytes(self[_MLKEM_KEY_LENGTH:])
        except ValueError:
            raise _not_a_key("these bytes are no desk key") from None
        return hpke.MLKEM768X25519PublicKey(mlkem, x25519)

    def __repr__(self) -> str:
        return f"DeskPublicKey({self.sha256.hex()[:16]})"

    __str__ = __repr__


class DeskPrivateKey:
    """The private X-Wing key of a desk, for opening mail or for storage.

    Its serial form is the 32-byte seed of draft-connolly-cfrg-xwing-kem, section
    5.2, which other implementations read too. It never prints itself and is not
    pickled.
    """

    __slots__ = ("_loaded", "_seed", "public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SECRET_LENGTH:
            raise _not_a_key("the seed of a desk key has 32 bytes")
        expanded = hashlib.shake_256(seed).digest(96)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        self._seed = bytes(seed)
        self._loaded = hpke.MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public = DeskPublicKey(
            mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        )

    def seed(self) -> bytes:
        """Return the secret that this key is made of, for a key store only."""
        return self._seed

    def load(self) -> hpke.MLKEM768X25519PrivateKey:
        """Return the key as `cryptography` wants it."""
        return self._loaded

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeskPrivateKey) and self.public == other.public

    def __hash__(self) -> int:
        return hash(self.public)

    def __repr__(self) -> str:
        return f"DeskPrivateKey(of {self.public!r})"

    def __reduce__(self) -> str:
        raise TypeError("a private key is not pickled")


def generate_desk_key() -> DeskPrivateKey:
    """Return a new key, its seed drawn by OpenSSL."""
    return DeskPrivateKey(AESGCM.generate_key(256))


def seal_to_key(key: DeskPublicKey, purpose: str, context: Sequence[bytes], plaintext: bytes) -> bytes:
    """Return `plaintext` sealed to `key` by HPKE (RFC 9180, base mode): enc, then ciphertext.

    Args:
        key: whoever holds its private half can open.
        purpose: a fixed word of the caller such as "epoch"; no two uses share one.
        context: what the opener must know and agree on, part by part.
        plaintext: what is sealed.

    Raises:
        SealingError: the key has a part to which nothing can be sealed.

    """
    try:
        return _HPKE.encrypt(plaintext, key.load(), _info(purpose, context))
    except ValueError:
        # A low-order X25519 point: OpenSSL refuses the all-zero shared secret (RFC 7748, 6.1).
        raise SealingError(
            "nothing can be sealed to this desk key", where="desk key", reason="unusable-desk-key"
        ) from None


def open_with_key(key: DeskPrivateKey, purpose: str, context: Sequence[bytes], sealed: bytes) -> bytes:
    """Return what `seal_to_key` sealed with the same purpose and context; raise `SealingError`."""
    try:
        return _HPKE.decrypt(sealed, key.load(), _info(purpose, context))
    except (InvalidTag, ValueError):
        raise SealingError(where=f"sealed {purpose}", reason="does-not-open") from None


def length_prefixed(*parts: bytes) -> bytes:
    """Return lp(part) of every part in turn: no two lists of parts give the same bytes."""
    return b"".join([len(part).to_bytes(4) + part for part in parts])


def expand(secret: bytes, info: bytes) -> bytes:
    """Return HKDF-Expand with SHA-256 to 32 bytes, which is one HMAC (RFC 5869, section 2.3)."""
    return hmac.digest(secret, info + b"\x01", "sha256")


def _info(purpose: str, context: Sequence[bytes]) -> bytes:
    return length_prefixed(f"tracepost/v1/{purpose}".encode(), SUITE.encode(), *context)


def _not_a_key(message: str) -> SealingError:
    return SealingError(message, where="desk key", reason="not-a-desk-key")
