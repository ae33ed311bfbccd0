"""Photographs and enclosed statements on paper: what is printed of them, what is said instead, what still verifies."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import os
from dataclasses import replace
from functools import cache
from typing import Any

import pypdfium2
import pytest
import segno
from PIL import Image
from pypdf import PdfReader, PdfWriter

from fakes.casefiles import World
from fakes.papers import AT, enquiry, request
from tracepost.locale import tags
from tracepost.paper import pictures
from tracepost.paper.checking import Verdict, check_pages
from tracepost.paper.codes import write_code
from tracepost.paper.drawing import case_sheet, slip_sheet
from tracepost.paper.pen import Pen
from tracepost.paper.pictures import MAX_PAGE_BYTES, Album
from tracepost.paper.reading import read_printout
from tracepost.paper.setting import Printout, set_sheet
from tracepost.paper.sheet import Photo, Row, Section
from tracepost.paper.told import Told, told_by_file, told_by_view
from tracepost.paper.words import Words
from tracepost.protocol.casefile import read_casefile, write_casefile
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.protocol.schema import Sensitivity
from tracepost.sdk import enclosures, wrap_content
from tracepost.wire.v1 import desk_pb2, share_pb2, trace_pb2

LOST = b"named, and given out by nobody"
BROKEN = b"\xff\xd8\xff no photograph"
LEFT_OUT = "Held without licence"
NOTHING = Album()


def photograph(colour: str = "#0000a0", size: tuple[int, int] = (1600, 1000)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, "JPEG")
    return content.getvalue()


LEFT, SERIAL = photograph(), photograph("red", (500, 1500))
GIVEN = (LEFT, SERIAL, BROKEN)


def pictured() -> trace_pb2.TraceRequest:
    """Return a request whose weapon has four photographs."""
    asked = request()
    for view, content in (("LEFT", LEFT), ("SERIAL", SERIAL), ("SCALE", LOST), ("OTHER", BROKEN)):
        asked.items[0].object.photograph.add(
            view=f"PHOTOGRAPH_VIEW_{view}",
            media_type="image/jpeg",
            sha256=hashlib.sha256(content).digest(),
            size=len(content),
        )
    return asked


@cache
def told() -> tuple[Told, ...]:
    """Return the request, and a share that encloses it without its ground, as a case file has them."""
    world = World("xaa", "xab", "xac")
    asked = world.sign("xaa", ["xab"], pictured(), at=AT)
    exhibit = world.exhibit(asked, lambda path: path != "ground_text")
    passed = share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=[exhibit])
    shared = world.sign("xab", ["xac"], passed, at=AT + 60)
    filed = [
        world.file(one, world.post(one, to, at=AT + 90)) for one, to in ((asked, "xab"), (shared, "xac"))
    ]
    return tuple(told_by_file(read_casefile(write_casefile(world.case(*filed)))))


@cache
def printed(which: int, language: str = "en") -> Printout:
    words = Words(language)
    return set_sheet(case_sheet(words, [told()[which]], album=Album(GIVEN)), words)


def photos_of(sections: Any) -> list[Photo]:
    return [block for section in sections for block in section.blocks if isinstance(block, Photo)]


def text_of(made: Printout) -> str:
    pages = PdfReader(io.BytesIO(made.pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def colours_of(made: Printout) -> set[tuple[int, ...]]:
    """Return the colours that fill much of a page, roughly: white, and those of photographs."""
    found = set[tuple[int, ...]]()
    for page in pypdfium2.PdfDocument(made.pdf):
        picture = page.render(scale=0.5).to_pil().convert("RGB")
        counted = picture.getcolors(picture.width * picture.height) or []
        found |= {tuple(one // 64 for one in colour) for many, colour in counted if many > 2000}
    return found


# ── what is printed ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", tags())
@pytest.mark.parametrize("which", [0, 1])
def test_photographs_are_seen_on_the_page_in_every_language(which: int, language: str) -> None:
    """Of a request, and of one that somebody passed on; each once, and no glyph is missing."""
    made = printed(which, language)
    assert {(0, 0, 2), (3, 0, 0), (3, 3, 3)} <= colours_of(made)
    pictures = [one.data for page in PdfReader(io.BytesIO(made.pdf)).pages for one in page.images]
    assert all(len(one) <= MAX_PAGE_BYTES for one in pictures)


def test_below_each_stands_what_it_shows_of_which_item_and_the_digest_of_what_was_sent() -> None:
    left, serial, *_ = photos_of(Pen(Words("en"), told()[0], Album(GIVEN)).sections())
    for photo, view, content in ((left, "left", LEFT), (serial, "serial", SERIAL)):
        assert photo.caption[:2] == (view, "item 1")
        assert photo.caption[2].replace(" ", "") == f"SHA-256{hashlib.sha256(content).hexdigest()}"
        assert photo.alternative == f"Photograph: {view}"
        assert max(Image.open(io.BytesIO(photo.jpeg)).size) == 1000


def test_what_cannot_be_fetched_or_decoded_is_said_in_its_place() -> None:
    *_, lost, broken, scene = photos_of(Pen(Words("en"), told()[0], Album(GIVEN)).sections())
    assert (lost.jpeg, broken.jpeg) == (b"", b"")
    assert "does not give this photograph" in lost.instead
    assert "damaged" in broken.instead
    assert scene.caption[0] == "photograph of the place"
    assert "Not printed: the node does not give" in text_of(printed(0))


def test_of_a_slip_and_of_a_poorer_reading_only_those_are_printed_that_it_names() -> None:
    """Whatever lies in the album."""
    seen = told()[0].of_classes(frozenset({Sensitivity.ADMINISTRATIVE}))
    assert photos_of(Pen(Words("en"), seen, Album(GIVEN)).sections()) == []
    asked, full = enquiry(), pictured()
    asked.items[0].CopyFrom(full.items[0])
    world = World("xaa")
    signed = world.sign("xaa", ["xaa"], asked, at=AT)
    [slip] = told_by_file(read_casefile(write_casefile(world.case(world.file(signed)))))
    unseen = replace(slip, fields=tuple(one for one in slip.fields if "photograph" not in one.path))
    for shown, number in ((slip, 2), (unseen, 0)):
        photos = photos_of(slip_sheet(Words("en"), shown, album=Album(GIVEN)).sections)
        assert sum(bool(one.jpeg) for one in photos) == number


# ── what is enclosed ─────────────────────────────────────────────────────────────────


def test_what_is_passed_on_stands_in_a_section_of_its_own_with_author_digest_and_what_was_removed() -> None:
    text = text_of(printed(1))
    assert "Enclosed: trace request (xaa)" in text
    assert "Left out by xab 1 field: ground in words" in text
    assert "АЖ 48213" in text
    assert LEFT_OUT not in text
    assert LEFT_OUT in text_of(printed(0))
    rows = [row for section in enclosed() for row in section.blocks if isinstance(row, Row)]
    assert (digest_of(told()[0]),) in [row.said for row in rows if row.label == "statement"]
    assert [row.strong for row in rows if row.label == "handling instructions"] == [True]
    assert all(row.line is None for row in rows), "the code names the statement that passes it on"


def enclosed() -> list[Section]:
    sections = list(Pen(Words("en"), told()[1], Album(GIVEN)).sections())
    titles = [one.title for one in sections]
    return sections[titles.index("Enclosed: trace request (xaa)") :]


def digest_of(one: Told) -> str:
    return next(
        row.said[0]
        for section in Pen(Words("en"), one).proof()
        for row in section.blocks
        if isinstance(row, Row) and row.label == "statement"
    )


def test_what_was_changed_on_the_way_is_not_printed_as_its_authors() -> None:
    share = told()[1]
    spoiled = tuple(
        one._replace(value=one.value[:-4] + "AAAA")
        if one.path.endswith(".jws") and isinstance(one.value, str)
        else one
        for one in share.fields
    )
    sections = list(Pen(Words("en"), replace(share, fields=spoiled), Album(GIVEN)).sections())
    assert "an exhibit that does not verify" in [one.title for one in sections]
    assert photos_of(sections) == []


def test_what_the_node_found_wrong_stands_above_a_statement_and_above_what_it_encloses() -> None:
    """And nothing is said to have held there."""
    faulty = replace(told()[1], problem="The signature does not hold. jws")
    sections = list(Pen(Words("en"), faulty, Album(GIVEN)).sections())
    titles = [one.title for one in sections]
    above = Row("not all could be shown", ("The signature does not hold. jws",), strong=True)
    assert sections[0].blocks == (above,)
    assert sections[titles.index("Enclosed: trace request (xaa)")].blocks[0] == above
    assert "signature held" not in str(sections)
    assert "signature held" in str(enclosed())


def test_what_the_node_found_wrong_with_a_statement_is_told() -> None:
    view = view_of(pictured())
    view.statement, view.issued_at = digest_of(told()[0]), "2026-01-01T00:00:00Z"
    assert told_by_view(view, told()[0].thread).problem == ""
    view.problem.words = "The signature does not hold."
    assert told_by_view(view, told()[0].thread).problem == "The signature does not hold."


# ── it still proves what it proved ───────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("which", [0, 1])
def test_a_print_with_pictures_holds_and_its_digest_is_that_of_one_without(which: int, language: str) -> None:
    made, words = printed(which, language), Words(language)
    checked = check_pages(read_printout(made.pdf), told())
    assert {page.verdict for page in checked.pages} == {Verdict.HOLDS}
    assert checked.missing == ()
    plain = set_sheet(case_sheet(words, [told()[which]]), words)
    assert plain.codes[0].document == made.codes[0].document


@pytest.mark.parametrize("stands", [0, 180])
def test_a_photograph_of_the_code_of_another_page_is_not_taken_for_the_code_of_the_page(stands: int) -> None:
    """However the code stands in the photograph, and however the page lies on the scanner."""
    other, code = printed(1).codes[0], io.BytesIO()
    segno.make(write_code(other), error="m", mode="alphanumeric", micro=False).save(
        code, "png", scale=8, border=4
    )
    shown = io.BytesIO()
    Image.open(code).convert("RGB").rotate(stands).save(shown, "JPEG", quality=95)
    named = told()[0]
    fields = tuple(
        one._replace(value={**one.value, "sha256": in_base64(shown.getvalue())})
        if one.path.endswith("photograph.0") and isinstance(one.value, dict)
        else one
        for one in named.fields
    )
    words = Words("en")
    sheet = case_sheet(words, [replace(named, fields=fields)], album=Album([shown.getvalue()]))
    made = set_sheet(sheet, words)
    for degrees in (0, 90, 180, 270):
        assert [leaf.code for leaf in read_printout(turned(made.pdf, degrees))] == list(made.codes)


def turned(pdf: bytes, degrees: int) -> bytes:
    """Return a PDF whose pages lie otherwise."""
    writer, content = PdfWriter(), io.BytesIO()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        writer.add_page(page).rotate(degrees)
    writer.write(content)
    return content.getvalue()


def in_base64(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


# ── how many, and how large ──────────────────────────────────────────────────────────


def test_no_photograph_on_a_page_weighs_more_than_it_may() -> None:
    """Noise is what cannot be packed; a photograph is lighter."""
    noise, content = Image.frombytes("RGB", (1200, 1200), os.urandom(1200 * 1200 * 3)), io.BytesIO()
    noise.save(content, "JPEG", quality=1)
    sent = content.getvalue()
    assert len(Album([sent]).place(hashlib.sha256(sent).digest()) or b"") <= MAX_PAGE_BYTES


def test_what_an_album_does_not_have_or_cannot_decode_is_told_apart() -> None:
    left, broken = (hashlib.sha256(one).digest() for one in (LEFT, BROKEN))
    with pytest.raises(NotFoundError):
        NOTHING.place(left)
    with pytest.raises(InvalidInputError):
        Album([BROKEN]).place(broken)


def test_a_document_shows_so_many_photographs_and_no_more() -> None:
    given = [photograph("red", (16, 16 + n)) for n in range(65)]
    assert len(set(given)) == 65
    photos = drawn(naming(*given), Album(given))
    assert sum(bool(one.jpeg) for one in photos) == 64
    assert photos[64].instead == "Not printed: the document shows as many photographs as it can."


def test_a_photograph_that_is_named_many_times_is_decoded_and_printed_once(decoded: list[bytes]) -> None:
    """Also in the next statement of the document: all of them share one album."""
    album, many = Album([LEFT]), naming(*[LEFT] * 100)
    photos = [*drawn(many, album), *drawn(many, album)]
    assert len(photos) == 200
    assert [bool(one.jpeg) for one in photos] == [True] + [False] * 199
    assert {one.instead for one in photos[1:]} == {
        "The same photograph is printed above, with the same SHA-256."
    }
    assert photos[0].caption[-1] == photos[-1].caption[-1]
    assert decoded == [LEFT]


def test_a_broken_photograph_that_is_named_many_times_is_decoded_once(decoded: list[bytes]) -> None:
    photos = drawn(naming(*[BROKEN] * 100), Album([BROKEN]))
    assert len(photos) == 100
    assert all("damaged" in one.instead for one in photos)
    assert decoded == [BROKEN]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return what is decoded from now on, photograph by photograph."""
    seen, make = list[bytes](), pictures.make_anew

    def look(how: Any, content: bytes) -> bytes:
        seen.append(content)
        return make(how, content)

    monkeypatch.setattr(pictures, "make_anew", look)
    return seen


