"""The service `PostOffice`, for the officers of our own member: parse, hand to the verb, render."""

# ruff: noqa: N802 - the methods have the names of the RPCs

from __future__ import annotations

from typing import Any

import grpc

from tracepost.node.handlers.case.office import Officer, officer_of
from tracepost.node.post.postmaster import Postmaster
from tracepost.protocol.schema import validate
from tracepost.serving.callers import current_caller
from tracepost.wire.v1 import delivery_pb2, delivery_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]

DESCRIPTOR = delivery_pb2.DESCRIPTOR.services_by_name["PostOffice"]


class PostOfficeService(delivery_pb2_grpc.PostOfficeServicer):
    """One method per verb; who calls is asked of the interceptors."""

    def __init__(self, postmaster: Postmaster) -> None:
        self._postmaster = postmaster

    async def ShowPost(self, request: delivery_pb2.ShowPostRequest, _: Context) -> delivery_pb2.PostView:
        """Show what waits for whom."""
        validate(request)
        return await self._postmaster.show(_officer())

    async def ListDeadLetters(
        self, request: delivery_pb2.ListDeadLettersRequest, _: Context
    ) -> delivery_pb2.ListDeadLettersResponse:
        """List mail of ours that came to no end."""
        validate(request)
        return await self._postmaster.list_dead(_officer())

    async def ListSentMail(
        self, request: delivery_pb2.ListSentMailRequest, _: Context
    ) -> delivery_pb2.ListSentMailResponse:
        """List what a desk sent, and how far it came."""
        validate(request)
        return await self._postmaster.list_sent(_officer(), request)

    async def ResendMail(
        self, request: delivery_pb2.ResendMailRequest, _: Context
    ) -> delivery_pb2.ResentMail:
        """Send a dead letter once more."""
        validate(request)
        return await self._postmaster.resend(_officer(), request)

    async def BlockMember(
        self, request: delivery_pb2.BlockMemberRequest, _: Context
    ) -> delivery_pb2.MemberBlock:
        """Block a member here."""
        validate(request)
        return await self._postmaster.block(_officer(), request)

    async def UnblockMember(
        self, request: delivery_pb2.UnblockMemberRequest, _: Context
    ) -> delivery_pb2.MemberBlock:
        """Take a block away."""
        validate(request)
        return await self._postmaster.unblock(_officer(), request)

    async def SetMaintenance(
        self, request: delivery_pb2.SetMaintenanceRequest, _: Context
    ) -> delivery_pb2.Maintenance:
        """Take no mail, or take it again."""
        validate(request)
        return await self._postmaster.maintain(_officer(), request)

    async def ListGaps(
        self, request: delivery_pb2.ListGapsRequest, _: Context
    ) -> delivery_pb2.ListGapsResponse:
        """Report what became of each number."""
        validate(request)
        return await self._postmaster.gaps(request.member)


def _officer() -> Officer:
    return officer_of(current_caller().known())
