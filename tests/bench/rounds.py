"""What is measured, in rounds that take everything in turn, so that a noisy minute spoils all alike.

    echo      a bare unary call of 4 KiB over mutual TLS: one caller, then 64
    post      mail sealed beforehand, from the first frame until every receipt is kept: sender and
              receiver verify, log and sync as always; the receiver is a whole node
    case      `SubmitMany` from the SDK at one node until its peer has stored the case and the
              receipt is kept: two nodes and the client
    unary     the same by 64 callers of `Submit`
    latency   one caller: from `Submit` until the receipt is kept, as a multiple of the echo's p50

Memory is what the receiving node has in the end, when it holds as many messages as planned, and how it grew over
the second half of them.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from typing import Self

from bench.echo import Caller, open_echo
from bench.memory import MEMORY_GOAL, Watch
from bench.network import RECEIVING, Network, open_network
from bench.receipts import Receipts
from bench.report import median, percentile
from bench.rows import Measured, Part, Row, Run
from bench.sender import Sender, open_sender
from bench.workload import make_draft
from tracepost.wire.v1 import desk_pb2

CALLERS = 64
_WINDOW_DRAFTS = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done in each round."""

    rounds: int
    echo_seconds: float
    post: int
    case: int
    unary: int
    latency: int

    @classmethod
    def for_messages(cls, messages: int, rounds: int) -> Self:
        """Return the plan by which the receiving node has `messages` in the end, or a few more."""
        each = max(messages // rounds, 8)
        case, unary, latency = max(each * 6 // 33, 2), max(each * 2 // 33, 2), max(each // 165, 2)
        post = max(each - case - unary - latency, 2)
        return cls(rounds, min(3.0, 0.2 + each / 2000), post, case, unary, latency)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round gave: messages or calls per second, milliseconds, and µs of a core per message."""

    echo_unary_rps: float
    echo_unary_rps_one_caller: float
    echo_unary_p50_ms_one_caller: float
    post_rps: float
    post_receiver_cpu_us: float
    post_sender_cpu_us: float
    case_rps: float
    case_unary_rps: float
    latency_p50_ms: float
    latency_p99_ms: float


async def measure(run: Run) -> Measured:
    """Run all rounds; return their figures, the medians, the ratios to the echo, and memory."""
    plan = Plan.for_messages(run.messages, run.rounds)
    async with AsyncExitStack() as stack:
        echo = await stack.enter_async_context(open_echo(run.folder / "echo"))
        network = await stack.enter_async_context(open_network(run.folder / "network"))
        sender = await stack.enter_async_context(open_sender(network))
        await _warm_up(echo, network, sender, min(plan.post, _WINDOW_DRAFTS))
        measuring = _Measuring(echo, network, sender, plan)
        async with Watch.over(network.receiving) as watch:
            made = [await measuring.run(number) for number in range(plan.rounds)]
        memory = {
            "memory_messages": network.receiving.stored(),
            "memory_mb": round(network.receiving.process.rss_mb(), 1),
            "memory_sender_mb": round(network.sending.process.rss_mb(), 1),
            "memory_mb_per_100k": round(watch.slope(), 2),
        }
    return Measured(_summarise(made) | memory, [asdict(one) for one in made], {"plan": asdict(plan)})


class _Measuring:
    def __init__(self, echo: Caller, network: Network, sender: Sender, plan: Plan) -> None:
        self._echo = echo
        self._network = network
        self._sender = sender
        self._plan = plan
        self._next = 1_000_000  # numbers of drafts: those of the warm-up are lower

    async def run(self, number: int) -> Round:
        """Do everything once."""
        plan = self._plan
        alone = await self._echo.run(1, plan.echo_seconds)
        many = await self._echo.run(CALLERS, plan.echo_seconds)
        await self._sender.seal(self._take(plan.post), plan.post)
        received, sent = self._network.receiving.process.cpu_seconds(), time.process_time()
        post_seconds = await self._sender.deliver(plan.post)
        received = self._network.receiving.process.cpu_seconds() - received
        sent = time.process_time() - sent
        case_seconds = await self._submit_many(plan.case)
        unary_seconds = await self._submit_one_by_one(plan.unary, CALLERS)
        latencies = await self._measure_latency(plan.latency)
        return Round(
            echo_unary_rps=many.rps,
            echo_unary_rps_one_caller=alone.rps,
            echo_unary_p50_ms_one_caller=1000 * median(alone.latencies),
            post_rps=plan.post / post_seconds,
            post_receiver_cpu_us=1e6 * received / plan.post,
            post_sender_cpu_us=1e6 * sent / plan.post,
            case_rps=plan.case / case_seconds,
            case_unary_rps=plan.unary / unary_seconds,
            latency_p50_ms=1000 * median(latencies),
            latency_p99_ms=1000 * percentile(latencies, 99),
        )

    async def _submit_many(self, count: int) -> float:
        drafts = self._drafts(count)
        client = self._network.sending.client
        with Receipts.of(self._network.sending) as receipts:
            begun = time.perf_counter()
            async for answer in client.submit_many(drafts, window_drafts=_WINDOW_DRAFTS):
                assert not answer.HasField("problem"), answer.problem
            await receipts.wait(count)
            return time.perf_counter() - begun

    async def _submit_one_by_one(self, count: int, callers: int) -> float:
        drafts = iter(self._drafts(count))
        client = self._network.sending.client

        async def submit_on() -> None:
            for draft in drafts:
                await client.submit(draft)

        with Receipts.of(self._network.sending) as receipts:
            begun = time.perf_counter()
            await asyncio.gather(*(submit_on() for _ in range(callers)))
            await receipts.wait(count)
            return time.perf_counter() - begun

    async def _measure_latency(self, count: int) -> list[float]:
        latencies = []
        for draft in self._drafts(count):
            with Receipts.of(self._network.sending) as receipts:
                begun = time.perf_counter()
                await self._network.sending.client.submit(draft)
                await receipts.wait(1)
                latencies.append(time.perf_counter() - begun)
        return latencies

    def _drafts(self, count: int) -> list[desk_pb2.Draft]:
        first = self._take(count)
        return [make_draft(number, RECEIVING) for number in range(first, first + count)]

    def _take(self, count: int) -> int:
        first, self._next = self._next, self._next + count
        return first


async def _warm_up(echo: Caller, network: Network, sender: Sender, most: int) -> None:
    """Let everybody meet, and the SQL for frames of up to `most` be prepared, before a clock runs."""
    await echo.run(CALLERS, 0.2)
    number, count = 0, 1
    while count <= most:
        await sender.seal(number, count)
        await sender.deliver(count)
        number, count = number + count, 2 * count
    with Receipts.of(network.sending) as receipts:
        drafts = [make_draft(number + one, RECEIVING) for one in range(most)]
        async for answer in network.sending.client.submit_many(_slowly(drafts)):
            assert not answer.HasField("problem"), answer.problem
        await receipts.wait(len(drafts))


async def _slowly(drafts: list[desk_pb2.Draft]) -> AsyncIterator[desk_pb2.Draft]:
    for number, draft in enumerate(drafts):
        if number & (number - 1) == 0:
            await asyncio.sleep(0.05)
        yield draft


def _summarise(made: list[Round]) -> dict[str, float]:
    medians = {name: median([getattr(one, name) for one in made]) for name in Round.__slots__}
    echo_ms = medians["echo_unary_p50_ms_one_caller"]
    used_us = medians["post_receiver_cpu_us"] + medians["post_sender_cpu_us"]
    ratios = {
        "post_ratio_ceiling": (os.cpu_count() or 1) * 1e6 / used_us / medians["echo_unary_rps"],
        "post_ratio": medians["post_rps"] / medians["echo_unary_rps"],
        "case_ratio": medians["case_rps"] / medians["echo_unary_rps"],
        "case_unary_ratio": medians["case_unary_rps"] / medians["echo_unary_rps"],
        "latency_p50_echoes": medians["latency_p50_ms"] / echo_ms,
        "latency_p99_echoes": medians["latency_p99_ms"] / echo_ms,
    }
    return {name: round(value, 4) for name, value in (medians | ratios).items()}


PART = Part(
    "post",
    "real nodes as processes, everything in turns; mail is sealed beforehand where it says so",
    seconds=170,
    measure=measure,
    rows=(
        Row("echo_unary_rps", "bare unary echo, 64 callers (/s)"),
        Row("echo_unary_rps_one_caller", "bare unary echo, 1 caller (/s)"),
        Row("echo_unary_p50_ms_one_caller", "bare unary echo, 1 caller, p50 (ms)"),
        Row("post_rps", "post: sealed mail verified, durable, logged, receipted (/s)"),
        Row("post_ratio", "  to the echo", "≥ 1.0"),
        Row("post_receiver_cpu_us", "  receiving node, time of a core per message (µs)"),
        Row("post_sender_cpu_us", "  sending side, time of a core per message (µs)"),
        Row("post_ratio_ceiling", "  to the echo, if all cores did nothing else"),
        Row("case_rps", "case: SubmitMany to the peer's stored case (/s)"),
        Row("case_ratio", "  to the echo", "≥ 0.6"),
        Row("case_unary_rps", "case: Submit by 64 callers (/s)"),
        Row("case_unary_ratio", "  to the echo"),
        Row("latency_p50_ms", "Submit to receipt, 1 caller, p50 (ms)"),
        Row("latency_p50_echoes", "  in p50 of the echo", "≤ 4"),
        Row("latency_p99_ms", "Submit to receipt, 1 caller, p99 (ms)"),
        Row("latency_p99_echoes", "  in p50 of the echo", "≤ 10"),
        Row("memory_mb", "memory of the receiving node (MB)", "< 150"),
        Row("memory_sender_mb", "memory of the submitting node (MB)"),
        Row("memory_messages", "  messages stored by then"),
        Row("memory_mb_per_100k", "  growth over the second half (MB per 100,000)", MEMORY_GOAL),
    ),
)
