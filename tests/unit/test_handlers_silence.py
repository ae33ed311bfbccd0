"""What is said of a member that was asked and is silent: that needs its receipt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.node.records.mail import MailState, Settlement
from tracepost.wire.v1 import desk_pb2

DAY = 86400
QUEUED, WITH_RELAY = desk_pb2.MAIL_STATE_QUEUED, desk_pb2.MAIL_STATE_WITH_RELAY
EXPIRED, REFUSED = desk_pb2.MAIL_STATE_EXPIRED, desk_pb2.MAIL_STATE_REFUSED
Silence = tuple[list[str], list[tuple[str, desk_pb2.MailState]]]


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac", relays=["hub"]) as street:
        yield street


def silence(summary: desk_pb2.CaseSummary) -> Silence:
    """Return who is said not to have replied, and to whom delivery is not proved, with how far mail came."""
    undelivered = [(one.member, one.state) for one in summary.delivery_not_proved]
    return list(summary.no_reply_recorded), undelivered


async def shown(house: House, case: str = "T-1") -> Silence:
    desk = house.as_officer("poc")
    view = await desk.ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)
    [listed] = (await desk.ListCases(desk_pb2.ListCasesRequest(file_number=case), NO_CONTEXT)).cases
    assert listed == view.summary, "a list says the same as the case"
    return silence(view.summary)


async def ask(street: Street, *to: str) -> desk_pb2.Submission:
    [sent] = await street["xaa"].submit(draft(m.request("T-1", "1"), to=to))
    return sent


async def settle(house: House, sent: desk_pb2.Submission, state: MailState) -> None:
    [dispatch] = sent.dispatches
    name = bytes.fromhex(dispatch.envelope_id)
    await house.store.write(
        lambda tx: tx.dispatches.settle([Settlement(name, state)], house.clock())  # type: ignore[arg-type]
    )


async def test_with_a_receipt_no_reply_is_recorded(street: Street) -> None:
    await ask(street, "xab")
    await street.carry()
    assert await shown(street["xaa"]) == (["xab"], [])


async def test_what_was_not_collected_is_not_proved_to_be_delivered(street: Street) -> None:
    await ask(street, "xab")
    assert await shown(street["xaa"]) == ([], [("xab", QUEUED)])


async def test_what_a_relay_keeps_is_not_proved_to_be_delivered(street: Street) -> None:
    street["xaa"].roads["xab"] = "hub"
    street["xab"].offline = True
    await ask(street, "xab")
    await street.carry()
    assert await shown(street["xaa"]) == ([], [("xab", WITH_RELAY)])


@pytest.mark.parametrize(("state", "told"), [(MailState.EXPIRED, EXPIRED), (MailState.REFUSED, REFUSED)])
async def test_what_expired_or_was_refused_is_not_proved_to_be_delivered(
    street: Street, state: MailState, told: desk_pb2.MailState
) -> None:
    await settle(street["xaa"], await ask(street, "xab"), state)
    assert await shown(street["xaa"]) == ([], [("xab", told)])


async def test_a_late_receipt_changes_the_words_though_no_statement_came(street: Street) -> None:
    house, sent = street["xaa"], await ask(street, "xab")
    await settle(house, sent, MailState.EXPIRED)
    await settle(house, sent, MailState.DELIVERED)
    assert await shown(house) == (["xab"], [])


async def test_each_member_is_judged_by_its_own_receipt(street: Street) -> None:
    street["xac"].offline = True
    await ask(street, "xab", "xac")
    await street.carry()
    assert await shown(street["xaa"]) == (["xab"], [("xac", QUEUED)])


async def test_a_reminder_that_arrives_does_not_prove_that_the_request_did(street: Street) -> None:
    house = street["xaa"]
    street["xab"].offline = True
    sent = await ask(street, "xab")
    reminder = m.status(state="PROCESSING_STATE_REMINDER", reminder_number=1)
    [reminded] = await house.submit(draft(reminder, to=["xab"], case=sent.thread))
    await settle(house, reminded, MailState.DELIVERED)
    assert await shown(house) == ([], [("xab", QUEUED)])


async def test_who_said_anything_is_not_silent(street: Street) -> None:
    sent = await ask(street, "xab")
    await street.carry()
    await street["xab"].submit(draft(m.acknowledgement(), to=["xaa"], case=sent.thread))
    await street.carry()
    assert await shown(street["xaa"]) == ([], [])


async def test_what_another_was_asked_is_not_ours_to_tell(street: Street) -> None:
    """XAC answers XAA alone, so XAB cannot know of its silence."""
    await ask(street, "xab", "xac")
    await street.carry()
    assert await shown(street["xab"]) == ([], [])


async def test_whom_a_request_was_referred_to_is_silent_towards_the_forwarder(street: Street) -> None:
    asked = m.request("T-1", "1", referral_consents=["xac"])
    [sent] = await street["xaa"].submit(draft(asked, to=["xab"]))
    await street.carry()
    street["xac"].offline = True
    referral = m.referral("xaa", sent.thread, sent.statement, "1")
    await street["xab"].submit(draft(referral, to=["xac"], case=sent.thread))
    assert await shown(street["xab"]) == ([], [("xac", QUEUED)])
    street["xac"].offline = False
    await street.carry()
    assert await shown(street["xab"]) == (["xac"], [])
    assert await shown(street["xaa"]) == (["xab"], [])
