"""The one transaction of receiving: what is accepted, held or refused, and the log entry that says so.

Genuine but unexpected mail is held, not refused (messages.md, section 4): an answer to a request
that is not known here, a third state that nobody referred to, a clock ahead of ours, a handling
instruction or a kind of a newer schema. A statement waits, without effect, for the one that it
replies to, at most ten minutes. Mail of a case that is not known here is held at once; when what it
replies to comes after all (a relay may turn the order round), it is taken up without an officer. So is
a statement that was held, when it comes again in an envelope that nothing is unexpected about.

A clock behind ours cannot be told from mail that waited: it is accepted, and reported in the audit
trail, once per sender and frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from google.protobuf.message import Message

from tracepost.node.handlers.case.casebook import fresh_event, instant, refold
from tracepost.node.handlers.case.enclosed import enclosed_digests, last_day
from tracepost.node.handlers.case.exercises import NOT_TAKEN, find_strays, flag_of, flags_of, mixing_words
from tracepost.node.handlers.case.joining import put_on_cases
from tracepost.node.handlers.case.office import OwnDesk
from tracepost.node.handlers.case.thread import Thread, clear_message, open_thread, record_of
from tracepost.node.handlers.rules.mandates import has_ended
from tracepost.node.handlers.sealed.shown_exhibits import find_unreadable
from tracepost.node.handlers.sending.standing_consents import StandingConsents
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Tx
from tracepost.node.post.allowances import Allowance
from tracepost.node.post.examination import Opened, Refused
from tracepost.node.post.mandates import refuse_ended
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import (
    Answer,
    ArrivedMail,
    HeldUsage,
    Journey,
    MailState,
    ReceivedMail,
    RefusedMail,
)
from tracepost.node.records.statements import (
    Admission,
    AttachmentRecord,
    Direction,
    SealedParts,
    StatementRecord,
)
from tracepost.protocol import schema
from tracepost.protocol.envelope import CheckedEnvelope
from tracepost.protocol.errors import ConflictError, EnvelopeError, QuotaError, TheirFault, TheRoad
from tracepost.protocol.evidence import LogLine, Received, prepare_line, received_on
from tracepost.protocol.exercises import find_mixing
from tracepost.protocol.ids import NODE_DESK, EnvelopeId, MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.lifecycle import CaseEvent
from tracepost.protocol.sealing import Random, seal_to_key
from tracepost.protocol.statement import CLOCK_TOLERANCE_SECONDS
from tracepost.wire.v1 import share_pb2, trace_pb2

RETRY_S = 30
_QUOTA_RETRY_S = 1800  # an officer makes room
WAIT_FOR_PREDECESSOR_S = 600

_ALLOWANCE = Allowance()
_REASON_LENGTH = 96
UNKNOWN_REQUEST = "unknown-request"


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Mail that nobody vouches for: no receipt, no trace but an audit event; it stays with its sender."""

    id: EnvelopeId | None
    error: TheirFault | TheRoad


@dataclass(frozen=True, slots=True)
class Deferred:
    """Mail that may be accepted later, and in how many seconds to try again."""

    id: EnvelopeId
    error: TheRoad
    retry_s: int = RETRY_S


Judged = Opened | Refused | TurnedAway | Deferred


@dataclass(slots=True)
class Outcome:
    """What came of a frame: where the log answers each envelope, and what is to be tried again.

    `lines` are the entries made for it, `proofs` those of their proofs that were made already.
    """

    answers: dict[EnvelopeId, Answer] = field(default_factory=dict)
    lines: dict[int, LogLine] = field(default_factory=dict)
    proofs: dict[int, bytes] = field(default_factory=dict)
    deferred: list[Deferred] = field(default_factory=list)
    turned_away: list[TurnedAway] = field(default_factory=list)


