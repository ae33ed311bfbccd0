"""The member's own policies: proposed by one officer, in force by the word of another, and from then on decided by."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.devices import Device
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from fakes.pki import DOMAIN
from tracepost.node.gate import Action, Context, Gate
from tracepost.node.handlers.case.standing import Standing
from tracepost.node.handlers.desks.policy_words import digest_of, read_words
from tracepost.node.policies.in_force import load_policies
from tracepost.node.policies.own import check_additions
from tracepost.node.records.papers import PolicyRecord
from tracepost.protocol.approval import Decision, of_policy
from tracepost.protocol.errors import (
    ApprovalError,
    ConfigurationError,
    ConflictError,
    IdentityError,
    InvalidInputError,
    InvalidPolicyError,
    NotFoundError,
    PermissionError_,
    PolicyError,
)
from tracepost.protocol.evidence import Opened, PolicyActivated, Signed, parse_entry
from tracepost.protocol.identity import Role, verify_identity
from tracepost.protocol.ids import DeskId, encode_b64
from tracepost.protocol.policy import PolicyVersion, text_digest
from tracepost.protocol.schema import Sensitivity
from tracepost.sdk import OfficerPapers
from tracepost.sdk.passkeys import answer_word, ask_word, endorse
from tracepost.sdk.policies import make_decision, make_proposal
from tracepost.serving.callers import Caller, set_caller
from tracepost.wire.v1 import desk_pb2, office_pb2, options_pb2
from tracepost.wire.v1.post_pb2 import Announcement

NO_NARRATIVE = '@id("no-narrative") forbid (principal, action, resource == Class::"CRIMINAL_JUSTICE");'
NO_CONTACTS = '@id("no-contacts") forbid (principal, action == Action::"open", resource == Class::"CONTACT");'
FOR_OTHERS = '@id("panels") permit (principal, action, resource == Class::"LAW_ENFORCEMENT");'
IN_FORCE, PROPOSED = desk_pb2.POLICY_STATE_IN_FORCE, desk_pb2.POLICY_STATE_PROPOSED


@dataclass
class Officer:
    """An officer of a house with a key of his own."""

    house: House
    papers: OfficerPapers
    identity: Caller

    def sits(self) -> None:
        """Be the caller from now on."""
        set_caller(self.identity)

    async def view(self, *, with_text: bool = True) -> desk_pb2.PolicyView:
        self.sits()
        request = desk_pb2.ShowPoliciesRequest(with_text=with_text)
        return await self.house.desk.ShowPolicies(request, NO_CONTEXT)

    async def propose(self, text: str, note: str = "Why.") -> desk_pb2.PolicyVersion:
        made = make_proposal(
            await self.view(), text, note, self.papers, domain=DOMAIN, now=self.house.clock()
        )
        self.sits()
        return await self.house.desk.ProposePolicy(made, NO_CONTEXT)

    async def decide(
        self, version: int, decision: Decision = Decision.APPROVED, signed_by: Officer | None = None
    ) -> desk_pb2.PolicyVersion:
        [proposed] = [v for v in (await self.view()).versions if v.version == version]
        papers = (signed_by or self).papers
        word = make_decision(proposed, decision, papers, self.house.clock())
        self.sits()
        return await self.house.desk.DecidePolicy(word, NO_CONTEXT)


def officer(house: House, number: str) -> Officer:
    issued = house.identities.authority.issue(
        Role.OFFICER, officer=number, desks=[d.desk for d in house.office.desks]
    )
    root = house.identities.authority
    identity = verify_identity(
        issued.certificate, [], [root.certificate], at=house.clock(), domain=DOMAIN, revoked=None
    )
    papers = OfficerPapers(issued.chain_pem, issued.key_pem, root.pem)
    return Officer(house, papers, Caller(identity, "test", "test"))


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab") as street:
        yield street


@pytest.fixture
def house(street: Street) -> House:
    return street["xaa"]


@pytest.fixture
def one(house: House) -> Officer:
    return officer(house, "1")


@pytest.fixture
def two(house: House) -> Officer:
    return officer(house, "2")


async def records(house: House) -> list[PolicyRecord]:
    return await house.store.read(lambda tx: tx.policies.all())


async def activate(one: Officer, two: Officer, text: str) -> desk_pb2.PolicyVersion:
    made = await one.propose(text)
    return await two.decide(made.version)


async def restarted(house: House) -> Gate:
    """Return the gate of a node that starts on this house's store."""
    policies = await load_policies(house.store, house.papers, house.member, house.clock(), os.urandom)
    return Gate(policies)


