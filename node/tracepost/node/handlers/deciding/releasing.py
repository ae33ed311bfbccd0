"""The word of a second officer on mail of ours that waits, is delayed, or went in urgency.

    approve   it is unsent still → the word is of another officer of the deciding desk → what it was sealed for is
              as it was → in one unit of work: numbers, log entries with the digest of the word, queue, the
              statement in effect, the case folded anew, the letters gone from here
    refuse    the letters are destroyed: nothing is left that could be sent; the statement stays to be read
    review    of mail that went in urgency or with a notice: the word is logged, and nothing else can be done
    delay     when its time has come the mail goes by itself, unless somebody of the member has stopped it

Where policies, addressees, desks or keys have changed since it was sealed, it is void: it is to be sent anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import instant, take_effect
from tracepost.node.handlers.case.entitlement import choose_reading_desk, listed_for
from tracepost.node.handlers.case.handling import Instructions, read_handling
from tracepost.node.handlers.case.joining import put_on_cases
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.desks.endorsing import require_standing
from tracepost.node.handlers.desks.policy_words import (
    Word,
    digest_of,
    read_words,
    verify_word_on,
    write_words,
)
from tracepost.node.handlers.reading.reading import Reading
from tracepost.node.handlers.rules.authorship import require_in_office
from tracepost.node.handlers.sealed.opening import own_body_id
from tracepost.node.handlers.sealed.sealing_mail import SealedLetter
from tracepost.node.handlers.sealed.waiting_mail import find_waiting, unknown_mail
from tracepost.node.handlers.sending.dispatch import Departed, Outgoing, depart
from tracepost.node.handlers.sending.four_eyes import FourEyes
from tracepost.node.papers import EntryView, Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import Queue
from tracepost.node.records.staff import ReleaseRecord, ReleaseState, UnsentLetter
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.approval import Decision, of_statement
from tracepost.protocol.errors import (
    ConflictError,
    InvalidInputError,
    PermissionError_,
    TracepostError,
)
from tracepost.protocol.evidence import Opened, prepare_line
from tracepost.protocol.ids import StatementDigest, encode_b64, parse_digest
from tracepost.protocol.sealing import Random
from tracepost.wire.v1 import desk_pb2, office_pb2

_DECIDED_DAYS = 90
_DAY_SECONDS = 86400
_VOID = ("sealed-for-others", "too-late")
_SENT_AND_DONE = (ReleaseState.RELEASED, ReleaseState.REVIEWED, ReleaseState.OBJECTED)
_NO_SECOND = "no-second-officer"
_BY_ANOTHER = "Another officer of the desk decides: tracepost release list."


@dataclass(frozen=True, slots=True)
class _Said:
    """An officer's word on mail, verified, and why he says it."""

    officer: Officer
    word: Word
    reason: str
    at: int


