"""The rooms of one node, each given what it uses."""

from __future__ import annotations

import asyncio
import os
import random as jitter_source
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import grpc
import structlog

from tracepost.node import installation
from tracepost.node.adapters.archive import ArchiveFiles
from tracepost.node.adapters.scanner import CommandScanner
from tracepost.node.auditing import NodeAudit
from tracepost.node.bootstrap.keys import Clock, Keys
from tracepost.node.bootstrap.tls import places_to_ask, submitter_of, tls_papers
from tracepost.node.config import NodeConfig
from tracepost.node.gate import Gate, PolicySet, reader_of
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.deciding.emergency import Emergencies
from tracepost.node.handlers.deciding.releasing import Releasing
from tracepost.node.handlers.desks.assigning import Assigning
from tracepost.node.handlers.desks.case_desks import CaseDesking
from tracepost.node.handlers.desks.deputising import Deputising
from tracepost.node.handlers.desks.policing import Policing
from tracepost.node.handlers.desks.staff import OfficerDoor, Staff
from tracepost.node.handlers.desks.unlocking import Unlocking
from tracepost.node.handlers.drafting.completing import Completing
from tracepost.node.handlers.drafting.enclosing_files import EnclosingFiles
from tracepost.node.handlers.drafting.uploading import UNNAMED_LIFE_S, Uploading
from tracepost.node.handlers.keeping.archiving import Archiving
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
from tracepost.node.own_head import OwnHead
from tracepost.node.own_papers import publish_own, reload_papers
from tracepost.node.papers import Papers
from tracepost.node.policies.in_force import load_policies
from tracepost.node.ports.statements import Scanner
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.admittance import Admittance
from tracepost.node.post.allowances import Allowance, Allowances
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.carrier import Carrier
from tracepost.node.post.continuity import Continuity
from tracepost.node.post.courier import Courier
from tracepost.node.post.custody import Places, take_back_overdue
from tracepost.node.post.leasing import Leasing
from tracepost.node.post.line import Line
from tracepost.node.post.mailroom import Mailroom
from tracepost.node.post.marking import Marking
from tracepost.node.post.neighbours import Neighbours, Shelf
from tracepost.node.post.postmaster import Postmaster
from tracepost.node.post.reception import Reception
from tracepost.node.post.rerouting import Rerouting
from tracepost.node.post.settlement import Settling
from tracepost.node.records.mail import Queue
from tracepost.node.services import attachments as attachments_service
from tracepost.node.services import desk as desk_service
from tracepost.node.services import office as office_service
from tracepost.node.services import post as post_service
from tracepost.node.services import post_office as post_office_service
from tracepost.node.services import witness as witness_service
from tracepost.node.witnessed import Witnessed
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.evidence import LogVerifier
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.trustlist import MemberType
from tracepost.serving.credentials import open_channel
from tracepost.serving.frames import FrameCall
from tracepost.serving.server import (
    Drain,
    Service,
)
from tracepost.serving.storage.blobs import BlobName, Blobs, forget_stale
from tracepost.wire.v1 import (
    attachment_pb2_grpc,
    delivery_pb2_grpc,
    desk_pb2_grpc,
    office_pb2_grpc,
    post_pb2_grpc,
    witness_pb2_grpc,
)
from tracepost.wire.v1.post_pb2 import Frame

_log = structlog.get_logger()


_HOUSEKEEPING_SECONDS = 30.0


_ARCHIVE_EVERY_S = 86400


Job = Callable[[], Awaitable[None]]


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
        us = config.member
        self.own_head = own_head
        self.witness_keys = installation.load_witness_keys(keys.store, config)
        self.witnessed = Witnessed(
            store.evidence,
            LogVerifier([keys.log.vkey, *config.log.witnesses]),
            quorum=config.log.quorum,
            submit=submitter_of(config, tls_papers(config, keys, papers)),
            doubt=lambda: own_head.check(places_to_ask(config, papers)),
        )
        self.drain = Drain()
        self._closing: set[asyncio.Future[None]] = set()
        self._archive_due = 0
        self._config, self._keys, self._store, self._papers, self._clock = config, keys, store, papers, clock
        self._tls = tls_papers(config, keys, papers)
        self.gate = Gate(policies)
        self.leasing = Leasing(store, config.store.takeover_seconds, self._look_for_mail)
        self.blobs = Blobs(config.attachments_path, config.attachments.quota_mebibytes * 1024 * 1024)
        self.contents = Contents(self.blobs, _make_scanner(config), clock)
        self.office = make_office(config, keys, papers.trust.member(us).type)
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
            await self.keep_house()

    async def keep_house(self) -> None:
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


async def keep_house(job: Job) -> None:
    """Do `job` every half minute; what fails is logged and tried again the next time."""
    while True:
        await asyncio.sleep(_HOUSEKEEPING_SECONDS)
        await _try(job, "housekeeping")


async def _try(job: Job, name: str) -> None:
    try:
        await job()
    except TracepostError as error:
        _log.error(name, code=error.code, reason=error.reason)
