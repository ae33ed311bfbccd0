"""Who belongs to a case, and what a consent lets go on: a forwarder that keeps no rule, and one that does."""

from __future__ import annotations

import dataclasses
import io
import tarfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from fakes import messages as m
from fakes.adversary import Forger, exhibit_of, new_id
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.node.handlers.case.casebook import instant
from tracepost.protocol import schema, statement
from tracepost.protocol.consent import Grant, Release, Word, covers, standing_grants
from tracepost.protocol.ids import (
    DeskId,
    MemberId,
    StatementDigest,
    ThreadId,
    decode_b64,
    encode_b64,
    parse_digest,
)
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import Claims, Restriction, Statement
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, share_pb2, trace_pb2

NO_ONWARD_RELEASE = Restriction("RESTRICTION_CODE_NO_ONWARD_RELEASE")
FROM_THE_FUTURE = "RESTRICTION_CODE_FROM_THE_FUTURE"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac", "xad") as street:
        yield street


async def ask(street: Street, content: Message | None = None, **more: Any) -> desk_pb2.Submission:
    """XAA asks XAB."""
    return await say(street, "xaa", content or m.request("T-1"), to=["xab"], **more)


async def say(street: Street, name: str, content: Message, **more: Any) -> desk_pb2.Submission:
    [sent] = await street[name].submit(draft(content, **more))
    await street.carry()
    return sent


async def post(street: Street, sender: str, to: str, signed: Statement) -> None:
    forger = Forger(street[sender], street[to])
    await street.deliver(street[sender], [await forger.post(forger.pack(signed))], to)


async def held(house: House) -> list[tuple[str, str]]:
    listed = await house.as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
    return [(one.kind, one.reason) for one in listed.mails]


async def in_effect(house: House, thread: str) -> list[tuple[str, str]]:
    records = await house.store.read(lambda tx: tx.statements.in_threads([ThreadId(thread)]))
    return [(r.iss, r.kind) for r in records if r.in_effect]


async def show(house: House, case: str) -> desk_pb2.CaseView:
    return await house.as_officer("police").ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


def referral_of(signed: Statement, author: House, *more: Statement, **changes: Any) -> trace_pb2.Referral:
    """Return a referral of a request that the forger holds, by the consent that comes last."""
    thread = changes.pop("request_thread", signed.claims.thread)
    content = m.referral(author.member, thread, encode_b64(signed.digest), "1", **changes)
    content.consent_digest = encode_b64((more or (signed,))[-1].digest)
    content.exhibits.extend(exhibit_of(one, author) for one in (signed, *more))
    return content


def share_of(*shown: tuple[Statement, House]) -> share_pb2.Share:
    exhibits = [exhibit_of(signed, author) for signed, author in shown]
    for exhibit, (signed, _) in zip(exhibits, shown, strict=True):
        public = (d.encoded for d in signed.disclosures if d.sensitivity is Sensitivity.PUBLIC)
        exhibit.public_disclosures.extend(public)
    return share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=exhibits)


