"""Paper that leaves the desk: slips for custodians without a screen, and what comes back keyed in."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from fakes.inquiry import ARMY, address, enquiry, finding, letter, transcription
from tracepost.cli.render.paper import letter_text, slip_text
from tracepost.paper.codes import Line
from tracepost.paper.told import told_by_file, told_by_view
from tracepost.protocol.casefile import read_casefile
from tracepost.protocol.errors import InvalidInputError, NotFoundError, PermissionError_
from tracepost.protocol.schema import Sensitivity
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2, trace_pb2

RULED = "=" * 78
XYZ = "letter:xyz-office"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    desks = {"xab": (POC, POLICE, ARMY)}
    async with open_street(tmp_path, "xaa", "xab", desks=desks) as street:
        for name in ("xaa", "xab"):
            for entry in (
                address(),
                address("paper:maker"),
                address(XYZ, point_of_contact=True, country="XYZ", name="Office of XYZ"),
                address("letter:bureau", competences=["COMPETENCE_LAW_ENFORCEMENT"]),
            ):
                await keep(street[name], entry)
        yield street


async def keep(house: House, entry: inquiry_pb2.AddressEntry, desk: str = "poc") -> inquiry_pb2.AddressEntry:
    request = inquiry_pb2.KeepAddressRequest(entry=entry)
    return await house.as_officer(desk).KeepAddress(request, NO_CONTEXT)


async def asked(street: Street) -> str:
    said = m.rich_request(
        "T-1",
        handling_instructions=["HANDLING_INSTRUCTION_CALL_BEFORE_ACTING"],
        questions=["QUESTION_FIRST_RECIPIENT"],
    )
    [sent] = await street["xaa"].submit(draft(said, to=["xab"], parts=[m.PICTURE, m.SCENE]))
    await street.carry()
    return sent.thread


async def say(
    house: House, content: Any, case: str = "", desk: str = "poc", **more: Any
) -> desk_pb2.Submission:
    [submission] = await house.submit(draft(content, case=case, desk=desk, **more))
    return submission


async def ok(
    house: House, content: Any, case: str = "", desk: str = "poc", **more: Any
) -> desk_pb2.Submission:
    submission = await say(house, content, case, desk, **more)
    assert not submission.HasField("problem"), submission.problem
    return submission


async def refused(
    house: House, content: Any, case: str = "", desk: str = "poc", **more: Any
) -> tuple[str, str]:
    problem = (await say(house, content, case, desk, **more)).problem
    return problem.where, problem.reason


async def printed(house: House, statement: str, desk: str = "poc") -> desk_pb2.PrintedPaper:
    request = desk_pb2.PrintPaperRequest(statement=statement)
    return await house.as_officer(desk).PrintPaper(request, NO_CONTEXT)


async def view(house: House, case: str, desk: str = "poc") -> desk_pb2.CaseView:
    return await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


def to_paper(custodian: str = "paper:archive", **more: Any) -> inquiry_pb2.Enquiry:
    message = enquiry("", **more)
    message.custodian.id = custodian
    return message


class TestAddressBook:
    async def test_it_is_kept_by_the_point_of_contact_and_read_by_all(self, street: Street) -> None:
        xab = street["xab"]
        with pytest.raises(PermissionError_):
            await keep(xab, address("paper:shop", competences=["COMPETENCE_LAW_ENFORCEMENT"]), "police")
        listed = await xab.as_officer("police").ListAddresses(inquiry_pb2.ListAddressesRequest(), NO_CONTEXT)
        assert [one.id for one in listed.entries] == ["letter:bureau", XYZ, "paper:archive", "paper:maker"]
        assert {one.changed_by for one in listed.entries} == {"officer-7"}

    async def test_a_custodian_is_of_some_kind(self, street: Street) -> None:
        with pytest.raises(InvalidInputError, match="some kind"):
            await keep(street["xab"], address("paper:shop"))

    async def test_a_retired_entry_is_written_to_no_more(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        await keep(xab, address(retired=True))
        assert await refused(xab, to_paper(), case) == ("custodian.id", "unknown-address")
        assert await refused(xab, letter("letter:nobody"), case) == ("correspondent.id", "unknown-address")

    async def test_what_was_asked_keeps_the_kind_that_it_was_asked_as(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, to_paper(), case)
        await keep(xab, address(name="another", competences=["COMPETENCE_INDUSTRY_LIAISON"]))
        assert (await printed(xab, sent.statement)).to.name == "Office paper:archive"


class TestSlip:
    async def test_it_says_what_is_asked_and_nothing_else(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        searches = [trace_pb2.RecordSearch(source="RECORD_SOURCE_LEDGER", from_year="1988", to_year="1994")]
        asked_for = to_paper(
            due_on="2099-01-31", ledger="Ledger 14, Serbia", where_to_look=searches, note="The wood is new."
        )
        asked_for.questions.append(trace_pb2.QUESTION_FIRST_RECIPIENT)
        sent = await ok(xab, asked_for, case)
        text = slip_text(await printed(xab, sent.statement))
        for words in (
            "Office of xab",
            "Office paper:archive",
            "2099-01-31",
            "Ledger 14",
            "ledger 1988-1994",
            "АБ 1234",
            "AB1234",
            "АБ1234",
            "AB1Z34",
            "M70",
            m.Words().object,
            "The wood is new.",
            "[ ] not found",
        ):
            assert words in text, words
        others = {k: v for k, v in m.Words().by_class().items() if k != "OBJECT"}
        assert not [word for word in others.values() if word in text]
        assert "xaa" not in text, "who asks abroad is nobody's business"
        assert max(map(len, text.splitlines())) <= 78

    async def test_a_photograph_is_named_by_its_digest(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, to_paper(), case)
        text = slip_text(await printed(xab, sent.statement))
        assert hashlib.sha256(m.PICTURE).hexdigest() in text
        assert hashlib.sha256(m.SCENE).hexdigest() not in text

    async def test_instructions_stand_in_capitals_between_lines(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, to_paper(), case)
        lines = slip_text(await printed(xab, sent.statement)).splitlines()
        place = next(number for number, line in enumerate(lines) if "!! CALL BEFORE ACTING !!" in line)
        assert (lines[place - 1], lines[place + 1]) == (RULED, RULED)

    async def test_every_print_is_in_the_log_with_who_gets_it(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, to_paper(), case)
        size = xab.store.evidence.head.size
        await printed(xab, sent.statement)
        await printed(xab, sent.statement)
        assert xab.store.evidence.head.size == size + 2
        events = (await xab.as_officer("poc").ListAudit(desk_pb2.ListAuditRequest(), NO_CONTEXT)).events
        prints = [(e.subject, e.outcome) for e in events if e.action == "print"]
        assert prints == [(sent.statement, "poc for paper:archive")] * 2

    async def test_what_is_for_no_paper_is_not_printed(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        to_desk = await ok(xab, enquiry(), case)
        with pytest.raises(InvalidInputError):
            await printed(xab, to_desk.statement)
        with pytest.raises(NotFoundError):
            await printed(xab, "A" * 43)

    async def test_a_desk_that_may_not_know_of_it_prints_nothing(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, to_paper(), case)
        with pytest.raises(PermissionError_):
            await printed(xab, sent.statement, "army")

    async def test_what_its_author_raised_stays_off_the_paper(self, street: Street) -> None:
        raised = [desk_pb2.RaisedField(path="items.0.object.make", to_class="SENSITIVITY_LAW_ENFORCEMENT")]
        [sent] = await street["xaa"].submit(draft(m.request("T-2"), to=["xab"], raised=raised))
        await street.carry()
        slip = await ok(street["xab"], to_paper(), sent.thread)
        text = slip_text(await printed(street["xab"], slip.statement))
        assert "Zastava" not in text
        assert "M70" in text


class TestIndustry:
    """A maker is asked by slip, of the object alone, and not where an instruction or a restriction says no."""

    async def test_its_slip_shows_the_object(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, to_paper("paper:maker"), case)
        text = slip_text(await printed(xab, sent.statement))
        assert m.Words().object in text
        assert sent.statement not in text

    async def test_it_is_given_the_frame_of_its_slip_and_no_other_words_of_the_office(
        self, street: Street
    ) -> None:
        """What the client gets is what the paper may hold: not which request it is of, nor who else reads it."""
        xab, case = street["xab"], await asked(street)
        slip = to_paper("paper:maker", questions=[trace_pb2.QUESTION_FIRST_RECIPIENT])
        told = (await printed(xab, (await ok(xab, slip, case)).statement)).paper.content.enquiry
        names = {field.name for field, _ in told.ListFields()}
        assert {"step", "reference", "custodian", "item_ids", "items", "questions"} <= names
        assert not {"request_digest", "readers", "named_desks", "withheld", "to_desk"} & names
        assert m.Words().administrative not in str(told)

    @pytest.mark.parametrize("instruction", ["DO_NOT_CONTACT_OWNER", "DO_NOT_ALERT", "CONTROLLED_DELIVERY"])
    async def test_an_instruction_keeps_the_slip_in(self, street: Street, instruction: str) -> None:
        said = m.request("T-3", handling_instructions=[f"HANDLING_INSTRUCTION_{instruction}"])
        [sent] = await street["xaa"].submit(draft(said, to=["xab"]))
        await street.carry()
        slip = await ok(street["xab"], to_paper("paper:maker"), sent.thread)
        with pytest.raises(PermissionError_):
            await printed(street["xab"], slip.statement)
        archive = await ok(street["xab"], to_paper(), sent.thread)
        assert slip_text(await printed(street["xab"], archive.statement))

    @pytest.mark.parametrize("paths", [[], ["items.0.object"]], ids=["of-all", "of-some-fields"])
    async def test_a_restriction_keeps_it_in_too(self, street: Street, paths: list[str]) -> None:
        """ITI 15(a): what XAA gave, or a part of it, is for competent authorities."""
        only = [{"code": "RESTRICTION_CODE_COMPETENT_AUTHORITIES_ONLY", "field_paths": paths}]
        [sent] = await street["xaa"].submit(draft(m.request("T-4"), to=["xab"], restrictions=only))
        await street.carry()
        slip = await ok(street["xab"], to_paper("paper:maker"), sent.thread)
        with pytest.raises(PermissionError_):
            await printed(street["xab"], slip.statement)


class TestTranscribed:
    async def test_an_answer_on_paper_is_keyed_in_with_its_scan(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, to_paper(), case)
        keyed = finding(sent.statement, owner="canary-owner", transcribed=transcription())
        await ok(xab, keyed, case, "police")
        [line] = (
            await xab.as_officer("poc").ListEnquiries(
                inquiry_pb2.ListEnquiriesRequest(settled=True), NO_CONTEXT
            )
        ).lines
        assert line.enquiry.standing == inquiry_pb2.ENQUIRY_STANDING_ANSWERED
        assert (line.enquiry.custodian_id, line.enquiry.custodian_name) == (
            "paper:archive",
            "Office paper:archive",
        )
        poc = (await view(xab, case)).SerializeToString()
        assert b"canary-owner" not in poc

    async def test_it_must_say_so(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        sent = await ok(xab, to_paper(), case)
        assert await refused(xab, finding(sent.statement), case, "police") == ("transcribed", "paper")


class TestLetter:
    async def test_a_request_of_the_case_is_repeated_in_the_order_of_iti_17(self, street: Street) -> None:
        xaa, case = street["xaa"], await asked(street)
        sent = await ok(xaa, letter(), case)
        text = letter_text(await printed(xaa, sent.statement))
        places = [text.index(f"({part})") for part in "abc"]
        assert places == sorted(places)
        words = m.Words()
        for said in (words.law_enforcement, words.object, words.administrative, "АБ 1234", "ITI 6(a)", "T-1"):
            assert said in text, said
        assert "!! CALL BEFORE ACTING !!" in text

    async def test_no_nominal_and_no_court_data_is_in_a_letter_nor_in_what_we_sign_of_it(
        self, street: Street
    ) -> None:
        """A correspondent is no member: no trust list permits it to be police, whatever it is at home."""
        xaa, case = street["xaa"], await asked(street)
        sent = await ok(xaa, letter(), case)
        text = letter_text(await printed(xaa, sent.statement, "police"))
        words = m.Words()
        secret = (words.criminal_justice, words.personal, words.national_security)
        assert not [word for word in secret if word in text]
        shown = (await view(xaa, case, "police")).statements
        [told] = [one for one in shown if one.statement == sent.statement]
        assert not [word for word in secret if word.encode() in told.SerializeToString()]
        assert "request.persons" in {one.path for one in told.content.letter.withheld}
        assert await refused(xaa, letter("letter:bureau"), case) == ("", "print-object")

    async def test_what_we_keep_to_some_desks_is_in_no_letter(self, street: Street) -> None:
        """Neither on the paper nor in what other desks of ours read of it."""
        kept = terms_pb2.FieldReaders(path="ground_text", desks=["xab/police"])
        said = draft(m.rich_request("T-1"), to=["xab"], readers=[kept], parts=[m.PICTURE, m.SCENE])
        [sent] = await street["xaa"].submit(said)
        assert not sent.HasField("problem"), sent.problem
        letter_ = await ok(street["xaa"], letter(), sent.thread)
        word = m.Words().law_enforcement
        assert word not in letter_text(await printed(street["xaa"], letter_.statement))
        shown = (await view(street["xaa"], sent.thread, "police")).statements
        [told] = [one for one in shown if one.statement == letter_.statement]
        assert word.encode() not in told.SerializeToString()
        assert "request.ground_text" in {one.path for one in told.content.letter.withheld}

    async def test_an_office_that_is_no_point_of_contact_gets_less(self, street: Street) -> None:
        await keep(street["xaa"], address("letter:museum"))
        case = await asked(street)
        assert await refused(street["xaa"], letter("letter:museum"), case) == ("", "print-object")

    async def test_a_case_may_be_opened_with_a_correspondent_alone(self, street: Street) -> None:
        xaa = street["xaa"]
        sent = await ok(xaa, letter(request=m.request("T-9", reply_by="2099-05-01")))
        [case] = (await xaa.as_officer("poc").ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)).cases
        assert (list(case.members), case.state) == ([XYZ, "xaa"], desk_pb2.CASE_STATE_WAITING_FOR_THEM)
        assert (case.our_file_number, case.due_on) == ("T-9", "2099-05-01")
        assert [one.member for one in case.delivery_not_proved] == [XYZ]
        assert sent.thread == case.thread

    async def test_it_bears_the_whole_address(self, street: Street) -> None:
        xaa = street["xaa"]
        place = "Records Service\n12 Harbour Street"
        await keep(xaa, address(XYZ, point_of_contact=True, country="XYZ", address=place))
        sent = await ok(xaa, letter(request=m.request("T-9")))
        lines = [line.strip() for line in letter_text(await printed(xaa, sent.statement)).splitlines()]
        start = lines.index("Records Service")
        assert lines[start : start + 3] == ["Records Service", "12 Harbour Street", "XYZ"]

    async def test_what_came_on_paper_answers_the_case(self, street: Street) -> None:
        xaa = street["xaa"]
        sent = await ok(xaa, letter(request=m.request("T-9", "1", "2")))
        part = letter(
            incoming=True,
            response=trace_pb2.Response(answers=[m.answer("1")], final=True, file_number="XYZ/7"),
        )
        part.references.add(system="PARALLEL_SYSTEM_IARMS", number="IA-2030-11")
        await ok(xaa, part, sent.thread)
        told = (await view(xaa, sent.thread)).summary
        assert (told.their_file_number, told.state) == ("XYZ/7", desk_pb2.CASE_STATE_WAITING_FOR_THEM)
        assert [[a.by_member for a in item.answers] for item in told.items] == [[XYZ], []]
        rest = letter(incoming=True, response=trace_pb2.Response(answers=[m.answer("2")], final=True))
        await ok(xaa, rest, sent.thread)
        assert (await view(xaa, sent.thread)).summary.state == desk_pb2.CASE_STATE_WAITING_FOR_US

    @pytest.mark.parametrize("number", ["XYZ/7", "IA-2030", "T-9"])
    async def test_it_is_found_by_every_number(self, street: Street, number: str) -> None:
        xaa = street["xaa"]
        sent = await ok(xaa, letter(request=m.request("T-9")))
        answer = letter(incoming=True, response=m.response())
        answer.response.file_number = "XYZ/7"
        answer.references.add(system="PARALLEL_SYSTEM_IARMS", number="IA-2030-11")
        await ok(xaa, answer, sent.thread)
        request = desk_pb2.ListCasesRequest(file_number=number)
        [case] = (await xaa.as_officer("poc").ListCases(request, NO_CONTEXT)).cases
        assert case.thread == sent.thread

    async def test_others_can_ask_us_on_paper(self, street: Street) -> None:
        """Keyed in as it is: it need not say all that a member's request says."""
        xab = street["xab"]
        bare = m.request("XYZ/1")
        bare.items[0].ClearField("illicit_grounds")
        sent = await ok(xab, letter(incoming=True, request=bare))
        told = (await view(xab, sent.thread)).summary
        assert (told.state, told.opened_by) == (desk_pb2.CASE_STATE_WAITING_FOR_US, XYZ)
        await ok(xab, letter(response=m.response()), sent.thread)
        assert (await view(xab, sent.thread)).summary.state == desk_pb2.CASE_STATE_WAITING_FOR_THEM

    async def test_it_shows_who_signed_and_from_which_scan(self, street: Street) -> None:
        xab = street["xab"]
        sent = await ok(xab, letter(incoming=True, request=m.request("XYZ/1")))
        [shown] = (await view(xab, sent.thread)).statements
        assert (shown.from_member, list(shown.to)) == ("xab", ["xab"])
        assert shown.content.letter.transcribed == transcription()

    @pytest.mark.parametrize(
        ("message", "place"),
        [
            (letter(), ("request", "no-request")),
            (letter(response=m.response()), ("response", "no-case")),
            (letter(incoming=True), ("request", "one-thing")),
            (letter(request=m.request(), response=m.response()), ("request", "one-thing")),
            (letter(request=m.request("T", "1", "1")), ("items", "item-twice")),
        ],
        ids=["nothing to repeat", "no case", "says nothing", "says two things", "an item twice"],
    )
    async def test_what_makes_no_sense_is_refused(
        self, street: Street, message: inquiry_pb2.Letter, place: tuple[str, str]
    ) -> None:
        assert (await refused(street["xaa"], message))[1] == place[1]

    async def test_an_incoming_letter_is_not_printed(self, street: Street) -> None:
        sent = await ok(street["xaa"], letter(incoming=True, request=m.request("XYZ/1")))
        with pytest.raises(InvalidInputError):
            await printed(street["xaa"], sent.statement)

    async def test_it_must_be_transcribed_to_have_come(self, street: Street) -> None:
        message = letter(incoming=True, request=m.request())
        message.ClearField("transcribed")
        assert await refused(street["xaa"], message) == ("transcribed", "paper")
        message = letter(request=m.request())
        message.transcribed.CopyFrom(transcription())
        assert await refused(street["xaa"], message) == ("transcribed", "paper")


