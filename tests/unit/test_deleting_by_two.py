"""Two officers delete criminal-justice and personal data; what must go takes nobody's word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.devices import Device, speak_for
from fakes.house import NO_CONTEXT, Street, draft, open_street
from fakes.people import Person, enlist, hire
from tracepost.node.config import ReleaseSettings
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.office import officer_of
from tracepost.protocol.approval import Decision, of_opening
from tracepost.protocol.errors import ApprovalError, ConflictError, PermissionError_
from tracepost.protocol.evidence import Opened, parse_entry
from tracepost.protocol.ids import DeskId, parse_digest
from tracepost.sdk.approvals import certificates_of
from tracepost.sdk.office import make_deletion_word
from tracepost.sdk.passkeys import answer_word, ask_word
from tracepost.wire.v1 import desk_pb2, office_pb2, onward_pb2, share_pb2

DAY = 86400
WAITING, DELAYED = office_pb2.DELETION_STATE_WAITING, office_pb2.DELETION_STATE_DELAYED
DONE, REFUSED = office_pb2.DELETION_STATE_DONE, office_pb2.DELETION_STATE_REFUSED


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", release=ReleaseSettings()) as street:
        yield street


@pytest.fixture
async def ada(street: Street) -> Person:
    return hire(street["xab"], "7", "police")


@pytest.fixture
async def ben(street: Street, ada: Person) -> Person:
    ben = hire(street["xab"], "8", "police")
    await enlist(street["xab"], ada, ben)
    return ben


async def ask(street: Street, content: Any = None, **more: Any) -> desk_pb2.Submission:
    """XAA asks XAB urgently: that goes at once."""
    said = draft(
        content or m.rich_request("T-1"),
        to=["xab"],
        lane="LANE_URGENT",
        desk="police",
        parts=[] if content else [m.PICTURE, m.SCENE],
        **more,
    )
    said.content.trace_request.items[0].object.ClearField("covert_mark")
    [sent] = await street["xaa"].submit(said)
    assert not sent.HasField("problem"), sent.problem
    await street.carry()
    return sent


async def delete(by: Person, *statements: str, **more: Any) -> onward_pb2.DeleteStatementsResponse:
    by.sits()
    request = onward_pb2.DeleteStatementsRequest(statements=statements, reason="sent in error", **more)
    return await by.house.desk.DeleteStatements(request, NO_CONTEXT)


async def listed(by: Person) -> list[office_pb2.Deletion]:
    by.sits()
    return [
        *(await by.house.own_office.ListDeletions(office_pb2.ListDeletionsRequest(), NO_CONTEXT)).deletions
    ]


async def decide(
    street: Street, by: Person, asked: office_pb2.Deletion, decision: Decision = Decision.APPROVED
) -> office_pb2.Deletion:
    by.sits()
    word = make_deletion_word(asked, decision, by.papers, street.clock())
    return await by.house.own_office.DecideDeletion(word, NO_CONTEXT)


async def trail(street: Street, digest: str) -> list[tuple[str, str]]:
    """Return what the audit trail says of a statement's deletion: who, and what."""
    found = await street["xab"].store.read(lambda tx: tx.audit.about([digest]))
    return [(e.event.actor, e.event.action) for e in found if e.event.action.startswith("delete-")][1:]


async def is_deleted(street: Street, digest: str) -> bool:
    named = parse_digest(digest)
    return bool(await street["xab"].store.read(lambda tx: tx.tombstones.find([named])))


