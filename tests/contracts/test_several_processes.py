"""Several processes on one PostgreSQL: one log without a fork, whoever writes and whatever breaks off."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from contracts.conftest import update
from contracts.records import NOW, QUEUE, accept, digest, dispatch, received_line, sent_line
from fakes.faults import FaultAt
from fakes.paper_taker import HUB, Node, Step
from fakes.postgres import Cluster, Databases, connect, find_binaries
from fakes.town import until
from fakes.witness import HEADS, read_heads, written_down
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.node.ports.store import Tx
from tracepost.protocol.errors import StoreError
from tracepost.protocol.evidence import LogKey, LogVerifier, peek_head, verify_consistency, verify_proof
from tracepost.serving.storage.evidence_store import _FOLLOW_LIMIT

ROOT = Path(__file__).parents[2]

WRITER = """
import asyncio, sys
from contracts.records import dispatch
from fakes.witness import written_down
from pathlib import Path
from tracepost.node.adapters.sql.store import open_store
from tracepost.protocol.evidence import LogKey

async def main(url, key, heads, first):
    with written_down(Path(heads)):
        store = await open_store(url, LogKey.from_skey(key))
        print("open", flush=True)
        async def one(number):
            await store.write(lambda tx: dispatch(tx, [number]))
            print(number, flush=True)
        for start in range(int(first), int(first) + 4000, 8):
            await asyncio.gather(*(one(number) for number in range(start, start + 8)))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    url = databases.create("node", update)
    yield url
    databases.drop(url)


@pytest.fixture
async def pair(url: str, key: LogKey) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    stores = [await open_store(url, key) for _ in range(2)]
    yield stores[0], stores[1]
    for store in stores:
        await store.close()


def ask(url: str, question: str) -> list[tuple[Any, ...]]:
    with connect(make_url(url)) as connection:
        found = connection.execute(question.encode())
        return found.fetchall() if found.description else []


def check_heads(store: SqlStore, notes: list[str]) -> None:
    """Assert that all of these heads are of one log: that of `store`."""
    heads = [peek_head(note) for note in notes]
    assert len({head.size for head in heads}) == len(heads), "a size was signed with two roots"
    store.evidence.refresh()
    newest = store.evidence.head
    for head in heads:
        proof = store.evidence.prove_consistency(head.size)
        verify_consistency(head.size, head.root, newest.size, newest.root, list(proof.path))


async def test_two_processes_write_one_log_and_each_proves_what_the_other_wrote(
    pair: tuple[SqlStore, SqlStore], key: LogKey, tmp_path: Path
) -> None:
    with written_down(tmp_path / HEADS):
        for start in range(0, 300, 60):
            jobs = [
                pair[number % 2].write(partial(dispatch, numbers=[number]))
                for number in range(start, start + 60)
            ]
            await asyncio.gather(*jobs)
        for store in pair:
            mails = await store.read(lambda tx: tx.outbox.waiting(QUEUE, (0, 0), NOW, 400, 1 << 20))
            assert [mail.seq for mail in mails] == list(range(1, 301))
            assert sorted(mail.log_number for mail in mails) == list(range(300))
            proofs = store.evidence.prove([(mail.log_number, mail.line) for mail in mails])
            proved = [verify_proof(proof, LogVerifier([key.vkey])) for proof in proofs]
            assert [item.index for item in proved] == [mail.log_number for mail in mails]
    check_heads(pair[0], read_heads(tmp_path / HEADS))
    check_heads(pair[1], read_heads(tmp_path / HEADS))


async def test_a_process_that_slept_for_long_takes_up_all_that_was_written(
    pair: tuple[SqlStore, SqlStore], key: LogKey
) -> None:
    await pair[1].write(lambda tx: tx.log.append([sent_line(1)]))
    count = _FOLLOW_LIMIT + 300
    await pair[0].write(lambda tx: tx.log.append([sent_line(number) for number in range(count)]))
    pair[1].evidence.refresh()
    assert pair[1].evidence.head == pair[0].evidence.head
    assert await pair[1].write(lambda tx: tx.log.append([sent_line(2)])) == [count + 1]
    proof = pair[1].evidence.prove([(count, sent_line(count - 1))])[0]
    assert verify_proof(proof, LogVerifier([key.vkey])).index == count


