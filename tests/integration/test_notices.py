"""What is told unasked, through real nodes: who gets it, who reads what of it, what becomes of the case."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from google.protobuf.message import Message

from fakes import messages as m
from fakes import notices as n
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.node.config import DeskSettings
from tracepost.protocol.envelope import parse_header
from tracepost.protocol.figures import suppress_small
from tracepost.protocol.ids import DeskId, decode_b64
from tracepost.protocol.lots import Sought
from tracepost.sdk import Cover, build_draft, message_of
from tracepost.sdk.figures import figures_of
from tracepost.sdk.lots import find_told
from tracepost.sdk.members import look_up
from tracepost.wire.v1 import desk_pb2, report_pb2, terms_pb2, trace_pb2

LICENSING = DeskSettings(DeskId("licensing"), competences=("LICENSING",))
STATES = ("xaa", "xab", "xac")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    desks = dict.fromkeys(STATES, (POC, POLICE, LICENSING))
    return found_town(tmp_path_factory.mktemp("town") / "town", desks, relay="hub")


@pytest_asyncio.fixture
async def town(founded: Town, tmp_path: Path) -> AsyncIterator[Town]:
    town = founded.copy(tmp_path / "town")
    async with town.running("hub", *STATES):
        for state in STATES:
            await town.unlock(state)
        await town.meet(*STATES)
        yield town


async def tell(
    town: Town, author: str, message: Message, to: Sequence[str], case: str | None = None, **cover: Any
) -> desk_pb2.Submission:
    """Send `message` and wait until all have it in effect."""
    said = {
        "purpose": terms_pb2.PURPOSE_LICENSING,
        "legal_basis": terms_pb2.LEGAL_BASIS_PROGRAMME_OF_ACTION,
        **cover,
    }
    async with town.client(author) as officer:
        submission = await officer.submit(build_draft(message, Cover(to=tuple(to), **said), case))
    digest = decode_b64(submission.statement, "statement").hex()
    for member in to:
        question = f"SELECT in_effect FROM statement WHERE digest = x'{digest}'"
        arrived = partial(_is, town, member, question)
        await until(arrived, f"{member} to take it up")
    return submission


def _is(town: Town, member: str, question: str) -> bool:
    return town.ask(member, question) == [(1,)]


async def read(town: Town, member: str, case: str, desk: str = "poc") -> tuple[desk_pb2.CaseView, Any]:
    """Return the case as a desk sees it, and what its last statement says."""
    async with town.client(member, desk=desk) as officer:
        view = await officer.show_case(case)
    return view, message_of(view.statements[-1].content)


async def test_a_diversion_is_told_to_several_and_closed_by_each(town: Town) -> None:
    """One statement, sealed to each; the body is encrypted anew for each."""
    notice = n.diversion(
        reply_by="2031-01-31",
        handling_instructions=["HANDLING_INSTRUCTION_DO_NOT_ALERT"],
        summary="from a depot",
    )
    sent = await tell(town, "xaa", notice, ["xab", "xac"])
    assert {d.to for d in sent.dispatches} == {"xab", "xac"}
    headers = [town.ask(one, "SELECT header FROM body")[0][0] for one in ("xab", "xac")]
    assert len({parse_header(header).body_sha256 for header in headers}) == 2

    view, seen = await read(town, "xab", sent.thread)
    assert seen == notice
    assert (view.summary.state, view.summary.due_on) == (desk_pb2.CASE_STATE_WAITING_FOR_US, "2031-01-31")
    assert list(view.summary.handling) == [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT]

    reply = trace_pb2.Clarification(
        step="CLARIFICATION_STEP_REPLY", code="CLARIFICATION_CODE_OTHER", text="licence suspended"
    )
    await tell(town, "xab", reply, ["xaa"], sent.thread)
    await tell(town, "xab", m.closure(), ["xaa"], sent.thread)
    assert (await read(town, "xab", sent.thread))[0].summary.state == desk_pb2.CASE_STATE_CLOSED
    view, _ = await read(town, "xaa", sent.thread)
    assert view.summary.state == desk_pb2.CASE_STATE_WAITING_FOR_THEM  # XAC has not said anything


async def test_a_find_is_matched_with_a_delivery_that_was_told_of(town: Town) -> None:
    """Until its author cancels it: then the lots are nobody's."""
    sent = await tell(town, "xaa", n.delivery(n.lot("A-3", serials="1000:1999")), ["xab", "xac"])
    view, seen = await read(town, "xac", sent.thread)
    assert seen.consignees[0].destination_unit == "2nd Brigade"
    assert view.summary.our_file_number == ""

    async with town.client("xac") as officer:
        [listed] = [case async for case in officer.list_cases(holds_kind="embargo.delivery-notified/1")]
        assert listed.thread == sent.thread
        assert [case async for case in officer.list_cases(holds_kind="trace.diversion-notice/1")] == []
        sought = Sought.of(n.found("1234", make="Zastava"))
        [match] = [told.match async for told in find_told(officer, sought)]
        assert (match.lot_id, match.confidence) == ("A-3", terms_pb2.CONFIDENCE_CERTAIN)
        assert [one async for one in find_told(officer, Sought.of(n.found("2234")))] == []

    cancelled = n.delivery(stage="DELIVERY_STAGE_CANCELLED", replaces_digest=sent.statement)
    await tell(town, "xaa", cancelled, ["xab", "xac"], sent.thread)
    async with town.client("xac") as officer:
        assert [one async for one in find_told(officer, sought)] == []


