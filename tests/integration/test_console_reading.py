"""The pages of the console that only read, asked without a browser beside real nodes.

What an officer finds there, what a desk is not shown, and what an address of somebody's making does not open.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape

import pytest
import pytest_asyncio
from PIL import Image

from fakes import messages as m
from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.house import draft
from fakes.town import MISSION, POC, POLICE, Town, found_town, until
from tracepost.console.showing import when
from tracepost.node.config import DeskSettings
from tracepost.paper.codes import Form, PageCode, write_code, write_groups
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1 import desk_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 50 * 1024
MAKERS = DeskSettings(DeskId("makers"), competences=("INDUSTRY_LIAISON",), outward=False)
DIGITS = "774103826559"
"""So many that no id in an address has them by chance."""
MARK = f"<b>ЕАО</b> 512-QQ{DIGITS}"
POISON = "\"><script>window.hit=1</script><img src=x onerror='window.hit=1'>"
FORMULAS = (
    ('=HYPERLINK("https://xyz.example","here")', "+2*3 QQ7742"),
    ("@SUM(1+1)", "-2+3 QQ7742"),
    ("../../../etc/passwd", "\uff1d1+1 QQ7742"),
)
"""File numbers and marks that others wrote."""
LANGUAGES = ("ar", "es", "fr", "ru", "zh-Hans")
NOBODYS = "0190a7a0-0000-7000-8000-000000000000"


def photograph(colour: str) -> bytes:
    """Return a JPEG file that is like no other."""
    content = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(content, "JPEG")
    return content.getvalue()


PICTURE, SCENE = photograph("navy"), photograph("maroon")


@dataclass
class Scene:
    """XAB's console beside its node, which XAA has asked about one weapon; officer 7 sits at all desks."""

    town: Town
    console: Counter
    thread: str
    visitors: dict[tuple[str, str], Visitor]

    async def officer(self, number: str, language: str = "en") -> Visitor:
        """Return an officer who is signed in; each signs in once."""
        if (number, language) not in self.visitors:
            self.visitors[number, language] = await self.console.sign_in(number, language=language)
        return self.visitors[number, language]


def asking() -> desk_pb2.Draft:
    """Return a request in which something hostile is written wherever something can be written."""
    said = m.Words(**dict.fromkeys(("object", "administrative", "commercial", "contact", "personal"), POISON))
    message = m.rich_request("T-2026-1", said)
    thing = message.items[0].object
    thing.mark[0].text_as_seen = MARK
    thing.photograph[0].sha256 = hashlib.sha256(PICTURE).digest()
    thing.photograph[0].size = len(PICTURE)
    scene = message.circumstances.scene_photographs[0]
    scene.sha256, scene.size = hashlib.sha256(SCENE).digest(), len(SCENE)
    return draft(message, to=["xab"], parts=[PICTURE, SCENE])


def reckoning(number: str, mark: str) -> desk_pb2.Draft:
    """Return a request whose file number and mark are formulas, or paths."""
    message = m.request(number)
    message.items[0].object.mark[0].text_as_seen = mark
    return draft(message, to=["xab"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("reading")
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE, MISSION, MAKERS)}
    town = found_town(folder / "town", desks, "hub")
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        for member in ("xaa", "xab"):
            await town.unlock(member)
        async with town.client("xaa") as officer:
            thread = (await officer.submit(asking())).thread
            for number, mark in FORMULAS:
                await officer.submit(reckoning(number, mark))
        await arrival(town, 1 + len(FORMULAS))
        async with visiting(
            town, "xab", folder / "console", session="sign_ins_per_minute = 100\npages_per_minute = 5000"
        ) as console:
            yield Scene(town, console, thread, {})


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


# ── search ───────────────────────────────────────────────────────────────────────────


async def test_a_mark_is_found_and_stands_in_no_address(scene: Scene) -> None:
    officer = await scene.officer("8")
    assert "By a mark" in (await officer.get("/search")).words
    answer = await officer.post("/search/mark", {"mark": f"BEAOB 512-00{DIGITS}"})
    assert answer.status == 200
    assert is_safe(answer)
    assert f'href="/cases/{scene.thread}"' in answer.text
    assert MARK in unescape(answer.text)
    assert "1 place" in answer.words
    assert not [one for one in re.findall(r'(?:href|action|src)="([^"]*)"', answer.text) if DIGITS in one]
    exact = await officer.post("/search/mark", {"mark": f"BEAOB 512-00{DIGITS}", "exact": "yes"})
    assert "Nothing found." in exact.words


