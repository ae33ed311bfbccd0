"""How a desk of ours stands to a statement in the store: all that the gate is told of it.

    terms = read_terms(tx, [record.thread])[record.thread]
    found = circumstances(office, desk, record, terms, day="2030-01-31")
    may = gate.readable(desk.reader, Action.OPEN, found.at("items.0.object.mark.1"))

Nobody else makes a `Context` for what is stored, so that no reading forgets a circumstance. What the store
says about the case is read once, beside the statements (`opening.load_sealed`); the rest is in the record: the
restrictions that its author laid on it, and those of the statements that it encloses, which bind for these.
What is to be done with it, and for whom, the caller says (`Act`). Policies read no clock: which restriction has
ended, and whether the last day of keeping has passed, is judged here for the day that the caller names.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tracepost.node.gate import Action, Context, Gate, Reader
from tracepost.node.handlers.case.audience import audience_of
from tracepost.node.handlers.case.enclosed import read_restriction, statements_within
from tracepost.node.handlers.case.inner_readers import only_inside_of
from tracepost.node.handlers.case.inward import FOR_NOBODY, inward_by
from tracepost.node.handlers.case.naming import named_by
from tracepost.node.handlers.case.office import Office, OwnDesk, desk_name
from tracepost.node.handlers.case.reader_sets import only_by
from tracepost.node.handlers.case.thread import REFERRAL, ClearPart, clear_message, read_clear_part
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol.consent import is_within, lineage_places
from tracepost.protocol.errors import StatementError
from tracepost.protocol.ids import DeskId, ThreadId
from tracepost.protocol.schema import Field
from tracepost.protocol.statement import Restriction, UntrustedStatement, peek_claims
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2

_EXHIBITS = "exhibits"
_ENQUIRY = "trace.enquiry/1"
_DRAWN = ("items", "mark_forms")  # of a request, into an enquiry
_KEEPING_ENDED = "keeping_ended"
_PURPOSE_LIMITED = "purpose_limited"
_COURT = "PURPOSE_PROSECUTION"
# Instructions that no action of ours depends on are shown in bold and told to the gate by none of these names.
_OBEYED = frozenset({"do_not_contact_owner", "do_not_alert", "controlled_delivery"})
_FLAG_OF = {
    name: name.removeprefix("RESTRICTION_CODE_").lower() for name in terms_pb2.RestrictionCode.keys()[1:]
} | {"RESTRICTION_CODE_DELETE_AFTER": _KEEPING_ENDED}


class Recipient(enum.StrEnum):
    """Who gets what leaves the desk."""

    AUTHORITY = "authority"
    """A competent authority of a State, as ours is."""
    OUTSIDER = "outsider"
    """Somebody else: a panel, an organisation, the public."""
    PRIVATE = "private"
    """A maker, importer, dealer or owner."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is done with a statement, beyond that a desk sees it.

    Args:
        purpose: the name of the `Purpose` that it is done for; empty: the one for which it was given.
        recipient: who gets what leaves.
        slip: it leaves on paper, to be answered on paper.
        consented: the provider consents to this release.
        asked_inside: of what is enclosed in it, its own author is asked for consent apart.
    """

    purpose: str = ""
    recipient: Recipient = Recipient.AUTHORITY
    slip: bool = False
    consented: bool = False
    asked_inside: bool = False


READING = Act()
"""That a desk sees it, for what it was given for."""


@dataclass(frozen=True, slots=True)
class CaseTerms:
    """What a case says about every statement in it.

    `desks` of ours were put on it, beside those always on; `handling` are the instructions in force, by the
    names that the gate knows them by.
    """

    desks: frozenset[DeskId] = frozenset()
    handling: frozenset[str] = frozenset()

    def admit(self, desk: OwnDesk) -> bool:
        """Say whether a desk of ours is on the case."""
        return desk.on_every_case or desk.desk in self.desks


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The context of a statement's fields: of the `whole`, and of `parts` below a path that are bound otherwise.

    The longest path comes first in `parts`.
    """

    whole: Context
    parts: tuple[tuple[str, Context], ...] = ()

    def at(self, path: str) -> Context:
        """Return the context of the field at `path`."""
        if not self.parts:  # nearly always
            return self.whole
        return next((one for prefix, one in self.parts if is_within(path, (prefix,))), self.whole)

    def digest(self, gate: Gate, reader: Reader, action: Action) -> bytes:
        """Return the digest of the gate's tables for these contexts, for the log."""
        tables = [gate.digest(reader, action, one) for one in (self.whole, *(c for _, c in self.parts))]
        return (
            bytes.fromhex(tables[0])
            if len(tables) == 1
            else hashlib.sha256("".join(tables).encode()).digest()
        )


