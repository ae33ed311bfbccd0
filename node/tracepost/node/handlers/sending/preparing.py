"""From a draft to signed and sealed mail: all that can be done, and refused, before anything is stored.

who acts, for which desk → the case → to whom → claims → exhibits → rule of the verb
→ fields and classes, and what no addressee may read → sign → seal
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from google.protobuf.message import Message

from tracepost.node.handlers.case.audience import Audience
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.concerned import audience_in
from tracepost.node.handlers.case.exercises import choose_flag
from tracepost.node.handlers.case.inward import inward_of
from tracepost.node.handlers.case.naming import check_named, name_desks, named_in
from tracepost.node.handlers.case.office import Named, Office, Officer, desk_name
from tracepost.node.handlers.case.reader_sets import check_readers, is_for, only_in, only_of, say_readers
from tracepost.node.handlers.case.thread import Thread, read_clear_part, reply_digest
from tracepost.node.handlers.drafting.drawing import NOTHING_DRAWN, Drawn, Processed
from tracepost.node.handlers.rules import RULES
from tracepost.node.handlers.rules.authorship import require_authorship
from tracepost.node.handlers.rules.rule import Saying
from tracepost.node.handlers.sealed.compartments import match_parts
from tracepost.node.handlers.sealed.opening import UnlockedDesks
from tracepost.node.handlers.sealed.sealing_mail import Copies, SealedMail, Sealer
from tracepost.node.handlers.sealed.shown_exhibits import require_judged
from tracepost.node.handlers.sending.exhibits import Enclosed, Released
from tracepost.node.handlers.sending.noticing import Notice
from tracepost.node.handlers.sending.previewing import preview_exhibits
from tracepost.node.handlers.sending.repeats import DraftMark
from tracepost.node.papers import EntryView, Papers
from tracepost.protocol import schema, statement
from tracepost.protocol.consent import is_within
from tracepost.protocol.envelope import DELIVERY_HORIZON_S, Lane
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError, LimitError, TracepostError
from tracepost.protocol.ids import (
    NODE_DESK,
    DeskId,
    MemberId,
    ThreadId,
    new_uuid7,
    parse_member,
    parse_thread,
)
from tracepost.protocol.restricting import restriction_of, strictest
from tracepost.protocol.schema import INNER_KINDS, RAISES, Field, Sensitivity
from tracepost.protocol.sealing import Random
from tracepost.protocol.statement import Claims, Restriction, Signer, Statement
from tracepost.wire.v1 import desk_pb2, envelope_pb2, onward_pb2, options_pb2, terms_pb2, trace_pb2

DELIVER_WITHIN_S = 90 * 86400

Before = TypeVar("Before")
After = TypeVar("After")

# What another member's desk is let read only after a second officer has looked at it.
GUARDED = frozenset({Sensitivity.CRIMINAL_JUSTICE, Sensitivity.PERSONAL})
_SEALED_TOGETHER_BYTES = 256 * 1024 * 1024
_WITHHELD_LIMIT = 256  # of the schema
_NO_DESK = terms_pb2.WITHHOLDING_GROUND_NO_COMPETENT_DESK
# Stands for what the draft says while its cover is judged: the schema wants a content that is whole.
_SOMETHING_SAID = desk_pb2.Content(error=trace_pb2.Error(code="none"))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft made into signed and sealed mail that has no numbers yet; one road and entry per letter.

    `guarded`: it lets another member's desk read what takes a second officer (`four_eyes`). `companions` are
    notices of what it passes on: they go with it, or not at all; of a preview `notices_to` says to whom.
    `of_node`: the node wrote it, no officer.
    """

    draft: desk_pb2.Draft = field(repr=False)
    mark: DraftMark
    officer: Officer
    desk: DeskId
    statement: Statement
    sealed: SealedMail
    roads: tuple[str, ...]
    entries: tuple[EntryView, ...] = field(repr=False)
    guarded: bool
    lane: Lane
    deliver_by: int
    decision: bytes = field(repr=False)
    released: tuple[Released, ...]
    processed: tuple[Processed, ...]
    unsent: tuple[desk_pb2.Unsent, ...]
    readings: tuple[desk_pb2.Reading, ...]
    exhibits: tuple[onward_pb2.ExhibitPreview, ...] = ()
    companions: tuple[Prepared, ...] = ()
    notices_to: tuple[MemberId, ...] = ()
    of_node: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What a draft is known by, and what it refers to, read from the store beforehand.

    `of_node`: the node itself wrote it, and no officer a word of it.
    """

    mark: DraftMark
    thread: Thread | None
    enclosed: Enclosed
    drawn: Drawn = NOTHING_DRAWN
    owed: tuple[Notice, ...] = ()
    of_node: bool = False

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The photographs that came from the store."""
        return (*self.enclosed.parts, *self.drawn.parts)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A draft, who handed it in and when, and what it refers to."""

    officer: Officer
    draft: desk_pb2.Draft = field(repr=False)
    setting: Setting = field(repr=False)
    now: int


@dataclass(frozen=True, slots=True)
class _Worded:
    """A draft that may be sent: to whom, by which roads, what it says, and what of it no addressee reads."""

    asked: _Asked
    deliver_by: int
    entries: tuple[EntryView, ...]
    roads: tuple[str, ...]
    claims: Claims
    written_for: Audience
    fields: list[Field] = field(repr=False)
    unsent: tuple[desk_pb2.Unsent, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Signed:
    """A draft as a statement, with its photographs by SHA-256."""

    worded: _Worded
    statement: Statement
    parts: Mapping[bytes, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Encrypted:
    """A statement in its encrypted bodies."""

    signed: _Signed
    copies: Copies = field(repr=False)


class Preparer:
    """Prepares drafts. Used from one thread, that of the sealing epochs."""

    def __init__(
        self,
        *,
        office: Office,
        papers: Papers,
        desks: UnlockedDesks,
        signer: Signer,
        sealer: Sealer,
        random: Random,
        choose_road: Callable[[EntryView], str],
        exercises: bool = True,
    ) -> None:
        self._exercises = exercises
        self._office = office
        self._papers = papers
        self._desks = desks
        self._signer = signer
        self._sealer = sealer
        self._random = random
        self._choose_road = choose_road
        self._names = _Names(random)

    def prepare(
        self, officer: Officer, drafts: Sequence[tuple[desk_pb2.Draft, Setting]], now: int
    ) -> list[Prepared | TracepostError]:
        """Return each of `drafts` as sealed mail, or what is wrong with it, typed, with the place."""
        asked = [_Asked(officer, draft, setting, now) for draft, setting in drafts]
        # Step by step for all, not one draft after the other: measured, it saves a tenth of the time.
        worded = _for_each(self._word, asked)
        signed = _for_each(self._sign, worded)
        encrypted = _for_each(self._encrypt, signed)
        return _for_each(self._seal, encrypted)

    def _word(self, asked: _Asked) -> _Worded:
        draft, setting, now = asked.draft, asked.setting, asked.now
        schema.validate(_cover(draft))
        desk = asked.officer.choose_desk(draft.desk)
        self._desks.secrets(desk)  # who writes for a desk has it unlocked
        thread = self._thread(draft, setting, now)
        is_inner = schema.kind_of(_content(draft)) in INNER_KINDS
        to = self._ourselves(draft) if is_inner else self._addressees(draft, thread)
        entries = () if is_inner else tuple(self._papers.require_entry(member, now) for member in to)
        roads = tuple(self._choose_road(e) for e in entries)
        for entry, via in zip(entries, roads, strict=True):
            self._papers.require_suite(entry, via)
        message = setting.drawn.complete(setting.enclosed.complete(_content(draft)))
        claims = self._claims(asked, message, desk, thread, to=to)
        basis = terms_pb2.LegalBasis.Value(claims.legal_basis)
        relied_on = tuple(grant for one in setting.enclosed.made for grant in one.grants)
        competences = self._office.desk(desk).reader.competences
        today = instant(now)[:10]
        saying = Saying(message, thread, to, basis, today, claims.purpose, desk, relied_on, competences)
        RULES[claims.kind](saying)
        require_authorship(self._papers, saying, claims.kind)
        members = (*(e.member for e in entries), self._office.member)
        written_for = audience_in(thread, claims.kind, message, members)
        fields, unsent = self._fields(message, draft, entries, written_for, setting.drawn)
        _check_bound(claims.restrictions, fields)
        return _Worded(asked, _deliver_by(draft, now), entries, roads, claims, written_for, fields, unsent)

    def _sign(self, worded: _Worded) -> _Signed:
        signed = statement.sign(worded.claims, worded.fields, self._signer, self._random)
        asked = worded.asked
        parts = match_parts(signed.disclosures, [*asked.draft.parts, *asked.setting.parts])
        _check_size(signed, parts, len(worded.entries))
        return _Signed(worded, signed, parts)

    def _encrypt(self, signed: _Signed) -> _Encrypted:
        worded = signed.worded
        copies = self._sealer.encrypt(signed.statement, signed.parts, worded.entries, worded.written_for)
        return _Encrypted(signed, copies)

    def _seal(self, encrypted: _Encrypted) -> Prepared:
        signed, worded = encrypted.signed, encrypted.signed.worded
        draft, setting, entries = worded.asked.draft, worded.asked.setting, worded.entries
        readings = tuple(self._preview(signed)) if draft.preview else ()
        return Prepared(
            draft=draft,
            mark=setting.mark,
            officer=worded.asked.officer,
            desk=worded.claims.desk,
            statement=signed.statement,
            sealed=self._sealer.seal(signed.statement, encrypted.copies, worded.asked.now),
            roads=worded.roads,
            entries=entries,
            guarded=self._is_guarded(signed, entries),
            lane=Lane.URGENT if draft.lane == envelope_pb2.LANE_URGENT else Lane.ROUTINE,
            deliver_by=worded.deliver_by,
            decision=self._decide(signed.statement, entries, worded.written_for),
            released=setting.enclosed.released,
            processed=setting.drawn.processed,
            unsent=worded.unsent,
            readings=readings,
            exhibits=tuple(preview_exhibits(setting.enclosed.made, readings)) if draft.preview else (),
            of_node=setting.of_node,
        )

    def _is_guarded(self, signed: _Signed, entries: Iterable[EntryView]) -> bool:
        guarded, named = GUARDED.intersection(signed.statement.classes), named_in(signed.statement)
        written_for = signed.worded.written_for
        return bool(guarded) and any(
            guarded & may for entry in entries for may in self._sealer.readings(entry, named, written_for)
        )

    def _decide(self, signed: Statement, entries: Sequence[EntryView], written_for: Audience) -> bytes:
        named = named_in(signed)
        if signed.claims.kind in INNER_KINDS:
            return self._sealer.own_decision(signed.claims.desk, named, written_for, inward_of(signed))
        return self._sealer.decision(entries, named, written_for)

    def _thread(self, draft: desk_pb2.Draft, setting: Setting, now: int) -> Thread:
        if setting.thread is not None:
            return setting.thread
        if schema.kind_of(_content(draft)) not in schema.OPENING_KINDS:
            raise InvalidInputError(
                "there is no such case here, or more than one", where="thread", reason="unknown-case"
            )
        name = parse_thread(draft.thread) if draft.thread else new_uuid7(now * 1000, self._random(10))
        return Thread(ThreadId(name), self._office.member, ())

    def _addressees(self, draft: desk_pb2.Draft, thread: Thread) -> tuple[MemberId, ...]:
        named = tuple(parse_member(m) for m in draft.to)
        to = named or thread.others()
        if not to or (not named and len(to) > 1):
            raise InvalidInputError("say to whom it goes", where="to", reason="to-whom")
        if self._office.member in to:
            raise InvalidInputError("mail to ourselves does not travel", where="to", reason="to-ourselves")
        return to

    def _ourselves(self, draft: desk_pb2.Draft) -> tuple[MemberId, ...]:
        if any(member != self._office.member for member in draft.to):
            raise InvalidInputError("this stays with our own desks", where="to", reason="stays-here")
        return (self._office.member,)

    def _claims(
        self,
        asked: _Asked,
        message: Message,
        desk: DeskId,
        thread: Thread,
        *,
        to: tuple[MemberId, ...],
    ) -> Claims:
        draft, now = asked.draft, asked.now
        first = thread.first()
        before = read_clear_part(first.admin_json) if first else None
        purpose = terms_pb2.Purpose.Name(draft.purpose) if draft.purpose else before and before.purpose
        basis = (
            terms_pb2.LegalBasis.Name(draft.legal_basis)
            if draft.legal_basis
            else before and before.legal_basis
        )
        if not purpose or not basis:
            where = "legal_basis" if purpose else "purpose"
            raise InvalidInputError(
                "a new case says its purpose and legal basis", where=where, reason="not-said"
            )
        return Claims(
            iss=self._office.member,
            aud=to,
            iat=now,
            jti=self._names.next(now),
            kind=schema.kind_of(message),
            thread=thread.id,
            in_reply_to=reply_digest(thread, draft.in_reply_to or _replied_to(message), to),
            desk=desk,
            purpose=purpose,
            legal_basis=basis,
            restrictions=_restrictions(draft, asked.setting.drawn, instant(now)[:10]),
            exercise=choose_flag(draft, thread, allowed=self._exercises),
        )

    def _fields(
        self,
        message: Message,
        draft: desk_pb2.Draft,
        entries: Sequence[EntryView],
        written_for: Audience,
        drawn: Drawn,
    ) -> tuple[list[Field], tuple[desk_pb2.Unsent, ...]]:
        """Return the fields with their effective classes; what no addressee may read is said to be withheld."""
        named = name_desks(message, draft.named_desks)
        schema.validate(message)
        fields = _raise_classes(drawn.raise_classes(schema.flatten(message)), draft.raised)
        check_named(named, self._nameable(entries, named))
        if say_readers(message, draft.readers, fields):
            schema.validate(message)
            check_readers(message, self._readings_by_name(entries, named, written_for))
            fields = _raise_classes(drawn.raise_classes(schema.flatten(message)), draft.raised)
        require_judged(fields)
        unsent = tuple(self._unsent(fields, entries, named, written_for))
        lacking = Counter(u.path for u in unsent)
        secret = {f.path for f in fields if f.sensitivity is Sensitivity.NATIONAL_SECURITY}
        nowhere = {path for path, members in lacking.items() if members == len(entries)} - secret
        if nowhere and "withheld" in message.DESCRIPTOR.fields_by_name:
            said: Any = message
            for path in _places_of(nowhere, _WITHHELD_LIMIT - len(said.withheld)):
                said.withheld.add(path=path, ground=_NO_DESK)
            fields = _raise_classes(drawn.raise_classes(schema.flatten(message)), draft.raised)
        return fields, unsent

    def _nameable(self, entries: Iterable[EntryView], named: Named) -> Iterator[tuple[str, bool]]:
        """Yield the desks that a message may name, and whether the gate agrees."""
        for entry in entries:
            for desk, may in zip(entry.desks, self._sealer.readings(entry, named), strict=True):
                yield desk_name(entry.member, desk.desk), Sensitivity.NATIONAL_SECURITY in may
        own = self._sealer.own_readings(NODE_DESK, named)
        for one, may in zip(self._office.desks, own, strict=True):
            yield desk_name(self._office.member, one.desk), Sensitivity.NATIONAL_SECURITY in may

    def _readings_by_name(
        self, entries: Iterable[EntryView], named: Named, written_for: Audience
    ) -> dict[str, frozenset[Sensitivity]]:
        """Return what each desk of the addressees, and of ours, may read."""
        found = {
            desk_name(entry.member, desk.desk): may
            for entry in entries
            for desk, may in zip(entry.desks, self._sealer.readings(entry, named, written_for), strict=True)
        }
        own = zip(self._office.desks, self._sealer.own_readings(NODE_DESK, named, written_for), strict=True)
        return found | {desk_name(self._office.member, desk.desk): may for desk, may in own}

    def _unsent(
        self,
        fields: Sequence[Field],
        entries: Sequence[EntryView],
        named: Named,
        written_for: Audience,
    ) -> Iterator[desk_pb2.Unsent]:
        only = only_of(fields)
        for entry in entries:
            readings = self._sealer.readings(entry, named, written_for)
            readable = frozenset[Sensitivity]().union(*readings)
            names = [desk_name(entry.member, desk.desk) for desk in entry.desks]
            for one in fields:
                reaches = not only or any(is_for(only, one.path, one.sensitivity, name) for name in names)
                if one.sensitivity not in readable or not reaches:
                    yield desk_pb2.Unsent(to=entry.member, path=one.path, ground=_NO_DESK)

    def _preview(self, signed: _Signed) -> Iterator[desk_pb2.Reading]:
        named, disclosures = named_in(signed.statement), signed.statement.disclosures
        only = only_in(signed.statement)
        for entry in signed.worded.entries:
            readings = self._sealer.readings(entry, named, signed.worded.written_for)
            for desk, may in zip(entry.desks, readings, strict=True):
                name = desk_name(entry.member, desk.desk)
                paths = [
                    d.path
                    for d in disclosures
                    if d.sensitivity in may and not d.is_counter and is_for(only, d.path, d.sensitivity, name)
                ]
                yield desk_pb2.Reading(member=entry.member, desk=desk.desk, paths=paths)


def _check_size(signed: Statement, parts: Mapping[bytes, bytes], addressees: int) -> None:
    """Raise `LimitError` if what is sealed for all addressees together is too much at a time: each gets its own."""
    size = len(signed.jws) + sum(len(d.encoded) for d in signed.disclosures) + sum(map(len, parts.values()))
    if size * addressees > _SEALED_TOGETHER_BYTES:
        raise LimitError(
            "this is too large to be sealed for so many members at once",
            where="to",
            reason="too-large-for-so-many",
            remedy="Send it to fewer members at a time, or the photographs as files (--attach).",
        )


def _for_each(
    step: Callable[[Before], After], values: Iterable[Before | TracepostError]
) -> list[After | TracepostError]:
    """Return what `step` makes of each of `values`, or the error that it raises; errors pass through."""
    return [value if isinstance(value, TracepostError) else _try(step, value) for value in values]


def _try(step: Callable[[Before], After], value: Before) -> After | TracepostError:
    try:
        return step(value)
    except TracepostError as error:
        return error


class _Names:
    """Names for statements (jti, UUIDv7) that rise within a second: the order of a case breaks ties by them.

    The count begins anew with each second, at random, so that nobody learns how much we write.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._second = 0
        self._count = 0

    def next(self, now: int) -> str:
        """Return the next name at `now`, unix seconds."""
        if now != self._second:
            self._second, self._count = now, int.from_bytes(self._random(2)) & 0x3FF
        self._count += 1
        return new_uuid7(now * 1000, (self._count & 0xFFF).to_bytes(2) + self._random(8))


