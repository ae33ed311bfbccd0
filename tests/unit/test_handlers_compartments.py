"""Each desk opens exactly what the gate says, on the wire and at rest, in every envelope and every wrap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import CUSTOMS, LICENSING, POC, POLICE, House, Street, draft, open_street
from tracepost.node.config import DeskSettings
from tracepost.node.gate import Action
from tracepost.node.handlers.case.circumstances import CaseTerms, standing_of
from tracepost.node.handlers.case.office import OwnDesk
from tracepost.node.handlers.sealed.opening import Sealed, load_sealed
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import sealing
from tracepost.protocol.errors import NotFoundError
from tracepost.protocol.ids import NODE_DESK, DeskId, decode_b64
from tracepost.protocol.schema import Sensitivity
from tracepost.wire.v1 import desk_pb2, weapon_pb2

WORDS = m.Words()
DESKS = (POC, POLICE, CUSTOMS, LICENSING)
CASES: dict[str, tuple[dict[str, tuple[DeskSettings, ...]], str]] = {
    "to-all-desks": ({"xaa": DESKS, "xab": DESKS}, "poc"),
    "to-a-point-of-contact-alone": ({"xaa": DESKS, "xab": (POC,)}, "poc"),
    "written-by-the-police": ({"xaa": DESKS, "xab": DESKS}, "police"),
}


@pytest.fixture(params=CASES, ids=str)
async def street(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Street]:
    """XAA has sent XAB a request with a word of its own in every class."""
    desks, author = CASES[request.param]
    async with open_street(tmp_path, "xaa", "xab", desks=desks) as street:
        said = draft(
            m.rich_request("T-1", WORDS),
            to=["xab"],
            desk=author,
            parts=[m.PICTURE, m.SCENE],
            raised=[
                desk_pb2.RaisedField(path="circumstances.summary", to_class="SENSITIVITY_CRIMINAL_JUSTICE")
            ],
        )
        [sent] = await street["xaa"].submit(said)
        assert sent.statement
        await street.carry()
        yield street


async def sealed_of(house: House, desk: str) -> Sealed:
    def read(tx: Tx) -> Sealed:
        [record] = tx.statements.in_threads(tx.cases.resolve("T-1"))
        [sealed] = load_sealed(tx, [record], DeskId(desk))
        return sealed

    return await house.store.read(read)


async def classes_open_to(house: House, desk: OwnDesk) -> tuple[frozenset[Sensitivity], StatementRecord]:
    """Return the classes of which the desk's keys open a field, whatever the gate says at reading."""
    sealed = await sealed_of(house, desk.desk)
    found = words_in(plaintexts(house, sealed, desk.desk))
    return found, sealed.record


def plaintexts(house: House, sealed: Sealed, desk: str) -> list[bytes]:
    """Return all that the desk can decrypt: compartments, disclosures within them, photographs."""
    [copy] = sealed.copies
    keys = house.opener.keys(sealed.record, copy, DeskId(desk))
    opened = sealing.open_compartments(copy.parts.body, keys)
    found = []
    for plain in opened.values():
        compartment = sealing.unpack_compartment(plain)
        found += [plain, *compartment.parts, *(decode_b64(d, "disclosure") for d in compartment.disclosures)]
        if compartment.jws:
            found.append(decode_b64(compartment.jws.split(".")[1], "payload"))
    return found


def words_in(texts: Iterable[bytes]) -> frozenset[Sensitivity]:
    everything = b"\0".join(texts)
    return frozenset(
        Sensitivity(name) for name, word in WORDS.by_class().items() if word.encode() in everything
    )


@pytest.mark.parametrize("member", ["xaa", "xab"])
async def test_a_desk_can_decrypt_exactly_the_classes_that_the_gate_lets_it_open(
    street: Street, member: str
) -> None:
    house = street[member]
    planted = {Sensitivity(name) for name in WORDS.by_class()}
    sent = await classes_sent(street)
    for desk in house.office.desks:
        found, record = await classes_open_to(house, desk)
        may = house.gate.readable(
            desk.reader, Action.OPEN, standing_of(house.office, desk, record, CaseTerms())
        )
        there = planted if member == "xaa" else planted & sent
        assert found == may & there, desk.desk


@pytest.mark.parametrize("member", ["xaa", "xab"])
async def test_what_is_shown_is_what_the_gate_lets_a_desk_open(street: Street, member: str) -> None:
    house = street[member]
    for desk in house.office.desks:
        sealed = await sealed_of(house, desk.desk)
        may = house.gate.readable(
            desk.reader,
            Action.OPEN,
            standing_of(house.office, desk, sealed.record, CaseTerms()),
        )
        try:
            opened = house.opener.open(sealed, desk, Action.OPEN)
        except NotFoundError:
            assert may <= {Sensitivity.PUBLIC}
            continue
        assert {d.sensitivity for d in opened.statement.disclosures} <= may
        told = words_in(decode_b64(d.encoded, "disclosure") for d in opened.statement.disclosures)
        assert told == (await classes_open_to(house, desk))[0]


async def test_photographs_lie_with_the_class_that_names_them(street: Street) -> None:
    house = street["xab"]
    for desk in house.office.desks:
        found = plaintexts(house, await sealed_of(house, desk.desk), desk.desk)
        may = house.gate.readable(desk.reader, Action.OPEN, house.office.context(desk, None))
        sent = await classes_sent(street)
        assert (m.PICTURE in found) == (Sensitivity.OBJECT in may)
        assert (m.SCENE in found) == (Sensitivity.CRIMINAL_JUSTICE in may & sent)


async def test_the_daemon_opens_the_administrative_part_alone(street: Street) -> None:
    house = street["xab"]
    sealed = await sealed_of(house, NODE_DESK)
    assert words_in(plaintexts(house, sealed, NODE_DESK)) == {Sensitivity.ADMINISTRATIVE}


async def test_no_word_is_in_what_travels_or_rests_in_clear(street: Street) -> None:
    sealed = await sealed_of(street["xab"], NODE_DESK)
    [copy] = sealed.copies
    parts = copy.parts
    assert not words_in([parts.header, parts.slots, parts.body, parts.proof])
    assert words_in([sealed.record.admin_json]) == {Sensitivity.ADMINISTRATIVE}


async def test_two_photographs_of_one_digest_are_one(tmp_path: Path) -> None:
    """A photograph that two marks name is sealed once in each compartment."""
    async with open_street(tmp_path, "xaa", "xab") as street:
        message = m.rich_request()
        message.items[0].object.photograph.append(message.items[0].object.photograph[0])
        message.items[0].object.photograph[1].view = weapon_pb2.PHOTOGRAPH_VIEW_LEFT
        [sent] = await street["xaa"].submit(draft(message, to=["xab"], parts=[m.PICTURE, m.SCENE]))
        await street.carry()
        house = street["xab"]
        found = plaintexts(house, await sealed_of(house, "poc"), "poc")
        assert sent.statement
        assert found.count(m.PICTURE) == 1


async def classes_sent(street: Street) -> frozenset[Sensitivity]:
    """Return the classes that some desk of XAB may be sent: the rest did not travel."""
    house = street["xaa"]
    entry = house.papers.require_entry(street["xab"].member, street.clock())
    return frozenset().union(*house.rooms.sealer.readings(entry))
