"""A case with its proofs from a console, without a browser: its file is proved, and is what the desk may see."""

from __future__ import annotations

import asyncio
import hashlib
import io
import tarfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from fakes import messages as m
from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.house import draft
from fakes.inquiry import address, enquiry
from fakes.town import MISSION, POC, POLICE, Town, found_town, until
from tracepost.cli.commands.verify import verify
from tracepost.locale import languages
from tracepost.locale.words import words_of
from tracepost.node.config import DeskSettings
from tracepost.node.services.desk import CHUNK_BYTES
from tracepost.protocol.casefile import read_casefile
from tracepost.protocol.ids import DeskId, decode_b64
from tracepost.protocol.statement import parse_compact
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 50 * 1024
NOBODYS = "0190a7a0-0000-7000-8000-000000000000"
WORD = "Nemorino"
"""Of a class that not every desk reads."""
ARMY = DeskSettings(DeskId("army"), competences=("RECORDS_CUSTODY",), outward=False)
"""Put on no case."""
WHOLE = {"format": "tracepost"}


def photograph() -> bytes:
    """Return a JPEG that does not pack."""
    content = io.BytesIO()
    Image.effect_noise((640, 420), 60).convert("RGB").save(content, "JPEG", quality=80)
    return content.getvalue()


PHOTOGRAPHS = (photograph(), photograph(), photograph())
LIMITED = terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_PURPOSE_LIMITED)


@dataclass
class Scene:
    """XAB's console beside its node: XAA has asked, and XAB asks an archive on paper; an exercise."""

    town: Town
    console: Counter
    case: str
    exercise: str
    visitors: dict[str, Visitor]

    async def officer(self, number: str) -> Visitor:
        """Return an officer who is signed in; each signs in once."""
        if number not in self.visitors:
            self.visitors[number] = await self.console.sign_in(number)
        return self.visitors[number]

    async def take(self, number: str = "8", **said: str) -> Answer:
        """Take the case as an officer does."""
        return await (await self.officer(number)).post(f"/cases/{self.case}/export", {**WHOLE, **said})

    def exports(self) -> list[tuple[str, ...]]:
        """Return who exported which statement at which desk, as the audit trail has it."""
        asked = "SELECT actor, subject, outcome FROM audit_event WHERE action = 'export' ORDER BY number"
        return self.town.ask("xab", asked)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("exporting")
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE, MISSION, ARMY)}
    town = found_town(folder / "town", desks, "hub")
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        for member in ("xaa", "xab"):
            await town.unlock(member)
        async with town.client("xaa") as officer:
            asked = m.rich_request("T-2026-1", m.Words(personal=WORD))
            asked.handling_instructions[:] = [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT]
            for one in PHOTOGRAPHS:
                asked.items[0].object.photograph.add(
                    view="PHOTOGRAPH_VIEW_LEFT",
                    media_type="image/jpeg",
                    sha256=hashlib.sha256(one).digest(),
                    size=len(one),
                )
            parts = [m.PICTURE, m.SCENE, *PHOTOGRAPHS]
            sent = await officer.submit(draft(asked, to=["xab"], parts=parts, restrictions=[LIMITED]))
            trained = await officer.submit(draft(m.request("T-2026-2"), to=["xab"], exercise=True))
        question = "SELECT count(*) FROM statement WHERE in_effect"
        await until(lambda: town.ask("xab", question) == [(2,)], "two statements at xab")
        async with town.client("xab", desk="poc") as officer:
            await officer.keep_address(address("paper:archive"))
            to_archive = enquiry("", custodian=inquiry_pb2.Custodian(id="paper:archive"))
            await officer.enquire(sent.thread, to_archive)
        session = "sign_ins_per_minute = 100\npages_per_minute = 5000"
        async with visiting(town, "xab", folder / "console", session=session) as console:
            yield Scene(town, console, sent.thread, trained.thread, {})


def taken(answer: Answer, name: str = "tracepost-case.tracepost") -> bytes:
    """Return a file that was given whole, to be kept."""
    assert answer.status == 200, answer.words
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["cache-control"] == "no-store"
    return answer.body


def disclosed_in(content: bytes) -> str:
    """Return all that the messages of an evidence file disclose, as text."""
    forms = [parse_compact(one.sd_jwt) for one in read_casefile(content).statements]
    return " ".join(decode_b64(one, "").decode() for form in forms for one in form.disclosures)


# ── what is in the file ──────────────────────────────────────────────────────────────


async def test_the_case_leads_to_a_page_that_says_how_it_is_to_be_handled(scene: Scene) -> None:
    officer = await scene.officer("8")
    assert f'href="/cases/{scene.case}/export"' in (await officer.get(f"/cases/{scene.case}")).text
    page = await officer.get(f"/cases/{scene.case}/export")
    assert page.sent <= PAGE_BYTES
    assert words_of("en").coded("HandlingInstruction", "DO_NOT_ALERT") in page.words
    assert "The file is not encrypted" in page.words
    trained = await officer.get(f"/cases/{scene.exercise}/export")
    assert "console-exercise__band" in trained.text


