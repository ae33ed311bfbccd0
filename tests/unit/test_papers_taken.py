"""Papers that come while the node runs are in the store and in force together, or neither; whoever brought them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes.casefiles import NOW
from fakes.paper_taker import HUB, US, XAB, Node, Step
from fakes.town import until
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.handlers.keeping.papers_store import take_and_keep
from tracepost.node.ports.store import Tx
from tracepost.node.post import announcing as module
from tracepost.protocol.errors import BusyError, StoreError
from tracepost.protocol.evidence import Origin, generate_log_key
from tracepost.wire.v1.post_pb2 import Announcement

STEPS = ["before-commit:papers", "after-commit:papers", "after-sign:papers"]
"""Where the store can fail, or be at when a stream breaks."""
NEWER = ("trust-list",)


class Errors:
    """What the log was told as errors."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def error(self, event: str, **_said: object) -> None:
        self.events.append(event)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    step, key = Step(), generate_log_key(Origin(US, "tracepost.example", 1))
    store = await open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", key, faults=step)
    yield Node(store, step, tmp_path)
    await store.close()


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> Errors:
    errors = Errors()
    monkeypatch.setattr(module, "_log", errors)
    return errors


@pytest.mark.parametrize("step", STEPS)
async def test_a_list_is_taken_in_whole_though_the_stream_that_brought_it_ends(node: Node, step: str) -> None:
    await node.break_off(node.announcing.take([node.a_list(2)], HUB), step)
    await until(lambda: node.told, "open streams to be woken")
    assert (node.papers.version(), await node.kept(), node.told) == (2, [2], [NEWER])


@pytest.mark.parametrize("step", STEPS)
async def test_a_list_brought_by_hand_is_taken_in_whole_though_the_officer_hangs_up(
    node: Node, step: str
) -> None:
    await node.break_off(node.announcing.take_by_hand(node.a_list(2)), step)
    await until(lambda: node.told, "open streams to be woken")
    assert (node.papers.version(), await node.kept(), node.told) == (2, [2], [NEWER])


async def test_a_stream_that_ends_lets_the_rest_of_its_papers_be_taken_in(node: Node) -> None:
    certificate = node.a_certificate()
    papers = [node.a_list(2), Announcement(member=XAB, certificates=[certificate.der])]
    await node.break_off(node.announcing.take(papers, HUB), STEPS[0])
    await until(lambda: node.told, "open streams to be woken")
    assert node.told == [(*NEWER, "certificate")]
    assert node.papers.certificate(certificate.sha256, XAB)[0] == certificate.certificate


async def test_a_store_that_fails_leaves_the_older_list_in_force_and_kept_and_the_log_says_so(
    node: Node, errors: Errors
) -> None:
    node.step.fails_at = STEPS[0]
    with pytest.raises(StoreError):
        await node.announcing.take([node.a_list(2)], HUB)
    assert (node.papers.version(), await node.kept(), node.told) == (1, [], [])
    assert errors.events == ["papers-not-kept"]


async def test_a_stream_that_ends_before_the_store_fails_leaves_the_older_list(
    node: Node, errors: Errors
) -> None:
    node.step.fails_at = STEPS[0]
    await node.break_off(node.announcing.take([node.a_list(2)], HUB), STEPS[0])
    await until(lambda: errors.events, "the log to say so")
    assert (node.papers.version(), await node.kept(), node.told) == (1, [], [])


@pytest.mark.parametrize("step", STEPS)
async def test_a_list_that_the_store_failed_is_taken_in_when_it_comes_again(node: Node, step: str) -> None:
    """Also where it had kept it, and could not say so."""
    node.step.fails_at = step
    with pytest.raises(StoreError):
        await node.announcing.take([node.a_list(2)], HUB)
    node.step.fails_at = ""
    brought = node.a_list(2)
    assert await node.announcing.take([brought], HUB) == NEWER
    assert (node.papers.version(), await node.kept(), node.told) == (2, [2], [NEWER])


@pytest.mark.parametrize("step", STEPS)
async def test_what_the_store_kept_and_could_not_say_so_is_put_in_force_when_the_node_keeps_house(
    node: Node, step: str
) -> None:
    node.step.fails_at = step
    for one in (node.a_list(2), node.a_crl()):
        with pytest.raises(StoreError):
            await node.announcing.take([one], HUB)
    node.step.fails_at = ""
    assert (node.papers.version(), node.told) == (1, [])
    await node.announcing.catch_up(node.reload)
    kept = await node.kept()
    assert kept == ([] if step == STEPS[0] else [2])
    assert node.papers.version() == max(kept, default=1)
    assert len(node.papers.crls_of([XAB])) == len(kept)
    assert node.told == ([(module.ELSEWHERE,)] if kept else []), "what changed nothing is not told"
    await node.announcing.catch_up(node.reload)
    assert node.reloads == 1, "nothing is in doubt any more"


