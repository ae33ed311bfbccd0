"""Hashes of a tree in blocks of 256, as C2SP tlog-tiles lays them out.

Block (level, index) holds the hashes number index * 256 … index * 256 + 255 of the nodes
of tree level 8 * level, 32 bytes each; the last block of a level may be shorter. Levels
between are computed. A store keeps rows (level, index) → bytes and nothing else, and a
full block is byte for byte the tile that an auditor fetches.

    >>> rows: dict[tuple[int, int], bytes] = {}
    >>> blocks = BlockHashes(lambda level, index: rows.get((level, index), b""))
    >>> blocks.add(Frontier().append(leaf_hash(b"first")))
    >>> rows.update(((b.level, b.index), b.data) for b in blocks.take_changed())
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence.merkle import HASH_LENGTH, Node, node_hash

BLOCK_WIDTH = 256
BLOCK_HEIGHT = 8
_CACHED_BLOCKS = 64

BlockLoader = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Block:
    """One row for the store: `data` replaces what stood at (level, index)."""

    level: int
    index: int
    data: bytes


class BlockHashes:
    """A `HashReader` over blocks, with the newest blocks in memory.

    `load(level, index)` returns the bytes of a block, b"" if there is none. What was added
    stays in memory until `take_changed`; after a failed transaction call `forget`, which
    goes back to what the store has. Not safe for two threads at once.
    """

    def __init__(self, load: BlockLoader, cached_blocks: int = _CACHED_BLOCKS) -> None:
        self._load = load
        self._limit = cached_blocks
        self._blocks: OrderedDict[tuple[int, int], _Block] = OrderedDict()
        self._changed: dict[tuple[int, int], _Block] = {}

    def read(self, level: int, index: int) -> bytes:
        """Return the hash of the complete node (level, index)."""
        height = level % BLOCK_HEIGHT
        first = index << height
        block = self._block(level // BLOCK_HEIGHT, first // BLOCK_WIDTH)
        return block.read(height, first % BLOCK_WIDTH >> height)

    def add(self, nodes: Iterable[Node]) -> None:
        """Take the nodes that `Frontier.append` completed, in its order."""
        for node in nodes:
            height = node.level % BLOCK_HEIGHT
            first = node.index << height
            key = (node.level // BLOCK_HEIGHT, first // BLOCK_WIDTH)
            block = self._block(*key)
            if height == 0:
                block.append(first % BLOCK_WIDTH, node.hash)
                self._changed[key] = block
            else:
                block.inner[height, first % BLOCK_WIDTH >> height] = node.hash

    def take_changed(self) -> list[Block]:
        """Return the blocks to write in the transaction that also holds the new entries."""
        changed, self._changed = self._changed, {}
        self._shrink()
        return [Block(level, index, b"".join(block.hashes)) for (level, index), block in changed.items()]

    def forget(self) -> None:
        """Drop everything in memory; the next read asks the store."""
        self._blocks.clear()
        self._changed.clear()

    def _block(self, level: int, index: int) -> _Block:
        key = (level, index)
        block = self._blocks.get(key)
        if block is None:
            self._shrink()
            block = self._blocks[key] = _Block.parse(self._load(level, index))
        else:
            self._blocks.move_to_end(key)
        return block

    def _shrink(self) -> None:
        spare = len(self._blocks) + 1 - self._limit
        for key in [key for key in self._blocks if key not in self._changed][: max(spare, 0)]:
            del self._blocks[key]


@dataclass(slots=True)
class _Block:
    """Hashes of one block and, as they become known, of the nodes between it and the next level."""

    hashes: list[bytes]
    inner: dict[tuple[int, int], bytes] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes) -> _Block:
        if len(data) % HASH_LENGTH or len(data) > BLOCK_WIDTH * HASH_LENGTH:
            raise EvidenceError("a block is 1 to 256 hashes of 32 bytes", reason="block-length")
        return cls([data[at : at + HASH_LENGTH] for at in range(0, len(data), HASH_LENGTH)])

    def append(self, position: int, digest: bytes) -> None:
        if position != len(self.hashes):
            raise EvidenceError("the block does not end where the tree does", reason="block-gap")
        self.hashes.append(digest)

    def read(self, height: int, index: int) -> bytes:
        if height == 0:
            if index >= len(self.hashes):
                raise EvidenceError("a hash of the tree is missing", reason="hash-missing")
            return self.hashes[index]
        known = self.inner.get((height, index))
        if known is None:
            known = node_hash(self.read(height - 1, 2 * index), self.read(height - 1, 2 * index + 1))
            self.inner[height, index] = known
        return known
