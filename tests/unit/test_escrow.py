"""Escrow: k of m people bring the keys back, fewer learn nothing, and it was tried before it is trusted."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import Share, generate_mnemonics

from tracepost.node.desk_keys import generate_bundle
from tracepost.node.escrow import (
    EscrowRecord,
    FoundedEscrow,
    decode_record,
    found_escrow,
    recover,
    seal_escrow,
    try_escrow,
)
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, StoreError, TracepostError
from tracepost.protocol.ids import NODE_DESK, DeskId

NOW = 1_790_000_000
BUNDLES = [generate_bundle(NODE_DESK), generate_bundle(DeskId("poc")).with_new_opening_key()]
FOUNDED = found_escrow(3, 5, NOW)
SHARES = FOUNDED.shares
SEALED, RECORD = seal_escrow(BUNDLES, FOUNDED.record)


def found_another() -> FoundedEscrow:
    """Return another escrow: the number that shares of one have in common has 15 bits, and two may draw the same."""
    while True:
        found = found_escrow(3, 5, NOW)
        numbers = {Share.from_mnemonic(one.shares[0]).identifier for one in (FOUNDED, found)}
        if len(numbers) == 2:
            return found


OTHERS = found_another()


def refusal_of(shares: list[str], sealed: bytes = SEALED) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        recover(shares, sealed)
    return caught.value


class TestShares:
    def test_any_three_of_five_bring_all_keys_back(self) -> None:
        for chosen in itertools.permutations(SHARES, 3):
            assert list(recover(chosen, SEALED)) == BUNDLES

    def test_old_keys_and_the_index_key_come_back_too(self) -> None:
        recovered = recover(SHARES[:3], SEALED)[1]
        assert len(recovered.opening) == 2
        assert recovered.index_key == BUNDLES[1].index_key

    def test_a_share_is_33_words(self) -> None:
        assert [len(share.split()) for share in SHARES] == [33] * 5
        assert len(set(SHARES)) == 5

    def test_a_share_may_be_typed_in_any_case_and_spacing(self) -> None:
        typed = [share.upper().replace(" ", "\n  ") + "\n" for share in SHARES[:3]]
        assert list(recover(typed, SEALED)) == BUNDLES

    def test_more_than_enough_shares_are_all_used(self) -> None:
        assert list(recover(SHARES, SEALED)) == BUNDLES
        forged = generate_mnemonics(1, [(3, 5)], bytes(32), iteration_exponent=0)[0][4]
        share = replace(Share.from_mnemonic(forged), identifier=Share.from_mnemonic(SHARES[0]).identifier)
        assert refusal_of([*SHARES[:4], share.mnemonic()]).reason == "shares-do-not-fit"

    @pytest.mark.parametrize("count", [0, 1, 2])
    def test_fewer_are_too_few(self, count: int) -> None:
        assert refusal_of(list(SHARES[:count])).reason == "shares-too-few"

    def test_one_share_twice_counts_once(self) -> None:
        assert refusal_of([SHARES[0], SHARES[1], SHARES[1].upper()]).reason == "shares-too-few"

    def test_two_shares_with_one_number_do_not_fit(self) -> None:
        one, two = (Share.from_mnemonic(share) for share in SHARES[:2])
        twin = replace(two, index=one.index).mnemonic()
        assert refusal_of([SHARES[0], twin, SHARES[2]]).reason == "shares-do-not-fit"

    def test_a_share_of_another_escrow_is_named_by_its_place(self) -> None:
        refusal = refusal_of([SHARES[0], OTHERS.shares[1], SHARES[2]])
        assert (refusal.where, refusal.reason) == ("share 2", "share-of-another-escrow")

    @pytest.mark.parametrize("change", ["word", "swap", "missing", "unknown", "empty"])
    def test_a_share_that_was_copied_wrongly_is_named_and_not_shown(self, change: str) -> None:
        words = SHARES[1].split()
        copies = {
            "word": [*words[:9], "academic" if words[9] != "academic" else "acid", *words[10:]],
            "swap": [*words[:-2], words[-1], words[-2]] if words[-1] != words[-2] else words[::-1],
            "missing": words[:-1],
            "unknown": [*words[:-1], "tracepost"],
            "empty": [],
        }
        refusal = refusal_of([SHARES[0], " ".join(copies[change]), SHARES[2]])
        assert (refusal.where, refusal.reason) == ("share 2", "share-unreadable")
        told = f"{refusal} {refusal.what_to_do} {refusal.__cause__}"
        assert not {word for word in words if f" {word} " in told} - {"share", "paper"}

    @pytest.mark.parametrize(("threshold", "shares"), [(1, 1), (1, 5), (0, 3), (4, 3), (2, 17), (-1, 2)])
    def test_nobody_opens_the_mail_alone(self, threshold: int, shares: int) -> None:
        with pytest.raises(InvalidInputError) as caught:
            found_escrow(threshold, shares, NOW)
        assert caught.value.reason == "escrow-numbers"

    @pytest.mark.parametrize(("threshold", "shares"), [(2, 2), (2, 16), (16, 16)])
    def test_the_extremes_work(self, threshold: int, shares: int) -> None:
        founded = found_escrow(threshold, shares, NOW)
        sealed, _ = seal_escrow(BUNDLES[:1], founded.record)
        assert list(recover(founded.shares[-threshold:], sealed)) == BUNDLES[:1]

    def test_what_is_founded_shows_no_word(self) -> None:
        assert not set(SHARES[0].split()[4:]) & set(repr(FOUNDED).split())


class TestSealedFile:
    def test_keys_can_be_sealed_again_without_the_people(self) -> None:
        renewed = [BUNDLES[0], BUNDLES[1].with_new_storage_key()]
        sealed, record = seal_escrow(renewed, RECORD)
        assert list(recover(SHARES[:3], sealed)) == renewed
        assert record.covers != RECORD.covers

    def test_every_flipped_byte_is_refused(self) -> None:
        for position in range(0, len(SEALED), 13):
            changed = SEALED[:position] + bytes([SEALED[position] ^ 1]) + SEALED[position + 1 :]
            with pytest.raises(StoreError):
                recover(SHARES[:3], changed)

    @pytest.mark.parametrize("keep", [0, 50, 1500, -1])
    def test_a_truncated_file_is_refused(self, keep: int) -> None:
        with pytest.raises(StoreError):
            recover(SHARES[:3], SEALED[:keep])

    def test_the_shares_of_another_escrow_are_told_apart_from_damage(self) -> None:
        with pytest.raises(StoreError) as caught:
            recover(OTHERS.shares[:3], SEALED)
        assert caught.value.reason == "another-escrow"

    def test_nothing_secret_stands_in_it(self) -> None:
        for bundle in BUNDLES:
            for secret in (bundle.opening[0].seed(), bundle.storage[0].seed(), bundle.index_key):
                assert secret not in SEALED
                assert secret.hex().encode() not in SEALED

    @settings(max_examples=30)
    @given(st.binary(max_size=200), st.text(max_size=60))
    def test_nothing_but_our_errors_comes_out(self, noise: bytes, words: str) -> None:
        header = SEALED[: SEALED.index(b"\n") + 1]
        for sealed in (noise, header + noise):
            with pytest.raises(TracepostError):
                recover(SHARES[:3], sealed)
        with pytest.raises(TracepostError):
            recover([words, *SHARES[:2]], SEALED)


class TestTrial:
    KEYS = tuple(bundle.public for bundle in BUNDLES)

    def test_a_node_does_not_go_live_before_a_trial(self) -> None:
        with pytest.raises(ConfigurationError) as caught:
            RECORD.check(self.KEYS)
        assert caught.value.reason == "escrow-not-tried"

    def test_a_trial_that_gives_back_the_keys_lets_it_go_live(self) -> None:
        tried = try_escrow(SHARES[:3], SEALED, RECORD, NOW + 1)
        assert (tried.tried, tried.tried_shares) == (NOW + 1, 3)
        tried.check(self.KEYS)

    def test_a_trial_counts_the_shares_that_took_part(self) -> None:
        assert try_escrow(SHARES, SEALED, RECORD, NOW).tried_shares == 5
        assert try_escrow([*SHARES[:3], SHARES[0].upper()], SEALED, RECORD, NOW).tried_shares == 3

    def test_a_changed_key_must_be_sealed_again(self) -> None:
        """And then the trial is still good: it is to the tried key that all is sealed."""
        tried = try_escrow(SHARES[:3], SEALED, RECORD, NOW)
        renewed = [BUNDLES[0], BUNDLES[1].with_new_opening_key()]
        keys = [bundle.public for bundle in renewed]
        with pytest.raises(ConfigurationError) as caught:
            tried.check(keys)
        assert (caught.value.where, caught.value.reason) == ("poc", "escrow-outdated")
        seal_escrow(renewed, tried)[1].check(keys)

    def test_a_new_desk_must_be_sealed_too(self) -> None:
        tried = try_escrow(SHARES[:3], SEALED, RECORD, NOW)
        with pytest.raises(ConfigurationError, match="lab"):
            tried.check([*self.KEYS, generate_bundle(DeskId("lab")).public])

    def test_a_trial_with_an_older_file_fails(self) -> None:
        _, record = seal_escrow([BUNDLES[0], BUNDLES[1].with_new_opening_key()], RECORD)
        with pytest.raises(StoreError) as caught:
            try_escrow(SHARES[:3], SEALED, record, NOW)
        assert caught.value.reason == "escrow-outdated"

    def test_a_trial_with_the_shares_of_an_earlier_escrow_fails(self) -> None:
        sealed, _ = seal_escrow(BUNDLES, OTHERS.record)
        with pytest.raises(InvalidInputError) as caught:
            try_escrow(OTHERS.shares[:3], sealed, RECORD, NOW)
        assert caught.value.reason == "shares-of-another-escrow"

    def test_a_trial_with_too_few_shares_fails(self) -> None:
        with pytest.raises(InvalidInputError):
            try_escrow(SHARES[:2], SEALED, RECORD, NOW)


class TestRecord:
    @pytest.mark.parametrize("record", [FOUNDED.record, RECORD, replace(RECORD, tried=NOW, tried_shares=3)])
    def test_it_reads_back(self, record: EscrowRecord) -> None:
        assert decode_record(record.encode()) == record

    @pytest.mark.parametrize(
        "change",
        [
            {"format": "tracepost-escrow-record/2"},
            {"public_key": "AAAA"},
            {"public_key": None},
            {"threshold": "three"},
            {"covers": []},
            {"covers": {"No Desk": ""}},
            {"tried": "yes"},
        ],
    )
    def test_what_is_no_record_is_refused(self, change: dict[str, Any]) -> None:
        with pytest.raises(StoreError):
            decode_record(json.dumps(json.loads(RECORD.encode()) | change).encode())

    @given(st.binary(max_size=60))
    def test_nothing_but_our_errors_comes_out_of_noise(self, noise: bytes) -> None:
        with pytest.raises(StoreError):
            decode_record(noise)
