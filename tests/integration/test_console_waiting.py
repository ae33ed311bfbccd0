"""Mail that waits for a second officer, at a console without a browser: all that goes out is shown to who decides.

The word itself is signed where his key is (docs/adr/0028); who wrote the mail is shown how to take it back alone.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from PIL import Image

from fakes import messages as m
from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.house import draft
from fakes.town import POC, POLICE, Town, found_town
from tracepost.locale.words import words_of
from tracepost.sdk.attachments import hand_in, prepare_file
from tracepost.wire.v1 import terms_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 50 * 1024
POISON = "\"><script>window.hit=1</script><img src=x onerror='window.hit=1'>"
REPORT = b"what the laboratory found\n" * 400


def photograph(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(content, "JPEG")
    return content.getvalue()


PICTURE, SCENE = photograph("navy"), photograph("maroon")


@dataclass
class Waiting:
    """XAA's console beside its node, at which a request of officer 7 waits for another officer's word."""

    town: Town
    console: Counter
    statement: str

    async def officer(self, number: str, language: str = "en") -> Visitor:
        return await self.console.sign_in(number, language=language)

    @property
    def page(self) -> str:
        return f"/waiting/release/{self.statement}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def waiting(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Waiting]:
    folder = tmp_path_factory.mktemp("waiting")
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE)}
    town = found_town(folder / "town", desks, "hub", release='second_officer = "required"')
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        await town.unlock("xaa")
        async with town.client("xaa") as officer:
            report = folder / "report.txt"
            report.write_bytes(REPORT)
            file = prepare_file(report, None)
            await hand_in(officer, file)
            message = m.rich_request("T-2026-1", m.Words(object=POISON, law_enforcement=POISON))
            message.items[0].attachments.append(file.as_attachment())
            message.handling_instructions[:] = [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT]
            for one, content in (
                (message.items[0].object.photograph[0], PICTURE),
                (message.circumstances.scene_photographs[0], SCENE),
            ):
                one.sha256, one.size = hashlib.sha256(content).digest(), len(content)
            sent = await officer.submit(draft(message, to=["xab"], parts=[PICTURE, SCENE]))
        async with visiting(
            town, "xaa", folder / "console", session="sign_ins_per_minute = 100\npages_per_minute = 5000"
        ) as console:
            yield Waiting(town, console, sent.statement)


def links(answer: Answer, part: str) -> list[str]:
    """Return the addresses on a page that hold `part`."""
    return [one for one in re.findall(r'(?:href|src)="([^"]*)"', answer.text) if f"/{part}/" in one]


async def test_who_decides_is_shown_the_photographs_and_files_that_go_out(waiting: Waiting) -> None:
    second = await waiting.officer("8")
    page = await second.get(waiting.page)
    assert page.status == 200, page.words
    assert page.sent <= PAGE_BYTES
    assert "<script>" not in page.text
    assert "<img src=x" not in page.text
    originals = {(await second.get(path)).body for path in links(page, "originals")}
    assert PICTURE in originals <= {PICTURE, SCENE}
    for path in (*links(page, "thumbnails"), *links(page, "photographs")):
        assert (await second.get(path)).headers["content-type"] == "image/jpeg", path
    [file] = links(page, "attachments")
    assert (await second.get(file)).body == REPORT


async def test_how_mail_that_waits_is_to_be_handled_stands_wherever_it_is_listed(waiting: Waiting) -> None:
    told = words_of("en").coded("HandlingInstruction", "DO_NOT_ALERT")
    for officer, path in (("8", "/waiting"), ("8", waiting.page), ("7", "/sent")):
        page = await (await waiting.officer(officer)).get(path)
        assert f"/waiting/release/{waiting.statement}" in page.text
        assert told in page.words, path
        assert "EXERCISE" not in page.words


async def test_who_decides_is_shown_the_commands_that_sign_his_word_on_this_message(waiting: Waiting) -> None:
    words = (await (await waiting.officer("8")).get(waiting.page)).words
    assert f"tracepost release approve {waiting.statement}" in words
    assert f'tracepost release refuse {waiting.statement} --reason "…"' in words
    assert "yours to decide" in (await (await waiting.officer("8")).get("/waiting")).words


async def test_who_wrote_it_decides_nothing_and_is_shown_how_to_take_it_back(waiting: Waiting) -> None:
    writer = await waiting.officer("7")
    page = await writer.get(waiting.page)
    assert "This is your own, so another officer decides." in page.words
    assert "tracepost release approve" not in page.words
    assert f'tracepost release refuse {waiting.statement} --reason "…"' in page.words
    assert links(page, "photographs") == []


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh-Hans"])
async def test_who_wrote_it_is_told_so_in_his_language(waiting: Waiting, language: str) -> None:
    page = await (await waiting.officer("7", language)).get(waiting.page)
    assert page.status == 200
    assert "This is your own" not in page.words
    assert f"tracepost release refuse {waiting.statement}" in page.words


async def test_enclosures_are_given_to_who_decides_and_by_no_guess(waiting: Waiting) -> None:
    writer, second = await waiting.officer("7"), await waiting.officer("8")
    shown, nobodys = hashlib.sha256(PICTURE).hexdigest(), "A" * 43
    for part in ("thumbnails", "photographs", "originals", "attachments"):
        for visitor, statement, digest in (
            (writer, waiting.statement, shown),
            (second, nobodys, shown),
            (second, "x", shown),
            (second, waiting.statement, "0" * 64),
            (second, waiting.statement, "..%2f.."),
        ):
            answer = await visitor.get(f"/waiting/release/{statement}/{part}/{digest}")
            assert answer.status in {400, 403, 404}, (part, statement, digest)