def read_terms(tx: Tx, threads: Iterable[ThreadId]) -> dict[ThreadId, CaseTerms]:
    """Return the terms of each of these cases."""
    wanted = list(dict.fromkeys(threads))
    desks, cases = tx.case_desks.of(wanted), tx.cases.find(wanted)
    summaries = {thread: case.summary for thread, case in cases.items()}
    return {
        thread: CaseTerms(desks.get(thread, frozenset()), _handling_in(summaries.get(thread, b"")))
        for thread in wanted
    }


def circumstances(
    office: Office,
    desk: OwnDesk,
    record: StatementRecord,
    terms: CaseTerms,
    *,
    day: str,
    act: Act = READING,
) -> Circumstances:
    """Return what a stored statement, and its case, say about a desk of ours that would do `act` on `day`.

    Args:
        office: ours.
        desk: the desk.
        record: the statement.
        terms: of its case.
        day: YYYY-MM-DD, UTC.
        act: what is done with it.
    """
    base = _acting(standing_of(office, desk, record, terms), terms, act)
    bounds = [
        one
        for one in (
            *bounds_in(record.admin_json),
            *_reader_bounds(office, desk, record),
            *_lineage_bounds(office, record),
        )
        if one.binds(day) and not _is_asked_apart(one, act)
    ]
    foreign = _of_others(record)
    prefixes = {*foreign, *(one.prefix for one in bounds if one.prefix)}
    # What we show of others in a statement of ours stays theirs: our own policies give nobody any of it.
    bases = {p: replace(base, author=base.author and not is_within(p, foreign)) for p in prefixes}
    purpose = read_clear_part(record.admin_json).purpose
    whole = _bound(base, [one for one in bounds if not one.prefix], purpose, act)
    parts = ((prefix, _part(bases[prefix], prefix, bounds, purpose, act)) for prefix in prefixes)
    return Circumstances(whole, tuple(sorted(parts, key=lambda one: -len(one[0]))))


def standing_of(office: Office, desk: OwnDesk, record: StatementRecord, terms: CaseTerms) -> Context:
    """Return how a desk of ours stands to a stored statement, whatever binds it and whatever is done with it.

    By this a desk may know that the statement is there. What it may read of it, `circumstances` say.
    """
    is_ours = record.direction is Direction.OURS
    author, inward = (record.desk, inward_by(record)) if is_ours else (None, FOR_NOBODY)
    context = office.context(desk, author, named_by(record), audience_of(record.kind), inward)
    return replace(context, on_case=context.on_case or terms.admit(desk))


# ── restrictions ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Bound:
    """A restriction that a stored statement carries: on all of it, or on the fields below `prefix`.

    `purpose` is the one for which the data was given. `inside`: it is of a statement that it encloses.
    """

    prefix: str
    flag: str
    until: str
    purpose: str
    inside: bool = False

    def binds(self, day: str) -> bool:
        """Say whether it binds on `day`: a restriction until its last day, the end of keeping after it."""
        if self.flag == _KEEPING_ENDED:
            return bool(self.until) and day > self.until
        return not self.until or day <= self.until


@lru_cache(maxsize=4096)
def bounds_in(clear_part: bytes) -> tuple[Bound, ...]:
    """Return the restrictions in the clear part of a stored statement, its exhibits' included."""
    clear = read_clear_part(clear_part)
    return (*_own_bounds(clear), *_enclosed_bounds(clear))


def _own_bounds(clear: ClearPart) -> Iterator[Bound]:
    for one in clear.restrictions:
        for path in one.field_paths or ("",):
            yield from _bounds([one], path, clear.purpose)


def _bounds(
    restrictions: Iterable[Restriction], prefix: str, purpose: str, *, inside: bool = False
) -> Iterator[Bound]:
    for one in restrictions:
        if one.code in _FLAG_OF:  # mail with another one is held
            yield Bound(prefix, _FLAG_OF[one.code], one.until or "", purpose, inside)