class Releasing:
    """One per process; used on the event loop, under the standing policies."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        papers: Papers,
        four_eyes: FourEyes,
        store: Store,
        clock: Callable[[], int],
        random: Random,
        choose_road: Callable[[EntryView], str],
        wake: Callable[[Iterable[Queue]], None],
    ) -> None:
        self._office = office
        self._gate = gate
        self._papers = papers
        self._four_eyes = four_eyes
        self._store = store
        self._clock = clock
        self._random = random
        self._choose_road = choose_road
        self._wake = wake

    # ── looking ──────────────────────────────────────────────────────────────────────

    async def list_open(self, officer: Officer, *, decided: bool) -> office_pb2.ListReleasesResponse:
        """Return what somebody's word is looked for, oldest first; `decided`: all of the last 90 days.

        Officers whose desks do not see every case are shown what concerns their desks.
        """
        now = self._clock()
        concerns = self._concerns(officer)
        since = now - _DECIDED_DAYS * _DAY_SECONDS
        found = await self._store.read(lambda tx: tx.releases.since(since) if decided else tx.releases.open())
        shown = [one for one in found if concerns(one)]
        # Most of 90 days went and is done with: to look into each of its cases would be to no purpose.
        told = [one for one in shown if one.state not in _SENT_AND_DONE]
        handling = await self._read_handling(told, officer)
        lines = [_line(one, officer, now, handling.get(one.statement, ())) for one in shown]
        return office_pb2.ListReleasesResponse(releases=lines, clock=now)

    async def show(
        self, officer: Officer, request: office_pb2.ShowReleaseRequest, reading: Reading
    ) -> office_pb2.ReleaseView:
        """Return one of them as a desk of the officer sees it: the deciding one, where he is of it."""
        release, record = await self._find_for(officer, request.statement)
        own = release.deciding_desk if release.deciding_desk in officer.desks else ""
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk or own)
        now = self._clock()
        shown = await reading.look(officer, desk, record)
        handling = await self._read_handling([release], officer)
        line = _line(release, officer, now, handling[release.statement])
        return office_pb2.ReleaseView(line=line, shown=shown, clock=now)

    async def _read_handling(
        self, releases: Sequence[ReleaseRecord], officer: Officer
    ) -> dict[StatementDigest, Instructions]:
        desks = [desk for desk in self._office.desks if desk.desk in officer.desks]

        def read(tx: Tx) -> dict[StatementDigest, Instructions]:
            records = tx.statements.find([one.statement for one in releases])
            return read_handling(tx, self._office, self._gate, desks, records.values())

        return await self._store.read(read)

    async def _find_for(self, officer: Officer, named: str) -> tuple[ReleaseRecord, StatementRecord]:
        found = await self._store.read(lambda tx: find_waiting(tx, named))
        if not self._concerns(officer)(found.release):
            raise unknown_mail()
        return found.release, found.record

    def _concerns(self, officer: Officer) -> Callable[[ReleaseRecord], bool]:
        """Return what says whether mail may be known to an officer; raise `PermissionError_` if none ever is."""
        desks = listed_for(self._office, self._gate, officer)
        return lambda release: (
            desks is None or bool({release.desk, release.deciding_desk}.intersection(desks))
        )

    async def tell(self, status: desk_pb2.NodeStatus) -> None:
        """Write into `status` how much waits for somebody's word."""
        found, now = await self._store.read(lambda tx: tx.releases.open()), self._clock()
        reviews = [r for r in found if r.state is ReleaseState.RELEASED_FOR_REVIEW]
        status.releases_waiting = sum(r.state.is_unsent for r in found)
        status.release_notices = sum(r.state is ReleaseState.RELEASED_WITH_NOTICE for r in found)
        status.reviews_due = len(reviews)
        status.reviews_overdue = sum(_is_overdue(r, now) for r in reviews)

    # ── deciding ─────────────────────────────────────────────────────────────────────

    async def decide(
        self, officer: Officer, word: Word, request: office_pb2.DecideReleaseRequest
    ) -> office_pb2.ReleaseLine:
        """Take the word of `officer`; approved, the mail is in the queue when this returns.

        Raises:
            NotFoundError, ConflictError: there is no such mail, it is decided on, or has become void.
            PermissionError_: it is not this officer's to decide, or his own.
            ApprovalError, IdentityError: the word does not hold, or is about something else.
        """
        digest = parse_digest(request.statement, "statement")
        release, _ = await self._find_for(officer, request.statement)
        now = self._clock()
        spoken = verify_word_on(word, of_statement(digest), self._papers, self._office.member, now)
        said = _Said(officer, word, request.reason, now)
        if spoken.decision is Decision.REFUSED and not request.reason:
            raise InvalidInputError("say why", where="reason", reason="no-reason")
        is_successor = await self._store.read(lambda tx: _has_succeeded(tx, release.officer, officer))
        _require_may(release, officer, spoken.decision, is_successor=is_successor)
        # Nothing is read once it is decided: what failed then would be told as if nothing had been done.
        handling = (await self._read_handling([release], officer))[release.statement]
        if not release.state.is_unsent:
            decided = await self._review(release, said, spoken.decision)
        elif spoken.decision is Decision.REFUSED:
            takes_back = is_successor or officer.number == release.officer
            action = "release-take-back" if takes_back else "release-refuse"
            decided = await self._refuse(release, said, action)
        else:
            # Who hangs up meanwhile must not leave mail behind that nobody was woken for.
            decided = await asyncio.shield(self._release(release, said))
        return _line(decided, officer, now, handling)

    async def delay_unseconded(self) -> int:
        """Delay what waits for a second officer of a desk that has none any more; return how much it was.

        Whoever looks at the list is told from when on it goes, and may stop it. What another desk is to release
        waits on. Part of the housekeeping.
        """
        found = await self._store.read(lambda tx: tx.releases.open())
        if not any(_waits_for_own_desk(one) for one in found):
            return 0
        return await self._store.write(self._delay, label="release-delay")

    def _delay(self, tx: Tx) -> int:
        now, count = self._clock(), 0
        for one in filter(_waits_for_own_desk, tx.releases.open()):
            passage = self._four_eyes.by_second(tx, one.desk, one.officer, now)
            if passage.state is ReleaseState.DELAYED:
                delayed = replace(one, state=passage.state, until=passage.until, reason=_NO_SECOND)
                tx.releases.put(delayed)
                tx.audit.append([_audit(delayed, "release-delay", now)])
                count += 1
        return count

    async def send_due(self) -> int:
        """Send what was delayed and whose time has come; return how many went. Part of the housekeeping."""
        now = self._clock()
        found = await self._store.read(lambda tx: tx.releases.open())
        due = [r for r in found if r.state is ReleaseState.DELAYED and r.until <= now]
        count = 0
        for release in due:
            try:
                await asyncio.shield(self._release(release, None))
            except ConflictError:  # somebody was faster, or it has become void
                continue
            except TracepostError:  # the addressee's papers are not here now: they may come
                continue
            count += 1
        return count

    async def _release(self, release: ReleaseRecord, said: _Said | None) -> ReleaseRecord:
        """Send it, on somebody's word, or without one because its time has come."""
        try:
            decided, departed = await self._store.write(
                lambda tx: self._send(tx, release.statement, said), label="release"
            )
        except ConflictError as error:
            if error.reason in _VOID:
                await self._void(release, error)
            raise
        self._wake({mail.queue for mail in departed.mails})
        return decided

    def _send(self, tx: Tx, digest: StatementDigest, said: _Said | None) -> tuple[ReleaseRecord, Departed]:
        now, release = self._clock(), _open_one(tx, digest)
        kind = tx.statements.find([digest])[digest].kind
        require_in_office(self._papers, kind, (self._office.member, *release.to), instant(now)[:10])
        entries = [self._papers.require_entry(member, now) for member in release.to]
        roads = self._require_unchanged(tx, release, entries, now)
        words = [said.word] if said else []
        require_standing(tx, words)
        outgoing = _outgoing(release, _letters(tx, release), roads, digest_of(words))
        companions = _companions(tx, release)
        notices = [self._outgoing_notice(tx, one, now) for one in companions]
        [departed, *more] = depart(tx, [outgoing, *notices], self._office.member, now, self._random)
        digests = [digest, *(one.statement for one in companions)]
        take_effect(tx, digests, self._office.member)
        put_on_cases(tx, self._office.desks, list(tx.statements.find(digests).values()), now)
        decided = replace(
            release,
            state=ReleaseState.RELEASED,
            decided_by=said.officer.label if said else "",
            decided_at=now,
            reason=said.reason if said else "",
            log_number=departed.events[0].log_number,
            words=write_words(words),
        )
        tx.releases.put(decided)
        _let_companions(tx, companions, ReleaseState.RELEASED, now)
        tx.audit.append([*departed.events, _audit(decided, "release" if said else "release-due", now)])
        tx.audit.append([event for one in more for event in one.events])
        departed.mails.extend(mail for one in more for mail in one.mails)
        return decided, departed

    def _outgoing_notice(self, tx: Tx, one: ReleaseRecord, now: int) -> Outgoing:
        entries = [self._papers.require_entry(member, now) for member in one.to]
        return _outgoing(one, _letters(tx, one), self._require_unchanged(tx, one, entries, now), b"")

    def _require_unchanged(
        self, tx: Tx, release: ReleaseRecord, entries: Sequence[EntryView], now: int
    ) -> tuple[str, ...]:
        """Return the roads; raise `ConflictError` unless all is as it was when this was sealed."""
        if release.deliver_by <= now:
            raise _void("it waited longer than it was to be delivered in", "too-late")
        shown = [one.statement for one in release.forwarded]
        if self._four_eyes.conditions(tx, entries, release.thread, shown) != release.conditions:
            raise _void("policies, addressees or their keys have changed since it was sealed", _VOID[0])
        roads = tuple(self._choose_road(entry) for entry in entries)
        for entry, via in zip(entries, roads, strict=True):
            self._papers.require_suite(entry, via)
        return roads

    async def _void(self, release: ReleaseRecord, error: ConflictError) -> None:
        now = self._clock()
        void = replace(release, state=ReleaseState.VOID, decided_at=now, reason=error.reason)

        def keep(tx: Tx) -> None:
            _open_one(tx, release.statement)
            tx.releases.put(void)
            _let_companions(tx, _companions(tx, release), ReleaseState.VOID, now)
            tx.audit.append([_audit(void, "release-void", now)])

        await self._store.write(keep, label="release-void")

    async def _refuse(self, release: ReleaseRecord, said: _Said, action: str) -> ReleaseRecord:
        """Let nothing of it go; `action`: whether who wrote it takes it back, or another stops it."""
        decided = _decided(release, ReleaseState.REFUSED, said)

        def keep(tx: Tx) -> None:
            _open_one(tx, release.statement)
            tx.releases.put(decided)
            _let_companions(tx, _companions(tx, release), ReleaseState.VOID, said.at)
            tx.audit.append([_audit(decided, action, said.at)])

        await self._store.write(keep, label="release-refuse")
        return decided

    async def _review(self, release: ReleaseRecord, said: _Said, decision: Decision) -> ReleaseRecord:
        agreed = decision is Decision.APPROVED
        state, action = (
            (ReleaseState.REVIEWED, "review") if agreed else (ReleaseState.OBJECTED, "review-object")
        )
        entry = Opened(
            statement=release.statement,
            desk=release.deciding_desk,
            officer=said.officer.label,
            action=action,
            decision=release.decision,
            time=said.at,
            approvals=digest_of([said.word]),
        )

        def keep(tx: Tx) -> ReleaseRecord:
            _open_one(tx, release.statement)
            require_standing(tx, [said.word])
            [number] = tx.log.append([prepare_line(entry, self._random)])
            decided = replace(_decided(release, state, said), log_number=number)
            tx.releases.put(decided)
            tx.audit.append([_audit(decided, action, said.at)])
            return decided

        return await self._store.write(keep, label="release-review")


