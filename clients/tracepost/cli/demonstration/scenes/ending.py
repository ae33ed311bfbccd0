"""XAA closes the case: an outcome for each item, to each state only what concerns it."""

from __future__ import annotations

from rich.table import Table

from tracepost.cli.demonstration import messages
from tracepost.cli.demonstration.play import Play
from tracepost.cli.render.fields import code_of
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _
from tracepost.sdk import Cover
from tracepost.sdk.cases import outcomes_of
from tracepost.wire.v1 import desk_pb2, trace_pb2


async def close(play: Play) -> None:
    """Close, and look whether the others know."""
    stage, xaa = play.stage, play.xaa
    stage.scene(_("Day 30"), _("XAA closes with an outcome per item"))
    summary = await xaa.summary(play.case)
    outcomes = list(outcomes_of(summary)) if summary else []
    stage.show(_outcomes(outcomes))
    stage.insist(len(outcomes) == 6, _("six items, six outcomes"))
    first = [one for one in outcomes if one.item_id == "1"]
    stage.insist(
        first[0].reach == trace_pb2.REACH_POINT_OF_DIVERSION and first[0].answered_by == "xac",
        _("item 1 counts as traced: it reached the point of diversion, by XAC's word"),
    )
    for member, concerned in (("xab", outcomes), ("xac", first)):
        sent = await play.say(xaa, messages.closure(concerned), Cover(to=(member,)))
        await play.delivered(xaa, member, sent.statement, _("{member} has the closure").format(member=member))
    for party in (xaa, play.xab, play.xac):
        closed = await party.summary(play.case)
        stage.insist(
            closed and closed.state == desk_pb2.CASE_STATE_CLOSED,
            _("the case is closed at {member}").format(member=party.member),
        )


def _outcomes(outcomes: list[trace_pb2.ItemOutcome]) -> Table:
    table = table_of(_("item"), _("identification"), _("reach"), _("stopped because"), _("answered by"))
    for one in outcomes:
        table.add_row(
            one.item_id,
            code_of(one, "identification"),
            code_of(one, "reach"),
            code_of(one, "stopped_because"),
            one.answered_by,
        )
    return table
