"""What remains: the case as a file that anybody can check, with every node switched off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from rich.table import Table

from tracepost.cli.commands.trace.reading import Format, export
from tracepost.cli.demonstration.material import telltales
from tracepost.cli.demonstration.play import Play
from tracepost.cli.demonstration.stage import second
from tracepost.cli.options import NodeOptions
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, coded, plural
from tracepost.protocol.casefile import (
    CaseReport,
    StatementReport,
    UnanchoredCaseError,
    read_casefile,
    verify_casefile,
)
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.statement import UntrustedStatement, parse_compact, verify_exhibit
from tracepost.protocol.trustlist import TrustList, load_first_unsafe

CASE_FILE = "case.tracepost"
STATEMENTS = "sd-jwt"
TRUST_LIST = "trust.json"


async def export_case(play: Play) -> None:
    """XAA's officer writes the case to files, by the commands that officers use."""
    stage, out = play.stage, play.out
    stage.scene(_("Evidence"), _("XAA exports the case, and everything is switched off"))
    officer = NodeOptions(play.network.profile("xaa"))
    for format_, path in ((Format.TRACEPOST, out / CASE_FILE), (Format.SD_JWT, out / STATEMENTS)):
        command = f"tracepost trace export {play.case} --format {format_.value} --out {path}"
        stage.tell("xaa/poc", command)
        await export(play.case, officer, format_, path)
    trust_list = play.network.trust_path.read_bytes()
    (out / TRUST_LIST).write_bytes(trust_list)
    stage.insist(
        (out / CASE_FILE).stat().st_size > 0, _("the case is in {path}").format(path=out / CASE_FILE)
    )


async def leave(play: Play) -> None:
    """Switch everything off, and look into what the relay had."""
    stage = play.stage
    codes = await play.network.stop()
    unruly = [name for name, code in codes.items() if code]
    words = _("asked to leave, every daemon finished what it had in hand and ended: {names}")
    stage.insist(not unruly, words.format(names=", ".join(unruly or codes)))
    assert play.network.relay is not None
    texts = telltales(play.draft)
    found = _texts_in(play.network.relay.seat.folder, texts)
    stage.insist(
        not found,
        _("none of {n} marks, numbers and texts of the request is in any file of the relay").format(
            n=len(texts)
        ),
    )


def verify(play: Play) -> CaseReport:
    """Verify the files with nobody to ask; return what was proved."""
    stage, out = play.stage, play.out
    stage.scene(_("Offline"), _("what the files prove"))
    stage.tell("anybody", f"tracepost verify {out / CASE_FILE} --trust {out / TRUST_LIST}")
    trust = load_first_unsafe((out / TRUST_LIST).read_bytes())  # the reader names the file
    report = verify_casefile(read_casefile((out / CASE_FILE).read_bytes()), trust, now=int(time.time()))
    stage.show(_proved(report))
    stage.insist(
        report.anchored,
        plural("{n} statement is proved", "{n} statements are proved", len(report.statements))
        + _(", against trust list {number} ({fingerprint}…)").format(
            number=report.trust_sequence, fingerprint=report.trust_fingerprint[:16]
        ),
    )
    _tell_withheld(play, report)
    _verify_statements(play, trust)
    _show_that_it_can_fail(play, trust)
    return report


# ── what was proved ──────────────────────────────────────────────────────────────────


def _proved(report: CaseReport) -> Table:
    table = table_of(
        _("no."),
        _("statement"),
        _("signed by"),
        _("signed (UTC)"),
        _("answers"),
        _("proved by the log of"),
        _("shown"),
    )
    for one in report.statements:
        shown = one.shown
        fields = sum(count.shown for count in shown.classes)
        total = sum(count.total or count.shown for count in shown.classes)
        table.add_row(
            str(one.number),
            coded("kind", shown.kind),
            f"{shown.signer.member} ({shown.desk})",
            second(shown.signed_at),
            str(one.answers) if one.answers else "",
            "\n".join(_witnesses(one)),
            f"{fields}/{total}" + ("+" if any(count.total is None for count in shown.classes) else ""),
        )
    return table


def _witnesses(one: StatementReport) -> Iterator[str]:
    for delivery in one.deliveries:
        for receipt in delivery.receipts:
            yield f"{receipt.member} #{receipt.index} {coded('entry', receipt.entry)}"


def _tell_withheld(play: Play, report: CaseReport) -> None:
    stage = play.stage
    for one in report.statements:
        for field in one.shown.withheld:
            ground = coded("WithholdingGround", field.ground.removeprefix("WITHHOLDING_GROUND_"))
            words = _("withheld by {member} in statement {number}: {path}, {ground}")
            stage.tell(
                "",
                words.format(
                    member=one.shown.signer.member, number=one.number, path=field.path, ground=ground
                ),
            )
    closed = sorted(
        (one.number, count.sensitivity)
        for one in report.statements
        for count in one.shown.classes
        if count.total is None and not count.shown
    )
    for number, sensitivity in closed:
        words = _("not in the file, of statement {number}: {fields}; XAA's point of contact may not read it")
        stage.tell("", words.format(number=number, fields=coded("Sensitivity", sensitivity)))
    stage.insist(closed, _("what the exporting desk may not read is missing, and the gap is signed"))


def _verify_statements(play: Play, trust: TrustList) -> None:
    """Verify each statement alone, as it lies in the folder, and again with a disclosure dropped by hand."""
    files = sorted((play.out / STATEMENTS).glob("*.sd-jwt"))
    dropped = 0
    for path in files:
        leaf, *_chain = x509.load_pem_x509_certificates(path.with_suffix(".pem").read_bytes())
        whole = parse_compact(path.read_text("ascii"))
        fewer = UntrustedStatement(whole.jws, whole.disclosures[1:])
        issuer = next(
            m.id for m in trust.members if leaf.issuer in [r.subject for r in m.root_certificates()]
        )
        for untrusted in (whole, fewer):
            verify_exhibit(untrusted, leaf, issuer=MemberId(issuer))
        dropped += len(whole.disclosures) - len(fewer.disclosures)
    words = _("{folder}: {n} statements verify one by one, and again with {dropped} disclosures dropped")
    play.stage.insist(
        files and dropped, words.format(folder=play.out / STATEMENTS, n=len(files), dropped=dropped)
    )


def _show_that_it_can_fail(play: Play, trust: TrustList) -> None:
    data = (play.out / CASE_FILE).read_bytes()
    try:
        verify_casefile(read_casefile(data), None, now=int(time.time()))
        code = 0
    except UnanchoredCaseError as fault:
        code = fault.exit_code
    play.stage.insist(
        code == UnanchoredCaseError.exit_code,
        _("without a trust list nobody's word stands behind it: exit code {code}").format(code=code),
    )
    refused = [_refusal(data, at, trust) for at in (0, len(data) // 3, len(data) - 1)]
    play.stage.insist(
        all(refused),
        _("with one byte flipped it is refused: {code}").format(code=", ".join(sorted(set(refused)))),
    )


def _refusal(data: bytes, at: int, trust: TrustList) -> str:
    flipped = bytearray(data)
    flipped[at] ^= 1
    try:
        verify_casefile(read_casefile(bytes(flipped)), trust, now=int(time.time()))
    except TracepostError as fault:
        return fault.code
    return ""


def _texts_in(folder: Path, texts: list[str]) -> list[str]:
    needles = {text: text.encode() for text in texts}
    held = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return [text for text, needle in needles.items() if any(needle in data for data in held)]
