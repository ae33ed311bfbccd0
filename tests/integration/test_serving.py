"""How any daemon of ours serves: real sockets, real certificates."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from fakes.pki import DAY, DOMAIN, make_root
from fakes.serving import FakeTrust, Served, serving
from fakes.town import until
from tracepost.protocol.errors import (
    BusyError,
    ConfigurationError,
    IdentityError,
    InternalError,
    NotFoundError,
    PermissionError_,
    QuotaError,
    StoreError,
    TracepostError,
    TrustError,
    UnreachableError,
)
from tracepost.protocol.identity import Role
from tracepost.serving.callers import current_caller
from tracepost.serving.credentials import Papers, prove_tls13_only, server_credentials
from tracepost.serving.frames import FrameStream
from tracepost.serving.limits import CallsInHand
from tracepost.serving.problems import error_of_call
from tracepost.serving.server import ServerOptions, Service, build_server
from tracepost.wire.v1 import enrolment_pb2, enrolment_pb2_grpc, post_pb2, post_pb2_grpc

TABLE = """
["/tracepost.wire.v1.Post/Deliver"]
roles = ["node"]
members = "any"

["/tracepost.wire.v1.Post/Collect"]
roles = ["node"]
members = "any"

["/tracepost.wire.v1.Post/PushAttachment"]
roles = ["node"]
members = "any"

["/tracepost.wire.v1.Post/FetchAttachment"]
roles = ["node"]
members = "any"

["/tracepost.wire.v1.Post/ConfirmAttachment"]
roles = ["node"]
members = "any"

["/tracepost.wire.v1.Post/Resume"]
roles = ["node"]
members = "any"

["/tracepost.wire.v1.Enrolment/Begin"]
roles = ["officer"]
members = "own"
calls_per_minute = 1
burst = 3

