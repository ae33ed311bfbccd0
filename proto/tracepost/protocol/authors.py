"""Who may say what, and to whom, by what a member is in the trust list (messages.md, section 3).

    find_gap(papers.member("xaa"), "panel.request/1", "2030-01-31")      "not-theirs-to-say": no panel
    find_gap(panel, "panel.request/1", "2031-02-01")                     "mandate-over", if it ended in January

Which types of members say a kind is in the schema (`said_by`). A panel or peace operation speaks, and is told,
until the last day that the trust list gives its mandate. What clears up behind it is said and told afterwards:
that it is to delete, that it did, what was shown to whom, that something is wrong with mail.
"""

from __future__ import annotations

from typing import Final

from tracepost.protocol.schema import SAID_BY
from tracepost.protocol.trustlist import Member, MemberType

NOT_THEIRS: Final = "not-theirs-to-say"
MANDATE_OVER: Final = "mandate-over"

AFTER_THE_END: Final = frozenset({"trace.withdrawal/1", "release.notice/1", "error/1"})
"""Kinds that are said and told when a mandate is over too."""


def find_gap(author: Member, kind: str, day: str) -> str:
    """Return the code of why `author` does not say a message of `kind` on `day`, YYYY-MM-DD; empty for nothing."""
    if not may_say(author.type, kind):
        return NOT_THEIRS
    return "" if is_reached(author, kind, day) else MANDATE_OVER


def may_say(type_: MemberType, kind: str) -> bool:
    """Say whether members of a type say messages of `kind`; a kind of a newer version all may say but relays."""
    named = SAID_BY.get(kind, frozenset())
    return type_ is not MemberType.RELAY and (not named or type_.name in named)


def is_reached(member: Member, kind: str, day: str) -> bool:
    """Say whether a message of `kind` may go to, or come from, a member on `day`, as far as its mandate goes."""
    return kind in AFTER_THE_END or not member.is_over(day)
