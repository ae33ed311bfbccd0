"""The relay over real sockets: custody, delivery, receipts, refusals, and kill -9 in between."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest

from fakes.members import Network
from fakes.pki import DAY, make_root
from fakes.relay import RelayProcess, Stream, install, opened, running_relay
from tracepost.protocol.envelope import SUITE, Lane, envelope_id, parse_header
from tracepost.protocol.errors import IdentityError, InternalError, TracepostError, TrustError
from tracepost.protocol.evidence import Custody, Received, custody_on, sent_on, verify_consistency
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import MemberId, StatementDigest
from tracepost.relay import bootstrap
from tracepost.relay.session import Session
from tracepost.relay.settings import load_settings
from tracepost.serving.problems import error_of_call
from tracepost.serving.server import RunningServer, build_server
from tracepost.serving.watch import Watch
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Announcement, Aside, Frame, Receipt, StreamStatus


@pytest.fixture
def network() -> Network:
    return Network("xaa", "xab", "xac", "hub")


def ids(envelopes: list[Envelope]) -> list[bytes]:
    return [envelope_id(envelope.header) for envelope in envelopes]


def has_envelopes(count: int) -> Callable[[Any], bool]:
    return lambda got: len(got.envelopes) >= count


def has_receipts(count: int) -> Callable[[Any], bool]:
    return lambda got: len(got.receipts) >= count


async def refusal(stream: Stream) -> TracepostError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.end()
    return error_of_call(caught.value)


async def post_and_receipt(relay: Any, network: Network, posted: Envelope, receipted: Envelope) -> None:
    await post(relay, "xaa", posted)
    async with relay.collect("xab") as stream:
        await stream.until(has_envelopes(2))
        await stream.send(receipts=[network["xab"].receipt(receipted)])
        await stream.end()


async def post(relay: Any, sender: str, *envelopes: Envelope) -> list[Receipt]:
    """Deliver envelopes and return the custody receipts."""
    async with relay.deliver(sender) as stream:
        await stream.send(envelopes=envelopes)
        got = await stream.until(lambda got: len(custody_of(got.receipts)) >= len(envelopes))
        return custody_of(got.receipts)


def custody_of(receipts: list[Receipt]) -> list[Receipt]:
    return [receipt for receipt in receipts if receipt.from_member == "hub"]


class TestAsides:
    async def test_what_a_node_says_to_another_goes_to_it_alone_as_it_came(
        self, network: Network, tmp_path: Path
    ) -> None:
        said = Aside(from_member="xaa", to_member="xab", sealed=os.urandom(64))
        lied = Aside(from_member="xac", to_member="xab", sealed=os.urandom(64))
        async with (
            running_relay(tmp_path, network) as relay,
            relay.collect("xab") as addressee,
            relay.collect("xac") as other,
        ):
            for stream in (addressee, other):
                await stream.until(lambda got: got.announcements)
            async with relay.deliver("xaa") as sender:
                await sender.send(asides=[lied, said])
                assert (await sender.until(lambda got: got.statuses)).codes == ["envelope"]
            got = await addressee.until(lambda got: got.asides)
            assert got.asides == [said]
            assert other.got.asides == []
        assert files_with(said.sealed, tmp_path) == []


class TestCustody:
    async def test_an_envelope_is_receipted_by_an_entry_of_the_relays_log(
        self, network: Network, tmp_path: Path
    ) -> None:
        envelope = network["xaa"].envelope("xab", via="hub")
        async with running_relay(tmp_path, network) as relay:
            (receipt,) = await post(relay, "xaa", envelope)
        proved = opened(receipt, network["hub"])
        assert isinstance(proved.entry, Custody)
        assert proved.entry.id == receipt.envelope_id == envelope_id(envelope.header)
        assert (proved.entry.via, proved.entry.epoch, proved.entry.seq) == ("hub", 1, 1)
        assert (receipt.from_member, receipt.to_member) == ("hub", "xaa")

    async def test_the_same_id_gets_the_same_entry_again_and_is_kept_once(
        self, network: Network, tmp_path: Path
    ) -> None:
        envelope = network["xaa"].envelope("xab", via="hub")
        async with running_relay(tmp_path, network) as relay:
            receipts = [
                *(await post(relay, "xaa", envelope, envelope)),
                *(await post(relay, "xaa", envelope)),
            ]
            proved = [opened(receipt, network["hub"]) for receipt in receipts]
            assert len({(one.index, one.entry) for one in proved}) == 1
            async with relay.collect("xab") as stream:
                await stream.until(has_envelopes(1))
                await stream.send(receipts=[network["xab"].receipt(envelope)])
                assert len((await stream.until(lambda got: got.stored)).envelopes) == 1

    async def test_mail_is_forwarded_as_received_to_the_addressee_only(
        self, network: Network, tmp_path: Path
    ) -> None:
        envelope = network["xaa"].envelope("xab", via="hub")
        async with (
            running_relay(tmp_path, network) as relay,
            relay.collect("xab") as addressee,
            relay.collect("xac") as other,
            relay.deliver("xab") as no_collector,
        ):
            for stream in (addressee, other, no_collector):
                await stream.until(lambda got: got.announcements)
            await post(relay, "xaa", envelope)
            got = await addressee.until(has_envelopes(1))
            assert got.envelopes == [envelope]
            for stream in (other, no_collector):
                await stream.done()
                await stream.end()
                assert stream.got.envelopes == []

    async def test_urgent_mail_goes_first_and_each_lane_in_order(
        self, network: Network, tmp_path: Path
    ) -> None:
        xaa = network["xaa"]
        routine = [xaa.envelope("xab", via="hub") for _ in range(5)]
        urgent = [xaa.envelope("xab", via="hub", lane=Lane.URGENT) for _ in range(3)]
        async with running_relay(tmp_path, network) as relay:
            await post(relay, "xaa", *routine, *urgent)
            async with relay.collect("xab") as stream:
                got = await stream.until(has_envelopes(8))
        assert ids(got.envelopes) == ids([*urgent, *routine])

    async def test_a_large_mailbox_comes_whole_and_in_order(self, network: Network, tmp_path: Path) -> None:
        envelopes = [network["xaa"].envelope("xab", via="hub") for _ in range(600)]
        async with running_relay(tmp_path, network) as relay:
            async with relay.collect("xaa") as stream:
                for start in range(0, 600, 200):
                    await stream.send(envelopes=envelopes[start : start + 200])
                await stream.until(has_receipts(600))
            async with relay.collect("xab") as stream:
                got = await stream.until(has_envelopes(600))
        assert ids(got.envelopes) == ids(envelopes)

    async def test_an_envelope_of_the_largest_size_class_passes(
        self, network: Network, tmp_path: Path
    ) -> None:
        envelope = network["xaa"].envelope("xab", via="hub", size_kib=16384)
        async with running_relay(tmp_path, network) as relay:
            await post(relay, "xaa", envelope)
            async with relay.collect("xab") as stream:
                got = await stream.until(has_envelopes(1))
        assert got.envelopes[0].body == envelope.body


class TestDelivery:
    async def test_the_addressees_receipt_ends_the_mail_and_reaches_its_sender(
        self, network: Network, tmp_path: Path
    ) -> None:
        envelope = network["xaa"].envelope("xab", via="hub")
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as sender:
            await sender.send(envelopes=[envelope])
            await sender.until(has_receipts(1))
            async with relay.collect("xab") as addressee:
                await addressee.until(has_envelopes(1))
                receipt = network["xab"].receipt(envelope)
                await addressee.send(receipts=[receipt])
                got = await addressee.until(lambda got: got.stored)
                assert got.stored == ids([envelope])
            got = await sender.until(has_receipts(2))
            assert got.receipts[1] == receipt
            assert isinstance(opened(got.receipts[1], network["xab"]).entry, Received)
            async with relay.collect("xab") as again:
                await again.done()
                await again.end()
                assert again.got.envelopes == []

    async def test_a_receipt_waits_for_its_sender_until_that_one_has_stored_it(
        self, network: Network, tmp_path: Path
    ) -> None:
        envelope = network["xaa"].envelope("xab", via="hub")
        async with running_relay(tmp_path, network) as relay:
            await post(relay, "xaa", envelope)
            async with relay.collect("xab") as addressee:
                await addressee.until(has_envelopes(1))
                await addressee.send(receipts=[network["xab"].receipt(envelope, refused=True)])
                await addressee.until(lambda got: got.stored)
            for _ in range(2):
                async with relay.collect("xaa") as sender:
                    got = await sender.until(has_receipts(1))
                    assert got.receipts[0].from_member == "xab"
            async with relay.collect("xaa") as sender:
                await sender.send(receipts_stored=ids([envelope]))
                await sender.done()
                await sender.end()
            async with relay.collect("xaa") as sender:
                await sender.done()
                await sender.end()
                assert sender.got.receipts == []

    async def test_unreceipted_mail_is_sent_again_on_the_next_stream(
        self, network: Network, tmp_path: Path
    ) -> None:
        envelopes = [network["xaa"].envelope("xab", via="hub") for _ in range(3)]
        async with running_relay(tmp_path, network) as relay:
            await post(relay, "xaa", *envelopes)
            async with relay.collect("xab") as stream:
                await stream.until(has_envelopes(3))
                await stream.send(receipts=[network["xab"].receipt(envelopes[1])])
                await stream.until(lambda got: got.stored)
            async with relay.collect("xab") as stream:
                got = await stream.until(has_envelopes(2))
                assert ids(got.envelopes) == ids([envelopes[0], envelopes[2]])

    async def test_mail_that_the_addressee_cannot_take_now_is_sent_again_on_the_same_stream(
        self, network: Network, tmp_path: Path
    ) -> None:
        envelope = network["xaa"].envelope("xab", via="hub")
        async with running_relay(tmp_path, network) as relay:
            await post(relay, "xaa", envelope)
            async with relay.collect("xab") as stream:
                await stream.until(has_envelopes(1))
                later = StreamStatus(
                    envelope_id=envelope_id(envelope.header), code="stale-trust", retry_after_seconds=1
                )
                await stream.send(statuses=[later])
                got = await stream.until(has_envelopes(2))
                assert got.envelopes == [envelope, envelope]

    async def test_the_newest_stream_gets_the_mail(self, network: Network, tmp_path: Path) -> None:
        async with (
            running_relay(tmp_path, network) as relay,
            relay.collect("xab") as old,
        ):
            await old.until(lambda got: got.announcements)
            async with relay.collect("xab") as new:
                await new.until(lambda got: got.announcements)
                envelope = network["xaa"].envelope("xab", via="hub")
                await post(relay, "xaa", envelope)
                assert (await new.until(has_envelopes(1))).envelopes == [envelope]
                assert old.got.envelopes == []
            assert (await old.until(has_envelopes(1))).envelopes == [envelope]

    async def test_a_receipt_that_was_told_on_a_stream_that_ended_is_told_on_the_one_that_is_left(
        self, network: Network, tmp_path: Path
    ) -> None:
        """A member of two processes, of which the one that called last is killed before it has stored it."""
        envelope = network["xaa"].envelope("xab", via="hub")
        receipt = network["xab"].receipt(envelope)
        async with (
            running_relay(tmp_path, network) as relay,
            relay.collect("xaa") as old,
        ):
            await old.until(lambda got: got.announcements)
            async with relay.collect("xaa") as new:
                await new.send(envelopes=[envelope])
                await new.until(has_receipts(1))
                async with relay.collect("xab") as addressee:
                    await addressee.until(has_envelopes(1))
                    await addressee.send(receipts=[receipt])
                    await addressee.until(lambda got: got.stored)
                assert (await new.until(has_receipts(2))).receipts[1:] == [receipt]
                assert old.got.receipts == []
            assert (await old.until(has_receipts(1))).receipts == [receipt]
            await old.send(receipts_stored=ids([envelope]))
            await old.done()
            await old.end()
            async with relay.collect("xaa") as third:
                await third.done()
                await third.end()
                assert third.got.receipts == []

    @pytest.mark.parametrize("forge", ["foreign-log", "other-entry", "unknown-mail", "not-addressed"])
    async def test_a_receipt_that_is_not_the_addressees_word_removes_nothing(
        self, network: Network, tmp_path: Path, forge: str
    ) -> None:
        envelope = network["xaa"].envelope("xab", via="hub")
        other = network["xaa"].envelope("xab", via="hub")
        forger = "xac" if forge == "not-addressed" else "xab"
        receipts = {
            "foreign-log": network["xac"].receipt(envelope),
            "other-entry": network["xab"].receipt(other),
            "unknown-mail": network["xab"].receipt(other),
            "not-addressed": network["xac"].receipt(envelope),
        }
        receipt = receipts[forge]
        if forge == "foreign-log":
            receipt.from_member = "xab"
        if forge == "other-entry":
            receipt.envelope_id = envelope_id(envelope.header)
        async with running_relay(tmp_path, network) as relay:
            await post(relay, "xaa", envelope)
            async with relay.collect(forger) as stream:
                await stream.send(receipts=[receipt])
                got = await stream.until(lambda got: got.statuses)
                assert got.codes == [
                    "not-found" if forge in ("unknown-mail", "not-addressed") else "evidence"
                ]
                assert got.stored == []
            async with relay.collect("xab") as stream:
                assert ids((await stream.until(has_envelopes(1))).envelopes) == ids([envelope])


class TestRefusals:
    """Nothing of these is kept, each is told with its code, and each is in the audit."""

    @pytest.mark.parametrize(
        ("case", "code", "reason"),
        [
            ("flipped header", "envelope", None),
            ("flipped slots", "envelope", "other-slots"),
            ("flipped body", "envelope", "other-body"),
            ("flipped proof", "evidence", None),
            ("truncated body", "envelope", "wrong-size-class"),
            ("forged from", "envelope", "forged-sender"),
            ("other road", "envelope", "other-road"),
            ("to the relay", "envelope", "to-relay"),
            ("unknown addressee", "stale-trust", "no-member"),
            ("proof of another envelope", "evidence", "other-entry"),
            ("proof of another log", "evidence", None),
            ("proof of another kind", "evidence", "other-entry"),
            ("proof of another number", "evidence", "other-road"),
            ("delivery too far ahead", "envelope", "deliver-by-too-far"),
        ],
    )
    async def test_a_bad_envelope(
        self, network: Network, tmp_path: Path, case: str, code: str, reason: str | None
    ) -> None:
        bad, good = bad_envelope(network, case), network["xaa"].envelope("xab", via="hub")
        async with running_relay(tmp_path, network) as relay:
            async with relay.collect("xaa") as stream:
                await stream.send(envelopes=[bad, good])
                got = await stream.until(lambda got: got.statuses and got.receipts)
                assert got.codes == [code]
                assert [receipt.envelope_id for receipt in got.receipts] == ids([good])
            async with relay.collect("xab") as stream:
                assert ids((await stream.until(has_envelopes(1))).envelopes) == ids([good])
            audited = await relay.running.parts.store.read(read_audit)
        refused = [row for row in audited if row.action == "frame"]
        assert [(row.member, row.outcome) for row in refused] == [("xaa", code)]
        assert reason in (None, refused[0].reason)

    async def test_a_stream_that_brings_too_much_of_it_is_ended(
        self, network: Network, tmp_path: Path
    ) -> None:
        bad = bad_envelope(network, "flipped body")
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as stream:
            await stream.send(envelopes=[bad] * 64)
            assert (await refusal(stream)).reason == "too-many-refusals"

    async def test_a_pouch_that_brings_too_much_of_it_is_gone_through_to_its_end(
        self, network: Network, tmp_path: Path
    ) -> None:
        bad, good = bad_envelope(network, "flipped body"), network["xaa"].envelope("xab", via="hub")
        async with running_relay(tmp_path, network) as relay:
            session = Session(relay.running.parts, MemberId("xaa"), collects=False, singly=64)
            await session.take_whole(Frame(envelopes=[bad] * 64))
            await session.take_whole(Frame(envelopes=[good]))
            answers = await session.answers()
        assert sum(len(one.statuses) for one in answers) == 64
        assert [one.envelope_id for answer in answers for one in answer.receipts] == ids([good])

    async def test_of_a_pouch_that_brings_too_much_of_it_a_count_is_written_down(
        self, network: Network, tmp_path: Path
    ) -> None:
        """The audit is of a bounded length: what one pouch brings does not push out what others did."""
        flipped, stray = bad_envelope(network, "flipped body"), bad_envelope(network, "other road")
        async with running_relay(tmp_path, network) as relay:
            session = Session(relay.running.parts, MemberId("xaa"), collects=False, singly=64)
            for some in ([flipped] * 60, [stray] * 3, [flipped] * 4, [flipped] * 2, [stray]):
                await session.take_whole(Frame(envelopes=some))
            await session.take_whole(Frame(announcements=[Announcement(member="xab")]))
            await session.note_counted()
            answers = await session.answers()
            audited = await relay.running.parts.store.read(read_audit)
        assert sum(len(one.statuses) for one in answers) == 71
        reasons = [row.reason for row in audited if row.action == "frame"]
        assert len(reasons) == 64 + 3
        assert reasons[63] == reasons[0]
        assert reasons[64:66] == [f"{reasons[0]}, and 5 more", "other-road, and 1 more"]

    async def test_a_frame_with_too_many_things_ends_the_stream(
        self, network: Network, tmp_path: Path
    ) -> None:
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as stream:
            await stream.send(receipts_stored=[bytes(32)] * 1025)
            assert (await refusal(stream)).code == "limit"

    async def test_a_full_mailbox_is_a_status_and_never_a_receipt(
        self, network: Network, tmp_path: Path
    ) -> None:
        envelopes = [network["xaa"].envelope("xab", via="hub") for _ in range(3)]
        more = "\n[quota]\nmailbox_envelopes = 2\n"
        async with running_relay(tmp_path, network, more=more) as relay:
            async with relay.deliver("xaa") as stream:
                await stream.send(envelopes=envelopes)
                got = await stream.until(lambda got: got.statuses and len(got.receipts) == 2)
                assert got.codes == ["quota"]
                assert got.statuses[0].envelope_id == envelope_id(envelopes[2].header)
                assert got.statuses[0].retry_after_seconds > 0
            async with relay.collect("xab") as stream:
                await stream.until(has_envelopes(2))
                await stream.send(receipts=[network["xab"].receipt(envelopes[0])])
                await stream.until(lambda got: got.stored)
            assert len(await post(relay, "xaa", envelopes[2])) == 1

    async def test_one_sender_cannot_fill_the_mailbox_for_others(
        self, network: Network, tmp_path: Path
    ) -> None:
        more = "\n[quota]\nsender_envelopes = 2\n"
        async with running_relay(tmp_path, network, more=more) as relay:
            async with relay.deliver("xaa") as stream:
                await stream.send(envelopes=[network["xaa"].envelope("xab", via="hub") for _ in range(3)])
                assert (await stream.until(lambda got: got.statuses)).codes == ["quota"]
            assert len(await post(relay, "xac", network["xac"].envelope("xab", via="hub"))) == 1


def bad_envelope(network: Network, case: str) -> Envelope:
    xaa = network["xaa"]
    good = xaa.envelope("xab", via="hub")
    if case.startswith("flipped "):
        part = case.removeprefix("flipped ")
        data = bytearray(getattr(good, part))
        data[len(data) // 2] ^= 1
        setattr(good, part, bytes(data))
        return good
    if case == "truncated body":
        large = xaa.envelope("xab", via="hub", size_kib=8)
        large.body = large.body[:-1]
        return large
    if case == "proof of another envelope":
        good.proof = xaa.envelope("xab", via="hub").proof
        return good
    if case == "proof of another log":
        address, statement = parse_header(good.header).address, StatementDigest(bytes(32))
        entry = sent_on(address, envelope_id(good.header), statement, 1)
        (good.proof,) = network["xac"].log.prove(entry)
        return good
    if case == "proof of another kind":
        return xaa.envelope("xab", via="hub", prove=lambda address, id_: custody_on(address, id_, 1))
    if case == "proof of another number":
        statement = StatementDigest(bytes(32))
        return xaa.envelope(
            "xab",
            via="hub",
            prove=lambda address, id_: replace(sent_on(address, id_, statement, 1), seq=99),
        )
    far = int(time.time()) + 200 * DAY
    return {
        "forged from": lambda: xaa.envelope("xab", via="hub", from_member="xac"),
        "other road": lambda: xaa.envelope("xab", via="xac"),
        "to the relay": lambda: xaa.envelope("hub", via="hub"),
        "unknown addressee": lambda: xaa.envelope("xad", via="hub"),
        "delivery too far ahead": lambda: xaa.envelope("xab", via="hub", deliver_by=far),
    }[case]()


def read_audit(connection: Any) -> list[Any]:
    from sqlalchemy import select

    from tracepost.relay.tables import AUDIT

    return list(connection.execute(select(AUDIT).order_by(AUDIT.c.number)))


class TestExpiry:
    async def test_mail_past_its_time_ends_with_a_notice_that_waits_for_the_sender(
        self, network: Network, tmp_path: Path
    ) -> None:
        now = [int(time.time())]
        envelope = network["xaa"].envelope("xab", via="hub", deliver_by=now[0] + 60)
        async with running_relay(tmp_path, network, clock=lambda: now[0]) as relay:
            await post(relay, "xaa", envelope)
            now[0] += 61
            await relay.running.house.keep_house()
            for _ in range(2):
                async with relay.collect("xaa") as sender:
                    got = await sender.until(lambda got: got.expiries)
                    assert [expiry.envelope_id for expiry in got.expiries] == ids([envelope])
            async with relay.collect("xab") as addressee:
                await addressee.done()
                await addressee.end()
                assert addressee.got.envelopes == []
            async with relay.collect("xaa") as sender:
                await sender.send(expiries_stored=ids([envelope]))
                await sender.done()
                await sender.end()
            async with relay.collect("xaa") as sender:
                await sender.done()
                await sender.end()
                assert sender.got.expiries == []

    async def test_a_connected_sender_hears_at_once(self, network: Network, tmp_path: Path) -> None:
        now = [int(time.time())]
        envelope = network["xaa"].envelope("xab", via="hub", deliver_by=now[0] + 60)
        async with (
            running_relay(tmp_path, network, clock=lambda: now[0]) as relay,
            relay.collect("xaa") as sender,
        ):
            await sender.send(envelopes=[envelope])
            await sender.until(has_receipts(1))
            now[0] += 61
            await relay.running.house.keep_house()
            await sender.until(lambda got: got.expiries)

    async def test_a_receipt_after_the_expiry_still_counts(self, network: Network, tmp_path: Path) -> None:
        now = [int(time.time())]
        envelope = network["xaa"].envelope("xab", via="hub", deliver_by=now[0] + 60)
        async with running_relay(tmp_path, network, clock=lambda: now[0]) as relay:
            await post(relay, "xaa", envelope)
            async with relay.collect("xab") as addressee:
                await addressee.until(has_envelopes(1))
                now[0] += 61
                await relay.running.house.keep_house()
                await addressee.send(receipts=[network["xab"].receipt(envelope)])
                await addressee.until(lambda got: got.stored)
            async with relay.collect("xaa") as sender:
                await sender.until(has_receipts(1))
                assert sender.got.expiries == []

    async def test_mail_that_comes_too_late_is_not_taken(self, network: Network, tmp_path: Path) -> None:
        envelope = network["xaa"].envelope("xab", via="hub", deliver_by=int(time.time()) - 5)
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as sender:
            await sender.send(envelopes=[envelope])
            got = await sender.until(lambda got: got.expiries)
            assert got.receipts == []

    async def test_tombstones_are_forgotten_in_the_end(self, network: Network, tmp_path: Path) -> None:
        now = [int(time.time())]
        envelope = network["xaa"].envelope("xab", via="hub", deliver_by=now[0] + 60)
        async with running_relay(tmp_path, network, clock=lambda: now[0]) as relay:
            await post(relay, "xaa", envelope)
            now[0] += 80 * DAY
            await relay.running.house.keep_house()
            assert len(await relay.running.parts.store.read(read_mail_rows)) == 1
            now[0] += 11 * DAY
            await relay.running.house.keep_house()
            assert await relay.running.parts.store.read(read_mail_rows) == []


def read_mail_rows(connection: Any) -> list[Any]:
    from sqlalchemy import select

    from tracepost.relay.tables import MAIL

    return list(connection.execute(select(MAIL)))


class TestPapers:
    async def test_the_newest_announcement_of_each_member_is_passed_on_unread(
        self, network: Network, tmp_path: Path
    ) -> None:
        first = Announcement(member="xaa", directory_entry="not.even~a~statement", certificates=[b"junk"])
        second = Announcement(member="xaa", directory_entry="newer")
        async with running_relay(tmp_path, network) as relay, relay.collect("xab") as listener:
            await listener.until(lambda got: got.announcements)
            async with relay.collect("xaa") as speaker:
                await speaker.send(announcements=[first])
                got = await listener.until(lambda got: len(got.announcements) == 2)
                assert got.announcements[1] == first
                await speaker.send(announcements=[second])
                await listener.until(lambda got: len(got.announcements) == 3)
            async with relay.collect("xac") as newcomer:
                got = await newcomer.until(lambda got: len(got.announcements) == 2)
                assert got.announcements[1] == second

    async def test_announcements_survive_a_restart(self, network: Network, tmp_path: Path) -> None:
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as speaker:
            await speaker.send(announcements=[Announcement(member="xaa", directory_entry="entry")])
            await speaker.done()
            await speaker.end()
        async with running_relay(tmp_path, network) as relay, relay.collect("xab") as stream:
            got = await stream.until(lambda got: len(got.announcements) == 2)
            assert got.announcements[1].directory_entry == "entry"

    async def test_the_relay_shows_its_own_papers_and_the_trust_list(
        self, network: Network, tmp_path: Path
    ) -> None:
        async with running_relay(tmp_path, network) as relay, relay.collect("xab") as stream:
            (own,) = (await stream.until(lambda got: got.announcements)).announcements
            assert own.member == "hub"
            assert list(own.certificates) == [network["hub"].node.der]
            assert list(own.suites) == [SUITE]
            assert own.trust_list == (tmp_path / "trust.json").read_bytes()
            assert stream.frames[0].freshness.trust_list_sequence == 1

    async def test_nobody_announces_for_another(self, network: Network, tmp_path: Path) -> None:
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as stream:
            await stream.send(announcements=[Announcement(member="xab", directory_entry="forged")])
            assert (await stream.until(lambda got: got.statuses)).codes == ["identity"]
            async with relay.collect("xac") as listener:
                await listener.done()
                await listener.end()
                assert [one.member for one in listener.got.announcements] == ["hub"]

    async def test_an_announcement_that_is_too_large_is_not_kept(
        self, network: Network, tmp_path: Path
    ) -> None:
        large = Announcement(member="xaa", directory_entry="x" * (3 * 1024 * 1024))
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as stream:
            await stream.send(announcements=[large])
            assert (await stream.until(lambda got: got.statuses)).codes == ["limit"]

    async def test_a_flood_of_announcements_is_a_quota_status(self, network: Network, tmp_path: Path) -> None:
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as stream:
            # Ten at once, and one more every ten seconds: many more than that, however long they take.
            papers = [Announcement(member="xaa", directory_entry=f"{n}") for n in range(100)]
            await stream.send(announcements=papers)
            assert set((await stream.until(lambda got: got.statuses)).codes) == {"quota"}

    async def test_a_newer_trust_list_from_a_member_is_gone_over_to_and_shown_to_all(
        self, network: Network, tmp_path: Path
    ) -> None:
        async with running_relay(tmp_path, network) as relay:
            newer, _ = network.trust_list("xac")
            async with relay.collect("xac") as leaving, relay.collect("xab") as listener:
                await leaving.until(lambda got: got.announcements)
                await listener.until(lambda got: got.announcements)
                async with relay.collect("xaa") as speaker:
                    await speaker.send(announcements=[Announcement(member="xaa", trust_list=newer)])
                    got = await listener.until(lambda got: len(got.announcements) >= 3)
                    told = [(one.member, one.trust_list) for one in got.announcements[1:]]
                    assert sorted(told) == [("hub", newer), ("xaa", b"")], "the relay alone shows the list"
                assert isinstance(await refusal(leaving), TrustError)
            async with relay.collect("xac") as stream:
                with pytest.raises(grpc.aio.AioRpcError):
                    await stream.end()

    async def test_a_trust_list_short_of_signatures_is_refused(
        self, network: Network, tmp_path: Path
    ) -> None:
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as stream:
            short, _ = network.trust_list("xac", signers=1)
            await stream.send(announcements=[Announcement(member="xaa", trust_list=short)])
            assert (await stream.until(lambda got: got.statuses)).codes == ["trust"]
            assert relay.running.parts.trust.state.current.sequence == 1

    async def test_a_restart_takes_the_list_that_was_accepted_last(
        self, network: Network, tmp_path: Path
    ) -> None:
        async with running_relay(tmp_path, network) as relay:
            newer, _ = network.trust_list("xac")
            async with relay.collect("xaa") as speaker:
                await speaker.send(announcements=[Announcement(member="xaa", trust_list=newer)])
                await speaker.done()
                await speaker.end()
        async with running_relay(tmp_path, network) as relay:
            assert relay.running.parts.trust.state.current.sequence == 2

    async def test_a_list_that_the_operator_brings_is_taken_up(
        self, network: Network, tmp_path: Path
    ) -> None:
        async with running_relay(tmp_path, network) as relay, relay.collect("xab") as stream:
            await stream.until(lambda got: got.announcements)
            newer, _ = network.trust_list()
            (tmp_path / "trust.json").write_bytes(newer)
            await relay.running.house.keep_house()
            got = await stream.until(lambda got: len(got.announcements) == 2)
            assert got.announcements[1].trust_list == newer


class TestIdentity:
    async def test_a_certificate_revoked_by_announcement_ends_its_streams_at_once(
        self, network: Network, tmp_path: Path
    ) -> None:
        xaa = network["xaa"]
        stolen, xaa.node = xaa.node, xaa.root.issue(Role.NODE)
        crl = xaa.root.crl([stolen.certificate], number=1)
        thief = Network("xaa")["xaa"]
        thief.root, thief.node, thief.log = xaa.root, stolen, xaa.log
        async with running_relay(tmp_path, network) as relay, relay.stream(thief) as stream:
            await stream.until(lambda got: got.announcements)
            async with relay.collect("xaa") as speaker:
                await speaker.send(announcements=[Announcement(member="xaa", crl=crl)])
                await speaker.done()
                await speaker.end()
            await stream.send(envelopes=[xaa.envelope("xab", via="hub")])
            error = await refusal(stream)
            assert isinstance(error, IdentityError)
            assert error.reason == "revoked"
        async with running_relay(tmp_path, network) as relay, relay.stream(thief, speaks=False) as stream:
            assert (await refusal(stream)).reason == "revoked"  # also after a restart

    async def test_a_revocation_list_of_another_authority_is_refused(
        self, network: Network, tmp_path: Path
    ) -> None:
        crl = make_root("xab").crl([network["xab"].node.certificate])
        async with running_relay(tmp_path, network) as relay, relay.collect("xab") as stream:
            await stream.send(announcements=[Announcement(member="xab", crl=crl)])
            assert (await stream.until(lambda got: got.statuses)).codes == ["identity"]
            await stream.send(envelopes=[network["xab"].envelope("xaa", via="hub")])
            await stream.until(has_receipts(1))

    async def test_past_the_hard_expiry_of_the_trust_list_nobody_is_served(
        self, network: Network, tmp_path: Path
    ) -> None:
        now = [int(time.time())]
        async with (
            running_relay(tmp_path, network, clock=lambda: now[0]) as relay,
            relay.collect("xaa") as stream,
        ):
            await stream.until(lambda got: got.announcements)
            now[0] += 91 * DAY
            await stream.send(envelopes=[network["xaa"].envelope("xab", via="hub")])
            assert (await refusal(stream)).code == "stale-trust"

    async def test_a_stranger_gets_no_stream(self, network: Network, tmp_path: Path) -> None:
        stranger = Network("xad")["xad"]
        async with running_relay(tmp_path, network) as relay, relay.stream(stranger) as stream:
            with pytest.raises(grpc.aio.AioRpcError):
                await stream.end()


class TestHeads:
    async def test_the_relay_proves_that_its_own_log_only_grows(
        self, network: Network, tmp_path: Path
    ) -> None:
        async with running_relay(tmp_path, network) as relay, relay.collect("xaa") as stream:
            for count in range(1, 4):
                await stream.send(envelopes=[network["xaa"].envelope("xab", via="hub")])
                await stream.until(has_receipts(count))
            heads = [opened(receipt, network["hub"]).head for receipt in stream.got.receipts]
            frames = [frame for frame in stream.frames if frame.receipts]
            assert not frames[0].consistency
            for old, new, frame in zip(heads, heads[1:], frames[1:], strict=False):
                [proof] = frame.consistency
                assert proof.old_size == old.size
                verify_consistency(old.size, old.root, new.size, new.root, list(proof.path))

    async def test_two_heads_of_one_size_end_the_stream(self, network: Network, tmp_path: Path) -> None:
        xaa = network["xaa"]
        async with running_relay(tmp_path, network) as relay:
            await post(relay, "xaa", xaa.envelope("xab", via="hub"))
            forked = Network("xaa")["xaa"]
            forked.log.key = xaa.log.key
            async with relay.collect("xaa") as stream:
                await stream.send(envelopes=[forked.envelope("xab", via="hub")])
                assert (await refusal(stream)).reason == "equivocation"

    async def test_a_head_that_does_not_continue_the_last_one_ends_the_stream(
        self, network: Network, tmp_path: Path
    ) -> None:
        xaa = network["xaa"]
        async with running_relay(tmp_path, network) as relay:
            await post(relay, "xaa", xaa.envelope("xab", via="hub"))
            forked = Network("xaa")["xaa"]
            forked.log.key = xaa.log.key
            envelopes = [forked.envelope("xab", via="hub") for _ in range(3)]
            async with relay.collect("xaa") as stream:
                await stream.send(envelopes=envelopes[2:], consistency=[forked.log.consistency(1)])
                assert (await refusal(stream)).reason == "inconsistent"

    async def test_a_proved_head_is_remembered_over_a_restart(self, network: Network, tmp_path: Path) -> None:
        xaa = network["xaa"]
        async with running_relay(tmp_path, network) as relay:
            await post(relay, "xaa", xaa.envelope("xab", via="hub"))
            async with relay.collect("xaa") as stream:
                envelope = xaa.envelope("xab", via="hub")
                await stream.send(envelopes=[envelope], consistency=[xaa.log.consistency(1)])
                await stream.until(has_receipts(1))
        async with running_relay(tmp_path, network) as relay:
            kept = relay.running.parts.heads.newest(str(xaa.log.origin))
            assert kept is not None
            assert kept.size == 2


def files_with(fragment: bytes, folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and fragment in path.read_bytes()]


class TestProcess:
    """A relay in its own process."""

    @pytest.mark.parametrize(
        "point",
        ["before-commit:frame:2", "after-commit:frame:2", "after-sign:frame:2",
         "before-commit:frame:3", "after-commit:frame:3", "after-sign:frame:3"],
    )  # fmt: skip
    async def test_kill_9_loses_nothing_acknowledged_and_doubles_nothing(
        self, network: Network, tmp_path: Path, point: str
    ) -> None:
        xaa, xab = network["xaa"], network["xab"]
        relay = RelayProcess(tmp_path, network)
        first, second = xaa.envelope("xab", via="hub"), xaa.envelope("xab", via="hub")
        await relay.start(fault=point)
        try:
            (acknowledged,) = await post(relay, "xaa", first)
            with pytest.raises(grpc.aio.AioRpcError):
                await post_and_receipt(relay, network, second, first)
            assert await relay.ended() == -signal.SIGKILL

            await relay.start()
            again = [*(await post(relay, "xaa", first)), *(await post(relay, "xaa", second))]
            entries = [opened(receipt, network["hub"]) for receipt in (acknowledged, *again)]
            assert (entries[0].index, entries[0].entry) == (entries[1].index, entries[1].entry)
            assert entries[2].index != entries[0].index
            async with relay.collect("xab") as stream:
                delivered = point in ("after-commit:frame:3", "after-sign:frame:3")
                waiting = [second] if delivered else [first, second]
                got = await stream.until(has_envelopes(len(waiting)))
                assert ids(got.envelopes) == ids(waiting)
                await stream.send(receipts=[xab.receipt(envelope) for envelope in (first, second)])
                await stream.until(lambda got: len(got.stored) == 2)
            async with relay.collect("xaa") as stream:
                got = await stream.until(has_receipts(2))
                assert {receipt.envelope_id for receipt in got.receipts} == set(ids([first, second]))
        finally:
            await relay.kill()

    async def test_kill_9_under_load_keeps_every_receipted_envelope(
        self, network: Network, tmp_path: Path
    ) -> None:
        relay = RelayProcess(tmp_path, network)
        envelopes = [network["xaa"].envelope("xab", via="hub") for _ in range(400)]
        await relay.start()
        try:
            receipted: set[bytes] = set()
            async with relay.collect("xaa") as stream:
                for start in range(0, 400, 20):
                    await stream.send(envelopes=envelopes[start : start + 20])
                await stream.until(has_receipts(120))
                await relay.kill()
                with pytest.raises(grpc.aio.AioRpcError):
                    await stream.end()
                receipted = {receipt.envelope_id for receipt in stream.got.receipts}
            await relay.start()
            async with relay.collect("xab") as stream:
                got = await stream.until(lambda got: receipted <= set(ids(got.envelopes)))
                found = ids(got.envelopes)
                assert len(found) == len(set(found))
                assert found == ids(envelopes)[: len(found)]
        finally:
            await relay.kill()

    async def test_sigterm_drains_and_says_so(self, network: Network, tmp_path: Path) -> None:
        relay = RelayProcess(tmp_path, network)
        await relay.start()
        async with relay.collect("xaa") as stream:
            await stream.send(envelopes=[network["xaa"].envelope("xab", via="hub")])
            await stream.until(has_receipts(1))
            stopping = asyncio.create_task(relay.stop())
            assert await stream.end() is grpc.StatusCode.OK
            assert stream.got.codes == ["busy"]
            assert await stopping == 0

    async def test_a_handshake_that_tls_refuses_gets_its_reason_in_log_and_audit(
        self, network: Network, tmp_path: Path
    ) -> None:
        relay = RelayProcess(tmp_path, network)
        await relay.start()
        try:
            now = int(time.time())
            strangers = Network("xad")["xad"], network["xac"]
            strangers[1].node = strangers[1].root.issue(
                Role.NODE, not_before=now - 3 * DAY, not_after=now - DAY
            )
            for stranger in strangers:
                async with relay.stream(stranger) as stream:
                    with pytest.raises(grpc.aio.AioRpcError):
                        await stream.end()
            for reason in ("unknown-authority", "certificate-expired"):
                await relay.logs(f'"reason":"{reason}"')
        finally:
            assert await relay.stop() == 0
        log = relay.log_path.read_text()
        assert '"reason":"tls-version"' not in log  # the relay's own dial is not reported
        async with running_relay(tmp_path, network) as again:
            rows = await again.running.parts.store.read(read_audit)
        assert {"unknown-authority", "certificate-expired"} <= {row.reason for row in rows}

    async def test_logs_and_store_hold_nothing_of_what_was_sealed(
        self, network: Network, tmp_path: Path
    ) -> None:
        relay = RelayProcess(tmp_path, network)
        await relay.start()
        try:
            envelope = network["xaa"].envelope("xab", via="hub")
            await post(relay, "xaa", envelope)
            async with relay.collect("xab") as stream:
                await stream.until(has_envelopes(1))
                await stream.send(receipts=[network["xab"].receipt(envelope)])
                await stream.until(lambda got: got.stored)
        finally:
            assert await relay.stop() == 0
        fragment = envelope.body[1000:1032]
        assert files_with(fragment, tmp_path) == []
        log = relay.log_path.read_text()
        assert fragment.hex() not in log
        assert os.fspath(tmp_path) not in log


async def test_a_relay_that_cannot_say_how_it_is_serves_nobody(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers: list[RunningServer] = []

    async def build(*parts: Any) -> RunningServer:
        servers.append(await build_server(*parts))
        return servers[0]

    async def fail(_watch: Watch) -> None:
        raise InternalError

    monkeypatch.setattr(bootstrap, "build_server", build)
    monkeypatch.setattr(Watch, "tell", fail)
    with pytest.raises(InternalError):
        await bootstrap.open_relay(load_settings(install(tmp_path, network)))
    assert [server.is_draining for server in servers] == [True]
