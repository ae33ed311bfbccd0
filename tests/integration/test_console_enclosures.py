"""Photographs and files of a case, who has it, and the audit trail: asked of a console without a browser.

What an officer finds there, what a desk is not given, what a photograph that was made to do harm comes to, and what an
address of somebody's making does not open.
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
from fakes.hostile_pictures import png_bomb
from fakes.house import draft
from fakes.town import MISSION, POC, POLICE, Town, found_town, until
from tracepost.console.pictures import SIDE
from tracepost.locale.words import words_of
from tracepost.node.config import DeskSettings
from tracepost.node.records.mail import Journey
from tracepost.protocol.ids import DeskId
from tracepost.sdk.attachments import PreparedFile, hand_in, prepare_file
from tracepost.wire.v1 import desk_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 50 * 1024
MAKERS = DeskSettings(DeskId("makers"), competences=("INDUSTRY_LIAISON",), outward=False)
POISON = "\"><script>window.hit=1</script><img src=x onerror='window.hit=1'>"
LANGUAGES = ("ar", "es", "fr", "ru", "zh-Hans")
PATHS = ("/search", "/directory", "/trail")
PARTS = ("thumbnails", "photographs", "originals", "attachments")
TOO_LARGE = (
    "The photograph is not opened here: unfolded it would be far larger than a photograph is. "
    "Such a file can be made to stop a computer."
)
DAMAGED = "The photograph cannot be shown: it is damaged, or it is no JPEG or PNG."
AS_IT_WAS_SENT = (
    "Take it as it was sent, and look at it on a machine where a dangerous file does no harm; "
    "or ask its sender for another copy."
)
NOBODYS = "0190a7a0-0000-7000-8000-000000000000"


def photograph(colour: str) -> bytes:
    """Return a JPEG file that is like no other."""
    content = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(content, "JPEG")
    return content.getvalue()


REPORT = b"what the laboratory found\n" * 4_000
PICTURE, SCENE = photograph("navy"), photograph("maroon")
BOMB, CUT = png_bomb(30_000), photograph("black")[:-400]


@dataclass
class Scene:
    """XAB's console beside its node, which XAA has asked about one weapon; officer 7 sits at all desks."""

    town: Town
    console: Counter
    thread: str
    hostile: str
    """A case of which both photographs were made to do harm."""
    visitors: dict[tuple[str, str], Visitor]

    async def officer(self, number: str, language: str = "en") -> Visitor:
        """Return an officer who is signed in; each signs in once."""
        if (number, language) not in self.visitors:
            self.visitors[number, language] = await self.console.sign_in(number, language=language)
        return self.visitors[number, language]


def asking(file: PreparedFile | None, picture: bytes, of_scene: bytes) -> desk_pb2.Draft:
    """Return a request in which something hostile is written wherever something can be written."""
    said = m.Words(**dict.fromkeys(("object", "administrative", "commercial", "contact", "personal"), POISON))
    message = m.rich_request("T-2026-1", said)
    thing = message.items[0].object
    thing.photograph[0].sha256 = hashlib.sha256(picture).digest()
    thing.photograph[0].size = len(picture)
    scene = message.circumstances.scene_photographs[0]
    scene.sha256, scene.size = hashlib.sha256(of_scene).digest(), len(of_scene)
    if file is not None:
        message.items[0].attachments.append(file.as_attachment())
    return draft(message, to=["xab"], parts=[picture, of_scene])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("enclosures")
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE, MISSION, MAKERS)}
    town = found_town(folder / "town", desks, "hub")
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        for member in ("xaa", "xab"):
            await town.unlock(member)
        async with town.client("xaa") as officer:
            report = folder / "..%2f<b>report.txt"
            report.write_bytes(REPORT)
            file = prepare_file(report, None)
            await hand_in(officer, file)
            thread = (await officer.submit(asking(file, PICTURE, SCENE))).thread
            hostile = (await officer.submit(asking(None, BOMB, CUT))).thread
        await arrival(town, 2)
        async with visiting(
            town, "xab", folder / "console", session="sign_ins_per_minute = 100\npages_per_minute = 5000"
        ) as console:
            yield Scene(town, console, thread, hostile, {})


async def arrival(town: Town, number: int) -> None:
    question = "SELECT count(*) FROM statement WHERE in_effect"
    await until(lambda: town.ask("xab", question) == [(number,)], f"{number} statements at xab")


def is_safe(answer: Answer) -> bool:
    """Say whether nothing that somebody wrote has become markup, and the page is light."""
    raw = answer.text
    assert "<script>" not in raw
    assert "<img src=x" not in raw
    assert "<b>" not in raw
    assert answer.sent <= PAGE_BYTES, answer.sent
    return True


# ── photographs and files ────────────────────────────────────────────────────────────


