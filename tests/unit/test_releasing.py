"""A second officer's word before mail goes: when it is asked for, who may give it, and what it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, POC, POLICE, House, Street, draft, open_street, take_papers
from fakes.people import Person, enlist, hire
from tracepost.node.config import ConsentSettings, ReleaseSettings
from tracepost.node.desk_keys import generate_bundle
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.desks.policy_words import digest_of, read_words
from tracepost.node.handlers.sending.preparing import GUARDED
from tracepost.node.ports.store import Tx
from tracepost.node.services.office import DESCRIPTOR, OfficeService
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import (
    ApprovalError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionError_,
    StoreError,
)
from tracepost.protocol.evidence import Opened, Sent, Signed, parse_entry
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, ThreadId, encode_b64, parse_digest
from tracepost.protocol.schema import RAISES
from tracepost.sdk.office import make_word
from tracepost.serving.methods import MethodTable
from tracepost.wire.v1 import desk_pb2, office_pb2, onward_pb2, share_pb2, terms_pb2, trace_pb2

HOUR = 3600
DO_NOT_ALERT = terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT
NO_ONWARD_RELEASE = terms_pb2.Restriction(code="RESTRICTION_CODE_NO_ONWARD_RELEASE")
WAITING = desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER
RULES = ReleaseSettings(delay_hours=24, review_hours=24, urgent_per_day=2)


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", release=RULES) as street:
        yield street


@pytest.fixture
async def staff(street: Street) -> list[Person]:
    """Officers 7 and 8 of the police desk, and 9 of the point of contact; all have called."""
    xaa = street["xaa"]
    people = [hire(xaa, "7", "police"), hire(xaa, "8", "police"), hire(xaa, "9", "poc")]
    await enlist(xaa, *people)
    return people


def guarded(number: str = "T-1", **more: Any) -> desk_pb2.Draft:
    """Return a request that names a suspect."""
    request = m.request(number)
    request.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
    return draft(request, to=["xab"], desk="police", idempotency_key=number, **more)


def urgent(number: str) -> desk_pb2.Draft:
    made = guarded(number, lane="LANE_URGENT")
    made.content.trace_request.urgency = trace_pb2.URGENCY_URGENT
    made.content.trace_request.urgency_reason = trace_pb2.URGENCY_REASON_DANGER_TO_LIFE
    return made


async def submit(person: Person, one: desk_pb2.Draft) -> desk_pb2.Submission:
    [told] = await person.house.submit(one, officer=person.officer)
    assert not told.HasField("problem"), told.problem
    return told


async def decide(
    person: Person, sent: desk_pb2.Submission, decision: Decision, reason: str = ""
) -> office_pb2.ReleaseLine:
    person.sits()
    office = person.house.own_office
    view = await office.ShowRelease(office_pb2.ShowReleaseRequest(statement=sent.statement), NO_CONTEXT)
    return await office.DecideRelease(make_word(view, decision, person.papers, reason), NO_CONTEXT)


async def approve(person: Person, sent: desk_pb2.Submission) -> office_pb2.ReleaseLine:
    return await decide(person, sent, Decision.APPROVED)


async def listed(person: Person, *, decided: bool = False) -> list[office_pb2.ReleaseLine]:
    person.sits()
    request = office_pb2.ListReleasesRequest(decided=decided)
    return list((await person.house.own_office.ListReleases(request, NO_CONTEXT)).releases)


async def entries(house: House) -> list[object]:
    size = house.store.evidence.head.size
    lines = await house.store.read(lambda tx: tx.log.lines(range(size)))
    return [parse_entry(line.preimage) for _, line in sorted(lines.items())]


async def told_of(house: House, sent: desk_pb2.Submission) -> list[tuple[str, str]]:
    """Return what the audit trail says of somebody's word on mail: who, and what."""
    found = await house.store.read(lambda tx: tx.audit.about([sent.statement]))
    return [(e.event.actor, e.event.action) for e in found if e.event.action.startswith("release")]


