"""The folder that releases are installed into: one beside the other, and one of them is current.

    wheels/             files of releases, whole and checked
    versions/RELEASE/   a virtual environment; its manifest.json is written last, and without it the folder is nothing
    current             link to the release that serves
    previous            link to the one before
    release.vkey        key whose releases are believed
    nodes               folders of the nodes that are served from here, one in a line

Whatever is cut off in the middle is done again by the next try: a link is exchanged in one step, and names only
what is complete. So the machine has a release that serves at every moment.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracepost.cli.shipping.bundle import MANIFEST_NAME, is_whole
from tracepost.cli.shipping.manifest import File, Manifest, parse_manifest
from tracepost.cli.words import _
from tracepost.protocol.errors import (
    BundleError,
    BusyError,
    ConfigurationError,
    InvalidInputError,
    NotFoundError,
)

CURRENT: Final = "current"
PREVIOUS: Final = "previous"
_KEY: Final = "release.vkey"
_NODES: Final = "nodes"

Faults = Callable[[str], None]
"""Called at each point between two lasting steps; tests raise there."""

Fill = Callable[[Manifest, Path, Path], None]
"""Makes a release of a manifest and the folder of wheels at a path; raises if it does not come about."""


def no_faults(_: str) -> None:
    """Do nothing: production."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A release that is here, and which links name it."""

    manifest: Manifest
    is_current: bool
    is_previous: bool


class Versions:
    """A folder of releases. One process at a time changes it: see `held`."""

    def __init__(self, folder: Path, fill: Fill, faults: Faults = no_faults) -> None:
        self.folder = folder
        self._fill = fill
        self._faults = faults

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from changing the folder, and let all read what is put there; raise `BusyError` if one does."""
        mask = os.umask(0o022)  # root's may be 077, and the daemons are not root
        try:
            with self._locked():
                yield
        finally:
            os.umask(mask)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o755)
            lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as fault:
            raise InvalidInputError(_("The folder cannot be written."), where=str(self.folder)) from fault
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as fault:
            raise BusyError(_("Somebody installs here at this moment."), where=str(self.folder)) from fault
        finally:
            os.close(lock)

    @property
    def wheels(self) -> Path:
        """Where files of releases lie."""
        return self.folder / "wheels"

    @property
    def current(self) -> Manifest | None:
        """The release that serves."""
        return self._at(CURRENT)

    @property
    def previous(self) -> Manifest | None:
        """The release before."""
        return self._at(PREVIOUS)

    @property
    def key(self) -> str:
        """The key that was believed last; empty if none was."""
        return self._read(_KEY).strip()

    @property
    def nodes(self) -> tuple[Path, ...]:
        """The folders of nodes that are served from here."""
        return tuple(map(Path, self._read(_NODES).splitlines()))

    def remember(self, key: str, nodes: Sequence[Path]) -> None:
        """Keep the key for the next time, and folders of nodes beside those that are known."""
        known = dict.fromkeys([*self.nodes, *(node.resolve() for node in nodes)])
        self._write(_KEY, f"{key}\n")
        self._write(_NODES, "".join(f"{node}\n" for node in known))

    def place(self, manifest: Manifest) -> Path:
        """Return where a release is, or will be."""
        return self.folder / "versions" / manifest.release

    def listed(self) -> list[Installed]:
        """Return all releases that are complete here, the newest first."""
        current, previous = self.current, self.previous
        found = [self._manifest(path) for path in (self.folder / "versions").glob("*/")]
        here = sorted((one for one in found if one is not None), key=lambda one: one.made, reverse=True)
        return [Installed(one, one == current, one == previous) for one in here]

    def keep(self, file: File, pieces: Iterator[bytes]) -> None:
        """Take a file of a release in; what is here already is read to its end and left."""
        self.wheels.mkdir(exist_ok=True)
        if is_whole(file, self.wheels):
            for _piece in pieces:
                pass
            return
        draft = self.wheels / f".{file.base}.part"
        with draft.open("wb") as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        self._faults("file-written")
        draft.replace(self.wheels / file.base)
        _sync(self.wheels)

    def prepare(self, manifest: Manifest) -> Path:
        """Make a release complete beside those that are here; return where it is."""
        place = self.place(manifest)
        if self._manifest(place) is not None:
            return place
        for file in manifest.files:
            if not is_whole(file, self.wheels):
                raise BundleError(where=file.base, reason="files-missing")
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(exist_ok=True)
        self._faults("begun")
        self._fill(manifest, self.wheels, place)
        self._faults("filled")
        for path in place.rglob("*"):  # written by other programs, which do not sync
            if not path.is_symlink():
                _sync(path)
        self._write_at(place / MANIFEST_NAME, manifest.to_json())
        _sync(place.parent)
        self._faults("complete")
        return place

    def make_current(self, manifest: Manifest) -> None:
        """Let a complete release be the one that serves; the one that did is the one before."""
        if self._manifest(self.place(manifest)) is None:
            raise NotFoundError(where=manifest.release)
        before = self.current
        if before == manifest:
            return
        if before is not None:
            self._link(PREVIOUS, before)
            self._faults("previous-linked")
        self._link(CURRENT, manifest)
        self._faults("current-linked")

    def put_back(self, current: Manifest, previous: Manifest | None) -> None:
        """Let the links name what they named before the last exchange."""
        self._link(CURRENT, current)
        if previous is not None:
            self._link(PREVIOUS, previous)
        else:
            (self.folder / PREVIOUS).unlink(missing_ok=True)
            _sync(self.folder)

    def tidy(self) -> None:
        """Remove releases that no link names, and files that no release here needs."""
        kept = [one.manifest for one in self.listed() if one.is_current or one.is_previous]
        places = {self.place(one) for one in kept}
        for path in (self.folder / "versions").glob("*/"):
            if path not in places:
                (path / MANIFEST_NAME).unlink(missing_ok=True)
                shutil.rmtree(path, ignore_errors=True)
        needed = {file.base for one in kept for file in one.files}
        for path in self.wheels.iterdir():
            if path.name not in needed:
                path.unlink()

    def _at(self, link: str) -> Manifest | None:
        path = self.folder / link
        return self._manifest(path) if path.is_symlink() else None

    def _manifest(self, place: Path) -> Manifest | None:
        try:
            return parse_manifest((place / MANIFEST_NAME).read_bytes())
        except FileNotFoundError:
            return None
        except BundleError as fault:
            raise ConfigurationError(
                _("The installation is damaged."), where=str(place), reason="installation-damaged"
            ) from fault

    def _link(self, name: str, manifest: Manifest) -> None:
        draft = self.folder / f".{name}.new"
        draft.unlink(missing_ok=True)
        draft.symlink_to(Path("versions") / manifest.release)
        draft.replace(self.folder / name)
        _sync(self.folder)

    def _read(self, name: str) -> str:
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else ""

    def _write(self, name: str, text: str) -> None:
        if self._read(name) != text:
            self._write_at(self.folder / name, text.encode("utf-8"))

    def _write_at(self, path: Path, data: bytes) -> None:
        draft = path.with_name(f".{path.name}.new")
        with draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
        _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
