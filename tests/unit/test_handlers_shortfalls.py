"""What a desk misses of a statement is shown to its officer, written down once, and told to its author once."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.adversary import Forger, Parcel, flip
from fakes.house import CUSTOMS, NO_CONTEXT, PASSPHRASE, POC, POLICE, House, Street, draft, open_street
from tracepost.node.adapters.sql.sealed import SqlBodies
from tracepost.node.handlers.case.office import Officer
from tracepost.node.handlers.sealed.shortfalls import note_changed_desks
from tracepost.node.handlers.sending import complaints as handlers_complaints
from tracepost.node.papers import ENTRY_LIFE_S, EntryView
from tracepost.node.records.statements import SealedParts
from tracepost.protocol.errors import StaleTrustError
from tracepost.protocol.ids import DeskId, EnvelopeId, ThreadId, decode_b64, encode_b64
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.sealing import SealedBody
from tracepost.protocol.statement import COUNTER_PATH, Statement
from tracepost.wire.v1 import desk_pb2, options_pb2, post_pb2, terms_pb2, trace_pb2

GROUND = "seen in a shop window"
LAW, CONTACT = Sensitivity.LAW_ENFORCEMENT, Sensitivity.CONTACT


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", desks={"xab": (POC, POLICE, CUSTOMS)}) as street:
        yield street


def forger(street: Street) -> Forger:
    """XAA in wrong hands, writing to XAB."""
    return Forger(street["xaa"], street["xab"])


def sign(street: Street, **more: Any) -> Statement:
    """Return a request of XAA with two fields of LAW_ENFORCEMENT and one of CONTACT."""
    message = m.request("T-1", ground_text=GROUND, legal_provision="law 1", **more)
    message.contacts.add(name="R. Example")
    return forger(street).sign(message)


def without(parcel: Parcel, gone: Callable[[str], bool]) -> Parcel:
    """Take the disclosures for which `gone` out of every compartment."""
    parcel.compartments = [
        dataclasses.replace(one, disclosures=tuple(d for d in one.disclosures if not gone(d)))
        for one in parcel.compartments
    ]
    return parcel


def says(word: str) -> Callable[[str], bool]:
    return lambda encoded: word.encode() in decode_b64(encoded, "")


def of(signed: Statement, *classes: Sensitivity, counters_only: bool = False) -> Callable[[str], bool]:
    """Return which disclosures of `signed` are of these classes."""
    found = {
        d.encoded
        for d in signed.disclosures
        if d.sensitivity in classes and (d.path == COUNTER_PATH or not counters_only)
    }
    return found.__contains__


async def deliver(street: Street, parcel: Parcel) -> None:
    envelope = await forger(street).post(parcel)
    assert len((await street.deliver(street["xaa"], [envelope], "xab")).receipts) == 1


async def show(house: House, case: str, desk: str = "police") -> list[desk_pb2.StatementView]:
    asked = desk_pb2.ShowCaseRequest(case=case)
    return list((await house.as_officer(desk).ShowCase(asked, NO_CONTEXT)).statements)


async def read(street: Street, signed: Statement, desk: str = "police") -> desk_pb2.StatementView:
    """Let a desk of XAB read; return the statement as it is shown."""
    views = await show(street["xab"], signed.claims.thread, desk)
    return next(v for v in views if v.statement == encode_b64(signed.digest))


async def complaints(house: House, thread: ThreadId) -> list[trace_pb2.Error]:
    """Return every `error/1` of a case as a house holds it."""
    views = await show(house, thread)
    return [v.content.error for v in views if v.kind == "error/1"]


async def audited(house: House, signed: Statement) -> list[tuple[str, str, str]]:
    """Return what the audit trail says of a statement beside who read it."""
    about = await house.store.read(lambda tx: tx.audit.about([encode_b64(signed.digest)]))
    told = [(one.event.actor, one.event.action, one.event.outcome) for one in about]
    return [event for event in told if event[1] != "open"]


def named(error: trace_pb2.Error) -> list[str]:
    return [options_pb2.Sensitivity.Name(one).removeprefix("SENSITIVITY_") for one in error.classes]


class TestIncomplete:
    """protocol.md, section 3: the counters are signed, so what is missing is seen."""

    @pytest.mark.parametrize(
        "gone",
        [
            lambda signed: says("ground_text"),
            lambda signed: of(signed, LAW, counters_only=True),
            lambda signed: of(signed, LAW),
        ],
        ids=["one-field", "the-counter", "the-whole-class"],
    )
    async def test_what_is_missing_is_a_problem_and_the_rest_is_shown(
        self, street: Street, gone: Callable[[Statement], Callable[[str], bool]]
    ) -> None:
        signed = sign(street)
        await deliver(street, without(forger(street).pack(signed), gone(signed)))
        told = await read(street, signed)
        assert (told.problem.code, told.problem.where) == ("incomplete", "LAW_ENFORCEMENT")
        assert told.content.trace_request.contacts[0].name == "R. Example"
        assert told.content.trace_request.file_number == "T-1"

    async def test_a_desk_that_was_given_nothing_misses_what_it_may_read(self, street: Street) -> None:
        signed = sign(street)
        parcel = forger(street).pack(signed)
        parcel.entitled[2] = frozenset()
        await deliver(street, parcel)
        told = await read(street, signed)
        assert told.problem.where == "ADMINISTRATIVE, OBJECT, LAW_ENFORCEMENT, CONTACT"
        assert told.content.trace_request.file_number == "T-1"
        assert not (await read(street, signed, "poc")).HasField("problem")

    async def test_so_does_a_desk_whose_slot_was_left_out(self, street: Street) -> None:
        signed = sign(street)
        parcel = forger(street).pack(signed)
        del parcel.entitled[2], parcel.desk_keys[2]
        await deliver(street, parcel)
        assert (await read(street, signed)).problem.code == "incomplete"

    async def test_it_is_written_down_once_for_each_desk(self, street: Street) -> None:
        signed = sign(street)
        await deliver(street, without(forger(street).pack(signed), says("ground_text")))
        for desk in ("police", "police", "poc"):
            await read(street, signed, desk)
        assert await audited(street["xab"], signed) == [
            ("police", "incomplete", "LAW_ENFORCEMENT"),
            ("poc", "incomplete", "LAW_ENFORCEMENT"),
        ]


class TestTold:
    """protocol.md, section 4: a class that is not usable later is an `error/1` statement."""

    async def test_its_author_is_told_which_class_of_which_statement(self, street: Street) -> None:
        signed = sign(street)
        await deliver(street, without(forger(street).pack(signed), says("ground_text")))
        await read(street, signed)
        [error] = await complaints(street["xab"], signed.claims.thread)
        assert (error.code, error.statement_digest) == ("incomplete", encode_b64(signed.digest))
        assert named(error) == ["LAW_ENFORCEMENT"]
        assert len(error.envelope_id) == 32

    async def test_he_is_told_once_whoever_reads_and_however_often(self, street: Street) -> None:
        signed = sign(street)
        await deliver(street, without(forger(street).pack(signed), says("ground_text")))
        for desk in ("police", "poc", "police"):
            await read(street, signed, desk)
        assert len(await complaints(street["xab"], signed.claims.thread)) == 1

    async def test_he_is_told_of_all_classes_in_one(self, street: Street) -> None:
        """Else he decides how many statements an officer of ours signs."""
        signed = sign(street)
        await deliver(street, without(forger(street).pack(signed), of(signed, LAW, CONTACT)))
        for _ in range(2):
            await read(street, signed)
        [told] = await complaints(street["xab"], signed.claims.thread)
        assert sorted(named(told)) == ["CONTACT", "LAW_ENFORCEMENT"]

    async def test_he_is_told_of_what_another_desk_misses_besides(self, street: Street) -> None:
        signed = sign(street)
        parcel = without(forger(street).pack(signed), says("ground_text"))
        parcel.entitled[2] = frozenset()
        await deliver(street, parcel)
        for desk in ("poc", "police", "police"):
            await read(street, signed, desk)
        told = await complaints(street["xab"], signed.claims.thread)
        assert sorted(sorted(named(one)) for one in told) == [
            ["ADMINISTRATIVE", "CONTACT", "OBJECT"],
            ["LAW_ENFORCEMENT"],
        ]

    async def test_who_is_told_reads_it_in_the_case(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house, seal = street["xaa"], street["xaa"].rooms.sealer.encrypt

        def forgetful(statement: Statement, *rest: Any) -> Any:
            kept = tuple(d for d in statement.disclosures if d.path != "ground_text")
            return seal(dataclasses.replace(statement, disclosures=kept), *rest)

        monkeypatch.setattr(house.rooms.sealer, "encrypt", forgetful)
        [sent] = await house.submit(draft(m.request("T-1", ground_text=GROUND), to=["xab"]))
        await street.carry()
        await show(street["xab"], sent.thread)
        await street.carry()
        [error] = await complaints(house, ThreadId(sent.thread))
        assert (error.statement_digest, named(error)) == (sent.statement, ["LAW_ENFORCEMENT"])

    async def test_an_error_is_never_answered_by_an_error(self, street: Street) -> None:
        """Two nodes would go on for ever."""
        first = sign(street)
        await deliver(street, forger(street).pack(first))
        fields = [
            Field("code", Sensitivity.ADMINISTRATIVE, "sealing"),
            Field("statement_digest", Sensitivity.ADMINISTRATIVE, encode_b64(first.digest)),
            Field("where", LAW, "somewhere"),
        ]
        error = forger(street).sign_fields("error/1", fields, thread=first.claims.thread)
        await deliver(street, without(forger(street).pack(error), says("somewhere")))
        assert (await read(street, error)).problem.code == "incomplete"
        assert await audited(street["xab"], error) == [("police", "incomplete", "LAW_ENFORCEMENT")]
        assert await street.queued(street["xab"]) == []

    async def test_what_cannot_be_sent_is_shown_all_the_same_and_sent_at_the_next_reading(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        signed = sign(street)
        await deliver(street, without(forger(street).pack(signed), says("ground_text")))

        def stale(*_: object) -> EntryView:
            raise StaleTrustError

        with monkeypatch.context() as patch:
            patch.setattr(street["xab"].papers, "require_entry", stale)
            assert (await read(street, signed)).problem.code == "incomplete"
        assert await complaints(street["xab"], signed.claims.thread) == []
        await read(street, signed)
        assert len(await complaints(street["xab"], signed.claims.thread)) == 1


class TestNotMissed:
    """What may honestly not be there is no fault of anybody."""

    async def test_a_whole_statement_has_no_problem(self, street: Street) -> None:
        signed = sign(street)
        await deliver(street, forger(street).pack(signed))
        for desk in ("poc", "police"):
            assert not (await read(street, signed, desk)).HasField("problem")
        assert await street.queued(street["xab"]) == []

    async def test_every_class_that_an_honest_node_seals_or_keeps_is_in_order(self, street: Street) -> None:
        """Among them NATIONAL_SECURITY, which goes to nobody, and what only the police may read."""
        [sent] = await street["xaa"].submit(draft(m.rich_request(), to=["xab"], parts=[m.PICTURE, m.SCENE]))
        await street.carry()
        for house in street.houses.values():
            for desk in ("poc", "police"):
                [told] = await show(house, sent.thread, desk)
                assert not told.HasField("problem")
        assert await street.queued(street["xab"]) == []

    async def test_a_class_whose_author_says_that_it_is_withheld(self, street: Street) -> None:
        no_desk = terms_pb2.WITHHOLDING_GROUND_NO_COMPETENT_DESK
        signed = sign(street, withheld=[terms_pb2.Withheld(path="contacts", ground=no_desk)])
        await deliver(street, without(forger(street).pack(signed), of(signed, CONTACT)))
        assert not (await read(street, signed)).HasField("problem")

    async def test_but_a_part_of_a_class_is_not_withheld_so(self, street: Street) -> None:
        no_desk = terms_pb2.WITHHOLDING_GROUND_NO_COMPETENT_DESK
        signed = sign(street, withheld=[terms_pb2.Withheld(path="ground_text", ground=no_desk)])
        await deliver(street, without(forger(street).pack(signed), says(GROUND)))
        assert (await read(street, signed)).problem.code == "incomplete"

    async def test_a_desk_that_our_entry_said_something_else_of_not_long_ago(self, street: Street) -> None:
        house = street["xab"]
        signed = sign(street)
        await deliver(street, without(forger(street).pack(signed), of(signed, CONTACT)))
        entry = house.papers.entry(house.member)
        assert entry is not None
        police = dataclasses.replace(entry.desks[2], on_every_case=False)
        before = dataclasses.replace(entry, desks=(*entry.desks[:2], police, *entry.desks[3:]))
        changed_at = street.clock() - ENTRY_LIFE_S
        await house.store.write(lambda tx: note_changed_desks(tx, before, entry, changed_at + 1))
        assert not (await read(street, signed)).HasField("problem")
        assert (await read(street, signed, "poc")).problem.code == "incomplete"
        await house.store.write(lambda tx: note_changed_desks(tx, before, entry, changed_at))
        assert (await read(street, signed)).problem.code == "incomplete"

    async def test_nothing_is_remembered_of_desks_that_stay_as_they_were(self, street: Street) -> None:
        house = street["xab"]
        entry = house.papers.entry(house.member)
        await house.store.write(lambda tx: note_changed_desks(tx, entry, entry, 1))
        await house.store.write(lambda tx: note_changed_desks(tx, None, entry, 1))
        setting = await house.store.read(lambda tx: tx.settings.get("desk-reads-since/police"))
        assert setting is None


class TestBroken:
    """A slot or compartment that does not open at the desk."""

    def break_slot(self, parcel: Parcel) -> Parcel:
        """Turn a bit in the third slot, that of the police; the sender's header is made for it."""

        def turned(slots: bytes) -> bytes:
            return flip(slots, 8 * (2 * 2040 + 1500))

        parcel.slots = turned
        return parcel

    def break_compartment(self, parcel: Parcel) -> Parcel:
        """Turn a bit in the second compartment, which the daemon does not open."""

        def turned(sealed: SealedBody) -> SealedBody:
            body = flip(sealed.body, 8 * sealed.keys[1].offset)
            return dataclasses.replace(sealed, body=body, sha256=hashlib.sha256(body).digest())

        parcel.rewrite = turned
        return parcel

    async def test_a_slot_that_does_not_open_is_told(self, street: Street) -> None:
        signed = sign(street)
        await deliver(street, self.break_slot(forger(street).pack(signed)))
        for _ in range(2):
            assert (await read(street, signed)).problem.reason == "content-does-not-open"
        [error] = await complaints(street["xab"], signed.claims.thread)
        assert (error.code, error.where, named(error)) == ("sealing", "step 3", [])
        assert await audited(street["xab"], signed) == [
            ("police", "does-not-open", "sealing/content-does-not-open")
        ]

    async def test_a_compartment_that_does_not_open_is_told(self, street: Street) -> None:
        signed = sign(street)
        await deliver(street, self.break_compartment(forger(street).pack(signed)))
        told = await read(street, signed)
        assert told.problem.reason == "compartment-does-not-open"
        assert told.content.trace_request.file_number == "T-1"
        [error] = await complaints(street["xab"], signed.claims.thread)
        assert (error.code, error.where) == ("sealing", "step 9 compartment 1")

    async def test_it_is_told_when_the_desk_is_unlocked(self, street: Street) -> None:
        house, signed = street["xab"], sign(street)
        await deliver(street, self.break_slot(forger(street).pack(signed)))
        for _ in range(2):
            asked = desk_pb2.UnlockDeskRequest(desk="police", passphrase=PASSPHRASE)
            assert (await house.as_officer("police").UnlockDesk(asked, NO_CONTEXT)).rewrapped == 0
        await read(street, signed)
        assert len(await complaints(house, signed.claims.thread)) == 1

    async def test_an_unlock_tells_of_a_few_statements_and_the_next_one_of_the_others(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handlers_complaints, "_AT_ONCE", 2)
        house = street["xab"]
        for _ in range(5):
            await deliver(street, self.break_slot(forger(street).pack(sign(street))))
        asked = desk_pb2.UnlockDeskRequest(desk="police", passphrase=PASSPHRASE)
        numbers = []
        for _ in range(4):
            await house.as_officer("police").UnlockDesk(asked, NO_CONTEXT)
            numbers.append(len(await street.queued(house)))
        assert numbers == [2, 4, 5, 5]

    async def test_those_that_cannot_be_told_do_not_stand_before_the_others(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handlers_complaints, "_AT_ONCE", 2)
        house, honest, refused = street["xab"], street["xab"].rooms.sending.submit, list[desk_pb2.Draft]()
        for _ in range(4):
            await deliver(street, self.break_slot(forger(street).pack(sign(street))))

        async def submit(officer: Officer, drafts: Sequence[desk_pb2.Draft]) -> list[desk_pb2.Submission]:
            if len(refused) < 2:
                refused.extend(drafts)
                return [desk_pb2.Submission(problem=post_pb2.Problem(code="stale-trust")) for _ in drafts]
            return await honest(officer, drafts)

        monkeypatch.setattr(house.rooms.sending, "tell", submit)
        asked = desk_pb2.UnlockDeskRequest(desk="police", passphrase=PASSPHRASE)
        await house.as_officer("police").UnlockDesk(asked, NO_CONTEXT)
        assert len(await street.queued(house)) == 2

    async def test_without_an_officer_it_is_only_written_down(self, street: Street) -> None:
        house, signed = street["xab"], sign(street)
        await deliver(street, self.break_slot(forger(street).pack(signed)))
        for _ in range(2):
            await house.rooms.unlocking.keep_up()
        assert await audited(house, signed) == [("police", "does-not-open", "sealing/content-does-not-open")]
        assert await street.queued(house) == []

    async def test_what_was_damaged_here_is_not_told_to_its_author(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house, signed = street["xab"], sign(street)
        await deliver(street, forger(street).pack(signed))
        honest = SqlBodies.load

        def damaged(bodies: SqlBodies, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, SealedParts]:
            loaded = honest(bodies, ids)
            return {n: dataclasses.replace(p, body=bytes(len(p.body))) for n, p in loaded.items()}

        monkeypatch.setattr(SqlBodies, "load", damaged)
        assert (await read(street, signed)).problem.code == "sealing"
        assert [event[:2] for event in await audited(house, signed)] == [("police", "does-not-open")]
        assert await street.queued(house) == []

    async def test_a_desk_of_no_entry_is_told_of_nothing(self, street: Street) -> None:
        """An inner desk has no slot; its keys come from another desk of ours."""
        house, signed = street["xab"], sign(street)
        parcel = forger(street).pack(signed)
        del parcel.entitled[2], parcel.desk_keys[2]
        await deliver(street, parcel)
        entry = house.papers.entry(house.member)
        assert entry is not None
        desks = tuple(d for d in entry.desks if d.desk != DeskId("police"))
        object.__setattr__(entry, "desks", desks)
        assert (await read(street, signed)).problem.reason == "no-slot-for-this-desk"
        assert await street.queued(house) == []
