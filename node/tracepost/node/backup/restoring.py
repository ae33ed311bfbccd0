"""Bringing a backup back, on an empty machine: everything is proved first, then put in place, settings last.

    1  the place is empty: folder, database, the authority's folder
    2  all is read into a folder beside it, `.NAME.restoring`, and compared with the manifest
    3  the manifest is signed by a log key of the member, by the trust list that whoever restores believes
    4  the keys open, the log gives its signed head, and what lies beside the backup is whole
    5  a database is filled, in one transaction; the authority's folder and the node's take their names

What a cut leaves has no `node.toml` or not its name, so nothing starts from it; restore again. A node that was put
back carries a mark (`node.restored`) and does not serve before `tracepost log recover`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.adapters.machine import read_machine_secret
from tracepost.node.backup.container import About, FileEntry, Header, Manifest, verify_manifest
from tracepost.node.backup.reading import Listing, Sink, read_backup, require_outside, show_header
from tracepost.node.backup.sealed_stream import damaged
from tracepost.node.backup.shelf import copy_bytes
from tracepost.node.backup.snapshot import fill_database, read_log, schema_of_program, upgrade_copy
from tracepost.node.backup.sources import ARCHIVE, ATTACHMENTS, SETTINGS
from tracepost.node.config import NodeConfig, read_config
from tracepost.node.recovery import MachineLogKeys
from tracepost.node.restored import RestoredMark, write_mark
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, NoAnchorError, StoreError
from tracepost.protocol.ids import NODE_DESK
from tracepost.protocol.sealing import DeskPrivateKey
from tracepost.protocol.settings import parse_toml
from tracepost.protocol.trustlist import TrustList, load_first, load_first_unsafe
from tracepost.serving.log_keys import read_log_keys
from tracepost.serving.storage.durable_file import replace_file, sync_path
from tracepost.serving.storage.writer import Faults, no_faults

AUTHORITY_MARK: Final = "restored"
"""In the folder of an authority that came from a backup: it publishes nothing before `tracepost ca restore`."""

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Anchor:
    """What whoever restores believes: a trust list that he has, or the fingerprint of the first one."""

    trust: bytes = b""
    fingerprint: str = ""

    def find(self, in_backup: bytes) -> TrustList:
        """Return the list; by fingerprint alone, the one in the backup. Raises `NoAnchorError`, `TrustError`."""
        if self.trust:
            if self.fingerprint:
                return load_first(self.trust, fingerprint=self.fingerprint)
            return load_first_unsafe(self.trust)  # the reader names the file: that is the word it asks for
        if not self.fingerprint:
            raise NoAnchorError(
                "whoever knows the public key can seal a backup; who made this one, only a trust list says"
            )
        return load_first(in_backup, fingerprint=self.fingerprint)


@dataclass(frozen=True, slots=True)
class Proved:
    """A backup that was read and proved, in a place of its own: nothing of it was put anywhere else."""

    folder: Path
    listing: Listing
    settings: str

    @property
    def manifest(self) -> Manifest:
        """What it holds."""
        return self.listing.manifest

    @property
    def about(self) -> About:
        """What it says of itself."""
        return self.manifest.about

    @property
    def node(self) -> Path:
        """The node's files, but for its settings."""
        return self.folder / "node"

    @property
    def store(self) -> Path:
        """The copy of its store."""
        return self.node / "store.sqlite"

    @property
    def authority(self) -> Path | None:
        """The authority's files, if there are some."""
        folder = self.folder / "authority"
        return folder if folder.exists() else None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: where, how old it is in seconds, how many files."""

    about: About
    folder: Path
    age: int
    files: int
    database: bool
    authority: Path | None


def restore_backup(
    path: Path,
    folder: Path,
    key: DeskPrivateKey,
    *,
    anchor: Anchor,
    now: int,
    database: str = "",
    told: Told = lambda _: None,
    faults: Faults = no_faults,
) -> Restored:
    """Put the node in the backup at `path` into `folder`, which is empty or not there.

    Args:
        path: the backup; the folder `files` beside it has what it needs.
        folder: of the node.
        key: the escrow's key, from shares, or a backup key.
        anchor: whom the restorer believes.
        now: unix seconds.
        database: address of an empty database, in place of the one that the settings name.
        told: is told how many bytes more were read.
        faults: called at named points.

    Raises:
        ConfigurationError: something is there already, or the backup is of a newer version.
        NoAnchorError, TrustError, EvidenceError: nobody the restorer believes made it.
        StoreError: it is damaged, sealed to other keys, or the disk does not take it.
    """
    folder = folder.absolute()
    require_nothing_at(folder)
    _require_name_to_give(folder)
    if database:
        _address(database)
    with proved_backup(
        path, key, folder.with_name(f".{folder.name}.restoring"), anchor=anchor, told=told, faults=faults
    ) as proved:
        config = read_config(parse_toml(proved.settings.encode(), "node.toml"), folder)
        url = _address(database) if database else config.store.url
        authority = folder / config.backup.authority if proved.authority is not None else None
        if authority is not None:
            require_nothing_at(authority)
        _bring_ciphertext(proved, config, path.parent / "files")
        if url:
            fill_database(proved.store, url, told)
            proved.store.unlink()
        faults("restore-filled")
        write_mark(proved.node, RestoredMark(proved.about.made, now, proved.about.log_size))
        _put_settings(proved)
        if authority is not None:
            _place_authority(proved, authority, folder)
        faults("restore-authority-named")
        _take_name(proved.node, folder)
        faults("restore-named")
    about = proved.about
    return Restored(about, folder, max(0, now - about.made), len(proved.manifest.files), bool(url), authority)


@contextmanager
def proved_backup(
    path: Path,
    key: DeskPrivateKey,
    staging: Path,
    *,
    anchor: Anchor,
    told: Told = lambda _: None,
    faults: Faults = no_faults,
) -> Iterator[Proved]:
    """Do steps 2 to 4 in `staging`, which is removed in the end; raise as `restore_backup`."""
    header = show_header(path)
    _require_known_schema(header)
    secret = header.open(key)
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise _not_written(staging, error) from error
    settings = bytearray()
    try:
        listing = read_backup(path, secret, lambda found: _writer(staging, found.manifest, settings), told)
        faults("restore-read")
        proved = Proved(staging, listing, settings.decode("utf-8"))
        _prove(proved, anchor)
        require_outside(listing.manifest, path.parent / "files")
        yield proved
    except UnicodeDecodeError:
        raise damaged(SETTINGS) from None
    except OSError as error:
        raise _not_written(staging, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _address(database: str) -> str:
    """Return the address of a server as the driver has it; without this, half of one would mean the local server."""
    scheme, _, place = database.partition("://")
    if scheme.partition("+")[0] not in ("postgresql", "postgres") or not place:
        raise InvalidInputError(
            "not the address of a database on a server",
            where="--database",
            reason="database-address",
            remedy="Write postgresql://NAME@HOST/DATABASE; a password stands in the file that PGPASSFILE names.",
        )
    return f"postgresql+psycopg://{place}"


def require_nothing_at(folder: Path) -> None:
    """Raise `ConfigurationError` unless `folder` is empty or not there."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError(
            "something is there already; nothing is restored over it",
            where=str(folder),
            reason="not-empty",
            remedy="Restore into a new folder, or move away what is there; do not delete it before the node serves.",
        )


