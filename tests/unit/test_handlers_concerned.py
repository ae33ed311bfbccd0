"""Who is on a case by what is said in it: what was sealed to a desk is what the desk is shown, and no less."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.channels import seizure
from fakes.house import CUSTOMS, NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from tracepost.node.gate import Action
from tracepost.node.handlers.case.thread import CLEAR_CLASSES
from tracepost.node.handlers.sealed.opening import Sealed, load_sealed
from tracepost.node.ports.store import Tx
from tracepost.protocol.errors import NotFoundError, SealingError
from tracepost.protocol.ids import ThreadId
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2, trace_pb2

MEMBERS = ("xaa", "xab", "xac")


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    desks = dict.fromkeys(MEMBERS, (POC, POLICE, CUSTOMS))
    async with open_street(tmp_path, *MEMBERS, desks=desks) as street:
        yield street


async def notify(street: Street) -> desk_pb2.Submission:
    """Customs of XAA tell XAB of a seizure, and XAB asks back."""
    [told] = await street["xaa"].submit(
        draft(seizure(), to=["xab"], desk="customs", legal_basis="LEGAL_BASIS_CUSTOMS_ASSISTANCE")
    )
    await street.carry()
    await ask_back(street, told.thread)
    return told


async def ask_back(street: Street, case: str) -> desk_pb2.Submission:
    needed = trace_pb2.NeededInformation(item_id="1", code="INFORMATION_CODE_PACKAGING")
    question = trace_pb2.InformationRequest(needed=[needed], explanation="which crate")
    [asked] = await street["xab"].submit(draft(question, case=case, desk="customs"))
    await street.carry()
    return asked


async def share(street: Street, statement: str, case: str) -> None:
    chosen = onward_pb2.ShareChoice(statement=statement)
    said = share_pb2.Share(reason="SHARE_REASON_CASE")
    await street["xab"].submit(draft(said, to=["xac"], case=case, shared=[chosen]))
    await street.carry()


async def sealed_and_shown(house: House, case: str, desk: str) -> list[tuple[set[str], set[str]]]:
    """Return of each statement of a case what the keys of a desk open, and what it is shown."""
    one = next(own for own in house.office.desks if own.desk == desk)

    def read(tx: Tx) -> list[Sealed]:
        return load_sealed(tx, tx.statements.in_threads([ThreadId(case)]), one.desk)

    found = []
    for sealed in await house.store.read(read):
        try:
            unsealed = house.opener.unseal(sealed, one.desk)
            shown = house.opener.show(unsealed, one, Action.OPEN).statement
        except (NotFoundError, SealingError):
            continue
        assert unsealed.statement is not None
        found.append((_classed(unsealed.statement), _classed(shown)))
    return found


def _classed(signed: Statement) -> set[str]:
    return {d.path for d in signed.disclosures if d.sensitivity not in CLEAR_CLASSES}


async def cases_of(house: House, desk: str) -> list[str]:
    listed = await house.as_officer(desk).ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)
    return [one.thread for one in listed.cases]


async def test_who_is_shown_a_notice_by_another_is_on_its_case_like_who_got_it_first(street: Street) -> None:
    """The notice is written for customs desks, also those of XAC, to whom XAB passes it on."""
    told = await notify(street)
    await share(street, told.statement, told.thread)
    assert await cases_of(street["xac"], "customs") == [told.thread]
    [(sealed, shown)] = await sealed_and_shown(street["xac"], told.thread, "customs")
    assert sealed == shown
    assert "exhibits.0.object_disclosures" in shown


async def test_who_is_shown_something_else_of_the_case_is_not_on_it(street: Street) -> None:
    """XAC never gets the notice: its customs desk is sealed nothing of what XAB tells about the same seizure."""
    told = await notify(street)
    asked = await ask_back(street, told.thread)
    await share(street, asked.statement, told.thread)
    assert await cases_of(street["xac"], "customs") == []
    assert all(sealed == set() for sealed, _ in await sealed_and_shown(street["xac"], told.thread, "customs"))


async def test_what_follows_is_read_by_the_desks_that_are_on_the_case(street: Street) -> None:
    """Sealing asks what the addressee holds of the case, showing asks the same."""
    told = await notify(street)
    await share(street, told.statement, told.thread)
    [said] = await street["xab"].submit(draft(m.clarification(), to=["xac"], case=told.thread))
    await street.carry()
    assert said.thread == told.thread
    for member in MEMBERS:
        for desk in ("poc", "police", "customs"):
            for sealed, shown in await sealed_and_shown(street[member], told.thread, desk):
                assert sealed == shown, (member, desk)
