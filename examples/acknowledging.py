"""A program that works for a point of contact, and its test against a real network.

    python examples/acknowledging.py

`acknowledge_all` is the program: it acknowledges every request that nobody acknowledged yet, and says that
a program did so (ITI 19). `main` tests it with two nodes on this machine, which `tracepost.sdk.testing` runs.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tracepost.sdk import Client
from tracepost.sdk.cases import received_at, request_of, restrictions_of
from tracepost.sdk.intake.documents import Album, read_document, read_draft
from tracepost.sdk.testing import local_network
from tracepost.wire.v1 import desk_pb2, trace_pb2

HERE = Path(__file__).parent


async def acknowledge_all(officer: Client) -> list[desk_pb2.Submission]:
    """Acknowledge what waits for us; return what was sent."""
    waiting = [case async for case in officer.list_cases(state=desk_pb2.CASE_STATE_WAITING_FOR_US)]
    return [await acknowledge(officer, case.thread) for case in waiting if not case.our_file_number]


async def acknowledge(officer: Client, case: str) -> desk_pb2.Submission:
    """Acknowledge the request of a case under a file number of our own."""
    view = await officer.show_case(case)
    request = request_of(view)
    message = trace_pb2.Acknowledgement(
        received_at=received_at(await officer.show_timeline(case), request.statement),
        file_number=f"XAB-{case[-12:]}",
        items_counted=len(view.summary.items),
        formal_check=trace_pb2.FORMAL_CHECK_COMPLETE,
        restrictions_accepted=restrictions_of(request),
        automatic=True,
    )
    return await officer.acknowledge(case, message)


async def main() -> None:
    """Let xaa ask, xab acknowledge, and look at what xaa has of it."""
    async with local_network() as network:
        xaa, xab = network.client("xaa"), network.client("xab")
        asked = await xaa.submit(read_draft(read_document(HERE / "craft-made.json"), Album(HERE)))
        await network.delivered("xaa", asked)
        [told] = await acknowledge_all(xab)
        await network.delivered("xab", told)
        summary = (await xaa.show_case(asked.thread)).summary
        assert summary.their_file_number.startswith("XAB-")
        assert await acknowledge_all(xab) == [], "nothing is acknowledged twice"
    sys.stdout.write(f"{summary.our_file_number} is {summary.their_file_number} at xab\n")


if __name__ == "__main__":
    asyncio.run(main())
