"""How a daemon says that it can work: health of each service, two pages for probes, and what comes back by itself."""

from __future__ import annotations

import asyncio
import errno
import json
import re
import resource
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CollectorRegistry

from fakes.pki import DOMAIN
from fakes.ports import find_port
from fakes.town import POC, Town, found_town
from tracepost.node.bootstrap.node import RunningNode, open_node, probes_of
from tracepost.node.config import load_config
from tracepost.node.post.resuming import Refilling
from tracepost.protocol.errors import StoreError, TracepostError
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import MemberId
from tracepost.serving.credentials import Papers, open_channel
from tracepost.serving.pages import READERS_AT_ONCE, serve_pages
from tracepost.serving.telemetry import Meter
from tracepost.serving.vitals import BEAT_LIMIT_S, State, Vitals
from tracepost.serving.watch import Watch

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
OF_GRPC = re.compile(r"[IWEF]\d{4} |WARNING: All log messages before absl")
"""A line that gRPC itself writes, of what other tests of this process have left to it."""
POST, DESK = "tracepost.wire.v1.Post", "tracepost.wire.v1.Desk"


def page(town: Town, member: str, path: str) -> tuple[int, bytes]:
    address = f"http://127.0.0.1:{town.residents[member].ports.metrics}{path}"
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


async def state(town: Town, member: str, path: str = "/readyz") -> tuple[int, str]:
    status, body = await asyncio.to_thread(page, town, member, path)
    return status, json.loads(body)["state"]


async def health(town: Town, member: str, service: str) -> Any:
    """Ask one of the two servers of a member as a load balancer would that shows an officer's certificate."""
    resident = town.residents[member]
    port = resident.ports.desk if service == DESK else resident.ports.post
    issued = resident.officers["7"]
    papers = Papers(issued.key_pem, issued.chain_pem, resident.authority.pem)
    name = dns_name(Role.NODE, MemberId(member), DOMAIN)
    async with open_channel(f"127.0.0.1:{port}", papers, name) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        return (await stub.Check(health_pb2.HealthCheckRequest(service=service))).status


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return found_town(tmp_path_factory.mktemp("watch") / "town", {"xaa": (POC,)}, "hub", metrics=True)


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    return founded.copy(tmp_path / "town")


@pytest.fixture
async def node(town: Town) -> AsyncIterator[RunningNode]:
    node = await open_node(load_config(town.place("xaa") / "node.toml"))
    yield node
    await node.close()


async def test_a_node_that_serves_is_alive_and_ready_on_both_servers(town: Town, node: RunningNode) -> None:
    assert await state(town, "xaa") == (200, "ready")
    assert await state(town, "xaa", "/healthz") == (200, "alive")
    assert await health(town, "xaa", POST) == SERVING
    assert await health(town, "xaa", DESK) == SERVING
    assert (await asyncio.to_thread(page, town, "xaa", "/other"))[0] == 404


async def test_in_maintenance_officers_are_served_and_mail_is_not(town: Town, node: RunningNode) -> None:
    async with town.client("xaa") as officer:
        await officer.post.set_maintenance(on=True)
        assert await state(town, "xaa") == (503, "maintenance")
        assert await health(town, "xaa", POST) == NOT_SERVING
        assert await health(town, "xaa", DESK) == SERVING
        await officer.post.set_maintenance(on=False)
    assert await state(town, "xaa") == (200, "ready")