["/tracepost.wire.v1.Enrolment/Finish"]
roles = ["node", "officer"]
members = "any"
"""


WIDE = TABLE + "calls_per_minute = 60000\nburst = 10000\n"
"""With a last row that limits no test."""


class EchoPost(post_pb2_grpc.PostServicer):
    """Sends back every status it is given; `gate` holds it up."""

    def __init__(self) -> None:
        self.callers: list[str] = []
        self.leaving: asyncio.Event | None = None

    async def Deliver(  # noqa: N802 - the name in the interface
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[post_pb2.Frame]:
        self.callers.append(current_caller().known().member)
        stream = FrameStream(self._take, leaving=self.leaving)
        self._stream = stream
        async for frame in stream.serve(request_iterator):
            yield frame

    async def _take(self, frame: post_pb2.Frame) -> None:
        for status in frame.statuses:
            self._stream.outgoing.put_status(status)


class Clerk(enrolment_pb2_grpc.EnrolmentServicer):
    """Unary calls: answers, or fails with `failure`."""

    failure: Exception | None = None
    gate: asyncio.Event | None = None
    inside = 0

    async def Begin(  # noqa: N802 - the name in the interface
        self, request: Any, context: Any
    ) -> enrolment_pb2.BeginResponse:
        return enrolment_pb2.BeginResponse(session=current_caller().known().label)

    async def Finish(  # noqa: N802 - the name in the interface
        self, request: Any, context: Any
    ) -> enrolment_pb2.FinishResponse:
        if self.failure is not None:
            raise self.failure
        if self.gate is not None:
            self.inside += 1
            await self.gate.wait()
        return enrolment_pb2.FinishResponse()


def health_stub(channel: grpc.aio.Channel) -> Any:
    """Return a stub whose methods the type stubs do not know."""
    return health_pb2_grpc.HealthStub(channel)


def services(post: EchoPost, clerk: Clerk) -> list[Service]:
    return [
        Service(
            post_pb2.DESCRIPTOR.services_by_name["Post"],
            lambda server: post_pb2_grpc.add_PostServicer_to_server(post, server),
        ),
        Service(
            enrolment_pb2.DESCRIPTOR.services_by_name["Enrolment"],
            lambda server: enrolment_pb2_grpc.add_EnrolmentServicer_to_server(clerk, server),
        ),
    ]


class World:
    """Two members, a server of xaa, one of each certificate."""

    def __init__(self) -> None:
        self.xaa, self.xab = make_root("xaa"), make_root("xab")
        self.trust = FakeTrust(self.xaa, self.xab)
        self.post, self.clerk = EchoPost(), Clerk()
        self.peer = self.xab.issue(Role.NODE)
        self.officer = self.xaa.issue(Role.OFFICER, officer="7", desks=("poc",))

    def serving(self, **more: Any) -> Any:
        table = more.pop("table", TABLE)
        return serving(self.trust, self.xaa, services(self.post, self.clerk), table, **more)


@pytest.fixture
def world() -> World:
    return World()


async def echo(channel: grpc.aio.Channel, code: str = "busy") -> str:
    call: Any = post_pb2_grpc.PostStub(channel).Deliver()
    await call.write(post_pb2.Frame(statuses=[post_pb2.StreamStatus(code=code)]))
    frame = await call.read()
    await call.done_writing()
    if frame is grpc.aio.EOF:
        await raise_end(call)
    return str(frame.statuses[0].code)


async def knock(channel: grpc.aio.Channel) -> None:
    """Open a stream that is refused: say nothing on it, and wait for its end.

    What a caller is told who still writes when the server ends a call is chance.
    """
    async with asyncio.timeout(180):
        await raise_end(post_pb2_grpc.PostStub(channel).Deliver())


async def raise_end(call: Any) -> None:
    while await call.read() is not grpc.aio.EOF:
        pass
    raise AssertionError("the call ended well")


async def refusal(awaitable: Any) -> TracepostError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await awaitable
    return error_of_call(caught.value)


async def test_a_member_of_the_trust_list_is_served_and_named(world: World) -> None:
    async with world.serving() as served, served.dial(world.peer) as channel:
        assert await echo(channel) == "busy"
    assert world.post.callers == ["xab"]


async def test_a_leaf_under_an_intermediate_is_served(world: World) -> None:
    node = world.xab.intermediate().issue(Role.NODE)
    async with world.serving() as served, served.dial(node) as channel:
        assert await echo(channel) == "busy"


async def test_a_certificate_of_another_authority_ends_as_a_tls_alert(world: World) -> None:
    stranger = make_root("xab").issue(Role.NODE)
    async with world.serving() as served, served.dial(stranger) as channel:
        assert isinstance(await refusal(knock(channel)), UnreachableError)
    assert world.post.callers == []


async def test_an_expired_certificate_ends_as_a_tls_alert(world: World) -> None:
    now = int(time.time())
    expired = world.xab.issue(Role.NODE, not_before=now - 3 * DAY, not_after=now - DAY)
    async with world.serving() as served, served.dial(expired) as channel:
        assert isinstance(await refusal(knock(channel)), UnreachableError)


async def test_a_server_of_another_authority_or_name_is_not_believed(world: World) -> None:
    async with world.serving() as served:
        served.own = make_root("xaa")
        async with served.dial(world.peer) as channel:
            assert isinstance(await refusal(knock(channel)), UnreachableError)
        served.own = world.xaa
        async with served.dial(world.peer, name=f"node.xab.{DOMAIN}") as channel:
            assert isinstance(await refusal(knock(channel)), UnreachableError)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (lambda w: w.xab.issue(Role.NODE, names=(f"node.xab.{DOMAIN}", f"node.xaa.{DOMAIN}")), "name-count"),
        (lambda w: w.xab.issue(Role.OFFICER, officer="1", desks=("poc",)), "role"),
    ],
)
async def test_a_certificate_that_may_not_deliver_is_refused_with_its_reason(
    world: World, bad: Any, reason: str
) -> None:
    certificate = bad(world)
    async with world.serving() as served, served.dial(certificate) as channel:
        error = await refusal(knock(channel))
        assert isinstance(error, IdentityError | PermissionError_ | UnreachableError)
        if not isinstance(error, UnreachableError):  # the name constraint of the root stops it in TLS already
            assert error.reason == reason
            assert [event.reason for event in served.auditor.events] == [reason]
    assert world.post.callers == []


async def test_a_root_that_signs_for_another_member_is_refused(world: World) -> None:
    """xac's root carries no constraint that would bind it to xac, and signs for xab."""
    loose = make_root("xac", permitted=DOMAIN)
    world.trust.authorities[loose.member] = loose
    forged = loose.issue(Role.NODE, names=(f"node.xab.{DOMAIN}",))
    async with world.serving() as served, served.dial(forged) as channel:
        error = await refusal(knock(channel))
        assert isinstance(error, IdentityError)
        assert error.reason == "path"
        assert [event.outcome for event in served.auditor.events] == ["identity"]


