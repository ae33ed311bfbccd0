"""What a daemon tells the program that started it: that it serves, and that it leaves (sd_notify(3)).

A unit of `Type=notify` is started when the daemon serves, not when its process is there; so a restart that
ends well means that mail is taken again, and whoever upgrades knows. Where nobody asked to be told, nobody is.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Final

_VARIABLE: Final = "NOTIFY_SOCKET"

READY: Final = "READY=1"
LEAVING: Final = "STOPPING=1"


def tell_supervisor(state: str) -> None:
    """Tell the program that started this process; one that cannot be told is no reason to end."""
    address = os.environ.get(_VARIABLE, "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.sendto(state.encode("ascii"), address.replace("@", "\0", 1))
