"""How a command ends that was a daemon."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from tracepost.cli.verb import Result
from tracepost.cli.words import _


def served(exit_code: int, log: Path | None) -> Result:
    """Return what a daemon ended with; a person who sees no log lines is told where the reason stands."""
    silent = exit_code == 0 or log is None
    view = None if silent else Text(_("It stopped; the last line of {log} says why.").format(log=log))
    return Result({"served": exit_code == 0}, view, exit_code)