class TestAsking:
    async def test_it_waits_for_another_officer(self, street: Street, ada: Person, ben: Person) -> None:
        asked = await ask(street)
        answer = await delete(ada, asked.statement)
        assert (list(answer.deleted), answer.waiting) == ([], 1)
        assert not await is_deleted(street, asked.statement)
        [one] = await listed(ben)
        assert (one.state, one.asked_by, list(one.statements)) == (WAITING, "officer-7", [asked.statement])
        assert (
            await ben.house.desk.GetStatus(desk_pb2.GetStatusRequest(), NO_CONTEXT)
        ).deletions_waiting == 1

    async def test_what_holds_nothing_of_the_kind_goes_at_once(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        asked = await ask(street, m.request("T-1"))
        answer = await delete(ada, asked.statement)
        assert (list(answer.deleted), answer.HasField("waiting")) == ([asked.statement], False)

    async def test_a_locked_desk_cannot_say_that_it_holds_nothing(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        asked = await ask(street, m.request("T-1"))
        street["xab"].ring.lock(next(d.desk for d in street["xab"].office.desks if d.desk == "police"))
        assert (await delete(ada, asked.statement)).waiting == 1

    async def test_what_its_author_withdrew_needs_nobody(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        asked = await ask(street)
        [taken_back] = await street["xaa"].submit(
            draft(m.withdrawal(deletion_asked=True), case=asked.thread, to=["xab"])
        )
        assert not taken_back.HasField("problem"), taken_back.problem
        await street.carry()
        assert list((await delete(ada, asked.statement)).deleted) == [asked.statement]

    async def test_a_withdrawal_that_asks_for_no_deletion_changes_nothing(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        asked = await ask(street)
        await street["xaa"].submit(draft(m.withdrawal(), case=asked.thread, to=["xab"]))
        await street.carry()
        assert (await delete(ada, asked.statement)).waiting == 1

    async def test_what_was_to_be_kept_until_yesterday_needs_nobody(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        until = instant(street.clock() + DAY)[:10]
        only = share_pb2.Exhibit().restrictions.add(code="RESTRICTION_CODE_DELETE_AFTER", until=until)
        asked = await ask(street, restrictions=[only])
        assert (await delete(ada, asked.statement)).waiting == 1
        street.clock.now += 2 * DAY
        assert list((await delete(ada, asked.statement)).deleted) == [asked.statement]


class TestDeciding:
    async def waiting(self, street: Street, ada: Person) -> office_pb2.Deletion:
        asked = await ask(street)
        await delete(ada, asked.statement)
        [one] = await listed(ada)
        return one

    async def test_approved_it_is_deleted_and_the_log_has_the_word(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        one = await self.waiting(street, ada)
        decided = await decide(street, ben, one)
        assert (decided.state, decided.decided_by) == (DONE, "officer-8")
        assert await trail(street, one.statements[0]) == [("officer-8", "delete-approve")]
        assert await is_deleted(street, one.statements[0])
        store = street["xab"].store
        lines = await store.read(lambda tx: tx.log.lines(range(store.evidence.head.size)))
        entries = [parse_entry(line.preimage) for line in lines.values()]
        [entry] = [e for e in entries if isinstance(e, Opened) and e.action == "delete"]
        assert (entry.officer, bool(entry.approvals)) == ("officer-7", True)

    async def test_nobody_approves_what_he_asked(self, street: Street, ada: Person, ben: Person) -> None:
        one = await self.waiting(street, ada)
        with pytest.raises(PermissionError_) as refusal:
            await decide(street, ada, one)
        assert refusal.value.reason == "own-proposal"
        assert not await is_deleted(street, one.statements[0])

    async def test_an_officer_of_another_desk_does_not_decide(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        one, stranger = await self.waiting(street, ada), hire(street["xab"], "9", "poc")
        assert await listed(stranger) == []
        for said in Decision:
            with pytest.raises(PermissionError_) as refusal:
                await decide(street, stranger, one, said)
            assert refusal.value.reason == "other-desk"

    async def test_a_passkey_that_spoke_for_him_before_deletes_nothing(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        one, device, house = await self.waiting(street, ada), Device(), street["xab"]
        passkey = await speak_for(ben, device)
        leaf, *above = certificates_of(ben.papers)
        subject = of_opening(parse_digest(one.statements[0]), DeskId(one.desk), one.asked_by, "delete")
        asking = ask_word(subject, Decision.APPROVED, leaf, street.clock())
        text = answer_word(asking, device.answer(asking.challenge), [passkey])
        word = await house.rooms.endorsing.take_word(text, [leaf, *above], ben.identity)
        await house.rooms.endorsing.end(ben.officer, passkey.credential)
        with pytest.raises(ApprovalError) as refusal:
            await house.rooms.deleting_by_two.decide(ben.officer, [word], one.number)
        assert refusal.value.reason == "not-endorsed"
        assert not await is_deleted(street, one.statements[0])

    async def test_refused_nothing_is_deleted_and_it_is_over(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        one = await self.waiting(street, ada)
        assert (await decide(street, ben, one, Decision.REFUSED)).state == REFUSED
        assert await trail(street, one.statements[0]) == [("officer-8", "delete-refuse")]
        with pytest.raises(ConflictError):
            await decide(street, ben, one)
        assert not await is_deleted(street, one.statements[0])

    async def test_who_asked_takes_it_back(self, street: Street, ada: Person, ben: Person) -> None:
        one = await self.waiting(street, ada)
        assert (await decide(street, ada, one, Decision.REFUSED)).state == REFUSED
        assert await trail(street, one.statements[0]) == [("officer-7", "delete-take-back")]

    async def test_a_word_on_something_else_does_not_hold(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        one = await self.waiting(street, ada)
        other = office_pb2.Deletion()
        other.CopyFrom(one)
        other.asked_by = "officer-8"
        with pytest.raises(ApprovalError):
            await decide(street, ben, other)
        del other.statements[:]
        other.statements.append("A" * 43)
        with pytest.raises(ApprovalError):
            await decide(street, ben, other)


class TestADeskOfOne:
    async def delayed(self, street: Street, ada: Person) -> office_pb2.Deletion:
        await enlist(street["xab"], ada)
        asked = await ask(street)
        await delete(ada, asked.statement)
        [one] = await listed(ada)
        assert one.state == DELAYED
        return one

    async def test_it_is_delayed_and_then_done(self, street: Street, ada: Person) -> None:
        one = await self.delayed(street, ada)
        assert await street["xab"].rooms.deleting_by_two.delete_due() == 0
        street.clock.now += DAY
        assert await street["xab"].rooms.deleting_by_two.delete_due() == 1
        assert await is_deleted(street, one.statements[0])
        assert await trail(street, one.statements[0]) == [("node", "delete-due")]
        assert await street["xab"].rooms.deleting_by_two.delete_due() == 0

    async def test_anybody_here_stops_it(self, street: Street, ada: Person) -> None:
        one, other = await self.delayed(street, ada), hire(street["xab"], "9", "poc")
        assert [found.number for found in await listed(other)] == [one.number]
        assert [(list(found.lines), found.yours_to_decide) for found in await listed(other)] == [([], False)]
        await decide(street, other, one, Decision.REFUSED)
        street.clock.now += DAY
        assert await street["xab"].rooms.deleting_by_two.delete_due() == 0
        assert not await is_deleted(street, one.statements[0])


class TestByConsole:
    """A console has no key of the officer's: nothing is deleted by its word alone."""

    async def ask_by_console(self, street: Street, by: Person, *statements: str) -> int:
        by.sits()
        request = onward_pb2.DeleteStatementsRequest(
            statements=statements, reason="kept too long", desk="police"
        )
        deleting = street["xab"].rooms.deleting_by_two
        return (await deleting.delete(officer_of(by.identity), request, by_console=True)).waiting

    async def test_what_holds_nothing_of_the_kind_waits_too(
        self, street: Street, ada: Person, ben: Person
    ) -> None:
        asked = await ask(street, m.request("T-1"))
        assert await self.ask_by_console(street, ada, asked.statement) == 1
        assert not await is_deleted(street, asked.statement)
        [one] = await listed(ben)
        assert one.yours_to_decide
        assert [(line.kind, line.from_member, line.HasField("log_index")) for line in one.lines] == [
            ("trace.request/1", "xaa", False)
        ]
        [line] = (await decide(street, ben, one)).lines
        assert line.HasField("log_index")

    async def test_where_the_desk_has_no_other_officer_it_is_refused(
        self, street: Street, ada: Person
    ) -> None:
        asked = await ask(street)
        with pytest.raises(PermissionError_) as alone:
            await self.ask_by_console(street, ada, asked.statement)
        assert alone.value.reason == "by-console-alone"
        assert await listed(ada) == []

    async def test_what_comes_into_a_case_of_which_nothing_was_left_is_not_deleted_unseen(
        self, street: Street, ada: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = await ask(street, m.request("T-1"))
        await delete(ada, first.statement)
        xab = street["xab"]
        read, came = xab.store.read, list[str]()

        async def read_before_more_comes(work: Any) -> Any:
            found = await read(work)
            if not came:
                came.append("")  # what is carried reads here too
                came[:] = [(await ask(street, case=first.thread)).statement]
            return found

        monkeypatch.setattr(xab.store, "read", read_before_more_comes)
        ada.sits()
        request = onward_pb2.DeleteStatementsRequest(case=first.thread, reason="kept too long", desk="police")
        answer = await xab.rooms.deleting_by_two.delete(officer_of(ada.identity), request, by_console=True)
        assert (list(answer.deleted), answer.waiting) == ([], 0)
        assert not await is_deleted(street, came[0])
