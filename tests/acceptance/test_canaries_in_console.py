"""Everything that an officer can be shown at a console: canaries that are markup and formulas, and desks that look.

Members say each other all that can be said. In every field of every message stands a canary, and around it, where
there is room, what a browser would take for a tag and a spreadsheet for a formula; the office of another member is
called so too. Then a desk of each competence goes everywhere that its console leads (`fakes.console_tour`), sends every
form and prints. No page, header, PDF, table or mail may hold what `fakes.entitled` does not give to the desk, and
nothing of it may have become more than text.

A page that nobody was shown is found: all routes of the application are compared with where the officers came.
"""

from __future__ import annotations

import collections
import csv
import io
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import pypdf
import pytest
import pytest_asyncio
from PIL import Image
from starlette.routing import Route

from fakes.canaries import ITEM, Mint, Place
from fakes.canary_search import Search
from fakes.channels import loss
from fakes.command_line import text_of_pdf
from fakes.console_tour import Ask, Tour, Way
from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.correspondence import Correspondence, request
from fakes.devices import Device
from fakes.entitled import ROWS, Eyes
from fakes.given_words import answered, let_speak, say
from fakes.hostile_pages import foreign_in
from fakes.inquiry import address, letter
from fakes.letterbox import Letterbox, letterbox
from fakes.office_day import OF_A_PAPER, beginning_like, most_like
from fakes.pki import DOMAIN
from fakes.provider import ProviderAtWork, running_provider
from fakes.town import CUSTOMS, MISSION, OPERATION, PANEL, POC, POLICE, Town, found_town, until
from tracepost.console.app import make_app
from tracepost.console.forms.correction import CORRECTING
from tracepost.console.forms.guides import GUIDES
from tracepost.console.pages.printing import FORMS
from tracepost.console.rooms import all_rooms
from tracepost.node.config import DeskSettings
from tracepost.protocol.ids import DeskId
from tracepost.protocol.schema import INNER_KINDS, Sensitivity
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk.attachments import hand_in, prepare_file
from tracepost.sdk.drafts import Cover
from tracepost.sdk.policies import make_proposal
from tracepost.wire.v1 import inquiry_pb2, terms_pb2, trace_pb2
from tracepost.wire.v1.directory_pb2 import Competence

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(2400)]

EXPERTS, PEACE = "un-panel-xyz", "un-op-xyz"
POST = DeskSettings(DeskId("post"), competences=("CUSTOMS_ENFORCEMENT",), outward=False, under="police")
MAKERS = DeskSettings(DeskId("makers"), competences=("INDUSTRY_LIAISON",), outward=False)
ARMY = DeskSettings(DeskId("army"), competences=("RECORDS_CUSTODY",), outward=False)
LICENCES = DeskSettings(DeskId("licences"), competences=("LICENSING",))
BORDER = DeskSettings(DeskId("border"), competences=("BORDER",))
LABORATORY = DeskSettings(DeskId("laboratory"), competences=("FORENSIC",))
OFFICES = (POC, POLICE, CUSTOMS, MISSION, MAKERS, ARMY, LICENCES, BORDER, LABORATORY, POST)
"""The desks of XAB; officers 8, 9, 10 and so on sit at one each, 7 at all of them."""
DESKS = {"xaa": (POC, POLICE), "xab": OFFICES, "xac": (POC, POLICE), EXPERTS: (PANEL,), PEACE: (OPERATION,)}
TYPES = {EXPERTS: MemberType.PANEL, PEACE: MemberType.PEACE_OPERATION}
LOOKING = tuple(
    Eyes(member, desk, TYPES.get(member, MemberType.STATE))
    for member in ("xab", EXPERTS, PEACE)
    for desk in DESKS[member]
)
ON_CASE = ("customs", "mission", "army", "makers", "licences", "border", "laboratory")

TAG = "onxss=1>"
QUOTES = "=\"'>"
POISON = f"{QUOTES}<xss {TAG}"
AROUND = POISON + "{}"
PURPOSE, BASIS = terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION, terms_pb2.LEGAL_BASIS_ITI
RULES = "sign_ins_per_minute = 1000\npages_per_minute = 100000\n"

