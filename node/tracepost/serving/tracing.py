"""Spans of calls and frames for OpenTelemetry: which method, whose node, how long, how it ended; never what was said.

    [tracing]
    collector = "http://127.0.0.1:4317"     # OTLP over gRPC
    with_members = ["xab"]

A span has attributes of `ALLOWED` only, each of its known shape; anything else is dropped, and errors are told by their
code. Names of spans are methods of ours, "dial" and "frame".

Traces of two nodes are joined on direct connections, and only if each names the other in `with_members`: the dialling
side then shows its trace (W3C traceparent) in the metadata of the stream, the other goes on with it. It is never
shown to a relay, nor taken from one or from anybody who is not named: a relay sees who talks to whom at what times
anyway, but a number that stays the same on both sides of it would tell which of its streams belong together
(docs/adr/0024). A trace is of a stream, which lives an hour at most, not of a message: no number goes with a case.

The packages of the extra `tracing` are loaded only where it is set up.
"""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Final, Protocol

from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import MemberId, parse_member
from tracepost.protocol.settings import Section
from tracepost.serving.telemetry import SAFE_KEYS, Shape

TRACEPARENT: Final = "traceparent"
_CLOSE_SECONDS: Final = 3.0
_EXTRA_NEEDED: Final = "Install the packages: pip install tracepost[tracing]."
_COUNT: Final[Shape] = SAFE_KEYS["count"]
_LABEL: Final[Shape] = SAFE_KEYS["member"]

ALLOWED: Final[Mapping[str, Shape]] = {
    "rpc.system": lambda value: value == "grpc",
    "rpc.method": SAFE_KEYS["method"],
    "tracepost.member": _LABEL,
    "tracepost.role": _LABEL,
    "tracepost.outcome": _LABEL,
    "tracepost.bytes": _COUNT,
}
"""Every attribute that a span may have, and the shape of its value. Anything else is not sent."""

Metadata = Iterable[tuple[str, str | bytes]]


@dataclass(frozen=True, slots=True)
class TracingSettings:
    """Where spans go, and with which members traces are joined; nothing said: none are made."""

    collector: str = ""
    with_members: tuple[MemberId, ...] = ()


NO_TRACING: Final = TracingSettings()


def read_tracing(section: Section) -> TracingSettings:
    """Return the settings of a section [tracing]; raise `ConfigurationError` naming what is wrong."""
    collector = section.text("collector", "")
    parts = urllib.parse.urlsplit(collector)
    if collector and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise section.refusal("collector", "an address http://host:port is needed here")
    members = section.read_all("with_members", parse_member)
    if members and not collector:
        raise section.refusal("with_members", "a list of members, with a collector")
    return TracingSettings(collector, members)


class Span(Protocol):
    """Something that takes time."""

    def child(self, name: str) -> Span:
        """Begin a part of it."""

    def end(self, outcome: str = "ok", **attributes: object) -> None:
        """Note that it is over, and how; names are those of `ALLOWED` without "tracepost."."""


class Tracing(Protocol):
    """Begins spans; one per node."""

    def answer(self, method: str, member: str, role: str, shown: Metadata) -> Span:
        """Begin the span of a call that came in from a node or officer of `member`, with this metadata."""

    def dial(self, method: str, member: MemberId, *, is_relay: bool) -> tuple[Span, Metadata]:
        """Begin the span of a stream that is dialled; return it with what metadata to show."""

    def close(self) -> None:
        """Send what was not sent yet, as far as the collector takes it in three seconds."""


class _NoSpan:
    def child(self, _name: str) -> Span:
        return self

    def end(self, outcome: str = "ok", **attributes: object) -> None:
        """Say nothing."""


class NoTracing:
    """`Tracing` where none is set up."""

    def answer(self, _method: str, _member: str, _role: str, _shown: Metadata) -> Span:
        """Begin nothing."""
        return NO_SPAN

    def dial(self, _method: str, _member: MemberId, *, is_relay: bool) -> tuple[Span, Metadata]:  # noqa: ARG002
        """Begin nothing, show nothing."""
        return NO_SPAN, ()

    def close(self) -> None:
        """Nothing is waiting."""


