"""Our own log's heads given to witnesses: relays, and nodes that can be dialled, cosign those of nodes and relays.

Every five seconds at most, when the log has grown, each witness is given the newest head with the proof that it
continues the one that the witness holds (C2SP tlog-witness, over `Witness.AddCheckpoint`). Where one answers slowly,
all wait longer for the next (`serving.pace`): two kilobytes and a half every five seconds would fill a thin line. A
witness that holds another head answers which; the next try begins there. What witness keys of the trust list sign is
shown beside the head, or, where the settings name some, what those sign; signatures of other keys count for nothing.
Too few of them: it is told, and the node goes on. A witness that finds that our log does not continue what it holds:
the node asks what others hold, and stops if it is so.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from tracepost.protocol.errors import EvidenceError, LogBehindError, TracepostError
from tracepost.protocol.evidence import Cosignature, LogVerifier, Submission, WitnessReply
from tracepost.protocol.ids import MemberId
from tracepost.serving.own_head import ANSWER_WITHIN_S, Place, ShownHead
from tracepost.serving.pace import rest_after
from tracepost.wire.v1.post_pb2 import ConsistencyProof

_log = structlog.get_logger()

EVERY_S = 5.0
SLOWLY_S = 300.0
AGAIN_S = 600.0
"""Also a head that has not grown is given again: a witness that was away cosigns it, and its clock is seen."""

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


@dataclass(frozen=True, slots=True)
class Panel:
    """Whose cosignatures count, beside the keys of our own log, and how many of them are wanted."""

    verifier: LogVerifier
    quorum: int


class GrowingLog(Protocol):
    """Our log, as far as witnesses are told of it. Safe from any thread."""

    @property
    def head(self) -> ShownHead:
        """The newest head."""

    def prove_consistency(self, old_size: int, size: int) -> ConsistencyProof:
        """Return the proof that the head of `size` continues that of `old_size`."""


class Witnessed:
    """One per process; used on the event loop."""

    def __init__(
        self,
        evidence: GrowingLog,
        panel: Callable[[], Panel],
        *,
        submit: Submit,
        doubt: Callable[[], Awaitable[None]],
        clock: Callable[[], int] = lambda: int(time.time()),
        least_s: float | None = None,
    ) -> None:
        """Ask `panel` each time whose word counts now; `doubt` looks what others hold of our log."""
        self._evidence = evidence
        self._panel = panel
        self._submit = submit
        self._doubt = doubt
        self._held: dict[Place, int] = {}
        self._tried = -1
        self._slowest = 0.0
        self._least_s = least_s
        self._clock = clock
        self.newest = WitnessedHead(0, "", ())
        self.short_since = 0
        self.clock_offsets: dict[MemberId, int] = {}

    @property
    def is_short(self) -> bool:
        """Whether fewer witnesses than the quorum cosigned the newest head that was given to them."""
        return self._tried > 0 and len(self.newest.witnesses) < self.quorum

    @property
    def rest_s(self) -> float:
        """How long the witnesses are left alone now, in seconds."""
        return rest_after(self._slowest, EVERY_S if self._least_s is None else self._least_s, SLOWLY_S)

    @property
    def quorum(self) -> int:
        """How many witnesses are to cosign each head."""
        return self._panel().quorum

    async def run(self, places: Callable[[], Sequence[Place]]) -> None:
        """Give heads to witnesses until cancelled; raise `LogBehindError` if ours is not the log that they hold."""
        given = -AGAIN_S
        while True:
            now = time.monotonic()
            if self._evidence.head.size != self._tried or now - given >= AGAIN_S:
                given = now
                await self._give_or_tell(places())
            await asyncio.sleep(self.rest_s)

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
        self._tried, self._slowest = head.size, 0.0
        answers = await asyncio.gather(*(self._ask(place, head.note, head.size) for place in places))
        verifier, note = self._panel().verifier, head.note
        known: list[Cosignature] = []
        # One by one: what one of them signs wrongly must not take away, or hide the lack of, what others sign.
        for lines in filter(None, answers):
            found = _cosignatures(verifier, head.note + lines)
            known += found
            note = _joined(verifier, note, lines) if found else note
        self.newest = WitnessedHead(head.size, note, tuple(known))
        self.short_since = (self.short_since or self._clock()) if self.is_short else 0
        if self.is_short:
            _log.warning("quorum-missing", count=len(self.newest.witnesses), size=head.size)

    async def _ask(self, place: Place, note: str, size: int) -> str:
        """Return the signature lines of one witness; empty, if it gave none."""
        for _ in range(2):
            began = time.monotonic()
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    reply = await self._submit(place, self._submission(place, note, size))
            except (TracepostError, TimeoutError):
                return ""
            self._slowest = max(self._slowest, time.monotonic() - began)
            if reply.status == 200:
                self._held[place] = size
                self._see_clock(place[0], reply.body)
                return reply.body.decode("utf-8", "replace")
            if reply.status != 409 or not await self._take_size(place, reply, size):
                break
        if reply.status in (409, 422):
            _log.warning("witness-objects", member=place[0], status=reply.status, size=size)
            await self._doubt()
        return ""

    def _see_clock(self, witness: MemberId, lines: bytes) -> None:
        """Note by how much the clock of who cosigned is ahead of ours; the connection proves who it was."""
        times = [at for line in lines.splitlines() if (at := _time_of(line)) is not None]
        if times:
            self.clock_offsets[witness] = max(times) - self._clock()

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


def _cosignatures(verifier: LogVerifier, note: str) -> tuple[Cosignature, ...]:
    """Return what counts of the lines of one witness; nothing, if one of them does not hold."""
    try:
        return verifier.open(note).cosignatures
    except EvidenceError as error:
        _log.warning("cosignature-doubted", reason=error.reason)
        return ()


def _joined(verifier: LogVerifier, note: str, lines: str) -> str:
    """Return a note with these lines too, if it has room for them: keys that no quantum computer forges sign long."""
    try:
        verifier.open(note + lines)
    except EvidenceError:
        return note
    return note + lines


def _time_of(line: bytes) -> int | None:
    """Return when a cosignature line says that it was made: the eight bytes behind the key's four."""
    try:
        signature = base64.b64decode(line.rsplit(b" ", 1)[-1], validate=True)
    except binascii.Error:
        return None
    return int.from_bytes(signature[4:12]) if len(signature) > 12 else None
