"""Asking an authority for a certificate, over the network or by files.

    applicant = generate_applicant(desk=True)
    enrolled = await enrol("ca.xaa.example:7441", token, applicant)

By files (the four papers of `tracepost.protocol.enrolment`):

    request = make_paper(applicant)                     # to the authority
    answer = answer_challenge(applicant, challenge)     # and once more
    enrolled = accept_chain(applicant, chain, fingerprint)

What an applicant checks, before it believes anything:

1. root    the server shows a root with the fingerprint that the token names
2. server  it is `enrolment.<member>.<domain>` by that root: no other certificate of the member,
           not even its node's, may stand in for the authority
3. nonce   it opens with our HPKE key, for this root and this session
4. path    the certificate leads to that root and is valid now
5. keys    it is for our P-256 key and, for a desk, names our HPKE key

Keeping the keys is for the caller: an applicant holds them in memory only.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import grpc
import grpc.aio
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost.protocol.enrolment import (
    SERVER_LABEL,
    AnswerPaper,
    ChallengePaper,
    RequestPaper,
    make_request,
    open_nonce,
    parse_token,
)
from tracepost.protocol.errors import EnrolmentError, IdentityError, UnreachableError
from tracepost.protocol.identity import (
    Identity,
    certificate_sha256,
    load_certificate,
    load_chain,
    verify_identity,
)
from tracepost.protocol.ids import decode_b64
from tracepost.protocol.sealing import DeskPrivateKey, generate_desk_key
from tracepost.sdk.failures import Far, our_errors
from tracepost.wire.v1 import enrolment_pb2, enrolment_pb2_grpc

Clock = Callable[[], int]

_TIMEOUT_S: Final = 30.0
# Both calls may be repeated: another Begin only opens another session, and Finish gives the same
# certificate again, so that a lost answer does not cost the token.
_RETRY: Final = {
    "maxAttempts": 4,
    "initialBackoff": "0.2s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
_SERVICE_CONFIG: Final = json.dumps(
    {"methodConfig": [{"name": [{"service": "tracepost.wire.v1.Enrolment"}], "retryPolicy": _RETRY}]}
)


@dataclass(frozen=True, slots=True)
class Applicant:
    """The keys that a certificate is asked for. A desk has an HPKE key, nobody else has one."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    desk_key: DeskPrivateKey | None = None

    @property
    def desk_key_bytes(self) -> bytes | None:
        """The public HPKE key as it travels."""
        return None if self.desk_key is None else bytes(self.desk_key.public)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an applicant got: its certificate, the root that vouches for it, and whom it shows."""

    certificate: x509.Certificate
    root: x509.Certificate
    identity: Identity
    domain: str

    @property
    def certificate_pem(self) -> bytes:
        """The certificate, for a file."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def root_pem(self) -> bytes:
        """The root, for a file."""
        return self.root.public_bytes(serialization.Encoding.PEM)


def generate_applicant(*, desk: bool = False) -> Applicant:
    """Return new keys; for a desk with an HPKE key."""
    return Applicant(ec.generate_private_key(ec.SECP256R1()), generate_desk_key() if desk else None)


# ── over the network ─────────────────────────────────────────────────────────────────


def _wall_clock() -> int:
    return int(time.time())


async def enrol(address: str, token: str, applicant: Applicant, *, clock: Clock = _wall_clock) -> Enrolled:
    """Enrol at the authority that the token names and return the certificate.

    Args:
        address: host:port of the authority's enrolment service.
        token: as its operator gave it.
        applicant: new keys.
        clock: gives unix seconds.

    Raises:
        EnrolmentError: the authority refuses, or is not the one that the token names.
        UnreachableError: nobody answers at the address.

    """
    pinned = parse_token(token).root_sha256
    root = await asyncio.to_thread(fetch_root, address, pinned)
    async with _dialled(address, root) as stub:
        begun = await stub.Begin(
            enrolment_pb2.BeginRequest(
                token=token.strip(),
                csr=make_request(applicant.key),
                hpke_public_key=applicant.desk_key_bytes,
            ),
            timeout=_TIMEOUT_S,
        )
        sealed = begun.sealed_nonce if begun.HasField("sealed_nonce") else None
        nonce = _open(applicant, ChallengePaper(pinned, begun.session, sealed))
        finished = await stub.Finish(
            enrolment_pb2.FinishRequest(session=begun.session, nonce=nonce), timeout=_TIMEOUT_S
        )
    return _accept(applicant, [load_certificate(der) for der in finished.chain], root, clock())


def fetch_root(address: str, root_sha256: bytes) -> x509.Certificate:
    """Return the root with this fingerprint that the server at `address` shows (step 1); blocking.

    Nothing else of the connection is believed, and nothing is sent over it.

    Raises:
        EnrolmentError: it shows no such root.
        UnreachableError: no TLS 1.3 server answers there.

    """
    for der in _shown_chain(address):
        certificate = load_certificate(der)
        if certificate_sha256(certificate) == root_sha256:
            return certificate
    raise _other_root("the server does not show the root that the token names")


