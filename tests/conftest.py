"""Settings of the whole test run."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import tracepost.serving  # noqa: F401 - before anybody imports grpc: it leaves TLS 1.3 only
from fakes.postgres import Databases, serve

# How long an example takes, or its making, says how busy the machine is, and nothing of the product. Each run has the
# same examples; `make explore` looks for others.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", _UNHURRIED)
settings.register_profile("tracepost", _UNHURRIED, derandomize=True, database=None)
settings.load_profile("tracepost")

# Whoever runs the tests in another language sees them compare English words.
os.environ["TRACEPOST_LANGUAGE"] = "en"

# What tests write outlives the processes that they kill in memory as well as on a disk, and costs no sync there.
_MEMORY, _MEMORY_WANTED = Path("/dev/shm"), 4 << 30
if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_WANTED:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

LONGEST_FIRST = (
    "acceptance/test_console_demonstration.py",
    "acceptance/test_console_pages.py",
    "acceptance/test_console.py",
    "integration/test_console_writing.py",
    "acceptance/test_kill_points.py",
    "acceptance/test_canaries_in_console.py",
    "acceptance/test_canaries_at_desks.py",
    "acceptance/test_canaries.py",
    "acceptance/test_denied_bytes.py",
    "integration/test_runbook.py",
    "integration/test_pages.py",
    "integration/test_console_panel.py",
    "integration/test_console_printing.py",
    "integration/test_console_checks.py",
    "integration/test_console_case_messages.py",
    "integration/test_console_keyboard.py",
    "acceptance/test_console_words.py",
    "integration/test_console_deputies.py",
    "integration/test_releases.py",
    "integration/test_releases_page.py",
    "acceptance/test_upgrade.py",
    "contracts/test_survival.py",
    "faults/test_campaign.py",
    "integration/test_slow_line.py",
    "integration/test_policies.py",
    "acceptance/test_restore.py",
    "integration/test_bench_smoke.py",
    "acceptance/test_demo.py",
    "acceptance/test_demo_channels.py",
    "acceptance/test_attachments.py",
    "acceptance/test_failover.py",
    "acceptance/test_postgresql.py",
    "integration/test_several_processes.py",
    "integration/test_sdk_testing.py",
    "unit/test_cli_founding.py",
    "acceptance/test_lost_relay.py",
    "integration/test_console_inside.py",
    "integration/test_log_served.py",
    "contracts/test_several_processes.py",
    "integration/test_doctor_machine.py",
    "integration/test_watch.py",
)
"""Files that take long. A file runs on one worker: one that came last would let the others wait for it."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what is loaded out of every search for garbage, as the daemons do: it stays, and is a million objects."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes long begin first."""
    tests = Path(__file__).parent
    ranks = {tests / name: rank for rank, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Databases of a real PostgreSQL; a run without any fails (`fakes.postgres`)."""
    with serve() as databases:
        yield databases
