"""Spans tell calls and frames, nothing of what is in them; traces are joined by the word of both, never by a relay."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from fakes.collector import Collector, collector
from fakes.messages import request
from fakes.ports import find_port
from fakes.settings_files import read_whole
from fakes.town import POC, Town, found_town, until
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.settings import Section
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.serving import tracing
from tracepost.serving.interceptors import CallChain
from tracepost.serving.tracing import ALLOWED, NO_SPANS, TracingSettings, open_tracing, read_tracing
from tracepost.wire.v1 import terms_pb2

CANARIES = ("CANARY-FILE-4711", "CANARY", "Zastava", "M70", "АБ 1234")
DELIVER, COLLECT = "/tracepost.wire.v1.Post/Deliver", "/tracepost.wire.v1.Post/Collect"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """xab can be dialled; xac only dials out, so that its mail goes by the relay."""
    states = {"xaa": (POC,), "xab": (POC,), "xac": (POC,)}
    town = found_town(tmp_path_factory.mktemp("founded") / "town", states, "hub", reachable=("xab",))
    asyncio.run(town.introduce("xaa", "xab", "xac"))
    return town


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent at the end is sent, however busy this machine is."""
    monkeypatch.setattr(tracing, "_CLOSE_SECONDS", 120)


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    return founded.copy(tmp_path / "town")


@pytest.fixture
def collectors() -> Iterator[dict[str, Collector]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(collector()) for name in ("xaa", "xab", "xac")}


def trace(town: Town, collectors: dict[str, Collector], **joined: list[str]) -> None:
    """Let members make spans, and say with whom each joins its traces."""
    for name, one in collectors.items():
        with (town.place(name) / "node.toml").open("a") as settings:
            settings.write(
                f'\n[tracing]\ncollector = "{one.address}"\nwith_members = {joined.get(name, [])!r}\n'.replace(
                    "'", '"'
                )
            )


async def exchange(town: Town) -> None:
    """Mail from xaa to xab, dialled, and to xac, by the relay; spans are sent when the nodes have gone."""
    async with town.running("hub", "xaa", "xab", "xac"):
        await town.unlock("xaa")
        async with town.client("xaa") as officer:
            for to in ("xab", "xac"):
                cover = Cover(
                    to=(to,),
                    purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
                    legal_basis=terms_pb2.LEGAL_BASIS_ITI,
                )
                await officer.submit(build_draft(request(CANARIES[0]), cover))
        for to in ("xab", "xac"):
            await until(partial(town.ask, to, "SELECT 1 FROM received_mail"), f"the mail at {to}")


def named(one: Collector, name: str) -> list[Span]:
    return [span for span in one.spans() if span.name == name]


def attributes(span: Span) -> dict[str, Any]:
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value")
        for pair in span.attributes
    }


def with_member(spans: list[Span], member: str) -> list[Span]:
    return [span for span in spans if attributes(span).get("tracepost.member") == member]


async def test_the_trace_of_a_stream_goes_on_at_a_peer_if_both_say_so(
    town: Town, collectors: dict[str, Collector]
) -> None:
    trace(town, collectors, xaa=["xab"], xab=["xaa"])
    await exchange(town)
    dialled = {span.span_id: span for span in with_member(named(collectors["xaa"], "dial"), "xab")}
    answered = with_member(named(collectors["xab"], DELIVER) + named(collectors["xab"], COLLECT), "xaa")
    assert answered
    for span in answered:
        assert dialled[span.parent_span_id].trace_id == span.trace_id
    parents = {span.span_id for span in answered}
    frames = [span for span in named(collectors["xab"], "frame") if span.parent_span_id in parents]
    assert frames
    assert all(attributes(span)["tracepost.bytes"] > 0 for span in frames)


@pytest.mark.parametrize("joined", [{"xaa": ["xab"]}, {"xab": ["xaa"]}, {}])
async def test_the_word_of_one_alone_joins_nothing(
    town: Town, collectors: dict[str, Collector], joined: dict[str, list[str]]
) -> None:
    trace(town, collectors, **joined)
    await exchange(town)
    ours, theirs = ({span.trace_id for span in collectors[name].spans()} for name in ("xaa", "xab"))
    assert ours
    assert theirs
    assert not ours & theirs


