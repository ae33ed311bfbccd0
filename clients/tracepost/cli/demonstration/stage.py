"""What a spectator sees: days, what each office does, and what was checked, with real times.

A line with a tick stands for a check that was made on the other side, never for a hope: it is
printed by `insist` and `until`, which raise when it does not hold.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from tracepost.cli.words import _
from tracepost.protocol.errors import InternalError, UnreachableError

T = TypeVar("T")

PATIENCE_SECONDS: Final = 120.0  # a machine may be very busy
_LOOK_AGAIN_SECONDS: Final = 0.05
_LOOK_SELDOM_SECONDS: Final = 1.0
_WIDTH: Final = 110
_WHO: Final = 12


def second(unix_seconds: int) -> str:
    """Return a moment to the second, UTC: the days of the story pass in seconds."""
    return dt.datetime.fromtimestamp(unix_seconds, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


class Stage:
    """Prints the demonstration.

    Args:
        stderr: whether to print there; True when the result goes to stdout for a machine.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        self._console = Console(highlight=False, stderr=stderr, soft_wrap=False)
        if not self._console.is_terminal:
            self._console.width = _WIDTH
        self._began = time.monotonic()
        self.checks = 0

    @property
    def seconds(self) -> float:
        """Seconds since the stage was set."""
        return time.monotonic() - self._began

    def title(self, words: str, *lines: str) -> None:
        """Begin."""
        self._console.print(Text(words, style="bold"))
        for line in lines:
            self._console.print(Text(line))

    def scene(self, when: str, words: str) -> None:
        """Begin a scene; `when` is the day of the story."""
        self._console.print()
        self._console.print(Rule(Text(f"{when}: {words}", style="bold"), align="left"))

    def tell(self, who: str, words: str) -> None:
        """Say what somebody does: a desk as `member/desk`, or a daemon."""
        self._line(f"{who:<{_WHO}}", "cyan", Text(words))

    def note(self, words: str) -> None:
        """Add a small line to the one before."""
        self._line(" " * _WHO, "", Text(words, style="dim"))

    def show(self, thing: RenderableType) -> None:
        """Show a table or sheet."""
        self._console.print(Padding(thing, (0, 0, 0, _WHO + 2)))

    def insist(self, holds: object, words: str) -> None:
        """Print `words` as checked; raise `InternalError` if it does not hold."""
        if not holds:
            raise InternalError(_("The demonstration found something that must not be."), where=words)
        self._checked(words)

    async def until(
        self, probe: Callable[[], Awaitable[T | None]], words: str, seconds: float = PATIENCE_SECONDS
    ) -> T:
        """Ask `probe` until it gives something, print `words` as checked with the time it took; return it.

        Raises:
            UnreachableError: it did not come about in time.
        """
        began, wait = time.monotonic(), _LOOK_AGAIN_SECONDS
        while True:
            found = await probe()
            if found:
                took = time.monotonic() - began
                self._checked(words + (f" ({took:.1f} s)" if took >= _LOOK_AGAIN_SECONDS else ""))
                return found
            if time.monotonic() - began > seconds:
                raise UnreachableError(_("The demonstration waited in vain."), where=words)
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, _LOOK_SELDOM_SECONDS)

    def _checked(self, words: str) -> None:
        self.checks += 1
        self._line(" " * (_WHO - 1) + "✓", "bold green", Text(words))

    def _line(self, lead: str, style: str, words: Text) -> None:
        line = Text.assemble((lead, style), "  ", words)
        # Long lines go on below their words, not below who says them.
        width = self._console.width - _WHO - 2
        first, *rest = words.wrap(self._console, width)
        if not rest:
            self._console.print(line)
            return
        self._console.print(Text.assemble((lead, style), "  ", first))
        for more in rest:
            self._console.print(Text.assemble(" " * (_WHO + 2), more))
