"""Paper as plain text: the slip for a custodian without a screen, the letter to an office that is no member.

    text = slip_text(printed)          # of an enquiry
    text = letter_text(printed)        # of an outgoing letter

What stands on it was let through by the node; here it is only laid out, 78 columns wide. What must not be
overlooked stands in capitals between ruled lines, for plain text has no bold.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.message import Message

from tracepost.cli.render.fields import bound_fields, code_of, codes_of, enum_words, moment
from tracepost.cli.words import _, coded
from tracepost.locale.values import printable
from tracepost.sdk import message_of
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2, trace_pb2, weapon_pb2

_WIDTH = 78
_RULE = "=" * _WIDTH
_LINE = "-" * _WIDTH
_BLANK = "_" * 40
_SKIPPED = frozenset({"id", "kind", "sha256", "mark", "mark_reading", "photograph", "part", "covert_mark"})


def slip_text(printed: desk_pb2.PrintedPaper) -> str:
    """Return the slip of an enquiry: what is asked, of which items, until when, and a form to send back."""
    enquiry = printed.paper.content.enquiry
    lines = [
        *_head(printed, _("ENQUIRY"), enquiry.reference),
        *_handling(printed, enquiry.handling_instructions),
    ]
    if enquiry.due_on:
        lines += [f"{_('PLEASE ANSWER BY')} {enquiry.due_on}", ""]
    if enquiry.reminder_number:
        lines += [f"{_('REMINDER No.')} {enquiry.reminder_number}", ""]
    lines += [*_where_to_look(enquiry), *_asked(enquiry.DESCRIPTOR, enquiry), ""]
    forms = {one.item_id: list[Any]() for one in enquiry.mark_forms}
    for form in enquiry.mark_forms:
        forms[form.item_id].append(form)
    for item in enquiry.items:
        lines += [*_item(item), *(line for one in forms.get(item.id, ()) for line in _forms(one)), ""]
    if enquiry.note:
        lines += [*_paragraph(_("note"), enquiry.note), ""]
    return _page([*lines, *_return_form(enquiry)])


def letter_text(printed: desk_pb2.PrintedPaper) -> str:
    """Return an outgoing letter; a request stands in the order of ITI 17: (a), (b), (c)."""
    letter = printed.paper.content.letter
    lines = [
        *_head(printed, _("LETTER"), printed.our_file_number),
        *_handling(printed, _instructions(letter)),
    ]
    for reference in letter.references:
        system = code_of(reference, "system") or _("your number")
        lines.append(f"{system}: {printable(reference.number)}")
    if letter.text:
        lines += ["", *_wrapped(letter.text)]
    lines.append("")
    if letter.HasField("request"):
        lines += _request(letter.request, printed.paper)
    else:
        lines += [line for name in _OTHERS if letter.HasField(name) for line in _any(getattr(letter, name))]
    return _page([*lines, *_restrictions(printed.paper), *_withheld(letter)])


_OTHERS: tuple[Any, ...] = (
    "acknowledgement",
    "information_request",
    "information_supply",
    "status",
    "delay",
    "response",
    "refusal",
    "withdrawal",
)


# ── the frame ────────────────────────────────────────────────────────────────────────


def _head(printed: desk_pb2.PrintedPaper, title: str, reference: str) -> Iterator[str]:
    paper, to = printed.paper, printed.to
    yield printable(printed.our_office)
    yield ""
    yield f"{_('To')}:            {printable(to.name)}"
    for line in (*to.address.splitlines(), *filter(None, [to.country])):
        yield f"               {printable(line)}"
    yield f"{_('Date')}:          {moment(paper.issued_at)[:10]}"
    yield f"{_('Our reference')}: {printable(reference)}"
    yield ""
    if paper.exercise:
        yield from _banner([_("EXERCISE")])
    yield title
    yield _LINE


def _handling(printed: desk_pb2.PrintedPaper, said: Iterable[int]) -> Iterator[str]:
    enum: Any = terms_pb2.HandlingInstruction.DESCRIPTOR
    codes = sorted({*printed.handling, *said})
    if codes:
        yield from _banner([enum_words(enum, code).upper() for code in codes])


def _banner(words: Iterable[str]) -> Iterator[str]:
    yield _RULE
    for one in words:
        yield from (line.center(_WIDTH).rstrip() for line in textwrap.wrap(f"!! {one} !!", _WIDTH))
    yield _RULE
    yield ""


def _restrictions(paper: desk_pb2.StatementView) -> Iterator[str]:
    if paper.restrictions:
        yield ""
        yield _("RESTRICTIONS ON USE (ITI 15)")
        for one in paper.restrictions:
            until = f" {_('until')} {one.until}" if one.until else ""
            detail = f" ({printable(one.detail)})" if one.detail else ""
            yield from _wrapped(f"- {code_of(one, 'code')}{until}{bound_fields(one.field_paths)}{detail}")


def _withheld(letter: inquiry_pb2.Letter) -> Iterator[str]:
    if letter.withheld:
        names = sorted({coded("field", one.path.rpartition(".")[2]) for one in letter.withheld})
        yield ""
        yield from _paragraph(_("not told in this letter"), ", ".join(names))


def _instructions(letter: inquiry_pb2.Letter) -> Iterable[int]:
    return letter.request.handling_instructions


# ── a request, in the order of ITI 17 ────────────────────────────────────────────────


def _request(request: trace_pb2.TraceRequest, paper: desk_pb2.StatementView) -> Iterator[str]:
    yield _("REQUEST FOR TRACING under the International Tracing Instrument")
    yield ""
    yield _("(a) ILLICIT NATURE OF THE ITEMS AND CIRCUMSTANCES (ITI 17(a))")
    yield from _grounds(request.illicit_grounds)
    for item in request.items:
        if item.illicit_grounds:
            yield f"  {_('item')} {item.id}:"
            yield from _grounds(item.illicit_grounds)
    yield from _labelled(request, ("ground_text", "legal_provision"))
    yield from _any(request.circumstances)
    yield ""
    yield _("(b) MARKINGS, TYPE, CALIBRE AND OTHER INFORMATION (ITI 17(b))")
    for item in request.items:
        yield from _item(item)
    yield ""
    yield _("(c) INTENDED USE OF THE INFORMATION (ITI 17(c))")
    yield f"  {code_of(paper, 'purpose')}"
    yield from _labelled(request, ("intended_use_detail",))
    yield ""
    yield from _asked(request.DESCRIPTOR, request)
    if request.reply_by:
        yield f"{_('An answer is hoped for by')}: {request.reply_by}"
    if request.HasField("office"):
        yield from _any(request.office)
    for contact in request.contacts:
        yield from _any(contact)


def _grounds(grounds: Iterable[int]) -> Iterator[str]:
    enum: Any = weapon_pb2.IllicitGround.DESCRIPTOR
    for ground in grounds:
        yield from _wrapped(f"  - {enum_words(enum, ground)}")


# ── items and what is asked ──────────────────────────────────────────────────────────


def _where_to_look(enquiry: inquiry_pb2.Enquiry) -> Iterator[str]:
    if not (enquiry.where_to_look or enquiry.ledger):
        return
    yield _("WHERE TO LOOK")
    for search in enquiry.where_to_look:
        years = "-".join(year for year in (search.from_year, search.to_year) if year)
        yield f"  - {code_of(search, 'source')} {years}".rstrip()
    if enquiry.ledger:
        yield from _wrapped(f"  {enquiry.ledger}")
    yield ""


def _asked(_descriptor: object, message: Any) -> Iterator[str]:
    if message.questions:
        yield _("WHAT IS ASKED")
        for words in codes_of(message, "questions"):
            yield f"  - {words}"


def _item(item: weapon_pb2.Item) -> Iterator[str]:
    yield f"{_('item')} {item.id}: {code_of(item, 'kind')}"
    yield from _fields(item.object)
    for mark in item.object.mark:
        yield from _mark(mark)
    for part in item.object.part:
        yield f"    {_('part')}: {code_of(part, 'kind')}"
        for mark in part.mark:
            yield from _mark(mark)
    for photograph in item.object.photograph:
        yield f"    {_('photograph')}: {code_of(photograph, 'view')}"
        yield f"      SHA-256 {photograph.sha256.hex()}"
    for inner in (item.ammunition, item.packaging, item.serial_range):
        yield from _fields(inner)


def _mark(mark: weapon_pb2.Mark) -> Iterator[str]:
    seen = printable(mark.text_as_seen) or f"[{printable(mark.symbol)}]"
    where = code_of(mark, "location") or printable(mark.component)
    words = [code_of(mark, "role"), seen, code_of(mark, "script"), where, code_of(mark, "legibility")]
    yield from _wrapped("    " + " | ".join(word for word in words if word))


def _forms(one: inquiry_pb2.MarkForms) -> Iterator[str]:
    yield f"    {_('look under')}: {printable(one.text_as_seen)}"
    yield f"      {_('in Latin letters')}:    {printable(one.in_latin)}"
    yield f"      {_('in Cyrillic letters')}: {printable(one.in_cyrillic)}"
    if one.confusable:
        yield from _wrapped(f"      {_('may be written')}: {'  '.join(map(printable, one.confusable))}")


def _return_form(enquiry: inquiry_pb2.Enquiry) -> Iterator[str]:
    yield _RULE
    yield f"{_('ANSWER - please fill in and return')}   {printable(enquiry.reference)}"
    yield _LINE
    for item_id in enquiry.item_ids:
        yield f"{_('item')} {item_id}:   [ ] {_('found')}   [ ] {_('not found')}   [ ] {_('records lapsed')}"
        for label in (_("found in (volume, page)"), _("issued, sold or sent to"), _("on (date)")):
            yield f"  {label}: {_BLANK}"
        yield ""
    yield f"{_('Looked in (ledger, years)')}: {_BLANK}"
    yield f"{_('Name, function, date, signature')}: {_BLANK}"
    if enquiry.HasField("office"):
        yield from _any(enquiry.office)


# ── lines ────────────────────────────────────────────────────────────────────────────


def _any(message: Message) -> Iterator[str]:
    """Yield every field of a message that is there, nested ones below their label."""
    yield from _fields(message)
    for field, value in message.ListFields():
        if field.message_type is not None and field.name not in _SKIPPED:
            for one in [value] if isinstance(value, Message) else value:
                yield f"  {coded('field', field.name)}:"
                yield from (f"  {line}" for line in _any(one))


def _fields(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.message_type is None and field.name not in _SKIPPED:
            words = "; ".join(_value(field, one) for one in (value if field.is_repeated else [value]))
            yield from _paragraph(f"    {coded('field', field.name)}", words)


def _labelled(message: Any, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if message.HasField(name):
            yield from _paragraph(f"  {coded('field', name)}", getattr(message, name))


def _value(field: Any, value: Any) -> str:
    if field.enum_type is not None:
        return enum_words(field.enum_type, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value.hex() if isinstance(value, bytes) else str(value)


def _paragraph(label: str, words: str) -> Iterator[str]:
    yield from _wrapped(f"{label}: {words}")


def _wrapped(words: str) -> Iterator[str]:
    clean = printable(words)
    indent = " " * (len(clean) - len(clean.lstrip()) + 2)
    for line in clean.splitlines():
        yield from textwrap.wrap(line, _WIDTH, subsequent_indent=indent) or [""]


def _page(lines: Iterable[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


def paper_text(printed: desk_pb2.PrintedPaper) -> str:
    """Return the text of whatever was printed."""
    is_slip = isinstance(message_of(printed.paper.content), inquiry_pb2.Enquiry)
    return slip_text(printed) if is_slip else letter_text(printed)
