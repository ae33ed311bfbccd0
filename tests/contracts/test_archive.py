"""Old cases in archives: found, opened and deleted as before; put back; a file alone opens nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.records import NOW, POC, accept, case, digest, dispatch, envelope_id, name, thread
from tracepost.node.adapters.archive import ArchiveFiles
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.node.handlers.keeping.archiving import Archiving
from tracepost.node.ports.store import Tx
from tracepost.node.records.cases import CaseState
from tracepost.node.records.mail import MailState, Settlement
from tracepost.node.records.statements import SealedParts, WrapRecord
from tracepost.protocol.errors import StoreError
from tracepost.protocol.evidence import LogKey
from tracepost.protocol.ids import EnvelopeId

DAY = 86400
LATER = NOW + 400 * DAY
OWN = EnvelopeId(name("own", 1))


@pytest.fixture
async def kept(lasting_url: str, key: LogKey, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """Cases 1 and 2 are closed, 3 is not; of case 4 mail of ours is on its way."""

    def fill(tx: Tx) -> None:
        accept(tx, [1, 2, 3])
        dispatch(tx, [4, 5])
        tx.dispatches.settle([Settlement(envelope_id(5), MailState.DELIVERED, "")], NOW)
        tx.bodies.keep({OWN: SealedParts(b"own", b"slots", b"own body", b"")})
        tx.wraps.keep([WrapRecord(digest(1), OWN, POC, b"e" * 16, b"own wrap")], [], NOW)
        closed = [replace(case(number), state=CaseState.CLOSED) for number in (1, 2, 4, 5)]
        tx.cases.keep([*closed, case(3)])

    store = await open_store(lasting_url, key, archive=ArchiveFiles(tmp_path / "archive"))
    await store.write(fill)
    yield store
    await store.close()


@pytest.fixture
def archiving(kept: SqlStore, tmp_path: Path) -> Archiving:
    return Archiving(kept, ArchiveFiles(tmp_path / "archive"), lambda: LATER)


def everything(tx: Tx) -> object:
    ids = [*map(envelope_id, range(1, 6)), OWN]
    return tx.bodies.load(ids), tx.bodies.covers(ids)


async def stored(store: SqlStore) -> list[int]:
    """Return which of the envelopes 1 to 5, and 6 for our own body, lie in the store itself."""
    ids = [*map(envelope_id, range(1, 6)), OWN]
    places = await store.read(lambda tx: tx.archive.places(ids))
    return [number for number, id_ in enumerate(ids, 1) if id_ not in places]


async def test_mail_of_closed_cases_moves_and_is_opened_as_before(
    kept: SqlStore, archiving: Archiving, tmp_path: Path
) -> None:
    before = await kept.read(everything)
    assert await archiving.archive_old(180) == 4
    assert await stored(kept) == [3, 4], "open, and on its way"
    assert await kept.read(everything) == before
    assert await archiving.archive_old(180) == 0
    assert await archiving.check() == (1, [])
    assert await kept.read(lambda tx: tx.cases.resolve("XAA/0001")) == [thread(1)]
    [file] = (tmp_path / "archive").iterdir()
    assert b"own body" not in file.read_bytes()


async def test_what_was_closed_lately_stays(kept: SqlStore, tmp_path: Path) -> None:
    archiving = Archiving(kept, ArchiveFiles(tmp_path / "archive"), lambda: NOW + 179 * DAY)
    assert await archiving.archive_old(1) == 0
    assert await stored(kept) == [1, 2, 3, 4, 5, 6]


async def test_a_case_is_put_back_and_files_without_use_go(
    kept: SqlStore, archiving: Archiving, tmp_path: Path
) -> None:
    before = await kept.read(everything)
    await archiving.archive_old(180)
    assert await archiving.restore(thread(1)) == 2
    assert await stored(kept) == [1, 3, 4, 6]
    for number in (2, 5):
        assert await archiving.restore(thread(number)) == 1
    assert await kept.read(everything) == before
    assert await archiving.check() == (0, [])
    assert list((tmp_path / "archive").iterdir()) == []
    assert await archiving.archive_old(180) == 4


async def test_what_is_deleted_in_an_archive_is_gone_from_every_copy_of_it(
    kept: SqlStore, archiving: Archiving
) -> None:
    await archiving.archive_old(180)
    place = (await kept.read(lambda tx: tx.archive.places([envelope_id(1)])))[envelope_id(1)]
    assert place.key.hex() not in repr(place)
    await kept.write(lambda tx: tx.bodies.empty([envelope_id(1)]))
    assert await kept.read(lambda tx: tx.archive.places([envelope_id(1)])) == {}
    found = await kept.read(lambda tx: tx.bodies.load([envelope_id(1), envelope_id(2)]))
    assert found[envelope_id(1)].body == b""
    assert found[envelope_id(2)].body != b""


async def test_an_archive_that_is_damaged_or_missing_is_told(
    kept: SqlStore, archiving: Archiving, tmp_path: Path
) -> None:
    await archiving.archive_old(180)
    [file] = (tmp_path / "archive").iterdir()
    data = bytearray(file.read_bytes())
    place = (await kept.read(lambda tx: tx.archive.places([envelope_id(2)])))[envelope_id(2)]
    data[place.offset + 30] ^= 1
    file.write_bytes(data)
    assert await archiving.check() == (1, [file.name])
    with pytest.raises(StoreError) as caught:
        await kept.read(lambda tx: tx.bodies.load([envelope_id(2)]))
    assert caught.value.reason == "archive-damaged"
    assert (await kept.read(lambda tx: tx.bodies.load([envelope_id(1)])))[envelope_id(1)].body
    file.unlink()
    with pytest.raises(StoreError) as caught:
        await archiving.restore(thread(1))
    assert caught.value.reason == "archive-missing"
    assert "backup" in caught.value.what_to_do
