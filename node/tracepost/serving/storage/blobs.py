"""Large ciphertexts as files: named by their SHA-256, whole or not there, and resumed where they stopped.

    folder/SHELF/ab12…        whole: its bytes have the digest that is its name
    folder/SHELF/ab12….part   begun: as many of its first bytes as came so far

    blobs = Blobs(folder, quota_bytes=...)
    with blobs.write(name, total) as part:          # re-reads what is there already, for the digest
        part.append(data)                           # from `part.offset` on
        part.finish()                               # synced, compared, renamed, folder synced

A kill leaves a part, which is gone on with. Bytes that do not have the digest are deleted when the
last one has come, and never get the name. All functions block: call them from a thread. A name is
written by one writer at a time. Nothing here has a key.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, Self

from tracepost.protocol.envelope import MAX_ATTACHMENT_BYTES
from tracepost.protocol.errors import (
    BusyError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    QuotaError,
    SealingError,
    StoreError,
)
from tracepost.serving.storage.durable_file import sync_path

_PART: Final = ".part"
_READ_BYTES: Final = 1024 * 1024
_SYNC_EVERY_BYTES: Final = 64 * 1024 * 1024
_FREE_BYTES: Final = 512 * 1024 * 1024
"""What is left free on the disk for everything else."""

OTHER_BYTES: Final = "other-bytes"


class BlobName(NamedTuple):
    """The SHA-256 of a blob, and the shelf that it stands on: blobs of one shelf are one owner's."""

    address: bytes
    shelf: str = ""


@dataclass(frozen=True, slots=True)
class Blob:
    """How much of a blob is there, in bytes."""

    length: int
    is_whole: bool


class Blobs:
    """A folder of blobs. Safe from any thread; several processes may share a folder.

    A name is written by one of them at a time (a lock of the file system); each counts its own writes against the
    quota at once, and those of the others with `recount`.

    Args:
        folder: made if it is not there.
        quota_bytes: what all blobs together may have, begun ones counted whole.

    Raises:
        StoreError: the folder cannot be made or read.
    """

    def __init__(self, folder: Path, quota_bytes: int) -> None:
        self._folder = folder
        self._quota_bytes = quota_bytes
        self._lock = threading.Lock()
        self._writing: set[BlobName] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._sizes = {name: found.length for name, found in self._scan()}
        except OSError as error:
            raise _failed(error) from error
        self._used = sum(self._sizes.values())

    @property
    def used_bytes(self) -> int:
        """Bytes of all blobs, begun ones counted whole as far as that is known."""
        return self._used

    def find(self, name: BlobName) -> Blob | None:
        """Return how much of a blob is there; None: nothing."""
        for path, is_whole in ((self.path_of(name), True), (self.part_of(name), False)):
            try:
                return Blob(path.stat().st_size, is_whole)
            except FileNotFoundError:
                continue
        return None

    def has(self, name: BlobName) -> bool:
        """Say whether a blob is there whole."""
        return self.path_of(name).exists()

    def names(self) -> Iterator[tuple[BlobName, Blob, float]]:
        """Yield all blobs with the time (unix seconds) at which each was written to last."""
        for name, blob in self._scan():
            path = self.path_of(name) if blob.is_whole else self.part_of(name)
            try:
                yield name, blob, path.stat().st_mtime
            except FileNotFoundError:
                continue

    def write(self, name: BlobName, total: int) -> BlobPart:
        """Return the begun blob `name`, which will have `total` bytes, to be gone on with.

        Raises:
            InvalidInputError, LimitError: no attachment has this size.
            BusyError: it is being written.
            QuotaError: there is no room for the rest of it.
            StoreError: the disk does not take it.
        """
        _check_total(total)
        try:
            self._begin(name, total)
        except OSError as error:
            raise _failed(error) from error
        try:
            return BlobPart(self, name, total)
        except OSError as error:
            self.release(name)
            raise _failed(error) from error
        except BusyError:
            self.release(name)
            raise

    def recount(self) -> None:
        """Count what is there, whoever wrote it; raise `StoreError`, if the disk does not say it."""
        with _reading():
            found = {name: blob.length for name, blob in self._scan()}
        with self._lock:
            for name in self._writing:
                found[name] = self._sizes[name]
            self._sizes, self._used = found, sum(found.values())

    def read(self, name: BlobName, offset: int = 0) -> BinaryIO:
        """Return a whole blob, open at `offset`; what the disk does not give is a `StoreError`, also while it is read.

        Raises:
            NotFoundError: it is not here.
        """
        with _reading():
            try:
                file = _Reader(io.FileIO(self.path_of(name)))
            except FileNotFoundError:
                raise NotFoundError(
                    "the attachment is not here yet", where="address", reason="attachment-not-here"
                ) from None
            file.seek(offset)
        return file

    def remove(self, name: BlobName) -> None:
        """Delete a blob, whole or begun; one that is being written is left alone. Idempotent.

        Raises:
            StoreError: the disk does not let it go.
        """
        with self._lock:
            if name in self._writing:
                return
            try:
                for path in (self.path_of(name), self.part_of(name)):
                    path.unlink(missing_ok=True)
            except OSError as error:
                raise _failed(error) from error
            self._used -= self._sizes.pop(name, 0)

    # ── for the parts ────────────────────────────────────────────────────────────────

    def _begin(self, name: BlobName, total: int) -> None:
        with self._lock:
            if name in self._writing:
                raise BusyError("this attachment is being written already", reason="being-written")
            more = total - self._sizes.get(name, 0)
            if self._used + more > self._quota_bytes:
                raise QuotaError("the quota of attachments is used up", reason="attachment-quota")
            if more > 0 and shutil.disk_usage(self._folder).free < more + _FREE_BYTES:
                raise QuotaError("the disk is nearly full", reason="disk-full")
            self._writing.add(name)
            self._sizes[name] = total
            self._used += more

    def release(self, name: BlobName) -> None:
        """Let others write a blob; it is counted as long as it is now."""
        with self._lock:
            found = self.find(name)
            length = found.length if found else 0
            self._used += length - self._sizes.get(name, 0)
            self._sizes[name] = length
            self._writing.discard(name)

    def path_of(self, name: BlobName) -> Path:
        """Return where a whole blob lies."""
        return self._folder / name.shelf / name.address.hex()

    def part_of(self, name: BlobName) -> Path:
        """Return where a begun blob lies."""
        return self._folder / name.shelf / (name.address.hex() + _PART)

    def _scan(self) -> Iterator[tuple[BlobName, Blob]]:
        for path in sorted(self._folder.rglob("*")):
            digest = path.name.removesuffix(_PART)
            found = _status_of(path) if len(digest) == 64 else None
            if found is not None and stat.S_ISREG(found.st_mode):
                shelf = "" if path.parent == self._folder else path.parent.name
                name = BlobName(bytes.fromhex(digest), shelf)
                yield name, Blob(found.st_size, not path.name.endswith(_PART))


