"""What the verbs share that send a message of its own, from a file or from options: begin, complete, check, send.

A notice is sent whole or not at all: where a table has a bad row, nothing goes.
"""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Annotated, Any

from google.protobuf.message import Message
from rich.console import Group
from rich.text import Text

from tracepost.cli.commands.trace.sending import cover_of, fill, put_cover, submit_to_all
from tracepost.cli.commands.trace.submitting import rejection_json, rejection_table
from tracepost.cli.files import read_bytes
from tracepost.cli.options import CoverOptions, NodeOptions, code_option, option
from tracepost.cli.profile import read_profile
from tracepost.cli.profile_file import find_profile
from tracepost.cli.session import connected
from tracepost.cli.verb import OptionGroup, Result
from tracepost.cli.words import _
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.vocabulary import code_number
from tracepost.sdk import build_draft, message_of
from tracepost.sdk.intake import marks
from tracepost.sdk.intake.checking import find_fault
from tracepost.sdk.intake.documents import Album, is_draft, read_document, read_draft, read_message
from tracepost.sdk.intake.lists import read_list
from tracepost.sdk.intake.rejections import CellError, Rejection
from tracepost.wire.v1 import desk_pb2, trace_pb2, weapon_pb2

ONE_ITEM = "1"


@dataclass(frozen=True, slots=True)
class ThingOptions(OptionGroup):
    """One thing said on the command line, where no file lists them."""

    category: Annotated[
        int | None, code_option("--category", weapon_pb2.Category, _("What it is (ITI 4)."))
    ] = None
    make: Annotated[str | None, option("--make", _("Maker as marked."))] = None
    model: Annotated[str | None, option("--model", _("Model as marked."))] = None
    calibre: Annotated[str | None, option("--calibre", _("Calibre as marked."))] = None
    serial: Annotated[
        str | None, option("--serial", _("Serial number letter by letter, '?' for what cannot be read."))
    ] = None
    to_serial: Annotated[
        str | None, option("--to-serial", _("Last serial number, where it is a range of them."))
    ] = None
    pieces: Annotated[int | None, option("--pieces", _("How many of them, where it is a range."))] = None


@dataclass(slots=True)
class Begun:
    """A draft as a file begins it; `rejections` are rows of a table that cannot be taken."""

    draft: desk_pb2.Draft
    album: Album
    rejections: tuple[Rejection, ...] = ()

    @property
    def message(self) -> Any:
        """What the draft says."""
        return message_of(self.draft.content)


def begin(
    kind: type[Message],
    file: Path | None,
    cover: CoverOptions,
    *,
    template: Path | None = None,
    purpose: int | None = None,
    legal_basis: int | None = None,
) -> Begun:
    """Return a message of `kind` as `file` says it: a draft or message as JSON, or a table of its items.

    Args:
        kind: class of the message.
        file: `*.json`, or any other name for a table; None: nothing is said yet.
        cover: goes over what the file says.
        template: JSON that a table is put into.
        purpose: of the message, if neither file nor cover says one.
        legal_basis: that it rests on, if neither says one.
    """
    is_table = file is not None and file.suffix.lower() != ".json"
    begun = _begin_json(kind, template if is_table else file)
    put_cover(begun.draft, cover_of(cover))
    draft = begun.draft
    fill(draft, purpose=draft.purpose or purpose, legal_basis=draft.legal_basis or legal_basis)
    if file is not None and is_table:
        _put_table(begun, file)
    return begun


def _begin_json(kind: type[Message], file: Path | None) -> Begun:
    album = Album(file.parent if file is not None else Path())
    document = read_document(file) if file is not None else {}
    if is_draft(document):
        begun = Begun(read_draft(document, album), album)
        if not isinstance(begun.message, kind):
            raise InvalidInputError(_("The draft says another kind of message."), where="content")
        return begun
    message = read_message(document, kind, album)
    draft = desk_pb2.Draft(content=build_draft(message, cover_of(CoverOptions())).content)
    return Begun(draft, album)


def _put_table(begun: Begun, file: Path) -> None:
    if begun.message.items:
        raise InvalidInputError(_("A template for a table holds no items."), where="items")
    begun.album = Album(file.parent)
    listed = read_list(read_bytes(file), begun.album)
    begun.rejections = listed.rejections
    begun.message.items.extend(listed.items)


def put_thing(message: Any, thing: ThingOptions) -> None:
    """Add the one thing that the options describe, if they describe one."""
    if all(value is None for value in astuple(thing)):
        return
    if message.items:
        raise InvalidInputError(_("The file lists what there is; leave these options out."), where="--serial")
    item = message.items.add(id=ONE_ITEM, kind=weapon_pb2.ITEM_KIND_WEAPON)
    fill(item.object, category=thing.category, make=thing.make, model=thing.model)
    fill(item.object, calibre_as_marked=thing.calibre)
    if thing.to_serial is not None:
        _put_range(item, thing)
    elif thing.serial is not None:
        _put_serial(item.object, thing.serial)


def _put_range(item: weapon_pb2.Item, thing: ThingOptions) -> None:
    if thing.serial is None:
        raise InvalidInputError(_("A range begins with a serial number."), where="--serial")
    item.kind = weapon_pb2.ITEM_KIND_SERIAL_RANGE
    fill(item.serial_range, from_serial=thing.serial, to_serial=thing.to_serial, quantity=thing.pieces)


def _put_serial(thing: weapon_pb2.Object, text: str) -> None:
    try:
        said = marks.serial(text, "", None)
    except CellError as fault:
        raise InvalidInputError(_("This is no serial number."), where="--serial") from fault
    if said.mark is not None:
        thing.mark.append(said.mark)
    fill(thing, unmarked=said.unmarked, description=said.words or None)


async def send(begun: Begun, node: NodeOptions, *, check: bool = False, case: str | None = None) -> Result:
    """Send what was begun and completed, or only judge it by all that is known without a node."""
    draft = begun.draft
    if begun.rejections:
        return _not_taken(begun.rejections)
    draft.parts.extend(part for part in begun.album.parts() if part not in draft.parts)
    if case is not None:
        draft.thread = case
    if check:
        return _judged(draft, node)
    async with connected(node, _("Signing and queueing")) as client:
        return await submit_to_all(client, draft)


def _not_taken(rejections: tuple[Rejection, ...]) -> Result:
    words = Text(_("Nothing was sent: these rows of the table cannot be taken."), style="bold")
    data = {"sent": False, "rejections": [rejection_json(one) for one in rejections]}
    return Result(data, Group(words, rejection_table(rejections)), InvalidInputError.exit_code)


def _judged(draft: desk_pb2.Draft, node: NodeOptions) -> Result:
    message = message_of(draft.content)
    assert message is not None
    schema.validate(message)
    # Whose node it would go to; a file can be judged where there is no profile yet.
    profile = find_profile(node.profile)
    member = read_profile(profile).member if profile.exists() else None
    if fault := find_fault(draft, now=int(time.time()), own_member=member):
        raise fault
    return Result({"sent": False, "good": True}, Text(_("It is good. Nothing was sent."), style="bold"))


def company_of(text: str) -> trace_pb2.Company:
    """Return the company that `ROLE:NAME` says."""
    role, colon, name = text.partition(":")
    if not colon or not name.strip():
        raise InvalidInputError(_("Two values with a colon between are needed."), where="--company")
    company = trace_pb2.Company(name=name.strip())
    fill(company, role=code_number(trace_pb2.CompanyRole, role))
    return company
