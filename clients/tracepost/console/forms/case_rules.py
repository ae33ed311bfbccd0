"""What the node would refuse of a message in a case, told at its own field before it goes there; the node judges again.

>>> draft.content.delay.ground = WITHHOLDING_GROUND_CAPACITY
>>> [one.reason for one in breaches("delay", draft, "2026-03-27")]
['no-date']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from tracepost.console.forms.answers import Fault
from tracepost.wire.v1 import desk_pb2, trace_pb2


def breaches(guide: str, draft: desk_pb2.Draft, today: str) -> Iterator[Fault]:
    """Yield what is wrong with a message in a case that no single field shows.

    Args:
        guide: its name.
        draft: as far as it is written.
        today: YYYY-MM-DD.
    """
    yield from _RULES.get(guide, _none)(draft, today)


def _none(_draft: desk_pb2.Draft, _today: str) -> Iterable[Fault]:
    return ()


def _question(draft: desk_pb2.Draft, today: str) -> Iterator[Fault]:
    yield from _over(
        "content.information_request.reply_by", draft.content.information_request.reply_by, today
    )


def _supply(draft: desk_pb2.Draft, _today: str) -> Iterator[Fault]:
    """Something is said of what was asked for, and of nothing that it is both here and not."""
    said = draft.content.information_supply.supplied
    if not said:
        yield Fault("~supplied", "nothing-given")
    given = {one.code for one in said if one.state == trace_pb2.SUPPLY_STATE_SUPPLIED}
    later = [one.code for one in said if one.state == trace_pb2.SUPPLY_STATE_LATER]
    never = [one.code for one in said if one.state == trace_pb2.SUPPLY_STATE_NOT_AVAILABLE]
    if not given.isdisjoint(later):
        yield Fault("~later", "given-and-not")
    if not given.union(later).isdisjoint(never):
        yield Fault("~not_available", "given-and-not")


def _delay(draft: desk_pb2.Draft, today: str) -> Iterator[Fault]:
    """A new date, or the day when it is looked at again (ITI 23); neither is over."""
    said = draft.content.delay
    if not said.new_date and not said.review_on:
        yield Fault("content.delay.new_date", "no-date")
    yield from _over("content.delay.new_date", said.new_date, today)
    yield from _over("content.delay.review_on", said.review_on, today)


def _over(path: str, day: str, today: str) -> Iterator[Fault]:
    if day and day < today:
        yield Fault(path, "past")


def _refusal(draft: desk_pb2.Draft, _today: str) -> Iterator[Fault]:
    """Its reasons, or that they cannot be told (ITI 23)."""
    said = draft.content.refusal
    if not said.reason_text and not said.reasons_cannot_be_told:
        yield Fault("content.refusal.reason_text", "no-reason-told")


def _redirect(draft: desk_pb2.Draft, _today: str) -> Iterator[Fault]:
    for index, one in enumerate(draft.content.redirect.redirections):
        if not one.ask_member and not one.ask_country:
            yield Fault(f"content.redirect.redirections.{index}.ask_member", "ask-whom")


def _response(draft: desk_pb2.Draft, _today: str) -> Iterator[Fault]:
    yield from _exported("content.response", draft.content.response.answers)


def _finding(draft: desk_pb2.Draft, _today: str) -> Iterator[Fault]:
    yield from _exported("content.finding", draft.content.finding.answers)


def _exported(head: str, answers: Iterable[trace_pb2.Answer]) -> Iterator[Fault]:
    for index, one in enumerate(answers):
        is_exported = one.stopped_because == trace_pb2.STOPPED_BECAUSE_EXPORTED
        if is_exported and not one.ask_member and not one.ask_country:
            yield Fault(f"{head}.answers.{index}.ask_member", "ask-whom")


_RULES: Final[Mapping[str, Callable[[desk_pb2.Draft, str], Iterable[Fault]]]] = MappingProxyType(
    {
        "ask": _question,
        "answer": _response,
        "delay": _delay,
        "finding": _finding,
        "redirect": _redirect,
        "refuse": _refusal,
        "supply": _supply,
    }
)
