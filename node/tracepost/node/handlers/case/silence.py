"""Members that were asked and say nothing: what may be said of them depends on whether they have the request.

The row of a case names all that are silent. Whether mail was delivered shows later, by receipts, so it is looked
up whenever a case is shown: "no reply recorded" stands only beside a receipt of the addressee. Without one
nothing is known of its silence, and how far our mail came is told instead. Whom others asked is theirs to tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracepost.node.ports.store import Tx
from tracepost.node.records.cases import CaseRecord
from tracepost.node.records.mail import MailState, SentMail
from tracepost.protocol.ids import MemberId, ThreadId
from tracepost.protocol.lifecycle.letters import is_correspondent
from tracepost.wire.v1 import desk_pb2

# What is asked of somebody: a request, another's request, an item more.
_ASKING = frozenset({"trace.request/1", "trace.referral/1", "trace.amendment/1", "panel.request/1"})

_Ways = Mapping[tuple[str, str], Sequence[SentMail]]
"""The mail by which we asked, in the order it was queued, by case and member."""


def read_summaries(tx: Tx, cases: Sequence[CaseRecord], us: MemberId) -> list[desk_pb2.CaseSummary]:
    """Return these cases as they may be shown now, in their order."""
    summaries = [desk_pb2.CaseSummary.FromString(case.summary) for case in cases]
    silent = [one for one in summaries if one.no_reply_recorded]
    ways = _read_ways(tx, [ThreadId(one.thread) for one in silent], us)
    for summary in silent:
        _tell_apart(summary, ways)
    return summaries


def _read_ways(tx: Tx, threads: Sequence[ThreadId], us: MemberId) -> _Ways:
    records = tx.statements.in_threads(threads) if threads else []
    threads_of = {r.digest: r.thread for r in records if r.iss == us and r.kind in _ASKING}
    ways: dict[tuple[str, str], list[SentMail]] = {}
    for mail in tx.dispatches.of_statements(list(threads_of)) if threads_of else ():
        ways.setdefault((threads_of[mail.statement], mail.queue.to_member), []).append(mail)
    return ways


def _tell_apart(summary: desk_pb2.CaseSummary, ways: _Ways) -> None:
    silent = list(summary.no_reply_recorded)
    summary.ClearField("no_reply_recorded")
    for member in silent:
        mails = ways.get((summary.thread, member), ())
        if any(mail.state is MailState.DELIVERED for mail in mails):
            summary.no_reply_recorded.append(member)
        elif is_correspondent(member):  # no receipt tells that a letter came
            summary.delivery_not_proved.add(member=member)
        elif mails:
            summary.delivery_not_proved.add(member=member, state=f"MAIL_STATE_{mails[-1].state}")
