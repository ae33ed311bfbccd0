"""Enrolment: what an applicant and an authority must agree on to make a certificate.

An applicant shows that it holds its P-256 key by signing a certificate request (PKCS #10),
and, for a desk, that it holds its X-Wing key by opening a nonce: such a key fits no request.
Who it may be is not in the request. An operator has said so beforehand, in the words of a
one-time token

    tp1.<SHA-256 of the authority's root certificate, base64url>.<secret of 32 bytes, base64url>

which also tells the applicant whom to believe: the root with that fingerprint and nobody else.

    applicant                                authority
    token, request, HPKE public key   ──►    token known, unused, alive; request signed
    opens                             ◄──    session, nonce sealed to the HPKE key
    session, nonce                    ──►    nonce right: issue, token used up
    checks chain, key and name        ◄──    certificate, root

Where no network leads to the authority the same four papers travel as files of JSON, and
the operator says at the first of them what the token says otherwise. Two files cannot do:
an X-Wing key only opens, so possession needs a challenge made for it.

Not done here: deciding (the authority), dialling (the SDK), keeping keys.

    sealed = seal_nonce(desk_key, nonce, root_sha256=fingerprint, session=session)
    nonce = open_nonce(private_key, sealed, root_sha256=fingerprint, session=session)
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost.protocol.certificate import UNREADABLE
from tracepost.protocol.errors import EnrolmentError, InvalidInputError
from tracepost.protocol.ids import decode_b64, encode_b64
from tracepost.protocol.sealing import DeskPrivateKey, DeskPublicKey, open_with_key, seal_to_key

SERVER_LABEL: Final = "enrolment"
"""First label of the authority's own server name; a role of no member (`identity.Role`)."""

NONCE_LENGTH: Final = 32
SECRET_LENGTH: Final = 32
MAX_REQUEST_BYTES: Final = 8192
MAX_PAPER_BYTES: Final = 32 * 1024