def _enclosed_bounds(clear: ClearPart) -> Iterator[Bound]:
    """Yield what binds for each exhibit: what its author laid on it, what forwarders added, the same of all inside.

    What binds some of its fields binds all of the exhibit here: without a part of it, it would be a broken one.
    """
    purposes: dict[str, str] = {}
    for one in clear.fields:
        prefix, _, name = one.path.rpartition(".")
        if name == "jws" and prefix.startswith(f"{_EXHIBITS}.") and isinstance(one.value, str):
            try:
                claims = peek_claims(UntrustedStatement(one.value, ()))
            except StatementError:  # a kind that encloses nothing: a field of this name is no exhibit
                continue
            purposes[prefix] = claims.purpose
            yield from _bounds(claims.restrictions, prefix, claims.purpose, inside=True)
        elif name == "administrative_disclosures" and isinstance(one.value, list):
            # A forwarder that keeps the rules repeats it on the exhibit; of another it counts all the same.
            for inner in statements_within(one.value):
                laid = (*inner.claims.restrictions, *inner.added)
                yield from _bounds(laid, prefix, inner.claims.purpose, inside=True)
    for one in clear.fields:
        added = _added(one)
        if added is not None:
            prefix = ".".join(one.path.split(".")[:2])
            yield from _bounds([added], prefix, purposes.get(prefix, clear.purpose), inside=True)


def _added(one: Field) -> Restriction | None:
    steps = one.path.split(".")
    is_added = len(steps) == 4 and (steps[0], steps[2]) == (_EXHIBITS, "restrictions")
    return read_restriction(one.value) if is_added else None


@lru_cache(maxsize=4096)
def _encloses(clear_part: bytes) -> bool:
    return any(one.path.startswith(f"{_EXHIBITS}.") for one in read_clear_part(clear_part).fields)


def _of_others(record: StatementRecord) -> tuple[str, ...]:
    """Return below which paths a statement says what others wrote: what it encloses, what an enquiry is about."""
    if record.kind == _ENQUIRY:
        return _DRAWN if read_clear_part(record.admin_json).restrictions else ()
    return (_EXHIBITS,) if _encloses(record.admin_json) else ()


def _reader_bounds(office: Office, desk: OwnDesk, record: StatementRecord) -> Iterator[Bound]:
    """Yield what the sender keeps to some desks, and what the authors of what it encloses do."""
    name = desk_name(office.member, desk.desk)
    for one in (*only_by(record), *only_inside_of(record, office.member)):
        yield Bound(one.path, "for_others" if one.keeps_from(name) else "for_named_desks", "", "")


def _lineage_bounds(office: Office, record: StatementRecord) -> Iterator[Bound]:
    """Yield what keeps the lineage in a referral from us, where it does not say that we may see it."""
    message = clear_message(record) if record.kind == REFERRAL else None
    if not isinstance(message, trace_pb2.Referral) or record.direction is Direction.OURS:
        return
    if office.member not in message.lineage_visible_to:
        yield from (Bound(place, "for_others", "", "") for place in lineage_places(message))


def _is_asked_apart(one: Bound, act: Act) -> bool:
    return act.asked_inside and one.inside and one.flag == "no_onward_release"


# ── contexts ─────────────────────────────────────────────────────────────────────────


def _acting(base: Context, terms: CaseTerms, act: Act) -> Context:
    return replace(
        base,
        release_consented=act.consented,
        in_court=act.purpose == _COURT,
        to_outsider=act.recipient is not Recipient.AUTHORITY,
        to_private=act.recipient is Recipient.PRIVATE,
        slip=act.slip,
        **dict.fromkeys(terms.handling, True),
    )


def _part(base: Context, prefix: str, bounds: Sequence[Bound], purpose: str, act: Act) -> Context:
    binding = [one for one in bounds if not one.prefix or is_within(prefix, (one.prefix,))]
    return _bound(base, binding, purpose, act)


def _bound(base: Context, binding: Sequence[Bound], purpose: str, act: Act) -> Context:
    given_for = {one.purpose for one in binding if one.flag == _PURPOSE_LIMITED} or {purpose}
    flags = dict.fromkeys((one.flag for one in binding), True)
    return replace(base, other_purpose=bool(act.purpose) and given_for != {act.purpose}, **flags)


@lru_cache(maxsize=1024)
def _handling_in(summary: bytes) -> frozenset[str]:
    """Return the instructions of a case's summary that the gate is told of."""
    told = desk_pb2.CaseSummary.FromString(summary).handling
    names = (terms_pb2.HandlingInstruction.Name(one) for one in told)
    return frozenset(n.removeprefix("HANDLING_INSTRUCTION_").lower() for n in names) & _OBEYED
