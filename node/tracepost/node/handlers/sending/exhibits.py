"""Enclosing statements of others, or our own, in a referral or a share: fewer fields, the signature whole.

The officer names statements; the node opens them as the officer's desk, through the gate for
`forward`, and encloses what is left: only the items concerned, only the fields consented to.
What is dropped is named, and the counters stay, so that the receiver sees how much is missing.

What its author does not want released onward goes on only with the author's consent for this
receiver (ITI 15(c)). So does the lineage in a referral of another, whatever its restrictions: to whom it says
may see it. Be it the statement itself or one that it encloses: the consent goes along, a standing
one in the directory entry that says it, and its conditions, and all restrictions of what is inside, are laid
on the exhibit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from google.protobuf.message import Message

from tracepost.node.gate import Action
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.circumstances import Act, Recipient
from tracepost.node.handlers.case.exercises import choose_flag, flag_of, require_unmixed
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.thread import (
    CLEAR_CLASSES,
    REQUEST,
    Thread,
    clear_message,
    open_thread,
    read_clear_part,
    refuse_release,
)
from tracepost.node.handlers.drafting.choosing import EVERYTHING, Choice, read_choice
from tracepost.node.handlers.rules.mandates import need_mandate
from tracepost.node.handlers.sealed.compartments import part_digests
from tracepost.node.handlers.sealed.opening import Opened, Opener, Sealed, load_sealed
from tracepost.node.handlers.sealed.shown_exhibits import (
    NO_ONWARD_RELEASE,
    WITHDRAWAL,
    ShownExhibit,
    disclosures_of,
    require_signers,
    verify_exhibits,
)
from tracepost.node.handlers.sealed.trail import file_envelopes, read_trail, show_envelopes
from tracepost.node.handlers.sending.standing_consents import StandingConsents
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Evidence, Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.consent import (
    Grant,
    Release,
    is_within,
    lineage_in,
    lineage_places,
    shown_classes,
    shown_items,
    shown_paths,
)
from tracepost.protocol.errors import InvalidInputError, PermissionError_, TracepostError
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64, parse_digest
from tracepost.protocol.mandates import MandateUse
from tracepost.protocol.restricting import restriction_of, show_restriction
from tracepost.protocol.statement import Disclosure, Restriction
from tracepost.protocol.trustlist import MemberType
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2, terms_pb2, trace_pb2
from tracepost.wire.v1.onward_pb2 import LeftOutBecause

_EXHIBITS = "exhibits"
_ELEMENTS = ("items.", "answers.")
_RESTRICTIONS_LIMIT = 64  # of the schema
_EXHIBITS_LIMIT = 16
_BY_CONSENT = frozenset({MemberType.PANEL, MemberType.PEACE_OPERATION})
# A consent for this receiver and purpose lifts them; where they do not matter none is needed. What binds some
# fields alone takes these out.
_LIMITS = (
    NO_ONWARD_RELEASE,
    "RESTRICTION_CODE_COMPETENT_AUTHORITIES_ONLY",
    "RESTRICTION_CODE_PURPOSE_LIMITED",
    "RESTRICTION_CODE_NO_USE_IN_COURT",
)


@dataclass(frozen=True, slots=True)
class Released:
    """A statement that the gate let a desk forward; `decision` is the digest of its table."""

    statement: StatementDigest
    decision: bytes


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Exhibits that were made for a draft, the photographs that go with them, and what the log will say."""

    exhibits: tuple[share_pb2.Exhibit, ...] = ()
    parts: tuple[bytes, ...] = field(default=(), repr=False)
    released: tuple[Released, ...] = ()
    made: tuple[Made, ...] = field(default=(), repr=False)

    def complete(self, message: Message) -> Message:
        """Return a copy of `message` with the exhibits, and with the consent that allows them."""
        completed: Any = type(message)()
        completed.CopyFrom(message)
        if self.exhibits:
            del completed.exhibits[:]
            completed.exhibits.extend(self.exhibits)
        if isinstance(completed, trace_pb2.Referral) and not completed.consent_digest and self.exhibits:
            completed.consent_digest = self.exhibits[0].consent_digest
        result: Message = completed
        return result


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One statement to enclose, and what of it; no items: all that are consented to.

    `by_consent`: whatever its author says, nothing goes without a consent. `clear_only`: it is a consent
    that goes along to prove itself.
    """

    digest: StatementDigest
    items: frozenset[str] = frozenset()
    dropped: tuple[str, ...] = ()
    choice: Choice = EVERYTHING
    consent: str = ""
    by_consent: bool = False
    clear_only: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """An exhibit, and how it came about: what of the statement went on and what did not, on which consents.

    `left` says of each path that was left out, why. `inside` is what it encloses itself. `missing` is what
    refuses it; only a preview has any.
    """

    opened: Opened
    exhibit: share_pb2.Exhibit
    kept: tuple[Disclosure, ...] = field(repr=False)
    left: tuple[tuple[str, LeftOutBecause], ...]
    grants: tuple[Grant, ...]
    inside: tuple[ShownExhibit, ...] = ()
    missing: tuple[PermissionError_, ...] = ()

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The digests of the photographs that it names."""
        return tuple(part for one in self.kept for part in part_digests(one))