ELSEWHERE: Final[dict[Way, str]] = {
    (
        "POST",
        "/account/link",
    ): "test_console_account.py: takes an account at a provider, and shows nothing else",
    ("POST", "/account/unlink"): "the same",
    ("POST", "/passkeys/register"): "test_console.py: takes a browser's device",
    ("POST", "/passkeys/file"): "the same",
    ("POST", "/desk"): "test_console.py: leads to the inbox; each desk has an officer of its own here",
    ("POST", "/uploads"): "test_console_uploads.py: tells how far a file has come",
    ("HEAD", "/uploads/{upload}"): "the same",
    ("PATCH", "/uploads/{upload}"): "the same",
    ("POST", "/sent/again"): "test_console_sent.py: leads to what was sent; no mail is dead here",
    ("POST", "/waiting/held"): "test_handlers_holding.py: leads to what waits; no mail is held here",
}
"""Where nobody comes here, and why not."""

_FORMULA: Final = re.compile(r"""(?:^|[;,"])\s*[=+\-@|%\t\r\uff1d\uff0b\uff0d\uff20]""")
"""What a spreadsheet takes for one at the beginning of a cell, or behind a sign that parts cells."""
NAMED: Final = frozenset({"/sent/{list}"})
"""Pages of names that everybody knows; what stands on them is of the desk that asks."""


@dataclass
class Seen:
    """What one desk was shown: the places of its canaries by the way by which it saw them, and what is wrong."""

    eyes: Eyes
    shown: dict[Way, set[Place]] = field(default_factory=lambda: defaultdict(set))
    wrong: list[str] = field(default_factory=list)
    formulas: int = 0
    """Cells of tables that would have been formulas."""
    tagged: int = 0
    """Texts on paper that would have been tags."""
    papers: set[str] = field(default_factory=set)
    """Kinds of documents that it printed."""
    tour: Tour = field(init=False)


@dataclass
class Witness:
    """Judges what one desk is given; `grants` are the places that it may see by a way that begins so."""

    seen: Seen
    writing: Correspondence
    searches: dict[str, Search]
    grants: dict[str, set[Place]] = field(default_factory=dict)
    provider: str = ""
    """Where the provider of accounts is: the one address that a page leads to."""
    slip: str = ""
    """Where a slip to an archive is printed, which is told of the object alone."""
    likes: dict[bytes, Place | None] = field(default_factory=dict)

    def judge(self, way: Way, ask: Ask, answer: Answer) -> None:
        """Note what an answer shows, and what it should not."""
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        for canary in self.canaries_in(f"{ask.path}\n{headers}".encode()):
            self.note(ask, f"its address or headers tell {canary!s}")
        for place in self.places_in(content_of(answer), asked=ask.path.encode()):
            if self._may(way, ask, place):
                self.seen.shown[way] |= {place} if isinstance(place, Place) else set()
            else:
                self.note(ask, f"shows {place!s}")
        self._judge_form(ask, answer)
        if answer.status >= 500:
            self.note(ask, f"fails: {answer.words}")

    def note(self, ask: Ask, what: str) -> None:
        """Note what is wrong."""
        self.seen.wrong.append(f"{self.seen.eyes.name}: {ask} {what}")

    def places_in(self, content: bytes, asked: bytes) -> set[Place | bytes]:
        """Return whose canaries stand somewhere; what is like a canary and nobody's, as it stands.

        A photograph is there too where its digest is, but for the one that was `asked` for: a refusal repeats that.
        """
        digests = ((digest.hex().encode(), place) for digest, place in self.writing.mint.digests.items())
        named = {place for digest, place in digests if digest in content and digest not in asked}
        return named | self.canaries_in(content)

    def canaries_in(self, content: bytes) -> set[Place | bytes]:
        """Return the same without the photographs that are named by their digests."""
        return {
            place or self._most_like(mint, text) or text
            for mint in self.mints
            for text, place in self.searches[mint.mark].marks(content)
        }

    def _most_like(self, mint: Mint, text: bytes) -> Place | None:
        if text not in self.likes:
            self.likes[text] = most_like(mint, text)
        return self.likes[text]

    @property
    def mints(self) -> tuple[Mint, Mint]:
        return self.writing.mint, self.writing.heads

    def _may(self, way: Way, ask: Ask, place: Place | bytes) -> bool:
        if isinstance(place, bytes):  # the end of a page or line cut it: it is one of those that begin so
            return any(self._may(way, ask, one) for one in beginning_like(self.mints, place))
        if ask.path == self.slip and ask.method == "POST" and place.sensitivity not in OF_A_PAPER:
            return False
        return (
            self.writing.may(self.seen.eyes, place)
            or any(place in places for path, places in self.grants.items() if ask.path.startswith(path))
            or self._has_typed(ask, place)
        )

    def _has_typed(self, ask: Ask, place: Place) -> bool:
        typed = " ".join(value for _name, value in ask.fields)
        return any(place == of and one in typed for mint in self.mints for one, of in mint.made.items())

    def _judge_form(self, ask: Ask, answer: Answer) -> None:
        """Note what became more than text."""
        kind = answer.headers.get("content-type", "")
        if kind.startswith("text/html"):
            for one in foreign_in(answer.text, self.provider):
                self.note(ask, f"holds {one}")
        elif kind.startswith("text/csv"):
            cells = [cell for row in csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))) for cell in row]
            self.seen.formulas += sum(cell.startswith("'=") for cell in cells)
            for cell in cells:
                if _FORMULA.search(cell):
                    self.note(ask, f"holds the formula {cell}")
        elif kind == "application/pdf":
            self.seen.papers.add(
                re.findall(r'"tracepost-(.*)\.pdf"', answer.headers["content-disposition"])[0]
            )
            self._judge_paper(ask, text_of_pdf(answer.body).decode())

    def _judge_paper(self, ask: Ask, text: str) -> None:
        """Note where the tag before a canary was taken for one: what stood before it still does."""
        for canary in self.writing.mint.surrounded | self.writing.heads.surrounded:
            self.seen.tagged += f"{TAG}{canary}" in text
            if f"{QUOTES}{canary}" in text:
                self.note(ask, f"prints {canary} without its tag")


