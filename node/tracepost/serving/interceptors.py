"""The one chain that every call passes, in this order, and every frame of a stream again:

    1 log        call id, method, outcome, duration; nothing of the content
    2 identity   TLS 1.3, leaf verified against its own member's roots, not revoked now   (frame)
    3 authorise  the row of the method in the table; no row, no call                      (frame: 2 again)
    4 limit      calls: refused above the rate, and `busy` while too many are in hand; frames: slowed down  (frame)
    5 audit      one event per call, refused ones always; what overload turns away is counted only
    6 errors     what went wrong as a status and a Problem; what is not ours as "internal" without details

Services hold none of this. They ask `callers.current_caller()` who is calling.
"""

from __future__ import annotations

import asyncio
import inspect
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import grpc
import structlog
from google.protobuf.message import DecodeError

from tracepost.protocol.errors import (
    InternalError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    OurFault,
    TracepostError,
)
from tracepost.protocol.identity import Identity
from tracepost.protocol.ids import MemberId
from tracepost.serving.callers import Caller, Doorkeeper, IdentityChecker, Visitor, check_tls, set_caller
from tracepost.serving.credentials import MAX_MESSAGE_BYTES
from tracepost.serving.limits import OVERLOAD, CallLimiter, CallsInHand, TokenBucket
from tracepost.serving.methods import MethodRule, MethodTable, authorise
from tracepost.serving.problems import refuse
from tracepost.serving.telemetry import Meter
from tracepost.serving.tracing import NO_SPAN, NO_SPANS, Span, Tracing

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # generic in its stub only
Parse = Callable[[bytes], Any]

_log = structlog.get_logger()

_OF_GRPC = "/grpc."  # health, which is asked above all when much is to do


@dataclass(frozen=True, slots=True)
class CallEvent:
    """What the audit is told of one call. `caller` is None where nobody could be identified.

    `outcome` is "ok", "cancelled" or the code of the error; `reason` is finer. `via` is the console that asked.
    """

    at: int
    method: str
    caller: Identity | None
    outcome: str
    reason: str = ""
    where: str = ""
    via: Identity | None = None


class Auditor(Protocol):
    """Keeps what was done and refused."""

    async def record(self, event: CallEvent) -> None:
        """Keep `event`, durably before it returns. Called once per audited call and per refusal.

        What it raises on a call that went well ends that call as an error of ours.
        """


class CallMetrics:
    """Counts calls and frames of one server."""

    def __init__(self, meter: Meter) -> None:
        self.calls = meter.counter("calls", "Calls by method and outcome.", ("method", "code"))
        self.seconds = meter.histogram("call_seconds", "Duration of calls; streams not counted.", ("method",))
        self.frames = meter.counter("frames_received", "Messages of callers on streams.", ("method",))
        self.handshakes = meter.counter("handshakes_refused", "TLS handshakes refused.", ("reason",))


@dataclass(slots=True)
class _Call:
    method: str
    context: Context
    started: float
    rule: MethodRule | None = None
    visitor: Visitor | None = None
    frames: TokenBucket | None = None
    counted_as: tuple[str, ...] | None = None
    outcome: str = "ok"
    error: TracepostError | None = None
    span: Span = NO_SPAN

    @property
    def identity(self) -> Identity | None:
        return self.visitor.identity if self.visitor else None

    @property
    def via(self) -> Identity | None:
        return self.visitor.via if self.visitor else None


@dataclass(frozen=True, slots=True)
class ChainParts:
    """What the chain is made of; `clock` gives unix seconds, `monotonic` seconds."""

    table: MethodTable
    checker: IdentityChecker
    own_member: MemberId
    auditor: Auditor
    metrics: CallMetrics
    clock: Callable[[], int] = field(default=lambda: int(time.time()))
    monotonic: Callable[[], float] = time.monotonic
    tracing: Tracing = NO_SPANS
    in_hand: CallsInHand = field(default_factory=CallsInHand)


