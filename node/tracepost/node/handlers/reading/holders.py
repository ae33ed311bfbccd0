"""Who holds what was written in a case, as far as is known here, and who of them is still to be told.

Known are: whom a statement addresses, to whom we passed it on, and to whom others say that they did (notices,
and the lists in their confirmations). A withdrawal or a correction follows what it is about: where we passed
something on, passing on its withdrawal is ours to do too. No more is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import NOTICE_KIND, find_case, instant
from tracepost.node.handlers.case.enclosed import enclosed_digests, enclosed_statements
from tracepost.node.handlers.case.entitlement import require_case_data
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.case.thread import Thread, clear_message, open_thread, read_clear_part
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import CaseFilter
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.schema import INNER_KINDS
from tracepost.wire.v1 import onward_pb2, share_pb2, trace_pb2

_WITHDRAWAL, _AMENDMENT = "trace.withdrawal/1", "trace.amendment/1"
_FOLLOWING = (_WITHDRAWAL, _AMENDMENT)
# What tells of others' data and holds none of its own.
_EMPTY = frozenset({_WITHDRAWAL, "release.notice/1", "trace.consent/1", "error/1", "share/1"})
_CARRYING = ("share/1", "trace.referral/1")
_PAGE, _LINES = 100, 4096
_CONFIRMED: Mapping[int, onward_pb2.HolderState] = {
    trace_pb2.WITHDRAWAL_STEP_DELETED: onward_pb2.HOLDER_STATE_DELETED,
    trace_pb2.WITHDRAWAL_STEP_KEPT_BY_LAW: onward_pb2.HOLDER_STATE_KEPT_BY_LAW,
}


@dataclass(slots=True)
class _Known:
    """What is known of one holder of one author's data."""

    statements: set[str] = field(default_factory=set)
    by: MemberId | None = None
    asked: bool = False


class Holders:
    """One per process; used on the event loop."""

    def __init__(self, office: Office, gate: Gate, store: Store) -> None:
        self._office = office
        self._gate = gate
        self._store = store

    async def list_holders(
        self, officer: Officer, request: onward_pb2.ListHoldersRequest
    ) -> onward_pb2.ListHoldersResponse:
        """Return who holds what of a case, and what is still to be passed on; or what one member holds, of any case.

        Raises:
            InvalidInputError: neither a case nor a member is named, or both are.
            NotFoundError: there is no such case.
        """
        require_case_data(self._office, self._gate, officer)
        if bool(request.case) == bool(request.held_by):
            raise InvalidInputError("name a case, or a member", where="case", reason="case-or-member")
        if request.held_by:
            return await self._store.read(lambda tx: self._list_of(tx, MemberId(request.held_by)))
        return await self._store.read(lambda tx: self._list(tx, find_case(tx, request.case)))

    def _list_of(self, tx: Tx, holder: MemberId) -> onward_pb2.ListHoldersResponse:
        """Return what `holder` has, of the cases that it takes part in and of those that it was shown parts of."""
        found = onward_pb2.ListHoldersResponse()
        for name in _cases_with(tx, holder, self._office.member):
            listed = self._list(tx, name)
            found.holders.extend(one for one in listed.holders if one.member == holder)
            found.to_pass_on.extend(one for one in listed.to_pass_on if one.to_member == holder)
            if len(found.holders) >= _LINES:
                break
        del found.holders[_LINES:], found.to_pass_on[_LINES:]
        return found

    def _list(self, tx: Tx, name: ThreadId) -> onward_pb2.ListHoldersResponse:
        thread = open_thread(name, self._office.member, tx.statements.in_threads([name]))
        carried = _carried(tx, thread)
        lines = _lines(thread, carried)
        tasks = [*_tasks(thread, carried)]
        return onward_pb2.ListHoldersResponse(holders=lines, to_pass_on=tasks)


