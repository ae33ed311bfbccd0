"""One case on the screen: its state, then each statement as a sheet, handling instructions first and bold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.message import Message
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from tracepost.cli.render.exercises import exercise_band
from tracepost.cli.render.fields import bound_fields, code_of, codes_of, moment, sheet, when
from tracepost.cli.render.inquiry import enquiry_table, transcription_line
from tracepost.cli.render.lists import dispatches, handling_line, table_of
from tracepost.cli.render.lots import sheet_with_lots
from tracepost.cli.words import _, coded, kind_words, plural
from tracepost.locale.values import printable
from tracepost.protocol.errors import TracepostError
from tracepost.sdk import message_of
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import (
    attachment_pb2,
    desk_pb2,
    diversion_pb2,
    embargo_pb2,
    inquiry_pb2,
    share_pb2,
    trace_pb2,
    weapon_pb2,
)

_HANDLING = "handling_instructions"
_TOLD_ABOVE = frozenset({_HANDLING})


def case_sheet(view: desk_pb2.CaseView) -> RenderableType:
    """Return the whole case."""
    parts: list[RenderableType] = [_summary(view.summary)]
    for statement in view.statements:
        parts.append(Text())
        parts.append(statement_sheet(statement))
    return Group(*parts)


def _summary(summary: desk_pb2.CaseSummary) -> RenderableType:
    lines: list[RenderableType] = [Rule(Text(f"{_('case')} {summary.thread}", style="bold"), align="left")]
    if summary.exercise:
        lines.append(exercise_band())
    if summary.handling:
        lines.append(handling_line(codes_of(summary, "handling")))
    if summary.opened_with:
        about = kind_words(summary.opened_with)
        lines.append(Text.assemble((coded("field", "opened_with"), "cyan"), f": {about}"))
    skip = frozenset(
        {"thread", "handling", "items", "exercise", "delivery_not_proved", "enquiries", "opened_with"}
    )
    lines.append(sheet(summary, skip))
    lines.extend(map(_undelivered, summary.delivery_not_proved))
    if summary.items:
        lines.append(outcome_table(summary))
    if summary.enquiries:
        lines.append(enquiry_table([(summary.thread, one) for one in summary.enquiries]))
    return Group(*lines)


def _undelivered(one: desk_pb2.DeliveryNotProved) -> Text:
    """Say that a member's silence means nothing yet, and how far our mail came."""
    words = {
        desk_pb2.MAIL_STATE_QUEUED: _("not collected"),
        desk_pb2.MAIL_STATE_WITH_RELAY: _("with the relay"),
        desk_pb2.MAIL_STATE_EXPIRED: _("not delivered in time"),
        desk_pb2.MAIL_STATE_REFUSED: _("refused by its node"),
    }.get(one.state, code_of(one, "state"))
    return Text.assemble((coded("field", "delivery_not_proved"), "cyan"), f": {one.member} ({words})")


def outcome_table(summary: desk_pb2.CaseSummary) -> Table:
    """Return how each item stands, an answer a row."""
    table = table_of(
        _("item"), _("answered by"), _("identification"), _("reach"), _("stopped because"), _("ask next")
    )
    for item in summary.items:
        if not item.answers:
            table.add_row(item.item_id, _("no answer yet"))
        for answer in item.answers:
            table.add_row(
                item.item_id,
                answer.by_member if answer.final else f"{answer.by_member} ({_('in part')})",
                code_of(answer, "identification"),
                code_of(answer, "reach"),
                code_of(answer, "stopped_because"),
                answer.ask_next,
            )
    return table