def _require_name_to_give(folder: Path) -> None:
    """Refuse before anything is read what would end at the last step: a mounted folder keeps its name."""
    if folder.is_mount() or folder.is_symlink():
        raise ConfigurationError(
            "a disk is mounted there, or it is a link: what is restored cannot take this name",
            where=str(folder),
            reason="mounted",
            remedy="Restore into a new folder inside it; then move all of that up, node.toml last.",
        )


def _require_known_schema(header: Header) -> None:
    if header.about.schema > schema_of_program():
        raise ConfigurationError(
            "the backup was made by a newer version of this program",
            where="backup",
            reason="schema-too-new",
            remedy="Install that version, then restore.",
        )


def _writer(staging: Path, manifest: Manifest, settings: bytearray) -> Sink:
    """Return what writes files to `staging`; settings are kept back, for what has none is no node's folder."""
    manifest.file(SETTINGS)

    def write(name: str, data: bytes) -> None:
        if name == SETTINGS:
            settings.extend(data)
            return
        path = staging / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(data)

    return write


def _prove(proved: Proved, anchor: Anchor) -> None:
    """Steps 3 and 4."""
    trust = anchor.find((proved.node / "trust.json").read_bytes())
    member = trust.member(proved.about.member)
    note = proved.listing.note
    verify_manifest(proved.listing.data, note, [listed.vkey for listed in member.log_keys])
    keys = proved.node / "keys"
    store = FileKeyStore(keys, read_machine_secret(keys, {}))
    log_key, ended = read_log_keys(MachineLogKeys(store))
    for desk in (NODE_DESK, *store.desks()):
        store.public(desk)
    upgrade_copy(proved.store)
    head = read_log(proved.store, log_key, ended)
    if (head.size, head.note) != (proved.about.log_size, proved.manifest.log_head):
        raise damaged("log")


def _bring_ciphertext(proved: Proved, config: NodeConfig, files: Path) -> None:
    """Copy what lies beside the backup to where the settings want it; each file is compared once more."""
    places = ((ATTACHMENTS, config.attachments_path), (ARCHIVE, config.archive_path))
    for entry in (one for one in proved.manifest.files if one.outside):
        prefix, folder = next((p, f) for p, f in places if entry.name.startswith(p))
        if folder.is_relative_to(config.folder):
            folder = proved.node / folder.relative_to(config.folder)
        _bring(files / entry.sha256, folder / entry.name.removeprefix(prefix), entry)


def _bring(source: Path, target: Path, entry: FileEntry) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = target.with_name(f".{target.name}.new")
    temporary.unlink(missing_ok=True)
    with (
        source.open("rb") as old,
        os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new,
    ):
        found = copy_bytes(old, new)
        new.flush()
        os.fsync(new.fileno())
    if found != entry.sha256:
        raise damaged(entry.name)
    temporary.replace(target)
    sync_path(target.parent)


def _put_settings(proved: Proved) -> None:
    replace_file(proved.node / SETTINGS.partition("/")[2], proved.settings.encode("utf-8"))


def _place_authority(proved: Proved, folder: Path, node: Path) -> None:
    assert proved.authority is not None  # asked by the caller
    (proved.authority / AUTHORITY_MARK).touch(mode=0o600)
    if folder.is_relative_to(node):  # it takes its name with the node's own
        folder = proved.node / folder.relative_to(node)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _take_name(proved.authority, folder)


def _take_name(made: Path, folder: Path) -> None:
    """Give what was made its name, on the disk when this returns; an empty folder of that name gives way."""
    for path in (made, *made.rglob("*")):
        sync_path(path)
    made.rename(folder)
    sync_path(folder.parent)


def _not_written(place: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the backup cannot be put back: {error.strerror}", where=str(place), reason="not-restored"
    )
