"""Extracts of the State's own records: imported whole or not at all, sealed, and looked up through the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, POC, House, Street, draft, open_street
from tracepost.node.config import DeskSettings
from tracepost.node.gate import PolicySet, base_policy
from tracepost.protocol.errors import (
    BusyError,
    InvalidInputError,
    LimitError,
    LockedDeskError,
    PermissionError_,
)
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1 import register_pb2, weapon_pb2

REGISTRY = DeskSettings(DeskId("registry"), point_of_contact=True, competences=("RECORDS_CUSTODY",))
LICENCES = DeskSettings(DeskId("licences"), competences=("LICENSING",))
MARK = "ЕАО 512-QQ7741"
ALIKE = "EA0-5I2 007741"
NO_SEARCH = '@id("no-search") forbid (principal, action == Action::"search", resource == Class::"OBJECT");'

Part = register_pb2.ImportRegisterRequest
Answer = register_pb2.ImportRegisterResponse


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", desks={"xab": (REGISTRY, POC, LICENCES)}) as street:
        yield street


def row(number: int, serial: str = "X-1", **object_: Any) -> register_pb2.RegisterRow:
    mark = weapon_pb2.Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen=serial)
    thing = weapon_pb2.Object(mark=[mark], make=object_.pop("make", "Zastava"), **object_)
    reference = f"R-{number}-KX88"
    return register_pb2.RegisterRow(
        row=number, status="REGISTER_STATUS_STOLEN", reference=reference, object=thing
    )


def parts_of(
    *rows: register_pb2.RegisterRow, source: str = "lost-stolen", desk: str = "registry"
) -> list[Part]:
    return [Part(source=source, desk=desk, rows=rows, last=True)]


async def send(house: House, parts: Iterable[Part], desk: str = "registry") -> list[Answer]:
    async def outgoing() -> AsyncIterator[Part]:
        for part in parts:
            yield part

    return [one async for one in house.as_officer(desk).ImportRegister(outgoing(), NO_CONTEXT)]


async def ask(street: Street, *marks: str, number: str = "T-1", **object_: Any) -> None:
    """XAA asks XAB about weapons with these marks."""
    request = m.request(number, *map(str, range(1, len(marks) + 1)))
    for item, mark in zip(request.items, marks, strict=True):
        item.object.mark[0].text_as_seen = mark
        item.object.MergeFrom(weapon_pb2.Object(**object_))
    await street["xaa"].submit(draft(request, to=["xab"]))
    await street.carry()


async def match(
    house: House, case: str = "T-1", desk: str = "registry", **more: Any
) -> register_pb2.MatchRegisterResponse:
    await house.rooms.unlocking.keep_up()
    asked = register_pb2.MatchRegisterRequest(case=case, desk=desk, **more)
    return await house.as_officer(desk).MatchRegister(asked, NO_CONTEXT)


def codes(found: register_pb2.MatchRegisterResponse) -> list[tuple[str, int, int]]:
    return [(one.record.reference, one.grade, one.make) for one in found.matches]


class TestImport:
    """Part by part, each row by itself, and in force only at the end."""

    async def test_rows_are_in_force_after_the_last_part(self, street: Street) -> None:
        house = street["xab"]
        first = Part(source="lost-stolen", desk="registry", rows=[row(2, "A 1"), row(3, "A 2")])
        [one, two] = await send(house, [first, Part(rows=[row(4, "A 3")], last=True)])
        assert (one.taken, two.taken) == (2, 1)
        assert not one.HasField("in_force")
        assert (two.in_force.source, two.in_force.records) == ("lost-stolen", 3)
        listed = await house.as_officer("registry").ListRegisters(
            register_pb2.ListRegistersRequest(desk="registry"), NO_CONTEXT
        )
        assert listed.sources == [two.in_force]

    async def test_a_bad_row_is_told_and_stops_no_other(self, street: Street) -> None:
        bad = register_pb2.RegisterRow(row=3, object=weapon_pb2.Object(year_of_manufacture="CANARY"))
        [answer] = await send(street["xab"], parts_of(row(2), bad, row(4, "A 4")))
        assert answer.taken == 2
        assert [(one.row, one.where) for one in answer.faults] == [(3, "status")]
        assert "CANARY" not in str(answer)

    async def test_the_same_rows_again_change_nothing(self, street: Street) -> None:
        [first] = await send(street["xab"], parts_of(row(2)))
        street.clock.now += 60
        [again] = await send(street["xab"], parts_of(row(2)))
        assert again.unchanged
        assert again.in_force == first.in_force
        [other] = await send(street["xab"], parts_of(row(2, "B 2")))
        assert not other.unchanged

    async def test_another_extract_replaces_that_of_its_source_alone(self, street: Street) -> None:
        house = street["xab"]
        await ask(street, MARK)
        await send(house, parts_of(row(2, MARK)))
        await send(house, parts_of(row(3, MARK), source="army-stock"))
        await send(house, parts_of(row(4, "gone 1")))
        assert [one.source for one in (await match(house)).matches] == ["army-stock"]

    async def test_an_import_that_breaks_off_changes_nothing(self, street: Street) -> None:
        house = street["xab"]
        await ask(street, MARK)
        await send(house, parts_of(row(2, MARK)))
        await send(house, [Part(source="lost-stolen", desk="registry", rows=[row(9, MARK)])])
        assert codes(await match(house)) == [("R-2-KX88", 1, 1)]
        assert (
            await house.store.read(lambda tx: tx.registers.next_generation(DeskId("registry"), "lost-stolen"))
            == 2
        )

    async def test_one_import_at_a_time(self, street: Street) -> None:
        house = street["xab"]

        async def never_ends() -> AsyncIterator[Part]:
            yield Part(source="one", desk="registry", rows=[row(2)])
            with pytest.raises(BusyError):
                await send(house, parts_of(row(2), source="two"))

        answers = house.as_officer("registry").ImportRegister(never_ends(), NO_CONTEXT)
        assert [one.taken async for one in answers] == [1]

    @pytest.mark.parametrize(
        ("parts", "error"),
        [
            ([Part(desk="registry", rows=[row(2)], last=True)], InvalidInputError),
            ([Part(source="a", desk="registry", rows=[row(2)] * 501)], LimitError),
            (parts_of(row(2), desk="licences"), PermissionError_),
        ],
    )
    async def test_what_cannot_be_imported_is_refused(
        self, street: Street, parts: list[Part], error: type[Exception]
    ) -> None:
        house = street["xab"]
        with pytest.raises(error):
            await send(house, parts, desk=parts[0].desk)
        assert await house.store.read(lambda tx: tx.registers.in_force(DeskId("registry"))) == []

    async def test_a_locked_desk_imports_nothing(self, street: Street) -> None:
        street["xab"].ring.lock(DeskId("registry"))
        with pytest.raises(LockedDeskError):
            await send(street["xab"], parts_of(row(2)))

    async def test_nothing_of_an_extract_stands_in_the_store_in_clear(
        self, street: Street, tmp_path: Path
    ) -> None:
        house = street["xab"]
        await ask(street, MARK)
        await send(house, parts_of(row(2, "SERIAL-QX7714", make="MAKE-QX7714"), row(3, MARK)))
        await match(house)
        data = stored(tmp_path)
        for text in ("SERIAL-QX7714", "SERIALQX7714", "5ER1A10X7714", "MAKE-QX7714", "R-2-KX88", MARK):
            assert text.encode() not in data

    async def test_the_register_and_the_index_of_cases_have_no_hash_in_common(self, street: Street) -> None:
        """Else a stolen store would tell which cases are about what the State has lost."""
        house = street["xab"]
        await ask(street, MARK)
        await send(house, parts_of(row(2, MARK)))
        await match(house)
        await house.rooms.indexing.keep_up()

        def hashes(tx: Any) -> tuple[set[bytes], set[bytes]]:
            rows = tx.registers._connection.exec_driver_sql
            return tuple(
                {one[0] for one in rows(f"SELECT keyed_hash FROM {table}")}  # type: ignore[return-value]
                for table in ("register_mark", "blind_entry")
            )

        register, cases = await house.store.read(hashes)
        assert register
        assert cases
        assert not register & cases


async def test_nothing_is_looked_up_for_an_exercise(street: Street) -> None:
    await send(street["xab"], parts_of(row(2, MARK)))
    [sent] = await street["xaa"].submit(draft(m.request(), to=["xab"], exercise=True))
    await street.carry()
    with pytest.raises(InvalidInputError) as refusal:
        await match(street["xab"], sent.thread)
    assert (refusal.value.where, refusal.value.reason) == ("case", "exercise")


class TestMatch:
    """By marks, and beside them make, model and calibre; only what the gate lets a desk search."""

    async def test_records_are_graded_best_first(self, street: Street) -> None:
        house = street["xab"]
        await ask(street, MARK)
        rows = [
            row(2, ALIKE),
            row(3, MARK, make="Colt"),
            row(4, MARK),
            row(5, MARK.lower()),
            row(6, "other 1"),
        ]
        await send(house, parts_of(*rows))
        assert codes(await match(house)) == [
            ("R-4-KX88", 1, 1),
            ("R-5-KX88", 2, 1),
            ("R-3-KX88", 1, 2),
            ("R-2-KX88", 3, 1),
        ]
        assert len((await match(house, exact=True)).matches) == 3

    async def test_an_item_without_a_mark_to_look_for_is_said_not_to_be_searched(
        self, street: Street
    ) -> None:
        house = street["xab"]
        await ask(street, MARK, "AB ??34")
        await send(house, parts_of(row(2, MARK)))
        found = await match(house)
        assert len(found.matches) == 1
        assert found.not_searched == ["2"]
        assert (await match(house, item_ids=["2", "9"])).not_searched == ["2", "9"]

    async def test_what_the_gate_does_not_let_a_desk_search_is_not_looked_up(self, street: Street) -> None:
        house = street["xab"]
        await ask(street, MARK)
        await send(house, parts_of(row(2, MARK)))
        house.gate.put_in_force(PolicySet.parse([base_policy(), NO_SEARCH]))
        assert not (await match(house)).matches

    async def test_a_desk_without_the_competence_looks_up_nothing(self, street: Street) -> None:
        await ask(street, MARK)
        with pytest.raises(PermissionError_):
            await match(street["xab"], desk="poc")

    async def test_a_look_is_logged_without_what_was_looked_for(self, street: Street) -> None:
        house = street["xab"]
        await ask(street, MARK)
        await send(house, parts_of(row(2, MARK)))
        await match(house)
        events = [one.event for one in await house.store.read(lambda tx: tx.audit.after(0, 1000))]
        assert {"import-register", "match-register", "search"} <= {one.action for one in events}
        [looked] = [one for one in events if one.action == "match-register"]
        assert looked.outcome == "1 found"
        assert not any(MARK in str(one) for one in events)

    async def test_a_record_that_was_changed_in_the_store_does_not_open(self, street: Street) -> None:
        house = street["xab"]
        await ask(street, MARK)
        await send(house, parts_of(row(2, MARK), row(3, ALIKE)))

        def swap(tx: Any) -> None:
            run = tx.registers._connection.exec_driver_sql
            run("UPDATE register_record SET number = number + 10")
            run("UPDATE register_mark SET number = number + 10")

        await house.store.write(swap)
        with pytest.raises(Exception, match="register"):
            await match(house)


def stored(folder: Path) -> bytes:
    files = sorted(folder.rglob("store.sqlite*"))
    assert files
    return b"".join(path.read_bytes() for path in files)
