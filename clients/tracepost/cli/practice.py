"""A practice network: members of `demonstration.plan.CHANNELS`, real nodes and a relay, for as long as one wants.

Nothing in it is simulated but the people and the weapons; nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.party import Party
from tracepost.cli.demonstration.plan import CHANNELS, plans_of
from tracepost.cli.demonstration.ports import Ports
from tracepost.cli.progress import progress
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.robot import Manner, answer_exercises

Profiles = Mapping[str, Mapping[str, Path]]
"""Profile of the officer at each desk, by member and desk."""

HASTY: Final = Manner(acknowledge_seconds=10, answer_seconds=30)
"""How robots behave in a practice network: slow enough to be waited for, not for a whole lesson."""

PROFILES: Final = "profiles.json"
"""A file of this name, with the profiles, stands in the folder for as long as the network serves."""


def run_practice(
    folder: Path,
    members: Sequence[str],
    tell: Callable[[Profiles], None],
    tell_consoles: Callable[[Mapping[str, Any]], None] | None = None,
    robots: Sequence[str] = (),
) -> Profiles:
    """Run `members` and a relay in `folder` until the process is told to stop; return their profiles.

    Args:
        folder: for all files; empty, or not there yet.
        members: ids of fictional members.
        tell: called when all of it serves.
        tell_consoles: called before that with the `ConsoleSite` of each member; None: they have no consoles.
        robots: members for whom a robot answers exercises.

    Raises:
        ConflictError: the folder holds something.
        InvalidInputError: there is no such member.
        ConfigurationError: a node does not start.
    """
    if strange := sorted({*robots} - {*members}):
        raise InvalidInputError(
            _("A robot sits at a member that takes part."), where=strange[0], reason="no-such-member"
        )
    with progress(_("Founding the network")):
        network = Network.create(folder, plans_of(members, CHANNELS), serves_logs=True)
    try:
        return asyncio.run(_run(network, tell, tell_consoles, robots))
    finally:
        network.close()


async def _run(
    network: Network,
    tell: Callable[[Profiles], None],
    tell_consoles: Callable[[Mapping[str, Any]], None] | None,
    robots: Sequence[str],
) -> Profiles:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(network)
        await network.start()
        await _introduce(network)
        if tell_consoles is not None:
            tell_consoles(await _open_consoles(network, stack))
        for member in robots:
            await _seat_robot(network, member, stack)
        profiles = profiles_of(network)
        tell(profiles)
        standing = network.folder / PROFILES
        standing.write_text(json.dumps(profiles, default=str), "utf-8")
        await told.wait()
        standing.unlink()
    return profiles


async def _open_consoles(network: Network, stack: AsyncExitStack) -> Mapping[str, Any]:
    """Found and start a console for each member, with cases to look at; they end with `stack`, before the nodes."""
    from tracepost.cli.demonstration.consoles import found_console, write_examples

    ports = Ports()
    sites = {
        member: await asyncio.to_thread(found_console, network, member, ports) for member in network.members
    }
    for site in sites.values():
        stack.push_async_callback(site.process.stop)
    await asyncio.gather(*(site.process.start() for site in sites.values()))
    await write_examples(network)
    return sites


async def _seat_robot(network: Network, member: str, stack: AsyncExitStack) -> None:
    """Let a robot answer exercises at the point of contact of a member until `stack` ends."""
    client = await stack.enter_async_context(Party(network, member).at())
    task = asyncio.create_task(answer_exercises(client, HASTY, lambda _act: None))
    stack.push_async_callback(_end, task)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


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
