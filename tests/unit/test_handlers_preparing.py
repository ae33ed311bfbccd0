"""From a draft to signed and sealed mail: who may say what to whom, and what does not travel."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import CUSTOMS, LICENSING, NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2, weapon_pb2

PHOTOGRAPHS = [m.PICTURE, m.SCENE]
DAY = 86400


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAA and XAB have police desks, XAC has a point of contact alone; nothing is known of XAD."""
    desks = {"xaa": (POC, POLICE, CUSTOMS), "xac": (POC, LICENSING)}
    async with open_street(tmp_path, "xaa", "xab", "xac", desks=desks, silent=["xad"]) as street:
        yield street


async def say(house: House, content: Any, **more: Any) -> desk_pb2.Submission:
    [submission] = await house.submit(draft(content, **more))
    return submission


async def refused(house: House, content: Any, **more: Any) -> tuple[str, str]:
    """Return place and reason of the refusal; nothing was stored for it."""
    size = house.store.evidence.head.size
    submission = await say(house, content, **more)
    assert submission.HasField("problem")
    assert not submission.statement
    assert house.store.evidence.head.size == size
    return submission.problem.where, submission.problem.reason


async def shown(house: House, case: str, desk: str = "poc") -> desk_pb2.StatementView:
    view = await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)
    return view.statements[0]


class TestWithheld:
    """messages.md, section 1, rule 2: what no desk may read is not sent, and that is said."""

    async def test_without_a_police_desk_justice_and_personal_data_stay_here(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), to=["xac"], parts=PHOTOGRAPHS)
        paths = {one.path for one in sent.unsent}
        assert {"persons.0", "circumstances.narrative", "circumstances.scene_photographs.0"} <= paths
        assert all(one.to == "xac" for one in sent.unsent)
        assert {one.ground for one in sent.unsent} == {terms_pb2.WITHHOLDING_GROUND_NO_COMPETENT_DESK}

    async def test_the_message_itself_says_where_something_was_withheld(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), to=["xac"], parts=PHOTOGRAPHS)
        await street.carry()
        told = (await shown(street["xac"], sent.thread)).content.trace_request
        assert {w.path for w in told.withheld} >= {"circumstances", "persons"}
        assert {w.ground for w in told.withheld} == {terms_pb2.WITHHOLDING_GROUND_NO_COMPETENT_DESK}
        assert not told.persons
        assert told.ground_text == m.Words().law_enforcement

    async def test_the_author_keeps_all_of_it(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), to=["xac"], parts=PHOTOGRAPHS)
        own = (await shown(street["xaa"], sent.thread)).content.trace_request
        assert own.persons[0].name == m.Words().personal
        assert own.items[0].object.covert_mark[0].text == m.Words().national_security

    async def test_it_is_not_withheld_if_one_addressee_gets_it(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), to=["xab", "xac"], parts=PHOTOGRAPHS)
        await street.carry()
        lacking = {one.to for one in sent.unsent if one.path == "persons.0"}
        assert lacking == {"xac"}
        told = (await shown(street["xab"], sent.thread, "police")).content.trace_request
        assert told.persons[0].name == m.Words().personal
        assert "persons.0" not in {w.path for w in told.withheld}

    async def test_national_security_goes_to_no_desk_that_is_not_named(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), to=["xab"], parts=PHOTOGRAPHS)
        assert {one.path for one in sent.unsent} == {"items.0.object.covert_mark.0"}

    async def test_what_is_said_in_clear_tells_no_covert_mark_and_no_number_of_persons(
        self, street: Street
    ) -> None:
        sent = await say(street["xaa"], m.rich_request(), to=["xac"], parts=PHOTOGRAPHS)
        await street.carry()
        told = (await shown(street["xac"], sent.thread)).content.trace_request
        assert not any("covert" in w.path or w.path.startswith("persons.") for w in told.withheld)

    async def test_what_is_too_much_to_be_told_one_by_one_is_told_by_its_field(self, street: Street) -> None:
        message = m.request("T-300", *(str(n) for n in range(300)))
        for item in message.items:
            item.exhibit_number = f"E-{item.id}"
        sent = await say(street["xaa"], message, to=["xac"])
        replies = await street.carry()
        assert not any(reply.statuses for reply in replies)
        told = (await shown(street["xac"], sent.thread)).content.trace_request
        assert [w.path for w in told.withheld] == ["items"]
        assert len(sent.unsent) == 300