async def test_a_store_that_takes_nothing_is_told_and_comes_back_by_itself(town: Town) -> None:
    """The files of the process cannot grow, as on a full disk, until somebody makes room."""
    xaa = town.process("xaa")
    await xaa.start()
    try:
        _, hard = resource.prlimit(xaa.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(xaa.pid, resource.RLIMIT_FSIZE, (4096, hard))
        async with town.client("xaa") as officer:
            with pytest.raises(TracepostError):
                await officer.post.set_maintenance(on=True)
        assert await state(town, "xaa") == (503, "store-lost")
        assert await state(town, "xaa", "/healthz") == (200, "alive")
        await until(partial(health_is, town, NOT_SERVING), "the servers to say so")
        resource.prlimit(xaa.pid, resource.RLIMIT_FSIZE, (hard, hard))
        await until(partial(health_is, town, SERVING), "both to come back")
        assert await state(town, "xaa") == (200, "ready")
        page_ = (await asyncio.to_thread(page, town, "xaa", "/metrics"))[1].decode()
        failed = re.search(r"^tracepost_node_commits_failed_total ([0-9.]+)", page_, re.MULTILINE)
        assert failed is not None
        assert float(failed[1]) > 0
    finally:
        xaa.abandon()


async def test_a_relay_whose_store_took_nothing_comes_back_by_itself(town: Town) -> None:
    """Nobody dials it any more: what it writes to see whether the store is back says so."""
    hub, xaa = town.process("hub"), town.process("xaa")
    await hub.start()
    try:
        _, hard = resource.prlimit(hub.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, (4096, hard))
        await xaa.start()
        await until(
            partial(state_is, town, "hub", (503, "store-lost")), "papers of XAA to find the disk full"
        )
        await xaa.stop()
        resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, (hard, hard))
        await until(partial(state_is, town, "hub", (200, "ready")), "the relay to come back")
    finally:
        xaa.abandon()
        hub.abandon()


async def state_is(town: Town, member: str, wanted: tuple[int, str]) -> bool:
    return await state(town, member) == wanted


async def health_is(town: Town, wanted: int) -> bool:
    return [await health(town, "xaa", one) for one in (POST, DESK)] == [wanted, wanted]


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    ends = time.monotonic() + 180
    while not await holds():
        assert time.monotonic() < ends, f"waited in vain for {what}"
        await asyncio.sleep(0.05)


async def test_a_node_that_leaves_says_so_to_who_watches(town: Town) -> None:
    """A load balancer hears it before the last call has ended."""
    node = await open_node(load_config(town.place("xaa") / "node.toml"))
    resident = town.residents["xaa"]
    issued = resident.officers["7"]
    papers = Papers(issued.key_pem, issued.chain_pem, resident.authority.pem)
    name = dns_name(Role.NODE, MemberId("xaa"), DOMAIN)
    async with open_channel(f"127.0.0.1:{resident.ports.desk}", papers, name) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        watch = stub.Watch(health_pb2.HealthCheckRequest(service=DESK))
        assert (await watch.read()).status == SERVING
        closing_ = asyncio.create_task(node.close())
        assert (await watch.read()).status == NOT_SERVING
        assert await state(town, "xaa") == (503, "draining")
        watch.cancel()
        await closing_


def test_a_loop_that_does_not_turn_is_not_alive() -> None:
    now = [0.0]
    vitals = Vitals(lambda: now[0], Meter("test"))
    port = find_port()
    stop = serve_pages(f"127.0.0.1:{port}", CollectorRegistry(), vitals)
    try:
        assert read(port, "/healthz") == 200
        assert read(port, "/readyz") == 200
        now[0] = BEAT_LIMIT_S
        assert read(port, "/healthz") == read(port, "/readyz") == 503
        vitals.beat()
        assert read(port, "/healthz") == 200
    finally:
        stop()


