"""Sealing: what a desk may read it opens, and nothing else opens."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import pickle
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors.sealing import generate

from tracepost.protocol import sealing
from tracepost.protocol.errors import SealingError
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, decode_b64
from tracepost.protocol.sealing import (
    EPOCH_LIFE_S,
    EPOCH_USES,
    INFLATE_LIMIT,
    SLOT_LENGTH,
    Compartment,
    CompartmentKey,
    DeskPrivateKey,
    DeskPublicKey,
    EpochBook,
    EpochCache,
    OpenSlot,
    SealedBody,
    SealedStorageEpoch,
    StorageBook,
    find_slot,
    generate_desk_key,
    open_compartment,
    open_compartments,
    open_slot,
    open_with_key,
    open_wrap,
    pack_compartment,
    seal_body,
    seal_slots,
    seal_to_key,
    seal_wrap,
    unpack_compartment,
)
from tracepost.protocol.sealing.content import decode_content
from tracepost.wire.v1 import envelope_pb2

US, THEM, OTHER = MemberId("xaa"), MemberId("xab"), MemberId("xac")
NOW = generate.NOW
DIGEST = generate.DIGEST
KEYS = [generate.NODE, generate.POC, generate.STRANGER]
BODY = seal_body([b"first", b"second", b"third"], os.urandom)
Entitled = list[frozenset[int]]


def seal(
    body: SealedBody = BODY, entitled: Entitled | None = None, epochs: EpochBook | None = None, now: int = NOW
) -> bytes:
    sets = entitled or [frozenset({0}), frozenset({0, 1, 2}), frozenset()]
    desks = [(key.public, indexes) for key, indexes in zip(KEYS, sets, strict=False)]
    return seal_slots(US, THEM, desks, body, DIGEST, epochs=epochs or EpochBook(), now=now, random=os.urandom)


def cut(slots: bytes) -> list[bytes]:
    return [slots[start : start + SLOT_LENGTH] for start in range(0, len(slots), SLOT_LENGTH)]


def flip(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def load(name: str) -> list[Any]:
    cases = json.loads((generate.HERE / name).read_text(encoding="utf-8"))["cases"]
    return [pytest.param(case, id=case["name"].replace(" ", "-")) for case in cases]


def b64(case: dict[str, Any], name: str) -> bytes:
    return decode_b64(case[name], name)


class TestVectors:
    """Each vector carries its verdict; a refusal its step and reason."""

    def check_refusal(self, case: dict[str, Any], refusal: SealingError) -> None:
        assert (refusal.where.split()[:2], refusal.reason) == (["step", str(case["step"])], case["reason"])

    def check_opened(self, case: dict[str, Any], opened: OpenSlot) -> None:
        keys = [[each.index, each.key, each.offset, each.length] for each in opened.keys.values()]
        assert keys == [[i, decode_b64(key, "key"), start, length] for i, key, start, length in case["keys"]]
        assert opened.statement_digest == b64(case, "statement_digest")
        assert opened.not_after == case["not_after"]

    def open_slot(self, case: dict[str, Any], cache: EpochCache | None) -> OpenSlot:
        key = DeskPrivateKey(b64(case, "key"))
        return open_slot(
            b64(case, "slot"),
            key,
            MemberId(case["from"]),
            MemberId(case["to"]),
            b64(case, "body_sha256"),
            cache=cache,
        )

    @pytest.mark.parametrize("case", load("slots.json"))
    def test_a_slot_opens_or_is_refused_as_the_vector_says(self, case: dict[str, Any]) -> None:
        """Twice with one cache: what is remembered changes no verdict."""
        cache = EpochCache()
        for _ in range(2):
            if case["verdict"] == "opened":
                self.check_opened(case, self.open_slot(case, cache))
                continue
            with pytest.raises(SealingError) as caught:
                self.open_slot(case, cache)
            self.check_refusal(case, caught.value)

    @pytest.mark.parametrize("case", load("compartments.json"))
    def test_a_compartment_opens_or_is_refused_as_the_vector_says(self, case: dict[str, Any]) -> None:
        index, key, offset, length = case["key"]
        place = CompartmentKey(index, decode_b64(key, "key"), offset, length)
        if case["verdict"] == "opened":
            plaintext = open_compartment(b64(case, "body"), place)
            assert plaintext == b64(case, "plaintext") == pack_compartment(unpack_compartment(plaintext))
            return
        with pytest.raises(SealingError) as caught:
            unpack_compartment(open_compartment(b64(case, "body"), place))
        self.check_refusal(case, caught.value)

    @pytest.mark.parametrize("case", load("wraps.json"))
    def test_a_wrap_opens_or_is_refused_as_the_vector_says(self, case: dict[str, Any]) -> None:
        cache = EpochCache()
        epoch = SealedStorageEpoch(
            MemberId(case["member"]), DeskId(case["desk"]), b64(case, "epoch_id"), b64(case, "sealed_epoch")
        )
        wrap, key, subject = b64(case, "wrap"), DeskPrivateKey(b64(case, "key")), b64(case, "subject")
        for _ in range(2):
            if case["verdict"] == "opened":
                self.check_opened(case, open_wrap(wrap, epoch, key, subject, cache=cache))
                continue
            with pytest.raises(SealingError) as caught:
                open_wrap(wrap, epoch, key, subject, cache=cache)
            self.check_refusal(case, caught.value)

    def test_every_step_has_a_vector_that_it_refuses(self) -> None:
        cases = [case.values[0] for name in generate.FILES for case in load(name)]
        assert {case["step"] for case in cases if case["verdict"] == "refused"} == set(range(1, 14))


class TestKeys:
    def test_a_key_is_its_seed(self) -> None:
        key = generate_desk_key()
        again = DeskPrivateKey(key.seed())
        assert again == key
        assert hash(again) == hash(key)
        assert again != generate_desk_key()
        assert again != key.seed()

    def test_the_seed_expands_as_the_x_wing_draft_says(self) -> None:
        """draft-connolly-cfrg-xwing-kem, appendix C: first test vector, its public key by digest."""
        seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
        assert DeskPrivateKey(seed).public.startswith(
            bytes.fromhex("e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b")
        )

    def test_a_public_key_is_its_bytes_and_prints_as_a_fingerprint(self) -> None:
        public = generate.NODE.public
        assert DeskPublicKey(bytes(public)) == public
        assert len(public) == 1216
        assert public.sha256 == hashlib.sha256(public).digest()
        assert repr(public) == str(public) == f"DeskPublicKey({public.sha256.hex()[:16]})"

    @pytest.mark.parametrize("raw", [b"", bytes(1215), bytes(1217), b"\xff" * 1216])
    def test_bytes_that_are_no_key_are_refused(self, raw: bytes) -> None:
        """All ones are no ML-KEM key: a coefficient must be below q (FIPS 203, 7.2)."""
        with pytest.raises(SealingError) as caught:
            DeskPublicKey(raw)
        assert caught.value.reason == "not-a-desk-key"

    @pytest.mark.parametrize("seed", [b"", bytes(31), bytes(64)])
    def test_a_seed_of_another_length_is_refused(self, seed: bytes) -> None:
        with pytest.raises(SealingError):
            DeskPrivateKey(seed)

    def test_nothing_is_sealed_to_a_low_order_point(self) -> None:
        public = DeskPublicKey(generate.NODE.public[:1184] + bytes(32))
        with pytest.raises(SealingError) as caught:
            seal_to_key(public, "epoch", (), b"secret")
        assert caught.value.reason == "unusable-desk-key"

    def test_a_private_key_shows_nothing_and_is_not_pickled(self) -> None:
        key = generate_desk_key()
        assert repr(key) == f"DeskPrivateKey(of {key.public!r})"
        assert key.seed().hex() not in repr(key)
        with pytest.raises(TypeError):
            pickle.dumps(key)

    def test_what_is_sealed_to_a_key_opens_for_its_purpose_and_context_only(self) -> None:
        key = generate_desk_key()
        sealed = seal_to_key(key.public, "possession", (b"ab", b"c"), b"nonce")
        assert open_with_key(key, "possession", (b"ab", b"c"), sealed) == b"nonce"
        wrong: list[tuple[str, tuple[bytes, ...]]] = [
            ("epoch", (b"ab", b"c")),
            ("possession", (b"a", b"bc")),
            ("possession", (b"ab",)),
            ("possession", (b"ab", b"c", b"")),
        ]
        for purpose, context in wrong:
            with pytest.raises(SealingError):
                open_with_key(key, purpose, context, sealed)


class TestBody:
    @pytest.mark.parametrize(
        ("length", "kib"),
        [
            (0, 4),
            (4096 - 16, 4),
            (4097 - 16, 8),
            (12 * 1024 - 16, 12),
            (13 * 1024, 16),
            (16 * 2**20 - 16, 16384),
        ],
    )
    def test_a_body_is_padded_to_its_size_class(
        self, length: int, kib: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("isal.isal_zlib.compress", lambda data, *_: data)
        sealed = seal_body([bytes(length)], os.urandom)
        assert (len(sealed.body), sealed.size_class_kib) == (kib * 1024, kib)
        assert sealed.sha256 == hashlib.sha256(sealed.body).digest()

    def test_a_body_over_the_largest_class_is_refused(self) -> None:
        with pytest.raises(SealingError) as caught:
            seal_body([os.urandom(16 * 2**20)], os.urandom)
        assert caught.value.reason == "too-large"

    @pytest.mark.parametrize("count", [0, 17])
    def test_a_body_has_one_to_sixteen_compartments(self, count: int) -> None:
        with pytest.raises(SealingError):
            seal_body([b""] * count, os.urandom)

    def test_every_compartment_has_its_own_fresh_key(self) -> None:
        bodies = [seal_body([b"same", b"same"], os.urandom) for _ in range(2)]
        assert len({key.key for body in bodies for key in body.keys}) == 4

    def test_every_flipped_byte_of_a_compartment_is_refused(self) -> None:
        for key in BODY.keys:
            for position in range(key.offset, key.offset + key.length):
                with pytest.raises(SealingError, match="step 9"):
                    open_compartment(flip(BODY.body, position), key)

    def test_the_inflate_limit_holds_for_all_compartments_together(self) -> None:
        half = bytes(INFLATE_LIMIT // 2)
        sealed = seal_body([half, half, b"one byte too many"], os.urandom)
        assert len(open_compartments(sealed.body, sealed.keys[:2])) == 2
        with pytest.raises(SealingError) as caught:
            open_compartments(sealed.body, sealed.keys)
        assert (caught.value.where, caught.value.reason) == ("step 10 compartment 2", "inflates-too-far")

    def test_a_compartment_over_its_limits_is_not_packed(self) -> None:
        with pytest.raises(SealingError, match="step 11"):
            pack_compartment(Compartment(parts=(bytes(204_801),)))

    def test_no_statement_is_not_an_empty_statement(self) -> None:
        assert unpack_compartment(pack_compartment(Compartment())).jws is None
        assert unpack_compartment(pack_compartment(Compartment(jws=""))).jws == ""

    @pytest.mark.parametrize("jws", [None, "", "aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl"])
    def test_texts_that_travel_as_bytes_are_the_same_texts_again(self, jws: str | None) -> None:
        compartment = Compartment(jws, ("WyJzYWx0Il0", "WyJvdGhlciJd"), (b"a photograph",))
        packed = pack_compartment(compartment, as_bytes=True)
        assert unpack_compartment(packed) == compartment
        assert b"WyJzYWx0Il0" not in packed

    def test_a_text_that_is_not_strict_base64url_travels_as_it_is(self) -> None:
        """Encoded again it would be another one, whose signature does not hold."""
        compartment = Compartment("a.b.c", ("WyJzYWx0Il1",))
        assert unpack_compartment(pack_compartment(compartment, as_bytes=True)) == compartment

    def test_a_compartment_that_has_texts_and_bytes_is_none(self) -> None:
        wire = envelope_pb2.Compartment(jws="a.b.c", disclosure_bytes=[b"salt"])
        with pytest.raises(SealingError, match="step 11") as caught:
            unpack_compartment(wire.SerializeToString())
        assert caught.value.reason == "not-a-compartment"

    def test_keys_and_contents_are_not_printed(self) -> None:
        shown = repr(BODY) + repr(Compartment("jws-text", ("disclosure-text",), (b"photograph",)))
        for secret in ("jws-text", "disclosure-text", "photograph", repr(BODY.keys[0].key), repr(BODY.body)):
            assert secret not in shown


class TestSlots:
    def test_each_desk_gets_the_keys_of_its_compartments(self) -> None:
        slots = cut(seal())
        opened = [open_slot(slot, key, US, THEM, BODY.sha256) for slot, key in zip(slots, KEYS, strict=True)]
        assert [set(each.keys) for each in opened] == [{0}, {0, 1, 2}, set()]
        assert {each.statement_digest for each in opened} == {DIGEST}
        assert open_compartments(BODY.body, opened[1].keys.values()) == {
            0: b"first",
            1: b"second",
            2: b"third",
        }

    def test_a_slot_tells_nothing_by_its_length_or_start(self) -> None:
        """A desk without rights, one with sixteen compartments: one length, and one epoch as its start."""
        body = seal_body([b"x"] * 16, os.urandom)
        epochs = EpochBook()
        none = seal(body, [frozenset()], epochs)
        full = seal(body, [frozenset(range(16))], epochs)
        assert len(none) == len(full) == SLOT_LENGTH
        assert none[:1176] == full[:1176]
        assert none[1176:1192] != full[1176:1192]

    @pytest.mark.parametrize("part", [range(8), range(8, 1176, 9), range(1176, SLOT_LENGTH, 5)])
    def test_every_flipped_byte_is_refused(self, part: range) -> None:
        slot = cut(seal())[0]
        cache = EpochCache()
        for position in part:
            with pytest.raises(SealingError, match=r"step [23]"):
                open_slot(flip(slot, position), generate.NODE, US, THEM, BODY.sha256, cache=cache)

    @pytest.mark.parametrize("count", [0, 10])
    def test_an_envelope_has_one_to_nine_slots(self, count: int) -> None:
        desks = [(generate.NODE.public, frozenset({0}))] * count
        with pytest.raises(SealingError):
            seal_slots(US, THEM, desks, BODY, DIGEST, epochs=EpochBook(), now=NOW, random=os.urandom)

    @pytest.mark.parametrize("index", [3, -1, 16])
    def test_no_desk_is_given_a_compartment_that_is_not_there(self, index: int) -> None:
        with pytest.raises(SealingError) as caught:
            seal(entitled=[frozenset({0, index})])
        assert caught.value.reason == "no-compartment"

    def test_a_slot_is_found_wherever_it_stands(self) -> None:
        slots = seal()
        for (number, key), expected in itertools.product(enumerate(KEYS), [0, number_of_slots := 3, 7]):
            opened = find_slot(slots, [key], US, THEM, BODY.sha256, expected=expected)
            assert len(opened.keys) == [1, 3, 0][number]
            assert number_of_slots == 3

    def test_the_older_key_of_a_desk_still_opens(self) -> None:
        opened = find_slot(seal(), [generate_desk_key(), generate.POC], US, THEM, BODY.sha256)
        assert set(opened.keys) == {0, 1, 2}

    def test_a_desk_that_has_no_slot_is_told_so(self) -> None:
        with pytest.raises(SealingError) as caught:
            find_slot(seal(), [generate_desk_key()], US, THEM, BODY.sha256)
        assert (caught.value.where, caught.value.reason) == ("step 2", "no-slot-for-this-desk")

    def test_a_broken_slot_of_ours_is_not_passed_over(self) -> None:
        slots = seal()
        with pytest.raises(SealingError, match="step 3"):
            find_slot(flip(slots, 2000), [generate.NODE], US, THEM, BODY.sha256)
        with pytest.raises(SealingError, match="step 1"):
            find_slot(slots[:-1], [generate.NODE], US, THEM, BODY.sha256)


class TestEpochs:
    def epoch_starts(self, slots: bytes) -> list[bytes]:
        return [slot[:1176] for slot in cut(slots)]

    def test_an_epoch_serves_one_addressee_and_one_desk_only(self) -> None:
        book = EpochBook()
        pairs = [(US, THEM), (US, OTHER), (OTHER, THEM)]
        epochs = [
            book.for_desk(from_member, to_member, key.public, NOW, os.urandom)
            for (from_member, to_member), key in itertools.product(pairs, KEYS)
        ]
        assert len({epoch.secret for epoch in epochs}) == len(epochs) == len(book._epochs)

    def test_an_epoch_ends_after_1024_uses(self) -> None:
        book = EpochBook()
        used = [book.for_desk(US, THEM, KEYS[0].public, NOW, os.urandom) for _ in range(EPOCH_USES + 1)]
        assert len(set(used[:-1])) == 1
        assert used[-1] is not used[0]

    @pytest.mark.parametrize(
        ("later", "same"),
        [(0, True), (EPOCH_LIFE_S - 1, True), (EPOCH_LIFE_S, False), (-1, False), (10**6, False)],
    )
    def test_an_epoch_lives_ten_minutes_and_not_before_it_began(self, later: int, same: bool) -> None:
        """A clock that was set back must not make an epoch live longer."""
        book = EpochBook()
        first = book.for_desk(US, THEM, KEYS[0].public, NOW, os.urandom)
        assert (book.for_desk(US, THEM, KEYS[0].public, NOW + later, os.urandom) is first) == same
        assert first.not_after == NOW + EPOCH_LIFE_S

    def test_ended_epochs_are_forgotten(self) -> None:
        book = EpochBook()
        for key in KEYS:
            book.for_desk(US, THEM, key.public, NOW, os.urandom)
        book.for_desk(US, THEM, KEYS[0].public, NOW + EPOCH_LIFE_S, os.urandom)
        assert len(book._epochs) == 1

    def test_a_remembered_epoch_is_not_opened_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cache, epochs = EpochCache(), EpochBook()
        one, two = cut(seal(epochs=epochs))[1], cut(seal(epochs=epochs))[1]
        open_slot(one, generate.POC, US, THEM, BODY.sha256, cache=cache)
        monkeypatch.delattr("tracepost.protocol.sealing.slots.open_with_key")
        assert open_slot(two, generate.POC, US, THEM, BODY.sha256, cache=cache).keys
        cache.clear()
        with pytest.raises(NameError):
            open_slot(two, generate.POC, US, THEM, BODY.sha256, cache=cache)

    def test_the_cache_forgets_the_least_used_first(self) -> None:
        cache = EpochCache(capacity=2)
        opened: list[str] = []

        def use(name: str) -> None:
            def open_epoch() -> bytes:
                opened.append(name)
                return name.encode()

            assert cache.secret(name, open_epoch) == name.encode()

        for name in ("one", "two", "one", "three", "one", "two"):
            use(name)
        assert opened == ["one", "two", "three", "two"]
        assert len(cache._secrets) == 2

    def test_what_does_not_open_is_refused_alike_and_tried_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache, slot = EpochCache(), flip(cut(seal())[0], 50)
        refusals = []
        for _ in range(2):
            with pytest.raises(SealingError) as refusal:
                open_slot(slot, generate.NODE, US, THEM, BODY.sha256, cache=cache)
            refusals.append((refusal.value.where, refusal.value.reason))
            monkeypatch.delattr("tracepost.protocol.sealing.slots.open_with_key", raising=False)
        assert refusals[0] == refusals[1]
        assert not cache._secrets
        cache.clear()
        with pytest.raises(NameError):
            open_slot(slot, generate.NODE, US, THEM, BODY.sha256, cache=cache)

    def test_what_others_make_up_forces_out_no_secret(self) -> None:
        cache = EpochCache(capacity=2)
        cache.secret("ours", lambda: b"secret")

        def refuse() -> bytes:
            raise SealingError(where="step 2", reason="no-epoch")

        for name in range(5):
            with pytest.raises(SealingError):
                cache.secret(name, refuse)
        assert len(cache._refusals) == 2
        cache.secret("ours", refuse)

    def test_epochs_and_caches_show_no_secret(self) -> None:
        book, cache = EpochBook(), EpochCache()
        epoch = book.for_desk(US, THEM, KEYS[0].public, NOW, os.urandom)
        cache.secret("name", lambda: epoch.secret)
        for shown in (repr(epoch), repr(book), repr(cache)):
            assert repr(epoch.secret) not in shown
            assert epoch.secret.hex() not in shown


class TestWraps:
    def wrap(self, book: StorageBook, desk: str = "poc", now: int = NOW) -> tuple[SealedStorageEpoch, bytes]:
        epoch = book.for_desk(THEM, DeskId(desk), generate.STORAGE.public, now, os.urandom)
        return epoch.stored, seal_wrap(epoch, generate.SUBJECT, DIGEST, reversed(BODY.keys), os.urandom)

    def test_a_wrap_gives_back_the_keys_and_the_body_stays(self) -> None:
        epoch, wrap = self.wrap(StorageBook())
        opened = open_wrap(wrap, epoch, generate.STORAGE, generate.SUBJECT)
        assert list(opened.keys.values()) == list(BODY.keys)
        assert open_compartments(BODY.body, opened.keys.values())[2] == b"third"

    def test_storage_epochs_are_shared_by_the_wraps_of_one_desk_for_a_while(self) -> None:
        book = StorageBook()
        epochs = [
            self.wrap(book)[0],
            self.wrap(book)[0],
            self.wrap(book, "lab")[0],
            self.wrap(book, now=NOW + 601)[0],
        ]
        assert epochs[0] == epochs[1]
        assert len({epoch.id for epoch in epochs}) == 3

    def test_rotation_opens_with_the_old_key_and_wraps_for_the_new(self) -> None:
        epoch, wrap = self.wrap(StorageBook())
        opened = open_wrap(wrap, epoch, generate.STORAGE, generate.SUBJECT)
        new_key = generate_desk_key()
        fresh = StorageBook().for_desk(THEM, DeskId("poc"), new_key.public, NOW, os.urandom)
        rewrapped = seal_wrap(
            fresh, generate.SUBJECT, opened.statement_digest, opened.keys.values(), os.urandom
        )
        assert open_wrap(rewrapped, fresh.stored, new_key, generate.SUBJECT) == opened
        with pytest.raises(SealingError):
            open_wrap(rewrapped, fresh.stored, generate.STORAGE, generate.SUBJECT)

    def test_every_flipped_byte_is_refused(self) -> None:
        epoch, wrap = self.wrap(StorageBook())
        cache = EpochCache()
        for position in range(len(wrap)):
            with pytest.raises(SealingError, match="step 13"):
                open_wrap(flip(wrap, position), epoch, generate.STORAGE, generate.SUBJECT, cache=cache)

    def test_mail_and_storage_share_no_cache_entry(self) -> None:
        """One cache for both, one key for both: the names differ, so nothing crosses over."""
        cache = EpochCache()
        stored = replace(self.wrap(StorageBook())[0], sealed=cut(seal())[1][8:1176])
        open_slot(cut(seal())[1], generate.POC, US, THEM, BODY.sha256, cache=cache)
        with pytest.raises(SealingError, match="step 12"):
            open_wrap(bytes(60), stored, generate.POC, generate.SUBJECT, cache=cache)


COMPARTMENTS = st.lists(st.binary(max_size=200), min_size=1, max_size=16)


class TestFuzz:
    @settings(max_examples=50)
    @given(COMPARTMENTS, st.data())
    def test_each_desk_reads_its_compartments_and_no_other(
        self, plaintexts: list[bytes], data: st.DataObject
    ) -> None:
        body = seal_body(plaintexts, os.urandom)
        subsets = st.frozensets(st.integers(0, len(plaintexts) - 1))
        entitled = data.draw(st.lists(subsets, min_size=3, max_size=3))
        for slot, key, indexes in zip(cut(seal(body, entitled)), KEYS, entitled, strict=True):
            opened = open_slot(slot, key, US, THEM, body.sha256)
            assert open_compartments(body.body, opened.keys.values()) == {i: plaintexts[i] for i in indexes}

    @given(st.binary(max_size=2100), st.data())
    def test_nothing_but_our_errors_comes_out_of_a_slot(self, noise: bytes, data: st.DataObject) -> None:
        start = data.draw(st.integers(0, SLOT_LENGTH))
        mixed = (generate.NODE_SLOT[:start] + noise + generate.NODE_SLOT[start + len(noise) :])[:SLOT_LENGTH]
        for slot in (noise, mixed):
            try:
                open_slot(slot, generate.NODE, US, THEM, generate.BODY.sha256)
            except SealingError:
                continue
            assert slot == generate.NODE_SLOT

    @given(st.binary(max_size=900))
    def test_nothing_but_our_errors_comes_out_of_a_content(self, noise: bytes) -> None:
        """From behind the encryption too: a sender may seal what he likes."""
        for data in (noise, generate.content_of(generate.BODY.keys) + noise):
            try:
                opened = decode_content(data, None)
            except SealingError:
                continue
            assert generate.content_of(opened.keys.values(), opened.statement_digest) == data

    @given(st.binary(max_size=500))
    def test_nothing_but_our_errors_comes_out_of_a_padded_content(self, noise: bytes) -> None:
        slot = generate.forge_slot(noise.ljust(832, b"\x00"))
        try:
            open_slot(slot, generate.NODE, US, THEM, generate.BODY.sha256)
        except SealingError as refusal:
            step = int(refusal.where.split()[1])
        else:
            step = 0
        assert step in {0, 4, 5, 6, 7}

    @given(st.binary(max_size=300), st.integers(0, 2**32), st.integers(0, 2**32), st.integers(0, 15))
    def test_nothing_but_our_errors_comes_out_of_a_compartment(
        self, noise: bytes, offset: int, length: int, index: int
    ) -> None:
        for key in (
            CompartmentKey(index, bytes(32), offset, length),
            CompartmentKey(index, bytes(32), 0, len(noise)),
        ):
            with pytest.raises(SealingError):
                open_compartment(noise, key)

    @given(st.binary(max_size=300))
    def test_nothing_but_our_errors_comes_out_of_deflated_noise(self, noise: bytes) -> None:
        case = generate.forge_compartment("noise", noise, 0, "")
        try:
            unpack_compartment(
                open_compartment(
                    b64(case, "body"),
                    CompartmentKey(0, generate.noise("a forged compartment key"), 0, len(noise) + 16),
                )
            )
        except SealingError:
            return

    @given(st.binary(max_size=200), st.binary(max_size=1300), st.binary(max_size=40))
    def test_nothing_but_our_errors_comes_out_of_a_wrap(
        self, wrap: bytes, sealed: bytes, epoch_id: bytes
    ) -> None:
        epoch = SealedStorageEpoch(THEM, DeskId("poc"), epoch_id, sealed)
        with pytest.raises(SealingError):
            open_wrap(wrap, epoch, generate.STORAGE, generate.SUBJECT)
        with pytest.raises(SealingError):
            open_wrap(wrap, generate.EPOCH.stored, generate.STORAGE, generate.SUBJECT)

    @given(st.binary(max_size=1300))
    def test_nothing_but_our_errors_comes_out_of_a_public_key(self, raw: bytes) -> None:
        for candidate in (raw, raw[:1216].ljust(1216, b"\x00")):
            try:
                assert DeskPublicKey(candidate) == candidate
            except SealingError:
                continue


def test_the_public_names_are_pinned() -> None:
    public = {name for name in vars(sealing) if not name.startswith("_")}
    modules = {"body", "content", "epochs", "keys", "refusal", "slots", "wraps"}
    assert public - modules == set(sealing.__all__)
    assert StatementDigest(DIGEST) == DIGEST


@pytest.mark.parametrize("field", ["disclosure_bytes", "jws_segments", "disclosures", "parts"])
def test_a_body_of_millions_of_empty_things_is_refused_before_any_is_made(field: str) -> None:
    """Deflated it is shorter than the smallest class."""
    tag = envelope_pb2.Compartment.DESCRIPTOR.fields_by_name[field].number << 3 | 2
    plaintext = bytes([tag, 0]) * 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(SealingError):
            unpack_compartment(plaintext)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
