"""An answer composed of findings that who writes it cannot read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, PASSPHRASE, POC, POLICE, House, Street, draft, open_street
from fakes.inquiry import ARMY, REGISTRY, enquiry, finding
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2, trace_pb2

OWNER, DEALER, PLACE = "canary-owner-name", "canary-dealer-company", "canary-exact-place"
SEEN_BY_POLICE_ALONE = (OWNER.encode(), PLACE.encode())


def army_answer(item_id: str = "1") -> trace_pb2.Answer:
    """Return what the ledger says: two events, who sold at the second, who owned it then."""
    told = m.answer(item_id, explanation="canary-explanation", point_of_diversion_exact_place=PLACE)
    told.lineage.add(kind="LINEAGE_EVENT_KIND_MADE", on="1989")
    told.lineage.add(
        kind="LINEAGE_EVENT_KIND_SOLD_TO_INDIVIDUAL", on="1994", record_source="RECORD_SOURCE_LEDGER"
    )
    told.lineage_dealings.add(event_index=1, from_company=DEALER)
    told.persons.add(role="PERSON_ROLE_OWNER", name=OWNER, event_index=1)
    return told


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    desks = {"xab": (POC, POLICE, ARMY, REGISTRY)}
    async with open_street(tmp_path, "xaa", "xab", desks=desks) as street:
        yield street


@pytest.fixture
async def case(street: Street) -> str:
    [sent] = await street["xaa"].submit(draft(m.request("T-1", "1", "2"), to=["xab"]))
    await street.carry()
    return sent.thread


async def say(house: House, content: Any, case: str, desk: str = "poc", **more: Any) -> desk_pb2.Submission:
    [submission] = await house.submit(draft(content, case=case, desk=desk, **more))
    return submission


async def ok(house: House, content: Any, case: str, desk: str = "poc", **more: Any) -> desk_pb2.Submission:
    submission = await say(house, content, case, desk, **more)
    assert not submission.HasField("problem"), submission.problem
    return submission


async def found(street: Street, case: str, *answers: trace_pb2.Answer, desk: str = "army") -> str:
    """Let a desk of XAB find something; return the finding's digest."""
    xab = street["xab"]
    asked = await ok(xab, enquiry(desk), case)
    return (await ok(xab, finding(asked.statement, *(answers or [army_answer()])), case, desk)).statement


def composed(digest: str, source: str = "answers.0", target: str = "") -> inquiry_pb2.Composed:
    return inquiry_pb2.Composed(finding=digest, from_path=source, to_path=target or source)


async def view(house: House, case: str, desk: str = "poc") -> desk_pb2.CaseView:
    return await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


async def answered(house: House, case: str, desk: str = "police") -> trace_pb2.Response:
    shown = (await view(house, case, desk)).statements
    return next(one.content.response for one in reversed(shown) if one.kind == "trace.response/1")


EMPTY = trace_pb2.Response(final=True)


class TestComposed:
    async def test_who_asked_reads_what_its_writer_could_not(self, street: Street, case: str) -> None:
        digest = await found(street, case)
        await ok(street["xab"], EMPTY, case, to=["xaa"], composed=[composed(digest)])
        await street.carry()
        [told] = (await answered(street["xaa"], case)).answers
        assert (told.persons[0].name, told.persons[0].event_index) == (OWNER, 1)
        assert told.point_of_diversion_exact_place == PLACE
        assert told.reach == trace_pb2.REACH_POINT_OF_DIVERSION

    async def test_each_unit_keeps_its_source(self, street: Street, case: str) -> None:
        digest = await found(street, case)
        await ok(street["xab"], EMPTY, case, to=["xaa"], composed=[composed(digest)])
        await street.carry()
        [told] = (await answered(street["xaa"], case)).answers
        assert {one.source_digest for one in told.lineage} == {digest}
        assert (told.lineage_dealings[0].source_digest, told.persons[0].source_digest) == (digest, digest)
        assert list(told.composed_from) == [digest]

    async def test_what_may_not_be_read_at_xaa_stays_with_its_police(self, street: Street, case: str) -> None:
        """Classes go along: a person is PERSONAL in the answer too."""
        digest = await found(street, case)
        await ok(street["xab"], EMPTY, case, to=["xaa"], composed=[composed(digest)])
        await street.carry()
        poc = (await view(street["xaa"], case)).SerializeToString()
        assert not [word for word in SEEN_BY_POLICE_ALONE if word in poc]
        assert DEALER.encode() in poc

    async def test_a_raised_class_is_not_lowered(self, street: Street, case: str) -> None:
        xab = street["xab"]
        asked = await ok(xab, enquiry(), case)
        raised = [desk_pb2.RaisedField(path="answers.0.explanation", to_class="SENSITIVITY_CRIMINAL_JUSTICE")]
        sent = await ok(xab, finding(asked.statement, army_answer()), case, "army", raised=raised)
        await ok(xab, EMPTY, case, to=["xaa"], composed=[composed(sent.statement)])
        await street.carry()
        assert (await answered(street["xaa"], case)).answers[0].explanation == "canary-explanation"
        assert not (await answered(street["xaa"], case, "poc")).answers[0].explanation

    async def test_two_custodians_fill_one_answer(self, street: Street, case: str) -> None:
        """Lists go on where the first ends; what belongs to an event follows it; what is said first stands."""
        army = await found(street, case)
        other = m.answer("1", reach="REACH_MAKER")
        other.lineage.add(kind="LINEAGE_EVENT_KIND_STOLEN", on="2001")
        other.persons.add(role="PERSON_ROLE_BUYER", name="canary-second", event_index=0)
        registry = await found(street, case, other, desk="registry")
        both = [composed(army), composed(registry)]
        await ok(street["xab"], EMPTY, case, to=["xaa"], composed=both)
        await street.carry()
        [told] = (await answered(street["xaa"], case)).answers
        assert [event.on for event in told.lineage] == ["1989", "1994", "2001"]
        assert [(p.name, p.event_index) for p in told.persons] == [(OWNER, 1), ("canary-second", 2)]
        assert told.reach == trace_pb2.REACH_POINT_OF_DIVERSION
        assert list(told.composed_from) == [army, registry]

    async def test_what_the_officer_says_stands(self, street: Street, case: str) -> None:
        digest = await found(street, case)
        said = trace_pb2.Response(answers=[m.answer("1", reach="REACH_FIRST_RECIPIENT")], final=True)
        await ok(street["xab"], said, case, to=["xaa"], composed=[composed(digest)])
        await street.carry()
        [told] = (await answered(street["xaa"], case)).answers
        assert (told.reach, told.persons[0].name) == (trace_pb2.REACH_FIRST_RECIPIENT, OWNER)

    async def test_parts_of_a_finding_can_be_taken_alone(self, street: Street, case: str) -> None:
        """A person without the event keeps no place among events that are not there."""
        digest = await found(street, case)
        said = trace_pb2.Response(answers=[m.answer("2"), m.answer("1")], final=True)
        taken = [composed(digest, "answers.0.persons.0", "answers.1.persons.0")]
        await ok(street["xab"], said, case, to=["xaa"], composed=taken)
        await street.carry()
        second = (await answered(street["xaa"], case)).answers[1]
        assert (second.persons[0].name, second.persons[0].HasField("event_index")) == (OWNER, False)
        assert not second.lineage

    async def test_the_log_names_the_desk_that_it_was_processed_for(self, street: Street, case: str) -> None:
        xab = street["xab"]
        digest = await found(street, case)
        await ok(xab, EMPTY, case, to=["xaa"], composed=[composed(digest)])
        events = (await xab.as_officer("poc").ListAudit(desk_pb2.ListAuditRequest(), NO_CONTEXT)).events
        assert ("process", digest, "army") in {(e.action, e.subject, e.outcome) for e in events}


