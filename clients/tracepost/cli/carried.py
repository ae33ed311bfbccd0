"""Papers that an operator carries in by hand, looked at before a daemon depends on them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tracepost.cli.files import read_bytes
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.identity import load_chain


def read_chain(path: Path) -> bytes:
    """Return a chain as PEM without its root, which stands in the trust list; raise `IdentityError`."""
    chain = load_chain(read_bytes(path))
    kept = [one for one in chain if one.issuer != one.subject] or chain
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in kept)


def read_crl(path: Path, ours: Iterable[x509.Certificate]) -> bytes:
    """Return a revocation list (DER); raise `InvalidInputError` unless it names the authority of `ours`.

    Its signature is verified by the daemon that takes it; a daemon would not start with another file.
    """
    data = read_bytes(path)
    try:
        issuer = x509.load_der_x509_crl(data).issuer
    except ValueError as fault:
        raise InvalidInputError(_("The file holds no revocation list (DER)."), where=str(path)) from fault
    if all(issuer != certificate.issuer for certificate in ours):
        raise InvalidInputError(_("The revocation list is of another authority."), where=str(path))
    return data
