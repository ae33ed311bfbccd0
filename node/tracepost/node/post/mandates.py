"""Step 13: what is said on behalf of another State is covered by that State's mandate (s000 §28(h)).

The mandate is enclosed and was verified by step 12. Whether its author has ended it since is known by the
store alone, and asked in the transaction of receiving (`reception`).
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import Message

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.rules.mandates import GAPS
from tracepost.node.handlers.sealed.shown_exhibits import ShownExhibit, Signers, verify_exhibits
from tracepost.protocol.errors import StatementError
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.mandates import MandateUse, find_gap
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import Claims
from tracepost.wire.v1 import mandate_pb2

_WHERE = "step 13: mandate"


@dataclass(frozen=True, slots=True)
class UsedMandate:
    """The mandate that mail rests on: whose, in which case it was given, its digest.

    `unexpected` is the code for which the mail is held; empty for none.
    """

    host: MemberId
    thread: ThreadId
    digest: StatementDigest
    unexpected: str = ""


def judge_mandate(message: Message, claims: Claims, signers: Signers, now: int) -> UsedMandate | None:
    """Return the mandate by which `message` speaks for another State; None, if it speaks for its author.

    Args:
        message: what the statement says, as far as the daemon reads it.
        claims: of the statement, verified.
        signers: who signs for whom.
        now: unix time at which revocation is judged.

    Raises:
        StatementError: no mandate is enclosed, or it does not cover this.
    """
    host, digest = getattr(message, "on_behalf_of", ""), getattr(message, "mandate_digest", "")
    if not host and not digest:
        return None
    named = [
        one
        for one in verify_exhibits(message, signers, now, _WHERE)
        if encode_b64(one.statement.digest) == digest
    ]
    if not host or not named:
        raise _refuse("no-mandate", "who speaks for a State names it and encloses its mandate")
    return _judge(named[0], MemberId(host), claims)


def _judge(shown: ShownExhibit, host: MemberId, claims: Claims) -> UsedMandate:
    mandate, said = shown.message, shown.statement.claims
    used = UsedMandate(host, said.thread, shown.statement.digest)
    if mandate is None:  # of a newer schema: an officer looks at it
        return UsedMandate(used.host, used.thread, used.digest, "unknown-kind")
    if not isinstance(mandate, mandate_pb2.Mandate):
        raise _refuse("other-mandate", GAPS["other-mandate"])
    if Sensitivity.ADMINISTRATIVE not in shown.statement.complete_classes():
        raise _refuse("mandate-cut", "a limit of the mandate may have been left out")
    use = MandateUse(
        host, claims.iss, claims.kind, claims.purpose, frozenset(claims.aud), instant(claims.iat)[:10]
    )
    gap = find_gap(mandate, said.iss, use)
    if gap:
        raise _refuse(gap, GAPS[gap])
    return used


def refuse_ended() -> StatementError:
    """Return the refusal of what rests on a mandate that its author has ended."""
    return _refuse("mandate-ended", GAPS["mandate-ended"])


def _refuse(reason: str, words: str) -> StatementError:
    return StatementError(words, where=_WHERE, reason=reason)