async def test_a_head_that_was_shown_is_never_taken_back(pair: tuple[SqlStore, SqlStore]) -> None:
    await pair[0].write(lambda tx: accept(tx, range(20)))
    pair[1].evidence.refresh()
    shown = pair[1].evidence.head
    await pair[1].write(lambda tx: tx.settings.put("a", b"b"))
    assert pair[1].evidence.head == shown == pair[0].evidence.head


@pytest.mark.parametrize("meanwhile", [0, 5], ids=["shorter", "another"])
async def test_a_database_that_forgot_what_was_shown_is_not_written_to(
    url: str, pair: tuple[SqlStore, SqlStore], meanwhile: int
) -> None:
    """A standby that was behind becomes the primary: its log ends earlier, and may go on otherwise."""
    await pair[0].write(lambda tx: tx.log.append([received_line(1)]))
    pair[1].evidence.refresh()
    await pair[0].close()
    await pair[1].write(lambda tx: tx.log.append([received_line(2), received_line(3)]))
    for statement in (
        "DELETE FROM log_entry WHERE number >= 1",
        "DELETE FROM log_head WHERE size > 1",
        "UPDATE log_block SET hashes = substring(hashes FOR 32)",
    ):
        ask(url, statement)
    other = await open_store(url, pair[0]._log._key)  # started anew: it remembers nothing
    if meanwhile:
        lines = [received_line(number) for number in range(10, 10 + meanwhile)]
        await other.write(lambda tx: tx.log.append(lines))
    await other.close()
    for _ in range(2):
        with pytest.raises(StoreError) as caught:
            await pair[1].write(lambda tx: tx.log.append([received_line(4)]))
        assert caught.value.reason == "log-forgotten"
    assert ask(url, "SELECT max(size) FROM log_head") == [(1 + meanwhile,)]


async def test_entries_of_others_that_nobody_was_told_of_may_go(
    url: str, pair: tuple[SqlStore, SqlStore], key: LogKey
) -> None:
    """The other process was not answered for them, and this one has taken them up and shown nothing of them."""
    await pair[0].write(lambda tx: tx.log.append([received_line(1)]))
    await pair[1].write(lambda tx: tx.log.append([received_line(2)]))
    await pair[0].write(lambda tx: tx.settings.put("a", b"b"))  # takes it up; appends and shows nothing
    for statement in (
        "DELETE FROM log_entry WHERE number >= 1",
        "DELETE FROM log_head WHERE size > 1",
        "UPDATE log_block SET hashes = substring(hashes FOR 32)",
    ):
        ask(url, statement)
    assert await pair[0].write(lambda tx: tx.log.append([received_line(3)])) == [1]
    proof = pair[0].evidence.prove([(1, received_line(3))])[0]
    assert verify_proof(proof, LogVerifier([key.vkey])).index == 1
    with pytest.raises(StoreError) as caught:
        await pair[1].write(lambda tx: tx.log.append([received_line(4)]))
    assert caught.value.reason == "log-forgotten", "that one had shown it"


async def test_nobody_waits_for_the_disk_of_another_and_nothing_is_told_before_it_is_there(
    key: LogKey,
) -> None:
    """A COMMIT gives the turn on at once; its caller, and every signature, waits until it is durable."""
    with Cluster.start(find_binaries()) as cluster:
        url = Databases(cluster.url, "slow").create()
        update(url)
        pair = [await open_store(url, key) for _ in range(2)]
        await ask_for_standby(cluster, "nobody")
        writes = [
            asyncio.ensure_future(store.write(partial(dispatch, numbers=[number])))
            for number, store in enumerate(pair)
        ]
        looks = [asyncio.ensure_future(asyncio.to_thread(store.evidence.refresh)) for store in pair]
        await until(lambda: len(ask(url, "SELECT seq FROM sent_mail")) == 2, "both to be visible")
        assert not any(write.done() for write in writes)
        assert [store.evidence.head.size for store in pair] == [0, 0]
        await ask_for_standby(cluster, "")
        await asyncio.gather(*writes, *looks)
        for store in pair:
            store.evidence.refresh()
            assert store.evidence.head.size == 2
            await store.close()


async def ask_for_standby(cluster: Cluster, name: str) -> None:
    """Let each COMMIT wait for a standby of this name from now on; empty: for none."""
    cluster.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    cluster.execute("SELECT pg_reload_conf()")
    # The server's processes hear of it one by one, and COMMITs go by what one of them knows.
    await until(lambda: does_wait(cluster) is bool(name), "the server to wait for its standby, or for none")


