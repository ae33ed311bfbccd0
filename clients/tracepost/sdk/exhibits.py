"""Statements of others inside a referral or a share: what they say, taken out of their signed form.

The node has proved the signer before it shows an exhibit; here only the form and the
signature are checked again. `tracepost verify` proves all of it without a node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message

from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.errors import StatementError, TracepostError
from tracepost.protocol.schema import KINDS, Field, Sensitivity, assemble
from tracepost.protocol.statement import (
    Claims,
    Count,
    UntrustedStatement,
    VerifiedExhibit,
    peek_issuer,
    verify_exhibit,
)
from tracepost.wire.v1 import share_pb2

DEPTH: Final = 8
"""Of statements within statements: as deep as the wire schema lets them be."""


@dataclass(frozen=True, slots=True)
class ReadExhibit:
    """What an exhibit shows.

    Args:
        claims: who said it, to whom, when, for what use.
        message: what is disclosed of it; None when this version does not know the kind.
        unknown: fields of a newer version.
        counts: of each class, how many fields are shown of how many.
    """

    claims: Claims
    message: Message | None
    unknown: tuple[Field, ...]
    counts: dict[Sensitivity, Count]


def read_exhibit(exhibit: share_pb2.Exhibit) -> ReadExhibit:
    """Return what `exhibit` shows; raise `StatementError` when its signature does not hold."""
    verified = prove_exhibit(exhibit)
    if verified.claims.kind not in KINDS:
        return ReadExhibit(verified.claims, None, tuple(verified.fields()), verified.counts())
    assembled = assemble(verified.claims.kind, verified.fields())
    return ReadExhibit(verified.claims, assembled.message, assembled.unknown, verified.counts())


def prove_exhibit(exhibit: share_pb2.Exhibit) -> VerifiedExhibit:
    """Return the statement that `exhibit` is of; raise `StatementError` when its signature does not hold."""
    if not exhibit.issuer_certificates:
        raise StatementError("an exhibit comes without its signer", where="exhibits", reason="no-signer")
    untrusted = UntrustedStatement(exhibit.jws, _disclosures(exhibit))
    return verify_exhibit(
        untrusted, load_certificate(exhibit.issuer_certificates[0]), issuer=peek_issuer(untrusted)
    )


def enclosed_in(message: Any, depth: int = DEPTH) -> Iterator[ReadExhibit]:
    """Yield what a message encloses, and behind each what that encloses; nothing of what cannot be read."""
    for exhibit in getattr(message, "exhibits", ()) if depth else ():
        try:
            read = read_exhibit(exhibit)
        except TracepostError:  # who shows the message says what is wrong with it
            continue
        yield read
        yield from enclosed_in(read.message, depth - 1)


def _disclosures(exhibit: share_pb2.Exhibit) -> tuple[str, ...]:
    return tuple(text for one in Sensitivity for text in getattr(exhibit, f"{one.value.lower()}_disclosures"))