def _places_of(paths: Collection[str], room: int) -> list[str]:
    """Return what lines of withholding name: the field, or the item, that something is missing from.

    They stand in clear. How many persons there are, and which mark is covert, is not theirs to tell.
    """
    parts = [path.split(".") for path in paths]
    places = {".".join(p[:2]) if p[0] in ("items", "answers") else p[0] for p in parts}
    return sorted(places if len(places) <= room else {p[0] for p in parts})


def _cover(draft: desk_pb2.Draft) -> desk_pb2.Draft:
    """Return the draft without what it says: that is judged by itself, after exhibits are enclosed."""
    cover = desk_pb2.Draft()
    cover.CopyFrom(draft)
    cover.content.CopyFrom(_SOMETHING_SAID)
    cover.ClearField("parts")
    return cover


def _content(draft: desk_pb2.Draft) -> Message:
    kind = draft.content.WhichOneof("kind")
    if kind is None:
        raise InvalidInputError("the draft says nothing", where="content", reason="empty")
    message: Message = getattr(draft.content, kind)
    return message


def _replied_to(message: Message) -> str:
    """Return the statement that an inner one names as what it follows from; empty for others."""
    if schema.kind_of(message) not in INNER_KINDS:
        return ""
    named = (getattr(message, name, "") for name in ("enquiry_digest", "request_digest"))
    return next((digest for digest in named if digest), "")


