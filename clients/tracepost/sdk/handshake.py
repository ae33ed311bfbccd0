"""Which TLS version and key agreement a connection really got: read from the wire itself.

The library that makes the connection does not tell. A `Tap` stands on a loopback
port, passes bytes through untouched to the real address and reads the server's
answer as it goes by: in TLS 1.3 the ServerHello names version and group in clear
(RFC 8446, 4.1.3, 4.2.8). Nothing is decrypted and nothing can be.

`offer_tls12` shows that a server refuses what is older.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass

GROUPS = {
    0x0017: "P-256",
    0x0018: "P-384",
    0x0019: "P-521",
    0x001D: "X25519",
    0x001E: "X448",
    0x11EB: "SecP256r1MLKEM768",
    0x11EC: "X25519MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
}
VERSIONS = {0x0301: "TLSv1.0", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
HYBRID_GROUPS = frozenset({"SecP256r1MLKEM768", "X25519MLKEM768", "SecP384r1MLKEM1024"})
_HANDSHAKE_RECORD, _SERVER_HELLO = 22, 2
_SUPPORTED_VERSIONS, _KEY_SHARE = 43, 51
# SHA-256 of "HelloRetryRequest": a ServerHello with this random asks for another try (RFC 8446, 4.1.3).
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
_CHUNK = 65536
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What the server chose."""

    version: str
    group: str


class Tap:
    """A loopback port that passes bytes to `host:port` and reads the ServerHello going by."""

    def __init__(self, address: str) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._seen = bytearray()
        self._reached = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Tap:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def address(self) -> str:
        """Where to dial instead of the real address."""
        assert self._server is not None, "enter the tap first"
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def reached(self) -> bool:
        """Whether somebody answered at the real address."""
        return self._reached

    def negotiated(self) -> Negotiated | None:
        """Return what the server chose, or None before it has."""
        return read_server_hello(bytes(self._seen))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(_SECONDS):
                far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
            self._reached = True
            try:
                await asyncio.gather(_copy(reader, far_writer, None), _copy(far_reader, writer, self._seen))
            finally:
                far_writer.close()
        writer.close()
        self._tasks.discard(task)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray | None) -> None:
    while data := await reader.read(_CHUNK):
        if seen is not None and len(seen) < _CHUNK:
            seen += data
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


def read_server_hello(stream: bytes) -> Negotiated | None:
    """Return what the last ServerHello at the head of a server's bytes chose; None without a whole one."""
    found, at = None, 0
    while len(stream) >= at + 5 and stream[at] in (_HANDSHAKE_RECORD, 20):
        end = at + 5 + int.from_bytes(stream[at + 3 : at + 5])
        record = stream[at + 5 : end]
        if stream[at] == _HANDSHAKE_RECORD and record[:1] == bytes([_SERVER_HELLO]) and len(stream) >= end:
            if record[6:38] != _RETRY:
                return _chosen(record)
            found = _chosen(record)
        at = end
    return found


def _chosen(hello: bytes) -> Negotiated:
    """`hello`: type, length 3, version 2, random 32, session id, cipher 2, compression, extensions."""
    at = 38
    at += 1 + int.from_bytes(hello[at : at + 1])  # session id
    at += 2 + 1  # cipher suite, compression
    version, group = int.from_bytes(hello[4:6]), 0
    end = at + 2 + int.from_bytes(hello[at : at + 2])
    at += 2
    while at + 4 <= end:
        kind, length = int.from_bytes(hello[at : at + 2]), int.from_bytes(hello[at + 2 : at + 4])
        if kind == _SUPPORTED_VERSIONS:
            version = int.from_bytes(hello[at + 4 : at + 6])
        if kind == _KEY_SHARE:
            group = int.from_bytes(hello[at + 4 : at + 6])
        at += 4 + length
    return Negotiated(VERSIONS.get(version, f"0x{version:04x}"), GROUPS.get(group, f"0x{group:04x}"))


async def offer_tls12(address: str, server_name: str) -> bool:
    """Offer nothing newer than TLS 1.2; return True when the server takes it, which it must not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only the version is asked; nothing is sent or believed
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(
                host, int(port), ssl=context, server_hostname=server_name
            )
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
