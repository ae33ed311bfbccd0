"""What belongs to a node beside its store: settings, keys, papers, attachments, archives, and an authority's folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracepost.node.adapters.machine import CREDENTIAL, FILE
from tracepost.node.config import NodeConfig
from tracepost.node.installation import CONFIG_NAME
from tracepost.protocol.errors import ConfigurationError

STORE: Final = "node/store.sqlite"
SETTINGS: Final = f"node/{CONFIG_NAME}"
ATTACHMENTS: Final = "node/attachments/"
ARCHIVE: Final = "node/archive/"
AUTHORITY: Final = "authority/"
_DATABASES: Final = (".db", ".sqlite")
_FOLDERS: Final = ("keys", "requests")


def small_files(config: NodeConfig, environ: Mapping[str, str]) -> dict[str, bytes]:
    """Return settings, keys and papers by their names in a backup; each was written whole, and is read whole.

    The machine's secret is among them, also where systemd gives it: the keys of a node open with it only, and
    the backup to nobody but who holds its key.
    """
    folder = config.folder
    paths = [folder / CONFIG_NAME, config.trust_path]
    paths += [path for name in _FOLDERS for path in _visible(folder / name)]
    found = {f"node/{path.relative_to(folder)}": path.read_bytes() for path in paths if path.exists()}
    credential = Path(environ.get("CREDENTIALS_DIRECTORY", "")) / CREDENTIAL
    if "CREDENTIALS_DIRECTORY" in environ and credential.exists():
        found[f"node/keys/{FILE}"] = credential.read_bytes()
    if f"node/keys/{FILE}" not in found:
        raise ConfigurationError(
            "the machine secret is not here, and without it the keys in a backup open nowhere",
            where=CREDENTIAL,
            reason="machine-secret",
            remedy=f"Pass the credential {CREDENTIAL} to this command too, as the unit tracepost-backup does.",
        )
    return found


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """A file that is encrypted where it lies: its name in a backup, where it is, its SHA-256 and size."""

    name: str
    path: Path
    sha256: str
    size: int


def attachments(config: NodeConfig) -> Iterator[Ciphertext]:
    """Yield the attachments that are here whole: each is named by the SHA-256 of its ciphertext."""
    folder = config.attachments_path
    for path in _visible(folder):
        if len(path.name) == 64 and set(path.name) <= set("0123456789abcdef"):
            yield Ciphertext(f"{ATTACHMENTS}{path.relative_to(folder)}", path, path.name, path.stat().st_size)


def archives(config: NodeConfig, named: Mapping[str, str]) -> Iterator[Ciphertext]:
    """Yield the archives that the copy of the store names, `named` by file with their SHA-256."""
    for name, sha256 in named.items():
        path = config.archive_path / name
        yield Ciphertext(f"{ARCHIVE}{name}", path, sha256, path.stat().st_size)


def authority_files(folder: Path) -> tuple[dict[str, bytes], dict[str, Path]]:
    """Return the files of an authority's folder, and its databases, which are copied as such."""
    small: dict[str, bytes] = {}
    databases: dict[str, Path] = {}
    for path in _visible(folder):
        name = f"{AUTHORITY}{path.relative_to(folder)}"
        if path.suffix in _DATABASES:
            databases[name] = path
        elif not path.name.endswith(("-wal", "-shm", "-journal")):
            small[name] = path.read_bytes()
    return small, databases


def _visible(folder: Path) -> Iterator[Path]:
    """Yield all files below `folder` but hidden ones, in order: those are locks, and what is being written."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and not path.is_symlink():
            yield path
