from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, insert, select, text
from sqlalchemy.exc import OperationalError

from fakes.faults import VARIABLE, FaultAt, FaultError, fail
from tracepost.protocol.errors import BusyError, StoreError, TheirFault
from tracepost.protocol.evidence import (
    LogKey,
    LogLine,
    LogVerifier,
    Origin,
    PolicyActivated,
    generate_log_key,
    prepare_line,
    verify_consistency,
    verify_proof,
)
from tracepost.protocol.ids import MemberId
from tracepost.serving.storage import evidence_store
from tracepost.serving.storage.engine import Engines, open_engines
from tracepost.serving.storage.evidence_store import LogStore, define_log_tables
from tracepost.serving.storage.writer import Faults, GroupWriter, no_faults

METADATA = MetaData()
NOTE = Table(
    "note", METADATA, Column("number", Integer, primary_key=True), Column("words", String, nullable=False)
)
LOG = define_log_tables(METADATA)
ORIGIN = Origin(MemberId("xaa"), "tracepost.example", 1)


class Rig:
    """A store with its writer and log, as a daemon has them."""

    def __init__(self, url: str, key: LogKey, faults: Faults = no_faults) -> None:
        self.engines: Engines = open_engines(url)
        try:
            METADATA.create_all(self.engines.writer)
            self.log = LogStore(self.engines, LOG, key)
        except Exception:
            self.engines.dispose()
            raise
        self.writer = GroupWriter(self.engines.writer, log=self.log, faults=faults)

    def close(self) -> None:
        self.writer.close()
        self.engines.dispose()

    def notes(self) -> list[str]:
        return self.writer.write_sync(
            lambda connection: list(
                connection.execute(select(NOTE.c.words).order_by(NOTE.c.number)).scalars()
            )
        )

    def note(self, words: str) -> Callable[[Connection], int]:
        def job(connection: Connection) -> int:
            connection.execute(insert(NOTE).values(words=words))
            return self.log.append(connection, [line(words)])[0]

        return job


def line(words: str) -> LogLine:
    """A log line that depends on `words` only, so that two runs make the same log."""
    return prepare_line(PolicyActivated(words.encode().ljust(32, b"."), b"", 1), lambda count: b"s" * count)


@pytest.fixture
def key() -> LogKey:
    return generate_log_key(ORIGIN)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def rig(url: str, key: LogKey) -> Iterator[Rig]:
    rig = Rig(url, key)
    yield rig
    rig.close()


@pytest.fixture
def held(rig: Rig) -> Iterator[threading.Event]:
    gate = stand_still(rig)
    yield gate
    gate.set()


def stand_still(rig: Rig) -> threading.Event:
    """Let the writer stand still until the event is set, so that all jobs meet in one batch."""
    gate, busy = threading.Event(), threading.Event()

    def stand(_connection: Connection) -> None:
        busy.set()
        gate.wait(120)

    threading.Thread(target=rig.writer.write_sync, args=(stand,)).start()
    assert busy.wait(120)
    return gate


def verified(rig: Rig, key: LogKey, numbers: list[int]) -> list[int]:
    lines = rig.writer.write_sync(lambda connection: rig.log.read_lines(connection, numbers))
    proofs = rig.log.prove([(number, lines[number]) for number in numbers])
    verifier = LogVerifier([key.vkey])
    return [verify_proof(proof, verifier).index for proof in proofs]


def broken_job(rig: Rig) -> Callable[[Connection], None]:
    def job(connection: Connection) -> None:
        connection.execute(insert(NOTE).values(words="broken"))
        rig.log.append(connection, [line("broken one"), line("broken two")])
        raise TheirFault("this job fails")

    return job


# --- durability settings


def test_the_writer_syncs_its_log_at_every_commit(rig: Rig) -> None:
    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "fullfsync")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert rig.writer.write_sync(settings) == ["wal", 2, 1, 1]


def test_readers_cannot_write(rig: Rig) -> None:
    assert rig.engines.readers is not None
    with rig.engines.readers.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(insert(NOTE).values(words="x"))


def test_a_store_file_is_for_its_owner_only(rig: Rig, tmp_path: Path) -> None:
    rig.writer.write_sync(rig.note("a"))
    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0}, modes


# --- group commit


async def test_a_caller_gets_the_result_of_its_own_job(rig: Rig) -> None:
    numbers = await asyncio.gather(*(rig.writer.write(rig.note(f"n{i}")) for i in range(40)))
    assert sorted(numbers) == list(range(40))
    assert sorted(rig.notes()) == sorted(f"n{i}" for i in range(40))