async def propose_by_passkey(by: Officer, text: str) -> office_pb2.Passkey:
    """Propose by a passkey that is endorsed for it; return the passkey."""
    house, device, number = by.house, Device(), by.identity.known().officer or ""
    view, now = await by.view(), house.clock()
    said = endorse(device.request(number), by.papers, domain=DOMAIN, now=now)
    passkey = await house.own_office.EndorsePasskey(said, NO_CONTEXT)
    made = make_proposal(view, text, "Why.", by.papers, domain=DOMAIN, now=now)
    base, digest = bytes.fromhex(made.base_sha256), text_digest(text)
    document = PolicyVersion(house.member, made.version, base, digest, number, now, "Why.").digest
    asked = ask_word(of_policy(document), Decision.APPROVED, made.certificates[0], now)
    made.approval = answer_word(asked, device.answer(asked.challenge), [passkey])
    await house.desk.ProposePolicy(made, NO_CONTEXT)
    return passkey


class TestTwoOfficers:
    async def test_a_proposal_is_not_in_force(self, house: House, one: Officer) -> None:
        before = house.gate.policy_sha256
        made = await one.propose(NO_NARRATIVE)
        assert (made.version, made.state, made.proposed_by) == (1, PROPOSED, "officer-1")
        assert house.gate.policy_sha256 == before
        assert await restarted_digest(house) == before

    async def test_another_officer_puts_it_in_force(self, house: House, one: Officer, two: Officer) -> None:
        made = await activate(one, two, NO_NARRATIVE)
        assert (made.state, made.decided_by) == (IN_FORCE, "officer-2")
        assert house.gate.policy_sha256 == check_additions(NO_NARRATIVE).policies.sha256
        assert made.set_sha256 == house.gate.policy_sha256.hex()

    @pytest.mark.parametrize("stands", [True, False])
    async def test_a_passkey_that_proposed_is_looked_up_again_when_it_is_put_in_force(
        self, house: House, one: Officer, two: Officer, *, stands: bool
    ) -> None:
        passkey = await propose_by_passkey(one, NO_NARRATIVE)
        if stands:
            assert (await two.decide(1)).state == IN_FORCE
            return
        one.sits()
        request = office_pb2.EndPasskeyRequest(credential=passkey.credential)
        await house.own_office.EndPasskey(request, NO_CONTEXT)
        with pytest.raises(ApprovalError) as refused:
            await two.decide(1)
        assert refused.value.reason == "not-endorsed"
        assert [r.state for r in await records(house)] == ["PROPOSED"]
        assert house.gate.policy_sha256 == check_additions("").policies.sha256

    async def test_nobody_approves_what_he_proposed(self, house: House, one: Officer) -> None:
        await one.propose(NO_NARRATIVE)
        with pytest.raises(PermissionError_) as refused:
            await one.decide(1)
        assert refused.value.reason == "own-proposal"
        assert "second" in refused.value.what_to_do
        # Nor with another certificate of his.
        with pytest.raises(PermissionError_):
            await officer(house, "1").decide(1)
        assert [r.state for r in await records(house)] == ["PROPOSED"]

    async def test_an_approval_that_another_officer_signed_is_refused(
        self, house: House, one: Officer, two: Officer
    ) -> None:
        await one.propose(NO_NARRATIVE)
        with pytest.raises(ApprovalError) as refused:
            await one.decide(1, signed_by=two)
        assert refused.value.reason == "other-officer"
        assert house.gate.policy_sha256 == check_additions("").policies.sha256

    async def test_an_approval_of_an_earlier_version_with_the_same_text_is_none(
        self, house: House, one: Officer, two: Officer
    ) -> None:
        await activate(one, two, NO_NARRATIVE)
        [first] = [v for v in (await two.view()).versions if v.version == 1]
        old = make_decision(first, Decision.APPROVED, two.papers, house.clock())
        await activate(one, two, "")
        await one.propose(NO_NARRATIVE)
        old.version = 3
        two.sits()
        with pytest.raises(ApprovalError) as refused:
            await house.desk.DecidePolicy(old, NO_CONTEXT)
        assert refused.value.reason == "other-subject"

    async def test_the_proposer_withdraws_and_another_refuses(
        self, house: House, one: Officer, two: Officer
    ) -> None:
        await one.propose(NO_NARRATIVE)
        assert (await one.decide(1, Decision.REFUSED)).state == desk_pb2.POLICY_STATE_WITHDRAWN
        await one.propose(NO_NARRATIVE)
        assert (await two.decide(2, Decision.REFUSED)).state == desk_pb2.POLICY_STATE_REFUSED
        for version in (1, 2):
            with pytest.raises(ConflictError) as refused:
                await two.decide(version)
            assert refused.value.reason == "decided"
        assert house.gate.policy_sha256 == check_additions("").policies.sha256
        assert (await one.propose(NO_NARRATIVE)).version == 3

    async def test_one_proposal_at_a_time_and_versions_rise(self, one: Officer, two: Officer) -> None:
        await one.propose(NO_NARRATIVE)
        with pytest.raises(ConflictError) as refused:
            await two.propose(NO_CONTACTS)
        assert refused.value.reason == "proposal-open"
        with pytest.raises(NotFoundError):
            await decide_unseen(two, 7)

    async def test_the_proposer_whose_certificate_was_taken_back_does_not_count(
        self, house: House, one: Officer, two: Officer
    ) -> None:
        await one.propose(NO_NARRATIVE)
        authority = house.identities.authority
        crl = authority.crl([one.papers.certificates()[0]], number=2)
        house.papers.take(Announcement(member=house.member, crl=crl), house.clock())
        with pytest.raises(IdentityError) as refused:
            await two.decide(1)
        assert refused.value.reason == "revoked"
        assert [r.state for r in await records(house)] == ["PROPOSED"]


