"""An upgrade under load: nodes of older commits and of this one talk while one after the other is replaced.

The older programs are what git has: the sources as the newest commit before these has them, and those before the
newest step on the tables. Each runs as a process that loads nothing but its own sources. Officers write, answer and
read all the time; whoever is replaced is asked to leave (SIGTERM), its store is brought up to date, and the program
of this tree takes its place; one goes back to the program before, and forth again. Afterwards the checker of the
fault suite judges history and stores: nothing is lost, nothing happened twice, no log forked.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes.town import until
from faults.checker import judge, read_record
from faults.history import HISTORY, Phase, read_history
from faults.load import Load
from faults.rules import Record
from faults.stage import HUB, NODES, POSTGRESQL, SQLITE, Stage, open_stage
from tracepost.cli.demonstration.processes import DaemonProcess
from tracepost.node.installation import migrate_store

HOUSE = Path(__file__).parents[2]
SOURCES = ("proto", "node", "ca", "clients")
STEPS = "node/tracepost/node/adapters/sql/migrations/versions"
BOTH_WAYS = {("xaa", "xac"), ("xac", "xaa"), ("xab", "xac"), ("xac", "xab")}
"""Who must have answered whom before the first is replaced: older programs and this one."""

LOADED = """
import sys, tracepost.node.__main__, tracepost.relay.__main__
print(*(one.__file__ for name, one in sys.modules.items() if name.startswith("tracepost.") and one.__file__), sep="\\n")
"""


@dataclass(frozen=True)
class Older:
    """A program as a commit has it."""

    commit: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process load it."""
        return {"PYTHONPATH": os.pathsep.join(str(self.folder / part) for part in SOURCES)}

    def require_alone(self) -> None:
        """Insist that a process of it loads no module of any other tree."""
        done = subprocess.run(
            [sys.executable, "-c", LOADED],
            env=os.environ | self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        strangers = [line for line in done.stdout.split() if not Path(line).is_relative_to(self.folder)]
        assert strangers == []


class OlderProcess(DaemonProcess):
    """A daemon of an older program, started as its operator does."""

    def __init__(self, older: Older, kind: str, settings: Path, log: Path) -> None:
        named = [str(settings)] if kind == "node" else ["--config", str(settings)]
        super().__init__(kind, ["-m", f"tracepost.{kind}", "serve", *named], log, f"{kind}-serves")
        self._older = older

    async def start(self, environment: Mapping[str, str] | None = None) -> float:
        return await super().start({**(environment or {}), **self._older.environment})


def git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=HOUSE, capture_output=True, check=False)
    assert done.returncode == 0, f"the history is needed, for the version before: {done.stderr.decode()}"
    return done.stdout


def commit_before() -> str:
    """Return the newest commit whose program differs from the one of this tree."""
    for commit in git("log", "-20", "--format=%H", "--", *SOURCES).decode().split():
        if git("diff", "--name-only", commit, "--", *SOURCES):
            return commit
    raise AssertionError("the history has no commit before this one: fetch more of it")


def commit_before_newest_step() -> str:
    """Return the commit before the one that added the newest step on the tables."""
    newest = git("log", "-1", "--diff-filter=A", "--format=%H", "--", STEPS).decode().strip()
    return git("rev-parse", f"{newest}^").decode().strip()


def check_out(commit: str, folder: Path) -> Older:
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", commit, *SOURCES))) as archive:
        archive.extractall(folder, filter="data")
    older = Older(commit, folder)
    older.require_alone()
    return older


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Older:
    return check_out(commit_before(), tmp_path_factory.mktemp("before"))


@pytest.fixture(scope="module")
def before_step(tmp_path_factory: pytest.TempPathFactory) -> Older:
    return check_out(commit_before_newest_step(), tmp_path_factory.mktemp("before-step"))


