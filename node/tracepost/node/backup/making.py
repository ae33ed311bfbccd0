"""Making a backup: copy, check, seal, check again, name it, then remove what is too old.

    1  the store is copied as it is at one moment, into the node's own folder; its log is recomputed
    2  files that are encrypted already are copied beside the backups, those that are not there yet
    3  keys, papers and the copy are sealed to the backup keys, synced, and read back to the last byte
    4  it is given its name: before this it is no backup, after it is whole
    5  what is too old goes

Keys are read after the store, so that they open all that is in it. The copy in clear never leaves the folder where
the store itself lies in clear.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.adapters.machine import read_machine_secret
from tracepost.node.backup.backup_key import read_public_key
from tracepost.node.backup.container import (
    MANIFEST,
    NOTE,
    About,
    FileEntry,
    Manifest,
    require_name,
    sign_manifest,
    write_header,
)
from tracepost.node.backup.reading import check_stream
from tracepost.node.backup.sealed_stream import SealedWriter, stream_key
from tracepost.node.backup.shelf import Keep, Shelf
from tracepost.node.backup.snapshot import archives_in, copy_database, copy_store, read_log
from tracepost.node.backup.sources import (
    STORE,
    Ciphertext,
    archives,
    attachments,
    authority_files,
    small_files,
)
from tracepost.node.config import NodeConfig
from tracepost.node.escrow import decode_record
from tracepost.node.installation import ESCROW_RECORD
from tracepost.node.recovery import MachineLogKeys
from tracepost.protocol.errors import BusyError, ConfigurationError, StoreError
from tracepost.protocol.evidence import LogKey
from tracepost.protocol.sealing import DeskPublicKey, Random
from tracepost.serving.log_keys import read_log_keys
from tracepost.serving.storage.writer import Faults, no_faults

_STAGING: Final = ".backup-staging"
_OVERHEAD: Final = 4 * 1024 * 1024

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A backup that was made: where it stands, its size, files copied beside it, older ones that were removed."""

    path: Path
    about: About
    size: int
    files: int
    copied: int
    removed: tuple[Path, ...]


def make_backup(
    config: NodeConfig,
    folder: Path,
    *,
    now: int,
    random: Random = os.urandom,
    environ: Mapping[str, str] = os.environ,
    told: Told = lambda _: None,
    faults: Faults = no_faults,
) -> MadeBackup:
    """Make a backup of the node of `config`, which may be serving, in `folder`.

    Args:
        config: its settings; section [backup] says what is kept.
        folder: where backups stand; made if it is not there.
        now: unix seconds, which name the backup; the next that is free, if another has that name.
        random: gives the secret of the stream.
        environ: where systemd says where credentials are.
        told: is told how many bytes more are done.
        faults: called at named points.

    Raises:
        BusyError: another backup is being made, or a file went away while it was: do it again.
        ConfigurationError: there is no key to seal to, or a recovery of the log was begun.
        StoreError: too little space, or the store or what was written does not hold.
    """
    shelf = Shelf(folder, faults)
    keys = FileKeyStore(config.keys, read_machine_secret(config.keys, environ))
    log_key, ended = read_log_keys(MachineLogKeys(keys))
    recipients = _recipients(config, keys)
    with shelf.held(), _staged(config.folder) as staging:
        made = _Making(config, shelf, staging, told, faults)
        made.copy_stores()
        head = read_log(staging / "store.sqlite", log_key, ended)
        faults("backup-staged")
        outside = made.take_ciphertext()
        files = made.collect(small_files(config, environ))
        _require_same_log(keys, log_key)
        second = shelf.next_free(config.member, now)
        about = About(config.member, config.domain, second, log_key.origin.epoch, head.size, made.schema)
        entries = [
            *made.entries(files),
            *(FileEntry(o.name, o.size, o.sha256, outside=True) for o in outside),
        ]
        manifest = Manifest(about, head.note, tuple(entries))
        path = shelf.path_of(config.member, second)
        with shelf.writing(path, [one.sha256 for one in outside]) as (file, temporary):
            secret = random(32)
            header = write_header(about, secret, recipients)
            file.write(header.line)
            listing = manifest.encode()
            note = sign_manifest(listing, [*ended, log_key])
            _write(SealedWriter(file, stream_key(secret, header.line), told), listing, note, files)
            file.flush()
            os.fsync(file.fileno())
            check_stream(temporary, secret, manifest)
            faults("backup-checked")
        removed = shelf.prune(Keep(config.backup.hourly, config.backup.daily), config.member)
        return MadeBackup(path, about, path.stat().st_size, len(entries), made.copied, tuple(removed))


def _require_same_log(keys: FileKeyStore, log_key: LogKey) -> None:
    """Refuse keys that do not fit the copy of the store: a new log was begun meanwhile."""
    now, _ended = read_log_keys(MachineLogKeys(keys))
    if now.vkey != log_key.vkey:
        raise BusyError("a new log was begun while the backup was made", where="keys/log", reason="changed")


