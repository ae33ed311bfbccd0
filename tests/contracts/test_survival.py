"""A node's store under SIGKILL, and under a hundred thousand messages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.records import NOW, QUEUE, digest, envelope_id, received_line, wrap
from fakes.faults import VARIABLE
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.ports.store import Tx
from tracepost.protocol.evidence import LogKey, LogVerifier, verify_proof

ROOT = Path(__file__).parents[2]

# A node that takes frames of three and sends three, and prints what it would answer for.
NODE = """
import asyncio, sys
from contracts.records import accept, dispatch
from fakes.faults import faults_from_environment
from tracepost.node.adapters.sql.store import open_store
from tracepost.protocol.evidence import LogKey

async def main():
    store = await open_store(sys.argv[1], LogKey.from_skey(sys.argv[2]), faults=faults_from_environment())
    for first in range(0, 30, 3):
        frame = range(first, first + 3)
        await store.write(lambda tx: accept(tx, frame), label="accept")
        print("accepted", first, flush=True)
        mails = range(1000 + first, 1000 + first + 3)
        await store.write(lambda tx: dispatch(tx, mails), label="dispatch")
        print("dispatched", first, flush=True)

asyncio.run(main())
"""

CROWD = """
import asyncio, resource, sys
from contracts.records import accept
from tracepost.node.adapters.sql.store import open_store
from tracepost.protocol.evidence import LogKey

async def main():
    store = await open_store(sys.argv[1], LogKey.from_skey(sys.argv[2]))
    for first in range(0, 100_096, 256):
        frame = range(first, first + 256)
        await store.write(lambda tx: accept(tx, frame, size=64))
        if first == 20_480 or first == 99_840:
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
    await store.close()

asyncio.run(main())
"""


def run(program: str, url: str, key: LogKey, fault: str = "") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(["proto", "node", "tests"])
    environment = os.environ | {VARIABLE: fault, "PYTHONPATH": path}
    command = [sys.executable, "-c", program, url, key.to_skey()]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def count(tx: Tx) -> tuple[int, int, int]:
    """Return how many messages came, how many were sent, how many have all that belongs to them."""
    arrived, sent = range(60), range(1000, 1060)
    found = tx.inbox.find([envelope_id(number) for number in arrived])
    dispatched = tx.dispatches.find([envelope_id(number) for number in sent])
    whole = tx.bodies.load([*found, *dispatched]).keys()
    wraps = tx.wraps.of(wrap(0).desk, [digest(number) for number in arrived])
    assert whole == found.keys() | dispatched.keys()
    assert len(wraps) == len(found)
    return len(found), len(dispatched), len(tx.outbox.waiting(QUEUE, (0, 0), NOW, 256, 1 << 20))


@pytest.mark.parametrize("label", ["accept", "dispatch"])
@pytest.mark.parametrize("point", ["before-commit", "after-commit", "after-sign"])
async def test_a_node_killed_at_any_point_of_a_write_has_all_it_answered_for_and_nothing_half(
    lasting_url: str, key: LogKey, point: str, label: str
) -> None:
    url = lasting_url
    done = run(NODE, url, key, f"{point}:{label}:3")
    assert done.returncode == -signal.SIGKILL, done.stderr
    answered = done.stdout.split()
    written = point != "before-commit"
    accepted = 3 * (answered.count("accepted") + (written and label == "accept"))
    dispatched = 3 * (answered.count("dispatched") + (written and label == "dispatch"))
    store = await open_store(url, key)
    assert await store.read(count) == (accepted, dispatched, dispatched)
    assert store.evidence.head.size == accepted + dispatched
    proof = store.evidence.prove([(0, received_line(0))])[0]
    assert verify_proof(proof, LogVerifier([key.vkey])).index == 0
    run_on = await store.write(lambda tx: tx.outbox.take_numbers(QUEUE, 1))
    assert run_on.first == dispatched + 1
    await store.close()


def test_the_memory_of_a_store_does_not_grow_with_what_it_keeps(tmp_path: Path, key: LogKey) -> None:
    done = run(CROWD, f"sqlite:///{tmp_path / 'store.sqlite'}", key)
    assert done.returncode == 0, done.stderr
    early, late = map(int, done.stdout.split())
    assert late - early < 16, f"{early} MiB at 20,000 messages, {late} MiB at 100,000"
