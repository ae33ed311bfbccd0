"""An OpenTelemetry collector on loopback: takes spans by OTLP over gRPC, in its own schema, and keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span

_NUMBERS = ("trace_id", "span_id", "parent_span_id", "start_time_unix_nano", "end_time_unix_nano")


@dataclass
class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """What came."""

    address: str = ""
    requests: list[Any] = field(default_factory=list)

    def Export(self, request: Any, _context: Any) -> Any:  # noqa: N802 - the name in the interface
        self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    def spans(self) -> list[Span]:
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def said(self) -> bytes:
        """All that came but numbers that are random or times: they hold every short word now and then."""
        found = []
        for request in self.requests:
            kept = type(request).FromString(request.SerializeToString())
            for resource in kept.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        for name in _NUMBERS:
                            span.ClearField(name)
            found.append(kept.SerializeToString())
        return b"".join(found)

    def bytes(self) -> bytes:
        return b"".join(request.SerializeToString() for request in self.requests)


@contextmanager
def collector() -> Iterator[Collector]:
    kept = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    add: Any = trace_service_pb2_grpc.add_TraceServiceServicer_to_server  # generated without types
    add(kept, server)
    kept.address = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield kept
    finally:
        server.stop(None).wait()
