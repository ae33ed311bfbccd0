"""`tracepost trace submit`: one request as JSON, or many items as a table."""

from __future__ import annotations

import csv
import dataclasses
import io
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.commands.trace.attaching import AttachOptions, hand_in_files, name_files
from tracepost.cli.commands.trace.sending import cover_of, fill, put_cover
from tracepost.cli.commands.trace.wishes import warned
from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.options import CoverOptions, NodeOptions, code_option, option
from tracepost.cli.profile import read_profile
from tracepost.cli.profile_file import find_profile
from tracepost.cli.progress import progress
from tracepost.cli.remedies import what_to_do
from tracepost.cli.render import lists
from tracepost.cli.session import connected
from tracepost.cli.verb import OptionGroup, Result, verb
from tracepost.cli.words import _, coded, plural
from tracepost.protocol.errors import InvalidInputError, PartialError
from tracepost.protocol.problems import make_problem, read_problem
from tracepost.sdk import build_draft
from tracepost.sdk.attachments import PreparedFile
from tracepost.sdk.intake.checking import find_fault
from tracepost.sdk.intake.documents import Album, is_draft, read_document, read_draft, read_message
from tracepost.sdk.intake.items import (
    Batch,
    Request,
    Sent,
    content_key,
    read_items,
    rejected_rows,
    send_folders,
    split_request,
)
from tracepost.sdk.intake.rejections import Rejection
from tracepost.sdk.mandates import find_mandate
from tracepost.sdk.wire_json import all_to_json
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2, weapon_pb2


