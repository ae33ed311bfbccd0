"""The evidence log in the store: written in the transaction of what it proves.

    log_entry (epoch, number)       salt and preimage of every entry; a clear entry has no salt
    log_block (epoch, level, block) hashes, 256 to a block as C2SP tlog-tiles lays them out
    log_head  (epoch, size)         root after every transaction, and its signed note

1. A job appends; its entries have their numbers at once. If the job is rolled back
   they are forgotten before the next job runs, so that the log has no holes.
2. Before COMMIT the entries, the changed blocks and the head are written.
3. After COMMIT was acknowledged and is durable the head is signed and shown; before that no proof
   refers to it. Of what another process committed it is made sure first. Signing is deterministic: after
   a crash in between, the same note comes out of the stored size and root.
4. The note is stored by the next transaction.

A store whose log ended elsewhere than this process believes (an unknown end of a COMMIT) refuses by
its keys, and is read anew before the next job. Where several processes write to one database, each
transaction first takes up what the others appended, while nobody else writes: so there is one chain of
heads, whoever signs it, and two processes sign one size with the same note.

A log that ends before a head that was shown, or does not contain it, is refused for good: the database
has forgotten what others were told (a standby that was behind, a backup). Nothing is written to it.

`epoch` begins a new log after recovery (protocol.md, section 5); older ones stay. Its entries are numbered on
from those of the log before it, so that a number never names two; its tree begins at nought.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from tracepost.protocol.errors import InvalidInputError, StoreError
from tracepost.protocol.evidence import (
    BlockHashes,
    Frontier,
    LogKey,
    LogLine,
    Node,
    Prover,
    leaf_data,
    leaf_hash,
    make_proof,
)
from tracepost.serving.storage.engine import Engines
from tracepost.serving.storage.rows import find_rows, insert_rows, one_of, read_rows, upsert_rows
from tracepost.wire.v1.post_pb2 import ConsistencyProof

_WRITER_BLOCKS = 8
_READER_BLOCKS = 64  # mail to many others is proved in turns that go through its entries again and again
_ALL_BLOCKS = 1 << 40  # a store in memory has no second connection to load a block by
_PROVER_LIMIT = 1024
_SIGNING_S = 5.0
_HASH_LENGTH = 32
_BLOCK_WIDTH = 256
_FOLLOW_LIMIT = 4096  # entries that are taken up one by one; a log that is further ahead is read anew


@dataclass(frozen=True, slots=True)
class LogTables:
    """The three tables of a log, in the metadata of the daemon that keeps it."""

    entry: Table
    block: Table
    head: Table


def define_log_tables(metadata: MetaData) -> LogTables:
    """Add the tables of the log to `metadata`."""
    return LogTables(
        entry=Table(
            "log_entry",
            metadata,
            Column("epoch", BigInteger, primary_key=True),
            Column("number", BigInteger, primary_key=True),
            Column("salt", LargeBinary, nullable=False),
            Column("preimage", LargeBinary, nullable=False),
        ),
        block=Table(
            "log_block",
            metadata,
            Column("epoch", BigInteger, primary_key=True),
            Column("level", BigInteger, primary_key=True),
            Column("block", BigInteger, primary_key=True),
            Column("hashes", LargeBinary, nullable=False),
        ),
        head=Table(
            "log_head",
            metadata,
            Column("epoch", BigInteger, primary_key=True),
            Column("size", BigInteger, primary_key=True),
            Column("root", LargeBinary, nullable=False),
            Column("note", String, nullable=True),
        ),
    )


@dataclass(frozen=True, slots=True)
class LogHead:
    """A head of our own log: number of entries, root hash, and the signed note that says so."""

    size: int
    root: bytes
    note: str


class LogStore:
    """One member's log. Appending is for jobs of the writer; heads and proofs are for any thread.

    Durable with the transaction that appends. A `BatchLog` for `GroupWriter`.
    """

    def __init__(
        self, engines: Engines, tables: LogTables, key: LogKey, before: LogStore | None = None
    ) -> None:
        """Open the log of `key` as the store has it; `before` is the member's log of the epoch before.

        Raises:
            StoreError: the stored hashes do not give the stored head.
        """
        self._tables = tables
        self._key = key
        self._before = before
        self._epoch = key.origin.epoch
        entry, block = tables.entry.c, tables.block.c
        self._entries = select(tables.entry).where(entry.epoch == self._epoch, one_of(entry.number))
        self._blocks = select(block.hashes).where(
            block.epoch == self._epoch,
            block.level == bindparam("at_level"),
            block.block == bindparam("index"),
        )
        leaves = select(block.hashes).where(
            block.epoch == self._epoch, block.level == 0, block.block >= bindparam("first")
        )
        self._leaf_blocks = leaves.order_by(block.block)
        head = tables.head.c
        heads = select(head.size, head.root).where(head.epoch == self._epoch)
        self._last_head = heads.order_by(head.size.desc()).limit(1)
        self._is_shared = engines.is_shared
        self._readers = engines.readers
        self._engines = engines
        self._pending: list[LogLine] = []
        self._staged: _Staged | None = None
        self._unsaved: LogHead | None = None
        self._head = LogHead(0, Frontier().root(), "")
        self._shown_size = 0
        self._committed_size, self._committed_root = 0, self._head.root
        self._unshown: list[Node] = []
        self._has_gap = False
        self._stale = False
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)
        self._connection: Connection | None = None
        self._before_showing: Callable[[str], None] = lambda _note: None
        self._written = BlockHashes(self._load_for_writer, _WRITER_BLOCKS)
        limit = _READER_BLOCKS if engines.readers is not None else _ALL_BLOCKS
        self._published = BlockHashes(self._load_published, limit)
        with engines.writer.connect() as connection:
            self._first = self._first_number(connection)
            self._reload(connection)
            connection.rollback()
            engines.settle(connection)
        if self._has_gap:
            self._show_anew(self._committed_size, self._committed_root)

    @property
    def head(self) -> LogHead:
        """The newest head that may be shown: committed, then signed."""
        return self._head

    def call_before_showing(self, call: Callable[[str], None]) -> None:
        """Give the note of this head, and of each that follows, to `call` before it is shown; one after the other."""
        with self._lock:
            self._before_showing = call
            if self._head.size:
                call(self._head.note)

    def append(self, connection: Connection, lines: Sequence[LogLine]) -> list[int]:
        """Put `lines` at the end of the log, in the transaction of `connection`; return their numbers.

        Only inside a job of the writer. If the job fails nothing is kept.
        """
        if self._stale:
            self._reload(connection)
        first = self._first + self._frontier.size + len(self._pending)
        self._pending.extend(lines)
        return list(range(first, first + len(lines)))

    def read_lines(self, connection: Connection, numbers: Sequence[int]) -> dict[int, LogLine]:
        """Return the entries with these numbers; numbers that the log does not have are left out."""
        rows = find_rows(connection, self._entries, [number for number in numbers if number >= self._first])
        own = {row.number: stored_line(row.salt, row.preimage) for row in rows}
        older = [number for number in numbers if number < self._first]
        return own | self._before.read_lines(connection, older) if self._before and older else own

    def prove(self, lines: Sequence[tuple[int, LogLine]], size: int | None = None) -> list[bytes]:
        """Return a serialized LogProof for each numbered line, all under one head: the newest shown.

        With `size`, under the head that the log had when it was that long, signed again.
        """
        end = max((number + 1 - self._first for number, _ in lines), default=0)
        if end > self._head.size:
            self.refresh()
        with self._lock:
            # Whoever reads the store sees what is committed a moment before its head is signed.
            self._news.wait_for(lambda: end <= self._head.size, _SIGNING_S)
            head, prover = self._at(size)
            self._limit_memory(len(lines))
            return [self._prove_one(number, line, head, prover) for number, line in lines]

    def _prove_one(self, number: int, line: LogLine, head: LogHead, prover: Prover) -> bytes:
        if number < self._first and self._before is not None:  # of a log that ended: under its last head here
            return self._before.prove([(number, line)])[0]
        index = number - self._first
        return make_proof(line, index, prover.inclusion_path(index), head.note).SerializeToString()

    @property
    def first_number(self) -> int:
        """The number of the first entry of this epoch; lower ones stand in logs that ended."""
        return self._first

    def read_block(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile, as far as the head shown goes; nothing, if there is none."""
        with self._lock:
            return self._load_published(level, index)

    def read_entries(self, first: int, count: int) -> bytes:
        """Return a bundle of leaf data, as tlog-tiles has it; nothing, if the entries are not all here."""
        if self._readers is None or first + count > self._head.size:
            return b""
        numbers = range(self._first + first, self._first + first + count)
        with self._readers.connect() as connection:
            lines = self.read_lines(connection, numbers)
        data = [
            leaf_data(lines[number].preimage, lines[number].salt) for number in numbers if number in lines
        ]
        return b"".join(len(one).to_bytes(2) + one for one in data) if len(data) == count else b""

    def root_at(self, size: int) -> bytes:
        """Return the root that the log had when it was so long; raise `InvalidInputError` if it never was."""
        with self._lock:
            if size > self._head.size:
                raise InvalidInputError("the log is not so long", where="size")
            return Prover(size, self._published).root()

    def prove_consistency(self, old_size: int, new_size: int | None = None) -> ConsistencyProof:
        """Return the proof that the newest head shown, or that of `new_size`, continues the log of `old_size` entries.

        Raises:
            InvalidInputError: the log has never been so long.
        """
        if max(old_size, new_size or 0) > self._head.size:
            self.refresh()
        with self._lock:
            if new_size is not None and new_size > self._head.size:
                raise InvalidInputError("the log is not so long", where="new_size")
            head, prover = self._at(new_size)
            path = prover.consistency_path(old_size)
        member = self._key.origin.member
        return ConsistencyProof(member=member, old_size=old_size, path=path, checkpoint=head.note)

    def refresh(self) -> None:
        """Show the newest head that is committed, whichever process committed it.

        Raises:
            StoreError: the log in the store does not continue the one that was shown, or cannot be read now.
        """
        settler = self._engines.settler
        if settler is None:
            return
        with self._lock, _reading(settler) as connection:
            size, root = self._stored_head(connection)
            if size > self._shown_size:
                self._engines.settle(connection)  # who committed it may be waiting for the disk still
                self._show_stored(connection, size, root)

    def _show_stored(self, connection: Connection, size: int, root: bytes) -> None:
        """Show a head that another process committed, as the lock is held."""
        frontier = Frontier.rebuild(self._shown_size, self._published)
        try:
            self._show_with(self._follow(connection, frontier, size, root), size, root)
        except _OtherLogError:
            shown = self._head
            self._published.forget()
            self._shown_size = size
            if Prover(shown.size, self._published).root() != shown.root or self._root_at(size) != root:
                self._published.forget()
                self._shown_size = shown.size
                raise _forgotten() from None
            self._show(size, root)

    def _root_at(self, size: int) -> bytes:
        return Prover(size, self._published).root()

    def begin(self, connection: Connection) -> None:
        """See `BatchLog`: take up what others appended."""
        if self._is_shared and self._stale:
            self._reload(connection)
        elif self._is_shared:
            self._catch_up(connection)

    def mark(self) -> int:
        """See `BatchLog`."""
        return len(self._pending)

    def undo(self, mark: int) -> None:
        """See `BatchLog`."""
        del self._pending[mark:]

    def flush(self, connection: Connection) -> None:
        """See `BatchLog`: number, hash and write what was appended."""
        if not self._pending:
            return
        lines, self._pending = self._pending, []
        first = self._frontier.size
        self._connection = connection
        nodes = [node for line in lines for node in self._frontier.append(line.leaf)]
        self._written.add(nodes)
        self._staged = _Staged(nodes, self._frontier.size, self._frontier.root())
        entries = [
            (self._epoch, number, line.salt, line.preimage)
            for number, line in enumerate(lines, self._first + first)
        ]
        insert_rows(connection, self._tables.entry, entries)
        self._write_blocks(connection)
        self._write_heads(connection, self._staged)

    def publish(self) -> None:
        """See `BatchLog`: sign the head and show it."""
        staged, self._staged = self._staged, None
        if staged is None:
            return
        self._committed_size, self._committed_root = staged.size, staged.root
        nodes, self._unshown = [*self._unshown, *staged.nodes], []
        if self._has_gap:
            self._show_anew(staged.size, staged.root)
            return
        with self._lock:
            self._show_with(nodes, staged.size, staged.root)

    def abandon(self) -> None:
        """See `BatchLog`."""
        self._pending = []
        self._staged = None
        self._stale = True

    def _write_blocks(self, connection: Connection) -> None:
        changed = self._written.take_changed()
        rows = [(self._epoch, block.level, block.index, block.data) for block in changed]
        upsert_rows(connection, self._tables.block, rows)

    def _write_heads(self, connection: Connection, staged: _Staged) -> None:
        rows: list[tuple[int, int, bytes, str | None]] = [(self._epoch, staged.size, staged.root, None)]
        shown = self._unsaved
        if shown is not None:
            rows.append((self._epoch, shown.size, shown.root, shown.note))
        upsert_rows(connection, self._tables.head, rows)

    def _show_with(self, nodes: Iterable[Node], size: int, root: bytes) -> None:
        """Show a head, given the nodes up to it; what is shown already may be among them. Never goes back."""
        shown = self._shown_size
        if size > shown:
            self._published.add(node for node in nodes if (node.index + 1) << node.level > shown)
            self._published.take_changed()
            self._show(size, root)

    def _show(self, size: int, root: bytes) -> None:
        note = self._key.sign_checkpoint(self._key.origin, size, root)
        if size:
            self._before_showing(note)
        self._shown_size = size
        self._prover = Prover(size, self._published)
        self._proved = 0
        self._head = LogHead(size, root, note)
        self._unsaved = self._head if size else None
        self._news.notify_all()

    def _at(self, size: int | None) -> tuple[LogHead, Prover]:
        if size is None or size == self._head.size:
            return self._head, self._prover
        prover = Prover(size, self._published)
        note = self._key.sign_checkpoint(self._key.origin, size, prover.root())
        return LogHead(size, prover.root(), note), prover

    def _limit_memory(self, count: int) -> None:
        """Begin a new prover now and then: it remembers every path that it gave."""
        self._proved += count
        if self._proved > _PROVER_LIMIT:
            self._prover = Prover(self._head.size, self._published)
            self._proved = count

    def _reload(self, connection: Connection) -> None:
        """Take the log as the store has it; nothing of it is uncommitted when this is called."""
        size, root = self._stored_head(connection)
        self._connection = connection
        self._written.forget()
        self._committed_size, self._committed_root = size, root
        self._frontier = Frontier.rebuild(size, self._written)
        if self._frontier.root() != root or self._count_entries(connection) != size:
            raise StoreError("the evidence log does not fit its head", reason="log-damaged")
        self._require_shown(size)
        self._unshown, self._stale = [], False
        self._has_gap = self._is_shared
        if not self._is_shared:  # elsewhere it may not be durable yet
            self._show_anew(size, root)

    def _show_anew(self, size: int, root: bytes) -> None:
        """Show a head whose nodes stand in the store. Never goes back."""
        with self._lock:
            self._has_gap = False
            if size >= self._shown_size:
                self._published.forget()
                self._shown_size = size
                self._show(size, root)

    def _require_shown(self, size: int) -> None:
        """Refuse a log of `size` entries that does not begin with the one that was shown."""
        shown = self._head
        if size < shown.size or Prover(shown.size, self._written).root() != shown.root:
            raise _forgotten()

    def _catch_up(self, connection: Connection) -> None:
        """Take up what others committed since our last transaction."""
        size, root = self._stored_head(connection)
        if (size, root) == (self._committed_size, self._committed_root):
            return
        self._stale = True  # until it is known that what is there continues ours
        self._connection = connection
        try:
            nodes = self._follow(connection, self._frontier, size, root)
        except _OtherLogError:
            # Also where entries of others are gone that nobody was told of: only what was shown counts.
            self._reload(connection)
            return
        self._written.add(nodes)
        self._written.take_changed()
        self._unshown += nodes
        self._committed_size, self._committed_root = size, root
        self._stale = False

    def _follow(self, connection: Connection, frontier: Frontier, size: int, root: bytes) -> list[Node]:
        """Let `frontier` grow to `size`; return the nodes that completed; raise if that cannot be done step by step."""
        if size - frontier.size > _FOLLOW_LIMIT:
            raise _OtherLogError
        leaves = self._leaves(connection, frontier.size, size)
        nodes = [node for leaf in leaves for node in frontier.append(leaf)]
        if frontier.size != size or frontier.root() != root:
            raise _OtherLogError
        return nodes

    def _leaves(self, connection: Connection, first: int, end: int) -> list[bytes]:
        """Return the leaf hashes from number `first` up to `end`."""
        if end <= first:
            return []
        block = first // _BLOCK_WIDTH
        rows = connection.execute(self._leaf_blocks, {"first": block}).scalars()
        data, start = b"".join(map(bytes, rows)), block * _BLOCK_WIDTH
        places = range(first - start, end - start)
        return [data[place * _HASH_LENGTH : (place + 1) * _HASH_LENGTH] for place in places]

    def _stored_head(self, connection: Connection) -> tuple[int, bytes]:
        rows = read_rows(connection, self._last_head)
        return (rows[0].size, bytes(rows[0].root)) if rows else (0, Frontier().root())

    def _count_entries(self, connection: Connection) -> int:
        entry = self._tables.entry
        query = select(entry.c.number).where(entry.c.epoch == self._epoch)
        last = connection.execute(query.order_by(entry.c.number.desc()).limit(1)).scalar()
        return 0 if last is None else int(last) + 1 - self._first

    def _first_number(self, connection: Connection) -> int:
        """Return the number of our first entry: it is there, or follows those of earlier epochs."""
        entry = self._tables.entry.c
        ours = select(entry.number).where(entry.epoch == self._epoch).order_by(entry.number).limit(1)
        first = connection.execute(ours).scalar()
        if first is not None or self._epoch == 1:
            return int(first or 0)
        earlier = select(entry.number).where(entry.epoch < self._epoch)
        last = connection.execute(earlier.order_by(entry.epoch.desc(), entry.number.desc()).limit(1)).scalar()
        return 0 if last is None else int(last) + 1

    def _load_for_writer(self, level: int, index: int) -> bytes:
        if self._connection is None:
            raise StoreError("no transaction to read the log by")
        return self._cut(self._load(self._connection, level, index), level, index, self._committed_size)

    def _load_published(self, level: int, index: int) -> bytes:
        """Return a block as it is under the head shown: the store may be one transaction ahead."""
        if self._readers is None:
            return b""
        with _reading(self._readers) as connection:
            return self._cut(self._load(connection, level, index), level, index, self._shown_size)

    @staticmethod
    def _cut(hashes: bytes, level: int, index: int, size: int) -> bytes:
        """Return what a block had when the log had `size` entries."""
        count = (size >> 8 * level) - index * _BLOCK_WIDTH
        return hashes[: max(count, 0) * _HASH_LENGTH]

    def _load(self, connection: Connection, level: int, index: int) -> bytes:
        found = connection.execute(self._blocks, {"at_level": level, "index": index}).scalar()
        return bytes(found or b"")


@dataclass(frozen=True, slots=True)
class _Staged:
    """What a transaction added to the log, to be shown when it is durable."""

    nodes: list[Node]
    size: int
    root: bytes


class _OtherLogError(Exception):
    """What the store has does not continue what is here, or is too far ahead to be taken up entry by entry."""


def _forgotten() -> StoreError:
    return StoreError(
        "the database has forgotten entries of the evidence log that others were told of",
        where="store",
        reason="log-forgotten",
        remedy="Do not write to it. See deploy/postgresql.md: a server that was behind was promoted.",
    )


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection to read by; a database that is not there is told as what it is: it may be back soon."""
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise StoreError("the log could not be read", reason=type(error).__name__) from error


def stored_line(salt: bytes, preimage: bytes) -> LogLine:
    """Return the log line that a stored entry was."""
    return LogLine(preimage, salt, leaf_hash(leaf_data(preimage, salt)))
