"""Where an authority's and a steward's private keys rest: PKCS #8 under a passphrase.

The file is plain RFC 5958 / RFC 8018: PBES2 with scrypt (RFC 7914, N = 2^14, r = 8, p = 5)
and AES-256-CBC, so `openssl pkey -in root.key.pem` opens it with the same passphrase. It
is written here because `cryptography` writes PBKDF2 with 2,048 rounds only, too cheap to
guess against for a key that rules ten years.

A passphrase comes from a file, an open file descriptor or a prompt, never from the command
line or an environment variable: both are shown to every process of the machine.

Not done here: keys in hardware (PKCS #11 comes with a later issue).
"""

from __future__ import annotations

import base64
import getpass
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7

from tracepost.protocol.errors import ConfigurationError

Random = Callable[[int], bytes]

_SCRYPT_N: Final = 2**14
_SCRYPT_R: Final = 8
_SCRYPT_P: Final = 5
_MIN_PASSPHRASE_BYTES: Final = 12
_MAX_PASSPHRASE_BYTES: Final = 1024
_PBES2: Final = x509.ObjectIdentifier("1.2.840.113549.1.5.13")
_SCRYPT: Final = x509.ObjectIdentifier("1.3.6.1.4.1.11591.4.11")
_AES_256_CBC: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.1.42")


class Passphrase:
    """A passphrase that does not show itself in logs, tracebacks or repr."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if not _MIN_PASSPHRASE_BYTES <= len(secret) <= _MAX_PASSPHRASE_BYTES:
            raise ConfigurationError(
                f"a passphrase has at least {_MIN_PASSPHRASE_BYTES} bytes",
                where="passphrase",
                reason="passphrase-short",
            )
        self._secret = secret

    def __repr__(self) -> str:
        return "<Passphrase>"

    def reveal(self) -> bytes:
        """Return the bytes, for a key derivation and nothing else."""
        return self._secret


def passphrase_from_file(path: Path) -> Passphrase:
    """Read the first line of a file that only its owner may read; raise `ConfigurationError`."""
    # systemd guards the folder of its credentials itself; an ACL there shows as group bits in the mode.
    guarded = str(path.parent) == os.environ.get("CREDENTIALS_DIRECTORY")
    try:
        with path.open("rb") as file:
            if not guarded and os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise ConfigurationError(
                    "others may read the passphrase file",
                    where="passphrase file",
                    reason="passphrase-readable",
                    remedy="Take the permissions of group and others away: chmod 600.",
                )
            return _first_line(file.read(_MAX_PASSPHRASE_BYTES + 2))
    except OSError:
        raise ConfigurationError(
            "the passphrase file cannot be read", where="passphrase file", reason="passphrase-missing"
        ) from None


def passphrase_from_descriptor(descriptor: int) -> Passphrase:
    """Read the first line from an open file descriptor, such as a pipe of the starting program."""
    try:
        with os.fdopen(descriptor, "rb") as file:
            return _first_line(file.readline(_MAX_PASSPHRASE_BYTES + 2))
    except OSError:
        raise ConfigurationError(
            "the passphrase descriptor cannot be read",
            where="passphrase descriptor",
            reason="passphrase-missing",
        ) from None


def passphrase_from_prompt(prompt: str, *, ask: Callable[[str], str] = getpass.getpass) -> Passphrase:
    """Ask a person at the terminal, without echo."""
    return Passphrase(ask(prompt).encode())


def protect_key(
    key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey, passphrase: Passphrase, random: Random
) -> bytes:
    """Return the private key as PEM, PKCS #8 encrypted under the passphrase."""
    salt, nonce = random(16), random(16)
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES256(_derive(passphrase, salt)), modes.CBC(nonce)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    der = asn1.encode_der(_EncryptedKey(algorithm=_scheme(salt, nonce), data=sealed))
    return _to_pem(der)


def open_key(pem: bytes, passphrase: Passphrase) -> ec.EllipticCurvePrivateKey:
    """Return the private key; raise `ConfigurationError` if the passphrase or the file is wrong."""
    try:
        key = serialization.load_pem_private_key(pem, passphrase.reveal())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigurationError(
            "the key file does not open with this passphrase", where="key file", reason="passphrase-wrong"
        )
    return key


def generate_key() -> ec.EllipticCurvePrivateKey:
    """Return a new P-256 key: what roots, stewards and servers sign with."""
    return ec.generate_private_key(ec.SECP256R1())


class RootKey:
    """The key of an authority's root, or its absence: an authority can look while it is locked."""

    __slots__ = ("_key",)

    def __init__(self, key: ec.EllipticCurvePrivateKey | None) -> None:
        self._key = key

    def unlocked(self) -> ec.EllipticCurvePrivateKey:
        """Return the key, to sign with; raise `ConfigurationError` if it is locked."""
        if self._key is None:
            raise ConfigurationError(
                "the root key is locked",
                where="root key",
                reason="root-locked",
                remedy="Open the authority with its passphrase: --passphrase-file FILE.",
            )
        return self._key


@asn1.sequence
class _ScryptParameters:
    salt: bytes
    cost: int
    block_size: int
    parallel: int


@asn1.sequence
class _KeyDerivation:
    algorithm: x509.ObjectIdentifier
    parameters: _ScryptParameters


@asn1.sequence
class _Encryption:
    algorithm: x509.ObjectIdentifier
    nonce: bytes


@asn1.sequence
class _Pbes2Parameters:
    derivation: _KeyDerivation
    encryption: _Encryption


@asn1.sequence
class _Pbes2:
    algorithm: x509.ObjectIdentifier
    parameters: _Pbes2Parameters


@asn1.sequence
class _EncryptedKey:
    algorithm: _Pbes2
    data: bytes


def _scheme(salt: bytes, nonce: bytes) -> _Pbes2:
    scrypt = _ScryptParameters(salt=salt, cost=_SCRYPT_N, block_size=_SCRYPT_R, parallel=_SCRYPT_P)
    return _Pbes2(
        algorithm=_PBES2,
        parameters=_Pbes2Parameters(
            derivation=_KeyDerivation(algorithm=_SCRYPT, parameters=scrypt),
            encryption=_Encryption(algorithm=_AES_256_CBC, nonce=nonce),
        ),
    )


def _derive(passphrase: Passphrase, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P).derive(passphrase.reveal())


def _to_pem(der: bytes) -> bytes:
    label = "ENCRYPTED PRIVATE KEY"
    text = base64.b64encode(der).decode("ascii")
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode("ascii")


def _first_line(data: bytes) -> Passphrase:
    return Passphrase(data.split(b"\n", 1)[0].rstrip(b"\r"))
