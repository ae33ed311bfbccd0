"""One stream of one member, both ways.

What comes in a frame is worked off in this order:

    1  announcements     checked, kept, passed on (`noticeboard`); asides are passed on unread
    2  all the rest      checked in the verifying thread, settled in one transaction (`incoming`):
                         receipts stored are forgotten, receipts end mail, envelopes are taken into custody
    3  then it is told:  receipts and statuses to the caller, receipts to senders, a ring to addressees
    4  statuses          mail that the caller could not take now is sent again later

So a custody receipt leaves only after the commit of its log entry; what may succeed later
is a status. A frame in hand is worked off to its end although its stream ends meanwhile:
others wait to hear of it.

Mail goes out in the order of arrival, urgent mail first, and again on the next stream
until its addressee's receipt is here.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import structlog

from tracepost.protocol.announced import names_held, what_is_missing
from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import EnvelopeError, NotFoundError, QuotaError, TheRoad, TracepostError
from tracepost.protocol.evidence import peek_head
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.problems import error_class
from tracepost.relay.accounts import RelayAudit, RelayMetrics
from tracepost.relay.carriage import Carriage
from tracepost.relay.growth import Growth
from tracepost.relay.heads import HeadBook
from tracepost.relay.incoming import Refused, Settled, Sorted, settle_frame, verify_frame
from tracepost.relay.mailboxes import (
    Custodies,
    Expired,
    Full,
    Kept,
    Late,
    Mailboxes,
    Taken,
    make_receipt,
    read_dues,
    read_mail,
)
from tracepost.relay.marks import read_marks
from tracepost.relay.noticeboard import Noticeboard
from tracepost.relay.reception import Situation
from tracepost.relay.store import RelayStore
from tracepost.relay.streams import Line, Switchboard
from tracepost.relay.trust import RelayTrust
from tracepost.serving.announced import Hearing
from tracepost.serving.frames import FrameQueue, FrameStream, check_frame
from tracepost.serving.limits import CallLimiter
from tracepost.serving.pace import Pace
from tracepost.serving.server import Drain
from tracepost.wire.v1.post_pb2 import (
    Announcement,
    Aside,
    Expiry,
    Frame,
    Freshness,
    Receipt,
    RoadMark,
    StreamStatus,
)

MAIL_AT_ONCE: Final = 64
REFUSALS_PER_STREAM: Final = 64
QUOTA_RETRY_S: Final = 300
AGAIN_AFTER_S: Final = 60
ASIDES_PER_MINUTE: Final = 1200
ASIDES_AT_ONCE: Final = 100
ASK_EVERY_S: Final = 5.0
ASK_SLOWLY_S: Final = 60.0
LONGEST_AGAIN_S: Final = 86_400
_SENT_REMEMBERED: Final = 20_000

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RelayParts:
    """What the sessions of one relay share; `clock` gives unix seconds, `verifier` is one thread."""

    own: MemberId
    store: RelayStore
    mailboxes: Mailboxes
    carriage: Carriage
    board: Noticeboard
    trust: RelayTrust
    heads: HeadBook
    growth: Growth
    switchboard: Switchboard
    announcement_limiter: CallLimiter
    audit: RelayAudit
    metrics: RelayMetrics
    verifier: Executor
    clock: Callable[[], int]
    drain: Drain
    in_hand: set[asyncio.Task[None]] = field(default_factory=set)

    async def finish_in_hand(self) -> None:
        """Wait until every frame that was begun is worked off."""
        await asyncio.gather(*self.in_hand, return_exceptions=True)


class Session:
    """One stream of one member; used once.

    Args:
        parts: what it shares with others.
        member: whose stream it is.
        collects: mail goes out on it.
        revives: mail that is offered again, though it was delivered, waits again; false for an old pouch.
        singly: how many refusals are written down one by one; those of a pouch beyond it are counted, for the
            audit is of a bounded length. A stream ends before.
    """

    def __init__(
        self,
        parts: RelayParts,
        member: MemberId,
        *,
        collects: bool,
        revives: bool = True,
        singly: int = sys.maxsize,
    ) -> None:
        self._parts = parts
        self._member = member
        self._revives = revives
        self._singly = singly
        self._counted = Counter[tuple[str, str]]()
        mail = [partial(self._put_mail, lane) for lane in Lane] if collects else []
        self._stream = FrameStream(
            self._take_of_stream,
            feeds=[self._feed, self._feed_questions, *mail],
            finish=self._finish,
            leaving=parts.drain.started,
        )
        self._turns = {lane: asyncio.Event() for lane in Lane}
        self._outgoing = self._stream.outgoing
        self._line = Line(member, collects, self._outgoing)
        self._sent: dict[EnvelopeId, tuple[Lane, int]] = {}
        self._after = dict.fromkeys(Lane, 0)
        self._again: set[asyncio.TimerHandle] = set()
        self._shown_size = 0
        self._heads_shown = asyncio.Event()
        self._hearing = Hearing()
        self._pace = Pace(ASK_EVERY_S, ASK_SLOWLY_S)
        self._refusals = 0

    async def serve(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        """Yield the frames for the member until its stream ends."""
        switchboard = self._parts.switchboard
        switchboard.open(self._line)
        try:
            async for frame in self._stream.serve(frames):
                yield frame
        finally:
            switchboard.close(self._line)
            for handle in self._again:
                handle.cancel()

    async def take_whole(self, frame: Frame) -> None:
        """Do all that is done for a frame that comes by a stream; for one of a pouch, before `answers`.

        A pouch is signed and of bounded length, so that it may bring any number of things that are refused.
        """
        await self._take(frame)

    async def answers(self) -> list[Frame]:
        """Return what a stream would have said to all frames of a pouch; no more is taken."""
        self._outgoing.close()
        found: list[Frame] = []
        while (frame := await self._outgoing.next_frame()) is not None:
            found.append(frame)
        return found

    # ── what goes out ────────────────────────────────────────────────────────────────

    async def _feed(self) -> None:
        """Papers of all that the member does not have, then what it is owed; its mail comes after that.

        What it is owed comes again when another stream of the member, on which it was told, has ended.
        """
        board, own = self._parts.board, self._parts.own
        for name in names_held(self._parts.trust.state.current.data, [board.of(self._member)]):
            self._outgoing.put_held(name)
        held = await self._hearing.held(dials=False)
        for papers in (board.with_list(own), *board.others(self._member, own)):
            missing = what_is_missing(papers, held)
            if missing is not None:
                self._outgoing.put_announcement(missing)
        await self._put_dues()
        self._turns[Lane.URGENT].set()
        while not self._outgoing.closed:
            await self._line.owing.wait()
            await self._outgoing.has_room()
            self._line.owing.clear()  # before looking: what comes after the look sets it again
            await self._put_dues()

    async def _feed_questions(self) -> None:
        """Ask the member to prove that its log only grows: with each new head, every five seconds at most, and more
        rarely on a line that answers slowly.
        """
        ask = partial(self._parts.heads.questions, self._member)
        while not self._outgoing.closed:
            await self._heads_shown.wait()
            await asyncio.sleep(self._pace.due_in())
            self._heads_shown.clear()
            loop = asyncio.get_running_loop()
            questions = await loop.run_in_executor(self._parts.verifier, ask)
            for one in questions:
                self._outgoing.put_question(one)
            if questions:
                self._pace.asked()

    async def _put_dues(self) -> None:
        dues = await self._parts.store.read(partial(read_dues, sender=self._member))
        for receipt in dues.receipts:
            self._outgoing.put_receipt(receipt)
        for expiry in dues.expiries:
            self._outgoing.put_expiry(expiry)
        for mark in await self._parts.store.read(partial(read_marks, addressee=self._member)):
            self._outgoing.put_mark(mark)

    async def _put_mail(self, lane: Lane) -> None:
        await self._turns[lane].wait()
        bell, switchboard = self._line.bells[lane], self._parts.switchboard
        while not self._outgoing.closed:
            await self._outgoing.has_room_for(lane)
            bell.clear()  # before looking: what comes after the look rings again
            some = switchboard.fetches_mail(self._line) and await self._put_some_mail(lane)
            self._turns[Lane.ROUTINE].set()  # the urgent lane comes first
            if not some:
                await bell.wait()

    async def _put_some_mail(self, lane: Lane) -> bool:
        """Queue the next envelopes of `lane`; say whether there were any."""
        places = self._line.places[lane]
        while places:
            self._after[lane] = min(self._after[lane], places.pop() - 1)
        query = partial(
            read_mail,
            member=self._member,
            after={lane: self._after[lane]},
            envelopes=MAIL_AT_ONCE,
            size_bytes=self._outgoing.frame_bytes,
        )
        mails = await self._parts.store.read(query)
        for mail in mails:
            self._outgoing.put_envelope(mail.envelope, mail.lane)
            self._remember(mail.envelope_id, mail.lane, mail.arrival)
        self._parts.metrics.forwarded.labels(self._member).inc(len(mails))
        return bool(mails)

    def _remember(self, envelope: EnvelopeId, lane: Lane, arrival: int) -> None:
        self._after[lane] = max(self._after[lane], arrival)
        self._sent[envelope] = (lane, arrival)
        if len(self._sent) > _SENT_REMEMBERED:  # receipted on another stream of the member
            del self._sent[next(iter(self._sent))]

    def _finish(self, frame: Frame) -> None:
        """Add what is told once per frame: how new our papers are, and that our log only grows."""
        frame.freshness.CopyFrom(freshness_of(self._parts))
        if frame.receipts:
            self._show_growth(frame)

    def _show_growth(self, frame: Frame) -> None:
        log = self._parts.store.log
        if 0 < self._shown_size < log.head.size:
            proof = log.prove_consistency(self._shown_size)
            frame.consistency.append(proof)
            self._shown_size = peek_head(proof.checkpoint).size
        else:
            self._shown_size = max(self._shown_size, log.head.size)

    # ── what comes in ────────────────────────────────────────────────────────────────

    async def _take_of_stream(self, frame: Frame) -> None:
        """Take a frame; raise, if this stream has brought too much that was refused."""
        await self._take(frame)
        if self._refusals >= REFUSALS_PER_STREAM:
            raise EnvelopeError("too much on this stream was refused", reason="too-many-refusals")

    async def _take(self, frame: Frame) -> None:
        check_frame(frame)
        self._hearing.hear(frame)
        task = asyncio.create_task(self._work_off(frame))
        self._parts.in_hand.add(task)
        task.add_done_callback(self._worked_off)
        await asyncio.shield(task)

    def _worked_off(self, task: asyncio.Task[None]) -> None:
        self._parts.in_hand.discard(task)
        if not task.cancelled():
            task.exception()  # who waited has it; if the stream has ended nobody waits

    async def _work_off(self, frame: Frame) -> None:
        """Do the steps of the module docstring."""
        for announcement in frame.announcements:
            await self._take_announcement(announcement)
        self._parts.growth.pass_on(frame, self._member, self._outgoing)
        for aside in frame.asides:
            self._pass_aside(aside)
        found = await self._verify(frame)
        if found:
            settle = partial(
                settle_frame,
                found=found,
                mailboxes=self._parts.mailboxes,
                noted=self._choose_noted(found.refused),
                revives=self._revives,
            )
            settled = await self._parts.store.write(settle, label="frame")
            await self._tell(found, settled)
        for status in frame.statuses:
            self._hear(status)

    async def _take_announcement(self, announcement: Announcement) -> None:
        parts = self._parts
        try:
            parts.announcement_limiter.admit((self._member,), per_minute=6, burst=10)
            changed = await parts.board.take(announcement, self._member, parts.clock())
        except TracepostError as error:
            refused = [Refused(error)]
            await parts.audit.refused(self._member, self._choose_noted(refused))
            self._tell_refusals(refused)
            return
        if changed is None:
            return
        _log.info("papers-kept", count=len(changed.papers.certificates))
        for line in parts.switchboard.others(self._member):
            line.outgoing.put_announcement(changed.papers)
        if changed.accepted is not None:
            show_list(parts.switchboard, parts.board, parts.own)

    def _pass_aside(self, aside: Aside) -> None:
        """Give what the member says to another to that one's stream; nothing of it is kept."""
        try:
            if aside.from_member != self._member:
                raise EnvelopeError("it is said in the name of another", where="aside", reason="other-caller")
            key = ("aside", self._member)
            self._parts.announcement_limiter.admit(key, per_minute=ASIDES_PER_MINUTE, burst=ASIDES_AT_ONCE)
        except TracepostError as error:
            refused = [Refused(error)]
            self._choose_noted(refused)
            self._tell_refusals(refused)
            return
        put = _putter(FrameQueue.put_aside, aside)
        self._parts.switchboard.tell(MemberId(aside.to_member), put)

    async def _verify(self, frame: Frame) -> Sorted:
        parts = self._parts
        situation = Situation(self._member, parts.own, parts.trust.state, parts.clock())
        check = partial(verify_frame, frame, situation, parts.heads)
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(parts.verifier, check)
        finally:
            await parts.growth.keep_found()
        if frame.consistency:
            self._pace.answered()
        if found.arrivals or found.receipts or frame.consistency:
            self._heads_shown.set()
        return found

    async def _tell(self, found: Sorted, settled: Settled) -> None:
        self._tell_taken(settled.taken)
        kept = [one for one in settled.custodies if isinstance(one, Kept)]
        for addressee in {one.to_member for one in kept if one.is_new}:
            self._parts.switchboard.ring(addressee)
        for revived in (one for one in kept if one.arrival):
            self._parts.switchboard.go_back(revived.to_member, revived.lane, revived.arrival)
        self._parts.metrics.kept.labels(self._member).inc(sum(one.is_new for one in kept))
        await self._tell_kept(kept)
        for one in settled.custodies:
            self._tell_not_kept(one, found.situation.now)
        for envelope in settled.lost:
            self._tell_status(envelope, NotFoundError.code, None)
        for one_mark in found.marks:
            put = _putter(FrameQueue.put_mark, one_mark.mark)
            self._parts.switchboard.tell(one_mark.entry.to_member, put)
        self._tell_refusals(found.refused)

    def _tell_taken(self, taken: Taken) -> None:
        for envelope in taken.stored:
            self._sent.pop(envelope, None)
            self._outgoing.put_stored(envelope)
        for receipt in taken.fresh:
            self._parts.switchboard.tell(receipt.sender, _putter(FrameQueue.put_receipt, receipt.receipt))
        for envelope in taken.unknown:
            self._outgoing.put_status(StreamStatus(envelope_id=envelope, code=NotFoundError.code))
        self._parts.metrics.delivered.labels(self._member).inc(len(taken.fresh))

    async def _tell_kept(self, kept: Sequence[Kept]) -> None:
        """Prove custody, all under one head, and say so."""
        if not kept:
            return
        lines = [(one.number, one.line) for one in kept]
        proofs = await asyncio.to_thread(self._parts.store.log.prove, lines)
        for one, proof in zip(kept, proofs, strict=True):
            receipt = make_receipt(one.envelope_id, self._parts.own, self._member, proof)
            self._outgoing.put_receipt(receipt)

    def _tell_not_kept(self, custody: Custodies, now: int) -> None:
        if isinstance(custody, Full):
            self._tell_status(custody.envelope_id, QuotaError.code, QUOTA_RETRY_S)
        elif isinstance(custody, Late):
            self._outgoing.put_expiry(Expiry(envelope_id=custody.envelope_id, expired_at=now))

    def _choose_noted(self, refused: Sequence[Refused]) -> list[TracepostError]:
        """Return what is written down one by one, with a line in the log for each; the others are counted."""
        noted = [one.error for one in refused[: self._singly]]
        self._singly -= len(noted)
        self._counted.update((one.error.code, one.error.reason) for one in refused[len(noted) :])
        for error in noted:
            _log.warning("refused", code=error.code, reason=error.reason, where=error.where)
        return noted

    async def note_counted(self) -> None:
        """Write down how often else things were refused; once, when no more of a pouch is taken."""
        for (code, reason), count in self._counted.items():
            _log.warning("refused-more", code=code, reason=reason, count=count)
        if self._counted:
            await self._parts.audit.refused_more(self._member, self._counted)

    def _tell_refusals(self, refused: Sequence[Refused]) -> None:
        """Say why things were not accepted, and count them."""
        for refusal in refused:
            error, passing = refusal.error, isinstance(refusal.error, TheRoad)
            self._tell_status(refusal.envelope_id, error.code, AGAIN_AFTER_S if passing else None)
            self._refusals += not passing

    def _tell_status(self, envelope: EnvelopeId | None, code: str, retry_after_s: int | None) -> None:
        status = StreamStatus(envelope_id=envelope, code=code, retry_after_seconds=retry_after_s)
        self._outgoing.put_status(status)
        self._parts.metrics.refused.labels(self._member, code).inc()

    def _hear(self, status: StreamStatus) -> None:
        """Step 4."""
        kind = error_class(status.code)
        place = self._sent.get(EnvelopeId(status.envelope_id))
        if place is None or kind is None or not issubclass(kind, TheRoad):
            return
        _log.info("mail-status", member=self._member, code=kind.code, envelope=status.envelope_id.hex())
        delay = min(status.retry_after_seconds or AGAIN_AFTER_S, LONGEST_AGAIN_S)
        loop = asyncio.get_running_loop()
        self._again = {one for one in self._again if one.when() > loop.time()}
        self._again.add(loop.call_later(delay, self._send_again, *place))

    def _send_again(self, lane: Lane, arrival: int) -> None:
        """Go back to this envelope; what follows it unreceipted is sent again as well, in order."""
        self._line.go_back(lane, arrival)


def freshness_of(parts: RelayParts) -> Freshness:
    """Return how new the papers are by which this relay judges."""
    state = parts.trust.state
    number = state.revoked.number(parts.own) or 0
    return Freshness(trust_list_sequence=state.current.sequence, crl_number=number)


def show_list(switchboard: Switchboard, board: Noticeboard, own: MemberId) -> None:
    """Show the relay's own papers and the trust list in force on every stream."""
    for line in switchboard.all():
        line.outgoing.put_announcement(board.with_list(own))


def tell_expired(switchboard: Switchboard, expired: Sequence[Expired]) -> None:
    """Tell the senders that are connected; the others hear when they come."""
    for one in expired:
        switchboard.tell(one.sender, _putter(FrameQueue.put_expiry, one.notice))


def _putter(
    put: Callable[[FrameQueue, Any], None], thing: Receipt | Expiry | RoadMark | Aside
) -> Callable[[FrameQueue], None]:
    return lambda outgoing: put(outgoing, thing)
