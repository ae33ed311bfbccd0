"""To read a case: as one desk sees it, logged before it is shown; the list; the timeline."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import CUSTOMS, NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from tracepost.node.adapters.sql.sealed import SqlBodies
from tracepost.node.desk_keys import generate_bundle
from tracepost.node.gate import Action, Reader
from tracepost.node.handlers.case.office import Officer, OwnDesk
from tracepost.node.records.statements import SealedParts
from tracepost.protocol.errors import (
    InvalidInputError,
    LockedDeskError,
    NotFoundError,
    PermissionError_,
    StoreError,
)
from tracepost.protocol.evidence import Opened, parse_entry
from tracepost.protocol.ids import DeskId, EnvelopeId, encode_b64
from tracepost.wire.v1 import desk_pb2, options_pb2, terms_pb2

PARTS = [m.PICTURE, m.SCENE]


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAA has asked XAB, with a word of its own in every class; the mail was carried."""
    desks = {"xab": (POC, POLICE, CUSTOMS)}
    async with open_street(tmp_path, "xaa", "xab", desks=desks, relays=["hub"]) as street:
        await street["xaa"].submit(draft(m.rich_request(), to=["xab"], parts=PARTS))
        await street.carry()
        yield street


async def show(house: House, desk: str = "poc", case: str = "T-1") -> desk_pb2.CaseView:
    return await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


async def events(house: House, case: str = "T-1") -> list[desk_pb2.TimelineEvent]:
    told = await house.as_officer().ShowTimeline(desk_pb2.ShowTimelineRequest(case=case), NO_CONTEXT)
    return list(told.events)


def hidden(view: desk_pb2.StatementView) -> dict[str, tuple[int, bool]]:
    names = options_pb2.Sensitivity
    return {
        names.Name(one.of_class).removeprefix("SENSITIVITY_"): (one.fields, one.exact) for one in view.hidden
    }


