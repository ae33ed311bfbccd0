"""Papers at rest: kept with a log entry in clear, and judged again at boot."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from fakes.house import NO_CONTEXT, House, Identities, Street, config_of, make_trust, open_street
from tracepost.node.handlers.keeping.papers_store import keep_papers, load_papers
from tracepost.node.own_papers import reload_papers
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.papers import CertificateRecord
from tracepost.protocol.errors import IdentityError, StaleTrustError, StoreError, TrustError
from tracepost.protocol.evidence import (
    CertificatePublished,
    CrlPublished,
    DirectoryEntryPublished,
    TrustListAccepted,
    parse_entry,
)
from tracepost.protocol.ids import MemberId
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.post_pb2 import Announcement

DAY = 86400
XAB = MemberId("xab")


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab") as street:
        yield street


class FailsAfterReading:
    """A store whose answer is lost once it has read papers; it gives its trust lists."""

    def __init__(self, store: Store) -> None:
        self._store, self._reads = store, 0

    async def read(self, look: Callable[[Tx], Any]) -> Any:
        found = await self._store.read(look)
        self._reads += 1
        if self._reads > 1:
            raise StoreError
        return found


async def logged(house: House) -> list[object]:
    lines = await house.store.read(lambda tx: tx.log.lines(range(house.store.evidence.head.size)))
    return [parse_entry(line.preimage) for _, line in sorted(lines.items())]


async def boot(house: House) -> tuple[Papers, list[str]]:
    """Return the papers as a node finds them when it starts again, and why some were left out."""
    papers = Papers(house.member, house.papers.trust)
    errors = await house.store.read(lambda tx: load_papers(tx, papers))
    return papers, [error.reason for error in errors]


async def take(house: House, one: Announcement) -> tuple[str, ...]:
    asked = desk_pb2.ImportPapersRequest(announcement=one)
    return tuple((await house.as_officer().ImportPapers(asked, NO_CONTEXT)).taken)


class TestKept:
    """What was taken is in the store, and in the log with the paper itself."""

    async def test_certificates_and_entries_are_logged_with_the_paper(self, street: Street) -> None:
        house = street["xaa"]
        entries = await logged(house)
        certificates = [e for e in entries if isinstance(e, CertificatePublished)]
        assert hashlib.sha256(street["xab"].identities.statement.der).digest() in {
            c.sha256 for c in certificates
        }
        assert all(hashlib.sha256(c.artefact).digest() == c.sha256 for c in certificates)
        assert len([e for e in entries if isinstance(e, DirectoryEntryPublished)]) == 2

    async def test_a_certificate_is_logged_once(self, street: Street) -> None:
        house, identities = street["xaa"], street["xab"].identities
        street.clock.now += 60
        before = len([e for e in await logged(house) if isinstance(e, CertificatePublished)])
        assert await take(house, identities.announcement(street.clock())) == ("certificate", "directory")
        after = len([e for e in await logged(house) if isinstance(e, CertificatePublished)])
        assert after == before + len(
            identities.bundles
        )  # new desk certificates, the same statement certificate

    async def test_a_revocation_list_is_logged(self, street: Street) -> None:
        house, authority = street["xaa"], street["xab"].identities.authority
        crl = authority.crl([])
        assert await take(house, Announcement(member=XAB, crl=crl)) == ("crl",)
        [entry] = [e for e in await logged(house) if isinstance(e, CrlPublished)]
        assert (entry.sha256, entry.artefact) == (hashlib.sha256(crl).digest(), crl)

    async def test_the_log_gives_back_directory_entries_with_the_keys_of_their_desks(
        self, street: Street
    ) -> None:
        entries = [e for e in await logged(street["xaa"]) if isinstance(e, DirectoryEntryPublished)]
        assert [hashlib.sha256(e.artefact).digest() for e in entries] == [e.sha256 for e in entries]
        assert len(entries) == 2
        assert all(e.artefact for e in entries)

    async def test_a_trust_list_is_kept_under_its_number(self, street: Street) -> None:
        house = street["xaa"]
        one = Announcement(member=XAB)
        await house.store.write(
            lambda tx: keep_papers(tx, house.papers, one, ("trust-list",), street.clock())
        )
        [kept] = await house.store.read(lambda tx: tx.trust_lists.all())
        assert (kept.sequence, kept.data) == (house.papers.trust.sequence, house.papers.trust.data)
        assert [e for e in await logged(house) if isinstance(e, TrustListAccepted)]

    async def test_nothing_new_is_nothing_taken(self, street: Street) -> None:
        house = street["xaa"]
        size = house.store.evidence.head.size
        assert await take(house, house.papers.announcement(XAB)) == ()
        assert house.store.evidence.head.size == size

    async def test_papers_that_do_not_hold_are_refused_and_change_nothing(self, street: Street) -> None:
        house = street["xaa"]
        stranger = Identities.make("xab", street["xab"].identities.desks)
        before = house.papers.entry(XAB)
        with pytest.raises(IdentityError):
            await take(house, stranger.announcement(street.clock()))
        assert house.papers.entry(XAB) == before


class TestBoot:
    """A node that starts again knows what it knew."""

    async def test_all_papers_come_back(self, street: Street) -> None:
        house = street["xaa"]
        await take(house, Announcement(member=XAB, crl=street["xab"].identities.authority.crl([])))
        papers, left_out = await boot(house)
        assert left_out == []
        here, there = (
            papers.require_entry(XAB, street.clock()),
            house.papers.require_entry(XAB, street.clock()),
        )
        assert (here.compact, here.sequence) == (there.compact, there.sequence)
        assert papers.revocations().number(XAB) == 1
        assert sorted(papers.certificates_of([XAB])) == sorted(house.papers.certificates_of([XAB]))

    async def test_every_revocation_list_counts(self, street: Street) -> None:
        """What was revoked once stays revoked, also if a later list leaves it out."""
        house, identities = street["xaa"], street["xab"].identities
        lists = [
            identities.authority.crl([identities.statement.certificate]),
            identities.authority.crl([], number=2),
        ]
        for crl in lists:
            await take(house, Announcement(member=XAB, crl=crl))
        papers, _ = await boot(house)
        serial = identities.statement.certificate.serial_number
        assert papers.revocations().is_revoked(XAB, serial, street.clock())
        assert papers.revocations().number(XAB) == 2

    async def test_what_ended_is_not_in_force_for_a_moment_while_the_node_reads_back(
        self, street: Street, tmp_path: Path
    ) -> None:
        """Also where the store fails in between."""
        house, identities = street["xaa"], street["xab"].identities
        street.clock.now += 60
        crl = identities.authority.crl([identities.statement.certificate], revoked_at=street.clock())
        await take(house, Announcement(member=XAB, crl=crl))
        trust = house.papers.trust
        (tmp_path / "trust.json").write_bytes(trust.data)
        config = replace(config_of(house.member, []), folder=tmp_path, trust_fingerprint=trust.fingerprint)
        assert house.papers.entry(XAB) is None
        failing = cast("Store", FailsAfterReading(house.store))
        with pytest.raises(StoreError):
            await reload_papers(config, failing, house.papers, street.clock())
        assert house.papers.entry(XAB) is None
        assert not await reload_papers(config, house.store, house.papers, street.clock())
        assert house.papers.entry(XAB) is None

    async def test_an_entry_that_has_run_out_does_not_stop_the_boot(self, street: Street) -> None:
        street.clock.now += 31 * DAY
        papers, left_out = await boot(street["xaa"])
        assert left_out == []
        with pytest.raises(StaleTrustError):
            papers.require_entry(XAB, street.clock())

    async def test_its_number_is_not_forgotten(self, street: Street) -> None:
        """Otherwise an older entry could be played back after a restart."""
        house, identities = street["xaa"], street["xab"].identities
        older = identities.announcement(street.clock() - 60)
        street.clock.now += 31 * DAY
        papers, _ = await boot(house)
        street.clock.now -= 31 * DAY
        assert papers.take(older, street.clock()) in {(), ("certificate",)}
        entry = papers.entry(XAB)
        assert entry is not None
        assert entry.sequence == street.clock()

    async def test_a_member_that_was_excluded_meanwhile_is_left_out(self, street: Street) -> None:
        house = street["xaa"]
        papers = Papers(house.member, make_trust({"xaa": house.identities}, sequence=2))
        errors = await house.store.read(lambda tx: load_papers(tx, papers))
        assert {type(error) for error in errors} == {TrustError}
        assert papers.entry(XAB) is None
        assert papers.entry(house.member) is not None

    async def test_one_damaged_paper_does_not_take_the_others_with_it(self, street: Street) -> None:
        house = street["xaa"]
        stranger = Identities.make("xab", ())
        record = CertificateRecord(stranger.statement.sha256, XAB, street.clock(), stranger.statement.der)
        await house.store.write(lambda tx: tx.certificates.keep([record]))
        papers, left_out = await boot(house)
        assert left_out == ["path"]
        assert papers.entry(XAB) is not None
