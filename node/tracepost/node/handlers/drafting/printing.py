"""Paper that leaves the desk: a slip for a custodian without a screen, a letter to an office that is no member.

    the enquiry or letter → what this desk may print of it → of that, what the one on paper may get
    → the log says so, with the reader's table → what may stand on the paper

Both are asked of the gate with the action `print`: the desk that prints, and who gets the paper, as a reader
with the competences that the address book gave it when the statement was signed. The frame of a paper (its
number, what is asked of which item, when it is due, how to handle it) is written for who gets it, and is
printed always.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from tracepost.node.gate import Action, Context, Gate, Reader
from tracepost.node.handlers.case.casebook import case_event
from tracepost.node.handlers.case.circumstances import Act, CaseTerms, Recipient
from tracepost.node.handlers.case.entitlement import choose_reading_desk, visible
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.thread import CLEAR_CLASSES, REFERRAL, clear_message
from tracepost.node.handlers.drafting.addresses import paper_reader
from tracepost.node.handlers.sealed.opening import Opened, Opener, Sealed, load_sealed
from tracepost.node.handlers.sealed.sheet import Sight, Ways, show
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.protocol.evidence import Opened as OpenedEntry
from tracepost.protocol.evidence import prepare_line
from tracepost.protocol.ids import StatementDigest, encode_b64, parse_digest
from tracepost.protocol.lifecycle import CaseState, fold
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.sealing import Random
from tracepost.wire.v1 import desk_pb2, directory_pb2, inquiry_pb2

_ON_PAPER = ("competent_authorities_only", "no_use_in_court", "keeping_ended")
_SLIP_FRAME = frozenset(
    {
        "step",
        "reference",
        "custodian",
        "reminder_number",
        "item_ids",
        "questions",
        "where_to_look",
        "due_on",
        "handling_instructions",
        "office",
    }
)
_ITEM_FRAME = frozenset({"id", "kind"})
_INDUSTRY = directory_pb2.COMPETENCE_INDUSTRY_LIAISON

Addressee = inquiry_pb2.Custodian | inquiry_pb2.Correspondent


class Printing:
    """One per process."""

    def __init__(
        self,
        *,
        office: Office,
        office_name: str,
        gate: Gate,
        opener: Opener,
        store: Store,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self._office = office
        self._office_name = office_name
        self._gate = gate
        self._opener = opener
        self._store = store
        self._clock = clock
        self._random = random

    async def print_paper(
        self, officer: Officer, request: desk_pb2.PrintPaperRequest
    ) -> desk_pb2.PrintedPaper:
        """Return what may stand on a paper, after the log says who printed it for whom.

        Raises:
            InvalidInputError: the statement is for no paper.
            NotFoundError: it is not here, or this desk may not know of it.
            PermissionError_: nothing of it may stand on paper to this addressee.
            LockedDeskError, SealingError, StatementError: it does not open for the desk.
        """
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        digest = parse_digest(request.statement, "statement")
        sealed, source, case = await self._store.read(partial(self._load, digest=digest, desk=desk))
        to = _addressee(sealed.record)
        reader = paper_reader(self._office.member, to)
        context = paper_context(self._opener, desk, source, sealed.terms, to)
        self._gate.require(reader, Action.PRINT, Sensitivity.OBJECT, context)
        opened = await asyncio.to_thread(self._opener.open, sealed, desk, Action.PRINT)
        await self._log(opened, officer, desk, reader, context)
        may = self._gate.readable(reader, Action.PRINT, context)
        fields = tuple(f for f in opened.statement.fields() if f.sensitivity in may or _is_frame(f, to))
        return desk_pb2.PrintedPaper(
            paper=show(Sight(sealed.record, fields), Ways({}, {})),
            to=_entry_of(to),
            our_office=self._office_name,
            our_file_number=case.file_numbers.get(self._office.member),
            handling=case.handling,
            thread=sealed.record.thread,
        )

    def _load(
        self, tx: Tx, digest: StatementDigest, desk: OwnDesk
    ) -> tuple[Sealed, StatementRecord, CaseState]:
        """Return the paper's statement, the one that its data is of, and the case."""
        record = tx.statements.find([digest]).get(digest)
        if record is None:
            raise NotFoundError("no such statement is here", where="statement", reason="unknown-statement")
        [sealed] = load_sealed(tx, [record], desk.desk)
        visible(self._office, self._gate, desk, [record], sealed.terms)
        records = tx.statements.in_threads([record.thread])
        case = fold([case_event(r) for r in records], us=self._office.member)
        return sealed, _source(record, records), case

    async def _log(
        self, opened: Opened, officer: Officer, desk: OwnDesk, reader: Reader, context: Context
    ) -> None:
        now, digest = self._clock(), opened.record.digest
        decision = bytes.fromhex(self._gate.digest(reader, Action.PRINT, context))
        entry = OpenedEntry(digest, desk.desk, officer.label, str(Action.PRINT), decision, now)
        for_whom = f"{desk.desk} for {reader.desk if reader.member == self._office.member else reader.member}"

        def keep(tx: Tx) -> None:
            [number] = tx.log.append([prepare_line(entry, self._random)])
            subject = encode_b64(digest)
            tx.audit.append([AuditEvent(now, officer.label, str(Action.PRINT), subject, for_whom, number)])

        await self._store.write(keep, label="print")


