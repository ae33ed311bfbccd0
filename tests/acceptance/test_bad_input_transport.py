"""Bad callers and bad frames at a real daemon: real sockets, real mutual TLS, its own process and store.

xaa has one honest message for xab in its outbox and does not run. Others come to xab's port in its
name, or with its name on a bad certificate, and each carries that message: xab must not take it from
them. What ends as a TLS alert gets its reason in xab's audit trail like everything else. At the end
xaa comes up, and its message arrives once.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio

from fakes.adversary import Books, audit_trail, read_books
from fakes.messages import request
from fakes.pki import DAY, DOMAIN, Issued, make_root
from fakes.town import POC, Town, found_town, until
from tracepost.node.bootstrap.node import open_node
from tracepost.node.config import load_config
from tracepost.protocol.identity import PRIVATE_USE, TLS_USES, Role, dns_name
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.serving.credentials import MAX_MESSAGE_BYTES, Papers, open_channel
from tracepost.serving.problems import error_of_call
from tracepost.wire.v1 import post_pb2_grpc, terms_pb2
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Announcement, Expiry, Frame, Receipt, StreamStatus

pytestmark = pytest.mark.asyncio(loop_scope="module")

DELIVER = "/tracepost.wire.v1.Post/Deliver"


@dataclass(frozen=True)
class Stage:
    """The town; xab runs in its own process."""

    town: Town
    envelope: Envelope

    @property
    def port(self) -> int:
        return self.town.residents["xab"].ports.post

    @property
    def store(self) -> Path:
        return self.town.place("xab") / "store.sqlite"

    def issue(self, **more: Any) -> Issued:
        """Return a node certificate of xaa, as its authority makes it for the asking."""
        return self.town.residents["xaa"].authority.issue(Role.NODE, **more)

    def books(self) -> Books:
        return read_books(self.store)

    def problems(self) -> list[tuple[object, ...]]:
        """Return what xab noted last of a stream with xaa that went wrong."""
        return self.town.ask("xab", "SELECT member, last_problem FROM peer_contact WHERE member = 'xaa'")

    @asynccontextmanager
    async def dial(self, caller: Issued) -> AsyncIterator[grpc.aio.Channel]:
        authority = self.town.residents["xab"].authority
        papers = Papers(caller.key_pem, caller.chain_pem, authority.pem)
        name = dns_name(Role.NODE, authority.member, DOMAIN)
        channel = open_channel(f"127.0.0.1:{self.port}", papers, name)
        try:
            yield channel
        finally:
            await channel.close()

    async def knock(self, caller: Issued) -> str:
        """Open a stream, bring nothing and wait; return how it ended: who does not write is told for sure."""
        async with self.dial(caller) as channel:
            return await end_of(post_pb2_grpc.PostStub(channel).Deliver())

    async def deliver(self, caller: Issued, frame: Frame) -> str:
        """Bring a frame on a stream of one's own; return how it ended, which is `OVERTAKEN` where it was refused."""
        async with self.dial(caller) as channel:
            call: Any = post_pb2_grpc.PostStub(channel).Deliver()
            try:
                await call.write(frame)
                await call.done_writing()
            except (grpc.aio.AioRpcError, grpc.aio.InternalError, asyncio.InvalidStateError):
                return OVERTAKEN
            ended = await end_of(call)
            return ended if ended == "ok" else OVERTAKEN


OVERTAKEN = "overtaken"
"""What a caller learns who is still writing when its stream ends: gRPC says the reason or a word of its own.

The audit has the reason. Who waits is told it: see `Stage.knock`.
"""


