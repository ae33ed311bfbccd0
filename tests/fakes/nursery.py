"""Daemons for tests that start where their imports have ended: children of a server that has loaded the program.

    process = breed("fakes.fault_main", ["node", "node.toml", "daemon.log", ""], {VARIABLE: "before-commit:2"})
    process.send_signal(signal.SIGKILL); process.wait()

A daemon loads a thousand modules, for about a second of one processor, and tests start hundreds of daemons. Each
run of tests has one server (`multiprocessing.forkserver`), which loads them once, opens nothing and forks; a child
is a process like any other, with its own memory, files and death. How the program starts by itself is told by the
tests of the runbook, of the pages and of the demonstration.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import connection, forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import Final

_LOADED: Final = "fakes.fault_main"


class Bred:
    """A child: what a test needs of `subprocess.Popen`. Safe to use by many threads."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """What it ended with, minus the signal if by one; None while it runs."""
        with self._lock:
            return self._process.exitcode

    def poll(self) -> int | None:
        """Return what it ended with; None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, and return what with; raise `subprocess.TimeoutExpired`."""
        connection.wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.send_signal(signal.SIGKILL)


def breed(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path | None = None
) -> Bred:
    """Start a child that runs `main(arguments)` of a module, and return it.

    Args:
        environment: added to the one of this process.
        log: file that all that it prints is appended to; None: where this process prints.
    """
    told = {**os.environ, **environment}
    process = _server().Process(target=_live, args=(module, list(arguments), told, log), daemon=True)
    with _nameless():
        process.start()
    return Bred(process)


@contextmanager
def _nameless() -> Iterator[None]:
    """Let a child know of no main program: it would import that of the tests again."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@cache
def _server() -> ForkServerContext:
    """Return the server of this run, which has loaded the program; what gRPC does in children is switched off."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_LOADED])
    before = dict(os.environ)
    os.environ.update(PYTHONPATH=os.pathsep.join(sys.path), GRPC_ENABLE_FORK_SUPPORT="0")
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return context


def _live(module: str, arguments: list[str], environment: dict[str, str], log: Path | None) -> None:
    """Be the daemon."""
    assert _LOADED in sys.modules, "the server has not loaded the program"
    os.environ.clear()
    os.environ.update(environment)
    os.setsid()  # Ctrl-C reaches the tests, which end their daemons
    if log is not None:
        with log.open("ab") as lines:
            os.dup2(lines.fileno(), 1)
            os.dup2(lines.fileno(), 2)
    sys.exit(importlib.import_module(module).main(arguments))
