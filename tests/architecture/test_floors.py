"""The floors hold, and each contract is proved by a planted import that breaks it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
ROOTS = ("proto", "node", "ca", "clients")

PLANTED = {
    "floors": ("node/tracepost/relay/planted.py", "import tracepost.node.gate"),
    "pure": ("proto/tracepost/protocol/planted.py", "import time"),
    "blind": ("node/tracepost/relay/planted.py", "import tracepost.protocol.statement"),
    "clients": ("clients/tracepost/sdk/planted.py", "import tracepost.serving.server"),
    "node": ("node/tracepost/node/handlers/planted.py", "import tracepost.node.bootstrap"),
    "rooms": (
        "node/tracepost/node/handlers/case/planted.py",
        "import tracepost.node.handlers.sending.sending",
    ),
}

OPEN_TO_THE_RELAY = {
    "tracepost.protocol": {
        "announced", "certificate", "envelope", "errors", "evidence", "identity", "ids", "passing", "pouch", "problems",
        "revocation", "settings", "trustlist",
    },
    "tracepost.wire.v1": {
        "envelope_pb2", "options_pb2", "post_pb2", "post_pb2_grpc", "pouch_pb2", "pouch_pb2_grpc", "witness_pb2",
        "witness_pb2_grpc",
    },
}  # fmt: skip
"""Who carries mail needs these; all other modules of these packages are closed to the relay, also future ones."""


def run_linter(house: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(house / root) for root in ROOTS)}
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(linter), "--config", str(house / "pyproject.toml"), "--no-cache"],
        cwd=house, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def copied_house(tmp_path: Path) -> Path:
    for root in ROOTS:
        shutil.copytree(HOUSE / root / "tracepost", tmp_path / root / "tracepost")
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_floors_hold() -> None:
    result = run_linter(HOUSE)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_planted_import_breaks_its_contract(contract: str, copied_house: Path) -> None:
    place, line = PLANTED[contract]
    (copied_house / place).write_text(f'"""Planted."""\n\n{line}\n')
    result = run_linter(copied_house)
    assert result.returncode == 1, result.stdout
    assert "planted" in result.stdout


@pytest.mark.parametrize("package", OPEN_TO_THE_RELAY)
def test_the_relay_is_blind_to_every_module_that_is_not_named_here(package: str) -> None:
    contracts = tomllib.loads((HOUSE / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [blind] = [one for one in contracts if one["id"] == "blind"]
    folder = HOUSE / "proto" / package.replace(".", "/")
    modules = {one.stem for one in folder.iterdir() if one.suffix == ".py" or (one / "__init__.py").exists()}
    closed = modules - OPEN_TO_THE_RELAY[package] - {"__init__"}
    assert {f"{package}.{module}" for module in closed} <= set(blind["forbidden_modules"])


def test_no_root_folder_is_an_import_package() -> None:
    for root in ROOTS:
        assert not (HOUSE / root / "__init__.py").exists()
        assert not (HOUSE / root / "tracepost" / "__init__.py").exists()
