"""To share: pass on fewer fields of statements that we hold, signatures whole; and to tell who wrote them."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, refuse
from tracepost.protocol.ids import parse_digest
from tracepost.wire.v1 import share_pb2


def check(saying: Saying) -> None:
    """A share names the statements that are passed on, and to whom."""
    if not saying.to:
        raise refuse("to", "no-addressee", "a share names its addressee")
    if not all(e.statement_digest for e in saying.message.exhibits):
        raise refuse("exhibits", "no-statement", "each exhibit names its statement")


def check_notice(saying: Saying) -> None:
    """Who is told wrote each statement that is named; of what was inside another, that one is named too."""
    message: share_pb2.ReleaseNotice = saying.message
    shown = message.reason == share_pb2.NOTICE_REASON_ONWARD_RELEASE
    if shown and not all(one.to_members and one.carrier_digest for one in message.releases):
        raise refuse("releases", "to-whom", "a notice of onward release says to whom, and in what")
    for number, one in enumerate(message.releases):
        if not (shown or one.carrier_digest) and not _is_of(saying, one.statement_digest):
            raise refuse(
                f"releases.{number}.statement_digest",
                "not-theirs",
                "that statement is not of who is told of it",
            )


def _is_of(saying: Saying, digest: str) -> bool:
    known = saying.thread.find(parse_digest(digest, "releases"))
    return known is not None and known.iss in saying.to
