"""Puts a node together: the only room that names concrete adapters; tests use it too.

Starting, in this order; any doubt is fatal:

    1  settings, the machine's secret, the daemon's own keys; desks of people stay locked
    2  the key escrow was tried, or the node does not go live
    3  the store and its log; a damaged log stops here, and one that relay or peers know to be longer
    4  trust: the newest list that was ever accepted, else the first one by its fingerprint
    5  papers of members as the store has them, our own certificates and revocation list
    6  our directory entry, signed anew if the settings changed or it is about to lapse
    7  the policies: the base set and our own as they were put in force last
    8  the servers, each proving that it refuses TLS 1.2; then the courier dials
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import random as jitter_source
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import grpc
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.node import installation
from tracepost.node.adapters.archive import ArchiveFiles
from tracepost.node.adapters.keyring import KeyRing
from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.adapters.machine import read_machine_secret
from tracepost.node.adapters.scanner import CommandScanner
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.auditing import NodeAudit
from tracepost.node.config import NodeConfig, load_config
from tracepost.node.gate import Gate, PolicySet, reader_of
from tracepost.node.handlers.archiving import Archiving
from tracepost.node.handlers.assigning import Assigning
from tracepost.node.handlers.automatic_checks import AutomaticChecks
from tracepost.node.handlers.case_desks import CaseDesking
from tracepost.node.handlers.complaints import Complaints
from tracepost.node.handlers.completing import Completing
from tracepost.node.handlers.confirming import Confirming
from tracepost.node.handlers.contents import Contents
from tracepost.node.handlers.deleting import Deleting
from tracepost.node.handlers.deleting_by_two import DeletingByTwo
from tracepost.node.handlers.deputising import Deputising
from tracepost.node.handlers.disclosure_log import DisclosureLog
from tracepost.node.handlers.emergency import Emergencies
from tracepost.node.handlers.enclosing_files import EnclosingFiles
from tracepost.node.handlers.exhibits import Enclosing
from tracepost.node.handlers.four_eyes import FourEyes
from tracepost.node.handlers.giving_out import GivingOut
from tracepost.node.handlers.indexing import Indexing
from tracepost.node.handlers.office import Office, OwnDesk
from tracepost.node.handlers.opening import Opener
from tracepost.node.handlers.policing import Policing
from tracepost.node.handlers.preparing import Preparer
from tracepost.node.handlers.register_book import RegisterBook
from tracepost.node.handlers.register_import import RegisterImport
from tracepost.node.handlers.releasing import Releasing
from tracepost.node.handlers.sealing_mail import Sealer
from tracepost.node.handlers.sending import Sending
from tracepost.node.handlers.staff import OfficerDoor, Staff
from tracepost.node.handlers.unlocking import Unlocking
from tracepost.node.handlers.uploading import UNNAMED_LIFE_S, Uploading
from tracepost.node.log_server import LogServer
from tracepost.node.own_head import AHEAD_NAME, ANSWER_WITHIN_S, ASKED_AT_ONCE, OwnHead, Place, ask_for_heads
from tracepost.node.own_papers import load_all_papers, publish_own, reload_papers
from tracepost.node.papers import Papers
from tracepost.node.policies.in_force import load_policies
from tracepost.node.ports import Scanner, Store, Tx
from tracepost.node.post.admittance import Admittance
from tracepost.node.post.allowances import Allowance, Allowances
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.carrier import Carrier
from tracepost.node.post.continuity import Continuity
from tracepost.node.post.courier import Courier
from tracepost.node.post.custody import Places, take_back_overdue
from tracepost.node.post.examination import NodeKeys
from tracepost.node.post.leasing import Leasing
from tracepost.node.post.line import Line
from tracepost.node.post.mailroom import Mailroom
from tracepost.node.post.marking import Marking
from tracepost.node.post.neighbours import Neighbours, Shelf
from tracepost.node.post.postmaster import Postmaster
from tracepost.node.post.reception import Reception
from tracepost.node.post.rerouting import Rerouting
from tracepost.node.post.settlement import Settling
from tracepost.node.records import Queue
from tracepost.node.recovery import (
    begin_log,
    make_next_key,
    read_keys_in_use,
    read_log_keys,
    take_over,
)
from tracepost.node.services import attachments as attachments_service
from tracepost.node.services import desk as desk_service
from tracepost.node.services import office as office_service
from tracepost.node.services import post as post_service
from tracepost.node.services import post_office as post_office_service
from tracepost.node.services import witness as witness_service
from tracepost.node.witnessed import Submit, Witnessed
from tracepost.protocol.certificate import load_chain
from tracepost.protocol.errors import ConfigurationError, EvidenceError, TracepostError
from tracepost.protocol.evidence import Head, LogKey, LogVerifier, WitnessReply
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.statement import KeySigner
from tracepost.protocol.trustlist import MemberType
from tracepost.serving.credentials import Papers as TlsPapers
from tracepost.serving.credentials import open_channel, server_credentials
from tracepost.serving.frames import FrameCall
from tracepost.serving.interceptors import CallChain, CallMetrics, ChainParts
from tracepost.serving.methods import MethodTable
from tracepost.serving.problems import error_of_call
from tracepost.serving.server import (
    Daemon,
    Drain,
    RunningServer,
    Service,
    build_server,
    run_daemon,
    serve_metrics,
)
from tracepost.serving.storage.blobs import BlobName, Blobs, forget_stale
from tracepost.serving.storage.writer import Faults, no_faults
from tracepost.serving.telemetry import Meter
from tracepost.wire.v1 import (
    attachment_pb2_grpc,
    delivery_pb2_grpc,
    desk_pb2_grpc,
    office_pb2_grpc,
    post_pb2_grpc,
    witness_pb2,
    witness_pb2_grpc,
)
from tracepost.wire.v1.post_pb2 import Frame

_log = structlog.get_logger()

Clock = Callable[[], int]

_GRACE_SECONDS = 10.0
_QUIET_S = 2.0
_HOUSEKEEPING_SECONDS = 30.0
_ARCHIVE_EVERY_S = 86400

Job = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Keys:
    """The daemon's own keys and the public halves of all its desks'."""

    store: FileKeyStore = field(repr=False)
    ring: KeyRing
    log: LogKey = field(repr=False)
    ended_logs: tuple[LogKey, ...] = field(repr=False)
    signer: KeySigner = field(repr=False)

    def node(self, us: MemberId) -> NodeKeys:
        """Return what incoming mail is opened with."""
        secrets = self.ring.secrets(NODE_DESK)
        return NodeKeys(us, secrets.opening, secrets.epochs)


@dataclass(slots=True)
class RunningNode:
    """A node that serves; `close` drains it."""

    post: RunningServer
    desk: RunningServer
    chain: CallChain
    papers: Papers
    _store: Store
    _sending: Sending
    _contents: Contents
    _tasks: list[asyncio.Task[None]]
    _stop_metrics: Callable[[], None]

    async def serve_until(self, stop: asyncio.Event) -> None:
        """Return when `stop` is set; raise what ended the courier or the housekeeping, if that ends first."""
        stopping = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([stopping, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            stopping.cancel()

    async def close(self) -> None:
        """Drain: frames in hand are finished, streams end, what was acknowledged is on the disk."""
        await asyncio.gather(self.post.drain(_GRACE_SECONDS), self.desk.drain(_GRACE_SECONDS))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._stop_metrics()
        self._sending.close()
        self._contents.close()
        await self._store.close()


def unix_clock() -> int:
    """Return the time in unix seconds."""
    return int(time.time())


def serve_node(
    *configs: Path, log_path: Path | None = None, clock: Clock = unix_clock, faults: Faults = no_faults
) -> int:
    """Run the nodes of `configs` (`node.toml` each) until SIGTERM; return the exit code.

    A small office needs no server of its own: members that share a process share nothing else, neither keys
    nor store nor log nor ports. What ends one ends all, so that none is silently gone.

    The process must not have loaded gRPC before `tracepost.serving`; otherwise the node
    finds that it would accept TLS 1.2, and does not start.
    """

    async def main(daemon: Daemon) -> None:
        async with AsyncExitStack() as stack:
            nodes = [await _start(stack, one, clock, faults) for one in _load_all(configs)]
            # Which member's port it was, TLS does not tell: each has it in its audit.
            chains = [node.chain for node in nodes]
            daemon.hear_refusals(lambda reason: _each(chain.handshake_refused(reason) for chain in chains))
            await _serve_until(daemon.stop, nodes)

    return run_daemon("node", main, log_path)


def _load_all(configs: Sequence[Path]) -> list[NodeConfig]:
    loaded = [load_config(path) for path in configs]
    if len({one.member for one in loaded}) < len(loaded):
        raise ConfigurationError("a member is served once", where="member", reason="member-twice")
    return loaded


async def _start(stack: AsyncExitStack, config: NodeConfig, clock: Clock, faults: Faults) -> RunningNode:
    """Open a node in a context of its own, in which every log line names it."""
    context = contextvars.copy_context()
    context.run(structlog.contextvars.bind_contextvars, node=config.member)
    opening = asyncio.create_task(open_node(config, clock=clock, faults=faults), context=context)
    node = await opening
    stack.push_async_callback(node.close)
    return node


async def _serve_until(stop: asyncio.Event, nodes: Sequence[RunningNode]) -> None:
    """Return when `stop` is set; raise what ended the first of `nodes` that ended."""
    await asyncio.gather(*(node.serve_until(stop) for node in nodes))


async def _each(calls: Iterable[Awaitable[None]]) -> None:
    for call in calls:
        await call


async def open_node(
    config: NodeConfig, *, clock: Clock = unix_clock, faults: Faults = no_faults
) -> RunningNode:
    """Start a node in the order of the module docstring.

    Raises:
        ConfigurationError: keys, certificates, trust list, escrow or addresses are missing or do not fit.
        StoreError: the store is damaged.
        LogBehindError: the store is not the newest of our log.
        TrustError: the trust list does not hold.
    """
    keys = _load_keys(config)
    installation.require_escrow(keys.store, config)
    archive = ArchiveFiles(config.archive_path)
    store = await open_store(
        config.store_url, keys.log, faults=faults, archive=archive, earlier=keys.ended_logs
    )
    try:
        return await _open_with(config, keys, store, clock)
    except BaseException:
        await store.close()
        raise


async def _open_with(config: NodeConfig, keys: Keys, store: Store, clock: Clock) -> RunningNode:
    papers = await load_all_papers(config, store, clock())
    own_head = _make_own_head(config, keys, store, papers)
    await own_head.check(_places(config, papers))
    await publish_own(config, keys.store, keys.signer, store, papers, now=clock())
    policies = await load_policies(store, papers, config.member, clock(), os.urandom)
    rooms = _Rooms(config, keys, store, papers, clock, policies=policies, own_head=own_head)
    rooms.policing.version = await store.read(lambda tx: tx.editions.policy())
    await rooms.staff.load()
    await rooms.admittance.load()
    await rooms.continuity.load()
    neighbours = rooms.neighbours()
    meter = Meter("node")
    drain = rooms.drain
    metrics = CallMetrics(meter)
    outside, inside = [rooms.post(), rooms.witness()], rooms.for_officers()
    chains = [
        _make_chain(config, rooms, metrics, clock=clock, services=[s.descriptor.full_name for s in services])
        for services in (outside, inside)
    ]
    tls = _tls_papers(config, keys, papers)
    post = await build_server(config.post_address, server_credentials(tls.of_all), outside, chains[0], drain)
    try:
        desk = await build_server(
            config.desk_address, server_credentials(tls.of_own), inside, chains[1], drain
        )
    except BaseException:
        await post.drain(0)
        raise
    await _tell_health_of(post, rooms.admittance)
    stop = serve_metrics(config.metrics_address, meter.registry) if config.metrics_address else lambda: None
    _log.info("node-serves", member=config.member, port=post.port, size=store.evidence.head.size)
    jobs = [
        rooms.courier.run(),
        rooms.carrier.run(),
        _keep_house(rooms.housekeeping),
        own_head.watch(lambda: _places(config, papers)),
        rooms.witnessed.run(lambda: _places(config, papers)[:ASKED_AT_ONCE]),
    ]
    if config.log.serve:
        jobs.append(rooms.log_server().run(config.log.serve))
    jobs += [rooms.leasing.run(), neighbours.run()] if store.is_shared else []
    tasks = [asyncio.create_task(job) for job in jobs]
    return RunningNode(post, desk, chains[0], papers, store, rooms.sending, rooms.contents, tasks, stop)


class _Rooms:
    """The rooms of one node, each given what it uses."""

    def __init__(
        self,
        config: NodeConfig,
        keys: Keys,
        store: Store,
        papers: Papers,
        clock: Clock,
        *,
        policies: PolicySet,
        own_head: OwnHead,
    ) -> None:
        us = config.member
        self.own_head = own_head
        self.witness_keys = installation.load_witness_keys(keys.store, config)
        self.witnessed = Witnessed(
            store.evidence,
            LogVerifier([keys.log.vkey, *config.log.witnesses]),
            quorum=config.log.quorum,
            submit=_submitting(config, _tls_papers(config, keys, papers)),
            doubt=lambda: own_head.check(_places(config, papers)),
        )
        self.drain = Drain()
        self._closing: set[asyncio.Future[None]] = set()
        self._archive_due = 0
        self._config, self._keys, self._store, self._papers, self._clock = config, keys, store, papers, clock
        self._tls = _tls_papers(config, keys, papers)
        self.gate = Gate(policies)
        self.leasing = Leasing(store, config.store.takeover_seconds, self._look_for_mail)
        self.blobs = Blobs(config.attachments_path, config.attachments.quota_mebibytes * 1024 * 1024)
        self.contents = Contents(self.blobs, _make_scanner(config), clock)
        self.office = _make_office(config, keys, papers.trust.member(us).type)
        self.opener = Opener(self.office, self.gate, keys.ring, papers, clock)
        self.admittance = Admittance(store, clock)
        allowance = _make_allowance(config)
        self.reception = Reception(us, papers, os.urandom, self.office.desks, allowance)
        self.continuity = Continuity(us, papers, store, clock, own_head.meet)
        self.mailroom = Mailroom(
            us=us,
            keys=lambda: keys.node(us),
            papers=papers,
            reception=self.reception,
            continuity=self.continuity,
            store=store,
            clock=clock,
            admittance=self.admittance,
            allowances=Allowances(allowance, time.monotonic),
        )
        self.settling = Settling(us, papers, lambda: keys.ring.secrets(NODE_DESK).opening, self.continuity)
        self.announcing = Announcing(us, papers, store, clock, self._papers_changed)
        self.rerouting = Rerouting(os.urandom)
        self.marking = Marking(us, papers, store, clock, os.urandom)
        self.courier = Courier(
            relays=config.relays,
            papers=papers,
            store=store,
            dial=self._dial,
            make_line=self._make_line,
            rerouting=self.rerouting,
            admits=self.admittance.admits,
            clock=clock,
            jitter=jitter_source.random,
            fallback_s=config.post.fallback_s,
            only_dials=not config.office.reachable_at,
            turn=self.leasing.turn,
        )
        self.admittance.changed = self.courier.admittance_changed
        self.postmaster = Postmaster(
            office=self.office,
            papers=papers,
            store=store,
            admittance=self.admittance,
            rerouting=self.rerouting,
            choose_road=self.courier.choose_road,
            wake=self.courier.wake,
            clock=clock,
            second_officer=config.post.block_by_two,
        )
        self.carrier = Carrier(
            relays={relay.member: relay.address for relay in config.relays},
            papers=papers,
            store=store,
            blobs=self.blobs,
            open_channel=self._open_channel,
            clock=clock,
            jitter=jitter_source.random,
            turn=self.leasing.turn,
        )
        self.sealer = Sealer(self.office, self.gate, os.urandom)
        self.staff = Staff(self.office, self.gate, papers, store, clock)
        self.door = OfficerDoor(papers, config.domain, self.staff)
        self.audit = NodeAudit(store)
        self.four_eyes = FourEyes(config.release, self.office, self.gate, papers)
        self.sending = self._make_sending()
        self.releasing = Releasing(
            office=self.office,
            gate=self.gate,
            papers=papers,
            four_eyes=self.four_eyes,
            store=store,
            clock=clock,
            random=os.urandom,
            choose_road=self.courier.choose_road,
            wake=self.courier.wake,
        )
        self.policing = Policing(
            us=us,
            gate=self.gate,
            papers=papers,
            signer=keys.signer,
            store=store,
            clock=clock,
            random=os.urandom,
        )
        self.deleting = Deleting(
            office=self.office, gate=self.gate, store=store, clock=clock, random=os.urandom
        )
        self.deleting_by_two = DeletingByTwo(
            office=self.office,
            gate=self.gate,
            papers=papers,
            opener=self.opener,
            four_eyes=self.four_eyes,
            deleting=self.deleting,
            store=store,
            clock=clock,
        )
        self.confirming = Confirming(self.office, self.sending, store)
        self.complaints = Complaints(us, self.sending, store, clock)
        self.unlocking = Unlocking(
            office=self.office,
            ring=keys.ring,
            opener=self.opener,
            sealer=self.sealer,
            sending=self.sending,
            complaints=self.complaints,
            store=store,
            clock=clock,
        )

        self.case_desking = CaseDesking(
            office=self.office,
            gate=self.gate,
            ring=keys.ring,
            opener=self.opener,
            sealer=self.sealer,
            sending=self.sending,
            store=store,
            clock=clock,
            random=os.urandom,
        )
        self.indexing = Indexing(office=self.office, ring=keys.ring, opener=self.opener, store=store)
        self.register_book = RegisterBook(self.gate, keys.ring, store)
        self.checks = AutomaticChecks(
            settings=config.object_check,
            contact=config.office,
            office=self.office,
            ring=keys.ring,
            opener=self.opener,
            book=self.register_book,
            sending=self.sending,
            log=DisclosureLog(
                office=self.office, gate=self.gate, store=store, clock=clock, random=os.urandom
            ),
            store=store,
            clock=clock,
        )

    def post(self) -> Service:
        """The service for peers and relays."""
        service = post_service.PostService(self._make_line, self.courier, self.carrier, self.admittance)
        return Service(
            post_service.DESCRIPTOR, lambda server: post_pb2_grpc.add_PostServicer_to_server(service, server)
        )

    def witness(self) -> Service:
        """What peers and relays ask of their logs."""
        service = witness_service.WitnessService(self._store, self.continuity, self.witness_keys)
        return Service(
            witness_service.DESCRIPTOR,
            lambda server: witness_pb2_grpc.add_WitnessServicer_to_server(service, server),
        )

    def log_server(self) -> LogServer:
        """Our log over HTTP."""
        return LogServer(
            self._store.evidence,
            lambda: self.witnessed.newest.note or self._store.evidence.head.note,
            lambda body: self.continuity.add_checkpoint(body, self.witness_keys),
        )

    def for_officers(self) -> list[Service]:
        """The services for our own officers."""
        desk = self._make_desk()
        office = office_service.OfficeService(
            staff=self.staff,
            releasing=self.releasing,
            case_desking=self.case_desking,
            deleting=self.deleting_by_two,
            emergencies=Emergencies(
                office=self.office,
                gate=self.gate,
                papers=self._papers,
                opener=self.opener,
                sending=self.sending,
                store=self._store,
                clock=self._clock,
                random=os.urandom,
            ),
            deputising=Deputising(self.office, self._papers, self.staff, self._store, self._clock),
            assigning=Assigning(
                office=self.office,
                gate=self.gate,
                papers=self._papers,
                staff=self.staff,
                store=self._store,
                clock=self._clock,
            ),
            reading=desk.reading,
            policing=self.policing,
        )
        return [
            Service(
                desk_service.DESCRIPTOR, lambda server: desk_pb2_grpc.add_DeskServicer_to_server(desk, server)
            ),
            Service(
                office_service.DESCRIPTOR,
                lambda server: office_pb2_grpc.add_OwnOfficeServicer_to_server(office, server),
            ),
            self._attachments(),
            self._post_office(),
        ]

    def _make_desk(self) -> desk_service.DeskService:
        return desk_service.DeskService(
            config=self._config,
            office=self.office,
            gate=self.gate,
            ring=self._keys.ring,
            papers=self._papers,
            opener=self.opener,
            sending=self.sending,
            unlocking=self.unlocking,
            indexing=self.indexing,
            register_book=self.register_book,
            register_import=RegisterImport(
                office=self.office,
                book=self.register_book,
                sealer=self.sealer,
                sending=self.sending,
                store=self._store,
                clock=self._clock,
                random=os.urandom,
            ),
            complaints=self.complaints,
            announcing=self.announcing,
            policing=self.policing,
            releasing=self.releasing,
            deleting=self.deleting_by_two,
            postmaster=self.postmaster,
            head_checked=lambda: self.own_head.is_checked,
            witnesses=lambda: (sorted(self.witnessed.newest.witnesses), self.witnessed.is_short),
            store=self._store,
            blobs=self.blobs,
            clock=self._clock,
            random=os.urandom,
        )

    def _post_office(self) -> Service:
        service = post_office_service.PostOfficeService(self.postmaster)
        return Service(
            post_office_service.DESCRIPTOR,
            lambda server: delivery_pb2_grpc.add_PostOfficeServicer_to_server(service, server),
        )

    def _attachments(self) -> Service:
        log = DisclosureLog(
            office=self.office, gate=self.gate, store=self._store, clock=self._clock, random=os.urandom
        )
        giving_out = GivingOut(
            office=self.office,
            gate=self.gate,
            desks=self._keys.ring,
            opener=self.opener,
            contents=self.contents,
            log=log,
            store=self._store,
        )
        uploading = Uploading(
            office=self.office,
            store=self._store,
            clock=self._clock,
            quota_bytes=self._config.attachments.officer_mebibytes * 1024 * 1024,
        )
        service = attachments_service.AttachmentsService(
            self.blobs, uploading, giving_out, self.policing.standing
        )
        return Service(
            attachments_service.DESCRIPTOR,
            lambda server: attachment_pb2_grpc.add_AttachmentsServicer_to_server(service, server),
        )

    def neighbours(self) -> Neighbours:
        """What follows the other processes on the store."""
        return Neighbours(
            self._store,
            policies=Shelf(lambda: self.policing.version, self._reload_policies),
            reload_papers=lambda: self.announcing.follow(self._reload_papers),
            reload_staff=self.staff.load,
            wake=self._look_elsewhere,
        )

    async def _look_elsewhere(self) -> None:
        """Take up whom another process has blocked or closed the post to, and what it has queued."""
        await self.admittance.load()
        await self.courier.look()

    async def _reload_policies(self) -> None:
        async with self.policing.standing.changed():
            version = await self._store.read(lambda tx: tx.editions.policy())
            us, now = self._config.member, self._clock()
            self.gate.put_in_force(await load_policies(self._store, self._papers, us, now, os.urandom))
            self.policing.version = version

    async def _reload_papers(self) -> None:
        await reload_papers(self._config, self._store, self._papers, self._clock())
        await self.continuity.load()

    def _look_for_mail(self) -> None:
        looking = asyncio.ensure_future(_try(self.courier.look, "courier-store"))
        self._closing.add(looking)
        looking.add_done_callback(self._closing.discard)

    async def housekeeping(self) -> None:
        """Keep house, one process of the node at a time."""
        async with self.leasing.turn("housekeeping"):
            await self._keep_house()

    async def _keep_house(self) -> None:
        """Expire mail, release what waited too long, renew our entry, wrap and index what came for unlocked desks.

        Delete what was to be kept until yesterday, and tell its authors. Then send, and delete, what was delayed for
        want of a second officer, give desks what came to their cases, and
        answer object checks that need no officer.
        """
        now = self._clock()

        def tidy(tx: Tx) -> Places:
            tx.dispatches.expire(now, 1000)
            tx.attachments.give_up(now)
            self.reception.release_overdue(tx, now)
            return take_back_overdue(tx, now, self.rerouting, self.courier.choose_another)

        self.courier.go_back(await self._store.write(tidy))
        await self.courier.leave_dead_roads()
        await self.marking.keep_up()
        await self._forget_files(now)
        await self.deleting.delete_overdue()
        await self.deleting.scrub()
        await self._archive(now)
        if await publish_own(
            self._config, self._keys.store, self._keys.signer, self._store, self._papers, now=now
        ):
            self.announcing.announce()
        await self.unlocking.keep_up()
        await self.indexing.keep_up()
        await self.staff.load()
        await self.admittance.load()
        await self.continuity.load()
        async with self.policing.standing.held():
            await self.releasing.delay_unseconded()
            await self.releasing.send_due()
            await self.deleting_by_two.delete_due()
            await self.confirming.keep_up()
            await self.case_desking.keep_up()
            await self.checks.keep_up()

    async def _forget_files(self, now: int) -> None:
        """Delete files that no message names, a day after they were handed in or broke off."""
        named = await self._store.read(lambda tx: tx.attachments.named())
        keep = frozenset(map(BlobName, named))
        await asyncio.to_thread(forget_stale, self.blobs, keep=keep, older_than=now - UNNAMED_LIFE_S)

    async def _archive(self, now: int) -> None:
        """Once a day: it looks through all old cases."""
        days = self._config.archive.after_days
        if days and now >= self._archive_due:
            self._archive_due = now + _ARCHIVE_EVERY_S
            await Archiving(self._store, ArchiveFiles(self._config.archive_path), self._clock).archive_old(
                days
            )

    def _make_sending(self) -> Sending:
        preparer = Preparer(
            office=self.office,
            papers=self._papers,
            desks=self._keys.ring,
            signer=self._keys.signer,
            sealer=self.sealer,
            random=os.urandom,
            choose_road=self.courier.choose_road,
        )
        return Sending(
            office=self.office,
            preparer=preparer,
            enclosing=Enclosing(self.office, self.opener, self._papers, self._store.evidence),
            four_eyes=self.four_eyes,
            files=EnclosingFiles(self.contents),
            completing=Completing(self.office, self.gate, self.opener, self._papers),
            gate=self.gate,
            store=self._store,
            clock=self._clock,
            random=os.urandom,
            draft_secret=self._keys.store.derive("drafts"),
            wake=self.courier.wake,
        )

    def _make_line(self, peer: MemberId, queues: Callable[[Tx], Sequence[Queue]]) -> Line:
        return Line(
            peer,
            queues=queues,
            mailroom=self.mailroom,
            settling=self.settling,
            announcing=self.announcing,
            continuity=self.continuity,
            store=self._store,
            clock=self._clock,
            marking=self.marking,
            admits=self.admittance.admits,
            changed=self.carrier.wake,
            leaving=self.drain.started,
            may_send=lambda queue: self.leasing.holds(
                f"mail/{queue.to_member}/{queue.via}/{int(queue.lane)}"
            ),
        )

    def _dial(self, peer: MemberId, address: str, method: str) -> FrameCall:
        channel = self._open_channel(peer, address)
        call: Any = channel.stream_stream(
            f"/{post_service.DESCRIPTOR.full_name}/{method}",
            request_serializer=Frame.SerializeToString,
            response_deserializer=Frame.FromString,
        )()
        call.add_done_callback(lambda _: self._close(channel))
        dialled: FrameCall = call
        return dialled

    def _open_channel(self, peer: MemberId, address: str) -> grpc.aio.Channel:
        name = dns_name(Role.NODE, peer, self._config.domain)
        return open_channel(address, self._tls.for_peer(peer), name, proxy=self._config.post.proxy)

    def _close(self, channel: grpc.aio.Channel) -> None:
        closing = asyncio.ensure_future(channel.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _papers_changed(self, taken: tuple[str, ...]) -> None:
        _log.info("papers-taken", count=len(taken))
        self.courier.papers_changed()
        self.carrier.wake()


@dataclass(frozen=True, slots=True)
class _TlsPapers:
    """What we show in a handshake, and whom we believe in which."""

    key: bytes = field(repr=False)
    chain: bytes
    papers: Papers
    us: MemberId

    def of_all(self) -> TlsPapers:
        """For peers and relays: every member's roots; whose leaf it is, is judged by member afterwards."""
        roots = [r for m in self.papers.trust.members for r in m.root_certificates()]
        return TlsPapers(self.key, self.chain, _pem(roots))

    def of_own(self) -> TlsPapers:
        """For our own officers: our roots only."""
        return self.for_peer(self.us)

    def for_peer(self, peer: MemberId) -> TlsPapers:
        """For dialling one member: its roots only."""
        return TlsPapers(self.key, self.chain, _pem(self.papers.roots_of(peer)))


