"""Desks put on a case: what they get, from whom, what they never get, and what is left when they are taken off."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.channels import loss
from fakes.house import NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from tracepost.node.config import DeskSettings
from tracepost.node.handlers.sealed.opening import load_sealed
from tracepost.protocol.errors import InvalidInputError, LockedDeskError, NotFoundError, PermissionError_
from tracepost.protocol.evidence import Opened, parse_entry
from tracepost.protocol.ids import DeskId, encode_b64
from tracepost.wire.v1 import desk_pb2, office_pb2, onward_pb2

ARMOURY = DeskSettings(DeskId("armoury"), competences=("RECORDS_CUSTODY",), outward=False)
PROVINCE = DeskSettings(DeskId("province"), competences=("LAW_ENFORCEMENT",), outward=False)
CUSTOMS = DeskSettings(DeskId("customs"), competences=("CUSTOMS_ENFORCEMENT",))
WORDS = m.Words()


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    desks = {"xab": (POC, POLICE, CUSTOMS, ARMOURY, PROVINCE)}
    async with open_street(tmp_path, "xaa", "xab", desks=desks) as street:
        yield street


@pytest.fixture
async def case(street: Street) -> str:
    """A request of XAA with every class, at XAB."""
    return await ask(street)


async def ask(street: Street, number: str = "T-1") -> str:
    one = draft(m.rich_request(number), to=["xab"], desk="police", parts=[m.PICTURE, m.SCENE])
    one.content.trace_request.items[0].object.ClearField("covert_mark")
    [sent] = await street["xaa"].submit(one)
    assert not sent.HasField("problem"), sent.problem
    await street.carry()
    return sent.thread


async def view(house: House, desk: str, case: str) -> desk_pb2.CaseView:
    request = desk_pb2.ShowCaseRequest(case=case, desk=desk)
    return await house.as_officer(desk).ShowCase(request, NO_CONTEXT)


async def words_seen(house: House, desk: str, case: str, number: int = 0) -> set[str]:
    text = str((await view(house, desk, case)).statements[number].content)
    return {name for name, word in WORDS.by_class().items() if word in text}


async def words_held(house: House, desk: str, case: str) -> set[str]:
    """Return what the keys of a desk open of a case, whatever the gate would show of it."""
    records = await house.store.read(lambda tx: tx.statements.in_threads(list(tx.cases.resolve(case))))
    sealed = await house.store.read(lambda tx: load_sealed(tx, records, DeskId(desk)))
    found = [house.opener.unseal(one, DeskId(desk)).statement for one in sealed]
    text = str([d.value for one in found if one for d in one.disclosures])
    return {name for name, word in WORDS.by_class().items() if word in text}


async def put_on(house: House, case: str, desk: str, giver: str = "poc") -> office_pb2.CaseDesks:
    house.as_officer(giver)
    request = office_pb2.PutOnCaseRequest(case=case, desk=desk, as_desk=giver)
    return await house.own_office.PutOnCase(request, NO_CONTEXT)


async def take_off(house: House, case: str, desk: str) -> office_pb2.CaseDesks:
    house.as_officer("poc")
    request = office_pb2.TakeOffCaseRequest(case=case, desk=desk)
    return await house.own_office.TakeOffCase(request, NO_CONTEXT)


async def forwarded(house: House) -> list[Opened]:
    lines = await house.store.read(lambda tx: tx.log.lines(range(house.store.evidence.head.size)))
    entries = [parse_entry(line.preimage) for line in lines.values()]
    return [e for e in entries if isinstance(e, Opened) and e.action == "forward"]


class TestInnerDesks:
    """They are nobody else's business, and hold nothing until they are put on a case."""

    async def test_an_inner_desk_is_in_no_directory_entry(self, street: Street) -> None:
        entry = street["xaa"].papers.entry(street["xab"].member)
        assert entry is not None
        assert [d.desk for d in entry.desks] == ["node", "poc", "police", "customs"]

    @pytest.mark.parametrize("desk", ["armoury", "province"])
    async def test_it_neither_sees_nor_holds_anything_before(
        self, street: Street, case: str, desk: str
    ) -> None:
        xab = street["xab"]
        await xab.rooms.unlocking.keep_up()
        with pytest.raises(PermissionError_):
            await view(xab, desk, case)
        assert await words_held(xab, desk, case) == set()

    async def test_nor_of_what_its_own_member_writes(self, street: Street, case: str) -> None:
        """Though its competence would let it read."""
        xab = street["xab"]
        [sent] = await xab.submit(draft(m.response(), to=["xaa"], case=case, desk="police"))
        assert not sent.HasField("problem"), sent.problem
        assert await words_held(xab, "province", case) == set()

    async def test_nor_a_case_that_is_written_for_desks_of_its_competence(self, street: Street) -> None:
        """Peers do not know of it: what they write for custodians is for those that are outward."""
        [sent] = await street["xaa"].submit(draft(loss(), to=["xab"], desk="police"))
        assert not sent.HasField("problem"), sent.problem
        await street.carry()
        with pytest.raises(PermissionError_):
            await view(street["xab"], "armoury", sent.thread)
        assert (await view(street["xab"], "customs", sent.thread)).statements


