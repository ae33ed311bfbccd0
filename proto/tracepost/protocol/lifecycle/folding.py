"""The fold itself: order, facts, whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from tracepost.protocol.ids import MemberId
from tracepost.protocol.lifecycle.case import CaseEvent, CaseState, Duty, ItemState, Phase, TimelineEntry
from tracepost.protocol.lifecycle.consents import consents_of
from tracepost.protocol.lifecycle.duties import deletions_of, duties_of
from tracepost.protocol.lifecycle.facts import Facts, note
from tracepost.protocol.lifecycle.letters import as_said, letter_references
from tracepost.protocol.lifecycle.order import in_order
from tracepost.protocol.schema import INNER_KINDS
from tracepost.wire.v1 import trace_pb2

_NOTICE = "release.notice/1"  # what a node tells by itself is no reply

_Value = TypeVar("_Value")


def fold(events: Iterable[CaseEvent], us: MemberId) -> CaseState:
    """Return the state of the case that `events` are the statements of, as `us` sees it."""
    told = in_order(events)
    ordered = [as_said(event) for event in told]
    facts = Facts({event.digest: event.iss for event in ordered})
    closing = _Closing(us)
    timeline = []
    for event in ordered:
        note(facts, event)
        timeline.append(_entry(event, after_closing=closing.is_closed))
        closing.note(event, facts.opened_by or ordered[0].iss)
    duties = duties_of(facts, closed=closing.is_closed, done=closing.done)
    phase = _phase(us, ordered, facts, duties, closed=closing.is_closed)
    return CaseState(
        phase=phase,
        opened_by=facts.opened_by or (ordered[0].iss if ordered else None),
        opened_at=ordered[0].iat if ordered else None,
        last_event_at=max((event.iat for event in ordered), default=None),
        members=_members(ordered, facts),
        items=tuple(_item(facts, item) for item in facts.item_ids),
        file_numbers=_sorted(facts.file_numbers),
        acknowledged=_sorted(facts.acknowledged),
        consents=consents_of(ordered),
        deletions=MappingProxyType(deletions_of(facts)),
        duties=duties,
        due_on=_due(us, phase, duties),
        handling=facts.handling,
        urgent=facts.urgent,
        exercise=any(event.exercise for event in ordered),
        withdrawn=bool(facts.item_ids) and facts.withdrawn >= facts.item_ids.keys(),
        reopened=closing.was_reopened and not closing.is_closed,
        unheard=_unheard(ordered, facts),
        timeline=tuple(timeline),
        enquiries=facts.enquiries.states(),
        references=letter_references(told),
        reminders=facts.reminders[us],
    )


@dataclass(slots=True)
class _Closing:
    """Closings and reopenings: of the case, by who opened it or by us; else of a member's own part."""

    us: MemberId
    is_closed: bool = False
    was_reopened: bool = False
    _done: set[MemberId] = field(default_factory=set)

    @property
    def done(self) -> frozenset[MemberId]:
        """Members that have closed their own part."""
        return frozenset(self._done)

    def note(self, event: CaseEvent, opened_by: MemberId) -> None:
        """Take the closing or reopening that `event` is, if it is one."""
        whole = event.iss in (opened_by, self.us)
        if event.kind == "trace.closure/1":
            self._done.add(event.iss)
            self.is_closed = self.is_closed or whole
        elif _reopens(event):
            self._done.discard(event.iss)
            self.was_reopened = self.was_reopened or (self.is_closed and whole)
            self.is_closed = self.is_closed and not whole


def _reopens(event: CaseEvent) -> bool:
    state = getattr(event.message, "state", None)
    return event.kind == "trace.status/1" and state == trace_pb2.PROCESSING_STATE_REOPENED


def _phase(
    us: MemberId, ordered: list[CaseEvent], facts: Facts, duties: tuple[Duty, ...], *, closed: bool
) -> Phase:
    if closed:
        return Phase.CLOSED
    if duties:
        ours = any(duty.by == us for duty in duties)
    elif facts.asked:
        ours = facts.opened_by == us  # everything is told: who asked concludes
    else:
        said = [event for event in ordered if event.kind not in INNER_KINDS]
        ours = bool(said) and said[-1].iss != us
    return Phase.WAITING_FOR_US if ours else Phase.WAITING_FOR_THEM


def _due(us: MemberId, phase: Phase, duties: tuple[Duty, ...]) -> str | None:
    ours = phase is Phase.WAITING_FOR_US
    return min((duty.due for duty in duties if duty.due and (duty.by == us) == ours), default=None)


def _item(facts: Facts, item: str) -> ItemState:
    answers = [answer for (name, _), answer in facts.answers.items() if name == item]
    return ItemState(
        item_id=item,
        asked=tuple(sorted(member for name, member in facts.asked if name == item)),
        answers=tuple(sorted(answers, key=lambda answer: (answer.at, answer.by))),
        withdrawn=item in facts.withdrawn,
        removed=item in facts.removed,
        outcome=facts.outcomes.get(item),
    )


def _members(ordered: list[CaseEvent], facts: Facts) -> tuple[MemberId, ...]:
    parties = {member for event in ordered for member in (event.iss, *event.aud)}
    return tuple(sorted(parties | ({facts.opened_by} if facts.opened_by else set())))


def _unheard(ordered: list[CaseEvent], facts: Facts) -> tuple[MemberId, ...]:
    heard = {event.iss for event in ordered if event.kind != _NOTICE}
    return tuple(sorted({member for _, member in facts.asked} - heard))


def _entry(event: CaseEvent, *, after_closing: bool) -> TimelineEntry:
    return TimelineEntry(
        at=event.iat,
        by=event.iss,
        to=event.aud,
        kind=event.kind,
        digest=event.digest,
        in_reply_to=event.in_reply_to,
        after_closing=after_closing,
    )


def _sorted(by_member: dict[MemberId, _Value]) -> MappingProxyType[MemberId, _Value]:
    return MappingProxyType({member: by_member[member] for member in sorted(by_member)})