async def test_a_revoked_certificate_is_refused_on_a_connection_that_was_open_before(world: World) -> None:
    async with world.serving() as served, served.dial(world.peer) as channel:
        assert await echo(channel) == "busy"
        world.trust.revoke("xab", world.peer.certificate)
        error = await refusal(knock(channel))
        assert isinstance(error, IdentityError)
        assert error.reason == "revoked"
        assert "certificate that you show" in error.what_to_do


async def test_a_stream_ends_at_the_next_frame_after_its_certificate_was_revoked(world: World) -> None:
    async with world.serving() as served, served.dial(world.peer) as channel:
        call: Any = post_pb2_grpc.PostStub(channel).Deliver()
        frame = post_pb2.Frame(statuses=[post_pb2.StreamStatus(code="busy")])
        await call.write(frame)
        await call.read()
        world.trust.revoke("xab", world.peer.certificate)
        await call.write(frame)
        assert (await refusal(raise_end(call))).reason == "revoked"
        assert served.auditor.events[-1].reason == "revoked"


async def test_a_stream_that_only_listens_gets_nothing_more_after_revocation(world: World) -> None:
    async with world.serving() as served, served.dial(world.peer) as channel:
        call: Any = post_pb2_grpc.PostStub(channel).Deliver()
        await call.write(post_pb2.Frame(statuses=[post_pb2.StreamStatus(code="busy")]))
        await call.read()
        world.trust.revoke("xab", world.peer.certificate)
        world.post._stream.outgoing.put_status(post_pb2.StreamStatus(code="quota"))
        assert (await refusal(raise_end(call))).reason == "revoked"


async def test_a_member_that_leaves_the_trust_list_is_cut_off(world: World) -> None:
    async with world.serving() as served, served.dial(world.peer) as channel:
        assert await echo(channel) == "busy"
        world.trust.exclude("xab")
        error = await refusal(knock(channel))
        assert isinstance(error, TrustError)
        assert "your member" in error.what_to_do


async def test_a_stream_ends_when_its_member_changes_to_another_root(world: World) -> None:
    async with world.serving() as served, served.dial(world.peer) as channel:
        call: Any = post_pb2_grpc.PostStub(channel).Deliver()
        frame = post_pb2.Frame(statuses=[post_pb2.StreamStatus(code="busy")])
        await call.write(frame)
        await call.read()
        world.trust.authorities[world.xab.member] = make_root("xab")
        world.trust.changes += 1
        await call.write(frame)
        assert (await refusal(raise_end(call))).reason == "path"


