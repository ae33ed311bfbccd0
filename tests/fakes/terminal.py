"""The command line in this process, put together once: `typer.testing` does it anew for each line that is run.

result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["trace", "list"])
"""

from __future__ import annotations

from functools import cache
from typing import Any

import typer
from click import testing
from click.testing import Result
from typer.main import get_command

__all__ = ["CliRunner", "Result"]


class CliRunner(testing.CliRunner):
    """Runs lines."""

    def invoke(self, app: typer.Typer, *args: Any, **named: Any) -> Result:  # type: ignore[override]
        """Run one line of `app`."""
        return super().invoke(_put_together(app), *args, **named)


@cache
def _put_together(app: typer.Typer) -> Any:
    return get_command(app)
