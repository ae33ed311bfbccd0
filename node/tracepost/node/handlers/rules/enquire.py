"""To ask those who keep the records, inside the state, and to say what was found."""

from __future__ import annotations

from tracepost.node.handlers.case.thread import Thread, clear_message
from tracepost.node.handlers.rules.answer import check_answer
from tracepost.node.handlers.rules.rule import Saying, need_known_items, refuse
from tracepost.protocol.ids import encode_b64
from tracepost.wire.v1 import inquiry_pb2


def check_enquiry(saying: Saying) -> None:
    """An enquiry asks one custodian about items of the case; what follows it names it."""
    message: inquiry_pb2.Enquiry = saying.message
    if message.HasField("to_desk") == message.HasField("custodian"):
        raise refuse("to_desk", "whom", "an enquiry asks one desk, or one custodian on paper")
    if message.to_desk == saying.desk:
        raise refuse("to_desk", "asks-itself", "a desk does not ask itself")
    if message.step != inquiry_pb2.ENQUIRY_STEP_ASKED:
        find_enquiry(saying.thread, message.enquiry_digest)
        return
    if message.HasField("enquiry_digest"):
        raise refuse("enquiry_digest", "first", "a new enquiry follows none")
    if not message.item_ids:
        raise refuse("item_ids", "no-items", "an enquiry names the items that it is about")
    need_known_items(saying, message.item_ids, "item_ids")
    if message.due_on and message.due_on < saying.today:
        raise refuse("due_on", "past", "the day on which it is due has passed")


def check_finding(saying: Saying) -> None:
    """A finding answers an enquiry of the case: by the desk that was asked, or from paper, keyed in."""
    message: inquiry_pb2.Finding = saying.message
    enquiry = find_enquiry(saying.thread, message.enquiry_digest)
    for index, answer in enumerate(message.answers):
        if answer.item_id not in enquiry.item_ids:
            raise refuse(f"answers.{index}.item_id", "not-asked", "the enquiry does not ask about that item")
        check_answer(answer, f"answers.{index}")
    need_known_items(saying, (a.item_id for a in message.answers), "answers")
    if enquiry.to_desk and enquiry.to_desk != saying.desk:
        raise refuse("enquiry_digest", "other-desk", "another desk was asked")
    if bool(enquiry.custodian.id) != message.HasField("transcribed"):
        raise refuse(
            "transcribed",
            "paper",
            "what a custodian wrote on paper is keyed in as transcribed, and only that",
        )


def find_enquiry(thread: Thread, digest: str) -> inquiry_pb2.Enquiry:
    """Return the enquiry with this digest, its clear fields alone; refuse what names none of the case."""
    for record in thread.records:
        message = clear_message(record) if encode_b64(record.digest) == digest else None
        if (
            isinstance(message, inquiry_pb2.Enquiry)
            and message.step == inquiry_pb2.ENQUIRY_STEP_ASKED
            and record.iss == thread.us
        ):
            return message
    raise refuse("enquiry_digest", "unknown-enquiry", "there is no such enquiry in this case")
