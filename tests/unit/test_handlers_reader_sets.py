"""Fields that the sender keeps to some desks: by cryptography, by the gate, and with a count for the others."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.adversary import Forger
from fakes.house import CUSTOMS, NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from tracepost.node.config import DeskSettings
from tracepost.node.handlers.sealed.opening import load_sealed
from tracepost.protocol.ids import DeskId, decode_b64
from tracepost.protocol.statement import redact
from tracepost.wire.v1 import desk_pb2, terms_pb2

MARK = "items.0.object"
PARTS = [m.PICTURE, m.SCENE]


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAA writes, XAB has two desks that read the same classes but for what is nominal."""
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE, CUSTOMS), "xac": (POC, POLICE)}
    async with open_street(tmp_path, "xaa", "xab", "xac", desks=desks) as street:
        yield street


def only(path: str, *desks: str) -> terms_pb2.FieldReaders:
    return terms_pb2.FieldReaders(path=path, desks=desks)


async def say(street: Street, *readers: terms_pb2.FieldReaders, **more: Any) -> desk_pb2.Submission:
    said: dict[str, Any] = {"to": ["xab"], "parts": PARTS} | more
    [sent] = await street["xaa"].submit(draft(m.rich_request(), readers=readers, **said))
    await street.carry()
    return sent


async def show(house: House, desk: str) -> desk_pb2.StatementView:
    view = await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case="T-1", desk=desk), NO_CONTEXT)
    return view.statements[0]


async def paths_opened(house: House, sent: desk_pb2.Submission, desk: str) -> set[str]:
    """Return what the keys of a desk open, whatever the gate says."""
    digest = decode_b64(sent.statement, "statement")

    def load(tx: Any) -> Any:
        return load_sealed(tx, list(tx.statements.find([digest]).values()), house.office.desk(desk).desk)  # type: ignore[arg-type]

    [sealed] = await house.store.read(load)
    held = house.opener.unseal(sealed, house.office.desk(desk).desk).statement  # type: ignore[arg-type]
    return {one.path for one in held.disclosures} if held else set()


async def submit(street: Street, name: str, one: desk_pb2.Draft) -> desk_pb2.Submission:
    [told] = await street[name].submit(one)
    assert not told.HasField("problem"), told.problem
    await street.carry()
    return told


async def show_all(house: House, desk: str, case: str) -> desk_pb2.CaseView:
    return await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case, desk=desk), NO_CONTEXT)


class TestKept:
    """A field is read by the desks that are named for it, as far as their class lets them."""

    async def test_the_named_desk_reads_it_and_no_other(self, street: Street) -> None:
        sent = await say(street, only(MARK, "xab/police"))
        assert not sent.HasField("problem"), sent.problem
        poc, police = [(await show(street["xab"], d)).content.trace_request for d in ("poc", "police")]
        assert police.items[0].object.make
        assert not poc.items[0].object.make
        assert poc.ground_text, "what is not named is read as ever"

    async def test_no_other_desk_holds_a_key_to_it(self, street: Street) -> None:
        sent = await say(street, only(MARK, "xab/police"))
        house = street["xab"]
        assert any(p.startswith(f"{MARK}.") for p in await paths_opened(house, sent, "police"))
        assert not any(p.startswith(f"{MARK}.") for p in await paths_opened(house, sent, "poc"))

    async def test_who_wrote_it_reads_it_and_its_other_desks_do_not(self, street: Street) -> None:
        sent = await say(street, only("ground_text", "xab/police"))
        house = street["xaa"]
        assert (await show(house, "poc")).content.trace_request.ground_text
        assert not (await show(house, "police")).content.trace_request.ground_text
        assert "ground_text" not in await paths_opened(house, sent, "police")

    async def test_of_two_addressees_the_one_without_a_named_desk_does_not_get_it(
        self, street: Street
    ) -> None:
        sent = await say(street, only("ground_text", "xab/police"), to=["xab", "xac"])
        assert {one.to for one in sent.unsent if one.path == "ground_text"} == {"xac"}
        assert "ground_text" not in await paths_opened(street["xac"], sent, "police")

    async def test_a_preview_tells_it(self, street: Street) -> None:
        told = await say(street, only("ground_text", "xab/police"), preview=True)
        reads = {one.desk: "ground_text" in one.paths for one in told.readings}
        assert (reads["poc"], reads["police"]) == (False, True)

    async def test_a_named_desk_passes_it_on_by_consent_alone(self, street: Street) -> None:
        sent = await say(street, only("ground_text", "xab/police"))
        shared = draft(m.share(sent.statement), to=["xac"], case=sent.thread, desk="police")
        [told] = await street["xab"].submit(shared)
        assert not told.HasField("problem"), told.problem
        await street.carry()
        [shown] = (
            await street["xac"]
            .as_officer("police")
            .ShowCase(desk_pb2.ShowCaseRequest(case=told.thread), NO_CONTEXT)
        ).statements
        assert "ground_text" not in str(shown.content.share.exhibits[0].law_enforcement_disclosures)

    @pytest.mark.parametrize("back", [False, True], ids=["passed-on", "and-shown-to-us-again"])
    async def test_what_it_passed_on_is_for_its_own_other_desks_as_before(
        self, street: Street, back: bool
    ) -> None:
        """Our copy of what we show of others, and what comes back to us, hold what was kept from a desk."""
        sent = await say(street, only("ground_text", "xab/police"))
        consent = draft(m.consent("xac", statement_digest=sent.statement), to=["xab"], case=sent.thread)
        shown = draft(m.share(sent.statement), to=["xac"], case=sent.thread, desk="police")
        told = await submit(street, "xaa", consent) and await submit(street, "xab", shown)
        if back:
            again = draft(m.share(told.statement), to=["xab"], case=told.thread, desk="police")
            told = await submit(street, "xac", again)
        for name, desk, reads in (("xac", "poc", True), ("xab", "police", True), ("xab", "poc", False)):
            house = street[name]
            [seen] = [
                one
                for one in (await show_all(house, desk, told.thread)).statements
                if one.statement == told.statement
            ]
            assert not seen.HasField("problem"), (name, desk, seen.problem)
            texts = [d for one in seen.content.share.exhibits for d in one.law_enforcement_disclosures]
            assert bool(texts) is reads, (name, desk)
            held = await paths_opened(house, told, desk)
            assert ("exhibits.0.law_enforcement_disclosures" in held) is reads, (name, desk)


