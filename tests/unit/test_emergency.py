"""Break-glass: two officers overrule the gate for a day; what was never sealed to the desk stays closed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.case_play import keep_house
from fakes.devices import Device, speak_for
from fakes.house import NO_CONTEXT, POC, POLICE, Street, draft, open_street
from fakes.people import Person, hire
from tracepost.node.config import DeskSettings
from tracepost.node.gate import PolicySet, base_policy
from tracepost.protocol.approval import Decision, Subject, of_opening
from tracepost.protocol.errors import (
    ApprovalError,
    ConflictError,
    LockedDeskError,
    NotFoundError,
    PermissionError_,
)
from tracepost.protocol.evidence import Opened, parse_entry
from tracepost.protocol.ids import DeskId, ThreadId, encode_b64, parse_digest
from tracepost.sdk.approvals import certificates_of
from tracepost.sdk.office import make_emergency, make_emergency_word
from tracepost.sdk.passkeys import answer_word, ask_word
from tracepost.wire.v1 import desk_pb2, office_pb2, share_pb2

FORBIDS = '@id("no-narrative") forbid (principal, action, resource == Class::"CRIMINAL_JUSTICE");'
HIDES = '@id("no-cases") forbid (principal, action, resource == Class::"ADMINISTRATIVE");'
NARRATIVE, NAME = m.Words().criminal_justice, m.Words().personal
PROPOSED = office_pb2.EMERGENCY_STATE_PROPOSED
GRANTED = office_pb2.EMERGENCY_STATE_GRANTED


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAB holds a request of XAA with every class; since then its own policies forbid criminal-justice data."""
    async with open_street(tmp_path, "xaa", "xab") as street:
        one = draft(m.rich_request(), to=["xab"], desk="police", parts=[m.PICTURE, m.SCENE])
        one.content.trace_request.items[0].object.ClearField("covert_mark")
        [sent] = await street["xaa"].submit(one)
        assert not sent.HasField("problem"), sent.problem
        await street.carry()
        street["xab"].gate.put_in_force(PolicySet.parse([base_policy(), FORBIDS]))
        yield street


@pytest.fixture
def ada(street: Street) -> Person:
    return hire(street["xab"], "7", "police")


@pytest.fixture
def ben(street: Street) -> Person:
    return hire(street["xab"], "8", "poc")


async def digest_of_request(street: Street) -> str:
    records = await street["xab"].store.read(
        lambda tx: [r for c in tx.cases.resolve("T-1") for r in tx.statements.in_threads([c])]
    )
    [request] = [one for one in records if one.kind == "trace.request/1"]  # notices may be of the same second
    return encode_b64(request.digest)


async def ask(street: Street, by: Person, desk: str = "police") -> office_pb2.Emergency:
    by.sits()
    statements = [await digest_of_request(street)]
    request = make_emergency(
        statements, desk, "A life is in danger.", officer=by.number, papers=by.papers, now=street.clock()
    )
    return await by.house.own_office.AskEmergency(request, NO_CONTEXT)


async def decide(
    street: Street, by: Person, asked: office_pb2.Emergency, decision: Decision = Decision.APPROVED
) -> office_pb2.Emergency:
    by.sits()
    word = make_emergency_word(asked, decision, by.papers, street.clock())
    return await by.house.own_office.DecideEmergency(word, NO_CONTEXT)


def speak(by: Person, passkey: office_pb2.Passkey, device: Device, subject: Subject) -> str:
    """Return an approval of `subject` by passkey."""
    asked = ask_word(subject, Decision.APPROVED, certificates_of(by.papers)[0], by.house.clock())
    return answer_word(asked, device.answer(asked.challenge), [passkey])


async def show(by: Person, number: int, photograph: bytes | None = None) -> office_pb2.EmergencyView:
    by.sits()
    request = office_pb2.ShowEmergencyRequest(number=number, photograph=photograph)
    return await by.house.own_office.ShowEmergency(request, NO_CONTEXT)


