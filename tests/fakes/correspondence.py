"""Cases in which everything is said that can be said, with a canary in every classed field.

    writing = Correspondence(town, mint)
    thread = await writing.full_case("xaa", "xab", third="xac")

Each step waits until what was said before has arrived, so that nothing is held.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import count

from google.protobuf.message import Message

from fakes.canaries import ITEM, Mint, Place, plant
from fakes.channels import loss, panel_reply, panel_request
from fakes.town import Town, until
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.ids import decode_b64
from tracepost.protocol.panels import NOT_FOR_PANELS
from tracepost.protocol.schema import Sensitivity, kind_of
from tracepost.sdk.drafts import Cover, build_draft, message_of
from tracepost.wire.v1 import (
    assistance_pb2,
    ballistic_pb2,
    check_pb2,
    desk_pb2,
    diversion_pb2,
    embargo_pb2,
    flow_pb2,
    inquiry_pb2,
    loss_pb2,
    mandate_pb2,
    panel_pb2,
    practice_pb2,
    seizure_pb2,
    share_pb2,
    terms_pb2,
    trace_pb2,
    weapon_pb2,
)

_DAY = "2031-05-06"
_INSTANT = "2026-11-22T10:00:00Z"
_OFFICERS = {"poc": "8", "police": "9"}
_EXPORTS = 3  # in two formats each: an officer may not export ten cases in a row


class Correspondence:
    """What the officers of a town write. `said` are the kinds that were said, by whom and to whom."""

    def __init__(self, town: Town, mint: Mint) -> None:
        self.said: list[tuple[str, str, str]] = []
        self._town = town
        self._mint = mint
        self._numbers = count(1)

    async def full_case(self, asker: str, answerer: str, third: str) -> str:
        """Have a case with every kind in it; return its thread."""
        asked = await self.ask(asker, answerer)
        case = asked.thread
        for one in answers_on_the_way(third):
            await self.say(answerer, one, case, to=asker)
        await self._within(answerer, case)
        for one in replies(asked, third):
            await self.say(asker, one, case, to=answerer)
        await self.say(answerer, referral(asked, asker, third), case, to=third, desk="police")
        for one in answers():
            answer = await self.say(answerer, one, case, to=asker)
        await self.say(answerer, compelled(asked), case, to=asker)
        await self.say(asker, sharing(answer.statement), None, to=third, desk="police")
        for one in endings():
            await self.say(asker, one, case, to=answerer)
        for one in notices(answerer):
            await self.say(asker, one, None, to=answerer)
        await self._of_customs(asker, answerer)
        check = await self.say(asker, object_check(), None, to=answerer)
        await self.say(answerer, object_check_reply(), check.thread, to=asker)
        deleted = trace_pb2.Withdrawal(step=trace_pb2.WITHDRAWAL_STEP_DELETED, deleted_at=_INSTANT)
        await self.say(answerer, deleted, case, to=asker)
        return case

    async def _within(self, member: str, case: str) -> None:
        """Have one desk of a member ask another, and hear what it found: of that nothing leaves."""
        enquiry = inquiry_pb2.Enquiry(step=inquiry_pb2.ENQUIRY_STEP_ASKED, to_desk="police")
        for name in ("note", "ledger"):  # the objects are written in by the node, from the request
            setattr(enquiry, name, self._mint.text(Place("trace.enquiry/1", name, Sensitivity.OBJECT)))
        asked = await self.say(member, enquiry, case, planted=False)
        answers = [trace_pb2.Answer(item_id=ITEM)]
        finding = inquiry_pb2.Finding(enquiry_digest=asked.statement, answers=answers, final=True)
        await self.say(member, finding, case, desk="police")

    async def _of_customs(self, asker: str, answerer: str) -> None:
        """Say what customs services and registers tell each other, each in a case of its own."""
        assistance = terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE
        seized = await self.say(asker, a_seizure(), None, to=answerer, legal_basis=assistance)
        await self.say(answerer, recognition(seized.statement), seized.thread, to=asker)
        begun = await self.say(asker, loss(ITEM), None, to=answerer, planted=False)
        await self.say(asker, recovery(begun.statement), begun.thread, to=answerer)

    async def with_panel(self, panel: str, state: str) -> None:
        """Have a panel ask a state, document what it saw, and put a text before it; the state answers."""
        mandate = terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION
        asking = partial(self.say, panel, to=state, desk="experts", legal_basis=mandate)
        asked = await asking(panel_request(ITEM), None, planted=False)
        told = await self.say(state, panel_reply(ITEM), asked.thread, to=panel, planted=False)
        await asking(second_request(told.statement), asked.thread)
        await self.say(state, second_reply(), asked.thread, to=panel)
        await asking(panel_pb2.DocumentedItem(file_number="D-1"), None)

    async def ask(self, asker: str, answerer: str) -> desk_pb2.Submission:
        """Send a trace request, which opens a case."""
        return await self.say(asker, request(f"{asker}-{next(self._numbers)}"), None, to=answerer)

    async def say(
        self,
        author: str,
        message: Message,
        case: str | None,
        *,
        to: str = "",
        desk: str = "poc",
        arrives: bool = True,
        deliver_by: int | None = None,
        legal_basis: int = terms_pb2.LEGAL_BASIS_ITI,
        planted: bool = True,
    ) -> desk_pb2.Submission:
        """Put canaries into `message`, send it, and wait until it has arrived; `to` nobody what stays at home."""
        parts = plant(message, self._mint) if planted else []
        leave_out(message)
        cover = Cover(
            to=(to,) if to else (),
            desk=desk,
            purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
            legal_basis=legal_basis,
            parts=tuple(parts),
            deliver_by=deliver_by,
        )
        async with self._town.client(author, desk=desk) as officer:
            submission = await officer.submit(build_draft(message, cover, case))
        if not to:
            self.said.append((kind_of(message), author, ""))
        for dispatch in submission.dispatches:
            self.said.append((kind_of(message), dispatch.to, dispatch.via))
            if arrives:
                await self._arrival(dispatch.to, submission.statement)
        return submission

    async def _arrival(self, member: str, statement: str) -> None:
        digest = decode_b64(statement, "statement")
        question = f"SELECT in_effect FROM statement WHERE digest = x'{digest.hex()}'"
        await until(
            lambda: self._town.ask(member, question) == [(1,)], f"{statement} to take effect at {member}"
        )


# ── what is said ─────────────────────────────────────────────────────────────────────


def request(file_number: str) -> trace_pb2.TraceRequest:
    """Return a request about one item."""
    return trace_pb2.TraceRequest(
        file_number=file_number,
        items=[weapon_pb2.Item(id=ITEM)],
        illicit_grounds=[weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW],
        urgency=trace_pb2.URGENCY_ROUTINE,
        guarantees_restrictions=True,
    )


def answers_on_the_way(third: str) -> Iterator[Message]:
    """Yield what the asked side says before it answers."""
    yield trace_pb2.Acknowledgement(
        received_at=_INSTANT, items_counted=1, formal_check="FORMAL_CHECK_COMPLETE", automatic=False
    )
    needed = trace_pb2.NeededInformation(item_id=ITEM, code=terms_pb2.INFORMATION_CODE_PHOTOGRAPH_OF_MARK)
    yield trace_pb2.InformationRequest(needed=[needed])
    yield trace_pb2.Status(state=trace_pb2.PROCESSING_STATE_UNDER_TRACE)
    yield trace_pb2.Delay(ground=terms_pb2.WITHHOLDING_GROUND_ONGOING_INVESTIGATION, new_date=_DAY)
    exported = trace_pb2.Redirection(
        item_id=ITEM, ask_member=third, reason=trace_pb2.REDIRECT_REASON_EXPORTED_TO
    )
    yield trace_pb2.Redirect(redirections=[exported])
    yield trace_pb2.Consent(
        step=trace_pb2.CONSENT_STEP_ASKED,
        third_party=third,
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
    )


def replies(asked: desk_pb2.Submission, third: str) -> Iterator[Message]:
    """Yield what the asking side says to that."""
    yield trace_pb2.InformationSupply(items=[weapon_pb2.Item(id=ITEM)])
    yield trace_pb2.Clarification(step=trace_pb2.CLARIFICATION_STEP_QUESTION)
    yield trace_pb2.Amendment(
        amends_digest=asked.statement,
        reason=trace_pb2.AMENDMENT_REASON_NEW_INFORMATION,
        effect=trace_pb2.AMENDMENT_EFFECT_ADD,
        items=[weapon_pb2.Item(id=ITEM)],
    )
    yield trace_pb2.Consent(
        step=trace_pb2.CONSENT_STEP_DECIDED,
        third_party=third,
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        decision=trace_pb2.CONSENT_DECISION_GRANTED,
    )


def referral(asked: desk_pb2.Submission, asker: str, third: str) -> trace_pb2.Referral:
    """Return the request handed on; the node encloses it, with the consent."""
    return trace_pb2.Referral(
        requester=asker,
        request_thread=asked.thread,
        request_digest=asked.statement,
        item_ids=[ITEM],
        reason=trace_pb2.REDIRECT_REASON_EXPORTED_TO,
        mode=trace_pb2.REFERRAL_MODE_COPY,
        lineage_visible_to=[third],
    )


def answers() -> Iterator[Message]:
    """Yield what the asked side says in the end; the last is the fullest."""
    yield trace_pb2.Refusal(ground=terms_pb2.WITHHOLDING_GROUND_NATIONAL_SECURITY)
    yield trace_pb2.Response(answers=[trace_pb2.Answer(item_id=ITEM)], final=True)


def compelled(asked: desk_pb2.Submission) -> share_pb2.ReleaseNotice:
    """Return a notice that the request is to be shown in court; of what is passed on the node tells by itself."""
    shown = share_pb2.NoticedRelease(statement_digest=asked.statement, released_on=_DAY)
    return share_pb2.ReleaseNotice(reason=share_pb2.NOTICE_REASON_COMPELLED_DISCLOSURE, releases=[shown])


def sharing(statement: str) -> share_pb2.Share:
    """Return a statement shown to somebody else; the node encloses it."""
    shown = share_pb2.Exhibit(statement_digest=statement)
    return share_pb2.Share(reason=share_pb2.SHARE_REASON_CASE, exhibits=[shown])


def endings() -> Iterator[Message]:
    """Yield how the asking side ends a case."""
    yield trace_pb2.Withdrawal(step=trace_pb2.WITHDRAWAL_STEP_ASKED, deletion_asked=True)
    yield trace_pb2.Closure(
        code=trace_pb2.CLOSURE_CODE_ANSWERED, outcomes=[trace_pb2.ItemOutcome(item_id=ITEM)]
    )


def notices(told: str) -> Iterator[Message]:
    """Yield what is told unasked; each opens a case of its own."""
    papers = diversion_pb2.DivertedDelivery(recipient_index=0)
    checks = [diversion_pb2.RECOMMENDED_CHECK_BROKER]
    yield flow_pb2.FlowInformation(file_number="N-4", quantity_from=1, quantity_to=1)
    yield ballistic_pb2.BallisticReference(
        file_number="N-5",
        about=ballistic_pb2.BALLISTIC_PURPOSE_HIT,
        references=[ballistic_pb2.LaboratoryReference(system=ballistic_pb2.BALLISTIC_SYSTEM_OTHER)],
    )
    yield assistance_pb2.AssistanceNeed(
        description="machines", status=assistance_pb2.NEED_STATUS_OPEN, need_number="N-6"
    )
    yield assistance_pb2.AssistanceOffer(description="a machine", offer_number="N-7")
    stamped = practice_pb2.MarkFormat(role=weapon_pb2.MARK_ROLE_COUNTRY, text="XA")
    yield practice_pb2.MarkingPractice(country_mark=stamped, named_desks=[f"{told}/poc"])
    yield mandate_pb2.Mandate(
        file_number="N-3",
        step=mandate_pb2.MANDATE_STEP_GRANTED,
        operation=told,
        acts=[mandate_pb2.MANDATED_ACT_REQUEST_TRACES],
        purposes=[terms_pb2.PURPOSE_EMBARGO_MONITORING],
        valid_from=_DAY,
        valid_until=_DAY,
    )
    yield embargo_pb2.DeliveryNotified(
        file_number="N-2",
        stage="DELIVERY_STAGE_DELIVERED",
        consignees=[embargo_pb2.Consignee(lot_ids=[ITEM])],
        storages=[embargo_pb2.Storage(consignee_index=0)],
        papers=[embargo_pb2.DeliveryPapers(lot_ids=[ITEM])],
    )
    yield diversion_pb2.DiversionNotice(file_number="N-1", deliveries=[papers], recommended_checks=checks)


def second_request(statement: str) -> panel_pb2.PanelRequest:
    """Return a panel's second request, which puts a text before who wrote `statement`."""
    excerpt = panel_pb2.Excerpt(text_id="p1", statement_digest=statement, field_paths=["answers.0"])
    return panel_pb2.PanelRequest(
        file_number="P-1",
        reply_by=_DAY,
        publication_intent=panel_pb2.PUBLICATION_INTENT_WITH_SOURCE,
        excerpts=[excerpt],
        texts=[panel_pb2.PrintedText(text_id="p1")],
    )


