"""What of a node takes papers in, on a real store that can be held, or fail, at each step of a write.

step = Step()
store = await open_store(url, key, faults=step)
node = Node(store, step, tmp_path)
await node.announcing.take([node.a_list(2)], HUB)
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from fakes.casefiles import NOW
from fakes.faults import FaultError
from fakes.house import config_of
from fakes.pki import Authority, Issued, make_root
from fakes.trust_lists import list_of
from tracepost.node.adapters.sql.store import SqlStore
from tracepost.node.own_papers import reload_papers
from tracepost.node.papers import Papers
from tracepost.node.post.announcing import Announcing
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import load_first_unsafe
from tracepost.wire.v1.post_pb2 import Announcement

US, XAB, HUB = MemberId("xaa"), MemberId("xab"), MemberId("hub")


class Step:
    """A step of the store's writer: it holds the writer there, or fails, once a test has said so."""

    def __init__(self) -> None:
        self.held_at = self.fails_at = ""
        self.failures_after = 0
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, point: str) -> None:
        if point == self.held_at:
            self.reached.set()
            self.go_on.wait()
        if point == self.fails_at:
            self.failures_after -= 1
            if self.failures_after < 0:
                raise FaultError


class Node:
    """What of a node takes papers in."""

    def __init__(self, store: SqlStore, step: Step, folder: Path) -> None:
        self._roots: dict[str, Authority] = {name: make_root(name) for name in (US, XAB)}
        self._steward = ec.generate_private_key(ec.SECP256R1())
        self.store, self.step = store, step
        first = self.a_list(1).trust_list
        self.papers = Papers(US, load_first_unsafe(first))
        (folder / "trust.json").write_bytes(first)
        self.config = replace(
            config_of(US, []), folder=folder, trust_fingerprint=self.papers.trust.fingerprint
        )
        self.reloads = 0
        self.told: list[tuple[str, ...]] = []
        self.announcing = Announcing(US, self.papers, store, lambda: NOW, self.told.append)

    def a_list(self, number: int) -> Announcement:
        listed = {name: root.der for name, root in self._roots.items()}
        return Announcement(member=XAB, trust_list=list_of(number, listed, self._steward))

    async def reload(self) -> bool:
        """Read back what the store has."""
        self.reloads += 1
        return await reload_papers(self.config, self.store, self.papers, NOW)

    def a_certificate(self, member: str = XAB) -> Issued:
        return self._roots[member].issue(Role.STATEMENT)

    def a_crl(self) -> Announcement:
        return Announcement(member=XAB, crl=self._roots[XAB].crl([], this_update=NOW - 60))

    async def audited(self) -> list[tuple[str, str]]:
        events = await self.store.read(lambda tx: tx.audit.about([HUB]))
        return [(one.event.actor, one.event.action) for one in events]

    async def kept(self) -> list[int]:
        return [one.sequence for one in await self.store.read(lambda tx: tx.trust_lists.all())]

    async def break_off(self, taking: Awaitable[object], step: str) -> None:
        """Begin to take papers in, and end who waits for it while the store is at `step`."""
        self.step.held_at = step
        waiting = asyncio.ensure_future(taking)
        try:
            assert await asyncio.to_thread(self.step.reached.wait, 180)
            assert self.papers.version() == 1, "what is not kept yet is not in force"
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting
        finally:
            self.step.held_at = ""
            self.step.go_on.set()
