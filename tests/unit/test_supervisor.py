"""A daemon tells who started it when it serves and when it leaves; a real socket, a real relay's process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.console import found_console
from fakes.ports import find_port
from fakes.town import POC, Town, found_town
from tracepost.cli.demonstration.processes import DaemonProcess
from tracepost.serving.supervisor import READY, tell_supervisor


@pytest.fixture
def ear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "ear"))
        listening.settimeout(120)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "ear"))
        yield listening


def daemon_of(town: Town, kind: str) -> tuple[str, list[str]]:
    if kind == "console":
        folder = town.place("xaa") / "console"
        found_console(town.residents["xaa"], folder, find_port(), "")
        return "xaa", ["-m", "tracepost.cli", "console", "serve", str(folder)]
    member, words = ("xaa", ["serve"]) if kind == "node" else ("hub", ["serve", "--config"])
    return member, ["-m", f"tracepost.{kind}", *words, str(town.place(member) / f"{kind}.toml")]


@pytest.mark.parametrize("kind", ["node", "relay", "console"])
async def test_it_says_that_it_serves_and_that_it_leaves(
    ear: socket.socket, tmp_path: Path, kind: str
) -> None:
    town = found_town(tmp_path / "town", {"xaa": [POC]}, "hub")
    member, command = daemon_of(town, kind)
    daemon = DaemonProcess(member, command, tmp_path / "log", f"{kind}-serves")
    await daemon.start()
    assert ear.recv(100) == b"READY=1"
    assert await daemon.stop() == 0
    assert ear.recv(100) == b"STOPPING=1"


def test_a_name_without_a_file_is_reached_and_nobody_there_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"@tracepost-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0"))
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        tell_supervisor(READY)
        assert listening.recv(100) == b"READY=1"
    for address in (name, str(tmp_path / "nobody"), "vsock:1:2", ""):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        tell_supervisor(READY)