def second_reply() -> panel_pb2.PanelReply:
    """Return an answer to a panel that lets another text be printed."""
    decided = panel_pb2.PublicationDecision(text_id="p1", decision=panel_pb2.PUBLICATION_CONSENT_CHANGED)
    return panel_pb2.PanelReply(
        file_number="M-1",
        final=True,
        publication=[decided],
        texts=[panel_pb2.PrintedText(text_id="p1")],
        confidentiality=panel_pb2.PANEL_CONFIDENTIALITY_REPORT,
    )


def leave_out(message: Message) -> None:
    """Take out what a panel neither says nor is told: persons, and what belongs to a case file."""
    if isinstance(message, panel_pb2.PanelRequest | panel_pb2.DocumentedItem):
        for item in message.items:
            item.ClearField("exhibit_number")
    elif isinstance(message, panel_pb2.PanelReply):
        for answer in message.answers:
            for name in NOT_FOR_PANELS:
                answer.ClearField(name)


def recovery(statement: str) -> loss_pb2.LossNotice:
    """Return the end of a notice of a loss."""
    return loss_pb2.LossNotice(
        file_number="L-1", status=loss_pb2.LOSS_STATUS_RECOVERED, changes_digest=statement
    )


def recognition(statement: str) -> loss_pb2.Hit:
    """Return a hit on the item of a notice."""
    one = loss_pb2.Recognised(
        statement_digest=statement,
        item_id=ITEM,
        seen_item_id=ITEM,
        confidence=terms_pb2.CONFIDENCE_PROBABLE,
    )
    return loss_pb2.Hit(file_number="H-1", recognised=[one])


