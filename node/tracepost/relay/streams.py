"""Who is connected, and what is to be told to whom. Used on the event loop only.

A member may have several streams; mail for it goes out on the newest that collects, since
an older one may be a connection whose end was not noticed yet. Nothing is lost with a
stream: whatever is told here is in the store until the member says that it has it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tracepost.protocol.envelope import Lane
from tracepost.protocol.ids import MemberId
from tracepost.serving.frames import FrameQueue

_CLOGGED_BYTES = 64 * 1024 * 1024


@dataclass(eq=False, slots=True)
class Line:
    """One open stream of a member; `collects` says that it fetches mail, `bells` ring when some may be there.

    `places`, arrivals of a lane, are to be sent from again, though the stream is beyond them. `owing` is set when
    the member may be owed receipts and notices that this stream has not told.
    """

    member: MemberId
    collects: bool
    outgoing: FrameQueue
    bells: dict[Lane, asyncio.Event] = field(default_factory=lambda: {lane: asyncio.Event() for lane in Lane})
    places: dict[Lane, list[int]] = field(default_factory=lambda: {lane: [] for lane in Lane})
    owing: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Say that there may be mail."""
        for bell in self.bells.values():
            bell.set()

    def go_back(self, lane: Lane, arrival: int) -> None:
        """Let this be sent again, and what follows it."""
        self.places[lane].append(arrival)
        self.bells[lane].set()


class Switchboard:
    """The open streams by member, the newest last."""

    def __init__(self) -> None:
        self._lines: defaultdict[MemberId, list[Line]] = defaultdict(list)

    def open(self, line: Line) -> None:
        """Add a stream."""
        self._lines[line.member].append(line)

    def close(self, line: Line) -> None:
        """Take a stream away; another one of the member may have to fetch the mail, and tell what it told, again."""
        lines = self._lines[line.member]
        was_told = lines[-1] is line
        lines.remove(line)
        if lines:
            self.ring(line.member)
            if was_told:
                lines[-1].owing.set()
        else:
            del self._lines[line.member]

    def fetches_mail(self, line: Line) -> bool:
        """Say whether mail of the member goes out on this stream."""
        collecting = [one for one in self._lines[line.member] if one.collects]
        return bool(collecting) and collecting[-1] is line

    def ring(self, member: MemberId) -> None:
        """Tell the streams of `member` that there may be mail."""
        for line in self._lines.get(member, ()):
            line.ring()

    def go_back(self, member: MemberId, lane: Lane, arrival: int) -> None:
        """Let the streams of `member` send from this place again: mail of before waits once more."""
        for line in self._lines.get(member, ()):
            line.go_back(lane, arrival)

    def tell(self, member: MemberId, put: Callable[[FrameQueue], None]) -> None:
        """Let `put` queue something on the newest stream of `member`; on one that is clogged it is told later."""
        lines = self._lines.get(member)
        if not lines:
            return
        if lines[-1].outgoing.waiting_bytes < _CLOGGED_BYTES:
            put(lines[-1].outgoing)
        else:
            lines[-1].owing.set()

    def others(self, member: MemberId) -> Iterator[Line]:
        """Yield every open stream of the other members."""
        for owner, lines in list(self._lines.items()):
            if owner != member:
                yield from lines

    def all(self) -> Iterator[Line]:
        """Yield every open stream."""
        for lines in list(self._lines.values()):
            yield from lines

    def count(self) -> int:
        """Return how many streams are open."""
        return sum(len(lines) for lines in self._lines.values())