def _outgoing(
    release: ReleaseRecord, letters: tuple[SealedLetter, ...], roads: tuple[str, ...], approvals: bytes
) -> Outgoing:
    return Outgoing(
        statement=release.statement,
        kind=release.kind,
        exercise=release.exercise,
        desk=release.desk,
        officer=f"officer-{release.officer}",
        letters=letters,
        roads=roads,
        lane=release.lane,
        deliver_by=release.deliver_by,
        decision=release.decision,
        forwarded=release.forwarded,
        approvals=approvals,
    )


def _letters(tx: Tx, release: ReleaseRecord) -> tuple[SealedLetter, ...]:
    name = own_body_id(release.statement)
    own = tx.bodies.load([name])[name].body

    def letter(one: UnsentLetter) -> SealedLetter:
        return SealedLetter(one.to, one.slots, one.body or own, one.attachments)

    return tuple(letter(one) for one in tx.releases.letters(release.statement))


def _waits_for_own_desk(release: ReleaseRecord) -> bool:
    is_own = release.deciding_desk == release.desk
    return is_own and release.state is ReleaseState.WAITING_FOR_SECOND_OFFICER


def _companions(tx: Tx, release: ReleaseRecord) -> list[ReleaseRecord]:
    """Return the notices that go with it, or not at all."""
    main = encode_b64(release.statement)
    written = tx.releases.since(release.written_at)
    return [one for one in written if one.state is ReleaseState.ACCOMPANYING and one.reason == main]