def _deliver_by(draft: desk_pb2.Draft, now: int) -> int:
    if not draft.HasField("deliver_by"):
        return now + DELIVER_WITHIN_S
    if not now < draft.deliver_by <= now + DELIVERY_HORIZON_S:
        raise InvalidInputError("mail is delivered within 180 days", where="deliver_by", reason="deliver-by")
    return draft.deliver_by


def _restrictions(draft: desk_pb2.Draft, drawn: Drawn, today: str) -> tuple[Restriction, ...]:
    """Return what the draft lays on it, and what binds the sources of what was drawn into it still."""
    laid = [_restriction(one, today) for one in draft.restrictions]
    inherited = [one for one in drawn.restrictions if not one.until or one.until >= today]
    return tuple(dict.fromkeys((*laid, *strictest(inherited))))


def _restriction(one: terms_pb2.Restriction, today: str) -> Restriction:
    """Return a restriction as it is signed; raise `InvalidInputError` for one that says nothing any more."""
    if one.until and one.until < today:
        raise InvalidInputError("the day of a restriction is over", where="restrictions", reason="day-over")
    if one.code == terms_pb2.RESTRICTION_CODE_DELETE_AFTER and not one.until:
        raise InvalidInputError("say after which day it is deleted", where="restrictions", reason="no-day")
    return restriction_of(one)


