"""Paper from a console, without a browser: what a desk may print, for whom, in which language, and what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from pypdf import PdfReader
from structlog.testing import capture_logs

from fakes import messages as m
from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.house import draft
from fakes.inquiry import address, enquiry, letter
from fakes.town import MISSION, POC, POLICE, Town, found_town, until
from tracepost.console.printing import AT_ONCE, IN_HAND, Printers, _end
from tracepost.locale import languages
from tracepost.locale.words import words_of
from tracepost.paper.press import join_input
from tracepost.protocol.errors import InternalError, LimitError, NotFoundError
from tracepost.sdk.drafts import Cover
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 50 * 1024
NOBODYS = "0190a7a0-0000-7000-8000-000000000000"
WORD = "Nemorino"
"""Of a class that not every desk reads."""


def photograph() -> bytes:
    """Return a JPEG."""
    content = io.BytesIO()
    Image.new("RGB", (320, 200), "navy").save(content, "JPEG")
    return content.getvalue()


PHOTOGRAPH = photograph()
"""Of the weapon; the others that the request names cannot be decoded."""
ARCHIVE, ABROAD = "Office paper:archive", "Office letter:xyz-office"

COVER = Cover(purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION, legal_basis=terms_pb2.LEGAL_BASIS_ITI)


@dataclass
class Scene:
    """XAB's console beside its node: XAA has asked, XAB asks an archive on paper and writes to an office abroad."""

    town: Town
    console: Counter
    case: str
    slip: str
    letter_case: str
    letter: str
    exercise: str
    visitors: dict[str, Visitor]

    async def officer(self, number: str) -> Visitor:
        """Return an officer who is signed in; each signs in once."""
        if number not in self.visitors:
            self.visitors[number] = await self.console.sign_in(number)
        return self.visitors[number]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("printing")
    town = found_town(folder / "town", {"xaa": (POC, POLICE), "xab": (POC, POLICE, MISSION)}, "hub")
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        for member in ("xaa", "xab"):
            await town.unlock(member)
        async with town.client("xaa") as officer:
            asked = m.rich_request("T-2026-1", m.Words(personal=WORD))
            asked.items[0].object.photograph.add(
                view="PHOTOGRAPH_VIEW_LEFT",
                media_type="image/jpeg",
                sha256=hashlib.sha256(PHOTOGRAPH).digest(),
                size=len(PHOTOGRAPH),
            )
            sent = await officer.submit(draft(asked, to=["xab"], parts=[m.PICTURE, m.SCENE, PHOTOGRAPH]))
            trained = await officer.submit(draft(m.request("T-2026-2"), to=["xab"], exercise=True))
        question = "SELECT count(*) FROM statement WHERE in_effect"
        await until(lambda: town.ask("xab", question) == [(2,)], "two statements at xab")
        async with town.client("xab", desk="poc") as officer:
            await officer.keep_address(address("paper:archive"))
            await officer.keep_address(address("letter:xyz-office", point_of_contact=True, competences=[]))
            to_archive = enquiry("", custodian=inquiry_pb2.Custodian(id="paper:archive"))
            slip = await officer.enquire(sent.thread, to_archive)
            wrote = await officer.write(None, letter(request=m.request("T-9")), COVER)
        session = "sign_ins_per_minute = 100\npages_per_minute = 5000"
        async with visiting(town, "xab", folder / "console", session=session) as console:
            yield Scene(
                town, console, sent.thread, slip.statement, wrote.thread, wrote.statement, trained.thread, {}
            )


def text_of(answer: Answer, kind: str) -> str:
    """Return what stands on the pages of a PDF that was given as a file to be kept."""
    assert answer.status == 200, answer.words
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="tracepost-{kind}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    pages = PdfReader(io.BytesIO(answer.body)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def prints(scene: Scene) -> list[tuple[str, ...]]:
    """Return who printed which statement at which desk, or for whom, as the audit trail has it."""
    return scene.town.ask("xab", "SELECT actor, subject, outcome FROM audit_event WHERE action = 'print'")


# ── what is printed ──────────────────────────────────────────────────────────────────


