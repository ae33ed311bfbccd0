"""Calls of the service `Witness` of others: what they know of our log, and their cosignatures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import grpc

from tracepost.protocol.errors import UnreachableError
from tracepost.protocol.evidence import WitnessReply
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import MemberId
from tracepost.serving.credentials import Papers, open_channel
from tracepost.serving.own_head import ANSWER_WITHIN_S, Place
from tracepost.serving.problems import error_of_call
from tracepost.wire.v1 import witness_pb2, witness_pb2_grpc


@dataclass(frozen=True, slots=True)
class WitnessCalls:
    """Dials relays and peers; `papers_for` says what a handshake with one of them shows and believes.

    `open_to` gives the channel of a stream with one that is open, if there is one: a handshake of its own
    takes a thin line six kilobytes and two exchanges.
    """

    papers_for: Callable[[MemberId], Papers]
    domain: str
    proxy: str = ""
    open_to: Callable[[MemberId], grpc.aio.Channel | None] = lambda _: None

    async def ask(self, place: Place, origin: str) -> str:
        """Return the note of the longest head that a place knows of a log, empty for none."""
        async with self._at(place) as witness:
            request = witness_pb2.ShowHeadRequest(origin=origin)
            shown = await witness.ShowHead(request, timeout=ANSWER_WITHIN_S)
            return str(shown.checkpoint)

    async def submit(self, place: Place, body: bytes) -> WitnessReply:
        """Give a head of ours to a witness; return what it says."""
        async with self._at(place) as witness:
            request = witness_pb2.AddCheckpointRequest(body=body)
            found = await witness.AddCheckpoint(request, timeout=ANSWER_WITHIN_S)
            return WitnessReply(found.status, found.body, found.content_type)

    @asynccontextmanager
    async def _at(self, place: Place) -> AsyncIterator[witness_pb2_grpc.WitnessStub]:
        """Give the service that a relay or peer has for logs; what it refuses is told as an error of ours."""
        peer, address = place
        async with AsyncExitStack() as stack:
            channel = self.open_to(peer)
            if channel is None:
                name = dns_name(Role.NODE, peer, self.domain)
                channel = open_channel(address, self.papers_for(peer), name, proxy=self.proxy)
                await stack.enter_async_context(channel)
            try:
                yield witness_pb2_grpc.WitnessStub(channel)
            except grpc.aio.AioRpcError as error:
                raise error_of_call(error) from None
            except (grpc.aio.UsageError, asyncio.CancelledError):
                # gRPC tells who calls over a channel that is closed meanwhile that he was cancelled.
                if _is_given_up():
                    raise
                raise UnreachableError("the stream has ended", reason="stream-ended") from None


def _is_given_up() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
