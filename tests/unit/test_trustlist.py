"""The trust list: who may say who is a member, and what is refused."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from vectors.trustlist import generate
from vectors.trustlist.generate import CONTENT, DAY, GOOD, TIME, key_of, sign

from tracepost.protocol.errors import EvidenceError, StaleTrustError, TrustError
from tracepost.protocol.evidence import (
    ListedKey,
    LogKey,
    LogVerifier,
    NoteSigner,
    PolicyActivated,
    WitnessKey,
    generate_log_key,
    generate_witness_key,
    make_proof,
    parse_origin,
    prepare_line,
    verify_proof,
)
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import (
    Freshness,
    Member,
    MemberType,
    Steward,
    TrustList,
    decode_member,
    encode_content,
    encode_member,
    end_log_key,
    end_witness_keys,
    fingerprint_of,
    join,
    load_first,
    load_first_unsafe,
    load_next,
    parse_content,
    parse_list,
    parse_part,
    sign_part,
)

CASES: list[dict[str, Any]] = json.loads((generate.HERE / "lists.json").read_text(encoding="utf-8"))
BY_NAME = {case["name"]: case for case in CASES}


def load(case: dict[str, Any]) -> TrustList:
    data = case["data"].encode()
    if "current" in case:
        return load_next(data, load(BY_NAME[case["current"]]))
    return load_first(data, fingerprint=case["fingerprint"])


@pytest.fixture(scope="module")
def current() -> TrustList:
    return load_first(GOOD, fingerprint=generate.ANCHOR)


class TestVectors:
    """The file says what every implementation must say."""

    def test_it_is_what_the_generator_makes(self) -> None:
        for name, text in generate.make_files().items():
            assert (generate.HERE / name).read_text(encoding="utf-8") == text, f"run the generator: {name}"

    @pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
    def test_a_list(self, case: dict[str, Any]) -> None:
        if case["verdict"] == "accepted":
            load(case)
            return
        with pytest.raises(TrustError) as refusal:
            load(case)
        assert (refusal.value.where, refusal.value.reason) == (case["where"], case["reason"])

    def test_every_step_refuses_something(self) -> None:
        assert {case["where"] for case in CASES if "where" in case} == {f"step {n}" for n in range(1, 11)}


class TestWitnessKeys:
    """A witness key stays in the list for what it cosigned before its end; nobody is his own witness."""

    def test_what_it_cosigned_before_its_end_counts_and_nothing_later(self) -> None:
        name = f"relay.{generate.DOMAIN}/witness"
        log = TestLogKeys().log()
        for kind in (0x04, 0x06):
            old, new = generate_witness_key(name, kind), generate_witness_key(name, kind)
            part = dataclasses.replace(generate.member("relay"), witness_keys=(WitnessKey(old.vkey),))
            ended = end_witness_keys(part, 1000, [new.vkey])
            assert decode_member(encode_member(ended)) == ended
            content = dataclasses.replace(CONTENT, members=(generate.member("xaa"), ended), witness_quorum=1)
            trusted = load_first_unsafe(sign(content, ["one", "two"]))
            verifier = LogVerifier([log.vkey, *trusted.witness_keys(but=MemberId("xaa"))])
            note = TestLogKeys().head(7)
            times = [one.time for key in (old, new) for at in (1000, 1001) for one in
                     verifier.open(note + key.cosignature(note, at)).cosignatures]  # fmt: skip
            assert times == [1000, 1000, 1001]
            assert trusted.content.witness_quorum == 1
            assert trusted.witness_keys(but=MemberId("relay")) == []


class TestLogKeys:
    """A log key stays in the list for its old heads; where it ends is the stewards' word."""

    ROOT = bytes(range(32))

    def log(self, epoch: int = 1) -> LogKey:
        name = f"xaa.{generate.DOMAIN}/log/{epoch}"
        return LogKey(NoteSigner(name, generate.log_private_key(name)))

    def head(self, size: int, root: bytes = ROOT, epoch: int = 1) -> str:
        log = self.log(epoch)
        return log.sign_checkpoint(log.origin, size, root)

    def part(self) -> Member:
        keys = (ListedKey(self.log().vkey), ListedKey(self.log(2).vkey))
        return dataclasses.replace(generate.member("xaa"), log_keys=keys)

    def test_it_ends_at_the_last_head_that_anybody_has_seen(self) -> None:
        ended = end_log_key(self.part(), self.head(7))
        first, second = ended.log_keys
        assert (first.until_size, first.final_root) == (7, self.ROOT)
        assert second == ListedKey(self.log(2).vkey)
        assert decode_member(encode_member(ended)) == ended

    def test_what_it_signs_later_is_not_believed_whatever_its_epoch(self) -> None:
        content = dataclasses.replace(CONTENT, members=(end_log_key(self.part(), self.head(7)),))
        trusted = load_first_unsafe(sign(content, ["one", "two"]))
        verifier = trusted.log_verifier()
        assert verifier.open(self.head(7)).size == 7
        assert verifier.open(self.head(9, epoch=2)).origin.epoch == 2
        for note, reason in ((self.head(8), "key-ended"), (self.head(7, bytes(32)), "other-final-root")):
            with pytest.raises(EvidenceError) as refusal:
                verifier.open(note)
            assert (refusal.value.where, refusal.value.reason) == ("checkpoint step 5", reason)

    def test_a_proof_of_an_ended_key_is_refused_with_its_head(self) -> None:
        line = prepare_line(PolicyActivated(bytes(32), b"", 1), bytes)
        proof = make_proof(line, 0, [], self.head(1, line.leaf)).SerializeToString()
        open_key, ended = ListedKey(self.log().vkey), ListedKey(self.log().vkey, until_size=0)
        assert verify_proof(proof, LogVerifier([open_key])).index == 0
        with pytest.raises(EvidenceError) as refusal:
            verify_proof(proof, LogVerifier([ended]))
        assert refusal.value.reason == "key-ended"

    def test_only_a_head_of_the_member_ends_its_key_and_only_once(self) -> None:
        stranger = NoteSigner.from_skey(generate_log_key(self.log().origin).to_skey())
        with pytest.raises(EvidenceError):
            end_log_key(self.part(), stranger.sign(self.head(7).partition("\n\n")[0] + "\n"))
        with pytest.raises(EvidenceError):
            end_log_key(end_log_key(self.part(), self.head(7)), self.head(8))

    @pytest.mark.parametrize("size", [3, 7])
    def test_its_end_is_not_moved_back_to_an_earlier_head(self, size: int) -> None:
        with pytest.raises(EvidenceError) as refusal:
            end_log_key(end_log_key(self.part(), self.head(7)), self.head(size))
        assert (refusal.value.where, refusal.value.reason) == ("log key", "key-ended")

    @pytest.mark.parametrize("follower_first", [True, False])
    def test_a_head_between_two_keys_ends_the_one_before_it(self, follower_first: bool) -> None:
        first = self.log()
        second = generate_log_key(first.origin)
        listed = [ListedKey(first.vkey), ListedKey(second.vkey, from_size=7)]
        part = dataclasses.replace(self.part(), log_keys=tuple(listed[::-1] if follower_first else listed))
        signature = second.sign_checkpoint(first.origin, 7, self.ROOT).rpartition("\n\n")[2]
        ended = {key.vkey: key for key in end_log_key(part, self.head(7) + signature).log_keys}
        assert ended[first.vkey].until_size == 7
        assert ended[second.vkey] == ListedKey(second.vkey, from_size=7)


