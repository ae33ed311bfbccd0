"""The Merkle tree: RFC 6962 against pymerkle and against the definition, word for word."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree  # type: ignore[import-untyped]  # the oracle ships no types

from tracepost.protocol.errors import EvidenceError, InvalidInputError
from tracepost.protocol.evidence import (
    EMPTY_ROOT,
    BlockHashes,
    Frontier,
    Prover,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 129, 200]
LARGEST = 700


class Rows:
    """A store of blocks such as a database keeps, in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int], bytes] = {}
        self.loads = 0

    def load(self, level: int, index: int) -> bytes:
        self.loads += 1
        return self.rows.get((level, index), b"")

    def write(self, blocks: BlockHashes) -> None:
        self.rows.update({(block.level, block.index): block.data for block in blocks.take_changed()})


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(f"entry {number}".encode()) for number in range(size)]


def build(size: int) -> tuple[BlockHashes, Frontier, Rows]:
    rows = Rows()
    blocks, frontier = BlockHashes(rows.load), Frontier()
    for leaf in leaves(size):
        blocks.add(frontier.append(leaf))
    rows.write(blocks)
    return blocks, frontier, rows


@pytest.fixture(scope="module")
def oracle() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for number in range(LARGEST):
        tree.append_entry(f"entry {number}".encode())
    return tree


@pytest.fixture(scope="module")
def blocks() -> BlockHashes:
    return build(LARGEST)[0]


