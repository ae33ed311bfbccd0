"""A policy document: a member's word that these are its own policies, in this version.

A member adds to the base set what it wants stricter, and what its own desks may read of its own data.
The text of the additions is Cedar and travels beside the document, which is a compact JWS (`compact`) by
the member's statement certificate:

    header   {"alg":"ES256","typ":"tracepost+policy","x5t#S256":<of the statement certificate>}
    payload  {"member":…,"version":1…,"base":<hex SHA-256>,"text":<hex SHA-256>,"proposed_by":<officer>,
              "time":<unix seconds>,"note":…}

`base` is the base set that the additions were checked against, `text` their own digest, `time` when they
were proposed. Versions of a member rise; going back is an older text under a new version.

The **digest** of a document is SHA-256 over its payload segment in ASCII. It is known before the
document is signed, and it is what officers approve (`approval.of_policy`): an approval of one version
is none of another, though the text be the same.

Steps of verifying, in order; each refusal is a `PolicyError` and names its own:

 1. limits       at most 8,192 characters                            too-large
 2. form         three segments                                      not-compact
 3. header       exactly alg ES256, our typ and x5t#S256             header-form, algorithm, type, certificate-digest
 4. certificate  is the one that the header names, for statements    other-certificate, not-for-statements
 5. signature    ES256 over header and payload as transmitted        signature-form, signature
 6. payload      exactly the seven names, well formed                payload-form, member, version, digest-form,
                                                                     officer, time, note
 7. member       it is the one of the certificate                    other-member
 8. text         at most 65,536 bytes, and the one that it names     text-too-large, other-text

Steps 3, 5 and 6 may also refuse with not-base64url, not-json, not-an-integer, duplicate-member or
too-deep. The certificate is judged beforehand by `identity`.

Not done here: what the additions may say (the node, which has the schema of the gate), that the version
is the next one, and who must approve it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509

from tracepost.protocol import compact
from tracepost.protocol.compact import Form
from tracepost.protocol.errors import InvalidInputError, PolicyError
from tracepost.protocol.identity import Identity, Role
from tracepost.protocol.ids import MemberId, parse_member
from tracepost.protocol.schema import JsonValue
from tracepost.protocol.statement import Signer
from tracepost.protocol.statement.encoding import Refuse

TYPE: Final = "tracepost+policy"
LENGTH_LIMIT: Final = 8192
TEXT_LIMIT: Final = 65536
NOTE_LIMIT: Final = 400
VERSION_LIMIT: Final = 2**31 - 1

_FORM: Final = Form(
    TYPE, LENGTH_LIMIT, lambda where, reason, words: PolicyError(words, where=where, reason=reason)
)
_NAMES: Final = {"member", "version", "base", "text", "proposed_by", "time", "note"}
_HEX_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")
_OFFICER: Final = re.compile(r"[A-Za-z0-9-]{1,40}\Z")
_LAST_SECOND: Final = 253_402_300_799


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """What a document says: a version of a member's own policies, when it was proposed (unix seconds), by whom."""

    member: MemberId
    version: int
    base_sha256: bytes
    text_sha256: bytes
    proposed_by: str
    time: int
    note: str = ""

    @property
    def digest(self) -> bytes:
        """What officers approve, and what names the document when it is signed; as `payload_of` raises."""
        return _digest(payload_of(self))


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A verified document with the text of the additions; it comes only from `verify`."""

    said: PolicyVersion
    digest: bytes
    certificate_sha256: bytes
    document: str = field(repr=False)
    text: str = field(repr=False)


def text_digest(text: str) -> bytes:
    """Return the SHA-256 of the text of additions."""
    return hashlib.sha256(text.encode("utf-8")).digest()


def payload_of(said: PolicyVersion) -> str:
    """Return the payload segment; raise `InvalidInputError` if a value is not well formed."""
    payload: dict[str, JsonValue] = {
        "member": said.member,
        "version": said.version,
        "base": said.base_sha256.hex(),
        "text": said.text_sha256.hex(),
        "proposed_by": said.proposed_by,
        "time": said.time,
        "note": said.note,
    }
    _read_said(payload, lambda reason, words: InvalidInputError(words, where="policy", reason=reason))
    return compact.encode_payload(payload)


def sign(said: PolicyVersion, signer: Signer) -> str:
    """Return the document that says `said`, signed by the member's statement key.

    Raises:
        InvalidInputError: a value is not well formed.
        InternalError: the signer cannot sign ES256.
    """
    return compact.write(_FORM, payload_of(said), signer)


def peek(document: str) -> bytes:
    """Return the digest of the certificate that may prove a document; raise `PolicyError` (steps 1 to 3)."""
    return compact.read_header(_FORM, compact.split(_FORM, document))


def digest_of(document: str) -> bytes:
    """Return the digest of a document, unproved; raise `PolicyError` (steps 1 and 2)."""
    return _digest(compact.split(_FORM, document).payload)


def read(document: str) -> PolicyVersion:
    """Return what a document says, unproved; raise `PolicyError` (steps 1, 2 and 6)."""
    refuse = _FORM.step(6, "payload")
    return _read_said(compact.read_object(compact.split(_FORM, document).payload, refuse), refuse)


def verify(document: str, text: str, certificate: x509.Certificate, identity: Identity) -> PolicyDocument:
    """Return the document as proved to be the word of the member of `certificate` about `text`.

    Args:
        document: the compact JWS.
        text: the additions that travel beside it.
        certificate: the one that the header names (`peek`).
        identity: what `identity.verify_identity` found of that certificate.

    Raises:
        PolicyError: a step refuses.
    """
    segments = compact.split(_FORM, document)  # steps 1 and 2
    named = compact.read_header(_FORM, segments)  # step 3
    compact.check_certificate(_FORM, named, certificate, identity)  # step 4
    if identity.role is not Role.STATEMENT:
        raise _FORM.step(4, "certificate")("not-for-statements", "the certificate is not one for statements")
    compact.check_signature(_FORM, segments, certificate)  # step 5
    refuse = _FORM.step(6, "payload")
    said = _read_said(compact.read_object(segments.payload, refuse), refuse)  # step 6
    if said.member != identity.member:  # step 7
        raise _FORM.step(7, "member")("other-member", "the document is of another member")
    _check_text(said, text)  # step 8
    return PolicyDocument(said, _digest(segments.payload), named, document, text)


def _digest(payload: str) -> bytes:
    return hashlib.sha256(payload.encode("ascii")).digest()


def _read_said(payload: dict[str, JsonValue], refuse: Refuse) -> PolicyVersion:
    """Step 6."""
    if payload.keys() != _NAMES:
        raise refuse("payload-form", "the payload does not hold exactly the seven names")
    version, proposed_by, time, note = (payload[n] for n in ("version", "proposed_by", "time", "note"))
    if type(version) is not int or not 1 <= version <= VERSION_LIMIT:
        raise refuse("version", "the version is not a number from 1")
    if not isinstance(proposed_by, str) or not _OFFICER.match(proposed_by):
        raise refuse("officer", "the officer who proposes is not named")
    if type(time) is not int or not 0 <= time <= _LAST_SECOND:
        raise refuse("time", "the time is not in unix seconds")
    if not isinstance(note, str) or len(note) > NOTE_LIMIT or not all(c.isprintable() for c in note):
        raise refuse("note", f"the note is not one line of at most {NOTE_LIMIT} characters")
    base, text = (_read_digest(payload[name], refuse) for name in ("base", "text"))
    return PolicyVersion(
        _read_member(payload["member"], refuse), version, base, text, proposed_by, time, note
    )


def _read_digest(value: JsonValue, refuse: Refuse) -> bytes:
    if not isinstance(value, str) or not _HEX_DIGEST.match(value):
        raise refuse("digest-form", "a digest is not 64 hexadecimal digits")
    return bytes.fromhex(value)


def _read_member(value: JsonValue, refuse: Refuse) -> MemberId:
    try:
        return parse_member(value if isinstance(value, str) else "")
    except InvalidInputError:
        raise refuse("member", "the member is not named by its id") from None


def _check_text(said: PolicyVersion, text: str) -> None:
    """Step 8."""
    refuse = _FORM.step(8, "text")
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise refuse("other-text", "the text is not Unicode") from None
    if len(data) > TEXT_LIMIT:
        raise refuse("text-too-large", f"the text is longer than {TEXT_LIMIT:,} bytes")
    if hashlib.sha256(data).digest() != said.text_sha256:
        raise refuse("other-text", "the text is not the one that the document names")
