"""A log of ours as software that is not ours reads it: tiles, entries, signed head, cosignatures, and every proof.

Node's own cryptography checks the notes, a root that is computed from RFC 6962 alone, and the proof of each entry and
of each earlier size by the steps of RFC 9162; @noble/post-quantum checks ML-DSA-44. pymerkle recomputes the root and a
tile; openssl checks the head's signature once more from its bytes.
"""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from foreign.conftest import RunScript
from pymerkle import InmemoryTree  # type: ignore[import-untyped] # it ships no types

from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.node.log_server import LogServer
from tracepost.protocol.evidence import (
    COSIGNS_POST_QUANTUM,
    LogKey,
    Opened,
    Origin,
    PolicyActivated,
    WitnessReply,
    generate_log_key,
    generate_witness_key,
    prepare_line,
)
from tracepost.protocol.ids import MemberId, StatementDigest
from tracepost.wire.v1.envelope_pb2 import LogProof

SIZE = 600
TIME = 1_700_000_000


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[tuple[SqlStore, LogKey]]:
    key = generate_log_key(Origin(MemberId("xaa"), "tracepost.example", 1))
    store = await open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", key)
    lines = [
        prepare_line(
            Opened(StatementDigest(number.to_bytes(32)), "poc", "7", "open", bytes(32), TIME)
            if number % 7
            else PolicyActivated(sha256=number.to_bytes(32), artefact=b"", time=TIME),
            os.urandom,
        )
        for number in range(SIZE)
    ]
    for first in range(0, SIZE, 100):
        await store.write(lambda tx, first=first: tx.log.append(lines[first : first + 100]))  # type: ignore[misc]
    yield store, key
    await store.close()


async def served(store: SqlStore, note: str, *paths: str) -> list[tuple[str, bytes]]:
    async def refuse(_: bytes) -> WitnessReply:
        return WitnessReply(404)

    server = LogServer(store.evidence, lambda: note, refuse)
    found = [(path, (await server.answer("GET", path))[0]) for path in paths]
    assert all(reply.status == 200 for _, reply in found)
    return [(path, reply.body) for path, reply in found]


def listed(vkey: str) -> dict[str, str]:
    name, _, rest = vkey.partition("+")
    return {"name": name, "key": rest.partition("+")[2]}


def encoded(files: list[tuple[str, bytes]]) -> list[list[str]]:
    return [[path, base64.b64encode(data).decode()] for path, data in files]


async def request(store: SqlStore, note: str, keys: Sequence[str]) -> dict[str, Any]:
    """Return what the script is asked: everything that the log serves, and a proof of all that it says."""
    rest = SIZE - 512
    bundles = ("/tile/entries/000", "/tile/entries/001", f"/tile/entries/002.p/{rest}")
    tiles = ("/tile/0/000", "/tile/0/001", f"/tile/0/002.p/{rest}")
    first = store.evidence.first_number
    lines = await store.read(lambda tx: tx.log.lines(range(first, first + SIZE)))
    proofs = [LogProof.FromString(one) for one in store.evidence.prove(list(lines.items()))]
    grown = [store.evidence.prove_consistency(size) for size in range(1, SIZE + 1)]
    return {
        "checkpoint": note,
        "keys": [listed(one) for one in keys],
        "entries": encoded(await served(store, note, *bundles)),
        "tiles": encoded(await served(store, note, *tiles)),
        "inclusion": [[one.index, in_text(one.path)] for one in proofs],
        "consistency": [[one.old_size, in_text(one.path)] for one in grown],
    }


def in_text(path: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in path]


