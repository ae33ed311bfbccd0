"""Who is told, as it stands in the settings now: they are read anew when their file has changed.

A file that is being written changes from one look to the next, and is left alone until it rests. One that is broken
leaves in force what was read before; the log says so, and `tracepost doctor` does. What the node serves with besides
[told] and [notices] takes a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from tracepost.node.telling.settings import ToldSettings
from tracepost.protocol.errors import ConfigurationError
from tracepost.serving.notices import NoticeSettings

_log = structlog.get_logger()

Read = Callable[[Path], tuple[ToldSettings, NoticeSettings]]
"""Reads both sections of a file; ConfigurationError if anything in it is wrong."""


class Rota:
    """One per process; `told` and `notices` are what is in force."""

    def __init__(self, told: ToldSettings, notices: NoticeSettings, path: Path, read: Read) -> None:
        self.told = told
        self.notices = notices
        self._path = path
        self._read = read
        self._seen = _mark_of(path)
        self._taken: tuple[int, ...] = ()  # it may have changed since the node read it: it is read once more

    def look(self) -> None:
        """Take what the file says now, if it has changed and rests; blocking."""
        mark = _mark_of(self._path)
        rests, self._seen = mark == self._seen, mark
        if rests and mark != self._taken:
            self._taken = mark
            self._take()

    def _take(self) -> None:
        before = self.told.names
        try:
            self.told, self.notices = self._read(self._path)
        except ConfigurationError as error:
            _log.warning("roster-refused", exc_info=error)
        else:
            tell = _log.warning if before - self.told.names else _log.info
            tell("roster-read", count=len(self.told.desks))


def _mark_of(path: Path) -> tuple[int, ...]:
    """Return what tells a file from itself before a change; empty: it is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns
