"""The gap report says of each number one thing, and of all of them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fakes.house import House, Street, draft, open_street
from fakes.messages import request
from tracepost.node.post.gaps import _complete, _without, list_gaps
from tracepost.protocol.ids import MemberId
from tracepost.wire.v1 import delivery_pb2

NEVER, NO_CUSTODY, CUSTODY, DELIVERED, NOT_ARRIVED, NOT_KNOWN = (
    "NEVER_ASSIGNED", "ASSIGNED_NO_CUSTODY", "CUSTODY_NOT_DELIVERED", "DELIVERED", "NOT_ARRIVED", "NOT_KNOWN",
)  # fmt: skip
Told = list[tuple[str, str, list[tuple[int, int, str]]]]


async def told(house: House, member: str | None = None) -> Told:
    named = MemberId(member) if member else None
    found = await house.store.read(lambda tx: list_gaps(tx, house.member, named))
    return [
        (
            road.from_member,
            road.via,
            [
                (
                    run.first,
                    run.last,
                    delivery_pb2.NumberStanding.Name(run.standing).removeprefix("NUMBER_STANDING_"),
                )
                for run in road.runs
            ],
        )
        for road in found.roads
    ]


async def submit(street: Street, *numbers: str) -> None:
    for number in numbers:
        await street["xaa"].submit(draft(request(number), to=["xab"]))


async def test_each_number_is_in_one_of_four_states_at_its_sender(tmp_path: Path) -> None:
    async with open_street(tmp_path, "xaa", "xab", relays=["hub"]) as street:
        xaa, xab = street["xaa"], street["xab"]
        xaa.roads["xab"] = "hub"
        assert await told(xaa) == []
        await submit(street, "T-1", "T-2", "T-3", "T-4")
        first, second, third, _ = await street.queued(xaa)
        receipts = [*(await xab.mailroom.receive([first, third], MemberId("hub"))).receipts]
        await street.settle(xaa, [*receipts, street._custody(second, "hub")], "hub")
        runs = [(1, 1, DELIVERED), (2, 2, CUSTODY), (3, 3, DELIVERED), (4, 4, NO_CUSTODY), (5, 0, NEVER)]
        assert await told(xaa) == [("xaa", "hub", runs)]
        assert await told(xaa, "xab") == [("xaa", "hub", runs)]
        assert await told(xab) == [
            ("xaa", "hub", [(1, 1, DELIVERED), (2, 2, NOT_ARRIVED), (3, 3, DELIVERED), (4, 0, NOT_KNOWN)])
        ]


@given(st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)), st.integers(0, 30))
def test_every_number_up_to_the_last_is_told_once_and_as_it_is(
    no_custody: set[int], custody: set[int], last: int
) -> None:
    one, other = delivery_pb2.NUMBER_STANDING_ASSIGNED_NO_CUSTODY, delivery_pb2.NUMBER_STANDING_DELIVERED
    kept = delivery_pb2.NUMBER_STANDING_CUSTODY_NOT_DELIVERED
    standing = {n: one for n in no_custody if n <= last} | {n: kept for n in custody if n <= last}
    runs = list(_complete([(n, n, standing[n]) for n in sorted(standing)], last))
    spread = [(n, how) for first, end, how in runs for n in range(first, (end or 0) + 1)]
    assert spread == [(n, standing.get(n, other)) for n in range(1, last + 1)]
    assert all(a[2] != b[2] for a, b in pairwise(runs))


@given(st.integers(1, 20), st.integers(0, 20), st.sets(st.integers(1, 25)))
def test_what_was_refused_is_no_gap(first: int, last: int, refused: set[int]) -> None:
    missing = [n for start, end, _ in _without(first, last, refused) for n in range(start, (end or 0) + 1)]
    assert missing == [n for n in range(first, last + 1) if n not in refused]
