"""`tracepost demo`: four states and a relay on this machine, one request there and back."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from tracepost.cli.verb import Result, machine_reads, verb
from tracepost.cli.words import _


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "demo")(demo)


class Story(enum.StrEnum):
    """What is played."""

    REQUEST = "request"
    CHANNELS = "channels"


def demo(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help=_("Folder for everything that the demonstration makes, else build/demo or build/channels."),
        ),
    ] = None,
    story: Annotated[
        Story, typer.Option("--story", help=_("request: there and back. channels: who sees what."))
    ] = Story.REQUEST,
) -> Result:
    """Show the main job on this machine: four states, a relay, six weapons, one case."""
    from tracepost.cli.demo import run_channels, run_demo

    if story is Story.CHANNELS:
        return Result(run_channels(out or Path("build/channels"), stderr=machine_reads()))
    return Result(run_demo(out or Path("build/demo"), stderr=machine_reads()))
