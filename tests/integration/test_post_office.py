"""Dead letters and sending again, maintenance, and members that are blocked here; over real nodes and a relay."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from fakes.messages import acknowledgement, request
from fakes.pki import DOMAIN
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.protocol.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionError_,
    TrustError,
)
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import MemberId
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.serving.credentials import Papers, open_channel
from tracepost.wire.v1 import delivery_pb2, terms_pb2

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
BLOCKED, PROPOSED = delivery_pb2.BLOCK_STATE_BLOCKED, delivery_pb2.BLOCK_STATE_PROPOSED


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states that meet through a relay; xac can be dialled. They have met, and went home."""
    folder = tmp_path_factory.mktemp("founded") / "town"
    states = {"xaa": (POC, POLICE), "xab": (POC,), "xac": (POC,)}
    town = found_town(folder, states, "hub", reachable=("xac",))
    asyncio.run(town.introduce("xaa", "xab", "xac"))
    return town


@pytest.fixture
def town(founded: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr("tracepost.node.bootstrap.housekeeping._EVERY_S", 0.2)
    return founded.copy(tmp_path / "town")


async def ask(town: Town, to: str, number: str, *, deliver_by: int | None = None, sender: str = "xaa") -> str:
    """Open a case; return its thread."""
    cover = Cover(
        to=(to,),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        deliver_by=deliver_by,
    )
    async with town.client(sender) as client:
        return (await client.submit(build_draft(request(number), cover))).thread


async def ask_in_haste(town: Town, to: str, number: str) -> str:
    """Open a case by mail that is to be delivered within seconds; in more, where they are over before it is signed."""
    for seconds in (6, 20, 60):
        with suppress(InvalidInputError):
            return await ask(town, to, number, deliver_by=int(time.time()) + seconds)
    raise AssertionError("nothing is signed within a minute")


def sent(town: Town, member: str = "xaa") -> Counter[tuple[str, str]]:
    return Counter(town.ask(member, "SELECT to_member, state FROM sent_mail"))


def arrived(town: Town, member: str) -> int:
    return int(town.ask(member, "SELECT count(*) FROM received_mail")[0][0])


async def test_mail_that_was_not_delivered_in_time_is_told_and_goes_again_once(town: Town) -> None:
    again = "SELECT state FROM sent_mail WHERE seq = 2"
    async with town.running("hub", "xaa"):
        await town.unlock("xaa")
        thread = await ask_in_haste(town, "xab", "T-1")
        await until(lambda: sent(town) == {("xab", "EXPIRED"): 1}, "it to expire")
        async with town.client("xaa") as client:
            [letter] = await client.post.list_dead_letters()
            assert (letter.to, letter.thread, letter.kind, letter.desk) == (
                "xab", thread, "trace.request/1", "poc",
            )  # fmt: skip
            assert (await client.get_status()).dead_letters == 1
            events = [event.event for event in await client.show_timeline(thread)]
            assert "expired" in events
            made = await client.post.resend(letter.envelope_id[:10])
            assert made.dispatch.envelope_id != letter.envelope_id
            assert await client.post.list_dead_letters() == []
            with pytest.raises(NotFoundError):
                await client.post.resend(letter.envelope_id)
        async with town.running("xab"):
            await until(lambda: town.ask("xaa", again) == [("DELIVERED",)], "it to be delivered")
    assert town.ask("xab", "SELECT count(*) FROM statement WHERE in_effect") == [(1,)]


async def test_a_letter_that_died_long_ago_goes_again_by_its_whole_name(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracepost.node.post.postmaster._LETTERS_LIMIT", 1)
    async with town.running("hub", "xaa"):
        await town.unlock("xaa")
        for number in ("T-1", "T-2"):
            await ask_in_haste(town, "xab", number)
        await until(lambda: sent(town) == {("xab", "EXPIRED"): 2}, "both to expire")
        async with town.client("xaa") as client:
            [listed] = await client.post.list_dead_letters()
            ids = {bytes(row[0]).hex() for row in town.ask("xaa", "SELECT id FROM sent_mail")}
            [older] = ids - {listed.envelope_id}
            assert (await client.post.resend(older)).was.envelope_id == older


async def test_dead_letters_are_for_who_wrote_them_and_the_point_of_contact(town: Town) -> None:
    async with town.running("hub", "xaa"):
        await town.unlock("xaa")
        await ask_in_haste(town, "xab", "T-1")
        await until(lambda: sent(town) == {("xab", "EXPIRED"): 1}, "it to expire")
        async with town.client("xaa", officer="9", desk="police") as police:
            for call in (
                police.post.block("xab", "a reason"),
                police.post.unblock("xab"),
                police.post.set_maintenance(on=True),
            ):
                with pytest.raises(PermissionError_):
                    await call
            with pytest.raises(InvalidInputError):
                await police.post.resend("0123456789", deliver_by=1)
        async with town.client("xaa") as client:
            [letter] = await client.post.list_dead_letters()
            with pytest.raises(InvalidInputError):
                await client.post.resend(letter.envelope_id, deliver_by=int(time.time()) + 200 * 86400)


async def health(town: Town, member: str) -> int:
    """Return what the post of a member says of its health to a node that asks."""
    asking, there = town.residents["xaa"].authority.issue(Role.NODE), town.residents[member]
    papers = Papers(asking.key_pem, asking.chain_pem, there.authority.pem)
    name = dns_name(Role.NODE, MemberId(member), DOMAIN)
    async with open_channel(f"127.0.0.1:{there.ports.post}", papers, name) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(health_pb2.HealthCheckRequest(service="tracepost.wire.v1.Post"))
    return int(answer.status)


async def test_during_maintenance_nothing_is_taken_and_nothing_goes_and_nothing_is_lost(town: Town) -> None:
    async with town.running("hub", "xaa", "xac"):
        await town.unlock("xaa")
        await town.unlock("xac")
        first = await ask(town, "xac", "T-1")
        await until(lambda: sent(town) == {("xac", "DELIVERED"): 1}, "the first")
        async with town.client("xac") as client:
            assert (await client.post.set_maintenance(on=True)).on
            await ask(town, "xac", "T-2")
            problem = "SELECT last_problem FROM peer_contact WHERE member = 'xac'"
            await until(lambda: town.ask("xaa", problem) == [("busy",)], "xaa to be told")
            await client.acknowledge(first, acknowledgement(), Cover(to=("xaa",)))
            status = await client.get_status()
            assert status.maintenance_since
            assert await health(town, "xac") == NOT_SERVING
            assert sent(town, "xac") == {("xaa", "QUEUED"): 1}
            await asyncio.sleep(0.3)
            assert arrived(town, "xac") == 1
            assert sent(town, "xac") == {("xaa", "QUEUED"): 1}
            assert not (await client.post.set_maintenance(on=False)).on
            assert not (await client.get_status()).maintenance_since
            assert await health(town, "xac") == SERVING
        await until(lambda: sent(town) == {("xac", "DELIVERED"): 2}, "the second")
        await until(lambda: sent(town, "xac") == {("xaa", "DELIVERED"): 1}, "the answer")


async def test_maintenance_ends_by_itself_and_outlives_a_start(town: Town) -> None:
    async with town.running("xac"), town.client("xac") as client:
        with pytest.raises(InvalidInputError):
            await client.post.set_maintenance(on=True, until=1)
        await client.post.set_maintenance(on=True, until=int(time.time()) + 3600)
    async with town.running("xac"), town.client("xac") as client:
        assert (await client.post.show()).maintenance.on
        await client.post.set_maintenance(on=False)
        until_then = int(time.time()) + 10  # in the future yet when the node reads it
        assert (await client.post.set_maintenance(on=True, until=until_then)).on
        ends = time.monotonic() + 180
        while (await client.post.show()).maintenance.on:
            assert time.monotonic() < ends
            await asyncio.sleep(0.5)  # an officer may not ask without end


async def test_nothing_of_a_blocked_member_is_taken_and_nothing_goes_to_it(town: Town) -> None:
    """On the direct road and by the relay; afterwards everything comes, once."""
    async with town.running("hub", "xaa", "xab", "xac"):
        await town.unlock("xaa")
        await town.unlock("xab")
        async with town.client("xab") as there, town.client("xac") as direct:
            for client in (there, direct):
                block = await client.post.block("xaa", "its key is said to be stolen")
                assert (block.state, block.proposed_by) == (BLOCKED, "officer-7")
            with pytest.raises(ConflictError):
                await there.post.block("xaa", "again")
            await ask(town, "xab", "T-1")
            await ask(town, "xac", "T-2")
            await ask(town, "xaa", "T-3", sender="xab")
            put_off = "SELECT count(*) FROM audit_event WHERE action = 'defer'"
            await until(lambda: town.ask("xab", put_off) == [(1,)], "the mail to be put off")
            await until(lambda: sent(town)["xab", "WITH_RELAY"] == 1, "the relay to keep it")
            assert (await there.get_status()).blocked == ["xaa"]
            assert (arrived(town, "xab"), arrived(town, "xac"), arrived(town, "xaa")) == (0, 0, 0)
            assert sent(town, "xab") == {("xaa", "QUEUED"): 1}
            for client in (there, direct):
                await client.post.unblock("xaa")
            with pytest.raises(NotFoundError):
                await there.post.unblock("xaa")
            assert list((await there.post.show()).blocks) == []
        await until(lambda: sent(town, "xab") == {("xaa", "DELIVERED"): 1}, "what waited to go")
        await until(lambda: sent(town)["xac", "DELIVERED"] == 1, "the direct one to come")
        await until(lambda: sent(town)["xab", "DELIVERED"] == 1, "the other one to come")
    assert (arrived(town, "xab"), arrived(town, "xac")) == (1, 1)


async def test_who_brings_more_than_agreed_in_a_minute_is_told_and_loses_nothing_and_others_go_on(
    town: Town,
) -> None:
    """What xaa has for xac comes in one go, when xac is back: two are taken, the third half a minute later."""
    path = town.place("xac") / "node.toml"
    path.write_text(path.read_text() + "\n[post]\nenvelopes_per_minute = 2\n")
    async with town.running("xaa", "xab"):
        await town.unlock("xaa")
        await town.unlock("xab")
        for number in ("T-1", "T-2", "T-3"):
            await ask(town, "xac", number)
        async with town.running("xac"):
            told = "SELECT last_problem FROM peer_contact WHERE member = 'xac'"
            await until(lambda: town.ask("xaa", told) == [("quota",)], "xaa to be told")
            await ask(town, "xac", "T-4", sender="xab")
            await until(lambda: sent(town, "xab") == {("xac", "DELIVERED"): 1}, "the mail of xab")
            await until(lambda: sent(town) == {("xac", "DELIVERED"): 3}, "the third of xaa")
    assert arrived(town, "xac") == 4
    late = "SELECT DISTINCT actor, outcome FROM audit_event WHERE action = 'defer'"
    assert town.ask("xac", late) == [("xaa", "quota/rate")]


async def test_where_two_officers_are_asked_for_one_alone_blocks_nobody(town: Town) -> None:
    path = town.place("xaa") / "node.toml"
    path.write_text(path.read_text() + "\n[post]\nblock_by_two = true\n")
    async with town.running("xaa"):
        async with town.client("xaa") as first:
            for member, error in (("xaa", InvalidInputError), ("xzz", TrustError)):
                with pytest.raises(error):
                    await first.post.block(member, "a reason")
            with pytest.raises(InvalidInputError):
                await first.post.block("xab")
            assert (await first.post.block("xab", "a reason")).state == PROPOSED
            assert list((await first.get_status()).blocked) == []
            with pytest.raises(PermissionError_):
                await first.post.block("xab")
        async with town.client("xaa", officer="8") as second:
            block = await second.post.block("xab")
            assert (block.state, block.approved_by, block.reason) == (BLOCKED, "officer-8", "a reason")
    async with town.running("xaa"), town.client("xaa") as client:
        assert (await client.get_status()).blocked == ["xab"]
        trail = [event.action for event in await client.list_audit()]
        assert [one for one in trail if "block" in one] == ["block-propose", "block"]
