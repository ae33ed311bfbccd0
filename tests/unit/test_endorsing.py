"""A passkey speaks for an officer from when his certificate endorsed it until that is over, and for nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes.devices import Device, speak_for
from fakes.house import NO_CONTEXT, House, Street, draft, open_street, take_papers
from fakes.messages import request
from fakes.people import Person, enlist, hire
from fakes.pki import DOMAIN
from tracepost.node.config import ReleaseSettings
from tracepost.node.handlers.desks.endorsing import WORD_LASTS_S
from tracepost.node.handlers.desks.policy_words import digest_of, read_words
from tracepost.node.records.staff import ReleaseState
from tracepost.protocol import approval, endorsement
from tracepost.protocol.approval import Decision, of_statement
from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.errors import (
    ApprovalError,
    IdentityError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    PermissionError_,
)
from tracepost.protocol.evidence import Signed, parse_entry
from tracepost.protocol.ids import encode_b64, parse_digest
from tracepost.sdk.approvals import certificates_of
from tracepost.sdk.office import make_word
from tracepost.sdk.passkeys import answer_word, ask_word, endorse, read_request, speaking, write_request
from tracepost.wire.v1 import desk_pb2, office_pb2
from tracepost.wire.v1.post_pb2 import Announcement

RULES = ReleaseSettings(delay_hours=24, review_hours=24, urgent_per_day=2)
RELEASED = desk_pb2.RELEASE_STATE_RELEASED
REFUSED = desk_pb2.RELEASE_STATE_REFUSED


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", release=RULES) as street:
        yield street


@pytest.fixture
async def staff(street: Street) -> list[Person]:
    """Officers 7 and 8 of the police desk."""
    people = [hire(street["xaa"], number, "police") for number in ("7", "8")]
    await enlist(street["xaa"], *people)
    return people


async def wait_for_word(author: Person) -> str:
    """Write a message that names a suspect; return its digest."""
    message = request("T-1")
    message.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
    one = draft(message, to=["xab"], desk="police")
    [told] = await author.house.submit(one, officer=author.officer)
    assert told.release_state == desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER
    return told.statement


def approving(
    person: Person, device: Device, statement: str, passkey: office_pb2.Passkey
) -> office_pb2.DecideReleaseRequest:
    """Return an officer's word by passkey that lets mail go."""
    certificates = certificates_of(person.papers)
    subject, now = of_statement(parse_digest(statement)), person.house.clock()
    asked = ask_word(subject, Decision.APPROVED, certificates[0], now)
    return office_pb2.DecideReleaseRequest(
        statement=statement,
        approval=answer_word(asked, device.answer(asked.challenge), [passkey]),
        certificates=certificates,
    )


async def say(
    person: Person,
    device: Device,
    statement: str,
    decision: Decision = Decision.APPROVED,
    *,
    shown: str = "",
    passkeys: list[office_pb2.Passkey] | None = None,
    time: int = 0,
) -> office_pb2.ReleaseLine:
    """Give a word by passkey, on `shown` where a console shows another message than it hands the word in for."""
    person.sits()
    house, certificates = person.house, certificates_of(person.papers)
    own = list((await listed(person)).passkeys) if passkeys is None else passkeys
    asked = ask_word(
        of_statement(parse_digest(shown or statement)), decision, certificates[0], time or house.clock()
    )
    word = office_pb2.DecideReleaseRequest(
        statement=statement,
        approval=answer_word(asked, device.answer(asked.challenge), own),
        certificates=certificates,
        reason="because" if decision is Decision.REFUSED else None,
    )
    return await house.own_office.DecideRelease(word, NO_CONTEXT)


async def listed(person: Person) -> office_pb2.ListPasskeysResponse:
    person.sits()
    return await person.house.own_office.ListPasskeys(office_pb2.ListPasskeysRequest(), NO_CONTEXT)


async def state_of(house: House, statement: str) -> ReleaseState:
    digest = parse_digest(statement)
    return (await house.store.read(lambda tx: tx.releases.find([digest])))[digest].state