class Enclosing:
    """Makes exhibits for drafts that need them. Reads the store; safe from any thread."""

    def __init__(self, office: Office, opener: Opener, papers: Papers, evidence: Evidence) -> None:
        self._office = office
        self._opener = opener
        self._papers = papers
        self._evidence = evidence

    def wanted(self, draft: desk_pb2.Draft) -> bool:
        """Say whether this draft encloses statements."""
        content = draft.content
        return content.WhichOneof("kind") in ("referral", "share") or bool(
            content.trace_request.mandate_digest
        )

    def enclose(
        self, tx: Tx, officer: Officer, draft: desk_pb2.Draft, thread: Thread | None, now: int
    ) -> Enclosed:
        """Return the exhibits of `draft` at `now`, unix seconds.

        Raises what the gate, a consent or the store says against it.
        """
        if not self.wanted(draft):
            return Enclosed()
        to = tuple(MemberId(m) for m in draft.to)
        if draft.content.HasField("referral"):
            wanted = _referred(draft.content.referral, thread, to)
        elif draft.content.HasField("trace_request"):
            request = draft.content.trace_request
            use = MandateUse(
                host=MemberId(request.on_behalf_of),
                operation=self._office.member,
                kind=REQUEST,
                purpose=_purpose_of(draft, thread),
                to=frozenset(to),
                day=instant(now)[:10],
            )
            wanted = _mandated(tx, request, use)
        else:
            wanted = _shared(draft)
        desk, exercise = self._office.desk(officer.choose_desk(draft.desk)), choose_flag(draft, thread)
        counter = _Counter(
            tx,
            self._office.member,
            to,
            day=instant(now)[:10],
            purpose=_purpose_of(draft, thread),
            recipient=self._recipient(to),
            by_consent_only=self._reads_by_consent(to),
            standing=StandingConsents(self._papers),
            forgiving=draft.preview,
        )
        opened: list[Opened] = []
        made: list[Made] = []
        while wanted:  # the consents that these rest on follow them
            found = load_sealed(tx, _find(tx, wanted), desk.desk)
            trails = self._show_trails(tx, [s.record.digest for s in found])
            for sealed, one in zip(found, wanted, strict=True):
                try:
                    grants, act = self._ask(sealed, one, counter)
                except PermissionError_ as error:
                    raise self._name_what_lacks(error, sealed, one, desk, counter) from None
                require_unmixed(exercise, [flag_of(sealed.record)], _EXHIBITS)
                opened.append(self._opener.open(sealed, desk, Action.FORWARD, act))
                made.append(self._exhibit(opened[-1], one, grants, counter, trails))
            wanted = _proofs(made, {o.record.digest for o in opened})
        if len(made) > _EXHIBITS_LIMIT:
            raise InvalidInputError("too many statements to enclose", where="exhibits", reason="too-many")
        parts = {digest: part for o in opened for digest, part in o.parts.items()}
        kept = {digest for one in made for digest in one.parts}
        released = tuple(Released(o.record.digest, o.decision) for o in opened)
        enclosed = tuple(parts[d] for d in sorted(kept))
        exhibits = [*(m.exhibit for m in made), *self._entries(made)]
        return Enclosed(tuple(exhibits), enclosed, released, tuple(made))

    def _entries(self, made: Iterable[Made]) -> list[share_pb2.Exhibit]:
        """Return the directory entries that say the standing consents among those that are relied on."""
        standing = {grant.digest: grant.author for one in made for grant in one.grants if grant.standing}
        return StandingConsents(self._papers).show(standing, standing.values()) if standing else []

    def _show_trails(
        self, tx: Tx, digests: Sequence[StatementDigest]
    ) -> dict[StatementDigest, list[share_pb2.EnvelopeProof]]:
        """Return what the logs say of the envelopes in which these statements travelled."""
        filed = file_envelopes(read_trail(tx, digests), self._evidence, self._office.member)
        return {digest: show_envelopes(some) for digest, some in filed.items()}

    def _recipient(self, to: Iterable[MemberId]) -> Recipient:
        """Return who gets what goes to these members: they have competent authorities if they are States."""
        types = {self._papers.member(one).type for one in to}
        return Recipient.AUTHORITY if types <= {MemberType.STATE} else Recipient.OUTSIDER

    def _reads_by_consent(self, to: Iterable[MemberId]) -> bool:
        """Say whether one of these reads what others wrote with their consent alone (base.cedar: panel-by-consent)."""
        return any(self._papers.member(one).type in _BY_CONSENT for one in to)

    def _ask(self, sealed: Sealed, wanted: _Wanted, counter: _Counter) -> tuple[tuple[Grant, ...], Act]:
        """Return the consents on which a statement goes on, and what the gate is to be told of that.

        What its author restricts otherwise goes on with a consent too, and without one if the restriction
        allows it: that the gate says.
        """
        record = sealed.record
        release = _own_release(record, wanted.items)
        is_others = record.iss != self._office.member and not wanted.clear_only
        # A withdrawal follows what it takes back: whom it is shown to holds that already.
        is_bound = (wanted.by_consent and not wanted.clear_only) or (
            is_others
            and record.kind != WITHDRAWAL
            and (counter.by_consent_only or _says(record, NO_ONWARD_RELEASE))
        )
        if is_bound:
            grants = counter.need(release)
        elif is_others and any(_says(record, code, of_parts=True) for code in _LIMITS):
            grants = counter.find(release)
        else:
            grants = ()
        # A consent that goes along to prove itself is shown to whom it was given for; a preview tells what is
        # missing, and what would go if it were not.
        consented = (
            bool(grants) or wanted.clear_only or record.kind == WITHDRAWAL or (is_bound and counter.forgiving)
        )
        return grants, Act(counter.purpose, counter.recipient, consented=consented, asked_inside=True)

    def _name_what_lacks(
        self, error: PermissionError_, sealed: Sealed, wanted: _Wanted, desk: OwnDesk, counter: _Counter
    ) -> PermissionError_:
        """Return a refusal for want of consent with the fields that `desk` wanted to pass on and reads."""
        act = Act(counter.purpose, counter.recipient, consented=True, asked_inside=True)
        try:
            disclosures = self._opener.open(sealed, desk, Action.FORWARD, act).statement.disclosures
        except TracepostError:
            return error
        cut = _Cut(wanted, (), disclosures, _Lineage())
        classed = [d for d in disclosures if not d.is_counter and d.sensitivity not in CLEAR_CLASSES]
        chosen = {d.path for d in classed if cut.judge(d) is None}
        paths = [d.path for d in classed]
        return counter.refuse(
            sealed.record, wanted.items, _name_dropped(paths, {*paths} - chosen), error.reason
        )

    def _exhibit(
        self,
        opened: Opened,
        wanted: _Wanted,
        grants: tuple[Grant, ...],
        counter: _Counter,
        trails: Mapping[StatementDigest, Sequence[share_pb2.EnvelopeProof]],
    ) -> Made:
        signed, record = opened.statement, opened.record
        lineage = self._lineage(record, counter)
        cut = _Cut(wanted, grants, signed.disclosures, lineage)
        judged = [(d, None if d.is_counter else cut.judge(d)) for d in signed.disclosures]
        kept = [d for d, left in judged if left is None]
        shown = self._shown_inside(record, kept)
        inside = [inner for outer in shown for inner in outer.walk()]
        for one in inside:
            if one.is_withheld_from_others() and one.statement.claims.iss != self._office.member:
                grants = (*grants, *counter.need(_inner_release(one)))
            if _tells_lineage(one) and one.statement.claims.iss != self._office.member:
                grants = (*grants, *counter.need(_inner_release(one)))
        certificate, _ = self._papers.certificate(signed.certificate_sha256, signed.claims.iss)
        path = self._papers.path_of(certificate, signed.claims.iss)
        relied_on = (*grants, *(lineage.grants if any(map(lineage.has, kept)) else ()))
        exhibit = share_pb2.Exhibit(
            jws=signed.jws,
            issuer_certificates=[c.public_bytes(Encoding.DER) for c in path[:-1]],
            statement_digest=encode_b64(signed.digest),
            consent_digest=(encode_b64(grants[0].digest) if grants else wanted.consent) or None,
            dropped=_name_dropped([d.path for d in signed.disclosures], {d.path for d in kept}),
            restrictions=_added_restrictions(signed.claims.restrictions, shown, relied_on),
            proofs=trails.get(record.digest, ()),
        )
        for one_kept in kept:
            disclosures_of(exhibit, one_kept.sensitivity).append(one_kept.encoded)
        left_out = tuple((d.path, left) for d, left in judged if left is not None)
        return Made(opened, exhibit, tuple(kept), left_out, relied_on, tuple(shown), counter.take_missing())

    def _lineage(self, record: StatementRecord, counter: _Counter) -> _Lineage:
        """Return where a statement tells lineage of another that not everybody may see, and who lets it go on."""
        message = clear_message(record) if record.iss != self._office.member else None
        if not isinstance(message, trace_pb2.Referral):
            return _Lineage()
        grants = counter.find(_own_release(record, frozenset()))
        return _Lineage(lineage_places(message), grants, bool(grants) or counter.is_to_nobody_but(record.iss))

    def _shown_inside(self, record: StatementRecord, kept: Iterable[Disclosure]) -> list[ShownExhibit]:
        """Return the statements that go on inside this one, each with those inside it."""
        if record.kind not in schema.KINDS:
            return []
        fields = [schema.Field(d.path, d.sensitivity, d.value) for d in kept if not d.is_counter]
        message = schema.assemble(record.kind, fields).message
        shown = verify_exhibits(message, self._papers, record.stored_at)
        require_signers(shown)
        if any(one.unreadable() for one in shown):
            raise _too_new()
        return shown