class Upgrade:
    """An upgrade of a stage whose members begin with older programs."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._new: dict[str, DaemonProcess] = {}

    def begin_with(self, older: Older, member: str) -> None:
        """Let a member be of an older program."""
        kind = "relay" if member == HUB else "node"
        settings = self._stage.place(member) / f"{kind}.toml"
        self._new[member] = self._stage.processes[member]
        self._stage.processes[member] = OlderProcess(older, kind, settings, self._stage.logs(member))

    async def replace(self, member: str) -> None:
        """Ask a member's process to leave, and start this program in its place."""
        code = await self._stage.processes[member].stop()
        assert code == 0, f"{member} did not drain"
        self._stage.processes[member] = self._new.pop(member)
        await self._stage.start(member)
        self._stage.history.note(member, "replaced")

    async def take_back(self, older: Older, member: str) -> None:
        """Let an older program serve again, on what this one has made of the store."""
        assert await self._stage.processes[member].stop() == 0
        self.begin_with(older, member)
        await self._stage.start(member)
        self._stage.history.note(member, "taken-back")

    async def talk(self) -> None:
        """Wait until older programs and this one have answered one another."""
        await until(lambda: self._answered() >= BOTH_WAYS, "answers both ways")

    async def talk_on(self) -> None:
        """Wait until more was written everywhere, by whichever programs there are now."""
        seen = self._written()
        await until(lambda: all(self._written()[one] > seen[one] + 1 for one in NODES), "more mail")

    def _written(self) -> Counter[str]:
        events = read_history(self._stage.folder / HISTORY)
        return Counter(
            one.member for one in events if one.verb == "submit" and one.phase is Phase.ACKNOWLEDGED
        )

    def _answered(self) -> set[tuple[str, str]]:
        events = read_history(self._stage.folder / HISTORY)
        said = {
            one.call: (one.member, one.data["to"]) for one in events if one.data.get("kind") == "response"
        }
        written = {one.call for one in events if one.phase is Phase.ACKNOWLEDGED}
        return {pair for call, pair in said.items() if call in written}


def judged(folder: Path) -> Record:
    record = read_record(folder)
    assert {one.rule.check.__name__: one.complaints for one in judge(record)} == {}
    assert record.at_rest
    return record


def test_members_of_older_commits_are_replaced_under_load(
    tmp_path: Path, before: Older, before_step: Older
) -> None:
    """The commit before, the one before the newest step, and this one; a relay too; one member is taken back."""

    async def run() -> None:
        async with open_stage(tmp_path / "stage", store=SQLITE) as stage:
            upgrade = Upgrade(stage)
            upgrade.begin_with(before, HUB)
            upgrade.begin_with(before, "xaa")
            upgrade.begin_with(before_step, "xab")
            await stage.start_all()
            load = Load(stage, 1, 0.3)
            async with load.working():
                await upgrade.talk()
                for member in ("xaa", HUB, "xab"):
                    await upgrade.replace(member)
                await upgrade.talk_on()
                await upgrade.take_back(before, "xaa")
                await upgrade.talk_on()
                await upgrade.replace("xaa")
                assert await load.come_to_rest(180)
            assert set((await stage.stop_all()).values()) == {0}

    asyncio.run(run())
    record = judged(tmp_path / "stage")
    assert len(record.acknowledged) > 20


def test_two_processes_on_one_postgresql_are_replaced_in_turn_and_the_node_never_stops_to_serve(
    tmp_path: Path, before_step: Older
) -> None:
    """Pre steps while both older processes serve, one process after the other, post steps: as the page says."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            stage = await stack.enter_async_context(open_stage(tmp_path / "stage", store=POSTGRESQL))
            upgrade = Upgrade(stage)
            upgrade.begin_with(before_step, "xab")
            await stage.start_all()
            twin = stage.make_twin("xab")
            new_twin = twin._process
            twin._process = OlderProcess(
                before_step, "node", stage.place("xab") / "twin.toml", stage.logs("xab-twin")
            )
            stack.callback(lambda: twin._process.kill())  # noqa: PLW0108 - whichever it is then
            await twin.start()
            stage.twins["xab"] = twin
            load = Load(stage, 1, 0.3)
            async with load.working():
                await upgrade.talk()
                folder = stage.place("xab")
                done = await asyncio.to_thread(migrate_store, folder, pre=True, post=False)
                assert done, "the older program did not begin on older tables"
                await upgrade.talk_on()
                await upgrade.replace("xab")
                await upgrade.talk_on()
                assert twin._process.is_running
                await twin.stop()
                assert twin._process.exit_code == 0
                twin._process = new_twin
                await twin.start()
                await asyncio.to_thread(migrate_store, folder, pre=False, post=True)
                await upgrade.talk_on()
                assert await load.come_to_rest(180)
            await twin.stop()
            assert set((await stage.stop_all()).values()) == {0}

    asyncio.run(run())
    assert len(judged(tmp_path / "stage").acknowledged) > 20
