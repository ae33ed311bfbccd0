"""`tracepost verify`: an exported case, checked without a network and without a node."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.files import read_bytes
from tracepost.cli.options import option
from tracepost.cli.progress import progress
from tracepost.cli.render.report import report_json, report_sheet
from tracepost.cli.verb import Result, describe, error_text, verb
from tracepost.cli.words import _, plural
from tracepost.paper.packages import installed
from tracepost.protocol.casefile import (
    CaseReport,
    UnanchoredCaseError,
    anchor_of,
    read_casefile,
    verify_casefile,
)
from tracepost.protocol.errors import InvalidInputError, VerificationError
from tracepost.protocol.trustlist import TrustList, load_first, load_first_unsafe
from tracepost.wire.v1.casefile_pb2 import CaseFile


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "verify")(verify)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("Exported case (*.tracepost)."))],
    *,
    trust: Annotated[Path | None, option("--trust", _("Trust list that you believe."))] = None,
    fingerprint: Annotated[
        str | None, option("--fingerprint", _("Fingerprint of the trust list, as you were told it."))
    ] = None,
    paper: Annotated[
        str | None,
        option(
            "--paper",
            _(
                "Printout to compare with it: a PDF, a scan of a page, or the four groups of a document's code."
            ),
        ),
    ] = None,
) -> Result:
    """Check an exported case: what is proved, by whom, when, and what is not shown; and printouts of it.

    Without --trust or --fingerprint it is only consistent in itself: exit code 3.
    """
    case = read_casefile(read_bytes(file))
    with progress(_("Checking signatures and proofs")):
        try:
            report = verify_casefile(case, _anchor(case, trust, fingerprint), now=int(time.time()))
        except UnanchoredCaseError as fault:
            data = {"anchored": False, "report": report_json(fault.report), "error": describe(fault)}
            shown = [report_sheet(fault.report)] if fault.report is not None else []
            return Result(data, Group(*shown, error_text(fault)), fault.exit_code)
    if paper is not None:
        return _compare(case, report, paper)
    words = plural("{n} statement is proved.", "{n} statements are proved.", len(report.statements))
    data = {"anchored": True, "report": report_json(report)}
    return Result(data, Group(report_sheet(report), Text(words, style="bold green")))


def _compare(case: CaseFile, report: CaseReport, paper: str) -> Result:
    """Say whether a printout shows what the statements of a proved case say."""
    with installed():
        from tracepost.cli.render import printout
        from tracepost.paper.checking import check_pages, find_document
        from tracepost.paper.codes import parse_groups
        from tracepost.paper.reading import read_printout
        from tracepost.paper.told import told_by_file
    statements, data = told_by_file(case), {"anchored": True, "report": report_json(report)}
    wrong = VerificationError(_("The printout does not show what was signed."), where="paper", reason="paper")
    if not Path(paper).exists():
        found = find_document(parse_groups(paper), statements)
        data["paper"] = printout.document_json(found)
        if found is not None:
            return Result(data, printout.document_sheet(found))
        return Result({**data, "error": describe(wrong)}, error_text(wrong), wrong.exit_code)
    checked = check_pages(read_printout(read_bytes(Path(paper))), statements)
    data["paper"], shown = printout.printout_json(checked), printout.printout_sheet(checked)
    if not checked.is_refused:
        return Result(data, shown)
    return Result({**data, "error": describe(wrong)}, Group(shown, error_text(wrong)), wrong.exit_code)


def _anchor(case: CaseFile, trust: Path | None, fingerprint: str | None) -> TrustList | None:
    if trust is None:
        return None if fingerprint is None else anchor_of(case, fingerprint)
    if not trust.exists():
        raise InvalidInputError(_("The file cannot be read."), where=str(trust))
    data = read_bytes(trust)
    # The reader names the file: that is the word which `load_first_unsafe` asks for.
    return load_first_unsafe(data) if fingerprint is None else load_first(data, fingerprint=fingerprint)