async def test_a_store_that_cannot_be_read_either_leaves_it_to_the_next_time(node: Node) -> None:
    node.step.fails_at = STEPS[1]
    with pytest.raises(StoreError):
        await node.announcing.take([node.a_list(2)], HUB)

    async def fail() -> bool:
        raise StoreError

    with pytest.raises(StoreError):
        await node.announcing.catch_up(fail)
    await node.announcing.catch_up(node.reload)
    assert node.papers.version() == 2


async def test_our_own_papers_that_the_store_kept_and_could_not_say_so_are_put_in_force(node: Node) -> None:
    own = Announcement(member=US, certificates=[node.a_certificate(US).der])

    async def publish() -> bool:
        return bool(await take_and_keep(node.store, node.papers, own, NOW))

    node.step.fails_at = STEPS[1]
    with pytest.raises(StoreError):
        await node.announcing.renew(publish)
    assert not node.papers.announcement(US).certificates
    await node.announcing.catch_up(node.reload)
    assert list(node.papers.announcement(US).certificates) == list(own.certificates)


async def test_where_the_store_never_failed_nothing_is_read_back(node: Node) -> None:
    await node.announcing.take([node.a_list(2)], HUB)
    await node.announcing.catch_up(node.reload)
    assert node.reloads == 0


async def test_what_was_taken_in_before_the_store_failed_is_told(node: Node) -> None:
    node.step.fails_at, node.step.failures_after = STEPS[0], 1
    certificate = Announcement(member=XAB, certificates=[node.a_certificate().der])
    with pytest.raises(StoreError):
        await node.announcing.take([node.a_list(2), certificate], HUB)
    assert (node.papers.version(), await node.kept(), node.told) == (2, [2], [NEWER])


async def test_our_own_papers_and_those_that_come_are_taken_in_one_after_the_other(node: Node) -> None:
    """Each builds on what the one before has left, or the later would take the earlier back."""
    own = Announcement(member=US, certificates=[node.a_certificate(US).der])

    async def publish() -> bool:
        return bool(await take_and_keep(node.store, node.papers, own, NOW))

    await asyncio.gather(node.announcing.take([node.a_list(2)], HUB), node.announcing.renew(publish))
    assert node.papers.version() == 2
    assert list(node.papers.announcement(US).certificates) == list(own.certificates)


async def test_who_drains_waits_for_papers_whose_stream_has_ended(node: Node) -> None:
    await node.break_off(node.announcing.take([node.a_list(2)], HUB), STEPS[0])
    await node.announcing.drain()
    assert (node.papers.version(), await node.kept(), node.told) == (2, [2], [NEWER])
    await node.announcing.drain()


async def test_a_store_that_fails_after_the_stream_has_ended_is_told_to_the_log_alone(
    node: Node, errors: Errors
) -> None:
    unheard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unheard.append(context))
    node.step.fails_at = STEPS[0]
    await node.break_off(node.announcing.take([node.a_list(2)], HUB), STEPS[0])
    await node.announcing.drain()
    gc.collect()  # a task that nobody asked for its error says so when it is collected
    assert (errors.events, unheard) == (["papers-not-kept"], [])


@pytest.mark.parametrize("paper", ["trust_list", "crl"])
async def test_papers_that_our_store_is_too_busy_for_are_nobodys_fault_and_taken_in_when_they_come_again(
    node: Node, errors: Errors, paper: str
) -> None:
    """As where another process of ours has just put other policies in force."""

    def refuse(_tx: Tx) -> None:
        raise BusyError(reason="policies-changed")

    brought = node.a_list(2) if paper == "trust_list" else node.a_crl()
    node.store.guard(refuse)
    with pytest.raises(BusyError):
        await node.announcing.take([brought], HUB)
    node.store.guard(lambda _tx: None)
    assert (await node.audited(), errors.events, node.told) == ([], ["papers-not-kept"], [])
    taken = await node.announcing.take([brought], HUB)
    assert taken == (paper.replace("_", "-"),)


async def test_papers_that_do_not_verify_are_audited_with_who_brought_them(node: Node) -> None:
    await node.announcing.take([Announcement(member=XAB, crl=b"no list")], HUB)
    assert await node.audited() == [(HUB, "refuse-papers")]
