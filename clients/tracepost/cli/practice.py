"""A practice network: members of `demonstration.plan.CHANNELS`, real nodes and a relay, for as long as one wants.

Nothing in it is simulated but the people and the weapons; nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.party import Party
from tracepost.cli.demonstration.plan import CHANNELS, plans_of
from tracepost.cli.progress import progress
from tracepost.cli.words import _

Profiles = Mapping[str, Mapping[str, Path]]
"""Profile of the officer at each desk, by member and desk."""

PROFILES: Final = "profiles.json"
"""A file of this name, with the profiles, stands in the folder for as long as the network serves."""


def run_practice(folder: Path, members: Sequence[str], tell: Callable[[Profiles], None]) -> Profiles:
    """Run `members` and a relay in `folder` until the process is told to stop; return their profiles.

    Args:
        folder: for all files; empty, or not there yet.
        members: ids of fictional members.
        tell: called when all of it serves.

    Raises:
        ConflictError: the folder holds something.
        InvalidInputError: there is no such member.
        ConfigurationError: a node does not start.
    """
    with progress(_("Founding the network")):
        network = Network.create(folder, plans_of(members, CHANNELS))
    try:
        return asyncio.run(_run(network, tell))
    finally:
        network.close()


async def _run(network: Network, tell: Callable[[Profiles], None]) -> Profiles:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with network:
        await network.start()
        await _introduce(network)
        profiles = profiles_of(network)
        tell(profiles)
        standing = network.folder / PROFILES
        standing.write_text(json.dumps(profiles, default=str), "utf-8")
        await told.wait()
        standing.unlink()
    return profiles


async def _introduce(network: Network) -> None:
    """Have each second officer of a desk call once, so that its node knows that mail can wait for his word."""
    for member in network.members:
        for desk in network.node(member).plan.desks:
            for number in range(2, desk.officers + 1):
                async with Party(network, member).at(desk.desk, number) as officer:
                    await officer.get_status()


def profiles_of(network: Network) -> Profiles:
    """Return where the officers of a network have their profiles; a second one at a desk is `<desk>-2`."""
    return {
        member: {
            path.parent.name: path
            for desk in network.node(member).plan.desks
            for number in range(1, desk.officers + 1)
            for path in [network.profile(member, desk.desk, number)]
        }
        for member in network.members
    }
