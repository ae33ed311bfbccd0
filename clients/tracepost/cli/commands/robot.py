"""`tracepost robot`: a robot officer that answers exercises like a slow point of contact, and nothing else."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.console import Console, Group
from rich.text import Text

from tracepost.cli.options import NodeOptions
from tracepost.cli.render.exercises import exercise_band
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, machine_reads, verb
from tracepost.cli.words import _, kind_words, plural
from tracepost.sdk.robot import Act, Manner, answer_exercises, attend

_DAY_SECONDS: Final = 86400


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "robot")(robot)


async def robot(
    *,
    node: NodeOptions,
    acknowledge_after: Annotated[
        int,
        typer.Option(
            "--acknowledge-after", min=0, max=_DAY_SECONDS, help=_("Seconds until it acknowledges, about.")
        ),
    ] = 60,
    answer_after: Annotated[
        int,
        typer.Option(
            "--answer-after", min=0, max=_DAY_SECONDS, help=_("Seconds from then until its next word, about.")
        ),
    ] = 600,
    ask_back: Annotated[
        int,
        typer.Option("--ask-back", min=0, max=100, help=_("Of a hundred requests, so many lack something.")),
    ] = 25,
    seed: Annotated[int, typer.Option("--seed", help=_("The same number does the same again."))] = 0,
    once: Annotated[bool, typer.Option("--once", help=_("Go through the exercises once, and end."))] = False,
) -> Result:
    """Answer exercises that others began, like a slow point of contact, until you end it (Ctrl-C).

    What is real it leaves to people.
    """
    manner = Manner(acknowledge_after, answer_after, ask_back / 100, seed)
    acts: list[Act] = []

    def tell(act: Act) -> None:
        acts.append(act)
        if not machine_reads():
            Console(highlight=False).print(_line(act))

    async with connected(node, _("Waiting for exercises")) as client:
        if once:
            for act in await attend(client, manner, time.time()):
                tell(act)
        else:
            await answer_exercises(client, manner, tell)
    words = Text(plural("{n} message sent", "{n} messages sent", len(acts)))
    return Result({"sent": [asdict(one) for one in acts]}, Group(exercise_band(), words))


def _line(act: Act) -> Text:
    return Text(f"{act.case}  {kind_words(act.kind)} -> {act.to}")
