"""Who may say what, and to whom, by what a member is in the trust list; and what ends with a mandate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes.casefiles import NOW
from fakes.channels import documented, panel_reply, panel_request
from fakes.house import NO_CONTEXT, POC, POLICE, Street, draft, open_street
from fakes.messages import request, withdrawal
from fakes.notices import flow, marking
from fakes.town import OPERATION, PANEL
from tracepost.node.handlers.case.casebook import instant
from tracepost.protocol import schema
from tracepost.protocol.authors import AFTER_THE_END, find_gap, may_say
from tracepost.protocol.errors import InvalidMessageError, PermissionError_, TrustError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import Member, MemberType, decode_member, encode_member
from tracepost.wire.v1 import desk_pb2, share_pb2

EXPERTS, PEACE = "un-panel-xyz", "un-mission-xyz"
DAY = 86400
ENDS, AFTER = instant(NOW + 10 * DAY)[:10], 12 * DAY
RESOLUTION = {
    "purpose": "PURPOSE_EMBARGO_MONITORING",
    "legal_basis": "LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION",
}


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """A State, a panel whose mandate ends in ten days, and a peace operation."""
    settings: dict[str, Any] = {
        "desks": {EXPERTS: (PANEL,), PEACE: (OPERATION,), "xaa": (POC, POLICE)},
        "types": {EXPERTS: MemberType.PANEL, PEACE: MemberType.PEACE_OPERATION},
        "mandates": {EXPERTS: ENDS},
    }
    async with open_street(tmp_path, "xaa", EXPERTS, PEACE, **settings) as street:
        yield street


async def say(street: Street, member: str, *args: Any, **more: Any) -> desk_pb2.Submission:
    desk = street[member].office.desks[0].desk
    said = draft(*args, desk=desk, **more)
    sent = await street[member].as_officer(desk).Submit(said, NO_CONTEXT)
    await street.carry()
    return sent


# ── the table ────────────────────────────────────────────────────────────────────────


def test_types_that_the_schema_names_are_types_of_members() -> None:
    named = frozenset[str]().union(*schema.SAID_BY.values())
    assert named == {"STATE", "PANEL", "PEACE_OPERATION", "ORGANISATION"}
    assert named <= set(MemberType.__members__)


@pytest.mark.parametrize("kind", sorted(schema.KINDS))
def test_every_kind_is_said_by_somebody_and_no_relay_says_any(kind: str) -> None:
    assert any(may_say(one, kind) for one in MemberType)
    assert not may_say(MemberType.RELAY, kind)


def test_a_kind_of_a_newer_version_is_for_every_member_that_has_desks() -> None:
    assert [one for one in MemberType if not may_say(one, "panel.request/2")] == [MemberType.RELAY]


def test_until_the_last_day_and_not_after_it() -> None:
    panel = member(MemberType.PANEL, "2030-01-31")
    days = ("2030-01-30", "2030-01-31", "2030-02-01")
    assert [find_gap(panel, "panel.request/1", one) for one in days] == ["", "", "mandate-over"]
    assert {find_gap(panel, kind, "2030-02-01") for kind in AFTER_THE_END} == {""}


def member(type_: MemberType, until: str) -> Member:
    return Member(MemberId(EXPERTS), type_, (), (), (), bytes(32), mandate_until=until)


def test_the_end_of_a_mandate_stands_in_the_trust_list() -> None:
    panel = member(MemberType.PANEL, "2030-01-31")
    assert decode_member(encode_member(panel)) == panel
    for wrong in (member(MemberType.STATE, "2030-01-31"), member(MemberType.PANEL, "31 January 2030")):
        with pytest.raises(TrustError):
            decode_member(encode_member(wrong))


# ── what our officers say ────────────────────────────────────────────────────────────


async def test_a_member_says_what_is_for_its_type_to_say(street: Street) -> None:
    with pytest.raises(PermissionError_) as refusal:
        await say(street, EXPERTS, marking(), to=["xaa"])
    assert refusal.value.reason == "not-ours-to-say"
    with pytest.raises(InvalidMessageError):
        await say(street, "xaa", documented(), to=[EXPERTS], **RESOLUTION)


async def test_a_peace_operation_asks_for_traces_in_the_name_of_a_state_alone(street: Street) -> None:
    with pytest.raises(PermissionError_) as refusal:
        await say(street, PEACE, request(), to=["xaa"])
    assert (refusal.value.where, refusal.value.reason) == ("on_behalf_of", "not-ours-to-say")


async def test_after_its_mandate_a_panel_asks_nothing_and_is_told_nothing(street: Street) -> None:
    """What it holds can be taken back all the same, and it confirms."""
    asked = await say(street, EXPERTS, panel_request(), to=["xaa"], **RESOLUTION)
    await say(street, "xaa", panel_reply("1"), case=asked.thread)
    told = await say(street, "xaa", flow(), to=[EXPERTS])
    street.clock.now += AFTER
    for author, message, more in (
        (
            EXPERTS,
            panel_request(reply_by="2099-01-01", report_on="2099-02-01"),
            {"to": ["xaa"], **RESOLUTION},
        ),
        ("xaa", panel_reply("1"), {"case": asked.thread}),
        ("xaa", share_pb2.Share(reason="SHARE_REASON_CASE"), {"to": [EXPERTS], "case": asked.thread}),
    ):
        with pytest.raises(PermissionError_) as refusal:
            await say(street, author, message, **more)
        assert refusal.value.reason == "mandate-over"
        assert ENDS in str(refusal.value)
    await say(street, "xaa", withdrawal(), case=told.thread)
    await say(street, EXPERTS, withdrawal("DELETED"), case=told.thread)
    asked_for = desk_pb2.ShowCaseRequest(case=told.thread)
    shown = (await street["xaa"].as_officer("poc").ShowCase(asked_for, NO_CONTEXT)).statements
    assert [one.kind for one in shown].count("trace.withdrawal/1") == 2


async def test_officers_are_reminded_before_a_mandate_ends(street: Street) -> None:
    """It stands among what runs out, which status and doctor show, and in the directory."""
    officer = street["xaa"].as_officer()
    status = await officer.GetStatus(desk_pb2.GetStatusRequest(), NO_CONTEXT)
    [paper] = [one for one in status.papers if one.name == f"mandate {EXPERTS}"]
    assert instant(paper.expires_at) == f"{ENDS}T23:59:59Z"
    lines = (await officer.ListDirectory(desk_pb2.ListDirectoryRequest(), NO_CONTEXT)).lines
    assert {one.member: one.mandate_until for one in lines} == {"xaa": "", EXPERTS: ENDS, PEACE: ""}