class TestPuttingOn:
    """The desk gets what the gate lets it read on the case, and keys of nothing else."""

    async def test_a_custodian_gets_the_object_and_nothing_more(self, street: Street, case: str) -> None:
        xab = street["xab"]
        told = await put_on(xab, case, "armoury")
        assert (told.given, told.not_given, list(told.put_on_it)) == (1, 0, ["armoury"])
        assert await words_seen(xab, "armoury", case) == {"ADMINISTRATIVE", "OBJECT"}
        assert await words_held(xab, "armoury", case) == {"ADMINISTRATIVE", "OBJECT"}
        listed = await xab.as_officer("armoury").ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)
        assert [one.thread for one in listed.cases] == [case]

    async def test_photographs_go_with_the_fields_that_name_them(self, street: Street, case: str) -> None:
        xab = street["xab"]
        await put_on(xab, case, "armoury")
        desk = xab.as_officer("armoury")

        def part(picture: bytes) -> desk_pb2.FetchPartRequest:
            return desk_pb2.FetchPartRequest(
                case=case, desk="armoury", sha256=hashlib.sha256(picture).digest()
            )

        assert (await desk.FetchPart(part(m.PICTURE), NO_CONTEXT)).content == m.PICTURE
        with pytest.raises(NotFoundError):
            await desk.FetchPart(part(m.SCENE), NO_CONTEXT)

    async def test_what_was_given_stands_in_the_log(self, street: Street, case: str) -> None:
        xab = street["xab"]
        shown = await view(xab, "poc", case)
        await put_on(xab, case, "armoury")
        [entry] = await forwarded(xab)
        assert (encode_b64(entry.statement), entry.desk, entry.officer) == (
            shown.statements[0].statement,
            "poc",
            "officer-7",
        )

    async def test_a_desk_gives_no_more_than_it_may_read_itself(self, street: Street, case: str) -> None:
        """A point of contact that is no police gives no persons; the police desk adds them."""
        xab = street["xab"]
        await put_on(xab, case, "province")
        assert not {"PERSONAL", "CRIMINAL_JUSTICE"} & await words_held(xab, "province", case)
        assert (await put_on(xab, case, "province", giver="police")).given == 1
        assert {"PERSONAL", "CRIMINAL_JUSTICE"} <= await words_seen(xab, "province", case)

    async def test_the_same_again_gives_nothing_new(self, street: Street, case: str) -> None:
        xab = street["xab"]
        await put_on(xab, case, "armoury")
        again = await put_on(xab, case, "armoury")
        assert (again.given, again.not_given) == (0, 1)
        assert len(await forwarded(xab)) == 1

    async def test_what_comes_later_is_given_in_the_housekeeping(self, street: Street, case: str) -> None:
        xab = street["xab"]
        await put_on(xab, case, "armoury")
        assert await xab.rooms.case_desking.keep_up() == 0
        [amended] = await street["xaa"].submit(draft(m.request("T-1"), to=["xab"], case=case, desk="police"))
        assert not amended.HasField("problem"), amended.problem
        await street.carry()
        assert await xab.rooms.case_desking.keep_up() == 1
        assert await xab.rooms.case_desking.keep_up() == 0
        shown = await view(xab, "armoury", case)
        assert [one.content.trace_request.items[0].object.make != "" for one in shown.statements] == [
            True
        ] * 2

    async def test_a_desk_that_is_locked_gives_when_it_is_unlocked(self, street: Street, case: str) -> None:
        xab = street["xab"]
        await put_on(xab, case, "province")
        xab.ring.lock(DeskId("police"))
        assert await xab.rooms.case_desking.keep_up() == 0
        xab.ring.hold(xab.identities.bundles[DeskId("police")])
        assert await xab.rooms.case_desking.keep_up() == 1
        assert "PERSONAL" in await words_seen(xab, "province", case)

    async def test_what_our_own_desk_wrote_is_given_too(self, street: Street) -> None:
        xab = street["xab"]
        one = draft(m.rich_request("X-1"), to=["xaa"], desk="police", parts=[m.PICTURE, m.SCENE])
        one.content.trace_request.items[0].object.ClearField("covert_mark")
        [sent] = await xab.submit(one)
        await put_on(xab, sent.thread, "armoury", giver="police")
        assert await words_seen(xab, "armoury", sent.thread) == {"ADMINISTRATIVE", "OBJECT"}

    async def test_an_outward_desk_gets_what_the_sender_did_not_seal_to_it(
        self, street: Street, case: str
    ) -> None:
        xab = street["xab"]
        with pytest.raises(PermissionError_):
            await view(xab, "customs", case)
        await put_on(xab, case, "customs")
        assert await words_seen(xab, "customs", case) == {"ADMINISTRATIVE", "OBJECT", "LAW_ENFORCEMENT"}


