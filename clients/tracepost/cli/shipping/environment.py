"""A release as a virtual environment, made of wheels in a folder and of nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tracepost.cli.shipping.manifest import Manifest
from tracepost.cli.words import _
from tracepost.protocol.errors import ConfigurationError

_WHEEL = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)-.*\.whl\Z")
_CLOSED: Final = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PYTHONPATH": ""}
"""No settings of this machine, no index of packages, no modules from elsewhere."""
_ALONE: Final = "-I"
"""Nor modules from the folder that somebody stands in: with `-m` that would be the stick that brought the bundle."""


def make_environment(manifest: Manifest, wheels: Path, folder: Path) -> None:
    """Install a release into a new virtual environment at `folder`, and see that it is complete and starts.

    pip is held to the digests of the manifest, and has no index to ask.

    Raises:
        ConfigurationError: it cannot be made.
    """
    _run([sys.executable, _ALONE, "-m", "venv", str(folder)])
    python = str(folder / "bin" / "python")
    listing = folder / "release.txt"
    listing.write_text("".join(_requirements(manifest)), "ascii")
    options = ["--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--no-index"]
    options += ["--only-binary", ":all:", "--find-links", str(wheels), "--require-hashes"]
    _run([python, _ALONE, "-m", "pip", "install", *options, "--requirement", str(listing)])
    _run([python, _ALONE, "-m", "pip", "check", "--disable-pip-version-check"])
    _run([str(folder / "bin" / "tracepost"), "--version"])


def run_of(folder: Path, *words: str) -> None:
    """Run a command of the release at `folder`; raise `ConfigurationError` if it ends otherwise than with 0."""
    _run([str(folder / "bin" / "tracepost"), *words])


def _requirements(manifest: Manifest) -> list[str]:
    found = ((match, file) for file in manifest.files if (match := _WHEEL.match(file.base)))
    return [f"{one['name']}=={one['version']} --hash=sha256:{file.sha256}\n" for one, file in found]


def _run(command: Sequence[str]) -> None:
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith(("PIP_", "VIRTUAL_"))
    }
    done = subprocess.run(  # noqa: S603 - our own interpreter and programs
        command, env=environment | _CLOSED, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines() or [""]
        raise ConfigurationError(
            _("A step of the installation failed."),
            where=f"{' '.join(command[:5])}: {words[-1]}",
            reason="installation-failed",
            remedy=_("What ran before runs on. Correct what is named and install again."),
        )