def does_wait(cluster: Cluster) -> bool:
    """Say whether a COMMIT waits for a standby now; the one that finds out is ended."""
    probe = "SELECT pg_logical_emit_message(true, 'probe', '')"
    is_stuck = f"query = $${probe}$$ AND wait_event = 'SyncRep'"
    trying = threading.Thread(target=cluster.execute, args=(probe,))
    trying.start()
    waited = False
    while trying.is_alive():
        waited |= bool(
            cluster.execute(f"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE {is_stuck}")
        )
        trying.join(0.02)
    return waited


async def test_what_a_server_shows_that_comes_back_is_not_believed_before_its_standby_has_it(
    key: LogKey,
) -> None:
    """It has committed what its standby may lack; should it be lost again, that was never there."""
    with Cluster.start(find_binaries()) as cluster:
        url = Databases(cluster.url, "back").create()
        update(url)
        store = await open_store(url, key)
        await ask_for_standby(cluster, "nobody")
        writing = asyncio.ensure_future(store.write(partial(accept, numbers=[1])))
        await until(lambda: len(ask(url, "SELECT 1 FROM statement")) == 1, "it to be visible")
        cluster.kill()
        with pytest.raises(StoreError) as caught:
            await writing
        assert caught.value.reason == "outcome-unknown"
        cluster.launch()
        assert len(ask(url, "SELECT 1 FROM statement")) == 1, "the server shows it"
        attempts = [
            store.read(lambda tx: tx.statements.find([digest(1)])),
            store.write(partial(accept, numbers=[2])),
            asyncio.to_thread(store.evidence.refresh),
            open_store(url, key),
        ]
        found = await asyncio.gather(*attempts, return_exceptions=True)
        assert [getattr(one, "reason", one) for one in found] == ["standby-behind"] * 4
        assert store.evidence.head.size == 0
        await ask_for_standby(cluster, "")
        assert await store.read(lambda tx: list(tx.statements.find([digest(1)]))) == [digest(1)]
        await store.write(partial(accept, numbers=[2]))
        assert store.evidence.head.size == 2
        await store.close()


async def test_a_wait_for_the_standby_that_somebody_cancels_acknowledges_nothing(key: LogKey) -> None:
    """The server ends it as if all was well, with a warning."""
    with Cluster.start(find_binaries()) as cluster:
        url = Databases(cluster.url, "cancelled").create()
        update(url)
        store = await open_store(url, key)
        await ask_for_standby(cluster, "nobody")
        writing = asyncio.ensure_future(store.write(partial(accept, numbers=[1])))
        cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        await until(lambda: len(ask(url, cancel)) == 1, "the wait to be cancelled")
        with pytest.raises(StoreError) as caught:
            await writing
        assert caught.value.reason == "outcome-unknown"
        assert store.evidence.head.size == 0, "nothing was signed"
        await ask_for_standby(cluster, "")
        await store.close()


# --- what breaks off


async def test_a_connection_lost_before_the_commit_keeps_nothing_and_the_next_write_connects_anew(
    url: str, pair: tuple[SqlStore, SqlStore]
) -> None:
    def broken(tx: Tx) -> None:
        ask(url, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE wait_event = 'ClientRead'"
                 " AND datname = current_database() AND state = 'idle in transaction'")  # fmt: skip
        accept(tx, [1])

    with pytest.raises(StoreError) as caught:
        await pair[0].write(broken)
    assert caught.value.reason == "store-lost"
    await asyncio.gather(*(store.write(partial(accept, numbers=[10])) for store in pair[:1]))
    await pair[1].write(partial(accept, numbers=[11]))
    assert await pair[0].read(lambda tx: list(tx.statements.find([digest(1), digest(10), digest(11)]))) == [
        digest(10),
        digest(11),
    ]


def break_off_commit(store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch, *, kept: bool) -> None:
    """Let the connection be lost during the next COMMIT, before or after the server has done it."""
    connections: list[Any] = []

    def lose() -> None:
        driver = connections[-1].connection.driver_connection
        if kept:  # the server has committed, and its answer is lost
            driver.commit()
            driver.execute("SELECT 1")
        ask(url, f"SELECT pg_terminate_backend({driver.info.backend_pid}, 5000)")

    store._writer._faults = FaultAt("before-commit", 1, lose)
    perform = store._writer._perform

    def remember(connection: Any, task: Any) -> bool:
        connections.append(connection)
        return perform(connection, task)

    monkeypatch.setattr(store._writer, "_perform", remember)


