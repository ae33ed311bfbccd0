"""A file of 300 MiB crosses a relay between two node processes, is cut by kill -9 three times, and goes on.

    sender killed     while it pushes to the relay
    relay killed      while it is pushed to
    receiver killed   while it fetches

Memory is the highest resident set that the kernel saw (VmHWM) since the desks were unlocked: trying a passphrase
takes memory on purpose, and gives it back. What was carried twice is read from what a
process has written since it was started (wchar): what comes over a socket is not counted there, and of
files it writes next to nothing else. Both measures are tried on something that must fail them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes.town import POC, POLICE, Process, Town, found_town, until
from tracepost.protocol.errors import NotFoundError
from tracepost.sdk import Client
from tracepost.sdk.attachments import PreparedFile, hand_in, prepare_file, take_out
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import attachment_pb2, terms_pb2, trace_pb2, weapon_pb2

MIB = 1024 * 1024
SIZE = 300 * MIB
MEMORY_LIMIT = 200 * 1000 * 1000
SLACK = 8 * MIB  # pieces on their way, the store, the log
PLACES = attachment_pb2.AttachmentPlace


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states that know one another and meet through the relay alone."""
    folder: Path = tmp_path_factory.mktemp("founded") / "town"
    states = {"xaa": (POC, POLICE), "xac": (POC, POLICE)}
    town = found_town(folder, states, "hub")

    async def meet() -> None:
        async with town.running("hub", *states):
            await town.meet(*states)

    asyncio.run(meet())
    return town


def status_of(pid: int, name: str) -> int:
    """Return a number of /proc/PID/status, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


async def unlock(town: Town, process: Process) -> None:
    """Open the desks of a node, and let the kernel measure its memory from then on."""
    await town.unlock(process.member)
    forget_peak(process.pid)


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5): VmHWM begins anew


def written_by(pid: int) -> int:
    """Return how many bytes a process has written by write(2) since it was started."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar:"))


