"""`tracepost relay …`: thin over `tracepost.relay`, which is loaded only when it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.files import read_bytes
from tracepost.cli.options import option
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.ids import encode_b64

app = typer.Typer(
    no_args_is_help=True, help=_("A relay: keeps mail for members who are away, and cannot read it.")
)

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Folder of the relay."))]


@verb(app, "init")
def init(
    folder: FolderArgument,
    *,
    member: Annotated[str, option("--member", _("The relay's member id."))],
    domain: Annotated[str, option("--domain", _("Domain of the network."))],
    post: Annotated[str, option("--post", _("Where members' nodes dial, HOST:PORT."))],
    metrics: Annotated[str, typer.Option("--metrics", help=_("Where Prometheus reads, HOST:PORT."))] = "",
) -> Result:
    """Make a relay's folder; prints what its authority and the stewards need."""
    from tracepost.relay.installation import init_relay

    made = init_relay(folder, member=member, domain=domain, post=post, metrics=metrics)
    data = {"folder": str(folder), "request": encode_b64(made.request), "log_key": made.log_key}
    lines = [Text(f"{_('certificate request')}: {data['request']}"), Text(f"{_('log key')}: {made.log_key}")]
    return Result(data, Group(*lines))


@verb(app, "install")
def install(
    folder: FolderArgument,
    *,
    certificate: Annotated[
        Path | None, option("--certificate", _("Chain that its authority issued (PEM)."))
    ] = None,
    trust: Annotated[Path | None, option("--trust", _("First trust list; with --fingerprint."))] = None,
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", help=_("The fingerprint that you were told."))
    ] = "",
) -> Result:
    """Give a relay its certificate and its first trust list."""
    from tracepost.relay.installation import install_certificate, install_trust

    if certificate is not None:
        install_certificate(folder, read_bytes(certificate))
    if trust is not None:
        install_trust(folder, read_bytes(trust), fingerprint=fingerprint)
    return Result({"folder": str(folder)}, Text(_("Installed.")))


@verb(app, "serve")
def serve(
    config: Annotated[Path, option("--config", _("relay.toml"))],
    *,
    log: Annotated[Path | None, option("--log", _("File for log lines, else stderr."))] = None,
) -> Result:
    """Serve until it is told to stop (SIGTERM)."""
    from tracepost.relay.bootstrap import serve_relay

    return Result({"served": True}, exit_code=serve_relay(config, log_path=log))