async def test_each_statement_of_a_case_leads_to_its_paper(scene: Scene) -> None:
    officer = await scene.officer("8")
    page = await officer.get(f"/cases/{scene.case}")
    assert f'href="/cases/{scene.case}/paper"' in page.text
    assert f'href="/cases/{scene.case}/paper/{scene.slip}"' in page.text
    assert f"Print for {ARCHIVE}" in page.words
    choice = await officer.get(f"/cases/{scene.case}/paper/{scene.slip}")
    assert choice.status == 200
    assert f"For {ARCHIVE}: what goes there on paper" in choice.words
    assert choice.sent <= PAGE_BYTES
    assert "For whom?" not in (await officer.get(f"/cases/{scene.case}/paper")).words


async def test_a_case_and_a_statement_are_printed_and_the_trail_says_so(scene: Scene) -> None:
    officer = await scene.officer("8")
    whole = await officer.post(f"/cases/{scene.case}/paper", {"language": "en"})
    assert "Case file" in text_of(whole, "case")
    alone = await officer.post(
        f"/cases/{scene.case}/paper/{scene.slip}", {"language": "en", "kind": "statement"}
    )
    assert scene.case in text_of(alone, "statement")
    assert ("officer-8", scene.slip, "poc") in prints(scene)


async def test_a_slip_and_a_letter_say_what_who_gets_them_may_read_in_his_language(scene: Scene) -> None:
    officer = await scene.officer("8")
    asked = {"language": "fr", "kind": "outgoing"}
    slip = text_of(await officer.post(f"/cases/{scene.case}/paper/{scene.slip}", asked), "outgoing")
    assert words_of("fr").gettext("Enquiry") in slip
    assert ARCHIVE in slip
    wrote = text_of(await officer.post(f"/cases/{scene.letter_case}/paper/{scene.letter}", asked), "outgoing")
    assert words_of("fr").gettext("Letter") in wrote
    assert ABROAD in wrote
    told = [outcome for _actor, subject, outcome in prints(scene) if subject == scene.slip]
    assert any(one.startswith("poc for ") for one in told), told


async def test_a_desk_prints_no_more_than_it_reads(scene: Scene) -> None:
    printed, read = dict[str, bool](), dict[str, bool]()
    for number, desk in (("8", "poc"), ("9", "police"), ("10", "mission")):
        officer = await scene.officer(number)
        read[desk] = WORD in (await officer.get(f"/cases/{scene.case}")).words
        answer = await officer.post(f"/cases/{scene.case}/paper", {"language": "en"})
        printed[desk] = answer.status == 200 and WORD in text_of(answer, "case")
        assert answer.status in {200, 403}
    assert printed == read
    assert set(read.values()) == {True, False}


def photographs_on(answer: Answer) -> int:
    """Return how many photographs are on the pages of a PDF."""
    pages = PdfReader(io.BytesIO(answer.body)).pages
    return len({one.data for page in pages for one in page.images})


async def test_a_photograph_is_printed_for_the_desk_that_sees_it_and_what_is_none_is_said(
    scene: Scene,
) -> None:
    printed = dict[str, int]()
    for number, desk in (("8", "poc"), ("9", "police"), ("10", "mission")):
        officer = await scene.officer(number)
        answer = await officer.post(f"/cases/{scene.case}/paper", {"language": "en"})
        printed[desk] = photographs_on(answer) if answer.status == 200 else 0
        if printed[desk]:
            text = text_of(answer, "case")
            assert hashlib.sha256(PHOTOGRAPH).hexdigest() in text.replace(" ", "")
            assert "Not printed: the photograph is damaged" in text
    assert printed["mission"] == 0
    assert min(printed["poc"], printed["police"]) > 0


async def test_a_letter_that_names_no_photograph_has_none_and_a_slip_has_those_of_its_item(
    scene: Scene,
) -> None:
    officer, asked = await scene.officer("8"), {"language": "en", "kind": "outgoing"}
    wrote = await officer.post(f"/cases/{scene.letter_case}/paper/{scene.letter}", asked)
    slip = await officer.post(f"/cases/{scene.case}/paper/{scene.slip}", asked)
    assert (photographs_on(wrote), photographs_on(slip)) == (0, 1)


async def test_what_is_not_here_is_not_printed(scene: Scene) -> None:
    officer = await scene.officer("8")
    for path in (f"/cases/{NOBODYS}/paper", f"/cases/{scene.letter_case}/paper/{scene.slip}"):
        assert (await officer.get(path)).status == 404
        answer = await officer.post(path, {"language": "en"})
        assert answer.status == 404, answer.words


