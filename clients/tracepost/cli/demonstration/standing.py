"""A network that stands for as long as who started this program holds its standard input open.

    python -m tracepost.cli.demonstration.standing FOLDER MEMBER [MEMBER …]

makes the states in FOLDER, which is empty or not there, starts their nodes, unlocks their desks, lets them
know one another, and then writes one line of JSON:

    {"members": {"xaa": {"poc": "…/officers/poc/profile.toml", "police": "…"}, "xab": {…}}}

A network that cannot be made is {"error": {"code": …, "words": …, "where": …}}. When the input ends, as it
does with the process that held it, however that ended, the nodes are asked to leave, and so does this.
`tracepost.sdk.testing` is who starts it; any other language may do the same.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.plan import plans_of
from tracepost.protocol.errors import InvalidInputError, TracepostError


async def stand(folder: Path, members: Sequence[str]) -> int:
    """Make the network, tell that it serves, and end it with the input; return the exit code."""
    try:
        # No relay stands between them, so each can be dialled.
        plans = [dataclasses.replace(plan, direct=True) for plan in plans_of(members)]
        network = await asyncio.to_thread(Network.create, folder, plans, None)
    except TracepostError as fault:
        return _tell_refusal(fault)
    async with network:
        try:
            await network.start()
        except TracepostError as fault:
            return _tell_refusal(fault)
        _tell({"members": {member: _profiles(network, member) for member in network.members}})
        await asyncio.to_thread(sys.stdin.buffer.read)
    return 0


def _profiles(network: Network, member: str) -> dict[str, str]:
    desks = [desk.desk for desk in network.node(member).plan.desks]
    return {desk: str(network.profile(member, desk)) for desk in desks}


def _tell_refusal(fault: TracepostError) -> int:
    _tell({"error": {"code": fault.code, "words": fault.message, "where": fault.where}})
    return fault.exit_code


def _tell(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Run the program; return its exit code."""
    if len(arguments) < 2:
        sys.stderr.write(__doc__ or "")
        return InvalidInputError.exit_code
    folder, *members = arguments
    return asyncio.run(stand(Path(folder), members))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
