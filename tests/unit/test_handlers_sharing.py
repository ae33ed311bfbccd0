"""Passing on a chosen part of statements: what goes, what a preview says of it, and what the logs prove of it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fakes import messages as m
from fakes.adversary import Forger, exhibit_of
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.node.config import ConsentSettings
from tracepost.node.gate import Action
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.drafting.choosing import read_choice
from tracepost.node.handlers.sealed.opening import Sealed, load_sealed
from tracepost.node.handlers.sealed.shown_exhibits import verify_exhibits
from tracepost.node.handlers.sending.standing_consents import StandingConsents
from tracepost.node.ports.store import Tx
from tracepost.protocol.casefile import read_casefile, verify_casefile
from tracepost.protocol.errors import InvalidInputError, StatementError
from tracepost.protocol.ids import MemberId, parse_digest
from tracepost.protocol.schema import Field, JsonValue, Sensitivity
from tracepost.protocol.statement import Disclosure, Restriction, Statement
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, onward_pb2, options_pb2, share_pb2, terms_pb2
from tracepost.wire.v1.post_pb2 import Announcement

NO_ONWARD = "RESTRICTION_CODE_NO_ONWARD_RELEASE"
NO_ONWARD_RELEASE = terms_pb2.Restriction(code="RESTRICTION_CODE_NO_ONWARD_RELEASE")


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac", "xad", relays=["hub"]) as street:
        yield street


async def ask(street: Street, **more: Any) -> desk_pb2.Submission:
    """XAA asks XAB about items 1 and 2; what is covert is not sent to anybody."""
    request = m.rich_request("T-1")
    request.items.append(m.item("2"))
    request.withheld.add(path="legal_provision", ground="WITHHOLDING_GROUND_CONFIDENTIALITY_LAW")
    said = draft(request, to=["xab"], parts=[m.PICTURE, m.SCENE], **more)
    [sent] = await street["xaa"].submit(said)
    await street.carry()
    return sent


def share(*choices: onward_pb2.ShareChoice, to: Sequence[str] = ("xac",), **more: Any) -> desk_pb2.Draft:
    return draft(share_pb2.Share(reason="SHARE_REASON_CASE"), to=to, shared=choices, desk="police", **more)


def choice(statement: str, *fields: str, without: Sequence[str] = ()) -> onward_pb2.ShareChoice:
    return onward_pb2.ShareChoice(statement=statement, fields=fields, without=without)


async def shown_to(house: House, case: str, desk: str = "police") -> share_pb2.Exhibit:
    view = await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)
    [statement] = [one for one in view.statements if one.kind == "share/1"]
    assert not statement.HasField("problem")
    [exhibit] = statement.content.share.exhibits
    return exhibit


async def take(house: House, papers: Announcement) -> None:
    asked = desk_pb2.ImportPapersRequest(announcement=papers)
    await house.as_officer().ImportPapers(asked, NO_CONTEXT)


async def opened(house: House, digest: str) -> list[Statement]:
    """Return a statement as the police desk of `house` opens it."""
    desk = next(one for one in house.office.desks if one.desk == "police")

    def read(tx: Tx) -> list[Sealed]:
        return load_sealed(tx, list(tx.statements.find([parse_digest(digest)]).values()), desk.desk)

    return [house.opener.open(one, desk, Action.OPEN).statement for one in await house.store.read(read)]


class TestChoosing:
    """A class, a field, an item; what binds the receiver is never left out."""

    FIELDS: ClassVar[tuple[tuple[str, JsonValue, Sensitivity], ...]] = (
        ("file_number", "T-1", Sensitivity.ADMINISTRATIVE),
        ("handling_instructions", ["HANDLING_INSTRUCTION_DO_NOT_ALERT"], Sensitivity.ADMINISTRATIVE),
        ("withheld.0", {"path": "text"}, Sensitivity.ADMINISTRATIVE),
        ("items.0.id", "A-1", Sensitivity.ADMINISTRATIVE),
        ("items.0.object.make", "x", Sensitivity.OBJECT),
        ("items.0.object.mark.0", {}, Sensitivity.OBJECT),
        ("items.1.id", "A-2.b", Sensitivity.ADMINISTRATIVE),
        ("items.1.object.make", "y", Sensitivity.OBJECT),
        ("ground_text", "why", Sensitivity.LAW_ENFORCEMENT),
    )
    BINDING = frozenset({"handling_instructions", "withheld.0"})

    def select(self, *fields: str, without: Sequence[str] = ()) -> set[str]:
        disclosures = [Disclosure("", path, value, of) for path, value, of in self.FIELDS]
        return set(read_choice(fields, without, "shared").select(disclosures) - self.BINDING)

    def test_nothing_chosen_is_everything(self) -> None:
        assert len(self.select()) == len(self.FIELDS) - len(self.BINDING)

    def test_a_class(self) -> None:
        ids = {"items.0.id", "items.1.id"}
        objects = {"items.0.object.make", "items.0.object.mark.0", "items.1.object.make"}
        assert self.select("object") == objects | ids
        assert self.select("law-enforcement") == {"ground_text"}
        assert self.select(without=["OBJECT", "administrative"]) == {"ground_text"}

    def test_a_field_or_all_below_it(self) -> None:
        assert self.select("items.0.object") == {"items.0.object.make", "items.0.object.mark.0", "items.0.id"}
        assert self.select("items.*.object.make", "ground_*") == {
            "items.0.object.make", "items.0.id", "items.1.object.make", "items.1.id", "ground_text",
        }  # fmt: skip
        assert self.select("items.0.obj") == set()

    def test_an_item_by_its_id(self) -> None:
        assert self.select("item:A-2.b") == {"items.1.id", "items.1.object.make"}
        assert self.select("item:A-*/object.make") == {
            "items.0.id", "items.0.object.make", "items.1.id", "items.1.object.make",
        }  # fmt: skip
        assert self.select("item:A-1", without=["items.*.object.mark"]) == {
            "items.0.id",
            "items.0.object.make",
        }

    def test_what_binds_cannot_be_left_out(self) -> None:
        disclosures = [Disclosure("", path, value, of) for path, value, of in self.FIELDS]
        chosen = read_choice(["object"], ["handling_instructions", "withheld"], "shared").select(disclosures)
        assert chosen >= self.BINDING

    @pytest.mark.parametrize("text", ["Items.0", "items..0", "item:", "OBJECTS!", "a b"])
    def test_what_names_nothing_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidInputError) as refusal:
            read_choice([text], [], "shared.0")
        assert refusal.value.where == "shared.0.fields"


class TestSharing:
    """Fewer fields, the signature whole; withheld and left out are told apart."""

    async def test_the_receiver_sees_what_was_chosen_and_that_the_rest_was_left_out(
        self, street: Street
    ) -> None:
        asked = await ask(street)
        chosen = choice(
            asked.statement, "item:1/object", "ground_text", without=["items.*.object.photograph"]
        )
        [told] = await street["xab"].submit(share(chosen, case=asked.thread))
        assert not told.HasField("problem")
        await street.carry()
        exhibit = await shown_to(street["xac"], told.thread)
        read = read_exhibit(exhibit)
        message: Any = read.message
        assert [one.object.make for one in message.items] == ["canary-object-make"]
        assert message.ground_text == "canary-law-enforcement-ground"
        assert not message.items[0].object.photograph
        assert not message.persons
        assert "items.1" in exhibit.dropped
        assert "persons.0" in exhibit.dropped
        assert [(one.path, one.ground) for one in message.withheld] == [
            ("legal_provision", terms_pb2.WITHHOLDING_GROUND_CONFIDENTIALITY_LAW)
        ]
        assert not any(path.startswith("withheld") for path in exhibit.dropped)
        assert read.counts[Sensitivity.PERSONAL] == (0, 1)

    async def test_the_receivers_file_of_evidence_tells_it_too(self, street: Street) -> None:
        asked = await ask(street)
        [told] = await street["xab"].submit(share(choice(asked.statement, "object"), case=asked.thread))
        await street.carry()
        asked_for = desk_pb2.ExportCaseRequest(case=told.thread, format=desk_pb2.EXPORT_FORMAT_TRACEPOST)
        chunks = [c async for c in street["xac"].as_officer("police").ExportCase(asked_for, NO_CONTEXT)]
        case = read_casefile(b"".join(c.data for c in chunks))
        report = verify_casefile(case, street.trust, now=street.clock())
        [statement] = report.statements
        [exhibit] = statement.shown.exhibits
        assert [one.path for one in exhibit.shown.withheld] == ["legal_provision"]
        assert "ground_text" in exhibit.dropped
        [delivery] = exhibit.deliveries
        assert (delivery.to, delivery.bound) == ("xab", True)
        assert delivery.sent_at is not None

    async def test_who_was_shown_something_may_answer(self, street: Street) -> None:
        asked = await ask(street)
        [told] = await street["xab"].submit(share(choice(asked.statement, "object"), case=asked.thread))
        await street.carry()
        question = m.clarification()
        [answer] = await street["xac"].submit(draft(question, to=["xab"], case=told.thread))
        assert not answer.HasField("problem"), answer
        await street.carry()
        held = await street["xab"].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
        assert not held.mails

    async def test_a_refusal_names_the_use_and_the_fields_that_lack_a_consent(self, street: Street) -> None:
        asked = await ask(street, restrictions=[NO_ONWARD_RELEASE])
        chosen = choice(asked.statement, "item:1/object", "ground_text", "persons")
        [told] = await street["xab"].submit(share(chosen, case=asked.thread))
        words, remedy = told.problem.words, told.problem.remedy
        assert words.startswith("xaa has not consented that xac sees this for criminal-investigation: ")
        named = set(words.partition(": ")[2].split(", "))
        assert {one for one in named if not one.startswith("items.0.object.")} == {"ground_text", "persons.0"}
        assert "items.0.object.make" in named
        assert f"--third-party xac --statement {asked.statement} --for criminal-investigation" in remedy
        assert all(f" --path {path}" in remedy for path in named)
        assert "canary" not in str(told)


class TestPreview:
    """Exactly what each desk would see, and what is missing; nothing is stored."""

    async def test_it_says_who_would_see_which_field(self, street: Street) -> None:
        asked = await ask(street)
        chosen = choice(asked.statement, "object", "personal", "ground_text")
        [told] = await street["xab"].submit(share(chosen, case=asked.thread, preview=True))
        [exhibit] = told.exhibits
        readers = {one.path: set(one.desks) for one in exhibit.fields}
        assert readers["items.0.object.make"] == {"xac/poc", "xac/police"}
        assert readers["persons.0"] == {"xac/police"}
        assert readers["items.0.id"] == {"xac/node", "xac/poc", "xac/police"}
        left = {one.path: one.because for one in exhibit.left_out if one.path}
        assert left["companies.0"] == onward_pb2.LEFT_OUT_BECAUSE_NOT_CHOSEN
        assert [one.path for one in exhibit.withheld] == ["legal_provision"]
        assert exhibit.proofs == 2
        assert not exhibit.missing

    async def test_what_it_says_is_what_happens(self, street: Street) -> None:
        asked = await ask(street)
        said = share(choice(asked.statement, "object", "contact"), case=asked.thread, preview=True)
        [preview] = (await street["xab"].submit(said))[0].exhibits
        said.preview = False
        await street["xab"].submit(said)
        await street.carry()
        for desk in ("poc", "police"):
            message: Any = read_exhibit(await shown_to(street["xac"], asked.thread, desk)).message
            promised = {one.path for one in preview.fields if f"xac/{desk}" in one.desks}
            assert ("contacts.0" in promised) == bool(message.contacts)
            assert ("items.0.object.make" in promised) == bool(message.items[0].object.make)

    async def test_it_names_the_consent_that_is_missing(self, street: Street) -> None:
        asked = await ask(street, restrictions=[NO_ONWARD_RELEASE])
        said = share(choice(asked.statement, "object"), case=asked.thread, preview=True)
        [told] = await street["xab"].submit(said)
        [exhibit] = told.exhibits
        assert [one.reason for one in exhibit.missing] == ["no-consent"]
        assert "trace consent" in exhibit.missing[0].remedy
        said.preview = False
        [refused] = await street["xab"].submit(said)
        assert refused.problem.reason == "no-consent"

    async def test_it_names_the_consent_that_it_rests_on(self, street: Street) -> None:
        asked = await ask(street, restrictions=[NO_ONWARD_RELEASE])
        consent = m.consent("xac", statement_digest=asked.statement, field_paths=["items"])
        [given] = await street["xaa"].submit(draft(consent, to=["xab"], case=asked.thread))
        await street.carry()
        chosen = choice(asked.statement, "object", "ground_text")
        [told] = await street["xab"].submit(share(chosen, case=asked.thread, preview=True))
        exhibit = told.exhibits[0]
        assert [(one.statement, one.third_party) for one in exhibit.consents] == [(given.statement, "xac")]
        left = {one.path: one.because for one in exhibit.left_out}
        assert left["ground_text"] == onward_pb2.LEFT_OUT_BECAUSE_BEYOND_CONSENT
        assert [one.code for one in exhibit.restrictions] == [terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE]

    async def test_nothing_is_stored(self, street: Street) -> None:
        asked = await ask(street)
        house = street["xab"]
        before = house.store.evidence.head.size
        await house.submit(share(choice(asked.statement), case=asked.thread, preview=True))
        assert house.store.evidence.head.size == before
        assert not await street.queued(house)


class TestStandingConsent:
    """A member consents once, in its directory entry: to whom, for what, which classes, until when."""

    async def declare(self, street: Street, *consents: ConsentSettings) -> None:
        street.clock.now += 60
        entry = street["xaa"].identities.announcement(street.clock(), consents=consents)
        for house in street.houses.values():
            await take(house, entry)

    async def test_it_goes_along_and_nothing_beyond_it_goes(self, street: Street) -> None:
        asked = await ask(street, restrictions=[NO_ONWARD_RELEASE])
        await self.declare(street, ConsentSettings(MemberId("xac"), classes=("OBJECT",)))
        [told] = await street["xab"].submit(share(choice(asked.statement), case=asked.thread))
        assert not told.HasField("problem"), told.problem
        await street.carry()
        view = (
            await street["xac"]
            .as_officer("police")
            .ShowCase(desk_pb2.ShowCaseRequest(case=told.thread), NO_CONTEXT)
        )
        [statement] = view.statements
        assert not statement.HasField("problem")
        request, entry = statement.content.share.exhibits
        shown: Any = read_exhibit(request).message
        assert shown.items[0].object.make == "canary-object-make"
        assert not shown.ground_text
        consents: Any = read_exhibit(entry).message
        assert [one.member for one in consents.declarations.standing_consents] == ["xac"]
        assert not consents.desks
        assert request.consent_digest == entry.statement_digest

    async def test_another_purpose_or_member_or_a_past_day_is_no_consent(self, street: Street) -> None:
        asked = await ask(street, restrictions=[NO_ONWARD_RELEASE])
        yesterday = instant(street.clock() - 86400)[:10]
        for settings in (
            ConsentSettings(MemberId("xad")),
            ConsentSettings(MemberId("xac"), until=yesterday),
            ConsentSettings(MemberId("xac"), purpose=terms_pb2.PURPOSE_STATISTICS),
        ):
            await self.declare(street, settings)
            [told] = await street["xab"].submit(share(choice(asked.statement), case=asked.thread))
            assert told.problem.reason in ("no-consent", "consent-ended", "other-purpose")

    async def test_a_forwarder_who_relies_on_none_is_held(self, street: Street) -> None:
        asked = await ask(street, restrictions=[NO_ONWARD_RELEASE])
        await self.declare(street, ConsentSettings(MemberId("xad")))
        forged = StandingConsents(street["xab"].papers).show(
            [one.digest for one in StandingConsents(street["xab"].papers).of(MemberId("xaa"))],
            [MemberId("xaa")],
        )
        [signed] = await opened(street["xab"], asked.statement)
        exhibit = exhibit_of(signed, street["xaa"])
        message = share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=[exhibit, *forged])
        forger = Forger(street["xab"], street["xac"])
        sent = forger.sign(message, thread=asked.thread)
        await street.deliver(street["xab"], [await forger.post(forger.pack(sent))], "xac")
        held = await street["xac"].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
        assert [one.reason for one in held.mails] == ["released-without-consent"]

    async def test_a_referral_rests_on_it_and_its_answer_is_let_in(self, street: Street) -> None:
        asked = await ask(street, restrictions=[NO_ONWARD_RELEASE])
        await self.declare(street, ConsentSettings(MemberId("xac")))
        content = m.referral("xaa", asked.thread, asked.statement, "2")
        [told] = await street["xab"].submit(draft(content, to=["xac"], case=asked.thread))
        assert not told.HasField("problem"), told.problem
        await street.carry()
        for name in ("xac", "xaa"):
            held = await street[name].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
            assert not held.mails
        answer = m.response(m.answer("2"))
        [answered] = await street["xac"].submit(draft(answer, to=["xaa"], case=asked.thread))
        assert not answered.HasField("problem"), answered.problem
        await street.carry()
        held = await street["xaa"].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
        assert not held.mails


class TestNotice:
    """Who wrote something is told to whom it went, which fields, resting on which consent; in one transaction."""

    async def told(self, house: House, case: str) -> list[share_pb2.NoticedRelease]:
        view = await house.as_officer("poc").ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)
        notices = [one for one in view.statements if one.kind == "release.notice/1"]
        assert {one.content.release_notice.reason for one in notices} <= {
            share_pb2.NOTICE_REASON_ONWARD_RELEASE
        }
        return [release for one in notices for release in one.content.release_notice.releases]

    async def test_the_owner_is_told(self, street: Street) -> None:
        asked = await ask(street, restrictions=[NO_ONWARD_RELEASE])
        consent = m.consent("xac", statement_digest=asked.statement)
        [given] = await street["xaa"].submit(draft(consent, to=["xab"], case=asked.thread))
        await street.carry()
        [told] = await street["xab"].submit(share(choice(asked.statement, "object"), case=asked.thread))
        assert [one.to for one in told.dispatches] == ["xac"]
        await street.carry()
        [release] = await self.told(street["xaa"], asked.thread)
        assert (release.statement_digest, list(release.to_members)) == (asked.statement, ["xac"])
        assert (release.carrier_digest, list(release.consent_digests)) == (told.statement, [given.statement])
        assert "items.0.object.make" in release.field_paths
        assert "ground_text" not in release.field_paths
        assert options_pb2.SENSITIVITY_OBJECT in release.classes
        assert options_pb2.SENSITIVITY_PERSONAL not in release.classes
        assert len(await self.told(street["xab"], asked.thread)) == 1

    async def test_who_wrote_what_is_inside_is_told_too_by_whoever_passes_it_on(self, street: Street) -> None:
        asked = await ask(street)
        [told] = await street["xab"].submit(share(choice(asked.statement, "object"), case=asked.thread))
        await street.carry()
        [passed] = await street["xac"].submit(share(choice(told.statement), to=["xad"], case=told.thread))
        assert not passed.HasField("problem"), passed.problem
        await street.carry()
        by_xac = [one for one in await self.told(street["xaa"], asked.thread) if one.to_members == ["xad"]]
        assert [one.statement_digest for one in by_xac] == [asked.statement]
        of_xab = [one for one in await self.told(street["xab"], asked.thread) if one.to_members == ["xad"]]
        assert [one.statement_digest for one in of_xab] == [told.statement]

    async def test_neither_the_receiver_nor_we_are_told_of_our_own(self, street: Street) -> None:
        asked = await ask(street)
        house = street["xaa"]
        await house.submit(share(choice(asked.statement, "object"), case=asked.thread))
        [answered] = await street["xab"].submit(draft(m.response(m.answer()), case=asked.thread))
        await street.carry()
        await house.submit(share(choice(answered.statement), to=["xab"], case=asked.thread))
        await street.carry()
        for name in ("xaa", "xab"):
            assert await self.told(street[name], asked.thread) == []

    async def test_the_same_draft_again_tells_nobody_twice(self, street: Street) -> None:
        asked = await ask(street)
        said = share(choice(asked.statement, "object"), case=asked.thread, idempotency_key="once")
        first, again = [(await street["xab"].submit(said))[0] for _ in range(2)]
        assert first.statement == again.statement
        await street.carry()
        assert len(await self.told(street["xaa"], asked.thread)) == 1

    async def test_nothing_goes_where_the_owner_cannot_be_told(self, street: Street) -> None:
        asked = await ask(street)
        street.clock.now += 29 * 86400
        for name in ("xab", "xac"):
            await take(street["xab"], street[name].identities.announcement(street.clock()))
        street.clock.now += 2 * 86400
        [told] = await street["xab"].submit(share(choice(asked.statement, "object"), case=asked.thread))
        assert told.problem.reason == "no-directory-entry"
        assert not await street.queued(street["xab"])

    async def test_a_notice_by_hand_is_about_a_statement_of_who_is_told(self, street: Street) -> None:
        asked = await ask(street)
        compelled = share_pb2.ReleaseNotice(
            reason=share_pb2.NOTICE_REASON_COMPELLED_DISCLOSURE,
            releases=[share_pb2.NoticedRelease(statement_digest=asked.statement, released_on="2030-01-31")],
        )
        [told] = await street["xab"].submit(draft(compelled, to=["xaa"], case=asked.thread))
        assert not told.HasField("problem"), told.problem
        compelled.releases[0].statement_digest = told.statement
        [refused] = await street["xab"].submit(draft(compelled, to=["xaa"], case=asked.thread))
        assert refused.problem.reason == "not-theirs"

    async def test_a_stranger_tells_of_nothing_of_ours(self, street: Street) -> None:
        asked = await ask(street)
        message = share_pb2.ReleaseNotice(
            reason=share_pb2.NOTICE_REASON_ONWARD_RELEASE,
            releases=[
                share_pb2.NoticedRelease(
                    statement_digest="A" * 43, to_members=["xab"], carrier_digest="B" * 43
                )
            ],
        )
        forger = Forger(street["xad"], street["xaa"])
        sent = forger.sign(message, thread=asked.thread)
        await street.deliver(street["xad"], [await forger.post(forger.pack(sent))], "xaa")
        held = await street["xaa"].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
        assert [one.reason for one in held.mails] == ["third-state-without-referral"]


class TestConsentList:
    """Asked and open, decided, given in advance, standing, taken back."""

    async def listed(self, house: House, case: str = "", *, open_only: bool = False) -> list[tuple[str, ...]]:
        request = onward_pb2.ListConsentsRequest(case=case or None, open=open_only)
        answer = await house.as_officer().ListConsents(request, NO_CONTEXT)
        state = onward_pb2.ConsentState.Name
        return [
            (one.by_member, one.third_party, state(one.state).removeprefix("CONSENT_STATE_"))
            for one in answer.consents
        ]

    async def test_asked_then_granted_then_taken_back(self, street: Street) -> None:
        asked = await ask(street)
        xaa, xab = street["xaa"], street["xab"]
        question = m.consent("xac", "ASKED", statement_digest=asked.statement)
        await xab.submit(draft(question, to=["xaa"], case=asked.thread))
        await street.carry()
        for house in (xaa, xab):
            assert await self.listed(house, open_only=True) == [("xaa", "xac", "OPEN")]
        given = m.consent("xac", statement_digest=asked.statement)
        await xaa.submit(draft(given, to=["xab"], case=asked.thread))
        await street.carry()
        assert await self.listed(xab) == [("xaa", "xac", "DECIDED"), ("xaa", "xac", "GRANTED")]
        assert await self.listed(xab, open_only=True) == []
        street.clock.now += 5
        await xaa.submit(draft(m.consent("xac", "REVOKED"), to=["xab"], case=asked.thread))
        await street.carry()
        assert ("xaa", "xac", "TAKEN_BACK") in await self.listed(xab, asked.thread)

    async def test_in_advance_and_standing(self, street: Street) -> None:
        request = m.request("T-9", referral_consents=["xad"])
        [sent] = await street["xaa"].submit(draft(request, to=["xab"]))
        await street.carry()
        await TestStandingConsent().declare(street, ConsentSettings(MemberId("xac")))
        assert await self.listed(street["xab"], sent.thread) == [("xaa", "xad", "GRANTED")]
        assert ("xaa", "xac", "GRANTED") in await self.listed(street["xab"])


class TestProvenTime:
    """A signer that was revoked since is judged at the earliest time that logs prove (protocol.md, section 2)."""

    async def revoke(self, street: Street, *others: str) -> None:
        issued = street["xaa"].identities
        crl = issued.authority.crl([issued.statement.certificate], revoked_at=street.clock() + 10)
        street.clock.now += 60
        for name in ("xab", "xac", *others):
            await street[name].announcing.take([Announcement(member="xaa", crl=crl)], MemberId("xaa"))

    async def held(self, street: Street) -> list[str]:
        listed = await street["xac"].as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
        return [one.reason for one in listed.mails]

    async def revoked(self, street: Street, told: desk_pb2.Submission) -> list[bool]:
        """Return whether XAC, which heard of the revocation, holds the signers of what it was shown for revoked."""
        exhibit = await shown_to(street["xac"], told.thread)
        await self.revoke(street)
        message = share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=[exhibit])
        shown = verify_exhibits(message, street["xac"].papers, street.clock())
        return [one.revoked for outer in shown for one in outer.walk()]

    async def test_a_relays_word_shows_that_it_was_signed_before(self, street: Street) -> None:
        street["xaa"].roads["xab"] = "hub"
        asked = await ask(street)
        [told] = await street["xaa"].submit(share(choice(asked.statement), case=asked.thread))
        await street.carry()
        assert await self.revoked(street, told) == [False]

    async def test_the_forwarders_word_alone_does_not(self, street: Street) -> None:
        asked = await ask(street)
        [told] = await street["xab"].submit(share(choice(asked.statement), case=asked.thread))
        await street.carry()
        assert await self.revoked(street, told) == [True]

    async def test_mail_that_comes_after_the_revocation_is_held(self, street: Street) -> None:
        asked = await ask(street)
        await street["xab"].submit(share(choice(asked.statement), case=asked.thread))
        await self.revoke(street)
        await street.carry()
        assert await self.held(street) == ["signer-revoked"]

    async def test_two_addressees_support_each_other(self, street: Street) -> None:
        asked = await ask(street)
        [told] = await street["xab"].submit(share(choice(asked.statement), case=asked.thread))
        await street.carry()
        again = share(choice(told.statement), to=["xad"], case=told.thread)
        [passed] = await street["xac"].submit(again)
        assert not passed.HasField("problem"), passed.problem
        await street.carry()
        exhibit = await shown_to(street["xad"], passed.thread)
        await self.revoke(street, "xad")
        message = share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=[exhibit])
        [outer] = verify_exhibits(message, street["xad"].papers, street.clock())
        [inner] = outer.inside
        assert inner.proven is not None
        assert (inner.proven.alone, inner.revoked) == (False, False)

    async def test_an_entry_about_another_statement_is_refused(self, street: Street) -> None:
        first, second = await ask(street), await ask(street)
        choices = (choice(first.statement), choice(second.statement))
        [told] = await street["xab"].submit(share(*choices, case=first.thread))
        await street.carry()
        view = (
            await street["xac"]
            .as_officer("police")
            .ShowCase(desk_pb2.ShowCaseRequest(case=told.thread), NO_CONTEXT)
        )
        message = view.statements[0].content.share
        verify_exhibits(message, street["xac"].papers, street.clock())
        message.exhibits[0].proofs[0].CopyFrom(message.exhibits[1].proofs[0])
        with pytest.raises(StatementError) as refusal:
            verify_exhibits(message, street["xac"].papers, street.clock())
        assert refusal.value.reason == "other-proof"


async def test_a_share_is_shared_again_with_the_photographs_inside(street: Street) -> None:
    asked = await ask(street)
    [told] = await street["xab"].submit(share(choice(asked.statement), case=asked.thread))
    await street.carry()
    [passed] = await street["xac"].submit(share(choice(told.statement), to=["xad"], case=told.thread))
    assert not passed.HasField("problem"), passed.problem
    await street.carry()
    asked_for = desk_pb2.FetchPartRequest(case=passed.thread, sha256=hashlib.sha256(m.PICTURE).digest())
    answer = await street["xad"].as_officer("police").FetchPart(asked_for, NO_CONTEXT)
    assert (answer.content, answer.media_type) == (m.PICTURE, "image/jpeg")


class TestWhatNobodyCanRead:
    """Consents with limits that this version cannot read let nothing go, and stop no mail."""

    @pytest.mark.parametrize(
        "name", ["SENSITIVITY_UNSPECIFIED", "SENSITIVITY_STRUCTURE", "SENSITIVITY_OF_TOMORROW"]
    )
    async def test_an_entry_with_classes_that_are_none_consents_to_nothing(
        self, street: Street, name: str
    ) -> None:
        fields = [
            Field("member", Sensitivity.PUBLIC, "xac"),
            Field("expires_at", Sensitivity.PUBLIC, "2099-01-01T00:00:00Z"),
            Field(
                "declarations.standing_consents.0", Sensitivity.PUBLIC, {"member": "xab", "classes": [name]}
            ),
        ]
        forger = Forger(street["xac"], street["xab"])
        entry = forger.sign_fields("directory.entry/1", fields)
        said = forger.sign(m.request("T-1"), restrictions=(Restriction(NO_ONWARD, None, None),))
        enclosed = share_pb2.Share(reason="SHARE_REASON_CASE")
        for one in (entry, said):
            shown = exhibit_of(one, street["xac"])
            shown.public_disclosures.extend(
                d.encoded for d in one.disclosures if d.sensitivity is Sensitivity.PUBLIC
            )
            enclosed.exhibits.append(shown)
        thief = Forger(street["xad"], street["xab"])
        signed = thief.sign(enclosed)
        reply = await street.deliver(street["xad"], [await thief.post(thief.pack(signed))], "xab")
        assert len(reply.receipts) == 1
        held = await street["xab"].store.read(lambda tx: tx.statements.find([signed.digest])[signed.digest])
        assert not held.in_effect


async def test_an_officer_encloses_nothing_by_himself(street: Street) -> None:
    """What was taken from an export goes into no request: it would pass neither gate nor consent."""
    sent = await ask(street, restrictions=[NO_ONWARD_RELEASE])
    [signed] = await opened(street["xab"], sent.statement)
    mine = m.request("T-2")
    mine.exhibits.append(exhibit_of(signed, street["xaa"]))
    [told] = await street["xab"].submit(draft(mine, to=["xac"], desk="police"))
    assert (told.problem.where, told.problem.reason) == ("exhibits", "by-node")
