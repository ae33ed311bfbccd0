"""What an officer looks at: cases, one case, its timeline, its photographs, held mail, the export."""

from __future__ import annotations

import enum
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from tracepost.cli.options import CaseArgument, NodeOptions, code_option, option
from tracepost.cli.progress import progress
from tracepost.cli.render import lists
from tracepost.cli.render.case import case_sheet
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import Client
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import desk_pb2, terms_pb2


class Format(enum.StrEnum):
    """How a case is exported."""

    TRACEPOST = "tracepost"
    SD_JWT = "sd-jwt"


_FORMATS = {
    Format.TRACEPOST: desk_pb2.ExportFormat.EXPORT_FORMAT_TRACEPOST,
    Format.SD_JWT: desk_pb2.ExportFormat.EXPORT_FORMAT_SD_JWT,
}
OutOption = Annotated[Path | None, option("--out", _("Where to write."))]


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    for name, function in (
        ("list", list_cases),
        ("show", show),
        ("timeline", timeline),
        ("part", part),
        ("held", held),
        ("export", export),
    ):
        verb(app, name)(function)


async def list_cases(
    node: NodeOptions,
    state: Annotated[
        int | None, code_option("--state", desk_pb2.CaseState, _("Only cases in this state."))
    ] = None,
    with_member: Annotated[str | None, option("--with", _("Only cases with this member."))] = None,
    file_number: Annotated[
        str | None,
        option("--number", _("Only file numbers that begin so, ours or theirs.")),
    ] = None,
    holds: Annotated[
        str | None, option("--holds", _("Only cases that hold this kind of notice, such as mandate/1."))
    ] = None,
) -> Result:
    """List the cases."""
    async with connected(node) as client:
        cases = [case async for case in client.list_cases(state, with_member, file_number, holds)]
    return Result({"cases": all_to_json(cases)}, lists.case_list(cases))


async def show(case: CaseArgument, node: NodeOptions) -> Result:
    """Show a case as your desk may see it: every statement, every mark, what is hidden and why."""
    async with connected(node) as client:
        view = await client.show_case(case)
    return Result(to_json(view), case_sheet(view))


async def timeline(case: CaseArgument, node: NodeOptions) -> Result:
    """Show what happened in a case, and in whose log it is proved."""
    async with connected(node) as client:
        events = await client.show_timeline(case)
    return Result({"events": all_to_json(events)}, lists.timeline(events))


async def part(
    case: CaseArgument,
    sha256: Annotated[
        str, typer.Argument(metavar="SHA256", help=_("Digest of the photograph, hexadecimal."))
    ],
    node: NodeOptions,
    out: OutOption = None,
) -> Result:
    """Write a photograph of a case to a file."""
    try:
        digest = bytes.fromhex(sha256)
    except ValueError as fault:
        raise InvalidInputError(_("A digest has 64 hexadecimal digits."), where="SHA256") from fault
    async with connected(node, _("Fetching the photograph")) as client:
        answer = await client.fetch_part(case, digest)
    path = out or Path(f"{sha256[:16]}.{answer.media_type.rpartition('/')[2] or 'bin'}")
    _write(path, answer.content)
    return Result(
        {"path": str(path), "media_type": answer.media_type, "bytes": len(answer.content)}, Text(str(path))
    )


async def held(
    node: NodeOptions,
    envelope: Annotated[
        str | None, typer.Argument(metavar="[ENVELOPE]", help=_("Envelope to decide on."), show_default=False)
    ] = None,
    take_up: Annotated[bool, option("--take-up", _("Take it up as if it had been expected."))] = False,
    set_aside: Annotated[bool, option("--set-aside", _("Keep it without effect."))] = False,
) -> Result:
    """List mail that is genuine but unexpected, or decide what becomes of it."""
    if envelope is None:
        async with connected(node) as client:
            mails = await client.list_held()
        return Result({"mails": all_to_json(mails)}, lists.held_list(mails))
    if take_up == set_aside:
        raise InvalidInputError(_("Say what becomes of it."), where="--take-up, --set-aside")
    async with connected(node) as client:
        whole = await _whole_id(client, envelope)
        thread = await client.decide_held(whole, take_up=take_up)
    words = _("Taken up.") if take_up else _("Set aside.")
    return Result({"envelope_id": whole, "taken_up": take_up, "thread": thread}, Text(words))


async def _whole_id(client: Client, beginning: str) -> str:
    found = [
        mail.envelope_id
        for mail in await client.list_held()
        if mail.envelope_id.startswith(beginning.lower())
    ]
    if len(found) != 1:
        raise InvalidInputError(
            _("No held envelope begins so.") if not found else _("Several held envelopes begin so."),
            where="ENVELOPE",
        )
    return found[0]


async def export(
    case: CaseArgument,
    node: NodeOptions,
    format_: Annotated[Format, option("--format", _("One evidence file, or statements for other tools."))] = (
        Format.TRACEPOST
    ),
    out: OutOption = None,
    *,
    with_inner: Annotated[
        bool, option("--with-inner", _("Also enquiries and findings, which never left your own offices."))
    ] = False,
    purpose: Annotated[
        int | None,
        code_option("--purpose", terms_pb2.Purpose, _("What the file is for; else what it was given for.")),
    ] = None,
) -> Result:
    """Export a case: one file that `tracepost verify` checks, or SD-JWTs in a folder."""
    wanted = {"with_inner": with_inner, "purpose": terms_pb2.Purpose.Name(purpose) if purpose else None}
    async with connected(node, _("Asking for the case")) as client:
        data = await _collect(client, case, _FORMATS[format_], wanted)
    if format_ is Format.TRACEPOST:
        path = out or Path("case.tracepost")
        _write(path, data)
        written = [path.name]
    else:
        path = out or Path("sd-jwt")
        written = _unpack(data, path)
    words = plural("{n} file written:", "{n} files written:", len(written))
    return Result({"path": str(path), "files": written, "bytes": len(data)}, Text(f"{words} {path}"))


async def _collect(client: Client, case: str, format_: int, wanted: Mapping[str, Any]) -> bytes:
    collected = bytearray()
    with progress(_("Exporting")) as advance:
        async for chunk in client.export_case(case, format_, **wanted):
            collected += chunk.data
            advance(1)
    return bytes(collected)


def _unpack(archive: bytes, folder: Path) -> list[str]:
    """Write the plain files of a tar archive into `folder`; a path with a folder in it is refused."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isfile() else None
                if stream is None or Path(member.name).name != member.name:
                    raise InvalidInputError(_("The export holds a path that it must not."), where="tar")
                (folder / member.name).write_bytes(stream.read())
                written.append(member.name)
    except tarfile.TarError as fault:
        raise InvalidInputError(_("The export is damaged."), where="tar") from fault
    except OSError as fault:
        raise InvalidInputError(_("The folder cannot be written."), where=str(folder)) from fault
    return written


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as fault:
        raise InvalidInputError(_("The file cannot be written."), where=str(path)) from fault
