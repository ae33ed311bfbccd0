"""How a refused call becomes one of our errors; nothing of gRPC leaves the SDK.

A call that did not come through is an `UnreachableError`. Its reason is who was called and what happened:

    node-silent      nobody answers at the address; nothing was sent
    node-closed      the connection was ended before the first call: a node that does not take our
                     certificate says no more in TLS 1.3, and one that is stopping neither
    node-unproved    who answers does not prove to be the node
    node-cut         the answer is missing; the call may have been done

and the same for an authority, but for `closed`: to it no certificate is shown.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import grpc.aio

from tracepost.protocol.errors import ConfigurationError, TracepostError, UnreachableError
from tracepost.protocol.problems import METADATA_KEY, decode_problem


class Far(enum.StrEnum):
    """Who is called."""

    NODE = "node"
    AUTHORITY = "authority"


# How gRPC tells it: in words only. Those that are not known here are told as "silent" or "cut".
UNKNOWN_CALL = "unknown-call"
"""Reason of the error that says: who was asked is older than the call."""
_NOT_CONNECTED = "failed to connect to all addresses"
_UNPROVED = ("CERTIFICATE_VERIFY_FAILED", "Hostname Verification", "not in peer certificate")
_CLOSED = ("Socket closed", "Connection reset", "Broken pipe")


@contextmanager
def our_errors(address: str, far: Far = Far.NODE) -> Iterator[None]:
    """Turn what gRPC raises inside the block into errors of ours; `address` is named in them."""
    try:
        yield
    except grpc.aio.AioRpcError as fault:
        raise as_our_error(fault, address, far) from fault


def as_our_error(fault: grpc.aio.AioRpcError, address: str, far: Far = Far.NODE) -> TracepostError:
    """Return the error that the other side told; the class of the status when it could not tell."""
    status = fault.code()
    for key, value in fault.trailing_metadata() or ():
        if key == METADATA_KEY and isinstance(value, bytes):
            return decode_problem(value, status.name)
    if status is grpc.StatusCode.UNIMPLEMENTED:
        return ConfigurationError(
            f"The {far} does not know this call.",
            where=address,
            reason=UNKNOWN_CALL,
            remedy="Bring it up to date.",
        )
    # Without a Problem the words are the gRPC library's own, about the connection.
    details = fault.details() or status.name
    kind, where = type(decode_problem(None, status.name)), f"{address}: {details}"
    return _unreachable(details, where, far) if kind is UnreachableError else kind(where=where)


def _unreachable(details: str, where: str, far: Far) -> UnreachableError:
    if any(words in details for words in _UNPROVED):
        message = f"Who answers there does not prove to be the {far}."
        return UnreachableError(message, where=where, reason=f"{far}-unproved")
    if _NOT_CONNECTED not in details:
        return UnreachableError(f"The {far} gave no answer.", where=where, reason=f"{far}-cut")
    if far is Far.NODE and any(words in details for words in _CLOSED):
        message = "The node ended the connection before the first call."
        return UnreachableError(message, where=where, reason="node-closed")
    return UnreachableError(where=where, reason=f"{far}-silent")
