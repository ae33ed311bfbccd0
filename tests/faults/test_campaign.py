"""A short campaign holds every promise; the same with broken builds is caught, each by the rule that it breaks.

The long form is `make faults SECONDS=1800`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from faults.acts.folders import full_folder, read_only_folder
from faults.acts.processes import kill_at, stop_and_continue
from faults.acts.roads import partition_all, reset_connections
from faults.checker import judge, read_record
from faults.disks import MOUNTED, lend_empty_disk, unmount_below
from faults.rules import Record
from faults.run import Campaign, run_campaign
from faults.stage import POSTGRESQL, Stage
from faults.table import Fault

kill_surely_at = partial(kill_at, patience_seconds=120.0)

SHORT = (
    Fault("kill at a write", 1, (0.0, 0.2), kill_surely_at("xab", "before-commit:receive")),
    Fault("kill at a write of the relay", 1, (0.0, 0.2), kill_surely_at("hub", "after-commit:custody")),
    Fault("stop and continue", 1, (0.5, 1.0), stop_and_continue),
    Fault("partition of all", 1, (0.5, 1.0), partition_all),
    Fault("connections reset", 1, (0.0, 0.2), reset_connections),
)
FULL_FOLDER = Fault("full folder of a node", 1, (0.2, 0.5), full_folder, needs_disk=True)
READ_ONLY_FOLDER = Fault("read-only folder of a node", 1, (0.2, 0.5), read_only_folder, needs_disk=True)
BROKEN = {
    "xaa": "replay-without-dedupe+cursor-advanced-on-custody",
    "xab": "head-signed-before-commit",
    "xac": "skipped-log-entry",
    "hub": "receipt-before-commit",
}


@asynccontextmanager
async def cut_off(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
    """An addressee is never reached again."""
    stage.roads.by_name["xac>hub"].cut()
    yield "xac"


REVEALING = (
    # Long enough for mail to it to lie with the relay, which is not there again once it has answered and lost it.
    Fault("an addressee is away", 1, (4.0, 4.0), cut_off),
    Fault("at the sender", 1, (0.0, 0.2), kill_surely_at("xaa", "after-commit:submit")),
    Fault("at the addressee", 1, (0.0, 0.2), kill_surely_at("xab", "before-commit:receive")),
    Fault("at the relay", 1, (0.0, 0.2), kill_surely_at("hub", "before-commit:custody")),
)
"""The moments in which the broken builds do their harm."""


def judged(campaign: Campaign) -> tuple[Record, dict[str, tuple[str, ...]]]:
    """Run a campaign; return its record and what is complained of, by rule."""
    record = read_record(asyncio.run(run_campaign(campaign)))
    return record, {finding.rule.check.__name__: finding.complaints for finding in judge(record)}


def may_mount(folder: Path) -> bool:
    """Say whether members can have file systems of their own: without one, nothing keeps root from writing."""
    place = folder / "place"
    place.mkdir()
    kind = lend_empty_disk(place).kind
    unmount_below(folder)
    return kind == MOUNTED


def test_a_short_campaign_of_faults_breaks_no_promise(tmp_path: Path) -> None:
    """Kills, a standstill, a partition and cut connections, while officers write, answer and read."""
    campaign = Campaign(tmp_path / "short", 5, seed=1, faults=SHORT, pace=0.3, scale=1)
    record, complaints = judged(replace(campaign, in_full=True, least_mail=12))
    assert complaints == {}
    assert len(record.acknowledged) > 10
    assert sum(len(book.received) for book in record.nodes) > 10
    assert any(
        event.data["opened"] for event in record.events if event.verb == "read" and "opened" in event.data
    )


@pytest.fixture(scope="module")
def harm(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """What the checker says of a campaign with broken builds."""
    folder = tmp_path_factory.mktemp("broken") / "campaign"
    campaign = Campaign(folder, 8, seed=1, faults=REVEALING, pace=0.2, broken=BROKEN, scale=1, rest_seconds=6)
    return judged(replace(campaign, in_full=True))[1]


@pytest.mark.parametrize(
    ("broken", "rule", "words"),
    [
        ("receipt-before-commit", "receipts_are_true", "of hub"),
        ("skipped-log-entry", "what_was_shown_is_logged", "xac showed"),
        ("cursor-advanced-on-custody", "delivered_means_receipted", "xaa holds"),
        ("replay-without-dedupe", "nothing_is_applied_twice", "xaa keeps"),
        ("head-signed-before-commit", "no_log_forks", "log of xab"),
    ],
)
def test_a_broken_guarantee_is_caught(
    harm: dict[str, tuple[str, ...]], broken: str, rule: str, words: str
) -> None:
    """Each build with one guarantee broken is told by the rule of that guarantee, and by name."""
    assert [one for one in harm.get(rule, ()) if words in one], (broken, harm)


def test_a_node_whose_database_is_elsewhere_outlives_its_folder(tmp_path: Path) -> None:
    """Its folder is full, then read-only: files are refused and taken again, mail goes on, and nobody helps."""
    faults = (FULL_FOLDER, READ_ONLY_FOLDER) if may_mount(tmp_path) else (FULL_FOLDER,)
    campaign = Campaign(tmp_path / "folders", 5, seed=1, faults=faults, pace=0.3, scale=1, store=POSTGRESQL)
    record, complaints = judged(replace(campaign, in_full=True, least_mail=6))
    assert complaints == {}
    assert len(record.acknowledged) > 5
