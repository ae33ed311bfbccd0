"""Errors travel as Problems and come back as what they were."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepost.protocol.errors import (
    EvidenceError,
    InternalError,
    PermissionError_,
    TracepostError,
    UnreachableError,
    all_errors,
)
from tracepost.protocol.problems import (
    decode_problem,
    encode_problem,
    error_class,
    make_problem,
    read_problem,
)
from tracepost.serving.problems import error_of_end, refuse, status_of
from tracepost.wire.v1.post_pb2 import Problem


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.code)
def test_every_error_of_the_tree_comes_back_as_it_was(kind: type[TracepostError]) -> None:
    error = kind("words", where="field", reason="finer-code", remedy="do this")
    again = decode_problem(encode_problem(error), error.grpc_status)
    assert type(again) is kind
    assert (again.message, again.where, again.reason, again.what_to_do) == (
        "words",
        "field",
        "finer-code",
        "do this",
    )
    assert error_class(kind.code) is kind


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.code)
def test_every_error_has_a_status_of_grpc(kind: type[TracepostError]) -> None:
    assert isinstance(status_of(kind()), grpc.StatusCode)


def test_defaults_travel_as_well() -> None:
    again = read_problem(make_problem(UnreachableError()))
    assert again.message == "The other side cannot be reached."
    assert again.what_to_do == UnreachableError.remedy
    assert again.reason == "unreachable"


@pytest.mark.parametrize("status", [code.name for code in grpc.StatusCode])
def test_a_call_that_ends_without_a_problem_has_an_error_by_its_status(status: str) -> None:
    assert isinstance(decode_problem(None, status), TracepostError)


async def test_a_write_that_meets_the_end_of_a_call_is_told_as_the_end_or_as_the_road() -> None:
    """gRPC says INTERNAL by itself, often on a quiet machine, before it has read how the other side ended the call.

    Who writes one frame and waits meets no end, and is told what the other side said.
    """

    async def refuse_all(frames: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for _ in frames:
            await refuse(context, EvidenceError(reason="split-log"))
            yield b""

    handler = grpc.method_handlers_generic_handler(
        "x", {"y": grpc.stream_stream_rpc_method_handler(refuse_all)}
    )
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    ends = set()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        calm: Any = channel.stream_stream("/x/y")()
        await calm.write(b"frame")
        assert type(error_of_end(await calm.code(), await calm.trailing_metadata())) is EvidenceError
        for _ in range(40):
            call: Any = channel.stream_stream("/x/y")()
            with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError, TimeoutError):
                async with asyncio.timeout(1):  # gRPC never wakes some who write to a call that is over
                    for _ in range(20):
                        await call.write(b"frame")
            code = await call.code()
            if code is not grpc.StatusCode.CANCELLED:  # a write that nobody woke was given up by this test
                ends.add(type(error_of_end(code, await call.trailing_metadata())))
            call.cancel()
    await server.stop(0)
    assert ends
    assert ends <= {EvidenceError, UnreachableError}


def test_a_code_that_is_unknown_here_falls_back_to_the_status() -> None:
    problem = Problem(code="from-the-future", words="later").SerializeToString()
    assert isinstance(decode_problem(problem, "UNAVAILABLE"), UnreachableError)
    assert isinstance(decode_problem(problem, "NEW_STATUS"), InternalError)
    assert isinstance(decode_problem(problem, "INTERNAL"), InternalError)
    assert isinstance(decode_problem(None, "INTERNAL"), UnreachableError)


def test_a_foreign_problem_cannot_write_to_the_terminal() -> None:
    nasty = Problem(code="quota", words="\x1b[2Jfine\r\n\u202e", where="a\x00b").SerializeToString()
    again = decode_problem(nasty, "RESOURCE_EXHAUSTED")
    assert (again.message, again.where) == ("[2Jfine", "ab")


def test_whose_word_is_missing_comes_back_with_the_refusal_and_cannot_write_to_the_terminal() -> None:
    refused = PermissionError_("no", members=("xab", "x\x1b[2Jac" + "c" * 100))
    error = decode_problem(encode_problem(refused), "PERMISSION_DENIED")
    assert isinstance(error, PermissionError_)
    assert error.members[0] == "xab"
    assert "\x1b" not in error.members[1]
    assert len(error.members[1]) == 40


def test_whose_word_is_missing_leaves_within_the_limits_of_the_schema() -> None:
    refused = PermissionError_("no", members=("x\x1b" + "a" * 100, *(f"x{number}" for number in range(100))))
    members = make_problem(refused).members
    assert len(members) == 64
    assert members[:2] == ["x" + "a" * 39, "x0"]


def test_a_problem_is_cut_to_its_limits() -> None:
    long = Problem(code="quota", words="x" * 5000).SerializeToString()
    assert len(decode_problem(long, "RESOURCE_EXHAUSTED").message) == 1000
    huge = Problem(code="quota", words="x" * 10000).SerializeToString()
    assert decode_problem(huge, "UNAVAILABLE").message == "The other side cannot be reached."


@given(st.binary(max_size=200), st.text(max_size=20))
def test_no_bytes_bring_anything_but_an_error_of_the_tree(data: bytes, status: str) -> None:
    assert isinstance(decode_problem(data, status), TracepostError)