def _tls_papers(config: NodeConfig, keys: Keys, papers: Papers) -> _TlsPapers:
    key = installation.load_key(keys.store, "node").private_bytes(
        Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _TlsPapers(key, installation.read_chain(config, "node"), papers, config.member)


def _pem(certificates: Sequence[Any]) -> bytes:
    return b"".join(c.public_bytes(Encoding.PEM) for c in certificates)


def _load_keys(config: NodeConfig, *, recovering: bool = False) -> Keys:
    store = FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ))
    ring = KeyRing(store)
    ring.hold(store.load_node())
    log_key, ended = (read_keys_in_use if recovering else read_log_keys)(store)
    if (log_key.origin.member, log_key.origin.domain) != (config.member, config.domain):
        raise ConfigurationError("the log key is of another log", where="keys/log")
    certificate = load_chain(installation.read_chain(config, "statement"))[0]
    signer = KeySigner(installation.load_key(store, "statement"), certificate)
    return Keys(store, ring, log_key, tuple(ended), signer)


def _places(config: NodeConfig, papers: Papers) -> list[Place]:
    """Return whom we can ask: our relays, then peers that can be dialled."""
    relays = [(relay.member, relay.address) for relay in config.relays]
    peers = [
        (entry.member, entry.direct_address)
        for entry in papers.entries()
        if entry.direct_address and entry.member != config.member
    ]
    return [*relays, *peers]


