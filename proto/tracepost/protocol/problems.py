"""Errors as they travel: a wire `Problem` made from an error of the tree, and back again.

A refused call ends with a gRPC status and a serialized `Problem` in the trailing
metadata `METADATA_KEY`. What comes back from another member is not trusted: codes
that this version does not know fall back to the class of the status, words are cut to
the limits of the schema and control characters are dropped, so that a foreign node
cannot write escape sequences to an officer's terminal.

    decode_problem(encode_problem(QuotaError()), "RESOURCE_EXHAUSTED")   # a QuotaError again
"""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.message import DecodeError

from tracepost.protocol.errors import (
    BusyError,
    ConfigurationError,
    ConflictError,
    IdentityError,
    InternalError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    PermissionError_,
    TracepostError,
    UnreachableError,
    all_errors,
)
from tracepost.wire.v1.post_pb2 import Problem

METADATA_KEY = "tracepost-problem-bin"

_CODE_LIMIT = 60
_WORDS_LIMIT = 1000
_WHERE_LIMIT = 400
_ENCODED_LIMIT = 8192
_MEMBER_LIMIT = 40
_MEMBERS_LIMIT = 64

_BY_CODE: dict[str, type[TracepostError]] = {kind.code: kind for kind in all_errors()}

_BY_STATUS: dict[str, type[TracepostError]] = {
    "INVALID_ARGUMENT": InvalidInputError,
    "OUT_OF_RANGE": InvalidInputError,
    "UNAUTHENTICATED": IdentityError,
    "PERMISSION_DENIED": PermissionError_,
    "NOT_FOUND": NotFoundError,
    "UNIMPLEMENTED": NotFoundError,
    "ALREADY_EXISTS": ConflictError,
    "ABORTED": BusyError,
    "RESOURCE_EXHAUSTED": LimitError,
    "FAILED_PRECONDITION": ConfigurationError,
    "UNAVAILABLE": UnreachableError,
    "DEADLINE_EXCEEDED": UnreachableError,
    "CANCELLED": UnreachableError,
}


def make_problem(error: TracepostError) -> Problem:
    """Return the wire form of `error`: code, words, place, remedy and reason, never a value."""
    return Problem(
        code=error.code,
        words=_clean(error.message, _WORDS_LIMIT),
        where=_clean(error.where, _WHERE_LIMIT),
        remedy=_clean(error.what_to_do, _WORDS_LIMIT),
        reason=_clean(error.reason, _CODE_LIMIT),
        members=_clean_members(error.members) if isinstance(error, PermissionError_) else (),
    )


def encode_problem(error: TracepostError) -> bytes:
    """Return `error` as the bytes of the trailing metadata `METADATA_KEY`."""
    return make_problem(error).SerializeToString()


def read_problem(problem: Problem) -> TracepostError:
    """Return the error that a peer's `problem` stands for; a code unknown here is an `InternalError`."""
    return _rebuild(problem, InternalError)


def decode_problem(data: bytes | None, status: str) -> TracepostError:
    """Return the error of a call that ended with gRPC `status` (its name) and this metadata.

    Args:
        data: value of the trailing metadata, or None where there was none.
        status: name of the gRPC status, such as "UNAVAILABLE".
    """
    if data is None and status == "INTERNAL":
        # A member says it with a Problem; without, it is gRPC's own word for a stream that ended under a write.
        return UnreachableError(reason="stream-ended")
    fallback = _BY_STATUS.get(status, InternalError)
    if data is None or len(data) > _ENCODED_LIMIT:
        return fallback()
    try:
        problem = Problem.FromString(data)
    except DecodeError:
        return fallback()
    return _rebuild(problem, fallback)


def error_class(code: str) -> type[TracepostError] | None:
    """Return the class of the tree with this stable `code`, or None where this version has none."""
    return _BY_CODE.get(code)


def _rebuild(problem: Problem, fallback: type[TracepostError]) -> TracepostError:
    kind = _BY_CODE.get(problem.code, fallback)
    error = kind(
        _clean(problem.words, _WORDS_LIMIT),
        where=_clean(problem.where, _WHERE_LIMIT),
        reason=_clean(problem.reason, _CODE_LIMIT),
        remedy=_clean(problem.remedy, _WORDS_LIMIT),
    )
    if isinstance(error, PermissionError_):
        error.members = _clean_members(problem.members)
    return error


def _clean_members(members: Sequence[str]) -> tuple[str, ...]:
    return tuple(_clean(one, _MEMBER_LIMIT) for one in members[:_MEMBERS_LIMIT])


def _clean(text: str, limit: int) -> str:
    return "".join(character for character in text if character.isprintable())[:limit]
