"""Who may see what, and why: of a statement in the store, and of a text that is not in force yet.

A decision is about a class, so it is told of every desk. Which fields there are is data of the case: paths
are told of classes that the asking desk may search, under the policies in force, and of others how many there
are, as far as their counter tells. Values are told to nobody here. What is opened for this is logged first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial

from tracepost.node.gate import Action, Context, Gate, Reader, base_policy
from tracepost.node.handlers.case.audience import Audience
from tracepost.node.handlers.case.casebook import find_case, in_case_order
from tracepost.node.handlers.case.circumstances import CaseTerms, read_terms
from tracepost.node.handlers.case.concerned import audience_in
from tracepost.node.handlers.case.entitlement import choose_reading_desk, require_reading
from tracepost.node.handlers.case.naming import named_by
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk, desk_name
from tracepost.node.handlers.case.reader_sets import only_by
from tracepost.node.handlers.case.thread import (
    CLEAR_CLASSES,
    Thread,
    claims_of,
    clear_message,
    open_thread,
    read_clear_part,
)
from tracepost.node.handlers.sealed.opening import Opener, Sealed, UnlockedDesks, load_sealed
from tracepost.node.handlers.sealed.sealing_mail import as_addressee
from tracepost.node.handlers.sealed.sheet import count_hidden
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.papers import Papers
from tracepost.node.policies.difference import Side, difference, own_readers
from tracepost.node.policies.own import check_additions
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import CaseFilter
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import InvalidInputError, LockedDeskError, TracepostError
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, decode_b64, encode_b64
from tracepost.protocol.problems import make_problem
from tracepost.protocol.schema import Sensitivity
from tracepost.wire.v1 import desk_pb2, options_pb2

_AT_ONCE = 8
_PAGE = 200
STATEMENTS_LIMIT = 2000
"""A simulation looks at the newest ones."""


@dataclass(frozen=True, slots=True)
class _Signed:
    """What is told of the fields of a statement, by class; `problem` says why it is less than it might be."""

    record: StatementRecord
    terms: CaseTerms
    classes: dict[Sensitivity, desk_pb2.SignedClass] = field(repr=False)
    locked: bool = False
    problem: TracepostError | None = None

    @property
    def is_classed(self) -> bool:
        """Whether a path above ADMINISTRATIVE is told."""
        return any(one.paths for c, one in self.classes.items() if c not in CLEAR_CLASSES)


class Explaining:
    """One per process; used on the event loop."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        desks: UnlockedDesks,
        opener: Opener,
        papers: Papers,
        log: DisclosureLog,
        store: Store,
    ) -> None:
        self._office = office
        self._gate = gate
        self._desks = desks
        self._opener = opener
        self._papers = papers
        self._log = log
        self._store = store

    # ── explaining ───────────────────────────────────────────────────────────────────

    async def explain(
        self, officer: Officer, request: desk_pb2.ExplainPolicyRequest
    ) -> desk_pb2.PolicyExplanation:
        """Return for each desk which classes of a statement, or of all of a case, it may see, and why not."""
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        records, terms = await self._store.read(lambda tx: _find(tx, request.what))
        for one in terms.values():
            require_reading(self._office, self._gate, desk, one)
        cases = await self._store.read(lambda tx: self._read_cases(tx, terms))
        signed = [one async for one in self._look(records, desk)]
        await self._log.record([s.record for s in signed if s.is_classed], officer, desk, Action.SEARCH)
        return desk_pb2.PolicyExplanation(
            set_sha256=self._gate.policy_sha256.hex(),
            statements=[self._explain(one, self._audience(one.record, cases)) for one in signed],
        )

    def _read_cases(self, tx: Tx, threads: Iterable[ThreadId]) -> dict[ThreadId, Thread]:
        us = self._office.member
        return {one: open_thread(one, us, tx.statements.in_threads([one])) for one in threads}

    def _audience(self, record: StatementRecord, cases: Mapping[ThreadId, Thread]) -> Audience:
        members = [entry.member for entry in self._papers.entries()]
        return audience_in(cases[record.thread], record.kind, clear_message(record), members)

    def _explain(self, signed: _Signed, written_for: Audience) -> desk_pb2.ExplainedStatement:
        record = signed.record
        return desk_pb2.ExplainedStatement(
            statement=encode_b64(record.digest),
            kind=record.kind,
            from_member=record.iss,
            to=claims_of(record).aud,
            thread=record.thread,
            classes=[signed.classes[c] for c in Sensitivity if c in signed.classes],
            readers=self._readers(signed, [c for c in Sensitivity if c in signed.classes], written_for),
            desk_locked=signed.locked or None,
            problem=make_problem(signed.problem) if signed.problem else None,
        )

    def _readers(
        self, signed: _Signed, classes: Sequence[Sensitivity], written_for: Audience
    ) -> Iterator[desk_pb2.ExplainedReader]:
        record = signed.record
        for desk in self._office.desks:
            found = self._opener.circumstances(desk, record, signed.terms)
            for below, context in (("", found.whole), *found.parts):
                yield self._rules(desk.reader, "own", Action.OPEN, context, classes, below=below)
        named, addressees = named_by(record), frozenset(claims_of(record).aud)
        for entry in self._papers.entries():
            if entry.member == self._office.member:
                continue
            standing, action = _standing(entry.member, record, addressees)
            for view in entry.desks:
                context = replace(
                    as_addressee(entry.member, view, named, written_for),
                    author=standing == "author",
                    addressed=standing == "addressee",
                )
                yield self._rules(view.reader, standing, action, context, classes)
                for one in only_by(record):
                    kept = one.keeps_from(desk_name(entry.member, view.desk))
                    narrower = replace(context, for_others=kept, for_named_desks=not kept)
                    yield self._rules(view.reader, standing, action, narrower, classes, below=one.path)

    def _rules(
        self,
        reader: Reader,
        standing: str,
        action: Action,
        context: Context,
        classes: Iterable[Sensitivity],
        *,
        below: str = "",
    ) -> desk_pb2.ExplainedReader:
        decided = [(c, self._gate.decide(reader, action, c, context)) for c in classes]
        return desk_pb2.ExplainedReader(
            member=reader.member,
            desk=reader.desk,
            standing=standing,
            action=str(action),
            below=below or None,
            context=[one.name for one in fields(Context) if getattr(context, one.name)],
            rules=[
                desk_pb2.ClassRule(of_class=f"SENSITIVITY_{c}", allowed=d.allowed, policies=d.policy_ids)
                for c, d in decided
            ],
        )

    # ── comparing ────────────────────────────────────────────────────────────────────

    async def compare(
        self, officer: Officer, request: desk_pb2.ComparePolicyRequest, text_in_force: str
    ) -> desk_pb2.PolicyDifference:
        """Return what `text` in the place of `text_in_force` would change, for our desks and for typical readers.

        Raises:
            InvalidPolicyError: the text may not be added to the base set.
            LockedDeskError: with `stored`, and the asking desk is locked.
        """
        desk = (
            choose_reading_desk(self._office, self._gate, officer, request.desk) if request.stored else None
        )
        before = Side(_whole(text_in_force), Gate(self._gate.policies))
        additions = await asyncio.to_thread(check_additions, request.text)
        after = Side(_whole(request.text), Gate(additions.policies))
        own = list(own_readers((d.reader, d.on_every_case) for d in self._office.desks))
        told = await asyncio.to_thread(difference, before, after, own)
        if desk is not None:
            await self._simulate(officer, desk, before.gate, after.gate, told)
        return told

    async def _simulate(
        self, officer: Officer, desk: OwnDesk, before: Gate, after: Gate, told: desk_pb2.PolicyDifference
    ) -> None:
        """Write into `told` what the change would do to the statements in the store."""
        self._desks.secrets(desk.desk)  # paths come out of what lies sealed
        of_desks = None if desk.on_every_case else (desk.desk,)
        records, terms, cut = await self._store.read(partial(_newest, chosen=CaseFilter(of_desks=of_desks)))
        changed = [r for r in records if any(self._moved(r, terms[r.thread], before, after))]
        signed = [one async for one in self._look(changed, desk)]
        told.stored.extend(change for one in signed for change in self._stored_changes(one, before, after))
        shown = {change.statement for change in told.stored if change.paths}
        opened = [s.record for s in signed if encode_b64(s.record.digest) in shown and s.is_classed]
        await self._log.record(opened, officer, desk, Action.SEARCH)
        told.statements, told.older_left_out = len(records), cut

    def _moved(
        self, record: StatementRecord, terms: CaseTerms, before: Gate, after: Gate
    ) -> Iterator[tuple[OwnDesk, Sensitivity, bool]]:
        """Yield which class of a statement which desk of ours would gain (True) or lose."""
        for desk in self._office.desks:
            context = self._opener.circumstances(desk, record, terms).whole
            old = before.readable(desk.reader, Action.OPEN, context)
            new = after.readable(desk.reader, Action.OPEN, context)
            yield from ((desk, c, c in new) for c in Sensitivity if (c in old) != (c in new))

    def _stored_changes(self, signed: _Signed, before: Gate, after: Gate) -> Iterator[desk_pb2.StoredChange]:
        record = signed.record
        for desk, sensitivity, gained in self._moved(record, signed.terms, before, after):
            one = signed.classes.get(sensitivity)
            if one is not None:
                yield desk_pb2.StoredChange(
                    thread=record.thread,
                    statement=encode_b64(record.digest),
                    kind=record.kind,
                    desk=desk.desk,
                    of_class=f"SENSITIVITY_{sensitivity}",
                    gained=gained,
                    paths=one.paths,
                    hidden=one.hidden,
                    exact=one.exact,
                )

    # ── opening ──────────────────────────────────────────────────────────────────────

    async def _look(self, records: Sequence[StatementRecord], desk: OwnDesk) -> AsyncIterator[_Signed]:
        for start in range(0, len(records), _AT_ONCE):
            some = records[start : start + _AT_ONCE]
            sealed = await self._store.read(partial(load_sealed, records=some, desk=desk.desk))
            for one in await asyncio.to_thread(self._read_all, sealed, desk):
                yield one

    def _read_all(self, sealed: Iterable[Sealed], desk: OwnDesk) -> list[_Signed]:
        return [self._read(one, desk) for one in sealed]

    def _read(self, sealed: Sealed, desk: OwnDesk) -> _Signed:
        record, terms = sealed.record, sealed.terms
        try:
            shown = self._opener.open(sealed, desk, Action.SEARCH).statement
        except LockedDeskError:
            return _Signed(record, terms, self._clear_classes(sealed, desk), locked=True)
        except TracepostError as error:
            return _Signed(record, terms, self._clear_classes(sealed, desk), problem=error)
        paths = ((d.sensitivity, d.path) for d in shown.disclosures if not d.is_counter)
        classes = _by_class(paths)
        for count in count_hidden(shown):
            name = options_pb2.Sensitivity.Name(count.of_class).removeprefix("SENSITIVITY_")
            if name in Sensitivity.__members__:
                one = classes.setdefault(Sensitivity(name), desk_pb2.SignedClass(of_class=count.of_class))
                one.hidden, one.exact = count.fields, count.exact
        return _Signed(record, terms, classes)

    def _clear_classes(self, sealed: Sealed, desk: OwnDesk) -> dict[Sensitivity, desk_pb2.SignedClass]:
        found = self._opener.circumstances(desk, sealed.record, sealed.terms)
        return _by_class(
            (one.sensitivity, one.path)
            for one in read_clear_part(sealed.record.admin_json).fields
            if one.sensitivity in self._gate.readable(desk.reader, Action.SEARCH, found.at(one.path))
        )


