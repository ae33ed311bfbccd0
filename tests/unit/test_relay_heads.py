"""Whether the logs of members only grow."""

from __future__ import annotations

import pytest

from fakes.members import FakeLog
from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence import Head, LogVerifier, PolicyActivated, verify_proof
from tracepost.protocol.ids import MemberId
from tracepost.relay.heads import HeadBook, SeenHead


class Log(FakeLog):
    def __init__(self) -> None:
        super().__init__(MemberId("xaa"))
        self.verifier = LogVerifier([self.key.vkey])

    def grow(self) -> Head:
        (proof,) = self.prove(PolicyActivated(sha256=self.frontier.size.to_bytes(32), artefact=b"", time=1))
        return verify_proof(proof, self.verifier).head


def test_the_first_head_is_kept_and_the_same_again_is_nothing_new() -> None:
    log, book = Log(), HeadBook({})
    head = log.grow()
    assert book.see(head)
    assert not book.see(head)
    assert book.newest(str(log.origin)) == SeenHead(1, head.root)


def test_a_later_head_without_proof_is_not_kept_so_that_it_can_still_be_proved() -> None:
    log, book = Log(), HeadBook({})
    book.see(log.grow())
    log.grow()
    assert not book.see(log.grow())
    assert book.prove(log.consistency(1), log.verifier) is not None
    kept = book.newest(str(log.origin))
    assert kept is not None
    assert kept.size == 3


def test_an_older_head_is_no_news() -> None:
    log, book = Log(), HeadBook({})
    first = log.grow()
    book.see(log.grow())
    assert not book.see(first)


def test_a_proof_from_another_place_says_nothing() -> None:
    log, book = Log(), HeadBook({})
    book.see(log.grow())
    log.grow()
    log.grow()
    assert book.prove(log.consistency(2), log.verifier) is None


def test_an_older_head_is_proved_to_be_of_the_log_as_well() -> None:
    log, book = Log(), HeadBook({})
    first = log.grow()
    second = log.grow()
    log.grow()
    assert book.see(first, "note")
    book.prove(log.consistency(1), log.verifier)
    book.see(second, "note of the second")
    assert [(one.old_size, one.member) for one in book.questions(MemberId("xaa"))] == [(2, "xaa")]
    assert book.prove(log.consistency(2), log.verifier) is None
    assert book.questions(MemberId("xaa")) == []


def test_nothing_is_taken_of_a_log_that_has_contradicted_itself_and_the_evidence_says_why() -> None:
    log, book = Log(), HeadBook({})
    head = log.grow()
    book.see(head, "one note")
    with pytest.raises(EvidenceError):
        book.see(Head(head.origin, head.size, bytes(32)), "another note")
    [(origin, found)] = book.take_found()
    assert (origin, found.notes) == (str(head.origin), ("one note", "another note"))
    assert book.take_found() == []
    with pytest.raises(EvidenceError) as refusal:
        book.see(log.grow())
    assert refusal.value.reason == "equivocation"


def test_two_heads_of_one_size_are_equivocation() -> None:
    log, book = Log(), HeadBook({})
    head = log.grow()
    book.see(head)
    with pytest.raises(EvidenceError) as refusal:
        book.see(Head(head.origin, head.size, bytes(32)))
    assert refusal.value.reason == "equivocation"


def test_two_unproved_heads_of_one_size_are_equivocation_as_well() -> None:
    log, book = Log(), HeadBook({})
    book.see(log.grow())
    head = log.grow()
    book.see(head)
    with pytest.raises(EvidenceError) as refusal:
        book.see(Head(head.origin, head.size, bytes(32)))
    assert refusal.value.reason == "equivocation"


def test_a_head_that_does_not_continue_the_log_is_refused() -> None:
    log, book = Log(), HeadBook({})
    book.see(log.grow())
    log.grow()
    proof = log.consistency(1)
    forged = HeadBook({str(log.origin): SeenHead(1, bytes(32))})
    with pytest.raises(EvidenceError) as refusal:
        forged.prove(proof, log.verifier)
    assert refusal.value.reason == "inconsistent"


def test_a_checkpoint_of_a_foreign_key_proves_nothing() -> None:
    log, other, book = Log(), Log(), HeadBook({})
    book.see(log.grow())
    other.grow()
    with pytest.raises(EvidenceError):
        book.prove(other.consistency(0), log.verifier)