class TestWhoMay:
    """A desk that is on the case itself, and unlocked."""

    async def test_a_desk_that_is_not_on_the_case_puts_nobody_on_it(self, street: Street, case: str) -> None:
        with pytest.raises(PermissionError_) as refusal:
            await put_on(street["xab"], case, "armoury", giver="customs")
        assert refusal.value.reason == "not-on-case"

    async def test_a_locked_desk_puts_nobody_on(self, street: Street, case: str) -> None:
        xab = street["xab"]
        xab.ring.lock(DeskId("poc"))
        with pytest.raises(LockedDeskError):
            await put_on(xab, case, "armoury")
        xab.as_officer("police")
        found = await xab.own_office.ListCaseDesks(office_pb2.ListCaseDesksRequest(case=case), NO_CONTEXT)
        assert not found.put_on_it

    async def test_a_desk_of_every_case_is_neither_put_on_nor_taken_off(
        self, street: Street, case: str
    ) -> None:
        for act in (put_on, take_off):
            with pytest.raises(InvalidInputError) as refusal:
                await act(street["xab"], case, "police")
            assert refusal.value.reason == "on-every-case"

    async def test_a_desk_that_is_not_on_the_case_learns_nothing_of_it(
        self, street: Street, case: str
    ) -> None:
        xab = street["xab"]
        xab.as_officer("customs")
        with pytest.raises(PermissionError_):
            await xab.own_office.ListCaseDesks(office_pb2.ListCaseDesksRequest(case=case), NO_CONTEXT)
        request = office_pb2.TakeOffCaseRequest(case=case, desk="armoury")
        with pytest.raises(PermissionError_):
            await xab.own_office.TakeOffCase(request, NO_CONTEXT)

    async def test_a_guest_takes_off_itself_and_nobody_else(self, street: Street, case: str) -> None:
        xab = street["xab"]
        for desk in ("customs", "armoury"):
            await put_on(xab, case, desk)
        xab.as_officer("customs")
        with pytest.raises(PermissionError_) as refusal:
            await xab.own_office.TakeOffCase(
                office_pb2.TakeOffCaseRequest(case=case, desk="armoury"), NO_CONTEXT
            )
        assert refusal.value.reason == "put-on-case"
        left = await xab.own_office.TakeOffCase(
            office_pb2.TakeOffCaseRequest(case=case, desk="customs"), NO_CONTEXT
        )
        assert list(left.put_on_it) == ["armoury"]


class TestTakingOff:
    """Its keys are gone."""

    async def test_it_sees_and_holds_nothing_any_more(self, street: Street, case: str) -> None:
        xab = street["xab"]
        await put_on(xab, case, "armoury")
        await put_on(xab, await ask(street, "T-2"), "armoury")
        await take_off(xab, case, "armoury")
        with pytest.raises(PermissionError_):
            await view(xab, "armoury", case)
        assert await words_held(xab, "armoury", case) == set()
        assert await words_held(xab, "armoury", "T-2") == {"ADMINISTRATIVE", "OBJECT"}
        assert await xab.rooms.case_desking.keep_up() == 0

    async def test_it_can_be_put_on_again(self, street: Street, case: str) -> None:
        xab = street["xab"]
        await put_on(xab, case, "armoury")
        await take_off(xab, case, "armoury")
        street.clock.now += 60
        assert (await put_on(xab, case, "armoury")).given == 1
        assert await words_seen(xab, "armoury", case) == {"ADMINISTRATIVE", "OBJECT"}

    async def test_the_desks_of_others_keep_theirs(self, street: Street, case: str) -> None:
        xab = street["xab"]
        await put_on(xab, case, "armoury")
        await put_on(xab, case, "province", giver="police")
        await take_off(xab, case, "armoury")
        assert "PERSONAL" in await words_seen(xab, "province", case)
        assert "PERSONAL" in await words_seen(xab, "police", case)


class TestWhatADeskDoesNotDoToItself:
    """Being asked, or having written once, is not being on the case."""

    async def test_who_is_not_on_a_case_deletes_nothing_of_it(self, street: Street, case: str) -> None:
        xab = street["xab"]
        [one] = (await view(xab, "poc", case)).statements
        for named in ({"case": case}, {"statements": [one.statement]}):
            request = onward_pb2.DeleteStatementsRequest(reason="in the way", desk="customs", **named)
            with pytest.raises(PermissionError_):
                await xab.as_officer("customs").DeleteStatements(request, NO_CONTEXT)
        assert (await words_seen(xab, "poc", case)) > {"OBJECT"}

    async def test_who_was_taken_off_does_not_write_himself_on_again(self, street: Street, case: str) -> None:
        xab = street["xab"]
        await put_on(xab, case, "customs")
        [sent] = await xab.submit(draft(m.acknowledgement(), case=case, desk="customs", to=["xaa"]))
        assert not sent.HasField("problem"), sent.problem
        await take_off(xab, case, "customs")
        [again] = await xab.submit(draft(m.acknowledgement(), case=case, desk="customs", to=["xaa"]))
        assert again.problem.reason == "open-administrative"
        xab.as_officer("poc")
        request = office_pb2.ListCaseDesksRequest(case=case)
        assert not (await xab.own_office.ListCaseDesks(request, NO_CONTEXT)).put_on_it
