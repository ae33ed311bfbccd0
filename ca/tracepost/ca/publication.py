"""The files that an authority publishes, and the lock that keeps two publishers in order.

    published/root.pem                      whom to believe
    published/crl.der                       what was taken back, the newest list
    published/certificates/<serial>.pem     what was issued

A file appears whole or not at all, and is on the disk when the call returns. These files
are also the authority's memory outside its database: a database that is older than they are
was restored from a backup, and has forgotten revocations.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tracepost.protocol.errors import StoreError


class PublishedFiles:
    """The published directory of one authority."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._certificates = directory / "certificates"
        self._list = directory / "crl.der"

    def prepare(self, root: x509.Certificate) -> None:
        """Make the directory and put the root into it; durable on return."""
        with _told_as_store_error():
            self._certificates.mkdir(parents=True, exist_ok=True)
        write_durably(self._directory / "root.pem", root.public_bytes(serialization.Encoding.PEM))

    def write_certificate(self, certificate: x509.Certificate) -> None:
        """Publish a certificate; the same one again changes nothing."""
        path = self._certificates / f"{certificate.serial_number:040x}.pem"
        write_durably(path, certificate.public_bytes(serialization.Encoding.PEM))

    def write_list(self, crl: bytes) -> None:
        """Publish a revocation list (DER) in place of the one before."""
        write_durably(self._list, crl)

    def read_list(self) -> bytes | None:
        """Return the published revocation list (DER); None if there is none yet."""
        with _told_as_store_error():
            return self._list.read_bytes() if self._list.is_file() else None

    def serials(self) -> frozenset[int]:
        """Return the serial numbers of all published certificates, from the names of their files."""
        with _told_as_store_error():
            return frozenset(int(path.stem, 16) for path in self._certificates.glob("*.pem"))

    def certificates(self) -> Iterator[bytes]:
        """Return the PEM of every published certificate."""
        with _told_as_store_error():
            yield from (path.read_bytes() for path in sorted(self._certificates.glob("*.pem")))

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the publisher's lock: one process and thread at a time numbers and writes lists."""
        with _told_as_store_error(), (self._directory / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def write_durably(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put `data` at `path`, whole or not at all, and on the disk; raise `StoreError`."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}.partial")
    with _told_as_store_error():
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Put the names in a directory on the disk: a rename lasts only with this."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told_as_store_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            "a file of the authority cannot be read or written", where="authority files", reason="files"
        ) from error
