"""Who is calling: a certificate of one member, by today's trust list and revocations.

The path of a certificate is verified once per leaf and state of trust; whether the member
is still listed and the certificate not revoked is asked at every call and every frame,
since gRPC keeps connections that were opened before.
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
    check_validity,
    read_identity,
    verify_identity,
)
from tracepost.protocol.ids import MemberId

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
    """The one at the other end of a call; `identity` is None where a method is open to anyone."""

    identity: Identity | None
    method: str
    peer: str

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
    """A certificate that was shown, and who it is under a certain state of trust."""

    leaf: x509.Certificate
    intermediates: list[x509.Certificate]
    version: Hashable
    identity: Identity


class Doorkeeper:
    """Remembers whose leaf is whose, by digest of the leaf, and asks again what may have changed."""

    def __init__(self, checker: IdentityChecker, clock: Callable[[], int]) -> None:
        self._checker = checker
        self._clock = clock
        self._known: OrderedDict[bytes, Visitor] = OrderedDict()

    def identify(self, auth_context: Mapping[str, Iterable[bytes]]) -> Visitor:
        """Return who shows the leaf in this gRPC authentication context.

        Raises:
            IdentityError: no certificate, another TLS than 1.3, or what `IdentityChecker` says.
            TrustError, StaleTrustError: as `IdentityChecker` says.
        """
        try:
            return self._identify(auth_context)
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

    def _recheck(self, visitor: Visitor) -> None:
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
        while len(self._known) >= _REMEMBERED_LEAVES:
            self._known.popitem(last=False)
        visitor = self._known[digest] = Visitor(leaf, intermediates, version, identity)
        return visitor


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
