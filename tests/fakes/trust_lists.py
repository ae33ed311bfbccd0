"""Trust lists of a few states, one after the other, by one steward."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from fakes.casefiles import NOW
from fakes.pki import DOMAIN
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import (
    Member,
    MemberType,
    Steward,
    TrustContent,
    encode_content,
    join,
    sign_part,
)


def list_of(number: int, roots: dict[str, bytes], steward: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a trust list of these members by one steward."""
    members = tuple(
        Member(MemberId(name), MemberType.STATE, (root,), (), ("law_enforcement",), bytes(32))
        for name, root in roots.items()
    )
    keepers = (Steward.of_key("one", steward.public_key()),)
    times = (NOW, NOW + 30 * 86400, NOW + 180 * 86400)
    payload = encode_content(TrustContent(number, *times, DOMAIN, members, keepers))
    return join(payload, [sign_part(payload, "one", steward)])
