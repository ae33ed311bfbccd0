"""Held mail: genuine but unexpected, without effect until an officer says so (messages.md, section 4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.adversary import Forger
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.protocol.envelope import envelope_id
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.wire.v1 import desk_pb2


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab") as street:
        yield street


async def held(house: House) -> list[desk_pb2.HeldMail]:
    return list((await house.as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)).mails)


async def decide(house: House, envelope_id: str, *, take_up: bool) -> str:
    asked = desk_pb2.DecideHeldRequest(envelope_id=envelope_id, take_up=take_up)
    return (await house.as_officer().DecideHeld(asked, NO_CONTEXT)).thread


async def show(house: House, case: str) -> desk_pb2.CaseView:
    return await house.as_officer("poc").ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


async def send_ahead(street: Street, number: str = "T-1") -> desk_pb2.Submission:
    """XAA's clock is ten minutes fast while it asks."""
    street.clock.now += 600
    [sent] = await street["xaa"].submit(draft(m.request(number), to=["xab"]))
    street.clock.now -= 600
    await street.carry()
    return sent


async def test_a_clock_ten_minutes_fast_is_held_with_its_reason(street: Street) -> None:
    sent = await send_ahead(street)
    [mail] = await held(street["xab"])
    assert (mail.reason, mail.from_member, mail.kind) == ("clock-ahead", "xaa", "trace.request/1")
    assert (mail.thread, mail.envelope_id) == (sent.thread, sent.dispatches[0].envelope_id)
    assert mail.bytes
    with pytest.raises(NotFoundError):
        await show(street["xab"], sent.thread)


async def test_its_sender_has_a_receipt_all_the_same(street: Street) -> None:
    sent = await send_ahead(street)
    [mail] = (await show(street["xaa"], sent.thread)).statements[0].dispatches
    assert mail.state == desk_pb2.MAIL_STATE_DELIVERED


async def test_taken_up_it_belongs_to_its_case(street: Street) -> None:
    sent = await send_ahead(street)
    [mail] = await held(street["xab"])
    assert await decide(street["xab"], mail.envelope_id, take_up=True) == sent.thread
    assert await held(street["xab"]) == []
    view = await show(street["xab"], sent.thread)
    assert view.statements[0].state == desk_pb2.MAIL_STATE_TAKEN_UP
    assert view.summary.state == desk_pb2.CASE_STATE_WAITING_FOR_US


async def test_the_timeline_says_that_it_was_held(street: Street) -> None:
    sent = await send_ahead(street)
    [mail] = await held(street["xab"])
    await decide(street["xab"], mail.envelope_id, take_up=True)
    asked = desk_pb2.ShowTimelineRequest(case=sent.thread)
    told = (await street["xab"].as_officer().ShowTimeline(asked, NO_CONTEXT)).events
    assert {"received", "held"} <= {e.event for e in told}


async def test_set_aside_it_is_kept_without_effect(street: Street) -> None:
    sent = await send_ahead(street)
    [mail] = await held(street["xab"])
    await decide(street["xab"], mail.envelope_id, take_up=False)
    assert await held(street["xab"]) == []
    with pytest.raises(NotFoundError):
        await show(street["xab"], sent.thread)


async def test_the_officers_word_is_in_the_audit_trail(street: Street) -> None:
    await send_ahead(street)
    [mail] = await held(street["xab"])
    await decide(street["xab"], mail.envelope_id, take_up=False)
    about = await street["xab"].store.read(lambda tx: tx.audit.about([mail.envelope_id]))
    assert [(one.event.actor, one.event.action, one.event.outcome) for one in about] == [
        ("officer-7", "set-aside", "clock-ahead")
    ]


