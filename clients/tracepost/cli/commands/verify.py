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
from tracepost.protocol.casefile import UnanchoredCaseError, anchor_of, read_casefile, verify_casefile
from tracepost.protocol.errors import InvalidInputError
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
) -> Result:
    """Check an exported case: what is proved, by whom, when, and what is not shown.

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
    words = plural("{n} statement is proved.", "{n} statements are proved.", len(report.statements))
    data = {"anchored": True, "report": report_json(report)}
    return Result(data, Group(report_sheet(report), Text(words, style="bold green")))


def _anchor(case: CaseFile, trust: Path | None, fingerprint: str | None) -> TrustList | None:
    if trust is None:
        return None if fingerprint is None else anchor_of(case, fingerprint)
    if not trust.exists():
        raise InvalidInputError(_("The file cannot be read."), where=str(trust))
    data = read_bytes(trust)
    # The reader names the file: that is the word which `load_first_unsafe` asks for.
    return load_first_unsafe(data) if fingerprint is None else load_first(data, fingerprint=fingerprint)
