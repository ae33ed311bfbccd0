"""The rooms of one node, put together: mail, proof, desks; and what stands between them."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

from tracepost.node import installation
from tracepost.node.auditing import NodeAudit
from tracepost.node.backup.shelf import newest_backup
from tracepost.node.bootstrap.attempts import attempt
from tracepost.node.bootstrap.desk_rooms import DeskRooms, Roads
from tracepost.node.bootstrap.ground import lay_ground
from tracepost.node.bootstrap.keys import Clock, Keys
from tracepost.node.bootstrap.mail_rooms import MailRooms
from tracepost.node.bootstrap.proof_rooms import ProofRooms
from tracepost.node.bootstrap.switchboard import Switchboard
from tracepost.node.bootstrap.tls import make_seal, tls_papers
from tracepost.node.config import NodeConfig, load_told
from tracepost.node.gate import PolicySet
from tracepost.node.handlers.desks.staff import OfficerDoor
from tracepost.node.handlers.reading.reporting import Surroundings
from tracepost.node.metrics import NodeMetrics
from tracepost.node.metrics import Surroundings as Measured
from tracepost.node.own_papers import reload_papers
from tracepost.node.papers import Papers
from tracepost.node.policies.in_force import load_policies
from tracepost.node.ports.store import Store
from tracepost.node.post.neighbours import Neighbours, Shelf
from tracepost.node.services import attachments, desk, office, post, post_office, pouches, witness
from tracepost.node.telling.due import Due
from tracepost.node.telling.rota import Rota
from tracepost.node.telling.telling import EVERY_S, Telling
from tracepost.node.telling.waiting import Waiting
from tracepost.serving.own_head import OwnHead
from tracepost.serving.server import Service
from tracepost.serving.storage.durable_file import find_unwritable
from tracepost.serving.telemetry import Meter
from tracepost.serving.tracing import open_tracing
from tracepost.wire.v1 import (
    attachment_pb2_grpc,
    delivery_pb2_grpc,
    desk_pb2_grpc,
    office_pb2_grpc,
    post_pb2_grpc,
    pouch_pb2_grpc,
    witness_pb2_grpc,
)


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
        self.ground = ground = lay_ground(config, keys, store, papers, clock, policies=policies)
        self.tracing = open_tracing(config.tracing, "node", config.member)
        self.switchboard = Switchboard(config, tls_papers(config, keys, papers), papers, self.tracing)
        self.mail = MailRooms(ground, self.switchboard, own_head, make_seal(config, keys))
        self.proof = ProofRooms(ground, keys, self.switchboard, own_head, self.mail.continuity)
        courier = self.mail.courier
        self.desks = DeskRooms(ground, Roads(courier.choose_road, courier.send, courier.wake))
        self.door = OfficerDoor(papers, config.domain, self.desks.staff)
        self.audit = NodeAudit(store)
        file = config.file or config.folder / installation.CONFIG_NAME
        self.rota = Rota(config.told, config.notices, file, load_told)
        self.telling = Telling(
            self.rota,
            config.folder,
            waiting=Waiting(ground.office, ground.gate),
            due=Due(ground.office, ground.gate),
            standing=self.desks.policing.standing.held,
            store=store,
            clock=clock,
        )

    async def load(self) -> None:
        """Take up what the store remembers."""
        self.desks.policing.version = await self.ground.store.read(lambda tx: tx.editions.policy())
        await self.desks.staff.load()
        await self.mail.admittance.load()
        await self.mail.continuity.load()
        await self.telling.follow()

    # ── who may call what ────────────────────────────────────────────────────────────

    def for_peers(self) -> list[Service]:
        """The services for peers and relays."""
        return [
            _serve(post, post_pb2_grpc.add_PostServicer_to_server, self.mail.service()),
            _serve(witness, witness_pb2_grpc.add_WitnessServicer_to_server, self.proof.service()),
        ]

    def for_officers(self) -> list[Service]:
        """The services for our own officers."""
        desks, mail = self.desks, self.mail
        at_desk = desks.desk_service(
            mail.announcing, self._surroundings(), self.proof.expiries, mail.postmaster
        )
        in_office = desks.office_service(at_desk.reading)
        in_post = post_office.PostOfficeService(mail.postmaster)
        with_pouches = pouches.PouchesService(mail.pouching)
        with_files = desks.attachments_service()
        return [
            _serve(desk, desk_pb2_grpc.add_DeskServicer_to_server, at_desk),
            _serve(office, office_pb2_grpc.add_OwnOfficeServicer_to_server, in_office),
            _serve(attachments, attachment_pb2_grpc.add_AttachmentsServicer_to_server, with_files),
            _serve(post_office, delivery_pb2_grpc.add_PostOfficeServicer_to_server, in_post),
            _serve(pouches, pouch_pb2_grpc.add_PouchesServicer_to_server, with_pouches),
        ]

    def _surroundings(self) -> Surroundings:
        config, witnessed = self.ground.config, self.proof.witnessed
        return Surroundings(
            relays=tuple(relay.member for relay in config.relays),
            unlocked=self.ground.ring.unlocked,
            disk_free_bytes=lambda: shutil.disk_usage(config.folder).free,
            clock=self.ground.clock,
            head_checked=lambda: self.proof.own_head.is_checked,
            witnesses=lambda: (sorted(witnessed.newest.witnesses), witnessed.is_short),
            clock_offsets=lambda: witnessed.clock_offsets,
            damaged_tiles=lambda: len(self.proof.inspection.damaged),
            here=self.mail.courier.here,
            unwritable=lambda: find_unwritable(config.places),
        )

    def metrics(self, meter: Meter) -> NodeMetrics:
        """What the metrics page shows."""
        ground, mail, proof = self.ground, self.mail, self.proof
        metrics = NodeMetrics(
            meter,
            office=ground.office,
            store=ground.store,
            expiries=proof.expiries,
            witnessed=proof.witnessed,
            quorum=lambda: proof.witnessed.quorum,
            admittance=mail.admittance,
            surroundings=self._measured(),
        )
        mail.mailroom.count = metrics.count
        self.telling.count = metrics.count_telling
        proof.inspection.show(meter)
        return metrics

    def _measured(self) -> Measured:
        config, clock = self.ground.config, self.ground.clock
        backups = config.folder / config.backup.folder
        return Measured(
            unlocked=self.ground.ring.unlocked,
            places=config.places,
            head_checked=lambda: self.proof.own_head.is_checked,
            clock=clock,
            relays=[relay.member for relay in config.relays],
            here=self.mail.courier.here,
            damaged_tiles=lambda: len(self.proof.inspection.damaged),
            backups=lambda: newest_backup(backups, config.member, clock()) if config.backup.folder else None,
        )

    # ── what goes on by itself ───────────────────────────────────────────────────────

    async def keep_telling(self) -> None:
        """Tell officers what waits, until cancelled: one process of a node at a time, and no mail waits for it."""
        while True:
            await attempt(lambda: asyncio.to_thread(self.rota.look), "roster")
            await attempt(self._tell_in_turn, "telling")
            await asyncio.sleep(EVERY_S)

    async def _tell_in_turn(self) -> None:
        if not await self.telling.has_begun():
            return
        async with self.mail.leasing.turn("telling"):
            await self.telling.keep_up()

    def neighbours(self) -> Neighbours:
        """What follows the other processes on the store."""
        announcing, policing = self.mail.announcing, self.desks.policing
        return Neighbours(
            self.ground.store,
            policies=Shelf(lambda: policing.version, self._reload_policies),
            reload_papers=lambda: announcing.follow(self._reload_papers),
            reload_staff=self.desks.staff.load,
            wake=self.mail.look_elsewhere,
        )

    async def catch_up_papers(self) -> None:
        """Put in force the papers that the store has kept, though it failed before it could say so."""
        await self.mail.announcing.catch_up(self._reload_papers)

    async def _reload_policies(self) -> None:
        ground, policing = self.ground, self.desks.policing
        async with policing.standing.changed():
            version = await ground.store.read(lambda tx: tx.editions.policy())
            loaded = await load_policies(
                ground.store, ground.papers, ground.us, ground.clock(), ground.random
            )
            ground.gate.put_in_force(loaded)
            policing.version = version

    async def _reload_papers(self) -> bool:
        ground = self.ground
        await self.mail.continuity.load()
        return await reload_papers(ground.config, ground.store, ground.papers, ground.clock())


def _serve(module: Any, add: Any, servicer: object) -> Service:
    return Service(module.DESCRIPTOR, lambda server: add(servicer, server))