async def decide_unseen(officer: Officer, version: int) -> None:
    """Approve a version that nobody proposed."""
    [proposed] = (await officer.view()).versions
    word = make_decision(proposed, Decision.APPROVED, officer.papers, officer.house.clock())
    word.version = version
    await officer.house.desk.DecidePolicy(word, NO_CONTEXT)


async def restarted_digest(house: House) -> bytes:
    return (await restarted(house)).policy_sha256


class TestProposals:
    async def test_a_permit_for_the_data_of_others_is_refused_with_the_policy_named(
        self, one: Officer
    ) -> None:
        with pytest.raises(InvalidPolicyError) as refused:
            await one.propose(FOR_OTHERS)
        assert (refused.value.where, refused.value.reason) == ("policy panels", "permit-for-others")

    async def test_what_was_checked_against_another_base_set_is_refused(
        self, house: House, one: Officer
    ) -> None:
        view = await one.view()
        view.base_sha256 = "00" * 32
        made = make_proposal(view, NO_NARRATIVE, "", one.papers, domain=DOMAIN, now=house.clock())
        with pytest.raises(ConflictError) as refused:
            await house.desk.ProposePolicy(made, NO_CONTEXT)
        assert refused.value.reason == "other-base"

    @pytest.mark.parametrize("change", ["text", "note", "version"])
    async def test_a_proposal_that_was_changed_on_the_way_has_no_approval(
        self, house: House, one: Officer, change: str
    ) -> None:
        made = make_proposal(await one.view(), NO_NARRATIVE, "", one.papers, domain=DOMAIN, now=house.clock())
        setattr(made, change, {"text": NO_CONTACTS, "note": "other", "version": 2}[change])
        with pytest.raises(ApprovalError) as refused:
            await house.desk.ProposePolicy(made, NO_CONTEXT)
        assert refused.value.reason == "other-subject"

    async def test_a_version_that_is_not_the_next_is_refused(self, house: House, one: Officer) -> None:
        view = await one.view()
        view.versions.add(version=4)
        made = make_proposal(view, NO_NARRATIVE, "", one.papers, domain=DOMAIN, now=house.clock())
        with pytest.raises(ConflictError) as refused:
            await house.desk.ProposePolicy(made, NO_CONTEXT)
        assert refused.value.reason == "version"

    async def test_a_proposal_of_another_clock_is_refused(self, house: House, one: Officer) -> None:
        late = house.clock() - 4000
        made = make_proposal(await one.view(), NO_NARRATIVE, "", one.papers, domain=DOMAIN, now=late)
        with pytest.raises(InvalidInputError) as refused:
            await house.desk.ProposePolicy(made, NO_CONTEXT)
        assert refused.value.reason == "clock"

    async def test_an_officer_is_not_asked_to_sign_for_another_text_than_was_shown(
        self, house: House, one: Officer, two: Officer
    ) -> None:
        await one.propose(NO_NARRATIVE)
        [proposed] = (await two.view()).versions
        proposed.text = NO_CONTACTS
        with pytest.raises(PolicyError):
            make_decision(proposed, Decision.APPROVED, two.papers, house.clock())


