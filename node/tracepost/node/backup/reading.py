"""Reading a backup: all of it is decrypted, compared with its manifest and proved before anything of it is used."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from tracepost.node.backup.container import (
    MANIFEST,
    NOTE,
    Header,
    Manifest,
    read_header,
    read_manifest,
)
from tracepost.node.backup.sealed_stream import SealedReader, damaged, stream_key
from tracepost.protocol.errors import StoreError

_READ_BYTES: Final = 1 << 20
_LISTING_LIMIT: Final = 256 * 1024 * 1024

Sink = Callable[[str, bytes], None]
"""Takes a file's name and some bytes of it, in order."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What stands first in a backup: the manifest as bytes and read, and the note that signs it."""

    data: bytes
    manifest: Manifest
    note: str


def show_header(path: Path) -> Header:
    """Return what a backup says of itself in clear; raise `StoreError`."""
    with _opened(path) as file:
        return read_header(file)


def read_backup(
    path: Path, secret: bytes, begin: Callable[[Listing], Sink], told: Callable[[int], None] = lambda _: None
) -> Listing:
    """Read a backup to its end; return what it lists.

    Args:
        path: the backup.
        secret: what `Header.open` returned.
        begin: is given the listing, before any file, and returns what takes the files.
        told: is told how many bytes more were read.

    Raises:
        StoreError: it is damaged, or not what its manifest says.
    """
    with _opened(path) as file:
        header = read_header(file)
        stream = SealedReader(file, stream_key(secret, header.line), told)
        try:
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                listing = _read_listing(tar, header)
                _read_files(tar, listing.manifest, begin(listing))
            stream.drain()
        except (
            tarfile.TarError,
            ValueError,
            LookupError,
        ):  # the last two of numbers in headers that are none
            raise damaged() from None
        return listing


def check_stream(path: Path, secret: bytes, expected: Manifest) -> None:
    """Raise `StoreError` unless the backup that was just written holds what it was to hold."""
    listing = read_backup(path, secret, lambda _: lambda _name, _data: None)
    if listing.manifest != expected:
        raise damaged(MANIFEST)


def require_outside(manifest: Manifest, files: Path) -> None:
    """Raise `StoreError` unless every ciphertext file that lies beside a backup is there, as it was."""
    for one in manifest.files:
        if one.outside:
            try:
                with (files / one.sha256).open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                found = ""
            if found != one.sha256:
                raise StoreError(
                    "a file that the backup needs is missing or damaged",
                    where=f"files/{one.sha256}",
                    reason="backup-incomplete",
                    remedy="Bring the folder files that lies beside the backup, whole.",
                )


def _read_listing(tar: tarfile.TarFile, header: Header) -> Listing:
    data, note = (_read_small(tar, name) for name in (MANIFEST, NOTE))
    manifest = read_manifest(data)
    if manifest.about != header.about:
        raise damaged(MANIFEST)
    try:
        return Listing(data, manifest, note.decode("utf-8"))
    except UnicodeDecodeError:
        raise damaged(NOTE) from None


def _read_small(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.next()
    if member is None or member.name != name or not _is_plain(member) or member.size > _LISTING_LIMIT:
        raise damaged(name)
    content = tar.extractfile(member)
    assert content is not None  # a regular file has some
    return content.read()


def _read_files(tar: tarfile.TarFile, manifest: Manifest, sink: Sink) -> None:
    for entry in (one for one in manifest.files if not one.outside):
        member = tar.next()
        if member is None or member.name != entry.name or not _is_plain(member) or member.size != entry.size:
            raise damaged(entry.name)
        content = tar.extractfile(member)
        assert content is not None  # a regular file has some
        digest = hashlib.sha256()
        sink(entry.name, b"")
        while some := content.read(_READ_BYTES):
            digest.update(some)
            sink(entry.name, some)
        if digest.hexdigest() != entry.sha256:
            raise damaged(entry.name)
    if tar.next() is not None:
        raise damaged()


def _is_plain(member: tarfile.TarInfo) -> bool:
    """Say whether all bytes of a file stand here: one with holes says how long it is, and fills any disk."""
    return member.isreg() and not member.issparse()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise StoreError(
            f"the backup cannot be read: {error.strerror}", where=str(path), reason="backup-not-read"
        ) from error
