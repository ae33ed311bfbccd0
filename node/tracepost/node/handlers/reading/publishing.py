"""To publish of a case what may be published: texts that their sources consented to word by word, and fields of ours.

    the case → texts put before their sources → what was decided on each, and whether it stands
    → what of our own statements was chosen → each through the gate ("publish")
    → one unit of work: log entries, audit events with the digest of the document, notices to the sources
    → the document

Of others nothing is published but such texts: what was consented to is the text as it was shown, so one that is
put again under the same name, with other words, takes a new consent. A denial, a withdrawal or the last day of
keeping ends a consent that was given before. A source that is not to be named stands nowhere in the document; the
log knows it. A preview shows the same, is logged as a look, and nobody is told.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import find_case, in_case_order, instant
from tracepost.node.handlers.case.circumstances import Act, CaseTerms, Recipient, read_terms
from tracepost.node.handlers.case.entitlement import choose_reading_desk, require_reading
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.thread import Thread, clear_message, open_thread
from tracepost.node.handlers.drafting.choosing import read_choice
from tracepost.node.handlers.sealed.opening import Opener, Sealed, UnlockedDesks, load_sealed
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.consent import is_within
from tracepost.protocol.errors import InvalidInputError, NotFoundError, PermissionError_, TracepostError
from tracepost.protocol.evidence import Opened as OpenedEntry
from tracepost.protocol.evidence import prepare_line
from tracepost.protocol.ids import MemberId, StatementDigest, encode_b64, parse_digest
from tracepost.protocol.schema import INNER_KINDS, Sensitivity
from tracepost.protocol.sealing import Random
from tracepost.protocol.statement import Disclosure, Statement
from tracepost.wire.v1 import desk_pb2, panel_pb2, publish_pb2, share_pb2, trace_pb2

_REQUEST, _REPLY, _WITHDRAWAL = "panel.request/1", "panel.reply/1", "trace.withdrawal/1"
_OURS = Act(recipient=Recipient.OUTSIDER)
_CONSENTED = Act(recipient=Recipient.OUTSIDER, consented=True)
_AT_ONCE = 8
# Published by nobody of his own accord (`published-by-consent-alone` of the base policies).
_NEVER = frozenset(
    {
        Sensitivity.CONTACT,
        Sensitivity.CRIMINAL_JUSTICE,
        Sensitivity.PERSONAL,
        Sensitivity.NATIONAL_SECURITY,
    }
)
_Why = publish_pb2.UnpublishedBecause


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that we put before its source, what it tells, and what the source decided; None: nothing yet."""

    text_id: str
    put_in: StatementRecord
    tells: StatementRecord
    paths: tuple[str, ...]
    decision: panel_pb2.PublicationDecision | None
    decided_in: StatementRecord | None
    taken_back: bool

    def why_not(self) -> publish_pb2.UnpublishedBecause | None:
        """Return why it is not published as far as consents go; None: it is."""
        if self.decision is None or self.decided_in is None:
            return publish_pb2.UNPUBLISHED_BECAUSE_UNDECIDED
        if self.decision.decision == panel_pb2.PUBLICATION_CONSENT_DENIED:
            return publish_pb2.UNPUBLISHED_BECAUSE_DENIED
        return publish_pb2.UNPUBLISHED_BECAUSE_TAKEN_BACK if self.taken_back else None

    def records(self) -> Iterator[StatementRecord]:
        """Yield the statements that it rests on."""
        yield from (one for one in (self.put_in, self.tells, self.decided_in) if one is not None)


@dataclass(slots=True)
class _Found:
    """What is to be published, and the statements that it is out of, with the act by which each was opened."""

    publication: publish_pb2.Publication = field(default_factory=publish_pb2.Publication)
    used: dict[StatementDigest, tuple[StatementRecord, Act]] = field(default_factory=dict)
    texts: list[_Text] = field(default_factory=list)

    def leave(self, because: int, **names: str) -> None:
        """Say that something is left out."""
        self.publication.left_out.add(because=_Why.Name(because), **names)

    def use(self, records: Iterable[StatementRecord], act: Act) -> None:
        """Remember what it is out of."""
        self.used |= {one.digest: (one, act) for one in records}


@dataclass(frozen=True, slots=True)
class _Case:
    """The case, as the desk that publishes has it."""

    thread: Thread
    terms: CaseTerms
    desk: OwnDesk
    sealed: Mapping[StatementDigest, Sealed] = field(repr=False)


