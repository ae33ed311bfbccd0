"""Exercises and what is real never meet: refused where it is drafted, and where it is examined (ADR 0034)."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from vectors.exercise import generate

from fakes import messages as m
from fakes.adversary import Forger, exhibit_of, new_id
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.cli.render import lists
from tracepost.cli.render.case import case_sheet
from tracepost.cli.render.search import mark_hits
from tracepost.node.config import read_config
from tracepost.node.records.mail import MailState
from tracepost.protocol import statement
from tracepost.protocol.envelope import envelope_id
from tracepost.protocol.errors import ConfigurationError, InvalidInputError
from tracepost.protocol.exercises import EXERCISE_IN_REAL, REAL_IN_EXERCISE, find_mixing
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.settings import Section
from tracepost.protocol.statement import Claims, Statement
from tracepost.wire.v1 import desk_pb2, onward_pb2, search_pb2, share_pb2
from tracepost.wire.v1.envelope_pb2 import Envelope

VECTORS: dict[str, Any] = json.loads((generate.HERE / "exercises.json").read_text(encoding="utf-8"))
BAND = "\x1b[1;37;45m"
"""Bold white on magenta: what a terminal shows of an exercise, and of nothing else."""

WAYS = [(True, REAL_IN_EXERCISE), (False, EXERCISE_IN_REAL)]
"""What the case says of itself, and why what says the other thing is refused."""


# ── the rule ─────────────────────────────────────────────────────────────────────────


def claims_of(compact: str) -> Claims:
    certificate = x509.load_der_x509_certificate(base64.b64decode(VECTORS["certificate"]))
    untrusted = statement.parse_compact(compact)
    proved = statement.verify(untrusted, certificate, issuer=MemberId("xaa"), reader=MemberId("xab"))
    return proved.claims


@pytest.mark.parametrize("case", VECTORS["cases"], ids=[one["name"] for one in VECTORS["cases"]])
def test_every_vector_has_its_verdict(case: dict[str, Any]) -> None:
    said = claims_of(case["statement"]).exercise
    if case["verdict"] == "exercise":
        assert case["header_exercise"] is not said
        return
    first = [claims_of(one).exercise for one in case["case"][:1]]
    replied = [claims_of(case["replies_to"]).exercise] if case["replies_to"] else []
    enclosed = [claims_of(one).exercise for one in case["encloses"]]
    assert (find_mixing(said, [*first, *replied, *enclosed]) or "accepted") == case["verdict"]


def test_the_vectors_are_what_the_generator_makes() -> None:
    assert generate.write_vectors() == (generate.HERE / "exercises.json").read_text(encoding="utf-8")


@given(st.booleans(), st.lists(st.booleans()))
def test_whatever_stands_together_is_of_one_sort(exercise: bool, beside: list[bool]) -> None:
    reason = find_mixing(exercise, beside)
    assert (len({exercise, *beside}) == 1) == (not reason)
    assert reason in ("", EXERCISE_IN_REAL if exercise else REAL_IN_EXERCISE)


# ── drafting ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAC allows no exercises."""
    async with open_street(tmp_path, "xaa", "xab", "xac", real_only=["xac"]) as street:
        yield street


async def say(house: House, content: Any, **more: Any) -> desk_pb2.Submission:
    [sent] = await house.submit(draft(content, **more))
    return sent


async def problem(house: House, content: Any, **more: Any) -> tuple[str, str]:
    """Return place and reason of a refusal after which nothing was stored."""
    size = house.store.evidence.head.size
    sent = await say(house, content, **more)
    assert sent.HasField("problem")
    assert house.store.evidence.head.size == size
    return sent.problem.where, sent.problem.reason


async def flags(house: House, case: str) -> set[bool]:
    """Return what the statements in effect of a case say of themselves."""
    view = await house.as_officer("poc").ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)
    return {one.exercise for one in view.statements}


@pytest.mark.parametrize(("practised", "reason"), WAYS)
async def test_a_draft_does_not_say_the_other_thing_than_its_case(
    street: Street, practised: bool, reason: str
) -> None:
    sent = await say(street["xaa"], m.request(), to=["xab"], exercise=practised)
    assert sent.exercise == practised
    await street.carry()
    told = await problem(street["xab"], m.acknowledgement(), case=sent.thread, exercise=not practised)
    assert told == ("exercise", reason)
    answered = await say(street["xab"], m.acknowledgement(), case=sent.thread)
    assert not answered.HasField("problem"), answered.problem
    await street.carry()
    for name in ("xaa", "xab"):
        assert await flags(street[name], sent.thread) == {practised}


