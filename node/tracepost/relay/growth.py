"""Questions whether a log only grows, and their answers: our own, and those that members ask of one another.

A question about our log is answered here. One about a member's log goes to that member's stream, naming who
asked; the member's answer goes back to who asked. What reaches nobody is forgotten: it is asked again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection

from tracepost.protocol.errors import EvidenceError, InvalidInputError
from tracepost.protocol.evidence import Contradiction, ContradictionFound, peek_head, prepare_line
from tracepost.protocol.ids import MemberId
from tracepost.relay.heads import HeadBook, keep_contradictions
from tracepost.relay.store import RelayStore
from tracepost.relay.streams import Switchboard
from tracepost.serving.frames import FrameQueue
from tracepost.serving.storage.evidence_store import LogStore
from tracepost.wire.v1.post_pb2 import ConsistencyProof, ConsistencyRequest, Frame

_log = structlog.get_logger()

PASSED_ON_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Growth:
    """One per relay; used on the event loop."""

    own: MemberId
    store: RelayStore
    heads: HeadBook
    switchboard: Switchboard
    clock: Callable[[], int]
    meet_own: Callable[[str], None] = lambda _: None
    """Takes heads that others say are of our own log."""

    def pass_on(self, frame: Frame, member: MemberId, outgoing: FrameQueue) -> None:
        """Answer, or pass on, what a frame of `member` asks and answers."""
        for wanted in frame.consistency_wanted[:PASSED_ON_AT_ONCE]:
            if wanted.member == self.own:
                self.meet_own(wanted.checkpoint)
                _put_answer(outgoing, wanted, self.store.log)
            else:
                self._pass_question(wanted, member)
        for proof in frame.consistency:
            if proof.HasField("for_member") and proof.member == member:
                self._pass_answer(proof)

    async def keep_found(self) -> None:
        """Store the contradictions that were found in logs, and say so in our own."""
        found = self.heads.take_found()
        if found:
            _log.error("log-contradicts-itself", origins=[origin for origin, _ in found])
            await self.store.write(partial(self._keep, found=found), label="contradiction")

    def _keep(self, connection: Connection, found: Iterable[tuple[str, Contradiction]]) -> None:
        now = self.clock()
        entries = [
            ContradictionFound(sha256=digest, artefact=data, time=now)
            for digest, data in keep_contradictions(connection, found, now)
        ]
        self.store.log.append(connection, [prepare_line(one, os.urandom) for one in entries])

    def _pass_question(self, wanted: ConsistencyRequest, asked_by: MemberId) -> None:
        passed = ConsistencyRequest()
        passed.CopyFrom(wanted)
        passed.for_member = asked_by
        self.switchboard.tell(MemberId(wanted.member), lambda line: line.put_question(passed))

    def _pass_answer(self, proof: ConsistencyProof) -> None:
        passed = ConsistencyProof()
        passed.CopyFrom(proof)
        passed.ClearField("for_member")
        self.switchboard.tell(MemberId(proof.for_member), lambda line: line.put_consistency(passed))


def _put_answer(outgoing: FrameQueue, wanted: ConsistencyRequest, log: LogStore) -> None:
    try:
        asked = peek_head(wanted.checkpoint)
        if asked.origin == peek_head(log.head.note).origin and asked.size != wanted.old_size:
            outgoing.put_consistency(log.prove_consistency(wanted.old_size, asked.size))
    except (EvidenceError, InvalidInputError):
        return  # another log, or longer than ours is
