"""What carries mail and takes it, by line and by pouch."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress

import structlog

from tracepost.node.bootstrap.attempts import attempt
from tracepost.node.bootstrap.ground import Ground
from tracepost.node.bootstrap.switchboard import Switchboard
from tracepost.node.config import PostSettings
from tracepost.node.ports.store import Tx
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
from tracepost.node.post.packing import Packing
from tracepost.node.post.postmaster import Postmaster
from tracepost.node.post.pouching import Pouching
from tracepost.node.post.reception import Reception
from tracepost.node.post.rerouting import Rerouting
from tracepost.node.post.resuming import Answering, Refilling
from tracepost.node.post.settlement import Settling
from tracepost.node.post.unpacking import Unpacking
from tracepost.node.records.mail import Queue
from tracepost.node.services.post import PostService
from tracepost.protocol.errors import UnreachableError
from tracepost.protocol.ids import NODE_DESK, MemberId
from tracepost.protocol.sealing import DeskPrivateKey
from tracepost.serving.own_head import OwnHead
from tracepost.serving.pouch_files import NodeSeal
from tracepost.serving.server import Drain
from tracepost.serving.storage.blobs import Blobs
from tracepost.wire.v1.post_pb2 import ResumedMail, ResumeRequest

_log = structlog.get_logger()

_MEBIBYTE = 1024 * 1024


class MailRooms:
    """The post of one node: who brings mail and who takes it away, one stream per peer and lane."""

    def __init__(self, ground: Ground, switchboard: Switchboard, own_head: OwnHead, seal: NodeSeal) -> None:
        self._ground, self._switchboard = ground, switchboard
        self.drain = Drain()
        self.leasing = Leasing(ground.store, ground.config.store.takeover_seconds, self._look_for_mail)
        self._furnish_reception(own_head)
        self._furnish_papers()
        self._furnish_courier()
        self._furnish_postmaster()
        self._furnish_pouches(seal)

    def _furnish_reception(self, own_head: OwnHead) -> None:
        """Make what takes mail and receipts."""
        ground = self._ground
        us, papers, store, clock = ground.us, ground.papers, ground.store, ground.clock
        allowance = _make_allowance(ground.config.post)
        self.admittance = Admittance(store, clock)
        self.continuity = Continuity(us, papers, store, clock, own_head.meet)
        self.reception = Reception(
            us,
            papers,
            ground.random,
            ground.office.desks,
            allowance,
            exercises=ground.config.exercises.allowed,
        )
        self.mailroom = Mailroom(
            us=us,
            keys=ground.node_keys,
            papers=papers,
            reception=self.reception,
            continuity=self.continuity,
            store=store,
            clock=clock,
            admittance=self.admittance,
            allowances=Allowances(allowance, time.monotonic),
        )
        self.settling = Settling(us, papers, self._opening_keys, self.continuity)

    def _furnish_papers(self) -> None:
        """Make what tells peers of ourselves, and of what they sent before."""
        ground = self._ground
        us, papers, store, clock = ground.us, ground.papers, ground.store, ground.clock
        self.announcing = Announcing(us, papers, store, clock, self._papers_changed)
        self.marking = Marking(us, papers, store, clock, ground.random)
        self.rerouting = Rerouting(ground.random)
        self.answering = Answering(
            store=store,
            papers=papers,
            keys=ground.node_keys,
            clock=clock,
            carry=lambda: self.carrier.wake(),  # noqa: PLW0108 - it is furnished below
        )

    def _furnish_courier(self) -> None:
        """Make what brings mail, and the files beside it."""
        ground, config = self._ground, self._ground.config
        papers, store, clock = ground.papers, ground.store, ground.clock
        self.courier = Courier(
            relays=config.relays,
            papers=papers,
            store=store,
            dial=self._switchboard.dial,
            make_line=self.make_line,
            rerouting=self.rerouting,
            admits=self.admittance.admits,
            clock=clock,
            jitter=random.random,
            fallback_s=config.post.fallback_s,
            only_dials=not config.office.reachable_at,
            has_line=config.post.line,
            turn=self.leasing.turn,
        )
        self.admittance.changed = self.courier.admittance_changed
        self.asides = Asides(
            ground.us,
            relays=frozenset(relay.member for relay in config.relays),
            papers=papers,
            keys=self._opening_keys,
            answering=self.answering,
            admits=self.admittance.admits,
            streams=self.courier.outgoing,
            random=ground.random,
        )
        self.carrier = Carrier(
            relays={relay.member: relay.address for relay in config.relays},
            papers=papers,
            store=store,
            blobs=ground.blobs,
            open_channel=self._switchboard.open_channel,
            clock=clock,
            jitter=random.random,
            turn=self.leasing.turn,
        )

    def _furnish_postmaster(self) -> None:
        """Make what officers ask about the post, and tell it."""
        ground = self._ground
        self.postmaster = Postmaster(
            office=ground.office,
            gate=ground.gate,
            papers=ground.papers,
            store=ground.store,
            admittance=self.admittance,
            rerouting=self.rerouting,
            choose_road=self.courier.choose_road,
            wake=self.courier.wake,
            clock=ground.clock,
            second_officer=ground.config.post.block_by_two,
        )

    def _furnish_pouches(self, seal: NodeSeal) -> None:
        """Make what makes files of mail, and takes them in."""
        ground, config = self._ground, self._ground.config
        self.pouch_spool = Blobs(config.pouches_path, config.attachments.quota_mebibytes * _MEBIBYTE)
        packing = Packing(
            us=ground.us,
            papers=ground.papers,
            store=ground.store,
            mailroom=self.mailroom,
            announcing=self.announcing,
            continuity=self.continuity,
            marking=self.marking,
            blobs=ground.blobs,
            seal=seal,
            folder=config.pouches_path,
            clock=ground.clock,
        )
        unpacking = Unpacking(
            us=ground.us,
            domain=config.domain,
            papers=ground.papers,
            store=ground.store,
            continuity=self.continuity,
            carrier=self.carrier,
            make_line=lambda maker: self.make_line(maker, lambda _: [], by_pouch=True),
            require=self.admittance.require,
            clock=ground.clock,
        )
        self.pouching = Pouching(
            office=ground.office,
            papers=ground.papers,
            store=ground.store,
            admittance=self.admittance,
            packing=packing,
            unpacking=unpacking,
            spool=self.pouch_spool,
        )

    # ── what others need of it ───────────────────────────────────────────────────────

    def service(self) -> PostService:
        """What peers and relays call."""
        return PostService(self.make_line, self.courier, self.carrier, self.admittance, self.answering)

    def make_line(
        self, peer: MemberId, queues: Callable[[Tx], Sequence[Queue]], *, by_pouch: bool = False
    ) -> Line:
        """Return a new line to `peer`, over which what waits in `queues` leaves."""
        ground = self._ground
        return Line(
            peer,
            queues=queues,
            mailroom=self.mailroom,
            settling=self.settling,
            announcing=self.announcing,
            continuity=self.continuity,
            store=ground.store,
            clock=ground.clock,
            marking=self.marking,
            asides=self.asides,
            admits=self.admittance.admits,
            changed=self.carrier.wake,
            leaving=self.drain.started,
            may_send=self._may_send,
            by_pouch=by_pouch,
        )

    def refilling(self) -> Refilling:
        """What asks others for mail that was lost with a disk."""
        ground = self._ground
        return Refilling(
            ground.us,
            store=ground.store,
            papers=ground.papers,
            mailroom=self.mailroom,
            settling=self.settling,
            clock=ground.clock,
            random=ground.random,
            ask=self._ask_to_resume,
            changed=self.carrier.wake,
        )

    async def look_elsewhere(self) -> None:
        """Take up whom another process has blocked or closed the post to, and what it has queued."""
        await self.admittance.load()
        await self.courier.look()

    # ── inside ───────────────────────────────────────────────────────────────────────

    def _opening_keys(self) -> tuple[DeskPrivateKey, ...]:
        return self._ground.ring.secrets(NODE_DESK).opening

    async def _ask_to_resume(
        self, member: MemberId, address: str, request: ResumeRequest
    ) -> AsyncGenerator[ResumedMail, None]:
        """Ask who can be dialled there, and by a relay who cannot be, or not now."""
        if address:
            with suppress(UnreachableError):
                async for mail in self._switchboard.ask_to_resume(member, address, request):
                    yield mail
                return
        async for mail in self.asides.ask(member, request):
            yield mail

    def _may_send(self, queue: Queue) -> bool:
        """Say whether mail of a queue leaves by this process now; past the end of the trust list none does."""
        return self._ground.trusts_its_list() and self.leasing.holds(
            f"mail/{queue.to_member}/{queue.via}/{int(queue.lane)}"
        )

    def _look_for_mail(self) -> None:
        self._switchboard.run_aside(attempt(self.courier.look, "courier-store"))

    def _papers_changed(self, taken: tuple[str, ...]) -> None:
        _log.info("papers-taken", count=len(taken))
        self.courier.papers_changed()
        if not {"trust-list", ELSEWHERE}.isdisjoint(taken):
            self.courier.trust_list_changed()
        self.carrier.wake()


def _make_allowance(settings: PostSettings) -> Allowance:
    return Allowance(
        settings.envelopes_per_minute,
        settings.mebibytes_per_minute * _MEBIBYTE,
        settings.held_mails,
        settings.held_mebibytes * _MEBIBYTE,
    )