def _let_companions(tx: Tx, companions: Iterable[ReleaseRecord], state: ReleaseState, now: int) -> None:
    for one in companions:
        tx.releases.put(replace(one, state=state, decided_at=now))


def _open_one(tx: Tx, digest: StatementDigest) -> ReleaseRecord:
    """Return it as it is now, inside the transaction; raise `ConflictError` if it is decided on."""
    release = tx.releases.find([digest])[digest]
    if not release.state.is_open:
        raise _is_decided()
    return release


def _require_may(release: ReleaseRecord, officer: Officer, decision: Decision, *, is_successor: bool) -> None:
    if not release.state.is_open:
        raise _is_decided()
    is_author = officer.number == release.officer
    takes_back = is_author or is_successor
    refuses = decision is Decision.REFUSED
    if is_author and not (refuses and release.state.is_unsent):
        raise PermissionError_(
            "nobody releases what he wrote", where="statement", reason="own-message", remedy=_BY_ANOTHER
        )
    if release.deciding_desk in officer.desks or (takes_back and refuses and release.state.is_unsent):
        return
    if not (refuses and release.state is ReleaseState.DELAYED):
        raise PermissionError_(
            f"an officer of the desk {release.deciding_desk} decides",
            where="statement",
            reason="other-desk",
            remedy=_BY_ANOTHER,
        )