async def test_a_desk_that_sees_no_cases_finds_none(scene: Scene) -> None:
    makers = await scene.officer("11")
    assert (await makers.post("/search/mark", {"mark": DIGITS})).status == 403
    assert (await makers.post("/search/number", {"number": "T-"})).status == 403
    mission = await scene.officer("10")
    answer = await mission.post("/search/mark", {"mark": MARK})
    assert scene.thread not in answer.text


async def test_a_case_is_found_by_numbers_and_by_its_id(scene: Scene) -> None:
    officer = await scene.officer("8")
    answer = await officer.post("/search/number", {"number": "T-2026"})
    assert f'href="/cases/{scene.thread}"' in answer.text
    assert is_safe(answer)
    answer = await officer.post("/search/number", {"number": scene.thread[:18]})
    assert (answer.status, answer.headers["location"]) == (303, f"/cases/{scene.thread}")
    assert "No case." in (await officer.post("/search/number", {"number": "nowhere"})).words
    assert (await officer.post("/search/number", {"number": NOBODYS})).status == 404


def printed(thread: str) -> PageCode:
    """Return the code of a page of a case, with a line on it."""
    return PageCode(Form.CASE, thread, 1, 1, b"d" * 16, b"d" * 16, b"p" * 16, (b"tag",))


async def test_a_scanned_code_of_a_printed_page_leads_to_its_case(scene: Scene) -> None:
    officer = await scene.officer("8")
    code = write_code(printed(scene.thread))
    for typed in (code, code.lower(), f" {code}\n"):
        answer = await officer.post("/search/number", {"number": typed})
        assert (answer.status, answer.headers["location"]) == (303, f"/cases/{scene.thread}")
    for broken in (code[:-1], code[:40], "TRACEPOST1:", f"{code}{'0' * 5000}"):
        answer = await officer.post("/search/number", {"number": broken})
        assert (answer.status, "Scan it once more" in answer.words) == (400, True), broken[:20]
        assert is_safe(answer)
    nobodys = await officer.post("/search/number", {"number": write_code(printed(NOBODYS))})
    assert nobodys.status == 404


async def test_a_code_opens_no_case_to_a_desk_that_does_not_see_it(scene: Scene) -> None:
    code = {"number": write_code(printed(scene.thread))}
    for number in ("10", "11"):
        answer = await (await scene.officer(number)).post("/search/number", code)
        assert answer.status in (403, 404), number


async def test_groups_of_a_printed_page_are_told_from_a_number(scene: Scene) -> None:
    answer = await (await scene.officer("8")).post("/search/number", {"number": write_groups(b"p" * 16)})
    assert answer.status == 400
    assert "name no case" in answer.words


@pytest.mark.parametrize("path", ["/search/mark", "/search/number"])
async def test_what_cannot_be_looked_for_is_said_at_its_box(scene: Scene, path: str) -> None:
    officer = await scene.officer("8")
    name = path.rpartition("/")[2]
    for value in ("", "x" * 500):
        answer = await officer.post(path, {name: value})
        assert answer.status == 400
        assert f'href="#{name}"' in answer.text
    poisoned = await officer.post(path, {name: POISON[:90]})
    assert is_safe(poisoned)
    assert (await officer.post(path, {name: "x"}, token="00" * 64)).status == 403
    assert (await officer.get(path)).status == 405


# ── directory ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", ["8", "11"])
async def test_members_and_their_desks_are_shown_to_every_desk(scene: Scene, number: str) -> None:
    officer = await scene.officer(number)
    listed = await officer.get("/directory")
    assert 'href="/directory/xaa"' in listed.text
    member = await officer.get("/directory/xaa")
    assert member.status == 200
    assert "law enforcement" in member.words.lower()
    assert is_safe(member)
    assert 'action="/desk"' not in member.text, "they are not desks of the officer, who has one"


