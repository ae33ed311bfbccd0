"""The Merkle tree of RFC 6962: hashes, roots, paths, and the checks of them.

A node is named by (level, index): it covers the 2**level leaves that begin with leaf
index * 2**level. Only complete nodes are ever stored, because they never change; what
is ragged at the right edge is computed when it is needed.

    >>> frontier = Frontier()
    >>> [(node.level, node.index) for leaf in (b"a", b"b") for node in frontier.append(leaf_hash(leaf))]
    [(0, 0), (0, 1), (1, 0)]
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tracepost.protocol.errors import EvidenceError, InvalidInputError

HASH_LENGTH = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
PATH_LIMIT = 63
SIZE_LIMIT = 1 << PATH_LIMIT


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree of 2**level leaves, the `index`-th of its level, and its hash."""

    level: int
    index: int
    hash: bytes


class HashReader(Protocol):
    """Where hashes of complete subtrees come from."""

    def read(self, level: int, index: int) -> bytes:
        """Return the 32-byte hash of the complete node; raise `EvidenceError` if it is missing."""
        ...


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf with `data` (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two hashes (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: all that appending needs, O(log size).

    One hash is kept per bit set in the size. Not safe for two writers.
    """

    __slots__ = ("_edge", "size")

    def __init__(self) -> None:
        self._edge: list[bytes] = []
        self.size = 0

    @classmethod
    def rebuild(cls, size: int, reader: HashReader) -> Frontier:
        """Return the frontier of a tree of `size` leaves whose complete nodes `reader` has."""
        frontier = cls()
        frontier.size = size
        levels = (level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1)
        frontier._edge = [reader.read(level, (size >> level) - 1) for level in levels]
        return frontier

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf by its hash; return the nodes that it completed, the leaf first."""
        level, index, digest = 0, self.size, leaf
        completed = [Node(0, index, leaf)]
        while index & 1:
            digest = node_hash(self._edge.pop(), digest)
            level, index = level + 1, index >> 1
            completed.append(Node(level, index, digest))
        self._edge.append(digest)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the root hash of all leaves so far."""
        if not self._edge:
            return EMPTY_ROOT
        digest = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            digest = node_hash(left, digest)
        return digest


class Prover:
    """Makes the root and the paths of one tree size.

    The hashes of the right edge are computed once, and neighbouring leaves share the upper
    parts of their paths, so that the proofs of a whole batch cost little more than one.
    """

    __slots__ = ("_edge", "_read", "_tails", "size")

    def __init__(self, size: int, reader: HashReader) -> None:
        if not 0 <= size < SIZE_LIMIT:
            raise InvalidInputError("not a tree size", where="size")
        self.size = size
        self._read = reader.read
        self._edge = _right_edge(size, reader.read)
        self._tails: dict[tuple[int, int], tuple[bytes, ...]] = {}

    def root(self) -> bytes:
        """Return the root hash at this size."""
        return self._edge[-1] if self.size else EMPTY_ROOT

    def inclusion_path(self, index: int) -> tuple[bytes, ...]:
        """Return the audit path of leaf `index`, leaf to root (RFC 6962, 2.1.1)."""
        if not 0 <= index < self.size:
            raise InvalidInputError("no such leaf in a tree of this size", where="index")
        return self._tail(0, index)

    def consistency_path(self, old: int) -> tuple[bytes, ...]:
        """Return the proof that the first `old` leaves are unchanged (RFC 6962, 2.1.2).

        It is empty for no leaves and for all of them.
        """
        if not 0 <= old <= self.size:
            raise InvalidInputError("no such earlier size", where="old_size")
        if old in (0, self.size):
            return ()
        level, index = 0, old - 1
        while index & 1:
            level, index = level + 1, index >> 1
        seed = (self._read(level, index),) if index else ()
        return seed + self._tail(level, index)

    def _tail(self, level: int, index: int) -> tuple[bytes, ...]:
        """Return the siblings from node (level, index) up to the root."""
        last = (self.size - 1) >> level
        if last == 0:
            return ()
        known = self._tails.get((level, index))
        if known is None:
            known = self._sibling(level, index, last) + self._tail(level + 1, index >> 1)
            self._tails[level, index] = known
        return known

    def _sibling(self, level: int, index: int, last: int) -> tuple[bytes, ...]:
        if index & 1:
            return (self._read(level, index - 1),)
        if index == last:
            return ()
        return (self._edge[level] if index + 1 == last else self._read(level, index + 1),)


def root(size: int, reader: HashReader) -> bytes:
    """Return the root hash of the first `size` leaves."""
    return Prover(size, reader).root()


def inclusion_path(index: int, size: int, reader: HashReader) -> tuple[bytes, ...]:
    """Return the audit path of one leaf; for many of one size use `Prover`."""
    return Prover(size, reader).inclusion_path(index)


def consistency_path(old: int, new: int, reader: HashReader) -> tuple[bytes, ...]:
    """Return the proof that the tree of `new` leaves continues the tree of `old` leaves."""
    return Prover(new, reader).consistency_path(old)


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with this hash stands at `index` in the tree (RFC 9162, 2.1.3.2).

    Raises:
        EvidenceError: the path does not lead from the leaf to the root.
    """
    if not 0 <= index < size < SIZE_LIMIT:
        raise EvidenceError("the leaf lies outside the tree", reason="index-outside-tree")
    _check_hashes(path)
    walk = _Walk(index, size - 1)
    digest = leaf
    for sibling in path:
        digest = node_hash(sibling, digest) if walk.pass_sibling() else node_hash(digest, sibling)
    walk.check_ended()
    if digest != root:
        raise EvidenceError("the path does not lead to the root", reason="wrong-root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """Check that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162, 2.1.4.2).

    An empty tree is the beginning of every tree.

    Raises:
        EvidenceError: the log was rewritten, or the proof is not one of these two heads.
    """
    if not 0 <= old <= new < SIZE_LIMIT:
        raise EvidenceError("the later head is smaller than the earlier one", reason="head-shrunk")
    _check_hashes(path)
    if old in (0, new):
        _verify_trivial_consistency(old, old_root, new, new_root, path)
        return
    if _fold_consistency(old, new, old_root, path) != (old_root, new_root):
        raise EvidenceError("the log was rewritten between these heads", reason="inconsistent-heads")


def roots_of_path(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of the first `old` and of all `new` leaves that a consistency proof commits to.

    Whoever knows that the second is signed knows by it what the first must be: the same path cannot lead from
    another beginning to that root.

    Raises:
        EvidenceError: the path has not the form of one; or `old` is a power of two, whose root stands in no path.
    """
    if not 0 < old < new < SIZE_LIMIT or not old & (old - 1):
        raise EvidenceError("the path does not say how the log began", reason="path-says-nothing")
    _check_hashes(path)
    return _fold_consistency(old, new, b"", path)


def _fold_consistency(old: int, new: int, old_root: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the two roots that the path leads to; `old_root` counts where `old` is a complete subtree."""
    walk = _Walk(old - 1, new - 1)
    walk.skip_right_children()
    rest = list(path) if walk.index else [old_root, *path]
    if not rest:
        raise EvidenceError("the path is too short", reason="path-too-short")
    before = after = rest[0]
    for sibling in rest[1:]:
        if walk.pass_sibling():
            before, after = node_hash(sibling, before), node_hash(sibling, after)
        else:
            after = node_hash(after, sibling)
    walk.check_ended()
    return before, after


def _verify_trivial_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    if path:
        raise EvidenceError("the path is too long", reason="path-too-long")
    if (old == 0 and old_root != EMPTY_ROOT) or (old == new and old_root != new_root):
        raise EvidenceError("two heads of one size differ", reason="inconsistent-heads")


def _check_hashes(path: Iterable[bytes]) -> None:
    if not set(map(len, path)) <= {HASH_LENGTH}:
        raise EvidenceError("a hash of the path has not 32 bytes", reason="hash-length")


def _right_edge(size: int, read: Callable[[int, int], bytes]) -> list[bytes]:
    """Return, per level, the hash of the last node, ragged or not; the root is the last of them."""
    if size == 0:
        return []
    last, level = size - 1, 0
    edge = [read(0, last)]
    while last:
        edge.append(node_hash(read(level, last - 1), edge[-1]) if last & 1 else edge[-1])
        last, level = last >> 1, level + 1
    return edge


class _Walk:
    """The way from a node to the root: `index` of `last` at the present level."""

    __slots__ = ("index", "last")

    def __init__(self, index: int, last: int) -> None:
        self.index = index
        self.last = last

    def skip_right_children(self) -> None:
        while self.index & 1:
            self.index, self.last = self.index >> 1, self.last >> 1

    def pass_sibling(self) -> bool:
        """Go up past the next sibling, and levels without one; say whether it stands on the left."""
        index, last = self.index, self.last
        if last == 0:
            raise EvidenceError("the path is too long", reason="path-too-long")
        while index == last and not index & 1:
            index, last = index >> 1, last >> 1
        self.index, self.last = index >> 1, last >> 1
        return bool(index & 1)

    def check_ended(self) -> None:
        if self.last:
            raise EvidenceError("the path is too short", reason="path-too-short")
