"""Desks under the oversight of another: what they write to other members takes its word, or is told to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from fakes import messages as m
from fakes.house import NO_CONTEXT, POC, POLICE, Street, draft, open_street
from fakes.inquiry import enquiry, letter
from fakes.people import Person, enlist, hire
from tracepost.node.config import DeskSettings, ReleaseSettings, read_config
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import ConfigurationError, NotFoundError, PermissionError_
from tracepost.protocol.ids import DeskId
from tracepost.protocol.problems import read_problem
from tracepost.protocol.settings import Section
from tracepost.sdk.office import make_word
from tracepost.wire.v1 import desk_pb2, office_pb2, share_pb2, trace_pb2

PROVINCE = DeskSettings(DeskId("province"), competences=("LAW_ENFORCEMENT",), outward=False, under="poc")
HARBOUR = DeskSettings(
    DeskId("harbour"), competences=("CUSTOMS_ENFORCEMENT",), under="poc", oversight="notice"
)
ARMOURY = DeskSettings(DeskId("armoury"), competences=("RECORDS_CUSTODY",), outward=False)
WAITING = desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    desks = {"xaa": (POC, POLICE, PROVINCE, HARBOUR, ARMOURY)}
    async with open_street(
        tmp_path, "xaa", "xab", desks=desks, release=ReleaseSettings(urgent_per_day=1)
    ) as street:
        yield street


async def submit(person: Person, one: desk_pb2.Draft) -> desk_pb2.Submission:
    [told] = await person.house.submit(one, officer=person.officer)
    if told.HasField("problem"):
        raise read_problem(told.problem)
    return told


async def decide(person: Person, sent: desk_pb2.Submission, decision: Decision) -> office_pb2.ReleaseLine:
    person.sits()
    office = person.house.own_office
    view = await office.ShowRelease(office_pb2.ShowReleaseRequest(statement=sent.statement), NO_CONTEXT)
    return await office.DecideRelease(make_word(view, decision, person.papers, "because"), NO_CONTEXT)


async def listed(person: Person) -> list[office_pb2.ReleaseLine]:
    person.sits()
    found = await person.house.own_office.ListReleases(office_pb2.ListReleasesRequest(), NO_CONTEXT)
    return list(found.releases)


def request(desk: str, number: str = "T-1", **more: Any) -> desk_pb2.Draft:
    return draft(m.request(number), to=["xab"], desk=desk, **more)


class TestRelease:
    """An officer of the overseeing desk lets it go."""

    async def test_all_that_it_writes_waits_for_the_overseeing_desk(self, street: Street) -> None:
        xaa = street["xaa"]
        writer, own, over = hire(xaa, "1", "province"), hire(xaa, "2", "province"), hire(xaa, "9", "poc")
        await enlist(xaa, writer, own, over)
        sent = await submit(writer, request("province"))
        assert sent.release_state == WAITING
        assert await street.queued(xaa) == []
        [line] = await listed(over)
        assert (line.desk, line.deciding_desk, line.yours_to_decide) == ("province", "poc", True)
        with pytest.raises(PermissionError_):
            await decide(own, sent, Decision.APPROVED)
        await decide(over, sent, Decision.APPROVED)
        await street.carry()
        shown = (
            await street["xab"]
            .as_officer("poc")
            .ShowCase(desk_pb2.ShowCaseRequest(case=sent.thread, desk="poc"), NO_CONTEXT)
        )
        assert shown.statements[0].content.trace_request.file_number == "T-1"

    async def test_words_in_a_notice_of_release_wait_like_any_others(self, street: Street) -> None:
        """The node's own notices go by themselves; what an officer writes into one does not."""
        xaa = street["xaa"]
        writer, over = hire(xaa, "1", "province"), hire(xaa, "9", "poc")
        await enlist(xaa, writer, over)
        [asked] = await street["xab"].submit(draft(m.request("B-1"), to=["xaa"]))
        await street.carry()
        over.sits()
        await xaa.own_office.PutOnCase(
            office_pb2.PutOnCaseRequest(case=asked.thread, desk="province", as_desk="poc"), NO_CONTEXT
        )
        notice = share_pb2.ReleaseNotice(
            reason=share_pb2.NOTICE_REASON_COMPELLED_DISCLOSURE,
            text="what nobody has looked at",
            releases=[{"statement_digest": asked.statement, "released_on": "2026-01-01"}],
        )
        sent = await submit(writer, draft(notice, to=["xab"], case=asked.thread, desk="province"))
        assert sent.release_state == WAITING

    @pytest.mark.parametrize("kind", ["error", "notice"])
    async def test_what_an_officer_puts_into_clear_fields_waits_like_any_other_words(
        self, street: Street, kind: str
    ) -> None:
        """Of an error and of a notice, the node's own go by themselves; an officer may write no letter in them."""
        xaa = street["xaa"]
        writer, over = hire(xaa, "1", "province"), hire(xaa, "9", "poc")
        await enlist(xaa, writer, over)
        [asked] = await street["xab"].submit(draft(m.request("B-1"), to=["xaa"]))
        await street.carry()
        over.sits()
        await xaa.own_office.PutOnCase(
            office_pb2.PutOnCaseRequest(case=asked.thread, desk="province", as_desk="poc"), NO_CONTEXT
        )
        said: Message = trace_pb2.Error(
            code="incomplete", statement_digest=asked.statement, where="what nobody has looked at"
        )
        if kind == "notice":
            said = share_pb2.ReleaseNotice(
                file_number="what nobody has looked at",
                reason=share_pb2.NOTICE_REASON_COMPELLED_DISCLOSURE,
                releases=[{"statement_digest": asked.statement, "released_on": "2026-01-01"}],
            )
        sent = await submit(writer, draft(said, to=["xab"], case=asked.thread, desk="province"))
        assert sent.release_state == WAITING
        assert await street.queued(xaa) == []

    @pytest.mark.parametrize("desk", ["province", "harbour", "armoury"])
    async def test_it_writes_no_letter_abroad_itself(self, street: Street, desk: str) -> None:
        """Who writes a letter prints it: nobody could look at it before."""
        said = letter(refusal=m.refusal())
        [told] = await street["xaa"].submit(draft(said, desk=desk))
        assert (told.problem.code, told.problem.reason) == ("not-allowed", "inner-desk")

    async def test_a_desk_that_does_not_see_a_case_keys_nothing_into_it(self, street: Street) -> None:
        [asked] = await street["xab"].submit(draft(m.request("B-1"), to=["xaa"]))
        await street.carry()
        for said in (letter(incoming=True, refusal=m.refusal()), enquiry("armoury")):
            [told] = await street["xaa"].submit(draft(said, desk="province", case=asked.thread))
            assert told.problem.reason == "open-administrative"

    async def test_who_sits_at_both_desks_does_not_release_his_own(self, street: Street) -> None:
        xaa = street["xaa"]
        both = hire(xaa, "1", "province", "poc")
        sent = await submit(both, request("province"))
        with pytest.raises(PermissionError_) as refusal:
            await decide(both, sent, Decision.APPROVED)
        assert refusal.value.reason == "own-message"

    async def test_the_overseer_sees_what_its_desk_may_and_no_more(self, street: Street) -> None:
        xaa = street["xaa"]
        writer, over = hire(xaa, "1", "province"), hire(xaa, "9", "poc")
        one = request("province")
        one.content.trace_request.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
        one.content.trace_request.ground_text = "found at the border"
        sent = await submit(writer, one)
        over.sits()
        view = await xaa.own_office.ShowRelease(
            office_pb2.ShowReleaseRequest(statement=sent.statement), NO_CONTEXT
        )
        assert view.shown.content.trace_request.ground_text == "found at the border"
        assert "somebody" not in str(view)

    async def test_who_wrote_it_sees_it_wait_and_may_take_it_back(self, street: Street) -> None:
        """An officer of a desk that does not see every case knows of the mail of his desk, and of no other."""
        xaa = street["xaa"]
        writer, over = hire(xaa, "1", "province"), hire(xaa, "9", "poc")
        guarded = request("police", "T-9")
        guarded.content.trace_request.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
        other = await submit(hire(xaa, "8", "police"), guarded)
        sent = await submit(writer, request("province"))
        assert [one.statement for one in await listed(writer)] == [sent.statement]
        assert len(await listed(over)) == 2
        with pytest.raises(NotFoundError):
            await decide(writer, other, Decision.REFUSED)
        assert (await decide(writer, sent, Decision.REFUSED)).state == desk_pb2.RELEASE_STATE_REFUSED

    async def test_urgent_mail_goes_and_the_overseeing_desk_reviews_it(self, street: Street) -> None:
        """Within the quota; the next one waits."""
        xaa = street["xaa"]
        writer, over = hire(xaa, "1", "province"), hire(xaa, "9", "poc")
        made = [request("province", f"U-{n}", lane="LANE_URGENT") for n in range(2)]
        for one in made:
            one.content.trace_request.urgency = trace_pb2.URGENCY_URGENT
            one.content.trace_request.urgency_reason = trace_pb2.URGENCY_REASON_DANGER_TO_LIFE
        first, second = [await submit(writer, one) for one in made]
        assert first.release_state == desk_pb2.RELEASE_STATE_RELEASED_FOR_REVIEW
        assert second.release_state == WAITING
        assert (await decide(over, first, Decision.APPROVED)).state == desk_pb2.RELEASE_STATE_REVIEWED

    async def test_it_sees_the_case_that_it_opened_and_the_answer(self, street: Street) -> None:
        """It is put on it; a desk that sees every case gives it what comes."""
        xaa, xab = street["xaa"], street["xab"]
        writer, over = hire(xaa, "1", "province"), hire(xaa, "9", "poc")
        sent = await submit(writer, request("province"))
        await decide(over, sent, Decision.APPROVED)
        await street.carry()
        [answered] = await xab.submit(draft(m.response(), case=sent.thread))
        assert answered.release_state == desk_pb2.RELEASE_STATE_RELEASED
        await street.carry()
        await xaa.rooms.case_desking.keep_up()
        writer.sits()
        view = await xaa.desk.ShowCase(desk_pb2.ShowCaseRequest(case=sent.thread), NO_CONTEXT)
        assert [one.kind for one in view.statements] == ["trace.request/1", "trace.response/1"]
        assert view.statements[0].content.trace_request.items[0].object.make == "Zastava"
        assert view.statements[1].content.response.ListFields()


