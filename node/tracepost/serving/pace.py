"""How often something that can wait is sent over a line: rarely where the line is slow.

What was asked and answered within t seconds is asked again after twenty times t at the earliest. So it takes a
twentieth of the line's time at most, whatever the line is: on a fast one the least pause of who asks holds, and on
64 kbit/s with most of a second each way it is half a minute.

    pace = Pace(5.0, 60.0)
    await asyncio.sleep(pace.due_in())
    pace.asked()                         # the question leaves
    pace.answered()                      # its answer is here
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

_REST: Final = 20


def rest_after(seconds: float, least_s: float, longest_s: float) -> float:
    """Return how long to leave a line alone on which something took `seconds`."""
    return max(least_s, min(longest_s, _REST * seconds))


class Pace:
    """When the next question may leave; used on one event loop.

    Args:
        least_s: seconds from one question to the next, at least.
        longest_s: an answer that takes longer than a twentieth of this delays the next question no further.
        now: seconds of any clock that only goes forward.
    """

    def __init__(self, least_s: float, longest_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._least_s = least_s
        self._longest_s = longest_s
        self._now = now
        self._asked_at = -math.inf
        self._is_open = False
        self._took = 0.0

    def asked(self) -> None:
        """A question leaves."""
        self._asked_at, self._is_open = self._now(), True

    def answered(self) -> None:
        """Something of the answer is here; more of it tells nothing about the line."""
        if self._is_open:
            self._took, self._is_open = self._now() - self._asked_at, False

    def due_in(self) -> float:
        """Return the seconds until the next question may leave; 0: now."""
        rest = rest_after(self._took, self._least_s, self._longest_s)
        return max(0.0, self._asked_at + rest - self._now())
