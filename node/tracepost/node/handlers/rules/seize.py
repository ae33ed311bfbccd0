"""To tell of a seizure at a border, in the short form of customs services (seed 000 §40(k))."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, need_addressee
from tracepost.protocol import seizing


def check(saying: Saying) -> None:
    """A notice names whom it goes to, and says what a customs service needs to recognise the goods."""
    need_addressee(saying)
    seizing.check_notice(saying.message, saying.legal_basis, saying.today)
