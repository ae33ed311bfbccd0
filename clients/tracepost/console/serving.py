"""A console that serves: its papers, its way to the node, its listener."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog
import uvicorn

from tracepost.console.accounts import Accounts
from tracepost.console.app import make_app
from tracepost.console.forms.cabinet import open_cabinet
from tracepost.console.forms.drafts import DraftStore
from tracepost.console.forms.uploads import UploadStore
from tracepost.console.limits import Limits
from tracepost.console.onlooker import Onlooker
from tracepost.console.passkeys import Challenges, Passkeys
from tracepost.console.printing import Printers
from tracepost.console.provider import Provider
from tracepost.console.rooms import menu_of, rooms_of
from tracepost.console.sessions import FormTokens, Sessions
from tracepost.console.settings import ConsoleSettings, load_settings
from tracepost.console.tls import make_context, protocol_class
from tracepost.console.visit import House
from tracepost.protocol.certificate import read_identity
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.identity import Role
from tracepost.sdk import OfficerPapers
from tracepost.sdk.carrying import ConsoleConnection

_log = structlog.get_logger()

_CONNECTIONS: Final = 1_000
_KEEP_ALIVE_S: Final = 30
_GRACE_S: Final = 10


@asynccontextmanager
async def open_house(
    settings: ConsoleSettings,
    papers: OfficerPapers,
    clock: Callable[[], float] = time.monotonic,
    onlooker: Onlooker | None = None,
) -> AsyncIterator[House]:
    """Give what all visits share; at the end the connection to the node is closed.

    Raises:
        ConfigurationError: another console uses the folder, or what lies in it cannot be used.
    """
    provider = Provider(settings.oidc, settings.origin, clock) if settings.oidc else None
    with _alone_in(settings.folder), contextlib.closing(open_cabinet(settings.folder)) as cabinet:
        async with ConsoleConnection(settings.node, settings.member, settings.domain, papers) as node:
            yield House(
                settings=settings,
                sessions=Sessions(settings.session, clock),
                tokens=FormTokens(),
                limits=Limits(clock),
                node=node,
                drafts=DraftStore(cabinet),
                uploads=UploadStore(cabinet),
                printers=Printers(),
                passkeys=Passkeys(settings.folder),
                challenges=Challenges(clock),
                accounts=Accounts(settings.folder, clock),
                provider=provider,
                menu=menu_of(rooms_of(settings)),
                clock=clock,
                onlooker=onlooker or Onlooker(),
            )


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold a console's folder: of two there, each would bring back what was taken back at the other."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as fault:
        raise ConfigurationError(
            "another console uses this folder",
            where=str(folder),
            reason="folder-in-use",
            remedy="Stop that one first; each console has a folder of its own.",
        ) from fault


def read_console_papers(settings: ConsoleSettings) -> OfficerPapers:
    """Return the console's own papers; raise `ConfigurationError`, if they are not a console's of our member."""
    papers = OfficerPapers.read(settings.certificate, settings.key, settings.root)
    claimed = read_identity(papers.certificates()[0], settings.domain)
    if (claimed.role, claimed.member) != (Role.CONSOLE, settings.member):
        raise ConfigurationError(
            "the certificate is not this console's", where=str(settings.certificate), reason="not-a-console"
        )
    return papers


async def serve_console(
    path: Path,
    *,
    stop: asyncio.Event,
    ready: Callable[[int], None] | None = None,
    onlooker: Onlooker | None = None,
) -> None:
    """Serve the console of a `console.toml` until `stop` is set.

    Args:
        path: the settings.
        stop: ends it.
        ready: called with the port when browsers are answered.
        onlooker: looks on; None: nobody.

    Raises:
        ConfigurationError: settings, papers or address do not fit.
    """
    settings = load_settings(path)
    papers = read_console_papers(settings)
    async with (
        open_house(settings, papers, onlooker=onlooker) as house,
        house.onlooker.look_at(settings, house.sessions, house.node),
    ):
        server = _Server(_config(settings, papers, house), ready)
        stopping = asyncio.create_task(server.stop_when(stop))
        looking = asyncio.create_task(house.provider.look()) if house.provider else None
        try:
            await server.serve()
        except SystemExit as fault:
            raise ConfigurationError(
                "nothing can listen at the address", where="listen", reason="listen"
            ) from fault
        finally:
            stopping.cancel()
            if looking is not None:
                looking.cancel()


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it answers, and ends with its exit code of ours when it is told to stop."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        _log.info("console-serves", port=port)
        if self._ready is not None:
            self._ready(port)

    async def stop_when(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the caller, who sets `stop`: uvicorn raises them again at its end."""
        yield


def _config(settings: ConsoleSettings, papers: OfficerPapers, house: House) -> uvicorn.Config:
    context = make_context(settings.web_certificate, settings.web_key, settings.root)
    host, port = settings.listen
    return uvicorn.Config(
        make_app(house, rooms_of(settings)),
        host=host,
        port=port,
        http=protocol_class(tuple(papers.certificates()[1:])),
        ws="none",
        lifespan="off",
        ssl_context_factory=lambda _config, _default: context,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
