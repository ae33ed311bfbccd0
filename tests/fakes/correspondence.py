"""Cases in which everything is said that can be said, with a canary in every classed field.

    writing = Correspondence(town, mint)
    thread = await writing.full_case("xaa", "xab", third="xac")
    writing.may(eyes, place)                     # whether the requirement gives a canary to a desk

Each step waits until what was said before has arrived, so that nothing is held.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count, islice
from typing import Any

from google.protobuf.message import Message

from fakes.canaries import ITEM, Mint, Place, plant
from fakes.channels import loss, panel_reply, panel_request
from fakes.entitled import RESERVED, SHARE, Eyes, Told, may_read
from fakes.town import POLICE, Town, until
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
    """What the officers of a town write. `said` are the kinds that were said, by whom and to whom.

    `heads` are the canaries in file numbers, which may stand in clear but are not for every desk. `sent` are the
    statements of each kind, and `on_case` the desks, `member/desk`, that were put on each case.
    """

    def __init__(self, town: Town, mint: Mint) -> None:
        self.said: list[tuple[str, str, str]] = []
        self.heads = Mint(around="{}")
        self.sent: dict[tuple[str, str], desk_pb2.Submission] = {}
        self.on_case: dict[str, set[str]] = defaultdict(set)
        self._town = town
        self.mint = mint
        self._numbers = count(1)
        self._statements = count(1)
        self._tolds: dict[int, list[tuple[str, Told]]] = defaultdict(list)
        self._kinds: dict[str, set[str]] = defaultdict(set)
        self.opened_by: dict[str, int] = {}

    def may(self, eyes: Eyes, place: Place) -> bool:
        """Say whether the requirement gives a canary to a desk."""
        return any(
            may_read(eyes, told, place, frozenset(self.on_case[thread]))
            for thread, told in self._tolds[place.said]
        )

    def places(self, thread: str) -> Iterator[Place]:
        """Yield all canaries that were planted in a case."""
        for tolds in self._tolds.values():
            for thread_of, told in tolds[:1]:
                yield from told.classes if thread_of == thread else ()

    async def full_case(self, asker: str, answerer: str, third: str) -> str:
        """Have a case with every kind in it; return its thread."""
        asked = await self.ask(asker, answerer)
        case, requested = asked.thread, self.mint.said
        for one in answers_on_the_way(third):
            await self.say(answerer, one, case, to=asker)
        await self.ask_within(answerer, case)
        for one in replies(asked, third):
            await self.say(asker, one, case, to=answerer)
        consented = self.mint.said
        await self.say(answerer, referral(asked, asker, third), case, to=third, desk="police")
        self._enclosed("trace.referral/1", case, third, answerer, requested, consented)
        for one in answers():
            answer = await self.say(answerer, one, case, to=asker)
        answered = self.mint.said
        await self.say(answerer, compelled(asked), case, to=asker)
        shown = await self.say(asker, sharing(answer.statement), None, to=third, desk="police")
        self._enclosed(SHARE, shown.thread, third, asker, answered)
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

    async def ask_within(self, member: str, case: str) -> None:
        """Have one desk of a member ask another, and hear what it found: of that nothing leaves."""
        requested = self.opened_by[case]
        enquiry = inquiry_pb2.Enquiry(step=inquiry_pb2.ENQUIRY_STEP_ASKED, to_desk="police")
        asked = await self.enquire(member, enquiry, case, requested)
        answers = [trace_pb2.Answer(item_id=ITEM)]
        finding = inquiry_pb2.Finding(enquiry_digest=asked.statement, answers=answers, final=True)
        await self.say(member, finding, case, desk="police")

    async def enquire(
        self, member: str, enquiry: inquiry_pb2.Enquiry, case: str, requested: int
    ) -> desk_pb2.Submission:
        """Have the point of contact ask; what the objects are the node writes in, from statement `requested`."""
        said = self.mint.said = next(self._statements)
        noted = [Place("trace.enquiry/1", name, Sensitivity.OBJECT, said) for name in ("note", "ledger")]
        for place in noted:
            setattr(enquiry, place.path, self.mint.text(place))
        asked = await self.say(member, enquiry, case, planted=False)
        own = Told(member, "poc", (), "trace.enquiry/1", dict.fromkeys(noted, Sensitivity.OBJECT))
        own.asks, own.kinds = enquiry.to_desk, self._kinds[case]
        self._tolds[said].append((case, own))
        _, first = self._tolds[requested][0]
        copied = {
            place: of_class
            for place, of_class in first.classes.items()
            if place.path.startswith("items.") and of_class is Sensitivity.OBJECT
        }
        drawn = Told(member, "poc", (), "trace.enquiry/1", copied, asks=enquiry.to_desk, supplied=False)
        self._tolds[requested].append((case, drawn))
        return asked

    def _enclosed(self, kind: str, thread: str, to: str, forwarder: str, *statements: int) -> None:
        """Remember that the police of `forwarder` passed on what they read of these statements."""
        police = Eyes(forwarder, POLICE)
        for number in statements:
            _, first = self._tolds[number][0]
            went = {place: c for place, c in first.classes.items() if self.may(police, place)}
            self._tolds[number].append((thread, Told("", "", (to,), kind, went)))

    async def _of_customs(self, asker: str, answerer: str) -> None:
        """Say what customs services and registers tell each other, each in a case of its own."""
        assistance = terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE
        seized = await self.say(asker, a_seizure(), None, to=answerer, legal_basis=assistance)
        await self.say(answerer, recognition(seized.statement), seized.thread, to=asker)
        begun = await self.say(asker, loss(ITEM), None, to=answerer, planted=False)
        await self.say(asker, recovery(begun.statement), begun.thread, to=answerer)

    async def with_panel(self, panel: str, state: str) -> str:
        """Have a panel ask a state, document what it saw, and put a text before it; the state answers.

        Returns:
            The thread of the case.
        """
        mandate = terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION
        asking = partial(self.say, panel, to=state, desk="experts", legal_basis=mandate)
        asked = await asking(panel_request(ITEM), None, planted=False)
        told = await self.say(state, panel_reply(ITEM), asked.thread, to=panel, planted=False)
        await asking(second_request(told.statement), asked.thread)
        await self.say(state, second_reply(), asked.thread, to=panel)
        await self.document(panel, state)
        return asked.thread

    async def document(self, panel: str, to: str) -> desk_pb2.Submission:
        """Have a panel tell a member of an item that it saw."""
        mandate = terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION
        item = panel_pb2.DocumentedItem(file_number="D-1")
        return await self.say(panel, item, None, to=to, desk="experts", legal_basis=mandate)

    async def put_on(self, member: str, case: str, *desks: str) -> None:
        """Have the point of contact put desks on a case."""
        async with self._town.client(member) as officer:
            for desk in desks:
                await officer.office.put_on_case(case, desk)
                self.on_case[case].add(f"{member}/{desk}")

    def plan(self, author: str, desk: str, message: Message, to: str) -> int:
        """Put canaries into what somebody is going to say in another way than by `say`; return its number."""
        before = len(self.mint.made), len(self.mint.digests)
        self._plant(message)
        without_photographs(message)
        self._tolds[self.mint.said].append(("", self._told(author, desk, to, message, before)))
        return self.mint.said

    def canary(self, author: str, to: str, case: str, place: Place) -> str:
        """Return a canary for one field of what a point of contact is going to say, in `case` if there is one."""
        self.mint.said = next(self._statements)
        place = replace(place, said=self.mint.said)
        assert place.sensitivity is not None
        told = Told(author, "poc", (to,), place.kind, {place: place.sensitivity}, kinds=self._kinds[case])
        self._tolds[self.mint.said].append((case, told))
        return self.mint.text(place)

    def has_opened(self, said: int, thread: str) -> None:
        """Remember the case that a planned message has opened."""
        [(_, told)] = self._tolds[said]
        self._kinds[thread].add(told.kind)
        told.kinds = self._kinds[thread]
        self._tolds[said] = [(thread, told)]

    def register_place(self, member: str, desk: str) -> Place:
        """Return the place of a record in the register that a desk keeps: nobody else reads it."""
        self.mint.said = next(self._statements)
        place = Place("register", f"record of {desk}", Sensitivity.PERSONAL, self.mint.said)
        self._tolds[self.mint.said].append(
            ("", Told(member, desk, (), "register", {place: Sensitivity.PERSONAL}))
        )
        return place

    def _told(self, author: str, desk: str, to: str, message: Message, before: tuple[int, int]) -> Told:
        leave_out(message)
        said = message.SerializeToString()
        made = islice(self.mint.made.items(), before[0], None)
        places = [place for text, place in made if text.encode() in said]
        digests = islice(self.mint.digests.items(), before[1], None)
        places += [place for digest, place in digests if digest in said]
        places += [p for p in self.heads.made.values() if p.said == self.mint.said]
        classes = {place: place.sensitivity for place in places if place.sensitivity is not None}
        told = Told(author, desk, (to,) if to else (), kind_of(message), classes)
        told.named = frozenset(getattr(message, "named_desks", ()))
        if kind_of(message) == RESERVED:
            told.reserved = frozenset(self._missions(to)) or None
        return told

    def _missions(self, member: str) -> Iterator[str]:
        """Yield the desks of a member that mail of panels is kept for."""
        for desk in self._town.residents[member].desks:
            if "FOREIGN_AFFAIRS" in desk.competences or desk.copied_on_panel_mail:
                yield f"{member}/{desk.desk}"

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
        before = len(self.mint.made), len(self.mint.digests)
        parts = self._plant(message) if planted else []
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
        self._kinds[submission.thread].add(kind_of(message))
        self.opened_by.setdefault(submission.thread, self.mint.said)
        self.sent.setdefault((submission.thread, kind_of(message)), submission)
        if planted:
            told = self._told(author, desk, to, message, before)
            told.kinds = self._kinds[submission.thread]
            self._tolds[self.mint.said].append((submission.thread, told))
        if not to:
            self.said.append((kind_of(message), author, ""))
        for dispatch in submission.dispatches:
            self.said.append((kind_of(message), dispatch.to, dispatch.via))
            if arrives:
                await self._arrival(dispatch.to, submission.statement)
        return submission

    def _plant(self, message: Any) -> list[bytes]:
        self.mint.said = self.heads.said = next(self._statements)
        if "file_number" in message.DESCRIPTOR.fields_by_name:
            place = Place(kind_of(message), "file_number", Sensitivity.ADMINISTRATIVE, self.heads.said)
            message.file_number = self.heads.around.format(self.heads.text(place))
        return plant(message, self.mint)

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


def without_photographs(message: Message) -> None:
    """Take out all photographs, which would have to come along."""
    for described, value in message.ListFields():
        if described.name in ("photograph", "scene_photographs"):
            message.ClearField(described.name)
        elif described.message_type is not None:
            for inner in value if described.is_repeated else [value]:
                without_photographs(inner)


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