class _Counter:
    """Where consents are asked for: those that stand in the cases that are here."""

    def __init__(
        self,
        tx: Tx,
        us: MemberId,
        to: Sequence[MemberId],
        *,
        day: str,
        purpose: str,
        recipient: Recipient,
        by_consent_only: bool,
        standing: StandingConsents,
        forgiving: bool = False,
    ) -> None:
        """`by_consent_only`: who gets it reads nothing without; `forgiving`: note what is missing, and go on."""
        self._standing = standing
        self.forgiving = forgiving
        self._missing: list[PermissionError_] = []
        self._tx = tx
        self._us = us
        self._to = to
        self._day = day
        self.purpose = purpose
        self.recipient = recipient
        self.by_consent_only = by_consent_only
        self._threads: dict[ThreadId, Thread] = {}

    def need(self, release: Release) -> tuple[Grant, ...]:
        """Return a consent for each addressee; raise `PermissionError_` where there is none."""
        return tuple(grant for one in self._asked(release) for grant in self._find(one))

    def take_missing(self) -> tuple[PermissionError_, ...]:
        """Return what was missing since it was asked last."""
        missing, self._missing = tuple(self._missing), []
        return missing

    def _find(self, release: Release) -> tuple[Grant, ...]:
        try:
            return (self._seek(release),)
        except PermissionError_ as error:
            if not self.forgiving:
                raise
            self._missing.append(error)
            return ()

    def _seek(self, release: Release) -> Grant:
        try:
            return self._thread(release.thread).need_grant(release)
        except PermissionError_:
            if grant := self._standing.find(release):
                return grant
            raise

    def find(self, release: Release) -> tuple[Grant, ...]:
        """Return a consent for each addressee but the author, or none at all if one lacks it."""
        try:
            return tuple(self._seek(one) for one in self._asked(release) if one.third_party != release.issuer)
        except PermissionError_:
            return ()

    def refuse(
        self, record: StatementRecord, items: frozenset[str], fields: Sequence[str], reason: str
    ) -> PermissionError_:
        """Return the refusal of a release of these fields, to the first addressee that lacks a consent."""
        asked = self._asked(_own_release(record, items))
        lacking = next((one for one in asked if not self._has(one)), asked[0])
        return refuse_release(replace(lacking, shown_paths=frozenset(fields)), reason)

    def _has(self, release: Release) -> bool:
        try:
            self._seek(release)
        except PermissionError_:
            return False
        return True

    def is_to_nobody_but(self, author: MemberId) -> bool:
        """Say whether it goes to `author` alone."""
        return set(self._to) <= {author}

    def _asked(self, release: Release) -> list[Release]:
        here = replace(release, forwarder=self._us, day=self._day, purpose=self.purpose)
        return [replace(here, third_party=member) for member in self._to]

    def _thread(self, name: ThreadId) -> Thread:
        if name not in self._threads:
            self._threads[name] = open_thread(name, self._us, self._tx.statements.in_threads([name]))
        return self._threads[name]


