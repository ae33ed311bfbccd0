"""A store that was lost is found by a write that began after it was, and by nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tracepost.protocol.errors import StoreError
from tracepost.serving.telemetry import Meter
from tracepost.serving.vitals import State, Vitals
from tracepost.serving.watch import Probes, Watch


class Daemon:
    """The vitals and the watch of a daemon, with a store that does what `read` and `write` do."""

    def __init__(self) -> None:
        self.vitals = Vitals(time.monotonic, Meter("test"))
        self.read: Callable[[], None] = lambda: None
        self.write: Callable[[], None] = lambda: None
        self.told: list[State] = []
        self.watch = Watch(self.vitals, Probes(self._read, self._write), self._tell)

    async def _read(self) -> None:
        self.read()

    async def _write(self) -> None:
        self.write()

    async def _tell(self, state: State) -> None:
        self.told.append(state)


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


def fail() -> None:
    raise StoreError


async def test_a_transaction_that_changes_nothing_says_nothing_of_a_store_that_is_lost(
    daemon: Daemon,
) -> None:
    """A full disk takes it as well; what was written to see whether the store is back says so."""
    daemon.vitals.note_commit(None)
    daemon.vitals.note_commit(0.01)
    said = [daemon.vitals.state]
    await daemon.watch.check()
    said.append(daemon.vitals.state)
    assert said == [State.STORE_LOST, State.READY]


async def test_a_transaction_that_fails_while_another_is_taken_leaves_the_store_lost(daemon: Daemon) -> None:
    """The write that was to see began before the failure, and ended after it."""
    daemon.vitals.note_commit(None)
    daemon.write = lambda: daemon.vitals.note_commit(None)
    await daemon.watch.check()
    daemon.write = lambda: None
    await daemon.watch.check()
    assert daemon.told == [State.STORE_LOST, State.READY]


def test_what_was_written_before_a_failure_finds_no_store_whenever_it_is_heard_of(daemon: Daemon) -> None:
    daemon.vitals.lose_store()
    earlier = daemon.vitals.losses
    daemon.vitals.lose_store()
    later = daemon.vitals.losses
    daemon.vitals.find_store(earlier)
    assert daemon.vitals.is_store_lost
    daemon.vitals.find_store(later)
    daemon.vitals.find_store(earlier)
    assert not daemon.vitals.is_store_lost


async def test_a_store_that_does_not_answer_is_lost_until_it_takes_a_write(daemon: Daemon) -> None:
    daemon.read = daemon.write = fail
    await daemon.watch.check()
    await daemon.watch.check()
    daemon.read = lambda: None
    await daemon.watch.check()
    assert daemon.told == [State.STORE_LOST]
    daemon.write = lambda: None
    await daemon.watch.check()
    assert daemon.told == [State.STORE_LOST, State.READY]
