"""How the sending verbs send: the message begun from a file, the cover from options, one submission back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import Message

from tracepost.cli.commands.trace.attaching import AttachOptions, attach
from tracepost.cli.options import CoverOptions, NodeOptions
from tracepost.cli.render.lists import submission as submission_view
from tracepost.cli.render.lists import submissions
from tracepost.cli.session import connected
from tracepost.cli.verb import Result
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import Client, Cover, build_draft
from tracepost.sdk.drafts import split_addressees
from tracepost.sdk.intake.documents import Album, read_document, read_message
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import desk_pb2, envelope_pb2, inquiry_pb2, terms_pb2

M = TypeVar("M", bound=Message)


def begin(kind: type[M], file: Path | None) -> tuple[M, Album]:
    """Return a message of `kind` as `file` says it, or an empty one, and the photographs it names."""
    album = Album(file.parent if file is not None else Path())
    if file is None:
        return kind(), album
    return read_message(read_document(file), kind, album), album


def fill(message: Message, **values: object) -> None:
    """Set the fields that were given on the command line; an absent option leaves the file's value."""
    for name, value in values.items():
        if value is None or value is False:
            continue
        if isinstance(value, list | tuple):
            message.ClearField(name)
            getattr(message, name).extend(value)
        else:
            setattr(message, name, value)


def cover_of(options: CoverOptions, parts: Iterable[bytes] = ()) -> Cover:
    """Return the cover that the options say."""
    lane = envelope_pb2.Lane.LANE_URGENT if options.urgent else None
    return Cover(
        to=tuple(options.to or ()),
        in_reply_to=options.in_reply_to,
        purpose=options.purpose,
        legal_basis=options.legal_basis,
        restrictions=tuple(options.restriction or ()),
        exercise=options.exercise or None,
        lane=lane,
        named_desks=tuple(options.named_desk or ()),
        readers=readers_of(options.only or ()),
        parts=tuple(parts),
        preview=options.preview or None,
    )


def readers_of(named: Iterable[tuple[str, str]]) -> tuple[terms_pb2.FieldReaders, ...]:
    """Return who alone reads what, of pairs of field path and `member/desk`."""
    desks: dict[str, list[str]] = {}
    for path, desk in named:
        desks.setdefault(path, []).append(desk)
    return tuple(terms_pb2.FieldReaders(path=path, desks=some) for path, some in desks.items())


def put_cover(draft: desk_pb2.Draft, cover: Cover) -> None:
    """Let what the options say of the cover go over what the draft says."""
    fill(
        draft,
        to=cover.to or None,
        purpose=cover.purpose,
        legal_basis=cover.legal_basis,
        restrictions=cover.restrictions or None,
        named_desks=cover.named_desks or None,
        readers=cover.readers or None,
        exercise=cover.exercise,
        lane=cover.lane,
        preview=cover.preview,
    )


async def say(  # noqa: PLR0917 - what every sending verb hands on, in its order
    case: str,
    message: Message,
    node: NodeOptions,
    cover: CoverOptions,
    album: Album | None = None,
    files: AttachOptions | None = None,
) -> Result:
    """Send `message` in `case` and return what became of it."""
    async with connected(node, _("Signing and queueing")) as client:
        if files is not None:
            await attach(client, case, message, files, only_show=cover.preview)
        return await say_with(client, case, message, cover, album)


async def say_with(
    client: Client,
    case: str,
    message: Message,
    cover: CoverOptions,
    album: Album | None = None,
    *,
    composed: tuple[inquiry_pb2.Composed, ...] = (),
) -> Result:
    """The same over an open connection; `composed` is taken from findings by the node."""
    parts = album.parts() if album is not None else ()
    whole = replace(cover_of(cover, parts), composed=composed)
    submission = await client.submit(build_draft(message, whole, case))
    return Result(to_json(submission), submission_view(submission))


async def submit_to_all(client: Client, draft: desk_pb2.Draft) -> Result:
    """Send `draft`; to more members than one statement is for, as several, each with a case of its own."""
    sent = [await client.submit(one) for one in split_addressees(draft)]
    if len(sent) == 1:
        return Result(to_json(sent[0]), submission_view(sent[0]))
    return Result({"submissions": all_to_json(sent)}, submissions(sent))


def pair(text: str, option: str) -> tuple[str, str]:
    """Return the two sides of `LEFT:RIGHT`; raise `InvalidInputError` naming the option."""
    left, colon, right = text.rpartition(":")
    if not colon or not right:
        raise InvalidInputError(_("Two values with a colon between are needed."), where=option)
    return left, right