@dataclass(frozen=True, slots=True)
class _Lineage:
    """Where a referral of another tells its author's lineage, and by whose leave it goes on, if it does."""

    places: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    may_go: bool = True

    def has(self, one: Disclosure) -> bool:
        """Say whether a field is lineage."""
        return is_within(one.path, self.places)

    def lets(self, one: Disclosure) -> bool:
        """Say whether a field goes on: it is not lineage, or every addressee may see it."""
        if not self.has(one):
            return True
        return self.may_go and all(grant.names(one.path, one.sensitivity) for grant in self.grants)


class _Cut:
    """Which fields go on: what is wanted, as far as every consent allows it."""

    def __init__(
        self,
        wanted: _Wanted,
        grants: tuple[Grant, ...],
        disclosures: Sequence[Disclosure],
        lineage: _Lineage,
    ) -> None:
        self._wanted = wanted
        self._lineage = lineage
        self._grants = grants
        self._item_ids = _item_ids(disclosures)
        self._chosen = None if wanted.clear_only else wanted.choice.select(disclosures)

    def judge(self, one: Disclosure) -> LeftOutBecause | None:
        """Return why this field does not go on; None: it does."""
        if not self._is_chosen(one):
            return onward_pb2.LEFT_OUT_BECAUSE_NOT_CHOSEN
        consented = self._is_consented(one) and self._lineage.lets(one)
        return None if consented else onward_pb2.LEFT_OUT_BECAUSE_BEYOND_CONSENT

    def _is_chosen(self, one: Disclosure) -> bool:
        if is_within(one.path, self._wanted.dropped):
            return False
        if self._wanted.items and not _of_items(one, self._item_ids, self._wanted.items):
            return False
        if self._chosen is None:
            return one.sensitivity in CLEAR_CLASSES
        return one.path in self._chosen

    def _is_consented(self, one: Disclosure) -> bool:
        named = [grant.item_ids for grant in self._grants if grant.item_ids]
        if not all(_of_items(one, self._item_ids, items) for items in named):
            return False
        return all(grant.names(one.path, one.sensitivity) for grant in self._grants)


