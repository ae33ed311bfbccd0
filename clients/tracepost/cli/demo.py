"""The demonstrations: members and a relay as processes on this machine, a case from seizure to evidence.

`run_demo` is the main job: a request there and back. `run_channels` is about who sees what.

Whatever happens, success, a failed check, an error or Ctrl-C, no process is left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from tracepost.cli.demonstration.channels.play import PANEL, ChannelPlay
from tracepost.cli.demonstration.channels.story import CHANNEL_STORY
from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.plan import CHANNELS, STATES, MemberPlan, plans_of
from tracepost.cli.demonstration.play import Play
from tracepost.cli.demonstration.scenes import STORY
from tracepost.cli.demonstration.scenes.evidence import (
    CASE_FILE,
    STATEMENTS,
    TRUST_LIST,
    export_case,
    leave,
    verify,
)
from tracepost.cli.demonstration.stage import Stage
from tracepost.cli.progress import progress
from tracepost.cli.words import _
from tracepost.protocol.errors import ConflictError

T = TypeVar("T")

_NETWORK: Final = "network"
_MARKER: Final = ".tracepost-demonstration"


def run_demo(out: Path, *, stderr: bool = False) -> dict[str, Any]:
    """Play the demonstration; return where its results lie and how long it took.

    Args:
        out: folder for the results; those of an earlier demonstration are replaced.
        stderr: whether the story is told there.

    Raises:
        TracepostError: a step failed, or the other side does not have what it must.
        KeyboardInterrupt: it was told to stop.
    """
    stage = Stage(stderr=stderr)
    stage.title(
        _("Tracepost: a trace request travels from one state to another and comes back answered."),
        _("Three fictional states and a relay run on this machine; a fourth is in the directory only."),
        _("The days of the story pass in seconds. Every time and every proof that is printed is real."),
    )
    play = Play(_found(stage, out, STATES), stage, out)
    _run(play.network, (*STORY, export_case, leave), play)
    report = verify(play)
    _end(stage)
    return {
        "case": play.case,
        "case_file": str(out / CASE_FILE),
        "statements": str(out / STATEMENTS),
        "trust_list": str(out / TRUST_LIST),
        "proved": len(report.statements),
        "checks": stage.checks,
        "seconds": round(stage.seconds, 1),
    }


def run_channels(out: Path, *, stderr: bool = False) -> dict[str, Any]:
    """Play the story of who sees what; return how many checks held, and how long it took.

    Args and Raises: as for `run_demo`.
    """
    stage = Stage(stderr=stderr)
    stage.title(
        _("Tracepost: police, customs, an army, a licensing authority and a panel of experts in one case."),
        _("Three fictional states, a panel and a relay run on this machine."),
        _("The days of the story pass in seconds. Every time and every proof that is printed is real."),
    )
    members = plans_of(("xaa", "xab", "xac", PANEL), CHANNELS)
    play = ChannelPlay(_found(stage, out, members), stage, out)
    _run(play.network, CHANNEL_STORY, play)
    _end(stage)
    return {
        "notice": play.notice,
        "case": play.case,
        "checks": stage.checks,
        "seconds": round(stage.seconds, 1),
    }


def _found(stage: Stage, out: Path, members: Iterable[MemberPlan]) -> Network:
    folder = _make_room(out)
    stage.scene(_("Before the first day"), _("authorities, keys, certificates, escrow, trust list"))
    with progress(_("Founding the network")):
        network = Network.create(folder / "members", members)
    stage.tell("", _("founded after {seconds:.1f} s").format(seconds=stage.seconds))
    return network


def _run(network: Network, scenes: Sequence[Callable[[T], Awaitable[object]]], play: T) -> None:
    try:
        asyncio.run(_act(network, scenes, play))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        network.close()


def _end(stage: Stage) -> None:
    words = _("{n} checks held, in {seconds:.0f} s")
    stage.scene(_("The end"), words.format(n=stage.checks, seconds=stage.seconds))


async def _act(network: Network, scenes: Sequence[Callable[[T], Awaitable[object]]], play: T) -> None:
    _stop_on(signal.SIGTERM, signal.SIGHUP)
    async with network:
        for scene in scenes:
            await scene(play)
            # Statements are dated to the second: the next day is another one.
            await asyncio.sleep(1 - time.time() % 1)


def _stop_on(*signals: signal.Signals) -> None:
    """End the story in order when the process is told to leave: its daemons would stay otherwise."""
    task = asyncio.current_task()
    assert task is not None  # we are called by one
    for number in signals:
        with contextlib.suppress(NotImplementedError, RuntimeError):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _make_room(out: Path) -> Path:
    """Remove what an earlier demonstration left in `out`, and nothing else; return the network's folder."""
    folder = out / _NETWORK
    if folder.exists() and not (folder / _MARKER).exists():
        raise ConflictError(
            _("The folder holds something that is not of a demonstration."), where=str(folder)
        )
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(out / STATEMENTS, ignore_errors=True)
    for name in (CASE_FILE, TRUST_LIST):
        (out / name).unlink(missing_ok=True)
    folder.mkdir(parents=True)
    (folder / _MARKER).touch()
    return folder