def _shown_chain(address: str) -> list[bytes]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the fingerprint is the check; no authority is known yet
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h2"])
    host, _, port = address.rpartition(":")
    try:
        with (
            socket.create_connection((host.strip("[]"), int(port)), _TIMEOUT_S) as plain,
            context.wrap_socket(plain) as secured,
        ):
            return _unverified_chain(secured)
    except (OSError, ValueError) as fault:
        raise UnreachableError(
            "no authority answers there", where=address, reason=f"{Far.AUTHORITY}-silent"
        ) from fault


def _unverified_chain(secured: ssl.SSLSocket) -> list[bytes]:
    # Public from Python 3.13 on (`SSLSocket.get_unverified_chain`); 3.11 and 3.12, which change no
    # more, have it one attribute deeper, and public there is the leaf only.
    public = getattr(secured, "get_unverified_chain", None)
    if public is not None:
        return list(public())
    inner = getattr(secured, "_sslobj")  # noqa: B009 - it has no stub
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner.get_unverified_chain()]


@asynccontextmanager
async def _dialled(address: str, root: x509.Certificate) -> AsyncIterator[enrolment_pb2_grpc.EnrolmentStub]:
    """Step 2: gRPC verifies path, dates and name of the server by the pinned root alone."""
    pem = root.public_bytes(serialization.Encoding.PEM)
    options = [
        ("grpc.ssl_target_name_override", f"{SERVER_LABEL}.{_subtree(root)}"),
        ("grpc.service_config", _SERVICE_CONFIG),
    ]
    channel = grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(pem), options)
    with our_errors(address, Far.AUTHORITY):
        try:
            yield enrolment_pb2_grpc.EnrolmentStub(channel)
        finally:
            await channel.close()


# ── by files ─────────────────────────────────────────────────────────────────────────


def make_paper(applicant: Applicant) -> bytes:
    """Return the first paper, for the authority: certificate request and HPKE public key."""
    desk_key = None if applicant.desk_key is None else applicant.desk_key.public
    return RequestPaper(make_request(applicant.key), desk_key).to_json()


def answer_challenge(applicant: Applicant, challenge: bytes) -> bytes:
    """Return the third paper, which shows that the second one opened (step 3).

    Raises `SealingError` if it was sealed to another key, `InvalidInputError` for another file.
    """
    paper = ChallengePaper.from_json(challenge)
    return AnswerPaper(paper.session, _open(applicant, paper)).to_json()


def accept_chain(
    applicant: Applicant, chain: bytes, fingerprint: str, *, clock: Clock = _wall_clock
) -> Enrolled:
    """Check the fourth paper, the chain as PEM, and return what it shows (steps 4 and 5).

    Args:
        applicant: whose keys it must be for.
        chain: leaf first, root last.
        fingerprint: of the root, base64url, as the authority's operator told it by another way.
        clock: gives unix seconds.

    Raises:
        EnrolmentError: it is not for these keys or not by that root.

    """
    certificates = load_chain(chain)
    if certificate_sha256(certificates[-1]) != decode_b64(fingerprint, "fingerprint"):
        raise _other_root("the chain ends in another root")
    return _accept(applicant, certificates, certificates[-1], clock())


# ── checks of both ways ──────────────────────────────────────────────────────────────


def _open(applicant: Applicant, challenge: ChallengePaper) -> bytes | None:
    """Step 3."""
    if applicant.desk_key is None or challenge.sealed_nonce is None:
        return None
    return open_nonce(
        applicant.desk_key,
        challenge.sealed_nonce,
        root_sha256=challenge.root_sha256,
        session=challenge.session,
    )


def _accept(
    applicant: Applicant, chain: list[x509.Certificate], root: x509.Certificate, now: int
) -> Enrolled:
    """Steps 4 and 5."""
    domain = _subtree(root).split(".", 1)[1]
    try:
        leaf = chain[0]
        identity = verify_identity(leaf, chain[1:-1], [root], at=now, domain=domain, revoked=None)
    except (IndexError, IdentityError) as error:
        raise EnrolmentError(
            "the authority gave no certificate that verifies", where="step 4 path", reason="path"
        ) from error
    desk_key_sha256 = None if applicant.desk_key is None else applicant.desk_key.public.sha256
    if leaf.public_key() != applicant.key.public_key() or identity.desk_key_sha256 != desk_key_sha256:
        raise EnrolmentError("the certificate is for other keys", where="step 5 keys", reason="other-keys")
    return Enrolled(leaf, root, identity, domain)


def _other_root(message: str) -> EnrolmentError:
    return EnrolmentError(message, where="step 1 root", reason="root-fingerprint")


def _subtree(root: x509.Certificate) -> str:
    """Return `<member>.<domain>`, the names that the root is constrained to."""
    try:
        constraints = root.extensions.get_extension_for_class(x509.NameConstraints).value
        names = [one.value for one in constraints.permitted_subtrees or [] if isinstance(one, x509.DNSName)]
        (name,) = names
        if "." not in name:
            raise ValueError
    except (ValueError, x509.ExtensionNotFound):
        raise EnrolmentError(
            "the root is not one of a member", where="step 1 root", reason="root-constraint"
        ) from None
    return name