async def test_persons_in_a_flow_are_for_police_desks_alone(town: Town) -> None:
    """And an office that licenses reads a diversion, which is written for it."""
    actor = {"role": "FLOW_ROLE_BROKER", "name": "a name that nobody has"}
    sent = await tell(town, "xaa", n.flow(actors=[actor], method="in spare wheels"), ["xab", "xac"])
    _, poc = await read(town, "xab", sent.thread, "poc")
    _, police = await read(town, "xab", sent.thread, "police")
    assert (poc.method, list(poc.actors)) == ("in spare wheels", [])
    assert [one.name for one in police.actors] == ["a name that nobody has"]

    sent = await tell(town, "xaa", n.diversion(), ["xab"])
    view, licensing = await read(town, "xab", sent.thread, "licensing")
    assert [lot.serial_ranges[0].to_serial for lot in licensing.lots] == ["1999"]
    assert view.statements[0].hidden == []


async def test_a_reference_and_a_practice_go_round(town: Town) -> None:
    """Covert marks stay with the desk that is named; of a practice that is all that is not public."""
    sent = await tell(town, "xaa", n.ballistic(), ["xab"])
    _, seen = await read(town, "xab", sent.thread, "police")
    assert seen.references[0].laboratory_reference == "LAB 17/26"

    told = n.marking(covert_marks=[{"text": "microdots"}])
    sent = await tell(town, "xaa", told, ["xab", "xac"], named_desks=("xab/police",))
    _, named = await read(town, "xab", sent.thread, "police")
    _, other = await read(town, "xac", sent.thread, "police")
    assert [one.text for one in named.covert_marks] == ["microdots"]
    assert (other.country_mark.text, list(other.covert_marks)) == ("XA", [])
    for member in ("xaa", "xac"):  # who told it, and who was told
        async with town.client(member) as officer:
            known = await look_up(officer, "xaa")
        assert (known.entry.name, known.practices[0].practice.country_mark.text) == ("Office of xaa", "XA")


async def test_figures_are_counted_told_and_corrected(town: Town) -> None:
    """What is public throughout arrives like all else."""
    asked = m.request("T-1")
    await tell(town, "xaa", asked, ["xab"], legal_basis=terms_pb2.LEGAL_BASIS_ITI)
    request = report_pb2.MakeReportRequest(from_day="2025-01-01", to_day="2025-12-31")
    async with town.client("xaa") as officer:
        figures = figures_of(await officer.make_report(request), "XAA")
    figures.found.add(kind="ITEM_KIND_WEAPON", items=3)
    sent = await tell(town, "xaa", suppress_small(figures), ["xab", "xac"])
    _, seen = await read(town, "xac", sent.thread)
    assert [(one.items, one.suppressed) for one in seen.found] == [(0, True)]
    corrected = n.statistics(replaces_digest=sent.statement)
    await tell(town, "xaa", corrected, ["xab", "xac"], sent.thread)

    need = await tell(town, "xab", n.need(), ["xaa"])
    offer = n.offer(need_digest=need.statement)
    await tell(town, "xaa", offer, ["xab"], need.thread)
    _, seen = await read(town, "xab", need.thread)
    assert seen.need_digest == need.statement
