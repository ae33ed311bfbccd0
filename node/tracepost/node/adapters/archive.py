"""Sealed parts of old cases as files: many to a file, each under a key of its own that stands in the database.

    files = ArchiveFiles(folder)
    written = files.write({envelope_id: parts})     # synced, then named, then its folder synced
    parts = files.read(envelope_id, written.places[envelope_id])

A file is opened by nobody without the database: deleting a key there is deleting what it opens, wherever
copies of the file lie. A file is written once and never changed.

    "tracepost archive 1\\n"  then for each envelope  AES-256-GCM(key, nonce 0, aad = its id)
    of                        4 lengths (32 bits each), header, slots, body, proof
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.node.records.statements import ArchivePlace, SealedParts, WrittenArchive
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import EnvelopeId
from tracepost.serving.storage.durable_file import sync_path

_MAGIC: Final = b"tracepost archive 1\n"
_LENGTHS: Final = struct.Struct(">4I")
_NONCE: Final = bytes(12)  # each key seals one thing
_RESTORE: Final = "Put the archive folder back where the settings say, from your backup."


class ArchiveFiles:
    """A folder of archives. Safe from any thread and process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, parts: Mapping[EnvelopeId, SealedParts]) -> WrittenArchive:
        """Write a new file; return its name, its digest, and where what lies in it. Raises `StoreError`."""
        name = f"{secrets.token_hex(16)}.archive"
        data, places = bytearray(_MAGIC), {}
        for id_, one in parts.items():
            key = AESGCM.generate_key(256)
            sealed = AESGCM(key).encrypt(_NONCE, _join(one), bytes(id_))
            places[id_] = ArchivePlace(name, len(data), len(sealed), key)
            data += sealed
        try:
            self._keep(name, bytes(data))
        except OSError as error:
            raise StoreError(
                f"the archive cannot be written: {error.strerror}",
                where=str(self._folder),
                reason="archive-not-written",
            ) from error
        return WrittenArchive(name, hashlib.sha256(data).digest(), places)

    def read(self, id_: EnvelopeId, place: ArchivePlace) -> SealedParts:
        """Return what lies there; raise `StoreError` if the file is missing or damaged."""
        try:
            with (self._folder / place.archive).open("rb") as file:
                file.seek(place.offset)
                return _split(AESGCM(place.key).decrypt(_NONCE, file.read(place.length), bytes(id_)))
        except OSError as error:
            raise StoreError(
                f"the archive {place.archive} cannot be read: {error.strerror}",
                where=str(self._folder),
                reason="archive-missing",
                remedy=_RESTORE,
            ) from error
        except (InvalidTag, struct.error) as error:
            raise StoreError(
                f"the archive {place.archive} is damaged",
                where=str(self._folder),
                reason="archive-damaged",
                remedy=_RESTORE,
            ) from error

    def digest(self, name: str) -> bytes:
        """Return the SHA-256 of a file, b"" if it is not there."""
        try:
            with (self._folder / name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
        except OSError:
            return b""

    def names(self) -> frozenset[str]:
        """Return the names of all files."""
        return frozenset(path.name for path in self._folder.glob("*.archive"))

    def remove(self, name: str) -> None:
        """Remove a file. Idempotent."""
        (self._folder / name).unlink(missing_ok=True)

    def _keep(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / name
        temporary = path.with_suffix(".new")
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            with suppress(OSError):  # half of it would take the last room
                temporary.unlink()
            raise
        sync_path(self._folder)


def _join(parts: SealedParts) -> bytes:
    four = (parts.header, parts.slots, parts.body, parts.proof)
    return _LENGTHS.pack(*map(len, four)) + b"".join(four)


def _split(data: bytes) -> SealedParts:
    lengths, start, four = _LENGTHS.unpack_from(data), _LENGTHS.size, []
    for length in lengths:
        four.append(data[start : start + length])
        start += length
    return SealedParts(*four)
