"""What more may be said in a case between members: all kinds of a trace, referral, panels, hits, standing consents.

Each is a function of a play, of the statement that opened the case, and of numbers that choose how; those marked
`act` are known to `case_play.ACTS` by their names.
"""

from __future__ import annotations

from typing import Any

from fakes import messages as m
from fakes.canaries import ITEM
from fakes.case_play import (
    ASKED,
    AUTHOR,
    CLEAR,
    CONSENT,
    REQUEST,
    RESOLUTION,
    THIRD,
    Grant,
    Play,
    Said,
    act,
)
from fakes.channels import hit, panel_reply, panel_request
from fakes.correspondence import (
    answers,
    answers_on_the_way,
    compelled,
    endings,
    leave_out,
    referral,
    replies,
    second_reply,
    second_request,
)
from fakes.entitled import SHARE, Told
from fakes.house import NO_CONTEXT, take_papers
from fakes.office_acts import delete_at
from tracepost.node.config import ConsentSettings
from tracepost.protocol.ids import MemberId
from tracepost.protocol.schema import INNER_KINDS, kind_of
from tracepost.protocol.trustlist import MemberType
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2, trace_pb2


@act
async def say_more(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """One side says something of a trace to the other; what does not fit is refused."""
    asked = _submission(first)
    by_asked = [*answers_on_the_way(THIRD), *answers(), compelled(asked)]
    by_author = [*replies(asked, THIRD), *endings()]
    said_by = [(ASKED, AUTHOR, one) for one in by_asked] + [(AUTHOR, ASKED, one) for one in by_author]
    author, to, message = said_by[numbers[0] % len(said_by)]
    desk = play.desk_of(author, numbers[1])
    said = await play.say(author, desk.desk, message, to=(to,), case=first.thread)
    if said is None:
        return
    play.happened.append(f"said {kind_of(message)}")
    if kind_of(message) == CONSENT and author == AUTHOR and said.went:
        play.granted.setdefault(first.digest, []).append(Grant())


@act
async def ask_and_supply(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """More is asked for, and supplied, item by item."""
    asked = await play.say(ASKED, "poc", m.information_request(), to=(AUTHOR,), case=first.thread)
    if asked is None or not asked.went:
        return
    desk = play.desk_of(AUTHOR, numbers[0])
    supplied = trace_pb2.InformationSupply(items=[{"id": ITEM}])
    if await play.say(AUTHOR, desk.desk, supplied, to=(ASKED,), case=first.thread):
        play.happened.append("supplied")


@act
async def say_ahead_of_time(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """What XAA says with a clock that is fast is held at XAB: nobody reads any of it until an officer takes it up."""
    house, desk = play.street[ASKED], play.desk_of(AUTHOR, numbers[0])
    says = trace_pb2.Clarification(step="CLARIFICATION_STEP_QUESTION")
    said = await play.say(AUTHOR, desk.desk, says, to=(ASKED,), case=first.thread, ahead=600)
    if said is None or not said.went:
        return
    said.told.held_at = frozenset({ASKED})
    service = house.as_officer("poc")
    listed = await service.ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
    play.note(play.eyes(ASKED, play.desk_of(ASKED, 0)), "ListHeld", [listed.SerializeToString()])
    if not listed.mails:
        play.faults.append("what is ahead of time is not held")
    elif numbers[1] % 2:
        play.happened.append("left held")
    else:
        play.happened.append("taken up")
        mail = listed.mails[-1].envelope_id
        await service.DecideHeld(desk_pb2.DecideHeldRequest(envelope_id=mail, take_up=True), NO_CONTEXT)
        said.to = said.told.to = (ASKED,)


@act
async def withdraw(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """XAA takes back what it said and wants it deleted; XAB does that, and says so."""
    asks = trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_ASKED", deletion_asked=True)
    said = await play.say(AUTHOR, "poc", asks, to=(ASKED,), case=first.thread)
    if said is None or not said.went:
        return
    play.happened.append("withdrew")
    desk = play.desk_of(ASKED, numbers[0])
    request = onward_pb2.DeleteStatementsRequest(
        statements=[first.digest], reason="withdrawn", desk=desk.desk, with_copies=numbers[1] % 2 == 0
    )
    await delete_at(play, ASKED, desk, request)
    done = trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_DELETED", deleted_at="2026-11-22T10:00:00Z")
    await play.say(ASKED, "poc", done, to=(AUTHOR,), case=first.thread)


@act
async def recognise(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """XAB saw what XAA looks for."""
    seen = hit(first.digest)
    for one in (seen, seen.items[0].object):
        for name in ("own_notice_number", "make", "model", "mark"):
            if name in one.DESCRIPTOR.fields_by_name:
                one.ClearField(name)
    if await play.say(ASKED, play.desk_of(ASKED, numbers[0]).desk, seen, to=(AUTHOR,), case=first.thread):
        play.happened.append("recognised")


# ── passing on ───────────────────────────────────────────────────────────────────────


@act
async def share_more(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """XAB or XAA shows the third member something of the case, its own or the other's, or tries to."""
    member = (ASKED, ASKED, AUTHOR)[numbers[0] % 3]
    shown = play.said[numbers[1] % len(play.said)]
    if shown.told.kind not in INNER_KINDS:
        await play.pass_on(shown, play.desk_of(member, numbers[2]), by=member)


@act
async def share_back(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """The third member shows XAA or XAB what was shared with it: a statement inside another inside another."""
    shares = [one for one in play.said if one.told.kind == SHARE and one.went and THIRD in one.to]
    if not shares:
        return
    shown, desk = shares[numbers[0] % len(shares)], play.desk_of(THIRD, numbers[1])
    told_ = Told(THIRD, desk.desk, (), SHARE, {})
    said = await play.say(
        THIRD,
        desk.desk,
        share_pb2.Share(reason="SHARE_REASON_CASE"),
        to=((AUTHOR, ASKED)[numbers[2] % 2],),
        case=shown.thread,
        told_=told_,
        shared=[onward_pb2.ShareChoice(statement=shown.digest)],
    )
    if said is None:
        return
    play.happened.append("shared back")
    for one in play.inside(shown, THIRD):
        held = play.readable(one, THIRD, desk)
        play.enclose(said, held, one, consented=False)
        for drawn in play.tolds[-2:]:  # home again, what its author kept to some desks is so still
            drawn.only = {p: only for t in play.tolds for p, only in t.only.items() if p in held}


@act
async def consent_once_for_all(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """XAA declares in its entry what may be shown to the third member; where it says no more, all of it."""
    classes = [(), ("OBJECT",), ("OBJECT", "LAW_ENFORCEMENT")][numbers[0] % 3]
    play.street.clock.now += 60
    said = play.street[AUTHOR].identities.announcement(
        play.street.clock(), consents=[ConsentSettings(MemberId(THIRD), classes=classes)]
    )
    for house in play.street.houses.values():
        await take_papers(house, said, play.street.clock())
    play.standing.append(Grant(classes=frozenset(classes)))
    play.happened.append("consented once for all")


@act
async def refer(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """XAB hands the request on to the third member, with lineage that this one may see, or may not."""
    if first.told.kind != REQUEST:
        return
    asked, desk = _submission(first), play.desk_of(ASKED, numbers[0])
    message = referral(asked, AUTHOR, THIRD)
    seen_by = ([THIRD], [AUTHOR, THIRD], [AUTHOR], [])[numbers[1] % 4]
    message.lineage_visible_to[:] = seen_by
    message.ClearField("mode")
    message.mode = trace_pb2.REFERRAL_MODE_COPY
    message.answers.add(item_id=ITEM)
    if numbers[2] % 3 == 0:
        message.ClearField("answers")
    parts, places = play.plant(message)
    if THIRD not in seen_by and numbers[2] % 2:
        for answer in message.answers:
            answer.ClearField("lineage")
    told_ = play.read_out(ASKED, desk.desk, message, places)
    if THIRD not in seen_by:
        lineage = [p for p in places if ".lineage." in f"{p.path}."]
        told_.not_for = {p: frozenset({THIRD}) for p in lineage}
    said = await play.say(ASKED, desk.desk, message, to=(THIRD,), case=first.thread, told_=told_, parts=parts)
    if said is None:
        return
    play.happened.append("referred")
    grants = play.grants_of(first)
    if not grants:
        play.faults.append("referred without consent")
    went = {
        place: of_class
        for place, of_class in play.held_by(first, ASKED, desk).items()
        if of_class in CLEAR or any(one.covers(place) for one in grants)
    }
    play.enclose(said, went, first.told, consented=True)
    play.enclose_consents(said)


# ── panels ───────────────────────────────────────────────────────────────────────────


@act
async def ask_as_panel(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """A panel asks XAB, which answers, and puts a text before it, which XAB lets it print."""
    if play.script.types.get(THIRD) is not MemberType.PANEL:
        return
    asks = panel_request(ITEM)
    asks.ClearField("question")
    asks.ClearField("embargo_context")
    asks.items[0].object.Clear()
    asked = await _say_without_texts(play, THIRD, "poc", asks, ASKED)
    if asked is None or not asked.went:
        return
    play.happened.append("a panel asked")
    desk = play.desk_of(ASKED, numbers[0]).desk
    says = panel_reply(ITEM)
    says.answers[0].ClearField("explanation")
    answered = await _say_without_texts(play, ASKED, desk, says, THIRD, asked.thread)
    if answered is None or not answered.went:
        return
    play.happened.append("a panel was answered")
    text = second_request(answered.digest)
    await play.say(THIRD, "poc", text, to=(ASKED,), case=asked.thread, legal_basis=RESOLUTION)
    await play.say(ASKED, desk, second_reply(), to=(THIRD,), case=asked.thread)


async def _say_without_texts(  # noqa: PLR0917 - who says what to whom, and where
    play: Play, author: str, desk: str, message: Any, to: str, case: str = ""
) -> Said | None:
    """Say something in which no text that is to be printed stands."""
    parts, places = play.plant(message)
    message.ClearField("texts")
    leave_out(message)
    told_ = play.read_out(author, desk, message, places)
    basis = RESOLUTION if author == THIRD else "LEGAL_BASIS_ITI"
    return await play.say(
        author, desk, message, to=(to,), case=case, told_=told_, parts=parts, legal_basis=basis
    )


def _submission(first: Said) -> desk_pb2.Submission:
    return desk_pb2.Submission(statement=first.digest, thread=first.thread)
