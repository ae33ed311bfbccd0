"""`tracepost ping`: whether mail reaches a member, and is read there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.text import Text

from tracepost.cli.options import NodeOptions
from tracepost.cli.render.exercises import exercise_band
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, machine_reads, verb
from tracepost.cli.words import _, coded, kind_words
from tracepost.protocol.errors import EnvelopeError, UnreachableError
from tracepost.sdk.pinging import Step
from tracepost.sdk.pinging import ping as send_ping

_DAY_SECONDS = 86400


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "ping")(ping)


async def ping(
    member: Annotated[
        str, typer.Argument(metavar="MEMBER", help=_("Member whose point of contact is asked."))
    ],
    node: NodeOptions,
    receipt_within: Annotated[
        int,
        typer.Option("--receipt-within", min=1, max=_DAY_SECONDS, help=_("Seconds to wait for the receipt.")),
    ] = 60,
    answer_within: Annotated[
        int,
        typer.Option(
            "--answer-within",
            min=0,
            max=_DAY_SECONDS,
            help=_("Seconds to wait for an answer after that; 0: for none."),
        ),
    ] = 0,
) -> Result:
    """Send a tiny exercise to a member and watch it: sealed, received by its node, answered by its office."""
    steps: list[Step] = []
    async with connected(node, _("Waiting for the other side")) as client:
        async for step in send_ping(
            client, member, receipt_seconds=receipt_within, answer_seconds=answer_within
        ):
            steps.append(step)
            if not machine_reads():
                Console(highlight=False).print(_line(step))
    data = {"member": member, "case": steps[0].case, "steps": [_tell(one) for one in steps]}
    return Result(data, _end(steps), _exit_code(steps[-1]))


def _tell(step: Step) -> dict[str, object]:
    told = asdict(step)
    told["seconds"] = round(step.seconds, 3)
    del told["case"]
    return told


def _exit_code(last: Step) -> int:
    if last.happened:
        return 0
    return EnvelopeError.exit_code if last.detail == "refused" else UnreachableError.exit_code


def _line(step: Step) -> Text:
    words = {"sealed": _("sealed"), "receipt": _("receipt"), "answer": _("answer")}[step.name]
    return Text(f"{step.seconds:8.2f} s  {words}: {_words(step)}")


def _words(step: Step) -> str:
    if not step.detail:
        return _("nothing was heard in time")
    return kind_words(step.detail) if step.name == "answer" else coded("event", step.detail)


def _end(steps: list[Step]) -> RenderableType:
    return Group(exercise_band(), Text(f"{_('case')} {steps[0].case}"))
