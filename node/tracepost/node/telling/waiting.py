"""What waits at which desk: what came from others, enquiries and findings of our own, and what waits for a word.

    statement:DIGEST    it came into effect, and the desk may know of it
    case:THREAD         the desk was put on the case
    release:…  deletion:…  emergency:…  held:…    until somebody has decided

An item of a case is over when an officer of the desk opens the case, or writes in it (`handlers/reading/seeing.py`
has the first). Acknowledgements and what only tells of openings ask nobody for anything: of these nobody is told.
What is not in effect yet, because its mail is held or comes before what it answers, is looked at again each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.circumstances import CaseTerms, read_terms
from tracepost.node.handlers.case.entitlement import may_know_of
from tracepost.node.handlers.case.inward import inward_by
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.ports.store import Tx
from tracepost.node.records.staff import EmergencyState
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.node.records.telling import NO_DESK, Step, WaitingItem
from tracepost.node.telling.items import (
    Progress,
    digest_of,
    item_of,
    items_of_days,
    keep_progress,
    read_progress,
)
from tracepost.node.telling.noted import noted_desks
from tracepost.protocol.authors import AFTER_THE_END
from tracepost.protocol.envelope import Lane
from tracepost.protocol.ids import DeskId, encode_b64
from tracepost.protocol.schema import INNER_KINDS
from tracepost.wire.v1 import desk_pb2

AT_ONCE: Final = 200
_ASK_NOBODY: Final = AFTER_THE_END | {"trace.acknowledgement/1"}
_SEEN_FOR_S: Final = 600
_EARLY_FOR_S: Final = 60 * 86400


class Waiting:
    """Notes what waits; used under the standing policies."""

    def __init__(self, office: Office, gate: Gate) -> None:
        self._office = office
        self._gate = gate

    def _desks(self, tx: Tx) -> list[OwnDesk]:
        """Our desks for which it is noted what waits."""
        names = noted_desks(tx)
        return [one for one in self._office.desks if one.desk in names]

    def is_news(self, tx: Tx) -> bool:
        """Say whether `note` has something to write."""
        progress = read_progress(tx)
        is_behind = progress.statement < tx.statements.last_number()
        took_effect = any(one.in_effect for one in self._early(tx).values())
        return is_behind or took_effect or self._decided(tx) != self._noted(tx)

    def note(self, tx: Tx, now: int) -> bool:
        """Note what came, and forget what was decided; return whether there is more to look through.

        A node that is told for the first time begins with what comes from now on.
        """
        progress = read_progress(tx)
        if progress.statement < 0:
            progress = Progress(tx.statements.last_number())
        found = tx.statements.after(progress.statement, AT_ONCE)
        was_early, early = tx.telling.early(), self._early(tx)
        for record in [one for one in early.values() if one.in_effect]:
            self._take(tx, record, now)
        for _, record in found:
            self._take(tx, record, record.stored_at)
        over = [
            one.item
            for one in was_early
            if one.since < now - _EARLY_FOR_S or one.item not in early or early[one.item].in_effect
        ]
        tx.telling.settle(NO_DESK, over)
        wanted, noted = self._decided(tx), self._noted(tx)
        tx.telling.add([one for key, one in wanted.items() if key not in noted])
        for desk, item in noted.keys() - wanted.keys():
            tx.telling.settle(desk, [item])
        tx.telling.forget_seen(now - _SEEN_FOR_S)
        last = found[-1][0] if found else progress.statement
        keep_progress(tx, Progress(last, now))
        return len(found) == AT_ONCE

    # ── statements ───────────────────────────────────────────────────────────────────

    def _early(self, tx: Tx) -> dict[str, StatementRecord]:
        """Return what was not in effect when it was looked at, by item."""
        digests = [digest_of(one.item) for one in tx.telling.early()]
        return {item_of(digest): record for digest, record in tx.statements.find(digests).items()}

    def _take(self, tx: Tx, record: StatementRecord, since: int) -> None:
        name, thread = item_of(record.digest), record.thread
        if not record.in_effect:
            tx.telling.add([WaitingItem(NO_DESK, name, thread, since, urgent=False)])
            return
        if record.direction is Direction.OURS:
            tx.telling.settle_case(record.desk, thread, record.stored_at)
            tx.telling.know(record.desk, items_of_days(thread))
        if desks := list(self._desks_of(tx, record)):
            urgent = _is_urgent(tx, record)
            tx.telling.add([WaitingItem(desk, name, thread, since, urgent) for desk in desks])

    def _desks_of(self, tx: Tx, record: StatementRecord) -> Iterator[DeskId]:
        if record.kind in _ASK_NOBODY:
            return
        theirs = record.direction is Direction.THEIRS
        asked = None if theirs else self._asked(tx, record)
        if not theirs and asked is None:  # of what we send nobody is told
            return
        terms = read_terms(tx, [record.thread])[record.thread]
        for desk in self._desks(tx):
            if (theirs or desk.desk == asked) and self._may_know(desk, record, terms):
                yield desk.desk

    @staticmethod
    def _asked(tx: Tx, record: StatementRecord) -> DeskId | None:
        """Return the desk of ours that a statement of ours is for: who is asked, or who asked."""
        if record.kind not in INNER_KINDS:
            return None
        asked = inward_by(record).asks
        if asked is None and record.in_reply_to is not None:
            before = tx.statements.find([record.in_reply_to]).get(record.in_reply_to)
            asked = before.desk if before is not None else None
        return asked if asked != record.desk else None

    def _may_know(self, desk: OwnDesk, record: StatementRecord, terms: CaseTerms) -> bool:
        return may_know_of(self._office, self._gate, desk, record, terms)

    # ── what waits for a word ────────────────────────────────────────────────────────

    def _noted(self, tx: Tx) -> dict[tuple[DeskId, str], WaitingItem]:
        return {
            (one.desk, one.item): replace(one, step=Step.NEW, told_at=0) for one in tx.telling.undecided()
        }

    def _decided(self, tx: Tx) -> dict[tuple[DeskId, str], WaitingItem]:
        desks = self._desks(tx)
        found = (
            replace(one, desk=desk.desk)
            for one in _open(tx)
            for desk in desks
            if one.desk == desk.desk or (one.desk == NO_DESK and desk.reader.point_of_contact)
        )
        return {(one.desk, one.item): one for one in found}


def _is_urgent(tx: Tx, record: StatementRecord) -> bool:
    case = tx.cases.find([record.thread]).get(record.thread)
    if case is not None and desk_pb2.CaseSummary.FromString(case.summary).urgent:
        return True
    return any(mail.lane is Lane.URGENT for mail in tx.inbox.of_statements([record.digest]))


def _open(tx: Tx) -> Iterator[WaitingItem]:
    """Yield what somebody's word is looked for; of NO_DESK what a point of contact decides."""
    for release in tx.releases.open():
        name, urgent = f"release:{encode_b64(release.statement)}", release.lane is Lane.URGENT
        yield WaitingItem(release.deciding_desk, name, "", release.written_at, urgent)
    for held in tx.quarantine.held():
        name, urgent = f"held:{held.mail.id.hex()}", held.mail.lane is Lane.URGENT
        yield WaitingItem(NO_DESK, name, "", held.mail.received_at, urgent)
    for deletion in tx.deletions.all():
        if deletion.state.is_open:
            yield WaitingItem(
                deletion.desk, f"deletion:{deletion.number}", "", deletion.asked_at, urgent=False
            )
    for emergency in tx.emergencies.all():
        if emergency.state is EmergencyState.PROPOSED:
            yield WaitingItem(
                emergency.desk, f"emergency:{emergency.number}", "", emergency.proposed_at, urgent=True
            )
