"""The lineage of who refers: to whom it says may see it, and to nobody else; and a request that was not for us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from fakes import messages as m
from fakes.adversary import Forger, exhibit_of, new_id
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.node.handlers.sealed.shown_exhibits import disclosures_of
from tracepost.protocol.consent import Release, Word, covers, find_gap, lineage_in, standing_grants
from tracepost.protocol.ids import MemberId, ThreadId, decode_b64, encode_b64
from tracepost.protocol.schema import Sensitivity, flatten
from tracepost.protocol.statement import Restriction, Statement
from tracepost.wire.v1 import desk_pb2, share_pb2, trace_pb2

CANARY = "canary-of-the-lineage"
BOUND = Restriction("RESTRICTION_CODE_NO_ONWARD_RELEASE")


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac", "xad") as street:
        yield street


def answer() -> trace_pb2.Answer:
    event = trace_pb2.LineageEvent(kind="LINEAGE_EVENT_KIND_EXPORTED", to_body=CANARY)
    return m.answer("1", lineage=[event], explanation="what else there is to say")


async def say(street: Street, name: str, content: Message, **more: Any) -> desk_pb2.Submission:
    [sent] = await street[name].submit(draft(content, **more))
    await street.carry()
    return sent


async def ask(street: Street) -> desk_pb2.Submission:
    """XAA asks XAB, and lets it ask XAC."""
    return await say(street, "xaa", m.request("T-1", referral_consents=["xac"]), to=["xab"])


async def refer(
    street: Street, asked: desk_pb2.Submission, *seen_by: str, **more: Any
) -> desk_pb2.Submission:
    """XAB refers the request to XAC, with what it found itself."""
    content = m.referral("xaa", asked.thread, asked.statement, lineage_visible_to=seen_by, answers=[answer()])
    return await say(street, "xab", content, to=["xac"], case=asked.thread, desk="police", **more)


async def show(house: House, case: str) -> desk_pb2.CaseView:
    return await house.as_officer("police").ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


async def post(street: Street, sender: str, to: str, signed: Statement) -> None:
    forger = Forger(street[sender], street[to])
    await street.deliver(street[sender], [await forger.post(forger.pack(signed))], to)


async def held(house: House) -> list[str]:
    listed = await house.as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
    return [one.reason for one in listed.mails]


def texts(exhibit: share_pb2.Exhibit) -> str:
    lists = [disclosures_of(exhibit, one) for one in Sensitivity]
    return "\n".join(decode_b64(text, "").decode() for some in lists for text in some)


async def received(street: Street, name: str, thread: str, kind: str) -> desk_pb2.StatementView:
    view = await show(street[name], thread)
    return next(one for one in view.statements if one.kind == kind)


class TestTheAddressee:
    async def test_one_that_is_named_reads_it(self, street: Street) -> None:
        asked = await ask(street)
        await refer(street, asked, "xac")
        told = await received(street, "xac", asked.thread, "trace.referral/1")
        assert CANARY in str(told.content.referral.answers)

    @pytest.mark.parametrize("seen_by", [(), ("xaa",)], ids=["nobody", "the-requester"])
    async def test_none_that_is_not_named_is_sent_any(self, street: Street, seen_by: tuple[str, ...]) -> None:
        refused = await refer(street, await ask(street), *seen_by)
        assert (refused.problem.reason, refused.problem.where) == (
            "lineage-not-for-them",
            "answers.0.lineage.0",
        )

    async def test_what_is_no_lineage_needs_no_name(self, street: Street) -> None:
        asked = await ask(street)
        content = m.referral("xaa", asked.thread, asked.statement, answers=[m.answer("1", explanation="so")])
        told = await say(street, "xab", content, to=["xac"], case=asked.thread)
        assert not told.HasField("problem")

    async def test_one_that_is_not_named_shows_none_that_came_all_the_same(self, street: Street) -> None:
        request = Forger(street["xaa"], street["xab"]).sign(m.request("T-1", referral_consents=["xac"]))
        content = forged(request, street["xaa"], lineage_visible_to=["xaa"], answers=[answer()])
        await post(street, "xab", "xac", sign(street, content, request.claims.thread))
        told = await received(street, "xac", request.claims.thread, "trace.referral/1")
        assert CANARY not in str(told)
        assert "what else there is to say" in str(told.content.referral.answers)


class TestPassingItOn:
    async def pass_on(self, street: Street, to: str, *seen_by: str, **more: Any) -> desk_pb2.Submission:
        """XAC shares the referral that it got."""
        asked = await ask(street)
        await refer(street, asked, *seen_by, **more)
        told = await received(street, "xac", asked.thread, "trace.referral/1")
        return await say(street, "xac", m.share(told.statement), to=[to], case=asked.thread, desk="police")

    async def shown(self, street: Street, to: str, shared: desk_pb2.Submission) -> str:
        assert not shared.HasField("problem"), shared.problem
        told = await received(street, to, shared.thread, "share/1")
        assert not told.HasField("problem"), told.problem
        return texts(told.content.share.exhibits[0])

    async def test_whom_its_author_named_sees_it(self, street: Street) -> None:
        shared = await self.pass_on(street, "xaa", "xaa", "xac")
        assert CANARY in await self.shown(street, "xaa", shared)

    async def test_nobody_else_sees_it_and_it_is_said_that_it_was_left_out(self, street: Street) -> None:
        shared = await self.pass_on(street, "xad", "xaa", "xac")
        seen = await self.shown(street, "xad", shared)
        assert CANARY not in seen
        assert "what else there is to say" in seen
        told = await received(street, "xad", shared.thread, "share/1")
        assert "answers.0.lineage.0" in told.content.share.exhibits[0].dropped

    async def test_its_author_sees_it_again(self, street: Street) -> None:
        shared = await self.pass_on(street, "xab", "xac")
        assert CANARY in await self.shown(street, "xab", shared)

    async def test_of_what_is_not_to_be_released_the_lineage_alone_goes(self, street: Street) -> None:
        only = share_pb2.Exhibit().restrictions.add(code="RESTRICTION_CODE_NO_ONWARD_RELEASE")
        shared = await self.pass_on(street, "xaa", "xaa", "xac", restrictions=[only])
        seen = await self.shown(street, "xaa", shared)
        assert CANARY in seen
        assert "what else there is to say" not in seen

    async def test_a_consent_given_later_lets_it_on(self, street: Street) -> None:
        asked = await ask(street)
        await refer(street, asked, "xac")
        told = await received(street, "xac", asked.thread, "trace.referral/1")
        about = m.consent("xad", statement_digest=told.statement)
        granted = await say(street, "xab", about, to=["xac"], case=asked.thread)
        assert not granted.HasField("problem"), granted.problem
        shared = await say(
            street, "xac", m.share(told.statement), to=["xad"], case=asked.thread, desk="police"
        )
        assert CANARY in await self.shown(street, "xad", shared)

    async def test_who_shows_it_beyond_that_is_not_shown(self, street: Street) -> None:
        request = Forger(street["xaa"], street["xab"]).sign(m.request("T-1", referral_consents=["xac"]))
        content = forged(request, street["xaa"], lineage_visible_to=["xac"], answers=[answer()])
        referral = sign(street, content, request.claims.thread)
        shared = share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=[exhibit_of(referral, street["xab"])])
        for one in referral.disclosures:
            if one.sensitivity in (Sensitivity.PUBLIC, Sensitivity.LAW_ENFORCEMENT):
                disclosures_of(shared.exhibits[0], one.sensitivity).append(one.encoded)
        carrier = Forger(street["xac"], street["xad"]).sign(shared, thread=request.claims.thread)
        await post(street, "xac", "xad", carrier)
        told = await received(street, "xad", request.claims.thread, "share/1")
        assert told.problem.reason == "lineage-not-for-them"


def forged(request: Statement, author: House, **more: Any) -> trace_pb2.Referral:
    """Return a referral of a request, as a node makes it that keeps no rule."""
    more.setdefault("request_thread", request.claims.thread)
    content = m.referral(
        more.pop("requester", author.member),
        more.pop("request_thread"),
        more.pop("request_digest", encode_b64(request.digest)),
        **more,
    )
    content.consent_digest = encode_b64(request.digest)
    content.exhibits.append(exhibit_of(request, author))
    return content


def sign(street: Street, content: Message, thread: str) -> Statement:
    return Forger(street["xab"], street["xac"]).sign(content, thread=ThreadId(thread))


class TestARequestThatWasNotForUs:
    """Chapter 11: each condition on which a request to another is believed inside a referral."""

    def request(self, street: Street, author: str = "xaa", **claims: Any) -> Statement:
        content = m.request("T-1", referral_consents=["xac"])
        return Forger(street[author], street["xab"]).sign(content, **claims)

    async def taken(self, street: Street, content: Message, thread: str) -> list[str]:
        """Return what is in effect at XAC, and what is held; nothing: it was refused."""
        await post(street, "xab", "xac", sign(street, content, thread))
        records = await street["xac"].store.read(lambda tx: tx.statements.in_threads([ThreadId(thread)]))
        return [*(r.kind for r in records if r.in_effect), *await held(street["xac"])]

    async def test_it_is_believed_where_all_hold(self, street: Street) -> None:
        request = self.request(street)
        content = forged(request, street["xaa"])
        assert await self.taken(street, content, request.claims.thread) == ["trace.referral/1"]

    async def test_1_the_request_that_is_named_is_enclosed(self, street: Street) -> None:
        request = self.request(street)
        content = forged(request, street["xaa"], request_digest="A" * 43)
        assert await self.taken(street, content, request.claims.thread) == []

    async def test_2_it_is_a_request(self, street: Street) -> None:
        other = Forger(street["xaa"], street["xab"]).sign(m.consent("xac"))
        assert await self.taken(street, forged(other, street["xaa"]), other.claims.thread) == []

    async def test_3_its_issuer_is_the_requester_that_is_named(self, street: Street) -> None:
        request = self.request(street)
        content = forged(request, street["xaa"], requester="xad")
        assert await self.taken(street, content, request.claims.thread) == []

    @pytest.mark.parametrize("author", ["xab", "xac"], ids=["forwarder", "reader"])
    async def test_4_its_issuer_is_a_third(self, street: Street, author: str) -> None:
        request = self.request(street, author, aud=(MemberId("xab"), MemberId("xad")))
        assert await self.taken(street, forged(request, street[author]), request.claims.thread) == []

    async def test_5_the_forwarder_was_asked(self, street: Street) -> None:
        request = self.request(street, aud=(MemberId("xad"),))
        assert await self.taken(street, forged(request, street["xaa"]), request.claims.thread) == []

    @pytest.mark.parametrize("says", ["its-own", "the-referrals"])
    async def test_6_it_is_of_the_case_of_the_referral(self, street: Street, says: str) -> None:
        request, thread = self.request(street), new_id()
        named = request.claims.thread if says == "its-own" else thread
        content = forged(request, street["xaa"], request_thread=named)
        assert await self.taken(street, content, thread) == []

    async def test_7_its_issuer_consented(self, street: Street) -> None:
        request = Forger(street["xaa"], street["xab"]).sign(m.request("T-1", referral_consents=["xad"]))
        content = forged(request, street["xaa"])
        assert await self.taken(street, content, request.claims.thread) == ["third-state-without-referral"]

    async def test_8_the_case_is_of_no_other_requester(self, street: Street) -> None:
        thread = ThreadId(new_id())
        theirs = Forger(street["xad"], street["xac"]).sign(m.request("T-9"), thread=thread)
        await post(street, "xad", "xac", theirs)
        content = forged(self.request(street, thread=thread), street["xaa"])
        assert await self.taken(street, content, thread) == ["trace.request/1", "other-case"]


class TestWhatItCovers:
    def release(self, referral: Statement, third_party: str, *paths: str) -> Release:
        claims = referral.claims
        shown = frozenset(paths)
        return Release(
            referral.digest, claims.iss, claims.thread, MemberId("xac"), MemberId(third_party), "2026-01-01",
            shown_paths=shown,
        )  # fmt: skip

    async def test_the_referral_proves_no_more_than_its_lineage(self, street: Street) -> None:
        content = m.referral("xaa", new_id(), "A" * 43, answers=[answer()], lineage_visible_to=["xaa"])
        referral = Forger(street["xab"], street["xac"]).sign(content)
        [grant] = standing_grants([Word(referral.digest, referral.claims, content)])
        assert covers(grant, self.release(referral, "xaa", "answers.0.lineage.0"))
        beyond = self.release(referral, "xaa", "answers.0.lineage.0", "answers.0.explanation")
        assert find_gap(grant, beyond) == "other-fields"
        assert find_gap(grant, self.release(referral, "xad", "answers.0.lineage.0")) == "no-consent"

    def test_lineage_is_told_from_the_rest(self) -> None:
        content = m.referral("xaa", new_id(), "A" * 43, answers=[answer()])
        assert [one.path for one in lineage_in(content, flatten(content))] == ["answers.0.lineage.0"]