@pytest.mark.parametrize("set_aside", [False, True])
async def test_what_comes_again_without_fault_takes_effect(street: Street, set_aside: bool) -> None:
    """Its second envelope is receipted as accepted: it must not lie here without effect for ever."""
    house, forger = street["xab"], Forger(street["xaa"], street["xab"])
    signed = forger.sign(m.request(), iat=street.clock() + 600)
    await street.deliver(street["xaa"], [await forger.post(forger.pack(signed))], "xab")
    if set_aside:
        await decide(house, (await held(house))[0].envelope_id, take_up=False)
    street.clock.now += 1200
    again = await forger.post(forger.pack(signed))
    await street.deliver(street["xaa"], [again], "xab")
    assert await held(house) == []
    view = await show(house, signed.claims.thread)
    assert view.summary.state == desk_pb2.CASE_STATE_WAITING_FOR_US
    about = await house.store.read(lambda tx: tx.audit.about([envelope_id(again.header).hex()]))
    assert [(one.event.actor, one.event.action, one.event.outcome) for one in about] == [
        ("node", "take-up", "came-again")
    ]


async def test_what_comes_again_and_is_still_unexpected_stays_held(street: Street) -> None:
    forger = Forger(street["xaa"], street["xab"])
    signed = forger.sign(m.request(), iat=street.clock() + 600)
    for _ in range(2):
        await street.deliver(street["xaa"], [await forger.post(forger.pack(signed))], "xab")
    assert len(await held(street["xab"])) == 2
    with pytest.raises(NotFoundError):
        await show(street["xab"], signed.claims.thread)


async def test_it_is_decided_once(street: Street) -> None:
    await send_ahead(street)
    [mail] = await held(street["xab"])
    await decide(street["xab"], mail.envelope_id, take_up=False)
    with pytest.raises(NotFoundError):
        await decide(street["xab"], mail.envelope_id, take_up=True)


async def test_the_beginning_of_an_id_is_enough(street: Street) -> None:
    await send_ahead(street)
    [mail] = await held(street["xab"])
    assert await decide(street["xab"], mail.envelope_id[:8].upper(), take_up=True) == mail.thread


async def test_a_beginning_that_fits_two_is_refused(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    await send_ahead(street, "T-1")
    await send_ahead(street, "T-2")
    monkeypatch.setattr("tracepost.node.services.desk.validate", lambda _request: None)
    with pytest.raises(InvalidInputError):
        await decide(street["xab"], "", take_up=True)


async def test_what_waited_for_it_takes_effect_with_it(street: Street) -> None:
    """Order is promised per thread: B replies to A; B comes first and waits, A comes and is held."""
    [sent] = await street["xaa"].submit(draft(m.request(), to=["xab"]))
    await street.carry()
    street.clock.now += 600
    [first] = await street["xaa"].submit(draft(m.status(), case=sent.thread))
    street.clock.now -= 600
    said = draft(m.status(), case=sent.thread, in_reply_to=first.statement)
    [second] = await street["xaa"].submit(said)
    by_id = {envelope_id(one.header).hex(): one for one in await street.queued(street["xaa"])}
    for one in (second, first):
        await street.deliver(street["xaa"], [by_id[one.dispatches[0].envelope_id]], "xab")
    assert len((await show(street["xab"], sent.thread)).statements) == 1
    [mail] = await held(street["xab"])
    assert mail.envelope_id == first.dispatches[0].envelope_id
    await decide(street["xab"], mail.envelope_id, take_up=True)
    shown = [s.statement for s in (await show(street["xab"], sent.thread)).statements]
    assert shown == [sent.statement, first.statement, second.statement]


async def test_an_answer_to_a_request_that_is_not_known_here_is_held(street: Street, tmp_path: Path) -> None:
    """A restored node has forgotten its last requests."""
    [sent] = await street["xaa"].submit(draft(m.request(), to=["xab"]))
    await street.carry()
    await street["xab"].submit(draft(m.acknowledgement(), case=sent.thread))
    [answer] = await street.queued(street["xab"])
    async with open_street(tmp_path / "restored", "xaa") as restored:
        house = restored["xaa"]
        object.__setattr__(house, "papers", street["xaa"].papers)
        for part in (house.mailroom, house.reception):
            part._papers = street["xaa"].papers
        house.mailroom._keys = street["xaa"].mailroom._keys
        reply = await house.mailroom.receive([answer], street["xab"].member)
        assert len(reply.receipts) == 1
        [mail] = await held(house)
        assert mail.reason == "unknown-request"
