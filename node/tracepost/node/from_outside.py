"""What is seen of a node from its own machine, without its process: whether it runs or not, nothing is changed.

The store is read beside whoever serves from it; keys are looked at, not opened; relays and peers are dialled as the
node dials them, directly or by its proxy, far enough to see which certificate is shown. What is found is judged, and
put in words, by `tracepost doctor --folder`.
"""

from __future__ import annotations

import ctypes
import os
import socket
import ssl
import stat
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, TypeVar, cast
from urllib.parse import unquote, urlsplit

from cryptography import x509
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from tracepost.node.adapters.sql.migration import all_steps
from tracepost.node.adapters.sql.papers import (
    SqlCertificates,
    SqlDirectory,
    SqlRevocationLists,
    SqlTrustLists,
)
from tracepost.node.adapters.sql.tables import LOG
from tracepost.node.config import NodeConfig
from tracepost.node.own_papers import load_all_papers
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import NODE_DESK

T = TypeVar("T")

_SECRETS: Final = (".desk-keys", ".machine-keys", ".sealed", ".secret", ".key", ".key.pem")
_WITHIN_S: Final = 8.0
_UNSYNCHRONISED: Final = 5  # adjtimex(2): TIME_ERROR
_TIMEX_BYTES: Final = 512  # longer than struct timex anywhere


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """The database as it is: its kind and version, the step of its tables and ours, and how it writes."""

    kind: str
    version: str
    step: str
    our_step: str
    durable: bool
    log_size: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Who answered a dial: the certificate that was shown, or what went wrong before there was one."""

    certificate: x509.Certificate | None
    problem: str = ""


class StoreReader:
    """The store of a node for reading, also while the node runs; close it."""

    def __init__(self, config: NodeConfig) -> None:
        self._config = config
        url = config.store.url.replace("postgresql://", "postgresql+psycopg://", 1)
        # Without a write-ahead log nobody serves from the file, and none is made by looking at it.
        still = "" if config.store_path.with_name("store.sqlite-wal").exists() else "&immutable=1"
        self._engine = create_engine(url or f"sqlite:///file:{config.store_path}?mode=ro{still}&uri=true")

    def close(self) -> None:
        """Let it go."""
        self._engine.dispose()

    def facts(self) -> StoreFacts:
        """Return how the database is; raise `StoreError` if it does not answer."""
        return self._read(self._facts)

    async def papers(self, now: int) -> Papers:
        """Return the papers of all members as they are kept; raise as `load_all_papers`."""
        return await load_all_papers(self._config, cast("Store", self), now)

    async def read(self, job: Callable[[Tx], T]) -> T:
        """Run a job that asks for papers only (`ports.Store.read`)."""
        return self._read(lambda connection: job(cast("Tx", _papers_of(connection))))

    def _read(self, job: Callable[[Connection], T]) -> T:
        try:
            with self._engine.connect() as connection:
                return job(connection)
        except SQLAlchemyError as error:
            raise StoreError("the store could not be read", reason=type(error).__name__) from error

    def _facts(self, connection: Connection) -> StoreFacts:
        is_file = self._engine.dialect.name == "sqlite"
        if is_file:
            version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar())
            durable = _has_log(self._config.store_path)
        else:
            version = str(connection.exec_driver_sql("SHOW server_version").scalar())
            durable = all(
                _shows(connection, name) != "off"
                for name in ("fsync", "synchronous_commit", "full_page_writes")
            )
        known = inspect(connection).has_table("alembic_version")
        step = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else ""
        size = connection.execute(
            select(LOG.head.c.size).order_by(LOG.head.c.epoch.desc(), LOG.head.c.size.desc())
        )
        return StoreFacts(
            "SQLite" if is_file else "PostgreSQL",
            version,
            str(step or ""),
            all_steps()[-1].number,
            durable,
            size.scalars().first() or 0,
        )


def _has_log(path: Path) -> bool:
    """Say whether a file is written by way of a log (its bytes 18 and 19, file format of SQLite, 1.3.3)."""
    with path.open("rb") as file:
        return file.read(20)[18:20] == b"\x02\x02"


def _shows(connection: Connection, setting: str) -> str:
    return str(connection.exec_driver_sql(f"SHOW {setting}").scalar())


def _papers_of(connection: Connection) -> Any:
    return SimpleNamespace(
        trust_lists=SqlTrustLists(connection),
        revocation_lists=SqlRevocationLists(connection),
        certificates=SqlCertificates(connection),
        directory=SqlDirectory(connection),
    )


def loose_files(keys: Path) -> Iterator[Path]:
    """Yield key files of a folder, and the folder itself, that others than their owner may read."""
    for path in (keys, *sorted(keys.iterdir())):
        is_secret = path == keys or any(map(path.name.endswith, _SECRETS))
        if is_secret and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield path


def clock_is_kept() -> bool | None:
    """Say whether the kernel knows of a time service that keeps the clock; None where that cannot be asked."""
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (AttributeError, OSError):
        return None
    return None if state < 0 else state != _UNSYNCHRONISED


def dial(address: str, name: str, proxy: str = "") -> Shown:
    """Dial `address` (host:port) as the node would and return the certificate that is shown for `name`; blocking.

    Nothing is believed and nothing is sent: only who answers is looked at.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    try:
        with _connect(address, proxy) as plain, context.wrap_socket(plain, server_hostname=name) as wrapped:
            der = wrapped.getpeercert(binary_form=True)
            return Shown(
                x509.load_der_x509_certificate(der) if der else None, "" if der else "no certificate"
            )
    except (OSError, ValueError) as error:
        return Shown(None, _problem(error))


