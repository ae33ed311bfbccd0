"""What officers are shown at the command line: canaries in every classed field, and a desk of every competence.

Three States, a panel, a peace operation and a relay, in processes of their own, say everything that can be said.
Then officers at desks of every competence run every verb of the command line that asks a node, and each may be
shown what `fakes.entitled` gives to his desk, and must be shown what is for it. The nodes log all that they can;
their logs, metrics pages and files are searched afterwards, and what the operator of the relay is shown.

The same day in a town whose nodes permit everything, and log, count and repeat what officers say (put over
the product in `fakes.fault_main`), must be caught by the same search, channel by channel.
"""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fakes.canaries import Mint
from fakes.canary_search import Find, Search
from fakes.command_line import VERBS, CommandLine, asks_a_node
from fakes.correspondence import Correspondence
from fakes.office_day import REFUSED, Day
from fakes.town import CUSTOMS, MISSION, OPERATION, PANEL, POC, POLICE, Process, Town, found_town
from tracepost.node.config import DeskSettings
from tracepost.protocol.ids import DeskId
from tracepost.protocol.trustlist import MemberType
from tracepost.wire.v1.directory_pb2 import Competence

pytestmark = pytest.mark.timeout(1500)  # a day has two thousand lines at the command line, and much to print

ARMY = DeskSettings(DeskId("army"), competences=("RECORDS_CUSTODY",), outward=False)
POST = DeskSettings(DeskId("post"), competences=("CUSTOMS_ENFORCEMENT",), outward=False, under="customs")
MAKERS = DeskSettings(DeskId("makers"), competences=("INDUSTRY_LIAISON",), outward=False)
LICENCES = DeskSettings(DeskId("licences"), competences=("LICENSING",))
BORDER = DeskSettings(DeskId("border"), competences=("BORDER",))
LABORATORY = DeskSettings(DeskId("laboratory"), competences=("FORENSIC",))
OFFICES = (POC, POLICE, CUSTOMS, MISSION, ARMY, POST, MAKERS, LICENCES, BORDER, LABORATORY)
"""The desks of XAB: one of each competence that a State has. The customs post writes under the eyes of customs."""

ON_CASE = ("customs", "mission", "army", "makers", "licences", "border", "laboratory")
"""Those of them that are put on the first case."""

EXPERTS, PEACE = "un-panel-xyz", "un-op-xyz"
LOOKED_AT = ("xab", "xaa", EXPERTS, PEACE)
NODES = ("xaa", "xab", "xac", EXPERTS, PEACE)
MEMBERS = ("hub", *NODES)
TYPES = {EXPERTS: MemberType.PANEL, PEACE: MemberType.PEACE_OPERATION}
DESKS = {"xaa": (POC, POLICE), "xab": OFFICES, "xac": (POC, POLICE), EXPERTS: (PANEL,), PEACE: (OPERATION,)}

INDUSTRY = "xab/makers"
LEAKING = (
    "trace list",
    "trace show",
    "trace export",
    "verify",
    "trace findings",
    "trace share",
    "release show",
)
"""Verbs that show too much to industry, or to a point of contact that is not police, where all is permitted."""

SHOWING = {
    "trace list",
    "trace show",
    "trace part",
    "trace export",
    "verify",
    "trace findings",
    "trace slip",
    "trace print",
    "trace share",
    "release show",
    "emergency show",
    "register match",
}
"""Verbs by which somebody is shown a canary: none of these channels was searched for nothing."""


@dataclass
class Run:
    """A town, what was said in it, a day at its desks, and what is found in its files, logs and metrics pages."""

    town: Town
    mint: Mint
    writing: Correspondence
    day: Day
    operated: bytes = b""
    finds: dict[str, list[Find]] = field(default_factory=dict)
    pages: dict[str, bytes] = field(default_factory=dict)

    def search(self) -> None:
        """Search all files but the keys, at their surface, and the metrics pages."""
        search = Search(self.mint)
        for member in MEMBERS:
            address = f"http://127.0.0.1:{self.town.residents[member].ports.metrics}/metrics"
            with urllib.request.urlopen(address, timeout=60) as page:
                self.pages[member] = page.read()
            self.finds[member] = search.folder(self.town.place(member), deep=False)
            self.finds[member] += search.surface("metrics", self.pages[member])


Saying = Callable[[Correspondence], Coroutine[Any, Any, dict[str, str]]]
"""Has things said; returns the cases and statements that lines call by name."""


