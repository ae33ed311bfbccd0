"""Who looks on at a console, so that machines can be told how it is; by itself a console tells nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tracepost.console.sessions import Sessions
from tracepost.console.settings import ConsoleSettings
from tracepost.sdk.carrying import ConsoleConnection


class Onlooker:
    """Is told what happens at a console; this one keeps nothing of it."""

    def note_answer(self, status: int) -> None:
        """Note that something was answered, with which status of HTTP."""

    def note_refused_sign_in(self) -> None:
        """Note that somebody was not let in."""

    @asynccontextmanager
    async def look_at(
        self, settings: ConsoleSettings, sessions: Sessions, node: ConsoleConnection
    ) -> AsyncIterator[None]:
        """Look at a console while it serves.

        Raises:
            ConfigurationError: the settings name a place at which nothing can be shown.
        """
        del settings, sessions, node
        yield
