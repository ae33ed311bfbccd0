"""Enquiries inside a state on the screen: who was asked, what is due, what came back."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from tracepost.cli.render.fields import code_of, codes_of, moment
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, plural
from tracepost.locale.values import printable
from tracepost.wire.v1 import inquiry_pb2

_SHORT = 8


def enquiry_table(lines: Iterable[tuple[str, inquiry_pb2.EnquirySummary]]) -> Table:
    """Return enquiries as a table; `lines` holds the case and the enquiry of each."""
    table = table_of(_("case"), _("enquiry"), _("asked"), _("on"), _("due"), _("items"), _("standing"))
    for thread, one in lines:
        table.add_row(
            thread[:_SHORT],
            printable(one.reference) or one.enquiry[:_SHORT],
            printable(one.to_desk or one.custodian_name),
            moment(one.asked_at),
            _due(one),
            f"{len(one.answered_item_ids)}/{len(one.item_ids)}",
            _standing(one),
        )
    return table


def _due(one: inquiry_pb2.EnquirySummary) -> Text:
    words = f"{one.due_on} {_('overdue')}" if one.overdue else one.due_on
    return Text(words, style="bold red" if one.overdue else "")


def _standing(one: inquiry_pb2.EnquirySummary) -> str:
    words = [code_of(one, "standing")]
    if one.findings:
        words.append(plural("{n} finding", "{n} findings", one.findings))
    if one.reminders:
        words.append(plural("{n} reminder", "{n} reminders", one.reminders))
    return ", ".join(words)


def transcription_line(transcribed: inquiry_pb2.Transcription) -> Text:
    """Return the line that says, in bold, that nobody but the desk that keyed it in has signed this."""
    words = _("KEYED IN FROM PAPER: signed by our desk, not by who wrote it")
    return Text(f"{words} (SHA-256 {transcribed.scan_sha256.hex()})", style="bold")


def address_table(entries: Iterable[inquiry_pb2.AddressEntry]) -> Table:
    """Return the address book as a table."""
    table = table_of(_("address"), _("name"), _("country"), _("what kind of office"), _("how"))
    for one in entries:
        kinds = codes_of(one, "competences")
        if one.point_of_contact:
            kinds.insert(0, _("point of contact"))
        name = printable(one.name)
        table.add_row(
            one.id,
            f"{name} ({_('retired')})" if one.retired else name,
            one.country,
            ", ".join(kinds),
            code_of(one, "channel"),
        )
    return table
