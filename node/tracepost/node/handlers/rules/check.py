"""To ask whether objects stand in another State's records, and to answer: hit, no hit, not searched."""

from __future__ import annotations

from collections.abc import Iterator

from tracepost.node.handlers.case.thread import Thread, clear_message
from tracepost.node.handlers.rules.rule import Saying, need_addressee, refuse
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.vocabulary import normalise_mark
from tracepost.wire.v1 import check_pb2

CHECK = "object.check/1"
REPLY = "object.check-reply/1"


def check_question(saying: Saying) -> None:
    """Each object has a mark that can be looked for."""
    need_addressee(saying)
    message: check_pb2.ObjectCheck = saying.message
    for index, item in enumerate(message.items):
        if not any(normalise_mark(mark.text_as_seen or mark.normalised) for mark in item.mark):
            raise refuse(
                f"items.{index}.mark", "no-mark", "an object is looked for by a mark that can be read"
            )


def check_reply(saying: Saying) -> None:
    """Every object that was asked about has one result, and a hit says whom to ask."""
    message: check_pb2.ObjectCheckReply = saying.message
    asked = {item for record in checks_of_others(saying.thread) for item in item_ids(record)}
    if not asked:
        raise refuse("thread", "nothing-asked", "in this case nobody asked us about objects")
    answered = [one.item_id for one in message.outcomes]
    if unknown := sorted(set(answered) - asked):
        raise refuse("outcomes", "unknown-item", f"nobody asked about an object {unknown[0]}")
    if missing := sorted(asked - set(answered)):
        raise refuse("outcomes", "item-left-out", f"object {missing[0]} has no result")
    hit = any(one.result == check_pb2.CHECK_RESULT_HIT for one in message.outcomes)
    if hit and not message.HasField("follow_up"):
        raise refuse("follow_up", "no-follow-up", "with a hit stands whom to ask for more")


def checks_of_others(thread: Thread) -> tuple[StatementRecord, ...]:
    """Return the checks that we were asked for in a case."""
    return tuple(r for r in thread.records if r.kind == CHECK and r.iss != thread.us)


def item_ids(record: StatementRecord) -> Iterator[str]:
    """Yield the ids of the objects of a check, which stand in clear."""
    message = clear_message(record)
    if isinstance(message, check_pb2.ObjectCheck):
        yield from (item.id for item in message.items)
