"""Builds the image and runs a node and a relay in it, where buildah and mmdebstrap are: no engine, no registry.

    make image                    Debian: apt-get install buildah mmdebstrap; as root

The base is a minimal Debian with the Python of this machine's bundle, made of Debian's packages; the image is made by
`deploy/Containerfile` out of a bundle of this checkout. Then both daemons are started in it as uid 10001 on folders
with their keys, become ready, exchange papers, are asked to leave and end with 0.

buildah isolates by chroot here. What an engine adds is not tried: a read-only root, dropped capabilities, networks.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fakes.town import POC, Town, found_town, until
from tracepost.cli.shipping.building import build_release
from tracepost.cli.shipping.bundle import write_bundle
from tracepost.cli.shipping.manifest import sign_manifest
from tracepost.protocol.evidence import generate_note_key

HOUSE: Final = Path(__file__).resolve().parents[2]
TOOLS: Final = ("buildah", "mmdebstrap")
SUITES: Final = {"3.11": "bookworm", "3.13": "trixie"}
"""Debian's release for each version of Python."""
BASE, IMAGE = "localhost/tracepost-base", "localhost/tracepost"
USER: Final = 10001
PATIENCE_SECONDS: Final = 60.0


class Builder:
    """buildah with a store of its own below a folder."""

    def __init__(self, folder: Path) -> None:
        self._command = [
            "buildah",
            "--storage-driver",
            "vfs",
            f"--root={folder}/store",
            f"--runroot={folder}/run",
        ]

    def run(self, *arguments: str | Path) -> str:
        done = subprocess.run(
            [*self._command, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout.strip()

    def start(self, container: str, folder: Path, *words: str) -> subprocess.Popen[bytes]:
        options = ["--isolation", "chroot", "--user", f"{USER}:{USER}", "-v", f"{folder}:/var/lib/tracepost"]
        command = [
            *self._command,
            "run",
            *options,
            container,
            "--",
            "tracepost",
            *words,
            "/var/lib/tracepost",
        ]
        return subprocess.Popen(command)


@dataclass
class Contained:
    """A daemon in a container."""

    name: str
    pages: int
    process: subprocess.Popen[bytes]

    def is_ready(self) -> bool:
        """Ask the page that probes ask."""
        assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.pages}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def innermost(self) -> int:
        """Return the process of the daemon itself, behind those of buildah."""
        found = self.process.pid
        while children := _children(found):
            found = children[0]
        return found

    def owner(self) -> int:
        """Return as whom it runs."""
        return Path(f"/proc/{self.innermost()}").stat().st_uid

    def leave(self) -> int:
        """Ask it to leave; return what it ended with."""
        os.kill(self.innermost(), signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


def _children(process: int) -> list[int]:
    """Return what any thread of a process has started."""
    lists = (path.read_text("ascii") for path in Path(f"/proc/{process}/task").glob("*/children"))
    return [int(one) for line in lists for one in line.split()]


def make_base(out: Path, builder: Builder, python: str) -> None:
    """Make the base out of Debian's packages, once."""
    root = out / f"base-{python}.tar"
    if not root.exists():
        packages = "--include=python3,python3-venv,ca-certificates"
        draft = root.with_suffix(".part.tar")
        subprocess.run(["mmdebstrap", "--variant=minbase", packages, SUITES[python], str(draft)], check=True)
        draft.rename(root)
    (out / "Base").write_text(f'FROM scratch\nADD {root.name} /\nCMD ["/bin/sh"]\n', "ascii")
    builder.run("bud", "--isolation", "chroot", "--tag", BASE, "--file", out / "Base", out)


def make_image(out: Path, builder: Builder) -> None:
    """Make a bundle of this checkout, and the image out of it."""
    context = out / "context"
    wheels = HOUSE / "build" / "wheels"
    manifest = build_release(HOUSE, wheels)
    make_base(out, builder, manifest.python)
    key = generate_note_key("image.example")
    size = write_bundle(
        context / "build" / "tracepost.bundle", sign_manifest(manifest, key), manifest, wheels
    )
    (context / "build" / "release.vkey").write_text(f"{key.vkey}\n", "ascii")
    sys.stdout.write(f"bundle {manifest.release}: {size / 1e6:.1f} MB\n")
    file = HOUSE / "deploy" / "Containerfile"
    builder.run(
        "bud", "--isolation", "chroot", "--build-arg", f"BASE={BASE}", "--tag", IMAGE, "--file", file, context
    )


def make_town(folder: Path) -> Town:
    """Make the folders of a node and a relay, of the image's user."""
    shutil.rmtree(folder, ignore_errors=True)
    town = found_town(folder, {"xaa": [POC]}, "hub", metrics=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, USER, USER)
    return town


async def run_both(out: Path, builder: Builder) -> None:
    """Start a node and a relay in the image, look at them, and let them leave."""
    town = make_town(out / "town")
    contained = []
    try:
        for name, kind in (("hub", "relay"), ("xaa", "node")):
            container = builder.run("from", "--pull-never", IMAGE)
            process = builder.start(container, town.place(name), kind, "serve")
            one = Contained(name, town.residents[name].ports.metrics, process)
            contained.append(one)
            await until(one.is_ready, f"{name} to be ready", PATIENCE_SECONDS)
            assert one.owner() == USER
            sys.stdout.write(f"{name}: ready, as uid {USER}\n")
        for one in reversed(contained):
            code = one.leave()
            assert code == 0, f"{one.name} ended with {code}"
            sys.stdout.write(f"{one.name}: left with 0\n")
    finally:
        for one in contained:
            if one.process.poll() is None:
                os.kill(one.innermost(), signal.SIGKILL)


def main(arguments: Sequence[str]) -> int:
    """Build and run; return the exit code."""
    parser = argparse.ArgumentParser(prog="image", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/image"))
    out = parser.parse_args(arguments).out.resolve()
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        sys.stdout.write(f"NOT RUN: this needs root and {', '.join(missing or TOOLS)} (Debian has them).\n")
        return 2
    out.mkdir(parents=True, exist_ok=True)
    builder = Builder(out)
    make_image(out, builder)
    asyncio.run(run_both(out, builder))
    sys.stdout.write("The image was built and ran.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
