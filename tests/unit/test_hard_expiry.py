"""Past the hard expiry of the trust list nothing is sealed and nothing is judged by it (ADR 0035)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import Street, draft, open_street
from tracepost.node.post.examination import NodeKeys
from tracepost.node.post.resuming import Answering
from tracepost.protocol.errors import StaleTrustError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.sealing import EpochCache
from tracepost.wire.v1.post_pb2 import ResumeRequest

LASTS_S = 2 * 86400


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", list_lasts_s=LASTS_S) as street:
        yield street


def nobodys_keys() -> NodeKeys:
    return NodeKeys(MemberId("xab"), (), EpochCache())


async def test_nothing_is_sealed_by_a_list_that_has_ended(street: Street) -> None:
    xaa = street["xaa"]
    street.clock.now += LASTS_S + 60
    size = xaa.store.evidence.head.size
    [submission] = await xaa.submit(draft(m.request("T-1"), to=["xab"]))
    assert (submission.problem.code, submission.problem.reason) == ("stale-trust", "trust-list-expired")
    assert not submission.statement
    assert await street.queued(xaa) == []
    assert xaa.store.evidence.head.size == size


async def test_mail_that_comes_then_is_put_off_and_taken_when_a_list_is_in_force(street: Street) -> None:
    xaa, xab = street["xaa"], street["xab"]
    await xaa.submit(draft(m.request("T-1"), to=["xab"]))
    mail = await street.queued(xaa)
    street.clock.now += LASTS_S + 60
    size = xab.store.evidence.head.size
    reply = await street.deliver(xaa, mail, "xab")
    assert ([one.code for one in reply.statuses], reply.receipts) == (["stale-trust"], [])
    assert xab.store.evidence.head.size == size
    street.clock.now -= LASTS_S + 60
    reply = await street.deliver(xaa, mail, "xab")
    assert (list(reply.statuses), len(reply.receipts)) == ([], 1)


async def test_mail_of_a_log_that_the_ended_list_does_not_name_is_put_off_too(street: Street) -> None:
    """Turned away it would not be offered again before the stream is renewed; the newer list may name its log."""
    xaa = street["xaa"]
    await xaa.submit(draft(m.request("T-1"), to=["xab"]))
    [mail] = await street.queued(xaa)
    mail.proof = b"under a key that is not known"
    street.clock.now += LASTS_S + 60
    reply = await street.deliver(xaa, [mail], "xab")
    assert [(one.code, one.retry_after_seconds) for one in reply.statuses] == [("stale-trust", 300)]


async def test_what_was_given_back_is_asked_for_again_when_a_list_is_in_force(street: Street) -> None:
    """Whoever asks is told so by an error, not by an empty answer: else nobody would be owed anything any more."""
    xab = street["xab"]
    answering = Answering(
        store=xab.store, papers=xab.papers, keys=nobodys_keys, clock=street.clock, carry=lambda: None
    )
    street.clock.now += LASTS_S + 60
    given = answering.answer(MemberId("xaa"), ResumeRequest())
    assert (await anext(given)).HasField("papers")
    with pytest.raises(StaleTrustError):
        await anext(given)