class TestInForce:
    async def test_the_gate_decides_by_it_at_once_for_reading_and_sealing(
        self, street: Street, one: Officer, two: Officer
    ) -> None:
        house = street["xaa"]
        [before] = await house.submit(draft(m.rich_request("T-1"), to=["xab"], parts=[m.PICTURE, m.SCENE]))
        assert "CRIMINAL_JUSTICE" in await classes_shown(house, "T-1")
        await activate(one, two, NO_NARRATIVE)
        assert "CRIMINAL_JUSTICE" not in await classes_shown(house, "T-1")
        [after] = await house.submit(draft(m.rich_request("T-2"), to=["xab"], parts=[m.PICTURE, m.SCENE]))
        unsent = {u.path for u in after.unsent} - {u.path for u in before.unsent}
        assert unsent, "what nobody may be sealed is told as not sent"
        await street.carry()
        assert "CRIMINAL_JUSTICE" in await classes_shown(street["xab"], "T-1")
        assert "CRIMINAL_JUSTICE" not in await classes_shown(street["xab"], "T-2")

    async def test_a_permit_for_own_data_does_not_reach_what_we_show_of_others(self, tmp_path: Path) -> None:
        text = """@id("poc-reads-own") permit (principal, action == Action::"open", resource == Class::"PERSONAL")
            when { context.author && principal.point_of_contact };"""
        async with open_street(tmp_path / "three", "xaa", "xab", "xac") as street:
            house = street["xab"]
            await activate(officer(house, "1"), officer(house, "2"), text)
            asked = draft(m.rich_request(), to=["xab"], parts=[m.PICTURE, m.SCENE])
            [sent] = await street["xaa"].submit(asked)
            await street.carry()
            [told] = await house.submit(draft(m.share(sent.statement), to=["xac"], desk="police"))
            for desk, sees in (("police", True), ("poc", False)):
                request = desk_pb2.ShowCaseRequest(case=told.thread)
                [shown] = (await house.as_officer(desk).ShowCase(request, NO_CONTEXT)).statements
                [exhibit] = shown.content.share.exhibits
                assert bool(exhibit.personal_disclosures) is sees, desk
                assert exhibit.object_disclosures, desk

    async def test_entries_after_it_carry_the_digest_of_the_new_set(
        self, street: Street, one: Officer, two: Officer
    ) -> None:
        house = street["xaa"]
        await house.submit(draft(m.rich_request("T-1"), to=["xab"], parts=[m.PICTURE, m.SCENE]))
        await classes_shown(house, "T-1")
        made = await activate(one, two, NO_NARRATIVE)
        await classes_shown(house, "T-1")
        await house.submit(draft(m.rich_request("T-2"), to=["xab"], parts=[m.PICTURE, m.SCENE]))
        lines = await house.store.read(lambda tx: tx.log.lines(range(house.store.evidence.head.size)))
        entries = [parse_entry(line.preimage) for _, line in sorted(lines.items())]
        [told] = [e for e in entries if isinstance(e, PolicyActivated)]
        place = entries.index(told)
        [record] = await records(house)
        assert place == made.log_index
        assert (told.sha256.hex(), told.artefact) == (made.set_sha256, b"")
        assert told.approvals == digest_of(read_words(record.words)) != b""
        assert len(read_words(record.words)) == 2
        opened = [(i, e.decision) for i, e in enumerate(entries) if isinstance(e, Opened)]
        assert len(opened) == 2, "the same look on the same day is told again under another set"
        signed = [(i, e.decision) for i, e in enumerate(entries) if isinstance(e, Signed)]
        for (one_at, old), (two_at, new) in (opened, signed):
            assert one_at < place < two_at
            assert old != new
        desk = house.office.desk(DeskId("police"))
        context = house.office.context(desk, DeskId("poc"))
        assert opened[1][1].hex() == house.gate.digest(desk.reader, Action.OPEN, context)

    async def test_it_is_in_force_after_a_restart(self, house: House, one: Officer, two: Officer) -> None:
        await activate(one, two, NO_NARRATIVE)
        gate = await restarted(house)
        assert gate.policy_sha256 == house.gate.policy_sha256
        reader = house.office.desk(DeskId("police")).reader
        decided = gate.decide(reader, Action.OPEN, Sensitivity.CRIMINAL_JUSTICE, Context(on_case=True))
        assert decided.policy_ids == ("no-narrative",)

    async def test_going_back_is_an_older_text_under_a_new_version(
        self, house: House, one: Officer, two: Officer
    ) -> None:
        first = await activate(one, two, NO_NARRATIVE)
        await activate(two, one, NO_CONTACTS)
        third = await activate(one, two, NO_NARRATIVE)
        assert (third.version, third.set_sha256) == (3, first.set_sha256)
        states = [(v.version, v.state) for v in (await one.view()).versions]
        replaced = desk_pb2.POLICY_STATE_REPLACED
        assert states == [(3, IN_FORCE), (2, replaced), (1, replaced)]

    async def test_the_status_and_the_audit_trail_tell_of_it(
        self, house: House, one: Officer, two: Officer
    ) -> None:
        one.sits()
        assert not (await house.desk.GetStatus(desk_pb2.GetStatusRequest(), NO_CONTEXT)).HasField(
            "policy_version"
        )
        made = await activate(one, two, NO_NARRATIVE)
        status = await house.desk.GetStatus(desk_pb2.GetStatusRequest(), NO_CONTEXT)
        assert (status.policy_version, status.policy_sha256) == (1, made.set_sha256)
        assert not status.policy_base_changed
        trail = await house.store.read(lambda tx: tx.audit.about(["policy 1"]))
        assert [(t.event.actor, t.event.action) for t in trail] == [
            ("officer-1", "policy-propose"),
            ("officer-2", "policy-activate"),
        ]

    async def test_a_change_waits_for_what_is_under_way_and_what_comes_waits_for_it(self) -> None:
        standing, told = Standing(), list[str]()
        release = asyncio.Event()

        async def work(name: str) -> None:
            async with standing.held():
                told.append(f"{name} begins")
                await release.wait()
                told.append(f"{name} ends")

        async def change() -> None:
            async with standing.changed():
                told.append("changed")

        first = asyncio.create_task(work("old"))
        await asyncio.sleep(0)
        changing = asyncio.create_task(change())
        await asyncio.sleep(0)
        second = asyncio.create_task(work("new"))
        await asyncio.sleep(0)
        assert told == ["old begins"]
        release.set()
        await asyncio.gather(first, changing, second)
        assert told == ["old begins", "old ends", "changed", "new begins", "new ends"]


