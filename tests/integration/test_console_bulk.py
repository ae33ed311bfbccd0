"""A spreadsheet uploaded at a console, without a browser: told row by row, kept for its officer, nothing sent."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.town import POC, POLICE, Town, found_town
from tracepost.console.forms.bulk import FILE_BYTES
from tracepost.locale import languages
from tracepost.locale.words import words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 50 * 1024
HEAD = "serial;obliterated;manufacturer;type;calibre;country of origin;colour"
GOOD = "A12345;N;ROSSI;revolver;.38 Special;BRA;red"
FORMULA = '=HYPERLINK("https://xyz.example")'
BAD = f'"{FORMULA.replace(chr(34), chr(34) * 2)}";perhaps;<script>x</script>;revolver;.38;Atlantis;red'


@dataclass
class Scene:
    """XAA's console beside its node."""

    town: Town
    console: Counter
    visitors: dict[str, Visitor]

    async def officer(self, number: str) -> Visitor:
        """Return an officer who is signed in and has seen the page of the upload."""
        if number not in self.visitors:
            self.visitors[number] = await self.console.sign_in(number)
        await self.visitors[number].get("/bulk")
        return self.visitors[number]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("bulk")
    town = found_town(folder / "town", {"xaa": (POC, POLICE)}, "hub")
    async with town.running("hub", "xaa"):
        await town.unlock("xaa")
        session = "sign_ins_per_minute = 100\npages_per_minute = 5000"
        async with visiting(town, "xaa", folder / "console", session=session) as console:
            yield Scene(town, console, {})


def table(*rows: str) -> bytes:
    return "\r\n".join((HEAD, *rows)).encode()


async def upload(officer: Visitor, content: bytes, **said: str) -> Answer:
    """Upload a file; return the page that it leads to, or the one that refuses it."""
    answer = await officer.post("/bulk", said, [("file", ("../weapons.csv", content))])
    return await officer.follow(answer) if answer.status == 303 else answer


def result_of(answer: Answer) -> str:
    """Return the address of the result that a page shows."""
    found = re.search(r'action="(/bulk/[0-9a-f]{32})/delete"', answer.text)
    assert found is not None, answer.words
    return found.group(1)


def drafts_of(answer: Answer) -> list[str]:
    return re.findall(r'href="(/drafts/[0-9a-f]{32})/to"', answer.text)


def cells_of(answer: Answer) -> list[list[str]]:
    assert answer.headers["content-disposition"].startswith("attachment"), answer.headers
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))


async def test_good_rows_begin_a_draft_and_the_others_are_told_row_by_row(scene: Scene) -> None:
    officer = await scene.officer("8")
    page = await upload(officer, table(GOOD, BAD, GOOD.replace("A12345", "A12399")))
    assert page.status == 200
    assert "2 rows taken, 1 row refused" in page.words
    assert "Read as utf-8, columns parted by ;." in page.words
    assert "Columns not understood and not taken: colour" in page.words
    assert "3 obliterated neither yes nor no Write yes or no." in page.words
    assert "3 country of origin not a country" in page.words
    [draft] = drafts_of(page)
    shown = await officer.get(f"{draft}/check")
    for text in ("A12345", "A12399", "ROSSI"):
        assert text in shown.words
    assert "Error: Check what you say" in shown.words, "what the table does not say is still asked"
    assert scene.town.ask("xaa", "SELECT count(*) FROM statement") == [(0,)], "nothing is sent"


async def test_refused_rows_are_saved_without_formulas_mended_and_uploaded_again(scene: Scene) -> None:
    officer = await scene.officer("8")
    page = await upload(officer, table(GOOD, BAD))
    saved = await officer.post(f"{result_of(page)}/refused", {})
    assert saved.headers["content-disposition"] == 'attachment; filename="tracepost-refused-rows.csv"'
    [heads, row] = cells_of(saved)
    assert heads == ["tracepost row", "not taken because", *HEAD.split(";")]
    assert row[0] == "3"
    assert "obliterated: neither yes nor no" in row[1]
    assert row[2].startswith("'="), "a formula stays text"
    mended = io.StringIO()
    csv.writer(mended, delimiter=";").writerows(
        [heads, [*row[:2], "B777", "N", "ROSSI", *row[5:7], "BRA", "red"]]
    )
    again = await upload(officer, mended.getvalue().encode())
    assert "1 row taken, 0 rows refused" in again.words


async def test_a_mended_row_says_what_it_said_and_a_sign_that_is_not_shown_is_told(scene: Scene) -> None:
    officer = await scene.officer("8")
    odd = 'A9\x07;perhaps;ROSSI;revolver;"9mm, +P";BRA;"A; -5"'
    page = await upload(officer, table(odd))
    saved = await officer.post(f"{result_of(page)}/refused", {})
    [_heads, row] = cells_of(saved)
    assert row[2] == ""
    assert "serial: left empty here, as it holds signs that cannot be shown" in row[1]
    again = await upload(officer, saved.body)
    [_heads, row] = cells_of(await officer.post(f"{result_of(again)}/refused", {}))
    assert row[-3:] == ["9mm,' +P", "BRA", "A;' -5"], "apostrophes do not grow"