class Reception:
    """Takes judged mail into the store. `take` is a job of a unit of work."""

    def __init__(
        self,
        us: MemberId,
        papers: Papers,
        random: Random,
        desks: Sequence[OwnDesk] = (),
        allowance: Allowance = _ALLOWANCE,
        *,
        exercises: bool = True,
    ) -> None:
        """`exercises`: whether others may begin exercises with us."""
        self._exercises = exercises
        self._allowance = allowance
        self._us = us
        self._desks = desks
        self._papers = papers
        self._standing = StandingConsents(papers)
        self._random = random

    def take(self, tx: Tx, judged: Sequence[Judged], brought_by: MemberId, now: int) -> Outcome:
        """Keep what is new of `judged`; the same envelope again has no second effect."""
        outcome = Outcome(
            answers=tx.inbox.answered([_id_of(j) for j in judged if not isinstance(j, TurnedAway)])
        )
        outcome.deferred = [j for j in judged if isinstance(j, Deferred) and j.id not in outcome.answers]
        outcome.turned_away = [j for j in judged if isinstance(j, TurnedAway)]
        fresh = _first_of_each(
            j for j in judged if isinstance(j, Opened | Refused) and j.envelope.id not in outcome.answers
        )
        opened = [j for j in fresh if isinstance(j, Opened)]
        refused = [j for j in fresh if isinstance(j, Refused)]
        ended = _without_mandate(tx, opened)
        opened = [o for o in opened if o.envelope.id not in ended]
        refused += ended.values()
        arrivals, mixed = self._arrivals(tx, opened, outcome, now)
        refused += mixed
        admitted = tx.statements.admit([a.record for a in arrivals])
        conflicts = [a for a, how in zip(arrivals, admitted, strict=True) if how is Admission.CONFLICT]
        self._keep_conflicts(tx, conflicts)
        refused += [_conflict(a) for a in conflicts]
        accepted = [
            (a, how) for a, how in zip(arrivals, admitted, strict=True) if how is not Admission.CONFLICT
        ]
        self._log(tx, [a for a, _ in accepted], refused, outcome, now)
        dead = self._bury_again(tx, [a.opened for a, how in accepted if how is Admission.KNOWN])
        alive = (a for a, _ in accepted if a.record.digest not in dead)
        tx.attachments.keep([one for a in alive for one in a.attachments()])
        new = [a for a, how in accepted if how is Admission.NEW]
        self._note_content(tx, [a.opened for a in new])
        effective = [a for a in new if a.record.in_effect]
        self._take_effect(
            tx, [a.record for a in effective], now, {a.record.digest: a.event for a in effective}
        )
        self._release_known(tx, [a for a, how in accepted if how is Admission.KNOWN], now)
        tx.audit.append(
            [*_audit(refused, brought_by, now), *_audit_turned_away(outcome.turned_away, brought_by, now)]
        )
        tx.audit.append([*_audit_deferred(tx, outcome.deferred, brought_by, now), *_audit_late(new, now)])
        return outcome

    def _note_content(self, tx: Tx, opened: Sequence[Opened]) -> None:
        """Keep what stands inside statements, and until when each may be kept."""
        found = {one.statement.digest: enclosed_digests(one.message) for one in opened}
        tx.enclosures.keep({carrier: some for carrier, some in found.items() if some})
        days = {one.statement.digest: last_day(one.statement.claims, one.message, self._us) for one in opened}
        tx.tombstones.keep_until({digest: day for digest, day in days.items() if day})

    def _bury_again(self, tx: Tx, again: Sequence[Opened]) -> set[StatementDigest]:
        """Destroy what another envelope brings of statements that were deleted here; return which these are.

        It has its receipt. Of the files that it names none is fetched.
        """
        dead = tx.tombstones.find([one.statement.digest for one in again]) if again else {}
        tx.bodies.empty([one.envelope.id for one in again if one.statement.digest in dead])
        return set(dead)

    def _keep_conflicts(self, tx: Tx, conflicts: Sequence[_Arrival]) -> None:
        """Keep each statement that comes under the name of another once: it goes with that one (`deleting`).

        Of what is not to be kept for ever, or came after the other was deleted, the envelope's frame alone is kept.
        """
        if not conflicts:
            return
        tx.bodies.keep({a.opened.envelope.id: _parts(a.opened.envelope) for a in conflicts})
        found = {
            one.other: one for one in tx.statements.conflicts_about([a.record.digest for a in conflicts])
        }
        dead = tx.tombstones.find([one.kept for one in found.values()])
        tx.bodies.empty(
            [
                a.opened.envelope.id
                for a in conflicts
                if found[a.record.digest].envelope_id != a.opened.envelope.id
                or found[a.record.digest].kept in dead
                or last_day(a.opened.statement.claims, a.opened.message, self._us)
            ]
        )

    def release_overdue(self, tx: Tx, now: int) -> int:
        """Let mail take effect whose predecessor did not come in time; return how many."""
        waiting = tx.predecessors.overdue(now - WAIT_FOR_PREDECESSOR_S)
        overdue = [m for m in waiting if m.state is MailState.DELIVERED]
        self._release(tx, overdue, now)
        return len(overdue)

    # ── what is it ───────────────────────────────────────────────────────────────────

    def _arrivals(
        self, tx: Tx, opened: Sequence[Opened], outcome: Outcome, now: int
    ) -> tuple[list[_Arrival], list[Refused]]:
        """Return what is kept of `opened`, and what would mix exercises with what is real; put off what has no room."""
        threads = self._threads(tx, opened)
        replied_to = [d for o in opened if (d := o.statement.claims.in_reply_to)]
        known = tx.statements.find(replied_to)
        effective = {digest for digest, r in known.items() if r.in_effect}
        flags = {digest: flag_of(known[digest]) for digest in effective}
        usage = dict(tx.quarantine.usage(sorted({o.statement.claims.iss for o in opened})))
        arrivals: list[_Arrival] = []
        mixed: list[Refused] = []
        for one in _predecessors_first(opened):
            name = one.statement.claims.thread
            if stray := self._find_stray(one, threads[name], flags):
                mixed.append(stray)
                continue
            reason = self._unexpected(one, threads[name], now)
            if reason and not _has_room(one.envelope, usage, self._allowance):
                full = QuotaError("the quota of held mail is used up")
                outcome.deferred.append(Deferred(one.envelope.id, full, _QUOTA_RETRY_S))
                continue
            arrival = _Arrival(one, reason, _awaited(one, reason, effective), now)
            arrivals.append(arrival)
            if arrival.record.in_effect:
                effective.add(one.statement.digest)
                flags[one.statement.digest] = one.statement.claims.exercise
                threads[name] = replace(threads[name], records=(*threads[name].records, arrival.record))
        return arrivals, mixed

    def _find_stray(
        self, one: Opened, thread: Thread, flags: Mapping[StatementDigest, bool]
    ) -> Refused | None:
        """Return as refused what says of itself another thing than its case, or than what it replies to (step 9)."""
        claims = one.statement.claims
        before = claims.in_reply_to
        replied = [flags[before]] if before is not None and before in flags else []
        reason = find_mixing(claims.exercise, [*flags_of(thread), *replied])
        if not reason and (self._exercises or not claims.exercise or thread.records):
            return None
        words = mixing_words(claims.exercise) if reason else "no exercises are taken here"
        error = EnvelopeError(words, where="step 9: exercise", reason=reason or NOT_TAKEN)
        return Refused(one.envelope, error, one.statement.digest)

    def _threads(self, tx: Tx, opened: Sequence[Opened]) -> dict[ThreadId, Thread]:
        names = sorted({o.statement.claims.thread for o in opened})
        records = tx.statements.in_threads(names)
        by_name: dict[ThreadId, list[StatementRecord]] = {name: [] for name in names}
        for record in records:
            by_name[record.thread].append(record)
        return {name: open_thread(name, self._us, found) for name, found in by_name.items()}

    def _unexpected(self, one: Opened, thread: Thread, now: int) -> str:
        """Return the code for which mail is held; empty, if it was to be expected."""
        claims = one.statement.claims
        if one.statement.ahead_of(now) and not one.unexpected:
            return "clock-ahead"
        unreadable = one.unexpected or find_unreadable(claims, one.unknown)
        if unreadable:
            return unreadable
        if isinstance(one.message, trace_pb2.Referral):
            return "" if thread.takes_referral(claims.iss, one.message.requester) else "other-case"
        if claims.kind in schema.OPENING_KINDS and not thread.records:
            return ""
        if not thread.records:
            return UNKNOWN_REQUEST
        admitted = (
            thread.admits(claims.iss)
            or self._consented_once(claims.iss, thread, now)
            or self._is_told_of_ours(one.message, thread)
            or self._confirms(one.message, thread, claims.iss)
        )
        return "" if admitted else "third-state-without-referral"

    def _confirms(self, message: Message, thread: Thread, member: MemberId) -> bool:
        """Say whether a member to whom others passed on what is ours says what became of that."""
        if not isinstance(message, trace_pb2.Withdrawal) or message.step == trace_pb2.WITHDRAWAL_STEP_ASKED:
            return False
        said = (clear_message(record) for record in thread.records)
        return any(member in _passed_on_to(one) for one in said)

    def _is_told_of_ours(self, message: Message, thread: Thread) -> bool:
        """Say whether it tells us what became of something that we wrote in this case."""
        if not isinstance(message, share_pb2.ReleaseNotice):
            return False
        ours = {encode_b64(record.digest) for record in thread.records if record.iss == self._us}
        return any(one.statement_digest in ours for one in message.releases)

    def _consented_once(self, member: MemberId, thread: Thread, now: int) -> bool:
        """Say whether we consent once for all cases that `member` is shown what we write, and wrote in this one."""
        if not any(record.iss == self._us for record in thread.records):
            return False
        grants = self._standing.of(self._us)
        return any(one.third_party == member and one.until >= instant(now)[:10] for one in grants)

    # ── keep it ──────────────────────────────────────────────────────────────────────

    def _log(
        self, tx: Tx, accepted: Sequence[_Arrival], refused: Sequence[Refused], outcome: Outcome, now: int
    ) -> None:
        entries = [self._entry(a.opened.envelope, a.opened.statement.digest, None, now) for a in accepted]
        entries += [self._entry(r.envelope, r.statement_digest, r.error, now) for r in refused]
        lines = [prepare_line(e, self._random) for e in entries]
        numbers = tx.log.append(lines)
        outcome.lines.update(zip(numbers, lines, strict=True))
        tx.inbox.accept([a.mail(n) for a, n in zip(accepted, numbers, strict=False)])
        last = numbers[len(accepted) :]
        tx.inbox.refuse([_refused_mail(r, n, now) for r, n in zip(refused, last, strict=True)])
        for arrival, number in zip(accepted, numbers, strict=False):
            outcome.answers[arrival.opened.envelope.id] = Answer(True, number)
        for one, number in zip(refused, last, strict=True):
            outcome.answers[one.envelope.id] = Answer(False, number)

    def _entry(
        self, envelope: CheckedEnvelope, digest: StatementDigest | None, error: TheirFault | None, now: int
    ) -> Received:
        return received_on(
            envelope.header.address,
            envelope.id,
            digest,
            now,
            verdict="refused" if error else "accepted",
            reason=self._seal_reason(envelope, error) if error else b"",
        )

    def _seal_reason(self, envelope: CheckedEnvelope, error: TheirFault) -> bytes:
        """Seal why to the sender's own daemon: a relay carries the receipt."""
        sender = envelope.header.from_member
        entry = self._papers.entry(sender)
        if entry is None:
            return b""
        words = f"{error.code}/{error.reason}".encode()[:_REASON_LENGTH].ljust(_REASON_LENGTH)
        context = [self._us.encode(), sender.encode(), envelope.id]
        return seal_to_key(entry.desks[0].public_key, "refusal-reason", context, words)

    def _take_effect(
        self,
        tx: Tx,
        records: Sequence[StatementRecord],
        now: int,
        fresh: Mapping[StatementDigest, CaseEvent] = MappingProxyType({}),
    ) -> None:
        """Fold the cases of statements that are in effect now, and let follow what waited for them."""
        if records:
            put_on_cases(tx, self._desks, records, now)
            refold(tx, {r.thread for r in records}, self._us, fresh)
            self.let_follow(tx, [r.digest for r in records], now)

    def let_follow(self, tx: Tx, digests: Sequence[StatementDigest], now: int) -> None:
        """Put into effect what waited for statements that are in effect now, and what was held for want of them."""
        waiting = tx.predecessors.waiting_for(digests)
        ready = [m for m in waiting if m.state is MailState.DELIVERED]
        self._release(tx, [*ready, *self._expected_now(tx, waiting)], now)

    def _expected_now(self, tx: Tx, waiting: Sequence[ReceivedMail]) -> list[ReceivedMail]:
        """Return what was held for want of a case that is here now, and belongs to it."""
        held = [m for m in waiting if m.state is MailState.HELD]
        records = tx.statements.find([m.statement for m in held])
        threads = {
            name: open_thread(name, self._us, tx.statements.in_threads([name]))
            for name in {r.thread for r in records.values()}
        }
        return [m for m in held if threads[records[m.statement].thread].admits(m.from_member)]

    def _release_known(self, tx: Tx, again: Sequence[_Arrival], now: int) -> None:
        """Put a statement into effect that was held or set aside, and that another envelope brings without fault.

        What made its first envelope unexpected was in the statement and our case, and is past: a clock ahead
        of ours, a case that was not known.
        """
        free = {a.record.digest: a.opened.envelope.id for a in again if a.record.in_effect}
        known = tx.statements.find(list(free)) if free else {}
        dormant = [digest for digest, record in known.items() if not record.in_effect]
        if dormant:
            tx.audit.append(
                [AuditEvent(now, NODE_DESK, "take-up", free[d].hex(), "came-again") for d in dormant]
            )
            mails = tx.inbox.of_statements(dormant)
            self._release(tx, [m for m in mails if m.state is not MailState.SET_ASIDE], now)

    def _release(self, tx: Tx, mails: Sequence[ReceivedMail], now: int) -> None:
        """Put mail that waited, or was held, into effect; what would mix exercises with what is real is set aside."""
        if mails and (strays := find_strays(tx, mails)):
            self._set_aside(tx, [m for m in mails if m.statement in strays], strays, now)
            mails = [m for m in mails if m.statement not in strays]
        if mails:
            held = [m for m in mails if m.state is MailState.HELD]
            tx.statements.put_in_effect([m.statement for m in mails])
            tx.predecessors.stop_waiting([m.id for m in mails])
            tx.inbox.move([m.id for m in held], MailState.TAKEN_UP, now)
            tx.audit.append([AuditEvent(now, NODE_DESK, "take-up", m.id.hex(), m.reason) for m in held])
            self._take_effect(tx, list(tx.statements.find([m.statement for m in mails]).values()), now)

    def _set_aside(
        self, tx: Tx, mails: Sequence[ReceivedMail], why: Mapping[StatementDigest, str], now: int
    ) -> None:
        tx.predecessors.stop_waiting([m.id for m in mails])
        tx.inbox.move([m.id for m in mails], MailState.SET_ASIDE, now)
        tx.audit.append(
            [AuditEvent(now, NODE_DESK, "set-aside", m.id.hex(), why[m.statement]) for m in mails]
        )


