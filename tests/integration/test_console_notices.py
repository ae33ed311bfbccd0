"""An officer in the field tells of a seizure in a console, asked without a browser between real nodes.

What each desk of the others gets is what the last page said that it would see, value by value.
"""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.notices_written import FORMS, HIT, LOSS, SEIZURE, SERIAL, Form
from fakes.town import CUSTOMS, POC, POLICE, SERVICE, Town, found_town, until
from tracepost.console.forms.preview import lines_of
from tracepost.locale.words import words_of
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk.drafts import Cover
from tracepost.wire.v1 import desk_pb2, loss_pb2, terms_pb2, weapon_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 50 * 1024
SERVICE_OF_XAC = "xac-customs"
READERS = {"xab": ("poc", "police", "customs"), SERVICE_OF_XAC: ("customs",)}
WORDS = words_of("en")
DIRECTIONS = {"ar": "rtl", "en": "ltr", "es": "ltr", "fr": "ltr", "ru": "ltr", "zh-Hans": "ltr"}


@dataclass(frozen=True)
class Scene:
    """XAA's console beside its node, with another State and a customs service that its mail goes to."""

    town: Town
    console: Counter
    folder: Path
    officer: Visitor
    """Of the customs desk alone."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("notices")
    offices = (POC, POLICE, CUSTOMS)
    town = found_town(
        folder / "town",
        {"xaa": offices, "xab": offices, SERVICE_OF_XAC: (SERVICE,)},
        "hub",
        types={SERVICE_OF_XAC: MemberType.ORGANISATION},
    )
    members = ("xaa", "xab", SERVICE_OF_XAC)
    async with town.running("hub", *members):
        await town.meet(*members)
        for member in members:
            await town.unlock(member)
        limits = "sign_ins_per_minute = 100\npages_per_minute = 5000"
        async with visiting(town, "xaa", folder / "console", session=limits) as console:
            yield Scene(town, console, folder / "console", await console.sign_in("10"))


each_form = pytest.mark.parametrize("form", FORMS, ids=[one.guide for one in FORMS])


def photograph() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (640, 400), "navy").save(content, "JPEG")
    return content.getvalue()


async def begin(officer: Visitor, form: Form) -> str:
    """Begin a message as the page of drafts does; return the number of its draft."""
    assert f'value="{form.guide}"' in (await officer.get("/drafts")).text
    answer = await officer.post("/drafts/begin", {"guide": form.guide})
    return answer.headers["location"].split("/")[2]


async def write(officer: Visitor, form: Form, number: str) -> str:
    """Fill in a form page by page, as a browser without scripts does; return the number of its draft."""
    draft = await begin(officer, form)
    for page, fields in form.filled(number, *READERS):
        answer = await officer.post(f"/drafts/{draft}/{page}", fields)
        assert answer.status == 303, (page, answer.words)
    file = ("photograph.jpg", photograph())
    said = {"view": "SERIAL", "mark": ["0", "9", "x"]}
    answer = await officer.post(f"/drafts/{draft}/photograph/0", said, [("file", file)])
    assert answer.status == 303, answer.words
    assert SERIAL in (await officer.get(f"/drafts/{draft}/photographs/0")).words
    return draft


async def check(officer: Visitor, draft: str) -> Answer:
    """Return the last page of a draft that can be sent."""
    page = await officer.get(f"/drafts/{draft}/check")
    assert "It cannot be sent yet" not in page.words, page.words
    return page


async def send(officer: Visitor, draft: str, page: Answer) -> str:
    """Press the button of the last page; return the case that it made."""
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen is not None
    answer = await officer.post(f"/drafts/{draft}/send", {"seen": seen.group(1)})
    case = re.search(r'href="/cases/([0-9a-f-]{36})"', (await officer.follow(answer)).text)
    assert case is not None
    return case.group(1)


def previewed(page: Answer) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Return what the last page says that each desk of the recipients would see: names of fields, and values.

    What their nodes open of every message is no desk's.
    """
    seen = {}
    for block in re.findall(r"<details.*?</details>", page.text, re.DOTALL):
        who = re.search(r'console-code">([a-z-]+)/([a-z-]+)<', block)
        rows = re.findall(r"<dt[^>]*>(.*?)</dt><dd[^>]*><bdi>(.*?)</bdi></dd>", block, re.DOTALL)
        assert who is not None
        if who.group(2) == "node":
            continue
        seen[who.group(1), who.group(2)] = {
            (unescape(label), unescape(text)) for label, text in rows if text != "written by your node"
        }
    return seen


