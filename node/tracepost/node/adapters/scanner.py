"""A virus scanner that is a command: the content goes to its standard input, its exit code is the verdict.

    scanner = CommandScanner(["clamdscan", "--fdpass", "-"], timeout_seconds=300)

The codes are those of ClamAV: 0 nothing was found, 1 something was; any other, and a scanner that is not
done in time, says nothing, and what nobody has judged is not given out. No shell is used, the command
inherits nothing but a path and a language, and what it prints goes nowhere: it may quote the content.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Final

from tracepost.node.ports.statements import Scan
from tracepost.protocol.errors import ConfigurationError, InvalidInputError

MALWARE: Final = "malware"

_FOUND: Final = 1
_KILLED: Final = -9
_ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


class CommandScanner:
    """`ports.Scanner`.

    Args:
        command: program and arguments.
        timeout_seconds: how long one scan may take, feeding included.
    """

    def __init__(self, command: Sequence[str], timeout_seconds: float) -> None:
        self._command = tuple(command)
        self._timeout_seconds = timeout_seconds

    def begin(self) -> Scan:
        """See `ports.Scanner`."""
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator wrote the command down; no shell, no word of others
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_ENVIRONMENT,
            )
        except OSError as error:
            raise _failed("scanner-missing") from error
        return _CommandScan(process, self._timeout_seconds)


class _CommandScan:
    """One run of the command; it is killed when its time is up, also while it is being fed."""

    def __init__(self, process: subprocess.Popen[bytes], timeout_seconds: float) -> None:
        assert process.stdin is not None  # asked for by the caller
        self._process = process
        self._input: IO[bytes] = process.stdin
        self._timer = threading.Timer(timeout_seconds, process.kill)
        self._timer.daemon = True
        self._timer.start()

    def feed(self, content: bytes) -> None:
        """See `ports.Scan`."""
        # A scanner that has found something may stop reading: its exit code says so.
        with suppress(BrokenPipeError):
            self._input.write(content)

    def finish(self) -> None:
        """See `ports.Scan`."""
        with suppress(BrokenPipeError):
            self._input.close()
        code = self._process.wait()
        self._timer.cancel()
        if code == _FOUND:
            raise InvalidInputError(
                "the virus scanner objects to the file",
                where="attachment",
                reason=MALWARE,
                remedy="Do not open it anywhere; tell your operator and who sent it.",
            )
        if code:
            raise _failed("scanner-timeout" if code == _KILLED else "scanner-failed")

    def give_up(self) -> None:
        """See `ports.Scan`."""
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):
            self._input.close()


def _failed(reason: str) -> ConfigurationError:
    return ConfigurationError(
        "the virus scanner gives no verdict, so the file is not given out",
        where="attachments.scanner",
        reason=reason,
        remedy="Tell the operator of the node to look at the command in [attachments] of node.toml.",
    )
