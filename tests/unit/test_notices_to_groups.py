"""What is told unasked to several members: one statement, sealed to each, its body encrypted anew for each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.message import Message

from fakes import notices as n
from fakes.adversary import Forger
from fakes.house import NO_CONTEXT, POC, Street, draft, open_street
from tracepost.cli.words import coded
from tracepost.node.handlers.rules import RULES
from tracepost.protocol.envelope import parse_header
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import ThreadId
from tracepost.protocol.schema import kind_of
from tracepost.protocol.statement import AUDIENCE_LIMIT
from tracepost.sdk.drafts import split_addressees
from tracepost.wire.v1 import desk_pb2, share_pb2

TOLD = ("xab", "xac", "xad")
NOTICES = [
    n.diversion(),
    n.delivery(),
    n.mandate("xac"),
    n.flow(),
    n.ballistic(),
    n.marking(),
    n.statistics(),
    n.need(),
    n.offer(),
    n.offer(contacts=[{"name": "a name"}]),
]


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", *TOLD) as street:
        yield street


async def test_each_of_a_group_gets_a_body_of_its_own_with_the_same_statement(street: Street) -> None:
    for notice in NOTICES:
        [sent] = await street["xaa"].submit(draft(notice, to=TOLD))
        assert not sent.HasField("problem"), sent.problem.words
        headers = [parse_header(one.header) for one in await street.queued(street["xaa"])]
        assert {one.to_member for one in headers} == set(TOLD)
        assert len({one.body_sha256 for one in headers}) == len(TOLD)
        await street.carry()
        for member in TOLD:
            assert await seen(street, member, sent.thread) == [(kind_of(notice), sent.statement)]


async def seen(street: Street, member: str, thread: str) -> list[tuple[str, str]]:
    """Return the kinds and digests of what a member has in effect, and that it can be read there."""
    request = desk_pb2.ShowCaseRequest(case=thread)
    view = await street[member].as_officer("police").ShowCase(request, NO_CONTEXT)
    records = await street[member].store.read(lambda tx: tx.statements.in_threads([ThreadId(thread)]))
    assert all(record.in_effect for record in records)
    return [(one.kind, one.statement) for one in view.statements]


@pytest.mark.parametrize("notice", NOTICES, ids=kind_of)
def test_every_kind_is_shown_with_its_own_rule_and_words(notice: Message) -> None:
    kind = kind_of(notice)
    assert kind in RULES
    assert coded("kind", kind) != kind


async def test_who_tells_of_a_release_is_not_thereby_in_the_case(street: Street) -> None:
    """A notice about what we wrote is taken from anybody who knows its digest; what else he writes is held."""
    [sent] = await street["xaa"].submit(draft(n.flow(), to=["xab"]))
    await street.carry()
    stranger = Forger(street["xac"], street["xaa"])
    told = share_pb2.ReleaseNotice(
        reason=share_pb2.NOTICE_REASON_ONWARD_RELEASE,
        releases=[
            {
                "statement_digest": sent.statement,
                "to_members": ["xad"],
                "carrier_digest": sent.statement,
                "released_on": "2026-01-01",
            }
        ],
    )
    digests = []
    for content in (told, n.flow()):
        signed = stranger.sign(content, thread=ThreadId(sent.thread))
        await street.deliver(street["xac"], [await stranger.post(stranger.pack(signed))], "xaa")
        digests.append(signed.digest)
    found = await street["xaa"].store.read(lambda tx: tx.statements.find(digests))
    assert [found[one].in_effect for one in digests] == [True, False]


# ── many ─────────────────────────────────────────────────────────────────────────────


async def test_one_statement_goes_to_more_than_sixteen_members(tmp_path: Path) -> None:
    """A marking practice is for everybody; the bound is that of the statement's audience."""
    others = [f"xb{chr(ord('a') + number)}" for number in range(17)]
    desks = dict.fromkeys(["xaa", *others], (POC,))
    async with open_street(tmp_path, "xaa", *others, desks=desks) as street:
        [sent] = await street["xaa"].submit(draft(n.marking(), to=others))
        assert not sent.HasField("problem"), sent.problem
        assert sorted(one.to for one in sent.dispatches) == others
        await street.carry()
        asked = desk_pb2.ShowCaseRequest(case=sent.thread)
        [shown] = (await street[others[-1]].as_officer().ShowCase(asked, NO_CONTEXT)).statements
    assert (shown.statement, sorted(shown.to)) == (sent.statement, others)


def test_more_members_than_one_statement_is_for_get_several() -> None:
    """Each group has a case of its own; the same draft again makes the same drafts, so a retry sends nothing twice."""
    names = [f"x{number:03d}" for number in range(130)]
    whole = desk_pb2.Draft(to=names, idempotency_key="k" * 80)
    some = split_addressees(whole)
    assert [len(one.to) for one in some] == [AUDIENCE_LIMIT, AUDIENCE_LIMIT, 2]
    assert [name for one in some for name in one.to] == names
    assert len({one.idempotency_key for one in some}) == 3
    assert all(len(one.idempotency_key) <= 80 for one in some)
    assert split_addressees(whole) == some
    few = desk_pb2.Draft(to=names[:AUDIENCE_LIMIT], idempotency_key="k")
    assert split_addressees(few) == [few]


def test_in_a_case_one_statement_is_for_all_or_it_is_not_sent() -> None:
    whole = desk_pb2.Draft(to=[f"x{number:03d}" for number in range(65)], thread="t")
    with pytest.raises(InvalidInputError) as refusal:
        split_addressees(whole)
    assert refusal.value.reason == "too-many-addressees"
    assert refusal.value.remedy