async def arrived(scene: Scene, case: str, member: str, desk: str) -> set[tuple[str, str]]:
    """Return what a desk reads of the one message of a case, once that is there."""
    question = f"SELECT 1 FROM statement WHERE thread = '{case}' AND in_effect"
    await until(lambda: scene.town.ask(member, question), f"the notice at {member}")
    async with scene.town.client(member, desk=desk) as client:
        (came,) = (await client.show_case(case)).statements
    lines = lines_of(desk_pb2.Draft(content=came.content), WORDS)
    return {(one.label, one.text) for one in lines if not one.path.startswith("withheld")}


@each_form
async def test_what_each_desk_gets_is_what_the_last_page_said_that_it_would_see(
    scene: Scene, form: Form
) -> None:
    draft = await write(scene.officer, form, "N-1")
    page = await check(scene.officer, draft)
    told = previewed(page)
    assert set(told) == {(member, desk) for member, desks in READERS.items() for desk in desks}
    case = await send(scene.officer, draft, page)
    for (member, desk), seen in told.items():
        assert await arrived(scene, case, member, desk) == seen, (member, desk)
    texts = {who: " ".join(text for _label, text in seen) for who, seen in told.items()}
    for text in texts.values():
        assert SERIAL in text
    assert [who for who, text in texts.items() if "canary-exact-place" in text] == [("xab", "police")]


@each_form
async def test_how_it_is_to_be_handled_stands_in_bold_from_its_draft_to_its_case(
    scene: Scene, form: Form
) -> None:
    draft = await write(scene.officer, form, "N-7")
    page = await check(scene.officer, draft)
    assert banded(page) == form.handling()
    listed = await scene.officer.get("/drafts")
    rows = re.findall("<tr.*?</tr>", listed.text, re.DOTALL)
    [row] = [one for one in rows if f"/drafts/{draft}/" in one]
    assert "; ".join(form.handling()) in bold(row)
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen is not None
    sent = await scene.officer.follow(
        await scene.officer.post(f"/drafts/{draft}/send", {"seen": seen.group(1)})
    )
    assert banded(sent) == form.handling()
    case = re.search(r'href="(/cases/[0-9a-f-]{36})"', sent.text)
    assert case is not None
    assert banded(await scene.officer.get(case.group(1))) == form.handling()


def bold(text: str) -> list[str]:
    """Return what stands in bold."""
    return [unescape(one) for one in re.findall(r"<strong[^>]*>(.*?)</strong>", text, re.DOTALL)]