class TestWhoBelongsToACase:
    """protocol.md: whom the request addresses, and to whom its issuer consents; nobody else."""

    async def answer(self, street: Street, asked: desk_pb2.Submission) -> None:
        """XAD answers XAA's request."""
        forger = Forger(street["xad"], street["xaa"])
        reply = parse_digest(asked.statement)
        content = m.response(m.answer("1"))
        signed = forger.sign(content, thread=ThreadId(asked.thread), in_reply_to=reply)
        await post(street, "xad", "xaa", signed)

    async def test_nobody_writes_himself_into_a_case_by_a_referral_of_his_own(self, street: Street) -> None:
        asked = await ask(street)
        forger = Forger(street["xad"], street["xaa"])
        own = forger.sign(m.request("X", referral_consents=["xaa"]), aud=(MemberId("xad"),))
        content = referral_of(own, street["xad"])
        await post(street, "xad", "xaa", forger.sign(content, thread=ThreadId(asked.thread)))
        await self.answer(street, asked)
        assert await in_effect(street["xaa"], asked.thread) == [("xaa", "trace.request/1")]
        assert await held(street["xaa"]) == [("trace.response/1", "third-state-without-referral")]

    async def test_two_members_do_not_refer_another_request_into_a_case(self, street: Street) -> None:
        asked = await ask(street)
        thread = ThreadId(asked.thread)
        theirs = Forger(street["xac"], street["xad"]).sign(
            m.request("X", referral_consents=["xaa"]), thread=thread
        )
        signed = Forger(street["xad"], street["xaa"]).sign(referral_of(theirs, street["xac"]), thread=thread)
        await post(street, "xad", "xaa", signed)
        await self.answer(street, asked)
        assert await held(street["xaa"]) == [
            ("trace.referral/1", "other-case"),
            ("trace.response/1", "third-state-without-referral"),
        ]

    @pytest.mark.parametrize("content", [m.status(), m.request("X")], ids=["status", "request"])
    async def test_who_was_asked_brings_nobody_in(self, street: Street, content: Message) -> None:
        asked = await ask(street)
        signed = Forger(street["xab"], street["xaa"]).sign(
            content,
            thread=ThreadId(asked.thread),
            aud=(MemberId("xaa"), MemberId("xad")),
            in_reply_to=parse_digest(asked.statement),
        )
        await post(street, "xab", "xaa", signed)
        await self.answer(street, asked)
        assert ("trace.response/1", "third-state-without-referral") in await held(street["xaa"])

    async def test_whom_the_requester_lets_in_answers(self, street: Street) -> None:
        asked = await ask(street)
        await say(street, "xaa", m.consent("xad"), to=["xab"], case=asked.thread)
        await self.answer(street, asked)
        assert ("xad", "trace.response/1") in await in_effect(street["xaa"], asked.thread)


class TestAReferralByWhoKeepsNoRule:
    """Chapter 11: the request is of this case, and the consent covers what is referred."""

    async def refer(self, street: Street, request: Statement, *consents: Statement, **claims: Any) -> None:
        """XAB refers XAA's request to XAC."""
        forger = Forger(street["xab"], street["xac"])
        content = referral_of(request, street["xaa"], *consents)
        signed = forger.sign(content, **{"thread": request.claims.thread, **claims})
        await post(street, "xab", "xac", signed)

    def request(self, street: Street, **more: Any) -> Statement:
        consents = more.pop("referral_consents", ())
        return Forger(street["xaa"], street["xab"]).sign(m.request("T-1", referral_consents=consents), **more)

    async def test_what_is_covered_takes_effect(self, street: Street) -> None:
        request = self.request(street)
        consent = self.consent(street, request, item_ids=["1"], until="2999-01-01")
        await self.refer(street, request, consent)
        assert await in_effect(street["xac"], request.claims.thread) == [("xab", "trace.referral/1")]

    @pytest.mark.parametrize(
        "terms",
        [
            {"until": "2020-01-01"},
            {"item_ids": ["9"]},
            {"statement_digest": "A" * 43},
        ],
        ids=["ended", "other-items", "another-statement"],
    )
    async def test_what_goes_beyond_its_consent_is_held(self, street: Street, terms: dict[str, Any]) -> None:
        request = self.request(street)
        await self.refer(street, request, self.consent(street, request, **terms))
        assert await held(street["xac"]) == [("trace.referral/1", "third-state-without-referral")]

    @pytest.mark.parametrize(
        "claims", [{"thread": ThreadId(new_id())}, {"aud": (MemberId("xad"),)}], ids=["case", "audience"]
    )
    async def test_a_consent_of_another_case_or_to_another_is_none(
        self, street: Street, claims: dict[str, Any]
    ) -> None:
        request = self.request(street)
        await self.refer(street, request, self.consent(street, request, claims))
        assert await held(street["xac"]) == [("trace.referral/1", "third-state-without-referral")]

    async def test_another_request_that_consents_for_itself_is_none(self, street: Street) -> None:
        request = self.request(street)
        other = self.request(street, referral_consents=["xac"], thread=request.claims.thread)
        await self.refer(street, request, other)
        assert await held(street["xac"]) == [("trace.referral/1", "third-state-without-referral")]

    async def test_a_request_of_another_case_is_refused(self, street: Street) -> None:
        request = self.request(street, referral_consents=["xac"])
        thread = ThreadId(new_id())
        await self.refer(street, request, thread=thread)
        assert (await in_effect(street["xac"], thread), await held(street["xac"])) == ([], [])

    async def test_an_instruction_that_cannot_be_read_holds_it(self, street: Street) -> None:
        asked = m.request("T-1", referral_consents=["xac"])
        unread = Field("handling_instructions", Sensitivity.ADMINISTRATIVE, ["HANDLING_INSTRUCTION_NEW"])
        request = Forger(street["xaa"], street["xab"]).sign_fields(
            "trace.request/1", [*schema.flatten(asked), unread]
        )
        await self.refer(street, request)
        assert await held(street["xac"]) == [("trace.referral/1", "unknown-handling-instruction")]

    async def test_a_restriction_that_cannot_be_read_holds_it(self, street: Street) -> None:
        request = self.request(
            street, referral_consents=["xac"], restrictions=(Restriction(FROM_THE_FUTURE),)
        )
        await self.refer(street, request)
        assert await held(street["xac"]) == [("trace.referral/1", "unknown-restriction")]

    def consent(
        self, street: Street, request: Statement, claims: dict[str, Any] | None = None, **terms: Any
    ) -> Statement:
        given = {"thread": request.claims.thread, **(claims or {})}
        return Forger(street["xaa"], street["xab"]).sign(m.consent("xac", **terms), **given)


