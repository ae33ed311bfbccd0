"""What the rules of all verbs share: how a rule is asked, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tracepost.node.handlers.case.thread import Thread
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.consent import Grant
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.schema import OPENING_KINDS


@dataclass(frozen=True, slots=True)
class Saying:
    """A message that an officer wants said: to whom, in which case, on which `LegalBasis`, which day, for what.

    `purpose` is the name of the `Purpose` that is claimed, `desk` the desk of ours that says it and
    `competences` what it is in law. `relied_on` are
    consents that were found for what it encloses, in the case or standing.
    """

    message: Any
    thread: Thread
    to: Sequence[MemberId]
    legal_basis: int
    today: str
    purpose: str = ""
    desk: str = ""
    relied_on: tuple[Grant, ...] = ()
    competences: frozenset[str] = frozenset()


Rule = Callable[[Saying], None]
"""Raises `InvalidMessageError` if the message makes no sense in its case."""


def refuse(where: str, reason: str, words: str, remedy: str = "") -> InvalidMessageError:
    """Return the refusal of a rule; `where` is a field path."""
    return InvalidMessageError(words, where=where, reason=reason, remedy=remedy)


def need_addressee(saying: Saying) -> None:
    """Refuse what opens a case and names nobody."""
    if not saying.to:
        raise refuse("to", "no-addressee", "say which members are told")


def requests_of_others(thread: Thread) -> tuple[StatementRecord, ...]:
    """Return what was asked of us in this case: requests and referrals."""
    return tuple(
        r for r in thread.records if r.iss != thread.us and r.kind in ("trace.request/1", "trace.referral/1")
    )


def own_requests(thread: Thread) -> tuple[StatementRecord, ...]:
    """Return what we asked in this case."""
    return tuple(r for r in thread.requests if r.iss == thread.us)


def need_their_request(saying: Saying) -> None:
    """Refuse what answers a request where nothing was asked of us."""
    if not requests_of_others(saying.thread):
        raise refuse("thread", "nothing-asked", "in this case nothing was asked of us")


def need_their_mail(saying: Saying) -> None:
    """Refuse what receives, or asks back, where nobody asked us or told us anything."""
    told = (r for r in saying.thread.records if r.iss != saying.thread.us and r.kind in OPENING_KINDS)
    if not any(told) and not requests_of_others(saying.thread):
        raise refuse("thread", "nothing-asked", "in this case nothing was asked of us, and nothing told")


def need_own_request(saying: Saying) -> None:
    """Refuse what only the requester may say."""
    if not own_requests(saying.thread):
        raise refuse("thread", "not-our-request", "in this case we asked nothing")


def need_own_opening(saying: Saying) -> None:
    """Refuse what only who asked, or told something unasked, may say of it."""
    if not any(r.iss == saying.thread.us and r.kind in OPENING_KINDS for r in saying.thread.records):
        raise refuse("thread", "not-our-request", "in this case we asked nothing and told nothing")


def need_known_items(saying: Saying, ids: Iterable[str], where: str) -> None:
    """Refuse item ids that this case does not have, and ids named twice."""
    named = list(ids)
    unknown = sorted(set(named) - saying.thread.item_ids())
    if unknown:
        raise refuse(where, "unknown-item", f"this case has no item {unknown[0]}")
    if len(set(named)) != len(named):
        raise refuse(where, "item-twice", "an item is named twice")
