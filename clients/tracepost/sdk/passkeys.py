"""Passkeys that speak for an officer: what a console asks for, and what the officer's certificate says to it.

    asked = read_request(Path("passkey.json").read_bytes())          # the officer, where his key is
    await client.office.endorse_passkey(endorse(asked, papers, domain=domain, now=now))

    asking = ask_word(subject, Decision.APPROVED, certificate, now)  # a console, for a browser
    text = answer_word(asking, browser_answer, await client.office.list_passkeys())

A console can ask and carry. What it carries proves itself (`protocol.approval`), and endorsing it cannot.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.protocol import approval, endorsement
from tracepost.protocol.approval import Decision, Subject
from tracepost.protocol.assertion import Assertion
from tracepost.protocol.certificate import read_identity, unix_seconds
from tracepost.protocol.endorsement import Endorsement
from tracepost.protocol.errors import InvalidInputError, TracepostError
from tracepost.protocol.ids import decode_b64, encode_b64
from tracepost.sdk.approvals import signer_of
from tracepost.sdk.papers import OfficerPapers
from tracepost.wire.v1 import office_pb2

FORMAT: Final = "tracepost-passkey/1"
CLOCK_SKEW_S: Final = 300
"""An endorsement begins so much earlier: the clock here and the node's, by which words are dated, may differ."""


@dataclass(frozen=True, slots=True)
class PasskeyRequest:
    """A console's request that an officer's certificate endorse a passkey: its id and COSE key, and where it speaks."""

    officer: str
    credential: bytes
    key: bytes
    rp_id: str
    origin: str


def write_request(request: PasskeyRequest) -> bytes:
    """Return the file that an officer takes to where his key is."""
    told = {
        "format": FORMAT,
        "officer": request.officer,
        "credential": encode_b64(request.credential),
        "key": encode_b64(request.key),
        "rp_id": request.rp_id,
        "origin": request.origin,
    }
    return json.dumps(told, indent=1).encode()


def read_request(data: bytes) -> PasskeyRequest:
    """Return the request in a file; raise `InvalidInputError`, if there is none."""
    try:
        told: dict[str, Any] = json.loads(data)
        credential, key = (decode_b64(str(told[name]), name) for name in ("credential", "key"))
        officer, rp_id, origin = (str(told[name]) for name in ("officer", "rp_id", "origin"))
        if told["format"] != FORMAT:
            raise _no_request()
    except (ValueError, KeyError, TypeError, TracepostError) as fault:
        raise _no_request() from fault
    return PasskeyRequest(officer, credential, key, rp_id, origin)


def endorse(
    request: PasskeyRequest, papers: OfficerPapers, *, domain: str, now: int
) -> office_pb2.EndorsePasskeyRequest:
    """Return the endorsement of the officer of `papers`, from `now` (unix seconds) to the end of his certificate.

    Raises:
        InvalidInputError: the request is of another officer, or not of a passkey that can be endorsed.
        ConfigurationError: the officer's key is not on P-256.
    """
    certificate = papers.certificates()[0]
    identity = read_identity(certificate, domain)
    if identity.officer != request.officer:
        raise InvalidInputError("the passkey is of another officer", where="officer", reason="other-officer")
    said = Endorsement(
        member=identity.member,
        officer=request.officer,
        credential=request.credential,
        key=request.key,
        rp_id=request.rp_id,
        origin=request.origin,
        since=now - CLOCK_SKEW_S,
        until=unix_seconds(certificate.not_valid_after_utc),
    )
    return office_pb2.EndorsePasskeyRequest(
        endorsement=endorsement.make(said, signer_of(papers)),
        certificate=certificate.public_bytes(Encoding.DER),
    )


def speaking(passkeys: Iterable[office_pb2.Passkey], certificate: bytes) -> list[office_pb2.Passkey]:
    """Return those of `passkeys` that this certificate (DER) endorsed; one of an earlier certificate is silent."""
    digest = hashlib.sha256(certificate).digest()
    return [one for one in passkeys if endorsement.certificate_of(one.endorsement) == digest]


@dataclass(frozen=True, slots=True)
class AskedWord:
    """What a passkey is asked to sign: the approval without its proof, and the challenge that stands for it."""

    text: str
    challenge: bytes


def ask_word(subject: Subject, decision: Decision, certificate: bytes, now: int) -> AskedWord:
    """Return what a passkey is asked to sign.

    Args:
        subject: what the officer was shown.
        decision: what he says of it.
        certificate: the officer's, DER.
        now: unix seconds, by the node's clock.

    Raises:
        InvalidInputError: the time is not well formed.
    """
    text = approval.ask_passkey(subject, decision, now, hashlib.sha256(certificate).digest())
    return AskedWord(text, approval.digest_of(text))


def answer_word(asked: AskedWord, answer: str, passkeys: Iterable[office_pb2.Passkey]) -> str:
    """Return the approval that a browser's answer makes of what was asked. It is not verified here.

    Args:
        asked: as `ask_word` gave it.
        answer: the browser's, `PublicKeyCredential.toJSON()` as text.
        passkeys: those that the officer endorsed.

    Raises:
        InvalidInputError: it is no answer, or of another passkey.
    """
    try:
        told: dict[str, Any] = json.loads(answer)
        credential, response = str(told["rawId"]), told["response"]
        data, client, signature = (
            decode_b64(str(response[name]), name)
            for name in ("authenticatorData", "clientDataJSON", "signature")
        )
    except (ValueError, KeyError, TypeError, TracepostError) as fault:
        raise _no_answer() from fault
    used = next((one for one in passkeys if one.credential == credential), None)
    if used is None:
        raise _no_answer()
    return approval.answer_passkey(asked.text, Assertion(used.endorsement, data, client, signature))


def _no_request() -> InvalidInputError:
    return InvalidInputError("it is no request of a console for a passkey", where="file", reason="no-request")


def _no_answer() -> InvalidInputError:
    return InvalidInputError(
        "it is not the answer of a passkey that speaks for you", where="passkey", reason="no-answer"
    )