async def test_the_gate_refuses_first(street: Street, ada: Person) -> None:
    ada.sits()
    view = await street["xab"].desk.ShowCase(desk_pb2.ShowCaseRequest(case="T-1"), NO_CONTEXT)
    assert NAME in str(view)
    assert NARRATIVE not in str(view)


async def test_two_officers_let_it_be_read_and_the_provider_is_told(
    street: Street, ada: Person, ben: Person
) -> None:
    asked = await ask(street, ada)
    assert asked.state == PROPOSED
    with pytest.raises(PermissionError_):
        await show(ada, asked.number)
    granted = await decide(street, ben, asked)
    assert (granted.state, granted.decided_by) == (GRANTED, "officer-8")
    assert NARRATIVE in str(await show(ada, asked.number))

    xab = street["xab"]
    lines = await xab.store.read(lambda tx: tx.log.lines(range(xab.store.evidence.head.size)))
    entries = [parse_entry(line.preimage) for line in lines.values()]
    [entry] = [e for e in entries if isinstance(e, Opened) and e.action == "break-glass"]
    assert (entry.officer, entry.desk, encode_b64(entry.statement)) == (
        "officer-7",
        "police",
        asked.statements[0],
    )
    assert entry.approvals
    trail = await xab.store.read(lambda tx: tx.audit.about([asked.statements[0]]))
    actions = [one.event.action for one in trail if one.event.action.startswith("break-glass")]
    assert actions == ["break-glass-ask", "break-glass-grant", "break-glass"]

    await street.carry()
    view = (
        await street["xaa"]
        .as_officer("poc")
        .ShowCase(desk_pb2.ShowCaseRequest(case="T-1", desk="poc"), NO_CONTEXT)
    )
    notice = view.statements[-1].content.release_notice
    assert notice.reason == share_pb2.NOTICE_REASON_BREAK_GLASS
    assert [one.statement_digest for one in notice.releases] == list(asked.statements)


async def test_a_request_says_what_it_is_about_who_will_be_told_and_who_may_decide(
    street: Street, ada: Person, ben: Person
) -> None:
    asked = await ask(street, ada)
    assert [(one.statement, one.kind, one.from_member) for one in asked.lines] == [
        (asked.statements[0], "trace.request/1", "xaa")
    ]
    assert (list(asked.told_members), asked.yours_to_decide) == (["xaa"], False)
    ben.sits()
    request = office_pb2.ListEmergenciesRequest()
    [listed] = (await ben.house.own_office.ListEmergencies(request, NO_CONTEXT)).emergencies
    assert listed.yours_to_decide
    assert not (await decide(street, ben, listed)).yours_to_decide


async def test_words_that_granted_a_request_grant_no_other(street: Street, ada: Person, ben: Person) -> None:
    """The clock stands still: what both say of a second request about the same is word for word the same."""
    await decide(street, ben, await ask(street, ada))
    again = await ask(street, ada)
    with pytest.raises(ConflictError) as used:
        await decide(street, ben, again)
    assert used.value.reason == "word-used"
    street.clock.now += 1
    with pytest.raises(ConflictError):
        await decide(street, ben, again)
    assert (await decide(street, ben, await ask(street, ada))).state == GRANTED


async def test_it_lasts_a_day_and_is_for_the_one_who_asked(street: Street, ada: Person, ben: Person) -> None:
    asked = await ask(street, ada)
    await decide(street, ben, asked)
    with pytest.raises(PermissionError_) as other:
        await show(ben, asked.number)
    assert other.value.reason == "other-officer"
    street.clock.now += 24 * 3600
    with pytest.raises(PermissionError_) as over:
        await show(ada, asked.number)
    assert over.value.reason == "not-granted"
    ben.sits()
    found = await street["xab"].own_office.ListEmergencies(office_pb2.ListEmergenciesRequest(), NO_CONTEXT)
    assert [one.state for one in found.emergencies] == [office_pb2.EMERGENCY_STATE_OVER]