class TestSight:
    """A statement as the gate lets one desk see it."""

    async def test_each_desk_sees_its_classes(self, street: Street) -> None:
        poc = (await show(street["xab"], "poc")).statements[0].content.trace_request
        police = (await show(street["xab"], "police")).statements[0].content.trace_request
        assert poc.ground_text == police.ground_text == m.Words().law_enforcement
        assert not poc.persons
        assert police.persons[0].name == m.Words().personal

    async def test_what_is_hidden_is_counted_as_far_as_it_can_be_known(self, street: Street) -> None:
        unknown = (0, False)
        assert hidden((await show(street["xab"], "poc")).statements[0]) == {
            "CRIMINAL_JUSTICE": unknown,
            "PERSONAL": unknown,
            "NATIONAL_SECURITY": unknown,
        }
        assert hidden((await show(street["xab"], "police")).statements[0]) == {"NATIONAL_SECURITY": unknown}

    async def test_the_cover_is_told(self, street: Street) -> None:
        [told] = (await show(street["xab"])).statements
        assert (told.kind, told.from_member, told.from_desk, list(told.to)) == (
            "trace.request/1",
            "xaa",
            "poc",
            ["xab"],
        )
        assert told.purpose == terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION
        assert told.state == desk_pb2.MAIL_STATE_DELIVERED
        assert not told.HasField("desk_locked")
        assert not told.HasField("problem")

    async def test_our_own_shows_where_it_is(self, street: Street) -> None:
        [told] = (await show(street["xaa"])).statements
        assert [(d.to, d.via, d.state) for d in told.dispatches] == [
            ("xab", "direct", desk_pb2.MAIL_STATE_DELIVERED)
        ]
        assert not told.HasField("state")

    async def test_replies_stand_after_what_they_reply_to(self, street: Street) -> None:
        case = (await show(street["xab"])).summary.thread
        await street["xab"].submit(draft(m.acknowledgement(), case=case))
        await street.carry()
        await street["xaa"].submit(draft(m.closure("1"), case=case))
        kinds = [s.kind for s in (await show(street["xaa"])).statements]
        assert kinds == ["trace.request/1", "trace.acknowledgement/1", "trace.closure/1"]

    async def test_fields_of_a_newer_schema_are_shown_as_unknown(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = "tracepost.protocol.schema.KINDS"
        monkeypatch.setattr(known, {})
        [told] = (await show(street["xab"], "police")).statements
        assert not told.HasField("content")
        texts = {one.path: one.value_json for one in told.unknown}
        assert texts["ground_text"] == f'"{m.Words().law_enforcement}"'
        assert "circumstances.narrative" in texts


class TestLocked:
    """A locked desk shows the clear part; that too is logged."""

    async def test_a_locked_desk_shows_administrative_data_alone(self, street: Street) -> None:
        street["xab"].ring.lock(DeskId("poc"))
        [told] = (await show(street["xab"])).statements
        said = told.content.trace_request
        assert told.desk_locked
        assert (said.file_number, said.intended_use_detail) == ("T-1", m.Words().administrative)
        assert not said.ground_text
        assert not said.items[0].object.make
        assert await openings(street["xab"]) == []

    async def test_a_photograph_needs_an_unlocked_desk(self, street: Street) -> None:
        street["xab"].ring.lock(DeskId("poc"))
        wanted = desk_pb2.FetchPartRequest(case="T-1", sha256=hashlib.sha256(m.PICTURE).digest())
        with pytest.raises(LockedDeskError):
            await street["xab"].as_officer("poc").FetchPart(wanted, NO_CONTEXT)


class TestLogged:
    """protocol.md, section 7: one log entry per message with the digest of its decision table."""

    async def test_an_opening_is_in_our_log_and_in_the_audit_trail(self, street: Street) -> None:
        house = street["xab"]
        [shown] = (await show(house, "police")).statements
        [entry] = await openings(house)
        desk = house.office.desk(DeskId("police"))
        digest = house.gate.digest(desk.reader, Action.OPEN, house.office.context(desk, None))
        assert (encode_b64(entry.statement), entry.desk, entry.officer) == (
            shown.statement,
            "police",
            "officer-7",
        )
        assert (entry.action, entry.decision.hex()) == ("open", digest)
        about = await house.store.read(lambda tx: tx.audit.about([shown.statement]))
        assert [(one.event.action, one.event.outcome) for one in about] == [("open", "police")]

    async def test_nothing_is_shown_that_could_not_be_logged(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house = street["xab"]

        async def broken(*_: Any, **__: Any) -> None:
            raise StoreError

        desk = house.as_officer("poc")
        monkeypatch.setattr(house.store, "write", broken)
        with pytest.raises(StoreError):
            await desk.ShowCase(desk_pb2.ShowCaseRequest(case="T-1"), NO_CONTEXT)

    async def test_what_shows_administrative_data_alone_is_no_opening(self, street: Street) -> None:
        house = street["xab"]
        await house.as_officer().LockDesk(desk_pb2.LockDeskRequest(desk="poc"), NO_CONTEXT)
        await show(house)
        await street["xaa"].submit(draft(m.status(), to=["xab"], case="T-1"))
        await street.carry()
        [request, _] = (await show(house, "police")).statements
        assert [(encode_b64(e.statement), e.desk) for e in await openings(house)] == [
            (request.statement, "police")
        ]

    async def test_a_further_look_on_the_same_day_is_the_same_disclosure(self, street: Street) -> None:
        house = street["xab"]
        for _ in range(3):
            await show(house)
        wanted = desk_pb2.FetchPartRequest(case="T-1", sha256=hashlib.sha256(m.PICTURE).digest())
        await house.as_officer("poc").FetchPart(wanted, NO_CONTEXT)
        [entry] = await openings(house)
        about = await house.store.read(lambda tx: tx.audit.about([encode_b64(entry.statement)]))
        assert len(about) == 1

    async def test_another_desk_officer_or_day_is_another_disclosure(self, street: Street) -> None:
        house = street["xab"]
        await show(house)
        await show(house, "police")
        desk = house.office.desk(DeskId("poc"))
        reading = house.desk.reading
        await reading.show_case(Officer("8", (desk.desk,)), desk_pb2.ShowCaseRequest(case="T-1"))
        street.clock.now += 86400
        await show(house)
        assert [(e.officer, e.desk) for e in await openings(house)] == [
            ("officer-7", "poc"),
            ("officer-7", "police"),
            ("officer-8", "poc"),
            ("officer-7", "poc"),
        ]

    async def test_a_look_under_another_decision_is_another_disclosure(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house = street["xab"]
        await show(house)
        monkeypatch.setattr(house.gate, "digest", lambda *_: "ab" * 32)
        await show(house)
        assert len({e.decision for e in await openings(house)}) == 2

    async def test_a_look_that_could_not_be_logged_is_logged_the_next_time(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house = street["xab"]

        async def broken(*_: Any, **__: Any) -> None:
            raise StoreError

        with monkeypatch.context() as patch:
            patch.setattr(house.store, "write", broken)
            with pytest.raises(StoreError):
                await show(house)
        await show(house)
        assert len(await openings(house)) == 1

    async def test_every_export_is_logged(self, street: Street) -> None:
        house, wanted = street["xab"], desk_pb2.ExportCaseRequest(case="T-1", format="EXPORT_FORMAT_SD_JWT")
        for _ in range(2):
            assert [chunk async for chunk in house.as_officer("poc").ExportCase(wanted, NO_CONTEXT)]
        assert [e.action for e in await openings(house)] == ["export", "export"]

    async def test_a_photograph_is_logged(self, street: Street) -> None:
        wanted = desk_pb2.FetchPartRequest(case="T-1", sha256=hashlib.sha256(m.PICTURE).digest())
        await street["xab"].as_officer("poc").FetchPart(wanted, NO_CONTEXT)
        assert [(e.desk, e.action) for e in await openings(street["xab"])] == [("poc", "open")]


async def openings(house: House) -> list[Opened]:
    """Return what the house's log says was opened, from the lines themselves."""
    lines = await house.store.read(lambda tx: tx.log.lines(range(house.store.evidence.head.size)))
    entries = [parse_entry(line.preimage) for _, line in sorted(lines.items())]
    return [entry for entry in entries if isinstance(entry, Opened)]


class TestWho:
    """Only desks that may read case data, of the officer's certificate."""

    async def test_a_desk_that_is_not_on_the_case_sees_nothing(self, street: Street) -> None:
        house = street["xab"]
        with pytest.raises(PermissionError_):
            await show(house, "customs")
        desk, asked = house.as_officer("customs"), desk_pb2.ShowTimelineRequest(case="T-1")
        assert not (await desk.ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)).cases
        for call in (
            desk.ShowTimeline(asked, NO_CONTEXT),
            desk.ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT),
            desk.ListAudit(desk_pb2.ListAuditRequest(), NO_CONTEXT),
        ):
            with pytest.raises(PermissionError_):
                await call

    async def test_an_officer_reads_as_a_desk_of_the_certificate(self, street: Street) -> None:
        asked = desk_pb2.ShowCaseRequest(case="T-1", desk="police")
        with pytest.raises(PermissionError_):
            await street["xab"].as_officer("poc").ShowCase(asked, NO_CONTEXT)

    async def test_with_several_desks_one_is_named(self, street: Street) -> None:
        desk = street["xab"].as_officer("poc", "police")
        with pytest.raises(InvalidInputError):
            await desk.ShowCase(desk_pb2.ShowCaseRequest(case="T-1"), NO_CONTEXT)
        view = await desk.ShowCase(desk_pb2.ShowCaseRequest(case="T-1", desk="police"), NO_CONTEXT)
        assert view.statements[0].content.trace_request.persons

    async def test_a_case_that_is_not_here_is_not_found(self, street: Street) -> None:
        with pytest.raises(NotFoundError):
            await show(street["xab"], case="T-9")

    async def test_a_name_of_two_cases_is_refused(self, street: Street) -> None:
        await street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
        with pytest.raises(InvalidInputError):
            await show(street["xaa"])

    async def test_a_photograph_that_the_desk_does_not_see_is_not_found(self, street: Street) -> None:
        wanted = desk_pb2.FetchPartRequest(case="T-1", sha256=hashlib.sha256(m.SCENE).digest())
        with pytest.raises(NotFoundError):
            await street["xab"].as_officer("poc").FetchPart(wanted, NO_CONTEXT)
        got = await street["xab"].as_officer("police").FetchPart(wanted, NO_CONTEXT)
        assert got.content == m.SCENE


class TestDamage:
    """One damaged statement does not hide the others, and is said to be damaged."""

    @pytest.mark.parametrize(
        ("damage", "code"),
        [
            (
                lambda parts: SealedParts(parts.header, parts.slots, bytes(len(parts.body)), parts.proof),
                "sealing",
            ),
            (lambda parts: SealedParts(parts.header, bytes(2040), parts.body, parts.proof), "sealing"),
        ],
        ids=["the-body", "the-slots"],
    )
    async def test_the_clear_part_is_shown_with_the_problem(
        self,
        street: Street,
        monkeypatch: pytest.MonkeyPatch,
        damage: Callable[[SealedParts], SealedParts],
        code: str,
    ) -> None:
        house = street["xab"]
        honest = SqlBodies.load

        def damaged(bodies: SqlBodies, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, SealedParts]:
            return {name: damage(parts) for name, parts in honest(bodies, ids).items()}

        monkeypatch.setattr(SqlBodies, "load", damaged)
        [told] = (await show(house)).statements
        assert told.problem.code == code
        assert told.content.trace_request.file_number == "T-1"
        assert not told.content.trace_request.ground_text

    async def test_a_body_with_another_statement_than_its_record_is_told(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house = street["xab"]
        honest = house.opener.unseal

        def exchanged(sealed: Any, desk: Any) -> Any:
            object.__setattr__(sealed.record, "digest", bytes(32))
            return honest(sealed, desk)

        monkeypatch.setattr(house.opener, "unseal", exchanged)
        [told] = (await show(house)).statements
        assert told.problem.reason == "other-statement"

    async def test_a_desk_that_the_sender_did_not_know_is_told_that_it_has_no_slot(
        self, tmp_path: Path
    ) -> None:
        async with open_street(tmp_path, "xaa", "xab", desks={"xab": (POC,)}) as street:
            await street["xaa"].submit(draft(m.rich_request(), to=["xab"], parts=PARTS))
            await street.carry()
            house, new = street["xab"], generate_bundle(DeskId("new"))
            reader = Reader(house.member, new.desk, "state", frozenset(), True)
            desks = (*house.office.desks, OwnDesk(reader, True, new.public.storage))
            object.__setattr__(house.office, "desks", desks)
            house.ring.hold(new)
            [told] = (await show(house, "new")).statements
            assert told.problem.reason == "no-slot-for-this-desk"
            assert told.content.trace_request.file_number == "T-1"


class TestList:
    """ADMINISTRATIVE data only; no desk need be unlocked."""

    async def list(self, house: House, **asked: Any) -> desk_pb2.ListCasesResponse:
        return await house.as_officer().ListCases(desk_pb2.ListCasesRequest(**asked), NO_CONTEXT)

    async def test_a_list_needs_no_unlocked_desk(self, street: Street) -> None:
        for desk in street["xab"].office.desks:
            street["xab"].ring.lock(desk.desk)
        [case] = (await self.list(street["xab"])).cases
        assert (case.opened_by, case.their_file_number, case.state) == (
            "xaa",
            "T-1",
            desk_pb2.CASE_STATE_WAITING_FOR_US,
        )

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"state": "CASE_STATE_WAITING_FOR_THEM"}, True),
            ({"state": "CASE_STATE_CLOSED"}, False),
            ({"with_member": "xab"}, True),
            ({"with_member": "xac"}, False),
            ({"file_number": "t-"}, True),
            ({"file_number": "T-2"}, False),
        ],
    )
    async def test_it_is_narrowed_by_state_party_and_number(
        self, street: Street, asked: dict[str, str], found: bool
    ) -> None:
        assert bool((await self.list(street["xaa"], **asked)).cases) == found

    async def test_pages_follow_one_another(self, street: Street) -> None:
        for number in range(4):
            await street["xaa"].submit(draft(m.request(f"P-{number}"), to=["xab"]))
        seen: list[str] = []
        token = ""
        while True:
            page = await self.list(street["xaa"], page_size=2, page_token=token)
            seen += [case.our_file_number for case in page.cases]
            token = page.next_page_token
            if not token:
                break
        assert sorted(seen) == ["P-0", "P-1", "P-2", "P-3", "T-1"]


