"""Where mail for us comes in: judge each envelope, keep what holds in one commit, then answer.

    frame → steps 1-4 (is it theirs) → steps 5-12 (does it hold) → answered before? → one commit → receipts

The receipt is the proof of our log entry, made after the commit was acknowledged and the head
signed. What may succeed later is a status; what nobody vouches for gets neither.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.admittance import Admittance
from tracepost.node.post.allowances import Allowances
from tracepost.node.post.continuity import SPLIT_LOG, UNPROVED, Continuity, HeadName, name_of
from tracepost.node.post.entering import enter_again
from tracepost.node.post.examination import Finding, NodeKeys, Vouched, check_sending, open_envelopes
from tracepost.node.post.reception import Deferred, Judged, Outcome, Reception, TurnedAway
from tracepost.node.records.mail import Answer
from tracepost.protocol.envelope import parse_envelope
from tracepost.protocol.errors import (
    BusyError,
    EnvelopeError,
    EvidenceError,
    QuotaError,
    StaleTrustError,
    TheirFault,
    TheRoad,
)
from tracepost.protocol.ids import DIRECT, EnvelopeId, MemberId, StatementDigest
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Receipt, StreamStatus


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back for a frame of envelopes."""

    receipts: list[Receipt]
    statuses: list[StreamStatus]


_UNTIL_A_LIST_S = 300
"""After how many seconds mail that waits for a trust list is offered again: it is all there is, and large."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found of a frame of envelopes: whether each is vouched for, whether it holds; `at` that time."""

    checked: Sequence[Vouched | TurnedAway]
    judged: Sequence[Judged]
    brought_by: MemberId
    at: int


