"""To tell figures of a period (PoA and ITI reports, SDG 16.4.2): whole periods, small cells suppressed."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import Saying, need_addressee, refuse
from tracepost.protocol.figures import find_fault
from tracepost.protocol.ids import parse_digest
from tracepost.wire.v1 import statistics_pb2

_KIND = "statistics/1"


def check_statistics(saying: Saying) -> None:
    """Figures are of a period that is over, fit together, and give no small number away."""
    need_addressee(saying)
    message: statistics_pb2.Statistics = saying.message
    if message.period_to < message.period_from:
        raise refuse("period_to", "dates-crossed", "the period ends after it begins")
    if message.period_to >= saying.today:
        raise refuse("period_to", "not-over", "figures are of a period that is over")
    if not (message.found or message.HasField("traced") or message.HasField("exchanged")):
        raise refuse("found", "nothing-counted", "figures say what was found, traced or exchanged")
    fault = find_fault(message)
    if fault is not None:
        raise refuse(fault.where, fault.reason, fault.words)
    if message.replaces_digest:
        before = saying.thread.find(parse_digest(message.replaces_digest, "replaces_digest"))
        if before is None or (before.iss, before.kind) != (saying.thread.us, _KIND):
            raise refuse("replaces_digest", "not-ours", "only figures of ours in this case are replaced")
