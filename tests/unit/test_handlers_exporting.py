"""To export a case: what leaves is what the desk may see, and proves itself without us."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from fakes import messages as m
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.node.services import desk as desk_service
from tracepost.protocol.casefile import (
    CaseReport,
    Remark,
    UnanchoredCaseError,
    read_casefile,
    verify_casefile,
)
from tracepost.protocol.errors import LockedDeskError, PermissionError_, StoreError
from tracepost.protocol.ids import DeskId, MemberId, decode_b64
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import parse_compact, verify_exhibit
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.casefile_pb2 import CaseFile

PARTS = [m.PICTURE, m.SCENE]
DAY = 86400


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAA asks XAB by a relay, with consent that XAC sees it; XAB acknowledges, refers and answers; XAC answers."""
    async with open_street(tmp_path, "xaa", "xab", "xac", relays=["hub"]) as street:
        street["xaa"].roads["xab"] = "hub"
        said = draft(m.rich_request(referral_consents=["xac"]), to=["xab"], parts=PARTS)
        [asked] = await street["xaa"].submit(said)
        await street.carry()
        case = asked.thread
        street.clock.now += 1
        await street["xab"].submit(draft(m.acknowledgement(), case=case))
        await street.carry()
        street.clock.now += 1
        referral = m.referral("xaa", case, asked.statement)
        await street["xab"].submit(draft(referral, to=["xac"], case=case, desk="police"))
        await street.carry()
        street.clock.now += 1
        await street["xac"].submit(draft(m.response(), to=["xaa"], case=case))
        await street.carry()
        yield street


async def export(house: House, desk: str = "poc", format_: str = "TRACEPOST") -> bytes:
    asked = desk_pb2.ExportCaseRequest(
        case=await case_of(house), format=f"EXPORT_FORMAT_{format_}", desk=desk
    )
    chunks = [chunk async for chunk in house.as_officer(desk).ExportCase(asked, NO_CONTEXT)]
    data = b"".join(chunk.data for chunk in chunks)
    assert [c.total_bytes for c in chunks] == [len(data)] + [0] * (len(chunks) - 1)
    return data


async def case_of(house: House) -> str:
    listed = await house.as_officer().ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)
    return listed.cases[0].thread


async def verified(street: Street, house: House, desk: str = "poc") -> tuple[CaseReport, CaseFile]:
    case = read_casefile(await export(house, desk))
    return verify_casefile(case, street.trust, now=street.clock() + DAY), case