def _find(tx: Tx, wanted: Sequence[_Wanted]) -> list[StatementRecord]:
    found = tx.statements.find([w.digest for w in wanted])
    if any(w.digest not in found for w in wanted):
        raise InvalidInputError(
            "a statement to enclose is not here", where="exhibits", reason="unknown-statement"
        )
    if any(found[w.digest].kind in schema.INNER_KINDS for w in wanted):
        raise PermissionError_(
            "what stays with our own desks is enclosed in no mail", where="exhibits", reason="stays-here"
        )
    return [found[w.digest] for w in wanted]


def _proofs(made: Iterable[Made], enclosed: set[StatementDigest]) -> list[_Wanted]:
    """Return the consents that are not enclosed yet, each once."""
    needed = dict.fromkeys(grant.digest for one in made for grant in one.grants if not grant.standing)
    return [_Wanted(digest, clear_only=True) for digest in needed if digest not in enclosed]


def _purpose_of(draft: desk_pb2.Draft, thread: Thread | None) -> str:
    """Return what the forwarder will claim that it is for: what the draft says, else what its case is for."""
    if draft.purpose:
        return terms_pb2.Purpose.Name(draft.purpose)
    first = thread.first() if thread else None
    return read_clear_part(first.admin_json).purpose if first else ""


def _referred(referral: trace_pb2.Referral, thread: Thread | None, to: Sequence[MemberId]) -> list[_Wanted]:
    if thread is None or not to:
        raise InvalidInputError("a referral names its case and its addressee", where="to", reason="to-whom")
    request = parse_digest(referral.request_digest, "request_digest")
    return [_Wanted(request, frozenset(referral.item_ids), by_consent=True)]


def _mandated(tx: Tx, request: trace_pb2.TraceRequest, use: MandateUse) -> list[_Wanted]:
    """Return the mandate by which we ask for another State: it is made to be shown, and goes without consent."""
    digest = parse_digest(request.mandate_digest, "mandate_digest")
    need_mandate(tx, digest, use)
    return [_Wanted(digest, clear_only=True)]


