"""Group commit: one thread writes, many jobs share one transaction and one fsync.

A job is a function of a connection. The writer takes whatever jobs have arrived
while the last commit ran (there is no timer), runs them in order in one
transaction, and lets their callers go after the COMMIT was acknowledged and the
head of the evidence log was signed:

    begin → log.begin → first → jobs → log.flush → last → "before-commit" → COMMIT → settle → "after-commit"
          → log.publish → "after-sign" → what jobs want done then → callers

A job that fails is rolled back alone, with its log entries, to its savepoint; the
others go on. If the transaction itself fails, every caller gets a StoreError and
nothing of the batch is kept. A caller that stops waiting does not stop its job.

    writer = GroupWriter(engines.writer, log=log)
    number = await writer.write(lambda connection: take_number(connection))

A database that is elsewhere may be lost in the middle. Lost before COMMIT, nothing is kept (`store-lost`);
lost during it, nobody knows (`outcome-unknown`): the log is read anew, and what its callers do again is
found to be done. The next transaction connects anew.

What is not done here: retrying. A job may have run in memory before it failed, so
only its caller knows whether it may run again.

While the event loop is busy, each SQL statement gives the interpreter lock away and
waits for `sys.getswitchinterval()` to get it back: daemons set 0.0001 s (measured:
a frame of 256 rows took 107 ms at the default, 0.9 ms so), and jobs use few, wide
statements (`rows`).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent import futures
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError

from tracepost.protocol.errors import BusyError, StoreError, TracepostError
from tracepost.serving.storage.rows import forget_waiting, say, send_waiting

T = TypeVar("T")
Job = Callable[[Connection], T]
Faults = Callable[[str], None]
"""Called at named points; a test's implementation kills the process there."""

OUTCOME_UNKNOWN: Final = "outcome-unknown"
STORE_LOST: Final = "store-lost"

_BATCH_LIMIT = 256
_QUEUE_LIMIT = 4096
_SAVE, _UNDO, _KEEP = "SAVEPOINT job", "ROLLBACK TO SAVEPOINT job", "RELEASE SAVEPOINT job"


def no_faults(_point: str) -> None:
    """Do nothing: the faults of a daemon in service."""


Watch = Callable[[float | None], None]
"""Told on the writer's thread how many seconds each transaction took; None: the database did not take it."""


def no_watch(_seconds: float | None) -> None:
    """Do nothing: nobody watches."""


Step = Callable[[Connection], None]
"""Done once in each transaction; what it raises fails all jobs of it."""


def no_step(_connection: Connection) -> None:
    """Do nothing."""


class BatchLog(Protocol):
    """What is written once per transaction on behalf of all its jobs. Used by the writer thread only."""

    def begin(self, connection: Connection) -> None:
        """Take note of what others wrote: from here to the COMMIT nobody else does."""

    def mark(self) -> int:
        """Return the place that `undo` goes back to."""

    def undo(self, mark: int) -> None:
        """Forget what was appended since `mark`: its job was rolled back."""

    def flush(self, connection: Connection) -> None:
        """Write what the jobs of this transaction appended."""

    def publish(self) -> None:
        """Sign and show the new head: the COMMIT was acknowledged."""

    def abandon(self) -> None:
        """Forget all that is not committed and trust only what the store says next."""