async def test_a_member_that_is_none_is_not_found(scene: Scene) -> None:
    officer = await scene.officer("8")
    for path in ("/directory/xzz", "/directory/..", "/directory/XAA", "/directory/%2e%2e"):
        assert (await officer.get(path)).status == 404, path


# ── statistics ───────────────────────────────────────────────────────────────────────


async def test_statistics_say_what_was_asked_and_what_is_kept_back(scene: Scene) -> None:
    answer = await (await scene.officer("8")).get("/statistics")
    assert answer.status == 200
    assert is_safe(answer)
    assert "Figures of XAB" in answer.words
    assert "items asked about kept back" in answer.words
    assert "Kept back is a number from 1 to 4" in answer.words
    assert "What others asked us: items asked about" in answer.words, "it is said which"
    assert "Every number here is zero: nothing is drawn." in answer.words, "of what we asked"
    assert answer.text.count('role="img"') >= 1


async def test_statistics_for_ourselves_alone_are_by_member_and_a_logged_read(scene: Scene) -> None:
    officer = await scene.officer("8")
    today = when(await officer_clock(scene))[:10]
    asked = {"first": f"{int(today[:4]) - 1}{today[4:7]}-01", "last": today, "by": "quarter"}
    answer = await officer.post("/statistics/count", {**asked, "private": "yes"})
    assert "For yourselves alone" in answer.words
    assert "No figure is kept back." in answer.words
    assert "items asked about 4" in answer.words
    assert re.search(r"XAA 4 0 0 0 0 4\b", answer.words), "asked, and we have not answered"
    async with scene.town.client("xab") as client:
        trail = await client.list_audit(before=0, page_size=1000)
    reports = [(one.actor, one.outcome, one.subject) for one in trail if one.action == "report"]
    assert ("officer-8", "private", f"poc/{asked['first']}/{asked['last']}/quarter") in reports
    assert ("officer-8.xab via console", "MakeReport") in {(one.actor, one.subject) for one in trail}


async def officer_clock(scene: Scene) -> int:
    async with scene.town.client("xab") as client:
        return (await client.get_status()).clock


@pytest.mark.parametrize(
    ("wrong", "box"),
    [
        ({"first": "yesterday"}, "first"),
        ({"last": "2026-02-30"}, "last"),
        ({"last": ""}, "last"),
        ({"first": POISON}, "first"),
        ({"first": "2026-06-01", "last": "2026-05-31"}, "last"),
        ({"first": "2020-01-01", "by": "month"}, "by"),
        ({"last": "9999-12-31"}, "last"),
    ],
)
async def test_days_that_are_none_are_said_at_their_box(
    scene: Scene, wrong: dict[str, str], box: str
) -> None:
    officer = await scene.officer("8")
    asked = {"first": "2026-01-01", "last": "2026-06-30", "by": "quarter", **wrong}
    answer = await officer.post("/statistics/count", asked)
    assert answer.status == 400
    assert f'href="#{box}"' in answer.text
    assert "Figures of" not in answer.words
    assert is_safe(answer)


async def test_a_desk_that_reads_no_cases_counts_none(scene: Scene) -> None:
    makers = await scene.officer("11")
    assert (await makers.get("/statistics")).status == 403


# ── files ────────────────────────────────────────────────────────────────────────────

FILES: tuple[tuple[str, dict[str, str], str], ...] = (
    ("/inbox/us/file", {}, "tracepost-cases.csv"),
    ("/search/number/file", {"number": "@SUM"}, "tracepost-cases.csv"),
    ("/search/mark/file", {"mark": "QQ7742"}, "tracepost-marks.csv"),
    (
        "/statistics/file",
        {"first": "2026-01-01", "last": "2026-12-31", "by": "year"},
        "tracepost-statistics.csv",
    ),
)


def table_of(answer: Answer) -> list[list[str]]:
    """Return the rows of a file as a spreadsheet reads them."""
    assert answer.status == 200, answer.words
    assert answer.body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(("path", "fields", "name"), FILES)
async def test_no_cell_of_a_file_is_a_formula(
    scene: Scene, path: str, fields: dict[str, str], name: str
) -> None:
    officer = await scene.officer("8", "ar")
    answer = await officer.post(path, {**fields, "filename": "../../x", "name": "=1"})
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    for cell in (cell for row in table_of(answer) for cell in row):
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d")), cell


