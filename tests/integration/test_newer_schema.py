"""Mail of nodes of a newer version: kept, verified, shown as unknown in words, passed on intact to a third member.

The two senders are processes that speak a later schema; who receives and passes on knows nothing of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fakes.channels import panel_request, seizure
from fakes.fault_main import FORECAST, LATER_FIELDS, LATER_MEMBER
from fakes.notices import flow
from fakes.pki import DOMAIN
from fakes.terminal import CliRunner, Result
from fakes.town import PANEL, POC, POLICE, Town, found_town, until
from tracepost.cli.app import app
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk import Cover, message_of
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2, terms_pb2

HUB, XAA, XAB, XAC, EXPERTS = "hub", "xaa", "xab", "xac", "un-panel-xyz"
NEWER = (XAA, EXPERTS)
WORDS = ["canary-fog", "canary-parkerised", "canary-ebb"]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Terminal:
    """The police of a member at the command line."""

    town: Town
    member: str
    folder: Path

    async def run(self, *arguments: str) -> Result:
        """Run a command that ends well."""
        words = [*arguments, "--profile", str(self._profile())]
        wide = CliRunner(env={"COLUMNS": "200"})  # no word of a table is folded
        result = await asyncio.to_thread(wide.invoke, app, words)
        assert result.exit_code == 0, result.output
        return result

    def _profile(self) -> Path:
        papers, place = self.town.papers(self.member), self.folder / self.member
        place.mkdir(parents=True, exist_ok=True)
        for name, content in (
            ("officer.pem", papers.certificate_chain),
            ("officer.key", papers.key),
            ("root.pem", papers.root),
        ):
            (place / name).write_bytes(content)
        (place / "profile.toml").write_text(
            f'address = "127.0.0.1:{self.town.residents[self.member].ports.desk}"\n'
            f'member = "{self.member}"\ndomain = "{DOMAIN}"\ndesk = "police"\n'
            'certificate = "officer.pem"\nkey = "officer.key"\nroot = "root.pem"\n'
        )
        return place / "profile.toml"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    desks = {XAA: (POC, POLICE), XAB: (POC, POLICE), XAC: (POC, POLICE), EXPERTS: (PANEL,)}
    folder = tmp_path_factory.mktemp("newer") / "town"
    town = found_town(folder, desks, HUB, types={EXPERTS: MemberType.PANEL})
    newer = [town.process(member) for member in NEWER]
    try:
        async with town.running(HUB, XAB, XAC):
            await asyncio.gather(*(one.start(broken="newer") for one in newer))
            await town.meet(XAA, XAB, XAC, EXPERTS)
            for member in (XAA, XAB, XAC, EXPERTS):
                await town.unlock(member)
            yield town
            await asyncio.gather(*(one.stop() for one in newer))
    finally:
        for one in newer:
            one.abandon()


async def notify(town: Town) -> desk_pb2.Submission:
    cover = Cover(
        to=(XAB,),
        purpose=terms_pb2.PURPOSE_BORDER_CONTROL,
        legal_basis=terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE,
    )
    async with town.client(XAA) as officer:
        return await officer.notify_seizure(seizure(), cover)


async def ask_as_panel(town: Town) -> desk_pb2.Submission:
    cover = Cover(
        to=(XAB,),
        purpose=terms_pb2.PURPOSE_EMBARGO_MONITORING,
        legal_basis=terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION,
    )
    async with town.client(EXPERTS, desk="experts") as panel:
        return await panel.ask_as_panel(panel_request(), cover)


Say = Callable[[Town], Awaitable[desk_pb2.Submission]]
SAID = pytest.mark.parametrize("say", [notify, ask_as_panel], ids=["seizure notice", "panel request"])


async def arrive(town: Town, member: str, thread: str) -> None:
    question = f"SELECT count(*) FROM statement WHERE thread = '{thread}'"
    await until(lambda: town.ask(member, question) == [(1,)], f"mail to arrive at {member}")


async def pass_on(town: Town, sent: desk_pb2.Submission) -> str:
    """XAB shows XAC all of it; return the case that XAC has of that."""
    chosen = (onward_pb2.ShareChoice(statement=sent.statement),)
    async with town.client(XAB, desk="police") as officer:
        share = share_pb2.Share(reason="SHARE_REASON_CASE")
        shared = await officer.share(sent.thread, share, Cover(to=(XAC,), shared=chosen))
    await arrive(town, XAC, shared.thread)
    return shared.thread


@SAID
async def test_its_fields_are_kept_verified_and_shown_as_unknown(
    town: Town, say: Say, tmp_path: Path
) -> None:
    sent = await say(town)
    await arrive(town, XAB, sent.thread)
    async with town.client(XAB, desk="police") as officer:
        [shown] = (await officer.show_case(sent.thread)).statements
    assert not shown.HasField("problem")
    found = {one.path: json.loads(one.value_json) for one in shown.unknown}
    assert {one.path: one.value for one in LATER_FIELDS}.items() <= found.items()
    assert {12} == {value for path, value in found.items() if path.endswith(f".{LATER_MEMBER}")}
    message: Any = message_of(shown.content)
    assert message.items[0].object.mark[0].text_as_seen  # the rest of the mark is there
    told = (await Terminal(town, XAB, tmp_path).run("trace", "show", sent.thread)).output
    assert all(word in told for word in WORDS)
    assert told.count("unknown field") >= len(LATER_FIELDS)


@SAID
async def test_passed_on_it_is_intact_and_a_third_member_verifies_it(
    town: Town, say: Say, tmp_path: Path
) -> None:
    """What XAB cannot name it shows XAC all the same; signatures and counters hold; the file proves it."""
    sent = await say(town)
    await arrive(town, XAB, sent.thread)
    case = await pass_on(town, sent)
    async with town.client(XAC, desk="police") as officer:
        [shown] = (await officer.show_case(case)).statements
    assert not shown.HasField("problem")
    [exhibit] = shown.content.share.exhibits
    read = read_exhibit(exhibit)
    assert all(one in read.unknown for one in LATER_FIELDS)
    assert not exhibit.dropped
    terminal = Terminal(town, XAC, tmp_path)
    told = (await terminal.run("trace", "show", case)).output
    assert all(word in told for word in WORDS)
    file = tmp_path / "case.tpcase"
    await terminal.run("trace", "export", case, "--out", str(file))
    trust = town.place(XAC) / "trust.json"
    wide = CliRunner(env={"COLUMNS": "200"})
    verified = await asyncio.to_thread(wide.invoke, app, ["verify", str(file), "--trust", str(trust)])
    assert verified.exit_code == 0, verified.output
    assert "newer version" in verified.output


async def test_a_kind_of_a_newer_version_is_kept_and_held_and_shown_as_such(
    town: Town, tmp_path: Path
) -> None:
    """It has its receipt; an officer sees why it waits, takes it up, and sees all of it as unknown."""
    async with town.client(XAA) as officer:
        cover = Cover(
            to=(XAB,), purpose=terms_pb2.PURPOSE_BORDER_CONTROL, legal_basis=terms_pb2.LEGAL_BASIS_ITI
        )
        sent = await officer.tell_flow(flow(), cover)
    await arrive(town, XAB, sent.thread)
    delivered = "SELECT state FROM sent_mail ORDER BY rowid DESC LIMIT 1"
    await until(lambda: town.ask(XAA, delivered) == [("DELIVERED",)], "the receipt")
    terminal = Terminal(town, XAB, tmp_path)
    listed = (await terminal.run("trace", "held")).output
    assert "cannot read" in listed
    assert FORECAST in listed
    async with town.client(XAB) as clerk:
        [held] = [one for one in (await clerk.list_held()) if one.kind == FORECAST]
    await terminal.run("trace", "held", held.envelope_id, "--take-up")
    told = (await terminal.run("trace", "show", sent.thread)).output
    assert f"newer version ({FORECAST})" in told
    assert all(word in told for word in WORDS)
