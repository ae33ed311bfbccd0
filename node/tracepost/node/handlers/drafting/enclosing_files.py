"""What a draft attaches is looked at before the draft is kept: nobody signs for a file that he did not hand in.

Our own attachments are opened and judged like those that come in (`contents`). Of what we only show of
others the ciphertext must be here: it has to go along.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracepost.node.handlers.sealed.attached import Attached
from tracepost.node.handlers.sealed.contents import Contents
from tracepost.protocol.errors import NotFoundError, TracepostError


class EnclosingFiles:
    """One per process; used on the event loop."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    async def find_fault(self, attached: Iterable[Attached]) -> TracepostError | None:
        """Return why a message with these attachments cannot be sent; None: it can."""
        try:
            for one in attached:
                await self._look_at(one)
        except TracepostError as error:
            return error
        return None

    async def _look_at(self, one: Attached) -> None:
        if not self._contents.has(one.address):
            raise NotFoundError(
                "the file of an attachment is not here",
                where="attachments",
                reason="attachment-not-here",
                remedy="Hand the file in before the message that names it; what came from others must have come whole.",
            )
        if not one.is_shown:
            await self._contents.judge(one)
