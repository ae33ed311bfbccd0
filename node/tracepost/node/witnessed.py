"""Our own log's heads given to witnesses: relays, and peers that can be dialled, cosign them.

Every five seconds at most, when the log has grown, each witness is given the newest head with the proof that it
continues the one that the witness holds (C2SP tlog-witness, over `Witness.AddCheckpoint`). A witness that
holds another answers which; the next try begins there. What keys of the settings sign is shown beside the head;
signatures of other keys count for nothing. Too few of them: it is told, and the node goes on. A witness
that finds that our log does not continue what it holds: the node asks what others hold, and stops if it is so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from tracepost.node.own_head import ANSWER_WITHIN_S, Place
from tracepost.node.ports.store import Evidence
from tracepost.protocol.errors import EvidenceError, LogBehindError, TracepostError
from tracepost.protocol.evidence import Cosignature, LogVerifier, Submission, WitnessReply

_log = structlog.get_logger()

EVERY_S = 5.0

Submit = Callable[[Place, bytes], Awaitable[WitnessReply]]
"""Gives a body to a witness; raises `TracepostError`."""


@dataclass(frozen=True, slots=True)
class WitnessedHead:
    """A head of ours with the lines of the witnesses that we know; `cosignatures` are checked."""

    size: int
    note: str
    cosignatures: tuple[Cosignature, ...]

    @property
    def witnesses(self) -> frozenset[str]:
        """The names of those who cosigned; a witness with two keys is one."""
        return frozenset(one.name for one in self.cosignatures)


class Witnessed:
    """One per process; used on the event loop."""

    def __init__(
        self,
        evidence: Evidence,
        verifier: LogVerifier,
        *,
        quorum: int,
        submit: Submit,
        doubt: Callable[[], Awaitable[None]],
    ) -> None:
        """Use `verifier` with the keys of our log and of the witnesses; `doubt` looks what others hold of our log."""
        self._evidence = evidence
        self._verifier = verifier
        self._quorum = quorum
        self._submit = submit
        self._doubt = doubt
        self._held: dict[Place, int] = {}
        self._tried = -1
        self.newest = WitnessedHead(0, "", ())

    @property
    def is_short(self) -> bool:
        """Whether fewer witnesses than the quorum cosigned the newest head that was given to them."""
        return self._tried > 0 and len(self.newest.witnesses) < self._quorum

    async def run(self, places: Callable[[], Sequence[Place]]) -> None:
        """Give heads to witnesses until cancelled; raise `LogBehindError` if ours is not the log that they hold."""
        while True:
            if self._evidence.head.size != self._tried:
                await self._give_or_tell(places())
            await asyncio.sleep(EVERY_S)

    async def _give_or_tell(self, places: Sequence[Place]) -> None:
        try:
            await self.give(places)
        except LogBehindError:
            raise
        except Exception as error:  # noqa: BLE001 - a witness's fault must not end the node
            _log.error("witnessing", exc_info=error)

    async def give(self, places: Sequence[Place]) -> None:
        """Give the newest head to all witnesses, once."""
        head = self._evidence.head
        self._tried = head.size
        lines = await asyncio.gather(*(self._ask(place, head.note, head.size) for place in places))
        note = head.note + "".join(lines)
        try:
            cosignatures = self._verifier.open(note).cosignatures
        except EvidenceError as error:
            _log.warning("cosignature-doubted", reason=error.reason)
            return
        self.newest = WitnessedHead(head.size, note, cosignatures)
        if self.is_short:
            _log.warning("quorum-missing", count=len(self.newest.witnesses), size=head.size)

    async def _ask(self, place: Place, note: str, size: int) -> str:
        """Return the signature lines of one witness; empty, if it gave none."""
        for _ in range(2):
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    reply = await self._submit(place, self._submission(place, note, size))
            except (TracepostError, TimeoutError):
                return ""
            if reply.status == 200:
                self._held[place] = size
                return reply.body.decode("utf-8", "replace")
            if reply.status != 409 or not await self._take_size(place, reply, size):
                break
        if reply.status in (409, 422):
            _log.warning("witness-objects", member=place[0], status=reply.status, size=size)
            await self._doubt()
        return ""

    def _submission(self, place: Place, note: str, size: int) -> bytes:
        old = self._held.get(place, 0)
        path = self._evidence.prove_consistency(old, size).path if old else ()
        return Submission(old, tuple(path), note).encode()

    async def _take_size(self, place: Place, reply: WitnessReply, size: int) -> bool:
        """Note which head a witness holds; say whether ours may continue it."""
        try:
            held = int(reply.body)
        except ValueError:
            return False
        if not 0 <= held <= size or held == self._held.get(place, 0):
            return False
        self._held[place] = held
        return True
