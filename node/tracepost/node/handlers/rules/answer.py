"""To answer, delay or refuse (ITI 18, 20, 22-23), item by item."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, need_known_items, need_their_request, refuse
from tracepost.wire.v1 import trace_pb2


def check_response(saying: Saying) -> None:
    """Each answer is about an item of the case and holds what its outcome needs."""
    need_their_request(saying)
    message: trace_pb2.Response = saying.message
    need_known_items(saying, (a.item_id for a in message.answers), "answers")
    for index, answer in enumerate(message.answers):
        check_answer(answer, f"answers.{index}")


def check_answer(answer: trace_pb2.Answer, where: str) -> None:
    """An outcome says what the asker needs next: whom to ask, on which ground, since when."""
    stopped = answer.stopped_because
    if stopped == trace_pb2.STOPPED_BECAUSE_EXPORTED and not (answer.ask_member or answer.ask_country):
        raise refuse(f"{where}.ask_member", "ask-whom", "an item that was exported names whom to ask next")
    if stopped == trace_pb2.STOPPED_BECAUSE_WITHHELD and not answer.HasField("withholding_ground"):
        raise refuse(
            f"{where}.withholding_ground", "no-ground", "what is withheld names its ground (ITI 22, 23)"
        )
    if stopped == trace_pb2.STOPPED_BECAUSE_RECORDS_LAPSED and not answer.HasField("records_since"):
        raise refuse(
            f"{where}.records_since", "since-when", "lapsed records name the year since which they exist"
        )
    if stopped == trace_pb2.STOPPED_BECAUSE_DUPLICATE and not answer.HasField("duplicate_of"):
        raise refuse(f"{where}.duplicate_of", "of-what", "a duplicate names the other case")


def check_refusal(saying: Saying) -> None:
    """A refusal names its ground and its reasons, or that they cannot be told (ITI 23)."""
    need_their_request(saying)
    message: trace_pb2.Refusal = saying.message
    need_known_items(saying, message.item_ids, "item_ids")
    if not message.reason_text and not message.reasons_cannot_be_told:
        raise refuse("reason_text", "no-reason", "a refusal tells its reasons, or that they cannot be told")


def check_delay(saying: Saying) -> None:
    """A delay names a new date, or the day when it is looked at again."""
    need_their_request(saying)
    message: trace_pb2.Delay = saying.message
    need_known_items(saying, message.item_ids, "item_ids")
    if not message.new_date and not message.review_on:
        raise refuse("new_date", "no-date", "a delay names a new date or a day of review")