def length_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def write_file(path: Path, size: int) -> bytes:
    """Write a file of `size` that looks like a PDF; return its SHA-256."""
    noise, digest = os.urandom(MIB), hashlib.sha256()
    with path.open("wb") as file:
        for number in range(size // MIB):
            some = b"%PDF-1.7" + number.to_bytes(8) + noise[16:]
            digest.update(some)
            file.write(some)
    return digest.digest()


def request(file: PreparedFile) -> trace_pb2.TraceRequest:
    mark = weapon_pb2.Mark(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen="SN-300")
    item = weapon_pb2.Item(
        id="1",
        kind=weapon_pb2.ITEM_KIND_WEAPON,
        object=weapon_pb2.Object(mark=[mark]),
        attachments=[file.as_attachment()],
    )
    return trace_pb2.TraceRequest(
        file_number="LARGE",
        items=[item],
        illicit_grounds=[weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW],
        urgency=trace_pb2.URGENCY_ROUTINE,
        guarantees_restrictions=True,
    )


async def submit(client: Client, file: PreparedFile) -> str:
    cover = Cover(
        to=("xac",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    return (await client.submit(build_draft(request(file), cover))).thread


async def placed(client: Client, case: str, place: int) -> None:
    """Wait until the attachment of a case is at a place."""
    async with asyncio.timeout(300):
        while True:
            with contextlib.suppress(NotFoundError):
                view = await client.show_case(case)
                if place in {one.place for statement in view.statements for one in statement.attachments}:
                    return
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def processes(town: Town, **halts: str) -> AsyncIterator[dict[str, Process]]:
    """Run all three; those of `halts` stand still in the middle of a transfer, as `fakes.fault_main` says where."""
    running = {member: town.process(member) for member in ("hub", "xaa", "xac")}
    try:
        for member, process in running.items():
            await process.start(fault=halts.get(member, ""))
        yield running
    finally:
        for process in running.values():
            process.abandon()


async def cut(process: Process, file: Path) -> int:
    """Kill a process where it stands still in the middle of a file, start it again; return how long the file is."""
    await process.halted()
    length = length_of(file)
    process.abandon()
    await process.start()
    return length


async def test_300_mib_cross_a_relay_over_three_kills_at_constant_memory(
    founded: Town, tmp_path: Path
) -> None:
    """None of the three begins anew, none holds the file in memory, and what comes out is what went in."""
    town, source = founded.copy(tmp_path / "town"), tmp_path / "scan.pdf"
    digest = write_file(source, SIZE)
    file = await asyncio.to_thread(prepare_file, source)
    name = file.address.hex()
    at_hub = town.place("hub") / "attachments" / "xaa" / f"{name}.part"
    at_xac = town.place("xac") / "attachments" / f"{name}.part"
    async with processes(
        town, xaa="halt:mib-read:40", hub="halt:mib-kept:120", xac="halt:mib-kept:60"
    ) as running:
        xaa, hub, xac = running["xaa"], running["hub"], running["xac"]
        await unlock(town, xaa)
        async with town.client("xaa") as officer:
            await hand_in(officer, file)
            case = await submit(officer, file)
        peaks = {"xaa, handing in": status_of(xaa.pid, "VmHWM")}

        first = await cut(xaa, at_hub)
        await hub.halted()  # so late that the sender has come back
        assert length_of(at_hub) > first, "the sender does not go on"
        assert written_by(hub.pid) < length_of(at_hub) + SLACK
        second = await cut(hub, at_hub)
        assert second < file.sealed_bytes - SLACK, "the relay had it all when it was killed"
        third = await cut(xac, at_xac)
        assert third < file.sealed_bytes - SLACK, "the receiver had it all when it was killed"

        await until(lambda: at_xac.with_suffix("").exists(), "the transfer to end")
        peaks |= {f"{member}, carrying": status_of(p.pid, "VmHWM") for member, p in running.items()}
        await unlock(town, xac)
        async with town.client("xac", desk="police") as officer:
            await placed(officer, case, PLACES.ATTACHMENT_PLACE_HERE)
            assert written_by(hub.pid) < file.sealed_bytes - second + SLACK
            assert written_by(xac.pid) < file.sealed_bytes - third + SLACK
            saved = await take_out(officer, case, file.address, tmp_path / "out.pdf")
        peaks["xac, giving out"] = status_of(xac.pid, "VmHWM")
    with saved.path.open("rb") as out:
        assert hashlib.file_digest(out, "sha256").digest() == digest
    assert {member: peak for member, peak in peaks.items() if peak >= MEMORY_LIMIT} == {}


async def test_the_measure_of_what_is_carried_twice_notices_a_beginning_anew(
    founded: Town, tmp_path: Path
) -> None:
    """A receiver that has lost what it had writes all of it once more."""
    size = 40 * MIB
    town, source = founded.copy(tmp_path / "town"), tmp_path / "scan.pdf"
    await asyncio.to_thread(write_file, source, size)
    file = await asyncio.to_thread(prepare_file, source)
    at_xac = town.place("xac") / "attachments" / f"{file.address.hex()}.part"
    async with processes(town, xac="halt:mib-kept:20") as running:
        await town.unlock("xaa")
        async with town.client("xaa") as officer:
            await hand_in(officer, file)
            case = await submit(officer, file)
        await running["xac"].halted()
        running["xac"].abandon()
        at_xac.unlink(missing_ok=True)
        at_xac.with_suffix("").unlink(missing_ok=True)
        await running["xac"].start()
        await town.unlock("xac")
        async with town.client("xac", desk="police") as officer:
            await placed(officer, case, PLACES.ATTACHMENT_PLACE_HERE)
        assert written_by(running["xac"].pid) >= size


def test_the_measure_of_memory_notices_a_file_in_memory(tmp_path: Path) -> None:
    """A process that holds the file is over the limit."""
    source = tmp_path / "scan.pdf"
    write_file(source, SIZE)
    held = "import sys; data = open(sys.argv[1], 'rb').read(); print(len(data), flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", held, str(source)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == SIZE
        assert status_of(process.pid, "VmHWM") > MEMORY_LIMIT
        process.kill()
