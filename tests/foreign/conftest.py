"""Software that is not ours, installed once into build/foreign and run as a second opinion.

A script stands beside this file, reads one JSON value from standard input and writes one
to standard output. Packages are pinned in package.json; to change one, edit it there and
run `npm install --package-lock-only` in this folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "foreign"
OLDEST_NODE = 20
NO_NETWORK = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH")

RunScript = Callable[[str, Any], Any]


@pytest.fixture(scope="session")
def run_script() -> RunScript:
    """Return a function that runs a script of this folder: (file name, request) → answer."""
    return make_runner()


def make_runner() -> RunScript:
    """Install the packages once and return the runner; skip with the reason where that cannot be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("foreign checks need Node.js: node and npm are not installed")
    if _major_version(node) < OLDEST_NODE:
        pytest.skip(f"foreign checks need Node.js {OLDEST_NODE} or later")
    _install(npm)

    def run(script: str, request: Any) -> Any:
        done = subprocess.run(
            [node, script],
            cwd=BUILD,
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=420,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=True)
    return int(answer.stdout.lstrip("v").split(".")[0])


def _install(npm: str) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test runs may share the folder
        for script in HERE.glob("*.mjs"):
            _place(script)
        pinned = [HERE / "package.json", HERE / "package-lock.json"]
        wanted = hashlib.sha256(b"".join(path.read_bytes() for path in pinned)).hexdigest()
        stamp = BUILD / "installed"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        for path in pinned:
            shutil.copy2(path, BUILD)
        _run_npm(npm)
        stamp.write_text(wanted)


def _place(script: Path) -> None:
    """Put a script into the folder at once, and only if it changed: another test run may just be reading it."""
    there = BUILD / script.name
    if there.exists() and there.read_bytes() == script.read_bytes():
        return
    shutil.copy2(script, there.with_suffix(".new"))
    there.with_suffix(".new").replace(there)


def _run_npm(npm: str) -> None:
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=BUILD,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )
    if done.returncode and NO_NETWORK.search(done.stderr):
        pytest.skip("foreign checks need a package registry: npm reaches none")
    assert done.returncode == 0, done.stderr
