"""Notices of opening: only between members that both declare that they tell, once for a desk, with the look itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, Street, draft, open_street
from tracepost.protocol.errors import TracepostError
from tracepost.wire.v1 import desk_pb2, directory_pb2, share_pb2

OPENING = share_pb2.NOTICE_REASON_OPENING


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAA and XAB declare that they tell; XAC does not."""
    async with open_street(tmp_path, "xaa", "xab", "xac") as street:
        await declare(street, "xaa", "xab")
        yield street


async def declare(street: Street, *members: str, tells: bool = True) -> None:
    street.clock.now += 1
    for member in members:
        said = directory_pb2.StandingDeclarations(tells_of_opening=tells)
        papers = street[member].identities.announcement(street.clock(), declarations=said)
        asked = desk_pb2.ImportPapersRequest(announcement=papers)
        for name in ("xaa", "xab", "xac"):
            await street[name].as_officer().ImportPapers(asked, NO_CONTEXT)


async def ask(street: Street, asker: str, asked: str) -> str:
    [sent] = await street[asker].submit(draft(m.request("T-1"), to=[asked]))
    await street.carry()
    return sent.thread


async def look(street: Street, member: str, case: str, desk: str = "police") -> list[desk_pb2.StatementView]:
    asked = desk_pb2.ShowCaseRequest(case=case, desk=desk)
    view = await street[member].as_officer(desk).ShowCase(asked, NO_CONTEXT)
    await street.carry()
    return list(view.statements)


async def notices(street: Street, member: str, case: str) -> list[share_pb2.ReleaseNotice]:
    """Return the notices of opening in a case, as they lie in the store of `member`."""
    shown = await look(street, member, case)
    found = [one.content.release_notice for one in shown if one.kind == "release.notice/1"]
    return [one for one in found if one.reason == OPENING]


async def test_who_declares_it_is_told_when_the_other_opens_it(street: Street) -> None:
    """It says which statement, and the day; not which desk, nor which officer."""
    case = await ask(street, "xaa", "xab")
    assert await notices(street, "xaa", case) == []
    [request] = [one.statement for one in await look(street, "xab", case)]
    [notice] = await notices(street, "xaa", case)
    [release] = notice.releases
    assert release.statement_digest == request
    assert len(release.released_on) == len("2030-01-01")
    assert {field.name for field, _ in release.ListFields()} == {"statement_digest", "released_on"}


async def test_the_same_desk_tells_once_and_another_desk_tells_again(street: Street) -> None:
    """Also after a restart, and on the next day: the audit trail knows who opened it before."""
    case = await ask(street, "xaa", "xab")
    for _ in range(2):
        await look(street, "xab", case)
        street.clock.now += 86400
    assert len(await notices(street, "xaa", case)) == 1
    await look(street, "xab", case, "poc")
    assert len(await notices(street, "xaa", case)) == 2


async def test_that_a_notice_was_read_is_told_to_nobody(street: Street) -> None:
    case = await ask(street, "xaa", "xab")
    for _ in range(3):
        for member in ("xab", "xaa"):
            await look(street, member, case)
    assert len(await notices(street, "xaa", case)) == 1


@pytest.mark.parametrize("pair", [("xaa", "xac"), ("xac", "xaa")], ids=["author alone", "reader alone"])
async def test_nobody_is_told_unless_both_declare_it(street: Street, pair: tuple[str, str]) -> None:
    author, reader = pair
    case = await ask(street, author, reader)
    await look(street, reader, case)
    assert await notices(street, author, case) == []


async def test_who_takes_the_declaration_back_is_told_no_more_and_tells_no_more(street: Street) -> None:
    await declare(street, "xaa", tells=False)
    for author, reader in (("xaa", "xab"), ("xab", "xaa")):
        case = await ask(street, author, reader)
        await look(street, reader, case)
        assert await notices(street, author, case) == []


async def test_what_cannot_be_told_is_not_shown_and_not_logged(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notice and the log entry of the look are one unit of work."""
    case = await ask(street, "xaa", "xab")
    house = street["xab"]

    def refuse(*_: object) -> str:
        raise TracepostError("no road", reason="no-road")

    preparer = house.rooms.sending._preparer
    monkeypatch.setattr(preparer, "_choose_road", refuse)
    with pytest.raises(TracepostError):
        await look(street, "xab", case)
    trail = await house.as_officer("police").ListAudit(desk_pb2.ListAuditRequest(), NO_CONTEXT)
    assert "open" not in [one.action for one in trail.events]


async def test_past_the_end_of_the_trust_list_officers_read_on_and_nobody_is_told(tmp_path: Path) -> None:
    async with open_street(tmp_path, "xaa", "xab", "xac", list_lasts_s=2 * 86400) as street:
        await declare(street, "xaa", "xab")
        case = await ask(street, "xaa", "xab")
        street.clock.now += 2 * 86400 + 60
        assert len(await look(street, "xab", case)) == 1
        assert await street.queued(street["xab"]) == []
