"""A release out of a checkout: wheels of what the lock pins and the package needs, and of the package itself.

Run where the sources are, with what `make setup` installed. The lock gives versions and digests; what the package
needs of it is found by the metadata of what is installed. Wheels are fetched once and checked against the lock each
time. Times in the package's own wheel are that of its sources, so that the same commit gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from tracepost.cli.shipping.manifest import File, Manifest
from tracepost.cli.words import _
from tracepost.protocol.errors import ConfigurationError, UnreachableError

_EXTRAS: Final = ("postgresql", "console", "paper")
_STEP_FILE = re.compile(r".*/adapters/sql/migrations/versions/(\d{4})_(post_)?.*\.py\Z")
_PACKAGE = re.compile(r"\n(?=[A-Za-z0-9])")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def build_release(source: Path, wheels: Path, *, follows: str = "") -> Manifest:
    """Gather the wheels of a release in a folder, and return what it consists of.

    Args:
        source: top of the checkout.
        wheels: folder of wheels; what is there from before and fits the lock is taken.
        follows: release that this one upgrades from in one step.

    Raises:
        ConfigurationError: it is no checkout, or what `make setup` installs is missing.
        UnreachableError: a wheel is not here and cannot be fetched.
    """
    made = _time_of(source)
    pinned = _pinned(source)
    _fetch(pinned, wheels)
    own = _build_wheel(source, wheels, made)
    found = [_file(own), *(_file(path) for path in _fitting(pinned, wheels))]
    newest, posts = _steps(own)
    return Manifest(
        version=own.name.split("-")[1],
        made=made,
        python=this_python(),
        platform=this_platform(),
        follows=follows,
        newest_step=newest,
        post_steps=posts,
        files=tuple(sorted(found, key=lambda file: file.name)),
    )


def this_python() -> str:
    """Return the version of Python that a bundle made here is for."""
    return ".".join(platform.python_version_tuple()[:2])


def this_platform() -> str:
    """Return system and machine that a bundle made here is for."""
    return f"{platform.system()}-{platform.machine()}".lower()


def _time_of(source: Path) -> int:
    """Return the time of the newest commit, or what SOURCE_DATE_EPOCH says where there is none."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if told.isdigit():
        return int(told)
    return int(_run(["git", "-C", str(source), "log", "-1", "--format=%ct"]))


def _pinned(source: Path) -> list[str]:
    """Return the paragraphs of the lock about what the package needs."""
    try:
        project = tomllib.loads((source / "pyproject.toml").read_text("utf-8"))["project"]
        lock = (source / "requirements.lock").read_text("utf-8")
    except (OSError, KeyError) as fault:
        raise ConfigurationError(_("There is no checkout of Tracepost here."), where=str(source)) from fault
    needed = _needed([*project["dependencies"], *(one for extra in _EXTRAS for one in _of(project, extra))])
    return [part for part in _PACKAGE.split(lock) if _plain(re.split(r"[=\s]", part)[0]) in needed]


def _of(project: dict[str, Any], extra: str) -> Iterable[str]:
    found: list[str] = project["optional-dependencies"][extra]
    return found


def _needed(requirements: Iterable[str]) -> set[str]:
    """Return the names of packages that are needed, and of what they need here."""
    from packaging.requirements import Requirement

    todo = [Requirement(one) for one in requirements]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        one = todo.pop()
        key = (_plain(one.name), frozenset(one.extras))
        if key in seen:
            continue
        seen.add(key)
        inner = (Requirement(text) for text in metadata.requires(one.name) or ())
        todo += [
            need
            for need in inner
            if need.marker is None
            or any(need.marker.evaluate({"extra": extra}) for extra in ("", *one.extras))
        ]
    return {name for name, _extras in seen}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _fetch(pinned: list[str], wheels: Path) -> None:
    """Have a wheel of every pinned package in `wheels`."""
    wheels.mkdir(parents=True, exist_ok=True)
    if len(_fitting(pinned, wheels)) == len(pinned):
        return
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listing:
        listing.write("\n".join(pinned) + "\n")
        listing.flush()
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
        options += ["--require-hashes", "--requirement", listing.name, "--dest", str(wheels)]
        try:
            _run([sys.executable, "-m", "pip", "download", *options])
        except ConfigurationError as fault:
            raise UnreachableError(
                _("Not every package of the lock could be fetched."), where=fault.where
            ) from fault
    if len(_fitting(pinned, wheels)) != len(pinned):
        raise ConfigurationError(_("Not every package of the lock has a wheel."), where=str(wheels))


def _fitting(pinned: Iterable[str], wheels: Path) -> list[Path]:
    """Return the wheels whose digests stand in the lock, one for each package."""
    known = {digest: number for number, part in enumerate(pinned) for digest in _HASH.findall(part)}
    found: dict[int, Path] = {}
    for path in sorted(wheels.glob("*.whl")):
        number = known.get(_file(path).sha256)
        if number is not None:
            found.setdefault(number, path)
    return list(found.values())


def _build_wheel(source: Path, wheels: Path, made: int) -> Path:
    """Build the package's own wheel and put it into `wheels`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        _run(command, folder=source, SOURCE_DATE_EPOCH=str(made))
        built = next(Path(folder).glob("*.whl"))
        return Path(shutil.copy(built, wheels))


def _steps(wheel: Path) -> tuple[str, tuple[str, ...]]:
    """Return the newest step on the tables that a wheel of the package holds, and all post steps."""
    with zipfile.ZipFile(wheel) as archive:
        found = [match for name in archive.namelist() if (match := _STEP_FILE.match(name))]
    return max(one[1] for one in found), tuple(sorted(one[1] for one in found if one[2]))


def _file(path: Path) -> File:
    data = path.read_bytes()
    return File(f"wheels/{path.name}", hashlib.sha256(data).hexdigest(), len(data))


def _run(command: list[str], folder: Path | None = None, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter and git, no words of others
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        raise ConfigurationError(
            _("A tool that makes the bundle failed."),
            where=f"{Path(command[0]).name} {command[2] if command[1] == '-m' else command[1]}: {last}",
            remedy=_("Run this in a checkout after make setup."),
        )
    return done.stdout


def needed_digests(manifests: Iterable[Manifest]) -> Iterator[str]:
    """Yield the digests of files that readers of these releases have."""
    for manifest in manifests:
        yield from (file.sha256 for file in manifest.files)
