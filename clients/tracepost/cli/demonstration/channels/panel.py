"""A panel of experts gets a part of the answer, with consent; asks on; and is refused to print."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tracepost.cli.demonstration.channels import messages
from tracepost.cli.demonstration.channels.play import PANEL, ChannelPlay
from tracepost.cli.words import _
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import decode_b64
from tracepost.sdk import Cover
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, onward_pb2, panel_pb2, share_pb2, terms_pb2, trace_pb2

_EXPERTS = f"{PANEL}/experts"


async def share(play: ChannelPlay) -> None:
    """XAA passes part of XAC's answer on, when XAC consents, and after a look at what will be seen."""
    stage = play.stage
    stage.scene(_("Day 10"), _("XAA lets a panel of experts see how the pistol moved"))
    try:
        await _pass_on(play)
        refused = ""
    except PermissionError_ as fault:
        refused = fault.reason
    stage.insist(refused == "no-consent", _("without XAC's consent the gate refuses"))
    about = play.said["answer"]
    stage.tell("xaa/poc", _("asks XAC for consent, naming the panel and the fields"))
    asked = await play.say("xaa/poc", messages.panel_consent(about, granted=False), Cover(to=("xac",)))
    await play.wait_for("xac/poc", play.case, asked.statement, _("XAC has the question"))
    stage.tell("xac/poc", _("grants these fields, on the condition that nothing is published"))
    granted = await play.say("xac/poc", messages.panel_consent(about, granted=True), Cover(to=("xaa",)))
    await play.wait_for("xaa/poc", play.case, granted.statement, _("XAA has the consent"))
    preview = await _pass_on(play, preview=True)
    left_out = {one.path for exhibit in preview.exhibits for one in exhibit.left_out}
    stage.insist(
        any(path.startswith("answers.0.lineage_dealings") for path in left_out),
        _("the preview says what the panel will see, and that brokers are left out"),
    )
    sent = await _pass_on(play)
    play.said["shared"], play.said["panel-case"] = sent.statement, sent.thread
    seen = await play.wait_for(_EXPERTS, sent.thread, sent.statement, _("the panel has it"))
    told = _response(seen, about)
    stage.insist(
        told.answers[0].lineage and told.answers[0].point_of_diversion.cause,
        _("it reads how the pistol moved, in XAC's own signed words"),
    )
    stage.insist(
        not told.answers[0].persons and not told.answers[0].lineage_dealings,
        _("it reads neither persons nor brokers, and sees that something was left out"),
    )
    await stage.until(lambda: _notice(play), _("XAC is told of it, by a notice of onward release"))


async def check_by_hand(play: ChannelPlay) -> None:
    """The panel checks XAC's signature with a program that is not ours."""
    stage = play.stage
    seen = await play.sees(_EXPERTS, play.said["panel-case"], play.said["shared"])
    assert seen is not None  # it was waited for
    exhibit = _exhibit(seen, play.said["answer"])
    openssl = shutil.which("openssl")
    if openssl is None:
        stage.tell(_EXPERTS, _("openssl is not here: the signature was not checked with it"))
        return
    folder = play.out / "by-hand"
    folder.mkdir(parents=True, exist_ok=True)
    said = await asyncio.to_thread(_verify_with, openssl, exhibit, folder)
    stage.insist("Verified OK" in said, _("openssl verifies XAC's signature over what the panel holds"))
    listed = _digests_listed(exhibit)
    shown = [
        hashlib.sha256(text.encode("ascii")).digest()
        for text in (*exhibit.administrative_disclosures, *exhibit.law_enforcement_disclosures)
    ]
    stage.insist(
        shown and all(digest in listed for digest in shown),
        _("and every field shown is one that was signed"),
    )


