"""What a desk misses of a statement that was sent to us first-hand: a class that is not whole, a copy that is broken.

The counters are signed, so whoever may read a class can prove that it is whole (protocol.md, sections
2 and 3). Missing is what our directory entry and the gate let this desk read, and

    of which a part is here, and a part or the counter is not; or
    of which nothing is here, though it was signed.

Nothing of a class may be missing honestly: its author says that it is withheld, for want of a desk
for instance; or he could not know yet that this desk reads it, because our entry said otherwise not
long ago. A class that the gate lets no desk of ours read is not missed,
nor as many fields as he says are for other desks alone (ADR 0012).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.audience import audience_of
from tracepost.node.handlers.case.inner_readers import only_inside_of
from tracepost.node.handlers.case.office import Office, OwnDesk, desk_name
from tracepost.node.handlers.case.reader_sets import kept_from, only_by
from tracepost.node.handlers.case.thread import clear_message
from tracepost.node.handlers.sealed.opening import Fault, Opener, Sealed, Unsealed
from tracepost.node.handlers.sealed.sealing_mail import is_reserved_from
from tracepost.node.papers import ENTRY_LIFE_S, EntryView, Papers
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.errors import IncompleteError, SealingError, StatementError
from tracepost.protocol.ids import DeskId, EnvelopeId
from tracepost.protocol.schema import RAISES, Sensitivity
from tracepost.protocol.statement import Count, Statement

_NOTHING = Count(0, None)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What is wrong with a statement at a desk of ours: classes that are not whole, or a copy that is broken.

    `is_of_author`: it was sent so; neither our keys nor our store is to blame.
    """

    record: StatementRecord
    error: IncompleteError | SealingError | StatementError
    copy: EnvelopeId
    classes: tuple[Sensitivity, ...] = ()
    is_of_author: bool = True


class Inspection:
    """Compares what was signed with what is here. Safe from any thread."""

    def __init__(self, office: Office, gate: Gate, opener: Opener, papers: Papers) -> None:
        self._office = office
        self._gate = gate
        self._opener = opener
        self._papers = papers

    def find(self, sealed: Sealed, unsealed: Unsealed, desk: OwnDesk, reads_since: int) -> list[Shortfall]:
        """Return what is wrong with a statement at `desk`, the gravest first.

        Args:
            sealed: the statement with all its copies.
            unsealed: what the keys of `desk` opened of them.
            desk: a desk of ours.
            reads_since: unix time since when our entry says of this desk what it says now (`desk_since`).
        """
        record = sealed.record
        if record.direction is Direction.OURS:
            return []
        broken = [_broken(record, fault) for fault in unsealed.broken]
        is_ours = any(not fault.is_of_author for fault in unsealed.faults)  # then it may be whole
        if is_ours or (broken and unsealed.statement is None):
            return broken
        missing = tuple(self._missing(sealed, unsealed, desk, reads_since))
        return [*broken, _incomplete(record, missing)] if missing else broken

    def _missing(
        self, sealed: Sealed, unsealed: Unsealed, desk: OwnDesk, reads_since: int
    ) -> Iterator[Sensitivity]:
        entitled = self._entitled(desk, sealed)
        us, record = self._office.member, sealed.record
        said = (*only_by(record), *only_inside_of(record, us))
        for_others = kept_from(said, desk_name(us, desk.desk))
        counts = unsealed.statement.counts() if unsealed.statement else self._counts_of_all(sealed, entitled)
        for sensitivity, count in counts.items():
            if sensitivity not in entitled or count.shown == count.total:
                continue
            if count.total is not None and count.total - count.shown <= for_others[sensitivity]:
                continue
            if count != _NOTHING or not _may_be_absent(sealed.record, sensitivity, reads_since):
                yield sensitivity

    def _entitled(self, desk: OwnDesk, sealed: Sealed) -> frozenset[Sensitivity]:
        """Return what its author is to seal to a desk of ours of a statement, and what the desk may open."""
        entry = self._papers.entry(self._office.member)
        for view in entry.desks if entry else ():
            if view.desk == desk.desk:
                context = self._opener.circumstances(desk, sealed.record, sealed.terms).whole
                addressee = replace(context, on_case=view.on_every_case)
                if is_reserved_from(view, entry.desks if entry else (), audience_of(sealed.record.kind)):
                    return frozenset()
                sealed_to = self._gate.readable(view.reader, Action.SEAL_TO, addressee)
                return sealed_to & self._gate.readable(desk.reader, Action.OPEN, context)
        return frozenset()

    def _counts_of_all(self, sealed: Sealed, entitled: Collection[Sensitivity]) -> dict[Sensitivity, Count]:
        """Return the classes that were signed, of a statement of which a desk holds nothing at all.

        Those that the daemon reads itself tell which there are. What is PUBLIC goes with others only.
        """
        if not set(entitled) - {Sensitivity.PUBLIC}:
            return {}
        read: Statement | None = self._opener.unseal_as_node(sealed).statement
        return {c: _NOTHING for c in read.classes if c is not Sensitivity.PUBLIC} if read else {}


def desk_since(tx: Tx, desk: DeskId) -> int:
    """Return since when our entry says of a desk what it says now, unix seconds; 0: from the beginning."""
    return int(tx.settings.get(_setting(desk)) or b"0")


def note_changed_desks(tx: Tx, before: EntryView | None, after: EntryView | None, now: int) -> None:
    """Remember which desks our newest entry tells other things of than the one before; part of one unit of work."""
    if before is None or after is None:
        return
    for desk in after.desks:
        if desk not in before.desks:
            tx.settings.put(_setting(desk.desk), str(now).encode())


def _setting(desk: DeskId) -> str:
    return f"desk-reads-since/{desk}"


def _broken(record: StatementRecord, fault: Fault) -> Shortfall:
    return Shortfall(record, fault.error, fault.copy, is_of_author=fault.is_of_author)


def _incomplete(record: StatementRecord, missing: tuple[Sensitivity, ...]) -> Shortfall:
    return Shortfall(record, IncompleteError(where=", ".join(missing)), record.envelope_id, missing)


def _may_be_absent(record: StatementRecord, sensitivity: Sensitivity, reads_since: int) -> bool:
    """Say whether there may honestly be nothing here of a class that was signed."""
    if record.kind not in schema.KINDS or _is_said_withheld(record, sensitivity):
        return True
    return reads_since > 0 and record.iat < reads_since + ENTRY_LIFE_S


def _is_said_withheld(record: StatementRecord, sensitivity: Sensitivity) -> bool:
    """Say whether the author says that something is withheld where a field of this class can stand."""
    lines = getattr(clear_message(record), "withheld", ())
    places = {line.path.partition(".")[0] for line in lines}
    return any(
        path.partition(".")[0] in places and (declared is sensitivity or sensitivity in RAISES[declared])
        for path, declared in schema.UNITS.get(record.kind, {}).items()
    )