@pytest.mark.parametrize("stands", [True, False])
async def test_a_passkey_that_asked_is_looked_up_again_when_it_is_granted(
    street: Street, ada: Person, ben: Person, *, stands: bool
) -> None:
    device, statement = Device(), await digest_of_request(street)
    passkey = await speak_for(ada, device)
    subject = of_opening(parse_digest(statement), DeskId("police"), "officer-7", "break-glass")
    request = office_pb2.AskEmergencyRequest(
        desk="police",
        statements=[statement],
        reason="A life is in danger.",
        approvals=[speak(ada, passkey, device, subject)],
        certificates=certificates_of(ada.papers),
    )
    office = street["xab"].own_office
    asked = await office.AskEmergency(request, NO_CONTEXT)
    if stands:
        assert (await decide(street, ben, asked)).state == GRANTED
        return
    await office.EndPasskey(office_pb2.EndPasskeyRequest(credential=passkey.credential), NO_CONTEXT)
    with pytest.raises(ApprovalError) as refusal:
        await decide(street, ben, asked)
    assert refusal.value.reason == "not-endorsed"
    found = await office.ListEmergencies(office_pb2.ListEmergenciesRequest(), NO_CONTEXT)
    assert [one.state for one in found.emergencies] == [PROPOSED]


async def test_it_never_goes_round_the_sealing(street: Street, ada: Person, ben: Person) -> None:
    """The point of contact was sealed neither narrative nor persons: there is nothing to overrule."""
    asked = await ask(street, ben, "poc")
    other = hire(street["xab"], "9", "poc")
    await decide(street, other, asked)
    shown = str(await show(ben, asked.number))
    assert m.Words().law_enforcement in shown
    assert NARRATIVE not in shown
    assert NAME not in shown


async def test_nobody_approves_what_he_asked_for(street: Street, ada: Person) -> None:
    asked = await ask(street, ada)
    with pytest.raises(PermissionError_) as refusal:
        await decide(street, ada, asked)
    assert refusal.value.reason == "own-proposal"
    assert await street.queued(street["xab"]) == []


async def test_a_refusal_ends_it(street: Street, ada: Person, ben: Person) -> None:
    asked = await ask(street, ada)
    assert (await decide(street, ben, asked, Decision.REFUSED)).state == office_pb2.EMERGENCY_STATE_REFUSED
    with pytest.raises(ConflictError):
        await decide(street, ben, asked)
    with pytest.raises(PermissionError_):
        await show(ada, asked.number)
    assert await street.queued(street["xab"]) == []


async def test_an_approval_of_something_else_is_refused(street: Street, ada: Person, ben: Person) -> None:
    """Of the same statement at another desk, or for another officer."""
    asked = await ask(street, ada)
    for field, value in (("desk", "poc"), ("asked_by", "officer-8")):
        changed = office_pb2.Emergency()
        changed.CopyFrom(asked)
        setattr(changed, field, value)
        with pytest.raises(ApprovalError) as refusal:
            await decide(street, ben, changed)
        assert refusal.value.reason == "other-subject"
    assert await street.queued(street["xab"]) == []


async def test_where_the_provider_cannot_be_told_nothing_is_granted(
    street: Street, ada: Person, ben: Person
) -> None:
    asked = await ask(street, ada)
    street["xab"].ring.lock(ben.officer.desks[0])
    with pytest.raises(LockedDeskError):
        await decide(street, ben, asked)
    with pytest.raises(PermissionError_):
        await show(ada, asked.number)
    ben.sits()
    found = await street["xab"].own_office.ListEmergencies(office_pb2.ListEmergenciesRequest(), NO_CONTEXT)
    assert [one.state for one in found.emergencies] == [PROPOSED]