async def test_javascript_computes_the_signed_root_and_verifies_head_cosignatures_and_every_proof(
    log: tuple[SqlStore, LogKey], run_script: RunScript
) -> None:
    store, key = log
    name = "hub.tracepost.example/witness"
    witnesses = [generate_witness_key(name), generate_witness_key(name, COSIGNS_POST_QUANTUM)]
    note = store.evidence.head.note + "".join(
        one.cosignature(store.evidence.head.note, TIME) for one in witnesses
    )
    asked = await request(store, note, [key.vkey, *(one.vkey for one in witnesses)])
    answer = await asyncio.to_thread(run_script, "verify_log.mjs", asked)
    assert (answer["origin"], answer["size"]) == (str(key.origin), SIZE)
    assert answer["root"] == answer["signed_root"]
    assert answer["signed"] == [[str(key.origin), 1], [name, 4], [name, 6]]
    assert answer["leaves_of_tiles_match"]
    assert [one for one, _ in asked["inclusion"]] == list(range(SIZE))
    assert [one for one, _ in asked["consistency"]] == list(range(1, SIZE + 1))
    assert answer["included"] == answer["consistent"] == [True] * SIZE


async def test_the_foreign_check_of_proofs_and_cosignatures_is_a_check(
    log: tuple[SqlStore, LogKey], run_script: RunScript
) -> None:
    """Each proof of another place, and signatures of another head, are refused."""
    store, key = log
    head, name = store.evidence.head, "hub.tracepost.example/witness"
    witnesses = [generate_witness_key(name), generate_witness_key(name, COSIGNS_POST_QUANTUM)]
    other = key.sign_checkpoint(key.origin, SIZE, bytes(32))
    note = head.note + "".join(one.cosignature(other, TIME) for one in witnesses)
    asked = await request(store, note, [key.vkey, *(one.vkey for one in witnesses)])
    (*included, last), (*grown, same) = asked["inclusion"], asked["consistency"]
    asked["inclusion"] = [[index + 1, path] for index, path in included] + [[0, last[1]]]
    asked["consistency"] = [[size, path[:-1]] for size, path in grown] + [[same[0], grown[0][1]]]
    answer = await asyncio.to_thread(run_script, "verify_log.mjs", asked)
    assert answer["signed"] == [[str(key.origin), 1]]
    assert answer["included"] == answer["consistent"] == [False] * SIZE


async def test_pymerkle_recomputes_the_root_and_a_tile(log: tuple[SqlStore, LogKey]) -> None:
    store, _ = log
    bundles = await served(
        store, "", "/tile/entries/000", "/tile/entries/001", f"/tile/entries/002.p/{SIZE - 512}"
    )
    tree = InmemoryTree(algorithm="sha256")
    for _, bundle in bundles:
        at = 0
        while at < len(bundle):
            end = at + 2 + int.from_bytes(bundle[at : at + 2])
            tree.append_entry(bundle[at + 2 : end])
            at = end
    assert tree.get_root() == store.evidence.head.root
    [(_, tile)] = await served(store, "", "/tile/0/001")
    assert tree.get_leaf(300) == tile[43 * 32 : 44 * 32], "leaves are counted from one there"
    [(_, above)] = await served(store, "", "/tile/1/000.p/2")
    first = InmemoryTree(algorithm="sha256")
    for number in range(256):
        first.append_entry(_entry(bundles[0][1], number))
    assert first.get_root() == above[:32], "a hash of the level above is the root of a full tile"


def _entry(bundle: bytes, number: int) -> bytes:
    at = 0
    for _ in range(number):
        at += 2 + int.from_bytes(bundle[at : at + 2])
    return bundle[at + 2 : at + 2 + int.from_bytes(bundle[at : at + 2])]


async def test_openssl_verifies_the_signature_of_a_head_from_its_bytes(
    log: tuple[SqlStore, LogKey], tmp_path: Path
) -> None:
    store, key = log
    text, _, signatures = store.evidence.head.note.rpartition("\n\n")
    [line] = signatures.splitlines()
    signature = base64.b64decode(line.split(" ")[2])[4:]
    public = base64.b64decode(listed(key.vkey)["key"])[1:]
    files = {"key.der": bytes.fromhex("302a300506032b6570032100") + public, "text": f"{text}\n".encode()}
    for name, data in {**files, "signature": signature}.items():
        (tmp_path / name).write_bytes(data)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: ASYNC221 - short
    assert "Signature Verified Successfully" in done.stdout + done.stderr
