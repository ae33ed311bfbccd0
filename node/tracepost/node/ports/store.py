"""The store: all ports of one unit of work, the evidence log, and what several processes share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tracepost.node.ports.cases import (
    Addresses,
    AuditTrail,
    CaseDesks,
    CaseOfficers,
    Cases,
    Deletions,
    Deputies,
    Drafts,
    Emergencies,
    Officers,
    Passkeys,
    Releases,
)
from tracepost.node.ports.mail import (
    Dispatches,
    Inbox,
    Numbers,
    Outbox,
    Peers,
    Predecessors,
    Quarantine,
    Receipts,
    Resumption,
)
from tracepost.node.ports.papers import (
    Certificates,
    Directory,
    Policies,
    RevocationLists,
    Settings,
    TrustLists,
)
from tracepost.node.ports.pouches import Pouches
from tracepost.node.ports.statements import (
    Archive,
    Attachments,
    BlindIndex,
    Bodies,
    Enclosures,
    Registers,
    Statements,
    Tombstones,
    Wraps,
)
from tracepost.node.ports.telling import Telling
from tracepost.node.records.papers import (
    Edition,
)
from tracepost.protocol.evidence import LogLine
from tracepost.serving.own_head import ShownHead
from tracepost.wire.v1.post_pb2 import ConsistencyProof

T = TypeVar("T")


class Leases(Protocol):
    """Which process of ours does what only one of them may do at a time, by the clock of the store."""

    def take(self, names: Collection[str], holder: str, milliseconds: int) -> frozenset[str]:
        """Give `holder` for so long those of `names` that nobody else has now; return which it has.

        What it has already is prolonged.
        """

    def give_up(self, names: Collection[str], holder: str) -> None:
        """Let others have at once those of `names` that `holder` has."""


class Editions(Protocol):
    """Numbers by which a process sees that another one changed what it has in memory."""

    def read(self) -> Edition:
        """Return the numbers of what is kept now."""

    def policy(self) -> int:
        """Return the newest version of our own policies that was put in force, 0 if none was."""


class LogWriter(Protocol):
    """Our evidence log inside a unit of work."""

    def append(self, lines: Sequence[LogLine]) -> list[int]:
        """Put lines at the end of our log, with this transaction; return their numbers.

        StoreError inside `read`. If the job fails there is no trace of them.
        """

    def lines(self, numbers: Sequence[int]) -> dict[int, LogLine]:
        """Return the lines with these numbers."""


@dataclass(frozen=True, slots=True)
class Tx:
    """One unit of work: every port on the same transaction. Not to be used after its job."""

    statements: Statements
    outbox: Outbox
    dispatches: Dispatches
    receipts: Receipts
    numbers: Numbers
    pouches: Pouches
    inbox: Inbox
    resumption: Resumption
    quarantine: Quarantine
    predecessors: Predecessors
    bodies: Bodies
    wraps: Wraps
    blind_index: BlindIndex
    registers: Registers
    enclosures: Enclosures
    tombstones: Tombstones
    cases: Cases
    case_desks: CaseDesks
    peers: Peers
    directory: Directory
    certificates: Certificates
    revocation_lists: RevocationLists
    trust_lists: TrustLists
    policies: Policies
    officers: Officers
    deputies: Deputies
    passkeys: Passkeys
    emergencies: Emergencies
    deletions: Deletions
    case_officers: CaseOfficers
    releases: Releases
    drafts: Drafts
    attachments: Attachments
    audit: AuditTrail
    settings: Settings
    addresses: Addresses
    telling: Telling
    archive: Archive
    leases: Leases
    editions: Editions
    log: LogWriter


class Evidence(Protocol):
    """What our log proves, outside any unit of work. Safe from any thread; answers from memory mostly."""

    @property
    def head(self) -> ShownHead:
        """The newest head."""

    def prove(self, lines: Sequence[tuple[int, LogLine]], size: int | None = None) -> list[bytes]:
        """Return a serialized LogProof for each numbered line, all under one head: the newest.

        With `size`, under the head that the log had when it was that long; same bytes every time.
        """

    @property
    def first_number(self) -> int:
        """The number of the first entry of this epoch; lower ones stand in logs of ours that ended."""

    def read_block(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile (C2SP tlog-tiles), as far as the head goes; nothing, if there is none."""

    def read_entries(self, first: int, count: int) -> bytes:
        """Return the bundle of these entries as tlog-tiles has it; nothing, if they are not all there."""

    def root_at(self, size: int) -> bytes:
        """Return the root that the log had when it was so long; InvalidInputError if it never was."""

    def prove_consistency(self, old_size: int, new_size: int | None = None) -> ConsistencyProof:
        """Return the proof that the newest head, or that of `new_size`, continues the log of `old_size` entries.

        InvalidInputError: the log has never been so long.
        """

    def refresh(self) -> None:
        """Let `head` be the newest that any process of ours committed. Blocks for a query."""

    def call_before_showing(self, call: Callable[[str], None]) -> None:
        """Give the note of this head, and of each that follows, to `call` before it is shown; one after the other."""


class Store(Protocol):
    """The node's memory. Durable: `write` returns after its COMMIT was synced and the log's head signed.

    Concurrent: any number of tasks may write and read; writes are put in one order and share
    commits; a read sees all writes that had returned when it began, and none half.
    """

    @property
    def evidence(self) -> Evidence:
        """Our log."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write to it as well. Their writes and ours are in one order."""

    async def changed(self) -> None:
        """Return when another process may have written since this returned last; for one task.

        Never returns for a store that is not shared.
        """

    def guard(self, check: Callable[[Tx], None]) -> None:
        """Do `check` first in each unit of work that writes; what it raises fails the writes."""

    def watch(self, watch: Callable[[float | None], None]) -> None:
        """Tell `watch`, from any thread, how many seconds each transaction took; None: the database failed it."""

    async def write(
        self, job: Callable[[Tx], T], *, label: str = "", then: Callable[[T], None] | None = None
    ) -> T:
        """Run `job` in a unit of work and keep all of it, or nothing if it raises.

        `label` names it at fault points. `then` is given the result when that is durable and the log's head
        signed, off the event loop; what it raises is raised, and undoes nothing. BusyError after `close`.
        """

    async def read(self, job: Callable[[Tx], T]) -> T:
        """Run `job`, which must not write, on a snapshot of the store."""

    async def scrub(self) -> bool:
        """Let nothing that was deleted remain in the store's files; return whether that is done.

        Not done while somebody reads what was before: ask again.
        """

    async def close(self) -> None:
        """Finish what was begun, then let the store go."""
