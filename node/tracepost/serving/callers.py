"""Who is calling: a certificate of one member, by today's trust list and revocations.

The path of a certificate is verified once per leaf and state of trust; whether the member
is still listed and the certificate not revoked is asked at every call and every frame,
since gRPC keeps connections that were opened before.

A console asks for officers: beside its own certificate, in the handshake, stands the officer's in the call's metadata
(`protocol.passing`). Both are judged alike, and the call is the officer's.
"""

from __future__ import annotations

import contextvars
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509

from tracepost.protocol.errors import IdentityError, TracepostError, TrustError
from tracepost.protocol.identity import (
    Identity,
    RevocationView,
    certificate_sha256,
    check_validity,
    read_identity,
    verify_identity,
)
from tracepost.protocol.ids import MemberId
from tracepost.protocol.passing import check_carried, check_carrier, read_officer

Metadata = Iterable[tuple[str, str | bytes]]

_REMEMBERED_LEAVES = 4096
# What these errors advise elsewhere is for mail that was received; here they are about the caller's own papers.
_NEW_CERTIFICATE = (
    "It is the certificate that you show: ask your authority for a new one (an officer: tracepost enrol)."
)
_LISTED_MEMBER = "The trust list here does not name your member: ask the stewards of the network."


class IdentityChecker(Protocol):
    """Says who a certificate is. Answers from memory: it is asked on the event loop, per frame."""

    def trust_version(self) -> Hashable:
        """Return what changes with the roots of any member: paths verified before are verified anew."""

    def identify(
        self, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], *, at: int
    ) -> Identity:
        """Return whose `leaf` is, its path verified against that member's roots at unix seconds `at`.

        Raises:
            IdentityError: path or profile is wrong, or the certificate is revoked.
            TrustError: the member is not listed.
            StaleTrustError: the trust list is past its end.
        """

    def recheck(self, identity: Identity, *, at: int) -> None:
        """Raise what `identify` raises, if the member has left since, or the certificate has ended."""


class TrustView(Protocol):
    """What a daemon knows now of members and revocations; asked per frame, answered from memory."""

    def version(self) -> Hashable:
        """Return what changes whenever `roots_of` may answer otherwise."""

    def roots_of(self, member: MemberId) -> Sequence[x509.Certificate]:
        """Return the roots of `member`; raise `TrustError` if not listed, `StaleTrustError` past its end."""

    def revocations(self) -> RevocationView:
        """Return what is revoked now."""


