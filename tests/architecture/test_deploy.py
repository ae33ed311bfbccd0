"""What `deploy/` names exists: commands, files, ports. Nothing here starts a container or a unit."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tracepost.protocol.errors import ConfigurationError

HOUSE = Path(__file__).resolve().parents[2]
DEPLOY = HOUSE / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TRACEPOST = Path(sys.executable).with_name("tracepost")


def read_unit(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read(path)
    return unit


def usage_holds(words: list[str], folder: Path) -> bool:
    """Return whether the command takes these arguments; there is nothing to serve in an empty folder."""
    moved = [re.sub(r"/var/lib/tracepost|%d|/run/secrets", str(folder), word) for word in words]
    done = subprocess.run([str(TRACEPOST), *moved], capture_output=True, timeout=60, check=False)
    return done.returncode == ConfigurationError.exit_code


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_a_command_that_takes_its_arguments_as_nobody_special(
    path: Path, tmp_path: Path
) -> None:
    service = read_unit(path)["Service"]
    words = service["ExecStart"].split()
    assert words[0].endswith("/tracepost")
    assert usage_holds(words[1:], tmp_path)
    assert service["User"] == "tracepost"
    assert service["NoNewPrivileges"] == "yes"


def test_there_is_a_unit_for_node_relay_and_authority() -> None:
    assert {path.stem for path in UNITS} == {"tracepost-node", "tracepost-relay", "tracepost-ca"}


def test_every_command_of_the_compose_file_takes_its_arguments(tmp_path: Path) -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    commands = [json.loads(line) for line in re.findall(r"command: (\[.*\])", text)]
    assert len(commands) == 3
    assert all(usage_holds(command, tmp_path) for command in commands)


def test_the_containerfile_copies_what_there_is() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for name in line.split():
            assert (HOUSE / name).exists(), name
