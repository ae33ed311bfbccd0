"""The page about releases does what it says: every command, with real wheels, environments and links, and no index.

Changed on the way: `/opt/tracepost` and `/var/lib/tracepost` are folders of the test, the restart of units that this
machine does not have is `true`, and between the two releases somebody changes the version, as a commit does.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.pages import HOUSE, Command, Shell, follow, read_commands
from tracepost.cli.shipping.building import build_release
from tracepost.cli.shipping.bundle import SIZE_LIMIT_BYTES, peek_manifest, write_bundle
from tracepost.cli.shipping.manifest import sign_manifest
from tracepost.cli.shipping.release_key import open_release_key
from tracepost.node.adapters.sql.migration import all_steps

pytestmark = pytest.mark.timeout(900)  # three environments, each of forty packages

PAGE = HOUSE / "deploy" / "releases.md"
SOURCES = ("proto", "node", "ca", "clients", "README.md", "LICENSE", "requirements.lock")
PASSPHRASE = "a passphrase for releases"
NODE = """
member = "xaa"
domain = "tracepost.example"
[listen]
post = "127.0.0.1:7110"
desk = "127.0.0.1:7111"
[office]
name = "Firearms Tracing Office"
languages = ["en"]
[[desk]]
id = "poc"
point_of_contact = true
"""


class Place:
    """A checkout, a machine and the shell that the page is followed in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shell = Shell(folder)
        for name in SOURCES:
            (folder / name).symlink_to(HOUSE / name)
        (folder / "build").mkdir()
        (HOUSE / "build" / "wheels").mkdir(parents=True, exist_ok=True)
        (folder / "build" / "wheels").symlink_to(HOUSE / "build" / "wheels")
        self.set_version("0.1.0", 1_700_000_000)
        (folder / "release-passphrase").write_text(f"{PASSPHRASE}\n")
        (folder / "release-passphrase").chmod(0o600)
        (folder / "lib" / "node").mkdir(parents=True)
        (folder / "lib" / "node" / "node.toml").write_text(NODE, "utf-8")

    def set_version(self, version: str, time: int) -> None:
        project = (HOUSE / "pyproject.toml").read_text("utf-8")
        changed = re.sub(r'^version = ".*"$', f'version = "{version}"', project, flags=re.MULTILINE)
        (self.folder / "pyproject.toml").write_text(changed, "utf-8")
        self.shell.run(f"export SOURCE_DATE_EPOCH={time}")

    def here(self, command: Command) -> str:
        """Return the command as it is for this folder."""
        if "--thin-for" in command.text:
            self.set_version("0.2.0", 1_700_000_001)
        text = command.text.replace("/opt/tracepost", str(self.folder / "opt"))
        text = text.replace("/var/lib/tracepost", str(self.folder / "lib"))
        return text.replace("systemctl restart tracepost-node", "true")

    @property
    def opt(self) -> Path:
        return self.folder / "opt"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The folder when every command of the page was run."""
    made = Place(tmp_path_factory.mktemp("releases"))
    try:
        for command in read_commands(PAGE.read_text("utf-8")):
            follow(made.shell, PAGE, command, made.here(command))
        yield made
    finally:
        made.shell.close()


def test_every_command_of_the_page_does_what_the_page_says(place: Place) -> None:
    links = [(place.opt / name).readlink().name.partition("+")[0] for name in ("current", "previous")]
    assert links == ["0.1.0", "0.2.0"]


def test_a_release_is_small_enough_and_the_next_one_much_smaller(place: Place) -> None:
    first, second = ((place.folder / name).stat().st_size for name in ("first.bundle", "second.bundle"))
    assert 20_000_000 < first <= SIZE_LIMIT_BYTES
    assert second < 3_000_000  # six minutes at 64 kbit/s


def test_the_same_sources_give_the_same_bytes(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.set_version("0.1.0", 1_700_000_000)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    signer = open_release_key(place.folder / "release-key", PASSPHRASE.encode())
    wheels = place.folder / "build" / "wheels"
    manifest = build_release(place.folder, wheels)
    again = tmp_path / "again.bundle"
    write_bundle(again, sign_manifest(manifest, signer), manifest, wheels)
    assert again.read_bytes() == (place.folder / "first.bundle").read_bytes()


def test_it_has_the_steps_on_the_tables_and_what_the_lock_pins(place: Place) -> None:
    signer = open_release_key(place.folder / "release-key", PASSPHRASE.encode())
    manifest = peek_manifest(place.folder / "first.bundle", [signer.verifier])
    steps = all_steps()
    assert manifest.newest_step == steps[-1].number
    assert manifest.post_steps == tuple(step.number for step in steps if step.is_post)
    lock = (HOUSE / "requirements.lock").read_text("utf-8")
    foreign = [file for file in manifest.files if not file.base.startswith("tracepost-")]
    assert len(foreign) == len(manifest.files) - 1 > 25
    assert [file.base for file in foreign if file.sha256 not in lock] == []


def test_what_is_installed_has_nothing_but_the_release_and_serves_from_its_own_folder(place: Place) -> None:
    installed = place.opt / "current" / "bin" / "python"
    code = "import json, sys, tracepost.node.__main__, tracepost.relay.__main__, psycopg\n"
    code += "print(json.dumps([m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)]))"
    done = subprocess.run([installed, "-I", "-c", code], capture_output=True, text=True, check=True)
    release, base = (place.opt / "current").resolve(), Path(sys.base_prefix).resolve()
    loaded = [Path(name).resolve() for name in json.loads(done.stdout)]
    assert [
        path for path in loaded if not path.is_relative_to(release) and not path.is_relative_to(base)
    ] == []
    asked = subprocess.run(
        [place.opt / "current" / "bin" / "tracepost", "relay", "serve", place.folder / "nothing"],
        capture_output=True,
        check=False,
    )
    assert asked.returncode == 5
