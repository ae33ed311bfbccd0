"""How a refused call becomes one of our errors; nothing of gRPC leaves the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import grpc.aio

from tracepost.protocol.errors import ConfigurationError, TracepostError
from tracepost.protocol.problems import METADATA_KEY, decode_problem


@contextmanager
def our_errors(address: str) -> Iterator[None]:
    """Turn what gRPC raises inside the block into errors of ours; `address` is named in them."""
    try:
        yield
    except grpc.aio.AioRpcError as fault:
        raise as_our_error(fault, address) from fault


def as_our_error(fault: grpc.aio.AioRpcError, address: str) -> TracepostError:
    """Return the error that the node told; the class of the status when the node could not tell."""
    status = fault.code()
    for key, value in fault.trailing_metadata() or ():
        if key == METADATA_KEY and isinstance(value, bytes):
            return decode_problem(value, status.name)
    if status is grpc.StatusCode.UNIMPLEMENTED:
        return ConfigurationError(
            "The node does not know this call.", where=address, remedy="Bring it up to date."
        )
    # Without a Problem the words are the gRPC library's own, about the connection.
    return type(decode_problem(None, status.name))(where=f"{address}: {fault.details() or status.name}")