def _passed_on_to(message: Message | None) -> set[str]:
    if isinstance(message, share_pb2.ReleaseNotice):
        return {member for one in message.releases for member in one.to_members}
    return set(message.passed_on_to) if isinstance(message, trace_pb2.Withdrawal) else set()


class _Arrival:
    """An opened envelope with what is decided about it."""

    def __init__(self, opened: Opened, reason: str, waiting_for: StatementDigest | None, now: int) -> None:
        self.opened = opened
        self.reason = reason
        self._waiting_for = waiting_for
        self._now = now
        self.record = self._record()

    @property
    def event(self) -> CaseEvent:
        """The statement as the fold takes it."""
        return fresh_event(self.opened.statement, self.opened.message)

    def mail(self, log_number: int) -> ArrivedMail:
        """The envelope as it is kept."""
        return ArrivedMail(
            envelope=self.opened.envelope,
            statement=self.opened.statement.digest,
            log_number=log_number,
            received_at=self._now,
            state=MailState.HELD if self.reason else MailState.DELIVERED,
            reason=self.reason,
            waiting_for=self._waiting_for,
        )

    def attachments(self) -> list[AttachmentRecord]:
        """What is still to come of what the envelope names; nobody waits for it."""
        header = self.opened.envelope.header
        return [
            AttachmentRecord(
                envelope_id=self.opened.envelope.id,
                address=address,
                direction=Direction.THEIRS,
                statement=self.opened.statement.digest,
                member=header.from_member,
                via=header.address.road.via,
                deliver_by=header.address.deliver_by,
                passage=Journey.WAITING,
                size=None,
                reason="",
                changed_at=self._now,
            )
            for address in header.attachments
        ]

    def _record(self) -> StatementRecord:
        return record_of(
            self.opened.statement,
            direction=Direction.THEIRS,
            in_effect=not self.reason and self._waiting_for is None,
            envelope_id=self.opened.envelope.id,
            now=self._now,
        )