@pytest.mark.parametrize("kind", ["statement", "outgoing"])
async def test_a_paper_of_another_case_is_not_printed_and_the_trail_has_no_print(
    scene: Scene, kind: str
) -> None:
    officer, before = await scene.officer("8"), prints(scene)
    asked = {"language": "en", "kind": kind}
    answer = await officer.post(f"/cases/{scene.exercise}/paper/{scene.slip}", asked)
    assert answer.status == 404, answer.words
    assert prints(scene) == before


async def test_an_exercise_keeps_its_colour(scene: Scene) -> None:
    officer = await scene.officer("8")
    assert "console-exercise__band" in (await officer.get(f"/cases/{scene.exercise}/paper")).text
    answer = await officer.post(f"/cases/{scene.exercise}/paper", {"language": "en"})
    assert "EXERCISE" in text_of(answer, "case")


@pytest.mark.parametrize("kind", ["seizure", "item"])
async def test_blank_forms_for_the_field_are_printed(scene: Scene, kind: str) -> None:
    officer = await scene.officer("8")
    assert (await officer.get("/forms")).sent <= PAGE_BYTES
    assert text_of(await officer.post("/forms", {"kind": kind, "language": "en"}), kind)


async def test_the_pages_speak_the_language_of_the_officer_and_offer_it_first(scene: Scene) -> None:
    officer = await scene.officer("8")
    for spoken in languages():
        officer.language = spoken.bcp47
        for path in ("/forms", f"/cases/{scene.case}/paper/{scene.slip}"):
            page = await officer.get(path)
            assert f'<html lang="{spoken.bcp47}"' in page.text
            assert f'<option value="{spoken.bcp47}" selected' in page.text
            assert words_of(spoken.tag).gettext("Save as PDF") in page.text
    officer.language = "en"


# ── what is refused ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/forms", {"kind": "nothing", "language": "en"}),
        ("/forms", {"kind": "case", "language": "en"}),
        ("/forms", {"kind": "item", "language": "-c"}),
        ("/forms", {}),
    ],
)
async def test_a_form_that_nobody_offers_is_refused(scene: Scene, path: str, said: Mapping[str, str]) -> None:
    assert (await (await scene.officer("8")).post(path, said)).status == 400


async def test_a_print_needs_the_token_of_a_page(scene: Scene) -> None:
    officer = await scene.officer("8")
    answer = await officer.post(f"/cases/{scene.case}/paper", {"language": "en"}, token="somebody's")
    assert answer.status == 403


# ── how many at once ─────────────────────────────────────────────────────────────────


async def test_an_officer_has_one_document_made_at_a_time_and_another_is_made_meanwhile() -> None:
    printers = Printers()
    first = asyncio.create_task(printers.set("8", "item", "en"))
    await asyncio.sleep(0)  # it has begun
    with pytest.raises(LimitError) as refused:
        await printers.set("8", "item", "en")
    assert refused.value.reason == "printing"
    assert (await printers.set("9", "seizure", "en")).startswith(b"%PDF")
    assert (await first).startswith(b"%PDF")
    assert (await printers.set("8", "item", "ar")).startswith(b"%PDF")


ENDLESS = "import os, sys, time; open(sys.argv[1], 'w').write(f'{os.getpid()} '); time.sleep(9_000)"
CHATTY = "import sys, time; sys.stdout.write('x' * 2**20); sys.stdout.flush(); time.sleep(9_000)"
LIMIT = """
import resource, sys
from tracepost.paper.press import main
sys.argv[1:] = ["case", "en"]
main()
print(resource.getrlimit(resource.RLIMIT_CORE), file=sys.stderr)
"""


