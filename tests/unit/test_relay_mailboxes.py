"""The mail that a relay keeps: order, quotas, receipts, ends; on each kind of store that it may have."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from fakes.descriptors import is_open
from fakes.members import Network
from fakes.pki import DAY
from fakes.postgres import Databases
from tracepost.protocol.envelope import CheckedEnvelope, Lane, parse_envelope
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.evidence import LogVerifier, Origin, generate_log_key, verify_proof
from tracepost.protocol.identity import Revocations
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.trustlist import load_first
from tracepost.relay.mailboxes import (
    Full,
    Kept,
    Late,
    Mailboxes,
    next_expiry,
    read_dues,
    read_mail,
)
from tracepost.relay.pouches import find_waiting_mail, offers_anew, open_book
from tracepost.relay.reception import ProvedReceipt, Situation, receive_receipt
from tracepost.relay.store import RelayStore
from tracepost.relay.tables import PARTS, POUCHES, STORE
from tracepost.relay.trust import TrustState
from tracepost.relay.usage import Quota, Side, read_usage
from tracepost.serving.pouch_records import PouchRecord, Way
from tracepost.serving.storage.engine import MEMORY
from tracepost.wire.v1.pouch_pb2 import PouchManifest

XAA, XAB, HUB = MemberId("xaa"), MemberId("xab"), MemberId("hub")
NOW = int(time.time())
PLENTY = Quota(1000, 1 << 30)


class Rig:
    def __init__(self, per_sender: Quota = PLENTY, per_mailbox: Quota = PLENTY, url: str = MEMORY) -> None:
        self.network = Network("xaa", "xab", "xac", "hub")
        self.key = generate_log_key(Origin(HUB, "tracepost.example", 1))
        self.store = RelayStore.open(url, self.key)
        self.boxes = Mailboxes(
            self.store.log, per_sender=per_sender, per_mailbox=per_mailbox, random=os.urandom
        )
        data, fingerprint = self.network.trust_list()
        self.trust = TrustState(load_first(data, fingerprint=fingerprint), Revocations())

    def envelope(self, to: str = "xab", **more: Any) -> CheckedEnvelope:
        return parse_envelope(self.network["xaa"].envelope(to, via="hub", **more), now=None)

    async def keep(self, *envelopes: CheckedEnvelope, now: int = NOW) -> list[Any]:
        return await self.store.write(lambda c: self.boxes.keep(c, envelopes, now), label="keep")

    async def mail(self, after: dict[Lane, int] | None = None, size_bytes: int = 1 << 30) -> list[Any]:
        start = after or dict.fromkeys(Lane, 0)
        return await self.store.read(lambda c: read_mail(c, XAB, start, envelopes=100, size_bytes=size_bytes))

    async def receive(self, *envelopes: CheckedEnvelope, by: str = "xab") -> Any:
        receipts = [self.receipt(envelope, by) for envelope in envelopes]
        return await self.store.write(lambda c: self.boxes.take_receipts(c, receipts), label="receive")

    def receipt(self, envelope: CheckedEnvelope, by: str) -> ProvedReceipt:
        wire = self.network[by].receipt(envelope.to_wire())
        return receive_receipt(wire, Situation(MemberId(by), HUB, self.trust, NOW))

    async def usage(self) -> dict[Any, tuple[int, int]]:
        return {key: counts for key, counts in (await self.store.read(read_usage)).items() if any(counts)}


@pytest.fixture(params=["memory", "postgresql"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """A relay that keeps mail on each database that it may have."""
    if request.param == "memory":
        made = Rig()
        yield made
        made.store.close()
        return
    databases: Databases = request.getfixturevalue("databases")
    url = databases.create("relay", make_tables)
    made = Rig(url=url)
    yield made
    made.store.close()
    databases.drop(url)


def make_tables(url: str) -> None:
    RelayStore.open(url, generate_log_key(Origin(HUB, "tracepost.example", 1))).close()


class TestKeep:
    async def test_custody_is_an_entry_of_the_log_with_the_road_of_the_envelope(self, rig: Rig) -> None:
        envelope = rig.envelope()
        (kept,) = await rig.keep(envelope)
        (proof,) = rig.store.log.prove([(kept.number, kept.line)])
        entry: Any = verify_proof(proof, LogVerifier([rig.key.vkey])).entry
        assert (entry.id, entry.until, entry.time) == (envelope.id, envelope.header.address.deliver_by, NOW)
        assert (entry.via, entry.epoch, entry.seq) == ("hub", 1, 1)

    async def test_the_same_id_keeps_its_entry_in_one_batch_and_in_the_next(self, rig: Rig) -> None:
        envelope = rig.envelope()
        first, second = await rig.keep(envelope, envelope)
        (third,) = await rig.keep(envelope, now=NOW + 60)
        assert first.number == second.number == third.number
        assert first.line == third.line
        assert (first.is_new, third.is_new) == (True, False)
        assert len(await rig.mail()) == 1

    async def test_late_mail_is_not_kept_but_a_known_id_is_answered_as_before(self, rig: Rig) -> None:
        envelope = rig.envelope(deliver_by=NOW + 10)
        assert isinstance((await rig.keep(envelope, now=NOW + 11))[0], Late)
        assert isinstance((await rig.keep(envelope, now=NOW + 10))[0], Kept)
        assert isinstance((await rig.keep(envelope, now=NOW + 11))[0], Kept)

    async def test_quotas_count_envelopes_and_bytes_of_what_waits(self) -> None:
        rig = Rig(per_sender=Quota(3, 1 << 30), per_mailbox=Quota(1000, 3 * 8192))
        try:
            small = [rig.envelope() for _ in range(4)]
            outcomes = await rig.keep(*small)
            assert [type(one) for one in outcomes] == [Kept, Kept, Kept, Full]
            await rig.receive(*small[:3])
            assert await rig.usage() == {}
            large = rig.envelope(size_kib=32)
            assert isinstance((await rig.keep(large))[0], Full)
            assert isinstance((await rig.keep(small[3]))[0], Kept)
        finally:
            rig.store.close()

    async def test_a_job_that_fails_leaves_neither_mail_nor_entry(self, rig: Rig) -> None:
        def fail(connection: Any) -> None:
            rig.boxes.keep(connection, [rig.envelope()], NOW)
            raise ConfigurationError

        with pytest.raises(ConfigurationError):
            await rig.store.write(fail, label="fail")
        assert await rig.mail() == []
        assert rig.store.log.head.size == 0


class TestOfferedAgain:
    async def missing(self, rig: Rig, *envelopes: CheckedEnvelope, by: MemberId = XAA) -> list[Any]:
        ids = [one.id for one in envelopes]
        return await rig.store.read(lambda c: rig.boxes.missing(c, by, ids))

    async def test_what_waits_or_has_a_receipt_to_show_is_not_missing(self, rig: Rig) -> None:
        waiting, ended, strange = (rig.envelope() for _ in range(3))
        await rig.keep(waiting, ended)
        await rig.receive(ended)
        assert await self.missing(rig, waiting, ended, strange) == [strange.id]

    async def test_mail_of_others_is_missing_to_who_asks(self, rig: Rig) -> None:
        envelope = rig.envelope()
        await rig.keep(envelope)
        assert await self.missing(rig, envelope, by=XAB) == [envelope.id]

    async def test_delivered_mail_without_a_receipt_goes_to_the_addressee_once_more(self, rig: Rig) -> None:
        envelope, other = rig.envelope(), rig.envelope()
        await rig.keep(envelope, other)
        before = await rig.usage()
        await rig.receive(envelope)
        assert (await rig.keep(envelope))[0].arrival == 0  # its receipt is here still
        await rig.store.write(lambda c: rig.boxes.forget_dues(c, XAA, [envelope.id], []), label="forget")
        assert await self.missing(rig, envelope, other) == [envelope.id]
        (kept,) = await rig.keep(envelope)
        assert (kept.is_new, kept.arrival, kept.lane) == (False, 1, Lane.ROUTINE)
        assert [one.envelope_id for one in await rig.mail()] == [envelope.id, other.id]
        assert await rig.usage() == before
        assert (await rig.receive(envelope)).fresh
        assert [one.envelope_id for one in (await rig.store.read(lambda c: read_dues(c, XAA))).receipts] == [
            envelope.id
        ]

    async def test_an_old_pouch_does_not_let_delivered_mail_wait_again(self, rig: Rig) -> None:
        envelope = rig.envelope()
        await rig.keep(envelope)
        await rig.receive(envelope)
        await rig.store.write(lambda c: rig.boxes.forget_dues(c, XAA, [envelope.id], []), label="forget")
        offer = partial(rig.boxes.keep, arrivals=[envelope], now=NOW, revives=False)
        [kept] = await rig.store.write(offer, label="keep")
        assert isinstance(kept, Kept)
        assert (kept.is_new, kept.arrival) == (False, 0)
        assert await rig.mail() == []
        assert await rig.usage() == {}

    async def test_it_counts_as_before_though_its_proof_is_longer_by_now(self, rig: Rig) -> None:
        """The proof is none of what the id covers: who offers mail again proves it under a newer head."""
        envelope = rig.envelope()
        longer = dataclasses.replace(envelope, proof=bytes(9) + envelope.proof)
        await rig.keep(envelope)
        await rig.receive(envelope)
        await rig.store.write(lambda c: rig.boxes.forget_dues(c, XAA, [envelope.id], []), label="forget")
        await rig.keep(longer)
        assert [one.envelope_id for one in await rig.mail()] == [envelope.id]
        await rig.receive(envelope)
        assert await rig.usage() == {}

    async def test_it_waits_again_only_where_there_is_room(self) -> None:
        rig = Rig(per_mailbox=Quota(1, 1 << 30))
        try:
            envelope, other = rig.envelope(), rig.envelope()
            await rig.keep(envelope)
            await rig.receive(envelope)
            await rig.store.write(lambda c: rig.boxes.forget_dues(c, XAA, [envelope.id], []), label="forget")
            await rig.keep(other)
            assert (await rig.keep(envelope))[0].arrival == 0
            assert [one.envelope_id for one in await rig.mail()] == [other.id]
        finally:
            rig.store.close()


class TestRead:
    async def test_urgent_mail_first_each_lane_in_order_of_arrival(self, rig: Rig) -> None:
        lanes = [Lane.ROUTINE, Lane.URGENT, Lane.ROUTINE, Lane.URGENT]
        envelopes = [rig.envelope(lane=lane) for lane in lanes]
        await rig.keep(*envelopes)
        assert [one.envelope_id for one in await rig.mail()] == [envelopes[n].id for n in (1, 3, 0, 2)]

    async def test_what_lies_behind_the_cursor_of_its_lane_is_left_out(self, rig: Rig) -> None:
        await rig.keep(*(rig.envelope(lane=lane) for lane in (Lane.ROUTINE, Lane.URGENT, Lane.ROUTINE)))
        urgent, first, second = await rig.mail()
        rest = await rig.mail({Lane.URGENT: urgent.arrival, Lane.ROUTINE: first.arrival})
        assert [one.envelope_id for one in rest] == [second.envelope_id]

    async def test_bytes_bound_a_batch_but_never_to_nothing(self, rig: Rig) -> None:
        await rig.keep(rig.envelope(size_kib=64), rig.envelope(size_kib=64))
        assert len(await rig.mail(size_bytes=1000)) == 1

    async def test_the_envelope_comes_out_as_it_went_in(self, rig: Rig) -> None:
        envelope = rig.envelope()
        await rig.keep(envelope)
        assert (await rig.mail())[0].envelope == envelope.to_wire()

    @settings(max_examples=20, deadline=None)
    @given(lanes=st.lists(st.sampled_from(list(Lane)), max_size=12), batch=st.integers(1, 5))
    async def test_going_through_a_mailbox_in_any_steps_gives_each_mail_once(
        self, lanes: list[Lane], batch: int
    ) -> None:
        rig = Rig()
        envelopes = [rig.envelope(lane=lane) for lane in lanes]
        await rig.keep(*envelopes)
        after: dict[Lane, int] = dict.fromkeys(Lane, 0)
        seen = []
        while mails := await rig.store.read(
            lambda c: read_mail(c, XAB, dict(after), envelopes=batch, size_bytes=1 << 30)
        ):
            for mail in mails:
                after[mail.lane] = mail.arrival
                seen.append(mail.envelope_id)
        rig.store.close()
        assert seen == [one.id for lane in (Lane.URGENT, Lane.ROUTINE) for one in envelopes
                        if one.header.address.lane is lane]  # fmt: skip


class TestReceipts:
    async def test_a_receipt_ends_the_mail_deletes_its_bytes_and_is_due_to_the_sender(self, rig: Rig) -> None:
        envelope = rig.envelope()
        await rig.keep(envelope)
        taken = await rig.receive(envelope)
        assert taken.stored == (envelope.id,)
        assert [one.sender for one in taken.fresh] == [XAA]
        assert await rig.mail() == []
        assert (
            await rig.store.read(lambda c: c.execute(select(func.count()).select_from(PARTS)).scalar()) == 0
        )
        dues = await rig.store.read(lambda c: read_dues(c, XAA))
        assert [one.envelope_id for one in dues.receipts] == [envelope.id]

    async def test_the_same_receipt_again_is_stored_already_and_not_fresh(self, rig: Rig) -> None:
        envelope = rig.envelope()
        await rig.keep(envelope)
        await rig.receive(envelope)
        taken = await rig.receive(envelope)
        assert (taken.stored, taken.fresh) == ((envelope.id,), ())

    async def test_a_receipt_of_another_member_or_of_unknown_mail_changes_nothing(self, rig: Rig) -> None:
        envelope, unknown = rig.envelope(), rig.envelope()
        await rig.keep(envelope)
        assert (await rig.receive(envelope, by="xac")).unknown == (envelope.id,)
        assert (await rig.receive(unknown)).unknown == (unknown.id,)
        assert len(await rig.mail()) == 1

    async def test_only_the_sender_clears_what_it_is_due(self, rig: Rig) -> None:
        envelope = rig.envelope()
        await rig.keep(envelope)
        await rig.receive(envelope)
        for sender, left in ((XAB, 1), (XAA, 0)):
            forget = partial(rig.boxes.forget_dues, sender=sender, receipts=[envelope.id], expiries=[])
            await rig.store.write(forget, label="")
            assert len((await rig.store.read(lambda c: read_dues(c, XAA))).receipts) == left

    async def test_the_word_on_an_expiry_is_not_taken_for_the_word_on_a_late_receipt(self, rig: Rig) -> None:
        envelope = rig.envelope(deliver_by=NOW + 10)
        await rig.keep(envelope)
        await rig.store.write(lambda c: rig.boxes.expire(c, NOW + 11), label="")
        await rig.receive(envelope)
        forget = partial(rig.boxes.forget_dues, sender=XAA, receipts=[], expiries=[envelope.id])
        await rig.store.write(forget, label="")
        assert len((await rig.store.read(lambda c: read_dues(c, XAA))).receipts) == 1


class TestExpiry:
    async def test_mail_expires_after_its_last_second_and_frees_its_room(self, rig: Rig) -> None:
        envelope = rig.envelope(deliver_by=NOW + 10)
        await rig.keep(envelope)
        assert await rig.store.read(next_expiry) == NOW + 10
        assert await rig.store.write(lambda c: rig.boxes.expire(c, NOW + 10), label="") == []
        (expired,) = await rig.store.write(lambda c: rig.boxes.expire(c, NOW + 11), label="")
        assert (expired.sender, expired.notice.envelope_id) == (XAA, envelope.id)
        assert await rig.usage() == {}
        assert await rig.mail() == []
        assert await rig.store.read(next_expiry) is None

    async def test_a_receipt_takes_the_place_of_the_notice(self, rig: Rig) -> None:
        envelope = rig.envelope(deliver_by=NOW + 10)
        await rig.keep(envelope)
        await rig.store.write(lambda c: rig.boxes.expire(c, NOW + 11), label="")
        await rig.receive(envelope)
        dues = await rig.store.read(lambda c: read_dues(c, XAA))
        assert (len(dues.receipts), len(dues.expiries)) == (1, 0)

    async def test_waiting_mail_is_never_pruned(self, rig: Rig) -> None:
        await rig.keep(rig.envelope(deliver_by=NOW + 10))
        assert await rig.store.write(lambda c: rig.boxes.prune(c, NOW + 1000 * DAY), label="") == 0

    async def test_numbers_of_arrival_are_not_given_again_after_pruning(self, rig: Rig) -> None:
        first = rig.envelope(deliver_by=NOW + 10)
        await rig.keep(first)
        (before,) = await rig.mail()
        await rig.receive(first)
        assert await rig.store.write(lambda c: rig.boxes.prune(c, NOW + 100 * DAY), label="") == 1
        await rig.keep(rig.envelope())
        assert (await rig.mail())[0].arrival > before.arrival


class TestPouches:
    async def test_urgent_mail_goes_first_and_what_went_before_can_be_left_out(self, rig: Rig) -> None:
        routine, urgent, late = (
            rig.envelope(),
            rig.envelope(lane=Lane.URGENT),
            rig.envelope(deliver_by=NOW + 10),
        )
        await rig.keep(routine, urgent, late)
        assert [id_ for id_, _ in await self._waiting(rig)] == [urgent.id, routine.id]
        await self._make(rig, 1, urgent.id)
        assert [id_ for id_, _ in await self._waiting(rig, only_new=True)] == [routine.id]

    async def test_a_pouch_counts_what_has_no_receipt_until_a_later_one_has_it_too(self, rig: Rig) -> None:
        first, second = rig.envelope(), rig.envelope()
        await rig.keep(first, second)
        await self._make(rig, 1, first.id, second.id)
        assert await self._unanswered(rig) == [2]
        await rig.receive(first)
        assert await self._unanswered(rig) == [1]
        await self._make(rig, 2, second.id)
        assert await self._unanswered(rig) == [1, 0]

    async def test_what_lay_in_a_pouch_is_forgotten_with_its_mail(self, rig: Rig) -> None:
        envelope = rig.envelope(deliver_by=NOW + 10)
        await rig.keep(envelope)
        await self._make(rig, 1, envelope.id)
        await rig.receive(envelope)
        assert await rig.store.write(lambda c: rig.boxes.prune(c, NOW + 100 * DAY), label="") == 1
        count = select(func.count()).select_from(POUCHES.pouched)
        assert await rig.store.read(lambda c: c.execute(count).scalar()) == 0

    async def test_a_file_offers_mail_anew_if_no_newer_pouch_of_its_maker_came_and_it_did_not(
        self, rig: Rig
    ) -> None:
        """A store that was put back gives numbers again; the time tells which is newer."""
        assert await self._offers_anew(rig, 1, NOW)
        await self._take(rig, 1, NOW)
        assert not await self._offers_anew(rig, 1, NOW)
        assert await self._offers_anew(rig, 1, NOW, part=2)
        assert await self._offers_anew(rig, 2, NOW)
        assert not await self._offers_anew(rig, 2, NOW - 1)
        assert await self._offers_anew(rig, 1, NOW + 1)

    async def test_the_files_of_a_pouch_whose_number_was_given_again_are_not_those_of_the_one_before(
        self, rig: Rig
    ) -> None:
        for part in (1, 2):
            await self._take(rig, 1, NOW, part)
        await self._take(rig, 1, NOW + 1)
        assert await self._offers_anew(rig, 1, NOW + 1, part=2)
        await self._take(rig, 1, NOW)
        assert not await self._offers_anew(rig, 1, NOW + 1)
        assert not await self._offers_anew(rig, 1, NOW, part=2)

    async def _take(self, rig: Rig, number: int, made_at: int, part: int = 1) -> None:
        record = PouchRecord(XAA, Way.CAME, number, 2, 0, made_at, taken_at=made_at)
        await rig.store.write(lambda c: open_book(c).keep_came(record, part), label="")

    async def _offers_anew(self, rig: Rig, number: int, made_at: int, part: int = 1) -> bool:
        said = PouchManifest(from_member=XAA, number=number, part=part, made_at=made_at)
        return await rig.store.read(lambda c: offers_anew(c, said))

    async def _waiting(self, rig: Rig, *, only_new: bool = False) -> list[Any]:
        return await rig.store.read(lambda c: find_waiting_mail(c, XAB, NOW + 60, only_new=only_new))

    async def _make(self, rig: Rig, number: int, *ids: EnvelopeId) -> None:
        record = PouchRecord(XAB, Way.WENT, number, 1, len(ids), NOW)
        await rig.store.write(lambda c: open_book(c).keep_went(record, ids), label="")

    async def _unanswered(self, rig: Rig) -> list[int]:
        return [one.unanswered for one in await rig.store.read(lambda c: open_book(c).all(XAB))]


async def test_usage_is_counted_for_both_sides(rig: Rig) -> None:
    await rig.keep(rig.envelope(), rig.envelope("xac"))
    counts = {key: envelopes for key, (envelopes, _) in (await rig.usage()).items()}
    assert counts == {(XAA, Side.SENDER): 2, (XAB, Side.MAILBOX): 1, (MemberId("xac"), Side.MAILBOX): 1}


def test_a_store_of_another_version_is_refused(tmp_path: Any) -> None:
    key = generate_log_key(Origin(HUB, "tracepost.example", 1))
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = RelayStore.open(url, key)
    store._writer.write_sync(lambda c: c.execute(STORE.update().values(value=99)))
    store.close()
    with pytest.raises(ConfigurationError) as refusal:
        RelayStore.open(url, key)
    assert refusal.value.reason == "schema-version"
    assert not is_open(tmp_path / "store.sqlite"), "nobody has it, and it is not held"