class TestNeverShown:
    """Canaries, byte by byte, in all that a client of the point of contact gets, and in the store."""

    async def test_not_to_who_composes(self, street: Street, case: str) -> None:
        xab = street["xab"]
        digest = await found(street, case)
        taken = [composed(digest)]
        preview = await say(xab, EMPTY, case, to=["xaa"], composed=taken, preview=True)
        sent = await ok(xab, EMPTY, case, to=["xaa"], composed=taken)
        again = await say(xab, EMPTY, case, to=["xaa"], composed=[composed(digest, "answers.0.persons.9")])
        got = [one.SerializeToString() for one in (preview, sent, again)]
        got.append((await view(xab, case)).SerializeToString())
        poc = xab.as_officer("poc")
        got.append(
            (await poc.ShowTimeline(desk_pb2.ShowTimelineRequest(case=case), NO_CONTEXT)).SerializeToString()
        )
        got.append((await poc.ListAudit(desk_pb2.ListAuditRequest(), NO_CONTEXT)).SerializeToString())
        got.append((await poc.ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)).SerializeToString())
        explained = await poc.ExplainPolicy(desk_pb2.ExplainPolicyRequest(what=sent.statement), NO_CONTEXT)
        got.append(explained.SerializeToString())
        for format_ in ("TRACEPOST", "SD_JWT"):
            request = desk_pb2.ExportCaseRequest(
                case=case, format=f"EXPORT_FORMAT_{format_}", with_inner=True
            )
            got += [chunk.data async for chunk in poc.ExportCase(request, NO_CONTEXT)]
        encoded = [re.sub(rb"\s", b"", one) for one in got]
        assert not [word for word in SEEN_BY_POLICE_ALONE for one in (*got, *encoded) if word in one]
        assert sent.statement

    async def test_not_afterwards_either_though_it_wrote_the_answer(self, street: Street, case: str) -> None:
        """The police may; the point of contact holds no key of it."""
        xab = street["xab"]
        await ok(xab, EMPTY, case, to=["xaa"], composed=[composed(await found(street, case))])
        assert (await answered(xab, case, "police")).answers[0].persons[0].name == OWNER
        poc = await answered(xab, case, "poc")
        assert (list(poc.answers[0].persons), poc.answers[0].lineage_dealings[0].from_company) == ([], DEALER)

    async def test_not_in_what_is_stored(self, street: Street, case: str, tmp_path: Path) -> None:
        xab = street["xab"]
        await ok(xab, EMPTY, case, to=["xaa"], composed=[composed(await found(street, case))])
        files = [path.read_bytes() for path in (tmp_path / "xab").rglob("*") if path.is_file()]
        assert files
        assert not [word for word in SEEN_BY_POLICE_ALONE for data in files if word in data]

    async def test_not_in_an_error(self, street: Street, case: str) -> None:
        """A value that breaks a rule of the answer is told by its place."""
        digest = await found(street, case, army_answer("2"))
        said = trace_pb2.Response(answers=[m.answer("1")], final=True)
        refused = await say(street["xab"], said, case, to=["xaa"], composed=[composed(digest)])
        assert (refused.problem.where, refused.problem.reason) == ("composed.0.to_path", "other-item")
        assert not [w for w in SEEN_BY_POLICE_ALONE if w in refused.SerializeToString()]


class TestRefused:
    async def test_with_no_desk_unlocked_it_names_those_that_may(self, street: Street, case: str) -> None:
        xab = street["xab"]
        digest = await found(street, case)
        for desk in ("army", "police"):
            xab.ring.lock(DeskId(desk))
        refused = await say(xab, EMPTY, case, to=["xaa"], composed=[composed(digest)])
        assert (refused.problem.code, refused.problem.where) == ("desk-locked", "army, police")
        await xab.rooms.unlocking.unlock(xab.officer("police"), "police", PASSPHRASE)
        await ok(xab, EMPTY, case, to=["xaa"], composed=[composed(digest)])

    async def test_a_registry_that_did_not_write_it_is_no_way_round(self, street: Street, case: str) -> None:
        xab = street["xab"]
        digest = await found(street, case)
        for desk in ("army", "police"):
            xab.ring.lock(DeskId(desk))
        refused = await say(xab, EMPTY, case, "registry", to=["xaa"], composed=[composed(digest)])
        assert refused.problem.code == "not-allowed"

    async def test_what_every_desk_may_read_needs_no_other(self, street: Street, case: str) -> None:
        xab = street["xab"]
        digest = await found(street, case, m.answer("1", explanation="in the ledger of 1989"))
        for desk in ("army", "police"):
            xab.ring.lock(DeskId(desk))
        await ok(xab, EMPTY, case, to=["xaa"], composed=[composed(digest)])

    @pytest.mark.parametrize(
        ("source", "target", "place"),
        [
            ("answers.7", "answers.0", ("composed.0.from_path", "no-answer")),
            ("answers.0.candidates", "answers.0.candidates", ("composed.0.from_path", "nothing-there")),
            ("answers.0.persons", "answers.0.lineage", ("composed.0.to_path", "other-field")),
            ("answers.0", "answers.3", ("composed.0.to_path", "other-item")),
            ("answers.0.reach.1", "answers.0.reach.1", ("composed.0.from_path", "nothing-there")),
            ("answers.0.lineage_dealings", "answers.0.lineage_dealings", ("composed", "event-left-out")),
            ("persons.0", "persons.0", ("composed.0.from_path", "no-answer-field")),
        ],
    )
    async def test_what_does_not_fit(
        self, street: Street, case: str, source: str, target: str, place: tuple[str, str]
    ) -> None:
        digest = await found(street, case)
        refused = await say(
            street["xab"], EMPTY, case, to=["xaa"], composed=[composed(digest, source, target)]
        )
        assert (refused.problem.where, refused.problem.reason) == place

    async def test_a_place_that_is_taken(self, street: Street, case: str) -> None:
        digest = await found(street, case)
        said = trace_pb2.Response(answers=[m.answer("1")], final=True)
        said.answers[0].persons.add(role="PERSON_ROLE_BUYER", name="of the officer")
        taken = [composed(digest, "answers.0.persons.0")]
        refused = await say(street["xab"], said, case, to=["xaa"], composed=taken)
        assert (refused.problem.where, refused.problem.reason) == ("composed.0.to_path", "taken")

    async def test_only_answers_are_composed_and_only_of_findings(self, street: Street, case: str) -> None:
        digest = await found(street, case)
        request = (await view(street["xab"], case)).statements[0].statement
        other = await say(street["xab"], m.refusal(), case, to=["xaa"], composed=[composed(digest)])
        assert (other.problem.where, other.problem.reason) == ("composed", "only-answers")
        unknown = await say(street["xab"], EMPTY, case, to=["xaa"], composed=[composed(request)])
        assert (unknown.problem.where, unknown.problem.reason) == ("composed", "unknown-finding")

    async def test_a_source_is_written_by_the_node_alone(self, street: Street, case: str) -> None:
        digest = await found(street, case)
        for said in (m.answer("1", composed_from=[digest]), m.answer("1")):
            if not said.composed_from:
                said.persons.add(role="PERSON_ROLE_OWNER", name="nobody", source_digest=digest)
            refused = await say(street["xab"], m.response(said), case, to=["xaa"])
            assert refused.problem.reason == "source-by-node"


