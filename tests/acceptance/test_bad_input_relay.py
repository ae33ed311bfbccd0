"""A relay that drops, delays, repeats, turns round, changes and invents: everything arrives once, in
effect once, and nothing is lost.

Two real nodes with real stores, that know each other only through the relay. It has the honest one's
certificate and log key, so what it signs itself is believed; see `fakes.crooked_relay`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from fakes.adversary import PARTS, audit_trail, flip, replaced
from fakes.crooked_relay import BadWire, CrookedRelay, all_at_once, crooked_relay, none_at_all
from fakes.messages import amendment, clarification, item, request
from fakes.ports import find_port
from fakes.town import POC, Town, found_town, until
from tracepost.protocol.envelope import envelope_id, parse_header
from tracepost.protocol.evidence import Received, Sent, received_on, sent_on
from tracepost.protocol.ids import StatementDigest
from tracepost.sdk import Client
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import terms_pb2
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Expiry, Receipt, StreamStatus

FOLLOWING = 3
SAID = 1 + FOLLOWING


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states that have met through the honest relay, and then went home."""
    town = found_town(tmp_path_factory.mktemp("founded") / "town", {"xaa": (POC,), "xab": (POC,)}, "hub")
    asyncio.run(town.introduce("xaa", "xab"))
    return town


@dataclass
class Scene:
    """The town with the crooked relay in it."""

    town: Town
    relay: CrookedRelay

    async def speak(self) -> None:
        """Let xaa open a case with xab and say three things more in it."""
        async with self.town.client("xaa") as client:
            cover = Cover(
                to=("xab",),
                purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
                legal_basis=terms_pb2.LEGAL_BASIS_ITI,
            )
            first = await client.submit(build_draft(request(), cover))
            for number in range(FOLLOWING):
                more = amendment(first.statement, items=[item(str(2 + number))])
                await client.amend(first.thread, more, Cover(to=("xab",)))

    def sent(self) -> Counter[str]:
        """Where the mail of xaa is, by state."""
        return Counter(str(s) for (s,) in self.town.ask("xaa", "SELECT state FROM sent_mail"))

    def received(self) -> Counter[str]:
        """Where the mail is that came to xab, by state."""
        return Counter(str(s) for (s,) in self.town.ask("xab", "SELECT state FROM received_mail"))

    def turned_away(self) -> list[str]:
        """Why xab turned mail away."""
        trail = audit_trail(self.town.place("xab") / "store.sqlite")
        return [outcome for _, action, _, outcome in trail if action == "turn-away"]

    async def arrives(self) -> None:
        """Wait until xaa knows that everything was delivered; then reckon."""
        await until(lambda: self.sent() == {"DELIVERED": SAID}, "all mail to be delivered")
        self.reckon()

    def reckon(self) -> None:
        """Everything arrived once, is in effect once, in one case that both see alike."""
        assert self.received().total() == SAID
        assert set(self.received()) <= {"DELIVERED", "TAKEN_UP"}
        statements = "SELECT digest FROM statement WHERE in_effect ORDER BY digest"
        assert self.town.ask("xab", statements) == self.town.ask("xaa", statements)
        assert len(self.town.ask("xab", statements)) == SAID
        assert self.town.ask("xab", "SELECT thread FROM case_record") == self.town.ask(
            "xaa", "SELECT thread FROM case_record"
        )
        waiting = "SELECT id FROM received_mail WHERE waiting_for IS NOT NULL"
        assert self.town.ask("xab", waiting) == []
        logged = [str(line) for (line,) in self.town.ask("xab", "SELECT preimage FROM log_entry")]
        assert sum("received/1" in line for line in logged) == SAID


@asynccontextmanager
async def open_scene(founded: Town, folder: Path) -> AsyncIterator[Scene]:
    town = founded.copy(folder / "town")
    async with crooked_relay(town, "hub") as relay, town.running("xaa", "xab"):
        await town.unlock("xaa")
        await relay.meets("xaa", "xab")
        yield Scene(town, relay)


