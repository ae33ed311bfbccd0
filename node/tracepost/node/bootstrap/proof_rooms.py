"""What proves our log to others, and theirs to us."""

from __future__ import annotations

import random

from tracepost.node import installation
from tracepost.node.bootstrap.ground import Ground
from tracepost.node.bootstrap.keys import Keys
from tracepost.node.bootstrap.switchboard import Switchboard
from tracepost.node.bootstrap.tls import places_to_ask
from tracepost.node.expiring import Expiries
from tracepost.node.log_server import LogServer
from tracepost.node.post.continuity import Continuity
from tracepost.node.services.witness import WitnessService
from tracepost.protocol.evidence import LogVerifier
from tracepost.serving.own_head import OwnHead
from tracepost.serving.storage.inspection import Inspection
from tracepost.serving.witnessed import Panel, Witnessed


class ProofRooms:
    """Heads of our log, who cosigned them, whose we cosign, and what expires."""

    def __init__(
        self,
        ground: Ground,
        keys: Keys,
        switchboard: Switchboard,
        own_head: OwnHead,
        continuity: Continuity,
    ) -> None:
        config, store, papers = ground.config, ground.store, ground.papers
        self._ground, self._log_key, self._continuity = ground, keys.log.vkey, continuity
        self._witness_keys = installation.load_witness_keys(keys.store, config)
        self.own_head = own_head
        self.witnessed = Witnessed(
            store.evidence,
            self._panel,
            submit=switchboard.submit,
            doubt=lambda: own_head.check(places_to_ask(config, papers)),
            clock=ground.clock,
        )
        self.inspection = Inspection(store.evidence, random.randrange)
        self.expiries = Expiries(
            ground.us, papers, config.standing_consents, lambda: installation.escrow_tried(keys.store)
        )

    def service(self) -> WitnessService:
        """What peers and relays ask of their logs."""
        return WitnessService(self._ground.store, self._continuity, self._witness_keys)

    def log_server(self) -> LogServer:
        """Our log over HTTP."""
        evidence = self._ground.store.evidence
        return LogServer(
            evidence,
            lambda: self.witnessed.newest.note or evidence.head.note,
            lambda body: self._continuity.add_checkpoint(body, self._witness_keys),
        )

    def _panel(self) -> Panel:
        """Return whose cosignatures count: by the trust list, or by our own settings, which may ask for more."""
        trust, log = self._ground.papers.trust, self._ground.config.log
        known = log.witnesses or trust.witness_keys(but=self._ground.us)
        quorum = max(log.quorum, trust.content.witness_quorum)
        return Panel(LogVerifier([self._log_key, *known]), quorum)
