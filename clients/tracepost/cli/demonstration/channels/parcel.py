"""Customs seize a parcel; customs elsewhere are told, without names; another State recognises what was in it."""

from __future__ import annotations

from tracepost.cli.demonstration.channels import messages
from tracepost.cli.demonstration.channels.play import ChannelPlay
from tracepost.cli.render.fields import code_of
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidMessageError
from tracepost.sdk import Cover
from tracepost.wire.v1 import register_pb2, terms_pb2

_COVER = Cover(
    to=("xaa", "xac"),
    purpose=terms_pb2.PURPOSE_BORDER_CONTROL,
    legal_basis=terms_pb2.LEGAL_BASIS_PROGRAMME_OF_ACTION,
)


async def open_offices(play: ChannelPlay) -> None:
    """Start every node; XAC and the relay too."""
    stage, network = play.stage, play.network
    await network.start()
    async with play.party("xac").at("poc", 2) as second:  # from now on the node knows that there is one
        await second.get_status()
    for member in network.members:
        plan = network.node(member).plan
        desks = ", ".join(
            f"{desk.desk} ({', '.join(desk.competences).lower().replace('_', ' ')})"
            if desk.competences
            else desk.desk
            for desk in plan.desks
        )
        stage.tell(member, f"{plan.name}: {desks}")


async def seize(play: ChannelPlay) -> None:
    """XAB's customs tell XAA and XAC, without any name."""
    stage = play.stage
    stage.scene(_("Day 1"), _("customs of XAB find a pistol in a postal parcel"))
    refusal = await _refusal_of_a_name(play)
    stage.insist(
        refusal == "no-mutual-assistance",
        _("with a person in it the notice is refused: it rests on no instrument of mutual assistance"),
    )
    sent = await play.say("xab/customs", messages.seizure(), _COVER, "")
    play.notice, play.said["notice"] = sent.thread, sent.statement
    stage.tell(
        "xab/customs", _("tells XAA and XAC in the short form: file {number}").format(number=messages.SEIZURE)
    )
    for who in ("xaa/customs", "xac/customs"):
        seen = await play.wait_for(who, play.notice, sent.statement, _("{who} has it").format(who=who))
        notice = seen.content.seizure_notice
        stage.insist(
            notice.items[0].object.mark[0].text_as_seen == messages.SERIAL
            and list(notice.parcel_numbers) == [messages.PARCEL]
            and not notice.companies,
            _("{who} sees what was found and how it was carried; the consignor is not for customs").format(
                who=who
            ),
        )
    seen = await play.wait_for("xac/police", play.notice, sent.statement, _("xac/police has it"))
    stage.insist(
        seen.content.seizure_notice.companies[0].name == messages.CONSIGNOR,
        _("xac/police sees the consignor too"),
    )


async def recognise(play: ChannelPlay) -> None:
    """XAC finds the pistol in its own records and tells the other two."""
    stage = play.stage
    stage.scene(_("Day 2"), _("XAC recognises a weapon that it lost"))
    async with play.party("xac").at("police") as officer:
        async for _answer in officer.import_register("lost-and-stolen", [messages.stolen()]):
            pass
        found = await officer.match_register(play.notice)
    stage.tell("xac/police", _("looks the item up in the State's own list, which lies sealed in the node"))
    best = found.matches[0] if found.matches else register_pb2.RegisterMatch()
    stage.insist(
        best.record.status == register_pb2.REGISTER_STATUS_STOLEN,
        _("it is there: {status} since {since}").format(
            status=code_of(best.record, "status"), since=best.record.since
        ),
    )
    sent = await play.say(
        "xac/police", messages.hit(play.said["notice"]), Cover(to=("xaa", "xab")), play.notice
    )
    play.said["hit"] = sent.statement
    for who in ("xab/customs", "xaa/police"):
        seen = await play.wait_for(who, play.notice, sent.statement, _("{who} has the hit").format(who=who))
        stage.insist(
            list(seen.content.hit.handling_instructions)
            == [terms_pb2.HANDLING_INSTRUCTION_EVIDENCE_DO_NOT_ALTER],
            _("{who} is told how to handle it: evidence, do not alter").format(who=who),
        )


async def _refusal_of_a_name(play: ChannelPlay) -> str:
    try:
        await play.say("xab/customs", messages.seizure(named=True), _COVER, "")
    except InvalidMessageError as fault:
        return fault.reason
    return ""