async def in_effect(house: House, sent: desk_pb2.Submission) -> bool:
    digest = parse_digest(sent.statement)
    found = await house.store.read(lambda tx: tx.statements.find([digest]))
    return found[digest].in_effect


async def letters(house: House, sent: desk_pb2.Submission) -> int:
    digest: StatementDigest = parse_digest(sent.statement)
    return len(await house.store.read(lambda tx: tx.releases.letters(digest)))


async def _lost(_: object) -> None:
    raise StoreError("the store is away", where="store", reason="store-lost")


def test_every_rpc_has_a_method_and_a_row_for_our_own_officers_only() -> None:
    text = resources.files("tracepost.node").joinpath("methods.toml").read_text("utf-8")
    table = MethodTable.from_toml(text)
    for method in DESCRIPTOR.methods:
        assert vars(OfficeService).get(method.name), method.name
        rule = table.rule(f"/{DESCRIPTOR.full_name}/{method.name}")
        assert rule.own_member_only
        assert rule.roles == frozenset({"officer"})


class TestWhenItIsAsked:
    """Only for what another member's desk would read of the two classes."""

    async def test_a_message_without_such_data_goes_at_once(
        self, street: Street, staff: list[Person]
    ) -> None:
        told = await submit(staff[0], draft(m.request(), to=["xab"], desk="police"))
        assert told.release_state == desk_pb2.RELEASE_STATE_RELEASED
        assert await listed(staff[1]) == []

    async def test_a_person_waits_for_the_second_officer_of_the_desk(
        self, street: Street, staff: list[Person]
    ) -> None:
        told = await submit(staff[0], guarded())
        assert (told.release_state, told.release_until) == (WAITING, "")
        assert not told.dispatches
        assert await street.queued(street["xaa"]) == []
        assert not await in_effect(street["xaa"], told)
        assert not [e for e in await entries(street["xaa"]) if isinstance(e, Signed | Sent)]

    def test_no_raising_of_a_class_is_a_way_round(self) -> None:
        """What they may be raised to would have to be guarded too."""
        assert all(RAISES[one] <= GUARDED for one in GUARDED)

    async def test_what_no_desk_of_the_addressee_may_read_needs_nobody(self, tmp_path: Path) -> None:
        desks = {"xaa": (POC, POLICE), "xab": (POC,)}
        async with open_street(tmp_path, "xaa", "xab", desks=desks, release=RULES) as street:
            person = hire(street["xaa"], "7", "police")
            await enlist(street["xaa"], person, hire(street["xaa"], "8", "police"))
            told = await submit(person, guarded())
            assert told.release_state == desk_pb2.RELEASE_STATE_RELEASED
            assert [one.path for one in told.unsent]

    async def test_an_officer_of_another_desk_is_no_second(self, street: Street) -> None:
        """Then it is delayed; so is mail of a desk whose other officer's certificate has lapsed."""
        xaa = street["xaa"]
        alone, other = hire(xaa, "7", "police"), hire(xaa, "9", "poc")
        await enlist(xaa, alone, other)
        told = await submit(alone, guarded())
        assert told.release_state == desk_pb2.RELEASE_STATE_DELAYED
        assert told.release_until

    async def test_the_settings_may_ask_for_none(self, tmp_path: Path) -> None:
        async with open_street(tmp_path, "xaa", "xab") as street:
            person = hire(street["xaa"], "7", "police")
            told = await submit(person, guarded())
            assert told.release_state == desk_pb2.RELEASE_STATE_RELEASED

    async def test_the_same_draft_again_is_the_same_message(
        self, street: Street, staff: list[Person]
    ) -> None:
        first, again = await submit(staff[0], guarded()), await submit(staff[0], guarded())
        assert first == again
        assert len(await listed(staff[1])) == 1


