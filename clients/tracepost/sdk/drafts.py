"""A message and its cover: what an officer wants said, before the node signs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.statement import AUDIENCE_LIMIT
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, onward_pb2, terms_pb2

_CONTENT_FIELD = {
    field.message_type.full_name: field.name
    for field in desk_pb2.Content.DESCRIPTOR.fields
    if field.message_type is not None
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What goes with a message: to whom, for what use, under which restrictions.

    Args:
        to: members addressed; empty in a case with one other party.
        in_reply_to: statement digest (base64url) answered; None: the newest of the addressee.
        desk: desk that writes; None: the officer's only desk.
        purpose: `Purpose`, intended use of what is sought (ITI 17(c)).
        legal_basis: `LegalBasis`, instrument under which is asked or answered.
        restrictions: use restrictions laid on what is sent (ITI 15).
        exercise: training mail.
        lane: `Lane`, routine or urgent.
        deliver_by: Unix seconds after which the mail expires; None: 90 days.
        raised: fields told under a stricter class than declared.
        named_desks: desks, `member/desk`, that alone may read what is NATIONAL_SECURITY.
        readers: fields, by path, that some desks alone are to read.
        parts: photographs named by digest in the message.
        composed: what the node takes from findings of custodians into an answer.
        idempotency_key: the same key never sends twice; None: a fresh one.
        preview: only say who would see what.
        shared: of a share, which statements go on, and which of their fields.
    """

    to: tuple[str, ...] = ()
    in_reply_to: str | None = None
    desk: str | None = None
    purpose: int | None = None
    legal_basis: int | None = None
    restrictions: tuple[terms_pb2.Restriction, ...] = ()
    exercise: bool | None = None
    lane: int | None = None
    deliver_by: int | None = None
    raised: tuple[desk_pb2.RaisedField, ...] = ()
    named_desks: tuple[str, ...] = ()
    readers: tuple[terms_pb2.FieldReaders, ...] = ()
    parts: tuple[bytes, ...] = ()
    composed: tuple[inquiry_pb2.Composed, ...] = ()
    idempotency_key: str | None = None
    preview: bool | None = None
    shared: tuple[onward_pb2.ShareChoice, ...] = ()


def build_draft(message: Message, cover: Cover, case: str | None = None) -> desk_pb2.Draft:
    """Return the draft that says `message` under `cover`, in `case` or as a new request.

    Raises:
        InvalidInputError: `message` is no kind that an officer can send.
    """
    values: dict[str, Any] = {name: getattr(cover, name) for name in Cover.__slots__}
    values["idempotency_key"] = cover.idempotency_key or str(uuid4())
    return desk_pb2.Draft(thread=case, content=wrap_content(message), **values)


def split_addressees(draft: desk_pb2.Draft) -> list[desk_pb2.Draft]:
    """Return drafts that say the same to no more members each than one statement is for, in their order.

    Each is a case of its own, whose members do not see the others; a retry of all of them is harmless.

    Raises:
        InvalidInputError: there are too many, and it is said in a case, where one statement is for all.
    """
    to = list(draft.to)
    if len(to) <= AUDIENCE_LIMIT:
        return [draft]
    if draft.thread:
        raise InvalidInputError(
            f"A statement is for at most {AUDIENCE_LIMIT} members.",
            where="to",
            reason="too-many-addressees",
            remedy="Name fewer members with --to, and say it again to the others.",
        )
    return [_for_some(draft, to[at : at + AUDIENCE_LIMIT], at) for at in range(0, len(to), AUDIENCE_LIMIT)]


def _for_some(draft: desk_pb2.Draft, to: list[str], at: int) -> desk_pb2.Draft:
    copy = desk_pb2.Draft()
    copy.CopyFrom(draft)
    copy.to[:] = to
    copy.idempotency_key = f"{draft.idempotency_key[:70]} {at}"
    return copy


def wrap_content(message: Message) -> desk_pb2.Content:
    """Return `message` as the one kind that a `Content` holds; raise `InvalidInputError`."""
    name = _CONTENT_FIELD.get(message.DESCRIPTOR.full_name)
    if name is None:
        raise InvalidInputError("This message is not a kind of statement.", where=message.DESCRIPTOR.name)
    content: dict[str, Any] = {name: message}
    return desk_pb2.Content(**content)


def message_of(content: desk_pb2.Content) -> Message | None:
    """Return the one kind that `content` holds, or None when it is empty."""
    name = content.WhichOneof("kind")
    return getattr(content, name) if name else None