@dataclass(slots=True)
class _Task:
    job: Job[Any]
    label: str
    future: asyncio.Future[Any] | futures.Future[Any]
    loop: asyncio.AbstractEventLoop | None = None
    then: Callable[[Any], None] | None = None
    result: Any = None
    error: BaseException | None = field(default=None)

    def follow(self) -> None:
        if self.error is None and self.then is not None:
            try:
                self.then(self.result)
            except Exception as error:  # noqa: BLE001 - a job's error belongs to its caller
                self.error = _own_error(error)

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class GroupWriter:
    """The one writing thread of a store. Durable, safe from any thread or event loop, ordered by arrival."""

    def __init__(
        self,
        engine: Engine,
        *,
        log: BatchLog | None = None,
        faults: Faults = no_faults,
        first: Step = no_step,
        last: Step = no_step,
        settle: Step = no_step,
        batch_limit: int = _BATCH_LIMIT,
        queue_limit: int = _QUEUE_LIMIT,
    ) -> None:
        self._engine = engine
        self._log = log
        self._faults = faults
        self._first = first
        self._last = last
        self._settle = settle
        self._batch_limit = batch_limit
        self.watch: Watch = no_watch
        self._queue: deque[_Task] = deque()
        self._arrival = threading.Condition()
        self._closing = False
        self._async_slots = asyncio.Semaphore(queue_limit)
        self._sync_slots = threading.Semaphore(queue_limit)
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, job: Job[T], *, label: str = "", then: Callable[[T], None] | None = None) -> T:
        """Run `job` in the next transaction; return its result once that is durable.

        `label` names the job at fault points ("before-commit:label"). `then` is given the result on the
        writing thread, once that is durable and the head is shown: what is wanted at once of the new head
        need not wait for another thread. Waits while the queue is full. Raises what the job or `then`
        raised, StoreError when the transaction failed, BusyError after `close`.
        """
        loop = asyncio.get_running_loop()
        async with self._async_slots:
            future: asyncio.Future[T] = loop.create_future()
            self._enqueue(_Task(job, label, future, loop, then))
            return await future

    def write_sync(self, job: Job[T], *, label: str = "") -> T:
        """Do the same as `write` for a caller without an event loop, blocking its thread.

        Not from inside a job: it would wait for itself.
        """
        with self._sync_slots:
            future: futures.Future[T] = futures.Future()
            self._enqueue(_Task(job, label, future))
            return future.result()

    def close(self) -> None:
        """Refuse new jobs, run all that are queued, end the thread. May be called again."""
        with self._arrival:
            self._closing = True
            self._arrival.notify()
        self._thread.join()

    def _enqueue(self, task: _Task) -> None:
        with self._arrival:
            if self._closing:
                raise BusyError("the store is closing")
            self._queue.append(task)
            self._arrival.notify()

    def _work(self) -> None:
        while batch := self._next_batch():
            self._run(batch)
            for task in batch:
                task.follow()
            _release(batch)

    def _next_batch(self) -> list[_Task]:
        with self._arrival:
            while not self._queue and not self._closing:
                self._arrival.wait()
            count = min(len(self._queue), self._batch_limit)
            return [self._queue.popleft() for _ in range(count)]

    def _run(self, batch: Sequence[_Task]) -> None:
        started = time.perf_counter()
        try:
            if self._transact(batch) and self._log is not None:
                self._log.publish()
            self._reach("after-sign", batch)
        except BaseException as error:  # noqa: BLE001 - the thread must outlive any failure; every caller is told
            self._fail(batch, error)
            self.watch(None if isinstance(_broken(error), StoreError) else time.perf_counter() - started)
        else:
            self.watch(None if any(map(_is_of_database, batch)) else time.perf_counter() - started)

    def _transact(self, batch: Sequence[_Task]) -> bool:
        """Run the batch in one transaction; return whether there was anything to commit."""
        perform = self._perform if len(batch) == 1 else self._perform_in_savepoint
        with self._engine.connect() as connection, connection.begin() as transaction:
            if self._log is not None:
                self._log.begin(connection)
            self._first(connection)
            kept = [task for task in batch if perform(connection, task)]
            if not kept:
                transaction.rollback()
                return False
            if self._log is not None:
                self._log.flush(connection)
            self._last(connection)
            send_waiting(connection)  # what is lost until here was not kept, what is lost later nobody knows
            self._reach("before-commit", kept)
            _commit(transaction)
            self._settle(connection)
        self._reach("after-commit", kept)
        return True

    def _perform(self, connection: Connection, task: _Task) -> bool:
        mark = self._log.mark() if self._log is not None else 0
        try:
            task.result = task.job(connection)
            send_waiting(connection)
        except Exception as error:  # noqa: BLE001 - a job's error belongs to its caller
            task.error = _own_error(error)
            forget_waiting(connection)
            if self._log is not None:
                self._log.undo(mark)
        return task.error is None

    def _perform_in_savepoint(self, connection: Connection, task: _Task) -> bool:
        say(connection, _SAVE)
        send_waiting(connection)
        kept = self._perform(connection, task)
        if not kept:
            connection.exec_driver_sql(_UNDO)
        say(connection, _KEEP)
        return kept

    def _fail(self, batch: Sequence[_Task], error: BaseException) -> None:
        if self._log is not None:
            self._log.abandon()
        for task in batch:
            if task.error is None:
                task.error = _broken(error)

    def _reach(self, point: str, batch: Sequence[_Task]) -> None:
        self._faults(point)
        for label in sorted({task.label for task in batch if task.label}):
            self._faults(f"{point}:{label}")


def _commit(transaction: RootTransaction) -> None:
    try:
        transaction.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise unknown_outcome() from error
        raise


def unknown_outcome() -> StoreError:
    """Return the error of a commit that nobody answered for."""
    return StoreError(
        "the store did not say whether it kept this",
        reason=OUTCOME_UNKNOWN,
        remedy="Send the same again: what was kept is not done twice.",
    )


def _own_error(error: Exception) -> Exception:
    return _broken(error) if isinstance(error, SQLAlchemyError) else error


def _broken(error: BaseException) -> TracepostError:
    if isinstance(error, TracepostError):
        return error
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    failure = StoreError(reason=STORE_LOST if is_lost else type(error).__name__)
    failure.__cause__ = error
    return failure


def _is_of_database(task: _Task) -> bool:
    """Say whether the database failed a job, not what the job wanted of it."""
    cause = task.error.__cause__ if isinstance(task.error, StoreError) else None
    own = (
        isinstance(cause, DataError | IntegrityError | ProgrammingError) and not cause.connection_invalidated
    )
    return cause is not None and not own


def _release(batch: Sequence[_Task]) -> None:
    """Let all callers of the batch go, with one wake-up per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop | None, list[_Task]] = {}
    for task in batch:
        by_loop.setdefault(task.loop, []).append(task)
    for loop, tasks in by_loop.items():
        if loop is None:
            _settle(tasks)
        else:
            _wake(loop, tasks)


def _wake(loop: asyncio.AbstractEventLoop, tasks: list[_Task]) -> None:
    try:
        loop.call_soon_threadsafe(_settle, tasks)
    except RuntimeError:
        # The loop is closed: nobody waits any more. What was committed stays committed.
        return


def _settle(tasks: list[_Task]) -> None:
    for task in tasks:
        task.settle()
