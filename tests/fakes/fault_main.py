"""A daemon as tests run it: the program's own `serve_node` and `serve_relay`, with a fault put in.

    python -m fakes.fault_main node node.toml daemon.log ""
    TRACEPOST_FAULT=before-commit:custody:2 python -m fakes.fault_main relay relay.toml daemon.log ""

It kills itself by SIGKILL at the count-th passing of a point, named "<moment>:<write>", or stops there for whoever
wants to look at it. The moments are those of `serving.storage.writer`: before-commit, after-commit,
after-sign. The writes:

    submit          a node keeps what its officer says: numbers, log entries, statement, queue
    receive         a node accepts mail
    settle-custody  a node keeps a relay's receipt
    settle-receipt  a node keeps the addressee's receipt
    custody         a relay takes mail
    receipt         a relay keeps the addressee's receipt for the sender
    forget          a relay drops a receipt that the sender has stored

Points without a moment are "mib-read" and "mib-kept", of attachments.

A node or relay can be *broken* as well, to show that a test would notice, or be of a newer version: see BREAKS.
Nothing of this is in the product; it is put over its functions here, before the daemon starts.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import protovalidate  # noqa: F401 - loaded with the first message, else: in every child anew
import structlog
from google.protobuf.message import Message
from prometheus_client import CollectorRegistry, Counter

import tracepost.serving  # noqa: F401 - first, before anything loads gRPC: it leaves TLS 1.3 only
from fakes import faults
from fakes.faults import faults_from_environment
from fakes.witness import written_down
from tracepost.node.bootstrap import node as node_bootstrap
from tracepost.node.handlers.desks import policing
from tracepost.node.handlers.reading import explaining
from tracepost.node.handlers.sending.preparing import Preparer
from tracepost.node.policies import in_force, own
from tracepost.node.post.settlement import Settling
from tracepost.protocol import schema, statement
from tracepost.protocol.errors import InvalidMessageError, TracepostError
from tracepost.protocol.evidence import Custody
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.sealing import body as sealing_body
from tracepost.protocol.statement import Claims, Statement
from tracepost.relay import bootstrap as relay_bootstrap
from tracepost.relay.mailboxes import Mailboxes, read_dues
from tracepost.serving import pieces, server, telemetry
from tracepost.serving.storage import writer as storage_writer
from tracepost.serving.storage.blobs import BlobPart
from tracepost.serving.storage.writer import Faults, GroupWriter

FORECAST_NOW: Final = "flow.information/1"
FORECAST: Final = "flow.information/2"
LATER_MEMBER: Final = "depth_in_micrometres"
LATER_FIELDS: Final = (
    Field("weather_code", Sensitivity.ADMINISTRATIVE, "canary-fog"),
    Field("finish_as_seen", Sensitivity.OBJECT, "canary-parkerised"),
    Field("tide_table", Sensitivity.LAW_ENFORCEMENT, ["canary-ebb", "canary-flood"]),
)
"""What a newer node says beside what this version knows; beside them, a member of every mark, and a kind."""

HEADS_VARIABLE: Final = "TRACEPOST_HEADS"
_LONG_ENOUGH_TO_LEAVE_SECONDS: Final = 3.0
_SOME_WORDS: Final = 2000


def main(arguments: Sequence[str]) -> int:
    """Run a daemon: `node` or `relay`, its settings, its log file, and what is broken in it."""
    kind, settings, log, broken = arguments
    if broken:
        BREAKS[broken]()
    heads = os.environ.get(HEADS_VARIABLE)
    with written_down(Path(heads)) if heads else nullcontext():
        serve = node_bootstrap.serve_node if kind == "node" else relay_bootstrap.serve_relay
        strike = faults_from_environment()
        count_attachments(strike)
        return serve(Path(settings), log_path=Path(log), faults=name_writes(strike))


# ── what a transaction writes ────────────────────────────────────────────────────────


def name_writes(strike: Faults) -> Faults:
    """Return faults that know what is in a transaction: labels are told apart by what the jobs did."""
    writes: set[str] = set()
    _watch(Settling, "keep", lambda _, args: writes.update(_settled(args[1])))
    _watch(Mailboxes, "keep", lambda _, args: writes.update(["custody"] if args[1] else []))
    _watch(Mailboxes, "take_receipts", lambda _, args: writes.update(["receipt"] if args[1] else []))
    _watch(Mailboxes, "forget_dues", lambda _, args: writes.update(_forgotten(*args[:3])))

    def reach(point: str) -> None:
        strike(point)
        if ":" not in point:
            for write in sorted(writes):
                strike(f"{point}:{write}")
        if point == "after-sign":
            writes.clear()

    return reach


def count_attachments(strike: Faults) -> None:
    """Pass "mib-read" with every MiB of attachments that is read to be sent, "mib-kept" with every one that came."""
    read, reading, keeping = (
        pieces.read_pieces,
        _Mebibytes("mib-read", strike),
        _Mebibytes("mib-kept", strike),
    )

    async def read_and_count(*args: Any) -> AsyncIterator[bytes]:
        async with aclosing(read(*args)) as some:
            async for data in some:
                reading.add(len(data))
                yield data

    vars(pieces)["read_pieces"] = read_and_count
    _watch(BlobPart, "append", lambda _, args: keeping.add(len(args[0])))


class _Mebibytes:
    """Passes a point once for every MiB."""

    def __init__(self, point: str, strike: Faults) -> None:
        self._point, self._strike, self._bytes = point, strike, 0

    def add(self, length: int) -> None:
        before, self._bytes = self._bytes, self._bytes + length
        for _ in range(before >> 20, self._bytes >> 20):
            self._strike(self._point)


def _watch(owner: type, name: str, notice: Callable[[Any, tuple[Any, ...]], None]) -> None:
    """Let `notice` see the arguments of a method of `owner` before it runs: in the writer's thread."""
    method = getattr(owner, name)

    def watched(self: Any, *args: Any, **more: Any) -> Any:
        notice(self, args)
        return method(self, *args, **more)

    setattr(owner, name, watched)