class TestContent:
    """What a list says is there when it was accepted, and only then."""

    def test_a_member_and_its_keys(self, current: TrustList) -> None:
        member = current.member(MemberId("xab"))
        assert (member.type, member.competences) == (MemberType.STATE, ("law_enforcement", "records_custody"))
        assert member.root_certificates()[0].subject.rfc4514_string() == "CN=root xab.tracepost.example"

    def test_who_is_not_named_is_no_member(self, current: TrustList) -> None:
        with pytest.raises(TrustError) as refusal:
            current.member(MemberId("xac"))
        assert refusal.value.reason == "no-member"

    def test_heads_of_all_members_open(self, current: TrustList) -> None:
        origin = parse_origin("xab.tracepost.example/log/1")
        key = LogKey(NoteSigner(str(origin), generate.log_private_key(str(origin))))
        note = key.sign_checkpoint(origin, 3, bytes(32))
        assert current.log_verifier().open(note).origin.member == "xab"

    def test_a_hosted_member_names_its_host(self) -> None:
        hosted = dataclasses.replace(generate.member("xac"), hosted_by=MemberId("xaa"))
        content = dataclasses.replace(CONTENT, members=(*CONTENT.members, hosted))
        assert parse_content(encode_content(content)) == content

    def test_what_readers_refuse_is_not_written(self) -> None:
        with pytest.raises(TrustError):
            encode_content(dataclasses.replace(CONTENT, hard_expiry=TIME + 181 * DAY))
        with pytest.raises(TrustError):
            encode_content(dataclasses.replace(CONTENT, members=CONTENT.members * 2))

    def test_the_list_is_passed_on_as_it_came(self, current: TrustList) -> None:
        assert current.data == GOOD
        assert (current.sequence, current.domain) == (7, "tracepost.example")