def mth(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over leaf hashes."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(mth(hashes[:k]), mth(hashes[k:]))


def path_by_definition(m: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(hashes) == 1:
        return []
    k = 1 << (len(hashes) - 1).bit_length() - 1
    if m < k:
        return [*path_by_definition(m, hashes[:k]), mth(hashes[k:])]
    return [*path_by_definition(m - k, hashes[k:]), mth(hashes[:k])]


def proof_by_definition(m: int, hashes: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF of RFC 6962, section 2.1.2."""
    if m == len(hashes):
        return [] if whole else [mth(hashes)]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    if m <= k:
        return [*proof_by_definition(m, hashes[:k], whole), mth(hashes[k:])]
    return [*proof_by_definition(m - k, hashes[k:], whole=False), mth(hashes[:k])]


class TestAgainstPymerkle:
    """Foreign code recomputes what we say about a log."""

    def test_roots_of_every_size(self, oracle: InmemoryTree, blocks: BlockHashes) -> None:
        frontier = Frontier()
        for number, leaf in enumerate(leaves(LARGEST)):
            frontier.append(leaf)
            assert frontier.root() == oracle.get_root(number + 1)
            if number < 300 or number % 7 == 0:
                assert root(number + 1, blocks) == oracle.get_root(number + 1)

    def test_inclusion_paths(self, oracle: InmemoryTree, blocks: BlockHashes) -> None:
        for size in [*SIZES, 255, 256, 257, 511, 513, LARGEST]:
            prover = Prover(size, blocks)
            for index in range(0, size, 1 if size < 130 else 11):
                foreign = oracle.prove_inclusion(index + 1, size)
                assert list(prover.inclusion_path(index)) == foreign.path[1:]
                verify_inclusion(oracle.get_leaf(index + 1), index, size, foreign.path[1:], prover.root())

    def test_our_paths_satisfy_pymerkle(self, oracle: InmemoryTree, blocks: BlockHashes) -> None:
        for size in (1, 6, 256, 257, 600):
            for index in {0, size // 2, size - 1}:
                foreign = oracle.prove_inclusion(index + 1, size)
                foreign.path = [oracle.get_leaf(index + 1), *inclusion_path(index, size, blocks)]
                foreign.verify(oracle.get_leaf(index + 1), root(size, blocks), index + 1, size)

    def test_consistency(self, oracle: InmemoryTree, blocks: BlockHashes) -> None:
        for old in SIZES:
            for new in [*SIZES, 255, 256, 257, 513, LARGEST]:
                if not old < new:
                    continue
                # pymerkle cuts the earlier tree finer than RFC 6962 does, so heads are compared, not paths
                oracle.prove_consistency(old, new).verify(root(old, blocks), root(new, blocks), old, new)
                ours = consistency_path(old, new, blocks)
                verify_consistency(old, oracle.get_root(old), new, oracle.get_root(new), ours)


class TestAgainstTheDefinition:
    """The recursive definitions of RFC 6962 give the same paths, hash by hash."""

    @given(st.integers(1, 400), st.data())
    def test_inclusion(self, blocks: BlockHashes, size: int, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, size - 1))
        expected = path_by_definition(index, leaves(size))
        assert list(inclusion_path(index, size, blocks)) == expected
        verify_inclusion(leaves(size)[index], index, size, expected, mth(leaves(size)))

    @given(st.integers(1, 400), st.data())
    def test_consistency(self, blocks: BlockHashes, new: int, data: st.DataObject) -> None:
        old = data.draw(st.integers(1, new))
        expected = proof_by_definition(old, leaves(new))
        assert list(consistency_path(old, new, blocks)) == expected
        verify_consistency(old, mth(leaves(old)), new, mth(leaves(new)), expected)

    def test_the_empty_tree(self, blocks: BlockHashes) -> None:
        assert root(0, blocks) == Frontier().root() == EMPTY_ROOT
        assert consistency_path(0, 9, blocks) == ()
        verify_consistency(0, EMPTY_ROOT, 9, root(9, blocks), [])


class TestRefusals:
    """What does not prove is refused, and the reason says why."""

    @given(st.integers(1, 200), st.data())
    def test_a_path_proves_its_leaf_at_its_index_and_no_other(
        self, blocks: BlockHashes, size: int, data: st.DataObject
    ) -> None:
        index, claimed, shown = (data.draw(st.integers(0, size - 1)) for _ in range(3))
        path, leaf = inclusion_path(index, size, blocks), leaves(size)[shown]
        if (claimed, shown) == (index, index):
            verify_inclusion(leaf, claimed, size, path, root(size, blocks))
        else:
            with pytest.raises(EvidenceError):
                verify_inclusion(leaf, claimed, size, path, root(size, blocks))

    @given(st.integers(2, 200), st.data())
    def test_any_other_path_is_refused(self, blocks: BlockHashes, size: int, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, size - 1))
        path = list(inclusion_path(index, size, blocks))
        for changed in _changed(path, data):
            with pytest.raises(EvidenceError):
                verify_inclusion(leaves(size)[index], index, size, changed, root(size, blocks))

    @given(st.integers(2, 200), st.data())
    def test_any_other_consistency_proof_is_refused(
        self, blocks: BlockHashes, new: int, data: st.DataObject
    ) -> None:
        old = data.draw(st.integers(1, new - 1))
        path = list(consistency_path(old, new, blocks))
        for changed in _changed(path, data):
            with pytest.raises(EvidenceError):
                verify_consistency(old, root(old, blocks), new, root(new, blocks), changed)

    def test_a_rewritten_log_is_refused(self, blocks: BlockHashes) -> None:
        for old, new in [(1, 2), (3, 7), (4, 8), (6, 600)]:
            path = consistency_path(old, new, blocks)
            with pytest.raises(EvidenceError) as refusal:
                verify_consistency(old, bytes(32), new, root(new, blocks), path)
            assert refusal.value.reason == "inconsistent-heads"

    def test_a_head_that_shrinks_is_refused(self, blocks: BlockHashes) -> None:
        with pytest.raises(EvidenceError) as refusal:
            verify_consistency(8, root(8, blocks), 7, root(7, blocks), [])
        assert refusal.value.reason == "head-shrunk"

    def test_two_heads_of_one_size_that_differ_are_refused(self, blocks: BlockHashes) -> None:
        with pytest.raises(EvidenceError) as refusal:
            verify_consistency(8, root(8, blocks), 8, root(7, blocks), [])
        assert refusal.value.reason == "inconsistent-heads"

    def test_equal_heads_need_no_path(self, blocks: BlockHashes) -> None:
        verify_consistency(8, root(8, blocks), 8, root(8, blocks), [])
        with pytest.raises(EvidenceError) as refusal:
            verify_consistency(8, root(8, blocks), 8, root(8, blocks), [bytes(32)])
        assert refusal.value.reason == "path-too-long"

    def test_an_index_outside_the_tree_is_refused(self) -> None:
        for index, size in [(1, 1), (-1, 1), (0, 0), (0, 1 << 63)]:
            with pytest.raises(EvidenceError) as refusal:
                verify_inclusion(bytes(32), index, size, [], bytes(32))
            assert refusal.value.reason == "index-outside-tree"

    def test_no_path_is_made_for_what_is_not_there(self, blocks: BlockHashes) -> None:
        for attempt in (
            lambda: inclusion_path(5, 5, blocks),
            lambda: consistency_path(6, 5, blocks),
            lambda: root(-1, blocks),
        ):
            with pytest.raises(InvalidInputError):
                attempt()


def _changed(path: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    longer = [*path, bytes(32)]
    if not path:
        return [longer]
    at = data.draw(st.integers(0, len(path) - 1))
    bent = bytes([path[at][0] ^ 1]) + path[at][1:]
    others = ([*path[:at], other, *path[at + 1 :]] for other in (bent, path[at][:31]))
    return [longer, path[:-1], *others]


class TestBlocks:
    """Hashes rest in blocks of 256 as tlog-tiles has them."""

    def test_a_tree_of_70000_leaves_has_the_tiles_of_the_specification(self) -> None:
        rows, frontier = Rows(), Frontier()
        blocks = BlockHashes(rows.load)
        for number in range(70_000):
            blocks.add(frontier.append(number.to_bytes(32)))
        rows.write(blocks)
        widths = {key: len(data) // 32 for key, data in rows.rows.items()}
        assert sum(1 for (level, _), width in widths.items() if level == 0 and width == 256) == 273
        assert widths[0, 273] == 112
        assert (widths[1, 0], widths[1, 1], widths[2, 0]) == (256, 17, 1)
        assert len(widths) == 273 + 1 + 2 + 1

    def test_each_hash_of_a_higher_block_is_the_root_of_a_full_block(self) -> None:
        blocks, _, rows = build(600)
        for index in range(2):
            tile = rows.rows[0, index]
            assert mth([tile[at : at + 32] for at in range(0, 8192, 32)]) == blocks.read(8, index)
            assert rows.rows[1, 0][32 * index : 32 * index + 32] == blocks.read(8, index)

    def test_only_the_blocks_that_changed_are_written(self) -> None:
        blocks, frontier, _ = build(255)
        blocks.add(frontier.append(bytes(32)))
        assert [(b.level, b.index, len(b.data)) for b in blocks.take_changed()] == [(0, 0, 8192), (1, 0, 32)]
        assert blocks.take_changed() == []

    def test_a_restart_reads_everything_from_the_store(self) -> None:
        _, frontier, rows = build(300)
        reader = BlockHashes(rows.load)
        again = Frontier.rebuild(300, reader)
        assert (again.size, again.root()) == (300, frontier.root())
        assert again.append(bytes(32)) == frontier.append(bytes(32))

    def test_what_a_failed_transaction_added_is_forgotten(self) -> None:
        blocks, frontier, _ = build(300)
        before = frontier.root()
        blocks.add(frontier.append(bytes(32)))
        blocks.forget()
        frontier = Frontier.rebuild(300, blocks)
        assert (frontier.root(), blocks.take_changed()) == (before, [])

    def test_few_blocks_are_kept_and_none_that_is_not_written(self) -> None:
        rows, frontier = Rows(), Frontier()
        blocks = BlockHashes(rows.load, cached_blocks=2)
        for leaf in leaves(1500):
            blocks.add(frontier.append(leaf))
        rows.write(blocks)
        loads = rows.loads
        assert Prover(1500, blocks).root() == frontier.root()
        assert rows.loads > loads

    def test_a_missing_hash_is_an_error_of_ours(self) -> None:
        blocks, _, rows = build(300)
        del rows.rows[0, 0]
        blocks.forget()
        with pytest.raises(EvidenceError) as refusal:
            blocks.read(0, 7)
        assert refusal.value.reason == "hash-missing"

    def test_a_block_of_odd_length_is_refused(self) -> None:
        for data in (bytes(31), bytes(8193), bytes(8224)):
            rows = Rows()
            rows.rows[0, 0] = data
            with pytest.raises(EvidenceError) as refusal:
                BlockHashes(rows.load).read(0, 0)
            assert refusal.value.reason == "block-length"

    def test_a_block_that_does_not_end_where_the_tree_does_is_refused(self) -> None:
        _, frontier, rows = build(300)
        rows.rows[0, 1] = rows.rows[0, 1][:-32]
        with pytest.raises(EvidenceError) as refusal:
            BlockHashes(rows.load).add(frontier.append(bytes(32)))
        assert refusal.value.reason == "block-gap"

    def test_a_batch_reads_each_upper_hash_once(self) -> None:
        blocks, _, _ = build(700)
        prover = Prover(700, blocks)
        paths = [prover.inclusion_path(index) for index in range(444, 700)]
        for index, path in enumerate(paths, 444):
            verify_inclusion(leaves(700)[index], index, 700, path, prover.root())
