"""The case file: what an offline reader is shown as proved, and what is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import random

import pytest
from vectors.casefile import generate

from fakes.casefiles import NOW, THREAD, Log, World, digest_of
from fakes.pki import make_root
from tracepost.protocol.casefile import (
    CaseReport,
    ClassCount,
    DeletionCause,
    Delivery,
    Proven,
    Remark,
    StatementReport,
    UnanchoredCaseError,
    WithheldField,
    anchor_of,
    read_casefile,
    verify_casefile,
    write_casefile,
)
from tracepost.protocol.errors import (
    CaseFileError,
    EnvelopeError,
    EvidenceError,
    IdentityError,
    StatementError,
    TracepostError,
    TrustError,
    VerificationError,
)
from tracepost.protocol.evidence import PolicyActivated
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import Restriction, Statement, sign
from tracepost.protocol.trustlist import load_first
from tracepost.wire.v1.casefile_pb2 import CaseFile
from tracepost.wire.v1.share_pb2 import Share
from tracepost.wire.v1.terms_pb2 import Withheld
from tracepost.wire.v1.trace_pb2 import Acknowledgement, Referral, TraceRequest
from tracepost.wire.v1.weapon_pb2 import Item, Object, Photograph

PICTURE = b"not really a photograph"
DAY = 86400


def photograph(data: bytes = PICTURE) -> Photograph:
    return Photograph(
        view="PHOTOGRAPH_VIEW_SERIAL",
        media_type="image/jpeg",
        sha256=hashlib.sha256(data).digest(),
        size=len(data),
    )


def request(**more: object) -> TraceRequest:
    item = Item(id="1", object=Object(make="Zastava", model="M70", photograph=[photograph()]))
    return TraceRequest(file_number="T-1", ground_text="seized at the border", items=[item], **more)  # type: ignore[arg-type]


def acknowledgement() -> Acknowledgement:
    return Acknowledgement(
        file_number="B-9",
        withheld=[
            Withheld(path="contacts", ground="WITHHOLDING_GROUND_NATIONAL_SECURITY"),
            Withheld(path="text", ground="WITHHOLDING_GROUND_NOT_STATED"),
        ],
    )


@dataclasses.dataclass
class Story:
    """XAA asks XAB through a relay; XAB acknowledges directly."""

    world: World
    asked: Statement
    answered: Statement
    case: CaseFile

    def verify(self, case: CaseFile | None = None) -> CaseReport:
        return verify_casefile(case or self.case, self.world.trust, now=NOW + DAY)


@pytest.fixture
def story() -> Story:
    world = World("xaa", "xab", "xac", relays=("relay",))
    asked = world.sign("xaa", ["xab"], request())
    answered = world.sign("xab", ["xaa"], acknowledgement(), in_reply_to=asked, at=NOW + 60)
    case = world.case(
        world.file(asked, world.post(asked, "xab", via="relay"), parts=[PICTURE]),
        world.file(answered, world.post(answered, "xaa", at=NOW + 60)),
    )
    return Story(world, asked, answered, case)


def refused(kind: type[VerificationError], where: str, reason: str, case: CaseFile, story: Story) -> None:
    with pytest.raises(kind) as refusal:
        story.verify(case)
    assert type(refusal.value) is kind
    assert (refusal.value.where, refusal.value.reason) == (where, reason)


def only(world: World, statement: Statement, *, crls: tuple[bytes, ...] = (), **envelope: object) -> CaseFile:
    """Return a case of one statement with one envelope."""
    return world.case(world.file(statement, world.post(statement, "xab", **envelope)), crls=crls)  # type: ignore[arg-type]


class TestContainer:
    """Magic, length and digest come first; damage is called damage."""

    def test_a_file_comes_back_as_it_was_written(self, story: Story) -> None:
        assert read_casefile(write_casefile(story.case)) == story.case

    def test_its_bytes_are_those_of_the_protocol(self, story: Story) -> None:
        data = write_casefile(story.case)
        content = story.case.SerializeToString(deterministic=True)
        assert data[:11] == b"TRACEPOST\x00\x01"
        assert data[11:19] == len(content).to_bytes(8)
        assert data[19:51] == hashlib.sha256(content).digest()
        assert data[51:] == content

    @pytest.mark.parametrize(
        ("spoil", "where", "reason"),
        [
            (lambda data: b"", "step 1", "not-a-case-file"),
            (lambda data: b"PK" + data, "step 1", "not-a-case-file"),
            (lambda data: data[:10] + b"\x02" + data[11:], "step 1", "version"),
            (lambda data: data[:10], "step 2", "length"),
            (lambda data: data[:40], "step 2", "length"),
            (lambda data: data[:-1], "step 2", "length"),
            (lambda data: data + b"\x00", "step 2", "length"),
            (lambda data: data[:19] + bytes(32) + data[51:], "step 3", "digest"),
            (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "step 3", "digest"),
            (lambda data: _container(b"\xff\xff"), "step 4", "content"),
            (lambda data: _container(b""), "step 4", "content"),
        ],
    )
    def test_a_broken_file_is_refused(self, story: Story, spoil: object, where: str, reason: str) -> None:
        assert callable(spoil)
        with pytest.raises(CaseFileError) as refusal:
            read_casefile(spoil(write_casefile(story.case)))
        assert (refusal.value.where, refusal.value.reason) == (where, reason)

    @pytest.mark.parametrize(
        "changed", [{"thread": "x"}, {"exported_by": "X A"}, {"statements": [{"envelopes": [{}]}]}]
    )
    def test_what_is_no_case_is_not_written(self, story: Story, changed: dict[str, object]) -> None:
        named = {"thread": THREAD, "exported_by": "xaa", "exported_at": NOW, **changed}
        case = CaseFile(**named)  # type: ignore[arg-type]
        with pytest.raises(CaseFileError) as refusal:
            write_casefile(case)
        assert refusal.value.where == "step 4"

    def test_every_flipped_byte_and_every_cut_is_an_error_of_ours(self) -> None:
        world = World("xaa", "xab")
        data = write_casefile(
            world.case(world.file(world.sign("xaa", ["xab"], TraceRequest(file_number="1"))))
        )
        for at in range(len(data)):
            for mask in (0x01, 0xFF):
                with pytest.raises(CaseFileError):
                    read_casefile(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :])
            with pytest.raises(CaseFileError):
                read_casefile(data[:at])


def _container(content: bytes) -> bytes:
    return b"TRACEPOST\x00\x01" + len(content).to_bytes(8) + hashlib.sha256(content).digest() + content


class TestReport:
    """What the reader is told."""

    def test_the_case(self, story: Story) -> None:
        report = story.verify()
        assert (report.thread, report.exported_by, report.exported_for_desk) == (THREAD, "xaa", "poc")
        assert (report.anchored, report.trust_sequence) == (True, 3)
        assert report.trust_fingerprint == story.world.fingerprint
        assert [one.number for one in report.statements] == [1, 2]
        assert report.missing == ()

    def test_who_signed_what_and_when(self, story: Story) -> None:
        first, second = story.verify().statements
        assert (first.shown.kind, first.shown.signer.member) == ("trace.request/1", "xaa")
        assert first.shown.signer.certificate_sha256 == story.world.parties["xaa"].papers.sha256
        assert (second.shown.signed_at, second.shown.digest) == (NOW + 60, story.answered.digest)
        assert (first.answers, second.answers) == (None, 1)

    def test_the_earliest_proven_time_is_the_relay_s_once_the_addressee_confirms(self, story: Story) -> None:
        first, second = story.verify().statements
        assert first.shown.proven == Proven(NOW + 1, story.world.trust.members[3].id)
        assert second.shown.proven == Proven(NOW + 62, story.world.trust.members[0].id, alone=True)

    def test_the_deliveries(self, story: Story) -> None:
        delivery = story.verify().statements[0].deliveries[0]
        assert isinstance(delivery, Delivery)
        assert (delivery.to, delivery.via, delivery.seq, delivery.sent_at) == ("xab", "relay", 1, NOW)
        assert delivery.bound
        custody, received = delivery.receipts
        assert (custody.member, custody.entry, custody.time) == ("relay", "custody/1", NOW + 1)
        assert (received.member, received.entry, received.verdict) == ("xab", "received/1", "accepted")
        assert received.log == "xab.tracepost.example/log/1"

    def test_how_much_of_each_class_is_shown(self, story: Story) -> None:
        world = story.world
        filed = world.file(story.asked, hide=[Sensitivity.LAW_ENFORCEMENT])
        [report] = story.verify(world.case(filed)).statements
        assert report.shown.classes == (
            ClassCount(Sensitivity.ADMINISTRATIVE, 2, 2),
            ClassCount(Sensitivity.OBJECT, 3, 3),
            ClassCount(Sensitivity.LAW_ENFORCEMENT, 0, 1),
        )

    def test_what_was_withheld_and_why(self, story: Story) -> None:
        assert story.verify().statements[1].shown.withheld == (
            WithheldField("contacts", "WITHHOLDING_GROUND_NATIONAL_SECURITY"),
            WithheldField("text", "WITHHOLDING_GROUND_NOT_STATED"),
        )

    def test_photographs_are_matched_with_the_fields_that_name_them(self, story: Story) -> None:
        assert story.verify().statements[0].parts == (hashlib.sha256(PICTURE).digest(),)
        assert Remark.PART_MISSING not in story.verify().statements[0].remarks

    def test_no_disclosed_value_stands_in_its_representation(self, story: Story) -> None:
        report = repr(story.verify())
        assert "Zastava" not in report
        assert "seized" not in report

    def test_a_refusal_by_the_addressee_is_shown_and_proves_no_time(self, story: Story) -> None:
        case = only(story.world, story.asked, verdict="refused", commitment=b"")
        [report] = story.verify(case).statements
        assert [one.verdict for one in report.deliveries[0].receipts] == ["refused"]
        assert report.shown.proven is None

    def test_custody_alone_proves_no_time(self, story: Story) -> None:
        [report] = story.verify(only(story.world, story.asked, via="relay", delivered=False)).statements
        assert not report.deliveries[0].bound
        assert report.shown.proven is None
        assert Remark.TIME_UNPROVED in report.shown.remarks


class TestRemarks:
    """What a reader should know, though it breaks no proof."""

    def remarks(self, story: Story, case: CaseFile) -> set[Remark]:
        return {
            remark for one in story.verify(case).statements for remark in (*one.remarks, *one.shown.remarks)
        }

    def test_a_missing_predecessor_is_named(self, story: Story) -> None:
        case = story.world.case(story.case.statements[1])
        report = story.verify(case)
        assert report.missing == (story.asked.digest,)
        assert report.statements[0].remarks == (Remark.PREDECESSOR_MISSING,)

    def test_another_thread(self, story: Story) -> None:
        other = ThreadId("01890000-0000-7000-8000-000000000001")
        statement = story.world.sign("xaa", ["xab"], request(), thread=other)
        assert Remark.OTHER_THREAD in self.remarks(story, only(story.world, statement))

    def test_one_id_for_two_contents(self, story: Story) -> None:
        jti = story.asked.claims.jti
        twin = story.world.sign("xaa", ["xab"], TraceRequest(file_number="other"), jti=jti)
        case = story.world.case(story.world.file(story.asked), story.world.file(twin))
        assert all(Remark.CONFLICT in one.remarks for one in story.verify(case).statements)

    def test_a_photograph_that_is_not_in_the_file(self, story: Story) -> None:
        assert Remark.PART_MISSING in self.remarks(story, only(story.world, story.asked))

    def test_no_revocation_list(self, story: Story) -> None:
        assert Remark.NO_REVOCATION_LIST in self.remarks(story, story.case)
        crls = [story.world.parties[name].authority.crl([]) for name in ("xaa", "xab")]
        with_lists = story.world.case(*story.case.statements, crls=crls)
        assert Remark.NO_REVOCATION_LIST not in self.remarks(story, with_lists)
        assert story.verify(with_lists).statements[0].shown.signer.crl_number == 1

    def test_a_field_that_breaks_its_rule(self, story: Story) -> None:
        statement = story.world.sign("xaa", ["xab"], TraceRequest(file_number="x" * 101))
        assert Remark.BREAKS_RULES in self.remarks(story, only(story.world, statement))

    def test_a_kind_of_a_newer_version_is_counted_and_not_read(self, story: Story) -> None:
        claims = dataclasses.replace(story.asked.claims, kind="trace.forecast/1")
        fields = [Field("when", Sensitivity.OBJECT, "2040")]
        statement = sign(claims, fields, story.world.parties["xaa"].signer, os.urandom)
        assert Remark.UNKNOWN_KIND in self.remarks(story, only(story.world, statement))

    def test_fields_of_a_newer_version(self, story: Story) -> None:
        fields = [Field("file_number", Sensitivity.ADMINISTRATIVE, "1"), Field("when", Sensitivity.OBJECT, 1)]
        statement = sign(story.asked.claims, fields, story.world.parties["xaa"].signer, os.urandom)
        assert Remark.UNKNOWN_FIELDS in self.remarks(story, only(story.world, statement))

    def test_an_exhibit_that_is_not_shown(self, story: Story) -> None:
        share = Share(reason="SHARE_REASON_CASE", exhibits=[story.world.exhibit(story.asked)])
        statement = story.world.sign("xac", ["xab"], share)
        case = story.world.case(story.world.file(statement, hide=[Sensitivity.ADMINISTRATIVE]))
        assert Remark.EXHIBIT_HIDDEN in self.remarks(story, case)


class TestRevocation:
    """Revocation is judged at the earliest proven time, never at the time that the signer claims."""

    def crl(self, story: Story, at: int) -> tuple[bytes, ...]:
        party = story.world.parties["xaa"]
        return (party.authority.crl([party.papers.certificate], revoked_at=at),)

    def test_a_later_revocation_leaves_what_was_proved_before(self, story: Story) -> None:
        case = story.world.case(*story.case.statements, crls=self.crl(story, NOW + 3600))
        assert Remark.REVOKED_LATER in story.verify(case).statements[0].shown.remarks

    def test_step_13_a_statement_proved_only_after_the_revocation_is_refused(self, story: Story) -> None:
        case = story.world.case(*story.case.statements, crls=self.crl(story, NOW - 1))
        refused(IdentityError, "statement 1, step 12 revocation", "revoked", case, story)

    def test_step_13_without_a_proven_time_the_revocation_counts_whenever_it_was(self, story: Story) -> None:
        case = story.world.case(story.world.file(story.asked), crls=self.crl(story, NOW + 3600))
        refused(IdentityError, "statement 1, step 12 revocation", "revoked", case, story)

    def test_the_signer_s_own_log_is_no_witness_for_it(self, story: Story) -> None:
        filed = story.world.post(story.asked, "xab", delivered=False)
        case = story.world.case(story.world.file(story.asked, filed), crls=self.crl(story, NOW + 3600))
        refused(IdentityError, "statement 1, step 12 revocation", "revoked", case, story)

    def test_step_13_one_addressee_alone_cannot_date_a_statement_before_a_revocation(
        self, story: Story
    ) -> None:
        filed = story.world.file(story.asked, story.world.post(story.asked, "xab"))
        refused(
            IdentityError,
            "statement 1, step 12 revocation",
            "revoked",
            story.world.case(filed, crls=self.crl(story, NOW + 3600)),
            story,
        )
        [report] = story.verify(story.world.case(filed)).statements
        assert Remark.ADDRESSEE_ALONE in report.shown.remarks

    def test_two_addressees_date_a_statement_by_the_second_word(self, story: Story) -> None:
        statement = story.world.sign("xaa", ["xab", "xac"], request())
        posts = [story.world.post(statement, to, at=at) for to, at in (("xab", NOW - 600), ("xac", NOW))]
        [report] = story.verify(story.world.case(story.world.file(statement, *posts))).statements
        assert report.shown.proven == Proven(NOW + 2, MemberId("xac"))

    def test_step_13_an_envelope_that_the_issuer_s_log_never_saw_dates_nothing(self, story: Story) -> None:
        filed = story.world.post(story.asked, "xab", via="relay")
        filed.ClearField("sent_proof")
        [report] = story.verify(story.world.case(story.world.file(story.asked, filed))).statements
        assert (report.deliveries[0].bound, report.shown.proven) == (False, None)
        case = story.world.case(story.world.file(story.asked, filed), crls=self.crl(story, NOW + 3600))
        refused(IdentityError, "statement 1, step 12 revocation", "revoked", case, story)

    def test_step_5_a_list_of_nobody_is_refused(self, story: Story) -> None:
        stranger = make_root("xad").crl([])
        case = story.world.case(*story.case.statements, crls=(stranger,))
        refused(CaseFileError, "step 5", "crl-signer", case, story)

    def test_step_5_a_list_that_does_not_parse_is_refused(self, story: Story) -> None:
        case = story.world.case(*story.case.statements, crls=(b"no list",))
        refused(IdentityError, "CRL step 1 form", "form", case, story)


class TestRefusals:
    """Each step refuses what it is there for."""

    def test_step_5_a_certificate_that_does_not_parse(self, story: Story) -> None:
        story.case.certificates.append(b"no certificate")
        with pytest.raises(IdentityError):
            story.verify()

    def test_step_6_a_changed_statement(self, story: Story) -> None:
        filed = story.case.statements[0]
        jws, _, rest = filed.sd_jwt.partition("~")
        header, payload, signature = jws.split(".")
        filed.sd_jwt = f"{header}.{payload}.{'A' * len(signature)}~{rest}"
        refused(StatementError, "statement 1, step 5: signature", "signature", story.case, story)

    def test_step_6_a_certificate_that_is_not_there(self, story: Story) -> None:
        del story.case.certificates[:]
        refused(CaseFileError, "statement 1, step 6", "certificate-missing", story.case, story)

    def test_step_7_a_certificate_that_its_member_did_not_issue(self, story: Story) -> None:
        false = make_root("xaa").issue(Role.STATEMENT)
        statement = story.world.sign("xaa", ["xab"], request(), papers=false)
        case = only(story.world, statement)
        case.certificates.append(false.der)
        refused(IdentityError, "statement 1, step 11 path", "path", case, story)

    def test_step_7_a_state_signing_for_another(self, story: Story) -> None:
        other = story.world.parties["xab"].papers
        statement = story.world.sign("xaa", ["xab"], request(), papers=other)
        refused(StatementError, "statement 1, step 7: parties", "issuer", only(story.world, statement), story)

    def test_step_7_a_node_certificate_signs_no_statement(self, story: Story) -> None:
        node = story.world.parties["xaa"].authority.issue(Role.NODE)
        case = only(story.world, story.world.sign("xaa", ["xab"], request(), papers=node))
        case.certificates.append(node.der)
        refused(CaseFileError, "statement 1, step 7", "not-a-statement-certificate", case, story)

    def test_a_certificate_under_an_intermediate_needs_the_intermediate_in_the_file(
        self, story: Story
    ) -> None:
        issuing = story.world.parties["xaa"].authority.intermediate()
        papers = issuing.issue(Role.STATEMENT)
        case = only(story.world, story.world.sign("xaa", ["xab"], request(), papers=papers))
        case.certificates.append(papers.der)
        refused(IdentityError, "statement 1, step 11 path", "path", case, story)
        case.certificates.append(issuing.der)
        assert story.verify(case).statements[0].shown.signer.member == "xaa"

    def test_step_7_a_certificate_not_valid_when_it_signed(self, story: Story) -> None:
        statement = story.world.sign("xaa", ["xab"], request(), at=NOW - 3 * DAY)
        refused(
            IdentityError, "statement 1, step 10 dates", "not-yet-valid", only(story.world, statement), story
        )

    def test_step_7_a_member_that_the_list_does_not_name(self, story: Story) -> None:
        stranger = World("xad", "xab")
        statement = stranger.sign("xad", ["xab"], request())
        case = stranger.case(stranger.file(statement))
        refused(TrustError, "statement 1, member", "no-member", case, story)

    def test_step_8_a_statement_twice(self, story: Story) -> None:
        case = story.world.case(story.case.statements[0], story.case.statements[0])
        refused(CaseFileError, "statement 2, step 8", "statement-twice", case, story)

    def test_step_9_an_envelope_from_somebody_else(self, story: Story) -> None:
        case = only(story.world, story.asked, from_member="xac")
        refused(CaseFileError, "statement 1, step 9", "other-parties", case, story)

    def test_step_9_an_envelope_to_somebody_who_is_not_addressed(self, story: Story) -> None:
        filed = story.world.post(story.asked, "xac")
        case = story.world.case(story.world.file(story.asked, filed))
        refused(CaseFileError, "statement 1, step 9", "other-parties", case, story)

    def test_step_9_an_exercise_flag_that_differs(self, story: Story) -> None:
        case = only(story.world, story.asked, exercise=True)
        refused(CaseFileError, "statement 1, step 9", "exercise", case, story)

    def test_step_9_a_header_that_is_none(self, story: Story) -> None:
        story.case.statements[0].envelopes[0].header = b"\x00"
        refused(EnvelopeError, "statement 1, step 2", "not-a-header", story.case, story)

    def test_step_10_a_proof_that_does_not_hold(self, story: Story) -> None:
        filed = story.case.statements[0].envelopes[0]
        filed.receipts[1].proof = filed.receipts[1].proof.replace(b"accepted", b"accepteD")
        refused(EvidenceError, "statement 1, proof step 3", "unknown-entry", story.case, story)

    def test_step_10_a_log_key_that_the_list_does_not_name(self, story: Story) -> None:
        other = World("xaa", "xab")
        proof = other.prove("xab", PolicyActivated(sha256=bytes(32), artefact=b"", time=NOW))
        story.case.statements[0].envelopes[0].receipts[1].proof = proof
        refused(EvidenceError, "statement 1, note step 2", "unknown-key", story.case, story)

    def test_step_11_a_sender_s_proof_of_another_envelope(self, story: Story) -> None:
        envelopes = [one.envelopes[0] for one in story.case.statements]
        envelopes[0].sent_proof = envelopes[1].sent_proof
        refused(CaseFileError, "statement 1, step 11", "other-entry", story.case, story)

    def test_step_11_a_receipt_of_another_envelope(self, story: Story) -> None:
        envelopes = [one.envelopes[0] for one in story.case.statements]
        envelopes[0].receipts[1].proof = envelopes[1].receipts[0].proof
        refused(CaseFileError, "statement 1, step 11", "other-entry", story.case, story)

    def test_step_11_a_sender_s_proof_of_another_statement(self, story: Story) -> None:
        other = story.world.sign("xaa", ["xab"], request())
        case = only(story.world, story.asked, sent_statement=other)
        refused(CaseFileError, "statement 1, step 11", "other-statement", case, story)

    def test_step_11_a_sender_s_proof_of_another_number(self, story: Story) -> None:
        case = only(story.world, story.asked, sent_seq=2)
        refused(CaseFileError, "statement 1, step 11", "other-road", case, story)

    def test_step_11_a_receipt_of_another_road(self, story: Story) -> None:
        refused(
            CaseFileError, "statement 1, step 11", "other-road", only(story.world, story.asked, seq=2), story
        )

    def test_step_11_a_receipt_in_the_log_of_a_third_member(self, story: Story) -> None:
        case = only(story.world, story.asked, receiver="xac")
        refused(CaseFileError, "statement 1, step 11", "other-member", case, story)

    def test_step_11_custody_in_the_log_of_another_relay(self, story: Story) -> None:
        case = only(story.world, story.asked, via="relay", custodian="xac")
        refused(CaseFileError, "statement 1, step 11", "other-member", case, story)

    def test_step_11_a_receipt_under_a_wrong_name(self, story: Story) -> None:
        story.case.statements[0].envelopes[0].receipts[1].from_member = "xac"
        refused(CaseFileError, "statement 1, step 11", "other-member", story.case, story)

    def test_step_11_a_receipt_for_another_statement(self, story: Story) -> None:
        case = only(story.world, story.asked, commitment=bytes(32))
        refused(CaseFileError, "statement 1, step 11", "other-statement", case, story)

    def test_step_12_a_log_that_was_split(self, story: Story) -> None:
        world = story.world
        one = world.file(story.asked, world.post(story.asked, "xab"))
        size = world.parties["xab"].log.frontier.size
        world.parties["xab"].log = Log(world.parties["xab"].log.key)
        twins = [world.sign("xaa", ["xab"], request()) for _ in range(size)]
        posts = [world.post(twin, "xab") for twin in twins]
        case = world.case(one, world.file(twins[-1], posts[-1]))
        refused(CaseFileError, "statement 2, step 12", "split-log", case, story)

    def test_step_14_a_photograph_that_nothing_names(self, story: Story) -> None:
        story.case.statements[0].parts.append(b"another picture")
        refused(CaseFileError, "statement 1, step 14", "stray-part", story.case, story)


class TestExhibits:
    """A statement inside another is proved as far as the first."""

    def share(self, story: Story, *exhibits: object) -> CaseFile:
        message = Share(reason="SHARE_REASON_CASE", exhibits=exhibits)  # type: ignore[arg-type]
        return only(story.world, story.world.sign("xac", ["xab"], message, at=NOW + 5))

    def test_an_exhibit_shows_its_own_signer_and_what_was_left_out(self, story: Story) -> None:
        exhibit = story.world.exhibit(story.asked, lambda path: path != "ground_text")
        [report] = story.verify(self.share(story, exhibit)).statements
        [shown] = report.shown.exhibits
        assert (report.shown.signer.member, shown.shown.signer.member) == ("xac", "xaa")
        assert (shown.shown.digest, shown.dropped) == (story.asked.digest, ("ground_text",))
        assert ClassCount(Sensitivity.LAW_ENFORCEMENT, 0, 1) in shown.shown.classes
        assert shown.remarks == ()

    def test_an_exhibit_is_as_old_as_the_statement_that_holds_it_is_proved(self, story: Story) -> None:
        case = self.share(story, story.world.exhibit(story.asked))
        assert story.verify(case).statements[0].shown.exhibits[0].shown.proven == Proven(
            NOW + 2, story.world.trust.members[1].id, alone=True
        )

    def test_an_exhibit_that_is_filed_itself_keeps_its_own_earlier_time(self, story: Story) -> None:
        case = self.share(story, story.world.exhibit(story.asked))
        case.statements.insert(0, story.case.statements[0])
        assert story.verify(case).statements[1].shown.exhibits[0].shown.proven == Proven(
            NOW + 1, story.world.trust.members[3].id
        )

    def test_a_referral_carries_exhibits_too(self, story: Story) -> None:
        message = Referral(
            requester="xaa",
            request_digest=encode_b64(story.asked.digest),
            exhibits=[story.world.exhibit(story.asked)],
        )
        case = only(story.world, story.world.sign("xac", ["xab"], message))
        assert story.verify(case).statements[0].shown.exhibits[0].shown.signer.member == "xaa"

    def test_photographs_of_an_exhibit_travel_with_the_share(self, story: Story) -> None:
        case = self.share(story, story.world.exhibit(story.asked))
        case.statements[0].parts.append(PICTURE)
        assert story.verify(case).statements[0].remarks == ()

    def test_step_15_a_changed_exhibit(self, story: Story) -> None:
        exhibit = story.world.exhibit(story.asked)
        exhibit.jws = exhibit.jws[:-4] + "AAAA"
        refused(
            StatementError,
            "statement 1, exhibit 1, step 5: signature",
            "signature",
            self.share(story, exhibit),
            story,
        )

    def test_step_15_another_statement_than_the_one_named(self, story: Story) -> None:
        exhibit = story.world.exhibit(story.asked, statement_digest=encode_b64(bytes(32)))
        where = "statement 1, exhibit 1, step 15"
        refused(CaseFileError, where, "exhibit-digest", self.share(story, exhibit), story)

    def test_step_15_a_field_listed_under_a_lower_class(self, story: Story) -> None:
        exhibit = story.world.exhibit(story.asked)
        exhibit.object_disclosures.extend(exhibit.law_enforcement_disclosures)
        del exhibit.law_enforcement_disclosures[:]
        where = "statement 1, exhibit 1, step 15"
        refused(CaseFileError, where, "exhibit-class", self.share(story, exhibit), story)

    def test_step_15_exhibits_too_deep(self, story: Story) -> None:
        inner = story.asked
        for _ in range(5):
            message = Share(reason="SHARE_REASON_CASE", exhibits=[story.world.exhibit(inner)])
            inner = story.world.sign("xac", ["xab"], message)
        with pytest.raises(CaseFileError) as refusal:
            story.verify(only(story.world, inner))
        assert refusal.value.reason == "exhibits-too-deep"

    def test_step_15_the_issuer_of_an_exhibit_revoked_before_it_was_proved(self, story: Story) -> None:
        party = story.world.parties["xaa"]
        case = self.share(story, story.world.exhibit(story.asked))
        case.crls.append(party.authority.crl([party.papers.certificate], revoked_at=NOW + 1))
        where = "statement 1, exhibit 1, step 12 revocation"
        refused(IdentityError, where, "revoked", case, story)

    def test_a_forwarder_who_shows_what_he_lists_as_dropped_is_remarked(self, story: Story) -> None:
        exhibit = story.world.exhibit(story.asked)
        exhibit.dropped.append("items.0.object")
        [report] = story.verify(self.share(story, exhibit)).statements
        assert report.shown.exhibits[0].remarks == (Remark.DROPPED_BUT_SHOWN,)

    def test_a_forwarder_who_loses_a_restriction_is_remarked(self, story: Story) -> None:
        bound = (Restriction("RESTRICTION_CODE_NO_PUBLICATION"),)
        inner = story.world.exhibit(story.world.sign("xaa", ["xab"], request(), restrictions=bound))
        passed_on = Share(reason="SHARE_REASON_CASE", exhibits=[inner])
        exhibit = story.world.exhibit(story.world.sign("xab", ["xac"], passed_on))
        [report] = story.verify(self.share(story, exhibit)).statements
        assert report.shown.exhibits[0].remarks == (Remark.RESTRICTION_LOST,)
        exhibit.restrictions.add(code="RESTRICTION_CODE_NO_PUBLICATION")
        [report] = story.verify(self.share(story, exhibit)).statements
        assert not report.shown.exhibits[0].remarks

    def test_a_restriction_on_fields_goes_on_as_one_on_what_they_are_in(self, story: Story) -> None:
        bound = (Restriction("RESTRICTION_CODE_NO_PUBLICATION", field_paths=("items.0.object",)),)
        inner = story.world.exhibit(story.world.sign("xaa", ["xab"], request(), restrictions=bound))
        passed_on = Share(reason="SHARE_REASON_CASE", exhibits=[inner])
        exhibit = story.world.exhibit(story.world.sign("xab", ["xac"], passed_on))
        laid = exhibit.restrictions.add(
            code="RESTRICTION_CODE_NO_PUBLICATION", field_paths=["items.0.object"]
        )
        for path, remarks in (("items.0.object", (Remark.RESTRICTION_LOST,)), ("exhibits.0", ())):
            laid.field_paths[:] = [path]
            [report] = story.verify(self.share(story, exhibit)).statements
            assert report.shown.exhibits[0].remarks == remarks

    def test_a_consent_that_is_not_in_the_file_is_remarked(self, story: Story) -> None:
        consent = digest_of(b"consent")
        exhibit = story.world.exhibit(story.asked, consent_digest=encode_b64(consent))
        [report] = story.verify(self.share(story, exhibit)).statements
        assert report.shown.exhibits[0].consent == StatementDigest(consent)
        assert Remark.CONSENT_MISSING in report.remarks


class TestAnchor:
    """Somebody's word for who is needed; everything else is consistency."""

    def test_step_16_without_an_anchor_the_report_comes_with_the_error(self, story: Story) -> None:
        with pytest.raises(UnanchoredCaseError) as refusal:
            verify_casefile(story.case, None, now=NOW)
        assert (refusal.value.exit_code, refusal.value.code) == (3, "no-anchor")
        report = refusal.value.report
        assert report is not None
        assert not report.anchored
        assert [one.shown.signer.member for one in report.statements] == ["xaa", "xab"]

    def test_the_fingerprint_of_the_list_in_the_file_is_an_anchor(self, story: Story) -> None:
        trust = anchor_of(story.case, story.world.fingerprint)
        assert verify_casefile(story.case, trust, now=NOW).anchored

    def test_another_fingerprint_is_none(self, story: Story) -> None:
        with pytest.raises(TrustError) as refusal:
            anchor_of(story.case, "00" * 32)
        assert refusal.value.reason == "other-fingerprint"

    def test_a_forged_world_is_consistent_and_nobody_s_word(self, story: Story) -> None:
        forged = World("xaa", "xab")
        case = forged.case(forged.file(forged.sign("xaa", ["xab"], request())))
        with pytest.raises(UnanchoredCaseError):
            verify_casefile(case, None, now=NOW)
        with pytest.raises(IdentityError):
            story.verify(case)

    def test_a_file_without_a_list_of_its_own_has_no_report(self, story: Story) -> None:
        story.case.ClearField("trust_list")
        with pytest.raises(UnanchoredCaseError) as refusal:
            verify_casefile(story.case, None, now=NOW)
        assert refusal.value.report is None

    def test_an_inconsistent_file_is_not_called_consistent(self, story: Story) -> None:
        story.case.statements[0].parts.append(b"another picture")
        with pytest.raises(CaseFileError):
            verify_casefile(story.case, None, now=NOW)


