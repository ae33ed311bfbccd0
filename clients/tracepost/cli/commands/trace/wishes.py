"""What the addressees of a request want it to hold, and what it lacks of that: a warning, never a refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Group
from rich.text import Text

from tracepost.cli.options import NodeOptions
from tracepost.cli.profile_file import find_profile
from tracepost.cli.render.fields import enum_words
from tracepost.cli.render.lists import table_of
from tracepost.cli.session import connected
from tracepost.cli.verb import Result
from tracepost.cli.words import _
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.minimum import Lacking, find_lacking
from tracepost.protocol.vocabulary import code_name
from tracepost.sdk.directory import read_entry
from tracepost.wire.v1 import desk_pb2, terms_pb2


@dataclass(frozen=True, slots=True)
class Wish:
    """That `member` wants something that a request to it lacks."""

    member: str
    file_number: str
    lacking: Lacking


async def warned(result: Result, drafts: Iterable[desk_pb2.Draft], node: NodeOptions) -> Result:
    """Return `result` with what the addressees miss; without a node, or for members unknown there, as it is."""
    wishes = [wish async for wish in _wishes(list(drafts), node)]
    if not wishes:
        return result
    data: dict[str, Any] = {**result.data, "lacking": [_as_json(one) for one in wishes]}
    shown = [result.view] if result.view is not None else []
    return replace(result, data=data, view=Group(*shown, *_view(wishes)))


async def _wishes(drafts: list[desk_pb2.Draft], node: NodeOptions) -> AsyncIterator[Wish]:
    if not find_profile(node.profile).exists():
        return
    wanted: dict[str, tuple[int, ...]] = {}
    for draft in drafts:
        for member in draft.to:
            if member not in wanted:
                wanted[member] = await _wanted_by(member, node)
            for one in find_lacking(draft.content.trace_request, wanted[member]):
                yield Wish(member, draft.content.trace_request.file_number, one)


async def _wanted_by(member: str, node: NodeOptions) -> tuple[int, ...]:
    try:
        async with connected(node) as client:
            entry = read_entry(await client.export_papers(member))
    except TracepostError:  # what an addressee wants is good to know, and needed for nothing
        return ()
    return tuple(entry.declarations.minimum_data)


def _as_json(one: Wish) -> dict[str, str]:
    code = code_name(terms_pb2.InformationCode, one.lacking.code)
    return {
        "member": one.member,
        "file_number": one.file_number,
        "item": one.lacking.item_id,
        "code": code,
    }


def _view(wishes: list[Wish]) -> Iterator[Any]:
    yield Text(_("Addressees work on a request only when it also holds:"), style="bold yellow")
    table = table_of(_("member"), _("file number"), _("item"), _("what"))
    for one in wishes:
        words = enum_words(terms_pb2.InformationCode.DESCRIPTOR, one.lacking.code)
        table.add_row(one.member, one.file_number, one.lacking.item_id or _("all"), words)
    yield table