class TestHandling:
    """Mail that waits says how it is to be handled."""

    async def test_what_is_open_or_never_went_says_so_and_what_went_does_not(
        self, street: Street, staff: list[Person]
    ) -> None:
        told = {}
        for number in ("sent", "refused", "waiting"):
            one = guarded(number)
            one.content.trace_request.handling_instructions[:] = [DO_NOT_ALERT]
            told[number] = await submit(staff[0], one)
        await approve(staff[1], told["sent"])
        await decide(staff[1], told["refused"], Decision.REFUSED, "not so")
        lines = {line.statement: list(line.handling) for line in await listed(staff[1], decided=True)}
        assert lines[told["sent"].statement] == []
        assert lines[told["refused"].statement] == lines[told["waiting"].statement] == [DO_NOT_ALERT]


class TestApproving:
    """The mail goes, with the word in the log."""

    async def test_what_is_decided_is_answered_without_another_look_into_the_store(
        self, street: Street, staff: list[Person], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A look that failed would tell of a decision as if there had been none."""
        sent = await submit(staff[0], guarded())
        releasing = street["xaa"].rooms.releasing
        staff[1].sits()
        asked = office_pb2.ShowReleaseRequest(statement=sent.statement)
        view = await street["xaa"].own_office.ShowRelease(asked, NO_CONTEXT)
        release = releasing._release

        async def decide_and_lose_the_store(*arguments: Any) -> Any:
            decided = await release(*arguments)
            monkeypatch.setattr(street["xaa"].store, "read", _lost)
            return decided

        monkeypatch.setattr(releasing, "_release", decide_and_lose_the_store)
        word = make_word(view, Decision.APPROVED, staff[1].papers, "")
        line = await street["xaa"].own_office.DecideRelease(word, NO_CONTEXT)
        assert line.state == desk_pb2.RELEASE_STATE_RELEASED

    async def test_it_is_sent_with_the_digest_of_the_word_in_the_log(
        self, street: Street, staff: list[Person]
    ) -> None:
        sent = await submit(staff[0], guarded())
        line = await approve(staff[1], sent)
        assert (line.state, line.decided_by) == (desk_pb2.RELEASE_STATE_RELEASED, "officer-8")
        xaa, digest = street["xaa"], parse_digest(sent.statement)
        kept = (await xaa.store.read(lambda tx: tx.releases.find([digest])))[digest]
        [signed] = [e for e in await entries(xaa) if isinstance(e, Signed)]
        assert (signed.statement, signed.officer) == (digest, "officer-7")
        assert signed.approvals == digest_of(read_words(kept.words)) != b""
        assert await letters(xaa, sent) == 0
        await street.carry()
        view = (
            await street["xab"]
            .as_officer("police")
            .ShowCase(desk_pb2.ShowCaseRequest(case=sent.thread, desk="police"), NO_CONTEXT)
        )
        assert view.statements[0].content.trace_request.persons[0].name == "somebody"

    async def test_the_case_is_shown_to_its_own_desk_and_exported_afterwards(
        self, street: Street, staff: list[Person]
    ) -> None:
        sent = await submit(staff[0], guarded())
        await approve(staff[1], sent)
        staff[0].sits()
        view = await street["xaa"].desk.ShowCase(desk_pb2.ShowCaseRequest(case=sent.thread), NO_CONTEXT)
        assert view.statements[0].content.trace_request.persons[0].name == "somebody"
        chunks = street["xaa"].desk.ExportCase(
            desk_pb2.ExportCaseRequest(case=sent.thread, format="EXPORT_FORMAT_TRACEPOST"), NO_CONTEXT
        )
        assert b"".join([chunk.data async for chunk in chunks])

    async def test_the_second_officer_sees_all_that_his_desk_wrote_and_the_look_is_logged(
        self, street: Street, staff: list[Person]
    ) -> None:
        sent = await submit(staff[0], guarded())
        staff[1].sits()
        view = await street["xaa"].own_office.ShowRelease(
            office_pb2.ShowReleaseRequest(statement=sent.statement[:10]), NO_CONTEXT
        )
        assert view.shown.content.trace_request.persons[0].name == "somebody"
        assert view.line.yours_to_decide
        [look] = [e for e in await entries(street["xaa"]) if isinstance(e, Opened)]
        assert (look.officer, look.desk, look.action) == ("officer-8", "police", "open")

    async def test_the_case_is_not_there_before(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], guarded())
        staff[0].sits()
        with pytest.raises(NotFoundError):
            await street["xaa"].desk.ShowCase(desk_pb2.ShowCaseRequest(case=sent.thread), NO_CONTEXT)

    async def test_a_message_to_two_members_waits_as_one(self, tmp_path: Path) -> None:
        async with open_street(tmp_path, "xaa", "xab", "xac", release=RULES) as street:
            xaa = street["xaa"]
            ada, ben = hire(xaa, "7", "police"), hire(xaa, "8", "police")
            await enlist(xaa, ada, ben)
            one = guarded()
            one.to.append("xac")
            sent = await submit(ada, one)
            await approve(ben, sent)
            assert len(await street.queued(xaa)) == 2
            await street.carry()
            for name in ("xab", "xac"):
                view = (
                    await street[name]
                    .as_officer("police")
                    .ShowCase(desk_pb2.ShowCaseRequest(case=sent.thread, desk="police"), NO_CONTEXT)
                )
                assert view.statements[0].content.trace_request.persons[0].name == "somebody"


class TestWhoMay:
    """Another officer of the desk, and nobody else."""

    async def test_nobody_approves_his_own(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], guarded())
        with pytest.raises(PermissionError_) as refusal:
            await approve(staff[0], sent)
        assert refusal.value.reason == "own-message"
        assert await street.queued(street["xaa"]) == []

    async def test_an_officer_of_another_desk_neither_approves_nor_refuses(
        self, street: Street, staff: list[Person]
    ) -> None:
        sent = await submit(staff[0], guarded())
        for decision in Decision:
            with pytest.raises(PermissionError_) as refusal:
                await decide(staff[2], sent, decision, "because")
            assert refusal.value.reason == "other-desk"
        [line] = await listed(staff[2])
        assert not line.yours_to_decide

    async def test_a_word_about_another_message_is_refused(self, street: Street, staff: list[Person]) -> None:
        one, other = await submit(staff[0], guarded("T-1")), await submit(staff[0], guarded("T-2"))
        staff[1].sits()
        office = street["xaa"].own_office
        view = await office.ShowRelease(office_pb2.ShowReleaseRequest(statement=one.statement), NO_CONTEXT)
        word = make_word(view, Decision.APPROVED, staff[1].papers)
        word.statement = other.statement
        with pytest.raises(ApprovalError) as refusal:
            await office.DecideRelease(word, NO_CONTEXT)
        assert refusal.value.reason == "other-subject"

    async def test_a_word_that_another_officer_brings_is_refused(
        self, street: Street, staff: list[Person]
    ) -> None:
        sent = await submit(staff[0], guarded())
        staff[1].sits()
        office = street["xaa"].own_office
        view = await office.ShowRelease(office_pb2.ShowReleaseRequest(statement=sent.statement), NO_CONTEXT)
        word = make_word(view, Decision.APPROVED, staff[1].papers)
        staff[0].sits()
        with pytest.raises(ApprovalError) as refusal:
            await office.DecideRelease(word, NO_CONTEXT)
        assert refusal.value.reason == "other-officer"

    async def test_it_is_decided_once(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], guarded())
        await approve(staff[1], sent)
        for decision in Decision:
            with pytest.raises(ConflictError) as refusal:
                await decide(staff[1], sent, decision, "because")
            assert refusal.value.reason == "decided"
        assert len(await street.queued(street["xaa"])) == 1


class TestRefusing:
    """Nothing is left that could be sent."""

    async def test_a_refused_message_is_never_sent_and_says_why(
        self, street: Street, staff: list[Person]
    ) -> None:
        sent = await submit(staff[0], guarded())
        line = await decide(staff[1], sent, Decision.REFUSED, "The suspect is a witness.")
        assert (line.state, line.reason) == (desk_pb2.RELEASE_STATE_REFUSED, "The suspect is a witness.")
        assert await letters(street["xaa"], sent) == 0
        assert not await in_effect(street["xaa"], sent)
        with pytest.raises(ConflictError):
            await approve(staff[1], sent)
        assert await listed(staff[1]) == []
        [told] = await listed(staff[0], decided=True)
        assert told.reason == "The suspect is a witness."
        assert await told_of(street["xaa"], sent) == [("officer-8", "release-refuse")]

    async def test_a_refusal_says_why(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], guarded())
        with pytest.raises(InvalidInputError) as refusal:
            await decide(staff[1], sent, Decision.REFUSED)
        assert refusal.value.reason == "no-reason"

    async def test_who_wrote_it_may_take_it_back(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], guarded())
        line = await decide(staff[0], sent, Decision.REFUSED, "A typing error.")
        assert line.state == desk_pb2.RELEASE_STATE_REFUSED
        assert await told_of(street["xaa"], sent) == [("officer-7", "release-take-back")]


class TestWhatChangedMeanwhile:
    """What it was sealed for must be as it was."""

    async def test_another_key_of_the_addressee_makes_it_void(
        self, street: Street, staff: list[Person]
    ) -> None:
        sent = await submit(staff[0], guarded())
        xab = street["xab"]
        xab.identities.bundles[DeskId("police")] = generate_bundle(DeskId("police"))
        street.clock.now += 60
        await take_papers(street["xaa"], xab.identities.announcement(street.clock()), street.clock())
        with pytest.raises(ConflictError) as refusal:
            await approve(staff[1], sent)
        assert refusal.value.reason == "sealed-for-others"
        assert "anew" in refusal.value.what_to_do
        [line] = await listed(staff[1], decided=True)
        assert line.state == desk_pb2.RELEASE_STATE_VOID
        assert await letters(street["xaa"], sent) == 0
        assert await street.queued(street["xaa"]) == []

    async def test_the_same_entry_again_changes_nothing(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], guarded())
        street.clock.now += 60
        again = street["xab"].identities.announcement(street.clock())
        await take_papers(street["xaa"], again, street.clock())
        assert (await approve(staff[1], sent)).state == desk_pb2.RELEASE_STATE_RELEASED

    async def test_mail_that_waited_too_long_is_void(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], guarded(deliver_by=street.clock() + HOUR))
        street.clock.now += HOUR + 1
        with pytest.raises(ConflictError) as refusal:
            await approve(staff[1], sent)
        assert refusal.value.reason == "too-late"


class TestConsents:
    """Who may not send such data alone does not let another member pass it on alone either."""

    @pytest.mark.parametrize(
        ("paths", "waits"),
        [((), True), (("persons",), True), (("persons.0",), True), (("items.0.object",), False)],
        ids=["all of it", "persons", "one person", "what the thing is"],
    )
    async def test_one_that_reaches_persons_waits_for_a_second_officer(
        self, street: Street, staff: list[Person], paths: tuple[str, ...], waits: bool
    ) -> None:
        sent = await submit(staff[0], guarded())
        await approve(staff[1], sent)
        await street.carry()
        said = draft(m.consent("xac", field_paths=paths), to=["xab"], case=sent.thread, desk="police")
        told = await submit(staff[0], said)
        released = desk_pb2.RELEASE_STATE_RELEASED
        assert told.release_state == (WAITING if waits else released)

    async def test_one_for_a_case_without_any_goes_at_once(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], draft(m.request("T-2"), to=["xab"], desk="police"))
        said = draft(m.consent("xac"), to=["xab"], case=sent.thread, desk="police")
        assert (await submit(staff[0], said)).release_state == desk_pb2.RELEASE_STATE_RELEASED


class TestDelay:
    """A desk with one officer: its mail goes by itself, unless somebody of the member stops it."""

    async def test_it_goes_when_its_time_has_come_and_not_before(self, street: Street) -> None:
        xaa = street["xaa"]
        alone = hire(xaa, "7", "police")
        await enlist(xaa, alone)
        sent = await submit(alone, guarded())
        street.clock.now += 24 * HOUR - 1
        assert await xaa.rooms.releasing.send_due() == 0
        street.clock.now += 1
        assert await xaa.rooms.releasing.send_due() == 1
        assert await xaa.rooms.releasing.send_due() == 0
        assert len(await street.queued(xaa)) == 1
        [signed] = [e for e in await entries(xaa) if isinstance(e, Signed)]
        assert signed.approvals == b""
        [line] = await listed(alone, decided=True)
        assert (line.state, line.decided_by) == (desk_pb2.RELEASE_STATE_RELEASED, "")
        assert line.statement == sent.statement

    async def test_an_officer_of_any_desk_may_stop_it(self, street: Street) -> None:
        xaa = street["xaa"]
        alone, other = hire(xaa, "7", "police"), hire(xaa, "9", "poc")
        await enlist(xaa, alone, other)
        sent = await submit(alone, guarded())
        [notice] = await listed(other)
        assert (notice.state, notice.yours_to_decide) == (desk_pb2.RELEASE_STATE_DELAYED, False)
        with pytest.raises(PermissionError_):
            await approve(other, sent)
        await decide(other, sent, Decision.REFUSED, "Ask the prosecutor first.")
        street.clock.now += 25 * HOUR
        assert await xaa.rooms.releasing.send_due() == 0

    async def test_what_waits_for_an_officer_who_left_is_delayed_and_told(
        self, street: Street, staff: list[Person]
    ) -> None:
        xaa = street["xaa"]
        await submit(staff[0], guarded())
        assert await xaa.rooms.releasing.delay_unseconded() == 0

        def leaves(tx: Tx) -> None:
            [second] = [one for one in tx.officers.all() if one.number == "8"]
            tx.officers.put(replace(second, left_at=street.clock()))

        await xaa.store.write(leaves, label="leave")
        assert await xaa.rooms.releasing.delay_unseconded() == 1
        assert await xaa.rooms.releasing.delay_unseconded() == 0
        [line] = await listed(staff[0])
        due = instant(street.clock() + 24 * HOUR)
        assert (line.state, line.until) == (desk_pb2.RELEASE_STATE_DELAYED, due)
        assert line.reason == "no-second-officer"
        assert await xaa.rooms.releasing.send_due() == 0
        street.clock.now += 24 * HOUR
        assert await xaa.rooms.releasing.send_due() == 1
        assert len(await street.queued(xaa)) == 1

    async def test_a_second_officer_who_came_since_lets_it_go_at_once(self, street: Street) -> None:
        xaa = street["xaa"]
        alone = hire(xaa, "7", "police")
        await enlist(xaa, alone)
        sent = await submit(alone, guarded())
        assert (await approve(hire(xaa, "8", "police"), sent)).state == desk_pb2.RELEASE_STATE_RELEASED

    async def test_void_mail_is_not_sent_when_its_time_comes(self, street: Street) -> None:
        xaa = street["xaa"]
        alone = hire(xaa, "7", "police")
        await enlist(xaa, alone)
        await submit(alone, guarded(deliver_by=street.clock() + HOUR))
        street.clock.now += 25 * HOUR
        assert await xaa.rooms.releasing.send_due() == 0
        [line] = await listed(alone, decided=True)
        assert line.state == desk_pb2.RELEASE_STATE_VOID


class TestUrgent:
    """One officer now, a second one within a day, and so many to one member."""

    async def test_it_goes_and_is_reviewed_afterwards(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], urgent("U-1"))
        assert sent.release_state == desk_pb2.RELEASE_STATE_RELEASED_FOR_REVIEW
        assert len(await street.queued(street["xaa"])) == 1
        line = await approve(staff[1], sent)
        assert line.state == desk_pb2.RELEASE_STATE_REVIEWED
        [review] = [e for e in await entries(street["xaa"]) if isinstance(e, Opened) and e.approvals]
        assert (review.action, review.officer, encode_b64(review.statement)) == (
            "review",
            "officer-8",
            sent.statement,
        )
        assert len(await street.queued(street["xaa"])) == 1

    async def test_nobody_reviews_his_own(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], urgent("U-1"))
        for decision in Decision:
            with pytest.raises(PermissionError_):
                await decide(staff[0], sent, decision, "mine")

    async def test_an_objection_is_on_record(self, street: Street, staff: list[Person]) -> None:
        sent = await submit(staff[0], urgent("U-1"))
        line = await decide(staff[1], sent, Decision.REFUSED, "The place was not needed.")
        assert line.state == desk_pb2.RELEASE_STATE_OBJECTED
        assert line.log_index

    async def test_beyond_the_quota_of_a_member_it_waits(self, street: Street, staff: list[Person]) -> None:
        """Also within one batch; a day later there is room again."""
        drafts = [urgent(f"U-{n}") for n in range(3)]
        told = await street["xaa"].submit(*drafts, officer=staff[0].officer)
        assert [one.release_state for one in told] == [desk_pb2.RELEASE_STATE_RELEASED_FOR_REVIEW] * 2 + [
            WAITING
        ]
        street.clock.now += 24 * HOUR + 1
        later = await submit(staff[0], urgent("U-9"))
        assert later.release_state == desk_pb2.RELEASE_STATE_RELEASED_FOR_REVIEW

    async def test_an_overdue_review_is_told(self, street: Street, staff: list[Person]) -> None:
        await submit(staff[0], urgent("U-1"))
        await submit(staff[0], guarded("T-1"))
        street.clock.now += 24 * HOUR + 1
        staff[1].sits()
        status = await street["xaa"].desk.GetStatus(desk_pb2.GetStatusRequest(), NO_CONTEXT)
        assert (status.releases_waiting, status.reviews_due, status.reviews_overdue) == (1, 1, 1)
        assert sorted(one.overdue for one in await listed(staff[1])) == [False, True]


class TestOfOthers:
    """What is shown of others goes only on what they say today."""

    async def test_a_word_of_another_member_since_makes_it_void(self, tmp_path: Path) -> None:
        """It may have withdrawn its consent."""
        async with open_street(tmp_path, "xaa", "xab", "xac", release=RULES) as street:
            xaa, xab = street["xaa"], street["xab"]
            ada, ben = hire(xab, "7", "police"), hire(xab, "8", "police")
            await enlist(xab, ada, ben)
            first, second = hire(xaa, "7", "police"), hire(xaa, "8", "police")
            await enlist(xaa, first, second)
            request = guarded()
            request.content.trace_request.referral_consents.append("xac")
            sent = await submit(first, request)
            await approve(second, sent)
            await street.carry()
            referral = trace_pb2.Referral(
                requester="xaa",
                request_digest=sent.statement,
                request_thread=sent.thread,
                item_ids=["1"],
                reason="REDIRECT_REASON_EXPORTED_TO",
                mode="REFERRAL_MODE_HAND_OVER",
            )
            told = await submit(ada, draft(referral, to=["xac"], case=sent.thread, desk="police"))
            assert told.release_state == WAITING
            more = draft(
                trace_pb2.Status(state="PROCESSING_STATE_REMINDER", reminder_number=1),
                to=["xab"],
                case=sent.thread,
                desk="police",
            )
            await submit(first, more)
            await street.carry()
            with pytest.raises(ConflictError) as refusal:
                await approve(ben, told)
            assert refusal.value.reason == "sealed-for-others"

    @pytest.mark.parametrize("standing", [False, True])
    async def test_a_consent_that_is_taken_back_in_another_case_makes_it_void(
        self, tmp_path: Path, standing: bool
    ) -> None:
        """What goes on in a case of its own rests on what was said in the case that it came from, or in an entry."""
        async with open_street(tmp_path, "xaa", "xab", "xac", release=RULES) as street:
            xaa, xab = street["xaa"], street["xab"]
            ada, ben = hire(xab, "7", "police"), hire(xab, "8", "police")
            await enlist(xab, ada, ben)
            first, second = hire(xaa, "7", "police"), hire(xaa, "8", "police")
            await enlist(xaa, first, second)
            sent = await submit(first, guarded(restrictions=[NO_ONWARD_RELEASE]))
            await approve(second, sent)
            given = m.consent("xac", statement_digest=sent.statement)
            if standing:
                street.clock.now += 60
                said = xaa.identities.announcement(
                    street.clock(), consents=[ConsentSettings(MemberId("xac"))]
                )
                await take_papers(xab, said, street.clock())
            else:
                said_so = draft(given, to=["xab"], case=sent.thread, desk="police")
                await approve(second, await submit(first, said_so))
            await street.carry()
            choice = onward_pb2.ShareChoice(statement=sent.statement)
            share = share_pb2.Share(reason="SHARE_REASON_CASE")
            told = await submit(ada, draft(share, to=["xac"], desk="police", shared=[choice]))
            assert (told.release_state, told.thread != sent.thread) == (WAITING, True)
            if standing:
                street.clock.now += 60
                await take_papers(xab, xaa.identities.announcement(street.clock()), street.clock())
            else:
                given.step = trace_pb2.CONSENT_STEP_REVOKED
                given.ClearField("decision")
                await submit(first, draft(given, to=["xab"], case=sent.thread, desk="police"))
            await street.carry()
            with pytest.raises(ConflictError) as refusal:
                await approve(ben, told)
            assert refusal.value.reason == "sealed-for-others"


class TestCompanions:
    """Notices of what is passed on go with it, or not at all."""

    async def waits(self, street: Street, staff: list[Person], asked: desk_pb2.Submission) -> Any:
        choice = onward_pb2.ShareChoice(statement=asked.statement)
        share = share_pb2.Share(reason="SHARE_REASON_CASE")
        said = draft(share, to=["xac"], case=asked.thread, desk="police", shared=[choice])
        return await submit(staff[0], said)

    async def kinds(self, street: Street, name: str, thread: str) -> list[str]:
        records = await street[name].store.read(lambda tx: tx.statements.in_threads([ThreadId(thread)]))
        return sorted(record.kind for record in records)

    async def test_they_go_when_it_goes(self, three: Street, crew: list[Person]) -> None:
        asked = await self.ask(three)
        sent = await self.waits(three, crew, asked)
        assert sent.release_state == WAITING
        assert len(await listed(crew[1])) == 1
        await three.carry()
        assert "release.notice/1" not in await self.kinds(three, "xab", asked.thread)
        await approve(crew[1], sent)
        await three.carry()
        assert "release.notice/1" in await self.kinds(three, "xab", asked.thread)
        assert "share/1" in await self.kinds(three, "xac", asked.thread)

    async def test_they_stay_when_it_is_refused(self, three: Street, crew: list[Person]) -> None:
        asked = await self.ask(three)
        sent = await self.waits(three, crew, asked)
        await decide(crew[1], sent, Decision.REFUSED, "not needed")
        await three.carry()
        assert "release.notice/1" not in await self.kinds(three, "xab", asked.thread)
        assert not await three.queued(three["xaa"])

    async def ask(self, street: Street) -> desk_pb2.Submission:
        """XAB tells XAA of a person, urgently."""
        made = urgent("T-9")
        made.to[:] = ["xaa"]
        [asked] = await street["xab"].submit(made)
        assert not asked.HasField("problem"), asked.problem
        await street.carry()
        return asked

    @pytest.fixture
    async def three(self, tmp_path: Path) -> AsyncIterator[Street]:
        async with open_street(tmp_path, "xaa", "xab", "xac", release=RULES) as street:
            yield street

    @pytest.fixture
    async def crew(self, three: Street) -> list[Person]:
        people = [hire(three["xaa"], "7", "police"), hire(three["xaa"], "8", "police")]
        await enlist(three["xaa"], *people)
        return people
