"""Draws one statement: which field stands where, under which heading.

A request stands in the order of ITI 17: (a), (b), (c), on its own and in a letter. Every field that is shown is shown
once; photographs and what is enclosed stand behind. What no plan names is put after the rest, so that a field of a
newer schema is not lost; who may read what, and the signed forms of others, are left out (`_LEFT_OUT`).
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from tracepost.paper.codes import Line
from tracepost.paper.pictures import Album
from tracepost.paper.saying import code_words, field_at, hexadecimal, members_of, name_of, printable, say
from tracepost.paper.sheet import Block, Photo, Row, Section, Table, TableLine
from tracepost.paper.told import CLAIMS, Told, told_by_proof
from tracepost.paper.words import Words
from tracepost.protocol.errors import InvalidInputError, LimitError, NotFoundError, TracepostError
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.jsonvalue import JsonValue
from tracepost.protocol.schema import KINDS, Field, assemble
from tracepost.sdk.exhibits import prove_exhibit
from tracepost.wire.v1 import terms_pb2, weapon_pb2
from tracepost.wire.v1.share_pb2 import Exhibit

_LEFT_OUT: Final = re.compile(
    r"(.*\.)?(named_desks|readers\.\d+|withheld\.\d+|jws|issuer_certificates|[a-z_]+_disclosures|mandate_digest"
    r"|handling_instructions|sd_jwt)"
)
_OF_AN_EXHIBIT: Final = re.compile(
    r"exhibits\.\d+\.(jws|issuer_certificates|statement_digest|dropped|[a-z_]+_disclosures)"
)
_LEADING: Final = frozenset(
    {"reply_by", "due_on", "urgency", "expected_on", "reminder_number", "file_number"}
)
_MARK_COLUMNS: Final = ("role", "text_as_seen", "script", "location", "legibility", "confidence")
_GROUNDS: Final = ("illicit_grounds", "ground_text", "legal_provision", "circumstances")
_USE: Final = ("intended_use_detail", "questions", "guarantees_restrictions", "no_guarantee_reason")
_SAID_IN_LETTERS: Final = (
    "request", "acknowledgement", "information_request", "information_supply", "status", "delay", "response",
    "refusal", "withdrawal",
)  # fmt: skip
_REQUEST: Final = "trace.request/1"


class Pen:
    """Draws one statement; used once. Without an album no photograph of it is given out."""

    def __init__(self, words: Words, told: Told, album: Album | None = None) -> None:
        self._words = words
        self._told = told
        self._album = album or Album()
        self._fields = [one for one in told.fields if not _LEFT_OUT.fullmatch(one.path)]

    # ── the frame ────────────────────────────────────────────────────────────────────

    def restrictions(self) -> Iterator[Row]:
        """Yield the restrictions on use, in full."""
        for field in self._told.restrictions:
            value = field.value
            assert isinstance(value, dict)
            code = code_words(self._words, terms_pb2.RestrictionCode.DESCRIPTOR, str(value["code"]))
            until = (
                f" {self._words._('until')} {self._words.date(str(value['until']))}"
                if "until" in value
                else ""
            )
            detail = f" ({printable(str(value['detail']))})" if "detail" in value else ""
            paths = value.get("field_paths", [])
            bound = f" - {', '.join(map(str, paths))}" if isinstance(paths, list) and paths else ""
            yield Row(
                self._words._("restriction"), (f"{code}{until}{bound}{detail}",), Line(self._told, field)
            )

    def chapter(self, number: int) -> Iterator[Section]:
        """Yield a statement as a part of a case."""
        issuer, told = str(self._told.claim("iss")), self._words.kind(self._told.kind)
        title = f"{number}. {told[:1].upper()}{told[1:]} ({issuer})"
        yield Section(title, (), level=1, own_page=number > 1)
        yield from self.sections()
        yield from self.proof()

    def proof(self) -> Iterator[Section]:
        """Yield what is not shown, and the digest under which the statement is known."""
        words, rows = self._words, list[Row]()
        withheld = [one for one in self._told.fields if re.fullmatch(r"(.*\.)?withheld\.\d+", one.path)]
        for one in withheld:
            rows.append(Row(words._("not told"), self.said(one), Line(self._told, one)))
        for code, number in self._told.hidden:
            count = (
                words.plural("{n} field", "{n} fields", number)
                if number
                else words._("an unknown number of fields")
            )
            rows.append(Row(words._("not shown"), (f"{words.coded('Sensitivity', code)}: {count}",)))
        digest = encode_b64(self._told.digest)
        rows.append(Row(words._("statement"), (digest,)))
        yield Section(words._("Signed statement"), tuple(rows), level=3)

    def said(self, field: Field) -> tuple[str, ...]:
        """Return what is said of a field, wherever it stands."""
        name = name_of(field.path)
        if field in self._told.restrictions:
            return next(row.said for row in self.restrictions() if row.line == Line(self._told, field))
        if field.path.startswith(f"{CLAIMS}."):
            return (self._claim(name, field),)
        if name == "withheld" and isinstance(field.value, dict):
            return (self._withheld(field.value),)
        return self._row(field).said

    def members(self, field: Field) -> tuple[str, ...]:
        """Return what is said of each part of a unit."""
        assert isinstance(field.value, dict)
        inside = members_of(field_at(self._told.kind, field.path))
        return tuple(one for n, v in field.value.items() for one in say(self._words, inside.get(n), v, n))

    def _withheld(self, value: Mapping[str, JsonValue]) -> str:
        name = self._words.field(name_of(str(value.get("path", ""))))
        enum = terms_pb2.WithholdingGround.DESCRIPTOR
        return f"{name}: {code_words(self._words, enum, str(value.get('ground', '')))}"

    # ── the body ─────────────────────────────────────────────────────────────────────

    def sections(self) -> Iterator[Section]:
        """Yield all that the statement says, its photographs, and what it encloses."""
        if self._told.problem:
            yield Section("", (self._problem(),))
        base = (
            next((f"{n}." for n in _SAID_IN_LETTERS if self._has(f"{n}.")), "") if self._is_letter() else ""
        )
        is_request = self._told.kind == _REQUEST or base == "request."
        yield from self._particulars(base, is_request)
        if is_request:
            yield from self._request(base)
        yield from self._rest("")
        yield from self._photographs()
        yield from self._enclosed()

    def _problem(self) -> Row:
        return Row(self._words._("not all could be shown"), (printable(self._told.problem),), strong=True)

    def _is_letter(self) -> bool:
        return self._told.kind == "trace.letter/1"

    def _has(self, prefix: str) -> bool:
        return any(one.path.startswith(prefix) for one in self._fields)

    def _particulars(self, base: str, is_request: bool) -> Iterator[Section]:
        """Yield who says it to whom, when it is due, and what stands at the top of the message."""
        words, rows = self._words, list[Row]()
        labels = {
            "iss": words._("From"), "desk": words._("desk"), "aud": words._("To"), "kind": words._("Message"),
            "iat": words._("Signed on"), "purpose": words._("use"), "legal_basis": words.field("legal_basis"),
            "exercise": words._("EXERCISE"),
        }  # fmt: skip
        for field in self._told.claims:
            name = field.path.removeprefix(f"{CLAIMS}.")
            in_order = not (is_request and name in {"purpose", "legal_basis"})
            if name in labels and in_order:
                rows.append(
                    Row(
                        labels[name], (self._claim(name, field),), Line(self._told, field), name == "exercise"
                    )
                )
        leading = self._take(lambda one: one.path.removeprefix(base) in _LEADING)
        rows += [replace(self._row(one), strong=name_of(one.path) != "file_number") for one in leading]
        yield Section("", tuple(rows))

    def _claim(self, name: str, field: Field) -> str:
        words, value = self._words, field.value
        match name:
            case "iat":
                assert isinstance(value, int)
                return words.moment(value)
            case "kind":
                return words.kind(str(value))
            case "purpose":
                return code_words(words, terms_pb2.Purpose.DESCRIPTOR, str(value))
            case "legal_basis":
                return code_words(words, terms_pb2.LegalBasis.DESCRIPTOR, str(value))
            case "exercise":
                return words._("yes")
            case _:
                return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    def _request(self, base: str) -> Iterator[Section]:
        """Yield a request in the order of ITI 17: (a), (b), (c)."""
        words = self._words
        grounds = self._take(lambda one: one.path.removeprefix(base).split(".")[0] in _GROUNDS)
        title = words._("(a) Illicit nature and circumstances (ITI 17(a))")
        yield from self._blocks(title, grounds, base)
        yield Section(words._("(b) Markings, type, calibre and other information (ITI 17(b))"), ())
        yield from self._items(base)
        use = self._take(lambda one: one.path.removeprefix(base).split(".")[0] in _USE)
        claims = [one for one in self._told.claims if name_of(one.path) in {"purpose", "legal_basis"}]
        labels = {"purpose": words._("use"), "legal_basis": words.field("legal_basis")}
        said = [
            Row(labels[name_of(one.path)], (self._claim(name_of(one.path), one),), Line(self._told, one))
            for one in claims
        ]
        rows = (*said, *(self._row(one) for one in use))
        yield Section(words._("(c) Intended use of the information (ITI 17(c))"), rows)

    def _items(self, base: str) -> Iterator[Section]:
        numbers = dict.fromkeys(
            one.path.removeprefix(base).split(".")[1]
            for one in self._fields
            if one.path.startswith(f"{base}items.")
        )
        for number in numbers:
            prefix = f"{base}items.{number}."
            yield from self._thing(prefix)

    def _thing(self, prefix: str) -> Iterator[Section]:
        """Yield an item: what it is, its marks as a table, its parts."""
        part = re.compile(rf"{re.escape(prefix)}object\.part\.(\d+)\..*")
        mine = self._take(lambda one: one.path.startswith(prefix) and not part.fullmatch(one.path))
        name, kind = self._text(mine, f"{prefix}id"), self._text(mine, f"{prefix}kind")
        title = f"{self._words._('item')} {name}" + (f": {kind}" if kind else "")
        yield Section(title, tuple(self._drawn(mine)), level=3)
        for number in dict.fromkeys(m[1] for one in self._fields if (m := part.fullmatch(one.path))):
            inside = self._take(_below(f"{prefix}object.part.{number}."))
            kind = self._text(inside, f"{prefix}object.part.{number}.kind")
            yield Section(
                f"{self._words._('item')} {name}, {self._words._('part')}: {kind}",
                tuple(self._drawn(inside)),
                3,
            )

    def _text(self, fields: Iterable[Field], path: str) -> str:
        found = next((one for one in fields if one.path == path), None)
        return "; ".join(self._row(found).said) if found is not None else ""

    def _rest(self, base: str) -> Iterator[Section]:
        """Yield what is left: plain fields first, then each part of the message under its own heading."""
        if self._has(f"{base}items."):
            yield from self._items(base)
        plain = self._take(lambda one: "." not in one.path.removeprefix(base))
        yield from self._blocks("", plain, base)
        while self._fields:
            path = self._fields[0].path
            head = re.match(r"[^.]+(\.\d+)?", path)
            assert head is not None
            if path == head[0]:  # units of one list, such as contacts
                several = self._take(_units_of(name_of(path)))
                yield Section(self._titled(name_of(path)), tuple(self._drawn(several)), level=2)
                continue
            inside = self._take(_below(f"{head[0]}."))
            item = self._text(inside, f"{head[0]}.item_id")
            title = f"{self._words._('item')} {item}" if item else self._titled(name_of(head[0]))
            yield Section(title, tuple(self._drawn(inside)), level=2)

    def _titled(self, name: str) -> str:
        said = self._words.field(name)
        return said[:1].upper() + said[1:]

    def _take(self, wanted: Callable[[Field], bool]) -> list[Field]:
        """Take fields out of those that are still to be drawn."""
        taken = [one for one in self._fields if wanted(one)]
        self._fields = [one for one in self._fields if not wanted(one)]
        return taken

    def _blocks(self, title: str, fields: Sequence[Field], base: str) -> Iterator[Section]:
        del base
        if fields:
            yield Section(title, tuple(self._drawn(fields)))

    # ── photographs, and what is enclosed ────────────────────────────────────────────

    def _photographs(self) -> Iterator[Section]:
        """Yield the pictures that the statement names; their digests stand signed where they are named."""
        photos = [self._photo(one) for one in self._told.fields if _is_photograph(one.value)]
        if photos:
            note = self._words._(
                "Each is made anew for paper and may be smaller than what was sent. It proves nothing: the number "
                "below it is the SHA-256 of what was sent."
            )
            yield Section(self._words._("Photographs"), (Row("", (note,)), *photos))

    def _photo(self, field: Field) -> Photo:
        value, words = field.value, self._words
        assert isinstance(value, dict)
        view = self._viewed(value)
        caption = (view, *self._about(field.path), f"SHA-256 {hexadecimal(str(value['sha256']))}")
        alternative = words._("Photograph: {view}").format(view=view)
        try:
            jpeg = self._album.place(b64decode(str(value["sha256"])))
            if jpeg is not None:
                return Photo(caption, alternative, jpeg)
            instead = words._("The same photograph is printed above, with the same SHA-256.")
        except NotFoundError:
            instead = words._("Not printed: the node does not give this photograph to the desk that prints.")
        except LimitError:
            instead = words._("Not printed: the document shows as many photographs as it can.")
        except InvalidInputError:
            instead = words._("Not printed: the photograph is damaged, too large, or no JPEG or PNG.")
        return Photo(caption, alternative, instead=instead)

    def _viewed(self, value: Mapping[str, JsonValue]) -> str:
        if "view" in value:
            return code_words(self._words, weapon_pb2.PhotographView.DESCRIPTOR, str(value["view"]))
        return printable(str(value.get("caption") or self._words._("photograph of the place")))

    def _about(self, path: str) -> tuple[str, ...]:
        """Return which item or part a field is of, from the nearest of the messages around it."""
        said = {one.path: one for one in self._told.fields}
        around = [path.rsplit(".", n)[0] for n in range(1, path.count(".") + 1)]
        for name in ("id", "item_id"):
            for outer in around:
                if f"{outer}.{name}" in said:
                    return (f"{self._words._('item')} {printable(str(said[f'{outer}.{name}'].value))}",)
        return ()

    def _enclosed(self) -> Iterator[Section]:
        """Yield the statements that this one passes on: who wrote them, what is left of them, what was removed."""
        for exhibit in _exhibits_in(self._told):
            try:
                told = told_by_proof(prove_exhibit(exhibit))
            except TracepostError:
                title = self._words._("an exhibit that does not verify")
                yield Section(
                    title, (Row(self._words._("statement"), (printable(exhibit.statement_digest),)),)
                )
                continue
            yield from map(_uncovered, self._exhibit(told, exhibit))

    def _exhibit(self, told: Told, exhibit: Exhibit) -> Iterator[Section]:
        words, inner = self._words, Pen(self._words, told, self._album)
        title = f"{words._('Enclosed')}: {words.kind(told.kind)} ({told.claim('iss')})"
        held = words._("Its author signed it, and the signature held when this was printed.")
        note = words._(
            "The codes of the pages do not cover what is enclosed: compare it with the exported case."
        )
        above = self._problem() if self._told.problem else Row("", (held,))
        rows = (Row("", (note,)), *inner._handling(), *self._removed(exhibit), *inner.restrictions())
        yield Section(title, (above, *rows))
        sections = (*inner.sections(), *inner.proof())
        yield from (replace(one, level=3) for one in sections)

    def _handling(self) -> Iterator[Row]:
        """Yield how a statement that is enclosed is to be handled; of others it stands in the head of each page."""
        for field in self._told.fields:
            if name_of(field.path) == "handling_instructions":
                yield replace(self._row(field), strong=True)

    def _removed(self, exhibit: Exhibit) -> Iterator[Row]:
        """Yield what who passed it on left out."""
        words = self._words
        if exhibit.dropped:
            count = words.plural("{n} field", "{n} fields", len(exhibit.dropped))
            names = dict.fromkeys(words.field(name_of(path)) for path in exhibit.dropped)
            label = words._("left out by {member}").format(member=self._told.claim("iss"))
            yield Row(label, (f"{count}: {'; '.join(names)}",))

    # ── rows and tables ──────────────────────────────────────────────────────────────

    def _drawn(self, fields: Sequence[Field]) -> Iterator[Block]:
        """Yield rows, and a table for marks."""
        marks = [one for one in fields if name_of(one.path) == "mark" and isinstance(one.value, dict)]
        yield from (self._row(one) for one in fields if one not in marks)
        if marks:
            yield self._table(marks, _MARK_COLUMNS)

    def _table(self, units: Sequence[Field], columns: Sequence[str]) -> Table:
        used = {name for unit in units if isinstance(unit.value, dict) for name in unit.value}
        some = [name for name in columns if name in used] or [columns[0]]
        lines = []
        for unit in units:
            assert isinstance(unit.value, dict)
            described = field_at(self._told.kind, unit.path)
            inside = members_of(described)
            cells = [
                "; ".join(say(self._words, inside.get(name), unit.value[name], name))
                if name in unit.value
                else ""
                for name in some
            ]
            more = {name: value for name, value in unit.value.items() if name not in columns}
            cells[-1] = "\n".join(filter(None, [cells[-1], *say(self._words, described, more)]))
            lines.append(TableLine(tuple(cells), Line(self._told, unit)))
        return Table(tuple(self._words.field(name) for name in some), tuple(lines))

    def _row(self, field: Field) -> Row:
        name = name_of(field.path)
        said = say(self._words, field_at(self._told.kind, field.path), field.value, name)
        return Row(self._words.field(name), said, Line(self._told, field))


def _is_photograph(value: JsonValue) -> bool:
    return isinstance(value, dict) and {"sha256", "media_type"} <= value.keys()


def _exhibits_in(told: Told) -> Iterator[Exhibit]:
    """Yield what a statement encloses, as far as the desk reads who signed it."""
    parts = [one for one in told.fields if _OF_AN_EXHIBIT.fullmatch(one.path)]
    if parts and told.kind in KINDS:
        message: Any = assemble(told.kind, parts).message
        yield from (one for one in message.exhibits if one.jws)


def _uncovered(section: Section) -> Section:
    """Return a section without its signed fields: they are of a statement that the code of the page does not name."""
    return replace(section, blocks=tuple(map(_bare, section.blocks)))


def _bare(block: Block) -> Block:
    if isinstance(block, Row):
        return replace(block, line=None)
    if isinstance(block, Table):
        return replace(block, lines=tuple(replace(one, line=None) for one in block.lines))
    return block


def _below(prefix: str) -> Callable[[Field], bool]:
    return lambda one: one.path.startswith(prefix)


def _units_of(name: str) -> Callable[[Field], bool]:
    pattern = re.compile(rf"{name}(\.\d+)?")
    return lambda one: pattern.fullmatch(one.path) is not None


def values_of(words: Words, line: Line) -> tuple[str, ...]:
    """Return what is said of one signed field, without what its parts are called."""
    pen, value = Pen(words, line.told), line.field.value
    plain = line.field.path.startswith(f"{CLAIMS}.") or name_of(line.field.path) == "withheld"
    return pen.said(line.field) if plain or not isinstance(value, dict) else pen.members(line.field)


def words_of(words: Words, line: Line) -> tuple[str, ...]:
    """Return what is said on paper of one signed field, as a document in this language says it."""
    return Pen(words, line.told).said(line.field)
