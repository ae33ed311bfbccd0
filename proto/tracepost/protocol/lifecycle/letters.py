"""Letters in a case: what an office that is no member says on paper, or is told, counts like mail.

The statement is ours alone, for it was keyed in or printed here; what it says is said by the correspondent,
or to it. The fold takes it so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from google.protobuf.message import Message

from tracepost.protocol.ids import MemberId
from tracepost.protocol.lifecycle.case import CaseEvent
from tracepost.protocol.schema import kind_of
from tracepost.wire.v1 import inquiry_pb2

LETTER = "trace.letter/1"
CORRESPONDENT = "letter:"

_SAID = (
    "request",
    "acknowledgement",
    "information_request",
    "information_supply",
    "status",
    "delay",
    "response",
    "refusal",
    "withdrawal",
)


def said_in(letter: inquiry_pb2.Letter) -> Iterator[tuple[str, Message]]:
    """Yield the messages that a letter holds, each with the name of its field; a whole one has exactly one."""
    for name in _SAID:
        if letter.HasField(name):
            message: Message = getattr(letter, name)
            yield name, message


def is_correspondent(member: str) -> bool:
    """Say whether the name of a party of a case is that of an office that is no member."""
    return member.startswith(CORRESPONDENT)


def as_said(event: CaseEvent) -> CaseEvent:
    """Return a letter as what it says, by or to its correspondent; any other event as it is."""
    letter = event.message
    if event.kind != LETTER or not isinstance(letter, inquiry_pb2.Letter):
        return event
    said = [message for _, message in said_in(letter)]
    if len(said) != 1 or not is_correspondent(letter.correspondent.id):
        return event
    other = MemberId(letter.correspondent.id)
    incoming = letter.direction == inquiry_pb2.LETTER_DIRECTION_INCOMING
    iss, aud = (other, event.iss) if incoming else (event.iss, other)
    return replace(event, iss=iss, aud=(aud,), kind=kind_of(said[0]), message=said[0])


def letter_references(events: Iterable[CaseEvent]) -> tuple[str, ...]:
    """Return the numbers that letters name as those under which the matter stands elsewhere, each once."""
    letters = (event.message for event in events if isinstance(event.message, inquiry_pb2.Letter))
    return tuple(dict.fromkeys(one.number for letter in letters for one in letter.references if one.number))