class TestItsWord:
    async def test_it_lets_mail_go_and_the_log_commits_to_it(
        self, street: Street, staff: list[Person]
    ) -> None:
        xaa, device = street["xaa"], Device()
        statement = await wait_for_word(staff[0])
        await speak_for(staff[1], device)
        done = await say(staff[1], device, statement)
        assert (done.state, done.decided_by) == (RELEASED, "officer-8")
        digest = parse_digest(statement)
        kept = (await xaa.store.read(lambda tx: tx.releases.find([digest])))[digest]
        lines = await xaa.store.read(lambda tx: tx.log.lines([done.log_index]))
        entry = parse_entry(lines[done.log_index].preimage)
        assert isinstance(entry, Signed)
        words = read_words(kept.words)
        assert entry.approvals == digest_of(words)
        # What is kept proves itself, with nothing but the officer's certificate.
        [word] = words
        leaf = load_certificate(word.certificates[0])
        proved = approval.verify(word.approval, leaf, staff[1].identity, of_statement(digest))
        assert (proved.officer, proved.digest) == ("8", word.digest)

    async def test_it_stops_mail(self, street: Street, staff: list[Person]) -> None:
        device = Device()
        statement = await wait_for_word(staff[0])
        await speak_for(staff[1], device)
        assert (await say(staff[1], device, statement, Decision.REFUSED)).state == REFUSED

    async def test_nobody_releases_by_passkey_what_he_wrote(
        self, street: Street, staff: list[Person]
    ) -> None:
        device = Device()
        statement = await wait_for_word(staff[0])
        await speak_for(staff[0], device)
        with pytest.raises(PermissionError_) as refusal:
            await say(staff[0], device, statement)
        assert refusal.value.reason == "own-message"
        assert (await say(staff[0], device, statement, Decision.REFUSED)).state == REFUSED

    async def test_it_is_about_what_was_signed_and_nothing_else(
        self, street: Street, staff: list[Person]
    ) -> None:
        device = Device()
        statement, other = await wait_for_word(staff[0]), encode_b64(bytes(32))
        await speak_for(staff[1], device)
        with pytest.raises(ApprovalError) as refusal:
            await say(staff[1], device, statement, shown=other)
        assert refusal.value.reason == "other-subject"

    @pytest.mark.parametrize(("age", "holds"), [(WORD_LASTS_S, True), (WORD_LASTS_S + 1, False)])
    async def test_it_is_good_for_an_hour(
        self, street: Street, staff: list[Person], age: int, *, holds: bool
    ) -> None:
        device, house = Device(), street["xaa"]
        statement = await wait_for_word(staff[0])
        await speak_for(staff[1], device)
        asked_at = house.clock()
        house.clock.now += age
        if holds:
            assert (await say(staff[1], device, statement, time=asked_at)).state == RELEASED
            return
        with pytest.raises(ApprovalError) as refusal:
            await say(staff[1], device, statement, time=asked_at)
        assert refusal.value.reason == "too-old"

    async def test_it_is_not_the_word_of_another_officer(self, street: Street, staff: list[Person]) -> None:
        device = Device()
        statement = await wait_for_word(staff[0])
        of_author = await speak_for(staff[0], device)
        with pytest.raises(ApprovalError) as refusal:
            await say(staff[1], device, statement, passkeys=[of_author])
        assert refusal.value.reason == "not-endorsed"

    async def test_the_certificate_speaks_as_before(self, street: Street, staff: list[Person]) -> None:
        statement = await wait_for_word(staff[0])
        staff[1].sits()
        office = street["xaa"].own_office
        view = await office.ShowRelease(office_pb2.ShowReleaseRequest(statement=statement), NO_CONTEXT)
        word = make_word(view, Decision.APPROVED, staff[1].papers)
        assert (await office.DecideRelease(word, NO_CONTEXT)).state == RELEASED


