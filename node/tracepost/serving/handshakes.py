"""What ends as a TLS alert: the C core's own lines, turned into typed refusals.

A handshake that fails never reaches an interceptor, and gRPC for Python has no hook for it:
the C core writes a line to file descriptor 2. `watch_handshakes` puts a pipe there, reads
the lines, and tells a listener the reason of each refused handshake; everything else the C
code writes becomes a log event that names the place, not the words. Python's own
`sys.stderr` keeps writing to where descriptor 2 led before.
"""

from __future__ import annotations

import faulthandler
import io
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog

_LINE = re.compile(r"[IWEF]\d{4} \S+ +\d+ ([\w.]+):(\d+)\] (.*)", re.DOTALL)

_REASONS: tuple[tuple[str, str], ...] = (
    ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "no-certificate"),
    ("certificate has expired", "certificate-expired"),
    ("certificate is not yet valid", "certificate-not-yet-valid"),
    ("unable to get local issuer certificate", "unknown-authority"),
    ("self-signed certificate", "unknown-authority"),
    ("self signed certificate", "unknown-authority"),
    ("permitted subtree violation", "name-constraint"),
    ("unsupported certificate purpose", "certificate-purpose"),
    ("CERTIFICATE_VERIFY_FAILED", "certificate-refused"),
    ("NO_SHARED_CIPHER", "tls-version"),
    ("UNSUPPORTED_PROTOCOL", "tls-version"),
    ("INAPPROPRIATE_FALLBACK", "tls-version"),
    ("NO_COMMON_SIGNATURE_ALGORITHMS", "key-type"),
)
"""Words of BoringSSL and our reasons; the first that is found counts."""

RefusalListener = Callable[[str], None]
"""Called with the reason of a refused handshake, in a thread of its own; may raise RuntimeError only."""


def handshake_refusal(line: str) -> str | None:
    """Return the reason, if `line` of the C core tells of a refused handshake, else None."""
    if "Handshake failed" not in line:
        return None
    return next((reason for words, reason in _REASONS if words in line), "handshake")


class _Expected:
    """Refusals that this process causes itself; of the process, as descriptor 2 is."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, reason: str) -> None:
        with self._lock:
            self._counts[reason] += 1

    def take(self, reason: str) -> bool:
        with self._lock:
            found = self._counts[reason] > 0
            self._counts[reason] -= found
            return found

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()


_expected = _Expected()


def expect_refusal(reason: str) -> None:
    """Let the next refusal of this reason pass unheard: our own dial with TLS 1.2 at the start."""
    _expected.add(reason)


@contextmanager
def watch_handshakes(listen: RefusalListener) -> Iterator[None]:
    """Read what C code writes to descriptor 2 for as long as the context lasts. Once per process."""
    kept = os.dup(2)
    reading, writing = os.pipe()
    before = sys.stderr
    _expected.clear()
    os.dup2(writing, 2)
    os.close(writing)
    sys.stderr = io.TextIOWrapper(os.fdopen(kept, "wb", buffering=0, closefd=False), write_through=True)
    faulthandler.enable(file=kept)
    reader = threading.Thread(target=_read_lines, args=(reading, listen), name="handshakes", daemon=True)
    reader.start()
    try:
        yield
    finally:
        os.dup2(kept, 2)  # closes the last writing end, so the reader ends
        reader.join(timeout=5)
        faulthandler.disable()
        sys.stderr.detach().close()  # owns `kept`
        sys.stderr = before


def _read_lines(descriptor: int, listen: RefusalListener) -> None:
    with os.fdopen(descriptor, "r", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            reason = handshake_refusal(line)
            if reason is None:
                _log_place(line)
                continue
            if _expected.take(reason):
                continue
            with suppress(RuntimeError):  # the event loop that would hear it is closed
                listen(reason)


def _log_place(line: str) -> None:
    match = _LINE.match(line)
    place = [f"{match[1]}:{match[2]}"] if match else []
    structlog.get_logger().info("native-line", at=place, size=len(line))
