"""The rooms of one node, each given what it uses."""

from __future__ import annotations

import asyncio
import os
import random
import random as jitter_source
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import grpc
import structlog

from tracepost.node import installation
from tracepost.node.adapters.scanner import CommandScanner
from tracepost.node.auditing import NodeAudit
from tracepost.node.backup.shelf import newest_backup
from tracepost.node.bootstrap.keys import Clock, Keys
from tracepost.node.bootstrap.tls import asker_to_resume, make_seal, places_to_ask, submitter_of, tls_papers
from tracepost.node.config import NodeConfig, load_told
from tracepost.node.expiring import Expiries
from tracepost.node.gate import Gate, PolicySet, reader_of
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.deciding.emergency import Emergencies
from tracepost.node.handlers.deciding.releasing import Releasing
from tracepost.node.handlers.desks.assigning import Assigning
from tracepost.node.handlers.desks.case_desks import CaseDesking
from tracepost.node.handlers.desks.deputising import Deputising
from tracepost.node.handlers.desks.endorsing import Endorsing
from tracepost.node.handlers.desks.policing import Policing
from tracepost.node.handlers.desks.staff import OfficerDoor, Staff
from tracepost.node.handlers.desks.unlocking import Unlocking
from tracepost.node.handlers.drafting.completing import Completing
from tracepost.node.handlers.drafting.enclosing_files import EnclosingFiles
from tracepost.node.handlers.drafting.uploading import Uploading
from tracepost.node.handlers.keeping.deleting import Deleting
from tracepost.node.handlers.keeping.deleting_by_two import DeletingByTwo
from tracepost.node.handlers.reading.giving_out import GivingOut
from tracepost.node.handlers.register.automatic_checks import AutomaticChecks
from tracepost.node.handlers.register.book import RegisterBook
from tracepost.node.handlers.register.indexing import Indexing
from tracepost.node.handlers.register.intake import RegisterImport
from tracepost.node.handlers.sealed.contents import Contents
from tracepost.node.handlers.sealed.opening import Opener
from tracepost.node.handlers.sealed.sealing_mail import Sealer
from tracepost.node.handlers.sending.complaints import Complaints
from tracepost.node.handlers.sending.confirming import Confirming
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.handlers.sending.exhibits import Enclosing
from tracepost.node.handlers.sending.four_eyes import FourEyes
from tracepost.node.handlers.sending.preparing import Preparer
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.log_server import LogServer
from tracepost.node.metrics import NodeMetrics, Surroundings
from tracepost.node.own_papers import reload_papers
from tracepost.node.papers import Papers
from tracepost.node.policies.in_force import load_policies
from tracepost.node.ports.statements import Scanner
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.admittance import Admittance
from tracepost.node.post.allowances import Allowance, Allowances
from tracepost.node.post.announcing import ELSEWHERE, Announcing
from tracepost.node.post.asides import Asides
from tracepost.node.post.carrier import Carrier
from tracepost.node.post.continuity import Continuity
from tracepost.node.post.courier import Courier
from tracepost.node.post.leasing import Leasing
from tracepost.node.post.line import Line
from tracepost.node.post.mailroom import Mailroom
from tracepost.node.post.marking import Marking
from tracepost.node.post.neighbours import Neighbours, Shelf
from tracepost.node.post.packing import Packing
from tracepost.node.post.postmaster import Postmaster
from tracepost.node.post.pouching import Pouching
from tracepost.node.post.reception import Reception
from tracepost.node.post.rerouting import Rerouting
from tracepost.node.post.resuming import Answering, Refilling
from tracepost.node.post.settlement import Settling
from tracepost.node.post.unpacking import Unpacking
from tracepost.node.records.mail import Queue
from tracepost.node.services import attachments as attachments_service
from tracepost.node.services import desk as desk_service
from tracepost.node.services import office as office_service
from tracepost.node.services import post as post_service
from tracepost.node.services import post_office as post_office_service
from tracepost.node.services import pouches as pouches_service
from tracepost.node.services import witness as witness_service
from tracepost.node.telling.due import Due
from tracepost.node.telling.rota import Rota
from tracepost.node.telling.telling import EVERY_S, Telling
from tracepost.node.telling.waiting import Waiting
from tracepost.protocol.errors import TracepostError, UnreachableError
from tracepost.protocol.evidence import LogVerifier
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.trustlist import MemberType
from tracepost.serving.credentials import open_channel
from tracepost.serving.frames import FrameCall
from tracepost.serving.own_head import OwnHead
from tracepost.serving.server import (
    Drain,
    Service,
)
from tracepost.serving.storage.blobs import Blobs
from tracepost.serving.storage.inspection import Inspection
from tracepost.serving.telemetry import Meter
from tracepost.serving.tracing import open_tracing
from tracepost.serving.witnessed import Panel, Witnessed
from tracepost.wire.v1 import (
    attachment_pb2_grpc,
    delivery_pb2_grpc,
    desk_pb2_grpc,
    office_pb2_grpc,
    post_pb2_grpc,
    pouch_pb2_grpc,
    witness_pb2_grpc,
)
from tracepost.wire.v1.post_pb2 import Frame, ResumedMail, ResumeRequest