async def ask_on(play: ChannelPlay) -> None:
    """The broker is named to the panel when XAC releases it, and to print is refused."""
    stage = play.stage
    stage.scene(_("Day 14"), _("the panel asks XAC who arranged the shipment"))
    cover = Cover(
        to=("xac",),
        purpose=terms_pb2.PURPOSE_EMBARGO_MONITORING,
        legal_basis=terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION,
    )
    asked = await play.say(_EXPERTS, messages.panel_request(), cover, "")
    case = play.said["panel-question"] = asked.thread
    await play.wait_for("xac/poc", case, asked.statement, _("XAC has the question"))
    hidden = await play.sees("xaa/poc", case, asked.statement)
    stage.insist(hidden is None, _("XAA does not learn what the panel asks of XAC"))
    reply = await play.say("xac/poc", messages.broker_named(), Cover(), case)
    seen = await play.wait_for(_EXPERTS, case, reply.statement, _("the panel has the reply"))
    stage.insist(
        [one.name for one in seen.content.panel_reply.companies] == [messages.BROKER],
        _("XAC names the broker, for the panel only"),
    )
    put = await play.say(_EXPERTS, messages.text_put(reply.statement), Cover(), case)
    seen = await play.wait_for("xac/poc", case, put.statement, _("XAC has the text that is to be printed"))
    stage.insist(seen.content.panel_request.texts[0].text == messages.PRINTED, _("it reads the very words"))
    decided = await play.say("xac/poc", messages.text_refused(), Cover(), case)
    seen = await play.wait_for(_EXPERTS, case, decided.statement, _("the panel has the decision"))
    stage.insist(
        seen.content.panel_reply.publication[0].decision == panel_pb2.PUBLICATION_CONSENT_DENIED,
        _("XAC does not consent that it is printed"),
    )


async def _pass_on(play: ChannelPlay, *, preview: bool = False) -> desk_pb2.Submission:
    choice = onward_pb2.ShareChoice(statement=play.said["answer"])
    cover = Cover(
        to=(PANEL,),
        purpose=terms_pb2.PURPOSE_EMBARGO_MONITORING,
        shared=(choice,),
        preview=preview or None,
    )
    message = share_pb2.Share(reason=share_pb2.SHARE_REASON_MANDATE)
    return await play.say("xaa/poc", message, cover)


def _exhibit(seen: desk_pb2.StatementView, digest: str) -> share_pb2.Exhibit:
    return next(one for one in seen.content.share.exhibits if one.statement_digest == digest)


def _response(seen: desk_pb2.StatementView, digest: str) -> trace_pb2.Response:
    message = read_exhibit(_exhibit(seen, digest)).message
    assert isinstance(message, trace_pb2.Response)
    return message


async def _notice(play: ChannelPlay) -> share_pb2.ReleaseNotice | None:
    view = await play.party("xac").view(play.case)
    found = (one.content.release_notice for one in view.statements if one.kind == "release.notice/1")
    return next(found, None)


def _verify_with(openssl: str, exhibit: share_pb2.Exhibit, folder: Path) -> str:
    """Have openssl check the signature over header and payload, as they were signed (RFC 7515)."""
    header, payload, signature = exhibit.jws.split(".")
    raw = decode_b64(signature, "signature")
    half = len(raw) // 2
    der = encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
    files = {
        "signed.txt": f"{header}.{payload}".encode("ascii"),
        "signature.der": der,
        "signer.der": exhibit.issuer_certificates[0],
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    _run(
        openssl,
        "x509",
        "-inform",
        "der",
        "-in",
        "signer.der",
        "-pubkey",
        "-noout",
        "-out",
        "key.pem",
        at=folder,
    )
    return _run(
        openssl,
        "dgst",
        "-sha256",
        "-verify",
        "key.pem",
        "-signature",
        "signature.der",
        "signed.txt",
        at=folder,
    )


def _run(program: str, *arguments: str, at: Path) -> str:
    done = subprocess.run(  # noqa: S603 - arguments of ours, and files that we wrote
        [program, *arguments], cwd=at, capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout + done.stderr


def _digests_listed(exhibit: share_pb2.Exhibit) -> frozenset[bytes]:
    """Return the digests of fields that the signed payload lists."""
    claims = json.loads(decode_b64(exhibit.jws.split(".")[1], "payload"))
    return frozenset(
        decode_b64(digest, "payload") for group in claims["message"].values() for digest in group["_sd"]
    )