def _make_own_head(config: NodeConfig, keys: Keys, store: Store, papers: Papers) -> OwnHead:
    asking = _asking(config, _tls_papers(config, keys, papers), str(keys.log.origin))
    return OwnHead(LogVerifier([keys.log.vkey]), store.evidence, config.folder, asking)


def _asking(config: NodeConfig, tls: _TlsPapers, origin: str) -> Callable[[Place], Awaitable[str]]:
    """Return what asks a relay or peer for the longest head that it knows of a log."""

    async def ask(place: Place) -> str:
        peer, address = place
        name = dns_name(Role.NODE, peer, config.domain)
        async with open_channel(address, tls.for_peer(peer), name, proxy=config.post.proxy) as channel:
            request = witness_pb2.ShowHeadRequest(origin=origin)
            try:
                stub = witness_pb2_grpc.WitnessStub(channel)
                shown = await stub.ShowHead(request, timeout=ANSWER_WITHIN_S)
            except grpc.aio.AioRpcError as error:
                raise error_of_call(error) from None
            return str(shown.checkpoint)

    return ask


def _make_office(config: NodeConfig, keys: Keys, member_type: MemberType) -> Office:
    desks = [
        OwnDesk(
            reader_of(config.member, member_type, d.desk, d.competences, point_of_contact=d.point_of_contact),
            d.on_every_case,
            keys.store.public(d.desk).storage,
            outward=d.outward,
            under=DeskId(d.under) if d.under else None,
            by_notice=d.oversight == "notice",
        )
        for d in config.desks
    ]
    return Office(config.member, tuple(desks))


