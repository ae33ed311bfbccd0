"""Documents as PDF, each set by a process of its own (`tracepost.paper.press`): the console goes on meanwhile.

Bounded are how many are in hand and how many of them are set at once, how long one waits and is set, and that nobody
has two of them made.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from tracepost.locale.words import later as _
from tracepost.paper.press import REFUSED
from tracepost.protocol.errors import InternalError, LimitError
from tracepost.protocol.problems import decode_problem

AT_ONCE: Final = 2
IN_HAND: Final = 4
"""Those that are set, and those for which the node is asked meanwhile."""
LONGEST_S: Final = 300
_PRESS: Final = ("-P", "-m", "tracepost.paper.press")
_log = structlog.get_logger()


async def _nothing() -> bytes:
    return b""


class Printers:
    """The processes that set documents; one per console.

    Args:
        longest_s: seconds that a document may take, with the wait for a free process.
    """

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._turns = asyncio.Semaphore(IN_HAND)
        self._free = asyncio.Semaphore(AT_ONCE)
        self._officers = set[str]()
        self._longest_s = longest_s

    async def set(
        self, officer: str, kind: str, language: str, ask: Callable[[], Awaitable[bytes]] = _nothing
    ) -> bytes:
        """Return a document as PDF.

        Args:
            officer: who waits for it.
            kind, language: as `tracepost.paper.press` takes them.
            ask: gives what the node lets through; awaited when the document's turn has come, so that the node writes
                down no print that is refused here at once.

        Raises:
            LimitError: another one is being made for him, or this one takes too long.
            TracepostError: what kept it from being asked for or set.
        """
        with self._one_of(officer):
            try:
                async with asyncio.timeout(self._longest_s), self._turns:
                    content = await ask()
                    async with self._free:  # a process waits for nobody's photographs
                        return await _set(kind, language, content)
            except TimeoutError:
                raise _too_long(kind) from None

    @contextmanager
    def _one_of(self, officer: str) -> Iterator[None]:
        if officer in self._officers:
            raise LimitError(
                _("The document before this one is still being made for you."),
                reason="printing",
                remedy=_("Wait until you have it, then print this one."),
            )
        self._officers.add(officer)
        try:
            yield
        finally:
            self._officers.discard(officer)


async def _set(kind: str, language: str, content: bytes) -> bytes:
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        sys.executable, *_PRESS, kind, language,
        stdin=pipe, stdout=pipe, stderr=nothing,
    )  # fmt: skip
    try:
        made, _nothing = await process.communicate(content)
    finally:
        await _end(process)
    if process.returncode == REFUSED:
        raise decode_problem(made, "INTERNAL")
    if process.returncode:
        _log.error("paper-failed", kind=kind, returncode=process.returncode)
        raise InternalError(where="paper")
    return made


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.communicate()  # `wait` alone would wait for ever while some of what it wrote is unread


def _too_long(kind: str) -> LimitError:
    remedy = _("Try again in a few minutes.")
    if kind == "case":
        remedy = _("Try again in a few minutes, or print its statements one by one.")
    words = _("The document takes too long to be made here.")
    return LimitError(words, reason="print-too-long", remedy=remedy)
