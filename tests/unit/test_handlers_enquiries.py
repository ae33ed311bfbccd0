"""The work inside a state: an enquiry to a desk of ours, its finding, and who sees what of both."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from fakes.inquiry import ARMY, REGISTRY, enquiry, finding, transcription
from tracepost.protocol.casefile import Remark, read_casefile, verify_casefile
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import DeskId
from tracepost.protocol.schema import INNER_KINDS
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2, trace_pb2

DAY = 86400


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAA asks XAB, whose point of contact is not police; its army and registry have desks of their own."""
    desks = {"xab": (POC, POLICE, ARMY, REGISTRY)}
    async with open_street(tmp_path, "xaa", "xab", desks=desks) as street:
        yield street


async def asked(street: Street, request: trace_pb2.TraceRequest | None = None, **more: Any) -> str:
    """Let XAA ask XAB; return the case."""
    said = request or m.rich_request("T-1", handling_instructions=["HANDLING_INSTRUCTION_DO_NOT_ALERT"])
    parts = [m.PICTURE, m.SCENE] if request is None else []
    [sent] = await street["xaa"].submit(draft(said, to=["xab"], parts=parts, **more))
    assert not sent.HasField("problem"), sent.problem
    await street.carry()
    return sent.thread


async def say(house: House, content: Any, case: str, desk: str = "poc", **more: Any) -> desk_pb2.Submission:
    [submission] = await house.submit(draft(content, case=case, desk=desk, **more))
    return submission


async def ok(house: House, content: Any, case: str, desk: str = "poc", **more: Any) -> desk_pb2.Submission:
    submission = await say(house, content, case, desk, **more)
    assert not submission.HasField("problem"), submission.problem
    return submission


async def refused(house: House, content: Any, case: str, desk: str = "poc", **more: Any) -> tuple[str, str]:
    size = house.store.evidence.head.size
    submission = await say(house, content, case, desk, **more)
    assert house.store.evidence.head.size == size
    return submission.problem.where, submission.problem.reason


async def view(house: House, case: str, desk: str = "poc") -> desk_pb2.CaseView:
    return await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


async def lines(house: House, desk: str = "poc", **more: Any) -> list[inquiry_pb2.EnquiryLine]:
    request = inquiry_pb2.ListEnquiriesRequest(**more)
    return list((await house.as_officer(desk).ListEnquiries(request, NO_CONTEXT)).lines)


def said(shown: desk_pb2.CaseView, kind: str) -> list[desk_pb2.StatementView]:
    return [one for one in shown.statements if one.kind == kind]