def _submitting(config: NodeConfig, tls: _TlsPapers) -> Submit:
    """Return what gives a head of ours to a witness."""

    async def submit(place: Place, body: bytes) -> WitnessReply:
        peer, address = place
        name = dns_name(Role.NODE, peer, config.domain)
        async with open_channel(address, tls.for_peer(peer), name, proxy=config.post.proxy) as channel:
            request = witness_pb2.AddCheckpointRequest(body=body)
            try:
                stub = witness_pb2_grpc.WitnessStub(channel)
                found = await stub.AddCheckpoint(request, timeout=ANSWER_WITHIN_S)
            except grpc.aio.AioRpcError as error:
                raise error_of_call(error) from None
            return WitnessReply(found.status, found.body, found.content_type)

    return submit


def show_witness_keys(config: NodeConfig) -> list[str]:
    """Return the public keys by which the node of `config` cosigns heads of other logs."""
    store = FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ))
    return [key.vkey for key in installation.load_witness_keys(store, config)]


# ── recovering ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Recovered:
    """A log that was begun anew: the last head of the old one, the key for the trust list, what was done.

    `entered` counts mails of ours that are proved by the new log now, `asked` those who told of heads and papers.
    """

    epoch: int
    old_head: str
    old_size: int
    lost: int
    log_key: str
    entered: int
    asked: int
    papers: int