def test_connections_that_say_nothing_keep_no_probe_out_and_take_no_threads(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """And one that goes away in the middle leaves no words on the error output, which is the log's."""
    port = find_port()
    stop = serve_pages(f"127.0.0.1:{port}", CollectorRegistry(), Vitals(time.monotonic, Meter("test")))
    try:
        with ExitStack() as held:
            silent = [
                held.enter_context(socket.create_connection(("127.0.0.1", port), 60))
                for _ in range(3 * READERS_AT_ONCE)
            ]
            assert read(port, "/healthz") == 200
            assert silent[0].recv(1) == b"", "who was there longest is let go"
            for _ in range(6000):  # a thread ends a moment after its connection
                if readers() <= READERS_AT_ONCE:
                    break
                time.sleep(0.01)
            assert readers() <= READERS_AT_ONCE
        rude = socket.create_connection(("127.0.0.1", port), 60)
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        rude.sendall(b"GET /metrics HTTP/1.1\r\n")
        rude.close()
        assert read(port, "/healthz") == 200
    finally:
        stop()
    written = capfd.readouterr().err.splitlines()
    assert [line for line in written if not OF_GRPC.match(line)] == []


async def test_a_look_that_fails_or_hangs_ends_neither_the_pulse_nor_the_watch(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file server that is gone, where the backups are, does one or the other."""
    monkeypatch.setattr("tracepost.serving.watch.EVERY_S", 0.01)
    now, looked = [0.0], 0
    vitals = Vitals(lambda: now[0], Meter("test"))

    async def hang() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        nonlocal looked
        looked += 1
        raise OSError(errno.ESTALE, "stale file handle")

    async def tell(_: State) -> None:
        pass

    watch = Watch(vitals, probes_of(node._store, MemberId("xaa"), lambda: 0), tell, [hang, fail])
    running = asyncio.create_task(watch.run())
    try:
        await until(partial(has_looked, lambda: looked > 2), "three looks")
        now[0] = 2 * BEAT_LIMIT_S
        await until(partial(has_looked, lambda: vitals.is_alive), "a beat")
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_store_that_is_lost_while_others_are_to_be_asked_ends_nothing(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracepost.node.post.resuming._FIRST_WAIT_S", 0.01)
    read, looks = node._store.read, 0

    async def lost_at_first(job: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise StoreError(reason="store-lost")
        return await read(job)

    monkeypatch.setattr(node._store, "read", lost_at_first)
    parts: Any = dict.fromkeys(("mailroom", "settling", "random", "ask"))
    refilling = Refilling(MemberId("xaa"), store=node._store, papers=node.papers, clock=lambda: 0, **parts)
    running = asyncio.create_task(refilling.run(lambda: ()))
    try:
        await until(partial(has_looked, lambda: looks > 2), "the store to be back")
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def has_looked(holds: Callable[[], bool]) -> bool:
    return holds()


async def test_a_folder_of_backups_that_cannot_be_looked_at_is_none_and_ends_nothing(town: Town) -> None:
    with (town.place("xaa") / "node.toml").open("a") as settings:
        settings.write(f'\n[backup]\nfolder = "{"far" * 100}"\n')
    node = await open_node(load_config(town.place("xaa") / "node.toml"))
    try:
        await until(partial(shows, town, b"tracepost_node_backup_timestamp_seconds 0.0"), "the page")
        assert not any(task.done() for task in node._tasks)
    finally:
        await node.close()


async def shows(town: Town, line: bytes) -> bool:
    return line in (await asyncio.to_thread(page, town, "xaa", "/metrics"))[1]


def readers() -> int:
    return sum("process_request_thread" in one.name for one in threading.enumerate())


def read(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_what_hinders_more_is_said_first() -> None:
    vitals = Vitals(time.monotonic, Meter("test"))
    said = [vitals.state]
    vitals.is_closed = lambda: True
    said.append(vitals.state)
    vitals.note_commit(None)
    said.append(vitals.state)
    vitals.is_draining = lambda: True
    said.append(vitals.state)
    vitals.is_draining = vitals.is_closed = lambda: False
    vitals.find_store(vitals.losses)
    said.append(vitals.state)
    assert said == [State.READY, State.MAINTENANCE, State.STORE_LOST, State.DRAINING, State.READY]


async def test_a_relay_has_the_same_pages(town: Town) -> None:
    async with town.running("hub"):
        assert await state(town, "hub") == (200, "ready")
        assert b"tracepost_relay_ready 1.0" in (await asyncio.to_thread(page, town, "hub", "/metrics"))[1]