def statement_sheet(statement: desk_pb2.StatementView) -> RenderableType:
    """Return one statement as this desk may see it."""
    message = message_of(statement.content)
    lines: list[RenderableType] = [_title(statement)]
    if message is not None and _HANDLING in message.DESCRIPTOR.fields_by_name:
        codes = codes_of(message, _HANDLING)
        lines.extend([handling_line(codes)] if codes else [])
    if isinstance(message, inquiry_pb2.Finding | inquiry_pb2.Letter) and message.HasField("transcribed"):
        lines.append(transcription_line(message.transcribed))
    lines.extend(_terms(statement))
    if message is not None:
        lines.append(Padding(_body(message), (0, 0, 0, 2)))
    lines.extend(_attachments(statement))
    lines.extend(_unseen(statement))
    if statement.dispatches:
        lines.append(dispatches(statement.dispatches))
    return Group(*lines)


def _title(statement: desk_pb2.StatementView) -> RenderableType:
    to = ", ".join(statement.to)
    title = Text.assemble(
        (kind_words(statement.kind), "bold"),
        f"  {statement.from_member} -> {to}  {moment(statement.issued_at)}",
    )
    if statement.exercise:
        title.append("  ")
        title.append_text(exercise_band())
    return Group(title, Text(f"{_('statement')} {statement.statement}", style="dim"))


def _terms(statement: desk_pb2.StatementView) -> Iterator[RenderableType]:
    if statement.HasField("purpose"):
        yield Text(f"{_('use')}: {code_of(statement, 'purpose')}, {code_of(statement, 'legal_basis')}")
    for restriction in statement.restrictions:
        until = f" {_('until')} {restriction.until}" if restriction.until else ""
        detail = f" ({printable(restriction.detail)})" if restriction.detail else ""
        said = f"{code_of(restriction, 'code')}{until}{bound_fields(restriction.field_paths)}{detail}"
        yield Text(f"{_('restriction')}: {said}", style="bold")


def _attachments(statement: desk_pb2.StatementView) -> Iterator[RenderableType]:
    """Say where each attachment is: on its way with so much of it here, here, gone to whom."""
    for one in statement.attachments:
        words = f"{_('attachment')} {one.address.hex()[:16]}: {code_of(one, 'place')}"
        if one.to:
            words += f" ({one.to})"
        if one.place == attachment_pb2.ATTACHMENT_PLACE_WAITING:
            here = _("{n} of {m} bytes")
            words += ", " + here.format(n=f"{one.bytes_here:,}", m=f"{one.total_bytes:,}")
        if one.problem:
            words += f" - {coded('error', one.problem)}"
        yield Text(words, style="yellow" if one.problem else "")


def _unseen(statement: desk_pb2.StatementView) -> Iterator[RenderableType]:
    if statement.desk_locked:
        yield Text(_("The desk is locked: only administrative data is shown."), style="bold yellow")
    if statement.HasField("problem"):
        words = f"{statement.problem.words} {statement.problem.where}".strip()
        yield Text(f"{_('not all could be shown')}: {printable(words)}", style="bold red")
    for hidden in statement.hidden:
        words = code_of(hidden, "of_class") if hidden.HasField("of_class") else _unknown_class(hidden)
        number = (
            plural("{n} field", "{n} fields", hidden.fields)
            if hidden.exact
            else _("an unknown number of fields")
        )
        yield Text(f"{_('not shown')}: {words}, {number}", style="yellow")
    for unknown in statement.unknown:
        yield _unknown_field(unknown.path, unknown.value_json)


def _unknown_field(path: str, value_json: str) -> Text:
    return Text(f"{_('unknown field')}: {path} {printable(value_json)}", style="yellow")


def _unknown_class(hidden: desk_pb2.ClassCount) -> str:
    return f"{_('unknown class')} {printable(hidden.class_name)}"


def _body(message: Message) -> RenderableType:
    """Items and exhibits have sheets of their own; all else is shown field by field."""
    if isinstance(message, trace_pb2.Referral | share_pb2.Share):
        exhibits = (_exhibit(exhibit) for exhibit in message.exhibits)
        return Group(sheet(message, frozenset({"exhibits"})), *exhibits)
    if isinstance(message, diversion_pb2.DiversionNotice | embargo_pb2.DeliveryNotified):
        return sheet_with_lots(message, message.lots, _TOLD_ABOVE)
    if not _lists_items(message):
        return sheet(message, _TOLD_ABOVE)
    said: Any = message
    mandates = message.exhibits if isinstance(message, trace_pb2.TraceRequest) else ()
    items = map(item_sheet, said.items)
    return Group(sheet(message, _TOLD_ABOVE | {"items", "exhibits"}), *items, *map(_exhibit, mandates))


