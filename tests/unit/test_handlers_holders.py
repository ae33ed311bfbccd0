"""Withdrawals and corrections go where the data went; who has not confirmed is listed, and no more is claimed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.message import Message

from fakes import messages as m
from fakes.house import NO_CONTEXT, Street, draft, open_street
from fakes.notices import flow
from tracepost.protocol.errors import InvalidInputError
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2, terms_pb2

NO_ONWARD_RELEASE = terms_pb2.Restriction(code="RESTRICTION_CODE_NO_ONWARD_RELEASE")
HOLDS, ASKED = onward_pb2.HOLDER_STATE_HOLDS, onward_pb2.HOLDER_STATE_ASKED
DELETED, KEPT = onward_pb2.HOLDER_STATE_DELETED, onward_pb2.HOLDER_STATE_KEPT_BY_LAW


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac") as street:
        yield street


async def say(street: Street, name: str, content: Message, *to: str, case: str = "", **more: object) -> str:
    """Say something, let it arrive, and return the digest of it."""
    [told] = await street[name].submit(draft(content, to=to, case=case, desk="police", **more))
    assert not told.HasField("problem"), told.problem
    await street.carry()
    street.clock.now += 1
    return told.statement


async def case_of(street: Street, *, bound: bool = False) -> tuple[str, str]:
    """XAA asks XAB, which shows it to XAC; return the case and the request."""
    request = m.request("T-1", referral_consents=["xac"])
    restrictions = [NO_ONWARD_RELEASE] if bound else []
    [sent] = await street["xaa"].submit(draft(request, to=["xab"], restrictions=restrictions))
    await street.carry()
    await pass_on(street, sent.thread, sent.statement)
    return sent.thread, sent.statement


async def pass_on(street: Street, case: str, statement: str) -> str:
    share = share_pb2.Share(reason="SHARE_REASON_CASE")
    chosen = [onward_pb2.ShareChoice(statement=statement)]
    return await say(street, "xab", share, "xac", case=case, shared=chosen)


async def listed(street: Street, name: str, case: str) -> onward_pb2.ListHoldersResponse:
    request = onward_pb2.ListHoldersRequest(case=case)
    return await street[name].as_officer().ListHolders(request, NO_CONTEXT)


async def states(street: Street, name: str, case: str) -> dict[str, int]:
    """Return how each holder of what XAA wrote stands, as `name` knows it."""
    found = (await listed(street, name, case)).holders
    return {one.member: one.state for one in found if one.of_member == "xaa"}


async def held(street: Street, name: str) -> list[str]:
    mails = await street[name].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
    return [one.reason for one in mails.mails]


async def test_who_was_given_it_by_others_is_visible_to_its_owner(street: Street) -> None:
    case, request = await case_of(street)
    for name in ("xaa", "xab"):
        assert await states(street, name, case) == {"xab": HOLDS, "xac": HOLDS}
    [indirect] = [one for one in (await listed(street, "xaa", case)).holders if one.member == "xac"]
    assert (indirect.by_member, list(indirect.statements)) == ("xab", [request])


async def test_what_a_member_holds_is_listed_over_all_cases(street: Street) -> None:
    """Who is wound up, or to be asked: what it was sent, shown by us, and shown by others who told of it."""
    case, request = await case_of(street)
    told = await say(street, "xaa", flow(), "xac")
    for name, digests in (("xaa", {request, told}), ("xab", {request}), ("xac", {request, told})):
        asked = onward_pb2.ListHoldersRequest(held_by="xac")
        found = (await street[name].as_officer().ListHolders(asked, NO_CONTEXT)).holders
        assert {one.member for one in found} == {"xac"}
        assert {digest for one in found for digest in one.statements} == digests
        assert case in {one.thread for one in found}
    for wrong in (onward_pb2.ListHoldersRequest(), onward_pb2.ListHoldersRequest(case=case, held_by="xac")):
        with pytest.raises(InvalidInputError):
            await street["xaa"].as_officer().ListHolders(wrong, NO_CONTEXT)


@pytest.mark.parametrize("bound", [False, True])
async def test_a_withdrawal_is_passed_on_once_and_everybody_confirms(street: Street, bound: bool) -> None:
    case, _ = await case_of(street, bound=bound)
    withdrawal = await say(street, "xaa", m.withdrawal(), "xab", case=case)
    assert await states(street, "xaa", case) == {"xab": ASKED, "xac": ASKED}
    [task] = (await listed(street, "xab", case)).to_pass_on
    assert (task.statement, task.from_member, task.to_member) == (withdrawal, "xaa", "xac")
    await pass_on(street, case, withdrawal)
    assert not (await listed(street, "xab", case)).to_pass_on
    assert await held(street, "xac") == []

    deleted = m.withdrawal("DELETED", deleted_at="2030-01-01T10:00:00Z")
    await say(street, "xac", deleted, "xab", "xaa", case=case)
    assert await held(street, "xaa") == []
    assert await states(street, "xaa", case) == {"xab": ASKED, "xac": DELETED}
    kept = m.withdrawal("KEPT_BY_LAW", kept_under="Archives Act", passed_on_to=["xac"])
    await say(street, "xab", kept, "xaa", case=case)
    assert await states(street, "xaa", case) == {"xab": KEPT, "xac": DELETED}
    [line] = [one for one in (await listed(street, "xaa", case)).holders if one.member == "xab"]
    assert line.kept_under == "Archives Act"


async def test_a_correction_is_passed_on_to_whom_the_corrected_was(street: Street) -> None:
    case, request = await case_of(street)
    amendment = await say(street, "xaa", m.amendment(request), "xab", case=case)
    [task] = (await listed(street, "xab", case)).to_pass_on
    assert (task.statement, task.kind, task.to_member) == (amendment, "trace.amendment/1", "xac")
    await pass_on(street, case, amendment)
    assert not (await listed(street, "xab", case)).to_pass_on


@pytest.mark.parametrize("passed_on", [True, False])
async def test_a_correction_of_a_correction_is_passed_on_to_whom_the_first_was_given(
    street: Street, passed_on: bool
) -> None:
    case, request = await case_of(street)
    first = await say(street, "xaa", m.amendment(request), "xab", case=case)
    if passed_on:
        await pass_on(street, case, first)
    second = await say(street, "xaa", m.amendment(first), "xab", case=case)
    tasks = {one.statement: one.to_member for one in (await listed(street, "xab", case)).to_pass_on}
    assert tasks == {second: "xac"} | ({} if passed_on else {first: "xac"})


async def test_a_withdrawal_is_passed_on_to_who_was_given_a_correction_alone(street: Street) -> None:
    [sent] = await street["xaa"].submit(draft(m.request("T-1", referral_consents=["xac"]), to=["xab"]))
    await street.carry()
    amendment = await say(
        street, "xaa", m.amendment(sent.statement, referral_consents=["xac"]), "xab", case=sent.thread
    )
    await pass_on(street, sent.thread, amendment)
    assert await states(street, "xaa", sent.thread) == {"xab": HOLDS, "xac": HOLDS}
    withdrawal = await say(street, "xaa", m.withdrawal(), "xab", case=sent.thread)
    [task] = (await listed(street, "xab", sent.thread)).to_pass_on
    assert (task.statement, task.to_member) == (withdrawal, "xac")


async def test_nothing_is_to_be_passed_on_where_nothing_was(street: Street) -> None:
    [sent] = await street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
    await street.carry()
    await say(street, "xaa", m.withdrawal(), "xab", case=sent.thread)
    assert not (await listed(street, "xab", sent.thread)).to_pass_on


async def test_who_was_given_nothing_confirms_nothing(street: Street) -> None:
    [sent] = await street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
    await street.carry()
    deleted = m.withdrawal("DELETED", deleted_at="2030-01-01T10:00:00Z")
    [told] = await street["xab"].submit(draft(deleted, to=["xac"], case=sent.thread))
    assert not told.HasField("problem")
    await street.carry()
    assert await held(street, "xac") == ["unknown-request"]
