"""Reads an evidence log as C2SP tlog-tiles serves it, from a web address or a folder of the same paths.

    log = TiledLog("http://127.0.0.1:8460", [vkey])
    checked = log.check()            # every entry hashed, root compared with the signed head
    proof = log.prove(17)            # from tiles alone, O(log size) of them

Nothing is believed but what the log's key signed. The member's software is not needed on the other side: any
server of these files does.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tracepost.protocol.errors import EvidenceError, NotFoundError, UnreachableError
from tracepost.protocol.evidence import (
    BlockHashes,
    Entry,
    Frontier,
    Head,
    ListedKey,
    LogVerifier,
    Prover,
    WitnessKey,
    inclusion_path,
    is_clear,
    leaf_hash,
    parse_entry,
    verify_inclusion,
)

_WIDTH = 256
_TIMEOUT_S = 30.0
_READ_LIMIT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CheckedLog:
    """A log that was read from end to end: its head, and how many entries are digests, and which are papers."""

    head: Head
    note: str
    salted: int
    papers: tuple[tuple[int, Entry], ...]


@dataclass(frozen=True, slots=True)
class TileProof:
    """That a leaf stands at `index` under `note` (RFC 6962, 2.1.1), checked."""

    index: int
    size: int
    leaf: bytes
    path: tuple[bytes, ...]
    note: str


class TiledLog:
    """One log; blocking. What does not fit raises `EvidenceError`, what cannot be had `UnreachableError`."""

    def __init__(self, place: str, keys: Iterable[str | ListedKey | WitnessKey]) -> None:
        self._place = place.rstrip("/")
        self._verifier = LogVerifier(keys)

    def head(self) -> tuple[Head, str]:
        """Return the newest head, and its signed note."""
        note = self._fetch("checkpoint").decode("utf-8", "replace")
        return self._verifier.open(note), note

    def check(self) -> CheckedLog:
        """Read all entries and tiles; raise `EvidenceError` unless they are those of the signed head."""
        head, note = self.head()
        frontier, papers = Frontier(), []
        for number, data in enumerate(self._entries(head.size)):
            frontier.append(leaf_hash(data))
            entry = _paper(data)
            if entry is not None:
                papers.append((number, entry))
        if frontier.root() != head.root:
            raise EvidenceError("the entries do not give the root of the head", reason="wrong-root")
        if Prover(head.size, self._hashes(head.size)).root() != head.root:
            raise EvidenceError("the tiles do not give the root of the head", reason="wrong-root")
        return CheckedLog(head, note, head.size - len(papers), tuple(papers))

    def prove(self, index: int) -> TileProof:
        """Return the proof of one entry, from tiles; raise `NotFoundError` if the log is not so long."""
        head, note = self.head()
        if not 0 <= index < head.size:
            raise NotFoundError(where="number", reason="no-entry")
        hashes = self._hashes(head.size)
        leaf, path = hashes.read(0, index), inclusion_path(index, head.size, hashes)
        verify_inclusion(leaf, index, head.size, path, head.root)
        return TileProof(index, head.size, leaf, tuple(path), note)

    def _hashes(self, size: int) -> BlockHashes:
        def load(level: int, index: int) -> bytes:
            width = min((size >> 8 * level) - index * _WIDTH, _WIDTH)
            return self._fetch(f"tile/{level}/{_place(index, width)}")

        return BlockHashes(load)

    def _entries(self, size: int) -> Iterator[bytes]:
        for first in range(0, size, _WIDTH):
            width = min(size - first, _WIDTH)
            bundle = self._fetch(f"tile/entries/{_place(first // _WIDTH, width)}")
            yield from _split(bundle, width)

    def _fetch(self, path: str) -> bytes:
        if urlsplit(self._place).scheme not in ("http", "https"):
            try:
                return (Path(self._place) / path).read_bytes()
            except OSError as fault:
                raise NotFoundError(where=path) from fault
        try:
            with urllib.request.urlopen(f"{self._place}/{path}", timeout=_TIMEOUT_S) as answer:  # noqa: S310 - http(s)
                return bytes(answer.read(_READ_LIMIT))
        except urllib.error.HTTPError as fault:
            raise NotFoundError(where=path) from fault
        except OSError as fault:
            raise UnreachableError(where=self._place) from fault


def _place(index: int, width: int) -> str:
    """Return the path of a tile as tlog-tiles writes it: x001/x234/067.p/12."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return name if width == _WIDTH else f"{name}.p/{width}"


def _split(bundle: bytes, count: int) -> list[bytes]:
    entries: list[bytes] = []
    at = 0
    while at + 2 <= len(bundle) and len(entries) < count:
        end = at + 2 + int.from_bytes(bundle[at : at + 2])
        entries.append(bundle[at + 2 : end])
        at = end
    if at != len(bundle) or len(entries) != count:
        raise EvidenceError("a bundle of entries is not well formed", reason="bundle-form")
    return entries


def _paper(data: bytes) -> Entry | None:
    """Return the entry that leaf data is, if it is a public paper; None for the digest of a salted one."""
    if len(data) == 32:
        return None
    entry = parse_entry(data)
    if not is_clear(entry):
        raise EvidenceError("an entry about messages stands in clear", reason="salt-length")
    return entry