class TestAShareByWhoKeepsNoRule:
    """ITI 15(c): the receiver asks for the author's consent too."""

    async def share(self, street: Street, content: share_pb2.Share) -> list[tuple[str, str]]:
        await post(street, "xab", "xac", Forger(street["xab"], street["xac"]).sign(content))
        return await held(street["xac"])

    def restricted(self, street: Street) -> Statement:
        return Forger(street["xaa"], street["xab"]).sign(m.request("T-1"), restrictions=(NO_ONWARD_RELEASE,))

    async def test_what_is_not_to_be_released_is_held(self, street: Street) -> None:
        content = share_of((self.restricted(street), street["xaa"]))
        assert await self.share(street, content) == [("share/1", "released-without-consent")]

    async def test_what_stands_inside_another_statement_is_held(self, street: Street) -> None:
        inner = share_of((self.restricted(street), street["xaa"]))
        passed_on = Forger(street["xab"], street["xac"]).sign(inner)
        content = share_of((passed_on, street["xab"]))
        assert await self.share(street, content) == [("share/1", "released-without-consent")]

    async def test_with_consent_it_takes_effect(self, street: Street) -> None:
        request = self.restricted(street)
        consent = Forger(street["xaa"], street["xab"]).sign(m.consent("xac"), thread=request.claims.thread)
        content = share_of((request, street["xaa"]), (consent, street["xaa"]))
        assert await self.share(street, content) == []

    @pytest.mark.parametrize("withheld", [{"until"}, {"until", "fields"}, {"fields"}])
    async def test_a_consent_of_which_a_part_is_withheld_is_none(
        self, street: Street, withheld: set[str]
    ) -> None:
        """Its limits might be in that part; only the counter tells that they are not."""
        request = self.restricted(street)
        given = m.consent("xac", until="2999-01-01")
        consent = Forger(street["xaa"], street["xab"]).sign(given, thread=request.claims.thread)
        shown = statement.redact(consent, lambda d: d.path not in withheld)
        content = share_of((request, street["xaa"]), (shown, street["xaa"]))
        assert await self.share(street, content) == [("share/1", "released-without-consent")]

    async def test_a_consent_for_another_purpose_does_not_let_it_take_effect(self, street: Street) -> None:
        request = self.restricted(street)
        given = m.consent("xac", purpose="PURPOSE_EMBARGO_MONITORING")
        consent = Forger(street["xaa"], street["xab"]).sign(given, thread=request.claims.thread)
        content = share_of((request, street["xaa"]), (consent, street["xaa"]))
        assert await self.share(street, content) == [("share/1", "released-without-consent")]

    async def test_an_added_restriction_that_cannot_be_read_holds_it(self, street: Street) -> None:
        request = Forger(street["xaa"], street["xab"]).sign(m.request("T-1"))
        fields = schema.flatten(share_of((request, street["xaa"])))
        added = Field("exhibits.0.restrictions.0", Sensitivity.ADMINISTRATIVE, {"code": FROM_THE_FUTURE})
        signed = Forger(street["xab"], street["xac"]).sign_fields("share/1", [*fields, added])
        await post(street, "xab", "xac", signed)
        assert await held(street["xac"]) == [("share/1", "unknown-restriction")]