def _recipients(config: NodeConfig, keys: FileKeyStore) -> list[DeskPublicKey]:
    """Return to whom backups are sealed: the escrow, whose shares are on paper, and keys that are kept elsewhere."""
    escrow = decode_record(keys.load_machine_keys(ESCROW_RECORD)).public_key
    return [escrow, *(read_public_key(config.folder / name) for name in config.backup.keys)]


class _Making:
    """What is copied for one backup."""

    def __init__(self, config: NodeConfig, shelf: Shelf, staging: Path, told: Told, faults: Faults) -> None:
        self._config = config
        self._shelf = shelf
        self._staging = staging
        self._told = told
        self._faults = faults
        self._databases: dict[str, Path] = {}
        self._small: dict[str, bytes] = {}
        self.schema = ""
        self.copied = 0

    def copy_stores(self) -> None:
        """Step 1, of the authority's folder too, if the settings name one."""
        _require_space(self._staging, self._config)
        self._databases[STORE] = self._staging / "store.sqlite"
        self.schema = copy_store(self._config.store_url, self._databases[STORE], self._told)
        if not self._config.backup.authority:
            return
        folder = self._config.folder / self._config.backup.authority
        if not folder.is_dir():
            raise ConfigurationError("there is no such folder of an authority", where="backup.authority")
        # The database after the published files: it may then know more than they say, never less.
        self._small, databases = authority_files(folder)
        for number, (name, path) in enumerate(databases.items()):
            self._databases[name] = self._staging / f"authority-{number}"
            try:
                copy_database(path, self._databases[name])
            except sqlite3.Error as error:
                raise StoreError("the authority's database cannot be copied", where=name) from error

    def take_ciphertext(self) -> list[Ciphertext]:
        """Step 2: return what lies beside the backup."""
        try:
            named = archives_in(self._databases[STORE])
            found = [*attachments(self._config), *archives(self._config, named)]
            missing = {one.sha256: one for one in found if not self._shelf.has_file(one.sha256, one.size)}
            staged = sum(path.stat().st_size for path in self._databases.values())
            self._shelf.require_room(sum(one.size for one in missing.values()) + staged + _OVERHEAD)
            for one in missing.values():
                self._shelf.take_file(one.path, one.sha256)
                self._told(one.size)
        except FileNotFoundError as error:
            raise BusyError(
                "a file went away while the backup was made", where=str(error.filename), reason="changed"
            ) from error
        self.copied = len(missing)
        return found

    def collect(self, small: Mapping[str, bytes]) -> dict[str, bytes | Path]:
        """Return all that is sealed, settings last: what has none is no node's folder."""
        settings = {name: data for name, data in small.items() if name.endswith(".toml")}
        rest = {name: data for name, data in small.items() if name not in settings}
        return {**self._databases, **self._small, **rest, **settings}

    def entries(self, files: Mapping[str, bytes | Path]) -> Iterator[FileEntry]:
        """Yield what the manifest says of them."""
        for name, content in files.items():
            require_name(name)
            if isinstance(content, bytes):
                yield FileEntry(name, len(content), hashlib.sha256(content).hexdigest())
            else:
                with content.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                yield FileEntry(name, content.stat().st_size, digest)


def _write(stream: SealedWriter, listing: bytes, note: str, files: Mapping[str, bytes | Path]) -> None:
    """Step 3: the tar, sealed."""
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, MANIFEST, listing)
        _add(tar, NOTE, note.encode("utf-8"))
        for name, content in files.items():
            _add(tar, name, content)
    stream.finish()


def _add(tar: tarfile.TarFile, name: str, content: bytes | Path) -> None:
    member = tarfile.TarInfo(name)
    member.mode = 0o600
    if isinstance(content, bytes):
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    else:
        member.size = content.stat().st_size
        with content.open("rb") as file:
            tar.addfile(member, file)


def _require_space(staging: Path, config: NodeConfig) -> None:
    store = config.store_path
    need = store.stat().st_size if not config.store.url and store.exists() else 0
    Shelf(staging).require_room(need)


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """Give an empty place in the node's folder, for its owner alone; what a cut left there is removed first.

    One backup of a node at a time has it, also where another goes to another folder. Raises `BusyError`.
    """
    staging = folder / _STAGING
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor, folder)
        with _emptied(staging):
            yield staging
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BusyError("another backup is being made", where=str(folder), reason="backup-runs") from error


@contextmanager
def _emptied(staging: Path) -> Iterator[None]:
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
    except OSError as error:
        raise StoreError(f"no place for a copy: {error.strerror}", where=str(staging)) from error
    try:
        yield
    finally:
        shutil.rmtree(staging, ignore_errors=True)