class TestItsEnd:
    """What was endorsed is over: the word is refused, and the mail goes on waiting."""

    async def refuse(
        self, person: Person, device: Device, passkey: office_pb2.Passkey, statement: str
    ) -> None:
        with pytest.raises(ApprovalError) as refusal:
            await say(person, device, statement, passkeys=[passkey])
        assert refusal.value.reason == "not-endorsed"
        assert await state_of(person.house, statement) is ReleaseState.WAITING_FOR_SECOND_OFFICER

    async def test_the_officer_takes_it_back(self, street: Street, staff: list[Person]) -> None:
        device = Device()
        statement = await wait_for_word(staff[0])
        passkey = await speak_for(staff[1], device)
        request = office_pb2.EndPasskeyRequest(credential=passkey.credential)
        await street["xaa"].own_office.EndPasskey(request, NO_CONTEXT)
        assert not (await listed(staff[1])).passkeys
        await self.refuse(staff[1], device, passkey, statement)

    async def test_a_word_that_was_taken_before_lets_no_mail_go_after(
        self, street: Street, staff: list[Person]
    ) -> None:
        house, device, ben = street["xaa"], Device(), staff[1]
        statement = await wait_for_word(staff[0])
        passkey = await speak_for(ben, device)
        request = approving(ben, device, statement, passkey)
        word = await house.rooms.endorsing.take_word(request.approval, request.certificates, ben.identity)
        await house.rooms.endorsing.end(ben.officer, passkey.credential)
        with pytest.raises(ApprovalError) as refusal:
            await house.rooms.releasing.decide(ben.officer, word, request)
        assert refusal.value.reason == "not-endorsed"
        assert await state_of(house, statement) is ReleaseState.WAITING_FOR_SECOND_OFFICER

    async def test_what_was_endorsed_twice_is_ended_at_once(
        self, street: Street, staff: list[Person]
    ) -> None:
        house, device = street["xaa"], Device()
        statement = await wait_for_word(staff[0])
        earlier = await speak_for(staff[1], device)
        house.clock.now += 1
        later = await speak_for(staff[1], device)
        assert earlier.endorsement != later.endorsement
        assert [one.endorsement for one in (await listed(staff[1])).passkeys] == [later.endorsement]
        request = office_pb2.EndPasskeyRequest(credential=later.credential)
        await house.own_office.EndPasskey(request, NO_CONTEXT)
        assert not (await listed(staff[1])).passkeys
        for passkey in (earlier, later):
            await self.refuse(staff[1], device, passkey, statement)

    async def test_nobody_takes_back_what_another_endorsed(self, street: Street, staff: list[Person]) -> None:
        passkey = await speak_for(staff[1], Device())
        staff[0].sits()
        request = office_pb2.EndPasskeyRequest(credential=passkey.credential)
        with pytest.raises(NotFoundError):
            await street["xaa"].own_office.EndPasskey(request, NO_CONTEXT)
        assert [one.credential for one in (await listed(staff[1])).passkeys] == [passkey.credential]

    async def test_it_ends_by_its_date(self, street: Street, staff: list[Person]) -> None:
        house = street["xaa"]
        passkey = await speak_for(staff[1], Device())
        assert await house.rooms.endorsing.drop_dead() == 0
        house.clock.now = endorsement.read(passkey.endorsement).until + 1
        assert await house.rooms.endorsing.drop_dead() == 1

    async def test_it_ends_when_the_officer_leaves(self, street: Street, staff: list[Person]) -> None:
        house, third = street["xaa"], hire(street["xaa"], "9", "poc")
        await enlist(house, third, hire(house, "10", "police"))
        await speak_for(staff[1], Device())
        third.sits()
        leaving = office_pb2.LeaveOfficeRequest(officer="8", successor="7")
        await house.own_office.LeaveOffice(leaving, NO_CONTEXT)
        assert await house.rooms.endorsing.drop_dead() == 1

    async def test_it_ends_when_the_certificate_is_revoked(self, street: Street, staff: list[Person]) -> None:
        house, device = street["xaa"], Device()
        statement = await wait_for_word(staff[0])
        passkey = await speak_for(staff[1], device)
        now = house.clock()
        crl = house.identities.authority.crl([staff[1].issued.certificate], revoked_at=now - 1)
        await take_papers(house, Announcement(member="xaa", crl=crl), now)
        with pytest.raises(IdentityError) as refusal:
            await say(staff[1], device, statement, passkeys=[passkey])
        assert refusal.value.reason == "revoked"
        assert await house.rooms.endorsing.drop_dead() == 1
        await self.refuse(staff[1], device, passkey, statement)

    async def test_it_ends_with_the_certificate(self, street: Street, staff: list[Person]) -> None:
        house, device = street["xaa"], Device()
        statement = await wait_for_word(staff[0])
        passkey = await speak_for(staff[1], device)
        newer = hire(house, "8", "police")
        await enlist(house, newer)
        await self.refuse(newer, device, passkey, statement)

    async def test_what_an_earlier_certificate_endorsed_is_seen_and_ended(
        self, street: Street, staff: list[Person]
    ) -> None:
        house, device = street["xaa"], Device()
        await speak_for(staff[1], device)
        newer = hire(house, "8", "police")
        await enlist(house, newer)
        [old] = (await listed(newer)).passkeys
        assert speaking([old], certificates_of(staff[1].papers)[0]) == [old]
        assert speaking([old], certificates_of(newer.papers)[0]) == []
        await speak_for(newer, device)
        assert len((await listed(newer)).passkeys) == 2
        request = office_pb2.EndPasskeyRequest(credential=old.credential)
        await house.own_office.EndPasskey(request, NO_CONTEXT)
        assert not (await listed(newer)).passkeys