def content_of(answer: Answer) -> bytes:
    """Return what an answer tells who takes it apart: a PDF with its text, bookmarks and what it says of itself."""
    if answer.headers.get("content-type") != "application/pdf":
        return answer.body
    paper = pypdf.PdfReader(io.BytesIO(answer.body))
    told = (str(paper.metadata), str(paper.outline), str(paper.xmp_metadata), *paper.attachments)
    return b"\n".join((answer.body, text_of_pdf(answer.body), *(one.encode() for one in told)))


def photograph(canary: bytes) -> bytes:
    """Return a photograph that can be opened, with a canary in what cameras write into theirs, and behind its end."""
    content, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = exif[0x013B] = canary.decode()
    Image.new("RGB", (16, 16), "navy").save(content, "JPEG", comment=canary, exif=exif)
    return content.getvalue() + canary


# ── what was said ────────────────────────────────────────────────────────────────────


@dataclass
class Scene:
    """A town in which all was said, its consoles, and who looked."""

    town: Town
    writing: Correspondence
    consoles: dict[str, Counter]
    box: Letterbox
    provider: str
    case: str = ""
    waits: int = 0
    """Number of a message that waits for a word of the desk above."""
    requested: str = ""
    """The request of that case, which the desk of customs was let read for once."""
    papers: list[str] = field(default_factory=list)
    """Where a slip and a letter are printed."""
    begun: collections.Counter[str] = field(default_factory=collections.Counter)
    grants: dict[str, dict[str, set[Place]]] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    routes: list[Any] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("canaries")
    with running_provider(folder / "provider") as provider, letterbox() as box:
        async with said(folder, box, provider) as scene:
            await ask_for_more(scene)
            for eyes in LOOKING:
                scene.seen[eyes.name] = await look(scene, eyes)
            yield scene


@asynccontextmanager
async def said(folder: Path, box: Letterbox, provider: ProviderAtWork) -> AsyncIterator[Scene]:
    """Run the members, say everything, open the consoles."""
    town = found_town(folder / "town", DESKS, "hub", reachable=("xab",), types=TYPES)
    tell(town, box)
    call(town, "xaa")
    writing = Correspondence(town, Mint(around=AROUND, camera=photograph))
    writing.heads = Mint(around=AROUND)
    async with town.running("hub", *DESKS), AsyncExitStack() as open_:
        await town.meet(*DESKS)
        for member in DESKS:
            await town.unlock(member)
        consoles = {}
        for member in ("xab", EXPERTS, PEACE):
            rules = RULES + (provider.settings if member == "xab" else "")
            visits = visiting(town, member, folder / f"console {member}", session=rules)
            consoles[member] = await open_.enter_async_context(visits)
        scene = Scene(town, writing, consoles, box, provider.issuer)
        await say_everything(scene, folder)
        yield scene