class TestPrints:
    """A case or a statement on paper, for the desk itself."""

    async def test_what_is_printed_is_what_a_case_file_proves(self, street: Street) -> None:
        """The same claims and the same fields: else no printed page would hold against an export."""
        xab, case = street["xab"], await asked(street)
        view = await on_paper(xab, case, desk="police")
        request = desk_pb2.ExportCaseRequest(case=case)
        chunks = xab.as_officer("police").ExportCase(request, NO_CONTEXT)
        data = b"".join([chunk.data async for chunk in chunks])
        [filed] = told_by_file(read_casefile(data))
        [shown] = [told_by_view(one, case) for one in view.statements]
        assert shown.claims == filed.claims
        assert shown.digest == filed.digest
        assert {Line(shown, one) for one in shown.fields} == {Line(filed, one) for one in filed.fields}
        assert any(one.sensitivity is Sensitivity.CRIMINAL_JUSTICE for one in shown.fields)

    async def test_a_print_is_logged_every_time_and_says_that_it_is_one(self, street: Street) -> None:
        xab, case = street["xab"], await asked(street)
        for _ in range(2):
            await on_paper(xab, case)
        events = (await xab.as_officer("poc").ListAudit(desk_pb2.ListAuditRequest(), NO_CONTEXT)).events
        assert [one.action for one in events].count("print") == 2

    async def test_one_statement_is_printed_alone_and_a_stranger_to_the_case_is_refused(
        self, street: Street
    ) -> None:
        xab, case = street["xab"], await asked(street)
        [whole] = (await on_paper(xab, case)).statements
        [alone] = (await on_paper(xab, case, statement=whole.statement)).statements
        assert alone.statement == whole.statement
        with pytest.raises(NotFoundError):
            await on_paper(xab, case, statement="A" * 43)
        with pytest.raises((NotFoundError, PermissionError_)):
            await on_paper(xab, case, desk="army")


async def on_paper(
    house: House, case: str, statement: str | None = None, desk: str = "poc"
) -> desk_pb2.CaseView:
    request = desk_pb2.ShowCaseRequest(case=case, for_paper=True, statement=statement)
    return await house.as_officer(desk).ShowCase(request, NO_CONTEXT)
