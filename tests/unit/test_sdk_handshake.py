"""What a connection negotiated is read from its own bytes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.desk_server import MEMBER, FakeDesk, desk_server
from fakes.pki import DOMAIN, make_root
from tracepost.protocol.identity import Role
from tracepost.sdk import Client, OfficerPapers
from tracepost.sdk.handshake import Negotiated, Tap, offer_tls12, read_server_hello

NAME = f"node.{MEMBER}.{DOMAIN}"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who waits at a screen gives up sooner than a machine that runs many tests comes to its turn."""
    monkeypatch.setattr("tracepost.sdk.handshake._SECONDS", 120.0)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        yield running


def server_hello(version: int, group: int, *, retry: bool = False) -> bytes:
    """A ServerHello as RFC 8446, 4.1.3 has it."""
    random = (
        bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
        if retry
        else b"r" * 32
    )
    extensions = (
        b"\x00\x2b\x00\x02" + version.to_bytes(2) + b"\x00\x33\x00\x04" + group.to_bytes(2) + b"\x00\x00"
    )
    body = (
        b"\x03\x03"
        + random
        + b"\x20"
        + b"s" * 32
        + b"\x13\x01\x00"
        + len(extensions).to_bytes(2)
        + extensions
    )
    message = b"\x02" + len(body).to_bytes(3) + body
    return b"\x16\x03\x03" + len(message).to_bytes(2) + message


async def test_a_real_connection_is_tls13_with_a_hybrid_group(desk: FakeDesk) -> None:
    folder = desk.profile.parent
    papers = OfficerPapers.read(folder / "officer.pem", folder / "officer.key", folder / "root.pem")
    async with Tap(desk.address) as tap:
        async with Client.connect(tap.address, MEMBER, DOMAIN, papers) as client:
            await client.get_status()
        assert tap.negotiated() == Negotiated("TLSv1.3", "X25519MLKEM768")


async def test_a_server_that_serves_1_3_only_does_not_take_1_2(desk: FakeDesk) -> None:
    assert not await offer_tls12(desk.address, NAME)


async def test_a_server_that_takes_1_2_is_found_out(tmp_path: Path) -> None:
    node = make_root(MEMBER).issue(Role.NODE)
    (tmp_path / "node.pem").write_bytes(node.chain_pem + node.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "node.pem")
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    assert await offer_tls12(address, NAME)
    server.close()
    await server.wait_closed()


async def test_nobody_at_the_address_takes_nothing() -> None:
    assert not await offer_tls12("127.0.0.1:1", NAME)
    async with Tap("127.0.0.1:1") as tap:
        host, _, port = tap.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        assert await reader.read() == b""
        writer.close()
        assert tap.negotiated() is None


def test_the_hello_after_a_retry_is_the_one_that_counts() -> None:
    stream = (
        server_hello(0x0304, 0x001D, retry=True) + b"\x14\x03\x03\x00\x01\x01" + server_hello(0x0304, 0x11EC)
    )
    assert read_server_hello(stream) == Negotiated("TLSv1.3", "X25519MLKEM768")


def test_an_unknown_version_or_group_is_shown_by_number() -> None:
    assert read_server_hello(server_hello(0x0305, 0x9999)) == Negotiated("0x0305", "0x9999")


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=200))
def test_a_torn_or_foreign_stream_breaks_nothing(noise: bytes, cut: int) -> None:
    for stream in (noise, server_hello(0x0304, 0x11EC)[:cut], server_hello(0x0304, 0x11EC) + noise):
        read_server_hello(stream)


@given(st.binary(max_size=120))
def test_a_hello_with_nonsense_inside_breaks_nothing(noise: bytes) -> None:
    message = b"\x02" + len(noise).to_bytes(3) + noise
    read_server_hello(b"\x16\x03\x03" + len(message).to_bytes(2) + message)
