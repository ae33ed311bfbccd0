"""Object checks: what may be asked and answered, and when the node answers by itself."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.node.config import ObjectCheckSettings, OfficeSettings, read_config
from tracepost.node.gate import PolicySet, base_policy
from tracepost.node.handlers.register.automatic_checks import AutomaticChecks
from tracepost.node.handlers.register.book import RegisterBook
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import DeskId
from tracepost.protocol.settings import Section
from tracepost.wire.v1 import check_pb2, desk_pb2, register_pb2, weapon_pb2

MARK = "ЕАО 512-QQ7741"
ALIKE = "EA0-5I2 007741"
OTHER = "VW 998877"
NO_SEARCH = '@id("no-search") forbid (principal, action == Action::"search", resource == Class::"OBJECT");'
HIT, NO_HIT, NOT_SEARCHED = 1, 2, 3
DAY = 86400


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac") as street:
        yield street


def thing(number: str, mark: str = MARK, **more: Any) -> check_pb2.CheckedObject:
    marks = [weapon_pb2.Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen=mark)] if mark else []
    return check_pb2.CheckedObject(id=number, mark=marks, **{"make": "Zastava", **more})


def question(*marks: str, **more: Any) -> check_pb2.ObjectCheck:
    return check_pb2.ObjectCheck(items=[thing(str(n), mark) for n, mark in enumerate(marks, 1)], **more)


def reply(*results: int, **more: Any) -> check_pb2.ObjectCheckReply:
    outcomes = [check_pb2.CheckOutcome(item_id=str(n), result=r) for n, r in enumerate(results, 1)]  # type: ignore[arg-type]
    told: dict[str, Any] = {"automatic": False, "follow_up": {"unit": "Registry"}, **more}
    return check_pb2.ObjectCheckReply(outcomes=outcomes, **told)


async def ask(street: Street, *marks: str, member: str = "xaa", **more: Any) -> str:
    """Have a member ask XAB about objects with these marks; return the case."""
    [sent] = await street[member].submit(draft(question(*marks, **more), to=["xab"]))
    assert not sent.HasField("problem"), sent.problem
    await street.carry()
    return sent.thread


async def answer(
    street: Street, case: str, message: check_pb2.ObjectCheckReply, to: str = "xaa"
) -> desk_pb2.Submission:
    [sent] = await street["xab"].submit(draft(message, to=[to], case=case, purpose=None, legal_basis=None))
    return sent


async def view(house: House, case: str, desk: str = "poc") -> desk_pb2.CaseView:
    return await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case, desk=desk), NO_CONTEXT)


class TestRules:
    """Who asks names what can be looked for; who answers leaves nothing out."""

    async def test_a_question_and_its_answer_go_there_and_back(self, street: Street) -> None:
        case = await ask(street, MARK, OTHER)
        asked = await view(street["xab"], case)
        assert asked.summary.state == desk_pb2.CASE_STATE_WAITING_FOR_US
        assert not (await answer(street, case, reply(HIT, NO_HIT))).HasField("problem")
        await street.carry()
        told = await view(street["xaa"], case)
        outcomes = told.statements[-1].content.object_check_reply.outcomes
        assert [(one.item_id, one.result) for one in outcomes] == [("1", HIT), ("2", NO_HIT)]
        assert told.summary.state == desk_pb2.CASE_STATE_WAITING_FOR_US  # who asked closes the case
        assert (await view(street["xab"], case)).summary.state == desk_pb2.CASE_STATE_WAITING_FOR_THEM

    @pytest.mark.parametrize(
        ("message", "reason"),
        [
            (question(" - "), "no-mark"),
            (check_pb2.ObjectCheck(items=[thing("1", "")]), "no-mark"),
            (check_pb2.ObjectCheck(items=[thing("1"), thing("1")]), "repeated.unique"),
        ],
    )
    async def test_what_cannot_be_looked_for_is_not_asked(
        self, street: Street, message: check_pb2.ObjectCheck, reason: str
    ) -> None:
        [sent] = await street["xaa"].submit(draft(message, to=["xab"]))
        assert sent.problem.reason == reason

    @pytest.mark.parametrize(
        ("message", "reason"),
        [
            (reply(HIT), "item-left-out"),
            (reply(NO_HIT, NO_HIT, NO_HIT), "unknown-item"),
            (reply(HIT, NO_HIT, follow_up=None), "no-follow-up"),
        ],
    )
    async def test_an_answer_that_does_not_fit_is_refused(
        self, street: Street, message: check_pb2.ObjectCheckReply, reason: str
    ) -> None:
        case = await ask(street, MARK, OTHER)
        assert (await answer(street, case, message)).problem.reason == reason

    async def test_an_answer_without_a_question_is_refused(self, street: Street) -> None:
        [sent] = await street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
        await street.carry()
        assert (await answer(street, sent.thread, reply(HIT))).problem.reason == "nothing-asked"


# ── without an officer ───────────────────────────────────────────────────────────────


def automatic(house: House, **more: Any) -> AutomaticChecks:
    settings = ObjectCheckSettings(**{"automatic": True, "desk": "police", **more})
    return AutomaticChecks(
        settings=settings,
        contact=OfficeSettings(name="Office of xab", phone="+99 00 000"),
        office=house.office,
        ring=house.ring,
        opener=house.opener,
        book=RegisterBook(house.gate, house.ring, house.store),
        sending=house.rooms.sending,
        log=DisclosureLog(
            office=house.office, gate=house.gate, store=house.store, clock=house.clock, random=os.urandom
        ),
        store=house.store,
        clock=house.clock,
    )


async def record(house: House, *marks: str, make: str = "Zastava") -> None:
    """Put weapons with these marks on the list of what was stolen in the country."""

    def row(number: int, mark: str) -> register_pb2.RegisterRow:
        seen = weapon_pb2.Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen=mark)
        known = weapon_pb2.Object(make=make, mark=[seen])
        return register_pb2.RegisterRow(row=number, status="REGISTER_STATUS_STOLEN", object=known)

    async def parts() -> AsyncIterator[register_pb2.ImportRegisterRequest]:
        rows = [row(number, mark) for number, mark in enumerate(marks, 2)]
        yield register_pb2.ImportRegisterRequest(source="stolen", desk="police", rows=rows, last=True)

    assert [one async for one in house.as_officer("police").ImportRegister(parts(), NO_CONTEXT)]


async def results(street: Street, case: str, member: str = "xaa") -> Sequence[int] | None:
    """Return what the asking side was told; None for nothing."""
    await street.carry()
    told = (await view(street[member], case)).statements[-1].content
    if not told.HasField("object_check_reply"):
        return None
    assert told.object_check_reply.automatic
    assert told.object_check_reply.follow_up.organisation == "Office of xab"
    return [one.result for one in told.object_check_reply.outcomes]


async def audited(house: House) -> list[str]:
    events = [one.event for one in await house.store.read(lambda tx: tx.audit.after(0, 1000))]
    return [one.outcome for one in events if one.action == "object-check"]


class TestAutomatic:
    """Only what is plain, only where the member says so, and never more than the result."""

    async def test_what_is_plain_is_answered(self, street: Street) -> None:
        house = street["xab"]
        await record(house, MARK)
        case = await ask(street, MARK.lower(), OTHER)
        assert await automatic(house).keep_up() == 1
        assert await results(street, case) == [HIT, NO_HIT]
        assert await automatic(house).keep_up() == 0

    async def test_nothing_is_looked_up_for_an_exercise(self, street: Street) -> None:
        await record(street["xab"], MARK)
        [asked] = await street["xaa"].submit(draft(question(MARK), to=["xab"], exercise=True))
        await street.carry()
        assert await automatic(street["xab"]).keep_up() == 0
        assert await results(street, asked.thread) is None
        assert await audited(street["xab"]) == []

    async def test_the_answer_holds_nothing_of_the_record(self, street: Street) -> None:
        house = street["xab"]
        await record(house, MARK)
        case = await ask(street, MARK)
        await automatic(house).keep_up()
        await street.carry()
        told = str((await view(street["xaa"], case)).statements[-1].content.object_check_reply)
        assert MARK not in told
        assert "STOLEN" not in told

    async def test_a_desk_without_an_extract_answers_not_searched(self, street: Street) -> None:
        case = await ask(street, MARK)
        await automatic(street["xab"]).keep_up()
        assert await results(street, case) == [NOT_SEARCHED]

    @pytest.mark.parametrize("off", [{"automatic": False}, {"desk": "nowhere"}])
    async def test_without_the_members_word_nothing_is_answered(
        self, street: Street, off: dict[str, Any]
    ) -> None:
        case = await ask(street, MARK)
        assert await automatic(street["xab"], **off).keep_up() == 0
        assert await results(street, case) is None

    async def test_a_locked_desk_leaves_it_waiting_until_it_is_unlocked(self, street: Street) -> None:
        house = street["xab"]
        checks = automatic(house)
        house.ring.lock(DeskId("police"))
        case = await ask(street, MARK)
        assert await checks.keep_up() == 0
        house.ring.hold(house.identities.bundles[DeskId("police")])
        assert await checks.keep_up() == 1
        assert await results(street, case) == [NOT_SEARCHED]

    async def test_marks_that_only_look_alike_wait_for_an_officer(self, street: Street) -> None:
        house = street["xab"]
        await record(house, ALIKE)
        case = await ask(street, MARK, OTHER)
        assert await automatic(house).keep_up() == 0
        assert await results(street, case) is None
        assert await audited(house) == ["left to an officer/not-plain"]

    async def test_another_make_waits_for_an_officer(self, street: Street) -> None:
        house = street["xab"]
        await record(house, MARK, make="Colt")
        await ask(street, MARK)
        assert await automatic(house).keep_up() == 0

    async def test_a_handling_instruction_waits_for_an_officer(self, street: Street) -> None:
        await ask(street, MARK, handling_instructions=["HANDLING_INSTRUCTION_DO_NOT_ALERT"])
        checks = automatic(street["xab"])
        assert await checks.keep_up() == 0
        assert await checks.keep_up() == 0
        assert await audited(street["xab"]) == ["left to an officer/handling-instruction"]

    async def test_a_desk_that_the_gate_lets_search_nothing_answers_nothing(self, street: Street) -> None:
        house = street["xab"]
        case = await ask(street, MARK)
        house.gate.put_in_force(PolicySet.parse([base_policy(), NO_SEARCH]))
        assert await automatic(house).keep_up() == 0
        assert await results(street, case) is None

    async def test_each_member_may_ask_so_much_a_day(self, street: Street) -> None:
        house = street["xab"]
        checks = automatic(house, per_peer_per_day=3)
        assert await results(street, await self._answered(street, checks, MARK, OTHER)) == [3, 3]
        refused = await ask(street, MARK, OTHER)
        assert await checks.keep_up() == 0
        assert await results(street, refused) is None
        other = await ask(street, MARK, member="xac")
        assert await checks.keep_up() == 1
        assert await results(street, other, "xac") == [NOT_SEARCHED]
        street.clock.now += DAY
        assert await results(street, await self._answered(street, checks, MARK, OTHER)) == [3, 3]

    async def _answered(self, street: Street, checks: AutomaticChecks, *marks: str) -> str:
        case = await ask(street, *marks)
        assert await checks.keep_up() == 1
        return case

    async def test_what_was_opened_for_it_is_logged(self, street: Street) -> None:
        await ask(street, MARK)
        await automatic(street["xab"]).keep_up()
        events = [one.event for one in await street["xab"].store.read(lambda tx: tx.audit.after(0, 1000))]
        said = [(one.actor, one.action) for one in events if one.actor == "automatic"]
        assert said == [("automatic", "search"), ("automatic", "submit"), ("automatic", "object-check")]


# ── settings ─────────────────────────────────────────────────────────────────────────

SETTINGS: dict[str, Any] = {
    "member": "xab",
    "domain": "tracepost.example",
    "listen": {"post": "127.0.0.1:0", "desk": "127.0.0.1:0"},
    "office": {"name": "Office"},
    "desk": [{"id": "poc", "point_of_contact": True}],
}


def test_checks_are_left_to_officers_unless_the_settings_say_otherwise() -> None:
    assert not read_config(Section(SETTINGS), Path()).object_check.automatic
    told = read_config(
        Section(SETTINGS | {"object_check": {"automatic": True, "desk": "poc"}}), Path()
    ).object_check
    assert (told.automatic, told.desk, told.per_peer_per_day) == (True, "poc", 200)


@pytest.mark.parametrize(
    ("section", "where"),
    [
        ({"automatic": "yes"}, "object_check.automatic"),
        ({"automatic": True}, "object_check.desk"),
        ({"automatic": True, "desk": "police"}, "object_check.desk"),
        ({"per_peer_per_day": 0}, "object_check.per_peer_per_day"),
        ({"limit": 1}, "object_check.limit"),
    ],
)
def test_settings_that_say_nothing_sensible_stop_the_node(section: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_config(Section(SETTINGS | {"object_check": section}), Path())
    assert refusal.value.where == where
