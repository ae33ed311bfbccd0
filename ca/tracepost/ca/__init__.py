"""A member's certification authority: certificates, revocations, its part of the trust list.

authority = init_authority(directory, passphrase, member="xaa", domain="tracepost.example")
token = authority.new_token(node_profile())
await serve(authority, "0.0.0.0:7441", stop=stop)      # service.py; or by files:
challenge = authority.begin_for(desk_profile("poc"), request, desk_key)
chain = authority.finish(challenge.session, nonce)
authority.revoke(chain[0].serial_number, "superseded")
"""

from __future__ import annotations

import tracepost.serving  # noqa: F401 - before anything here imports grpc: it leaves TLS 1.3 only
from tracepost.ca.authority import Authority
from tracepost.ca.founding import init_authority, open_authority, restore_authority
from tracepost.ca.keystore import (
    Passphrase,
    passphrase_from_descriptor,
    passphrase_from_file,
    passphrase_from_prompt,
)
from tracepost.ca.profile import (
    Lifetimes,
    Profile,
    console_profile,
    desk_profile,
    node_profile,
    officer_profile,
    statement_profile,
)
from tracepost.ca.revocation import REASONS
from tracepost.ca.stewards import create_steward, export_trust_part, load_steward, sign_trust_list

__all__ = [
    "REASONS",
    "Authority",
    "Lifetimes",
    "Passphrase",
    "Profile",
    "console_profile",
    "create_steward",
    "desk_profile",
    "export_trust_part",
    "init_authority",
    "load_steward",
    "node_profile",
    "officer_profile",
    "open_authority",
    "passphrase_from_descriptor",
    "passphrase_from_file",
    "passphrase_from_prompt",
    "restore_authority",
    "sign_trust_list",
    "statement_profile",
]