def _without_mandate(tx: Tx, opened: Sequence[Opened]) -> dict[EnvelopeId, Refused]:
    """Return as refused what rests on a mandate that its author has ended, as far as we were told."""
    refused = {}
    for one in opened:
        used = one.mandate
        if used and has_ended(tx, used.thread, used.digest, used.host):
            refused[one.envelope.id] = Refused(one.envelope, refuse_ended(), one.statement.digest)
    return refused


def _predecessors_first(opened: Sequence[Opened]) -> list[Opened]:
    """Return what is replied to before the reply, whatever order the frame has it in."""
    ordered: list[Opened] = []
    rest = list(opened)
    while rest:
        later = {o.statement.digest for o in rest}
        ready = [o for o in rest if o.statement.claims.in_reply_to not in later] or rest
        ordered += ready
        placed = {id(o) for o in ready}
        rest = [o for o in rest if id(o) not in placed]
    return ordered


def _awaited(one: Opened, reason: str, effective: set[StatementDigest]) -> StatementDigest | None:
    """Return the statement that this one waits for: what it replies to, if that is not in effect yet."""
    before = one.statement.claims.in_reply_to
    waits = before is not None and before not in effective and reason in ("", UNKNOWN_REQUEST)
    return before if waits else None


def _first_of_each(judged: Iterable[Opened | Refused]) -> list[Opened | Refused]:
    return list({j.envelope.id: j for j in reversed(list(judged))}.values())[::-1]


