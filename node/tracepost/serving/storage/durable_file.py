"""Small files of secrets, written so that a power cut leaves the old one or the new one, never half.

A temporary file in the same folder, for its owner alone, is written and synced; then it takes
the name, and the folder is synced, for a rename lasts only with its folder. What a cut leaves
beside (`.NAME.….new`, encrypted like the rest) is removed by the next write of that name; so of
two writers of one name at once, one may be refused.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from tracepost.protocol.errors import StoreError
from tracepost.serving.storage.writer import Faults, no_faults

_PROBE_BYTES: Final = 8192


def replace_file(path: Path, data: bytes, faults: Faults = no_faults) -> None:
    """Put `data` at `path`, whole or not at all, and on the disk; raise `StoreError`."""
    _put(path, data, faults, os.replace)


def create_file(path: Path, data: bytes, faults: Faults = no_faults) -> None:
    """Put `data` at `path` like `replace_file`; raise `FileExistsError` if something is there."""
    _put(path, data, faults, os.link)


def sync_path(path: Path) -> None:
    """Put what stands in a file, or the names in a folder, on the disk: a rename lasts only with its folder.

    Raises:
        OSError: it is not there, or the disk does not take it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def takes_writing(folder: Path) -> bool:
    """Say whether a file can be written in `folder` now, by writing one without a name; nothing of it stays."""
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(bytes(_PROBE_BYTES)) == _PROBE_BYTES
    except OSError:
        return False


def find_unwritable(places: Mapping[str, Path]) -> list[str]:
    """Return the names of those folders that are there and in which nothing can be written now."""
    return [name for name, path in places.items() if path.is_dir() and not takes_writing(path)]


def _put(path: Path, data: bytes, faults: Faults, give_name: Callable[[Path, Path], None]) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        _write(temporary, data, faults)
        faults("key-file-written")
        give_name(temporary, path)
        faults("key-file-named")
        _remove_leftovers(path)
        sync_path(path.parent)
    except FileExistsError:
        temporary.unlink()
        raise
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise StoreError(
            f"a key file cannot be written: {error.strerror}", where=path.name, reason="key-file-not-written"
        ) from error
    faults("key-file-kept")


def _write(path: Path, data: bytes, faults: Faults) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        faults("key-file-begun")
        half = len(data) // 2
        # In two pieces, so that the tests can cut the power in the middle.
        for piece in (data[:half], data[half:]):
            write_all(file.fileno(), piece)
            faults("key-file-half-written")
        os.fsync(file.fileno())


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`; raise `OSError` if the disk does not take it."""
    while data:
        data = data[os.write(descriptor, data) :]


def _remove_leftovers(path: Path) -> None:
    for leftover in path.parent.glob(f".{path.name}.*.new"):
        leftover.unlink(missing_ok=True)
