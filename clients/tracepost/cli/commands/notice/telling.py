"""How the verbs of notices send: in a case that is here, or as a new one, with what such a message is for."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from google.protobuf.message import Message

from tracepost.cli.commands.trace.sending import cover_of, submit_to_all
from tracepost.cli.options import CoverOptions, NodeOptions, option
from tracepost.cli.session import connected
from tracepost.cli.verb import Result
from tracepost.cli.words import _
from tracepost.sdk import build_draft
from tracepost.sdk.intake.documents import Album

InCaseOption = Annotated[
    str | None,
    option(
        "--case", _("Case that it belongs to: thread id, its beginning, or file number. None: a new one.")
    ),
]


async def tell(
    message: Message,
    node: NodeOptions,
    options: CoverOptions,
    *,
    case: str | None,
    purpose: int,
    album: Album | None = None,
) -> Result:
    """Send `message`; a new case is for `purpose` unless the options say another."""
    cover = cover_of(options, album.parts() if album is not None else ())
    if case is None and not cover.purpose:
        cover = replace(cover, purpose=purpose)
    async with connected(node, _("Signing and queueing")) as client:
        return await submit_to_all(client, build_draft(message, cover, case))
