"""What may happen in a case inside one member: break-glass, deputies, desks taken off, deletion.

Each is a function of a play, of the statement that opened the case, and of numbers that choose how; those marked
`act` are known to `case_play.ACTS` by their names. What is shown on the way is judged at once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from fakes.case_play import DAY, NAMES, Play, Said, act
from fakes.house import NO_CONTEXT, House
from fakes.onlooker import told
from fakes.people import Person, hire
from tracepost.node.config import DeskSettings
from tracepost.node.handlers.sealed.opening import load_sealed
from tracepost.node.ports.store import Tx
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import IdentityError, TracepostError
from tracepost.protocol.ids import parse_digest
from tracepost.sdk.office import make_deletion_word, make_emergency, make_emergency_word
from tracepost.wire.v1 import desk_pb2, office_pb2, onward_pb2

_NEEDLE = 64


@act
async def break_glass(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """An officer asks to read against the gate; another one lets him, or not; both look, and so does the provider."""
    member = NAMES[1 + numbers[0] % 2]
    house, desk = play.street[member], play.desk_of(member, numbers[1])
    held = [one for one in play.said if member in (one.told.author, *one.told.to)]
    if not held:
        return
    digests = sorted({held[n % len(held)].digest for n in numbers[:2]})
    asker, other = hire(house, "7", desk.desk), hire(house, "8", "poc")
    try:
        asked = await _ask_emergency(play, asker, desk, digests)
        word = make_emergency_word(
            asked,
            Decision.REFUSED if numbers[2] % 4 == 3 else Decision.APPROVED,
            other.papers,
            play.street.clock(),
        )
        other.sits()
        await house.own_office.DecideEmergency(word, NO_CONTEXT)
    except TracepostError as error:
        play.refused.append((f"{member}/{desk.desk} breaks the glass", told(error)))
        return
    await play.street.carry()
    play.happened.append(f"broke the glass: {office_pb2.EmergencyState.Name(asked.state)}")
    await _look_at_emergency(play, asker, desk, asked.number, may=numbers[2] % 4 != 3)
    await _look_at_emergency(play, other, play.desk_of(member, 0), asked.number, may=False)
    await _look_at_notices(play)
    if numbers[2] % 2:
        play.street.clock.now += DAY
        await _look_at_emergency(play, asker, desk, asked.number, may=False)


async def _ask_emergency(
    play: Play, asker: Person, desk: DeskSettings, digests: Sequence[str]
) -> office_pb2.Emergency:
    asker.sits()
    request = make_emergency(
        digests, desk.desk, "A life is in danger.", officer="7", papers=asker.papers, now=play.street.clock()
    )
    return await asker.house.own_office.AskEmergency(request, NO_CONTEXT)


async def _look_at_emergency(play: Play, by: Person, desk: DeskSettings, number: int, *, may: bool) -> None:
    by.sits()
    eyes = play.eyes(by.house.member, desk)
    for photograph in (None, *(hashlib.sha256(one).digest() for one in play.photographs)):
        request = office_pb2.ShowEmergencyRequest(number=number, photograph=photograph)
        try:
            shown = await by.house.own_office.ShowEmergency(request, NO_CONTEXT)
        except TracepostError as error:
            play.refused.append((f"{eyes.name} looks behind the glass", told(error)))
            continue
        if not may:
            play.faults.append(f"{eyes.name}: ShowEmergency is let look")
        play.note(eyes, "ShowEmergency", [shown.SerializeToString()], ever=True)


async def _look_at_notices(play: Play) -> None:
    """No notice of a release holds any byte of what it tells of."""
    for member in NAMES:
        house = play.street[member]
        for case in play.cases:
            service = house.as_officer(*(d.desk for d in play.script.desks[member]))
            request = desk_pb2.ShowCaseRequest(case=case, desk="poc")
            try:
                view = await service.ShowCase(request, NO_CONTEXT)
            except TracepostError as error:
                play.refused.append((f"{member}/poc looks for notices", told(error)))
                continue
            notices = [
                s.content.release_notice for s in view.statements if s.content.HasField("release_notice")
            ]
            for found in play.found_in([one.SerializeToString() for one in notices]):
                play.faults.append(f"{member}: a notice of a release holds {found}")


@act
async def take_off(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """A desk is taken off the case again."""
    on_it = sorted(desk for case, desk in play.on_case if case == first.thread)
    if not on_it:
        return
    name = on_it[numbers[0] % len(on_it)]
    member, desk = name.split("/")
    play.street[member].as_officer("poc")
    try:
        request = office_pb2.TakeOffCaseRequest(case=first.thread, desk=desk)
        await play.street[member].own_office.TakeOffCase(request, NO_CONTEXT)
    except TracepostError as error:
        play.refused.append((f"{name} is taken off", told(error)))
        return
    play.on_case.remove((first.thread, name))
    play.happened.append("taken off the case")


@act
async def deputise(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """An officer of one desk acts for another for two days: he sees what that desk sees, then and not after."""
    member = NAMES[numbers[0] % 2]
    house, desks = play.street[member], play.script.desks[member]
    own, other = desks[numbers[1] % len(desks)], desks[numbers[2] % len(desks)]
    if own is other:
        return
    deputy, proposer, decider = (
        hire(house, "21", own.desk),
        hire(house, "22", "poc"),
        hire(house, "23", "poc"),
    )
    try:
        for one in (deputy, proposer, decider):
            house.rooms.staff.admit(one.identity)
        await house.rooms.staff.drained()
        proposer.sits()
        request = office_pb2.DeputiseOfficerRequest(
            officer="21", desk=other.desk, from_day=_day(house), until_day=_day(house, 1)
        )
        made = await house.own_office.DeputiseOfficer(request, NO_CONTEXT)
        await _look_as_deputy(play, deputy, own, other, acts=False)
        decider.sits()
        word = office_pb2.DecideDeputyRequest(number=made.number, approve=True)
        await house.own_office.DecideDeputy(word, NO_CONTEXT)
    except TracepostError as error:
        play.refused.append((f"{member}: a deputy", told(error)))
        return
    play.happened.append("deputised")
    await _look_as_deputy(play, deputy, own, other, acts=True)
    if numbers[0] % 3 == 0:
        proposer.sits()
        leaving = office_pb2.LeaveOfficeRequest(officer="21", successor="22")
        await house.own_office.LeaveOffice(leaving, NO_CONTEXT)
        play.happened.append("left the office")
        try:
            house.rooms.staff.admit(deputy.identity)
            play.faults.append(f"{member}: who left is let in")
        except (IdentityError, TracepostError) as error:
            play.refused.append((f"{member}: who left", told(error)))


async def _look_as_deputy(
    play: Play, deputy: Person, own: DeskSettings, other: DeskSettings, *, acts: bool
) -> None:
    """Look at the case as the door lets a deputy: for his own desk, and for the other one if he acts for it."""
    house = deputy.house
    admitted = house.rooms.staff.admit(deputy.identity)
    Person(house, deputy.issued, admitted).sits()
    for desk in (own, other):
        eyes = play.eyes(house.member, desk)
        request = desk_pb2.ShowCaseRequest(case=play.case, desk=desk.desk)
        try:
            view = await house.desk.ShowCase(request, NO_CONTEXT)
        except TracepostError as error:
            play.refused.append((f"{eyes.name}: a deputy looks", told(error)))
            continue
        if desk is other and not acts:
            play.faults.append(f"{eyes.name}: who is no deputy yet is let look")
        play.note(eyes, "ShowCase to a deputy", [view.SerializeToString()])


def _day(house: House, days: int = 0) -> str:
    return dt.datetime.fromtimestamp(house.clock() + days * DAY, tz=dt.UTC).date().isoformat()


# ── deletion ─────────────────────────────────────────────────────────────────────────


@act
async def delete(play: Play, first: Said, numbers: tuple[int, ...]) -> None:
    """A member deletes a statement, with what encloses it or not, or the whole case; where it takes two, by two."""
    member = NAMES[numbers[0] % len(NAMES)]
    desk = play.desk_of(member, numbers[1])
    one = play.said[numbers[2] % len(play.said)]
    request = onward_pb2.DeleteStatementsRequest(reason="kept too long", desk=desk.desk)
    if numbers[0] % 4 == 3:
        request.case = first.thread
    else:
        request.statements.append(one.digest)
    request.with_copies = numbers[1] % 2 == 1
    await delete_at(play, member, desk, request)


async def delete_at(
    play: Play, member: str, desk: DeskSettings, request: onward_pb2.DeleteStatementsRequest
) -> None:
    """Delete at a member, as an officer of a desk; remember what lay sealed there, to look for it in the files."""
    house = play.street[member]
    sealed = {one.digest: await _sealed_bytes(play, house, one) for one in play.said}
    asker = hire(house, "7", desk.desk)
    asker.sits()
    try:
        answer = await house.desk.DeleteStatements(request, NO_CONTEXT)
        if answer.waiting:
            other = play.second(member, desk.desk)
            other.sits()
            listed = await house.own_office.ListDeletions(office_pb2.ListDeletionsRequest(), NO_CONTEXT)
            asked = next(d for d in listed.deletions if d.number == answer.waiting)
            word = make_deletion_word(asked, Decision.APPROVED, other.papers, play.street.clock())
            await house.own_office.DecideDeletion(word, NO_CONTEXT)
    except TracepostError as error:
        play.refused.append((f"{member}/{desk.desk} deletes", told(error)))
        return
    gone = await play.note_deleted()
    play.dead += [(member, needle) for who, digest in gone if who == member for needle in sealed[digest]]
    play.happened.append("deleted")


async def _sealed_bytes(play: Play, house: House, said: Said) -> list[bytes]:
    """Return some bytes of each sealed copy of a statement that lies here."""
    digest = parse_digest(said.digest, "")

    def read(tx: Tx) -> list[bytes]:
        records = list(tx.statements.find([digest]).values())
        sealed = [s for d in house.office.desks for s in load_sealed(tx, records, d.desk)]
        copies = [copy for one in sealed for copy in one.copies]
        wraps = [copy.wrap.wrap for copy in copies if copy.wrap is not None]
        return [copy.parts.body[-_NEEDLE:] for copy in copies] + [wrap[:_NEEDLE] for wrap in wraps]

    return [needle for needle in set(await house.store.read(read)) if len(needle) == _NEEDLE]
