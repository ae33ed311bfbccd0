"""`tracepost console …`: thin over `tracepost.console`, which is loaded only when it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tracepost.cli.carried import read_chain
from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.options import option
from tracepost.cli.serving import served
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.enrolment import RequestPaper
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import encode_b64

app = typer.Typer(no_args_is_help=True, help=_("The web console, at which officers of this member work."))

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Folder of the console."))]


@verb(app, "init")
def init(
    folder: FolderArgument,
    *,
    member: Annotated[str, option("--member", _("Member id, such as xaa."))],
    domain: Annotated[str, option("--domain", _("Domain of the network."))],
    node: Annotated[str, option("--node", _("Where our node answers its officers, HOST:PORT."))],
    origin: Annotated[
        str, option("--origin", _("What officers type, https://HOST:PORT; passkeys are bound to it."))
    ],
    listen: Annotated[str, option("--listen", _("Where browsers dial, HOST:PORT."))],
) -> Result:
    """Make a console's folder: its key, and in `requests` what our authority needs."""
    from tracepost.console.installation import init_console

    made = init_console(folder, member=member, domain=domain, node=node, origin=origin, listen=listen)
    paper = folder / "requests" / "console.json"
    write_bytes(paper, RequestPaper(made, None).to_json())
    data = {"folder": str(folder), "request": encode_b64(made), "requests": {"console": str(paper)}}
    return Result(data, Text(f"{_('certificate request')}: {paper}"))


@verb(app, "install")
def install(
    folder: FolderArgument,
    *,
    certificate: Annotated[Path, option("--certificate", _("Chain that its authority issued (PEM)."))],
    root: Annotated[Path, option("--root", _("Root certificate of the own member (PEM)."))],
) -> Result:
    """Give a console its certificate, and the root of the officers that it lets in."""
    from tracepost.console.installation import install_papers

    install_papers(folder, read_chain(certificate), read_bytes(root))
    return Result({"folder": str(folder)}, Text(_("Installed.")))


@verb(app, "serve")
def serve(
    folder: FolderArgument,
    *,
    log: Annotated[Path | None, option("--log", _("File for log lines, else stderr."))] = None,
) -> Result:
    """Serve the console until it is told to stop (SIGTERM)."""
    _require_packages()
    from tracepost.cli.console_pages import ConsolePages
    from tracepost.console.serving import serve_console
    from tracepost.console.settings import CONFIG_NAME
    from tracepost.serving.server import Daemon, run_daemon
    from tracepost.serving.supervisor import READY, tell_supervisor

    async def main(daemon: Daemon) -> None:
        await serve_console(
            folder / CONFIG_NAME,
            stop=daemon.stop,
            ready=lambda _port: tell_supervisor(READY),
            onlooker=ConsolePages(daemon.stop.is_set),
        )

    return served(run_daemon("console", main, log), log)


def _require_packages() -> None:
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as fault:
        raise ConfigurationError(
            _("The packages of the console are not installed."),
            where="tracepost[console]",
            reason="no-packages",
            remedy=_("Install them: pip install 'tracepost[console]'."),
        ) from fault