async def test_jobs_that_wait_share_one_commit(url: str, key: LogKey) -> None:
    faults = FaultAt("", 0, fail)
    rig = Rig(url, key, faults)
    gate = stand_still(rig)
    writes = [asyncio.ensure_future(rig.writer.write(rig.note(f"n{i}"), label="note")) for i in range(200)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*writes)
    rig.close()
    assert faults.passed.count("before-commit") < 100
    named = faults.passed.index("before-commit:note")
    assert faults.passed[named - 1 : named + 2] == ["before-commit", "before-commit:note", "after-commit"]


async def test_a_job_that_fails_in_company_is_rolled_back_alone(
    rig: Rig, key: LogKey, held: threading.Event
) -> None:
    writes = [rig.writer.write(job) for job in (rig.note("a"), broken_job(rig), rig.note("b"))]
    answers = asyncio.gather(*writes, return_exceptions=True)
    await asyncio.sleep(0)
    held.set()
    first, second, third = await answers
    assert (first, third) == (0, 1)
    assert isinstance(second, TheirFault)
    assert rig.notes() == ["a", "b"]
    assert rig.log.head.size == 2
    assert verified(rig, key, [0, 1]) == [0, 1]


async def test_a_job_that_fails_alone_leaves_nothing(rig: Rig, key: LogKey) -> None:
    await rig.writer.write(rig.note("a"))
    with pytest.raises(TheirFault):
        await rig.writer.write(broken_job(rig))
    await rig.writer.write(rig.note("b"))
    assert rig.notes() == ["a", "b"]
    assert verified(rig, key, [0, 1]) == [0, 1]


async def test_an_error_of_the_database_leaves_as_a_store_error_without_values(rig: Rig) -> None:
    with pytest.raises(StoreError) as caught:
        await rig.writer.write(
            lambda connection: connection.execute(text("SELECT :secret FROM nowhere"), {"secret": "a mark"})
        )
    assert "a mark" not in f"{caught.value!r}{caught.value.__cause__}"


async def test_a_commit_that_fails_fails_every_caller_and_the_writer_goes_on(url: str, key: LogKey) -> None:
    rig = Rig(url, key, FaultAt("before-commit", 2, fail))
    await rig.writer.write(rig.note("a"))
    with pytest.raises(StoreError, match="did not keep"):
        await rig.writer.write(rig.note("lost"))
    assert await rig.writer.write(rig.note("b")) == 1
    assert rig.notes() == ["a", "b"]
    assert verified(rig, key, [0, 1]) == [0, 1]
    rig.close()


async def test_what_was_committed_but_not_answered_is_in_the_log_all_the_same(url: str, key: LogKey) -> None:
    rig = Rig(url, key, FaultAt("after-commit", 2, fail))
    await rig.writer.write(rig.note("a"))
    with pytest.raises(StoreError) as caught:
        await rig.writer.write(rig.note("unanswered"))
    assert isinstance(caught.value.__cause__, FaultError)
    assert rig.log.head.size == 1
    assert await rig.writer.write(rig.note("b")) == 2
    assert verified(rig, key, [0, 1, 2]) == [0, 1, 2]
    rig.close()


async def test_what_is_wanted_of_the_new_head_is_done_before_the_caller_goes_on(
    rig: Rig, key: LogKey
) -> None:
    seen: list[tuple[str, list[str]]] = []

    def prove(number: int) -> None:
        [proof] = rig.log.prove([(number, line("a"))])
        verify_proof(proof, LogVerifier([key.vkey]))
        assert rig.engines.readers is not None
        with rig.engines.readers.connect() as connection:
            words = list(connection.execute(select(NOTE.c.words)).scalars())
        seen.append((threading.current_thread().name, words))

    await rig.writer.write(rig.note("a"), then=prove)
    assert seen == [("store-writer", ["a"])]


async def test_what_fails_then_is_told_to_its_caller_and_undoes_nothing(
    rig: Rig, held: threading.Event
) -> None:
    writing = asyncio.gather(
        rig.writer.write(rig.note("a"), then=lambda _: fail()),
        rig.writer.write(rig.note("b")),
        return_exceptions=True,
    )
    await asyncio.sleep(0)
    held.set()
    first, second = await writing
    assert (type(first), second) == (FaultError, 1)
    assert rig.notes() == ["a", "b"]


