"""The lines out of a node: whom it dials, and the channels that it holds open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

import grpc

from tracepost.node.bootstrap.tls import OwnTls, asker_to_resume, submitter_of
from tracepost.node.config import NodeConfig
from tracepost.node.papers import Papers
from tracepost.node.services.post import DESCRIPTOR
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import MemberType
from tracepost.serving.credentials import open_channel
from tracepost.serving.frames import FrameCall
from tracepost.serving.tracing import Tracing
from tracepost.wire.v1.post_pb2 import Frame, ResumedMail, ResumeRequest


class Switchboard:
    """Dials peers and relays; a channel is closed when its stream has ended."""

    def __init__(self, config: NodeConfig, tls: OwnTls, papers: Papers, tracing: Tracing) -> None:
        self._config, self._tls, self._papers, self._tracing = config, tls, papers, tracing
        self._streams: dict[MemberId, grpc.aio.Channel] = {}
        self._running: set[asyncio.Future[None]] = set()
        self.submit = submitter_of(config, tls, self._streams.get)

    def dial(self, peer: MemberId, address: str, method: str) -> FrameCall:
        """Begin a stream of frames to `peer` on a channel of its own."""
        channel = self._streams[peer] = self.open_channel(peer, address)
        path = f"/{DESCRIPTOR.full_name}/{method}"
        span, shown = self._tracing.dial(path, peer, is_relay=self._is_relay(peer))
        call: Any = channel.stream_stream(
            path, request_serializer=Frame.SerializeToString, response_deserializer=Frame.FromString
        )(metadata=tuple(shown))
        call.add_done_callback(lambda _: span.end())
        call.add_done_callback(lambda _: self._hang_up(peer, channel))
        dialled: FrameCall = call
        return dialled

    def open_channel(self, peer: MemberId, address: str) -> grpc.aio.Channel:
        """Return a new channel to `peer`, who must show a certificate of its own roots."""
        name = dns_name(Role.NODE, peer, self._config.domain)
        return open_channel(address, self._tls.for_peer(peer), name, proxy=self._config.post.proxy)

    def ask_to_resume(
        self, peer: MemberId, address: str, request: ResumeRequest
    ) -> AsyncGenerator[ResumedMail, None]:
        """Ask who can be dialled for mail that was lost with a disk; raise `UnreachableError` where he cannot be."""
        return asker_to_resume(self._config, self._tls)(peer, address, request)

    def run_aside(self, job: Coroutine[Any, Any, None]) -> None:
        """Run `job` to its end, without anybody who waits for it."""
        running = asyncio.ensure_future(job)
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    def _is_relay(self, peer: MemberId) -> bool:
        types = {member.id: member.type for member in self._papers.trust.members}
        return types.get(peer, MemberType.RELAY) is MemberType.RELAY  # who left is shown nothing either

    def _hang_up(self, peer: MemberId, channel: grpc.aio.Channel) -> None:
        if self._streams.get(peer) is channel:
            del self._streams[peer]
        self.run_aside(channel.close())
