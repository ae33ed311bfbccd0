"""Whether a new request or notice can be sent, as far as that is known without a node.

1 addressees    there are some, each is a member id, none is our own
2 terms         purpose and legal basis are said, unless the case says them
3 last day      mail is delivered within 180 days
4 content       the rules of its kind: `protocol.asking`, `seizing`, `losses`, `panels`
5 classes       a class is raised only as the table of the protocol allows
6 photographs   each that is named is there, each that is there is named
7 statement     what would be signed is one that others accept, and not too large

The rules of the schema come before: whoever reads a file has checked them. Whether an addressee is known,
a case is here or a desk is unlocked is for the node to say.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from google.protobuf.message import Message

from tracepost.protocol import asking, losses, panels, schema, seizing, statement
from tracepost.protocol.envelope import DELIVERY_HORIZON_S, MAX_BODY
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError, LimitError, TracepostError
from tracepost.protocol.ids import DeskId, MemberId, ThreadId, new_uuid7, parse_member
from tracepost.protocol.restricting import restriction_of
from tracepost.protocol.schema import RAISES, Field, Sensitivity
from tracepost.protocol.statement import Claims
from tracepost.sdk.drafts import message_of
from tracepost.wire.v1 import (
    desk_pb2,
    loss_pb2,
    options_pb2,
    panel_pb2,
    seizure_pb2,
    terms_pb2,
    trace_pb2,
)

_SOMEBODY = MemberId("x")
_SOME_DESK = DeskId("desk")


def find_fault(draft: desk_pb2.Draft, *, now: int, own_member: str | None = None) -> TracepostError | None:
    """Return what a node would refuse `draft` for, which fits the schema; None for nothing.

    Args:
        draft: holds a kind that opens a case.
        now: unix seconds.
        own_member: who would send it, where that is known.
    """
    try:
        _check(draft, now, own_member)
    except TracepostError as fault:
        return fault
    return None


def _check(draft: desk_pb2.Draft, now: int, own_member: str | None) -> None:
    to = _addressees(draft, own_member)
    _check_terms(draft)
    if draft.HasField("deliver_by") and not now < draft.deliver_by <= now + DELIVERY_HORIZON_S:
        raise InvalidInputError("mail is delivered within 180 days", where="deliver_by", reason="deliver-by")
    message = message_of(draft.content)
    if message is None:
        raise InvalidInputError("the draft says nothing", where="content", reason="empty")
    _check_content(message, draft.legal_basis, day_of(now))
    fields = schema.flatten(message)
    for raised in draft.raised:
        _check_raised(fields, raised)
    _check_photographs(fields, draft.parts)
    claims = _claims(draft, message, to or (_SOMEBODY,), now)
    statement.draft(claims, fields, os.urandom)


def day_of(now: int) -> str:
    """Return the day, YYYY-MM-DD, of a time in unix seconds, UTC."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")


def _check_content(message: Message, legal_basis: int, today: str) -> None:
    """Step 4."""
    match message:
        case trace_pb2.TraceRequest():
            asking.check_request(message, legal_basis)
        case seizure_pb2.SeizureNotice():
            seizing.check_notice(message, legal_basis, today)
        case loss_pb2.LossNotice():
            losses.check_notice(message, today)
        case panel_pb2.PanelRequest():
            panels.check_request(message, legal_basis, today)
        case panel_pb2.DocumentedItem():
            panels.check_documented(message, legal_basis, today)


def _addressees(draft: desk_pb2.Draft, own_member: str | None) -> tuple[MemberId, ...]:
    """Step 1. A request that goes into a case may leave it to the case."""
    to = tuple(parse_member(member) for member in draft.to)
    if not to and not draft.thread:
        raise InvalidInputError("say to whom it goes", where="to", reason="to-whom")
    if own_member in to:
        raise InvalidInputError("mail to ourselves does not travel", where="to", reason="to-ourselves")
    return to


def _check_terms(draft: desk_pb2.Draft) -> None:
    """Step 2."""
    for said, where in ((draft.purpose, "purpose"), (draft.legal_basis, "legal_basis")):
        if not said and not draft.thread:
            words = "a new case says its purpose and legal basis"
            raise InvalidInputError(words, where=where, reason="not-said")


def _check_raised(fields: Sequence[Field], raised: desk_pb2.RaisedField) -> None:
    """Step 5."""
    to_class = Sensitivity(options_pb2.Sensitivity.Name(raised.to_class).removeprefix("SENSITIVITY_"))
    for one in fields:
        meant = one.path == raised.path or one.path.startswith(f"{raised.path}.")
        if meant and to_class is not one.sensitivity and to_class not in RAISES[one.sensitivity]:
            words = f"class {one.sensitivity} cannot be raised to {to_class}"
            raise InvalidMessageError(words, where=one.path, reason="not-raisable")


def _check_photographs(fields: Iterable[Field], parts: Iterable[bytes]) -> None:
    """Step 6."""
    sizes = {hashlib.sha256(part).digest(): len(part) for part in parts}
    described = (one.value for one in fields if isinstance(one.value, dict))
    named = {base64.b64decode(str(v["sha256"])) for v in described if {"sha256", "media_type"} <= v.keys()}
    if named - sizes.keys():
        words = "a photograph that a field names is not there"
        raise InvalidInputError(words, where="parts", reason="part-missing")
    if sizes.keys() - named:
        raise InvalidInputError(
            "a photograph is not named by any field", where="parts", reason="part-unnamed"
        )
    if sum(sizes.values()) > MAX_BODY:
        raise LimitError("the photographs are too large for one message", where="parts")


def _claims(draft: desk_pb2.Draft, message: Message, to: tuple[MemberId, ...], now: int) -> Claims:
    """Return claims like those that a node would sign; what only a node knows is made up."""
    return Claims(
        iss=_SOMEBODY,
        aud=to,
        iat=now,
        jti=new_uuid7(now * 1000, os.urandom(10)),
        kind=schema.kind_of(message),
        thread=ThreadId(new_uuid7(now * 1000, os.urandom(10))),
        in_reply_to=None,
        desk=_SOME_DESK,
        purpose=_name(terms_pb2.Purpose.Name, draft.purpose),
        legal_basis=_name(terms_pb2.LegalBasis.Name, draft.legal_basis),
        restrictions=tuple(map(restriction_of, draft.restrictions)),
        exercise=draft.exercise,
    )


def _name(name_of: Callable[..., str], code: int) -> str:
    """Return the name of a code; of none, which the case will say, the name of the first."""
    return name_of(code or 1)
