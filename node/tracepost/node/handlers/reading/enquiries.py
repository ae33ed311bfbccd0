"""The enquiries of our own state: what is open, what is overdue. ADMINISTRATIVE data only: nothing is opened.

A desk that is on every case sees those of all; another one those that ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import find_case, instant
from tracepost.node.handlers.case.circumstances import read_terms
from tracepost.node.handlers.case.entitlement import choose_reading_desk, is_entitled
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import CaseFilter, CaseRecord
from tracepost.wire.v1 import desk_pb2, inquiry_pb2

_PAGE = 200
_LINES_LIMIT = 10_000

OPEN = frozenset({inquiry_pb2.ENQUIRY_STANDING_OPEN, inquiry_pb2.ENQUIRY_STANDING_IN_PART})
"""How an enquiry stands that is to be answered still."""


class Enquiries:
    """Lists them. One per process."""

    def __init__(self, office: Office, gate: Gate, store: Store, clock: Callable[[], int]) -> None:
        self._office = office
        self._gate = gate
        self._store = store
        self._clock = clock

    async def list_enquiries(
        self, officer: Officer, request: inquiry_pb2.ListEnquiriesRequest
    ) -> inquiry_pb2.ListEnquiriesResponse:
        """Return the enquiries that a desk of the officer may see, those due first before the others."""
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        today = instant(self._clock())[:10]
        found = await self._store.read(partial(self._read, desk=desk, case=request.case))
        lines = [
            line
            for line in _lines(found, today)
            if (request.settled or line.enquiry.standing in OPEN)
            and (line.enquiry.overdue or not request.overdue)
        ]
        lines.sort(key=lambda line: (line.enquiry.due_on or "9999", line.enquiry.asked_at))
        more = len(lines) > _LINES_LIMIT
        return inquiry_pb2.ListEnquiriesResponse(lines=lines[:_LINES_LIMIT], more=more or None)

    def _read(self, tx: Tx, desk: OwnDesk, case: str) -> list[desk_pb2.CaseSummary]:
        """Return the cases with the enquiries that `desk` may know of."""
        cases = list(_cases_with_enquiries(tx, desk)) if not case else _case(tx, case)
        terms = read_terms(tx, [one.thread for one in cases])
        summaries = []
        for one in cases:
            summary = desk_pb2.CaseSummary.FromString(one.summary)
            if not is_entitled(self._office, self._gate, desk, terms[one.thread]):
                keep_asked(summary, desk)
            summaries.append(summary)
        return summaries


def keep_asked(summary: desk_pb2.CaseSummary, desk: OwnDesk) -> None:
    """Leave in a case's summary what a desk may know that is on no more of it than the enquiries that ask it."""
    asked = [one for one in summary.enquiries if one.to_desk == desk.desk]
    kept = desk_pb2.CaseSummary(
        thread=summary.thread,
        urgent=summary.urgent,
        exercise=summary.exercise,
        handling=summary.handling,
        enquiries=asked,
    )
    summary.CopyFrom(kept)


def mark_overdue(summary: desk_pb2.CaseSummary, today: str) -> None:
    """Say of each enquiry whether it is overdue on the day `today`, YYYY-MM-DD."""
    for one in summary.enquiries:
        one.overdue = one.standing in OPEN and bool(one.due_on) and one.due_on < today


def _case(tx: Tx, named: str) -> list[CaseRecord]:
    thread = find_case(tx, named)
    return [tx.cases.find([thread])[thread]]


def _cases_with_enquiries(tx: Tx, desk: OwnDesk) -> Iterator[CaseRecord]:
    chosen = CaseFilter(asks=() if desk.on_every_case else (desk.desk,))
    token = ""
    while True:
        page = tx.cases.list(chosen, _PAGE, token)
        yield from page.cases
        token = page.next_token
        if not token:
            return


def _lines(summaries: Sequence[desk_pb2.CaseSummary], today: str) -> Iterator[inquiry_pb2.EnquiryLine]:
    for summary in summaries:
        mark_overdue(summary, today)
        for one in summary.enquiries:
            yield inquiry_pb2.EnquiryLine(thread=summary.thread, urgent=summary.urgent, enquiry=one)
