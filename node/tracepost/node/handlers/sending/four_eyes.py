"""When a second officer is asked before mail goes (messages.md, section 4).

A statement with CRIMINAL_JUSTICE or PERSONAL data that would be sealed to another member's desk needs the word
of another officer of the desk that writes it. So does a consent that lets another member pass on such data of ours.

    nothing of the kind, or the settings ask for no second officer     → it goes
    urgent, within the quota of this addressee                         → it goes, and is reviewed afterwards
    the desk has another officer                                       → it waits for his word
    it has none                                                        → it is delayed, and anybody here may stop it

So nobody rids himself alone of the only other officer of his desk.

A desk that is under the oversight of another (a province, a customs post) writes to other members by that one's
word: all that it writes waits for an officer of the overseeing desk, or goes with a notice to it. What takes a
second officer anyway, and is overseen by notice only, waits for one of its own desk. What the node itself tells, that
a class did not come whole or that something was released, goes by itself: no officer wrote a word of it.

Not done here: keeping it, and taking the word (`dispatch`, `releasing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from tracepost.node.config import ReleaseSettings
from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.office import Office
from tracepost.node.handlers.case.thread import read_clear_part
from tracepost.node.handlers.sending.preparing import Prepared
from tracepost.node.handlers.sending.reaching import lets_guarded_go
from tracepost.node.papers import EntryView, Papers
from tracepost.node.ports.store import Tx
from tracepost.node.records.staff import OfficerRecord, PasskeyRecord, ReleaseState
from tracepost.node.records.statements import Direction
from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, ThreadId
from tracepost.protocol.revocation import RevocationView

_HOUR_SECONDS = 3600
_DAY_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class Passage:
    """How a draft passes. `until` is when a delayed one goes, or when a review is due; 0: it waits."""

    state: ReleaseState
    deciding_desk: DeskId
    until: int = 0

    @property
    def goes(self) -> bool:
        """Whether it is queued now."""
        return not self.state.is_unsent


class FourEyes:
    """Judges prepared drafts inside the transaction that keeps them."""

    def __init__(self, settings: ReleaseSettings, office: Office, gate: Gate, papers: Papers) -> None:
        self._settings = settings
        self._office = office
        self._gate = gate
        self._papers = papers

    def judge(self, tx: Tx, one: Prepared, now: int) -> Passage:
        """Return how `one` passes at `now`, unix seconds."""
        desk = self._office.desk(one.desk)
        over = desk.under if one.entries and not one.of_node else None
        is_guarded = self.asks and (one.guarded or lets_guarded_go(tx, one, self._office.member))
        if over is not None and not desk.by_notice:
            waits = Passage(ReleaseState.WAITING_FOR_SECOND_OFFICER, over)
            return self._in_urgency(tx, one, over, now) or waits
        if is_guarded:
            return self._by_own_desk(tx, one, now)
        if over is not None:
            return Passage(ReleaseState.RELEASED_WITH_NOTICE, over)
        return Passage(ReleaseState.RELEASED, one.desk)

    def _by_own_desk(self, tx: Tx, one: Prepared, now: int) -> Passage:
        if urgent := self._in_urgency(tx, one, one.desk, now):
            return urgent
        return self.by_second(tx, one.desk, one.officer.number, now)

    @property
    def asks(self) -> bool:
        """Whether the settings ask for a second officer at all."""
        return self._settings.second_officer

    def by_second(self, tx: Tx, desk: DeskId, number: str, now: int) -> Passage:
        """Return how passes what officer `number` of `desk` may not do alone: it waits, or is delayed."""
        if second_officers(tx, self._papers, self._office.member, desk, number=number, now=now):
            return Passage(ReleaseState.WAITING_FOR_SECOND_OFFICER, desk)
        return Passage(ReleaseState.DELAYED, desk, now + self._settings.delay_hours * _HOUR_SECONDS)

    def _in_urgency(self, tx: Tx, one: Prepared, deciding: DeskId, now: int) -> Passage | None:
        if one.lane is not Lane.URGENT or not self._is_within_quota(tx, one, now):
            return None
        until = now + self._settings.review_hours * _HOUR_SECONDS
        return Passage(ReleaseState.RELEASED_FOR_REVIEW, deciding, until)

    def conditions(
        self, tx: Tx, entries: Iterable[EntryView], case: ThreadId, forwarded: Sequence[StatementDigest]
    ) -> bytes:
        """Return a digest of all that mail is sealed for, to compare before it goes.

        Policies, the desks of its addressees and their keys; and, where it passes on statements, `forwarded`, what
        others have said in its case and in theirs, what they consent to once for all, and whether these are here
        still: for what is shown of others, a consent may have been withdrawn.
        """
        told = [self._gate.policy_sha256.hex(), [_sealed_for(entry) for entry in entries]]
        shown = self._shown(tx, case, forwarded) if forwarded else []
        return hashlib.sha256(orjson.dumps([*told, *shown])).digest()

    def _shown(self, tx: Tx, case: ThreadId, forwarded: Sequence[StatementDigest]) -> list[object]:
        records = tx.statements.find(forwarded).values()
        said = tx.statements.in_threads(sorted({case, *(one.thread for one in records)}))
        heard = sorted(one.digest.hex() for one in said if one.direction is Direction.THEIRS)
        gone = sorted(one.digest.hex() for one in records if read_clear_part(one.admin_json).deleted_at)
        consents = [_standing_in(entry) for entry in self._papers.entries()]
        return [heard, gone, sorted(one for one in consents if one)]

    def _is_within_quota(self, tx: Tx, one: Prepared, now: int) -> bool:
        went = [r for r in tx.releases.since(now - _DAY_SECONDS) if _went_unseen(r.lane, r.state)]
        counts = (sum(entry.member in r.to for r in went) for entry in one.entries)
        return max(counts, default=0) < self._settings.urgent_per_day


def second_officers(
    tx: Tx, papers: Papers, us: MemberId, desk: DeskId, *, number: str, now: int
) -> frozenset[str]:
    """Return who can be the second officer at a desk beside officer `number`: officers of it, and deputies."""
    revoked, today = papers.revocations(), instant(now)[:10]
    deputies = {d.officer for d in tx.deputies.all() if d.desk == desk and d.is_in_force(today)}
    return frozenset(
        one.number
        for one in tx.officers.all()
        if (desk in one.desks or one.number in deputies)
        and one.number != number
        and is_on_duty(one, us, revoked, now)
    )


def require_second_stays(seconds: Mapping[DeskId, frozenset[str]], number: str) -> None:
    """Raise `PermissionError_` if, without officer `number`, who asks for that would be alone at a desk of his.

    Args:
        seconds: by desk of who asks, who can be the second officer there beside him.
        number: of whom he would be rid.
    """
    alone = [desk for desk, some in seconds.items() if some == {number}]
    if alone:
        raise PermissionError_(
            f"he is the only second officer of the desk {alone[0]}",
            where="officer",
            reason="second-officer",
            remedy="He says so himself, or an officer of another desk or of the point of contact does; or revoke "
            "his certificate first: tracepost officer leave NUMBER --to NUMBER --ca FOLDER.",
        )


def is_on_duty(officer: OfficerRecord, us: MemberId, revoked: RevocationView, now: int) -> bool:
    """Say whether an officer's word could be had: he is here, with a certificate in force."""
    return not officer.left_at and officer.not_after >= now and not is_revoked(officer, us, revoked, now)


def is_revoked(known: OfficerRecord | PasskeyRecord, us: MemberId, revoked: RevocationView, now: int) -> bool:
    """Say whether a certificate of the path that stands in the record was taken back."""
    return any(revoked.is_revoked(us, serial, now) for serial in known.serials)


def _went_unseen(lane: Lane, state: ReleaseState) -> bool:
    went = (ReleaseState.RELEASED_FOR_REVIEW, ReleaseState.REVIEWED, ReleaseState.OBJECTED)
    return lane is Lane.URGENT and state in went


def _standing_in(entry: EntryView) -> list[str]:
    consents = entry.message.declarations.standing_consents
    said = [one.SerializeToString(deterministic=True).hex() for one in consents]
    return [entry.member, *said] if said else []


def _sealed_for(entry: EntryView) -> list[object]:
    desks = [
        [
            desk.desk,
            bytes(desk.public_key).hex(),
            desk.reader.member_type,
            sorted(desk.reader.competences),
            desk.reader.point_of_contact,
            desk.on_every_case,
        ]
        for desk in entry.desks
    ]
    return [entry.member, desks, sorted(entry.message.suites)]