async def test_what_others_wrote_stands_in_a_file_as_text(scene: Scene) -> None:
    officer = await scene.officer("8")
    cases = table_of(await officer.post("/inbox/us/file", {}))
    numbers = {row[4] for row in cases}
    assert {'\'=HYPERLINK("https://xyz.example","here")', "'@SUM(1+1)", "../../../etc/passwd"} <= numbers
    assert scene.thread in {row[-1] for row in cases}
    [_heads, case] = table_of(await officer.post("/search/number/file", {"number": "=HYPER"}))
    assert case[4].startswith("'=HYPERLINK")
    marks = table_of(await officer.post("/search/mark/file", {"mark": "+2*3 QQ7742"}))
    assert "'+2*3 QQ7742" in {row[marks[0].index("mark as seen")] for row in marks if len(row) > 1}


async def test_figures_in_a_file_say_of_what_days_they_are_and_what_binds_them(scene: Scene) -> None:
    officer = await scene.officer("8")
    rows = table_of(await officer.post(*FILES[-1][:2]))
    assert rows[:3] == [["member", "XAB"], ["First day", "2026-01-01"], ["Last day", "2026-12-31"]]
    assert ["Exercises are not counted."] in rows
    asked = [row for row in rows if row[:2] == ["What others asked us", "items asked about"]]
    assert len(asked) == 2, "of the whole, and of its only part"
    assert {row[-1] for row in asked} <= {"0", "kept back"}, "four are too few to be told"


async def test_a_file_is_in_the_language_of_the_page(scene: Scene) -> None:
    officer = await scene.officer("8", "zh-Hans")
    [heads, *_rows] = table_of(await officer.post("/inbox/us/file", {}))
    assert "案件" in heads


async def test_a_list_that_is_taken_away_is_in_the_audit_trail(scene: Scene) -> None:
    async with scene.town.client("xab") as client:
        [newest] = await client.list_audit(before=0, page_size=1)
        taken = len(table_of(await (await scene.officer("9")).post("/inbox/us/file", {}))) - 1
        trail = await client.list_audit(after=newest.number, page_size=1000)
    [told] = [one for one in trail if one.action == "list-file"]
    assert (told.actor, told.subject, told.outcome) == ("officer-9", "cases", str(taken))


async def test_a_file_holds_no_more_than_its_page_would(scene: Scene) -> None:
    makers, mission = await scene.officer("11"), await scene.officer("10")
    for path, fields, _name in FILES:
        assert (await makers.post(path, fields)).status == 403, path
    [_heads, *hits] = table_of(await mission.post("/search/mark/file", {"mark": "QQ7742"}))
    assert [row for row in hits if len(row) > 1] == [], "no place, whatever is said below"


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/inbox/../etc/file", {}, 404),
        ("/inbox/%2e%2e/file", {}, 400),
        ("/inbox/nothing/file", {}, 400),
        ("/search/mark/file", {"mark": "x" * 500}, 400),
        ("/search/mark/file", {}, 400),
        ("/search/number/file", {}, 400),
        ("/statistics/file", {"first": "=1"}, 400),
    ],
)
async def test_a_file_that_cannot_be_is_refused(
    scene: Scene, path: str, fields: dict[str, str], status: int
) -> None:
    officer = await scene.officer("8")
    answer = await officer.post(path, fields)
    assert answer.status == status
    assert "content-disposition" not in answer.headers


async def test_a_file_is_given_to_a_form_of_ours_alone(scene: Scene) -> None:
    officer = await scene.officer("8")
    for path, fields, _name in FILES:
        assert (await officer.post(path, fields, token="00" * 64)).status == 403, path
        assert (await officer.get(path)).status == 405, path
    nobody = Visitor(scene.console.app, scene.console.origin)
    assert (await nobody.post("/inbox/us/file", {})).status == 303


async def test_who_is_not_signed_in_is_led_to_the_door(scene: Scene) -> None:
    nobody = Visitor(scene.console.app, scene.console.origin)
    for path in ("/search", "/directory", "/directory/xaa", "/statistics"):
        answer = await nobody.get(path)
        assert (answer.status, answer.headers["location"]) == (303, "/sign-in"), path
