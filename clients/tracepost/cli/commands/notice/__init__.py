"""`tracepost notice …`: what a state tells unasked; each opens a case, or stands in one."""

from __future__ import annotations

import typer

from tracepost.cli.commands.notice import assisting, delivering, diverting, figures, informing, marking
from tracepost.cli.words import _

app = typer.Typer(no_args_is_help=True, help=_("Tell others what they should know, without being asked."))
for group in (diverting, delivering, informing, marking, figures, assisting):
    group.register(app)