async def recover_node(
    config: NodeConfig, *, heads: Sequence[str] = (), anyway: bool = False, clock: Clock = unix_clock
) -> Recovered:
    """Begin a new log for the node of `config`, which does not run (`recovery`).

    Args:
        config: its settings.
        heads: signed heads of the old log that were brought by hand.
        anyway: also if nobody knows a head beyond the store.
        clock: gives unix seconds.

    Raises:
        ConfigurationError: nothing is to be recovered.
    """
    keys = _load_keys(config, recovering=True)
    url = config.store_url
    store = await open_store(url, keys.log, earlier=keys.ended_logs)
    try:
        papers = await load_all_papers(config, store, clock())
        tls, places = _tls_papers(config, keys, papers), _places(config, papers)
        answers = await ask_for_heads(_asking(config, tls, str(keys.log.origin)), places)
        own = store.evidence.head
    finally:
        await store.close()
    ahead = config.folder / AHEAD_NAME
    brought = [*heads, *([ahead.read_text("utf-8")] if ahead.exists() else [])]
    note, newest = _longest([own.note, *brought, *answers], LogVerifier([keys.log.vkey]))
    if newest.size <= own.size and newest.root == own.root and not anyway:
        raise ConfigurationError(
            "nobody knows a head beyond this store",
            where="store",
            reason="nothing-to-recover",
            remedy="Start the node; or say --anyway, if its log key was stolen.",
        )
    new = make_next_key(keys.store, keys.log)
    store = await open_store(url, new, earlier=[*keys.ended_logs, keys.log])
    try:
        entered = 0
        if not store.evidence.head.size:
            entered = await store.write(lambda tx: begin_log(tx, note, clock(), os.urandom))
        taken = await _fetch_papers(config, tls, papers, store, clock)
    finally:
        await store.close()
    take_over(keys.store, keys.log, new)
    ahead.unlink(missing_ok=True)
    lost = newest.size - own.size
    return Recovered(
        new.origin.epoch, note, newest.size, max(lost, 0), new.vkey, entered, len(answers), taken
    )


