"""A printout against a case file: does each page show what was signed?

    pages = check_pages(read_printout(scan), told_by_file(case))     after `verify_casefile`
    found = find_document(parse_groups("3PYN-CV4T-4P7G-KPSF"), told_by_file(case))

    1  each tag in the code of a page is that of a field of a statement in the file      else NOT_IN_FILE
    2  the digest of the page is that of these fields, in this order                     else BROKEN
    3  where the printout holds text, it says what these fields say                      else DIFFERS
    4  otherwise a person compares: the fields are given in words                        COMPARE

A page that bears no code proves nothing (NO_CODE). Not done here: whether the file is genuine (`verify_casefile`), and
what somebody wrote beside the fields: only what must stand on a page is looked for, nothing that may not.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Final

from tracepost.paper.codes import GROUPS_BYTES, Form, Line, PageCode, document_digest, page_digest
from tracepost.paper.drawing import case_sheet, letter_sheet, slip_sheet, statement_sheet
from tracepost.paper.pen import values_of
from tracepost.paper.reading import Leaf
from tracepost.paper.sheet import Sheet
from tracepost.paper.told import Told
from tracepost.paper.words import Words, all_words
from tracepost.protocol.schema import Sensitivity

_GUESSES_LIMIT: Final = 4096
_GAP: Final = r"\s*"
_JOINTS: Final = re.compile(r"[;:,]\s|[\n、:]")
_WORDS: Final = re.compile(r"[^\W_]+")
_FROM_THE_RIGHT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_TAKEN: Final = "\x00"


class Verdict(enum.StrEnum):
    """What became of a page."""

    HOLDS = "holds"
    COMPARE = "compare"
    DIFFERS = "differs"
    BROKEN = "broken"
    NOT_IN_FILE = "not-in-file"
    NO_CODE = "no-code"

    @property
    def is_refusal(self) -> bool:
        """Whether the page must not be relied on."""
        return self not in {Verdict.HOLDS, Verdict.COMPARE}


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """One page: what its code says, the signed fields that must stand on it, those that its text does not show."""

    leaf: Leaf
    verdict: Verdict
    lines: tuple[Line, ...] = ()
    differing: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedPrintout:
    """All pages, and the numbers of those that are missing of their document."""

    pages: tuple[CheckedPage, ...]
    missing: tuple[int, ...]
    several: bool

    @property
    def is_refused(self) -> bool:
        """Whether a page must not be relied on, or pages of several documents lie together."""
        return self.several or any(one.verdict.is_refusal for one in self.pages)


def check_pages(leaves: Iterable[Leaf], statements: Sequence[Told]) -> CheckedPrintout:
    """Return what became of each page of a printout, given the statements of a verified case file."""
    known = _by_tag(statements)
    pages = tuple(_check(leaf, known) for leaf in leaves)
    codes = [one.leaf.code for one in pages if one.leaf.code is not None]
    documents = {(code.document, code.pages) for code in codes}
    there = {code.page for code in codes}
    whole = max((code.pages for code in codes), default=0)
    missing = tuple(number for number in range(1, whole + 1) if number not in there)
    return CheckedPrintout(pages, missing, len(documents) > 1 or _is_cut(codes))


def _is_cut(codes: Iterable[PageCode]) -> bool:
    """Say whether a page does not follow the one before it."""
    digests = {(code.document, code.page): code.digest for code in codes}
    before = {(code.document, code.page): code.before for code in codes}
    return any(
        digests.get((document, page - 1), said) != said
        for (document, page), said in before.items()
        if page > 1
    )


def _by_tag(statements: Iterable[Told]) -> Mapping[bytes, list[Line]]:
    known = defaultdict[bytes, list[Line]](list)
    for told in statements:
        for field in (*told.claims, *told.fields):
            line = Line(told, field)
            known[line.tag].append(line)
    return known


def _check(leaf: Leaf, known: Mapping[bytes, list[Line]]) -> CheckedPage:
    code = leaf.code
    if code is None:
        return CheckedPage(leaf, Verdict.NO_CODE)
    choices = [known.get(tag, []) for tag in code.tags]
    if not all(choices):
        return CheckedPage(leaf, Verdict.NOT_IN_FILE, tuple(some[0] for some in choices if some))
    for lines in islice(product(*choices), _GUESSES_LIMIT):
        same_case = all(line.told.thread == code.thread for line in lines)
        if same_case and page_digest(code, lines) == code.digest:
            return _compare(leaf, lines)
    return CheckedPage(leaf, Verdict.BROKEN, tuple(some[0] for some in choices))


# ── the text of a page ───────────────────────────────────────────────────────────────


def _compare(leaf: Leaf, lines: tuple[Line, ...]) -> CheckedPage:
    if not leaf.text.strip():
        return CheckedPage(leaf, Verdict.COMPARE, lines)
    text = _plain(leaf.text)
    differing = min((_not_told(text, lines, words) for words in all_words()), key=len)
    return CheckedPage(leaf, Verdict.DIFFERS if differing else Verdict.HOLDS, lines, differing)


def _not_told(text: str, lines: Iterable[Line], words: Words) -> tuple[Line, ...]:
    """Return the lines whose words do not all stand in `text`, each in a place of its own."""
    wanted = [(part, line) for line in dict.fromkeys(lines) for part in _parts(line, words)]
    lacking = dict[Line, None]()
    for part, line in sorted(wanted, key=lambda one: -len(one[0])):
        place = _find(text, part)
        if place is None:
            lacking[line] = None
        else:
            text = text[: place.start()] + _TAKEN * (place.end() - place.start()) + text[place.end() :]
    return tuple(lacking)


def _parts(line: Line, words: Words) -> Iterator[str]:
    """Yield what a line says, in pieces that stand together on paper.

    In a script from the right, words and figures stand in another order in a PDF than they are read in: there each
    word is a piece.
    """
    for said in map(_plain, values_of(words, line)):
        apart = words.direction == "rtl" or _FROM_THE_RIGHT.search(said)
        yield from (
            _WORDS.findall(said) if apart else filter(None, (one.strip() for one in _JOINTS.split(said)))
        )


def _plain(text: str) -> str:
    """Return a text without the signs above and below letters, and with one form for each letter."""
    return "".join(
        one
        for one in unicodedata.normalize("NFKC", text)
        if unicodedata.category(one)[0] not in "MC" or one in "\n\r"
    )


def _find(text: str, part: str) -> re.Match[str] | None:
    signs = [re.escape(sign) for sign in part if not sign.isspace()]
    for order in (signs, signs[::-1]):
        found = re.search(rf"(?<![^\W_]){_GAP.join(order)}(?![^\W_])", text)
        if found is not None:
            return found
    return None


# ── groups that somebody typed in ────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """The document that groups are of: what it is, and the fields that stand on it."""

    form: Form
    sheet: Sheet
    lines: tuple[Line, ...]


def find_document(groups: bytes, statements: Sequence[Told]) -> FoundDocument | None:
    """Return the document whose digest begins so, made of statements of a verified case file; None: none is.

    Tried are each statement alone and all of them together, with every choice of the classes that a desk may read.
    Where a desk read less than its classes, the groups alone do not find it, and the code of a page does.
    """
    words = Words("en")
    for sheet in _documents(words, statements):
        assert sheet.form is not None
        lines = tuple(dict.fromkeys(sheet.lines()))
        for some in _choices(lines):
            if document_digest(sheet.form, sheet.thread, some)[:GROUPS_BYTES] == groups:
                return FoundDocument(sheet.form, sheet, some)
    return None


def _documents(words: Words, statements: Sequence[Told]) -> Iterator[Sheet]:
    for told in statements:
        yield statement_sheet(words, told)
        if told.kind == "trace.letter/1":
            yield letter_sheet(words, told)
        if told.kind == "trace.enquiry/1":
            yield slip_sheet(words, told)
    if statements:
        yield case_sheet(words, statements)


def _choices(lines: tuple[Line, ...]) -> Iterator[tuple[Line, ...]]:
    """Yield the lines with every choice of classes, all of them first."""
    always = {Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE}
    classes = sorted({line.field.sensitivity for line in lines} - always)
    for number in range(len(classes), -1, -1):
        for chosen in combinations(classes, number):
            yield tuple(one for one in lines if one.field.sensitivity in always | set(chosen))