class TestNotice:
    """It goes at once; the overseeing desk is told."""

    async def test_it_goes_and_stands_in_the_list_until_somebody_has_seen_it(self, street: Street) -> None:
        xaa = street["xaa"]
        writer, over = hire(xaa, "1", "harbour"), hire(xaa, "9", "poc")
        sent = await submit(writer, request("harbour"))
        assert sent.release_state == desk_pb2.RELEASE_STATE_RELEASED_WITH_NOTICE
        assert len(await street.queued(xaa)) == 1
        [line] = await listed(over)
        assert line.yours_to_decide
        status = await xaa.desk.GetStatus(desk_pb2.GetStatusRequest(), NO_CONTEXT)
        assert (status.release_notices, status.reviews_due, status.releases_waiting) == (1, 0, 0)
        assert (await decide(over, sent, Decision.APPROVED)).state == desk_pb2.RELEASE_STATE_REVIEWED
        assert await listed(over) == []


class TestWhoMayWrite:
    """A desk writes in cases that it sees; an inner desk under oversight only."""

    async def test_an_inner_desk_without_oversight_writes_to_no_other_member(self, street: Street) -> None:
        with pytest.raises(PermissionError_) as refusal:
            await submit(hire(street["xaa"], "1", "armoury"), request("armoury"))
        assert refusal.value.reason == "inner-desk"

    async def test_a_desk_does_not_write_in_a_case_that_it_does_not_see(self, street: Street) -> None:
        """Nor does it come onto a case by guessing its number."""
        xaa = street["xaa"]
        sent = await submit(hire(xaa, "8", "police"), request("police", "SECRET-1"))
        reply = draft(m.request("SECRET-1"), to=["xab"], case="SECRET-1", desk="harbour")
        with pytest.raises(PermissionError_):
            await submit(hire(xaa, "1", "harbour"), reply)
        on_it = await xaa.store.read(lambda tx: tx.case_desks.of(list(tx.cases.resolve(sent.thread))))
        assert on_it == {}


@pytest.mark.parametrize(
    "more",
    [
        {"under": "nobody"},
        {"under": "province"},
        {"under": "poc", "oversight": "sometimes"},
        {"point_of_contact": True, "outward": False},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(more: dict[str, Any], tmp_path: Path) -> None:
    poc = {"id": "poc", "point_of_contact": True}
    table = {
        "member": "xaa",
        "domain": "tracepost.example",
        "listen": {"post": "127.0.0.1:1", "desk": "127.0.0.1:2"},
        "office": {"name": "Office"},
        "desk": [poc, {"id": "province", **more}],
    }
    with pytest.raises(ConfigurationError):
        read_config(Section(table), tmp_path)
    table["desk"] = [poc, {"id": "province", "outward": False, "under": "poc", "oversight": "notice"}]
    assert read_config(Section(table), tmp_path).desks[1].under == "poc"