async def test_what_is_taken_is_proved_as_what_the_command_line_exports(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "taken.tracepost"
    file.write_bytes(taken(await scene.take()))
    assert file.stat().st_size > CHUNK_BYTES, "it comes in several chunks"
    result = await asyncio.to_thread(verify, file, trust=scene.town.place("xab") / "trust.json")
    assert (result.exit_code, result.data["anchored"]) == (0, True)
    async with scene.town.client("xab", desk="poc") as himself:
        chunks = [one.data async for one in himself.export_case(scene.case, desk_pb2.EXPORT_FORMAT_TRACEPOST)]
    ours, theirs = read_casefile(file.read_bytes()), read_casefile(b"".join(chunks))
    assert [one.sd_jwt for one in ours.statements] == [one.sd_jwt for one in theirs.statements]
    assert {*ours.statements[0].parts} == {*theirs.statements[0].parts} >= {*PHOTOGRAPHS}


async def test_each_time_is_logged_as_an_export_of_the_officer(scene: Scene) -> None:
    before = scene.exports()
    taken(await scene.take("9"))
    assert [(actor, outcome) for actor, _statement, outcome in scene.exports()[len(before) :]] == [
        ("officer-9", "police")
    ]


async def test_what_never_left_our_offices_is_in_it_where_that_is_asked_for(scene: Scene) -> None:
    without, whole = taken(await scene.take()), taken(await scene.take(inner="yes"))
    counts = [len(read_casefile(one).statements) for one in (without, whole)]
    assert counts == [1, 2]


async def test_for_other_tools_there_is_an_archive(scene: Scene) -> None:
    answer = taken(await scene.take(format="sd-jwt"), "tracepost-case.tar")
    with tarfile.open(fileobj=io.BytesIO(answer)) as tar:
        assert {Path(name).suffix for name in tar.getnames()} == {".json", ".pem", ".sd-jwt"}


async def test_a_desk_takes_no_more_than_it_reads(scene: Scene) -> None:
    given, read = dict[str, bool](), dict[str, bool]()
    for number, desk in (("8", "poc"), ("9", "police"), ("10", "mission")):
        officer = await scene.officer(number)
        read[desk] = WORD in (await officer.get(f"/cases/{scene.case}")).words
        answer = await scene.take(number)
        given[desk] = answer.status == 200 and WORD in disclosed_in(taken(answer))
    assert given == read
    assert set(read.values()) == {True, False}


async def test_the_page_speaks_the_language_of_the_officer(scene: Scene) -> None:
    officer = await scene.officer("8")
    for spoken in languages():
        officer.language = spoken.bcp47
        page = await officer.get(f"/cases/{scene.case}/export")
        words = words_of(spoken.tag)
        assert f'<html lang="{spoken.bcp47}"' in page.text
        assert words.gettext("Take the case with its proofs as a file") in page.words
        assert words.coded("Purpose", "PROSECUTION").casefold() in page.words.casefold()
    officer.language = "en"


# ── what is refused ──────────────────────────────────────────────────────────────────


async def test_what_a_restriction_forbids_is_said_on_a_page_and_nothing_is_given(scene: Scene) -> None:
    officer, before = await scene.officer("8"), scene.exports()
    officer.language = "fr"
    refused = await scene.take(purpose="STATISTICS")
    officer.language = "en"
    assert (refused.status, "content-disposition" in refused.headers) == (403, False)
    assert words_of("fr").gettext("It may be used only for what it was given for.") in refused.words
    assert scene.exports() == before
    assert taken(await scene.take(purpose="CRIMINAL_INVESTIGATION"))


async def test_a_desk_that_may_not_read_the_case_gets_nothing(scene: Scene) -> None:
    officer, before = await scene.officer("11"), scene.exports()
    path = f"/cases/{scene.case}/export"
    for answer in (await officer.get(path), await scene.take("11")):
        assert (answer.status, "content-disposition" in answer.headers) == (403, False)
        assert WORD not in answer.words
    assert scene.exports() == before


async def test_a_case_that_is_not_here_and_a_file_that_there_is_not_are_refused(scene: Scene) -> None:
    officer = await scene.officer("8")
    path = f"/cases/{NOBODYS}/export"
    assert [(await officer.get(path)).status, (await officer.post(path, WHOLE)).status] == [404, 404]
    for said in ({"format": "nothing"}, {"format": ""}, {"purpose": "NOTHING"}, {"purpose": "UNSPECIFIED"}):
        assert (await scene.take(**said)).status == 400, said


async def test_a_form_with_a_strange_token_takes_nothing(scene: Scene) -> None:
    officer, before = await scene.officer("8"), scene.exports()
    answer = await officer.post(f"/cases/{scene.case}/export", WHOLE, token="of-another")
    assert (answer.status, "content-disposition" in answer.headers) == (403, False)
    assert scene.exports() == before