_log = structlog.get_logger()

Job = Callable[[], Awaitable[object]]


class Rooms:
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
        self._config, self._keys, self._store, self._papers, self._clock = config, keys, store, papers, clock
        self._tls = tls_papers(config, keys, papers)
        self._closing: set[asyncio.Future[None]] = set()
        self._streams: dict[MemberId, grpc.aio.Channel] = {}
        self.drain = Drain()
        self.tracing = open_tracing(config.tracing, "node", config.member)
        self.own_head = own_head
        self.gate = Gate(policies)
        file = config.file or config.folder / installation.CONFIG_NAME
        self.rota = Rota(config.told, config.notices, file, load_told)
        self.office = make_office(config, keys, papers.trust.member(config.member).type)
        self.opener = Opener(self.office, self.gate, keys.ring, papers, clock)
        self.leasing = Leasing(store, config.store.takeover_seconds, self._look_for_mail)
        self.blobs = Blobs(config.attachments_path, config.attachments.quota_mebibytes * 1024 * 1024)
        self.contents = Contents(self.blobs, _make_scanner(config), clock)
        self._furnish_log()
        self._furnish_post()
        self._furnish_pouches()
        self._furnish_sending()
        self._furnish_desks()

    def _furnish_log(self) -> None:
        """Make what proves our log to others, and theirs to us."""
        config, keys, store, papers = self._config, self._keys, self._store, self._papers
        self.witness_keys = installation.load_witness_keys(keys.store, config)
        self.witnessed = Witnessed(
            store.evidence,
            self._panel,
            submit=submitter_of(config, self._tls, self._streams.get),
            doubt=lambda: self.own_head.check(places_to_ask(config, papers)),
            clock=self._clock,
        )
        self.inspection = Inspection(store.evidence, random.randrange)
        self.expiries = Expiries(
            config.member, papers, config.standing_consents, lambda: installation.escrow_tried(keys.store)
        )

    def _panel(self) -> Panel:
        """Return whose cosignatures count: by the trust list, or by our own settings, which may ask for more."""
        trust, log = self._papers.trust, self._config.log
        known = log.witnesses or trust.witness_keys(but=self._config.member)
        quorum = max(log.quorum, trust.content.witness_quorum)
        return Panel(LogVerifier([self._keys.log.vkey, *known]), quorum)

    def _furnish_post(self) -> None:
        """Make what carries mail, and what takes it."""
        config, keys, store, papers, clock = self._config, self._keys, self._store, self._papers, self._clock
        us = self._config.member
        self.admittance = Admittance(store, clock)
        allowance = _make_allowance(config)
        taken = config.exercises.allowed
        self.reception = Reception(us, papers, os.urandom, self.office.desks, allowance, exercises=taken)
        self.continuity = Continuity(us, papers, store, clock, self.own_head.meet)
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
        self.answering = Answering(
            store=store,
            papers=papers,
            keys=lambda: keys.node(us),
            clock=clock,
            carry=lambda: self.carrier.wake(),  # noqa: PLW0108 - it is furnished below
        )
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
            has_line=config.post.line,
            turn=self.leasing.turn,
        )
        self.admittance.changed = self.courier.admittance_changed
        self.asides = Asides(
            us,
            relays=frozenset(relay.member for relay in config.relays),
            papers=papers,
            keys=lambda: keys.ring.secrets(NODE_DESK).opening,
            answering=self.answering,
            admits=self.admittance.admits,
            streams=self.courier.outgoing,
            random=os.urandom,
        )
        self.postmaster = Postmaster(
            office=self.office,
            gate=self.gate,
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

    def _furnish_pouches(self) -> None:
        """Make what makes files of mail, and takes them in."""
        config, keys, store, papers, clock = self._config, self._keys, self._store, self._papers, self._clock
        quota = config.attachments.quota_mebibytes * 1024 * 1024
        self.pouch_spool = Blobs(config.pouches_path, quota)
        packing = Packing(
            us=config.member,
            papers=papers,
            store=store,
            mailroom=self.mailroom,
            announcing=self.announcing,
            continuity=self.continuity,
            marking=self.marking,
            blobs=self.blobs,
            seal=make_seal(config, keys),
            folder=config.pouches_path,
            clock=clock,
        )
        unpacking = Unpacking(
            us=config.member,
            domain=config.domain,
            papers=papers,
            store=store,
            continuity=self.continuity,
            carrier=self.carrier,
            make_line=lambda maker: self._make_line(maker, lambda _: [], by_pouch=True),
            require=self.admittance.require,
            clock=clock,
        )
        self.pouching = Pouching(
            office=self.office,
            papers=papers,
            store=store,
            admittance=self.admittance,
            packing=packing,
            unpacking=unpacking,
            spool=self.pouch_spool,
        )

    def _furnish_sending(self) -> None:
        """Make what makes mail of drafts, and lets it go."""
        config, store, papers, clock = self._config, self._store, self._papers, self._clock
        self.sealer = Sealer(self.office, self.gate, os.urandom)
        self.staff = Staff(self.office, self.gate, papers, store, clock)
        self.endorsing = Endorsing(self.office, papers, store, clock)
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

    def _furnish_desks(self) -> None:
        """Make what keeps desks, and what is kept for them."""
        config, keys, store, papers, clock = self._config, self._keys, self._store, self._papers, self._clock
        us = self._config.member
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
        self.telling = Telling(
            self.rota,
            config.folder,
            waiting=Waiting(self.office, self.gate),
            due=Due(self.office, self.gate),
            standing=self.policing.standing.held,
            store=store,
            clock=clock,
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
        service = post_service.PostService(
            self._make_line, self.courier, self.carrier, self.admittance, self.answering
        )
        return Service(
            post_service.DESCRIPTOR, lambda server: post_pb2_grpc.add_PostServicer_to_server(service, server)
        )

    def refilling(self) -> Refilling:
        """What asks others for mail that was lost with a disk."""
        return Refilling(
            self._config.member,
            store=self._store,
            papers=self._papers,
            mailroom=self.mailroom,
            settling=self.settling,
            clock=self._clock,
            random=os.urandom,
            ask=self._ask_to_resume,
            changed=self.carrier.wake,
        )

    async def _ask_to_resume(
        self, member: MemberId, address: str, request: ResumeRequest
    ) -> AsyncGenerator[ResumedMail, None]:
        """Ask who can be dialled there, and by a relay who cannot be, or not now."""
        if address:
            with suppress(UnreachableError):
                async for mail in asker_to_resume(self._config, self._tls)(member, address, request):
                    yield mail
                return
        async for mail in self.asides.ask(member, request):
            yield mail

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
            endorsing=self.endorsing,
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
            self._pouches(),
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
            endorsing=self.endorsing,
            staff=self.staff,
            postmaster=self.postmaster,
            head_checked=lambda: self.own_head.is_checked,
            witnesses=lambda: (sorted(self.witnessed.newest.witnesses), self.witnessed.is_short),
            damaged_tiles=lambda: len(self.inspection.damaged),
            clock_offsets=lambda: self.witnessed.clock_offsets,
            here=self.courier.here,
            expiries=self.expiries,
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

    def _pouches(self) -> Service:
        service = pouches_service.PouchesService(self.pouching)
        return Service(
            pouches_service.DESCRIPTOR,
            lambda server: pouch_pb2_grpc.add_PouchesServicer_to_server(service, server),
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

    def metrics(self, meter: Meter) -> NodeMetrics:
        """What the metrics page shows."""
        config = self._config
        metrics = NodeMetrics(
            meter,
            office=self.office,
            store=self._store,
            expiries=self.expiries,
            witnessed=self.witnessed,
            quorum=lambda: self.witnessed.quorum,
            admittance=self.admittance,
            surroundings=Surroundings(
                unlocked=self._keys.ring.unlocked,
                places=config.places,
                head_checked=lambda: self.own_head.is_checked,
                clock=self._clock,
                relays=[relay.member for relay in config.relays],
                here=self.courier.here,
                damaged_tiles=lambda: len(self.inspection.damaged),
                backups=lambda: (
                    newest_backup(config.folder / config.backup.folder, config.member, self._clock())
                    if config.backup.folder
                    else None
                ),
            ),
        )
        self.mailroom.count = metrics.count
        self.telling.count = metrics.count_telling
        self.inspection.show(meter)
        return metrics

    def neighbours(self) -> Neighbours:
        """What follows the other processes on the store."""
        return Neighbours(
            self._store,
            policies=Shelf(lambda: self.policing.version, self._reload_policies),
            reload_papers=lambda: self.announcing.follow(self._reload_papers),
            reload_staff=self.staff.load,
            wake=self._look_elsewhere,
        )

    async def catch_up_papers(self) -> None:
        """Put in force the papers that the store has kept, though it failed before it could say so."""
        await self.announcing.catch_up(self._reload_papers)

    async def keep_telling(self) -> None:
        """Tell officers what waits, until cancelled: one process of a node at a time, and no mail waits for it."""
        while True:
            await attempt(lambda: asyncio.to_thread(self.rota.look), "roster")
            await attempt(self._tell_in_turn, "telling")
            await asyncio.sleep(EVERY_S)

    async def _tell_in_turn(self) -> None:
        if not await self.telling.has_begun():
            return
        async with self.leasing.turn("telling"):
            await self.telling.keep_up()

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

    async def _reload_papers(self) -> bool:
        await self.continuity.load()
        return await reload_papers(self._config, self._store, self._papers, self._clock())

    def _look_for_mail(self) -> None:
        looking = asyncio.ensure_future(attempt(self.courier.look, "courier-store"))
        self._closing.add(looking)
        looking.add_done_callback(self._closing.discard)

    def _make_sending(self) -> Sending:
        preparer = Preparer(
            office=self.office,
            papers=self._papers,
            desks=self._keys.ring,
            signer=self._keys.signer,
            sealer=self.sealer,
            random=os.urandom,
            choose_road=self.courier.choose_road,
            exercises=self._config.exercises.allowed,
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
            wake=self.courier.send,
        )

    def _make_line(
        self, peer: MemberId, queues: Callable[[Tx], Sequence[Queue]], *, by_pouch: bool = False
    ) -> Line:
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
            asides=self.asides,
            admits=self.admittance.admits,
            changed=self.carrier.wake,
            leaving=self.drain.started,
            may_send=self._may_send,
            by_pouch=by_pouch,
        )

    def trusts_its_list(self) -> bool:
        """Say whether the trust list is within its hard expiry now."""
        return self._papers.is_live(self._clock())

    def _may_send(self, queue: Queue) -> bool:
        """Say whether mail of a queue leaves by this process now; past the end of the trust list none does."""
        return self.trusts_its_list() and self.leasing.holds(
            f"mail/{queue.to_member}/{queue.via}/{int(queue.lane)}"
        )

    def _dial(self, peer: MemberId, address: str, method: str) -> FrameCall:
        channel = self._streams[peer] = self._open_channel(peer, address)
        path = f"/{post_service.DESCRIPTOR.full_name}/{method}"
        span, shown = self.tracing.dial(path, peer, is_relay=self._is_relay(peer))
        call: Any = channel.stream_stream(
            path, request_serializer=Frame.SerializeToString, response_deserializer=Frame.FromString
        )(metadata=tuple(shown))
        call.add_done_callback(lambda _: span.end())
        call.add_done_callback(lambda _: self._hang_up(peer, channel))
        dialled: FrameCall = call
        return dialled

    def _is_relay(self, peer: MemberId) -> bool:
        types = {member.id: member.type for member in self._papers.trust.members}
        return types.get(peer, MemberType.RELAY) is MemberType.RELAY  # who left is shown nothing either

    def _open_channel(self, peer: MemberId, address: str) -> grpc.aio.Channel:
        name = dns_name(Role.NODE, peer, self._config.domain)
        return open_channel(address, self._tls.for_peer(peer), name, proxy=self._config.post.proxy)

    def _hang_up(self, peer: MemberId, channel: grpc.aio.Channel) -> None:
        if self._streams.get(peer) is channel:
            del self._streams[peer]
        self._close(channel)

    def _close(self, channel: grpc.aio.Channel) -> None:
        closing = asyncio.ensure_future(channel.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _papers_changed(self, taken: tuple[str, ...]) -> None:
        _log.info("papers-taken", count=len(taken))
        self.courier.papers_changed()
        if not {"trust-list", ELSEWHERE}.isdisjoint(taken):
            self.courier.trust_list_changed()
        self.carrier.wake()


def make_office(config: NodeConfig, keys: Keys, member_type: MemberType) -> Office:
    """Return the member of `config`, of this type, with its desks."""
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


async def attempt(job: Job, event: str, **more: str) -> None:
    """Do `job`; log under `event` what it raises. It is to be done again, and ends nothing else."""
    try:
        await job()
    except TracepostError as error:
        _log.error(event, code=error.code, reason=error.reason, **more)
    except Exception as error:  # noqa: BLE001 - a step that has a fault must not end the node
        _log.error(event, exc_info=error, **more)