def _id_of(judged: Opened | Refused | Deferred) -> EnvelopeId:
    return judged.id if isinstance(judged, Deferred) else judged.envelope.id


def _parts(envelope: CheckedEnvelope) -> SealedParts:
    """Return the envelope whole: two statements under one name are evidence against who signed them."""
    return SealedParts(envelope.header_bytes, envelope.slots, envelope.body, envelope.proof)


def _conflict(arrival: _Arrival) -> Refused:
    error = ConflictError("the same (iss, jti) was used for another statement", where="jti")
    return Refused(arrival.opened.envelope, error, arrival.opened.statement.digest)


def _has_room(envelope: CheckedEnvelope, usage: dict[MemberId, HeldUsage], allowance: Allowance) -> bool:
    """Count this envelope against its sender's quota of held mail; say whether it still fits."""
    sender = envelope.header.from_member
    used = usage.get(sender, HeldUsage(0, 0))
    after = HeldUsage(used.count + 1, used.size + len(envelope.body))
    if after.count > allowance.held_mails or after.size > allowance.held_bytes:
        return False
    usage[sender] = after
    return True


def _refused_mail(refused: Refused, log_number: int, now: int) -> RefusedMail:
    reason = f"{refused.error.code}/{refused.error.reason}"
    return RefusedMail(refused.envelope.id, refused.envelope.header.from_member, reason, log_number, now)


