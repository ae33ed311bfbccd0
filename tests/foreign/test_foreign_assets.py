"""The console's style sheets and scripts are what the pinned packages make: nothing was changed by hand."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from foreign.conftest import NO_NETWORK

HOUSE = Path(__file__).resolve().parents[2]
SOURCE, KEPT = HOUSE / "clients" / "assets", HOUSE / "clients" / "tracepost" / "console" / "assets"

pytestmark = pytest.mark.foreign


def test_assets_are_what_the_pinned_packages_make(tmp_path: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("foreign checks need Node.js: node and npm are not installed")
    for name in ("package.json", "package-lock.json"):
        shutil.copy2(SOURCE / name, tmp_path)
    installed = run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], tmp_path)
    if installed.returncode and NO_NETWORK.search(installed.stderr):
        pytest.skip("foreign checks need a package registry: npm reaches none")
    assert installed.returncode == 0, installed.stderr
    made = run(
        [node, str(SOURCE / "build.mjs"), str(tmp_path / "node_modules"), str(tmp_path / "out")], tmp_path
    )
    assert made.returncode == 0, made.stderr
    assert digests(tmp_path / "out") == digests(KEPT), "make assets"


def test_no_mark_of_anybody_and_no_address_of_anybody_is_in_them() -> None:
    for path in KEPT.iterdir():
        text = path.read_text("utf-8").lower()
        for foreign in ("gds transport", "crest", "url(", "@import", "@font-face"):
            assert foreign not in text, (path.name, foreign)


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=420, check=False)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