class TestALastDayDeepInside:
    """Of what stands in an exhibit its author's last day counts, though the forwarder does not repeat it."""

    async def test_after_it_the_exhibit_that_holds_it_is_shown_no_more(self, street: Street) -> None:
        last = Restriction("RESTRICTION_CODE_DELETE_AFTER", instant(street.clock())[:10])
        request = Forger(street["xaa"], street["xab"]).sign(m.request("T-1"), restrictions=(last,))
        inner = Forger(street["xab"], street["xac"]).sign(share_of((request, street["xaa"])))
        outer = Forger(street["xab"], street["xac"]).sign(share_of((inner, street["xab"])))
        await post(street, "xab", "xac", outer)
        [before] = (await show(street["xac"], outer.claims.thread)).statements
        assert before.content.share.exhibits
        street.clock.now += 86400
        [after] = (await show(street["xac"], outer.claims.thread)).statements
        assert not after.content.share.exhibits
        assert after.problem.reason == "keeping-ended"


class TestRestrictionsDeepInside:
    """What binds a statement binds it at every depth, though no forwarder repeats it."""

    @pytest.mark.parametrize("code", ["PURPOSE_LIMITED", "NO_USE_IN_COURT"])
    @pytest.mark.parametrize("by_author", [True, False])
    async def test_it_binds_whether_its_author_laid_it_or_the_first_forwarder(
        self, street: Street, code: str, by_author: bool
    ) -> None:
        laid = (Restriction(f"RESTRICTION_CODE_{code}"),) if by_author else ()
        request = Forger(street["xaa"], street["xab"]).sign(m.request("T-1"), restrictions=laid)
        first = share_of((request, street["xaa"]))
        if not by_author:
            first.exhibits[0].restrictions.add(code=f"RESTRICTION_CODE_{code}")
        inner = Forger(street["xab"], street["xac"]).sign(first)
        outer = Forger(street["xab"], street["xac"]).sign(share_of((inner, street["xab"])))
        await post(street, "xab", "xac", outer)
        assert "exhibits.0.jws" in await exported(street["xac"], outer.claims.thread)
        other = await exported(street["xac"], outer.claims.thread, purpose="PURPOSE_PROSECUTION")
        assert "exhibits.0" not in other
        assert "reason" in other


async def exported(house: House, case: str, **more: Any) -> str:
    """Return what the statements in an export disclose, as text."""
    asked = desk_pb2.ExportCaseRequest(case=case, format="EXPORT_FORMAT_SD_JWT", **more)
    data = b"".join([c.data async for c in house.as_officer("police").ExportCase(asked, NO_CONTEXT)])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        files = [tar.extractfile(one) for one in tar.getnames() if one.endswith(".sd-jwt")]
        compacts = [file.read().decode() for file in files if file is not None]
    disclosures = [text for compact in compacts for text in compact.split("~")[1:-1]]
    return " ".join(decode_b64(one, "").decode() for one in disclosures)


