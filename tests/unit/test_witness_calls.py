"""Heads go to a witness over the channel of a stream that is open, and that one may be closed meanwhile."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import grpc
import pytest

from tracepost.protocol.errors import UnreachableError
from tracepost.protocol.ids import MemberId
from tracepost.serving.credentials import Papers
from tracepost.serving.witness_calls import WitnessCalls

PLACE = (MemberId("hub"), "127.0.0.1:1")


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    """A channel to somebody who takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{listener.getsockname()[1]}")
        yield channel
        await channel.close()


def calls(channel: grpc.aio.Channel) -> WitnessCalls:
    def refuse(_: MemberId) -> Papers:
        raise AssertionError("a connection of its own")

    return WitnessCalls(refuse, "tracepost.example", open_to=lambda _: channel)


async def test_a_channel_that_is_closed_under_a_call_is_a_witness_that_is_not_reached(
    channel: grpc.aio.Channel,
) -> None:
    """Whoever gives heads goes on: the next one goes over the next stream."""
    giving = asyncio.create_task(calls(channel).submit(PLACE, b"head"))
    await asyncio.sleep(0.1)
    await channel.close()
    with pytest.raises(UnreachableError):
        await giving
    with pytest.raises(UnreachableError):
        await calls(channel).submit(PLACE, b"head")


async def test_who_is_cancelled_is_cancelled(channel: grpc.aio.Channel) -> None:
    giving = asyncio.create_task(calls(channel).submit(PLACE, b"head"))
    await asyncio.sleep(0.1)
    giving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving
