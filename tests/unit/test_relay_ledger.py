"""What a relay's operator can look at: what the relay knows, and nothing else."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from fakes.descriptors import is_open
from fakes.members import Network
from fakes.pki import DAY
from tracepost.protocol.envelope import Lane, parse_envelope
from tracepost.protocol.errors import ConfigurationError, StoreError
from tracepost.protocol.evidence import Origin, generate_log_key
from tracepost.protocol.ids import MemberId
from tracepost.relay.ledger import Ledger
from tracepost.relay.mailboxes import Mailboxes, State
from tracepost.relay.store import RelayStore
from tracepost.relay.usage import Quota

HUB, XAB, XAC = MemberId("hub"), MemberId("xab"), MemberId("xac")
NOW = int(time.time())
PLENTY = Quota(1000, 1 << 30)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A relay's store in which three envelopes wait: two for xab, of which one is urgent, and one for xac."""
    path, network = tmp_path / "store.sqlite", Network("xaa", "xab", "xac", "hub")
    relay = RelayStore.open(f"sqlite:///{path}", generate_log_key(Origin(HUB, "tracepost.example", 1)))
    boxes = Mailboxes(relay.log, per_sender=PLENTY, per_mailbox=PLENTY, random=os.urandom)
    sent = [("xab", Lane.ROUTINE), ("xab", Lane.URGENT), ("xac", Lane.ROUTINE)]
    envelopes = [
        parse_envelope(
            network["xaa"].envelope(to, via="hub", lane=lane, deliver_by=NOW + (n + 1) * DAY), now=None
        )
        for n, (to, lane) in enumerate(sent)
    ]
    asyncio.run(relay.write(lambda connection: boxes.keep(connection, envelopes, NOW), label="custody"))
    relay.close()
    return path


def test_it_says_for_whom_mail_waits_and_when_the_first_of_it_ends(store: Path) -> None:
    with Ledger.open(f"sqlite:///{store}") as ledger:
        boxes = ledger.boxes()
    assert [(b.member, b.envelopes, b.next_end) for b in boxes] == [
        (XAB, 2, NOW + DAY),
        (XAC, 1, NOW + 3 * DAY),
    ]
    assert all(b.size_bytes > 4096 for b in boxes)


def test_of_a_relay_that_was_not_started_since_its_upgrade_it_says_to_start_it(store: Path) -> None:
    with closing(sqlite3.connect(store)) as older:
        older.execute("DROP TABLE pouched")
    with pytest.raises(ConfigurationError) as refusal:
        Ledger.open(f"sqlite:///{store}")
    assert refusal.value.reason == "older-store"
    assert "Start it anew" in refusal.value.what_to_do
    assert not is_open(store)


def test_mail_is_listed_newest_first_and_for_one_member(store: Path) -> None:
    with Ledger.open(f"sqlite:///{store}") as ledger:
        assert [m.to_member for m in ledger.mail(limit=2)] == [XAC, XAB]
        assert [(m.lane, m.state) for m in ledger.mail(to=XAB, limit=9)] == [
            (Lane.URGENT, State.WAITING),
            (Lane.ROUTINE, State.WAITING),
        ]


def test_nothing_is_changed_by_looking(store: Path) -> None:
    before = store.read_bytes()
    with Ledger.open(f"sqlite:///{store}") as ledger:
        ledger.mail(limit=5)
    assert store.read_bytes() == before


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no store"):
        Ledger.open(f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert not list(tmp_path.iterdir())


def test_another_file_is_refused_in_our_words(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    other.write_bytes(b"not a database, but long enough to be looked at" * 40)
    with pytest.raises(StoreError), Ledger.open(f"sqlite:///{other}") as ledger:
        ledger.boxes()