class CallChain(grpc.aio.ServerInterceptor):
    """The chain of the module docstring, for unary calls and streams alike."""

    def __init__(self, parts: ChainParts) -> None:
        self.parts = parts
        self._door = Doorkeeper(parts.checker, parts.clock)
        self._limiter = CallLimiter(parts.monotonic)
        self._wrapped: dict[str, tuple[Handler, Handler]] = {}  # a handler per RPC that is served

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Put the chain around the handler of a call (interface of grpc.aio)."""
        handler = await continuation(handler_call_details)
        if handler is None:  # gRPC answers UNIMPLEMENTED itself
            return handler
        method = handler_call_details.method
        known = self._wrapped.get(method)
        if known is None or known[0] is not handler:
            known = self._wrapped[method] = handler, self._wrap(handler, method)
        return known[1]

    async def handshake_refused(self, reason: str) -> None:
        """Count and record a handshake that TLS ended, so that it never became a call."""
        self.parts.metrics.handshakes.labels(reason).inc()
        _log.warning("handshake-refused", reason=reason)
        try:
            self._limiter.admit(("handshake",), per_minute=60, burst=60)
        except TracepostError:  # a flood of handshakes must not flood the audit
            return
        event = CallEvent(self.parts.clock(), "handshake", None, "identity", reason)
        await self._record(event)

    def _wrap(self, handler: Handler, method: str) -> Handler:
        """Return `handler` inside the chain; the chain parses what comes in, after steps 2 to 4."""
        asked = "stream" if handler.request_streaming else "unary"
        answered = "stream" if handler.response_streaming else "unary"
        inner = getattr(handler, f"{asked}_{answered}")
        # An inner function that is no generator writes through the context, as gRPC's own health does.
        guard = self._generator if inspect.isasyncgenfunction(inner) else self._function
        make = getattr(grpc, f"{asked}_{answered}_rpc_method_handler")
        wrapped: Handler = make(guard(inner, handler, method), None, handler.response_serializer)
        return wrapped

    def _function(self, inner: Any, handler: Handler, method: str) -> Any:
        async def guarded(request: Any, context: Context) -> Any:
            async with self._guard(method, context, is_unary=not handler.request_streaming) as call:
                return await inner(self._parsed(call, request, handler), context)

        return guarded

    def _generator(self, inner: Any, handler: Handler, method: str) -> Any:
        async def guarded(request: Any, context: Context) -> AsyncIterator[Any]:
            async with (
                self._guard(method, context) as call,
                aclosing(inner(self._parsed(call, request, handler), context)) as answers,
            ):
                async for message in answers:
                    self._recheck(call)
                    yield message

        return guarded

    def _parsed(self, call: _Call, request: Any, handler: Handler) -> Any:
        parse = handler.request_deserializer or _as_it_is
        return self._frames(call, request, parse) if handler.request_streaming else _parse(parse, request)

    @asynccontextmanager
    async def _guard(self, method: str, context: Context, *, is_unary: bool = False) -> AsyncIterator[_Call]:
        call = _Call(method, context, self.parts.monotonic())
        structlog.contextvars.bind_contextvars(call=secrets.token_hex(8), method=method)
        try:
            self._admit(call)
            if is_unary and not method.startswith(_OF_GRPC):
                self._take_in_hand(call)
            self._begin_span(call)
            yield call
            await self._audit(call)
        except (asyncio.CancelledError, GeneratorExit):
            call.outcome = "cancelled"
            await self._audit(call)
            raise
        except grpc.aio.AbortError:
            call.outcome = "aborted"
            raise
        except Exception as error:  # noqa: BLE001 - step 6: the one place where every error ends
            call.error = _ours(error)
            call.outcome = call.error.code
            await self._audit(call)
            await refuse(context, call.error)
        finally:
            if call.counted_as is not None:
                self.parts.in_hand.leave(call.counted_as)
            self._count(call)

    def _admit(self, call: _Call) -> None:
        """Steps 2 to 4."""
        rule = call.rule = self.parts.table.rule(call.method)
        if rule.open_to_anyone:
            check_tls(call.context.auth_context())
        else:
            shown = call.context.invocation_metadata() or ()
            call.visitor = self._door.identify(call.context.auth_context(), shown)
            identity = call.visitor.identity
            structlog.contextvars.bind_contextvars(member=identity.member, role=identity.role.value)
        authorise(rule, call.identity, self.parts.own_member, call.via)
        self._limiter.admit(_bucket_key(call), per_minute=rule.calls_per_minute, burst=rule.burst)
        call.frames = self._limiter.frame_bucket(rule.frames_per_second)
        set_caller(Caller(call.identity, call.method, call.context.peer(), call.via))

    def _take_in_hand(self, call: _Call) -> None:
        """Step 4 for what is worked on at once."""
        who = _who(call)
        self.parts.in_hand.enter(who)
        call.counted_as = who

    async def _frames(self, call: _Call, messages: AsyncIterator[bytes], parse: Parse) -> AsyncIterator[Any]:
        counter = self.parts.metrics.frames.labels(call.method)
        async for message in messages:
            self._recheck(call)
            await self._slow_down(call)
            counter.inc()
            span = call.span.child("frame")
            yield _parse(parse, message)
            span.end(bytes=len(message))

    def _begin_span(self, call: _Call) -> None:
        if call.identity is not None:
            shown = call.context.invocation_metadata() or ()
            who = call.identity
            call.span = self.parts.tracing.answer(call.method, who.member, who.role.value, shown)

    async def _slow_down(self, call: _Call) -> None:
        """Step 4 per frame: faster than the rule allows is read more slowly, and loses nothing."""
        wait = call.frames.charge(self.parts.monotonic()) if call.frames else 0.0
        if wait > 0:
            await asyncio.sleep(wait)

    def _recheck(self, call: _Call) -> None:
        """Step 2 per frame: long streams end when their caller is revoked or leaves."""
        if call.visitor is not None:
            self._door.recheck(call.visitor)

    async def _audit(self, call: _Call) -> None:
        if call.error is None and call.via is None and (call.rule is None or not call.rule.audited):
            return
        error = call.error
        if error is not None and error.reason == OVERLOAD:  # a flood of calls must not flood the audit
            return
        await self._record(
            CallEvent(
                at=self.parts.clock(),
                method=call.method,
                caller=call.identity,
                outcome=call.outcome,
                reason=error.reason if error else "",
                where=error.where if error else "",
                via=call.via,
            ),
            must=call.outcome == "ok",
        )

    async def _record(self, event: CallEvent, *, must: bool = False) -> None:
        try:
            await self.parts.auditor.record(event)
        except Exception as error:
            _log.error("audit-failed", exc_info=error)
            if must:
                raise

    def _count(self, call: _Call) -> None:
        """Step 1, at the end of a call."""
        seconds = self.parts.monotonic() - call.started
        self.parts.metrics.calls.labels(call.method, call.outcome).inc()
        self.parts.metrics.seconds.labels(call.method).observe(seconds)
        call.span.end(call.outcome)
        unexpected = isinstance(call.error, OurFault)
        _log.log(
            40 if unexpected else 20,
            "call",
            outcome=call.outcome,
            seconds=round(seconds, 6),
            exc_info=call.error.__cause__ or call.error if unexpected and call.error else None,
            **({"reason": call.error.reason, "where": call.error.where} if call.error else {}),
        )


def _ours(error: Exception) -> TracepostError:
    if isinstance(error, TracepostError):
        return error
    if isinstance(error, NotImplementedError):  # gRPC's own health has an RPC that it does not serve
        return NotFoundError("the method is not served", reason="unimplemented")
    internal = InternalError()
    internal.__cause__ = error
    return internal


def _bucket_key(call: _Call) -> tuple[str, ...]:
    return (*_who(call), call.method)


def _who(call: _Call) -> tuple[str, str]:
    identity = call.identity
    return (identity.member, identity.officer or "") if identity else ("", call.context.peer())


def _parse(parse: Parse, message: bytes) -> Any:
    if len(message) > MAX_MESSAGE_BYTES:
        raise LimitError("the message is too large", where="message")
    try:
        return parse(message)
    except (DecodeError, ValueError) as error:
        raise InvalidInputError("the message cannot be read", where="message", reason="unreadable") from error


def _as_it_is(message: bytes) -> bytes:
    return message
