"""What waits at our desks, and what is to be told of it: nothing of content, a case's name at most."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Final

from tracepost.protocol.ids import DeskId


class Step(enum.IntEnum):
    """How far the telling of an item has come."""

    NEW = 0
    TOLD = 1
    PASSED_ON = 2
    """Nobody opened it, and a deputy was told."""
    SEEN = 3
    """It was opened before it was noted."""
    KNOWN = 4
    """Its day is near or has passed; it was opened since, and stays noted so that it is not told again."""


NO_DESK = DeskId("")
"""Of a statement that is not in effect yet: whose it will be is not known."""
DATED: Final = "dated"
"""In the place of a case: the item has a day, `since`, and is over when the answer is given."""


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """Something that waits at a desk since `since` (unix seconds), and was told at `told_at`, 0 if never.

    `item` names it: a kind and what it is found by. `thread` is its case; empty, if it settles by a decision; DATED,
    if by an answer.
    """

    desk: DeskId
    item: str
    thread: str
    since: int
    urgent: bool
    step: Step = Step.NEW
    told_at: int = 0


@dataclass(frozen=True, slots=True)
class TellingMail:
    """One telling that is to go, by mail to `to`, or to the desk's web address if that is empty.

    `deputy`: it says that nobody has opened what waits. `id` stays the same however often it is tried.
    """

    id: str
    desk: DeskId
    to: str = field(repr=False)
    urgent: bool
    deputy: bool
    made_at: int
    tries: int = 0
    not_before: int = 0