async def test_a_relay_is_shown_no_trace_and_hands_none_on(
    town: Town, collectors: dict[str, Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though both name each other and the relay."""
    shown: list[tuple[str, bool]] = []
    admit = CallChain._admit

    def look(self: CallChain, call: Any) -> None:
        keys = {key for key, _ in call.context.invocation_metadata() or ()}
        shown.append((str(self.parts.own_member), "traceparent" in keys))
        admit(self, call)

    monkeypatch.setattr(CallChain, "_admit", look)
    trace(town, collectors, xaa=["xab", "xac", "hub"], xab=["xaa", "hub"], xac=["xaa", "hub"])
    await exchange(town)
    assert ("xab", True) in shown, "what is looked for is seen where it is"
    assert ("hub", False) in shown
    assert ("hub", True) not in shown
    ours, theirs = ({span.trace_id for span in collectors[name].spans()} for name in ("xaa", "xac"))
    assert not ours & theirs


async def test_no_content_and_no_other_attribute_gets_into_a_span(
    town: Town, collectors: dict[str, Collector]
) -> None:
    trace(town, collectors, xaa=["xab"], xab=["xaa"])
    await exchange(town)
    for name, one in collectors.items():
        assert one.spans(), name
        for span in one.spans():
            assert set(attributes(span)) <= set(ALLOWED)
            assert not span.events
            assert not span.links
            assert not span.status.message
        sent = one.said()
        threads = [row[0] for row in town.ask(name, "SELECT thread FROM case_record")]
        assert threads
        words = [*(word.encode() for word in CANARIES), *map(_bytes, threads)]
        assert not [word for word in words if word in sent]
        resources = {
            pair.key
            for asked in one.requests
            for each in asked.resource_spans
            for pair in each.resource.attributes
        }
        assert resources == {"service.name", "service.version", "service.instance.id"}


def _bytes(thread: object) -> bytes:
    return thread if isinstance(thread, bytes) else str(thread).encode()


def test_what_is_not_allowed_is_dropped_and_the_search_finds_what_is_there() -> None:
    with collector() as one:
        made = open_tracing(TracingSettings(one.address), "node", MemberId("xaa"))
        span = made.answer(DELIVER, "CANARY IN A NAME", "node", [("traceparent", "CANARY")])
        span.end("CANARY outcome", serial="CANARY", bytes="CANARY")
        kept = made.answer(DELIVER, "xab", "officer", ())
        kept.end("store", bytes=7)
        made.close()
        first, second = one.spans()
        assert b"CANARY" not in one.bytes()
    assert set(attributes(first)) == {"rpc.system", "rpc.method", "tracepost.role"}
    assert attributes(second)["tracepost.member"] == "xab"
    assert attributes(second)["tracepost.outcome"] == "store"
    assert attributes(second)["tracepost.bytes"] == 7
    assert second.status.code == 2
    assert b"tracepost.outcome" in one.bytes()


def test_a_node_that_ends_does_not_wait_for_a_collector_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More than one batch waits: the second is not tried any more."""
    tried: list[Any] = []
    ended, answer = threading.Event(), Collector.Export

    def be_silent(self: Collector, request: Any, context: Any) -> Any:
        tried.append(request)
        ended.wait(60)
        return answer(self, request, context)

    monkeypatch.setattr(Collector, "Export", be_silent)
    monkeypatch.setattr(tracing, "_CLOSE_SECONDS", 0.1)
    with collector() as one:
        made = open_tracing(TracingSettings(one.address), "node", MemberId("xaa"))
        for _ in range(600):
            made.answer(DELIVER, "xab", "officer", ()).end()
        made.close()
        ended.set()
    assert len(tried) <= 1


async def test_a_collector_that_is_away_hinders_nothing(
    town: Town, collectors: dict[str, Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "_CLOSE_SECONDS", 0.1)
    gone = {name: Collector(f"http://127.0.0.1:{find_port()}") for name in collectors}
    trace(town, gone)
    await asyncio.wait_for(exchange(town), 300)


@pytest.mark.parametrize(
    ("section", "where"),
    [
        ({"collector": "127.0.0.1:4317"}, "tracing.collector"),
        ({"collector": 4317}, "tracing.collector"),
        ({"with_members": ["xab"]}, "tracing.with_members"),
        ({"collector": "http://127.0.0.1:4317", "with_members": "xab"}, "tracing.with_members"),
        ({"collector": "http://127.0.0.1:4317", "with_members": ["X!"]}, "tracing.with_members"),
        ({"sampling": 1}, "tracing.sampling"),
    ],
)
def test_a_wrong_setting_is_named(section: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_whole(section, "tracing", read_tracing)
    assert refusal.value.where == where


def test_nothing_said_makes_no_spans_and_loads_nothing() -> None:
    assert open_tracing(read_tracing(Section({}, "tracing")), "node", MemberId("xaa")) is NO_SPANS
