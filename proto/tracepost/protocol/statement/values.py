"""What a statement consists of, and the types that say how far it is believed.

`UntrustedStatement` is text that somebody sent. `Statement` was made here;
`VerifiedStatement` came from its issuer to its reader, `VerifiedExhibit` was shown by
somebody else. The last two come only from `verify` and `verify_exhibit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, ThreadId
from tracepost.protocol.schema import Field, JsonValue, Sensitivity

COUNTER_PATH = "fields"
"""Claim name of the disclosure with which a group counts its others."""

STATEMENT_TYPE = "tracepost+sd-jwt"
STATEMENT_LENGTH_LIMIT = 4 * 1024 * 1024
DISCLOSURES_LIMIT = 16_384
AUDIENCE_LIMIT = 64
CLOCK_TOLERANCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction on use (ITI 15), in clear so that every holder knows it.

    `code` is a name of the wire enum RestrictionCode, `until` a day (YYYY-MM-DD). `field_paths`, sorted and each
    once, are the fields that it binds, each with all below it; none: it binds the whole statement.
    """

    code: str
    until: str | None = None
    detail: str | None = None
    field_paths: tuple[str, ...] = ()

    def binds(self, path: str) -> bool:
        """Say whether it binds the field at `path`."""
        above = (path == one or path.startswith(f"{one}.") for one in self.field_paths)
        return not self.field_paths or any(above)

    def lifted(self, place: str) -> Restriction:
        """Return it as it binds a statement that encloses, at `place`, the one that it was laid on.

        Paths are those of the statement inside; outside, what they are in stands for them.
        """
        return replace(self, field_paths=(place,)) if self.field_paths else self


@dataclass(frozen=True, slots=True)
class Claims:
    """What a statement says in clear: who, to whom, when, about which case, under which rules.

    `iat` is in unix seconds; `jti` a UUIDv7; `purpose` and `legal_basis` are code names;
    `suite` names every signature required.
    """

    iss: MemberId
    aud: tuple[MemberId, ...]
    iat: int
    jti: str
    kind: str
    thread: ThreadId
    in_reply_to: StatementDigest | None
    desk: DeskId
    purpose: str
    legal_basis: str
    restrictions: tuple[Restriction, ...] = ()
    exercise: bool = False
    suite: str = "ES256"


class Disclosure(NamedTuple):
    """One field as it travels (`encoded`, base64url), and what it discloses in which group."""

    encoded: str
    path: str
    value: JsonValue
    sensitivity: Sensitivity

    def __repr__(self) -> str:
        return f"Disclosure(path={self.path!r}, sensitivity={self.sensitivity!r})"

    @property
    def is_counter(self) -> bool:
        """Whether this is the group's count of its fields and not a field."""
        return self.path == COUNTER_PATH


make_disclosure: Callable[[Iterable[object]], Disclosure] = partial(tuple.__new__, Disclosure)
"""Makes a disclosure of its four members, in their order; there are many in a statement."""


class Count(NamedTuple):
    """How many fields of a class are shown, of how many; None if the counter is not shown."""

    shown: int
    total: int | None


class UnknownGroup(NamedTuple):
    """A class that is not known here, and how many fields it has, none of which is shown.

    `fields` is None if its counter did not come.
    """

    name: str
    fields: int | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A signed statement with the disclosures that are shown; `classes` are all that were signed.

    `unknown` are the classes beside them that are not known here.
    """

    jws: str = field(repr=False)
    claims: Claims
    digest: StatementDigest
    disclosures: tuple[Disclosure, ...] = field(repr=False)
    certificate_sha256: bytes
    classes: tuple[Sensitivity, ...]
    unknown: tuple[UnknownGroup, ...] = ()

    def fields(self) -> list[Field]:
        """Return the disclosed fields with their signed classes, without the counters."""
        return [
            Field(path, sensitivity, value)
            for _, path, value, sensitivity in self.disclosures
            if path != COUNTER_PATH
        ]

    def counts(self) -> dict[Sensitivity, Count]:
        """Return for each signed class how much of it is shown."""
        shown = dict.fromkeys(self.classes, 0)
        totals: dict[Sensitivity, int] = {}
        for _, path, value, sensitivity in self.disclosures:
            if path != COUNTER_PATH:
                shown[sensitivity] += 1
            elif isinstance(value, int):
                totals[sensitivity] = value
        return {sensitivity: Count(shown[sensitivity], totals.get(sensitivity)) for sensitivity in shown}

    def complete_classes(self) -> frozenset[Sensitivity]:
        """Return the classes of which every field is provably shown."""
        counts = self.counts().items()
        return frozenset(sensitivity for sensitivity, count in counts if count.shown == count.total)


@dataclass(frozen=True, slots=True)
class VerifiedStatement(Statement):
    """A statement that its issuer made for this reader."""

    def ahead_of(self, now: int) -> bool:
        """Return whether the issuer's clock is so far ahead of `now` (unix seconds) that mail is held."""
        return self.claims.iat > now + CLOCK_TOLERANCE_SECONDS


@dataclass(frozen=True, slots=True)
class VerifiedExhibit(Statement):
    """A statement that its issuer made and that somebody else shows; it may be addressed to others."""


@dataclass(frozen=True, slots=True)
class UntrustedStatement:
    """Text in the form of a statement; nothing it says is believed."""

    jws: str = field(repr=False)
    disclosures: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnverifiedHeader:
    """What an untrusted statement says of itself, to find the certificate that may prove it."""

    certificate_sha256: bytes
    digest: StatementDigest