async def test_the_same_file_uploaded_again_leads_to_what_became_of_it_and_begins_nothing(
    scene: Scene,
) -> None:
    officer = await scene.officer("8")
    content = table(GOOD.replace("A12345", "A777"))
    page = await upload(officer, content)
    again = await upload(officer, content)
    assert "You have uploaded this file before" not in page.words
    assert "You have uploaded this file before" in again.words
    assert drafts_of(again) == drafts_of(page)
    assert (await officer.post(f"{result_of(page)}/delete", {})).status == 303
    assert drafts_of(await upload(officer, content)) != drafts_of(page)


async def test_a_row_with_a_cell_too_many_is_refused_again_until_it_is_mended(scene: Scene) -> None:
    officer = await scene.officer("8")
    page = await upload(officer, table(f"{GOOD};shifted"))
    assert "0 rows taken, 1 row refused" in page.words
    saved = await officer.post(f"{result_of(page)}/refused", {})
    assert "0 rows taken, 1 row refused" in (await upload(officer, saved.body)).words


async def test_a_draft_of_many_items_has_light_pages(scene: Scene) -> None:
    officer = await scene.officer("8")
    [draft] = drafts_of(await upload(officer, table(*(GOOD.replace("12345", str(one)) for one in range(50)))))
    for step, last in (("items", "50 · weapon"), ("check", "A49")):
        page = await officer.get(f"{draft}/{step}")
        assert last in page.words
        assert page.sent <= PAGE_BYTES


async def test_the_empty_table_has_columns_that_are_all_known(scene: Scene) -> None:
    officer = await scene.officer("8")
    saved = await officer.post("/bulk/template", {})
    [heads] = cells_of(saved)
    filled = ["A1" if one == "serial" else "" for one in heads]
    page = await upload(officer, "\n".join((",".join(heads), ",".join(filled))).encode())
    assert "1 row taken, 0 rows refused" in page.words
    assert "Columns not understood" not in page.words


async def test_another_encoding_than_utf_8_is_told(scene: Scene) -> None:
    officer = await scene.officer("8")
    page = await upload(officer, table(GOOD.replace("ROSSI", "FÁBRICA")).decode().encode("windows-1252"))
    assert "Read as windows-1252" in page.words
    assert "does not say how its letters are written" in page.words


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Choose a file."),
        (HEAD.encode(), "has no row below its heading"),
        (b"PK\x03\x04 a workbook", "This file is no text."),
        (b"colour\nred\n", "No column has a heading that is known."),
        (b"serial\n" + b"A1\n" * 10_000, "The file has more than 3,000 rows."),
        (b"x" * (FILE_BYTES + 1), "The file is larger than 2 MiB."),
    ],
)
async def test_a_file_that_is_not_taken_is_told_at_its_field(scene: Scene, content: bytes, told: str) -> None:
    page = await upload(await scene.officer("8"), content)
    assert page.status == 422
    assert "There is a problem" in page.words
    assert told in page.words


async def test_a_form_beyond_all_bounds_is_not_read(scene: Scene) -> None:
    page = await upload(await scene.officer("8"), b"x" * (2 * FILE_BYTES))
    assert page.status == 413


async def test_a_result_of_many_rows_comes_in_light_pages(scene: Scene) -> None:
    officer = await scene.officer("8")
    page = await upload(officer, table(*[BAD] * 1_000))
    assert "1,000" not in page.words
    assert "0 rows taken, 1000 rows refused" in page.words
    assert "<script>x" not in page.text
    address, seen = result_of(page), 0
    for number in (1, 2, 80):
        part = await officer.get(f"{address}?faults={number}")
        assert part.sent <= PAGE_BYTES
        seen += part.text.count("not a country")
    assert seen == 37
    assert "Next page" not in part.words
    assert (await officer.get("/bulk")).sent <= PAGE_BYTES


async def test_a_result_is_of_its_officer_alone_and_goes_when_he_wants(scene: Scene) -> None:
    officer, other = await scene.officer("8"), await scene.officer("9")
    page = await upload(officer, table(GOOD, BAD))
    address, [draft] = result_of(page), drafts_of(page)
    assert (await other.get(address)).status == 404
    for part in ("refused", "delete"):
        assert (await other.post(f"{address}/{part}", {})).status == 404
        assert (await officer.post(f"{address}/{part}", {}, token="somebody's")).status == 403
        assert (await officer.get(f"{address}/{part}")).status == 405
    number = address.rpartition("/")[2]
    assert (await officer.get(draft.replace("drafts", "bulk"))).status == 404
    for part in ("check", "sent"):
        assert (await officer.get(f"/drafts/{number}/{part}")).status == 404
    assert number not in (await officer.get("/drafts")).text
    assert address in (await officer.get("/bulk")).text
    assert (await officer.post(f"{address}/delete", {})).status == 303
    assert (await officer.get(address)).status == 404
    assert (await officer.get(f"{draft}/check")).status == 200, "the draft stays"


async def test_the_pages_speak_each_language(scene: Scene) -> None:
    officer = await scene.officer("8")
    address = result_of(await upload(officer, table(GOOD, BAD)))
    for spoken in languages():
        officer.language = spoken.bcp47
        words = words_of(spoken.tag).gettext
        assert words("Save an empty table (CSV)") in (await officer.get("/bulk")).words
        assert words("Write yes or no.") in (await officer.get(address)).words
    officer.language = "en"