class TestCaseFile:
    """protocol.md, section 5: checked offline, with salt and preimage of every entry that it relies on."""

    @pytest.mark.parametrize("member", ["xaa", "xab", "xac"])
    async def test_it_verifies_by_the_trust_list(self, street: Street, member: str) -> None:
        report, case = await verified(street, street[member])
        assert report.anchored
        assert (case.exported_by, case.exported_for_desk) == (member, "poc")
        assert not [r for s in report.statements for r in s.remarks if r is not Remark.PREDECESSOR_MISSING]

    async def test_without_an_anchor_it_is_nobodys_word(self, street: Street) -> None:
        case = read_casefile(await export(street["xaa"]))
        with pytest.raises(UnanchoredCaseError):
            verify_casefile(case, None, now=street.clock())

    async def test_statements_stand_in_the_order_of_the_case(self, street: Street) -> None:
        report, _ = await verified(street, street["xaa"])
        kinds = [s.shown.kind for s in report.statements]
        assert kinds[0] == "trace.request/1"
        assert sorted(kinds[1:]) == ["release.notice/1", "trace.acknowledgement/1", "trace.response/1"]

    async def test_our_mail_comes_with_custody_and_delivery(self, street: Street) -> None:
        report, _ = await verified(street, street["xaa"])
        [delivery] = report.statements[0].deliveries
        assert [(r.member, r.entry) for r in delivery.receipts] == [
            ("hub", "custody/1"),
            ("xab", "received/1"),
        ]
        assert report.statements[0].shown.proven is not None

    async def test_mail_of_others_comes_with_our_own_receipt_and_their_proof(self, street: Street) -> None:
        report, case = await verified(street, street["xab"])
        [delivery] = report.statements[0].deliveries
        assert [(r.member, r.entry) for r in delivery.receipts] == [("xab", "received/1")]
        assert case.statements[0].envelopes[0].sent_proof

    async def test_a_desk_exports_what_it_may_see(self, street: Street) -> None:
        poc, _ = await verified(street, street["xab"], "poc")
        police, _ = await verified(street, street["xab"], "police")

        def shown(report: CaseReport) -> dict[Sensitivity, int]:
            return {c.sensitivity: c.shown for c in report.statements[0].shown.classes}

        assert shown(poc)[Sensitivity.PERSONAL] == 0
        assert shown(police)[Sensitivity.PERSONAL] > 0
        assert m.Words().personal.encode() not in (await export(street["xab"], "poc"))

    async def test_photographs_come_with_the_fields_that_name_them(self, street: Street) -> None:
        poc, case = await verified(street, street["xab"], "poc")
        assert list(case.statements[0].parts) == [m.PICTURE]
        _, case = await verified(street, street["xab"], "police")
        assert sorted(case.statements[0].parts) == sorted(PARTS)
        assert poc.statements[0].parts

    async def test_a_referral_brings_the_request_as_an_exhibit(self, street: Street) -> None:
        report, case = await verified(street, street["xac"])
        [exhibit] = report.statements[0].shown.exhibits
        assert exhibit.shown.signer.member == MemberId("xaa")
        assert case.certificates

    async def test_it_brings_the_revocation_lists_of_all_who_signed(self, street: Street) -> None:
        house = street["xac"]
        for name in ("xaa", "xab"):
            authority = street[name].identities.authority
            paper = house.papers.announcement(authority.member)
            paper.crl = authority.crl([])
            house.papers.take(paper, street.clock())
        _, case = await verified(street, house)
        assert len(case.crls) == 2

    async def test_the_export_is_in_our_log_before_it_leaves(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house = street["xab"]
        await export(house, "police")
        trail = await house.store.read(lambda tx: tx.audit.after(0, 1000))
        exported = [one.event for one in trail if one.event.action == "export"]
        assert {e.outcome for e in exported} == {"police"}
        assert all(e.log_number is not None for e in exported)

        async def broken(*_: object, **__: object) -> None:
            raise StoreError

        monkeypatch.setattr(house.store, "write", broken)
        with pytest.raises(StoreError):
            await export(house, "police")

    async def test_a_locked_desk_exports_nothing(self, street: Street) -> None:
        street["xab"].ring.lock(DeskId("poc"))
        with pytest.raises(LockedDeskError):
            await export(street["xab"])

    async def test_an_officer_exports_for_a_desk_of_the_certificate(self, street: Street) -> None:
        asked = desk_pb2.ExportCaseRequest(case="T-1", format="EXPORT_FORMAT_TRACEPOST", desk="police")
        with pytest.raises(PermissionError_):
            [_ async for _ in street["xab"].as_officer("poc").ExportCase(asked, NO_CONTEXT)]

    async def test_it_leaves_in_chunks(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(desk_service, "CHUNK_BYTES", 1000)
        assert read_casefile(await export(street["xaa"])).statements


class TestSdJwt:
    """Each statement as other people's tools take it: compact, with chain and key."""

    async def files(self, street: Street, desk: str = "poc") -> dict[str, bytes]:
        data = await export(street["xaa"], desk, "SD_JWT")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]

    async def test_there_are_three_files_a_statement_numbered_in_order(self, street: Street) -> None:
        names = sorted(await self.files(street))
        assert len(names) == 12
        assert names[:3] == ["01-trace.request.jwk.json", "01-trace.request.pem", "01-trace.request.sd-jwt"]
        assert {name[:2] for name in names} == {"01", "02", "03", "04"}

    async def test_the_compact_form_verifies_by_the_chain_beside_it(self, street: Street) -> None:
        files = await self.files(street)
        untrusted = parse_compact(files["01-trace.request.sd-jwt"].decode())
        leaf, root = x509.load_pem_x509_certificates(files["01-trace.request.pem"])
        leaf.verify_directly_issued_by(root)
        assert verify_exhibit(untrusted, leaf, issuer=MemberId("xaa")).claims.kind == "trace.request/1"

    async def test_the_key_is_the_one_of_the_certificate(self, street: Street) -> None:
        files = await self.files(street)
        jwk = json.loads(files["01-trace.request.jwk.json"])
        [leaf, _] = x509.load_pem_x509_certificates(files["01-trace.request.pem"])
        key = leaf.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        numbers = key.public_numbers()
        assert (jwk["kty"], jwk["crv"], jwk["alg"]) == ("EC", "P-256", "ES256")
        assert decode_b64(jwk["x"], "") == numbers.x.to_bytes(32)
        assert decode_b64(jwk["y"], "") == numbers.y.to_bytes(32)

    async def test_what_is_left_verifies_after_disclosures_are_dropped(self, street: Street) -> None:
        files = await self.files(street)
        jws, *disclosures = files["01-trace.request.sd-jwt"].decode().split("~")
        fewer = "~".join([jws, *disclosures[::2], ""]).replace("~~", "~")
        [leaf, _] = x509.load_pem_x509_certificates(files["01-trace.request.pem"])
        left = verify_exhibit(parse_compact(fewer), leaf, issuer=MemberId("xaa"))
        assert 0 < len(left.disclosures) < len(disclosures) - 1
