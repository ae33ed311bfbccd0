"""The compact form `jws~disclosure~…~` (RFC 9901, 4) and what is shown of a statement."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from tracepost.protocol.statement.steps import FORM, LIMITS
from tracepost.protocol.statement.values import (
    DISCLOSURES_LIMIT,
    STATEMENT_LENGTH_LIMIT,
    Disclosure,
    Statement,
    UntrustedStatement,
)

Shown = TypeVar("Shown", bound=Statement)


def to_compact(statement: Statement, disclosures: Iterable[Disclosure] | None = None) -> str:
    """Return the compact form of a statement with these disclosures, or with all that it has."""
    shown = statement.disclosures if disclosures is None else disclosures
    return "~".join([statement.jws, *(one.encoded for one in shown), ""])


def redact(statement: Shown, keep: Callable[[Disclosure], bool]) -> Shown:
    """Return the statement with only the disclosures that `keep` keeps; its signature stays whole.

    `keep` is asked about the counters too: who keeps `fields` shows how many he dropped.
    """
    return dataclasses.replace(statement, disclosures=tuple(filter(keep, statement.disclosures)))


def parse_compact(text: str) -> UntrustedStatement:
    """Return the parts of a compact form; raise `StatementError` (steps 1 and 2)."""
    if len(text) > STATEMENT_LENGTH_LIMIT:
        raise LIMITS("too-large", "the statement is longer than 4 MiB")
    if text.count("~") > DISCLOSURES_LIMIT + 1:
        raise LIMITS("too-many-disclosures", "the statement has more than 16,384 disclosures")
    jws, *disclosures = text.split("~")
    if not disclosures:
        raise FORM("not-compact", "the statement does not end with a tilde")
    if disclosures.pop():
        raise FORM("key-binding", "after the last tilde stands something; statements have no key binding")
    return from_parts(jws, disclosures)


def from_parts(jws: str, disclosures: Sequence[str]) -> UntrustedStatement:
    """Return a statement put together from parts; raise `StatementError` (steps 1 and 2)."""
    untrusted = UntrustedStatement(jws, tuple(disclosures))
    split_jws(untrusted)
    return untrusted


def split_jws(untrusted: UntrustedStatement) -> tuple[str, str, str]:
    """Return header, payload and signature segment; raise `StatementError` (steps 1 and 2)."""
    _check_limits(untrusted)
    segments = untrusted.jws.split(".")
    if not untrusted.jws.isascii() or len(segments) != 3:
        raise FORM("not-compact", "the statement does not begin with a compact JWS")
    if not all(untrusted.disclosures) or not all(map(str.isascii, untrusted.disclosures)):
        raise FORM("not-compact", "a disclosure is empty or not ASCII")
    header, payload, signature = segments
    return header, payload, signature


def _check_limits(untrusted: UntrustedStatement) -> None:
    if len(untrusted.disclosures) > DISCLOSURES_LIMIT:
        raise LIMITS("too-many-disclosures", "the statement has more than 16,384 disclosures")
    length = len(untrusted.jws) + sum(map(len, untrusted.disclosures)) + len(untrusted.disclosures) + 1
    if length > STATEMENT_LENGTH_LIMIT:
        raise LIMITS("too-large", "the statement is longer than 4 MiB")