def links(answer: Answer, part: str) -> list[str]:
    """Return the addresses on a page that hold `part`."""
    return [one for one in re.findall(r'(?:href|src)="([^"]*)"', answer.text) if f"/{part}/" in one]


async def file_here(scene: Scene, officer: Visitor) -> str:
    """Return the address of the file, once all of it is at the node."""
    question = f"SELECT count(*) FROM attachment WHERE passage = '{Journey.DONE}'"
    await until(lambda: scene.town.ask("xab", question) == [(1,)], "the file to be at xab")
    (found,) = links(await officer.get(f"/cases/{scene.thread}/files"), "attachments")
    return found


async def test_photographs_are_small_on_the_page_and_open(scene: Scene) -> None:
    officer = await scene.officer("9")
    page = await officer.get(f"/cases/{scene.thread}/files")
    assert is_safe(page)
    small, whole = links(page, "thumbnails"), links(page, "photographs")
    assert len(small) == len(whole) == 2
    weight = page.sent
    for path in small:
        answer = await officer.get(path)
        assert max(picture_in(answer).size) == SIDE
        weight += answer.sent
    assert weight <= PAGE_BYTES
    for path in whole:
        answer = await officer.get(path)
        assert picture_in(answer).size == (640, 400)
        assert answer.body not in (PICTURE, SCENE), "it was made anew"


def picture_in(answer: Answer) -> Image.Image:
    """Return a picture that a browser shows and takes for nothing else."""
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch('inline; filename="[0-9a-f]{16}\\.jpg"', answer.headers["content-disposition"])
    with Image.open(io.BytesIO(answer.body), formats=["JPEG"]) as picture:
        picture.load()
        return picture.copy()


async def test_the_bytes_that_were_sent_are_taken_out_and_not_shown(scene: Scene) -> None:
    officer = await scene.officer("9")
    paths = links(await officer.get(f"/cases/{scene.thread}/files"), "originals")
    answers = [await officer.get(path) for path in paths]
    assert {one.body for one in answers} == {PICTURE, SCENE}
    for one in answers:
        assert one.headers["content-type"] == "application/octet-stream"
        assert re.fullmatch('attachment; filename="[0-9a-f]{16}\\.jpg"', one.headers["content-disposition"])


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_photographs_that_do_harm_are_refused_in_words_and_can_be_taken_out(
    scene: Scene, language: str
) -> None:
    officer, says = await scene.officer("9", language), words_of(language).gettext
    page = await officer.get(f"/cases/{scene.hostile}/files")
    assert len(links(page, "photographs")) == 2
    for part in ("thumbnails", "photographs"):
        for content, words in ((BOMB, TOO_LARGE), (CUT, DAMAGED)):
            answer = await officer.get(f"/cases/{scene.hostile}/{part}/{hashlib.sha256(content).hexdigest()}")
            assert answer.status == 400
            assert answer.headers["content-type"].startswith("text/html")
            assert says(words) in answer.words
            assert says(AS_IT_WAS_SENT) in answer.words
            assert (says(words) == words) == (language == "en")
    answer = await officer.get(f"/cases/{scene.hostile}/originals/{hashlib.sha256(BOMB).hexdigest()}")
    assert answer.body == BOMB


async def test_every_photograph_that_is_opened_is_a_look_that_the_case_remembers(scene: Scene) -> None:
    poc = await scene.officer("8")
    path = f"/cases/{scene.thread}/photographs/{hashlib.sha256(PICTURE).hexdigest()}"
    question = (
        "SELECT count(*) FROM audit_event WHERE subject = 'FetchPart' AND actor = 'officer-8.xab via console'"
    )
    [(before,)] = scene.town.ask("xab", question)
    assert (await poc.get(path)).status == 200
    await until(lambda: scene.town.ask("xab", question) == [(before + 1,)], "the look to be written down")


async def test_a_desk_is_given_no_photograph_that_is_not_for_it(scene: Scene) -> None:
    """The scene of a crime is for the police: the point of contact does not get it by guessing its name."""
    poc = await scene.officer("8")
    page = await poc.get(f"/cases/{scene.thread}/files")
    assert len(links(page, "thumbnails")) == 1
    hidden, shown = hashlib.sha256(SCENE).hexdigest(), hashlib.sha256(PICTURE).hexdigest()
    for part in ("thumbnails", "photographs", "originals"):
        assert (await poc.get(f"/cases/{scene.thread}/{part}/{shown}")).status == 200
        assert (await poc.get(f"/cases/{scene.thread}/{part}/{hidden}")).status in (403, 404)
        assert (await poc.get(f"/cases/{NOBODYS}/{part}/{shown}")).status == 404


