"""Errors of the tree as gRPC statuses, in both directions."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, Final, NoReturn

import grpc

from tracepost.protocol.errors import TracepostError
from tracepost.protocol.problems import METADATA_KEY, decode_problem, encode_problem
from tracepost.serving.limits import OVERLOAD

_COME_AGAIN: Final = "grpc-retry-pushback-ms"
_LEAST_WAIT_MS: Final = 500


def status_of(error: TracepostError) -> grpc.StatusCode:
    """Return the gRPC status under which `error` ends a call."""
    return grpc.StatusCode[error.grpc_status]


async def refuse(context: grpc.aio.ServicerContext[Any, Any], error: TracepostError) -> NoReturn:
    """End the call of `context` with the status of `error` and its `Problem` in the trailing metadata."""
    told: tuple[tuple[str, str | bytes], ...] = ((METADATA_KEY, encode_problem(error)),)
    if error.reason == OVERLOAD:
        # Clients of gRPC that try again by themselves wait so long; not all of them the same.
        told = (*told, (_COME_AGAIN, str(_LEAST_WAIT_MS + secrets.randbelow(_LEAST_WAIT_MS))))
    await context.abort(status_of(error), error.message, told)


def error_of_call(error: grpc.aio.AioRpcError) -> TracepostError:
    """Return the error of the tree that ended a call we made."""
    return error_of_end(error.code(), error.trailing_metadata())


def error_of_end(code: grpc.StatusCode, metadata: Iterable[tuple[str, str | bytes]] | None) -> TracepostError:
    """Return the error of the tree that this status and trailing metadata of a call stand for."""
    problems = [value for key, value in metadata or () if key == METADATA_KEY and isinstance(value, bytes)]
    return decode_problem(problems[0] if problems else None, code.name)
