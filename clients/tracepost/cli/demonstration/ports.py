"""Free ports on loopback for daemons that start later, or again after they were killed."""

from __future__ import annotations

import random
import socket
from typing import Final

from tracepost.protocol.errors import ConfigurationError

HOST: Final = "127.0.0.1"
# Below the range from which Linux takes ports for outgoing connections (32768 and up): a port
# chosen here stays free while its daemon is down.
_LOWEST, _BEYOND = 20_000, 32_000


class Ports:
    """Gives addresses `127.0.0.1:port`, each once."""

    def __init__(self) -> None:
        self._next = random.randrange(_LOWEST, _BEYOND)  # noqa: S311 - so that two networks seldom meet
        self._left = _BEYOND - _LOWEST

    def take(self) -> str:
        """Return an address on which nobody listens; raise `ConfigurationError` if there is none."""
        while self._left:
            port = self._next
            self._left -= 1
            self._next = _LOWEST + (port + 1 - _LOWEST) % (_BEYOND - _LOWEST)
            if _is_free(port):
                return f"{HOST}:{port}"
        raise ConfigurationError("no port is free on loopback", where="ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