async def test_a_file_is_taken_out_whole_under_a_name_of_ours(scene: Scene) -> None:
    officer = await scene.officer("8")
    answer = await officer.get(await file_here(scene, officer))
    assert answer.status == 200
    assert answer.body == REPORT
    assert answer.headers["content-type"] == "application/octet-stream"
    assert re.fullmatch('attachment; filename="[0-9a-f]{16}\\.txt"', answer.headers["content-disposition"])
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("part", PARTS)
async def test_no_address_of_somebodys_making_opens_a_file(scene: Scene, part: str) -> None:
    officer = await scene.officer("8")
    for name in ("0" * 64, "..", "../../etc/passwd", "%2e%2e%2f", "a" * 63, "A" * 64, f"{'a' * 64}.jpg"):
        assert (await officer.get(f"/cases/{scene.thread}/{part}/{name}")).status == 404, name


@pytest.mark.parametrize("number", ["10", "11"])
async def test_desks_that_are_not_on_the_case_open_nothing_of_it(scene: Scene, number: str) -> None:
    other = await scene.officer(number)
    digest = hashlib.sha256(PICTURE).hexdigest()
    for path in (*(f"{part}/{digest}" for part in PARTS), "holders"):
        assert (await other.get(f"/cases/{scene.thread}/{path}")).status in (403, 404), path
    page = await other.get(f"/cases/{scene.thread}/files")
    assert links(page, "thumbnails") == links(page, "attachments") == []


# ── who has it, and who did what ─────────────────────────────────────────────────────


async def test_a_case_says_who_has_it(scene: Scene) -> None:
    officer = await scene.officer("8")
    page = await officer.get(f"/cases/{scene.thread}")
    for name in ("files", "holders"):
        assert f'href="/cases/{scene.thread}/{name}"' in page.text
    shown = await officer.get(f"/cases/{scene.thread}/holders")
    assert shown.status == 200
    assert "poc" in shown.words
    assert is_safe(shown)


async def test_the_trail_is_read_backwards_page_by_page(scene: Scene) -> None:
    officer = await scene.officer("8")
    await (await scene.officer("9")).get("/")
    for _ in range(25):
        await officer.get(f"/cases/{scene.thread}/holders")
    page = await officer.get("/trail")
    numbers = seen_numbers(page)
    assert len(numbers) == 60
    assert numbers == sorted(numbers, reverse=True)
    assert "officer-8.xab via console" in page.words
    assert is_safe(page)
    (older,) = re.findall(r'href="(/trail\?before=[0-9]+)"', page.text)
    assert max(seen_numbers(await officer.get(older))) < min(numbers)
    mine = await officer.get("/trail?officer=9")
    assert "officer-8.xab" not in mine.words
    assert "officer-9.xab via console" in mine.words


def seen_numbers(page: Answer) -> list[int]:
    return [
        int(one)
        for one in re.findall(r'<tr class="govuk-table__row"><td[^>]*><bdi>([0-9]+)</bdi></td>', page.text)
    ]


async def test_the_trail_is_neither_offered_nor_shown_to_a_desk_without_cases(scene: Scene) -> None:
    makers = await scene.officer("11")
    assert (await makers.get("/trail")).status == 403
    assert 'href="/trail"' not in (await makers.get("/directory")).text
    officer = await scene.officer("8")
    assert 'href="/trail"' in (await officer.get("/directory")).text
    assert f'href="/cases/{scene.thread}/holders"' in (await officer.get(f"/cases/{scene.thread}")).text
    for query in ("before=-1", "before=x", "before=" + "9" * 40, "officer=%27%3B--", f"officer={POISON}"):
        assert is_safe(await officer.get(f"/trail?{query}"))


# ── all of them ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_in_the_officers_language(scene: Scene, language: str) -> None:
    spoken, english = await scene.officer("8", language), await scene.officer("8")
    for path in (*PATHS, *(f"/cases/{scene.thread}/{one}" for one in ("files", "holders"))):
        page = await spoken.get(path)
        assert page.status == 200, path
        assert f'<html lang="{language}"' in page.text
        assert headings(page).isdisjoint(headings(await english.get(path))), path


def headings(page: Answer) -> set[str]:
    return set(re.findall(r"<h1[^>]*>([^<]+)</h1>", page.text))


async def test_who_is_not_signed_in_is_led_to_the_door(scene: Scene) -> None:
    nobody = Visitor(scene.console.app, scene.console.origin)
    case = f"/cases/{scene.thread}"
    digest = hashlib.sha256(PICTURE).hexdigest()
    for path in (
        "/trail",
        f"{case}/files",
        f"{case}/holders",
        *(f"{case}/{part}/{digest}" for part in PARTS),
    ):
        answer = await nobody.get(path)
        assert (answer.status, answer.headers["location"]) == (303, "/sign-in"), path