def _problem(error: Exception) -> str:
    if isinstance(error, _ProxyError):
        return str(error)
    if isinstance(error, ssl.SSLError):
        return f"tls {error.reason or 'ended'}".lower()
    if isinstance(error, TimeoutError):
        return "no answer"
    number = error.errno if isinstance(error, OSError) else None
    if number and number > 0:
        return os.strerror(number).lower()
    # A name that is none of a host is a ValueError, and so is a certificate that OpenSSL alone can read.
    return "no such address" if isinstance(error, OSError | UnicodeError) else "nothing that can be read"


class _ProxyError(OSError):
    pass


def _connect(address: str, proxy: str) -> socket.socket:
    parts = urlsplit(proxy)
    if not proxy:
        host, _, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), _WITHIN_S)
    connection = socket.create_connection((parts.hostname or "", parts.port or 3128), _WITHIN_S)
    try:
        _ask_proxy(connection, address, parts.username, parts.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _ask_proxy(connection: socket.socket, address: str, user: str | None, word: str | None) -> None:
    lines = [f"CONNECT {address} HTTP/1.1", f"Host: {address}"]
    if user:
        token = b64encode(f"{unquote(user)}:{unquote(word or '')}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {token}")
    connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < 65536:
        more = connection.recv(1)  # not a byte beyond the answer: what follows is TLS
        if not more:
            break
        answer += more
    status = answer.split(b" ", 2)[1:2]
    if status != [b"200"]:
        code = status[0].decode("ascii", "replace") if status else "nothing"
        raise _ProxyError(f"the proxy answers {code[:20]}")


def own_names(config: NodeConfig) -> list[str]:
    """Return the names of the certificates that a node needs."""
    desks = (NODE_DESK, *(desk.desk for desk in config.desks))
    return ["node", "statement", *(f"desk-{desk}" for desk in desks)]


def own_certificates(config: NodeConfig) -> Iterator[tuple[str, bytes]]:
    """Yield name and chain (PEM) of each certificate of the node that is there."""
    for name in own_names(config):
        with suppress(OSError):
            yield name, config.chain_path(name).read_bytes()