class Mailroom:
    """One per process; any number of streams may deliver at once."""

    def __init__(
        self,
        *,
        us: MemberId,
        keys: Callable[[], NodeKeys],
        papers: Papers,
        reception: Reception,
        continuity: Continuity,
        store: Store,
        clock: Callable[[], int],
        admittance: Admittance | None = None,
        allowances: Allowances | None = None,
    ) -> None:
        self._admittance = admittance
        self._allowances = allowances
        self._us = us
        self._keys = keys
        self._papers = papers
        self._reception = reception
        self._continuity = continuity
        self._store = store
        self._clock = clock
        self.count: Callable[[Judgement, Outcome], None] = lambda _judgement, _outcome: None

    async def receive(self, envelopes: Sequence[Envelope], brought_by: MemberId) -> Reply:
        """Judge, keep and answer `envelopes`, which the verified peer `brought_by` brought."""
        return await self.answer(await self.judge(envelopes, brought_by))

    async def judge(
        self, envelopes: Sequence[Envelope], brought_by: MemberId, *, by_pouch: bool = False
    ) -> Judgement:
        """Look at `envelopes`, which the verified peer `brought_by` brought; nothing is kept yet.

        What comes by pouch was carried here by an officer of ours: it is not too much for a minute.
        """
        return await asyncio.to_thread(self._judge, envelopes, brought_by, self._clock(), by_pouch)

    async def judge_again(self, wire: Envelope, came_at: int | None, given_by: MemberId) -> Judgement:
        """Look at an envelope that its sender gives a second time, because we lost it; nothing is kept yet.

        It came by the road that it names, and is judged as of `came_at` (unix seconds; None: as of now): what was
        right then is right still.
        """
        return await asyncio.to_thread(self._judge_again, wire, came_at, given_by)

    async def answer(self, judgement: Judgement) -> Reply:
        """Keep what holds of a judgement in one commit; return the receipts for it."""
        outcome = await self._keep(judgement)
        self.count(judgement, outcome)
        return Reply(await self._receipts(judgement.checked, outcome), _statuses(outcome))

    def let_follow(self, tx: Tx, digest: StatementDigest, now: int) -> None:
        """Let mail follow that came before a statement of ours, which came back; part of one unit of work."""
        self._reception.let_follow(tx, [digest], now)

    async def answer_again(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, int]:
        """Return where our log answers these envelopes, said again in it where a log of ours that ended does."""
        answers = await self._store.read(lambda tx: tx.inbox.answered(ids))
        numbers = {id_: answer.log_number for id_, answer in answers.items()}
        return numbers | await self._enter_again(answers)

    def _judge(
        self, envelopes: Sequence[Envelope], brought_by: MemberId, now: int, by_pouch: bool
    ) -> Judgement:
        if not self._papers.is_live(now):
            return _put_all_off(envelopes, brought_by, now)
        checked = [self._check(e, brought_by, now, by_pouch) for e in envelopes]
        admitted = [c if isinstance(c, TurnedAway) else self._admit(c, by_pouch) for c in checked]
        vouched = [c for c in admitted if isinstance(c, Vouched)]
        opened = iter(open_envelopes(vouched, self._keys(), self._papers, now))
        judged = [_name(c, next(opened)) if isinstance(c, Vouched) else c for c in admitted]
        return Judgement(checked, judged, brought_by, now)

    def _judge_again(self, wire: Envelope, came_at: int | None, given_by: MemberId) -> Judgement:
        now = self._clock()
        judged_at = now if came_at is None else min(came_at, now)
        checked = self._check(wire, _road_end(wire, given_by), judged_at, by_pouch=False)
        if isinstance(checked, TurnedAway):
            return Judgement([checked], [checked], given_by, now)
        [finding] = open_envelopes([checked], self._keys(), self._papers, judged_at)
        return Judgement([checked], [_name(checked, finding)], given_by, now)

    def _admit(self, vouched: Vouched, by_pouch: bool) -> Vouched | Deferred:
        """Put mail off of members that are blocked here, or bring more than they may; it comes again."""
        sender, id_ = vouched.envelope.header.from_member, vouched.envelope.id
        if self._admittance is not None and not self._admittance.admits(sender):
            closed = BusyError("no mail is taken now", reason="closed")
            return Deferred(id_, closed, self._admittance.come_back_s())
        allowances = None if by_pouch else self._allowances
        wait = allowances.take(sender, len(vouched.envelope.body)) if allowances else 0
        if wait:
            return Deferred(id_, QuotaError("more mail than agreed in a minute", reason="rate"), wait)
        return vouched

    def _check(self, wire: Envelope, brought_by: MemberId, now: int, by_pouch: bool) -> Vouched | TurnedAway:
        try:
            return check_sending(
                wire, brought_by=brought_by, us=self._us, papers=self._papers, now=now, by_pouch=by_pouch
            )
        except (TheirFault, TheRoad) as error:
            return TurnedAway(_id_of(wire), error)

    async def _keep(self, judgement: Judgement) -> Outcome:
        brought_by, now = judgement.brought_by, judgement.at
        pairs = list(zip(judgement.checked, judgement.judged, strict=True))

        def take(tx: Tx) -> Outcome:
            shown = [
                (c.head, c.envelope.proof)
                for c, j in pairs
                if isinstance(c, Vouched) and not isinstance(j, Deferred)
            ]
            split = self._continuity.note(tx, shown, brought_by, now)
            judged = [_doubt(c, split) or self._put_off(c) or j for c, j in pairs]
            return self._reception.take(tx, judged, brought_by, now)

        return await self._store.write(take, label="receive", then=self._prove_entered)

    def _prove_entered(self, outcome: Outcome) -> None:
        """Prove what was entered, on the writing thread: the receipts need not wait for another."""
        proofs = self._store.evidence.prove(list(outcome.lines.items()))
        outcome.proofs.update(zip(outcome.lines, proofs, strict=True))

    async def _enter_again(self, answers: Mapping[EnvelopeId, Answer]) -> dict[EnvelopeId, int]:
        """Say again in our log what one of ours said that ended: nobody acts on its heads any more."""
        first = self._store.evidence.first_number
        old = {one: answer.log_number for one, answer in answers.items() if answer.log_number < first}
        if not old:
            return {}
        return await self._store.write(lambda tx: enter_again(tx, old, tx.inbox.enter_again, os.urandom))

    def _put_off(self, checked: Vouched | TurnedAway) -> Deferred | None:
        """Put mail off whose sender's log has owed us a proof for too long."""
        if isinstance(checked, TurnedAway) or not self._continuity.is_late(checked.head):
            return None
        error = StaleTrustError("the sender's log has not proved that it only grows", reason=UNPROVED)
        return Deferred(checked.envelope.id, error)

    async def _receipts(self, checked: Sequence[Vouched | TurnedAway], outcome: Outcome) -> list[Receipt]:
        whole = [c.envelope for c in checked if isinstance(c, Vouched)]
        answered = [e for e in whole if e.id in outcome.answers]
        entered = await self._enter_again(outcome.answers)
        numbers = [entered.get(c.id, outcome.answers[c.id].log_number) for c in answered]
        earlier = [n for n in numbers if n not in outcome.proofs]
        proofs = outcome.proofs | (await self._prove_earlier(earlier) if earlier else {})
        return [
            Receipt(envelope_id=c.id, from_member=self._us, to_member=c.header.from_member, proof=proofs[n])
            for c, n in zip(answered, numbers, strict=True)
        ]

    async def _prove_earlier(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """Prove what was entered before: the same envelope came again."""
        lines = await self._store.read(lambda tx: tx.log.lines(numbers))
        proofs = await asyncio.to_thread(self._store.evidence.prove, list(lines.items()))
        return dict(zip(lines, proofs, strict=True))


def _put_all_off(envelopes: Sequence[Envelope], brought_by: MemberId, now: int) -> Judgement:
    """Put mail off unlooked at: the trust list by which it would be judged is past its hard expiry."""
    error = StaleTrustError("the trust list here is past its hard expiry", reason="trust-list-expired")
    away = [TurnedAway(_id_of(one), error) for one in envelopes]
    judged = [one if one.id is None else Deferred(one.id, error, _UNTIL_A_LIST_S) for one in away]
    return Judgement(away, judged, brought_by, now)


def _id_of(wire: Envelope) -> EnvelopeId | None:
    return EnvelopeId(hashlib.sha256(wire.header).digest()) if wire.header else None


def _road_end(wire: Envelope, sender: MemberId) -> MemberId:
    """Return who brought an envelope by the road that its header names; the steps refuse what is no envelope."""
    try:
        via = parse_envelope(wire, now=None).header.address.road.via
    except EnvelopeError:
        return sender
    return sender if via == DIRECT else MemberId(via)


def _name(vouched: Vouched, finding: Finding) -> Judged:
    """Return a finding that says which envelope it is about."""
    return Deferred(vouched.envelope.id, finding) if isinstance(finding, StaleTrustError) else finding


def _doubt(checked: Vouched | TurnedAway, split: Collection[HeadName]) -> TurnedAway | None:
    """Turn mail away whose sender's log contradicts itself."""
    if isinstance(checked, TurnedAway) or name_of(checked.head) not in split:
        return None
    error = EvidenceError("the sender's log contradicts itself", reason=SPLIT_LOG)
    return TurnedAway(checked.envelope.id, error)


def _statuses(outcome: Outcome) -> list[StreamStatus]:
    late = [(d.id, d.error, d.retry_s) for d in outcome.deferred]
    away = [(t.id, t.error, 0) for t in outcome.turned_away]
    return [
        StreamStatus(envelope_id=name, code=error.code, retry_after_seconds=seconds)
        for name, error, seconds in (*late, *away)
    ]
