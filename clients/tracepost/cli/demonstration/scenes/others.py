"""The other states: XAD, which never answers, and XAC, which comes up and tells the point of diversion."""

from __future__ import annotations

from tracepost.cli.demonstration import messages
from tracepost.cli.demonstration.material import request_for_one
from tracepost.cli.demonstration.play import Play
from tracepost.cli.render.fields import codes_of
from tracepost.cli.render.lists import handling_line
from tracepost.cli.words import _, plural
from tracepost.sdk import Cover
from tracepost.sdk.cases import received_at
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2


async def ask_the_silent_one(play: Play) -> None:
    """XAA asks XAD about item 3, as XAB advised."""
    stage, xaa = play.stage, play.xaa
    stage.scene(_("Day 7"), _("XAA asks XAD about item 3, as XAB advised"))
    draft = request_for_one(play.draft, "3", "xad")
    draft.thread = play.case
    async with xaa.at() as officer:
        sent = await officer.submit(draft)
    stage.tell("xaa/poc", _("sends item 3 to XAD, in the same case"))
    await play.in_custody(xaa, sent.statement, _("the relay keeps the mail for XAD"))


async def hear_the_third_state(play: Play) -> None:
    """XAC's node comes up, collects what waited, and its office answers."""
    stage, xab, xac = play.stage, play.xab, play.xac
    stage.scene(_("Day 9"), _("XAC comes up, collects its mail and answers"))
    await play.network.start("xac")
    process = xac.site.process
    stage.tell("xac", _("starts as process {pid} and dials the relay").format(pid=process.pid))
    summary = await stage.until(lambda: xac.summary(play.case), _("XAC has collected the referral"))
    view = await xac.view(play.case)
    (statement,) = view.statements
    await play.delivered(xab, "xac", statement.statement, _("XAB holds XAC's receipt"))
    _look_at_the_exhibit(play, statement)
    stage.show(handling_line(codes_of(summary, "handling")))
    stage.insist(
        list(summary.handling) == [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER],
        _("XAA's instruction stands on XAC's case too"),
    )
    async with xac.at() as officer:
        came = received_at(await officer.show_timeline(play.case), statement.statement)
    said = messages.acknowledgement(
        came or "", messages.FILE_NUMBER_XAC, xac.office, len(summary.items), "tracing@xac.example"
    )
    stage.tell("xac/poc", _("acknowledges one item to XAB, and answers to XAA, with a copy for XAB"))
    await play.send(xac, xab, said, _("XAB has the acknowledgement"))
    sent = await play.say(xac, messages.diversion(), Cover(to=("xaa", "xab")))
    await play.delivered(xac, "xaa", sent.statement, _("XAA has the answer"))
    await play.delivered(xac, "xab", sent.statement, _("XAB has its copy"))
    for party in (play.xaa, xab):
        async with party.at() as officer:
            held = await officer.list_held()
        words = _("{member} expected a third state's answer: XAA consented; nothing is held for an officer")
        stage.insist(not held, words.format(member=party.member))
    await _look_at_the_diversion(play, sent.statement)


async def remind(play: Play) -> None:
    """XAD says nothing: a reminder, and a note that nobody knows whether it was asked at all."""
    stage, xaa = play.stage, play.xaa
    stage.scene(_("Day 21"), _("XAD never answers"))
    stage.tell("xaa/poc", _("sends reminder 1 to XAD"))
    sent = await play.say(xaa, messages.reminder(1), Cover(to=("xad",)))
    await play.in_custody(xaa, sent.statement, _("the relay keeps the reminder too"))
    never = await xaa.event(play.case, "delivered", sent.statement)
    stage.insist(never is None, _("no receipt from XAD: nobody claims that it was delivered"))
    summary = await xaa.summary(play.case)
    stage.insist(
        summary
        and not summary.no_reply_recorded
        and [(one.member, one.state) for one in summary.delivery_not_proved]
        == [("xad", desk_pb2.MAIL_STATE_WITH_RELAY)],
        _("XAA's case says: delivery to xad is not proved, the request is with the relay"),
    )


def _look_at_the_exhibit(play: Play, statement: desk_pb2.StatementView) -> None:
    """XAC reads XAA's own signed words, with one item in them."""
    referral = statement.content.referral
    request = next(one for one in referral.exhibits if one.statement_digest == play.request)
    stage = play.stage
    stage.insist(
        list(referral.item_ids) == ["1"] and referral.requester == "xaa",
        _("XAC sees XAA's request as XAA signed it, with item 1 alone"),
    )
    dropped = [path for path in request.dropped if path.startswith("items.")]
    stage.insist(
        dropped and not any(path.startswith("items.0.") for path in dropped),
        plural(
            "{n} field was left out by XAB; the signature is whole, and the gap is named",
            "{n} fields were left out by XAB; the signature is whole, and the gap is named",
            len(request.dropped),
        ),
    )


async def _look_at_the_diversion(play: Play, statement: str) -> None:
    stage, xaa = play.stage, play.xaa
    seen = {}
    for desk in ("poc", "police"):
        view = await xaa.view(play.case, desk)
        seen[desk] = next(
            one for one in view.statements if one.statement == statement
        ).content.response.answers[0]
    point = seen["poc"].point_of_diversion
    stage.insist(
        seen["poc"].reach == trace_pb2.REACH_POINT_OF_DIVERSION
        and point.cause == trace_pb2.DIVERSION_CAUSE_THEFT,
        _("point of diversion: {body}, {region}, {on}").format(
            body=point.last_lawful_holder_body, region=point.region, on=point.on
        ),
    )
    stage.insist(
        not seen["poc"].point_of_diversion_exact_place
        and seen["police"].point_of_diversion_exact_place == messages.DEPOT,
        _("the exact place is shown to XAA's police desk, and not to its point of contact"),
    )
