"""An answer composed of findings: the node takes values that who writes the answer need not be able to read.

    which findings → for each a desk of ours that is unlocked and may process all of it: the one that wrote
    it, else any other → its units, each with its class, its place in the answer and its source

So an office that is not police answers with what the army's ledger says of an owner. What is taken is never
shown to who composes: not in the submission, not in a preview, not in an error. What is there stays under its
class afterwards too: for what an answer was composed of, its writer is a desk like others (`inward`). What the
custodian keeps to some desks stays with these, and what he laid on his finding binds the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from google.protobuf.message import Message

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.case.reader_sets import UNTOUCHED, Only, only_in, readers_at
from tracepost.node.handlers.case.thread import Thread, claims_of
from tracepost.node.handlers.drafting.drawing import Drawn, Processed, draw_into
from tracepost.node.handlers.rules.rule import refuse
from tracepost.node.handlers.sealed.opening import Opened, Opener, Sealed, load_sealed
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.consent import is_within
from tracepost.protocol.errors import LockedDeskError, PermissionError_
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.protocol.lifecycle.enquiries import FINDING
from tracepost.protocol.schema import Field, JsonValue, Sensitivity, flatten
from tracepost.protocol.statement import Restriction, Statement
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2, trace_pb2

_PLACE = re.compile(r"answers\.([0-9]+)(?:\.(.+))?\Z")
_INDEX = re.compile(r"(?<=\.)[0-9]+(?=\.|\Z)")
_LEFT = frozenset({"item_id", "composed_from"})
_EVENTS = "lineage"
_PERSONS = "persons"
_OF_EVENT = frozenset({"lineage_dealings", _PERSONS})
_WITH_SOURCE = frozenset({_EVENTS, "point_of_diversion", "recorded_fate", *_OF_EVENT})
_SECRET = Sensitivity.NATIONAL_SECURITY


@dataclass(frozen=True, slots=True)
class _Place:
    """A field of one answer, or all below it; empty: all of the answer."""

    answer: int
    below: str

    @classmethod
    def parse(cls, path: str, where: str) -> _Place:
        found = _PLACE.match(path)
        if found is None:
            raise refuse(where, "no-answer-field", "a field below an answer is named: answers.0.persons")
        return cls(int(found[1]), found[2] or "")

    @property
    def shape(self) -> str:
        return _INDEX.sub("*", f".{self.below}")

    def holds(self, below: str) -> bool:
        return not self.below or below == self.below or below.startswith(f"{self.below}.")


@dataclass(frozen=True, slots=True)
class _Found:
    """A finding as a desk of ours may process it: its fields by answer and place below it."""

    digest: str
    opened: Opened = field(repr=False)
    desk: OwnDesk

    @property
    def only(self) -> tuple[Only, ...]:
        """What of it is for some desks alone."""
        return only_in(self.opened.statement)

    def fields(self, place: _Place) -> Iterator[tuple[str, Field]]:
        """Yield what stands at a place, by its place below the answer; what is secret only where it is named."""
        for one in self.opened.statement.fields():
            found = _PLACE.match(one.path)
            if found is None or int(found[1]) != place.answer or not found[2]:
                continue
            if place.holds(found[2]) and (one.sensitivity is not _SECRET or found[2] == place.below):
                yield found[2], one

    def item_id(self, answer: int) -> str:
        """Return the item that an answer of the finding is about; empty: there is no such answer."""
        named = (f.value for f in self.opened.statement.fields() if f.path == f"answers.{answer}.item_id")
        return str(next(named, ""))


class Composer:
    """Composes answers. Reads the store; safe from any thread."""

    def __init__(self, office: Office, gate: Gate, opener: Opener) -> None:
        self._office = office
        self._gate = gate
        self._opener = opener

    def compose(self, tx: Tx, thread: Thread, message: Message, draft: desk_pb2.Draft) -> Drawn:
        """Return what is taken from findings into `message`, a response of the case `thread`.

        Raises:
            InvalidMessageError: a finding is not here, or does not fit; or it keeps a field to some desks, and
                the draft does not.
            LockedDeskError: no desk that may process a finding is unlocked; it names those to unlock.
            PermissionError_: there is no such desk.
        """
        if not isinstance(message, trace_pb2.Response):
            raise refuse("composed", "only-answers", "only an answer is composed of findings")
        findings = {
            digest: self._open(tx, thread, digest) for digest in sorted({c.finding for c in draft.composed})
        }
        answers = _Answers(message)
        for index, one in enumerate(draft.composed):
            answers.take(findings[one.finding], one, f"composed.{index}")
        _require_kept(answers.kept_to, (*message.readers, *draft.readers), thread.us)
        whole, classes = draw_into(message, answers.drawn())
        processed = tuple(
            Processed(f.opened.record.digest, f.desk.desk, f.opened.decision) for f in findings.values()
        )
        return Drawn(whole, classes, (), processed, tuple(answers.restrictions()))

    def _open(self, tx: Tx, thread: Thread, digest: str) -> _Found:
        """Return a finding as the first desk may process it that is unlocked and may process all of it."""
        record = _find(thread, digest)
        writer_first = sorted(self._office.desks, key=lambda desk: desk.desk != record.desk)
        locked: list[OwnDesk] = []
        for desk in writer_first:
            [sealed] = load_sealed(tx, [record], desk.desk)
            try:
                unsealed = self._opener.unseal(sealed, desk.desk)
            except LockedDeskError:
                locked += [desk] if self._may_process(desk, sealed) else []
                continue
            if unsealed.statement is not None:
                opened = self._opener.show(unsealed, desk, Action.PROCESS)
                if _is_whole(opened.statement):
                    return _Found(digest, opened, desk)
        raise _nobody(locked)

    def _may_process(self, desk: OwnDesk, sealed: Sealed) -> bool:
        """Say whether the gate lets a desk that is locked process all that a finding can hold."""
        context = self._opener.circumstances(desk, sealed.record, sealed.terms).whole
        may = self._gate.readable(desk.reader, Action.PROCESS, context)
        return may >= frozenset(Sensitivity) - {_SECRET}


class _Answers:
    """The answers of a draft, and what is put into them beside what the officer said."""

    def __init__(self, message: trace_pb2.Response) -> None:
        self._items = [answer.item_id for answer in message.answers]
        self._said = {one.path for one in flatten(message)}
        self._taken: dict[str, Field] = {}
        self._sources: dict[int, dict[str, None]] = {}
        self._events: dict[tuple[str, int, int, int], int] = {}  # finding, its answer and event, our answer
        self._of_events: list[tuple[str, str, int, int]] = []
        self._bound: dict[int, dict[Restriction, None]] = {}
        self.kept_to: dict[str, frozenset[str]] = {}
        """The desks to which a finding keeps what was taken of it, by its place in the answer."""

    def take(self, found: _Found, wanted: inquiry_pb2.Composed, where: str) -> None:
        """Take what `wanted` names of a finding; refuse what does not fit."""
        source = _Place.parse(wanted.from_path, f"{where}.from_path")
        target = _Place.parse(wanted.to_path, f"{where}.to_path")
        self._check(found, source, target, where)
        fields = [(below, one) for below, one in found.fields(source) if below not in _LEFT]
        if not fields:
            raise refuse(f"{where}.from_path", "nothing-there", "the finding says nothing there")
        exact = bool(_INDEX.search(f".{source.below}"))
        offsets = {} if exact else self._offsets(target.answer)
        for below, one in fields:
            moved = target.below + below[len(source.below) :] if exact else _shifted(below, offsets)
            path = f"answers.{target.answer}.{moved}"
            if self._put(path, one, found.digest, where, strict=exact):
                self._note_event(found.digest, source.answer, target.answer, below, moved)
                self._note_readers(path, one, found)
        self._sources.setdefault(target.answer, {})[found.digest] = None
        laid = claims_of(found.opened.record).restrictions
        self._bound.setdefault(target.answer, {}).update(dict.fromkeys(laid))

    def drawn(self) -> list[Field]:
        """Return all that was taken, with its sources."""
        for path, digest, answer, ours in self._of_events:
            self._taken[path] = self._referred(self._taken[path], digest, answer, ours)
        sources = [
            Field(f"answers.{number}.composed_from", Sensitivity.ADMINISTRATIVE, list[JsonValue](digests))
            for number, digests in self._sources.items()
        ]
        return [*self._taken.values(), *sources]

    def restrictions(self) -> Iterator[Restriction]:
        """Yield what custodians laid on their findings, as it binds the answers that were taken from these."""
        for answer, laid in self._bound.items():
            yield from (replace(one, field_paths=(f"answers.{answer}",)) for one in laid)

    def _note_readers(self, path: str, one: Field, found: _Found) -> None:
        desks = readers_at(found.only, one.path) if one.sensitivity not in UNTOUCHED else None
        if desks is not None:
            self.kept_to[path] = desks

    def _check(self, found: _Found, source: _Place, target: _Place, where: str) -> None:
        """Refuse another field, another item, an answer that there is not."""
        item = found.item_id(source.answer)
        if not item:
            raise refuse(f"{where}.from_path", "no-answer", "the finding has no such answer")
        if source.shape != target.shape:
            raise refuse(f"{where}.to_path", "other-field", "it goes to another field than it comes from")
        if target.answer == len(self._items):
            self._items.append(item)
            path = f"answers.{target.answer}.item_id"
            self._taken[path] = Field(path, Sensitivity.ADMINISTRATIVE, item)
        if target.answer > len(self._items) or self._items[target.answer] != item:
            raise refuse(f"{where}.to_path", "other-item", "that answer is about another item")

    def _offsets(self, answer: int) -> dict[str, int]:
        """Return where each list of an answer ends."""
        ends: dict[str, int] = {}
        for path in (*self._said, *self._taken):
            steps = path.split(".")
            if steps[:2] == ["answers", str(answer)] and len(steps) > 3 and steps[3].isdecimal():
                ends[steps[2]] = max(ends.get(steps[2], 0), int(steps[3]) + 1)
        return ends

    def _put(self, path: str, one: Field, digest: str, where: str, *, strict: bool) -> bool:
        """Put a unit at `path`; what the officer says there stands. Return whether it was put."""
        if path in self._said or path in self._taken:
            if strict:
                raise refuse(f"{where}.to_path", "taken", "something stands there already")
            return False
        value = one.value
        if isinstance(value, dict) and path.split(".")[2] in _WITH_SOURCE:
            value = {**value, "source_digest": digest}
        self._taken[path] = Field(path, one.sensitivity, value)
        return True

    def _note_event(self, digest: str, answer: int, ours: int, below: str, moved: str) -> None:
        name, *rest = below.split(".")
        if name == _EVENTS:
            self._events[digest, answer, int(rest[0]), ours] = int(moved.split(".")[1])
        elif name in _OF_EVENT:
            self._of_events.append((f"answers.{ours}.{moved}", digest, answer, ours))

    def _referred(self, one: Field, digest: str, answer: int, ours: int) -> Field:
        """Return what belongs to an event with the event's place in the answer."""
        value = dict(one.value) if isinstance(one.value, dict) else {}
        event = value.pop("event_index", None)
        place = self._events.get((digest, answer, event, ours)) if isinstance(event, int) else None
        if place is not None:
            value["event_index"] = place
        elif one.path.split(".")[2] != _PERSONS:
            raise refuse(
                "composed", "event-left-out", "a dealing is composed with the event that it belongs to"
            )
        return Field(one.path, one.sensitivity, value)