class TestRaisedClasses:
    """Rule 4: a class is raised on one message along the table, never lowered."""

    async def test_a_raised_field_is_read_by_the_desks_of_its_new_class(self, street: Street) -> None:
        raised = [desk_pb2.RaisedField(path="ground_text", to_class="SENSITIVITY_CRIMINAL_JUSTICE")]
        sent = await say(street["xaa"], m.rich_request(), to=["xab"], parts=PHOTOGRAPHS, raised=raised)
        await street.carry()
        assert not (await shown(street["xab"], sent.thread)).content.trace_request.ground_text
        police = await shown(street["xab"], sent.thread, "police")
        assert police.content.trace_request.ground_text == m.Words().law_enforcement

    async def test_all_below_a_prefix_is_raised(self, street: Street) -> None:
        raised = [desk_pb2.RaisedField(path="items.0", to_class="SENSITIVITY_LAW_ENFORCEMENT")]
        message = m.request()
        message.items[0].ClearField("illicit_grounds")
        message.illicit_grounds.append(weapon_pb2.ILLICIT_GROUND_EMBARGO)
        sent = await say(street["xaa"], message, to=["xab"], raised=raised)
        counts = (await shown(street["xaa"], sent.thread)).hidden
        assert not counts
        await street.carry()
        assert (await shown(street["xab"], sent.thread)).content.trace_request.items[0].object.make

    async def test_a_prefix_ends_at_a_dot(self, street: Street) -> None:
        raised = [desk_pb2.RaisedField(path="ground", to_class="SENSITIVITY_CRIMINAL_JUSTICE")]
        sent = await say(street["xaa"], m.rich_request(), to=["xab"], parts=PHOTOGRAPHS, raised=raised)
        await street.carry()
        assert (await shown(street["xab"], sent.thread)).content.trace_request.ground_text

    @pytest.mark.parametrize(
        ("path", "to_class"),
        [
            ("persons.0", "SENSITIVITY_OBJECT"),
            ("companies.0", "SENSITIVITY_LAW_ENFORCEMENT"),
            ("circumstances.narrative", "SENSITIVITY_PERSONAL"),
        ],
    )
    async def test_no_class_is_lowered_or_changed_sideways(
        self, street: Street, path: str, to_class: str
    ) -> None:
        raised = [desk_pb2.RaisedField(path=path, to_class=to_class)]
        where, reason = await refused(
            street["xaa"], m.rich_request(), to=["xab"], parts=PHOTOGRAPHS, raised=raised
        )
        assert (where, reason) == (path, "not-raisable")

    async def test_a_class_that_no_addressee_reads_is_withheld(self, street: Street) -> None:
        raised = [desk_pb2.RaisedField(path="ground_text", to_class="SENSITIVITY_CRIMINAL_JUSTICE")]
        message = m.request(ground_text="secret of the court")
        sent = await say(street["xaa"], message, to=["xac"], raised=raised)
        assert [one.path for one in sent.unsent] == ["ground_text"]


class TestPreview:
    """What would be seen, without a trace."""

    async def test_a_preview_names_the_fields_of_each_desk(self, street: Street) -> None:
        size = street["xaa"].store.evidence.head.size
        told = await say(street["xaa"], m.rich_request(), to=["xab"], parts=PHOTOGRAPHS, preview=True)
        readings = {one.desk: set(one.paths) for one in told.readings}
        assert "persons.0" in readings["police"]
        assert "persons.0" not in readings["poc"]
        assert "ground_text" in readings["poc"]
        assert readings["node"] == {p for p in readings["node"] if p in readings["poc"]}
        assert not any("fields" in paths for paths in readings.values())
        assert not told.statement
        assert street["xaa"].store.evidence.head.size == size
        assert not await street.queued(street["xaa"])