class TestWhatGoesOn:
    """A node that keeps the rules shows what is wanted, as far as it is consented to."""

    async def test_no_statement_inside_another_goes_on_without_its_authors_consent(
        self, street: Street
    ) -> None:
        asked = await ask(street, restrictions=[m.no_onward_release()])
        await say(street, "xaa", m.consent("xac"), to=["xab"], case=asked.thread)
        shared = await self.share(street, "xab", asked.statement, "xac", asked.thread)
        refused = await self.share(street, "xac", shared.statement, "xad", shared.thread)
        assert (refused.problem.code, refused.problem.reason) == ("not-allowed", "no-consent")

    async def test_restrictions_of_what_is_inside_are_laid_on_the_exhibit(self, street: Street) -> None:
        only = share_pb2.Exhibit().restrictions.add(code="RESTRICTION_CODE_NO_PUBLICATION")
        asked = await ask(street, restrictions=[only])
        shared = await self.share(street, "xab", asked.statement, "xac", asked.thread)
        again = await self.share(street, "xac", shared.statement, "xad", shared.thread)
        [shown] = (await show(street["xad"], again.thread)).statements
        [exhibit] = shown.content.share.exhibits
        assert [r.code for r in exhibit.restrictions] == [only.code]

    async def test_a_consent_in_one_case_releases_no_other(self, street: Street) -> None:
        bound = [m.no_onward_release()]
        one = await ask(street, restrictions=bound)
        two = await ask(street, m.request("T-2"), restrictions=bound)
        await say(street, "xaa", m.consent("xac"), to=["xab"], case=one.thread)
        refused = await self.share(street, "xab", two.statement, "xac", one.thread)
        assert refused.problem.reason == "no-consent"

    @pytest.mark.parametrize(
        ("terms", "reason"),
        [
            ({"until": "2020-01-01"}, "consent-ended"),
            ({"statement_digest": "A" * 43}, "other-statement"),
            ({"purpose": "PURPOSE_PROSECUTION"}, "other-purpose"),
        ],
        ids=["ended", "another-statement", "another-purpose"],
    )
    async def test_a_consent_releases_what_it_says(
        self, street: Street, terms: dict[str, Any], reason: str
    ) -> None:
        asked = await ask(street, restrictions=[m.no_onward_release()])
        await say(street, "xaa", m.consent("xac", **terms), to=["xab"], case=asked.thread)
        refused = await self.share(street, "xab", asked.statement, "xac", asked.thread)
        assert refused.problem.reason == reason

    async def test_a_share_says_the_purpose_of_the_consent_and_goes(self, street: Street) -> None:
        asked = await ask(street, restrictions=[m.no_onward_release()])
        purpose = "PURPOSE_PROSECUTION"
        await say(street, "xaa", m.consent("xac", purpose=purpose), to=["xab"], case=asked.thread)
        content = m.share(asked.statement)
        shared = await say(
            street, "xab", content, to=["xac"], case=asked.thread, desk="police", purpose=purpose
        )
        assert not shared.HasField("problem"), shared.problem
        assert await held(street["xac"]) == []

    async def test_a_share_shows_the_items_and_fields_of_the_consent_and_its_conditions(
        self, street: Street
    ) -> None:
        asked = await ask(
            street,
            m.request("T-1", "1", "2", ground_text="the ground"),
            restrictions=[m.no_onward_release()],
        )
        terms: dict[str, Any] = {"item_ids": ["2"], "field_paths": ["items.1.object"]}
        consent = m.consent("xac", statement_digest=asked.statement, **terms)
        consent.conditions.add(code="RESTRICTION_CODE_NO_USE_IN_COURT")
        await say(street, "xaa", consent, to=["xab"], case=asked.thread)
        shared = await self.share(street, "xab", asked.statement, "xac", asked.thread)
        [shown] = (await show(street["xac"], shared.thread)).statements
        exhibit, _ = shown.content.share.exhibits
        assert {"items.0", "ground_text"} <= set(exhibit.dropped)
        assert list(exhibit.restrictions) == list(consent.conditions)

    async def test_persons_of_other_items_stay_behind(self, street: Street) -> None:
        content = m.request("T-1", "1", "2", referral_consents=["xac"])
        for number in ("1", "2"):
            content.persons.add(role="PERSON_ROLE_SUSPECT", name=f"canary-{number}", item_ids=[number])
        asked = await ask(street, content)
        await self.refer(street, asked, "2")
        [shown] = (await show(street["xac"], asked.thread)).statements
        said: Any = read_exhibit(shown.content.referral.exhibits[0]).message
        assert [one.name for one in said.persons if one.name] == ["canary-2"]

    async def test_a_withdrawn_request_is_not_referred(self, street: Street) -> None:
        asked = await ask(street, m.request("T-1", referral_consents=["xac"]))
        await say(street, "xaa", m.withdrawal(deletion_asked=True), to=["xab"], case=asked.thread)
        assert (await self.refer(street, asked)).problem.reason == "no-consent"

    async def test_an_amended_list_of_consents_is_the_list(self, street: Street) -> None:
        asked = await ask(street, m.request("T-1", referral_consents=["xac", "xad"]))
        content = m.amendment(asked.statement, changed_paths=["referral_consents"], referral_consents=["xad"])
        await say(street, "xaa", content, to=["xab"], case=asked.thread)
        assert (await self.refer(street, asked)).problem.reason == "no-consent"

    async def test_what_has_an_unread_restriction_is_held_and_not_passed_on(self, street: Street) -> None:
        signed = Forger(street["xaa"], street["xab"]).sign(
            m.request("T-1"), restrictions=(Restriction(FROM_THE_FUTURE),)
        )
        await post(street, "xaa", "xab", signed)
        assert await held(street["xab"]) == [("trace.request/1", "unknown-restriction")]
        thread = signed.claims.thread
        refused = await self.share(street, "xab", encode_b64(signed.digest), "xac", thread)
        assert (refused.problem.code, refused.problem.reason) == ("not-allowed", "unknown-restriction")

    async def test_one_item_of_a_large_request_is_referred(self, street: Street) -> None:
        content = m.request("T-1", *map(str, range(1, 301)), referral_consents=["xac"])
        for item in content.items:
            for number in range(12):
                item.object.mark.add(role="MARK_ROLE_PROOF", text_as_seen=f"P{number}")
        asked = await ask(street, content)
        assert not (await self.refer(street, asked, "7")).HasField("problem")
        [shown] = (await show(street["xac"], asked.thread)).statements
        assert len(shown.content.referral.exhibits[0].dropped) == 299

    async def share(self, street: Street, name: str, digest: str, to: str, case: str) -> desk_pb2.Submission:
        return await say(street, name, m.share(digest), to=[to], case=case, desk="police")

    async def refer(self, street: Street, asked: desk_pb2.Submission, item: str = "1") -> desk_pb2.Submission:
        content = m.referral("xaa", asked.thread, asked.statement, item)
        return await say(street, "xab", content, to=["xac"], case=asked.thread, desk="police")


