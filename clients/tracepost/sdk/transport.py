"""The way to the node: gRPC over mutual TLS 1.3, the node named by its certificate.

The address says where to dial; who answers is judged by the name
`node.<member>.<domain>` in the certificate, so a node may move without new papers.
"""

from __future__ import annotations

import json
import os

# gRPC has no switch for "TLS 1.3 only". A TLS 1.2 suite for RSA, which no certificate of
# ours can use (all are P-256), ends every 1.2 handshake and leaves 1.3 untouched. It is
# read when gRPC starts, hence before the import.
os.environ["GRPC_SSL_CIPHER_SUITES"] = "ECDHE-RSA-AES256-GCM-SHA384"

import grpc
import grpc.aio

from tracepost.protocol.ids import MemberId
from tracepost.sdk.papers import OfficerPapers

MESSAGE_LIMIT_BYTES = 64 * 1024 * 1024
_RETRY_UNAVAILABLE = {
    "maxAttempts": 5,
    "initialBackoff": "0.2s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
_SERVICE = "tracepost.wire.v1.Desk"
_ONCE = ("DecideHeld", "DecidePolicy", "DeleteStatements", "ProposePolicy", "PublishCase")
"""Not safe to repeat when an answer was lost: it would ask for a second deletion, tell sources twice, or be refused
because it is done. Who called is told, and looks."""
# The rest is safe: every draft carries an idempotency key, all else reads or sets. A node that has too much in hand
# says `busy` and for how long to stay away, which gRPC keeps to.
_SERVICE_CONFIG = {
    "methodConfig": [
        {"name": [{"service": _SERVICE}], "retryPolicy": _RETRY_UNAVAILABLE},
        {"name": [{"service": _SERVICE, "method": method} for method in _ONCE]},
    ]
}


def node_name(member: MemberId, domain: str) -> str:
    """Return the DNS name that the certificate of a member's node carries."""
    return f"node.{member}.{domain}"


def open_channel(address: str, server_name: str, papers: OfficerPapers) -> grpc.aio.Channel:
    """Return a channel to `address` (host:port) where `server_name` must answer; nothing is dialled yet."""
    credentials = grpc.ssl_channel_credentials(
        root_certificates=papers.root, private_key=papers.key, certificate_chain=papers.certificate_chain
    )
    return grpc.aio.secure_channel(address, credentials, options=_options(server_name))


def _options(server_name: str) -> list[tuple[str, str | int]]:
    return [
        ("grpc.ssl_target_name_override", server_name),
        ("grpc.default_authority", server_name),
        ("grpc.max_send_message_length", MESSAGE_LIMIT_BYTES),
        ("grpc.max_receive_message_length", MESSAGE_LIMIT_BYTES),
        ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
        # Fork-free programs only: one channel, one owner.
        ("grpc.use_local_subchannel_pool", 1),
    ]