class Trail:
    """The audit trail of xab beyond what stood in it when a test began."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._before = audit_trail(store)
        self._expected: list[tuple[str, str, str, str]] = []

    async def expect(self, outcome: str, *, caller: str = "nobody", subject: str = "handshake") -> None:
        """Wait for the audit event of one call; nothing else may have come since the one before."""
        self._expected.append((caller, "call", subject, outcome))
        await until(lambda: len(audit_trail(self._store)) >= self._length, outcome)
        assert audit_trail(self._store) == [*self._before, *self._expected]

    @property
    def _length(self) -> int:
        return len(self._before) + len(self._expected)


async def end_of(call: Any) -> str:
    """Read a stream to its end; return "ok", or "code/reason" of the error that ended it."""
    try:
        while await call.read() is not grpc.aio.EOF:
            pass
    except grpc.aio.AioRpcError as ended:
        error = error_of_call(ended)
        return f"{error.code}/{error.reason}"
    return "ok"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("founded") / "town"
    town = found_town(folder, {"xaa": (POC,), "xab": (POC,), "xac": (POC,)}, "hub", reachable=("xab",))
    async with town.running("hub", "xaa", "xab", "xac"):
        await town.meet("xaa", "xab", "xac")
    envelope = await write_mail(town)
    xab = town.process("xab")
    async with town.running("hub"):
        await xab.start()
        try:
            yield Stage(town, envelope)
        finally:
            await xab.stop()


@pytest.fixture
def trail(stage: Stage) -> Trail:
    return Trail(stage.store)


async def write_mail(town: Town) -> Envelope:
    """Let xaa write to xab, which is not there; return what waits in its outbox."""
    node = await open_node(load_config(town.place("xaa") / "node.toml"))
    try:
        await town.unlock("xaa")
        async with town.client("xaa") as client:
            cover = Cover(
                to=("xab",),
                purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
                legal_basis=terms_pb2.LEGAL_BASIS_ITI,
            )
            await client.submit(build_draft(request(), cover))
        store = node._store
        queue = (await store.read(lambda tx: tx.outbox.depths()))[0].queue
        now = int(time.time())
        [mail] = await store.read(lambda tx: tx.outbox.waiting(queue, (0, 0), now, 10, 1 << 30))
        [proof] = store.evidence.prove([(mail.log_number, mail.line)])
        return Envelope(header=mail.header, slots=mail.slots, body=mail.body, proof=proof)
    finally:
        await node.close()


def mail_states(stage: Stage) -> list[tuple[object, ...]]:
    return stage.town.ask("xaa", "SELECT state FROM sent_mail")


# ── callers that TLS refuses ─────────────────────────────────────────────────────────

PATIENCE_S = 120.0
"""A dialler that gives up is refused for another reason than its certificate."""


def shake_hands(port: int, folder: Path, issued: Issued | None, version: ssl.TLSVersion) -> str:
    """Dial once, without trying again as gRPC does; return how it ended: "served" or the alert."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2"])
    if issued is not None:
        pem = folder / "caller.pem"
        pem.write_bytes(issued.key_pem + issued.chain_pem)
        context.load_cert_chain(pem)
    address = "127.0.0.1", port
    try:
        with (
            socket.create_connection(address, PATIENCE_S) as plain,
            context.wrap_socket(plain) as secured,
        ):
            secured.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
            return "served" if secured.recv(1) else "closed"
    except OSError as error:
        return type(error).__name__


@dataclass(frozen=True)
class Alert:
    """A caller with whom the handshake fails, and the reason that is kept."""

    defect: str
    reason: str
    make: Callable[[Stage], Issued | None]
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3

    def __str__(self) -> str:
        return self.defect


def now() -> int:
    return int(time.time())


ALERTS = [
    Alert("the authority is nobody's", "unknown-authority", lambda _: make_root("xaa").issue(Role.NODE)),
    Alert("the certificate has expired", "certificate-expired", lambda s: s.issue(not_after=now() - 60)),
    Alert(
        "the certificate is not yet valid",
        "certificate-not-yet-valid",
        lambda s: s.issue(not_before=now() + DAY),
    ),
    Alert(
        "a state signs for another",
        "name-constraint",
        lambda s: s.town.residents["xac"].authority.issue(Role.NODE, names=[f"node.xaa.{DOMAIN}"]),
    ),
    Alert(
        "the second name is another state's",
        "name-constraint",
        lambda s: s.issue(names=[f"node.xaa.{DOMAIN}", f"node.xac.{DOMAIN}"]),
    ),
    Alert("there is no certificate", "no-certificate", lambda _: None),
    Alert("the connection is TLS 1.2", "tls-version", lambda s: s.issue(), ssl.TLSVersion.TLSv1_2),
]


