"""The whole command line: groups of verbs, put together in a table at the foot."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from tracepost.cli.commands import (
    ca,
    case,
    check,
    customs,
    deletion,
    demo,
    desk,
    directory,
    doctor,
    emergency,
    enrol,
    log,
    mandate,
    node,
    notice,
    officer,
    panel,
    policy,
    post,
    practice,
    register,
    relay,
    release,
    report,
    trace,
    trust,
    verify,
)
from tracepost.cli.words import _

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=_("Trace requests on illicit small arms, sent and answered between national points of contact."),
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(metadata.version("tracepost"))
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help=_("Show the version."))
    ] = False,
) -> None:
    """Options before the first verb."""


app.add_typer(trace.app, name="trace")
app.add_typer(notice.app, name="notice")
app.add_typer(customs.app, name="customs")
app.add_typer(panel.app, name="panel")
app.add_typer(mandate.app, name="mandate")
app.add_typer(directory.app, name="directory")
app.add_typer(trust.app, name="trust")
app.add_typer(ca.app, name="ca")
app.add_typer(node.app, name="node")
app.add_typer(log.app, name="log")
app.add_typer(policy.app, name="policy")
app.add_typer(check.app, name="check")
app.add_typer(register.app, name="register")
app.add_typer(relay.app, name="relay")
app.add_typer(case.app, name="case")
app.add_typer(desk.app, name="desk")
app.add_typer(officer.app, name="officer")
app.add_typer(release.app, name="release")
app.add_typer(deletion.app, name="deletion")
app.add_typer(post.app, name="post")
app.add_typer(emergency.app, name="emergency")
for group in (verify, enrol, doctor, demo, practice, report):
    group.register(app)