NO_SPAN: Final[Span] = _NoSpan()
NO_SPANS: Final[Tracing] = NoTracing()


def open_tracing(settings: TracingSettings, daemon: str, member: MemberId) -> Tracing:
    """Return what makes spans of a daemon; raise `ConfigurationError` if the packages for it are missing."""
    if not settings.collector:
        return NO_SPANS
    try:
        return _open(settings, daemon, member)
    except ImportError as error:
        raise ConfigurationError(
            "the packages for tracing are missing", where="tracing.collector", remedy=_EXTRA_NEEDED
        ) from error


def _open(settings: TracingSettings, daemon: str, member: MemberId) -> Tracing:
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource(  # not `create`: the environment adds nothing
        {
            "service.name": f"tracepost-{daemon}",
            "service.version": metadata.version("tracepost"),
            "service.instance.id": str(member),
        }
    )
    provider = TracerProvider(
        resource=resource, span_limits=SpanLimits(max_events=0, max_links=0), shutdown_on_exit=False
    )
    insecure = settings.collector.startswith("http://")
    exporter = OTLPSpanExporter(settings.collector, insecure=insecure, timeout=10)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return _OpenTelemetry(provider, exporter, settings.with_members)


class _OpenTelemetry:
    def __init__(self, provider: Any, exporter: Any, with_members: Iterable[MemberId]) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._exporter = exporter
        self._tracer = provider.get_tracer("tracepost")
        self._with = frozenset(with_members)
        self._propagator = TraceContextTextMapPropagator()

    def answer(self, method: str, member: str, role: str, shown: Metadata) -> Span:
        from opentelemetry.trace import SpanKind

        joined = role == "node" and member in self._with
        theirs = {key: value for key, value in shown if key == TRACEPARENT} if joined else {}
        context = self._propagator.extract(theirs, context=_empty())
        attributes = _safe(
            {"rpc.system": "grpc", "rpc.method": method, "tracepost.member": member, "tracepost.role": role}
        )
        return _OpenSpan(self._tracer, self._tracer.start_span(method, context, SpanKind.SERVER, attributes))

    def dial(self, method: str, member: MemberId, *, is_relay: bool) -> tuple[Span, Metadata]:
        from opentelemetry.trace import SpanKind, set_span_in_context

        attributes = _safe({"rpc.system": "grpc", "rpc.method": method, "tracepost.member": member})
        span = self._tracer.start_span("dial", _empty(), SpanKind.CLIENT, attributes)
        carrier: dict[str, str] = {}
        if member in self._with and not is_relay:
            self._propagator.inject(carrier, set_span_in_context(span, _empty()))
        return _OpenSpan(self._tracer, span), tuple((k, v) for k, v in carrier.items() if k == TRACEPARENT)

    def close(self) -> None:
        # Of itself it tries each batch for ten seconds: who restarts a node need not wait for a collector that is away.
        bound = threading.Timer(_CLOSE_SECONDS, self._exporter.shutdown)
        bound.start()
        try:
            self._provider.shutdown()
        finally:
            bound.cancel()
            bound.join()


class _OpenSpan:
    def __init__(self, tracer: Any, span: Any) -> None:
        self._tracer = tracer
        self._span = span

    def child(self, name: str) -> Span:
        from opentelemetry.trace import set_span_in_context

        return _OpenSpan(
            self._tracer, self._tracer.start_span(name, set_span_in_context(self._span, _empty()))
        )

    def end(self, outcome: str = "ok", **attributes: object) -> None:
        from opentelemetry.trace import StatusCode

        told = {f"tracepost.{name}": value for name, value in {"outcome": outcome, **attributes}.items()}
        self._span.set_attributes(_safe(told))
        if outcome not in ("ok", "cancelled"):
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


def _empty() -> Any:
    from opentelemetry.context import Context

    return Context()


def _safe(attributes: Mapping[str, object]) -> dict[str, Any]:
    """Return those of `attributes` that are allowed and have their shape."""
    return {name: value for name, value in attributes.items() if name in ALLOWED and ALLOWED[name](value)}