class TestStart:
    """In doubt a node does not start: without its own policies it would give out what they hold back."""

    async def test_another_base_set_is_told_in_log_and_status(
        self, house: House, one: Officer, two: Officer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await activate(one, two, NO_NARRATIVE)
        newer = check_base() + '\n@id("newer") forbid (principal, action, resource == Class::"CONTACT");'
        use_base(monkeypatch, newer)
        gate = await restarted(house)
        reader = house.office.desk(DeskId("police")).reader
        for of_class, policy in (
            (Sensitivity.CRIMINAL_JUSTICE, "no-narrative"),
            (Sensitivity.CONTACT, "newer"),
        ):
            assert gate.decide(reader, Action.OPEN, of_class, Context(on_case=True)).policy_ids == (policy,)
        [record] = await records(house)
        assert record.set_sha256 == gate.policy_sha256 != house.gate.policy_sha256
        number = record.log_number
        assert number is not None
        line = (await house.store.read(lambda tx: tx.log.lines([number])))[number]
        assert parse_entry(line.preimage) == PolicyActivated(
            gate.policy_sha256, b"", house.clock(), digest_of(read_words(record.words))
        )
        assert (await restarted(house)).policy_sha256 == gate.policy_sha256
        assert (await records(house))[0].log_number == number, "told once"

    async def test_what_no_longer_fits_the_base_set_stops_the_node(
        self, house: House, one: Officer, two: Officer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await activate(one, two, NO_NARRATIVE)
        use_base(monkeypatch, check_base().replace('@id("personal")', '@id("no-narrative")'))
        with pytest.raises(ConfigurationError) as refused:
            await restarted(house)
        assert refused.value.reason == "own-policies"
        assert "no-narrative" in refused.value.where
        assert "earlier version" in refused.value.what_to_do

    @pytest.mark.parametrize("damage", ["text", "document", "words", "set_sha256", "log_number"])
    async def test_what_is_not_what_was_put_in_force_stops_the_node(
        self, house: House, one: Officer, two: Officer, damage: str
    ) -> None:
        await activate(one, two, NO_NARRATIVE)
        [record] = await records(house)
        other = await one.propose(NO_CONTACTS)
        changes = {
            "text": NO_CONTACTS,
            "document": other.document,
            "words": b"[]",
            "set_sha256": bytes(32),
            "log_number": 0,
        }
        damaged = replace(record, **{damage: changes[damage]})  # type: ignore[arg-type]
        await house.store.write(lambda tx: tx.policies.put(damaged))
        with pytest.raises(ConfigurationError) as refused:
            await restarted(house)
        assert refused.value.reason == "policies-damaged"


def check_base() -> str:
    from tracepost.node.gate import base_policy

    return base_policy()


def use_base(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    for module in ("policies.in_force", "policies.own", "handlers.desks.policing"):
        monkeypatch.setattr(f"tracepost.node.{module}.base_policy", lambda: text)


async def classes_shown(house: House, case: str, desk: str = "police") -> set[str]:
    """Return the classes of which a desk is shown a field: those that the content has and the hidden do not."""
    request = desk_pb2.ShowCaseRequest(case=case)
    view = await house.as_officer(desk).ShowCase(request, NO_CONTEXT)
    hidden = {options_pb2.Sensitivity.Name(h.of_class) for s in view.statements for h in s.hidden}
    words = m.Words().by_class()
    text = str(view)
    return {name for name, word in words.items() if word in text and f"SENSITIVITY_{name}" not in hidden}


class TestExplaining:
    async def explain(self, house: House, what: str, *desks: str) -> desk_pb2.PolicyExplanation:
        request = desk_pb2.ExplainPolicyRequest(what=what, desk=desks[0] if desks else "poc")
        return await house.as_officer(*desks or ("poc",)).ExplainPolicy(request, NO_CONTEXT)

    @pytest.fixture
    async def case(self, street: Street) -> desk_pb2.Submission:
        [sent] = await street["xaa"].submit(draft(m.rich_request(), to=["xab"], parts=[m.PICTURE, m.SCENE]))
        await street.carry()
        return sent

    async def test_every_desk_gets_its_answer_with_the_policies_that_decide(
        self, street: Street, case: desk_pb2.Submission
    ) -> None:
        [told] = (await self.explain(street["xab"], case.thread, "police")).statements
        readers = {(r.member, r.desk): r for r in told.readers}
        assert {(k, r.standing) for k, r in readers.items()} == {
            (("xab", "poc"), "own"),
            (("xab", "police"), "own"),
            (("xaa", "node"), "author"),
            (("xaa", "poc"), "author"),
            (("xaa", "police"), "author"),
        }
        police, poc = rules(readers["xab", "police"]), rules(readers["xab", "poc"])
        assert police["CRIMINAL_JUSTICE"] == (True, ["criminal-justice"])
        assert poc["CRIMINAL_JUSTICE"] == (False, [])
        assert set(rules(readers["xaa", "node"])) == set(police)

    async def test_a_forbid_of_ours_is_named(
        self, street: Street, case: desk_pb2.Submission, one: Officer, two: Officer
    ) -> None:
        await activate(one, two, NO_NARRATIVE)
        [told] = (await self.explain(street["xaa"], case.statement, "police")).statements
        for allowed, policies in (rules(r)["CRIMINAL_JUSTICE"] for r in told.readers):
            assert not allowed
            assert "no-narrative" in policies

    async def test_paths_are_told_of_what_the_asking_desk_may_search_and_of_the_rest_a_number(
        self, street: Street, case: desk_pb2.Submission
    ) -> None:
        def told_of(told: desk_pb2.PolicyExplanation) -> dict[str, tuple[bool, bool]]:
            classes = told.statements[0].classes
            return {name_of(c.of_class): (bool(c.paths), c.hidden > 0 or not c.exact) for c in classes}

        house = street["xab"]
        police = told_of(await self.explain(house, case.statement, "police"))
        poc = told_of(await self.explain(house, case.statement, "poc"))
        assert police["CRIMINAL_JUSTICE"] == (True, False)
        assert poc["CRIMINAL_JUSTICE"] == (False, True)
        assert poc["OBJECT"] == (True, False)

    async def test_no_value_is_told(self, street: Street, case: desk_pb2.Submission) -> None:
        for house, desk in ((street["xab"], "police"), (street["xaa"], "poc")):
            told = str(await self.explain(house, case.thread, desk))
            assert not [word for word in m.Words().by_class().values() if word in told]

    async def test_what_was_opened_for_it_is_logged_first(
        self, street: Street, case: desk_pb2.Submission
    ) -> None:
        await self.explain(street["xab"], case.statement, "police")
        trail = await street["xab"].store.read(lambda tx: tx.audit.about([case.statement]))
        assert [t.event.action for t in trail][-1] == "search"

    async def test_a_locked_desk_is_told_what_lies_in_clear(
        self, street: Street, case: desk_pb2.Submission
    ) -> None:
        street["xab"].ring.lock(DeskId("poc"))
        [told] = (await self.explain(street["xab"], case.statement)).statements
        assert told.desk_locked
        assert {name_of(c.of_class) for c in told.classes} <= {"PUBLIC", "ADMINISTRATIVE"}

    async def test_held_mail_belongs_to_no_case_and_is_not_explained(self, street: Street) -> None:
        street.clock.now += 600
        [sent] = await street["xaa"].submit(draft(m.request("T-9"), to=["xab"]))
        street.clock.now -= 600
        await street.carry()
        for what in (sent.statement, sent.thread):
            with pytest.raises(NotFoundError):
                await self.explain(street["xab"], what)

    async def test_an_unknown_name_is_refused(self, street: Street) -> None:
        for what in ("nothing-here", encode_b64(bytes(32))):
            with pytest.raises(NotFoundError):
                await self.explain(street["xab"], what)


class TestComparing:
    async def compare(self, house: House, text: str, *, stored: bool = False) -> desk_pb2.PolicyDifference:
        request = desk_pb2.ComparePolicyRequest(text=text, stored=stored, desk="police")
        return await house.as_officer("police").ComparePolicy(request, NO_CONTEXT)

    async def test_our_desks_and_typical_readers_are_told_what_they_lose(self, house: House) -> None:
        told = await self.compare(house, NO_CONTACTS)
        assert not [c for c in told.changes if c.gained]
        ours = {c.desk for c in told.changes if c.desk}
        assert ours == {"poc", "police"}
        typical = {c.competence: (list(c.when), list(c.unless)) for c in told.changes if not c.desk}
        assert typical.pop("point of contact") == typical.pop("LAW_ENFORCEMENT") == ([], [])
        assert {tuple(when) for when, _ in typical.values()} == {("author", "wrote")}, (
            "who wrote it lost it too"
        )
        assert {name_of(f.of_class) for f in told.fields} == {"CONTACT"}
        assert {a for c in told.changes for a in c.actions} == {"open"}

    async def test_nothing_changes_against_itself(self, house: House, one: Officer, two: Officer) -> None:
        await activate(one, two, NO_CONTACTS)
        told = await self.compare(house, NO_CONTACTS)
        assert not told.changes
        assert told.before_sha256 == told.after_sha256 == house.gate.policy_sha256.hex()
        back = await self.compare(house, "")
        assert {c.gained for c in back.changes} == {True}

    async def test_stored_statements_are_named_with_paths_and_no_values(self, street: Street) -> None:
        [sent] = await street["xaa"].submit(draft(m.rich_request(), to=["xab"], parts=[m.PICTURE, m.SCENE]))
        await street.carry()
        house = street["xab"]
        told = await self.compare(house, NO_CONTACTS, stored=True)
        changes = {c.desk: c for c in told.stored}
        assert set(changes) == {"poc", "police"}
        assert {c.statement for c in told.stored} == {sent.statement}
        assert told.statements == 1
        assert list(changes["poc"].paths)
        assert all("contact" in path or "officer" in path for path in changes["poc"].paths)
        assert not [word for word in m.Words().by_class().values() if word in str(told)]

    async def test_a_permit_for_own_data_exposes_own_statements_alone(self, street: Street) -> None:
        text = (
            '@id("poc-reads-own") permit (principal, action == Action::"open", resource == Class::"PERSONAL")'
            " when { context.author && principal.point_of_contact };"
        )
        for name, to in (("xaa", "xab"), ("xab", "xaa")):
            message = m.rich_request(f"T-{name}")
            await street[name].submit(draft(message, to=[to], desk="police", parts=[m.PICTURE, m.SCENE]))
        await street.carry()
        told = await self.compare(street["xaa"], text, stored=True)
        assert [(c.desk, c.gained, name_of(c.of_class)) for c in told.stored] == [("poc", True, "PERSONAL")]
        assert told.statements == 2

    async def test_a_text_that_may_not_be_added_is_refused(self, house: House) -> None:
        with pytest.raises(InvalidPolicyError):
            await self.compare(house, FOR_OTHERS)


def rules(reader: desk_pb2.ExplainedReader) -> dict[str, tuple[bool, list[str]]]:
    return {name_of(r.of_class): (r.allowed, list(r.policies)) for r in reader.rules}


def name_of(of_class: int) -> str:
    return options_pb2.Sensitivity.Name(options_pb2.Sensitivity.ValueType(of_class)).removeprefix(
        "SENSITIVITY_"
    )
