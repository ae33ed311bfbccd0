"""A process that is two hundred members at once, as a sender sees them; each with its own certificate, log and keys.

    sink.serve(folder)      # writes members.json, waits for sender.json, then listens and writes papers.json

It is lighter than a node, so that what limits is the sender. For every envelope it checks header and digests, verifies
the proof by the sender's log, opens the slot of the node's desk, and signs a receipt from the addressee's own log; the
frame is written and synced to one file before its receipts leave. It leaves out the statement (signature,
disclosures, rules), inbox and case rows, and keeps its logs in memory.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any, BinaryIO, Final

import grpc

from bench.processes import say
from fakes.house import POC, Identities
from fakes.members import FakeLog
from fakes.town import until
from tracepost.protocol.announced import NAME_LENGTH
from tracepost.protocol.envelope import CheckedEnvelope, parse_envelope
from tracepost.protocol.evidence import (
    Entry,
    LogVerifier,
    Prover,
    Sent,
    peek_head,
    received_on,
    sent_commitment,
    verify_proof,
)
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import NODE_DESK, MemberId, StatementDigest
from tracepost.protocol.sealing import EpochCache, find_slot
from tracepost.serving.credentials import server_options
from tracepost.serving.frames import FrameStream
from tracepost.wire.v1 import post_pb2_grpc
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import ConsistencyProof, ConsistencyRequest, Frame, Receipt

MEMBERS: Final = "members.json"
SENDER: Final = "sender.json"
PAPERS: Final = "papers.json"

Context = grpc.aio.ServicerContext[Any, Any]


async def serve(folder: Path) -> None:
    """Make as many members as `count` in the folder says, then receive for them until SIGTERM."""
    count = int((folder / "count").read_text())
    addressees = [_Addressee(f"xs{number:03}") for number in range(count)]
    _write(folder / MEMBERS, [one.introduction() for one in addressees])
    say("made")
    await until((folder / SENDER).exists, "the sender to be founded")
    sender = json.loads((folder / SENDER).read_text())
    with (folder / "kept").open("ab", buffering=0) as kept:
        desk = _FrontDesk(MemberId(sender["member"]), LogVerifier([sender["log_key"]]), kept)
        servers = [await _listen(one, desk, sender["root"].encode()) for one in addressees]
        _write(folder / PAPERS, [one.papers() for one in addressees])
        say("serves")
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await stop.wait()
        await asyncio.gather(*(server.stop(0) for server in servers))


class _Addressee:
    """One member: what it is known by, and what it opens and signs with."""

    def __init__(self, name: str) -> None:
        self.member = MemberId(name)
        self.log = FakeLog(self.member)
        made = Identities.make(name, (POC,))
        self.identities = dataclasses.replace(made, log_key=self.log.key)
        self.node = self.identities.authority.issue(Role.NODE)
        self.opening = self.identities.bundles[NODE_DESK].opening
        self.epochs = EpochCache()
        self.address = ""

    def introduction(self) -> dict[str, str]:
        """Return what the trust list says of it."""
        root = b64encode(self.identities.authority.der).decode()
        return {"member": self.member, "root": root, "log_key": self.log.key.vkey}

    def papers(self) -> str:
        """Return its announcement, whose directory entry says where it listens."""
        announcement = self.identities.announcement(int(time.time()), reachable_at=self.address)
        return b64encode(announcement.SerializeToString()).decode()

    def read_statement(self, envelope: CheckedEnvelope) -> StatementDigest:
        """Return the digest of the statement in an envelope, as the slot of the node's desk has it."""
        header = envelope.header
        slot = find_slot(
            envelope.slots,
            self.opening,
            header.from_member,
            header.to_member,
            header.body_sha256,
            cache=self.epochs,
        )
        return slot.statement_digest

    def prove_consistency(self, wanted: ConsistencyRequest) -> ConsistencyProof:
        """Return the proof that the head in a question continues the older one."""
        head = peek_head(wanted.checkpoint)
        path = Prover(head.size, self.log.hashes).consistency_path(wanted.old_size)
        return ConsistencyProof(
            member=self.member, old_size=wanted.old_size, path=path, checkpoint=wanted.checkpoint
        )


class _FrontDesk:
    """Verifies, keeps and receipts what comes, in one thread: one core is what a sink is given."""

    def __init__(self, sender: MemberId, verifier: LogVerifier, kept: BinaryIO) -> None:
        self._sender = sender
        self._verifier = verifier
        self._kept = kept
        self._thread = ThreadPoolExecutor(1)

    async def receive(self, addressee: _Addressee, frame: Frame) -> list[Receipt]:
        """Return the receipts for the envelopes of a frame, which is on the disk by then."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._receive, addressee, frame)

    def _receive(self, addressee: _Addressee, frame: Frame) -> list[Receipt]:
        now = int(time.time())
        checked = [parse_envelope(one, now=now) for one in frame.envelopes]
        entries = [self._verify(addressee, one, now) for one in checked]
        self._keep(frame.envelopes)
        return [
            Receipt(envelope_id=one.id, from_member=addressee.member, to_member=self._sender, proof=proof)
            for one, proof in zip(checked, addressee.log.prove(*entries), strict=True)
        ]

    def _verify(self, addressee: _Addressee, envelope: CheckedEnvelope, now: int) -> Entry:
        header = envelope.header
        assert (header.from_member, header.to_member) == (self._sender, addressee.member)
        sent = verify_proof(envelope.proof, self._verifier, live=True).entry
        statement = addressee.read_statement(envelope)
        assert isinstance(sent, Sent)
        assert (sent.id, sent.statement) == (envelope.id, sent_commitment(envelope.id, statement))
        return received_on(header.address, envelope.id, statement, now)

    def _keep(self, envelopes: Iterable[Envelope]) -> None:
        self._kept.write(b"".join(one.SerializeToString() for one in envelopes))
        os.fdatasync(self._kept.fileno())


class _Post(post_pb2_grpc.PostServicer):
    def __init__(self, addressee: _Addressee, desk: _FrontDesk) -> None:
        self._addressee = addressee
        self._desk = desk

    async def Deliver(self, frames: AsyncIterator[Frame], _context: Context) -> AsyncIterator[Frame]:  # noqa: N802
        stream = FrameStream(lambda frame: self._take(stream, frame))
        stream.outgoing.put_held(bytes(NAME_LENGTH))  # it has no papers, and says so at once
        async with aclosing(stream.serve(frames)) as leaving:
            async for frame in leaving:
                yield frame

    async def _take(self, stream: FrameStream, frame: Frame) -> None:
        if frame.envelopes:
            for receipt in await self._desk.receive(self._addressee, frame):
                stream.outgoing.put_receipt(receipt)
        for wanted in frame.consistency_wanted:
            stream.outgoing.put_consistency(self._addressee.prove_consistency(wanted))


async def _listen(addressee: _Addressee, desk: _FrontDesk, root: bytes) -> grpc.aio.Server:
    node = addressee.node
    credentials = grpc.ssl_server_credentials(
        [(node.key_pem, node.chain_pem)], root, require_client_auth=True
    )
    server = grpc.aio.server(options=server_options())
    post_pb2_grpc.add_PostServicer_to_server(_Post(addressee, desk), server)
    addressee.address = f"127.0.0.1:{server.add_secure_port('127.0.0.1:0', credentials)}"
    await server.start()
    return server


def read_papers(folder: Path) -> list[bytes]:
    """Return the announcements of all members of the sink in `folder`."""
    return [b64decode(one) for one in json.loads((folder / PAPERS).read_text())]


def _write(path: Path, content: object) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.rename(path)