class TestTime:
    """Past next update one goes on with an alarm; past the hard expiry nothing is judged."""

    @pytest.mark.parametrize(
        ("after", "expected"),
        [
            (0, "FRESH"),
            (30 * DAY, "FRESH"),
            (30 * DAY + 1, "STALE"),
            (180 * DAY, "STALE"),
            (180 * DAY + 1, "EXPIRED"),
        ],
    )
    def test_freshness(self, current: TrustList, after: int, expected: str) -> None:
        assert current.freshness(TIME + after) is Freshness[expected]

    def test_an_expired_list_is_not_used(self, current: TrustList) -> None:
        current.require_live(TIME + 180 * DAY)
        with pytest.raises(StaleTrustError) as refusal:
            current.require_live(TIME + 180 * DAY + 1)
        assert refusal.value.reason == "trust-list-expired"

    def test_an_expired_list_is_followed_all_the_same(self, current: TrustList) -> None:
        late = dataclasses.replace(
            CONTENT,
            sequence=9,
            issued=TIME + 400 * DAY,
            next_update=TIME + 430 * DAY,
            hard_expiry=TIME + 500 * DAY,
        )
        assert load_next(sign(late, ["one", "two"]), current).sequence == 9


class TestSigning:
    """Stewards sign apart; a list is joined from their parts."""

    def test_parts_travel_as_files(self) -> None:
        payload = encode_content(CONTENT)
        parts = [parse_part(sign_part(payload, name, key_of(name)).to_json()) for name in ("one", "two")]
        assert load_first(join(payload, parts), fingerprint=fingerprint_of(payload)).sequence == 7

    def test_signing_twice_gives_the_same_part(self) -> None:
        payload = encode_content(CONTENT)
        assert sign_part(payload, "one", key_of("one")) == sign_part(payload, "one", key_of("one"))

    def test_a_steward_does_not_sign_what_is_no_list(self) -> None:
        with pytest.raises(TrustError):
            sign_part(b"{}", "one", key_of("one"))

    def test_signers_are_named(self) -> None:
        untrusted = parse_list(sign(CONTENT, ["one", "three", "one"]))
        assert untrusted.signers(CONTENT.stewards) == {"one", "three"}

    def test_another_key_of_the_name_does_not_count(self) -> None:
        strangers = [
            Steward.of_key(s.id, ec.generate_private_key(ec.SECP256R1()).public_key())
            for s in CONTENT.stewards
        ]
        assert parse_list(GOOD).signers(strangers) == frozenset()


class TestAnchors:
    """The first list needs somebody's word."""

    def test_the_operator_s_bare_word_is_asked_for_by_name(self) -> None:
        assert load_first_unsafe(GOOD).fingerprint == generate.ANCHOR

    def test_even_then_the_stewards_must_have_signed(self) -> None:
        with pytest.raises(TrustError) as refusal:
            load_first_unsafe(sign(CONTENT, ["one"]))
        assert refusal.value.reason == "short-of-signatures"

    def test_the_same_list_again_changes_nothing(self, current: TrustList) -> None:
        assert load_next(sign(CONTENT, []), current) is current


@given(st.binary(max_size=60), st.integers(0, len(GOOD)))
def test_only_errors_of_ours_come_out(noise: bytes, at: int) -> None:
    for data in (noise, GOOD[:at] + noise + GOOD[at + len(noise) :], GOOD[:at]):
        try:
            load_first_unsafe(data)
        except TrustError:
            continue


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_changed_byte_changes_what_a_list_says(at: int, mask: int) -> None:
    changed = GOOD[:at] + bytes([GOOD[at] ^ mask]) + GOOD[at + 1 :]
    try:
        accepted = load_first_unsafe(changed)
    except TrustError:
        return
    assert accepted.content == CONTENT
