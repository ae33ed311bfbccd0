"""A request goes on to a third state, with consent, and its answer comes back: referral and share, end to end."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.adversary import Forger, exhibit_of
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.node.gate import Action
from tracepost.node.handlers.sealed.opening import Sealed, load_sealed
from tracepost.node.handlers.sealed.shown_exhibits import NO_ONWARD_RELEASE, disclosures_of
from tracepost.node.handlers.sending.exhibits import Enclosed
from tracepost.node.ports.store import Tx
from tracepost.node.post.mailroom import Reply
from tracepost.node.records.mail import MailState
from tracepost.protocol.errors import NotFoundError
from tracepost.protocol.ids import EnvelopeId, MemberId, ThreadId, decode_b64, parse_digest
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import Statement
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, share_pb2, trace_pb2
from tracepost.wire.v1.post_pb2 import Announcement

PARTS = [m.PICTURE, m.SCENE]
SECOND = b"\xff\xd8\xff another photograph"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac") as street:
        yield street


def request_of_two(**more: Any) -> trace_pb2.TraceRequest:
    """Item 1 with a photograph, item 2 with another."""
    message = m.rich_request("T-1", **more)
    other = m.item("2")
    other.object.make = "canary-of-the-second-item"
    other.object.photograph.add(
        view="PHOTOGRAPH_VIEW_LEFT",
        media_type="image/jpeg",
        sha256=hashlib.sha256(SECOND).digest(),
        size=len(SECOND),
    )
    message.items.append(other)
    return message


async def ask(street: Street, **more: Any) -> desk_pb2.Submission:
    """XAA asks XAB about two items."""
    restrictions = more.pop("restrictions", ())
    said = draft(request_of_two(**more), to=["xab"], parts=[*PARTS, SECOND], restrictions=restrictions)
    [sent] = await street["xaa"].submit(said)
    await street.carry()
    return sent


async def say(house: House, content: Any, **more: Any) -> desk_pb2.Submission:
    [told] = await house.submit(draft(content, **more))
    return told


async def refer(street: Street, asked: desk_pb2.Submission, *items: str, **more: Any) -> desk_pb2.Submission:
    """XAB refers items of XAA's request to XAC."""
    content = m.referral("xaa", asked.thread, asked.statement, *(items or ("2",)))
    return await say(street["xab"], content, to=["xac"], case=asked.thread, **more)


async def open_as(house: House, digest: str) -> Statement:
    """Return a statement as the police desk of `house` opens it."""
    desk = next(d for d in house.office.desks if d.desk == "police")

    def read(tx: Tx) -> list[Sealed]:
        return load_sealed(tx, list(tx.statements.find([parse_digest(digest)]).values()), desk.desk)

    [sealed] = await house.store.read(read)
    return house.opener.open(sealed, desk, Action.OPEN).statement


async def show(house: House, case: str, desk: str = "police") -> desk_pb2.CaseView:
    return await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


def reply_of(member: str, replies: list[Reply]) -> Reply:
    """Return what `member` answered; who is told of an onward release answers too."""
    [reply] = [one for one in replies if {receipt.from_member for receipt in one.receipts} == {member}]
    return reply


def texts(exhibit: share_pb2.Exhibit) -> str:
    """Return all that an exhibit discloses."""
    lists = [disclosures_of(exhibit, one) for one in Sensitivity]
    return "\n".join(decode_b64(text, "").decode() for some in lists for text in some)


class TestRevokedSigner:
    """Refusals are final: who signed before his key was revoked may still be able to prove it."""

    async def share_of_a_revoked_signer(self, street: Street) -> desk_pb2.Submission:
        """XAB shares a request of XAA, whose statement key XAC has heard to be revoked since."""
        asked = await ask(street)
        [told] = await street["xab"].submit(draft(m.share(asked.statement), to=["xac"]))
        issued = street["xaa"].identities
        crl = issued.authority.crl([issued.statement.certificate], revoked_at=street.clock() - 1)
        await street["xac"].announcing.take([Announcement(member="xaa", crl=crl)], MemberId("xaa"))
        reply = reply_of("xac", await street.carry())
        assert len(reply.receipts) == 1
        return told

    async def test_the_mail_is_held_and_not_refused(self, street: Street) -> None:
        told = await self.share_of_a_revoked_signer(street)
        held = await street["xac"].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
        assert [(mail.reason, mail.thread) for mail in held.mails] == [("signer-revoked", told.thread)]
        [state] = (await show(street["xab"], told.thread)).statements[0].dispatches
        assert state.state == desk_pb2.MAIL_STATE_DELIVERED

    async def test_taken_up_it_is_shown_with_the_doubt(self, street: Street) -> None:
        told = await self.share_of_a_revoked_signer(street)
        desk = street["xac"].as_officer()
        [mail] = (await desk.ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)).mails
        asked = desk_pb2.DecideHeldRequest(envelope_id=mail.envelope_id, take_up=True)
        await desk.DecideHeld(asked, NO_CONTEXT)
        [shown] = (await show(street["xac"], told.thread)).statements
        assert (shown.problem.code, shown.problem.reason) == ("identity", "revoked")
        assert shown.content.share.exhibits

    async def test_it_is_not_passed_on(self, street: Street) -> None:
        told = await self.share_of_a_revoked_signer(street)
        desk = street["xac"].as_officer()
        [mail] = (await desk.ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)).mails
        asked = desk_pb2.DecideHeldRequest(envelope_id=mail.envelope_id, take_up=True)
        await desk.DecideHeld(asked, NO_CONTEXT)
        passed = await say(street["xac"], m.share(told.statement), to=["xaa"])
        assert passed.problem.reason == "revoked"