def _by_class(paths: Iterable[tuple[Sensitivity, str]]) -> dict[Sensitivity, desk_pb2.SignedClass]:
    classes: dict[Sensitivity, desk_pb2.SignedClass] = {}
    for sensitivity, path in paths:
        one = classes.setdefault(
            sensitivity, desk_pb2.SignedClass(of_class=f"SENSITIVITY_{sensitivity}", exact=True)
        )
        one.paths.append(path)
    return classes


def _whole(text: str) -> str:
    return f"{base_policy()}\n{text}"


def _standing(
    member: MemberId, record: StatementRecord, addressees: frozenset[MemberId]
) -> tuple[str, Action]:
    if member == record.iss:
        return "author", Action.OPEN
    return ("addressee" if member in addressees else "other"), Action.SEAL_TO


def _find(tx: Tx, named: str) -> tuple[list[StatementRecord], dict[ThreadId, CaseTerms]]:
    """Return what `_find_records` finds, with the terms of its cases."""
    records = _find_records(tx, named)
    return records, read_terms(tx, [r.thread for r in records])


def _find_records(tx: Tx, named: str) -> list[StatementRecord]:
    """Return the statement with this digest, or those of the case that is called so; held mail belongs to none."""
    digest = _read_digest(named)
    found = tx.statements.find([digest]) if digest is not None else {}
    in_effect = [record for record in found.values() if record.in_effect]
    if in_effect:
        return in_effect
    return in_case_order(tx.statements.in_threads([find_case(tx, named)]))


def _read_digest(named: str) -> StatementDigest | None:
    try:
        data = decode_b64(named, "what")
    except InvalidInputError:
        return None
    return StatementDigest(data) if len(data) == 32 else None


def _newest(tx: Tx, chosen: CaseFilter) -> tuple[list[StatementRecord], dict[ThreadId, CaseTerms], bool]:
    """Return the statements of the cases with the newest events and their terms, and whether some were left out."""
    records: list[StatementRecord] = []
    token = ""
    while True:
        page = tx.cases.list(chosen, _PAGE, token)
        records += tx.statements.in_threads([case.thread for case in page.cases])
        token = page.next_token
        if not token or len(records) > STATEMENTS_LIMIT:
            cut = bool(token) or len(records) > STATEMENTS_LIMIT
            records = records[:STATEMENTS_LIMIT]
            return records, read_terms(tx, [r.thread for r in records]), cut
