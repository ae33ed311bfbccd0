"""Deletion: keys, salts and fields go, a dead digest stays; nothing brings it back, and no file holds it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.adversary import Forger
from fakes.house import CUSTOMS, NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from fakes.inquiry import ARMY, address, enquiry, finding, letter
from fakes.people import enlist, hire
from tracepost.node.config import ReleaseSettings
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.keeping.deleting import DeletingWord
from tracepost.node.ports.store import Tx
from tracepost.node.records.staff import ReleaseState
from tracepost.node.records.statements import SealedParts, Tombstone
from tracepost.protocol.casefile import DeletionCause, Remark, read_casefile, verify_casefile
from tracepost.protocol.envelope import envelope_id
from tracepost.protocol.errors import ConflictError, NotFoundError, PermissionError_
from tracepost.protocol.evidence import Opened, parse_entry
from tracepost.protocol.ids import DeskId, EnvelopeId, StatementDigest, encode_b64, parse_digest
from tracepost.protocol.statement import Restriction, Statement
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, office_pb2, onward_pb2, share_pb2, terms_pb2, trace_pb2
from tracepost.wire.v1.envelope_pb2 import LogProof

ADMINISTRATIVE = "canary-administrative-use"
FILE_NUMBER = "T-CANARY-77"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac") as street:
        yield street


async def ask(street: Street, **more: Any) -> desk_pb2.Submission:
    said = draft(m.rich_request(FILE_NUMBER), to=["xab"], parts=[m.PICTURE, m.SCENE], **more)
    [sent] = await street["xaa"].submit(said)
    await street.carry()
    return sent


async def delete(house: House, *statements: str, **more: Any) -> onward_pb2.DeleteStatementsResponse:
    request = onward_pb2.DeleteStatementsRequest(statements=statements, reason="sent in error", **more)
    return await house.as_officer("police").DeleteStatements(request, NO_CONTEXT)


async def show(house: House, case: str, desk: str = "police") -> desk_pb2.CaseView:
    return await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


async def sealed_parts(house: House, digest: StatementDigest) -> tuple[SealedParts, list[bytes]]:
    """Return what is sealed of a statement here: the first body, and the wraps."""

    def read(tx: Tx) -> tuple[SealedParts, list[bytes]]:
        record = tx.statements.find([digest])[digest]
        wraps = [w.wrap for desk in house.office.desks for w in tx.wraps.of(desk.desk, [digest])]
        return tx.bodies.load([record.envelope_id])[record.envelope_id], wraps

    return await house.store.read(read)


def in_files(folder: Path, needle: bytes) -> list[str]:
    """Return the files of a folder, however deep, that hold these bytes."""
    return [one.name for one in folder.rglob("*") if one.is_file() and needle in one.read_bytes()]


async def tombstone(house: House, digest: StatementDigest) -> Tombstone:
    return (await house.store.read(lambda tx: tx.tombstones.find([digest])))[digest]


class TestWhatGoes:
    """Byte search, not field search."""

    @pytest.mark.parametrize("name", ["xaa", "xab"])
    async def test_no_file_of_the_node_holds_it_any_more(
        self, street: Street, tmp_path: Path, name: str
    ) -> None:
        sent = await ask(street)
        house, digest = street[name], parse_digest(sent.statement)
        await house.rooms.unlocking.keep_up()
        parts, wraps = await sealed_parts(house, digest)
        needles = [ADMINISTRATIVE.encode(), FILE_NUMBER.encode(), FILE_NUMBER.casefold().encode()]
        needles += [parts.body[100:164], parts.body[-64:], parts.slots[:48], *(wrap[:48] for wrap in wraps)]
        assert wraps
        assert all(in_files(tmp_path / name, one) for one in needles if one)
        answer = await delete(house, sent.statement)
        assert list(answer.deleted) == [sent.statement]
        assert answer.scrubbed
        assert [one for one in needles if one and in_files(tmp_path / name, one)] == []

    async def test_what_is_left_says_that_it_was_and_why(self, street: Street) -> None:
        sent = await ask(street)
        house, digest = street["xab"], parse_digest(sent.statement)
        await delete(house, sent.statement)
        left = await tombstone(house, digest)
        assert (left.iss, left.kind, left.reason) == ("xaa", "trace.request/1", "sent in error")
        lines = await house.store.read(lambda tx: tx.log.lines([left.log_number]))
        entry = parse_entry(lines[left.log_number].preimage)
        assert isinstance(entry, Opened)
        assert (entry.statement, entry.action, entry.officer) == (digest, "delete", "officer-7")

    async def test_it_is_shown_as_deleted(self, street: Street) -> None:
        sent = await ask(street)
        await delete(street["xab"], sent.statement)
        [shown] = (await show(street["xab"], sent.thread)).statements
        assert shown.problem.reason == "deleted"
        assert shown.problem.words.endswith(instant(street.clock())[:10])
        assert not shown.content.trace_request.items
        assert (shown.kind, shown.from_member) == ("trace.request/1", "xaa")

    async def test_an_exported_case_says_that_it_was_deleted_and_by_what_word(self, street: Street) -> None:
        sent = await ask(street)
        house = street["xab"]
        await house.submit(draft(m.acknowledgement(file_number="XAB-1"), case=sent.thread))
        await street.carry()
        await delete(house, sent.statement)
        asked = desk_pb2.ExportCaseRequest(case=sent.thread, format="EXPORT_FORMAT_TRACEPOST", desk="police")
        chunks = [one.data async for one in house.as_officer("police").ExportCase(asked, NO_CONTEXT)]
        data = b"".join(chunks)
        assert b"sent in error" not in data
        report = verify_casefile(read_casefile(data), street.trust, now=street.clock())
        [gone] = report.deletions
        assert (encode_b64(gone.statement), gone.issuer, gone.kind) == (
            sent.statement,
            "xaa",
            "trace.request/1",
        )
        assert (gone.by, gone.at, gone.cause) == ("xab", street.clock(), DeletionCause.OFFICER)
        assert Remark.PREDECESSOR_DELETED in report.statements[0].remarks

    async def test_a_whole_case_goes_and_is_found_by_its_number_no_more(self, street: Street) -> None:
        sent = await ask(street)
        await street["xab"].submit(draft(m.acknowledgement(file_number="XAB-1"), case=sent.thread))
        await street.carry()
        request = onward_pb2.DeleteStatementsRequest(case=sent.thread, reason="kept too long")
        answer = await street["xab"].as_officer("police").DeleteStatements(request, NO_CONTEXT)
        assert len(answer.deleted) == 2
        with pytest.raises(NotFoundError):
            await show(street["xab"], FILE_NUMBER)
        assert len((await show(street["xab"], sent.thread)).statements) == 2
        again = await street["xab"].as_officer("police").DeleteStatements(request, NO_CONTEXT)
        assert not again.deleted


class TestNothingComesBack:
    """The same mail again has no effect and gets the same receipt; desks find nothing to wrap."""

    async def test_the_same_envelope_gets_the_same_receipt(self, street: Street) -> None:
        said = draft(m.rich_request(FILE_NUMBER), to=["xab"], parts=[m.PICTURE, m.SCENE])
        [sent] = await street["xaa"].submit(said)
        envelopes = await street.queued(street["xaa"])
        first = await street.deliver(street["xaa"], envelopes, "xab")
        await delete(street["xab"], sent.statement)
        again = await street.deliver(street["xaa"], envelopes, "xab")
        before, after = [LogProof.FromString(reply.receipts[0].proof) for reply in (first, again)]
        assert (after.index, after.preimage, after.salt) == (before.index, before.preimage, before.salt)
        parts, wraps = await sealed_parts(street["xab"], parse_digest(sent.statement))
        assert (parts.body, parts.slots, wraps) == (b"", b"", [])
        assert parts.header
        assert parts.proof

    async def test_the_same_statement_in_another_envelope_brings_nothing(self, street: Street) -> None:
        forger = Forger(street["xaa"], street["xab"])
        signed = forger.sign(m.rich_request(FILE_NUMBER))
        for _ in range(2):
            envelope = await forger.post(forger.pack(signed))
            await street.deliver(street["xaa"], [envelope], "xab")
            if not await street["xab"].store.read(lambda tx: tx.tombstones.find([signed.digest])):
                await delete(street["xab"], encode_b64(signed.digest))
        house = street["xab"]
        mails = await house.store.read(lambda tx: tx.inbox.of_statements([signed.digest]))
        bodies = await house.store.read(lambda tx: tx.bodies.load([one.id for one in mails]))
        assert len(mails) == 2
        assert [one.body for one in bodies.values()] == [b"", b""]
        [shown] = (await show(house, signed.claims.thread)).statements
        assert shown.problem.reason == "deleted"

    async def test_no_file_is_fetched_again_that_another_envelope_of_it_names(self, street: Street) -> None:
        forger, house = Forger(street["xaa"], street["xab"]), street["xab"]
        signed = forger.sign(m.rich_request(FILE_NUMBER))
        coming = []
        for _ in range(2):
            envelope = await forger.post(forger.pack(signed, attachments=(b"a" * 32,)))
            await street.deliver(street["xaa"], [envelope], "xab")
            coming.append(len(await house.store.read(lambda tx: tx.attachments.coming())))
            if len(coming) == 1:
                await delete(house, encode_b64(signed.digest))
        assert coming == [1, 0]

    async def conflicting(self, street: Street, **more: Any) -> tuple[Statement, EnvelopeId]:
        """Deliver two statements under one name; return the first, and the envelope of the other."""
        forger = Forger(street["xaa"], street["xab"])
        first = forger.sign(m.rich_request(FILE_NUMBER))
        other = forger.sign(m.rich_request("T-2"), jti=first.claims.jti, thread=first.claims.thread, **more)
        envelopes = [await forger.post(forger.pack(one)) for one in (first, other)]
        await street.deliver(street["xaa"], envelopes, "xab")
        return first, envelope_id(envelopes[1].header)

    async def test_what_was_refused_for_bearing_its_name_goes_with_it(self, street: Street) -> None:
        first, name = await self.conflicting(street)
        house = street["xab"]
        kept = await house.store.read(lambda tx: tx.bodies.load([name]))
        assert kept[name].body, "both are evidence"
        await delete(house, encode_b64(first.digest))
        left = (await house.store.read(lambda tx: tx.bodies.load([name])))[name]
        assert (left.body, left.slots) == (b"", b"")
        assert left.header

    async def test_nor_is_it_kept_when_its_author_wants_it_deleted_after_a_day(self, street: Street) -> None:
        last = Restriction("RESTRICTION_CODE_DELETE_AFTER", instant(street.clock())[:10])
        _, name = await self.conflicting(street, restrictions=(last,))
        left = (await street["xab"].store.read(lambda tx: tx.bodies.load([name])))[name]
        assert (left.body, left.slots) == (b"", b"")

    async def test_a_desk_that_is_unlocked_later_finds_nothing_to_wrap(self, street: Street) -> None:
        sent = await ask(street)
        await delete(street["xab"], sent.statement)
        await street["xab"].rooms.unlocking.keep_up()
        _, wraps = await sealed_parts(street["xab"], parse_digest(sent.statement))
        assert wraps == []

    @pytest.mark.parametrize("how", ["unlocked", "put-on"])
    async def test_keys_that_were_being_made_when_it_was_deleted_are_not_kept(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        desks = {"xab": (POC, POLICE, CUSTOMS)}
        async with open_street(tmp_path, "xaa", "xab", desks=desks) as street:
            sent = await ask(street)
            house, digest, run = street["xab"], parse_digest(sent.statement), street["xab"].rooms.sending.run

            async def delete_meanwhile(work: Any) -> Any:
                made = await run(work)
                await delete(house, sent.statement)
                return made

            monkeypatch.setattr(house.rooms.sending, "run", delete_meanwhile)
            if how == "unlocked":
                await house.rooms.unlocking.keep_up()
            else:
                house.as_officer("police")
                await house.own_office.PutOnCase(
                    office_pb2.PutOnCaseRequest(case=sent.thread, desk="customs", as_desk="police"),
                    NO_CONTEXT,
                )
            assert await tombstone(house, digest)
            _, wraps = await sealed_parts(house, digest)
            assert wraps == []

    async def test_it_cannot_be_passed_on(self, street: Street) -> None:
        sent = await ask(street)
        await delete(street["xab"], sent.statement)
        [told] = await street["xab"].submit(draft(m.share(sent.statement), to=["xac"]))
        assert told.problem.reason == "deleted"


class TestCopies:
    """What encloses it holds it still: it is named, and goes with it if the officer says so."""

    async def share(self, street: Street, sent: desk_pb2.Submission) -> desk_pb2.Submission:
        share = share_pb2.Share(reason="SHARE_REASON_CASE")
        chosen = onward_pb2.ShareChoice(statement=sent.statement)
        [told] = await street["xab"].submit(
            draft(share, to=["xac"], case=sent.thread, desk="police", shared=[chosen])
        )
        await street.carry()
        return told

    @pytest.mark.parametrize("name", ["xab", "xac"])
    async def test_copies_are_named(self, street: Street, name: str) -> None:
        sent = await ask(street)
        told = await self.share(street, sent)
        if name == "xac":
            carriers = await street["xac"].store.read(
                lambda tx: tx.enclosures.carriers([parse_digest(sent.statement)])
            )
            assert carriers == {parse_digest(sent.statement): [parse_digest(told.statement)]}
            return
        answer = await delete(street["xab"], sent.statement)
        assert [(one.statement, one.kind) for one in answer.remaining] == [(told.statement, "share/1")]

    async def test_they_go_with_it(self, street: Street) -> None:
        sent = await ask(street)
        told = await self.share(street, sent)
        answer = await delete(street["xab"], sent.statement, with_copies=True)
        assert set(answer.deleted) == {sent.statement, told.statement}
        assert not answer.remaining


class TestWhen:
    """Not while it is on its way; by itself when its day has passed."""

    async def test_what_is_on_its_way_is_not_deleted(self, street: Street) -> None:
        [sent] = await street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
        with pytest.raises(ConflictError) as refusal:
            await delete(street["xaa"], sent.statement)
        assert refusal.value.reason == "under-way"

    async def test_what_was_to_be_kept_until_a_day_goes_after_it_and_its_author_is_told(
        self, street: Street
    ) -> None:
        until = terms_pb2.Restriction(
            code="RESTRICTION_CODE_DELETE_AFTER", until=instant(street.clock() + 86400)[:10]
        )
        sent = await ask(street, restrictions=[until])
        house = street["xab"]
        assert await house.rooms.deleting.delete_overdue() == 0
        street.clock.now += 86400
        assert await house.rooms.deleting.delete_overdue() == 0
        street.clock.now += 86400
        assert await house.rooms.deleting.delete_overdue() == 1
        assert await house.rooms.deleting.delete_overdue() == 0
        assert (await tombstone(house, parse_digest(sent.statement))).owed_to == "xaa"
        assert await house.rooms.confirming.keep_up() == 1
        assert await house.rooms.confirming.keep_up() == 0
        await street.carry()
        view = await show(street["xaa"], sent.thread)
        [word] = [one for one in view.statements if one.kind == "trace.withdrawal/1"]
        assert word.content.withdrawal.step == trace_pb2.WITHDRAWAL_STEP_DELETED

    async def test_copies_go_with_it_on_both_sides(self, street: Street) -> None:
        """What encloses it holds it still: with whom passed it on, and with whom it was shown to."""
        until = terms_pb2.Restriction(
            code="RESTRICTION_CODE_DELETE_AFTER", until=instant(street.clock() + 86400)[:10]
        )
        sent = await ask(street, restrictions=[until])
        told = await TestCopies().share(street, sent)
        street.clock.now += 2 * 86400
        assert await street["xab"].rooms.deleting.delete_overdue() == 2
        assert await street["xac"].rooms.deleting.delete_overdue() == 1
        for name in ("xab", "xac"):
            assert (await tombstone(street[name], parse_digest(told.statement))).kind == "share/1"
        assert await street["xaa"].rooms.deleting.delete_overdue() == 0  # who wrote it keeps it

    async def test_what_is_not_here_is_not_deleted(self, street: Street) -> None:
        await ask(street)
        with pytest.raises(NotFoundError):
            await delete(street["xab"], "A" * 43)


class TestWhatWasDrawnFromIt:
    """What our own node took out of it, and what stays with us of that, is kept no longer than it."""

    @pytest.fixture
    async def street(self, tmp_path: Path) -> AsyncIterator[Street]:
        async with open_street(tmp_path, "xaa", "xab", desks={"xab": (POC, POLICE, ARMY)}) as street:
            yield street

    async def enquire(self, house: House, case: str) -> StatementDigest:
        [asked] = await house.submit(draft(enquiry("army"), case=case))
        assert not asked.HasField("problem"), asked.problem
        return parse_digest(asked.statement)

    async def test_an_enquiry_goes_with_the_request_after_its_last_day(
        self, street: Street, tmp_path: Path
    ) -> None:
        day = instant(street.clock())[:10]
        last = terms_pb2.Restriction(code="RESTRICTION_CODE_DELETE_AFTER", until=day)
        sent, xab = await ask(street, restrictions=[last]), street["xab"]
        drawn = await self.enquire(xab, sent.thread)
        parts, wraps = await sealed_parts(xab, drawn)
        needles = [parts.body[:64], parts.body[-64:], *(wrap[:48] for wrap in wraps)]
        assert all(in_files(tmp_path / "xab", one) for one in needles)
        street.clock.now += 86400
        assert await xab.rooms.deleting.delete_overdue() == 2
        assert (await tombstone(xab, drawn)).kind == "trace.enquiry/1"
        assert [one for one in needles if in_files(tmp_path / "xab", one)] == []

    async def test_an_enquiry_goes_with_the_request_that_an_officer_deletes(self, street: Street) -> None:
        sent, xab = await ask(street), street["xab"]
        drawn = await self.enquire(xab, sent.thread)
        assert set((await delete(xab, sent.statement)).deleted) == {sent.statement, encode_b64(drawn)}

    async def test_what_binds_the_request_binds_the_enquiry(self, street: Street) -> None:
        bound = terms_pb2.Restriction(code="RESTRICTION_CODE_NO_PUBLICATION")
        sent, xab = await ask(street, restrictions=[bound]), street["xab"]
        await self.enquire(xab, sent.thread)
        shown = (await show(xab, sent.thread, "army")).statements[-1]
        assert (shown.kind, list(shown.restrictions)) == ("trace.enquiry/1", [bound])
        assert shown.content.enquiry.items

    async def test_a_letter_goes_with_our_request_that_it_repeats(self, street: Street) -> None:
        xaa = street["xaa"]
        sent = await ask(street)
        entry = address(
            "letter:xyz-office", country="XYZ", channel="LETTER_CHANNEL_LETTER", point_of_contact=True
        )
        await xaa.as_officer("poc").KeepAddress(inquiry_pb2.KeepAddressRequest(entry=entry), NO_CONTEXT)
        [told] = await xaa.submit(draft(letter(), case=sent.thread))
        assert not told.HasField("problem"), told.problem
        await street.carry()
        assert told.statement in (await delete(xaa, sent.statement)).deleted

    async def test_a_composed_answer_that_went_out_is_named_with_the_finding(self, street: Street) -> None:
        sent, xab = await ask(street), street["xab"]
        asked = encode_b64(await self.enquire(xab, sent.thread))
        [found] = await xab.submit(draft(finding(asked), case=sent.thread, desk="army"))
        taken = inquiry_pb2.Composed(finding=found.statement, from_path="answers.0", to_path="answers.0")
        said = draft(trace_pb2.Response(final=True), to=["xaa"], case=sent.thread, composed=[taken])
        [answer] = await xab.submit(said)
        assert not answer.HasField("problem"), answer.problem
        await street.carry()
        gone = await delete(xab, found.statement)
        assert [one.statement for one in gone.remaining] == [answer.statement]

    async def test_its_senders_number_is_in_no_list_though_later_mail_repeats_it(
        self, street: Street
    ) -> None:
        sent, xab = await ask(street), street["xab"]
        await street["xaa"].submit(draft(m.status(file_number=FILE_NUMBER), to=["xab"], case=sent.thread))
        await street.carry()
        listed = await xab.as_officer().ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)
        assert listed.cases[0].their_file_number == FILE_NUMBER
        await delete(xab, sent.statement)
        listed = await xab.as_officer().ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)
        assert FILE_NUMBER not in str(listed)
        assert FILE_NUMBER not in str((await show(xab, sent.thread)).summary)
        with pytest.raises(NotFoundError):
            await show(xab, FILE_NUMBER)

    async def test_an_answer_that_waits_goes_no_more_when_what_it_was_composed_of_is_gone(
        self, tmp_path: Path
    ) -> None:
        desks = {"xab": (POC, POLICE, ARMY)}
        async with open_street(tmp_path, "xaa", "xab", desks=desks, release=ReleaseSettings()) as street:
            xab = street["xab"]
            await enlist(xab, hire(xab, "7", "poc"), hire(xab, "8", "poc"), hire(xab, "9", "army"))
            [sent] = await street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
            await street.carry()
            [asked] = await xab.submit(draft(enquiry("army"), case=sent.thread))
            said = draft(finding(asked.statement, owner="somebody"), case=sent.thread, desk="army")
            [found] = await xab.submit(said)
            taken = inquiry_pb2.Composed(finding=found.statement, from_path="answers.0", to_path="answers.0")
            said = draft(trace_pb2.Response(final=True), to=["xaa"], case=sent.thread, composed=[taken])
            [answer] = await xab.submit(said)
            assert answer.release_state == desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER, answer
            word = DeletingWord("officer-9", DeskId("army"), "wrong ledger", street.clock())
            digests = [parse_digest(one.statement) for one in (found, answer)]

            def destroy(tx: Tx) -> None:
                xab.rooms.deleting.destroy(tx, list(tx.statements.find(digests[:1]).values()), word)

            await xab.store.write(destroy)
            waits = (await xab.store.read(lambda tx: tx.releases.find(digests)))[digests[1]]
            assert (waits.state, waits.reason) == (ReleaseState.VOID, "source-deleted")


async def test_a_desk_that_was_put_on_a_case_deletes_nothing_that_others_hold_of_it(tmp_path: Path) -> None:
    async with open_street(tmp_path, "xaa", "xab", desks={"xab": (POC, POLICE, CUSTOMS)}) as street:
        [sent] = await street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
        await street.carry()
        house = street["xab"]
        put = office_pb2.PutOnCaseRequest(case=sent.thread, desk="customs", as_desk="poc")
        house.as_officer("poc")
        await house.own_office.PutOnCase(put, NO_CONTEXT)
        request = onward_pb2.DeleteStatementsRequest(statements=[sent.statement], reason="why not")
        with pytest.raises(PermissionError_) as refusal:
            await house.as_officer("customs").DeleteStatements(request, NO_CONTEXT)
        assert refusal.value.reason == "put-on-case"
