"""An approval: an officer's signature over what another officer is about to do.

Four eyes, break-glass, consent and a new policy set are approved in one form, a compact JWS under
ES256 by the officer's certificate, or by a passkey that it endorsed. It is about one log entry and carries
no data of the case:

    header   {"alg":"ES256","typ":"tracepost+approval","x5t#S256":<of the officer's certificate>}
    payload  {"of":<the entry it is for>,"payload":<hex SHA-256>,"decision":…,"time":<unix seconds>}

`of` and `payload` say what is approved (`Subject`): any change of a draft makes another digest and
voids the approval, and an approval to sign is none to open. `decision` is "approved" or "refused".

Steps of verifying, in order; each refusal is an `ApprovalError` and names its own:

 1. limits       at most 4,096 characters                       too-large
 2. form         three segments                                 not-compact
 3. header       exactly alg ES256, our typ and x5t#S256        header-form, algorithm, type, certificate-digest
 4. certificate  is the one that the header names, of an officer   other-certificate, not-an-officer
 5. signature    ES256 over header and payload as transmitted;  signature-form, signature
                 by passkey: as `assertion` says
 6. payload      exactly the four names, well formed            payload-form, subject-form, decision, time
 7. subject      it is about what is to be done                 other-subject
 8. endorsement  by passkey: it covers the time                 not-endorsed-then

Steps 3, 5 and 6 may also refuse with not-base64url, not-json, not-an-integer, duplicate-member or
too-deep. The certificate is judged beforehand by `identity`: an officer's of the member whose log it
is for, valid at the time that `peek` tells, and not revoked when the approval is used; for the time is
the officer's own word.

The **digest** of an approval is SHA-256 over `header.payload` as transmitted, in ASCII: it names who
signed, and a signature in another spelling is no second approval. `evidence.approvals_digest` makes of
the digests of all approvals what stands in the log entry.

Not done here: how many approvals an act takes, that nobody approves what he does himself, and whether an
endorsement was taken back.

    text = make(of_statement(draft.digest), Decision.APPROVED, now, signer)
    identity = verify_identity(leaf, chain, roots, at=peek(text).time, domain=domain,
                               revoked=revoked, revoked_at=now)
    approval = verify(text, leaf, identity, of_statement(draft.digest))

    asked = ask_passkey(of_statement(draft.digest), Decision.APPROVED, now, certificate_sha256)
    text = answer_passkey(asked, Assertion(...))    # what the browser gave for the challenge digest_of(asked)
"""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509

from tracepost.protocol import assertion, compact, endorsement
from tracepost.protocol.assertion import Assertion
from tracepost.protocol.compact import Form, Segments
from tracepost.protocol.endorsement import Endorsement
from tracepost.protocol.errors import ApprovalError, InvalidInputError
from tracepost.protocol.identity import Identity, Role
from tracepost.protocol.ids import DeskId, StatementDigest
from tracepost.protocol.schema import JsonValue
from tracepost.protocol.statement import Signer
from tracepost.protocol.statement.encoding import Refuse

TYPE: Final = "tracepost+approval"
PASSKEY_TYPE: Final = "tracepost+approval+passkey"
LENGTH_LIMIT: Final = 4096
OPENING_LABEL: Final = b"tracepost/v1/opening"


def _refusal(where: str, reason: str, words: str) -> ApprovalError:
    return ApprovalError(words, where=where, reason=reason)


_FORM: Final = Form(TYPE, LENGTH_LIMIT, _refusal)
_BY_PASSKEY: Final = Form(PASSKEY_TYPE, LENGTH_LIMIT, _refusal)
_PAYLOAD_NAMES: Final = {"of", "payload", "decision", "time"}
_HEX_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")
_LAST_SECOND: Final = 253_402_300_799


class Act(enum.StrEnum):
    """What is approved, named after the log entry that will tell it."""

    SIGN = "signed/1"
    OPEN = "opened/1"
    ACTIVATE_POLICY = "policy/1"


class Decision(enum.StrEnum):
    """What the officer said."""

    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is approved: an act, and the SHA-256 of what it will be done with."""

    act: Act
    payload: bytes


_ACTS: Final = {act.value: act for act in Act}
_DECISIONS: Final = {decision.value: decision for decision in Decision}


@dataclass(frozen=True, slots=True)
class UnverifiedApproval:
    """What an approval says of itself, to find and judge the certificate that may prove it.

    `endorsement` is the digest of the one that it carries; empty: the certificate itself speaks.
    """

    certificate_sha256: bytes
    time: int
    endorsement: bytes = b""


@dataclass(frozen=True, slots=True)
class Approval:
    """A verified word of an officer at `time` (unix seconds); it comes only from `verify`."""

    subject: Subject
    decision: Decision
    time: int
    officer: str
    certificate_sha256: bytes
    digest: bytes
    text: str = field(repr=False)


def of_statement(digest: StatementDigest) -> Subject:
    """Return the subject of signing the statement with this digest, which its draft has already."""
    return Subject(Act.SIGN, digest)


def of_opening(statement: StatementDigest, desk: DeskId, officer: str, action: str) -> Subject:
    """Return the subject of an officer's doing `action` with a statement for a desk, as `opened/1` names them."""
    parts = (statement, desk.encode(), officer.encode(), action.encode())
    bound = b"".join(len(part).to_bytes(4) + part for part in parts)
    return Subject(Act.OPEN, hashlib.sha256(OPENING_LABEL + bound).digest())


def of_policy(document: bytes) -> Subject:
    """Return the subject of putting the policies of the document with this digest in force (`policy`)."""
    return Subject(Act.ACTIVATE_POLICY, document)


