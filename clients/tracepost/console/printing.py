"""Documents as PDF, each set by a process of its own (`tracepost.paper.press`): the console goes on meanwhile.

Bounded are how many are set at once, for how long, and that nobody has two of them made.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tracepost.locale.words import later as _
from tracepost.paper.press import REFUSED
from tracepost.protocol.errors import InternalError, LimitError
from tracepost.protocol.problems import decode_problem

AT_ONCE: Final = 2
LONGEST_S: Final = 300


class Printers:
    """The processes that set documents; one per console.

    Args:
        longest_s: seconds that a document may take.
    """

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._officers = set[str]()
        self._longest_s = longest_s

    async def set(self, officer: str, kind: str, language: str, content: bytes = b"") -> bytes:
        """Return a document as PDF.

        Args:
            officer: who waits for it.
            kind, language: as `tracepost.paper.press` takes them.
            content: what the node let through.

        Raises:
            LimitError: another one is being made for him, or this one takes too long.
            TracepostError: what kept it from being set.
        """
        with self._one_of(officer):
            async with self._free:
                try:
                    async with asyncio.timeout(self._longest_s):
                        return await _set(kind, language, content)
                except TimeoutError:
                    raise _too_long() from None

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
        sys.executable, "-P", "-m", "tracepost.paper.press", kind, language,
        stdin=pipe, stdout=pipe, stderr=nothing,
    )  # fmt: skip
    try:
        made, _nothing = await process.communicate(content)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == REFUSED:
        raise decode_problem(made, "INTERNAL")
    if process.returncode:
        raise InternalError(where="paper")
    return made


def _too_long() -> LimitError:
    return LimitError(
        _("The document takes too long to be made here."),
        reason="print-too-long",
        remedy=_("Print its statements one by one."),
    )