@pytest.mark.parametrize("case", ALERTS, ids=str)
async def test_a_caller_that_tls_refuses_has_its_reason_in_the_audit(
    stage: Stage, trail: Trail, case: Alert, tmp_path: Path
) -> None:
    before = stage.books()
    ended = await asyncio.to_thread(shake_hands, stage.port, tmp_path, case.make(stage), case.version)
    assert ended != "served"
    await trail.expect(f"identity/{case.reason}")
    assert set(stage.books().since(before)) == {"audit_event"}
    assert mail_states(stage) == [("QUEUED",)]


async def test_the_dialler_of_these_tests_is_served_with_an_honest_certificate(
    stage: Stage, tmp_path: Path
) -> None:
    """The control: it is the certificate, and nothing else, that the others are refused for."""
    before = stage.books()
    ended = await asyncio.to_thread(shake_hands, stage.port, tmp_path, stage.issue(), ssl.TLSVersion.TLSv1_3)
    assert (ended, stage.books().since(before)) == ("served", {})


# ── callers that TLS lets in ─────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Caller:
    """A caller with a certificate of an authority that is believed, and why it may not deliver."""

    defect: str
    reason: str
    make: Callable[[Stage], Issued]
    label: str = "nobody"

    def __str__(self) -> str:
        return self.defect


BOTH_PROFILES = [PRIVATE_USE[Role.NODE], PRIVATE_USE[Role.STATEMENT], *TLS_USES[Role.NODE]]

CALLERS = [
    Caller(
        "a second name",
        "identity/name-count",
        lambda s: s.issue(names=[f"node.xaa.{DOMAIN}", f"statement.xaa.{DOMAIN}"]),
    ),
    Caller("two profiles", "identity/two-profiles", lambda s: s.issue(uses=BOTH_PROFILES)),
    Caller(
        "an officer's certificate",
        "not-allowed/role",
        lambda s: s.town.residents["xaa"].authority.issue(Role.OFFICER, officer="7", desks=("poc",)),
        label="officer-7.xaa",
    ),
]


@pytest.mark.parametrize("case", CALLERS, ids=str)
async def test_a_caller_that_may_not_deliver_is_refused_by_name(
    stage: Stage, trail: Trail, case: Caller
) -> None:
    before, caller = stage.books(), case.make(stage)
    assert await stage.knock(caller) == case.reason
    await trail.expect(case.reason, caller=case.label, subject="Deliver")
    assert await stage.deliver(caller, Frame(envelopes=[stage.envelope])) == OVERTAKEN
    await trail.expect(case.reason, caller=case.label, subject="Deliver")
    assert set(stage.books().since(before)) == {"audit_event"}
    assert mail_states(stage) == [("QUEUED",)]


async def test_a_revoked_certificate_is_refused_before_and_while_its_stream_is_open(
    stage: Stage, trail: Trail
) -> None:
    """The list that revokes it comes on another member's stream; the next frame is not taken any more."""
    authority, stolen = stage.town.residents["xaa"].authority, stage.issue()
    bringer = stage.town.residents["xac"].authority.issue(Role.NODE)
    crl = Announcement(member="xaa", crl=authority.crl([stolen.certificate], number=2))
    async with stage.dial(stolen) as channel:
        call: Any = post_pb2_grpc.PostStub(channel).Deliver()
        await call.write(Frame(statuses=[StreamStatus(code="busy")]))
        await until(lambda: stage.problems() == [("xaa", "busy")], "the frame to be taken")
        assert await stage.deliver(bringer, Frame(announcements=[crl])) == "ok"
        await trail.expect("ok", caller="node.xac", subject="Deliver")
        before = stage.books()
        await call.write(Frame(envelopes=[stage.envelope]))
        assert await end_of(call) == "identity/revoked"
        await trail.expect("identity/revoked", caller="node.xaa", subject="Deliver")
    assert await stage.knock(stolen) == "identity/revoked"
    await trail.expect("identity/revoked", subject="Deliver")
    assert await stage.deliver(stolen, Frame(envelopes=[stage.envelope])) == OVERTAKEN
    await trail.expect("identity/revoked", subject="Deliver")
    assert set(stage.books().since(before)) == {"audit_event"}
    assert mail_states(stage) == [("QUEUED",)]


