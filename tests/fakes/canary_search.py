"""Looks for canaries wherever they could have got to, in every form that software gives to text.

    search = Search(mint)
    for find in search.folder(node_folder, leave_out=("keys",)):
        print(find.place, find.form, find.canary)

Looked at are the bytes of each file, and each long cell of each SQLite database by itself, because it
lies in pieces in the file. In both, every offset is tried as the beginning of a deflate stream, which
zlib and gzip are with a header; what looks like base64 or hexadecimal is decoded; what comes out is
searched too, decoded and inflated in its turn. What was seen before, in an earlier state of the page or
in another file, is not dug through twice.

    raw · lower case · UTF-16 and UTF-32 · hexadecimal · JSON escapes · per cent · base64 and base64url
    in their three alignments, of the text, of its UTF-16, and of base64 itself
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import shutil
import sqlite3
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fakes.canaries import LENGTH, Mint, Place

_PAGE: Final = 4096
_CHUNK: Final = 128
_FOLLOWING: Final = 512
"""Bytes behind a chunk that must be the same for it to be the same: what begins in it may go on there."""
_BEGINNING: Final = 24
"""Bytes that must come out of the beginning of a stream before the rest of it is looked at."""
_HEADER_AT_MOST: Final = 400
"""Bytes in which a deflate stream has told its code tables and its first characters."""
_INFLATED_AT_MOST: Final = 4 * 1024 * 1024
_ENCODED: Final = re.compile(rb"[A-Za-z0-9+/_-]{32,}")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]+")
_SQLITE: Final = b"SQLite format 3\x00"
_WAL: Final = (bytes.fromhex("377f0682"), bytes.fromhex("377f0683"))
_WAL_HEAD, _FRAME_HEAD = 32, 24
_ROW_IN_ONE_PIECE: Final = 900  # an index row of SQLite overflows from about a quarter of its page

_COPIES_AT_MOST: Final = 100

_NATIVE: Final = struct.Struct("Q")

Form = Callable[[bytes], list[bytes]]
"""Returns what a text can look like in one form; of two texts of which one begins the other, in the same order."""


@dataclass(frozen=True, slots=True)
class Find:
    """A canary that was found: in which file or cell, in which form, and where it was planted.

    `canary` is None for a mark whose tail was not there.
    """

    place: str
    form: str
    canary: Place | None


@dataclass(frozen=True, slots=True)
class _Layers:
    """What is to be looked into, by place and by how it was got at."""

    contents: dict[tuple[str, str], list[bytes]]

    def add(self, place: str, how: str, content: bytes) -> None:
        if content:
            self.contents.setdefault((place, how), []).append(content)


class Search:
    """Looks for all canaries of a mint. One object for one run: it remembers the pages that it has seen."""

    def __init__(self, mint: Mint) -> None:
        self._mint = mint
        self._marks = [
            (name, needle, numbers)
            for name, form in _FORMS.items()
            for needle, numbers in _numbered(form(mint.mark.encode("ascii"))).items()
        ]
        self._names: dict[tuple[str, int], dict[bytes, Place]] = {}
        self._digests = [
            (form, needle, where)
            for digest, where in mint.digests.items()
            for form, needle in _digest_needles(digest)
        ]
        self._beginnings = frozenset(_NATIVE.unpack_from(needle)[0] for _, needle, _ in self._digests)
        self._seen: set[bytes] = set()
        self.bytes_seen = 0

    def folder(self, folder: Path, leave_out: Iterable[str] = ("keys",), *, deep: bool = True) -> list[Find]:
        """Return what is found in all files under `folder` but those in the folders `leave_out`.

        Without `deep` only at the surface: nothing is inflated or decoded.
        """
        skipped = {folder / name for name in leave_out}
        files = [p for p in sorted(folder.rglob("*")) if p.is_file() and not skipped.intersection(p.parents)]
        if not deep:
            return [find for path in files for find in self._look_for_marks(path.name, "", _content(path))]
        return [find for path in files for find in self.file(path)]

    def file(self, path: Path) -> list[Find]:
        """Return what is found in one file; a database is looked at as pages and as cells."""
        content = _content(path)
        layers = _Layers({(path.name, ""): []})
        for page in _pages(content):
            self._dig(layers, path.name, page)
        if content.startswith(_SQLITE):
            for place, cell in _long_cells(path):
                layers.add(f"{path.name}: {place}", "", cell)
                self._dig(layers, f"{path.name}: {place}", cell)
        return [*self._look_for_marks(path.name, "", content), *self._look_into(layers)]

    def data(self, place: str, content: bytes) -> list[Find]:
        """Return what is found in `content`, decoded and inflated as well."""
        layers = _Layers({(place, ""): [content]})
        self._dig(layers, place, content)
        return list(self._look_into(layers))

    def surface(self, place: str, content: bytes) -> list[Find]:
        """Return what stands in `content` in some form as it is; nothing is decoded or inflated."""
        return list(self._look(place, "", content))

    def marks(self, content: bytes) -> Iterator[tuple[bytes, Place | None]]:
        """Yield what begins with a mark in `content`, as long as a canary is, and whose canary it is, if it is one."""
        for form, needle, numbers in self._marks:
            at = content.find(needle)
            while at >= 0:
                yield _text_at(content, at, form, numbers[0]), self._name(content, at, form, numbers)
                at = content.find(needle, at + len(needle))

    def _dig(self, layers: _Layers, place: str, content: bytes) -> None:
        """Add what `content` hides: inflated, then decoded, and the other way round."""
        fresh = self._unseen(content)
        if not fresh:
            return
        inflated = b"\n".join(_inflate_everywhere(content, fresh))
        layers.add(place, "inflated ", inflated)
        for form, decoded in _decode_runs(inflated):
            layers.add(place, f"inflated {form}", decoded)
        for begin, end in _joined(fresh):
            run = content[max(0, begin - _FOLLOWING) : end + _FOLLOWING]
            layers.add(place, "", run)
            for form, decoded in _decode_runs(run):
                layers.add(place, form, decoded)
                everything = range(0, len(decoded), _CHUNK)
                layers.add(place, f"{form}inflated ", b"\n".join(_inflate_everywhere(decoded, everything)))

    def _look_into(self, layers: _Layers) -> Iterator[Find]:
        for (place, how), contents in layers.contents.items():
            yield from self._look(place, how, b"\n".join(contents))

    def _look(self, place: str, how: str, content: bytes) -> Iterator[Find]:
        yield from self._look_for_marks(place, how, content)
        yield from self._look_for_digests(place, how, content)

    def _look_for_marks(self, place: str, how: str, content: bytes) -> Iterator[Find]:
        for form, needle, numbers in self._marks:
            at = content.find(needle)
            while at >= 0:
                yield Find(place, how + form, self._name(content, at, form, numbers))
                at = content.find(needle, at + len(needle))

    def _look_for_digests(self, place: str, how: str, content: bytes) -> Iterator[Find]:
        if _begins_somewhere(self._beginnings, content):
            for form, needle, where in self._digests:
                if needle in content:
                    yield Find(place, f"{how}digest {form}", where)

    def _name(self, content: bytes, at: int, form: str, numbers: Sequence[int]) -> Place | None:
        """Return where the canary that begins at `at` was planted, if its tail is there too, in any of the ways."""
        return next(filter(None, (self._name_in(content, at, form, number) for number in numbers)), None)

    def _name_in(self, content: bytes, at: int, form: str, number: int) -> Place | None:
        if (form, number) not in self._names:
            self._names[form, number] = {
                _in_form(form, canary)[number]: place for canary, place in self._mint.made.items()
            }
        names = self._names[form, number]
        return names.get(content[at : at + len(next(iter(names), b""))])

    def _unseen(self, content: bytes) -> list[int]:
        """Return where the chunks of `content` begin that were, with what follows, in nothing searched before."""
        fresh = []
        for begin in range(0, len(content), _CHUNK):
            name = hashlib.blake2b(content[begin : begin + _CHUNK + _FOLLOWING], digest_size=16).digest()
            if name not in self._seen:
                self._seen.add(name)
                fresh.append(begin)
        self.bytes_seen += len(fresh) * _CHUNK
        return fresh


# ── forms ────────────────────────────────────────────────────────────────────────────


def _numbered(needles: Iterable[bytes]) -> dict[bytes, list[int]]:
    """Return each needle with its numbers in its form.

    A mark can be the same in capitals and in small letters where its canaries are not: "Y92" is 593932 in
    hexadecimal, "Y92Z" is 5939325a or 5939325A. Each place is found once, and named in either.
    """
    numbered: dict[bytes, list[int]] = {}
    for number, needle in enumerate(needles):
        numbered.setdefault(needle, []).append(number)
    return numbered


def _utf16_le(text: bytes) -> bytes:
    return text.decode("ascii").encode("utf-16-le")


def _utf16_be(text: bytes) -> bytes:
    return text.decode("ascii").encode("utf-16-be")


def _utf32(text: bytes) -> list[bytes]:
    return [text.decode("ascii").encode(f"utf-32-{end}") for end in ("le", "be")]


def _hexadecimal(text: bytes) -> list[bytes]:
    lower = binascii.hexlify(text)
    return [lower, lower.upper()]


def _json_escaped(text: bytes) -> list[bytes]:
    return [b"".join(b"\\u%04x" % byte for byte in text), b"".join(b"\\u%04X" % byte for byte in text)]


def _per_cent(text: bytes) -> list[bytes]:
    return [b"".join(b"%%%02x" % byte for byte in text), b"".join(b"%%%02X" % byte for byte in text)]


def _base64(text: bytes) -> list[bytes]:
    """Return what of the text is certain in base64 and base64url, wherever it begins in a group of three."""
    found = []
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + text)
        first = (before * 8 + 5) // 6  # characters that hold bits of what stands before
        last = (before + len(text)) * 8 // 6  # and, from here on, of what stands behind
        found.append(encoded[first:last])
    return list(dict.fromkeys([*found, *(piece.translate(_TO_URL) for piece in found)]))


def _text_at(content: bytes, at: int, form: str, number: int) -> bytes:
    """Return the text whose mark stands at `at` in this form; of base64 what it says."""
    if form != "base64":
        return content[at : at + LENGTH]
    before = number % 3
    begin = at - (before * 8 + 5) // 6
    run = _BASE64.match(content, max(0, begin), begin + 48)
    said = run[0].translate(_FROM_URL) if run else b""
    return _decode(binascii.a2b_base64, said, 4)[before : before + LENGTH]


_TO_URL: Final = bytes.maketrans(b"+/", b"-_")

_FORMS: Final[dict[str, Form]] = {
    "raw": lambda text: [text],
    "lower case": lambda text: [text.lower()],
    "UTF-16": lambda text: [_utf16_le(text), _utf16_be(text)],
    "UTF-32": _utf32,
    "hexadecimal": _hexadecimal,
    "hexadecimal UTF-16": lambda text: [*_hexadecimal(_utf16_le(text)), *_hexadecimal(_utf16_be(text))],
    "JSON escapes": _json_escaped,
    "per cent": _per_cent,
    "base64": _base64,
    "base64 UTF-16": lambda text: [*_base64(_utf16_le(text)), *_base64(_utf16_be(text))],
    "base64 twice": lambda text: [twice for once in _base64(text) for twice in _base64(once)],
    "hexadecimal base64": lambda text: [form for once in _base64(text) for form in _hexadecimal(once)],
}


@cache
def _in_form(form: str, canary: str) -> Sequence[bytes]:
    """Return a canary in all ways of a form; each search asks for it once for each of them."""
    return _FORMS[form](canary.encode("ascii"))


def _digest_needles(digest: bytes) -> Sequence[tuple[str, bytes]]:
    forms = {"raw": [digest], "hexadecimal": _hexadecimal(digest), "base64": _base64(digest)}
    return [(name, needle) for name, needles in forms.items() for needle in needles]


def _begins_somewhere(beginnings: frozenset[int], content: bytes) -> bool:
    """Say whether any eight bytes of `content` are one of the `beginnings`: once for all of them."""
    view, size = memoryview(content), _NATIVE.size
    return any(
        not beginnings.isdisjoint(view[at : at + (len(content) - at) // size * size].cast("Q"))
        for at in range(min(size, len(content)))
    )


# ── what is hidden in something else ─────────────────────────────────────────────────


def _inflate_everywhere(content: bytes, chunks: Iterable[int]) -> Iterator[bytes]:
    """Yield what comes out of every offset in the `chunks` of `content` that begins a deflate stream (RFC 1951).

    Cheap first: two bits say whether a block is compressed at all, and most random beginnings fail
    within some bytes. A stored block is plain text and needs no inflating.
    """
    inflater, failure = zlib.decompressobj, zlib.error
    for begin in chunks:
        for start, first in enumerate(content[begin : begin + _CHUNK], begin):
            if first & 6 in (2, 4):
                try:
                    begun = inflater(-15).decompress(content[start : start + _HEADER_AT_MOST], _BEGINNING)
                except failure:
                    continue
                if len(begun) >= _BEGINNING:
                    yield _inflate(content, start)


def _inflate(content: bytes, start: int) -> bytes:
    """Return all that comes out before the stream ends or breaks off."""
    stream, pieces, size = zlib.decompressobj(-15), [], 0
    waiting = content[start : start + _PAGE]
    start += _PAGE
    with suppress(zlib.error):
        while size < _INFLATED_AT_MOST and not stream.eof:
            piece = stream.decompress(waiting, 64)
            pieces.append(piece)
            size += len(piece)
            waiting = stream.unconsumed_tail
            if not piece and not waiting:
                waiting, start = content[start : start + _PAGE], start + _PAGE
                if not waiting:
                    break
    return b"".join(pieces)


def _decode_runs(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what long runs of base64 and hexadecimal characters say, wherever a run may begin."""
    runs = _ENCODED.findall(content)
    base64_said = [
        _decode(binascii.a2b_base64, run.translate(_FROM_URL)[skip:], 4) for run in runs for skip in range(4)
    ]
    hexadecimal_said = [_decode(binascii.unhexlify, run[skip:], 2) for run in runs for skip in range(2)]
    for form, said in (("decoded base64 ", base64_said), ("decoded hexadecimal ", hexadecimal_said)):
        decoded = b"\n".join(filter(None, said))
        if decoded:
            yield form, decoded