async def test_a_statement_that_is_not_here_is_not_asked_for(street: Street, ada: Person) -> None:
    ada.sits()
    request = make_emergency(
        [encode_b64(bytes(32))], "police", "Why not.", officer="7", papers=ada.papers, now=street.clock()
    )
    with pytest.raises(NotFoundError):
        await ada.house.own_office.AskEmergency(request, NO_CONTEXT)


async def test_of_what_a_desk_may_not_know_of_it_hears_what_it_hears_of_what_is_not_here(
    vault: tuple[Street, str],
) -> None:
    """Housekeeping wraps what came for every desk, as what is written is wrapped: for some desks without a key."""
    street, statement = vault
    [own] = await street["xab"].submit(draft(m.request("T-2"), to=["xaa"], desk="poc"))
    assert not own.HasField("problem"), own.problem
    ada = hire(street["xab"], "7", "vault")
    not_here = await refusal_of(street, ada, encode_b64(bytes(32)))
    assert await refusal_of(street, ada, statement) == not_here
    await keep_house(street["xab"])
    assert [await refusal_of(street, ada, one) for one in (statement, own.statement)] == [not_here] * 2
    await put_on_case(street, "vault")
    assert (await ask_about(street, ada, statement, "vault")).lines[0].statement == statement


@pytest.mark.parametrize("is_wrapped", [False, True])
async def test_a_desk_asks_for_what_it_holds_keys_of_though_it_may_not_know_of_it(
    street: Street, ada: Person, *, is_wrapped: bool
) -> None:
    """What came holds them in a slot; the next housekeeping wraps them."""
    if is_wrapped:
        await keep_house(street["xab"])
    street["xab"].gate.put_in_force(PolicySet.parse([base_policy(), HIDES]))
    assert (await ask(street, ada)).state == PROPOSED


async def test_a_locked_desk_asks_for_nothing_whether_it_is_here_or_not(
    vault: tuple[Street, str],
) -> None:
    street, statement = vault
    ada = hire(street["xab"], "7", "vault")
    street["xab"].ring.lock(DeskId("vault"))
    for one in (statement, encode_b64(bytes(32))):
        with pytest.raises(LockedDeskError):
            await ask_about(street, ada, one, "vault")


async def put_on_case(street: Street, desk: str) -> None:
    street["xab"].as_officer("poc")
    asked = office_pb2.PutOnCaseRequest(case="T-1", desk=desk, as_desk="poc")
    await street["xab"].own_office.PutOnCase(asked, NO_CONTEXT)


async def ask_about(street: Street, by: Person, statement: str, desk: str) -> office_pb2.Emergency:
    by.sits()
    request = make_emergency(
        [statement], desk, "A life.", officer=by.number, papers=by.papers, now=street.clock()
    )
    return await street["xab"].own_office.AskEmergency(request, NO_CONTEXT)


async def refusal_of(street: Street, by: Person, statement: str) -> tuple[str, str, str]:
    with pytest.raises(NotFoundError) as refusal:
        await ask_about(street, by, statement, "vault")
    return str(refusal.value), refusal.value.reason, refusal.value.where


async def test_each_look_is_in_the_log_and_photographs_are_there(
    street: Street, ada: Person, ben: Person
) -> None:
    asked = await ask(street, ada)
    await decide(street, ben, asked)
    scene = hashlib.sha256(m.SCENE).digest()
    seen = await show(ada, asked.number, scene)
    assert (seen.photograph, seen.media_type) == (m.SCENE, "image/jpeg")
    assert not (await show(ada, asked.number)).photograph
    with pytest.raises(NotFoundError):
        await show(ada, asked.number, bytes(32))
    xab = street["xab"]
    lines = await xab.store.read(lambda tx: tx.log.lines(range(xab.store.evidence.head.size)))
    entries = [parse_entry(line.preimage) for line in lines.values()]
    looks = [e for e in entries if isinstance(e, Opened) and e.action == "break-glass-look"]
    assert [(e.officer, encode_b64(e.statement)) for e in looks] == [("officer-7", asked.statements[0])] * 2
    trail = await xab.store.read(lambda tx: tx.audit.about([asked.statements[0]]))
    told = await xab.as_officer("poc").ShowTimeline(desk_pb2.ShowTimelineRequest(case="T-1"), NO_CONTEXT)
    assert [one.event for one in told.events if one.actor.startswith("officer-7")] == ["opened"] * 2
    numbers = [one.event.log_number for one in trail if one.event.action == "break-glass"]
    assert len(numbers) == 2
    assert None not in numbers


