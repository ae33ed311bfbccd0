"""How a console says for whom it asks: entries in the metadata of a call.

`OFFICER_METADATA` stands once for each certificate, DER: the officer's, then what stands between it and the root.
A node takes it from a certificate of role `console` only (docs/adr/0028).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cryptography import x509

from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.errors import IdentityError, PermissionError_
from tracepost.protocol.identity import MAX_INTERMEDIATES, Identity, Role

OFFICER_METADATA: Final = "tracepost-officer-bin"


def read_officer(metadata: Iterable[tuple[str, str | bytes]]) -> tuple[x509.Certificate, ...]:
    """Return the certificates that a call carries, leaf first; none, if it carries none. They prove nothing yet.

    Raises:
        IdentityError: they are too many, or one of them cannot be read.
    """
    carried = [value for name, value in metadata if name == OFFICER_METADATA]
    if len(carried) > 1 + MAX_INTERMEDIATES or not all(isinstance(one, bytes) for one in carried):
        raise IdentityError(
            "the call carries too many certificates", where=OFFICER_METADATA, reason="chain-too-deep"
        )
    return tuple(load_certificate(one) for one in carried if isinstance(one, bytes))


def check_carrier(carrier: Identity) -> None:
    """Raise `PermissionError_`, unless `carrier` may ask for others: a console."""
    if carrier.role is not Role.CONSOLE:
        raise PermissionError_("only a console asks for others", where=OFFICER_METADATA, reason="no-console")


def check_carried(carrier: Identity, officer: Identity) -> None:
    """Raise `PermissionError_`, unless the console `carrier` may ask for `officer`: one of its own member."""
    if officer.role is not Role.OFFICER or officer.member != carrier.member:
        raise PermissionError_(
            "a console asks for officers of its own member", where=OFFICER_METADATA, reason="not-its-officer"
        )
