"""What panels ask, are told and document (seed 000 §28(b), §28(h), §40(l))."""

from __future__ import annotations

from collections.abc import Iterator

from tracepost.node.handlers.case.thread import clear_message
from tracepost.node.handlers.rules.rule import Saying, need_addressee, need_known_items, refuse
from tracepost.protocol import panels
from tracepost.protocol.ids import parse_digest
from tracepost.wire.v1 import panel_pb2

REQUEST = "panel.request/1"

_DOCUMENTING = frozenset({"PANEL", "PEACE_OPERATION"})


def check_request(saying: Saying) -> None:
    """A panel asks one member in a case: an implicated State never sees what is asked of others."""
    _need_competence(saying, frozenset({"PANEL"}))
    if len(saying.to) != 1 or not set(saying.thread.others()) <= set(saying.to):
        raise refuse(
            "to",
            "one-addressee",
            "what a panel asks goes to one member, in a case with that member alone",
            "Send it to each member in a case of its own: tracepost panel ask does.",
        )
    message: panel_pb2.PanelRequest = saying.message
    panels.check_request(message, saying.legal_basis, saying.today)
    for index, one in enumerate(message.excerpts):
        where = f"excerpts.{index}.statement_digest"
        record = saying.thread.find(parse_digest(one.statement_digest, where))
        if record is None or record.iss not in saying.to:
            raise refuse(where, "not-theirs", "a text tells what its addressee wrote in this case")


def check_reply(saying: Saying) -> None:
    """A reply answers what a panel asked of us, and decides on texts that it put before us."""
    message: panel_pb2.PanelReply = saying.message
    asked = list(_requests_of_panels(saying))
    if not asked:
        raise refuse("thread", "nothing-asked", "in this case no panel asked us anything")
    panels.check_reply(message)
    need_known_items(saying, (answer.item_id for answer in message.answers), "answers")
    texts = {one.text_id for request in asked for one in request.excerpts}
    for index, decided in enumerate(message.publication):
        if decided.text_id not in texts:
            raise refuse(
                f"publication.{index}.text_id", "unknown-text", "no such text was put before us in this case"
            )


def check_documented(saying: Saying) -> None:
    """A panel or peace operation tells what it saw, and how far that is verified; it asks nothing."""
    _need_competence(saying, _DOCUMENTING)
    need_addressee(saying)
    panels.check_documented(saying.message, saying.legal_basis, saying.today)


def _need_competence(saying: Saying, competences: frozenset[str]) -> None:
    if not saying.competences & competences:
        raise refuse("desk", "not-a-panel", "only the desk of a panel or peace operation may say this")


def _requests_of_panels(saying: Saying) -> Iterator[panel_pb2.PanelRequest]:
    for record in saying.thread.records:
        message = clear_message(record) if record.kind == REQUEST and record.iss != saying.thread.us else None
        if isinstance(message, panel_pb2.PanelRequest):
            yield message