async def test_who_wrote_what_is_inside_it_at_any_depth_is_told_too(tmp_path: Path) -> None:
    """XAD holds what XAA wrote inside what XAB passed on inside what XAC passed on; XAA's case is not known there."""
    async with open_street(tmp_path, "xaa", "xab", "xac", "xad") as street:
        one = draft(m.rich_request(), to=["xab"], desk="police", parts=[m.PICTURE, m.SCENE])
        one.content.trace_request.items[0].object.ClearField("covert_mark")
        [asked] = await street["xaa"].submit(one)
        await street.carry()
        [first] = await street["xab"].submit(
            draft(m.share(asked.statement), to=["xac"], case=asked.thread, desk="police")
        )
        await street.carry()
        [second] = await street["xac"].submit(
            draft(m.share(first.statement), to=["xad"], case=first.thread, desk="police")
        )
        assert not second.HasField("problem"), second.problem
        await street.carry()
        xad = street["xad"]
        ada, ben = hire(xad, "7", "police"), hire(xad, "8", "poc")
        ada.sits()
        request = make_emergency(
            [second.statement], "police", "A life.", officer="7", papers=ada.papers, now=street.clock()
        )
        await decide(street, ben, await xad.own_office.AskEmergency(request, NO_CONTEXT))
        await street.carry()
        told = {"xaa": (asked, True), "xab": (first, True), "xac": (second, False)}
        for member, (statement, inside) in told.items():
            wanted = desk_pb2.ShowCaseRequest(case=statement.thread, desk="poc")
            view = await street[member].as_officer("poc").ShowCase(wanted, NO_CONTEXT)
            notices = [v.content.release_notice for v in view.statements if v.from_member == "xad"]
            [release] = [r for n in notices for r in n.releases]
            assert notices[0].reason == share_pb2.NOTICE_REASON_BREAK_GLASS
            assert release.statement_digest == statement.statement
            assert release.carrier_digest == (second.statement if inside else "")
        threads = [ThreadId(one.thread) for one in (asked, first, second)]
        assert await xad.store.read(lambda tx: tx.case_desks.of(threads)) == {}, (
            "who is told puts nobody on a case"
        )


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[tuple[Street, str]]:
    """XAB, with an inner desk that is on no case, and a request that it holds."""
    desk = DeskSettings(DeskId("vault"), competences=("LAW_ENFORCEMENT",), outward=False)
    async with open_street(tmp_path, "xaa", "xab", desks={"xab": (POC, POLICE, desk)}) as street:
        [sent] = await street["xaa"].submit(draft(m.request(), to=["xab"]))
        await street.carry()
        yield street, sent.statement


async def test_an_inner_desk_tells_no_other_member_of_it(vault: tuple[Street, str]) -> None:
    """Its word is given at the point of contact: which inner desks there are is nobody else's business."""
    street, statement = vault
    await put_on_case(street, "vault")
    ada, ben, poc = (hire(street["xab"], n, d) for n, d in (("7", "vault"), ("8", "vault"), ("9", "poc")))
    asked = await ask_about(street, ada, statement, "vault")
    with pytest.raises(PermissionError_) as refusal:
        await decide(street, ben, asked)
    assert refusal.value.reason == "inner-desk"
    assert (await decide(street, poc, asked)).state == GRANTED
