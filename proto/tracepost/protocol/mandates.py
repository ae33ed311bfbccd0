"""Whether a host State's mandate covers what a peace operation does in its name (seed 000 §28(h)).

    use = MandateUse(host, operation, "trace.request/1", "PURPOSE_EMBARGO_MONITORING", {"xab"}, "2026-06-30")
    find_gap(mandate, MemberId("xad"), use)           # "" or a code of what it does not cover

A mandate is a statement of the host, shown to those who are asked. It counts from its first to its last day,
for the acts, purposes and addressees that it names, until the host ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tracepost.protocol.ids import MemberId, StatementDigest, encode_b64
from tracepost.wire.v1 import mandate_pb2, terms_pb2

KIND = "mandate/1"

ACTS: Mapping[str, mandate_pb2.MandatedAct] = MappingProxyType(
    {"trace.request/1": mandate_pb2.MANDATED_ACT_REQUEST_TRACES}
)
"""Kind of a statement → what its author must be allowed to do."""


@dataclass(frozen=True, slots=True)
class MandateUse:
    """What `operation` says in the name of `host`: a statement of `kind`, for the `Purpose` of this name.

    `day` is that of its signing, YYYY-MM-DD.
    """

    host: MemberId
    operation: MemberId
    kind: str
    purpose: str
    to: frozenset[MemberId]
    day: str


def find_gap(mandate: mandate_pb2.Mandate, issuer: MemberId, use: MandateUse) -> str:
    """Return the code of what `use` does that the mandate of `issuer` does not cover; empty, if it covers all.

    Codes: other-mandate, not-yet, mandate-over, other-act, other-purpose, other-addressee.
    """
    granted = mandate.step == mandate_pb2.MANDATE_STEP_GRANTED
    if not granted or issuer != use.host or mandate.operation != use.operation:
        return "other-mandate"
    purposes = {terms_pb2.Purpose.Name(one) for one in mandate.purposes}
    gaps = {
        "not-yet": not mandate.valid_from or use.day < mandate.valid_from,
        "mandate-over": not mandate.valid_until or use.day > mandate.valid_until,
        "other-act": ACTS.get(use.kind) not in mandate.acts,
        "other-purpose": use.purpose not in purposes,
        "other-addressee": mandate.may_address and not use.to <= set(mandate.may_address),
    }
    return next((code for code, found in gaps.items() if found), "")


def is_ended(
    digest: StatementDigest, host: MemberId, said: Iterable[tuple[MemberId, mandate_pb2.Mandate]]
) -> bool:
    """Say whether the host has ended the mandate `digest`, by what was said of mandates and by whom."""
    ended, text = mandate_pb2.MANDATE_STEP_ENDED, encode_b64(digest)
    return any(iss == host and one.step == ended and one.ends_digest == text for iss, one in said)
