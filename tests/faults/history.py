"""What happened in a campaign, in the order in which it was written down, and nothing more.

    history = History(folder / HISTORY)
    call = history.invoke("xaa", "submit", key="k-1", to="xab")
    call.acknowledge(statement=..., thread=...)       # or call.fail(...), or call.leave_unknown(...)
    history.note("xaa", "fault", name="kill")         # nobody was asked
    for event in read_history(folder / HISTORY): ...

A line is one event as JSON, written by one call to the system before the next step is taken, so that what
a client was told stands in the file whoever dies afterwards. Nothing here judges: `faults.checker` does.

A call has two events under one number. The second is `acknowledged` (it took effect), `failed` (it did not)
or `unknown` (it may have); a call without a second one is unknown too.
"""

from __future__ import annotations

import enum
import itertools
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HISTORY: Final = "history.jsonl"


class Phase(enum.StrEnum):
    """How far a call has come."""

    INVOKED = "invoked"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a history.

    Args:
        call: number that the events of one call share.
        at: seconds since the campaign began.
        member: whose node it is about; empty: of none.
        verb: what was asked of it or seen of it.
        data: the rest, by name.
    """

    call: int
    at: float
    member: str
    verb: str
    phase: Phase
    data: Mapping[str, Any]


class Call:
    """A call whose outcome is still to be told."""

    def __init__(self, history: History, number: int, member: str, verb: str) -> None:
        self._history = history
        self._number = number
        self._member = member
        self._verb = verb

    def acknowledge(self, **data: Any) -> None:
        """It took effect, and this was the answer."""
        self._end(Phase.ACKNOWLEDGED, data)

    def fail(self, **data: Any) -> None:
        """It was refused, for good and without effect."""
        self._end(Phase.FAILED, data)

    def leave_unknown(self, **data: Any) -> None:
        """Nobody told what became of it."""
        self._end(Phase.UNKNOWN, data)

    def _end(self, phase: Phase, data: Mapping[str, Any]) -> None:
        self._history.write(self._number, self._member, self._verb, phase, data)


class History:
    """Appends to a file. Safe to use by many tasks."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._began = time.monotonic()
        self._numbers = itertools.count(1)

    def invoke(self, member: str, verb: str, **data: Any) -> Call:
        """Write down that a call begins."""
        number = next(self._numbers)
        self.write(number, member, verb, Phase.INVOKED, data)
        return Call(self, number, member, verb)

    def note(self, member: str, verb: str, **data: Any) -> None:
        """Write down what was done or seen without asking anybody."""
        self.write(next(self._numbers), member, verb, Phase.NOTED, data)

    def write(self, number: int, member: str, verb: str, phase: Phase, data: Mapping[str, Any]) -> None:
        """Write one line."""
        at = round(time.monotonic() - self._began, 4)
        line = {"call": number, "at": at, "member": member, "verb": verb, "phase": str(phase), **data}
        os.write(self._descriptor, json.dumps(line, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        """End writing."""
        os.close(self._descriptor)


def read_history(path: Path) -> list[Event]:
    """Return the events of a history in their order."""
    return list(parse_events(path.read_text("utf-8").splitlines()))


def parse_events(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the events that these lines tell."""
    for line in lines:
        told = json.loads(line)
        head = [told.pop(name) for name in ("call", "at", "member", "verb", "phase")]
        yield Event(head[0], head[1], head[2], head[3], Phase(head[4]), told)