@dataclass(frozen=True, slots=True)
class RequestOptions(OptionGroup):
    """What ITI 17 asks of a request, where file or table does not say it."""

    file_number: Annotated[
        str | None,
        option("--file-number", _("Number of the case at your own office.")),
    ] = None
    ground: Annotated[
        list[int] | None,
        code_option("--ground", weapon_pb2.IllicitGround, _("Why it is illicit (ITI 6); again for more.")),
    ] = None
    law: Annotated[str | None, option("--law", _("Law and article that were broken."))] = None
    question: Annotated[
        list[int] | None, code_option("--question", trace_pb2.Question, _("What is asked; again for more."))
    ] = None
    handling: Annotated[
        list[int] | None,
        code_option("--handling", terms_pb2.HandlingInstruction, _("How to handle it; again for more.")),
    ] = None
    guarantee: Annotated[
        bool | None,
        option(
            "--guarantee/--no-guarantee",
            _("Whether restrictions can be respected (ITI 15)."),
        ),
    ] = None
    no_guarantee_reason: Annotated[
        str | None,
        option("--no-guarantee-reason", _("Why they cannot be guaranteed.")),
    ] = None
    urgency_reason: Annotated[
        int | None,
        code_option("--urgency-reason", trace_pb2.UrgencyReason, _("Why it is urgent; with --urgent.")),
    ] = None
    reply_by: Annotated[
        str | None,
        option("--reply-by", _("Day an answer is hoped for, YYYY-MM-DD.")),
    ] = None
    allow_referral: Annotated[
        list[str] | None,
        option("--allow-referral", _("Member to which it may be referred; again for more.")),
    ] = None
    on_behalf_of: Annotated[
        str | None,
        option("--on-behalf-of", _("State in whose name you ask, by its mandate.")),
    ] = None
    mandate: Annotated[
        str | None,
        option("--mandate", _("Statement that is the mandate, else the State's newest one to you.")),
    ] = None


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file holds: the requests to send, and of a table also what was not taken."""

    folders: tuple[tuple[Request, ...], ...]
    batch: Batch | None = None
    files: tuple[PreparedFile, ...] = ()


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "submit")(submit)


async def submit(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("Request as JSON (*.json), or a table of items (*.csv)."))
    ],
    *,
    node: NodeOptions,
    cover: CoverOptions,
    request: RequestOptions,
    files: AttachOptions,
    template: Annotated[
        Path | None,
        option("--template", _("JSON with what all requests of a table have in common.")),
    ] = None,
    encoding: Annotated[
        str | None,
        option("--encoding", _("Encoding of the table; else it is recognised.")),
    ] = None,
    rejected: Annotated[
        Path | None,
        option("--rejected", _("Where to write the rows not taken, with the reasons.")),
    ] = None,
    check: Annotated[
        bool,
        option("--check", _("Only judge the file and say what its addressees miss in it; send nothing.")),
    ] = False,
    again: Annotated[
        bool, option("--again", _("Send it as a new request even if it was sent before."))
    ] = False,
) -> Result:
    """Send a trace request from a JSON file, or many items from a table (ITI 16, 17).

    The columns of a table are those of ATF F 3312.1 part V; bad rows are told one by one and
    the good ones are sent. What was sent before is not sent twice.
    """
    if request.on_behalf_of and not request.mandate and not check:
        request = dataclasses.replace(request, mandate=await _mandate_of(request.on_behalf_of, node))
    if file.suffix.lower() == ".json":
        intake = _intake_of_json(file, cover, request, files)
    else:
        files.refuse(_("A table names no files; send the request as JSON, or attach them by supply."))
        intake = _intake_of_table(file, cover, request, template, encoding)
    if rejected is not None and intake.batch is not None:
        write_bytes(rejected, _rejected_table(intake.batch))
    if again:
        _forget_keys(intake)
    drafts = [one.draft for folder in intake.folders for one in folder]
    if check:
        return await warned(_result(intake, list(_judge(intake, node)), check=True), drafts, node)
    sent = await _send(intake, node, cover) if intake.folders else []
    return await warned(_result(intake, sent, check=False), drafts, node)


def _intake_of_json(file: Path, cover: CoverOptions, options: RequestOptions, files: AttachOptions) -> Intake:
    document, album = read_document(file), Album(file.parent)
    if is_draft(document):
        draft = read_draft(document, album)
        put_cover(draft, cover_of(cover))
    else:
        request = read_message(document, trace_pb2.TraceRequest, album)
        draft = build_draft(request, dataclasses.replace(cover_of(cover, album.parts()), idempotency_key=""))
    if draft.content.WhichOneof("kind") != "trace_request":
        raise InvalidInputError(_("The draft is not a trace request."), where="content")
    _complete(draft, cover, options)
    prepared = name_files(draft.content.trace_request, files)
    return Intake((split_request(draft),), files=prepared)


def _intake_of_table(
    file: Path, cover: CoverOptions, options: RequestOptions, template: Path | None, encoding: str | None
) -> Intake:
    draft = _template(template)
    put_cover(draft, cover_of(cover))
    _complete(draft, cover, options)
    with progress(_("Reading the table")):
        batch = read_items(read_bytes(file), draft, Album(file.parent), encoding)
    return Intake(batch.folders, batch)


def _template(path: Path | None) -> desk_pb2.Draft:
    draft = desk_pb2.Draft(legal_basis=terms_pb2.LEGAL_BASIS_ITI)
    draft.content.trace_request.SetInParent()
    if path is None:
        return draft
    document, album = read_document(path), Album(path.parent)
    if is_draft(document):
        draft.MergeFrom(read_draft(document, album))
    else:
        draft.content.trace_request.MergeFrom(read_message(document, trace_pb2.TraceRequest, album))
    if draft.content.trace_request.items:
        raise InvalidInputError(_("A template for a table holds no items."), where=str(path))
    return draft


def _complete(draft: desk_pb2.Draft, cover: CoverOptions, options: RequestOptions) -> None:
    request = draft.content.trace_request
    fill(
        request,
        file_number=options.file_number,
        illicit_grounds=options.ground,
        legal_provision=options.law,
        questions=options.question,
        handling_instructions=options.handling,
        no_guarantee_reason=options.no_guarantee_reason,
        urgency_reason=options.urgency_reason,
        reply_by=options.reply_by,
        referral_consents=options.allow_referral,
        on_behalf_of=options.on_behalf_of,
        mandate_digest=options.mandate,
    )
    if options.guarantee is not None:
        request.guarantees_restrictions = options.guarantee
    if cover.urgent or not request.HasField("urgency"):
        request.urgency = trace_pb2.URGENCY_URGENT if cover.urgent else trace_pb2.URGENCY_ROUTINE
    if not request.HasField("guarantees_restrictions"):
        raise InvalidInputError(
            _("The request must say whether restrictions and confidentiality can be guaranteed (ITI 15)."),
            where="--guarantee, --no-guarantee",
        )


async def _mandate_of(host: str, node: NodeOptions) -> str:
    async with connected(node) as client:
        return (await find_mandate(client, host, read_profile(node.profile).member)).statement


def _forget_keys(intake: Intake) -> None:
    for folder in intake.folders:
        for request in folder:
            request.draft.idempotency_key = f"{content_key(request.draft)[:30]}-{uuid4()}"


def _judge(intake: Intake, node: NodeOptions) -> Iterator[Sent]:
    """Go through the requests that would be refused, each with what is wrong with it."""
    # Whose node it would go to; a file can be judged where there is no profile yet.
    profile = find_profile(node.profile)
    member = read_profile(profile).member if profile.exists() else None
    now = int(time.time())
    for request in (request for folder in intake.folders for request in folder):
        if fault := find_fault(request.draft, now=now, own_member=member):
            key = request.draft.idempotency_key
            yield Sent(request, desk_pb2.Submission(idempotency_key=key, problem=make_problem(fault)))


async def _send(intake: Intake, node: NodeOptions, cover: CoverOptions) -> list[Sent]:
    items = sum(len(request.rows) for folder in intake.folders for request in folder)
    async with connected(node, _("Signing and queueing")) as client:
        if not cover.preview:
            await hand_in_files(client, intake.files)
        with progress(_("Items sent"), items) as advance:
            return [sent async for sent in send_folders(client, intake.folders, advance)]


def _result(intake: Intake, sent: list[Sent], *, check: bool) -> Result:
    rejections = intake.batch.rejections if intake.batch else ()
    refused = [one for one in sent if one.submission.HasField("problem")]
    good = sum(len(one.request.rows) for one in sent if not one.submission.HasField("problem"))
    if check:
        bad = sum(len(one.request.rows) for one in refused)
        good = sum(len(request.rows) for folder in intake.folders for request in folder) - bad
    data: dict[str, Any] = {
        "sent": not check,
        "items": good,
        "submissions": all_to_json(one.submission for one in sent),
        "refused_rows": [row for one in refused for row in one.request.rows],
        "rejections": [rejection_json(one) for one in rejections],
    }
    if intake.batch is not None:
        table = intake.batch.table
        data["read_as"] = {"encoding": table.encoding, "delimiter": table.delimiter}
        data["unknown_columns"] = list(intake.batch.unknown_columns)
    failed = bool(rejections or refused)
    exit_code = (PartialError if good else InvalidInputError).exit_code if failed else 0
    return Result(data, _view(intake, sent, good, check=check), exit_code)


def rejection_json(rejection: Rejection) -> dict[str, Any]:
    """Return what is wrong with a row, for machines."""
    return {
        "row": rejection.row,
        "column": rejection.column,
        "reason": rejection.reason.value,
        "words": coded("rejection", rejection.reason.value),
    }


def _view(intake: Intake, sent: list[Sent], good: int, *, check: bool) -> RenderableType:
    parts: list[RenderableType] = []
    batch = intake.batch
    if batch is not None:
        parts.extend(_how_read(batch))
    if sent:
        parts.append(lists.submissions([one.submission for one in sent]))
        parts.extend(_remedies(sent))
    words = [plural("{n} item is good.", "{n} items are good.", good)] if check else _sent_words(sent, good)
    parts.extend(Text(line, style="bold") for line in words)
    if batch is not None and batch.rejections:
        parts.append(rejection_table(batch.rejections))
    return Group(*parts)


def _remedies(sent: Iterable[Sent]) -> Iterator[RenderableType]:
    problems = [one.submission.problem for one in sent if one.submission.HasField("problem")]
    for words in dict.fromkeys(what_to_do(read_problem(problem)) for problem in problems):
        yield Text(f"{_('what to do')}: {words}")


def _how_read(batch: Batch) -> Iterator[RenderableType]:
    words = _("Read as {encoding}, columns parted by {delimiter}.")
    table = batch.table
    yield Text(words.format(encoding=table.encoding, delimiter=repr(table.delimiter)), style="dim")
    if batch.unknown_columns:
        yield Text(f"{_('Columns not understood and not taken')}: {', '.join(batch.unknown_columns)}")


def _sent_words(sent: Iterable[Sent], good: int) -> list[str]:
    states = (desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER, desk_pb2.RELEASE_STATE_DELAYED)
    waiting = sum(len(one.request.rows) for one in sent if one.submission.release_state in states)
    words = [plural("{n} item was sent.", "{n} items were sent.", good - waiting)]
    if waiting:
        words.append(plural("{n} item is signed and waits.", "{n} items are signed and wait.", waiting))
    return words if good > waiting or not waiting else words[1:]


def rejection_table(rejections: tuple[Rejection, ...]) -> RenderableType:
    """Return what is wrong with which rows."""
    table = lists.table_of(_("row"), _("column"), _("not taken because"))
    for rejection in rejections:
        table.add_row(str(rejection.row), rejection.column, coded("rejection", rejection.reason.value))
    return table


def _rejected_table(batch: Batch) -> bytes:
    """The rows as they came, to be corrected and sent alone."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*batch.table.heading, _("row"), _("not taken because")])
    width = len(batch.table.heading)
    for row, rejections in rejected_rows(batch):
        cells = [*row.cells, *[""] * width][: max(width, len(row.cells))]
        reasons = "; ".join(f"{one.column}: {coded('rejection', one.reason.value)}" for one in rejections)
        writer.writerow([*cells, row.number, reasons])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
