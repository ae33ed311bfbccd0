"""`tracepost demo`: four states and a relay on this machine, one request there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tracepost.cli.verb import Result, machine_reads, verb
from tracepost.cli.words import _


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "demo")(demo)


def demo(
    out: Annotated[
        Path, typer.Option("--out", help=_("Folder for everything that the demonstration makes."))
    ] = Path("build/demo"),
) -> Result:
    """Show the main job on this machine: four states, a relay, six weapons, one case."""
    from tracepost.cli.demo import run_demo

    return Result(run_demo(out, stderr=machine_reads()))
