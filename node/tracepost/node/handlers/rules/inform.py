"""To tell what is known without a case: flows of arms, and references of laboratories (s000 §16, §27)."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, need_addressee, refuse
from tracepost.wire.v1 import ballistic_pb2, flow_pb2


def check_flow(saying: Saying) -> None:
    """Information on a flow says when, how good it is, and something of what is known."""
    need_addressee(saying)
    message: flow_pb2.FlowInformation = saying.message
    if message.period_to and _is_before(message.period_to, message.period_from):
        raise refuse("period_to", "dates-crossed", "the period ends after it begins")
    if message.period_from > saying.today:
        raise refuse("period_from", "in-the-future", "information is about the past")
    if message.quantity_to and message.quantity_to < message.quantity_from:
        raise refuse("quantity_to", "fewer-than-least", "the most is not fewer than the least")
    if not (message.method or message.concealment or message.area.countries):
        raise refuse("method", "nothing-told", "say where it happens or how it is done")
    if message.reply_by and not _asks(message):
        raise refuse("actions_asked", "asks-nothing", "a day for a word goes with something that is asked")
    if message.actors and message.source_grade == flow_pb2.SOURCE_GRADE_X:
        _need_reliability(message)


def _asks(message: flow_pb2.FlowInformation) -> bool:
    return bool(set(message.actions_asked) - {flow_pb2.FLOW_ACTION_FOR_INFORMATION})


def _need_reliability(message: flow_pb2.FlowInformation) -> None:
    """Persons are not named on the word of a source that nobody can assess, without a reason."""
    if not message.reliability:
        raise refuse(
            "reliability",
            "persons-unreasoned",
            "who names persons by an unknown source says why he believes it",
        )


def _is_before(one: str, other: str) -> bool:
    common = min(len(one), len(other))
    return one[:common] < other[:common]


def check_ballistics(saying: Saying) -> None:
    """A reference names its exhibits; a hit is the word of an examiner, never of a machine."""
    need_addressee(saying)
    message: ballistic_pb2.BallisticReference = saying.message
    hit = message.about == ballistic_pb2.BALLISTIC_PURPOSE_HIT
    if hit != message.HasField("hit"):
        raise refuse("hit", "hit-and-purpose", "a hit is told if, and only if, a laboratory confirmed one")
    if message.hit.confirmed_on > saying.today:
        raise refuse("hit.confirmed_on", "in-the-future", "a hit was confirmed in the past")
    for index, one in enumerate(message.references):
        other = one.system == ballistic_pb2.BALLISTIC_SYSTEM_OTHER
        if other != bool(one.system_other):
            raise refuse(
                f"references.{index}.system_other",
                "which-system",
                "another system is named, and only another",
            )
    if message.reply_by and message.about != ballistic_pb2.BALLISTIC_PURPOSE_COMPARISON_ASKED:
        raise refuse("reply_by", "asks-nothing", "a day for a word goes with a comparison that is asked for")
