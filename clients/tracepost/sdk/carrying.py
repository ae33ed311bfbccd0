"""A console's way to its node: one connection under the console's own papers, for many officers.

    async with ConsoleConnection("127.0.0.1:7443", "xaa", "tracepost.example", papers) as node:
        client = node.client_for(certificates)      # of the officer who signed in, DER, leaf first
        cases = await client.list_cases(...)

What such a client asks, the node answers as if the officer of the certificate had asked; it judges that certificate at
every call. The console itself may ask how the node is, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import grpc.aio

from tracepost.protocol.ids import parse_member
from tracepost.protocol.passing import OFFICER_METADATA
from tracepost.sdk.client import Client
from tracepost.sdk.papers import OfficerPapers
from tracepost.sdk.transport import node_name, open_channel

_SECONDS: Final = 30.0


class ConsoleConnection:
    """One per console; safe to use by many tasks."""

    def __init__(self, address: str, member: str, domain: str, papers: OfficerPapers) -> None:
        """Keep what is needed to dial; the first call dials.

        Args:
            address: `host:port` of the node's desk service.
            member: own member id; the node must show `node.<member>.<domain>`.
            domain: the network's domain.
            papers: the console's certificate and key, and the member's root.

        Raises:
            InvalidInputError: `member` is not a member id.
        """
        self._address = address
        self._channel = open_channel(address, node_name(parse_member(member), domain), papers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close_connection()

    async def close_connection(self) -> None:
        """End the connection, for all officers."""
        await self._channel.close()

    def own_client(self) -> Client:
        """Return a client for the console itself, which may ask how the node is."""
        return Client(self._channel, self._address, None, _SECONDS)

    def client_for(self, certificates: Sequence[bytes], desk: str | None = None) -> Client:
        """Return a client that does what an officer asks; it ends with the connection.

        Args:
            certificates: the officer's certificate and what stands between it and the root, DER, leaf first.
            desk: desk to write and read as; None: the officer's only desk.
        """
        entries = tuple((OFFICER_METADATA, der) for der in certificates)
        channel: Any = _CarryingChannel(self._channel, entries)
        return Client(channel, self._address, desk, _SECONDS)


class _CarryingChannel:
    """What the stubs need of a channel; each call also carries the entries. It belongs to the connection."""

    def __init__(self, channel: grpc.aio.Channel, entries: tuple[tuple[str, bytes], ...]) -> None:
        self._channel = channel
        self._entries = entries

    def unary_unary(self, *arguments: Any, **named: Any) -> Any:
        return self._carrying(self._channel.unary_unary(*arguments, **named))

    def unary_stream(self, *arguments: Any, **named: Any) -> Any:
        return self._carrying(self._channel.unary_stream(*arguments, **named))

    def stream_unary(self, *arguments: Any, **named: Any) -> Any:
        return self._carrying(self._channel.stream_unary(*arguments, **named))

    def stream_stream(self, *arguments: Any, **named: Any) -> Any:
        return self._carrying(self._channel.stream_stream(*arguments, **named))

    async def close(self, grace: float | None = None) -> None:
        """Leave the connection to the others."""

    def _carrying(self, call: Any) -> Any:
        def begin(*arguments: Any, **named: Any) -> Any:
            return call(*arguments, metadata=self._entries, **named)

        return begin