def naming(*contents: bytes) -> Told:
    """Return the request with these photographs in place of its own."""
    fields = [one for one in told()[0].fields if "photograph" not in one.path]
    like = next(one for one in told()[0].fields if one.path.endswith("photograph.0"))
    assert isinstance(like.value, dict)
    named = [like._replace(value={**like.value, "sha256": in_base64(one)}) for one in contents]
    return replace(told()[0], fields=(*fields, *named))


def drawn(statement: Told, album: Album) -> list[Photo]:
    """Return the photographs of a statement, without that of the place, which nobody gave."""
    return [
        one for one in photos_of(Pen(Words("en"), statement, album).sections()) if one.caption[0] == "left"
    ]


# ── what is fetched ──────────────────────────────────────────────────────────────────


class Giver:
    """A node that gives photographs; `asked` are the digests that it was asked for."""

    def __init__(self, *given: bytes, instead: bytes = b"") -> None:
        self._given = {hashlib.sha256(one).digest(): instead or one for one in given}
        self.asked: list[bytes] = []

    async def fetch_part(self, case: str, sha256: bytes) -> desk_pb2.FetchPartResponse:
        """Give a photograph, or raise as a node does."""
        self.asked.append(sha256)
        if sha256 not in self._given:
            raise NotFoundError(
                "this desk sees no such photograph in the case", where="sha256", reason="no-part"
            )
        return desk_pb2.FetchPartResponse(content=self._given[sha256])


