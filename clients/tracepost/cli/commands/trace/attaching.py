"""Files beside a message: `--attach` on the verbs that tell of items, and `tracepost trace attachment`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.message import Message
from rich.console import Group
from rich.text import Text

from tracepost.cli.options import CaseArgument, NodeOptions, code_option, option
from tracepost.cli.progress import progress
from tracepost.cli.session import connected
from tracepost.cli.verb import OptionGroup, Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import Client, cases, message_of
from tracepost.sdk.attachments import PreparedFile, hand_in, prepare_file, take_out
from tracepost.sdk.enclosures import ending_of, named_files
from tracepost.wire.v1 import attachment_pb2, desk_pb2, weapon_pb2

_FILES = _("Files beside the message")


@dataclass(frozen=True, slots=True)
class AttachOptions(OptionGroup):
    """Files too large to travel inside the message."""

    attach: Annotated[
        list[str] | None,
        option("--attach", _("FILE, or FILE=ITEM, about an item; again for more (2 GiB each)."), _FILES),
    ] = None
    attach_scene: Annotated[
        list[Path] | None,
        option(
            "--attach-scene", _("FILE about the scene or the case, for police only; again for more."), _FILES
        ),
    ] = None
    attach_as: Annotated[
        int | None,
        code_option(
            "--attach-as",
            attachment_pb2.AttachmentSubject,
            _("What the files show, else by their kind."),
            _FILES,
        ),
    ] = None

    def refuse(self, words: str) -> None:
        """Raise `InvalidInputError` with `words` if files are named."""
        if self.attach or self.attach_scene:
            raise InvalidInputError(words, where="--attach")


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "attachment")(attachment)


async def attachment(
    case: CaseArgument,
    node: NodeOptions,
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="[ADDRESS]",
            help=_("Beginning of the attachment's address; needed where the case has several."),
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, option("--out", _("Where to write."))] = None,
) -> Result:
    """Write a file that lies beside a message of a case; what broke off before is gone on with."""
    async with connected(node) as client:
        named = _choose(await client.show_case(case), (address or "").lower())
        path = out or Path(f"{named.address.hex()[:16]}.{ending_of(named.media_type)}")
        with progress(_("Bytes fetched"), named.content_size) as advance:
            saved = await take_out(client, case, named.address, path, advance)
    data = {
        "path": str(path),
        "address": named.address.hex(),
        "media_type": saved.media_type,
        "bytes": saved.size,
        "scanned": saved.is_scanned,
    }
    scanned = Text(_("The node's virus scanner found nothing."))
    unscanned = Text(_("NOT SCANNED: the node has no virus scanner."), style="bold yellow")
    return Result(data, Group(Text(str(path)), scanned if saved.is_scanned else unscanned))


async def attach(
    client: Client, case: str, message: Message, options: AttachOptions, *, only_show: bool
) -> None:
    """Name the files of `options` in `message` of a case, and hand them in unless it is only shown."""
    wanted = [item for _path, item in _pairs(options) if item]
    if any(item not in {one.id for one in _items(message)} for item in wanted):
        _add_items(message, wanted, await client.show_case(case))
    files = name_files(message, options)
    if not only_show:
        await hand_in_files(client, files)


def name_files(message: Any, options: AttachOptions) -> tuple[PreparedFile, ...]:
    """Name the files of `options` in a message that has items and circumstances; return them, prepared."""
    files = []
    for path, item in _pairs(options):
        file = prepare_file(path, options.attach_as)
        _item(message, item).attachments.append(file.as_attachment())
        files.append(file)
    for path in options.attach_scene or ():
        file = prepare_file(path, options.attach_as)
        message.circumstances.scene_attachments.append(file.as_scene_attachment())
        files.append(file)
    return tuple(files)


async def hand_in_files(client: Client, files: Iterable[PreparedFile]) -> None:
    """Bring files to the node, with a bar for a person."""
    for file in files:
        with progress(f"{_('Handing in')} {file.path.name}", file.sealed_bytes) as advance:
            await hand_in(client, file, advance)


def _pairs(options: AttachOptions) -> Iterator[tuple[Path, str]]:
    """Yield the files about items, each with the item that it is about, empty for the only one."""
    for text in options.attach or ():
        name, equals, item = text.rpartition("=")
        # A name may hold the sign itself.
        known = Path(text).exists() or not equals
        yield (Path(text), "") if known else (Path(name), item)


def _items(message: Any) -> list[weapon_pb2.Item]:
    return list(message.items)


def _item(message: Any, name: str) -> weapon_pb2.Item:
    items = _items(message)
    found = [one for one in items if one.id == name] if name else items
    if len(found) != 1:
        raise InvalidInputError(
            _("Say which item the file is about: FILE=ITEM.")
            if not name
            else _("There is no such item in the message."),
            where="--attach",
        )
    return found[0]


def _add_items(message: Any, wanted: Iterable[str], view: desk_pb2.CaseView) -> None:
    """Add items that the message does not have yet, as the request of the case has them."""
    asked = cases.request_of(view).content.trace_request.items
    kinds = {one.id: one.kind for one in asked}
    for item in dict.fromkeys(wanted):
        if item in kinds and item not in {one.id for one in _items(message)}:
            message.items.add(id=item, kind=weapon_pb2.ItemKind.Name(kinds[item]))


def _choose(view: desk_pb2.CaseView, beginning: str) -> Any:
    """Return the attachment that is meant: the only one of the case, or the one whose address begins so."""
    named = {
        one.address: one
        for statement in view.statements
        for one in named_files(message_of(statement.content), "content_sha256")
    }
    found = [one for address, one in named.items() if address.hex().startswith(beginning)]
    if len(found) != 1:
        words = (
            _("The case shows your desk no such attachment.")
            if not found
            else _("The case has several attachments: name the beginning of an address.")
        )
        raise InvalidInputError(words, where="ADDRESS")
    return found[0]