async def test_what_is_committed_is_proved_though_its_head_is_not_signed_yet(url: str, key: LogKey) -> None:
    committed, goes_on = threading.Event(), threading.Event()

    def stand_still() -> None:
        committed.set()
        goes_on.wait(120)

    rig = Rig(url, key, FaultAt("after-commit", 1, stand_still))
    try:
        writing = asyncio.create_task(rig.writer.write(rig.note("a")))
        await asyncio.to_thread(committed.wait, 120)
        proving = asyncio.create_task(asyncio.to_thread(rig.log.prove, [(0, line("a"))]))
        await asyncio.sleep(0.05)
        goes_on.set()
        await writing
        [proof] = await proving
        verify_proof(proof, LogVerifier([key.vkey]))
    finally:
        rig.close()


async def test_nothing_follows_a_job_that_failed(rig: Rig) -> None:
    followed: list[object] = []
    with pytest.raises(TheirFault):
        await rig.writer.write(broken_job(rig), then=followed.append)
    assert followed == []


async def test_a_caller_that_stops_waiting_does_not_stop_its_job(rig: Rig, held: threading.Event) -> None:
    write = asyncio.ensure_future(rig.writer.write(rig.note("a")))
    await asyncio.sleep(0)
    write.cancel()
    held.set()
    with pytest.raises(asyncio.CancelledError):
        await write
    assert rig.notes() == ["a"]


async def test_a_full_queue_makes_callers_wait_and_loses_nothing(url: str, key: LogKey) -> None:
    rig = Rig(url, key)
    rig.writer.close()
    rig.writer = GroupWriter(rig.engines.writer, log=rig.log, queue_limit=3, batch_limit=2)
    await asyncio.gather(*(rig.writer.write(rig.note(f"n{i}")) for i in range(20)))
    assert len(rig.notes()) == 20
    rig.close()


