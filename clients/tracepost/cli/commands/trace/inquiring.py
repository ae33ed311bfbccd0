"""The work inside a state: ask those who keep the records, follow what was asked, say what was found."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.commands.trace.answering import say_stopped
from tracepost.cli.commands.trace.composing import is_called
from tracepost.cli.commands.trace.sending import begin, fill, say_with
from tracepost.cli.options import (
    CaseArgument,
    CoverOptions,
    ItemsOption,
    MessageOption,
    NodeOptions,
    code_option,
    code_parser,
    names_of,
    option,
)
from tracepost.cli.render.case import statement_sheet
from tracepost.cli.render.inquiry import enquiry_table
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import Client
from tracepost.sdk.wire_json import all_to_json
from tracepost.wire.v1 import inquiry_pb2, terms_pb2, trace_pb2

_source = code_parser(trace_pb2.RecordSource)
_instruction = code_parser(terms_pb2.HandlingInstruction)
_SOURCES = names_of(trace_pb2.RecordSource)
_INSTRUCTIONS = names_of(terms_pb2.HandlingInstruction)

EnquiryArgument = Annotated[
    str,
    typer.Argument(metavar="ENQUIRY", help=_("Number of the enquiry, or the beginning of its digest.")),
]


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    for name, function in (
        ("enquire", enquire),
        ("enquiries", enquiries),
        ("find", find),
        ("findings", findings),
    ):
        verb(app, name)(function)


async def enquire(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    to_desk: Annotated[str | None, option("--to-desk", _("Desk of your own member to ask."))] = None,
    custodian: Annotated[
        str | None, option("--custodian", _("Custodian to ask on paper, as in the address book."))
    ] = None,
    item: ItemsOption = None,
    look_in: Annotated[
        list[str] | None,
        option("--look-in", f"{_('Where to look, SOURCE or SOURCE:YEAR-YEAR; again for more.')} {_SOURCES}"),
    ] = None,
    ledger: Annotated[str | None, option("--ledger", _("Ledger or register, in words."))] = None,
    due: Annotated[str | None, option("--due", _("Day the answer is due, YYYY-MM-DD."))] = None,
    handling: Annotated[
        list[str] | None,
        option(
            "--handling",
            f"{_('Handling instruction beside those of the case; again for more.')} {_INSTRUCTIONS}",
        ),
    ] = None,
    note: Annotated[str | None, option("--note", _("In words, for the custodian."))] = None,
    remind: Annotated[str | None, option("--remind", _("Enquiry to remind of."))] = None,
    withdraw: Annotated[str | None, option("--withdraw", _("Enquiry that need not be answered."))] = None,
) -> Result:
    """Ask a desk of your own member, or a custodian on paper, what its records hold.

    The node writes in what the items are, as far as the custodian may read it, the forms in which their
    serial numbers may stand in a ledger, and the handling instructions of the case.
    """
    body, album = begin(inquiry_pb2.Enquiry, message)
    fill(
        body,
        to_desk=to_desk,
        item_ids=item,
        ledger=ledger,
        due_on=due,
        note=note,
        handling_instructions=[_instruction(text) for text in handling] if handling else None,
    )
    if custodian is not None:
        body.custodian.id = custodian
    for text in look_in or ():
        body.where_to_look.append(_search(text))
    steps = inquiry_pb2.EnquiryStep
    async with connected(node, _("Signing")) as client:
        if remind or withdraw:
            body.enquiry_digest = (await enquiry_of(client, case, remind or withdraw or "")).enquiry
        body.step = (
            steps.ENQUIRY_STEP_REMINDER
            if remind
            else steps.ENQUIRY_STEP_WITHDRAWN
            if withdraw
            else steps.ENQUIRY_STEP_ASKED
        )
        return await say_with(client, case, body, cover, album)


def _search(text: str) -> trace_pb2.RecordSearch:
    code, _colon, years = text.partition(":")
    first, _dash, last = years.partition("-")
    search = trace_pb2.RecordSearch()
    fill(search, source=_source(code), from_year=first or None, to_year=last or None)
    return search


async def enquiries(
    node: NodeOptions,
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help=_("Only of this case."), show_default=False)
    ] = None,
    overdue: Annotated[
        bool, option("--overdue", _("Only those that are open and were due before today."))
    ] = False,
    settled: Annotated[bool, option("--all", _("Also those that are answered or withdrawn."))] = False,
) -> Result:
    """List whom your office asked inside the state, or what your desk is asked, those due first."""
    async with connected(node) as client:
        lines = await client.list_enquiries(case, overdue=overdue, settled=settled)
    table = enquiry_table([(line.thread, line.enquiry) for line in lines])
    return Result({"enquiries": all_to_json(lines)}, table)


async def find(
    case: CaseArgument,
    enquiry: EnquiryArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    item: Annotated[str | None, option("--item", _("Item answered with the options below."))] = None,
    identification: Annotated[
        int | None,
        code_option("--identification", trace_pb2.Identification, _("What the item turned out to be.")),
    ] = None,
    reach: Annotated[int | None, code_option("--reach", trace_pb2.Reach, _("How far the trace got."))] = None,
    stopped: Annotated[
        int | None, code_option("--stopped", trace_pb2.StoppedBecause, _("Why it got no farther."))
    ] = None,
    explanation: Annotated[str | None, option("--explanation", _("In words."))] = None,
    evidential_use: Annotated[
        int | None,
        code_option("--evidential-use", trace_pb2.EvidentialUse, _("Whether it may be used in court.")),
    ] = None,
    found_in: Annotated[str | None, option("--found-in", _("Page, volume or file where it stands."))] = None,
    owner: Annotated[str | None, option("--owner", _("Name of the last recorded owner."))] = None,
    looked_in: Annotated[
        list[str] | None,
        option(
            "--looked-in", f"{_('Where you looked, SOURCE or SOURCE:YEAR-YEAR; again for more.')} {_SOURCES}"
        ),
    ] = None,
    part: Annotated[bool, option("--part", _("More will follow on these items."))] = False,
    scan: Annotated[
        Path | None,
        option("--scan", _("Scan of the paper that this is keyed in from; only its digest is kept.")),
    ] = None,
    dated: Annotated[str | None, option("--dated", _("Date on the paper, YYYY-MM-DD."))] = None,
) -> Result:
    """Say what the records hold, for an enquiry: as the desk that was asked, or keyed in from paper.

    Needed, here or in --message FILE: --item, --identification, --reach and --stopped; --scan, if it came on paper.
    """
    body, album = begin(inquiry_pb2.Finding, message)
    if item is not None:
        answer = body.answers.add()
        fill(
            answer,
            item_id=item,
            identification=identification,
            reach=reach,
            explanation=explanation,
            evidential_use=evidential_use,
        )
        say_stopped(answer, stopped or trace_pb2.StoppedBecause.STOPPED_BECAUSE_NOT_STOPPED)
        if owner is not None:
            answer.persons.add(role=trace_pb2.PersonRole.PERSON_ROLE_OWNER, name=owner)
    fill(body, found_in=found_in)
    for text in looked_in or ():
        body.records_searched.append(_search(text))
    if scan is not None:
        body.transcribed.scan_sha256 = digest_of(scan)
        fill(body.transcribed, dated=dated)
    if part or not body.HasField("final"):
        body.final = not part
    async with connected(node, _("Signing")) as client:
        body.enquiry_digest = (await enquiry_of(client, case, enquiry)).enquiry
        return await say_with(client, case, body, cover, album)


async def findings(case: CaseArgument, node: NodeOptions) -> Result:
    """Show what was found for the enquiries of a case, as your desk may see it."""
    async with connected(node) as client:
        view = await client.show_case(case)
    found = [one for one in view.statements if one.content.HasField("finding")]
    sheets = Group(*(Group(Text(), statement_sheet(one)) for one in found)) if found else Text(_("none"))
    return Result({"findings": all_to_json(found)}, sheets)


async def enquiry_of(client: Client, case: str, named: str) -> inquiry_pb2.EnquirySummary:
    """Return the enquiry of a case with this number, or whose digest begins so; raise `InvalidInputError`."""
    lines = await client.list_enquiries(case, settled=True)
    found = [
        line.enquiry
        for line in lines
        if is_called(line.enquiry, named)
        or (len(named) >= _SHORTEST and line.enquiry.enquiry.startswith(named))
    ]
    if len(found) != 1:
        raise InvalidInputError(
            _("No enquiry of the case is called so.")
            if not found
            else _("Several enquiries are called so; name the digest."),
            where="ENQUIRY",
        )
    return found[0]


_SHORTEST = 8


def digest_of(scan: Path) -> bytes:
    """Return the SHA-256 of a file; raise `InvalidInputError`."""
    try:
        with scan.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as fault:
        raise InvalidInputError(_("The file cannot be read."), where=str(scan)) from fault
