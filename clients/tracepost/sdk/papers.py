"""An officer's papers: the certificate, its key, and the root of the own member.

The key file may be encrypted; it is opened in memory only and never shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tracepost.protocol.errors import ConfigurationError

AskPassphrase = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class OfficerPapers:
    """What proves the officer to the node, and the node to the officer (PEM).

    Args:
        certificate_chain: the officer's certificate, then the intermediates.
        key: the private key of the certificate, not encrypted.
        root: the root certificate of the own member.
    """

    certificate_chain: bytes
    key: bytes = field(repr=False)
    root: bytes

    @classmethod
    def read(
        cls, certificate: Path, key: Path, root: Path, ask_passphrase: AskPassphrase | None = None
    ) -> OfficerPapers:
        """Return the papers of three files; raise `ConfigurationError` naming the file that is not right.

        Args:
            certificate: PEM file, leaf first.
            key: PEM file of a PKCS #8 key.
            root: PEM file.
            ask_passphrase: called only when the key file is encrypted.
        """
        chain = _read(certificate)
        papers = cls(chain, _open_key(_read(key), key, ask_passphrase), _read(root))
        _check(papers, certificate, key, root)
        return papers

    def certificates(self) -> list[x509.Certificate]:
        """Return the chain, leaf first."""
        return x509.load_pem_x509_certificates(self.certificate_chain)

    def roots(self) -> list[x509.Certificate]:
        """Return the root, or the roots while one replaces another."""
        return x509.load_pem_x509_certificates(self.root)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise ConfigurationError(
            "A file that the profile names cannot be read.",
            where=str(path),
            remedy="Correct the profile, or copy the file to this place.",
        ) from fault


def _open_key(pem: bytes, path: Path, ask_passphrase: AskPassphrase | None) -> bytes:
    encrypted = b"ENCRYPTED" in pem
    if encrypted and ask_passphrase is None:
        raise ConfigurationError("The key file is encrypted and no passphrase was given.", where=str(path))
    passphrase = ask_passphrase() if encrypted and ask_passphrase is not None else None
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError) as fault:
        raise ConfigurationError(
            "The key file does not open.", where=str(path), remedy="Check the passphrase and the file."
        ) from fault
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _check(papers: OfficerPapers, certificate: Path, key: Path, root: Path) -> None:
    for path, pem in ((certificate, papers.certificate_chain), (root, papers.root)):
        try:
            x509.load_pem_x509_certificates(pem)
        except ValueError as fault:
            raise ConfigurationError("The file holds no PEM certificate.", where=str(path)) from fault
    private = serialization.load_pem_private_key(papers.key, None)
    if private.public_key() != papers.certificates()[0].public_key():
        raise ConfigurationError("The key is not the key of the certificate.", where=str(key))