class TestTimeline:
    """What happened, and in whose log it is proved."""

    async def test_the_way_of_a_message_is_told_with_the_logs_that_prove_it(self, street: Street) -> None:
        told = [(e.event, e.log, e.other_member) for e in await events(street["xaa"])]
        assert told == [("signed", "xaa", ""), ("sent", "xaa", "xab"), ("delivered", "xab", "xaa")]
        told = [(e.event, e.log, e.other_member) for e in await events(street["xab"])]
        assert told == [("signed", "", ""), ("sent", "xaa", "xab"), ("received", "xab", "xaa")]

    async def test_both_sides_name_the_same_entries(self, street: Street) -> None:
        here = {e.event: e.log_index for e in await events(street["xaa"])}
        there = {e.event: e.log_index for e in await events(street["xab"])}
        assert here["sent"] == there["sent"]
        assert here["delivered"] == there["received"]

    async def test_the_indexes_are_those_of_our_log(self, street: Street) -> None:
        house = street["xaa"]
        await show(house)
        lines = await house.store.read(lambda tx: tx.log.lines(range(house.store.evidence.head.size)))
        wanted = {"signed": "signed/1", "sent": "sent/1", "opened": "opened/1"}
        told = {e.event: e.log_index for e in await events(house) if e.log == "xaa"}
        kinds = {event: parse_entry(lines[index].preimage).ENTRY for event, index in told.items()}
        assert kinds == wanted

    async def test_a_relay_proves_its_custody(self, street: Street) -> None:
        street["xaa"].roads["xab"] = "hub"
        street["xab"].offline = True
        [sent] = await street["xaa"].submit(draft(m.request("T-2"), to=["xab"]))
        await street.carry()
        told = await events(street["xaa"], "T-2")
        assert [(e.event, e.actor, e.log) for e in told] == [
            ("signed", "officer-7", "xaa"),
            ("sent", "xaa", "xaa"),
            ("custody", "hub", "hub"),
        ]
        [state] = (await show(street["xaa"], case=sent.thread)).statements[0].dispatches
        assert state.state == desk_pb2.MAIL_STATE_WITH_RELAY

    async def test_what_was_not_delivered_in_time_has_expired(self, street: Street) -> None:
        street["xab"].offline = True
        deliver_by = street.clock() + 60
        await street["xaa"].submit(draft(m.request("T-2"), to=["xab"], deliver_by=deliver_by))
        street.clock.now += 61
        await street["xaa"].store.write(lambda tx: tx.dispatches.expire(street.clock(), 10))
        told = await events(street["xaa"], "T-2")
        assert [e.event for e in told] == ["signed", "sent", "expired"]
        assert not told[-1].HasField("log_index")

    async def test_openings_and_exports_are_told_with_officer_and_desk(self, street: Street) -> None:
        house = street["xab"]
        await show(house, "police")
        asked = desk_pb2.ExportCaseRequest(case="T-1", format="EXPORT_FORMAT_TRACEPOST")
        async for _ in house.as_officer("poc").ExportCase(asked, NO_CONTEXT):
            pass
        told = [(e.event, e.actor, e.log) for e in (await events(house))[-2:]]
        assert told == [("opened", "officer-7/police", "xab"), ("exported", "officer-7/poc", "xab")]