# A changed certificate may have a serial number that the library only warns of.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_what_is_damaged_behind_a_right_digest_is_an_error_of_ours_or_proves_the_same(story: Story) -> None:
    """A forger can repair the digest of the container; then the signatures stand guard."""
    content = story.case.SerializeToString(deterministic=True)
    expected = [_essence(one) for one in story.verify().statements]
    chance = random.Random(7)
    for _ in range(400):
        at, mask = chance.randrange(len(content)), chance.randrange(1, 256)
        changed = content[:at] + bytes([content[at] ^ mask]) + content[at + 1 :]
        try:
            report = story.verify(read_casefile(_container(changed)))
        except TracepostError:
            continue
        assert all(_essence(one) in expected for one in report.statements)


def test_the_golden_file_still_proves_what_it_proved() -> None:
    """Evidence does not expire."""
    expected = json.loads((generate.HERE / "expected.json").read_text(encoding="utf-8"))
    case = read_casefile((generate.HERE / "case.tracepost").read_bytes())
    trust = load_first((generate.HERE / "trust.json").read_bytes(), fingerprint=expected["fingerprint"])
    report = verify_casefile(case, trust, now=expected["now"])
    assert json.loads(json.dumps(generate.summarise(report))) == expected["statements"]


def _essence(report: StatementReport) -> tuple[object, ...]:
    shown = report.shown
    return shown.digest, shown.kind, shown.signer.member, shown.signed_at


