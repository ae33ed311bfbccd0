"""Two processes on one store, by mistake: an operator starts a second one, on other ports.

On SQLite the second may refuse. If it serves, nothing may come to harm by it.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faults.stage import NODES, Stage
from tracepost.protocol.errors import TracepostError


@asynccontextmanager
async def second_process(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A node has a twin for a while, with which officers work too."""
    member = dice.choice(NODES)
    twin = stage.make_twin(member)
    try:
        await twin.start()
    except TracepostError as error:
        yield f"{member}: the second one refused, {error.reason}"
    else:
        stage.twins[member] = twin
        yield f"{member}: both serve"
        stage.twins.pop(member)
    finally:
        await twin.stop()
