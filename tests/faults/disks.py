"""Disks of a campaign: each member has one of its own, which can be full or written on no more.

    disk = lend_disk(folder)          # a file system in memory, mounted over the folder; what was in it is there again
    disk.fill(); disk.empty(); disk.forbid_writing(); disk.allow_writing()
    disk.take_back()

Mounting takes root. Where it is not allowed the disk is the machine's own, and a full one is a limit on the size of
the files that the process may write (RLIMIT_FSIZE), by which a write fails as on a full disk; a disk on which nothing
may be written is then a folder without that permission. `Disk.kind` says which it is.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MOUNTED: Final = "mounted"
LIMITED: Final = "limited"
_SOURCE: Final = "tracepost-faults"
_SIZE: Final = "8g"
_TRIES: Final = 20
_CALM_SECONDS: Final = 0.25
_MOUNTS: Final = Path("/proc/mounts")


@dataclass
class Disk:
    """The disk of one member."""

    folder: Path
    kind: str

    def fill(self, pid: int | None) -> None:
        """Leave no room."""
        if self.kind == MOUNTED:
            while not self._remount(f"size={self._used_bytes()}", may_fail=True):
                continue  # more was written meanwhile
        elif pid is not None:
            _limit(pid, 4096)

    def empty(self, pid: int | None) -> None:
        """There is room again."""
        if self.kind == MOUNTED:
            self._remount(f"size={_SIZE}")
        elif pid is not None:
            _limit(pid, resource.RLIM_INFINITY)

    def forbid_writing(self) -> None:
        """Let nobody write. Nobody may have a file open for that: the process is not there."""
        if self.kind == MOUNTED:
            for _ in range(
                _TRIES
            ):  # children of a process that was killed may have files open for some moments yet
                if self._remount("ro", may_fail=True):
                    return
                time.sleep(_CALM_SECONDS)
            self._remount("ro")
        else:
            for path in self._kept():
                path.chmod(0o500 if path.is_dir() else 0o400)

    def allow_writing(self) -> None:
        """Let everybody write again."""
        if self.kind == MOUNTED:
            self._remount("rw")
        else:
            for path in self._kept():
                path.chmod(0o700 if path.is_dir() else 0o600)

    def take_back(self) -> None:
        """Put everything on the machine's own disk, where the checker finds it when the mount is gone."""
        if self.kind == MOUNTED:
            kept = Path(tempfile.mkdtemp(dir=self.folder.parent))
            shutil.copytree(self.folder, kept, dirs_exist_ok=True)
            unmount(self.folder)
            shutil.copytree(kept, self.folder, dirs_exist_ok=True)
            shutil.rmtree(kept)

    def _kept(self) -> list[Path]:
        """Return the folder, with all that is written in it while its member serves."""
        folders = [self.folder, *(path for path in self.folder.rglob("*") if path.is_dir())]
        return [*folders, *self.folder.glob("store.sqlite*"), *self.folder.glob("*.note")]

    def _used_bytes(self) -> int:
        room = os.statvfs(self.folder)
        return max(room.f_blocks - room.f_bfree, 1) * room.f_frsize

    def _remount(self, option: str, *, may_fail: bool = False) -> bool:
        command = ["mount", "-o", f"remount,{option}", str(self.folder)]
        return subprocess.run(command, check=not may_fail, capture_output=True).returncode == 0


def lend_disk(folder: Path) -> Disk:
    """Give a folder a disk of its own, with what is in it; the process of the member is not there."""
    kept = Path(tempfile.mkdtemp(dir=folder.parent))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=0700", _SOURCE, str(folder)]
    try:
        shutil.copytree(folder, kept, dirs_exist_ok=True)
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            return Disk(folder, LIMITED)
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        return Disk(folder, MOUNTED)
    finally:
        shutil.rmtree(kept)


def lend_empty_disk(folder: Path) -> Disk:
    """Give an empty folder a disk of its own, which belongs to whom the folder belongs to."""
    owner = folder.stat()
    option = f"size={_SIZE},mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    mount = ["mount", "-t", "tmpfs", "-o", option, _SOURCE, str(folder)]
    failed = subprocess.run(mount, check=False, capture_output=True).returncode
    return Disk(folder, LIMITED if failed else MOUNTED)


def unmount(folder: Path) -> None:
    """Take a file system away from a folder, whoever uses it still."""
    subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


def unmount_below(folder: Path) -> None:
    """Take away what a campaign that was killed has left mounted."""
    for line in _MOUNTS.read_text("utf-8").splitlines() if _MOUNTS.exists() else ():
        source, place = line.split()[:2]
        if source == _SOURCE and Path(place).is_relative_to(folder):
            unmount(Path(place))


def _limit(pid: int, size: float) -> None:
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (int(size), hard))