def tell(town: Town, box: Letterbox) -> None:
    """Have every desk of XAB told by mail."""
    lines = [f'[notices]\nsmtp = "127.0.0.1:{box.port}"\nsender = "post@xab.example"\ntls = "none"']
    lines += ['[told]\nconsole = "https://console.xab.example"']
    lines += [
        f'[[told.desk]]\ndesk = "{one.desk}"\nminutes_between = 1\n'
        f'[[told.desk.duty]]\nto = ["{one.desk}@xab.example"]'
        for one in OFFICES
    ]
    with town.settings_path("xab").open("a") as settings:
        settings.write("\n" + "\n".join(lines) + "\n")


def call(town: Town, member: str) -> None:
    """Have a member announce an office of a hostile name."""
    path = town.settings_path(member)
    text = path.read_text().replace(f'name = "Office of {member}"', f"name = '''{POISON}'''")
    texts = ("organisation", "unit", "address", "duty_hours", "holidays")
    contact = "\n".join(f"{name} = '''{POISON}'''" for name in texts)
    path.write_text(f'{text}\n[[contact]]\nfunction = "duty"\n{contact}\n')


async def say_everything(scene: Scene, folder: Path) -> None:
    """Say everything, ask in the other direction as well, and put desks of XAB on the first case."""
    writing = scene.writing
    scene.case = await writing.full_case("xaa", "xab", third="xac")
    scene.requested = writing.sent[scene.case, "trace.request/1"].statement
    await writing.put_on("xab", scene.case, *ON_CASE)
    await writing.with_panel(EXPERTS, "xab")
    await writing.document(EXPERTS, PEACE)
    await ask_and_seek(writing)
    await attach(scene, folder)
    await write_on_paper(scene)


async def ask_and_seek(writing: Correspondence) -> None:
    """Let something be answered that nothing else here leaves open: a question to XAB, and losses of both sides."""
    asked = await writing.ask("xab", "xaa")
    needed = trace_pb2.NeededInformation(item_id=ITEM, code=terms_pb2.INFORMATION_CODE_PHOTOGRAPH_OF_MARK)
    question = trace_pb2.InformationRequest(needed=[needed])
    await writing.say("xaa", question, asked.thread, to="xab")
    await writing.say("xaa", loss(ITEM), None, to="xab", planted=False)
    await writing.say("xab", loss(ITEM), None, to="xaa", planted=False)


async def attach(scene: Scene, folder: Path) -> None:
    """Have XAA ask with a file whose name and content are hostile, and XAB, where it waits for the desk above."""
    writing = scene.writing
    place = Place("trace.request/1", "items.0.attachments.0", Sensitivity.OBJECT)
    canary, number = writing.canary("xaa", "xab", "", place), writing.mint.said
    report = folder / f"{POISON}.txt"
    report.write_text(f"{canary} {POISON}")
    asked = await with_file(scene, "xaa", report)
    writing.has_opened(number, (await writing.say("xaa", asked, None, to="xab")).thread)
    report.write_text(POISON)
    waiting = await with_file(scene, "xab", report)
    await writing.say("xab", waiting, None, to="xaa", desk="post", arrives=False)
    scene.waits = writing.mint.said


async def with_file(scene: Scene, member: str, path: Path) -> trace_pb2.TraceRequest:
    """Return a request with a file that an officer has handed in."""
    file, asked = prepare_file(path, None), request("with a file")
    async with scene.town.client(member) as officer:
        await hand_in(officer, file)
    asked.items[0].attachments.append(file.as_attachment())
    return asked