def _lists_items(message: Message) -> bool:
    field = message.DESCRIPTOR.fields_by_name.get("items")
    return field is not None and field.message_type is weapon_pb2.Item.DESCRIPTOR


def _exhibit(exhibit: share_pb2.Exhibit) -> RenderableType:
    try:
        read = read_exhibit(exhibit)
    except TracepostError as fault:
        return Text(f"{_('an exhibit that does not verify')}: {fault.message}", style="bold red")
    said = f"{_('exhibit')}: {kind_words(read.claims.kind)}"
    from_to = f"{read.claims.iss} -> {', '.join(read.claims.aud)}  {when(read.claims.iat)}"
    lines: list[RenderableType] = [Text.assemble((said, "bold"), f"  {from_to}")]
    if read.message is not None:
        codes = (
            codes_of(read.message, _HANDLING) if _HANDLING in read.message.DESCRIPTOR.fields_by_name else []
        )
        lines.extend([handling_line(codes)] if codes else [])
        lines.append(Padding(_body(read.message), (0, 0, 0, 2)))
    lines.extend(_unknown_field(one.path, json.dumps(one.value, ensure_ascii=False)) for one in read.unknown)
    if exhibit.dropped:
        number = plural("{n} field", "{n} fields", len(exhibit.dropped))
        lines.append(Text(f"{_('left out by the forwarder')}: {number}", style="yellow"))
    return Padding(Group(*lines), (0, 0, 0, 2))


def item_sheet(item: weapon_pb2.Item) -> RenderableType:
    """Return one item: what it is, and every mark on it as a table."""
    skip = frozenset({"object", "id", "kind"})
    lines: list[RenderableType] = [Text(f"{_('item')} {item.id}: {code_of(item, 'kind')}", style="bold cyan")]
    lines.append(Padding(sheet(item, skip), (0, 0, 0, 2)))
    if item.HasField("object"):
        lines.append(Padding(_object(item.object), (0, 0, 0, 2)))
    return Group(*lines)


def _object(thing: weapon_pb2.Object) -> RenderableType:
    lines: list[RenderableType] = [sheet(thing, frozenset({"mark", "part", "photograph"}))]
    if thing.mark:
        lines.append(_marks(thing.mark))
    for part in thing.part:
        lines.append(Text(f"{_('part')}: {code_of(part, 'kind')}", style="cyan"))
        lines.append(Padding(sheet(part, frozenset({"kind", "mark"})), (0, 0, 0, 2)))
        lines.append(Padding(_marks(part.mark), (0, 0, 0, 2)))
    for photograph in thing.photograph:
        size = plural("{n} byte", "{n} bytes", photograph.size)
        lines.append(
            Text(
                f"{_('photograph')}: {code_of(photograph, 'view')}, {size}, {photograph.sha256.hex()}",
                style="dim",
            )
        )
    return Group(*lines)


def _marks(marks: Iterable[weapon_pb2.Mark]) -> Table:
    table = table_of(_("mark"), _("as seen"), _("script"), _("where"), _("legibility"), _("stands for"))
    for mark in marks:
        seen = mark.text_as_seen or (f"[{mark.symbol}]" if mark.symbol else "")
        prefix = {1: "(1) ", 2: "(2) "}.get(mark.control_component_prefix, "")
        table.add_row(
            code_of(mark, "role"),
            Text(prefix + printable(seen)),
            code_of(mark, "script"),
            code_of(mark, "location") or printable(mark.component),
            code_of(mark, "legibility"),
            " ".join(word for word in (mark.country, mark.year) if word),
        )
    return table