class TestComplete:
    """A desk that is not named can still prove that of the rest nothing was stripped."""

    async def test_nothing_is_missed_that_is_said_to_be_for_others(self, street: Street) -> None:
        await say(street, only(MARK, "xab/police"))
        for desk in ("poc", "police"):
            assert not (await show(street["xab"], desk)).HasField("problem"), desk

    async def test_how_much_is_kept_from_it_stands_signed_in_the_message(self, street: Street) -> None:
        await say(street, only("ground_text", "xab/police"))
        [told] = (await show(street["xab"], "poc")).content.trace_request.readers
        assert (told.path, list(told.desks), told.units) == ("ground_text", ["xab/police"], 1)

    async def test_more_than_is_said_is_missed(self, street: Street) -> None:
        """A node in wrong hands keeps two fields back and says that it is one."""
        forger, request = Forger(street["xaa"], street["xab"]), m.request(ground_text="the ground")
        request.circumstances.region = "the region"
        entry = only("ground_text", "xab/police")
        entry.of_class, entry.units = 6, 1  # type: ignore[assignment]
        request.readers.append(entry)
        signed = forger.sign(request)
        kept = {"ground_text", "circumstances.region"}
        stripped = forger.pack(redact(signed, lambda d: d.path not in kept))
        await street.deliver(street["xaa"], [await forger.post(stripped)], "xab")
        assert (await show(street["xab"], "poc")).problem.code == "incomplete"


class TestExplained:
    """`policy explain` tells of such fields apart, with the policy that decides."""

    @pytest.mark.parametrize("name", ["xaa", "xab"])
    async def test_it_names_the_policy_that_keeps_a_field_from_a_desk(
        self, street: Street, name: str
    ) -> None:
        sent = await say(street, only("ground_text", "xab/police"))
        wanted = desk_pb2.ExplainPolicyRequest(what=sent.statement)
        told = await street[name].as_officer("poc").ExplainPolicy(wanted, NO_CONTEXT)
        rules = {
            reader.desk: [rule for rule in reader.rules if rule.of_class == 6]
            for reader in told.statements[0].readers
            if reader.member == "xab" and reader.below == "ground_text"
        }
        assert [(r.allowed, list(r.policies)) for r in rules["poc"]] == [(False, ["for-others"])]
        assert [(r.allowed, list(r.policies)) for r in rules["police"]] == [(True, ["law-enforcement"])]


class TestRefused:
    """What cannot be kept so is refused before it is signed."""

    @pytest.mark.parametrize(
        ("readers", "reason"),
        [
            ([only("file_number", "xab/police")], "nothing-to-read"),
            ([only("ground_text", "xab/nobody")], "reader-unknown"),
            ([only("persons", "xab/poc")], "reader-not-competent"),
            ([only("items.0", "xab/police"), only(MARK, "xab/poc")], "readers-overlap"),
        ],
        ids=["clear-field", "unknown-desk", "not-competent", "one-in-another"],
    )
    async def test_it_says_why(
        self, street: Street, readers: list[terms_pb2.FieldReaders], reason: str
    ) -> None:
        told = await say(street, *readers)
        assert (told.problem.where, told.problem.reason) == ("readers", reason)

    @pytest.mark.parametrize("marks", [14, 15])
    async def test_a_body_has_sixteen_sets_of_readers_and_no_more(self, tmp_path: Path, marks: int) -> None:
        """The spine, the marks, and what police desks read of the rest: nothing of one set too many is kept."""
        desks = tuple(replace(POLICE, desk=DeskId(f"police-{n}")) for n in range(5))
        request = m.request("T-1")
        mark = request.items[0].object.mark[0]
        request.items[0].object.mark.extend([mark] * (marks - 1))
        async with open_street(
            tmp_path, "xaa", "xab", desks={"xaa": (POC, POLICE), "xab": (POC, *desks)}
        ) as street:
            house = street["xaa"]
            before = house.store.evidence.head.size
            [sent] = await house.submit(draft(request, to=["xab"], readers=several(marks, desks)))
            empty = desk_pb2.ListCasesRequest()
            cases = (await house.as_officer("police").ListCases(empty, NO_CONTEXT)).cases
            if marks == 14:
                assert not sent.HasField("problem"), sent.problem
                assert len(cases) == 1
            else:
                assert (sent.problem.where, sent.problem.reason) == ("readers", "too-many-reader-sets")
                assert sent.problem.remedy
                assert not cases
                assert await street.queued(house) == []
                assert house.store.evidence.head.size == before, "the log says nothing of it"


def several(count: int, desks: Sequence[DeskSettings]) -> list[terms_pb2.FieldReaders]:
    """Return readers of so many marks, each mark for other desks."""
    names = [f"xab/{one.desk}" for one in desks]
    sets = [some for size in (1, 2, 3) for some in itertools.combinations(names, size)]
    return [only(f"items.0.object.mark.{n}", *some) for n, some in enumerate(sets[:count])]