def a_seizure() -> seizure_pb2.SeizureNotice:
    """Return a notice of a seizure, which may name persons where services assist each other."""
    return seizure_pb2.SeizureNotice(file_number="S-1", agency="Customs", hs_codes=["930200"], quantity=1)


def object_check() -> check_pb2.ObjectCheck:
    """Return the question whether an object stands in the other side's records."""
    return check_pb2.ObjectCheck(items=[check_pb2.CheckedObject(id=ITEM)])


def object_check_reply() -> check_pb2.ObjectCheckReply:
    """Return the answer to it."""
    outcome = check_pb2.CheckOutcome(item_id=ITEM, result=check_pb2.CHECK_RESULT_HIT)
    return check_pb2.ObjectCheckReply(outcomes=[outcome], automatic=False, follow_up={"unit": "Registry"})


# ── what is read ─────────────────────────────────────────────────────────────────────


async def read_everything(town: Town, member: str, desk: str) -> list[desk_pb2.CaseView]:
    """Have a desk look at all that it may: every case, photograph, timeline and list, and export some cases."""
    async with town.client(member, officer=_OFFICERS[desk], desk=desk) as officer:
        await officer.get_status()
        await officer.list_audit()
        await officer.list_held()
        await officer.list_directory()
        await officer.show_trust()
        views = [await officer.show_case(case.thread) async for case in officer.list_cases()]
        for view in views:
            thread = view.summary.thread
            await officer.show_timeline(thread)
            for digest in photographs_of(view):
                await officer.fetch_part(thread, digest)
        await officer.search_marks("nobody's 123")  # so that all marks are in the index
        for view in sorted(views, key=lambda one: len(one.statements))[-_EXPORTS:]:
            for format_ in (desk_pb2.EXPORT_FORMAT_TRACEPOST, desk_pb2.EXPORT_FORMAT_SD_JWT):
                assert [chunk async for chunk in officer.export_case(view.summary.thread, format_)]
    return views


async def give_up_at_once(town: Town, member: str, case: str) -> None:
    """Ask for a case and an export, and wait no longer than a moment for the answer."""
    async with town.client(member) as officer:
        officer._timeout_seconds = 0.001
        with suppress(TracepostError):
            await officer.show_case(case)
        exporting = officer.export_case(case, desk_pb2.EXPORT_FORMAT_TRACEPOST)
        with suppress(TimeoutError):
            await asyncio.wait_for(anext(exporting), 0.001)


def photographs_of(view: desk_pb2.CaseView) -> Iterator[bytes]:
    """Yield the digests of the photographs that a case shows."""
    for statement in view.statements:
        message = message_of(statement.content)
        if message is not None:
            yield from _digests_in(message)


def _digests_in(message: Message) -> Iterator[bytes]:
    for described, value in message.ListFields():
        if described.name == "sha256":
            yield value
        elif described.message_type is not None:
            for inner in value if described.is_repeated else [value]:
                yield from _digests_in(inner)
