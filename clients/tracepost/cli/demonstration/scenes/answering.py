"""XAB answers: a referral with consent, five outcomes at once, the sixth after a better photograph."""

from __future__ import annotations

import hashlib

from tracepost.cli.demonstration import messages
from tracepost.cli.demonstration.material import SERIAL_READ_AT_LAST, better_picture, item_of
from tracepost.cli.demonstration.play import Play
from tracepost.cli.render.case import outcome_table
from tracepost.cli.render.fields import code_of
from tracepost.cli.words import _
from tracepost.sdk import Cover
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2


async def refer_with_consent(play: Play) -> None:
    """XAB may tell whom to ask; it hands the request on only because XAA consents."""
    stage, xaa, xab = play.stage, play.xaa, play.xab
    stage.scene(_("Day 3"), _("item 1 was exported to XAC: a redirect, and a referral with XAA's consent"))
    stage.tell("xab/poc", _("tells XAA whom to ask; no data moves and no consent is needed"))
    await play.send(xab, xaa, messages.redirection(), _("XAA has the redirect"))
    stage.tell("xab/poc", _("asks whether XAC may see XAA's request on item 1"))
    await play.send(xab, xaa, messages.consent_asked(play.request), _("XAA has the question"))
    stage.tell("xaa/poc", _("grants it, for item 1 and XAC alone"))
    await play.send(xaa, xab, messages.consent_granted(play.request), _("XAB has the consent"))
    stage.tell("xab/poc", _("refers the request to XAC, enclosing XAA's signed request with less in it"))
    said = messages.referral(play.case, play.request)
    sent = await play.say(xab, said, Cover(to=("xac",)))
    stage.insist(not play.network.process("xac").is_running, _("XAC's node is off"))
    await play.in_custody(xab, sent.statement, _("the relay keeps the mail and has signed for it"))
    state = await xab.state_of(play.case, sent.statement, "xac")
    stage.insist(
        state == desk_pb2.MAIL_STATE_WITH_RELAY, _("at XAB it counts as with the relay, not as delivered")
    )


async def answer_item_by_item(play: Play) -> None:
    """Five answers in one statement, and a question about the fourth item."""
    stage, xaa, xab = play.stage, play.xaa, play.xab
    stage.scene(_("Day 5"), _("XAB answers item by item"))
    stage.tell("xab/poc", _("answers items 1, 2, 3, 5 and 6"))
    sent = await play.send(xab, xaa, messages.answers(), _("XAA has the answers"))
    view = await xaa.view(play.case)
    stage.show(outcome_table(view.summary))
    told = next(one for one in view.statements if one.statement == sent.statement).content.response
    fifth = next(one for one in told.answers if one.item_id == "5")
    stage.insist(
        fifth.stopped_because == trace_pb2.STOPPED_BECAUSE_OTHER
        and fifth.recorded_fate.fate == trace_pb2.FATE_DESTROYED,
        _("item 5: lists say “other”; who may read it sees that XAB recorded it as destroyed (a clone?)"),
    )
    sixth = next(one for one in told.answers if one.item_id == "6")
    stage.insist(
        sixth.withholding_ground == terms_pb2.WITHHOLDING_GROUND_ONGOING_INVESTIGATION and told.withheld,
        _("item 6: withheld, with its ground: {ground}").format(ground=code_of(sixth, "withholding_ground")),
    )
    stage.tell("xab/poc", _("finds two records that fit item 4 and asks for a better photograph"))
    await play.send(xab, xaa, messages.better_photograph_asked(), _("XAA has the question"))
    summary = await xaa.summary(play.case)
    stage.insist(
        summary and summary.state == desk_pb2.CASE_STATE_WAITING_FOR_US, _("XAA's case waits for XAA now")
    )


async def settle_by_a_better_photograph(play: Play) -> None:
    """The photograph decides between two records."""
    stage, xaa, xab = play.stage, play.xaa, play.xab
    stage.scene(_("Day 6"), _("a better photograph settles item 4"))
    picture = better_picture()
    supply = messages.better_photograph(picture, item_of(play.draft.content.trace_request, "4"))
    stage.tell("xaa/poc", _("cleans the frame, lights it from the side and sends the new photograph"))
    sent = await play.say(xaa, supply, Cover(to=("xab",), parts=(picture.content,)))
    await play.delivered(xaa, "xab", sent.statement, _("XAB has it"))
    async with xab.at() as officer:
        part = await officer.fetch_part(play.case, picture.sha256)
    stage.insist(
        hashlib.sha256(part.content).digest() == picture.sha256, _("XAB opens the very picture that was sent")
    )
    reads = _("reads {serial}; one record is left: answers item 4").format(serial=SERIAL_READ_AT_LAST)
    stage.tell("xab/poc", reads)
    await play.send(xab, xaa, messages.settled(), _("XAA has the answer"))
    fourth = await _answer_to(play, "4")
    stage.insist(
        fourth and fourth.identification == trace_pb2.IDENTIFICATION_CONFIRMED, _("item 4 is identified")
    )


async def _answer_to(play: Play, item_id: str) -> desk_pb2.ItemAnswer | None:
    summary = await play.xaa.summary(play.case)
    items = summary.items if summary else []
    return next((item.answers[-1] for item in items if item.item_id == item_id and item.answers), None)
