"""Hears that other processes wrote to the same database: LISTEN, with a look of its own now and then.

    bell = Bell(engines, lambda: loop.call_soon_threadsafe(news.set))
    bell.close()

Who wrote rings with its COMMIT (`Engines.end_turn`), so nobody hears of what is not there. A ring may be
missed (a lost connection, a pooler that keeps no sessions): so it is rung by itself every few seconds
as well. It says that there may be news, never what.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tracepost.protocol.errors import StoreError
from tracepost.serving.storage.engine import BELL, Engines

_LOOK_SECONDS: Final = 3.0
_SLICE_SECONDS: Final = 0.25


class Bell:
    """Calls `rung`, from a thread of its own, soon after another process has written."""

    def __init__(self, engines: Engines, rung: Callable[[], None]) -> None:
        self._engines = engines
        self._rung = rung
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-bell", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        readers = self._engines.readers
        assert readers is not None  # a shared store has them
        while not self._closing.is_set():
            # What is lost here is lost to the readers as well, and told there.
            with contextlib.suppress(SQLAlchemyError, OSError, StoreError, _driver_error(readers)):
                self._listen(readers)
            self._rung()
            self._closing.wait(1.0)

    def _listen(self, engine: Engine) -> None:
        pooled = engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        try:
            connection.rollback()
            connection.read_only = None
            connection.isolation_level = None
            connection.autocommit = True
            connection.execute(f"LISTEN {BELL}")
            self._rung()  # what was written before we listened
            self._hear(connection)
        finally:
            connection.close()

    def _hear(self, connection: Any) -> None:
        quiet = 0.0
        while not self._closing.is_set():
            heard = list(connection.notifies(timeout=_SLICE_SECONDS, stop_after=1))
            quiet += 0.0 if heard else _SLICE_SECONDS
            if any(one.payload != self._engines.name for one in heard) or quiet >= _LOOK_SECONDS:
                quiet = 0.0
                self._rung()


def _driver_error(engine: Engine) -> type[Exception]:
    """Return what the driver raises, which SQLAlchemy wraps only where it is asked itself."""
    error: type[Exception] = engine.dialect.loaded_dbapi.Error
    return error
