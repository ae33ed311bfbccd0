"""The process of a console under measurement: it says a line when it answers."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from bench.processes import say
from tracepost.console.serving import serve_console
from tracepost.console.settings import CONFIG_NAME


async def serve(folder: Path) -> None:
    """Serve the console of `folder` until the process is told to end."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve_console(folder / CONFIG_NAME, stop=stop, ready=lambda _port: say("answers"))
