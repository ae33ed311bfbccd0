"""What the asking side says on the way: supply, clarify, amend, withdraw, consent, remind."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from tracepost.cli.commands.trace.answering import FileNumberOption, GroundOption
from tracepost.cli.commands.trace.attaching import AttachOptions, attach
from tracepost.cli.commands.trace.following import pass_on_what_follows, passed_on_to
from tracepost.cli.commands.trace.sending import begin, fill, say, say_with
from tracepost.cli.options import (
    CaseArgument,
    CoverOptions,
    ItemsOption,
    MessageOption,
    NodeOptions,
    code_option,
    option,
)
from tracepost.cli.profile import read_profile
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import cases
from tracepost.wire.v1 import terms_pb2, trace_pb2

PassOnOption = Annotated[
    bool,
    option("--pass-on", _("Send what others have taken back or corrected on to whom you passed theirs.")),
]
TextOption = Annotated[str | None, option("--text", _("In words."))]
UntilOption = Annotated[str | None, option("--until", _("Last day, YYYY-MM-DD."))]


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    for name, function in (
        ("supply", supply),
        ("clarify", clarify),
        ("amend", amend),
        ("withdraw", withdraw),
        ("consent", consent),
        ("remind", remind),
    ):
        verb(app, name)(function)


async def supply(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    files: AttachOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    explanation: Annotated[str | None, option("--explanation", _("In words."))] = None,
) -> Result:
    """Give what was asked for (ITI 21); items and photographs come from --message FILE."""
    body, album = begin(trace_pb2.InformationSupply, message)
    fill(body, file_number=file_number, explanation=explanation)
    return await say(case, body, node, cover, album, files)


async def clarify(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    reply: Annotated[bool, option("--reply", _("This answers a question; else it asks one."))] = False,
    code: Annotated[
        int | None, code_option("--code", trace_pb2.ClarificationCode, _("What it is about."))
    ] = None,
    ground: GroundOption = None,
    text: TextOption = None,
    item: ItemsOption = None,
) -> Result:
    """Ask about an answer, a delay or a refusal, or explain one (ITI 23)."""
    body, album = begin(trace_pb2.Clarification, message)
    steps = trace_pb2.ClarificationStep
    step = steps.CLARIFICATION_STEP_REPLY if reply else steps.CLARIFICATION_STEP_QUESTION
    fill(
        body,
        file_number=file_number,
        step=step if reply or not body.HasField("step") else None,
        code=code,
        ground=ground,
        text=text,
        item_ids=item,
    )
    return await say(case, body, node, cover, album)


async def amend(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    files: AttachOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    amends: Annotated[
        str | None,
        option("--amends", _("Statement amended; else the request.")),
    ] = None,
    reason: Annotated[int | None, code_option("--reason", trace_pb2.AmendmentReason, _("Why."))] = None,
    effect: Annotated[
        int | None,
        code_option("--effect", trace_pb2.AmendmentEffect, _("What it does to what was said.")),
    ] = None,
    remove: Annotated[
        list[str] | None,
        option("--remove-item", _("Item no longer asked about; again for more.")),
    ] = None,
    allow_referral: Annotated[
        list[str] | None,
        option("--allow-referral", _("Member to which the request may be referred; again for more.")),
    ] = None,
    text: TextOption = None,
    pass_on: PassOnOption = False,
) -> Result:
    """Correct what was said before; both stay on file."""
    if pass_on:
        return await pass_on_what_follows(case, "trace.amendment/1", node, cover)
    body, album = begin(trace_pb2.Amendment, message)
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        amended = amends or body.amends_digest or cases.request_of(view).statement
        fill(
            body,
            file_number=file_number,
            amends_digest=amended,
            reason=reason,
            effect=effect,
            removed_item_ids=remove,
            referral_consents=allow_referral,
            text=text,
        )
        await attach(client, view.summary.thread, body, files, only_show=cover.preview)
        return await say_with(client, view.summary.thread, body, cover, album)


async def withdraw(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    reason: Annotated[int | None, code_option("--reason", trace_pb2.WithdrawalReason, _("Why."))] = None,
    item: ItemsOption = None,
    no_deletion: Annotated[bool, option("--no-deletion", _("Do not ask for deletion."))] = False,
    deleted: Annotated[bool, option("--deleted", _("Holder's word: it is deleted."))] = False,
    kept_under: Annotated[
        str | None,
        option("--kept-under", _("Holder's word: the law that keeps it.")),
    ] = None,
    kept_until: Annotated[
        str | None,
        option("--kept-until", _("Until when the law keeps it, YYYY-MM-DD.")),
    ] = None,
    text: TextOption = None,
    pass_on: PassOnOption = False,
) -> Result:
    """Take a request back and ask for deletion; or, as a holder, say what became of it, or pass it on."""
    if pass_on:
        return await pass_on_what_follows(case, "trace.withdrawal/1", node, cover)
    if deleted and kept_under:
        raise InvalidInputError(_("It is either deleted or kept."), where="--deleted, --kept-under")
    body, album = begin(trace_pb2.Withdrawal, message)
    steps = trace_pb2.WithdrawalStep
    fill(body, file_number=file_number, reason=reason, item_ids=item, text=text)
    if deleted:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        fill(body, step=steps.WITHDRAWAL_STEP_DELETED, deleted_at=now)
    elif kept_under:
        fill(body, step=steps.WITHDRAWAL_STEP_KEPT_BY_LAW, kept_under=kept_under, kept_until=kept_until)
    elif not body.HasField("step"):
        fill(body, step=steps.WITHDRAWAL_STEP_ASKED)
        body.deletion_asked = not no_deletion
    async with connected(node, _("Signing and queueing")) as client:
        if body.step != steps.WITHDRAWAL_STEP_ASKED and not body.passed_on_to:
            body.passed_on_to.extend(await passed_on_to(client, case, read_profile(node.profile).member))
        return await say_with(client, case, body, cover, album)


async def consent(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    third_party: Annotated[str | None, option("--third-party", _("Member that is to receive."))] = None,
    grant: Annotated[bool, option("--grant", _("Consent is given."))] = False,
    deny: Annotated[bool, option("--deny", _("Consent is denied."))] = False,
    revoke: Annotated[bool, option("--revoke", _("A consent is taken back from now on."))] = False,
    ask_for: Annotated[bool, option("--ask", _("Consent is asked for."))] = False,
    statement: Annotated[
        str | None,
        option("--statement", _("Statement it is about; else the request.")),
    ] = None,
    item: ItemsOption = None,
    path: Annotated[
        list[str] | None,
        option("--path", _("Field path; again for more. None: the whole.")),
    ] = None,
    for_purpose: Annotated[
        int | None,
        code_option("--for", terms_pb2.Purpose, _("Use that is consented to; else the request's.")),
    ] = None,
    until: UntilOption = None,
    text: TextOption = None,
) -> Result:
    """Ask for consent to onward release, grant it, deny it or take it back (ITI 15(c))."""
    if sum((grant, deny, revoke, ask_for)) > 1:
        raise InvalidInputError(_("Say one of them."), where="--grant, --deny, --revoke, --ask")
    body, album = begin(trace_pb2.Consent, message)
    steps, decisions = trace_pb2.ConsentStep, trace_pb2.ConsentDecision
    if grant or deny:
        decision = decisions.CONSENT_DECISION_GRANTED if grant else decisions.CONSENT_DECISION_DENIED
        fill(body, step=steps.CONSENT_STEP_DECIDED, decision=decision)
    elif revoke or ask_for:
        fill(body, step=steps.CONSENT_STEP_REVOKED if revoke else steps.CONSENT_STEP_ASKED)
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        request = cases.request_of(view)
        fill(
            body,
            file_number=file_number,
            third_party=third_party,
            statement_digest=statement or body.statement_digest or request.statement,
            item_ids=item,
            field_paths=path,
            purpose=for_purpose or body.purpose or request.purpose,
            until=until,
            text=text,
        )
        return await say_with(client, view.summary.thread, body, cover, album)


async def remind(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    file_number: FileNumberOption = None,
    escalated_to: Annotated[
        str | None,
        option("--escalate-to", _("Office to which it is escalated.")),
    ] = None,
    note: Annotated[str | None, option("--note", _("In words."))] = None,
) -> Result:
    """Remind the other side; reminders are counted. No instrument sets a term for the answer."""
    states = trace_pb2.ProcessingState
    body = trace_pb2.Status()
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        own = read_profile(node.profile).member
        fill(
            body,
            file_number=file_number,
            state=states.PROCESSING_STATE_ESCALATED if escalated_to else states.PROCESSING_STATE_REMINDER,
            reminder_number=cases.reminders_sent(view, own) + 1,
            escalated_to=escalated_to,
            note=note,
        )
        return await say_with(client, view.summary.thread, body, cover)
