"""`tracepost panel …`: what panels ask and are told, which texts may be printed, and what is documented."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tracepost.cli.commands import notices
from tracepost.cli.commands.notices import Begun, ThingOptions, begin, put_thing
from tracepost.cli.commands.trace.answering import FileNumberOption
from tracepost.cli.commands.trace.sending import begin as begin_message
from tracepost.cli.commands.trace.sending import fill, say
from tracepost.cli.options import CaseArgument, CoverOptions, MessageOption, NodeOptions, code_option, option
from tracepost.cli.profile import read_profile
from tracepost.cli.render.lists import submissions as submissions_view
from tracepost.cli.session import connected
from tracepost.cli.verb import OptionGroup, Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.sdk.wire_json import all_to_json
from tracepost.wire.v1 import desk_pb2, panel_pb2, terms_pb2, trace_pb2

app = typer.Typer(no_args_is_help=True, help=_("Ask as a panel, answer one, and tell what was documented."))

_REQUEST, _REPLY = "panel.request/1", "panel.reply/1"
_MANDATE, _SEEN, _PRINT = _("The mandate"), _("What was seen"), _("What is to be printed")

ConfidentialityOption = Annotated[
    int | None,
    code_option("--confidentiality", panel_pb2.PanelConfidentiality, _("Who is to read it."), _MANDATE),
]
CheckOption = Annotated[
    bool, option("--check", _("Only judge it, by all that is known without a node; send nothing."))
]


@dataclass(frozen=True, slots=True)
class MandateOptions(OptionGroup):
    """Who asks or documents, and by which right."""

    panel: Annotated[str | None, option("--panel", _("Name of the panel or peace operation."), _MANDATE)] = (
        None
    )
    resolution: Annotated[
        str | None, option("--resolution", _("Resolution of the Security Council."), _MANDATE)
    ] = None
    context: Annotated[str | None, option("--context", _("How the items bear on the embargo."), _MANDATE)] = (
        None
    )


@dataclass(frozen=True, slots=True)
class SeenOptions(OptionGroup):
    """Where and when something was seen, generalised."""

    on: Annotated[str | None, option("--on", _("Day, month or year."), _SEEN)] = None
    country: Annotated[str | None, option("--in", _("Country, three letters."), _SEEN)] = None
    region: Annotated[str | None, option("--region", _("Region; no exact place."), _SEEN)] = None


@dataclass(frozen=True, slots=True)
class PrintOptions(OptionGroup):
    """A text that a panel means to print, put before the State that gave the answer."""

    case: Annotated[
        str | None, option("--case", _("Case in which a text to be printed is put before the State."), _PRINT)
    ] = None
    text: Annotated[
        list[str] | None, option("--text", _("Text exactly as it is to be printed, ID:TEXT."), _PRINT)
    ] = None
    path: Annotated[
        list[str] | None,
        option("--path", _("Field of the answer that the text tells, as answers.0; again for more."), _PRINT),
    ] = None


@verb(app, "ask")
async def ask(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help=_("Request as JSON (*.json), or a table of items (*.csv).")),
    ] = None,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    mandate: MandateOptions,
    seen: SeenOptions,
    thing: ThingOptions,
    printing: PrintOptions,
    file_number: FileNumberOption = None,
    question: Annotated[str | None, option("--question", _("What is asked, in words."))] = None,
    reply_by: Annotated[str | None, option("--reply-by", _("Day an answer is due, YYYY-MM-DD."))] = None,
    report_on: Annotated[str | None, option("--report-on", _("Day the report is due, YYYY-MM-DD."))] = None,
    publication: Annotated[
        int | None,
        code_option("--publication", panel_pb2.PublicationIntent, _("What is to be published.")),
    ] = None,
    confidentiality: ConfidentialityOption = None,
    template: Annotated[Path | None, option("--template", _("JSON with what a table does not say."))] = None,
    check: CheckOption = False,
) -> Result:
    """Ask members as a panel of experts: each in a case of its own, so that none sees what others are asked.

    It goes to the Permanent Mission where the member has such a desk, without persons and case files. With
    --case, texts to be printed are put before the State word by word.

    Needed, here or in the file: --to, --file-number, --panel, --resolution, --context, --question, --reply-by,
    --publication, --confidentiality, and what was seen.
    """
    begun = begin(
        panel_pb2.PanelRequest,
        file,
        cover,
        template=template,
        purpose=terms_pb2.PURPOSE_EMBARGO_MONITORING,
        legal_basis=terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION,
    )
    request: panel_pb2.PanelRequest = begun.message
    put_thing(request, thing)
    fill(
        request,
        file_number=file_number,
        panel=mandate.panel,
        mandate_resolution=mandate.resolution,
        embargo_context=mandate.context,
        question=question,
        reply_by=reply_by,
        report_on=report_on,
        publication_intent=publication,
        confidentiality=confidentiality,
        observed_on=seen.on,
        observed_country=seen.country,
        observed_region=seen.region,
    )
    if printing.case is not None:
        return await _put_texts(begun, node, printing)
    return await _ask_each(begun, node, check=check)


async def _ask_each(begun: Begun, node: NodeOptions, *, check: bool) -> Result:
    """Send the request to each addressee apart: a case has one."""
    members = list(begun.draft.to)
    if len(members) < 2 or begun.rejections or check:
        return await notices.send(begun, node, check=check)
    drafts = [_to(begun, member) for member in members]
    async with connected(node, _("Signing and queueing")) as client:
        sent = [one async for one in client.submit_many(drafts)]
    failed = next((one for one in sent if one.HasField("problem")), None)
    exit_code = InvalidInputError.exit_code if failed is not None else 0
    return Result(all_to_json(sent), submissions_view(sent), exit_code)


def _to(begun: Begun, member: str) -> desk_pb2.Draft:
    draft = desk_pb2.Draft()
    draft.CopyFrom(begun.draft)
    draft.to[:] = [member]
    draft.parts.extend(part for part in begun.album.parts() if part not in draft.parts)
    return draft


async def _put_texts(begun: Begun, node: NodeOptions, printing: PrintOptions) -> Result:
    """Put texts before the State that answered, in the name of the request of the case."""
    request: panel_pb2.PanelRequest = begun.message
    assert printing.case is not None
    async with connected(node, _("Reading the case")) as client:
        view = await client.show_case(printing.case)
    own = read_profile(node.profile).member
    before = _newest(view, own, _REQUEST, ours=True).content.panel_request
    for name in ("file_number", "panel", "mandate_resolution", "publication_intent", "confidentiality"):
        fill(request, **{name: getattr(request, name) or getattr(before, name)})
    answer = _newest(view, own, _REPLY, ours=False).statement
    for text_id, text in map(_text_of, printing.text or ()):
        request.texts.add(text_id=text_id, text=text)
        request.excerpts.add(text_id=text_id, statement_digest=answer, field_paths=printing.path or ())
    return await notices.send(begun, node, case=view.summary.thread)


def _newest(view: desk_pb2.CaseView, own: str, kind: str, *, ours: bool) -> desk_pb2.StatementView:
    for one in reversed(view.statements):
        if one.kind == kind and (one.from_member == own) is ours:
            return one
    raise NotFoundError(_("The case holds no such message."), where=kind)


def _text_of(text: str) -> tuple[str, str]:
    name, colon, words = text.partition(":")
    if not colon or not words.strip():
        raise InvalidInputError(_("Two values with a colon between are needed."), where="--text")
    return name.strip(), words.strip()


@verb(app, "reply")
async def reply(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    item: Annotated[list[str] | None, option("--item", _("Item that is answered; again for more."))] = None,
    identification: Annotated[
        int | None, code_option("--identification", trace_pb2.Identification, _("What it is."))
    ] = None,
    reach: Annotated[int | None, code_option("--reach", trace_pb2.Reach, _("How far it was traced."))] = None,
    stopped: Annotated[
        int | None, code_option("--stopped", trace_pb2.StoppedBecause, _("Why it went no further."))
    ] = None,
    final: Annotated[
        bool | None, option("--final/--in-part", _("Whether nothing more is to be expected."))
    ] = None,
    refuse: Annotated[
        int | None, code_option("--refuse", terms_pb2.WithholdingGround, _("Give no answer, and why."))
    ] = None,
    explanation: Annotated[str | None, option("--explanation", _("In words."))] = None,
    confidentiality: ConfidentialityOption = None,
    print_: Annotated[
        list[str] | None, option("--print", _("Text that may be printed as it is; again for more."), _PRINT)
    ] = None,
    change: Annotated[
        list[str] | None, option("--change", _("Text that may be printed otherwise, ID:TEXT."), _PRINT)
    ] = None,
    deny: Annotated[
        list[str] | None, option("--do-not-print", _("Text that may not be printed; again for more."), _PRINT)
    ] = None,
    attribution: Annotated[
        int | None, code_option("--attribution", panel_pb2.Attribution, _("How the source is named."), _PRINT)
    ] = None,
) -> Result:
    """Answer a panel, refuse, or decide which texts may be printed; what is not named may not.

    Lineage and companies come from --message FILE. Persons and case files are not told to a panel.

    Needed: --file-number and --confidentiality; with an answer --item, --identification, --reach and --stopped.
    """
    body, album = begin_message(panel_pb2.PanelReply, message)
    for one in item or ():
        fill(
            body.answers.add(item_id=one), identification=identification, reach=reach, stopped_because=stopped
        )
    fill(body, file_number=file_number, refusal_ground=refuse, explanation=explanation)
    fill(body, confidentiality=confidentiality)
    if final is not None:
        body.final = final
    changed = [_text_of(text) for text in change or ()]
    for name, words in changed:
        body.texts.add(text_id=name, text=words)
    consents = panel_pb2.PublicationConsent
    _decide(body, print_ or (), consents.PUBLICATION_CONSENT_GRANTED, attribution)
    _decide(body, (name for name, _words in changed), consents.PUBLICATION_CONSENT_CHANGED, attribution)
    _decide(body, deny or (), consents.PUBLICATION_CONSENT_DENIED, None)
    return await say(case, body, node, cover, album)


def _decide(body: panel_pb2.PanelReply, texts: Iterable[str], decision: int, attribution: int | None) -> None:
    for name in texts:
        fill(body.publication.add(text_id=name), decision=decision, attribution=attribution)


@verb(app, "document")
async def document(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help=_("What was seen, as JSON (*.json) or a table (*.csv).")),
    ] = None,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    mandate: MandateOptions,
    seen: SeenOptions,
    thing: ThingOptions,
    file_number: FileNumberOption = None,
    custody: Annotated[
        int | None, code_option("--custody", panel_pb2.CustodyContext, _("In whose hands it was."))
    ] = None,
    verification: Annotated[
        int | None, code_option("--verification", panel_pb2.Verification, _("How far it is verified."))
    ] = None,
    verifier: Annotated[
        int | None, code_option("--verifier", panel_pb2.VerifierRole, _("What the one is who verified it."))
    ] = None,
    verified_on: Annotated[
        str | None, option("--verified-on", _("When it was verified: day, month or year."))
    ] = None,
    packaging: Annotated[str | None, option("--packaging", _("What it was packed in."))] = None,
    summary: Annotated[str | None, option("--summary", _("In words; no person, no exact place."))] = None,
    confidentiality: ConfidentialityOption = None,
    template: Annotated[Path | None, option("--template", _("JSON with what a table does not say."))] = None,
    check: CheckOption = False,
) -> Result:
    """Tell other members what a panel or peace operation documented; nothing is asked, and nothing is owed."""
    begun = begin(
        panel_pb2.DocumentedItem,
        file,
        cover,
        template=template,
        purpose=terms_pb2.PURPOSE_EMBARGO_MONITORING,
        legal_basis=terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION,
    )
    told: panel_pb2.DocumentedItem = begun.message
    put_thing(told, thing)
    fill(
        told,
        file_number=file_number,
        documented_by=mandate.panel,
        mandate_resolution=mandate.resolution,
        embargo_context=mandate.context,
        custody_context=custody,
        documented_on=seen.on,
        country=seen.country,
        region=seen.region,
        verification=verification,
        verifier=verifier,
        verified_on=verified_on,
        packaging=packaging,
        summary=summary,
        confidentiality=confidentiality,
    )
    return await notices.send(begun, node, check=check)