def fetched(giver: Any, *statements: desk_pb2.StatementView) -> tuple[bytes, ...]:
    return asyncio.run(enclosures.fetch_photographs(giver, "case", statements))


def view_of(message: Any) -> desk_pb2.StatementView:
    return desk_pb2.StatementView(content=wrap_content(message))


def test_those_are_fetched_that_a_print_names_or_encloses_each_once() -> None:
    giver = Giver(*GIVEN)
    world = World("xaa", "xab")
    exhibit = world.exhibit(world.sign("xaa", ["xab"], pictured(), at=AT), lambda _path: True)
    share = share_pb2.Share(exhibits=[exhibit])
    assert fetched(giver, view_of(pictured()), view_of(share)) == GIVEN
    assert len(giver.asked) == len(set(giver.asked))
    assert fetched(Giver(*GIVEN), view_of(share)) == GIVEN
    assert fetched(Giver(*GIVEN), desk_pb2.StatementView()) == ()


def test_another_photograph_than_the_one_that_was_named_is_not_printed() -> None:
    assert fetched(Giver(LEFT, instead=SERIAL), view_of(pictured())) == ()


def test_no_more_are_fetched_than_a_document_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosures, "MOST_PHOTOGRAPHS", 2)
    giver = Giver(*GIVEN)
    assert len(fetched(giver, view_of(pictured()))) <= len(giver.asked) == 2