def gives(content: bytes) -> Callable[[], Awaitable[bytes]]:
    """Return a node's answer."""

    async def ask() -> bytes:
        return content

    return ask


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Documents that are never finished; return the file that says which process has begun one."""
    path = tmp_path / "begun"
    monkeypatch.setattr("tracepost.console.printing._PRESS", ("-c", ENDLESS, str(path)))
    return path


def pid_in(path: Path) -> int:
    """Return the process that has begun; 0: none yet."""
    written = path.read_text() if path.exists() else ""
    return int(written) if written.endswith(" ") else 0


async def given_up(task: asyncio.Task[bytes]) -> None:
    """Do as a browser that does not wait any longer."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_document_that_nobody_waits_for_ends_with_its_process_and_the_next_is_begun(
    begun: Path,
) -> None:
    printers = Printers()
    for _again in range(3):
        task = asyncio.create_task(printers.set("8", "item", "en"))
        await until(lambda: pid_in(begun), "a process that sets a document")
        pid = pid_in(begun)
        await given_up(task)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        begun.unlink()  # noqa: ASYNC240 - a few bytes


async def test_a_process_ends_that_has_written_more_than_was_read() -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CHATTY, stdout=pipe)
    stdout = vars(process)["_transport"].get_pipe_transport(1)
    await until(lambda: not stdout.is_reading(), "more than is taken from a process")
    await asyncio.wait_for(_end(process), 60)
    assert process.returncode


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("case", "Try again in a few minutes, or print its statements one by one."),
        ("statement", "Try again in a few minutes."),
        ("item", "Try again in a few minutes."),
    ],
)
async def test_a_document_that_takes_too_long_is_given_up(begun: Path, kind: str, remedy: str) -> None:
    with pytest.raises(LimitError) as refused:
        await Printers(longest_s=0.5).set("8", kind, "en")
    assert (refused.value.reason, refused.value.what_to_do) == ("print-too-long", remedy)


async def test_while_the_node_is_asked_for_documents_others_are_set() -> None:
    printers, asked, given = Printers(), list[str](), asyncio.Event()

    async def ask() -> bytes:
        asked.append("it")
        await given.wait()
        return b""

    slow = [asyncio.create_task(printers.set(officer, "item", "en", ask)) for officer in ("8", "9")]
    await until(lambda: len(asked) == AT_ONCE, "the node to be asked for as many as are set at once")
    async with asyncio.timeout(120):
        assert (await printers.set("10", "item", "en")).startswith(b"%PDF")
    given.set()
    for one in slow:
        assert (await one).startswith(b"%PDF")


async def test_who_waits_in_vain_for_his_turn_is_told_and_the_node_is_not_asked(begun: Path) -> None:
    printers, asked = Printers(longest_s=0.5), list[str]()

    async def ask() -> bytes:
        asked.append("10")
        return b""

    async with contextlib.AsyncExitStack() as taken:
        for _one in range(IN_HAND):
            await taken.enter_async_context(printers._turns)
        with pytest.raises(LimitError) as refused:
            await printers.set("10", "case", "en", ask)
    assert refused.value.reason == "print-too-long"
    assert asked == []


async def test_who_has_a_document_made_is_refused_before_the_node_is_asked_for_another(begun: Path) -> None:
    printers, asked = Printers(), list[str]()

    async def ask() -> bytes:
        asked.append("8")
        return b""

    first = asyncio.create_task(printers.set("8", "case", "en", ask))
    await until(lambda: pid_in(begun), "a process that sets a document")
    with pytest.raises(LimitError) as refused:
        await printers.set("8", "case", "en", ask)
    assert (refused.value.reason, asked) == ("printing", ["8"])
    await given_up(first)


async def test_a_document_that_cannot_be_made_is_told_and_logged_without_a_word_of_it() -> None:
    with capture_logs() as lines, pytest.raises(InternalError) as failed:
        await Printers().set("8", "case", "en", gives(join_input(b"\xff no message", ())))
    assert "message" not in str(failed.value)
    [line] = [one for one in lines if one["event"] == "paper-failed"]
    assert line == {"event": "paper-failed", "log_level": "error", "kind": "case", "returncode": 1}


async def test_what_keeps_a_document_from_being_made_is_told_in_its_own_words() -> None:
    with pytest.raises(NotFoundError) as refused:
        await Printers().set(
            "8", "case", "en", gives(join_input(desk_pb2.CaseView().SerializeToString(), ()))
        )
    assert refused.value.reason == "nothing-to-print"


async def test_a_process_that_crashes_leaves_no_core_file() -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-c", LIMIT, stdin=pipe, stdout=pipe, stderr=pipe
    )
    _problem, said = await process.communicate(b"")
    assert said.decode().splitlines()[-1] == "(0, 0)"