def _decode(decode: Callable[[bytes], bytes], run: bytes, group: int) -> bytes:
    try:
        return decode(run[: len(run) // group * group])
    except ValueError:
        return b""


_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")


def _joined(chunks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each run of chunks that follow one another."""
    run: tuple[int, int] | None = None
    for begin in chunks:
        if run is not None and run[1] == begin:
            run = (run[0], begin + _CHUNK)
            continue
        if run is not None:
            yield run
        run = (begin, begin + _CHUNK)
    if run is not None:
        yield run


def _pages(content: bytes) -> Iterator[bytes]:
    """Yield the pages of a SQLite file or of its WAL, whose frames have a head; other files whole."""
    if content.startswith(_SQLITE):
        yield from (content[at : at + _PAGE] for at in range(0, len(content), _PAGE))
    elif content[:4] in _WAL:
        yield from (
            content[at : at + _PAGE]
            for at in range(_WAL_HEAD + _FRAME_HEAD, len(content), _FRAME_HEAD + _PAGE)
        )
    else:
        yield content


def _content(path: Path) -> bytes:
    """Return what a file holds: nothing, if whoever wrote it has just taken it away."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _copy_at_one_moment(paths: Sequence[Path], folder: Path) -> None:
    """Copy files that may be written to meanwhile, once more where one of them was."""
    for _ in range(_COPIES_AT_MOST):
        before = [_state_of(path) for path in paths]
        for path in paths:
            (folder / path.name).unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                shutil.copy(path, folder)
        if [_state_of(path) for path in paths] == before:
            return
    raise AssertionError(f"{paths[0]} is never at rest")


def _state_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def _long_cells(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the cells of a SQLite database that may lie in pieces, with table and column.

    Read from a copy with its WAL. A row that fits into its page lies there in one piece.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        _copy_at_one_moment((path, path.with_name(f"{path.name}-wal")), copy.parent)
        with closing(sqlite3.connect(copy)) as connection:
            connection.text_factory = bytes
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                cursor = connection.execute(f'SELECT * FROM "{table.decode()}"')
                names = [column[0] for column in cursor.description]
                for row in cursor:
                    cells = {
                        name: cell for name, cell in zip(names, row, strict=True) if isinstance(cell, bytes)
                    }
                    if sum(map(len, cells.values())) > _ROW_IN_ONE_PIECE:
                        yield from ((f"{table.decode()}.{name}", cell) for name, cell in cells.items())