class TestIdempotency:
    """Repeating a draft gives the same submission, never a second message."""

    async def test_the_same_draft_again_is_the_same_submission(self, street: Street) -> None:
        once = draft(m.request(), to=["xab"], idempotency_key="k-1")
        [first] = await street["xaa"].submit(once)
        [again] = await street["xaa"].submit(once)
        assert again == first
        assert len(await street.queued(street["xaa"])) == 1

    async def test_another_draft_under_the_same_key_is_refused(self, street: Street) -> None:
        await say(street["xaa"], m.request("T-1"), to=["xab"], idempotency_key="k-1")
        again = await say(street["xaa"], m.request("T-2"), to=["xab"], idempotency_key="k-1")
        assert (again.problem.code, again.problem.where) == ("conflict", "idempotency_key")
        assert len(await street.queued(street["xaa"])) == 1

    async def test_the_keys_of_another_desk_are_others(self, street: Street) -> None:
        first = await say(street["xaa"], m.request("T-1"), to=["xab"], idempotency_key="k-1")
        other = await say(street["xaa"], m.request("T-2"), to=["xab"], idempotency_key="k-1", desk="police")
        assert other.statement
        assert other.statement != first.statement

    async def test_a_key_that_is_being_answered_is_busy(self, street: Street) -> None:
        once = draft(m.request(), to=["xab"], idempotency_key="k-1")
        first, second = await street["xaa"].submit(once, once)
        assert first.statement
        assert second.problem.code == "busy"
        assert len(await street.queued(street["xaa"])) == 1

    async def test_without_a_key_a_draft_is_a_message_each_time(self, street: Street) -> None:
        once = draft(m.request(), to=["xab"])
        first, second = await street["xaa"].submit(once, once)
        assert first.statement != second.statement


class TestWhoActs:
    """An officer acts for a desk of the certificate, and it is unlocked."""

    async def test_a_desk_that_the_certificate_does_not_name_is_refused(self, street: Street) -> None:
        [told] = await street["xaa"].submit(
            draft(m.request(), to=["xab"], desk="police"), officer=street["xaa"].officer("poc")
        )
        assert (told.problem.code, told.problem.reason) == ("not-allowed", "other-desk")

    async def test_with_several_desks_one_is_named(self, street: Street) -> None:
        assert await refused(street["xaa"], m.request(), to=["xab"], desk="") == ("desk", "which-desk")

    async def test_the_only_desk_need_not_be_named(self, street: Street) -> None:
        [told] = await street["xaa"].submit(
            draft(m.request(), to=["xab"], desk=""), officer=street["xaa"].officer("police")
        )
        assert told.statement

    async def test_the_daemons_own_desk_writes_nothing(self, street: Street) -> None:
        [told] = await street["xaa"].submit(
            draft(m.request(), to=["xab"], desk="node"), officer=street["xaa"].officer("node", "poc")
        )
        assert told.problem.reason == "other-desk"

    async def test_a_locked_desk_writes_nothing(self, street: Street) -> None:
        street["xaa"].ring.lock(DeskId("poc"))
        told = await say(street["xaa"], m.request(), to=["xab"])
        assert told.problem.code == "desk-locked"


class TestToWhom:
    """Only to members whose papers are in force."""

    @pytest.mark.parametrize(
        ("to", "where", "reason"),
        [
            ([], "to", "to-whom"),
            (["xaa"], "to", "to-ourselves"),
            (["xad"], "directory", "no-directory-entry"),
            (["xzz"], "member", "no-member"),
        ],
        ids=["nobody", "ourselves", "a-silent-member", "a-stranger"],
    )
    async def test_it_is_refused(self, street: Street, to: Sequence[str], where: str, reason: str) -> None:
        assert await refused(street["xaa"], m.request(), to=to) == (where, reason)

    async def test_an_entry_that_has_run_out_is_none(self, street: Street) -> None:
        street.clock.now += 31 * DAY
        assert (await refused(street["xaa"], m.request(), to=["xab"]))[1] == "no-directory-entry"

    async def test_in_a_case_with_one_other_party_nobody_need_be_named(self, street: Street) -> None:
        sent = await say(street["xaa"], m.request(), to=["xab"])
        await street.carry()
        told = await say(street["xab"], m.acknowledgement(), case=sent.thread)
        assert [one.to for one in told.dispatches] == ["xaa"]

    async def test_among_several_parties_one_is_named(self, street: Street) -> None:
        sent = await say(street["xaa"], m.request(), to=["xab", "xac"])
        assert await refused(street["xaa"], m.withdrawal(), case=sent.thread) == ("to", "to-whom")


