"""To write to an office that is no member, and to key in what it wrote."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import Message

from tracepost.node.handlers.rules.answer import check_answer
from tracepost.node.handlers.rules.rule import Saying, need_known_items, refuse
from tracepost.protocol import asking
from tracepost.protocol.lifecycle.letters import said_in
from tracepost.wire.v1 import inquiry_pb2, trace_pb2


def check_letter(saying: Saying) -> None:
    """A letter says one thing; what came on paper says from which paper it was keyed in."""
    letter: inquiry_pb2.Letter = saying.message
    said = list(said_in(letter))
    if len(said) != 1:
        raise refuse("request", "one-thing", "a letter says one message of a case, neither none nor two")
    incoming = letter.direction == inquiry_pb2.LETTER_DIRECTION_INCOMING
    if incoming != letter.HasField("transcribed"):
        raise refuse("transcribed", "paper", "what came on paper is keyed in as transcribed, and only that")
    name, message = said[0]
    if isinstance(message, trace_pb2.TraceRequest):
        if not incoming:  # what others ask on paper is keyed in as it is
            asking.check_request(message, saying.legal_basis)
    elif not saying.thread.records:
        raise refuse(name, "no-case", "a case begins with a request")
    elif isinstance(message, trace_pb2.Response):
        for index, answer in enumerate(message.answers):
            check_answer(answer, f"{name}.answers.{index}")
    need_known_items(saying, _items_told(message), name)


def _items_told(message: Message) -> Iterable[str]:
    if isinstance(message, trace_pb2.Response):
        return [answer.item_id for answer in message.answers]
    if isinstance(message, trace_pb2.Refusal | trace_pb2.Delay | trace_pb2.Withdrawal):
        return list(message.item_ids)
    return []
