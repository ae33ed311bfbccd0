"""Papers of members, and the settings of the node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tracepost.node.records.papers import (
    CertificateRecord,
    DirectoryRecord,
    PolicyRecord,
    RevocationListRecord,
    TrustListRecord,
)


class Directory(Protocol):
    """Directory entries, the newest of each member."""

    def keep(self, record: DirectoryRecord) -> bool:
        """Keep the entry unless one with this or a higher number is here; return whether it was kept."""

    def all(self) -> list[DirectoryRecord]:
        """Return the newest entry of every member, by id."""


class Certificates(Protocol):
    """Certificates of members; none is ever forgotten, for old signatures are checked with it."""

    def keep(self, records: Sequence[CertificateRecord]) -> None:
        """Keep certificates. Idempotent."""

    def all(self) -> list[CertificateRecord]:
        """Return all certificates, in the order they came."""


class RevocationLists(Protocol):
    """Revocation lists of members, all of them: what was revoked stays revoked."""

    def keep(self, records: Sequence[RevocationListRecord]) -> None:
        """Keep lists. Idempotent."""

    def all(self) -> list[RevocationListRecord]:
        """Return all lists, by member and number."""


class TrustLists(Protocol):
    """The trust lists that were accepted, in their order."""

    def keep(self, record: TrustListRecord) -> None:
        """Keep a list. Idempotent; another list with the same number is a ConflictError."""

    def all(self) -> list[TrustListRecord]:
        """Return all lists; the last is the one in force."""


class Policies(Protocol):
    """The versions of the member's own policies: none is ever forgotten."""

    def put(self, record: PolicyRecord) -> None:
        """Keep a version, replacing what was known of it. Idempotent."""

    def all(self) -> list[PolicyRecord]:
        """Return all versions, in their order."""


class Settings(Protocol):
    """Single facts about this installation, such as that the key escrow was tried."""

    def put(self, name: str, value: bytes) -> None:
        """Set `name` to `value`."""

    def get(self, name: str) -> bytes | None:
        """Return the value of `name`, None if it was never set."""