def live(folder: Path, broken: str, say: Saying, *names: str) -> Run:
    """Let things be said, and done and looked at by these desks, or all, in a town that is `broken`."""
    town = found_town(folder / "town", DESKS, "hub", reachable=("xab",), metrics=True, types=TYPES)
    mint = Mint()
    writing = Correspondence(town, mint)
    processes = {member: town.process(member) for member in MEMBERS}
    try:
        asyncio.run(start(town, processes, broken))
        called = asyncio.run(say(writing))
        run = Run(town, mint, writing, Day(town, writing, mint, folder / "day", called))
        run.day.sit(*LOOKED_AT)
        run.day.work()
        run.day.look(*names)
        run.day.close()
        run.operated = operate(town.place("hub"), folder / "operator")
        run.search()
    finally:
        for process in processes.values():
            process.abandon()
    return run


async def start(town: Town, processes: Mapping[str, Process], broken: str) -> None:
    """Start all, let them meet, open all desks."""
    await asyncio.gather(*(process.start(broken=broken) for process in processes.values()))
    await town.meet(*NODES)
    for node in NODES:
        await town.unlock(node)


async def say_everything(writing: Correspondence) -> dict[str, str]:
    """Say everything that can be said, and put desks of XAB on the first case."""
    case = await writing.full_case("xaa", "xab", third="xac")
    second = await writing.full_case("xab", "xaa", third="xac")
    await writing.full_case("xac", "xaa", third="xab")
    await writing.with_panel(EXPERTS, "xab")
    documented = await writing.document(EXPERTS, PEACE)
    await writing.put_on("xab", case, *ON_CASE)
    return {**names_of(writing, case, second), "documented": documented.thread}


async def say_little(writing: Correspondence) -> dict[str, str]:
    """Say a request each way, and ask and find inside XAB what the first is about."""
    asked = await writing.ask("xaa", "xab")
    await writing.ask_within("xab", asked.thread)
    await writing.put_on("xab", asked.thread, *ON_CASE)
    answered = await writing.ask("xab", "xaa")
    return {
        "case": asked.thread,
        "request": asked.statement,
        "asked": writing.sent[asked.thread, "trace.enquiry/1"].statement,
        "second": answered.thread,
        "second_request": answered.statement,
        "seized": asked.statement,
        "replied": asked.statement,
        "paper_enquiry": "E2",
    }


def names_of(writing: Correspondence, case: str, second: str) -> dict[str, str]:
    """Return the cases and statements of XAB, by the names that lines call them by."""
    sent = writing.sent
    threads = {
        (one.dispatches[0].to, kind): one.thread
        for (_, kind), one in reversed(sent.items())
        if one.dispatches
    }
    to_xab = {kind: thread for (to, kind), thread in threads.items() if to == "xab"}
    seizure, panel = to_xab["customs.seizure-notice/1"], to_xab["panel.request/1"]
    photographs = (digest.hex() for digest, place in writing.mint.digests.items() if place.said == 1)
    return {
        "case": case,
        "request": sent[case, "trace.request/1"].statement,
        "asked": sent[case, "trace.enquiry/1"].statement,
        "sha": next(photographs),
        "second": second,
        "second_request": sent[second, "trace.request/1"].statement,
        "seizure": seizure,
        "seized": sent[seizure, "customs.seizure-notice/1"].statement,
        "check": to_xab["object.check/1"],
        "loss": to_xab["register.loss-notice/1"],
        "delivery": to_xab["embargo.delivery-notified/1"],
        "ballistic": to_xab["ballistic.reference/1"],
        "panel": panel,
        "replied": sent[panel, "panel.reply/1"].statement,
        "shared": to_xab["share/1"],
        "diverted": to_xab["trace.diversion-notice/1"],
        "offered": to_xab["assistance.offer/1"],
        "granted": threads["xaa", "mandate/1"],
        "paper_enquiry": "E2",
    }


def operate(relay: Path, folder: Path) -> bytes:
    """Return all that the operator of the relay is shown."""
    line = CommandLine(folder / "none.toml", folder)
    lines = [("relay", verb, str(relay), *more) for verb in ("status", "mail") for more in ((), ("--json",))]
    said = [line.run(*words) for words in lines]
    assert [one.exit_code for one in said] == [0] * len(said), said
    return b"\n".join(one.shown for one in said)


# ── a day ────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Nodes that log all that there is to log; nothing else is wrong with them."""
    return live(tmp_path_factory.mktemp("desks"), "talkative", say_everything)


@pytest.fixture(scope="module")
def day(run: Run) -> Day:
    """What officers did and saw."""
    return run.day


def test_a_desk_of_every_competence_looks() -> None:
    """A competence that is new in the schema is given to a desk here, or this fails."""
    looking = {one for member in LOOKED_AT for desk in DESKS[member] for one in desk.competences}
    assert looking == {name.removeprefix("COMPETENCE_") for name in Competence.keys()[1:]}


def test_every_verb_that_asks_a_node_was_run(day: Day) -> None:
    """A new verb is added to `fakes.office_day`, or this fails; and what is expected to end well does."""
    assert {verb for verb in VERBS if asks_a_node(verb)} <= day.tried
    assert {verb for verb in VERBS if asks_a_node(verb)} - day.ran == REFUSED.keys()
    assert day.failed == []