class Publishing:
    """One per process; used on the event loop, under the standing policies."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        desks: UnlockedDesks,
        opener: Opener,
        papers: Papers,
        log: DisclosureLog,
        sending: Sending,
        store: Store,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self._office = office
        self._gate = gate
        self._desks = desks
        self._opener = opener
        self._papers = papers
        self._log = log
        self._sending = sending
        self._store = store
        self._clock = clock
        self._random = random

    async def publish(
        self, officer: Officer, request: publish_pb2.PublishCaseRequest
    ) -> publish_pb2.Publication:
        """Return what may be published of a case, and the document; it is logged, and the sources are told first.

        Raises:
            LockedDeskError: the desk is locked.
            NotFoundError: there is no such case, text or statement.
            PermissionError_: a text that was asked for by name is not consented to; a statement is not ours.
            InvalidInputError: nothing is left to publish.
        """
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        self._desks.secrets(desk.desk)
        case = await self._store.read(lambda tx: self._read(tx, request.case, desk))
        require_reading(self._office, self._gate, desk, case.terms)
        found = await asyncio.to_thread(self._find, case, request)
        records = [record for record, _ in found.used.values()]
        if request.preview:
            await self._log.record(records, officer, desk, Action.OPEN)
            return found.publication
        if not found.publication.texts and not found.publication.fields:
            raise InvalidInputError("there is nothing to publish", where="fields", reason="nothing-left")
        day = instant(self._clock())[:10]
        found.publication.document = self._write(found.publication, day)
        await self._keep(officer, case, found, day)
        return found.publication

    def _read(self, tx: Tx, named: str, desk: OwnDesk) -> _Case:
        name = find_case(tx, named)
        records = in_case_order(tx.statements.in_threads([name]))
        thread = open_thread(name, self._office.member, records)
        sealed = [one for some in _batches(records) for one in load_sealed(tx, some, desk.desk)]
        terms = read_terms(tx, [name])[name]
        return _Case(thread, terms, desk, {one.record.digest: one for one in sealed})

    # ── what may be published ────────────────────────────────────────────────────────

    def _find(self, case: _Case, request: publish_pb2.PublishCaseRequest) -> _Found:
        found = _Found()
        if request.text_ids or not (request.fields or request.statements):
            self._find_texts(case, frozenset(request.text_ids), found)
        if request.fields or request.statements:
            self._find_fields(case, request, found)
        return found

    def _find_texts(self, case: _Case, wanted: frozenset[str], found: _Found) -> None:
        texts = {one.text_id: one for one in _texts(case.thread)}
        if unknown := sorted(wanted - texts.keys()):
            raise NotFoundError(
                f"no text {unknown[0]} was put before anybody in this case",
                where="text_ids",
                reason="unknown-text",
            )
        for one in texts.values():
            if not wanted or one.text_id in wanted:
                self._find_text(case, one, found, asked_for=bool(wanted))

    def _find_text(self, case: _Case, one: _Text, found: _Found, *, asked_for: bool) -> None:
        why = one.why_not()
        words = "" if why else self._words(case, one)
        if not words:
            why = why or publish_pb2.UNPUBLISHED_BECAUSE_TAKEN_BACK
            if asked_for:
                raise _no_consent(one, why)
            found.leave(why, text_id=one.text_id)
            return
        assert one.decision is not None
        assert one.decided_in is not None
        found.publication.texts.add(
            text_id=one.text_id,
            text=words,
            from_member=one.tells.iss,
            attribution=one.decision.attribution or panel_pb2.ATTRIBUTION_NOT_NAMED,
            decision=one.decision.decision,
            consent_digest=encode_b64(one.decided_in.digest),
        )
        found.use(one.records(), _CONSENTED)
        found.texts.append(one)

    def _words(self, case: _Case, one: _Text) -> str:
        """Return the words that were consented to; none, if the gate does not let out what they tell."""
        told = self._open(case, one.tells, _CONSENTED)
        changed = one.decision and one.decision.decision == panel_pb2.PUBLICATION_CONSENT_CHANGED
        carrier = one.decided_in if changed else one.put_in
        said = self._open(case, carrier, _CONSENTED) if carrier is not None else None
        if told is None or said is None or not any(is_within(d.path, one.paths) for d in told.disclosures):
            return ""
        message: Any = schema.assemble(said.claims.kind, said.fields()).message
        return next((text.text for text in message.texts if text.text_id == one.text_id), "")

    def _find_fields(self, case: _Case, request: publish_pb2.PublishCaseRequest, found: _Found) -> None:
        wanted = {parse_digest(one, "statements") for one in request.statements}
        choice = read_choice(request.fields, (), "fields")
        known = {one.digest: one for one in case.thread.records}
        if wanted - known.keys():
            raise NotFoundError(
                "a statement is not in this case", where="statements", reason="unknown-statement"
            )
        for record in [one for one in known.values() if not wanted or one.digest in wanted]:
            if record.direction is not Direction.OURS or record.kind in INNER_KINDS:
                if wanted:
                    raise _of_others()
                found.leave(publish_pb2.UNPUBLISHED_BECAUSE_OF_OTHERS, statement=encode_b64(record.digest))
                continue
            self._find_fields_of(case, record, choice.select, found)

    def _find_fields_of(
        self,
        case: _Case,
        record: StatementRecord,
        select: Callable[[Sequence[Disclosure]], frozenset[str]],
        found: _Found,
    ) -> None:
        whole = self._open(case, record, _OURS, Action.OPEN)
        out = self._open(case, record, _OURS)
        chosen = select(whole.disclosures) if whole is not None else frozenset[str]()
        let_out = {d.path for d in out.disclosures} if out is not None else set[str]()
        for one in whole.disclosures if whole is not None else ():
            if one.path not in chosen or one.is_counter:
                continue
            if one.path in let_out:
                found.publication.fields.append(_field(record, one))
                found.use([record], _OURS)
            else:
                of_class = one.sensitivity in _NEVER
                why = (
                    publish_pb2.UNPUBLISHED_BECAUSE_OF_ITS_CLASS
                    if of_class
                    else publish_pb2.UNPUBLISHED_BECAUSE_OF_OTHERS
                )
                found.leave(why, statement=encode_b64(record.digest), path=one.path)

    def _open(
        self, case: _Case, record: StatementRecord, act: Act, action: Action = Action.PUBLISH
    ) -> Statement | None:
        try:
            return self._opener.open(case.sealed[record.digest], case.desk, action, act).statement
        except TracepostError:  # deleted, past its last day, or nothing for this desk
            return None

    # ── the document ─────────────────────────────────────────────────────────────────

    def _write(self, publication: publish_pb2.Publication, day: str) -> bytes:
        document = {
            "published_by": self._office.member,
            "published_on": day,
            "texts": [self._show(one) for one in publication.texts],
            "fields": [
                {
                    "statement": one.statement,
                    "kind": one.kind,
                    "path": one.path,
                    "value": orjson.loads(one.value_json),
                }
                for one in publication.fields
            ],
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def _show(self, one: publish_pb2.PublishedText) -> dict[str, str]:
        """Return a text as it is printed; who is not to be named stands nowhere, nor does what leads to him."""
        said = {"text": one.text}
        if one.attribution == panel_pb2.ATTRIBUTION_STATE_ONLY:
            said["source"] = one.from_member
        if one.attribution == panel_pb2.ATTRIBUTION_NAMED:
            entry = self._papers.entry(MemberId(one.from_member))
            said["source"] = f"{entry.message.name} ({one.from_member})" if entry else one.from_member
        return said

    # ── logged, and told ─────────────────────────────────────────────────────────────

    async def _keep(self, officer: Officer, case: _Case, found: _Found, day: str) -> None:
        document = hashlib.sha256(found.publication.document).hexdigest()
        drafts = list(_notices(case.thread, found.texts, case.desk, day))
        found.publication.told.extend(sorted({one.to[0] for one in drafts}))

        def keep(tx: Tx) -> None:
            now = self._clock()
            entries = [self._entry(officer, case, record, act, now) for record, act in found.used.values()]
            numbers = tx.log.append([prepare_line(one, self._random) for one in entries])
            tx.audit.append(
                [
                    AuditEvent(
                        now, officer.label, str(Action.PUBLISH), encode_b64(e.statement), document, number
                    )
                    for e, number in zip(entries, numbers, strict=True)
                ]
            )

        await self._sending.tell_with(officer, [(one, case.thread) for one in drafts], keep, label="publish")

    def _entry(
        self, officer: Officer, case: _Case, record: StatementRecord, act: Act, now: int
    ) -> OpenedEntry:
        found = self._opener.circumstances(case.desk, record, case.terms, act)
        decision = found.digest(self._gate, case.desk.reader, Action.PUBLISH)
        return OpenedEntry(record.digest, case.desk.desk, officer.label, str(Action.PUBLISH), decision, now)


def _batches(records: Sequence[StatementRecord]) -> Iterator[Sequence[StatementRecord]]:
    return (records[start : start + _AT_ONCE] for start in range(0, len(records), _AT_ONCE))


def _texts(thread: Thread) -> Iterator[_Text]:
    """Yield the texts that we put before others in a case, each as it was put last, with what was decided since."""
    put: dict[str, tuple[int, StatementRecord, panel_pb2.Excerpt]] = {}
    for number, record in enumerate(thread.records):
        message = clear_message(record) if record.iss == thread.us and record.kind == _REQUEST else None
        if isinstance(message, panel_pb2.PanelRequest):
            put |= {one.text_id: (number, record, one) for one in message.excerpts}
    for text_id, (number, record, excerpt) in put.items():
        tells = thread.find(parse_digest(excerpt.statement_digest, "excerpts"))
        if tells is None:
            continue
        decision, decided_in = _decided(thread.records[number + 1 :], text_id, tells.iss)
        yield _Text(
            text_id,
            record,
            tells,
            tuple(excerpt.field_paths),
            decision,
            decided_in,
            any(_takes_back(one) for one in thread.records if one.iss == tells.iss),
        )


def _decided(
    later: Iterable[StatementRecord], text_id: str, source: MemberId
) -> tuple[panel_pb2.PublicationDecision | None, StatementRecord | None]:
    """Return what the source said last of a text since it was put, and in what."""
    decision, decided_in = None, None
    for record in later:
        message = clear_message(record) if record.iss == source and record.kind == _REPLY else None
        for one in message.publication if isinstance(message, panel_pb2.PanelReply) else ():
            if one.text_id == text_id:
                decision, decided_in = one, record
    return decision, decided_in


def _takes_back(record: StatementRecord) -> bool:
    message = clear_message(record) if record.kind == _WITHDRAWAL else None
    return isinstance(message, trace_pb2.Withdrawal) and message.step == trace_pb2.WITHDRAWAL_STEP_ASKED


def _field(record: StatementRecord, one: Disclosure) -> publish_pb2.PublishedField:
    return publish_pb2.PublishedField(
        statement=encode_b64(record.digest),
        kind=record.kind,
        path=one.path,
        of_class=f"SENSITIVITY_{one.sensitivity}",
        value_json=orjson.dumps(one.value).decode(),
    )


def _notices(thread: Thread, texts: Iterable[_Text], desk: OwnDesk, day: str) -> Iterator[desk_pb2.Draft]:
    """Yield what each source is told: which statement of it is told of in what is published, and by which consent."""
    by_source: dict[MemberId, list[_Text]] = {}
    for one in texts:
        by_source.setdefault(one.tells.iss, []).append(one)
    for source, some in by_source.items():
        paths: dict[StatementDigest, list[str]] = {}
        consents: dict[StatementDigest, list[str]] = {}
        for one in some:
            paths.setdefault(one.tells.digest, []).extend(one.paths)
            if one.decided_in is not None:
                consents.setdefault(one.tells.digest, []).append(encode_b64(one.decided_in.digest))
        releases = [
            share_pb2.NoticedRelease(
                statement_digest=encode_b64(digest),
                consent_digests=dict.fromkeys(consents[digest]),
                field_paths=dict.fromkeys(told),
                released_on=day,
            )
            for digest, told in paths.items()
        ]
        message = share_pb2.ReleaseNotice(reason=share_pb2.NOTICE_REASON_PUBLICATION, releases=releases)
        yield desk_pb2.Draft(
            to=[source],
            thread=thread.id,
            in_reply_to=releases[0].statement_digest,
            desk=desk.desk,
            content=desk_pb2.Content(release_notice=message),
        )


def _no_consent(one: _Text, why: publish_pb2.UnpublishedBecause) -> PermissionError_:
    reason = _Why.Name(why).removeprefix("UNPUBLISHED_BECAUSE_").replace("_", "-").lower()
    words = {
        publish_pb2.UNPUBLISHED_BECAUSE_UNDECIDED: f"{one.tells.iss} has not consented to the text {one.text_id}",
        publish_pb2.UNPUBLISHED_BECAUSE_DENIED: f"{one.tells.iss} does not want the text {one.text_id} printed",
    }.get(why, f"what the text {one.text_id} tells was taken back, or is not for us to publish")
    remedy = "Put the text, or another one, before it: tracepost panel ask --case CASE --text ID:TEXT --path FIELD."
    return PermissionError_(words, where=f"text {one.text_id}", reason=reason, remedy=remedy)


def _of_others() -> PermissionError_:
    return PermissionError_(
        "of others nothing is published but texts that they consented to",
        where="statements",
        reason="of-others",
        remedy="Put the text before them: tracepost panel ask --case CASE --text ID:TEXT --path FIELD.",
    )