def _longest(notes: Sequence[str], verifier: LogVerifier) -> tuple[str, Head]:
    """Return the longest head of our log among `notes`; what is none is left."""
    found: list[tuple[str, Head]] = []
    for note in notes:
        try:
            found.append((note, verifier.open(note)))
        except EvidenceError:
            continue
    return max(found, key=lambda one: one[1].size)


async def _fetch_papers(
    config: NodeConfig, tls: _TlsPapers, papers: Papers, store: Store, clock: Clock
) -> int:
    """Take in what relays and peers announce when a stream opens; return how many papers were new."""
    announcing = Announcing(config.member, papers, store, clock, lambda _: None)
    relays = {relay.member for relay in config.relays}
    taken: list[str] = []
    for peer, address in _places(config, papers)[:ASKED_AT_ONCE]:
        method = "Collect" if peer in relays else "Deliver"
        with suppress(TracepostError, grpc.aio.AioRpcError, TimeoutError):
            name = dns_name(Role.NODE, peer, config.domain)
            async with open_channel(address, tls.for_peer(peer), name, proxy=config.post.proxy) as channel:
                call: Any = channel.stream_stream(
                    f"/{post_service.DESCRIPTOR.full_name}/{method}",
                    request_serializer=Frame.SerializeToString,
                    response_deserializer=Frame.FromString,
                )()
                wait = ANSWER_WITHIN_S
                while (frame := await asyncio.wait_for(call.read(), wait)) is not grpc.aio.EOF:
                    taken += await announcing.take(frame.announcements, peer)
                    wait = _QUIET_S
    return len(taken)


