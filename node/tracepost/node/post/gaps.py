"""What became of each number between us and others: the gap report.

Of our own mail our store knows each number, and says exactly one of five things: never assigned; assigned, and
no relay said that it keeps it; the same, and it went in a pouch; kept by a relay, and not delivered; delivered, which
is the addressee's word and be it a refusal. It does not claim to tell what was lost from what was kept back on a
direct road.

Of mail to us we know what arrived, and by the sender's watermarks (`marking`) what was given: what was given
and did not come; and that what lies beyond the newest mark was never given, at the time of the mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Final

from tracepost.node.ports.store import Tx
from tracepost.protocol.envelope import Lane
from tracepost.protocol.evidence import Received, parse_entry
from tracepost.protocol.ids import MemberId
from tracepost.wire.v1 import delivery_pb2

RUNS_LIMIT: Final = 50_000

_RoadKey = tuple[MemberId, str, Lane, int]
_Run = tuple[int, int | None, int]
"""First and last number (None: all beyond) and how they stand."""

_NEVER: Final = delivery_pb2.NUMBER_STANDING_NEVER_ASSIGNED
_NO_CUSTODY: Final = delivery_pb2.NUMBER_STANDING_ASSIGNED_NO_CUSTODY
_CUSTODY: Final = delivery_pb2.NUMBER_STANDING_CUSTODY_NOT_DELIVERED
_IN_POUCH: Final = delivery_pb2.NUMBER_STANDING_IN_POUCH
_DELIVERED: Final = delivery_pb2.NUMBER_STANDING_DELIVERED
_NOT_ARRIVED: Final = delivery_pb2.NUMBER_STANDING_NOT_ARRIVED
_NOT_KNOWN: Final = delivery_pb2.NUMBER_STANDING_NOT_KNOWN


def list_gaps(tx: Tx, us: MemberId, member: MemberId | None) -> delivery_pb2.ListGapsResponse:
    """Return the report about one member, or about all."""
    given, ours_cut = _of_ours(tx, member)
    taken, theirs_cut = _of_theirs(tx, us, member)
    roads = [_render((us, key[0]), key, runs) for key, runs in given.items()]
    roads += [_render((key[0], us), key, runs) for key, runs in taken.items()]
    return delivery_pb2.ListGapsResponse(roads=roads, cut_off=ours_cut or theirs_cut or None)


def _of_ours(tx: Tx, member: MemberId | None) -> tuple[dict[_RoadKey, list[_Run]], bool]:
    open_ones = tx.numbers.unanswered(member, RUNS_LIMIT)
    by_road: dict[_RoadKey, list[_Run]] = {}
    for queue, epoch, number in open_ones:
        standing = _CUSTODY if number.kept else _IN_POUCH if number.pouched else _NO_CUSTODY
        key = (queue.to_member, queue.via, queue.lane, epoch)
        by_road.setdefault(key, []).append((number.seq, number.seq, standing))
    given = tx.numbers.given(member)
    runs = {
        key: [*_complete(by_road.get(key, []), last), (last + 1, None, _NEVER)] for key, last in given.items()
    }
    return runs, len(open_ones) == RUNS_LIMIT


def _of_theirs(tx: Tx, us: MemberId, member: MemberId | None) -> tuple[dict[_RoadKey, list[_Run]], bool]:
    taken, refused = tx.numbers.taken(member), _refused(tx, member)
    holes = tx.numbers.holes(member, RUNS_LIMIT)
    by_road: dict[_RoadKey, list[_Run]] = {}
    for key, first, last in holes:
        by_road.setdefault(key, []).extend(_without(first, last, refused.get(key, set())))
    marked = {
        (mark.from_member, mark.via, mark.lane, mark.epoch): mark.seq
        for mark in tx.numbers.marks(member)
        if mark.to_member == us
    }
    runs = {}
    for key in sorted({*taken, *refused, *marked}, key=lambda key: (key[0], key[1], -key[2], key[3])):
        answered = refused.get(key, set())
        last = max([taken.get(key, 0), marked.get(key, 0), *answered])
        missing = [*by_road.get(key, []), *_without(taken.get(key, 0) + 1, last, answered)]
        end = _NEVER if marked.get(key) == last else _NOT_KNOWN
        runs[key] = [*_complete(missing, last), (last + 1, None, end)]
    return runs, len(holes) == RUNS_LIMIT


def _refused(tx: Tx, member: MemberId | None) -> dict[_RoadKey, set[int]]:
    """Return the numbers of mail that we refused: our log tells them."""
    found: dict[_RoadKey, set[int]] = {}
    for line in tx.log.lines(tx.numbers.refused(member)).values():
        entry = parse_entry(line.preimage)
        assert isinstance(entry, Received)
        key = (entry.from_member, entry.via, entry.lane, entry.epoch)
        found.setdefault(key, set()).add(entry.seq)
    return found


def _without(first: int, last: int, answered: set[int]) -> Iterator[_Run]:
    """Yield the runs of `first` to `last` that are not among `answered`."""
    for one in sorted(number for number in answered if first <= number <= last):
        if first < one:
            yield first, one - 1, _NOT_ARRIVED
        first = one + 1
    if first <= last:
        yield first, last, _NOT_ARRIVED


def _complete(open_runs: Iterable[_Run], last: int) -> Iterator[_Run]:
    """Yield all numbers up to `last`: the given runs, joined where they are alike, and delivered between them."""
    next_one = 1
    for first, end, standing in _joined(open_runs):
        if next_one < first:
            yield next_one, first - 1, _DELIVERED
        yield first, end, standing
        next_one = (end or 0) + 1
    if next_one <= last:
        yield next_one, last, _DELIVERED


def _joined(runs: Iterable[_Run]) -> Iterator[_Run]:
    numbered = ((end or first, first, standing) for first, end, standing in runs)
    alike = groupby(_with_place(numbered), key=itemgetter(0, 3))
    for (_, standing), some in alike:
        together = list(some)
        yield together[0][2], together[-1][1], standing


def _with_place(runs: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Yield each run with a number that it shares with what goes on where it ends."""
    passed = 0
    for end, first, standing in runs:
        yield first - passed, end, first, standing
        passed += end - first + 1


def _render(
    parties: tuple[MemberId, MemberId], key: _RoadKey, runs: Iterable[_Run]
) -> delivery_pb2.RoadNumbers:
    _, via, lane, epoch = key
    return delivery_pb2.RoadNumbers(
        from_member=parties[0],
        to_member=parties[1],
        via=via,
        lane=f"LANE_{lane.name}",
        epoch=epoch,
        runs=[
            delivery_pb2.NumberRun(
                first=first, last=last, standing=delivery_pb2.NumberStanding.Name(standing)
            )
            for first, last, standing in runs
        ],
    )
