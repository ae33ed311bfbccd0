"""NATIONAL_SECURITY goes to the desks that the message names, and to nobody else (messages.md, section 1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.adversary import Forger, Parcel
from fakes.house import CUSTOMS, LICENSING, NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from tracepost.node.handlers.sealed.opening import load_sealed
from tracepost.protocol.ids import decode_b64
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import desk_pb2

SECRET = m.Words().national_security
PHOTOGRAPHS = [m.PICTURE, m.SCENE]
COVERT = "items.0.object.covert_mark.0"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """All have a point of contact, police and customs; XAC has no police."""
    desks = {"xaa": (POC, POLICE, CUSTOMS), "xab": (POC, POLICE, CUSTOMS), "xac": (POC, LICENSING)}
    async with open_street(tmp_path, "xaa", "xab", "xac", desks=desks) as street:
        yield street


async def say(house: House, content: Any, *named: str, **more: Any) -> desk_pb2.Submission:
    more = {"parts": PHOTOGRAPHS, "to": ["xab"], **more}
    [submission] = await house.submit(draft(content, named_desks=named, **more))
    return submission


async def shown(house: House, case: str, desk: str) -> str:
    view = await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case, desk=desk), NO_CONTEXT)
    assert not view.statements[0].HasField("problem")
    return str(view)


def secret_mail(street: Street) -> tuple[Forger, Statement, Parcel]:
    """Return a request with a covert mark for the police of XAB, signed and packed, by a node in wrong hands."""
    forger, request = Forger(street["xaa"], street["xab"]), m.request()
    request.items[0].object.covert_mark.add(text=SECRET)
    request.named_desks.append("xab/police")
    signed = forger.sign(request)
    return forger, signed, forger.pack(signed)


class TestNaming:
    """The named desk reads it; the gate still asks what it is."""

    @pytest.mark.parametrize("named", ["poc", "police"])
    async def test_the_named_desk_of_the_addressee_reads_it_and_no_other(
        self, street: Street, named: str
    ) -> None:
        sent = await say(street["xaa"], m.rich_request(), f"xab/{named}")
        assert not sent.HasField("problem")
        assert COVERT not in {one.path for one in sent.unsent}
        await street.carry()
        for desk in ("poc", "police"):
            assert (SECRET in await shown(street["xab"], sent.thread, desk)) is (desk == named)

    async def test_no_other_desk_holds_a_key_to_it(self, street: Street) -> None:
        """Not the gate alone: cryptography."""
        sent = await say(street["xaa"], m.rich_request(), "xab/police")
        await street.carry()
        house, digest = street["xab"], decode_b64(sent.statement, "statement")
        for desk in house.office.desks:

            def load(tx: Any, desk: Any = desk) -> Any:
                return load_sealed(tx, list(tx.statements.find([digest]).values()), desk.desk)

            [sealed] = await house.store.read(load)
            held = house.opener.unseal(sealed, desk.desk).statement
            classes = {d.sensitivity for d in held.disclosures} if held else set()
            assert (Sensitivity.NATIONAL_SECURITY in classes) is (desk.desk == "police")

    async def test_who_is_named_stands_signed_in_the_message(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), "xab/police", "xab/poc")
        await street.carry()
        for name in ("xaa", "xab"):
            view = await shown(street[name], sent.thread, "poc")
            assert "xab/poc" in view
            assert "xab/police" in view

    async def test_the_message_may_name_them_itself(self, street: Street) -> None:
        request = m.rich_request()
        request.named_desks.append("xab/poc")
        sent = await say(street["xaa"], request, "xab/police")
        await street.carry()
        for desk in ("poc", "police"):
            assert SECRET in await shown(street["xab"], sent.thread, desk)

    async def test_of_two_addressees_only_the_one_whose_desk_is_named_gets_it(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), "xab/police", to=["xab", "xac"])
        assert {one.to for one in sent.unsent if one.path == COVERT} == {"xac"}
        await street.carry()
        assert SECRET in await shown(street["xab"], sent.thread, "police")
        assert SECRET not in await shown(street["xac"], sent.thread, "poc")

    async def test_the_writing_desk_keeps_it_and_another_of_ours_reads_it_only_if_it_is_named(
        self, street: Street
    ) -> None:
        house = street["xaa"]
        for named, may in (((), False), (("xaa/police",), True)):
            sent = await say(house, m.rich_request(), *named)
            assert SECRET in await shown(house, sent.thread, "poc")
            assert (SECRET in await shown(house, sent.thread, "police")) is may

    async def test_a_raised_field_goes_the_same_way(self, street: Street) -> None:
        raised = desk_pb2.RaisedField(path="items.0.object.make", to_class="SENSITIVITY_NATIONAL_SECURITY")
        sent = await say(street["xaa"], m.request(), "xab/poc", raised=[raised], parts=[])
        await street.carry()
        make = m.item().object.make
        assert make in await shown(street["xab"], sent.thread, "poc")
        assert make not in await shown(street["xab"], sent.thread, "police")

    async def test_a_preview_says_who_would_read_it(self, street: Street) -> None:
        told = await say(street["xaa"], m.rich_request(), "xab/police", preview=True)
        assert {one.desk for one in told.readings if COVERT in one.paths} == {"police"}


class TestRefusals:
    """A name that cannot be meant is told before anything is signed."""

    @pytest.mark.parametrize(
        ("named", "reason"),
        [
            ("xab/harbour", "named-desk-unknown"),
            ("xac/poc", "named-desk-unknown"),
            ("xab/node", "named-desk-not-competent"),
            ("xab/customs", "named-desk-not-competent"),
        ],
    )
    async def test_a_desk_that_cannot_read_it(self, street: Street, named: str, reason: str) -> None:
        sent = await say(street["xaa"], m.rich_request(), "xab/police", named)
        assert (sent.problem.where, sent.problem.reason) == ("named_desks", reason)

    async def test_a_name_for_nothing_is_no_fault(self, street: Street) -> None:
        """A large request is split into folders that have one cover; some of them have nothing secret."""
        sent = await say(street["xaa"], m.request(), "xab/police", parts=[])
        assert not sent.HasField("problem")

    async def test_a_name_that_is_no_desk(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), "police")
        assert sent.problem.code == "invalid-message"

    async def test_a_kind_that_names_none(self, street: Street) -> None:
        first = await say(street["xaa"], m.request(), parts=[])
        await street.carry()
        error = m.error(statement_digest=first.statement)
        sent = await say(street["xab"], error, "xaa/police", to=["xaa"], case=first.thread, parts=[])
        assert sent.problem.reason == "no-naming"


class TestReading:
    """Keys alone name nobody."""

    async def test_a_desk_that_got_keys_and_is_not_named_sees_nothing(self, street: Street) -> None:
        forger, signed, parcel = secret_mail(street)
        everything = frozenset(range(len(parcel.compartments)))
        node, *others = parcel.entitled
        parcel.entitled = [node, *(everything for _ in others)]
        await forger.post(parcel)
        await street.carry()
        for desk in ("poc", "police"):
            told = await shown(street["xab"], signed.claims.thread, desk)
            assert (SECRET in told) is (desk == "police")

    async def test_the_named_desk_is_told_if_it_is_kept_from_it(self, street: Street) -> None:
        forger, signed, parcel = secret_mail(street)
        last = len(parcel.compartments) - 1
        assert [last in may for may in parcel.entitled] == [False, False, True, False]
        parcel.entitled = [may - {last} for may in parcel.entitled]
        await forger.post(parcel)
        await street.carry()
        house = street["xab"]

        async def problem(desk: str) -> str:
            asked = desk_pb2.ShowCaseRequest(case=signed.claims.thread, desk=desk)
            view = await house.as_officer(desk).ShowCase(asked, NO_CONTEXT)
            return view.statements[0].problem.code

        assert await problem("police") == "incomplete"
        assert await problem("poc") == ""

    async def test_a_share_of_it_goes_to_the_desk_that_the_share_names(self, street: Street) -> None:
        sent = await say(street["xaa"], m.rich_request(), "xab/police")
        await street.carry()
        share = m.share(sent.statement)
        passed = await say(street["xab"], share, "xac/poc", to=["xac"], desk="police", parts=[])
        assert not passed.HasField("problem")
        await street.carry()
        view = (
            await street["xac"]
            .as_officer("poc")
            .ShowCase(desk_pb2.ShowCaseRequest(case=passed.thread), NO_CONTEXT)
        )
        [exhibit] = view.statements[0].content.share.exhibits
        assert len(exhibit.national_security_disclosures) == 2  # the mark and the counter