class TestReferral:
    """ITI 15(c), messages.md section 3: A's consent names C; the items concerned go on, and no others."""

    async def test_the_third_state_sees_the_items_that_are_referred_and_no_others(
        self, street: Street
    ) -> None:
        asked = await ask(street, referral_consents=["xac"])
        told = await refer(street, asked)
        assert not told.HasField("problem")
        await street.carry()
        [shown] = (await show(street["xac"], asked.thread)).statements
        assert not shown.HasField("problem")
        [exhibit] = shown.content.referral.exhibits
        assert "canary-of-the-second-item" in texts(exhibit)
        assert m.Words().object not in texts(exhibit)
        assert list(exhibit.dropped) == ["items.0"]
        assert exhibit.consent_digest == asked.statement
        assert shown.content.referral.consent_digest == asked.statement

    async def test_it_comes_into_effect_at_once(self, street: Street) -> None:
        asked = await ask(street, referral_consents=["xac"])
        await refer(street, asked)
        await street.carry()
        view = await show(street["xac"], asked.thread)
        assert view.summary.state == desk_pb2.CASE_STATE_WAITING_FOR_US
        assert view.statements[0].state == desk_pb2.MAIL_STATE_DELIVERED
        assert [item.item_id for item in view.summary.items] == ["2"]

    async def test_only_the_photographs_of_the_items_go_on(self, street: Street) -> None:
        asked = await ask(street, referral_consents=["xac"])
        await refer(street, asked)
        await street.carry()
        desk = street["xac"].as_officer("poc")
        wanted = desk_pb2.FetchPartRequest(case=asked.thread, sha256=hashlib.sha256(SECOND).digest())
        got = await desk.FetchPart(wanted, NO_CONTEXT)
        assert (got.content, got.media_type) == (SECOND, "image/jpeg")
        for dropped in PARTS:
            wanted = desk_pb2.FetchPartRequest(case=asked.thread, sha256=hashlib.sha256(dropped).digest())
            with pytest.raises(NotFoundError):
                await desk.FetchPart(wanted, NO_CONTEXT)

    async def test_each_desk_sees_its_classes_of_an_exhibit(self, street: Street) -> None:
        asked = await ask(street, referral_consents=["xac"])
        await refer(street, asked, desk="police")
        await street.carry()
        police = (await show(street["xac"], asked.thread)).statements[0].content.referral.exhibits[0]
        poc = (await show(street["xac"], asked.thread, "poc")).statements[0].content.referral.exhibits[0]
        assert m.Words().personal in texts(police)
        assert m.Words().personal not in texts(poc)
        assert m.Words().law_enforcement in texts(poc)

    async def test_a_desk_forwards_what_it_may_read_itself(self, street: Street) -> None:
        asked = await ask(street, referral_consents=["xac"])
        await refer(street, asked, desk="poc")
        await street.carry()
        [exhibit] = (await show(street["xac"], asked.thread)).statements[0].content.referral.exhibits
        assert m.Words().personal not in texts(exhibit)

    async def test_the_answer_goes_to_the_requester_and_binds_to_its_request(self, street: Street) -> None:
        asked = await ask(street, referral_consents=["xac"])
        await refer(street, asked)
        await street.carry()
        content = m.response(m.answer("2"))
        told = await say(street["xac"], content, to=["xaa"], case=asked.thread)
        assert not told.HasField("problem")
        await street.carry()
        view = await show(street["xaa"], asked.thread)
        kinds = [s.kind for s in view.statements if s.kind != "release.notice/1"]
        assert kinds == ["trace.request/1", "trace.response/1"]
        assert view.statements[1].in_reply_to == asked.statement
        [item] = [one for one in view.summary.items if one.item_id == "2"]
        assert [(a.by_member, a.reach) for a in item.answers] == [("xac", trace_pb2.REACH_POINT_OF_DIVERSION)]

    async def test_the_answer_to_both_comes_into_effect_with_both(self, street: Street) -> None:
        asked = await ask(street, referral_consents=["xac"])
        await refer(street, asked)
        await street.carry()
        await say(street["xac"], m.response(m.answer("2")), to=["xaa", "xab"], case=asked.thread)
        await street.carry()
        for name in ("xaa", "xab"):
            kinds = [s.kind for s in (await show(street[name], asked.thread)).statements]
            assert "trace.response/1" in kinds, name

    async def test_a_consent_given_later_is_enclosed(self, street: Street) -> None:
        asked = await ask(street)
        assert (await refer(street, asked)).problem.reason == "no-consent"
        await say(street["xab"], m.consent("xac", step="ASKED"), case=asked.thread)
        await street.carry()
        granted = await say(street["xaa"], m.consent("xac"), case=asked.thread)
        await street.carry()
        told = await refer(street, asked)
        assert not told.HasField("problem")
        await street.carry()
        [shown] = (await show(street["xac"], asked.thread)).statements
        kinds = [one.statement_digest for one in shown.content.referral.exhibits]
        assert kinds == [asked.statement, granted.statement]
        assert shown.state == desk_pb2.MAIL_STATE_DELIVERED

    async def test_a_consent_to_some_fields_lets_only_those_on(self, street: Street) -> None:
        asked = await ask(street)
        await say(street["xaa"], m.consent("xac", field_paths=["items"]), case=asked.thread)
        await street.carry()
        await refer(street, asked, desk="police")
        await street.carry()
        [exhibit, _] = (await show(street["xac"], asked.thread)).statements[0].content.referral.exhibits
        assert "canary-of-the-second-item" in texts(exhibit)
        assert m.Words().law_enforcement not in texts(exhibit)
        assert m.Words().administrative in texts(exhibit)
        assert "ground_text" in exhibit.dropped

    async def test_our_log_says_what_was_forwarded(self, street: Street) -> None:
        asked = await ask(street, referral_consents=["xac"])
        await refer(street, asked)
        about = await street["xab"].store.read(lambda tx: tx.audit.about([asked.statement]))
        [event] = [one.event for one in about if one.event.action == "forward"]
        assert event.outcome == "poc"
        assert event.log_number is not None

    async def test_an_exhibit_needs_an_unlocked_desk(self, street: Street) -> None:
        asked = await ask(street, referral_consents=["xac"])
        street["xab"].ring.lock(street["xab"].office.desks[0].desk)
        assert (await refer(street, asked)).problem.code == "desk-locked"


