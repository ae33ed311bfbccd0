"""XAA's police ask XAC, whose point of contact is no police: it asks its own army and a dealer, and answers."""

from __future__ import annotations

import hashlib

from google.protobuf.message import Message

from tracepost.cli.demonstration.channels import messages
from tracepost.cli.demonstration.channels.play import ChannelPlay
from tracepost.cli.render.paper import letter_text, slip_text
from tracepost.cli.words import _
from tracepost.protocol.approval import Decision
from tracepost.sdk import Cover
from tracepost.sdk.office import make_word
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2

SLIP = "slip.txt"
LETTER = "letter.txt"
_SCAN = b"The sheet of paper that came back from the importer."
_ANSWER_SCAN = b"The letter that came back from XAD."


async def ask(play: ChannelPlay) -> None:
    """XAA's police open a trace with XAC."""
    stage = play.stage
    stage.scene(_("Day 3"), _("the police of XAA ask XAC how the pistol left its hands"))
    cover = Cover(
        to=("xac",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        restrictions=(
            terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE),
            terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_NO_PUBLICATION),
        ),
    )
    sent = await play.say("xaa/police", messages.request(), cover, "")
    play.case, play.said["request"] = sent.thread, sent.statement
    seen = await play.wait_for("xac/poc", play.case, sent.statement, _("xac/poc has the request"))
    told = seen.content.trace_request
    stage.insist(
        told.items[0].object.mark and told.circumstances.summary and not told.circumstances.narrative,
        _("xac/poc can judge it, and does not see what only police may: the narrative, the crime number"),
    )
    seen = await play.wait_for("xac/police", play.case, sent.statement, _("xac/police has it too"))
    stage.insist(
        seen.content.trace_request.circumstances.crime_number == messages.CRIME_NUMBER,
        _("xac/police sees them"),
    )


async def write(play: ChannelPlay) -> None:
    """The same question goes by letter to a State that is no member, and its answer is keyed in."""
    stage = play.stage
    stage.scene(_("Day 4"), _("the police of XAA write to XAD, which is no member"))
    async with play.party("xaa").at("poc") as officer:  # who keeps the address book
        await officer.keep_address(messages.outsider())
    async with play.party("xaa").at("police") as officer:
        sent = await officer.write(play.case, messages.letter_out())
        letter = letter_text(await officer.print_paper(sent.statement))
    play.out.mkdir(parents=True, exist_ok=True)
    (play.out / LETTER).write_text(letter, "utf-8")
    stage.insist(
        messages.SERIAL in letter and messages.CRIME_NUMBER not in letter,
        _("the letter ({path}) asks in the order of ITI 17, without the crime number").format(
            path=play.out / LETTER
        ),
    )
    scan = hashlib.sha256(_ANSWER_SCAN).digest()
    async with play.party("xaa").at("police") as officer:
        await officer.write(play.case, messages.letter_in(scan))
        found = [one.thread async for one in officer.list_cases(file_number=messages.THEIR_NUMBER)]
    stage.tell("xaa/police", _("keys in what came back, as transcribed: signed by XAA, not by XAD"))
    stage.insist(found == [play.case], _("the case is found by XAD's number too"))


async def enquire(play: ChannelPlay) -> None:
    """The army answers at its desk, the importer on paper."""
    stage = play.stage
    stage.scene(_("Day 5"), _("XAC's point of contact asks its own custodians"))
    stage.tell("xac/poc", _("asks the army's records desk, and the importer by a slip of paper"))
    async with play.party("xac").at() as officer:
        await officer.keep_address(messages.importer())
    army = await _inside(play, "xac/poc", messages.enquiry_to_army())
    paper = await _inside(play, "xac/poc", messages.enquiry_on_paper())
    seen = await play.wait_for("xac/army", play.case, army, _("xac/army has the enquiry"))
    shown = seen.content.enquiry
    stage.insist(
        shown.items[0].object.mark[0].text_as_seen == messages.SERIAL,
        _("it sees what the weapon shows, in both scripts"),
    )
    hidden = await play.sees("xac/army", play.case, play.said["request"])
    stage.insist(
        hidden is None or not hidden.content.trace_request.HasField("circumstances"),
        _("it sees nothing of the request itself"),
    )
    await _print_slip(play, paper)
    play.said["army"] = await _inside(play, "xac/army", messages.found_by_army(army))
    stage.tell("xac/army", _("finds it in the ledger: stolen in 2019, and who was answerable for it"))
    scan = hashlib.sha256(_SCAN).digest()
    play.said["paper"] = await _inside(play, "xac/poc", messages.found_on_paper(paper, scan))
    stage.tell("xac/poc", _("keys in what came back on paper, with the digest of the scan"))
    view = await play.party("xac").view(play.case)
    stage.insist(
        messages.OWNER.encode() not in view.SerializeToString(),
        _("whom the army names is nowhere in what xac/poc sees"),
    )


async def answer(play: ChannelPlay) -> None:
    """The answer is composed of what its writer cannot read, and a second officer lets it go."""
    stage = play.stage
    stage.scene(_("Day 8"), _("XAC answers"))
    composed = tuple(
        inquiry_pb2.Composed(finding=play.said[name], from_path="answers.0", to_path="answers.0")
        for name in ("army", "paper")
    )
    sent = await play.say("xac/poc", messages.answer(), Cover(to=("xaa",), composed=composed))
    play.said["answer"] = sent.statement
    stage.insist(
        messages.OWNER.encode() not in sent.SerializeToString(),
        _("xac/poc composes the answer of both findings, and cannot read all of it"),
    )
    stage.insist(
        sent.release_state == desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER,
        _("it holds personal data: it waits for a second officer of the desk"),
    )
    await _approve(play, sent.statement)
    seen = await play.wait_for("xaa/police", play.case, sent.statement, _("xaa/police has the answer"))
    told = seen.content.response.answers[0]
    stage.insist(
        [one.name for one in told.persons] == [messages.OWNER],
        _("xaa/police reads whom the army names"),
    )
    sources = {one.source_digest for one in told.persons} | {
        one.source_digest for one in told.lineage_dealings
    }
    stage.insist(
        sources == {play.said["army"], play.said["paper"]},
        _("and of each thing, from which finding it is"),
    )
    view = await play.party("xaa").view(play.case)
    stage.insist(
        messages.OWNER.encode() not in view.SerializeToString(),
        _("xaa/poc does not"),
    )


async def _inside(play: ChannelPlay, who: str, message: Message) -> str:
    return (await play.say(who, message)).statement


async def _print_slip(play: ChannelPlay, enquiry: str) -> None:
    """Print the slip for the importer: it is industry, and gets on paper what the weapon shows."""
    async with play.party("xac").at() as officer:
        slip = slip_text(await officer.print_paper(enquiry))
    play.out.mkdir(parents=True, exist_ok=True)
    (play.out / SLIP).write_text(slip, "utf-8")
    play.stage.insist(
        messages.SERIAL in slip and "Posted in XAA" not in slip and messages.FILE_NUMBER not in slip,
        _("the slip ({path}) says what the weapon shows, and nothing of the case").format(
            path=play.out / SLIP
        ),
    )


async def _approve(play: ChannelPlay, statement: str) -> None:
    """Have the second officer of XAC's point of contact look at what waits, and let it go."""
    xac, papers = play.party("xac"), play.network.papers("xac", "poc", 2)
    async with xac.at("poc", 2) as second:
        view = await second.office.show_release(statement)
        await second.office.decide_release(make_word(view, Decision.APPROVED, papers))
    play.stage.tell("xac/poc", _("a second officer looks at what the desk may see of it, and signs for it"))
