"""A node compares its store with what others know of its log, and gives its heads to witnesses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from fakes.members import FakeLog
from fakes.town import until
from tracepost.node.bootstrap.recovery import _require_all_to_know
from tracepost.node.ports.store import Evidence
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, LogBehindError, UnreachableError
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
from tracepost.serving import own_head, witnessed
from tracepost.serving.own_head import AHEAD_NAME, KEPT_NAME, OwnHead, Place, kept_heads
from tracepost.serving.storage.evidence_store import LogHead
from tracepost.serving.witnessed import Panel, Witnessed
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
        self.written_elsewhere = 0
        self.before_showing: Callable[[str], None] = lambda _note: None

    def grow(self, to: int) -> Log:
        for number in range(self.frontier.size, to):
            self.prove(PolicyActivated(sha256=(self.first + number).to_bytes(32), artefact=b"", time=1))
        return self

    @property
    def head(self) -> LogHead:
        note = self.key.sign_checkpoint(self.origin, self.frontier.size, self.frontier.root())
        return LogHead(self.frontier.size, self.frontier.root(), note)

    def refresh(self) -> None:
        self.grow(max(self.written_elsewhere, self.frontier.size))

    def call_before_showing(self, call: Callable[[str], None]) -> None:
        self.before_showing = call
        call(self.head.note)

    def show(self, size: int) -> None:
        self.grow(size)
        self.before_showing(self.head.note)

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


def kept(folder: Path, log: Log) -> int:
    """Return the size of the head in the file, which the log's key signed."""
    return LogVerifier([log.key.vkey]).open(kept_heads(folder)[-1]).size


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

    async def test_what_another_process_on_the_database_wrote_meanwhile_stops_nobody(
        self, tmp_path: Path
    ) -> None:
        log = Log().grow(5)
        log.written_elsewhere = 8
        found = watcher(log, tmp_path, Log(twin_of=log).grow(8).head.note)
        await found.check([HUB])
        assert found.is_checked
        assert not (tmp_path / AHEAD_NAME).exists()
        with pytest.raises(LogBehindError):
            await watcher(log, tmp_path, Log(twin_of=log).grow(9).head.note).check([HUB])

    async def test_what_the_key_did_not_sign_stops_nobody(self, tmp_path: Path) -> None:
        found = watcher(Log().grow(5), tmp_path, Log().grow(9).head.note, "noise")
        await found.check([HUB, PEER])
        assert found.is_checked

    async def test_what_a_database_has_forgotten_is_known_by_the_file_beside_it(self, tmp_path: Path) -> None:
        log = Log().grow(7)
        await watcher(log, tmp_path).check([])
        log.show(9)  # and the daemon is killed
        assert kept(tmp_path, log) == 9
        await watcher(Log(twin_of=log).grow(9), tmp_path).check([])
        with pytest.raises(LogBehindError) as refusal:
            await watcher(Log(twin_of=log).grow(8), tmp_path).check([])
        assert refusal.value.reason == "log-behind"
        await watcher(Log().grow(1), tmp_path).check([])  # of a log that began since: it is another's head

    async def test_what_was_kept_is_put_on_the_disk_while_it_is_watched_and_at_its_end(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log, synced = Log().grow(7), list[tuple[Path, int]]()

        def sync(path: Path) -> None:
            synced.append((path, kept(tmp_path, log)))

        monkeypatch.setattr(own_head, "sync_path", sync)
        found = watcher(log, tmp_path)
        await found.check([])
        watching = asyncio.create_task(found.watch(list))
        await until(lambda: len(synced) == 2, "the head to be on the disk")
        log.show(9)
        watching.cancel()
        await asyncio.wait([watching])
        places = (tmp_path / KEPT_NAME, tmp_path)
        assert synced == [(place, size) for size in (7, 9) for place in places]

    async def test_a_store_that_was_refused_leaves_what_was_kept(self, tmp_path: Path) -> None:
        log = Log().grow(7)
        await watcher(log, tmp_path).check([])
        old = Log(twin_of=log).grow(5)
        with pytest.raises(LogBehindError):
            await watcher(old, tmp_path).check([])
        old.show(6)
        assert kept(tmp_path, log) == 7

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

    async def test_a_head_that_is_met_ends_it_also_where_its_proof_cannot_be_kept(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(own_head, "ASK_AGAIN_S", 0.01)
        log = Log().grow(5)
        found = watcher(log, tmp_path, "")
        watching = asyncio.create_task(found.watch(lambda: [HUB]))
        await until(lambda: found.is_checked, "somebody to be asked")
        (tmp_path / AHEAD_NAME).mkdir()  # no file can be put there
        found.meet(Log(twin_of=log).grow(6).head.note)
        with pytest.raises(LogBehindError):
            await asyncio.wait_for(watching, 60)


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
    panel = Panel(verifier, quorum)
    return Witnessed(log.as_evidence(), lambda: panel, submit=hall.submit, doubt=hall.doubt)


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

    @pytest.mark.parametrize("noise", [b"noise\n", b"\xe2\x80\x94 hub.tracepost.example/witness AAAA\n"])
    async def test_what_one_witness_signs_wrongly_neither_hides_nor_takes_away_what_others_sign(
        self, noise: bytes
    ) -> None:
        log, key = Log().grow(5), generate_witness_key("hub.tracepost.example/witness")
        hall = Hall(log, key)

        async def submit(place: Place, body: bytes) -> WitnessReply:
            return WitnessReply(200, noise) if place == PEER else await hall.submit(place, body)

        panel = Panel(LogVerifier([log.key.vkey, key.vkey]), 1)
        ours = Witnessed(log.as_evidence(), lambda: panel, submit=submit, doubt=hall.doubt)
        await ours.give([PEER, HUB])
        assert (ours.newest.size, set(ours.newest.witnesses), ours.is_short) == (5, {key.name}, False)
        log.grow(7)
        await ours.give([PEER])
        assert (ours.newest.size, ours.is_short) == (7, True), "nobody cosigned the newest head"

    async def test_more_witnesses_than_a_note_has_room_for_are_counted_all_the_same(self) -> None:
        log, names = Log().grow(5), [f"xa{letter}.tracepost.example/witness" for letter in "bcdef"]
        keys = [generate_witness_key(name, 0x06) for name in names]
        halls = {
            (MemberId(name[:3]), "there:1"): Hall(log, key) for name, key in zip(names, keys, strict=True)
        }

        async def submit(place: Place, body: bytes) -> WitnessReply:
            return await halls[place].submit(place, body)

        panel = Panel(LogVerifier([log.key.vkey, *(key.vkey for key in keys)]), 5)
        ours = Witnessed(log.as_evidence(), lambda: panel, submit=submit, doubt=Hall(log).doubt)
        await ours.give(list(halls))
        assert (set(ours.newest.witnesses), ours.is_short) == (set(names), False)
        assert panel.verifier.open(ours.newest.note).cosignatures, "what fits is shown"

    async def test_a_witness_on_a_slow_line_is_asked_more_rarely(self) -> None:
        log, key = Log().grow(5), generate_witness_key("hub.tracepost.example/witness")
        hall, answer_after = Hall(log, key), [0.0]

        async def submit(place: Place, body: bytes) -> WitnessReply:
            await asyncio.sleep(answer_after[0])
            return await hall.submit(place, body)

        panel = Panel(LogVerifier([log.key.vkey, key.vkey]), 1)
        ours = Witnessed(log.as_evidence(), lambda: panel, submit=submit, doubt=hall.doubt)
        assert ours.rest_s == witnessed.EVERY_S
        answer_after[0] = 0.5
        await ours.give([HUB])
        assert 10.0 <= ours.rest_s <= witnessed.SLOWLY_S


class TestRestored:
    """A node that came from a backup goes on under its old log only where nothing can have come after it."""

    def test_who_all_were_asked_and_know_just_this_let_it_go_on(self) -> None:
        log = Log().grow(5)
        notes = [log.head.note, Log(twin_of=log).grow(3).head.note, ""]
        _require_all_to_know(log.head, notes, 3, log.key.vkey)

    @pytest.mark.parametrize(("sizes", "asked"), [([], 0), ([None], 1), ([3], 1), ([5], 2)])
    def test_who_knows_less_or_was_not_reached_tells_nothing(
        self, sizes: list[int | None], asked: int
    ) -> None:
        log = Log().grow(5)
        notes = [Log(twin_of=log).grow(size).head.note if size else "" for size in sizes]
        with pytest.raises(ConfigurationError) as refused:
            _require_all_to_know(log.head, notes, asked, log.key.vkey)
        assert refused.value.reason == "head-unknown"
