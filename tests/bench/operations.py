"""What single steps cost in one thread, and how large an envelope is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import Message

from bench.report import median
from bench.rows import Measured, Part, Row, Run
from bench.workload import add_photographs, make_draft, make_request
from fakes.house import House, Street, open_street
from tracepost.protocol import sealing, statement
from tracepost.protocol.envelope import parse_envelope
from tracepost.protocol.ids import DeskId, MemberId, ThreadId, new_uuid7
from tracepost.protocol.schema import flatten
from tracepost.protocol.statement import Claims, Statement, UntrustedStatement
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.envelope_pb2 import Envelope

_REPEATS = 3
_SENDER, _RECEIVER, _READER = "xaa", "xab", DeskId("police")
T = TypeVar("T")
R = TypeVar("R")


async def measure(run: Run) -> Measured:
    """Return µs of sign, seal, open and verify, each over different messages, and envelope bytes."""
    count = run.share(400)
    async with open_street(run.folder, _SENDER, _RECEIVER) as street:
        bench = _Bench(street)
        requests = [make_request(number) for number in range(count)]
        sign_us, signed = _time(bench.sign, requests)
        seal_us, _ = _time(bench.seal, signed)
        verify_us, _ = _time(bench.verify, signed)
        envelopes = await bench.envelopes([make_draft(number, _RECEIVER) for number in range(min(count, 64))])
        open_us, _ = _time(bench.open, envelopes)
        pictured = make_draft(1_000_000, _RECEIVER)
        add_photographs(pictured)
        [with_photographs] = await bench.envelopes([pictured])
    figures = {
        "sign_us": sign_us,
        "seal_us": seal_us,
        "open_us": open_us,
        "verify_us": verify_us,
        **_sizes("envelope", envelopes[0]),
        **_sizes("envelope_with_photographs", with_photographs),
    }
    return Measured(figures)


async def weigh_envelope(folder: Path) -> int:
    """Return the bytes of the envelope of one request."""
    async with open_street(folder, _SENDER, _RECEIVER) as street:
        [envelope] = await _Bench(street).envelopes([make_draft(1, _RECEIVER)])
    return envelope.ByteSize()


class _Bench:
    """The steps, with what they need at hand."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._sender: House = street[_SENDER]
        self._receiver: House = street[_RECEIVER]
        entry = self._sender.papers.entry(MemberId(_RECEIVER))
        assert entry is not None
        self._entry = entry
        self._certificate = self._sender.identities.statement.certificate

    def sign(self, request: Message) -> Statement:
        """Flatten, draft and sign a request."""
        now = self._street.clock()
        claims = Claims(
            iss=MemberId(_SENDER),
            aud=(MemberId(_RECEIVER),),
            iat=now,
            jti=new_uuid7(now * 1000, os.urandom(10)),
            kind="trace.request/1",
            thread=ThreadId(new_uuid7(now * 1000, os.urandom(10))),
            in_reply_to=None,
            desk=DeskId("poc"),
            purpose="PURPOSE_CRIMINAL_INVESTIGATION",
            legal_basis="LEGAL_BASIS_ITI",
        )
        return statement.sign(claims, flatten(request), self._sender.identities.signer, os.urandom)

    def seal(self, signed: Statement) -> object:
        """Deflate and encrypt the body, seal slots for the desks of the addressee, wraps for ours."""
        sealer = self._sender.rooms.sealer
        return sealer.seal(signed, sealer.encrypt(signed, {}, [self._entry]), self._street.clock())

    def verify(self, signed: Statement) -> object:
        """Verify a statement with all its disclosures."""
        untrusted = UntrustedStatement(signed.jws, tuple(one.encoded for one in signed.disclosures))
        return statement.verify(
            untrusted, self._certificate, issuer=MemberId(_SENDER), reader=MemberId(_RECEIVER)
        )

    def open(self, wire: Envelope) -> object:
        """Check an envelope, open the slot of a desk and every compartment that it may read."""
        envelope = parse_envelope(wire, now=self._street.clock())
        secrets = self._receiver.ring.secrets(_READER)
        header = envelope.header
        slot = sealing.find_slot(
            envelope.slots,
            secrets.opening,
            header.from_member,
            header.to_member,
            header.body_sha256,
            cache=secrets.epochs,
            expected=2,
        )
        opened = sealing.open_compartments(envelope.body, slot.keys.values())
        return [sealing.unpack_compartment(plain) for plain in opened.values()]

    async def envelopes(self, drafts: Sequence[desk_pb2.Draft]) -> list[Envelope]:
        """Return the mail that these drafts become."""
        before = len(await self._street.queued(self._sender))
        answers = await self._sender.submit(*drafts)
        assert not any(one.HasField("problem") for one in answers), answers
        return (await self._street.queued(self._sender))[before:]


def _sizes(name: str, envelope: Envelope) -> dict[str, float]:
    """Return the bytes of an envelope and of its parts."""
    parts = ("header", "slots", "body", "proof")
    return {
        f"{name}_bytes": envelope.ByteSize(),
        **{f"{name}_{part}_bytes": len(getattr(envelope, part)) for part in parts},
    }


def _time(step: Callable[[T], R], items: Sequence[T]) -> tuple[float, list[R]]:
    """Return the median µs of `step` per item, over several goes through all items, and its results."""
    step(items[0])
    figures, results = [], []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        results = [step(item) for item in items]
        figures.append(1e6 * (time.perf_counter() - begun) / len(items))
    return round(median(figures), 1), results


PART = Part(
    "operations",
    "in one thread, medians over some hundred different messages",
    seconds=10,
    measure=measure,
    rows=(
        Row("sign_us", "statement of 40 fields: sign (µs)"),
        Row("seal_us", "  seal to three desks, wrap for two (µs)"),
        Row("open_us", "  open at a desk (µs)"),
        Row("verify_us", "  verify (µs)"),
        Row("envelope_bytes", "envelope of a request (bytes)"),
        Row("envelope_with_photographs_bytes", "  with three photographs (bytes)"),
    ),
)
