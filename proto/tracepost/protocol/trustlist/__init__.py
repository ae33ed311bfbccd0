"""The trust list: who the members are, said by stewards of whom no one alone can change it.

content      what a list says
signatures   how stewards sign
acceptance   when a list is believed, in numbered steps
"""

from __future__ import annotations

from tracepost.protocol.trustlist.acceptance import (
    Freshness,
    TrustList,
    load_first,
    load_first_unsafe,
    load_next,
)
from tracepost.protocol.trustlist.content import (
    HARD_EXPIRY_LIMIT_S,
    Member,
    MemberType,
    Steward,
    TrustContent,
    decode_member,
    decode_steward,
    encode_content,
    encode_member,
    encode_steward,
    end_log_key,
    end_witness_keys,
    fingerprint_of,
    parse_content,
    witness_name,
)
from tracepost.protocol.trustlist.signatures import (
    SignaturePart,
    UntrustedList,
    join,
    parse_list,
    parse_part,
    sign_part,
)

__all__ = [
    "HARD_EXPIRY_LIMIT_S",
    "Freshness",
    "Member",
    "MemberType",
    "SignaturePart",
    "Steward",
    "TrustContent",
    "TrustList",
    "UntrustedList",
    "decode_member",
    "decode_steward",
    "encode_content",
    "encode_member",
    "encode_steward",
    "end_log_key",
    "end_witness_keys",
    "fingerprint_of",
    "join",
    "load_first",
    "load_first_unsafe",
    "load_next",
    "parse_content",
    "parse_list",
    "parse_part",
    "sign_part",
    "witness_name",
]