def banded(page: Answer) -> list[str]:
    """Return what stands in the band of handling instructions above a page, which is bold."""
    band = re.search(r'<section class="console-handling".*?</section>', page.text, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", unescape(band.group(0))) if band else []


@each_form
async def test_what_is_typed_stands_in_no_address_and_in_the_clear_in_no_file(
    scene: Scene, form: Form
) -> None:
    draft = await write(scene.officer, form, "N-2")
    addresses = set[str]()
    for page in ("/drafts", *form.addresses(draft)):
        text = (await scene.officer.get(page)).text
        addresses |= {unescape(one) for one in re.findall(r'(?:href|action|src)="([^"]*)"', text)}
    assert addresses
    typed = form.canaries()
    assert {one for one in addresses for word in typed if word in one} == set()
    assert "canary-summary-of-it" in (await check(scene.officer, draft)).words
    written = b"".join(one.read_bytes() for one in scene.folder.iterdir() if one.is_file())
    assert {word for word in typed if word.encode() in written} == set()


@each_form
async def test_every_page_is_light_and_comes_in_each_language(scene: Scene, form: Form) -> None:
    draft = await write(scene.officer, form, "N-3")
    titles: dict[str, list[str]] = {}
    for language, direction in DIRECTIONS.items():
        officer = await scene.console.sign_in("10", language=language)
        for path in ("/drafts", *form.addresses(draft)):
            answer = await officer.get(path)
            assert (answer.status, answer.sent <= PAGE_BYTES) == (200, True), (path, answer.sent)
            assert re.search(rf'<html[^>]* lang="{language}"[^>]* dir="{direction}"', answer.text), path
            titles.setdefault(path, []).extend(re.findall(r"<h1[^>]*>(.*?)</h1>", answer.text))
    assert {path: said for path, said in titles.items() if len({*said}) < len(DIRECTIONS)} == {}


async def test_the_end_of_a_loss_is_told_in_its_case_and_only_of_what_is_sought_still(scene: Scene) -> None:
    officer, head = scene.officer, LOSS.message
    draft = await write(officer, LOSS, "N-5")
    second = f"{head}.items.1"
    number_of_packages = {f"{second}.packaging.crate_number": "C-17"}
    for page, said in (("item/1", {f"{second}.kind": "PACKAGING"}), ("thing/1", number_of_packages)):
        assert (await officer.post(f"/drafts/{draft}/{page}", said)).status == 303
    case = await send(officer, draft, await check(officer, draft))
    for found, left in (("2", ["1"]), ("1", [])):
        assert 'value="loss-end"' in (await officer.get(f"/write/{case}")).text
        answer = await officer.post("/drafts/begin", {"guide": "loss-end", "case": case})
        number = answer.headers["location"].split("/")[2]
        shown = await officer.get(f"/drafts/{number}/say")
        assert set(re.findall(r'name="~ended"[^>]* value="([^"]*)"', shown.text)) == {found, *left}
        ended = {
            "~ended": [found],
            "to": [*READERS],
            f"{head}.status": "RECOVERED",
            f"{head}.found_situations": ["SEIZED"],
            f"{head}.file_number": "N-5",
            f"{head}.reporting_unit": "Weapons desk of XAA",
        }
        answer = await officer.post(f"/drafts/{number}/say", ended)
        assert answer.status == 303, answer.words
        assert await send(officer, number, await check(officer, number)) == case
    assert 'value="loss-end"' not in (await officer.get(f"/write/{case}")).text
    question = f"SELECT 1 FROM statement WHERE thread = '{case}' AND in_effect"
    await until(lambda: len(scene.town.ask("xab", question)) == 3, "both ends of the search at xab")
    async with scene.town.client("xab", desk="police") as client:
        _notice, first, last = (await client.show_case(case)).statements
    assert [[item.id for item in one.content.loss_notice.items] for one in (first, last)] == [["2"], ["1"]]
    assert first.content.loss_notice.status == loss_pb2.LOSS_STATUS_RECOVERED


async def sought_by_xab(
    scene: Scene, *, serial: str = "QX 77-4103826", case: str | None = None, count: int = 1
) -> str:
    """Have XAB tell XAA of a theft, in `case` or a new one; return the case once `count` notices are here."""
    notice = loss_pb2.LossNotice(
        file_number="L-77",
        status=loss_pb2.LOSS_STATUS_STOLEN,
        reporting_unit="Weapons desk of XAB",
        items=[a_pistol("1", serial), a_pistol("2", "canary-second")],
    )
    cover = Cover(
        to=("xaa",),
        purpose=terms_pb2.PURPOSE_RECOVERY,
        legal_basis=terms_pb2.LEGAL_BASIS_FIREARMS_PROTOCOL,
    )
    async with scene.town.client("xab", desk="poc") as client:
        case = (await client.notify_loss(notice, cover, case)).thread
    question = f"SELECT 1 FROM statement WHERE thread = '{case}' AND in_effect"
    await until(lambda: len(scene.town.ask("xaa", question)) == count, "the notice at xaa")
    return case


def a_pistol(number: str, serial: str) -> weapon_pb2.Item:
    item = weapon_pb2.Item(id=number, kind=weapon_pb2.ITEM_KIND_WEAPON)
    item.object.mark.add(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen=serial)
    return item


async def write_hit(officer: Visitor, case: str) -> str:
    """Say in the case of a notice that its first item was seen; return the number of the draft."""
    assert 'value="hit"' in (await officer.get(f"/write/{case}")).text
    answer = await officer.post("/drafts/begin", {"guide": "hit", "case": case})
    draft = answer.headers["location"].split("/")[2]
    for page, fields in HIT.filled("H-1"):
        answer = await officer.post(f"/drafts/{draft}/{page}", fields)
        assert answer.status == 303, (page, answer.words)
    return draft


async def test_what_another_state_seeks_was_seen_and_each_desk_there_gets_what_the_last_page_said(
    scene: Scene,
) -> None:
    case = await sought_by_xab(scene)
    draft = await write_hit(scene.officer, case)
    shown = await scene.officer.get(f"/drafts/{draft}/item/0")
    assert "QX 77-4103826" in shown.words, "the items that are sought are told by their marks"
    page = await check(scene.officer, draft)
    told = previewed(page)
    assert set(told) == {("xab", desk) for desk in READERS["xab"]}
    assert await send(scene.officer, draft, page) == case
    question = f"SELECT 1 FROM statement WHERE thread = '{case}' AND kind = 'register.hit/1' AND in_effect"
    await until(lambda: scene.town.ask("xab", question), "the hit at xab")
    for (_member, desk), seen in told.items():
        async with scene.town.client("xab", desk=desk) as client:
            [notice, hit] = (await client.show_case(case)).statements
        lines = lines_of(desk_pb2.Draft(content=hit.content), WORDS)
        assert {(o.label, o.text) for o in lines if not o.path.startswith("withheld")} == seen, desk
        [one] = hit.content.hit.recognised
        assert (one.statement_digest, one.item_id) == (notice.statement, "1")
        assert one.seen_item_id == hit.content.hit.items[0].id
    assert [desk for (_, desk), seen in told.items() if "canary-exact-place" in str(seen)] == ["police"]


async def test_a_form_shows_the_items_of_the_notice_that_it_names_after_a_later_one_with_the_same_numbers(
    scene: Scene,
) -> None:
    case = await sought_by_xab(scene)
    draft = await write_hit(scene.officer, case)
    await sought_by_xab(scene, serial="ZW 11-9", case=case, count=2)
    shown = await scene.officer.get(f"/drafts/{draft}/item/0")
    assert "QX 77-4103826" in shown.words
    assert "ZW 11-9" not in shown.words


async def test_a_serial_number_alone_is_not_certain_and_the_page_says_so(scene: Scene) -> None:
    draft = await write_hit(scene.officer, await sought_by_xab(scene))
    certain = {
        f"{HIT.message}.recognised.0.{name}": said
        for name, said in (("item_id", "1"), ("confidence", "CERTAIN"))
    }
    answer = await scene.officer.post(
        f"/drafts/{draft}/item/0", {f"{HIT.message}.items.0.kind": "WEAPON", **certain}
    )
    assert answer.status == 303, answer.words
    page = await scene.officer.get(f"/drafts/{draft}/check")
    assert "a serial number alone does not make it certain" in page.words
    assert 'name="seen"' not in page.text


async def test_pages_of_a_hit_are_light_and_come_in_each_language(scene: Scene) -> None:
    draft = await write_hit(scene.officer, await sought_by_xab(scene))
    titles: dict[str, set[str]] = {}
    for language in DIRECTIONS:
        officer = await scene.console.sign_in("10", language=language)
        for path in HIT.addresses(draft):
            answer = await officer.get(path)
            assert (answer.status, answer.sent <= PAGE_BYTES) == (200, True), (path, answer.sent)
            titles.setdefault(path, set()).update(re.findall(r"<h1[^>]*>(.*?)</h1>", answer.text))
    assert {path for path, said in titles.items() if len(said) < len(DIRECTIONS)} == set()


async def test_a_loss_by_which_nothing_can_be_recognised_is_not_sent(scene: Scene) -> None:
    officer, head = scene.officer, LOSS.message
    draft = await write(officer, LOSS, "N-6")
    assert (await officer.post(f"/drafts/{draft}/item/1", {f"{head}.items.1.kind": "WEAPON"})).status == 303
    page = await officer.get(f"/drafts/{draft}/check")
    assert "each item is recognised by something: add a mark, a number or a lot." in page.words
    assert 'name="seen"' not in page.text


async def test_what_a_page_needs_is_said_when_it_is_sent_and_what_was_typed_stays(scene: Scene) -> None:
    officer, head = scene.officer, SEIZURE.message
    draft = await begin(officer, SEIZURE)
    mark = f"{head}.items.0.object.mark.0"
    await officer.post(f"/drafts/{draft}/item/0", {f"{head}.items.0.kind": "WEAPON"})
    typed = {f"{mark}.role": "MANUFACTURER_SERIAL", f"{mark}.text_as_seen": "B0-17"}
    answer = await officer.post(f"/drafts/{draft}/mark/0-0", {**typed, f"~{mark}.text_as_seen": "B0-77"})
    assert answer.status == 422
    assert "The two typings differ at sign 4." in answer.words
    assert "Some signs look like others." in answer.words
    assert 'value="B0-17"' in answer.text
    answer = await officer.post(f"/drafts/{draft}/goods", {f"{head}.hs_codes": "pistols"})
    assert answer.status == 422
    for words in ("Pieces found: this is needed.", "HS codes as found: this is not in the form"):
        assert words in answer.words
    assert "It cannot be sent yet" in (await officer.get(f"/drafts/{draft}/check")).words


async def test_a_seizure_of_fewer_pieces_than_items_is_not_sent_and_leads_to_the_page_to_mend(
    scene: Scene,
) -> None:
    officer, head = scene.officer, SEIZURE.message
    draft = await write(officer, SEIZURE, "N-4")
    await officer.post(f"/drafts/{draft}/item/1", {f"{head}.items.1.kind": "PACKAGING"})
    page = await officer.get(f"/drafts/{draft}/check")
    assert "Pieces found: fewer pieces are counted than are listed." in page.words
    assert 'name="seen"' not in page.text
    assert f'href="/drafts/{draft}/goods?then=check#{head}.quantity"' in page.text


async def test_a_photograph_of_what_is_no_weapon_any_more_does_not_go(scene: Scene) -> None:
    officer, item = scene.officer, f"{SEIZURE.message}.items.0"
    draft = await write(officer, SEIZURE, "N-8")
    await officer.post(f"/drafts/{draft}/item/0", {f"{item}.kind": "AMMUNITION"})
    await officer.post(f"/drafts/{draft}/thing/0", {f"{item}.ammunition.lot_number": "canary-lot"})
    case = await send(officer, draft, await check(officer, draft))
    async with scene.town.client("xaa", desk="customs") as client:
        (sent,) = (await client.show_case(case)).statements
    (went,) = sent.content.seizure_notice.items
    assert (went.ammunition.lot_number, list(went.object.photograph)) == ("canary-lot", [])
