"""What was proved of a case file, for a person and for a machine."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from tracepost.cli.render.exercises import exercise_band
from tracepost.cli.render.fields import bound_fields, when
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, coded, kind_words
from tracepost.protocol.casefile import CaseReport, Delivery, ExhibitReport, Receipt, Shown, StatementReport
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.statement import Restriction


def report_json(value: Any) -> Any:
    """Return a report, or a part of one, as JSON; digests are base64url."""
    if isinstance(value, bytes):
        return encode_b64(value)
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: report_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [report_json(one) for one in value]
    return value


def report_sheet(report: CaseReport) -> RenderableType:
    """Return the whole report: who said what, when, proved by whose log, and what is not shown."""
    parts: list[RenderableType] = [Rule(Text(f"{_('case')} {report.thread}", style="bold"), align="left")]
    parts.append(
        Text(
            f"{_('exported by')} {report.exported_by}, {report.exported_for_desk}, {when(report.exported_at)}"
        )
    )
    parts.append(_anchor(report))
    parts.extend(Padding(_statement(statement), (1, 0, 0, 0)) for statement in report.statements)
    for gone in report.deletions:
        words = _("deleted at {member} on {moment}").format(member=gone.by, moment=when(gone.at))
        told = f"{kind_words(gone.kind)} {encode_b64(gone.statement)} ({gone.issuer}): {words}"
        parts.append(Text(f"{told}, {coded('deletion', gone.cause.value)}", style="yellow"))
    for digest in report.missing:
        parts.append(Text(f"{_('answered here, and not in the file')}: {encode_b64(digest)}", style="yellow"))
    return Group(*parts)


def _anchor(report: CaseReport) -> Text:
    name = f"{_('trust list')} {report.trust_sequence} ({report.trust_fingerprint[:16]}…)"
    age = coded("freshness", report.trust_freshness.value)
    if report.anchored:
        return Text(f"{_('proved against')} {name}, {age}", style="bold green")
    return Text(f"{_('only the own word of the file')}: {name}", style="bold yellow")


def _statement(statement: StatementReport) -> RenderableType:
    heading = f"{statement.number}. {kind_words(statement.shown.kind)}"
    lines: list[RenderableType] = [Text(heading, style="bold")]
    lines.append(Padding(_shown(statement.shown, statement.answers), (0, 0, 0, 3)))
    if statement.deliveries:
        lines.append(Padding(_deliveries(statement.deliveries), (0, 0, 0, 3)))
    lines.extend(Padding(_exhibit(exhibit), (0, 0, 0, 3)) for exhibit in statement.shown.exhibits)
    for remark in (*statement.shown.remarks, *statement.remarks):
        lines.append(Padding(Text(f"! {coded('remark', remark.value)}", style="yellow"), (0, 0, 0, 3)))
    return Group(*lines)


def _shown(shown: Shown, answers: int | None) -> RenderableType:
    return Group(*_shown_lines(shown, answers))


def _shown_lines(shown: Shown, answers: int | None) -> Iterator[Text]:
    signed = Text(f"{_('signed by')} {shown.signer.member} ({shown.desk}), {when(shown.signed_at)}")
    yield Text.assemble(signed, " ", exercise_band()) if shown.exercise else signed
    yield Text(f"{_('to')} {', '.join(shown.audience)}")
    if answers is not None:
        yield Text(f"{_('answers statement')} {answers}")
    if shown.proven is not None:
        yield Text(f"{_('existed before')} {when(shown.proven.time)}, {_('by the log of')} {shown.proven.by}")
    yield Text(f"{_('fields shown')}: {_classes(shown)}")
    for field in shown.withheld:
        yield Text(f"{_('withheld')}: {field.path}, {_ground(field.ground)}")
    yield from (Text(f"{_('restriction')}: {_restriction(one)}", style="bold") for one in shown.restrictions)


def _ground(code: str) -> str:
    return coded("WithholdingGround", code.removeprefix("WITHHOLDING_GROUND_"))


def _classes(shown: Shown) -> str:
    known = [(coded("Sensitivity", one.sensitivity.value), one.shown, one.total) for one in shown.classes]
    unknown = [(f"{_('unknown class')} {one.name}", 0, one.fields) for one in shown.unknown]
    return ", ".join(
        f"{name} {number}/{'?' if total is None else total}" for name, number, total in (*known, *unknown)
    )


def _restriction(restriction: Restriction) -> str:
    until = f" {_('until')} {restriction.until}" if restriction.until else ""
    return (
        coded("RestrictionCode", restriction.code.removeprefix("RESTRICTION_CODE_"))
        + until
        + bound_fields(restriction.field_paths)
    )


def _deliveries(deliveries: tuple[Delivery, ...]) -> RenderableType:
    table = table_of(_("to"), _("event"), _("when"), _("proved in the log of"))
    for delivery in deliveries:
        if delivery.sent_at is not None:
            table.add_row(delivery.to, coded("entry", "sent/1"), when(delivery.sent_at), _("the sender"))
        for receipt in delivery.receipts:
            table.add_row(
                delivery.to, _entry(receipt), when(receipt.time), f"{receipt.member} #{receipt.index}"
            )
    return table


def _entry(receipt: Receipt) -> str:
    verdict = f", {coded('verdict', receipt.verdict)}" if receipt.verdict else ""
    return coded("entry", receipt.entry) + verdict


def _exhibit(exhibit: ExhibitReport) -> RenderableType:
    lines: list[RenderableType] = [Text(f"{_('exhibit')}: {kind_words(exhibit.shown.kind)}", style="bold")]
    lines.append(Padding(_shown(exhibit.shown, None), (0, 0, 0, 3)))
    if exhibit.dropped:
        paths = ", ".join(exhibit.dropped)
        lines.append(
            Padding(Text(f"{_('left out by the forwarder')}: {paths}", style="yellow"), (0, 0, 0, 3))
        )
    if exhibit.deliveries:
        lines.append(Padding(_deliveries(exhibit.deliveries), (0, 0, 0, 3)))
    lines.extend(
        Padding(Text(f"! {coded('remark', remark.value)}", style="yellow"), (0, 0, 0, 3))
        for remark in (*exhibit.shown.remarks, *exhibit.remarks)
    )
    return Group(*lines)