async def test_own_methods_are_for_own_officers_only(world: World) -> None:
    foreign = world.xab.issue(Role.OFFICER, officer="1", desks=("poc",))
    begin = enrolment_pb2.BeginRequest()
    async with world.serving() as served:
        async with served.dial(world.officer) as channel:
            answer = await enrolment_pb2_grpc.EnrolmentStub(channel).Begin(begin)
            assert answer.session == "officer-7"
        async with served.dial(foreign) as channel:
            error = await refusal(enrolment_pb2_grpc.EnrolmentStub(channel).Begin(begin))
            assert (error.code, error.reason) == ("not-allowed", "member")
        async with served.dial(world.peer) as channel:
            error = await refusal(enrolment_pb2_grpc.EnrolmentStub(channel).Begin(begin))
            assert (error.code, error.reason) == ("not-allowed", "role")


async def test_calls_above_the_rate_are_refused_as_quota(world: World) -> None:
    async with world.serving() as served, served.dial(world.officer) as channel:
        stub = enrolment_pb2_grpc.EnrolmentStub(channel)
        for _ in range(3):
            await stub.Begin(enrolment_pb2.BeginRequest())
        assert isinstance(await refusal(stub.Begin(enrolment_pb2.BeginRequest())), QuotaError)


async def test_many_calls_at_once_are_all_answered(world: World) -> None:
    """More than one connection may have on the way: the rest waits at the caller, and none is torn."""
    async with world.serving(table=WIDE) as served, served.dial(world.officer) as channel:
        stub = enrolment_pb2_grpc.EnrolmentStub(channel)
        answers = await asyncio.gather(*(stub.Finish(enrolment_pb2.FinishRequest()) for _ in range(400)))
    assert len(answers) == 400


async def test_what_is_too_much_at_once_is_refused_as_busy_and_goes_when_there_is_room(world: World) -> None:
    world.clerk.gate = asyncio.Event()
    async with (
        world.serving(table=WIDE, in_hand=CallsInHand(4, 6)) as served,
        served.dial(world.officer) as channel,
        served.dial(world.peer) as other,
    ):
        stub, peer = (enrolment_pb2_grpc.EnrolmentStub(one) for one in (channel, other))
        held = [asyncio.ensure_future(stub.Finish(enrolment_pb2.FinishRequest())) for _ in range(4)]
        await until(lambda: world.clerk.inside == 4, "four calls in hand")
        with pytest.raises(grpc.aio.AioRpcError) as caught:  # of this caller
            await stub.Finish(enrolment_pb2.FinishRequest())
        error = error_of_call(caught.value)
        assert (type(error), error.reason) == (BusyError, "overload")
        assert 500 <= int(dict(caught.value.trailing_metadata() or ())["grpc-retry-pushback-ms"]) < 1000
        held += [asyncio.ensure_future(peer.Finish(enrolment_pb2.FinishRequest())) for _ in range(2)]
        await until(lambda: world.clerk.inside == 6, "six calls in hand")
        error = await refusal(peer.Finish(enrolment_pb2.FinishRequest()))  # of all
        assert (type(error), error.reason) == (BusyError, "overload")
        check = health_stub(channel).Check(health_pb2.HealthCheckRequest())
        assert (await check).status == health_pb2.HealthCheckResponse.SERVING
        assert not [event for event in served.auditor.events if event.reason == "overload"]
        world.clerk.gate.set()
        await asyncio.gather(*held)
        await stub.Finish(enrolment_pb2.FinishRequest())


async def test_an_error_of_the_tree_travels_whole(world: World) -> None:
    world.clerk.failure = NotFoundError(
        "no such session", where="session", reason="gone", remedy="Begin again."
    )
    async with world.serving() as served, served.dial(world.officer) as channel:
        error = await refusal(enrolment_pb2_grpc.EnrolmentStub(channel).Finish(enrolment_pb2.FinishRequest()))
    assert type(error) is NotFoundError
    assert (error.message, error.where, error.reason, error.what_to_do) == (
        "no such session",
        "session",
        "gone",
        "Begin again.",
    )


