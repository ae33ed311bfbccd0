"""What is announced when a stream opens: to who says what he has, the rest; to who has been away, everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from typing import Any, Final

import grpc

from tracepost.serving.own_head import ANSWER_WITHIN_S
from tracepost.wire.v1 import post_pb2
from tracepost.wire.v1.post_pb2 import Announcement, Frame

COLLECT: Final = "Collect"
DELIVER: Final = "Deliver"
_SERVICE: Final = post_pb2.DESCRIPTOR.services_by_name["Post"].full_name
_QUIET_S: Final = 2.0
_CALLER_SPEAKS_S: Final = 1.5
"""Less than `_QUIET_S`: who dials and says nothing, as this reader of before did, is announced everything then."""
_CALLED_SPEAKS_S: Final = 20.0
"""The connection is part of it, and takes a thin line six seconds."""


class Hearing:
    """What the other end of one stream has of our papers, by its first frame; used on the event loop."""

    def __init__(self) -> None:
        self._first = asyncio.Event()
        self._held: frozenset[bytes] = frozenset()

    def hear(self, frame: Frame) -> None:
        """Take note of a frame that came; the first one counts."""
        if not self._first.is_set():
            self._held = frozenset(frame.papers_held)
            self._first.set()

    async def held(self, *, dials: bool) -> Collection[bytes]:
        """Return the names of what the other end has; nothing, if it does not say so soon.

        Args:
            dials: whether we dialled: the first frame of who was dialled takes an exchange more.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_CALLED_SPEAKS_S if dials else _CALLER_SPEAKS_S):
                await self._first.wait()
        return self._held


async def read_announcements(channel: grpc.aio.Channel, method: str) -> AsyncIterator[Announcement]:
    """Yield what the other end announces on a new stream, until it has been quiet for two seconds.

    Args:
        channel: to it.
        method: COLLECT at a relay, DELIVER at a peer.
    """
    call: Any = channel.stream_stream(
        f"/{_SERVICE}/{method}",
        request_serializer=Frame.SerializeToString,
        response_deserializer=Frame.FromString,
    )()
    wait = ANSWER_WITHIN_S
    try:
        await call.write(Frame())  # that has none of the papers
        while (frame := await asyncio.wait_for(call.read(), wait)) is not grpc.aio.EOF:
            for one in frame.announcements:
                yield one
            wait = _QUIET_S
    except TimeoutError:
        return
    finally:
        call.cancel()