def _cases_with(tx: Tx, holder: MemberId, us: MemberId) -> list[ThreadId]:
    """Return the cases in which `holder` was told something, those of what we showed it there, and of notices."""
    names = _listed(tx, CaseFilter(with_member=None if holder == us else holder))
    records = (r for r in tx.statements.in_threads(names) if r.iss == us and r.kind in _CARRYING)
    shown = (d for r in records if (said := clear_message(r)) is not None for d in enclosed_digests(said))
    enclosed = tx.statements.find(sorted(set(shown)))
    noticed = _listed(tx, CaseFilter(holds_kind=NOTICE_KIND))
    return list(dict.fromkeys([*names, *(record.thread for record in enclosed.values()), *noticed]))


def _listed(tx: Tx, chosen: CaseFilter) -> list[ThreadId]:
    names, token = list[ThreadId](), ""
    while True:
        page = tx.cases.list(chosen, _PAGE, token)
        names += [case.thread for case in page.cases]
        token = page.next_token
        if not token or len(names) >= _LINES:
            return names


def _carried(tx: Tx, thread: Thread) -> dict[StatementDigest, set[MemberId]]:
    """Return to whom we passed on each statement of the case."""
    found = tx.enclosures.carriers([r.digest for r in thread.records if r.kind not in INNER_KINDS])
    carriers = tx.statements.find(sorted({one for some in found.values() for one in some}))
    return {
        digest: {
            MemberId(member)
            for one in some
            if one in carriers and _is_sent(carriers[one])
            for member in read_clear_part(carriers[one].admin_json).aud
        }
        for digest, some in found.items()
    }


def _is_sent(record: StatementRecord) -> bool:
    """Say whether a statement of ours went to others; what stays with our own desks makes nobody a holder."""
    return record.direction is Direction.OURS and record.in_effect and record.kind not in INNER_KINDS


# ── who holds what ───────────────────────────────────────────────────────────────────


def _lines(thread: Thread, carried: Mapping[StatementDigest, set[MemberId]]) -> list[onward_pb2.HolderLine]:
    known = _known(thread, carried)
    said = {record.iss: (record, message) for record, message in _confirmations(thread)}
    lines = [_line(author, holder, one, said.get(holder)) for (author, holder), one in sorted(known.items())]
    for line in lines:
        line.thread = thread.id
    return lines


def _known(
    thread: Thread, carried: Mapping[StatementDigest, set[MemberId]]
) -> dict[tuple[MemberId, MemberId], _Known]:
    found: dict[tuple[MemberId, MemberId], _Known] = {}
    told = (
        _by_statements(thread, carried),
        _by_notices(thread),
        _by_confirmations(thread),
        _by_shares(thread),
    )
    for one in chain.from_iterable(told):
        if one.holder != one.author:
            known = found.setdefault((one.author, one.holder), _Known())
            known.statements.add(one.statement)
            known.by = known.by or one.by
    askers = {record.iss for record, _ in _asked(thread)}
    for (owner, _), held in found.items():
        held.asked = owner in askers
    return found


@dataclass(frozen=True, slots=True)
class _Held:
    """That `holder` has something of `author`: a statement, if it is said which; `by` passed it on."""

    author: MemberId
    holder: MemberId
    statement: str = ""
    by: MemberId | None = None


def _by_statements(thread: Thread, carried: Mapping[StatementDigest, set[MemberId]]) -> Iterator[_Held]:
    for record in thread.records:
        if record.kind not in _EMPTY:
            digest = encode_b64(record.digest)
            for member in read_clear_part(record.admin_json).aud:
                yield _Held(record.iss, member, digest)
            for member in carried.get(record.digest, ()):
                yield _Held(record.iss, member, digest, thread.us)


def _by_notices(thread: Thread) -> Iterator[_Held]:
    authors = {encode_b64(record.digest): record.iss for record in thread.records}
    for by, release in _releases(thread):
        author = authors.get(release.statement_digest)
        for member in release.to_members if author else ():
            yield _Held(author or by, MemberId(member), release.statement_digest, by)


def _by_confirmations(thread: Thread) -> Iterator[_Held]:
    for record, message in _confirmations(thread):
        for author in read_clear_part(record.admin_json).aud:
            yield from (_Held(author, MemberId(member), by=record.iss) for member in message.passed_on_to)


