"""Certificates that an authority under a member's root has issued (proto/README.md, chapters 7 and 9)."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from fakes import messages as m
from fakes.adversary import Forger
from fakes.casefiles import NOW
from fakes.house import NO_CONTEXT, House, Identities, Street, draft, make_trust, open_street
from fakes.pki import DAY, Issued, make_root
from fakes.trust_lists import list_of
from tracepost.node import chains
from tracepost.node.handlers.keeping.papers_store import AcceptedList, keep_papers, load_papers
from tracepost.node.papers import Papers
from tracepost.protocol.errors import IdentityError, StaleTrustError, TrustError
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.protocol.trustlist import load_first_unsafe, load_next
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.post_pb2 import Announcement

XAB = MemberId("xab")


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac") as street:
        street.clock.now += 60
        yield street


def under_an_authority(identities: Identities) -> Identities:
    """Return the member with all its certificates issued by an authority under its root."""
    issuing = identities.authority.intermediate()
    return dataclasses.replace(identities, authority=issuing, statement=issuing.issue(Role.STATEMENT))


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def papers_of(identities: Identities, now: int) -> Announcement:
    """Return the papers of such a member, the authority last: the order is not promised."""
    announcement = identities.announcement(now)
    announcement.certificates.append(der(identities.authority.certificate))
    return announcement


async def take(house: House, one: Announcement) -> tuple[str, ...]:
    asked = desk_pb2.ImportPapersRequest(announcement=one)
    return tuple((await house.as_officer().ImportPapers(asked, NO_CONTEXT)).taken)


class TestTaking:
    """One authority between root and leaf is as good as none."""

    async def test_what_an_authority_issued_is_taken_and_in_force(self, street: Street) -> None:
        house, issued = street["xaa"], under_an_authority(street["xab"].identities)
        assert await take(house, papers_of(issued, street.clock())) == ("certificate", "directory")
        assert house.papers.require_entry(XAB, street.clock()).sequence == street.clock()
        certificate, identity = house.papers.certificate(issued.statement.sha256, XAB)
        assert identity.path_serials == (
            certificate.serial_number,
            issued.authority.certificate.serial_number,
        )

    async def test_without_the_authority_nothing_is_proved(self, street: Street) -> None:
        house, issued = street["xaa"], under_an_authority(street["xab"].identities)
        with pytest.raises(IdentityError) as refusal:
            await take(house, issued.announcement(street.clock()))
        assert refusal.value.reason == "path"

    async def test_the_authority_may_have_come_before(self, street: Street) -> None:
        house, issued = street["xaa"], under_an_authority(street["xab"].identities)
        alone = Announcement(member=XAB, certificates=[der(issued.authority.certificate)])
        assert await take(house, alone) == ("certificate",)
        assert await take(house, alone) == ()
        assert "directory" in await take(house, issued.announcement(street.clock()))

    async def test_an_authority_of_another_root_is_refused(self, street: Street) -> None:
        stranger = make_root("xab").intermediate()
        with pytest.raises(IdentityError) as refusal:
            await take(street["xaa"], Announcement(member=XAB, certificates=[der(stranger.certificate)]))
        assert refusal.value.reason == "path"

    async def test_the_root_itself_is_nothing_new(self, street: Street) -> None:
        root = street["xab"].identities.authority.der
        assert await take(street["xaa"], Announcement(member=XAB, certificates=[root])) == ()

    async def test_a_member_has_not_any_number_of_authorities(self, street: Street) -> None:
        root = street["xab"].identities.authority
        many = [der(root.intermediate().certificate) for _ in range(chains.AUTHORITIES_LIMIT + 1)]
        with pytest.raises(TrustError) as refusal:
            await take(street["xaa"], Announcement(member=XAB, certificates=many))
        assert refusal.value.reason == "authorities"

    async def test_authorities_that_never_issued_anything_make_room(self, street: Street) -> None:
        house, root = street["xaa"], street["xab"].identities.authority
        for _ in range(chains.AUTHORITIES_LIMIT):
            await take(house, Announcement(member=XAB, certificates=[der(root.intermediate().certificate)]))
        issued = under_an_authority(street["xab"].identities)
        assert await take(house, papers_of(issued, street.clock())) == ("certificate", "directory")
        assert house.papers.path_of(issued.statement.certificate, XAB)[1] == issued.authority.certificate

    @pytest.mark.parametrize("ending", ["revoked", "expired"])
    async def test_former_authorities_make_room_and_still_show_what_they_issued(
        self, street: Street, ending: str
    ) -> None:
        house, root = street["xaa"], street["xab"].identities.authority
        leaves = await self.fill(street)
        ninth = under_an_authority(street["xab"].identities)
        with pytest.raises(TrustError):
            await take(house, papers_of(ninth, street.clock()))
        if ending == "revoked":
            crl = root.crl([leaves[0].intermediates[0]], revoked_at=street.clock() - 1)
            await take(house, Announcement(member=XAB, crl=crl))
        else:
            street.clock.now += 2 * DAY
        assert await take(house, papers_of(ninth, street.clock())) == ("certificate", "directory")
        again = Papers(house.member, house.papers.trust)
        assert await house.store.read(lambda tx: load_papers(tx, again)) == []
        for papers in (house.papers, again):
            for one in (*leaves, ninth.statement):
                assert papers.path_of(one.certificate, XAB)[1:-1] == list(one.intermediates)

    async def fill(self, street: Street) -> list[Issued]:
        """Let xab have as many authorities as it may; what the first has issued ends in a day."""
        leaves = []
        for number in range(chains.AUTHORITIES_LIMIT):
            issuing = street["xab"].identities.authority.intermediate()
            ends = street.clock() + DAY if number == 0 else None
            leaves.append(issuing.issue(Role.STATEMENT, not_after=ends))
            papers = [leaves[-1].der, der(issuing.certificate)]
            assert await take(street["xaa"], Announcement(member=XAB, certificates=papers))
        return leaves

    async def test_a_revocation_list_counts_though_the_certificates_beside_it_are_refused(
        self, street: Street
    ) -> None:
        house, root = street["xaa"], street["xab"].identities.authority
        many = [der(root.intermediate().certificate) for _ in range(chains.AUTHORITIES_LIMIT + 1)]
        one = Announcement(member=XAB, certificates=many, crl=root.crl([]))
        assert await house.announcing.take([one], XAB) == ("crl",)
        assert house.papers.revocations().number(XAB) == 1
        kept = await house.store.read(lambda tx: tx.revocation_lists.all())
        assert [record.member for record in kept] == [XAB]

    async def test_a_node_that_starts_again_knows_it(self, street: Street) -> None:
        house, issued = street["xaa"], under_an_authority(street["xab"].identities)
        await take(house, papers_of(issued, street.clock()))
        papers = Papers(house.member, house.papers.trust)
        assert await house.store.read(lambda tx: load_papers(tx, papers)) == []
        assert papers.require_entry(XAB, street.clock()).sequence == street.clock()

    async def test_it_is_announced_and_exported_with_what_it_issued(self, street: Street) -> None:
        house, issued = street["xaa"], under_an_authority(street["xab"].identities)
        await take(house, papers_of(issued, street.clock()))
        above = der(issued.authority.certificate)
        assert house.papers.announcement(XAB).certificates[0] == above
        assert above in house.papers.certificates_of([XAB])
        path = house.papers.path_of(issued.statement.certificate, XAB)
        root = street["xab"].identities.authority.certificate
        assert path == [issued.statement.certificate, issued.authority.certificate, root]


class TestEnding:
    """What an authority issued ends with it."""

    async def test_a_revoked_authority_takes_entries_and_signers_out_of_force(self, street: Street) -> None:
        house, root = street["xaa"], street["xab"].identities.authority
        issued = under_an_authority(street["xab"].identities)
        await take(house, papers_of(issued, street.clock()))
        crl = root.crl([issued.authority.certificate])
        await take(house, Announcement(member=XAB, crl=crl))
        with pytest.raises(StaleTrustError):
            house.papers.require_entry(XAB, street.clock())
        _, identity = house.papers.certificate(issued.statement.sha256, XAB)
        with pytest.raises(IdentityError) as refusal:
            house.papers.check_signer(identity, signed_at=street.clock(), judged_at=street.clock())
        assert refusal.value.reason == "revoked"

    async def test_a_new_root_ends_the_authorities_of_the_old_one(self, street: Street) -> None:
        house, issued = street["xaa"], under_an_authority(street["xab"].identities)
        await take(house, papers_of(issued, street.clock()))
        renewed = Identities.make("xab", street["xab"].identities.desks)
        papers = Papers(house.member, make_trust({"xaa": house.identities, "xab": renewed}))
        errors = await house.store.read(lambda tx: load_papers(tx, papers))
        assert "path" in {error.reason for error in errors}
        assert papers.entry(XAB) is None


@pytest.mark.parametrize("keeps_root", [True, False])
def test_a_newer_list_keeps_what_its_roots_have_issued(keeps_root: bool) -> None:
    steward, root = ec.generate_private_key(ec.SECP256R1()), make_root("xab")
    issuing = root.intermediate()
    leaf = issuing.issue(Role.STATEMENT)
    papers = Papers(MemberId("xaa"), load_first_unsafe(list_of(1, {"xab": root.der}, steward)))
    papers.take(Announcement(member=XAB, certificates=[leaf.der, der(issuing.certificate)]), NOW)
    listed = root.der if keeps_root else make_root("xab").der
    papers.take(Announcement(member=XAB, trust_list=list_of(2, {"xab": listed}, steward)), NOW)
    expected = {leaf.der, der(issuing.certificate)} if keeps_root else set()
    assert set(papers.certificates_of([XAB])) == expected


@pytest.mark.parametrize("by_authority", [True, False])
async def test_a_node_that_starts_again_still_reads_what_an_earlier_root_has_signed(
    street: Street, by_authority: bool
) -> None:
    steward, root, store = ec.generate_private_key(ec.SECP256R1()), make_root("xab"), street["xaa"].store
    issuing = root.intermediate() if by_authority else root
    leaf = issuing.issue(Role.STATEMENT)
    first = load_first_unsafe(list_of(1, {"xab": root.der}, steward))
    second = load_next(list_of(2, {"xab": make_root("xab").der}, steward), first)
    papers = Papers(MemberId("xaa"), first)
    one = Announcement(member=XAB, certificates=[leaf.der, issuing.der])
    taken = papers.take(one, NOW)
    await store.write(lambda tx: keep_papers(tx, papers, one, taken, NOW))
    again, believing_all = Papers(MemberId("xaa"), second), Papers(MemberId("xaa"), second)
    lists = [AcceptedList(first, 0), AcceptedList(second, NOW + 60)]
    await store.read(lambda tx: load_papers(tx, again, lists))
    assert again.certificate_of_old(leaf.sha256, XAB) == leaf.certificate
    with pytest.raises(StaleTrustError):
        again.certificate(leaf.sha256, XAB)
    too_late = [AcceptedList(first, 0), AcceptedList(second, NOW - 60)]
    await store.read(lambda tx: load_papers(tx, believing_all, too_late))
    with pytest.raises(StaleTrustError):
        believing_all.certificate_of_old(leaf.sha256, XAB)


class TestMail:
    """Statements of such a signer travel like any other."""

    async def test_its_statements_are_accepted_and_shown(self, street: Street) -> None:
        house, issued = street["xaa"], under_an_authority(street["xab"].identities)
        await take(house, papers_of(issued, street.clock()))
        forger = Forger(street["xab"], house)
        signed = forger.sign(m.request(), signer=issued.signer)
        await forger.post(forger.pack(signed))
        [reply] = await street.carry()
        assert len(reply.receipts) == 1
        asked = desk_pb2.ShowCaseRequest(case=signed.claims.thread)
        [shown] = (await house.as_officer("poc").ShowCase(asked, NO_CONTEXT)).statements
        assert not shown.HasField("problem")
        assert shown.content.HasField("trace_request")

    async def test_an_exhibit_carries_the_authority_along(self, street: Street) -> None:
        """The third state has never heard of it."""
        house, issued = street["xaa"], under_an_authority(street["xab"].identities)
        await take(house, papers_of(issued, street.clock()))
        forger = Forger(street["xab"], house)
        signed = forger.sign(m.request(), signer=issued.signer)
        await forger.post(forger.pack(signed))
        await street.carry()
        share = m.share(encode_b64(signed.digest))
        [passed] = await house.submit(draft(share, to=["xac"]))
        assert not passed.HasField("problem")
        replies = await street.carry()  # of the share, and of the notice of it to its author
        assert [(len(reply.receipts), list(reply.statuses)) for reply in replies] == [(1, []), (1, [])]
        asked = desk_pb2.ShowCaseRequest(case=passed.thread)
        [shown] = (await street["xac"].as_officer("poc").ShowCase(asked, NO_CONTEXT)).statements
        [exhibit] = shown.content.share.exhibits
        assert list(exhibit.issuer_certificates) == [
            issued.statement.der,
            der(issued.authority.certificate),
        ]
        assert not shown.HasField("problem")
        assert shown.state == desk_pb2.MAIL_STATE_DELIVERED