class TestAThirdStateWithoutReferral:
    """messages.md, section 4: genuine but unexpected mail is held for an officer, never refused."""

    async def refer_unasked(self, street: Street, asked: desk_pb2.Submission) -> None:
        """XAB refers item 2 to XAC; its node does not ask whether XAA consents."""
        forger = Forger(street["xab"], street["xac"])
        request = await open_as(street["xab"], asked.statement)
        content = m.referral("xaa", asked.thread, asked.statement, "2", consent_digest=asked.statement)
        content.exhibits.append(exhibit_of(request, street["xaa"]))
        signed = forger.sign(content, thread=ThreadId(asked.thread))
        await street.deliver(street["xab"], [await forger.post(forger.pack(signed))], "xac")

    async def test_a_referral_without_consent_is_held(self, street: Street) -> None:
        await self.refer_unasked(street, await ask(street))
        [held] = (await street["xac"].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)).mails
        assert (held.reason, held.from_member) == ("third-state-without-referral", "xab")

    async def test_an_answer_that_nobody_asked_for_is_held(self, street: Street) -> None:
        asked = await ask(street)
        await self.refer_unasked(street, asked)
        xac = street["xac"]
        [held] = (await xac.as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)).mails
        take_up = desk_pb2.DecideHeldRequest(envelope_id=held.envelope_id, take_up=True)
        await xac.as_officer().DecideHeld(take_up, NO_CONTEXT)
        await say(xac, m.response(m.answer("2")), to=["xaa"], case=asked.thread)
        await street.carry()
        [held] = (await street["xaa"].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)).mails
        assert (held.reason, held.from_member) == ("third-state-without-referral", "xac")
        assert len((await show(street["xaa"], asked.thread)).statements) == 1