def _audit(refused: Iterable[Refused], brought_by: MemberId, now: int) -> list[AuditEvent]:
    return [
        AuditEvent(now, brought_by, "refuse", r.envelope.id.hex(), f"{r.error.code}/{r.error.reason}")
        for r in refused
    ]


def _audit_turned_away(turned_away: Iterable[TurnedAway], brought_by: MemberId, now: int) -> list[AuditEvent]:
    return [
        AuditEvent(
            now, brought_by, "turn-away", j.id.hex() if j.id else "", f"{j.error.code}/{j.error.reason}"
        )
        for j in turned_away
    ]


def _audit_deferred(tx: Tx, deferred: Sequence[Deferred], brought_by: MemberId, now: int) -> list[AuditEvent]:
    """Return an event for each envelope that is put off the first time: it comes again and again."""
    known = {e.event.subject for e in tx.audit.about([d.id.hex() for d in deferred])} if deferred else set()
    return [
        AuditEvent(now, brought_by, "defer", d.id.hex(), f"{d.error.code}/{d.error.reason}")
        for d in deferred
        if d.id.hex() not in known
    ]


def _audit_late(arrivals: Iterable[_Arrival], now: int) -> list[AuditEvent]:
    """Return for each sender its oldest date, where that is so old that its clock may be behind."""
    late = [a.record for a in arrivals if a.record.iat < now - CLOCK_TOLERANCE_SECONDS]
    oldest = {r.iss: r for r in sorted(late, key=lambda r: r.iat, reverse=True)}
    return [
        AuditEvent(now, iss, "clock-behind", r.envelope_id.hex(), f"dated-{now - r.iat}-s-ago")
        for iss, r in oldest.items()
    ]
