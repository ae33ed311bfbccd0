"""Evidence that a log contradicts itself proves it to whoever has the log's key, and proves nothing else."""

from __future__ import annotations

import pytest

from fakes.members import FakeLog
from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence import (
    Contradiction,
    LogVerifier,
    PolicyActivated,
    Verdict,
    parse_contradiction,
    roots_of_path,
)
from tracepost.protocol.ids import MemberId
from tracepost.wire.v1.envelope_pb2 import LogProof


class Log(FakeLog):
    """A log with the key of another, if one is given: the same origin, other entries."""

    def __init__(self, first: int, twin_of: FakeLog | None = None) -> None:
        super().__init__(MemberId("xaa"))
        self.key = twin_of.key if twin_of else self.key
        self.first = first

    def grow(self, to: int) -> str:
        """Append entries up to a size; return the head's note."""
        entries = [
            PolicyActivated(sha256=(self.first + n).to_bytes(32), artefact=b"", time=1)
            for n in range(self.frontier.size, to)
        ]
        return LogProof.FromString(self.prove(*entries)[0]).checkpoint


@pytest.fixture
def logs() -> tuple[Log, Log, LogVerifier]:
    one = Log(1)
    return one, Log(1000, one), LogVerifier([one.key.vkey])


def test_two_roots_of_one_size_are_two_faces(logs: tuple[Log, Log, LogVerifier]) -> None:
    one, other, verifier = logs
    found = Contradiction((one.grow(5), other.grow(5)))
    verdict, older, newer = parse_contradiction(found.encode()).judge(verifier)
    assert (verdict, older.size, newer.size) == (Verdict.TWO_FACES, 5, 5)


def test_a_path_that_leads_from_another_beginning_to_the_signed_root_proves_that_the_log_was_rewritten(
    logs: tuple[Log, Log, LogVerifier],
) -> None:
    one, other, verifier = logs
    other.grow(11)
    path = other.consistency(5)
    found = Contradiction((one.grow(5), path.checkpoint), tuple(path.path))
    assert parse_contradiction(found.encode()).judge(verifier)[0] is Verdict.REWRITTEN


@pytest.mark.parametrize("old", [4, 5])
def test_a_path_that_leads_nowhere_proves_nothing_by_itself(
    logs: tuple[Log, Log, LogVerifier], old: int
) -> None:
    one, other, verifier = logs
    other.grow(11)
    path = other.consistency(old)
    garbled = (bytes(32), *path.path[1:])
    found = Contradiction((one.grow(old), path.checkpoint), garbled)
    assert found.judge(verifier)[0] is Verdict.UNPROVED


def test_heads_that_agree_are_no_evidence(logs: tuple[Log, Log, LogVerifier]) -> None:
    one, other, verifier = logs
    first = one.grow(5)
    one.grow(11)
    path = one.consistency(5)
    for found in (
        Contradiction((first, path.checkpoint), tuple(path.path)),
        Contradiction((first, first)),
    ):
        with pytest.raises(EvidenceError) as refusal:
            found.judge(verifier)
        assert refusal.value.reason == "heads-agree"
    with pytest.raises(EvidenceError):
        Contradiction((first, Log(1).grow(5))).judge(verifier)
    assert other.frontier.size == 0


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"format":"tracepost/contradiction/1","heads":[],"path":[]}']
)
def test_a_file_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(EvidenceError) as refusal:
        parse_contradiction(data)
    assert refusal.value.reason == "contradiction-form"


def test_one_form_only_is_read() -> None:
    data = Contradiction(("a", "b"), (bytes(32),)).encode()
    assert parse_contradiction(data).notes == ("a", "b")
    for other in (data + b" ", data.replace(b":", b": "), data.replace(b"AA=", b"AB=")):
        with pytest.raises(EvidenceError):
            parse_contradiction(other)


def test_the_root_of_a_complete_subtree_stands_in_no_path() -> None:
    with pytest.raises(EvidenceError) as refusal:
        roots_of_path(8, 11, [bytes(32)] * 3)
    assert refusal.value.reason == "path-says-nothing"
