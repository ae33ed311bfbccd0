"""What is seen of a relay from its own machine, without its process: whether it runs or not, nothing is changed.

What is found is judged, and put in words, by `tracepost doctor --folder`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509

from tracepost.protocol.certificate import load_chain
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.identity import Revocations, verify_identity
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import TrustList, load_first
from tracepost.relay.ledger import Box, Ledger
from tracepost.relay.settings import RelaySettings
from tracepost.relay.usage import Side


@dataclass(frozen=True, slots=True)
class RelayFacts:
    """What the store of a relay says of itself: entries of its log, waiting mail, the trust list in force.

    `usage` has envelopes and bytes that wait, by member and side.
    """

    kind: str
    log_size: int
    boxes: Sequence[Box]
    usage: Mapping[tuple[MemberId, Side], tuple[int, int]]
    trust: TrustList


def read_facts(settings: RelaySettings) -> RelayFacts:
    """Return what the store of the relay says.

    Raises:
        ConfigurationError: there is no store, or no trust list.
        StoreError: it cannot be read.
        TrustError: the trust list does not hold.
    """
    with Ledger.open(settings.store_url) as ledger:
        trust = ledger.trust_list() or _brought_list(settings)
        kind = "PostgreSQL" if settings.store.url else "SQLite"
        return RelayFacts(kind, ledger.log_size(), ledger.boxes(), ledger.usage(), trust)


def check_certificate(settings: RelaySettings, trust: TrustList, now: int) -> x509.Certificate:
    """Return the relay's node certificate, if members believe it now.

    Raises:
        ConfigurationError: there is none.
        IdentityError: it does not lead to a root of the relay, is not valid now, or was revoked.
        TrustError: the relay is in no trust list.
    """
    try:
        leaf, *above = load_chain(settings.chain_path.read_bytes())
    except OSError as error:
        raise ConfigurationError("the certificate is not there", where=str(settings.chain_path)) from error
    roots, revoked = trust.member(settings.member).root_certificates(), Revocations()
    if settings.crl_path.exists():
        crl = settings.crl_path.read_bytes()
        revoked = revoked.with_crl(settings.member, crl, roots, domain=settings.domain, now=now)
    verify_identity(leaf, above, roots, at=now, domain=settings.domain, revoked=revoked)
    return leaf


def _brought_list(settings: RelaySettings) -> TrustList:
    try:
        data = settings.trust_path.read_bytes()
    except OSError as error:
        raise ConfigurationError("there is no trust list", where=str(settings.trust_path)) from error
    return load_first(data, fingerprint=settings.trust_fingerprint)