_PURPOSE: Final = "possession"
_SESSION = re.compile(r"[A-Za-z0-9_-]{22}\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """A one-time word of an authority: who it is, and a secret that it will know again."""

    root_sha256: bytes
    secret: bytes = field(repr=False)

    @property
    def secret_sha256(self) -> bytes:
        """What the authority keeps of the token; the secret itself it forgets."""
        return hashlib.sha256(self.secret).digest()

    def to_text(self) -> str:
        """Return the token as an operator hands it over."""
        return f"tp1.{encode_b64(self.root_sha256)}.{encode_b64(self.secret)}"


def parse_token(text: str) -> Token:
    """Return the token that `text` holds; raise `EnrolmentError`, which does not repeat it."""
    try:
        version, fingerprint, secret = text.strip().split(".")
        token = Token(decode_b64(fingerprint, "token"), decode_b64(secret, "token"))
    except (ValueError, InvalidInputError):
        raise _bad_token() from None
    if version != "tp1" or len(token.root_sha256) != 32 or len(token.secret) != SECRET_LENGTH:
        raise _bad_token()
    return token


def _bad_token() -> EnrolmentError:
    return EnrolmentError("this is no enrolment token", where="token", reason="token-form")


# ── possession ───────────────────────────────────────────────────────────────────────


def make_request(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a PKCS #10 request, DER, that asks for no name: the authority knows the name."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def load_request(der: bytes) -> x509.CertificateSigningRequest:
    """Return the certificate request if the holder of its P-256 key signed it; raise `EnrolmentError`."""
    try:
        request = x509.load_der_x509_csr(der) if len(der) <= MAX_REQUEST_BYTES else None
        key = request.public_key() if request else None
        signed = request is not None and request.is_signature_valid
    except UNREADABLE:
        request, key, signed = None, None, False
    if request is None or not signed:
        raise EnrolmentError(
            "the request is not signed by the key it names", where="request", reason="request-signature"
        )
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise EnrolmentError("the key of a request is P-256", where="request", reason="key-type")
    return request


def seal_nonce(key: DeskPublicKey, nonce: bytes, *, root_sha256: bytes, session: str) -> bytes:
    """Return the nonce sealed to `key`, bound to this authority and session; raise `SealingError`."""
    return seal_to_key(key, _PURPOSE, [root_sha256, session.encode("ascii"), key], nonce)


def open_nonce(key: DeskPrivateKey, sealed: bytes, *, root_sha256: bytes, session: str) -> bytes:
    """Return the nonce that the authority sealed to us; raise `SealingError` if it was for another."""
    return open_with_key(key, _PURPOSE, [root_sha256, session.encode("ascii"), key.public], sealed)


# ── the four papers as files ─────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class RequestPaper:
    """First paper, applicant to authority: the request and, for a desk, its HPKE public key."""

    request: bytes
    desk_key: DeskPublicKey | None

    def to_json(self) -> bytes:
        """Return the paper as a JSON document."""
        desk_key = encode_b64(self.desk_key) if self.desk_key is not None else None
        return _write("request", {"csr": encode_b64(self.request), "hpke_public_key": desk_key})

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read the paper; raise `InvalidInputError` or, for a broken HPKE key, `SealingError`."""
        paper = _read("request", data, {"csr", "hpke_public_key"})
        desk_key = paper["hpke_public_key"]
        return cls(
            decode_b64(_text(paper, "csr"), "csr"),
            None
            if desk_key is None
            else DeskPublicKey(decode_b64(_text(paper, "hpke_public_key"), "hpke_public_key")),
        )


@dataclass(frozen=True, slots=True)
class ChallengePaper:
    """Second paper, authority to applicant: what to open. `sealed_nonce` is None without an HPKE key."""

    root_sha256: bytes
    session: str
    sealed_nonce: bytes | None

    def to_json(self) -> bytes:
        """Return the paper as a JSON document."""
        sealed = encode_b64(self.sealed_nonce) if self.sealed_nonce is not None else None
        root = encode_b64(self.root_sha256)
        return _write("challenge", {"root_sha256": root, "session": self.session, "sealed_nonce": sealed})

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read the paper; raise `InvalidInputError`."""
        paper = _read("challenge", data, {"root_sha256", "session", "sealed_nonce"})
        sealed = paper["sealed_nonce"]
        return cls(
            decode_b64(_text(paper, "root_sha256"), "root_sha256"),
            parse_session(_text(paper, "session")),
            None if sealed is None else decode_b64(_text(paper, "sealed_nonce"), "sealed_nonce"),
        )


@dataclass(frozen=True, slots=True)
class AnswerPaper:
    """Third paper, applicant to authority: the opened nonce. The fourth is the chain as PEM."""

    session: str
    nonce: bytes | None = field(repr=False)

    def to_json(self) -> bytes:
        """Return the paper as a JSON document."""
        nonce = encode_b64(self.nonce) if self.nonce is not None else None
        return _write("answer", {"session": self.session, "nonce": nonce})

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read the paper; raise `InvalidInputError`."""
        paper = _read("answer", data, {"session", "nonce"})
        nonce = paper["nonce"]
        return cls(
            parse_session(_text(paper, "session")),
            None if nonce is None else decode_b64(_text(paper, "nonce"), "nonce"),
        )


def new_session(random: bytes) -> str:
    """Return the name of an enrolment under way from sixteen random bytes."""
    return parse_session(encode_b64(random))


def parse_session(text: str) -> str:
    """Return `text` as the name of an enrolment under way; raise `InvalidInputError`."""
    if not _SESSION.match(text):
        raise InvalidInputError("not the name of an enrolment", where="session")
    return text


def _write(kind: str, content: Mapping[str, str | None]) -> bytes:
    document = {"tracepost": f"enrolment-{kind}/1", **content}
    return (json.dumps(document, indent=2) + "\n").encode("ascii")


def _read(kind: str, data: bytes, keys: set[str]) -> dict[str, object]:
    try:
        document = json.loads(data) if len(data) <= MAX_PAPER_BYTES else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.pop("tracepost", None) != f"enrolment-{kind}/1":
        raise InvalidInputError(f"this is no enrolment {kind}", where="file")
    if set(document) != keys:
        raise InvalidInputError(f"an enrolment {kind} has other members", where="file")
    return document


def _text(paper: Mapping[str, object], name: str) -> str:
    value = paper[name]
    if not isinstance(value, str):
        raise InvalidInputError("not a text", where=name)
    return value