class TestWhatACustodianLimits:
    """Field readers, and restrictions, of a finding hold in the answer too."""

    PATH = "answers.0.lineage_dealings.0"

    async def limited(self, street: Street, case: str, **more: Any) -> str:
        """The registry finds who sold it, and keeps that to the police; return the finding's digest."""
        xab = street["xab"]
        asked = await ok(xab, enquiry("registry"), case)
        said = finding(asked.statement, army_answer())
        kept = [terms_pb2.FieldReaders(path=self.PATH, desks=["xab/police"])]
        return (await ok(xab, said, case, "registry", readers=kept, **more)).statement

    async def test_an_answer_that_says_nothing_of_readers_is_refused_and_told_what_to_do(
        self, street: Street, case: str
    ) -> None:
        taken = [composed(await self.limited(street, case))]
        refused = await say(street["xab"], EMPTY, case, to=["xaa"], composed=taken)
        assert (refused.problem.where, refused.problem.reason) == (self.PATH, "kept-to-some-desks")
        assert f"--only {self.PATH}=" in refused.problem.remedy
        assert DEALER not in str(refused)

    async def test_an_answer_that_shows_it_to_more_of_our_desks_is_refused(
        self, street: Street, case: str
    ) -> None:
        taken = [composed(await self.limited(street, case))]
        wider = [terms_pb2.FieldReaders(path=self.PATH, desks=["xaa/police", "xab/registry"])]
        refused = await say(street["xab"], EMPTY, case, to=["xaa"], composed=taken, readers=wider)
        assert refused.problem.reason in ("kept-to-some-desks", "reader-not-competent")

    async def test_an_answer_that_keeps_to_it_goes_and_is_read_by_the_named_desk_alone(
        self, street: Street, case: str
    ) -> None:
        taken = [composed(await self.limited(street, case))]
        named = [terms_pb2.FieldReaders(path=self.PATH, desks=["xaa/police", "xab/police"])]
        await ok(street["xab"], EMPTY, case, to=["xaa"], composed=taken, readers=named)
        await street.carry()
        for member in ("xaa", "xab"):
            read = (await answered(street[member], case)).answers[0].lineage_dealings
            assert [one.from_company for one in read] == [DEALER]
            assert DEALER not in str(await view(street[member], case)), "nor does the desk that composed it"

    async def test_what_he_laid_on_his_finding_binds_the_answer(self, street: Street, case: str) -> None:
        laid = [terms_pb2.Restriction(code="RESTRICTION_CODE_NO_USE_IN_COURT")]
        asked = await ok(street["xab"], enquiry("army"), case)
        found_ = await ok(
            street["xab"], finding(asked.statement, army_answer()), case, "army", restrictions=laid
        )
        await ok(street["xab"], EMPTY, case, to=["xaa"], composed=[composed(found_.statement)])
        await street.carry()
        [told] = (await view(street["xaa"], case)).statements[-1].restrictions
        assert (told.code, list(told.field_paths)) == (laid[0].code, ["answers.0"])

    async def test_what_who_asks_keeps_to_a_desk_is_copied_into_no_enquiry(self, street: Street) -> None:
        kept = [terms_pb2.FieldReaders(path="items.0.object.mark", desks=["xab/police"])]
        [sent] = await street["xaa"].submit(draft(m.request("T-9"), to=["xab"], readers=kept))
        await street.carry()
        await ok(street["xab"], enquiry("army"), sent.thread, "police")
        shown = (await view(street["xab"], sent.thread, "army")).statements[-1].content.enquiry
        assert shown.items[0].object.make
        assert not shown.items[0].object.mark
        assert not shown.mark_forms