class TestDeletions:
    """What the exporter deleted is told as deleted, by its log; anything else about it is refused."""

    def case(self, **changed: object) -> tuple[World, Statement, CaseFile]:
        world = World("xaa", "xab")
        asked = world.sign("xaa", ["xab"], TraceRequest(file_number="T-1"))
        answered = world.sign("xab", ["xaa"], Acknowledgement(file_number="B-9"), in_reply_to=asked)
        case = world.case(world.file(answered, world.post(answered, "xaa")))
        case.deletions.append(world.deletion(asked, at=NOW + 90, **changed))
        return world, asked, case

    def report(self, world: World, case: CaseFile) -> CaseReport:
        return verify_casefile(read_casefile(write_casefile(case)), world.trust, now=NOW + DAY)

    def test_the_predecessor_is_deleted_and_not_missing(self) -> None:
        world, asked, case = self.case()
        report = self.report(world, case)
        [gone], [answer] = report.deletions, report.statements
        assert (gone.statement, gone.issuer, gone.jti) == (asked.digest, "xaa", asked.claims.jti)
        assert (gone.at, gone.by, gone.cause) == (NOW + 90, "xaa", DeletionCause.DELETE_AFTER)
        assert answer.remarks == (Remark.PREDECESSOR_DELETED,)
        assert report.missing == ()

    @pytest.mark.parametrize(
        ("approvals", "cause"), [(b"", DeletionCause.OFFICER), (b"a" * 32, DeletionCause.TWO_OFFICERS)]
    )
    def test_it_is_told_whose_word_it_took(self, approvals: bytes, cause: DeletionCause) -> None:
        world, _, case = self.case(decision=b"d" * 32, approvals=approvals)
        assert [one.cause for one in self.report(world, case).deletions] == [cause]

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"action": "open"}, "other-entry"),
            ({"member": "xab"}, "other-member"),
            ({"digest": b"x" * 32}, "other-statement"),
        ],
        ids=["no-deletion", "log-of-another", "another-statement"],
    )
    def test_an_entry_about_something_else_is_refused(self, changed: dict[str, object], reason: str) -> None:
        world, _, case = self.case(**changed)
        with pytest.raises(CaseFileError) as refusal:
            self.report(world, case)
        assert refusal.value.reason == reason

    def test_what_is_there_was_not_deleted_and_nothing_is_deleted_twice(self) -> None:
        world, asked, case = self.case()
        case.deletions.append(world.deletion(asked))
        with pytest.raises(CaseFileError) as refusal:
            self.report(world, case)
        assert refusal.value.reason == "statement-twice"
        del case.deletions[1:]
        case.statements.append(world.file(asked))
        with pytest.raises(CaseFileError) as refusal:
            self.report(world, case)
        assert refusal.value.reason == "statement-twice"

    def test_a_reader_that_does_not_know_them_tells_of_a_missing_predecessor(self) -> None:
        world, asked, case = self.case()
        del case.deletions[:]
        case.MergeFromString(bytes([0xC2, 0x3E, 1, 0]))  # field 1000: newer than this reader
        report = self.report(world, case)
        assert report.statements[0].remarks == (Remark.PREDECESSOR_MISSING,)
        assert report.missing == (asked.digest,)

    def test_the_golden_file_says_what_it_said(self) -> None:
        expected = json.loads((generate.HERE / "deleted.json").read_text(encoding="utf-8"))
        case = read_casefile((generate.HERE / "deleted.tracepost").read_bytes())
        trust = load_first(
            (generate.HERE / "deleted.trust.json").read_bytes(), fingerprint=expected["fingerprint"]
        )
        report = verify_casefile(case, trust, now=expected["now"])
        assert json.loads(json.dumps(generate.summarise(report))) == expected["statements"]
        assert json.loads(json.dumps(generate.deletions_of(report))) == expected["deletions"]