@pytest.mark.parametrize(("practised", "reason"), WAYS)
async def test_a_draft_does_not_enclose_the_other_thing(street: Street, practised: bool, reason: str) -> None:
    sent = await say(street["xab"], m.request(), to=["xaa"], exercise=practised)
    await street.carry()
    choices = [onward_pb2.ShareChoice(statement=sent.statement)]
    share = share_pb2.Share(reason="SHARE_REASON_CASE")
    told = await problem(street["xaa"], share, to=["xab"], shared=choices, exercise=not practised)
    assert told == ("exhibits", reason)


async def test_where_none_are_allowed_nobody_begins_one(street: Street) -> None:
    assert await problem(street["xac"], m.request(), to=["xab"], exercise=True) == (
        "exercise",
        "no-exercises",
    )
    assert not (await say(street["xac"], m.request(), to=["xab"])).HasField("problem")


# ── examining ────────────────────────────────────────────────────────────────────────


async def bring(street: Street, signed: Statement, sender: str = "xaa", to: str = "xab") -> Envelope:
    """Deliver a statement as a node in wrong hands would."""
    forger = Forger(street[sender], street[to])
    mail = await forger.post(forger.pack(signed))
    reply = await street.deliver(street[sender], [mail], to)
    assert len(reply.receipts) == 1
    return mail


async def fate(street: Street, mail: Envelope, sender: str = "xaa") -> tuple[MailState, str]:
    name = EnvelopeId(envelope_id(mail.header))
    found = await street[sender].store.read(lambda tx: tx.dispatches.find([name]))
    return found[name].state, found[name].reason


def refused(reason: str) -> tuple[MailState, str]:
    return MailState.REFUSED, f"envelope/{reason}"


@pytest.mark.parametrize(("practised", "reason"), WAYS)
async def test_what_says_the_other_thing_than_its_case_is_refused(
    street: Street, practised: bool, reason: str
) -> None:
    sent = await say(street["xaa"], m.request(), to=["xab"], exercise=practised)
    await street.carry()
    forger = Forger(street["xaa"], street["xab"])
    signed = forger.sign(m.amendment(sent.statement), thread=ThreadId(sent.thread), exercise=not practised)
    assert await fate(street, await bring(street, signed)) == refused(reason)
    assert await flags(street["xab"], sent.thread) == {practised}


@pytest.mark.parametrize(("practised", "reason"), WAYS)
async def test_in_one_frame_the_first_speaks_for_the_case(
    street: Street, practised: bool, reason: str
) -> None:
    forger = Forger(street["xaa"], street["xab"])
    first = forger.sign(m.request("T-7"), exercise=practised)
    other = forger.sign(
        m.amendment(encode_b64(first.digest)),
        thread=first.claims.thread,
        in_reply_to=first.digest,
        exercise=not practised,
    )
    mails = [await forger.post(forger.pack(one)) for one in (other, first)]
    await street.deliver(street["xaa"], mails, "xab")
    assert [await fate(street, mail) for mail in mails] == [refused(reason), (MailState.DELIVERED, "")]


@pytest.mark.parametrize(("practised", "reason"), WAYS)
async def test_what_replies_to_the_other_thing_is_refused(
    street: Street, practised: bool, reason: str
) -> None:
    forger = Forger(street["xaa"], street["xab"])
    first = forger.sign(m.request("T-7"), exercise=practised)
    await bring(street, first)
    other = forger.sign(m.request("T-8"), in_reply_to=first.digest, exercise=not practised)
    assert await fate(street, await bring(street, other)) == refused(reason)


@pytest.mark.parametrize(("practised", "reason"), WAYS)
async def test_what_encloses_the_other_thing_is_refused(street: Street, practised: bool, reason: str) -> None:
    asked = Forger(street["xab"], street["xaa"]).sign(m.request("T-7"), exercise=practised)
    message = share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=[exhibit_of(asked, street["xab"])])
    signed = Forger(street["xaa"], street["xab"]).sign(message, exercise=not practised)
    state, told = await fate(street, await bring(street, signed))
    assert (state, told) == (MailState.REFUSED, f"statement/{reason}")
    same = Forger(street["xaa"], street["xab"]).sign(message, exercise=practised)
    assert await fate(street, await bring(street, same)) == (MailState.DELIVERED, "")


async def test_where_none_are_allowed_none_is_taken(street: Street) -> None:
    forger = Forger(street["xaa"], street["xac"])
    mail = await bring(street, forger.sign(m.request(), exercise=True), to="xac")
    assert await fate(street, mail) == refused("no-exercises")