def test_no_desk_is_shown_a_byte_that_it_may_not_see(day: Day) -> None:
    """In words and for machines, on the screen, in files, on paper, in errors, by every verb."""
    assert [str(leak) for leak in day.leaks] == []


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        ("xab/poc", ["case", "seizure", "check", "loss", "shared"]),
        ("xab/police", ["case", "seizure", "check", "loss", "shared"]),
        ("xab/customs", ["case", "seizure", "loss"]),
        ("xab/army", ["case"]),
        ("xab/mission", ["case", "panel"]),
        ("xab/licences", ["case", "delivery", "diverted"]),
        ("xab/border", ["case", "seizure", "loss", "delivery"]),
        ("xab/laboratory", ["case", "ballistic"]),
        ("xab/post", ["waiting_case"]),
        (INDUSTRY, []),
        ("xaa/poc", ["case", "seizure", "check", "loss"]),
        ("xaa/police", ["case", "seizure", "check", "loss"]),
        (EXPERTS + "/experts", ["panel"]),
        (PEACE + "/embargo", ["documented"]),
    ],
)
def test_a_desk_is_shown_every_canary_that_is_for_it(day: Day, name: str, cases: list[str]) -> None:
    """Nobody looked at empty answers, but the desk of industry."""
    wanted = {place for case in cases for place in day.should_see(name, case)}
    assert bool(wanted) == bool(cases)
    assert wanted - day.seen[name]["trace show"] == set()


def test_every_channel_shows_a_canary_to_somebody(day: Day) -> None:
    """On the screen, in a file, on paper, in a preview."""
    shown = {verb for seen in day.seen.values() for verb, places in seen.items() if places}
    assert SHOWING - shown == set()


@pytest.mark.parametrize("name", ["xab/police", "xab/army"])
def test_a_register_shows_its_records_to_the_desk_that_keeps_it(day: Day, name: str) -> None:
    """Each has one of its own, and the other's records are a leak."""
    assert {place.path for place in day.seen[name]["register match"] if place.kind == "register"} == {
        f"record of {name.removeprefix('xab/')}"
    }


def test_a_search_tells_a_desk_of_the_marks_that_are_for_it_and_of_no_others(day: Day) -> None:
    """What it says of a mark that is not for it is what it says of one that stands nowhere."""
    for name, found in day.found.items():
        assert found == {mark: day.may_find(name, mark) for mark in found}, name
    assert {found for one in day.found.values() for found in one.values()} == {True, False}


@pytest.mark.parametrize("member", MEMBERS)
def test_no_canary_is_in_the_files_logs_and_metrics_of(run: Run, member: str) -> None:
    """After a day of commands, each of which was logged and counted."""
    assert b"tracepost_" in run.pages[member]
    assert b'"event"' in run.town.log_path(member).read_bytes()
    assert run.finds[member] == []


def test_the_operator_of_the_relay_is_shown_no_canary(run: Run) -> None:
    """Neither by the state of the relay nor by what is said of the mail in it."""
    assert b"xab" in run.operated
    for mint in (run.mint, run.writing.heads):
        assert Search(mint).data("relay", run.operated) == []


# ── it would have been noticed ───────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def loose(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Nodes that permit everything, and log, count and repeat what officers say."""
    return live(tmp_path_factory.mktemp("loose"), "loose", say_little, INDUSTRY, "xab/poc")


@pytest.mark.parametrize("verb", LEAKING)
def test_a_leak_is_caught_in_what_is_shown_by(loose: Run, verb: str) -> None:
    """Cases, lists, files, findings, previews."""
    assert verb in {leak.verb for leak in loose.day.leaks}, loose.day.failed


def test_a_refusal_that_repeats_what_a_draft_said_is_caught(loose: Run) -> None:
    """Even to its own author."""
    repeated = {
        leak.verb for leak in loose.day.leaks if any(word.endswith("-bad.json") for word in leak.words)
    }
    assert "trace ack" in repeated


def test_a_search_that_tells_too_much_is_caught(loose: Run) -> None:
    """By what it answers to a mark that is there."""
    found = loose.day.found[INDUSTRY]
    assert found
    assert found != {mark: loose.day.may_find(INDUSTRY, mark) for mark in found}


@pytest.mark.parametrize("place", ["daemon.log", "metrics"])
def test_what_is_logged_or_counted_is_caught(loose: Run, place: str) -> None:
    """In the log file and in the metrics page of who says it."""
    caught = {find.canary for find in loose.finds["xaa"] if find.place == place}
    texts = {
        place
        for place in loose.mint.made.values()
        if place.said == 1 and "sha256" not in place.path and "photograph" not in place.path
    }
    assert texts
    assert texts <= caught