class _Reader(io.BufferedReader):
    """A blob that is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        with _reading():
            return super().read(size)


class BlobPart:
    """A blob that is being written; made by `Blobs.write`. Leaving the context keeps what came."""

    def __init__(self, blobs: Blobs, name: BlobName, total: int) -> None:
        self._blobs = blobs
        self._name = name
        self._total = total
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None
        self._unsynced = 0
        self.offset = 0
        found = blobs.find(name)
        if found is not None and found.is_whole:
            self.offset = found.length
            return
        self._file = self._open()
        self._read_again()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is to be written any more."""
        return self._file is None

    def append(self, data: bytes) -> None:
        """Write more; raise `LimitError` beyond the total, `StoreError` if the disk does not take it."""
        if self._file is None or self.offset + len(data) > self._total:
            raise LimitError("more bytes came than were announced", where="data", reason="too-long")
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
            self._unsynced += len(data)
            if self._unsynced >= _SYNC_EVERY_BYTES:
                self._sync()
        except OSError as error:
            raise _failed(error) from error
        self._digest.update(data)
        self.offset += len(data)

    def finish(self) -> None:
        """Give the blob its name, on the disk when this returns. Does nothing if it has it.

        Raises:
            InvalidInputError: bytes are missing; they are kept.
            SealingError: these are other bytes; they are deleted.
            StoreError: the disk does not take it.
        """
        if self._file is None:
            return
        if self.offset < self._total:
            raise InvalidInputError("the attachment is cut short", where="data", reason="cut-short")
        try:
            self._sync()
            self._judge()  # with the lock: nobody else begins with what is about to have its name
        except OSError as error:
            raise _failed(error) from error
        finally:
            self._close_file()

    def close(self) -> None:
        """Keep what came so far, and let others write it."""
        self._close_file()
        self._blobs.release(self._name)

    def _judge(self) -> None:
        part, path = self._blobs.part_of(self._name), self._blobs.path_of(self._name)
        if self._digest.digest() != self._name.address:
            part.unlink()
            raise SealingError(
                "the bytes are not those of the address", where="attachment", reason=OTHER_BYTES
            )
        part.replace(path)
        sync_path(path.parent)

    def _open(self) -> BinaryIO:
        path = self._blobs.part_of(self._name)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        file = os.fdopen(descriptor, "r+b", buffering=0)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # What another process finished meanwhile has its name by now, and is not to be written to.
            is_ours = os.path.samestat(os.fstat(descriptor), path.stat())
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:
            file.close()
            raise BusyError("this attachment is being written already", reason="being-written")
        return file

    def _read_again(self) -> None:
        assert self._file is not None  # opened by the caller
        while some := self._file.read(_READ_BYTES):
            self._digest.update(some)
            self.offset += len(some)
        if self.offset > self._total:  # announced with another size before: nothing of it can be right
            self._file.truncate(0)
            self._file.seek(0)
            self._digest, self.offset = hashlib.sha256(), 0

    def _sync(self) -> None:
        assert self._file is not None  # asked by the callers
        os.fsync(self._file.fileno())
        self._unsynced = 0

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def forget_stale(blobs: Blobs, *, keep: frozenset[BlobName], older_than: float) -> int:
    """Delete blobs that nobody names any more and that were not written to since `older_than` (unix seconds).

    Return how many.
    """
    blobs.recount()
    stale = [name for name, _, at in blobs.names() if name not in keep and at < older_than]
    for name in stale:
        blobs.remove(name)
    return len(stale)


def _status_of(path: Path) -> os.stat_result | None:
    """Return what a file is; None, if another process has taken it away meanwhile."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _check_total(total: int) -> None:
    if total < 1:
        raise InvalidInputError("an attachment has a size", where="total_bytes", reason="no-size")
    if total > MAX_ATTACHMENT_BYTES:
        raise LimitError(
            "an attachment has at most 2 GiB", where="total_bytes", reason="attachment-too-large"
        )


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the disk does not give the attachment: {error.strerror}", reason="attachment-not-read"
        ) from error


def _failed(error: OSError) -> StoreError:
    return StoreError(
        f"the disk does not take the attachment: {error.strerror}", reason="attachment-not-written"
    )