@pytest.mark.parametrize(("practised", "reason"), WAYS)
async def test_an_officer_does_not_take_up_what_would_mix_a_case(
    street: Street, practised: bool, reason: str
) -> None:
    forger = Forger(street["xaa"], street["xab"])
    thread = ThreadId(new_id())
    held = await bring(street, forger.sign(m.acknowledgement(), thread=thread, exercise=not practised))
    await bring(street, forger.sign(m.request("T-7"), thread=thread, exercise=practised))
    listed = await street["xab"].as_officer("poc").ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
    assert [one.exercise for one in listed.mails] == [not practised]
    asked = desk_pb2.DecideHeldRequest(envelope_id=envelope_id(held.header).hex(), take_up=True)
    with pytest.raises(InvalidInputError) as refusal:
        await street["xab"].as_officer("poc").DecideHeld(asked, NO_CONTEXT)
    assert (refusal.value.where, refusal.value.reason) == ("envelope_id", reason)
    assert await flags(street["xab"], thread) == {practised}
    aside = desk_pb2.DecideHeldRequest(envelope_id=asked.envelope_id, take_up=False)
    assert (await street["xab"].as_officer("poc").DecideHeld(aside, NO_CONTEXT)).thread == thread


@pytest.mark.parametrize(("practised", "reason"), WAYS)
async def test_what_waited_is_set_aside_if_it_would_mix_a_case(
    street: Street, practised: bool, reason: str
) -> None:
    """It came before its case, and named as what it replies to something that never came."""
    forger, house = Forger(street["xaa"], street["xab"]), street["xab"]
    thread = ThreadId(new_id())
    nothing = StatementDigest(bytes(32))
    early = forger.sign(m.request("T-8"), thread=thread, in_reply_to=nothing, exercise=not practised)
    mail = await bring(street, early)
    await bring(street, forger.sign(m.request("T-7"), thread=thread, exercise=practised))
    later = street.clock() + 610
    await house.store.write(lambda tx: house.reception.release_overdue(tx, later))
    assert await flags(house, thread) == {practised}
    name = EnvelopeId(envelope_id(mail.header))
    events = [one.event for one in await house.store.read(lambda tx: tx.audit.after(0, 1000))]
    assert [(e.action, e.outcome) for e in events if e.subject == name.hex()] == [("set-aside", reason)]
    assert await house.store.write(lambda tx: house.reception.release_overdue(tx, later)) == 0


# ── the screen ───────────────────────────────────────────────────────────────────────


def on_screen(view: RenderableType) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=200)
    console.print(view)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("exercise", [True, False])
def test_lists_cases_and_what_was_sent_say_so_in_a_colour_of_its_own(*, exercise: bool) -> None:
    summary = desk_pb2.CaseSummary(thread="0199", exercise=exercise)
    statement_view = desk_pb2.StatementView(kind="trace.request/1", exercise=exercise)
    reading = desk_pb2.Reading(member="xab", desk="poc", paths=["to"])
    views = [
        lists.case_list([summary]),
        lists.held_list([desk_pb2.HeldMail(kind="trace.request/1", exercise=exercise)]),
        lists.submission(desk_pb2.Submission(thread="0199", exercise=exercise)),
        lists.submission(desk_pb2.Submission(readings=[reading], exercise=exercise)),
        case_sheet(desk_pb2.CaseView(summary=summary)),
        case_sheet(desk_pb2.CaseView(statements=[statement_view])),
        mark_hits(search_pb2.SearchMarksResponse(), exercise=exercise),
    ]
    for view in views:
        said = on_screen(view)
        assert ("EXERCISE" in said) == exercise
        assert (BAND in said) == exercise


# ── settings ─────────────────────────────────────────────────────────────────────────

SETTINGS: dict[str, Any] = {
    "member": "xab",
    "domain": "tracepost.example",
    "listen": {"post": "127.0.0.1:0", "desk": "127.0.0.1:0"},
    "office": {"name": "Office"},
    "desk": [{"id": "poc", "point_of_contact": True}],
}


def test_exercises_are_allowed_where_nothing_is_said() -> None:
    assert read_config(Section(SETTINGS), Path()).exercises.allowed
    assert not read_config(Section(SETTINGS | {"exercises": {"allowed": False}}), Path()).exercises.allowed


@pytest.mark.parametrize("value", ["no", 0])
def test_what_is_neither_true_nor_false_is_refused(value: object) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_config(Section(SETTINGS | {"exercises": {"allowed": value}}), Path())
    assert refusal.value.where == "exercises.allowed"
