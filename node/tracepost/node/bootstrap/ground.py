"""What all rooms of a node stand on, and who works there."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from tracepost.node.bootstrap.keys import Clock, Keys
from tracepost.node.config import NodeConfig
from tracepost.node.gate import Gate, PolicySet, reader_of
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.desks.unlocking import KeyRing
from tracepost.node.handlers.sealed.opening import Opener
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store
from tracepost.node.post.examination import NodeKeys
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.sealing import DeskPublicKey, Random
from tracepost.protocol.statement import Signer
from tracepost.protocol.trustlist import MemberType
from tracepost.serving.storage.blobs import Blobs

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Ground:
    """Keys, papers, store, clock and chance of one member, given to each of its rooms."""

    config: NodeConfig
    office: Office
    gate: Gate
    ring: KeyRing
    papers: Papers
    store: Store
    blobs: Blobs
    signer: Signer = field(repr=False)
    draft_secret: bytes = field(repr=False)
    clock: Clock
    random: Random = os.urandom

    @property
    def us(self) -> MemberId:
        """The member."""
        return self.config.member

    @cached_property
    def opener(self) -> Opener:
        """What opens sealed mail with the keys of desks."""
        return Opener(self.office, self.gate, self.ring, self.papers, self.clock)

    def node_keys(self) -> NodeKeys:
        """Return what incoming mail is opened with."""
        secrets = self.ring.secrets(NODE_DESK)
        return NodeKeys(self.us, secrets.opening, secrets.epochs)

    def trusts_its_list(self) -> bool:
        """Say whether the trust list is within its hard expiry now."""
        return self.papers.is_live(self.clock())


def lay_ground(
    config: NodeConfig, keys: Keys, store: Store, papers: Papers, clock: Clock, *, policies: PolicySet
) -> Ground:
    """Return the ground of a node whose keys, store and papers are open."""
    return Ground(
        config=config,
        office=make_office(
            config, papers.trust.member(config.member).type, lambda desk: keys.store.public(desk).storage
        ),
        gate=Gate(policies),
        ring=keys.ring,
        papers=papers,
        store=store,
        blobs=Blobs(config.attachments_path, config.attachments.quota_mebibytes * _MEBIBYTE),
        signer=keys.signer,
        draft_secret=keys.store.derive("drafts"),
        clock=clock,
    )


def make_office(
    config: NodeConfig, member_type: MemberType, storage_key_of: Callable[[DeskId], DeskPublicKey]
) -> Office:
    """Return the member of `config`, of this type, with its desks."""
    desks = [
        OwnDesk(
            reader_of(config.member, member_type, d.desk, d.competences, point_of_contact=d.point_of_contact),
            d.on_every_case,
            storage_key_of(d.desk),
            outward=d.outward,
            under=DeskId(d.under) if d.under else None,
            by_notice=d.oversight == "notice",
        )
        for d in config.desks
    ]
    return Office(config.member, tuple(desks))
