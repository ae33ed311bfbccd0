"""One stream to a peer or relay, from either end: our mail out, their mail in, receipts and papers both ways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import structlog

from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.asides import Asides
from tracepost.node.post.continuity import Continuity
from tracepost.node.post.custody import Places, take_back
from tracepost.node.post.mailroom import Judgement, Mailroom
from tracepost.node.post.marking import Marking
from tracepost.node.post.settlement import Settling
from tracepost.node.post.window import Window
from tracepost.node.records.mail import FreshMail, MailState, Queue, QueuedMail, SentMail, WaitingMail
from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import NotFoundError, TracepostError
from tracepost.protocol.evidence import LogLine
from tracepost.protocol.ids import DIRECT, EnvelopeId, MemberId
from tracepost.protocol.problems import error_class
from tracepost.serving.announced import Hearing
from tracepost.serving.frames import FrameStream, Rest, check_frame
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Frame

_log = structlog.get_logger()

_BATCH = 256
_QUESTIONS = 1024
ALWAYS = 1 << 53  # a time that all that was put off is due before
_HOPELESS_S = 3600  # what the other side cannot vouch for is shown to the operator, and tried now and then


class Line:
    """What happens on one stream with `peer`. Made anew for each stream.

    Args:
        peer: the member at the other end, by its certificate.
        queues: says which queues of the outbox go over this stream, urgent ones first.
        admits: says whether mail goes to a member now.
        changed: called when mail of ours was receipted or theirs was kept: an attachment may be to carry.
        may_send: says whether the mail of a queue is for this process to send; asked before every batch.
        asides: takes what a relay passes on to us and keeps nothing of.
        by_pouch: its frames lie in a pouch that the peer made; see `take_whole`.
    """

    def __init__(
        self,
        peer: MemberId,
        *,
        queues: Callable[[Tx], Sequence[Queue]],
        mailroom: Mailroom,
        settling: Settling,
        announcing: Announcing,
        continuity: Continuity,
        store: Store,
        clock: Callable[[], int],
        marking: Marking | None = None,
        asides: Asides | None = None,
        admits: Callable[[MemberId], bool] = lambda _: True,
        changed: Callable[[], None] = lambda: None,
        leaving: asyncio.Event | None = None,
        may_send: Callable[[Queue], bool] = lambda _queue: True,
        by_pouch: bool = False,
    ) -> None:
        self._by_pouch = by_pouch
        self._peer = peer
        self._queues = queues
        self._mailroom = mailroom
        self._settling = settling
        self._announcing = announcing
        self._continuity = continuity
        self._heads_shown = asyncio.Event()
        self._hearing = Hearing()
        self._papers_told = asyncio.Event()
        self._store = store
        self._clock = clock
        self._marking = marking
        self._asides = asides
        self._admits = admits
        self._changed = changed
        self._may_send = may_send
        self._cursors: dict[Queue, tuple[int, int]] = {}
        self._waiting = {lane: asyncio.Event() for lane in Lane}
        self._at_rest: set[Lane] = set()
        self._window = Window()
        self._urgent_looked = asyncio.Event()
        self._gone_through: set[Queue] = set()
        self.stream = FrameStream(
            self._take,
            feeds=[
                *(partial(self._feed_mail, lane) for lane in Lane),
                self._feed_papers,
                self._feed_questions,
                self._feed_marks,
                self._feed_demands,
            ],
            finish=self._finish,
            leaving=leaving,
        )
        self._began = clock()
        self.heard = False

    def wake(self, lanes: Iterable[Lane] = Lane) -> None:
        """Look into the outbox again: something was queued in these lanes."""
        for lane in lanes:
            self._waiting[lane].set()
            self._at_rest.discard(lane)

    def send(self, mails: Iterable[FreshMail]) -> None:
        """Put mail that was queued this moment on the stream; what cannot go at once is read from the outbox."""
        for one in mails:
            mail = one.mail
            if one.proof is None or not self._may_go(mail):
                self.wake([mail.queue.lane])
            else:
                self._cursors[mail.queue] = (mail.epoch, mail.seq)
                self._put_on_stream(mail, one.proof, mail.queue.lane)

    def _may_go(self, mail: QueuedMail) -> bool:
        """Say whether all mail of its queue before it is on the stream, and the stream and the peer take more now."""
        queue = mail.queue
        return (
            queue.lane in self._at_rest
            and self._cursors.get(queue) == (mail.epoch, mail.seq - 1)
            and self._may_send(queue)
            and self._admits(queue.to_member)
            and self.stream.outgoing.takes(queue.lane)
            and not self._window.is_full(queue.lane)
        )

    def go_back(self, places: Places) -> None:
        """Send from these places of the outbox again: mail of before waits once more."""
        for queue, (epoch, seq) in places.items():
            if queue in self._cursors:
                self._cursors[queue] = min(self._cursors[queue], (epoch, seq - 1))
        self.wake()

    # ── out ──────────────────────────────────────────────────────────────────────────

    async def _feed_papers(self) -> None:
        """Announce what the other side does not have; mail follows, for it is judged by these papers."""
        outgoing = self.stream.outgoing
        async with self._announcing.to(outgoing):
            self._announcing.tell_held(outgoing, self._peer)
            held = await self._hearing.held(dials=self.stream.dials)
            self._announcing.tell_missing(outgoing, held)
            self._papers_told.set()
            await asyncio.Event().wait()

    async def _feed_demands(self) -> None:
        await self._continuity.feed(self._peer, self.stream.outgoing, self._heads_shown)

    async def _feed_questions(self) -> None:
        """Ask a relay of all mail that it said it keeps: it may have been put back empty since."""
        after = 0
        while asked := await self._store.read(
            lambda tx: tx.outbox.in_custody(self._peer, after, _QUESTIONS)  # noqa: B023 - read at once
        ):
            for _number, envelope_id in asked:
                self.stream.outgoing.put_custody_question(envelope_id)
            after = asked[-1][0]
            await self.stream.outgoing.has_room()

    async def _feed_marks(self) -> None:
        if self._marking is not None:
            await self._marking.feed(self._peer, self.stream.outgoing)

    async def _feed_mail(self, lane: Lane) -> None:
        """Put what waits of one lane on the stream, as fast as the other side takes and answers it."""
        waiting = self._waiting[lane]
        await self._papers_told.wait()
        if lane is Lane.ROUTINE:
            await self._urgent_looked.wait()
        while not self.stream.outgoing.closed:
            waiting.clear()
            queues = await self._store.read(self._queues)  # counts what waits, so not for every batch
            queues = [one for one in queues if one.lane is lane and self._admits(one.to_member)]
            sent = await self._put_waiting(queues)
            self._urgent_looked.set()
            while sent and not waiting.is_set():
                sent = await self._put_waiting(queues)
            if not sent and not waiting.is_set():
                self._at_rest.add(lane)
                await waiting.wait()

    async def _put_waiting(self, queues: Sequence[Queue]) -> int:
        """Put one batch of each queue on the stream; return how many envelopes were read."""
        count = 0
        for queue in queues:
            if not self._may_send(queue):
                self._cursors.pop(
                    queue, None
                )  # what another process sends, and what becomes of it, is not known
                continue
            await self.stream.outgoing.has_room_for(queue.lane)
            await self._window.has_room(queue.lane)
            mails = await self._store.read(partial(self._read_waiting, queue=queue))
            if mails:
                count += len(mails)
                self._cursors[queue] = (mails[-1].epoch, mails[-1].seq)
                await self._put([m for m in mails if m.id not in self._window], queue.lane)
            else:
                self._gone_through.add(queue)
        return count

    async def _put(self, mails: Sequence[WaitingMail], lane: Lane) -> None:
        proofs = await asyncio.to_thread(self._prove, mails)
        for mail, proof in zip(mails, proofs, strict=True):
            self._put_on_stream(mail, proof, lane)

    def _put_on_stream(self, mail: WaitingMail | QueuedMail, proof: bytes, lane: Lane) -> None:
        envelope = Envelope(header=mail.header, slots=mail.slots, body=mail.body, proof=proof)
        self._window.add(mail.id, lane)
        self.stream.outgoing.put_envelope(envelope, lane)

    def _read_waiting(self, tx: Tx, queue: Queue) -> list[WaitingMail]:
        cursor = self._cursors.get(queue, (0, 0))
        # What was put off on an earlier stream is tried on this one: what it was put off for may be over.
        now = self._clock() if queue in self._gone_through else ALWAYS
        return tx.outbox.waiting(queue, cursor, now, _BATCH, self.stream.outgoing.frame_bytes)

    def _prove(self, mails: Sequence[WaitingMail]) -> list[bytes]:
        lines: list[tuple[int, LogLine]] = [(m.log_number, m.line) for m in mails]
        return self._store.evidence.prove(lines)

    def _finish(self, frame: Frame) -> None:
        self._announcing.tell_freshness(frame)

    # ── in ───────────────────────────────────────────────────────────────────────────

    async def take_whole(self, frame: Frame) -> None:
        """Do all that is done for a frame that comes by a stream; the answers wait in `stream.outgoing`."""
        rest = await self._take(frame)
        if rest is not None:
            await rest()

    async def _take(self, frame: Frame) -> Rest | None:
        check_frame(frame)
        self.heard = True
        self._hearing.hear(frame)
        if frame.announcements:
            await self._announcing.take(frame.announcements, self._peer)
        if frame.consistency:
            await self._continuity.take(frame.consistency, self._peer)
            self._heads_shown.set()  # the head that it was asked against may not be the believed one any more
        if frame.consistency_wanted:
            await self._continuity.answer(frame.consistency_wanted, self._peer, self.stream.outgoing)
        if frame.receipts or frame.expiries:
            await self._settle(frame)
        if frame.marks and self._marking is not None:
            await self._marking.take(frame.marks, self._peer)
        if frame.statuses:
            await self._postpone(frame)
        if frame.asides and self._asides is not None and not self._by_pouch:
            self._asides.take(frame.asides, self._peer, self.stream.outgoing)
        if not frame.envelopes:
            return None
        judgement = await self._mailroom.judge(frame.envelopes, self._peer, by_pouch=self._by_pouch)
        return lambda: self._answer(judgement)

    async def _answer(self, judgement: Judgement) -> None:
        reply = await self._mailroom.answer(judgement)
        self._heads_shown.set()
        self._changed()
        for receipt in reply.receipts:
            self.stream.outgoing.put_receipt(receipt)
        for status in reply.statuses:
            self.stream.outgoing.put_status(status)

    async def _settle(self, frame: Frame) -> None:
        receipts = await asyncio.to_thread(self._settling.verify, frame.receipts)
        now = self._clock()

        def keep(tx: Tx) -> list[EnvelopeId]:
            self._settling.expire(tx, frame.expiries, self._peer, now)
            return self._settling.keep(tx, receipts, self._peer, now)

        stored = await self._store.write(keep, label="settle")
        self._window.answered(one.envelope_id for one in frame.receipts)
        self._window.answered(one.envelope_id for one in frame.expiries)
        for envelope_id in stored:
            self.stream.outgoing.put_stored(envelope_id)
        self._heads_shown.set()
        self._changed()
        for expiry in frame.expiries:
            self.stream.outgoing.put_expiry_stored(EnvelopeId(expiry.envelope_id))

    async def _postpone(self, frame: Frame) -> None:
        """Leave mail alone that may succeed later, or that the other side cannot vouch for.

        The other side has a say in what goes over its own streams only, and for an hour at most.
        """
        now = self._clock()
        codes = [_known_code(s.code) for s in frame.statuses]
        for code, status in zip(codes, frame.statuses, strict=True):
            _log.info("mail-status", member=self._peer, code=code, envelope=status.envelope_id.hex())
        waits = {
            EnvelopeId(s.envelope_id): min(s.retry_after_seconds or _HOPELESS_S, _HOPELESS_S)
            for s in frame.statuses
            if s.envelope_id
        }

        unknown = {s.envelope_id for s in frame.statuses if s.code == NotFoundError.code}

        def postpone(tx: Tx) -> Places:
            tx.peers.note_problem(self._peer, codes[-1], now)
            mails = [m for m in tx.dispatches.find(list(waits)).values() if self._carries(m)]
            lost = [m.id for m in mails if m.id in unknown and self._was_kept(m)]
            for mail in mails:
                if mail.id not in lost:
                    tx.outbox.postpone([mail.id], now + waits[mail.id])
            return take_back(tx, lost, self._peer, "lost-by-relay", now)

        places = await self._store.write(postpone, label="postpone")
        self._window.answered(waits)
        self.go_back(places)
        for seconds in set(waits.values()):
            asyncio.get_running_loop().call_later(seconds + 1, self._look_again)

    def _carries(self, mail: SentMail) -> bool:
        return self._peer == (mail.queue.to_member if mail.queue.via == DIRECT else mail.queue.via)

    def _was_kept(self, mail: SentMail) -> bool:
        """Say whether the peer said before this stream that it keeps `mail`; else it could let us send for ever."""
        return mail.state is MailState.WITH_RELAY and mail.changed_at <= self._began

    def _look_again(self) -> None:
        self._cursors.clear()
        self.wake()


def _known_code(code: str) -> str:
    """Return a code of the error table; what else a peer writes there goes into no log and no store."""
    return code if error_class(code) else "unknown-code"


def log_problem(peer: str, error: TracepostError) -> None:
    """Log why a stream ended."""
    _log.warning("stream-ended", member=peer, code=error.code, reason=error.reason)