def make(subject: Subject, decision: Decision, time: int, signer: Signer) -> str:
    """Return the approval of `subject` that `signer`, an officer's key, makes at `time` (unix seconds).

    Raises:
        InvalidInputError: the subject, the decision or the time is not well formed.
        InternalError: the signer cannot sign ES256.
    """
    return compact.write(_FORM, _write_payload(subject, decision, time), signer)


def ask_passkey(subject: Subject, decision: Decision, time: int, certificate_sha256: bytes) -> str:
    """Return what an approval by passkey says, `header.payload`; its `digest_of` is the challenge of the passkey.

    Args:
        subject: what is approved.
        decision: what the officer says.
        time: unix seconds.
        certificate_sha256: of the officer's certificate, which endorsed the passkey.

    Raises:
        InvalidInputError: the subject, the decision or the time is not well formed.
    """
    header = compact.write_header(_BY_PASSKEY, certificate_sha256)
    return f"{header}.{_write_payload(subject, decision, time)}"


def answer_passkey(asked: str, answer: Assertion) -> str:
    """Return the approval of which `ask_passkey` gave `asked`, with what the passkey answered."""
    return f"{asked}.{assertion.write(answer)}"


def digest_of(signed: str) -> bytes:
    """Return the digest of an approval of which `signed` is `header.payload`."""
    return hashlib.sha256(signed.encode("ascii")).digest()


def peek(text: str) -> UnverifiedApproval:
    """Return what an approval says of itself, unproved; raise `ApprovalError` (steps 1 to 3 and 6)."""
    segments = compact.split(_FORM, text)
    form = _form_of(segments)
    _, _, time = _read_payload(segments.payload)
    named = compact.read_header(form, segments)
    if form is _FORM:
        return UnverifiedApproval(named, time)
    carried = assertion.read(segments.signature, form.step(5, "signature"))
    return UnverifiedApproval(named, time, endorsement.digest_of(carried.endorsement))


def verify(text: str, certificate: x509.Certificate, identity: Identity, subject: Subject) -> Approval:
    """Return the approval as proved to be the word of the officer of `certificate` on `subject`.

    Args:
        text: the compact JWS, or what stands in its place by passkey.
        certificate: the one that the header names (`peek`).
        identity: what `identity.verify_identity` found of that certificate, at the approval's time.
        subject: what is to be done.

    Raises:
        ApprovalError: a step refuses.
    """
    segments = compact.split(_FORM, text)  # steps 1 and 2
    form = _form_of(segments)
    named = compact.read_header(form, segments)  # step 3
    compact.check_certificate(form, named, certificate, identity)  # step 4
    officer = _read_officer(identity)
    endorsed = None
    if form is _FORM:
        compact.check_signature(form, segments, certificate)  # step 5
    else:
        endorsed = _check_passkey(segments, certificate, identity)
    said, decision, time = _read_payload(segments.payload)  # step 6
    if said != subject:  # step 7
        raise form.step(7, "subject")("other-subject", "the approval is about something else")
    if endorsed and not endorsed.since <= time <= endorsed.until:  # step 8
        raise form.step(8, "endorsement")(
            "not-endorsed-then", "the passkey did not speak for him at that time"
        )
    return Approval(said, decision, time, officer, named, hashlib.sha256(segments.signed).digest(), text)


def _form_of(segments: Segments) -> Form:
    """Return the form that the header names; ours by certificate, where it names none of the two."""
    header = compact.read_object(segments.header, _FORM.step(3, "header"))
    return _BY_PASSKEY if header.get("typ") == PASSKEY_TYPE else _FORM


def _check_passkey(segments: Segments, certificate: x509.Certificate, identity: Identity) -> Endorsement:
    """Step 5, by passkey: return the endorsement by which it spoke."""
    refuse = _BY_PASSKEY.step(5, "signature")
    answer = assertion.read(segments.signature, refuse)
    endorsed = endorsement.verify(answer.endorsement, certificate, identity)
    assertion.check(answer, hashlib.sha256(segments.signed).digest(), endorsed, refuse)
    return endorsed


def _write_payload(subject: Subject, decision: Decision, time: int) -> str:
    payload: dict[str, JsonValue] = {
        "of": subject.act.value,
        "payload": subject.payload.hex(),
        "decision": decision.value,
        "time": time,
    }
    _read_said(payload, lambda reason, words: InvalidInputError(words, where="approval", reason=reason))
    return compact.encode_payload(payload)


def _read_officer(identity: Identity) -> str:
    """Step 4, the second half."""
    if identity.role is not Role.OFFICER or identity.officer is None:
        raise _FORM.step(4, "certificate")("not-an-officer", "the certificate is not of an officer")
    return identity.officer


def _read_payload(segment: str) -> tuple[Subject, Decision, int]:
    """Step 6."""
    refuse = _FORM.step(6, "payload")
    return _read_said(compact.read_object(segment, refuse), refuse)


def _read_said(payload: dict[str, JsonValue], refuse: Refuse) -> tuple[Subject, Decision, int]:
    if payload.keys() != _PAYLOAD_NAMES:
        raise refuse("payload-form", "the payload does not hold exactly of, payload, decision and time")
    act, decision = _ACTS.get(str(payload["of"])), _DECISIONS.get(str(payload["decision"]))
    digest, time = payload["payload"], payload["time"]
    if act is None or not isinstance(digest, str) or not _HEX_DIGEST.match(digest):
        raise refuse("subject-form", "the payload does not say what is approved")
    if decision is None:
        raise refuse("decision", "the decision is neither approved nor refused")
    if type(time) is not int or not 0 <= time <= _LAST_SECOND:
        raise refuse("time", "the time is not in unix seconds")
    return Subject(act, bytes.fromhex(digest)), decision, time