class MemberChecker:
    """An `IdentityChecker` over a `TrustView`: members of the trust list, each by its own roots."""

    def __init__(self, view: TrustView, domain: str) -> None:
        self._view = view
        self._domain = domain

    def trust_version(self) -> Hashable:
        """Return the version of the view."""
        return self._view.version()

    def identify(
        self, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], *, at: int
    ) -> Identity:
        """Verify the path of `leaf` (steps of `identity.py`) against the roots of the member it names."""
        claimed = read_identity(leaf, self._domain)
        return verify_identity(
            leaf,
            intermediates,
            self._view.roots_of(claimed.member),
            at=at,
            domain=self._domain,
            revoked=self._view.revocations(),
        )

    def recheck(self, identity: Identity, *, at: int) -> None:
        """Ask the calendar, the trust list and the revocations again."""
        self._view.roots_of(identity.member)
        check_validity(identity, at=at, revoked=self._view.revocations())


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is; `identity` is None where a method is open to anyone.

    `via` is the console that asks for him; None where he calls himself.
    """

    identity: Identity | None
    method: str
    peer: str
    via: Identity | None = None

    def known(self) -> Identity:
        """Return the identity; raise `IdentityError` for a caller without one."""
        if self.identity is None:
            raise IdentityError("the call shows no certificate", reason="no-certificate")
        return self.identity


_CALLER: contextvars.ContextVar[Caller] = contextvars.ContextVar("tracepost_caller")


def set_caller(caller: Caller) -> None:
    """Make `caller` the one of this call; done by the interceptors, and by tests of services."""
    _CALLER.set(caller)


def current_caller() -> Caller:
    """Return who called the RPC that runs in this task; raise `IdentityError` outside of one."""
    caller = _CALLER.get(None)
    if caller is None:
        raise IdentityError("no call is being served", reason="no-call")
    return caller


@dataclass(slots=True)
class Visitor:
    """A certificate that was shown, and who it is under a certain state of trust; `carrier`: who asks for him."""

    leaf: x509.Certificate
    intermediates: list[x509.Certificate]
    version: Hashable
    identity: Identity
    carrier: Visitor | None = None

    @property
    def via(self) -> Identity | None:
        """The console that asks for him, if he does not call himself."""
        return self.carrier.identity if self.carrier else None


class Doorkeeper:
    """Remembers whose leaf is whose, by digest of the leaf, and asks again what may have changed."""

    def __init__(self, checker: IdentityChecker, clock: Callable[[], int]) -> None:
        self._checker = checker
        self._clock = clock
        self._known: OrderedDict[bytes, Visitor] = OrderedDict()

    def identify(self, auth_context: Mapping[str, Iterable[bytes]], metadata: Metadata = ()) -> Visitor:
        """Return whose call it is: who shows the leaf in this gRPC authentication context, or for whom he asks.

        Raises:
            IdentityError: no certificate, another TLS than 1.3, or what `IdentityChecker` says.
            TrustError, StaleTrustError: as `IdentityChecker` says.
            PermissionError_: the metadata names somebody else, and who calls is not a console of his member.
        """
        try:
            caller = self._identify(auth_context)
            officer = read_officer(metadata)
            return self._carried(officer, caller) if officer else caller
        except (IdentityError, TrustError) as error:
            raise _to_the_caller(error) from error

    def recheck(self, visitor: Visitor) -> None:
        """Raise, if the visitor is not welcome any more; asked per frame."""
        try:
            self._recheck(visitor)
        except (IdentityError, TrustError) as error:
            raise _to_the_caller(error) from error

    def _identify(self, auth_context: Mapping[str, Iterable[bytes]]) -> Visitor:
        check_tls(auth_context)
        leaf_pem = _only(auth_context, "x509_pem_cert")
        digest = hashlib.sha256(leaf_pem).digest()
        visitor = self._known.get(digest)
        if visitor is not None:
            self._recheck(visitor)
            return visitor
        return self._welcome(digest, leaf_pem, auth_context)

    def _carried(self, certificates: Sequence[x509.Certificate], carrier: Visitor) -> Visitor:
        check_carrier(carrier.identity)  # first: whom a checker identifies, it may note as seen
        digest = _digest_of([carrier.leaf, *certificates])
        visitor = self._known.get(digest)
        if visitor is not None:
            self._recheck(visitor)
            return visitor
        version, (leaf, *intermediates) = self._checker.trust_version(), certificates
        identity = self._checker.identify(leaf, intermediates, at=self._clock())
        check_carried(carrier.identity, identity)
        return self._remember(digest, Visitor(leaf, intermediates, version, identity, carrier))

    def _recheck(self, visitor: Visitor) -> None:
        if visitor.carrier is not None:
            self._recheck(visitor.carrier)
        version, now = self._checker.trust_version(), self._clock()
        if version == visitor.version:
            self._checker.recheck(visitor.identity, at=now)
        else:
            visitor.identity = self._checker.identify(visitor.leaf, visitor.intermediates, at=now)
            visitor.version = version

    def _welcome(
        self, digest: bytes, leaf_pem: bytes, auth_context: Mapping[str, Iterable[bytes]]
    ) -> Visitor:
        version, leaf = self._checker.trust_version(), _parse(leaf_pem)[0]
        # gRPC shows the presented intermediates here, and leaves the property out where there are none.
        chain = [cert for pem in auth_context.get("x509_pem_cert_chain", ()) for cert in _parse(pem)]
        intermediates = [cert for cert in chain if cert != leaf]
        identity = self._checker.identify(leaf, intermediates, at=self._clock())
        return self._remember(digest, Visitor(leaf, intermediates, version, identity))

    def _remember(self, digest: bytes, visitor: Visitor) -> Visitor:
        while len(self._known) >= _REMEMBERED_LEAVES:
            self._known.popitem(last=False)
        self._known[digest] = visitor
        return visitor


def _digest_of(certificates: Iterable[x509.Certificate]) -> bytes:
    """Return what a carried officer is remembered by; nobody's own leaf has it."""
    return hashlib.sha256(b"".join(certificate_sha256(one) for one in certificates)).digest()


def _to_the_caller(error: IdentityError | TrustError) -> TracepostError:
    remedy = _LISTED_MEMBER if isinstance(error, TrustError) else _NEW_CERTIFICATE
    return type(error)(error.message, where=error.where, reason=error.reason, remedy=remedy)


def check_tls(auth_context: Mapping[str, Iterable[bytes]]) -> None:
    """Raise `IdentityError`, unless the connection of this authentication context is TLS 1.3."""
    if _only(auth_context, "ssl_tls_version") != b"TLSv1.3":
        raise IdentityError("the connection is not TLS 1.3", reason="tls-version")


def _only(auth_context: Mapping[str, Iterable[bytes]], name: str) -> bytes:
    values = list(auth_context.get(name, ()))
    if len(values) != 1:
        raise IdentityError("the call shows no certificate", reason="no-certificate")
    return values[0]


def _parse(pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise IdentityError("the certificate cannot be read", reason="unreadable") from None
