"""What the asked side says: acknowledge, ask back, respond, refuse, delay, redirect, refer, status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from tracepost.cli.commands.trace.composing import composed_of
from tracepost.cli.commands.trace.sending import begin, fill, pair, say, say_with
from tracepost.cli.options import (
    CaseArgument,
    CoverOptions,
    ItemsOption,
    MessageOption,
    NodeOptions,
    code_option,
    code_parser,
    option,
)
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol import vocabulary
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import cases
from tracepost.wire.v1 import terms_pb2, trace_pb2

_information = code_parser(terms_pb2.InformationCode)
_restriction = code_parser(terms_pb2.RestrictionCode)
_objection = code_parser(trace_pb2.ObjectionReason)

FileNumberOption = Annotated[
    str | None,
    option("--file-number", _("Number of the case at your own office.")),
]
ReasonTextOption = Annotated[str | None, option("--reason", _("Reasons in words (ITI 23)."))]
GroundOption = Annotated[
    int | None, code_option("--ground", terms_pb2.WithholdingGround, _("Ground (ITI 22)."))
]


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    for name, function in (
        ("ack", acknowledge),
        ("ask", ask),
        ("respond", respond),
        ("refuse", refuse),
        ("delay", delay),
        ("redirect", redirect),
        ("refer", refer),
        ("status", status),
    ):
        verb(app, name)(function)


async def acknowledge(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    expected: Annotated[
        str | None,
        option("--expected", _("Day an answer can be expected, YYYY-MM-DD.")),
    ] = None,
    no_date: Annotated[bool, option("--no-date", _("No date can be given."))] = False,
    missing: Annotated[
        list[str] | None,
        option("--missing", _("What the request lacks, CODE or ITEM:CODE; again for more.")),
    ] = None,
    accept: Annotated[
        bool, option("--accept", _("Accept every restriction of the request (ITI 15)."))
    ] = False,
    not_accepted: Annotated[
        list[str] | None,
        option("--cannot-accept", _("Restriction that cannot be respected, CODE:REASON.")),
    ] = None,
    confidential: Annotated[
        bool | None,
        option("--confidential/--not-confidential", _("Whether confidentiality is accepted.")),
    ] = None,
) -> Result:
    """Acknowledge a request (ITI 19): your number, when to expect an answer, on which terms.

    Data flows on these terms: a request with restrictions is acknowledged with --accept, or with
    --cannot-accept for each restriction that cannot be respected.
    """
    body, _album = begin(trace_pb2.Acknowledgement, message)
    objections = [_objection_of(text) for text in not_accepted or ()]
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        request = cases.told_of(view, cover.in_reply_to)
        refused = {objection.code for objection in objections}
        asked = cases.restrictions_of(request)
        if set(asked) - refused and not (accept or body.restrictions_accepted):
            raise InvalidInputError(
                _("The request lays restrictions on its use; say whether they are accepted."),
                where="--accept, --cannot-accept",
            )
        fill(
            body,
            file_number=file_number,
            received_at=_received(
                body, cases.received_at(await client.show_timeline(case), request.statement)
            ),
            items_counted=len(request.content.trace_request.items) or len(view.summary.items),
            missing=[_needed(text) for text in missing] if missing else None,
            restrictions_accepted=[code for code in asked if code not in refused] if accept else None,
            restrictions_not_accepted=objections or None,
            expected_on=expected,
            no_date=no_date,
        )
        if confidential is not None:
            body.confidentiality_accepted = confidential
        complete, incomplete = trace_pb2.FORMAL_CHECK_COMPLETE, trace_pb2.FORMAL_CHECK_INCOMPLETE
        body.formal_check = incomplete if body.missing else complete
        body.automatic = False
        return await say_with(client, view.summary.thread, body, cover)


def _received(body: trace_pb2.Acknowledgement, told: str | None) -> str:
    return body.received_at or told or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _objection_of(text: str) -> trace_pb2.RestrictionObjection:
    code, reason = pair(text, "--cannot-accept")
    objection = trace_pb2.RestrictionObjection()
    fill(objection, code=_restriction(code), reason=_objection(reason))
    return objection


def _needed(text: str) -> trace_pb2.NeededInformation:
    item, _colon, code = text.rpartition(":")
    needed = trace_pb2.NeededInformation()
    fill(needed, item_id=item or None, code=_information(code))
    return needed


async def ask(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    need: Annotated[
        list[str] | None,
        option("--need", _("What is needed, CODE or ITEM:CODE; again for more.")),
    ] = None,
    candidates: Annotated[
        list[str] | None,
        option("--candidates", _("ITEM:NUMBER of records that fit the item.")),
    ] = None,
    reply_by: Annotated[
        str | None,
        option("--reply-by", _("Day an answer is hoped for, YYYY-MM-DD.")),
    ] = None,
    explanation: Annotated[str | None, option("--explanation", _("Why, in words."))] = None,
) -> Result:
    """Ask the requester for what is needed to trace (ITI 21)."""
    body, album = begin(trace_pb2.InformationRequest, message)
    fill(
        body,
        file_number=file_number,
        needed=[_needed(text) for text in need] if need else None,
        candidates=[_candidate_count(text) for text in candidates] if candidates else None,
        reply_by=reply_by,
        explanation=explanation,
    )
    return await say(case, body, node, cover, album)


def _candidate_count(text: str) -> trace_pb2.CandidateCount:
    item, count = pair(text, "--candidates")
    if not count.isdigit():
        raise InvalidInputError(_("A number is needed after the colon."), where="--candidates")
    return trace_pb2.CandidateCount(item_id=item, count=int(count))


async def respond(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    item: Annotated[
        str | None,
        option("--item", _("Item answered with the options below.")),
    ] = None,
    identification: Annotated[
        int | None,
        code_option("--identification", trace_pb2.Identification, _("What the item turned out to be.")),
    ] = None,
    reach: Annotated[int | None, code_option("--reach", trace_pb2.Reach, _("How far the trace got."))] = None,
    stopped: Annotated[
        int | None, code_option("--stopped", trace_pb2.StoppedBecause, _("Why it got no farther."))
    ] = None,
    ask_member: Annotated[str | None, option("--ask-member", _("Member to ask next."))] = None,
    ground: GroundOption = None,
    records_since: Annotated[
        str | None,
        option("--records-since", _("First year that records exist for.")),
    ] = None,
    evidential_use: Annotated[
        int | None,
        code_option("--evidential-use", trace_pb2.EvidentialUse, _("Whether it may be used in court.")),
    ] = None,
    explanation: Annotated[str | None, option("--explanation", _("In words."))] = None,
    part: Annotated[bool, option("--part", _("More will follow on these items."))] = False,
    compose: Annotated[
        list[str] | None,
        option(
            "--compose",
            _(
                "Finding to take into the answer: DIGEST, or number of the enquiry, or either with :FROM=TO and "
                "field paths; again for more."
            ),
        ),
    ] = None,
) -> Result:
    """Answer, item by item (ITI 20): a whole message with --message, or one item with options.

    With --compose the node takes into the answer what custodians found. Your desk need not be able to read
    it, and is not shown it.
    """
    body, album = begin(trace_pb2.Response, message)
    if item is not None:
        answer = body.answers.add()
        fill(
            answer,
            item_id=item,
            identification=identification,
            reach=reach,
            ask_member=ask_member,
            withholding_ground=ground,
            records_since=records_since,
            evidential_use=evidential_use,
            explanation=explanation,
        )
        say_stopped(answer, stopped or trace_pb2.StoppedBecause.STOPPED_BECAUSE_NOT_STOPPED)
    fill(body, file_number=file_number)
    if part or not body.HasField("final"):
        body.final = not part
    async with connected(node, _("Signing and queueing")) as client:
        composed = await composed_of(client, case, body, compose) if compose else ()
        return await say_with(client, case, body, cover, album, composed=composed)


def say_stopped(answer: trace_pb2.Answer, code: Any) -> None:
    """Say in `answer` why the trace got no farther; what is too telling for all stands in full elsewhere."""
    told = vocabulary.coarsened(code)
    fill(answer, stopped_because=told, stopped_because_full=code if told != code else None)


async def refuse(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    ground: GroundOption = None,
    reason: ReasonTextOption = None,
    reasons_untold: Annotated[
        bool, option("--reasons-cannot-be-told", _("The reasons cannot be told further."))
    ] = False,
    item: ItemsOption = None,
) -> Result:
    """Refuse, wholly or for some items, and say why (ITI 22, 23)."""
    body, album = begin(trace_pb2.Refusal, message)
    fill(
        body,
        file_number=file_number,
        ground=ground,
        reason_text=reason,
        reasons_cannot_be_told=reasons_untold,
        item_ids=item,
    )
    return await say(case, body, node, cover, album)


async def delay(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    ground: GroundOption = None,
    reason: ReasonTextOption = None,
    until: Annotated[str | None, option("--until", _("New date, YYYY-MM-DD."))] = None,
    review_on: Annotated[
        str | None,
        option("--review-on", _("Day it is looked at again, when there is no date.")),
    ] = None,
    part_available: Annotated[
        bool, option("--part-available", _("An answer on some of the items can be had now."))
    ] = False,
    item: ItemsOption = None,
) -> Result:
    """Say that the answer comes later, and why (ITI 22, 23)."""
    body, album = begin(trace_pb2.Delay, message)
    fill(
        body,
        file_number=file_number,
        ground=ground,
        reason_text=reason,
        new_date=until,
        review_on=review_on,
        part_available_now=part_available,
        item_ids=item,
    )
    return await say(case, body, node, cover, album)


async def redirect(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    item: ItemsOption = None,
    ask_member: Annotated[str | None, option("--ask-member", _("Member to ask."))] = None,
    ask_country: Annotated[
        str | None,
        option("--ask-country", _("Country to ask (ISO 3166-1 alpha-3).")),
    ] = None,
    because: Annotated[
        int | None, code_option("--because", trace_pb2.RedirectReason, _("Why that one is asked."))
    ] = None,
    on: Annotated[str | None, option("--on", _("Year or day of the export or import."))] = None,
    note: Annotated[str | None, option("--note", _("In words."))] = None,
) -> Result:
    """Name the member to ask instead; no data moves and no consent is needed."""
    body, album = begin(trace_pb2.Redirect, message)
    for item_id in item or ():
        fill(
            body.redirections.add(),
            item_id=item_id,
            ask_member=ask_member,
            ask_country=ask_country,
            reason=because,
            event_on=on,
            note=note,
        )
    fill(body, file_number=file_number)
    return await say(case, body, node, cover, album)


async def refer(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    item: ItemsOption = None,
    because: Annotated[
        int | None, code_option("--because", trace_pb2.RedirectReason, _("Why that one is asked."))
    ] = None,
    reason: ReasonTextOption = None,
    copy: Annotated[bool, option("--copy", _("Work on too, and do not hand over."))] = False,
    lineage_to: Annotated[
        list[str] | None,
        option("--lineage-to", _("Member that may see your own findings; again for more.")),
    ] = None,
) -> Result:
    """Hand a request on to another member (--to), with its author's consent.

    The node looks for the consent and encloses the request as an exhibit, as far as it covers.
    """
    if not cover.to or len(cover.to) != 1:
        raise InvalidInputError(_("A referral goes to one member."), where="--to")
    body, album = begin(trace_pb2.Referral, message)
    modes = trace_pb2.ReferralMode
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        request = cases.request_of(view)
        fill(
            body,
            file_number=file_number,
            requester=request.from_member,
            request_thread=view.summary.thread,
            request_digest=request.statement,
            item_ids=item or list(body.item_ids) or [one.id for one in request.content.trace_request.items],
            reason=because,
            reason_text=reason,
            mode=modes.REFERRAL_MODE_COPY if copy else modes.REFERRAL_MODE_HAND_OVER,
            lineage_visible_to=lineage_to,
        )
        return await say_with(client, view.summary.thread, body, cover, album)


async def status(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    state: Annotated[
        int | None, code_option("--state", trace_pb2.ProcessingState, _("How far the work is."))
    ] = None,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    expected: Annotated[
        str | None,
        option("--expected", _("Day an answer can be expected, YYYY-MM-DD.")),
    ] = None,
    note: Annotated[str | None, option("--note", _("In words."))] = None,
) -> Result:
    """Say how far the work is."""
    body, album = begin(trace_pb2.Status, message)
    fill(body, file_number=file_number, state=state, expected_on=expected, note=note)
    return await say(case, body, node, cover, album)
