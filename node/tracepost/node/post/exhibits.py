"""Statements of others inside a referral or share, as far as the daemon's own desk may read them.

Each is verified (`handlers.shown_exhibits`). A referral must carry its requester's request and its
requester's consent that names us: in the request itself, or as an exhibit of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.message import Message

from tracepost.node.handlers.shown_exhibits import Signers, verify_exhibits
from tracepost.protocol import schema
from tracepost.protocol.errors import StatementError
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.protocol.statement import VerifiedExhibit
from tracepost.wire.v1 import trace_pb2

_WHERE = "step 12: exhibits"


def judge_exhibits(message: Message, iss: MemberId, us: MemberId, signers: Signers, now: int) -> str:
    """Verify the exhibits of `message`; return the code for which it is held, empty for none.

    Raises `StatementError`, `IdentityError` or `TrustError` where an exhibit does not verify.
    """
    exhibits = verify_exhibits(message, signers, now, _WHERE)
    if not isinstance(message, trace_pb2.Referral):
        return ""
    request = next((e for e in exhibits if encode_b64(e.digest) == message.request_digest), None)
    if request is None or request.claims.iss != message.requester or iss not in request.claims.aud:
        raise StatementError(
            "the referral does not enclose the request that it names", where=_WHERE, reason="no-request"
        )
    return "" if _consents(message, request, exhibits, us) else "third-state-without-referral"


def _consents(
    referral: trace_pb2.Referral, request: VerifiedExhibit, exhibits: Sequence[VerifiedExhibit], us: MemberId
) -> bool:
    found = next((e for e in exhibits if encode_b64(e.digest) == referral.consent_digest), None)
    if found is None or found.claims.iss != request.claims.iss:
        return False
    if found.claims.kind not in schema.KINDS:
        return False
    message = schema.assemble(found.claims.kind, found.fields()).message
    if isinstance(message, trace_pb2.TraceRequest | trace_pb2.Amendment):
        return us in message.referral_consents
    return (
        isinstance(message, trace_pb2.Consent)
        and message.third_party == us
        and message.step == trace_pb2.CONSENT_STEP_DECIDED
        and message.decision == trace_pb2.CONSENT_DECISION_GRANTED
    )