def _has_succeeded(tx: Tx, author: str, officer: Officer) -> bool:
    """Say whether the officer took over from who wrote, be it by way of others."""
    successors = {one.number: one.successor for one in tx.officers.all() if one.left_at}
    seen: set[str] = set()
    while author in successors and author not in seen:
        seen.add(author)
        author = successors[author]
    return author == officer.number and bool(seen)


def _is_decided() -> ConflictError:
    return ConflictError(
        "it is decided on",
        where="statement",
        reason="decided",
        remedy="Look at what came of it: tracepost release list --decided.",
    )


def _void(words: str, reason: str) -> ConflictError:
    return ConflictError(
        words, where="statement", reason=reason, remedy="Send it anew: it is sealed for what holds today."
    )


def _decided(release: ReleaseRecord, state: ReleaseState, said: _Said) -> ReleaseRecord:
    return replace(
        release,
        state=state,
        decided_by=said.officer.label,
        decided_at=said.at,
        reason=said.reason,
        words=write_words([*(read_words(release.words) if release.words else ()), said.word]),
    )


def _audit(release: ReleaseRecord, action: str, now: int) -> AuditEvent:
    subject = encode_b64(release.statement)
    actor = release.decided_by or release.deciding_desk
    outcome = release.state.lower().replace("_", "-")
    return AuditEvent(now, actor, action, subject, outcome, release.log_number)


def _is_overdue(release: ReleaseRecord, now: int) -> bool:
    return release.state is ReleaseState.RELEASED_FOR_REVIEW and release.until < now


def _line(
    release: ReleaseRecord, officer: Officer, now: int, handling: Instructions
) -> office_pb2.ReleaseLine:
    is_other = officer.number != release.officer
    return office_pb2.ReleaseLine(
        statement=encode_b64(release.statement),
        kind=release.kind,
        thread=release.thread,
        to=release.to,
        desk=release.desk,
        deciding_desk=release.deciding_desk,
        written_by=f"officer-{release.officer}",
        written_at=instant(release.written_at),
        state=f"RELEASE_STATE_{release.state}",
        until=instant(release.until) if release.until else None,
        overdue=_is_overdue(release, now) or None,
        yours_to_decide=release.state.is_open and is_other and release.deciding_desk in officer.desks,
        decided_by=release.decided_by or None,
        decided_at=instant(release.decided_at) if release.decided_at else None,
        reason=release.reason or None,
        log_index=release.log_number,
        urgent=release.lane.name == "URGENT",
        handling=handling,
        exercise=release.exercise or None,
    )