def _shifted(below: str, offsets: Mapping[str, int]) -> str:
    """Return a place below an answer, behind what stands in its list already."""
    steps = below.split(".")
    if len(steps) > 1 and steps[1].isdecimal():
        steps[1] = str(offsets.get(steps[0], 0) + int(steps[1]))
    return ".".join(steps)


def _find(thread: Thread, digest: str) -> StatementRecord:
    for record in thread.records:
        if record.kind == FINDING and record.iss == thread.us and encode_b64(record.digest) == digest:
            return record
    raise refuse("composed", "unknown-finding", "there is no such finding in this case")


def _is_whole(statement: Statement) -> bool:
    """Whether all of it is there, but what is only for desks that it names."""
    return frozenset(statement.classes) - {_SECRET} <= statement.complete_classes()


def _nobody(locked: Sequence[OwnDesk]) -> LockedDeskError | PermissionError_:
    names = ", ".join(desk.desk for desk in locked)
    if not names:
        return PermissionError_("no desk of ours may process the finding", where="composed", reason="process")
    return LockedDeskError(
        "no desk that may process the finding is unlocked",
        where=names,
        remedy=f"An officer of one of these desks unlocks it: {names} (tracepost node unlock DESK).",
    )


def _require_kept(
    kept_to: Mapping[str, frozenset[str]], said: Sequence[terms_pb2.FieldReaders], us: MemberId
) -> None:
    """Refuse an answer that shows to more desks of ours what a custodian keeps to some.

    Which desks of the addressee read it, no custodian can say: who answers says it, and the second officer sees it.
    """
    for path, desks in kept_to.items():
        named = next((frozenset(one.desks) for one in said if is_within(path, (one.path,))), None)
        ours = {desk for desk in named or () if desk.startswith(f"{us}/")}
        if named is None or not ours <= desks:
            raise refuse(
                path,
                "kept-to-some-desks",
                f"the custodian keeps it to {', '.join(sorted(desks))}",
                f"Name its readers (--only {path}=MEMBER/DESK), of ours no others than these; or leave it out.",
            )


def require_no_sources(message: Message) -> None:
    """Refuse sources that an officer wrote: the node alone says what an answer was composed of."""
    if isinstance(message, trace_pb2.Response):
        for index, answer in enumerate(message.answers):
            if answer.composed_from or any(one.source_digest for one in _units_with_source(answer)):
                raise refuse(f"answers.{index}", "source-by-node", "the node says what was composed of what")


def _units_with_source(answer: trace_pb2.Answer) -> Iterator[Any]:
    yield from (*answer.lineage, *answer.lineage_dealings, *answer.persons)
    yield from (answer.point_of_diversion, answer.recorded_fate)