async def write_on_paper(scene: Scene) -> None:
    """Have XAB ask an archive by a slip and an office abroad by a letter; remember where they are printed."""
    writing, archive, abroad = scene.writing, "paper:archive", "letter:xyz-office"
    asked = request("letter")
    number = writing.plan("xab", "poc", asked, abroad)
    cover = Cover(purpose=PURPOSE, legal_basis=BASIS)
    async with scene.town.client("xab", desk="poc") as officer:
        await officer.keep_address(address(archive, name=POISON))
        await officer.keep_address(address(abroad, name=POISON, point_of_contact=True, competences=[]))
        wrote = await officer.write(None, letter(request=asked), cover)
    writing.has_opened(number, wrote.thread)
    step, custodian = inquiry_pb2.ENQUIRY_STEP_ASKED, inquiry_pb2.Custodian(id=archive)
    enquiry = inquiry_pb2.Enquiry(step=step, custodian=custodian)
    slip = await writing.enquire("xab", enquiry, scene.case, writing.opened_by[scene.case])
    scene.papers = [f"/cases/{one.thread}/paper/{one.statement}" for one in (slip, wrote)]


async def ask_for_more(scene: Scene) -> None:
    """Let something wait of all that waits for a second officer: one emergency is granted, and another waits."""
    town, console, devices = scene.town, scene.consoles["xab"], {}
    for number in ("7", "8", "9", "10"):
        devices[number] = Device(console.origin)
        await let_speak(town, "xab", number, devices[number])
    asker = await console.sign_in("10")
    granted = await ask_in_emergency(scene, asker, devices["10"])
    second = await console.sign_in("7")
    await second.post("/desk", {"desk": "customs"})
    await say(second, granted, "approved", devices["7"])
    said_first = {place for place in scene.writing.mint.made.values() if place.said == 1}
    scene.grants["xab/customs"] = {granted: said_first}
    await ask_in_emergency(scene, asker, devices["10"])
    async with town.client("xab") as officer:
        view = await officer.show_policies()
        papers = town.papers("xab")
        text = '@id("a") forbid (principal, action, resource == Class::"CONTACT");'
        await officer.propose_policy(make_proposal(view, text, POISON, papers, domain=DOMAIN, now=view.clock))


async def ask_in_emergency(scene: Scene, asker: Visitor, device: Device) -> str:
    """Ask to read the first request whole; return where it waits."""
    place, form = f"/cases/{scene.case}/break-glass", {"statement": scene.requested, "reason": POISON}
    page = await asker.post(place, form)
    asked = await asker.post(f"{place}/ask", {**form, **answered(page, "approved", device)})
    return asked.headers["location"]


# ── who looks ────────────────────────────────────────────────────────────────────────


async def look(scene: Scene, eyes: Eyes) -> Seen:
    """Let a desk go everywhere."""
    seen = Seen(eyes)
    witness = witness_of(scene, seen)
    console = scene.consoles[eyes.member]
    visitor = await sign_in(scene, eyes)
    whole = make_app(console.house, all_rooms())
    scene.routes = whole.routes
    seen.tour = Tour(
        visitor, whole.routes, witness.judge, blanks_of(scene), files(), leaves(scene), scene.begun
    )
    for path in scene.papers if eyes.name == "xab/poc" else ():
        await seen.tour.ask(Ask("POST", path, (("kind", "outgoing"), ("language", "en"))))
    await seen.tour.go([f"/cases/{scene.case}", *plain_addresses(scene.routes)])
    if eyes.name == "xab/poc":
        await write(seen.tour)
    await seen.tour.go(["/drafts?"])
    await seen.tour.end()
    return seen


async def write(tour: Tour) -> None:
    """Go through all pages of a request, and try to send it."""
    begun = await tour.ask(Ask("POST", "/drafts/begin", (("guide", "request"),)))
    draft = begun.headers["location"].rpartition("/")[0]
    for step in GUIDES["request"].steps:
        numbers = f"/{'-'.join('0' * step.depth)}" if step.depth else ""
        await tour.ask(Ask("GET", f"{draft}/{step.slug}{numbers}"))
    await tour.go([f"{draft}/check"])
    await tour.ask(Ask("POST", f"{draft}/send", (("seen", "nothing"),)))


def witness_of(scene: Scene, seen: Seen) -> Witness:
    """Return who judges what a desk is given."""
    searches = {mint.mark: Search(mint) for mint in (scene.writing.mint, scene.writing.heads)}
    grants = scene.grants.get(seen.eyes.name, {})
    return Witness(seen, scene.writing, searches, grants, scene.provider, scene.papers[0])


def leaves(scene: Scene) -> frozenset[str]:
    """Return where nobody sends a form: a case in which all is said prints slowly, and in test_console.py."""
    return frozenset({f"/cases/{scene.case}/paper"})