# ── frames ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Malformed:
    """A frame with an honest caller, and the reason that ends the stream."""

    defect: str
    reason: str
    make: Callable[[Stage], bytes]

    def __str__(self) -> str:
        return self.defect


def framed(**things: Any) -> Callable[[Stage], bytes]:
    return lambda _: Frame(**things).SerializeToString()


MALFORMED = [
    Malformed(
        "cut off in the middle",
        "invalid-input/unreadable",
        lambda s: Frame(envelopes=[s.envelope]).SerializeToString()[:-700],
    ),
    Malformed("noise", "invalid-input/unreadable", lambda _: hashlib.shake_256(b"noise").digest(4096)),
    Malformed(
        "an envelope that claims to be longer than the frame",
        "invalid-input/unreadable",
        lambda _: b"\x12\xff\xff\xff\x7f" + bytes(64),
    ),
    Malformed("larger than any frame", "limit/limit", lambda _: bytes(MAX_MESSAGE_BYTES + 1)),
    Malformed(
        "more envelopes than a frame holds",
        "limit/limit",
        lambda s: Frame(envelopes=[s.envelope] * 257).SerializeToString(),
    ),
    Malformed(
        "more announcements than a frame holds",
        "limit/limit",
        framed(announcements=[Announcement(member="xaa")] * 257),
    ),
    Malformed(
        "a receipt for no envelope",
        "invalid-input/invalid-input",
        framed(receipts=[Receipt(envelope_id=b"1")]),
    ),
    Malformed("the word on no envelope", "invalid-input/invalid-input", framed(receipts_stored=[b"1"])),
    Malformed(
        "a status about no envelope",
        "invalid-input/invalid-input",
        framed(statuses=[StreamStatus(envelope_id=b"1", code="busy")]),
    ),
    Malformed(
        "an end of no envelope", "invalid-input/invalid-input", framed(expiries=[Expiry(envelope_id=b"1")])
    ),
]


async def deliver_bytes(stage: Stage, caller: Issued, data: bytes) -> str:
    """Put raw bytes on a stream where a frame should be; return "code/reason" of how it ended.

    Nothing ends the stream before all of them have left, and nothing is written after them: see `Stage.knock`.
    """
    async with stage.dial(caller) as channel:
        call: Any = channel.stream_stream(
            DELIVER, request_serializer=bytes, response_deserializer=Frame.FromString
        )()
        await call.write(data)
        return await end_of(call)


@pytest.mark.parametrize("case", MALFORMED, ids=str)
async def test_a_malformed_frame_ends_its_stream_and_leaves_nothing(
    stage: Stage, trail: Trail, case: Malformed
) -> None:
    before = stage.books()
    assert await deliver_bytes(stage, stage.issue(), case.make(stage)) == case.reason
    await trail.expect(case.reason, caller="node.xaa", subject="Deliver")
    assert set(stage.books().since(before)) == {"audit_event"}
    assert mail_states(stage) == [("QUEUED",)]


# ── nothing is lost ──────────────────────────────────────────────────────────────────


async def test_the_message_that_all_of_them_carried_arrives_once_from_its_sender(stage: Stage) -> None:
    """Last: xaa comes up with its own certificate and brings what waited in its outbox all the time."""
    before = stage.books()
    async with stage.town.running("xaa"):
        await until(lambda: mail_states(stage) == [("DELIVERED",)], "the message to be delivered")
    changed = stage.books().since(before)
    assert [len(changed[table]) for table in ("received_mail", "case_record", "statement")] == [1, 1, 1]
    assert [
        row[1:] for row in stage.town.ask("xab", "SELECT number, action FROM audit_event") if "refuse" in row
    ] == []
