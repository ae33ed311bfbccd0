"""Pouches, as people read of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.pouch_file import Contents
from tracepost.cli.render.fields import code_of, moment, when
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, coded, plural
from tracepost.locale.values import printable
from tracepost.protocol.trustlist import TrustList
from tracepost.sdk.pouches import SavedPouch
from tracepost.wire.v1 import pouch_pb2

_MEBIBYTE = 1024 * 1024
_ID_SHOWN = 12
_NAMED = 5


def made(saved: Sequence[SavedPouch]) -> RenderableType:
    """Return the files of a pouch that was made, and what to do with them."""
    first = saved[0].summary
    title = _("Pouch {number} for {member}: give all its files to the courier.").format(
        number=first.number, member=first.to_member
    )
    table = table_of(_("file"), _("size"), _("messages"), _("urgent"), _("receipts"), _("attachments"))
    for one in saved:
        held = one.summary
        counts = map(str, (held.envelopes, held.urgent, held.receipts, held.attachments))
        table.add_row(str(one.path), _size(one.size), *counts)
    return Group(Text(title, style="bold"), table)


def taken(results: Sequence[tuple[Path, pouch_pb2.UnpackingResult]]) -> RenderableType:
    """Return what came of files that were taken in."""
    lines: list[RenderableType] = []
    for path, result in results:
        lines += _taken(path, result)
    missing = missing_after([result for _path, result in results])
    for part in sorted({one.part for one in missing}):
        ids = [one.envelope_id.hex()[:_ID_SHOWN] for one in missing if one.part == part]
        words = _("File {part} of this pouch has not come.").format(part=part)
        lacks = plural("{n} message is missing", "{n} messages are missing", len(ids))
        lines.append(Text(f"{words} {lacks}: {_some(ids)}", style="bold yellow"))
    return Group(*lines)


def missing_after(results: Sequence[pouch_pb2.UnpackingResult]) -> list[pouch_pb2.PouchedEnvelope]:
    """Return the envelopes that are missing of the last pouch, once all these files are in."""
    return list(results[-1].missing) if results else []


def _taken(path: Path, result: pouch_pb2.UnpackingResult) -> Iterator[RenderableType]:
    held = result.summary
    words = _("{file}: pouch {number} of {member}, file {part} of {parts}, made {when}")
    title = words.format(
        file=path.name,
        number=held.number,
        member=held.from_member,
        part=held.part,
        parts=held.parts,
        when=moment(held.made_at),
    )
    yield Text(title, style="bold")
    yield Text(_("{n} new, {m} duplicates").format(n=result.fresh, m=result.duplicates))
    if result.answered:
        yield Text(
            plural(
                "{n} message that went is answered for.",
                "{n} messages that went are answered for.",
                result.answered,
            )
        )
    if result.attachments:
        yield Text(plural("{n} attachment is here.", "{n} attachments are here.", result.attachments))
    if result.duplicates:
        yield Text(_("The receipts of what was here go with your next pouch again."))
    yield from _warnings(result)


def _warnings(result: pouch_pb2.UnpackingResult) -> Iterator[RenderableType]:
    if result.held:
        words = plural(
            "{n} message waits for an officer: tracepost trace held.",
            "{n} messages wait for an officer: tracepost trace held.",
            result.held,
        )
        yield Text(words, style="yellow")
    if result.refused:
        words = plural(
            "{n} message was refused; its sender is told.",
            "{n} messages were refused; their sender is told.",
            result.refused,
        )
        yield Text(words, style="yellow")
    for code in sorted({one.code for one in result.put_off}):
        ids = [one.envelope_id.hex()[:_ID_SHOWN] for one in result.put_off if one.code == code]
        why = coded("error", code) if code else _("nobody vouches for it")
        words = plural("{n} message could not be taken", "{n} messages could not be taken", len(ids))
        yield Text(f"{words}: {_some(ids)}: {why}", style="bold yellow")
    if result.attachments_left:
        words = plural(
            "{n} attachment was left: its mail is not here, or waits for an officer. Take the file in again then.",
            "{n} attachments were left: their mail is not here, or waits for an officer. Take the file in again then.",
            result.attachments_left,
        )
        yield Text(words, style="yellow")
    if result.missing_pouches:
        numbers = _some([str(one) for one in result.missing_pouches])
        words = _(
            "Earlier pouches have not come: {numbers}. What was in them comes again until you answer it."
        )
        yield Text(words.format(numbers=numbers))


def contents_json(contents: Contents) -> dict[str, Any]:
    """Return what lies in a file, for machines."""
    said = contents.manifest
    return {
        "from": said.from_member,
        "to": said.to_member,
        "number": said.number,
        "part": said.part,
        "parts": said.parts,
        "made_at": said.made_at,
        "messages": contents.envelopes,
        "urgent": contents.urgent,
        "mail_bytes": contents.mail_bytes,
        "receipts": contents.receipts,
        "papers": contents.papers,
        "attachments": contents.attachments,
        "attachment_bytes": contents.attachment_bytes,
        "messages_in_all_files": len(said.envelopes),
        "proofs": contents.proofs,
    }


def contents_sheet(contents: Contents, trust: TrustList | None) -> RenderableType:
    """Return what lies in a file."""
    said = contents.manifest
    title = _("Pouch {number} from {maker} to {member}, file {part} of {parts}").format(
        number=said.number, maker=said.from_member, member=said.to_member, part=said.part, parts=said.parts
    )
    table = table_of("", "")
    table.show_header = False
    table.add_row(_("made"), when(said.made_at))
    table.add_row(_("messages"), f"{contents.envelopes} ({_size(contents.mail_bytes)})")
    table.add_row(_("of these urgent"), str(contents.urgent))
    if said.parts > 1:
        table.add_row(_("messages in all files"), str(len(said.envelopes)))
    table.add_row(_("receipts"), str(contents.receipts))
    table.add_row(_("attachments"), f"{contents.attachments} ({_size(contents.attachment_bytes)})")
    table.add_row(_("papers of"), Text(printable(", ".join(contents.papers))))
    if trust is None:
        words = _("The file is whole. Nobody vouches for who made it: name a trust list (--trust).")
        return Group(Text(title, style="bold"), table, Text(words, style="yellow"))
    words = _("Made by the node of {maker}, by trust list {list}.")
    held = plural("{n} proof of a log holds.", "{n} proofs of logs hold.", contents.proofs)
    proved = f"{words.format(maker=said.from_member, list=trust.sequence)} {held}"
    return Group(Text(title, style="bold"), table, Text(proved, style="green"))


def pouches(found: Sequence[pouch_pb2.PouchLine]) -> RenderableType:
    """Return pouches that went and came, a line each."""
    if not found:
        return Text(_("No pouch went or came."))
    table = table_of(
        _("member"), "", _("number"), _("files"), _("messages"), _("unanswered"), _("made"), _("taken in")
    )
    for one in found:
        came = one.direction == pouch_pb2.POUCH_DIRECTION_CAME
        lacks = came and one.parts_here < one.parts
        table.add_row(
            one.member,
            code_of(one, "direction"),
            str(one.number),
            f"{one.parts_here}/{one.parts}" if came else str(one.parts),
            str(one.envelopes),
            "" if came else str(one.unanswered),
            moment(one.made_at),
            moment(one.taken_at) if came else "",
            style="bold yellow" if lacks or one.unanswered else "",
        )
    return table


def _size(count: int) -> str:
    return f"{count / _MEBIBYTE:.1f} MiB" if count >= _MEBIBYTE else f"{(count + 1023) // 1024} KiB"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" + {more}" if more > 0 else "")