async def test_an_unknown_exception_says_nothing_of_itself(world: World) -> None:
    world.clerk.failure = KeyError("CANARY-SERIAL-123")
    async with world.serving() as served, served.dial(world.officer) as channel:
        call = enrolment_pb2_grpc.EnrolmentStub(channel).Finish(enrolment_pb2.FinishRequest())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert type(error_of_call(caught.value)) is InternalError
        assert "CANARY" not in repr(caught.value) + repr(caught.value.trailing_metadata())


async def test_every_audited_call_leaves_one_event(world: World) -> None:
    async with world.serving() as served, served.dial(world.officer) as channel:
        await enrolment_pb2_grpc.EnrolmentStub(channel).Begin(enrolment_pb2.BeginRequest())
        await health_stub(channel).Check(health_pb2.HealthCheckRequest())
        (event,) = served.auditor.events
    assert (event.method, event.outcome) == ("/tracepost.wire.v1.Enrolment/Begin", "ok")
    assert event.caller is not None
    assert event.caller.officer == "7"


async def test_a_call_that_cannot_be_audited_does_not_succeed(world: World) -> None:
    async with world.serving() as served, served.dial(world.officer) as channel:
        served.auditor.failure = StoreError()
        error = await refusal(enrolment_pb2_grpc.EnrolmentStub(channel).Begin(enrolment_pb2.BeginRequest()))
    assert isinstance(error, StoreError)


async def test_health_and_reflection_are_served(world: World) -> None:
    async with world.serving() as served, served.dial(world.officer) as channel:
        health = await health_stub(channel).Check(
            health_pb2.HealthCheckRequest(service="tracepost.wire.v1.Post")
        )
        assert health.status == health_pb2.HealthCheckResponse.SERVING
        listing = reflection_pb2.ServerReflectionRequest(list_services="")
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
        call = stub.ServerReflectionInfo(iter([listing]))
        answer = await call.read()
        names = {service.name for service in answer.list_services_response.service}
        assert {"tracepost.wire.v1.Post", "grpc.health.v1.Health"} <= names


async def test_a_drain_says_not_serving_and_finishes_the_frame_in_hand(world: World) -> None:
    async with world.serving() as served, served.dial(world.peer) as channel:
        world.post.leaving = served.drain.started
        watch = health_stub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        call: Any = post_pb2_grpc.PostStub(channel).Deliver()
        await call.write(post_pb2.Frame(statuses=[post_pb2.StreamStatus(code="quota")]))
        first = await call.read()
        draining = asyncio.create_task(served.server.drain(30))
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watch.cancel()
        last = await call.read()
        assert [s.code for frame in (first, last) for s in frame.statuses] == ["quota", "busy"]
        assert await call.read() is grpc.aio.EOF
        assert await call.code() is grpc.StatusCode.OK
        await draining


async def test_papers_are_replaced_without_a_restart(world: World) -> None:
    """A new server certificate under a new root, and a new member among the callers."""
    first, successor = world.xaa.issue(Role.NODE), make_root("xaa")
    papers = [Papers(first.key_pem, first.chain_pem, world.xab.pem)]
    xac = make_root("xac")
    newcomer, second = xac.issue(Role.NODE), successor.issue(Role.NODE)
    async with world.serving(papers=papers) as served:
        async with served.dial(newcomer) as channel:
            assert isinstance(await refusal(knock(channel)), UnreachableError)
        papers.append(Papers(second.key_pem, second.chain_pem, world.xab.pem + xac.pem))
        world.trust.authorities[xac.member] = xac
        served.own = successor
        async with served.dial(newcomer) as channel:
            assert await echo(channel) == "busy"


async def test_old_connections_shake_hands_anew_after_their_age(world: World) -> None:
    young = ServerOptions(max_connection_age_seconds=2.0, max_connection_age_grace_seconds=0.2)
    async with world.serving(options=young) as served, served.dial(world.peer) as channel:
        assert isinstance(await refusal(knock(channel)), UnreachableError | InternalError)
    assert set(world.post.callers) == {"xab"}, "it was served, and ended for its age alone"


