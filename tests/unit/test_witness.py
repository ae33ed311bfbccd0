"""A witness signs what only grew, and says which head it holds where it is asked from another (C2SP tlog-witness)."""

from __future__ import annotations

import pytest

from fakes.members import FakeLog
from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence import (
    COSIGNS_AT_TIME,
    COSIGNS_POST_QUANTUM,
    Head,
    LogVerifier,
    NoteSigner,
    PolicyActivated,
    Submission,
    WitnessReply,
    cosign,
    generate_witness_key,
    judge_submission,
    parse_submission,
    parse_vkey,
)
from tracepost.protocol.ids import MemberId


def grown(log: FakeLog, to: int, of: int = 0) -> tuple[int, bytes]:
    """Let a log grow; return its head as a witness holds it."""
    for number in range(log.frontier.size, to):
        log.prove(PolicyActivated(sha256=(of + number).to_bytes(32), artefact=b"", time=1))
    return log.frontier.size, log.frontier.root()


def submit(log: FakeLog, old: int) -> Submission:
    proof = log.consistency(old)
    return Submission(old, tuple(proof.path), proof.checkpoint)


@pytest.fixture
def log() -> FakeLog:
    return FakeLog(MemberId("xaa"))


@pytest.fixture
def verifier(log: FakeLog) -> LogVerifier:
    return LogVerifier([log.key.vkey])


def status(found: Head | WitnessReply) -> int:
    return found.status if isinstance(found, WitnessReply) else 200


def test_a_head_that_continues_the_one_held_is_taken(log: FakeLog, verifier: LogVerifier) -> None:
    assert status(judge_submission(submit(log, 0), verifier, None)) == 200, "an empty log"
    held = grown(log, 5)
    assert status(judge_submission(submit(log, 0), verifier, None)) == 200, "the first head"
    grown(log, 11)
    found = judge_submission(submit(log, 5), verifier, held)
    assert isinstance(found, Head)
    assert (found.size, found.root) == (11, log.frontier.root())


def test_who_asks_from_another_head_is_told_which_one_is_held(log: FakeLog, verifier: LogVerifier) -> None:
    held = grown(log, 5)
    grown(log, 11)
    reply = judge_submission(submit(log, 0), verifier, held)
    assert reply == WitnessReply(409, b"5\n", "text/x.tlog.size")


def test_a_second_face_is_refused_whatever_is_said_about_it(log: FakeLog, verifier: LogVerifier) -> None:
    twin = FakeLog(MemberId("xaa"))
    twin.key = log.key
    held = grown(log, 5)
    grown(twin, 5, of=900)
    assert status(judge_submission(submit(twin, 5), verifier, held)) == 409
    grown(twin, 11, of=900)
    assert status(judge_submission(submit(twin, 5), verifier, held)) == 422


def test_a_foreign_key_and_a_log_that_shrinks_are_refused(log: FakeLog, verifier: LogVerifier) -> None:
    stranger = FakeLog(MemberId("xaa"))
    grown(stranger, 5)
    assert status(judge_submission(submit(stranger, 0), verifier, None)) == 403
    held = grown(log, 5)
    sent = submit(log, 5)
    assert status(judge_submission(Submission(6, sent.path, sent.checkpoint), verifier, held)) == 400


def test_a_request_is_read_in_its_one_form(log: FakeLog) -> None:
    grown(log, 11)
    body = submit(log, 5).encode()
    assert parse_submission(body) == submit(log, 5)
    for bad in (b"", b"old 5\n", body[4:], body.replace(b"old 5", b"old 05"), body.replace(b"\n\n", b"\nQQ==\n\n", 1),
                body.replace(b"old 5", b"old -1"), body.replace(b"old 5", b"old five"), b"\xff" + body):  # fmt: skip
        with pytest.raises(EvidenceError) as refusal:
            parse_submission(bad)
        assert refusal.value.reason == "submission-form"


@pytest.mark.parametrize("key_type", [COSIGNS_AT_TIME, COSIGNS_POST_QUANTUM])
def test_a_cosignature_is_shown_in_the_head_by_who_knows_the_witness(log: FakeLog, key_type: int) -> None:
    grown(log, 5)
    key = generate_witness_key("hub.tracepost.example/witness", key_type)
    key = NoteSigner.from_skey(key.to_skey())
    note = submit(log, 0).checkpoint
    witnessed = note + cosign(note, [key], 1_700_000_000).body.decode()
    [one] = LogVerifier([log.key.vkey, key.vkey]).open(witnessed).cosignatures
    assert (one.name, one.time) == (key.name, 1_700_000_000)
    assert parse_vkey(key.vkey) == key.verifier
    assert LogVerifier([log.key.vkey]).open(witnessed).cosignatures == ()
    grown(log, 6)
    other = submit(log, 0).checkpoint + cosign(note, [key], 1_700_000_000).body.decode()
    with pytest.raises(EvidenceError):
        LogVerifier([log.key.vkey, key.vkey]).open(other)