async def sign_in(scene: Scene, eyes: Eyes) -> Visitor:
    """Return the officer of a desk."""
    number = str(8 + DESKS[eyes.member].index(eyes.desk))
    return await scene.consoles[eyes.member].sign_in(number)


def plain_addresses(routes: list[Any]) -> list[str]:
    return [
        one.path
        for one in routes
        if isinstance(one, Route) and "GET" in (one.methods or ()) and not re.search("{|^/assets/", one.path)
    ]


def blanks_of(scene: Scene) -> dict[str, str]:
    """Return what is written into blanks: the serial number of the first request, and its file number."""
    mint = scene.writing.mint
    [serial, *_] = [
        text
        for text, place in mint.made.items()
        if place.said == 1 and place.path == "items.0.object.mark.0.text_as_seen"
    ]
    [number] = [text for text, place in scene.writing.heads.made.items() if place.said == 1]
    return {
        "mark": AROUND.format(serial),
        "number": AROUND.format(number),
        "reason": POISON,
        "language": "en",
    }


def files() -> dict[str, tuple[str, bytes]]:
    """Return a photograph, and a table of which a row is taken and another is not: there is no such ground."""
    poison = POISON.replace('"', '""')
    table = (
        f'serial;manufacturer;type;illicit ground\r\nA1;"{poison}";revolver;\r\nA2;x;revolver;"{poison}"\r\n'
    )
    return {"": ("a.jpg", photograph(b"nobody's")), "/bulk": ("a.csv", table.encode())}


# ── what is found ────────────────────────────────────────────────────────────────────


async def test_a_desk_of_every_competence_looks() -> None:
    """A competence that is new in the schema is given to a desk here, or this fails."""
    looking = {one for eyes in LOOKING for one in eyes.competences}
    assert looking == {name.removeprefix("COMPETENCE_") for name in Competence.keys()[1:]}


async def test_every_page_and_form_was_gone_through_by_some_desk(scene: Scene) -> None:
    """One that is new is reached from another page, or this fails."""
    pages = [page for room in all_rooms() for page in room.pages if page.signed_in]
    ways = {(method, page.path) for page in pages for method in page.methods}
    reached = {way for seen in scene.seen.values() for way in seen.tour.reached}
    missing = sorted(ways - reached - ELSEWHERE.keys())
    assert missing == [], missing
    assert ELSEWHERE.keys() <= ways - reached


async def test_every_message_was_begun_at_some_desk(scene: Scene) -> None:
    """Its pages show what the case holds. Corrections begin with what an officer typed: test_console.py."""
    begun = {guide for one in scene.begun for guide in GUIDES if f"('guide', '{guide}')" in one}
    missing = sorted(GUIDES.keys() - begun - CORRECTING)
    assert missing == [], missing


async def test_every_kind_of_paper_was_printed_at_some_desk(scene: Scene) -> None:
    assert {kind for seen in scene.seen.values() for kind in seen.papers} == {
        "case",
        "statement",
        "outgoing",
        *FORMS,
    }


@pytest.mark.parametrize("name", [eyes.name for eyes in LOOKING])
async def test_a_desk_is_shown_nothing_that_is_not_for_it_and_nothing_but_text(
    scene: Scene, name: str
) -> None:
    """By any page, form, header, address, table or paper."""
    assert scene.seen[name].wrong == []


async def test_every_canary_is_shown_to_some_desk_that_may_see_it(scene: Scene) -> None:
    """Nobody looked at empty pages, in whichever field of whichever message; but for one that has not gone out yet."""
    shown = {place for seen in scene.seen.values() for places in seen.shown.values() for place in places}
    wanted = {
        place
        for mint in (scene.writing.mint, scene.writing.heads)
        for place in mint.made.values()
        if place.said != scene.waits and any(scene.writing.may(eyes, place) for eyes in LOOKING)
    }
    assert {place.sensitivity for place in wanted} > set(ROWS)
    missing = sorted(f"{place.said} {place}" for place in wanted - shown)
    assert missing == [], missing