# ── running ──────────────────────────────────────────────────────────────────────────


def _make_chain(
    config: NodeConfig, rooms: _Rooms, metrics: CallMetrics, *, clock: Clock, services: Sequence[str]
) -> CallChain:
    text = resources.files("tracepost.node").joinpath("methods.toml").read_text("utf-8")
    return CallChain(
        ChainParts(
            table=MethodTable.from_toml(text).of_services(services),
            checker=rooms.door,
            own_member=config.member,
            auditor=rooms.audit,
            metrics=metrics,
            clock=clock,
        )
    )


async def _tell_health_of(post: RunningServer, admittance: Admittance) -> None:
    """Let the health of the post say whether mail is taken, now and whenever that changes."""

    async def tell(closed: bool) -> None:
        await post.tell_health(serving=not closed)

    admittance.told = tell
    await tell(admittance.is_closed)


def _make_allowance(config: NodeConfig) -> Allowance:
    settings = config.post
    return Allowance(
        settings.envelopes_per_minute,
        settings.mebibytes_per_minute * 1024 * 1024,
        settings.held_mails,
        settings.held_mebibytes * 1024 * 1024,
    )


def _make_scanner(config: NodeConfig) -> Scanner | None:
    settings = config.attachments
    return CommandScanner(settings.scanner, settings.scanner_seconds) if settings.scanner else None


async def _keep_house(job: Job) -> None:
    while True:
        await asyncio.sleep(_HOUSEKEEPING_SECONDS)
        await _try(job, "housekeeping")


async def _try(job: Job, name: str) -> None:
    try:
        await job()
    except TracepostError as error:
        _log.error(name, code=error.code, reason=error.reason)
