"""Nothing is released unlogged: who was let see which statement stands in our log before it is shown.

ADMINISTRATIVE data is no release: lists show it, and no desk need be unlocked for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.circumstances import (
    READING,
    Act,
    CaseTerms,
    Circumstances,
    circumstances,
    read_terms,
)
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.sending.opening_notices import OpeningNotices
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.evidence import Opened, prepare_line
from tracepost.protocol.ids import StatementDigest, encode_b64
from tracepost.protocol.sealing import Random

_DAY_SECONDS: Final = 86400
_LOOKS_LIMIT: Final = 65536

_Look = tuple[StatementDigest, str, str, bytes]
"""Statement, desk, officer and decision."""


class DisclosureLog:
    """Writes one log entry and one audit event for each statement that is released, and each officer who opens it.

    An officer who looks at the same statement again, at the same desk, under the same decision, on the same day
    (UTC), makes no new entry. The evidence is that this officer saw it, under which rules, and on which day; a
    further look proves nothing more, and a screen that is drawn anew every minute would bury what others saw.
    What leaves the node, an export, is told every time.
    """

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        store: Store,
        clock: Callable[[], int],
        random: Random,
        notices: OpeningNotices | None = None,
    ) -> None:
        """`notices` tell of openings, where that was agreed; None: what is logged here is not an officer's look."""
        self._office = office
        self._gate = gate
        self._store = store
        self._clock = clock
        self._random = random
        self._notices = notices
        # In memory only: after a restart a look is told once more, which is no harm.
        self._looks: set[_Look] = set()
        self._day = 0

    async def record_list(self, officer: Officer, cases: int) -> None:
        """Keep that `officer` took a list of so many cases away as a file; it holds ADMINISTRATIVE data alone."""
        event = AuditEvent(self._clock(), officer.label, "list-file", "cases", str(cases))
        await self._store.write(lambda tx: tx.audit.append([event]), label="audit")

    async def record(
        self,
        records: Sequence[StatementRecord],
        officer: Officer,
        desk: OwnDesk,
        action: Action,
        act: Act = READING,
    ) -> None:
        """Keep durably that `officer` may do `action` with these statements at `desk`; then they may be shown."""
        now = self._clock()
        terms = await self._store.read(lambda tx: read_terms(tx, [r.thread for r in records]))
        found = [self._circumstances(r, terms[r.thread], desk, now, act) for r in records]
        decisions = [one.digest(self._gate, desk.reader, action) for one in found]
        said = [
            Opened(r.digest, desk.desk, officer.label, str(action), decision, now)
            for r, decision in zip(records, decisions, strict=True)
        ]
        entries = self._untold(said, now)
        if not entries:
            return

        def keep(tx: Tx) -> None:
            numbers = tx.log.append([prepare_line(e, self._random) for e in entries])
            tx.audit.append([_audit(e, n) for e, n in zip(entries, numbers, strict=True)])

        label = f"log-{action}"
        if self._notices is not None and action is Action.OPEN:
            fresh = {e.statement for e in entries}
            opened = [r for r in records if r.digest in fresh]
            await self._notices.keep(officer, desk, opened, keep, label=label)
        else:
            await self._store.write(keep, label=label)
        self._looks.update(_look(e) for e in entries if _is_look(e))

    def _untold(self, entries: Sequence[Opened], now: int) -> list[Opened]:
        day = now // _DAY_SECONDS
        if day != self._day or len(self._looks) >= _LOOKS_LIMIT:
            self._looks, self._day = set(), day
        return [e for e in entries if not _is_look(e) or _look(e) not in self._looks]

    def _circumstances(
        self, record: StatementRecord, terms: CaseTerms, desk: OwnDesk, now: int, act: Act
    ) -> Circumstances:
        return circumstances(self._office, desk, record, terms, day=instant(now)[:10], act=act)


def _is_look(entry: Opened) -> bool:
    return entry.action == str(Action.OPEN)


def _look(entry: Opened) -> _Look:
    return entry.statement, entry.desk, entry.officer, entry.decision


def _audit(entry: Opened, log_number: int) -> AuditEvent:
    subject = encode_b64(entry.statement)
    return AuditEvent(entry.time, entry.officer, entry.action, subject, entry.desk, log_number)
