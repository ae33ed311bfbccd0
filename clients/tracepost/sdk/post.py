"""How mail travels: what waits, what came to no end, whom the node does not talk with (`Client.post`).

for letter in await client.post.list_dead_letters(): ...
await client.post.resend(letter.envelope_id)
await client.post.block("xad", "its key is said to be stolen")
"""

from __future__ import annotations

from typing import TypeVar

import grpc.aio
from google.protobuf.message import Message

from tracepost.sdk.failures import our_errors
from tracepost.wire.v1 import delivery_pb2, delivery_pb2_grpc

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)


class PostCalls:
    """The calls of the service `PostOffice`, over the connection of a `Client`."""

    def __init__(
        self, channel: grpc.aio.Channel, address: str, desk: str | None, timeout_seconds: float
    ) -> None:
        self._node = delivery_pb2_grpc.PostOfficeStub(channel)
        self._address = address
        self._desk = desk
        self._timeout_seconds = timeout_seconds

    async def show(self) -> delivery_pb2.PostView:
        """Return what waits for whom, members that are blocked, and whether mail is taken."""
        return await self._call(self._node.ShowPost, delivery_pb2.ShowPostRequest())

    async def list_dead_letters(self) -> list[delivery_pb2.DeadLetter]:
        """Return mail of ours that was not delivered in time or was refused, newest first."""
        request = delivery_pb2.ListDeadLettersRequest()
        return list((await self._call(self._node.ListDeadLetters, request)).letters)

    async def list_sent(
        self, standing: int | None = None, *, page_size: int | None = None, page_token: str | None = None
    ) -> delivery_pb2.ListSentMailResponse:
        """Return mail that this desk wrote, newest first, with how far it came, and the token of what comes after.

        Args:
            standing: a `SentStanding`; None: all.
            page_size: letters wanted, at most.
            page_token: of the page before.
        """
        request = delivery_pb2.ListSentMailRequest(
            desk=self._desk,
            standing=None if standing is None else delivery_pb2.SentStanding.Name(standing),
            page_size=page_size,
            page_token=page_token,
        )
        return await self._call(self._node.ListSentMail, request)

    async def resend(self, envelope_id: str, *, deliver_by: int | None = None) -> delivery_pb2.ResentMail:
        """Send the statement of a dead letter once more, in a new envelope; it has one effect.

        Args:
            envelope_id: of the letter, hexadecimal, or its beginning.
            deliver_by: unix seconds; None: as for new mail.
        """
        request = delivery_pb2.ResendMailRequest(envelope_id=envelope_id, deliver_by=deliver_by)
        return await self._call(self._node.ResendMail, request)

    async def block(self, member: str, reason: str | None = None) -> delivery_pb2.MemberBlock:
        """Block a member here, or approve that another officer wants it; what waits for it stays."""
        request = delivery_pb2.BlockMemberRequest(member=member, reason=reason)
        return await self._call(self._node.BlockMember, request)

    async def unblock(self, member: str, reason: str | None = None) -> delivery_pb2.MemberBlock:
        """Take a block away, or refuse one that another officer wants; what waited goes."""
        request = delivery_pb2.UnblockMemberRequest(member=member, reason=reason)
        return await self._call(self._node.UnblockMember, request)

    async def set_maintenance(self, *, on: bool, until: int | None = None) -> delivery_pb2.Maintenance:
        """Let the node take no mail and send none, until unix second `until`; or let it work again."""
        request = delivery_pb2.SetMaintenanceRequest(on=on, until=until)
        return await self._call(self._node.SetMaintenance, request)

    async def list_gaps(self, member: str | None = None) -> delivery_pb2.ListGapsResponse:
        """Return what became of each number that was given between us and a member; None: all members."""
        return await self._call(self._node.ListGaps, delivery_pb2.ListGapsRequest(member=member))

    async def _call(self, method: grpc.aio.UnaryUnaryMultiCallable[Q, A], request: Q) -> A:
        with our_errors(self._address):
            return await method(request, timeout=self._timeout_seconds)