XAA, XAB, XAC = map(MemberId, ("xaa", "xab", "xac"))
THREAD = ThreadId("01890000-0000-7000-8000-000000000000")
REQUEST = StatementDigest(bytes(32))
RELEASE = Release(
    digest=REQUEST,
    issuer=XAA,
    thread=THREAD,
    forwarder=XAB,
    third_party=XAC,
    day="2026-06-30",
    item_ids=frozenset({"1"}),
    shown_paths=frozenset({"items.0.object.make"}),
    purpose="PURPOSE_CRIMINAL_INVESTIGATION",
)


def said(message: Message, number: int = 1, iss: MemberId = XAA) -> Word:
    claims = Claims(
        iss=iss,
        aud=(XAB,),
        iat=number,
        jti=new_id(),
        kind=schema.kind_of(message),
        thread=THREAD,
        in_reply_to=None,
        desk=DeskId("poc"),
        purpose="",
        legal_basis="",
    )
    return Word(StatementDigest(bytes([number]) * 32), claims, message)


def grants(*messages: Message) -> Sequence[Grant]:
    return standing_grants([said(one, number) for number, one in enumerate(messages, 1)])


class TestCovers:
    """The one rule of sender and receiver, term by term."""

    def test_a_consent_without_terms_covers_all_that_its_author_wrote_in_the_case(self) -> None:
        [grant] = grants(m.consent("xac"))
        assert covers(grant, RELEASE)

    @pytest.mark.parametrize(
        "other",
        [
            {"issuer": XAB},
            {"thread": ThreadId(new_id())},
            {"forwarder": MemberId("xad")},
            {"third_party": MemberId("xad")},
            {"digest": StatementDigest(bytes([9]) * 32)},
            {"day": "2026-07-02"},
            {"item_ids": frozenset({"1", "2"})},
            {"shown_paths": frozenset({"persons.0"})},
            {"purpose": "PURPOSE_PROSECUTION"},
            {"purpose": ""},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_each_term_counts(self, other: dict[str, Any]) -> None:
        terms: dict[str, Any] = {"item_ids": ["1"], "field_paths": ["items"], "until": "2026-07-01"}
        [grant] = grants(m.consent("xac", statement_digest=encode_b64(REQUEST), **terms))
        assert covers(grant, RELEASE)
        assert not covers(grant, dataclasses.replace(RELEASE, **other))

    def test_a_purpose_that_is_withheld_is_that_of_no_release(self) -> None:
        consent = m.consent("xac")
        consent.ClearField("purpose")
        [grant] = grants(consent)
        for purpose in (RELEASE.purpose, "", "PURPOSE_UNSPECIFIED"):
            assert not covers(grant, dataclasses.replace(RELEASE, purpose=purpose))

    def test_what_a_request_consents_to_is_for_that_request_whatever_its_purpose(self) -> None:
        [grant] = grants(m.request("T-1", referral_consents=["xac"]))
        assert covers(grant, dataclasses.replace(RELEASE, digest=grant.digest, purpose="PURPOSE_PROSECUTION"))

    def test_a_request_consents_for_itself(self) -> None:
        [grant] = grants(m.request("T-1", referral_consents=["xac"]))
        assert not covers(grant, RELEASE)
        assert covers(grant, dataclasses.replace(RELEASE, digest=grant.digest))

    def test_an_amendment_consents_for_what_it_amends(self) -> None:
        [grant] = grants(m.amendment(encode_b64(REQUEST), referral_consents=["xac"]))
        assert covers(grant, RELEASE)
        assert not covers(grant, dataclasses.replace(RELEASE, digest=StatementDigest(bytes([9]) * 32)))

    @pytest.mark.parametrize(
        "word",
        [
            m.consent("xac", step="REVOKED"),
            m.consent("xac", decision="CONSENT_DECISION_DENIED"),
            m.withdrawal(),
        ],
        ids=["revoked", "denied", "withdrawn"],
    )
    def test_a_later_word_ends_it(self, word: Message) -> None:
        assert grants(m.request("T-1", referral_consents=["xac"]), word) == ()

    @pytest.mark.parametrize(
        "word",
        [m.consent("xac", step="ASKED"), m.consent("xad", step="REVOKED"), m.withdrawal(item_ids=["1"])],
        ids=["asked", "another-member", "some-items"],
    )
    def test_another_word_does_not(self, word: Message) -> None:
        assert len(grants(m.consent("xac"), word)) == 1

    def test_only_its_author_ends_it(self) -> None:
        words = [said(m.consent("xac")), said(m.consent("xac", step="REVOKED"), 2, XAB)]
        assert len(standing_grants(words)) == 1
