"""Paper: slips for custodians without a screen, letters to offices that are no members, the address book."""

from __future__ import annotations

import enum
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from tracepost.cli.commands.trace.inquiring import EnquiryArgument, digest_of, enquiry_of
from tracepost.cli.commands.trace.sending import begin, cover_of, fill
from tracepost.cli.options import (
    CaseArgument,
    CoverOptions,
    MessageOption,
    NodeOptions,
    code_option,
    code_parser,
    option,
)
from tracepost.cli.render.inquiry import address_table
from tracepost.cli.render.lists import submission as submission_view
from tracepost.cli.render.paper import paper_text
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import Client, build_draft
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import directory_pb2, inquiry_pb2, trace_pb2

_competence = code_parser(directory_pb2.Competence)
_system = code_parser(trace_pb2.ParallelSystem)

OutOption = Annotated[Path | None, option("--out", _("Where to write; else on the screen."))]
MaybeCase = Annotated[
    str | None,
    typer.Argument(
        metavar="[CASE]", help=_("Case that it belongs to; none: it opens one."), show_default=False
    ),
]
ReferenceOption = Annotated[
    list[str] | None,
    option("--reference", _("Number elsewhere, NUMBER or SYSTEM:NUMBER; again for more.")),
]


class Said(enum.StrEnum):
    """What a letter says."""

    REQUEST = "request"
    ACKNOWLEDGEMENT = "acknowledgement"
    INFORMATION_REQUEST = "information-request"
    INFORMATION_SUPPLY = "information-supply"
    STATUS = "status"
    DELAY = "delay"
    RESPONSE = "response"
    REFUSAL = "refusal"
    WITHDRAWAL = "withdrawal"


_KINDS: dict[Said, Any] = {
    Said.REQUEST: trace_pb2.TraceRequest,
    Said.ACKNOWLEDGEMENT: trace_pb2.Acknowledgement,
    Said.INFORMATION_REQUEST: trace_pb2.InformationRequest,
    Said.INFORMATION_SUPPLY: trace_pb2.InformationSupply,
    Said.STATUS: trace_pb2.Status,
    Said.DELAY: trace_pb2.Delay,
    Said.RESPONSE: trace_pb2.Response,
    Said.REFUSAL: trace_pb2.Refusal,
    Said.WITHDRAWAL: trace_pb2.Withdrawal,
}
SaysOption = Annotated[Said, option("--says", _("What the letter says; --message holds it."))]


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    for name, function in (
        ("slip", slip),
        ("letter", letter),
        ("transcribe", transcribe),
        ("print", print_again),
        ("address", address),
        ("addresses", addresses),
    ):
        verb(app, name)(function)


async def slip(
    case: CaseArgument, enquiry: EnquiryArgument, node: NodeOptions, out: OutOption = None
) -> Result:
    """Print the slip of an enquiry for a custodian without a screen, with a form to send back."""
    async with connected(node) as client:
        asked = await enquiry_of(client, case, enquiry)
        return await _print(client, asked.enquiry, out)


async def letter(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    case: MaybeCase = None,
    message: MessageOption = None,
    says: SaysOption = Said.REQUEST,
    text: Annotated[str | None, option("--text", _("What the letter says beside it, in words."))] = None,
    channel: Annotated[
        int | None, code_option("--channel", inquiry_pb2.LetterChannel, _("How it goes."))
    ] = None,
    reference: ReferenceOption = None,
    out: OutOption = None,
) -> Result:
    """Write to an office that is no member: in the case, on its clock, printed as plain text.

    It goes --to one correspondent of the address book. Without --message the request of the case is
    repeated, as far as that office may get it, in the order of ITI 17. With --message and no CASE the
    letter opens a case.
    """
    if not cover.to or len(cover.to) != 1:
        raise InvalidInputError(_("A letter goes to one correspondent: letter:NAME."), where="--to")
    body = _letter(
        cover.to[0], inquiry_pb2.LetterDirection.LETTER_DIRECTION_OUTGOING, text, channel, reference
    )
    parts = _put(body, says, message) if message is not None else ()
    async with connected(node, _("Signing")) as client:
        submission = await client.submit(build_draft(body, cover_of(_to_nobody(cover), parts), case))
        if cover.preview:
            return Result(to_json(submission), submission_view(submission))
        return await _print(client, submission.statement, out)


