"""Paper: documents in every language, the codes on their pages, and what is found out with them."""

from __future__ import annotations

import ctypes
import io
import re
import struct
import unicodedata
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from pypdf import PdfReader

from fakes.papers import HANDLING, SERIAL, printable
from tracepost.locale import tags
from tracepost.paper.checking import Verdict, check_pages, find_document
from tracepost.paper.codes import Line, PageCode, parse_code, parse_groups, write_code, write_groups
from tracepost.paper.drawing import Head, case_sheet, letter_sheet, slip_sheet, statement_sheet
from tracepost.paper.forms import Blanks, blank_form
from tracepost.paper.pen import words_of
from tracepost.paper.reading import read_printout
from tracepost.paper.saying import code_words
from tracepost.paper.setting import Printout, set_sheet
from tracepost.paper.sheet import Sheet
from tracepost.paper.told import Told
from tracepost.paper.words import Words
from tracepost.protocol.errors import ConfigurationError, InvalidInputError
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.wire.v1 import terms_pb2

HEAD = Head("Point of contact of XAA", "T-2026/417", ("HANDLING_INSTRUCTION_DO_NOT_ALERT",))
DOCUMENTS = ("case", "request", "acknowledgement", "answer", "letter", "slip", "seizure", "item")
DENSITY = 72
BAND = (0x54, 0x31, 0x9F)
"""The colour that stands on paper for exercises, and for nothing else."""
FONTS = {"CJK UNIFIED": "Noto-Sans-CJK-SC", "ARABIC LETTER": "Noto-Sans-Arabic", "CYRILLIC": "Noto-Sans"}
SCRIPTS = {"ar": "ARABIC LETTER", "ru": "CYRILLIC", "zh_Hans": "CJK UNIFIED"}
NO_FORM = 0
"""The number of the glyph that fonts draw for what they have no form for."""


def sheet(document: str, words: Words, said: tuple[Told, ...] = ()) -> Sheet:
    """Return a document of the case, or of one in which something else was `said`."""
    asked, got, answered, wrote, enquired = said or printable().told
    match document:
        case "case":
            return case_sheet(words, (asked, got, answered), HEAD)
        case "letter":
            return letter_sheet(words, wrote, HEAD)
        case "slip":
            return slip_sheet(words, enquired, HEAD)
        case "seizure" | "item":
            return blank_form(words, Blanks(document))
        case _:
            told = {"request": asked, "acknowledgement": got, "answer": answered}[document]
            return statement_sheet(words, told, HEAD)


@cache
def printed(document: str, language: str) -> Printout:
    words = Words(language)
    return set_sheet(sheet(document, words), words)


def texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def signs(text: str) -> str:
    """Return the letters and figures of a text, sorted: a PDF holds Arabic in the order of its forms."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(sorted(sign for sign in plain if sign.isalnum()))


# ── every document in every language ─────────────────────────────────────────────────


@pytest.mark.parametrize("language", tags())
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_whole_in_every_language(document: str, language: str) -> None:
    """Each line says what its field says, every page has its marks and is no white sheet."""
    made = printed(document, language)
    reader = PdfReader(io.BytesIO(made.pdf))
    words = Words(language)
    assert reader.trailer["/Root"]["/Lang"] == words.tag  # type: ignore[index]
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert all(subset for _name, subset in fonts(reader)), "whole fonts are in it"
    assert all(name.startswith("Noto-Sans") for name, _ in fonts(reader)), (
        "a font that the style does not name"
    )
    pages = texts(made.pdf)
    count = len(pages)
    for number, text in enumerate(pages, 1):
        foot = signs(words._("Page {n} of {m}").format(n=number, m=count))
        assert all(signs(text).count(sign) >= foot.count(sign) for sign in set(foot))
    whole = signs("".join(pages))
    for line in sheet(document, words).lines():
        for said in words_of(words, line):
            assert all(whole.count(sign) >= signs(said).count(sign) for sign in set(signs(said))), line.field
    for page in pypdfium2.PdfDocument(made.pdf):
        dark = sum(page.render(scale=DENSITY / 72, grayscale=True).to_pil().histogram()[:96])
        assert dark > 100, "an empty page"


def fonts(reader: PdfReader) -> set[tuple[str, bool]]:
    found = set()
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources.get("/Font", {}).values():
            name = font.get_object()["/BaseFont"].lstrip("/")
            found.add((name.partition("+")[2] or name, "+" in name))
    return found


@pytest.mark.parametrize("language", tags())
@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_letter_has_a_form_in_the_font_of_its_script(document: str, language: str) -> None:
    """Han in the forms of Chinese and not of Japanese, and nowhere the box that stands for no form."""
    pdf = printed(document, language).pdf
    drawn = [one for page in pypdfium2.PdfDocument(pdf) for one in letters(page)]
    for script, font in FONTS.items():
        named = {one.font for one in drawn if unicodedata.name(one.sign, "").startswith(script)}
        assert all(font in name for name in named), (script, named)
    script = SCRIPTS.get(language, "LATIN")
    assert any(unicodedata.name(one.sign, "").startswith(script) for one in drawn)
    assert NO_FORM not in glyphs(pdf)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_arabic_is_joined_and_runs_from_right_to_left(document: str) -> None:
    """Joined, a letter has another form at the beginning, within and at the end of a word; alone it has one."""
    words, pdf = Words("ar"), printed(document, "ar").pdf
    assert words.direction == "rtl"
    assert max(map(len, forms(pdf).values())) >= 3
    page = pypdfium2.PdfDocument(pdf)[0]
    title = standing(sheet(document, words).title, page)
    assert max(one.right for one in title) > page.get_width() * 0.85
    for before, behind in pairwise(title):
        assert behind.left <= before.left, "one below the other is no word of a title"


def test_arabic_is_read_in_its_order() -> None:
    text = "".join(texts(printed("request", "ar").pdf))
    assert Words("ar").kind("trace.request/1") in text
    assert "الجيش" in text


class Letter(NamedTuple):
    """A letter on a page: its font, and from where to where it stands, in points from the left."""

    sign: str
    font: str
    left: float
    right: float


def letters(page: Any) -> list[Letter]:
    """Return the letters of a page in the order in which they are read."""
    text = page.get_textpage()
    return [_letter(text, at) for at in range(text.count_chars()) if text.get_text_range(at, 1).strip()]


def _letter(text: Any, at: int) -> Letter:
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(text, at, name, len(name), ctypes.c_int())
    left, _, right, _ = text.get_charbox(at)
    return Letter(chr(pdfium.FPDFText_GetUnicode(text, at)), name.value.decode(), left, right)


def standing(words: str, page: Any) -> list[Letter]:
    """Return the letters of what stands on a page, wherever its lines end."""
    sought, drawn = _as_drawn("".join(words.split())), letters(page)
    at = _as_drawn("".join(one.sign for one in drawn)).find(sought)
    assert at >= 0, words
    return drawn[at : at + len(sought)]


def _as_drawn(text: str) -> str:
    """Return a text without capitals; lam and alef may be one form, whose letters are read in either order."""
    return re.sub("[\u0622\u0623\u0625\u0627\u0644]", "\u0627", text.lower())


def glyphs(pdf: bytes) -> set[int]:
    """Return the numbers of the glyphs that are drawn; each is of two bytes, since all fonts are."""
    drawn = set[int]()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        content = page.get_contents()
        assert content is not None
        for operands, operator in content.operations:
            if operator in {b"Tj", b"TJ"}:
                runs = operands[0] if operator == b"TJ" else operands
                codes = b"".join(one.original_bytes for one in runs if hasattr(one, "original_bytes"))
                drawn.update(code for (code,) in struct.iter_unpack(">H", codes))
    return drawn


def forms(pdf: bytes) -> dict[str, set[str]]:
    """Return each Arabic letter with the glyphs of which a font of the PDF says that they are it."""
    found: dict[str, set[str]] = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            named = font.get_object()
            if named["/BaseFont"].endswith("Noto-Sans-Arabic"):
                said = named["/ToUnicode"].get_object().get_data().decode()
                for glyph, sign in re.findall(r"<([0-9a-f]{4})> <(06[0-9a-f]{2})>", said, re.IGNORECASE):
                    found.setdefault(sign, set()).add(glyph)
    return found


@pytest.mark.parametrize("language", tags())
@pytest.mark.parametrize("document", ["case", "request", "slip", "letter"])
def test_what_must_not_be_overlooked_stands_in_bold_on_every_page(document: str, language: str) -> None:
    words, enum = Words(language), terms_pb2.HandlingInstruction.DESCRIPTOR
    for page in pypdfium2.PdfDocument(printed(document, language).pdf):
        for code in (*HANDLING, *HEAD.handling):
            assert all("Bold" in one.font for one in standing(code_words(words, enum, code), page))


@pytest.mark.parametrize("document", ["case", "slip", "letter"])
def test_every_page_of_an_exercise_says_so_in_a_colour_of_its_own(document: str) -> None:
    words = Words("en")
    made = set_sheet(sheet(document, words, practised()), words)
    assert all("EXERCISE" in text for text in texts(made.pdf))
    assert all(BAND in _colours(page) for page in pypdfium2.PdfDocument(made.pdf))
    assert not any(BAND in _colours(page) for page in pypdfium2.PdfDocument(printed(document, "en").pdf))


def practised() -> tuple[Told, ...]:
    """Return the statements of the case as those of an exercise."""
    said = Field("claims.exercise", Sensitivity.ADMINISTRATIVE, True)
    return tuple(
        replace(told, claims=(*(one for one in told.claims if one.path != said.path), said))
        for told in printable().told
    )


def _colours(page: Any) -> set[tuple[int, ...]]:
    drawn = page.render(scale=DENSITY / 72).to_pil().convert("RGB")
    return {colour for _, colour in drawn.getcolors(1 << 24)}


def test_the_same_input_gives_the_same_bytes() -> None:
    words = Words("fr")
    made = set_sheet(sheet("request", words), words)
    assert made == printed("request", "fr")
    assert b"CreationDate" not in made.pdf
    assert b"ModDate" not in made.pdf
    assert len(made.pdf) < 200_000


def test_a_letter_without_a_form_is_an_error_and_no_empty_box() -> None:
    """A sign that no font has a form for (here of Vithkuqi, which Debian's fonts lack)."""
    request = printable().request
    fields = [
        one._replace(value="M70 \U00010570") if one.path == "items.0.object.model" else one
        for one in request.fields
    ]
    words = Words("en")
    with pytest.raises(ConfigurationError, match="form") as refused:
        set_sheet(statement_sheet(words, replace(request, fields=tuple(fields))), words)
    assert "fonts-noto-core" in refused.value.what_to_do


def test_signs_that_turn_text_round_do_not_reach_the_page() -> None:
    line = Line(printable().request, Field("items.0.object.model", Sensitivity.OBJECT, "M70\u202e2BA\x07"))
    assert words_of(Words("en"), line) == ("M70\ufffd2BA\ufffd",)


# ── what a page proves ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_a_genuine_printout_holds(language: str) -> None:
    checked = check_pages(read_printout(printed("case", language).pdf), printable().told)
    assert [page.verdict for page in checked.pages] == [Verdict.HOLDS] * len(checked.pages)
    assert not checked.is_refused
    assert not checked.missing
    shown = {line for page in checked.pages for line in page.lines}
    assert set(sheet("case", Words("en")).lines()) == shown


def test_a_changed_figure_is_found() -> None:
    """A forger prints another serial under the genuine code: the text of the page is not what was signed."""
    request, words = printable().request, Words("en")
    forged = told_with(request, SERIAL, "АЖ 48218")
    genuine = printed("request", "en")
    changed = set_sheet(statement_sheet(words, forged, HEAD), words)
    leaves = [
        replace(leaf, code=code) for leaf, code in zip(read_printout(changed.pdf), genuine.codes, strict=True)
    ]
    checked = check_pages(leaves, printable().told)
    assert checked.is_refused
    [page] = [one for one in checked.pages if one.verdict is Verdict.DIFFERS]
    assert {line.field.path for line in page.differing} == {"items.0.object.mark.0"}


def test_a_forger_who_makes_the_code_anew_is_found() -> None:
    """Codes over what was not signed are of no statement in the file."""
    words = Words("en")
    forged = set_sheet(
        statement_sheet(words, told_with(printable().request, SERIAL, "АЖ 48218"), HEAD), words
    )
    checked = check_pages(read_printout(forged.pdf), printable().told)
    assert Verdict.NOT_IN_FILE in {page.verdict for page in checked.pages}


def told_with(told: Told, old: str, new: str) -> Told:
    def changed(one: Field) -> Field:
        if one.path == "items.0.object.mark.0" and isinstance(one.value, dict):
            return one._replace(value={**one.value, "text_as_seen": new})
        return one

    return replace(told, fields=tuple(map(changed, told.fields)))


def test_pages_that_are_missing_or_of_another_document_are_told() -> None:
    whole, other = read_printout(printed("case", "en").pdf), read_printout(printed("request", "en").pdf)
    checked = check_pages(whole[1:], printable().told)
    assert (checked.missing, checked.is_refused) == ((1,), False)
    assert check_pages([*whole, *other], printable().told).several
    cut = [replace(whole[0], code=replace_code(whole[0].code, digest=bytes(16))), *whole[1:]]
    assert check_pages(cut, printable().told).is_refused


def replace_code(code: PageCode | None, **changed: Any) -> PageCode:
    assert code is not None
    return replace(code, **changed)


def test_a_scan_is_read_and_left_to_a_person() -> None:
    """A picture has no text: the code says what must stand on it, and a person compares."""
    page = pypdfium2.PdfDocument(printed("acknowledgement", "es").pdf)[0]
    target = io.BytesIO()
    page.render(scale=200 / 72).to_pil().rotate(2, expand=True, fillcolor="white").save(
        target, "JPEG", quality=60
    )
    [seen] = check_pages(read_printout(target.getvalue()), printable().told).pages
    assert seen.verdict is Verdict.COMPARE
    assert "file_number" in {line.field.path for line in seen.lines}


def test_a_desk_that_reads_less_prints_what_a_fuller_file_still_proves() -> None:
    words, seen = Words("en"), frozenset({Sensitivity.ADMINISTRATIVE, Sensitivity.OBJECT})
    less = set_sheet(statement_sheet(words, printable().request.of_classes(seen)), words)
    checked = check_pages(read_printout(less.pdf), printable().told)
    assert {page.verdict for page in checked.pages} == {Verdict.HOLDS}
    found = find_document(less.codes[0].document[:10], printable().told)
    assert found is not None
    assert {line.field.sensitivity for line in found.lines} == seen


@pytest.mark.parametrize("document", ["case", "request", "letter", "slip"])
def test_the_groups_that_somebody_types_in_find_their_document(document: str) -> None:
    code = printed(document, "en").codes[0]
    some = printable().told[:3] if document == "case" else printable().told
    found = find_document(parse_groups(write_groups(code.document).lower()), some)
    assert found is not None
    assert found.form is code.form


def test_groups_that_are_of_nothing_here_find_nothing() -> None:
    assert find_document(bytes(10), printable().told) is None
    for wrong in ("", "ABCD-EFGH", "U" * 16, "ABCD-EFGH-IJKL-MNOPQ"):
        with pytest.raises(InvalidInputError):
            parse_groups(wrong)


def test_nothing_classed_stands_in_a_code() -> None:
    """A code holds opaque ids and digests, and no tag is that of a guess without the statement's digest."""
    for code in printed("case", "en").codes:
        written = write_code(code)
        assert parse_code(written) == code
        for word in ("canary", "Zastava", "48213", "T-2026"):
            assert word.upper() not in written
    line = next(iter(sheet("request", Words("en")).lines()))
    guessed = Line(replace(line.told, digest=bytes(32)), line.field)
    assert guessed.tag != line.tag


@pytest.mark.parametrize(
    "text", ["", "TRACEPOST1:", "TRACEPOST1:AAA", "HTTPS://XAA", "TRACEPOST1:" + "A" * 300]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_code(text)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 nothing", b"\x89PNG\r\n", b"GIF89a"])
def test_what_is_no_printout_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_printout(data)
