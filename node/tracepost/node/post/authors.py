"""Step 14: what is said, and what is enclosed, is for a member of its author's type to say (`protocol.authors`).

That a State asks as if it were a panel is refused. What a panel or peace operation says after its mandate is over
is genuine, and held: the end may have been put off, and our trust list may be the older one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from google.protobuf.message import Message

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.enclosed import enclosed_claims
from tracepost.protocol.authors import NOT_THEIRS, find_gap, may_say
from tracepost.protocol.errors import StatementError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.statement import Claims
from tracepost.protocol.trustlist import Member, MemberType

_WHERE = "step 14: author"


class Members(Protocol):
    """What is asked about members. Answers from memory; safe from any thread."""

    def member(self, member: MemberId) -> Member:
        """Return the member as the trust list has it; raise `TrustError` if it is none."""


def judge_authors(message: Message, claims: Claims, members: Members) -> str:
    """Return the code for which mail is held because of who says it; empty for none.

    Args:
        message: what the statement says, as far as the daemon reads it; its exhibits are verified.
        claims: of the statement, verified.
        members: the trust list.

    Raises:
        StatementError: it, or something that it encloses, is not for its author to say.
    """
    author = members.member(claims.iss)
    gap = find_gap(author, claims.kind, instant(claims.iat)[:10])
    for said in (claims, *_enclosed(message)):
        if not may_say(members.member(said.iss).type, said.kind):
            raise StatementError(f"members like {said.iss} do not say this", where=_WHERE, reason=NOT_THEIRS)
    if _needs_mandate(author, claims) and not getattr(message, "on_behalf_of", ""):
        raise StatementError(
            "a peace operation asks for traces in the name of a State alone", where=_WHERE, reason=NOT_THEIRS
        )
    return gap


def _enclosed(message: Message) -> Iterator[Claims]:
    """Yield the claims of what is enclosed; entries of the directory, which prove consents, are no mail."""
    return (one for one in enclosed_claims(message) if one.kind != "directory.entry/1")


def _needs_mandate(author: Member, claims: Claims) -> bool:
    return author.type is MemberType.PEACE_OPERATION and claims.kind == "trace.request/1"