def _is_frame(field: Field, to: Addressee) -> bool:
    """Say whether a field is of the frame of a paper: all that is clear in a letter, of a slip what asks."""
    if field.sensitivity not in CLEAR_CLASSES:
        return False
    head, _, rest = field.path.partition(".")
    is_slip = isinstance(to, inquiry_pb2.Custodian)
    return not is_slip or head in _SLIP_FRAME or (head == "items" and rest.partition(".")[2] in _ITEM_FRAME)


def paper_context(
    opener: Opener, desk: OwnDesk, source: StatementRecord, terms: CaseTerms, to: Addressee
) -> Context:
    """Return what the gate is told of the one on paper, as reader of data that is of `source`.

    Args:
        opener: says how a desk of ours stands to the source today; its restrictions bind on paper too.
        desk: the desk that prints.
        source: the request that the data is of.
        terms: of the case.
        to: who gets the paper.
    """
    act = Act(recipient=_recipient(to), slip=isinstance(to, inquiry_pb2.Custodian))
    told = opener.circumstances(desk, source, terms, act)
    # The fields of the source have other paths here: what binds some of them on paper binds all of the paper.
    some = {flag: True for flag in _ON_PAPER for _, part in told.parts if getattr(part, flag)}
    found = replace(told.whole, **some)
    return replace(found, on_case=True, addressed=True, named=False, wrote=False, consented=False)


def _recipient(to: Addressee) -> Recipient:
    if isinstance(to, inquiry_pb2.Custodian):
        return Recipient.PRIVATE if _INDUSTRY in to.competences else Recipient.AUTHORITY
    return Recipient.AUTHORITY if to.point_of_contact else Recipient.OUTSIDER


def _source(paper: StatementRecord, records: Iterable[StatementRecord]) -> StatementRecord:
    """Return the statement whose data an enquiry asks about; a letter's is our own."""
    named = getattr(clear_message(paper), "request_digest", "")
    for record in records:
        brought = getattr(clear_message(record), "request_digest", "") if record.kind == REFERRAL else ""
        if named and named in (encode_b64(record.digest), brought):
            return record
    return paper


def _addressee(record: StatementRecord) -> Addressee:
    message = clear_message(record)
    if isinstance(message, inquiry_pb2.Enquiry) and message.custodian.id:
        return message.custodian
    outgoing = inquiry_pb2.LETTER_DIRECTION_OUTGOING
    if isinstance(message, inquiry_pb2.Letter) and message.direction == outgoing:
        return message.correspondent
    raise InvalidInputError("this is for no paper", where="statement", reason="no-paper")


def _entry_of(to: Addressee) -> inquiry_pb2.AddressEntry:
    entry = inquiry_pb2.AddressEntry(id=to.id, name=to.name, address=to.address or None)
    if isinstance(to, inquiry_pb2.Custodian):
        entry.competences.extend(to.competences)
    else:
        entry.country = to.country
    return entry