async def transcribe(
    from_: Annotated[str, option("--from", _("Correspondent, as in the address book: letter:NAME."))],
    scan: Annotated[Path, option("--scan", _("Scan of the paper; only its digest is kept."))],
    *,
    node: NodeOptions,
    cover: CoverOptions,
    case: MaybeCase = None,
    message: MessageOption = None,
    says: SaysOption = Said.RESPONSE,
    text: Annotated[str | None, option("--text", _("What the letter says beside it, in words."))] = None,
    channel: Annotated[
        int | None, code_option("--channel", inquiry_pb2.LetterChannel, _("How it came."))
    ] = None,
    reference: ReferenceOption = None,
    dated: Annotated[str | None, option("--dated", _("Date on the paper, YYYY-MM-DD."))] = None,
    received: Annotated[str | None, option("--received", _("Day it was received, YYYY-MM-DD."))] = None,
    pages: Annotated[int | None, option("--pages", _("Number of pages."))] = None,
    kept_by: Annotated[str | None, option("--kept-by", _("Who keeps the paper."))] = None,
) -> Result:
    """Key in what an office that is no member wrote on paper; it is shown as not signed by that office."""
    body = _letter(from_, inquiry_pb2.LetterDirection.LETTER_DIRECTION_INCOMING, text, channel, reference)
    parts = _put(body, says, message)
    body.transcribed.scan_sha256 = digest_of(scan)
    fill(body.transcribed, dated=dated, received_on=received, pages=pages, kept_by=kept_by)
    async with connected(node, _("Signing")) as client:
        submission = await client.submit(build_draft(body, cover_of(_to_nobody(cover), parts), case))
    return Result(to_json(submission), submission_view(submission))


async def print_again(
    statement: Annotated[
        str, typer.Argument(metavar="STATEMENT", help=_("Digest of an enquiry or outgoing letter."))
    ],
    node: NodeOptions,
    out: OutOption = None,
) -> Result:
    """Print a slip or letter once more; every time is logged."""
    async with connected(node) as client:
        return await _print(client, statement, out)


def _letter(
    to: str, direction: int, text: str | None, channel: int | None, references: list[str] | None
) -> inquiry_pb2.Letter:
    body = inquiry_pb2.Letter()
    body.correspondent.id = to
    fill(body, direction=direction, text=text, channel=channel)
    for one in references or ():
        system, colon, number = one.partition(":")
        fill(body.references.add(), number=number or one, system=_system(system) if colon else None)
    return body


def _put(body: inquiry_pb2.Letter, says: Said, file: Path | None) -> tuple[bytes, ...]:
    """Put the message of `file` into a letter; return its photographs."""
    said, album = begin(_KINDS[says], file)
    getattr(body, says.replace("-", "_")).CopyFrom(said)
    getattr(body, says.replace("-", "_")).SetInParent()
    return tuple(album.parts())


def _to_nobody(cover: CoverOptions) -> CoverOptions:
    """Return the cover of a statement that stays with our own desks, as every letter does."""
    return replace(cover, to=None)


async def _print(client: Client, statement: str, out: Path | None) -> Result:
    printed = await client.print_paper(statement)
    text = paper_text(printed)
    if out is not None:
        _write(out, text)
    data = {"statement": statement, "thread": printed.thread, "text": text}
    return Result(data, Text(str(out) if out is not None else text))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InvalidInputError(_("The file cannot be written."), where=str(path)) from fault


async def address(
    id_: Annotated[str, typer.Argument(metavar="ID", help=_("letter:NAME abroad, paper:NAME at home."))],
    *,
    node: NodeOptions,
    name: Annotated[str, option("--name", _("Name of the office."))],
    country: Annotated[str | None, option("--country", _("Country (ISO 3166-1 alpha-3)."))] = None,
    postal: Annotated[str | None, option("--postal", _("Postal address."))] = None,
    mailbox: Annotated[str | None, option("--mailbox", _("Functional mailbox."))] = None,
    channel: Annotated[
        int | None, code_option("--channel", inquiry_pb2.LetterChannel, _("How letters go."))
    ] = None,
    point_of_contact: Annotated[
        bool, option("--point-of-contact", _("It is the point of contact of its State (ITI 25)."))
    ] = False,
    competence: Annotated[
        list[str] | None, option("--competence", _("What kind of custodian it is; again for more."))
    ] = None,
    retired: Annotated[bool, option("--retired", _("It is written to no more."))] = False,
) -> Result:
    """Keep an entry of the address book; what kind of office it is decides what may stand on paper to it."""
    entry = inquiry_pb2.AddressEntry(id=id_, name=name)
    fill(
        entry,
        country=country,
        address=postal,
        mailbox=mailbox,
        channel=channel,
        point_of_contact=point_of_contact,
        competences=[_competence(text) for text in competence] if competence else None,
        retired=retired,
    )
    async with connected(node) as client:
        kept = await client.keep_address(entry)
    return Result(to_json(kept), address_table([kept]))


async def addresses(node: NodeOptions) -> Result:
    """Show the address book: whom your office writes to on paper."""
    async with connected(node) as client:
        entries = await client.list_addresses()
    return Result({"addresses": all_to_json(entries)}, address_table(entries))
