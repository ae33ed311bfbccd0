"""A node compares its store with what others know of its log, and gives its heads to witnesses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from fakes.members import FakeLog
from fakes.town import until
from tracepost.node import own_head
from tracepost.node.own_head import AHEAD_NAME, OwnHead, Place
from tracepost.node.ports.store import Evidence
from tracepost.node.witnessed import Witnessed
from tracepost.protocol.errors import InvalidInputError, LogBehindError, UnreachableError
from tracepost.protocol.evidence import (
    LogVerifier,
    NoteSigner,
    PolicyActivated,
    Prover,
    WitnessReply,
    cosign,
    generate_witness_key,
    judge_submission,
    parse_submission,
)
from tracepost.protocol.ids import MemberId
from tracepost.serving.storage.evidence_store import LogHead
from tracepost.wire.v1.post_pb2 import ConsistencyProof

US = MemberId("xaa")
HUB: Place = (MemberId("hub"), "hub.example:1")
PEER: Place = (MemberId("xab"), "xab.example:1")


class Log(FakeLog):
    """A log in memory that answers as the evidence of a store does."""

    def __init__(self, first: int = 0, twin_of: FakeLog | None = None) -> None:
        super().__init__(US)
        self.first = first
        self.key = twin_of.key if twin_of else self.key

    def grow(self, to: int) -> Log:
        for number in range(self.frontier.size, to):
            self.prove(PolicyActivated(sha256=(self.first + number).to_bytes(32), artefact=b"", time=1))
        return self

    @property
    def head(self) -> LogHead:
        note = self.key.sign_checkpoint(self.origin, self.frontier.size, self.frontier.root())
        return LogHead(self.frontier.size, self.frontier.root(), note)

    def root_at(self, size: int) -> bytes:
        if size > self.frontier.size:
            raise InvalidInputError(where="size")
        return Prover(size, self.hashes).root()

    def prove_consistency(self, old: int, new: int) -> ConsistencyProof:
        return ConsistencyProof(old_size=old, path=Prover(new, self.hashes).consistency_path(old))

    def as_evidence(self) -> Evidence:
        return cast("Evidence", self)


def answering(*notes: str | None) -> Callable[[Place], Awaitable[str]]:
    """Return what the places answer in turn; None: nobody is there."""
    rest = list(notes)

    async def ask(_: Place) -> str:
        note = rest.pop(0)
        if note is None:
            raise UnreachableError
        return note

    return ask


def watcher(log: Log, folder: Path, *notes: str | None) -> OwnHead:
    return OwnHead(LogVerifier([log.key.vkey]), log.as_evidence(), folder, answering(*notes))


class TestOwnHead:
    async def test_who_knows_no_more_than_the_store_lets_it_serve(self, tmp_path: Path) -> None:
        log = Log().grow(5)
        found = watcher(log, tmp_path, Log(twin_of=log).grow(3).head.note, "")
        await found.check([HUB, PEER])
        assert found.is_checked

    async def test_nobody_there_leaves_it_unchecked(self, tmp_path: Path) -> None:
        found = watcher(Log().grow(5), tmp_path, None)
        await found.check([HUB])
        assert not found.is_checked

    @pytest.mark.parametrize(("first", "size", "reason"), [(0, 7, "log-behind"), (900, 4, "log-forked")])
    async def test_a_head_that_the_store_has_not_stops_it_also_the_next_time_with_nobody_there(
        self, tmp_path: Path, first: int, size: int, reason: str
    ) -> None:
        log = Log().grow(5)
        note = Log(first, log).grow(size).head.note
        with pytest.raises(LogBehindError) as refusal:
            await watcher(log, tmp_path, None, note).check([HUB, PEER])
        assert refusal.value.reason == reason
        assert (tmp_path / AHEAD_NAME).read_text() == note
        with pytest.raises(LogBehindError):
            await watcher(log, tmp_path).check([])

    async def test_what_the_key_did_not_sign_stops_nobody(self, tmp_path: Path) -> None:
        found = watcher(Log().grow(5), tmp_path, Log().grow(9).head.note, "noise")
        await found.check([HUB, PEER])
        assert found.is_checked

    async def test_a_head_that_is_met_later_ends_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(own_head, "ASK_AGAIN_S", 0.01)
        log = Log().grow(5)
        found = watcher(log, tmp_path, None, "")
        watching = asyncio.create_task(found.watch(lambda: [HUB]))
        await until(lambda: found.is_checked, "somebody to be asked")
        found.meet(Log(twin_of=log).grow(5).head.note)
        assert not watching.done()
        found.meet(Log(twin_of=log).grow(6).head.note)
        with pytest.raises(LogBehindError):
            await watching


class Hall:
    """Witnesses that judge as ours do."""

    def __init__(self, log: FakeLog, *keys: NoteSigner) -> None:
        self.verifier = LogVerifier([log.key.vkey])
        self.keys = keys
        self.held: dict[Place, tuple[int, bytes]] = {}
        self.statuses: list[int] = []
        self.doubts = 0

    async def submit(self, place: Place, body: bytes) -> WitnessReply:
        submission = parse_submission(body)
        found: Any = judge_submission(submission, self.verifier, self.held.get(place))
        if not isinstance(found, WitnessReply):
            self.held[place] = (found.size, found.root)
            found = cosign(submission.checkpoint, self.keys, 1_700_000_000)
        self.statuses.append(found.status)
        return found  # type: ignore[no-any-return]

    async def doubt(self) -> None:
        self.doubts += 1


def given(log: Log, hall: Hall, quorum: int, *known: str) -> Witnessed:
    verifier = LogVerifier([log.key.vkey, *known])
    return Witnessed(log.as_evidence(), verifier, quorum=quorum, submit=hall.submit, doubt=hall.doubt)


class TestWitnessed:
    async def test_heads_are_given_from_the_one_that_a_witness_holds(self) -> None:
        log, key = Log().grow(5), generate_witness_key("hub.tracepost.example/witness")
        hall = Hall(log, key)
        ours = given(log, hall, 1, key.vkey)
        await ours.give([HUB])
        log.grow(9)
        await ours.give([HUB])
        assert (hall.statuses, ours.newest.size, ours.is_short) == ([200, 200], 9, False)
        again = given(log.grow(12), hall, 1, key.vkey)  # started anew: it remembers nothing
        await again.give([HUB])
        assert hall.statuses[2:] == [409, 200]
        assert again.newest.witnesses == {key.name}

    async def test_a_witness_that_is_not_in_the_settings_counts_for_nothing_and_two_keys_for_one(
        self,
    ) -> None:
        log, name = Log().grow(5), "hub.tracepost.example/witness"
        keys = generate_witness_key(name), generate_witness_key(name, 0x06)
        hall = Hall(log, *keys)
        stranger, short = given(log, hall, 0), given(log, hall, 2, *(key.vkey for key in keys))
        await stranger.give([HUB])
        await short.give([PEER])
        assert stranger.newest.witnesses == frozenset()
        assert (len(short.newest.cosignatures), short.is_short) == (2, True)

    async def test_a_witness_that_holds_another_history_makes_the_node_look(self) -> None:
        log, key = Log().grow(9), generate_witness_key("hub.tracepost.example/witness")
        hall = Hall(log, key)
        hall.held[HUB] = (5, bytes(32))
        ours = given(log, hall, 1, key.vkey)
        await ours.give([HUB])
        assert (hall.statuses, hall.doubts, ours.is_short) == ([409, 422], 1, True)