class TestCover:
    """What a draft says around its message."""

    @pytest.mark.parametrize("seconds", [0, -DAY, 181 * DAY])
    async def test_mail_is_delivered_within_180_days(self, street: Street, seconds: int) -> None:
        deliver_by = street.clock() + seconds
        told = await refused(street["xaa"], m.request(), to=["xab"], deliver_by=deliver_by)
        assert told == ("deliver_by", "deliver-by")

    @pytest.mark.parametrize("name", ["purpose", "legal_basis"])
    async def test_a_new_case_says_its_purpose_and_legal_basis(self, street: Street, name: str) -> None:
        assert await refused(street["xaa"], m.request(), to=["xab"], **{name: None}) == (name, "not-said")

    async def test_a_case_keeps_purpose_basis_and_exercise(self, street: Street) -> None:
        sent = await say(street["xaa"], m.request(), to=["xab"], exercise=True, purpose="PURPOSE_RECOVERY")
        await street.carry()
        await say(street["xab"], m.acknowledgement(), case=sent.thread, purpose=None, legal_basis=None)
        await street.carry()
        view = (
            await street["xaa"].as_officer("poc").ShowCase(desk_pb2.ShowCaseRequest(case="T-1"), NO_CONTEXT)
        )
        told = view.statements[1]
        assert (told.purpose, told.legal_basis) == (terms_pb2.PURPOSE_RECOVERY, terms_pb2.LEGAL_BASIS_ITI)
        assert told.exercise
        assert view.summary.exercise

    async def test_what_belongs_to_a_case_needs_one(self, street: Street) -> None:
        assert await refused(street["xaa"], m.closure(), to=["xab"]) == ("thread", "unknown-case")

    async def test_a_file_number_of_two_cases_names_none(self, street: Street) -> None:
        for _ in range(2):
            await say(street["xaa"], m.request("T-1"), to=["xab"])
        assert await refused(street["xaa"], m.withdrawal(), case="T-1") == ("thread", "unknown-case")

    async def test_a_reply_names_a_statement_of_the_case(self, street: Street) -> None:
        sent = await say(street["xaa"], m.request(), to=["xab"])
        told = await refused(street["xaa"], m.withdrawal(), case=sent.thread, in_reply_to="A" * 43)
        assert told == ("in_reply_to", "unknown-statement")

    async def test_a_message_that_breaks_a_rule_of_the_schema_is_refused(self, street: Street) -> None:
        message = m.request()
        message.ClearField("urgency")
        assert (await refused(street["xaa"], message, to=["xab"]))[0] == "urgency"

    async def test_a_draft_without_a_message_is_refused(self, street: Street) -> None:
        [told] = await street["xaa"].submit(desk_pb2.Draft(to=["xab"], desk="poc"))
        assert told.HasField("problem")

    async def test_one_bad_draft_does_not_spoil_the_others(self, street: Street) -> None:
        good, bad, fine = await street["xaa"].submit(
            draft(m.request("T-1"), to=["xab"]),
            draft(trace_pb2.TraceRequest(), to=["xab"], idempotency_key="bad"),
            draft(m.request("T-3"), to=["xab"]),
        )
        assert good.statement
        assert fine.statement
        assert (bad.idempotency_key, bad.problem.code) == ("bad", "invalid-message")
        assert len(await street.queued(street["xaa"])) == 2


class TestPhotographs:
    """Named by digest, and there."""

    async def test_a_photograph_that_is_named_must_be_there(self, street: Street) -> None:
        told = await refused(street["xaa"], m.rich_request(), to=["xab"], parts=[m.PICTURE])
        assert told == ("parts", "part-missing")

    async def test_a_photograph_that_is_there_must_be_named(self, street: Street) -> None:
        told = await refused(street["xaa"], m.request(), to=["xab"], parts=[m.PICTURE])
        assert told == ("parts", "part-unnamed")

    async def test_a_desk_fetches_the_photographs_of_its_classes(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), to=["xab"], parts=PHOTOGRAPHS)
        await street.carry()
        wanted = desk_pb2.FetchPartRequest(case=sent.thread, sha256=hashlib.sha256(m.PICTURE).digest())
        got = await street["xab"].as_officer("poc").FetchPart(wanted, NO_CONTEXT)
        assert (got.content, got.media_type) == (m.PICTURE, "image/jpeg")
