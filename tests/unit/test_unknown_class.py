"""A tenth class (proto/README.md, chapter 3): mail that has one is taken in, and nothing of it is ever shown."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.adversary import Forger, Parcel, resign
from fakes.house import NO_CONTEXT, House, Street, open_street
from tracepost.cli.render.case import _unseen
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.sealing import Compartment
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import desk_pb2

NAME = "TOP"


def of_tomorrow(path: str, value: Any) -> str:
    salt = encode_b64(os.urandom(16))
    return encode_b64(f'["{salt}","{path}",{value}]'.encode())


FIELD, COUNTER = of_tomorrow("items.0.secret_of_tomorrow", '"a name"'), of_tomorrow("fields", 1)


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab") as street:
        yield street


def with_new_class(forger: Forger, signed: Statement, counter: str = COUNTER) -> Statement:
    digests = [encode_b64(hashlib.sha256(one.encode()).digest()) for one in (FIELD, counter)]
    group = [*digests, *(encode_b64(os.urandom(32)) for _ in range(6))]
    return resign(signed, forger.signer, lambda payload: payload["message"].update({NAME: {"_sd": group}}))


def sealed_to_everybody(parcel: Parcel, *texts: str) -> Parcel:
    """Put disclosures of the new class into the spine, which every desk opens, the daemon's too."""
    spine, *others = parcel.compartments
    fuller = Compartment(spine.jws, (*spine.disclosures, *texts), spine.parts)
    return dataclasses.replace(parcel, compartments=[fuller, *others])


async def shown(house: House, case: str, desk: str) -> desk_pb2.StatementView:
    view = await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)
    return view.statements[0]


@pytest.mark.parametrize(
    ("texts", "count"), [((FIELD, COUNTER), (1, True)), ((COUNTER,), (1, True)), ((), (0, False))]
)
async def test_it_is_counted_and_never_shown(
    street: Street, texts: tuple[str, ...], count: tuple[int, bool]
) -> None:
    forger = Forger(street["xaa"], street["xab"])
    signed = with_new_class(forger, forger.sign(m.request()))
    await forger.post(sealed_to_everybody(forger.pack(signed), *texts))
    [reply] = await street.carry()
    assert len(reply.receipts) == 1
    assert not reply.statuses
    for desk in ("poc", "police"):
        view = await shown(street["xab"], signed.claims.thread, desk)
        assert view.content.trace_request.items[0].object.make == m.item().object.make
        assert not view.HasField("problem")
        assert "a name" not in str(view)
        [hidden] = [one for one in view.hidden if one.class_name]
        assert (hidden.class_name, (hidden.fields, hidden.exact)) == (NAME, count)
        assert NAME in "".join(str(line) for line in _unseen(view))


@pytest.mark.parametrize(("total", "count"), [(7, (7, True)), (8, (0, False)), (2**40, (0, False))])
async def test_a_counter_counts_no_more_than_there_is_room_for(
    street: Street, total: int, count: tuple[int, bool]
) -> None:
    forger, counter = Forger(street["xaa"], street["xab"]), of_tomorrow("fields", total)
    signed = with_new_class(forger, forger.sign(m.request()), counter)
    await forger.post(sealed_to_everybody(forger.pack(signed), counter))
    await street.carry()
    view = await shown(street["xab"], signed.claims.thread, "police")
    [hidden] = [one for one in view.hidden if one.class_name]
    assert (hidden.fields, hidden.exact) == count
