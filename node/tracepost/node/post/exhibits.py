"""Statements of others inside a referral or share, as far as the daemon's own desk may read them.

Each is verified (`handlers.sealed.shown_exhibits`). A request whose `aud` is the forwarder and not us is
believed inside a referral alone, where each of these holds:

1. the referral encloses the statement that `request_digest` names (else refused: `no-request`)
2. that is a `trace.request/1` (refused: `other-request`, like all up to 6)
3. its issuer is the `requester` that the referral names
4. its issuer is neither the forwarder nor us
5. the forwarder is in its `aud`
6. its thread is `request_thread`, and that of the referral
7. `consent_digest` is a consent of its issuer, the request itself or a further exhibit, that covers the
   release of `item_ids` and of what is shown to us (else held: `third-state-without-referral`)
8. where we hold the case of another requester under that thread the mail is held (`other-case`, in
   `reception`)

What its author does not want released onward comes with the author's consent, or is held (ITI 15(c)). Whether
lineage in a referral is for us is judged by the desk that reads it (`check_lineage`): the daemon does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.message import Message

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.exercises import mixing_words
from tracepost.node.handlers.sealed.shown_exhibits import ShownExhibit, Signers, verify_exhibits
from tracepost.protocol import mandates
from tracepost.protocol.consent import Grant, Release, covers, shown_classes, shown_items, shown_paths
from tracepost.protocol.errors import StatementError
from tracepost.protocol.exercises import find_mixing
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.protocol.schema import INNER_KINDS
from tracepost.protocol.statement import Claims
from tracepost.wire.v1 import trace_pb2

_WHERE = "step 12: exhibits"
_REQUEST = "trace.request/1"


def judge_exhibits(message: Message, claims: Claims, us: MemberId, signers: Signers, now: int) -> str:
    """Verify the exhibits of `message`; return the code for which it is held, empty for none.

    Args:
        message: what the carrier says.
        claims: of the carrier, verified.
        us: the member that reads it.
        signers: who signs for whom.
        now: unix time at which revocation is judged.

    Raises:
        StatementError, IdentityError, TrustError, InvalidMessageError: an exhibit does not verify, or
            is not the request that a referral names.
    """
    exhibits = verify_exhibits(message, signers, now, _WHERE)
    if any(one.statement.claims.kind in INNER_KINDS for outer in exhibits for one in outer.walk()):
        raise StatementError(
            "an exhibit is of a kind that stays with its member", where=_WHERE, reason="inner-kind"
        )
    if reason := find_mixing(
        claims.exercise, (e.statement.claims.exercise for o in exhibits for e in o.walk())
    ):
        raise StatementError(mixing_words(claims.exercise), where=_WHERE, reason=reason)
    # It may have signed before: who can prove that is asked by an officer, and refusals are final.
    unreadable = next((code for one in exhibits if (code := one.unreadable() or one.doubt())), "")
    if isinstance(message, trace_pb2.Referral):
        request = _find_request(message, claims, us, exhibits)
        if not _consents(message, request, claims, us, exhibits):
            return unreadable or "third-state-without-referral"
    return unreadable or _judge_release(claims, us, exhibits)


def _find_request(
    referral: trace_pb2.Referral, claims: Claims, us: MemberId, exhibits: Iterable[ShownExhibit]
) -> ShownExhibit:
    for one in exhibits:
        if encode_b64(one.statement.digest) == referral.request_digest:
            if _is_the_request(one.statement.claims, referral, claims, us):
                return one
            raise StatementError(
                "the referral encloses no request of its requester to the forwarder in this case",
                where=_WHERE,
                reason="other-request",
            )
    raise StatementError(
        "the referral does not enclose the request that it names", where=_WHERE, reason="no-request"
    )


def _is_the_request(request: Claims, referral: trace_pb2.Referral, carrier: Claims, us: MemberId) -> bool:
    return (
        request.kind == _REQUEST
        and request.iss == referral.requester
        and request.iss not in (carrier.iss, us)
        and carrier.iss in request.aud
        and request.thread == referral.request_thread == carrier.thread
    )


def _consents(
    referral: trace_pb2.Referral,
    request: ShownExhibit,
    carrier: Claims,
    us: MemberId,
    exhibits: Sequence[ShownExhibit],
) -> bool:
    release = _release(request, carrier, us, frozenset(referral.item_ids))
    named = [g for g in _grants(exhibits) if encode_b64(g.digest) == referral.consent_digest]
    return any(covers(one, release) for one in named)


def _judge_release(carrier: Claims, us: MemberId, exhibits: Sequence[ShownExhibit]) -> str:
    """Return the code for which mail is held that shows what may not be shown; empty for none."""
    grants = _grants(exhibits)
    for outer in exhibits:
        for one in outer.walk():
            issuer = one.statement.claims.iss
            # What the carrier adds to its own exhibits binds us; what was added before binds the carrier.
            bound = one.is_withheld_from_others() if one is not outer else one.says_no_onward_release()
            # A mandate is made to be shown by whom it is given to.
            shown_to_all = one is outer and one.statement.claims.kind == mandates.KIND
            if bound and not shown_to_all and issuer not in (carrier.iss, us):
                release = _release(one, carrier, us)
                if not any(covers(grant, release) for grant in grants):
                    return "released-without-consent"
    return ""


def _grants(exhibits: Iterable[ShownExhibit]) -> list[Grant]:
    return [grant for outer in exhibits for one in outer.walk() for grant in one.grants()]


def _release(
    one: ShownExhibit, carrier: Claims, us: MemberId, named: frozenset[str] = frozenset()
) -> Release:
    fields = one.statement.fields()
    return Release(
        digest=one.statement.digest,
        issuer=one.statement.claims.iss,
        thread=one.statement.claims.thread,
        forwarder=carrier.iss,
        third_party=us,
        day=instant(carrier.iat)[:10],
        item_ids=named | shown_items(fields),
        shown_paths=shown_paths(fields),
        purpose=carrier.purpose,
        shown_classes=shown_classes(fields),
    )
