"""The folder in which backups stand, and which of them are kept.

    NAME.backup         a backup; what has this name is whole
    NAME.files          names of the ciphertext files that it needs, one a line
    files/SHA256        attachments and archives: each copied once, for as long as a backup names it

NAME is member and moment, `xaa-20270131T180000Z`. What a cut leaves (`.….new`) is removed by the next backup.
Names are given after what they name is on the disk; so is what they need.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import itertools
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from tracepost.protocol.errors import BusyError, NotFoundError, StoreError
from tracepost.serving.storage.durable_file import sync_path
from tracepost.serving.storage.writer import Faults, no_faults

_SUFFIX: Final = ".backup"
_FILES: Final = ".files"
_NEW: Final = ".new"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_NAME: Final = re.compile(r"([a-z][a-z0-9-]*)-([0-9]{8}T[0-9]{6}Z)")
_FREE_BYTES: Final = 64 * 1024 * 1024
_COPY_BYTES: Final = 1 << 20
_CLOCK_S: Final = 300


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A backup that stands in the folder: when it was made (unix seconds), and where it is."""

    made: int
    path: Path


@dataclass(frozen=True, slots=True)
class Keep:
    """How many backups are kept: the newest of so many hours, and of so many days (UTC)."""

    hourly: int = 48
    daily: int = 30

    def choose(self, times: Sequence[int]) -> set[int]:
        """Return which of `times` (unix seconds) are kept: the newest always."""
        kept = set(sorted(times)[-1:])
        for seconds, count in ((3600, self.hourly), (86_400, self.daily)):
            newest: dict[int, int] = {}
            for time in sorted(times):
                newest[time // seconds] = time
            kept |= {newest[period] for period in sorted(newest)[-count:]} if count else set()
        return kept


def newest_backup(folder: Path, member: str, now: int) -> int:
    """Return when the newest backup of `member` in `folder` was made (unix seconds), 0 if there is none.

    One of a clock that was ahead would be the newest for years, and none would be missed meanwhile: it does not count.
    """
    made = (one.made for one in Shelf(folder).all(member))
    return max((one for one in made if one <= now + _CLOCK_S), default=0)


class Shelf:
    """A folder of backups. One process at a time writes to it."""

    def __init__(self, folder: Path, faults: Faults = no_faults) -> None:
        self._folder = folder
        self._faults = faults

    @property
    def files(self) -> Path:
        """The folder of ciphertext files."""
        return self._folder / "files"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only one who writes here; what a cut left is removed. Raises `BusyError`, `StoreError`."""
        try:
            self.files.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _failed(self._folder, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                "another backup is being made", where=str(self._folder), reason="backup-runs"
            ) from error
        else:
            for leftover in (*self._folder.glob(f".*{_NEW}"), *self.files.glob(f".*{_NEW}")):
                leftover.unlink(missing_ok=True)
            yield
        finally:
            os.close(descriptor)

    def require_room(self, need: int) -> None:
        """Raise `StoreError` if the disk has not so many bytes to spare."""
        free = shutil.disk_usage(self._folder).free
        if free < need + _FREE_BYTES:
            raise StoreError(
                f"too little space for a backup: {need} bytes are needed, {free} are free",
                where=str(self._folder),
                reason="disk-full",
                remedy="Make room there, or name another folder; what is there already was not touched.",
            )

    def all(self, member: str = "") -> list[Kept]:
        """Return the backups that stand here, of one member or of all, oldest first."""
        found = [
            (match, path)
            for path in self._folder.glob(f"*{_SUFFIX}")
            if (match := _NAME.fullmatch(path.stem))
        ]
        return sorted(Kept(_time(m.group(2)), path) for m, path in found if member in ("", m.group(1)))

    def newest(self, now: int) -> Path:
        """Return the newest backup that is not of the future; raise `NotFoundError`."""
        found = [one for one in self.all() if one.made <= now + _CLOCK_S]
        if not found:
            raise NotFoundError(
                "there is no backup here",
                where=str(self._folder),
                reason="no-backup",
                remedy="Make one: tracepost backup FOLDER.",
            )
        return found[-1].path

    def path_of(self, member: str, made: int) -> Path:
        """Return where the backup of `member` of that moment stands, or will."""
        stamp = dt.datetime.fromtimestamp(made, dt.UTC).strftime(_STAMP)
        return self._folder / f"{member}-{stamp}{_SUFFIX}"

    def next_free(self, member: str, now: int) -> int:
        """Return the first second from `now` on that names no backup of `member` yet; to be asked while it is held."""
        return next(one for one in itertools.count(now) if not self.path_of(member, one).exists())

    def has_file(self, sha256: str, size: int) -> bool:
        """Say whether a ciphertext file is here, as long as it is to be."""
        path = self.files / sha256
        return path.is_file() and path.stat().st_size == size

    def take_file(self, source: Path, sha256: str) -> None:
        """Copy a ciphertext file here, whole or not at all, and on the disk; raise `StoreError`.

        What does not have this digest is not kept.
        """
        temporary = self.files / f".{sha256}{_NEW}"
        try:
            with source.open("rb") as old, _created(temporary) as new:
                if copy_bytes(old, new) != sha256:
                    raise StoreError(
                        "a file is not what its name says",
                        where=str(source),
                        reason="file-damaged",
                        remedy="Look at the disk; tracepost node archive FOLDER looks through the archives.",
                    )
            self._faults("backup-file-copied")
            temporary.replace(self.files / sha256)
            sync_path(self.files)
        except OSError as error:
            raise _failed(source, error) from error

    @contextmanager
    def writing(self, path: Path, needs: Sequence[str]) -> Iterator[tuple[BinaryIO, Path]]:
        """Give the file of a new backup and where it lies; it has its name when the context ends well.

        `needs` are the ciphertext files that it names.
        """
        temporary = path.with_name(f".{path.name}{_NEW}")
        try:
            with _created(temporary) as file:
                self._faults("backup-begun")
                yield file, temporary
            with _created(path.with_name(f".{path.stem}{_FILES}{_NEW}")) as names:
                names.write("".join(f"{one}\n" for one in sorted(set(needs))).encode("ascii"))
            path.with_name(f".{path.stem}{_FILES}{_NEW}").replace(path.with_suffix(_FILES))
            self._faults("backup-written")
            temporary.replace(path)
            sync_path(self._folder)
        except OSError as error:
            raise _failed(path, error) from error
        self._faults("backup-named")

    def prune(self, keep: Keep, member: str) -> list[Path]:
        """Remove the backups of `member` that are too many, and ciphertext that none needs; return those removed.

        If it is not known what a backup needs, no ciphertext is removed.
        """
        there = self.all(member)
        kept = keep.choose([one.made for one in there])
        removed = [one.path for one in there if one.made not in kept]
        try:
            for path in removed:
                path.unlink()
                self._faults("backup-pruned")
            sync_path(self._folder)
            self._forget_files()
        except OSError as error:
            raise _failed(self._folder, error) from error
        return removed

    def _forget_files(self) -> None:
        backups = {path.stem for path in self._folder.glob(f"*{_SUFFIX}")}
        lists = {path.stem: path for path in self._folder.glob(f"*{_FILES}")}
        for stem in lists.keys() - backups:
            lists[stem].unlink()
        if backups - lists.keys():
            return
        needed = {line for stem in backups for line in lists[stem].read_text("ascii").split()}
        for path in self.files.iterdir():
            if len(path.name) == 64 and path.name not in needed:
                path.unlink()


def copy_bytes(source: BinaryIO, target: BinaryIO) -> str:
    """Copy to the end; return the SHA-256 of what was copied, in hexadecimal."""
    digest = hashlib.sha256()
    while some := source.read(_COPY_BYTES):
        digest.update(some)
        target.write(some)
    return digest.hexdigest()


@contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """Give a new file for its owner alone; it is on the disk when the context ends, and gone if that fails."""
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except Exception:
        path.unlink(missing_ok=True)
        raise


def _time(stamp: str) -> int:
    return int(dt.datetime.strptime(stamp, _STAMP).replace(tzinfo=dt.UTC).timestamp())


def _failed(place: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the backup cannot be written or read: {error.strerror}",
        where=str(place),
        reason="backup-not-written",
    )
