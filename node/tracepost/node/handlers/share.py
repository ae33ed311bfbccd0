"""To share: pass on fewer fields of statements that we hold, with their signatures whole."""

from __future__ import annotations

from tracepost.node.handlers.rule import Saying, refuse


def check(saying: Saying) -> None:
    """A share names the statements that are passed on, and to whom."""
    if not saying.to:
        raise refuse("to", "no-addressee", "a share names its addressee")
    if not all(e.statement_digest for e in saying.message.exhibits):
        raise refuse("exhibits", "no-statement", "each exhibit names its statement")
