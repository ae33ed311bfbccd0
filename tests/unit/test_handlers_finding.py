"""To find cases by a mark: what a desk may search it finds, however it is written, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import CUSTOMS, NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from tracepost.node.gate import PolicySet, base_policy
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.register.indexing import forms, name_query
from tracepost.protocol.errors import InvalidInputError, LockedDeskError
from tracepost.protocol.ids import DeskId, parse_digest
from tracepost.wire.v1 import office_pb2, onward_pb2, search_pb2, weapon_pb2

MARK = "ЕАО 512-QQ7741"
"""Cyrillic letters, a letter for a digit; nobody else writes it."""

ALIKE = "EA0-5I2 007741"
NO_SEARCH = '@id("no-search") forbid (principal, action == Action::"search", resource == Class::"OBJECT");'
NO_COUNT = '@id("no-count") forbid (principal, action == Action::"count", resource == Class::"OBJECT");'


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE, CUSTOMS)}
    async with open_street(tmp_path, "xaa", "xab", desks=desks) as street:
        yield street


async def ask(street: Street, number: str = "T-1", mark: str = MARK, **more: Any) -> str:
    """XAA asks XAB about a weapon with this mark; return the statement."""
    request = m.request(number)
    request.items[0].object.mark[0].text_as_seen = mark
    [sent] = await street["xaa"].submit(draft(request, to=["xab"], **more))
    await street.carry()
    return sent.statement


async def search(
    house: House, mark: str = MARK, desk: str = "poc", **more: Any
) -> search_pb2.SearchMarksResponse:
    asked = search_pb2.SearchMarksRequest(mark=mark, desk=desk, **more)
    return await house.as_officer(desk).SearchMarks(asked, NO_CONTEXT)


def stored(folder: Path) -> bytes:
    files = sorted(folder.rglob("store.sqlite*"))
    assert files
    return b"".join(path.read_bytes() for path in files)


def put_in_force(house: House, *texts: str) -> None:
    house.gate.put_in_force(PolicySet.parse([base_policy(), *texts]))


@pytest.mark.parametrize("member", ["xaa", "xab"])
@pytest.mark.parametrize(
    ("written", "grade"),
    [
        (MARK, "MATCH_GRADE_EXACT"),
        (MARK.lower().replace(" ", ""), "MATCH_GRADE_NORMALISED"),
        (ALIKE, "MATCH_GRADE_CONFUSABLE"),
    ],
)
async def test_who_asked_and_who_was_asked_find_the_case(
    street: Street, member: str, written: str, grade: str
) -> None:
    """Own statements and those of others, with the grade that says how well the mark agrees."""
    statement = await ask(street)
    await ask(street, "T-2", "another 9")
    [hit] = (found := await search(street[member], written)).hits
    assert (hit.statement, hit.item_id, hit.path) == (statement, "1", "items.0.object.mark.0")
    assert search_pb2.MatchGrade.Name(hit.grade) == grade
    assert hit.text_as_seen == MARK
    assert found.count == 1
    assert not found.incomplete


async def test_exercises_and_what_is_real_are_searched_apart(street: Street) -> None:
    real = await ask(street)
    practised = await ask(street, "T-2", exercise=True)
    for house in (street["xaa"], street["xab"]):
        assert [hit.statement for hit in (await search(house)).hits] == [real]
        found = await search(house, exercise=True)
        assert [hit.statement for hit in found.hits] == [practised]
        assert found.count == 1


async def test_exact_leaves_out_what_only_looks_alike(street: Street) -> None:
    await ask(street)
    assert len((await search(street["xab"], ALIKE)).hits) == 1
    assert not (await search(street["xab"], ALIKE, exact=True)).hits
    assert len((await search(street["xab"], MARK.lower(), exact=True)).hits) == 1


async def test_the_best_hits_come_first_and_no_more_than_asked_for(street: Street) -> None:
    await ask(street, "T-1", ALIKE)
    await ask(street, "T-2", MARK)
    await ask(street, "T-3", ALIKE)
    found = await search(street["xab"], limit=2)
    assert [hit.grade for hit in found.hits] == [1, 3]
    assert found.count == 3


async def test_a_mark_without_a_sign_is_refused(street: Street) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        await search(street["xab"], " - ")
    assert refusal.value.reason == "empty-mark"


async def test_a_locked_desk_searches_nothing(street: Street) -> None:
    await ask(street)
    street["xab"].ring.lock(DeskId("poc"))
    with pytest.raises(LockedDeskError):
        await search(street["xab"])


async def test_mail_that_is_held_is_not_found(street: Street) -> None:
    statement = await ask(street)
    await search(street["xab"])
    await street["xab"].store.write(lambda tx: _hold(tx, parse_digest(statement)))
    assert not (await search(street["xab"])).hits


def _hold(tx: Any, digest: bytes) -> None:
    connection = tx.statements._connection
    connection.exec_driver_sql("UPDATE statement SET in_effect = 0 WHERE digest = ?", (digest,))


class TestTheGate:
    """Nothing of what it denies: no hit, no number, no hint."""

    async def test_a_desk_that_may_not_search_finds_nothing(self, street: Street) -> None:
        await ask(street)
        assert len((await search(street["xab"])).hits) == 1
        put_in_force(street["xab"], NO_SEARCH)
        refused = await search(street["xab"])
        nothing = await search(street["xab"], "no such mark")
        assert refused == nothing
        put_in_force(street["xab"])
        assert len((await search(street["xab"])).hits) == 1

    async def test_a_desk_that_may_not_count_gets_no_number_found_or_not(self, street: Street) -> None:
        await ask(street)
        put_in_force(street["xab"], NO_COUNT)
        found, nothing = await search(street["xab"]), await search(street["xab"], "no such mark")
        assert len(found.hits) == 1
        assert not found.HasField("count")
        assert not nothing.HasField("count")

    async def test_the_index_of_one_desk_is_silent_to_another(self, street: Street) -> None:
        await ask(street)
        house = street["xab"]
        await search(house)
        key = house.ring.index_key(DeskId("police"))
        entries = await house.store.read(lambda tx: tx.blind_index.find(DeskId("poc"), forms(key, MARK)))
        assert entries == []

    async def test_a_class_that_a_desk_has_no_keys_of_is_not_found(self, street: Street) -> None:
        """A mark raised to criminal justice: the police find it, the point of contact does not."""
        request = m.request("T-1")
        request.items[0].object.mark[0].text_as_seen = MARK
        raised = [{"path": "items.0.object.mark.0", "to_class": "SENSITIVITY_NATIONAL_SECURITY"}]
        await street["xaa"].submit(draft(request, to=["xab"], raised=raised, named_desks=["xab/police"]))
        await street.carry()
        assert len((await search(street["xab"], desk="police")).hits) == 1
        assert not (await search(street["xab"], desk="poc")).hits


class TestWhatIsKept:
    """Keyed hashes, in the store and in the logs; never the mark."""

    async def test_neither_mark_nor_query_nor_their_forms_stand_in_the_store(
        self, street: Street, tmp_path: Path
    ) -> None:
        await ask(street)
        for member in ("xaa", "xab"):
            await search(street[member])
            await search(street[member], ALIKE)
            await search(street[member], "QUERY-77123")
        data = stored(tmp_path)
        for text in (MARK, "ЕАО512QQ7741", "EA0512007741", "QUERY-77123", "QUERY77123", "00ERY77123"):
            assert text.encode() not in data
            assert text.encode("utf-16-le") not in data

    async def test_who_searched_is_logged_with_the_number_of_hits_and_a_keyed_hash(
        self, street: Street
    ) -> None:
        statement = await ask(street)
        house = street["xab"]
        await search(house, desk="poc")
        key = house.ring.index_key(DeskId("poc"))
        events = [one.event for one in await house.store.read(lambda tx: tx.audit.after(0, 1000))]
        [search_event] = [one for one in events if one.action == "search-marks"]
        assert search_event.actor == "officer-7"
        assert search_event.subject == f"poc/{name_query(key, 'ЕАО512QQ7741')}"
        assert search_event.outcome == "1 found"
        assert [one.subject for one in events if one.action == "search"] == [statement]

    async def test_a_search_is_not_linked_to_what_it_found_by_the_hash_of_the_query(
        self, street: Street
    ) -> None:
        key = street["xab"].ring.index_key(DeskId("poc"))
        assert bytes.fromhex(name_query(key, "ЕАО512QQ7741")) not in forms(key, MARK)

    async def test_a_deleted_statement_is_not_found_again(self, street: Street, tmp_path: Path) -> None:
        statement = await ask(street)
        house = street["xab"]
        await search(house)
        await house.store.write(lambda tx: tx.wraps.delete([parse_digest(statement)]))
        with closing(sqlite3.connect(tmp_path / "xab" / "store.sqlite")) as connection:
            assert connection.execute("SELECT count(*) FROM blind_entry").fetchone() == (0,)


class TestWhatIsTakenAway:
    """Who may not open a statement any more does not find it, and nothing of it is left in the index."""

    async def test_a_statement_that_officers_delete_is_not_found(
        self, street: Street, tmp_path: Path
    ) -> None:
        statement = await ask(street)
        house = street["xab"]
        assert (await search(house)).count == 1
        asked = onward_pb2.DeleteStatementsRequest(statements=[statement], reason="sent in error")
        await house.as_officer("police").DeleteStatements(asked, NO_CONTEXT)
        assert not (await search(house)).hits
        assert entries(tmp_path, "xab") == 0

    async def test_what_is_deleted_while_it_is_looked_through_is_not_entered(
        self, street: Street, tmp_path: Path
    ) -> None:
        statement = await ask(street)
        house, poc = street["xab"], DeskId("poc")
        await house.rooms.unlocking.keep_up()
        missing = await house.store.read(lambda tx: tx.blind_index.missing(poc, 0, 9))
        assert len(missing) == 1
        await house.store.write(lambda tx: tx.wraps.delete([parse_digest(statement)]))
        assert await house.rooms.indexing._enter(poc, missing)
        assert entries(tmp_path, "xab") == 0

    async def test_a_desk_finds_while_it_is_on_the_case(self, street: Street, tmp_path: Path) -> None:
        """Put on, taken off, and put on again."""
        await ask(street)
        house = street["xab"]
        case = "T-1"
        assert not (await search(house, desk="customs")).hits
        for _ in range(2):
            house.as_officer("poc")
            on = office_pb2.PutOnCaseRequest(case=case, desk="customs", as_desk="poc")
            await house.own_office.PutOnCase(on, NO_CONTEXT)
            assert len((await search(house, desk="customs")).hits) == 1
            house.as_officer("poc")
            off = office_pb2.TakeOffCaseRequest(case=case, desk="customs")
            await house.own_office.TakeOffCase(off, NO_CONTEXT)
            assert entries(tmp_path, "xab") == 0
            assert not (await search(house, desk="customs")).hits

    async def test_what_is_not_to_be_kept_any_longer_is_not_found(self, street: Street) -> None:
        today = instant(street.clock.now)[:10]
        await ask(street, restrictions=[{"code": "RESTRICTION_CODE_DELETE_AFTER", "until": today}])
        house = street["xab"]
        assert (await search(house)).count == 1
        street.clock.now += 2 * 86400
        assert await search(house) == await search(house, "no such mark")

    @pytest.mark.parametrize(("path", "found"), [("items.0.object.mark", 0), ("items.0.object.make", 1)])
    async def test_nor_a_field_that_alone_is_not_to_be_kept(
        self, street: Street, path: str, found: int
    ) -> None:
        today = instant(street.clock.now)[:10]
        bound = {"code": "RESTRICTION_CODE_DELETE_AFTER", "until": today, "field_paths": [path]}
        await ask(street, restrictions=[bound])
        house = street["xab"]
        assert (await search(house)).count == 1
        street.clock.now += 2 * 86400
        assert (await search(house)).count == found


def entries(folder: Path, member: str) -> int:
    """Return how many entries the index of a member has."""
    with closing(sqlite3.connect(folder / member / "store.sqlite")) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM blind_entry").fetchall()
    return int(count)


class TestKeepingUp:
    """The housekeeping enters what came, in small parts; what did not open is passed by."""

    async def test_what_came_is_entered_once(self, street: Street) -> None:
        for number in range(40):
            await ask(street, f"T-{number}")
        house = street["xab"]
        await house.rooms.unlocking.keep_up()
        assert await house.rooms.indexing.keep_up() == 3 * 40  # its three desks
        assert await house.rooms.indexing.keep_up() == 0
        assert (await search(house)).count == 40

    async def test_a_locked_desk_gets_its_entries_when_it_is_unlocked(self, street: Street) -> None:
        house = street["xab"]
        house.ring.lock(DeskId("police"))
        await ask(street)
        await house.rooms.unlocking.keep_up()
        await house.rooms.indexing.keep_up()
        house.ring.hold(house.identities.bundles[DeskId("police")])
        assert (await search(house, desk="police")).count == 1

    async def test_a_flood_is_told_to_be_incomplete(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tracepost.node.handlers.reading.finding._CATCH_UP", 2)
        for number in range(5):
            await ask(street, f"T-{number}")
        assert (await search(street["xab"])).incomplete
        await search(street["xab"])
        assert not (await search(street["xab"])).incomplete


async def test_every_kind_of_mark_is_found(street: Street) -> None:
    """Of parts, ammunition, packaging and ranges, not of the weapon alone."""
    request = m.request("T-1")
    request.items.append(
        weapon_pb2.Item(
            id="2",
            kind="ITEM_KIND_AMMUNITION",
            illicit_grounds=["ILLICIT_GROUND_NATIONAL_LAW"],
            ammunition=weapon_pb2.Ammunition(headstamp="ПП 77", lot_number="LOT-4471"),
        )
    )
    await street["xaa"].submit(draft(request, to=["xab"]))
    await street.carry()
    assert [hit.item_id for hit in (await search(street["xab"], "lot 447 1")).hits] == ["2"]
    assert [hit.item_id for hit in (await search(street["xab"], "пп-77")).hits] == ["2"]