@pytest.mark.parametrize("name", [eyes.name for eyes in LOOKING])
async def test_a_desk_is_shown_each_canary_of_the_first_case_that_is_for_it(scene: Scene, name: str) -> None:
    seen = scene.seen[name]
    wanted = {
        place
        for place in scene.writing.places(scene.case)
        if scene.writing.may(seen.eyes, place)
        and (seen.eyes.desk.on_every_case or place.kind not in INNER_KINDS)
    }
    assert bool(wanted) == (name in {f"xab/{desk}" for desk in ("poc", "police", *ON_CASE)} - {"xab/makers"})
    assert sorted(map(str, wanted - seen.shown["GET", "/cases/{case}"])) == []


async def test_files_of_cases_hold_what_was_said(scene: Scene) -> None:
    """They are searched as they are taken away: in a form in which canaries are found."""
    taken = {name for name, seen in scene.seen.items() if seen.shown["POST", "/cases/{case}/export"]}
    assert {"xab/poc", "xab/police"} <= taken


async def test_what_others_wrote_was_markup_and_formulas(scene: Scene) -> None:
    """Where it was shown, it could have become more than text."""
    assert sum(seen.formulas for seen in scene.seen.values()) > 0
    assert sum(seen.tagged for seen in scene.seen.values()) > 0
    assert len(scene.writing.mint.surrounded) > len(scene.writing.mint.made) // 2


async def test_no_desk_opens_a_page_of_another_by_its_address(scene: Scene) -> None:
    """Whoever guesses the number of a case, a draft, a table or what waits is shown what is for his desk."""
    for name, seen in scene.seen.items():
        before = len(seen.wrong)
        tour = Tour(await sign_in(scene, seen.eyes), scene.routes, seen.tour.judge)
        for path in guesses_of(scene, seen):
            answer = await tour.ask(Ask("GET", path))
            route = tour.route(Ask("GET", path))
            if seen.eyes.desk is MAKERS or route.startswith(("/drafts/", "/bulk/")):
                assert answer.status in {403, 404} or route in NAMED, (name, path)
        assert seen.wrong[before:] == []


def guesses_of(scene: Scene, seen: Seen) -> list[str]:
    """Return addresses of each page that other desks of a member were led to, and this one was not."""
    own = {path for paths in seen.tour.addresses.values() for path in paths}
    theirs = [
        path
        for other in scene.seen.values()
        for route, paths in other.tour.addresses.items()
        if other.eyes.member == seen.eyes.member and other is not seen and "{" in route
        for path in paths[: 3 if seen.eyes.desk is MAKERS else 1]
    ]
    return [path for path in dict.fromkeys(theirs) if path not in own]


async def test_what_is_wrong_with_a_page_is_noticed(scene: Scene) -> None:
    """One for another desk; texts of others that were put into a page, a table or a header as they came."""
    [makers] = [eyes for eyes in LOOKING if eyes.desk is MAKERS]
    page = await (await sign_in(scene, LOOKING[0])).get(f"/cases/{scene.case}")
    canary = next(iter(scene.writing.mint.surrounded))
    for kind, name, body in (
        ("text/html", "", page.body),
        ("text/html", "", f"<p>{POISON}</p>".encode()),
        ("text/html", "", f"<input value='{POISON}'>".encode()),
        ("text/csv", "", f"7;{POISON}".encode()),
        ("text/csv", "", POISON.encode()),
        ("text/plain", canary, b""),
    ):
        seen, headers = Seen(makers), {"content-type": kind, "content-disposition": name}
        witness_of(scene, seen).judge(("GET", "/"), Ask("GET", "/"), Answer(200, headers, body, 0))
        assert seen.wrong, (kind, name, body)


async def test_no_mail_tells_what_was_said(scene: Scene) -> None:
    """Every desk at which something waits is told so, and nothing of what it is."""
    waits = {f"{desk}@xab.example" for desk in ("poc", "police", "customs")}
    await until(
        lambda: waits <= {one for to in scene.box.recipients for one in to}, "the mails that something waits"
    )
    told = b"\n".join(part for mail in list(scene.box.mails) for part in parts_of(mail))
    assert b"https://console.xab.example" in told
    assert TAG.encode() not in told
    for mint in (scene.writing.mint, scene.writing.heads):
        assert Search(mint).data("mail", told) == []


def parts_of(mail: EmailMessage) -> Iterator[bytes]:
    """Yield a mail as it came, and what its parts say."""
    yield bytes(mail)
    yield str(mail["Subject"]).encode()
    yield from (part.get_content().encode() for part in mail.walk() if not part.is_multipart())
