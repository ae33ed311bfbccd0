"""That logs only grow: proofs demanded of every log whose heads we meet, and given of our own.

A head under which mail or a receipt was taken is *open* until its log has proved that it is of one log with
the head that we believe of it (RFC 6962, 2.1.2). Mail does not wait for that, its own signature holds by
itself; the question goes out on the stream that brought the head, at once, then at most every five seconds, or as
rarely as the line is slow, for all heads that are open. A relay passes question and answer on. What is not
answered within an hour puts off further mail of that member until it is.

Two heads that cannot be of one log end the talking: mail under either is turned away, receipts clear nothing,
streams with the member end, and are not dialled. Both heads are kept as a file that anyone can check, in the
store and in our own log. It goes on when the stewards have written down where the key of that log ended.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from itertools import islice

import structlog

from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import FoundContradiction, PeerHead
from tracepost.protocol.errors import EvidenceError, InvalidInputError, TracepostError, TrustError
from tracepost.protocol.evidence import (
    Contradiction,
    ContradictionFound,
    Head,
    LogVerifier,
    NoteSigner,
    Submission,
    Verdict,
    WitnessReply,
    cosign,
    judge_submission,
    parse_submission,
    peek_head,
    prepare_line,
    verify_consistency,
)
from tracepost.protocol.ids import MemberId
from tracepost.serving.frames import FrameQueue
from tracepost.serving.pace import Pace
from tracepost.wire.v1.envelope_pb2 import LogProof
from tracepost.wire.v1.post_pb2 import ConsistencyProof, ConsistencyRequest

_log = structlog.get_logger()

SPLIT_LOG = "split-log"
UNPROVED = "head-unproved"
ASK_EVERY_S = 5.0
ASK_AGAIN_S = 60.0
"""Also the longest that a slow line puts off the next question."""
LATE_AFTER_S = 3600
QUESTIONS_AT_ONCE = 256

HeadName = tuple[str, int, bytes]
"""Origin, size and root, whoever witnessed it."""


def name_of(head: Head | PeerHead) -> HeadName:
    """Return what two heads must have in common to be one."""
    return str(head.origin), head.size, head.root


class Continuity:
    """What is known of other logs, and what is to be asked. `note` is for jobs, the rest for the event loop."""

    def __init__(
        self,
        us: MemberId,
        papers: Papers,
        store: Store,
        clock: Callable[[], int],
        meet_own: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Use `meet_own` for heads that others say are of our own log, and longer than it is here."""
        self._us = us
        self._papers = papers
        self._store = store
        self._clock = clock
        self._meet_own = meet_own
        self._contradicted: frozenset[tuple[MemberId, str]] = frozenset()
        self._asked: dict[str, dict[int, int]] = {}
        self._paces: dict[MemberId, Pace] = {}

    async def load(self) -> None:
        """Take up what the store has: at start, and for what another process of ours found."""
        found = await self._store.read(lambda tx: tx.peers.contradictions())
        self._contradicted |= {(one.member, one.origin) for one in found}

    def stopped(self) -> frozenset[MemberId]:
        """Return the members whose log contradicts itself, and whose key the stewards have not ended yet."""
        return frozenset(
            member for member, origin in self._contradicted if self._papers.log_in_use(member, origin)
        )

    def refuse_stopped(self, peer: MemberId) -> None:
        """Raise `EvidenceError` for a member that we do not talk with."""
        if peer in self.stopped():
            raise EvidenceError(
                "the member's log contradicts itself",
                where=str(peer),
                reason=SPLIT_LOG,
                remedy="tracepost log audit shows the evidence; the stewards decide about the log's key.",
            )

    def is_late(self, head: Head) -> bool:
        """Say whether the log of this head has owed us a proof for too long."""
        asked = self._asked.get(str(head.origin), {})
        return any(self._clock() - at > LATE_AFTER_S for at in islice(asked.values(), 1))  # the oldest first

    # ── heads that come with mail and receipts ───────────────────────────────────────

    def note(
        self, tx: Tx, proved: Iterable[tuple[Head, bytes]], brought_by: MemberId, now: int
    ) -> Collection[HeadName]:
        """Note the heads of verified log proofs, given with the serialized proofs that show them.

        Returns:
            Those under which nothing is believed: their log contradicts itself.
        """
        shown = {name_of(head): (head, proof) for head, proof in proved}
        records = [_record(*one, now) for one in shown.values()]
        split = tx.peers.keep_heads(records, brought_by)
        tx.audit.append([_split_event(head, brought_by, now) for head in split])
        for head in split:
            self._convict(tx, head, Contradiction(_both_notes(tx, head)), now)
        ended = {origin for _, origin in self._contradicted}
        return {name for name in shown if name[0] in ended}

    # ── questions ────────────────────────────────────────────────────────────────────

    async def feed(self, peer: MemberId, outgoing: FrameQueue, news: asyncio.Event) -> None:
        """Ask on a stream with `peer` for what is open, whenever there is news, until the stream ends.

        Raises:
            EvidenceError: we do not talk with this member.
        """
        pace = self._paces.setdefault(peer, Pace(ASK_EVERY_S, ASK_AGAIN_S))
        for one in await self._held(peer):
            outgoing.put_question(one)
        while not outgoing.closed:
            self.refuse_stopped(peer)
            await asyncio.sleep(pace.due_in())
            news.clear()
            questions = await self._questions(peer)
            for one in questions:
                outgoing.put_question(one)
            if questions:
                pace.asked()
            with suppress(TimeoutError):
                async with asyncio.timeout(ASK_AGAIN_S):
                    await news.wait()

    async def _held(self, peer: MemberId) -> list[ConsistencyRequest]:
        """Return the longest heads that are known of the peer's logs: it sees by them if its store is old.

        From a head to itself there is nothing to prove, so no answer comes.
        """
        origins = self._papers.logs_in_use(peer)
        found = await self._store.read(lambda tx: [tx.peers.longest_head(one) for one in origins])
        return [
            ConsistencyRequest(member=peer, old_size=head.size, checkpoint=head.note)
            for head in found
            if head is not None and head.note
        ]

    async def questions_for_pouch(self, peer: MemberId) -> list[ConsistencyRequest]:
        """Return what is to be asked in a pouch. Nobody is late with the answer: it travels with a courier."""
        return [*(await self._held(peer)), *(await self._open_questions(peer))]

    async def _open_questions(self, peer: MemberId) -> list[ConsistencyRequest]:
        """Return one question per open head: whether it and the longest known are of one log."""

        def read(tx: Tx) -> tuple[list[PeerHead], dict[str, PeerHead]]:
            found = tx.peers.open_heads(peer, QUESTIONS_AT_ONCE)
            return found, tx.peers.heads(sorted({head.origin for head in found}))

        heads, believed = await self._store.read(read)
        heads = [head for head in heads if self._papers.log_in_use(head.member, head.origin)]
        return [one for origin, kept in believed.items() for one in _ask(kept, heads, origin)]

    async def _questions(self, peer: MemberId) -> list[ConsistencyRequest]:
        """Return the open questions, and count from now on how long the answers take."""
        questions = await self._open_questions(peer)
        for one in questions:
            origin = str(peek_head(one.checkpoint).origin)
            self._asked.setdefault(origin, {}).setdefault(one.old_size, self._clock())
        return questions

    # ── answers to us ────────────────────────────────────────────────────────────────

    async def take(self, proofs: Sequence[ConsistencyProof], peer: MemberId) -> None:
        """Take proofs that `peer` brought, of its own log or, as a relay, of others'.

        Raises:
            EvidenceError: the log of `peer` itself contradicts itself.
        """
        if peer in self._paces:
            self._paces[peer].answered()
        now = self._clock()
        opened = [one for proof in proofs if (one := self._open(proof)) is not None]
        if opened:
            await self._store.write(lambda tx: self._judge_all(tx, opened, peer, now), label="continuity")
        self.refuse_stopped(peer)

    def _open(self, proof: ConsistencyProof) -> tuple[ConsistencyProof, Head] | None:
        """Return a proof with its newer head, if that is one of the log that it names."""
        member = MemberId(proof.member)
        try:
            head = self._papers.log_verifier(member).open(proof.checkpoint)
        except TracepostError as error:
            _log.info("proof-doubted", member=member, reason=error.reason)
            return None
        return (proof, head) if head.origin.member == member else None

    def _judge_all(
        self, tx: Tx, opened: Iterable[tuple[ConsistencyProof, Head]], peer: MemberId, now: int
    ) -> None:
        for proof, newer in opened:
            self._judge(tx, proof, newer, peer, now)

    def _judge(self, tx: Tx, proof: ConsistencyProof, newer: Head, peer: MemberId, now: int) -> None:
        origin = str(newer.origin)
        record = PeerHead(origin, newer.origin.member, newer.size, newer.root, proof.checkpoint, now)
        if name_of(record) in self._note_record(tx, record, peer, now):
            return
        older, believed = tx.peers.head_at(origin, proof.old_size), tx.peers.heads([origin])[origin]
        if older is None or believed.size not in (older.size, newer.size):
            return  # nobody asked
        try:
            verify_consistency(older.size, older.root, newer.size, newer.root, proof.path)
        except EvidenceError:
            self._doubt(tx, older, proof, peer, now)
            return
        for head in (record, older):
            tx.peers.prove_head(head)
        self._asked.get(origin, {}).pop(older.size, None)

    def _note_record(self, tx: Tx, record: PeerHead, peer: MemberId, now: int) -> Collection[HeadName]:
        split = tx.peers.keep_heads([record], peer)
        for head in split:
            tx.audit.append([_split_event(head, peer, now)])
            self._convict(tx, head, Contradiction(_both_notes(tx, head)), now)
        return {name_of(head) for head in split}

    def _doubt(self, tx: Tx, older: PeerHead, proof: ConsistencyProof, peer: MemberId, now: int) -> None:
        """Judge a path that does not fit: from the log's own member, or by itself, it ends the talking."""
        found = Contradiction((older.note, proof.checkpoint), tuple(proof.path))
        verdict, _, newer = found.judge(self._papers.log_verifier(older.member))
        outcome = f"{verdict.value}-size-{older.size}-{newer.size}"
        tx.audit.append([AuditEvent(now, peer, SPLIT_LOG, older.origin, outcome)])
        if verdict is not Verdict.UNPROVED or peer == older.member:
            self._convict(tx, older, found, now)

    def _convict(self, tx: Tx, head: PeerHead, found: Contradiction, now: int) -> None:
        data = found.encode()
        digest = hashlib.sha256(data).digest()
        first = tx.peers.keep_contradiction(FoundContradiction(digest, head.origin, head.member, now, data))
        if first:
            entry = ContradictionFound(sha256=digest, artefact=data, time=now)
            tx.log.append([prepare_line(entry, os.urandom)])
            _log.error("log-contradicts-itself", member=head.member, size=head.size)
        self._contradicted |= {(head.member, head.origin)}

    # ── heads to be cosigned ─────────────────────────────────────────────────────────

    async def add_checkpoint(self, body: bytes, keys: Sequence[NoteSigner]) -> WitnessReply:
        """Do what a witness does with the body of a request (`protocol.evidence.witness`)."""
        now = self._clock()
        try:
            submission = parse_submission(body)
            origin = peek_head(submission.checkpoint).origin
        except EvidenceError as error:
            return WitnessReply(400, f"{error.message}\n".encode())
        try:
            verifier = self._papers.log_verifier(origin.member)
        except TrustError:
            return WitnessReply(404, b"no log that is known here\n")
        found = await self._store.write(
            lambda tx: self._witness(tx, submission, verifier, now), label="witness"
        )
        if isinstance(found, WitnessReply):
            return found
        return await asyncio.to_thread(cosign, submission.checkpoint, keys, now)

    def _witness(
        self, tx: Tx, submission: Submission, verifier: LogVerifier, now: int
    ) -> Head | WitnessReply:
        origin = peek_head(submission.checkpoint).origin
        held = tx.peers.heads([str(origin)]).get(str(origin))
        found = judge_submission(submission, verifier, (held.size, held.root) if held else None)
        if isinstance(found, WitnessReply) and found.status not in (409, 422):
            return found
        head = verifier.open(submission.checkpoint)
        record = PeerHead(str(origin), origin.member, head.size, head.root, submission.checkpoint, now)
        if (
            self._note_record(tx, record, origin.member, now)
            or (origin.member, str(origin)) in self._contradicted
        ):
            return (
                found
                if isinstance(found, WitnessReply)
                else WitnessReply(403, b"the log contradicts itself\n")
            )
        if isinstance(found, Head):
            tx.peers.prove_head(record)
        return found

    # ── answers of ours ──────────────────────────────────────────────────────────────

    async def answer(
        self, wanted: Iterable[ConsistencyRequest], peer: MemberId, outgoing: FrameQueue
    ) -> None:
        """Answer what others ask about our log; a question that cannot be answered is left."""
        ours = [one for one in wanted if one.member == self._us]
        for one in ours:
            self._meet_own(one.checkpoint)
        for proof in await asyncio.to_thread(lambda: [*filter(None, map(self._prove, ours))]):
            outgoing.put_consistency(proof)
        if len(ours) > QUESTIONS_AT_ONCE:
            _log.info("many-questions", member=peer, count=len(ours))

    def _prove(self, wanted: ConsistencyRequest) -> ConsistencyProof | None:
        evidence = self._store.evidence
        try:
            asked = peek_head(wanted.checkpoint)
            if asked.origin != peek_head(evidence.head.note).origin or asked.size == wanted.old_size:
                return None
            proof = evidence.prove_consistency(wanted.old_size, asked.size)
        except (EvidenceError, InvalidInputError):
            return None
        if wanted.HasField("for_member"):
            proof.for_member = wanted.for_member
        return proof


def _ask(kept: PeerHead, heads: Sequence[PeerHead], origin: str) -> list[ConsistencyRequest]:
    known = {head.size: head for head in (kept, *heads) if head.origin == origin}
    longest = known[max(known)]
    older = [kept, *(head for head in known.values() if head is not kept)]  # the believed one first
    return [
        ConsistencyRequest(member=head.member, old_size=head.size, checkpoint=longest.note)
        for head in older
        if head is not longest
    ]


def _both_notes(tx: Tx, head: PeerHead) -> tuple[str, str]:
    """Return the signed note of `head` and of one that contradicts it."""
    others = [
        one.note
        for one in tx.peers.split_heads()
        if (one.origin, one.size) == (head.origin, head.size) and one.root != head.root
    ]
    return others[0], head.note


def _record(head: Head, proof: bytes, now: int) -> PeerHead:
    note = LogProof.FromString(proof).checkpoint
    return PeerHead(str(head.origin), head.origin.member, head.size, head.root, note, now)


def _split_event(head: PeerHead, brought_by: MemberId, now: int) -> AuditEvent:
    return AuditEvent(now, brought_by, SPLIT_LOG, head.origin, f"size-{head.size}")
