"""Signed notes and checkpoints, against the examples of C2SP and of Go's sumdb/note."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepost.protocol.errors import ConfigurationError, EvidenceError, InvalidInputError
from tracepost.protocol.evidence import (
    Cosignature,
    Head,
    ListedKey,
    LogKey,
    LogVerifier,
    NoteSigner,
    generate_log_key,
    generate_note_key,
    generate_witness_key,
    open_note,
    parse_origin,
    parse_vkey,
    peek_head,
)

# golang.org/x/mod, sumdb/note, package documentation and tests
GO_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBw"
    "JnAM=\n"
)
# c2sp.org/signed-note
C2SP_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72"
    "IneyaQM=\n"
)
# github.com/transparency-dev/formats, note: a witness key (type 0x04) in use
WITNESS_VKEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"

ORIGIN = parse_origin("xaa.tracepost.example/log/1")


@pytest.fixture(scope="module")
def key() -> LogKey:
    return generate_log_key(ORIGIN)


def test_go_notes_are_signed_and_opened_byte_for_byte() -> None:
    signer = NoteSigner.from_skey(GO_SKEY)
    text = GO_NOTE.rpartition("\n\n")[0] + "\n"
    assert signer.vkey == GO_VKEY
    assert signer.to_skey() == GO_SKEY
    assert signer.sign(text) == GO_NOTE
    assert open_note(GO_NOTE, [parse_vkey(GO_VKEY)]).text == text


def test_the_example_of_the_specification_opens() -> None:
    opened = open_note(C2SP_NOTE, [parse_vkey(GO_VKEY), parse_vkey(C2SP_VKEY)])
    assert opened.text == "This is an example message.\n"
    assert opened.signed_by == ("example.com/foo",)


@pytest.mark.parametrize("vkey", [GO_VKEY, C2SP_VKEY, WITNESS_VKEY])
def test_a_verifier_key_is_written_as_it_was_read(vkey: str) -> None:
    assert parse_vkey(vkey).vkey == vkey


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "example.com/foo",
        C2SP_VKEY.replace("530d903a", "530d903b"),
        C2SP_VKEY.replace("530d903a", "530D903A"),
        C2SP_VKEY.replace("foo", "f oo"),
        C2SP_VKEY[:-4],
        C2SP_VKEY + "\n",
        C2SP_VKEY.replace("+Aek", "+Bek"),
        C2SP_VKEY.replace("+Aek", "+Dek"),
    ],
)
def test_a_malformed_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_vkey(vkey)


def test_a_malformed_private_key_is_refused_without_being_repeated() -> None:
    for skey in [GO_VKEY, GO_SKEY[:-4], GO_SKEY.replace("c74f20a3", "c74f20a4"), "", "PRIVATE+KEY+"]:
        with pytest.raises(ConfigurationError) as refusal:
            NoteSigner.from_skey(skey)
        assert "AYEK" not in f"{refusal.value!r} {refusal.value}"


def test_a_private_key_does_not_show_in_its_representation(key: LogKey) -> None:
    secret = key.to_skey().split("+", 4)[4]  # there may be more of them in it
    assert secret not in f"{key!r} {key}"
    assert repr(key) == "LogKey('xaa.tracepost.example/log/1')"
    assert secret not in repr(NoteSigner.from_skey(key.to_skey()))


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("", "no-signature"),
        ("text\n", "no-signature"),
        (C2SP_NOTE.replace("\n\n", "\n"), "no-signature"),
        (C2SP_NOTE[:-1], "no-signature"),
        (C2SP_NOTE + "\n", "no-signature"),
        (C2SP_NOTE.replace("message", "mess\tage"), "note-form"),
        (C2SP_NOTE.replace("message", "mess\x7fage"), "note-form"),
        (C2SP_NOTE.replace("message", "mess\ud800age"), "note-form"),
        (C2SP_NOTE.replace("message", "m" * 9000), "note-form"),
        (C2SP_NOTE.replace("—", "--"), "signature-line"),
        (C2SP_NOTE.replace("— e", "—  e"), "signature-line"),
        (C2SP_NOTE.replace("aQM=", "aQM"), "signature-line"),
        (C2SP_NOTE.replace("aQM=", "aQN="), "signature-line"),
        (C2SP_NOTE.rpartition(" ")[0] + " Uw2QOg==\n", "signature-line"),
        (C2SP_NOTE + "garbage\n", "signature-line"),
        (C2SP_NOTE + C2SP_NOTE.rpartition("\n\n")[2] * 32, "too-many-signatures"),
    ],
)
def test_step_1_a_note_whose_form_is_wrong_is_refused(note: str, reason: str) -> None:
    with pytest.raises(EvidenceError) as refusal:
        open_note(note, [parse_vkey(C2SP_VKEY)])
    assert (refusal.value.where, refusal.value.reason) == ("note step 1", reason)


def test_step_2_a_changed_text_is_refused() -> None:
    with pytest.raises(EvidenceError) as refusal:
        open_note(C2SP_NOTE.replace("example message", "other message"), [parse_vkey(C2SP_VKEY)])
    assert (refusal.value.where, refusal.value.reason) == ("note step 2", "bad-signature")


def test_step_2_a_note_that_no_known_key_signed_is_refused() -> None:
    with pytest.raises(EvidenceError) as refusal:
        open_note(C2SP_NOTE, [parse_vkey(GO_VKEY)])
    assert (refusal.value.where, refusal.value.reason) == ("note step 2", "unknown-key")


def test_step_2_one_bad_line_of_a_known_key_spoils_the_note() -> None:
    line = C2SP_NOTE.rpartition("\n\n")[2]
    data = base64.b64decode(line.split()[-1])
    bad = base64.b64encode(data[:-1] + bytes([data[-1] ^ 1])).decode()
    with pytest.raises(EvidenceError) as refusal:
        open_note(f"{C2SP_NOTE}— example.com/foo {bad}\n", [parse_vkey(C2SP_VKEY)])
    assert refusal.value.reason == "bad-signature"


def test_lines_of_unknown_keys_are_ignored_and_sixteen_are_no_obstacle() -> None:
    others = "".join(
        generate_note_key(f"other.example/{n}").sign("x\n").rpartition("\n\n")[2] for n in range(16)
    )
    assert open_note(C2SP_NOTE + others, [parse_vkey(C2SP_VKEY)]).signed_by == ("example.com/foo",)


def test_the_text_ends_at_the_last_empty_line() -> None:
    signer = generate_note_key("example.com/foo")
    text = "one\n\ntwo\n\n— looks like a signature\n"
    assert open_note(signer.sign(text), [signer.verifier]).text == text


@given(st.text(max_size=60))
def test_only_errors_of_ours_come_out(noise: str) -> None:
    for note in (noise, C2SP_NOTE + noise, noise + C2SP_NOTE, C2SP_NOTE[: len(noise)] + noise):
        try:
            open_note(note, [parse_vkey(C2SP_VKEY)])
        except EvidenceError:
            continue


class TestCheckpoints:
    """A head is three lines, signed by the key that is named as the log."""

    def test_a_head_comes_back_as_it_was_signed(self, key: LogKey) -> None:
        note = key.sign_checkpoint(ORIGIN, 7, bytes(range(32)))
        assert note.startswith(
            "xaa.tracepost.example/log/1\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— "
        )
        assert LogVerifier([key.vkey]).open(note) == Head(ORIGIN, 7, bytes(range(32)))

    def test_signing_again_gives_the_same_note(self, key: LogKey) -> None:
        again = LogKey.from_skey(key.to_skey())
        assert again.sign_checkpoint(ORIGIN, 7, bytes(32)) == key.sign_checkpoint(ORIGIN, 7, bytes(32))

    def test_a_key_signs_its_own_log_only(self, key: LogKey) -> None:
        with pytest.raises(InvalidInputError):
            key.sign_checkpoint(parse_origin("xaa.tracepost.example/log/2"), 7, bytes(32))

    def test_no_head_without_size_and_root_is_signed(self, key: LogKey) -> None:
        for size, root in [(-1, bytes(32)), (1 << 63, bytes(32)), (1, bytes(31))]:
            with pytest.raises(InvalidInputError):
                key.sign_checkpoint(ORIGIN, size, root)

    @pytest.mark.parametrize(
        ("text", "step", "reason"),
        [
            ("{origin}\n7\n", 2, "head-lines"),
            ("\n7\n{root}\n", 2, "head-lines"),
            ("{origin}\n7\n{root}\nextension\n", 2, "head-lines"),
            ("{origin}\n07\n{root}\n", 2, "head-size"),
            ("{origin}\n-7\n{root}\n", 2, "head-size"),
            ("{origin}\n٧\n{root}\n", 2, "head-size"),
            ("{origin}\n9223372036854775808\n{root}\n", 2, "head-size"),
            ("{origin}\n7\n{root}A\n", 2, "head-root"),
            ("{origin}\n7\nAAAA\n", 2, "head-root"),
            ("xab.tracepost.example/log/1\n7\n{root}\n", 3, "foreign-key"),
        ],
    )
    def test_a_head_that_is_not_one_is_refused(self, key: LogKey, text: str, step: int, reason: str) -> None:
        signer = NoteSigner.from_skey(key.to_skey())
        root = base64.b64encode(bytes(32)).decode()
        note = signer.sign(text.format(origin=ORIGIN, root=root))
        with pytest.raises(EvidenceError) as refusal:
            LogVerifier([key.vkey]).open(note)
        assert (refusal.value.where, refusal.value.reason) == (f"checkpoint step {step}", reason)

    def test_another_member_s_key_cannot_speak_for_this_log(self, key: LogKey) -> None:
        other = generate_log_key(parse_origin("xab.tracepost.example/log/1"))
        forged = NoteSigner.from_skey(other.to_skey()).sign(
            f"{ORIGIN}\n0\n{base64.b64encode(bytes(32)).decode()}\n"
        )
        with pytest.raises(EvidenceError) as refusal:
            LogVerifier([key.vkey, other.vkey]).open(forged)
        assert refusal.value.reason == "foreign-key"

    @pytest.mark.parametrize(
        "name",
        [
            "example.com/foo",
            "xaa/log/1",
            "xaa.tracepost.example/log/0",
            "XAA.tracepost.example/log/1",
            "xaa.x/log/01",
        ],
    )
    def test_step_4_an_origin_that_names_no_member_is_refused(self, name: str) -> None:
        signer = generate_note_key(name)
        note = signer.sign(f"{name}\n0\n{base64.b64encode(bytes(32)).decode()}\n")
        with pytest.raises(EvidenceError) as refusal:
            LogVerifier([signer.vkey]).open(note)
        assert (refusal.value.where, refusal.value.reason) == ("checkpoint step 4", "origin")

    def test_step_6_of_an_ended_key_only_the_last_head_is_live(self, key: LogKey) -> None:
        """Its thief can sign any other; case files are read with them all the same."""
        verifier = LogVerifier([ListedKey(key.vkey, until_size=7, final_root=bytes(range(32)))])
        last = key.sign_checkpoint(ORIGIN, 7, bytes(range(32)))
        older = key.sign_checkpoint(ORIGIN, 6, bytes(32))
        assert verifier.open(last, live=True) == verifier.open(last)
        for _ in range(2):
            assert verifier.open(older).size == 6
            with pytest.raises(EvidenceError) as refusal:
                verifier.open(older, live=True)
            assert refusal.value.where == "checkpoint step 6"
            assert refusal.value.reason == "old-head-of-ended-key"

    def test_step_6_an_end_without_a_root_leaves_no_live_head(self, key: LogKey) -> None:
        verifier = LogVerifier([ListedKey(key.vkey, until_size=7)])
        with pytest.raises(EvidenceError):
            verifier.open(key.sign_checkpoint(ORIGIN, 7, bytes(32)), live=True)

    def test_step_6_a_key_that_follows_is_live(self, key: LogKey) -> None:
        follower = generate_log_key(ORIGIN)
        ended = ListedKey(key.vkey, until_size=7, final_root=bytes(32))
        verifier = LogVerifier([ended, ListedKey(follower.vkey, from_size=7)])
        assert verifier.open(follower.sign_checkpoint(ORIGIN, 8, bytes(32)), live=True).size == 8

    def test_a_head_is_opened_once_and_remembered(self, key: LogKey) -> None:
        verifier = LogVerifier([key.vkey])
        note = key.sign_checkpoint(ORIGIN, 7, bytes(32))
        assert verifier.open(note) is verifier.open(note)

    def test_the_memory_of_heads_is_bounded(self, key: LogKey) -> None:
        verifier = LogVerifier([key.vkey])
        for size in range(300):
            verifier.open(key.sign_checkpoint(ORIGIN, size, bytes(32)))
        assert len(verifier._opened) == 256

    def test_peeking_believes_nothing(self, key: LogKey) -> None:
        note = key.sign_checkpoint(ORIGIN, 7, bytes(32))
        head = peek_head(note)
        assert (head.origin, head.size) == (ORIGIN, 7)
        assert not isinstance(head, Head)


class TestWitnesses:
    """A witness adds its line; who knows its key learns the time."""

    def test_a_cosigned_head_names_witness_and_time(self, key: LogKey) -> None:
        witness = generate_witness_key("relay.tracepost.example/witness/1")
        note = witness.cosign(key.sign_checkpoint(ORIGIN, 7, bytes(32)), 1_790_000_000)
        head = LogVerifier([key.vkey, witness.vkey]).open(note)
        assert head.cosignatures == (Cosignature("relay.tracepost.example/witness/1", 1_790_000_000),)
        assert LogVerifier([key.vkey]).open(note).cosignatures == ()

    def test_the_signed_message_is_that_of_the_specification(self, key: LogKey) -> None:
        witness = generate_witness_key("relay.tracepost.example/witness/1")
        note = key.sign_checkpoint(ORIGIN, 7, bytes(32))
        text = note.rpartition("\n\n")[0] + "\n"
        line = witness.cosign(note, 1679315147).splitlines()[-1]
        data = base64.b64decode(line.split()[-1])
        assert data[4:12] == (1679315147).to_bytes(8)
        plain = NoteSigner("relay.tracepost.example/witness/1", witness._private_key)
        signed = plain.sign(f"cosignature/v1\ntime 1679315147\n{text}").split()[-1]
        assert data[12:] == base64.b64decode(signed)[4:]

    def test_a_witness_alone_is_not_the_log(self, key: LogKey) -> None:
        witness = generate_witness_key(str(ORIGIN))
        note = key.sign_checkpoint(ORIGIN, 7, bytes(32))
        alone = witness.cosign(note.rpartition("\n\n")[0] + "\n\n" + note.rpartition("\n\n")[2], 5)
        with pytest.raises(EvidenceError) as refusal:
            LogVerifier([witness.vkey]).open(alone)
        assert refusal.value.reason == "unknown-key"

    def test_a_moved_time_is_refused(self, key: LogKey) -> None:
        witness = generate_witness_key("relay.tracepost.example/witness/1")
        note = witness.cosign(key.sign_checkpoint(ORIGIN, 7, bytes(32)), 5)
        data = bytearray(base64.b64decode(note.split()[-1]))
        data[11] ^= 1
        moved = note.rpartition(" ")[0] + " " + base64.b64encode(data).decode() + "\n"
        with pytest.raises(EvidenceError) as refusal:
            LogVerifier([key.vkey, witness.vkey]).open(moved)
        assert refusal.value.reason == "bad-signature"

    def test_a_time_beyond_63_bits_is_refused(self, key: LogKey) -> None:
        witness = generate_witness_key("relay.tracepost.example/witness/1")
        note = witness.cosign(key.sign_checkpoint(ORIGIN, 7, bytes(32)), 1 << 63)
        with pytest.raises(EvidenceError) as refusal:
            LogVerifier([key.vkey, witness.vkey]).open(note)
        assert refusal.value.reason == "bad-signature"
