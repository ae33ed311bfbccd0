"""`tracepost trace …`: the main job, from the request to the closed case."""

from __future__ import annotations

import typer

from tracepost.cli.commands.trace import (
    answering,
    asking,
    attaching,
    closing,
    deleting,
    following,
    inquiring,
    publishing,
    reading,
    searching,
    sharing,
    submitting,
    writing,
)
from tracepost.cli.words import _

app = typer.Typer(no_args_is_help=True, help=_("Ask, answer and follow traces."))
for group in (
    submitting,
    reading,
    attaching,
    searching,
    answering,
    asking,
    inquiring,
    writing,
    sharing,
    publishing,
    closing,
    deleting,
    following,
):
    group.register(app)
