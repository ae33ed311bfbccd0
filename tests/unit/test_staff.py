"""Officers: the register, deputies with dates, cases that are assigned, and an officer who leaves."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, House, Street, draft, open_street, take_papers
from fakes.people import Person, enlist, hire
from tracepost.node.config import ReleaseSettings
from tracepost.node.handlers.desks.staff import OfficerDoor, Staff
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import (
    ConflictError,
    IdentityError,
    InvalidInputError,
    NotFoundError,
    PermissionError_,
)
from tracepost.sdk.office import make_word
from tracepost.serving.callers import Caller, set_caller
from tracepost.wire.v1 import desk_pb2, office_pb2
from tracepost.wire.v1.post_pb2 import Announcement

DAY = 86400
STANDING = office_pb2.OfficerStanding


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", release=ReleaseSettings()) as street:
        yield street


@pytest.fixture
def xaa(street: Street) -> House:
    return street["xaa"]


async def listed(person: Person) -> dict[str, office_pb2.OfficerLine]:
    person.sits()
    found = await person.house.own_office.ListOfficers(office_pb2.ListOfficersRequest(), NO_CONTEXT)
    return {one.number: one for one in found.officers}


def day(house: House, days: int = 0) -> str:
    return dt.datetime.fromtimestamp(house.clock() + days * DAY, tz=dt.UTC).date().isoformat()


async def deputise(
    by: Person, number: str, desk: str = "poc", first: int = 0, last: int = 2
) -> office_pb2.Deputy:
    by.sits()
    request = office_pb2.DeputiseOfficerRequest(
        officer=number, desk=desk, from_day=day(by.house, first), until_day=day(by.house, last)
    )
    return await by.house.own_office.DeputiseOfficer(request, NO_CONTEXT)


async def decide(by: Person, number: int, *, approve: bool = True) -> office_pb2.Deputy:
    by.sits()
    request = office_pb2.DecideDeputyRequest(number=number, approve=approve)
    return await by.house.own_office.DecideDeputy(request, NO_CONTEXT)


async def leave(by: Person, number: str, successor: str) -> office_pb2.Leaving:
    by.sits()
    request = office_pb2.LeaveOfficeRequest(officer=number, successor=successor)
    return await by.house.own_office.LeaveOffice(request, NO_CONTEXT)


async def assign(by: Person, case: str, number: str) -> office_pb2.Assignment:
    by.sits()
    request = office_pb2.AssignCaseRequest(case=case, officer=number)
    return await by.house.own_office.AssignCase(request, NO_CONTEXT)


async def cases_of(by: Person, number: str = "") -> list[str]:
    by.sits()
    request = office_pb2.ListAssignmentsRequest(officer=number or None)
    return [
        one.thread for one in (await by.house.own_office.ListAssignments(request, NO_CONTEXT)).assignments
    ]


async def told_to(person: Person) -> list[tuple[str, str]]:
    """Return the desks that the node says an officer stands in for, each with the last day of it."""
    person.sits()
    status = await person.house.desk.GetStatus(desk_pb2.GetStatusRequest(), NO_CONTEXT)
    return [(one.desk, one.until_day) for one in status.stands_in_for]


def desks_of(person: Person) -> set[str]:
    """Return the desks that the door lets an officer act for today."""
    return set(person.house.rooms.staff.admit(person.identity).desks)


class TestRegister:
    """Filled when officers call, and by command."""

    async def test_who_calls_is_known_with_desks_and_times(self, xaa: House) -> None:
        ada = hire(xaa, "7", "poc", "police")
        await enlist(xaa, ada)
        line = (await listed(ada))["7"]
        assert (list(line.desks), line.standing) == (["poc", "police"], STANDING.OFFICER_STANDING_ON_DUTY)
        assert line.first_seen == line.last_seen
        xaa.clock.now += 2 * 3600
        xaa.rooms.staff.require_here(ada.identity)
        assert (await listed(ada))["7"].last_seen > line.last_seen

    async def test_who_was_written_down_counts_before_he_calls(self, xaa: House) -> None:
        ada, ben = hire(xaa, "7", "poc"), hire(xaa, "8", "poc")
        ada.sits()
        request = office_pb2.AddOfficerRequest(certificates=[ben.issued.der])
        line = await xaa.own_office.AddOfficer(request, NO_CONTEXT)
        assert (line.number, line.last_seen, line.standing) == ("8", "", STANDING.OFFICER_STANDING_ON_DUTY)

    async def test_a_certificate_that_is_no_officers_is_refused(self, xaa: House) -> None:
        hire(xaa, "7", "poc").sits()
        request = office_pb2.AddOfficerRequest(certificates=[xaa.identities.statement.der])
        with pytest.raises(InvalidInputError) as refusal:
            await xaa.own_office.AddOfficer(request, NO_CONTEXT)
        assert refusal.value.reason == "not-an-officer"

    async def test_an_officer_of_another_member_is_not_taken(self, street: Street, xaa: House) -> None:
        hire(xaa, "7", "poc").sits()
        request = office_pb2.AddOfficerRequest(certificates=[hire(street["xab"], "8", "poc").issued.der])
        with pytest.raises(IdentityError):
            await xaa.own_office.AddOfficer(request, NO_CONTEXT)


class TestDeputies:
    """An officer acts for a desk for some days, on the word of two others."""

    async def test_he_acts_for_it_on_these_days_and_no_others(self, xaa: House) -> None:
        ada, ben, deputy = hire(xaa, "7", "poc"), hire(xaa, "8", "poc"), hire(xaa, "9", "police")
        await enlist(xaa, ada, ben, deputy)
        made = await deputise(ada, "9", first=1, last=2)
        assert made.state == office_pb2.DEPUTY_STATE_PROPOSED
        assert desks_of(deputy) == {"police"}
        assert (await decide(ben, made.number)).state == office_pb2.DEPUTY_STATE_TO_COME
        assert desks_of(deputy) == {"police"}
        version = xaa.rooms.staff.version()
        for expected in ({"police", "poc"}, {"police", "poc"}, {"police"}):
            xaa.clock.now += DAY
            assert desks_of(deputy) == expected
            assert xaa.rooms.staff.version() != version
            version = xaa.rooms.staff.version()
        assert not (await listed(ada))["9"].deputises

    async def test_he_is_told_for_which_desk_and_until_when_and_nobody_else_is(self, xaa: House) -> None:
        ada, ben, deputy = hire(xaa, "7", "poc"), hire(xaa, "8", "poc"), hire(xaa, "9", "police")
        await enlist(xaa, ada, ben, deputy)
        for last in (1, 2):
            await decide(ben, (await deputise(ada, "9", first=1, last=last)).number)
        until = day(xaa, 2)
        for expected in ([], [("poc", until)], [("poc", until)], []):
            assert (await told_to(deputy), await told_to(ada)) == (expected, [])
            xaa.clock.now += DAY

    async def test_the_register_holds_the_desks_of_the_certificate_only(self, xaa: House) -> None:
        ada, ben, deputy = hire(xaa, "7", "poc"), hire(xaa, "8", "poc"), hire(xaa, "9", "police")
        await enlist(xaa, ada, ben, deputy)
        await decide(ben, (await deputise(ada, "9")).number)
        xaa.clock.now += 2 * 3600
        xaa.rooms.staff.require_here(xaa.rooms.staff.admit(deputy.identity))
        line = (await listed(ada))["9"]
        assert (list(line.desks), [d.desk for d in line.deputises]) == (["police"], ["poc"])

    async def test_a_deputy_is_the_second_officer_of_the_desk(self, xaa: House) -> None:
        alone, poc, deputy = hire(xaa, "7", "police"), hire(xaa, "8", "poc"), hire(xaa, "9", "poc")
        await enlist(xaa, alone, poc, deputy)
        request = m.request("T-1")
        request.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
        one = draft(request, to=["xab"], desk="police")
        [delayed] = await xaa.submit(one, officer=alone.officer)
        assert delayed.release_state == desk_pb2.RELEASE_STATE_DELAYED
        await decide(poc, (await deputise(alone, "9", "police")).number)
        request.file_number = "T-2"
        [waiting] = await xaa.submit(draft(request, to=["xab"], desk="police"), officer=alone.officer)
        assert waiting.release_state == desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER
        set_caller(Caller(xaa.rooms.staff.admit(deputy.identity), "test", "test"))
        show = office_pb2.ShowReleaseRequest(statement=waiting.statement)
        view = await xaa.own_office.ShowRelease(show, NO_CONTEXT)
        assert view.shown.content.trace_request.persons[0].name == "somebody"
        word = make_word(view, Decision.APPROVED, deputy.papers)
        assert (await xaa.own_office.DecideRelease(word, NO_CONTEXT)).decided_by == "officer-9"

    async def test_neither_the_proposer_nor_the_deputy_approves_it(self, xaa: House) -> None:
        ada, deputy = hire(xaa, "7", "poc"), hire(xaa, "9", "police")
        await enlist(xaa, ada, deputy)
        made = await deputise(ada, "9", "poc")
        for by in (ada, deputy):
            with pytest.raises(PermissionError_) as refusal:
                await decide(by, made.number)
            assert refusal.value.reason == "own-proposal"

    async def test_an_officer_of_another_desk_has_no_say(self, xaa: House) -> None:
        ada, other = hire(xaa, "7", "poc"), hire(xaa, "8", "police")
        await enlist(xaa, ada, other, hire(xaa, "9", "police"))
        made = await deputise(ada, "9", "poc")
        for act in (deputise(other, "9", "poc"), decide(other, made.number), decide(other, 1, approve=False)):
            with pytest.raises(PermissionError_) as refusal:
                await act
            assert refusal.value.reason == "other-desk"

    async def test_it_can_be_ended_at_once_by_the_desk_or_himself(self, xaa: House) -> None:
        ada, ben, deputy = hire(xaa, "7", "poc"), hire(xaa, "8", "poc"), hire(xaa, "9", "police")
        await enlist(xaa, ada, ben, deputy)
        for by in (ada, deputy):
            made = await deputise(ada, "9")
            await decide(ben, made.number)
            assert desks_of(deputy) == {"police", "poc"}
            assert (await decide(by, made.number, approve=False)).state == office_pb2.DEPUTY_STATE_OVER
            assert desks_of(deputy) == {"police"}
            with pytest.raises(ConflictError):
                await decide(ben, made.number)

    @pytest.mark.parametrize(
        ("number", "desk", "days", "reason"),
        [
            ("9", "poc", (2, 1), "day"),
            ("9", "poc", (-3, -1), "day"),
            ("9", "poc", (0, 366), "too-long"),
            ("9", "police", (0, 1), "of-the-desk"),
            ("44", "poc", (0, 1), "unknown-officer"),
            ("9", "nowhere", (0, 1), "unknown-desk"),
        ],
    )
    async def test_an_appointment_that_makes_no_sense_is_refused(
        self, xaa: House, number: str, desk: str, days: tuple[int, int], *, reason: str
    ) -> None:
        ada = hire(xaa, "7", "poc")
        await enlist(xaa, ada, hire(xaa, "9", "police"))
        with pytest.raises(InvalidInputError) as refusal:
            await deputise(ada, number, desk, *days)
        assert refusal.value.reason == reason

    async def test_what_is_not_there_is_not_decided(self, xaa: House) -> None:
        with pytest.raises(NotFoundError):
            await decide(hire(xaa, "7", "poc"), 3)


class TestLeaving:
    """From that moment he is refused; what was his has a successor."""

    async def test_he_is_refused_at_the_door_at_once(self, xaa: House) -> None:
        ada, gone = hire(xaa, "7", "poc"), hire(xaa, "9", "police")
        await enlist(xaa, ada, gone, hire(xaa, "8", "police"))
        door = OfficerDoor(xaa.papers, "tracepost.example", xaa.rooms.staff)
        visitor = door.identify(gone.issued.certificate, [], at=xaa.clock())
        told = await leave(ada, "9", "8")
        assert (told.certificate_in_force, list(told.desks_to_rekey)) == (True, ["police"])
        with pytest.raises(IdentityError) as refusal:
            door.recheck(visitor, at=xaa.clock())
        assert refusal.value.reason == "officer-left"
        with pytest.raises(IdentityError):
            door.identify(gone.issued.certificate, [], at=xaa.clock())
        with pytest.raises(IdentityError):  # nor with another certificate that is in force
            xaa.rooms.staff.admit(hire(xaa, "9", "police").identity)

    async def test_it_is_remembered_after_a_restart(self, xaa: House) -> None:
        ada, gone = hire(xaa, "7", "poc"), hire(xaa, "9", "police")
        await enlist(xaa, ada, gone, hire(xaa, "8", "police"))
        await leave(ada, "9", "8")
        again = Staff(xaa.office, xaa.gate, xaa.papers, xaa.store, xaa.clock)
        await again.load()
        with pytest.raises(IdentityError):
            again.admit(gone.identity)

    async def test_his_cases_and_appointments_go(self, xaa: House) -> None:
        ada, ben = hire(xaa, "7", "poc"), hire(xaa, "6", "poc")
        gone, next_one = hire(xaa, "9", "police"), hire(xaa, "8", "police")
        await enlist(xaa, ada, ben, gone, next_one)
        await decide(ben, (await deputise(ada, "9")).number)
        [first] = await xaa.submit(draft(m.request("T-1"), to=["xab"]))
        [other] = await xaa.submit(draft(m.request("T-2"), to=["xab"]))
        await assign(gone, first.thread, "9")
        await assign(ada, "T-2", "8")
        assert await cases_of(gone) == [first.thread]
        told = await leave(ada, "9", "8")
        assert (told.cases, told.deputies_ended, told.officer.successor) == (1, 1, "8")
        assert sorted(await cases_of(next_one)) == sorted([first.thread, other.thread])
        assert await cases_of(ada, "9") == []
        xaa.clock.now += 60
        again = await leave(ada, "9", "8")
        assert (again.cases, again.deputies_ended) == (1, 1)
        assert again.officer.left_at == told.officer.left_at

    async def test_mail_of_his_that_waits_may_be_let_go_or_taken_back_by_the_successor(
        self, xaa: House
    ) -> None:
        ada, gone = hire(xaa, "7", "poc"), hire(xaa, "9", "police")
        second = hire(xaa, "8", "police")
        await enlist(xaa, ada, gone, second)
        sent = []
        for number in ("T-1", "T-2"):
            request = m.request(number)
            request.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
            sent += await xaa.submit(draft(request, to=["xab"], desk="police"), officer=gone.officer)
        assert (await leave(ada, "9", "7")).releases == 2
        for one, by, decision in ((sent[0], second, Decision.APPROVED), (sent[1], ada, Decision.REFUSED)):
            by.sits()
            show = office_pb2.ShowReleaseRequest(statement=one.statement)
            view = await xaa.own_office.ShowRelease(show, NO_CONTEXT)
            word = make_word(view, decision, by.papers, "He has left.")
            line = await xaa.own_office.DecideRelease(word, NO_CONTEXT)
            assert line.decided_by == f"officer-{by.number}"
        assert (await leave(ada, "9", "7")).releases == 0

    async def test_a_desk_without_anybody_is_told(self, xaa: House) -> None:
        ada = hire(xaa, "7", "poc")
        await enlist(xaa, ada, hire(xaa, "9", "police"))
        assert list((await leave(ada, "9", "7")).desks_without_officer) == ["police"]

    async def test_who_comes_back_needs_a_certificate_that_begins_after_he_left(self, xaa: House) -> None:
        """Any older one is refused for ever, not only the one that he showed last."""
        ada, gone = hire(xaa, "7", "poc"), hire(xaa, "9", "police")
        spare, used = hire(xaa, "9", "police"), hire(xaa, "9", "police")
        await enlist(xaa, ada, used, gone)
        await leave(ada, "9", "7")
        xaa.clock.now += 60
        ada.sits()
        for old in (used, gone, spare):
            with pytest.raises(ConflictError):
                await xaa.own_office.AddOfficer(
                    office_pb2.AddOfficerRequest(certificates=[old.issued.der]), NO_CONTEXT
                )
        back = hire(xaa, "9", "police", begins=xaa.clock())
        await xaa.own_office.AddOfficer(
            office_pb2.AddOfficerRequest(certificates=[back.issued.der]), NO_CONTEXT
        )
        assert desks_of(back) == {"police"}
        door = OfficerDoor(xaa.papers, "tracepost.example", xaa.rooms.staff)
        for old in (used, gone, spare):
            with pytest.raises(IdentityError) as refusal:
                door.identify(old.issued.certificate, [], at=xaa.clock())
            assert refusal.value.reason == "officer-left"
            with pytest.raises(IdentityError):
                xaa.rooms.staff.require_here(old.identity)
        door.identify(back.issued.certificate, [], at=xaa.clock())

    async def test_who_may_and_to_whom(self, xaa: House) -> None:
        ada, other = hire(xaa, "7", "poc"), hire(xaa, "8", "police")
        await enlist(xaa, ada, other, hire(xaa, "9", "police"))
        with pytest.raises(PermissionError_) as refusal:
            await leave(other, "7", "8")
        assert refusal.value.reason == "other-desk"
        for number, successor, reason in (
            ("9", "9", "same-officer"),
            ("9", "44", "not-on-duty"),
            ("44", "8", "unknown-officer"),
        ):
            with pytest.raises(InvalidInputError) as wrong:
                await leave(ada, number, successor)
            assert wrong.value.reason == reason
        await leave(ada, "9", "8")
        with pytest.raises(ConflictError):
            await leave(ada, "9", "7")

    async def test_nobody_rids_himself_alone_of_the_only_second_officer(self, xaa: House) -> None:
        """His own word, or that of an officer elsewhere, or the authority's: then it is no longer one alone."""
        ada, ben, poc = hire(xaa, "7", "police"), hire(xaa, "8", "police"), hire(xaa, "9", "poc")
        await enlist(xaa, ada, ben, poc)
        with pytest.raises(PermissionError_) as refusal:
            await leave(ada, "8", "7")
        assert refusal.value.reason == "second-officer"
        assert (await listed(ada))["8"].standing == STANDING.Value("OFFICER_STANDING_ON_DUTY")
        await enlist(xaa, hire(xaa, "6", "police"))
        assert (await leave(ada, "8", "7")).officer.left_at, "there is another one"
        with pytest.raises(PermissionError_):
            await leave(ada, "6", "7")
        assert (await leave(poc, "6", "7")).officer.left_at

    @pytest.mark.parametrize("word", ["his own", "the authority's"])
    async def test_with_another_word_the_only_second_officer_leaves(self, xaa: House, word: str) -> None:
        ada, ben = hire(xaa, "7", "police"), hire(xaa, "8", "police")
        await enlist(xaa, ada, ben)
        if word == "his own":
            assert (await leave(ben, "8", "7")).officer.left_at
        else:
            crl = xaa.identities.authority.crl([ben.issued.certificate], number=5)
            await take_papers(xaa, Announcement(member="xaa", crl=crl), xaa.clock())
            assert (await leave(ada, "8", "7")).officer.left_at

    async def test_nor_of_the_only_deputy(self, xaa: House) -> None:
        ada, poc, other = hire(xaa, "7", "police"), hire(xaa, "8", "poc"), hire(xaa, "9", "poc")
        await enlist(xaa, ada, poc, other)
        made = await decide(other, (await deputise(ada, "8", "police")).number)
        with pytest.raises(PermissionError_) as refusal:
            await decide(ada, made.number, approve=False)
        assert refusal.value.reason == "second-officer"
        assert (await decide(other, made.number, approve=False)).state == office_pb2.DEPUTY_STATE_OVER


class TestAssigning:
    """Whose turn it is; no right."""

    async def test_a_case_is_not_given_by_who_does_not_see_it_nor_to_who_is_not_here(
        self, xaa: House
    ) -> None:
        ada, stranger = hire(xaa, "7", "poc"), hire(xaa, "8", "node")
        await enlist(xaa, ada)
        [sent] = await xaa.submit(draft(m.request("T-1"), to=["xab"]))
        with pytest.raises(PermissionError_):
            await assign(stranger, sent.thread, "7")
        with pytest.raises(InvalidInputError):
            await assign(ada, sent.thread, "44")
        assert (await assign(ada, sent.thread, "7")).summary.our_file_number == "T-1"


async def test_the_register_is_read_under_one_set_of_policies(tmp_path: Path) -> None:
    """The gate is asked for it: not while the set is being changed."""
    async with open_street(tmp_path, "xaa") as street:
        house = street["xaa"]
        hire(house, "7", "poc").sits()
        async with house.own_office._standing.changed():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await house.own_office.ListOfficers(office_pb2.ListOfficersRequest(), NO_CONTEXT)
        assert (await house.own_office.ListOfficers(office_pb2.ListOfficersRequest(), NO_CONTEXT)) is not None
