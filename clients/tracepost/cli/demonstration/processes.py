"""A daemon as a process of its own: started, waited for, asked to leave, killed.

Its log lines go to a file; the line that says that it serves is the sign that it does.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tracepost.protocol.errors import ConfigurationError, UnreachableError

_START_SECONDS: Final = 180.0  # a machine may be very busy; who ends instead is told at once
_STOP_SECONDS: Final = 120.0
_LOOK_AGAIN_SECONDS: Final = 0.02


class DaemonProcess:
    """One daemon, started as often as needed.

    Args:
        name: in errors.
        arguments: of Python: a module and what it is to do.
        log: file that its lines are appended to.
        ready: event of the log line that says that it serves.
    """

    def __init__(self, name: str, arguments: Sequence[str], log: Path, ready: str) -> None:
        self.log = log
        self._name = name
        self._arguments = tuple(arguments)
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id; None when it does not run."""
        return self._process.pid if self._process is not None and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """What it ended with, minus the signal if by one; None while it runs or before its first start."""
        return None if self._process is None else self._process.poll()

    async def start(self, environment: Mapping[str, str] | None = None) -> float:
        """Start the daemon and wait until it serves; return how many seconds that took.

        Args:
            environment: added to this process's own.

        Raises:
            ConfigurationError: it ended instead; its log says why.
            UnreachableError: it does not serve within three minutes.
        """
        if self.is_running:
            return 0.0
        began = time.monotonic()
        seen = self.log.stat().st_size if self.log.exists() else 0
        process = self._launch(environment or {})
        while not self._serves(seen):
            if process.poll() is not None:
                raise self._ended(seen)
            if time.monotonic() - began > _START_SECONDS:
                self.kill()
                raise UnreachableError(f"{self._name} does not serve", where=str(self.log))
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return time.monotonic() - began

    async def stop(self) -> int | None:
        """Ask it to leave (SIGTERM) and wait; return its exit code. One that stays is killed."""
        self.signal(signal.SIGTERM)
        await self.wait(_STOP_SECONDS)
        self.kill()
        return self.exit_code

    async def wait(self, seconds: float) -> int | None:
        """Wait until it has ended by itself; return its exit code, None if it still runs."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, seconds)
        return self.exit_code

    def kill(self) -> None:
        """End it as a power cut does (SIGKILL), now."""
        if self._process is not None:
            self.signal(signal.SIGKILL)
            self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self.is_running:
            self._process.send_signal(number)

    def _launch(self, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches us, and we end the daemons in order.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own modules
                (sys.executable, *self._arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **environment},
            )
        return self._process

    def _serves(self, seen: int) -> bool:
        return any(line.get("event") == self._ready for line in self._lines(seen))

    def _ended(self, seen: int) -> ConfigurationError:
        stopped = next((line for line in self._lines(seen) if line.get("event") == "stopped"), {})
        return ConfigurationError(
            f"{self._name} ended while starting ({stopped.get('code', self.exit_code)})",
            where=str(self.log),
            reason=str(stopped.get("reason", "")),
        )

    def _lines(self, seen: int) -> list[dict[str, object]]:
        """Return the log lines since byte `seen`; what is no line of ours is left out."""
        with self.log.open("rb") as log:
            log.seek(seen)
            found = []
            for line in log.read().splitlines():
                try:
                    document = json.loads(line)
                except ValueError:
                    continue
                if isinstance(document, dict):
                    found.append(document)
            return found
