"""What is tried, and tried again later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from tracepost.protocol.errors import TracepostError

_log = structlog.get_logger()

Job = Callable[[], Awaitable[object]]


async def attempt(job: Job, event: str, **more: str) -> None:
    """Do `job`; log under `event` what it raises. It is to be done again, and ends nothing else."""
    try:
        await job()
    except TracepostError as error:
        _log.error(event, code=error.code, reason=error.reason, **more)
    except Exception as error:  # noqa: BLE001 - a step that has a fault must not end the node
        _log.error(event, exc_info=error, **more)
