"""Whether our store is as long as our log: others are asked for the longest head that our key has signed.

    not reached   relay nor peer answered     → serve, marked as unchecked; asked again every half minute
    behind        a head beyond our store     → do not serve: the store is older than what others hold of it
    forked        another root at that size   → do not serve: the store is another one

A node on an old store would sign a second head of sizes that others know, give numbers twice, and believe
certificates that were revoked meanwhile. So the head that was found is kept beside the store, and the node does
not start on it again; `tracepost log recover` begins a new log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import structlog

from tracepost.node.adapters.durable_file import replace_file
from tracepost.node.ports.store import Evidence
from tracepost.protocol.errors import EvidenceError, InvalidInputError, LogBehindError, TracepostError
from tracepost.protocol.evidence import Head, LogVerifier, peek_head
from tracepost.protocol.ids import MemberId

_log = structlog.get_logger()

AHEAD_NAME = "ahead.note"
ASKED_AT_ONCE = 16
ANSWER_WITHIN_S = 10.0
ASK_AGAIN_S = 30.0

Place = tuple[MemberId, str]
"""A relay or peer, and where it is dialled."""

Ask = Callable[[Place], Awaitable[str]]
"""Returns the note of the longest head that a place knows of our log, empty for none; raises `TracepostError`."""


class OwnHead:
    """One per process; used on the event loop."""

    def __init__(self, verifier: LogVerifier, evidence: Evidence, folder: Path, ask: Ask) -> None:
        self._verifier = verifier
        self._evidence = evidence
        self._ahead = folder / AHEAD_NAME
        self._ask = ask
        self._found: asyncio.Future[None] | None = None
        self.is_checked = False

    async def check(self, places: Sequence[Place]) -> None:
        """Ask relays and peers, and compare; at start, before anything is signed.

        Raises:
            LogBehindError: our store is not that of our log.
        """
        if self._ahead.exists():
            self._compare(self._ahead.read_text("utf-8"))
        notes = await ask_for_heads(self._ask, places)
        for note in notes:
            self._compare(note)
        self.is_checked = bool(notes)
        if places and not notes:
            _log.warning("head-unchecked", asked=len(places))

    def meet(self, note: str) -> None:
        """Take a head that somebody says is ours; what it proves against our store ends `watch`."""
        try:
            if peek_head(note).size > self._evidence.head.size:
                self._compare(note)
        except EvidenceError:
            return
        except LogBehindError as error:
            if self._found is not None and not self._found.done():
                self._found.set_exception(error)

    async def watch(self, places: Callable[[], Sequence[Place]]) -> None:
        """Check again until somebody could be asked, then wait for what is met; raise `LogBehindError`."""
        self._found = asyncio.get_running_loop().create_future()
        while not self.is_checked:
            await asyncio.wait([self._found], timeout=ASK_AGAIN_S)
            if self._found.done():
                break
            await self.check(places())
        await self._found

    def _compare(self, note: str) -> None:
        try:
            head = self._verifier.open(note)
        except EvidenceError:
            return  # not of our log, or nobody's word
        reason = self._objection(head)
        if reason:
            replace_file(self._ahead, note.encode("utf-8"))
            _log.error("own-log", reason=reason, size=head.size, own_size=self._evidence.head.size)
            raise LogBehindError(where="store", reason=reason)

    def _objection(self, head: Head) -> str:
        try:
            return "" if self._evidence.root_at(head.size) == head.root else "log-forked"
        except InvalidInputError:
            return "log-behind"


async def ask_for_heads(ask: Ask, places: Iterable[Place]) -> list[str]:
    """Return what the places that answer know of our log, empty for those that know nothing."""
    answers = await asyncio.gather(*(_answer(ask, place) for place in [*places][:ASKED_AT_ONCE]))
    return [one for one in answers if one is not None]


async def _answer(ask: Ask, place: Place) -> str | None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await ask(place)
    except (TracepostError, TimeoutError):
        return None
