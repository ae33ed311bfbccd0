"""The relay's own papers as files: read again when they change, so that a renewal needs no restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.protocol.envelope import SLOT_LENGTHS
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.identity import load_chain, unix_seconds
from tracepost.relay.settings import RelaySettings
from tracepost.relay.trust import TrustState
from tracepost.serving.credentials import Papers
from tracepost.serving.expiry import Expiry
from tracepost.serving.pouch_files import NodeSeal
from tracepost.wire.v1.post_pb2 import Announcement


class WatchedFile:
    """The bytes of a file, read again when its time or size changes. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[tuple[int, int, int], bytes] | None = None

    def read(self) -> bytes:
        """Return the bytes; raise `ConfigurationError` if the file cannot be read."""
        try:
            status = self._path.stat()
            mark = (status.st_mtime_ns, status.st_size, status.st_ino)
            seen = self._seen
            if seen is None or seen[0] != mark:
                seen = self._seen = (mark, self._path.read_bytes())
        except OSError as error:
            raise ConfigurationError("a file cannot be read", where=str(self._path)) from error
        return seen[1]

    def read_if_there(self) -> bytes:
        """Return the bytes, none if there is no such file."""
        return self.read() if self._path.exists() else b""


class OwnPapers:
    """What the relay shows of itself. `roots_pem` gives the roots of all members."""

    def __init__(self, settings: RelaySettings, roots_pem: Callable[[], bytes]) -> None:
        self.member = settings.member
        self._key = WatchedFile(settings.key_path)
        self._chain = WatchedFile(settings.chain_path)
        self._crl = WatchedFile(settings.crl_path)
        self._roots_pem = roots_pem

    def tls(self) -> Papers:
        """Return what a handshake shows; asked by gRPC's threads."""
        return Papers(self._key.read(), self._chain.read(), self._roots_pem())

    def tls_for(self, roots_pem: bytes) -> Papers:
        """Return what we show where we dial, and whom we believe there."""
        return Papers(self._key.read(), self._chain.read(), roots_pem)

    def seal(self) -> NodeSeal:
        """Return what a pouch is signed with."""
        key = serialization.load_pem_private_key(self._key.read(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # `tracepost relay init` made it
        return NodeSeal.of(load_chain(self._chain.read()), key)

    def expiries(self, trust: TrustState) -> list[Expiry]:
        """Return what of ours ends on some day, as far as it can be read."""
        content, found = trust.current.content, list[Expiry]()
        found.append(Expiry("trust list", "", self.member, content.next_update))
        found.append(Expiry("trust list", "for good", self.member, content.hard_expiry))
        for root in trust.roots_of(self.member):
            found.append(Expiry("root", "", self.member, unix_seconds(root.not_valid_after_utc)))
        leaf = load_chain(self._chain.read())[0]
        found.append(Expiry("certificate", "node", self.member, unix_seconds(leaf.not_valid_after_utc)))
        next_update = trust.revoked.next_update(self.member)
        if next_update is not None:
            found.append(Expiry("revocation list", "", self.member, next_update))
        return found

    def announcement(self) -> Announcement:
        """Return what members are told: certificates, the suites carried, and the own revocation list."""
        certificates = [one.public_bytes(Encoding.DER) for one in load_chain(self._chain.read())]
        announcement = Announcement(member=self.member, certificates=certificates, suites=SLOT_LENGTHS)
        crl = self._crl.read_if_there()
        if crl:
            announcement.crl = crl
        return announcement
