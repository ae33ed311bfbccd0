"""Whether our member says such a thing at all, and whether it may still go to whom it is for (`protocol.authors`)."""

from __future__ import annotations

from collections.abc import Iterable

from tracepost.node.handlers.rules.rule import Saying
from tracepost.node.papers import Papers
from tracepost.protocol.authors import is_reached, may_say
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import MemberType


def require_authorship(papers: Papers, saying: Saying, kind: str) -> None:
    """Raise `PermissionError_` if `kind` is not for our type of member to say, or a mandate is over that day."""
    us = saying.thread.us
    own = papers.member(us)
    if not may_say(own.type, kind):
        raise PermissionError_("members like ours do not say this", where="content", reason="not-ours-to-say")
    if own.type is MemberType.PEACE_OPERATION and not getattr(saying.message, "on_behalf_of", own.id):
        raise PermissionError_(
            "a peace operation asks for traces in the name of a State alone",
            where="on_behalf_of",
            reason="not-ours-to-say",
            remedy="Name the State whose mandate you hold: tracepost mandate list shows them.",
        )
    require_in_office(papers, kind, (us, *saying.to), saying.today)


def require_in_office(papers: Papers, kind: str, members: Iterable[MemberId], day: str) -> None:
    """Raise `PermissionError_` if the mandate of one of `members` is over on `day`, YYYY-MM-DD."""
    for name in members:
        member = papers.member(name)
        if not is_reached(member, kind, day):
            raise PermissionError_(
                f"the mandate of {name} ended on {member.mandate_until}",
                where="to",
                reason="mandate-over",
                remedy="What it holds can still be taken back: tracepost trace withdraw."
                " A mandate that was prolonged is told by the next trust list.",
            )