def _by_shares(thread: Thread) -> Iterator[_Held]:
    """Yield what others showed us of others."""
    for record in thread.records:
        said = clear_message(record) if record.iss != thread.us and record.kind in _CARRYING else None
        for digest, claims in enclosed_statements(said) if said is not None else ():
            if claims.kind not in _EMPTY:
                yield _Held(claims.iss, thread.us, digest, record.iss)


def _line(
    author: MemberId, holder: MemberId, one: _Known, said: tuple[StatementRecord, trace_pb2.Withdrawal] | None
) -> onward_pb2.HolderLine:
    state = onward_pb2.HOLDER_STATE_ASKED if one.asked else onward_pb2.HOLDER_STATE_HOLDS
    line = onward_pb2.HolderLine(
        member=holder,
        of_member=author,
        by_member=one.by,
        statements=sorted(filter(None, one.statements)),
        state=state,
    )
    if said is not None and (one.asked or author in read_clear_part(said[0].admin_json).aud):
        record, message = said
        line.state = _CONFIRMED[message.step]
        line.confirmed_at = instant(record.iat)
        line.kept_under, line.kept_until = message.kept_under, message.kept_until
    return line


# ── what is to be passed on ──────────────────────────────────────────────────────────


def _tasks(
    thread: Thread, carried: Mapping[StatementDigest, set[MemberId]]
) -> Iterator[onward_pb2.PassOnTask]:
    for record in thread.records:
        if record.kind not in _FOLLOWING or record.iss == thread.us or not _is_to_follow(record):
            continue
        had = {member for one in _meant(thread, record) for member in carried.get(one.digest, ())}
        told = {*read_clear_part(record.admin_json).aud, *carried.get(record.digest, ()), record.iss}
        for member in sorted(had - told - {thread.us}):
            yield onward_pb2.PassOnTask(
                statement=encode_b64(record.digest),
                kind=record.kind,
                from_member=record.iss,
                to_member=member,
            )


def _meant(thread: Thread, following: StatementRecord) -> list[StatementRecord]:
    """Return what a withdrawal or amendment is about, and what that amended, back to what its author said first."""
    own = {encode_b64(one.digest): one for one in thread.records if one.iss == following.iss}
    if following.kind != _AMENDMENT:
        return [one for one in own.values() if one.kind not in _EMPTY]
    meant: list[StatementRecord] = []
    before: StatementRecord | None = following
    while before is not None:  # it ends: own digests hold what they amend, and each is taken out
        before = own.pop(_amended_by(before), None)
        meant += [before] if before is not None else []
    return meant


def _amended_by(record: StatementRecord) -> str:
    """Return the digest of what an amendment is about, as text; empty, if it is none."""
    message = clear_message(record)
    return message.amends_digest if isinstance(message, trace_pb2.Amendment) else ""


def _is_to_follow(record: StatementRecord) -> bool:
    message = clear_message(record)
    if isinstance(message, trace_pb2.Withdrawal):
        return message.step == trace_pb2.WITHDRAWAL_STEP_ASKED
    return isinstance(message, trace_pb2.Amendment)


def _asked(thread: Thread) -> Iterator[tuple[StatementRecord, trace_pb2.Withdrawal]]:
    for record, message in _withdrawals(thread.records):
        if message.step == trace_pb2.WITHDRAWAL_STEP_ASKED:
            yield record, message


def _confirmations(thread: Thread) -> Iterator[tuple[StatementRecord, trace_pb2.Withdrawal]]:
    for record, message in _withdrawals(thread.records):
        if message.step in _CONFIRMED:
            yield record, message


def _withdrawals(
    records: Iterable[StatementRecord],
) -> Iterator[tuple[StatementRecord, trace_pb2.Withdrawal]]:
    for record in records:
        message = clear_message(record) if record.kind == _WITHDRAWAL else None
        if isinstance(message, trace_pb2.Withdrawal):
            yield record, message


def _releases(thread: Thread) -> Iterator[tuple[MemberId, share_pb2.NoticedRelease]]:
    for record in thread.records:
        message = clear_message(record) if record.kind == "release.notice/1" else None
        if isinstance(message, share_pb2.ReleaseNotice):
            yield from ((record.iss, one) for one in message.releases)