class TestEnquiry:
    async def test_the_node_writes_in_the_objects_and_the_forms_of_their_serials(
        self, street: Street
    ) -> None:
        xab, case = street["xab"], await asked(street)
        await ok(xab, enquiry(), case)
        [one] = said(await view(xab, case, "army"), "trace.enquiry/1")
        told = one.content.enquiry
        assert told.items[0].object.make == m.Words().object
        assert told.items[0].object.mark[0].text_as_seen == "АБ 1234"
        assert told.item_ids == ["1"]
        [forms] = told.mark_forms
        assert (forms.in_latin, forms.in_cyrillic) == ("AB1234", "АБ1234")
        assert "AB1Z34" in forms.confusable

    async def test_only_what_the_thing_is_goes_to_the_custodian(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        await ok(xab, enquiry(), case)
        army = (await view(xab, case, "army")).SerializeToString()
        words = m.Words().by_class()
        assert words.pop("OBJECT").encode() in army
        assert not [word for word in words.values() if word.encode() in army]

    async def test_photographs_of_marks_go_along(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        await ok(xab, enquiry(), case)
        request = desk_pb2.FetchPartRequest(case=case, sha256=hashlib.sha256(m.PICTURE).digest())
        part = await xab.as_officer("army").FetchPart(request, NO_CONTEXT)
        assert part.content == m.PICTURE

    async def test_instructions_of_the_case_and_a_number_are_always_there(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        await ok(xab, m.acknowledgement(file_number="B-9"), case, to=["xaa"])
        await ok(xab, enquiry(handling_instructions=["HANDLING_INSTRUCTION_CALL_BEFORE_ACTING"]), case)
        await ok(xab, enquiry("registry"), case)
        first, second = said(await view(xab, case), "trace.enquiry/1")
        assert first.content.enquiry.handling_instructions == [
            terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT,
            terms_pb2.HANDLING_INSTRUCTION_CALL_BEFORE_ACTING,
        ]
        assert [one.content.enquiry.reference for one in (first, second)] == ["B-9/E1", "B-9/E2"]
        assert [one.in_reply_to for one in (first, second)] == [first.content.enquiry.request_digest] * 2

    async def test_a_raised_class_is_not_lowered_on_the_way(self, street: Street) -> None:
        """What its author shows to the police alone, the army does not read in an enquiry."""
        raised = [desk_pb2.RaisedField(path="items.0.object.make", to_class="SENSITIVITY_LAW_ENFORCEMENT")]
        case = await asked(street, m.request("T-1"), raised=raised)
        await ok(street["xab"], enquiry(), case)
        [army] = said(await view(street["xab"], case, "army"), "trace.enquiry/1")
        [poc] = said(await view(street["xab"], case), "trace.enquiry/1")
        assert not army.content.enquiry.items[0].object.make
        assert army.content.enquiry.items[0].object.model == "M70"
        assert poc.content.enquiry.items[0].object.make == "Zastava"

    async def test_what_was_supplied_and_corrected_since_is_in_it(self, street: Street) -> None:
        xaa, xab = street["xaa"], street["xab"]
        case = await asked(street, m.request("T-1", "1", "2"))
        await ok(xab, m.information_request("1"), case, to=["xaa"])
        await street.carry()
        supply = m.supply("1")
        supply.items[0].object.model = "M92"
        await ok(xaa, supply, case, to=["xab"])
        await street.carry()
        await ok(xab, enquiry(), case)
        [one] = said(await view(xab, case, "army"), "trace.enquiry/1")
        assert [i.object.model for i in one.content.enquiry.items] == ["M92", "M70"]

    async def test_a_case_that_was_referred_to_us_has_its_items_too(self, tmp_path: Path) -> None:
        desks = {"xac": (POC, ARMY)}
        async with open_street(tmp_path, "xaa", "xab", "xac", desks=desks) as street:
            request = m.request("T-1", referral_consents=["xac"])
            case = await asked(street, request)
            [told] = said(await view(street["xab"], case), "trace.request/1")
            await ok(street["xab"], m.referral("xaa", case, told.statement), case, to=["xac"])
            await street.carry()
            await ok(street["xac"], enquiry(), case)
            [one] = said(await view(street["xac"], case, "army"), "trace.enquiry/1")
            assert one.content.enquiry.items[0].object.make == "Zastava"
            assert one.content.enquiry.request_digest == told.statement

    async def test_it_goes_to_nobody_and_waits_in_no_queue(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, enquiry(), case)
        assert not sent.dispatches
        assert await street.queued(xab) == []
        assert (await view(street["xaa"], case)).statements[-1].kind == "trace.request/1"

    async def test_the_log_says_what_it_was_drawn_from(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        await ok(xab, enquiry(), case)
        events = (await xab.as_officer("poc").ListAudit(desk_pb2.ListAuditRequest(), NO_CONTEXT)).events
        [request] = said(await view(xab, case), "trace.request/1")
        assert ("process", request.statement, "poc") in {(e.action, e.subject, e.outcome) for e in events}

    @pytest.mark.parametrize(
        ("message", "place"),
        [
            (enquiry("navy"), ("desk", "unknown-desk")),
            (enquiry("poc"), ("to_desk", "asks-itself")),
            (enquiry(""), ("to_desk", "whom")),
            (enquiry(item_ids=["9"]), ("item_ids", "unknown-item")),
            (enquiry(due_on="2020-01-01"), ("due_on", "past")),
            (enquiry(request_digest="A" * 43), ("request_digest", "no-request")),
            (enquiry(step="REMINDER", enquiry_digest="A" * 43), ("enquiry_digest", "unknown-enquiry")),
        ],
        ids=lambda value: value[1] if isinstance(value, tuple) else "",
    )
    async def test_what_makes_no_sense_is_refused(
        self, street: Street, message: inquiry_pb2.Enquiry, place: tuple[str, str]
    ) -> None:
        case = await asked(street)
        assert await refused(street["xab"], message, case) == place

    async def test_it_is_addressed_to_nobody_else(self, street: Street) -> None:
        case = await asked(street)
        assert await refused(street["xab"], enquiry(), case, to=["xaa"]) == ("to", "stays-here")

    async def test_a_custodian_asks_nobody_about_what_it_cannot_read(self, street: Street) -> None:
        case = await asked(street)
        where = await refused(street["xab"], enquiry("registry"), case, "army")
        assert where[1] == "open-administrative"


class TestFollowingUp:
    async def test_it_is_listed_until_it_is_answered(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street, m.request("T-1", "1", "2"))
        await ok(xab, enquiry(due_on="2099-01-02"), case)
        [line] = await lines(xab)
        one = line.enquiry
        assert (line.thread, one.to_desk, one.due_on, list(one.item_ids)) == (
            case,
            "army",
            "2099-01-02",
            ["1", "2"],
        )
        assert (one.standing, one.overdue) == (inquiry_pb2.ENQUIRY_STANDING_OPEN, False)
        await ok(xab, finding(one.enquiry, m.answer("1"), final=False), case, "army")
        [part] = await lines(xab)
        assert part.enquiry.standing == inquiry_pb2.ENQUIRY_STANDING_IN_PART
        assert (list(part.enquiry.in_part_item_ids), list(part.enquiry.answered_item_ids)) == (["1"], [])
        await ok(xab, finding(one.enquiry, m.answer("1"), m.answer("2")), case, "army")
        assert await lines(xab) == []
        [done] = await lines(xab, settled=True)
        assert (done.enquiry.standing, done.enquiry.findings) == (inquiry_pb2.ENQUIRY_STANDING_ANSWERED, 2)

    async def test_what_is_overdue_is_listed_apart(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        tomorrow = _day(street.clock() + DAY)
        await ok(xab, enquiry(due_on=tomorrow), case)
        await ok(xab, enquiry("registry"), case)
        assert await lines(xab, overdue=True) == []
        street.clock.now += 3 * DAY
        [late] = await lines(xab, overdue=True)
        assert (late.enquiry.to_desk, late.enquiry.overdue) == ("army", True)
        assert [one.enquiry.to_desk for one in await lines(xab)] == ["army", "registry"]

    async def test_reminders_are_counted_and_may_move_the_day(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, enquiry(due_on="2099-01-02"), case)
        for number in (1, 2):
            reminder = enquiry(step="REMINDER", enquiry_digest=sent.statement, due_on=f"2099-02-0{number}")
            await ok(xab, reminder, case)
        [line] = await lines(xab)
        assert (line.enquiry.reminders, line.enquiry.due_on) == (2, "2099-02-02")
        told = said(await view(xab, case, "army"), "trace.enquiry/1")
        assert [one.content.enquiry.reminder_number for one in told] == [0, 1, 2]
        assert {one.content.enquiry.reference for one in told} == {told[0].content.enquiry.reference}

    async def test_an_enquiry_that_is_withdrawn_is_settled(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, enquiry(), case)
        await ok(xab, enquiry("", step="WITHDRAWN", enquiry_digest=sent.statement), case)
        assert await lines(xab) == []
        [line] = await lines(xab, settled=True)
        assert line.enquiry.standing == inquiry_pb2.ENQUIRY_STANDING_WITHDRAWN

    async def test_the_case_as_others_see_it_does_not_change(self, street: Street) -> None:
        """Who owes an answer owes it, whoever inside is asked for it."""
        xab, case = street["xab"], await asked(street)
        before = (await view(xab, case)).summary
        sent = await ok(xab, enquiry(), case)
        await ok(xab, finding(sent.statement), case, "army")
        after = (await view(xab, case)).summary
        assert (after.state, after.items, after.members) == (before.state, before.items, before.members)
        assert len(after.enquiries) == 1


class TestFinding:
    async def test_owners_are_read_by_who_wrote_them_and_by_police(self, street: Street) -> None:
        """The point of contact is neither."""
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, enquiry(), case)
        await ok(xab, finding(sent.statement, owner="canary-owner"), case, "army")
        seen = {
            desk: b"canary-owner" in (await view(xab, case, desk)).SerializeToString()
            for desk in ("poc", "police", "army")
        }
        assert seen == {"poc": False, "police": True, "army": True}

    async def test_a_custodian_sees_its_own_enquiry_and_finding_and_not_the_case(
        self, street: Street
    ) -> None:
        xab, case = street["xab"], await asked(street)
        army = await ok(xab, enquiry(), case)
        registry = await ok(xab, enquiry("registry"), case)
        await ok(xab, finding(army.statement), case, "army")
        await ok(xab, finding(registry.statement), case, "registry")
        shown = await view(xab, case, "army")
        assert {one.content.enquiry.to_desk for one in said(shown, "trace.enquiry/1")} == {"army"}
        assert [one.from_desk for one in said(shown, "trace.finding/1")] == ["army"]
        assert said(shown, "trace.request/1") == []
        assert (list(shown.summary.members), shown.summary.opened_by, list(shown.summary.items)) == (
            [],
            "",
            [],
        )
        assert [one.to_desk for one in shown.summary.enquiries] == ["army"]
        assert [one.enquiry.to_desk for one in await lines(xab, "army", settled=True)] == ["army"]

    async def test_a_desk_that_was_not_asked_sees_nothing(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        await ok(xab, enquiry(), case)
        with pytest.raises(PermissionError_):
            await view(xab, case, "registry")
        assert await lines(xab, "registry") == []

    async def test_only_the_desk_that_was_asked_answers(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, enquiry(), case)
        assert await refused(xab, finding(sent.statement), case, "registry") == (
            "enquiry_digest",
            "other-desk",
        )

    async def test_what_makes_no_sense_is_refused(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street, m.request("T-1", "1", "2"))
        sent = await ok(xab, enquiry(item_ids=["1"]), case)
        other = finding(sent.statement, m.answer("2"))
        assert await refused(xab, other, case, "army") == ("answers.0.item_id", "not-asked")
        assert await refused(xab, finding("A" * 43), case, "army") == ("in_reply_to", "unknown-statement")
        request = said(await view(xab, case), "trace.request/1")[0].statement
        assert await refused(xab, finding(request), case, "army") == ("enquiry_digest", "unknown-enquiry")
        keyed = finding(sent.statement, transcribed=transcription())
        assert (await refused(xab, keyed, case, "army"))[1] == "open-administrative", (
            "who sees the case keys in"
        )


class TestInner:
    """Kinds that never leave their member."""

    async def test_none_is_enclosed_in_mail(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, enquiry(), case)
        assert await refused(xab, m.share(sent.statement), case, to=["xaa"]) == ("exhibits", "stays-here")

    async def test_an_export_for_others_has_none(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, enquiry(), case)
        await ok(xab, finding(sent.statement), case, "army")
        given = await exported(xab, case)
        assert {one.shown.kind for one in report(street, given)} == {"trace.request/1"}

    async def test_in_our_own_export_they_verify_like_all_that_we_wrote(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, enquiry(), case)
        await ok(xab, finding(sent.statement), case, "army")
        told = report(street, await exported(xab, case, with_inner=True))
        assert {one.shown.kind for one in told} == {"trace.request/1", "trace.enquiry/1", "trace.finding/1"}
        inner = [one for one in told if one.shown.kind in INNER_KINDS]
        assert {one.shown.signer.member for one in inner} == {"xab"}
        assert all(one.remarks == () and Remark.TIME_UNPROVED in one.shown.remarks for one in inner)

    async def test_the_node_boots_and_unlocks_with_them(self, street: Street) -> None:
        """They lie in no envelope: nothing waits for a wrap."""
        xab, case = street["xab"], await asked(street)
        await ok(xab, enquiry(), case)
        xab.ring.lock(DeskId("army"))
        locked = await view(xab, case, "army")
        assert [one.desk_locked for one in locked.statements] == [True]
        assert (
            await xab.rooms.unlocking.unlock(xab.officer("army"), "army", b"a passphrase that is long") == 0
        )
        [one] = (await view(xab, case, "army")).statements
        assert one.content.enquiry.items[0].object.model == "M70"


async def exported(house: House, case: str, *, with_inner: bool = False) -> bytes:
    request = desk_pb2.ExportCaseRequest(case=case, format="EXPORT_FORMAT_TRACEPOST", with_inner=with_inner)
    chunks = house.as_officer("poc").ExportCase(request, NO_CONTEXT)
    return b"".join([chunk.data async for chunk in chunks])


def report(street: Street, data: bytes) -> Any:
    return verify_casefile(read_casefile(data), street.trust, now=street.clock()).statements


def _day(unix: int) -> str:
    return dt.datetime.fromtimestamp(unix, tz=dt.UTC).strftime("%Y-%m-%d")