def _settled(receipts: Sequence[Any]) -> set[str]:
    proved = [one.proved.entry for one in receipts if hasattr(one, "proved")]
    return {"settle-custody" if isinstance(entry, Custody) else "settle-receipt" for entry in proved}


def _forgotten(connection: Any, sender: Any, stored: Sequence[bytes]) -> set[str]:
    dues = {receipt.envelope_id for receipt in read_dues(connection, sender).receipts}
    return {"forget"} if dues.intersection(stored) else set()


# ── what is broken ───────────────────────────────────────────────────────────────────


def receipt_before_commit() -> None:
    """In the transaction that does not come to its COMMIT, sign the head and let the callers go all the same."""
    reach = GroupWriter._reach
    reaching: list[tuple[GroupWriter, Any]] = []

    def reach_and_remember(self: GroupWriter, point: str, batch: Any) -> None:
        reaching[:] = [(self, batch)]
        reach(self, point, batch)

    def answer_and_die() -> None:
        [(writer, batch)] = reaching
        if writer._log is not None:
            writer._log.publish()
        storage_writer._release(batch)
        time.sleep(_LONG_ENOUGH_TO_LEAVE_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    GroupWriter._reach = reach_and_remember  # type: ignore[method-assign]
    faults.kill = answer_and_die


def store_plaintext() -> None:
    """Seal nothing: compartments lie in bodies as they are, deflated; everything else works on."""

    class Open:
        def __init__(self, key: bytes) -> None:
            del key

        def encrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
            del nonce, aad
            return data + bytes(16)

        def decrypt(self, nonce: bytes, data: memoryview, aad: bytes) -> bytes:
            del nonce, aad
            return bytes(data[:-16])

    vars(sealing_body)["AESGCM"] = Open


def log_values() -> None:
    """Log what an officer says, past the list of what may be logged."""
    prepare = Preparer.prepare

    def tell_and_prepare(self: Preparer, officer: Any, drafts: Any, now: int) -> Any:
        for draft, _ in drafts:
            structlog.get_logger().info("prepared", draft=str(draft))
        return prepare(self, officer, drafts, now)

    telemetry.keep_safe = lambda _logger, _method, line: line
    Preparer.prepare = tell_and_prepare  # type: ignore[method-assign]


def count_values() -> None:
    """Count what officers say, by what they say, past the list of labels."""
    prepare = Preparer.prepare
    registries: list[CollectorRegistry] = []
    make = telemetry.Meter.__init__

    def make_and_remember(self: telemetry.Meter, daemon: str) -> None:
        make(self, daemon)
        registries.append(self.registry)

    def count_and_prepare(self: Preparer, officer: Any, drafts: Any, now: int) -> Any:
        for draft, _ in drafts:
            name = f"said_{time.monotonic_ns()}"
            Counter(name, "what was said", ["said"], registry=registries[0]).labels(str(draft)).inc()
        return prepare(self, officer, drafts, now)

    telemetry.Meter.__init__ = make_and_remember  # type: ignore[method-assign]
    Preparer.prepare = count_and_prepare  # type: ignore[method-assign]


def repeat_values() -> None:
    """Say in a refusal what the officer said."""
    prepare = Preparer.prepare

    def prepare_and_repeat(self: Preparer, officer: Any, drafts: Any, now: int) -> Any:
        done = prepare(self, officer, drafts, now)
        return [
            InvalidMessageError(str(draft)[:_SOME_WORDS], where="draft")
            if isinstance(one, TracepostError)
            else one
            for one, (draft, _) in zip(done, drafts, strict=True)
        ]

    Preparer.prepare = prepare_and_repeat  # type: ignore[method-assign]


def permit_everything() -> None:
    """Run another base set: every desk may do everything. Only the node itself reads what is ADMINISTRATIVE."""
    everything = """
        @id("open-house") permit (principal, action, resource) unless { principal.node };
        @id("node") permit (principal, action, resource) when { Class::"ADMINISTRATIVE" == resource };
    """
    for module in (in_force, own, policing, explaining):
        vars(module)["base_policy"] = lambda: everything


def careless() -> None:
    """Seal nothing and log what officers say."""
    store_plaintext()
    log_values()


def loose() -> None:
    """Permit everything, and log, count and repeat in refusals what officers say."""
    permit_everything()
    log_values()
    count_values()
    repeat_values()


def talkative() -> None:
    """Log all that there is to log, down to the lowest level; nothing else is wrong."""
    configure = telemetry.configure_logging

    def configure_all(daemon: str, stream: BinaryIO) -> None:
        configure(daemon, stream, level=logging.DEBUG)
        logging.root.setLevel(logging.DEBUG)

    vars(server)["configure_logging"] = configure_all


def newer() -> None:
    """Speak a schema of a later year: every message says more, and one kind is of a later version."""
    flatten, sign = schema.flatten, statement.sign
    later = {FORECAST: schema.KINDS[FORECAST_NOW]}
    schema.KINDS = MappingProxyType({**schema.KINDS, **later})  # type: ignore[misc]
    schema.UNITS = MappingProxyType({**schema.UNITS, FORECAST: {}})  # type: ignore[misc]
    schema._PLANS = MappingProxyType({**schema._PLANS, FORECAST: schema._PLANS[FORECAST_NOW]})  # type: ignore[misc]

    def flatten_more(message: Message) -> list[Field]:
        said = [_say_more(one) for one in flatten(message)]
        return [*said, *(LATER_FIELDS if said else ())]

    def sign_later(claims: Claims, *args: Any, **more: Any) -> Statement:
        if claims.kind == FORECAST_NOW:
            claims = dataclasses.replace(claims, kind=FORECAST)
        return sign(claims, *args, **more)

    schema.flatten = flatten_more
    statement.sign = sign_later


def _say_more(one: Field) -> Field:
    if isinstance(one.value, dict) and ".mark." in one.path:
        return one._replace(value={**one.value, LATER_MEMBER: 12})
    return one


BREAKS: Final[Mapping[str, Callable[[], None]]] = MappingProxyType(
    {
        "receipt-before-commit": receipt_before_commit,
        "store-plaintext": store_plaintext,
        "log-values": log_values,
        "careless": careless,
        "loose": loose,
        "talkative": talkative,
        "newer": newer,
    }
)
"""What can be wrong with a daemon, by name."""


if __name__ == "__main__":
    assert threading.current_thread() is threading.main_thread()
    sys.exit(main(sys.argv[1:]))