class TestEndorsing:
    async def test_one_device_does_not_speak_for_two_officers(
        self, street: Street, staff: list[Person]
    ) -> None:
        device = Device()
        first = await speak_for(staff[0], device)
        for same in (device, Device(key=device.key)):
            with pytest.raises(ApprovalError) as refusal:
                await speak_for(staff[1], same)
            assert refusal.value.reason == "of-another"
        staff[0].sits()
        request = office_pb2.EndPasskeyRequest(credential=first.credential)
        await street["xaa"].own_office.EndPasskey(request, NO_CONTEXT)
        await speak_for(staff[1], device)  # it has changed hands

    async def test_another_officer_s_endorsement_is_not_taken(
        self, street: Street, staff: list[Person]
    ) -> None:
        house = street["xaa"]
        said = endorse(Device().request("7"), staff[0].papers, domain=DOMAIN, now=house.clock())
        staff[1].sits()
        with pytest.raises(ApprovalError) as refusal:
            await house.own_office.EndorsePasskey(said, NO_CONTEXT)
        assert refusal.value.reason == "other-officer"

    async def test_an_endorsement_of_tomorrow_is_not_taken(self, street: Street, staff: list[Person]) -> None:
        house = street["xaa"]
        staff[1].sits()
        said = endorse(Device().request("8"), staff[1].papers, domain=DOMAIN, now=house.clock() + 86400)
        with pytest.raises(ApprovalError):
            await house.own_office.EndorsePasskey(said, NO_CONTEXT)

    async def test_nobody_endorses_a_file_that_was_made_for_another(self, staff: list[Person]) -> None:
        with pytest.raises(InvalidInputError):
            endorse(Device().request("7"), staff[1].papers, domain=DOMAIN, now=0)

    async def test_an_officer_has_ten(self, street: Street, staff: list[Person]) -> None:
        for _ in range(10):
            await speak_for(staff[1], Device())
        with pytest.raises(LimitError):
            await speak_for(staff[1], Device())

    async def test_those_of_an_earlier_certificate_take_no_place(
        self, street: Street, staff: list[Person]
    ) -> None:
        for _ in range(10):
            await speak_for(staff[1], Device())
        newer = hire(street["xaa"], "8", "police")
        await enlist(street["xaa"], newer)
        await speak_for(newer, Device())
        assert len((await listed(newer)).passkeys) == 11

    async def test_one_of_ten_is_endorsed_again(self, street: Street, staff: list[Person]) -> None:
        devices = [Device() for _ in range(10)]
        for device in (*devices, devices[0]):
            await speak_for(staff[1], device)
        assert len((await listed(staff[1])).passkeys) == 10

    def test_the_file_is_read_as_it_was_written(self) -> None:
        asked = Device().request("8")
        assert read_request(write_request(asked)) == asked

    @pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format":"tracepost-passkey/1"}', b"\xff"])
    def test_another_file_is_none(self, data: bytes) -> None:
        with pytest.raises(InvalidInputError):
            read_request(data)