def _check_bound(restrictions: Iterable[Restriction], fields: Sequence[Field]) -> None:
    """Raise `InvalidInputError` if a restriction names no field of the message, or one that nobody is to know of."""
    namable = [one.path for one in fields if one.sensitivity is not Sensitivity.NATIONAL_SECURITY]
    for one in restrictions:
        for path in one.field_paths:
            if not any(is_within(known, (path,)) for known in namable):
                raise InvalidInputError(
                    f"the message has no field {path} that a restriction could bind",
                    where="restrictions",
                    reason="unknown-field",
                )


def _raise_classes(fields: list[Field], raised: Iterable[desk_pb2.RaisedField]) -> list[Field]:
    """Return the fields with the classes that the author raised; a class is never lowered."""
    changes: Mapping[str, Sensitivity] = {
        r.path: Sensitivity(options_pb2.Sensitivity.Name(r.to_class).removeprefix("SENSITIVITY_"))
        for r in raised
    }
    return [_raise(one, changes) for one in fields] if changes else fields


def _raise(one: Field, changes: Mapping[str, Sensitivity]) -> Field:
    for path, target in changes.items():
        if (one.path == path or one.path.startswith(path + ".")) and target is not one.sensitivity:
            if target not in RAISES[one.sensitivity]:
                raise InvalidMessageError(
                    f"class {one.sensitivity} cannot be raised to {target}",
                    where=one.path,
                    reason="not-raisable",
                )
            return Field(one.path, target, one.value)
    return one