async def test_closing_runs_what_is_queued_and_refuses_what_comes_after(
    rig: Rig, held: threading.Event
) -> None:
    writes = [asyncio.ensure_future(rig.writer.write(rig.note(f"n{i}"))) for i in range(5)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(asyncio.to_thread(rig.writer.close))
    held.set()
    await closing
    assert await asyncio.gather(*writes) == [0, 1, 2, 3, 4]
    with pytest.raises(BusyError):
        await rig.writer.write(rig.note("late"))


# --- the log in the store


async def test_proofs_hold_across_blocks_and_restarts(url: str, key: LogKey) -> None:
    rig = Rig(url, key)
    for start in range(0, 900, 150):
        lines = [line(f"n{i}") for i in range(start, start + 150)]
        await rig.writer.write(partial(rig.log.append, lines=lines))
    head = rig.log.head
    assert verified(rig, key, list(range(0, 900, 7))) == list(range(0, 900, 7))
    rig.close()
    again = Rig(url, key)
    assert again.log.head == head
    assert await again.writer.write(again.note("next")) == 900
    assert verified(again, key, [0, 255, 256, 899, 900]) == [0, 255, 256, 899, 900]
    again.close()


async def test_proofs_hold_when_blocks_must_be_loaded_again(
    url: str, key: LogKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_store, "_READER_BLOCKS", 1)
    monkeypatch.setattr(evidence_store, "_WRITER_BLOCKS", 1)
    rig = Rig(url, key)
    for start in range(0, 700, 100):
        lines = [line(f"n{i}") for i in range(start, start + 100)]
        await rig.writer.write(partial(rig.log.append, lines=lines))
        some = list(range(0, start + 100, 37))
        assert verified(rig, key, some) == some
    assert verified(rig, key, list(range(700))) == list(range(700))
    rig.close()


async def test_many_proofs_under_one_head_are_all_under_that_head(
    rig: Rig, key: LogKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_store, "_PROVER_LIMIT", 10)
    await rig.writer.write(partial(rig.log.append, lines=[line(f"n{i}") for i in range(30)]))
    for start in range(0, 30, 6):
        assert verified(rig, key, list(range(start, start + 6))) == list(range(start, start + 6))


async def test_each_head_continues_the_one_before(rig: Rig, key: LogKey) -> None:
    heads = [rig.log.head]
    for count in (1, 5, 300, 2):
        lines = [line(f"{count}-{i}") for i in range(count)]
        await rig.writer.write(partial(rig.log.append, lines=lines))
        heads.append(rig.log.head)
    newest = rig.log.head
    for head in heads:
        proof = rig.log.prove_consistency(head.size)
        assert proof.checkpoint == newest.note
        verify_consistency(head.size, head.root, newest.size, newest.root, proof.path)


async def test_a_proof_under_an_earlier_head_is_the_same_bytes_again(rig: Rig) -> None:
    await rig.writer.write(rig.note("a"))
    before = rig.log.prove([(0, line("a"))])
    await rig.writer.write(rig.note("b"))
    assert rig.log.prove([(0, line("a"))]) != before
    assert rig.log.prove([(0, line("a"))], size=1) == before


async def test_the_note_of_a_head_is_kept_by_the_next_transaction(rig: Rig) -> None:
    await rig.writer.write(rig.note("a"))
    first = rig.log.head
    await rig.writer.write(rig.note("b"))

    def notes(connection: Connection) -> list[str | None]:
        return list(connection.execute(select(LOG.head.c.note).order_by(LOG.head.c.size)).scalars())

    assert await rig.writer.write(notes) == [first.note, None]


async def test_a_log_that_does_not_give_its_head_is_not_opened(url: str, key: LogKey) -> None:
    rig = Rig(url, key)
    await rig.writer.write(rig.note("a"))
    await rig.writer.write(lambda connection: connection.execute(LOG.block.update().values(hashes=bytes(32))))
    rig.close()
    with pytest.raises(StoreError) as caught:
        Rig(url, key)
    assert caught.value.reason == "log-damaged"
    gc.collect()


async def test_a_second_writer_on_the_same_log_cannot_fork_it(rig: Rig, url: str, key: LogKey) -> None:
    other = Rig(url, key)
    await rig.writer.write(rig.note("ours"))
    with pytest.raises(StoreError):
        await other.writer.write(other.note("theirs"))
    assert await other.writer.write(other.note("theirs again")) == 1
    assert verified(other, key, [0, 1]) == [0, 1]
    other.close()


async def test_a_store_in_memory_proves_the_same(key: LogKey) -> None:
    rig = Rig("sqlite://", key)
    for start in range(0, 600, 200):
        lines = [line(f"n{i}") for i in range(start, start + 200)]
        await rig.writer.write(partial(rig.log.append, lines=lines))
    assert verified(rig, key, [0, 255, 256, 599]) == [0, 255, 256, 599]
    rig.close()


# --- a child process, killed

CHILD = """
import sys
from fakes.faults import faults_from_environment
from tracepost.protocol.evidence import LogKey
from unit.test_writer import Rig
rig = Rig(sys.argv[1], LogKey.from_skey(sys.argv[2]), faults_from_environment())
for i in range(6):
    rig.writer.write_sync(rig.note(f"n{i}"))
    print(rig.log.head.note.replace("\\n", "|"), flush=True)
"""


def run_child(url: str, key: LogKey, fault: str) -> list[str]:
    """Run a child that notes n0 … n5; return the heads that it showed before it was killed."""
    path = os.pathsep.join(["proto", "node", "tests"])
    environment = os.environ | {VARIABLE: fault, "PYTHONPATH": path}
    command = [sys.executable, "-c", CHILD, url, key.to_skey()]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return [note.replace("|", "\n") for note in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("fault", "answered", "kept"),
    [("before-commit:4", 3, 3), ("after-commit:4", 3, 4), ("after-sign:4", 3, 4)],
)
async def test_a_killed_process_keeps_what_it_answered_for_and_signs_the_same_heads_again(
    url: str, key: LogKey, fault: str, answered: int, kept: int
) -> None:
    heads = run_child(url, key, fault)
    assert len(heads) == answered
    rig = Rig(url, key)
    assert rig.notes() == [f"n{i}" for i in range(kept)]
    assert rig.log.head.size == kept
    assert verified(rig, key, list(range(kept))) == list(range(kept))
    for size, note in enumerate(heads, 1):
        proof = rig.log.prove([(0, line("n0"))], size=size)[0]
        assert note.encode() in proof
    assert await rig.writer.write(rig.note("next")) == kept
    rig.close()


async def test_a_head_that_was_stored_but_never_shown_is_signed_at_the_next_start(
    url: str, key: LogKey, tmp_path: Path
) -> None:
    run_child(url, key, "after-commit:2")
    rig = Rig(url, key)
    untouched = Rig(f"sqlite:///{tmp_path / 'other.db'}", key)
    for words in ("n0", "n1"):
        await untouched.writer.write(untouched.note(words))
    assert rig.log.head == untouched.log.head
    with rig.engines.writer.connect() as connection:
        assert connection.execute(select(func.count()).select_from(LOG.head)).scalar() == 2
    rig.close()
    untouched.close()