@pytest.mark.parametrize("kept", [False, True])
async def test_a_connection_lost_during_the_commit_is_told_as_not_known_and_the_log_read_anew(
    url: str, key: LogKey, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    store = await open_store(url, key)
    await store.write(partial(accept, numbers=[1]))
    break_off_commit(store, url, monkeypatch, kept=kept)
    with pytest.raises(StoreError) as caught:
        await store.write(partial(accept, numbers=[2]))
    assert caught.value.reason == "outcome-unknown"
    found = await store.write(lambda tx: list(tx.statements.find([digest(2)])))
    assert bool(found) is kept
    assert await store.write(lambda tx: tx.log.append([received_line(3)])) == [2 if kept else 1]
    proof = store.evidence.prove([(0, received_line(1))])[0]
    assert verify_proof(proof, LogVerifier([key.vkey])).index == 0
    await store.close()


@pytest.mark.parametrize("kept", [False, True])
async def test_papers_of_a_commit_that_broke_off_are_in_force_if_they_are_kept_when_the_node_keeps_house(
    url: str, key: LogKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: bool
) -> None:
    store = await open_store(url, key)
    node = Node(store, Step(), tmp_path)
    break_off_commit(store, url, monkeypatch, kept=kept)
    with pytest.raises(StoreError):
        await node.announcing.take([node.a_list(2)], HUB)
    assert node.papers.version() == 1
    await node.announcing.catch_up(node.reload)
    assert node.papers.version() == (2 if kept else 1)
    await store.close()


async def test_a_process_that_stands_still_in_a_transaction_stops_the_others_for_a_while_only(
    url: str, key: LogKey
) -> None:
    frozen, other = [await open_store(url, key) for _ in range(2)]
    go_on, stands = threading.Event(), threading.Event()

    def stand_still(tx: Tx) -> None:
        accept(tx, [1])
        # Shorter than the node's own, and in this transaction only: another one must not end on a busy machine.
        connection = vars(tx.receipts)["_connection"]
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 1000")
        stands.set()
        go_on.wait(120)

    writing = asyncio.ensure_future(frozen.write(stand_still))
    await asyncio.to_thread(stands.wait, 120)
    await asyncio.wait_for(other.write(partial(accept, numbers=[2])), 60)
    go_on.set()
    with pytest.raises(StoreError):
        await writing
    await frozen.write(partial(accept, numbers=[3]))
    assert frozen.evidence.head.size == 2
    for store in (frozen, other):
        await store.close()


def test_processes_on_one_database_are_killed_in_turn_and_nothing_is_lost_or_twice(
    url: str, key: LogKey, tmp_path: Path
) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(["proto", "node", "tests"])}
    answered: list[int] = []

    def run(first: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, url, key.to_skey(), str(tmp_path / HEADS), str(first)]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)

    def kill_after(process: subprocess.Popen[str], count: int) -> None:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        for _ in range(count):
            answered.append(int(process.stdout.readline()))
        process.send_signal(signal.SIGKILL)
        answered.extend(int(line) for line in process.communicate()[0].split())

    for process in [run(first) for first in (0, 10_000, 20_000)]:
        kill_after(process, 40)
    sent = ask(url, "SELECT seq, log_number, id FROM sent_mail ORDER BY seq")
    assert len(sent) >= len(answered) >= 120
    assert [row[0] for row in sent] == list(range(1, len(sent) + 1))
    assert sorted(row[1] for row in sent) == list(range(len(sent)))
    kept = {bytes(row[0]) for row in ask(url, "SELECT digest FROM statement")}
    assert {digest(number) for number in answered} <= kept
    store = asyncio.run(open_store(url, key))
    check_heads(store, read_heads(tmp_path / HEADS))
    asyncio.run(store.close())


async def test_a_database_that_is_gone_is_told_as_our_store(
    pair: tuple[SqlStore, SqlStore], url: str, databases: Databases
) -> None:
    """What looks for news of the log again and again must be able to tell a restart from a fault of its own."""
    await pair[0].write(lambda tx: dispatch(tx, [1]))
    databases.drop(url)
    with pytest.raises(StoreError) as caught:
        pair[0].evidence.refresh()
    assert caught.value.reason == "OperationalError"
