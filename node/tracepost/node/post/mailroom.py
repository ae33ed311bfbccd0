"""Where mail for us comes in: judge each envelope, keep what holds in one commit, then answer.

    frame → steps 1-4 (is it theirs) → steps 5-12 (does it hold) → answered before? → one commit → receipts

The receipt is the proof of our log entry, made after the commit was acknowledged and the head
signed. What may succeed later is a status; what nobody vouches for gets neither.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.admittance import Admittance
from tracepost.node.post.allowances import Allowances
from tracepost.node.post.continuity import SPLIT_LOG, UNPROVED, Continuity, HeadName, name_of
from tracepost.node.post.entering import enter_again
from tracepost.node.post.examination import Finding, NodeKeys, Vouched, check_sending, open_envelopes
from tracepost.node.post.reception import Deferred, Judged, Outcome, Reception, TurnedAway
from tracepost.protocol.errors import (
    BusyError,
    EvidenceError,
    QuotaError,
    StaleTrustError,
    TheirFault,
    TheRoad,
)
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Receipt, StreamStatus


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back for a frame of envelopes."""

    receipts: list[Receipt]
    statuses: list[StreamStatus]


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

    async def receive(self, envelopes: Sequence[Envelope], brought_by: MemberId) -> Reply:
        """Judge, keep and answer `envelopes`, which the verified peer `brought_by` brought."""
        return await self.answer(await self.judge(envelopes, brought_by))

    async def judge(self, envelopes: Sequence[Envelope], brought_by: MemberId) -> Judgement:
        """Look at `envelopes`, which the verified peer `brought_by` brought; nothing is kept yet."""
        return await asyncio.to_thread(self._judge, envelopes, brought_by, self._clock())

    async def answer(self, judgement: Judgement) -> Reply:
        """Keep what holds of a judgement in one commit; return the receipts for it."""
        outcome = await self._keep(judgement)
        return Reply(await self._receipts(judgement.checked, outcome), _statuses(outcome))

    def _judge(self, envelopes: Sequence[Envelope], brought_by: MemberId, now: int) -> Judgement:
        checked = [self._check(e, brought_by, now) for e in envelopes]
        admitted = [c if isinstance(c, TurnedAway) else self._admit(c) for c in checked]
        vouched = [c for c in admitted if isinstance(c, Vouched)]
        opened = iter(open_envelopes(vouched, self._keys(), self._papers, now))
        judged = [_name(c, next(opened)) if isinstance(c, Vouched) else c for c in admitted]
        return Judgement(checked, judged, brought_by, now)

    def _admit(self, vouched: Vouched) -> Vouched | Deferred:
        """Put mail off of members that are blocked here, or bring more than they may; it comes again."""
        sender, id_ = vouched.envelope.header.from_member, vouched.envelope.id
        if self._admittance is not None and not self._admittance.admits(sender):
            closed = BusyError("no mail is taken now", reason="closed")
            return Deferred(id_, closed, self._admittance.come_back_s())
        wait = self._allowances.take(sender, len(vouched.envelope.body)) if self._allowances else 0
        if wait:
            return Deferred(id_, QuotaError("more mail than agreed in a minute", reason="rate"), wait)
        return vouched

    def _check(self, wire: Envelope, brought_by: MemberId, now: int) -> Vouched | TurnedAway:
        try:
            return check_sending(wire, brought_by=brought_by, us=self._us, papers=self._papers, now=now)
        except (TheirFault, TheRoad) as error:
            return TurnedAway(
                EnvelopeId(hashlib.sha256(wire.header).digest()) if wire.header else None, error
            )

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

        return await self._store.write(take, label="receive")

    async def _enter_again(self, outcome: Outcome) -> dict[EnvelopeId, int]:
        """Say again in our log what one of ours said that ended: nobody acts on its heads any more."""
        first = self._store.evidence.first_number
        old = {one: answer.log_number for one, answer in outcome.answers.items() if answer.log_number < first}
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
        entered = await self._enter_again(outcome)
        numbers = [entered.get(c.id, outcome.answers[c.id].log_number) for c in answered]
        if not numbers:
            return []
        earlier = [n for n in numbers if n not in outcome.lines]
        lines = outcome.lines | (await self._store.read(lambda tx: tx.log.lines(earlier)) if earlier else {})
        proofs = await asyncio.to_thread(lambda: self._store.evidence.prove([(n, lines[n]) for n in numbers]))
        return [
            Receipt(envelope_id=c.id, from_member=self._us, to_member=c.header.from_member, proof=proof)
            for c, proof in zip(answered, proofs, strict=True)
        ]


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