class TestShare:
    """Fewer fields of a statement, its signature whole."""

    async def share(self, street: Street, asked: desk_pb2.Submission, **more: Any) -> desk_pb2.Submission:
        content = m.share(asked.statement, **more)
        return await say(street["xab"], content, to=["xac"], case=asked.thread, desk="police")

    async def test_what_is_dropped_is_named_and_not_there(self, street: Street) -> None:
        asked = await ask(street)
        told = await self.share(street, asked, dropped=("persons", "items.0.object.make"))
        assert not told.HasField("problem")
        await street.carry()
        [shown] = (await show(street["xac"], asked.thread)).statements
        assert not shown.HasField("problem")
        [exhibit] = shown.content.share.exhibits
        assert list(exhibit.dropped) == ["items.0.object.make", "persons.0"]
        assert m.Words().personal not in texts(exhibit)
        assert m.Words().object not in texts(exhibit)
        assert m.Words().criminal_justice in texts(exhibit)

    async def test_what_may_not_be_released_onward_needs_its_authors_consent(self, street: Street) -> None:
        asked = await ask(street, restrictions=[m.no_onward_release()])
        told = await self.share(street, asked)
        assert (told.problem.code, told.problem.reason) == ("not-allowed", "no-consent")
        await say(street["xaa"], m.consent("xac"), case=asked.thread)
        await street.carry()
        told = await self.share(street, asked)
        assert not told.HasField("problem")
        await street.carry()
        [shown] = (await show(street["xac"], asked.thread)).statements
        exhibit, consent = shown.content.share.exhibits
        assert [r.code for r in read_exhibit(exhibit).claims.restrictions] == [NO_ONWARD_RELEASE]
        assert exhibit.consent_digest == consent.statement_digest

    async def test_a_statement_that_is_not_here_cannot_be_shared(self, street: Street) -> None:
        asked = await ask(street)
        told = await say(street["xab"], m.share("A" * 43), to=["xac"], case=asked.thread)
        assert told.problem.reason == "unknown-statement"

    async def test_a_share_opens_a_case_where_there_was_none(self, street: Street) -> None:
        asked = await ask(street)
        await self.share(street, asked)
        await street.carry()
        listed = await street["xac"].as_officer().ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)
        assert [one.thread for one in listed.cases] == [asked.thread]


class TestAForwarderThatCheats:
    """An exhibit is verified for each class by those who may read it: by the daemon first."""

    async def cheat(self, street: Street, change: Callable[[share_pb2.Exhibit], object]) -> tuple[str, Reply]:
        asked = await ask(street, referral_consents=["xac"])
        sending: Any = street["xab"].rooms.sending
        honest = sending._enclosing.enclose

        def enclose(*given: Any) -> Enclosed:
            enclosed: Enclosed = honest(*given)
            for one in enclosed.exhibits:
                change(one)
            return dataclasses.replace(enclosed)

        sending._enclosing.enclose = enclose
        told = await refer(street, asked, desk="police")
        assert told.statement
        reply = reply_of("xac", await street.carry())
        [mail] = told.dispatches
        state = await street["xab"].store.read(
            lambda tx: tx.dispatches.find([EnvelopeId(bytes.fromhex(mail.envelope_id))])
        )
        [sent] = state.values()
        return f"{sent.state} {sent.reason}", reply

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (
                lambda e: e.administrative_disclosures.append("WyJzYWx0Il0"),
                "statement/disclosure-unreferenced",
            ),
            (
                lambda e: e.public_disclosures.append(e.administrative_disclosures.pop(0)),
                "statement/wrong-list",
            ),
            (lambda e: setattr(e, "jws", e.jws[:-2] + ("AA" if e.jws[-2:] != "AA" else "BB")), "statement/"),
            (lambda e: setattr(e, "statement_digest", "A" * 43), "statement/other-exhibit"),
        ],
        ids=["a-field-of-its-own", "a-field-in-another-class", "another-signature", "another-statement"],
    )
    async def test_what_the_daemon_can_see_is_refused(
        self, street: Street, change: Callable[[share_pb2.Exhibit], object], reason: str
    ) -> None:
        state, reply = await self.cheat(street, change)
        assert state.startswith(f"{MailState.REFUSED} {reason}")
        assert len(reply.receipts) == 1

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda e: e.object_disclosures.append("WyJzYWx0Il0"), "disclosure-unreferenced"),
            (lambda e: e.object_disclosures.append(e.law_enforcement_disclosures.pop(0)), "wrong-list"),
        ],
        ids=["a-field-of-its-own", "a-field-in-another-class"],
    )
    async def test_what_only_a_desk_can_see_is_told_to_it(
        self, street: Street, change: Callable[[share_pb2.Exhibit], object], reason: str
    ) -> None:
        state, _ = await self.cheat(street, change)
        assert state.startswith(MailState.DELIVERED)
        [shown] = (await show(street["xac"], (await cases(street["xac"]))[0])).statements
        assert (shown.problem.code, shown.problem.reason) == ("statement", reason)


async def cases(house: House) -> list[str]:
    listed = await house.as_officer().ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)
    return [one.thread for one in listed.cases]