def _shared(draft: desk_pb2.Draft) -> list[_Wanted]:
    if draft.shared:
        return [_chosen(choice, f"shared.{i}") for i, choice in enumerate(draft.shared)]
    return [
        _Wanted(
            parse_digest(e.statement_digest, f"exhibits.{i}.statement_digest"),
            dropped=tuple(e.dropped),
            consent=e.consent_digest,
        )
        for i, e in enumerate(draft.content.share.exhibits)
    ]


def _chosen(choice: onward_pb2.ShareChoice, where: str) -> _Wanted:
    digest = parse_digest(choice.statement, f"{where}.statement")
    return _Wanted(digest, choice=read_choice(choice.fields, choice.without, where))


def _says(record: StatementRecord, code: str, *, of_parts: bool = False) -> bool:
    """Say whether its author laid this on all of a statement, or, if that is asked, on parts of it."""
    laid = read_clear_part(record.admin_json).restrictions
    return any(one.code == code and (of_parts or not one.field_paths) for one in laid)


def _own_release(record: StatementRecord, items: frozenset[str]) -> Release:
    """Return what is wanted of a statement; what a consent leaves out of it is cut afterwards."""
    return Release(record.digest, record.iss, record.thread, record.iss, record.iss, "", items)


def _tells_lineage(one: ShownExhibit) -> bool:
    message = one.message
    return isinstance(message, trace_pb2.Referral) and bool(lineage_in(message, one.statement.fields()))


def _inner_release(one: ShownExhibit) -> Release:
    claims, fields = one.statement.claims, one.statement.fields()
    return Release(
        digest=one.statement.digest,
        issuer=claims.iss,
        thread=claims.thread,
        forwarder=claims.iss,
        third_party=claims.iss,
        day="",
        item_ids=shown_items(fields),
        shown_paths=shown_paths(fields),
        shown_classes=shown_classes(fields),
    )


def _of_items(one: Disclosure, ids: Mapping[str, frozenset[str]], items: frozenset[str]) -> bool:
    """Say whether a field is of one of `items`, or of none in particular; `ids` are those of all items."""
    if one.path.startswith(_ELEMENTS):
        return bool(ids[_first_two(one.path)] & items)
    named = one.value.get("item_ids") if isinstance(one.value, dict) else None
    return not isinstance(named, list) or not named or any(item in items for item in named)


def _item_ids(all_of_it: Sequence[Disclosure]) -> Mapping[str, frozenset[str]]:
    """Return the ids of items by the path of their element, asked about or answered."""
    elements: dict[str, list[schema.Field]] = {}
    for one in all_of_it:
        if one.path.startswith(_ELEMENTS):
            field = schema.Field(one.path, one.sensitivity, one.value)
            elements.setdefault(_first_two(one.path), []).append(field)
    return {element: shown_items(fields) for element, fields in elements.items()}


def _first_two(path: str) -> str:
    return ".".join(path.split(".")[:2])


def _name_dropped(paths: Iterable[str], kept: set[str]) -> list[str]:
    """Return what is left out; an element of a list that is left out whole goes by its prefix alone."""
    elements = {_element(path) for path in kept}
    return sorted(
        {path if _element(path) in elements else _element(path) for path in paths if path not in kept}
    )


def _element(path: str) -> str:
    parts = path.split(".")[:2]
    return ".".join(parts) if len(parts) == 2 and parts[1].isdecimal() else path


def _added_restrictions(
    own: Sequence[Restriction], inside: Iterable[ShownExhibit], grants: Iterable[Grant]
) -> list[terms_pb2.Restriction]:
    """Return what binds the receiver beside the author's own restrictions: they only accumulate.

    Args:
        own: the author's.
        inside: what the statement itself encloses; each with what is inside that.
        grants: the consents on which it goes on, with their conditions.
    """
    inner = [r.lifted(f"{_EXHIBITS}.{one.place}") for one in inside for r in one.restrictions()]
    conditions = (restriction_of(r) for grant in grants for r in grant.conditions)
    added = [one for one in dict.fromkeys((*inner, *conditions)) if one not in own]
    if any(one.code not in terms_pb2.RestrictionCode.keys() for one in (*own, *added)):  # noqa: SIM118
        raise _too_new()
    if len(added) > _RESTRICTIONS_LIMIT:
        raise InvalidInputError("too many restrictions", where=_EXHIBITS, reason="too-many")
    return [show_restriction(one) for one in added]


def _too_new() -> PermissionError_:
    return PermissionError_(
        "it has a restriction or instruction that this version does not know",
        where="exhibits",
        reason="unknown-restriction",
    )
