"""What a State knows beside a case: extracts of its registers, and checks against these.

Each is a function of a play, of the statement that opened the case, and of numbers that choose how; those marked
`act` are known to `case_play.ACTS` by their names.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Final

from fakes.canaries import ITEM, Place
from fakes.case_play import ASKED, AUTHOR, Play, Said, act
from fakes.entitled import Told
from fakes.house import NO_CONTEXT, House
from fakes.onlooker import told
from tracepost.node.config import DeskSettings, ObjectCheckSettings, OfficeSettings
from tracepost.node.handlers.register.automatic_checks import AutomaticChecks
from tracepost.node.handlers.register.book import RegisterBook
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.schema import Sensitivity
from tracepost.wire.v1 import check_pb2, register_pb2, weapon_pb2

_ALIKE: Final = str.maketrans("S2Z5B8", "5Z2S8B")
"""Letters and digits that are read for one another: a mark of such looks alike and is no canary."""


# ── registers ────────────────────────────────────────────────────────────────────────


@act
async def look_up(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """A desk imports records of things that look alike; all look the case up, and who may not finds none."""
    desk = play.desk_of(ASKED, numbers[0])
    if not await import_alike(play, ASKED, desk):
        return
    house, marks = play.street[ASKED], play.marks()
    for one in play.script.desks[ASKED]:
        eyes = play.eyes(ASKED, one)
        request = register_pb2.MatchRegisterRequest(case=first.thread, desk=one.desk)
        try:
            found = await house.as_officer(one.desk).MatchRegister(request, NO_CONTEXT)
        except TracepostError as error:
            play.refused.append((f"{eyes.name} looks up", told(error)))
            continue
        play.happened.append("looked up")
        if found.matches and not any(play.may(eyes, place) for _, place in marks):
            play.faults.append(f"{eyes.name} {sorted(eyes.competences)}: a match tells of marks of the case")


async def import_alike(play: Play, member: str, desk: DeskSettings) -> bool:
    """Have a desk import a record of a thing whose mark looks like each one of the case; return whether it may."""
    house, number = play.street[member], len(play.said) + len(play.tolds)
    kind = f"register {number}"
    reference = Place(kind, "reference", Sensitivity.LAW_ENFORCEMENT)
    model = Place(kind, "object.model", Sensitivity.OBJECT)
    marks = [
        weapon_pb2.Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen=text.translate(_ALIKE))
        for text, _ in play.marks()[:8]
    ]
    row = register_pb2.RegisterRow(
        row=2,
        status="REGISTER_STATUS_STOLEN",
        reference=play.mint.text(reference),
        object=weapon_pb2.Object(mark=marks, model=play.mint.text(model)),
    )

    async def parts() -> AsyncIterator[register_pb2.ImportRegisterRequest]:
        yield register_pb2.ImportRegisterRequest(
            source=f"list-{number}", desk=desk.desk, rows=[row], last=True
        )

    try:
        answers = [one async for one in house.as_officer(desk.desk).ImportRegister(parts(), NO_CONTEXT)]
    except TracepostError as error:
        play.refused.append((f"{member}/{desk.desk} imports", told(error)))
        return False
    play.note(play.eyes(member, desk), "ImportRegister", [one.SerializeToString() for one in answers])
    # A register is its desk's own: nobody else is shown a record of it, whatever its competence.
    known = Told(
        member, desk.desk, (), kind, {reference: Sensitivity.LAW_ENFORCEMENT, model: Sensitivity.OBJECT}
    )
    known.only = {place: frozenset({f"{member}/{desk.desk}"}) for place in known.classes}
    play.tolds.append(known)
    play.happened.append("imported a register")
    return True


@act
async def check_objects(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """XAA asks whether things stand in XAB's records, whose node answers by itself: in codes and nothing else."""
    asker, desk = play.desk_of(AUTHOR, numbers[0]), play.desk_of(ASKED, numbers[1])
    question = check_pb2.ObjectCheck(items=[check_pb2.CheckedObject(id=ITEM)])
    asked = await play.say(AUTHOR, asker.desk, question, to=(ASKED,), case="")
    if asked is None or not asked.went:
        return
    play.happened.append("asked to check")
    await import_alike(play, ASKED, desk)
    await automatic(play.street[ASKED], desk).keep_up()
    await play.street.carry()


def automatic(house: House, desk: DeskSettings) -> AutomaticChecks:
    """Return what answers checks without an officer, from the registers of a desk."""
    return AutomaticChecks(
        settings=ObjectCheckSettings(automatic=True, desk=desk.desk),
        contact=OfficeSettings(name=f"Office of {house.member}", phone="+99 00 000"),
        office=house.office,
        ring=house.ring,
        opener=house.opener,
        book=RegisterBook(house.gate, house.ring, house.store),
        sending=house.rooms.sending,
        log=DisclosureLog(
            office=house.office, gate=house.gate, store=house.store, clock=house.clock, random=os.urandom
        ),
        store=house.store,
        clock=house.clock,
    )
