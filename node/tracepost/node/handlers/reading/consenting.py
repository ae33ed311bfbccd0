"""Consents in one list: what we asked for and were asked for, what was given to us and by us, and how each stands.

In clear they all are, so that a list needs no opening and no unlocked desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import find_case, instant
from tracepost.node.handlers.case.entitlement import require_case_data
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.case.thread import Thread, claims_of, clear_message, open_thread
from tracepost.node.handlers.sending.standing_consents import StandingConsents
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import CaseFilter
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.consent import Grant
from tracepost.protocol.ids import StatementDigest, ThreadId, encode_b64
from tracepost.wire.v1 import onward_pb2, trace_pb2

_CONSENT = schema.kind_of(trace_pb2.Consent())
_CASES = 1000
_PATHS = 256  # of the schema

_OPEN, _DECIDED = onward_pb2.CONSENT_STATE_OPEN, onward_pb2.CONSENT_STATE_DECIDED
_GRANTED, _DENIED = onward_pb2.CONSENT_STATE_GRANTED, onward_pb2.CONSENT_STATE_DENIED
_ENDED, _TAKEN_BACK = onward_pb2.CONSENT_STATE_ENDED, onward_pb2.CONSENT_STATE_TAKEN_BACK


@dataclass(frozen=True, slots=True)
class _Word:
    """A consent statement of a case."""

    record: StatementRecord
    message: trace_pb2.Consent


class Consenting:
    """One per process; used on the event loop."""

    def __init__(
        self, office: Office, gate: Gate, papers: Papers, store: Store, clock: Callable[[], int]
    ) -> None:
        self._office = office
        self._gate = gate
        self._papers = papers
        self._store = store
        self._clock = clock

    async def list_consents(
        self, officer: Officer, request: onward_pb2.ListConsentsRequest
    ) -> onward_pb2.ListConsentsResponse:
        """Return the consents of a case, or of all; standing ones are of all. Raises `NotFoundError`."""
        require_case_data(self._office, self._gate, officer)
        threads, more = await self._store.read(lambda tx: self._threads(tx, request.case))
        today = instant(self._clock())[:10]
        lines = [line for thread in threads for line in _lines(thread, today)]
        if not request.case:
            lines += self._standing(today)
        chosen = [line for line in lines if not request.open or line.state == _OPEN]
        return onward_pb2.ListConsentsResponse(consents=chosen, older_left_out=more)

    def _threads(self, tx: Tx, case: str) -> tuple[list[Thread], bool]:
        if case:
            names: Sequence[ThreadId] = [find_case(tx, case)]
            more = False
        else:
            page = tx.cases.list(CaseFilter(holds_kind=_CONSENT), _CASES, "")
            names, more = [one.thread for one in page.cases], bool(page.next_token)
        us = self._office.member
        return [open_thread(name, us, tx.statements.in_threads([name])) for name in names], more

    def _standing(self, today: str) -> Iterator[onward_pb2.ConsentLine]:
        consents = StandingConsents(self._papers)
        for entry in sorted(self._papers.entries(), key=lambda one: one.member):
            for grant in consents.of(entry.member):
                yield _given(grant, today)


def _lines(thread: Thread, today: str) -> Iterator[onward_pb2.ConsentLine]:
    """Yield how each consent of a case stands, in its order; those given in advance first."""
    standing = [grant for one in sorted(thread.participants) for grant in thread.grants(one)]
    said = [*_words(thread)]
    explicit = {word.record.digest for word in said}
    yield from (_given(grant, today, thread) for grant in standing if grant.digest not in explicit)
    in_force = {grant.digest for grant in standing}
    for number, word in enumerate(said):
        yield _line(word, _state(word, said[number + 1 :], in_force, today))


def _words(thread: Thread) -> Iterator[_Word]:
    for record in thread.records:
        message = clear_message(record) if record.kind == _CONSENT else None
        if isinstance(message, trace_pb2.Consent) and message.step != trace_pb2.CONSENT_STEP_REVOKED:
            yield _Word(record, message)


def _state(
    word: _Word, later: Sequence[_Word], in_force: set[StatementDigest], today: str
) -> onward_pb2.ConsentState:
    message = word.message
    if message.step == trace_pb2.CONSENT_STEP_ASKED:
        return _DECIDED if any(_decides(one, word) for one in later) else _OPEN
    if message.decision != trace_pb2.CONSENT_DECISION_GRANTED:
        return _DENIED
    if word.record.digest not in in_force:
        return _TAKEN_BACK
    return _ENDED if message.until and message.until < today else _GRANTED


def _decides(answer: _Word, asked: _Word) -> bool:
    """Say whether an answer is to what was asked: by whom it was asked of, about the same member."""
    return (
        answer.message.step == trace_pb2.CONSENT_STEP_DECIDED
        and answer.record.iss in claims_of(asked.record).aud
        and answer.message.third_party == asked.message.third_party
    )


def _line(word: _Word, state: onward_pb2.ConsentState) -> onward_pb2.ConsentLine:
    record, message = word.record, word.message
    claims = claims_of(record)
    asked = message.step == trace_pb2.CONSENT_STEP_ASKED
    return onward_pb2.ConsentLine(
        thread=record.thread,
        by_member=", ".join(claims.aud) if asked else record.iss,
        third_party=message.third_party,
        to=[record.iss] if asked else claims.aud,
        state=state,
        statement=encode_b64(record.digest),
        about=message.statement_digest or None,
        item_ids=message.item_ids,
        field_paths=message.field_paths,
        purpose=message.purpose or None,
        until=message.until or None,
        conditions=message.conditions,
        said_at=instant(record.iat),
    )


def _given(grant: Grant, today: str, thread: Thread | None = None) -> onward_pb2.ConsentLine:
    """Return a consent that a request, an amendment or a directory entry gives."""
    said = thread.find(grant.digest) if thread else None
    return onward_pb2.ConsentLine(
        thread=grant.thread or None,
        by_member=grant.author,
        third_party=grant.third_party,
        to=sorted(grant.audience),
        state=_ENDED if grant.until and grant.until < today else _GRANTED,
        statement=encode_b64(grant.digest),
        about=grant.about or None,
        classes=sorted(grant.classes),
        field_paths=grant.field_paths[:_PATHS],
        purpose=grant.purpose or None,
        until=grant.until or None,
        said_at=instant(said.iat) if said else None,
    )
