"""Publishing: texts that their sources consented to word by word, and fields of our own; logged, and told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fakes.channels import decision, documented, panel_reply, panel_request, texts_to_print
from fakes.house import NO_CONTEXT, POC, POLICE, Street, draft, open_street
from fakes.town import PANEL
from tracepost.node.handlers.case.casebook import instant
from tracepost.protocol.errors import InvalidInputError, NotFoundError, PermissionError_
from tracepost.protocol.trustlist import MemberType
from tracepost.wire.v1 import desk_pb2, panel_pb2, publish_pb2, terms_pb2

EXPERTS = "un-panel-xyz"
RESOLUTION = {
    "purpose": "PURPOSE_EMBARGO_MONITORING",
    "legal_basis": "LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION",
}
TEXT, OTHER = "The rifle was delivered in 1987.", "A rifle was delivered."


@dataclass(frozen=True)
class Stage:
    """A panel asked XAA, which answered."""

    street: Street
    case: str
    answered: str

    async def ask_to_print(self, **texts: str) -> None:
        await say(self.street, EXPERTS, texts_to_print(self.answered, **texts), case=self.case, **RESOLUTION)

    async def decide(self, attribution: str = "", **texts: str) -> str:
        reply = decision(**texts)
        for one in reply.publication:
            if attribution:
                one.attribution = panel_pb2.Attribution.Value(f"ATTRIBUTION_{attribution}")  # type: ignore[assignment]
        return (await say(self.street, "xaa", reply, case=self.case)).statement

    async def publish(self, **more: Any) -> publish_pb2.Publication:
        asked = publish_pb2.PublishCaseRequest(**{"case": self.case, **more})
        published = await self.street[EXPERTS].as_officer("experts").PublishCase(asked, NO_CONTEXT)
        await self.street.carry()
        return published


async def say(street: Street, member: str, content: Any, **more: Any) -> desk_pb2.Submission:
    desk = street[member].office.desks[0].desk
    sent = await street[member].as_officer(desk).Submit(draft(content, desk=desk, **more), NO_CONTEXT)
    await street.carry()
    street.clock.now += 1
    return sent


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    desks, types = {EXPERTS: (PANEL,), "xaa": (POC, POLICE)}, {EXPERTS: MemberType.PANEL}
    async with open_street(tmp_path, "xaa", EXPERTS, desks=desks, types=types) as street:
        asked = await say(street, EXPERTS, panel_request(), to=["xaa"], **RESOLUTION)
        answered = await say(street, "xaa", panel_reply("1"), case=asked.thread)
        yield Stage(street, asked.thread, answered.statement)


# ── texts ────────────────────────────────────────────────────────────────────────────


async def test_a_text_is_published_as_its_source_consented_to_it(stage: Stage) -> None:
    await stage.ask_to_print(p1=TEXT, p2="another", p3="a third")
    await stage.decide(p1="GRANTED", p2=OTHER, p3="DENIED")
    published = await stage.publish()
    assert {one.text_id: one.text for one in published.texts} == {"p1": TEXT, "p2": OTHER}
    [left] = published.left_out
    assert (left.text_id, left.because) == ("p3", publish_pb2.UNPUBLISHED_BECAUSE_DENIED)
    document = json.loads(published.document)
    assert [one["text"] for one in document["texts"]] == [TEXT, OTHER]
    assert document["published_by"] == EXPERTS


@pytest.mark.parametrize(
    ("attribution", "source"),
    [("", None), ("NOT_NAMED", None), ("STATE_ONLY", "xaa"), ("NAMED", "Office of xaa (xaa)")],
)
async def test_the_source_is_named_as_far_as_it_allows(
    stage: Stage, attribution: str, source: str | None
) -> None:
    """Who is not to be named stands nowhere in the document, nor does what leads to it."""
    await stage.ask_to_print(p1=TEXT)
    consent = await stage.decide(attribution, p1="GRANTED")
    published = await stage.publish()
    [one] = json.loads(published.document)["texts"]
    assert one.get("source") == source
    told = published.document.decode()
    assert not any(word in told for word in (consent, stage.answered, stage.case))
    assert ("xaa" in told) is (source is not None)


async def test_nothing_is_published_without_consent(stage: Stage) -> None:
    """Neither before a decision, nor after a denial, nor with words that were changed after the consent."""
    await stage.ask_to_print(p1=TEXT)
    await refused(stage, "undecided")
    await stage.decide(p1="GRANTED")
    assert (await stage.publish(text_ids=["p1"])).texts[0].text == TEXT
    await stage.decide(p1="DENIED")
    await refused(stage, "denied")
    await stage.decide(p1="GRANTED")
    await stage.ask_to_print(p1="The rifle was sold in 1987.")
    await refused(stage, "undecided")


async def refused(stage: Stage, reason: str) -> None:
    with pytest.raises(PermissionError_) as refusal:
        await stage.publish(text_ids=["p1"])
    assert refusal.value.reason == reason
    with pytest.raises(InvalidInputError):
        await stage.publish()


async def test_its_source_is_told_and_the_log_says_what_was_published(stage: Stage) -> None:
    """Notice, log entries and audit events are one transaction; the audit has the digest of the document."""
    await stage.ask_to_print(p1=TEXT)
    consent = await stage.decide(p1="GRANTED")
    published = await stage.publish()
    assert list(published.told) == ["xaa"]
    asked = desk_pb2.ShowCaseRequest(case=stage.case)
    view = await stage.street["xaa"].as_officer("poc").ShowCase(asked, NO_CONTEXT)
    [notice] = [one.content.release_notice for one in view.statements if one.kind == "release.notice/1"]
    assert notice.reason == 5  # of publication
    [release] = notice.releases
    assert (release.statement_digest, list(release.consent_digests)) == (stage.answered, [consent])
    assert list(release.field_paths) == ["answers.0"]
    trail = (
        await stage.street[EXPERTS].as_officer("experts").ListAudit(desk_pb2.ListAuditRequest(), NO_CONTEXT)
    )
    events = [one for one in trail.events if one.action == "publish"]
    assert {stage.answered, consent} < {one.subject for one in events}
    assert {one.outcome for one in events} == {hashlib.sha256(published.document).hexdigest()}


async def test_a_preview_shows_the_same_and_tells_nobody(stage: Stage) -> None:
    await stage.ask_to_print(p1=TEXT)
    await stage.decide(p1="GRANTED")
    shown = await stage.publish(preview=True)
    assert ([one.text for one in shown.texts], shown.document, list(shown.told)) == ([TEXT], b"", [])
    asked = desk_pb2.ShowCaseRequest(case=stage.case)
    view = await stage.street["xaa"].as_officer("poc").ShowCase(asked, NO_CONTEXT)
    assert "release.notice/1" not in [one.kind for one in view.statements]


async def test_what_was_taken_back_or_is_past_its_last_day_is_not_published(stage: Stage) -> None:
    """A restriction ends a consent that was given before: DELETE_AFTER on the answer that the text tells."""
    day = instant(stage.street.clock() + 86400)[:10]
    until = terms_pb2.Restriction(code="RESTRICTION_CODE_DELETE_AFTER", until=day)
    bound = await say(stage.street, "xaa", panel_reply("1"), case=stage.case, restrictions=[until])
    await say(stage.street, EXPERTS, texts_to_print(bound.statement, p9=TEXT), case=stage.case, **RESOLUTION)
    await stage.decide(p9="GRANTED")
    assert (await stage.publish(text_ids=["p9"])).texts[0].text == TEXT
    stage.street.clock.now += 3 * 86400
    with pytest.raises(PermissionError_) as refusal:
        await stage.publish(text_ids=["p9"])
    assert refusal.value.reason == "taken-back"


async def test_a_text_that_nobody_put_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFoundError):
        await stage.publish(text_ids=["p7"])


# ── fields of our own ────────────────────────────────────────────────────────────────


async def test_of_our_own_what_the_gate_lets_out_is_published(stage: Stage) -> None:
    contact = terms_pb2.Contact(name="canary-expert")
    sent = await say(
        stage.street, EXPERTS, documented(contacts=[contact], summary="seen twice"), to=["xaa"], **RESOLUTION
    )
    published = await stage.publish(case=sent.thread, fields=["object", "summary", "contact"])
    paths = {one.path for one in published.fields}
    assert "summary" in paths
    assert any(path.startswith("items.0.object.mark") for path in paths)
    assert [one.path for one in published.left_out if one.path] == ["contacts.0"]
    assert b"canary-expert" not in published.document
    assert list(published.told) == []


async def test_of_others_no_field_is_published(stage: Stage) -> None:
    """Neither chosen by a class, which leaves theirs out, nor named, which is refused."""
    published = await stage.publish(fields=["object", "law-enforcement"])
    assert stage.answered not in {one.statement for one in published.fields}
    assert b"canary-explanation" not in published.document
    assert stage.answered in {one.statement for one in published.left_out}
    with pytest.raises(PermissionError_) as refusal:
        await stage.publish(statements=[stage.answered], fields=["law-enforcement"])
    assert refusal.value.reason == "of-others"
