"""Messages on their way through a small real network, of which one process dies at a write.

The points are before and after each write on the way of a message, in the order in which a message
passes them. "before" is before COMMIT, "after" is after COMMIT was acknowledged, "told" is after the
head was signed and before anybody hears of it.

    direct    sender                 submit            1 before    2 after    3 told
              receiver               receive           4 before    5 after    6 told
              sender                 settle-receipt    7 before    8 after    9 told
    by relay  sender                 submit           10 before   11 after   12 told
              relay                  custody          13 before   14 after   15 told
              sender                 settle-custody   16 before   17 after   18 told
              receiver               receive          19 before   20 after   21 told
              relay                  receipt          22 before   23 after   24 told
              sender                 settle-receipt   25 before   26 after   27 told
              relay                  forget           28 before   29 after   30 told

Whoever is to die runs in a process of its own, which sends itself SIGKILL at the point; the others run here. A first
message goes all the way. Of a burst of three, the first to reach the point brings the process down; it is started
again without a fault, the client says everything once more under the same keys, and one thing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from fakes.canaries import ITEM, Mint, plant
from fakes.reckoning import Voyage, is_quiet
from fakes.town import Town, until
from tracepost.protocol.errors import TracepostError
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2, weapon_pb2

MOMENTS = {"before": "before-commit", "after": "after-commit", "told": "after-sign"}
DIRECT = Voyage("xaa", "xab", "", tuple(f"KILL-{number}" for number in range(5)))
RELAYED = Voyage("xaa", "xac", "hub", DIRECT.file_numbers)

_PATH = (
    (DIRECT, "xaa", "submit"),
    (DIRECT, "xab", "receive"),
    (DIRECT, "xaa", "settle-receipt"),
    (RELAYED, "xaa", "submit"),
    (RELAYED, "hub", "custody"),
    (RELAYED, "xaa", "settle-custody"),
    (RELAYED, "xac", "receive"),
    (RELAYED, "hub", "receipt"),
    (RELAYED, "xaa", "settle-receipt"),
    (RELAYED, "hub", "forget"),
)


@dataclass(frozen=True)
class Point:
    """Where a process dies."""

    number: int
    voyage: Voyage
    victim: str
    write: str
    when: str

    @property
    def fault(self) -> str:
        """As `fakes.fault_main` takes it: the first message passes, the second does not."""
        return f"{MOMENTS[self.when]}:{self.write}:2"

    def __str__(self) -> str:
        return f"{self.number:02}-{self.voyage.via or 'direct'}-{self.victim}-{self.write}-{self.when}"


_NUMBERS = count(1)
POINTS = [
    Point(next(_NUMBERS), voyage, victim, write, when) for voyage, victim, write in _PATH for when in MOMENTS
]


async def sail(town: Town, point: Point, mint: Mint, *, broken: str = "") -> list[desk_pb2.Submission]:
    """Send all messages of the voyage, with the death of one process among them; return what was told."""
    voyage, victim = point.voyage, town.process(point.victim)
    first, *burst, last = [make_draft(number, voyage.receiver, mint) for number in voyage.file_numbers]
    try:
        await victim.start(fault=point.fault, broken=broken)
        async with town.running(*(m for m in voyage.members if m != point.victim)):
            await town.unlock(voyage.sender)
            told = await submit(town, voyage, [first])
            await arrive(town, voyage, 1)
            saying = asyncio.create_task(submit(town, voyage, burst))
            await victim.killed()
            told += await saying
            await victim.start()
            await town.unlock(voyage.sender)
            again = await submit(town, voyage, [first, *burst, last])
            assert len(again) == len(voyage.file_numbers)
            if not broken:
                await arrive(town, voyage, len(voyage.file_numbers))
    finally:
        victim.abandon()
    check_the_same_answers(told, again)
    return again


async def submit(town: Town, voyage: Voyage, drafts: Sequence[desk_pb2.Draft]) -> list[desk_pb2.Submission]:
    """Submit drafts side by side; return what was answered of those that were."""
    async with town.client(voyage.sender) as officer:
        answers = await asyncio.gather(*map(officer.submit, drafts), return_exceptions=True)
    assert all(isinstance(one, desk_pb2.Submission | TracepostError) for one in answers), answers
    return [one for one in answers if isinstance(one, desk_pb2.Submission)]


async def arrive(town: Town, voyage: Voyage, number: int) -> None:
    """Wait until so many messages are delivered, and nobody owes anybody anything."""
    await until(lambda: is_quiet(town, voyage, number), f"{number} messages to arrive")


def check_the_same_answers(told: Sequence[desk_pb2.Submission], again: Sequence[desk_pb2.Submission]) -> None:
    """What was answered once is answered in the same words under the same key."""
    by_key = {one.idempotency_key: one for one in again}
    for one in told:
        assert by_key[one.idempotency_key] == one


def make_draft(file_number: str, to: str, mint: Mint) -> desk_pb2.Draft:
    """Return a request with canaries in it, under a key of its own."""
    request = trace_pb2.TraceRequest(
        file_number=file_number,
        items=[weapon_pb2.Item(id=ITEM)],
        illicit_grounds=[weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW],
        urgency=trace_pb2.URGENCY_ROUTINE,
        guarantees_restrictions=True,
    )
    parts = plant(request, mint)
    cover = Cover(
        to=(to,),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        parts=tuple(parts),
        idempotency_key=f"key-{file_number}",
    )
    return build_draft(request, cover)