@pytest.fixture
async def scene(founded: Town, tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(founded, tmp_path) as scene:
        yield scene


async def gather(scene: Scene) -> list[Envelope]:
    """Return all that xaa has said, held back at the relay."""
    scene.relay.carry = none_at_all
    await scene.speak()
    await until(lambda: len(scene.relay.kept) == SAID, "the relay to have all mail")
    return list(scene.relay.kept)


# ── drops, delays ────────────────────────────────────────────────────────────────────


async def test_mail_that_is_dropped_without_a_receipt_is_sent_again_on_the_next_stream(scene: Scene) -> None:
    scene.relay.gives_custody = False
    await gather(scene)
    assert (scene.sent(), scene.received()) == ({"QUEUED": SAID}, {})
    scene.relay.gives_custody, scene.relay.carry = True, all_at_once
    scene.relay.hang_up("xaa")
    await scene.arrives()


async def test_mail_that_is_dropped_after_a_receipt_stays_with_its_sender_as_not_delivered(
    scene: Scene,
) -> None:
    """Custody is a promise of the relay's, provable against it; only the addressee's word is delivery."""
    await gather(scene)
    await until(lambda: scene.sent() == {"WITH_RELAY": SAID}, "the custody receipts")
    scene.relay.hang_up("xaa")
    scene.relay.hang_up("xab")
    await scene.relay.meets("xaa", "xab")
    assert (scene.sent(), scene.received()) == ({"WITH_RELAY": SAID}, {})
    promises = "SELECT DISTINCT from_member FROM receipt WHERE kind = 'CUSTODY'"
    assert scene.town.ask("xaa", promises) == [("hub",)]
    assert len(scene.town.ask("xaa", "SELECT number FROM body")) == SAID


async def test_mail_that_is_delayed_arrives_when_it_comes(scene: Scene) -> None:
    """One message today, then the line is cut, perhaps before its receipt; the rest on the next line."""
    delayed = await gather(scene)
    scene.relay.forward(delayed[:1])
    await until(lambda: scene.received().total() == 1, "the first to arrive")
    scene.relay.hang_up("xab")
    await scene.relay.meets("xab")
    scene.relay.forward(delayed)
    await scene.arrives()


async def test_a_receipt_that_is_dropped_comes_again_with_the_mail(scene: Scene) -> None:
    """The same envelope gets the same receipt; there is no second effect."""
    scene.relay.bring = lambda _: []
    await scene.speak()
    await until(lambda: scene.received().total() == SAID, "all mail to arrive")
    assert scene.sent()["DELIVERED"] == 0
    scene.relay.bring = list
    scene.relay.forward(scene.relay.kept)
    await scene.arrives()


# ── repeats, turns round ─────────────────────────────────────────────────────────────


async def test_mail_that_comes_again_has_no_second_effect(scene: Scene) -> None:
    """Twice in one frame, and again in the next, and on the next stream."""
    scene.relay.carry = lambda envelopes: [[e for e in envelopes for _ in range(2)], list(envelopes)]
    scene.relay.bring = lambda receipts: [r for r in receipts for _ in range(2)]
    await scene.speak()
    await scene.arrives()
    scene.relay.hang_up("xab")
    await scene.relay.meets("xab")
    scene.relay.forward(scene.relay.kept)
    [last] = await told_again(scene, scene.relay.kept[-1:])
    assert last.from_member == "xab"
    scene.reckon()


async def told_again(scene: Scene, envelopes: Sequence[Envelope]) -> list[Receipt]:
    """Wait for receipts to come to the relay for these envelopes, in whatever frames."""
    seen: dict[bytes, Receipt] = {}

    def remember(receipts: Sequence[Receipt]) -> list[Receipt]:
        seen.update({r.envelope_id: r for r in receipts})
        return list(receipts)

    scene.relay.bring = remember
    scene.relay.forward(envelopes)
    wanted = [envelope_id(e.header) for e in envelopes]
    await until(lambda: set(wanted) <= seen.keys(), "the receipts to be given again")
    return [seen[one] for one in wanted]


async def test_mail_that_comes_in_another_order_takes_effect_all_the_same(scene: Scene) -> None:
    """What follows comes before the request that it follows: held at first, and taken up with it."""
    mail = await gather(scene)
    scene.relay.forward(mail[:0:-1])
    await until(lambda: scene.received() == {"HELD": FOLLOWING}, "what follows to be held")
    assert scene.town.ask("xab", "SELECT thread FROM case_record") == []
    scene.relay.forward(mail[:1])
    await scene.arrives()


async def test_mail_that_comes_in_another_order_in_one_frame_is_put_right(scene: Scene) -> None:
    mail = await gather(scene)
    scene.relay.put("xab", envelopes=mail[::-1])
    await scene.arrives()
    assert scene.received() == {"DELIVERED": SAID}


async def test_answers_that_come_in_another_order_take_effect_all_the_same(scene: Scene) -> None:
    """And to the other side: xab asks back and xaa has the mail turned round."""
    await scene.speak()
    await scene.arrives()
    await scene.town.unlock("xab")
    scene.relay.carry = none_at_all
    before = len(scene.relay.kept)
    [(thread,)] = scene.town.ask("xab", "SELECT thread FROM case_record")
    async with scene.town.client("xab") as client:
        for _ in range(3):
            await ask_back(client, str(thread))
    await until(lambda: len(scene.relay.kept) == before + 3, "the relay to have the questions")
    scene.relay.forward(scene.relay.kept[: before - 1 : -1])
    in_effect = "SELECT digest FROM statement WHERE in_effect ORDER BY digest"
    await until(lambda: len(scene.town.ask("xaa", in_effect)) == SAID + 3, "the questions to arrive")
    assert scene.town.ask("xaa", in_effect) == scene.town.ask("xab", in_effect)


async def ask_back(client: Client, thread: str) -> None:
    await client.clarify(thread, clarification(), Cover(to=("xaa",)))


# ── changes, invents ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("part", PARTS)
async def test_mail_that_was_changed_is_turned_away_and_the_honest_one_accepted(
    scene: Scene, part: str
) -> None:
    mail = await gather(scene)
    bad = [replaced(one, **{part: flip(getattr(one, part), 8 * 40 + 3)}) for one in mail]
    scene.relay.forward(bad)
    await until(lambda: len(scene.turned_away()) == SAID, "the changed mail to be turned away")
    assert scene.received() == {}
    scene.relay.forward(mail)
    await scene.arrives()
    assert len(scene.turned_away()) == SAID


async def test_parts_of_one_mail_in_another_are_turned_away(scene: Scene) -> None:
    mail = await gather(scene)
    mixed = [replaced(one, body=other.body, slots=other.slots) for one, other in pairwise(mail)]
    scene.relay.forward(mixed)
    await until(lambda: len(scene.turned_away()) == len(mixed), "the mixed mail to be turned away")
    assert set(scene.turned_away()) == {"envelope/other-slots"}
    scene.relay.forward(mail)
    await scene.arrives()


async def test_a_relay_cannot_say_that_mail_was_delivered_refused_or_expired(scene: Scene) -> None:
    """Its receipts for others are its own word; its "too late" counts only when it is too late."""
    [first, *_] = mail = await gather(scene)
    await until(lambda: scene.sent() == {"WITH_RELAY": SAID}, "the custody receipts")
    forged = [
        scene.relay.receipt(first, received(first, "accepted"), "xab"),
        scene.relay.receipt(first, received(first, "accepted")),
        scene.relay.receipt(first, received(first, "refused"), "xab"),
        scene.relay.receipt(first, sent(first)),
        Receipt(envelope_id=envelope_id(first.header), from_member="xab", to_member="xaa", proof=b"noise"),
        Receipt(envelope_id=envelope_id(first.header), from_member="xzz", to_member="xaa", proof=b"noise"),
    ]
    scene.relay.put(
        "xaa", expiries=[Expiry(envelope_id=envelope_id(one.header), expired_at=1) for one in mail]
    )
    scene.relay.put("xaa", receipts=forged)  # last: when they were doubted, the others were heard
    await until(lambda: len(doubts(scene)) == len(forged), "the receipts to be doubted")
    assert scene.sent() == {"WITH_RELAY": SAID}
    scene.relay.forward(mail)
    await scene.arrives()


def received(envelope: Envelope, verdict: str) -> Received:
    """Return what an addressee's log would say."""
    return received_on(
        parse_header(envelope.header).address,
        envelope_id(envelope.header),
        StatementDigest(bytes(32)),
        1,
        verdict="accepted" if verdict == "accepted" else "refused",
    )


def sent(envelope: Envelope) -> Sent:
    """Return what a sender's log would say."""
    address = parse_header(envelope.header).address
    return sent_on(address, envelope_id(envelope.header), StatementDigest(bytes(32)), 1)


def doubts(scene: Scene) -> list[str]:
    trail = audit_trail(scene.town.place("xaa") / "store.sqlite")
    return [outcome for _, action, _, outcome in trail if action == "doubt-receipt"]


async def test_a_relay_cannot_stop_mail_for_longer_than_an_hour(scene: Scene) -> None:
    """It says "later", and means for ever; and says it about mail that it was not given."""
    scene.relay.gives_custody = False
    mail = await gather(scene)
    far = (1 << 32) - 1
    scene.relay.put(
        "xaa",
        statuses=[
            StreamStatus(envelope_id=envelope_id(one.header), code="quota", retry_after_seconds=far)
            for one in mail
        ],
    )
    postponed = "SELECT count(*) FROM sent_mail WHERE not_before > "
    await until(lambda: scene.town.ask("xaa", f"{postponed} queued_at") == [(SAID,)], "it to be put off")
    assert scene.town.ask("xaa", f"{postponed} {int(time.time()) + 3600}") == [(0,)]


async def test_words_that_are_no_code_go_into_no_store(scene: Scene) -> None:
    scene.relay.put("xaa", statuses=[StreamStatus(code="CANARY 31337")])
    problems = "SELECT last_problem FROM peer_contact WHERE member = 'hub'"
    await until(lambda: ("unknown-code",) in scene.town.ask("xaa", problems), "the problem to be noted")


# ── the wire itself ──────────────────────────────────────────────────────────────────


async def test_a_wire_that_turns_bits_and_breaks_off_changes_nothing_and_loses_nothing(
    founded: Town, tmp_path: Path
) -> None:
    """TLS sees every bit that was turned; the connection ends, and the next brings what is still there."""
    town, port = founded.copy(tmp_path / "town"), find_port()
    faults = [("flip", 9000), ("cut", 12_000), ("flip", 15_000), ("cut", 200)]
    wire = BadWire(port, faults)
    async with (
        crooked_relay(town, "hub", port) as relay,
        wire.laid(town.residents["hub"].ports.post),
        town.running("xaa", "xab"),
    ):
        scene = Scene(town, relay)
        await town.unlock("xaa")
        await scene.speak()
        while wire.faults:
            for member in sorted(relay.present):  # once for each stream: the line keeps what nobody has heard
                relay.hang_up(member)
            await asyncio.sleep(0.1)
        await until(lambda: len({e.header for e in relay.kept}) == SAID, "the relay to have all mail")
        while scene.sent() != {"DELIVERED": SAID}:  # what was on the line when it broke is given again
            relay.forward(relay.kept)
            await asyncio.sleep(0.2)
        scene.reckon()
        assert scene.turned_away() == []


# ── all of it ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_a_relay_does_in_between_in_the_end_everything_is_there_once(
    scene: Scene, seed: int
) -> None:
    """Drops, delays, repeats, turns round, flips and hangs up at random; then it is honest."""
    dice = random.Random(seed)
    scene.relay.gives_custody = bool(seed % 2)
    scene.relay.carry = lambda envelopes: crookedly(dice, envelopes)
    scene.relay.bring = lambda receipts: [r for r in receipts if dice.random() < 0.5]
    await scene.speak()
    for _ in range(6):
        await asyncio.sleep(0.02)
        chosen = dice.choices(scene.relay.kept, k=3) if scene.relay.kept else []
        for frame in crookedly(dice, chosen):
            scene.relay.put("xab", envelopes=frame)
        if dice.random() < 0.5:
            scene.relay.hang_up(dice.choice(("xaa", "xab")))
            await scene.relay.meets("xaa", "xab")
    await until(lambda: len({e.header for e in scene.relay.kept}) == SAID, "the relay to have seen all mail")
    scene.relay.gives_custody, scene.relay.carry, scene.relay.bring = True, all_at_once, list
    scene.relay.forward(scene.relay.kept)
    scene.relay.hang_up("xaa")
    await scene.arrives()


def crookedly(dice: random.Random, envelopes: Sequence[Envelope]) -> list[list[Envelope]]:
    """Return frames of some of these, some twice, some changed, in any order."""
    chosen = [one for one in envelopes for _ in range(dice.choice((0, 1, 1, 2)))]
    dice.shuffle(chosen)
    changed = [damaged(dice, one) if dice.random() < 0.3 else one for one in chosen]
    return [changed[:1], changed[1:]] if dice.random() < 0.5 else [changed]


def damaged(dice: random.Random, envelope: Envelope) -> Envelope:
    part = dice.choice(PARTS)
    data: bytes = getattr(envelope, part)
    return replaced(envelope, **{part: flip(data, dice.randrange(8 * len(data)))})