def dial_plainly(port: int, version: ssl.TLSVersion) -> str | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", port), 120) as plain, context.wrap_socket(plain) as secured:
        return secured.version()


async def test_tls_1_2_is_refused_and_1_3_is_not(world: World) -> None:
    async with world.serving() as served:
        with pytest.raises((ssl.SSLError, OSError)):
            await asyncio.to_thread(dial_plainly, served.server.port, ssl.TLSVersion.TLSv1_2)
        assert await asyncio.to_thread(dial_plainly, served.server.port, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"


def test_a_server_that_accepts_tls_1_2_is_found_out(world: World, tmp_path: Any) -> None:
    """A plain Python TLS server stands for ours with the cipher trick gone wrong."""
    node = world.xaa.issue(Role.NODE)
    pem = tmp_path / "node.pem"
    pem.write_bytes(node.key_pem + node.chain_pem)
    script = f"""
        import socket, ssl
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain({str(pem)!r})
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                pass
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        try:
            with pytest.raises(ConfigurationError, match=r"TLS 1\.2"):
                prove_tls13_only(port)
        finally:
            server.kill()


async def test_a_server_with_an_rpc_that_is_not_in_the_table_does_not_start(world: World) -> None:
    short = TABLE.replace('["/tracepost.wire.v1.Post/Deliver"]', '["/tracepost.wire.v1.Post/Forgotten"]')
    with pytest.raises(ConfigurationError):
        async with serving(world.trust, world.xaa, services(world.post, world.clerk), short):
            pass


async def test_an_address_that_is_taken_is_a_configuration_error(world: World) -> None:
    async with world.serving() as served:
        node = world.xaa.issue(Role.NODE)
        papers = Papers(node.key_pem, node.chain_pem, world.trust.roots_pem())
        with pytest.raises(ConfigurationError):
            await build_server(
                f"127.0.0.1:{served.server.port}",
                server_credentials(lambda: papers),
                services(world.post, world.clerk),
                served.chain,
            )


def test_keys_never_show_in_a_representation(world: World) -> None:
    node = world.xaa.issue(Role.NODE)
    assert "PRIVATE" not in repr(Papers(node.key_pem, node.chain_pem, world.xaa.pem))


async def test_handshakes_that_end_as_alerts_are_counted_and_audited(world: World) -> None:
    async with world.serving() as served:
        served_any: Served = served
        await served_any.chain.handshake_refused("certificate-expired")
        (event,) = served_any.auditor.events
    assert (event.method, event.outcome, event.reason) == ("handshake", "identity", "certificate-expired")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (bytes(25 * 1024 * 1024), "limit"),
        (b"\xff\xff\xff", "invalid-input"),
        (b"\x12\x80\x01abc", "invalid-input"),
    ],
    ids=["oversized", "not a frame", "truncated"],
)
async def test_a_message_that_cannot_be_read_ends_the_call_with_one_audit_event(
    world: World, data: bytes, code: str
) -> None:
    async with world.serving() as served:
        async with served.dial(world.peer) as channel:
            stream: Any = channel.stream_stream("/tracepost.wire.v1.Post/Deliver")()
            await stream.write(data)
            assert (await refusal(raise_end(stream))).code == code
        async with served.dial(world.officer) as channel:
            unary = channel.unary_unary("/tracepost.wire.v1.Enrolment/Finish")
            assert (await refusal(unary(data))).code == code
        assert [event.outcome for event in served.auditor.events] == [code, code]


async def test_what_is_not_allowed_is_not_even_parsed(world: World) -> None:
    async with world.serving() as served, served.dial(world.peer) as channel:
        unary = channel.unary_unary("/tracepost.wire.v1.Enrolment/Begin")
        assert (await refusal(unary(b"\xff\xff"))).code == "not-allowed"
