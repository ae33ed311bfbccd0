"""A real network on this machine, for testing a program that uses the SDK. Nothing in it is a mock.

    from tracepost.sdk.testing import local_network

    async with local_network() as network:
        xaa, xab = network.client("xaa"), network.client("xab")
        sent = await xaa.submit_request(request, Cover(to=("xab",), ...))
        await network.delivered("xaa", sent)              # xab's receipt is in xaa's hands
        view = await xab.show_case(sent.thread)

Each member is fictional and has a node of its own: a process with its keys, certificates, store and log, on
loopback ports, in a temporary folder. Its desks `poc` and `police` are unlocked, the members know one
another, and mail goes directly between them. It takes some seconds to make: let many tests share one, as a
fixture of the session, and use file numbers of their own.

The network is run by a program beside this one (`tracepost.cli.demonstration.standing`); it ends with the
context, and with this process, however that ends. Not done here: faults, a relay, members of your own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from tracepost.protocol.errors import (
    ConfigurationError,
    InvalidInputError,
    TracepostError,
    UnreachableError,
)
from tracepost.protocol.problems import error_class
from tracepost.sdk.client import Client
from tracepost.sdk.papers import OfficerPapers
from tracepost.wire.v1 import desk_pb2

__all__ = ["LocalNetwork", "local_network"]

_PROGRAM: Final = "tracepost.cli.demonstration.standing"
_STOP_SECONDS: Final = 180.0
_LOOK_AGAIN_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class LocalNetwork:
    """Members that run on this machine, and clients of their officers; made by `local_network`.

    Args:
        folder: of all files: `<member>/node.log` has the log lines of a node.
        profiles: for each member and desk, the profile that the command line takes with `--profile`.
    """

    folder: Path
    profiles: Mapping[str, Mapping[str, Path]]
    _clients: Mapping[tuple[str, str], Client] = field(repr=False)

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of the members."""
        return tuple(self.profiles)

    def client(self, member: str, desk: str = "poc") -> Client:
        """Return the client of the officer at `desk` (`poc` or `police`) of `member`, ready to be used.

        It is closed with the network. Raises `InvalidInputError` for who is not there.
        """
        try:
            return self._clients[member, desk]
        except KeyError:
            raise InvalidInputError(
                "There is no such member or desk here.", where=f"{member}/{desk}"
            ) from None

    async def delivered(
        self, member: str, submission: desk_pb2.Submission, *, timeout_seconds: float = 120.0
    ) -> None:
        """Wait until `member` has the receipts of all to whom it sent `submission`.

        Raises:
            UnreachableError: it was in vain.
        """
        wanted, officer = {dispatch.to for dispatch in submission.dispatches}, self.client(member)
        try:
            async with asyncio.timeout(timeout_seconds):
                while not wanted <= await _receivers(officer, submission):  # noqa: ASYNC110 - nodes answer, only
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        except TimeoutError as fault:
            raise UnreachableError(
                "It was not delivered in time.", where=", ".join(sorted(wanted))
            ) from fault


@asynccontextmanager
async def local_network(
    members: Sequence[str] = ("xaa", "xab"), *, folder: Path | None = None
) -> AsyncIterator[LocalNetwork]:
    """Start a network of `members` and end it with the context.

    Args:
        members: of the fictional states xaa, xab, xac and xad.
        folder: for all files; None: a temporary one, which is deleted at the end.

    Raises:
        InvalidInputError: there is no such state.
        ConflictError: the folder holds a network.
        ConfigurationError: the network does not start; the words say which log to read.
    """
    async with AsyncExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tracepost-")))
        told = await stack.enter_async_context(_running(folder / "network", members))
        profiles = {
            member: {desk: Path(path) for desk, path in desks.items()} for member, desks in told.items()
        }
        clients = {
            (member, desk): await stack.enter_async_context(_connect(path, desk))
            for member, desks in profiles.items()
            for desk, path in desks.items()
        }
        yield LocalNetwork(folder / "network", profiles, clients)


@asynccontextmanager
async def _running(folder: Path, members: Sequence[str]) -> AsyncIterator[dict[str, dict[str, str]]]:
    """Run the program; yield what it tells of the members; close its input, and wait, at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "network.log").open("ab") as log:
        command = [sys.executable, "-m", _PROGRAM, str(folder), *members]
        process = await asyncio.to_thread(_launch, command, log)
    try:
        yield _read(await asyncio.to_thread(_first_line, process), Path(log.name))
    finally:
        await asyncio.to_thread(_end, process)


def _launch(command: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches the test, which lets the network end in order.
    return subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
        env=dict(os.environ),
    )


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None  # we asked for a pipe
    return process.stdout.readline()


def _end(process: subprocess.Popen[bytes]) -> None:
    with process:  # which closes its pipes, and waits
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _read(line: bytes, log: Path) -> dict[str, dict[str, str]]:
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError as fault:
        raise ConfigurationError("The network did not start.", where=str(log)) from fault
    if "members" not in told:
        raise _refusal(told["error"])
    found: dict[str, dict[str, str]] = told["members"]
    return found


def _refusal(told: Mapping[str, str]) -> TracepostError:
    kind = error_class(told["code"]) or ConfigurationError
    return kind(told["words"], where=told["where"])


def _connect(profile: Path, desk: str) -> Client:
    said = tomllib.loads(profile.read_text("utf-8"))
    certificate, key, root = (profile.parent / said[name] for name in ("certificate", "key", "root"))
    papers = OfficerPapers.read(certificate, key, root)
    return Client.connect(said["address"], said["member"], said["domain"], papers, desk=desk)


async def _receivers(officer: Client, submission: desk_pb2.Submission) -> set[str]:
    events = await officer.show_timeline(submission.thread)
    return {one.actor for one in events if (one.event, one.statement) == ("delivered", submission.statement)}
